/* The cells that mentions go into where a set's cells are no timestamps: phases of the reasoning,
 * and groups of traces. */
#include <stdlib.h>

#include "base/memory.h"
#include "study/internal.h"

void fr_reps_find_phases(const struct fr_study *s, const struct fr_phases *phases,
                         enum fr_phase_rules rules, const struct fr_forms *forms,
                         const struct fr_trace *trace, const struct fr_mentions *mentions,
                         int *places) {
    const int first = trace->n_prompt, n = trace->n_reasoning;
    struct fr_phase_spans spans = {0};
    uint8_t *of_tokens = fr_alloc((size_t)n, sizeof *of_tokens);
    if (n > 0)
        fr_phases_find(phases, rules, forms, &s->world.table.concepts, trace->text,
                       (size_t)trace->starts[first], (size_t)trace->ends[first + n - 1], &spans);
    fr_phases_of_tokens(&spans, trace->starts + first, n, of_tokens);
    for (int i = 0; i < mentions->n; i++) {
        const int at = mentions->items[i].first - first;
        places[i] = at >= 0 && at < n ? of_tokens[at] : -1;
    }
    free(of_tokens);
    fr_phase_spans_release(&spans);
}

void fr_reps_find_groups(const struct fr_world *w, int rank, const struct fr_trace *trace,
                         const struct fr_mentions *mentions, int *places) {
    const int end = fr_world_origin(w, trace->n_prompt) + w->config.reference_timestamp;
    for (int i = 0; i < mentions->n; i++) {
        const int at = mentions->items[i].first;
        places[i] = at >= end - w->config.window_tokens && at < end ? rank % FR_GROUPS : -1;
    }
}
