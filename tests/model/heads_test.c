/* Attention's heads on real libllama graphs: what they give, times their columns of the matrix that
 * is read from the file, adds up to what attention adds; their weights and what they give are an
 * independent pass's; reading them changes no bit; where a graph has no such heads, or no weights,
 * they are refused by name. */
#include <string.h>

#include "base/memory.h"
#include "model/heads.h"
#include "model/llama_engine.h"
#include "representations/representations.h"
#include "support/real_model.h"
#include "support/reference_forward.h"
#include "support/test.h"
#include "support/tiny_model.h"

enum { N = 150, DIRECTIONS = 3 }; /* three chunks of 64, the last of 22 */

static struct fr_error err;

/* gain: a norm stands behind the matrix. constant: beside the heads a bias is added. */
static const struct {
    const char *architecture;
    int n_layers;
    bool gain, bias;
} subjects[] = {
    {"qwen2", 3, false, false},   {"qwen3", 2, false, false},    {"llama", 3, false, false},
    {"mistral3", 2, false, true}, {"seed_oss", 2, false, false}, {"gemma2", 3, true, false},
    {"gemma3", 2, true, false},   {"phi3", 2, false, false},     {"deci", 2, false, false},
};
enum { N_SUBJECTS = sizeof subjects / sizeof *subjects };

static struct fr_random_gguf gguf_of(const char *architecture, int n_layers) {
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    gguf.architecture = architecture;
    gguf.n_layers = n_layers;
    gguf.n_heads = 4; /* of 16, two of them share keys and values */
    gguf.n_heads_kv = 2;
    return gguf;
}

/* A model of the file, which stays. */
static struct fr_model *open_at(const char *path, bool flash) {
    struct fr_model_options options = fr_tiny_options();
    struct fr_model *model = NULL;
    options.path = path;
    options.flash_attention = flash;
    options.kv_type = flash ? FR_KV_F16 : FR_KV_F32;
    assert_ok(fr_model_open(&model, &options, &err), err);
    return model;
}

/* All sites of all positions and layers. */
struct rows {
    int n_layers, width, given, n_heads;
    float *attention; /* [L][N][D] */
    float *heads;     /* [L][N][given] */
    float *weights;   /* [L][N][n_heads][N] */
    int n_seen[FR_SITE_COUNT];
};

static size_t at(const struct rows *rows, int layer, int position) {
    assert_in_range(layer, 1, (unsigned)rows->n_layers);
    return (size_t)(layer - 1) * N + (size_t)position;
}

static void keep(void *user, int site, int layer, int position, const float *h) {
    struct rows *rows = user;
    const size_t i = at(rows, layer, position);
    rows->n_seen[site]++;
    if (site == FR_SITE_ATTENTION)
        memcpy(rows->attention + i * (size_t)rows->width, h, (size_t)rows->width * sizeof *h);
    if (site == FR_SITE_HEADS)
        memcpy(rows->heads + i * (size_t)rows->given, h, (size_t)rows->given * sizeof *h);
    for (int k = 0; site == FR_SITE_SOURCES && k < rows->n_heads; k++)
        memcpy(rows->weights + (i * (size_t)rows->n_heads + (size_t)k) * N,
               h + (size_t)k * (size_t)(position + 1), (size_t)(position + 1) * sizeof *h);
}

