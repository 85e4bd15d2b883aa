/* Real data: every PDDL file of PlanBench is read and survives rendering, shortest plans have
 * the length that Fast Downward found and mostly are its plans, and the simulator agrees with VAL's
 * verdict on all of the 1,000 recorded answers. */
#include <dirent.h>
#include <string.h>

#include <jansson.h>

#include "base/file.h"
#include "base/memory.h"
#include "planning_fixture.h"

static const char *planbench; /* its directory */

static const char *path_of(const char *relative) {
    static char paths[4][4096];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", planbench, relative);
    return path;
}

static void load_domain(struct fr_domain *domain, const char *relative) {
    struct fr_error err;
    assert_ok(fr_domain_load(domain, path_of(relative), &err), err);
}

/* Reads every problem of a folder, and what it renders to; returns how many. */
static int read_folder(const struct fr_domain *domain, const char *relative) {
    DIR *dir = opendir(path_of(relative));
    assert_non_null(dir);
    int n = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (!strstr(entry->d_name, ".pddl"))
            continue;
        char path[4096];
        snprintf(path, sizeof path, "%s/%s/%s", planbench, relative, entry->d_name);
        struct fr_problem a, b;
        struct fr_error err;
        struct fr_text first = {0}, second = {0};
        assert_ok(fr_problem_load(&a, domain, path, &err), err);
        assert_true(a.n_init > 0 && a.n_goal > 0);
        fr_problem_render(&a, &first);
        assert_ok(fr_problem_parse(&b, domain, fr_text_get(&first), "again", &err), err);
        fr_problem_render(&b, &second);
        assert_string_equal(fr_text_get(&first), fr_text_get(&second));
        fr_problem_release(&a);
        fr_problem_release(&b);
        fr_text_release(&first);
        fr_text_release(&second);
        n++;
    }
    closedir(dir);
    return n;
}

static void every_pddl_file_is_read_and_survives_rendering(void **state) {
    (void)state;
    struct fr_domain blocks, mystery, logistics, obfuscated;
    load_domain(&blocks, "blocksworld/domain.pddl");
    load_domain(&mystery, "mystery/domain.pddl");
    load_domain(&logistics, "logistics/domain.pddl");
    load_domain(&obfuscated, "logistics/obfuscated_deceptive_domain.pddl");
    assert_int_equal(logistics.n_actions, 6);
    assert_int_equal(logistics.n_predicates, 9);
    assert_int_equal(obfuscated.n_actions, 6);
    assert_true(read_folder(&blocks, "blocksworld/instances") >= 500);
    assert_true(read_folder(&blocks, "blocksworld/instances_3") >= 100);
    assert_true(read_folder(&mystery, "mystery/instances") >= 500);
    assert_true(read_folder(&mystery, "mystery/instances_3") >= 100);
    assert_true(read_folder(&logistics, "logistics/instances") >= 285);
    fr_domain_release(&blocks);
    fr_domain_release(&mystery);
    fr_domain_release(&logistics);
    fr_domain_release(&obfuscated);
}

/* Up to the order of the predicates, which PlanBench's file has differently. */
static void the_project_s_blocksworld_is_planbench_s(void **state) {
    (void)state;
    struct fr_domain ours, theirs;
    load_blocksworld(&ours);
    load_domain(&theirs, "blocksworld/domain.pddl");
    assert_string_equal(ours.name, theirs.name);
    assert_int_equal(ours.n_actions, theirs.n_actions);
    assert_int_equal(ours.n_predicates, theirs.n_predicates);
    for (int a = 0; a < ours.n_actions; a++) {
        const struct fr_action *x = &ours.actions[a], *y = &theirs.actions[a];
        assert_string_equal(x->name, y->name);
        assert_int_equal(x->n_params, y->n_params);
        assert_int_equal(x->n_preconditions, y->n_preconditions);
        assert_int_equal(x->n_effects, y->n_effects);
        for (int i = 0; i < x->n_preconditions + x->n_effects; i++) {
            const int j = i - x->n_preconditions;
            const struct fr_literal *l = j < 0 ? &x->preconditions[i] : &x->effects[j];
            const struct fr_literal *m = j < 0 ? &y->preconditions[i] : &y->effects[j];
            assert_string_equal(ours.predicates[l->atom.predicate].name,
                                theirs.predicates[m->atom.predicate].name);
            assert_int_equal(l->positive, m->positive);
            assert_memory_equal(l->atom.terms, m->atom.terms, sizeof l->atom.terms);
        }
    }
    fr_domain_release(&ours);
    fr_domain_release(&theirs);
}

