/* The sums of one naming, in memory and as a safetensors file. What is read is checked whole
 * before it is believed: a file of another grid would give plausible, wrong representations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "representations/representations.h"
#include "store/store.h"

void fr_sums_init(struct fr_sums *sums, int n_concepts, int n_layers, int n_times, int width) {
    FR_ASSERT(n_concepts >= 0 && n_layers >= 0 && n_times >= 0 && width >= 0);
    const size_t cells = (size_t)n_concepts * (size_t)n_times;
    *sums = (struct fr_sums){.n_concepts = n_concepts,
                             .n_layers = n_layers,
                             .n_times = n_times,
                             .width = width};
    sums->sums = fr_alloc(cells * (size_t)n_layers, (size_t)width * sizeof *sums->sums);
    sums->counts = fr_alloc(cells, sizeof *sums->counts);
}

void fr_sums_release(struct fr_sums *sums) {
    if (sums == NULL)
        return;
    free(sums->sums);
    free(sums->counts);
    *sums = (struct fr_sums){0};
}

static const char *bool_text(bool x) { return x ? "true" : "false"; }

int fr_sums_save(const struct fr_sums *sums, const char *path, const struct fr_grid *grid,
                 struct fr_error *err) {
    FR_ASSERT(sums->n_times == grid->n_times);
    const int64_t A = sums->n_concepts, L = sums->n_layers, T = sums->n_times, D = sums->width;
    const struct fr_tensor tensors[] = {
        {.name = "sums", .dtype = FR_F64, .n_dims = 4, .dims = {A, L, T, D}, .data = sums->sums},
        {.name = "counts", .dtype = FR_I32, .n_dims = 2, .dims = {A, T}, .data = sums->counts},
        {.name = "times", .dtype = FR_I32, .n_dims = 1, .dims = {T}, .data = grid->times},
    };
    struct fr_text window = {0};
    fr_text_printf(&window, "%d", grid->window_tokens);
    const char *const metadata[][2] = {{"window_tokens", fr_text_get(&window)},
                                       {"previous_token", bool_text(grid->previous_token)}};
    const int code = fr_tensors_save(path, tensors, 3, metadata, 2, err);
    fr_text_release(&window);
    return code;
}

static const struct fr_tensor *find(const struct fr_tensor_file *file, const char *name,
                                    enum fr_dtype dtype, int n_dims) {
    const struct fr_tensor *tensor = fr_tensors_find(file, name);
    const bool right = tensor != NULL && tensor->dtype == dtype && tensor->n_dims == n_dims;
    for (int i = 0; i < n_dims && right; i++)
        if (tensor->dims[i] > INT32_MAX)
            return NULL;
    return right ? tensor : NULL;
}

static int check_grid(const struct fr_tensor_file *file, const struct fr_tensor *times,
                      const char *path, const struct fr_grid *grid, struct fr_error *err) {
    const char *window = fr_tensors_find_metadata(file, "window_tokens");
    const char *previous = fr_tensors_find_metadata(file, "previous_token");
    char wanted[16];
    (void)snprintf(wanted, sizeof wanted, "%d", grid->window_tokens);
    if (window == NULL || previous == NULL || strcmp(window, wanted) != 0 ||
        strcmp(previous, bool_text(grid->previous_token)) != 0)
        return fr_fail(err, FR_E_INPUT,
                       "%s: collected with window_tokens %s and previous_token %s, not %d and %s; "
                       "remove it and collect again",
                       path, window ? window : "?", previous ? previous : "?", grid->window_tokens,
                       bool_text(grid->previous_token));
    if (times->dims[0] != grid->n_times ||
        (grid->n_times > 0 &&
         memcmp(times->data, grid->times, (size_t)grid->n_times * sizeof *grid->times) != 0))
        return fr_fail(err, FR_E_INPUT,
                       "%s: collected at other timestamps than the configuration's; remove it and "
                       "collect again",
                       path);
    return FR_OK;
}

int fr_sums_load(struct fr_sums *out, const char *path, const struct fr_grid *grid,
                 struct fr_error *err) {
    *out = (struct fr_sums){0};
    struct fr_tensor_file file;
    int code = fr_tensors_load(&file, path, err);
    if (code != FR_OK)
        return code;
    const struct fr_tensor *sums = find(&file, "sums", FR_F64, 4);
    const struct fr_tensor *counts = find(&file, "counts", FR_I32, 2);
    const struct fr_tensor *times = find(&file, "times", FR_I32, 1);
    if (sums == NULL || counts == NULL || times == NULL || counts->dims[0] != sums->dims[0] ||
        counts->dims[1] != sums->dims[2] || times->dims[0] != sums->dims[2]) {
        code =
            fr_fail(err, FR_E_INPUT,
                    "%s: does not hold sums [A][L][T][D], counts [A][T] and times [T]; remove it "
                    "and collect again",
                    path);
        goto out;
    }
    if (grid != NULL && (code = check_grid(&file, times, path, grid, err)) != FR_OK)
        goto out;
    fr_sums_init(out, (int)sums->dims[0], (int)sums->dims[1], (int)sums->dims[2],
                 (int)sums->dims[3]);
    const size_t cells = (size_t)out->n_concepts * (size_t)out->n_times;
    const size_t n = cells * (size_t)out->n_layers * (size_t)out->width;
    if (n > 0)
        memcpy(out->sums, sums->data, n * sizeof *out->sums);
    if (cells > 0)
        memcpy(out->counts, counts->data, cells * sizeof *out->counts);
out:
    fr_tensors_release(&file);
    return code;
}
