/* Verdicts follow from rules of reading that get better from version to version. A study that was
 * made by others is judged again when it is opened, from what it has stored, so that no table holds
 * verdicts of two rules; what follows from a verdict that changed is due again. Which rules the
 * verdicts are by is a fact of the store, a hash of their sources. Only a vocabulary is needed of
 * the model. Rejected: a number that is to be raised by hand with the rules, which is forgotten
 * once. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "fr_version.h"
#include "sources/trace_text.h"
#include "study/internal.h"

static const char fact[] = "verdicts_by";

struct key {
    int64_t puzzle, edit;
    int naming; /* of the configuration's table */
    int window_end;
};

/* Steered runs that ended, trace by trace. */
static int list_runs(struct fr_study *s, struct key **out, int *n, struct fr_error *err) {
    struct fr_query *query;
    int capacity = 0;
    const int code = fr_query_open(
        &query, s->store, err,
        "SELECT puzzle, naming, edit, window_end FROM run JOIN edit ON edit.id = edit WHERE"
        " verdict <> 'truncated' ORDER BY puzzle, naming, edit",
        "");
    if (code != FR_OK)
        return code;
    while (fr_query_next(query)) {
        const int naming = fr_namings_find(&s->world.table, fr_query_text(query, 1));
        if (naming < 0)
            continue;
        FR_RESERVE(*out, *n, capacity);
        (*out)[(*n)++] = (struct key){fr_query_int(query, 0), fr_query_int(query, 2), naming,
                                      (int)fr_query_int(query, 3)};
    }
    return fr_query_close(query, err);
}

/* What the run generated stands behind what it was given of its trace (stage_steering.c). */
static int judge_run(struct fr_study *s, const struct fr_model *model, const struct key *key,
                     const struct fr_trace *given, const struct fr_problem *problem,
                     struct fr_judged *judged, struct fr_error *err) {
    const struct fr_naming *naming = &s->world.table.items[key->naming];
    struct fr_query *query;
    struct fr_trace trace;
    size_t bytes = 0;
    int code = fr_query_open(&query, s->store, err,
                             "SELECT ids FROM run WHERE puzzle = ? AND naming = ? AND edit = ?",
                             "iti", key->puzzle, naming->id, key->edit);
    if (code != FR_OK)
        return code;
    const void *ids = fr_query_next(query) ? fr_query_blob(query, 0, &bytes) : NULL;
    const int n_given =
        fr_world_given(&s->world, given->n_prompt, key->window_end) - given->n_prompt;
    const int n = (int)(bytes / sizeof(int32_t));
    const bool whole = ids != NULL && given->n_prompt + n_given <= given->n_tokens;
    int32_t *all = fr_alloc(whole ? (size_t)(n_given + n) : 1, sizeof *all);
    if (whole) {
        memcpy(all, given->ids + given->n_prompt, (size_t)n_given * sizeof *all);
        memcpy(all + n_given, ids, (size_t)n * sizeof *all);
    }
    code = fr_query_close(query, err);
    if (code == FR_OK && !whole)
        code = fr_fail(err, FR_E_IO, "%s/study.db: a run of puzzle %lld in naming %s is damaged",
                       fr_store_dir(s->store), (long long)key->puzzle, naming->id);
    if (code == FR_OK) {
        fr_trace_build(model, given->ids, given->n_prompt, all, n_given + n, &trace);
        const struct fr_verdict verdict =
            fr_trace_judge(model, (enum fr_prompt_style)s->world.config.style, &s->world.wording,
                           &trace, false, problem, naming);
        fr_trace_release(&trace);
        code = fr_judged_put(judged, s->store, key->puzzle, naming->id, key->edit, &verdict, err);
    }
    free(all);
    return code;
}

static int judge_runs(struct fr_study *s, const struct fr_model *model, struct fr_judged *judged,
                      struct fr_error *err) {
    struct fr_problem problem = {0};
    struct fr_trace given = {0};
    struct key *keys = NULL;
    int n = 0;
    int code = list_runs(s, &keys, &n, err);
    for (int i = 0; code == FR_OK && i < n; i++) {
        const bool other = i == 0 || keys[i].puzzle != keys[i - 1].puzzle;
        if (other) {
            fr_problem_release(&problem);
            code = fr_source_load_problem(s->store, &s->world.domain, keys[i].puzzle, &problem,
                                          NULL, err);
        }
        if (code == FR_OK && (other || keys[i].naming != keys[i - 1].naming)) {
            fr_trace_release(&given);
            code = fr_store_get_trace(s->store, keys[i].puzzle,
                                      s->world.table.items[keys[i].naming].id, &given, err);
        }
        if (code == FR_OK)
            code = judge_run(s, model, &keys[i], &given, &problem, judged, err);
        fr_events_progress(&s->events.work, i + 1, n, 0, "verdicts");
        if (code == FR_OK && fr_events_stopped(&s->events.work))
            code = fr_fail(err, FR_E_STOPPED, "stopped");
    }
    fr_trace_release(&given);
    fr_problem_release(&problem);
    free(keys);
    return code;
}

static int reader_of(void *user, struct fr_model **out, struct fr_error *err) {
    (void)err;
    *out = user;
    return FR_OK;
}

static int judge_all(struct fr_study *s, struct fr_judged *judged, struct fr_error *err) {
    struct fr_model_options options;
    struct fr_model *model = NULL;
    fr_study_model_options(s, FR_USE_PREFILL, &options);
    options.vocabulary_only = true;
    int code = s->factory->open(s->factory->user, &options, &model, err);
    struct fr_source_study source = fr_study_source(s);
    source.model = reader_of;
    source.user = model;
    if (code == FR_OK)
        code = s->source->judge(&source, judged, err);
    if (code == FR_OK)
        code = judge_runs(s, model, judged, err);
    fr_model_close(model);
    return code;
}

static void tell(const struct fr_study *s, const struct fr_judged *judged) {
    fr_events_warn(&s->events.work,
                   "%s/study.db: answers are read by other rules than before: of %lld verdicts %lld"
                   " are others now (%lld solved that were not, %lld no longer); what follows from"
                   " them is made again",
                   fr_store_dir(s->store), judged->n, judged->n_changed, judged->n_to_solved,
                   judged->n_from_solved);
}

int fr_study_check_verdicts(struct fr_study *s, struct fr_error *err) {
    struct fr_text by = {0};
    struct fr_judged judged = {0};
    int64_t judge = 0;
    const bool known = fr_store_get_meta(s->store, fact, &by);
    const bool same = known && strcmp(fr_text_get(&by), FR_READING) == 0;
    fr_text_release(&by);
    if (same)
        return FR_OK;
    int code = fr_store_find_int(s->store, err, &judge, "SELECT 1 FROM trace LIMIT 1", "");
    if (code != FR_OK)
        return code;
    if (judge != 0 && fr_study_can_do_without(s, fr_store_dir(s->store))) {
        fr_events_warn(&s->events.work,
                       "its verdicts are by the rules of another version, which read some "
                       "answers otherwise; with the model's file they are judged again");
        return FR_OK;
    }
    if (judge != 0)
        code = judge_all(s, &judged, err);
    if (code == FR_OK && judged.n_changed > 0) {
        tell(s, &judged);
        code = fr_study_reopen(s, FR_STAGE_ANALYSES, err);
    }
    return code == FR_OK ? fr_store_set_meta(s->store, fact, FR_READING, err) : code;
}
