/* Runs -> paired verdicts (method.md 6). */
#include "analyses/outcomes.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

void fr_outcomes_release(struct fr_outcomes *o) {
    for (int i = 0; i < o->n_namings; i++) {
        free(o->puzzles[i]);
        free(o->before[i]);
        free(o->after[i]);
    }
    free(o->ids);
    free(o->n_puzzles);
    free(o->left_out);
    free(o->unedited);
    free(o->puzzles);
    free(o->before);
    free(o->after);
    free(o->effects);
    *o = (struct fr_outcomes){0};
}

static int load_naming(const struct fr_analysis_input *in, int64_t edit, int64_t against, int i,
                       struct fr_outcomes *o, struct fr_error *err) {
    const int n_evaluate = in->world->config.n_evaluate;
    struct fr_query *query;
    int code = fr_query_open(&query, in->store, err,
                             "SELECT b.verdict = 'solved', a.verdict = 'solved', a.ids <> b.ids,"
                             " a.n_edits = 0, p.position"
                             " FROM run a JOIN run b USING (puzzle, naming)"
                             " JOIN puzzle p ON p.id = a.puzzle WHERE a.edit = ? AND b.edit = ?"
                             " AND a.naming = ? ORDER BY p.position",
                             "iit", edit, against, o->ids[i]);
    if (code != FR_OK)
        return code;
    o->puzzles[i] = fr_alloc((size_t)n_evaluate, sizeof *o->puzzles[i]);
    o->before[i] = fr_alloc((size_t)n_evaluate, 1);
    o->after[i] = fr_alloc((size_t)n_evaluate, 1);
    int n = 0, sum = 0;
    while (n < n_evaluate && fr_query_next(query)) {
        o->before[i][n] = fr_query_int(query, 0) != 0;
        o->after[i][n] = fr_query_int(query, 1) != 0;
        o->changed += fr_query_int(query, 2) != 0;
        o->unedited[i] += fr_query_int(query, 3) != 0;
        o->puzzles[i][n] = (int32_t)fr_query_int(query, 4);
        sum += o->after[i][n] - o->before[i][n];
        n++;
    }
    o->n_puzzles[i] = n;
    o->left_out[i] = n_evaluate - n;
    o->effects[i] = n > 0 ? (double)sum / n : NAN;
    return fr_query_close(query, err);
}

int fr_outcomes_load(const struct fr_analysis_input *in, int64_t edit, int64_t against,
                     struct fr_outcomes *o, struct fr_error *err) {
    const size_t n = (size_t)in->world->n_namings;
    *o = (struct fr_outcomes){.ids = fr_alloc(n, sizeof *o->ids),
                              .n_puzzles = fr_alloc(n, sizeof *o->n_puzzles),
                              .left_out = fr_alloc(n, sizeof *o->left_out),
                              .unedited = fr_alloc(n, sizeof *o->unedited),
                              .puzzles = fr_alloc(n, sizeof *o->puzzles),
                              .before = fr_alloc(n, sizeof *o->before),
                              .after = fr_alloc(n, sizeof *o->after),
                              .effects = fr_alloc(n, sizeof *o->effects)};
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < in->world->n_namings; i++)
        if (in->use[i]) {
            o->ids[o->n_namings++] = in->world->namings[i].naming->id;
            code = load_naming(in, edit, against, o->n_namings - 1, o, err);
        }
    if (code != FR_OK)
        fr_outcomes_release(o);
    return code;
}

void fr_outcomes_interval(const struct fr_outcomes *o, double *low, double *high) {
    const struct fr_paired pairs = fr_outcomes_paired(o, false);
    int n = 0;
    for (int i = 0; i < o->n_namings; i++)
        n += o->n_puzzles[i] > 0;
    fr_bootstrap_paired_exact(&pairs, 0.95, low, high);
    if (n < 2 || (*low == 0 && *high == 0))
        *low = *high = NAN;
}

struct fr_paired fr_outcomes_paired(const struct fr_outcomes *o, bool reversed) {
    const uint8_t *const *before = (const uint8_t *const *)o->before, *const *after =
                                                                          (const uint8_t *const *)
                                                                              o->after;
    return (struct fr_paired){o->n_namings, o->n_puzzles, reversed ? after : before,
                              reversed ? before : after};
}
