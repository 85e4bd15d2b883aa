/* Runs -> effects (method.md section 6): every condition against what it is measured against, per
 * naming and over namings, with the paper's test and ours. Everything random is seeded by the
 * study's seed and by what the condition does, so that a row does not depend on the others. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/analysis.h"
#include "base/memory.h"
#include "statistics/statistics.h"

static const double confidence = 0.95, level = 0.05, power = 0.8;

static const struct fr_result_table tables[] = {
    /* against_solved, solved: of the n pairs. left_out: traces that ended before the window's end.
     * unedited: pairs whose run had nothing to edit (no vectors, or no mention in the window) */
    {"effect_naming", FR_OWNER_STATISTICS,
     "experiment TEXT NOT NULL, condition TEXT NOT NULL, naming TEXT NOT NULL, n INTEGER NOT NULL,"
     " left_out INTEGER NOT NULL, against_solved INTEGER NOT NULL, solved INTEGER NOT NULL,"
     " gained INTEGER NOT NULL, lost INTEGER NOT NULL, unedited INTEGER NOT NULL, effect REAL,"
     " PRIMARY KEY (experiment, condition, naming)"},
    /* mean: of the namings' effects. t, p: one-tailed t-test over namings, as the paper. low, high:
     * hierarchical bootstrap 95%. p_mcnemar: two-sided. changed: runs that generated other tokens
     * than those that they are measured against. unedited: as above */
    {"effect", FR_OWNER_STATISTICS,
     "experiment TEXT NOT NULL, condition TEXT NOT NULL, against TEXT NOT NULL,"
     " n_namings INTEGER NOT NULL, n_pairs INTEGER NOT NULL, mean REAL, standard_error REAL, t "
     "REAL,"
     " p REAL, p_holm REAL, low REAL, high REAL, p_permutation REAL, gained INTEGER NOT NULL,"
     " lost INTEGER NOT NULL, p_mcnemar REAL, detectable REAL, changed INTEGER NOT NULL,"
     " unedited INTEGER NOT NULL, excluded TEXT NOT NULL, PRIMARY KEY (experiment, condition)"},
};

/* One line of table 5 before the correction. */
struct line {
    char *experiment, *condition, *against, *family;
    int64_t edit, against_edit;
    uint64_t seed;
    bool identity;
    int n_namings, n_pairs, gained, lost, changed, unedited;
    struct fr_t_test t;
    double low, high, p_permutation, p_mcnemar, detectable, p_holm;
};

struct lines {
    int n, capacity;
    struct line *items;
};

static void lines_release(struct lines *lines) {
    for (int i = 0; i < lines->n; i++) {
        free(lines->items[i].experiment);
        free(lines->items[i].condition);
        free(lines->items[i].against);
        free(lines->items[i].family);
    }
    free(lines->items);
}

static int load_lines(const struct fr_analysis_input *in, struct lines *out, struct fr_error *err) {
    struct fr_query *query;
    const int code = fr_query_open(
        &query, in->store, err,
        "SELECT c.experiment, c.name, a.name, c.family, c.edit, a.edit, c.role = 'identity',"
        " e.definition, f.definition FROM condition c JOIN condition a ON a.id = c.against"
        " JOIN edit e ON e.id = c.edit JOIN edit f ON f.id = a.edit ORDER BY c.position",
        "");
    if (code != FR_OK)
        return code;
    while (fr_query_next(query)) {
        FR_RESERVE(out->items, out->n, out->capacity);
        struct line *l = &out->items[out->n++];
        *l = (struct line){.experiment = fr_strdup(fr_query_text(query, 0)),
                           .condition = fr_strdup(fr_query_text(query, 1)),
                           .against = fr_strdup(fr_query_text(query, 2)),
                           .family = fr_strdup(fr_query_text(query, 3)),
                           .edit = fr_query_int(query, 4),
                           .against_edit = fr_query_int(query, 5),
                           .identity = fr_query_int(query, 6) != 0,
                           .seed = fr_mix64(fr_hash_text(fr_query_text(query, 7)),
                                            fr_hash_text(fr_query_text(query, 8)))};
    }
    return fr_query_close(query, err);
}

/* ---- outcomes -------------------------------------------------------------------------------- */

/* Outcomes of one condition: [N][puzzles of the naming]. */
struct outcomes {
    int n_namings;
    const char **ids;                     /* [N] borrowed */
    int *n_puzzles, *left_out, *unedited; /* [N] */
    uint8_t **before, **after;            /* [N][n_puzzles] */
    double *effects;                      /* [N], NaN without puzzles */
};

