/*
 * What a net is made of: the weight vector's layout and names, the rotary
 * tables, starting weights, and the activations' arena. The arithmetic over
 * them is in net.c.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "organism/net.h"

enum { ALIGN = 16 /* numbers: one cache line of floats */ };

static size_t tensor_add(struct fr_net *net, enum fr_net_role role, int rows, int cols,
                         const char *format, int layer) {
    struct fr_net_tensor *t = &net->tensors[net->n_tensors++];
    const char *const dot = strchr(format, '%');
    if (dot)
        snprintf(t->name, sizeof t->name, "blk.%d.%s", layer, dot + 1);
    else
        snprintf(t->name, sizeof t->name, "%s", format);
    t->role = role;
    t->rows = rows;
    t->cols = cols;
    t->offset = net->n_params;
    net->n_params += (size_t)rows * (size_t)cols;
    return t->offset;
}

static void layout_make(struct fr_net *net) {
    const struct fr_net_shape *s = &net->shape;
    const int d = s->width;
    const int kv = s->n_kv_heads * net->head_width;
    net->tensors = fr_alloc((size_t)s->n_layers * 12 + 2, sizeof *net->tensors);
    net->layers = fr_alloc((size_t)s->n_layers, sizeof *net->layers);
    net->embedding = tensor_add(net, FR_NET_EMBEDDING, s->n_vocab, d, "token_embd.weight", 0);
    for (int l = 0; l < s->n_layers; l++) {
        struct fr_net_layer *at = &net->layers[l];
        at->attn_norm = tensor_add(net, FR_NET_NORM, 1, d, "%attn_norm.weight", l);
        at->qkv = tensor_add(net, FR_NET_MATRIX, d, d, "%attn_q.weight", l);
        tensor_add(net, FR_NET_MATRIX, kv, d, "%attn_k.weight", l);
        tensor_add(net, FR_NET_MATRIX, kv, d, "%attn_v.weight", l);
        at->qkv_bias = tensor_add(net, FR_NET_BIAS, 1, d, "%attn_q.bias", l);
        tensor_add(net, FR_NET_BIAS, 1, kv, "%attn_k.bias", l);
        tensor_add(net, FR_NET_BIAS, 1, kv, "%attn_v.bias", l);
        at->out = tensor_add(net, FR_NET_MATRIX, d, d, "%attn_output.weight", l);
        at->ffn_norm = tensor_add(net, FR_NET_NORM, 1, d, "%ffn_norm.weight", l);
        at->gate_up = tensor_add(net, FR_NET_MATRIX, s->ff_width, d, "%ffn_gate.weight", l);
        tensor_add(net, FR_NET_MATRIX, s->ff_width, d, "%ffn_up.weight", l);
        at->down = tensor_add(net, FR_NET_MATRIX, d, s->ff_width, "%ffn_down.weight", l);
    }
    net->output_norm = tensor_add(net, FR_NET_NORM, 1, d, "output_norm.weight", 0);
}

static void rope_make(struct fr_net *net) {
    const int half = net->head_width / 2;
    const size_t n = (size_t)net->shape.max_sequence * (size_t)half;
    net->rope_cos = fr_alloc(n, sizeof *net->rope_cos);
    net->rope_sin = fr_alloc(n, sizeof *net->rope_sin);
    for (int t = 0; t < net->shape.max_sequence; t++) {
        for (int j = 0; j < half; j++) {
            const double angle = t * pow((double)net->shape.rope_base, -2.0 * j / net->head_width);
            const size_t at = (size_t)t * (size_t)half + (size_t)j;
            net->rope_cos[at] = (fr_real)cos(angle);
            net->rope_sin[at] = (fr_real)sin(angle);
        }
    }
}

int fr_net_open(struct fr_net **out, const struct fr_net_shape *shape, struct fr_error *err) {
    *out = NULL;
    const struct fr_net_shape s = *shape;
    if (s.n_vocab < 1 || s.width < 1 || s.n_layers < 1 || s.n_heads < 1 || s.n_kv_heads < 1 ||
        s.ff_width < 1 || s.max_sequence < 1)
        return fr_fail(err, FR_E_INPUT, "a net needs every dimension to be at least 1");
    if (s.width % s.n_heads || (s.width / s.n_heads) % 2)
        return fr_fail(err, FR_E_INPUT,
                       "width %d is not %d heads of even width; change one of the two", s.width,
                       s.n_heads);
    if (s.n_heads % s.n_kv_heads)
        return fr_fail(err, FR_E_INPUT, "%d heads cannot share %d key/value heads evenly",
                       s.n_heads, s.n_kv_heads);
    struct fr_net *net = fr_alloc(1, sizeof *net);
    net->shape = s;
    net->head_width = s.width / s.n_heads;
    net->qkv_width = s.width + 2 * s.n_kv_heads * net->head_width;
    layout_make(net);
    rope_make(net);
    *out = net;
    return 0;
}

void fr_net_close(struct fr_net *net) {
    if (!net)
        return;
    free(net->tensors);
    free(net->layers);
    free(net->rope_cos);
    free(net->rope_sin);
    free(net);
}

/* True for the matrices whose result is added to the residual stream. */
static bool writes_stream(const struct fr_net_tensor *t) {
    return strstr(t->name, "attn_output") || strstr(t->name, "ffn_down");
}

