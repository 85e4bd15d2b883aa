/* Replaying traces into sums over mentions (method.md 3, the sums under r[a,N,L,T]; paper 2.4).
 *
 * A tap plan asks for exactly the rows that belong to a mention inside some window; each row goes,
 * divided by the number of its mention's positions, straight into the sums of its windows.
 * The model hands rows out chunk by chunk, in it layer by layer: what is added to at a time are the
 * cells of one layer whose windows the chunk touches, and only those need be in memory.
 * Rejected: keeping the rows of a trace and averaging afterwards, which for QwQ-32B is gigabytes a
 * trace; and running sums per token with differences at window edges, which cancel. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "representations/representations.h"

const char *const fr_origin_name[FR_ORIGIN_COUNT] = {
    [FR_ORIGIN_REASONING] = "reasoning",
    [FR_ORIGIN_PROMPT] = "prompt",
};

const char *const fr_attended_name[FR_ATTENDED_COUNT] = {
    [FR_ATTENDED_FIRST] = "first", [FR_ATTENDED_OWN] = "own",
    [FR_ATTENDED_SAME] = "same",   [FR_ATTENDED_OTHER] = "other",
    [FR_ATTENDED_NEAR] = "near",   [FR_ATTENDED_ELSEWHERE] = "elsewhere",
};

int fr_sums_width(const struct fr_model_info *info, int site) {
    switch (site) {
    case FR_SITE_HEADS:
        return info->n_heads * info->head_width;
    case FR_SITE_SOURCES:
        return (info->n_heads + 1) * FR_ATTENDED_COUNT;
    default:
        return info->width;
    }
}

/* A mention that counts: its positions [first, end), the token before included where any target
 * wants it, its word's [word, end), and the timestamps [time_first, time_end) whose windows hold
 * it: none of one behind the grid, which counts where cells are no timestamps. */
struct use {
    int mention, concept, first, word, end;
    int time_first, time_end;
};

struct collector {
    int n_uses;
    struct use *uses; /* first and end never decrease */
    const struct fr_grid *grid;
    struct fr_sums *const *targets;
    int n_targets;
    const struct fr_model_info *info;
    /* for sources, else NULL: the concept that a position's word names, -1: none; the source that a
     * position is to the mention at hand; its row */
    int *concepts;
    unsigned char *sources;
    float *shares;
};

