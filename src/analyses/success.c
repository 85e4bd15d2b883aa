/* Refinement against success (method.md 4, "Refinement and success"): is a concept's representation
 * more like the other namings' in traces that solve their puzzle than in those that do not?
 *
 * Subjects are a naming's solved and its failed traces (A3: same concept, leave-one-out),
 * references all traces of the other namings, so that both are held against the same. Greedy
 * decoding gives a naming one trace a puzzle, which it solves or not: so within a naming the two
 * are of different puzzles, and of the same ones only over the namings together, where as many are
 * taken of either (`the same`). Else what solved puzzles have in common is part of the difference.
 * So is noise, which is less where there are more mentions: their number stands beside. */
#include <math.h>
#include <stdlib.h>

#include "analyses/analyses.h"
#include "analyses/analysis.h"
#include "base/memory.h"
#include "statistics/statistics.h"

/* Which traces are held against each other; puzzles: as the tables call it. */
static const struct pairing {
    const char *puzzles;
    enum fr_trace_set sets[FR_SUCCESS_SIDES];
} pairings[] = {
    {"each its own", {FR_TRACES_SOLVED, FR_TRACES_FAILED}},
    {"the same", {FR_TRACES_SAME_SOLVED, FR_TRACES_SAME_FAILED}},
};
static const char *const shown[FR_SUCCESS_CURVES] = {"solved", "failed", "difference"};

static const struct fr_result_table tables[] = {
    /* puzzles: 'each its own', 'the same' over the namings together. outcome: 'solved', 'failed',
     * 'difference': solved minus failed, of the namings that have both. 95% over namings */
    {"success_curve", FR_OWNER_ANALYSES,
     "puzzles TEXT NOT NULL, layer INTEGER NOT NULL, kind TEXT NOT NULL, outcome TEXT NOT NULL,"
     " timestamp INTEGER NOT NULL, mean REAL, low REAL, high REAL, n_namings INTEGER NOT NULL,"
     " PRIMARY KEY (puzzles, layer, kind, outcome, timestamp)"},
    /* At the reference timestamp. mentions: behind the kind's cells */
    {"success_naming", FR_OWNER_ANALYSES,
     "puzzles TEXT NOT NULL, layer INTEGER NOT NULL, kind TEXT NOT NULL, naming TEXT NOT NULL,"
     " solved REAL, failed REAL, solved_mentions INTEGER NOT NULL,"
     " failed_mentions INTEGER NOT NULL, PRIMARY KEY (puzzles, layer, kind, naming)"},
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
                         const struct pairing *pairing, const char *kind, int time,
                         const struct fr_curves both[FR_SUCCESS_SIDES], struct fr_error *err) {
    const struct fr_world *w = in->world;
    int code = FR_OK, k = 0;
    for (int n = 0; code == FR_OK && n < w->n_namings; n++) {
        if (!in->use[n])
            continue;
        const int at = time * both[0].n_namings + k++;
        code = fr_store_run(
            in->store, err,
            "INSERT INTO success_naming SELECT ?7, ?1, ?2, ?3, ?4, ?5, coalesce(sum(m.mentions)"
            " FILTER (WHERE m.traces = ?8), 0), coalesce(sum(m.mentions) FILTER (WHERE m.traces ="
            " ?9), 0) FROM mention_count m JOIN (SELECT DISTINCT concept, kind FROM"
            " naming_word) c USING (concept) WHERE m.naming = ?3 AND c.kind = ?2 AND"
            " m.timestamp = ?6",
            "ittddittt", (int64_t)layer->layer, kind, w->namings[n].naming->id, both[0].values[at],
            both[1].values[at], (int64_t)layer->grid->times[time], pairing->puzzles,
            fr_trace_set_name[pairing->sets[0]], fr_trace_set_name[pairing->sets[1]]);
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
                      const struct fr_curves curves[FR_SUCCESS_CURVES], struct fr_error *err) {
    const struct fr_config *c = &in->world->config;
    const int reference = fr_config_grid_index(c, c->reference_timestamp);
    const char *name = fr_concept_kind_name[kind];
    int code = FR_OK;
    if (!has_kind(&in->world->table.concepts, kind))
        return FR_OK;
    for (int k = 0; code == FR_OK && k < FR_SUCCESS_CURVES; k++)
        code = write_curve(in, layer, pairing, name, shown[k], &curves[k], err);
    if (code == FR_OK)
        code = write_namings(in, layer, pairing, name, reference, curves, err);
    if (code == FR_OK)
        code = write_test(in, layer, pairing, name, reference, &curves[FR_SUCCESS_SIDES], err);
    return code;
}

static int run_pairing(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                       const struct pairing *pairing, struct fr_error *err) {
    const struct fr_config *c = &in->world->config;
    struct fr_reps sides[FR_SUCCESS_SIDES] = {0};
    struct fr_curves curves[FR_CONCEPT_KIND_COUNT][FR_SUCCESS_CURVES] = {0};
    int code = FR_OK;
    for (int k = 0; code == FR_OK && k < FR_SUCCESS_SIDES; k++) {
        struct fr_reps raw = {0};
        code = layer->load(layer->user, pairing->sets[k], FR_SITE_BLOCK, &raw, err);
        if (code == FR_OK)
            fr_reps_centre(&raw, &sides[k]);
        fr_reps_release(&raw);
    }
    if (code == FR_OK)
        fr_success_run((const struct fr_reps *const[]){&sides[0], &sides[1]}, layer->centred,
                       in->use, fr_config_grid_index(c, c->reference_timestamp), curves);
    for (int kind = 0; code == FR_OK && kind < FR_CONCEPT_KIND_COUNT; kind++)
        code = write_kind(in, layer, pairing, kind, curves[kind], err);
    for (int k = 0; k < FR_SUCCESS_SIDES; k++)
        fr_reps_release(&sides[k]);
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
