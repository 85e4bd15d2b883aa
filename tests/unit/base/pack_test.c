/* Packed values: what goes in comes out, and bytes that are cut or wrong are found. */
#include "base/pack.h"

#include <string.h>

#include "base/memory.h"
#include "test.h"

static const int64_t ints[] = {0, -1, 1, INT64_MAX, INT64_MIN, 1LL << 53, 255, 256};
static const char *const texts[] = {"", "a", "caf\xc3\xa9\n", "\xff\xfe", "a longer one; with \""};
enum { N_INTS = sizeof ints / sizeof *ints, N_TEXTS = sizeof texts / sizeof *texts };

/* Numbers, texts and bytes in turn, so that numbers lie unaligned. */
static void pack_all(struct fr_text *out) {
    for (int i = 0; i < N_INTS; i++) {
        fr_pack_text(out, texts[i % N_TEXTS]);
        fr_pack_int(out, ints[i]);
        fr_pack_bytes(out, "\0\1\0nul", (size_t)i);
    }
}

/* Reads them again; everything is as it was, unless bad. */
static bool unpack_all(struct fr_unpack *in) {
    for (int i = 0; i < N_INTS; i++) {
        size_t n;
        const char *text = fr_unpack_text(in);
        const int64_t value = fr_unpack_int(in);
        const void *bytes = fr_unpack_bytes(in, &n);
        if (in->bad) /* then zeros and empty strings */
            return fr_unpack_int(in) == 0 && *fr_unpack_text(in) == '\0' &&
                   fr_unpack_bytes(in, &n) != NULL && n == 0 && in->bad;
        assert_string_equal(text, texts[i % N_TEXTS]);
        assert_true(value == ints[i]);
        assert_int_equal(n, i);
        assert_memory_equal(bytes, "\0\1\0nul", n);
    }
    return false;
}

static void what_is_packed_comes_back_in_its_order(void **state) {
    (void)state;
    struct fr_text bytes = {0};
    pack_all(&bytes);
    struct fr_unpack in = fr_unpack_begin(&bytes);
    assert_false(unpack_all(&in));
    assert_false(in.bad);
    assert_ptr_equal(in.at, in.end);
    /* nothing is behind the last */
    assert_int_equal(fr_unpack_int(&in), 0);
    assert_true(in.bad);
    fr_text_release(&bytes);
}

static void what_is_read_is_borrowed(void **state) {
    (void)state;
    struct fr_text bytes = {0};
    fr_pack_text(&bytes, "borrowed");
    struct fr_unpack in = fr_unpack_begin(&bytes);
    const char *text = fr_unpack_text(&in);
    assert_true(text > bytes.data && text + 9 == bytes.data + bytes.len);
    fr_text_release(&bytes);
}

static void bytes_cut_anywhere_are_bad(void **state) {
    (void)state;
    struct fr_text whole = {0};
    pack_all(&whole);
    for (size_t n = 0; n < whole.len; n++) {
        /* a copy of its own, so that reading behind it is seen by the sanitizer */
        char *copy = fr_alloc(n, 1);
        memcpy(copy, whole.data, n);
        struct fr_unpack in = {.at = copy, .end = copy + n};
        if (!unpack_all(&in))
            fail_msg("%zu bytes of %zu are taken for all", n, whole.len);
        free(copy);
    }
    fr_text_release(&whole);
}

static void lengths_that_do_not_fit_are_bad(void **state) {
    (void)state;
    static const int64_t lengths[] = {-1, INT64_MIN, INT64_MAX, 9, 1LL << 32};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (int text = 0; text < 2; text++) {
            struct fr_text bytes = {0};
            fr_pack_int(&bytes, lengths[i]);
            fr_text_append(&bytes, "1234567", 8);
            struct fr_unpack in = fr_unpack_begin(&bytes);
            size_t n = 77;
            if (text)
                assert_string_equal(fr_unpack_text(&in), "");
            else
                assert_non_null(fr_unpack_bytes(&in, &n));
            assert_int_equal(n, text ? 77 : 0);
            assert_true(in.bad);
            fr_text_release(&bytes);
        }
}

static void a_text_without_its_end_is_bad(void **state) {
    (void)state;
    static const char *const cases[] = {"", "abc"};
    for (int i = 0; i < 2; i++) {
        struct fr_text bytes = {0};
        fr_pack_bytes(&bytes, cases[i], strlen(cases[i])); /* no NUL */
        fr_pack_int(&bytes, 5);
        struct fr_unpack in = fr_unpack_begin(&bytes);
        assert_string_equal(fr_unpack_text(&in), "");
        assert_true(in.bad);
        assert_int_equal(fr_unpack_int(&in), 0); /* and it stays so */
        fr_text_release(&bytes);
    }
}

static void nothing_at_all_is_bad_when_something_is_wanted(void **state) {
    (void)state;
    const struct fr_text bytes = {0};
    struct fr_unpack in = fr_unpack_begin(&bytes);
    assert_false(in.bad);
    assert_string_equal(fr_unpack_text(&in), "");
    assert_true(in.bad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_packed_comes_back_in_its_order),
        cmocka_unit_test(what_is_read_is_borrowed),
        cmocka_unit_test(bytes_cut_anywhere_are_bad),
        cmocka_unit_test(lengths_that_do_not_fit_are_bad),
        cmocka_unit_test(a_text_without_its_end_is_bad),
        cmocka_unit_test(nothing_at_all_is_bad_when_something_is_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
