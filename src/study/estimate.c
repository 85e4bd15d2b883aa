/* The plan of a study in numbers; see estimate.h. Tokens are bounds from above. A rate is that of a
 * probe with few tokens in each sequence; it falls as they grow, since every step reads the cache
 * and attends over it. That is added from the model's shape, by whichever of the two costs more,
 * and hours are told for the average length of the sequences.
 * Rejected: a formula for the speed itself, which knows nothing of the machine; a probe at full
 * length, which takes as long as it would save. */
#include "study/estimate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "study/internal.h"

enum { PROBE_PREFILL = 512, PROBE_FIRST = 16, PROBE_CONTEXT = 256, PROBE_STEPS = 48 };
static const double prefill_seconds = 2, probe_seconds = 4; /* of each probe, about */
static const double choice_seconds = 0.3, choices_seconds = 8;

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

/* A few tokens, which also bring the weights in; then as many more as fit the time. */
static int probe_prefill(struct fr_study *s, const struct fr_tokens *prompt,
                         struct fr_estimate *out, struct fr_error *err) {
    const int most = prompt->n < PROBE_PREFILL ? prompt->n : PROBE_PREFILL;
    int n = most < PROBE_FIRST ? most : PROBE_FIRST, code = FR_OK;
    for (int round = 0; code == FR_OK && round < 3; round++) {
        const double start = fr_clock_seconds();
        int32_t next;
        fr_model_clear(s->models[0], 0);
        code = fr_model_prefill(s->models[0], 0, prompt->ids, 0, n, NULL, NULL, &next, err);
        const double rate = n / (fr_clock_seconds() - start);
        if (rate > out->prefill_rate) {
            out->prefill_rate = rate;
            out->probe_prefill = n;
        }
        const double affordable = rate * prefill_seconds;
        n = affordable < n ? n : affordable < most ? (int)affordable : most;
        if (round > 0 && n == out->probe_prefill && affordable < most)
            break;
    }
    fr_model_clear(s->models[0], 0);
    return code;
}

