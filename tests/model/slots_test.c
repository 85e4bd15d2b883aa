/* Slots, the stem and determinism on real libllama graphs: a trace is what it is whatever else
 * runs, however many slots there are, however its prefix came into the slot. */
#include <string.h>

#include "support/test.h"
#include "support/tiny_model.h"

enum { PREFIX = 90, STEPS = 24, MOST_SLOTS = 32, VOCABULARY = 512 };

static struct fr_error err;

/* A sequence followed for STEPS greedy tokens, then the logits after three more tokens: they
 * depend on every bit of the cache the trace left behind. */
struct trace {
    int32_t tokens[STEPS];
    float logits[VOCABULARY];
};

static struct fr_model *open_kind(enum fr_random_gguf_type type, int n_slots, bool flash) {
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    gguf.type = type;
    gguf.context = 2048;
    if (type == FR_RANDOM_GGUF_Q4_K) {
        gguf.width = gguf.n_ff = 256;
        gguf.n_heads = 4;
        gguf.n_layers = 2;
    }
    struct fr_model_options options = fr_tiny_options();
    options.n_slots = n_slots;
    options.context_tokens = 1000;
    options.flash_attention = flash;
    return fr_tiny_open(&gguf, &options);
}

static void finish(struct fr_model *model, int slot, struct trace *trace) {
    static const int32_t more[3] = {5, 300, 41};
    int32_t next;
    assert_ok(fr_model_prefill(model, slot, more, PREFIX + STEPS - 1, 3, NULL, NULL, &next, &err),
              err);
    memcpy(trace->logits, fr_model_logits(model), sizeof trace->logits);
}

/* Other sequences of the given kind beside slot `mine`: nobody, short ones, or long ones. */
enum company { ALONE, SHORT, LONG };

static struct trace *follow(struct fr_model *model, int mine, enum company company) {
    const int n_slots = fr_model_options(model)->n_slots;
    int32_t prompt[PREFIX], other[700], tokens[MOST_SLOTS];
    fr_tiny_tokens(model, 11, PREFIX, prompt);
    for (int slot = 0; slot < n_slots; slot++) {
        fr_model_clear(model, slot);
        tokens[slot] = -1;
        if (slot == mine || company == ALONE)
            continue;
        const int n = company == SHORT ? 1 + slot % 7 : 400 + 13 * slot % 300;
        fr_tiny_tokens(model, 100 + (uint64_t)slot, n, other);
        assert_ok(fr_model_prefill(model, slot, other, 0, n, NULL, NULL, &tokens[slot], &err), err);
    }
    struct trace *trace = calloc(1, sizeof *trace);
    assert_ok(fr_model_prefill(model, mine, prompt, 0, PREFIX, NULL, NULL, &tokens[mine], &err),
              err);
    trace->tokens[0] = tokens[mine];
    for (int step = 1; step < STEPS; step++) {
        assert_ok(fr_model_decode(model, tokens, tokens, &err), err);
        trace->tokens[step] = tokens[mine];
        /* Sequences end at different times. */
        for (int slot = 0; slot < n_slots; slot++)
            if (slot != mine && step == 3 + slot % 7)
                tokens[slot] = -1;
    }
    finish(model, mine, trace);
    return trace;
}

static void a_trace_depends_on_no_other_slot_and_not_on_its_own_place(void **state) {
    (void)state;
    for (int flash = 0; flash < 2; flash++)
        for (int type = 0; type <= FR_RANDOM_GGUF_Q8_0; type++) {
            struct fr_model *model = open_kind((enum fr_random_gguf_type)type, 5, flash);
            struct trace *alone = follow(model, 0, ALONE);
            for (int mine = 0; mine < 5; mine += 2)
                for (int company = ALONE; company <= LONG; company++) {
                    struct trace *trace = follow(model, mine, (enum company)company);
                    assert_memory_equal(trace->tokens, alone->tokens, sizeof alone->tokens);
                    assert_memory_equal(trace->logits, alone->logits, sizeof alone->logits);
                    free(trace);
                }
            free(alone);
            fr_model_close(model);
        }
}

static void a_trace_is_bit_identical_whatever_the_number_of_slots(void **state) {
    (void)state;
    static const int counts[] = {1, 2, 3, 8, MOST_SLOTS};
    for (int flash = 0; flash < 2; flash++)
        for (int type = 0; type <= FR_RANDOM_GGUF_Q4_K; type++) {
            struct trace *first = NULL;
            for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
                struct fr_model *model =
                    open_kind((enum fr_random_gguf_type)type, counts[k], flash);
                struct trace *trace = follow(model, counts[k] / 2, counts[k] > 3 ? SHORT : LONG);
                fr_model_close(model);
                if (first == NULL) {
                    first = trace;
                    continue;
                }
                assert_memory_equal(trace->tokens, first->tokens, sizeof first->tokens);
                assert_memory_equal(trace->logits, first->logits, sizeof first->logits);
                free(trace);
            }
            free(first);
        }
}

