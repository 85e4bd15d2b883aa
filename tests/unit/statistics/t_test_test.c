/* The t-test against SciPy (golden/statistics/statistics.tsv) and against the paper's table 5. */
#include "test.h"

#include "golden/golden.h"
#include "statistics/statistics.h"

static double relative(double x) { return 1e-9 * fmax(1, fabs(x)); }

static void samples_agree_with_scipy(void **state) {
    (void)state;
    struct golden g;
    int rows = 0;
    for (golden_open(&g, "statistics/statistics.tsv"); golden_next(&g, "t_test"); rows++) {
        const int n = (int)g.v[0];
        const struct fr_t_test r = fr_t_test(g.v + 1, n);
        const double *want = g.v + 1 + n;
        assert_int_equal(r.n, n);
        golden_near(&g, r.mean, want[0], relative(want[0]));
        golden_near(&g, r.standard_error, want[1], 1e-12);
        golden_near(&g, r.t, want[2], relative(want[2]));
        golden_near(&g, r.p_greater, want[3], 1e-12);
        golden_near(&g, r.p_two_sided, want[4], 1e-12);
    }
    assert_int_equal(rows, 7);
}

static void summaries_agree_with_scipy(void **state) {
    (void)state;
    struct golden g;
    int rows = 0;
    for (golden_open(&g, "statistics/statistics.tsv"); golden_next(&g, "summary"); rows++) {
        const struct fr_t_test r = fr_t_test_summary(g.v[0], g.v[1], (int)g.v[2]);
        golden_near(&g, r.t, g.v[3], 1e-12);
        golden_near(&g, r.p_greater, g.v[4], 1e-12);
        golden_near(&g, r.p_two_sided, g.v[5], 1e-12);
    }
    assert_int_equal(rows, 5);
}

/* The paper prints mean and standard error to two decimals, so t and p agree to that. */
static void table_5_of_the_paper_is_reproduced(void **state) {
    (void)state;
    const struct fr_t_test a = fr_t_test_summary(1.57, 0.84, 14);
    assert_near(a.t, 1.88, 0.02);
    assert_near(a.p_greater, 0.042, 0.001);
    const struct fr_t_test b = fr_t_test_summary(1.43, 0.64, 14);
    assert_near(b.p_greater, 0.021, 0.001);
}

static void missing_values_are_left_out_and_not_counted(void **state) {
    (void)state;
    const double with[] = {NAN, 1, 2, NAN, 4}, without[] = {1, 2, 4};
    const struct fr_t_test a = fr_t_test(with, 5), b = fr_t_test(without, 3);
    assert_int_equal(a.n, 3);
    assert_near(a.t, b.t, 0);
    assert_near(a.p_greater, b.p_greater, 0);
}

static void without_values_everything_is_nan(void **state) {
    (void)state;
    const double x[] = {NAN, NAN};
    for (int n = 0; n <= 2; n++) {
        const struct fr_t_test r = fr_t_test(x, n);
        assert_int_equal(r.n, 0);
        assert_true(isnan(r.mean) && isnan(r.standard_error) && isnan(r.t));
        assert_true(isnan(r.p_greater) && isnan(r.p_two_sided));
    }
}

static void one_value_has_a_mean_and_nothing_else(void **state) {
    (void)state;
    const double x[] = {3};
    const struct fr_t_test r = fr_t_test(x, 1);
    assert_int_equal(r.n, 1);
    assert_near(r.mean, 3, 0);
    assert_true(isnan(r.standard_error) && isnan(r.t) && isnan(r.p_greater) &&
                isnan(r.p_two_sided));
}

static void equal_values_have_the_p_of_flipped_signs(void **state) {
    (void)state;
    const double up[] = {0.1, 0.1, 0.1}, down[] = {-0.1, -0.1, -0.1}, zero[] = {0, 0, NAN, -0.0};
    struct fr_t_test r = fr_t_test(up, 3);
    assert_near(r.standard_error, 0, 0);
    assert_near(r.t, INFINITY, 0);
    assert_near(r.p_greater, 1.0 / 8, 0);
    assert_near(r.p_two_sided, 1.0 / 4, 0);
    r = fr_t_test(up, 2);
    assert_near(r.p_greater, 1.0 / 4, 0);
    r = fr_t_test(down, 3);
    assert_near(r.t, -INFINITY, 0);
    assert_near(r.p_greater, 1, 0);
    assert_near(r.p_two_sided, 1.0 / 4, 0);
    r = fr_t_test(zero, 4);
    assert_int_equal(r.n, 3);
    assert_near(r.mean, 0, 0);
    assert_true(isnan(r.t));
    assert_near(r.p_greater, 1, 0);
    assert_near(r.p_two_sided, 1, 0);
}

