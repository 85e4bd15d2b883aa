/* How alike a concept's representation in one naming is to each concept's in the others, by layer
 * and time. What a study stores is sums over all mentions of a concept in a window, so this is of
 * the mention's window, not of the mention alone; and the page says so.
 *
 * cosine(r~(naming, concept, layer, T), r-(concept', layer, T_ref)), r- over the other namings that
 * take part (method.md 3 and 4). One layer is held at a time: memory does not grow with a model's
 * depth. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "representations/representations.h"
#include "view/internal.h"

static void put(json_t *object, const char *key, json_t *take_value) {
    FR_ASSERT(json_object_set_new(object, key, take_value) == 0);
}
static void append(json_t *array, json_t *take_value) {
    FR_ASSERT(json_array_append_new(array, take_value) == 0);
}

struct source {
    struct fr_view *view;
    int naming, concept, reference; /* reference: the timestamp's index */
    int n_times;
    int32_t *times;
    char **paths; /* [N], "" where the naming has no file */
    bool *use;    /* [N] namings of references */
};

static int find_file(struct fr_view *v, const char *naming, struct fr_text *out,
                     struct fr_error *err) {
    struct fr_query *query;
    const int code = fr_query_open(&query, v->store, err,
                                   "SELECT file FROM sums WHERE naming = ? AND traces = 'all' AND"
                                   " site = 'block'",
                                   "t", naming);
    if (code != FR_OK)
        return code;
    if (fr_query_next(query))
        fr_text_printf(out, "%s/reps/%s", fr_store_dir(v->store), fr_query_text(query, 0));
    return fr_query_close(query, err);
}

static int open_source(struct fr_view *v, struct source *s, struct fr_error *err) {
    const size_t n = (size_t)v->n_namings;
    const struct fr_config *c = &v->config;
    s->view = v;
    s->paths = fr_alloc(n, sizeof *s->paths);
    s->use = fr_alloc(n, sizeof *s->use);
    s->n_times = c->grid_end / c->grid_step;
    s->times = fr_alloc((size_t)s->n_times, sizeof *s->times);
    for (int t = 0; t < s->n_times; t++)
        s->times[t] = (t + 1) * c->grid_step;
    s->reference = fr_config_grid_index(c, c->reference_timestamp);
    int code = FR_OK;
    for (int i = 0; i < v->n_namings; i++) {
        struct fr_text path = {0};
        if (code == FR_OK)
            code = find_file(v, v->namings[i].naming.id, &path, err);
        s->use[i] = path.len > 0 && !v->namings[i].excluded && i != s->naming &&
                    !fr_naming_is_clean(&v->namings[i].naming);
        s->paths[i] = fr_text_take(&path);
        if (s->paths[i] == NULL)
            s->paths[i] = fr_strdup("");
    }
    return code;
}

static void close_source(struct source *s) {
    for (int i = 0; s->paths != NULL && i < s->view->n_namings; i++)
        free(s->paths[i]);
    free(s->paths);
    free(s->use);
    free(s->times);
}

/* One layer, all namings in use at the reference and the naming itself at all times, centred. */
static int load_layer(const struct source *s, int l, struct fr_reps *own, struct fr_reps *others,
                      struct fr_error *err) {
    struct fr_view *v = s->view;
    struct fr_reps raw_own = {0}, raw_others = {0};
    int code = FR_OK;
    *own = *others = (struct fr_reps){0};
    for (int i = 0; code == FR_OK && i < v->n_namings; i++) {
        const bool self = i == s->naming;
        struct fr_slice slice = {.first_layer = l, .n_layers = 1, .n_times = s->n_times};
        struct fr_sums sums;
        if (!self && !s->use[i])
            continue;
        if (!self)
            slice.first_time = s->reference, slice.n_times = 1;
        code = fr_sums_load(&sums, s->paths[i], FR_SITE_BLOCK, NULL, &slice, err);
        if (code != FR_OK)
            break;
        struct fr_reps *to = self ? &raw_own : &raw_others;
        if (sums.n_concepts != v->concepts.n || (to->h != NULL && sums.width != to->width))
            code = fr_fail(err, FR_E_INPUT, "%s: of another shape than this study's", s->paths[i]);
        if (code == FR_OK && to->h == NULL)
            fr_reps_init(to, &v->concepts, self ? 1 : v->n_namings, 1, sums.n_times, sums.width);
        if (code == FR_OK)
            fr_reps_set_naming(to, self ? 0 : i, &sums, v->config.min_mentions);
        fr_sums_release(&sums);
    }
    if (code == FR_OK && raw_own.h != NULL)
        fr_reps_centre(&raw_own, own);
    if (code == FR_OK && raw_others.h != NULL)
        fr_reps_centre(&raw_others, others);
    fr_reps_release(&raw_own);
    fr_reps_release(&raw_others);
    return code;
}

