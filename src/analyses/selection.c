/* Table 4: of each naming the best gain over an experiment's layers, beside the best that chance
 * gives (method.md 6). Of every series that has several layers; the layers are all that the
 * experiment has, so which were chosen from is the configuration's to say. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/outcomes.h"
#include "analyses/paper.h"
#include "base/memory.h"

static const struct fr_result_table tables[] = {
    /* n_layers: conditions chosen from. best: largest effect, of the condition best_condition.
     * expected, high, p: of the best when the signs of pairs are flipped: mean, 95th percentile,
     * share at least as large. paper_best: of QwQ-32B under these words, the best of layers 20, 30,
     * 40, 50 of 64 with these vectors, or NULL */
    {"best_naming", FR_OWNER_STATISTICS,
     "experiment TEXT NOT NULL, series TEXT NOT NULL, naming TEXT NOT NULL, n INTEGER NOT NULL,"
     " n_layers INTEGER NOT NULL, against_accuracy REAL, best REAL, best_condition TEXT,"
     " expected REAL, high REAL, p REAL, paper_accuracy REAL, paper_best REAL,"
     " PRIMARY KEY (experiment, series, naming)"},
    /* Means over namings. flip_*: by flips of whole namings; pairs_*: of pairs within them */
    {"best", FR_OWNER_STATISTICS,
     "experiment TEXT NOT NULL, series TEXT NOT NULL, n_namings INTEGER NOT NULL,"
     " n_layers INTEGER NOT NULL, best REAL, flip_expected REAL, flip_high REAL, flip_p REAL,"
     " pairs_expected REAL, pairs_high REAL, pairs_p REAL, paper_best REAL,"
     " PRIMARY KEY (experiment, series)"},
};

/* The conditions of one series, and their outcomes. */
struct series {
    char *experiment, *name, *vectors;
    bool less, is_papers; /* is_papers: matched, mixed, against the baseline */
    int n;
    int64_t edits[FR_SWEEP], against[FR_SWEEP];
    char *conditions[FR_SWEEP];
    struct fr_outcomes outcomes[FR_SWEEP];
};

static void series_release(struct series *s) {
    for (int i = 0; i < s->n; i++) {
        free(s->conditions[i]);
        fr_outcomes_release(&s->outcomes[i]);
    }
    free(s->experiment);
    free(s->name);
    free(s->vectors);
    *s = (struct series){0};
}

/* Pairs that every condition has; d [C][n]. */
static int common(const struct series *s, int naming, int8_t *d, int *solved) {
    int at[FR_SWEEP] = {0}, n = 0;
    const int n_first = s->outcomes[0].n_puzzles[naming], stride = n_first;
    *solved = 0;
    for (int k = 0; k < n_first; k++) {
        const int32_t puzzle = s->outcomes[0].puzzles[naming][k];
        bool all = true;
        for (int c = 0; c < s->n; c++) {
            const struct fr_outcomes *o = &s->outcomes[c];
            while (at[c] < o->n_puzzles[naming] && o->puzzles[naming][at[c]] < puzzle)
                at[c]++;
            all = all && at[c] < o->n_puzzles[naming] && o->puzzles[naming][at[c]] == puzzle;
        }
        if (!all)
            continue;
        for (int c = 0; c < s->n; c++) {
            const struct fr_outcomes *o = &s->outcomes[c];
            const int difference = o->after[naming][at[c]] - o->before[naming][at[c]];
            d[c * stride + n] = (int8_t)(s->less ? -difference : difference);
        }
        *solved += s->outcomes[0].before[naming][k];
        n++;
    }
    for (int c = 1; c < s->n; c++) /* close the rows up */
        memmove(d + c * n, d + c * stride, (size_t)n);
    return n;
}

static double signed_as_stored(const struct series *s, double x) { return s->less ? -x : x; }

