/* Our side of bench/peers/compare.py: captures rows of all layers at given positions of given
 * tokens and writes them.
 *
 *     capture MODEL.gguf TOKENS POSITIONS ROWS.f32 ROUNDS THREADS [f32]
 *
 * TOKENS and POSITIONS are files of int32; ROWS.f32 becomes floats [position][layer][D]. Prints one
 * JSON line: seconds of each prefill, of opening the model, peak memory. With f32 the model's
 * weights are dequantised first, as the peers', to a file beside ROWS.f32. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "model/model.h"
#include "support/real_model.h"

struct capture {
    int n_layers, width, n_positions;
    const int32_t *positions;
    float *rows; /* [position][layer][D] */
};

static void take_row(void *user, int site, int layer, int position, const float *h) {
    struct capture *c = user;
    (void)site;
    int i = 0;
    for (int high = c->n_positions; i < high;) { /* the first position not below */
        const int middle = i + (high - i) / 2;
        if (c->positions[middle] < position)
            i = middle + 1;
        else
            high = middle;
    }
    memcpy(c->rows + ((size_t)i * (size_t)c->n_layers + (size_t)layer - 1) * (size_t)c->width, h,
           (size_t)c->width * sizeof *h);
}

static int run(char **argv, struct fr_error *err) {
    struct fr_text tokens = {0}, positions = {0};
    struct fr_model *model = NULL;
    struct fr_model_options options = fr_model_options_defaults();
    struct capture c = {0};
    bool *layers = NULL;
    const int rounds = (int)strtol(argv[5], NULL, 10);
    options.path = argv[1];
    options.n_slots = 1;
    options.threads = (int)strtol(argv[6], NULL, 10);
    options.deterministic = false;
    options.flash_attention = true; /* as bench/RESULTS.md has it */
    int code = fr_file_read(argv[2], 1 << 24, &tokens, err);
    if (code == FR_OK)
        code = fr_file_read(argv[3], 1 << 24, &positions, err);
    if (code != FR_OK)
        goto out;
    const int n = (int)(tokens.len / sizeof(int32_t));
    options.context_tokens = n;
    c.positions = (const int32_t *)(const void *)positions.data;
    c.n_positions = (int)(positions.len / sizeof(int32_t));
    double start = fr_clock_seconds();
    code = fr_model_open(&model, &options, err);
    if (code != FR_OK)
        goto out;
    (void)printf("{\"open\": %.3f, \"seconds\": [", fr_clock_seconds() - start);
    c.n_layers = fr_model_info(model)->n_layers;
    c.width = fr_model_info(model)->width;
    c.rows = fr_alloc((size_t)c.n_positions * (size_t)c.n_layers, (size_t)c.width * sizeof(float));
    layers = fr_alloc((size_t)c.n_layers + 1, sizeof *layers);
    memset(layers, true, (size_t)c.n_layers + 1);
    const struct fr_tap_plan taps = {.n_positions = c.n_positions,
                                     .positions = c.positions,
                                     .layers[FR_SITE_BLOCK] = layers,
                                     .row = take_row,
                                     .user = &c};
    for (int i = 0; i < rounds && code == FR_OK; i++) {
        fr_model_clear(model, 0);
        start = fr_clock_seconds();
        code = fr_model_prefill(model, 0, (const int32_t *)(const void *)tokens.data, 0, n, &taps,
                                NULL, NULL, err);
        (void)printf("%s%.3f", i > 0 ? ", " : "", fr_clock_seconds() - start);
    }
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    (void)printf("], \"peak_mb\": %.0f}\n", (double)usage.ru_maxrss / 1024);
    if (code == FR_OK)
        code = fr_file_write(argv[4], c.rows,
                             (size_t)c.n_positions * (size_t)c.n_layers * (size_t)c.width *
                                 sizeof(float),
                             err);
out:
    fr_model_close(model);
    fr_text_release(&tokens);
    fr_text_release(&positions);
    free(c.rows);
    free(layers);
    return code;
}

int main(int argc, char **argv) {
    struct fr_error err = {0};
    char single[4096];
    if (argc < 7 || argc > 8) {
        (void)fprintf(stderr,
                      "usage: capture MODEL.gguf TOKENS POSITIONS ROWS.f32 ROUNDS THREADS [f32]\n");
        return 2;
    }
    int code = FR_OK;
    (void)snprintf(single, sizeof single, "%s.gguf", argv[4]);
    if (argc == 8)
        code = fr_gguf_dequantize(argv[1], single, &err);
    if (argc == 8)
        argv[1] = single;
    if (code == FR_OK)
        code = run(argv, &err);
    if (argc == 8)
        (void)unlink(single);
    if (code != FR_OK)
        (void)fprintf(stderr, "capture: %s\n", err.text);
    return code == FR_OK ? 0 : 1;
}