static void shortest_plans_are_as_long_as_fast_downward_s(void **state) {
    (void)state;
    struct fr_domain domain;
    load_domain(&domain, "blocksworld/domain.pddl");
    json_error_t json_err;
    json_t *info = json_load_file(path_of("blocksworld/info.json"), 0, &json_err);
    assert_non_null(info);
    assert_int_equal(json_object_size(info), 501);
    struct fr_text ours_text = {0}, theirs_text = {0};
    int n_same = 0;
    const char *file;
    json_t *entry;
    json_object_foreach(info, file, entry) {
        char relative[128];
        snprintf(relative, sizeof relative, "blocksworld/instances/%s", file);
        struct fr_problem problem;
        struct fr_error err;
        struct fr_plan plan, theirs;
        struct fr_verdict verdict;
        int length;
        assert_ok(fr_problem_load(&problem, &domain, path_of(relative), &err), err);
        assert_ok(fr_problem_solve(&problem, 100000, &plan, &length, &err), err);
        if (length != json_integer_value(json_object_get(entry, "length")))
            fail_msg("%s: %d steps, Fast Downward found %d", file, length,
                     (int)json_integer_value(json_object_get(entry, "length")));
        assert_int_equal(plan.n_steps, length);
        assert_int_equal(fr_plan_verify(&problem, &plan).kind, FR_VERDICT_SOLVED);

        const char *text = json_string_value(json_object_get(entry, "plan"));
        assert_int_equal(fr_plan_parse_pddl(&theirs, &problem, text, &verdict), FR_VERDICT_SOLVED);
        assert_int_equal(theirs.n_steps, length);
        assert_int_equal(fr_plan_verify(&problem, &theirs).kind, FR_VERDICT_SOLVED);
        fr_text_clear(&ours_text);
        fr_text_clear(&theirs_text);
        fr_plan_render(&problem, &plan, &ours_text);
        fr_plan_render(&problem, &theirs, &theirs_text);
        n_same += strcmp(fr_text_get(&ours_text), fr_text_get(&theirs_text)) == 0;
        fr_plan_release(&plan);
        fr_plan_release(&theirs);
        fr_problem_release(&problem);
    }
    /* The tie-break of planning.h was chosen for this. */
    assert_int_equal(n_same, 467);
    fr_text_release(&ours_text);
    fr_text_release(&theirs_text);
    json_decref(info);
    fr_domain_release(&domain);
}

/* Lines of a responses file on which we and VAL differ; *n_lines and *n_solved count. */
static int count_disagreements(const char *responses, const char *domain_file,
                               const char *instances, int *n_lines, int *n_solved) {
    struct fr_domain domain;
    struct fr_text text = {0};
    struct fr_error err;
    int n_wrong = 0;
    load_domain(&domain, domain_file);
    assert_ok(fr_file_read(path_of(responses), (size_t)64 << 20, &text, &err), err);
    char *rest = text.data;
    *n_lines = *n_solved = 0;
    for (char *line; (line = strsep(&rest, "\n"));) {
        if (!*line)
            continue;
        json_error_t json_err;
        json_t *record = json_loads(line, 0, &json_err);
        assert_non_null(record);
        const int id = (int)json_integer_value(json_object_get(record, "instance_id"));
        const char *steps = json_string_value(json_object_get(record, "extracted_plan"));
        const bool correct = json_is_true(json_object_get(record, "correct"));
        assert_non_null(steps);
        char relative[128];
        snprintf(relative, sizeof relative, "%s/instance-%d.pddl", instances, id);
        struct fr_problem problem;
        struct fr_plan plan;
        struct fr_verdict verdict;
        assert_ok(fr_problem_load(&problem, &domain, path_of(relative), &err), err);
        if (fr_plan_parse_pddl(&plan, &problem, steps, &verdict) == FR_VERDICT_SOLVED)
            verdict = fr_plan_verify(&problem, &plan);
        const bool solved = verdict.kind == FR_VERDICT_SOLVED;
        assert_int_equal(solved, verdict.reason[0] == '\0');
        if (solved != correct) {
            print_error("%s: %s (%s), VAL says %s\n", relative, fr_verdict_name[verdict.kind],
                        verdict.reason, correct ? "correct" : "wrong");
            n_wrong++;
        }
        ++*n_lines;
        *n_solved += solved;
        fr_plan_release(&plan);
        fr_problem_release(&problem);
        json_decref(record);
    }
    fr_text_release(&text);
    fr_domain_release(&domain);
    return n_wrong;
}

