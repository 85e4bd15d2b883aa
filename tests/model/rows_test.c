/* Taps and edits on real libllama graphs: rows against an independent forward pass, edits against
 * the same pass with the same edits, and what must not change not changing by a bit. */
#include <string.h>

#include "support/reference_forward.h"
#include "support/test.h"
#include "support/tiny_model.h"

enum { N = 150 }; /* three chunks of 64, the last of 22 */

static struct fr_error err;

struct subject {
    const char *architecture;
    enum fr_random_gguf_type type;
    double tolerance; /* of a row's element, relative to the row's root mean square */
    bool flash_attention;
};
/* F32: the cache in half precision dominates. Q8_0: libllama also rounds the activations to
 * eight bits before each product, the reference does not. */
static const struct subject subjects[] = {
    {"qwen2", FR_RANDOM_GGUF_F32, 0.005, false}, {"qwen2", FR_RANDOM_GGUF_F32, 0.005, true},
    {"llama", FR_RANDOM_GGUF_F32, 0.005, false}, {"qwen2", FR_RANDOM_GGUF_F16, 0.01, false},
    {"qwen2", FR_RANDOM_GGUF_Q8_0, 0.08, false},
};

struct bench {
    struct fr_model *model;
    struct fr_reference reference;
    int32_t tokens[N];
};

static void bench_open(struct bench *b, const struct subject *s) {
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    gguf.architecture = s->architecture;
    gguf.type = s->type;
    char path[64];
    assert_ok(fr_random_gguf_write(fr_tiny_path(path), &gguf, &err), err);
    struct fr_model_options options = fr_tiny_options();
    options.path = path;
    options.flash_attention = s->flash_attention;
    assert_ok(fr_model_open(&b->model, &options, &err), err);
    assert_ok(fr_reference_load(&b->reference, path, &err), err);
    (void)unlink(path);
    fr_tiny_tokens(b->model, 3, N, b->tokens);
}

static void bench_close(struct bench *b) {
    fr_reference_release(&b->reference);
    fr_model_close(b->model);
}

/* The largest deviation of x from y, relative to the root mean square of y. */
static double deviation(const float *x, const double *y, int n) {
    double largest = 0.0, square = 0.0;
    for (int i = 0; i < n; i++) {
        largest = fmax(largest, fabs((double)x[i] - y[i]));
        square += y[i] * y[i];
    }
    return largest / sqrt(square / n);
}

static double deviation_of_rows(const struct fr_tiny_rows *rows, const struct fr_reference *r) {
    double largest = 0.0;
    for (int layer = 1; layer <= rows->n_layers; layer++)
        for (int position = rows->start; position < rows->start + rows->n; position++)
            largest = fmax(largest, deviation(fr_tiny_row(rows, layer, position),
                                              fr_reference_row(r, layer, position), rows->width));
    return largest;
}

static struct fr_tiny_rows *prefill(struct fr_model *model, const int32_t *tokens, int n,
                                    const struct fr_edit_plan *edits, int32_t *next) {
    struct fr_tiny_rows *rows = fr_tiny_rows_new(model, 0, n);
    fr_model_clear(model, 0);
    assert_ok(fr_model_prefill(model, 0, tokens, 0, n, &rows->plan, edits, next, &err), err);
    assert_int_equal(rows->n_seen, n * rows->n_layers);
    return rows;
}

static void captured_rows_and_logits_equal_an_independent_forward_pass(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
        struct bench b;
        bench_open(&b, &subjects[i]);
        fr_reference_run(&b.reference, b.tokens, N, NULL, NULL);
        int32_t next;
        struct fr_tiny_rows *rows = prefill(b.model, b.tokens, N, NULL, &next);
        const double of_rows = deviation_of_rows(rows, &b.reference);
        const int n_vocab = fr_model_info(b.model)->n_vocab;
        const double of_logits =
            deviation(fr_model_logits(b.model),
                      b.reference.logits + (size_t)(N - 1) * (size_t)n_vocab, n_vocab);
        print_message("%s %s%s: rows within %.2g, logits within %.2g\n", subjects[i].architecture,
                      fr_random_gguf_type_name[subjects[i].type],
                      subjects[i].flash_attention ? ", flash attention" : "", of_rows, of_logits);
        assert_true(of_rows < subjects[i].tolerance);
        assert_true(of_logits < subjects[i].tolerance);
        fr_tiny_rows_free(rows);
        bench_close(&b);
    }
}

