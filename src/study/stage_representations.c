/* Stage 3: representations of every concept at every layer and timestamp, one file of sums per
 * (naming, set of traces): `all` for the descriptive figures, `solved` (the first so many solved
 * ones) for steering vectors. A file that exists is whole, so a naming is done or not. */
#include "study/internal.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "prompts/prompts.h"

const char *const fr_trace_set_name[FR_TRACE_SET_COUNT] = {"all", "solved"};

int fr_study_grid_index(const struct fr_config *config, int timestamp) {
    return timestamp / config->grid_step - 1;
}

void fr_study_grid(const struct fr_config *config, struct fr_grid *out) {
    *out = (struct fr_grid){.n_times = config->grid_end / config->grid_step,
                            .window_tokens = config->window_tokens,
                            .previous_token = config->previous_token};
    out->times = fr_alloc((size_t)out->n_times, sizeof *out->times);
    for (int t = 0; t < out->n_times; t++)
        out->times[t] = (t + 1) * config->grid_step;
}

static void sums_path(const struct fr_study *s, int naming, enum fr_trace_set set,
                      struct fr_text *out) {
    fr_text_clear(out);
    fr_text_printf(out, "%s/reps/%s-%s.safetensors", fr_store_dir(s->store),
                   s->namings[naming].naming->id, fr_trace_set_name[set]);
}

/* Ids of the naming's traces on collecting puzzles, by puzzle, and whether each is solved. */
static int list_traces(struct fr_study *s, int naming, int64_t **ids, bool **solved, int *n,
                       struct fr_error *err) {
    struct fr_query *query;
    *ids = fr_alloc((size_t)s->config.n_collect, sizeof **ids);
    *solved = fr_alloc((size_t)s->config.n_collect, sizeof **solved);
    *n = 0;
    int code = fr_query_open(
        &query, s->store, err,
        "SELECT t.id, t.verdict = 'solved' FROM trace t JOIN puzzle p ON p.id = t.puzzle"
        " WHERE p.split = 'collect' AND t.naming = ? ORDER BY p.id",
        "t", s->namings[naming].naming->id);
    if (code != FR_OK)
        return code;
    while (*n < s->config.n_collect && fr_query_next(query)) {
        (*ids)[*n] = fr_query_int(query, 0);
        (*solved)[(*n)++] = fr_query_int(query, 1) != 0;
    }
    return fr_query_close(query, err);
}

static int record_counts(struct fr_study *s, int naming, enum fr_trace_set set,
                         const struct fr_sums *sums, const struct fr_grid *grid,
                         struct fr_error *err) {
    int code = FR_OK;
    for (int a = 0; a < sums->n_concepts; a++)
        for (int t = 0; code == FR_OK && t < sums->n_times; t++)
            code = fr_store_run(s->store, err,
                                "INSERT OR REPLACE INTO mention_count VALUES (?, ?, ?, ?, ?)",
                                "tttii", s->namings[naming].naming->id, fr_trace_set_name[set],
                                s->table.concepts.names[a], (int64_t)grid->times[t],
                                (int64_t)sums->counts[a * sums->n_times + t]);
    return code;
}

static int collect_naming(struct fr_study *s, int naming, const struct fr_grid *grid,
                          long long *done, long long total, struct fr_error *err) {
    const struct fr_model_info *info = fr_model_info(s->model);
    struct fr_sums sums[FR_TRACE_SET_COUNT] = {0};
    struct fr_forms forms = {0};
    struct fr_mentions mentions = {0};
    struct fr_text path = {0};
    int64_t *ids = NULL;
    bool *solved = NULL;
    int n_traces = 0, n_solved = 0;
    fr_forms_of_naming(&s->table.concepts, s->namings[naming].naming,
                       (enum fr_prompt_style)s->config.style, &s->wording,
                       (enum fr_inflection_rule)s->config.inflections, &forms);
    int code = list_traces(s, naming, &ids, &solved, &n_traces, err);
    for (int set = 0; code == FR_OK && set < FR_TRACE_SET_COUNT; set++) {
        sums_path(s, naming, (enum fr_trace_set)set, &path);
        code = fr_sums_open(&sums[set], s->table.concepts.n, info->n_layers, grid->n_times,
                            info->width, FR_SUMS_MEMORY_BYTES, fr_text_get(&path), grid, err);
    }
    for (int i = 0; code == FR_OK && i < n_traces; i++) {
        struct fr_trace trace;
        if ((code = fr_store_get_trace(s->store, ids[i], &trace, err)) != FR_OK)
            break;
        fr_mentions_find(&forms, trace.text, trace.text_len, trace.starts, trace.ends,
                         trace.n_tokens, &mentions);
        struct fr_sums *targets[FR_TRACE_SET_COUNT] = {&sums[FR_TRACES_ALL],
                                                       &sums[FR_TRACES_SOLVED]};
        const bool counts = solved[i] && n_solved < s->config.solved_traces;
        n_solved += counts;
        const int origin = s->config.origin == FR_ORIGIN_REASONING ? trace.n_prompt : 0;
        /* Representations come from the reasoning: the answer repeats its words. */
        const int n_tokens = trace.n_prompt + trace.n_reasoning;
        while (mentions.n > 0 && mentions.items[mentions.n - 1].end > n_tokens)
            mentions.n--;
        code = fr_sums_collect(s->model, trace.ids, n_tokens, &mentions, origin, grid, targets,
                               counts ? 2 : 1, err);
        fr_trace_release(&trace);
        if (code == FR_OK && fr_study_is_stopped(s))
            code = fr_fail(err, FR_E_STOPPED, "stopped");
        fr_study_progress(s, ++*done, total, 0, "traces");
    }
    if (code == FR_OK)
        code = fr_store_begin(s->store, err);
    for (int set = 0; code == FR_OK && set < FR_TRACE_SET_COUNT; set++)
        code = record_counts(s, naming, (enum fr_trace_set)set, &sums[set], grid, err);
    if (code == FR_OK)
        code = fr_store_commit(s->store, err);
    else
        fr_store_rollback(s->store);
    for (int set = FR_TRACE_SET_COUNT - 1; code == FR_OK && set >= 0;
         set--) { /* `all` last: it marks the end */
        sums_path(s, naming, (enum fr_trace_set)set, &path);
        code = fr_sums_save(&sums[set], fr_text_get(&path), grid, err);
    }
    for (int set = 0; set < FR_TRACE_SET_COUNT; set++)
        fr_sums_release(&sums[set]);
    free(ids);
    free(solved);
    fr_text_release(&path);
    fr_forms_release(&forms);
    fr_mentions_release(&mentions);
    return code;
}