static void outcomes_release(struct outcomes *o) {
    for (int i = 0; i < o->n_namings; i++) {
        free(o->before[i]);
        free(o->after[i]);
    }
    free(o->ids);
    free(o->n_puzzles);
    free(o->left_out);
    free(o->unedited);
    free(o->before);
    free(o->after);
    free(o->effects);
    *o = (struct outcomes){0};
}

static int load_naming(const struct fr_analysis_input *in, struct line *line, int i,
                       struct outcomes *o, struct fr_error *err) {
    const int n_evaluate = in->world->config.n_evaluate;
    struct fr_query *query;
    int code = fr_query_open(&query, in->store, err,
                             "SELECT b.verdict = 'solved', a.verdict = 'solved', a.ids <> b.ids,"
                             " a.n_edits = 0"
                             " FROM run a JOIN run b USING (puzzle, naming)"
                             " JOIN puzzle p ON p.id = a.puzzle WHERE a.edit = ? AND b.edit = ?"
                             " AND a.naming = ? ORDER BY p.position",
                             "iit", line->edit, line->against_edit, o->ids[i]);
    if (code != FR_OK)
        return code;
    o->before[i] = fr_alloc((size_t)n_evaluate, 1);
    o->after[i] = fr_alloc((size_t)n_evaluate, 1);
    int n = 0, sum = 0;
    while (n < n_evaluate && fr_query_next(query)) {
        o->before[i][n] = fr_query_int(query, 0) != 0;
        o->after[i][n] = fr_query_int(query, 1) != 0;
        line->changed += fr_query_int(query, 2) != 0;
        o->unedited[i] += fr_query_int(query, 3) != 0;
        sum += o->after[i][n] - o->before[i][n];
        n++;
    }
    o->n_puzzles[i] = n;
    o->left_out[i] = n_evaluate - n;
    o->effects[i] = n > 0 ? (double)sum / n : NAN;
    return fr_query_close(query, err);
}

static int load_outcomes(const struct fr_analysis_input *in, struct line *line, struct outcomes *o,
                         struct fr_error *err) {
    const size_t n = (size_t)in->world->n_namings;
    *o = (struct outcomes){.ids = fr_alloc(n, sizeof *o->ids),
                           .n_puzzles = fr_alloc(n, sizeof *o->n_puzzles),
                           .left_out = fr_alloc(n, sizeof *o->left_out),
                           .unedited = fr_alloc(n, sizeof *o->unedited),
                           .before = fr_alloc(n, sizeof *o->before),
                           .after = fr_alloc(n, sizeof *o->after),
                           .effects = fr_alloc(n, sizeof *o->effects)};
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < in->world->n_namings; i++)
        if (in->use[i]) {
            o->ids[o->n_namings++] = in->world->namings[i].naming->id;
            code = load_naming(in, line, o->n_namings - 1, o, err);
        }
    if (code != FR_OK)
        outcomes_release(o);
    return code;
}

static void count_pairs(const struct outcomes *o, int i, int *before, int *after, int *gained,
                        int *lost) {
    *before = *after = *gained = *lost = 0;
    for (int k = 0; k < o->n_puzzles[i]; k++) {
        *before += o->before[i][k];
        *after += o->after[i][k];
        *gained += o->after[i][k] > o->before[i][k];
        *lost += o->after[i][k] < o->before[i][k];
    }
}

/* ---- tests ----------------------------------------------------------------------------------- */

static int summarise(const struct fr_analysis_input *in, const struct outcomes *o,
                     struct line *line, struct fr_error *err) {
    const struct fr_config *c = &in->world->config;
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < o->n_namings; i++) {
        int before, after, gained, lost;
        count_pairs(o, i, &before, &after, &gained, &lost);
        line->n_pairs += o->n_puzzles[i];
        line->gained += gained;
        line->lost += lost;
        line->unedited += o->unedited[i];
        code = fr_store_run(in->store, err,
                            "INSERT INTO effect_naming VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            "tttiiiiiiid", line->experiment, line->condition, o->ids[i],
                            (int64_t)o->n_puzzles[i], (int64_t)o->left_out[i], (int64_t)before,
                            (int64_t)after, (int64_t)gained, (int64_t)lost, (int64_t)o->unedited[i],
                            o->effects[i]);
    }
    const struct fr_paired pairs = {o->n_namings, o->n_puzzles, (const uint8_t *const *)o->before,
                                    (const uint8_t *const *)o->after};
    struct fr_rng rng;
    fr_rng_seed(&rng, (uint64_t)c->seed, line->seed);
    line->t = fr_t_test(o->effects, o->n_namings);
    line->n_namings = line->t.n;
    line->p_permutation = fr_permutation_test(&pairs, c->permutations, &rng);
    fr_bootstrap_paired(&pairs, c->resamples, confidence, &rng, &line->low, &line->high);
    line->p_mcnemar = fr_mcnemar(line->gained, line->lost).p_two_sided;
    line->detectable = NAN; /* without variance the design does not say what it could have seen */
    if (line->t.standard_error > 0)
        line->detectable =
            fr_minimal_detectable_effect(line->t.standard_error, line->n_namings, level, power);
    return code;
}

