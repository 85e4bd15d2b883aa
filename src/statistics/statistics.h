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
 * (1 + hits) / (1 + n_permutations). NaN without pairs; 1 without discordant pairs. It takes the
 * pairs of a naming for independent, which they are not where a naming's puzzles share vectors:
 * then it rejects too often, as McNemar's test does. */
double fr_permutation_test(const struct fr_paired *pairs, int n_permutations, struct fr_rng *rng);
/* Sign-flip tests over namings of the mean > 0, for a family of conditions at once: x [C][N] is a
 * condition's effect in a naming, NaN where it has none. The signs of a naming are flipped in all
 * conditions together, so what they share counts.
 *   p_alone[C]: of each condition by itself;
 *   p_max[C]:   corrected over the family: the share of flips in which the largest statistic of the
 *               conditions that rank no higher reaches this one's (step-down), never below p_alone.
 * Up to 16 namings all 2^N flips are counted and n_flips and rng are not used; beyond, n_flips are
 * drawn: (1 + hits) / (1 + n_flips). A condition with fewer than two namings is NaN in both and no
 * member of the family; one that changed nothing has p = 1 and is. n equal effects above 0 have
 * p_alone = 2^-n, as fr_t_test.
 *
 * Exact for one condition when namings are independent and their effects symmetric about 0. For a
 * family the effects of a naming must be so jointly; those measured against one baseline are only
 * nearly (unit/study/planted has such studies). */
void fr_flip_test(const double *x, int n_conditions, int n_namings, int n_flips, struct fr_rng *rng,
                  double *p_alone, double *p_max);
/* Hierarchical bootstrap (namings, then puzzles) of the same mean: percentile interval; NaN
 * without pairs. With one naming it speaks of that naming only. Drawing twice counts the puzzles'
 * noise twice, so the interval is a little wide rather than narrow. */
void fr_bootstrap_paired(const struct fr_paired *pairs, int n_resamples, double confidence,
                         struct fr_rng *rng, double *low, double *high);
/* The same over all resamples there are: quantiles of their exact distribution (by convolution), so
 * that nothing depends on a seed. Effects come in steps of 1 / (namings x puzzles), and a
 * percentile of draws may fall on either side of a step. Where namings have such different numbers
 * of puzzles that the steps are too many, values are rounded to 1 / (namings x 1000) or finer. A
 * bound is the smallest value that so much of the distribution does not exceed. */
void fr_bootstrap_paired_exact(const struct fr_paired *pairs, double confidence, double *low,
                               double *high);
/* Bootstrap of a mean over units; NaN entries are left out. One unit says nothing about spread:
 * fewer than two give NaN. */
void fr_bootstrap_mean(const double *x, int n, int n_resamples, double confidence,
                       struct fr_rng *rng, double *low, double *high);

/* Ascending; no NaN among them. */
void fr_sort(double *x, int n);
/* Sorts the draws, n >= 1, no NaN among them; quantiles as NumPy's default. */
void fr_quantiles(double *draws, int n, double low_share, double high_share, double *low,
                  double *high);

/* Jackknife: value is of n units, without[k] what it is when the k-th is left out. Student's t with
 * n_values - 1 degrees of freedom: units that carry a value of their own, at most n. All NaN for
 * fewer than two, and where any of the n is NaN. For smooth figures: means, ratios of them. */
void fr_jackknife(double value, const double *without, int n, int n_values, double confidence,
                  double *standard_error, double *low, double *high);

/* The interval of a difference of two independent figures whose standard errors come from n_a and
 * n_b units (n - 1 degrees of freedom each): Student's t with Welch's and Satterthwaite's. NaN
 * where an error is, or fewer than two units, or both errors are 0. */
void fr_welch_interval(double difference, double error_a, int n_a, double error_b, int n_b,
                       double confidence, double *low, double *high);

/* The best of several conditions in each naming, as a table of best layers prints it, with the best
 * that chance gives: the same when signs are flipped in all conditions together. */
struct fr_selection {
    int n_conditions, n_namings;
    const int *n_puzzles;   /* [N], of puzzles that all conditions have */
    const int8_t *const *d; /* [N] -> [C][n_puzzles]: -1, 0, 1, after - before */
};
struct fr_best {
    double best;
    int condition;         /* the first that is the best; -1: of several namings */
    double expected, high; /* when nothing works: mean, and what 5% exceed */
    double p;              /* share of flips with a best at least as large */
};
/* namings [N]: each by flips of its pairs. by_pairs, by_namings: the mean of the bests, by flips of
 * pairs within namings and of whole namings (as fr_flip_test: up to 16 namings all of them). The
 * first takes the pairs of a naming for independent. NaN without puzzles. n_flips >= 1. */
void fr_selection_test(const struct fr_selection *selection, int n_flips, struct fr_rng *rng,
                       struct fr_best *namings, struct fr_best *by_pairs,
                       struct fr_best *by_namings);

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
