/* Edit plans: which positions belong to whom, in which order, checked by hand and against a
 * brute-force reading of the rule. */
#include "test.h"

#include "interventions/interventions.h"

static const struct fr_intervention steering = {.operation = FR_EDIT_MIX,
                                                .scale = 0.5f,
                                                .keep_norm = true,
                                                .previous_token = true,
                                                .layer_first = 2,
                                                .layer_end = 3,
                                                .window_start = 10,
                                                .window_end = 20};

static struct fr_edit_plan plan_of(const struct fr_intervention *v, const struct fr_mention *items,
                                   int n, int n_concepts, const int *rows) {
    struct fr_mention copy[64];
    for (int i = 0; i < n; i++)
        copy[i] = items[i];
    const struct fr_mentions mentions = {.n = n, .capacity = n, .items = copy};
    struct fr_edit_plan plan = {.n_vectors = 100, .width = 1};
    fr_intervention_plan(v, &mentions, n_concepts, rows, &plan);
    return plan;
}

static void assert_positions(const struct fr_edit_plan *plan, const int (*want)[2], int n) {
    assert_int_equal(plan->n_edits, n);
    for (int i = 0; i < n; i++) {
        assert_int_equal(plan->edits[i].position, want[i][0]);
        assert_int_equal(plan->edits[i].vector, want[i][1]);
    }
}

static void words_and_the_tokens_before_them_are_edited_inside_the_window_only(void **state) {
    (void)state;
    /* Straddling the start, inside, straddling the end, and with its word just behind the end. */
    const struct fr_mention m[] = {{0, 8, 12}, {1, 14, 15}, {0, 18, 22}, {1, 30, 31}};
    const struct fr_mention behind[] = {{1, 10, 11}, {0, 20, 21}};
    const int rows[] = {7, 9};
    struct fr_edit_plan plan = plan_of(&steering, m, 4, 2, rows);
    const int want[][2] = {{10, 7}, {11, 7}, {13, 9}, {14, 9}, {17, 7}, {18, 7}, {19, 7}};
    assert_positions(&plan, want, 7);
    for (int i = 0; i < plan.n_edits; i++) {
        assert_int_equal(plan.edits[i].layer, 2);
        assert_int_equal(plan.edits[i].operation, FR_EDIT_MIX);
        assert_true(plan.edits[i].scale == 0.5f && plan.edits[i].keep_norm);
    }
    fr_edit_plan_release(&plan);
    plan = plan_of(&steering, behind, 2, 2, rows);
    const int want_behind[][2] = {{10, 9}, {19, 7}};
    assert_positions(&plan, want_behind, 2);
    fr_edit_plan_release(&plan);
}

static void without_previous_token_only_words_are_edited(void **state) {
    (void)state;
    struct fr_intervention v = steering;
    v.previous_token = false;
    const struct fr_mention m[] = {{0, 8, 12}, {1, 14, 15}};
    const int rows[] = {7, 9};
    struct fr_edit_plan plan = plan_of(&v, m, 2, 2, rows);
    const int want[][2] = {{10, 7}, {11, 7}, {14, 9}};
    assert_positions(&plan, want, 3);
    fr_edit_plan_release(&plan);
}

static void a_words_token_before_the_next_word_stays_its_own(void **state) {
    (void)state;
    const struct fr_mention m[] = {{0, 11, 12}, {1, 12, 13}, {2, 13, 14}, {0, 14, 15}};
    const int rows[] = {7, 9, -1}; /* concept 2 has no vector: its word is not edited at all */
    struct fr_edit_plan plan = plan_of(&steering, m, 4, 3, rows);
    const int want[][2] = {{10, 7}, {11, 7}, {12, 9}, {14, 7}};
    assert_positions(&plan, want, 4);
    fr_edit_plan_release(&plan);
}

static void a_token_of_two_words_belongs_to_the_first(void **state) {
    (void)state;
    const struct fr_mention m[] = {{1, 12, 13}, {0, 12, 14}};
    const int rows[] = {7, 9};
    struct fr_edit_plan plan = plan_of(&steering, m, 2, 2, rows);
    const int want[][2] = {{11, 9}, {12, 9}, {13, 7}};
    assert_positions(&plan, want, 3);
    fr_edit_plan_release(&plan);
}

