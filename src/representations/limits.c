/* Cells of equal counts: which mentions are in them. A cosine grows with the number of mentions
 * behind a mean, so a curve whose cells fill up over time rises by that alone; with as many
 * mentions in every cell that cannot be. Rejected: keeping each mention with a probability, after
 * which counts are equal on average only, and the rarest cells by chance empty. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "representations/representations.h"

uint64_t fr_mention_draw(uint64_t trace_key, int position) {
    return fr_mix64(trace_key, (uint64_t)position);
}

void fr_limits_init(struct fr_limits *limits, int n_concepts, int n_times, int most) {
    const size_t n_cells = (size_t)n_concepts * (size_t)n_times;
    FR_ASSERT(most >= 1);
    *limits = (struct fr_limits){.n_concepts = n_concepts, .n_times = n_times, .most = most};
    limits->n = fr_alloc(n_cells, sizeof *limits->n);
    limits->draws = fr_alloc(n_cells * (size_t)most, sizeof *limits->draws);
}

void fr_limits_release(struct fr_limits *limits) {
    free(limits->n);
    free(limits->draws);
    *limits = (struct fr_limits){0};
}

/* Into the cell's list, in order, of which what is too many falls out. */
static void insert(struct fr_limits *limits, int cell, uint64_t draw) {
    uint64_t *draws = limits->draws + (size_t)cell * (size_t)limits->most;
    int at = limits->n[cell];
    if (at == limits->most && draw >= draws[at - 1])
        return;
    at -= at == limits->most;
    limits->n[cell] = at + 1;
    for (; at > 0 && draws[at - 1] > draw; at--)
        draws[at] = draws[at - 1];
    draws[at] = draw;
}

void fr_limits_add(struct fr_limits *limits, const struct fr_mentions *mentions, int origin,
                   const struct fr_grid *grid, uint64_t trace_key) {
    FR_ASSERT(grid->n_times == limits->n_times);
    for (int i = 0; i < mentions->n; i++) {
        const struct fr_mention *m = &mentions->items[i];
        int first, end;
        if (m->first < origin)
            continue;
        fr_grid_windows(grid, m->first - origin, &first, &end);
        for (int t = first; t < end; t++)
            insert(limits, m->concept * limits->n_times + t, fr_mention_draw(trace_key, m->first));
    }
}

uint64_t fr_limits_get(const struct fr_limits *limits, int concept, int time) {
    const size_t cell = (size_t) concept * (size_t)limits->n_times + (size_t)time;
    return limits->n[cell] < limits->most
               ? UINT64_MAX
               : limits->draws[cell * (size_t)limits->most + (size_t)limits->most - 1];
}
