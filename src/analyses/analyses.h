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

/* A mean over units, namings or pairs of them, or what is made of such means. */
struct fr_estimate {
    double value, low, high; /* 95%; NaN where there is none */
    int n_namings;
    double standard_error; /* of a jackknife, else not set */
};

/* The mean over namings that have a value, with its interval: one naming after the other is left
 * out, and t has as many degrees of freedom as namings with a value, less one. values [n]; without
 * [left out][n]: the values when a naming is not there, where they depend on each other, for they
 * are held against means of the others; NULL: they do not. */
struct fr_estimate fr_estimate_mean(const double *values, const double *without, int n);

/* A3: cosine of every naming's r~ at every timestamp against cross-naming r- at the reference
 * timestamp: with the same concept's r- and with the other concepts' of its kind.
 *
 *     same[N]      = mean over concepts a of cos(r~[a,N,L,T], r-[a,L,Tref])
 *     different[N] = mean over a of mean over b != a of cos(r~[a,N,L,T], r-[b,L,Tref])
 *
 * over the concepts of one kind that are present, vectors of norm zero counting as missing; then
 * the mean over namings. Its interval leaves one naming after the other out of subjects and
 * references both: references are made of the same namings, and values that hang together are fewer
 * than they seem. */
struct fr_similarity_row {
    int layer;          /* 1..n_layers */
    int time;           /* index into the grid */
    bool leave_one_out; /* variant loo: r- without N; else all: r- with it, as the paper */
    enum fr_concept_kind kind;
    bool same;              /* same concept, else different concepts of the kind */
    double mean, low, high; /* mean over namings, 95%; no interval of fewer than three namings */
    int n_namings;          /* namings with a value; 0: mean is NaN */
};
/* Rows by layer, kind, variant (all, loo), time, relation (same, different); every combination of
 * the kinds that exist is there. */
struct fr_similarity {
    int n;
    struct fr_similarity_row *rows;
    int n_used;      /* namings in use, by number */
    double *values;  /* [n][n_used] what the row is a mean of, NaN where there is none */
    double *without; /* [n][left out][n_used] what they are without a naming; its own is NaN */
};
void fr_similarity_release(struct fr_similarity *similarity);
enum { FR_LABEL_SHUFFLES = 200 }; /* of a study's controls */
/* What is compared with what. Subjects are the rows whose curves are drawn, references what r- is a
 * mean of; they may be other representations of the same namings in the same order. */
struct fr_similarity_ask {
    const struct fr_reps *subjects;   /* centred */
    const struct fr_reps *references; /* centred; NULL: the subjects */
    const bool *use;                  /* [N] namings that take part, as both; NULL: all */
    int reference_time;               /* index into the references' grid */
    /* 0: as it is. The control: the same with every naming's concept labels permuted at random
     * within each kind before anything is computed (at all timestamps alike). A naming's values are
     * means over n_shuffles independent shuffles (FR_LABEL_SHUFFLES in a study).
     *
     * Uniform permutations, not the derangements of the steering control: when no naming keeps any
     * label, r-[a] is a mean over everything but a, which is -r-[a] up to scale, and the "same"
     * cosine of a perfect representation becomes +1/(k-1) for a kind of k concepts where nothing
     * should be left. Under uniform permutations same and different have the same expectation
     * (loo). */
    int n_shuffles;
    uint64_t seed; /* of the shuffles */
};
/* Replaces the content of *out. Time is products of every row with every reference of its kind,
 * whatever the shuffles. */
void fr_similarity_run(const struct fr_similarity_ask *ask, struct fr_similarity *out);

/* A1, A4, A5: representations held against single ones, pair by pair, rather than against a mean.
 *
 *     same(i, j, T)      = mean over concepts a of cos(x[a,i,T], y[a,j,Tref])
 *     different(i, j, T) = mean over a of mean over b != a of cos(x[a,i,T], y[b,j,Tref])
 *
 * over the concepts of one kind that are present, vectors of norm zero counting as missing; the
 * mean over pairs, with an interval over the units that the pairs differ in. */
struct fr_pairs_ask {
    const struct fr_reps *subjects;   /* x, centred as it is asked for */
    const struct fr_reps *references; /* y, of the same study, centred as it is asked for */
    int n_pairs;
    const int (*pairs)[2]; /* (subject naming, reference naming) */
    int l, reference_time; /* layer index, index into the grid */
    enum fr_concept_kind kind;
    int n_resamples;
    uint64_t seed;
};
struct fr_pair_curve {
    struct fr_estimate same, different;
};
/* out [T]. */
void fr_pairs_run(const struct fr_pairs_ask *ask, struct fr_pair_curve *out);

/* A4: one naming against the mean over others: cosines of x[a,i,T] with r-[a,Tref], the mean of
 * y[.,j,Tref] over the namings in use; the interval is over those namings. out [T]. */
void fr_against_mean_run(const struct fr_reps *centred, int naming, const bool *use, int l,
                         int reference_time, enum fr_concept_kind kind, int n_resamples,
                         uint64_t seed, struct fr_pair_curve *out);

