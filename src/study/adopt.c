/* What a migrated study could not know of itself (store/migrate.c). Version 1 bound a whole
 * directory to one configuration and kept that; so its stages get the keys that follow from it, its
 * steered runs the edits that its section `steering` stands for, and its files of sums their place
 * in the books. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/wording.h"
#include "study/internal.h"

/* ---- keys ------------------------------------------------------------------------------------ */

/* The line "key: value" of the old text, with its end; "" when there is none. */
static void copy_line(const char *lines, const char *key, struct fr_text *out) {
    const size_t n = strlen(key);
    size_t length;
    for (const char *line; fr_line_next(&lines, &line, &length);)
        if (strncmp(line, key, n) == 0 && line[n] == ':') {
            fr_text_append(out, line, length);
            fr_text_add(out, "\n");
        }
}

/* The old hash of the wording was of what it says of the study's namings; the new one is of the
 * wording alone. It is the same wording when the old hash can be made again. */
static void hash_old_wording(const struct fr_world *w, struct fr_query *namings,
                             char sha[FR_SHA256_TEXT]) {
    static const char *const places[FR_MAX_ARITY] = {"1", "2", "3", "4", "5", "6", "7", "8"};
    struct fr_text said = {0};
    while (fr_query_next(namings)) {
        const int i = fr_namings_find(&w->table, fr_query_text(namings, 0));
        if (i < 0)
            continue;
        const struct fr_naming *naming = &w->table.items[i];
        const enum fr_register reg = fr_wording_register(&w->wording, naming);
        fr_wording_introduction(&w->wording, reg, naming, &said);
        for (int a = 0; a < w->table.concepts.n; a++) {
            const int arity = a < w->domain.n_actions
                                  ? w->domain.actions[a].n_params
                                  : w->domain.predicates[a - w->domain.n_actions].arity;
            fr_wording_say(&w->wording, reg, naming, a, places, arity, &said);
            fr_text_add(&said, "\n");
        }
    }
    for (int r = 0; r < FR_REGISTER_COUNT; r++)
        for (int i = 0; i < w->wording.registers[r].n_objects; i++)
            fr_text_printf(&said, "%s\t%s\n", w->wording.registers[r].objects[i].pattern,
                           w->wording.registers[r].objects[i].form);
    fr_sha256(fr_text_get(&said), said.len, sha);
    fr_text_release(&said);
}

static int add_wording(struct fr_study *s, const char *old, struct fr_text *keys,
                       struct fr_error *err) {
    struct fr_query *namings;
    char sha[FR_SHA256_TEXT];
    struct fr_text was = {0}, is = {0}, now = {0};
    int code =
        fr_query_open(&namings, s->store, err, "SELECT id FROM naming ORDER BY position", "");
    if (code != FR_OK)
        return code;
    hash_old_wording(&s->world, namings, sha);
    code = fr_query_close(namings, err);
    fr_text_printf(&is, "prompt.wording.sha256: %s\n", sha);
    copy_line(old, "prompt.wording.sha256", &was);
    if (code == FR_OK)
        code = fr_world_render_stage(&s->world, FR_STAGE_PUZZLES, "", &now, err);
    if (code == FR_OK && strcmp(fr_text_get(&was), fr_text_get(&is)) == 0)
        copy_line(fr_text_get(&now), "prompt.wording.sha256", keys);
    else if (code == FR_OK)
        fr_text_add(keys, fr_text_get(&was));
    fr_text_release(&was);
    fr_text_release(&is);
    fr_text_release(&now);
    return code;
}

static int adopt_keys(struct fr_study *s, const struct fr_config *config, const char *old,
                      const char *model_sha256, struct fr_error *err) {
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < FR_N_STAGES; i++) {
        struct fr_text keys = {0};
        fr_config_render_stage(config, (enum fr_stage)i, &keys);
        if (i == FR_STAGE_PUZZLES) {
            copy_line(old, "puzzles.domain.sha256", &keys);
            copy_line(old, "traces.import.sha256", &keys);
            code = add_wording(s, old, &keys, err);
        } else if (i == FR_STAGE_ROLLOUTS) {
            fr_text_printf(&keys, "model.sha256: %s\n", model_sha256);
        }
        if (code == FR_OK)
            code = fr_store_run(s->store, err, "UPDATE stage SET keys = ? WHERE name = ?", "tt",
                                fr_text_get(&keys), fr_stage_names[i]);
        fr_text_release(&keys);
    }
    return code;
}

/* ---- runs ------------------------------------------------------------------------------------ */

