/* fluidrep puzzles generate | show | list: planning puzzles as PDDL files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/output.h"

enum { PUZZLE_CEILING = 1 << 20, MAX_COUNT = 1000000, DEFAULT_STATES = 1000000 };

struct options {
    const char *verb, *file, *out;
    struct fr_input_paths paths;
    int blocks, count, seed, split, min_plan_length, distinct, max_states;
    bool json;
};

static bool takes_path(const char *verb) {
    return strcmp(verb, "show") == 0 || strcmp(verb, "list") == 0;
}

static void take_word(const struct fr_given *given) {
    struct options *o = given->options;
    if (o->verb == NULL && (strcmp(given->value, "generate") == 0 || takes_path(given->value)))
        o->verb = given->value;
    else if (o->verb == NULL)
        argp_error(given->state, "\"%s\" is neither \"generate\" nor \"show\" nor \"list\"",
                   given->value);
    else if (o->file == NULL && takes_path(o->verb))
        o->file = given->value;
    else
        argp_error(given->state, "\"%s\" is one argument too many", given->value);
}

static const struct fr_option option_table[] = {
    {FR_WORDS(take_word)},
    {FR_HEADING("puzzles generate: distinct solvable Blocksworld puzzles"), .group = 1},
    {"out", 'o', "DIR", "directory for instance-1.pddl, instance-2.pddl, ...",
     FR_TEXT(struct options, out), .group = 1},
    {"blocks", 'b', "N", "blocks of a puzzle, 2 to 12 (default 4)",
     FR_INT(struct options, blocks, 2, FR_MAX_BLOCKS), .group = 1},
    {"count", 'n', "N", "how many (default 300); a smaller count gives the first of a larger one",
     FR_INT(struct options, count, 1, MAX_COUNT), .group = 1},
    {"seed", 's', "N", "seed (default 1)", FR_INT(struct options, seed, 0, 2147483647), .group = 1},
    {"split", 0, "NAME",
     "collect (default) or evaluate: the two share no puzzle, not even up to the blocks' names",
     FR_CHOICE(struct options, split, fr_split_name, FR_SPLIT_COUNT), .group = 1},
    {"min-plan-length", 0, "N", "steps of the shortest plan, at least (default 2)",
     FR_INT(struct options, min_plan_length, 1, 64), .group = 1},
    {"distinct", 0, "WHAT",
     "puzzles (default), or classes: no two that differ only in the blocks' names",
     FR_CHOICE(struct options, distinct, fr_distinct_name, FR_DISTINCT_COUNT), .group = 1},
    {FR_HEADING(
         "puzzles show: a puzzle with a shortest plan; puzzles list: the problems of a directory"),
     .group = 2},
    {"max-states", 0, "N", "give up the search for a plan after this many states (default 1000000)",
     FR_INT(struct options, max_states, 1, 100000000), .group = 2},
    {FR_HEADING("all"), .group = 3},
    {"json", 0, NULL, "as JSON", FR_FLAG(struct options, json), .group = 3},
    FR_DOMAIN_OPTION(struct options),
    {0},
};

static void check_options(const void *options, const struct argp_state *state) {
    const struct options *o = options;
    if (o->verb == NULL)
        argp_error(state, "say \"generate\", \"show\" or \"list\"");
    else if (takes_path(o->verb) && o->file == NULL)
        argp_error(state, strcmp(o->verb, "show") == 0 ? "which puzzle? Give its PDDL file"
                                                       : "which directory?");
    else if (strcmp(o->verb, "generate") == 0 && o->out == NULL)
        argp_error(state, "where to? Give --out DIR");
}

/* ---- generate -------------------------------------------------------------------------------- */

struct puzzle_file {
    struct fr_text path, text;
};

static void render_files(const struct options *o, const struct fr_domain *domain,
                         const struct fr_puzzle *puzzles, struct puzzle_file *files) {
    for (int i = 0; i < o->count; i++) {
        struct fr_text name = {0};
        struct fr_problem problem;
        fr_text_printf(&name, "blocks-%d-%s-%d-%d", o->blocks, fr_split_name[o->split], o->seed,
                       i + 1);
        fr_puzzle_problem(&puzzles[i], domain, fr_text_get(&name), &problem);
        fr_problem_render(&problem, &files[i].text);
        fr_text_printf(&files[i].path, "%s/instance-%d.pddl", o->out, i + 1);
        fr_problem_release(&problem);
        fr_text_release(&name);
    }
}

