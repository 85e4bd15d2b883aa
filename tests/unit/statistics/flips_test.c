/* Flips of whole namings against their enumeration in NumPy (golden/statistics/statistics.tsv), and
 * what they promise: their size under clustering, where tests on pairs fail, and over a family. */
#include "test.h"

#include "golden/golden.h"
#include "statistics/statistics.h"

static void families_agree_with_an_enumeration(void **state) {
    (void)state;
    struct golden g;
    int rows = 0;
    for (golden_open(&g, "statistics/statistics.tsv"); golden_next(&g, "flip"); rows++) {
        const int n = (int)g.v[0], n_namings = (int)g.v[1];
        const double *want = g.v + 2 + n * n_namings;
        double alone[8], most[8];
        assert_true(n <= 8);
        fr_flip_test(g.v + 2, n, n_namings, 0, NULL, alone, most);
        for (int i = 0; i < n; i++) {
            golden_near(&g, alone[i], want[i], 1e-12);
            golden_near(&g, most[i], want[n + i], 1e-12);
        }
    }
    assert_int_equal(rows, 5);
}

static void equal_effects_have_the_p_of_the_t_test_without_variance(void **state) {
    (void)state;
    const double up[] = {0.1, 0.1, 0.1, 0.1}, one[] = {0.1, NAN, NAN, NAN};
    double alone, most;
    fr_flip_test(up, 1, 4, 0, NULL, &alone, &most);
    assert_near(alone, fr_t_test(up, 4).p_greater, 0);
    assert_near(most, alone, 0);
    fr_flip_test(one, 1, 4, 0, NULL, &alone, &most);
    assert_true(isnan(alone) && isnan(most));
    fr_flip_test(up, 0, 4, 0, NULL, &alone, &most); /* an empty family */
}

/* A copy costs nothing, a stranger about what Holm's correction takes. */
static void a_family_of_copies_is_one_test(void **state) {
    (void)state;
    const double x[] = {3, 1, 2, 4, -1, 2, 1, 3};
    double three[24], alone[3], most[3];
    for (int i = 0; i < 24; i++)
        three[i] = x[i % 8] * (1 + i / 8); /* scaled: the statistic does not care */
    fr_flip_test(three, 3, 8, 0, NULL, alone, most);
    for (int c = 0; c < 3; c++)
        assert_near(most[c], alone[c], 1e-15);
    assert_near(alone[0], alone[2], 1e-15);
    assert_true(alone[0] < 0.05);
}

static void draws_are_near_the_enumeration_and_fixed_by_their_seed(void **state) {
    (void)state;
    double x[2][20], alone[2], most[2], again[2], exact[2];
    struct fr_rng rng;
    fr_rng_seed(&rng, 31, 0);
    for (int i = 0; i < 20; i++) {
        x[0][i] = i < 16 ? 0.3 + fr_rng_normal(&rng) : 0; /* zeros: 16 namings tell all */
        x[1][i] = i < 16 ? fr_rng_normal(&rng) : 0;
    }
    fr_rng_seed(&rng, 32, 0);
    fr_flip_test(x[0], 2, 20, 20000, &rng, alone, most);
    fr_rng_seed(&rng, 32, 0);
    fr_flip_test(x[0], 2, 20, 20000, &rng, again, most);
    assert_near(alone[0], again[0], 0);
    fr_flip_test(x[0], 1, 16, 0, NULL, &exact[0], &exact[1]);
    assert_near(alone[0], exact[0], 3 * sqrt(0.25 / 20000));
}

/* Studies in which every naming has an effect of its own, 0 on average: what one vector a word does
 * to a naming's puzzles. Tests over namings keep their level, the test on pairs does not. */
