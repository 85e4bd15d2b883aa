/* The one-sample t-test of the paper's table 5 (method.md 6) and the effect it could have found.
 *
 * Two passes over the data rather than sums of squares: effects are differences of accuracies,
 * often nearly equal. The exact power of the t-test (noncentral t) was passed over for the shifted
 * t: GSL has no noncentral t, and the figure is a yardstick read to two digits. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>

#include "statistics/statistics.h"

static const double EQUAL = 1e-12; /* of the largest value: differences by rounding alone */

struct fr_t_test fr_t_test_summary(double mean, double standard_error, int n) {
    struct fr_t_test r = {n, mean, standard_error, NAN, NAN, NAN};
    if (n < 2 || isnan(mean) || isnan(standard_error))
        return r;
    if (standard_error == 0) { /* equal values: the signs are all there is to flip */
        r.t = mean == 0 ? NAN : mean > 0 ? INFINITY : -INFINITY;
        r.p_greater = mean > 0 ? pow(0.5, n) : 1;
        r.p_two_sided = mean != 0 ? pow(0.5, n - 1) : 1;
        return r;
    }
    r.t = mean / standard_error;
    r.p_greater = gsl_cdf_tdist_Q(r.t, n - 1);
    r.p_two_sided = 2 * gsl_cdf_tdist_Q(fabs(r.t), n - 1);
    return r;
}

struct fr_t_test fr_t_test(const double *x, int n) {
    int m = 0;
    double sum = 0, low = INFINITY, high = -INFINITY, squares = 0;
    for (int i = 0; i < n; i++) {
        if (isnan(x[i]))
            continue;
        m++;
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
        sum += x[i];
    }
    if (m == 0)
        return fr_t_test_summary(NAN, NAN, 0);
    /* Equal values have no variance, whatever rounding makes of them and of their mean. */
    const double scale = fmax(fabs(low), fabs(high));
    const bool varies = high - low > EQUAL * scale;
    const double mean = varies ? sum / m : low;
    if (m == 1)
        return fr_t_test_summary(mean, NAN, 1);
    for (int i = 0; varies && i < n; i++)
        if (!isnan(x[i])) /* in units of the scale, whose square may be no number */
            squares += (x[i] - mean) / scale * ((x[i] - mean) / scale);
    return fr_t_test_summary(mean, scale * sqrt(squares / (m - 1) / m), m);
}

double fr_minimal_detectable_effect(double standard_error, int n, double alpha, double power) {
    if (n < 2 || isnan(standard_error))
        return NAN;
    return standard_error *
           (gsl_cdf_tdist_Pinv(1 - alpha, n - 1) + gsl_cdf_tdist_Pinv(power, n - 1));
}
