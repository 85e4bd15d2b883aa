/* Our engine against the plain C API on the same weights, in one process. A machine's speed drifts
 * by more than the hundredths looked for, so that work to be compared alternates: plain, ours,
 * plain, and ours counts against the mean of its neighbours; steps of decoding alternate in blocks.
 * Medians over rounds.
 *
 * Taps and edits sit at a share of the positions, in pairs (the token before a word and the word),
 * as mentions do; in recorded reasoning it is about three tenths. Rejected: every n-th position,
 * which spares no transfer on a device and no cache line. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/rng.h"
#include "cli/bench.h"
#include "model/plain.h"
#include "representations/representations.h"
#include "rollouts/rollouts.h"
#include "statistics/statistics.h"

static double now(const struct fr_bench_options *o) {
    return o->cpu_time ? fr_clock_cpu_seconds() : fr_clock_seconds();
}

/* Plain and ours, one measurement a round. */
struct pairs {
    int n;
    double plain[FR_BENCH_ROUNDS], ours[FR_BENCH_ROUNDS]; /* seconds */
    struct fr_model_counters counted;                     /* of ours, all rounds */
};

/* Ours was measured; what the model counted before and after. */
static void count(struct pairs *p, const struct fr_model_counters *before,
                  const struct fr_model_counters *after) {
    p->counted.steps += after->steps - before->steps;
    p->counted.waits += after->waits - before->waits;
    p->counted.copies_from_device += after->copies_from_device - before->copies_from_device;
    p->counted.copies_to_device += after->copies_to_device - before->copies_to_device;
}

static void conclude(struct pairs *p, const char *what, int slots, double bar, double tokens,
                     struct fr_bench_result *out) {
    double ratios[FR_BENCH_ROUNDS];
    for (int i = 0; i < p->n; i++)
        ratios[i] = p->plain[i] / p->ours[i];
    fr_sort(ratios, p->n);
    fr_sort(p->ours, p->n);
    const int half = p->n / 2;
    const double steps = (double)p->counted.steps;
    FR_ASSERT(out->n_ratios < FR_BENCH_RATIOS);
    out->ratios[out->n_ratios++] =
        (struct fr_bench_ratio){.what = what,
                                .plain = "",
                                .slots = slots,
                                .bar = bar,
                                .ratio = p->n % 2 ? ratios[half]
                                                  : 0.5 * (ratios[half - 1] + ratios[half]),
                                .low = ratios[p->n / 4],
                                .high = ratios[p->n - 1 - p->n / 4],
                                .tokens_per_second = tokens / p->ours[half],
                                .waits = (double)p->counted.waits / steps,
                                .copies_out = (double)p->counted.copies_from_device / steps,
                                .copies_in = (double)p->counted.copies_to_device / steps};
}

/* ---- what is computed ------------------------------------------------------------------------ */

struct work {
    const struct fr_bench_options *o;
    struct fr_model *model;
    struct fr_plain *plain;
    int32_t *tokens; /* enough for every use */
    int n_positions;
    int32_t *positions; /* ascending, below the number of tokens */
    bool *layers;
    float *vector;
    double *sum;             /* rows are added up, as `collect` does */
    struct fr_tap_plan taps; /* of the positions, at no site yet */
    struct fr_edit_plan one_layer, all_layers;
};

static void take_row(void *user, int site, int layer, int position, const float *h) {
    const struct work *w = user;
    const struct fr_model_info *info = fr_model_info(w->model);
    (void)layer;
    const int n = site == FR_SITE_SOURCES ? position + 1 : fr_sums_width(info, site);
    for (int head = 0; head < (site == FR_SITE_SOURCES ? info->n_heads : 1); head++, h += n)
        for (int d = 0; d < n; d++)
            w->sum[d] += 0.5 * (double)h[d];
}

static void plan_edits(const struct work *w, int layer_first, int layer_end,
                       struct fr_edit_plan *out) {
    *out = (struct fr_edit_plan){.n_vectors = 1,
                                 .width = fr_model_info(w->model)->width,
                                 .vectors = w->vector};
    for (int i = 0; i < w->n_positions; i++)
        for (int layer = layer_first; layer < layer_end; layer++)
            fr_edit_plan_append(out, &(const struct fr_edit){.position = w->positions[i],
                                                             .layer = (int16_t)layer,
                                                             .operation = FR_EDIT_MIX,
                                                             .keep_norm = true,
                                                             .scale = 2.0F / 3});
}

