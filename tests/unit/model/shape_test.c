/* Models that are not here: their shapes, what their caches take, and what is refused unread. */
#include <string.h>

#include "model/backend.h"
#include "model/model.h"
#include "support/test.h"

static struct fr_error err;

/* By hand, of QwQ-32B: 64 layers of 8 heads of keys and of values, 128 wide each, two bytes a
 * number: 256 KiB a token; 24,576 tokens and the idle slot's are 24,832 cells: 6.0625 GiB. */
static void the_cache_of_a_known_model_is_what_it_takes(void **state) {
    (void)state;
    struct fr_model_info info;
    assert_ok(fr_model_info_like("qwq-32b q8_0", &info, &err), err);
    assert_int_equal(info.n_layers, 64);
    assert_int_equal(info.width, 5120);
    assert_true(fr_model_cache_bytes(&info, FR_KV_F16, 24576) == 24832.0 * 256 * 1024);
    assert_true(fr_model_cache_bytes(&info, FR_KV_Q8_0, 24576) == 24832.0 * 136 * 1024);
    assert_true(info.weight_bytes > 34.7e9 && info.weight_bytes < 34.9e9);
}

static void a_shape_is_told_in_numbers_too(void **state) {
    (void)state;
    struct fr_model_info known, told;
    assert_ok(fr_model_info_like("qwq-32b q4_k_m", &known, &err), err);
    assert_ok(fr_model_info_like("layers=64 width=5120 kv=1024 vocabulary=152064, context=40960 "
                                 "parameters=32763876352 Q4_K_M",
                                 &told, &err),
              err);
    assert_true(known.cache_floats == told.cache_floats && known.cache_floats == 2 * 64 * 1024);
    assert_true(known.weight_bytes == told.weight_bytes);
    assert_int_equal(known.context_train, told.context_train);
    assert_int_equal(known.n_vocab, told.n_vocab);
    assert_string_equal(told.quantization, "Q4_K_M");
    /* what follows a name replaces its number */
    assert_ok(fr_model_info_like("qwq-32b layers=2", &told, &err), err);
    assert_true(told.n_layers == 2 && told.cache_floats == 2 * 2 * 1024);
}

static void what_is_no_shape_is_refused_with_what_there_is(void **state) {
    (void)state;
    static const char *const bad[][2] = {
        {"qwq-33b", "\"qwq-33b\" is no shape of a model; use one of qwq-32b"},
        {"qwq-32b q9", "\"q9\" is no shape"},
        {"layers=64", "is not all of a model's shape"},
        {"qwq-32b layers=0", "\"layers=0\" is no shape"},
        {"qwq-32b layers=nan", "is no shape"},
        {"qwq-32b width=5e12", "is no shape"},
        {"", "is not all of"},
        {"qwq-32b qwen2.5-32b", "\"qwen2.5-32b\" comes after another word for the same"},
        {"qwq-32b q8_0 q4_0", "\"q4_0\" comes after"},
        {"qwq-32b layers=2 layers=3", "\"layers=3\" comes after"},
        {"layers=2 qwq-32b", "\"qwq-32b\" comes after"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct fr_model_info info;
        assert_int_equal(fr_model_info_like(bad[i][0], &info, &err), FR_E_INPUT);
        if (strstr(err.text, bad[i][1]) == NULL)
            fail_msg("%s: %s", bad[i][0], err.text);
    }
}

static void what_need_not_be_loaded_is_refused_before(void **state) {
    (void)state;
    struct fr_model_info info;
    struct fr_model_options options = fr_model_options_defaults();
    options.path = "m.gguf";
    assert_ok(fr_model_info_like("qwq-32b f16", &info, &err), err);
    info.weight_bytes = 1 << 30;
    options.n_slots = 1;
    assert_ok(fr_model_check(&options, &info, 1, &err), err);
    options.gpu_layers = -1;
    assert_int_equal(fr_model_check(&options, &info, 1, &err), FR_E_INPUT);
    assert_non_null(
        strstr(err.text, "set model.deterministic to false and keep model.slots fixed"));
    options.gpu_layers = 0;
    options.context_tokens = 40961;
    assert_int_equal(fr_model_check(&options, &info, 1, &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "m.gguf: model.context_tokens is 40961 but the model was"));
    options.context_tokens = 40960;
    options.n_slots = 200; /* 10 GiB each */
    assert_int_equal(fr_model_check(&options, &info, 1, &err), FR_E_MODEL);
    assert_non_null(strstr(err.text, "lower model.slots or model.context_tokens, or set "
                                     "model.kv_type to q8_0"));
    assert_ok(fr_model_check_options(&options, &info, &err), err); /* memory is a matter apart */
    options.n_slots = 255;
    assert_int_equal(fr_model_check(&options, &info, 1, &err), FR_E_INPUT);
}

static void keys_of_devices_that_exclude_each_other_are_named(void **state) {
    (void)state;
    static const struct {
        int gpu_layers, main_gpu, split_mode, n_shares;
        float share;
        const char *says; /* NULL: good */
    } cases[] = {
        {-1, 0, FR_SPLIT_LAYER, 0, 0, NULL},
        {-1, 1, FR_SPLIT_NONE, 0, 0, NULL},
        {-1, 1, FR_SPLIT_ROW, 2, 1, NULL},
        {0, 1, FR_SPLIT_NONE, 0, 0, "model.main_gpu with model.gpu_layers 0"},
        {0, 0, FR_SPLIT_ROW, 0, 0, "model.split_mode with model.gpu_layers 0"},
        {0, 0, FR_SPLIT_LAYER, 1, 1, "model.tensor_split with model.gpu_layers 0"},
        {-1, 1, FR_SPLIT_LAYER, 0, 0, "model.main_gpu 1 with model.split_mode layer"},
        {-1, 0, FR_SPLIT_NONE, 1, 1, "model.tensor_split with model.split_mode none"},
        {-1, 0, FR_SPLIT_LAYER, 2, 0, "gives no device a share"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_model_options o = fr_model_options_defaults();
        o.gpu_layers = cases[i].gpu_layers;
        o.main_gpu = cases[i].main_gpu;
        o.split_mode = cases[i].split_mode;
        o.n_tensor_split = cases[i].n_shares;
        o.tensor_split[0] = o.tensor_split[1] = cases[i].share;
        const int code = fr_model_options_check(&o, &err);
        if ((code == FR_OK) != (cases[i].says == NULL) ||
            (code != FR_OK && strstr(err.text, cases[i].says) == NULL))
            fail_msg("case %zu: %s", i, err.text);
    }
}

/* A stage reserves the sequences that it uses. */
static void sequences_are_those_of_the_use(void **state) {
    (void)state;
    struct fr_model_options options = fr_model_options_defaults();
    options.n_slots = 8;
    assert_int_equal(fr_model_sequences(&options), 9);
    options.use = FR_USE_SLOTS;
    assert_int_equal(fr_model_sequences(&options), 8);
    options.n_slots = 1;
    assert_int_equal(fr_model_sequences(&options), 2); /* deterministic: never one alone */
    options.use = FR_USE_PREFILL;
    assert_int_equal(fr_model_sequences(&options), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cache_of_a_known_model_is_what_it_takes),
        cmocka_unit_test(a_shape_is_told_in_numbers_too),
        cmocka_unit_test(what_is_no_shape_is_refused_with_what_there_is),
        cmocka_unit_test(what_need_not_be_loaded_is_refused_before),
        cmocka_unit_test(keys_of_devices_that_exclude_each_other_are_named),
        cmocka_unit_test(sequences_are_those_of_the_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
