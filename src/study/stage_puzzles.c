/* Stage 1: the puzzles and namings of the study, into the store. All or nothing: one transaction.
 */
#include "study/internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "prompts/prompts.h"

static int store_namings(struct fr_study *s, struct fr_error *err) {
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < s->n_namings; i++) {
        const struct fr_study_naming *n = &s->namings[i];
        code = fr_store_run(s->store, err, "INSERT INTO naming VALUES (?, ?, ?, ?)", "titi",
                            n->naming->id, (int64_t)i, n->clean ? "clean" : "mystery",
                            (int64_t)n->excluded);
        for (int a = 0; code == FR_OK && a < s->table.concepts.n; a++)
            code =
                fr_store_run(s->store, err, "INSERT INTO naming_word VALUES (?, ?, ?, ?, ?)",
                             "ttitt", n->naming->id, s->table.concepts.names[a], (int64_t)a,
                             fr_concept_kind_name[s->table.concepts.kinds[a]], n->naming->words[a]);
    }
    return code;
}

/* Stores one problem, with the plan that prompts show when it is an example. */
static int store_problem(struct fr_study *s, enum fr_puzzle_split split,
                         const struct fr_problem *problem, int plan_length,
                         const struct fr_plan *plan, const char *source, int64_t *id,
                         struct fr_error *err) {
    struct fr_text pddl = {0}, steps = {0};
    if (fr_study_shows_examples(s))
        fr_plan_render(problem, plan, &steps);
    fr_problem_render(problem, &pddl);
    const int code =
        fr_store_run(s->store, err, "INSERT INTO puzzle VALUES (?, ?, ?, ?, ?, ?, ?)", "itiittt",
                     *id, fr_split_name[split], (int64_t)problem->n_objects, (int64_t)plan_length,
                     fr_text_get(&steps), source, fr_text_get(&pddl));
    ++*id;
    fr_text_release(&pddl);
    fr_text_release(&steps);
    return code;
}

static int store_generated(struct fr_study *s, enum fr_puzzle_split split, int count, int64_t *id,
                           struct fr_error *err) {
    struct fr_puzzle *puzzles = fr_alloc((size_t)count, sizeof *puzzles);
    int code =
        fr_puzzles_generate(puzzles, count, split, s->config.blocks, s->config.min_plan_length,
                            (enum fr_puzzle_distinct)s->config.distinct, (uint64_t)s->config.seed,
                            err);
    for (int i = 0; code == FR_OK && i < count; i++) {
        struct fr_problem problem;
        char name[32];
        (void)snprintf(name, sizeof name, "puzzle-%lld", (long long)*id);
        fr_puzzle_problem(&puzzles[i], &s->domain, name, &problem);
        struct fr_plan plan = {0};
        int length = fr_puzzle_plan_length(&puzzles[i]);
        if (fr_study_shows_examples(s))
            code = fr_problem_solve(&problem, s->config.max_states, &plan, &length, err);
        if (code == FR_OK)
            code = store_problem(s, split, &problem, length, &plan, "", id, err);
        fr_plan_release(&plan);
        fr_problem_release(&problem);
    }
    free(puzzles);
    return code;
}

/* The problem's shortest plan: its length, and the plan to show, which is PlanBench's where it is
 * known. *fits is false for a problem that has none, too short a one, or one too far to find. */
static int solve(const struct fr_study *s, const struct fr_problem_file *file, struct fr_plan *plan,
                 int *length, bool *fits, struct fr_error *err) {
    struct fr_plan shown;
    struct fr_error why;
    bool known;
    const int code = fr_problem_solve(&file->problem, s->config.max_states, plan, length, &why);
    *fits = code == FR_OK && *length >= s->config.min_plan_length;
    if (!*fits || !fr_study_shows_examples(s))
        return FR_OK;
    const int rc = fr_plan_load_known(&file->problem, file->path, &shown, &known, err);
    if (rc == FR_OK && known) {
        fr_plan_release(plan);
        *plan = shown;
    }
    return rc;
}

