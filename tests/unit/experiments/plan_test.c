/* The table of steering conditions: rows differ in data only, so every run of a trace edits the
 * same positions with the same operation, and only the vectors tell them apart. */
#include "test.h"

#include <string.h>

#include "experiments/experiments.h"

enum { N = 3, A = 9, L = 2, T = 1, D = 32, LAYER = 2, START = 10, END = 20 };

static const struct fr_concepts concepts = {
    .n = A,
    .kinds = {FR_CONCEPT_ACTION, FR_CONCEPT_ACTION, FR_CONCEPT_ACTION, FR_CONCEPT_ACTION,
              FR_CONCEPT_PREDICATE, FR_CONCEPT_PREDICATE, FR_CONCEPT_PREDICATE,
              FR_CONCEPT_PREDICATE, FR_CONCEPT_PREDICATE},
};
static const bool use[N] = {true, true, true};

static struct fr_positive_steering make_steering(struct fr_reps *centred) {
    struct fr_reps raw;
    struct fr_rng rng;
    fr_rng_seed(&rng, 7, 7);
    fr_reps_init(&raw, &concepts, N, L, T, D);
    for (int i = 0; i < N * A * T; i++)
        raw.present[i] = true;
    for (int i = 0; i < N * A * L * T * D; i++)
        raw.h[i] = (float)fr_rng_normal(&rng);
    fr_reps_centre(&raw, centred);
    fr_reps_release(&raw);
    return (struct fr_positive_steering){.centred = centred,
                                         .use = use,
                                         .time = 0,
                                         .scale = 2.0f / 3,
                                         .previous_token = true,
                                         .seed = 3};
}

/* One mention of every concept, two tokens apart, some outside the window. */
static struct fr_mentions make_mentions(struct fr_mention *items) {
    for (int a = 0; a < A; a++)
        items[a] = (struct fr_mention){.concept = a, .first = 6 + 2 * a, .end = 7 + 2 * a};
    return (struct fr_mentions){.n = A, .capacity = A, .items = items};
}

static void names_find_their_rows(void **state) {
    (void)state;
    for (int c = 0; c < FR_N_CONDITIONS; c++)
        assert_int_equal(fr_condition_find(fr_condition_names[c]), c);
    assert_int_equal(fr_condition_find("in-naming"), -1);
}

static void every_condition_edits_the_same_rows_by_the_same_operation(void **state) {
    (void)state;
    struct fr_reps centred;
    const struct fr_positive_steering steering = make_steering(&centred);
    struct fr_mention items[A];
    const struct fr_mentions mentions = make_mentions(items);
    struct fr_edit_plan first = {0};
    for (int c = 0; c < FR_N_CONDITIONS; c++) {
        float vectors[A * D];
        int rows[A];
        struct fr_edit_plan plan = {0};
        assert_int_equal(fr_steering_vectors(&steering, c, 1, "n1", LAYER, vectors, rows), A);
        fr_steering_plan(&steering, c, LAYER, &mentions, START, END, vectors, rows, &plan);
        assert_true(plan.n_edits > 0);
        for (int i = 0; i < plan.n_edits; i++) {
            const struct fr_edit *e = &plan.edits[i];
            assert_int_equal(e->operation, FR_EDIT_MIX);
            assert_true(e->keep_norm);
            assert_int_equal(e->layer, LAYER);
            assert_in_range(e->position, START, END - 1);
            const bool identity = strcmp(fr_condition_names[c], "identity") == 0;
            assert_true(e->scale == (identity ? 1.0f : 2.0f / 3));
        }
        if (c == 0) {
            first = plan;
            continue;
        }
        assert_int_equal(plan.n_edits, first.n_edits);
        for (int i = 0; i < plan.n_edits; i++) {
            assert_int_equal(plan.edits[i].position, first.edits[i].position);
            assert_int_equal(plan.edits[i].vector, first.edits[i].vector);
        }
        fr_edit_plan_release(&plan);
    }
    fr_edit_plan_release(&first);
    fr_reps_release(&centred);
}

static void controls_carry_other_vectors_than_the_matched_run(void **state) {
    (void)state;
    struct fr_reps centred;
    const struct fr_positive_steering steering = make_steering(&centred);
    float matched[A * D], control[A * D];
    int rows[A];
    const struct {
        const char *control, *matched;
    } pairs[] = {{"shuffled", "in_naming"},
                 {"random", "in_naming"},
                 {"cross_shuffled", "cross_loo"}};
    for (size_t p = 0; p < sizeof pairs / sizeof *pairs; p++) {
        (void)fr_steering_vectors(&steering, fr_condition_find(pairs[p].matched), 1, "n1", LAYER,
                                  matched, rows);
        (void)fr_steering_vectors(&steering, fr_condition_find(pairs[p].control), 1, "n1", LAYER,
                                  control, rows);
        for (int a = 0; a < A; a++)
            assert_memory_not_equal(matched + a * D, control + a * D, D * sizeof(float));
    }
    /* The identity carries the matched vectors: what makes it an identity is its scale. */
    (void)fr_steering_vectors(&steering, fr_condition_find("in_naming"), 1, "n1", LAYER, matched,
                              rows);
    (void)fr_steering_vectors(&steering, fr_condition_find("identity"), 1, "n1", LAYER, control,
                              rows);
    assert_memory_equal(matched, control, sizeof matched);
    fr_reps_release(&centred);
}

static void leave_one_out_does_not_depend_on_the_target_naming(void **state) {
    (void)state;
    struct fr_reps centred;
    const struct fr_positive_steering steering = make_steering(&centred);
    float before[A * D], after[A * D];
    int rows[A];
    const int loo = fr_condition_find("cross_loo"), all = fr_condition_find("cross_all");
    (void)fr_steering_vectors(&steering, loo, 1, "n1", LAYER, before, rows);
    for (int a = 0; a < A; a++)
        for (int d = 0; d < D; d++)
            fr_reps_at(&centred, 1, a, LAYER - 1, 0)[d] += 1;
    (void)fr_steering_vectors(&steering, loo, 1, "n1", LAYER, after, rows);
    assert_memory_equal(before, after, sizeof before);
    (void)fr_steering_vectors(&steering, all, 1, "n1", LAYER, after, rows);
    assert_memory_not_equal(before, after, sizeof before);
    fr_reps_release(&centred);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_find_their_rows),
        cmocka_unit_test(every_condition_edits_the_same_rows_by_the_same_operation),
        cmocka_unit_test(controls_carry_other_vectors_than_the_matched_run),
        cmocka_unit_test(leave_one_out_does_not_depend_on_the_target_naming),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
