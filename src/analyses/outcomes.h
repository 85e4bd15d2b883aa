/* The verdicts of two edits on the same puzzles and namings, as effects are made of; private to
 * analyses/. */
#ifndef FR_ANALYSES_OUTCOMES_H
#define FR_ANALYSES_OUTCOMES_H

#include "analyses/analysis.h"
#include "statistics/statistics.h"

/* Namings are those in use, in their order; a naming without runs has no puzzles. */
struct fr_outcomes {
    int n_namings, changed; /* changed: runs with other tokens than their counterparts */
    const char **ids;       /* [N] borrowed */
    int *n_puzzles;         /* [N] pairs */
    int *left_out;     /* [N] puzzles without a pair: the trace ended before the window's end */
    int *unedited;     /* [N] pairs whose run had nothing to edit */
    int32_t **puzzles; /* [N][n_puzzles] their places in the split */
    uint8_t **before;  /* [N][n_puzzles] solved by what is measured against */
    uint8_t **after;   /* [N][n_puzzles] solved with the edit */
    double *effects;   /* [N] mean of after - before, NaN without puzzles */
};

/* edit, against: ids of edits. On failure *out is released. */
FR_CHECKED int fr_outcomes_load(const struct fr_analysis_input *in, int64_t edit, int64_t against,
                                struct fr_outcomes *out, struct fr_error *err);
void fr_outcomes_release(struct fr_outcomes *outcomes);
/* The hierarchical bootstrap's 95% interval of the mean over namings, all resamples counted; NaN of
 * fewer than two namings (it would be of puzzles alone, and it is to be of namings), and where no
 * pair differs (resampling nothing does not say how much might have). */
void fr_outcomes_interval(const struct fr_outcomes *outcomes, double *low, double *high);
/* The same as the tests take it; reversed: what is measured against after the edit, so that a test
 * for a gain looks for a loss. */
struct fr_paired fr_outcomes_paired(const struct fr_outcomes *outcomes, bool reversed);

#endif
