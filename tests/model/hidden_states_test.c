/* Captured rows against hidden states by Hugging Face transformers in double precision, on the same
 * weights (golden/model/make_hidden_states.py): random models, two organisms, SmolLM2.
 *
 * Tolerances are of the largest deviation of a row's element, relative to the row's root mean
 * square. What may lie between:
 * - weights and cache in single precision, no flash attention: rounding of single precision, about
 *   1e-7 a sum, through n layers. TIGHT holds for every model, real ones included, and is what
 *   says that the row is that row: neighbours in layer or position are off by 0.1 and more.
 * - keys and values in half precision (11 bits), flash attention: its accumulators are of half
 *   precision too.
 * - quantised weights: ggml's CPU kernels round activations to 8 bits in blocks of 32 before each
 *   product, transformers does not. Each element errs by up to 1/254 of the largest of its block,
 * and such errors add up through the layers: 0.14 measured on the organism, 0.11 on SmolLM2, where
 * a row of the next layer or position is off by 0.6 and more.
 *
 * `--write ARCHITECTURE FILE` writes the random model for the script. */
#include <string.h>

#include "base/file.h"
#include "store/store.h"
#include "support/real_model.h"
#include "support/test.h"
#include "support/tiny_model.h"

static const double TIGHT = 5e-5;
static struct fr_error err;

/* -- the golden file -------------------------------------------------------------------------- */

struct golden_rows {
    struct fr_tensor_file file;
    int n_positions, n_layers, width, n_tokens;
    const float *rows; /* [position][layer][D] */
    const float *next_logit;
    const int32_t *tokens, *positions, *next;
};

static void golden_load(struct golden_rows *g, const char *name) {
    char path[128];
    (void)snprintf(path, sizeof path, "tests/golden/model/%s.safetensors", name);
    assert_ok(fr_tensors_load(&g->file, fr_test_path(path), &err), err);
    const struct fr_tensor *rows = fr_tensors_find(&g->file, "rows");
    const struct fr_tensor *tokens = fr_tensors_find(&g->file, "tokens");
    assert_true(rows != NULL && rows->dtype == FR_F32 && rows->n_dims == 3 && tokens != NULL);
    g->n_positions = (int)rows->dims[0];
    g->n_layers = (int)rows->dims[1];
    g->width = (int)rows->dims[2];
    g->n_tokens = (int)tokens->dims[0];
    g->rows = rows->data;
    g->tokens = tokens->data;
    g->positions = fr_tensors_find(&g->file, "positions")->data;
    g->next = fr_tensors_find(&g->file, "next")->data;
    g->next_logit = fr_tensors_find(&g->file, "next_logit")->data;
}

/* The golden rows are of this very file. */
static void assert_made_of(const struct golden_rows *g, const char *path) {
    char digest[FR_SHA256_TEXT];
    assert_ok(fr_file_sha256(path, digest, &err), err);
    if (strcmp(digest, fr_tensors_find_metadata(&g->file, "model_sha256")) != 0)
        fail_msg("%s has changed: run tests/golden/model/make_hidden_states.py again", path);
}

static double deviation(const float *x, const float *y, int n) {
    double largest = 0.0, square = 0.0;
    for (int i = 0; i < n; i++) {
        largest = fmax(largest, fabs((double)x[i] - (double)y[i]));
        square += (double)y[i] * (double)y[i];
    }
    return largest / sqrt(square / n);
}

struct how {
    int kv_type;
    bool flash_attention;
    double tolerance;
};

/* Prefills up to each position in chunks of 64 and compares rows of all layers there, and, where
 * the sequence ends at the position, the next token and its logit. */
