/* A2, figure 3 of the paper: do the (naming, concept) points of one layer cluster by concept? Owns
 * the projection for the picture and the separation figures that say it without one.
 *
 * Everything follows from the n x n Gram matrix of the centred points: n is a few hundred where
 * the width is thousands, and shuffled labels cost no second look at the points. Rejected: an SVD
 * of the n x D matrix (GSL's one-sided Jacobi is slow at D = 5,120), and separation measured in
 * the plane of the picture, which flatters whatever the projection was chosen to show. */
#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdlib.h>

#include "analyses/analyses.h"
#include "analyses/analysis.h"
#include "base/memory.h"

enum { N_COMPONENTS = 3, N_SHUFFLES = 100 };
/* Of a silhouette: a shuffle that only renames the clusters adds the same numbers in another order,
 * and is as large. */
#define ROUNDING 1e-12

struct points {
    int n, width;
    struct fr_pca_point *items; /* naming and concept set */
    double *x;                  /* [n][D], mean over points subtracted */
    double *gram;               /* [n][n] */
    double total;               /* trace: n times the variance */
};

static void points_release(struct points *points) {
    free(points->items);
    free(points->x);
    free(points->gram);
}

static void points_init(struct points *out, const struct fr_reps *reps, const bool *use, int l,
                        int time, enum fr_concept_kind kind) {
    const size_t width = (size_t)reps->width;
    const size_t most = (size_t)reps->n_namings * (size_t)reps->n_concepts;
    *out = (struct points){.width = reps->width, .items = fr_alloc(most, sizeof *out->items)};
    for (int i = 0; i < reps->n_namings; i++)
        for (int a = 0; a < reps->n_concepts; a++)
            if ((use == NULL || use[i]) && reps->concepts->kinds[a] == kind &&
                fr_reps_has(reps, i, a, time))
                out->items[out->n++] = (struct fr_pca_point){.naming = i, .concept = a};
    out->x = fr_alloc((size_t)out->n * width, sizeof *out->x);
    double *mean = fr_alloc(width, sizeof *mean);
    for (int p = 0; p < out->n; p++) {
        const float *h = fr_reps_at(reps, out->items[p].naming, out->items[p].concept, l, time);
        for (size_t d = 0; d < width; d++) {
            out->x[(size_t)p * width + d] = (double)h[d];
            mean[d] += (double)h[d];
        }
    }
    for (int p = 0; p < out->n; p++)
        for (size_t d = 0; d < width; d++)
            out->x[(size_t)p * width + d] -= mean[d] / out->n;
    free(mean);
}

/* Four rows against one at a time, each sum in order of d: four chains of additions hide each
 * other's latency without changing a bit. */
static void gram_compute(struct points *points) {
    const size_t n = (size_t)points->n, width = (size_t)points->width;
    points->gram = fr_alloc(n * n, sizeof *points->gram);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j += 4) {
            const double *x = points->x + i * width, *y[4];
            double sum[4] = {0};
            for (size_t k = 0; k < 4; k++)
                y[k] = points->x + (j + k <= i ? j + k : i) * width;
            for (size_t d = 0; d < width; d++)
                for (size_t k = 0; k < 4; k++)
                    sum[k] += x[d] * y[k][d];
            for (size_t k = 0; k < 4 && j + k <= i; k++)
                points->gram[i * n + j + k] = points->gram[(j + k) * n + i] = sum[k];
        }
    for (size_t i = 0; i < n; i++)
        points->total += points->gram[i * n + i];
}

/* Scores sqrt(lambda) u of the first components. The direction in full width is X'u / sqrt(lambda);
 * its largest entry in absolute value (the first of equals) decides the sign. */
static void project(struct points *points, double *explained) {
    const size_t n = (size_t)points->n, width = (size_t)points->width;
    gsl_matrix *gram = gsl_matrix_alloc(n, n), *vectors = gsl_matrix_alloc(n, n);
    gsl_vector *values = gsl_vector_alloc(n);
    gsl_eigen_symmv_workspace *work = gsl_eigen_symmv_alloc(n);
    double *direction = fr_alloc(width, sizeof *direction);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            gsl_matrix_set(gram, i, j, points->gram[i * n + j]);
    gsl_eigen_symmv(gram, values, vectors, work);
    gsl_eigen_symmv_sort(values, vectors, GSL_EIGEN_SORT_VAL_DESC);
    for (size_t c = 0; c < N_COMPONENTS; c++) {
        const double lambda = gsl_vector_get(values, c);
        explained[c] = 0;
        if (lambda <= points->total * 1e-12) /* beyond the rank */
            continue;
        explained[c] = lambda / points->total;
        size_t largest = 0;
        for (size_t d = 0; d < width; d++)
            direction[d] = 0;
        for (size_t i = 0; i < n; i++)
            for (size_t d = 0; d < width; d++)
                direction[d] += gsl_matrix_get(vectors, i, c) * points->x[i * width + d];
        for (size_t d = 1; d < width; d++)
            if (fabs(direction[d]) > fabs(direction[largest]))
                largest = d;
        const double scale = direction[largest] < 0 ? -sqrt(lambda) : sqrt(lambda);
        for (size_t i = 0; i < n; i++)
            points->items[i].x[c] = scale * gsl_matrix_get(vectors, i, c);
    }
    free(direction);
    gsl_eigen_symmv_free(work);
    gsl_vector_free(values);
    gsl_matrix_free(vectors);
    gsl_matrix_free(gram);
}

