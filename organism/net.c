/*
 * The transformer over the kernels: forward pass, cross-entropy with its
 * gradient, backward pass. Formulas are those of Qwen2 as libllama runs it
 * (the model test compares the two): RMSNorm, biased q/k/v, half-split rotary
 * embedding, grouped causal attention, SwiGLU, tied output.
 *
 * Attention works on blocks of query rows: the block's weights over all
 * earlier tokens stay in cache, are never stored, and are recomputed from the
 * row's log-sum-exp in the backward pass. Rejected: full [T][T] weights per
 * head, which cost twice the products and the memory traffic.
 */
#include "organism/net.h"

#include <string.h>
#include <time.h>

#include "organism/kernels.h"

/* Processor time of this thread: what else the machine does is not counted. */
static double clock_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Charges the time since *since to a phase and restarts the watch. */
static void charge(struct fr_net_work *work, enum fr_net_phase phase, double *since) {
    const double now = clock_seconds();
    work->seconds[phase] += now - *since;
    *since = now;
}

static int batch_tokens(const struct fr_net_batch *batch) {
    return batch->offsets[batch->n_sequences];
}

/* y[T][out] = x[T][in] * w[out][in]^T + beta * y. */
static void linear(int n_tokens, int in, int out, const fr_real *x, const fr_real *w, fr_real beta,
                   fr_real *y) {
    fr_gemm_nt(&(struct fr_gemm){.m = n_tokens,
                                 .n = out,
                                 .k = in,
                                 .alpha = 1,
                                 .beta = beta,
                                 .a = x,
                                 .lda = in,
                                 .b = w,
                                 .ldb = in,
                                 .c = y,
                                 .ldc = out});
}

/* dw += dy^T * x and, unless dx is NULL, dx = dy * w. */
static void linear_backward(int n_tokens, int in, int out, const fr_real *x, const fr_real *w,
                            const fr_real *dy, fr_real *dx, fr_real *dw) {
    fr_gemm_tn(&(struct fr_gemm){.m = out,
                                 .n = in,
                                 .k = n_tokens,
                                 .alpha = 1,
                                 .beta = 1,
                                 .a = dy,
                                 .lda = out,
                                 .b = x,
                                 .ldb = in,
                                 .c = dw,
                                 .ldc = in});
    if (dx)
        fr_gemm_nn(&(struct fr_gemm){.m = n_tokens,
                                     .n = in,
                                     .k = out,
                                     .alpha = 1,
                                     .beta = 0,
                                     .a = dy,
                                     .lda = out,
                                     .b = w,
                                     .ldb = in,
                                     .c = dx,
                                     .ldc = in});
}

/* Adds the bias to q, k, v and rotates q and k. */
static void bias_and_rope(const struct fr_net *net, const struct fr_net_batch *batch,
                          const fr_real *bias, fr_real *qkv) {
    const int q = net->qkv_width;
    const int c = net->head_width;
    const int n_rotated = net->shape.n_heads + net->shape.n_kv_heads;
    for (int s = 0; s < batch->n_sequences; s++) {
        for (int t = batch->offsets[s]; t < batch->offsets[s + 1]; t++) {
            fr_real *restrict row = qkv + (size_t)t * (size_t)q;
            const size_t angle = (size_t)(t - batch->offsets[s]) * (size_t)(c / 2);
#pragma omp simd
            for (int j = 0; j < q; j++)
                row[j] += bias[j];
            for (int h = 0; h < n_rotated; h++)
                fr_rope_head(row + h * c, c, net->rope_cos + angle, net->rope_sin + angle, 1);
        }
    }
}

static void bias_and_rope_backward(const struct fr_net *net, const struct fr_net_batch *batch,
                                   fr_real *d_qkv, fr_real *d_bias) {
    const int q = net->qkv_width;
    const int c = net->head_width;
    const int n_rotated = net->shape.n_heads + net->shape.n_kv_heads;
    for (int s = 0; s < batch->n_sequences; s++) {
        for (int t = batch->offsets[s]; t < batch->offsets[s + 1]; t++) {
            fr_real *row = d_qkv + (size_t)t * (size_t)q;
            const size_t angle = (size_t)(t - batch->offsets[s]) * (size_t)(c / 2);
            for (int h = 0; h < n_rotated; h++)
                fr_rope_head(row + h * c, c, net->rope_cos + angle, net->rope_sin + angle, -1);
            fr_real *restrict db = d_bias;
#pragma omp simd
            for (int j = 0; j < q; j++)
                db[j] += row[j];
        }
    }
}