/* From each cell the mean over all concepts of both kinds; missing when any is. *out is initialised
 * here. */
void fr_reps_centre_all(const struct fr_reps *raw, struct fr_reps *out);

/* What is left of a rising curve (controls.c). A naming's values over the grid, and what they are
 * without another naming. halves: the cosine of what two halves of its puzzles give; then values
 * are a half's, against the other half's references. */
struct fr_curves {
    int n_times, n_namings;
    double *values;  /* [T][N] NaN: none */
    double *without; /* [T][left out][N] */
    double *halves;  /* [T][N] NULL: the values stand as they are */
};
/* All NaN. */
void fr_curves_init(struct fr_curves *curves, int n_times, int n_namings);
void fr_curves_release(struct fr_curves *curves);
/* Same-concept, leave-one-out, of one kind and layer. *out is initialised here. */
void fr_curves_take(const struct fr_similarity *similarity, int layer, enum fr_concept_kind kind,
                    int n_times, struct fr_curves *out);
/* Same-concept, leave-one-out, of one half of the puzzles against the other half's references, the
 * mean of both ways, with halves. a, b centred; layer index 0; *out is initialised here. */
void fr_curves_cross(const struct fr_reps *a, const struct fr_reps *b, const bool *use,
                     enum fr_concept_kind kind, int reference_time, struct fr_curves *out);
/* Mean over the kind's concepts of cos(r~ of half a, r~ of half b), naming by naming in use and
 * time by time, at layer index l. out [T][n_used]. */
void fr_halves_run(const struct fr_reps *a, const struct fr_reps *b, const bool *use, int l,
                   enum fr_concept_kind kind, double *out);

/* So many namings an interval over them needs (with two, leaving one out leaves no reference), and
 * so every answer to a claim: one that is of fewer is not shown. */
enum { FR_FEWEST_NAMINGS = 3 };

/* The curve at a time: the mean over namings; `corrected` divides by the ceiling there. Intervals
 * of curves, ceilings and rises leave one naming after the other out, as a reference too. */
struct fr_estimate fr_curve_at(const struct fr_curves *curves, int time, bool corrected);
/* sqrt(c), c the mean over namings of their halves' cosines: what the cosine of a half with
 * anything independent of it can be at most. NaN where c is not above 0. */
struct fr_estimate fr_curve_ceiling(const struct fr_curves *curves, int time);

/* Where a rise ends: the last of the times whose window does not overlap the reference's, since two
 * namings that have come to the same place of a puzzle say the same there, and the curve is highest
 * at the reference by that alone. The reference itself where no such time but the first is left.
 * times [n_times], ascending; -1: all are after the reference. */
int fr_rise_end(const int *times, int n_times, int reference, int window_tokens);

/* A curve's rise from the first to the last time, beside that of a control. */
struct fr_rise {
    int first, last; /* indices into the grid; first -1: too few namings */
    struct fr_estimate plain, control;
    double from, to; /* the control's values that its rise is between */
    /* The share of the plain rise that the control explains; NaN where the plain rise's interval is
     * not above 0: there is nothing to explain. */
    struct fr_estimate explained;
};
/* What a control is to the plain curve. */
enum fr_control_role {
    /* It takes an artefact away. With relative rises R = 1 - value at first / value at last, the
     * share is 1 - R control / R plain: a curve that is lower at all times in proportion, as one
     * of fewer mentions is, has lost nothing of its rise. NaN where the last value is not above 0.
     */
    FR_CONTROL_REMOVES,
    FR_CONTROL_CORRECTS, /* so does it, divided by its ceiling: 1 - its rise / the plain rise */
    FR_CONTROL_IMITATES, /* it has nothing but an artefact: its rise / the plain rise */
};
/* last: given. first: the earliest time at which half of the namings, and two, have values in both
 * curves there and at last; these namings are compared. */
void fr_rise_compare(const struct fr_curves *plain, const struct fr_curves *control,
                     enum fr_control_role role, int last, struct fr_rise *out);

/* Refinement against success (success.c): A3's same-concept, leave-one-out curves of solved and of
 * failed traces, both against the same references, and solved minus failed naming by naming. */
enum { FR_SUCCESS_SIDES = 2, FR_SUCCESS_CURVES = 3 };
/* sides: solved, failed; all centred, of one layer; out[kind][k] is initialised here: k 0 solved, 1
 * failed, 2 the difference, NaN where a naming lacks either. */
void fr_success_run(const struct fr_reps *const sides[FR_SUCCESS_SIDES],
                    const struct fr_reps *references, const bool *use, int reference_time,
                    struct fr_curves out[FR_CONCEPT_KIND_COUNT][FR_SUCCESS_CURVES]);
/* The standard error of each naming's value at the reference timestamp, over the traces behind it:
 * the value is computed again without one group of them after the other (delete-a-group jackknife;
 * references stay as they are, none of them is made of these traces). groups [N]: a naming's sums
 * of one layer, timestamps being groups; n_groups [N]: those that hold a mention. errors [kind][N],
 * NaN with fewer than two groups, and where a value is missing without one. */