static void layers_of_a_position_follow_each_other_each_with_its_own_vector(void **state) {
    (void)state;
    struct fr_intervention v = steering;
    v.layer_end = 5;
    const struct fr_mention m[] = {{1, 12, 13}};
    const int rows[] = {-1, -1, -1, 40, -1, 42};
    struct fr_edit_plan plan = plan_of(&v, m, 1, 2, rows);
    assert_int_equal(plan.n_edits, 4);
    const int want[][3] = {{11, 2, 40}, {11, 4, 42}, {12, 2, 40}, {12, 4, 42}};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(plan.edits[i].position, want[i][0]);
        assert_int_equal(plan.edits[i].layer, want[i][1]);
        assert_int_equal(plan.edits[i].vector, want[i][2]);
    }
    fr_edit_plan_release(&plan);
}

/* The rule, read literally, one position at a time. */
static int owner_by_rule(const struct fr_mentions *m, bool previous_token, int position) {
    int owner = -1;
    for (int i = m->n - 1; i >= 0 && previous_token; i--)
    owner = m->items[i].first == position + 1 ? m->items[i].concept : owner;
    for (int i = m->n - 1; i >= 0; i--) {
        const bool inside = m->items[i].first <= position && position < m->items[i].end;
        owner = inside ? m->items[i].concept : owner;
    }
    return owner;
}

static void plans_follow_the_rule_on_random_mentions(void **state) {
    (void)state;
    struct fr_rng rng;
    fr_rng_seed(&rng, 11, 0);
    for (int trial = 0; trial < 2000; trial++) {
        struct fr_mention items[64];
        struct fr_mentions m = {.items = items};
        for (int at = 0; m.n < 40 && at < 60;) {
            const int first = at + (int)fr_rng_below(&rng, 3);
            const int end = first + 1 + (int)fr_rng_below(&rng, 3);
            items[m.n++] = (struct fr_mention){(int)fr_rng_below(&rng, 4), first, end};
            at = fr_rng_below(&rng, 6) == 0 ? end - 1 : end;
        }
        struct fr_intervention v = steering;
        v.previous_token = fr_rng_below(&rng, 2) == 0;
        v.window_start = (int)fr_rng_below(&rng, 40);
        v.window_end = v.window_start + (int)fr_rng_below(&rng, 40);
        v.layer_end = v.layer_first + 1 + (int)fr_rng_below(&rng, 3);
        const int n_layers = v.layer_end - v.layer_first;
        int rows[12];
        for (int i = 0; i < 4 * n_layers; i++)
            rows[i] = (int)fr_rng_below(&rng, 5) - 1;
        struct fr_edit_plan plan = {.n_vectors = 4, .width = 1};
        fr_intervention_plan(&v, &m, 4, rows, &plan);
        int k = 0;
        for (int p = v.window_start; p < v.window_end; p++)
            for (int l = 0; l < n_layers; l++) {
                const int a = owner_by_rule(&m, v.previous_token, p);
                if (a < 0 || rows[a * n_layers + l] < 0)
                    continue;
                assert_true(k < plan.n_edits);
                assert_int_equal(plan.edits[k].position, p);
                assert_int_equal(plan.edits[k].layer, v.layer_first + l);
                assert_int_equal(plan.edits[k].vector, rows[a * n_layers + l]);
                k++;
            }
        assert_int_equal(k, plan.n_edits);
        fr_edit_plan_release(&plan);
    }
}

static void two_windows_one_after_the_other_append_to_one_plan(void **state) {
    (void)state;
    struct fr_mention items[] = {{0, 11, 12}, {0, 25, 26}};
    const struct fr_mentions m = {.n = 2, .items = items};
    struct fr_edit_plan plan = {.n_vectors = 2, .width = 1};
    struct fr_intervention v = steering;
    fr_intervention_plan(&v, &m, 1, (int[]){0}, &plan);
    v.window_start = 20;
    v.window_end = 30;
    fr_intervention_plan(&v, &m, 1, (int[]){1}, &plan);
    const int want[][2] = {{10, 0}, {11, 0}, {24, 1}, {25, 1}};
    assert_positions(&plan, want, 4);
    fr_edit_plan_release(&plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_the_tokens_before_them_are_edited_inside_the_window_only),
        cmocka_unit_test(without_previous_token_only_words_are_edited),
        cmocka_unit_test(a_words_token_before_the_next_word_stays_its_own),
        cmocka_unit_test(a_token_of_two_words_belongs_to_the_first),
        cmocka_unit_test(layers_of_a_position_follow_each_other_each_with_its_own_vector),
        cmocka_unit_test(plans_follow_the_rule_on_random_mentions),
        cmocka_unit_test(two_windows_one_after_the_other_append_to_one_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