/* Decoding runs through other kernels than prefill: followed greedily, its choices must be the
 * reference's wherever those are clear. */
static void decoded_tokens_are_the_forward_passes_choices(void **state) {
    (void)state;
    enum { STEPS = 30 };
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
        struct bench b;
        bench_open(&b, &subjects[i]);
        const int n_vocab = fr_model_info(b.model)->n_vocab;
        int32_t sequence[N + STEPS], tokens[4] = {-1, -1, -1, -1};
        memcpy(sequence, b.tokens, sizeof b.tokens);
        assert_ok(fr_model_prefill(b.model, 2, sequence, 0, N, NULL, NULL, &tokens[2], &err), err);
        for (int step = 0; step < STEPS; step++) {
            sequence[N + step] = tokens[2];
            assert_ok(fr_model_decode(b.model, tokens, tokens, &err), err);
        }
        fr_reference_run(&b.reference, sequence, N + STEPS, NULL, NULL);
        int n_clear = 0;
        for (int p = N - 1; p < N + STEPS - 1; p++) {
            const double *logits = b.reference.logits + (size_t)p * (size_t)n_vocab;
            double best = -INFINITY, second = -INFINITY;
            int32_t choice = -1;
            for (int32_t k = 0; k < n_vocab; k++) {
                if (logits[k] > best) {
                    second = best;
                    best = logits[k];
                    choice = k;
                } else if (logits[k] > second) {
                    second = logits[k];
                }
            }
            if (best - second < 4.0 * subjects[i].tolerance)
                continue;
            n_clear++;
            assert_int_equal(choice, sequence[p + 1]);
        }
        assert_true(n_clear > STEPS / 3);
        bench_close(&b);
    }
}

struct reference_edits {
    const struct fr_edit_plan *plan;
    int width;
};

/* The paper's formula once more, in double precision and written apart from fr_edit_apply. */
static void edit_reference(void *user, int layer, int position, double *h) {
    const struct reference_edits *edits = user;
    for (int k = 0; k < edits->plan->n_edits; k++) {
        const struct fr_edit *e = &edits->plan->edits[k];
        if (e->layer != layer || e->position != position)
            continue;
        const float *v = edits->plan->vectors + (size_t)e->vector * (size_t)edits->width;
        double before = 0.0, after = 0.0;
        for (int i = 0; i < edits->width; i++) {
            before += h[i] * h[i];
            const double s = (double)e->scale;
            h[i] = e->operation == FR_EDIT_MIX       ? s * h[i] + (1.0 - s) * (double)v[i]
                   : e->operation == FR_EDIT_REPLACE ? (double)v[i]
                   : e->operation == FR_EDIT_ADD     ? h[i] + s * (double)v[i]
                                                     : h[i] - s * (double)v[i];
            after += h[i] * h[i];
        }
        for (int i = 0; e->keep_norm && i < edits->width; i++)
            h[i] *= sqrt(before / after);
    }
}

static void
edited_rows_and_all_they_reach_equal_the_forward_pass_with_the_same_edits(void **state) {
    (void)state;
    static const int32_t positions[] = {2, 3, 63, 64, 65, 100, N - 1};
    static const struct fr_edit likes[] = {
        {.operation = FR_EDIT_MIX, .scale = 2.0f / 3.0f, .keep_norm = true},
        {.operation = FR_EDIT_REPLACE},
        {.operation = FR_EDIT_ADD, .scale = 0.5f},
        {.operation = FR_EDIT_SUBTRACT, .scale = 1.0f, .keep_norm = false},
    };
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++)
        for (size_t k = 0; k < sizeof likes / sizeof *likes; k++) {
            struct bench b;
            bench_open(&b, &subjects[i]);
            const int width = fr_model_info(b.model)->width;
            static const int16_t layers[] = {1, 2, 3};
            struct fr_edit_plan plan = {.n_vectors = 4, .width = width};
            float *vectors = fr_tiny_vectors(5, 4, width);
            plan.vectors = vectors;
            fr_tiny_edits(&plan, &likes[k], positions, 7, layers, 3);
            struct reference_edits edits = {&plan, width};
            fr_reference_run(&b.reference, b.tokens, N, edit_reference, &edits);
            int32_t next;
            struct fr_tiny_rows *rows = prefill(b.model, b.tokens, N, &plan, &next);
            assert_true(deviation_of_rows(rows, &b.reference) < subjects[i].tolerance);
            const int n_vocab = fr_model_info(b.model)->n_vocab;
            assert_true(deviation(fr_model_logits(b.model),
                                  b.reference.logits + (size_t)(N - 1) * (size_t)n_vocab,
                                  n_vocab) < subjects[i].tolerance);
            assert_int_equal(fr_model_counters(b.model).rows_edited, plan.n_edits);
            fr_tiny_rows_free(rows);
            fr_edit_plan_release(&plan);
            free(vectors);
            bench_close(&b);
        }
}

