/* Opening a study and running its stages; see study.h. What holds and what is due is plan.c's. */
#include "study/internal.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyses/analysis.h"
#include "base/clock.h"
#include "base/memory.h"
#include "fr_version.h"
#include "model/machine.h"
#include "model/speed.h"

/* One transaction holds a stage's rows and its mark, unless a model works for hours: then rows are
 * committed as they come, and the stage is entered again for those that are missing. */
static const struct {
    int (*run)(struct fr_study *, struct fr_error *);
    bool one_transaction;
} stages[FR_N_STAGES] = {
    [FR_STAGE_PUZZLES] = {fr_stage_puzzles, true},
    [FR_STAGE_ROLLOUTS] = {fr_stage_rollouts, false},
    [FR_STAGE_REPRESENTATIONS] = {fr_stage_representations, false},
    [FR_STAGE_ANALYSES] = {fr_stage_analyses, true},
    [FR_STAGE_STEERING] = {fr_stage_steering, false},
    [FR_STAGE_STATISTICS] = {fr_stage_statistics, true},
    [FR_STAGE_REPORT] = {fr_stage_report, false},
};

/* ---- models ---------------------------------------------------------------------------------- */

static int identify_file(void *user, const char *path, char sha256[FR_SHA256_TEXT],
                         struct fr_error *err) {
    struct stat st;
    (void)user;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) /* a pipe would be waited for */
        return fr_fail(err, FR_E_INPUT, "%s: not a file; give the path of a GGUF file", path);
    return fr_file_sha256(path, sha256, err);
}

static int open_file(void *user, const struct fr_model_options *options, struct fr_model **out,
                     struct fr_error *err) {
    (void)user;
    return fr_model_open(out, options, err);
}

static long long file_bytes(void *user, const char *path) {
    struct stat st;
    (void)user;
    return stat(path, &st) == 0 ? (long long)st.st_size : 0;
}

static int look_file(void *user, const char *path, struct fr_model_info *out,
                     struct fr_error *err) {
    (void)user;
    return fr_model_look(path, out, err);
}

static void stamp_file(void *user, const char *path, char out[FR_FILE_STAMP]) {
    (void)user;
    fr_file_stamp(path, out);
}

const struct fr_model_factory fr_gguf_factory = {.identify = identify_file,
                                                 .look = look_file,
                                                 .stamp = stamp_file,
                                                 .open = open_file,
                                                 .bytes = file_bytes};

/* Threads of one small model wait for each other more than they compute, so that a worker a core
 * does more; a large one is better off with all cores at its products. */
enum { SMALL_BYTES = 128 << 20 };

bool fr_study_is_small(const struct fr_study *s) {
    return s->factory->bytes(s->factory->user, s->world.model_path) <= SMALL_BYTES;
}

void fr_study_workers(const struct fr_study *s, int *n_workers, int *n_threads) {
    const struct fr_config *c = &s->world.config;
    const int cores = fr_study_cores(s);
    *n_workers = c->workers;
    if (*n_workers == 0)
        *n_workers = fr_study_is_small(s) && c->gpu_layers == 0 && c->threads == 0 ? cores : 1;
    if (*n_workers > FR_MAX_WORKERS)
        *n_workers = FR_MAX_WORKERS;
    *n_threads = c->threads;
    if (*n_threads == 0 && (*n_workers > 1 || s->ranks != NULL))
        *n_threads = cores / *n_workers > 0 ? cores / *n_workers : 1;
}

size_t fr_study_sums_bytes(const struct fr_study *s) {
    int n_workers, n_threads;
    fr_study_workers(s, &n_workers, &n_threads);
    const double machine = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    const double all =
        s->world.config.sums_mib > 0 ? 0x1p20 * s->world.config.sums_mib : machine / 8;
    const int here = s->ranks != NULL ? fr_ranks_transport(s->ranks)->local_size : 1;
    return (size_t)(all / here / n_workers / fr_reps_n_parts(s));
}

