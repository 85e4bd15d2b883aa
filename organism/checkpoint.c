/* See checkpoint.h. */
#include "organism/checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

/* By the precision of products, in the order of enum fr_gemm_precision. */
enum { N_MAGIC = 8, N_VECTORS = 4, N_SNAPSHOT_VECTORS = 2, N_DIGITS = FR_SHA256_TEXT - 1 };

/* By the precision of products, in the order of enum fr_gemm_precision. */
static const char magics[2][N_MAGIC] = {{'F', 'R', 'O', 'R', 'G', 'N', '0', '1'},
                                        {'F', 'R', 'O', 'R', 'G', 'N', '0', '2'}};
static const char snapshot_magics[2][N_MAGIC] = {{'F', 'R', 'S', 'N', 'A', 'P', '0', '1'},
                                                 {'F', 'R', 'S', 'N', 'A', 'P', '0', '2'}};

static const size_t largest_file = (size_t)1 << 30;

/* The header and the first n_vectors of weights, average, first and second moments; the caller
 * frees it. There is room for N_DIGITS more. */
static char *state_bytes(const struct fr_trainer *t, const char magic[N_MAGIC], int n_vectors,
                         size_t *size) {
    const size_t n = t->net->n_params;
    const size_t vector = n * sizeof(float);
    struct fr_checkpoint_header header;
    memset(&header, 0, sizeof header);
    memcpy(header.magic, magic, N_MAGIC);
    header.shape = t->net->shape;
    header.n_micro = t->options.n_micro;
    header.seed = t->options.seed;
    header.n_params = n;
    header.step = t->step;
    header.n_tokens = t->n_tokens;
    header.average_steps = t->average_steps;
    *size = sizeof header + (size_t)n_vectors * vector;
    char *bytes = fr_alloc(*size + N_DIGITS + 1, 1);
    char *at = bytes;
    memcpy(at, &header, sizeof header);
    at += sizeof header;
    const float *const vectors[N_VECTORS] = {t->weights, t->average, t->optim.first,
                                             t->optim.second};
    for (int i = 0; i < n_vectors; i++, at += vector)
        memcpy(at, vectors[i], vector);
    return bytes;
}

int fr_checkpoint_save(const char *path, const struct fr_trainer *t, struct fr_error *err) {
    size_t size = 0;
    char *bytes = state_bytes(t, magics[t->options.products], N_VECTORS, &size);
    const int rc = fr_file_write(path, bytes, size, err);
    free(bytes);
    return rc;
}

int fr_snapshot_save(const char *path, const struct fr_trainer *t, struct fr_error *err) {
    size_t size = 0;
    char *bytes = state_bytes(t, snapshot_magics[t->options.products], N_SNAPSHOT_VECTORS, &size);
    fr_sha256(bytes, size, bytes + size);
    const int rc = fr_file_write(path, bytes, size + N_DIGITS, err);
    free(bytes);
    return rc;
}

static bool has_magic(const struct fr_checkpoint_header *header, const char of[2][N_MAGIC]) {
    return memcmp(header->magic, of[0], N_MAGIC) == 0 || memcmp(header->magic, of[1], N_MAGIC) == 0;
}

/* The whole file in *text, with its header copied out and its size checked; of a snapshot, its
 * digits too. */
