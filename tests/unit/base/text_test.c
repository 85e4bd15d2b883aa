/* Growing strings, the nearest word, word bytes. */
#include "base/text.h"

#include <string.h>

#include "test.h"

static void an_empty_text_is_the_empty_string(void **state) {
    (void)state;
    struct fr_text text = {0};
    assert_string_equal(fr_text_get(&text), "");
    fr_text_clear(&text);
    fr_text_append(&text, NULL, 0);
    assert_string_equal(fr_text_get(&text), "");
    fr_text_release(&text);
    char *taken = fr_text_take(&text);
    assert_string_equal(taken, "");
    free(taken);
}

static void text_grows_and_stays_terminated(void **state) {
    (void)state;
    struct fr_text text = {0};
    for (int i = 0; i < 10000; i++) {
        fr_text_append(&text, "abc", 3);
        assert_int_equal(text.len, 3 * ((size_t)i + 1));
        assert_int_equal(text.data[text.len], 0);
    }
    fr_text_add(&text, "!");
    assert_int_equal(strlen(text.data), 30001);
    fr_text_clear(&text);
    assert_string_equal(fr_text_get(&text), "");
    fr_text_printf(&text, "%s-%d", "x", 42);
    fr_text_printf(&text, "%s", "");
    fr_text_printf(&text, "%200s|", "y");
    assert_int_equal(text.len, 4 + 201);
    assert_int_equal(strncmp(text.data, "x-42 ", 5), 0);
    fr_text_release(&text);
}

static void bytes_of_any_value_are_kept(void **state) {
    (void)state;
    struct fr_text text = {0};
    fr_text_append(&text, "a\0b\xff", 4);
    assert_int_equal(text.len, 4);
    assert_memory_equal(text.data, "a\0b\xff", 5);
    fr_text_release(&text);
}

static void taking_moves_the_string_out(void **state) {
    (void)state;
    struct fr_text text = {0};
    fr_text_add(&text, "mine");
    char *taken = fr_text_take(&text);
    assert_string_equal(taken, "mine");
    assert_null(text.data);
    fr_text_add(&text, "new");
    assert_string_equal(taken, "mine");
    free(taken);
    fr_text_release(&text);
}

static void the_nearest_word_is_found_for_a_likely_slip_only(void **state) {
    (void)state;
    const char *const words[] = {"slots", "seed", "scale", "conditions"};
    assert_string_equal(fr_nearest("slotts", words, 4), "slots");
    assert_string_equal(fr_nearest("slots", words, 4), "slots");
    assert_string_equal(fr_nearest("sede", words, 4), "seed");
    assert_string_equal(fr_nearest("condition", words, 4), "conditions");
    assert_null(fr_nearest("banana", words, 4));
    assert_null(fr_nearest("", words, 4));
    const char *const empty[] = {"", "x"};
    assert_null(fr_nearest("", empty, 2));
    assert_null(fr_nearest("y", empty, 1));
    assert_null(fr_nearest("slots", words, 0));
}