/* One block of query rows of one head: rows [first, end) of a sequence whose
 * q, k, v start at the given pointers. */
struct attention_block {
    const fr_real *q, *k, *v; /* [n][C], rows qkv_width apart */
    int first, end;
    fr_real scale;
};

/* scores[end - first][end] = scale * q * k^T; entries above the diagonal are
 * meaningless until the softmax clears them. */
static void block_scores(const struct fr_net *net, const struct attention_block *b,
                         fr_real *scores) {
    const int ld = net->qkv_width;
    fr_gemm_nt(&(struct fr_gemm){.m = b->end - b->first,
                                 .n = b->end,
                                 .k = net->head_width,
                                 .alpha = b->scale,
                                 .beta = 0,
                                 .a = b->q + (size_t)b->first * (size_t)ld,
                                 .lda = ld,
                                 .b = b->k,
                                 .ldb = ld,
                                 .c = scores,
                                 .ldc = b->end});
}

/* Where head h of the sequence that starts at token `start` finds things. */
static struct attention_block head_block(const struct fr_net *net, const fr_real *qkv, int start,
                                         int h) {
    const int c = net->head_width;
    const int group = h / (net->shape.n_heads / net->shape.n_kv_heads);
    const fr_real *row = qkv + (size_t)start * (size_t)net->qkv_width;
    fr_real scale = 1;
    scale /= (fr_real)__builtin_sqrt((double)c);
    return (struct attention_block){
        .q = row + h * c,
        .k = row + net->shape.width + group * c,
        .v = row + net->shape.width + (net->shape.n_kv_heads + group) * c,
        .scale = scale,
    };
}

static int smaller(int a, int b) { return a < b ? a : b; }

static void attention_forward(const struct fr_net *net, struct fr_net_work *work,
                              const struct fr_net_batch *batch, struct fr_net_activation *a) {
    const int d = net->shape.width;
    const int c = net->head_width;
    const size_t n_tokens = (size_t)batch_tokens(batch);
    for (int s = 0; s < batch->n_sequences; s++) {
        const int start = batch->offsets[s];
        const int n = batch->offsets[s + 1] - start;
        for (int h = 0; h < net->shape.n_heads; h++) {
            struct attention_block b = head_block(net, a->qkv, start, h);
            fr_real *lse = a->lse + (size_t)h * n_tokens + (size_t)start;
            for (b.first = 0; b.first < n; b.first = b.end) {
                b.end = smaller(b.first + FR_NET_ATTENTION_ROWS, n);
                block_scores(net, &b, work->scores);
                for (int i = b.first; i < b.end; i++)
                    lse[i] = fr_softmax_row(work->scores + (size_t)(i - b.first) * (size_t)b.end,
                                            i + 1, b.end);
                fr_gemm_nn(
                    &(struct fr_gemm){.m = b.end - b.first,
                                      .n = c,
                                      .k = b.end,
                                      .alpha = 1,
                                      .beta = 0,
                                      .a = work->scores,
                                      .lda = b.end,
                                      .b = b.v,
                                      .ldb = net->qkv_width,
                                      .c = a->mixed + (size_t)(start + b.first) * (size_t)d + h * c,
                                      .ldc = d});
            }
        }
    }
}

/* d_mixed [T][D] -> d_qkv [T][Q]. With P the weights and G the gradient of the
 * output: dV = P^T G, dS = P * (G V^T - rowsum(G * output)), dQ = dS K,
 * dK = dS^T Q. */
