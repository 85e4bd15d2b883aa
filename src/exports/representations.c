/* Sums, means, centred and cross-naming representations as arrays; see exports.h. One layer and
 * timestamp of all namings at a time: that is where all of them meet. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "exports/internal.h"

const char *const fr_export_kind_name[FR_EXPORT_KIND_COUNT] = {
    [FR_EXPORT_SUMS] = "sums",
    [FR_EXPORT_MEANS] = "means",
    [FR_EXPORT_CENTRED] = "centred",
    [FR_EXPORT_CROSS] = "cross",
};

/* Axes: D stands last in every array of rows. */
enum { L = 1, T = 2, N = 4, A = 8, D = 16 };
static const struct {
    int bit;
    const char *name;
} axes[] = {{L, "layer"}, {T, "timestamp"}, {N, "naming"}, {A, "concept"}, {D, "width"}};
enum { N_AXES = sizeof axes / sizeof *axes };

enum content { CONTENT_SUMS, CONTENT_MEANS, CONTENT_CENTRED, CONTENT_CROSS_ALL, CONTENT_CROSS_LOO };

/* The arrays of rows of each kind. */
enum { MAX_ROWS = 2 };
static const struct rows {
    const char *name;
    enum content content;
    enum fr_dtype dtype;
    int axes;
} rows[FR_EXPORT_KIND_COUNT][MAX_ROWS] = {
    [FR_EXPORT_SUMS] = {{"sums", CONTENT_SUMS, FR_F64, L | T | N | A | D}},
    [FR_EXPORT_MEANS] = {{"means", CONTENT_MEANS, FR_F32, L | T | N | A | D}},
    [FR_EXPORT_CENTRED] = {{"centred", CONTENT_CENTRED, FR_F32, L | T | N | A | D}},
    [FR_EXPORT_CROSS] = {{"cross_all", CONTENT_CROSS_ALL, FR_F32, L | T | A | D},
                         {"cross_loo", CONTENT_CROSS_LOO, FR_F32, L | T | N | A | D}},
};

struct job {
    const struct fr_export_sums *sums;
    const struct rows *rows;
};

/* ---- rows ------------------------------------------------------------------------------------ */

static int put_row(struct fr_array_sink *sink, float *row, bool present, int width,
                   struct fr_error *err) {
    for (int d = 0; !present && d < width; d++)
        row[d] = NAN;
    return fr_array_put(sink, row, (size_t)width * sizeof *row, err);
}

static int put_reps(const struct fr_reps *reps, struct fr_array_sink *sink, struct fr_error *err) {
    int code = FR_OK;
    for (int n = 0; n < reps->n_namings; n++)
        for (int a = 0; a < reps->n_concepts && code == FR_OK; a++)
            code = put_row(sink, fr_reps_at(reps, n, a, 0, 0), fr_reps_has(reps, n, a, 0),
                           reps->width, err);
    return code;
}

/* leave_out: -1 for none. */
static int put_cross(const struct fr_export *x, const struct fr_reps *centred, int leave_out,
                     struct fr_array_sink *sink, struct fr_error *err) {
    float *row = fr_alloc((size_t)centred->width, sizeof *row);
    int code = FR_OK;
    for (int a = 0; a < centred->n_concepts && code == FR_OK; a++) {
        const int n = fr_reps_cross(centred, x->used, leave_out, a, 0, 0, row);
        code = put_row(sink, row, n > 0, centred->width, err);
    }
    free(row);
    return code;
}

static int put_means_of(const struct job *job, int i, int j, struct fr_array_sink *sink,
                        struct fr_error *err) {
    const struct fr_export *x = job->sums->export;
    struct fr_reps raw, centred;
    int code = fr_export_means_at(job->sums, i, j, &raw, NULL, err);
    if (code != FR_OK)
        return code;
    fr_reps_centre(&raw, &centred);
    if (job->rows->content == CONTENT_MEANS)
        code = put_reps(&raw, sink, err);
    else if (job->rows->content == CONTENT_CENTRED)
        code = put_reps(&centred, sink, err);
    else if (job->rows->content == CONTENT_CROSS_ALL)
        code = put_cross(x, &centred, -1, sink, err);
    else
        for (int n = 0; n < x->n_namings && code == FR_OK; n++)
            code = put_cross(x, &centred, n, sink, err);
    fr_reps_release(&centred);
    fr_reps_release(&raw);
    return code;
}

