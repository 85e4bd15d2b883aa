/* What rows_test.c, sites_test.c and slots_test.c say of random weights, on the organism and on
 * SmolLM2: taps change no bit, what attention and MLP add is what the residual stream gains, edits
 * act where the plan says and nowhere else, the last layer included, a steered prefix carried into
 * a context without a callback generates the same, and a trace does not depend on the number of
 * slots. */
#include <string.h>

#include "base/memory.h"
#include "model/llama_engine.h"
#include "support/real_model.h"
#include "support/reference_forward.h"
#include "support/test.h"
#include "support/tiny_model.h"

enum { N = 100, EDITED = 70, STEPS = 6 };

static struct fr_error err;

static struct fr_model *open_model(const char *path, int n_slots, bool flash) {
    struct fr_model_options options = fr_tiny_options();
    struct fr_model *model = NULL;
    options.path = path;
    options.n_slots = n_slots;
    options.flash_attention = flash;
    options.threads = 2;
    assert_ok(fr_model_open(&model, &options, &err), err);
    return model;
}

static size_t logits_bytes(const struct fr_model *model) {
    return (size_t)fr_model_info(model)->n_vocab * sizeof(float);
}

static float *kept_logits(const struct fr_model *model) {
    float *logits = malloc(logits_bytes(model));
    assert_non_null(logits);
    return memcpy(logits, fr_model_logits(model), logits_bytes(model));
}

static struct fr_tiny_rows *prefill(struct fr_model *model, const int32_t *tokens,
                                    const struct fr_edit_plan *edits, int32_t *next) {
    struct fr_tiny_rows *rows = fr_tiny_rows_new(model, 0, N);
    fr_model_clear(model, 0);
    assert_ok(fr_model_prefill(model, 0, tokens, 0, N, &rows->plan, edits, next, &err), err);
    return rows;
}

static void taps_change_no_bit(const char *path) {
    struct fr_model *model = open_model(path, 2, true);
    int32_t tokens[N], plain, tapped;
    fr_tiny_tokens(model, 31, N, tokens);
    assert_ok(fr_model_prefill(model, 0, tokens, 0, N, NULL, NULL, &plain, &err), err);
    float *logits = kept_logits(model);
    for (int sites = 1; sites < 1 << FR_STREAM_SITES; sites++) {
        struct fr_tiny_rows *rows = fr_tiny_rows_new(model, 0, N);
        for (int site = 0; site < FR_STREAM_SITES; site++)
            rows->plan.layers[site] = sites >> site & 1 ? rows->layers : NULL;
        fr_model_clear(model, 0);
        assert_ok(fr_model_prefill(model, 0, tokens, 0, N, &rows->plan, NULL, &tapped, &err), err);
        assert_int_equal(plain, tapped);
        assert_memory_equal(logits, fr_model_logits(model), logits_bytes(model));
        fr_tiny_rows_free(rows);
    }
    free(logits);
    fr_model_close(model);
}

static struct fr_tiny_rows *read_all_sites(struct fr_model *model, const int32_t *tokens) {
    struct fr_tiny_rows *rows = fr_tiny_rows_new(model, 0, N);
    for (int site = 0; site < FR_STREAM_SITES; site++)
        rows->plan.layers[site] = rows->layers;
    fr_model_clear(model, 0);
    assert_ok(fr_model_prefill(model, 0, tokens, 0, N, &rows->plan, NULL, NULL, &err), err);
    return rows;
}

static double rms(const float *h, int n) {
    double square = 0;
    for (int i = 0; i < n; i++)
        square += (double)h[i] * (double)h[i];
    return sqrt(square / n);
}

static void parts_add_up_to_what_the_residual_gains(const char *path) {
    struct fr_model *model = open_model(path, 1, true);
    int32_t tokens[N];
    fr_tiny_tokens(model, 39, N, tokens);
    struct fr_tiny_rows *rows = read_all_sites(model, tokens);
    double worst = 0;
    for (int layer = 2; layer <= rows->n_layers; layer++)
        for (int p = 0; p < N; p++) {
            const float *after = fr_tiny_row(rows, layer, p);
            const float *before = fr_tiny_row(rows, layer - 1, p);
            const float *attention = fr_tiny_site_row(rows, FR_SITE_ATTENTION, layer, p);
            const float *mlp = fr_tiny_site_row(rows, FR_SITE_MLP, layer, p);
            for (int d = 0; d < rows->width; d++)
                worst = fmax(worst, fabs((double)before[d] + (double)attention[d] + (double)mlp[d] -
                                         (double)after[d]) /
                                        rms(after, rows->width));
        }
    print_message("before + attention + MLP = after within %.2g\n", worst);
    assert_true(worst < 1e-5);
    fr_tiny_rows_free(rows);
    fr_model_close(model);
}

