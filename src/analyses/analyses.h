/* analyses/: one file per figure of the paper (method.md 4); arrays in, result rows out. No model,
 * no store: the study writes the rows. */
#ifndef FR_ANALYSES_ANALYSES_H
#define FR_ANALYSES_ANALYSES_H

#include <stdbool.h>

#include "base/rng.h"
#include "representations/representations.h"

/* A3: cosine of every naming's r~ at every timestamp against cross-naming r- at the reference
 * timestamp: with the same concept's r- and with the other concepts' of its kind. */
struct fr_similarity_row {
    int layer;              /* 1..n_layers */
    int time;               /* index into the grid */
    bool leave_one_out;     /* variant loo, else all */
    enum fr_concept_kind kind;
    bool same;              /* same concept, else different concepts of the kind */
    double mean, low, high; /* mean over namings, 95% bootstrap over namings */
    int n_namings;          /* namings with a value */
};
struct fr_similarity {
    int n, capacity;
    struct fr_similarity_row *rows;
};
void fr_similarity_release(struct fr_similarity *similarity);
/* use[N] marks the namings that take part. layers[l] marks layer indices. shuffle_seed != 0 gives
 * the control in which every naming's concept labels are deranged first. */
void fr_similarity_run(const struct fr_reps *centred, const bool *use, const bool *layers,
                       int reference_time, int n_resamples, uint64_t seed, struct fr_similarity *out);

/* A2: PCA over (naming, concept) points of one kind at one layer and time. */
struct fr_pca_point {
    int naming, concept;
    double x[3];            /* scores on the first components */
};
struct fr_pca {
    int n_points;
    struct fr_pca_point *points;
    double explained[3];    /* share of variance */
    double silhouette;      /* mean silhouette of the concepts' clusters, Euclidean, full width */
    double variance_ratio;  /* between-concept / total variance, full width */
    double silhouette_shuffled, variance_ratio_shuffled; /* mean over 100 label shuffles within namings */
};
void fr_pca_release(struct fr_pca *pca);
/* n_points < 3 or a kind with fewer than 2 concepts present: zero points, NaN figures. The sign of
 * each component is fixed: its largest loading is positive. */
void fr_pca_run(const struct fr_reps *centred, const bool *use, int l, int time,
                enum fr_concept_kind kind, uint64_t seed, struct fr_pca *out);

#endif
