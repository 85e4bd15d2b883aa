/* Answers of servers: streams cut at any byte are the same answer, and what is none is a fault. */
#include "sources/endpoint.h"

#include <string.h>

#include "test.h"

enum { MOST = 4096 };

static bool read_all(struct fr_answer_reader *r, const char *text, size_t piece) {
    bool good = true;
    for (size_t i = 0, n = strlen(text); good && i < n; i += piece)
        good = fr_answer_add(r, text + i, n - i < piece ? n - i : piece, MOST);
    return good && fr_answer_end(r);
}

static const char stream[] =
    ": hello\r\n\r\n"
    "event: message\n"
    "data: {\"id\":\"7\",\"model\":\"m\",\"choices\":[{\"text\":\"caf\\u00e9 "
    "\",\"token_ids\":[5,6],"
    "\"finish_reason\":null}]}\n\n"
    "data: {\"system_fingerprint\":\"f\",\"choices\":[{\"text\":\"au "
    "lait\",\"token_ids\":[7]}]}\r\n\r\n"
    "data: {\"choices\":[{\"text\":\"\",\"finish_reason\":\"length\"}]}\n\n"
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n"
    "data: [DONE]\n\n";

static void a_stream_cut_at_any_byte_is_the_same_answer(void **state) {
    (void)state;
    for (size_t piece = 1; piece < sizeof stream; piece++) {
        struct fr_answer_reader r = {0};
        assert_true(read_all(&r, stream, piece));
        assert_string_equal(fr_text_get(&r.answer.text), "caf\xc3\xa9 au lait");
        assert_string_equal(r.answer.finish, "length");
        assert_string_equal(r.answer.fingerprint, "f");
        assert_int_equal(r.answer.n_ids, 3);
        assert_int_equal(r.answer.ids[2], 7);
        assert_false(r.answer.ids_missing);
        assert_int_equal(r.answer.prompt_tokens, 3);
        assert_int_equal(r.answer.completion_tokens, 4);
        fr_answer_reader_release(&r);
    }
}

/* Wherever that is, and never for another reason. */
static void a_stream_that_stops_early_is_cut(void **state) {
    (void)state;
    const size_t end = (size_t)(strstr(stream, "\"length\"") - stream) + strlen("\"length\"}]}");
    for (size_t n = 0; n < end; n++) {
        struct fr_answer_reader r = {0};
        (void)fr_answer_add(&r, stream, n, MOST);
        assert_false(fr_answer_end(&r));
        assert_string_equal(r.fault, r.started ? "cut before its end" : "empty");
        fr_answer_reader_release(&r);
    }
}

static void a_document_of_chat_tells_its_reasoning_apart(void **state) {
    (void)state;
    struct fr_answer_reader r = {0};
    assert_true(
        read_all(&r,
                 " \n{\"choices\":[{\"message\":{\"content\":\"plan\",\"reasoning_content\":"
                 "\"why\"},\"finish_reason\":\"stop\"}]}",
                 5));
    assert_string_equal(fr_text_get(&r.answer.text), "plan");
    assert_string_equal(fr_text_get(&r.answer.reasoning), "why");
    assert_true(r.answer.ids_missing);
    assert_int_equal(r.answer.prompt_tokens, -1);
    fr_answer_reader_release(&r);
}

static void what_is_no_answer_is_a_fault(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"", "empty"},
        {"<html>", "neither JSON nor a stream of events"},
        {"{\"choices\":[", "cut before its end"},
        {"{\"choices\":[}, \"model\": \"m\"}", "not JSON: "},
        {"[1]", "JSON, but no \"choices\" in it"},
        {"{\"choices\":{}}", "JSON, but no \"choices\" in it"},
        {"data: {\"choices\":[{\"text\":\"a\"}]}\n\n", "cut before its end"},
        {"data: {\"choices\":[{\"text\":\"a\"", "cut before its end"},
        {"data: {\"choices\":[{\"text\":\"a\"\n\n", "not JSON: "},
        {"data: {\"choices\":[{\"text\":\"a\\u0", "cut before its end"},
        {"data: {\"choices\":[{\"text\":\"caf\xc3", "cut before its end"},
        {"data: {\"choices\":[{\"index\":1,\"text\":\"a\"}]}\n\n", "several choices"},
        {"data: {\"choices\":[{\"index\":0,\"text\":\"a\"},{\"index\":1}]}\n\n", "several choices"},
        {"dat", "cut before its end"},
        {"data: nonsense\n\n", "not JSON: "},
        {"data: {\"choices\":[{\"text\":\"\"}]}\n\ndata: [DONE]\n\n", "cut before its end"},
        {"{\"choices\":[{\"text\":\"a\",\"finish_reason\":\"stop\"}],\"usage\":{"
         "\"prompt_tokens\":-5}}",
         "JSON, but its usage.prompt_tokens is -5"},
        {"{\"choices\":[{\"text\":\"a\",\"finish_reason\":\"stop\"}],\"usage\":{"
         "\"completion_tokens\":1000000000000000}}",
         "JSON, but its usage.completion_tokens is 1000000000000000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_answer_reader r = {0};
        assert_false(read_all(&r, cases[i][0], 3));
        assert_memory_equal(r.fault, cases[i][1], strlen(cases[i][1]));
        fr_answer_reader_release(&r);
    }
}

