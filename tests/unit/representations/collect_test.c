/* Collecting, over a model whose rows are a hash of (layer, position, tokens so far), against the
 * rule of method.md 3 read literally: every timestamp, every mention, every position. */
#include "test.h"

#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "model/backend.h"
#include "representations/representations.h"

enum { A = 4, L = 3, D = 6, VOCABULARY = 50, CONTEXT = 400 };

struct row_model {
    struct fr_model base;
    int n_prefills, longest, n_rows;
    bool fail;
};

static void make_row(const int32_t *tokens, int site, int layer, int position, float *h) {
    uint64_t x = (uint64_t)site * 77 + (uint64_t)layer * 1000003 + (uint64_t)position;
    for (int i = 0; i <= position; i++)
        x = fr_mix64(x, (uint64_t)tokens[i]);
    for (int d = 0; d < D; d++)
        h[d] = (float)((double)(fr_mix64(x, (uint64_t)d) >> 40) / (1 << 23) - 1);
}

static int row_prefill(struct fr_model *model, int sequence, const int32_t *tokens, int start,
                       int n, const struct fr_tap_plan *taps, const struct fr_edit_plan *edits,
                       int32_t *next, struct fr_error *err) {
    struct row_model *m = (struct row_model *)model;
    assert_int_equal(sequence, 0);
    assert_int_equal(start, 0);
    assert_null(edits);
    assert_null(next);
    m->n_prefills++;
    m->longest = n > m->longest ? n : m->longest;
    const int chunk = model->options.chunk_tokens;
    for (int at = 0, i = 0; at < n; at += chunk) {
        const int first = i;
        while (i < taps->n_positions && taps->positions[i] < at + chunk)
            i++;
        for (int layer = 1; layer <= L; layer++)
            for (int site = FR_STREAM_SITES - 1; site >= 0; site--) /* the block last */
                for (int k = first; k < i && taps->layers[site] != NULL; k++) {
                    float h[D];
                    assert_true(taps->layers[site][layer]);
                    make_row(tokens, site, layer, taps->positions[k], h);
                    taps->row(taps->user, site, layer, taps->positions[k], h);
                    m->n_rows++;
                }
        if (m->fail)
            return fr_fail(err, FR_E_MODEL, "prefill broke");
    }
    return FR_OK;
}

static void row_clear(struct fr_model *model, int sequence) {
    (void)model;
    (void)sequence;
}

static void row_close(struct fr_model *model) {
    fr_model_base_release(model);
    free(model);
}

static int row_check_site(const struct fr_model *model, int site, int layer, struct fr_error *err) {
    (void)model, (void)site, (void)layer, (void)err;
    return FR_OK;
}

static const struct fr_backend backend = {.close = row_close,
                                          .check_site = row_check_site,
                                          .prefill = row_prefill,
                                          .clear = row_clear};

static struct row_model *open_model(int chunk_tokens) {
    struct row_model *m = fr_alloc(1, sizeof *m);
    struct fr_model_options options = fr_model_options_defaults();
    options.n_slots = 2;
    options.context_tokens = CONTEXT;
    options.chunk_tokens = chunk_tokens;
    fr_model_base_init(&m->base, &backend, &options);
    m->base.info = (struct fr_model_info){.n_layers = L, .width = D, .n_vocab = VOCABULARY};
    return m;
}

/* ---- a trace --------------------------------------------------------------------------------- */

struct trace {
    int n_tokens, origin;
    int32_t tokens[CONTEXT];
    struct fr_mention items[CONTEXT];
    struct fr_mentions mentions;
};

/* Words of one to three tokens, some side by side, some sharing a token. */
static struct trace *make_trace(uint64_t seed, int n_tokens) {
    struct trace *trace = fr_alloc(1, sizeof *trace);
    struct fr_rng rng;
    fr_rng_seed(&rng, seed, 1);
    trace->n_tokens = n_tokens;
    trace->origin = n_tokens / 5;
    for (int i = 0; i < n_tokens; i++)
        trace->tokens[i] = (int32_t)fr_rng_below(&rng, VOCABULARY);
    trace->mentions.items = trace->items;
    for (int at = 0; at < n_tokens - 8;) {
        const int first = at + (int)fr_rng_below(&rng, 4);
        const int end = first + 1 + (int)fr_rng_below(&rng, 3);
        trace->items[trace->mentions.n++] =
            (struct fr_mention){(int)fr_rng_below(&rng, A), first, end};
        at = fr_rng_below(&rng, 5) == 0 ? end - 1 : end;
    }
    return trace;
}

