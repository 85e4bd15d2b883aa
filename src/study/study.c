/* Opening a study and running its stages; see study.h. A general graph of stages with hashed inputs
 * was passed over: a directory belongs to one configuration and model (fr_store_bind), so a stage
 * is either done or not. */
#include "study/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/file.h"
#include "base/memory.h"
#include "fr_version.h"

static const struct {
    const char *name;
    int (*run)(struct fr_study *, struct fr_error *);
} stages[FR_N_STAGES] = {
    {"puzzles", fr_stage_puzzles},
    {"rollouts", fr_stage_rollouts},
    {"representations", fr_stage_representations},
    {"analyses", fr_stage_analyses},
    {"steering", fr_stage_steering},
    {"statistics", fr_stage_statistics},
    {"report", fr_stage_report},
};
const char *const fr_stage_names[FR_N_STAGES] = {"puzzles",  "rollouts", "representations",
                                                 "analyses", "steering", "statistics",
                                                 "report"};

int fr_stage_find(const char *name) {
    for (int i = 0; i < FR_N_STAGES; i++)
        if (strcmp(fr_stage_names[i], name) == 0)
            return i;
    return -1;
}

void fr_study_progress(const struct fr_study *study, long long done, long long total,
                       long long resumed, const char *unit) {
    if (study->events.progress != NULL)
        study->events.progress(study->events.user, done, total, resumed, unit);
}

void fr_study_leave_out(const struct fr_study *study, const char *what) {
    if (study->events.left_out != NULL)
        study->events.left_out(study->events.user, what);
}

bool fr_study_is_stopped(const struct fr_study *study) {
    return study->events.stopped != NULL && study->events.stopped(study->events.user);
}

/* ---- opening ----------------------------------------------------------------------------------
 */

static bool listed(const struct fr_text_list *list, const char *id) {
    for (int i = 0; i < list->n; i++)
        if (strcmp(list->items[i], id) == 0)
            return true;
    return false;
}

static int choose_namings(struct fr_study *s, struct fr_error *err) {
    const struct fr_text_list *wanted = &s->config.namings;
    const bool all = wanted->n == 1 && strcmp(wanted->items[0], "all") == 0;
    const char *ids[FR_CONFIG_LIST];
    int n_ids = 0;
    for (int i = 0; i < s->table.n && n_ids < FR_CONFIG_LIST; i++)
        ids[n_ids++] = s->table.items[i].id;
    const int n = all ? s->table.n : wanted->n;
    s->namings = fr_alloc((size_t)n, sizeof *s->namings);
    for (int i = 0; i < n; i++) {
        const int found = all ? i : fr_namings_find(&s->table, wanted->items[i]);
        if (found < 0) {
            const char *near = fr_nearest(wanted->items[i], ids, n_ids);
            return fr_fail(
                err, FR_E_INPUT,
                "%s: namings.use: no naming \"%s\" in the table%s%s; its ids are %s ... %s",
                s->config_path, wanted->items[i], near ? "; the nearest is " : "", near ? near : "",
                ids[0], ids[n_ids - 1]);
        }
        const struct fr_naming *naming = &s->table.items[found];
        s->namings[s->n_namings++] =
            (struct fr_study_naming){naming, fr_naming_is_clean(naming),
                                     listed(&s->config.excluded, naming->id)};
    }
    bool use[FR_CONFIG_LIST * 4];
    if (s->n_namings > (int)(sizeof use / sizeof *use))
        return fr_fail(err, FR_E_LIMIT, "%s: more than %zu namings", s->config_path,
                       sizeof use / sizeof *use);
    return FR_OK;
}

