/* Refinement against success (method.md 4, "Refinement and success"): is a concept's representation
 * more like the other namings' in traces that solve their puzzle than in those that do not?
 *
 * Subjects are a naming's solved and its failed traces (A3: same concept, leave-one-out),
 * references all traces of the other namings, so that both are held against the same. Greedy
 * decoding gives a naming one trace a puzzle, which it solves or not: so within a naming the two
 * are of different puzzles (but for names of objects), and of the same ones only over the namings
 * together, where as many are taken of either (`the same`). Else what solved puzzles have in common
 * is part of the difference. So is noise, which is less where there are more mentions: their number
 * stands beside.
 *
 * Over namings the interval is a jackknife. A single naming's is over its traces, from sums of ten
 * groups of them at the reference timestamp: rows of single traces are nowhere kept. */
#include <math.h>
#include <stdlib.h>

#include "analyses/analyses.h"
#include "analyses/analysis.h"
#include "base/memory.h"
#include "statistics/statistics.h"

/* Which traces are held against each other; puzzles: as the tables call it. */
static const struct pairing {
    const char *puzzles;
    enum fr_trace_set sets[FR_SUCCESS_SIDES], groups[FR_SUCCESS_SIDES];
} pairings[] = {
    {"each its own",
     {FR_TRACES_SOLVED, FR_TRACES_FAILED},
     {FR_TRACES_GROUPS_SOLVED, FR_TRACES_GROUPS_FAILED}},
    {"the same",
     {FR_TRACES_SAME_SOLVED, FR_TRACES_SAME_FAILED},
     {FR_TRACES_GROUPS_SAME_SOLVED, FR_TRACES_GROUPS_SAME_FAILED}},
};
static const char *const shown[FR_SUCCESS_CURVES] = {"solved", "failed", "difference"};

static const struct fr_result_table tables[] = {
    /* puzzles: 'each its own', 'the same' over the namings together. outcome: 'solved', 'failed',
     * 'difference': solved minus failed, of the namings that have both. 95% over namings */
    {"success_curve", FR_OWNER_ANALYSES,
     "puzzles TEXT NOT NULL, layer INTEGER NOT NULL, kind TEXT NOT NULL, outcome TEXT NOT NULL,"
     " timestamp INTEGER NOT NULL, mean REAL, low REAL, high REAL, n_namings INTEGER NOT NULL,"
     " PRIMARY KEY (puzzles, layer, kind, outcome, timestamp)"},
    /* At the reference timestamp. difference: solved minus failed, 95% over the naming's traces;
     * groups: of traces, behind the interval. mentions: behind the kind's cells */
    {"success_naming", FR_OWNER_ANALYSES,
     "puzzles TEXT NOT NULL, layer INTEGER NOT NULL, kind TEXT NOT NULL, naming TEXT NOT NULL,"
     " solved REAL, failed REAL, difference REAL, low REAL, high REAL,"
     " solved_groups INTEGER NOT NULL, failed_groups INTEGER NOT NULL,"
     " solved_mentions INTEGER NOT NULL, failed_mentions INTEGER NOT NULL,"
     " PRIMARY KEY (puzzles, layer, kind, naming)"},
    /* Of the differences there: t over namings, with the jackknife's standard error, one-tailed for
     * more alike where solved; p_flip by flips of whole namings, references as they are.
     * detectable: with a power of 0.8 */
    {"success_test", FR_OWNER_ANALYSES,
     "puzzles TEXT NOT NULL, layer INTEGER NOT NULL, kind TEXT NOT NULL,"
     " timestamp INTEGER NOT NULL, n_namings INTEGER NOT NULL, mean REAL, standard_error REAL,"
     " low REAL, high REAL, t REAL, p REAL, p_flip REAL, detectable REAL,"
     " PRIMARY KEY (puzzles, layer, kind)"},
};