/* The rule, cell by cell, added to *out. */
static void collect_by_rule(const struct trace *trace, const struct fr_grid *grid,
                            struct fr_sums *out) {
    for (int t = 0; t < grid->n_times; t++)
        for (int i = 0; i < trace->mentions.n; i++) {
            const struct fr_mention *m = &trace->items[i];
            const int p = m->first - trace->origin;
            if (p < 0 || p < grid->times[t] - grid->window_tokens || p >= grid->times[t])
                continue;
            out->counts[m->concept * grid->n_times + t]++;
            const int first = grid->previous_token && m->first > 0 ? m->first - 1 : m->first;
            for (int l = 0; l < L; l++)
                for (int q = first; q < m->end; q++) {
                    float h[D];
                    make_row(trace->tokens, out->site, l + 1, q, h);
                    for (int d = 0; d < D; d++)
                        out->sums[(((m->concept * L) + l) * grid->n_times + t) * D + d] +=
                            (double)h[d] / (m->end - first);
                }
        }
}

static void assert_same_sums(const struct fr_sums *got, const struct fr_sums *want) {
    const int cells = A * want->n_times;
    int n = 0;
    for (int i = 0; i < cells; i++) {
        assert_int_equal(got->counts[i], want->counts[i]);
        n += want->counts[i];
    }
    assert_true(n > 3);
    for (int i = 0; i < cells * L * D; i++)
        assert_near(got->sums[i], want->sums[i], 1e-11);
}

static int32_t close_times[] = {5, 10, 15, 20, 40, 41, 42, 100, 200, 250, 300};
static int32_t wide_times[] = {50, 100, 150, 200, 250, 300};
static const struct fr_grid grids[] = {
    {.n_times = 11, .times = close_times, .window_tokens = 25, .previous_token = true},
    {.n_times = 11, .times = close_times, .window_tokens = 1000, .previous_token = true},
    {.n_times = 6, .times = wide_times, .window_tokens = 20, .previous_token = true},
    {.n_times = 6, .times = wide_times, .window_tokens = 50, .previous_token = false},
    {.n_times = 6, .times = wide_times, .window_tokens = 1, .previous_token = true},
};

static void sums_follow_the_rule_for_every_grid_and_chunk(void **state) {
    (void)state;
    const int chunks[] = {1, 7, 64, 512};
    for (size_t g = 0; g < sizeof grids / sizeof *grids; g++)
        for (size_t c = 0; c < sizeof chunks / sizeof *chunks; c++) {
            struct fr_error err = {0};
            struct row_model *m = open_model(chunks[c]);
            struct fr_sums got, want;
            fr_sums_init(&got, FR_SITE_BLOCK, A, L, grids[g].n_times, D);
            fr_sums_init(&want, FR_SITE_BLOCK, A, L, grids[g].n_times, D);
            for (uint64_t seed = 1; seed <= 3; seed++) {
                struct trace *trace = make_trace(seed, 100 * (int)seed + 60);
                struct fr_sums *const targets[] = {&got};
                assert_ok(fr_sums_collect(&m->base, trace->tokens, trace->n_tokens,
                                          &trace->mentions, trace->origin, &grids[g], targets, 1,
                                          &err),
                          err);
                collect_by_rule(trace, &grids[g], &want);
                free(trace);
            }
            assert_same_sums(&got, &want);
            fr_sums_release(&got);
            fr_sums_release(&want);
            fr_model_close(&m->base);
        }
}