static struct rows read_rows(struct fr_model *model, const int32_t *tokens, unsigned sites,
                             int32_t *next) {
    const struct fr_model_info *info = fr_model_info(model);
    int32_t positions[N];
    bool layers[16];
    struct rows rows = {.n_layers = info->n_layers,
                        .width = info->width,
                        .given = info->n_heads * info->head_width,
                        .n_heads = info->n_heads};
    const size_t n = (size_t)rows.n_layers * N;
    rows.attention = fr_alloc(n * (size_t)rows.width, sizeof *rows.attention);
    rows.heads = fr_alloc(n * (size_t)rows.given, sizeof *rows.heads);
    rows.weights = fr_alloc(n * (size_t)rows.n_heads * N, sizeof *rows.weights);
    struct fr_tap_plan plan = {.n_positions = N,
                               .positions = positions,
                               .row = keep,
                               .user = &rows};
    for (int i = 0; i < N; i++)
        positions[i] = i;
    for (int layer = 1; layer <= rows.n_layers; layer++)
        layers[layer] = true;
    for (int site = 0; site < FR_SITE_COUNT; site++)
        if (sites >> site & 1)
            plan.layers[site] = layers;
    fr_model_clear(model, 0);
    assert_ok(fr_model_prefill(model, 0, tokens, 0, N, &plan, NULL, next, &err), err);
    for (int site = 0; site < FR_SITE_COUNT; site++)
        assert_int_equal(rows.n_seen[site], (sites >> site & 1 ? 1 : 0) * N * rows.n_layers);
    return rows;
}

static void release(struct rows *rows) {
    free(rows->attention);
    free(rows->heads);
    free(rows->weights);
}

static double product(const double *x, const float *h, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i] * (double)h[i];
    return sum;
}

/* Of what attention adds along directions and the sum of its heads: the largest difference, less
 * the mean one when a bias stands between, over the root mean square. */
static double misfit(struct fr_heads *heads, const struct rows *rows, int layer, bool gain,
                     bool bias) {
    const int D = rows->width;
    double *x = fr_alloc((size_t)(DIRECTIONS * D), sizeof *x), worst = 0;
    double *pulled = fr_alloc((size_t)(DIRECTIONS * rows->given), sizeof *pulled);
    struct fr_rng rng;
    fr_rng_seed(&rng, 7, (uint64_t)layer);
    for (int i = 0; i < DIRECTIONS * D; i++)
        x[i] = fr_rng_normal(&rng);
    assert_ok(fr_heads_pull(heads, layer, gain, x, DIRECTIONS, pulled, &err), err);
    for (int k = 0; k < DIRECTIONS; k++) {
        double off[N], mean = 0, square = 0;
        for (int p = 0; p < N; p++) {
            const size_t i = at(rows, layer, p);
            const double whole = product(x + k * D, rows->attention + i * (size_t)D, D);
            off[p] = whole - product(pulled + k * rows->given,
                                     rows->heads + i * (size_t)rows->given, rows->given);
            mean += off[p] / N;
            square += whole * whole / N;
        }
        for (int p = 0; p < N; p++)
            worst = fmax(worst, fabs(off[p] - (bias ? mean : 0)) / sqrt(square));
    }
    free(x);
    free(pulled);
    return worst;
}

static void heads_add_up_to_what_attention_adds(void **state) {
    (void)state;
    for (int i = 0; i < N_SUBJECTS; i++)
        for (int flash = 0; flash < 2; flash++) {
            const struct fr_random_gguf gguf =
                gguf_of(subjects[i].architecture, subjects[i].n_layers);
            char path[64];
            struct fr_heads *heads;
            int32_t tokens[N], next;
            assert_ok(fr_random_gguf_write(fr_tiny_path(path), &gguf, &err), err);
            struct fr_model *model = open_at(path, flash);
            assert_ok(fr_heads_open(&heads, path, &err), err);
            (void)unlink(path);
            fr_tiny_tokens(model, 3, N, tokens);
            struct rows rows = read_rows(model, tokens, 1 << FR_SITE_HEADS | 1 << FR_SITE_ATTENTION,
                                         flash ? &next : NULL);
            double worst = 0;
            for (int layer = 1; layer <= rows.n_layers; layer++) {
                if (strcmp(subjects[i].architecture, "deci") == 0 && layer == 2) {
                    for (int k = 0; k < N * rows.given; k++) /* no attention there */
                        assert_true(
                            rows.heads[at(&rows, layer, 0) * (size_t)rows.given + (size_t)k] == 0);
                    continue;
                }
                worst =
                    fmax(worst, misfit(heads, &rows, layer, subjects[i].gain, subjects[i].bias));
                if (fr_heads_has_gain(heads, layer)) /* the other way round it does not fit */
                    assert_true(misfit(heads, &rows, layer, !subjects[i].gain, false) > 0.05);
            }
            print_message("%s%s: heads add up within %.2g\n", subjects[i].architecture,
                          flash ? ", flash attention" : "", worst);
            assert_true(worst < 2e-5);
            release(&rows);
            fr_heads_close(heads);
            fr_model_close(model);
        }
}