static int probe_decode(struct fr_study *s, struct fr_estimate *out, struct fr_error *err) {
    const int half = s->world.config.context_tokens / 2;
    const double affordable = fmax(8, out->prefill_rate * prefill_seconds);
    struct fr_speed speed;
    out->probe_context = half < PROBE_CONTEXT ? half : PROBE_CONTEXT;
    if (affordable < out->probe_context)
        out->probe_context = (int)affordable;
    const int code =
        fr_speed_measure(s->models[0], out->probe_context, PROBE_STEPS, probe_seconds, &speed, err);
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
    const double start = fr_clock_seconds();
    for (int i = 0; i < n && (i == 0 || fr_clock_seconds() - start < choices_seconds); i++)
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

/* ---- how speed falls as sequences grow --------------------------------------------------------
 */

/* How many times as long a token takes with `context` tokens before it as with those of the probe:
 * of a step of n_sequences that reads all weights and the caches, and of its products. */
static double slower(const struct fr_model_info *info, const struct fr_config *c,
                     const struct fr_estimate *out, double context, int n_sequences) {
    const double from = out->probe_context;
    if (context <= from)
        return 1;
    const double token_bytes = fr_model_cache_bytes(info, c->kv_type, 255) / 256;
    const double bytes = n_sequences * token_bytes;
    const double weights = info->weight_bytes;
    const double products = 4.0 * info->width * info->n_layers;
    const double own = 2.0 * (double)info->n_parameters;
    return fmax((weights + bytes * context) / (weights + bytes * from),
                (own + products * context) / (own + products * from));
}

/* ---- stages --------------------------------------------------------------------------------- */

struct counting {
    const struct fr_study *s;
    const struct fr_model_info *info;
    struct fr_estimate *out;
};

static void add_stage(const struct counting *k, const struct fr_stage_estimate *what) {
    struct fr_estimate *out = k->out;
    struct fr_stage_estimate *e = &out->stages[out->n_stages++];
    const struct fr_config *c = &k->s->world.config;
    *e = *what;
    if (e->served) { /* no time of this machine */
        out->served_tokens = e->prefill + e->decode;
        return;
    }
    if (e->prefill > 0 && out->prefill_rate > 0)
        e->hours += (double)e->prefill * slower(k->info, c, out, e->context / 2, 1) /
                    (out->prefill_rate * out->n_workers) / 3600;
    if (e->decode > 0 && out->decode_rate > 0)
        e->hours += (double)e->decode * slower(k->info, c, out, e->context, c->slots) /
                    (out->decode_rate * out->n_workers) / 3600;
    out->hours += e->hours;
}

static long long at_least_zero(long long x) { return x > 0 ? x : 0; }

/* What edits of one cut share is computed once for a trace; the rest of the prefix, and what
 * follows, for every run. */
static void add_steering(const struct counting *k, long long origin, int sequences) {
    const struct fr_config *c = &k->s->world.config;
    const struct fr_conditions *conditions = &k->s->world.conditions;
    const long long n_subjects = (long long)c->n_evaluate * k->out->n_used;
    long long prefill = 0, decode = 0, identity = 0, ends = 0;
    for (int i = 0; i < conditions->n_edits; i++) {
        const struct fr_range *w = &conditions->edits[i].window;
        const int shared = fr_conditions_shared(conditions, i), start = shared >= 0 ? shared : 0;
        bool first = true; /* of this cut */
        for (int other = 0; other < i; other++)
            first = first && fr_conditions_shared(conditions, other) != shared;
        prefill += (first ? origin + start : 0) + w->end - start;
        decode += at_least_zero(c->max_tokens - origin - w->end);
        ends += origin + w->end;
        bool is_identity = false;
        for (int j = 0; j < conditions->n; j++)
            is_identity |= conditions->items[j].edit == i &&
                           conditions->items[j].role == (int)FR_ROLE_IDENTITY;
        identity += is_identity;
    }
    k->out->steered_runs = n_subjects * conditions->n_edits;
    k->out->identity_runs = n_subjects * identity;
    k->out->runs_disk_bytes = (double)(n_subjects * decode) * sizeof(int32_t) +
                              (double)k->out->steered_runs * 512; /* keys, verdict, reason */
    add_stage(k, &(const struct fr_stage_estimate){.stage = "steering",
                                                   .unit = "runs",
                                                   .count = k->out->steered_runs,
                                                   .prefill = n_subjects * prefill,
                                                   .decode = n_subjects * decode,
                                                   .sequences = sequences,
                                                   .context =
                                                       0.5 * ((double)ends / conditions->n_edits +
                                                              c->max_tokens)});
}

static int sequences_of(const struct fr_study *s, enum fr_model_use use) {
    struct fr_model_options options;
    fr_study_model_options(s, use, &options);
    return fr_model_sequences(&options);
}

static void add_stages(const struct counting *k) {
    const struct fr_study *s = k->s;
    struct fr_estimate *out = k->out;
    const struct fr_config *c = &s->world.config;
    const long long n_puzzles = c->n_collect + c->n_evaluate, prompt = out->prompt_tokens_mean;
    const bool own = s->source->own_traces;
    const long long n_each = !own && !c->match ? 1 : s->world.n_namings;
    const long long n_traces = n_puzzles * n_each;
    int first;
    const int n_replayed = fr_world_replayed_namings(&s->world, &first);
    const long long n_replays = (long long)c->n_collect * (n_each > 1 ? n_replayed : 1);
    const long long origin = c->origin == FR_ORIGIN_REASONING ? prompt : 0;
    long long replayed = origin + c->grid_end;
    if (replayed > c->max_tokens)
        replayed = c->max_tokens;
    struct fr_stage_estimate e = {.stage = "puzzles", .unit = "puzzles", .count = n_puzzles};
    add_stage(k, &e);
    e = (struct fr_stage_estimate){.stage = "rollouts",
                                   .unit = own ? "traces" : "read",
                                   .count = n_traces};
    e.served = own && s->source->traces != NULL;
    if (e.served || s->source->traces == NULL) {
        e.prefill = n_traces * prompt;
        e.decode = n_traces * at_least_zero(c->max_tokens - prompt);
        e.sequences = e.served ? 0 : sequences_of(s, FR_USE_SLOTS);
        e.context = 0.5 * (double)(prompt + c->max_tokens);
    }
    add_stage(k, &e);
    add_stage(k, &(const struct fr_stage_estimate){.stage = "representations",
                                                   .unit = "replays",
                                                   .count = n_replays,
                                                   .prefill = n_replays * replayed,
                                                   .sequences = sequences_of(s, FR_USE_PREFILL),
                                                   .context = (double)replayed});
    add_stage(k, &(const struct fr_stage_estimate){.stage = "analyses",
                                                   .unit = "layers",
                                                   .count = out->n_layers});
    if (s->world.conditions.n_edits > 0)
        add_steering(k, origin, sequences_of(s, FR_USE_SHARED));
    add_stage(k, &(const struct fr_stage_estimate){.stage = "statistics",
                                                   .unit = "conditions",
                                                   .count = s->world.conditions.n});
    add_stage(k, &(const struct fr_stage_estimate){.stage = "report", .unit = "page", .count = 1});

    const double cells = (double)s->world.table.concepts.n * (c->grid_end / c->grid_step);
    const double row = (double)out->width;
    /* Centred beside raw, in single precision. */
    out->layer_bytes = 2 * cells * row * sizeof(float) * s->world.n_namings;
    const double file = cells * row * sizeof(double) * out->n_layers;
    double parts = 0; /* in files of the stream's width */
    for (int i = 0; i < fr_reps_n_parts(s); i++) {
        const struct fr_reps_part part = fr_reps_part(s, i);
        struct fr_grid grid;
        fr_world_grid_of(&s->world, part.set, &grid);
        parts += (k->info->n_heads > 0 ? fr_sums_width(k->info, part.site) / row : 1) *
                 grid.n_times / (c->grid_end / c->grid_step);
        free(grid.times);
    }
    if (file <= (double)fr_study_sums_bytes(s))
        out->sums_bytes = file * parts * out->n_workers;
    out->reps_disk_bytes = file * parts * n_replayed;
    /* ids and their ranges; text of at most 8 bytes a token on average */
    out->traces_disk_bytes = (double)n_traces * c->max_tokens * (3 * sizeof(int32_t) + 8);
    /* sums that are kept of namings at work; a twentieth for the database's own */
    out->disk_bytes = out->reps_disk_bytes + out->sums_bytes +
                      1.05 * (out->traces_disk_bytes + out->runs_disk_bytes) + 0x1p26;
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* Beside weights and caches: what a chunk's products take, and its logits. */
static double work_bytes(const struct counting *k) {
    const struct fr_config *c = &k->s->world.config;
    const double row = (double)k->info->n_vocab + 12.0 * k->info->width;
    return 0x1p28 + row * sizeof(float) * c->chunk_tokens;
}

/* Slots in a memory that holds `part` of the weights and of every cache. */
static int slots_in(const struct counting *k, double bytes, double part, int kv_type) {
    const struct fr_config *c = &k->s->world.config;
    const double left = bytes - part * k->out->weight_bytes - k->out->n_workers * work_bytes(k);
    const double each =
        part * k->out->n_workers * fr_model_cache_bytes(k->info, kv_type, c->context_tokens);
    const int extra = sequences_of(k->s, FR_USE_SHARED) - c->slots;
    const int n = left > 0 ? (int)fmin(left / each, 1000) - extra : -1;
    return n < 1 ? -1 : n > FR_SLOTS_MAX ? FR_SLOTS_MAX : n;
}

static void add_memory(const struct counting *k, const char *name, double have, double need,
                       double part) {
    struct fr_memory_estimate *m = &k->out->memories[k->out->n_memories++];
    const bool quantised = k->s->world.config.flash_attention;
    (void)snprintf(m->name, sizeof m->name, "%.95s", name);
    m->have = have;
    m->need = need;
    if (!(part > 0)) /* none lie here */
        return;
    m->slots = slots_in(k, have, part, k->s->world.config.kv_type);
    m->slots_q8 = quantised ? slots_in(k, have, part, FR_KV_Q8_0) : m->slots;
}

/* What of the model lies on device i of n. */
static double device_part(const struct fr_config *c, int i, int n) {
    double sum = 0;
    if (c->split_mode == FR_SPLIT_NONE)
        return i == c->main_gpu || n == 1 ? 1 : 0;
    for (int j = 0; j < c->n_tensor_split && j < n; j++)
        sum += c->tensor_split[j];
    if (!(sum > 0))
        return 1.0 / n;
    return i < c->n_tensor_split ? c->tensor_split[i] / sum : 0;
}

/* Of usual sizes, where none is here: what the fullest of them holds. */
static void add_usual_devices(const struct counting *k, double engine) {
    static const struct {
        const char *name;
        double bytes;
        int n;
    } devices[] = {{"a device of 24 GB", 24e9, 1},
                   {"a device of 48 GB", 48e9, 1},
                   {"a device of 80 GB", 80e9, 1},
                   {"a device of 141 GB", 141e9, 1},
                   {"each of two devices of 80 GB", 80e9, 2}};
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        double part = 0;
        for (int j = 0; j < devices[i].n; j++)
            part = fmax(part, device_part(&k->s->world.config, j, devices[i].n));
        add_memory(k, devices[i].name, devices[i].bytes, part * engine, part);
    }
}

static void add_memories(const struct counting *k) {
    const struct fr_config *c = &k->s->world.config;
    struct fr_estimate *out = k->out;
    int sequences = 0;
    for (int i = 0; i < out->n_stages; i++)
        sequences = out->stages[i].sequences > sequences ? out->stages[i].sequences : sequences;
    out->weight_bytes = k->info->weight_bytes;
    out->sequence_bytes = fr_model_cache_bytes(k->info, c->kv_type, c->context_tokens);
    const double engine =
        out->weight_bytes + out->n_workers * (sequences * out->sequence_bytes + work_bytes(k));
    const double own = fmax(out->sums_bytes, out->layer_bytes) + 0x1p27;
    const double machine = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    const double share = c->gpu_layers < 0 || c->gpu_layers > k->info->n_layers
                             ? 1
                             : (double)c->gpu_layers / (k->info->n_layers + 1);
    add_memory(k, "this machine", machine, (1 - share) * engine + own, 1 - share);
    if (share == 0)
        return;
    char names[4][96];
    double bytes[4];
    const int n = fr_model_devices(4, names, bytes);
    for (int i = 0; i < n; i++) {
        const double part = share * device_part(c, i, n);
        if (part > 0)
            add_memory(k, names[i], bytes[i], part * engine, part);
    }
    if (n == 0)
        add_usual_devices(k, share * engine);
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* What fits the hours: puzzles to evaluate, or fewer of both, or fewer experiments. */
static void fit(const struct fr_study *s, const struct fr_estimate *e, double hours,
                struct fr_budget *out) {
    const struct fr_config *c = &s->world.config;
    const int n_puzzles = c->n_collect + c->n_evaluate;
    double rollouts = 0, representations = 0, steering = 0;
    for (int i = 0; i < e->n_stages; i++) {
        const struct fr_stage_estimate *stage = &e->stages[i];
        rollouts += strcmp(stage->stage, "rollouts") == 0 ? stage->hours : 0;
        representations += strcmp(stage->stage, "representations") == 0 ? stage->hours : 0;
        steering += strcmp(stage->stage, "steering") == 0 ? stage->hours : 0;
    }
    *out = (struct fr_budget){.evaluate = -1};
    if (!(e->hours > 0) || !(hours > 0) || c->n_evaluate == 0)
        return;
    out->each_rollouts = rollouts / n_puzzles;
    out->each_steering = steering / c->n_evaluate;
    out->fixed_rollouts = out->each_rollouts * c->n_collect;
    out->fixed_representations = representations;
    const double left = hours - out->fixed_rollouts - representations;
    const double each = out->each_rollouts + out->each_steering;
    out->evaluate = left < 0 ? 0 : each > 0 ? (int)fmin(left / each, c->n_evaluate) : c->n_evaluate;
    const double share = fmin(hours / e->hours, 1);
    out->collect_alike = (int)(share * c->n_collect);
    out->evaluate_alike = (int)(share * c->n_evaluate);
    const double for_runs = hours - rollouts - representations;
    out->runs = for_runs < 0           ? -1
                : steering <= for_runs ? e->steered_runs
                                       : (long long)(for_runs / steering * (double)e->steered_runs);
}

/* What the run would refuse of a model of this shape, here or not. The devices are this machine's,
 * and the memory is told. */
static int check_shape(const struct fr_study *s, const struct fr_model_info *info,
                       struct fr_error *err) {
    struct fr_model_options options;
    fr_study_model_options(s, FR_USE_SHARED, &options);
    if (fr_model_check_options(&options, info, err) != FR_OK)
        return fr_fail_in(err, "%s", s->world.config_path);
    return fr_study_check_layers(s, info->n_layers, err);
}

/* The model, or its shape when its file is not here. Its cache is as long as the probe needs: what
 * the study's would take is told, also where this machine does not have it. */
static int open_probe(struct fr_study *s, struct fr_estimate *out, struct fr_error *err) {
    const struct fr_config *c = &s->world.config;
    struct fr_model_info info;
    if (fr_file_exists(s->world.model_path) || *c->model_like == '\0') {
        struct fr_model_options options;
        int code = fr_model_look(s->world.model_path, &info, err);
        if (code != FR_OK && !fr_file_exists(s->world.model_path))
            return fr_fail(err, code,
                           "%s: model.path: %s: No such file or directory; put the GGUF there, or "
                           "say model.like, such as \"qwq-32b q8_0\", for an estimate without it",
                           s->world.config_path, s->world.model_path);
        if (code == FR_OK)
            code = check_shape(s, &info, err);
        if (code == FR_OK) {
            fr_study_model_options(s, FR_USE_SHARED, &options);
            code = fr_model_check_devices(&options, err);
            if (code != FR_OK)
                (void)fr_fail_in(err, "%s", s->world.config_path);
        }
        s->probe_tokens = PROBE_PREFILL + PROBE_STEPS + 2;
        if (code == FR_OK)
            code = fr_study_need_model(s, err);
        out->measured = code == FR_OK;
        return code;
    }
    int code = fr_model_info_like(c->model_like, &info, err);
    if (code != FR_OK)
        return fr_fail_in(err, "%s: model.like", s->world.config_path);
    if ((code = check_shape(s, &info, err)) != FR_OK)
        return code;
    fr_model_open_like(&s->models[0], &info);
    s->n_models = 1;
    return FR_OK;
}

static int measure(struct fr_study *s, const struct fr_tokens *prompt,
                   const struct fr_estimate_options *options, struct fr_estimate *out,
                   struct fr_error *err) {
    out->prefill_rate = options->prefill;
    out->decode_rate = options->decode;
    out->probe_context = PROBE_CONTEXT;
    if (!out->measured || (options->prefill > 0 && options->decode > 0))
        return FR_OK;
    int code = fr_model_set_use(s->models[0], FR_USE_SHARED, s->world.config.slots, err);
    if (code == FR_OK)
        code = probe_prefill(s, prompt, out, err);
    if (code == FR_OK)
        code = probe_decode(s, out, err);
    out->resident_bytes = resident_bytes();
    if (code == FR_OK && fr_study_is_small(s))
        probe_choices(s, out);
    if (options->prefill > 0)
        out->prefill_rate = options->prefill;
    if (options->decode > 0)
        out->decode_rate = options->decode;
    return code;
}

int fr_study_estimate(const char *config_path, const struct fr_estimate_options *options,
                      struct fr_estimate *out, struct fr_error *err) {
    struct fr_study *s;
    struct fr_tokens prompt = {0};
    *out = (struct fr_estimate){.within = {.evaluate = -1}};
    int code = fr_study_open_inputs(&s, config_path, NULL, err);
    if (code != FR_OK)
        return code;
    if ((code = fr_moments_check_sources(s, "", err)) != FR_OK ||
        (code = open_probe(s, out, err)) != FR_OK)
        goto out;
    const struct fr_model_info *info = fr_model_info(s->models[0]);
    const struct fr_config *c = &s->world.config;
    const struct counting counting = {s, info, out};
    (void)snprintf(out->model, sizeof out->model, "%s", info->name);
    (void)snprintf(out->engine, sizeof out->engine, "%s", info->engine);
    (void)snprintf(out->quantization, sizeof out->quantization, "%s", info->quantization);
    out->n_layers = info->n_layers;
    out->width = info->width;
    out->n_slots = c->slots;
    out->context_tokens = c->context_tokens;
    out->served_most = *c->endpoint_url != '\0' ? c->endpoint_max_tokens : 0;
    out->n_namings = s->world.n_namings;
    for (int i = 0; i < s->world.n_namings; i++)
        out->n_used += !s->world.namings[i].clean && !s->world.namings[i].excluded;
    if ((code = measure_prompts(s, &prompt, out, err)) != FR_OK ||
        (code = measure(s, &prompt, options, out, err)) != FR_OK)
        goto out;
    fr_study_workers(s, &out->n_workers, &out->n_threads);
    const double full = c->max_tokens;
    out->decode_rate_half = out->decode_rate / slower(info, c, out, full / 2, c->slots);
    out->decode_rate_full = out->decode_rate / slower(info, c, out, full, c->slots);
    add_stages(&counting);
    add_memories(&counting);
    if (options->within_hours > 0)
        fit(s, out, options->within_hours, &out->within);
out:
    fr_tokens_release(&prompt);
    fr_study_close(s);
    return code;
}