static void
under_clustering_flips_of_namings_keep_their_level_and_those_of_pairs_do_not(void **state) {
    (void)state;
    enum { RUNS = 1000, NAMINGS = 10, PUZZLES = 40 };
    static uint8_t before[NAMINGS][PUZZLES], after[NAMINGS][PUZZLES];
    const uint8_t *b[NAMINGS], *a[NAMINGS];
    int sizes[NAMINGS], flips = 0, pairs = 0;
    struct fr_rng rng;
    fr_rng_seed(&rng, 33, 0);
    for (int r = 0; r < RUNS; r++) {
        double effects[NAMINGS], alone, most;
        for (int i = 0; i < NAMINGS; i++) {
            const double own = 0.5 + 0.15 * fr_rng_normal(&rng);
            int sum = 0;
            for (int k = 0; k < PUZZLES; k++) {
                before[i][k] = fr_rng_uniform(&rng) < 0.5;
                after[i][k] = fr_rng_uniform(&rng) < own;
                sum += after[i][k] - before[i][k];
            }
            effects[i] = (double)sum / PUZZLES;
            b[i] = before[i];
            a[i] = after[i];
            sizes[i] = PUZZLES;
        }
        const struct fr_paired paired = {NAMINGS, sizes, b, a};
        fr_flip_test(effects, 1, NAMINGS, 0, NULL, &alone, &most);
        flips += alone <= 0.05;
        pairs += fr_permutation_test(&paired, 200, &rng) <= 0.05;
    }
    print_message("of %d null studies: flips of namings %d, of pairs %d\n", RUNS, flips, pairs);
    assert_near((double)flips / RUNS, 0.05, 3 * sqrt(0.05 * 0.95 / RUNS));
    assert_true(pairs > 0.1 * RUNS);
}

/* Eight conditions that share most of what they are: the family is wrong 5% of the time, and an
 * effect in all of them is found more often than after Holm's correction. */
static void
the_largest_statistic_keeps_the_family_and_beats_holm_where_conditions_are_alike(void **state) {
    (void)state;
    enum { RUNS = 1000, NAMINGS = 10, CONDITIONS = 8 };
    struct fr_rng rng;
    int wrong = 0, found = 0, holm = 0;
    fr_rng_seed(&rng, 34, 0);
    for (int r = 0; r < RUNS; r++) {
        double x[CONDITIONS][NAMINGS], alone[CONDITIONS], most[CONDITIONS], adjusted[CONDITIONS];
        double first = 1, first_holm = 1, p[CONDITIONS];
        for (int shift = 0; shift < 2; shift++) {
            for (int i = 0; i < NAMINGS && shift == 0; i++) {
                const double shared = fr_rng_normal(&rng);
                for (int c = 0; c < CONDITIONS; c++)
                    x[c][i] = 0.95 * shared + sqrt(1 - 0.95 * 0.95) * fr_rng_normal(&rng);
            }
            for (int c = 0; c < CONDITIONS; c++)
                for (int i = 0; i < NAMINGS; i++)
                    x[c][i] += shift;
            fr_flip_test(x[0], CONDITIONS, NAMINGS, 0, NULL, alone, most);
            first = first_holm = 1;
            for (int c = 0; c < CONDITIONS; c++)
                p[c] = fr_t_test(x[c], NAMINGS).p_greater;
            fr_holm(p, CONDITIONS, adjusted);
            for (int c = 0; c < CONDITIONS; c++) {
                assert_true(most[c] >= alone[c]);
                first = fmin(first, most[c]);
                first_holm = fmin(first_holm, adjusted[c]);
            }
            wrong += shift == 0 && first <= 0.05;
            found += shift == 1 && first <= 0.05;
            holm += shift == 1 && first_holm <= 0.05;
        }
    }
    print_message("of %d families: wrong %d; found %d, by Holm %d\n", RUNS, wrong, found, holm);
    assert_near((double)wrong / RUNS, 0.05, 3 * sqrt(0.05 * 0.95 / RUNS));
    assert_true(found > holm + 50);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(families_agree_with_an_enumeration),
        cmocka_unit_test(equal_effects_have_the_p_of_the_t_test_without_variance),
        cmocka_unit_test(a_family_of_copies_is_one_test),
        cmocka_unit_test(draws_are_near_the_enumeration_and_fixed_by_their_seed),
        cmocka_unit_test(
            under_clustering_flips_of_namings_keep_their_level_and_those_of_pairs_do_not),
        cmocka_unit_test(
            the_largest_statistic_keeps_the_family_and_beats_holm_where_conditions_are_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