/* A file that is there already must say the same: puzzles of two makings never mix. */
static int check_files(const struct options *o, const struct puzzle_file *files,
                       struct fr_error *err) {
    struct fr_text old = {0};
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < o->count; i++) {
        const char *path = fr_text_get(&files[i].path);
        if (!fr_file_exists(path))
            continue;
        code = fr_file_read(path, PUZZLE_CEILING, &old, err);
        if (code == FR_OK && strcmp(fr_text_get(&old), fr_text_get(&files[i].text)) != 0)
            code = fr_fail(err, FR_E_CONFLICT,
                           "%s: holds another puzzle; choose another --out, or remove it", path);
    }
    fr_text_release(&old);
    return code;
}

static int write_files(const struct options *o, const struct puzzle_file *files,
                       struct fr_error *err) {
    int code = fr_dir_make(o->out, err);
    for (int i = 0; code == FR_OK && i < o->count; i++)
        code =
            fr_file_write(fr_text_get(&files[i].path), files[i].text.data, files[i].text.len, err);
    return code;
}

static void print_generated(const struct options *o, const struct fr_puzzle *puzzles,
                            const struct puzzle_file *files) {
    json_t *list = json_array();
    int shortest = 0, longest = 0;
    double sum = 0;
    for (int i = 0; i < o->count; i++) {
        const int length = fr_puzzle_plan_length(&puzzles[i]);
        shortest = i == 0 || length < shortest ? length : shortest;
        longest = length > longest ? length : longest;
        sum += length;
        if (o->json)
            json_array_append_new(list, json_pack("{s:o, s:i}", "file",
                                                  fr_json_text(fr_text_get(&files[i].path)),
                                                  "plan_length", length));
    }
    if (o->json)
        fr_print_json(json_incref(list));
    else
        (void)printf("%d puzzles of %d blocks in %s; shortest plans of %d to %d steps, mean %.2f\n",
                     o->count, o->blocks, o->out, shortest, longest, sum / o->count);
    json_decref(list);
}

static int generate(const struct options *o, struct fr_error *err) {
    struct fr_input input;
    struct fr_puzzle *puzzles = fr_alloc((size_t)o->count, sizeof *puzzles);
    struct puzzle_file *files = fr_alloc((size_t)o->count, sizeof *files);
    struct fr_input_paths paths = o->paths;
    paths.bare = true;
    int code = fr_input_load(&input, &paths, err);
    if (code == FR_OK && !fr_puzzle_is_of(&input.domain))
        code = fr_fail(err, FR_E_INPUT,
                       "generate makes puzzles of Blocksworld in its own words, which domain "
                       "\"%.60s\" is not",
                       input.domain.name);
    if (code == FR_OK)
        code = fr_puzzles_generate(puzzles, o->count, (enum fr_puzzle_split)o->split, o->blocks,
                                   o->min_plan_length, (enum fr_puzzle_distinct)o->distinct,
                                   (uint64_t)o->seed, err);
    if (code != FR_OK)
        goto out;
    render_files(o, &input.domain, puzzles, files);
    code = check_files(o, files, err);
    if (code == FR_OK)
        code = write_files(o, files, err);
    if (code == FR_OK)
        print_generated(o, puzzles, files);
out:
    for (int i = 0; i < o->count; i++) {
        fr_text_release(&files[i].path);
        fr_text_release(&files[i].text);
    }
    free(files);
    free(puzzles);
    fr_input_release(&input);
    return code;
}

/* ---- show ------------------------------------------------------------------------------------ */

static void print_shown(const struct options *o, const struct fr_problem *problem,
                        const struct fr_plan *plan, int length) {
    struct fr_text text = {0}, steps = {0};
    fr_problem_render(problem, &text);
    fr_plan_render(problem, plan, &steps);
    if (o->json) {
        json_t *list = json_array();
        struct fr_text step = {0};
        for (int i = 0; i < plan->n_steps; i++) {
            fr_text_clear(&step);
            fr_step_render(problem, &plan->steps[i], &step);
            json_array_append_new(list, fr_json_text(fr_text_get(&step)));
        }
        fr_print_json(json_pack("{s:o, s:o, s:i, s:i, s:o, s:o}", "name",
                                fr_json_text(problem->name), "domain",
                                fr_json_text(problem->domain->name), "objects", problem->n_objects,
                                "plan_length", length, "plan", list, "pddl",
                                fr_json_text(fr_text_get(&text))));
        fr_text_release(&step);
    } else {
        (void)printf("%s\n; shortest plan: %d steps\n%s", fr_text_get(&text), length,
                     fr_text_get(&steps));
    }
    fr_text_release(&text);
    fr_text_release(&steps);
}

