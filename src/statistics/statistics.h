/* statistics/: the tests of method.md 6, on plain arrays. GSL supplies the distributions. */
#ifndef FR_STATISTICS_STATISTICS_H
#define FR_STATISTICS_STATISTICS_H

#include <stdint.h>

#include "base/rng.h"

/* One-sample t-test of mean > 0 (one-tailed) or != 0 (two-tailed). NaN where undefined (n < 2, or
 * no variance: then t is +-inf or NaN as the mean says and p its limit). */
struct fr_t_test {
    int n;
    double mean, standard_error, t, p_greater, p_two_sided;
};
struct fr_t_test fr_t_test(const double *x, int n);
/* From summary figures, as a paper prints them. */
struct fr_t_test fr_t_test_summary(double mean, double standard_error, int n);

/* Wilson's score interval for k successes of n at the given confidence (0.95). */
void fr_wilson(int k, int n, double confidence, double *low, double *high);

/* Exact McNemar on discordant pairs: b gained, c lost; two-sided and P(gain) > 1/2. */
struct fr_mcnemar {
    double p_two_sided, p_greater;
};
struct fr_mcnemar fr_mcnemar(int gained, int lost);

/* Paired outcomes of one condition, grouped by naming: x[i] in {0, 1}. */
struct fr_paired {
    int n_namings;
    const int *n_puzzles;          /* [N] */
    const uint8_t *const *before;  /* [N][n_puzzles] */
    const uint8_t *const *after;
};
/* Sign-flip permutation test of the mean over namings of the mean paired difference, > 0:
 * flips are drawn per pair, within namings; (1 + hits) / (1 + n_permutations). */
double fr_permutation_test(const struct fr_paired *pairs, int n_permutations, struct fr_rng *rng);
/* Hierarchical bootstrap (namings, then puzzles) of the same mean: percentile interval. */
void fr_bootstrap_paired(const struct fr_paired *pairs, int n_resamples, double confidence,
                         struct fr_rng *rng, double *low, double *high);
/* Bootstrap of a mean over units; NaN entries are left out. */
void fr_bootstrap_mean(const double *x, int n, int n_resamples, double confidence, struct fr_rng *rng,
                       double *low, double *high);

/* Holm's step-down adjusted p-values; NaN stays NaN and is not counted. */
void fr_holm(const double *p, int n, double *adjusted);

/* Smallest mean effect a one-tailed one-sample t-test with this standard error detects with the
 * given power at level alpha (noncentral t approximated by the shifted t: documented). */
double fr_minimal_detectable_effect(double standard_error, int n, double alpha, double power);

#endif
