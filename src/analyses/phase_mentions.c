/* Similarity by phase on a phase's own mentions (method.md 4, A6 with A3): is a concept more alike
 * across namings where the model plans than where it compares?
 *
 * Subjects are the means over all mentions of a phase, by either set of rules, references those of
 * A3: the mean of the other namings over all their traces at the reference timestamp. Phases come
 * at different times, and what comes late is more alike by that alone: what a phase's times give by
 * themselves is phase_similarity (phases.c), and stands beside, with the number of mentions, since
 * fewer are less alike by noise. */
#include <math.h>
#include <stdlib.h>

#include "analyses/analyses.h"
#include "analyses/analysis.h"
#include "phases/phases.h"

static const enum fr_trace_set sets[] = {FR_TRACES_PHASES_CUES, FR_TRACES_PHASES_MENTIONS};
enum { N_SETS = sizeof sets / sizeof *sets };

static const struct fr_result_table tables[] = {
    /* Leave-one-out; relation: 'same' or 'different'. 95% as A3's */
    {"phase_mention", FR_OWNER_ANALYSES,
     "layer INTEGER NOT NULL, kind TEXT NOT NULL, rules TEXT NOT NULL, phase TEXT NOT NULL,"
     " relation TEXT NOT NULL, mean REAL, low REAL, high REAL, n_namings INTEGER NOT NULL,"
     " PRIMARY KEY (layer, kind, rules, phase, relation)"},
    /* Mentions of the concept in the phase, over the naming's traces */
    {"phase_mention_count", FR_OWNER_ANALYSES,
     "naming TEXT NOT NULL, rules TEXT NOT NULL, phase TEXT NOT NULL, concept TEXT NOT NULL,"
     " mentions INTEGER NOT NULL, PRIMARY KEY (naming, rules, phase, concept)"},
};

static int write_counts(const struct fr_analysis_input *in, int naming, enum fr_trace_set set,
                        struct fr_error *err) {
    const struct fr_world *w = in->world;
    struct fr_sums sums;
    struct fr_grid grid;
    int code = fr_analysis_load_sums(in, naming, set, 0, 0, &sums, &grid, err);
    if (code != FR_OK)
        return code;
    for (int a = 0; code == FR_OK && a < sums.n_concepts; a++)
        for (int p = 0; code == FR_OK && p < sums.n_times; p++)
            code = fr_store_run(in->store, err,
                                "INSERT INTO phase_mention_count VALUES (?, ?, ?, ?, ?)", "tttti",
                                w->namings[naming].naming->id,
                                fr_phase_rules_name[fr_trace_set_rules(set)], fr_phase_name[p],
                                w->table.concepts.names[a],
                                (int64_t)sums.counts[a * sums.n_times + p]);
    fr_sums_release(&sums);
    free(grid.times);
    return code;
}

static int run(const struct fr_analysis_input *in, struct fr_error *err) {
    int code = FR_OK;
    for (int k = 0; k < N_SETS && fr_world_uses_traces(in->world, sets[k]); k++)
        for (int i = 0; code == FR_OK && i < in->world->n_namings; i++)
            if (!in->world->namings[i].accuracy_only)
                code = write_counts(in, i, sets[k], err);
    return code;
}

static int write_rows(const struct fr_analysis_input *in, const struct fr_similarity *similarity,
                      enum fr_trace_set set, struct fr_error *err) {
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < similarity->n; i++) {
        const struct fr_similarity_row *r = &similarity->rows[i];
        if (r->leave_one_out && r->n_namings > 0)
            code = fr_store_run(in->store, err,
                                "INSERT INTO phase_mention VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                "ittttdddi", (int64_t)r->layer, fr_concept_kind_name[r->kind],
                                fr_phase_rules_name[fr_trace_set_rules(set)],
                                fr_phase_name[r->time], r->same ? "same" : "different", r->mean,
                                r->low, r->high, (int64_t)r->n_namings);
    }
    return code;
}

static int run_layer(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                     struct fr_error *err) {
    const struct fr_config *c = &in->world->config;
    int code = FR_OK;
    for (int k = 0; code == FR_OK && k < N_SETS && fr_world_uses_traces(in->world, sets[k]); k++) {
        struct fr_reps raw = {0}, centred = {0};
        struct fr_similarity similarity = {0};
        code = layer->load(layer->user, sets[k], FR_SITE_BLOCK, &raw, err);
        if (code != FR_OK)
            break;
        fr_reps_centre(&raw, &centred);
        fr_similarity_run(&(struct fr_similarity_ask){.subjects = &centred,
                                                      .references = layer->centred,
                                                      .use = in->use,
                                                      .reference_time = fr_config_grid_index(
                                                          c, c->reference_timestamp)},
                          &similarity);
        code = write_rows(in, &similarity, sets[k], err);
        fr_similarity_release(&similarity);
        fr_reps_release(&centred);
        fr_reps_release(&raw);
    }
    return code;
}

const struct fr_analysis fr_analysis_phase_mentions = {
    .name = "phase_mentions",
    .need = FR_NEEDS_SUMS,
    .tables = tables,
    .n_tables = sizeof tables / sizeof *tables,
    .run = run,
    .run_layer = run_layer,
};
