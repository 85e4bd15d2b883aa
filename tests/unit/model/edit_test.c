/* One edit on one row, against the formulas of method.md section 5 worked out by hand. */
#include <string.h>

#include "model/backend.h"
#include "support/test.h"

static const float row[4] = {3.0f, 0.0f, -4.0f, 12.0f}; /* norm 13 */
static const float v[4] = {0.0f, 6.0f, 2.0f, 3.0f};     /* norm 7 */

static void apply(enum fr_edit_operation operation, float scale, bool keep_norm, float out[4]) {
    const struct fr_edit edit = {.operation = (uint8_t)operation,
                                 .scale = scale,
                                 .keep_norm = keep_norm};
    memcpy(out, row, sizeof row);
    fr_edit_apply(&edit, v, out, 4);
}

static double norm(const float *x) {
    double square = 0.0;
    for (int i = 0; i < 4; i++)
        square += (double)x[i] * (double)x[i];
    return sqrt(square);
}

static void mix_weighs_the_row_by_scale_and_the_vector_by_the_rest(void **state) {
    (void)state;
    float h[4];
    apply(FR_EDIT_MIX, 0.75f, false, h);
    static const double expected[4] = {2.25, 1.5, -2.5, 9.75};
    for (int i = 0; i < 4; i++)
        assert_near((double)h[i], expected[i], 1e-6);
}

static void replace_puts_the_vector_and_keep_norm_its_direction(void **state) {
    (void)state;
    float h[4];
    apply(FR_EDIT_REPLACE, 0.0f, false, h);
    assert_memory_equal(h, v, sizeof v);
    apply(FR_EDIT_REPLACE, 0.0f, true, h);
    for (int i = 0; i < 4; i++)
        assert_near((double)h[i], (double)v[i] * 13.0 / 7.0, 1e-5);
}

static void add_and_subtract_are_each_others_mirror(void **state) {
    (void)state;
    float plus[4], minus[4];
    apply(FR_EDIT_ADD, -2.0f, false, plus);
    apply(FR_EDIT_SUBTRACT, 2.0f, false, minus);
    assert_memory_equal(plus, minus, sizeof plus);
    static const double expected[4] = {3.0, -12.0, -8.0, 6.0};
    for (int i = 0; i < 4; i++)
        assert_near((double)minus[i], expected[i], 1e-6);
}

/* |row| = 13, whatever the noise's own norm is; noise of norm zero does nothing. */
static void jitter_is_as_large_as_the_row_says(void **state) {
    (void)state;
    float h[4], zero[4] = {0};
    apply(FR_EDIT_JITTER, 0.25f, false, h);
    for (int i = 0; i < 4; i++)
        assert_near((double)h[i] - (double)row[i], 0.25 * 13 * (double)v[i] / norm(v), 1e-5);
    memcpy(h, row, sizeof h);
    fr_edit_apply(&(struct fr_edit){.operation = FR_EDIT_JITTER, .scale = 0.25f}, zero, h, 4);
    assert_memory_equal(h, row, sizeof h);
}

/* row.v = -8 + 36 = 28 and v.v = 49, so that 4/7 of v go; what is left is at a right angle to it.
 */
static void project_takes_the_share_along_the_vector(void **state) {
    (void)state;
    static const double out[4] = {3.0, -24.0 / 7, -4.0 - 8.0 / 7, 12.0 - 12.0 / 7};
    float h[4], zero[4] = {0};
    for (int keep_norm = 0; keep_norm < 2; keep_norm++) {
        double along = 0;
        apply(FR_EDIT_PROJECT, 1.0f, keep_norm, h);
        for (int i = 0; i < 4; i++) {
            assert_near((double)h[i], out[i] * (keep_norm ? 13 / sqrt(153) : 1), 1e-5);
            along += (double)h[i] * (double)v[i];
        }
        assert_near(along, 0, 1e-5);
    }
    apply(FR_EDIT_PROJECT, 0.25f, false, h);
    for (int i = 0; i < 4; i++)
        assert_near((double)h[i], 0.75 * (double)row[i] + 0.25 * out[i], 1e-6);
    memcpy(h, row, sizeof h);
    fr_edit_apply(&(struct fr_edit){.operation = FR_EDIT_PROJECT, .scale = 1.0f}, zero, h, 4);
    assert_memory_equal(h, row, sizeof h);
}

static void keep_norm_restores_the_rows_norm(void **state) {
    (void)state;
    float h[4];
    static const enum fr_edit_operation operations[] = {FR_EDIT_MIX, FR_EDIT_ADD, FR_EDIT_SUBTRACT,
                                                        FR_EDIT_JITTER};
    for (int i = 0; i < 4; i++) {
        apply(operations[i], 2.0f / 3.0f, true, h);
        assert_near(norm(h), 13.0, 1e-5);
        assert_memory_not_equal(h, row, sizeof row);
    }
}

