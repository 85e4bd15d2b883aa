/* See reference_forward.h. Written from the published equations of the architecture:
 *     x += W_o attention(rope(W_q n(x) + b_q), rope(W_k n(x) + b_k), W_v n(x) + b_v)
 *     x += W_down (silu(W_gate n(x)) * W_up n(x)),  n = RMS norm. */
#include "support/reference_forward.h"

#include <ggml.h>
#include <gguf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct fr_reference_layer {
    double *attention_norm, *feed_norm;
    double *q, *k, *v, *o, *gate, *up, *down;
    double *q_bias, *k_bias, *v_bias;
    double *keys, *values; /* [n][kv width] of the run */
};

static double *load_tensor(struct ggml_context *tensors, const char *format, int layer) {
    char name[64];
    (void)snprintf(name, sizeof name, "blk.%d.%s", layer, format);
    const struct ggml_tensor *tensor = ggml_get_tensor(tensors, layer < 0 ? format : name);
    if (tensor == NULL)
        return NULL;
    const size_t n = (size_t)ggml_nelements(tensor);
    float *single = fr_alloc(n, sizeof *single);
    double *values = fr_alloc(n, sizeof *values);
    if (tensor->type == GGML_TYPE_F32)
        memcpy(single, tensor->data, n * sizeof *single);
    else
        ggml_get_type_traits(tensor->type)->to_float(tensor->data, single, (int64_t)n);
    for (size_t i = 0; i < n; i++)
        values[i] = (double)single[i];
    free(single);
    return values;
}

static int number(const struct gguf_context *gguf, const char *architecture, const char *key) {
    char name[96];
    (void)snprintf(name, sizeof name, "%s.%s", architecture, key);
    const int64_t id = gguf_find_key(gguf, name);
    return id < 0 ? 0 : (int)gguf_get_val_u32(gguf, id);
}

int fr_reference_load(struct fr_reference *r, const char *path, struct fr_error *err) {
    *r = (struct fr_reference){0};
    struct ggml_context *tensors = NULL;
    struct gguf_context *gguf =
        gguf_init_from_file(path, (struct gguf_init_params){.ctx = &tensors});
    if (gguf == NULL)
        return fr_fail(err, FR_E_IO, "%s: not readable", path);
    char architecture[16];
    (void)snprintf(architecture, sizeof architecture, "%s",
                   gguf_get_val_str(gguf, gguf_find_key(gguf, "general.architecture")));
    r->n_layers = number(gguf, architecture, "block_count");
    r->width = number(gguf, architecture, "embedding_length");
    r->n_heads = number(gguf, architecture, "attention.head_count");
    r->n_heads_kv = number(gguf, architecture, "attention.head_count_kv");
    r->n_ff = number(gguf, architecture, "feed_forward_length");
    r->head = r->width / r->n_heads;
    r->n_vocab = (int)gguf_get_arr_n(gguf, gguf_find_key(gguf, "tokenizer.ggml.tokens"));
    r->rope_neighbours = strcmp(architecture, "llama") == 0;
    char key[96];
    (void)snprintf(key, sizeof key, "%s.attention.layer_norm_rms_epsilon", architecture);
    r->epsilon = (double)gguf_get_val_f32(gguf, gguf_find_key(gguf, key));
    (void)snprintf(key, sizeof key, "%s.rope.freq_base", architecture);
    r->rope_base = (double)gguf_get_val_f32(gguf, gguf_find_key(gguf, key));
    r->embedding = load_tensor(tensors, "token_embd.weight", -1);
    r->output_norm = load_tensor(tensors, "output_norm.weight", -1);
    r->output = load_tensor(tensors, "output.weight", -1);
    if (r->output == NULL)
        r->output = load_tensor(tensors, "token_embd.weight", -1);
    r->layers = fr_alloc((size_t)r->n_layers, sizeof *r->layers);
    for (int i = 0; i < r->n_layers; i++) {
        struct fr_reference_layer *l = &r->layers[i];
        l->attention_norm = load_tensor(tensors, "attn_norm.weight", i);
        l->feed_norm = load_tensor(tensors, "ffn_norm.weight", i);
        l->q = load_tensor(tensors, "attn_q.weight", i);
        l->k = load_tensor(tensors, "attn_k.weight", i);
        l->v = load_tensor(tensors, "attn_v.weight", i);
        l->o = load_tensor(tensors, "attn_output.weight", i);
        l->q_bias = load_tensor(tensors, "attn_q.bias", i);
        l->k_bias = load_tensor(tensors, "attn_k.bias", i);
        l->v_bias = load_tensor(tensors, "attn_v.bias", i);
        l->gate = load_tensor(tensors, "ffn_gate.weight", i);
        l->up = load_tensor(tensors, "ffn_up.weight", i);
        l->down = load_tensor(tensors, "ffn_down.weight", i);
    }
    ggml_free(tensors);
    gguf_free(gguf);
    return FR_OK;
}

