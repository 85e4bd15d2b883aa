/* The sums of one naming, in memory and as a safetensors file. What is read is checked whole
 * before it is believed: a file of another grid would give plausible, wrong representations.
 *
 * Sums for a large model do not fit: [A][L][T][D] is 9 x 64 x 60 x 5,120 doubles, 1.4 GB, twice
 * (all traces, solved ones) beside a model that fills the machine. They are then added up in the
 * file they end as: header and zeros first, cells read, added to and written in place, counts last,
 * renamed when whole. In memory are the cells of one layer that a chunk of the replay touches, a
 * few megabytes; the same additions in the same order, so the same bits.
 * Rejected: mapping the file (a full disk is then a signal, and dirty pages count as ours); floats
 * (half of too much); one pass of the traces per timestamp (60 replays). */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "representations/representations.h"
#include "store/store.h"

enum { CELLS_HELD_BYTES = 8 << 20, N_METADATA = 4 };

struct fr_sums_file {
    int fd;
    char *path, *part;
    int64_t sums_at, counts_at, times_at; /* offsets of their data */
    int l;                                /* the layer of the cells held */
    int n_held, most_held;
    int *held;             /* [most_held] a * n_times + t */
    double **rows;         /* [A][T] the cell's row, NULL: not held */
    double *memory;        /* [most_held][D] */
    struct fr_error error; /* the first fault, code 0 when none */
};

void fr_sums_init(struct fr_sums *sums, int site, int n_concepts, int n_layers, int n_times,
                  int width) {
    FR_ASSERT(site >= 0 && site < FR_SITE_COUNT);
    FR_ASSERT(n_concepts >= 0 && n_layers >= 0 && n_times >= 0 && width >= 0);
    const size_t cells = (size_t)n_concepts * (size_t)n_times;
    *sums = (struct fr_sums){.site = site,
                             .n_concepts = n_concepts,
                             .n_layers = n_layers,
                             .n_times = n_times,
                             .width = width};
    sums->sums = fr_alloc(cells * (size_t)n_layers, (size_t)width * sizeof *sums->sums);
    sums->counts = fr_alloc(cells, sizeof *sums->counts);
}

void fr_sums_release(struct fr_sums *sums) {
    if (sums == NULL)
        return;
    struct fr_sums_file *file = sums->file;
    if (file != NULL) {
        if (file->fd >= 0) {
            (void)close(file->fd);
            (void)unlink(file->part);
        }
        free(file->path);
        free(file->part);
        free(file->held);
        free(file->rows);
        free(file->memory);
        free(file);
    }
    free(sums->sums);
    free(sums->counts);
    *sums = (struct fr_sums){0};
}

/* ---- in a file ------------------------------------------------------------------------------- */

static bool transfer(int fd, bool writing, void *data, size_t n, int64_t at) {
    char *p = data;
    while (n > 0) {
        const ssize_t got = writing ? pwrite(fd, p, n, (off_t)at) : pread(fd, p, n, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got == 0 ? EIO : errno; /* shorter than we made it */
            return false;
        }
        p += got;
        at += got;
        n -= (size_t)got;
    }
    return true;
}

static void latch(struct fr_sums_file *file, int system_error) {
    if (file->error.code == FR_OK)
        (void)fr_file_fail(&file->error, file->part, system_error);
}

static int64_t cell_at(const struct fr_sums *sums, int cell, int l) {
    const int64_t a = cell / sums->n_times, t = cell % sums->n_times;
    return sums->file->sums_at +
           ((a * sums->n_layers + l) * sums->n_times + t) * sums->width * (int64_t)sizeof(double);
}

static void write_held(struct fr_sums *sums) {
    struct fr_sums_file *file = sums->file;
    for (int i = 0; i < file->n_held; i++) {
        const int cell = file->held[i];
        if (!transfer(file->fd, true, file->rows[cell], (size_t)sums->width * sizeof(double),
                      cell_at(sums, cell, file->l)))
            latch(file, errno);
        file->rows[cell] = NULL;
    }
    file->n_held = 0;
}

double *fr_sums_cell(struct fr_sums *sums, int concept, int l, int time) {
    FR_ASSERT(concept >= 0 && concept < sums->n_concepts && l >= 0 && l < sums->n_layers &&
              time >= 0 && time < sums->n_times);
    const size_t width = (size_t)sums->width;
    struct fr_sums_file *file = sums->file;
    if (file == NULL) {
        const size_t row = (size_t) concept * (size_t)sums->n_layers + (size_t)l;
        return sums->sums + (row * (size_t)sums->n_times + (size_t)time) * width;
    }
    const int cell = concept * sums->n_times + time;
    if (l != file->l || (file->rows[cell] == NULL && file->n_held == file->most_held))
        write_held(sums);
    file->l = l;
    if (file->rows[cell] == NULL) {
        double *row = file->memory + (size_t)file->n_held * width;
        if (!transfer(file->fd, false, row, width * sizeof *row, cell_at(sums, cell, l))) {
            latch(file, errno);
            memset(row, 0, width * sizeof *row);
        }
        file->held[file->n_held++] = cell;
        file->rows[cell] = row;
    }
    return file->rows[cell];
}

