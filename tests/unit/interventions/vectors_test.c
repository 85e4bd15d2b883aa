/* The vectors of an intervention and their controls, against what method.md says written out again:
 * sums over namings and concepts, in double, from the raw cells. */
#include "test.h"

#include <string.h>

#include "interventions/interventions.h"

enum { N = 4, A = 9, L = 3, T = 2, D = 64, CLEAN = 3 };

static const struct fr_concepts concepts = {
    .n = A,
    .kinds = {FR_CONCEPT_ACTION, FR_CONCEPT_ACTION, FR_CONCEPT_ACTION, FR_CONCEPT_ACTION,
              FR_CONCEPT_PREDICATE, FR_CONCEPT_PREDICATE, FR_CONCEPT_PREDICATE,
              FR_CONCEPT_PREDICATE, FR_CONCEPT_PREDICATE},
};
static const bool mystery[N] = {true, true, true, false};

static struct fr_reps raw, centred;
static struct fr_vector_source source;
static float out[A][D], other[A][D];
static bool have[A], have_other[A];

/* Random cells with a mean of their own for each kind, naming 2's concept 1 at time 1 missing. */
static int set_up(void **state) {
    (void)state;
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
                        fr_reps_at(&raw, n, a, l, t)[d] =
                            (float)(fr_rng_normal(&rng) + 3 * (int)concepts.kinds[a] + d % 3);
            }
    fr_reps_centre(&raw, &centred);
    source = (struct fr_vector_source){.raw = &raw,
                                       .centred = &centred,
                                       .use = mystery,
                                       .i_clean = CLEAN,
                                       .seed = 99};
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    fr_reps_release(&raw);
    fr_reps_release(&centred);
    return 0;
}

