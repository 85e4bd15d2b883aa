/*
 * See optim.h. Work is cut by tensor, and the norm of the gradient is summed
 * in pieces of fixed size, so that the number of threads changes nothing.
 */
#include "organism/optim.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "organism/kernels.h"

enum { NEWTON_SCHULZ_STEPS = 5, NORM_PIECE = 1 << 14 };

struct fr_optim_options fr_optim_defaults(void) {
    return (struct fr_optim_options){
        .muon = true,
        .beta1 = 0.9,
        .beta2 = 0.98,
        .epsilon = 1e-8,
        .momentum = 0.95,
        .weight_decay = 0.05,
        .clip = 1.0,
    };
}

/* Scratch of one Newton-Schulz run: two [n][m] and two [n][n], n <= m. */
static size_t scratch_size(const struct fr_net *net) {
    size_t most = 1;
    for (int i = 0; i < net->n_tensors; i++) {
        const struct fr_net_tensor *t = &net->tensors[i];
        if (t->role != FR_NET_MATRIX)
            continue;
        const size_t n = (size_t)(t->rows < t->cols ? t->rows : t->cols);
        const size_t m = (size_t)(t->rows < t->cols ? t->cols : t->rows);
        const size_t size = 2 * n * m + 2 * n * n;
        if (size > most)
            most = size;
    }
    return most;
}

void fr_optim_init(struct fr_optim *optim, const struct fr_net *net,
                   const struct fr_optim_options *options, int n_threads) {
    *optim = (struct fr_optim){.options = *options, .net = net, .n_threads = n_threads};
    optim->first = fr_alloc(net->n_params, sizeof *optim->first);
    optim->second = fr_alloc(net->n_params, sizeof *optim->second);
    optim->scratch = fr_alloc((size_t)n_threads, sizeof *optim->scratch);
    for (int i = 0; i < n_threads; i++)
        optim->scratch[i] = fr_alloc(scratch_size(net), sizeof **optim->scratch);
}

void fr_optim_release(struct fr_optim *optim) {
    free(optim->first);
    free(optim->second);
    for (int i = 0; i < optim->n_threads; i++)
        free(optim->scratch[i]);
    free(optim->scratch);
    *optim = (struct fr_optim){0};
}

static double gradient_norm(const struct fr_optim *optim, const float *gradient) {
    const size_t n = optim->net->n_params;
    const long n_pieces = (long)((n + NORM_PIECE - 1) / NORM_PIECE);
    double *sums = fr_alloc((size_t)n_pieces, sizeof *sums);
#pragma omp parallel for num_threads(optim->n_threads) schedule(static)
    for (long p = 0; p < n_pieces; p++) {
        const size_t first = (size_t)p * NORM_PIECE;
        const size_t left = n - first;
        const int length = left < NORM_PIECE ? (int)left : NORM_PIECE;
        sums[p] = (double)fr_dot(gradient + first, gradient + first, length);
    }
    double total = 0;
    for (long p = 0; p < n_pieces; p++)
        total += sums[p];
    free(sums);
    return sqrt(total);
}

static void adamw_tensor(const struct fr_optim *optim, const struct fr_net_tensor *t, long step,
                         double rate, double shrink, const float *gradient, float *weights) {
    const struct fr_optim_options *o = &optim->options;
    const bool decays = t->role == FR_NET_EMBEDDING || t->role == FR_NET_MATRIX;
    const float keep = (float)(1.0 - (decays ? rate * o->weight_decay : 0.0));
    const float b1 = (float)o->beta1;
    const float b2 = (float)o->beta2;
    const float fix1 = (float)(1.0 / (1.0 - pow(o->beta1, (double)step + 1.0)));
    const float fix2 = (float)(1.0 / (1.0 - pow(o->beta2, (double)step + 1.0)));
    const float epsilon = (float)o->epsilon;
    const float lr = (float)rate;
    const float scale = (float)shrink;
    const float *restrict g = gradient + t->offset;
    float *restrict w = weights + t->offset;
    float *restrict m = optim->first + t->offset;
    float *restrict v = optim->second + t->offset;
    const long n = (long)t->rows * t->cols;
#pragma omp simd
    for (long j = 0; j < n; j++) {
        const float gj = g[j] * scale;
        m[j] = b1 * m[j] + (1.0f - b1) * gj;
        v[j] = b2 * v[j] + (1.0f - b2) * gj * gj;
        w[j] = w[j] * keep - lr * (m[j] * fix1) / (sqrtf(v[j] * fix2) + epsilon);
    }
}

/* x [n][m], n <= m, becomes nearly orthogonal: with A = X X^T,
 * X <- a X + (b A + c A^2) X. next is [n][m], gram and poly [n][n]. */