/* The first timestamp > t: p lies in [T - w, T) exactly for p < T <= p + w. */
static int first_time_after(const struct fr_grid *grid, long long t) {
    int low = 0, high = grid->n_times;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (grid->times[middle] <= t)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void fr_grid_windows(const struct fr_grid *grid, int t, int *first, int *end) {
    *first = first_time_after(grid, t);
    *end = first_time_after(grid, (long long)t + grid->window_tokens);
}

/* Does the target's span of a mention begin one token before its word? */
static bool takes_previous(const struct collector *c, const struct fr_sums *target) {
    return c->grid->previous_token != target->other_span;
}

/* The target's cells [first, end) that the mention may count into. */
static void cells_of(const struct fr_sums *target, const struct use *use, int *first, int *end) {
    *first = use->time_first;
    *end = use->time_end;
    if (target->places != NULL) {
        *first = target->places[use->mention];
        *end = *first < 0 ? *first : *first + 1;
    }
}

/* Does the mention count into the target's cell? */
static bool takes(const struct fr_sums *target, const struct use *use, int time) {
    return target->limits == NULL || fr_mention_draw(target->trace_key, use->word) <=
                                         target->limits[use->concept * target->n_times + time];
}

/* Does a target have a cell of its own for the mention, whatever its time? */
static bool has_place(const struct collector *c, int mention) {
    for (int k = 0; k < c->n_targets; k++)
        if (c->targets[k]->places != NULL && c->targets[k]->places[mention] >= 0)
            return true;
    return false;
}

static void find_uses(struct collector *c, const struct fr_mentions *mentions, int origin) {
    bool previous = false;
    for (int k = 0; k < c->n_targets; k++)
        previous = previous || takes_previous(c, c->targets[k]);
    c->uses = fr_alloc((size_t)mentions->n, sizeof *c->uses);
    for (int i = 0; i < mentions->n; i++) {
        const struct fr_mention *m = &mentions->items[i];
        if (m->first < origin)
            continue;
        const int t = m->first - origin;
        struct use use = {.mention = i,
                          .concept = m->concept,
                          .first = m->first,
                          .word = m->first,
                          .end = m->end};
        if (previous && use.first > 0)
            use.first--;
        fr_grid_windows(c->grid, t, &use.time_first, &use.time_end);
        if (use.time_first < use.time_end || has_place(c, i))
            c->uses[c->n_uses++] = use;
    }
}

static enum fr_attended find_source(const struct collector *c, const struct use *use, int q) {
    const bool same = c->concepts[q] == use->concept;
    if (q == 0)
        return FR_ATTENDED_FIRST;
    if (q >= use->word && q < use->end)
        return FR_ATTENDED_OWN;
    if (c->concepts[q] >= 0)
        return same ? FR_ATTENDED_SAME : FR_ATTENDED_OTHER;
    return q >= use->word - FR_NEAR_TOKENS ? FR_ATTENDED_NEAR : FR_ATTENDED_ELSEWHERE;
}

/* The weights of all heads at a position of the mention, summed by where they lie. */
static const float *share_out(const struct collector *c, const struct use *use, int position,
                              const float *weights) {
    float *shares = c->shares;
    memset(shares, 0, (size_t)fr_sums_width(c->info, FR_SITE_SOURCES) * sizeof *shares);
    for (int q = 0; q <= position; q++)
        c->sources[q] = (unsigned char)find_source(c, use, q);
    for (int head = 0; head <= c->info->n_heads; head++, shares += FR_ATTENDED_COUNT) {
        double sums[FR_ATTENDED_COUNT] = {0};
        const bool alike = head == c->info->n_heads;
        for (int q = 0; q <= position; q++)
            sums[c->sources[q]] += alike ? 1.0 / (position + 1) : (double)weights[q];
        for (int i = 0; i < FR_ATTENDED_COUNT; i++)
            shares[i] = (float)sums[i];
        weights += alike ? 0 : position + 1;
    }
    return c->shares;
}

/* h / n_positions into the sum of every target of the site at (concept, layer, times of the use).
 */
static void add_row(const struct collector *c, const struct use *use, int site, int l, int position,
                    const float *h) {
    for (int k = 0; k < c->n_targets; k++) {
        struct fr_sums *target = c->targets[k];
        const int first = takes_previous(c, target) ? use->first : use->word;
        const double weight = 1.0 / (use->end - first);
        if (target->site != site || position < first)
            continue;
        int t, end;
        for (cells_of(target, use, &t, &end); t < end; t++) {
            if (!takes(target, use, t))
                continue;
            double *sum = fr_sums_cell(target, use->concept, l, t);
            for (int d = 0; d < target->width; d++)
                sum[d] += weight * (double)h[d];
        }
    }
}

static void take_row(void *user, int site, int layer, int position, const float *h) {
    const struct collector *c = user;
    int low = 0, high = c->n_uses; /* the first use that ends behind the position */
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (c->uses[middle].end <= position)
            low = middle + 1;
        else
            high = middle;
    }
    for (int i = low; i < c->n_uses && c->uses[i].first <= position; i++)
        add_row(c, &c->uses[i], site, layer - 1, position,
                site == FR_SITE_SOURCES ? share_out(c, &c->uses[i], position, h) : h);
}

/* What tells the sources apart, if any target is of them. A word of two concepts is the first's. */
static void find_sources(struct collector *c, const struct fr_mentions *mentions, int n_tokens) {
    bool wanted = false;
    for (int k = 0; k < c->n_targets; k++)
        wanted = wanted || c->targets[k]->site == FR_SITE_SOURCES;
    if (!wanted)
        return;
    c->concepts = fr_alloc((size_t)n_tokens, sizeof *c->concepts);
    c->sources = fr_alloc((size_t)n_tokens, sizeof *c->sources);
    c->shares = fr_alloc((size_t)fr_sums_width(c->info, FR_SITE_SOURCES), sizeof *c->shares);
    for (int q = 0; q < n_tokens; q++)
        c->concepts[q] = -1;
    for (int i = mentions->n - 1; i >= 0; i--) {
        const struct fr_mention *m = &mentions->items[i];
        for (int q = m->first; q < m->end; q++)
        c->concepts[q] = m->concept;
    }
}