int fr_sums_flush(struct fr_sums *sums, struct fr_error *err) {
    if (sums->file == NULL)
        return FR_OK;
    write_held(sums);
    if (sums->file->error.code == FR_OK)
        return FR_OK;
    *err = sums->file->error;
    return err->code;
}

static const char *bool_text(bool x) { return x ? "true" : "false"; }

/* The tensors of the file, and its metadata; window holds a number's text. */
static void describe(const struct fr_sums *sums, const struct fr_grid *grid,
                     struct fr_tensor tensors[3], char window[16],
                     const char *metadata[N_METADATA][2]) {
    FR_ASSERT(sums->n_times == grid->n_times);
    const int64_t A = sums->n_concepts, L = sums->n_layers, T = sums->n_times, D = sums->width;
    const struct fr_tensor all[3] = {
        {.name = "sums", .dtype = FR_F64, .n_dims = 4, .dims = {A, L, T, D}, .data = sums->sums},
        {.name = "counts", .dtype = FR_I32, .n_dims = 2, .dims = {A, T}, .data = sums->counts},
        {.name = "times", .dtype = FR_I32, .n_dims = 1, .dims = {T}, .data = grid->times},
    };
    memcpy(tensors, all, sizeof all);
    (void)snprintf(window, 16, "%d", grid->window_tokens);
    metadata[0][0] = "window_tokens";
    metadata[0][1] = window;
    metadata[1][0] = "previous_token";
    metadata[1][1] = bool_text(grid->previous_token);
    metadata[2][0] = "site";
    metadata[2][1] = fr_site_name[sums->site];
    metadata[3][0] = "made_from";
    metadata[3][1] = grid->made_from != NULL ? grid->made_from : "";
}