static int put_sums_of(const struct fr_export_sums *s, int i, int j, struct fr_array_sink *sink,
                       struct fr_error *err) {
    const struct fr_slice slice = {s->layers[i], 1, s->times[j], 1};
    const size_t n_values = (size_t)s->export->concepts.n * (size_t)s->width;
    double *none = fr_alloc(n_values, sizeof *none);
    int code = FR_OK;
    for (int n = 0; n < s->export->n_namings && code == FR_OK; n++) {
        struct fr_sums sums;
        if (s->paths[n] == NULL) { /* for accuracy only */
            code = fr_array_put(sink, none, n_values * sizeof *none, err);
            continue;
        }
        code = fr_sums_load(&sums, s->paths[n], s->site, &s->grid, &slice, err);
        if (code == FR_OK)
            code = fr_array_put(sink, sums.sums, n_values * sizeof *none, err);
        fr_sums_release(&sums);
    }
    free(none);
    return code;
}

static int produce(void *user, struct fr_array_sink *sink, struct fr_error *err) {
    const struct job *job = user;
    int code = FR_OK;
    for (int i = 0; i < job->sums->n_wanted; i++)
        for (int j = 0; j < job->sums->n_times && code == FR_OK; j++)
            code = job->rows->content == CONTENT_SUMS ? put_sums_of(job->sums, i, j, sink, err)
                                                      : put_means_of(job, i, j, sink, err);
    return code;
}

/* ---- what stands beside them ----------------------------------------------------------------- */

/* counts [T][N][A], and how many namings enter r-: [T][A]. Which cells are there does not depend on
 * the layer. */
static int count(const struct fr_export_sums *s, int32_t *counts, int32_t *entered,
                 struct fr_error *err) {
    const struct fr_export *x = s->export;
    const size_t n_concepts = (size_t)x->concepts.n;
    int code = FR_OK;
    for (int j = 0; j < s->n_times && code == FR_OK; j++) {
        struct fr_reps raw, centred;
        code = fr_export_means_at(s, 0, j, &raw, counts + (size_t)(j * x->n_namings) * n_concepts,
                                  err);
        if (code != FR_OK)
            break;
        fr_reps_centre(&raw, &centred);
        for (int a = 0; a < x->concepts.n; a++)
            for (int n = 0; n < x->n_namings; n++)
                entered[(size_t)j * n_concepts + (size_t)a] +=
                    x->used[n] && fr_reps_has(&centred, n, a, 0);
        fr_reps_release(&centred);
        fr_reps_release(&raw);
    }
    return code;
}

static struct fr_array array(const struct fr_export_sums *s, const char *name, enum fr_dtype dtype,
                             int on, void *data) {
    const int64_t sizes[N_AXES] = {s->n_wanted, s->n_times, s->export->n_namings,
                                   s->export->concepts.n, s->width};
    struct fr_array out = {.tensor = {.name = name, .dtype = dtype, .data = data}};
    for (int i = 0; i < N_AXES; i++)
        if (on & axes[i].bit)
            out.tensor.dims[out.tensor.n_dims++] = sizes[i];
    return out;
}

/* ---- the file -------------------------------------------------------------------------------- */

enum { MAX_ARRAYS = 8, MAX_LABELS = 32 };
struct file {
    int n, n_labels;
    struct fr_array arrays[MAX_ARRAYS];
    struct fr_label labels[MAX_LABELS];
    char *keys[MAX_ARRAYS];
    const char *names[MAX_ARRAYS][N_AXES];
};

static void add(struct file *f, const struct fr_export_sums *s, const char *name,
                enum fr_dtype dtype, int on, void *data) {
    FR_ASSERT(f->n < MAX_ARRAYS);
    struct fr_text key = {0};
    int n = 0;
    for (int i = 0; i < N_AXES; i++)
        if (on & axes[i].bit)
            f->names[f->n][n++] = axes[i].name;
    fr_text_printf(&key, "axes.%s", name);
    f->keys[f->n] = fr_text_take(&key);
    f->labels[f->n_labels++] = (struct fr_label){f->keys[f->n], true, n, f->names[f->n]};
    f->arrays[f->n++] = array(s, name, dtype, on, data);
}