static void make(int naming, int l, int time, enum fr_vector_kind kind,
                 enum fr_vector_control control, double strength) {
    fr_intervention_vectors(&source, naming, "7", l, time, kind, control, strength, out[0], have);
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

/* ---- method.md, written out ------------------------------------------------------------------ */

static bool kind_present(int naming, int concept, int time) {
    for (int a = 0; a < A; a++)
        if (concepts.kinds[a] == concepts.kinds[concept] &&
            !raw.present[(naming * A + a) * T + time])
            return false;
    return true;
}

/* The mean of a kind's cells that are present, of one naming; how many there are. */
static int kind_mean(int naming, int concept, int l, int time, double mean[D]) {
    int n = 0;
    memset(mean, 0, D * sizeof *mean);
    for (int a = 0; a < A; a++)
        if (concepts.kinds[a] == concepts.kinds[concept] &&
            raw.present[(naming * A + a) * T + time]) {
            n++;
            for (int d = 0; d < D; d++)
                mean[d] += (double)fr_reps_at(&raw, naming, a, l, time)[d];
        }
    for (int d = 0; d < D && n > 0; d++)
        mean[d] /= n;
    return n;
}

/* r- (cross) and r_mean of a concept's kind, over mystery namings but leave_out. */
static int means(int leave_out, int concept, int l, int time, double cross[D], double mean[D]) {
    int n_cross = 0, n_mean = 0;
    memset(cross, 0, D * sizeof *cross);
    memset(mean, 0, D * sizeof *mean);
    for (int naming = 0; naming < N; naming++) {
        double own[D];
        if (!mystery[naming] || naming == leave_out)
            continue;
        if (kind_mean(naming, concept, l, time, own) > 0) {
            n_mean++;
            for (int d = 0; d < D; d++)
                mean[d] += own[d];
        }
        if (!kind_present(naming, concept, time))
            continue;
        n_cross++;
        for (int d = 0; d < D; d++)
            cross[d] += (double)fr_reps_at(&raw, naming, concept, l, time)[d] - own[d];
    }
    for (int d = 0; d < D; d++) {
        cross[d] /= n_cross > 0 ? n_cross : 1;
        mean[d] /= n_mean > 0 ? n_mean : 1;
    }
    return n_cross;
}

/* The matched vector; false when it is missing. */
static bool expected(enum fr_vector_kind kind, int naming, int concept, int l, int time,
                     double strength, double want[D]) {
    double cross[D], mean[D], own[D];
    const bool loo = kind == FR_VECTOR_CROSS_LOO || kind == FR_VECTOR_SYMBOLIC_LOO;
    const int n = means(loo ? naming : -1, concept, l, time, cross, mean);
    for (int d = 0; d < D; d++)
        switch (kind) {
        case FR_VECTOR_IN_NAMING:
            (void)kind_mean(naming, concept, l, time, own);
            want[d] = strength * ((double)fr_reps_at(&raw, naming, concept, l, time)[d] - own[d]);
            break;
        case FR_VECTOR_NOISE:
            want[d] = 0;
            break;
        case FR_VECTOR_CROSS_ALL:
        case FR_VECTOR_CROSS_LOO:
            want[d] = strength * cross[d];
            break;
        case FR_VECTOR_SYMBOLIC_ALL:
        case FR_VECTOR_SYMBOLIC_LOO:
            want[d] = mean[d] + strength * cross[d];
            break;
        case FR_VECTOR_CLEAN:
            want[d] = strength * (double)fr_reps_at(&raw, CLEAN, concept, l, time)[d];
            break;
        default:
            want[d] = mean[d];
            break;
        }
    if (kind == FR_VECTOR_IN_NAMING)
        return kind_present(naming, concept, time);
    return kind == FR_VECTOR_MEAN || kind == FR_VECTOR_CLEAN || kind == FR_VECTOR_NOISE || n > 0;
}

static void matched_vectors_are_what_the_method_says(void **state) {
    (void)state;
    static const double strengths[] = {1, 10, 0.5, 0};
    int missing = 0;
    for (int kind = 0; kind < FR_VECTOR_KIND_COUNT; kind++)
        for (int naming = 0; naming < 3; naming++)
            for (int time = 0; time < T; time++)
                for (int l = 0; l < L; l++)
                    for (int s = 0; s < 4; s++) {
                        make(naming, l, time, (enum fr_vector_kind)kind, FR_CONTROL_NONE,
                             strengths[s]);
                        for (int a = 0; a < A; a++) {
                            double want[D];
                            assert_int_equal(have[a], expected((enum fr_vector_kind)kind, naming, a,
                                                               l, time, strengths[s], want));
                            missing += !have[a];
                            for (int d = 0; d < D; d++)
                                assert_near((double)out[a][d], have[a] ? want[d] : 0, 1e-5);
                        }
                    }
    assert_int_equal(missing, 4 * 1 * L * 4); /* naming 2's actions at time 1, in-naming */
}

static void strength_one_leaves_every_bit_of_a_representation(void **state) {
    (void)state;
    make(1, 2, 0, FR_VECTOR_IN_NAMING, FR_CONTROL_NONE, 1);
    for (int a = 0; a < A; a++)
        assert_memory_equal(out[a], fr_reps_at(&centred, 1, a, 2, 0), sizeof out[a]);
    make(1, 2, 0, FR_VECTOR_CLEAN, FR_CONTROL_NONE, 1);
    for (int a = 0; a < A; a++)
        assert_memory_equal(out[a], fr_reps_at(&raw, CLEAN, a, 2, 0), sizeof out[a]);
}

static void clean_vectors_need_the_clean_naming_and_a_whole_kind(void **state) {
    (void)state;
    for (int kind = 0; kind < FR_VECTOR_KIND_COUNT; kind++)
        assert_int_equal(fr_vector_kind_is_clean((enum fr_vector_kind)kind),
                         kind == FR_VECTOR_CLEAN);
    source.i_clean = 2; /* of which one action is missing at time 1 */
    make(0, 1, 1, FR_VECTOR_CLEAN, FR_CONTROL_NONE, 1);
    for (int a = 0; a < A; a++)
        assert_int_equal(have[a], concepts.kinds[a] == FR_CONCEPT_PREDICATE);
    source.i_clean = -1;
    make(0, 1, 0, FR_VECTOR_CLEAN, FR_CONTROL_NONE, 1);
    for (int a = 0; a < A; a++) {
        assert_false(have[a]);
        assert_true(dot(out[a], out[a]) <= 0);
    }
}

static void missing_vectors_are_missing_in_the_controls_too(void **state) {
    (void)state;
    static const bool only_2[N] = {false, false, true, false};
    source.use = only_2;
    for (int control = 0; control < FR_VECTOR_CONTROL_COUNT; control++)
        for (int kind = 0; kind < FR_VECTOR_KIND_COUNT; kind++) {
            make(2, 0, 1, (enum fr_vector_kind)kind, (enum fr_vector_control)control, 1);
            for (int a = 0; a < A; a++) {
                /* nobody is left without naming 2 */
                const bool loo = kind == FR_VECTOR_CROSS_LOO || kind == FR_VECTOR_SYMBOLIC_LOO;
                const bool whole =
                    kind == FR_VECTOR_MEAN || kind == FR_VECTOR_CLEAN || kind == FR_VECTOR_NOISE;
                const bool want = !loo && (whole || concepts.kinds[a] == FR_CONCEPT_PREDICATE);
                /* noise comes with the rows (fr_noise_vector) */
                const bool nothing_left =
                    kind == FR_VECTOR_NOISE ||
                    (control == FR_CONTROL_SINGLE &&
                     !fr_vector_control_applies((enum fr_vector_kind)kind, FR_CONTROL_SINGLE) &&
                     kind != FR_VECTOR_MEAN);
                assert_int_equal(have[a], want);
                assert_int_equal(dot(out[a], out[a]) > 0, want && !nothing_left);
            }
        }
}

static void without_a_naming_of_the_kind_there_is_no_mean(void **state) {
    (void)state;
    static const bool nobody[N];
    for (int a = 0; a < A; a++)
        if (concepts.kinds[a] == FR_CONCEPT_ACTION)
            raw.present[a * T] = false; /* of naming 0 */
    make(1, 1, 0, FR_VECTOR_MEAN, FR_CONTROL_NONE, 1);
    for (int a = 0; a < A; a++)
        assert_true(have[a] && dot(out[a], out[a]) > 0); /* naming 1 and 2 have it */
    static const bool only_0[N] = {true};
    source.use = only_0;
    make(1, 1, 0, FR_VECTOR_MEAN, FR_CONTROL_NONE, 1);
    for (int a = 0; a < A; a++) {
        assert_int_equal(have[a], concepts.kinds[a] == FR_CONCEPT_PREDICATE);
        assert_int_equal(dot(out[a], out[a]) > 0, have[a]);
    }
    source.use = nobody;
    make(1, 1, 0, FR_VECTOR_MEAN, FR_CONTROL_NONE, 1);
    for (int a = 0; a < A; a++)
        assert_false(have[a]);
}

static void shuffled_vectors_are_the_matched_ones_of_another_concept_of_the_kind(void **state) {
    (void)state;
    static const enum fr_vector_kind kinds[] = {FR_VECTOR_IN_NAMING, FR_VECTOR_CROSS_ALL,
                                                FR_VECTOR_CROSS_LOO, FR_VECTOR_SYMBOLIC_LOO,
                                                FR_VECTOR_CLEAN};
    int order[A];
    fr_naming_derange(&concepts, "7", 99, order);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        make(0, 1, 0, kinds[k], FR_CONTROL_NONE, 2);
        memcpy(other, out, sizeof other);
        memcpy(have_other, have, sizeof have);
        make(0, 1, 0, kinds[k], FR_CONTROL_SHUFFLED, 2);
        for (int a = 0; a < A; a++) {
            assert_true(order[a] != a && concepts.kinds[order[a]] == concepts.kinds[a]);
            assert_true(have[a] && have_other[a]);
            /* of a kind r_mean is the same, so it is of symbolic vectors too */
            assert_memory_equal(out[a], other[order[a]], sizeof out[a]);
        }
    }
}

