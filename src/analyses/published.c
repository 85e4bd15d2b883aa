/* The paper's own effects as a reader should see them: with the correction, the other tail and the
 * detectable effect that its tables lack, and with the condition of this study that stands nearest
 * (method.md 6). Everything is derived from what was printed (data/paper/). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/analysis.h"
#include "analyses/paper.h"
#include "base/memory.h"
#include "statistics/statistics.h"

static const double level = 0.05, power = 0.8;
/* How far our condition's depth may be from the paper's: half a step of a model of five layers. */
static const double nearness = 0.1;

static const struct fr_result_table tables[] = {
    /* mean, standard_error, n_namings: printed. t, p (one-tailed, for the sign expected of the
     * operation), p_two_sided, p_holm (over the source), detectable: derived. experiment,
     * condition: of this study, with the same operation, vectors (or cross_loo for cross_all),
     * control and counterpart, nearest in depth; NULL: none near */
    {"paper_effect", FR_OWNER_STATISTICS,
     "position INTEGER PRIMARY KEY, source TEXT NOT NULL, operation TEXT NOT NULL,"
     " vectors TEXT NOT NULL, control TEXT NOT NULL, against TEXT NOT NULL, depth INTEGER NOT NULL,"
     " layer_first INTEGER NOT NULL, layer_last INTEGER NOT NULL, n_namings INTEGER NOT NULL,"
     " mean REAL, standard_error REAL, t REAL, p REAL, p_two_sided REAL, p_holm REAL,"
     " detectable REAL, experiment TEXT, condition TEXT"},
    /* Table 4. best: mean over namings of the best gain of four layers. The mean of the largest of
     * four effects with table 5's spreads over namings, with correlation 0.7 between layers (alike)
     * and with none (apart): chance_*: effects of zero; table_5_*: with table 5's means */
    {"paper_best", FR_OWNER_STATISTICS,
     "vectors TEXT PRIMARY KEY, n_namings INTEGER NOT NULL, best REAL, chance_alike REAL,"
     " chance_apart REAL, table_5_alike REAL, table_5_apart REAL"},
};

static bool is_loss(const struct fr_paper_effect *e) {
    return strcmp(e->operation, "subtract") == 0;
}

static struct fr_t_test tested(const struct fr_paper_effect *e) {
    return fr_t_test_summary(is_loss(e) ? -e->effect : e->effect, e->standard_error, e->n_namings);
}

/* Holm's correction over the effects of the same source. */
static void correct(const struct fr_paper *paper, double *holm) {
    double *p = fr_alloc((size_t)paper->n_effects, sizeof *p),
           *adjusted = fr_alloc((size_t)paper->n_effects, sizeof *adjusted);
    for (int i = 0; i < paper->n_effects; i++) {
        for (int k = 0; k < paper->n_effects; k++)
            p[k] = strcmp(paper->effects[k].source, paper->effects[i].source) == 0
                       ? tested(&paper->effects[k]).p_greater
                       : NAN;
        fr_holm(p, paper->n_effects, adjusted);
        holm[i] = adjusted[i];
    }
    free(p);
    free(adjusted);
}

/* ?1 operation, ?2 vectors, ?3 control, ?4 against, ?5 first, ?6 last, ?7 depth, ?8 nearness */
static const char ours_sql[] =
    "WITH c AS (SELECT c.experiment, c.name, c.position, e.vectors,"
    " abs(e.layer_first / m.n - ?5 * 1.0 / ?7) + abs((e.layer_end - 1) / m.n - ?6 * 1.0 / ?7) AS "
    "off"
    " FROM condition c JOIN edit e ON e.id = c.edit JOIN condition a ON a.id = c.against"
    " JOIN edit f ON f.id = a.edit"
    " JOIN (SELECT CAST(value AS REAL) AS n FROM meta WHERE key = 'model_layers') m"
    " WHERE c.role IN ('matched', 'control') AND e.operation = ?1 AND e.control = ?3"
    " AND (e.vectors = ?2 OR ?2 = 'cross_all' AND e.vectors = 'cross_loo')"
    " AND iif(a.role = 'baseline', 'baseline', f.control) = ?4"
    " AND (e.layer_end - e.layer_first > 1) = (?6 > ?5))"
    " SELECT experiment, name FROM c WHERE off <= 2 * ?8"
    " ORDER BY vectors <> ?2, off, position LIMIT 1";