/* The file that is named, else the one that goes with the domain, else none. */
static int load_wording(struct fr_study *s, const char *domain_path, struct fr_error *err) {
    struct fr_text path = {0}, directory = {0};
    bool found = *s->config.wording_path != '\0';
    if (found) {
        fr_config_resolve(s->config_path, s->config.wording_path, &path);
    } else {
        fr_data_path("wordings", &directory);
        found = fr_wording_path(&s->domain, domain_path, fr_text_get(&directory), &path);
    }
    const int code =
        fr_wording_load(&s->wording, &s->domain, found ? fr_text_get(&path) : NULL, err);
    fr_text_release(&path);
    fr_text_release(&directory);
    return code;
}

static int load_inputs(struct fr_study *s, struct fr_error *err) {
    struct fr_text path = {0};
    fr_config_resolve(s->config_path, s->config.domain_path, &path);
    int code = fr_domain_load(&s->domain, fr_text_get(&path), err);
    if (code == FR_OK)
        code = load_wording(s, fr_text_get(&path), err);
    if (code == FR_OK) {
        fr_text_clear(&path);
        fr_config_resolve(s->config_path, s->config.namings_path, &path);
        code = fr_namings_load(&s->table, fr_text_get(&path), &s->domain, err);
    }
    if (code == FR_OK)
        code = choose_namings(s, err);
    fr_text_clear(&path);
    fr_config_resolve(s->config_path, s->config.model_path, &path);
    s->model_path = fr_text_take(&path);
    if (*s->config.traces_path != '\0')
        fr_config_resolve(s->config_path, s->config.traces_path, &path);
    s->traces_path = fr_text_take(&path);
    if (*s->config.traces_problems != '\0')
        fr_config_resolve(s->config_path, s->config.traces_problems, &path);
    s->traces_problems = fr_text_take(&path);
    if (code == FR_OK && fr_study_imports(s) && !fr_file_exists(s->traces_path))
        code = fr_fail(err, FR_E_INPUT,
                       "%s: traces.import: %s is not there; recorded traces are JSON lines of "
                       "prompt, reasoning and answer: docs/replay.md tells where some are",
                       s->config_path, s->traces_path);
    return code;
}

/* Everything a wording can say of the study's namings. */
static void hash_wording(const struct fr_study *s, struct fr_text *out) {
    static const char *const places[FR_MAX_ARITY] = {"1", "2", "3", "4", "5", "6", "7", "8"};
    fr_text_clear(out);
    for (int i = 0; i < s->n_namings; i++) {
        const struct fr_naming *naming = s->namings[i].naming;
        const enum fr_register reg = fr_wording_register(&s->wording, naming);
        fr_wording_introduction(&s->wording, reg, naming, out);
        for (int a = 0; a < s->table.concepts.n; a++) {
            const int arity = a < s->domain.n_actions
                                  ? s->domain.actions[a].n_params
                                  : s->domain.predicates[a - s->domain.n_actions].arity;
            fr_wording_say(&s->wording, reg, naming, a, places, arity, out);
            fr_text_add(out, "\n");
        }
    }
    for (int r = 0; r < FR_REGISTER_COUNT; r++)
        for (int i = 0; i < s->wording.registers[r].n_objects; i++)
            fr_text_printf(out, "%s\t%s\n", s->wording.registers[r].objects[i].pattern,
                           s->wording.registers[r].objects[i].form);
}