/* -- one model, many questions ---------------------------------------------------------------- */

static struct fr_model *open_kind(enum fr_random_gguf_type type, bool flash, int chunk) {
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    gguf.type = type;
    struct fr_model_options options = fr_tiny_options();
    options.flash_attention = flash;
    options.chunk_tokens = chunk;
    return fr_tiny_open(&gguf, &options);
}

/* Continues with two decoded tokens and a prefill: every bit of the cache has its say in the
 * logits copied out. */
static void fingerprint(struct fr_model *model, int n, int32_t next, float *logits) {
    int32_t tokens[4] = {next, -1, -1, -1}, after[4];
    assert_ok(fr_model_decode(model, tokens, after, &err), err);
    assert_ok(fr_model_decode(model, after, after, &err), err);
    const int32_t more[3] = {after[0], 7, 9};
    assert_ok(fr_model_prefill(model, 0, more, n + 2, 3, NULL, NULL, &next, &err), err);
    memcpy(logits, fr_model_logits(model), (size_t)fr_model_info(model)->n_vocab * sizeof *logits);
}

static void taps_change_no_bit_of_logits_or_cache(void **state) {
    (void)state;
    for (int flash = 0; flash < 2; flash++)
        for (int type = 0; type <= FR_RANDOM_GGUF_Q8_0; type++) {
            struct fr_model *model = open_kind((enum fr_random_gguf_type)type, flash, 64);
            const size_t bytes = (size_t)fr_model_info(model)->n_vocab * sizeof(float);
            float *plain = malloc(4 * bytes), *tapped = plain + bytes / 4;
            float *plain_end = tapped + bytes / 4, *tapped_end = plain_end + bytes / 4;
            int32_t tokens[N], next;
            fr_tiny_tokens(model, 4, N, tokens);
            assert_ok(fr_model_prefill(model, 0, tokens, 0, N, NULL, NULL, &next, &err), err);
            memcpy(plain, fr_model_logits(model), bytes);
            fingerprint(model, N, next, plain_end);
            struct fr_tiny_rows *rows = prefill(model, tokens, N, NULL, &next);
            memcpy(tapped, fr_model_logits(model), bytes);
            fingerprint(model, N, next, tapped_end);
            assert_memory_equal(plain, tapped, bytes);
            assert_memory_equal(plain_end, tapped_end, bytes);
            /* One position alone, at the last layer alone: the same row as among all. */
            struct fr_tiny_rows *one = fr_tiny_rows_new(model, 0, N);
            one->plan.n_positions = 1;
            one->positions[0] = 20;
            one->layers[1] = one->layers[2] = false;
            fr_model_clear(model, 0);
            assert_ok(fr_model_prefill(model, 0, tokens, 0, N, &one->plan, NULL, NULL, &err), err);
            assert_int_equal(one->n_seen, 1);
            assert_memory_equal(fr_tiny_row(one, 3, 20), fr_tiny_row(rows, 3, 20),
                                (size_t)one->width * sizeof(float));
            fr_tiny_rows_free(one);
            fr_tiny_rows_free(rows);
            free(plain);
            fr_model_close(model);
        }
}