static void compare(const char *name, const char *what, const char *path,
                    const struct golden_rows *g, const struct how *how) {
    struct fr_model_options options = fr_tiny_options();
    struct fr_model *model = NULL;
    options.path = path;
    options.n_slots = 1;
    options.threads = 2;
    options.kv_type = how->kv_type;
    options.flash_attention = how->flash_attention;
    assert_ok(fr_model_open(&model, &options, &err), err);
    assert_int_equal(fr_model_info(model)->n_layers, g->n_layers);
    assert_int_equal(fr_model_info(model)->width, g->width);
    struct fr_tiny_rows *rows = fr_tiny_rows_new(model, 0, g->n_tokens);
    int32_t next;
    assert_ok(fr_model_prefill(model, 0, g->tokens, 0, g->n_tokens, &rows->plan, NULL, &next, &err),
              err);
    double worst = 0.0, nearest = INFINITY;
    for (int p = 0; p < g->n_positions; p++)
        for (int l = 0; l < g->n_layers; l++) {
            const float *theirs =
                g->rows + ((size_t)p * (size_t)g->n_layers + (size_t)l) * (size_t)g->width;
            const int position = g->positions[p];
            worst = fmax(worst, deviation(fr_tiny_row(rows, l + 1, position), theirs, g->width));
            if (position > 0)
                nearest = fmin(nearest,
                               deviation(fr_tiny_row(rows, l + 1, position - 1), theirs, g->width));
            if (l > 0)
                nearest =
                    fmin(nearest, deviation(fr_tiny_row(rows, l, position), theirs, g->width));
        }
    const int last = g->n_positions - 1;
    assert_int_equal(g->positions[last], g->n_tokens - 1);
    print_message("%s, %s: rows within %.2g, neighbours at %.2g and more; next logit %.5g, "
                  "theirs %.5g\n",
                  name, what, worst, nearest, (double)fr_model_logits(model)[g->next[last]],
                  (double)g->next_logit[last]);
    assert_true(worst < how->tolerance);
    assert_true(how->tolerance > TIGHT || nearest > 50 * TIGHT);
    if (how->tolerance <= TIGHT) {
        assert_int_equal(next, g->next[last]);
        assert_near((double)fr_model_logits(model)[next], (double)g->next_logit[last], 0.01);
    }
    fr_tiny_rows_free(rows);
    fr_model_close(model);
}

static const struct how single = {FR_KV_F32, false, 5e-5};

/* -- the models -------------------------------------------------------------------------------- */

static struct fr_random_gguf random_model(const char *architecture) {
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    gguf.architecture = architecture;
    return gguf;
}

static void compare_random(const char *architecture, const char *name) {
    static const struct how half = {FR_KV_F16, false, 0.004}, flash = {FR_KV_F16, true, 0.01};
    struct golden_rows g;
    char path[64];
    const struct fr_random_gguf gguf = random_model(architecture);
    golden_load(&g, name);
    assert_ok(fr_random_gguf_write(fr_tiny_path(path), &gguf, &err), err);
    compare(name, "single precision", path, &g, &single);
    compare(name, "cache in half precision", path, &g, &half);
    compare(name, "flash attention", path, &g, &flash);
    (void)unlink(path);
    fr_tensors_release(&g.file);
}

static void rows_of_random_models_are_those_of_transformers(void **state) {
    (void)state;
    compare_random("qwen2", "random-qwen2");
    compare_random("llama", "random-llama");
}

/* In single precision, then as the file is, the way studies run it. */
static void compare_file(const char *name, const char *path, const struct how *as_is) {
    struct golden_rows g;
    char dequantized[64];
    golden_load(&g, name);
    assert_made_of(&g, path);
    assert_ok(fr_gguf_dequantize(path, fr_tiny_path(dequantized), &err), err);
    compare(name, "single precision", dequantized, &g, &single);
    (void)unlink(dequantized);
    compare(name, "as it is", path, &g, as_is);
    fr_tensors_release(&g.file);
}

static void rows_of_the_organisms_are_those_of_transformers(void **state) {
    (void)state;
    static const struct how as_is = {FR_KV_F16, true, 0.2};
    static const char *const names[] = {"organism", "organism-ambiguous"};
    for (int i = 0; i < 2; i++) {
        char file[64];
        (void)snprintf(file, sizeof file, "models/%s.gguf", names[i]);
        const char *path = fr_test_path(file);
        if (access(path, R_OK) != 0) {
            print_message("skipped: %s is not there\n", path);
            skip();
        }
        compare_file(names[i], path, &as_is);
    }
}

static void rows_of_smollm2_are_those_of_transformers(void **state) {
    (void)state;
    static const struct how as_is = {FR_KV_F16, true, 0.2};
    const char *path = fr_real_model_path();
    if (path == NULL)
        skip();
    compare_file("smollm2", path, &as_is);
}

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "--write") == 0) {
        const struct fr_random_gguf gguf = random_model(argv[2]);
        return fr_random_gguf_write(argv[3], &gguf, &err) == FR_OK ? 0 : 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_random_models_are_those_of_transformers),
        cmocka_unit_test(rows_of_the_organisms_are_those_of_transformers),
        cmocka_unit_test(rows_of_smollm2_are_those_of_transformers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
