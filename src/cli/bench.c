/* fluidrep bench: what taps and edits cost, and what slots gain, on this machine. Ratios are taken
 * within one run, plain and changed passes in turn, since a machine's speed drifts. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "cli/input.h"
#include "cli/output.h"
#include "model/model.h"

enum { MAX_ROUNDS = 64, TAP_STRIDE = 4 };

struct options {
    const char *model;
    int slots; /* 0: 1, 8 and 32 */
    int tokens, rounds, threads, gpu_layers;
    bool json;
};

enum {
    KEY_MODEL = 'm',
    KEY_SLOTS = 's',
    KEY_TOKENS = 'n',
    KEY_ROUNDS = 'r',
    KEY_THREADS = 't',
    KEY_GPU = 'g',
    KEY_JSON = 256
};

static const struct argp_option option_table[] = {
    {"model", KEY_MODEL, "FILE", 0, "GGUF file (default: the embedded model organism)", 0},
    {"slots", KEY_SLOTS, "N", 0, "decode with this many slots only (default: 1, 8 and 32)", 0},
    {"tokens", KEY_TOKENS, "N", 0, "tokens of a prefill and of a decoded sequence (default 128)",
     0},
    {"rounds", KEY_ROUNDS, "N", 0, "times each is measured; medians count (default 5)", 0},
    {"threads", KEY_THREADS, "N", 0, "threads (default 0: all cores)", 0},
    {"gpu-layers", KEY_GPU, "N", 0, "layers on the GPU (default 0; -1: all)", 0},
    {"json", KEY_JSON, NULL, 0, "as JSON", 0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct options *o = state->input;
    switch (key) {
    case KEY_MODEL:
        o->model = value;
        return 0;
    case KEY_SLOTS:
        o->slots = fr_cli_int(state, "--slots", value, 1, 254);
        return 0;
    case KEY_TOKENS:
        o->tokens = fr_cli_int(state, "--tokens", value, 16, 65536);
        return 0;
    case KEY_ROUNDS:
        o->rounds = fr_cli_int(state, "--rounds", value, 1, MAX_ROUNDS);
        return 0;
    case KEY_THREADS:
        o->threads = fr_cli_int(state, "--threads", value, 0, 1024);
        return 0;
    case KEY_GPU:
        o->gpu_layers = fr_cli_int(state, "--gpu-layers", value, -1, 1000);
        return 0;
    case KEY_JSON:
        o->json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static double now(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare_doubles(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int n) {
    qsort(values, (size_t)n, sizeof *values, compare_doubles);
    return n % 2 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}

/* ---- prefill ------------------------------------------------------------------------------------
 */

/* One prefill three ways: plain, tapped, edited. */
struct load {
    struct fr_model *model;
    int32_t *tokens;
    int n;
    struct fr_tap_plan taps;
    struct fr_edit_plan edits;
    int32_t *positions;
    bool *layers;
    float *vector;
    double sum; /* what the tap reads must be used */
};

static void take_row(void *user, int layer, int position, const float *h) {
    struct load *load = user;
    (void)layer, (void)position;
    const int width = fr_model_info(load->model)->width;
    for (int d = 0; d < width; d++)
        load->sum += (double)h[d];
}

static void load_init(struct load *load, struct fr_model *model, int n) {
    const struct fr_model_info *info = fr_model_info(model);
    *load = (struct load){.model = model, .n = n};
    load->tokens = fr_alloc((size_t)n, sizeof *load->tokens);
    load->positions = fr_alloc((size_t)n, sizeof *load->positions);
    load->layers = fr_alloc((size_t)info->n_layers + 1, sizeof *load->layers);
    load->vector = fr_alloc((size_t)info->width, sizeof *load->vector);
    struct fr_rng rng;
    fr_rng_seed(&rng, 1, fr_hash_text("bench"));
    for (int i = 0; i < n; i++)
        load->tokens[i] = (int32_t)fr_rng_below(&rng, (uint32_t)info->n_vocab);
    int n_positions = 0;
    for (int p = 0; p < n; p += TAP_STRIDE)
        load->positions[n_positions++] = p;
    for (int d = 0; d < info->width; d++)
        load->vector[d] = (float)fr_rng_normal(&rng);
    for (int layer = 1; layer <= info->n_layers; layer++)
        load->layers[layer] = true;
    load->taps = (struct fr_tap_plan){n_positions, load->positions, load->layers, take_row, load};
    load->edits =
        (struct fr_edit_plan){.n_vectors = 1, .width = info->width, .vectors = load->vector};
    for (int p = 0; p < n; p += TAP_STRIDE)
        for (int layer = 1; layer <= info->n_layers; layer++)
            fr_edit_plan_append(&load->edits, &(const struct fr_edit){.position = p,
                                                                      .layer = (int16_t)layer,
                                                                      .operation = FR_EDIT_MIX,
                                                                      .keep_norm = true,
                                                                      .scale = 2.0F / 3});
}

static void load_release(struct load *load) {
    fr_edit_plan_release(&load->edits);
    free(load->tokens);
    free(load->positions);
    free(load->layers);
    free(load->vector);
}

static int time_prefill(struct load *load, bool taps, bool edits, double *seconds,
                        struct fr_error *err) {
    int32_t next;
    fr_model_clear(load->model, FR_SLOT_STEM);
    const double start = now();
    const int code =
        fr_model_prefill(load->model, FR_SLOT_STEM, load->tokens, 0, load->n,
                         taps ? &load->taps : NULL, edits ? &load->edits : NULL, &next, err);
    *seconds = now() - start;
    return code;
}

struct prefill_result {
    double tokens_per_second, taps, edits; /* ratios: time changed / time plain */
};

static int bench_prefill(struct fr_model *model, const struct options *o,
                         struct prefill_result *out, struct fr_error *err) {
    struct load load;
    double plain[MAX_ROUNDS], taps[MAX_ROUNDS], edits[MAX_ROUNDS], seconds;
    load_init(&load, model, o->tokens);
    int code = time_prefill(&load, false, false, &seconds, err); /* warms caches up */
    for (int i = 0; code == FR_OK && i < o->rounds; i++) {
        code = time_prefill(&load, false, false, &plain[i], err);
        if (code == FR_OK)
            code = time_prefill(&load, true, false, &taps[i], err);
        if (code == FR_OK)
            code = time_prefill(&load, false, true, &edits[i], err);
        if (code == FR_OK) {
            taps[i] /= plain[i];
            edits[i] /= plain[i];
        }
    }
    if (code == FR_OK)
        *out = (struct prefill_result){o->tokens / median(plain, o->rounds),
                                       median(taps, o->rounds), median(edits, o->rounds)};
    load_release(&load);
    return code;
}

/* ---- decode -------------------------------------------------------------------------------------
 */

/* Tokens a second over all slots, from a short prefix to o->tokens tokens each. Greedy tokens, ends
 * included, are fed back: what they say does not matter. */
static int bench_decode(struct fr_model *model, const struct options *o, double *rate,
                        struct fr_error *err) {
    enum { PREFIX = 4 };
    const int n_slots = fr_model_options(model)->n_slots;
    int32_t *tokens = fr_alloc((size_t)n_slots, sizeof *tokens);
    double rates[MAX_ROUNDS];
    int code = FR_OK;
    for (int round = 0; code == FR_OK && round < o->rounds; round++) {
        const int32_t prefix[PREFIX] = {1, 2, 3, 4};
        for (int s = 0; code == FR_OK && s < n_slots; s++) {
            fr_model_clear(model, s);
            code = fr_model_prefill(model, s, prefix, 0, PREFIX, NULL, NULL, &tokens[s], err);
        }
        const double start = now();
        for (int i = PREFIX; code == FR_OK && i < o->tokens; i++)
            code = fr_model_decode(model, tokens, tokens, err);
        rates[round] = (double)n_slots * (o->tokens - PREFIX) / (now() - start);
    }
    if (code == FR_OK)
        *rate = median(rates, o->rounds);
    free(tokens);
    return code;
}

/* ---- all ----------------------------------------------------------------------------------------
 */

enum { N_WIDTHS = 3 };
struct result {
    struct fr_model_info info;
    struct prefill_result prefill;
    int n_widths, widths[N_WIDTHS];
    double decode[N_WIDTHS];
};

static int measure(const struct options *o, const char *path, struct result *out,
                   struct fr_error *err) {
    static const int usual[N_WIDTHS] = {1, 8, 32};
    out->n_widths = o->slots ? 1 : N_WIDTHS;
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < out->n_widths; i++) {
        struct fr_model *model;
        struct fr_model_options options = fr_model_options_defaults();
        options.path = path;
        options.n_slots = out->widths[i] = o->slots ? o->slots : usual[i];
        options.context_tokens = o->tokens;
        options.threads = o->threads;
        options.gpu_layers = o->gpu_layers;
        options.deterministic = false; /* what the model can do; run checks what it may */
        code = fr_model_open(&model, &options, err);
        if (code != FR_OK)
            break;
        if (i == 0) {
            out->info = *fr_model_info(model);
            code = bench_prefill(model, o, &out->prefill, err);
        }
        if (code == FR_OK)
            code = bench_decode(model, o, &out->decode[i], err);
        fr_model_close(model);
    }
    return code;
}

static void print_result(const struct options *o, const struct result *r) {
    if (!o->json) {
        (void)printf("%s, %d layers of width %d, %s, %s\n", r->info.name, r->info.n_layers,
                     r->info.width, r->info.quantization, r->info.engine);
        (void)printf("prefill of %d tokens                        %9.0f tokens/s\n", o->tokens,
                     r->prefill.tokens_per_second);
        (void)printf("  reading all layers at every 4th position   %9.3f times as long\n",
                     r->prefill.taps);
        (void)printf("  editing all layers at every 4th position   %9.3f times as long\n",
                     r->prefill.edits);
        for (int i = 0; i < r->n_widths; i++)
            (void)printf("decoding, %3d at once                        %9.0f tokens/s, %.2f times "
                         "those of %d\n",
                         r->widths[i], r->decode[i], r->decode[i] / r->decode[0], r->widths[0]);
        return;
    }
    json_t *decode = json_array();
    for (int i = 0; i < r->n_widths; i++)
        json_array_append_new(decode, json_pack("{s:i, s:f, s:f}", "slots", r->widths[i],
                                                "tokens_per_second", r->decode[i], "ratio",
                                                r->decode[i] / r->decode[0]));
    fr_print_json(json_pack("{s:o, s:o, s:i, s:i, s:o, s:i, s:i, s:f, s:f, s:f, s:o}", "model",
                            fr_json_text(r->info.name), "quantization",
                            fr_json_text(r->info.quantization), "layers", r->info.n_layers, "width",
                            r->info.width, "engine", fr_json_text(r->info.engine), "tokens",
                            o->tokens, "rounds", o->rounds, "prefill_tokens_per_second",
                            r->prefill.tokens_per_second, "taps_ratio", r->prefill.taps,
                            "edits_ratio", r->prefill.edits, "decode", decode));
}

int fr_command_bench(int argc, char **argv) {
    static const struct argp argp =
        {option_table,
         parse_option,
         NULL,
         "Measures on this machine what reading and editing the residual stream cost, and how "
         "decoding gains from slots.",
         NULL,
         NULL,
         NULL};
    struct options o = {.tokens = 128, .rounds = 5};
    struct fr_error err = {0};
    struct fr_text path = {0};
    struct result result = {0};
    (void)argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (o.model != NULL) {
        fr_text_add(&path, o.model);
    } else { /* beside data/ in the source tree, below it when installed */
        fr_data_path("models/organism.gguf", &path);
        if (!fr_file_exists(fr_text_get(&path))) {
            fr_text_clear(&path);
            fr_data_path("../models/organism.gguf", &path);
        }
    }
    const int code = measure(&o, fr_text_get(&path), &result, &err);
    if (code == FR_OK)
        print_result(&o, &result);
    fr_text_release(&path);
    return code == FR_OK ? FR_EXIT_DONE : fr_cli_fail(&err);
}
