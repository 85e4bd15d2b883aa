/* One concept's vector as a control vector for llama.cpp; see exports.h. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "exports/internal.h"
#include "model/control_vector.h"

static int find_name(const char *what, const char *name, char *const *names, int n, int *out,
                     struct fr_error *err) {
    for (*out = 0; *out < n; (*out)++)
        if (strcmp(names[*out], name) == 0)
            return FR_OK;
    struct fr_text list = {0};
    for (int i = 0; i < n; i++)
        fr_text_printf(&list, "%s%s", i > 0 ? ", " : "", names[i]);
    (void)fr_fail(err, FR_E_INPUT, "no %s \"%s\" in the study; there is %s", what, name,
                  fr_text_get(&list));
    fr_text_release(&list);
    return err->code;
}

/* The naming whose vector it is; any, where the vector is not of one. */
static int find_naming(const struct fr_export *x, const struct fr_export_vector *v, int *out,
                       struct fr_error *err) {
    if (v->naming != NULL)
        return find_name("naming", v->naming, x->namings, x->n_namings, out, err);
    if (fr_vector_is_of_naming(v->kind, v->control))
        return fr_fail(err, FR_E_INPUT,
                       "vectors %s%s%s are of a naming: which? Give --naming ID; fluidrep tables "
                       "shows those of the study",
                       fr_vector_kind_name[v->kind], v->control != FR_CONTROL_NONE ? ", " : "",
                       v->control != FR_CONTROL_NONE ? fr_vector_control_name[v->control] : "");
    *out = 0;
    return FR_OK;
}

struct places {
    const struct fr_export *x;
    const struct fr_export_vector *vector;
    struct fr_export_sums sums;
    int concept, naming;
};

/* The concept's vector at the i-th layer. */
static int fill(const struct places *p, int i, float *row, struct fr_error *err) {
    const struct fr_export *x = p->x;
    const size_t width = (size_t)p->sums.width;
    struct fr_reps raw, centred;
    bool have[FR_MAX_CONCEPTS];
    int i_clean = x->n_namings - 1;
    while (i_clean >= 0 && !x->clean[i_clean])
        i_clean--;
    int code = fr_export_means_at(&p->sums, i, 0, &raw, NULL, err);
    if (code != FR_OK)
        return code;
    fr_reps_centre(&raw, &centred);
    const struct fr_vector_source source = {.raw = &raw,
                                            .centred = &centred,
                                            .use = x->used,
                                            .i_clean = i_clean,
                                            .seed = (uint64_t)x->config.seed};
    float *all = fr_alloc((size_t)x->concepts.n, width * sizeof *all);
    fr_intervention_vectors(&source, p->naming, x->namings[p->naming], 0, 0, p->vector->kind,
                            p->vector->control, p->vector->strength, all, have);
    if (have[p->concept])
        memcpy(row, all + (size_t)p->concept * width, width * sizeof *row);
    else
        code =
            fr_fail(err, FR_E_INPUT,
                    "%s has no vector %s at timestamp %d: too few mentions (see "
                    "representations.min_mentions, and the table mentions)",
                    p->vector->concept, fr_vector_kind_name[p->vector->kind], p->vector->timestamp);
    free(all);
    fr_reps_release(&centred);
    fr_reps_release(&raw);
    return code;
}

static int save(const struct places *p, const char *path, struct fr_error *err) {
    const struct fr_export_vector *v = p->vector;
    const int n = p->sums.n_wanted;
    struct fr_text architecture = {0}, sha = {0}, timestamp = {0}, strength = {0};
    float *rows = fr_alloc((size_t)n, (size_t)p->sums.width * sizeof *rows);
    int *layers = fr_alloc((size_t)n, sizeof *layers), code = FR_OK;
    for (int i = 0; i < n && code == FR_OK; i++) {
        layers[i] = p->sums.layers[i] + 1;
        code = fill(p, i, rows + (size_t)i * (size_t)p->sums.width, err);
    }
    (void)fr_store_get_meta(p->x->store, "model_architecture", &architecture);
    (void)fr_store_get_meta(p->x->store, "model_sha256", &sha);
    fr_text_printf(&timestamp, "%d", v->timestamp);
    fr_text_printf(&strength, "%.17g", v->strength);
    const char *const facts[][2] = {
        {"fluidrep.study", p->x->config.study},
        {"fluidrep.model_sha256", fr_text_get(&sha)},
        {"fluidrep.vectors", fr_vector_kind_name[v->kind]},
        {"fluidrep.control", fr_vector_control_name[v->control]},
        {"fluidrep.concept", v->concept},
        {"fluidrep.naming", v->naming != NULL ? v->naming : ""},
        {"fluidrep.traces", fr_trace_set_name[v->set]},
        {"fluidrep.timestamp", fr_text_get(&timestamp)},
        {"fluidrep.strength", fr_text_get(&strength)},
        {"fluidrep.operation", "h + scale * direction.N after block N counted from 0"},
    };
    const struct fr_control_vector vector = {.architecture = fr_text_get(&architecture),
                                             .n_layers = n,
                                             .width = p->sums.width,
                                             .layers = layers,
                                             .rows = rows,
                                             .n_facts = (int)(sizeof facts / sizeof *facts),
                                             .facts = facts};
    if (code == FR_OK)
        code = fr_control_vector_save(path, &vector, err);
    fr_text_release(&architecture);
    fr_text_release(&sha);
    fr_text_release(&timestamp);
    fr_text_release(&strength);
    free(layers);
    free(rows);
    return code;
}

int fr_export_control_vector(const struct fr_export *x, const struct fr_export_vector *v,
                             const char *path, struct fr_error *err) {
    struct places p = {.x = x, .vector = v};
    int code = find_name("concept", v->concept, x->concepts.names, x->concepts.n, &p.concept, err);
    if (code == FR_OK)
        code = find_naming(x, v, &p.naming, err);
    if (code != FR_OK)
        return code;
    if (!fr_vector_control_applies(v->kind, v->control) || v->kind == FR_VECTOR_NOISE)
        return fr_fail(err, FR_E_INPUT, "there is no control vector of %s with control %s",
                       fr_vector_kind_name[v->kind], fr_vector_control_name[v->control]);
    const int timestamp = v->timestamp > 0 ? v->timestamp : x->config.reference_timestamp;
    struct fr_export_vector wanted = *v;
    wanted.timestamp = timestamp;
    p.vector = &wanted;
    const struct fr_export_selection selection = {.set = v->set,
                                                  .site = FR_SITE_BLOCK,
                                                  .n_layers = v->n_layers,
                                                  .layers = v->layers,
                                                  .n_timestamps = 1,
                                                  .timestamps = &timestamp};
    code = fr_export_sums_open(&p.sums, x, &selection, err);
    if (code != FR_OK)
        return code;
    if (v->n_layers == 0) { /* all that there is a direction for */
        p.sums.n_wanted--;
        memmove(p.sums.layers, p.sums.layers + 1, (size_t)p.sums.n_wanted * sizeof *p.sums.layers);
    }
    code = save(&p, path, err);
    fr_export_sums_close(&p.sums);
    return code;
}
