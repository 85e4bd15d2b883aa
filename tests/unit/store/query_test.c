/* Statements: typed values go in and come out unchanged, constraints hold, the cache is safe. */
#include "unit/store/store_fixture.h"

#include <float.h>

static int setup(void **state) {
    *state = open_store(make_directory());
    struct fr_error err = {0};
    return fr_store_run(*state, &err,
                        "CREATE TEMP TABLE v (id INTEGER PRIMARY KEY, i INTEGER, d REAL, t TEXT, "
                        "b BLOB)",
                        "");
}

static struct fr_query *select_values(struct fr_store *store) {
    struct fr_query *query = NULL;
    struct fr_error err = {0};
    assert_ok(fr_query_open(&query, store, &err, "SELECT i, d, t, b FROM v ORDER BY id", ""), err);
    return query;
}

static void values_come_back_as_they_were_given(void **state) {
    struct fr_error err = {0};
    static const double doubles[] = {0.1, -0.0, DBL_MAX, DBL_TRUE_MIN, 1.0 / 3, INFINITY};
    static const int64_t ints[] = {0, -1, INT64_MAX, INT64_MIN, 1LL << 53, 42};
    static const char *const texts[] = {"",         "a",  "caf\xc3\xa9 \xf0\x9f\xa7\xb1",
                                        "it's; --", "\"", "\n"};
    char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    for (int i = 0; i < 6; i++)
        assert_ok(fr_store_run(*state, &err, "INSERT INTO v (i, d, t, b) VALUES (?, ?, ?, ?)",
                               "idtb", ints[i], doubles[i], texts[i], (const void *)bytes,
                               (size_t)i * 51),
                  err);
    struct fr_query *query = select_values(*state);
    assert_int_equal(fr_query_n_columns(query), 4);
    assert_string_equal(fr_query_column(query, 2), "t");
    for (int i = 0; i < 6; i++) {
        assert_true(fr_query_next(query));
        assert_true(fr_query_int(query, 0) == ints[i]);
        assert_true(fr_query_double(query, 1) == doubles[i]);
        assert_string_equal(fr_query_text(query, 2), texts[i]);
        size_t n = 0;
        const void *blob = fr_query_blob(query, 3, &n);
        assert_int_equal(n, i * 51);
        assert_memory_equal(blob, bytes, n);
        for (int c = 0; c < 4; c++)
            assert_false(fr_query_is_null(query, c));
    }
    assert_false(fr_query_next(query));
    assert_false(fr_query_next(query));
    assert_ok(fr_query_close(query, &err), err);
}

static void nan_and_null_are_null_and_empty_bytes_are_not(void **state) {
    struct fr_error err = {0};
    assert_ok(fr_store_run(*state, &err, "INSERT INTO v (d, t, b) VALUES (?, ?, ?)", "dtb",
                           (double)NAN, (const char *)NULL, (const void *)NULL, (size_t)0),
              err);
    struct fr_query *query = select_values(*state);
    assert_true(fr_query_next(query));
    assert_true(fr_query_is_null(query, 0));
    assert_true(fr_query_is_null(query, 1));
    assert_true(isnan(fr_query_double(query, 1)));
    assert_true(fr_query_is_null(query, 2));
    assert_string_equal(fr_query_text(query, 2), "");
    assert_false(fr_query_is_null(query, 3));
    assert_ok(fr_query_close(query, &err), err);
}

static void text_that_is_not_utf8_is_stored_so_that_others_can_read_it(void **state) {
#define BROKEN "\xef\xbf\xbd"
    static const struct {
        const char *given, *stored;
    } cases[] = {
        {"half a letter: \xc3", "half a letter: " BROKEN},
        {"\xff\xfe", BROKEN BROKEN},
        {"\xc0\xaf", BROKEN BROKEN},                       /* an overlong slash */
        {"\xed\xa0\x80", BROKEN BROKEN BROKEN},            /* a surrogate */
        {"\xf4\x90\x80\x80", BROKEN BROKEN BROKEN BROKEN}, /* beyond U+10FFFF */
        {"\xe0\x9f\xbfz", BROKEN BROKEN BROKEN "z"},
        {"\xf0\x9f\xa7\xb1", "\xf0\x9f\xa7\xb1"},
        {"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"},
    };
    struct fr_error err = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_ok(fr_store_run(*state, &err, "INSERT INTO v (t) VALUES (?)", "t", cases[i].given),
                  err);
    struct fr_query *query = select_values(*state);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(fr_query_next(query));
        assert_string_equal(fr_query_text(query, 2), cases[i].stored);
    }
    assert_ok(fr_query_close(query, &err), err);
}

