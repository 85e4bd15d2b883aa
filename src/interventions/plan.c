/* From mentions and a window to the rows of an edit plan (method.md 5: steering, patching and
 * negative steering differ only in operation, vectors and layers).
 *
 * First every position of the window gets the one mention that owns it, then the rows are written
 * in order. Rejected: writing rows mention by mention and sorting, where the rule for shared
 * positions would hide in the sort. */
#include <stdlib.h>

#include "base/memory.h"
#include "interventions/interventions.h"

enum { NOBODY = -1 };

/* owners[position - window_start]: the mention that the position belongs to. */
static int *find_owners(const struct fr_intervention *v, const struct fr_mentions *mentions) {
    const int n = v->window_end - v->window_start;
    int *owners = fr_alloc((size_t)n, sizeof *owners);
    for (int i = 0; i < n; i++)
        owners[i] = NOBODY;
    for (int i = 0; i < mentions->n && v->previous_token; i++) {
        const struct fr_mention *m = &mentions->items[i];
        const int p = m->first - 1 - v->window_start;
        if (p >= 0 && p < n && owners[p] == NOBODY)
            owners[p] = i;
    }
    /* Last to first, so that the first word of a shared token stays. */
    for (int i = mentions->n - 1; i >= 0; i--) {
        const struct fr_mention *m = &mentions->items[i];
        for (int p = m->first; p < m->end; p++)
            if (p >= v->window_start && p < v->window_end)
                owners[p - v->window_start] = i;
    }
    return owners;
}

void fr_intervention_plan(const struct fr_intervention *intervention,
                          const struct fr_mentions *mentions, int n_concepts,
                          const int *vector_rows, struct fr_edit_plan *out) {
    const struct fr_intervention *v = intervention;
    FR_ASSERT(v->layer_first >= 1 && v->layer_first <= v->layer_end && v->layer_end <= INT16_MAX);
    FR_ASSERT(v->window_start >= 0 && v->window_start <= v->window_end);
    FR_ASSERT(out->n_edits == 0 || out->edits[out->n_edits - 1].position < v->window_start);
    const int n_layers = v->layer_end - v->layer_first;
    int *owners = find_owners(v, mentions);
    for (int position = v->window_start; position < v->window_end; position++) {
        const int owner = owners[position - v->window_start];
        if (owner == NOBODY || (v->chosen != NULL && !v->chosen[owner]))
            continue;
        const int a = mentions->items[owner].concept;
        FR_ASSERT(a < n_concepts);
        for (int l = 0; l < n_layers; l++) {
            const int row = vector_rows[a * n_layers + l];
            if (row < 0)
                continue;
            FR_ASSERT(row < out->n_vectors);
            fr_edit_plan_append(out, &(struct fr_edit){.position = position,
                                                       .layer = (int16_t)(v->layer_first + l),
                                                       .operation = (uint8_t)v->operation,
                                                       .keep_norm = v->keep_norm,
                                                       .vector = row,
                                                       .scale = v->scale});
        }
    }
    free(owners);
}
