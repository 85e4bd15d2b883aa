/* Sites on real libllama graphs of many architectures: what attention and MLP are said to add is
 * what the residual stream gains, and what an independent pass computes; reading them changes
 * nothing; where a graph has no such parts they are refused by name. */
#include <string.h>

#include "model/llama_engine.h"
#include "support/reference_forward.h"
#include "support/test.h"
#include "support/tiny_model.h"

enum { N = 150 }; /* three chunks of 64, the last of 22 */

static struct fr_error err;

static struct fr_random_gguf gguf_of(const char *architecture, int n_layers) {
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    gguf.architecture = architecture;
    gguf.n_layers = n_layers;
    return gguf;
}

/* Deci's blocks are with attention, without, with a matrix instead, with: last ones of each kind.
 */
static const struct {
    const char *architecture;
    int n_layers;
} subjects[] = {
    {"qwen2", 3},  {"qwen3", 3}, {"llama", 3}, {"mistral3", 3}, {"seed_oss", 3}, {"gemma2", 4},
    {"gemma3", 3}, {"phi3", 3},  {"deci", 2},  {"deci", 3},     {"deci", 5},     {"llama", 1},
};
enum { N_SUBJECTS = sizeof subjects / sizeof *subjects };

static struct fr_model *open_subject(int i, bool flash) {
    const struct fr_random_gguf gguf = gguf_of(subjects[i].architecture, subjects[i].n_layers);
    struct fr_model_options options = fr_tiny_options();
    options.flash_attention = flash;
    return fr_tiny_open(&gguf, &options);
}

static struct fr_tiny_rows *all_sites(const struct fr_model *model, int start, int n) {
    struct fr_tiny_rows *rows = fr_tiny_rows_new(model, start, n);
    for (int site = 0; site < FR_STREAM_SITES; site++)
        rows->plan.layers[site] = rows->layers;
    return rows;
}

static void prefill(struct fr_model *model, const int32_t *tokens, const struct fr_tiny_rows *rows,
                    const struct fr_edit_plan *edits, int32_t *next) {
    fr_model_clear(model, 0);
    assert_ok(fr_model_prefill(model, 0, tokens, 0, N, &rows->plan, edits, next, &err), err);
}

static double rms(const float *h, int n) {
    double square = 0;
    for (int i = 0; i < n; i++)
        square += (double)h[i] * (double)h[i];
    return sqrt(square / n);
}

/* The largest element of before + attention + MLP - after, relative to after's root mean square. */
static double misfit(const struct fr_tiny_rows *rows, const float *before, int layer,
                     int position) {
    const float *attention = fr_tiny_site_row(rows, FR_SITE_ATTENTION, layer, position);
    const float *mlp = fr_tiny_site_row(rows, FR_SITE_MLP, layer, position);
    const float *after = fr_tiny_row(rows, layer, position);
    double largest = 0;
    for (int i = 0; i < rows->width; i++)
        largest = fmax(largest, fabs((double)before[i] + (double)attention[i] + (double)mlp[i] -
                                     (double)after[i]));
    return largest / rms(after, rows->width);
}

/* Before the first block stands what depends on the token alone: taken from the first row of the
 * token, it must fit all others. */
static void residual_before_plus_attention_plus_mlp_is_the_residual_after(void **state) {
    (void)state;
    for (int i = 0; i < N_SUBJECTS; i++)
        for (int flash = 0; flash < 2; flash++) {
            struct fr_model *model = open_subject(i, flash);
            struct fr_tiny_rows *rows = all_sites(model, 0, N);
            int32_t tokens[N], next;
            fr_tiny_tokens(model, 3, N / 2, tokens);
            memcpy(tokens + N / 2, tokens, sizeof tokens / 2); /* each token twice */
            prefill(model, tokens, rows, NULL, &next);
            assert_int_equal(rows->n_seen, FR_STREAM_SITES * N * rows->n_layers);
            double worst = 0;
            for (int p = 0; p < N; p++) {
                float first[64];
                const int like = p % (N / 2);
                for (int d = 0; d < rows->width; d++)
                    first[d] = fr_tiny_row(rows, 1, like)[d] -
                               fr_tiny_site_row(rows, FR_SITE_ATTENTION, 1, like)[d] -
                               fr_tiny_site_row(rows, FR_SITE_MLP, 1, like)[d];
                worst = fmax(worst, misfit(rows, first, 1, p));
                for (int layer = 2; layer <= rows->n_layers; layer++)
                    worst = fmax(worst, misfit(rows, fr_tiny_row(rows, layer - 1, p), layer, p));
            }
            print_message("%s, %d layers%s: within %.2g\n", subjects[i].architecture,
                          rows->n_layers, flash ? ", flash attention" : "", worst);
            assert_true(worst < 1e-5);
            fr_tiny_rows_free(rows);
            fr_model_close(model);
        }
}