static void controls_of_symbolic_vectors_keep_the_mean(void **state) {
    (void)state;
    static const enum fr_vector_control controls[] = {FR_CONTROL_SHUFFLED, FR_CONTROL_RANDOM,
                                                      FR_CONTROL_SINGLE};
    for (int c = 0; c < 3; c++) {
        make(1, 1, 0, FR_VECTOR_SYMBOLIC_LOO, controls[c], 10);
        for (int a = 0; a < A; a++) {
            double cross[D], mean[D], rest = 0, norm = 0, along = 0;
            (void)means(1, a, 1, 0, cross, mean);
            assert_true(have[a]);
            for (int d = 0; d < D; d++) {
                const double left = (double)out[a][d] - mean[d];
                rest += left * left;
                norm += cross[d] * cross[d];
                along += left * cross[d];
            }
            if (controls[c] == FR_CONTROL_SINGLE) {
                assert_near(sqrt(rest), 0, 1e-5); /* what a concept shares with its kind, only */
                continue;
            }
            if (controls[c] == FR_CONTROL_RANDOM) /* strength times the norm of r- */
                assert_near(sqrt(rest / norm), 10, 1e-3);
            assert_true(fabs(along) < 0.7 * sqrt(rest * norm)); /* and no longer along r- */
        }
    }
}

