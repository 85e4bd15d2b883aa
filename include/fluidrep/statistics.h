/* libfluidrep: the study's tests, on plain arrays. NaN entries are missing; what cannot be computed
 * is NaN; outputs may be NULL. Nothing here fails for want of data. */
#ifndef FLUIDREP_STATISTICS_H
#define FLUIDREP_STATISTICS_H

#include <stdint.h>

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One-sample t-test of the mean against 0; n_used: values that entered. */
FLUIDREP_API void fluidrep_t_test(const double *x, int n, int *n_used, double *mean,
                                  double *standard_error, double *t, double *p_greater,
                                  double *p_two_sided);
/* Wilson's interval of k successes of n at a confidence such as 0.95. */
FLUIDREP_API int fluidrep_wilson(int k, int n, double confidence, double *low, double *high);
/* McNemar's exact test of pairs that were gained and lost. */
FLUIDREP_API int fluidrep_mcnemar(int gained, int lost, double *p_two_sided, double *p_greater);
/* Holm's adjusted p-values of a family; p and adjusted [n]. */
FLUIDREP_API int fluidrep_holm(const double *p, int n, double *adjusted);
/* Paired outcomes 0 or 1, naming after naming: before and after [sum of n_puzzles]. *effect: mean
 * over namings of the mean difference; *p: of sign flips, one-sided; *low, *high: percentile
 * interval of a bootstrap over namings, then puzzles. Drawn from seed. */
FLUIDREP_API int fluidrep_paired(const uint8_t *before, const uint8_t *after, const int *n_puzzles,
                                 int n_namings, int resamples, double confidence, uint64_t seed,
                                 double *effect, double *p, double *low, double *high);

/* Sign flips of whole namings, of a mean above 0, for a family of conditions: effects is
 * [n_conditions][n_namings], NaN where there is none. p_alone and p_max [n_conditions]: of each by
 * itself, and corrected for the family by the largest statistic, step-down. Up to 16 namings all
 * flips are counted; beyond, n_flips are drawn from seed. */
FLUIDREP_API int fluidrep_flip_test(const double *effects, int n_conditions, int n_namings,
                                    int n_flips, uint64_t seed, double *p_alone, double *p_max);
/* The smallest mean that a one-tailed t-test over n namings with this standard error finds, at a
 * level such as 0.05 with a power such as 0.8. */
FLUIDREP_API int fluidrep_detectable_effect(double standard_error, int n, double level,
                                            double power, double *effect);

#ifdef __cplusplus
}
#endif

#endif
