/*
 * A Qwen2 transformer that can be trained: forward pass, cross-entropy and
 * backward pass on ragged batches, in 32-bit floats on the CPU.
 *
 * Letters in shape comments: T tokens of a batch (all sequences one after the
 * other, no padding), D width, F feed-forward width, H query heads, G
 * key/value heads, C head width (D / H), V vocabulary, Q = D + 2 * G * C.
 *
 * A net owns its description and rotary tables; weights are a plain vector of
 * `n_params` numbers laid out by `tensors`, so that gradients, optimizer
 * moments and averages are vectors of the same layout. Weight matrices are
 * [out][in], as in GGUF. Embeddings are tied: the first tensor is both.
 *
 * Calls that compute touch only their work area and the vectors they are
 * given, so threads may share a net. Nothing here starts threads.
 *
 * Compiled with FR_NET_DOUBLE, everything is in double precision: that is how
 * the gradient test can compare with finite differences to eight digits.
 */
#ifndef FR_ORGANISM_NET_H
#define FR_ORGANISM_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#ifdef FR_NET_DOUBLE
typedef double fr_real;
#else
typedef float fr_real;
#endif

struct fr_net_shape {
    int n_vocab;
    int width;
    int n_layers;
    int n_heads;
    int n_kv_heads;
    int ff_width;
    int max_sequence; /* longest sequence, for the rotary tables */
    float rope_base;
    float rms_eps;
};

enum fr_net_role {
    FR_NET_EMBEDDING,
    FR_NET_NORM,
    FR_NET_BIAS,
    FR_NET_MATRIX, /* a matrix inside a block */
};

/* One named piece of the weight vector; names are those of GGUF. */
struct fr_net_tensor {
    char name[48];
    enum fr_net_role role;
    int rows; /* 1 for norms and biases */
    int cols;
    size_t offset;
};

/* Where a layer's pieces start in the weight vector. Neighbours that are
 * multiplied together are adjacent: q, k, v form one [Q][D] matrix and one
 * [Q] bias, gate and up one [2F][D] matrix. */
struct fr_net_layer {
    size_t attn_norm; /* [D] */
    size_t qkv;       /* [Q][D] */
    size_t qkv_bias;  /* [Q] */
    size_t out;       /* [D][D] */
    size_t ffn_norm;  /* [D] */
    size_t gate_up;   /* [2F][D] */
    size_t down;      /* [D][F] */
};

struct fr_net {
    struct fr_net_shape shape;
    int head_width; /* C */
    int qkv_width;  /* Q */
    size_t n_params;
    size_t embedding;   /* [V][D] */
    size_t output_norm; /* [D] */
    struct fr_net_layer *layers;
    int n_tensors;
    struct fr_net_tensor *tensors;
    fr_real *rope_cos; /* [max_sequence][C/2] */
    fr_real *rope_sin; /* [max_sequence][C/2] */
};

/* What to read. Sequence i is tokens[offsets[i]..offsets[i+1]); offsets has
 * n_sequences + 1 entries. weights[t] weighs the prediction of token t + 1 at
 * token t; it is not read at a sequence's last token. */
struct fr_net_batch {
    int n_sequences;
    const int32_t *offsets;
    const int32_t *tokens;
    const float *weights; /* [T], NULL: all 1 */
};

enum fr_net_phase {
    FR_NET_PHASE_GEMM,
    FR_NET_PHASE_ATTENTION,
    FR_NET_PHASE_ELEMENTWISE,
    FR_NET_PHASE_ENTROPY,
    FR_NET_PHASE_COUNT,
};

/* Rows of attention weights and of logits computed at once: small enough for
 * a block to stay in the second-level cache. */
enum { FR_NET_ATTENTION_ROWS = 96, FR_NET_LOGIT_ROWS = 192 };

/* Activations of one batch; one allocation, pointers into it. */
struct fr_net_work {
    int max_tokens;
    void *arena_block;
    /* One of each per layer. */
    struct fr_net_activation {
        fr_real *input;     /* [T][D] residual stream before the block */
        fr_real *input_rms; /* [T] 1 / rms */
        fr_real *normed;    /* [T][D] */
        fr_real *qkv;       /* [T][Q] biased and rotated */
        fr_real *lse;       /* [H][T] log-sum-exp of the attention rows */
        fr_real *mixed;     /* [T][D] attention before the output matrix */
        fr_real *middle;    /* [T][D] residual stream after attention */
        fr_real *middle_rms;
        fr_real *ff_normed; /* [T][D] */
        fr_real *gate_up;   /* [T][2F] */
        fr_real *hidden;    /* [T][F] silu(gate) * up */
    } * layers;
    fr_real *output;        /* [T][D] residual stream after the last block */
    fr_real *output_rms;    /* [T] */
    fr_real *output_normed; /* [T][D] */
    /* Gradients and scratch. */
    fr_real *d_stream; /* [T][D] */
    fr_real *d_wide;   /* [T][max(Q, 2F)] */
    fr_real *d_hidden; /* [T][max(F, D)] */
    fr_real *scores;   /* two blocks of attention rows */
    fr_real *logits;   /* a block of rows of [T][V] */
    /* Results of fr_net_entropy, per token that has a successor. */
    float *nll;                         /* [T] */
    int32_t *argmax;                    /* [T] */
    double seconds[FR_NET_PHASE_COUNT]; /* processor time so far */
};

/* The net with its layout. FR_E_INPUT if the shape is impossible. */
FR_CHECKED int fr_net_open(struct fr_net **out, const struct fr_net_shape *shape,
                           struct fr_error *err);
void fr_net_close(struct fr_net *net);

/* Random starting weights: normal, the given deviation for embeddings and
 * 0.6 / sqrt(fan-in) for matrices, those that write into the residual stream
 * divided by sqrt(2 * layers); norms 1, biases 0 but in the first layer, whose heads (all but the
 * last) begin by looking 1, 2, 3 ... tokens back. */
void fr_net_weights_init(const struct fr_net *net, fr_real *weights, uint64_t seed,
                         double embedding);

/* Room for batches of at most max_tokens tokens. */
FR_CHECKED int fr_net_work_open(struct fr_net_work **out, const struct fr_net *net, int max_tokens,
                                struct fr_error *err);
void fr_net_work_close(struct fr_net_work *work);

/* Fills the activations, up to output_normed. */
void fr_net_forward(const struct fr_net *net, const fr_real *weights, struct fr_net_work *work,
                    const struct fr_net_batch *batch);

/* After fr_net_forward: fills nll and argmax and returns the weighted sum of
 * nll. If gradient is not NULL, also adds the gradient of scale * sum with
 * respect to the embedding and leaves that of output_normed in d_hidden. */
double fr_net_entropy(const struct fr_net *net, const fr_real *weights, struct fr_net_work *work,
                      const struct fr_net_batch *batch, double scale, fr_real *gradient);

/* After fr_net_entropy with a gradient: adds everything else's gradient. */
void fr_net_backward(const struct fr_net *net, const fr_real *weights, struct fr_net_work *work,
                     const struct fr_net_batch *batch, fr_real *gradient);

/* After fr_net_forward: the logits of every token, [T][V]. */
void fr_net_logits(const struct fr_net *net, const fr_real *weights, const struct fr_net_work *work,
                   int n_tokens, fr_real *logits);

#endif
