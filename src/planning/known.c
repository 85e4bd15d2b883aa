/* Owns the look-up of a plan that is known already: PlanBench keeps its planner's plans in a file
 * info.json above the directory of the problems, {"instance-1.pddl": {"plan": "(a b)\n...", ...}}.
 * Several shortest plans are as good, but a prompt's example has to show the one that was shown.
 * Nothing is taken on trust: the plan must solve the problem. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "planning/planning.h"

enum { INFO_CEILING = 64 << 20 };

/* The directory that holds path, levels times up, and info.json in it. */
static void info_path(const char *path, int levels, struct fr_text *out) {
    const char *slash = strrchr(path, '/');
    fr_text_clear(out);
    if (slash != NULL)
        fr_text_append(out, path, (size_t)(slash - path) + 1);
    for (int i = 0; i < levels; i++)
        fr_text_add(out, "../");
    fr_text_add(out, "info.json");
}

static int read_plan(const struct fr_problem *problem, const char *info, const char *name,
                     struct fr_plan *plan, bool *found, struct fr_error *err) {
    struct fr_text text = {0};
    json_error_t syntax;
    struct fr_verdict verdict;
    json_t *root = NULL;
    int code = fr_file_read_text(info, INFO_CEILING, &text, err);
    if (code != FR_OK)
        goto out;
    root = json_loadb(fr_text_get(&text), text.len, 0, &syntax);
    if (root == NULL) {
        code = fr_fail(err, FR_E_INPUT, "%s:%d: not JSON: %s", info, syntax.line, syntax.text);
        goto out;
    }
    const char *steps = json_string_value(json_object_get(json_object_get(root, name), "plan"));
    *found = steps != NULL;
    if (steps == NULL)
        goto out;
    if (fr_plan_parse_pddl(plan, problem, steps, &verdict) == FR_VERDICT_SOLVED)
        verdict = fr_plan_verify(problem, plan);
    if (verdict.kind != FR_VERDICT_SOLVED)
        code = fr_fail(err, FR_E_INPUT, "%s: the plan of %s does not solve it: %s %s", info, name,
                       fr_verdict_name[verdict.kind], verdict.reason);
out:
    json_decref(root);
    fr_text_release(&text);
    return code;
}

int fr_plan_load_known(const struct fr_problem *problem, const char *problem_path,
                       struct fr_plan *plan, bool *found, struct fr_error *err) {
    const char *slash = strrchr(problem_path, '/');
    const char *name = slash != NULL ? slash + 1 : problem_path;
    struct fr_text info = {0};
    int code = FR_OK;
    *plan = (struct fr_plan){0};
    *found = false;
    for (int levels = 0; code == FR_OK && !*found && levels < 2; levels++) {
        info_path(problem_path, levels, &info);
        if (fr_file_exists(fr_text_get(&info)))
            code = read_plan(problem, fr_text_get(&info), name, plan, found, err);
    }
    if (code != FR_OK || !*found)
        fr_plan_release(plan);
    fr_text_release(&info);
    return code;
}
