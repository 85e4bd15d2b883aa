/* The permutation test against its exact null (golden/statistics/statistics.tsv), its size and
 * power; the bootstraps' coverage. Simulations are seeded: they pass or fail for good. */
#include "test.h"

#include "golden/golden.h"
#include "statistics/statistics.h"

enum { MAX_NAMINGS = 16, MAX_PUZZLES = 128 };

struct outcomes {
    int n_namings;
    int n_puzzles[MAX_NAMINGS];
    uint8_t before[MAX_NAMINGS][MAX_PUZZLES], after[MAX_NAMINGS][MAX_PUZZLES];
    const uint8_t *before_rows[MAX_NAMINGS], *after_rows[MAX_NAMINGS];
};

static struct fr_paired paired(struct outcomes *o) {
    for (int i = 0; i < o->n_namings; i++) {
        o->before_rows[i] = o->before[i];
        o->after_rows[i] = o->after[i];
    }
    return (struct fr_paired){o->n_namings, o->n_puzzles, o->before_rows, o->after_rows};
}

/* Verdicts before and after: solved with probability `base`, then each naming's own effect (mean,
 * spread) is added. */
static void simulate(struct outcomes *o, int n_namings, int n_puzzles, double base, double mean,
                     double spread, struct fr_rng *rng) {
    o->n_namings = n_namings;
    for (int i = 0; i < n_namings; i++) {
        const double p = fmin(1, fmax(0, base + mean + spread * fr_rng_normal(rng)));
        o->n_puzzles[i] = n_puzzles;
        for (int k = 0; k < n_puzzles; k++) {
            o->before[i][k] = fr_rng_uniform(rng) < base;
            o->after[i][k] = fr_rng_uniform(rng) < p;
        }
    }
}

static void effect_is_the_mean_over_namings_of_mean_differences(void **state) {
    (void)state;
    struct outcomes o = {.n_namings = 3, .n_puzzles = {4, 0, 2}};
    o.after[0][0] = o.after[0][1] = 1; /* +2 of 4 */
    o.before[2][1] = 1;                /* -1 of 2 */
    const struct fr_paired pairs = paired(&o);
    assert_near(fr_paired_effect(&pairs), (0.5 - 0.5) / 2, 1e-15);
    o.before[2][1] = 0;
    assert_near(fr_paired_effect(&pairs), 0.25, 1e-15);
}

static void permutation_p_agrees_with_the_exact_null(void **state) {
    (void)state;
    struct golden g;
    struct fr_rng rng;
    fr_rng_seed(&rng, 11, 0);
    int rows = 0;
    for (golden_open(&g, "statistics/statistics.tsv"); golden_next(&g, "permutation"); rows++) {
        const int n = (int)g.v[0];
        struct outcomes o = {.n_namings = n};
        for (int i = 0; i < n; i++) {
            const int gained = (int)g.v[1 + i], lost = (int)g.v[1 + n + i];
            o.n_puzzles[i] = (int)g.v[1 + 2 * n + i];
            for (int k = 0; k < gained + lost; k++)
                *(k < gained ? &o.after[i][k] : &o.before[i][k]) = 1;
            o.before[i][gained + lost] = o.after[i][gained + lost] = 1; /* concordant: no matter */
        }
        const struct fr_paired pairs = paired(&o);
        golden_near(&g, fr_permutation_test(&pairs, 100000, &rng), g.v[1 + 3 * n], 0.005);
    }
    assert_int_equal(rows, 3);
}

/* Without an effect p < alpha happens alpha of the time (p is discrete, hence the margin below). */
static void permutation_test_keeps_its_size_under_the_null(void **state) {
    (void)state;
    enum { RUNS = 1000 };
    static struct outcomes o;
    struct fr_rng rng;
    int below_5 = 0, below_50 = 0;
    double sum = 0;
    for (int r = 0; r < RUNS; r++) {
        fr_rng_seed(&rng, 100, (uint64_t)r);
        simulate(&o, 14, 60, 0.3, 0, 0, &rng);
        const struct fr_paired pairs = paired(&o);
        const double p = fr_permutation_test(&pairs, 400, &rng);
        assert_true(p > 0 && p <= 1);
        below_5 += p <= 0.05;
        below_50 += p <= 0.5;
        sum += p;
    }
    assert_near((double)below_5 / RUNS, 0.05, 0.02);
    assert_near((double)below_50 / RUNS, 0.5, 0.05);
    assert_near(sum / RUNS, 0.5, 0.03);
}