static void foreign_keys_checks_and_types_are_enforced(void **state) {
    static const struct {
        const char *sql, *words;
    } cases[] = {
        {"INSERT INTO naming_word VALUES ('nobody', 'on', 8, 'predicate', 'craves')",
         "FOREIGN KEY constraint failed, in: INSERT INTO naming_word"},
        {"INSERT INTO run VALUES (99, 'm1', 1, '', 0, 0, x'', 'solved', 0, '')",
         "FOREIGN KEY constraint failed"}, /* no such trace */
        {"INSERT INTO run VALUES (1, 'm1', 2, '', 0, 0, x'', 'solved', 0, '')",
         "FOREIGN KEY constraint failed"}, /* no such edit */
        {"INSERT INTO run VALUES (1, 'm1', 1, '', 0, 0, x'', 'solved', 0, '')",
         "UNIQUE constraint failed: run.puzzle, run.naming, run.edit"},
        {"INSERT INTO condition VALUES (2, 'e', 'c', 's', 0, 'matched', '', '', '', 9, 1)",
         "FOREIGN KEY constraint failed"},
        {"INSERT INTO condition VALUES (2, 'e', 'c', 's', 0, 'matched', '', '', '', 1, 9)",
         "FOREIGN KEY constraint failed"},
        {"INSERT INTO condition VALUES (2, 'e', 'c', 's', 0, 'hoped', '', '', '', 1, 1)",
         "CHECK constraint failed"},
        {"INSERT INTO condition VALUES (2, '', 'baseline', 's', 0, 'matched', '', '', '', 1, 1)",
         "UNIQUE constraint failed: condition.experiment, condition.name"},
        {"INSERT INTO edit (definition, operation, window_end) VALUES ('baseline', 'none', 5)",
         "UNIQUE constraint failed: edit.definition"},
        {"INSERT INTO sums VALUES ('f', 'nobody', 'all', '', 0, '', '', 0, 0)",
         "FOREIGN KEY constraint failed"},
        {"INSERT INTO imported_trace VALUES (1, 'nobody', 0, 0, 0, 0)",
         "FOREIGN KEY constraint failed"},
        {"DELETE FROM trace", "FOREIGN KEY constraint failed"},
        {"DELETE FROM edit", "FOREIGN KEY constraint failed"},
        {"DELETE FROM naming", "FOREIGN KEY constraint failed"},
        {"INSERT INTO puzzle VALUES (2, 'train', 4, 6, '', '', 'x', 1, NULL)",
         "CHECK constraint failed"},
        {"INSERT INTO puzzle VALUES (2, 'collect', 4, 6, '', '', 'x', 0, NULL)",
         "UNIQUE constraint failed: puzzle.split, puzzle.position"},
        {"INSERT INTO naming VALUES ('m1', 2, 'mystery', 0)", "UNIQUE constraint failed"},
        {"INSERT INTO naming VALUES ('m2', 'two', 'mystery', 0)",
         "cannot store TEXT value in INTEGER column"},
        {"INSERT INTO meta VALUES ('a', NULL)", "NOT NULL constraint failed"},
    };
    struct fr_error err = {0};
    assert_ok(fr_store_run(*state, &err, "INSERT INTO naming VALUES ('m1', 1, 'mystery', 0)", ""),
              err);
    assert_ok(fr_store_run(*state, &err,
                           "INSERT INTO naming_word VALUES ('m1', 'on', 8, 'predicate', 'craves')",
                           ""),
              err);
    static const char *const rows[] = {
        "INSERT INTO puzzle VALUES (1, 'collect', 4, 6, '', '', 'x', 0, NULL)",
        "INSERT INTO trace VALUES (1, 'm1', 0, 0, 0, x'', x'', x'', x'', 'solved', 0, '', '')",
        "INSERT INTO edit (id, definition, operation, window_end) VALUES (1, 'baseline', 'none', "
        "5)",
        "INSERT INTO condition VALUES (1, '', 'baseline', 'b', 0, 'baseline', '', '', '', 1, NULL)",
        "INSERT INTO run VALUES (1, 'm1', 1, '', 0, 0, x'', 'solved', 0, '')",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_ok(fr_store_run(*state, &err, rows[i], ""), err);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(fr_store_run(*state, &err, cases[i].sql, ""), FR_E_INPUT);
        assert_says(&err, FR_E_INPUT, cases[i].words);
    }
    assert_int_equal(count_rows(*state, "naming"), 1);
    assert_int_equal(count_rows(*state, "run"), 1);
    assert_int_equal(count_rows(*state, "condition"), 1);
}

