/* From an edit to the rows of a plan: edits differ in data only, so every run of a trace edits the
 * same positions by the same operation, and only the vectors tell matched runs and controls
 * apart. */
#include "test.h"

#include <string.h>

#include "base/memory.h"
#include "experiments/experiments.h"

enum {
    N = 3,
    A = 9,
    L = 5,
    T = 2,
    D = 32,
    TIME = 1,
    FIRST = 2,
    END_LAYER = 5,
    N_LAYERS = END_LAYER - FIRST,
    ORIGIN = 4,
    START = 10,
    END = 20 /* of the window, in tokens */
};

static const struct fr_concepts concepts = {
    .n = A,
    .kinds = {FR_CONCEPT_ACTION, FR_CONCEPT_ACTION, FR_CONCEPT_ACTION, FR_CONCEPT_ACTION,
              FR_CONCEPT_PREDICATE, FR_CONCEPT_PREDICATE, FR_CONCEPT_PREDICATE,
              FR_CONCEPT_PREDICATE, FR_CONCEPT_PREDICATE},
};

static struct fr_reps raw, centred;
static struct fr_vector_source source;

/* Random cells everywhere. */
static int set_up(void **state) {
    (void)state;
    struct fr_rng rng;
    fr_rng_seed(&rng, 7, 7);
    fr_reps_init(&raw, &concepts, N, L, T, D);
    for (int i = 0; i < N * A * T; i++)
        raw.present[i] = true;
    for (int i = 0; i < N * A * L * T * D; i++)
        raw.h[i] = (float)fr_rng_normal(&rng);
    fr_reps_centre(&raw, &centred);
    source = (struct fr_vector_source){.raw = &raw, .centred = &centred, .i_clean = 0, .seed = 3};
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    fr_reps_release(&raw);
    fr_reps_release(&centred);
    return 0;
}

static struct fr_edit_kind edit_of(enum fr_vector_kind vectors, int control) {
    return (struct fr_edit_kind){.vectors = vectors,
                                 .control = control,
                                 .strength = 1,
                                 .operation = FR_EDIT_MIX,
                                 .scale = 2.0 / 3,
                                 .keep_norm = true,
                                 .layers = {FIRST, END_LAYER},
                                 .window = {START - ORIGIN, END - ORIGIN}};
}

/* One mention of every concept, two tokens apart, some outside the window. */
static struct fr_mentions make_mentions(struct fr_mention *items) {
    for (int a = 0; a < A; a++)
        items[a] = (struct fr_mention){.concept = a, .first = 6 + 2 * a, .end = 7 + 2 * a};
    return (struct fr_mentions){.n = A, .capacity = A, .items = items};
}

static struct fr_edit_plan plan_of(const struct fr_edit_kind *edit, float *vectors) {
    struct fr_mention items[A];
    const struct fr_mentions mentions = make_mentions(items);
    int rows[A * N_LAYERS];
    struct fr_edit_plan plan = {0};
    assert_int_equal(fr_edit_vectors(edit, &source, 1, "n1", TIME, vectors, rows), A);
    fr_edit_plan_of(edit, &mentions, ORIGIN, ORIGIN, true, A, D, vectors, rows, &plan);
    return plan;
}

static void every_control_edits_the_same_rows_by_the_same_operation(void **state) {
    (void)state;
    static float vectors[N_LAYERS * A * D];
    for (int kind = 0; kind < FR_VECTOR_KIND_COUNT; kind++)
        for (int operation = 0; operation < FR_EDIT_OPERATION_COUNT; operation++) {
            struct fr_edit_plan first = {0};
            for (int control = 0; control < FR_VECTOR_CONTROL_COUNT; control++) {
                struct fr_edit_kind edit = edit_of((enum fr_vector_kind)kind, control);
                edit.operation = operation;
                edit.keep_norm = operation % 2 == 0;
                struct fr_edit_plan plan = plan_of(&edit, vectors);
                assert_true(plan.n_edits > 0);
                assert_int_equal(plan.n_vectors, N_LAYERS * A);
                assert_int_equal(plan.width, D);
                assert_ptr_equal(plan.vectors, vectors);
                for (int i = 0; i < plan.n_edits; i++) {
                    const struct fr_edit *e = &plan.edits[i];
                    assert_int_equal(e->operation, operation);
                    assert_int_equal(e->keep_norm, operation % 2 == 0);
                    assert_in_range(e->layer, FIRST, END_LAYER - 1);
                    assert_in_range(e->position, START, END - 1);
                    /* s is of mix and jitter alone: a sum adds the whole vector */
                    assert_true(e->scale == (fr_edit_is_scaled(operation) ? 2.0f / 3 : 1.0f));
                }
                if (control == FR_CONTROL_NONE) {
                    first = plan;
                    continue;
                }
                assert_int_equal(plan.n_edits, first.n_edits);
                for (int i = 0; i < plan.n_edits; i++)
                    assert_memory_equal(&plan.edits[i], &first.edits[i], sizeof *plan.edits);
                fr_edit_plan_release(&plan);
            }
            fr_edit_plan_release(&first);
        }
}

