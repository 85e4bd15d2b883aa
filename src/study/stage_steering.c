/* Stage 5: positive steering on held-out puzzles (paper section 4.1). For every unsteered trace of
 * an evaluation puzzle that reasons past the window's end: the baseline and every (condition,
 * layer) continue from the same teacher-forced prefix, whose part before the window is computed
 * once. Each run is stored as it finishes. */
#include "study/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/prompts.h"
#include "rollouts/rollouts.h"
#include "study/trace_text.h"

static const char baseline[] = "baseline"; /* condition of the unedited run, layer 0 */

/* One (condition, layer) of the study. */
struct row {
    int condition, layer;
    int *rows; /* [A], scratch of fr_steering_vectors */
};

/* A trace whose runs are being handed out or are still in slots. */
struct subject {
    struct fr_trace trace;
    struct fr_mentions mentions;
    struct fr_problem problem;
    int naming, n_prefix, n_shared;
    int in_flight;
    bool all_out;
};

struct run {
    struct subject *subject;
    int row; /* -1: the baseline */
    struct fr_edit_plan edits;
};

struct work {
    struct fr_study *study;
    struct fr_positive_steering steering;
    struct fr_reps centred;
    bool *use;
    int n_rows;
    struct row *rows;
    int naming; /* whose vectors rows hold, or -1 */
    struct fr_forms forms;
    struct fr_pairs subjects; /* trace id, naming position */
    int next_subject;
    struct subject *subject; /* being handed out, or NULL */
    int next_row;
    bool *done_rows; /* [1 + n_rows] of the subject, in the store already */
    struct fr_error fault;
    long long done, total, resumed;
};

static const char *row_name(const struct work *w, int row) {
    return row < 0 ? baseline : fr_condition_names[w->rows[row].condition];
}
static int row_layer(const struct work *w, int row) { return row < 0 ? 0 : w->rows[row].layer; }

static void take_naming(struct work *w, int naming) {
    if (w->naming == naming)
        return;
    const struct fr_study *s = w->study;
    w->naming = naming;
    fr_forms_release(&w->forms);
    fr_forms_of_naming(&s->table.concepts, s->namings[naming].naming,
                       (enum fr_prompt_style)s->config.style, &s->wording,
                       (enum fr_inflection_rule)s->config.inflections, &w->forms);
}

static void free_subject(struct subject *subject) {
    fr_trace_release(&subject->trace);
    fr_mentions_release(&subject->mentions);
    fr_problem_release(&subject->problem);
    free(subject);
}

static void release_run(struct run *run) {
    struct subject *subject = run->subject;
    if (--subject->in_flight == 0 && subject->all_out)
        free_subject(subject);
    float *vectors = (float *)(uintptr_t)run->edits.vectors; /* ours; the plan borrows it */
    fr_edit_plan_release(&run->edits);
    free(vectors);
    free(run);
}

static int find_done_rows(struct work *w, int64_t trace, struct fr_error *err) {
    struct fr_query *query;
    memset(w->done_rows, 0, (size_t)(1 + w->n_rows) * sizeof *w->done_rows);
    int code = fr_query_open(&query, w->study->store, err,
                             "SELECT condition, layer FROM steered WHERE trace = ?", "i", trace);
    if (code != FR_OK)
        return code;
    while (fr_query_next(query))
        for (int r = -1; r < w->n_rows; r++)
            if (strcmp(row_name(w, r), fr_query_text(query, 0)) == 0 &&
                row_layer(w, r) == fr_query_int(query, 1))
                w->done_rows[1 + r] = true;
    return fr_query_close(query, err);
}

/* The next trace with something to run, or NULL at the end or on a fault. */
static struct subject *next_subject(struct work *w) {
    struct fr_study *s = w->study;
    if (w->next_subject == w->subjects.n)
        return NULL;
    const int64_t *pair = w->subjects.items[w->next_subject++];
    struct subject *subject = fr_alloc(1, sizeof *subject);
    subject->naming = (int)pair[1];
    take_naming(w, subject->naming);
    int code = fr_store_get_trace(s->store, pair[0], &subject->trace, &w->fault);
    if (code == FR_OK)
        code = fr_study_load_problem(s, subject->trace.puzzle, &subject->problem, NULL, &w->fault);
    if (code == FR_OK)
        code = find_done_rows(w, subject->trace.id, &w->fault);
    if (code != FR_OK) {
        free_subject(subject);
        return NULL;
    }
    const struct fr_trace *t = &subject->trace;
    const int origin = s->config.origin == FR_ORIGIN_REASONING ? t->n_prompt : 0;
    subject->n_shared = origin + s->config.window_start;
    subject->n_prefix = origin + s->config.window_end;
    fr_mentions_find(&w->forms, t->text, t->text_len, t->starts, t->ends, t->n_tokens,
                     &subject->mentions);
    w->next_row = -1;
    return subject;
}