/* In single precision within rounding; as it is, ggml rounds what the matrix reads to 8 bits: the
 * largest of 2,250 differences. */
static void heads_add_up_on_the_organism(void **state) {
    (void)state;
    char single[64];
    assert_ok(fr_gguf_dequantize(fr_test_path("models/organism.gguf"), fr_tiny_path(single), &err),
              err);
    for (int quantised = 0; quantised < 2; quantised++) {
        const char *path = quantised ? fr_test_path("models/organism.gguf") : single;
        struct fr_model *model = open_at(path, false);
        struct fr_heads *heads;
        int32_t tokens[N];
        double worst = 0;
        assert_ok(fr_heads_open(&heads, path, &err), err);
        fr_tiny_tokens(model, 3, N, tokens);
        struct rows rows =
            read_rows(model, tokens, 1 << FR_SITE_HEADS | 1 << FR_SITE_ATTENTION, NULL);
        assert_int_equal(rows.n_heads, 4);
        for (int layer = 1; layer <= rows.n_layers; layer++)
            worst = fmax(worst, misfit(heads, &rows, layer, false, false));
        print_message("organism%s: heads add up within %.2g\n", quantised ? ", Q8_0" : "", worst);
        assert_true(worst < (quantised ? 0.1 : 2e-5));
        release(&rows);
        fr_heads_close(heads);
        fr_model_close(model);
    }
    (void)unlink(single);
}

static void heads_and_weights_equal_an_independent_pass(void **state) {
    (void)state;
    static const char *const architectures[] = {"qwen2", "llama"};
    for (int i = 0; i < 2; i++) {
        const struct fr_random_gguf gguf = gguf_of(architectures[i], 3);
        struct fr_reference reference;
        char path[64];
        int32_t tokens[N];
        assert_ok(fr_random_gguf_write(fr_tiny_path(path), &gguf, &err), err);
        struct fr_model *model = open_at(path, false);
        assert_ok(fr_reference_load(&reference, path, &err), err);
        (void)unlink(path);
        fr_tiny_tokens(model, 3, N, tokens);
        fr_reference_run(&reference, tokens, N, NULL, NULL);
        struct rows rows[2];
        for (int fetch = 0; fetch < 2; fetch++) { /* as they lie; and as from a device */
            ((struct fr_llama *)model)->chunk.fetch_always = fetch;
            rows[fetch] = read_rows(model, tokens, 1 << FR_SITE_HEADS | 1 << FR_SITE_SOURCES, NULL);
        }
        double worst[2] = {0};
        for (int layer = 1; layer <= 3; layer++)
            for (int p = 0; p < N; p++) {
                const double *given = fr_reference_heads(&reference, layer, p);
                const double *weights = fr_reference_weights(&reference, layer, p);
                const size_t row = at(&rows[0], layer, p);
                for (int d = 0; d < rows[0].given; d++)
                    worst[0] =
                        fmax(worst[0],
                             fabs((double)rows[0].heads[row * (size_t)rows[0].given + (size_t)d] -
                                  given[d]));
                for (int t = 0; t < rows[0].n_heads * N; t++)
                    worst[1] =
                        fmax(worst[1],
                             fabs((double)rows[0]
                                      .weights[row * (size_t)rows[0].n_heads * N + (size_t)t] -
                                  weights[t]));
            }
        print_message("%s: heads within %.2g, weights within %.2g\n", architectures[i], worst[0],
                      worst[1]);
        assert_true(worst[0] < 1e-4 && worst[1] < 1e-5);
        assert_memory_equal(rows[0].heads, rows[1].heads,
                            3 * N * (size_t)rows[0].given * sizeof(float));
        release(&rows[0]);
        release(&rows[1]);
        fr_reference_release(&reference);
        fr_model_close(model);
    }
}

