/* statistics/: the tests of method.md 6, on plain arrays. GSL supplies the distributions.
 *
 * What cannot be computed is NaN, never an error: an empty table row is a result. NaN inputs are
 * values that are missing; they are left out and not counted. Everything random draws from the
 * caller's generator, so a result is fixed by its seed. */
#ifndef FR_STATISTICS_STATISTICS_H
#define FR_STATISTICS_STATISTICS_H

#include <stdint.h>

#include "base/rng.h"

/* One-sample t-test of mean > 0 (one-tailed) or != 0 (two-tailed). NaN where undefined: with
 * n = 0 everything, with n = 1 everything but the mean.
 *
 * Without variance (values equal up to rounding, standard error 0) there is no t: it is +-inf by
 * the sign of the mean, NaN when that is 0. p is then the one of the test that flips the values'
 * signs, which needs no variance: 2^-n for n equal values above 0, 1 for values below, and 1
 * where nothing changed anywhere; two-sided 2^(1-n), or 1. So p is a number whenever the test was
 * made (n >= 2), and NaN only where it was not. */
struct fr_t_test {
    int n; /* values that entered */
    double mean, standard_error, t, p_greater, p_two_sided;
};
struct fr_t_test fr_t_test(const double *x, int n);
/* From summary figures, as a paper prints them. */
struct fr_t_test fr_t_test_summary(double mean, double standard_error, int n);

/* Wilson's score interval for k successes of n at the given confidence (0.95); n = 0 knows
 * nothing: [0, 1]. */
void fr_wilson(int k, int n, double confidence, double *low, double *high);

/* Exact McNemar on discordant pairs: b gained, c lost; two-sided and P(gain) > 1/2. Without
 * discordant pairs both are 1. */
struct fr_mcnemar {
    double p_two_sided, p_greater;
};
struct fr_mcnemar fr_mcnemar(int gained, int lost);

/* Paired outcomes of one condition, grouped by naming: x[i] in {0, 1}. A naming without puzzles is
 * left out everywhere. */
struct fr_paired {
    int n_namings;
    const int *n_puzzles;         /* [N] */
    const uint8_t *const *before; /* [N][n_puzzles] */
    const uint8_t *const *after;
};
/* The statistic of the two functions below: the mean over namings of the mean over puzzles of
 * after - before. NaN without pairs. */
double fr_paired_effect(const struct fr_paired *pairs);
/* Sign-flip permutation test of that mean, > 0: flips are drawn per pair, within namings;
 * (1 + hits) / (1 + n_permutations). NaN without pairs; 1 without discordant pairs. */
double fr_permutation_test(const struct fr_paired *pairs, int n_permutations, struct fr_rng *rng);
/* Hierarchical bootstrap (namings, then puzzles) of the same mean: percentile interval; NaN
 * without pairs. With one naming it speaks of that naming only. Drawing twice counts the puzzles'
 * noise twice, so the interval is a little wide rather than narrow. */
void fr_bootstrap_paired(const struct fr_paired *pairs, int n_resamples, double confidence,
                         struct fr_rng *rng, double *low, double *high);
/* Bootstrap of a mean over units; NaN entries are left out. One unit says nothing about spread:
 * fewer than two give NaN. */
void fr_bootstrap_mean(const double *x, int n, int n_resamples, double confidence,
                       struct fr_rng *rng, double *low, double *high);

/* Holm's step-down adjusted p-values of a family: every test that was made, whatever came out. A
 * test without any effect has p = 1 and counts; NaN is a test that was not made (fewer than two
 * namings), stays NaN and is not counted, and so is what the caller sets to NaN because it is no
 * hypothesis. A family of one is its p; of none, nothing; a family of ones stays ones. */
void fr_holm(const double *p, int n, double *adjusted);

/* Smallest mean effect a one-tailed one-sample t-test with this standard error detects with the
 * given power at level alpha: standard_error * (t[1 - alpha] + t[power]), quantiles with n - 1
 * degrees of freedom. The noncentral t is approximated by the shifted t, which for n = 14, alpha
 * 0.05 and power 0.8 asks for 0.5% more than the exact distribution (tests/golden/statistics).
 * NaN for n < 2. */
double fr_minimal_detectable_effect(double standard_error, int n, double alpha, double power);

#endif
