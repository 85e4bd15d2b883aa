/* Judges stored traces again: what another version read of an answer is no verdict of this one. A
 * trace that was cut stays so. Rejected: verdicts as they were, which mixes the rules of two
 * versions in one table. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sources/sources.h"
#include "sources/trace_text.h"

int fr_judged_put(struct fr_judged *judged, struct fr_store *store, int64_t puzzle,
                  const char *naming, int64_t edit, const struct fr_verdict *verdict,
                  struct fr_error *err) {
    enum fr_verdict_kind before;
    bool changed;
    const int code =
        fr_store_put_verdict(store, puzzle, naming, edit, verdict, &before, &changed, err);
    if (code != FR_OK)
        return code;
    judged->n++;
    judged->n_changed += changed;
    judged->n_to_solved += before != FR_VERDICT_SOLVED && verdict->kind == FR_VERDICT_SOLVED;
    judged->n_from_solved += before == FR_VERDICT_SOLVED && verdict->kind != FR_VERDICT_SOLVED;
    return FR_OK;
}

struct key {
    int64_t puzzle;
    int naming; /* of the configuration's table */
};

/* Those that ended, puzzle by puzzle; listed before the first row changes. */
static int list(const struct fr_source_study *study, struct key **out, int *n,
                struct fr_error *err) {
    struct fr_query *query;
    int capacity = 0;
    *out = NULL;
    *n = 0;
    const int code = fr_query_open(&query, study->store, err,
                                   "SELECT puzzle, naming FROM trace WHERE verdict <> 'truncated'"
                                   " ORDER BY puzzle, naming",
                                   "");
    if (code != FR_OK)
        return code;
    while (fr_query_next(query)) {
        const int naming = fr_namings_find(&study->world->table, fr_query_text(query, 1));
        if (naming < 0)
            continue;
        FR_RESERVE(*out, *n, capacity);
        (*out)[(*n)++] = (struct key){fr_query_int(query, 0), naming};
    }
    return fr_query_close(query, err);
}

static int judge_one(const struct fr_source_study *study, const struct fr_model *model,
                     const struct fr_problem *problem, const struct key *key,
                     struct fr_judged *judged, struct fr_error *err) {
    const struct fr_world *world = study->world;
    const struct fr_naming *naming = &world->table.items[key->naming];
    struct fr_trace trace;
    int code = fr_store_get_trace(study->store, key->puzzle, naming->id, &trace, err);
    if (code != FR_OK)
        return code;
    const struct fr_verdict verdict =
        fr_trace_judge(model, (enum fr_prompt_style)world->config.style, &world->wording, &trace,
                       false, problem, naming);
    fr_trace_release(&trace);
    return fr_judged_put(judged, study->store, key->puzzle, naming->id, 0, &verdict, err);
}

int fr_source_judge(const struct fr_source_study *study, struct fr_judged *judged,
                    struct fr_error *err) {
    struct fr_model *model;
    struct fr_problem problem = {0};
    struct key *keys = NULL;
    int n = 0;
    int code = study->model(study->user, &model, err);
    if (code == FR_OK)
        code = list(study, &keys, &n, err);
    for (int i = 0; code == FR_OK && i < n; i++) {
        if (i == 0 || keys[i].puzzle != keys[i - 1].puzzle) {
            fr_problem_release(&problem);
            code = fr_source_load_problem(study->store, &study->world->domain, keys[i].puzzle,
                                          &problem, NULL, err);
        }
        if (code == FR_OK)
            code = judge_one(study, model, &problem, &keys[i], judged, err);
        fr_events_progress(study->events, i + 1, n, 0, "verdicts");
        if (code == FR_OK && fr_events_stopped(study->events))
            code = fr_fail(err, FR_E_STOPPED, "stopped");
    }
    fr_problem_release(&problem);
    free(keys);
    return code;
}