static bool next_job(void *user, struct fr_rollout_job *job) {
    struct work *w = user;
    for (;;) {
        if (w->subject == NULL && (w->subject = next_subject(w)) == NULL)
            return false;
        while (w->next_row < w->n_rows && w->done_rows[1 + w->next_row])
            w->next_row++;
        if (w->next_row < w->n_rows)
            break;
        w->subject->all_out = true;
        if (w->subject->in_flight == 0)
            free_subject(w->subject);
        w->subject = NULL;
    }
    struct subject *subject = w->subject;
    struct run *run = fr_alloc(1, sizeof *run);
    run->subject = subject;
    run->row = w->next_row++;
    subject->in_flight++;
    if (run->row >= 0) {
        const struct fr_study *s = w->study;
        const struct row *row = &w->rows[run->row];
        const size_t n = (size_t)s->table.concepts.n * (size_t)w->centred.width;
        float *vectors =
            fr_alloc(n,
                     sizeof *vectors); /* the run's own: namings change while it is in its slot */
        (void)fr_steering_vectors(&w->steering, row->condition, subject->naming,
                                  s->namings[subject->naming].naming->id, row->layer, vectors,
                                  row->rows);
        fr_steering_plan(&w->steering, row->condition, row->layer, &subject->mentions,
                         subject->n_shared, subject->n_prefix, vectors, row->rows, &run->edits);
    }
    *job = (struct fr_rollout_job){.group = subject->trace.id,
                                   .prefix = subject->trace.ids,
                                   .n_prefix = subject->n_prefix,
                                   .n_shared = subject->n_shared,
                                   .edits = run->row >= 0 ? &run->edits : NULL,
                                   .user = run};
    return true;
}

static int finished(void *user, const struct fr_rollout_job *job, const int32_t *generated, int n,
                    bool truncated, struct fr_error *err) {
    struct work *w = user;
    struct run *run = job->user;
    struct fr_study *s = w->study;
    const struct subject *subject = run->subject;
    const int n_prompt = subject->trace.n_prompt;
    /* the prefix's reasoning and what followed it, judged as one answer */
    const int n_all = job->n_prefix - n_prompt + n;
    int32_t *all = fr_alloc((size_t)n_all, sizeof *all);
    memcpy(all, job->prefix + n_prompt, (size_t)(job->n_prefix - n_prompt) * sizeof *all);
    memcpy(all + job->n_prefix - n_prompt, generated, (size_t)n * sizeof *all);
    struct fr_trace trace;
    fr_trace_build(s->model, job->prefix, n_prompt, all, n_all, &trace);
    const struct fr_verdict verdict =
        fr_trace_judge(s->model, (enum fr_prompt_style)s->config.style, &s->wording, &trace,
                       truncated, &subject->problem, s->namings[subject->naming].naming);
    const int code =
        fr_store_run(s->store, err, "INSERT INTO steered VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                     "itiiibtit", subject->trace.id, row_name(w, run->row),
                     (int64_t)row_layer(w, run->row), (int64_t)run->edits.n_edits, (int64_t)n,
                     (const void *)generated, (size_t)n * sizeof *generated,
                     fr_verdict_name[verdict.kind], (int64_t)verdict.step, verdict.reason);
    fr_trace_release(&trace);
    free(all);
    release_run(run);
    if (code == FR_OK)
        fr_study_progress(s, ++w->done, w->total, w->resumed, "runs");
    return code;
}

static void dropped(void *user, const struct fr_rollout_job *job) {
    (void)user;
    release_run(job->user);
}

static bool tick(void *user) {
    const struct work *w = user;
    fr_study_progress(w->study, w->done, w->total, w->resumed, "runs");
    return fr_study_is_stopped(w->study);
}