/* Traces to replay per naming: in a study of recorded ones a naming may have fewer than puzzles. */
static int count_traces(struct fr_study *s, struct fr_pairs *out, struct fr_error *err) {
    struct fr_query *query;
    const int code =
        fr_query_open(&query, s->store, err,
                      "SELECT n.position, (SELECT count(*) FROM trace t JOIN puzzle p ON p.id ="
                      " t.puzzle WHERE t.naming = n.id AND p.split = 'collect') FROM naming n"
                      " ORDER BY n.position",
                      "");
    return code == FR_OK ? fr_study_read_pairs(query, out, err) : code;
}

int fr_stage_representations(struct fr_study *s, struct fr_error *err) {
    struct fr_grid grid;
    struct fr_pairs counts = {0};
    struct fr_text path = {0};
    long long done = 0, total = 0;
    fr_text_printf(&path, "%s/reps", fr_store_dir(s->store));
    int code = fr_dir_make(fr_text_get(&path), err);
    if (code == FR_OK)
        code = fr_study_need_model(s, err);
    if (code == FR_OK)
        code = count_traces(s, &counts, err);
    for (int i = 0; i < counts.n; i++)
        total += counts.items[i][1];
    fr_study_grid(&s->config, &grid);
    for (int i = 0; code == FR_OK && i < s->n_namings; i++) {
        sums_path(s, i, FR_TRACES_ALL, &path);
        if (fr_file_exists(fr_text_get(&path)))
            done += counts.items[i][1];
        else
            code = collect_naming(s, i, &grid, &done, total, err);
    }
    free(counts.items);
    free(grid.times);
    fr_text_release(&path);
    return code;
}

int fr_study_load_reps(struct fr_study *s, enum fr_trace_set set, const struct fr_slice *slice,
                       struct fr_reps *out, struct fr_error *err) {
    struct fr_grid grid;
    struct fr_text path = {0};
    int code = FR_OK;
    *out = (struct fr_reps){0};
    fr_study_grid(&s->config, &grid);
    for (int i = 0; code == FR_OK && i < s->n_namings; i++) {
        struct fr_sums sums;
        sums_path(s, i, set, &path);
        if ((code = fr_sums_load(&sums, fr_text_get(&path), &grid, slice, err)) != FR_OK)
            break;
        if (i == 0)
            fr_reps_init(out, &s->table.concepts, s->n_namings, sums.n_layers, sums.n_times,
                         sums.width);
        out->first_layer = slice != NULL ? slice->first_layer : 0;
        if (sums.n_layers != out->n_layers || sums.width != out->width ||
            sums.n_concepts != out->n_concepts)
            code =
                fr_fail(err, FR_E_INPUT,
                        "%s: its shape differs from the other namings'; delete reps/ and run again",
                        fr_text_get(&path));
        else
            fr_reps_set_naming(out, i, &sums, s->config.min_mentions);
        fr_sums_release(&sums);
    }
    if (code != FR_OK)
        fr_reps_release(out);
    free(grid.times);
    fr_text_release(&path);
    return code;
}

int fr_study_count_layers(const struct fr_study *s, int *n_layers, struct fr_error *err) {
    struct fr_text path = {0};
    sums_path(s, 0, FR_TRACES_ALL, &path);
    const int code = fr_sums_layers(fr_text_get(&path), n_layers, err);
    fr_text_release(&path);
    return code;
}

void fr_study_used_namings(const struct fr_study *s, bool *use) {
    for (int i = 0; i < s->n_namings; i++)
        use[i] = !s->namings[i].clean && !s->namings[i].excluded;
}
