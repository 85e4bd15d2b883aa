/* Holm's correction against a table worked by hand and against the definition in NumPy. */
#include "test.h"

#include "golden/golden.h"
#include "statistics/statistics.h"

/* m = 4; sorted 0.005 0.01 0.03 0.04 times 4 3 2 1 = 0.02 0.03 0.06 0.04; the last is raised to
 * 0.06 so that order is kept. */
static void four_values_worked_by_hand(void **state) {
    (void)state;
    const double p[] = {0.01, 0.04, 0.03, 0.005}, want[] = {0.03, 0.06, 0.06, 0.02};
    double adjusted[4];
    fr_holm(p, 4, adjusted);
    for (int i = 0; i < 4; i++)
        assert_near(adjusted[i], want[i], 1e-15);
}

static void families_agree_with_the_definition(void **state) {
    (void)state;
    struct golden g;
    int rows = 0;
    for (golden_open(&g, "statistics/statistics.tsv"); golden_next(&g, "holm"); rows++) {
        const int n = (int)g.v[0];
        double adjusted[GOLDEN_COLUMNS];
        fr_holm(g.v + 1, n, adjusted);
        for (int i = 0; i < n; i++)
            golden_near(&g, adjusted[i], g.v[1 + n + i], 1e-15);
    }
    assert_int_equal(rows, 4);
}

static void missing_values_stay_missing_and_do_not_enlarge_the_family(void **state) {
    (void)state;
    const double p[] = {NAN, 0.01, NAN, 0.02};
    double adjusted[4];
    fr_holm(p, 4, adjusted);
    assert_true(isnan(adjusted[0]) && isnan(adjusted[2]));
    assert_near(adjusted[1], 0.02, 1e-15);
    assert_near(adjusted[3], 0.02, 1e-15);
}

static void adjusted_values_stop_at_one_and_an_empty_family_is_fine(void **state) {
    (void)state;
    const double p[] = {0.9, 0.8}, none[] = {NAN};
    double adjusted[2];
    fr_holm(p, 2, adjusted);
    assert_near(adjusted[0], 1, 0);
    assert_near(adjusted[1], 1, 0);
    fr_holm(none, 1, adjusted);
    assert_true(isnan(adjusted[0]));
    fr_holm(none, 0, adjusted);
}

/* What was run and changed nothing is a test like any other: it makes the others pay. */
static void tests_without_effect_count_in_their_family(void **state) {
    (void)state;
    const double zero[] = {0, 0, 0}, clear[] = {0.25, 0.5, 0.5};
    const double nothing = fr_t_test(zero, 3).p_greater, p = fr_t_test(clear, 3).p_greater;
    const double family[] = {nothing, p, nothing, NAN}, ones[] = {nothing, nothing};
    double adjusted[4];
    fr_holm(family, 4, adjusted);
    assert_near(adjusted[1], 3 * p, 1e-15);
    assert_near(adjusted[0], 1, 0);
    assert_near(adjusted[2], 1, 0);
    assert_true(isnan(adjusted[3]));
    fr_holm(ones, 2, adjusted);
    assert_near(adjusted[0], 1, 0);
    assert_near(adjusted[1], 1, 0);
    fr_holm(&p, 1, adjusted);
    assert_near(adjusted[0], p, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tests_without_effect_count_in_their_family),
        cmocka_unit_test(four_values_worked_by_hand),
        cmocka_unit_test(families_agree_with_the_definition),
        cmocka_unit_test(missing_values_stay_missing_and_do_not_enlarge_the_family),
        cmocka_unit_test(adjusted_values_stop_at_one_and_an_empty_family_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