static int show(const struct options *o, struct fr_error *err) {
    struct fr_input input;
    struct fr_plan plan = {0};
    int length;
    struct fr_input_paths paths = o->paths;
    paths.problem = o->file;
    paths.bare = true;
    int code = fr_input_load(&input, &paths, err);
    if (code != FR_OK)
        return code;
    code = fr_problem_solve(&input.problem, o->max_states, &plan, &length, err);
    if (code == FR_OK)
        print_shown(o, &input.problem, &plan, length);
    else
        code = fr_fail_in(err, "%s", o->file);
    fr_plan_release(&plan);
    fr_input_release(&input);
    return code;
}

/* ---- list ------------------------------------------------------------------------------------ */

/* Length of a shortest plan, or -1 beyond max_states, or -2 when there is none. */
static int plan_length(const struct fr_problem *problem, int max_states) {
    struct fr_error err;
    int length;
    const int code = fr_problem_solve(problem, max_states, NULL, &length, &err);
    return code == FR_OK ? length : code == FR_E_LIMIT ? -1 : -2;
}

static const char *file_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static void print_row(const struct fr_problem_file *file, int length, json_t *list) {
    char number[16], class[24];
    (void)snprintf(class, sizeof class, "%016llx", (unsigned long long)file->class_hash);
    const char *split = fr_split_name[fr_class_split(file->class_hash)];
    if (list != NULL) {
        json_array_append_new(list, json_pack("{s:o, s:i, s:i, s:o, s:s, s:s}", "file",
                                              fr_json_text(file->path), "objects",
                                              file->problem.n_objects, "goal_facts",
                                              file->problem.n_goal, "plan_length",
                                              length >= 0 ? json_integer(length) : json_null(),
                                              "class", class, "split", split));
        return;
    }
    (void)snprintf(number, sizeof number, "%d", length);
    (void)printf("%-24s %7d %5d %6s  %.8s  %s\n", file_name(file->path), file->problem.n_objects,
                 file->problem.n_goal,
                 length >= 0    ? number
                 : length == -1 ? "-"
                                : "none",
                 class, split);
    (void)fflush(stdout); /* the next search may take long */
}

static int list(const struct options *o, struct fr_error *err) {
    struct fr_input input;
    struct fr_problem_set set;
    struct fr_input_paths paths = o->paths;
    paths.bare = true;
    int code = fr_input_load(&input, &paths, err);
    if (code != FR_OK)
        return code;
    code = fr_problem_set_load(&set, o->file, &input.domain, err);
    json_t *rows = o->json ? json_array() : NULL;
    if (code == FR_OK && rows == NULL)
        (void)printf("%-24s %7s %5s %6s  %-8s  %s\n", "file", "objects", "goal", "plan", "class",
                     "split");
    for (int i = 0; i < set.n; i++)
        print_row(&set.items[i], plan_length(&set.items[i].problem, o->max_states), rows);
    if (code == FR_OK && rows != NULL)
        fr_print_json(json_incref(rows));
    json_decref(rows);
    fr_problem_set_release(&set);
    fr_input_release(&input);
    return code;
}

int fr_command_puzzles(int argc, char **argv) {
    static const struct fr_usage usage =
        {.options = option_table,
         .check = check_options,
         .arguments = "generate\nshow FILE\nlist DIR",
         .about = "Generates Blocksworld puzzles, shows a puzzle of any "
                  "STRIPS domain with a shortest plan, "
                  "or lists the problems of a directory: objects, facts "
                  "of the goal, length of a shortest "
                  "plan (- beyond --max-states), class up to the "
                  "objects' names, and the split a study puts "
                  "it in."};
    struct options o = {.blocks = 4,
                        .count = 300,
                        .seed = 1,
                        .min_plan_length = 2,
                        .max_states = DEFAULT_STATES};
    struct fr_error err = {0};
    fr_cli_parse(&usage, argc, argv, &o);
    const int code = strcmp(o.verb, "show") == 0   ? show(&o, &err)
                     : strcmp(o.verb, "list") == 0 ? list(&o, &err)
                                                   : generate(&o, &err);
    return code == FR_OK ? FR_EXIT_DONE : fr_cli_fail(&err);
}