/* Mentions at either end of a chunk and of the sequence, and one whose token before counts too. */
static void where_heads_look_is_summed_by_what_stands_there(void **state) {
    (void)state;
    static struct fr_mention items[] = {{.concept = 1, .first = 0, .end = 1},
                                        {.concept = 0, .first = 5, .end = 7},
                                        {.concept = 1, .first = 20, .end = 21},
                                        {.concept = 0, .first = 63, .end = 65},
                                        {.concept = 1, .first = 100, .end = 102},
                                        {.concept = 0, .first = 140, .end = 143}};
    const struct fr_mentions mentions = {.n = 6, .items = items};
    int32_t times[] = {60, 130}, tokens[N];
    const struct fr_grid grid = {2, times, 70, true, NULL}; /* [-10, 60), [60, 130) from 15 on */
    const int origin = 15;
    const struct fr_random_gguf gguf = gguf_of("llama", 2);
    const struct fr_model_options options = fr_tiny_options();
    struct fr_model *model = fr_tiny_open(&gguf, &options);
    const int width = fr_sums_width(fr_model_info(model), FR_SITE_SOURCES);
    struct fr_sums sums, *target = &sums;
    fr_sums_init(&sums, FR_SITE_SOURCES, 2, 2, 2, width);
    fr_tiny_tokens(model, 6, N, tokens);
    struct rows rows = read_rows(model, tokens, 1 << FR_SITE_SOURCES, NULL);
    assert_ok(fr_sums_collect(model, tokens, N, &mentions, origin, &grid, &target, 1, &err), err);
    assert_int_equal(width, 5 * FR_ATTENDED_COUNT);
    for (int layer = 1; layer <= 2; layer++)
        for (int concept = 0; concept < 2; concept ++)
            for (int time = 0; time < 2; time++) {
                double want[5 * FR_ATTENDED_COUNT] = {0};
                int n = 0;
                for (int m = 0; m < 6; m++) {
                    const int since = items[m].first - origin;
                    if (items[m].concept != concept || since < 0 || since < times[time] - 70 ||
                        since >= times[time])
                        continue;
                    n++;
                    for (int p = items[m].first - 1; p < items[m].end; p++)
                        for (int i = 0; i < 5 * (p + 1); i++) {
                            const int head = i / (p + 1), q = i % (p + 1);
                            int place = q >= items[m].first - FR_NEAR_TOKENS
                                            ? FR_ATTENDED_NEAR
                                            : FR_ATTENDED_ELSEWHERE;
                            for (int k = 0; k < 6; k++)
                                if (q >= items[k].first && q < items[k].end)
                            place =
                                items[k].concept == concept ? FR_ATTENDED_SAME : FR_ATTENDED_OTHER;
                            if (q >= items[m].first && q < items[m].end)
                                place = FR_ATTENDED_OWN;
                            if (q == 0)
                                place = FR_ATTENDED_FIRST;
                            const size_t row = (at(&rows, layer, p) * 4 + (size_t)head) * N;
                            const double weight =
                                head < 4 ? (double)rows.weights[row + (size_t)q] : 1.0 / (p + 1);
                            want[head * FR_ATTENDED_COUNT + place] +=
                                weight / (items[m].end - items[m].first + 1);
                        }
                }
                assert_int_equal(sums.counts[concept * 2 + time], n);
                assert_true(n > 0);
                for (int i = 0; i < width; i++)
                    assert_near(fr_sums_cell(&sums, concept, layer - 1, time)[i], want[i], 1e-5);
            }
    fr_sums_release(&sums);
    release(&rows);
    fr_model_close(model);
}