/* A sum alone could be split anywhere. */
static void parts_equal_an_independent_forward_pass(void **state) {
    (void)state;
    static const char *const architectures[] = {"qwen2", "llama"};
    for (int i = 0; i < 2; i++) {
        const struct fr_random_gguf gguf = gguf_of(architectures[i], 3);
        struct fr_model_options options = fr_tiny_options();
        struct fr_reference reference;
        struct fr_model *model = NULL;
        char path[64];
        options.path = fr_tiny_path(path);
        options.kv_type = FR_KV_F32;
        assert_ok(fr_random_gguf_write(path, &gguf, &err), err);
        assert_ok(fr_model_open(&model, &options, &err), err);
        assert_ok(fr_reference_load(&reference, path, &err), err);
        (void)unlink(path);
        int32_t tokens[N];
        fr_tiny_tokens(model, 3, N, tokens);
        fr_reference_run(&reference, tokens, N, NULL, NULL);
        struct fr_tiny_rows *rows = all_sites(model, 0, N);
        prefill(model, tokens, rows, NULL, NULL);
        double worst[FR_STREAM_SITES] = {0};
        for (int layer = 1; layer <= 3; layer++)
            for (int p = 0; p < N; p++)
                for (int site = FR_SITE_ATTENTION; site < FR_STREAM_SITES; site++) {
                    const float *got = fr_tiny_site_row(rows, site, layer, p);
                    const double *want = fr_reference_part(&reference, site, layer, p);
                    for (int d = 0; d < rows->width; d++)
                        worst[site] = fmax(worst[site],
                                           fabs((double)got[d] - want[d]) / rms(got, rows->width));
                }
        print_message("%s: attention within %.2g, MLP within %.2g\n", architectures[i],
                      worst[FR_SITE_ATTENTION], worst[FR_SITE_MLP]);
        assert_true(worst[FR_SITE_ATTENTION] < 5e-5 && worst[FR_SITE_MLP] < 5e-5);
        fr_tiny_rows_free(rows);
        fr_reference_release(&reference);
        fr_model_close(model);
    }
}

static void blocks_without_attention_add_zeros_there(void **state) {
    (void)state;
    struct fr_model *model = open_subject(10, false); /* deci of 5 */
    struct fr_tiny_rows *rows = all_sites(model, 0, N);
    int32_t tokens[N];
    fr_tiny_tokens(model, 3, N, tokens);
    prefill(model, tokens, rows, NULL, NULL);
    assert_int_equal(rows->n_layers, 5);
    for (int layer = 1; layer <= 5; layer++)
        for (int p = 0; p < N; p += 7) {
            assert_true((rms(fr_tiny_site_row(rows, FR_SITE_ATTENTION, layer, p), rows->width) >
                         0.01) == (layer != 2));
            assert_true(rms(fr_tiny_site_row(rows, FR_SITE_MLP, layer, p), rows->width) > 0.01);
        }
    fr_tiny_rows_free(rows);
    fr_model_close(model);
}

/* Where no independent pass is at hand: what a part depends on says which it is. */
static void attention_is_the_part_that_sees_other_positions(void **state) {
    (void)state;
    for (int i = 0; i < N_SUBJECTS; i++) {
        struct fr_model *model = open_subject(i, false);
        struct fr_tiny_rows *rows[2];
        int32_t tokens[N];
        fr_tiny_tokens(model, 3, N, tokens);
        for (int k = 0; k < 2; k++) {
            tokens[10] = k ? 300 : 290;
            rows[k] = all_sites(model, 0, N);
            prefill(model, tokens, rows[k], NULL, NULL);
        }
        const size_t bytes = (size_t)rows[0]->width * sizeof(float);
        for (int p = 0; p < N; p++) {
            const bool same =
                memcmp(fr_tiny_site_row(rows[0], FR_SITE_ATTENTION, 1, p),
                       fr_tiny_site_row(rows[1], FR_SITE_ATTENTION, 1, p), bytes) == 0;
            assert_int_equal(same, p < 10);
        }
        fr_tiny_rows_free(rows[0]);
        fr_tiny_rows_free(rows[1]);
        fr_model_close(model);
    }
}