/* Positions of the plan, which lies at layers of one each. */
static int positions_of(const struct fr_edit_plan *plan, int *positions) {
    int n = 0;
    for (int i = 0; i < plan->n_edits; i++)
        if (n == 0 || positions[n - 1] != plan->edits[i].position)
            positions[n++] = plan->edits[i].position;
    return n;
}

/* Words at 10, 12, 14 (prompt) and 16, 18, 20, 22 (reasoning) of concepts 0 1 0 | 0 8 0 1, window
 * [10, 20); each with the token before it. 15 stands before the word at 16. */
static void sets_choose_concepts_and_mentions(void **state) {
    (void)state;
    static float vectors[N_LAYERS * A * D];
    static const int concept[] = {0, 1, 0, 0, 8, 0, 1};
    enum { PROMPT = 16 };
    static const struct {
        int concepts, mentions, first, n, positions[10];
    } cases[] = {
        {FR_CONCEPTS_ALL, FR_MENTIONS_ALL, 0, 10, {10, 11, 12, 13, 14, 15, 16, 17, 18, 19}},
        {FR_CONCEPTS_ACTIONS, FR_MENTIONS_ALL, 0, 8, {10, 11, 12, 13, 14, 15, 16, 19}},
        {FR_CONCEPTS_PREDICATES, FR_MENTIONS_ALL, 0, 2, {17, 18}},
        {FR_CONCEPTS_ONE + 1, FR_MENTIONS_ALL, 0, 2, {11, 12}},
        {FR_CONCEPTS_ALL, FR_MENTIONS_PROMPT, 0, 5, {10, 11, 12, 13, 14}},
        {FR_CONCEPTS_ALL, FR_MENTIONS_REASONING, 0, 4, {15, 16, 17, 18}},
        {FR_CONCEPTS_ALL, FR_MENTIONS_ALL, 1, 5, {10, 11, 12, 17, 18}},
        {FR_CONCEPTS_ALL, FR_MENTIONS_ALL, 2, 7, {10, 11, 12, 13, 14, 17, 18}},
        /* counted among those that are chosen */
        {FR_CONCEPTS_ALL, FR_MENTIONS_REASONING, 1, 4, {15, 16, 17, 18}},
        {FR_CONCEPTS_ONE + 0, FR_MENTIONS_PROMPT, 1, 1, {10}},
    };
    struct fr_mention items[7];
    for (int i = 0; i < 7; i++)
        items[i] =
            (struct fr_mention){.concept = concept[i], .first = 10 + 2 * i, .end = 11 + 2 * i};
    const struct fr_mentions mentions = {.n = 7, .capacity = 7, .items = items};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_edit_kind edit = edit_of(FR_VECTOR_CROSS_LOO, FR_CONTROL_NONE);
        int rows[A * N_LAYERS], positions[16];
        struct fr_edit_plan plan = {0};
        edit.concepts = cases[i].concepts;
        edit.mentions = cases[i].mentions;
        edit.first = cases[i].first;
        (void)fr_edit_vectors(&edit, &source, 1, "n1", TIME, vectors, rows);
        fr_edit_plan_of(&edit, &mentions, PROMPT, ORIGIN, true, A, D, vectors, rows, &plan);
        assert_int_equal(positions_of(&plan, positions), cases[i].n);
        for (int k = 0; k < cases[i].n; k++)
            assert_int_equal(positions[k], cases[i].positions[k]);
        fr_edit_plan_release(&plan);
    }
}

