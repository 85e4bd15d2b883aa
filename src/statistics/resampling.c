/* What is computed by drawing: the permutation test on paired verdicts and the bootstraps
 * (method.md 6, "beyond").
 *
 * Pairs belong to namings, and namings differ more than puzzles do: the bootstrap draws namings,
 * then puzzles within them; a flat bootstrap over pairs would call naming luck certainty. The
 * permutation test flips pairs within namings: it asks whether these namings were helped, while the
 * t-test and the bootstrap ask about namings in general. */
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
