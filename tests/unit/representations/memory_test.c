/* What collecting takes of memory beyond the replay itself, at the size of the paper's model: 64
 * layers of width 5,120, a trace of 24,576 tokens, a tenth of them mentions. The model is a
 * stand-in that hands out rows as libllama does, chunk by chunk and in it layer by layer; memory is
 * the process's own peak, asked of the kernel before and after. What the engine itself adds for
 * taps is not here: the logits of a chunk's tapped tokens, 31 MB for 51 of 512 tokens and 152,064
 * words (model/llama_callback.c). */
#include "test.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include "base/memory.h"
#include "model/backend.h"
#include "representations/representations.h"
#include "store/store.h"

enum { A = 9, L = 64, D = 5120, N = 24576, STEP = 400, T = N / STEP, CHUNK = 512 };
enum { BAR_MB = 64, DISK_MB = 4096 };

static float row[D];

static int row_prefill(struct fr_model *model, int sequence, const int32_t *tokens, int start,
                       int n, const struct fr_tap_plan *taps, const struct fr_edit_plan *edits,
                       int32_t *next, struct fr_error *err) {
    (void)model, (void)sequence, (void)tokens, (void)start, (void)edits, (void)next, (void)err;
    for (int at = 0, i = 0; at < n; at += CHUNK) {
        const int first = i;
        while (i < taps->n_positions && taps->positions[i] < at + CHUNK)
            i++;
        for (int layer = 1; layer <= L; layer++)
            for (int k = first; k < i; k++) {
                row[layer] = (float)taps->positions[k];
                taps->row(taps->user, FR_SITE_BLOCK, layer, taps->positions[k], row);
                row[layer] = 0;
            }
    }
    return FR_OK;
}

static void clear(struct fr_model *model, int sequence) { (void)model, (void)sequence; }

static long peak_mb(void) {
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss / 1024;
}

static void look(void *user, int site, int layer, int position, const float *h) {
    (void)site, (void)layer, (void)position;
    *(double *)user += (double)h[0];
}

static void collecting_takes_little_memory_beside_a_large_model(void **state) {
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    print_message("skipped: the address sanitizer keeps memory of its own\n");
    skip();
#endif
    struct statvfs disk;
    assert_int_equal(statvfs(".", &disk), 0);
    if ((double)disk.f_bavail * (double)disk.f_frsize < DISK_MB * 0x1p20) {
        print_message("skipped: less than %d MB of disk are free\n", DISK_MB);
        skip();
    }
    static const struct fr_backend backend = {.prefill = row_prefill, .clear = clear};
    struct fr_model model;
    struct fr_model_options options = fr_model_options_defaults();
    struct fr_error err = {0};
    options.n_slots = 1;
    options.context_tokens = N;
    fr_model_base_init(&model, &backend, &options);
    model.info = (struct fr_model_info){.n_layers = L, .width = D, .n_vocab = 10};
    int32_t *tokens = fr_alloc(N, sizeof *tokens), *positions = fr_alloc(N, sizeof *positions);
    struct fr_mentions mentions = {.items = fr_alloc(N / 20 + 1, sizeof *mentions.items)};
    for (int p = 5; p < N - 1; p += 20, mentions.n++) /* two positions, the token before included */
        mentions.items[mentions.n] =
            (struct fr_mention){.concept = mentions.n % A, .first = p, .end = p + 1};
    int32_t times[T];
    for (int t = 0; t < T; t++)
        times[t] = (t + 1) * STEP;
    const struct fr_grid grid = {.n_times = T,
                                 .times = times,
                                 .window_tokens = STEP,
                                 .previous_token = true};

    /* The plain run: all rows handed out, nothing kept. */
    double seen = 0;
    bool layers[L + 1];
    memset(layers, true, sizeof layers);
    for (int i = 0; i < mentions.n; i++)
        positions[i] = mentions.items[i].first;
    const struct fr_tap_plan taps = {.n_positions = mentions.n,
                                     .positions = positions,
                                     .layers[FR_SITE_BLOCK] = layers,
                                     .row = look,
                                     .user = &seen};
    assert_ok(fr_model_prefill(&model, 0, tokens, 0, N, &taps, NULL, NULL, &err), err);
    fr_model_clear(&model, 0);
    const long before = peak_mb();

    static const char path[] = "memory-test.safetensors";
    struct fr_sums sums, *targets[] = {&sums};
    assert_ok(fr_sums_open(&sums, FR_SITE_BLOCK, A, L, T, D, (size_t)16 << 20, path, &grid, &err),
              err);
    assert_ok(fr_sums_collect(&model, tokens, N, &mentions, 0, &grid, targets, 1, &err), err);
    /* Concept 0's first mention, (4 + 5) / 2, and the 9th after it, in the first window. */
    assert_near(fr_sums_cell(&sums, 0, 2, 0)[3], 4.5 + 184.5 + 364.5, 1e-9);
    const int count = sums.counts[0];
    assert_ok(fr_sums_save(&sums, path, &grid, &err), err);
    fr_sums_release(&sums);
    const long above = peak_mb() - before;
    (void)unlink(path);
    print_message("%.2f GB of sums, %d mentions; peak memory %ld MB above the plain run's %ld MB\n",
                  1e-9 * A * L * T * D * sizeof(double), mentions.n, above, before);
    assert_int_equal(count, 3);
    assert_true(above <= BAR_MB);
    free(mentions.items);
    free(tokens);
    free(positions);
    fr_model_base_release(&model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collecting_takes_little_memory_beside_a_large_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