void fr_success_run(const struct fr_reps *const sides[FR_SUCCESS_SIDES],
                    const struct fr_reps *references, const bool *use, int reference_time,
                    struct fr_curves out[FR_CONCEPT_KIND_COUNT][FR_SUCCESS_CURVES]) {
    struct fr_similarity similarity = {0};
    for (int k = 0; k < FR_SUCCESS_SIDES; k++) {
        fr_similarity_run(&(struct fr_similarity_ask){.subjects = sides[k],
                                                      .references = references,
                                                      .use = use,
                                                      .reference_time = reference_time},
                          &similarity);
        for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++)
            fr_curves_take(&similarity, sides[k]->first_layer + 1, (enum fr_concept_kind)kind,
                           sides[k]->n_times, &out[kind][k]);
        fr_similarity_release(&similarity);
    }
    for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++) {
        const struct fr_curves *solved = &out[kind][0], *failed = &out[kind][1];
        struct fr_curves *difference = &out[kind][FR_SUCCESS_SIDES];
        const int n = solved->n_times * solved->n_namings;
        fr_curves_init(difference, solved->n_times, solved->n_namings);
        for (int i = 0; i < n; i++) /* NaN without either */
            difference->values[i] = solved->values[i] - failed->values[i];
        for (int i = 0; i < n * solved->n_namings; i++)
            difference->without[i] = solved->without[i] - failed->without[i];
    }
}

/* One naming's means over all but one group of its traces, in times 0 .. n - 1 of those there are.
 */
static int leave_out(struct fr_reps *out, int naming, const struct fr_sums *groups) {
    const int n_times = groups->n_times, width = groups->width;
    struct fr_sums rest;
    int n = 0;
    fr_sums_init(&rest, groups->site, groups->n_concepts, 1, n_times, width);
    for (int g = 0; g < n_times; g++) {
        bool any = false;
        for (int a = 0; a < groups->n_concepts; a++)
            any = any || groups->counts[a * n_times + g] > 0;
        for (int a = 0; any && a < groups->n_concepts; a++)
            for (int other = 0; other < n_times; other++) {
                const double *from = groups->sums + (size_t)(a * n_times + other) * (size_t)width;
                double *to = rest.sums + (size_t)(a * n_times + n) * (size_t)width;
                if (other == g)
                    continue;
                rest.counts[a * n_times + n] += groups->counts[a * n_times + other];
                for (int d = 0; d < width; d++)
                    to[d] += from[d];
            }
        n += any;
    }
    fr_reps_set_naming(out, naming, &rest, 1);
    fr_sums_release(&rest);
    return n;
}

void fr_success_errors(const struct fr_sums *groups, const struct fr_reps *references,
                       const bool *use, int reference_time, int *n_groups,
                       double *const errors[FR_CONCEPT_KIND_COUNT]) {
    const int n_namings = references->n_namings;
    struct fr_reps raw, centred;
    struct fr_similarity similarity = {0};
    double *without = NULL;
    fr_reps_init(&raw, references->concepts, n_namings, 1, FR_GROUPS, references->width);
    raw.first_layer = references->first_layer;
    for (int n = 0; n < n_namings; n++)
        n_groups[n] = groups[n].sums == NULL ? 0 : leave_out(&raw, n, &groups[n]);
    fr_reps_centre(&raw, &centred);
    fr_similarity_run(&(struct fr_similarity_ask){.subjects = &centred,
                                                  .references = references,
                                                  .use = use,
                                                  .reference_time = reference_time},
                      &similarity);
    without = fr_alloc(FR_GROUPS, sizeof *without);
    for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++) {
        struct fr_curves curves;
        int used = 0;
        fr_curves_take(&similarity, centred.first_layer + 1, (enum fr_concept_kind)kind, FR_GROUPS,
                       &curves);
        for (int n = 0; n < n_namings; n++) {
            double low, high;
            errors[kind][n] = NAN;
            if (use != NULL && !use[n])
                continue;
            for (int g = 0; g < n_groups[n]; g++)
                without[g] = curves.values[g * curves.n_namings + used];
            fr_jackknife(0, without, n_groups[n], n_groups[n], 0.95, &errors[kind][n], &low, &high);
            used++;
        }
        fr_curves_release(&curves);
    }
    free(without);
    fr_similarity_release(&similarity);
    fr_reps_release(&centred);
    fr_reps_release(&raw);
}

/* Of the namings' values, what groups of their traces tell. */
struct spread {
    int *n_groups;                         /* [N] */
    double *errors[FR_CONCEPT_KIND_COUNT]; /* [N] */
};

