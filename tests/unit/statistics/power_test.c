/* The simulated power: against verdicts drawn here, against the formula where there is one, and at
 * the ends, where formulas are wrong. A small version of bench/calibration.c. */
#include "test.h"

#include <stdbool.h>

#include "statistics/power.h"
#include "statistics/statistics.h"

enum { NAMINGS = 10, PUZZLES = 40, STUDIES = 600 };

static const double level = 0.05;

static struct fr_design design(double *accuracy, double value, double churn, double spread) {
    for (int i = 0; i < NAMINGS; i++)
        accuracy[i] = value;
    return (struct fr_design){NAMINGS, PUZZLES, accuracy, churn, spread};
}

/* Shares of STUDIES studies, drawn verdict by verdict, in which each test finds something. */
static void draw_studies(double effect, double churn, double spread, uint64_t seed,
                         double found[FR_POWER_TEST_COUNT]) {
    struct fr_rng rng;
    fr_rng_seed(&rng, seed, 9);
    for (int k = 0; k < FR_POWER_TEST_COUNT; k++)
        found[k] = 0;
    for (int s = 0; s < STUDIES; s++) {
        double x[NAMINGS], alone, most;
        int gained = 0, lost = 0;
        for (int i = 0; i < NAMINGS; i++) {
            const double own = effect + spread * fr_rng_normal(&rng);
            int sum = 0;
            for (int k = 0; k < PUZZLES; k++) {
                const bool solved = fr_rng_uniform(&rng) < 0.5;
                const double share = churn / 2 + fmax(0, solved ? -own : own);
                if (fr_rng_uniform(&rng) < 2 * share) { /* of the half that can */
                    gained += !solved;
                    lost += solved;
                    sum += solved ? -1 : 1;
                }
            }
            x[i] = (double)sum / PUZZLES;
        }
        fr_flip_test(x, 1, NAMINGS, 0, NULL, &alone, &most);
        const struct fr_mcnemar m = fr_mcnemar(gained, lost);
        found[FR_POWER_T] += (fr_t_test(x, NAMINGS).p_greater <= level) / (double)STUDIES;
        found[FR_POWER_FLIPS] += (alone <= level) / (double)STUDIES;
        found[FR_POWER_PAIRS] += (m.p_greater <= level) / (double)STUDIES;
        found[FR_POWER_MCNEMAR] += (gained > lost && m.p_two_sided <= level) / (double)STUDIES;
    }
}

static void promised_power_is_what_drawn_studies_have(void **state) {
    (void)state;
    static const struct { double churn, spread; } cases[] = {{0.1, 0}, {0.2, 0.08}};
    for (size_t c = 0; c < 2; c++) {
        double accuracy[NAMINGS], detectable[FR_POWER_TEST_COUNT][FR_POWER_LEVELS];
        const struct fr_design d = design(accuracy, 0.5, cases[c].churn, cases[c].spread);
        fr_power_detectable(&d, 0.8, &level, 1, STUDIES, 1, detectable);
        for (int k = 0; k < FR_POWER_TEST_COUNT; k++) {
            double found[FR_POWER_TEST_COUNT];
            draw_studies(detectable[k][0], cases[c].churn, cases[c].spread, 5, found);
            print_message("churn %.2f spread %.2f: %s finds %.3f in %.3f\n", cases[c].churn,
                          cases[c].spread, fr_power_test_name[k], detectable[k][0], found[k]);
            /* three standard errors of two simulations */
            assert_near(found[k], 0.8, 3 * sqrt(2 * 0.8 * 0.2 / STUDIES));
        }
    }
}

