/* Traces: whatever a model puts out comes back byte for byte; a damaged row is found. */
#include "unit/store/store_fixture.h"

static int setup(void **state) {
    *state = open_store(make_directory());
    add_inputs(*state);
    return 0;
}

static void assert_same(const struct fr_trace *a, const struct fr_trace *b) {
    const size_t n = (size_t)a->n_tokens * sizeof *a->ids;
    assert_true(a->puzzle == b->puzzle);
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
        assert_ok(fr_store_get_trace(*state, trace.puzzle, "m1", &found, &err), err);
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
    assert_ok(fr_store_get_trace(*state, trace.puzzle, "m1", &found, &err), err);
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
    assert_int_equal(fr_store_get_trace(*state, 77, "m1", &found, &err), FR_E_INPUT);
    assert_says(&err, FR_E_INPUT, "study.db: no trace of puzzle 77 in naming m1");
    assert_null(found.ids);
    struct fr_trace trace = make_trace(77, "x", 1);
    assert_ok(fr_store_put_trace(*state, &trace, &err), err);
    assert_int_equal(fr_store_get_trace(*state, 77, "m2", &found, &err), FR_E_INPUT);
    assert_ok(fr_store_get_trace(*state, 77, "m1", &found, &err), err);
    fr_trace_release(&found);
    fr_trace_release(&trace);
}

/* What of a trace the representations depend on, as the store keeps it. */
static void digest_of(struct fr_store *store, int64_t puzzle, char out[FR_SHA256_TEXT]) {
    struct fr_error err = {0};
    struct fr_query *query;
    assert_ok(fr_query_open(&query, store, &err, "SELECT digest FROM trace WHERE puzzle = ?", "i",
                            puzzle),
              err);
    assert_true(fr_query_next(query));
    (void)snprintf(out, FR_SHA256_TEXT, "%s", fr_query_text(query, 0));
    assert_ok(fr_query_close(query, &err), err);
}

static void a_trace_s_digest_is_of_its_tokens_and_where_its_parts_end(void **state) {
    struct fr_error err = {0};
    char first[FR_SHA256_TEXT], digest[FR_SHA256_TEXT], want[FR_SHA256_TEXT];
    struct fr_text all = {0};
    for (int64_t i = 1; i <= 5; i++) {
        struct fr_trace trace = make_trace(i, i == 2 ? "another text" : "the same text", 12);
        if (i == 3)
            trace.ids[2]++;
        if (i == 4)
            trace.n_prompt--;
        if (i == 5)
            trace.n_reasoning++;
        assert_ok(fr_store_put_trace(*state, &trace, &err), err);
        digest_of(*state, i, digest);
        if (i == 1)
            memcpy(first, digest, sizeof first);
        assert_int_equal(strcmp(first, digest) == 0, i <= 2);
        fr_text_clear(&all);
        fr_text_printf(&all, "%d %d ", trace.n_prompt, trace.n_reasoning);
        fr_text_append(&all, (const char *)trace.ids, 3 * sizeof *trace.ids);
        fr_sha256(fr_text_get(&all), all.len, want);
        assert_string_equal(digest, want);
        fr_trace_release(&trace);
    }
    fr_text_release(&all);
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
        {"UPDATE trace SET ids = zeroblob(length(ids))", "its tokens are others than were stored"},
        {"UPDATE trace SET digest = ''", "its tokens are others than were stored"},
    };
    struct fr_error err = {0};
    struct fr_trace trace = make_trace(1, "attack a, then b", 16), found;
    assert_ok(fr_store_put_trace(*state, &trace, &err), err);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_ok(fr_store_begin(*state, &err), err);
        assert_ok(fr_store_run(*state, &err, cases[i].sql, ""), err);
        assert_int_equal(fr_store_get_trace(*state, trace.puzzle, "m1", &found, &err), FR_E_IO);
        assert_says(&err, FR_E_IO, "the trace of puzzle 1 in naming m1 is damaged: ");
        assert_says(&err, FR_E_IO, cases[i].words);
        assert_null(found.ids);
        fr_store_rollback(*state);
    }
    assert_ok(fr_store_get_trace(*state, trace.puzzle, "m1", &found, &err), err);
    fr_trace_release(&found);
    fr_trace_release(&trace);
}

/* ---- as bytes -------------------------------------------------------------------------------- */

