/* Means, r~, r- and r_mean against NumPy (tests/golden/representations), and what must hold of
 * them. */
#include "golden/golden.h"

#include "representations/representations.h"

enum { N = 5, A = 7, L = 2, T = 3, D = 5 };

static const struct fr_concepts concepts = {
    .n = A,
    .kinds = {FR_CONCEPT_ACTION, FR_CONCEPT_ACTION, FR_CONCEPT_ACTION, FR_CONCEPT_PREDICATE,
              FR_CONCEPT_PREDICATE, FR_CONCEPT_PREDICATE, FR_CONCEPT_PREDICATE},
};

/* The sums of make_reps.py. */
static void make_reps(struct fr_reps *reps, int min_mentions) {
    fr_reps_init(reps, &concepts, N, L, T, D);
    for (int n = 0; n < N; n++) {
        struct fr_sums sums;
        fr_sums_init(&sums, FR_SITE_BLOCK, A, L, T, D);
        for (int i = 0; i < A * L * T * D; i++) {
            const uint64_t k = (uint64_t)(n * A * L * T * D + i);
            sums.sums[i] = (double)(uint32_t)(k * 2654435761u) / 2147483648.0 - 1;
        }
        for (int i = 0; i < A * T; i++) {
            const int k = n * A * T + i;
            sums.counts[i] = (7 * k * k + 3 * k) % 11;
        }
        fr_reps_set_naming(reps, n, &sums, min_mentions);
        fr_sums_release(&sums);
    }
}

static void centred_representations_agree_with_numpy(void **state) {
    (void)state;
    struct fr_reps raw, centred;
    make_reps(&raw, 1);
    fr_reps_centre(&raw, &centred);
    struct golden golden;
    golden_open(&golden, "representations/reps.tsv");
    int rows = 0, present = 0;
    while (golden_next(&golden, "centred")) {
        const int n = (int)golden.v[0], a = (int)golden.v[1], l = (int)golden.v[2],
                  t = (int)golden.v[3];
        assert_int_equal(golden.n, 5 + D);
        assert_int_equal(fr_reps_has(&centred, n, a, t), (int)golden.v[4]);
        for (int d = 0; d < D; d++)
            golden_near(&golden, (double)fr_reps_at(&centred, n, a, l, t)[d], golden.v[5 + d],
                        1e-7);
        rows++;
        present += (int)golden.v[4];
    }
    assert_int_equal(rows, N * A * L * T);
    assert_in_range(present, 1, rows - 1);
    fr_reps_release(&raw);
    fr_reps_release(&centred);
}

static void cross_naming_means_agree_with_numpy(void **state) {
    (void)state;
    struct fr_reps raw, centred;
    make_reps(&raw, 1);
    fr_reps_centre(&raw, &centred);
    const bool use[N] = {true, false, true, true, true};
    struct golden golden;
    golden_open(&golden, "representations/reps.tsv");
    int rows = 0;
    while (golden_next(&golden, "cross")) {
        float out[D];
        const int n = fr_reps_cross(&centred, use, (int)golden.v[0], (int)golden.v[1],
                                    (int)golden.v[2], (int)golden.v[3], out);
        assert_int_equal(n, (int)golden.v[4]);
        for (int d = 0; d < D; d++)
            golden_near(&golden, (double)out[d], golden.v[5 + d], 1e-7);
        rows++;
    }
    assert_int_equal(rows, (N + 1) * A * L * T);
    fr_reps_release(&raw);
    fr_reps_release(&centred);
}

static void means_of_a_kind_agree_with_numpy(void **state) {
    (void)state;
    struct fr_reps raw;
    make_reps(&raw, 1);
    const bool use[N] = {true, false, true, true, true};
    struct golden golden;
    golden_open(&golden, "representations/reps.tsv");
    int rows = 0;
    while (golden_next(&golden, "mean")) {
        float out[D];
        const enum fr_concept_kind kind =
            (int)golden.v[1] == 0 ? FR_CONCEPT_ACTION : FR_CONCEPT_PREDICATE;
        const int n = fr_reps_mean(&raw, use, (int)golden.v[0], kind, (int)golden.v[2],
                                   (int)golden.v[3], out);
        assert_int_equal(n, (int)golden.v[4]);
        for (int d = 0; d < D; d++)
            golden_near(&golden, (double)out[d], golden.v[5 + d], 1e-7);
        rows++;
    }
    assert_int_equal(rows, (N + 1) * 2 * L * T);
    fr_reps_release(&raw);
}

/* A naming weighs as much as another however many of its concepts are present; one of which none
 * is does not count, and without any the mean is zero. */