static int replay(struct fr_model *model, const int32_t *tokens, int n_tokens, struct collector *c,
                  struct fr_error *err) {
    const int n_layers = fr_model_info(model)->n_layers;
    int32_t *positions = fr_alloc((size_t)n_tokens, sizeof *positions);
    bool *layers = fr_alloc((size_t)n_layers + 1, sizeof *layers);
    for (int layer = 1; layer <= n_layers; layer++)
        layers[layer] = true;
    int n = 0;
    for (int i = 0; i < c->n_uses; i++)
        for (int p = c->uses[i].first; p < c->uses[i].end; p++)
            if (n == 0 || positions[n - 1] < p)
                positions[n++] = p;
    struct fr_tap_plan taps = {.n_positions = n,
                               .positions = positions,
                               .row = take_row,
                               .user = c};
    for (int k = 0; k < c->n_targets; k++)
        taps.layers[c->targets[k]->site] = layers;
    fr_model_clear(model, 0);
    const int code =
        fr_model_prefill(model, 0, tokens, 0, positions[n - 1] + 1, &taps, NULL, NULL, err);
    fr_model_clear(model, 0);
    free(positions);
    free(layers);
    return code;
}

static void check_shapes(const struct fr_model *model, int n_tokens,
                         const struct fr_mentions *mentions, const struct fr_grid *grid,
                         struct fr_sums *const *targets, int n_targets) {
    const struct fr_model_info *info = fr_model_info(model);
    FR_ASSERT(grid->window_tokens >= 1);
    for (int t = 1; t < grid->n_times; t++)
        FR_ASSERT(grid->times[t - 1] < grid->times[t]);
    for (int k = 0; k < n_targets; k++) {
        FR_ASSERT(targets[k]->site >= 0 && targets[k]->site < FR_SITE_COUNT);
        FR_ASSERT(targets[k]->n_layers == info->n_layers &&
                  targets[k]->width == fr_sums_width(info, targets[k]->site));
        FR_ASSERT(targets[k]->n_times == grid->n_times || targets[k]->places != NULL);
    }
    for (int i = 0; i < mentions->n; i++) {
        const struct fr_mention *m = &mentions->items[i];
        FR_ASSERT(m->first >= 0 && m->first < m->end && m->end <= n_tokens && m->concept >= 0);
        FR_ASSERT(i == 0 || (m[-1].first <= m->first && m[-1].end <= m->end));
        for (int k = 0; k < n_targets; k++)
            FR_ASSERT(m->concept < targets[k]->n_concepts);
    }
}

int fr_sums_collect(struct fr_model *model, const int32_t *tokens, int n_tokens,
                    const struct fr_mentions *mentions, int origin, const struct fr_grid *grid,
                    struct fr_sums *const *targets, int n_targets, struct fr_error *err) {
    check_shapes(model, n_tokens, mentions, grid, targets, n_targets);
    struct collector c = {.grid = grid,
                          .targets = targets,
                          .n_targets = n_targets,
                          .info = fr_model_info(model)};
    find_uses(&c, mentions, origin);
    find_sources(&c, mentions, n_tokens);
    int code = FR_OK;
    if (c.n_uses > 0 && n_targets > 0)
        code = replay(model, tokens, n_tokens, &c, err);
    for (int k = 0; k < n_targets && code == FR_OK; k++)
        code = fr_sums_flush(targets[k], err);
    for (int i = 0; i < c.n_uses && code == FR_OK; i++)
        for (int k = 0; k < n_targets; k++) {
            int t, end;
            for (cells_of(targets[k], &c.uses[i], &t, &end); t < end; t++)
                targets[k]->counts[c.uses[i].concept * targets[k]->n_times + t] +=
                    takes(targets[k], &c.uses[i], t);
        }
    free(c.uses);
    free(c.concepts);
    free(c.sources);
    free(c.shares);
    return code;
}
