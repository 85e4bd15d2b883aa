/*
 * Loops are written so that the compiler turns them into vector code
 * (-O3 -march=native): the exponential is a polynomial without branches
 * instead of a call to libm. Rejected: -ffast-math, which would also allow
 * reordering that differs between compilers in places where nothing is won.
 */
#include "organism/kernels.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

#include "organism/bf16.h"

#ifdef FR_NET_DOUBLE
#define GEMM cblas_dgemm
#define SQRT sqrt
#define LOG log
static inline fr_real fast_exp(fr_real x) { return exp(x); }
#else
#define GEMM cblas_sgemm
#define SQRT sqrtf
#define LOG logf
/* exp(x) = 2^n * 2^f with n = round(x / ln 2). The polynomial is Cephes'
 * expf (Moshier), within 2 units in the last place; below -87 it gives the
 * smallest normal number instead of 0, above 88 the largest power. */
static inline fr_real fast_exp(fr_real x) {
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;
    /* Adding 1.5 * 2^23 leaves the rounded quotient in the low bits. */
    const float shifted = x * 1.44269504088896341f + 12582912.0f;
    const float n = shifted - 12582912.0f;
    float f = x - n * 0.693359375f;
    f = f + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * f + 1.3981999507e-3f;
    p = p * f + 8.3334519073e-3f;
    p = p * f + 4.1665795894e-2f;
    p = p * f + 1.6666665459e-1f;
    p = p * f + 5.0000001201e-1f;
    p = p * f * f + f + 1.0f;
    int32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (int32_t)(((uint32_t)bits + 127u) << 23);
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}
#endif

/* Read by all threads, written while there is one. */
static enum fr_gemm_precision gemm_precision = FR_GEMM_FULL;

void fr_gemm_precision_set(enum fr_gemm_precision precision) {
#ifdef FR_NET_DOUBLE
    FR_ASSERT(precision == FR_GEMM_FULL);
#else
    FR_ASSERT(precision == FR_GEMM_FULL || fr_bf16_available());
#endif
    gemm_precision = precision;
}

static void gemm(bool a_transposed, bool b_transposed, const struct fr_gemm *g) {
#ifndef FR_NET_DOUBLE
    if (gemm_precision == FR_GEMM_BF16) {
        fr_bf16_gemm(a_transposed, b_transposed, g);
        return;
    }
#endif
    GEMM(CblasRowMajor, a_transposed ? CblasTrans : CblasNoTrans,
         b_transposed ? CblasTrans : CblasNoTrans, g->m, g->n, g->k, g->alpha, g->a, g->lda, g->b,
         g->ldb, g->beta, g->c, g->ldc);
}

void fr_gemm_nn(const struct fr_gemm *g) { gemm(false, false, g); }
void fr_gemm_nt(const struct fr_gemm *g) { gemm(false, true, g); }
void fr_gemm_tn(const struct fr_gemm *g) { gemm(true, false, g); }

fr_real fr_dot(const fr_real *a, const fr_real *b, int n) {
    fr_real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int j = 0; j < n; j++)
        sum += a[j] * b[j];
    return sum;
}

void fr_rmsnorm_forward(int n_tokens, int width, fr_real eps, const fr_real *x, const fr_real *gain,
                        fr_real *y, fr_real *rms) {
    for (int t = 0; t < n_tokens; t++) {
        const fr_real *row = x + (size_t)t * (size_t)width;
        fr_real *restrict to = y + (size_t)t * (size_t)width;
        const fr_real r = (fr_real)1 / SQRT(fr_dot(row, row, width) / (fr_real)width + eps);
        rms[t] = r;
#pragma omp simd
        for (int j = 0; j < width; j++)
            to[j] = row[j] * r * gain[j];
    }
}

void fr_rmsnorm_backward(int n_tokens, int width, const fr_real *x, const fr_real *gain,
                         const fr_real *rms, const fr_real *dy, fr_real *dx, fr_real *d_gain) {
    for (int t = 0; t < n_tokens; t++) {
        const fr_real *restrict row = x + (size_t)t * (size_t)width;
        const fr_real *restrict d = dy + (size_t)t * (size_t)width;
        fr_real *restrict to = dx + (size_t)t * (size_t)width;
        fr_real *restrict dg = d_gain;
        const fr_real r = rms[t];
        fr_real inner = 0; /* sum of gain * dy * x */
#pragma omp simd reduction(+ : inner)
        for (int j = 0; j < width; j++) {
            inner += gain[j] * d[j] * row[j];
            dg[j] += d[j] * row[j] * r;
        }
        const fr_real back = inner * r * r * r / (fr_real)width;
#pragma omp simd
        for (int j = 0; j < width; j++)
            to[j] += gain[j] * d[j] * r - row[j] * back;
    }
}