static void label(struct file *f, const char *key, bool is_list, int n, const char *const *values) {
    FR_ASSERT(f->n_labels < MAX_LABELS);
    f->labels[f->n_labels++] = (struct fr_label){key, is_list, n, values};
}

int fr_export_arrays(const struct fr_export *x, enum fr_export_kind kind,
                     const struct fr_export_selection *selection, enum fr_array_format format,
                     const char *path, struct fr_error *err) {
    struct fr_export_sums s;
    struct file f = {0};
    struct job jobs[MAX_ROWS];
    struct fr_text model = {0}, window = {0};
    int code = fr_export_sums_open(&s, x, selection, err);
    if (code != FR_OK)
        return code;
    const size_t cells = (size_t)s.n_times * (size_t)x->concepts.n;
    int32_t *counts = fr_alloc(cells * (size_t)x->n_namings, sizeof *counts);
    int32_t *entered = fr_alloc(cells, sizeof *entered);
    int32_t *layers = fr_alloc((size_t)s.n_wanted, sizeof *layers);
    int32_t *timestamps = fr_alloc((size_t)s.n_times, sizeof *timestamps);
    int32_t *used = fr_alloc((size_t)x->n_namings, sizeof *used);
    const char *kinds[FR_MAX_CONCEPTS];
    for (int i = 0; i < s.n_wanted; i++)
        layers[i] = s.layers[i] + 1;
    for (int j = 0; j < s.n_times; j++)
        timestamps[j] = s.grid.times[s.times[j]];
    for (int n = 0; n < x->n_namings; n++)
        used[n] = x->used[n];
    for (int a = 0; a < x->concepts.n; a++)
        kinds[a] = fr_concept_kind_name[x->concepts.kinds[a]];
    code = count(&s, counts, entered, err);

    for (int i = 0; i < MAX_ROWS && rows[kind][i].name != NULL; i++) {
        jobs[i] = (struct job){&s, &rows[kind][i]};
        add(&f, &s, rows[kind][i].name, rows[kind][i].dtype, rows[kind][i].axes, NULL);
        f.arrays[f.n - 1].produce = produce;
        f.arrays[f.n - 1].user = &jobs[i];
    }
    add(&f, &s, "counts", FR_I32, T | N | A, counts);
    if (kind == FR_EXPORT_CROSS)
        add(&f, &s, "namings_all", FR_I32, T | A, entered);
    add(&f, &s, "layers", FR_I32, L, layers);
    add(&f, &s, "timestamps", FR_I32, T, timestamps);
    add(&f, &s, "namings_used", FR_I32, N, used);
    (void)fr_store_get_meta(x->store, "model_sha256", &model);
    fr_text_printf(&window, "%d", x->config.window_tokens);
    const char *const study = x->config.study, *const set = fr_trace_set_name[selection->set],
                      *const site = fr_site_name[selection->site], *const sha = fr_text_get(&model),
                      *const tokens = fr_text_get(&window),
                      *const origin = fr_origin_name[x->config.origin];
    label(&f, "namings", true, x->n_namings, (const char *const *)x->namings);
    label(&f, "concepts", true, x->concepts.n, (const char *const *)x->concepts.names);
    label(&f, "concept_kinds", true, x->concepts.n, kinds);
    label(&f, "study", false, 1, &study);
    label(&f, "model_sha256", false, 1, &sha);
    label(&f, "traces", false, 1, &set);
    label(&f, "site", false, 1, &site);
    label(&f, "window_tokens", false, 1, &tokens);
    label(&f, "origin", false, 1, &origin);
    if (code == FR_OK)
        code = fr_arrays_write(path, format, f.arrays, f.n, f.labels, f.n_labels, err);

    for (int i = 0; i < f.n; i++)
        free(f.keys[i]);
    fr_text_release(&model);
    fr_text_release(&window);
    free(counts);
    free(entered);
    free(layers);
    free(timestamps);
    free(used);
    fr_export_sums_close(&s);
    return code;
}