/* Positions in [start, start + n) are tapped and edited; n_tokens random tokens are made. */
static void work_init(struct work *w, int n_tokens, int start, int n) {
    const struct fr_model_info *info = fr_model_info(w->model);
    struct fr_rng rng;
    fr_rng_seed(&rng, 1, fr_hash_text("bench"));
    w->tokens = fr_alloc((size_t)n_tokens, sizeof *w->tokens);
    w->positions = fr_alloc((size_t)n + 2, sizeof *w->positions);
    w->layers = fr_alloc((size_t)info->n_layers + 1, sizeof *w->layers);
    w->vector = fr_alloc((size_t)info->width, sizeof *w->vector);
    const int heads = fr_sums_width(info, FR_SITE_HEADS);
    const int widest = heads > info->width ? heads : info->width;
    w->sum = fr_alloc((size_t)(widest > n_tokens ? widest : n_tokens), sizeof *w->sum);
    for (int i = 0; i < n_tokens; i++)
        w->tokens[i] = (int32_t)fr_rng_below(&rng, (uint32_t)info->n_vocab);
    const double apart = 2 / w->o->share; /* a pair in each stretch of so many */
    for (int i = 0, at = 0; at < n; i++) {
        const int end = (int)((i + 1) * apart);
        const int p = start + at + (int)fr_rng_below(&rng, (uint32_t)(end - at - 1));
        for (int k = 0; k < 2; k++)
            if (p + k < start + n)
                w->positions[w->n_positions++] = p + k;
        at = end;
    }
    for (int d = 0; d < info->width; d++)
        w->vector[d] = (float)fr_rng_normal(&rng);
    for (int layer = 1; layer <= info->n_layers; layer++)
        w->layers[layer] = true;
    w->taps = (struct fr_tap_plan){.n_positions = w->n_positions,
                                   .positions = w->positions,
                                   .row = take_row,
                                   .user = w};
    const int middle = (5 * info->n_layers + 4) / 8; /* layer 40 of 64 */
    plan_edits(w, middle, middle + 1, &w->one_layer);
    plan_edits(w, 1, info->n_layers + 1, &w->all_layers);
}

static void work_release(struct work *w) {
    fr_edit_plan_release(&w->one_layer);
    fr_edit_plan_release(&w->all_layers);
    free(w->tokens);
    free(w->positions);
    free(w->layers);
    free(w->vector);
    free(w->sum);
    fr_plain_close(w->plain);
    fr_model_close(w->model);
}

static int work_open(struct work *w, const struct fr_bench_options *o, int n_slots,
                     int context_tokens, struct fr_error *err) {
    struct fr_model_options options = o->model;
    *w = (struct work){.o = o};
    options.n_slots = n_slots;
    options.context_tokens = context_tokens;
    int code = fr_model_open(&w->model, &options, err);
    if (code == FR_OK)
        code = fr_plain_open(&w->plain, w->model, n_slots, err);
    return code;
}

/* ---- prefill --------------------------------------------------------------------------------- */

static int time_plain(struct work *w, bool want_next, double *seconds, struct fr_error *err) {
    const double start = now(w->o);
    const int code = fr_plain_prefill(w->plain, w->tokens, 1, w->o->tokens, true, want_next, err);
    *seconds = now(w->o) - start;
    return code;
}

/* One prefill of ours between two plain ones. */
static int time_pair(struct work *w, const struct fr_tap_plan *taps,
                     const struct fr_edit_plan *edits, bool want_next, struct pairs *pairs,
                     struct fr_error *err) {
    double before = 0, after = 0;
    int32_t next;
    int code = time_plain(w, want_next, &before, err);
    if (code != FR_OK)
        return code;
    fr_model_clear(w->model, 0);
    const struct fr_model_counters counted = fr_model_counters(w->model);
    const double start = now(w->o);
    code = fr_model_prefill(w->model, 0, w->tokens, 0, w->o->tokens, taps, edits,
                            want_next ? &next : NULL, err);
    const double seconds = now(w->o) - start;
    const struct fr_model_counters counted_then = fr_model_counters(w->model);
    count(pairs, &counted, &counted_then);
    if (code == FR_OK)
        code = time_plain(w, want_next, &after, err);
    pairs->plain[pairs->n] = 0.5 * (before + after);
    pairs->ours[pairs->n++] = seconds;
    return code;
}