static void single_vectors_are_those_of_the_ablation(void **state) {
    (void)state;
    make(1, 2, 0, FR_VECTOR_SYMBOLIC_ALL, FR_CONTROL_SINGLE, 20);
    memcpy(other, out, sizeof other);
    make(1, 2, 0, FR_VECTOR_MEAN, FR_CONTROL_NONE, 1);
    assert_memory_equal(out, other, sizeof out);
    for (int a = 1; a < A; a++)
        assert_int_equal(memcmp(out[a], out[a - 1], sizeof out[a]) == 0,
                         concepts.kinds[a] == concepts.kinds[a - 1]);
}

/* Every row has its own, the same whenever it is asked for: mean 0, variance 1, no two alike. */
static void noise_is_of_its_row(void **state) {
    (void)state;
    enum { WIDTH = 4096 };
    static const struct {
        uint64_t seed;
        const char *naming;
        int64_t puzzle;
        int position, layer;
    } rows[] = {{1, "1", 7, 100, 3}, {2, "1", 7, 100, 3}, {1, "2", 7, 100, 3}, {1, "1", 8, 100, 3},
                {1, "1", 7, 101, 3}, {1, "1", 7, 100, 4}, {1, "1", 100, 7, 3}};
    enum { ROWS = sizeof rows / sizeof *rows };
    static float noise[ROWS][WIDTH], again[WIDTH];
    for (int i = 0; i < ROWS; i++) {
        double sum = 0, squares = 0;
        for (int twice = 0; twice < 2; twice++)
            fr_noise_vector(rows[i].seed, rows[i].naming, rows[i].puzzle, rows[i].position,
                            rows[i].layer, WIDTH, twice ? again : noise[i]);
        assert_memory_equal(noise[i], again, sizeof again);
        for (int d = 0; d < WIDTH; d++) {
            sum += (double)noise[i][d];
            squares += (double)noise[i][d] * (double)noise[i][d];
        }
        assert_near(sum / WIDTH, 0, 5 / sqrt(WIDTH));
        assert_near(squares / WIDTH, 1, 5 * sqrt(2.0 / WIDTH));
        for (int k = 0; k < i; k++) {
            double product = 0;
            for (int d = 0; d < WIDTH; d++)
                product += (double)noise[i][d] * (double)noise[k][d];
            assert_near(product / WIDTH, 0, 5 / sqrt(WIDTH));
        }
    }
}