void fr_reference_release(struct fr_reference *r) {
    for (int i = 0; i < r->n_layers; i++) {
        struct fr_reference_layer *l = &r->layers[i];
        double *owned[] =
            {l->attention_norm, l->feed_norm, l->q,    l->k,      l->v,      l->o,
             l->gate,           l->up,        l->down, l->q_bias, l->k_bias, l->v_bias,
             l->keys,           l->values};
        for (size_t j = 0; j < sizeof owned / sizeof *owned; j++)
            free(owned[j]);
    }
    free(r->layers);
    free(r->embedding);
    free(r->output);
    free(r->output_norm);
    free(r->rows);
    free(r->attention);
    free(r->mlp);
    free(r->heads);
    free(r->weights);
    free(r->logits);
    *r = (struct fr_reference){0};
}

static void multiply(const double *weights, const double *bias, const double *x, int inputs,
                     int outputs, double *y) {
    for (int o = 0; o < outputs; o++) {
        double sum = bias != NULL ? bias[o] : 0.0;
        for (int i = 0; i < inputs; i++)
            sum += weights[(size_t)o * (size_t)inputs + (size_t)i] * x[i];
        y[o] = sum;
    }
}

static void norm(const struct fr_reference *r, const double *weights, const double *x, double *y) {
    double square = 0.0;
    for (int i = 0; i < r->width; i++)
        square += x[i] * x[i];
    const double scale = 1.0 / sqrt(square / r->width + r->epsilon);
    for (int i = 0; i < r->width; i++)
        y[i] = weights[i] * x[i] * scale;
}

static void rotate(const struct fr_reference *r, double *x, int n_heads, int position) {
    for (int h = 0; h < n_heads; h++)
        for (int i = 0; i < r->head / 2; i++) {
            const double angle = position * pow(r->rope_base, -2.0 * i / r->head);
            const int a = r->rope_neighbours ? 2 * i : i;
            const int b = r->rope_neighbours ? 2 * i + 1 : i + r->head / 2;
            double *pair = x + h * r->head;
            const double u = pair[a], w = pair[b];
            pair[a] = u * cos(angle) - w * sin(angle);
            pair[b] = u * sin(angle) + w * cos(angle);
        }
}

/* One query head over the positions 0..position. */
static void attend(const struct fr_reference *r, const struct fr_reference_layer *l, int head,
                   const double *q, int position, double *weights, double *out) {
    const int kv_width = r->head * r->n_heads_kv;
    const int offset = head / (r->n_heads / r->n_heads_kv) * r->head;
    double largest = -INFINITY, total = 0.0;
    for (int t = 0; t <= position; t++) {
        double dot = 0.0;
        for (int i = 0; i < r->head; i++)
            dot += q[i] * l->keys[t * kv_width + offset + i];
        weights[t] = dot / sqrt((double)r->head);
        largest = fmax(largest, weights[t]);
    }
    for (int t = 0; t <= position; t++)
        total += weights[t] = exp(weights[t] - largest);
    for (int t = 0; t <= position; t++)
        weights[t] /= total;
    for (int i = 0; i < r->head; i++) {
        out[i] = 0.0;
        for (int t = 0; t <= position; t++)
            out[i] += weights[t] * l->values[t * kv_width + offset + i];
    }
}

