/* Private to mechanism.c and heads.c: what is projected on the direction of refinement, and how. */
#ifndef FR_ANALYSES_MECHANISM_H
#define FR_ANALYSES_MECHANISM_H

#include "analyses/analyses.h"

/* One kind of concepts at one layer; begun and ended by its user. */
struct fr_mechanism_run {
    const struct fr_mechanism_ask *ask;
    int n_times, width, n_used, *used; /* namings */
    int k, members[FR_MAX_CONCEPTS];   /* concepts of the kind */
    int first, n_ends;                 /* first -1: there are no directions */
    bool *ends;                        /* [N in use]: at both ends of the direction */
    double *refined; /* [N in use][k][D]: what a naming's r~ gains from Tfirst to Tref */
    /* [N in use][N in use + 1]: <d, d> of a naming's direction, when another, at last nobody, is
     * left out too; 0: no direction */
    double *squares;
};
void fr_mechanism_begin(struct fr_mechanism_run *run, const struct fr_mechanism_ask *ask);
void fr_mechanism_end(struct fr_mechanism_run *run);
/* Has the naming the kind at the time? */
bool fr_mechanism_has(const struct fr_mechanism_run *run, int u, int time);

/* What is projected: a part of the stream, or floats [first, first + width) of what the heads give.
 * refined is of the same space: the stream's, or the one that a matrix has brought to the heads. */
struct fr_subject {
    enum fr_part part;
    const struct fr_reps *heads; /* centred; NULL: the part */
    int first, width;
    const double *refined; /* [N in use][k][stride] */
    int stride;
};
/* out: [T][N in use], filled here: NaN where a naming has none. */
void fr_subject_values(const struct fr_mechanism_run *run, const struct fr_subject *of,
                       struct fr_curves *out);
void fr_mechanism_part_values(const struct fr_mechanism_run *run, enum fr_part part,
                              struct fr_curves *out);
/* The mean over namings of the values at Tref minus those at Tfirst. */
struct fr_estimate fr_subject_rise(const struct fr_mechanism_run *run,
                                   const struct fr_curves *values);
/* The mean rises with labels shuffled: the same labels for every subject, part, layer and kind of
 * as many concepts, draw by draw. out [n_resamples]. */
void fr_subject_shuffle(const struct fr_mechanism_run *run, const struct fr_subject *of,
                        double *draws);
/* Fills the rest of a rise whose mean is known. */
void fr_part_rise_test(const double *draws, int n, struct fr_part_rise *out);

#endif