static void permutation_test_finds_a_real_effect(void **state) {
    (void)state;
    enum { RUNS = 100 };
    static struct outcomes o;
    struct fr_rng rng;
    int found = 0;
    for (int r = 0; r < RUNS; r++) {
        fr_rng_seed(&rng, 101, (uint64_t)r);
        simulate(&o, 14, 60, 0.3, 0.06, 0, &rng);
        const struct fr_paired pairs = paired(&o);
        found += fr_permutation_test(&pairs, 400, &rng) <= 0.05;
    }
    /* z = 0.06 / sqrt((0.3 * 0.7 + 0.36 * 0.64) / 840) = 2.6: 83% power. */
    assert_in_range(found, 70, 95);
}

static void permutation_test_of_nothing(void **state) {
    (void)state;
    struct outcomes o = {0};
    struct fr_paired pairs = paired(&o);
    struct fr_rng rng;
    fr_rng_seed(&rng, 1, 1);
    assert_true(isnan(fr_permutation_test(&pairs, 100, &rng)));
    assert_true(isnan(fr_paired_effect(&pairs)));
    o.n_namings = 2; /* without puzzles */
    pairs = paired(&o);
    assert_true(isnan(fr_permutation_test(&pairs, 100, &rng)));
    o.n_puzzles[0] = 5; /* nothing changes */
    assert_near(fr_permutation_test(&pairs, 100, &rng), 1, 0);
}

/* Namings have their own true effects; the interval must hold their mean 95% of the time. */
static void hierarchical_bootstrap_covers_the_mean_effect(void **state) {
    (void)state;
    enum { RUNS = 400 };
    static struct outcomes o;
    struct fr_rng rng;
    int covered = 0, flat_covered = 0;
    for (int r = 0; r < RUNS; r++) {
        fr_rng_seed(&rng, 102, (uint64_t)r);
        simulate(&o, 14, 50, 0.4, 0.1, 0.08, &rng);
        const struct fr_paired pairs = paired(&o);
        double low, high;
        fr_bootstrap_paired(&pairs, 400, 0.95, &rng, &low, &high);
        assert_true(low <= high);
        covered += low <= 0.1 && 0.1 <= high;
        /* The half width of an interval that ignores namings, from the binomial formula. */
        const double effect = fr_paired_effect(&pairs);
        flat_covered += fabs(effect - 0.1) < 1.96 * sqrt((0.4 * 0.6 + 0.5 * 0.5) / (14 * 50));
    }
    assert_in_range(covered, (int)(0.93 * RUNS), (int)(0.995 * RUNS));
    assert_true(flat_covered < covered);
}

static void hierarchical_bootstrap_of_nothing_and_of_one_naming(void **state) {
    (void)state;
    struct outcomes o = {0};
    struct fr_paired pairs = paired(&o);
    struct fr_rng rng;
    double low, high;
    fr_rng_seed(&rng, 1, 2);
    fr_bootstrap_paired(&pairs, 100, 0.95, &rng, &low, &high);
    assert_true(isnan(low) && isnan(high));
    o.n_namings = 1;
    o.n_puzzles[0] = 100;
    for (int k = 0; k < 50; k++)
        o.after[0][k] = 1;
    pairs = paired(&o);
    fr_bootstrap_paired(&pairs, 4000, 0.95, &rng, &low, &high);
    assert_near(low, 0.5 - 1.96 * 0.05, 0.015);
    assert_near(high, 0.5 + 1.96 * 0.05, 0.015);
}

/* By hand: naming 1 gains one of two, naming 2 both; a drawn naming's mean is 0, 1/2, 1 with 1/8,
 * 1/4, 5/8, that of two 0, 1/4 ... with 1/64, 1/16 ... And as draws have it, where namings have as
 * many puzzles, other numbers, and so many that values are rounded. */
static void all_resamples_are_what_draws_come_near_to(void **state) {
    (void)state;
    static const int n_puzzles[][6] = {{20, 20, 20, 20, 20, 20},
                                       {3, 7, 20, 11, 4, 1},
                                       {97, 89, 83, 79, 73, 71}};
    struct outcomes o = {.n_namings = 2, .n_puzzles = {2, 2}};
    struct fr_paired pairs = paired(&o);
    struct fr_rng rng;
    double low, high, drawn_low, drawn_high;
    o.after[0][0] = o.after[1][0] = o.after[1][1] = 1;
    fr_bootstrap_paired_exact(&pairs, 0.95, &low, &high);
    assert_near(low, 0.25, 0);
    assert_near(high, 1, 0);
    fr_bootstrap_paired_exact(&pairs, 0.98, &low, &high);
    assert_near(low, 0, 0);
    for (size_t i = 0; i < sizeof n_puzzles / sizeof *n_puzzles; i++) {
        struct outcomes many = {.n_namings = 6};
        fr_rng_seed(&rng, 106, i);
        for (int k = 0; k < 6; k++) {
            many.n_puzzles[k] = n_puzzles[i][k];
            for (int j = 0; j < n_puzzles[i][k]; j++) {
                many.before[k][j] = fr_rng_uniform(&rng) < 0.4;
                many.after[k][j] = fr_rng_uniform(&rng) < 0.35 + 0.07 * k;
            }
        }
        pairs = paired(&many);
        fr_bootstrap_paired_exact(&pairs, 0.95, &low, &high);
        fr_bootstrap_paired(&pairs, 100000, 0.95, &rng, &drawn_low, &drawn_high);
        assert_near(low, drawn_low, i == 0 ? 1.0 / 120 + 1e-9 : 0.005);
        assert_near(high, drawn_high, i == 0 ? 1.0 / 120 + 1e-9 : 0.005);
    }
    pairs.n_namings = 0;
    fr_bootstrap_paired_exact(&pairs, 0.95, &low, &high);
    assert_true(isnan(low) && isnan(high));
}

