/* Siblings on real libllama graphs: handles on the same weights, each at work in a thread of its
 * own, compute what they compute alone, and outlive each other. */
#include <pthread.h>
#include <string.h>

#include "model/llama_engine.h"
#include "support/siblings.h"
#include "support/test.h"
#include "support/tiny_model.h"

static struct fr_error err;
static const char text[] = "The attack on a planet craves harmony, and pain succumbs to the object "
                           "of a plan: overcome province after province.";

static struct fr_model *open_first(enum fr_random_gguf_type type, bool flash) {
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    gguf.type = type;
    struct fr_model_options options = fr_tiny_options();
    options.n_slots = 3;
    options.flash_attention = flash;
    options.chunk_tokens = 50;
    return fr_tiny_open(&gguf, &options);
}

static struct fr_model *open_sibling(struct fr_model *of) {
    struct fr_model *sibling = NULL;
    assert_ok(fr_model_open_sibling(&sibling, of, 1, &err), err);
    return sibling;
}

static void siblings_at_once_give_bit_for_bit_what_they_give_in_turn(void **state) {
    (void)state;
    for (int flash = 0; flash < 2; flash++)
        for (int type = FR_RANDOM_GGUF_F32; type <= FR_RANDOM_GGUF_Q8_0; type++) {
            struct fr_model *first = open_first((enum fr_random_gguf_type)type, flash);
            struct fr_model *second = open_sibling(first);
            struct sibling_work at_once[2] = {
                {.model = first, .text = text, .seed = 1, .rounds = 6},
                {.model = second, .text = text, .seed = 2, .rounds = 6},
            };
            /* Each other's work this time, so that the handles are the same too. */
            struct sibling_work in_turn[2] = {at_once[0], at_once[1]};
            in_turn[0].model = second;
            in_turn[1].model = first;
            sibling_works_run_at_once(at_once, 2);
            for (int i = 0; i < 2; i++) {
                assert_ok(at_once[i].status, at_once[i].err);
                sibling_work_run(&in_turn[i]);
                assert_ok(in_turn[i].status, in_turn[i].err);
                assert_true(at_once[i].n_rows > 6 * 3 * 60);
                assert_int_equal(at_once[i].n_rows, in_turn[i].n_rows);
                assert_true(at_once[i].digest == in_turn[i].digest);
            }
            assert_true(at_once[0].digest != at_once[1].digest);
            fr_model_close(first);
            fr_model_close(second);
        }
}

static void siblings_outlive_each_other_in_any_order(void **state) {
    (void)state;
    struct fr_model *first = open_first(FR_RANDOM_GGUF_F32, false);
    struct fr_model *second = open_sibling(first);
    struct fr_model *third = open_sibling(second);
    struct sibling_work work = {.model = first, .text = text, .seed = 3, .rounds = 1};
    sibling_work_run(&work);
    assert_ok(work.status, work.err);
    const uint64_t expected = work.digest;
    fr_model_close(first); /* the one that loaded the weights goes first */
    struct fr_model *left[2] = {third, second};
    for (int i = 0; i < 2; i++) {
        work.model = left[i];
        sibling_work_run(&work);
        assert_ok(work.status, work.err);
        assert_true(work.digest == expected);
        fr_model_close(left[i]);
    }
}

static void a_sibling_says_what_its_model_says_and_counts_for_itself(void **state) {
    (void)state;
    struct fr_model *first = open_first(FR_RANDOM_GGUF_Q8_0, false);
    struct fr_model *second = open_sibling(first);
    assert_memory_equal(fr_model_info(first), fr_model_info(second), sizeof(struct fr_model_info));
    assert_string_equal(fr_model_reasoning_start(first), fr_model_reasoning_start(second));
    assert_string_equal(fr_model_options(first)->path, fr_model_options(second)->path);
    assert_int_equal(fr_model_options(second)->n_slots, 3);
    assert_int_equal(fr_model_options(second)->threads, 1);
    struct sibling_work work = {.model = second, .text = text, .seed = 3, .rounds = 1};
    sibling_work_run(&work);
    assert_ok(work.status, work.err);
    assert_int_equal(fr_model_counters(first).tokens_prefilled, 0);
    assert_int_equal(fr_model_counters(second).rows_tapped, work.n_rows);
    struct fr_model *none = first;
    assert_int_equal(fr_model_open_sibling(&none, first, -1, &err), FR_E_INPUT);
    assert_null(none);
    fr_model_close(second);
    fr_model_close(first);
}

static void a_sibling_of_a_vocabulary_reads_text(void **state) {
    (void)state;
    const struct fr_random_gguf gguf = fr_random_gguf_defaults();
    struct fr_model_options options = fr_tiny_options();
    options.vocabulary_only = true;
    struct fr_model *first = fr_tiny_open(&gguf, &options);
    struct fr_model *second = open_sibling(first);
    fr_model_close(first);
    struct fr_tokens tokens = {0};
    assert_ok(fr_model_tokenize(second, text, strlen(text), false, &tokens, &err), err);
    assert_true(tokens.n > 20);
    int32_t next;
    assert_int_equal(fr_model_prefill(second, 0, tokens.ids, 0, tokens.n, NULL, NULL, &next, &err),
                     FR_E_INPUT);
    fr_tokens_release(&tokens);
    fr_model_close(second);
}

/* -- errors ---------------------------------------------------------------------------------- */

static void *fail_otherwise(void *user) {
    ggml_log_callback say = NULL;
    void *data = NULL;
    fr_llama_log_clear();
    llama_log_get(&say, &data);
    say(GGML_LOG_LEVEL_ERROR, "loader: the second cause\n", data);
    fr_llama_log_cause(user, 64);
    return NULL;
}

/* One thread fails while another is between its own failure and the error that quotes it. */
static void threads_that_fail_at_once_each_quote_their_own_cause(void **state) {
    (void)state;
    ggml_log_callback say = NULL;
    void *data = NULL;
    char mine[64] = "", others[64] = "";
    pthread_t thread;
    fr_llama_log_install();
    fr_llama_log_clear();
    llama_log_get(&say, &data);
    say(GGML_LOG_LEVEL_ERROR, "loader: the first ", data); /* the line goes on */
    assert_int_equal(pthread_create(&thread, NULL, fail_otherwise, others), 0);
    (void)pthread_join(thread, NULL);
    say(GGML_LOG_LEVEL_CONT, "cause\n", data);
    fr_llama_log_cause(mine, sizeof mine);
    assert_string_equal(mine, "the first cause");
    assert_string_equal(others, "the second cause");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siblings_at_once_give_bit_for_bit_what_they_give_in_turn),
        cmocka_unit_test(siblings_outlive_each_other_in_any_order),
        cmocka_unit_test(a_sibling_says_what_its_model_says_and_counts_for_itself),
        cmocka_unit_test(a_sibling_of_a_vocabulary_reads_text),
        cmocka_unit_test(threads_that_fail_at_once_each_quote_their_own_cause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