static int describe_model(struct fr_study *s, struct fr_error *err) {
    const struct fr_model_info *info = fr_model_info(s->models[0]);
    char parameters[32], layers[16], width[16];
    (void)snprintf(parameters, sizeof parameters, "%lld", info->n_parameters);
    (void)snprintf(layers, sizeof layers, "%d", info->n_layers);
    (void)snprintf(width, sizeof width, "%d", info->width);
    const char *const facts[][2] = {
        {"model_name", info->name},
        {"model_architecture", info->architecture},
        {"model_quantization", info->quantization},
        {"model_parameters", parameters},
        {"model_layers", layers},
        {"model_width", width},
        {"model_kind", fr_model_thinks(s->models[0]) ? "reasoning" : "regular"},
        {"engine", info->engine},
    };
    int code = FR_OK;
    for (size_t i = 0; code == FR_OK && i < sizeof facts / sizeof *facts; i++)
        code = fr_store_set_meta(s->store, facts[i][0], facts[i][1], err);
    return code;
}

static void subtract(struct fr_model_counters *from, const struct fr_model_counters *what) {
    from->tokens_prefilled -= what->tokens_prefilled;
    from->tokens_decoded -= what->tokens_decoded;
    from->tokens_copied -= what->tokens_copied;
    from->rows_tapped -= what->rows_tapped;
    from->rows_edited -= what->rows_edited;
    from->prefill_ns -= what->prefill_ns;
    from->decode_ns -= what->decode_ns;
}

/* What a quiet machine would do, for fr_speed_explain; of a small model in a moment. */
static int measure(struct fr_study *s, struct fr_error *err) {
    enum { CONTEXT = 128, STEPS = 8 };
    const int half = s->world.config.context_tokens / 2;
    int n_workers, n_threads;
    struct fr_speed speed;
    if (!fr_study_is_small(s))
        return FR_OK;
    fr_study_workers(s, &n_workers, &n_threads);
    const struct fr_model_counters before = fr_model_counters(s->models[0]);
    const int code =
        fr_speed_measure(s->models[0], half < CONTEXT ? half : CONTEXT, STEPS, 0.2, &speed, err);
    s->measuring = fr_model_counters(s->models[0]);
    subtract(&s->measuring, &before); /* a replay may have been before */
    s->expected_rate = code == FR_OK ? speed.decode_cpu * n_workers : 0;
    return code;
}

int fr_study_check_layers(const struct fr_study *s, int n_layers, struct fr_error *err) {
    const struct fr_experiments *experiments = &s->world.config.experiments;
    for (int i = 0; i < experiments->n; i++)
        for (int k = 0; k < experiments->items[i].n_layers; k++) {
            const struct fr_range *layers = &experiments->items[i].layers[k];
            if (layers->end - 1 > n_layers)
                return fr_fail(err, FR_E_INPUT,
                               "%s: experiment %s: layers: %d, but %s has layers 1..%d",
                               s->world.config_path, experiments->items[i].name, layers->end - 1,
                               s->world.model_path, n_layers);
        }
    return FR_OK;
}

void fr_study_model_options(const struct fr_study *s, enum fr_model_use use,
                            struct fr_model_options *out) {
    const struct fr_config *c = &s->world.config;
    int n_workers;
    *out = fr_model_options_defaults();
    out->path = s->world.model_path;
    out->n_slots = use == FR_USE_PREFILL ? 1 : c->slots;
    out->context_tokens = s->probe_tokens > 0 && s->probe_tokens < c->context_tokens
                              ? s->probe_tokens
                              : c->context_tokens;
    out->chunk_tokens = c->chunk_tokens;
    fr_study_workers(s, &n_workers, &out->threads);
    out->gpu_layers = c->gpu_layers;
    out->main_gpu = c->main_gpu;
    out->split_mode = c->split_mode;
    out->n_tensor_split = c->n_tensor_split < FR_DEVICES_MOST ? c->n_tensor_split : FR_DEVICES_MOST;
    for (int i = 0; i < out->n_tensor_split; i++)
        out->tensor_split[i] = (float)c->tensor_split[i];
    out->flash_attention = c->flash_attention;
    out->kv_type = c->kv_type;
    out->deterministic = c->deterministic;
    out->chat_template = s->world.chat_template;
    out->reasoning = c->reasoning;
    out->use = (int)use;
}

