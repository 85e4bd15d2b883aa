/* What attention and the MLP add along the direction of refinement, against NumPy
 * (golden/analyses/mechanism.tsv), and on planted arrays: where only attention of one layer moves,
 * it alone is found; of noise p is what it says. */
#include "test.h"

#include <stdlib.h>

#include "analyses/analyses.h"
#include "golden/golden.h"
#include "golden_estimate.h"
#include "golden_tensor.h"

#define TABLE "analyses/mechanism.tsv"
enum { RESAMPLES = 300 };

static const double TOLERANCE = 1e-5; /* r~ are floats */

static void projections_agree_with_numpy(void **state) {
    (void)state;
    static const uint32_t offsets[] = {0, 5000000, 6000000};
    const struct fr_concepts concepts = concepts_of(4, 5);
    struct fr_reps parts[3];
    struct fr_mechanism m[GT_L][2];
    struct golden g;
    int n = 0;
    for (int i = 0; i < 3; i++) {
        struct fr_reps raw;
        golden_tensor_init_from(&raw, &concepts, offsets[i]);
        fr_reps_centre(&raw, &parts[i]);
        fr_reps_release(&raw);
    }
    for (int l = 0; l < GT_L; l++)
        for (int kind = 0; kind < 2; kind++)
            fr_mechanism_run(&(struct fr_mechanism_ask){.after = &parts[0],
                                                        .attention = &parts[1],
                                                        .mlp = &parts[2],
                                                        .use = golden_use,
                                                        .l = l,
                                                        .reference_time = GT_REFERENCE,
                                                        .kind = (enum fr_concept_kind)kind,
                                                        .n_resamples = RESAMPLES,
                                                        .seed = GT_SEED},
                             &m[l][kind]);
    for (golden_open(&g, TABLE); golden_next(&g, "first"); n++)
        assert_int_equal(m[(int)g.v[0] - 1][(int)g.v[1]].first, (int)g.v[2]);
    for (golden_open(&g, TABLE); golden_next(&g, "at"); n++)
        golden_near_estimate(&g,
                             &m[(int)g.v[0] - 1][(int)g.v[1]].at[(int)g.v[2] * GT_T + (int)g.v[3]],
                             4, TOLERANCE);
    for (golden_open(&g, TABLE); golden_next(&g, "rise"); n++) {
        const struct fr_part_rise *rise = &m[(int)g.v[0] - 1][(int)g.v[1]].rises[(int)g.v[2]];
        golden_near_estimate(&g, &rise->mean, 3, TOLERANCE);
        golden_near(&g, rise->shuffled_low, g.v[7], TOLERANCE);
        golden_near(&g, rise->shuffled_high, g.v[8], TOLERANCE);
        golden_near(&g, rise->p, g.v[9], 1e-12);
    }
    assert_int_equal(n, GT_L * 2 * (1 + FR_PART_COUNT * GT_T + FR_PART_COUNT));
    for (int l = 0; l < GT_L; l++)
        for (int kind = 0; kind < 2; kind++)
            fr_mechanism_release(&m[l][kind]);
    for (int i = 0; i < 3; i++)
        fr_reps_release(&parts[i]);
}

/* ---- planted --------------------------------------------------------------------------------- */

enum { NAMINGS = 8, LAYERS = 3, TIMES = 5, WIDTH = 48, ACTIONS = 4, MOVES = 1 };

/* Every part is noise of a naming and time; with `strength`, attention of layer index MOVES adds
 * more and more of the concept's own direction. */
static void planted_run(double strength, uint64_t seed, struct fr_mechanism out[LAYERS]) {
    const struct fr_concepts concepts = concepts_of(ACTIONS, 0);
    struct fr_reps raw[3], parts[3]; /* after, attention, MLP */
    double own[ACTIONS][WIDTH];
    struct fr_rng rng;
    fr_rng_seed(&rng, seed, 0);
    for (int i = 0; i < 3; i++)
        fr_reps_init(&raw[i], &concepts, NAMINGS, LAYERS, TIMES, WIDTH);
    for (int a = 0; a < ACTIONS; a++)
        for (int d = 0; d < WIDTH; d++)
            own[a][d] = fr_rng_normal(&rng);
    for (int n = 0; n < NAMINGS; n++)
        for (int a = 0; a < ACTIONS; a++)
            for (int t = 0; t < TIMES; t++)
                for (int d = 0; d < WIDTH; d++) {
                    double stream = fr_rng_normal(&rng);
                    for (int l = 0; l < LAYERS; l++) {
                        const double moved = l == MOVES ? strength * t * own[a][d] : 0;
                        const double attention = 0.3 * fr_rng_normal(&rng) + moved;
                        const double mlp = 0.3 * fr_rng_normal(&rng);
                        stream += attention + mlp;
                        fr_reps_at(&raw[0], n, a, l, t)[d] = (float)stream;
                        fr_reps_at(&raw[1], n, a, l, t)[d] = (float)attention;
                        fr_reps_at(&raw[2], n, a, l, t)[d] = (float)mlp;
                    }
                    for (int i = 0; i < 3; i++)
                        *present_of(&raw[i], n, a, t) = true;
                }
    for (int i = 0; i < 3; i++)
        fr_reps_centre(&raw[i], &parts[i]);
    for (int l = 0; l < LAYERS; l++)
        fr_mechanism_run(&(struct fr_mechanism_ask){.after = &parts[0],
                                                    .attention = &parts[1],
                                                    .mlp = &parts[2],
                                                    .l = l,
                                                    .reference_time = TIMES - 1,
                                                    .n_resamples = 200,
                                                    .seed = 1},
                         &out[l]);
    for (int i = 0; i < 3; i++) {
        fr_reps_release(&raw[i]);
        fr_reps_release(&parts[i]);
    }
}

