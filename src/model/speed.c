/* See speed.h. A busy machine shows in the time that a thread waited for a core (the scheduler
 * counts it), not in the processor's time: threads of libllama that wait for each other spin, and
 * look busy while they do nothing.
 *
 * Rejected: a table of processors. */
#include "model/speed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/rng.h"
#include "base/text.h"

struct fr_speed_clock fr_speed_now(void) {
    struct fr_speed_clock now = {fr_clock_seconds(), fr_clock_cpu_seconds(), -1};
    unsigned long long ran, waited;
    FILE *file = fopen("/proc/thread-self/schedstat", "r");
    if (file == NULL)
        return now;
    if (fscanf(file, "%llu %llu", &ran, &waited) == 2)
        now.waited = 1e-9 * (double)waited;
    (void)fclose(file);
    return now;
}

static double waited_share(const struct fr_speed_clock *begin, const struct fr_speed_clock *end) {
    if (begin->waited < 0 || end->waited < 0 || !(end->wall > begin->wall))
        return 0;
    return fmin(1, (end->waited - begin->waited) / (end->wall - begin->wall));
}

static int threads_of(const struct fr_model_options *options) {
    return options->threads > 0 ? options->threads : (int)sysconf(_SC_NPROCESSORS_ONLN);
}

/* Tokens that are the same for every choice; the last one goes ahead in each slot. */
static int fill_slots(struct fr_model *model, int context, int32_t *next, float **logits,
                      struct fr_error *err) {
    const int n_vocab = fr_model_info(model)->n_vocab, n_slots = fr_model_options(model)->n_slots;
    struct fr_rng rng;
    int32_t *tokens = fr_alloc((size_t)context, sizeof *tokens);
    fr_rng_seed(&rng, 1, fr_hash_text("speed"));
    for (int i = 0; i < context; i++)
        tokens[i] = (int32_t)fr_rng_below(&rng, (uint32_t)n_vocab);
    const bool shared = fr_model_options(model)->use == FR_USE_SHARED;
    const int first = shared ? FR_SLOT_STEM : 0;
    fr_model_clear(model, first);
    int code = fr_model_prefill(model, first, tokens, 0, context, NULL, NULL, &next[0], err);
    if (code == FR_OK && logits != NULL) {
        *logits = fr_grow(*logits, (size_t)n_vocab, sizeof **logits);
        memcpy(*logits, fr_model_logits(model), (size_t)n_vocab * sizeof **logits);
    }
    for (int i = first + 1; code == FR_OK && i < n_slots; i++) {
        next[i] = next[0];
        fr_model_clear(model, i);
        code = shared ? fr_model_copy_stem(model, i, context, err)
                      : fr_model_prefill(model, i, tokens, 0, context, NULL, NULL, NULL, err);
    }
    free(tokens);
    return code;
}

static int measure(struct fr_model *model, int context, int steps, double seconds,
                   struct fr_speed *out, float **logits, struct fr_error *err) {
    const struct fr_model_options *options = fr_model_options(model);
    int32_t *next = fr_alloc((size_t)options->n_slots, sizeof *next);
    *out = (struct fr_speed){0};
    if (context > options->context_tokens - 2)
        context = options->context_tokens - 2;
    if (steps > options->context_tokens - context - 1)
        steps = options->context_tokens - context - 1;
    int code = fill_slots(model, context < 1 ? 1 : context, next, logits, err);
    if (code == FR_OK) /* the copies of the stem are made now */
        code = fr_model_decode(model, next, next, err);
    const struct fr_speed_clock begin = fr_speed_now();
    struct fr_speed_clock end = begin;
    for (int i = 0; code == FR_OK && i < steps && (i == 0 || end.wall - begin.wall < seconds);
         i++) {
        code = fr_model_decode(model, next, next, err);
        out->tokens += options->n_slots;
        end = fr_speed_now();
    }
    if (code == FR_OK && out->tokens > 0) {
        out->decode = out->tokens / fmax(end.wall - begin.wall, 1e-9);
        out->decode_cpu = out->tokens / fmax(end.cpu - begin.cpu, 1e-9);
        out->waited = waited_share(&begin, &end);
    }
    for (int i = FR_SLOT_STEM; i < options->n_slots; i++)
        fr_model_clear(model, i);
    free(next);
    return code;
}

int fr_speed_measure(struct fr_model *model, int context, int steps, double seconds,
                     struct fr_speed *out, struct fr_error *err) {
    return measure(model, context, steps, seconds, out, NULL, err);
}

/* ---- choices --------------------------------------------------------------------------------- */