/* Norms behind attention and MLP belong to them: what gemma adds has the norm's size. */
static void what_is_added_behind_a_norm_is_the_normed(void **state) {
    (void)state;
    for (int i = 0; i < N_SUBJECTS; i++) {
        if (strncmp(subjects[i].architecture, "gemma", 5) != 0)
            continue;
        struct fr_model *model = open_subject(i, false);
        struct fr_tiny_rows *rows = all_sites(model, 0, N);
        int32_t tokens[N];
        fr_tiny_tokens(model, 3, N, tokens);
        prefill(model, tokens, rows, NULL, NULL);
        for (int layer = 1; layer <= rows->n_layers; layer++)
            for (int p = 0; p < N; p += 5)
                for (int site = FR_SITE_ATTENTION; site < FR_STREAM_SITES; site++)
                    assert_near(rms(fr_tiny_site_row(rows, site, layer, p), rows->width), 1, 0.1);
        fr_tiny_rows_free(rows);
        fr_model_close(model);
    }
}

/* Continues with decoded tokens and a prefill: every bit of the cache has its say in the logits. */
static void fingerprint(struct fr_model *model, int32_t next, float *logits) {
    int32_t tokens[4] = {next, -1, -1, -1}, after[4];
    assert_ok(fr_model_decode(model, tokens, after, &err), err);
    assert_ok(fr_model_decode(model, after, after, &err), err);
    const int32_t more[3] = {after[0], 7, 9};
    assert_ok(fr_model_prefill(model, 0, more, N + 2, 3, NULL, NULL, &next, &err), err);
    memcpy(logits, fr_model_logits(model), 512 * sizeof *logits);
}

static void taps_at_any_sites_change_no_bit_of_logits_or_cache(void **state) {
    (void)state;
    for (int i = 0; i < N_SUBJECTS; i++)
        for (int flash = 0; flash < 2; flash++)
            for (int want = 0; want < 2; want++) {
                struct fr_model *model = open_subject(i, flash);
                float plain[2][512], tapped[2][512];
                int32_t tokens[N], next = 9;
                fr_tiny_tokens(model, 4, N, tokens);
                memset(plain, 0, sizeof plain);
                memset(tapped, 0, sizeof tapped);
                assert_ok(fr_model_prefill(model, 0, tokens, 0, N, NULL, NULL, want ? &next : NULL,
                                           &err),
                          err);
                if (want)
                    memcpy(plain[0], fr_model_logits(model), sizeof plain[0]);
                fingerprint(model, next, plain[1]);
                for (int sites = 1; sites < 1 << FR_STREAM_SITES; sites++) {
                    struct fr_tiny_rows *rows = fr_tiny_rows_new(model, 0, N);
                    int n_sites = 0;
                    for (int site = 0; site < FR_STREAM_SITES; site++) {
                        rows->plan.layers[site] = sites >> site & 1 ? rows->layers : NULL;
                        n_sites += sites >> site & 1;
                    }
                    prefill(model, tokens, rows, NULL, want ? &next : NULL);
                    assert_int_equal(rows->n_seen, n_sites * N * rows->n_layers);
                    if (want)
                        memcpy(tapped[0], fr_model_logits(model), sizeof tapped[0]);
                    fingerprint(model, next, tapped[1]);
                    assert_memory_equal(plain, tapped, sizeof plain);
                    fr_tiny_rows_free(rows);
                }
                fr_model_close(model);
            }
}