static void controls_apply_where_there_is_something_to_control(void **state) {
    (void)state;
    for (int kind = 0; kind < FR_VECTOR_KIND_COUNT; kind++)
        for (int control = 0; control < FR_VECTOR_CONTROL_COUNT; control++) {
            const bool symbolic = kind == FR_VECTOR_SYMBOLIC_ALL || kind == FR_VECTOR_SYMBOLIC_LOO;
            const bool is_control = kind == FR_VECTOR_MEAN || kind == FR_VECTOR_NOISE;
            const bool want = control == FR_CONTROL_NONE ||
                              (control == FR_CONTROL_SINGLE ? symbolic : !is_control);
            assert_int_equal(fr_vector_control_applies((enum fr_vector_kind)kind,
                                                       (enum fr_vector_control)control),
                             want);
        }
}

static void random_vectors_keep_the_norm_and_nothing_else(void **state) {
    (void)state;
    double sum = 0;
    for (int l = 0; l < L; l++) {
        make(3, l, 0, FR_VECTOR_IN_NAMING, FR_CONTROL_NONE, 1);
        memcpy(other, out, sizeof other);
        make(3, l, 0, FR_VECTOR_IN_NAMING, FR_CONTROL_RANDOM, 1);
        for (int a = 0; a < A; a++) {
            assert_near(sqrt(dot(out[a], out[a]) / dot(other[a], other[a])), 1, 1e-6);
            sum += cosine(out[a], other[a]);
        }
    }
    /* 27 cosines of standard deviation 1/8: four standard deviations of their mean. */
    assert_near(sum / (L * A), 0, 4 * 0.125 / sqrt(L * A));
}

static void random_directions_are_fixed_by_seed_naming_concept_and_layer(void **state) {
    (void)state;
    static const struct {
        int naming;
        const char *id;
        int l, time;
        enum fr_vector_kind kind;
        double strength;
        uint64_t seed;
        bool same;
    } rows[] = {
        {0, "7", 1, 0, FR_VECTOR_IN_NAMING, 1, 99, true},
        {0, "7", 1, 1, FR_VECTOR_CROSS_LOO, 1, 99, true},
        {0, "7", 1, 0, FR_VECTOR_CROSS_ALL, 20, 99, true},
        {0, "7", 1, 0, FR_VECTOR_IN_NAMING, 1, 98, false},
        {0, "8", 1, 0, FR_VECTOR_IN_NAMING, 1, 99, false},
        {0, "7", 2, 0, FR_VECTOR_IN_NAMING, 1, 99, false},
    };
    make(0, 1, 0, FR_VECTOR_IN_NAMING, FR_CONTROL_RANDOM, 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        source.seed = rows[i].seed;
        fr_intervention_vectors(&source, rows[i].naming, rows[i].id, rows[i].l, rows[i].time,
                                rows[i].kind, FR_CONTROL_RANDOM, rows[i].strength, other[0],
                                have_other);
        for (int a = 0; a < A; a++)
            assert_int_equal(cosine(out[a], other[a]) > 0.9, rows[i].same);
    }
    for (int a = 1; a < A; a++)
        assert_true(fabs(cosine(out[0], out[a])) < 0.6);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(matched_vectors_are_what_the_method_says),
        TEST(strength_one_leaves_every_bit_of_a_representation),
        TEST(clean_vectors_need_the_clean_naming_and_a_whole_kind),
        TEST(missing_vectors_are_missing_in_the_controls_too),
        TEST(without_a_naming_of_the_kind_there_is_no_mean),
        TEST(shuffled_vectors_are_the_matched_ones_of_another_concept_of_the_kind),
        TEST(controls_of_symbolic_vectors_keep_the_mean),
        TEST(single_vectors_are_those_of_the_ablation),
        TEST(noise_is_of_its_row),
        TEST(controls_apply_where_there_is_something_to_control),
        TEST(random_vectors_keep_the_norm_and_nothing_else),
        TEST(random_directions_are_fixed_by_seed_naming_concept_and_layer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
