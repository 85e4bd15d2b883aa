/* What the analysis of phases writes of traces in a store, against NumPy
 * (golden/phases/shares.tsv): shares of tokens along the trace, agreement of the two sets of rules
 * with its interval, similarity weighed by tokens. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/analysis.h"
#include "base/memory.h"
#include "golden/golden.h"
#include "phases/phases.h"
#include "support/analysed_study.h"
#include "test.h"

#define TABLE "phases/shares.tsv"
enum { STEP = 8, END = 40, N_LINES = 6, N_PUZZLES = 3, PROMPT_TOKENS = 3, N_NAMINGS = 2 };

/* That of make_phases.py, line by line. */
static const char *const lines[N_LINES] = {
    "Okay, the initial state is: planet a, province b and harmony. The goal is that a craves b.\n",
    "\n",
    "To get that, I need to overcome a from b. What if I attack a first? That takes province a. "
    "Hmm, there is none.\n",
    "1. Attack a\n",
    "2. Overcome a from b\n",
    "So harmony and province a hold. Let me verify: a craves b, yes. \"Is that all?\" Then the "
    "plan "
    "works. Planet b is left.\n",
};
static const char *const words[][N_NAMINGS] = {{"attack", "illuminate"}, {"succumb", "silence"},
                                               {"overcome", "distill"},  {"feast", "divest"},
                                               {"planet", "aura"},       {"province", "essence"},
                                               {"harmony", "nexus"},     {"pain", "pulse"},
                                               {"craves", "harmonizes"}};
static const char *const namings[N_NAMINGS] = {"1", "2"};
static const char *const alongs[] = {"trace", "tokens"};

/* The line in the naming's words, capitals kept. */
static void add_line(const char *line, int naming, struct fr_text *out) {
    while (*line != '\0') {
        size_t n = 0;
        for (size_t k = 0; n == 0 && k < sizeof words / sizeof *words; k++)
            if (strncasecmp(line, words[k][0], strlen(words[k][0])) == 0) {
                n = strlen(words[k][0]);
                fr_text_printf(out, "%c%s",
                               isupper((unsigned char)*line) ? toupper(*words[k][naming])
                                                             : *words[k][naming],
                               words[k][naming] + 1);
            }
        if (n == 0)
            fr_text_append(out, line, n = 1);
        line += n;
    }
}

static bool is_blank(char c) { return c == ' ' || c == '\n'; }

static void put_trace(struct fr_store *store, int naming, int puzzle) {
    struct fr_text text = {0};
    struct fr_error err = {0};
    enum { MAX = 512 };
    static int32_t ids[MAX], starts[MAX], ends[MAX];
    fr_text_add(&text, "What is asked?");
    const size_t reasoning = text.len;
    for (int i = 0; i < N_LINES; i++)
        add_line(lines[(i + 2 * puzzle) % N_LINES], naming, &text);
    while (is_blank(text.data[text.len - 1])) /* of no token */
        text.data[--text.len] = '\0';
    const size_t answer = text.len;
    fr_text_add(&text, " the plan");
    struct fr_trace trace = {.puzzle = puzzle + 1,
                             .naming = (char *)(uintptr_t)namings[naming],
                             .ids = ids,
                             .starts = starts,
                             .ends = ends,
                             .text = text.data,
                             .text_len = text.len,
                             .verdict = fr_verdict_of(FR_VERDICT_SOLVED, 0, "")};
    for (size_t at = 0; at < text.len;) {
        const int i = trace.n_tokens++;
        assert_true(i < MAX);
        starts[i] = (int32_t)at;
        while (is_blank(text.data[at]))
            at++;
        while (at < text.len && !is_blank(text.data[at]) &&
               (at != reasoning || starts[i] == (int32_t)at))
            at++;
        ends[i] = (int32_t)at;
        trace.n_prompt += at <= reasoning;
        trace.n_reasoning += at > reasoning && at <= answer;
    }
    assert_int_equal(trace.n_prompt, PROMPT_TOKENS);
    assert_ok(fr_store_put_trace(store, &trace, &err), err);
    fr_text_release(&text);
}

static void fill(struct fr_analysed *a) {
    struct fr_error err = {0};
    for (int p = 0; p < N_PUZZLES; p++)
        assert_ok(fr_store_run(a->store, &err,
                               "INSERT INTO puzzle (id, split, n_objects, optimal_length,"
                               " optimal_plan, source, pddl, position)"
                               " VALUES (?1, 'collect', 3, 4, '', '', '(define)', ?1)",
                               "i", (int64_t)p + 1),
                  err);
    for (int n = 0; n < N_NAMINGS; n++)
        for (int p = 0; p < N_PUZZLES - n; p++)
            put_trace(a->store, n, p);
    for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++)
        for (int n = 0; n < N_NAMINGS; n++)
            for (int t = STEP; t <= END; t += STEP) {
                const double value = sin(t / 10.0 + 2 * n + kind);
                assert_ok(fr_store_run(a->store, &err,
                                       "INSERT INTO similarity_naming VALUES (1, ?, ?, ?, ?)",
                                       "titd", fr_concept_kind_name[kind], (int64_t)t, namings[n],
                                       value),
                          err);
                assert_ok(fr_store_run(a->store, &err,
                                       "INSERT INTO similarity_without VALUES (1, ?, ?, ?, ?, ?)",
                                       "tittd", fr_concept_kind_name[kind], (int64_t)t,
                                       namings[1 - n], namings[n], 0.8 * value + 0.1 * (1 - n)),
                          err);
            }
}