/* Single layers and positions, others' rows not kept: the same rows as among all. */
static void a_row_is_the_same_whatever_else_is_tapped(void **state) {
    (void)state;
    for (int i = 0; i < N_SUBJECTS; i++) {
        struct fr_model *model = open_subject(i, false);
        struct fr_tiny_rows *all = all_sites(model, 0, N);
        int32_t tokens[N];
        fr_tiny_tokens(model, 5, N, tokens);
        prefill(model, tokens, all, NULL, NULL);
        for (int site = 0; site < FR_STREAM_SITES; site++)
            for (int layer = 1; layer <= all->n_layers; layer++) {
                static const int32_t positions[] = {5, 63, 64, N - 1};
                struct fr_tiny_rows *one = fr_tiny_rows_new(model, 0, N);
                memset(one->layers, 0, (size_t)one->n_layers + 1);
                one->layers[layer] = true;
                memset(one->plan.layers, 0, sizeof one->plan.layers);
                one->plan.layers[site] = one->layers;
                one->plan.positions = positions;
                one->plan.n_positions = 4;
                prefill(model, tokens, one, NULL, NULL);
                assert_int_equal(one->n_seen, 4);
                for (int k = 0; k < 4; k++)
                    assert_memory_equal(fr_tiny_site_row(one, site, layer, positions[k]),
                                        fr_tiny_site_row(all, site, layer, positions[k]),
                                        (size_t)one->width * sizeof(float));
                fr_tiny_rows_free(one);
            }
        fr_tiny_rows_free(all);
        fr_model_close(model);
    }
}

/* As from a device: all positions, and every third, which are gathered there: one copy for each of
 * what stands before the first block, and the sums after attention and MLP in every block; edits go
 * back in one. */
static void rows_that_must_be_fetched_come_in_one_copy_and_are_the_same(void **state) {
    (void)state;
    for (int i = 0; i < N_SUBJECTS; i++) {
        struct fr_model *model = open_subject(i, true);
        struct fr_tiny_rows *rows[2];
        int32_t tokens[N];
        fr_tiny_tokens(model, 5, N, tokens);
        for (int apart = 1; apart <= 3; apart += 2) {
            const struct fr_model_counters before = fr_model_counters(model);
            for (int fetch = 0; fetch < 2; fetch++) {
                ((struct fr_llama *)model)->chunk.fetch_always = fetch;
                rows[fetch] = all_sites(model, 0, N);
                rows[fetch]->plan.n_positions = N / apart;
                for (int k = 0; k < N / apart; k++)
                    rows[fetch]->positions[k] = apart * k;
                prefill(model, tokens, rows[fetch], NULL, NULL);
            }
            const struct fr_model_counters after = fr_model_counters(model);
            assert_memory_equal(rows[0]->h, rows[1]->h,
                                (size_t)FR_STREAM_SITES * (size_t)(rows[0]->n_layers + 1) * N *
                                    (size_t)rows[0]->width * sizeof(float));
            if (i == 0) { /* three chunks, each with a list of its own to gather by */
                assert_int_equal(after.copies_from_device - before.copies_from_device,
                                 3 * (1 + 2 * 3));
                assert_int_equal(after.copies_to_device, 0);
                assert_true(apart == 1 ||
                            (after.copies_of_indices >= 3 && after.copies_of_indices <= 3 * 2));
            }
            fr_tiny_rows_free(rows[0]);
            fr_tiny_rows_free(rows[1]);
        }
        fr_model_close(model);
    }
}