/* finish_reason null or not there at all: the text has ended all the same. */
static void a_text_that_ends_without_a_word_is_whole(void **state) {
    (void)state;
    static const char *const cases[] = {
        "{\"choices\":[{\"text\":\"plan\"}]}",
        "{\"choices\":[{\"text\":\"plan\",\"finish_reason\":null}]}",
        "data: {\"choices\":[{\"text\":\"plan\"}]}\n\ndata: [DONE]\n\n",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_answer_reader r = {0};
        assert_true(read_all(&r, cases[i], 7));
        assert_string_equal(fr_text_get(&r.answer.text), "plan");
        assert_string_equal(r.answer.finish, "");
        fr_answer_reader_release(&r);
    }
}

static void wrong_types_are_passed_over_and_an_error_is_told(void **state) {
    (void)state;
    struct fr_answer_reader r = {0};
    assert_true(read_all(&r,
                         "{\"error\":{\"message\":\"no\"},\"model\":7,\"id\":null,\"choices\":[{"
                         "\"text\":[],\"token_ids\":[-1,1.5,\"x\",99999999999],\"logprobs\":3}],"
                         "\"usage\":{\"prompt_tokens\":-4,\"completion_tokens\":\"many\"}}",
                         MOST));
    assert_string_equal(r.answer.error, "no");
    assert_int_equal(r.answer.n_ids, 0);
    assert_true(r.answer.ids_missing);
    assert_int_equal(r.answer.prompt_tokens, -1);
    fr_answer_reader_release(&r);
}

static void an_answer_without_an_end_is_left_at_its_limit(void **state) {
    (void)state;
    static const char piece[] = "data: {\"choices\":[{\"text\":\"ab\"}]}\n";
    struct fr_answer_reader r = {0};
    int n = 0;
    while (fr_answer_add(&r, piece, sizeof piece - 1, MOST))
        assert_true(++n <= MOST / 2);
    assert_string_equal(r.fault, "goes on beyond the tokens that were asked for");
    fr_answer_reader_release(&r);
}

static void more_token_ids_than_were_asked_for_are_a_fault(void **state) {
    (void)state;
    struct fr_text line = {0};
    struct fr_answer_reader r = {0};
    fr_text_add(&line, "{\"choices\":[{\"text\":\"a\",\"finish_reason\":\"stop\",\"token_ids\":[1");
    for (int i = 0; i < MOST / FR_ANSWER_TOKEN_BYTES; i++)
        fr_text_add(&line, ",1");
    fr_text_add(&line, "]}]}");
    assert_false(read_all(&r, fr_text_get(&line), 1000));
    assert_string_equal(r.fault, "goes on beyond the tokens that were asked for");
    assert_true(r.answer.n_ids <= MOST / FR_ANSWER_TOKEN_BYTES);
    fr_answer_reader_release(&r);
    fr_text_release(&line);
}

static void what_a_refusal_says_in_other_words_is_told(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"{\"object\":\"error\",\"message\":\"too long\"}", "too long"},
        {"{\"detail\":\"Not Found\"}", "Not Found"},
        {"{\"detail\":[{\"msg\":\"extra\"}]}", "[{\"msg\":\"extra\"}]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_answer_reader r = {0};
        assert_false(read_all(&r, cases[i][0], 9));
        assert_string_equal(r.said, cases[i][1]);
        fr_answer_reader_release(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_cut_at_any_byte_is_the_same_answer),
        cmocka_unit_test(a_stream_that_stops_early_is_cut),
        cmocka_unit_test(a_document_of_chat_tells_its_reasoning_apart),
        cmocka_unit_test(what_is_no_answer_is_a_fault),
        cmocka_unit_test(a_text_that_ends_without_a_word_is_whole),
        cmocka_unit_test(wrong_types_are_passed_over_and_an_error_is_told),
        cmocka_unit_test(an_answer_without_an_end_is_left_at_its_limit),
        cmocka_unit_test(more_token_ids_than_were_asked_for_are_a_fault),
        cmocka_unit_test(what_a_refusal_says_in_other_words_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
