/* The vectors of an intervention and their controls. */
#include "test.h"

#include <string.h>

#include "interventions/interventions.h"

enum { N = 4, A = 9, L = 3, T = 2, D = 64 };

static const struct fr_concepts concepts = {
    .n = A,
    .kinds = {FR_CONCEPT_ACTION, FR_CONCEPT_ACTION, FR_CONCEPT_ACTION, FR_CONCEPT_ACTION,
              FR_CONCEPT_PREDICATE, FR_CONCEPT_PREDICATE, FR_CONCEPT_PREDICATE,
              FR_CONCEPT_PREDICATE, FR_CONCEPT_PREDICATE},
};

/* Random cells, naming 2's actions at time 1 missing, all centred. */
static void make_centred(struct fr_reps *centred) {
    struct fr_reps raw;
    struct fr_rng rng;
    fr_rng_seed(&rng, 5, 5);
    fr_reps_init(&raw, &concepts, N, L, T, D);
    for (int n = 0; n < N; n++)
        for (int a = 0; a < A; a++)
            for (int t = 0; t < T; t++) {
                const bool present = !(n == 2 && a == 1 && t == 1);
                raw.present[(n * A + a) * T + t] = present;
                for (int l = 0; l < L; l++)
                    for (int d = 0; d < D && present; d++)
                        fr_reps_at(&raw, n, a, l, t)[d] = (float)fr_rng_normal(&rng);
            }
    fr_reps_centre(&raw, centred);
    fr_reps_release(&raw);
}

static double dot(const float *x, const float *y) {
    double sum = 0;
    for (int d = 0; d < D; d++)
        sum += (double)x[d] * (double)y[d];
    return sum;
}

static double cosine(const float *x, const float *y) {
    return dot(x, y) / sqrt(dot(x, x) * dot(y, y));
}

static void matched_vectors_are_the_representations(void **state) {
    (void)state;
    struct fr_reps reps;
    make_centred(&reps);
    const bool use[N] = {true, true, true, false};
    float out[A][D], want[D];
    bool have[A];
    for (int kind = 0; kind < FR_VECTOR_KIND_COUNT; kind++) {
        fr_intervention_vectors(&reps, use, 1, "x", 2, 0, (enum fr_vector_kind)kind,
                                FR_CONTROL_NONE, 1, out[0], have);
        for (int a = 0; a < A; a++) {
            assert_true(have[a]);
            if (kind == FR_VECTOR_IN_NAMING)
                memcpy(want, fr_reps_at(&reps, 1, a, 2, 0), sizeof want);
            else
                assert_int_equal(fr_reps_cross(&reps, use, kind == FR_VECTOR_CROSS_LOO ? 1 : -1, a,
                                               2, 0, want),
                                 kind == FR_VECTOR_CROSS_LOO ? 2 : 3);
            assert_memory_equal(out[a], want, sizeof want);
        }
    }
    fr_reps_release(&reps);
}

static void missing_vectors_are_missing_in_the_controls_too(void **state) {
    (void)state;
    struct fr_reps reps;
    make_centred(&reps);
    const bool only_2[N] = {false, false, true, false};
    float out[A][D];
    bool have[A];
    for (int control = 0; control < FR_VECTOR_CONTROL_COUNT; control++)
        for (int kind = 0; kind < FR_VECTOR_KIND_COUNT; kind++) {
            fr_intervention_vectors(&reps, only_2, 2, "x", 0, 1, (enum fr_vector_kind)kind,
                                    (enum fr_vector_control)control, 1, out[0], have);
            for (int a = 0; a < A; a++) {
                const bool want = concepts.kinds[a] == FR_CONCEPT_PREDICATE &&
                                  kind != FR_VECTOR_CROSS_LOO; /* nobody is left without naming 2 */
                assert_int_equal(have[a], want);
                assert_int_equal(dot(out[a], out[a]) > 0, want);
            }
        }
    fr_reps_release(&reps);
}