static int bench_prefill(const struct fr_bench_options *o, struct fr_bench_result *out,
                         struct fr_error *err) {
    struct work w;
    /* site: -1 where nothing is read; where the model cannot be read there, the row is left out. */
    const struct {
        const char *what;
        double bar;
        int site;
        const struct fr_edit_plan *edits;
    } rows[] = {
        {"prefill", 0, -1, NULL},
        {"prefill, all layers read at mentions", 0.97, FR_SITE_BLOCK, NULL},
        {"prefill, all attention read at mentions", 0.95, FR_SITE_ATTENTION, NULL},
        {"prefill, all MLPs read at mentions", 0.95, FR_SITE_MLP, NULL},
        {"prefill, all heads read at mentions", 0.95, FR_SITE_HEADS, NULL},
        {"prefill, all weights read at mentions", 0.95, FR_SITE_SOURCES, NULL},
        {"prefill, one layer edited at mentions", 0.99, -1, &w.one_layer},
        {"prefill, all layers edited at mentions", 0.95, -1, &w.all_layers},
    };
    enum { N_ROWS = sizeof rows / sizeof *rows };
    struct pairs pairs[N_ROWS] = {0};
    struct fr_error refused;
    bool shown[N_ROWS];
    double warm;
    int code = work_open(&w, o, 1, o->tokens, err);
    if (code == FR_OK) {
        out->info = *fr_model_info(w.model);
        work_init(&w, o->tokens, 0, o->tokens);
        for (int i = 0; i < N_ROWS; i++)
            shown[i] =
                rows[i].site < 0 || fr_model_check_site(w.model, rows[i].site, &refused) == FR_OK;
        code = time_plain(&w, true, &warm, err);
    }
    for (int i = 0; code == FR_OK && i < o->rounds * N_ROWS; i++) {
        const int k = i % N_ROWS;
        struct fr_tap_plan taps = w.taps;
        if (!shown[k])
            continue;
        if (rows[k].site >= 0)
            taps.layers[rows[k].site] = w.layers;
        code = time_pair(&w, rows[k].site < 0 ? NULL : &taps, rows[k].edits, rows[k].site < 0,
                         &pairs[k], err);
    }
    for (int k = 0; code == FR_OK && k < N_ROWS; k++)
        if (shown[k])
            conclude(&pairs[k], rows[k].what, 1, rows[k].bar, o->tokens, out);
    work_release(&w);
    return code;
}

/* ---- decoding after edits -------------------------------------------------------------------- */

enum { OWN = 20, BLOCK = 4 }; /* tokens of each slot behind the shared prefix; steps in a row */

/* Every slot: a copy of the stem, then OWN tokens with edits at all layers. */
static int prepare_slots(struct work *w, int32_t *next, struct fr_error *err) {
    const int shared = w->o->prompt - OWN, n_slots = fr_model_options(w->model)->n_slots;
    fr_model_clear(w->model, FR_SLOT_STEM);
    int code =
        fr_model_prefill(w->model, FR_SLOT_STEM, w->tokens, 0, shared, NULL, NULL, NULL, err);
    for (int s = 0; code == FR_OK && s < n_slots; s++) {
        fr_model_clear(w->model, s);
        code = fr_model_copy_stem(w->model, s, shared, err);
        if (code == FR_OK)
            code = fr_model_prefill(w->model, s, w->tokens + shared, shared, OWN, NULL,
                                    &w->all_layers, &next[s], err);
    }
    if (code == FR_OK)
        code = fr_plain_prefill(w->plain, w->tokens, 1, w->o->prompt, true, false, err);
    fr_plain_copy(w->plain);
    return code;
}

static int time_decode(struct work *w, struct pairs *pairs, int32_t *next, struct fr_error *err) {
    int code = prepare_slots(w, next, err);
    const struct fr_model_counters counted = fr_model_counters(w->model);
    double ours = 0, plain = 0;
    for (int step = 0; code == FR_OK && step < w->o->generated; step++) {
        /* plain, ours, ours, plain ... in blocks; the first block warms the caches up. */
        const bool counts = step >= BLOCK;
        double start = now(w->o);
        for (int side = 0; code == FR_OK && side < 2; side++) {
            start = now(w->o);
            if ((side + step / BLOCK) % 2 == 0) {
                code = fr_plain_decode(w->plain, w->tokens, w->o->prompt + step, err);
                plain += counts ? now(w->o) - start : 0;
            } else {
                code = fr_model_decode(w->model, next, next, err);
                ours += counts ? now(w->o) - start : 0;
            }
        }
    }
    const struct fr_model_counters counted_then = fr_model_counters(w->model);
    count(pairs, &counted, &counted_then);
    pairs->plain[pairs->n] = plain;
    pairs->ours[pairs->n++] = ours;
    return code;
}

/* ---- rollouts -------------------------------------------------------------------------------- */

struct jobs {
    struct work *work;
    int next, n;
    int most; /* generated by a job */
};

static bool next_job(void *user, struct fr_rollout_job *job) {
    struct jobs *jobs = user;
    if (jobs->next == jobs->n)
        return false;
    const int prompt = jobs->work->o->prompt;
    *job =
        (struct fr_rollout_job){.prefix = jobs->work->tokens + (size_t)jobs->next * (size_t)prompt,
                                .n_prefix = prompt};
    jobs->next++;
    return true;
}

