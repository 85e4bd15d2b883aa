/* Positive steering (paper section 4.1): the table of conditions and the two steps from a row to an
 * edit plan. One function per experiment was passed over: matched run, control and baseline must
 * differ in data only. */
#include "experiments/experiments.h"

#include <string.h>

const char *const fr_condition_names[FR_N_CONDITIONS] = {"in_naming", "cross_all", "cross_loo",
                                                         "random",    "shuffled",  "cross_shuffled",
                                                         "identity"};

const struct fr_condition fr_conditions[FR_N_CONDITIONS] = {
    {FR_VECTOR_IN_NAMING, FR_CONTROL_NONE, false},
    {FR_VECTOR_CROSS_ALL, FR_CONTROL_NONE, false},
    {FR_VECTOR_CROSS_LOO, FR_CONTROL_NONE, false},
    {FR_VECTOR_IN_NAMING, FR_CONTROL_RANDOM, false},
    {FR_VECTOR_IN_NAMING, FR_CONTROL_SHUFFLED, false},
    {FR_VECTOR_CROSS_LOO, FR_CONTROL_SHUFFLED, false},
    {FR_VECTOR_IN_NAMING, FR_CONTROL_NONE, true},
};

int fr_condition_find(const char *name) {
    for (int i = 0; i < FR_N_CONDITIONS; i++)
        if (strcmp(fr_condition_names[i], name) == 0)
            return i;
    return -1;
}

int fr_steering_vectors(const struct fr_positive_steering *steering, int condition, int i_naming,
                        const char *naming_id, int layer, float *vectors, int *rows) {
    const struct fr_condition *c = &fr_conditions[condition];
    const int n_concepts = steering->centred->n_concepts;
    bool have[FR_MAX_CONCEPTS];
    fr_intervention_vectors(steering->centred, steering->use, i_naming, naming_id, layer - 1,
                            steering->time, c->vectors, c->control, steering->seed, vectors, have);
    int n = 0;
    for (int a = 0; a < n_concepts; a++) {
        rows[a] = have[a] ? a : -1;
        n += have[a];
    }
    return n;
}

void fr_steering_plan(const struct fr_positive_steering *steering, int condition, int layer,
                      const struct fr_mentions *mentions, int window_start, int window_end,
                      const float *vectors, const int *rows, struct fr_edit_plan *out) {
    const struct fr_intervention intervention = {
        .operation = FR_EDIT_MIX,
        .scale = fr_conditions[condition].identity ? 1.0f : steering->scale,
        .keep_norm = true,
        .previous_token = steering->previous_token,
        .layer_first = layer,
        .layer_end = layer + 1,
        .window_start = window_start,
        .window_end = window_end,
    };
    out->n_vectors = steering->centred->n_concepts;
    out->width = steering->centred->width;
    out->vectors = vectors;
    fr_intervention_plan(&intervention, mentions, steering->centred->n_concepts, rows, out);
}