int fr_study_check_model(const struct fr_study *s, const struct fr_model_info *info,
                         struct fr_error *err) {
    struct fr_model_options options;
    int n_workers, n_threads;
    fr_study_workers(s, &n_workers, &n_threads);
    fr_study_model_options(s, FR_USE_SLOTS, &options);
    int code = fr_study_check_layers(s, info->n_layers, err);
    if (code != FR_OK)
        return code;
    code = fr_model_check(&options, info, n_workers, err);
    if (code == FR_OK)
        code = fr_model_check_devices(&options, err);
    return code == FR_OK ? FR_OK : fr_fail_in(err, "%s", s->world.config_path);
}

static int open_model(struct fr_study *s, enum fr_model_use use, struct fr_error *err) {
    struct fr_model_options options;
    if (s->n_models > 0)
        return FR_OK;
    fr_study_model_options(s, use, &options);
    int code = s->factory->open(s->factory->user, &options, &s->models[0], err);
    if (code != FR_OK)
        return code;
    s->n_models = 1;
    code = fr_study_check_layers(s, fr_model_info(s->models[0])->n_layers, err);
    return code == FR_OK && s->store != NULL ? describe_model(s, err) : code;
}

int fr_study_need_model(struct fr_study *s, struct fr_error *err) {
    return open_model(s, FR_USE_PREFILL, err);
}

int fr_study_work(struct fr_study *s, enum fr_model_use use, const struct fr_work *work,
                  struct fr_error *err) {
    int n_workers, n_threads, code = open_model(s, use, err);
    fr_study_workers(s, &n_workers, &n_threads);
    for (int i = 0; code == FR_OK && i < s->n_models; i++)
        code = fr_model_set_use(s->models[i], use, s->world.config.slots, err);
    if (code == FR_OK && s->store != NULL && use != FR_USE_PREFILL && s->expected_rate == 0)
        code = measure(s, err);
    while (code == FR_OK && s->n_models < n_workers) {
        code = fr_model_open_sibling(&s->models[s->n_models], s->models[0], n_threads, err);
        s->n_models += code == FR_OK;
    }
    if (code != FR_OK)
        return code;
    if (s->ranks != NULL && !fr_study_is_helper(s))
        return fr_study_work_ranks(s, work, err);
    return fr_work_run(work, s->models, s->n_models, err);
}

static int source_model(void *user, struct fr_model **out, struct fr_error *err) {
    struct fr_study *s = user;
    const int code = fr_study_need_model(s, err);
    *out = s->models[0];
    return code;
}

static bool source_takes(void *user, enum fr_puzzle_split split, int naming, int position) {
    return fr_study_takes(user, split, naming, position);
}

struct fr_source_study fr_study_source(struct fr_study *s) {
    return (struct fr_source_study){.world = &s->world,
                                    .store = s->store,
                                    .events = &s->events.work,
                                    .model = source_model,
                                    .takes = source_takes,
                                    .user = s};
}

/* ---- opening --------------------------------------------------------------------------------- */

int fr_study_open_inputs(struct fr_study **out, const char *config_path,
                         const struct fr_model_factory *factory, struct fr_error *err) {
    struct fr_study *s = *out = fr_alloc(1, sizeof *s);
    s->factory = factory != NULL ? factory : &fr_gguf_factory;
    const int code = fr_world_open(&s->world, config_path, err);
    if (code != FR_OK) {
        fr_study_close(s);
        *out = NULL;
        return code;
    }
    s->source = fr_source_of(&s->world.config);
    return FR_OK;
}

/* The tables that analyses define; those that are new are filled by their stages again. */
static int define_results(struct fr_study *s, struct fr_error *err) {
    struct fr_result_table *tables;
    unsigned remade;
    const int n = fr_analyses_tables(&tables);
    const int code = fr_store_define_results(s->store, tables, n, &remade, err);
    free(tables);
    return code;
}