/* A stage reserves what it needs: slots without the stem, or one sequence that is never decoded. */
static void a_model_computes_the_same_whatever_it_is_opened_for(void **state) {
    (void)state;
    for (int flash = 0; flash < 2; flash++) {
        struct fr_model *model = open_kind(FR_RANDOM_GGUF_Q8_0, 3, flash);
        struct trace *first = follow(model, 1, SHORT);
        float logits[VOCABULARY];
        int32_t prompt[PREFIX], next;
        fr_tiny_tokens(model, 11, PREFIX, prompt);
        fr_model_clear(model, 0);
        assert_ok(fr_model_prefill(model, 0, prompt, 0, PREFIX, NULL, NULL, &next, &err), err);
        memcpy(logits, fr_model_logits(model), sizeof logits);
        for (int round = 0; round < 2; round++) {
            assert_ok(fr_model_set_use(model, FR_USE_PREFILL, 3, &err), err);
            assert_int_equal(fr_model_options(model)->n_slots, 1);
            assert_ok(fr_model_prefill(model, 0, prompt, 0, PREFIX, NULL, NULL, &next, &err), err);
            assert_memory_equal(logits, fr_model_logits(model), sizeof logits);
            assert_ok(fr_model_set_use(model, round ? FR_USE_SHARED : FR_USE_SLOTS, 5, &err), err);
            assert_int_equal(fr_model_options(model)->n_slots, 5);
            struct trace *again = follow(model, 4, LONG);
            assert_memory_equal(again->tokens, first->tokens, sizeof first->tokens);
            assert_memory_equal(again->logits, first->logits, sizeof first->logits);
            free(again);
        }
        free(first);
        fr_model_close(model);
    }
}

/* -- the stem ------------------------------------------------------------------------------- */

static void a_copied_and_cut_stem_equals_a_fresh_prefill(void **state) {
    (void)state;
    static const int cuts[] = {1, 2, 63, 64, 65, PREFIX - 1, PREFIX};
    for (int flash = 0; flash < 2; flash++)
        for (int type = 0; type <= FR_RANDOM_GGUF_Q8_0; type++) {
            struct fr_model *model = open_kind((enum fr_random_gguf_type)type, 3, flash);
            int32_t prompt[PREFIX], next, tail[8] = {9, 8, 7, 6, 5, 4, 3, 2};
            float fresh[VOCABULARY];
            fr_tiny_tokens(model, 12, PREFIX, prompt);
            /* The destination held something longer: stale cells must not count. */
            int32_t longer[300];
            fr_tiny_tokens(model, 13, 300, longer);
            assert_ok(fr_model_prefill(model, FR_SLOT_STEM, prompt, 0, PREFIX, NULL, NULL, NULL,
                                       &err),
                      err);
            for (size_t k = 0; k < sizeof cuts / sizeof *cuts; k++) {
                /* With flash attention a chunk of few rows takes another kernel: only cuts at
                 * chunk boundaries leave the same chunks behind. */
                if (flash && cuts[k] != 64 && cuts[k] != PREFIX)
                    continue;
                /* One row alone goes through matrix times vector, as part of a chunk it did not. */
                if (cuts[k] == 1 && type != FR_RANDOM_GGUF_Q8_0)
                    continue;
                fr_model_clear(model, 0);
                assert_ok(fr_model_prefill(model, 0, prompt, 0, cuts[k], NULL, NULL, NULL, &err),
                          err);
                assert_ok(fr_model_prefill(model, 0, tail, cuts[k], 8, NULL, NULL, &next, &err),
                          err);
                memcpy(fresh, fr_model_logits(model), sizeof fresh);
                fr_model_clear(model, 1);
                assert_ok(fr_model_prefill(model, 1, longer, 0, 300, NULL, NULL, NULL, &err), err);
                assert_ok(fr_model_copy_stem(model, 1, cuts[k], &err), err);
                assert_ok(fr_model_prefill(model, 1, tail, cuts[k], 8, NULL, NULL, &next, &err),
                          err);
                if (memcmp(fresh, fr_model_logits(model), sizeof fresh) != 0)
                    fail_msg("%s%s: the copy of %d tokens differs from a prefill",
                             fr_random_gguf_type_name[type], flash ? ", flash" : "", cuts[k]);
            }
            fr_model_close(model);
        }
}