static void every_position_is_edited_at_every_layer_with_that_layer_s_vector(void **state) {
    (void)state;
    static float vectors[N_LAYERS * A * D], want[A * D];
    bool have[A];
    const struct fr_edit_kind edit = edit_of(FR_VECTOR_CROSS_LOO, FR_CONTROL_NONE);
    struct fr_edit_plan plan = plan_of(&edit, vectors);
    int at_layer[N_LAYERS] = {0};
    for (int i = 0; i < plan.n_edits; i++) {
        const struct fr_edit *e = &plan.edits[i];
        const int layer = e->layer - FIRST;
        at_layer[layer]++;
        assert_int_equal(e->position, plan.edits[i - layer].position);
        /* words lie two tokens apart with the token before each: position 6 + 2 a and 5 + 2 a */
        const int concept = (e->position - 5) / 2;
        fr_intervention_vectors(&source, 1, "n1", e->layer - 1, TIME, FR_VECTOR_CROSS_LOO,
                                FR_CONTROL_NONE, 1, want, have);
        assert_memory_equal(plan.vectors + (size_t)e->vector * D, want + (size_t) concept * D,
                            D * sizeof(float));
    }
    for (int l = 0; l < N_LAYERS; l++)
        assert_int_equal(at_layer[l], END - START); /* words and the tokens between them */
    fr_edit_plan_release(&plan);
}

static void a_window_counts_from_the_origin_and_its_end_is_not_in_it(void **state) {
    (void)state;
    static float vectors[A * D];
    struct fr_mention items[A];
    const struct fr_mentions mentions = make_mentions(items);
    struct fr_edit_kind edit = edit_of(FR_VECTOR_IN_NAMING, FR_CONTROL_NONE);
    edit.layers = (struct fr_range){3, 4};
    edit.window = (struct fr_range){2, 5};
    for (int origin = 0; origin <= 10; origin += 5) {
        int rows[A], n = 0;
        struct fr_edit_plan plan = {0};
        assert_int_equal(fr_edit_vectors(&edit, &source, 1, "n1", TIME, vectors, rows), A);
        fr_edit_plan_of(&edit, &mentions, origin, origin, false, A, D, vectors, rows, &plan);
        for (int p = origin + 2; p < origin + 5; p++)
            for (int a = 0; a < A; a++)
                if (items[a].first == p)
                    assert_int_equal(plan.edits[n++].position, p);
        assert_int_equal(plan.n_edits, n);
        assert_true(n > 0 || origin == 0);
        fr_edit_plan_release(&plan);
    }
}

static void a_concept_without_a_vector_at_a_layer_is_not_edited_there(void **state) {
    (void)state;
    static float vectors[N_LAYERS * A * D];
    struct fr_mention items[A];
    const struct fr_mentions mentions = make_mentions(items);
    int rows[A * N_LAYERS];
    bool alone[N] = {false, true, false}; /* leave-one-out of naming 1 has nobody left */
    struct fr_edit_plan plan = {0};
    const struct fr_edit_kind edit = edit_of(FR_VECTOR_CROSS_LOO, FR_CONTROL_NONE);
    source.use = alone;
    assert_int_equal(fr_edit_vectors(&edit, &source, 1, "n1", TIME, vectors, rows), 0);
    for (int i = 0; i < A * N_LAYERS; i++)
        assert_int_equal(rows[i], -1);
    fr_edit_plan_of(&edit, &mentions, ORIGIN, ORIGIN, true, A, D, vectors, rows, &plan);
    assert_int_equal(plan.n_edits, 0);
    /* a naming's own kind that is missing takes its concepts with it, the other kind stays */
    source.use = NULL;
    for (int a = 0; a < A; a++)
        if (concepts.kinds[a] == FR_CONCEPT_ACTION)
            centred.present[(1 * A + a) * T + TIME] = false;
    const struct fr_edit_kind own = edit_of(FR_VECTOR_IN_NAMING, FR_CONTROL_NONE);
    assert_int_equal(fr_edit_vectors(&own, &source, 1, "n1", TIME, vectors, rows), 5);
    for (int a = 0; a < A; a++)
        for (int l = 0; l < N_LAYERS; l++)
            assert_int_equal(rows[a * N_LAYERS + l] >= 0,
                             concepts.kinds[a] == FR_CONCEPT_PREDICATE);
    fr_edit_plan_release(&plan);
}