/* What a study of before could not know of its puzzles. */
static int compare_puzzles(struct fr_study *s, struct fr_error *err) {
    struct fr_text known = {0};
    bool steered = false;
    int code = fr_source_put_classes(s->store, &s->world.domain, err);
    (void)fr_store_get_stage(s->store, fr_stage_names[FR_STAGE_STEERING], &steered, NULL);
    if (code == FR_OK && steered && !fr_store_get_meta(s->store, "vectors_from_shared", &known))
        code = fr_moments_compare_puzzles(s, err);
    fr_text_release(&known);
    return code;
}

/* What a killed run was writing is in nobody's way, but of sums it may be much. */
static void sweep(const char *dir) {
    static const char *const below[] = {"", "/reps", "/tables", "/figures"};
    for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
        struct fr_text path = {0};
        fr_text_printf(&path, "%s%s", dir, below[i]);
        fr_dir_sweep(fr_text_get(&path));
        fr_text_release(&path);
    }
}

/* Of a model that was looked at, or that is not needed. */
static int open_store(struct fr_study *s, const char *dir, enum fr_plan_mode mode,
                      struct fr_error *err) {
    struct fr_text path = {0};
    fr_text_printf(&path, "%s/report.html", dir);
    s->report_path = fr_text_take(&path);
    int code = fr_store_open(&s->store, dir, err);
    if (code == FR_OK)
        sweep(dir);
    if (code == FR_OK)
        code = fr_store_begin(s->store, err);
    if (code != FR_OK)
        return code;
    code = fr_study_identify(s, dir, err);
    if (code != FR_OK) {
        fr_store_rollback(s->store);
        return code;
    }
    code = fr_study_adopt(s, err);
    if (code == FR_OK)
        code = fr_study_check_rows(s, err);
    if (code == FR_OK)
        code = fr_study_plan(s, mode, err);
    if (code == FR_OK)
        code = fr_study_keep_all_rows(s, err);
    if (code == FR_OK)
        code = fr_study_check_verdicts(s, err);
    if (code == FR_OK)
        code = compare_puzzles(s, err);
    code = fr_store_end(s->store, code, err);
    return code == FR_OK ? define_results(s, err) : code;
}

int fr_study_open(struct fr_study **out, const struct fr_study_options *options,
                  struct fr_error *err) {
    int code = fr_study_open_inputs(out, options->config_path, options->factory, err);
    if (code != FR_OK)
        return code;
    struct fr_study *s = *out;
    s->shard = options->shard;
    s->keep_seconds = options->keep_seconds;
    s->ranks = options->ranks;
    if (options->events != NULL)
        s->events = *options->events;
    code = fr_study_can_do_without(s, options->out_dir) ? FR_OK : fr_study_look(s, err);
    if (code == FR_OK)
        code = open_store(s, options->out_dir, FR_PLAN_KEEP, err);
    if (code == FR_OK && s->ranks != NULL) {
        fr_ranks_set_tell(s->ranks, s->events.work.warning, s->events.work.user);
        code = fr_study_hello(s, err);
    }
    if (code != FR_OK) {
        s->failed = true;
        fr_study_close(s);
        *out = NULL;
    }
    return code;
}

/* Is there nothing that a model did, or that was paid for? */
static bool is_empty(struct fr_study *s) {
    struct fr_text journal = {0};
    struct stat st;
    int64_t holds = 1;
    fr_text_printf(&journal, "%s/endpoint.jsonl", fr_store_dir(s->store));
    const bool paid = stat(fr_text_get(&journal), &st) == 0 && st.st_size > 0;
    const bool empty =
        !paid &&
        fr_store_find_int(s->store, NULL, &holds,
                          "SELECT EXISTS (SELECT 1 FROM trace) OR EXISTS (SELECT 1 FROM continued)",
                          "") == FR_OK &&
        holds == 0;
    if (empty)
        (void)unlink(fr_text_get(&journal));
    fr_text_release(&journal);
    return empty;
}