static void bootstrap_of_a_mean_covers_it(void **state) {
    (void)state;
    enum { RUNS = 1000, N = 30 };
    struct fr_rng rng;
    int covered = 0;
    for (int r = 0; r < RUNS; r++) {
        fr_rng_seed(&rng, 103, (uint64_t)r);
        double x[N], low, high;
        for (int i = 0; i < N; i++)
            x[i] = 2 + fr_rng_normal(&rng);
        fr_bootstrap_mean(x, N, 400, 0.95, &rng, &low, &high);
        covered += low <= 2 && 2 <= high;
    }
    assert_in_range(covered, 910, 965); /* percentile intervals of 30 units are a little narrow */
}

static void bootstrap_of_a_mean_leaves_missing_values_out(void **state) {
    (void)state;
    const double with[] = {1, NAN, 2, 3, NAN}, without[] = {1, 2, 3};
    double low[2], high[2];
    struct fr_rng rng;
    fr_rng_seed(&rng, 9, 9);
    fr_bootstrap_mean(with, 5, 500, 0.9, &rng, &low[0], &high[0]);
    fr_rng_seed(&rng, 9, 9);
    fr_bootstrap_mean(without, 3, 500, 0.9, &rng, &low[1], &high[1]);
    assert_near(low[0], low[1], 0);
    assert_near(high[0], high[1], 0);
    assert_true(low[0] >= 1 && low[0] < 2 && high[0] > 2 && high[0] <= 3);
}

static void bootstrap_of_fewer_than_two_values_is_nan(void **state) {
    (void)state;
    const double x[] = {1, NAN}, equal[] = {4, 4, 4};
    struct fr_rng rng;
    double low, high;
    fr_rng_seed(&rng, 9, 9);
    for (int n = 0; n <= 2; n++) {
        fr_bootstrap_mean(x, n, 100, 0.95, &rng, &low, &high);
        assert_true(isnan(low) && isnan(high));
    }
    fr_bootstrap_mean(equal, 3, 100, 0.95, &rng, &low, &high);
    assert_near(low, 4, 0);
    assert_near(high, 4, 0);
}

static void the_same_seed_gives_the_same_numbers(void **state) {
    (void)state;
    static struct outcomes o;
    struct fr_rng rng;
    fr_rng_seed(&rng, 104, 0);
    simulate(&o, 5, 20, 0.5, 0.1, 0.1, &rng);
    const struct fr_paired pairs = paired(&o);
    double low[2], high[2], p[2];
    for (int i = 0; i < 2; i++) {
        fr_rng_seed(&rng, 105, 0);
        p[i] = fr_permutation_test(&pairs, 200, &rng);
        fr_bootstrap_paired(&pairs, 200, 0.95, &rng, &low[i], &high[i]);
    }
    assert_near(p[0], p[1], 0);
    assert_near(low[0], low[1], 0);
    assert_near(high[0], high[1], 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_resamples_are_what_draws_come_near_to),
        cmocka_unit_test(effect_is_the_mean_over_namings_of_mean_differences),
        cmocka_unit_test(permutation_p_agrees_with_the_exact_null),
        cmocka_unit_test(permutation_test_keeps_its_size_under_the_null),
        cmocka_unit_test(permutation_test_finds_a_real_effect),
        cmocka_unit_test(permutation_test_of_nothing),
        cmocka_unit_test(hierarchical_bootstrap_covers_the_mean_effect),
        cmocka_unit_test(hierarchical_bootstrap_of_nothing_and_of_one_naming),
        cmocka_unit_test(bootstrap_of_a_mean_covers_it),
        cmocka_unit_test(bootstrap_of_a_mean_leaves_missing_values_out),
        cmocka_unit_test(bootstrap_of_fewer_than_two_values_is_nan),
        cmocka_unit_test(the_same_seed_gives_the_same_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
