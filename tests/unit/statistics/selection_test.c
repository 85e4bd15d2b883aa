/* The best of several conditions against the enumeration of all flips in NumPy
 * (golden/statistics/statistics.tsv), and that its p keeps its level. */
#include "test.h"

#include "golden/golden.h"
#include "statistics/statistics.h"

enum { NAMINGS = 4, CONDITIONS = 4, PUZZLES = 60 };

static void bests_agree_with_an_enumeration(void **state) {
    (void)state;
    struct golden g;
    struct fr_rng rng;
    int rows = 0;
    fr_rng_seed(&rng, 41, 0);
    for (golden_open(&g, "statistics/statistics.tsv"); golden_next(&g, "selection"); rows++) {
        const int n_conditions = (int)g.v[0], n_namings = (int)g.v[1];
        const double *v = g.v + 2 + n_namings;
        int8_t values[NAMINGS][CONDITIONS * PUZZLES];
        const int8_t *d[NAMINGS];
        int sizes[NAMINGS];
        assert_true(n_namings <= NAMINGS && n_conditions <= CONDITIONS);
        for (int i = 0; i < n_namings; i++) {
            sizes[i] = (int)g.v[2 + i];
            for (int k = 0; k < n_conditions * sizes[i]; k++)
                values[i][k] = (int8_t)*v++;
            d[i] = values[i];
        }
        const struct fr_selection selection = {n_conditions, n_namings, sizes, d};
        struct fr_best namings[NAMINGS], pairs, flips;
        fr_selection_test(&selection, 100000, &rng, namings, &pairs, &flips);
        for (int i = 0; i < n_namings; i++, v += 4) {
            golden_near(&g, namings[i].best, v[0], 1e-12);
            golden_near(&g, namings[i].condition, v[1], 0);
            golden_near(&g, namings[i].expected, v[2], 0.003);
            golden_near(&g, namings[i].p, v[3], 0.005);
        }
        golden_near(&g, pairs.best, v[0], 1e-12);
        golden_near(&g, pairs.expected, v[1], 0.003);
        golden_near(&g, pairs.p, v[2], 0.005);
        golden_near(&g, flips.best, v[0], 1e-12);
        golden_near(&g, flips.expected, v[3], 1e-12);
        golden_near(&g, flips.high, v[4], 1e-12);
        golden_near(&g, flips.p, v[5], 1e-12);
    }
    assert_int_equal(rows, 3);
}

/* The best of four is above zero when nothing works; its p says that it may be. */
static void the_best_of_nothing_is_no_surprise(void **state) {
    (void)state;
    enum { RUNS = 400, STUDY = 10 };
    static int8_t values[STUDY][CONDITIONS * PUZZLES];
    const int8_t *d[STUDY];
    int sizes[STUDY], by_pairs = 0, by_namings = 0;
    double best = 0, expected = 0;
    struct fr_rng rng;
    fr_rng_seed(&rng, 42, 0);
    for (int r = 0; r < RUNS; r++) {
        for (int i = 0; i < STUDY; i++) {
            sizes[i] = PUZZLES;
            d[i] = values[i];
            for (int k = 0; k < PUZZLES; k++) {
                const int shared =
                    fr_rng_uniform(&rng) < 0.3 ? 1 - 2 * (int)fr_rng_below(&rng, 2) : 0;
                for (int c = 0; c < CONDITIONS; c++) {
                    const bool own = fr_rng_uniform(&rng) < 0.3;
                    values[i][c * PUZZLES + k] =
                        (int8_t)(!own ? shared : 1 - 2 * (int)fr_rng_below(&rng, 2));
                }
            }
        }
        const struct fr_selection selection = {CONDITIONS, STUDY, sizes, d};
        struct fr_best namings[STUDY], pairs, flips;
        fr_selection_test(&selection, 200, &rng, namings, &pairs, &flips);
        by_pairs += pairs.p <= 0.05;
        by_namings += flips.p <= 0.05;
        best += pairs.best / RUNS;
        expected += pairs.expected / RUNS;
    }
    print_message(
        "best of nothing %.4f, expected %.4f; of %d studies p <= 0.05: pairs %d, namings %d\n",
        best, expected, RUNS, by_pairs, by_namings);
    assert_true(best > 0.03);
    assert_near(best, expected, 0.003);
    const double tolerance = 3 * sqrt(0.05 * 0.95 / RUNS);
    assert_near((double)by_pairs / RUNS, 0.05, tolerance);
    assert_near((double)by_namings / RUNS, 0.05, tolerance);
}

static void without_puzzles_there_is_no_best(void **state) {
    (void)state;
    struct fr_rng rng;
    const int sizes[] = {0, 2};
    const int8_t two[] = {1, 0}, *const d[] = {two, two};
    struct fr_best namings[2], pairs, flips;
    fr_rng_seed(&rng, 43, 0);
    struct fr_selection selection = {1, 1, sizes, d};
    fr_selection_test(&selection, 10, &rng, namings, &pairs, &flips);
    assert_true(isnan(namings[0].best) && isnan(pairs.best) && isnan(flips.p));
    selection.n_namings = 2;
    fr_selection_test(&selection, 1000, &rng, namings, &pairs, &flips);
    assert_true(isnan(namings[0].p));
    assert_near(flips.best, 0.5, 0);
    assert_near(flips.p, 0.5, 0); /* of two flips */
    assert_near(namings[1].p, 0.5, 0.06);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bests_agree_with_an_enumeration),
        cmocka_unit_test(the_best_of_nothing_is_no_surprise),
        cmocka_unit_test(without_puzzles_there_is_no_best),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
