/* Similarity on a phase's own mentions, through the analysis that writes the tables, against NumPy
 * (golden/analyses/phase_mentions.tsv) on the golden tensor; and the numbers of mentions, from
 * files of sums. */
#include <stdlib.h>
#include <string.h>

#include "analyses/analyses.h"
#include "base/file.h"
#include "golden/golden.h"
#include "golden_tensor.h"
#include "phases/phases.h"
#include "support/analysed_study.h"
#include "support/directory.h"
#include "test.h"

#define TABLE "analyses/phase_mentions.tsv"
/* By phase: what of the golden tensor's times stands there (make_phase_mentions.py). */
static const int from[FR_PHASE_COUNT] = {0, 1, 2, 3, 4, 3};
static const uint32_t offsets[] = {7000001, 8000002};
static const enum fr_trace_set sets[] = {FR_TRACES_PHASES_CUES, FR_TRACES_PHASES_MENTIONS};

/* Namings as golden_use has them: the fifth is the clean one. */
static void open_study(struct fr_analysed *a) {
    char more[1024];
    (void)snprintf(more, sizeof more,
                   "seed: %d\nnamings: {table: %s/data/namings.tsv, use: [\"1\", \"2\", \"4\","
                   " \"5\", clean, \"6\"], exclude: []}\n"
                   "representations: {grid_step: 100, grid_end: %d, window_tokens: 100, sets:"
                   " [phases]}\n"
                   "analyses: {reference_timestamp: %d, pca_timestamp: %d}\n",
                   (int)GT_SEED, fr_test_source_dir(), 100 * GT_T, 100 * (GT_REFERENCE + 1),
                   100 * (GT_REFERENCE + 1));
    fr_analysed_open(a, "phase_mentions", more, GT_L);
    for (int i = 0; i < GT_N; i++)
        assert_int_equal(a->use[i], golden_use[i]);
}

struct loading {
    const struct fr_concepts *concepts;
    int l;
};

/* The rows of a set by phase at the layer. */
static int load(void *user, enum fr_trace_set set, int site, struct fr_reps *out,
                struct fr_error *err) {
    const struct loading *loading = user;
    struct fr_reps all;
    (void)err;
    assert_int_equal(site, FR_SITE_BLOCK);
    assert_true(set == sets[0] || set == sets[1]);
    golden_tensor_init_from(&all, loading->concepts, offsets[set == sets[1]]);
    golden_layer_init(out, &all, loading->l, from, FR_PHASE_COUNT);
    fr_reps_release(&all);
    return FR_OK;
}

static void analyse(struct fr_analysed *a) {
    const struct fr_concepts *concepts = &a->world.table.concepts;
    struct fr_error err = {0};
    struct fr_grid grid;
    struct fr_reps all;
    fr_world_grid(&a->world, &grid);
    golden_tensor_init_from(&all, concepts, 0);
    for (int l = 0; l < GT_L; l++) {
        struct loading loading = {concepts, l};
        struct fr_reps raw, centred;
        golden_layer_init(&raw, &all, l, NULL, GT_T);
        fr_reps_centre(&raw, &centred);
        centred.first_layer = l;
        const struct fr_analysis_layer layer = {.layer = l + 1,
                                                .raw = &raw,
                                                .centred = &centred,
                                                .grid = &grid,
                                                .load = load,
                                                .user = &loading};
        assert_ok(fr_analysis_phase_mentions.run_layer(&a->input, &layer, &err), err);
        fr_reps_release(&centred);
        fr_reps_release(&raw);
    }
    fr_reps_release(&all);
    free(grid.times);
}

static int64_t count(struct fr_store *store, const char *sql) {
    int64_t n = -1;
    struct fr_error err = {0};
    assert_ok(fr_store_find_int(store, &err, &n, sql, ""), err);
    return n;
}