static void the_simulator_agrees_with_val_on_500_blocksworld_answers(void **state) {
    (void)state;
    int n_lines, n_solved;
    assert_int_equal(count_disagreements("responses-gpt4turbo-blocksworld-oneshot.jsonl",
                                         "blocksworld/domain.pddl", "blocksworld/instances",
                                         &n_lines, &n_solved),
                     0);
    assert_int_equal(n_lines, 500);
    assert_int_equal(n_solved, 99);
}

static void the_simulator_agrees_with_val_on_500_mystery_answers(void **state) {
    (void)state;
    int n_lines, n_solved;
    assert_int_equal(count_disagreements("responses-gpt4o-mystery-oneshot.jsonl",
                                         "mystery/domain.pddl", "mystery/instances", &n_lines,
                                         &n_solved),
                     0);
    assert_int_equal(n_lines, 500);
    assert_int_equal(n_solved, 5);
}

/* Records of a responses file whose ground_truth_plan is ours, step by step. */
static int count_same_plans(const char *responses, const char *domain_file, const char *instances,
                            int *n_lines) {
    struct fr_domain domain;
    struct fr_text text = {0};
    struct fr_error err;
    int n_same = 0;
    load_domain(&domain, domain_file);
    assert_ok(fr_file_read(path_of(responses), (size_t)64 << 20, &text, &err), err);
    char *rest = text.data;
    *n_lines = 0;
    for (char *line; (line = strsep(&rest, "\n"));) {
        if (!*line)
            continue;
        json_error_t json_err;
        json_t *record = json_loads(line, 0, &json_err);
        assert_non_null(record);
        const int id = (int)json_integer_value(json_object_get(record, "instance_id"));
        char relative[128];
        snprintf(relative, sizeof relative, "%s/instance-%d.pddl", instances, id);
        struct fr_problem problem;
        struct fr_plan plan;
        int length;
        assert_ok(fr_problem_load(&problem, &domain, path_of(relative), &err), err);
        assert_ok(fr_problem_solve(&problem, 100000, &plan, &length, &err), err);
        struct fr_text ours = {0};
        fr_plan_render(&problem, &plan, &ours);
        n_same += !strcmp(fr_text_get(&ours),
                          json_string_value(json_object_get(record, "ground_truth_plan")));
        ++*n_lines;
        fr_text_release(&ours);
        fr_plan_release(&plan);
        fr_problem_release(&problem);
        json_decref(record);
    }
    fr_text_release(&text);
    fr_domain_release(&domain);
    return n_same;
}

/* An exact number, so that any change of the choice is seen; planning.h tells it. */
static void the_plan_chosen_is_planbench_s_planner_s_in_466_of_500(void **state) {
    (void)state;
    int n_lines;
    assert_int_equal(count_same_plans("responses-gpt4turbo-blocksworld-oneshot.jsonl",
                                      "blocksworld/domain.pddl", "blocksworld/instances", &n_lines),
                     466);
    assert_int_equal(n_lines, 500);
    assert_int_equal(count_same_plans("responses-gpt4o-mystery-oneshot.jsonl",
                                      "mystery/domain.pddl", "mystery/instances", &n_lines),
                     466);
    assert_int_equal(n_lines, 500);
}

int main(void) {
    planbench = fr_test_shared("planbench");
    if (!planbench)
        return 77; /* skipped, and said so */
    planbench = fr_strdup(planbench);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pddl_file_is_read_and_survives_rendering),
        cmocka_unit_test(the_project_s_blocksworld_is_planbench_s),
        cmocka_unit_test(shortest_plans_are_as_long_as_fast_downward_s),
        cmocka_unit_test(the_simulator_agrees_with_val_on_500_blocksworld_answers),
        cmocka_unit_test(the_simulator_agrees_with_val_on_500_mystery_answers),
        cmocka_unit_test(the_plan_chosen_is_planbench_s_planner_s_in_466_of_500),
    };
    const int rc = cmocka_run_group_tests(tests, NULL, NULL);
    free((char *)(uintptr_t)planbench);
    return rc;
}