/* The configuration and what it points to, as text: paths say nothing, contents do. */
static int bind_store(struct fr_study *s, struct fr_error *err) {
    char sha[FR_SHA256_TEXT];
    struct fr_text text = {0}, inputs = {0};
    fr_config_render(&s->config, &text);
    fr_domain_render(&s->domain, &inputs);
    fr_sha256(fr_text_get(&inputs), inputs.len, sha);
    fr_text_printf(&text, "puzzles.domain.sha256: %s\n", sha);
    fr_text_clear(&inputs);
    for (int i = 0; i < s->n_namings; i++)
        for (int a = 0; a < s->table.concepts.n; a++)
            fr_text_printf(&inputs, "%s\t%s\n", s->namings[i].naming->id,
                           s->namings[i].naming->words[a]);
    fr_sha256(fr_text_get(&inputs), inputs.len, sha);
    fr_text_printf(&text, "namings.sha256: %s\n", sha);
    hash_wording(s, &inputs);
    fr_sha256(fr_text_get(&inputs), inputs.len, sha);
    fr_text_printf(&text, "prompt.wording.sha256: %s\n", sha);
    int code = FR_OK;
    if (fr_study_imports(s)) {
        code = fr_file_sha256(s->traces_path, sha, err);
        fr_text_printf(&text, "traces.import.sha256: %s\n", sha);
    }
    if (code == FR_OK && (code = fr_file_sha256(s->model_path, sha, err)) != FR_OK)
        code = fr_fail_in(err, "%s: model.path", s->config_path);
    if (code == FR_OK)
        code = fr_store_bind(s->store, fr_text_get(&text), sha, err);
    fr_text_release(&text);
    fr_text_release(&inputs);
    return code;
}

static int describe(struct fr_study *s, struct fr_error *err) {
    struct utsname host;
    struct fr_text machine = {0};
    if (uname(&host) == 0)
        fr_text_printf(&machine, "%s %s %s", host.sysname, host.release, host.machine);
    char seed[16];
    (void)snprintf(seed, sizeof seed, "%d", s->config.seed);
    const char *const facts[][2] = {
        {"study", s->config.study},         {"seed", seed},
        {"program_version", FR_VERSION},    {"program_revision", FR_REVISION},
        {"machine", fr_text_get(&machine)}, {"compiler", "gcc-compatible " __VERSION__},
    };
    int code = FR_OK;
    for (size_t i = 0; code == FR_OK && i < sizeof facts / sizeof *facts; i++)
        code = fr_store_set_meta(s->store, facts[i][0], facts[i][1], err);
    fr_text_release(&machine);
    return code;
}

int fr_study_open_inputs(struct fr_study **out, const char *config_path, struct fr_error *err) {
    struct fr_study *s = *out = fr_alloc(1, sizeof *s);
    s->config_path = fr_strdup(config_path);
    int code = fr_config_load(&s->config, config_path, err);
    if (code == FR_OK)
        code = load_inputs(s, err);
    if (code != FR_OK) {
        fr_study_close(s);
        *out = NULL;
    }
    return code;
}

int fr_study_open(struct fr_study **out, const char *config_path, const char *out_dir,
                  const struct fr_study_events *events, struct fr_error *err) {
    int code = fr_study_open_inputs(out, config_path, err);
    if (code != FR_OK)
        return code;
    struct fr_study *s = *out;
    struct fr_text path = {0};
    if (events != NULL)
        s->events = *events;
    fr_text_printf(&path, "%s/report.html", out_dir);
    s->report_path = fr_text_take(&path);
    code = fr_store_open(&s->store, out_dir, err);
    if (code == FR_OK)
        code = bind_store(s, err);
    if (code == FR_OK)
        code = describe(s, err);
    if (code != FR_OK) {
        fr_study_close(s);
        *out = NULL;
    }
    return code;
}

void fr_study_close(struct fr_study *s) {
    if (s == NULL)
        return;
    fr_model_close(s->model);
    fr_store_close(s->store);
    free(s->namings);
    fr_namings_release(&s->table);
    fr_wording_release(&s->wording);
    fr_domain_release(&s->domain);
    fr_config_release(&s->config);
    free(s->config_path);
    free(s->model_path);
    free(s->traces_path);
    free(s->traces_problems);
    free(s->report_path);
    free(s);
}

struct fr_store *fr_study_store(struct fr_study *study) {
    return study->store;
}
const char *fr_study_report_path(const struct fr_study *study) { return study->report_path; }