static int finished(void *user, const struct fr_rollout_job *job, const int32_t *generated, int n,
                    bool truncated, struct fr_error *err) {
    struct jobs *jobs = user;
    (void)job, (void)generated, (void)truncated, (void)err;
    jobs->most = n > jobs->most ? n : jobs->most;
    return FR_OK;
}

/* How the plain loop reads the prompts, and how many steps it then takes. */
struct plain_way {
    bool together;
    int steps;
};

/* As many as there are slots: none is filled again, none idles before the end. */
static int plain_rollouts(struct work *w, const struct plain_way *way, double *seconds,
                          struct fr_error *err) {
    const double start = now(w->o);
    const int steps = way->steps;
    int code = fr_plain_prefill(w->plain, w->tokens, fr_model_options(w->model)->n_slots,
                                w->o->prompt, way->together, true, err);
    for (int step = 0; code == FR_OK && step < steps; step++)
        code = fr_plain_decode(w->plain, w->tokens, w->o->prompt + step, err);
    *seconds = now(w->o) - start;
    return code;
}

/* What a user would write is the faster of the two ways, of three tries of each. */
static int choose_way(struct work *w, struct plain_way *way, struct fr_error *err) {
    double best[2] = {INFINITY, INFINITY}, seconds;
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < 6; i++) {
        const struct plain_way tried = {.together = i % 2 != 0, .steps = 1};
        code = plain_rollouts(w, &tried, &seconds, err);
        best[i % 2] = fmin(best[i % 2], seconds);
    }
    way->together = best[1] <= best[0];
    return code;
}

static int time_rollouts(struct work *w, struct pairs *pairs, struct plain_way *way,
                         struct fr_error *err) {
    struct jobs jobs = {.work = w, .n = fr_model_options(w->model)->n_slots};
    const struct fr_rollouts rollouts = {.max_tokens = w->o->prompt + w->o->generated,
                                         .next = next_job,
                                         .finished = finished,
                                         .user = &jobs};
    double before = 0, after = 0;
    int code = FR_OK;
    /* Greedy rollouts are the same each time: how many steps they take is known after the first. */
    if (pairs->n == 0) {
        code = fr_rollouts_run(w->model, &rollouts, err);
        way->steps = jobs.most > 0 ? jobs.most - 1 : 0;
        jobs.next = 0;
        if (code == FR_OK)
            code = choose_way(w, way, err);
    }
    if (code == FR_OK)
        code = plain_rollouts(w, way, &before, err);
    const struct fr_model_counters counted = fr_model_counters(w->model);
    const double start = now(w->o);
    if (code == FR_OK)
        code = fr_rollouts_run(w->model, &rollouts, err);
    const double seconds = now(w->o) - start;
    const struct fr_model_counters counted_then = fr_model_counters(w->model);
    count(pairs, &counted, &counted_then);
    if (code == FR_OK)
        code = plain_rollouts(w, way, &after, err);
    pairs->plain[pairs->n] = 0.5 * (before + after);
    pairs->ours[pairs->n++] = seconds;
    return code;
}

/* Both contexts are made anew each round: where their memory lies alone is worth a few hundredths
 * of a small model's speed, for good or ill, as long as they live. */
static int bench_slots(const struct fr_bench_options *o, int n_slots, struct fr_bench_result *out,
                       struct fr_error *err) {
    struct pairs decode = {0}, rollouts = {0};
    struct plain_way way = {0};
    int code = FR_OK;
    int32_t *next = fr_alloc((size_t)n_slots, sizeof *next);
    for (int i = 0; code == FR_OK && i < o->rounds; i++) {
        struct work w;
        code = work_open(&w, o, n_slots, o->prompt + o->generated, err);
        if (code == FR_OK) {
            work_init(&w, n_slots * o->prompt, o->prompt - OWN, OWN);
            code = time_decode(&w, &decode, next, err);
        }
        if (code == FR_OK)
            code = time_rollouts(&w, &rollouts, &way, err);
        work_release(&w);
    }
    if (code == FR_OK) {
        conclude(&decode, "decoding after edits", n_slots, 0.98,
                 (double)n_slots * (o->generated - BLOCK), out);
        conclude(&rollouts, "rollouts, prompts included", n_slots, 0.98,
                 (double)n_slots * (o->prompt + way.steps), out);
        out->ratios[out->n_ratios - 1].plain = way.together ? "in one batch" : "one by one";
    }
    free(next);
    return code;
}

int fr_bench_run(const struct fr_bench_options *options, struct fr_bench_result *out,
                 struct fr_error *err) {
    *out = (struct fr_bench_result){0};
    FR_ASSERT(options->prompt > OWN && options->generated > BLOCK);
    int code = bench_prefill(options, out, err);
    for (int i = 0; code == FR_OK && i < options->n_widths; i++)
        code = bench_slots(options, options->widths[i], out, err);
    return code;
}