static void controls_carry_other_vectors_than_the_matched_run(void **state) {
    (void)state;
    static float matched[N_LAYERS * A * D], control[N_LAYERS * A * D];
    int rows[A * N_LAYERS];
    static const struct {
        enum fr_vector_kind kind;
        enum fr_vector_control control;
    } pairs[] = {
        {FR_VECTOR_IN_NAMING, FR_CONTROL_SHUFFLED},    {FR_VECTOR_IN_NAMING, FR_CONTROL_RANDOM},
        {FR_VECTOR_CROSS_LOO, FR_CONTROL_SHUFFLED},    {FR_VECTOR_CLEAN, FR_CONTROL_SHUFFLED},
        {FR_VECTOR_SYMBOLIC_LOO, FR_CONTROL_SHUFFLED}, {FR_VECTOR_SYMBOLIC_LOO, FR_CONTROL_RANDOM},
        {FR_VECTOR_SYMBOLIC_LOO, FR_CONTROL_SINGLE},
    };
    for (size_t p = 0; p < sizeof pairs / sizeof *pairs; p++) {
        const struct fr_edit_kind one = edit_of(pairs[p].kind, FR_CONTROL_NONE);
        const struct fr_edit_kind two = edit_of(pairs[p].kind, (int)pairs[p].control);
        (void)fr_edit_vectors(&one, &source, 1, "n1", TIME, matched, rows);
        (void)fr_edit_vectors(&two, &source, 1, "n1", TIME, control, rows);
        for (int i = 0; i < N_LAYERS * A; i++)
            assert_memory_not_equal(matched + (size_t)i * D, control + (size_t)i * D,
                                    D * sizeof(float));
    }
}

static void strength_multiplies_what_is_written(void **state) {
    (void)state;
    static float one[N_LAYERS * A * D], ten[N_LAYERS * A * D];
    int rows[A * N_LAYERS];
    struct fr_edit_kind edit = edit_of(FR_VECTOR_CROSS_ALL, FR_CONTROL_NONE);
    (void)fr_edit_vectors(&edit, &source, 1, "n1", TIME, one, rows);
    edit.strength = 10;
    (void)fr_edit_vectors(&edit, &source, 1, "n1", TIME, ten, rows);
    for (int i = 0; i < N_LAYERS * A * D; i++)
        assert_near(ten[i], 10.0 * (double)one[i], 1e-6 * fabs((double)ten[i]));
}

/* A plan's noise: the same rows, each with a vector of its own. */
static void noise_is_a_vector_for_every_row(void **state) {
    (void)state;
    static float vectors[N_LAYERS * A * D];
    struct fr_edit_kind edit = edit_of(FR_VECTOR_NOISE, FR_CONTROL_NONE);
    edit.operation = FR_EDIT_JITTER;
    struct fr_edit_plan plan = plan_of(&edit, vectors);
    const int n = plan.n_edits;
    float *noise = fr_edit_plan_noise(5, "n1", 9, &plan);
    assert_int_equal(plan.n_edits, n);
    assert_int_equal(plan.n_vectors, n);
    assert_ptr_equal(plan.vectors, noise);
    for (int i = 0; i < n; i++) {
        float want[D];
        assert_int_equal(plan.edits[i].vector, i);
        fr_noise_vector(5, "n1", 9, plan.edits[i].position, plan.edits[i].layer, D, want);
        assert_memory_equal(noise + i * D, want, sizeof want);
    }
    free(noise);
    fr_edit_plan_release(&plan);
}

static void leave_one_out_does_not_depend_on_the_target_naming(void **state) {
    (void)state;
    static float before[N_LAYERS * A * D], after[N_LAYERS * A * D];
    int rows[A * N_LAYERS];
    for (int kind = 0; kind < FR_VECTOR_KIND_COUNT; kind++) {
        const struct fr_edit_kind edit = edit_of((enum fr_vector_kind)kind, FR_CONTROL_NONE);
        const bool without = kind == FR_VECTOR_CROSS_LOO || kind == FR_VECTOR_SYMBOLIC_LOO ||
                             kind == FR_VECTOR_CLEAN /* of naming 0 */ || kind == FR_VECTOR_NOISE;
        (void)fr_edit_vectors(&edit, &source, 1, "n1", TIME, before, rows);
        for (int a = 0; a < A; a++)
            for (int d = 0; d < D; d++) {
                fr_reps_at(&centred, 1, a, FIRST - 1, TIME)[d] += 1;
                fr_reps_at(&raw, 1, a, FIRST - 1, TIME)[d] += 1;
            }
        (void)fr_edit_vectors(&edit, &source, 1, "n1", TIME, after, rows);
        assert_int_equal(memcmp(before, after, sizeof before) == 0, without);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_control_edits_the_same_rows_by_the_same_operation),
        TEST(sets_choose_concepts_and_mentions),
        TEST(every_position_is_edited_at_every_layer_with_that_layer_s_vector),
        TEST(a_window_counts_from_the_origin_and_its_end_is_not_in_it),
        TEST(a_concept_without_a_vector_at_a_layer_is_not_edited_there),
        TEST(controls_carry_other_vectors_than_the_matched_run),
        TEST(strength_multiplies_what_is_written),
        TEST(noise_is_a_vector_for_every_row),
        TEST(leave_one_out_does_not_depend_on_the_target_naming),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
