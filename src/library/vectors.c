/* fluidrep_vectors on interventions/. */
#include <fluidrep/vectors.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "interventions/interventions.h"
#include "library/internal.h"

struct vectors_call {
    const float *means;
    const uint8_t *present;
    const int *kinds;
    int n_namings, n_concepts, width, naming;
    const char *naming_id;
    int clean, layer, kind, control;
    double strength;
    uint64_t seed;
    float *out;
    uint8_t *have;
};

static int vectors_body(void *arg) {
    const struct vectors_call *call = arg;
    struct fr_concepts concepts = {.n = call->n_concepts};
    struct fr_reps raw, centred;
    bool have[FR_MAX_CONCEPTS];
    bool *use = fr_alloc((size_t)call->n_namings, sizeof *use);
    for (int i = 0; i < call->n_namings; i++)
        use[i] = i != call->clean;
    for (int a = 0; a < call->n_concepts; a++)
        concepts.kinds[a] = (enum fr_concept_kind)call->kinds[a];
    fr_reps_init(&raw, &concepts, call->n_namings, 1, 1, call->width);
    raw.first_layer = call->layer - 1;
    for (int i = 0; i < call->n_namings * call->n_concepts; i++) {
        raw.present[i] = call->present == NULL || call->present[i];
        if (raw.present[i])
            memcpy(raw.h + (size_t)i * (size_t)call->width,
                   call->means + (size_t)i * (size_t)call->width,
                   (size_t)call->width * sizeof *raw.h);
    }
    fr_reps_centre(&raw, &centred);
    const struct fr_vector_source source = {.raw = &raw,
                                            .centred = &centred,
                                            .use = use,
                                            .i_clean = call->clean,
                                            .seed = call->seed};
    fr_intervention_vectors(&source, call->naming, call->naming_id, 0, 0,
                            (enum fr_vector_kind)call->kind, (enum fr_vector_control)call->control,
                            call->strength, call->out, have);
    for (int a = 0; a < call->n_concepts; a++)
        call->have[a] = have[a];
    fr_reps_release(&centred);
    fr_reps_release(&raw);
    free(use);
    return FR_OK;
}

int fluidrep_vectors(const float *means, const uint8_t *present, const int *kinds, int n_namings,
                     int n_concepts, int width, int naming, const char *naming_id, int clean,
                     int layer, const char *kind, const char *control, double strength,
                     uint64_t seed, float *out, uint8_t *have) {
    struct fr_error *err = fr_library_error();
    struct vectors_call call = {.means = means,
                                .present = present,
                                .kinds = kinds,
                                .n_namings = n_namings,
                                .n_concepts = n_concepts,
                                .width = width,
                                .naming = naming,
                                .naming_id = naming_id,
                                .clean = clean,
                                .layer = layer,
                                .strength = strength,
                                .seed = seed,
                                .out = out,
                                .have = have};
    if (means == NULL || kinds == NULL || naming_id == NULL || out == NULL || have == NULL)
        return fr_fail(err, FR_E_INPUT, "an argument is NULL");
    if (n_namings < 1 || n_namings > 1 << 16 || n_concepts < 1 || n_concepts > FR_MAX_CONCEPTS ||
        width < 1 || layer < 1)
        return fr_fail(err, FR_E_INPUT,
                       "%d namings, %d concepts, width %d, layer %d; there are 1 to %d concepts, "
                       "and one or more of the others",
                       n_namings, n_concepts, width, layer, FR_MAX_CONCEPTS);
    if (naming < 0 || naming >= n_namings || clean >= n_namings)
        return fr_fail(err, FR_E_INPUT, "naming %d of %d", naming < 0 ? naming : clean, n_namings);
    for (int a = 0; a < n_concepts; a++)
        if (kinds[a] < 0 || kinds[a] >= FR_CONCEPT_KIND_COUNT)
            return fr_fail(err, FR_E_INPUT,
                           "concept %d is of kind %d; 0 is an action, 1 a "
                           "predicate",
                           a, kinds[a]);
    call.kind = fr_library_choice("kind", kind, fr_vector_kind_name, FR_VECTOR_KIND_COUNT);
    if (call.kind < 0)
        return FR_E_INPUT;
    if (call.kind == FR_VECTOR_NOISE)
        return fr_fail(err, FR_E_INPUT, "noise is of every row, not of a concept");
    call.control =
        fr_library_choice("control", control, fr_vector_control_name, FR_VECTOR_CONTROL_COUNT);
    if (call.control < 0)
        return FR_E_INPUT;
    if (!fr_vector_control_applies((enum fr_vector_kind)call.kind,
                                   (enum fr_vector_control)call.control))
        return fr_fail(err, FR_E_INPUT, "there is no control %s of %s", control, kind);
    return fr_library_call(vectors_body, &call);
}
