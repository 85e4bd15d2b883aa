/* Traces: whatever a model puts out comes back byte for byte; a damaged row is found. */
#include "unit/store/store_fixture.h"

static int setup(void **state) {
    *state = open_store(make_directory());
    add_inputs(*state);
    return 0;
}

static int teardown(void **state) {
    char *dir = fr_strdup(fr_store_dir(*state));
    fr_store_close(*state);
    remove_directory(dir);
    free(dir);
    return 0;
}

static void assert_same(const struct fr_trace *a, const struct fr_trace *b) {
    const size_t n = (size_t)a->n_tokens * sizeof *a->ids;
    assert_true(a->id == b->id && a->puzzle == b->puzzle);
    assert_string_equal(a->naming, b->naming);
    assert_int_equal(a->n_tokens, b->n_tokens);
    assert_int_equal(a->n_prompt, b->n_prompt);
    assert_int_equal(a->n_reasoning, b->n_reasoning);
    assert_memory_equal(a->ids, b->ids, n);
    assert_memory_equal(a->starts, b->starts, n);
    assert_memory_equal(a->ends, b->ends, n);
    assert_int_equal(a->text_len, b->text_len);
    assert_memory_equal(a->text, b->text, a->text_len + 1);
    assert_int_equal(a->verdict.kind, b->verdict.kind);
    assert_int_equal(a->verdict.step, b->verdict.step);
    assert_string_equal(a->verdict.reason, b->verdict.reason);
}

static void any_bytes_a_model_puts_out_come_back(void **state) {
    static const struct {
        const char *bytes;
        size_t n;
    } cases[] = {
        {"attack a\n", 9},
        {"", 0},
        {"a\0b\0", 4},
        {"\xc3\xa9t\xc3\xa9", 5},
        {"\xff\xfe\xc3\0\xe2\x82", 6},
        {"\0\0\0", 3},
    };
    struct fr_error err = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_trace trace = make_trace((int64_t)i + 1, cases[i].bytes, cases[i].n), found;
        trace.verdict.kind = (enum fr_verdict_kind)(i % FR_VERDICT_COUNT);
        assert_ok(fr_store_put_trace(*state, &trace, &err), err);
        assert_ok(fr_store_get_trace(*state, trace.id, &found, &err), err);
        assert_same(&trace, &found);
        fr_trace_release(&trace);
        fr_trace_release(&found);
    }
}

static void a_trace_without_tokens_is_kept_too(void **state) {
    struct fr_error err = {0};
    struct fr_trace trace = {.puzzle = 1,
                             .naming = fr_strdup("m1"),
                             .verdict = {.kind = FR_VERDICT_TRUNCATED}},
                    found;
    assert_ok(fr_store_put_trace(*state, &trace, &err), err);
    assert_ok(fr_store_get_trace(*state, trace.id, &found, &err), err);
    assert_int_equal(found.n_tokens, 0);
    assert_int_equal(found.text_len, 0);
    assert_int_equal(found.verdict.kind, FR_VERDICT_TRUNCATED);
    fr_trace_release(&trace);
    fr_trace_release(&found);
    fr_trace_release(&found); /* twice does no harm */
}

static void a_second_trace_of_the_same_puzzle_and_naming_is_refused(void **state) {
    struct fr_error err = {0};
    struct fr_trace trace = make_trace(1, "one", 3);
    assert_ok(fr_store_put_trace(*state, &trace, &err), err);
    assert_int_equal(fr_store_put_trace(*state, &trace, &err), FR_E_INPUT);
    assert_says(&err, FR_E_INPUT, "UNIQUE constraint failed: trace.puzzle, trace.naming");
    trace.puzzle = 501;
    assert_int_equal(fr_store_put_trace(*state, &trace, &err), FR_E_INPUT);
    assert_says(&err, FR_E_INPUT, "FOREIGN KEY constraint failed");
    assert_int_equal(count_rows(*state, "trace"), 1);
    fr_trace_release(&trace);
}

static void an_absent_trace_is_bad_input(void **state) {
    struct fr_error err = {0};
    struct fr_trace found;
    assert_int_equal(fr_store_get_trace(*state, 77, &found, &err), FR_E_INPUT);
    assert_says(&err, FR_E_INPUT, "study.db: no trace 77");
    assert_null(found.ids);
}

static void a_damaged_row_is_found_when_it_is_read(void **state) {
    static const struct {
        const char *sql, *words;
    } cases[] = {
        {"UPDATE trace SET ids = x'00'", "token arrays of the wrong length"},
        {"UPDATE trace SET starts = x''", "token arrays of the wrong length"},
        {"UPDATE trace SET n_tokens = 4", "token arrays of the wrong length"},
        {"UPDATE trace SET n_tokens = -1", "an impossible number of tokens"},
        {"UPDATE trace SET n_tokens = 4611686018427387904", "an impossible number of tokens"},
        {"UPDATE trace SET n_prompt = 4", "the prompt is longer than the trace"},
        {"UPDATE trace SET n_prompt = 4294967297", "the prompt is longer than the trace"},
        {"UPDATE trace SET n_reasoning = 3", "the reasoning is longer than what was generated"},
        {"UPDATE trace SET n_reasoning = -1", "the reasoning is longer than what was generated"},
        {"UPDATE trace SET text = x'6162'", "lie outside the text"},
        {"UPDATE trace SET starts = x'000000000100000002000000'", "or before the last token's"},
        {"UPDATE trace SET ends = x'050000000a00000009000000'", "or before the last token's"},
        {"UPDATE trace SET verdict = 'splendid'", "an unknown verdict"},
    };
    struct fr_error err = {0};
    struct fr_trace trace = make_trace(1, "attack a, then b", 16), found;
    assert_ok(fr_store_put_trace(*state, &trace, &err), err);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_ok(fr_store_begin(*state, &err), err);
        assert_ok(fr_store_run(*state, &err, cases[i].sql, ""), err);
        assert_int_equal(fr_store_get_trace(*state, trace.id, &found, &err), FR_E_IO);
        assert_says(&err, FR_E_IO, "trace 1 is damaged: ");
        assert_says(&err, FR_E_IO, cases[i].words);
        assert_null(found.ids);
        fr_store_rollback(*state);
    }
    assert_ok(fr_store_get_trace(*state, trace.id, &found, &err), err);
    fr_trace_release(&found);
    fr_trace_release(&trace);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(any_bytes_a_model_puts_out_come_back),
        TEST(a_trace_without_tokens_is_kept_too),
        TEST(a_second_trace_of_the_same_puzzle_and_naming_is_refused),
        TEST(an_absent_trace_is_bad_input),
        TEST(a_damaged_row_is_found_when_it_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