static int write_effect(const struct fr_analysis_input *in, const struct fr_paper_effect *e,
                        int position, double holm, struct fr_error *err) {
    const struct fr_t_test t = tested(e);
    struct fr_query *query;
    char *experiment = NULL, *condition = NULL;
    int code = fr_query_open(&query, in->store, err, ours_sql, "ttttiiid", e->operation, e->vectors,
                             e->control, e->against, (int64_t)e->first, (int64_t)e->last,
                             (int64_t)e->depth, nearness);
    if (code != FR_OK)
        return code;
    if (fr_query_next(query)) {
        experiment = fr_strdup(fr_query_text(query, 0));
        condition = fr_strdup(fr_query_text(query, 1));
    }
    code = fr_query_close(query, err);
    if (code == FR_OK)
        code =
            fr_store_run(in->store, err,
                         "INSERT INTO paper_effect VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                         "itttttiiiidddddddtt", (int64_t)position, e->source, e->operation,
                         e->vectors, e->control, e->against, (int64_t)e->depth, (int64_t)e->first,
                         (int64_t)e->last, (int64_t)e->n_namings, e->effect, e->standard_error,
                         is_loss(e) ? -t.t : t.t, t.p_greater, t.p_two_sided, holm,
                         fr_minimal_detectable_effect(e->standard_error, e->n_namings, level,
                                                      power),
                         experiment, condition);
    free(experiment);
    free(condition);
    return code;
}

/* ---- table 4 --------------------------------------------------------------------------------- */

enum { MAX_LAYERS = 8 };

/* The mean of the largest of n normals with one correlation; means may be NULL: zero. */
static double largest_of(const double *means, const double *spreads, int n, double correlation,
                         uint64_t seed) {
    enum { DRAWS = 50000 };
    struct fr_rng rng;
    double sum = 0;
    fr_rng_seed(&rng, seed, 4);
    for (int r = 0; r < DRAWS; r++) {
        const double shared = fr_rng_normal(&rng);
        double largest = -INFINITY;
        for (int i = 0; i < n; i++) {
            const double own =
                sqrt(correlation) * shared + sqrt(1 - correlation) * fr_rng_normal(&rng);
            largest = fmax(largest, (means != NULL ? means[i] : 0) + spreads[i] * own);
        }
        sum += largest / DRAWS;
    }
    return sum;
}

static int write_best(const struct fr_analysis_input *in, const struct fr_paper *paper, int set,
                      struct fr_error *err) {
    static const double alike = 0.7, apart = 0;
    double means[MAX_LAYERS], spreads[MAX_LAYERS], best = 0;
    int n = 0, n_namings = 0;
    for (int i = 0; i < paper->n_effects && n < MAX_LAYERS; i++) {
        const struct fr_paper_effect *e = &paper->effects[i];
        if (strcmp(e->vectors, fr_paper_best_vectors[set]) != 0 ||
            strcmp(e->control, "none") != 0 || strcmp(e->operation, "mix") != 0)
            continue;
        means[n] = e->effect;
        spreads[n++] = e->standard_error * sqrt(e->n_namings);
    }
    for (int i = 0; i < paper->n_namings; i++)
        if (!isnan(paper->namings[i].best[set])) {
            best += paper->namings[i].best[set];
            n_namings++;
        }
    const uint64_t seed = (uint64_t)in->world->config.seed;
    return fr_store_run(in->store, err, "INSERT INTO paper_best VALUES (?, ?, ?, ?, ?, ?, ?)",
                        "tiddddd", fr_paper_best_vectors[set], (int64_t)n_namings, best / n_namings,
                        largest_of(NULL, spreads, n, alike, seed),
                        largest_of(NULL, spreads, n, apart, seed),
                        largest_of(means, spreads, n, alike, seed),
                        largest_of(means, spreads, n, apart, seed));
}

static int run(const struct fr_analysis_input *in, struct fr_error *err) {
    struct fr_paper paper;
    int code = fr_paper_load(&paper, err);
    if (code != FR_OK)
        return code;
    double *holm = fr_alloc((size_t)paper.n_effects, sizeof *holm);
    correct(&paper, holm);
    for (int i = 0; code == FR_OK && i < paper.n_effects; i++)
        code = write_effect(in, &paper.effects[i], i + 1, holm[i], err);
    for (int k = 0; code == FR_OK && k < FR_PAPER_SETS; k++)
        code = write_best(in, &paper, k, err);
    free(holm);
    fr_paper_release(&paper);
    return code;
}

const struct fr_analysis fr_analysis_published = {
    .name = "published",
    .need = FR_NEEDS_RUNS,
    .tables = tables,
    .n_tables = sizeof tables / sizeof *tables,
    .run = run,
};
