/* Counts: an interval for an accuracy, and the exact test on pairs of verdicts (method.md 6).
 *
 * Wilson's interval rather than Wald's, which is empty at 0 of n, where mystery accuracies are;
 * the exact binomial rather than McNemar's chi-square, because steering flips few puzzles. */
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "base/error.h"
#include "statistics/statistics.h"

void fr_wilson(int k, int n, double confidence, double *low, double *high) {
    FR_ASSERT(0 <= k && k <= n);
    *low = 0;
    *high = 1;
    if (n == 0)
        return;
    const double z = gsl_cdf_ugaussian_Pinv(0.5 + confidence / 2), p = (double)k / n;
    const double centre = p + z * z / (2 * n);
    const double half = z * sqrt(p * (1 - p) / n + z * z / (4.0 * n * n));
    if (k > 0)
        *low = (centre - half) / (1 + z * z / n);
    if (k < n)
        *high = (centre + half) / (1 + z * z / n);
}

/* P(X >= k) for X ~ Binomial(n, 1/2). */
static double at_least(int k, int n) {
    return k <= 0 ? 1 : gsl_cdf_binomial_Q((unsigned)k - 1, 0.5, (unsigned)n);
}

struct fr_mcnemar fr_mcnemar(int gained, int lost) {
    FR_ASSERT(gained >= 0 && lost >= 0);
    const int n = gained + lost;
    return (struct fr_mcnemar){
        .p_two_sided = fmin(1, 2 * at_least(gained > lost ? gained : lost, n)),
        .p_greater = at_least(gained, n),
    };
}