void fr_study_close(struct fr_study *s) {
    if (s == NULL)
        return;
    for (int i = s->n_models; i-- > 0;)
        fr_model_close(s->models[i]);
    if (s->failed && s->store != NULL && fr_store_is_new(s->store) && is_empty(s))
        fr_store_discard(s->store);
    else
        fr_store_close(s->store);
    fr_study_remove_scratch(s);
    fr_world_release(&s->world);
    free(s->report_path);
    free(s);
}

struct fr_store *fr_study_store(struct fr_study *study) {
    return study->store;
}
const char *fr_study_report_path(const struct fr_study *study) { return study->report_path; }

/* ---- the stages ------------------------------------------------------------------------------ */

static void tell(const struct fr_study *s, int stage, enum fr_stage_event event, double seconds,
                 const struct fr_model_counters *counters) {
    if (s->events.stage != NULL)
        s->events.stage(s->events.work.user, fr_stage_names[stage], event, seconds, counters);
}

struct fr_model_counters fr_study_count_here(const struct fr_study *s) {
    struct fr_model_counters c = {0};
    for (int i = 0; i < s->n_models; i++) {
        const struct fr_model_counters own = fr_model_counters(s->models[i]);
        fr_model_counters_add(&c, &own, 1);
    }
    fr_model_counters_add(&c, &s->measuring, -1);
    return c;
}

struct fr_model_counters fr_study_count(const struct fr_study *s, int *n_models) {
    struct fr_model_counters c = fr_study_count_here(s);
    int n = 0;
    if (s->ranks != NULL) {
        const struct fr_model_counters others = fr_ranks_count(s->ranks, &n);
        fr_model_counters_add(&c, &others, 1);
    }
    if (n_models != NULL)
        *n_models = s->n_models + n;
    return c;
}

/* Less what they had done before. */
static struct fr_model_counters count(const struct fr_study *s,
                                      const struct fr_model_counters *before) {
    struct fr_model_counters c = fr_study_count(s, NULL);
    fr_model_counters_add(&c, before, -1);
    return c;
}

void fr_study_describe_machine(const struct fr_study *s, struct fr_text *out) {
    struct fr_machine host;
    int n_workers, n_threads;
    fr_machine_look(&host);
    fr_study_workers(s, &n_workers, &n_threads);
    fr_text_printf(out, "%s, %s, %d cores, %d threads", host.system, host.processor, host.n_cores,
                   n_workers * (n_threads > 0 ? n_threads : host.n_cores));
}

/* The stage begins, with the keys that bind it and who makes it. */
static int begin(struct fr_study *s, int stage, struct fr_error *err) {
    struct fr_machine host;
    struct fr_text keys = {0}, machine = {0}, engine = {0};
    int code = fr_world_render_stage(&s->world, (enum fr_stage)stage, s->model_sha256, &keys, err);
    fr_machine_look(&host);
    if (!fr_store_get_meta(s->store, "engine", &engine)) {
        fr_text_printf(&machine, "%s, %s, %d cores", host.system, host.processor, host.n_cores);
    } else {
        fr_study_describe_machine(s, &machine);
        fr_text_printf(&engine, "%s%s%s%s", *host.build != '\0' ? ", " : "", host.build,
                       *host.features != '\0' ? ", " : "", host.features);
    }
    const struct fr_provenance by = {FR_VERSION " (" FR_REVISION ")", fr_text_get(&engine),
                                     fr_text_get(&machine)};
    if (code == FR_OK)
        code = fr_store_stage_begin(s->store, fr_stage_names[stage], fr_text_get(&keys), &by, err);
    fr_text_release(&keys);
    fr_text_release(&machine);
    fr_text_release(&engine);
    return code;
}

static int finish(struct fr_study *s, int stage, double seconds, struct fr_error *err) {
    int code = begin(s, stage, err); /* once more: the engine is known now */
    if (code == FR_OK)
        code = fr_store_stage_add_seconds(s->store, fr_stage_names[stage], seconds, err);
    if (code == FR_OK)
        code = fr_study_keep_rows(s, stage, err);
    return code == FR_OK ? fr_store_stage_finish(s->store, fr_stage_names[stage], err) : code;
}