static void a_failed_row_leaves_its_transaction_usable(void **state) {
    struct fr_error err = {0};
    assert_ok(fr_store_begin(*state, &err), err);
    assert_ok(fr_store_set_meta(*state, "a", "1", &err), err);
    assert_int_equal(fr_store_run(*state, &err, "INSERT INTO meta VALUES ('a', '2')", ""),
                     FR_E_INPUT);
    assert_ok(fr_store_commit(*state, &err), err);
    struct fr_text value = {0};
    assert_true(fr_store_get_meta(*state, "a", &value));
    assert_string_equal(fr_text_get(&value), "1");
    fr_text_release(&value);
}

static void a_query_may_run_inside_itself_and_be_left_early(void **state) {
    struct fr_error err = {0};
    for (int64_t i = 0; i < 5; i++)
        assert_ok(fr_store_run(*state, &err, "INSERT INTO v (i) VALUES (?)", "i", i), err);
    int n = 0;
    struct fr_query *outer = select_values(*state);
    while (fr_query_next(outer)) {
        struct fr_query *inner = select_values(*state); /* the same text, while it is in use */
        for (int64_t i = 0; i <= fr_query_int(outer, 0); i++, n++) {
            assert_true(fr_query_next(inner));
            assert_true(fr_query_int(inner, 0) == i);
        }
        assert_ok(fr_query_close(inner, &err), err);
    }
    assert_ok(fr_query_close(outer, &err), err);
    assert_int_equal(n, 15);
}

static void more_statements_than_the_cache_holds_give_right_answers(void **state) {
    struct fr_error err = {0};
    struct fr_query *held = NULL;
    assert_ok(fr_query_open(&held, *state, &err, "SELECT 12345", ""), err);
    assert_true(fr_query_next(held));
    struct fr_text sql = {0};
    for (int turn = 0; turn < 3; turn++)
        for (int i = 0; i < 100; i++) {
            struct fr_query *query = NULL;
            fr_text_clear(&sql);
            fr_text_printf(&sql, "SELECT %d + ?", i);
            assert_ok(fr_query_open(&query, *state, &err, fr_text_get(&sql), "i", (int64_t)turn),
                      err);
            assert_true(fr_query_next(query));
            assert_int_equal(fr_query_int(query, 0), i + turn);
            assert_ok(fr_query_close(query, &err), err);
        }
    assert_int_equal(fr_query_int(held, 0), 12345); /* was never taken out of the cache */
    assert_ok(fr_query_close(held, &err), err);
    fr_text_release(&sql);
}

static void a_statement_that_does_not_compile_says_what_it_was(void **state) {
    struct fr_error err = {0};
    struct fr_query *query = NULL;
    assert_int_equal(fr_query_open(&query, *state, &err, "SELECT x FROM nowhere", ""), FR_E_IO);
    assert_says(&err, FR_E_IO, "no such table: nowhere, in: SELECT x FROM nowhere");
    assert_null(query);
    assert_ok(fr_query_close(query, &err), err);
}

