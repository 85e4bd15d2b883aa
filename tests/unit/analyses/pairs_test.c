/* Pairs of namings and one naming against a mean, against NumPy (golden/analyses/pairs.tsv) on the
 * golden tensor, and what centring must do. */
#include "test.h"

#include <stdlib.h>

#include "analyses/analyses.h"
#include "golden/golden.h"
#include "golden_tensor.h"

#define TABLE "analyses/pairs.tsv"
enum { RESAMPLES = 300, CLEAN = 4 };

static void same_curve(const struct golden *g, const struct fr_pair_curve *curve) {
    const struct fr_estimate *e =
        g->v[4] > 0 ? &curve[(int)g->v[3]].same : &curve[(int)g->v[3]].different;
    golden_near(g, e->value, g->v[5], 2e-6);
    golden_near(g, e->low, g->v[6], 2e-6);
    golden_near(g, e->high, g->v[7], 2e-6);
    assert_int_equal(e->n_namings, (int)g->v[8]);
}

static void pairs_and_means_agree_with_numpy(void **state) {
    (void)state;
    const struct fr_concepts concepts = concepts_of(4, 5);
    static const int naming[][2] = {{1, 0}, {2, 0}, {3, 0}, {5, 0}};
    static const int clean[][2] = {{CLEAN, 0}, {CLEAN, 1}, {CLEAN, 2}, {CLEAN, 3}, {CLEAN, 5}};
    struct fr_reps raw, kind, all;
    struct fr_pair_curve curve[GT_T];
    struct golden g;
    int rows = 0;
    golden_tensor_init(&raw, &concepts);
    fr_reps_centre(&raw, &kind);
    fr_reps_centre_all(&raw, &all);
    const struct fr_reps *const sides[][2] = {{&kind, &kind},
                                              {&kind, &raw},
                                              {&all, &all},
                                              {&raw, &raw}};
    for (golden_open(&g, TABLE); golden_next(&g, "naming"); rows++) {
        fr_pairs_run(&(struct fr_pairs_ask){.subjects = sides[(int)g.v[0]][0],
                                            .references = sides[(int)g.v[0]][1],
                                            .n_pairs = 4,
                                            .pairs = naming,
                                            .l = (int)g.v[1],
                                            .reference_time = GT_REFERENCE,
                                            .kind = (enum fr_concept_kind)g.v[2],
                                            .n_resamples = RESAMPLES,
                                            .seed = GT_SEED},
                     curve);
        same_curve(&g, curve);
    }
    assert_int_equal(rows, 4 * GT_L * 2 * GT_T * 2);
    for (golden_open(&g, TABLE); golden_next(&g, "clean"); rows++) {
        const enum fr_concept_kind k = (enum fr_concept_kind)g.v[2];
        if (g.v[0] > 0)
            fr_against_mean_run(&kind, CLEAN, golden_use, (int)g.v[1], GT_REFERENCE, k, RESAMPLES,
                                GT_SEED, curve);
        else
            fr_pairs_run(&(struct fr_pairs_ask){.subjects = &kind,
                                                .references = &kind,
                                                .n_pairs = 5,
                                                .pairs = clean,
                                                .l = (int)g.v[1],
                                                .reference_time = GT_REFERENCE,
                                                .kind = k,
                                                .n_resamples = RESAMPLES,
                                                .seed = GT_SEED},
                         curve);
        same_curve(&g, curve);
    }
    assert_int_equal(rows, 6 * GT_L * 2 * GT_T * 2);
    fr_reps_release(&raw);
    fr_reps_release(&kind);
    fr_reps_release(&all);
}

/* The paper's +0.2 for different concepts: what is centred over the kind cannot have it. With both
 * sides centred the mean over different concepts is at most (1 - same) / (k - 1); with vectors of
 * one length it is -same / (k - 1). */
static void different_concepts_are_as_centring_has_them(void **state) {
    (void)state;
    const struct fr_concepts concepts = concepts_of(4, 5);
    static const int pair[][2] = {{1, 0}};
    struct fr_reps raw, kind;
    struct fr_pair_curve centred[GT_T], as_they_are[GT_T];
    fr_reps_init(&raw, &concepts, 2, 1, GT_T, GT_D);
    for (int n = 0; n < 2; n++)
        for (int a = 0; a < GT_A; a++)
            for (int t = 0; t < GT_T; t++) {
                *present_of(&raw, n, a, t) = true;
                for (int d = 0; d < GT_D; d++) /* orthogonal concepts, much in common */
                    fr_reps_at(&raw, n, a, 0, t)[d] = 2.0f + (d == a ? 1.0f : 0.0f);
            }
    fr_reps_centre(&raw, &kind);
    struct fr_pairs_ask ask = {.subjects = &kind,
                               .references = &kind,
                               .n_pairs = 1,
                               .pairs = pair,
                               .reference_time = GT_REFERENCE,
                               .kind = FR_CONCEPT_ACTION};
    fr_pairs_run(&ask, centred);
    ask.subjects = ask.references = &raw;
    fr_pairs_run(&ask, as_they_are);
    assert_near(centred[0].same.value, 1, 1e-6);
    assert_near(centred[0].different.value, -1.0 / 3, 1e-6);
    assert_true(isnan(centred[0].same.low)); /* one pair has no spread */
    assert_true(as_they_are[0].different.value > 0.9);
    fr_reps_release(&raw);
    fr_reps_release(&kind);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_and_means_agree_with_numpy),
        cmocka_unit_test(different_concepts_are_as_centring_has_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
