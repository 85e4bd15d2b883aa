/* What is left of a rising curve, against NumPy (golden/analyses/controls.tsv) and on planted
 * models: one whose curve rises only because its cells fill up, which count-matched cells and noise
 * divided out unmask, and one that is refined, which they leave as it is. */
#include "test.h"

#include <stdlib.h>

#include "analyses/analyses.h"
#include "golden/golden.h"
#include "golden_tensor.h"

#define TABLE "analyses/controls.tsv"
enum { OTHER = 5000000, SHUFFLES = 3 };

/* One layer of the golden tensor, centred. */
static void layer_init(struct fr_reps *out, const struct fr_concepts *concepts, uint32_t offset,
                       int l) {
    struct fr_reps raw, one;
    golden_tensor_init_from(&raw, concepts, offset);
    golden_layer_init(&one, &raw, l, NULL, GT_T);
    fr_reps_centre(&one, out);
    out->first_layer = l;
    fr_reps_release(&one);
    fr_reps_release(&raw);
}

static void take(const struct fr_reps *reps, int n_shuffles, int kind, struct fr_curves *out) {
    struct fr_similarity s = {0};
    fr_similarity_run(&(struct fr_similarity_ask){.subjects = reps,
                                                  .use = golden_use,
                                                  .reference_time = GT_REFERENCE,
                                                  .seed = GT_SEED,
                                                  .n_shuffles = n_shuffles},
                      &s);
    fr_curves_take(&s, reps->first_layer + 1, (enum fr_concept_kind)kind, GT_T, out);
    fr_similarity_release(&s);
}

struct layer {
    struct fr_curves plain[2], crossed[2], shuffled[2]; /* by kind */
};

static void with_layers(const struct fr_concepts *concepts, struct layer *layers) {
    for (int l = 0; l < GT_L; l++) {
        struct fr_reps a, b;
        layer_init(&a, concepts, 0, l);
        layer_init(&b, concepts, OTHER, l);
        for (int kind = 0; kind < 2; kind++) {
            take(&a, 0, kind, &layers[l].plain[kind]);
            take(&a, SHUFFLES, kind, &layers[l].shuffled[kind]);
            fr_curves_cross(&a, &b, golden_use, (enum fr_concept_kind)kind, GT_REFERENCE,
                            &layers[l].crossed[kind]);
        }
        fr_reps_release(&a);
        fr_reps_release(&b);
    }
}

static void release_layers(struct layer *layers) {
    for (int l = 0; l < GT_L; l++)
        for (int kind = 0; kind < 2; kind++) {
            fr_curves_release(&layers[l].plain[kind]);
            fr_curves_release(&layers[l].crossed[kind]);
            fr_curves_release(&layers[l].shuffled[kind]);
        }
}

static void same_estimate(const struct golden *g, const struct fr_estimate *e, int column) {
    const double tolerance = 2e-5; /* r~ and r- are floats; ratios of small numbers among them */
    golden_near(g, e->value, g->v[column], tolerance * (1 + fabs(g->v[column])));
    golden_near(g, e->low, g->v[column + 1], tolerance * (1 + fabs(g->v[column + 1])));
    golden_near(g, e->high, g->v[column + 2], tolerance * (1 + fabs(g->v[column + 2])));
}

static void curves_ceilings_and_shares_agree_with_numpy(void **state) {
    (void)state;
    const struct fr_concepts concepts = concepts_of(4, 5);
    struct layer layers[GT_L];
    struct golden g;
    int n_curves = 0, n_rises = 0;
    with_layers(&concepts, layers);
    for (golden_open(&g, TABLE); golden_next(&g, "curve"); n_curves++) {
        const struct fr_curves *c = &layers[(int)g.v[0] - 1].crossed[(int)g.v[1]];
        const int time = (int)g.v[2], figure = (int)g.v[3];
        const struct fr_estimate e =
            figure == 2 ? fr_curve_ceiling(c, time) : fr_curve_at(c, time, figure == 1);
        same_estimate(&g, &e, 4);
        assert_int_equal(e.n_namings, (int)g.v[7]);
    }
    for (golden_open(&g, TABLE); golden_next(&g, "rise"); n_rises++) {
        const struct layer *layer = &layers[(int)g.v[0] - 1];
        const int kind = (int)g.v[1];
        const enum fr_control_role role = (enum fr_control_role)g.v[2];
        struct fr_rise r;
        fr_rise_compare(&layer->plain[kind],
                        role == FR_CONTROL_IMITATES ? &layer->shuffled[kind]
                                                    : &layer->crossed[kind],
                        role, GT_REFERENCE, &r);
        assert_int_equal(r.first, (int)g.v[3]);
        assert_int_equal(r.plain.n_namings, (int)g.v[4]);
        same_estimate(&g, &r.plain, 5);
        same_estimate(&g, &r.control, 8);
        same_estimate(&g, &r.explained, 11);
    }
    assert_int_equal(n_curves, GT_L * 2 * GT_T * 3);
    assert_int_equal(n_rises, GT_L * 2 * 3);
    release_layers(layers);
}

