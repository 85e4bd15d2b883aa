/* A control vector as llama.cpp has it: its own tools' loader reads the file
 * (scripts/llama_loader.cpp, of the pinned source), and what libllama then does with it is our edit
 * `add` at every position, bit for bit, at the layers that were meant. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "model/control_vector.h"
#include "model/llama_engine.h"
#include "support/test.h"
#include "support/tiny_model.h"

static struct fr_error err;
enum { N = 40, N_EDITED = 2, MOST = 1 << 20 };
static const int edited[N_EDITED] = {2, 4};

/* The file's directions, as llama.cpp's tools load them; their number. */
static size_t load(const char *path, float *out, int *status) {
    char command[512];
    (void)snprintf(command, sizeof command, "exec \"$FR_LLAMA_LOADER\" %s 2>loader.txt", path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    const size_t n = fread(out, sizeof *out, MOST, pipe);
    *status = pclose(pipe);
    return n;
}

static void save(const char *path, const int *layers, const float *rows, int width) {
    const struct fr_control_vector vector = {.architecture = "qwen2",
                                             .n_layers = N_EDITED,
                                             .width = width,
                                             .layers = layers,
                                             .rows = rows};
    assert_ok(fr_control_vector_save(path, &vector, &err), err);
}

static struct fr_tiny_rows *read_rows(struct fr_model *model, const int32_t *tokens,
                                      const struct fr_edit_plan *edits) {
    struct fr_tiny_rows *rows = fr_tiny_rows_new(model, 0, N);
    int32_t next;
    fr_model_clear(model, 0);
    assert_ok(fr_model_prefill(model, 0, tokens, 0, N, &rows->plan, edits, &next, &err), err);
    return rows;
}

static bool is_same(const struct fr_tiny_rows *a, const struct fr_tiny_rows *b, int layer) {
    for (int p = 0; p < N; p++)
        if (memcmp(fr_tiny_row(a, layer, p), fr_tiny_row(b, layer, p),
                   (size_t)a->width * sizeof(float)) != 0)
            return false;
    return true;
}

static void llama_cpp_adds_what_our_edit_adds_at_the_same_layers(void **state) {
    (void)state;
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    gguf.n_layers = 5;
    const struct fr_model_options options = fr_tiny_options();
    struct fr_model *model = fr_tiny_open(&gguf, &options);
    const int width = fr_model_info(model)->width, n_layers = fr_model_info(model)->n_layers;
    int32_t tokens[N], positions[N];
    assert_true(n_layers >= edited[N_EDITED - 1]);
    fr_tiny_tokens(model, 5, N, tokens);
    for (int p = 0; p < N; p++)
        positions[p] = p;

    float *vectors = fr_tiny_vectors(7, N_EDITED, width), *loaded = fr_alloc(MOST, sizeof *loaded);
    int status;
    save("vector.gguf", edited, vectors, width);
    const size_t n = load("vector.gguf", loaded, &status);
    assert_int_equal(status, 0);
    assert_int_equal(n, (size_t)(edited[N_EDITED - 1] - 1) * (size_t)width);
    for (int i = 0; i < N_EDITED; i++)
        assert_memory_equal(loaded + (size_t)(edited[i] - 2) * (size_t)width,
                            vectors + (size_t)i * (size_t)width, (size_t)width * sizeof *vectors);

    /* Theirs. */
    struct fr_llama *llama = (struct fr_llama *)model;
    struct fr_tiny_rows *plain = read_rows(model, tokens, NULL);
    assert_int_equal(llama_set_adapter_cvec(llama->context, loaded, n, width, 1, n_layers), 0);
    struct fr_tiny_rows *theirs = read_rows(model, tokens, NULL);
    assert_int_equal(llama_set_adapter_cvec(llama->context, NULL, 0, width, 1, n_layers), 0);

    /* Ours: the vector of an edit goes by its layer. */
    struct fr_edit_plan plan = {.n_vectors = N_EDITED, .width = width, .vectors = vectors};
    for (int p = 0; p < N; p++)
        for (int i = 0; i < N_EDITED; i++)
            fr_edit_plan_append(&plan, &(struct fr_edit){.position = positions[p],
                                                         .layer = (int16_t)edited[i],
                                                         .operation = FR_EDIT_ADD,
                                                         .vector = i,
                                                         .scale = 1.0f});
    struct fr_tiny_rows *ours = read_rows(model, tokens, &plan);
    for (int layer = 1; layer <= n_layers; layer++) {
        assert_true(is_same(ours, theirs, layer));
        assert_true(is_same(plain, theirs, layer) == (layer < edited[0]));
    }
    fr_edit_plan_release(&plan);
    fr_tiny_rows_free(ours);
    fr_tiny_rows_free(theirs);
    fr_tiny_rows_free(plain);
    fr_model_close(model);
    free(vectors);
    free(loaded);
    (void)unlink("vector.gguf");
    (void)unlink("loader.txt");
}

static void there_is_no_direction_for_the_first_block(void **state) {
    (void)state;
    static const int layers[N_EDITED] = {1, 2};
    static const float rows[N_EDITED * 4];
    const struct fr_control_vector vector = {.architecture = "qwen2",
                                             .n_layers = N_EDITED,
                                             .width = 4,
                                             .layers = layers,
                                             .rows = rows};
    assert_int_equal(fr_control_vector_save("none.gguf", &vector, &err), FR_E_INPUT);
    assert_string_equal(err.text, "layer 1: llama.cpp's control vectors have none for the first "
                                  "block; layers from 2 on");
    assert_int_not_equal(access("none.gguf", F_OK), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(llama_cpp_adds_what_our_edit_adds_at_the_same_layers),
        cmocka_unit_test(there_is_no_direction_for_the_first_block),
    };
    if (getenv("FR_LLAMA_LOADER") == NULL) {
        (void)printf("skipped: llama.cpp's loader is not built; scripts/setup --test builds it\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