static void chunks_do_not_change_a_bit_of_the_sums(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_sums sums[2];
    struct trace *trace = make_trace(9, 390);
    for (int k = 0; k < 2; k++) {
        struct row_model *m = open_model(k ? 11 : 512);
        fr_sums_init(&sums[k], FR_SITE_BLOCK, A, L, grids[0].n_times, D);
        struct fr_sums *const targets[] = {&sums[k]};
        assert_ok(fr_sums_collect(&m->base, trace->tokens, trace->n_tokens, &trace->mentions,
                                  trace->origin, &grids[0], targets, 1, &err),
                  err);
        fr_model_close(&m->base);
    }
    assert_memory_equal(sums[0].sums, sums[1].sums,
                        (size_t)(A * L * grids[0].n_times * D) * sizeof(double));
    fr_sums_release(&sums[0]);
    fr_sums_release(&sums[1]);
    free(trace);
}

static void several_targets_get_the_same_from_one_prefill(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct row_model *m = open_model(64);
    struct trace *first = make_trace(4, 200), *second = make_trace(5, 200);
    struct fr_sums all, solved, want_all, want_solved;
    struct fr_sums *const sums[] = {&all, &solved, &want_all, &want_solved};
    for (int k = 0; k < 4; k++)
        fr_sums_init(sums[k], FR_SITE_BLOCK, A, L, grids[0].n_times, D);
    assert_ok(fr_sums_collect(&m->base, first->tokens, 200, &first->mentions, first->origin,
                              &grids[0], sums, 2, &err),
              err);
    assert_int_equal(m->n_prefills, 1);
    assert_ok(fr_sums_collect(&m->base, second->tokens, 200, &second->mentions, second->origin,
                              &grids[0], sums, 1, &err),
              err);
    collect_by_rule(first, &grids[0], &want_all);
    collect_by_rule(second, &grids[0], &want_all);
    collect_by_rule(first, &grids[0], &want_solved);
    assert_same_sums(&all, &want_all);
    assert_same_sums(&solved, &want_solved);
    for (int k = 0; k < 4; k++)
        fr_sums_release(sums[k]);
    free(first);
    free(second);
    fr_model_close(&m->base);
}

static void targets_of_several_sites_each_get_their_own_from_one_prefill(void **state) {
    (void)state;
    static const int sites[] = {FR_SITE_MLP, FR_SITE_BLOCK, FR_SITE_MLP, FR_SITE_ATTENTION};
    struct fr_error err = {0};
    struct row_model *m = open_model(64);
    struct trace *trace = make_trace(4, 200);
    struct fr_sums got[4], want[4], *targets[4];
    for (int k = 0; k < 4; k++) {
        targets[k] = &got[k];
        fr_sums_init(&got[k], sites[k], A, L, grids[0].n_times, D);
        fr_sums_init(&want[k], sites[k], A, L, grids[0].n_times, D);
        collect_by_rule(trace, &grids[0], &want[k]);
    }
    int n_rows = 0;
    for (int n = 1; n <= 4; n++) { /* sites that no target names are not read */
        for (int k = 0; k < 4; k++) {
            fr_sums_release(&got[k]);
            fr_sums_init(&got[k], sites[k], A, L, grids[0].n_times, D);
        }
        m->n_rows = m->n_prefills = 0;
        assert_ok(fr_sums_collect(&m->base, trace->tokens, 200, &trace->mentions, trace->origin,
                                  &grids[0], targets, n, &err),
                  err);
        assert_int_equal(m->n_prefills, 1);
        n_rows = n == 1 ? m->n_rows : n_rows;
        assert_int_equal(m->n_rows, n_rows * (n == 1 ? 1 : n < 4 ? 2 : 3));
        for (int k = 0; k < n; k++)
            assert_same_sums(&got[k], &want[k]);
        for (int k = n; k < 4; k++)
            assert_int_equal(got[k].counts[0] + got[k].counts[5], 0);
    }
    for (int k = 0; k < 4; k++) {
        fr_sums_release(&got[k]);
        fr_sums_release(&want[k]);
    }
    free(trace);
    fr_model_close(&m->base);
}

/* From the same prefill, the other span: what a grid with previous_token the other way round gives.
 */