void fr_success_errors(const struct fr_sums *groups, const struct fr_reps *references,
                       const bool *use, int reference_time, int *n_groups,
                       double *const errors[FR_CONCEPT_KIND_COUNT]);

/* How: what a layer's attention and MLP add at the mentions of a concept, along the direction in
 * which the concept is refined there (mechanism.c).
 *
 *     d[a,N]        = mean over namings M != N of (r~[a,M,Tref] - r~[a,M,Tfirst]), after the block
 *     value(N,T)    = sum over a of <u[a,N,T], d[a,N]> / sum over a of <d[a,N], d[a,N]>
 *
 * with u the centred mean of what the part adds; `before` is what the block reads, after minus both
 * parts, so that before + attention + MLP = after holds of the values. So a value is a share of the
 * refinement that other namings show: 1 is all of it, and nothing of N is in d[.,N]. */
enum fr_part { FR_PART_BEFORE, FR_PART_ATTENTION, FR_PART_MLP, FR_PART_AFTER, FR_PART_COUNT };
extern const char *const fr_part_name[FR_PART_COUNT]; /* "before", "attention", "mlp", "after" */
struct fr_part_rise {
    struct fr_estimate mean; /* over namings, one left out of values and directions both */
    /* 95% of the means when every naming's labels are shuffled within the kind before anything but
     * the divisor is computed, and the share of them that is as large (one-sided, itself counted
     * in). Centring makes the expectation 0. NaN without resamples. */
    double shuffled_low, shuffled_high, p;
};
struct fr_mechanism_ask {
    /* centred, of one study's same namings and mentions: after the block and what each part adds */
    const struct fr_reps *after, *attention, *mlp;
    const bool *use;       /* [N] NULL: all */
    int l, reference_time; /* layer index, index into the grid */
    enum fr_concept_kind kind;
    int n_resamples; /* and shuffles */
    uint64_t seed;
};
struct fr_mechanism {
    int first; /* Tfirst: the earliest time below Tref at which half of the namings, and two, have
                  the kind both there and at Tref; -1: there is none, and no value */
    int n_times;
    struct fr_estimate *at;                   /* [part][T] */
    struct fr_part_rise rises[FR_PART_COUNT]; /* value at Tref minus value at Tfirst */
};
/* Namings with the kind at Tfirst and Tref make directions; a naming alone with it has none. *out
 * is initialised here. */
void fr_mechanism_run(const struct fr_mechanism_ask *ask, struct fr_mechanism *out);
void fr_mechanism_release(struct fr_mechanism *mechanism);

/* Attention's part split by heads (heads.c): value(N,T) of a head with what it gives, in the space
 * of the heads, in the place of u, and d brought there by the attention's output matrix W, W' d.
 * The heads' values add up to attention's; where they do not, that is an error. */
struct fr_head_ask {
    struct fr_mechanism_ask of;
    const struct fr_reps
        *heads; /* centred: [n_heads][floats of a head] in a cell (FR_SITE_HEADS) */
    int n_heads;
    bool has_gain; /* there may be a norm behind the matrix */
    /* W' x of n vectors x [n][D] into out [n][floats of all heads]; gain: of what stands behind. */
    int (*pull)(void *user, bool gain, const double *x, int n, double *out, struct fr_error *err);
    void *user;
};
struct fr_head_rise {
    struct fr_part_rise rise;
    double spread;  /* root mean square of the shuffled rises */
    double p_layer; /* of as large a rise / spread in any head of the layer; NaN: no spread */
};
struct fr_head_split {
    int first, n_heads;         /* as struct fr_mechanism's; -1: no values */
    bool gain;                  /* the heads add up with it */
    double misfit;              /* root mean square of what is missing, of attention's values' */
    struct fr_head_rise *rises; /* [n_heads] */
};
/* FR_E_MODEL: the heads do not add up, by more than 5%; what pull gives. *out is initialised here.
 */
FR_CHECKED int fr_heads_split(const struct fr_head_ask *ask, struct fr_head_split *out,
                              struct fr_error *err);
void fr_head_split_release(struct fr_head_split *split);
/* The share of a head's weight that lies there, of sources that are not centred (FR_SITE_SOURCES;
 * head n_heads: of looking at all positions alike): the mean over the kind's concepts, then over
 * namings that have all of them at the time. */
struct fr_estimate fr_attended_share(const struct fr_reps *sources,
                                     const struct fr_mechanism_ask *ask, int time, int head,
                                     enum fr_attended source);

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
    double silhouette_highest;   /* of these shuffles */
    double silhouette_p;         /* of a silhouette as large among them, one-sided */
};
void fr_pca_release(struct fr_pca *pca);
/* l is the layer's index. n_points < 3 or a kind with fewer than 2 concepts present: zero points,
 * NaN figures; points that all coincide: NaN figures. Components beyond the rank have score 0.
 * The sign of each component is fixed: its largest loading (in absolute value) is positive.
 * *out is initialised here and released by the caller. */
void fr_pca_run(const struct fr_reps *centred, const bool *use, int l, int time,
                enum fr_concept_kind kind, uint64_t seed, struct fr_pca *out);

#endif