static void similarity_of_a_phases_own_mentions_is_that_of_numpy(void **state) {
    (void)state;
    struct fr_analysed a;
    struct fr_error err = {0};
    struct golden g;
    int rows = 0, empty = 0;
    open_study(&a);
    analyse(&a);
    for (golden_open(&g, TABLE); golden_next(&g, "phase"); rows++) {
        struct fr_query *query;
        assert_ok(fr_query_open(&query, a.store, &err,
                                "SELECT mean, low, high, n_namings FROM phase_mention WHERE layer ="
                                " ? AND kind = ? AND rules = ? AND phase = ? AND relation = ?",
                                "itttt", (int64_t)g.v[0] + 1, fr_concept_kind_name[(int)g.v[1]],
                                fr_phase_rules_name[(int)g.v[2]], fr_phase_name[(int)g.v[3]],
                                g.v[4] != 0 ? "same" : "different"),
                  err);
        const bool there = fr_query_next(query);
        if (there != (g.v[8] > 0))
            fail_msg("%s:%d: %s", g.path, g.line, there ? "a row of nothing" : "no such row");
        empty += !there;
        for (int i = 0; there && i < 4; i++)
            golden_near(&g, fr_query_is_null(query, i) ? (double)NAN : fr_query_double(query, i),
                        g.v[5 + i], i == 3 ? 0 : 5e-6);
        assert_ok(fr_query_close(query, &err), err);
    }
    assert_int_equal(rows, 2 * GT_L * 2 * FR_PHASE_COUNT * 2);
    assert_int_equal(count(a.store, "SELECT count(*) FROM phase_mention"), rows - empty);
    fr_analysed_close(&a);
}

static int planted(int naming, int k, int concept, int phase) {
    return (concept + phase) % 4 == 0 ? 0 : 1000 * naming + 100 * k + 10 * concept + phase;
}

static void mentions_are_counted_by_naming_rules_phase_and_concept(void **state) {
    (void)state;
    struct fr_analysed a;
    struct fr_error err = {0};
    char path[600];
    open_study(&a);
    (void)snprintf(path, sizeof path, "%s/reps", a.dir);
    assert_ok(fr_dir_make(path, &err), err);
    for (int i = 0; i < GT_N; i++)
        for (int k = 0; k < 2; k++) {
            struct fr_sums sums;
            struct fr_grid grid;
            fr_world_grid_of(&a.world, sets[k], &grid);
            assert_int_equal(grid.n_times, FR_PHASE_COUNT);
            fr_sums_init(&sums, FR_SITE_BLOCK, GT_A, 1, grid.n_times, 2);
            for (int c = 0; c < GT_A; c++)
                for (int p = 0; p < FR_PHASE_COUNT; p++)
                    sums.counts[c * FR_PHASE_COUNT + p] = planted(i, k, c, p);
            (void)snprintf(path, sizeof path, "%s/reps/%s-%s.safetensors", a.dir,
                           a.world.namings[i].naming->id, fr_trace_set_name[sets[k]]);
            assert_ok(fr_sums_save(&sums, path, &grid, &err), err);
            fr_sums_release(&sums);
            free(grid.times);
        }
    assert_ok(fr_analysis_phase_mentions.run(&a.input, &err), err);
    assert_int_equal(count(a.store, "SELECT count(*) FROM phase_mention_count"),
                     GT_N * 2 * GT_A * FR_PHASE_COUNT);
    for (int i = 0; i < GT_N; i++)
        for (int k = 0; k < 2; k++)
            for (int c = 0; c < GT_A; c++)
                for (int p = 0; p < FR_PHASE_COUNT; p++) {
                    struct fr_query *query;
                    assert_ok(fr_query_open(&query, a.store, &err,
                                            "SELECT mentions FROM phase_mention_count WHERE naming"
                                            " = ? AND rules = ? AND concept = ? AND phase = ?",
                                            "tttt", a.world.namings[i].naming->id,
                                            fr_phase_rules_name[k], a.world.table.concepts.names[c],
                                            fr_phase_name[p]),
                              err);
                    assert_true(fr_query_next(query));
                    assert_int_equal(fr_query_int(query, 0), planted(i, k, c, p));
                    assert_ok(fr_query_close(query, &err), err);
                }
    fr_analysed_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(similarity_of_a_phases_own_mentions_is_that_of_numpy),
        cmocka_unit_test(mentions_are_counted_by_naming_rules_phase_and_concept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
