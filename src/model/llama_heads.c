/* The attention's output matrix of a GGUF, dequantised a few rows at a time; see heads.h. Of a
 * large model the matrices are gigabytes: none is kept. */
#include <errno.h>
#include <gguf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "model/heads.h"
#include "model/llama_engine.h"

enum { ROWS = 8 }; /* so that an element of `out` is touched once for as many */

struct fr_heads {
    char *path;
    struct fr_model_info info;
    FILE *file;
    struct gguf_context *gguf;
    struct ggml_context *tensors; /* shapes, no data */
};

int fr_heads_open(struct fr_heads **out, const char *path, struct fr_error *err) {
    struct fr_heads *h = fr_alloc(1, sizeof *h);
    *out = h;
    h->path = fr_strdup(path);
    int code = fr_model_look(path, &h->info, err);
    if (code == FR_OK && (h->file = fopen(path, "rb")) == NULL)
        code = fr_file_fail(err, path, errno);
    if (code == FR_OK)
        h->gguf = gguf_init_from_file(path, (struct gguf_init_params){.no_alloc = true,
                                                                      .ctx = &h->tensors});
    if (code == FR_OK && h->gguf == NULL)
        code = fr_fail(err, FR_E_MODEL, "%s: the GGUF header cannot be read; fetch it again", path);
    if (code != FR_OK) {
        fr_heads_close(h);
        *out = NULL;
    }
    return code;
}

void fr_heads_close(struct fr_heads *h) {
    if (h == NULL)
        return;
    if (h->file != NULL)
        (void)fclose(h->file);
    ggml_free(h->tensors);
    gguf_free(h->gguf);
    free(h->path);
    free(h);
}

const struct fr_model_info *fr_heads_info(const struct fr_heads *h) { return &h->info; }

static const struct ggml_tensor *find(const struct fr_heads *h, const char *what, int layer,
                                      char name[64]) {
    (void)snprintf(name, 64, "blk.%d.%s.weight", layer - 1, what);
    return ggml_get_tensor(h->tensors, name);
}

static const char gain_name[] = "post_attention_norm", matrix_name[] = "attn_output";

bool fr_heads_has_gain(const struct fr_heads *h, int layer) {
    char name[64];
    const struct ggml_tensor *t = find(h, gain_name, layer, name);
    return t != NULL && t->ne[0] == h->info.width;
}

/* Rows [first, first + n) of the tensor as floats. bytes: room for them as they are. */
static int read_rows(const struct fr_heads *h, const struct ggml_tensor *t, int64_t first, int n,
                     char *bytes, float *out, struct fr_error *err) {
    const size_t row = ggml_row_size(t->type, t->ne[0]);
    const size_t at = gguf_get_data_offset(h->gguf) +
                      gguf_get_tensor_offset(h->gguf, gguf_find_tensor(h->gguf, t->name)) +
                      (size_t)first * row;
    if (fseeko(h->file, (off_t)at, SEEK_SET) != 0 ||
        fread(bytes, row, (size_t)n, h->file) != (size_t)n)
        return fr_fail(err, FR_E_IO, "%s: tensor %s cannot be read: %s", h->path, t->name,
                       strerror(errno));
    if (t->type == GGML_TYPE_F32)
        memcpy(out, bytes, (size_t)n * row);
    else
        ggml_get_type_traits(t->type)->to_float(bytes, out, (int64_t)n * t->ne[0]);
    return FR_OK;
}

static int find_matrix(const struct fr_heads *h, int layer, const struct ggml_tensor **out,
                       struct fr_error *err) {
    char name[64];
    const struct ggml_tensor *t = *out = find(h, matrix_name, layer, name);
    const int width = h->info.n_heads * h->info.head_width;
    if (t == NULL)
        return fr_fail(err, FR_E_MODEL,
                       "%s: no tensor %s, which adds up attention's heads; is it one of several "
                       "files? merge them with llama-gguf-split --merge",
                       h->path, name);
    if (t->ne[0] != width || t->ne[1] != h->info.width ||
        (t->type != GGML_TYPE_F32 && ggml_get_type_traits(t->type)->to_float == NULL))
        return fr_fail(err, FR_E_MODEL,
                       "%s: tensor %s is %s [%lld, %lld] where [%d, %d] was expected", h->path,
                       name, ggml_type_name(t->type), (long long)t->ne[0], (long long)t->ne[1],
                       width, h->info.width);
    return FR_OK;
}

/* out[c] += sum over the rows of weights[row] rows[row][c] */
static void add_rows(const float *rows, const double weights[ROWS], int width, double *out) {
    for (int c = 0; c < width; c++) {
        double sum = 0;
        for (int r = 0; r < ROWS; r++)
            sum += weights[r] * (double)rows[(size_t)r * (size_t)width + (size_t)c];
        out[c] += sum;
    }
}

int fr_heads_pull(struct fr_heads *h, int layer, bool gain, const double *x, int n, double *out,
                  struct fr_error *err) {
    const struct ggml_tensor *matrix;
    char name[64];
    int code = find_matrix(h, layer, &matrix, err);
    if (code != FR_OK)
        return code;
    FR_ASSERT(!gain || fr_heads_has_gain(h, layer));
    const int width = h->info.width, given = (int)matrix->ne[0];
    float *rows = fr_alloc(ROWS * (size_t)given, sizeof *rows);
    float *gains = fr_alloc((size_t)width, sizeof *gains);
    char *bytes = fr_alloc(ROWS * (size_t)given + (size_t)width, sizeof(float));
    memset(out, 0, (size_t)n * (size_t)given * sizeof *out);
    if (gain)
        code = read_rows(h, find(h, gain_name, layer, name), 0, 1, bytes, gains, err);
    for (int first = 0; code == FR_OK && first < width; first += ROWS) {
        const int n_rows = width - first < ROWS ? width - first : ROWS;
        memset(rows, 0, ROWS * (size_t)given * sizeof *rows);
        code = read_rows(h, matrix, first, n_rows, bytes, rows, err);
        for (int i = 0; code == FR_OK && i < n; i++) {
            double weights[ROWS] = {0};
            for (int r = 0; r < n_rows; r++)
                weights[r] = x[(size_t)i * (size_t)width + (size_t)(first + r)] *
                             (gain ? (double)gains[first + r] : 1);
            add_rows(rows, weights, given, out + (size_t)i * (size_t)given);
        }
    }
    free(rows);
    free(gains);
    free(bytes);
    return code;
}
