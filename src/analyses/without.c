/* A3 once for every naming left out, of subjects and references both: what the mean over namings
 * would have been without it. From these come A3's intervals (similarity.c). Rejected: a bootstrap
 * of the namings' values, which takes the references for given, though they are made of the same
 * namings, and is too narrow by up to two fifths (bench/RESULTS.md, "Intervals of a curve"); and
 * one that makes references anew, where a naming that is drawn twice is one reference less.
 *
 * References enter by their products: with a row, and among each other. So a naming is left out by
 * subtraction, and no mean is formed twice. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/analyses.h"
#include "base/memory.h"

enum { LEAVES_OWN = 2 }; /* variants: all, loo */

struct references {
    int n, n_concepts;   /* namings, of which some lack a concept; concepts of the kind */
    const int *namings;  /* [n] */
    const bool *present; /* [concept][n] */
    double *among;       /* [concept][n][n] 0 where either is missing */
    double *row_sum;     /* [concept][n] */
    double *sum;         /* [concept] */
    int *count;          /* [concept] */
    double *with;        /* [concept][n] with the row at hand */
};

static double dot(const float *x, const float *y, int width) {
    double sum = 0;
    for (int d = 0; d < width; d++)
        sum += (double)x[d] * (double)y[d];
    return sum;
}

/* Cosine of the row with the mean of a concept's references without naming k, and without its own,
 * i, where that is not -1. */
static double cosine_without(const struct references *r, int b, double length, double product,
                             int k, int i) {
    const double *among = r->among + (size_t)b * (size_t)r->n * (size_t)r->n;
    const double *row_sum = r->row_sum + b * r->n, *with = r->with + b * r->n;
    const bool *present = r->present + b * r->n;
    double square = r->sum[b] - 2 * row_sum[k] + among[k * r->n + k];
    int n = r->count[b] - present[k];
    product -= with[k];
    if (i >= 0) {
        square += among[i * r->n + i] - 2 * row_sum[i] + 2 * among[i * r->n + k];
        product -= with[i];
        n -= present[i];
    }
    return n > 0 && square > 1e-12 * r->sum[b] ? product / (length * sqrt(square)) : (double)NAN;
}

/* A mean that is built up: of one left-out naming, variant and relation. */
struct tally {
    double sum;
    int n;
};

static void tally_add(struct tally *tally, double x) {
    if (isnan(x))
        return;
    tally->sum += x;
    tally->n++;
}

static double tally_mean(const struct tally *tally) {
    return tally->n > 0 ? tally->sum / tally->n : (double)NAN;
}

/* One row of concept a, of the i-th naming, into the tallies [k][variant][relation]. */
static void add_row(const struct references *r, int a, int i, double length,
                    struct tally (*tallies)[LEAVES_OWN][2]) {
    double products[FR_MAX_CONCEPTS] = {0};
    for (int b = 0; b < r->n_concepts; b++)
        for (int j = 0; j < r->n; j++)
            products[b] += r->with[b * r->n + j];
    for (int k = 0; k < r->n; k++)
        for (int own = 0; k != i && own < LEAVES_OWN; own++) {
            struct tally others = {0};
            for (int b = 0; b < r->n_concepts; b++) {
                const double x = cosine_without(r, b, length, products[b], k, own == 1 ? i : -1);
                tally_add(b == a ? &tallies[k][own][0] : &others, x);
            }
            tally_add(&tallies[k][own][1], tally_mean(&others));
        }
}

static void load_references(const struct fr_reps *y, const int *members, int l, int time,
                            bool *present, struct references *r) {
    for (int b = 0; b < r->n_concepts; b++)
        for (int j = 0; j < r->n; j++) {
            present[b * r->n + j] = fr_reps_has(y, r->namings[j], members[b], time);
            r->count[b] += present[b * r->n + j];
        }
    for (int b = 0; b < r->n_concepts; b++)
        for (int j = 0; j < r->n; j++)
            for (int k = 0; k < r->n; k++) {
                if (!present[b * r->n + j] || !present[b * r->n + k])
                    continue;
                const double x = dot(fr_reps_at(y, r->namings[j], members[b], l, time),
                                     fr_reps_at(y, r->namings[k], members[b], l, time), y->width);
                r->among[(b * r->n + j) * r->n + k] = x;
                r->row_sum[b * r->n + j] += x;
                r->sum[b] += x;
            }
}

void fr_similarity_without(const struct fr_similarity_ask *ask, int l, enum fr_concept_kind kind,
                           double *out) {
    const struct fr_reps *x = ask->subjects, *y = ask->references != NULL ? ask->references : x;
    int members[FR_MAX_CONCEPTS], n_concepts = 0, n = 0;
    FR_ASSERT(y->n_namings == x->n_namings && y->width == x->width);
    for (int a = 0; a < x->n_concepts; a++)
        if (x->concepts->kinds[a] == kind)
            members[n_concepts++] = a;
    int *namings = fr_alloc((size_t)x->n_namings, sizeof *namings);
    for (int i = 0; i < x->n_namings; i++)
        if (ask->use == NULL || ask->use[i])
            namings[n++] = i;
    const size_t n_cells = (size_t)n_concepts * (size_t)n;
    bool *present = fr_alloc(n_cells, sizeof *present);
    struct references r = {.n = n,
                           .n_concepts = n_concepts,
                           .namings = namings,
                           .present = present,
                           .among = fr_alloc(n_cells * (size_t)n, sizeof *r.among),
                           .row_sum = fr_alloc(n_cells, sizeof *r.row_sum),
                           .sum = fr_alloc((size_t)n_concepts, sizeof *r.sum),
                           .count = fr_alloc((size_t)n_concepts, sizeof *r.count),
                           .with = fr_alloc(n_cells, sizeof *r.with)};
    struct tally(*rows)[LEAVES_OWN][2] = fr_alloc((size_t)n, sizeof *rows);
    struct tally(*means)[LEAVES_OWN][2] = fr_alloc((size_t)n, sizeof *means);
    load_references(y, members, l, ask->reference_time, present, &r);
    for (int t = 0; t < x->n_times; t++) {
        memset(means, 0, (size_t)n * sizeof *means);
        for (int i = 0; i < n; i++) {
            memset(rows, 0, (size_t)n * sizeof *rows);
            for (int a = 0; a < n_concepts; a++) {
                if (!fr_reps_has(x, namings[i], members[a], t))
                    continue;
                const float *row = fr_reps_at(x, namings[i], members[a], l, t);
                const double length = sqrt(dot(row, row, x->width));
                if (!(length > 0))
                    continue;
                for (int b = 0; b < n_concepts; b++)
                    for (int j = 0; j < n; j++)
                        r.with[b * n + j] =
                            present[b * n + j]
                                ? dot(row,
                                      fr_reps_at(y, namings[j], members[b], l, ask->reference_time),
                                      x->width)
                                : 0;
                add_row(&r, a, i, length, rows);
            }
            for (int k = 0; k < n; k++)
                for (int own = 0; own < LEAVES_OWN; own++)
                    for (int relation = 0; relation < 2; relation++)
                        tally_add(&means[k][own][relation], tally_mean(&rows[k][own][relation]));
        }
        for (int own = 0; own < LEAVES_OWN; own++)
            for (int relation = 0; relation < 2; relation++)
                for (int k = 0; k < n; k++)
                    out[((own * x->n_times + t) * 2 + relation) * n + k] =
                        tally_mean(&means[k][own][relation]);
    }
    free(means);
    free(rows);
    free(r.with);
    free(r.count);
    free(r.sum);
    free(r.row_sum);
    free(r.among);
    free(present);
    free(namings);
}
