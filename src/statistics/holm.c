/* Holm's step-down correction over a family of tests: layers x conditions of one table
 * (method.md 6). Uniformly better than Bonferroni and as free of assumptions; false discovery
 * rates were passed over because the family is small and one claim is made of it. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "statistics/statistics.h"

struct ranked {
    double p;
    int index;
};

static int by_p(const void *a, const void *b) {
    const struct ranked *x = a, *y = b;
    if (x->p != y->p)
        return x->p < y->p ? -1 : 1;
    return x->index - y->index;
}

void fr_holm(const double *p, int n, double *adjusted) {
    struct ranked *ranked = fr_alloc((size_t)n, sizeof *ranked);
    int m = 0;
    for (int i = 0; i < n; i++)
        if (!isnan(p[i]))
            ranked[m++] = (struct ranked){p[i], i};
    for (int i = 0; i < n; i++)
        adjusted[i] = NAN;
    qsort(ranked, (size_t)m, sizeof *ranked, by_p);
    double largest = 0;
    for (int i = 0; i < m; i++) {
        largest = fmax(largest, fmin(1, (m - i) * ranked[i].p));
        adjusted[ranked[i].index] = largest;
    }
    free(ranked);
}
