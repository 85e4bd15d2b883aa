/* The jackknife of Quenouille and Tukey: how far a figure moves when one unit after the other is
 * left out says how far it would move with other units. Unlike a bootstrap it never has a unit
 * twice, which matters where the units are also what each is held against (analyses/curves.c). */
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "statistics/statistics.h"

void fr_jackknife(double value, const double *without, int n, int n_values, double confidence,
                  double *standard_error, double *low, double *high) {
    double mean = 0, squares = 0;
    *standard_error = *low = *high = NAN;
    if (n < 2 || n_values < 2 || isnan(value))
        return;
    for (int k = 0; k < n; k++)
        mean += without[k] / n;
    for (int k = 0; k < n; k++)
        squares += (without[k] - mean) * (without[k] - mean);
    *standard_error = sqrt(squares * (n - 1) / n);
    if (isnan(*standard_error)) /* one of them has no value: then the figure has no error known */
        return;
    const double half = gsl_cdf_tdist_Pinv((1 + confidence) / 2, n_values - 1) * *standard_error;
    *low = value - half;
    *high = value + half;
}

void fr_welch_interval(double difference, double error_a, int n_a, double error_b, int n_b,
                       double confidence, double *low, double *high) {
    const double a = error_a * error_a, b = error_b * error_b;
    *low = *high = NAN;
    if (n_a < 2 || n_b < 2 || !(a + b > 0))
        return;
    const double degrees = (a + b) * (a + b) / (a * a / (n_a - 1) + b * b / (n_b - 1));
    const double half = gsl_cdf_tdist_Pinv((1 + confidence) / 2, degrees) * sqrt(a + b);
    *low = difference - half;
    *high = difference + half;
}
