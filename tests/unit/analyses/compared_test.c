/* What `fluidrep compare` says of two studies, against NumPy (golden/analyses/compared.tsv): from
 * their representations, through the analyses that write a study's tables, to its own: the curves
 * of A3 and A5 (a, b), separation by depth, and the share of the first one's rise. */
#include "analyses/compare.h"

#include <stdlib.h>
#include <string.h>

#include "analyses/analyses.h"
#include "golden/golden.h"
#include "golden_tensor.h"
#include "support/analysed_study.h"
#include "support/directory.h"
#include "test.h"

#define TABLE "analyses/compared.tsv"
enum { OTHER = 5000000, N_STUDIES = 2 };
static const char *const labels[N_STUDIES] = {"first", "slower"};
static const char *const figures[] = {"mean", "naming", "clean_single"};
static const char *const relations[] = {"different", "same"};

/* Namings as golden_use has them: the fifth is the clean one. The grid: GT_T times. */
static void open_study(struct fr_analysed *a, const char *name) {
    char more[1024];
    (void)snprintf(more, sizeof more,
                   "seed: %d\nnamings: {table: %s/data/namings.tsv, use: [\"1\", \"2\", \"4\","
                   " \"5\", clean, \"6\"], exclude: []}\n"
                   "representations: {grid_step: 100, grid_end: %d, window_tokens: 100}\n"
                   "analyses: {reference_timestamp: %d, pca_timestamp: %d, pair_naming: \"1\","
                   " pair_timestamps: [%d], resamples: 300}\n",
                   (int)GT_SEED, fr_test_source_dir(), 100 * GT_T, 100 * (GT_REFERENCE + 1),
                   100 * (GT_REFERENCE + 1), 100 * (GT_REFERENCE + 1));
    fr_analysed_open(a, name, more, GT_L);
    for (int i = 0; i < GT_N; i++)
        assert_int_equal(a->use[i], golden_use[i]);
}

static void analyse(struct fr_analysed *a, uint32_t offset, const int *from) {
    static const struct fr_analysis *const analyses[] = {&fr_analysis_similarity,
                                                         &fr_analysis_pairs, &fr_analysis_pca};
    struct fr_error err = {0};
    struct fr_grid grid;
    struct fr_reps all;
    char n_layers[16];
    (void)snprintf(n_layers, sizeof n_layers, "%d", (int)GT_L);
    fr_world_grid(&a->world, &grid);
    golden_tensor_init_from(&all, &a->world.table.concepts, offset);
    assert_ok(fr_store_begin(a->store, &err), err);
    assert_ok(fr_store_set_meta(a->store, "model_layers", n_layers, &err), err);
    for (int l = 0; l < GT_L; l++) {
        struct fr_reps raw, centred;
        golden_layer_init(&raw, &all, l, from, GT_T);
        fr_reps_centre(&raw, &centred);
        centred.first_layer = l;
        const struct fr_analysis_layer layer = {.layer = l + 1,
                                                .raw = &raw,
                                                .centred = &centred,
                                                .grid = &grid};
        for (size_t k = 0; k < sizeof analyses / sizeof *analyses; k++)
            assert_ok(analyses[k]->run_layer(&a->input, &layer, &err), err);
        fr_reps_release(&centred);
        fr_reps_release(&raw);
    }
    assert_ok(fr_store_commit(a->store, &err), err);
    fr_reps_release(&all);
    free(grid.times);
}

/* The one row of a query, its columns held against the golden ones. */
static void check_row(struct fr_store *store, const struct golden *g, int first, const int *exact,
                      const char *sql, const char *types, const char *label, const char *a,
                      const char *b, const char *c, int64_t at) {
    struct fr_query *query;
    struct fr_error err = {0};
    const int code =
        strcmp(types, "ttti") == 0 ? fr_query_open(&query, store, &err, sql, types, label, a, b, at)
        : strcmp(types, "tti") == 0 ? fr_query_open(&query, store, &err, sql, types, label, a, at)
        : strcmp(types, "tt") == 0
            ? fr_query_open(&query, store, &err, sql, types, label, a)
            : fr_query_open(&query, store, &err, sql, types, label, a, b, c, at);
    assert_ok(code, err);
    if (!fr_query_next(query))
        fail_msg("%s:%d: there is no such row", g->path, g->line);
    for (int i = first; i < g->n; i++) {
        const double ours =
            fr_query_is_null(query, i - first) ? (double)NAN : fr_query_double(query, i - first);
        golden_near(g, ours, g->v[i], exact[i - first] != 0 ? 0 : 5e-6);
    }
    assert_false(fr_query_next(query));
    assert_ok(fr_query_close(query, &err), err);
}

static void a_comparison_is_that_of_numpy(void **state) {
    (void)state;
    static const int times[N_STUDIES][GT_T] = {{0, 1, 2, 3, 4}, {0, 1, 2, 2, 2}};
    static const int no[16] = {0}, last[16] = {0, 0, 0, 1}, counts[16] = {1, 1, 1};
    struct fr_analysed studies[N_STUDIES];
    struct fr_compared_study compared[N_STUDIES];
    struct fr_store *out;
    struct fr_error err = {0};
    struct golden g;
    char dir[512];
    int rows = 0;
    for (int k = 0; k < N_STUDIES; k++) {
        open_study(&studies[k], labels[k]);
        analyse(&studies[k], k == 0 ? 0 : OTHER, times[k]);
        compared[k] = (struct fr_compared_study){studies[k].dir, labels[k]};
    }
    fr_test_directory_make("compared", dir, sizeof dir);
    assert_ok(fr_compare(dir, compared, N_STUDIES, NULL, NULL, &out, &err), err);
    for (golden_open(&g, TABLE); golden_next(&g, "curve"); rows++)
        check_row(out, &g, 5, last,
                  "SELECT mean, low, high, n_namings FROM compared_curve WHERE label = ? AND"
                  " figure = ? AND kind = ? AND relation = ? AND timestamp = ?",
                  "tttti", labels[(int)g.v[0]], figures[(int)g.v[1]],
                  fr_concept_kind_name[(int)g.v[2]], relations[(int)g.v[4]],
                  100 * ((int64_t)g.v[3] + 1));
    assert_int_equal(rows, N_STUDIES * 3 * 2 * GT_T * 2);
    for (golden_open(&g, TABLE); golden_next(&g, "separation"); rows++)
        check_row(out, &g, 3, no,
                  "SELECT depth, silhouette, silhouette_shuffled, variance_ratio,"
                  " variance_ratio_shuffled FROM compared_separation WHERE label = ? AND kind = ?"
                  " AND layer = ?",
                  "tti", labels[(int)g.v[0]], fr_concept_kind_name[(int)g.v[2]], NULL, NULL,
                  (int64_t)g.v[1]);
    for (golden_open(&g, TABLE); golden_next(&g, "rise"); rows++)
        check_row(out, &g, 1, counts,
                  "SELECT first_timestamp, last_timestamp, n_namings, plain, plain_low, plain_high,"
                  " rise, rise_low, rise_high, explained, low, high FROM compared_rise WHERE"
                  " label = ? AND kind = ?",
                  "tt", labels[1], fr_concept_kind_name[(int)g.v[0]], NULL, NULL, 0);
    assert_int_equal(rows, N_STUDIES * 3 * 2 * GT_T * 2 + N_STUDIES * GT_L * 2 + 2);
    fr_store_close(out);
    fr_test_directory_remove(dir);
    for (int k = 0; k < N_STUDIES; k++)
        fr_analysed_close(&studies[k]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_comparison_is_that_of_numpy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