static void a_copy_is_of_the_stem_as_it_was_when_copied(void **state) {
    (void)state;
    struct fr_model *model = open_kind(FR_RANDOM_GGUF_F32, 2, false);
    int32_t first[PREFIX], second[PREFIX], next, expected;
    float logits[VOCABULARY];
    fr_tiny_tokens(model, 14, PREFIX, first);
    fr_tiny_tokens(model, 15, PREFIX, second);
    assert_ok(fr_model_prefill(model, 0, first, 0, PREFIX, NULL, NULL, NULL, &err), err);
    assert_ok(fr_model_prefill(model, 0, second, PREFIX, 2, NULL, NULL, &expected, &err), err);
    memcpy(logits, fr_model_logits(model), sizeof logits);
    /* libllama copies at the next computation: here that is the stem's new content. */
    assert_ok(fr_model_prefill(model, FR_SLOT_STEM, first, 0, PREFIX, NULL, NULL, NULL, &err), err);
    assert_ok(fr_model_copy_stem(model, 1, PREFIX, &err), err);
    fr_model_clear(model, FR_SLOT_STEM);
    assert_ok(fr_model_prefill(model, FR_SLOT_STEM, second, 0, PREFIX, NULL, NULL, NULL, &err),
              err);
    assert_ok(fr_model_prefill(model, 1, second, PREFIX, 2, NULL, NULL, &next, &err), err);
    assert_memory_equal(logits, fr_model_logits(model), sizeof logits);
    assert_int_equal(next, expected);
    fr_model_close(model);
}

static void decoding_leaves_the_stem_and_idle_slots_as_they_were(void **state) {
    (void)state;
    struct fr_model *model = open_kind(FR_RANDOM_GGUF_Q8_0, 3, false);
    int32_t prompt[PREFIX], next;
    float before[VOCABULARY];
    fr_tiny_tokens(model, 16, PREFIX, prompt);
    assert_ok(fr_model_prefill(model, 0, prompt, 0, PREFIX, NULL, NULL, NULL, &err), err);
    assert_ok(fr_model_prefill(model, 0, prompt, PREFIX, 4, NULL, NULL, &next, &err), err);
    memcpy(before, fr_model_logits(model), sizeof before);
    assert_ok(fr_model_prefill(model, FR_SLOT_STEM, prompt, 0, PREFIX, NULL, NULL, NULL, &err),
              err);
    assert_ok(fr_model_prefill(model, 1, prompt, 0, PREFIX, NULL, NULL, NULL, &err), err);
    int32_t tokens[3] = {next, -1, -1};
    for (int step = 0; step < 200; step++)
        assert_ok(fr_model_decode(model, tokens, tokens, &err), err);
    assert_int_equal(tokens[1], -1);
    assert_ok(fr_model_prefill(model, 1, prompt, PREFIX, 4, NULL, NULL, &next, &err), err);
    assert_memory_equal(before, fr_model_logits(model), sizeof before);
    assert_ok(fr_model_copy_stem(model, 2, PREFIX, &err), err);
    assert_ok(fr_model_prefill(model, 2, prompt, PREFIX, 4, NULL, NULL, &next, &err), err);
    assert_memory_equal(before, fr_model_logits(model), sizeof before);
    fr_model_close(model);
}

static void slots_run_to_the_end_of_the_context_and_idle_when_full(void **state) {
    (void)state;
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    struct fr_model_options options = fr_tiny_options();
    options.n_slots = 2;
    options.context_tokens = 512; /* a multiple of libllama's padding: no cell is left by luck */
    struct fr_model *model = fr_tiny_open(&gguf, &options);
    int32_t prompt[512], tokens[2];
    fr_tiny_tokens(model, 17, 512, prompt);
    assert_ok(fr_model_prefill(model, 0, prompt, 0, 510, NULL, NULL, &tokens[0], &err), err);
    assert_ok(fr_model_prefill(model, 1, prompt, 0, 512, NULL, NULL, &tokens[1], &err), err);
    tokens[1] = -1;
    assert_ok(fr_model_decode(model, tokens, tokens, &err), err);
    assert_ok(fr_model_decode(model, tokens, tokens, &err), err);
    const int32_t kept = tokens[0];
    assert_true(kept >= 0);
    assert_int_equal(fr_model_decode(model, tokens, tokens, &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "slot 0 is full at 512 tokens"));
    assert_int_equal(tokens[0], kept);
    tokens[0] = -1;
    assert_ok(fr_model_decode(model, tokens, tokens, &err), err);
    fr_model_close(model);
}

/* -- steering -------------------------------------------------------------------------------- */