static void a_failure_while_reading_is_returned_by_close(void **state) {
    struct fr_error err = {0};
    struct fr_query *query = NULL;
    assert_ok(fr_query_open(&query, *state, &err,
                            "SELECT abs(?1 + value) FROM (SELECT 1 AS value UNION ALL SELECT 0)",
                            "i", INT64_MIN),
              err);
    assert_true(fr_query_next(query));
    assert_false(fr_query_next(query)); /* abs(INT64_MIN) overflows */
    assert_int_equal(fr_query_close(query, &err), FR_E_IO);
    assert_says(&err, FR_E_IO, "integer overflow");
}

static void one_value_is_the_first_rows_or_what_it_was(void **state) {
    struct fr_error err = {0};
    int64_t i = 7;
    double d = 7;
    assert_ok(fr_store_find_int(*state, &err, &i, "SELECT i FROM v WHERE id = ?", "i", INT64_C(1)),
              err);
    assert_ok(fr_store_find_double(*state, &err, &d, "SELECT d FROM v", ""), err);
    assert_true(i == 7 && d == 7);
    assert_ok(fr_store_run(*state, &err, "INSERT INTO v (i, d) VALUES (1, 0.5), (2, 1)", ""), err);
    assert_ok(fr_store_find_int(*state, &err, &i, "SELECT i FROM v ORDER BY id", ""), err);
    assert_ok(fr_store_find_double(*state, &err, &d, "SELECT d FROM v ORDER BY id", ""), err);
    assert_true(i == 1 && d == 0.5);
    assert_int_equal(fr_store_find_int(*state, &err, &i, "SELECT abs(?)", "i", INT64_MIN), FR_E_IO);
    assert_says(&err, FR_E_IO, "integer overflow");
}

static void the_first_failure_is_told(void **state) {
    struct fr_error err = {0};
    struct fr_query *query = NULL;
    for (int failed = 0; failed < 2; failed++) {
        assert_ok(fr_query_open(&query, *state, &err, "SELECT abs(?)", "i", INT64_MIN), err);
        assert_false(fr_query_next(query));
        const int code = failed ? fr_fail(&err, FR_E_INPUT, "the row") : FR_OK;
        assert_int_equal(fr_query_close_after(query, code, &err), failed ? FR_E_INPUT : FR_E_IO);
        assert_says(&err, failed ? FR_E_INPUT : FR_E_IO, failed ? "the row" : "integer overflow");
    }
    assert_int_equal(fr_query_close_after(NULL, FR_E_LIMIT, &err), FR_E_LIMIT);
}

static void a_transaction_ends_as_its_work_did(void **state) {
    struct fr_error err = {0};
    for (int failed = 0; failed < 2; failed++) {
        int64_t n = -1;
        assert_ok(fr_store_begin(*state, &err), err);
        assert_ok(fr_store_run(*state, &err, "INSERT INTO v (i) VALUES (1)", ""), err);
        assert_int_equal(fr_store_end(*state, failed ? FR_E_LIMIT : FR_OK, &err),
                         failed ? FR_E_LIMIT : FR_OK);
        assert_ok(fr_store_find_int(*state, &err, &n, "SELECT count(*) FROM v", ""), err);
        assert_int_equal(n, 1);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, close_and_remove)
    const struct CMUnitTest tests[] = {
        TEST(values_come_back_as_they_were_given),
        TEST(nan_and_null_are_null_and_empty_bytes_are_not),
        TEST(text_that_is_not_utf8_is_stored_so_that_others_can_read_it),
        TEST(foreign_keys_checks_and_types_are_enforced),
        TEST(a_failed_row_leaves_its_transaction_usable),
        TEST(a_query_may_run_inside_itself_and_be_left_early),
        TEST(more_statements_than_the_cache_holds_give_right_answers),
        TEST(a_statement_that_does_not_compile_says_what_it_was),
        TEST(a_failure_while_reading_is_returned_by_close),
        TEST(one_value_is_the_first_rows_or_what_it_was),
        TEST(the_first_failure_is_told),
        TEST(a_transaction_ends_as_its_work_did),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