static int make_file(struct fr_sums *sums, const char *path, const struct fr_grid *grid,
                     struct fr_error *err) {
    struct fr_sums_file *file = sums->file;
    struct fr_tensor tensors[3];
    struct fr_text header = {0}, part = {0};
    char window[16];
    const char *metadata[N_METADATA][2];
    int64_t offsets[3];
    fr_text_printf(&part, "%s.part", path);
    file->part = fr_text_take(&part);
    file->path = fr_strdup(path);
    file->fd = -1;
    describe(sums, grid, tensors, window, metadata);
    int code = fr_tensors_header(path, tensors, 3, (const char *const(*)[2])metadata, N_METADATA,
                                 &header, offsets, err);
    if (code == FR_OK) {
        file->sums_at = offsets[0];
        file->counts_at = offsets[1];
        file->times_at = offsets[2];
        const int64_t ends[2] = {file->counts_at + (int64_t)sums->n_concepts * sums->n_times *
                                                       (int64_t)sizeof(int32_t),
                                 file->times_at + sums->n_times * (int64_t)sizeof(int32_t)};
        file->fd = open(file->part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        int fault = file->fd < 0 ? errno : 0;
        if (fault == 0)
            fault = posix_fallocate(file->fd, 0, (off_t)(ends[0] > ends[1] ? ends[0] : ends[1]));
        if (fault == 0 && !transfer(file->fd, true, header.data, header.len, 0))
            fault = errno;
        if (fault != 0)
            code = fr_file_fail(err, file->part, fault);
    }
    fr_text_release(&header);
    return code;
}

int fr_sums_open(struct fr_sums *sums, int site, int n_concepts, int n_layers, int n_times,
                 int width, size_t memory_bytes, const char *path, const struct fr_grid *grid,
                 struct fr_error *err) {
    FR_ASSERT(site >= 0 && site < FR_SITE_COUNT);
    FR_ASSERT(n_concepts >= 0 && n_layers >= 0 && n_times >= 0 && width >= 0);
    const size_t cells = (size_t)n_concepts * (size_t)n_times;
    const size_t row_bytes = (size_t)width * sizeof(double);
    if (cells * (size_t)n_layers * row_bytes <= memory_bytes) {
        fr_sums_init(sums, site, n_concepts, n_layers, n_times, width);
        return FR_OK;
    }
    *sums = (struct fr_sums){.site = site,
                             .n_concepts = n_concepts,
                             .n_layers = n_layers,
                             .n_times = n_times,
                             .width = width};
    struct fr_sums_file *file = sums->file = fr_alloc(1, sizeof *file);
    const size_t fit = CELLS_HELD_BYTES / row_bytes;
    file->most_held = (int)(fit < 1 ? 1 : fit < cells ? fit : cells);
    file->held = fr_alloc((size_t)file->most_held, sizeof *file->held);
    file->rows = fr_alloc(cells, sizeof *file->rows);
    file->memory = fr_alloc((size_t)file->most_held, row_bytes);
    sums->counts = fr_alloc(cells, sizeof *sums->counts);
    const int code = make_file(sums, path, grid, err);
    if (code != FR_OK)
        fr_sums_release(sums);
    return code;
}

static int finish_file(struct fr_sums *sums, const char *path, const struct fr_grid *grid,
                       struct fr_error *err) {
    struct fr_sums_file *file = sums->file;
    FR_ASSERT(strcmp(path, file->path) == 0 && grid->n_times == sums->n_times && file->fd >= 0);
    int code = fr_sums_flush(sums, err);
    if (code != FR_OK)
        return code;
    const size_t n_times = (size_t)sums->n_times, n_cells = (size_t)sums->n_concepts * n_times;
    if (!transfer(file->fd, true, sums->counts, n_cells * sizeof *sums->counts, file->counts_at) ||
        !transfer(file->fd, true, grid->times, n_times * sizeof *grid->times, file->times_at) ||
        fsync(file->fd) != 0 || rename(file->part, path) != 0)
        return fr_file_fail(err, path, errno);
    (void)close(file->fd);
    file->fd = -1;
    return FR_OK;
}

int fr_sums_save(struct fr_sums *sums, const char *path, const struct fr_grid *grid,
                 struct fr_error *err) {
    struct fr_tensor tensors[3];
    char window[16];
    const char *metadata[N_METADATA][2];
    if (sums->file != NULL)
        return finish_file(sums, path, grid, err);
    describe(sums, grid, tensors, window, metadata);
    return fr_tensors_save(path, tensors, 3, (const char *const(*)[2])metadata, N_METADATA, err);
}

/* ---- reading --------------------------------------------------------------------------------- */

static const struct fr_tensor *find(const struct fr_tensor_file *file, const char *name,
                                    enum fr_dtype dtype, int n_dims) {
    const struct fr_tensor *tensor = fr_tensors_find(file, name);
    const bool right = tensor != NULL && tensor->dtype == dtype && tensor->n_dims == n_dims;
    for (int i = 0; i < n_dims && right; i++)
        if (tensor->dims[i] > INT32_MAX)
            return NULL;
    return right ? tensor : NULL;
}

static int check_site(const struct fr_tensor_file *file, const char *path, int site,
                      struct fr_error *err) {
    const char *name = fr_tensors_find_metadata(file, "site");
    if (name == NULL) /* of before there were others */
        name = fr_site_name[FR_SITE_BLOCK];
    if (name != NULL && strcmp(name, fr_site_name[site]) == 0)
        return FR_OK;
    return fr_fail(err, FR_E_INPUT, "%s: collected at site %s, not %s; remove it and collect again",
                   path, name, fr_site_name[site]);
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
    int32_t *stamps = fr_alloc((size_t)times->dims[0], sizeof *stamps);
    int code = fr_tensors_read(file, times, 0, times->dims[0], stamps, err);
    const bool same =
        code == FR_OK && times->dims[0] == grid->n_times &&
        (grid->n_times == 0 ||
         memcmp(stamps, grid->times, (size_t)grid->n_times * sizeof *grid->times) == 0);
    free(stamps);
    if (code == FR_OK && !same)
        code = fr_fail(err, FR_E_INPUT,
                       "%s: collected at other timestamps than the configuration's; remove it and "
                       "collect again",
                       path);
    return code;
}

static int check_slice(const struct fr_tensor *sums, const char *path, const struct fr_slice *slice,
                       struct fr_error *err) {
    if (slice->first_layer >= 0 && slice->n_layers >= 0 && slice->first_time >= 0 &&
        slice->n_times >= 0 && slice->n_layers <= sums->dims[1] - slice->first_layer &&
        slice->n_times <= sums->dims[2] - slice->first_time)
        return FR_OK;
    return fr_fail(
        err, FR_E_INPUT,
        "%s: has %lld layers and %lld timestamps; layers %d to %d and timestamps %d to %d "
        "are wanted",
        path, (long long)sums->dims[1], (long long)sums->dims[2], slice->first_layer + 1,
        slice->first_layer + slice->n_layers, slice->first_time + 1,
        slice->first_time + slice->n_times);
}

/* In a file the times of one (concept, layer) lie together. */
static int read_slice(struct fr_sums *out, int site, const struct fr_tensor_file *file,
                      const struct fr_tensor *sums, const struct fr_tensor *counts,
                      const struct fr_slice *slice, struct fr_error *err) {
    const int64_t L = sums->dims[1], T = sums->dims[2], D = sums->dims[3];
    fr_sums_init(out, site, (int)sums->dims[0], slice->n_layers, slice->n_times, (int)D);
    int code = FR_OK;
    for (int a = 0; code == FR_OK && a < out->n_concepts; a++) {
        code = fr_tensors_read(file, counts, a * T + slice->first_time, slice->n_times,
                               out->counts + a * out->n_times, err);
        for (int l = 0; code == FR_OK && l < out->n_layers && out->n_times > 0; l++)
            code = fr_tensors_read(file, sums,
                                   ((a * L + slice->first_layer + l) * T + slice->first_time) * D,
                                   slice->n_times * D, fr_sums_cell(out, a, l, 0), err);
    }
    return code;
}

/* Sums of a file that was made as it should be are numbers; one that is not would make headlines
 * vanish without a word. */
static int check_numbers(const struct fr_sums *sums, const char *path, struct fr_error *err) {
    const size_t n_cells = (size_t)sums->n_concepts * (size_t)sums->n_times;
    const size_t n = n_cells * (size_t)sums->n_layers * (size_t)sums->width;
    for (size_t i = 0; i < n_cells; i++)
        if (sums->counts[i] < 0)
            return fr_fail(err, FR_E_INPUT,
                           "%s: a count of %d mentions; the file is damaged: remove it and run "
                           "again",
                           path, (int)sums->counts[i]);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(sums->sums[i]))
            return fr_fail(err, FR_E_INPUT,
                           "%s: a sum that is no finite number; the file is damaged (remove it and "
                           "run again), or the model's rows are none (its weights, or kv_type)",
                           path);
    return FR_OK;
}