/* A line's part in its family, NaN for none: the identity is a check, no hypothesis. A condition
 * whose namings all stayed as they were has p = 1 and counts (fr_t_test): else the family would
 * shrink by what the data say, and the others would be corrected for less than was tried. */
static double p_in_family(const struct line *l, const char *family) {
    if (l->identity || strcmp(l->family, family) != 0)
        return NAN;
    return l->t.p_greater;
}

/* Holm's correction within each family. */
static void correct(struct lines *lines) {
    double *p = fr_alloc((size_t)lines->n, sizeof *p),
           *holm = fr_alloc((size_t)lines->n, sizeof *p);
    for (int first = 0; first < lines->n; first++) {
        const char *family = lines->items[first].family;
        bool seen = false;
        for (int i = 0; i < first && !seen; i++)
            seen = strcmp(lines->items[i].family, family) == 0;
        if (seen)
            continue;
        for (int i = 0; i < lines->n; i++)
            p[i] = p_in_family(&lines->items[i], family);
        fr_holm(p, lines->n, holm);
        for (int i = 0; i < lines->n; i++)
            if (strcmp(lines->items[i].family, family) == 0)
                lines->items[i].p_holm = holm[i];
    }
    free(p);
    free(holm);
}

static void list_excluded(const struct fr_world *w, struct fr_text *out) {
    for (int i = 0; i < w->n_namings; i++)
        if (w->namings[i].excluded && !w->namings[i].clean)
            fr_text_printf(out, "%snaming %s", out->len ? ", " : "", w->namings[i].naming->id);
    if (out->len == 0)
        fr_text_add(out, "none");
}

static int write_lines(const struct fr_analysis_input *in, const struct lines *lines,
                       struct fr_error *err) {
    struct fr_text excluded = {0};
    list_excluded(in->world, &excluded);
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < lines->n; i++) {
        const struct line *l = &lines->items[i];
        code =
            fr_store_run(in->store, err,
                         "INSERT INTO effect VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                         "?, ?, ?, ?, ?)",
                         "tttiiddddddddiiddiit", l->experiment, l->condition, l->against,
                         (int64_t)l->n_namings, (int64_t)l->n_pairs, l->t.mean, l->t.standard_error,
                         l->t.t, l->t.p_greater, l->p_holm, l->low, l->high, l->p_permutation,
                         (int64_t)l->gained, (int64_t)l->lost, l->p_mcnemar, l->detectable,
                         (int64_t)l->changed, (int64_t)l->unedited, fr_text_get(&excluded));
    }
    fr_text_release(&excluded);
    return code;
}

static int run(const struct fr_analysis_input *in, struct fr_error *err) {
    struct lines lines = {0};
    int code = load_lines(in, &lines, err);
    for (int i = 0; code == FR_OK && i < lines.n; i++) {
        struct outcomes outcomes;
        code = load_outcomes(in, &lines.items[i], &outcomes, err);
        if (code == FR_OK) {
            code = summarise(in, &outcomes, &lines.items[i], err);
            outcomes_release(&outcomes);
        }
        fr_events_progress(in->events, i + 1, lines.n, 0, "conditions");
    }
    correct(&lines);
    if (code == FR_OK)
        code = write_lines(in, &lines, err);
    lines_release(&lines);
    return code;
}

static const char *const figures[] = {"effects", "effects-namings", NULL};
const struct fr_analysis fr_analysis_effects = {
    .name = "effects",
    .need = FR_NEEDS_RUNS,
    .tables = tables,
    .n_tables = sizeof tables / sizeof *tables,
    .run = run,
    .figures = figures,
};
