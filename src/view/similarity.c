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
#include "view/internal.h"

static void put(json_t *object, const char *key, json_t *take_value) {
    FR_ASSERT(json_object_set_new(object, key, take_value) == 0);
}
static void append(json_t *array, json_t *take_value) {
    FR_ASSERT(json_array_append_new(array, take_value) == 0);
}

struct source {
    struct fr_view *view;
    int naming, concept, n_times;
    bool *self, *others; /* [N] the naming; those of the references */
};

/* One layer, the naming itself at all times and the others at the reference, centred. */
static int load_layer(const struct source *s, int l, struct fr_reps *own, struct fr_reps *others,
                      int32_t *counts, struct fr_error *err) {
    const struct fr_config *c = &s->view->config;
    const struct fr_slice all = {.first_layer = l, .n_layers = 1, .n_times = s->n_times};
    const struct fr_slice reference = {.first_layer = l,
                                       .n_layers = 1,
                                       .first_time =
                                           fr_config_grid_index(c, c->reference_timestamp),
                                       .n_times = 1};
    struct fr_reps raw_own = {0}, raw_others = {0};
    *own = *others = (struct fr_reps){0};
    int code = fr_view_reps(s->view, "all", s->self, &all, &raw_own, counts, err);
    if (code == FR_OK)
        code = fr_view_reps(s->view, "all", s->others, &reference, &raw_others, NULL, err);
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
    float *reference = fr_alloc((size_t)own->width + 1, sizeof *reference);
    for (int b = 0; b < v->concepts.n; b++) {
        json_t *row = json_array();
        int n = 0;
        if (others->h != NULL && v->concepts.kinds[b] == v->concepts.kinds[s->concept])
            n = fr_reps_cross(others, s->others, -1, b, 0, 0, reference);
        for (int t = 0; t < own->n_times; t++) {
            const double x =
                n > 0 && fr_reps_has(own, s->naming, s->concept, t)
                    ? cosine(fr_reps_at(own, s->naming, s->concept, 0, t), reference, own->width)
                    : (double)NAN;
            append(row, isnan(x) ? json_null() : json_real(x));
        }
        append(out, row);
    }
    free(reference);
    return out;
}

int fr_view_similarity(struct fr_view *v, const struct fr_view_ask *ask, json_t *out,
                       struct fr_error *err) {
    struct source s = {.view = v, .n_times = v->config.grid_end / v->config.grid_step};
    int n_used = 0, n_layers = 0, code = fr_view_find_naming(v, ask->naming, &s.naming, err);
    if (code == FR_OK)
        code = fr_view_find_concept(v, ask->concept, &s.concept, err);
    if (code == FR_OK)
        code = fr_view_layers(v, s.naming, &n_layers, err);
    if (code != FR_OK)
        return code;
    json_t *layers = json_array(), *times = json_array(), *counts = json_array();
    int32_t *n_mentions =
        fr_alloc((size_t)v->concepts.n * (size_t)s.n_times + 1, sizeof *n_mentions);
    s.self = fr_alloc((size_t)v->n_namings, sizeof *s.self);
    s.others = fr_alloc((size_t)v->n_namings, sizeof *s.others);
    for (int i = 0; i < v->n_namings; i++) {
        s.self[i] = i == s.naming;
        s.others[i] =
            i != s.naming && !v->namings[i].excluded && !fr_naming_is_clean(&v->namings[i].naming);
        n_used += s.others[i];
    }
    for (int l = 0; code == FR_OK && l < n_layers; l++) {
        struct fr_reps own, others;
        code = load_layer(&s, l, &own, &others, n_mentions, err);
        if (code == FR_OK)
            append(layers, cosines_of(&s, &own, &others));
        fr_reps_release(&own);
        fr_reps_release(&others);
    }
    for (int t = 0; t < s.n_times; t++) {
        append(times, json_integer((t + 1) * v->config.grid_step));
        append(counts, json_integer(n_mentions[s.concept * s.n_times + t]));
    }
    put(out, "layers", layers); /* [L][concept][T]; none: not collected yet */
    put(out, "times", times);
    put(out, "counts", counts); /* [T] mentions */
    put(out, "n_namings", json_integer(n_used));
    put(out, "reference_timestamp", json_integer(v->config.reference_timestamp));
    free(n_mentions);
    free(s.self);
    free(s.others);
    return code;
}
