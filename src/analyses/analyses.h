/* analyses/: what is computed from what a study stores (method.md 2, 4 and 6). This header has the
 * mathematics, arrays in and rows out; analysis.h has the table of analyses, which feed it and
 * write the result tables that they define.
 *
 * Axes as in representations/: N naming, A concept, L layer (index l = layer l + 1), T timestamp,
 * D width. `use` is [N] and marks the namings that take part; NULL: all. What has no value is NaN
 * and never an error. Everything random is fixed by `seed`. */
#ifndef FR_ANALYSES_ANALYSES_H
#define FR_ANALYSES_ANALYSES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "representations/representations.h"

/* A3: cosine of every naming's r~ at every timestamp against cross-naming r- at the reference
 * timestamp: with the same concept's r- and with the other concepts' of its kind.
 *
 *     same[N]      = mean over concepts a of cos(r~[a,N,L,T], r-[a,L,Tref])
 *     different[N] = mean over a of mean over b != a of cos(r~[a,N,L,T], r-[b,L,Tref])
 *
 * over the concepts of one kind that are present, vectors of norm zero counting as missing; then
 * the mean over namings. One table of resamples (of the namings in use, with replacement) serves
 * every row, so curves of the same run can be compared; a drawn naming without a value in a row is
 * left out of that row. */
struct fr_similarity_row {
    int layer;          /* 1..n_layers */
    int time;           /* index into the grid */
    bool leave_one_out; /* variant loo: r- without N; else all: r- with it, as the paper */
    enum fr_concept_kind kind;
    bool same;              /* same concept, else different concepts of the kind */
    double mean, low, high; /* mean over namings, 95% percentile bootstrap; the interval is NaN
                               for fewer than two namings */
    int n_namings;          /* namings with a value; 0: mean is NaN */
};
/* Rows by layer, variant (all, loo), kind, time, relation (same, different); every combination of
 * the layers asked for and the kinds that exist is there. */
struct fr_similarity {
    int n, capacity;
    struct fr_similarity_row *rows;
};
void fr_similarity_release(struct fr_similarity *similarity);
/* What is compared with what. Subjects are the rows whose curves are drawn, references what r- is a
 * mean of; they may be the same representations, of the same study or of another, as long as
 * concepts, layers and width agree. */
struct fr_similarity_ask {
    const struct fr_reps *subjects;   /* centred */
    const bool *use;                  /* [N] namings that have a curve; NULL: all */
    const struct fr_reps *references; /* centred; NULL: the subjects */
    const bool *use_references; /* [N] namings in r-; NULL: those of use, where they are the same */
    const bool *layers;         /* [L] by index, NULL: all */
    int reference_time;         /* index into the references' grid */
    int n_resamples;
    uint64_t seed;
    /* 0: as it is. The control: the same with every naming's concept labels permuted at random
     * within each kind before anything is computed (at all timestamps alike). A naming's values are
     * means over n_shuffles independent shuffles (10 is plenty), each as long as a run without.
     *
     * Uniform permutations, not the derangements of the steering control: when no naming keeps any
     * label, r-[a] is a mean over everything but a, which is -r-[a] up to scale, and the "same"
     * cosine of a perfect representation becomes +1/(k-1) for a kind of k concepts where nothing
     * should be left. Under uniform permutations same and different have the same expectation
     * (loo). */
    int n_shuffles;
};
/* Replaces the content of *out. Time is linear in the size of the subjects, which are read once:
 * about 10 s for N 20, A 9, L 64, T 60, D 5,120. Leave-one-out leaves a subject's own naming out
 * where the references are the subjects; else there is nothing of it to leave out. */
void fr_similarity_run(const struct fr_similarity_ask *ask, struct fr_similarity *out);

/* A2: PCA over (naming, concept) points of one kind at one layer and time. */
struct fr_pca_point {
    int naming, concept;
    double x[3]; /* scores on the first components */
};
struct fr_pca {
    int n_points;
    struct fr_pca_point *points; /* by naming, then concept */
    double explained[3];         /* share of variance */
    double silhouette;     /* mean silhouette of the concepts' clusters, Euclidean, full width; a
                              point alone in its cluster counts 0 */
    double variance_ratio; /* between-concept / total variance, full width */
    double silhouette_shuffled,
        variance_ratio_shuffled; /* mean over 100 label shuffles within namings */
};
void fr_pca_release(struct fr_pca *pca);
/* l is the layer's index. n_points < 3 or a kind with fewer than 2 concepts present: zero points,
 * NaN figures; points that all coincide: NaN figures. Components beyond the rank have score 0.
 * The sign of each component is fixed: its largest loading (in absolute value) is positive.
 * *out is initialised here and released by the caller. */
void fr_pca_run(const struct fr_reps *centred, const bool *use, int l, int time,
                enum fr_concept_kind kind, uint64_t seed, struct fr_pca *out);

#endif