/* The runs of a version 1 condition (name, layer) become those of the edit. */
static int adopt_edit(struct fr_study *s, const struct fr_edit_kind *edit, const char *condition,
                      int layer, struct fr_error *err) {
    int64_t id;
    const int code = fr_study_put_edit(s, edit, &id, err);
    if (code != FR_OK)
        return code;
    return fr_store_run(s->store, err,
                        "INSERT OR IGNORE INTO run SELECT puzzle, naming, ?, ?, n_edits,"
                        " n_generated, ids, verdict, step, reason FROM steered_1"
                        " WHERE condition = ? AND layer = ?",
                        "itti", id, edit->baseline ? "" : "adopted", condition, (int64_t)layer);
}

static int adopt_runs(struct fr_study *s, const struct fr_config *config, struct fr_error *err) {
    static const char *const names[] = {"in_naming", "cross_all",      "cross_loo", "random",
                                        "shuffled",  "cross_shuffled", "identity"};
    struct fr_conditions conditions;
    const struct fr_experiment *e =
        config->experiments.n > 0 ? &config->experiments.items[0] : NULL;
    int code = fr_conditions_expand(&config->experiments, !config->flash_attention,
                                    &s->world.table.concepts, "version 1", &conditions, err);
    if (code != FR_OK)
        return code;
    int i_arm = 0, i_layer = 0;
    for (int i = 0; code == FR_OK && i < conditions.n; i++) {
        const struct fr_condition *c = &conditions.items[i];
        const struct fr_edit_kind *edit = &conditions.edits[c->edit];
        if (c->role == FR_ROLE_BASELINE) {
            code = adopt_edit(s, edit, "baseline", 0, err);
            continue;
        }
        /* layer by layer, arm by arm, as they were expanded */
        code = adopt_edit(s, edit, names[config->steering.conditions[i_arm]],
                          e->layers[i_layer].first, err);
        if (++i_arm == e->n_arms) {
            i_arm = 0;
            i_layer++;
        }
    }
    fr_conditions_release(&conditions);
    return code;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* A file of before there were books is taken as it is: it was whole when it was there, and the
 * directory belonged to one model. */
static int adopt_files(struct fr_study *s, struct fr_error *err) {
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < s->world.n_namings; i++) {
        struct fr_reps_traces traces;
        code = fr_reps_list(s, i, &traces, err);
        for (int set = 0; code == FR_OK && set <= FR_TRACES_SOLVED; set++) {
            const struct fr_reps_part part = {(enum fr_trace_set)set, FR_SITE_BLOCK};
            struct fr_reps_wanted wanted;
            struct fr_text path = {0};
            char sha[FR_SHA256_TEXT];
            fr_reps_want(s, i, part, &traces, traces.n, &wanted, NULL);
            fr_reps_file(s, i, part, NULL, &path);
            if (traces.n > 0 && fr_file_exists(fr_text_get(&path))) {
                code = fr_file_sha256(fr_text_get(&path), sha, err);
                if (code == FR_OK)
                    code = fr_reps_register(s, i, part,
                                            set == FR_TRACES_ALL ? traces.n : wanted.n_traces,
                                            wanted.identity, sha, err);
            }
            fr_text_release(&path);
        }
        free(traces.items);
    }
    return code;
}

/* ---- all ------------------------------------------------------------------------------------- */

static int adopt(struct fr_study *s, const char *old, const char *model_sha256,
                 struct fr_error *err) {
    struct fr_config config;
    int code = fr_config_parse_canonical(&config, old, "study.db: the configuration", err);
    if (code != FR_OK)
        return code;
    code = adopt_keys(s, &config, old, model_sha256, err);
    if (code == FR_OK)
        code = adopt_runs(s, &config, err);
    if (code == FR_OK) { /* by what they were made with */
        char model[FR_SHA256_TEXT];
        const struct fr_config now = s->world.config;
        memcpy(model, s->model_sha256, sizeof model);
        (void)snprintf(s->model_sha256, sizeof s->model_sha256, "%s", model_sha256);
        s->world.config = config;
        code = adopt_files(s, err);
        s->world.config = now;
        memcpy(s->model_sha256, model, sizeof model);
    }
    fr_config_release(&config);
    if (code == FR_OK)
        code = fr_store_run(s->store, err, "DROP TABLE steered_1", "");
    if (code == FR_OK)
        code =
            fr_store_run(s->store, err,
                         "DELETE FROM meta WHERE key IN ('configuration_1', 'model_sha256_1')", "");
    return code;
}

int fr_study_adopt(struct fr_study *s, struct fr_error *err) {
    struct fr_text old = {0}, model = {0};
    int code = FR_OK;
    if (fr_store_get_meta(s->store, "configuration_1", &old) &&
        fr_store_get_meta(s->store, "model_sha256_1", &model))
        code = adopt(s, fr_text_get(&old), fr_text_get(&model), err);
    fr_text_release(&old);
    fr_text_release(&model);
    return code;
}
