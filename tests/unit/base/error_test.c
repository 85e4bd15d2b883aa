/* Errors as values. */
#include "base/error.h"

#include <string.h>

#include "base/memory.h"
#include "test.h"

static void a_failure_is_a_code_and_a_line_of_text(void **state) {
    (void)state;
    struct fr_error err = {0};
    assert_int_equal(fr_fail(&err, FR_E_INPUT, "%s:%d: no", "x.yaml", 3), FR_E_INPUT);
    assert_int_equal(err.code, FR_E_INPUT);
    assert_string_equal(err.text, "x.yaml:3: no");
    assert_int_equal(fr_fail(NULL, FR_E_IO, "nobody listens"), FR_E_IO);
}

static void a_long_text_is_cut_to_fit(void **state) {
    (void)state;
    char value[2000];
    memset(value, 'v', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    struct fr_error err = {0};
    (void)fr_fail(&err, FR_E_INPUT, "%s", value);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_int_equal(fr_fail_in(&err, "%s", value), FR_E_INPUT);
    assert_true(strlen(err.text) < sizeof err.text);
    assert_non_null(strstr(err.text, ": vvv"));
}

static void a_place_is_put_before_a_text_and_the_code_stays(void **state) {
    (void)state;
    struct fr_error err = {0};
    (void)fr_fail(&err, FR_E_MODEL, "cut short");
    assert_int_equal(fr_fail_in(&err, "%s: model.path", "demo.yaml"), FR_E_MODEL);
    assert_string_equal(err.text, "demo.yaml: model.path: cut short");
    assert_int_equal(err.code, FR_E_MODEL);
}

static void every_code_has_a_name_of_its_own(void **state) {
    (void)state;
    const int codes[] = {
#define FR_X(name, value, text) name,
        FR_ERROR_LIST(FR_X)
#undef FR_X
    };
    const int n = (int)(sizeof codes / sizeof *codes);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++) {
            assert_int_not_equal(codes[i], codes[j]);
            assert_string_not_equal(fr_code_text(codes[i]), fr_code_text(codes[j]));
        }
    assert_string_equal(fr_code_text(-1000), "unknown error");
}

static void memory_of_no_elements_is_valid_and_new_memory_is_zero(void **state) {
    (void)state;
    char *none = fr_alloc(0, 8), *some = fr_alloc(100, 1), *copy = fr_strndup("hello", 3);
    assert_non_null(none);
    for (int i = 0; i < 100; i++)
        assert_int_equal(some[i], 0);
    assert_string_equal(copy, "hel");
    free(none);
    free(some);
    free(copy);
}

static void growing_arrays_keep_what_they_hold(void **state) {
    (void)state;
    struct {
        int *items, n, capacity;
    } a = {0};
    for (int i = 0; i < 1000; i++) {
        FR_RESERVE(a.items, a.n, a.capacity);
        a.items[a.n++] = i;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(a.items[i], i);
    free(a.items);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_is_a_code_and_a_line_of_text),
        cmocka_unit_test(a_long_text_is_cut_to_fit),
        cmocka_unit_test(a_place_is_put_before_a_text_and_the_code_stays),
        cmocka_unit_test(every_code_has_a_name_of_its_own),
        cmocka_unit_test(memory_of_no_elements_is_valid_and_new_memory_is_zero),
        cmocka_unit_test(growing_arrays_keep_what_they_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