/* The file's three tensors, found and of shapes that fit together. */
struct tensors {
    struct fr_tensor_file file;
    const struct fr_tensor *sums, *counts, *times;
};

static int open_tensors(struct tensors *out, const char *path, struct fr_error *err) {
    const int code = fr_tensors_open(&out->file, path, err);
    if (code != FR_OK)
        return code;
    out->sums = find(&out->file, "sums", FR_F64, 4);
    out->counts = find(&out->file, "counts", FR_I32, 2);
    out->times = find(&out->file, "times", FR_I32, 1);
    if (out->sums != NULL && out->counts != NULL && out->times != NULL &&
        out->counts->dims[0] == out->sums->dims[0] && out->counts->dims[1] == out->sums->dims[2] &&
        out->times->dims[0] == out->sums->dims[2])
        return FR_OK;
    fr_tensors_release(&out->file);
    return fr_fail(
        err, FR_E_INPUT,
        "%s: does not hold sums [A][L][T][D], counts [A][T] and times [T]; remove it and "
        "collect again",
        path);
}

int fr_sums_describe(const char *path, struct fr_sums_shape *out, struct fr_error *err) {
    struct tensors t;
    *out = (struct fr_sums_shape){0};
    int code = open_tensors(&t, path, err);
    if (code != FR_OK)
        return code;
    *out = (struct fr_sums_shape){.n_concepts = (int)t.sums->dims[0],
                                  .n_layers = (int)t.sums->dims[1],
                                  .n_times = (int)t.sums->dims[2],
                                  .width = (int)t.sums->dims[3]};
    out->times = fr_alloc((size_t)out->n_times + 1, sizeof *out->times);
    code = fr_tensors_read(&t.file, t.times, 0, out->n_times, out->times, err);
    fr_tensors_release(&t.file);
    if (code != FR_OK) {
        free(out->times);
        *out = (struct fr_sums_shape){0};
    }
    return code;
}

int fr_sums_layers(const char *path, int *n_layers, struct fr_error *err) {
    struct fr_sums_shape shape;
    const int code = fr_sums_describe(path, &shape, err);
    if (code == FR_OK) {
        *n_layers = shape.n_layers;
        free(shape.times);
    }
    return code;
}

int fr_sums_load(struct fr_sums *out, const char *path, int site, const struct fr_grid *grid,
                 const struct fr_slice *slice, struct fr_error *err) {
    *out = (struct fr_sums){0};
    struct tensors t;
    int code = open_tensors(&t, path, err);
    if (code != FR_OK)
        return code;
    const struct fr_slice all = {.n_layers = (int)t.sums->dims[1], .n_times = (int)t.sums->dims[2]};
    slice = slice != NULL ? slice : &all;
    code = check_site(&t.file, path, site, err);
    if (code == FR_OK && grid != NULL)
        code = check_grid(&t.file, t.times, path, grid, err);
    if (code == FR_OK)
        code = check_slice(t.sums, path, slice, err);
    if (code == FR_OK)
        code = read_slice(out, site, &t.file, t.sums, t.counts, slice, err);
    if (code == FR_OK)
        code = check_numbers(out, path, err);
    if (code != FR_OK)
        fr_sums_release(out);
    fr_tensors_release(&t.file);
    return code;
}