/* One edit of one row at a time: that row becomes what fr_edit_apply makes of it, rows of later
 * layers at and behind its position change, no other row changes by a bit. */
static void edits_act_there_and_nowhere_else(const char *path) {
    struct fr_model *model = open_model(path, 1, true);
    const int n_layers = fr_model_info(model)->n_layers, width = fr_model_info(model)->width;
    const size_t row_bytes = (size_t)width * sizeof(float);
    float *vectors = fr_tiny_vectors(32, 1, width), *expected = malloc(row_bytes);
    int32_t tokens[N], next;
    fr_tiny_tokens(model, 33, N, tokens);
    struct fr_tiny_rows *base = prefill(model, tokens, NULL, &next);
    const int layers[] = {1, n_layers / 2, n_layers - 1, n_layers};
    for (int k = 0; k < 4; k++) {
        const int32_t position = EDITED;
        const int16_t layer = (int16_t)layers[k];
        /* Without the norm kept the vector has a say beside SmolLM2's large rows. */
        const struct fr_edit like = {.operation = FR_EDIT_MIX, .scale = 0.5f};
        struct fr_edit_plan plan = {.n_vectors = 1, .width = width, .vectors = vectors};
        fr_tiny_edits(&plan, &like, &position, 1, &layer, 1);
        struct fr_tiny_rows *rows = prefill(model, tokens, &plan, &next);
        memcpy(expected, fr_tiny_row(base, layer, position), row_bytes);
        fr_edit_apply(&plan.edits[0], vectors, expected, width);
        assert_memory_equal(expected, fr_tiny_row(rows, layer, position), row_bytes);
        int n_changed = 0;
        for (int l = 1; l <= n_layers; l++)
            for (int p = 0; p < N; p++) {
                const bool same =
                    memcmp(fr_tiny_row(rows, l, p), fr_tiny_row(base, l, p), row_bytes) == 0;
                const bool may = l == layer ? p == position : l > layer && p >= position;
                if (!same && !may)
                    fail_msg("edit at layer %d: row at layer %d position %d changed", layer, l, p);
                n_changed += !same;
            }
        /* Every layer behind, and most positions there: a far one may round to the same bits. */
        assert_true(n_changed > (n_layers - layer) * (N - position) / 2);
        assert_int_equal(fr_model_counters(model).rows_edited, k + 1);
        fr_tiny_rows_free(rows);
        fr_edit_plan_release(&plan);
    }
    fr_tiny_rows_free(base);
    free(expected);
    free(vectors);
    fr_model_close(model);
}

/* A step of sequence 0 in a batch of two, the other a dummy that is taken out again: as
 * fr_llama_decode does with one busy slot of two. */
static const float *plain_step(struct llama_context *context, int32_t token, int position) {
    struct llama_batch batch = llama_batch_init(2, 0, 1);
    for (int i = 0; i < 2; i++) {
        batch.token[i] = i == 0 ? token : 0;
        batch.pos[i] = i == 0 ? position : 0;
        batch.n_seq_id[i] = 1;
        batch.seq_id[i][0] = i;
        batch.logits[i] = 1;
    }
    batch.n_tokens = 2;
    assert_int_equal(llama_decode(context, batch), 0);
    assert_true(llama_memory_seq_rm(llama_get_memory(context), 1, 0, -1));
    llama_batch_free(batch);
    return llama_get_logits_ith(context, 0);
}

