/* What is computed by drawing: the permutation test on paired verdicts and the bootstraps
 * (method.md 6, "beyond").
 *
 * Pairs belong to namings, and namings differ more than puzzles do: the bootstrap draws namings,
 * then puzzles within them; a flat bootstrap over pairs would call naming luck certainty. The
 * permutation test flips pairs within namings: it asks whether these namings were helped, while the
 * t-test and the bootstrap ask about namings in general. */
#include <gsl/gsl_fft_complex.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "statistics/statistics.h"

static int compare_doubles(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void fr_sort(double *x, int n) { qsort(x, (size_t)n, sizeof *x, compare_doubles); }

void fr_quantiles(double *draws, int n, double low_share, double high_share, double *low,
                  double *high) {
    fr_sort(draws, n);
    *low = gsl_stats_quantile_from_sorted_data(draws, 1, (size_t)n, low_share);
    *high = gsl_stats_quantile_from_sorted_data(draws, 1, (size_t)n, high_share);
}

/* The percentile interval of n draws. */
static void percentiles(double *draws, int n, double confidence, double *low, double *high) {
    fr_quantiles(draws, n, (1 - confidence) / 2, (1 + confidence) / 2, low, high);
}

/* The namings that have puzzles, each with its paired differences. */
struct differences {
    int n_namings;
    struct naming_differences {
        int n, net, n_discordant;
        int8_t *d; /* after - before, [n] */
    } * items;
    int8_t *all; /* where the d live */
};

static void differences_init(struct differences *out, const struct fr_paired *pairs) {
    size_t total = 0;
    for (int i = 0; i < pairs->n_namings; i++)
        total += (size_t)pairs->n_puzzles[i];
    *out = (struct differences){
        .items = fr_alloc((size_t)pairs->n_namings, sizeof *out->items),
        .all = fr_alloc(total, sizeof *out->all),
    };
    int8_t *next = out->all;
    for (int i = 0; i < pairs->n_namings; i++) {
        if (pairs->n_puzzles[i] == 0)
            continue;
        struct naming_differences *item = &out->items[out->n_namings++];
        *item = (struct naming_differences){.n = pairs->n_puzzles[i], .d = next};
        for (int k = 0; k < item->n; k++) {
            item->d[k] = (int8_t)((pairs->after[i][k] != 0) - (pairs->before[i][k] != 0));
            item->net += item->d[k];
            item->n_discordant += item->d[k] != 0;
        }
        next += item->n;
    }
}

static void differences_release(struct differences *differences) {
    free(differences->items);
    free(differences->all);
}

static double effect(const struct differences *differences) {
    double sum = 0;
    for (int i = 0; i < differences->n_namings; i++)
        sum += (double)differences->items[i].net / differences->items[i].n;
    return sum / differences->n_namings; /* 0 / 0 is NaN */
}

double fr_paired_effect(const struct fr_paired *pairs) {
    struct differences differences;
    differences_init(&differences, pairs);
    const double result = effect(&differences);
    differences_release(&differences);
    return result;
}

/* Heads of n fair coins. */
static int heads(struct fr_rng *rng, int n) {
    int sum = 0;
    for (; n >= 64; n -= 64)
        sum += __builtin_popcountll(fr_rng_next(rng));
    return n > 0 ? sum + __builtin_popcountll(fr_rng_next(rng) >> (64 - n)) : sum;
}

double fr_permutation_test(const struct fr_paired *pairs, int n_permutations, struct fr_rng *rng) {
    struct differences differences;
    differences_init(&differences, pairs);
    /* Flips of concordant pairs change nothing, so only discordant ones are drawn. Sums of
     * fractions differ in their last bits, hence the margin: a tie is a hit. */
    const double observed = effect(&differences), margin = 1e-12;
    int hits = 0;
    for (int r = 0; r < n_permutations; r++) {
        double sum = 0;
        for (int i = 0; i < differences.n_namings; i++) {
            const struct naming_differences *item = &differences.items[i];
            sum += (double)(2 * heads(rng, item->n_discordant) - item->n_discordant) / item->n;
        }
        hits += sum / differences.n_namings >= observed - margin;
    }
    const double p = differences.n_namings > 0 ? (1.0 + hits) / (1.0 + n_permutations) : NAN;
    differences_release(&differences);
    return p;
}

void fr_bootstrap_paired(const struct fr_paired *pairs, int n_resamples, double confidence,
                         struct fr_rng *rng, double *low, double *high) {
    struct differences differences;
    differences_init(&differences, pairs);
    double *draws = fr_alloc((size_t)n_resamples, sizeof *draws);
    *low = *high = NAN;
    if (differences.n_namings == 0 || n_resamples == 0)
        goto out;
    const int n = differences.n_namings;
    for (int r = 0; r < n_resamples; r++) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            const struct naming_differences *item =
                &differences.items[fr_rng_below(rng, (uint32_t)n)];
            int net = 0;
            for (int k = 0; k < item->n; k++)
                net += item->d[fr_rng_below(rng, (uint32_t)item->n)];
            sum += (double)net / item->n;
        }
        draws[r] = sum / n;
    }
    percentiles(draws, n_resamples, confidence, low, high);
