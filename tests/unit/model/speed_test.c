/* What is compared, what is measured, and the reason given for a slow run. */
#include <string.h>

#include "model/speed.h"
#include "planted.h"
#include "support/test.h"

static struct fr_error err;

static int script_concept(void *user, const int32_t *tokens, int n, int position) {
    (void)user, (void)tokens, (void)n, (void)position;
    return -1;
}

static void the_choices_begin_with_the_given_one_and_hold_each_once(void **state) {
    (void)state;
    struct fr_model_options options = fr_model_options_defaults();
    struct fr_speed_choice choices[FR_SPEED_CHOICES];
    char text[96];
    for (int given = 0; given < 3; given++) {
        options.kv_type = (const int[]){FR_KV_F16, FR_KV_F32, FR_KV_Q4_0}[given];
        options.flash_attention = given != 1;
        options.n_slots = (const int[]){16, 1, 200}[given];
        options.threads = 3;
        const int n = fr_speed_choices(&options, choices);
        assert_true(n >= 8 && n <= FR_SPEED_CHOICES);
        assert_true(choices[0].kv_type == options.kv_type &&
                    choices[0].flash_attention == options.flash_attention &&
                    choices[0].n_slots == options.n_slots && choices[0].threads == 3);
        bool exact = false, single = false;
        for (int i = 0; i < n; i++) {
            exact = exact || (choices[i].kv_type == FR_KV_F32 && !choices[i].flash_attention);
            single = single || choices[i].threads == 1;
            assert_true(choices[i].n_slots >= 1 && choices[i].n_slots <= 254);
            assert_true(choices[i].kv_type < FR_KV_Q8_0 || choices[i].flash_attention);
            for (int k = 0; k < i; k++)
                assert_false(choices[i].kv_type == choices[k].kv_type &&
                             choices[i].flash_attention == choices[k].flash_attention &&
                             choices[i].n_slots == choices[k].n_slots &&
                             choices[i].threads == choices[k].threads);
        }
        assert_true(exact && single);
    }
    fr_speed_choice_text(&choices[0], text, sizeof text);
    assert_string_equal(text, "q4_0 with flash attention, 200 slots, 3 threads");
}

static void a_measurement_counts_all_slots_and_leaves_them_empty(void **state) {
    (void)state;
    struct fr_planted_options planted = fr_planted_options_defaults();
    planted.concept_of = script_concept;
    planted.context_tokens = 100;
    struct fr_model *model = NULL;
    struct fr_speed speed;
    int32_t next;
    const int32_t token = 3;
    assert_ok(fr_model_open_planted(&model, &planted, &err), err);
    assert_ok(fr_speed_measure(model, 20, 5, 10, &speed, &err), err);
    assert_int_equal(speed.tokens, 5 * planted.n_slots);
    assert_true(speed.decode > 0 && speed.decode_cpu > 0 && speed.waited >= 0 && speed.waited <= 1);
    assert_ok(fr_model_prefill(model, 1, &token, 0, 1, NULL, NULL, &next, &err), err);
    /* More than the context holds: as many as fit. */
    fr_model_clear(model, 1);
    assert_ok(fr_speed_measure(model, 1000, 1000, 10, &speed, &err), err);
    assert_int_equal(speed.tokens, planted.n_slots);
    fr_model_close(model);
}

static void a_slow_run_says_why(void **state) {
    (void)state;
    const struct fr_speed_clock begin = {10, 5, 1}, quiet = {20, 15, 1.2}, busy = {20, 8, 6},
                                silent = {20, 15, -1};
    struct fr_model_options options = fr_model_options_defaults();
    char text[512];
    options.flash_attention = true;
    options.threads = 2;
    fr_speed_explain(&options, 100, 34, &begin, &busy, text, sizeof text);
    assert_string_equal(text, "");
    fr_speed_explain(&options, 0, 51, &begin, &busy, text, sizeof text);
    assert_string_equal(text, "");
    fr_speed_explain(&options, 100, 32, &begin, &busy, text, sizeof text);
    assert_non_null(strstr(text, "32 tokens/s where 100 were measured"));
    assert_non_null(strstr(text, "the machine is busy"));
    assert_non_null(strstr(text, "50 % of the time without a core"));
    assert_non_null(strstr(text, "model.threads: 1"));
    options.threads = 1;
    fr_speed_explain(&options, 100, 32, &begin, &busy, text, sizeof text);
    assert_null(strstr(text, "model.threads"));
    fr_speed_explain(&options, 100, 32, &begin, &quiet, text, sizeof text);
    assert_non_null(strstr(text, "not busy"));
    assert_non_null(strstr(text, "f16 cache with flash attention with 1 threads"));
    assert_non_null(strstr(text, "bench --choices"));
    fr_speed_explain(&options, 100, 32, &begin, &silent, text, sizeof text);
    assert_non_null(strstr(text, "not busy"));
}

/* The clock of a thread that computes goes on; of one that sleeps, the processor's stands. */
static void the_clock_tells_work_from_sleep(void **state) {
    (void)state;
    const struct fr_speed_clock before = fr_speed_now();
    (void)usleep(30000);
    const struct fr_speed_clock after = fr_speed_now();
    assert_true(after.wall - before.wall >= 0.029);
    assert_true(after.cpu - before.cpu < 0.02);
    assert_true(after.waited < 0 || after.waited >= before.waited);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_choices_begin_with_the_given_one_and_hold_each_once),
        cmocka_unit_test(a_measurement_counts_all_slots_and_leaves_them_empty),
        cmocka_unit_test(a_slow_run_says_why),
        cmocka_unit_test(the_clock_tells_work_from_sleep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