/* ---- planted --------------------------------------------------------------------------------- */

enum { NAMINGS = 10, TIMES = 6, WIDTH = 64, ACTIONS = 4, MENTIONS = 160, FEW = 8, PUZZLES = 20 };

/* Mentions of a concept by time: more and more. */
static int mentions_at(int time) { return FEW + (MENTIONS - FEW) * time / (TIMES - 1); }

/* How much of a mention's row is the concept's own direction; the rest, of the same norm at all
 * times, is the naming's and the noise. */
static double share_at(bool refined, int time) {
    return refined ? 0.2 + 0.7 * time / (TIMES - 1) : 0.6;
}

struct planted {
    bool refined;
    double noise; /* of one mention's row: enough to drown few, or not */
    double common[ACTIONS][WIDTH], own[NAMINGS][ACTIONS][WIDTH];
};

static void planted_init(struct planted *p, bool refined, struct fr_rng *rng) {
    p->refined = refined;
    p->noise = refined ? 1 : 6;
    for (int a = 0; a < ACTIONS; a++)
        for (int d = 0; d < WIDTH; d++) {
            p->common[a][d] = fr_rng_normal(rng);
            for (int n = 0; n < NAMINGS; n++)
                p->own[n][a][d] = fr_rng_normal(rng);
        }
}

/* Sums over the mentions of which `half` (of the puzzle's number) is asked for, -1: all; matched:
 * the first FEW, which are as good as any since all are drawn alike. */
static void planted_reps(const struct planted *p, const struct fr_concepts *concepts, int half,
                         bool matched, struct fr_reps *out) {
    struct fr_reps raw;
    fr_reps_init(&raw, concepts, NAMINGS, 1, TIMES, WIDTH);
    for (int n = 0; n < NAMINGS; n++)
        for (int a = 0; a < ACTIONS; a++)
            for (int t = 0; t < TIMES; t++) {
                struct fr_rng rng;
                double sum[WIDTH] = {0};
                int count = 0;
                const double s = share_at(p->refined, t);
                fr_rng_seed(&rng, 11, (uint64_t)((n * ACTIONS + a) * TIMES + t));
                for (int m = 0; m < mentions_at(t); m++) {
                    const bool in =
                        (half < 0 || m % PUZZLES % 2 == half) && (!matched || count < FEW);
                    for (int d = 0; d < WIDTH; d++) {
                        const double h = s * p->common[a][d] + sqrt(1 - s * s) * p->own[n][a][d] +
                                         p->noise * fr_rng_normal(&rng);
                        sum[d] += in ? h : 0;
                    }
                    count += in;
                }
                for (int d = 0; d < WIDTH; d++)
                    fr_reps_at(&raw, n, a, 0, t)[d] = (float)(sum[d] / count);
                *present_of(&raw, n, a, t) = true;
            }
    fr_reps_centre(&raw, out);
    fr_reps_release(&raw);
}

static void planted_curves(const struct fr_reps *subjects, const struct fr_reps *references,
                           struct fr_curves *out) {
    struct fr_similarity s = {0};
    fr_similarity_run(&(struct fr_similarity_ask){.subjects = subjects,
                                                  .references = references,
                                                  .reference_time = TIMES - 1},
                      &s);
    fr_curves_take(&s, 1, FR_CONCEPT_ACTION, TIMES, out);
    fr_similarity_release(&s);
}