/* Without next, the graph ends behind the last layer when that is tapped: the cache is whole. */
static void a_tapped_prefill_that_wants_no_logits_leaves_the_same_cache(void **state) {
    (void)state;
    for (int flash = 0; flash < 2; flash++)
        for (int type = 0; type <= FR_RANDOM_GGUF_Q8_0; type++) {
            struct fr_model *model = open_kind((enum fr_random_gguf_type)type, flash, 64);
            const size_t bytes = (size_t)fr_model_info(model)->n_vocab * sizeof(float);
            float *plain = malloc(2 * bytes), *tapped = plain + bytes / 4;
            int32_t tokens[N], next;
            fr_tiny_tokens(model, 4, N, tokens);
            struct fr_tiny_rows *wanted = prefill(model, tokens, N, NULL, &next);
            fr_model_clear(model, 0);
            assert_ok(fr_model_prefill(model, 0, tokens, 0, N, NULL, NULL, NULL, &err), err);
            fingerprint(model, N, 9, plain);
            struct fr_tiny_rows *rows = prefill(model, tokens, N, NULL, NULL);
            fingerprint(model, N, 9, tapped);
            assert_memory_equal(plain, tapped, bytes);
            assert_memory_equal(rows->h, wanted->h,
                                (size_t)(3 + 1) * N * (size_t)rows->width * sizeof(float));
            fr_tiny_rows_free(rows);
            fr_tiny_rows_free(wanted);
            free(plain);
            fr_model_close(model);
        }
}

static void identity_edits_are_bit_identical(void **state) {
    (void)state;
    static const struct fr_edit likes[] = {
        {.operation = FR_EDIT_MIX, .scale = 1.0f, .keep_norm = true},
        {.operation = FR_EDIT_ADD, .scale = 0.0f, .keep_norm = true},
        {.operation = FR_EDIT_SUBTRACT, .scale = 0.0f},
    };
    static const int32_t positions[] = {0, 1, 62, 63, 64, 127, 128, N - 2, N - 1};
    static const int16_t layers[] = {1, 2, 3};
    struct fr_model *model = open_kind(FR_RANDOM_GGUF_Q8_0, false, 64);
    const int width = fr_model_info(model)->width;
    const size_t bytes = (size_t)fr_model_info(model)->n_vocab * sizeof(float);
    float *vectors = fr_tiny_vectors(6, 3, width);
    float *plain = malloc(2 * bytes), *edited = plain + bytes / 4;
    int32_t tokens[N], next;
    fr_tiny_tokens(model, 5, N, tokens);
    struct fr_tiny_rows *base = prefill(model, tokens, N, NULL, &next);
    fingerprint(model, N, next, plain);
    for (size_t k = 0; k < sizeof likes / sizeof *likes; k++) {
        struct fr_edit_plan plan = {.n_vectors = 3, .width = width, .vectors = vectors};
        fr_tiny_edits(&plan, &likes[k], positions, 9, layers, 3);
        struct fr_tiny_rows *rows = prefill(model, tokens, N, &plan, &next);
        fingerprint(model, N, next, edited);
        assert_memory_equal(plain, edited, bytes);
        assert_memory_equal(rows->h, base->h, (size_t)(3 + 1) * N * (size_t)width * sizeof(float));
        fr_tiny_rows_free(rows);
        fr_edit_plan_release(&plan);
    }
    fr_tiny_rows_free(base);
    free(vectors);
    free(plain);
    fr_model_close(model);
}

static void
an_edit_leaves_what_comes_before_bit_identical_and_changes_what_comes_after(void **state) {
    (void)state;
    struct fr_model *model = open_kind(FR_RANDOM_GGUF_F32, false, 64);
    const int width = fr_model_info(model)->width, n_layers = fr_model_info(model)->n_layers;
    const size_t row_bytes = (size_t)width * sizeof(float);
    float *vectors = fr_tiny_vectors(7, 1, width);
    int32_t tokens[N], next;
    fr_tiny_tokens(model, 6, N, tokens);
    struct fr_tiny_rows *base = prefill(model, tokens, N, NULL, &next);
    static const int32_t positions[] = {0, 40, 63, 64, N - 1};
    for (int k = 0; k < 5; k++)
        for (int16_t layer = 1; layer <= n_layers; layer++) {
            const struct fr_edit edit = {.operation = FR_EDIT_ADD, .scale = 1.0f};
            struct fr_edit_plan plan = {.n_vectors = 1, .width = width, .vectors = vectors};
            fr_tiny_edits(&plan, &edit, &positions[k], 1, &layer, 1);
            struct fr_tiny_rows *rows = prefill(model, tokens, N, &plan, &next);
            for (int l = 1; l <= n_layers; l++)
                for (int p = 0; p < N; p++) {
                    const bool same =
                        memcmp(fr_tiny_row(rows, l, p), fr_tiny_row(base, l, p), row_bytes) == 0;
                    const bool reached =
                        (l == layer && p == positions[k]) || (l > layer && p >= positions[k]);
                    if (same == reached)
                        fail_msg("edit at layer %d position %d: row at layer %d position %d is %s",
                                 layer, (int)positions[k], l, p, same ? "unchanged" : "changed");
                }
            /* The tap sees the edited row. */
            float expected[256];
            assert_true(width <= 256);
            memcpy(expected, fr_tiny_row(base, layer, positions[k]), row_bytes);
            fr_edit_apply(&plan.edits[0], vectors, expected, width);
            assert_memory_equal(expected, fr_tiny_row(rows, layer, positions[k]), row_bytes);
            fr_tiny_rows_free(rows);
            fr_edit_plan_release(&plan);
        }
    fr_tiny_rows_free(base);
    free(vectors);
    fr_model_close(model);
}

