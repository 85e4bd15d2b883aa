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

/* Stores one problem; *plan is its shortest plan when prompts show examples. */
static int store_problem(struct fr_study *s, enum fr_puzzle_split split,
                         const struct fr_problem *problem, int plan_length, const char *source,
                         int64_t *id, struct fr_error *err) {
    struct fr_text pddl = {0}, steps = {0};
    struct fr_plan plan = {0};
    int code = FR_OK, length;
    if (fr_study_shows_examples(s)) {
        code = fr_problem_solve(problem, s->config.max_states, &plan, &length, err);
        FR_ASSERT(code != FR_OK || length == plan_length);
    }
    if (code == FR_OK) {
        fr_plan_render(problem, &plan, &steps);
        fr_problem_render(problem, &pddl);
        code = fr_store_run(s->store, err, "INSERT INTO puzzle VALUES (?, ?, ?, ?, ?, ?, ?)",
                            "itiittt", *id, fr_split_name[split], (int64_t)problem->n_objects,
                            (int64_t)plan_length, fr_text_get(&steps), source, fr_text_get(&pddl));
        ++*id;
    }
    fr_plan_release(&plan);
    fr_text_release(&pddl);
    fr_text_release(&steps);
    return code;
}

static int store_generated(struct fr_study *s, enum fr_puzzle_split split, int count, int64_t *id,
                           struct fr_error *err) {
    struct fr_puzzle *puzzles = fr_alloc((size_t)count, sizeof *puzzles);
    int code = fr_puzzles_generate(puzzles, count, split, s->config.blocks,
                                   s->config.min_plan_length, (uint64_t)s->config.seed, err);
    for (int i = 0; code == FR_OK && i < count; i++) {
        struct fr_problem problem;
        char name[32];
        (void)snprintf(name, sizeof name, "puzzle-%lld", (long long)*id);
        fr_puzzle_problem(&puzzles[i], &s->domain, name, &problem);
        code = store_problem(s, split, &problem, fr_puzzle_plan_length(&puzzles[i]), "", id, err);
        fr_problem_release(&problem);
    }
    free(puzzles);
    return code;
}

int fr_stage_puzzles(struct fr_study *s, struct fr_error *err) {
    int64_t id = 0;
    int code = fr_store_begin(s->store, err);
    if (code != FR_OK)
        return code;
    code = store_namings(s, err);
    if (code == FR_OK)
        code = store_generated(s, FR_SPLIT_COLLECT, s->config.n_collect, &id, err);
    if (code == FR_OK)
        code = store_generated(s, FR_SPLIT_EVALUATE, s->config.n_evaluate, &id, err);
    if (code == FR_OK)
        return fr_store_commit(s->store, err);
    fr_store_rollback(s->store);
    return code;
}

bool fr_study_shows_examples(const struct fr_study *s) {
    return s->config.style != FR_STYLE_TERSE && s->config.shots > 0;
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