/* The block's row is the edited one, what the block added is not; the next block adds to it. */
static void an_edit_stands_between_what_one_block_added_and_what_the_next_adds(void **state) {
    (void)state;
    struct fr_model *model = open_subject(0, false);
    const int width = fr_model_info(model)->width;
    static const int32_t positions[] = {3, 64, N - 1};
    static const int16_t layers[] = {1, 2, 3};
    const struct fr_edit like = {.operation = FR_EDIT_ADD, .scale = 1.5F};
    float *vectors = fr_tiny_vectors(5, 2, width);
    struct fr_edit_plan plan = {.n_vectors = 2, .width = width, .vectors = vectors};
    struct fr_tiny_rows *rows = all_sites(model, 0, N), *plain = all_sites(model, 0, N);
    int32_t tokens[N];
    fr_tiny_edits(&plan, &like, positions, 3, layers, 3);
    fr_tiny_tokens(model, 5, N, tokens);
    prefill(model, tokens, plain, NULL, NULL);
    prefill(model, tokens, rows, &plan, NULL);
    for (int k = 0; k < plan.n_edits; k++) {
        const struct fr_edit *edit = &plan.edits[k];
        const int layer = edit->layer, p = edit->position;
        const float *v = vectors + (size_t)edit->vector * (size_t)width;
        for (int d = 0; d < width && layer > 1; d++)
            assert_near((double)fr_tiny_row(rows, layer - 1, p)[d] +
                            (double)fr_tiny_site_row(rows, FR_SITE_ATTENTION, layer, p)[d] +
                            (double)fr_tiny_site_row(rows, FR_SITE_MLP, layer, p)[d] +
                            1.5 * (double)v[d],
                        (double)fr_tiny_row(rows, layer, p)[d], 1e-5);
        if (layer == 1 && p == 3) /* nothing before it is edited */
            for (int site = FR_SITE_ATTENTION; site < FR_STREAM_SITES; site++)
                assert_memory_equal(fr_tiny_site_row(rows, site, layer, p),
                                    fr_tiny_site_row(plain, site, layer, p),
                                    (size_t)width * sizeof(float));
    }
    assert_int_equal(fr_model_counters(model).rows_edited, plan.n_edits);
    fr_tiny_rows_free(rows);
    fr_tiny_rows_free(plain);
    fr_edit_plan_release(&plan);
    free(vectors);
    fr_model_close(model);
}

static void parts_of_parallel_blocks_are_refused_by_name_and_blocks_are_read(void **state) {
    (void)state;
    const struct fr_random_gguf gguf = gguf_of("gptneox", 3);
    const struct fr_model_options options = fr_tiny_options();
    struct fr_model *model = fr_tiny_open(&gguf, &options);
    struct fr_tiny_rows *rows = fr_tiny_rows_new(model, 0, N);
    int32_t tokens[N], next;
    fr_tiny_tokens(model, 3, N, tokens);
    prefill(model, tokens, rows, NULL, &next);
    assert_int_equal(rows->n_seen, N * 3);
    assert_ok(fr_model_check_site(model, FR_SITE_BLOCK, &err), err);
    fr_model_clear(model, 0);
    for (int site = FR_SITE_ATTENTION; site < FR_STREAM_SITES; site++) {
        assert_int_equal(fr_model_check_site(model, site, &err), FR_E_MODEL);
        assert_non_null(strstr(err.text, fr_site_name[site]));
        assert_non_null(strstr(err.text, "architecture gptneox"));
        rows->plan.layers[site] = rows->layers;
        const long long before = fr_model_counters(model).tokens_prefilled;
        assert_int_equal(fr_model_prefill(model, 0, tokens, 0, N, &rows->plan, NULL, &next, &err),
                         FR_E_MODEL);
        assert_non_null(strstr(err.text, fr_site_name[site]));
        assert_int_equal(fr_model_counters(model).tokens_prefilled, before);
        assert_int_equal(rows->n_seen, N * 3);
        rows->plan.layers[site] = NULL;
    }
    fr_tiny_rows_free(rows);
    fr_model_close(model);
}

static void every_site_of_the_supported_architectures_can_be_read(void **state) {
    (void)state;
    for (int i = 0; i < N_SUBJECTS; i++) {
        struct fr_model *model = open_subject(i, false);
        for (int site = 0; site < FR_STREAM_SITES; site++)
            assert_ok(fr_model_check_site(model, site, &err), err);
        fr_model_close(model);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_site_of_the_supported_architectures_can_be_read),
        cmocka_unit_test(residual_before_plus_attention_plus_mlp_is_the_residual_after),
        cmocka_unit_test(parts_equal_an_independent_forward_pass),
        cmocka_unit_test(blocks_without_attention_add_zeros_there),
        cmocka_unit_test(attention_is_the_part_that_sees_other_positions),
        cmocka_unit_test(what_is_added_behind_a_norm_is_the_normed),
        cmocka_unit_test(taps_at_any_sites_change_no_bit_of_logits_or_cache),
        cmocka_unit_test(a_row_is_the_same_whatever_else_is_tapped),
        cmocka_unit_test(rows_that_must_be_fetched_come_in_one_copy_and_are_the_same),
        cmocka_unit_test(an_edit_stands_between_what_one_block_added_and_what_the_next_adds),
        cmocka_unit_test(parts_of_parallel_blocks_are_refused_by_name_and_blocks_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