static void run_layer(const struct fr_reference *r, struct fr_reference_layer *l, int position,
                      double *x, double *attention, double *mlp, double *mixed, double *weights,
                      double *work) {
    const int kv_width = r->head * r->n_heads_kv;
    double *normed = work, *q = normed + r->width, *gate = q + r->width, *up = gate + r->n_ff;
    double *key = l->keys + position * kv_width;
    norm(r, l->attention_norm, x, normed);
    multiply(l->q, l->q_bias, normed, r->width, r->width, q);
    multiply(l->k, l->k_bias, normed, r->width, kv_width, key);
    multiply(l->v, l->v_bias, normed, r->width, kv_width, l->values + position * kv_width);
    rotate(r, q, r->n_heads, position);
    rotate(r, key, r->n_heads_kv, position);
    for (int h = 0; h < r->n_heads; h++)
        attend(r, l, h, q + h * r->head, position, weights + (size_t)h * (size_t)r->n_rows,
               mixed + h * r->head);
    multiply(l->o, NULL, mixed, r->width, r->width, attention);
    for (int i = 0; i < r->width; i++)
        x[i] += attention[i];
    norm(r, l->feed_norm, x, normed);
    multiply(l->gate, NULL, normed, r->width, r->n_ff, gate);
    multiply(l->up, NULL, normed, r->width, r->n_ff, up);
    for (int i = 0; i < r->n_ff; i++)
        gate[i] = gate[i] / (1.0 + exp(-gate[i])) * up[i];
    multiply(l->down, NULL, gate, r->n_ff, r->width, mlp);
    for (int i = 0; i < r->width; i++)
        x[i] += mlp[i];
}

void fr_reference_run(struct fr_reference *r, const int32_t *tokens, int n, fr_reference_edit edit,
                      void *user) {
    const size_t width = (size_t)r->width;
    const size_t kv_width = (size_t)(r->head * r->n_heads_kv);
    r->n_rows = n;
    free(r->rows);
    free(r->attention);
    free(r->mlp);
    free(r->heads);
    free(r->weights);
    free(r->logits);
    const size_t weights = (size_t)r->n_heads * (size_t)n;
    r->heads = fr_alloc((size_t)r->n_layers * (size_t)n * width, sizeof *r->heads);
    r->weights = fr_alloc((size_t)r->n_layers * (size_t)n * weights, sizeof *r->weights);
    r->attention = fr_alloc((size_t)r->n_layers * (size_t)n * width, sizeof *r->attention);
    r->mlp = fr_alloc((size_t)r->n_layers * (size_t)n * width, sizeof *r->mlp);
    r->rows = fr_alloc((size_t)(r->n_layers + 1) * (size_t)n * width, sizeof *r->rows);
    r->logits = fr_alloc((size_t)n * (size_t)r->n_vocab, sizeof *r->logits);
    for (int i = 0; i < r->n_layers; i++) {
        r->layers[i].keys = fr_grow(r->layers[i].keys, (size_t)n * kv_width, sizeof(double));
        r->layers[i].values = fr_grow(r->layers[i].values, (size_t)n * kv_width, sizeof(double));
    }
    double *work = fr_alloc(2 * width + 2 * (size_t)r->n_ff, sizeof *work);
    for (int position = 0; position < n; position++) {
        double *row = r->rows + (size_t)position * width;
        memcpy(row, r->embedding + (size_t)tokens[position] * width, width * sizeof *row);
        for (int layer = 1; layer <= r->n_layers; layer++) {
            double *after = r->rows + ((size_t)layer * (size_t)n + (size_t)position) * width;
            memcpy(after, row, width * sizeof *after);
            const size_t at = (size_t)(layer - 1) * (size_t)n + (size_t)position;
            run_layer(r, &r->layers[layer - 1], position, after, r->attention + at * width,
                      r->mlp + at * width, r->heads + at * width, r->weights + at * weights, work);
            if (edit != NULL)
                edit(user, layer, position, after);
            row = after;
        }
        norm(r, r->output_norm, row, work);
        multiply(r->output, NULL, work, r->width, r->n_vocab,
                 r->logits + (size_t)position * (size_t)r->n_vocab);
    }
    free(work);
}

static size_t place(const struct fr_reference *r, int layer, int position) {
    return (size_t)(layer - 1) * (size_t)r->n_rows + (size_t)position;
}

const double *fr_reference_part(const struct fr_reference *r, int site, int layer, int position) {
    const double *parts = site == FR_SITE_ATTENTION ? r->attention : r->mlp;
    return parts + place(r, layer, position) * (size_t)r->width;
}

const double *fr_reference_heads(const struct fr_reference *r, int layer, int position) {
    return r->heads + place(r, layer, position) * (size_t)r->width;
}

const double *fr_reference_weights(const struct fr_reference *r, int layer, int position) {
    return r->weights + place(r, layer, position) * (size_t)r->n_heads * (size_t)r->n_rows;
}

const double *fr_reference_row(const struct fr_reference *r, int layer, int position) {
    return r->rows + ((size_t)layer * (size_t)r->n_rows + (size_t)position) * (size_t)r->width;
}
