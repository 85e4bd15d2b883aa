/* The table of analyses: what each one needs, the result tables that it defines and how it is
 * computed. An analysis is a row and a file; the study runs those that are due and knows none by
 * name, and figures ask the tables (report/figures). */
#ifndef FR_ANALYSES_ANALYSIS_H
#define FR_ANALYSES_ANALYSIS_H

#include "config/events.h"
#include "config/world.h"
#include "representations/representations.h"
#include "store/store.h"

/* All borrowed. Rows are written in the caller's transaction. */
struct fr_analysis_input {
    const struct fr_world *world;
    struct fr_store *store;
    const struct fr_events *events;
    bool own_traces; /* the model's, not recorded ones (sources/) */
    int n_layers;    /* of the sums; 0 before there are any */
    const bool *use; /* [N] namings of representation analyses and steering */
};

/* One layer's representations, all timestamps. */
struct fr_analysis_layer {
    int layer;                           /* 1..n_layers */
    const struct fr_reps *raw, *centred; /* of all traces */
    const struct fr_grid *grid;
    /* The same layer of another set or site that the study keeps, raw, all its times (where
     * its cells are none, phases or groups); the caller releases *out. */
    int (*load)(void *user, enum fr_trace_set set, int site, struct fr_reps *out,
                struct fr_error *err);
    void *user;
};

/* A naming's sums at site block over a set, of layers [first_layer, + n_layers) by index (none: the
 * counts alone), with the grid that they have; release *out and free grid->times, but after an
 * error. */
FR_CHECKED int fr_analysis_load_sums(const struct fr_analysis_input *input, int naming,
                                     enum fr_trace_set set, int first_layer, int n_layers,
                                     struct fr_sums *out, struct fr_grid *grid,
                                     struct fr_error *err);

enum fr_need {
    FR_NEEDS_SUMS,   /* representations of all traces */
    FR_NEEDS_TRACES, /* traces and verdicts */
    FR_NEEDS_RUNS,   /* steered runs too */
};

struct fr_analysis {
    const char *name;
    enum fr_need need;
    const struct fr_result_table *tables;
    int n_tables;
    /* Writes the tables, which are empty. */
    int (*run)(const struct fr_analysis_input *input, struct fr_error *err);
    /* Of one that needs sums, called layer by layer, since all layers of a large model do not fit
     * into memory; may be NULL. */
    int (*run_layer)(const struct fr_analysis_input *input, const struct fr_analysis_layer *layer,
                     struct fr_error *err);
};

/* In the order in which they run; a later one may read what an earlier one wrote. */
extern const struct fr_analysis *const fr_analyses[];
extern const int fr_n_analyses;

/* The tables of all of them, in their order: how many. The caller frees *out. */
int fr_analyses_tables(struct fr_result_table **out);

extern const struct fr_analysis fr_analysis_mentions, fr_analysis_similarity, fr_analysis_pca,
    fr_analysis_controls, fr_analysis_mechanism, fr_analysis_heads, fr_analysis_pairs,
    fr_analysis_accuracy, fr_analysis_phases, fr_analysis_phase_mentions, fr_analysis_success,
    fr_analysis_effects, fr_analysis_kept, fr_analysis_contrasts, fr_analysis_selection,
    fr_analysis_published, fr_analysis_headline, fr_analysis_claims;

#endif