static void an_edit_of_the_last_layer_at_the_last_position_decides_the_next_token(void **state) {
    (void)state;
    struct fr_model *model = open_kind(FR_RANDOM_GGUF_Q8_0, false, 64);
    const int width = fr_model_info(model)->width;
    float *vectors = fr_tiny_vectors(8, 2, width);
    int32_t tokens[N], nexts[2], again;
    fr_tiny_tokens(model, 7, N, tokens);
    const struct fr_edit like = {.operation = FR_EDIT_REPLACE};
    for (int v = 0; v < 2; v++) {
        struct fr_edit edit = like;
        edit.position = N - 1;
        edit.layer = 3;
        edit.vector = v;
        struct fr_edit_plan plan = {.n_vectors = 2, .width = width, .vectors = vectors};
        fr_edit_plan_append(&plan, &edit);
        fr_model_clear(model, 0);
        assert_ok(fr_model_prefill(model, 0, tokens, 0, N, NULL, &plan, &nexts[v], &err), err);
        /* The same vector after any other prefix gives the same next token. */
        fr_model_clear(model, 0);
        plan.edits[0].position = 4;
        assert_ok(fr_model_prefill(model, 0, tokens + 9, 0, 5, NULL, &plan, &again, &err), err);
        assert_int_equal(nexts[v], again);
        fr_edit_plan_release(&plan);
    }
    assert_int_not_equal(nexts[0], nexts[1]);
    free(vectors);
    fr_model_close(model);
}

static void edits_of_the_last_layer_that_nothing_sees_are_not_made(void **state) {
    (void)state;
    struct fr_model *model = open_kind(FR_RANDOM_GGUF_F32, false, 64);
    const int width = fr_model_info(model)->width;
    const size_t bytes = (size_t)fr_model_info(model)->n_vocab * sizeof(float);
    float *vectors = fr_tiny_vectors(10, 2, width), *plain = malloc(2 * bytes);
    float *edited = plain + bytes / 4;
    int32_t tokens[N], next;
    fr_tiny_tokens(model, 9, N, tokens);
    assert_ok(fr_model_prefill(model, 0, tokens, 0, N, NULL, NULL, &next, &err), err);
    fingerprint(model, N, 9, plain);
    static const int32_t positions[] = {3, 64, 100, N - 1};
    static const int16_t last[] = {3};
    const struct fr_edit like = {.operation = FR_EDIT_REPLACE};
    struct fr_edit_plan plan = {.n_vectors = 2, .width = width, .vectors = vectors};
    fr_tiny_edits(&plan, &like, positions, 4, last, 1);
    /* No logits wanted: none is seen. Wanted: the one at the last position. */
    for (int want = 0; want < 2; want++) {
        fr_model_clear(model, 0);
        assert_ok(fr_model_prefill(model, 0, tokens, 0, N, NULL, &plan, want ? &next : NULL, &err),
                  err);
        assert_int_equal(fr_model_counters(model).rows_edited, want);
        fingerprint(model, N, 9, edited);
        assert_memory_equal(plain, edited, bytes);
    }
    /* Tapped at one of them: that one too. */
    struct fr_tiny_rows *rows = fr_tiny_rows_new(model, 0, N);
    rows->plan.n_positions = 1;
    rows->positions[0] = 64;
    fr_model_clear(model, 0);
    assert_ok(fr_model_prefill(model, 0, tokens, 0, N, &rows->plan, &plan, NULL, &err), err);
    assert_int_equal(fr_model_counters(model).rows_edited, 2);
    assert_memory_equal(fr_tiny_row(rows, 3, 64), vectors + width, (size_t)width * sizeof(float));
    fr_tiny_rows_free(rows);
    fr_edit_plan_release(&plan);
    free(vectors);
    free(plain);
    fr_model_close(model);
}

