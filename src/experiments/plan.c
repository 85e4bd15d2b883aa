/* From an edit to the rows of a plan: matched run, control and baseline take the same steps and
 * differ in data only. */
#include "experiments/experiments.h"

#include <stdlib.h>

#include "base/memory.h"

static bool is_edited(const struct fr_edit_kind *edit, const struct fr_concepts *concepts, int a) {
    switch (edit->concepts) {
    case FR_CONCEPTS_ALL:
        return true;
    case FR_CONCEPTS_ACTIONS:
        return concepts->kinds[a] == FR_CONCEPT_ACTION;
    case FR_CONCEPTS_PREDICATES:
        return concepts->kinds[a] == FR_CONCEPT_PREDICATE;
    default:
        return a == edit->concepts - FR_CONCEPTS_ONE;
    }
}

int fr_edit_vectors(const struct fr_edit_kind *edit, const struct fr_vector_source *source,
                    int i_naming, const char *naming_id, int time, float *vectors, int *rows) {
    const int n_concepts = source->centred->n_concepts;
    const int n_layers = edit->layers.end - edit->layers.first;
    const size_t width = (size_t)source->centred->width;
    bool have[FR_MAX_CONCEPTS], everywhere[FR_MAX_CONCEPTS];
    int n = 0;
    for (int i = 0; i < n_layers; i++) {
        /* layer by layer, so that a layer's vectors lie together */
        float *layer = vectors + (size_t)i * (size_t)n_concepts * width;
        fr_intervention_vectors(source, i_naming, naming_id, edit->layers.first + i - 1, time,
                                (enum fr_vector_kind)edit->vectors,
                                (enum fr_vector_control)edit->control, edit->strength, layer, have);
        for (int a = 0; a < n_concepts; a++) {
            have[a] = have[a] && is_edited(edit, source->centred->concepts, a);
            rows[a * n_layers + i] = have[a] ? i * n_concepts + a : -1;
            everywhere[a] = have[a] && (i == 0 || everywhere[a]);
        }
    }
    for (int a = 0; a < n_concepts && n_layers > 0; a++)
        n += everywhere[a];
    return n;
}

/* Which mentions are edited: those of the window that the edit chooses, and of each concept the
 * first ones. A mention lies where its word begins. [mentions->n], the caller frees. */
static bool *choose_mentions(const struct fr_edit_kind *edit, const struct fr_mentions *mentions,
                             int n_prompt, int origin) {
    bool *chosen = fr_alloc((size_t)mentions->n + 1, sizeof *chosen);
    int n_of[FR_MAX_CONCEPTS] = {0};
    for (int i = 0; i < mentions->n; i++) {
        const struct fr_mention *m = &mentions->items[i];
        const int at = m->first - origin;
        if (at < edit->window.first || at >= edit->window.end)
            continue;
        if (edit->mentions != FR_MENTIONS_ALL &&
            (m->first < n_prompt) != (edit->mentions == FR_MENTIONS_PROMPT))
            continue;
        chosen[i] = edit->first == 0 || n_of[m->concept]++ < edit->first;
    }
    return chosen;
}

void fr_edit_plan_of(const struct fr_edit_kind *edit, const struct fr_mentions *mentions,
                     int n_prompt, int origin, bool previous_token, int n_concepts, int width,
                     const float *vectors, const int *rows, struct fr_edit_plan *out) {
    const bool all = edit->mentions == FR_MENTIONS_ALL && edit->first == 0;
    bool *chosen = all ? NULL : choose_mentions(edit, mentions, n_prompt, origin);
    const struct fr_intervention intervention = {
        .operation = (enum fr_edit_operation)edit->operation,
        .scale = fr_edit_is_scaled(edit->operation) ? (float)edit->scale : 1.0f,
        .keep_norm = edit->keep_norm,
        .previous_token = previous_token,
        .chosen = chosen,
        .layer_first = edit->layers.first,
        .layer_end = edit->layers.end,
        .window_start = origin + edit->window.first,
        .window_end = origin + edit->window.end,
    };
    out->n_vectors = n_concepts * (edit->layers.end - edit->layers.first);
    out->width = width;
    out->vectors = vectors;
    fr_intervention_plan(&intervention, mentions, n_concepts, rows, out);
    free(chosen);
}

float *fr_edit_plan_noise(uint64_t seed, const char *naming_id, int64_t puzzle,
                          struct fr_edit_plan *out) {
    const size_t width = (size_t)out->width;
    float *noise = fr_alloc((size_t)out->n_edits, width * sizeof *noise);
    for (int i = 0; i < out->n_edits; i++) {
        struct fr_edit *e = &out->edits[i];
        e->vector = i;
        fr_noise_vector(seed, naming_id, puzzle, e->position, e->layer, out->width,
                        noise + (size_t)i * width);
    }
    out->vectors = noise;
    out->n_vectors = out->n_edits;
    return noise;
}