static void make_rows(struct work *w) {
    const struct fr_config *c = &w->study->config;
    w->rows = fr_alloc((size_t)(c->conditions.n * c->steering_layers.n), sizeof *w->rows);
    for (int i = 0; i < c->steering_layers.n; i++)
        for (int k = 0; k < c->conditions.n; k++)
            w->rows[w->n_rows++] =
                (struct row){.condition = fr_condition_find(c->conditions.items[k]),
                             .layer = c->steering_layers.items[i],
                             .rows = fr_alloc((size_t)w->study->table.concepts.n, sizeof(int))};
    w->done_rows = fr_alloc((size_t)(1 + w->n_rows), sizeof *w->done_rows);
}

/* Held-out traces of the namings in use that reason past the window's end, and how many of their
 * runs are stored already. */
static int load_subjects(struct work *w, struct fr_error *err) {
    const struct fr_config *c = &w->study->config;
    struct fr_query *query;
    int code = fr_query_open(
        &query, w->study->store, err,
        "SELECT t.id, n.position FROM trace t JOIN puzzle p ON p.id = t.puzzle"
        " JOIN naming n ON n.id = t.naming WHERE p.split = 'evaluate' AND n.role = 'mystery'"
        " AND n.excluded = 0 AND (CASE WHEN ? THEN 0 ELSE t.n_prompt END) + t.n_reasoning > ?"
        " ORDER BY n.position, p.id",
        "ii", (int64_t)(c->origin == FR_ORIGIN_REASONING), (int64_t)c->window_end);
    if (code == FR_OK)
        code = fr_study_read_pairs(query, &w->subjects, err);
    if (code == FR_OK)
        code = fr_query_open(&query, w->study->store, err, "SELECT count(*) FROM steered", "");
    if (code != FR_OK)
        return code;
    if (fr_query_next(query))
        w->done = w->resumed = fr_query_int(query, 0);
    w->total = (long long)w->subjects.n * (1 + w->n_rows);
    return fr_query_close(query, err);
}

static int run_all(struct work *w, struct fr_error *err) {
    struct fr_study *s = w->study;
    int code = load_subjects(w, err);
    if (code != FR_OK)
        return code;
    const struct fr_rollouts rollouts = {.max_tokens = s->config.max_tokens,
                                         .next = next_job,
                                         .finished = finished,
                                         .dropped = dropped,
                                         .tick = tick,
                                         .user = w};
    code = fr_rollouts_run(s->model, &rollouts, err);
    if (w->subject != NULL) { /* stopped halfway */
        w->subject->all_out = true;
        if (w->subject->in_flight == 0)
            free_subject(w->subject);
    }
    if (code == FR_OK && w->fault.code != FR_OK)
        *err = w->fault, code = w->fault.code;
    return code;
}

int fr_stage_steering(struct fr_study *s, struct fr_error *err) {
    if (s->config.steering_layers.n == 0 || s->config.conditions.n == 0)
        return FR_OK;
    struct fr_reps raw;
    int code = fr_study_need_model(s, err);
    if (code == FR_OK)
        code = fr_study_load_reps(s, FR_TRACES_SOLVED,
                                  &(struct fr_slice){.n_layers = fr_model_info(s->model)->n_layers,
                                                     .first_time = fr_study_grid_index(
                                                         &s->config, s->config.vector_timestamp),
                                                     .n_times = 1},
                                  &raw, err);
    if (code != FR_OK)
        return code;
    struct work w = {.study = s, .naming = -1};
    fr_reps_centre(&raw, &w.centred);
    fr_reps_release(&raw);
    w.use = fr_alloc((size_t)s->n_namings, sizeof *w.use);
    fr_study_used_namings(s, w.use);
    w.steering = (struct fr_positive_steering){.centred = &w.centred,
                                               .use = w.use,
                                               .time = 0, /* of the slice */
                                               .scale = (float)s->config.scale,
                                               .previous_token = s->config.previous_token,
                                               .seed = (uint64_t)s->config.seed};
    make_rows(&w);
    code = run_all(&w, err);
    free(w.subjects.items);
    for (int i = 0; i < w.n_rows; i++)
        free(w.rows[i].rows);
    free(w.rows);
    free(w.done_rows);
    free(w.use);
    fr_forms_release(&w.forms);
    fr_reps_release(&w.centred);
    return code;
}