/* The row that a query of keys finds, from its column k on the golden ones from v[k] on. */
static void check(struct fr_query *query, const struct golden *g, int keys) {
    struct fr_error err = {0};
    if (!fr_query_next(query))
        fail_msg("%s:%d: there is no such row", g->path, g->line);
    for (int i = keys; i < g->n; i++)
        golden_near(g,
                    fr_query_is_null(query, i - keys) ? (double)NAN
                                                      : fr_query_double(query, i - keys),
                    g->v[i], 1e-12);
    assert_ok(fr_query_close(query, &err), err);
}

static int count(struct fr_store *store, const char *table) {
    int64_t n = -1;
    struct fr_error err = {0};
    char sql[64];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    assert_ok(fr_store_find_int(store, &err, &n, sql, ""), err);
    return (int)n;
}

static void shares_agreement_and_similarity_are_those_of_numpy(void **state) {
    (void)state;
    struct fr_analysed a;
    struct fr_error err = {0};
    struct fr_query *query;
    struct golden g;
    char more[512];
    int rows[3] = {0};
    (void)snprintf(more, sizeof more,
                   "seed: 77\nnamings: {table: %s/data/namings.tsv, use: [\"1\", \"2\"],"
                   " exclude: []}\nprompt: {style: planbench}\n"
                   "representations: {grid_step: %d, grid_end: %d, inflections: exact}\n"
                   "analyses: {reference_timestamp: 32, pca_timestamp: 32, resamples: 300}\n",
                   fr_test_source_dir(), (int)STEP, (int)END);
    fr_analysed_open(&a, "phases", more, 1);
    fill(&a);
    assert_ok(fr_analysis_phases.run(&a.input, &err), err);
    for (golden_open(&g, TABLE); golden_next(&g, "share"); rows[0]++) {
        assert_ok(fr_query_open(&query, a.store, &err,
                                "SELECT n_traces, tokens, share FROM phase_share WHERE naming = ?"
                                " AND rules = ? AND along = ? AND part = ? AND phase = ?",
                                "tttit", namings[(int)g.v[0]], fr_phase_rules_name[(int)g.v[1]],
                                alongs[(int)g.v[2]], (int64_t)g.v[3], fr_phase_name[(int)g.v[4]]),
                  err);
        check(query, &g, 5);
    }
    for (golden_open(&g, TABLE); golden_next(&g, "agreement"); rows[1]++) {
        assert_ok(
            fr_query_open(&query, a.store, &err,
                          "SELECT n_traces, n_distinct, cues, mentions, both, kappa, low, high"
                          " FROM phase_agreement WHERE texts = 'mystery' AND phase = ?",
                          "t", g.v[0] < 0 ? "all" : fr_phase_name[(int)g.v[0]]),
            err);
        check(query, &g, 1);
    }
    for (golden_open(&g, TABLE); golden_next(&g, "similarity"); rows[2]++) {
        assert_ok(fr_query_open(&query, a.store, &err,
                                "SELECT mean, low, high, mean_timestamp, n_namings FROM"
                                " phase_similarity WHERE kind = ? AND rules = ? AND phase = ?",
                                "ttt", fr_concept_kind_name[(int)g.v[0]],
                                fr_phase_rules_name[(int)g.v[1]], fr_phase_name[(int)g.v[2]]),
                  err);
        check(query, &g, 3);
    }
    assert_int_equal(rows[0], count(a.store, "phase_share"));
    assert_int_equal(rows[1], count(a.store, "phase_agreement"));
    assert_int_equal(rows[2], count(a.store, "phase_similarity"));
    fr_analysed_close(&a);
}

/* Nothing is drawn of one puzzle, whatever its objects are called. */
static void puzzles_that_are_the_same_but_for_names_are_drawn_together(void **state) {
    (void)state;
    static const char *const classes[] = {"7", "puzzle % 2"};
    static const int n_distinct[] = {1, 2};
    char more[512];
    (void)snprintf(more, sizeof more,
                   "seed: 77\nnamings: {table: %s/data/namings.tsv, use: [\"1\", \"2\"],"
                   " exclude: []}\nprompt: {style: planbench}\n"
                   "representations: {grid_step: %d, grid_end: %d, inflections: exact}\n"
                   "analyses: {reference_timestamp: 32, pca_timestamp: 32, resamples: 300}\n",
                   fr_test_source_dir(), (int)STEP, (int)END);
    for (int k = 0; k < 2; k++) {
        struct fr_analysed a;
        struct fr_error err = {0};
        struct fr_query *query;
        char sql[128];
        fr_analysed_open(&a, "phases", more, 1);
        fill(&a);
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO puzzle_class SELECT puzzle, %s FROM (SELECT id AS puzzle FROM"
                       " puzzle)",
                       classes[k]);
        assert_ok(fr_store_run(a.store, &err, sql, ""), err);
        assert_ok(fr_analysis_phases.run(&a.input, &err), err);
        assert_ok(fr_query_open(&query, a.store, &err,
                                "SELECT n_traces, n_distinct, low IS NULL FROM phase_agreement"
                                " WHERE texts = 'mystery' AND phase = 'all'",
                                ""),
                  err);
        assert_true(fr_query_next(query));
        assert_int_equal(fr_query_int(query, 0), N_PUZZLES + N_PUZZLES - 1);
        assert_int_equal(fr_query_int(query, 1), n_distinct[k]);
        assert_int_equal(fr_query_int(query, 2), n_distinct[k] == 1);
        assert_ok(fr_query_close(query, &err), err);
        fr_analysed_close(&a);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_agreement_and_similarity_are_those_of_numpy),
        cmocka_unit_test(puzzles_that_are_the_same_but_for_names_are_drawn_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
