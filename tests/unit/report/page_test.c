/* Numbers and text as a reader sees them. */
#include "test.h"

#include <string.h>

#include "report/page.h"

#define MINUS "\xe2\x88\x92"
#define THIN "\xe2\x80\x89"

static void numbers_have_real_minus_signs_and_no_negative_zero(void **state) {
    (void)state;
    struct fr_page page = {0};
    assert_string_equal(fr_page_number(&page, "%.2f", -1.235), MINUS "1.24");
    assert_string_equal(fr_page_number(&page, "%.2f", -0.001), "0.00");
    assert_string_equal(fr_page_number(&page, "%+.2f", 0), "0.00");
    assert_string_equal(fr_page_number(&page, "%.3g", 1e-7), "1e-07");
    assert_string_equal(fr_page_number(&page, "%.2f", -INFINITY), MINUS "\xe2\x88\x9e");
    assert_string_equal(fr_page_number(&page, "%.2f", (double)NAN), FR_DASH);
    fr_page_release(&page);
}

static void shares_effects_and_p_values_are_written_as_in_a_paper(void **state) {
    (void)state;
    struct fr_page page = {0};
    assert_string_equal(fr_page_percent(&page, 0.3533), "35.3%");
    assert_string_equal(fr_page_percent(&page, (double)NAN), FR_DASH);
    assert_string_equal(fr_page_points(&page, 0.0157), "+1.57");
    assert_string_equal(fr_page_points(&page, -0.0143), MINUS "1.43");
    assert_string_equal(fr_page_p(&page, 0.0424), "0.042");
    assert_string_equal(fr_page_p(&page, 0.00099), "<0.001");
    assert_string_equal(fr_page_p(&page, 0.5), "0.50");
    assert_string_equal(fr_page_p(&page, (double)NAN), FR_DASH);
    fr_page_release(&page);
}

static void a_hyphen_that_stands_for_a_minus_becomes_one(void **state) {
    (void)state;
    struct fr_page page = {0};
    assert_string_equal(fr_page_signs(&page, "-0.3 to -1 (-2), layers 1-5, in-naming, - 3"),
                        MINUS "0.3 to " MINUS "1 (" MINUS "2), layers 1-5, in-naming, - 3");
    fr_page_release(&page);
}

static void counts_of_five_digits_are_grouped(void **state) {
    (void)state;
    struct fr_page page = {0};
    assert_string_equal(fr_page_count(&page, 0), "0");
    assert_string_equal(fr_page_count(&page, 1234), "1234");
    assert_string_equal(fr_page_count(&page, 12345), "12" THIN "345");
    assert_string_equal(fr_page_count(&page, -1234567), MINUS "1" THIN "234" THIN "567");
    assert_string_equal(fr_page_count(&page, (double)NAN), FR_DASH);
    fr_page_release(&page);
}

static void markup_becomes_text(void **state) {
    (void)state;
    struct fr_page page = {0};
    assert_string_equal(fr_page_escape(&page, "<a href='x' b=\"&\">"),
                        "&lt;a href=&#39;x&#39; b=&quot;&amp;&quot;&gt;");
    assert_string_equal(fr_page_escape(&page, "\xc3\xa9 \xe2\x82\xac \xf0\x9d\x84\x9e"),
                        "\xc3\xa9 \xe2\x82\xac \xf0\x9d\x84\x9e");
    fr_page_release(&page);
}

static void broken_utf8_and_control_bytes_are_replaced(void **state) {
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"a\xff"
         "b",
         "a\xef\xbf\xbd"
         "b"},
        {"\xc3", "\xef\xbf\xbd"},                                 /* cut short */
        {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},                 /* overlong / */
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* a surrogate */
        {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"tab\tline\nbell\a", "tab\tline\nbell\xef\xbf\xbd"},
    };
    struct fr_page page = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(fr_page_repair(&page, cases[i].in), cases[i].out);
    fr_page_release(&page);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_real_minus_signs_and_no_negative_zero),
        cmocka_unit_test(shares_effects_and_p_values_are_written_as_in_a_paper),
        cmocka_unit_test(a_hyphen_that_stands_for_a_minus_becomes_one),
        cmocka_unit_test(counts_of_five_digits_are_grouped),
        cmocka_unit_test(markup_becomes_text),
        cmocka_unit_test(broken_utf8_and_control_bytes_are_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