static void newton_schulz(int n, int m, float *x, float *next, float *gram, float *poly) {
    const float a = 3.4445f;
    const float b = -4.7750f;
    const float c = 2.0315f;
    const size_t size = (size_t)n * (size_t)m;
    const size_t square = (size_t)n * (size_t)n;
    double sum = 0;
    for (size_t i = 0; i < size; i += (size_t)m)
        sum += (double)fr_dot(x + i, x + i, m);
    const float inverse = (float)(1.0 / (sqrt(sum) + 1e-7));
    for (size_t i = 0; i < size; i++)
        x[i] *= inverse;
    for (int k = 0; k < NEWTON_SCHULZ_STEPS; k++) {
        fr_gemm_nt(&(struct fr_gemm){.m = n,
                                     .n = n,
                                     .k = m,
                                     .alpha = 1,
                                     .beta = 0,
                                     .a = x,
                                     .lda = m,
                                     .b = x,
                                     .ldb = m,
                                     .c = gram,
                                     .ldc = n});
        memcpy(poly, gram, square * sizeof *poly);
        fr_gemm_nn(&(struct fr_gemm){.m = n,
                                     .n = n,
                                     .k = n,
                                     .alpha = c,
                                     .beta = b,
                                     .a = gram,
                                     .lda = n,
                                     .b = gram,
                                     .ldb = n,
                                     .c = poly,
                                     .ldc = n});
        memcpy(next, x, size * sizeof *next);
        fr_gemm_nn(&(struct fr_gemm){.m = n,
                                     .n = m,
                                     .k = n,
                                     .alpha = 1,
                                     .beta = a,
                                     .a = poly,
                                     .lda = n,
                                     .b = x,
                                     .ldb = m,
                                     .c = next,
                                     .ldc = m});
        memcpy(x, next, size * sizeof *x);
    }
}

static void muon_tensor(const struct fr_optim *optim, const struct fr_net_tensor *t, double rate,
                        double shrink, const float *gradient, float *weights, float *scratch) {
    const struct fr_optim_options *o = &optim->options;
    const bool flip = t->rows > t->cols;
    const int n = flip ? t->cols : t->rows;
    const int m = flip ? t->rows : t->cols;
    const size_t size = (size_t)n * (size_t)m;
    const size_t square = (size_t)n * (size_t)n;
    float *x = scratch;
    const float *g = gradient + t->offset;
    float *momentum = optim->first + t->offset;
    float *w = weights + t->offset;
    const float mu = (float)o->momentum;
    const float scale = (float)shrink;
    for (int r = 0; r < t->rows; r++) {
        for (int c = 0; c < t->cols; c++) {
            const size_t j = (size_t)r * (size_t)t->cols + (size_t)c;
            const size_t to = flip ? (size_t)c * (size_t)m + (size_t)r : j;
            const float gj = g[j] * scale;
            momentum[j] = mu * momentum[j] + (1.0f - mu) * gj;
            x[to] = mu * momentum[j] + (1.0f - mu) * gj;
        }
    }
    newton_schulz(n, m, x, x + size, x + 2 * size, x + 2 * size + square);
    const float lr = (float)(rate * 0.2 * sqrt((double)m));
    const float keep = (float)(1.0 - rate * o->weight_decay);
    for (int r = 0; r < t->rows; r++) {
        for (int c = 0; c < t->cols; c++) {
            const size_t j = (size_t)r * (size_t)t->cols + (size_t)c;
            const size_t from = flip ? (size_t)c * (size_t)m + (size_t)r : j;
            w[j] = keep * w[j] - lr * x[from];
        }
    }
}

double fr_optim_step(struct fr_optim *optim, long step, double rate, const float *gradient,
                     float *weights) {
    const double norm = gradient_norm(optim, gradient);
    const double clip = optim->options.clip;
    const double shrink = clip > 0 && norm > clip ? clip / norm : 1.0;
#pragma omp parallel for num_threads(optim->n_threads) schedule(dynamic)
    for (int i = 0; i < optim->net->n_tensors; i++) {
        const struct fr_net_tensor *t = &optim->net->tensors[i];
        if (optim->options.muon && t->role == FR_NET_MATRIX)
            muon_tensor(optim, t, rate, shrink, gradient, weights,
                        optim->scratch[omp_get_thread_num()]);
        else
            adamw_tensor(optim, t, step, rate, shrink, gradient, weights);
    }
    return norm;
}

double fr_rate_at(const struct fr_rate_schedule *s, long step) {
    if (step < s->warmup_steps)
        return (double)(step + 1) / (double)(s->warmup_steps + 1);
    double from = s->decay_from * (double)s->n_steps;
    if (from < (double)s->warmup_steps)
        from = (double)s->warmup_steps;
    const double span = (double)s->n_steps - from;
    double share = span > 0 ? ((double)step - from) / span : 0;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    const double shape =
        s->linear ? 1.0 - share : 0.5 * (1.0 + cos(share * 3.14159265358979323846));
    return s->final_share + (1.0 - s->final_share) * shape;
}
