/* The graph callback alone, shown graphs that libllama does not make today: whatever it is shown,
 * wrong rows must end as an error and never as data. */
#include <string.h>

#include "base/memory.h"
#include "model/llama_engine.h"
#include "support/test.h"

enum { WIDTH = 4, LAYERS = 11, N = 3 };

static struct fr_error err;
static const int32_t tokens[N] = {5, 6, 7};
static int n_rows;

static void count_row(void *user, int site, int layer, int position, const float *h) {
    (void)user, (void)site, (void)layer, (void)position;
    assert_true(h[0] == (float)(10 * position));
    n_rows++;
}

struct scene {
    struct fr_llama llama;
    struct ggml_context *tensors;
    ggml_backend_buffer_t buffer;
    struct ggml_tensor *embedding, *short_ids, *rows, *pruned, *halves;
    bool layers[LAYERS + 1];
    int32_t positions[2];
    struct fr_tap_plan taps;
    int8_t outputs[N];
};

static void scene_open(struct scene *s) {
    *s = (struct scene){.positions = {0, 2}};
    s->llama.base.info.n_layers = LAYERS;
    s->llama.base.info.width = WIDTH;
    s->llama.base.options.path = "scene.gguf";
    s->llama.probe.has_embedding_node = true;
    s->llama.chunk.edit_layer_begin = fr_alloc(LAYERS + 2, sizeof(int));
    s->llama.chunk.output_rows = fr_alloc(N, sizeof(int));
    s->llama.chunk.wanted_rows = fr_alloc(N, sizeof(int32_t));
    s->llama.probe.forms = fr_alloc(LAYERS + 1, sizeof *s->llama.probe.forms);
    s->tensors = ggml_init((struct ggml_init_params){.mem_size = 1u << 16, .no_alloc = true});
    struct ggml_tensor *table = ggml_new_tensor_2d(s->tensors, GGML_TYPE_F32, WIDTH, 10);
    struct ggml_tensor *ids = ggml_new_tensor_1d(s->tensors, GGML_TYPE_I32, N);
    struct ggml_tensor *short_ids = ggml_new_tensor_1d(s->tensors, GGML_TYPE_I32, N - 1);
    s->embedding = ggml_get_rows(s->tensors, table, ids);
    s->short_ids = ggml_get_rows(s->tensors, table, short_ids);
    s->rows = ggml_new_tensor_2d(s->tensors, GGML_TYPE_F32, WIDTH, N);
    s->pruned = ggml_new_tensor_2d(s->tensors, GGML_TYPE_F32, WIDTH, 2);
    s->halves = ggml_new_tensor_2d(s->tensors, GGML_TYPE_F16, WIDTH, N);
    (void)ggml_set_name(s->embedding, "embd");
    (void)ggml_set_name(s->short_ids, "embd");
    s->buffer =
        ggml_backend_alloc_ctx_tensors_from_buft(s->tensors, ggml_backend_cpu_buffer_type());
    ggml_backend_tensor_set(ids, tokens, 0, sizeof tokens);
    for (int row = 0; row < N; row++) {
        const float values[WIDTH] = {(float)(10 * row)};
        ggml_backend_tensor_set(s->rows, values, (size_t)row * s->rows->nb[1], sizeof values);
        if (row != 1) /* outputs of positions 0 and 2 */
            ggml_backend_tensor_set(s->pruned, values, (size_t)(row / 2) * s->pruned->nb[1],
                                    sizeof values);
    }
    s->taps = (struct fr_tap_plan){.n_positions = 2,
                                   .positions = s->positions,
                                   .layers[FR_SITE_BLOCK] = s->layers,
                                   .row = count_row};
    n_rows = 0;
}

static void scene_plan(struct scene *s, int layer, const int32_t *ids) {
    s->layers[layer] = true;
    fr_llama_chunk_plan(&s->llama, ids, 0, N, &s->taps, NULL, false, s->outputs);
}