int fr_study_read_pairs(struct fr_query *query, struct fr_pairs *out, struct fr_error *err) {
    *out = (struct fr_pairs){0};
    while (fr_query_next(query)) {
        FR_RESERVE(out->items, out->n, out->capacity);
        out->items[out->n][0] = fr_query_int(query, 0);
        out->items[out->n++][1] = fr_query_int(query, 1);
    }
    const int code = fr_query_close(query, err);
    if (code != FR_OK) {
        free(out->items);
        *out = (struct fr_pairs){0};
    }
    return code;
}

/* ---- the model --------------------------------------------------------------------------------
 */

int fr_study_need_model(struct fr_study *s, struct fr_error *err) {
    if (s->model != NULL)
        return FR_OK;
    struct fr_model_options options = fr_model_options_defaults();
    options.path = s->model_path;
    options.n_slots = s->config.slots;
    options.context_tokens = s->config.context_tokens;
    options.chunk_tokens = s->config.chunk_tokens;
    options.threads = s->config.threads;
    options.gpu_layers = s->config.gpu_layers;
    options.flash_attention = s->config.flash_attention;
    options.kv_type = s->config.kv_type;
    options.deterministic = s->config.deterministic;
    int code = fr_model_open(&s->model, &options, err);
    if (code != FR_OK)
        return code;
    const struct fr_model_info *info = fr_model_info(s->model);
    for (int i = 0; i < s->config.steering_layers.n; i++)
        if (s->config.steering_layers.items[i] > info->n_layers)
            return fr_fail(err, FR_E_INPUT, "%s: steering.layers: %d, but %s has layers 1..%d",
                           s->config_path, s->config.steering_layers.items[i], s->model_path,
                           info->n_layers);
    if (s->store == NULL)
        return FR_OK;
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
        {"engine", info->engine},
    };
    for (size_t i = 0; code == FR_OK && i < sizeof facts / sizeof *facts; i++)
        code = fr_store_set_meta(s->store, facts[i][0], facts[i][1], err);
    return code;
}

/* ---- the stages -------------------------------------------------------------------------------
 */

static double seconds_now(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void tell(const struct fr_study *s, int stage, enum fr_stage_event event, double seconds,
                 const struct fr_model_counters *counters) {
    if (s->events.stage != NULL)
        s->events.stage(s->events.user, fr_stage_names[stage], event, seconds, counters);
}

/* Of the model so far, or less what it had done before. */
static struct fr_model_counters count(const struct fr_study *s,
                                      const struct fr_model_counters *before) {
    struct fr_model_counters c = {0};
    if (s->model != NULL)
        c = fr_model_counters(s->model);
    c.tokens_prefilled -= before->tokens_prefilled;
    c.tokens_decoded -= before->tokens_decoded;
    c.tokens_copied -= before->tokens_copied;
    c.rows_tapped -= before->rows_tapped;
    c.rows_edited -= before->rows_edited;
    return c;
}

int fr_study_run(struct fr_study *s, int last, int *n_ran, struct fr_error *err) {
    const struct fr_model_counters nothing = {0};
    *n_ran = 0;
    for (int i = 0; i <= last; i++) {
        if (fr_store_stage_done(s->store, stages[i].name)) {
            tell(s, i, FR_STAGE_SKIPPED, 0, &nothing);
            continue;
        }
        tell(s, i, FR_STAGE_BEGINS, 0, &nothing);
        const struct fr_model_counters before = count(s, &nothing);
        const double start = seconds_now();
        int code = stages[i].run(s, err);
        const double seconds = seconds_now() - start;
        struct fr_error ignored; /* the stage's own error is the one to tell */
        const int recorded = fr_store_stage_add_seconds(s->store, stages[i].name, seconds,
                                                        code == FR_OK ? err : &ignored);
        if (code == FR_OK)
            code = recorded;
        if (code == FR_OK)
            code = fr_store_stage_finish(s->store, stages[i].name, err);
        if (code != FR_OK)
            return code;
        ++*n_ran;
        const struct fr_model_counters counters = count(s, &before);
        tell(s, i, FR_STAGE_ENDS, seconds, &counters);
    }
    return FR_OK;
}