/* The first so many problems of a split, in an order that the seed gives. */
static int store_listed(struct fr_study *s, const struct fr_problem_set *set,
                        enum fr_puzzle_split split, int count, int64_t *id, struct fr_error *err) {
    struct fr_rng rng;
    int *order = fr_alloc((size_t)set->n, sizeof *order);
    int n = 0, n_split = 0, code = FR_OK;
    fr_rng_seed(&rng, (uint64_t)s->config.seed, fr_hash_text(fr_split_name[split]));
    fr_rng_permutation(&rng, set->n, order);
    for (int i = 0; code == FR_OK && i < set->n && n < count; i++) {
        const struct fr_problem_file *file = &set->items[order[i]];
        struct fr_plan plan = {0};
        int length;
        bool fits;
        if (fr_class_split(file->class_hash) != split)
            continue;
        n_split++;
        code = solve(s, file, &plan, &length, &fits, err);
        if (code == FR_OK && fits) {
            code = store_problem(s, split, &file->problem, length, &plan, file->path, id, err);
            n++;
        }
        fr_plan_release(&plan);
        if (code == FR_OK && fr_study_is_stopped(s))
            code = fr_fail(err, FR_E_STOPPED, "stopped");
    }
    if (code == FR_OK && n < count)
        code = fr_fail(err, FR_E_INPUT,
                       "%s: puzzles.%s %d, but of the %d problems of %s %d are of that split (by "
                       "class) and %d of those have a shortest plan of %d steps or more within %d "
                       "states; fluidrep puzzles list shows them",
                       s->config_path, fr_split_name[split], count, set->n, s->config.puzzles_path,
                       n_split, n, s->config.min_plan_length, s->config.max_states);
    free(order);
    return code;
}

static int store_directory(struct fr_study *s, int64_t *id, struct fr_error *err) {
    struct fr_problem_set set;
    struct fr_text path = {0};
    fr_config_resolve(s->config_path, s->config.puzzles_path, &path);
    int code = fr_problem_set_load(&set, fr_text_get(&path), &s->domain, err);
    if (code == FR_OK)
        code = store_listed(s, &set, FR_SPLIT_COLLECT, s->config.n_collect, id, err);
    if (code == FR_OK)
        code = store_listed(s, &set, FR_SPLIT_EVALUATE, s->config.n_evaluate, id, err);
    fr_problem_set_release(&set);
    fr_text_release(&path);
    return code;
}

static int store_puzzles(struct fr_study *s, struct fr_error *err) {
    int64_t id = 0;
    if (fr_study_imports(s))
        return fr_import_puzzles(s, &id, err);
    if (*s->config.puzzles_path != '\0')
        return store_directory(s, &id, err);
    const int code = store_generated(s, FR_SPLIT_COLLECT, s->config.n_collect, &id, err);
    if (code != FR_OK)
        return code;
    return store_generated(s, FR_SPLIT_EVALUATE, s->config.n_evaluate, &id, err);
}

int fr_stage_puzzles(struct fr_study *s, struct fr_error *err) {
    int code = fr_store_begin(s->store, err);
    if (code != FR_OK)
        return code;
    code = store_namings(s, err);
    if (code == FR_OK)
        code = store_puzzles(s, err);
    if (code == FR_OK)
        return fr_store_commit(s->store, err);
    fr_store_rollback(s->store);
    return code;
}