static void shuffled_vectors_are_the_matched_ones_of_another_concept_of_the_kind(void **state) {
    (void)state;
    struct fr_reps reps;
    make_centred(&reps);
    float matched[A][D], shuffled[A][D];
    bool have[A], have_shuffled[A];
    int order[A];
    fr_naming_derange(&concepts, "7", 99, order);
    fr_intervention_vectors(&reps, NULL, 0, "7", 1, 0, FR_VECTOR_CROSS_LOO, FR_CONTROL_NONE, 99,
                            matched[0], have);
    fr_intervention_vectors(&reps, NULL, 0, "7", 1, 0, FR_VECTOR_CROSS_LOO, FR_CONTROL_SHUFFLED, 99,
                            shuffled[0], have_shuffled);
    for (int a = 0; a < A; a++) {
        assert_true(order[a] != a && concepts.kinds[order[a]] == concepts.kinds[a]);
        assert_true(have[a] && have_shuffled[a]);
        assert_memory_equal(shuffled[a], matched[order[a]], sizeof shuffled[a]);
    }
    fr_reps_release(&reps);
}

static void random_vectors_keep_the_norm_and_nothing_else(void **state) {
    (void)state;
    struct fr_reps reps;
    make_centred(&reps);
    float matched[A][D], drawn[A][D];
    bool have[A];
    double sum = 0;
    for (int l = 0; l < L; l++) {
        fr_intervention_vectors(&reps, NULL, 3, "7", l, 0, FR_VECTOR_IN_NAMING, FR_CONTROL_NONE, 99,
                                matched[0], have);
        fr_intervention_vectors(&reps, NULL, 3, "7", l, 0, FR_VECTOR_IN_NAMING, FR_CONTROL_RANDOM,
                                99, drawn[0], have);
        for (int a = 0; a < A; a++) {
            assert_near(sqrt(dot(drawn[a], drawn[a]) / dot(matched[a], matched[a])), 1, 1e-6);
            sum += cosine(drawn[a], matched[a]);
        }
    }
    /* 27 cosines of standard deviation 1/8: four standard deviations of their mean. */
    assert_near(sum / (L * A), 0, 4 * 0.125 / sqrt(L * A));
    fr_reps_release(&reps);
}

static void random_directions_are_fixed_by_seed_naming_concept_and_layer(void **state) {
    (void)state;
    struct fr_reps reps;
    make_centred(&reps);
    float first[A][D], other[A][D];
    bool have[A];
    const struct {
        int naming;
        const char *id;
        int l, time;
        enum fr_vector_kind kind;
        uint64_t seed;
        bool same;
    } rows[] = {
        {0, "7", 1, 0, FR_VECTOR_IN_NAMING, 99, true},
        {0, "7", 1, 1, FR_VECTOR_CROSS_LOO, 99, true},
        {0, "7", 1, 0, FR_VECTOR_IN_NAMING, 98, false},
        {0, "8", 1, 0, FR_VECTOR_IN_NAMING, 99, false},
        {0, "7", 2, 0, FR_VECTOR_IN_NAMING, 99, false},
    };
    fr_intervention_vectors(&reps, NULL, 0, "7", 1, 0, FR_VECTOR_IN_NAMING, FR_CONTROL_RANDOM, 99,
                            first[0], have);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fr_intervention_vectors(&reps, NULL, rows[i].naming, rows[i].id, rows[i].l, rows[i].time,
                                rows[i].kind, FR_CONTROL_RANDOM, rows[i].seed, other[0], have);
        for (int a = 0; a < A; a++)
            assert_int_equal(cosine(first[a], other[a]) > 0.9, rows[i].same);
    }
    for (int a = 1; a < A; a++)
        assert_true(fabs(cosine(first[0], first[a])) < 0.6);
    fr_reps_release(&reps);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matched_vectors_are_the_representations),
        cmocka_unit_test(missing_vectors_are_missing_in_the_controls_too),
        cmocka_unit_test(shuffled_vectors_are_the_matched_ones_of_another_concept_of_the_kind),
        cmocka_unit_test(random_vectors_keep_the_norm_and_nothing_else),
        cmocka_unit_test(random_directions_are_fixed_by_seed_naming_concept_and_layer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