static void a_steered_generation_is_reproducible_and_differs_from_its_baseline(void **state) {
    (void)state;
    struct trace traces[3];
    for (int run = 0; run < 3; run++) { /* steered, baseline, steered */
        struct fr_model *model = open_kind(FR_RANDOM_GGUF_Q8_0, run == 2 ? 6 : 2, false);
        const int width = fr_model_info(model)->width;
        float *vectors = fr_tiny_vectors(21, 3, width);
        struct fr_edit_plan plan = {.n_vectors = 3, .width = width, .vectors = vectors};
        static const int32_t positions[] = {70, 71, 80, 88};
        static const int16_t layers[] = {2};
        const struct fr_edit like = {.operation = FR_EDIT_MIX,
                                     .scale = run == 1 ? 1.0f : 0.5f,
                                     .keep_norm = true};
        fr_tiny_edits(&plan, &like, positions, 4, layers, 1);
        int32_t prompt[PREFIX], tokens[6] = {-1, -1, -1, -1, -1, -1};
        fr_tiny_tokens(model, 18, PREFIX, prompt);
        assert_ok(fr_model_prefill(model, FR_SLOT_STEM, prompt, 0, 70, NULL, NULL, NULL, &err),
                  err);
        assert_ok(fr_model_copy_stem(model, 1, 70, &err), err);
        assert_ok(fr_model_prefill(model, 1, prompt + 70, 70, PREFIX - 70, NULL, &plan, &tokens[1],
                                   &err),
                  err);
        traces[run].tokens[0] = tokens[1];
        for (int step = 1; step < STEPS; step++) {
            assert_ok(fr_model_decode(model, tokens, tokens, &err), err);
            traces[run].tokens[step] = tokens[1];
        }
        finish(model, 1, &traces[run]);
        fr_edit_plan_release(&plan);
        free(vectors);
        fr_model_close(model);
    }
    assert_memory_equal(traces[0].tokens, traces[2].tokens, sizeof traces[0].tokens);
    assert_memory_equal(traces[0].logits, traces[2].logits, sizeof traces[0].logits);
    assert_memory_not_equal(traces[0].logits, traces[1].logits, sizeof traces[0].logits);
}

static void a_trace_does_not_depend_on_the_number_of_threads(void **state) {
    (void)state;
    for (int flash = 0; flash < 2; flash++) {
        struct trace *traces[2];
        for (int threads = 1; threads <= 2; threads++) {
            struct fr_random_gguf gguf = fr_random_gguf_defaults();
            gguf.type = FR_RANDOM_GGUF_Q8_0;
            struct fr_model_options options = fr_tiny_options();
            options.context_tokens = 1000;
            options.threads = threads;
            options.flash_attention = flash;
            struct fr_model *model = fr_tiny_open(&gguf, &options);
            traces[threads - 1] = follow(model, 1, SHORT);
            fr_model_close(model);
        }
        assert_memory_equal(traces[0]->tokens, traces[1]->tokens, sizeof traces[0]->tokens);
        assert_memory_equal(traces[0]->logits, traces[1]->logits, sizeof traces[0]->logits);
        free(traces[0]);
        free(traces[1]);
    }
}

static void counters_count_what_was_done(void **state) {
    (void)state;
    struct fr_model *model = open_kind(FR_RANDOM_GGUF_F32, 2, false);
    int32_t prompt[PREFIX], next, tokens[2] = {1, -1};
    fr_tiny_tokens(model, 19, PREFIX, prompt);
    assert_ok(fr_model_prefill(model, FR_SLOT_STEM, prompt, 0, 50, NULL, NULL, NULL, &err), err);
    assert_ok(fr_model_copy_stem(model, 0, 30, &err), err);
    struct fr_tiny_rows *rows = fr_tiny_rows_new(model, 30, 20);
    rows->layers[2] = false;
    assert_ok(fr_model_prefill(model, 0, prompt + 30, 30, 20, &rows->plan, NULL, &next, &err), err);
    assert_ok(fr_model_decode(model, tokens, tokens, &err), err);
    const struct fr_model_counters counters = fr_model_counters(model);
    assert_int_equal(counters.tokens_prefilled, 70);
    assert_int_equal(counters.tokens_copied, 30);
    assert_int_equal(counters.tokens_decoded, 1);
    assert_int_equal(counters.rows_tapped, 40);
    assert_int_equal(counters.rows_edited, 0);
    fr_tiny_rows_free(rows);
    fr_model_close(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_depends_on_no_other_slot_and_not_on_its_own_place),
        cmocka_unit_test(a_trace_is_bit_identical_whatever_the_number_of_slots),
        cmocka_unit_test(a_model_computes_the_same_whatever_it_is_opened_for),
        cmocka_unit_test(a_copied_and_cut_stem_equals_a_fresh_prefill),
        cmocka_unit_test(a_copy_is_of_the_stem_as_it_was_when_copied),
        cmocka_unit_test(decoding_leaves_the_stem_and_idle_slots_as_they_were),
        cmocka_unit_test(slots_run_to_the_end_of_the_context_and_idle_when_full),
        cmocka_unit_test(a_steered_generation_is_reproducible_and_differs_from_its_baseline),
        cmocka_unit_test(a_trace_does_not_depend_on_the_number_of_threads),
        cmocka_unit_test(counters_count_what_was_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