/* The share that count-matched cells, and noise divided out, explain of the planted rise. */
static void planted_shares(bool refined, struct fr_rise *matched, struct fr_rise *corrected) {
    const struct fr_concepts concepts = concepts_of(ACTIONS, 0);
    struct planted p;
    struct fr_rng rng;
    struct fr_reps all, few, halves[2];
    struct fr_curves plain, of_few, crossed;
    fr_rng_seed(&rng, refined ? 5 : 6, 0);
    planted_init(&p, refined, &rng);
    planted_reps(&p, &concepts, -1, false, &all);
    planted_reps(&p, &concepts, -1, true, &few);
    planted_reps(&p, &concepts, 0, false, &halves[0]);
    planted_reps(&p, &concepts, 1, false, &halves[1]);
    planted_curves(&all, &all, &plain);
    planted_curves(&few, &all, &of_few);
    fr_curves_cross(&halves[0], &halves[1], NULL, FR_CONCEPT_ACTION, TIMES - 1, &crossed);
    fr_rise_compare(&plain, &of_few, FR_CONTROL_REMOVES, TIMES - 1, matched);
    fr_rise_compare(&plain, &crossed, FR_CONTROL_CORRECTS, TIMES - 1, corrected);
    fr_curves_release(&plain);
    fr_curves_release(&of_few);
    fr_curves_release(&crossed);
    fr_reps_release(&all);
    fr_reps_release(&few);
    fr_reps_release(&halves[0]);
    fr_reps_release(&halves[1]);
}

static void a_rise_that_is_only_of_counts_is_explained_by_them(void **state) {
    (void)state;
    struct fr_rise matched, corrected;
    planted_shares(false, &matched, &corrected);
    assert_true(matched.plain.low > 0.1); /* it does rise, and looks sure */
    assert_true(matched.explained.value > 0.8);
    assert_true(matched.explained.low > 0.5);
    assert_true(corrected.explained.value > 0.8);
    assert_true(corrected.explained.low > 0.4);
}

static void a_rise_that_is_refinement_is_not(void **state) {
    (void)state;
    struct fr_rise matched, corrected;
    planted_shares(true, &matched, &corrected);
    assert_true(matched.plain.low > 0.1);
    assert_true(fabs(matched.explained.value) < 0.2);
    assert_true(matched.explained.high < 0.4);
    assert_true(corrected.explained.value < 0.2);
    assert_true(corrected.explained.high < 0.4);
}

static void without_a_rise_there_is_nothing_to_explain(void **state) {
    (void)state;
    struct fr_curves flat, control;
    struct fr_rise r;
    fr_curves_init(&flat, TIMES, NAMINGS);
    fr_curves_init(&control, TIMES, NAMINGS);
    fr_rise_compare(&flat, &control, FR_CONTROL_REMOVES, TIMES - 1, &r);
    assert_int_equal(r.first, -1); /* no values at all */
    assert_true(isnan(r.plain.value) && isnan(r.explained.value));
    for (int i = 0; i < TIMES * NAMINGS; i++) {
        flat.values[i] = 0.5 + 0.01 * (i * 7 % 5);
        control.values[i] = 0.1 * i;
    }
    for (int i = 0; i < TIMES * NAMINGS * NAMINGS; i++) { /* no value depends on another naming */
        const int value = i / NAMINGS / NAMINGS * NAMINGS + i % NAMINGS;
        flat.without[i] = flat.values[value];
        control.without[i] = control.values[value];
    }
    fr_rise_compare(&flat, &control, FR_CONTROL_REMOVES, TIMES - 1, &r);
    assert_int_equal(r.first, 0);
    assert_true(r.plain.low <= 0);
    assert_true(isnan(r.explained.value) && isnan(r.explained.low) && isnan(r.explained.high));
    fr_curves_release(&flat);
    fr_curves_release(&control);
}

static void a_rise_ends_before_the_reference_s_window(void **state) {
    (void)state;
    static const int times[] = {20, 40, 60, 80, 100};
    static const struct {
        int n_times, reference, window, end;
    } cases[] = {
        {5, 100, 40, 2}, /* [20, 60) touches [60, 100) and does not overlap it */
        {5, 100, 41, 1},  {5, 80, 40, 1},  {5, 100, 20, 3},
        {5, 100, 80, 4}, /* only the first is apart: nothing could rise up to it */
        {5, 100, 500, 4}, {3, 100, 30, 2}, {5, 10, 5, -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(fr_rise_end(times, cases[i].n_times, cases[i].reference, cases[i].window),
                         cases[i].end);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rise_ends_before_the_reference_s_window),
        cmocka_unit_test(curves_ceilings_and_shares_agree_with_numpy),
        cmocka_unit_test(a_rise_that_is_only_of_counts_is_explained_by_them),
        cmocka_unit_test(a_rise_that_is_refinement_is_not),
        cmocka_unit_test(without_a_rise_there_is_nothing_to_explain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