static void keys_and_values_are_stored_as_kv_type_says(void **state) {
    (void)state;
    /* How far rows may lie from a double-precision pass, by what the cache rounds to. */
    static const double tolerance[FR_KV_TYPE_COUNT] = {[FR_KV_F16] = 0.005,
                                                       [FR_KV_F32] = 2e-5,
                                                       [FR_KV_BF16] = 0.05,
                                                       [FR_KV_Q8_0] = 0.08,
                                                       [FR_KV_Q4_0] = 1.0};
    double before = 0.0;
    static const int by_error[] = {FR_KV_F32, FR_KV_F16, FR_KV_BF16, FR_KV_Q8_0, FR_KV_Q4_0};
    for (int i = 0; i < FR_KV_TYPE_COUNT; i++) {
        const int type = by_error[i];
        struct bench b;
        bench_open(&b, &subjects[0]);
        fr_model_close(b.model);
        const struct fr_random_gguf gguf = fr_random_gguf_defaults();
        struct fr_model_options options = fr_tiny_options();
        options.kv_type = type;
        options.flash_attention = type >= FR_KV_Q8_0;
        b.model = fr_tiny_open(&gguf, &options);
        fr_reference_run(&b.reference, b.tokens, N, NULL, NULL);
        struct fr_tiny_rows *rows = prefill(b.model, b.tokens, N, NULL, NULL);
        const double off = deviation_of_rows(rows, &b.reference);
        print_message("kv_type %s: rows within %.2g\n", fr_kv_type_name[type], off);
        assert_true(off < tolerance[type]);
        assert_true(off > before); /* the option reached the cache */
        before = i == 3 ? 0.0 : off;
        fr_tiny_rows_free(rows);
        bench_close(&b);
    }
}

static void chunk_size_changes_no_bit_without_flash_attention(void **state) {
    (void)state;
    static const int sizes[] = {256, 64, 37, 16, 3};
    for (int type = 0; type <= FR_RANDOM_GGUF_Q8_0; type++) {
        struct fr_tiny_rows *first = NULL;
        float *first_logits = NULL;
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            struct fr_model *model = open_kind((enum fr_random_gguf_type)type, false, sizes[k]);
            const size_t bytes = (size_t)fr_model_info(model)->n_vocab * sizeof(float);
            int32_t tokens[N], next;
            fr_tiny_tokens(model, 8, N, tokens);
            struct fr_tiny_rows *rows = prefill(model, tokens, N, NULL, &next);
            if (first == NULL) {
                first = rows;
                first_logits = malloc(bytes);
                memcpy(first_logits, fr_model_logits(model), bytes);
            } else {
                assert_memory_equal(rows->h, first->h,
                                    (size_t)(3 + 1) * N * (size_t)rows->width * sizeof(float));
                assert_memory_equal(fr_model_logits(model), first_logits, bytes);
                fr_tiny_rows_free(rows);
            }
            fr_model_close(model);
        }
        fr_tiny_rows_free(first);
        free(first_logits);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captured_rows_and_logits_equal_an_independent_forward_pass),
        cmocka_unit_test(decoded_tokens_are_the_forward_passes_choices),
        cmocka_unit_test(edited_rows_and_all_they_reach_equal_the_forward_pass_with_the_same_edits),
        cmocka_unit_test(taps_change_no_bit_of_logits_or_cache),
        cmocka_unit_test(a_tapped_prefill_that_wants_no_logits_leaves_the_same_cache),
        cmocka_unit_test(identity_edits_are_bit_identical),
        cmocka_unit_test(
            an_edit_leaves_what_comes_before_bit_identical_and_changes_what_comes_after),
        cmocka_unit_test(an_edit_of_the_last_layer_at_the_last_position_decides_the_next_token),
        cmocka_unit_test(edits_of_the_last_layer_that_nothing_sees_are_not_made),
        cmocka_unit_test(keys_and_values_are_stored_as_kv_type_says),
        cmocka_unit_test(chunk_size_changes_no_bit_without_flash_attention),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