static void a_word_of_any_length_may_be_asked_for(void **state) {
    (void)state;
    char word[5000];
    memset(word, 's', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    const char *const words[] = {"slots", word};
    assert_null(fr_nearest(word, words, 1));
    assert_null(fr_nearest(word, words, 2)); /* nobody means it */
    assert_string_equal(fr_nearest("slots", words, 2), "slots");
}

static void characters_are_read_and_what_is_unseen_is_not_shown(void **state) {
    (void)state;
    static const char *const bad[] = {"\x80",         "\xc0\xaf",         "\xc3", "\xe2\x82",
                                      "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", ""};
    uint32_t point;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(fr_utf8_decode(bad[i], &point), 0);
    assert_int_equal(fr_utf8_decode("\xe2\x80\xae", &point), 3);
    assert_int_equal(point, 0x202E);
    assert_int_equal(fr_utf8_decode("\xf0\x9f\x98\x80x", &point), 4);
    assert_int_equal(point, 0x1F600);
    assert_true(fr_is_unseen(0x202E) && fr_is_unseen(0x200B) && fr_is_unseen(7));
    assert_false(fr_is_unseen(' ') || fr_is_unseen(0xE9));
    struct fr_text text = {0};
    fr_text_add_shown(&text, "a\xe2\x80\xae"
                             "b\xff\xc3\xa9\x1b[1m\n\t");
    assert_string_equal(fr_text_get(&text), "a?b?\xc3\xa9?[1m\n\t");
    fr_text_release(&text);
}

static void of_equally_near_words_the_first_is_named(void **state) {
    (void)state;
    const char *const words[] = {"cat", "bat"};
    assert_string_equal(fr_nearest("rat", words, 2), "cat");
}

static void word_bytes_are_letters_digits_underscores_and_foreign_letters(void **state) {
    (void)state;
    for (int i = 0; i < 256; i++) {
        const char c = (char)i;
        const int want = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '_' || i >= 128;
        assert_int_equal(fr_is_word_byte(c), want);
    }
}

static void case_is_ignored_for_ascii_letters_only(void **state) {
    (void)state;
    assert_true(fr_equal_nocase("Pick-Up", "pICK-uP", 7));
    assert_true(fr_equal_nocase("abcX", "abcY", 3));
    assert_true(fr_equal_nocase("", "", 0));
    assert_false(fr_equal_nocase("a", "b", 1));
    assert_false(fr_equal_nocase("\xc3\x89", "\xc3\xa9", 2)); /* E acute, e acute */
    assert_false(fr_equal_nocase("@", "`", 1));
    assert_false(fr_equal_nocase("[", "{", 1));
}

static void dashes_quotes_and_scripts_without_blanks_end_a_word_and_accents_do_not(void **state) {
    (void)state;
    static const struct {
        const char *before, *after;
        bool inside;
    } cases[] = {
        {"a", "b", true},           {"a", "", false},      {"", "a", false},       {"a", "_", true},
        {"a", "-b", false},         {"a", "'s", false},    {"a", "\u2014", false}, /* a dash */
        {"\u201c", "a", false},                                                    /* a quote */
        {"\u2192", "a", false},                                                    /* an arrow */
        {"\u6267", "a", false},     /* an ideograph */
        {"\U0001f600", "a", false}, /* of four bytes */
        {"a", "\u00a0", false},     /* a blank */
        {"\u00e9", "a", true},      {"a", "\u00e9", true}, {"a", "\u0430", true}, /* Cyrillic */
        {"a", "\x80", true},                                                      /* no UTF-8 */
        {"a", "\xe2\x80", true},                                                  /* cut */
        {"\x80", "a", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_text text = {0};
        fr_text_printf(&text, "%s%s", cases[i].before, cases[i].after);
        if (fr_is_inside_word(fr_text_get(&text), text.len, strlen(cases[i].before)) !=
            cases[i].inside)
            fail_msg("case %zu", i);
        fr_text_release(&text);
    }
    /* between the bytes of one character */
    assert_true(fr_is_inside_word("\u00e9", 2, 1));
}

static void a_slow_rate_is_not_shown_as_none(void **state) {
    (void)state;
    static const struct {
        double rate;
        const char *text;
    } cases[] = {{0, "0"},      {0.004, "0.004"},  {0.47, "0.47"},
                 {0.1, "0.10"}, {3.14159, "3.14"}, {9.96, "10"},
                 {12.34, "12"}, {99.6, "100"},     {12345.6, "12346"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[FR_RATE_TEXT];
        assert_string_equal(fr_rate_text(cases[i].rate, text), cases[i].text);
    }
}

static void what_rounds_to_zero_has_no_sign(void **state) {
    (void)state;
    char text[32];
    static const struct {
        double x;
        int decimals;
        const char *text;
    } cases[] = {{-0.004, 2, "+0.00"}, {-0.006, 2, "-0.01"}, {-0.04, 1, "+0.0"}, {0.3, 1, "+0.3"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(text, sizeof text, "%+.*f", cases[i].decimals,
                       fr_shown(cases[i].x, cases[i].decimals));
        assert_string_equal(text, cases[i].text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_text_is_the_empty_string),
        cmocka_unit_test(text_grows_and_stays_terminated),
        cmocka_unit_test(bytes_of_any_value_are_kept),
        cmocka_unit_test(taking_moves_the_string_out),
        cmocka_unit_test(the_nearest_word_is_found_for_a_likely_slip_only),
        cmocka_unit_test(a_word_of_any_length_may_be_asked_for),
        cmocka_unit_test(of_equally_near_words_the_first_is_named),
        cmocka_unit_test(characters_are_read_and_what_is_unseen_is_not_shown),
        cmocka_unit_test(word_bytes_are_letters_digits_underscores_and_foreign_letters),
        cmocka_unit_test(dashes_quotes_and_scripts_without_blanks_end_a_word_and_accents_do_not),
        cmocka_unit_test(case_is_ignored_for_ascii_letters_only),
        cmocka_unit_test(a_slow_rate_is_not_shown_as_none),
        cmocka_unit_test(what_rounds_to_zero_has_no_sign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