void fr_swiglu_forward(int n_tokens, int ff_width, const fr_real *gate_up, fr_real *hidden) {
    for (int t = 0; t < n_tokens; t++) {
        const fr_real *gate = gate_up + (size_t)t * 2 * (size_t)ff_width;
        const fr_real *up = gate + ff_width;
        fr_real *restrict to = hidden + (size_t)t * (size_t)ff_width;
#pragma omp simd
        for (int j = 0; j < ff_width; j++)
            to[j] = gate[j] * up[j] / ((fr_real)1 + fast_exp(-gate[j]));
    }
}

void fr_swiglu_backward(int n_tokens, int ff_width, const fr_real *gate_up, const fr_real *d_hidden,
                        fr_real *d_gate_up) {
    for (int t = 0; t < n_tokens; t++) {
        const fr_real *gate = gate_up + (size_t)t * 2 * (size_t)ff_width;
        const fr_real *up = gate + ff_width;
        const fr_real *d = d_hidden + (size_t)t * (size_t)ff_width;
        fr_real *restrict dg = d_gate_up + (size_t)t * 2 * (size_t)ff_width;
        fr_real *restrict du = dg + ff_width;
#pragma omp simd
        for (int j = 0; j < ff_width; j++) {
            const fr_real s = (fr_real)1 / ((fr_real)1 + fast_exp(-gate[j]));
            du[j] = d[j] * gate[j] * s;
            dg[j] = d[j] * up[j] * s * ((fr_real)1 + gate[j] * ((fr_real)1 - s));
        }
    }
}

static fr_real row_max(const fr_real *x, int n) {
    fr_real max = x[0];
#pragma omp simd reduction(max : max)
    for (int j = 0; j < n; j++)
        max = x[j] > max ? x[j] : max;
    return max;
}

fr_real fr_softmax_row(fr_real *x, int n, int n_padded) {
    const fr_real max = row_max(x, n);
    fr_real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int j = 0; j < n; j++) {
        x[j] = fast_exp(x[j] - max);
        sum += x[j];
    }
    const fr_real inverse = (fr_real)1 / sum;
#pragma omp simd
    for (int j = 0; j < n; j++)
        x[j] *= inverse;
    for (int j = n; j < n_padded; j++)
        x[j] = 0;
    return max + LOG(sum);
}

void fr_softmax_row_backward(fr_real *p, fr_real *d, fr_real lse, fr_real delta, int n,
                             int n_padded) {
    fr_real *restrict pr = p;
    fr_real *restrict dr = d;
#pragma omp simd
    for (int j = 0; j < n; j++) {
        pr[j] = fast_exp(pr[j] - lse);
        dr[j] = pr[j] * (dr[j] - delta);
    }
    for (int j = n; j < n_padded; j++) {
        pr[j] = 0;
        dr[j] = 0;
    }
}

fr_real fr_entropy_row(const fr_real *x, int n, int *argmax) {
    const fr_real max = row_max(x, n);
    fr_real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int j = 0; j < n; j++)
        sum += fast_exp(x[j] - max);
    int at = 0;
    while (at < n - 1 && x[at] < max)
        at++;
    *argmax = at;
    return max + LOG(sum);
}

void fr_entropy_row_backward(fr_real *x, int n, fr_real lse, fr_real scale) {
#pragma omp simd
    for (int j = 0; j < n; j++)
        x[j] = scale * fast_exp(x[j] - lse);
}

void fr_rope_head(fr_real *head, int head_width, const fr_real *cosine, const fr_real *sine,
                  fr_real sign) {
    const int half = head_width / 2;
    fr_real *restrict low = head;
    fr_real *restrict high = head + half;
#pragma omp simd
    for (int j = 0; j < half; j++) {
        const fr_real a = low[j];
        const fr_real b = high[j];
        const fr_real s = sign * sine[j];
        low[j] = a * cosine[j] - b * s;
        high[j] = a * s + b * cosine[j];
    }
}
