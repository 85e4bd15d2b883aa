/* The plan of a study in numbers; see estimate.h. Hours are bounds from above for tokens and from
 * below for speed (the probe's sequences are short, and attention over long ones is slower), and
 * are called an estimate for that reason. Rejected: a formula from the model's size, which knows
 * nothing of the machine. */
#include "study/estimate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "study/internal.h"

enum { PROBE_PREFILL = 512, PROBE_CONTEXT = 256, PROBE_STEPS = 48 };
static const double probe_seconds = 10; /* of decoding, at most */
static const double choice_seconds = 0.5;

static double now(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double resident_bytes(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*s %ld", &pages) != 1)
        pages = 0;
    (void)fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/* ---- the probe ------------------------------------------------------------------------------ */

static int probe_prefill(struct fr_study *s, const struct fr_tokens *prompt,
                         struct fr_estimate *out, struct fr_error *err) {
    const int n = out->probe_prefill = prompt->n < PROBE_PREFILL ? prompt->n : PROBE_PREFILL;
    int code = FR_OK;
    double best = INFINITY;
    for (int round = 0; code == FR_OK && round < 2; round++) { /* the first warms up */
        const double start = now();
        int32_t next;
        fr_model_clear(s->models[0], 0);
        code = fr_model_prefill(s->models[0], 0, prompt->ids, 0, n, NULL, NULL, &next, err);
        const double seconds = now() - start;
        best = seconds < best ? seconds : best;
    }
    out->prefill_rate = n / best;
    return code;
}

static int probe_decode(struct fr_study *s, struct fr_estimate *out, struct fr_error *err) {
    const int half = s->world.config.context_tokens / 2;
    struct fr_speed speed;
    const int code = fr_speed_measure(s->models[0], half < PROBE_CONTEXT ? half : PROBE_CONTEXT,
                                      PROBE_STEPS, probe_seconds, &speed, err);
    out->decode_rate = code == FR_OK ? speed.decode : 0;
    out->probe_decode = code == FR_OK ? speed.tokens : 0;
    out->waited = code == FR_OK ? speed.waited : 0;
    return code;
}

/* Other cache types, attention and slots, measured; one that the model refuses is left out. */
static void probe_choices(const struct fr_study *s, struct fr_estimate *out) {
    struct fr_model_options options = *fr_model_options(s->models[0]);
    const int half = options.context_tokens / 2;
    float *logits = NULL;
    struct fr_error refused;
    struct fr_speed_choice choices[FR_SPEED_CHOICES];
    const int n = fr_speed_choices(&options, choices);
    for (int i = 0; i < n; i++)
        if (fr_speed_try(&options, &choices[i], half < PROBE_CONTEXT ? half : PROBE_CONTEXT,
                         PROBE_STEPS, choice_seconds, &logits, &refused) == FR_OK)
            out->choices[out->n_choices++] = choices[i];
    free(logits);
}

/* ---- prompts -------------------------------------------------------------------------------- */

/* Prompt lengths under every naming; the longest is left in *longest. */
static int measure_prompts(struct fr_study *s, struct fr_tokens *longest, struct fr_estimate *out,
                           struct fr_error *err) {
    const struct fr_source_study study = fr_study_source(s);
    struct fr_source_sample sample = {0};
    int code = s->source->sample(&study, &sample, err);
    *longest = sample.longest;
    out->prompt_tokens_mean = (int)lround(sample.mean_tokens);
    out->prompt_tokens_max = longest->n;
    if (code == FR_OK && longest->n >= s->world.config.max_tokens)
        code = fr_fail(err, FR_E_INPUT, "%s: a prompt takes %d of generation.max_tokens %d",
                       s->world.config_path, longest->n, s->world.config.max_tokens);
    return code;
}

/* ---- stages --------------------------------------------------------------------------------- */

static void add_stage(struct fr_estimate *out, const char *stage, const char *unit, long long count,
                      long long prefill, long long decode) {
    struct fr_stage_estimate *e = &out->stages[out->n_stages++];
    *e = (struct fr_stage_estimate){.stage = stage,
                                    .unit = unit,
                                    .count = count,
                                    .prefill = prefill,
                                    .decode = decode};
    if (prefill > 0)
        e->hours += (double)prefill / (out->prefill_rate * out->n_workers) / 3600;
    if (decode > 0)
        e->hours += (double)decode / (out->decode_rate * out->n_workers) / 3600;
    out->hours += e->hours;
}

static long long at_least_zero(long long x) { return x > 0 ? x : 0; }

/* What edits of one cut share is computed once for a trace; the rest of the prefix, and what
 * follows, for every run. */
static void add_steering(const struct fr_study *s, long long origin, struct fr_estimate *out) {
    const struct fr_config *c = &s->world.config;
    const struct fr_conditions *conditions = &s->world.conditions;
    const long long n_subjects = (long long)c->n_evaluate * out->n_used;
    long long prefill = 0, decode = 0;
    for (int i = 0; i < conditions->n_edits; i++) {
        const struct fr_range *w = &conditions->edits[i].window;
        const int start = w->first >= 0 ? w->first : 0;
        bool first = true; /* of this cut */
        for (int k = 0; k < i; k++)
            first = first && conditions->edits[k].window.first != w->first;
        prefill += (first ? origin + start : 0) + w->end - start;
        decode += at_least_zero(c->max_tokens - origin - w->end);
    }
    add_stage(out, "steering", "runs", n_subjects * conditions->n_edits, n_subjects * prefill,
              n_subjects * decode);
}

static void add_stages(const struct fr_study *s, struct fr_estimate *out) {
    const struct fr_config *c = &s->world.config;
    const long long n_puzzles = c->n_collect + c->n_evaluate, prompt = out->prompt_tokens_mean;
    const bool own = s->source->own_traces;
    const long long n_each = !own && !c->match ? 1 : s->world.n_namings;
    const long long n_traces = n_puzzles * n_each;
    const long long n_replays = (long long)c->n_collect * n_each;
    const long long origin = c->origin == FR_ORIGIN_REASONING ? prompt : 0;
    long long replayed = origin + c->grid_end;
    if (replayed > c->max_tokens)
        replayed = c->max_tokens;
    add_stage(out, "puzzles", "puzzles", n_puzzles, 0, 0);
    if (own)
        add_stage(out, "rollouts", "traces", n_traces, n_traces * prompt,
                  n_traces * at_least_zero(c->max_tokens - prompt));
    else
        add_stage(out, "rollouts", "read", n_traces, 0, 0);
    add_stage(out, "representations", "replays", n_replays, n_replays * replayed, 0);
    add_stage(out, "analyses", "layers", out->n_layers, 0, 0);
    if (s->world.conditions.n_edits > 0)
        add_steering(s, origin, out);
    add_stage(out, "statistics", "conditions", s->world.conditions.n, 0, 0);
    add_stage(out, "report", "page", 1, 0, 0);

    const double cells = (double)s->world.table.concepts.n * (c->grid_end / c->grid_step);
    const double row = (double)out->width;
    /* Centred beside raw, in single precision. */
    out->layer_bytes = 2 * cells * row * sizeof(float) * s->world.n_namings;
    out->disk_bytes = 2 * cells * row * sizeof(double) * out->n_layers * s->world.n_namings +
                      (double)n_traces * c->max_tokens * (3 * sizeof(int32_t) + 4);
}

int fr_study_estimate(const char *config_path, struct fr_estimate *out, struct fr_error *err) {
    struct fr_study *s;
    struct fr_tokens prompt = {0};
    *out = (struct fr_estimate){0};
    int code = fr_study_open_inputs(&s, config_path, NULL, err);
    if (code != FR_OK)
        return code;
    if ((code = fr_study_need_model(s, err)) != FR_OK)
        goto out;
    const struct fr_model_info *info = fr_model_info(s->models[0]);
    code = fr_model_set_use(s->models[0], FR_USE_SHARED, s->world.config.slots, err);
    if (code != FR_OK)
        goto out;
    (void)snprintf(out->model, sizeof out->model, "%s", info->name);
    (void)snprintf(out->engine, sizeof out->engine, "%s", info->engine);
    out->n_layers = info->n_layers;
    out->width = info->width;
    out->n_slots = s->world.config.slots;
    out->context_tokens = s->world.config.context_tokens;
    out->n_namings = s->world.n_namings;
    for (int i = 0; i < s->world.n_namings; i++)
        out->n_used += !s->world.namings[i].clean && !s->world.namings[i].excluded;
    if ((code = measure_prompts(s, &prompt, out, err)) != FR_OK ||
        (code = probe_prefill(s, &prompt, out, err)) != FR_OK ||
        (code = probe_decode(s, out, err)) != FR_OK)
        goto out;
    out->resident_bytes = resident_bytes();
    fr_study_workers(s, &out->n_workers, &out->n_threads);
    if (fr_study_is_small(s))
        probe_choices(s, out);
    add_stages(s, out);
out:
    fr_tokens_release(&prompt);
    fr_study_close(s);
    return code;
}