static void a_steered_prefix_generates_the_same_without_a_callback(const char *path) {
    struct fr_model *model = open_model(path, 2, true);
    const struct fr_llama *llama = (const struct fr_llama *)model;
    const int width = fr_model_info(model)->width;
    float *vectors = fr_tiny_vectors(34, 1, width);
    int32_t tokens[N], steps[2] = {-1, -1};
    fr_tiny_tokens(model, 35, N, tokens);
    static const int32_t positions[] = {40, 41, 60, EDITED};
    static const int16_t layers[] = {1, 2};
    const struct fr_edit like = {.operation = FR_EDIT_REPLACE};
    struct fr_edit_plan plan = {.n_vectors = 1, .width = width, .vectors = vectors};
    fr_tiny_edits(&plan, &like, positions, 4, layers, 2);
    assert_ok(fr_model_prefill(model, 0, tokens, 0, N, NULL, &plan, &steps[0], &err), err);

    struct llama_context *plain =
        llama_init_from_model(llama->weights, fr_llama_context_params(llama, 3));
    assert_non_null(plain);
    const size_t bytes = llama_state_seq_get_size(llama->context, 0);
    uint8_t *state = fr_alloc(bytes, 1);
    assert_int_equal(llama_state_seq_get_data(llama->context, state, bytes, 0), bytes);
    assert_int_equal(llama_state_seq_set_data(plain, state, bytes, 0), bytes);
    int32_t next = steps[0];
    for (int step = 0; step < STEPS; step++) {
        const float *logits = plain_step(plain, next, N + step);
        assert_ok(fr_model_decode(model, steps, steps, &err), err);
        assert_memory_equal(logits, llama_get_logits_ith(llama->context, 0), logits_bytes(model));
        next = fr_logits_argmax(logits, fr_model_info(model)->n_vocab);
        assert_int_equal(next, steps[0]);
    }
    llama_free(plain);
    free(state);
    free(vectors);
    fr_edit_plan_release(&plan);
    fr_model_close(model);
}

/* deterministic, 1 to 32 slots: the same tokens and, at the end, the same logits. */
static void a_trace_is_the_same_for_1_2_8_and_32_slots(const char *path) {
    static const int counts[] = {1, 2, 8, 32};
    for (int flash = 0; flash < 2; flash++) {
        int32_t first[STEPS] = {0}, tokens[N], steps[32];
        float *logits = NULL;
        for (int k = 0; k < 4; k++) {
            struct fr_model *model = open_model(path, counts[k], flash);
            const int mine = counts[k] - 1;
            fr_tiny_tokens(model, 36, N, tokens);
            for (int s = 0; s < counts[k]; s++) /* the others are of other lengths */
                assert_ok(fr_model_prefill(model, s, tokens, 0, s == mine ? N : 2 + s % 7, NULL,
                                           NULL, &steps[s], &err),
                          err);
            for (int step = 0; step < STEPS; step++) {
                if (k == 0)
                    first[step] = steps[mine];
                assert_int_equal(steps[mine], first[step]);
                assert_ok(fr_model_decode(model, steps, steps, &err), err);
            }
            const struct fr_llama *llama = (const struct fr_llama *)model;
            const float *now = llama_get_logits_ith(llama->context, mine);
            if (k == 0)
                logits = memcpy(fr_alloc(logits_bytes(model), 1), now, logits_bytes(model));
            assert_memory_equal(now, logits, logits_bytes(model));
            fr_model_close(model);
        }
        free(logits);
    }
}

static void everything(const char *path) {
    taps_change_no_bit(path);
    parts_add_up_to_what_the_residual_gains(path);
    edits_act_there_and_nowhere_else(path);
    a_steered_prefix_generates_the_same_without_a_callback(path);
    a_trace_is_the_same_for_1_2_8_and_32_slots(path);
}

static void the_organism_is_read_and_edited_exactly(void **state) {
    (void)state;
    const char *path = fr_test_path("models/organism.gguf");
    if (access(path, R_OK) != 0) {
        print_message("skipped: %s is not there\n", path);
        skip();
    }
    everything(path);
}

