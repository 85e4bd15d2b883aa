/* Similarity against NumPy (golden/analyses/analyses.tsv) on a small tensor with missing and
 * degenerate cells, and against what must be so on planted ones. */
#include "test.h"

#include "analyses/analyses.h"
#include "golden/golden.h"
#include "golden_tensor.h"

#define TABLE "analyses/analyses.tsv"

static const struct fr_similarity_row *find(const struct fr_similarity *s, int layer, bool loo,
                                            int kind, int time, bool same) {
    for (int i = 0; i < s->n; i++) {
        const struct fr_similarity_row *row = &s->rows[i];
        if (row->layer == layer && row->leave_one_out == loo && (int)row->kind == kind &&
            row->time == time && row->same == same)
            return row;
    }
    fail_msg("no row for layer %d, loo %d, kind %d, time %d, same %d", layer, loo, kind, time,
             same);
    return NULL;
}

static void the_tensor_is_the_golden_one(void **state) {
    (void)state;
    const struct fr_concepts concepts = concepts_of(4, 5);
    struct fr_reps raw;
    struct golden g;
    int rows = 0;
    golden_tensor_init(&raw, &concepts);
    for (golden_open(&g, TABLE); golden_next(&g, "value"); rows++) {
        const float *h = fr_reps_at(&raw, (int)g.v[0], (int)g.v[1], (int)g.v[2], (int)g.v[3]);
        golden_near(&g, (double)h[(int)g.v[4]], g.v[5], 0);
    }
    assert_int_equal(rows, 4);
    fr_reps_release(&raw);
}

static void means_and_intervals_agree_with_numpy(void **state) {
    (void)state;
    const struct fr_concepts concepts = concepts_of(4, 5);
    struct fr_reps raw, centred;
    struct fr_similarity plain = {0}, shuffled = {0};
    struct golden g;
    int rows = 0;
    golden_tensor_init(&raw, &concepts);
    fr_reps_centre(&raw, &centred);
    fr_similarity_run(&(struct fr_similarity_ask){.subjects = &centred,
                                                  .use = golden_use,
                                                  .reference_time = GT_REFERENCE,
                                                  .seed = GT_SEED},
                      &plain);
    fr_similarity_run(&(struct fr_similarity_ask){.subjects = &centred,
                                                  .use = golden_use,
                                                  .reference_time = GT_REFERENCE,
                                                  .seed = GT_SEED,
                                                  .n_shuffles = 3},
                      &shuffled);
    for (golden_open(&g, TABLE); golden_next(&g, "similarity"); rows++) {
        const struct fr_similarity_row *row =
            find(g.v[0] > 0 ? &shuffled : &plain, (int)g.v[1], g.v[2] > 0, (int)g.v[3], (int)g.v[4],
                 g.v[5] > 0);
        golden_near(&g, row->mean, g.v[6], 2e-6); /* r~ and r- are stored as float */
        golden_near(&g, row->low, g.v[7], 2e-6);
        golden_near(&g, row->high, g.v[8], 2e-6);
        assert_int_equal(row->n_namings, (int)g.v[9]);
    }
    assert_int_equal(rows, plain.n + shuffled.n);
    assert_int_equal(plain.n, GT_L * 2 * 2 * GT_T * 2);
    fr_similarity_release(&plain);
    fr_similarity_release(&shuffled);
    fr_reps_release(&centred);
    fr_reps_release(&raw);
}

static void rows_come_in_their_order(void **state) {
    (void)state;
    const struct fr_concepts concepts = concepts_of(4, 5);
    struct fr_reps raw, centred;
    struct fr_similarity s = {0};
    golden_tensor_init(&raw, &concepts);
    fr_reps_centre(&raw, &centred);
    fr_similarity_run(&(struct fr_similarity_ask){.subjects = &centred,
                                                  .use = golden_use,
                                                  .reference_time = GT_REFERENCE,
                                                  .seed = GT_SEED},
                      &s);
    int i = 0;
    for (int l = 1; l <= GT_L; l++)
        for (int kind = 0; kind < 2; kind++)
            for (int loo = 0; loo < 2; loo++)
                for (int t = 0; t < GT_T; t++)
                    for (int same = 1; same >= 0; same--, i++) {
                        const struct fr_similarity_row *row = &s.rows[i];
                        assert_int_equal(row->layer, l);
                        assert_int_equal(row->leave_one_out, loo);
                        assert_int_equal(row->kind, kind);
                        assert_int_equal(row->time, t);
                        assert_int_equal(row->same, same);
                    }
    assert_int_equal(i, s.n);
    fr_similarity_release(&s);
    fr_reps_release(&centred);
    fr_reps_release(&raw);
}

enum { PLANTED_N = 12, PLANTED_D = 64 };