static void spread_release(struct spread *s) {
    free(s->n_groups);
    for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++)
        free(s->errors[kind]);
    *s = (struct spread){0};
}

static int spread_of(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                     enum fr_trace_set set, struct spread *out, struct fr_error *err) {
    const struct fr_world *w = in->world;
    const size_t n_namings = (size_t)w->n_namings;
    struct fr_sums *groups = fr_alloc(n_namings, sizeof *groups);
    int code = FR_OK;
    out->n_groups = fr_alloc(n_namings, sizeof *out->n_groups);
    for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++)
        out->errors[kind] = fr_alloc(n_namings, sizeof *out->errors[kind]);
    for (int n = 0; code == FR_OK && n < w->n_namings; n++)
        if (in->use[n]) {
            struct fr_grid grid;
            code = fr_analysis_load_sums(in, n, set, layer->layer - 1, 1, &groups[n], &grid, err);
            if (code == FR_OK)
                free(grid.times);
        }
    if (code == FR_OK)
        fr_success_errors(groups, layer->centred, in->use,
                          fr_config_grid_index(&w->config, w->config.reference_timestamp),
                          out->n_groups, out->errors);
    for (int n = 0; n < w->n_namings; n++)
        fr_sums_release(&groups[n]);
    free(groups);
    return code;
}

static int write_curve(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                       const struct pairing *pairing, const char *kind, const char *outcome,
                       const struct fr_curves *curves, struct fr_error *err) {
    int code = FR_OK;
    for (int t = 0; code == FR_OK && t < curves->n_times; t++) {
        const struct fr_estimate e = fr_curve_at(curves, t, false);
        code = fr_store_run(in->store, err,
                            "INSERT INTO success_curve VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            "tittidddi", pairing->puzzles, (int64_t)layer->layer, kind, outcome,
                            (int64_t)layer->grid->times[t], e.value, e.low, e.high,
                            (int64_t)e.n_namings);
    }
    return code;
}

static int write_namings(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                         const struct pairing *pairing, int kind, int time,
                         const struct fr_curves both[FR_SUCCESS_SIDES],
                         const struct spread spreads[FR_SUCCESS_SIDES], struct fr_error *err) {
    const struct fr_world *w = in->world;
    int code = FR_OK, k = 0;
    for (int n = 0; code == FR_OK && n < w->n_namings; n++) {
        if (!in->use[n])
            continue;
        const int at = time * both[0].n_namings + k++;
        const double solved = both[0].values[at], failed = both[1].values[at];
        double low, high;
        fr_welch_interval(solved - failed, spreads[0].errors[kind][n], spreads[0].n_groups[n],
                          spreads[1].errors[kind][n], spreads[1].n_groups[n], 0.95, &low, &high);
        code = fr_store_run(
            in->store, err,
            "INSERT INTO success_naming SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
            " coalesce(sum(m.mentions) FILTER (WHERE m.traces = ?13), 0), coalesce(sum(m.mentions)"
            " FILTER (WHERE m.traces = ?14), 0) FROM mention_count m JOIN (SELECT DISTINCT concept,"
            " kind FROM naming_word) c USING (concept) WHERE m.naming = ?4 AND c.kind = ?3 AND"
            " m.timestamp = ?12",
            "tittdddddiiitt", pairing->puzzles, (int64_t)layer->layer, fr_concept_kind_name[kind],
            w->namings[n].naming->id, solved, failed, solved - failed, low, high,
            (int64_t)spreads[0].n_groups[n], (int64_t)spreads[1].n_groups[n],
            (int64_t)layer->grid->times[time], fr_trace_set_name[pairing->sets[0]],
            fr_trace_set_name[pairing->sets[1]]);
    }
    return code;
}