static void show(struct scene *s, struct ggml_tensor *tensor, const char *name) {
    (void)ggml_set_name(tensor, name);
    if (!fr_llama_callback(tensor, true, &s->llama))
        return;
    /* The graph goes on, except behind the last layer when no logits are wanted. */
    const bool last = strcmp(name, "l_out-10") == 0;
    assert_int_equal(fr_llama_callback(tensor, false, &s->llama),
                     !last || s->llama.chunk.want_next);
}

static void scene_close(struct scene *s) {
    fr_llama_gathers_release(&s->llama);
    ggml_backend_buffer_free(s->buffer);
    ggml_free(s->tensors);
    fr_llama_chunk_release(&s->llama.chunk);
    free(s->llama.probe.forms);
}

static void assert_finish_says(struct scene *s, const char *part) {
    assert_int_equal(fr_llama_chunk_finish(&s->llama, &err), FR_E_MODEL);
    if (strstr(err.text, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, part);
    assert_false(s->llama.chunk.active);
    scene_close(s);
}

static void layers_are_matched_by_their_whole_name(void **state) {
    (void)state;
    struct scene s;
    scene_open(&s);
    scene_plan(&s, 2, tokens);
    show(&s, s.embedding, "embd");
    static const char *const others[] = {"l_out-10", "l_out-0",   "l_out-",   "l_out-1x",
                                         "l_out",    "ffn_out-1", "l_out-11", "l_out-99999999999"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        show(&s, s.rows, others[i]);
        assert_int_equal(n_rows, 0);
    }
    show(&s, s.rows, "l_out-1");
    assert_int_equal(n_rows, 2);
    assert_ok(fr_llama_chunk_finish(&s.llama, &err), err);
    assert_int_equal(s.llama.base.counters.rows_tapped, 2);
    /* Idle again: nothing is wanted. */
    (void)ggml_set_name(s.rows, "l_out-1");
    assert_false(fr_llama_callback(s.rows, true, &s.llama));
    scene_close(&s);
}

static void the_last_layers_pruned_rows_are_found_by_their_outputs(void **state) {
    (void)state;
    struct scene s;
    scene_open(&s);
    scene_plan(&s, LAYERS, tokens);
    assert_true(s.outputs[0] && !s.outputs[1] && s.outputs[2]);
    show(&s, s.embedding, "embd");
    show(&s, s.pruned, "l_out-10");
    assert_int_equal(n_rows, 2);
    assert_ok(fr_llama_chunk_finish(&s.llama, &err), err);
    scene_close(&s);
}

/* As from a device: rows in one copy, gathered where there are others between, edits written back,
 * rows between kept. */
static void rows_that_must_be_fetched_are_the_same(void **state) {
    (void)state;
    static const float vector[WIDTH] = {1, 2, 3, 4};
    for (int fetch = 0; fetch < 2; fetch++) {
        struct scene s;
        scene_open(&s);
        s.llama.chunk.fetch_always = fetch;
        s.layers[3] = true;
        struct fr_edit_plan edits = {.n_vectors = 1, .width = WIDTH, .vectors = vector};
        for (int position = 1; position < N; position++)
            fr_edit_plan_append(&edits, &(const struct fr_edit){.position = position,
                                                                .layer = position == 1 ? 5 : 4,
                                                                .operation = FR_EDIT_ADD,
                                                                .scale = 2});
        fr_llama_chunk_plan(&s.llama, tokens, 0, N, &s.taps, &edits, true, s.outputs);
        show(&s, s.embedding, "embd");
        show(&s, s.rows, "l_out-2");
        assert_int_equal(n_rows, 2);
        show(&s, s.rows, "l_out-3");
        float row[N][WIDTH];
        ggml_backend_tensor_get(s.rows, row, 0, sizeof row);
        assert_true(row[0][0] == 0 && row[1][0] == 10 && row[2][0] == 22 && row[2][3] == 8);
        show(&s, s.rows, "l_out-4");
        ggml_backend_tensor_get(s.rows, row, 0, sizeof row);
        assert_true(row[0][0] == 0 && row[1][0] == 12 && row[1][3] == 8 && row[2][0] == 22);
        assert_ok(fr_llama_chunk_finish(&s.llama, &err), err);
        /* Taps of layer 3, edits of 4 and 5; rows 0 and 2 are gathered by one list of indices. */
        assert_int_equal(s.llama.base.counters.waits, 3);
        assert_int_equal(s.llama.base.counters.copies_from_device, fetch ? 3 : 0);
        assert_int_equal(s.llama.base.counters.copies_to_device, fetch ? 2 : 0);
        assert_int_equal(s.llama.base.counters.copies_of_indices, fetch ? 1 : 0);
        fr_edit_plan_release(&edits);
        scene_close(&s);
    }
}

static void other_tokens_than_the_batchs_are_an_error(void **state) {
    (void)state;
    static const int32_t swapped[N] = {5, 7, 6};
    struct scene s;
    scene_open(&s);
    scene_plan(&s, 1, swapped);
    show(&s, s.embedding, "embd");
    show(&s, s.rows, "l_out-0");
    assert_int_equal(n_rows, 0);
    assert_finish_says(&s, "computed token 6 where position 1 holds token 7");
}

static void a_split_micro_batch_is_an_error(void **state) {
    (void)state;
    struct scene s;
    scene_open(&s);
    scene_plan(&s, 1, tokens);
    show(&s, s.short_ids, "embd");
    show(&s, s.rows, "l_out-0");
    assert_finish_says(&s, "split a chunk of 3 tokens into micro-batches of 2");
}

static void a_wrong_number_or_type_of_rows_is_an_error(void **state) {
    (void)state;
    struct scene s;
    scene_open(&s);
    scene_plan(&s, 1, tokens);
    show(&s, s.embedding, "embd");
    show(&s, s.pruned, "l_out-0");
    assert_finish_says(&s, "l_out-0 is f32 [4, 2] where F32 [4, 3] was expected");
    scene_open(&s);
    scene_plan(&s, 1, tokens);
    show(&s, s.embedding, "embd");
    show(&s, s.halves, "l_out-0");
    assert_finish_says(&s, "l_out-0 is f16 [4, 3]");
}

static void rows_that_never_come_are_an_error(void **state) {
    (void)state;
    struct scene s;
    scene_open(&s);
    scene_plan(&s, 1, tokens);
    show(&s, s.embedding, "embd");
    assert_finish_says(&s, "showed 0 of 2 rows to read");
    scene_open(&s);
    scene_plan(&s, 1, tokens);
    show(&s, s.rows, "l_out-0");
    assert_finish_says(&s, "did not show its token ids");
}

/* The probe saw sums with the residual stream; this graph shows l_out alone, or a sum of others. */
static void parts_whose_sums_never_come_are_an_error(void **state) {
    (void)state;
    for (int other = 0; other < 2; other++)
        for (int site = FR_SITE_ATTENTION; site < FR_STREAM_SITES; site++) {
            struct scene s;
            scene_open(&s);
            s.llama.probe.forms[2] = FR_LLAMA_FORM_BOTH;
            s.taps.layers[FR_SITE_BLOCK] = NULL;
            s.taps.layers[site] = s.layers;
            scene_plan(&s, 2, tokens);
            show(&s, s.embedding, "embd");
            show(&s, s.rows, "l_out-0");
            struct ggml_tensor *before = s.rows;
            s.rows = ggml_dup_tensor(s.tensors, before);
            s.rows->data = before->data;
            s.rows->buffer = before->buffer;
            if (other)
                show(&s, ggml_add(s.tensors, s.rows, s.rows), "ffn_inp-1");
            show(&s, s.rows, "l_out-1");
            assert_finish_says(&s, "layer 2 adds attention and MLP otherwise");
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_are_matched_by_their_whole_name),
        cmocka_unit_test(the_last_layers_pruned_rows_are_found_by_their_outputs),
        cmocka_unit_test(rows_that_must_be_fetched_are_the_same),
        cmocka_unit_test(other_tokens_than_the_batchs_are_an_error),
        cmocka_unit_test(a_split_micro_batch_is_an_error),
        cmocka_unit_test(a_wrong_number_or_type_of_rows_is_an_error),
        cmocka_unit_test(rows_that_never_come_are_an_error),
        cmocka_unit_test(parts_whose_sums_never_come_are_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