static void edits_that_say_nothing_leave_every_bit(void **state) {
    (void)state;
    float h[4] = {1e-40f, -0.0f, 3.3333333f, 7e37f}, before[4];
    memcpy(before, h, sizeof h);
    static const struct fr_edit edits[] = {
        {.operation = FR_EDIT_MIX, .scale = 1.0f, .keep_norm = true},
        {.operation = FR_EDIT_MIX, .scale = 1.0f},
        {.operation = FR_EDIT_ADD, .scale = 0.0f, .keep_norm = true},
        {.operation = FR_EDIT_SUBTRACT, .scale = 0.0f, .keep_norm = true},
        {.operation = FR_EDIT_JITTER, .scale = 0.0f, .keep_norm = true},
        {.operation = FR_EDIT_PROJECT, .scale = 0.0f, .keep_norm = true},
    };
    for (int i = 0; i < 6; i++) {
        fr_edit_apply(&edits[i], v, h, 4);
        assert_memory_equal(h, before, sizeof h);
    }
}

static void a_row_that_becomes_zero_stays_zero_under_keep_norm(void **state) {
    (void)state;
    float h[4];
    memcpy(h, v, sizeof h);
    const struct fr_edit edit = {.operation = FR_EDIT_SUBTRACT, .scale = 1.0f, .keep_norm = true};
    fr_edit_apply(&edit, v, h, 4);
    for (int i = 0; i < 4; i++)
        assert_true(h[i] == 0.0f);
}

static void every_operation_has_a_name(void **state) {
    (void)state;
    for (int i = 0; i < FR_EDIT_OPERATION_COUNT; i++)
        assert_non_null(fr_edit_operation_name[i]);
    assert_string_equal(fr_edit_operation_name[FR_EDIT_SUBTRACT], "subtract");
}

static void positions_and_edits_are_found_by_their_first_not_before(void **state) {
    (void)state;
    static const int32_t positions[] = {3, 5, 9};
    assert_int_equal(fr_positions_find(positions, 3, 0), 0);
    assert_int_equal(fr_positions_find(positions, 3, 5), 1);
    assert_int_equal(fr_positions_find(positions, 3, 6), 2);
    assert_int_equal(fr_positions_find(positions, 3, 10), 3);
    assert_int_equal(fr_positions_find(positions, 0, 10), 0);
    struct fr_edit_plan plan = {0};
    for (int i = 0; i < 100; i++)
        fr_edit_plan_append(&plan, &(struct fr_edit){.position = i / 2, .layer = (int16_t)(i % 2)});
    assert_int_equal(fr_edit_plan_find(&plan, 7), 14);
    assert_int_equal(fr_edit_plan_find(&plan, 50), 100);
    fr_edit_plan_release(&plan);
    assert_null(plan.edits);
}

static void argmax_takes_the_lowest_of_equals_and_refuses_what_is_no_number(void **state) {
    (void)state;
    for (int n = 1; n < 70; n++)
        for (int at = 0; at < n; at++) {
            float logits[70];
            for (int i = 0; i < n; i++)
                logits[i] = -5.0f;
            logits[at] = -1.0f;
            logits[n - 1] = -1.0f;
            assert_int_equal(fr_logits_argmax(logits, n), at);
        }
    float many[5000] = {0}; /* several blocks, and equals in two of them */
    for (int at = 1; at < 5000; at += 341) {
        many[at] = many[(at + 1023) % 5000] = 1;
        assert_int_equal(fr_logits_argmax(many, 5000),
                         at < (at + 1023) % 5000 ? at : (at + 1023) % 5000);
        many[at] = many[(at + 1023) % 5000] = 0;
    }
    float bad[40];
    for (int i = 0; i < 40; i++)
        bad[i] = NAN;
    assert_int_equal(fr_logits_argmax(bad, 40), -1);
    bad[17] = 2.0f;
    assert_int_equal(fr_logits_argmax(bad, 40), 17);
    bad[3] = INFINITY;
    assert_int_equal(fr_logits_argmax(bad, 40), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mix_weighs_the_row_by_scale_and_the_vector_by_the_rest),
        cmocka_unit_test(replace_puts_the_vector_and_keep_norm_its_direction),
        cmocka_unit_test(add_and_subtract_are_each_others_mirror),
        cmocka_unit_test(jitter_is_as_large_as_the_row_says),
        cmocka_unit_test(project_takes_the_share_along_the_vector),
        cmocka_unit_test(keep_norm_restores_the_rows_norm),
        cmocka_unit_test(edits_that_say_nothing_leave_every_bit),
        cmocka_unit_test(a_row_that_becomes_zero_stays_zero_under_keep_norm),
        cmocka_unit_test(every_operation_has_a_name),
        cmocka_unit_test(positions_and_edits_are_found_by_their_first_not_before),
        cmocka_unit_test(argmax_takes_the_lowest_of_equals_and_refuses_what_is_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