static void attention_backward(const struct fr_net *net, struct fr_net_work *work,
                               const struct fr_net_batch *batch, const struct fr_net_activation *a,
                               const fr_real *d_mixed, fr_real *d_qkv) {
    const int d = net->shape.width;
    const int c = net->head_width;
    const int q = net->qkv_width;
    const size_t n_tokens = (size_t)batch_tokens(batch);
    memset(d_qkv, 0, n_tokens * (size_t)q * sizeof *d_qkv);
    for (int s = 0; s < batch->n_sequences; s++) {
        const int start = batch->offsets[s];
        const int n = batch->offsets[s + 1] - start;
        for (int h = 0; h < net->shape.n_heads; h++) {
            struct attention_block b = head_block(net, a->qkv, start, h);
            fr_real *dq = d_qkv + (b.q - a->qkv);
            fr_real *dk = d_qkv + (b.k - a->qkv);
            fr_real *dv = d_qkv + (b.v - a->qkv);
            const fr_real *lse = a->lse + (size_t)h * n_tokens + (size_t)start;
            for (b.first = 0; b.first < n; b.first = b.end) {
                b.end = smaller(b.first + FR_NET_ATTENTION_ROWS, n);
                const int rows = b.end - b.first;
                const size_t from = (size_t)(start + b.first) * (size_t)d + (size_t)(h * c);
                const fr_real *g = d_mixed + from;
                const fr_real *mixed = a->mixed + from;
                fr_real *p = work->scores;
                fr_real *ds = p + (size_t)FR_NET_ATTENTION_ROWS * (size_t)net->shape.max_sequence;
                block_scores(net, &b, p);
                fr_gemm_nt(&(struct fr_gemm){.m = rows,
                                             .n = b.end,
                                             .k = c,
                                             .alpha = 1,
                                             .beta = 0,
                                             .a = g,
                                             .lda = d,
                                             .b = b.v,
                                             .ldb = q,
                                             .c = ds,
                                             .ldc = b.end});
                for (int i = 0; i < rows; i++) {
                    const size_t row = (size_t)i * (size_t)b.end;
                    const fr_real delta =
                        fr_dot(g + (size_t)i * (size_t)d, mixed + (size_t)i * (size_t)d, c);
                    fr_softmax_row_backward(p + row, ds + row, lse[b.first + i], delta,
                                            b.first + i + 1, b.end);
                }
                fr_gemm_tn(&(struct fr_gemm){.m = b.end,
                                             .n = c,
                                             .k = rows,
                                             .alpha = 1,
                                             .beta = 1,
                                             .a = p,
                                             .lda = b.end,
                                             .b = g,
                                             .ldb = d,
                                             .c = dv,
                                             .ldc = q});
                fr_gemm_nn(&(struct fr_gemm){.m = rows,
                                             .n = c,
                                             .k = b.end,
                                             .alpha = b.scale,
                                             .beta = 0,
                                             .a = ds,
                                             .lda = b.end,
                                             .b = b.k,
                                             .ldb = q,
                                             .c = dq + (size_t)b.first * (size_t)q,
                                             .ldc = q});
                fr_gemm_tn(&(struct fr_gemm){.m = b.end,
                                             .n = c,
                                             .k = rows,
                                             .alpha = b.scale,
                                             .beta = 1,
                                             .a = ds,
                                             .lda = b.end,
                                             .b = b.q + (size_t)b.first * (size_t)q,
                                             .ldb = q,
                                             .c = dk,
                                             .ldc = q});
            }
        }
    }
}