static int run_stage(struct fr_study *s, int stage, double *seconds, struct fr_error *err) {
    const double start = fr_clock_seconds();
    const bool one = stages[stage].one_transaction;
    struct fr_error ignored; /* the stage's own error is the one to tell */
    int code = one ? fr_store_begin(s->store, err) : FR_OK;
    if (code != FR_OK)
        return code;
    code = begin(s, stage, err);
    s->shared = (struct fr_study_shared){0};
    s->relisted = false;
    do { /* what a rank had in flight that was lost is still missing */
        s->lost = false;
        if (code == FR_OK)
            code = stages[stage].run(s, err);
        s->relisted = true;
    } while (code == FR_OK && s->lost);
    *seconds = fr_clock_seconds() - start;
    const bool part = s->shard.of > 0 && !one; /* others have the rest: it is not done */
    if (code == FR_OK && !part)
        code = finish(s, stage, *seconds, err);
    else if (code == FR_OK)
        code = fr_store_stage_add_seconds(s->store, fr_stage_names[stage], *seconds, err);
    else if (!one && fr_store_stage_add_seconds(s->store, fr_stage_names[stage], *seconds,
                                                &ignored) != FR_OK)
        return code;
    if (one && code == FR_OK)
        return fr_store_commit(s->store, err);
    if (one)
        fr_store_rollback(s->store);
    return code;
}

/* Says why a stage was much slower than this machine could have been. */
static void explain(const struct fr_study *s, double rate, const struct fr_speed_clock *begun) {
    const struct fr_speed_clock ended = fr_speed_now();
    char why[400];
    fr_speed_explain(fr_model_options(s->models[0]), s->expected_rate, rate, begun, &ended, why,
                     sizeof why);
    if (*why != '\0')
        fr_events_warn(&s->events.work, "%s", why);
}

/* Files of representations that are gone or changed are made anew; those that will be read are read
 * whole before they are believed. */
static int check_files(struct fr_study *s, int last, struct fr_error *err) {
    bool done[FR_N_STAGES];
    for (int i = 0; i < FR_N_STAGES; i++)
        (void)fr_store_get_stage(s->store, fr_stage_names[i], &done[i], NULL);
    if (!done[FR_STAGE_REPRESENTATIONS])
        return FR_OK;
    const bool read = (last >= FR_STAGE_ANALYSES && !done[FR_STAGE_ANALYSES]) ||
                      (last >= FR_STAGE_STEERING && !done[FR_STAGE_STEERING]);
    return fr_study_check_reps(s, read, NULL, err);
}

/* ---- shards ---------------------------------------------------------------------------------- */

bool fr_study_takes(const struct fr_study *s, enum fr_puzzle_split split, int naming,
                    int position) {
    const int key = split == FR_SPLIT_COLLECT ? naming : naming + position;
    return s->shard.of == 0 || key % s->shard.of == s->shard.index - 1;
}

/* May a shard steer? Vectors are of all namings. */
static int check_whole(struct fr_study *s, enum fr_stage last, bool *whole, struct fr_error *err) {
    const struct fr_shard *shard = &s->shard;
    const char *dir = fr_store_dir(s->store);
    struct fr_text what = {0};
    int code = fr_study_check_reps(s, true, whole, err);
    fr_text_printf(
        &what,
        "%s: shard %d/%d has no more to do until all shards have come so far; then "
        "`fluidrep merge ALL SHARDS...`, and `fluidrep merge %s ALL` before this command "
        "again, whose steering takes vectors of all namings",
        dir, shard->index, shard->of, dir);
    if (code == FR_OK && !*whole && last == FR_STAGE_STEERING)
        code = fr_fail(err, FR_E_CONFLICT, "%s", fr_text_get(&what));
    else if (code == FR_OK && !*whole)
        fr_events_warn(&s->events.work, "%s", fr_text_get(&what));
    fr_text_release(&what);
    return code;
}