/* One layer; at time 0 noise, at time 1 every naming has the concepts' common directions, with
 * noise of the given size. */
static void planted_init(struct fr_reps *centred, const struct fr_concepts *concepts, int n_namings,
                         double noise, uint64_t seed) {
    struct fr_reps raw;
    struct fr_rng rng;
    fr_reps_init(&raw, concepts, n_namings, 1, 2, PLANTED_D);
    for (int a = 0; a < concepts->n; a++) {
        float direction[PLANTED_D];
        fr_rng_seed(&rng, seed, (uint64_t)a);
        for (int d = 0; d < PLANTED_D; d++)
            direction[d] = (float)fr_rng_normal(&rng);
        for (int n = 0; n < n_namings; n++)
            for (int d = 0; d < PLANTED_D; d++) {
                *present_of(&raw, n, a, 0) = *present_of(&raw, n, a, 1) = true;
                fr_reps_at(&raw, n, a, 0, 0)[d] = (float)fr_rng_normal(&rng);
                fr_reps_at(&raw, n, a, 0, 1)[d] =
                    direction[d] + (float)(noise * fr_rng_normal(&rng));
            }
    }
    fr_reps_centre(&raw, centred);
    fr_reps_release(&raw);
}

static void planted_directions_are_found_where_they_are(void **state) {
    (void)state;
    const struct fr_concepts concepts = concepts_of(4, 5);
    struct fr_reps centred;
    struct fr_similarity s = {0};
    planted_init(&centred, &concepts, PLANTED_N, 0.5, 3);
    fr_similarity_run(&(struct fr_similarity_ask){.subjects = &centred, .reference_time = 1}, &s);
    for (int kind = 0; kind < 2; kind++) {
        const struct fr_similarity_row *same = find(&s, 1, true, kind, 1, true);
        const struct fr_similarity_row *different = find(&s, 1, true, kind, 1, false);
        /* 1 / sqrt(1 + noise^2) ~ 0.89, and -1/(k - 1) of it for the others. */
        assert_near(same->mean, 0.89, 0.04);
        assert_near(different->mean, -0.89 / (kind == 0 ? 3 : 4), 0.04);
        assert_true(same->low <= same->mean && same->mean <= same->high);
        assert_true(same->high - same->low < 0.1);
        same = find(&s, 1, true, kind, 0, true);
        assert_near(same->mean, 0, 0.1);
        assert_true(same->low < 0.05 && same->high > -0.05);
    }
    fr_similarity_release(&s);
    fr_reps_release(&centred);
}

static void the_paper_s_variant_contains_the_target_and_loo_does_not(void **state) {
    (void)state;
    const struct fr_concepts concepts = concepts_of(4, 0);
    struct fr_reps centred;
    struct fr_similarity s = {0};
    planted_init(&centred, &concepts, PLANTED_N, 0.5, 4);
    fr_similarity_run(&(struct fr_similarity_ask){.subjects = &centred, .reference_time = 0},
                      &s); /* the reference is noise */
    /* r- of N noise vectors against one of them: cosine 1 / sqrt(N). */
    assert_near(find(&s, 1, false, 0, 0, true)->mean, 1 / sqrt(PLANTED_N), 0.05);
    assert_near(find(&s, 1, true, 0, 0, true)->mean, 0, 0.08);
    fr_similarity_release(&s);
    fr_reps_release(&centred);
}

static void shuffled_labels_leave_nothing_of_planted_directions(void **state) {
    (void)state;
    const struct fr_concepts concepts = concepts_of(4, 5);
    struct fr_reps centred;
    struct fr_similarity s = {0};
    planted_init(&centred, &concepts, PLANTED_N, 0.2, 5);
    fr_similarity_run(&(struct fr_similarity_ask){.subjects = &centred,
                                                  .reference_time = 1,
                                                  .seed = 1,
                                                  .n_shuffles = 40},
                      &s);
    for (int kind = 0; kind < 2; kind++)
        for (int same = 0; same < 2; same++)
            assert_near(find(&s, 1, true, kind, 1, same)->mean, 0, 0.07);
    fr_similarity_release(&s);
    fr_reps_release(&centred);
}

static void curves_of_same_and_different_move_together_through_resamples(void **state) {
    (void)state;
    /* Two concepts: r-[b] = -r-[a], so different = -same for every naming and every resample. */
    const struct fr_concepts concepts = concepts_of(2, 0);
    struct fr_reps centred;
    struct fr_similarity s = {0};
    planted_init(&centred, &concepts, PLANTED_N, 1.0, 6);
    fr_similarity_run(&(struct fr_similarity_ask){.subjects = &centred, .reference_time = 1}, &s);
    const struct fr_similarity_row *same = find(&s, 1, true, 0, 1, true);
    const struct fr_similarity_row *different = find(&s, 1, true, 0, 1, false);
    assert_near(same->mean, -different->mean, 1e-6);
    assert_near(same->low, -different->high, 1e-6);
    assert_near(same->high, -different->low, 1e-6);
    fr_similarity_release(&s);
    fr_reps_release(&centred);
}

