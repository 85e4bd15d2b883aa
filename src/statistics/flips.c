/* Tests that flip the signs of whole namings (method.md 6, "beyond"): the p of one condition, and
 * the one corrected over a family by the largest of its statistics (Westfall and Young's step-down
 * maximum). Holm's correction takes the conditions of a sweep for strangers; neighbouring layers
 * are near copies, and flipping a naming in all of them at once keeps what they share.
 *
 * The unit is the naming, since the puzzles of one are steered with the same vectors and so are not
 * independent. The statistic is sum / sqrt(sum of squares), which for one condition orders flips as
 * t does, costs a sum, and puts conditions that spread differently on one scale; the plain mean
 * would let the noisiest condition of a family set the bar for all. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "statistics/statistics.h"

/* Every assignment of signs up to so many namings, else draws. */
enum { EXACT_NAMINGS = 16 };

static const double margin = 1e-9; /* sums of fractions: a tie is a hit */

struct flipped {
    int condition;   /* of the caller */
    double observed; /* the statistic */
    double root;     /* of the sum of squares; 0: nothing changed */
    double sum, first;
    double *x;       /* [N], 0 where it is missing */
    int alone, most; /* hits */
};

static int by_statistic(const void *a, const void *b) {
    const struct flipped *x = a, *y = b;
    if (x->observed != y->observed)
        return x->observed > y->observed ? -1 : 1;
    return x->condition - y->condition;
}

static double statistic(const struct flipped *f) { return f->root > 0 ? f->sum / f->root : 0; }

/* Counts an assignment of signs: a condition's own statistic against what was seen, and the largest
 * of those that rank no higher. */
static void count(struct flipped *items, int n) {
    double largest = -INFINITY;
    for (int i = n - 1; i >= 0; i--) {
        const double value = statistic(&items[i]);
        largest = fmax(largest, value);
        items[i].alone += value >= items[i].observed - margin;
        items[i].most += largest >= items[i].observed - margin;
    }
}

/* All 2^n assignments, one sign from the next (Gray's code). Returns how many. */
static int flip_all(struct flipped *items, int n, int n_namings) {
    const unsigned total = 1u << n_namings;
    unsigned negative = 0;
    count(items, n);
    for (unsigned k = 1; k < total; k++) {
        const int at = __builtin_ctz(k);
        const double sign = (negative ^= 1u << at) >> at & 1 ? -2 : 2;
        for (int i = 0; i < n; i++)
            items[i].sum += sign * items[i].x[at];
        count(items, n);
    }
    return (int)total;
}

/* Draws of signs, the one that was seen among them. */
static int flip_some(struct flipped *items, int n, int n_namings, int n_flips, struct fr_rng *rng) {
    count(items, n);
    for (int r = 0; r < n_flips; r++) {
        uint64_t signs = 0;
        for (int i = 0; i < n; i++)
            items[i].sum = 0;
        for (int at = 0; at < n_namings; at++) {
            if (at % 64 == 0)
                signs = fr_rng_next(rng);
            for (int i = 0; i < n; i++)
                items[i].sum += signs >> at % 64 & 1 ? -items[i].x[at] : items[i].x[at];
        }
        count(items, n);
    }
    return n_flips + 1;
}

void fr_flip_test(const double *x, int n_conditions, int n_namings, int n_flips, struct fr_rng *rng,
                  double *p_alone, double *p_max) {
    struct flipped *items = fr_alloc((size_t)n_conditions, sizeof *items);
    double *rows = fr_alloc((size_t)n_conditions * (size_t)n_namings, sizeof *rows);
    int n = 0;
    for (int c = 0; c < n_conditions; c++) {
        struct flipped f = {.condition = c, .x = rows + (size_t)n * (size_t)n_namings};
        int present = 0;
        double squares = 0;
        for (int i = 0; i < n_namings; i++) {
            const double value = x[(size_t)c * (size_t)n_namings + (size_t)i];
            f.x[i] = isnan(value) ? 0 : value;
            present += !isnan(value);
            f.sum += f.x[i];
            squares += f.x[i] * f.x[i];
        }
        f.root = sqrt(squares);
        f.observed = statistic(&f);
        p_alone[c] = p_max[c] = NAN;
        if (present >= 2)
            items[n++] = f;
    }
    qsort(items, (size_t)n, sizeof *items, by_statistic);
    const int total = n_namings <= EXACT_NAMINGS ? flip_all(items, n, n_namings)
                                                 : flip_some(items, n, n_namings, n_flips, rng);
    double largest = 0;
    for (int i = 0; i < n; i++) {
        largest = fmax(largest, (double)items[i].most / total);
        p_alone[items[i].condition] = (double)items[i].alone / total;
        p_max[items[i].condition] = largest;
    }
    free(items);
    free(rows);
}