static int write_series(const struct fr_analysis_input *in, const struct fr_paper *paper,
                        const struct series *s, struct fr_error *err) {
    const int n = s->outcomes[0].n_namings;
    int *n_puzzles = fr_alloc((size_t)n, sizeof *n_puzzles),
        *solved = fr_alloc((size_t)n, sizeof *solved);
    int8_t **d = fr_alloc((size_t)n, sizeof *d);
    struct fr_best *bests = fr_alloc((size_t)n, sizeof *bests), pairs, namings;
    struct fr_rng rng;
    double papers = 0;
    int n_papers = 0, n_present = 0, code = FR_OK;
    for (int i = 0; i < n; i++) {
        d[i] = fr_alloc((size_t)s->n * (size_t)s->outcomes[0].n_puzzles[i], 1);
        n_puzzles[i] = common(s, i, d[i], &solved[i]);
        n_present += n_puzzles[i] > 0;
    }
    fr_rng_seed(&rng, (uint64_t)in->world->config.seed,
                fr_mix64(fr_hash_text("best"),
                         fr_mix64(fr_hash_text(s->experiment), fr_hash_text(s->name))));
    const struct fr_selection selection = {s->n, n, n_puzzles, (const int8_t *const *)d};
    fr_selection_test(&selection, in->world->config.permutations, &rng, bests, &pairs, &namings);
    for (int i = 0; code == FR_OK && i < n; i++) {
        const int at = fr_namings_find(&in->world->table, s->outcomes[0].ids[i]);
        const struct fr_paper_naming *row =
            at >= 0 && s->is_papers
                ? fr_paper_find(paper, &in->world->table.concepts, &in->world->table.items[at])
                : NULL;
        double paper_best = NAN;
        for (int k = 0; row != NULL && k < FR_PAPER_SETS; k++)
            if (strcmp(fr_paper_best_vectors[k], s->vectors) == 0)
                paper_best = row->best[k];
        papers += isnan(paper_best) ? 0 : paper_best;
        n_papers += !isnan(paper_best);
        code = fr_store_run(in->store, err,
                            "INSERT INTO best_naming VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
                            "tttiiddtddddd", s->experiment, s->name, s->outcomes[0].ids[i],
                            (int64_t)n_puzzles[i], (int64_t)s->n,
                            n_puzzles[i] > 0 ? (double)solved[i] / n_puzzles[i] : NAN,
                            signed_as_stored(s, bests[i].best),
                            bests[i].condition >= 0 ? s->conditions[bests[i].condition] : NULL,
                            signed_as_stored(s, bests[i].expected),
                            signed_as_stored(s, bests[i].high), bests[i].p,
                            row != NULL && !isnan(paper_best) ? row->accuracy : NAN, paper_best);
    }
    if (code == FR_OK)
        code =
            fr_store_run(in->store, err, "INSERT INTO best VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
                         "ttiidddddddd", s->experiment, s->name, (int64_t)n_present, (int64_t)s->n,
                         signed_as_stored(s, namings.best), signed_as_stored(s, namings.expected),
                         signed_as_stored(s, namings.high), namings.p,
                         signed_as_stored(s, pairs.expected), signed_as_stored(s, pairs.high),
                         pairs.p, n_papers > 0 ? papers / n_papers : NAN);
    for (int i = 0; i < n; i++)
        free(d[i]);
    free(d);
    free(bests);
    free(solved);
    free(n_puzzles);
    return code;
}

static int finish(const struct fr_analysis_input *in, const struct fr_paper *paper,
                  struct series *s, struct fr_error *err) {
    int code = FR_OK;
    if (s->n >= 2) {
        for (int c = 0; code == FR_OK && c < s->n; c++)
            code = fr_outcomes_load(in, s->edits[c], s->against[c], &s->outcomes[c], err);
        if (code == FR_OK)
            code = write_series(in, paper, s, err);
    }
    series_release(s);
    return code;
}

static const char conditions_sql[] =
    "SELECT c.experiment, c.series, c.name, c.edit, a.edit, e.operation IN ('subtract', 'project'),"
    " c.role = 'matched' AND e.operation = 'mix' AND a.role = 'baseline', e.vectors"
    " FROM condition c JOIN condition a ON a.id = c.against JOIN edit e ON e.id = c.edit"
    " WHERE c.role IN ('matched', 'control') ORDER BY c.experiment, c.series, e.layer_first,"
    " e.layer_end";

static int run(const struct fr_analysis_input *in, struct fr_error *err) {
    struct fr_paper paper;
    struct fr_query *query;
    struct series *s = fr_alloc(1, sizeof *s);
    int code = fr_paper_load(&paper, err);
    if (code == FR_OK &&
        (code = fr_query_open(&query, in->store, err, conditions_sql, "")) == FR_OK) {
        while (code == FR_OK && fr_query_next(query)) {
            const char *experiment = fr_query_text(query, 0), *name = fr_query_text(query, 1);
            if (s->n > 0 && (strcmp(s->experiment, experiment) != 0 || strcmp(s->name, name) != 0))
                code = finish(in, &paper, s, err);
            if (s->n == 0) {
                s->experiment = fr_strdup(experiment);
                s->name = fr_strdup(name);
                s->less = fr_query_int(query, 5) != 0;
                s->is_papers = fr_query_int(query, 6) != 0;
                s->vectors = fr_strdup(fr_query_text(query, 7));
            }
            FR_ASSERT(s->n < FR_SWEEP);
            s->conditions[s->n] = fr_strdup(fr_query_text(query, 2));
            s->edits[s->n] = fr_query_int(query, 3);
            s->against[s->n++] = fr_query_int(query, 4);
        }
        if (code == FR_OK && s->n > 0)
            code = finish(in, &paper, s, err);
        code = fr_query_close_after(query, code, err);
    }
    series_release(s);
    free(s);
    fr_paper_release(&paper);
    return code;
}

const struct fr_analysis fr_analysis_selection = {
    .name = "selection",
    .need = FR_NEEDS_RUNS,
    .tables = tables,
    .n_tables = sizeof tables / sizeof *tables,
    .run = run,
};