/* Heads of the first layer begin by looking one, two, three ... tokens back, by their biases alone:
 * bias k of the quickest rotations, and q the same turned by that distance. What follows a word is
 * found by what stood before it, and this head is the slow half of learning that: without it words
 * repeated in a row are still not copied after a million tokens (NOTES.md). The last head is left
 * to chance. */
static void look_back_init(const struct fr_net *net, fr_real *weights) {
    enum { QUICKEST = 6 };
    const double strength = 5.5;
    const int c = net->head_width, half = c / 2, d = net->shape.width;
    const int share = net->shape.n_heads / net->shape.n_kv_heads;
    fr_real *bias = weights + net->layers[0].qkv_bias;
    for (int h = 0; h + 1 < net->shape.n_heads; h++)
        for (int j = 0; j < half && j < QUICKEST; j++) {
            const double angle = (h + 1) * pow((double)net->shape.rope_base, -2.0 * j / c);
            bias[h * c + j] = (fr_real)(strength * cos(angle));
            bias[h * c + half + j] = (fr_real)(-strength * sin(angle));
            bias[d + h / share * c + j] = (fr_real)strength;
        }
}

void fr_net_weights_init(const struct fr_net *net, fr_real *weights, uint64_t seed,
                         double embedding) {
    for (int i = 0; i < net->n_tensors; i++) {
        const struct fr_net_tensor *t = &net->tensors[i];
        const size_t n = (size_t)t->rows * (size_t)t->cols;
        struct fr_rng rng;
        fr_rng_seed(&rng, seed, fr_hash_text(t->name));
        double deviation = 0;
        double mean = 0;
        switch (t->role) {
        case FR_NET_EMBEDDING:
            deviation = embedding;
            break;
        case FR_NET_NORM:
            mean = 1;
            break;
        case FR_NET_BIAS:
            break;
        case FR_NET_MATRIX:
            deviation = 0.6 / sqrt(t->cols);
            break;
        }
        if (writes_stream(t))
            deviation /= sqrt(2.0 * net->shape.n_layers);
        for (size_t j = 0; j < n; j++)
            weights[t->offset + j] =
                (fr_real)(mean + (deviation > 0 ? deviation * fr_rng_normal(&rng) : 0));
    }
    look_back_init(net, weights);
}

/* Hands out pieces of the arena; with base NULL it only measures. */
struct carver {
    fr_real *base;
    size_t used;
};

static fr_real *carve(struct carver *c, size_t rows, size_t cols) {
    fr_real *piece = c->base ? c->base + c->used : NULL;
    c->used += (rows * cols + ALIGN - 1) / ALIGN * ALIGN;
    return piece;
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static void work_carve(struct fr_net_work *work, const struct fr_net *net, struct carver *c) {
    const struct fr_net_shape *s = &net->shape;
    const size_t t = (size_t)work->max_tokens;
    const size_t d = (size_t)s->width;
    const size_t f = (size_t)s->ff_width;
    const size_t q = (size_t)net->qkv_width;
    for (int l = 0; l < s->n_layers; l++) {
        struct fr_net_activation *a = &work->layers[l];
        a->input = carve(c, t, d);
        a->input_rms = carve(c, t, 1);
        a->normed = carve(c, t, d);
        a->qkv = carve(c, t, q);
        a->lse = carve(c, (size_t)s->n_heads, t);
        a->mixed = carve(c, t, d);
        a->middle = carve(c, t, d);
        a->middle_rms = carve(c, t, 1);
        a->ff_normed = carve(c, t, d);
        a->gate_up = carve(c, t, 2 * f);
        a->hidden = carve(c, t, f);
    }
    work->output = carve(c, t, d);
    work->output_rms = carve(c, t, 1);
    work->output_normed = carve(c, t, d);
    work->d_stream = carve(c, t, d);
    work->d_wide = carve(c, t, larger(q, 2 * f));
    work->d_hidden = carve(c, t, larger(f, d));
    work->scores = carve(c, 2 * FR_NET_ATTENTION_ROWS, (size_t)s->max_sequence);
    work->logits = carve(c, FR_NET_LOGIT_ROWS, (size_t)s->n_vocab);
}

int fr_net_work_open(struct fr_net_work **out, const struct fr_net *net, int max_tokens,
                     struct fr_error *err) {
    *out = NULL;
    if (max_tokens < 1)
        return fr_fail(err, FR_E_INPUT, "a batch of %d tokens", max_tokens);
    struct fr_net_work *work = fr_alloc(1, sizeof *work);
    work->max_tokens = max_tokens;
    work->layers = fr_alloc((size_t)net->shape.n_layers, sizeof *work->layers);
    struct carver c = {NULL, 0};
    work_carve(work, net, &c);
    work->arena_block = fr_alloc(c.used + ALIGN, sizeof(fr_real));
    const uintptr_t bytes = ALIGN * sizeof(fr_real);
    c.base = (fr_real *)(((uintptr_t)work->arena_block + bytes - 1) / bytes * bytes);
    c.used = 0;
    work_carve(work, net, &c);
    work->nll = fr_alloc((size_t)max_tokens, sizeof *work->nll);
    work->argmax = fr_alloc((size_t)max_tokens, sizeof *work->argmax);
    *out = work;
    return 0;
}

void fr_net_work_close(struct fr_net_work *work) {
    if (!work)
        return;
    free(work->layers);
    free(work->arena_block);
    free(work->nll);
    free(work->argmax);
    free(work);
}