static void a_packed_trace_comes_back_and_nothing_is_read_behind_it(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
    } cases[] = {{"attack a\n", 9}, {"", 0}, {"a\0b\0", 4}, {"\xff\xfe\xc3\0\xe2\x82", 6}};
    struct fr_text bytes = {0};
    for (size_t i = 0; i < 4; i++) {
        struct fr_trace trace = make_trace(INT64_MAX - (int64_t)i, cases[i].bytes, cases[i].n);
        trace.verdict.kind = (enum fr_verdict_kind)(i % FR_VERDICT_COUNT);
        fr_trace_pack(&trace, &bytes);
        fr_trace_release(&trace);
    }
    struct fr_trace empty = {.puzzle = 1, .naming = fr_strdup("m1")};
    fr_trace_pack(&empty, &bytes);
    fr_trace_release(&empty);
    struct fr_unpack in = fr_unpack_begin(&bytes);
    for (size_t i = 0; i < 5; i++) {
        struct fr_trace found;
        assert_true(fr_trace_unpack(&in, &found));
        struct fr_trace trace =
            make_trace(INT64_MAX - (int64_t)i, cases[i % 4].bytes, cases[i % 4].n);
        trace.verdict.kind = (enum fr_verdict_kind)(i % FR_VERDICT_COUNT);
        if (i < 4)
            assert_same(&trace, &found);
        else
            assert_int_equal(found.n_tokens, 0);
        fr_trace_release(&trace);
        fr_trace_release(&found);
    }
    assert_ptr_equal(in.at, in.end);
    fr_text_release(&bytes);
}

static void bytes_that_are_no_trace_are_refused(void **state) {
    (void)state;
    struct fr_text bytes = {0};
    struct fr_trace found;
    static const struct fr_trace zero;
    struct fr_trace trace = make_trace(1, "attack a, then b", 16);
    fr_trace_pack(&trace, &bytes);
    for (size_t n = 0; n < bytes.len; n++) { /* cut anywhere */
        char *copy = fr_alloc(n, 1);
        memcpy(copy, bytes.data, n);
        struct fr_unpack in = {.at = copy, .end = copy + n};
        assert_false(fr_trace_unpack(&in, &found));
        assert_memory_equal(&found, &zero, sizeof zero);
        free(copy);
    }
    static const int counts[][3] = {{3, 2, 3}, {3, 3, 2}, {2, 3, 3}, {0, 0, 3}};
    for (int i = 0; i < 4; i++) { /* as many tokens as starts and ends */
        const void *arrays[] = {trace.ids, trace.starts, trace.ends};
        fr_text_clear(&bytes);
        fr_pack_int(&bytes, 1);
        fr_pack_text(&bytes, "m1");
        fr_pack_int(&bytes, 0);
        fr_pack_int(&bytes, 0);
        for (int k = 0; k < 3; k++)
            fr_pack_bytes(&bytes, arrays[k], (size_t)counts[i][k] * sizeof(int32_t));
        fr_pack_bytes(&bytes, trace.text, trace.text_len);
        fr_pack_int(&bytes, FR_VERDICT_SOLVED);
        fr_pack_int(&bytes, 0);
        fr_pack_text(&bytes, "");
        struct fr_unpack in = fr_unpack_begin(&bytes);
        assert_false(fr_trace_unpack(&in, &found));
    }
    for (int fault = 0; fault < 6; fault++) {
        struct fr_trace bad = make_trace(1, "attack a, then b", 16);
        if (fault == 0)
            bad.n_prompt = 4;
        if (fault == 1)
            bad.n_reasoning = -1;
        if (fault == 2)
            bad.ends[2] = 17;
        if (fault == 3)
            bad.starts[1] = 0;
        if (fault == 4)
            bad.verdict.kind = FR_VERDICT_COUNT;
        if (fault == 5)
            bad.ends[1] = bad.starts[1] - 1;
        fr_text_clear(&bytes);
        fr_trace_pack(&bad, &bytes);
        struct fr_unpack in = fr_unpack_begin(&bytes);
        assert_false(fr_trace_unpack(&in, &found));
        fr_trace_release(&bad);
    }
    fr_trace_release(&trace);
    fr_text_release(&bytes);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, close_and_remove)
    const struct CMUnitTest tests[] = {
        TEST(any_bytes_a_model_puts_out_come_back),
        TEST(a_trace_without_tokens_is_kept_too),
        TEST(a_second_trace_of_the_same_puzzle_and_naming_is_refused),
        TEST(an_absent_trace_is_bad_input),
        TEST(a_trace_s_digest_is_of_its_tokens_and_where_its_parts_end),
        TEST(a_damaged_row_is_found_when_it_is_read),
        TEST(a_packed_trace_comes_back_and_nothing_is_read_behind_it),
        TEST(bytes_that_are_no_trace_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