static void block_forward(const struct fr_net *net, const fr_real *weights,
                          struct fr_net_work *work, const struct fr_net_batch *batch, int l,
                          fr_real *output) {
    const struct fr_net_layer *w = &net->layers[l];
    struct fr_net_activation *a = &work->layers[l];
    const int t = batch_tokens(batch);
    const int d = net->shape.width;
    const int f = net->shape.ff_width;
    const fr_real eps = (fr_real)net->shape.rms_eps;
    double since = clock_seconds();

    fr_rmsnorm_forward(t, d, eps, a->input, weights + w->attn_norm, a->normed, a->input_rms);
    charge(work, FR_NET_PHASE_ELEMENTWISE, &since);
    linear(t, d, net->qkv_width, a->normed, weights + w->qkv, 0, a->qkv);
    charge(work, FR_NET_PHASE_GEMM, &since);
    bias_and_rope(net, batch, weights + w->qkv_bias, a->qkv);
    charge(work, FR_NET_PHASE_ELEMENTWISE, &since);
    attention_forward(net, work, batch, a);
    charge(work, FR_NET_PHASE_ATTENTION, &since);
    memcpy(a->middle, a->input, (size_t)t * (size_t)d * sizeof *a->middle);
    linear(t, d, d, a->mixed, weights + w->out, 1, a->middle);
    charge(work, FR_NET_PHASE_GEMM, &since);

    fr_rmsnorm_forward(t, d, eps, a->middle, weights + w->ffn_norm, a->ff_normed, a->middle_rms);
    charge(work, FR_NET_PHASE_ELEMENTWISE, &since);
    linear(t, d, 2 * f, a->ff_normed, weights + w->gate_up, 0, a->gate_up);
    charge(work, FR_NET_PHASE_GEMM, &since);
    fr_swiglu_forward(t, f, a->gate_up, a->hidden);
    charge(work, FR_NET_PHASE_ELEMENTWISE, &since);
    memcpy(output, a->middle, (size_t)t * (size_t)d * sizeof *output);
    linear(t, f, d, a->hidden, weights + w->down, 1, output);
    charge(work, FR_NET_PHASE_GEMM, &since);
}

void fr_net_forward(const struct fr_net *net, const fr_real *weights, struct fr_net_work *work,
                    const struct fr_net_batch *batch) {
    const int t = batch_tokens(batch);
    const size_t d = (size_t)net->shape.width;
    FR_ASSERT(t <= work->max_tokens);
    for (int s = 0; s < batch->n_sequences; s++)
        FR_ASSERT(batch->offsets[s + 1] - batch->offsets[s] <= net->shape.max_sequence);
    for (int i = 0; i < t; i++)
        memcpy(work->layers[0].input + (size_t)i * d,
               weights + net->embedding + (size_t)batch->tokens[i] * d, d * sizeof(fr_real));
    for (int l = 0; l < net->shape.n_layers; l++) {
        const bool last = l + 1 == net->shape.n_layers;
        block_forward(net, weights, work, batch, l,
                      last ? work->output : work->layers[l + 1].input);
    }
    fr_rmsnorm_forward(t, net->shape.width, (fr_real)net->shape.rms_eps, work->output,
                       weights + net->output_norm, work->output_normed, work->output_rms);
}

/* d_stream holds the gradient of the block's output and receives that of its
 * input. */
static void block_backward(const struct fr_net *net, const fr_real *weights,
                           struct fr_net_work *work, const struct fr_net_batch *batch, int l,
                           fr_real *gradient) {
    const struct fr_net_layer *w = &net->layers[l];
    const struct fr_net_activation *a = &work->layers[l];
    const int t = batch_tokens(batch);
    const int d = net->shape.width;
    const int f = net->shape.ff_width;
    double since = clock_seconds();

    linear_backward(t, f, d, a->hidden, weights + w->down, work->d_stream, work->d_hidden,
                    gradient + w->down);
    charge(work, FR_NET_PHASE_GEMM, &since);
    fr_swiglu_backward(t, f, a->gate_up, work->d_hidden, work->d_wide);
    charge(work, FR_NET_PHASE_ELEMENTWISE, &since);
    linear_backward(t, d, 2 * f, a->ff_normed, weights + w->gate_up, work->d_wide, work->d_hidden,
                    gradient + w->gate_up);
    charge(work, FR_NET_PHASE_GEMM, &since);
    fr_rmsnorm_backward(t, d, a->middle, weights + w->ffn_norm, a->middle_rms, work->d_hidden,
                        work->d_stream, gradient + w->ffn_norm);
    charge(work, FR_NET_PHASE_ELEMENTWISE, &since);

    linear_backward(t, d, d, a->mixed, weights + w->out, work->d_stream, work->d_hidden,
                    gradient + w->out);
    charge(work, FR_NET_PHASE_GEMM, &since);
    attention_backward(net, work, batch, a, work->d_hidden, work->d_wide);
    charge(work, FR_NET_PHASE_ATTENTION, &since);
    bias_and_rope_backward(net, batch, work->d_wide, gradient + w->qkv_bias);
    charge(work, FR_NET_PHASE_ELEMENTWISE, &since);
    linear_backward(t, d, net->qkv_width, a->normed, weights + w->qkv, work->d_wide, work->d_hidden,
                    gradient + w->qkv);
    charge(work, FR_NET_PHASE_GEMM, &since);
    fr_rmsnorm_backward(t, d, a->input, weights + w->attn_norm, a->input_rms, work->d_hidden,
                        work->d_stream, gradient + w->attn_norm);
    charge(work, FR_NET_PHASE_ELEMENTWISE, &since);
}

