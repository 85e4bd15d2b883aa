/* Wilson's interval and the exact McNemar test against SciPy (golden/statistics/statistics.tsv). */
#include "test.h"

#include "golden/golden.h"
#include "statistics/statistics.h"

static void wilson_agrees_with_scipy(void **state) {
    (void)state;
    struct golden g;
    int rows = 0;
    for (golden_open(&g, "statistics/statistics.tsv"); golden_next(&g, "wilson"); rows++) {
        double low, high;
        fr_wilson((int)g.v[0], (int)g.v[1], g.v[2], &low, &high);
        golden_near(&g, low, g.v[3], 1e-12);
        golden_near(&g, high, g.v[4], 1e-12);
    }
    assert_int_equal(rows, 27);
}

static void wilson_of_nothing_is_the_whole_range(void **state) {
    (void)state;
    double low, high;
    fr_wilson(0, 0, 0.95, &low, &high);
    assert_near(low, 0, 0);
    assert_near(high, 1, 0);
}

static void mcnemar_agrees_with_binomtest(void **state) {
    (void)state;
    struct golden g;
    int rows = 0;
    for (golden_open(&g, "statistics/statistics.tsv"); golden_next(&g, "mcnemar"); rows++) {
        const struct fr_mcnemar r = fr_mcnemar((int)g.v[0], (int)g.v[1]);
        golden_near(&g, r.p_two_sided, g.v[2], 1e-12);
        golden_near(&g, r.p_greater, g.v[3], 1e-12);
    }
    assert_int_equal(rows, 11);
}

static void mcnemar_is_symmetric_in_gains_and_losses(void **state) {
    (void)state;
    for (int gained = 0; gained < 12; gained++)
        for (int lost = 0; lost < 12; lost++)
            assert_near(fr_mcnemar(gained, lost).p_two_sided, fr_mcnemar(lost, gained).p_two_sided,
                        0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wilson_agrees_with_scipy),
        cmocka_unit_test(wilson_of_nothing_is_the_whole_range),
        cmocka_unit_test(mcnemar_agrees_with_binomtest),
        cmocka_unit_test(mcnemar_is_symmetric_in_gains_and_losses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