static void a_target_of_the_other_span_gets_what_the_other_grid_gives(void **state) {
    (void)state;
    for (int previous = 0; previous < 2; previous++) {
        struct fr_error err = {0};
        struct row_model *m = open_model(64);
        struct trace *trace = make_trace(6, 300);
        struct fr_sums got[2], want[2];
        struct fr_sums *const targets[] = {&got[0], &got[1]};
        struct fr_grid grid = grids[0];
        for (int k = 0; k < 2; k++) {
            fr_sums_init(&got[k], FR_SITE_BLOCK, A, L, grid.n_times, D);
            fr_sums_init(&want[k], FR_SITE_BLOCK, A, L, grid.n_times, D);
            grid.previous_token = (previous != 0) != (k != 0);
            collect_by_rule(trace, &grid, &want[k]);
        }
        got[1].other_span = true;
        grid.previous_token = previous != 0;
        assert_ok(fr_sums_collect(&m->base, trace->tokens, 300, &trace->mentions, trace->origin,
                                  &grid, targets, 2, &err),
                  err);
        assert_int_equal(m->n_prefills, 1);
        for (int k = 0; k < 2; k++) {
            assert_same_sums(&got[k], &want[k]);
            fr_sums_release(&got[k]);
            fr_sums_release(&want[k]);
        }
        free(trace);
        fr_model_close(&m->base);
    }
}

enum { MATCHED = 3, N_TRACES = 4 };