void fr_net_backward(const struct fr_net *net, const fr_real *weights, struct fr_net_work *work,
                     const struct fr_net_batch *batch, fr_real *gradient) {
    const int t = batch_tokens(batch);
    const int d = net->shape.width;
    memset(work->d_stream, 0, (size_t)t * (size_t)d * sizeof *work->d_stream);
    fr_rmsnorm_backward(t, d, work->output, weights + net->output_norm, work->output_rms,
                        work->d_hidden, work->d_stream, gradient + net->output_norm);
    for (int l = net->shape.n_layers - 1; l >= 0; l--)
        block_backward(net, weights, work, batch, l, gradient);
    for (int i = 0; i < t; i++) {
        fr_real *restrict to = gradient + net->embedding + (size_t)batch->tokens[i] * (size_t)d;
        const fr_real *from = work->d_stream + (size_t)i * (size_t)d;
#pragma omp simd
        for (int j = 0; j < d; j++)
            to[j] += from[j];
    }
}

double fr_net_entropy(const struct fr_net *net, const fr_real *weights, struct fr_net_work *work,
                      const struct fr_net_batch *batch, double scale, fr_real *gradient) {
    const int n_tokens = batch_tokens(batch);
    const int d = net->shape.width;
    const int v = net->shape.n_vocab;
    const fr_real *embedding = weights + net->embedding;
    double total = 0;
    double since = clock_seconds();
    int sequence = 0;
    for (int first = 0; first < n_tokens; first += FR_NET_LOGIT_ROWS) {
        const int rows = smaller(FR_NET_LOGIT_ROWS, n_tokens - first);
        const fr_real *x = work->output_normed + (size_t)first * (size_t)d;
        linear(rows, d, v, x, embedding, 0, work->logits);
        for (int i = 0; i < rows; i++) {
            const int t = first + i;
            fr_real *row = work->logits + (size_t)i * (size_t)v;
            while (t >= batch->offsets[sequence + 1])
                sequence++;
            if (t + 1 == batch->offsets[sequence + 1]) { /* nothing follows */
                work->nll[t] = 0;
                work->argmax[t] = -1;
                if (gradient)
                    memset(row, 0, (size_t)v * sizeof *row);
                continue;
            }
            const int32_t target = batch->tokens[t + 1];
            const double weight = batch->weights ? (double)batch->weights[t] : 1.0;
            int argmax = 0;
            const fr_real lse = fr_entropy_row(row, v, &argmax);
            const double nll = (double)(lse - row[target]);
            work->nll[t] = (float)nll;
            work->argmax[t] = argmax;
            total += weight * nll;
            if (gradient) {
                fr_entropy_row_backward(row, v, lse, (fr_real)(weight * scale));
                row[target] -= (fr_real)(weight * scale);
            }
        }
        if (gradient)
            linear_backward(rows, d, v, x, embedding, work->logits,
                            work->d_hidden + (size_t)first * (size_t)d, gradient + net->embedding);
    }
    charge(work, FR_NET_PHASE_ENTROPY, &since);
    return total;
}

void fr_net_logits(const struct fr_net *net, const fr_real *weights, const struct fr_net_work *work,
                   int n_tokens, fr_real *logits) {
    linear(n_tokens, net->shape.width, net->shape.n_vocab, work->output_normed,
           weights + net->embedding, 0, logits);
}
