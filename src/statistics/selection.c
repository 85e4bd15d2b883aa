/* The best of several conditions, and how good the best is when nothing works (paper, table 4): the
 * largest of four noisy numbers is above zero on average, so a table of best gains needs its null
 * beside it. Signs are flipped in all conditions together, which keeps what they share; a formula
 * for the maximum of independent normals would ask for more than layers that resemble each other
 * give. */
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"
#include "statistics/statistics.h"

enum { EXACT_NAMINGS = 16 };

static const double margin = 1e-12; /* sums of fractions: a tie is a hit */

/* What flips say of a best; draws [n] is sorted. hits of them are counted with the one that was
 * seen when it is not among them (plus: 1). */
static struct fr_best conclude(double best, int condition, double *draws, int n, int plus) {
    struct fr_best out = {.best = best,
                          .condition = condition,
                          .expected = NAN,
                          .high = NAN,
                          .p = NAN};
    int hits = plus;
    if (n == 0)
        return out;
    out.expected = 0;
    for (int r = 0; r < n; r++) {
        out.expected += draws[r] / n;
        hits += draws[r] >= best - margin;
    }
    fr_sort(draws, n);
    out.high = gsl_stats_quantile_from_sorted_data(draws, 1, (size_t)n, 0.95);
    out.p = (double)hits / (n + plus);
    return out;
}

static double mean_of(const int8_t *d, int n) {
    int sum = 0;
    for (int k = 0; k < n; k++)
        sum += d[k];
    return (double)sum / n;
}

/* The best of a naming when the signs of its pairs are flipped: draws[r] for each flip. */
static void flip_pairs(const struct fr_selection *s, int naming, int n_flips, struct fr_rng *rng,
                       double *draws) {
    const int n = s->n_puzzles[naming];
    const int8_t *d = s->d[naming];
    int *sums = fr_alloc((size_t)s->n_conditions, sizeof *sums);
    int *changed = fr_alloc((size_t)n, sizeof *changed), n_changed = 0;
    for (int k = 0; k < n; k++) { /* flipping what never changed changes nothing */
        bool any = false;
        for (int c = 0; c < s->n_conditions; c++)
            any = any || d[c * n + k] != 0;
        changed[n_changed] = k;
        n_changed += any;
    }
    for (int r = 0; r < n_flips; r++) {
        uint64_t signs = 0;
        int largest = -n;
        for (int c = 0; c < s->n_conditions; c++)
            sums[c] = 0;
        for (int j = 0; j < n_changed; j++) {
            if (j % 64 == 0)
                signs = fr_rng_next(rng);
            const int sign = signs >> j % 64 & 1 ? -1 : 1;
            for (int c = 0; c < s->n_conditions; c++)
                sums[c] += sign * d[c * n + changed[j]];
        }
        for (int c = 0; c < s->n_conditions; c++)
            largest = sums[c] > largest ? sums[c] : largest;
        draws[r] = (double)largest / n;
    }
    free(changed);
    free(sums);
}

/* Of a naming the best effect as it is and with its sign flipped. */
struct sides {
    double plus, minus;
    int condition;
};

static struct sides sides_of(const struct fr_selection *s, int naming) {
    const int n = s->n_puzzles[naming];
    struct sides out = {-INFINITY, -INFINITY, 0};
    for (int c = 0; c < s->n_conditions; c++) {
        const double mean = mean_of(s->d[naming] + (size_t)c * (size_t)n, n);
        if (mean > out.plus)
            out.condition = c;
        out.plus = fmax(out.plus, mean);
        out.minus = fmax(out.minus, -mean);
    }
    return out;
}

/* The mean best when whole namings are flipped: all 2^n ways, or draws. Returns how many. */
static int flip_namings(const struct sides *sides, int n, int n_flips, struct fr_rng *rng,
                        double **out) {
    const bool exact = n <= EXACT_NAMINGS;
    const int n_draws = exact ? 1 << n : n_flips;
    *out = fr_alloc((size_t)n_draws, sizeof **out);
    for (int r = 0; r < n_draws; r++) {
        uint64_t signs = (uint64_t)r;
        double sum = 0;
        for (int i = 0; i < n; i++) {
            if (!exact && i % 64 == 0)
                signs = fr_rng_next(rng);
            sum += signs >> i % 64 & 1 ? sides[i].minus : sides[i].plus;
        }
        (*out)[r] = sum / n;
    }
    return n_draws;
}

void fr_selection_test(const struct fr_selection *s, int n_flips, struct fr_rng *rng,
                       struct fr_best *namings, struct fr_best *by_pairs,
                       struct fr_best *by_namings) {
    double *draws = fr_alloc((size_t)n_flips, sizeof *draws);
    double *means = fr_alloc((size_t)n_flips, sizeof *means), *flipped;
    struct sides *sides = fr_alloc((size_t)s->n_namings, sizeof *sides);
    double best = 0;
    int n = 0;
    for (int i = 0; i < s->n_namings; i++) {
        namings[i] = conclude(NAN, -1, draws, 0, 0);
        if (s->n_puzzles[i] == 0 || s->n_conditions == 0)
            continue;
        sides[n] = sides_of(s, i);
        best += sides[n].plus;
        flip_pairs(s, i, n_flips, rng, draws);
        for (int r = 0; r < n_flips; r++)
            means[r] += draws[r];
        namings[i] = conclude(sides[n].plus, sides[n].condition, draws, n_flips, 1);
        n++;
    }
    for (int r = 0; r < n_flips; r++)
        means[r] /= n;
    best = n > 0 ? best / n : NAN;
    *by_pairs = conclude(best, -1, means, n > 0 ? n_flips : 0, 1);
    const int n_flipped = flip_namings(sides, n, n_flips, rng, &flipped);
    *by_namings = conclude(best, -1, flipped, n > 0 ? n_flipped : 0, n > EXACT_NAMINGS);
    free(flipped);
    free(sides);
    free(means);
    free(draws);
}