static void a_mean_is_over_concepts_first_and_over_namings_then(void **state) {
    (void)state;
    struct fr_reps raw;
    float out[D];
    make_reps(&raw, 1);
    for (int n = 0; n < N; n++)
        for (int a = 0; a < A; a++) {
            raw.present[(n * A + a) * T] = n == 0 ? a < 3 : n == 1 && a == 1;
            for (int d = 0; d < D; d++)
                fr_reps_at(&raw, n, a, 0, 0)[d] = n == 0 ? 3.0f * (float)a : 10.0f;
        }
    assert_int_equal(fr_reps_mean(&raw, NULL, -1, FR_CONCEPT_ACTION, 0, 0, out), 2);
    for (int d = 0; d < D; d++)
        assert_near((double)out[d], (3.0 + 10.0) / 2, 0); /* (0 + 3 + 6) / 3 and 10 */
    assert_int_equal(fr_reps_mean(&raw, NULL, 1, FR_CONCEPT_ACTION, 0, 0, out), 1);
    assert_near((double)out[0], 3, 0);
    assert_int_equal(fr_reps_mean(&raw, NULL, -1, FR_CONCEPT_PREDICATE, 0, 0, out), 0);
    for (int d = 0; d < D; d++)
        assert_near((double)out[d], 0, 0);
    fr_reps_release(&raw);
}

static void too_few_mentions_make_a_cell_missing_and_zero(void **state) {
    (void)state;
    struct fr_reps reps;
    make_reps(&reps, 4);
    for (int n = 0; n < N; n++)
        for (int a = 0; a < A; a++)
            for (int t = 0; t < T; t++) {
                const int k = (n * A + a) * T + t;
                const int count = (7 * k * k + 3 * k) % 11;
                assert_int_equal(fr_reps_has(&reps, n, a, t), count >= 4);
                for (int d = 0; d < D && count < 4; d++)
                    assert_true(fr_reps_at(&reps, n, a, 0, t)[d] == 0.0f);
            }
    fr_reps_release(&reps);
}

static void a_kind_sums_to_zero_and_is_present_or_missing_as_a_whole(void **state) {
    (void)state;
    struct fr_reps raw, centred;
    make_reps(&raw, 1);
    fr_reps_centre(&raw, &centred);
    int missing = 0;
    for (int n = 0; n < N; n++)
        for (int t = 0; t < T; t++) {
            for (int a = 1; a < A; a++)
                if (concepts.kinds[a] == concepts.kinds[a - 1])
                    assert_int_equal(fr_reps_has(&centred, n, a, t),
                                     fr_reps_has(&centred, n, a - 1, t));
            missing += !fr_reps_has(&centred, n, 0, t);
            for (int d = 0; d < D; d++) {
                double sum = 0;
                for (int a = 0; a < 3; a++)
                    sum += (double)fr_reps_at(&centred, n, a, 1, t)[d];
                assert_near(sum, 0, 1e-6);
            }
        }
    assert_in_range(missing, 1, N * T - 1);
    fr_reps_release(&raw);
    fr_reps_release(&centred);
}

/* all = ((n - 1) loo + target) / n for a target that takes part. */
static void leave_one_out_leaves_out_exactly_the_target(void **state) {
    (void)state;
    struct fr_reps raw, centred;
    make_reps(&raw, 1);
    for (int i = 0; i < N * A * T; i++)
        raw.present[i] = true;
    fr_reps_centre(&raw, &centred);
    for (int target = 0; target < N; target++) {
        float all[D], loo[D];
        assert_int_equal(fr_reps_cross(&centred, NULL, -1, 4, 1, 2, all), N);
        assert_int_equal(fr_reps_cross(&centred, NULL, target, 4, 1, 2, loo), N - 1);
        const float *own = fr_reps_at(&centred, target, 4, 1, 2);
        for (int d = 0; d < D; d++)
            assert_near((double)all[d], ((N - 1) * (double)loo[d] + (double)own[d]) / N, 1e-6);
    }
    fr_reps_release(&raw);
    fr_reps_release(&centred);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(centred_representations_agree_with_numpy),
        cmocka_unit_test(cross_naming_means_agree_with_numpy),
        cmocka_unit_test(means_of_a_kind_agree_with_numpy),
        cmocka_unit_test(a_mean_is_over_concepts_first_and_over_namings_then),
        cmocka_unit_test(too_few_mentions_make_a_cell_missing_and_zero),
        cmocka_unit_test(a_kind_sums_to_zero_and_is_present_or_missing_as_a_whole),
        cmocka_unit_test(leave_one_out_leaves_out_exactly_the_target),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