static double distance(const struct points *points, int i, int j) {
    const int n = points->n;
    const double square =
        points->gram[i * n + i] + points->gram[j * n + j] - 2 * points->gram[i * n + j];
    return square > 0 ? sqrt(square) : 0;
}

/* Mean over points of (b - a) / max(a, b): a the mean distance to the others of its label, b to the
 * nearest other label (Rousseeuw 1987). distances is [n][n]. */
static double silhouette(const double *distances, const int *labels, int n) {
    double total = 0;
    for (int i = 0; i < n; i++) {
        double sums[FR_MAX_CONCEPTS] = {0}, b = INFINITY;
        int counts[FR_MAX_CONCEPTS] = {0};
        for (int j = 0; j < n; j++) {
            sums[labels[j]] += distances[i * n + j];
            counts[labels[j]]++;
        }
        const int own = labels[i];
        if (counts[own] < 2)
            continue;
        const double a = sums[own] / (counts[own] - 1);
        for (int k = 0; k < FR_MAX_CONCEPTS; k++)
            if (k != own && counts[k] > 0)
                b = fmin(b, sums[k] / counts[k]);
        if (fmax(a, b) > 0)
            total += (b - a) / fmax(a, b);
    }
    return total / n;
}

/* sum over labels of n_k |m_k|^2 over the total, where n_k |m_k|^2 = (sum of the label's block of
 * the Gram matrix) / n_k. */
static double variance_ratio(const struct points *points, const int *labels) {
    double sums[FR_MAX_CONCEPTS] = {0}, between = 0;
    int counts[FR_MAX_CONCEPTS] = {0};
    for (int i = 0; i < points->n; i++) {
        counts[labels[i]]++;
        for (int j = 0; j < points->n; j++)
            if (labels[i] == labels[j])
                sums[labels[i]] += points->gram[i * points->n + j];
    }
    for (int k = 0; k < FR_MAX_CONCEPTS; k++)
        if (counts[k] > 0)
            between += sums[k] / counts[k];
    return between / points->total;
}

/* Permutes the labels among the points of each naming (points are ordered by naming). */
static void shuffle_labels(const struct points *points, int *labels, struct fr_rng *rng) {
    for (int first = 0, end; first < points->n; first = end) {
        int order[FR_MAX_CONCEPTS];
        for (end = first + 1; end < points->n; end++)
            if (points->items[end].naming != points->items[first].naming)
                break;
        fr_rng_permutation(rng, end - first, order);
        for (int i = first; i < end; i++)
        labels[i] = points->items[first + order[i - first]].concept;
    }
}

static void separate(const struct points *points, struct fr_rng *rng, struct fr_pca *out) {
    const int n = points->n;
    int *labels = fr_alloc((size_t)n, sizeof *labels);
    double *distances = fr_alloc((size_t)n * (size_t)n, sizeof *distances);
    for (int i = 0; i < n; i++) {
        labels[i] = points->items[i].concept;
        for (int j = 0; j < n; j++)
            distances[i * n + j] = i == j ? 0 : distance(points, i, j);
    }
    out->silhouette = silhouette(distances, labels, n);
    out->variance_ratio = variance_ratio(points, labels);
    out->silhouette_shuffled = out->variance_ratio_shuffled = 0;
    int n_above = 0;
    for (int s = 0; s < N_SHUFFLES; s++) {
        shuffle_labels(points, labels, rng);
        const double shuffled = silhouette(distances, labels, n);
        n_above += shuffled >= out->silhouette - ROUNDING;
        out->silhouette_shuffled += shuffled / N_SHUFFLES;
        out->silhouette_highest = fmax(out->silhouette_highest, shuffled);
        out->variance_ratio_shuffled += variance_ratio(points, labels) / N_SHUFFLES;
    }
    out->silhouette_p = (1.0 + n_above) / (1.0 + N_SHUFFLES);
    free(distances);
    free(labels);
}

static int count_concepts(const struct points *points) {
    bool seen[FR_MAX_CONCEPTS] = {false};
    int n = 0;
    for (int i = 0; i < points->n; i++) {
        n += !seen[points->items[i].concept];
        seen[points->items[i].concept] = true;
    }
    return n;
}

