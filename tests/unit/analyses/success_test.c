/* Solved against failed traces, against NumPy (golden/analyses/success.tsv) on the golden tensor,
 * and on planted ones: failed traces that are refined as the solved ones make no difference, those
 * whose concepts are mixed up do. */
#include "test.h"

#include "analyses/analyses.h"
#include "golden/golden.h"
#include "golden_tensor.h"

#define TABLE "analyses/success.tsv"
enum { SOLVED = 1000003, FAILED = 2000000 };

/* One layer of the golden tensor, centred; with mixed, a concept has the rows of the next of its
 * kind, another number of places on in every naming. */
static void side_init(struct fr_reps *out, const struct fr_concepts *concepts, uint32_t offset,
                      int l, bool mixed) {
    struct fr_reps raw, one;
    golden_tensor_init_from(&raw, concepts, offset);
    fr_reps_init(&one, concepts, GT_N, 1, GT_T, GT_D);
    one.first_layer = l;
    for (int n = 0; n < GT_N; n++)
        for (int a = 0; a < GT_A; a++)
            for (int t = 0; t < GT_T; t++) {
                const int first = a < 4 ? 0 : 4, of = a < 4 ? 4 : 5;
                const int from = mixed ? first + (a - first + 1 + n % (of - 1)) % of : a;
                *present_of(&one, n, a, t) = *present_of(&raw, n, from, t);
                memcpy(fr_reps_at(&one, n, a, 0, t), fr_reps_at(&raw, n, from, l, t),
                       GT_D * sizeof(float));
            }
    fr_reps_centre(&one, out);
    out->first_layer = l;
    fr_reps_release(&one);
    fr_reps_release(&raw);
}

static void run(const struct fr_concepts *concepts, int l, bool mixed,
                struct fr_curves out[FR_CONCEPT_KIND_COUNT][FR_SUCCESS_CURVES]) {
    struct fr_reps all, solved, failed;
    side_init(&all, concepts, 0, l, false);
    side_init(&solved, concepts, SOLVED, l, false);
    side_init(&failed, concepts, FAILED, l, mixed);
    const struct fr_reps *const sides[] = {&solved, &failed};
    fr_success_run(sides, &all, golden_use, GT_REFERENCE, out);
    fr_reps_release(&all);
    fr_reps_release(&solved);
    fr_reps_release(&failed);
}

static void release(struct fr_curves curves[FR_CONCEPT_KIND_COUNT][FR_SUCCESS_CURVES]) {
    for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++)
        for (int k = 0; k < FR_SUCCESS_CURVES; k++)
            fr_curves_release(&curves[kind][k]);
}

static void curves_and_difference_agree_with_numpy(void **state) {
    (void)state;
    const struct fr_concepts concepts = concepts_of(4, 5);
    struct golden g;
    int rows = 0;
    for (int l = 0; l < GT_L; l++) {
        struct fr_curves curves[FR_CONCEPT_KIND_COUNT][FR_SUCCESS_CURVES];
        run(&concepts, l, false, curves);
        for (golden_open(&g, TABLE); golden_next(&g, "success");) {
            if ((int)g.v[0] != l)
                continue;
            const struct fr_curves *c = &curves[(int)g.v[1]][(int)g.v[3]];
            assert_int_equal(g.n, 4 + c->n_namings);
            for (int i = 0; i < c->n_namings; i++)
                golden_near(&g, c->values[(int)g.v[2] * c->n_namings + i], g.v[4 + i], 2e-6);
            rows++;
        }
        release(curves);
    }
    assert_int_equal(rows, GT_L * 2 * GT_T * 3);
}

static void only_failed_traces_that_are_not_refined_make_a_difference(void **state) {
    (void)state;
    const struct fr_concepts concepts = concepts_of(4, 5);
    for (int mixed = 0; mixed < 2; mixed++) {
        struct fr_curves curves[FR_CONCEPT_KIND_COUNT][FR_SUCCESS_CURVES];
        run(&concepts, GT_L - 1, mixed == 1, curves);
        for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++) {
            const struct fr_estimate d =
                fr_curve_at(&curves[kind][FR_SUCCESS_SIDES], GT_REFERENCE, false);
            if (mixed == 1)
                assert_true(d.low > 0.3);
            else
                assert_true(fabs(d.value) < 0.1);
        }
        release(curves);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves_and_difference_agree_with_numpy),
        cmocka_unit_test(only_failed_traces_that_are_not_refined_make_a_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