/* Is there a stage of all shards that is asked for by its name, or a set of traces? */
static int check_asked(const struct fr_study *s, enum fr_stage last, struct fr_error *err) {
    if (s->shard.of > 0 && last >= FR_STAGE_REPRESENTATIONS &&
        fr_world_uses_traces(&s->world, FR_TRACES_SAME_SOLVED))
        return fr_fail(
            err, FR_E_CONFLICT,
            "%s: which traces are same_puzzles' (representations.sets) depends on all namings: run "
            "the shards with --until rollouts, `fluidrep merge` them, and go on without --shard",
            fr_store_dir(s->store));
    if (s->shard.of == 0 || last <= FR_STAGE_REPRESENTATIONS || last == FR_STAGE_STEERING ||
        last == FR_STAGE_REPORT)
        return FR_OK;
    return fr_fail(
        err, FR_E_CONFLICT,
        "%s: the stage %s is of all shards: `fluidrep merge ALL SHARDS...`, then run ALL "
        "without --shard",
        fr_store_dir(s->store), fr_stage_names[last]);
}

/* A word when the shard is one too many. */
static int tell_idle(const struct fr_study *s, struct fr_error *err) {
    struct fr_query *query;
    bool has = false;
    int code = fr_query_open(&query, s->store, err,
                             "SELECT p.split = 'evaluate', n.position, p.position FROM naming n"
                             " CROSS JOIN puzzle p",
                             "");
    if (code != FR_OK)
        return code;
    while (fr_query_next(query))
        has |= fr_study_takes(s, fr_query_int(query, 0) ? FR_SPLIT_EVALUATE : FR_SPLIT_COLLECT,
                              (int)fr_query_int(query, 1), (int)fr_query_int(query, 2));
    code = fr_query_close(query, err);
    if (code == FR_OK && !has)
        fr_events_warn(&s->events.work,
                       "%s: shard %d/%d has no trace to make: collected traces are shared out by "
                       "naming, evaluated ones by puzzle and naming",
                       fr_store_dir(s->store), s->shard.index, s->shard.of);
    return code;
}

static int run_stages(struct fr_study *s, enum fr_stage last, int *n_ran, struct fr_error *err) {
    enum { TOKENS_ENOUGH = 20000 }; /* decoded, to speak of a rate */
    const struct fr_model_counters nothing = {0};
    const bool shard = s->shard.of > 0;
    *n_ran = 0;
    int code = check_asked(s, last, err);
    if (code == FR_OK)
        code = check_files(s, (int)last, err);
    for (int i = 0; code == FR_OK && i <= (int)last; i++) {
        bool done = false, whole = true;
        double seconds = 0;
        if (shard && i > FR_STAGE_REPRESENTATIONS && i != FR_STAGE_STEERING)
            continue; /* of all shards */
        if (shard && i == FR_STAGE_STEERING)
            code = check_whole(s, last, &whole, err);
        if (shard && i == FR_STAGE_ROLLOUTS)
            code = tell_idle(s, err);
        if (code != FR_OK || !whole)
            return code;
        (void)fr_store_get_stage(s->store, fr_stage_names[i], &done, NULL);
        if (done && i != FR_STAGE_REPORT) { /* pages and tables are always made again */
            tell(s, i, FR_STAGE_SKIPPED, 0, &nothing);
            continue;
        }
        tell(s, i, FR_STAGE_BEGINS, 0, &nothing);
        if ((code = fr_study_pace_begin(s, i, (int)last, err)) != FR_OK)
            return code;
        const struct fr_model_counters before = count(s, &nothing);
        const struct fr_speed_clock begun = fr_speed_now();
        code = run_stage(s, i, &seconds, err);
        if (code != FR_OK)
            return code;
        *n_ran += i != FR_STAGE_REPORT;
        const struct fr_model_counters counters = count(s, &before);
        tell(s, i, FR_STAGE_ENDS, seconds, &counters);
        if (counters.tokens_decoded >= TOKENS_ENOUGH && s->expected_rate > 0 && s->ranks == NULL)
            explain(s, (double)counters.tokens_decoded / seconds, &begun);
    }
    return code;
}