static void a_single_naming_has_no_others_and_no_interval(void **state) {
    (void)state;
    const struct fr_concepts concepts = concepts_of(4, 0);
    const bool use[3] = {false, true, false};
    struct fr_reps centred;
    struct fr_similarity s = {0};
    planted_init(&centred, &concepts, 3, 0.5, 7);
    fr_similarity_run(&(struct fr_similarity_ask){.subjects = &centred,
                                                  .use = use,
                                                  .reference_time = 1},
                      &s);
    const struct fr_similarity_row *all = find(&s, 1, false, 0, 1, true);
    assert_near(all->mean, 1, 1e-6); /* it is its own cross-naming */
    assert_int_equal(all->n_namings, 1);
    assert_true(isnan(all->low) && isnan(all->high));
    const struct fr_similarity_row *loo = find(&s, 1, true, 0, 1, true);
    assert_true(isnan(loo->mean));
    assert_int_equal(loo->n_namings, 0);
    fr_similarity_release(&s);
    fr_reps_release(&centred);
}

static void a_kind_with_one_concept_is_degenerate_and_no_naming_is_no_value(void **state) {
    (void)state;
    const struct fr_concepts concepts = concepts_of(3, 1);
    const bool use[3] = {false, false, false};
    struct fr_reps centred;
    struct fr_similarity s = {0};
    planted_init(&centred, &concepts, 3, 0.5, 8);
    fr_similarity_run(&(struct fr_similarity_ask){.subjects = &centred, .reference_time = 1}, &s);
    assert_true(isnan(find(&s, 1, false, FR_CONCEPT_PREDICATE, 1, true)->mean));
    assert_int_equal(find(&s, 1, false, FR_CONCEPT_ACTION, 1, true)->n_namings, 3);
    fr_similarity_run(&(struct fr_similarity_ask){.subjects = &centred,
                                                  .use = use,
                                                  .reference_time = 1},
                      &s);
    for (int i = 0; i < s.n; i++)
        assert_true(isnan(s.rows[i].mean) && s.rows[i].n_namings == 0);
    fr_similarity_release(&s);
    fr_reps_release(&centred);
}

/* Vectors x, 0, -x: the middle one is the mean of its kind, so its r~ has no direction. */
static void a_cell_without_norm_is_left_out_and_the_others_stay(void **state) {
    (void)state;
    const struct fr_concepts concepts = concepts_of(3, 0);
    struct fr_reps raw, centred;
    struct fr_similarity s = {0};
    fr_reps_init(&raw, &concepts, 3, 1, 1, 4);
    for (int n = 0; n < 3; n++)
        for (int a = 0; a < 3; a++) {
            *present_of(&raw, n, a, 0) = true;
            fr_reps_at(&raw, n, a, 0, 0)[n] = (float)(1 - a);
            fr_reps_at(&raw, n, a, 0, 0)[3] = (float)(1 - a);
        }
    fr_reps_centre(&raw, &centred);
    fr_similarity_run(&(struct fr_similarity_ask){.subjects = &centred, .reference_time = 0}, &s);
    /* e0 + e3 against (e1 + e2)/2 + e3: 1 / (sqrt(2) sqrt(1.5)). */
    const struct fr_similarity_row *same = find(&s, 1, true, 0, 0, true);
    assert_int_equal(same->n_namings, 3);
    assert_near(same->mean, 1 / sqrt(3), 1e-6);
    assert_near(find(&s, 1, true, 0, 0, false)->mean, -1 / sqrt(3), 1e-6);
    fr_similarity_release(&s);
    fr_reps_release(&centred);
    fr_reps_release(&raw);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tensor_is_the_golden_one),
        cmocka_unit_test(means_and_intervals_agree_with_numpy),
        cmocka_unit_test(rows_come_in_their_order),
        cmocka_unit_test(planted_directions_are_found_where_they_are),
        cmocka_unit_test(the_paper_s_variant_contains_the_target_and_loo_does_not),
        cmocka_unit_test(shuffled_labels_leave_nothing_of_planted_directions),
        cmocka_unit_test(curves_of_same_and_different_move_together_through_resamples),
        cmocka_unit_test(a_single_naming_has_no_others_and_no_interval),
        cmocka_unit_test(a_cell_without_norm_is_left_out_and_the_others_stay),
        cmocka_unit_test(a_kind_with_one_concept_is_degenerate_and_no_naming_is_no_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