static void add(struct fr_speed_choice *out, int *n, struct fr_speed_choice choice) {
    for (int i = 0; i < *n; i++)
        if (out[i].kv_type == choice.kv_type && out[i].flash_attention == choice.flash_attention &&
            out[i].n_slots == choice.n_slots && out[i].threads == choice.threads)
            return;
    if (*n < FR_SPEED_CHOICES)
        out[(*n)++] = choice;
}

int fr_speed_choices(const struct fr_model_options *options,
                     struct fr_speed_choice out[FR_SPEED_CHOICES]) {
    static const struct {
        int kv_type;
        bool flash_attention;
    } caches[] = {{FR_KV_F32, false},  {FR_KV_F16, false}, {FR_KV_F16, true},
                  {FR_KV_BF16, false}, {FR_KV_BF16, true}, {FR_KV_Q8_0, true}};
    const struct fr_speed_choice own = {.kv_type = options->kv_type,
                                        .flash_attention = options->flash_attention,
                                        .n_slots = options->n_slots,
                                        .threads = threads_of(options)};
    const int slots[] = {own.n_slots / 4, own.n_slots / 2, own.n_slots * 2};
    int n = 0;
    add(out, &n, own);
    for (size_t i = 0; i < sizeof caches / sizeof *caches; i++) {
        struct fr_speed_choice choice = own;
        choice.kv_type = caches[i].kv_type;
        choice.flash_attention = caches[i].flash_attention;
        add(out, &n, choice);
    }
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
        struct fr_speed_choice choice = own;
        choice.n_slots = slots[i];
        if (slots[i] >= 1 && slots[i] <= FR_SLOTS_MAX)
            add(out, &n, choice);
    }
    for (int threads = 1; threads <= 2; threads++) {
        struct fr_speed_choice choice = own;
        choice.threads = threads == 1 ? 1 : (int)sysconf(_SC_NPROCESSORS_ONLN);
        add(out, &n, choice);
    }
    return n;
}

int fr_speed_try(const struct fr_model_options *options, struct fr_speed_choice *choice,
                 int context, int steps, double seconds, float **logits, struct fr_error *err) {
    struct fr_model_options as_chosen = *options;
    as_chosen.kv_type = choice->kv_type;
    as_chosen.flash_attention = choice->flash_attention;
    as_chosen.n_slots = choice->n_slots;
    as_chosen.threads = choice->threads;
    struct fr_model *model;
    int code = fr_model_open(&model, &as_chosen, err);
    if (code != FR_OK)
        return code;
    code = measure(model, context, steps, seconds, &choice->speed, logits, err);
    fr_model_close(model);
    return code;
}

void fr_speed_choice_text(const struct fr_speed_choice *choice, char *out, size_t n) {
    (void)snprintf(out, n, "%s %s flash attention, %d slot%s, %d thread%s",
                   fr_kv_type_name[choice->kv_type], choice->flash_attention ? "with" : "without",
                   choice->n_slots, choice->n_slots == 1 ? "" : "s", choice->threads,
                   choice->threads == 1 ? "" : "s");
}

void fr_speed_explain(const struct fr_model_options *options, double expected, double rate,
                      const struct fr_speed_clock *begin, const struct fr_speed_clock *end,
                      char *out, size_t n) {
    const int threads = threads_of(options);
    const double waited = waited_share(begin, end);
    double load = 0;
    char now[FR_RATE_TEXT], before[FR_RATE_TEXT];
    out[0] = '\0';
    /* the longer sequences of a study alone halve the rate of a small model */
    if (!(expected > 0) || rate >= expected / 3)
        return;
    if (getloadavg(&load, 1) != 1)
        load = 0;
    if (waited > 0.1)
        (void)
            snprintf(out, n,
                     "%s tokens/s where %s were measured before: the machine is busy (load %.1f "
                     "on %ld cores, %.0f %% of the time without a core)%s",
                     fr_rate_text(rate, now), fr_rate_text(expected, before), load,
                     sysconf(_SC_NPROCESSORS_ONLN), 100 * waited,
                     threads > 1
                         ? "; model.threads: 1 loses least there, since threads wait for each other"
                         : "");
    else
        (void)snprintf(
            out, n,
            "%s tokens/s where %s were measured before, and the machine is not busy: "
            "sequences are longer than the probe's, or the %s cache %s flash attention with "
            "%d threads is slow here; `fluidrep bench --choices` compares",
            fr_rate_text(rate, now), fr_rate_text(expected, before),
            fr_kv_type_name[options->kv_type], options->flash_attention ? "with" : "without",
            threads);
}
