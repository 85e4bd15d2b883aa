/*
 * The arithmetic under net.c: matrix products (OpenBLAS or bf16.c), a vectorisable
 * exponential, and the row operations of the transformer with their
 * derivatives. Shapes use the letters of net.h.
 */
#ifndef FR_ORGANISM_KERNELS_H
#define FR_ORGANISM_KERNELS_H

#include "organism/net.h"

/* c = alpha * op(a) * op(b) + beta * c, row-major, c is [m][n]. */
struct fr_gemm {
    int m, n, k;
    fr_real alpha, beta;
    const fr_real *a;
    int lda;
    const fr_real *b;
    int ldb;
    fr_real *c;
    int ldc;
};
void fr_gemm_nn(const struct fr_gemm *g); /* a [m][k], b [k][n] */
void fr_gemm_nt(const struct fr_gemm *g); /* a [m][k], b [n][k] */
void fr_gemm_tn(const struct fr_gemm *g); /* a [k][m], b [k][n] */

/* How the three multiply: in fr_real, or with the factors rounded to bfloat16
 * (see bf16.h). */
enum fr_gemm_precision { FR_GEMM_FULL, FR_GEMM_BF16 };
/* For all threads of the process, FR_GEMM_FULL at first; no product may be
 * under way. FR_GEMM_BF16 needs fr_bf16_available; the net in double precision
 * knows FR_GEMM_FULL alone. */
void fr_gemm_precision_set(enum fr_gemm_precision precision);

/* y = x * rms * gain, rms[t] = 1 / sqrt(mean(x^2) + eps). */
void fr_rmsnorm_forward(int n_tokens, int width, fr_real eps, const fr_real *x, const fr_real *gain,
                        fr_real *y, fr_real *rms);
/* Adds to dx and d_gain. */
void fr_rmsnorm_backward(int n_tokens, int width, const fr_real *x, const fr_real *gain,
                         const fr_real *rms, const fr_real *dy, fr_real *dx, fr_real *d_gain);

/* hidden = silu(gate) * up, gate_up [T][2F]. */
void fr_swiglu_forward(int n_tokens, int ff_width, const fr_real *gate_up, fr_real *hidden);
void fr_swiglu_backward(int n_tokens, int ff_width, const fr_real *gate_up, const fr_real *d_hidden,
                        fr_real *d_gate_up);

/* One row of attention weights in place: x[j] = exp(x[j] - max) / sum for
 * j < n, 0 for n <= j < n_padded; returns max + log(sum). */
fr_real fr_softmax_row(fr_real *x, int n, int n_padded);
/* p[j] = exp(p[j] - lse) and d[j] = p[j] * (d[j] - delta) for j < n; both 0
 * for n <= j < n_padded. */
void fr_softmax_row_backward(fr_real *p, fr_real *d, fr_real lse, fr_real delta, int n,
                             int n_padded);
/* A row of logits: returns its log-sum-exp and the place of its maximum. */
fr_real fr_entropy_row(const fr_real *x, int n, int *argmax);
/* x[j] = scale * exp(x[j] - lse). */
void fr_entropy_row_backward(fr_real *x, int n, fr_real lse, fr_real scale);

/* Rotates pairs (j, j + C/2) of one head by the angle of its position; sign
 * -1 rotates back. */
void fr_rope_head(fr_real *head, int head_width, const fr_real *cosine, const fr_real *sine,
                  fr_real sign);
fr_real fr_dot(const fr_real *a, const fr_real *b, int n);

#endif