static int compare_draws(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void count_matched_cells_hold_the_smallest_draws_in_any_order(void **state) {
    (void)state;
    struct fr_error err = {0};
    const struct fr_grid *grid = &grids[0];
    struct row_model *m = open_model(64);
    struct trace *traces[N_TRACES];
    struct fr_limits limits;
    struct fr_sums sums[2];
    fr_limits_init(&limits, A, grid->n_times, MATCHED);
    for (int i = 0; i < N_TRACES; i++) {
        traces[i] = make_trace((uint64_t)(20 + i), 300);
        int n = 0; /* no two words that begin at one token: their draws would be one */
        for (int k = 0; k < traces[i]->mentions.n; k++)
            if (n == 0 || traces[i]->items[n - 1].first < traces[i]->items[k].first)
                traces[i]->items[n++] = traces[i]->items[k];
        traces[i]->mentions.n = n;
        fr_limits_add(&limits, &traces[i]->mentions, traces[i]->origin, grid, (uint64_t)i + 1);
    }
    uint64_t of_cells[A * 11];
    for (int a = 0; a < A; a++)
        for (int t = 0; t < grid->n_times; t++)
            of_cells[a * grid->n_times + t] = fr_limits_get(&limits, a, t);
    for (int k = 0; k < 2; k++) {
        fr_sums_init(&sums[k], FR_SITE_BLOCK, A, L, grid->n_times, D);
        sums[k].limits = of_cells;
        struct fr_sums *const targets[] = {&sums[k]};
        for (int n = 0; n < N_TRACES; n++) {
            const int i = k ? N_TRACES - 1 - n : n;
            sums[k].trace_key = (uint64_t)i + 1;
            assert_ok(fr_sums_collect(&m->base, traces[i]->tokens, 300, &traces[i]->mentions,
                                      traces[i]->origin, grid, targets, 1, &err),
                      err);
        }
    }
    int n_full = 0, n_short = 0;
    for (int a = 0; a < A; a++)
        for (int t = 0; t < grid->n_times; t++) {
            uint64_t draws[N_TRACES * CONTEXT];
            int n = 0;
            double want[D] = {0};
            for (int i = 0; i < N_TRACES; i++)
                for (int k = 0; k < traces[i]->mentions.n; k++) {
                    const struct fr_mention *x = &traces[i]->items[k];
                    const int p = x->first - traces[i]->origin;
                    if (x->concept == a && p >= 0 && p < grid->times[t] &&
                        p >= grid->times[t] - grid->window_tokens)
                        draws[n++] = fr_mention_draw((uint64_t)i + 1, x->first);
                }
            qsort(draws, (size_t)n, sizeof *draws, compare_draws);
            const int cell = a * grid->n_times + t, kept = n < MATCHED ? n : MATCHED;
            n_full += n > MATCHED;
            n_short += n < MATCHED;
            assert_int_equal(sums[0].counts[cell], kept);
            assert_int_equal(sums[1].counts[cell], kept);
            for (int i = 0; i < N_TRACES; i++)
                for (int k = 0; k < traces[i]->mentions.n; k++) {
                    const struct fr_mention *x = &traces[i]->items[k];
                    const uint64_t draw = fr_mention_draw((uint64_t)i + 1, x->first);
                    const int first = x->first > 0 ? x->first - 1 : 0;
                    bool in = false;
                    for (int j = 0; j < kept; j++)
                        in = in || draws[j] == draw;
                    for (int q = first; x->concept == a && in && q < x->end; q++) {
                        float h[D];
                        make_row(traces[i]->tokens, FR_SITE_BLOCK, 2, q, h);
                        for (int d = 0; d < D; d++)
                            want[d] += (double)h[d] / (x->end - first);
                    }
                }
            for (int d = 0; d < D; d++)
                for (int k = 0; k < 2; k++)
                    assert_near(sums[k].sums[((a * L + 1) * grid->n_times + t) * D + d], want[d],
                                1e-11);
        }
    assert_true(n_full > 5 && n_short > 1); /* both kinds of cells were looked at */
    for (int k = 0; k < 2; k++)
        fr_sums_release(&sums[k]);
    for (int i = 0; i < N_TRACES; i++)
        free(traces[i]);
    fr_limits_release(&limits);
    fr_model_close(&m->base);
}

/* Beside a target of the grid: every mention in one cell of its own choice, or in none, those that
 * no window holds too: behind the grid's end, and between windows. */
static void a_target_with_places_holds_a_mention_once_where_it_is_told(void **state) {
    (void)state;
    enum { PLACES = 3 };
    struct fr_error err = {0};
    struct row_model *m = open_model(64);
    struct trace *trace = make_trace(6, 300);
    struct fr_grid ends = grids[0];
    const struct fr_grid *grid = &ends;
    struct fr_sums plain, placed, want, want_placed;
    int places[CONTEXT], n_behind = 0;
    ends.n_times = 8; /* at 100, of reasonings of 240 tokens */
    fr_sums_init(&plain, FR_SITE_BLOCK, A, L, grid->n_times, D);
    fr_sums_init(&want, FR_SITE_BLOCK, A, L, grid->n_times, D);
    fr_sums_init(&placed, FR_SITE_BLOCK, A, L, PLACES, D);
    fr_sums_init(&want_placed, FR_SITE_BLOCK, A, L, PLACES, D);
    for (int i = 0; i < trace->mentions.n; i++) {
        const struct fr_mention *mention = &trace->items[i];
        const int t = mention->first - trace->origin;
        places[i] = i % (PLACES + 1) - 1;
        if (t < 0 || places[i] < 0)
            continue;
        n_behind += t >= ends.times[ends.n_times - 1];
        want_placed.counts[mention->concept * PLACES + places[i]]++;
        const int first = mention->first - (grid->previous_token && mention->first > 0);
        for (int l = 0; l < L; l++)
            for (int q = first; q < mention->end; q++) {
                float h[D];
                make_row(trace->tokens, FR_SITE_BLOCK, l + 1, q, h);
                for (int d = 0; d < D; d++)
                    want_placed.sums[((mention->concept * L + l) * PLACES + places[i]) * D + d] +=
                        (double)h[d] / (mention->end - first);
            }
    }
    placed.places = places;
    struct fr_sums *const targets[] = {&plain, &placed};
    assert_ok(fr_sums_collect(&m->base, trace->tokens, trace->n_tokens, &trace->mentions,
                              trace->origin, grid, targets, 2, &err),
              err);
    collect_by_rule(trace, grid, &want);
    assert_same_sums(&plain, &want);
    assert_same_sums(&placed, &want_placed);
    assert_true(n_behind > 0);
    fr_sums_release(&plain);
    fr_sums_release(&placed);
    fr_sums_release(&want);
    fr_sums_release(&want_placed);
    free(trace);
    fr_model_close(&m->base);
}

static void the_replay_goes_no_further_than_the_last_mention_that_counts(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct row_model *m = open_model(64);
    struct fr_mention items[] = {{0, 10, 11}, {1, 60, 63}, {2, 300, 301}};
    struct fr_mentions mentions = {.n = 3, .items = items};
    int32_t times[] = {50}, tokens[CONTEXT] = {0};
    const struct fr_grid grid = {.n_times = 1,
                                 .times = times,
                                 .window_tokens = 40,
                                 .previous_token = true};
    struct fr_sums sums;
    fr_sums_init(&sums, FR_SITE_BLOCK, A, L, 1, D);
    struct fr_sums *const targets[] = {&sums};
    assert_ok(fr_sums_collect(&m->base, tokens, CONTEXT, &mentions, 20, &grid, targets, 1, &err),
              err);
    assert_int_equal(m->longest,
                     63); /* whole, though its window ends at 70: and {2} is behind it */
    assert_int_equal(sums.counts[0] + sums.counts[2], 0);
    assert_int_equal(sums.counts[1], 1);
    /* Nothing to collect is no work and no error. */
    mentions.n = 1;
    assert_ok(fr_sums_collect(&m->base, tokens, CONTEXT, &mentions, 20, &grid, targets, 1, &err),
              err);
    assert_int_equal(m->n_prefills, 1);
    fr_sums_release(&sums);
    fr_model_close(&m->base);
}

static void a_word_at_position_0_has_no_token_before_it_but_one_at_1_has(void **state) {
    (void)state;
    for (int first = 0; first < 2; first++) {
        struct fr_error err = {0};
        struct row_model *m = open_model(64);
        struct fr_mention items[] = {{3, first, first + 1}};
        const struct fr_mentions mentions = {.n = 1, .items = items};
        int32_t times[] = {50}, tokens[8] = {5, 6, 7, 8};
        const struct fr_grid grid = {.n_times = 1,
                                     .times = times,
                                     .window_tokens = 50,
                                     .previous_token = true};
        struct fr_sums sums;
        fr_sums_init(&sums, FR_SITE_BLOCK, A, L, 1, D);
        struct fr_sums *const targets[] = {&sums};
        assert_ok(fr_sums_collect(&m->base, tokens, 8, &mentions, 0, &grid, targets, 1, &err), err);
        float h[2][D];
        make_row(tokens, FR_SITE_BLOCK, 2, 0, h[0]);
        make_row(tokens, FR_SITE_BLOCK, 2, 1, h[1]);
        for (int d = 0; d < D; d++)
            assert_near(sums.sums[(3 * L + 1) * D + d],
                        first ? ((double)h[0][d] + (double)h[1][d]) / 2 : (double)h[0][d], 1e-12);
        fr_sums_release(&sums);
        fr_model_close(&m->base);
    }
}

static void a_failing_model_counts_nothing(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct row_model *m = open_model(64);
    struct trace *trace = make_trace(4, 200);
    struct fr_sums sums;
    fr_sums_init(&sums, FR_SITE_BLOCK, A, L, grids[0].n_times, D);
    struct fr_sums *const targets[] = {&sums};
    m->fail = true;
    assert_int_equal(fr_sums_collect(&m->base, trace->tokens, 200, &trace->mentions, trace->origin,
                                     &grids[0], targets, 1, &err),
                     FR_E_MODEL);
    for (int i = 0; i < A * grids[0].n_times; i++)
        assert_int_equal(sums.counts[i], 0);
    fr_sums_release(&sums);
    free(trace);
    fr_model_close(&m->base);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_follow_the_rule_for_every_grid_and_chunk),
        cmocka_unit_test(chunks_do_not_change_a_bit_of_the_sums),
        cmocka_unit_test(several_targets_get_the_same_from_one_prefill),
        cmocka_unit_test(targets_of_several_sites_each_get_their_own_from_one_prefill),
        cmocka_unit_test(a_target_of_the_other_span_gets_what_the_other_grid_gives),
        cmocka_unit_test(count_matched_cells_hold_the_smallest_draws_in_any_order),
        cmocka_unit_test(a_target_with_places_holds_a_mention_once_where_it_is_told),
        cmocka_unit_test(the_replay_goes_no_further_than_the_last_mention_that_counts),
        cmocka_unit_test(a_word_at_position_0_has_no_token_before_it_but_one_at_1_has),
        cmocka_unit_test(a_failing_model_counts_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