static void
without_effect_tests_keep_their_level_but_those_of_pairs_where_namings_spread(void **state) {
    (void)state;
    double accuracy[NAMINGS];
    struct fr_power power;
    const double tolerance = 3 * sqrt(0.05 * 0.95 / 2000);
    struct fr_design d = design(accuracy, 0.5, 0.15, 0);
    fr_power_simulate(&d, 0, &level, 1, 2000, 2, &power);
    assert_near(power.effect, 0, 1e-12);
    assert_near(power.found[FR_POWER_T][0], 0.05, tolerance);
    /* sums of few pairs are equal now and then, and a tie is a hit: exact tests stay below */
    assert_in_range((int)(1000 * power.found[FR_POWER_FLIPS][0]), 25, 65);
    assert_in_range((int)(1000 * power.found[FR_POWER_PAIRS][0]), 20, 65);
    assert_true(power.found[FR_POWER_MCNEMAR][0] <= 0.025 + tolerance);
    d.spread = 0.1;
    fr_power_simulate(&d, 0, &level, 1, 2000, 2, &power);
    assert_near(power.found[FR_POWER_T][0], 0.05, tolerance);
    assert_near(power.found[FR_POWER_FLIPS][0], 0.05, tolerance);
    assert_true(power.found[FR_POWER_PAIRS][0] > 0.1);
}

static void the_t_test_is_near_its_formula(void **state) {
    (void)state;
    double accuracy[NAMINGS], detectable[FR_POWER_TEST_COUNT][FR_POWER_LEVELS];
    const struct fr_design d = design(accuracy, 0.5, 0.2, 0.05);
    fr_power_detectable(&d, 0.8, &level, 1, 1500, 3, detectable);
    /* the effect itself changes verdicts, too: a little more noise than without */
    const double e = detectable[FR_POWER_T][0];
    const double error = sqrt((0.05 * 0.05 + (0.2 + e - e * e) / PUZZLES) / NAMINGS);
    assert_near(e / fr_minimal_detectable_effect(error, NAMINGS, 0.05, 0.8), 1, 0.07);
}

static void more_is_found_of_more_and_less_at_a_stricter_level(void **state) {
    (void)state;
    const double levels[] = {0.05, 0.05 / 20};
    double accuracy[NAMINGS], detectable[FR_POWER_TEST_COUNT][FR_POWER_LEVELS];
    struct fr_power small, large;
    const struct fr_design d = design(accuracy, 0.4, 0.1, 0.02);
    fr_power_simulate(&d, 0.03, levels, 2, 300, 4, &small);
    fr_power_simulate(&d, 0.06, levels, 2, 300, 4, &large);
    fr_power_detectable(&d, 0.8, levels, 2, 300, 4, detectable);
    for (int k = 0; k < FR_POWER_TEST_COUNT; k++) {
        assert_true(large.found[k][0] > small.found[k][0]);
        assert_true(large.found[k][1] <= large.found[k][0]);
        assert_true(detectable[k][1] > detectable[k][0]);
        assert_true(isnan(detectable[k][2])); /* no such level */
    }
}

static void what_cannot_be_found_is_never(void **state) {
    (void)state;
    const double levels[] = {0.05, 0.05 / 60};
    double accuracy[NAMINGS], detectable[FR_POWER_TEST_COUNT][FR_POWER_LEVELS];
    struct fr_power power;
    struct fr_design d = design(accuracy, 1, 0.2, 0); /* nothing to gain */
    fr_power_simulate(&d, 0.2, levels, 1, 100, 6, &power);
    assert_near(power.effect, 0, 0);
    fr_power_detectable(&d, 0.8, levels, 1, 100, 6, detectable);
    for (int k = 0; k < FR_POWER_TEST_COUNT; k++)
        assert_true(isnan(detectable[k][0]));
    /* the smallest p of flips is 2^-n: never of four namings, never in a family of 60 of ten */
    d = design(accuracy, 0.3, 0.1, 0);
    fr_power_detectable(&d, 0.8, levels, 2, 100, 6, detectable);
    assert_true(isfinite(detectable[FR_POWER_FLIPS][0]));
    assert_true(isnan(detectable[FR_POWER_FLIPS][1]));
    d.n_namings = 4;
    fr_power_detectable(&d, 0.8, levels, 1, 100, 6, detectable);
    assert_true(isnan(detectable[FR_POWER_FLIPS][0]));
    assert_true(isfinite(detectable[FR_POWER_T][0]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(promised_power_is_what_drawn_studies_have),
        cmocka_unit_test(
            without_effect_tests_keep_their_level_but_those_of_pairs_where_namings_spread),
        cmocka_unit_test(the_t_test_is_near_its_formula),
        cmocka_unit_test(more_is_found_of_more_and_less_at_a_stricter_level),
        cmocka_unit_test(what_cannot_be_found_is_never),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