static void reading_them_changes_no_bit(void **state) {
    (void)state;
    for (int flash = 0; flash < 2; flash++) {
        const struct fr_random_gguf gguf = gguf_of("gemma2", 3);
        struct fr_model_options options = fr_tiny_options();
        options.flash_attention = flash;
        struct fr_model *model = fr_tiny_open(&gguf, &options);
        float plain[512];
        int32_t tokens[N], next;
        fr_tiny_tokens(model, 4, N, tokens);
        assert_ok(fr_model_prefill(model, 0, tokens, 0, N, NULL, NULL, &next, &err), err);
        memcpy(plain, fr_model_logits(model), sizeof plain);
        for (unsigned sites = 1; sites < 1 << FR_SITE_COUNT; sites++) {
            if (flash && (sites >> FR_SITE_SOURCES & 1))
                continue;
            struct rows rows = read_rows(model, tokens, sites, &next);
            assert_memory_equal(plain, fr_model_logits(model), sizeof plain);
            release(&rows);
        }
        fr_model_close(model);
    }
}

static void refuse(struct fr_model *model, int site, const char *with) {
    assert_int_equal(fr_model_check_site(model, site, &err), FR_E_MODEL);
    if (strstr(err.text, fr_site_name[site]) == NULL || strstr(err.text, with) == NULL)
        fail_msg("%s", err.text);
}

static void what_has_no_heads_or_keeps_no_weights_is_refused_by_name(void **state) {
    (void)state;
    struct fr_model_options options = fr_tiny_options();
    const struct fr_random_gguf parallel = gguf_of("gptneox", 2), linear = gguf_of("deci", 3),
                                plain = gguf_of("qwen2", 2);
    struct fr_model *model = fr_tiny_open(&parallel, &options);
    refuse(model, FR_SITE_HEADS, "architecture gptneox");
    refuse(model, FR_SITE_SOURCES, "architecture gptneox");
    fr_model_close(model);
    model = fr_tiny_open(&linear, &options); /* the third block has a matrix for attention */
    refuse(model, FR_SITE_HEADS, "at layer 3: the graph of architecture deci");
    assert_ok(fr_model_check_site(model, FR_SITE_ATTENTION, &err), err);
    fr_model_close(model);
    options.flash_attention = true;
    model = fr_tiny_open(&plain, &options);
    refuse(model, FR_SITE_SOURCES, "set model.flash_attention to false");
    assert_ok(fr_model_check_site(model, FR_SITE_HEADS, &err), err);
    fr_model_close(model);
}

static void a_file_without_the_matrix_is_refused_by_name(void **state) {
    (void)state;
    struct fr_random_gguf gguf = gguf_of("qwen2", 2);
    struct fr_heads *heads;
    double x[64] = {1}, out[64];
    char path[64];
    assert_int_equal(fr_heads_open(&heads, "no-such-file.gguf", &err), FR_E_INPUT);
    assert_null(heads);
    assert_ok(fr_random_gguf_write(fr_tiny_path(path), &gguf, &err), err);
    assert_ok(fr_heads_open(&heads, path, &err), err);
    (void)unlink(path);
    assert_int_equal(fr_heads_pull(heads, 3, false, x, 1, out, &err), FR_E_MODEL);
    assert_non_null(strstr(err.text, "blk.2.attn_output.weight"));
    assert_false(fr_heads_has_gain(heads, 1));
    fr_heads_close(heads);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_add_up_to_what_attention_adds),
        cmocka_unit_test(heads_add_up_on_the_organism),
        cmocka_unit_test(heads_and_weights_equal_an_independent_pass),
        cmocka_unit_test(where_heads_look_is_summed_by_what_stands_there),
        cmocka_unit_test(reading_them_changes_no_bit),
        cmocka_unit_test(what_has_no_heads_or_keeps_no_weights_is_refused_by_name),
        cmocka_unit_test(a_file_without_the_matrix_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