static double cosine(const float *a, const float *b, int n) {
    double ab = 0, aa = 0, bb = 0;
    for (int d = 0; d < n; d++) {
        ab += (double)a[d] * (double)b[d];
        aa += (double)a[d] * (double)a[d];
        bb += (double)b[d] * (double)b[d];
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : (double)NAN;
}

/* [concept'][T] of one layer, null where either is missing or is of another kind. */
static json_t *cosines_of(const struct source *s, const struct fr_reps *own,
                          const struct fr_reps *others) {
    const struct fr_view *v = s->view;
    json_t *out = json_array();
    float *reference = fr_alloc((size_t)own->width, sizeof *reference);
    for (int b = 0; b < v->concepts.n; b++) {
        json_t *row = json_array();
        int n = 0;
        if (others->h != NULL && v->concepts.kinds[b] == v->concepts.kinds[s->concept])
            n = fr_reps_cross(others, s->use, -1, b, 0, 0, reference);
        for (int t = 0; t < own->n_times; t++) {
            const double x =
                n > 0 && fr_reps_has(own, 0, s->concept, t)
                    ? cosine(fr_reps_at(own, 0, s->concept, 0, t), reference, own->width)
                    : (double)NAN;
            append(row, isnan(x) ? json_null() : json_real(x));
        }
        append(out, row);
    }
    free(reference);
    return out;
}

static int add_layers(const struct source *s, json_t *layers, struct fr_error *err) {
    int n_layers = 0, code = fr_sums_layers(s->paths[s->naming], &n_layers, err);
    for (int l = 0; code == FR_OK && l < n_layers; l++) {
        struct fr_reps own, others;
        code = load_layer(s, l, &own, &others, err);
        if (code == FR_OK)
            append(layers, cosines_of(s, &own, &others));
        fr_reps_release(&own);
        fr_reps_release(&others);
    }
    return code;
}

static int add_counts(const struct source *s, json_t *counts, struct fr_error *err) {
    struct fr_sums sums;
    const int code = fr_sums_load(&sums, s->paths[s->naming], FR_SITE_BLOCK, NULL,
                                  &(struct fr_slice){.n_layers = 1, .n_times = s->n_times}, err);
    for (int t = 0; code == FR_OK && t < sums.n_times; t++)
        append(counts, json_integer(sums.counts[s->concept * sums.n_times + t]));
    if (code == FR_OK)
        fr_sums_release(&sums);
    return code;
}

int fr_view_similarity(struct fr_view *v, const struct fr_view_ask *ask, json_t *out,
                       struct fr_error *err) {
    struct source s = {0};
    int code = fr_view_find_naming(v, ask->naming, &s.naming, err);
    if (code == FR_OK)
        code = fr_view_find_concept(v, ask->concept, &s.concept, err);
    if (code != FR_OK)
        return code;
    json_t *layers = json_array(), *times = json_array(), *counts = json_array();
    int n_used = 0;
    code = open_source(v, &s, err);
    for (int t = 0; code == FR_OK && t < s.n_times; t++)
        append(times, json_integer(s.times[t]));
    for (int i = 0; code == FR_OK && i < v->n_namings; i++)
        n_used += s.use[i];
    if (code == FR_OK && *s.paths[s.naming] != '\0') { /* else they are not collected yet */
        code = add_layers(&s, layers, err);
        if (code == FR_OK)
            code = add_counts(&s, counts, err);
    }
    put(out, "layers", layers); /* [L][concept][T] */
    put(out, "times", times);
    put(out, "counts", counts); /* [T] mentions */
    put(out, "n_namings", json_integer(n_used));
    put(out, "reference_timestamp", json_integer(v->config.reference_timestamp));
    close_source(&s);
    return code;
}