/* The first problems of the directory that fit are enough to know how long prompts are. */
static int sample_directory(struct fr_study *s, struct fr_problem *problem,
                            struct fr_problem *example, struct fr_plan *plan,
                            struct fr_error *err) {
    struct fr_problem_set set;
    struct fr_text path = {0};
    int n = 0;
    fr_config_resolve(s->config_path, s->config.puzzles_path, &path);
    int code = fr_problem_set_load(&set, fr_text_get(&path), &s->domain, err);
    for (int i = 0; code == FR_OK && i < set.n && n < 2; i++) {
        int length;
        bool fits;
        struct fr_plan found = {0};
        code = solve(s, &set.items[i], &found, &length, &fits, err);
        if (code == FR_OK && fits) {
            struct fr_plan *keep = n == 1 && fr_study_shows_examples(s) ? plan : NULL;
            code =
                fr_problem_load(n++ == 0 ? problem : example, &s->domain, set.items[i].path, err);
            if (keep != NULL) {
                *keep = found;
                found = (struct fr_plan){0};
            }
        }
        fr_plan_release(&found);
    }
    if (code == FR_OK && n == 0)
        code = fr_fail(err, FR_E_INPUT, "%s: no problem with a plan of %d steps or more",
                       fr_text_get(&path), s->config.min_plan_length);
    if (code == FR_OK && n == 1 &&
        fr_style_examples((enum fr_prompt_style)s->config.style) == FR_EXAMPLES_ALWAYS)
        code = fr_fail(err, FR_E_INPUT,
                       "%s: one problem with a plan of %d steps or more, and none to show solved "
                       "before it",
                       fr_text_get(&path), s->config.min_plan_length);
    fr_problem_set_release(&set);
    fr_text_release(&path);
    return code;
}

int fr_study_sample(struct fr_study *s, struct fr_problem *problem, struct fr_problem *example,
                    struct fr_plan *plan, struct fr_error *err) {
    struct fr_puzzle puzzles[2];
    int length;
    *problem = *example = (struct fr_problem){0};
    *plan = (struct fr_plan){0};
    if (*s->config.puzzles_path != '\0')
        return sample_directory(s, problem, example, plan, err);
    int code = fr_puzzles_generate(puzzles, 2, FR_SPLIT_COLLECT, s->config.blocks,
                                   s->config.min_plan_length, FR_DISTINCT_PUZZLES,
                                   (uint64_t)s->config.seed, err);
    if (code != FR_OK)
        return code;
    fr_puzzle_problem(&puzzles[0], &s->domain, "sample", problem);
    fr_puzzle_problem(&puzzles[1], &s->domain, "example", example);
    if (fr_study_shows_examples(s))
        code = fr_problem_solve(example, s->config.max_states, plan, &length, err);
    return code;
}

bool fr_study_shows_examples(const struct fr_study *s) {
    return fr_style_examples((enum fr_prompt_style)s->config.style) != FR_EXAMPLES_NEVER &&
           s->config.shots > 0;
}

int fr_study_load_problem(struct fr_study *s, int64_t puzzle, struct fr_problem *out,
                          struct fr_plan *plan, struct fr_error *err) {
    struct fr_query *query;
    struct fr_verdict verdict;
    *out = (struct fr_problem){0};
    int code = fr_query_open(&query, s->store, err,
                             "SELECT pddl, optimal_plan FROM puzzle WHERE id = ?", "i", puzzle);
    if (code != FR_OK)
        return code;
    char name[64];
    (void)snprintf(name, sizeof name, "study.db: puzzle %lld", (long long)puzzle);
    int parsed = FR_OK;
    if (fr_query_next(query))
        parsed = fr_problem_parse(out, &s->domain, fr_query_text(query, 0), name, err);
    else
        parsed = fr_fail(err, FR_E_INPUT, "%s: missing; the study's database is damaged", name);
    if (parsed == FR_OK && plan != NULL &&
        fr_plan_parse_pddl(plan, out, fr_query_text(query, 1), &verdict) != FR_VERDICT_SOLVED)
        parsed = fr_fail(err, FR_E_INPUT, "%s: its plan: %s", name, verdict.reason);
    struct fr_error ignored;
    code = fr_query_close(query, parsed == FR_OK ? err : &ignored);
    return parsed != FR_OK ? parsed : code;
}