static void release_planted(struct fr_mechanism m[LAYERS]) {
    for (int l = 0; l < LAYERS; l++)
        fr_mechanism_release(&m[l]);
}

/* Is the part said to do it? */
static bool is_found(const struct fr_part_rise *v) {
    return v->mean.low > 0 && v->p < 0.005; /* a dozen are looked at */
}

static void only_the_attention_that_moves_is_found(void **state) {
    (void)state;
    struct fr_mechanism m[LAYERS];
    planted_run(0.3, 3, m);
    for (int l = 0; l < LAYERS; l++) {
        assert_int_equal(m[l].first, 0);
        assert_int_equal(is_found(&m[l].rises[FR_PART_ATTENTION]), l == MOVES);
        assert_false(is_found(&m[l].rises[FR_PART_MLP]));
        assert_int_equal(is_found(&m[l].rises[FR_PART_BEFORE]),
                         l > MOVES); /* from the layer below */
        assert_int_equal(is_found(&m[l].rises[FR_PART_AFTER]), l >= MOVES);
    }
    const struct fr_mechanism *there = &m[MOVES];
    const double all = there->rises[FR_PART_AFTER].mean.value;
    assert_true(all > 0.7 && all < 1.05); /* what noise of the directions leaves of 1 */
    assert_near(there->rises[FR_PART_ATTENTION].mean.value / all, 1, 0.1);
    assert_true(fabs(there->rises[FR_PART_MLP].mean.value) < 0.1);
    for (int t = 1; t < TIMES; t++) /* as it grows */
        assert_true(there->at[FR_PART_ATTENTION * TIMES + t].value >
                    there->at[FR_PART_ATTENTION * TIMES + t - 1].value + 0.1);
    for (int l = 0; l < LAYERS; l++)
        for (int t = 0; t < TIMES; t++)
            assert_near(m[l].at[FR_PART_BEFORE * TIMES + t].value +
                            m[l].at[FR_PART_ATTENTION * TIMES + t].value +
                            m[l].at[FR_PART_MLP * TIMES + t].value,
                        m[l].at[FR_PART_AFTER * TIMES + t].value, 1e-6);
    release_planted(m);
}

/* And its intervals lie above 0 no more often than they say, 1 of 40. */
static void of_noise_p_is_small_as_often_as_it_says(void **state) {
    (void)state;
    enum { STUDIES = 40 };
    int n_small = 0, n_above = 0;
    for (uint64_t seed = 0; seed < STUDIES; seed++) {
        struct fr_mechanism m[LAYERS];
        planted_run(0, seed, m);
        for (int l = 0; l < LAYERS; l++)
            for (int part = 0; part < FR_PART_COUNT; part++) {
                n_small += m[l].rises[part].p < 0.05;
                n_above += m[l].rises[part].mean.low > 0;
            }
        release_planted(m);
    }
    const double n = STUDIES * LAYERS * FR_PART_COUNT;
    print_message("p < 0.05 in %.3f, interval above 0 in %.3f\n", n_small / n, n_above / n);
    assert_true(n_small / n > 0.02 &&
                n_small / n < 0.09); /* parts and layers of a study hang together */
    assert_true(n_above / n < 0.05);
}

static void one_naming_has_no_direction(void **state) {
    (void)state;
    const struct fr_concepts concepts = concepts_of(ACTIONS, 0);
    struct fr_reps raw;
    struct fr_mechanism m;
    fr_reps_init(&raw, &concepts, 1, 1, 2, 4);
    for (int i = 0; i < ACTIONS * 2; i++)
        raw.present[i] = true;
    fr_mechanism_run(&(struct fr_mechanism_ask){.after = &raw,
                                                .attention = &raw,
                                                .mlp = &raw,
                                                .reference_time = 1,
                                                .n_resamples = 10},
                     &m);
    assert_int_equal(m.first, -1);
    assert_true(isnan(m.rises[FR_PART_MLP].mean.value) && isnan(m.at[0].value) &&
                isnan(m.rises[0].p));
    fr_mechanism_release(&m);
    fr_reps_release(&raw);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(projections_agree_with_numpy),
        cmocka_unit_test(only_the_attention_that_moves_is_found),
        cmocka_unit_test(of_noise_p_is_small_as_often_as_it_says),
        cmocka_unit_test(one_naming_has_no_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