static void equal_up_to_rounding_is_equal_and_small_is_not(void **state) {
    (void)state;
    const double rounded[] = {0.9 - 0.8, 0.4 - 0.3, 0.3 - 0.2, 0.7 - 0.6};
    const double tiny[] = {1e-180, 2e-180}, huge[] = {1e200, 2e200}, near[] = {1, 1 + 1e-9};
    struct fr_t_test r = fr_t_test(rounded, 4);
    assert_near(r.mean, 0.1, 1e-15);
    assert_near(r.standard_error, 0, 0);
    assert_near(r.p_greater, 1.0 / 16, 0);
    r = fr_t_test(tiny, 2);
    assert_near(r.t, 3, 1e-12);
    assert_near(r.p_two_sided, 0.2048327646991335, 1e-12); /* 2 atan(1/3) / pi */
    r = fr_t_test(huge, 2);
    assert_near(r.t, 3, 1e-12);
    r = fr_t_test(near, 2);
    assert_true(r.standard_error > 0);
}

static void detectable_effect_follows_the_formula_and_stays_near_the_exact_one(void **state) {
    (void)state;
    struct golden g;
    int rows = 0;
    for (golden_open(&g, "statistics/statistics.tsv"); golden_next(&g, "effect"); rows++) {
        const double effect = fr_minimal_detectable_effect(g.v[0], (int)g.v[1], g.v[2], g.v[3]);
        golden_near(&g, effect, g.v[4], 1e-7); /* GSL inverts the t distribution to that */
        golden_near(&g, effect / g.v[5], 1, 0.012);
    }
    assert_int_equal(rows, 4);
    assert_true(isnan(fr_minimal_detectable_effect(1, 1, 0.05, 0.8)));
    assert_true(isnan(fr_minimal_detectable_effect(NAN, 14, 0.05, 0.8)));
    assert_near(fr_minimal_detectable_effect(0, 14, 0.05, 0.8), 0, 0);
}

/* Power by simulation: an effect of the detectable size is found 80% of the time. */
static void detectable_effect_is_detected_as_often_as_promised(void **state) {
    (void)state;
    enum { N = 14, RUNS = 4000 };
    struct fr_rng rng;
    fr_rng_seed(&rng, 5, 1);
    const double effect = fr_minimal_detectable_effect(1 / sqrt(N), N, 0.05, 0.8);
    int found = 0;
    for (int r = 0; r < RUNS; r++) {
        double x[N];
        for (int i = 0; i < N; i++)
            x[i] = effect + fr_rng_normal(&rng);
        found += fr_t_test(x, N).p_greater < 0.05;
    }
    assert_near((double)found / RUNS, 0.8, 0.03);
}

static void an_interval_of_two_errors_agrees_with_scipy(void **state) {
    (void)state;
    struct golden g;
    int rows = 0;
    double low, high;
    for (golden_open(&g, "statistics/statistics.tsv"); golden_next(&g, "welch"); rows++) {
        fr_welch_interval(g.v[4], g.v[0], (int)g.v[1], g.v[2], (int)g.v[3], 0.95, &low, &high);
        golden_near(&g, low, g.v[5], 1e-9);
        golden_near(&g, high, g.v[6], 1e-9);
    }
    assert_int_equal(rows, 4);
    fr_welch_interval(0.1, 0, 5, 0, 5, 0.95, &low, &high);
    assert_true(isnan(low) && isnan(high));
    fr_welch_interval(0.1, 0.2, 5, NAN, 5, 0.95, &low, &high);
    assert_true(isnan(low) && isnan(high));
    fr_welch_interval(0.1, 0.2, 1, 0.1, 5, 0.95, &low, &high);
    assert_true(isnan(low) && isnan(high));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interval_of_two_errors_agrees_with_scipy),
        cmocka_unit_test(samples_agree_with_scipy),
        cmocka_unit_test(summaries_agree_with_scipy),
        cmocka_unit_test(table_5_of_the_paper_is_reproduced),
        cmocka_unit_test(missing_values_are_left_out_and_not_counted),
        cmocka_unit_test(without_values_everything_is_nan),
        cmocka_unit_test(one_value_has_a_mean_and_nothing_else),
        cmocka_unit_test(equal_values_have_the_p_of_flipped_signs),
        cmocka_unit_test(equal_up_to_rounding_is_equal_and_small_is_not),
        cmocka_unit_test(detectable_effect_follows_the_formula_and_stays_near_the_exact_one),
        cmocka_unit_test(detectable_effect_is_detected_as_often_as_promised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