int fr_study_run(struct fr_study *s, enum fr_stage last, int *n_ran, struct fr_error *err) {
    const int code = run_stages(s, last, n_ran, err);
    s->failed = code != FR_OK && code != FR_E_STOPPED;
    return code;
}

/* ---- forks ----------------------------------------------------------------------------------- */

/* What was copied, beside the database: the tensors, by another name for the same bytes. */
static int link_tensors(const char *from, const char *to, struct fr_store *store,
                        struct fr_error *err) {
    struct fr_query *query = NULL;
    struct fr_text old = {0}, new = {0};
    fr_text_printf(&new, "%s/reps", to);
    int code = fr_dir_make(fr_text_get(&new), err);
    if (code == FR_OK)
        code = fr_query_open(&query, store, err, "SELECT file FROM sums", "");
    while (code == FR_OK && fr_query_next(query)) {
        fr_text_clear(&old);
        fr_text_clear(&new);
        fr_text_printf(&old, "%s/reps/%s", from, fr_query_text(query, 0));
        fr_text_printf(&new, "%s/reps/%s", to, fr_query_text(query, 0));
        if (fr_file_exists(fr_text_get(&old))) /* one that is gone is made again */
            code = fr_reps_link(fr_text_get(&old), fr_text_get(&new), err);
    }
    code = fr_query_close_after(query, code, err);
    fr_text_release(&old);
    fr_text_release(&new);
    return code;
}

static int copy_study(const char *old_dir, const char *new_dir, struct fr_error *err) {
    struct fr_store *old = NULL;
    int code = fr_store_open_readonly(&old, old_dir, err);
    if (code == FR_OK)
        code = fr_dir_make(new_dir, err);
    if (code == FR_OK)
        code = fr_store_backup(old, new_dir, err);
    if (code == FR_OK)
        code = link_tensors(old_dir, new_dir, old, err);
    fr_store_close(old);
    return code;
}

static enum fr_stage find_due(struct fr_store *store) {
    for (int i = 0; i < FR_N_STAGES; i++) {
        bool done;
        (void)fr_store_get_stage(store, fr_stage_names[i], &done, NULL);
        if (!done)
            return (enum fr_stage)i;
    }
    return FR_STAGE_REPORT;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *place) {
    (void)st, (void)kind, (void)place;
    return remove(path);
}

/* The copy is made beside, under a name of its own: NEW is a whole study or is not there. */
int fr_study_fork(const char *old_dir, const char *new_dir, const char *config_path,
                  const struct fr_model_factory *factory, enum fr_stage *first,
                  struct fr_error *err) {
    enum { OPEN_DIRECTORIES = 8 };
    struct fr_study *s;
    struct fr_text part = {0};
    size_t n = strlen(new_dir);
    int code = fr_study_open_inputs(&s, config_path, factory, err);
    if (code != FR_OK)
        return code;
    while (n > 1 && new_dir[n - 1] == '/')
        n--;
    fr_text_printf(&part, "%.*s.part", (int)n, new_dir);
    if (fr_file_exists(new_dir))
        code = fr_fail(err, FR_E_CONFLICT, "%s: is there already; a fork needs a new directory",
                       new_dir);
    else if (fr_file_exists(fr_text_get(&part)))
        code = fr_fail(err, FR_E_CONFLICT,
                       "%s: is there already, of a fork that did not end; remove it",
                       fr_text_get(&part));
    if (code == FR_OK)
        code = fr_study_look(s, err);
    const bool begun = code == FR_OK;
    if (code == FR_OK)
        code = copy_study(old_dir, fr_text_get(&part), err);
    if (code == FR_OK)
        code = open_store(s, fr_text_get(&part), FR_PLAN_FORK, err);
    if (code == FR_OK)
        *first = find_due(s->store);
    fr_study_close(s);
    if (code == FR_OK && rename(fr_text_get(&part), new_dir) != 0)
        code = fr_file_fail(err, new_dir, errno);
    if (code != FR_OK && begun)
        (void)nftw(fr_text_get(&part), remove_one, OPEN_DIRECTORIES, FTW_DEPTH | FTW_PHYS);
    fr_text_release(&part);
    return code;
}