static int checkpoint_read(const char *path, struct fr_text *text,
                           struct fr_checkpoint_header *header, struct fr_error *err) {
    const int rc = fr_file_read(path, largest_file, text, err);
    if (rc)
        return rc;
    memset(header, 0, sizeof *header);
    if (text->len >= N_MAGIC)
        memcpy(header->magic, text->data, N_MAGIC);
    const bool snapshot = has_magic(header, snapshot_magics);
    const char *kind = snapshot ? "snapshot" : "checkpoint";
    if (!snapshot && !has_magic(header, magics))
        return fr_fail(err, FR_E_INPUT, "%s: not a checkpoint or snapshot of this trainer", path);
    if (text->len < sizeof *header)
        return fr_fail(err, FR_E_INPUT, "%s: a damaged %s: ends after %zu bytes, in its header",
                       path, kind, text->len);
    memcpy(header, text->data, sizeof *header);
    const size_t vectors = snapshot ? N_SNAPSHOT_VECTORS : N_VECTORS;
    const size_t size = sizeof *header + (snapshot ? N_DIGITS : 0);
    if (header->n_params > largest_file ||
        text->len != size + vectors * header->n_params * sizeof(float))
        return fr_fail(err, FR_E_INPUT, "%s: a damaged %s: %zu bytes for %llu parameters", path,
                       kind, text->len, (unsigned long long)header->n_params);
    char digits[FR_SHA256_TEXT];
    if (snapshot) {
        fr_sha256(text->data, text->len - N_DIGITS, digits);
        if (memcmp(digits, text->data + text->len - N_DIGITS, N_DIGITS) != 0)
            return fr_fail(err, FR_E_INPUT,
                           "%s: a damaged snapshot: its contents are not those of its checksum",
                           path);
    }
    return 0;
}

static const char *vector_at(const struct fr_text *text, uint64_t n_params, size_t i) {
    return text->data + sizeof(struct fr_checkpoint_header) + i * n_params * sizeof(float);
}

int fr_checkpoint_load(const char *path, struct fr_trainer *t, bool weights_only,
                       struct fr_error *err) {
    struct fr_text text = {0};
    struct fr_checkpoint_header header;
    int rc = checkpoint_read(path, &text, &header, err);
    if (rc)
        goto out;
    if (!weights_only && has_magic(&header, snapshot_magics)) {
        rc = fr_fail(err, FR_E_INPUT,
                     "%s: a snapshot holds no optimizer to go on with; give it to --init", path);
        goto out;
    }
    const size_t vector = t->net->n_params * sizeof(float);
    if (memcmp(&header.shape, &t->net->shape, sizeof header.shape) != 0 ||
        header.n_params != t->net->n_params) {
        rc = fr_fail(err, FR_E_INPUT,
                     "%s: holds a net of another shape (width %d, %d layers, %d heads, "
                     "feed-forward %d, %d tokens); give its options or another directory",
                     path, header.shape.width, header.shape.n_layers, header.shape.n_heads,
                     header.shape.ff_width, header.shape.n_vocab);
        goto out;
    }
    if (weights_only) {
        memcpy(t->weights, vector_at(&text, header.n_params, header.average_steps ? 1 : 0), vector);
        goto out;
    }
    if (header.seed != t->options.seed || header.n_micro != t->options.n_micro) {
        rc = fr_fail(err, FR_E_CONFLICT,
                     "%s: belongs to a run with seed %llu and %d micro-batches; give these or "
                     "another directory",
                     path, (unsigned long long)header.seed, header.n_micro);
        goto out;
    }
    if (memcmp(header.magic, magics[t->options.products], sizeof header.magic) != 0) {
        rc = fr_fail(err, FR_E_CONFLICT,
                     "%s: belongs to a run with products in %s; continue it with --products %s or "
                     "give another directory",
                     path, t->options.products ? "32-bit floats" : "bfloat16",
                     t->options.products ? "f32" : "bf16");
        goto out;
    }
    float *const vectors[N_VECTORS] = {t->weights, t->average, t->optim.first, t->optim.second};
    for (size_t i = 0; i < N_VECTORS; i++)
        memcpy(vectors[i], vector_at(&text, header.n_params, i), vector);
    t->step = (long)header.step;
    t->n_tokens = (long)header.n_tokens;
    t->average_steps = (long)header.average_steps;
out:
    fr_text_release(&text);
    return rc;
}

int fr_checkpoint_weights(const char *path, bool average, struct fr_checkpoint_header *header,
                          float **weights, struct fr_error *err) {
    *weights = NULL;
    struct fr_text text = {0};
    const int rc = checkpoint_read(path, &text, header, err);
    if (!rc) {
        *weights = fr_alloc(header->n_params, sizeof **weights);
        memcpy(*weights, vector_at(&text, header->n_params, average && header->average_steps),
               header->n_params * sizeof(float));
    }
    fr_text_release(&text);
    return rc;
}