/* In single precision throughout: what is left is rounding. */
static void what_the_organisms_blocks_add_equals_an_independent_pass(void **state) {
    (void)state;
    const char *path = fr_test_path("models/organism.gguf");
    if (access(path, R_OK) != 0) {
        print_message("skipped: %s is not there\n", path);
        skip();
    }
    struct fr_model_options options = fr_tiny_options();
    struct fr_reference reference;
    struct fr_model *model = NULL;
    char single[64];
    int32_t tokens[N];
    options.path = fr_tiny_path(single);
    options.kv_type = FR_KV_F32;
    assert_ok(fr_gguf_dequantize(path, single, &err), err);
    assert_ok(fr_model_open(&model, &options, &err), err);
    assert_ok(fr_reference_load(&reference, single, &err), err);
    (void)unlink(single);
    fr_tiny_tokens(model, 40, N, tokens);
    fr_reference_run(&reference, tokens, N, NULL, NULL);
    struct fr_tiny_rows *rows = read_all_sites(model, tokens);
    double worst[FR_STREAM_SITES] = {0};
    for (int site = FR_SITE_ATTENTION; site < FR_STREAM_SITES; site++)
        for (int layer = 1; layer <= rows->n_layers; layer++)
            for (int p = 0; p < N; p++) {
                const float *got = fr_tiny_site_row(rows, site, layer, p);
                const double *want = fr_reference_part(&reference, site, layer, p);
                for (int d = 0; d < rows->width; d++)
                    worst[site] =
                        fmax(worst[site], fabs((double)got[d] - want[d]) / rms(got, rows->width));
            }
    print_message("organism: attention within %.2g, MLP within %.2g\n", worst[FR_SITE_ATTENTION],
                  worst[FR_SITE_MLP]);
    assert_true(worst[FR_SITE_ATTENTION] < 1e-4 && worst[FR_SITE_MLP] < 1e-4);
    fr_tiny_rows_free(rows);
    fr_reference_release(&reference);
    fr_model_close(model);
}

static void smollm2_is_read_and_edited_exactly(void **state) {
    (void)state;
    const char *path = fr_real_model_path();
    if (path == NULL)
        skip();
    everything(path);
}

static void a_plan_that_does_not_fit_is_refused_before_anything_is_computed(void **state) {
    (void)state;
    const char *path = fr_test_path("models/organism.gguf");
    if (access(path, R_OK) != 0) {
        print_message("skipped: %s is not there\n", path);
        skip();
    }
    struct fr_model *model = open_model(path, 1, true);
    const int width = fr_model_info(model)->width;
    float *vectors = fr_tiny_vectors(37, 2, width);
    int32_t tokens[N], next;
    fr_tiny_tokens(model, 38, N, tokens);
    const struct fr_edit good = {.position = 5, .layer = 1, .scale = 0.5f};
    struct fr_edit far = good, above = good, below = good, vector = good;
    far.position = N;
    above.layer = 6;
    below.layer = 0;
    vector.vector = 2;
    const struct {
        struct fr_edit edit;
        int width;
        const char *says;
    } cases[] = {
        {far, width, "edit 0 at position 100, outside the prefilled positions 0 to 99"},
        {above, width, "edit 0 at layer 6; the model's layers are 1 to 5"},
        {below, width, "edit 0 at layer 0; the model's layers are 1 to 5"},
        {vector, width, "edit 0 uses vector 2 of 2"},
        {good, width / 2, "edit vectors of width 128 for a model of width 256"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_edit edit = cases[i].edit;
        const struct fr_edit_plan plan = {.n_edits = 1,
                                          .edits = &edit,
                                          .n_vectors = 2,
                                          .width = cases[i].width,
                                          .vectors = vectors};
        assert_int_equal(fr_model_prefill(model, 0, tokens, 0, N, NULL, &plan, &next, &err),
                         FR_E_INPUT);
        if (strstr(err.text, cases[i].says) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].says);
    }
    const int32_t outside[] = {3, N};
    const bool layers[6] = {false, true, true, true, true, true};
    const struct fr_tap_plan taps = {.n_positions = 2,
                                     .positions = outside,
                                     .layers[FR_SITE_BLOCK] = layers};
    assert_int_equal(fr_model_prefill(model, 0, tokens, 0, N, &taps, NULL, &next, &err),
                     FR_E_INPUT);
    assert_non_null(strstr(err.text, "tap at position 100, outside"));
    assert_int_equal(fr_model_counters(model).tokens_prefilled, 0);
    free(vectors);
    fr_model_close(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_that_does_not_fit_is_refused_before_anything_is_computed),
        cmocka_unit_test(the_organism_is_read_and_edited_exactly),
        cmocka_unit_test(what_the_organisms_blocks_add_equals_an_independent_pass),
        cmocka_unit_test(smollm2_is_read_and_edited_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