out:
    free(draws);
    differences_release(&differences);
}

/* ---- all resamples --------------------------------------------------------------------------- */

/* How many steps between 0 and 1 the mean of a naming is told in: the least common multiple of the
 * namings' puzzles, so that every mean is exact, or as many as a transform of this length holds. */
enum { MOST_POINTS = 1 << 18 };

static int steps_of(const struct differences *differences) {
    const int most = MOST_POINTS / 2 / differences->n_namings - 1;
    int64_t steps = 1;
    for (int i = 0; i < differences->n_namings; i++) {
        int64_t a = steps, b = differences->items[i].n;
        while (b != 0) {
            const int64_t rest = a % b;
            a = b;
            b = rest;
        }
        steps = steps / a * differences->items[i].n;
        if (steps > most)
            return most;
    }
    return (int)steps;
}

/* Adds to p[2 * steps + 1] the chances of a naming's mean over n drawn puzzles, weighed. */
static void add_naming(const struct naming_differences *item, int steps, double weight, double *p) {
    const int n = item->n;
    double share[3] = {0};                                  /* of -1, 0, 1 */
    double *net = fr_alloc(2 * (size_t)n + 1, sizeof *net); /* chances of net - n after so many */
    for (int k = 0; k < n; k++)
        share[item->d[k] + 1] += 1.0 / n;
    net[n] = 1;
    for (int drawn = 1; drawn <= n; drawn++) {
        double left = 0; /* what net[i - 1] was before this draw */
        for (int i = n - drawn; i <= n + drawn; i++) {
            const double here = net[i], right = i < 2 * n ? net[i + 1] : 0;
            net[i] = left * share[2] + here * share[1] + right * share[0];
            left = here;
        }
    }
    for (int i = 0; i <= 2 * n; i++)
        p[steps + lround((double)(i - n) * steps / n)] += weight * net[i];
    free(net);
}

void fr_bootstrap_paired_exact(const struct fr_paired *pairs, double confidence, double *low,
                               double *high) {
    struct differences differences;
    differences_init(&differences, pairs);
    const int n = differences.n_namings;
    *low = *high = NAN;
    if (n == 0 || n > MOST_POINTS / 4) {
        differences_release(&differences);
        return;
    }
    const int steps = steps_of(&differences), n_values = 2 * n * steps + 1;
    size_t n_points = 1;
    while (n_points < (size_t)n_values)
        n_points *= 2;
    double *one = fr_alloc(2 * (size_t)steps + 1, sizeof *one);
    double *z = fr_alloc(2 * n_points, sizeof *z); /* complex */
    for (int i = 0; i < n; i++)
        add_naming(&differences.items[i], steps, 1.0 / n, one);
    for (int i = 0; i <= 2 * steps; i++)
        z[2 * i] = one[i];
    /* the sum of n drawn namings: the n-th power of the transform */
    (void)gsl_fft_complex_radix2_forward(z, 1, n_points);
    for (size_t i = 0; i < n_points; i++) {
        const double size = pow(hypot(z[2 * i], z[2 * i + 1]), n);
        const double angle = n * atan2(z[2 * i + 1], z[2 * i]);
        z[2 * i] = size * cos(angle);
        z[2 * i + 1] = size * sin(angle);
    }
    (void)gsl_fft_complex_radix2_inverse(z, 1, n_points);
    const double tail = (1 - confidence) / 2, rounding = 1e-9;
    double sum = 0;
    for (int i = 0; i < n_values; i++) {
        const double value = (double)(i - n * steps) / ((double)n * steps);
        sum += z[2 * (size_t)i];
        if (isnan(*low) && sum >= tail - rounding)
            *low = value;
        if (isnan(*high) && sum >= 1 - tail - rounding)
            *high = value;
    }
    free(z);
    free(one);
    differences_release(&differences);
}

void fr_bootstrap_mean(const double *x, int n, int n_resamples, double confidence,
                       struct fr_rng *rng, double *low, double *high) {
    double *values = fr_alloc((size_t)n, sizeof *values);
    double *draws = fr_alloc((size_t)n_resamples, sizeof *draws);
    int m = 0;
    *low = *high = NAN;
    for (int i = 0; i < n; i++)
        if (!isnan(x[i]))
            values[m++] = x[i];
    if (m < 2 || n_resamples == 0)
        goto out;
    for (int r = 0; r < n_resamples; r++) {
        double sum = 0;
        for (int i = 0; i < m; i++)
            sum += values[fr_rng_below(rng, (uint32_t)m)];
        draws[r] = sum / m;
    }
    percentiles(draws, n_resamples, confidence, low, high);
out:
    free(draws);
    free(values);
}