void fr_pca_release(struct fr_pca *pca) {
    if (pca == NULL)
        return;
    free(pca->points);
    *pca = (struct fr_pca){0};
}

void fr_pca_run(const struct fr_reps *centred, const bool *use, int l, int time,
                enum fr_concept_kind kind, uint64_t seed, struct fr_pca *out) {
    FR_ASSERT(l >= 0 && l < centred->n_layers && time >= 0 && time < centred->n_times);
    *out = (struct fr_pca){.explained = {NAN, NAN, NAN},
                           .silhouette = NAN,
                           .variance_ratio = NAN,
                           .silhouette_shuffled = NAN,
                           .silhouette_highest = NAN,
                           .silhouette_p = NAN,
                           .variance_ratio_shuffled = NAN};
    struct points points;
    points_init(&points, centred, use, l, time, kind);
    if (points.n < 3 || count_concepts(&points) < 2)
        goto out;
    gram_compute(&points);
    if (!isfinite(points.total)) /* activations that overflowed have no picture */
        goto out;
    if (points.total > 0) {
        struct fr_rng rng;
        fr_rng_seed(&rng, seed,
                    fr_mix64(fr_mix64((uint64_t)(centred->first_layer + l), (uint64_t)time),
                             (uint64_t)kind));
        project(&points, out->explained);
        separate(&points, &rng, out);
    }
    out->n_points = points.n;
    out->points = points.items; /* moved */
    points.items = NULL;
out:
    points_release(&points);
}

/* ---- as an analysis -------------------------------------------------------------------------- */

static const struct fr_result_table tables[] = {
    /* silhouette_p: of one as large when labels are shuffled within namings, one-sided.
     * silhouette_shuffled, _highest: the mean and the largest of these shuffles */
    {"separation", FR_OWNER_ANALYSES,
     "layer INTEGER NOT NULL, kind TEXT NOT NULL, timestamp INTEGER NOT NULL,"
     " n_points INTEGER NOT NULL, silhouette REAL, silhouette_shuffled REAL,"
     " silhouette_highest REAL, silhouette_p REAL,"
     " variance_ratio REAL, variance_ratio_shuffled REAL, explained_1 REAL, explained_2 REAL, "
     "explained_3 REAL,"
     " PRIMARY KEY (layer, kind, timestamp)"},
    {"pca", FR_OWNER_ANALYSES,
     "layer INTEGER NOT NULL, kind TEXT NOT NULL, timestamp INTEGER NOT NULL, naming TEXT NOT NULL,"
     " concept TEXT NOT NULL, x REAL, y REAL, z REAL,"
     " PRIMARY KEY (layer, kind, timestamp, naming, concept)"},
};

static int write_rows(const struct fr_analysis_input *in, const struct fr_pca *pca, int layer,
                      enum fr_concept_kind kind, struct fr_error *err) {
    const int64_t at = in->world->config.pca_timestamp;
    const char *kind_name = fr_concept_kind_name[kind];
    int code = fr_store_run(in->store, err,
                            "INSERT INTO separation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            "itiiddddddddd", (int64_t)layer, kind_name, at, (int64_t)pca->n_points,
                            pca->silhouette, pca->silhouette_shuffled, pca->silhouette_highest,
                            pca->silhouette_p, pca->variance_ratio, pca->variance_ratio_shuffled,
                            pca->explained[0], pca->explained[1], pca->explained[2]);
    for (int i = 0; code == FR_OK && i < pca->n_points; i++) {
        const struct fr_pca_point *p = &pca->points[i];
        code = fr_store_run(in->store, err, "INSERT INTO pca VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                            "itittddd", (int64_t)layer, kind_name, at,
                            in->world->namings[p->naming].naming->id,
                            in->world->table.concepts.names[p->concept], p->x[0], p->x[1], p->x[2]);
    }
    return code;
}

static int run_layer(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                     struct fr_error *err) {
    const struct fr_config *c = &in->world->config;
    const int time = fr_config_grid_index(c, c->pca_timestamp);
    int code = FR_OK;
    for (int kind = 0; code == FR_OK && kind < FR_CONCEPT_KIND_COUNT; kind++) {
        struct fr_pca pca;
        fr_pca_run(layer->centred, in->use, 0, time, (enum fr_concept_kind)kind, (uint64_t)c->seed,
                   &pca);
        code = write_rows(in, &pca, layer->layer, (enum fr_concept_kind)kind, err);
        fr_pca_release(&pca);
    }
    return code;
}

const struct fr_analysis fr_analysis_pca = {
    .name = "pca",
    .need = FR_NEEDS_SUMS,
    .tables = tables,
    .n_tables = sizeof tables / sizeof *tables,
    .run_layer = run_layer,
};