static int write_test(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                      const struct pairing *pairing, const char *kind, int time,
                      const struct fr_curves *curves, struct fr_error *err) {
    static const double level = 0.05, power = 0.8;
    const struct fr_config *c = &in->world->config;
    const double *values = curves->values + (size_t)time * (size_t)curves->n_namings;
    const struct fr_estimate e = fr_curve_at(curves, time, false);
    const struct fr_t_test t = fr_t_test_summary(e.value, e.standard_error, e.n_namings);
    double p_flip, p_max;
    struct fr_rng rng;
    fr_rng_seed(&rng, (uint64_t)c->seed, fr_hash_text("success"));
    fr_flip_test(values, 1, curves->n_namings, c->permutations, &rng, &p_flip, &p_max);
    return fr_store_run(in->store, err,
                        "INSERT INTO success_test VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        "titiidddddddd", pairing->puzzles, (int64_t)layer->layer, kind,
                        (int64_t)layer->grid->times[time], (int64_t)t.n, t.mean, t.standard_error,
                        e.low, e.high, t.t, t.p_greater, p_flip,
                        t.standard_error > 0
                            ? fr_minimal_detectable_effect(t.standard_error, t.n, level, power)
                            : (double)NAN);
}

static bool has_kind(const struct fr_concepts *concepts, int kind) {
    for (int a = 0; a < concepts->n; a++)
        if ((int)concepts->kinds[a] == kind)
            return true;
    return false;
}

static int write_kind(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                      const struct pairing *pairing, int kind,
                      const struct fr_curves curves[FR_SUCCESS_CURVES],
                      const struct spread spreads[FR_SUCCESS_SIDES], struct fr_error *err) {
    const struct fr_config *c = &in->world->config;
    const int reference = fr_config_grid_index(c, c->reference_timestamp);
    const char *name = fr_concept_kind_name[kind];
    int code = FR_OK;
    if (!has_kind(&in->world->table.concepts, kind))
        return FR_OK;
    for (int k = 0; code == FR_OK && k < FR_SUCCESS_CURVES; k++)
        code = write_curve(in, layer, pairing, name, shown[k], &curves[k], err);
    if (code == FR_OK)
        code = write_namings(in, layer, pairing, kind, reference, curves, spreads, err);
    if (code == FR_OK)
        code = write_test(in, layer, pairing, name, reference, &curves[FR_SUCCESS_SIDES], err);
    return code;
}

static int run_pairing(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                       const struct pairing *pairing, struct fr_error *err) {
    const struct fr_config *c = &in->world->config;
    struct fr_reps sides[FR_SUCCESS_SIDES] = {0};
    struct fr_curves curves[FR_CONCEPT_KIND_COUNT][FR_SUCCESS_CURVES] = {0};
    struct spread spreads[FR_SUCCESS_SIDES] = {0};
    int code = FR_OK;
    for (int k = 0; code == FR_OK && k < FR_SUCCESS_SIDES; k++) {
        struct fr_reps raw = {0};
        code = layer->load(layer->user, pairing->sets[k], FR_SITE_BLOCK, &raw, err);
        if (code == FR_OK)
            fr_reps_centre(&raw, &sides[k]);
        fr_reps_release(&raw);
        if (code == FR_OK)
            code = spread_of(in, layer, pairing->groups[k], &spreads[k], err);
    }
    if (code == FR_OK)
        fr_success_run((const struct fr_reps *const[]){&sides[0], &sides[1]}, layer->centred,
                       in->use, fr_config_grid_index(c, c->reference_timestamp), curves);
    for (int kind = 0; code == FR_OK && kind < FR_CONCEPT_KIND_COUNT; kind++)
        code = write_kind(in, layer, pairing, kind, curves[kind], spreads, err);
    for (int k = 0; k < FR_SUCCESS_SIDES; k++) {
        fr_reps_release(&sides[k]);
        spread_release(&spreads[k]);
    }
    for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++)
        for (int k = 0; k < FR_SUCCESS_CURVES; k++)
            fr_curves_release(&curves[kind][k]);
    return code;
}

static int run_layer(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                     struct fr_error *err) {
    int code = FR_OK;
    for (size_t i = 0; code == FR_OK && i < sizeof pairings / sizeof *pairings; i++)
        if (fr_world_uses_traces(in->world, pairings[i].sets[1]))
            code = run_pairing(in, layer, &pairings[i], err);
    return code;
}

const struct fr_analysis fr_analysis_success = {
    .name = "success",
    .need = FR_NEEDS_SUMS,
    .tables = tables,
    .n_tables = sizeof tables / sizeof *tables,
    .run_layer = run_layer,
};
