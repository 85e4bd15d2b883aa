/* Stages 4 and 6: the analyses that need sums, and those that need traces and runs. Which there are
 * is analyses/table.c's. */
#include "study/internal.h"

#include <stdlib.h>

#include "analyses/analysis.h"
#include "base/memory.h"

static bool is_due(const struct fr_analysis *analysis, bool of_sums) {
    return (analysis->need == FR_NEEDS_SUMS) == of_sums;
}

/* Empties the tables and runs what runs once. */
static int run_once(const struct fr_analysis_input *input, bool of_sums, struct fr_error *err) {
    int code = FR_OK;
    for (int i = 0; i < fr_n_analyses; i++)
        for (int k = 0; code == FR_OK && k < fr_analyses[i]->n_tables; k++)
            if (is_due(fr_analyses[i], of_sums))
                code = fr_store_clear_results(input->store, fr_analyses[i]->tables[k].name, err);
    for (int i = 0; code == FR_OK && i < fr_n_analyses; i++)
        if (is_due(fr_analyses[i], of_sums) && fr_analyses[i]->run != NULL)
            code = fr_analyses[i]->run(input, err);
    return code;
}

struct loader {
    struct fr_study *study;
    const struct fr_slice *slice;
};

static int load(void *user, enum fr_trace_set set, int site, struct fr_reps *out,
                struct fr_error *err) {
    const struct loader *l = user;
    struct fr_slice slice = *l->slice;
    struct fr_grid grid;
    fr_world_grid_of(&l->study->world, set, &grid);
    slice.n_times = grid.n_times;
    free(grid.times);
    return fr_study_load_reps(l->study, (struct fr_reps_part){set, site}, &slice, out, err);
}

/* One layer at a time: all of a large model's do not fit into memory. */
static int run_layer(struct fr_study *s, const struct fr_analysis_input *input, int l,
                     const struct fr_grid *grid, struct fr_error *err) {
    struct fr_reps raw, centred;
    const struct fr_slice slice = {.first_layer = l, .n_layers = 1, .n_times = grid->n_times};
    int code = fr_study_load_reps(s, (struct fr_reps_part){FR_TRACES_ALL, FR_SITE_BLOCK}, &slice,
                                  &raw, err);
    if (code != FR_OK)
        return code;
    fr_reps_centre(&raw, &centred);
    const struct fr_analysis_layer layer = {.layer = l + 1,
                                            .raw = &raw,
                                            .centred = &centred,
                                            .grid = grid,
                                            .load = load,
                                            .user = &(struct loader){s, &slice}};
    for (int i = 0; code == FR_OK && i < fr_n_analyses; i++)
        if (fr_analyses[i]->run_layer != NULL)
            code = fr_analyses[i]->run_layer(input, &layer, err);
    fr_reps_release(&centred);
    fr_reps_release(&raw);
    return code;
}

static int run(struct fr_study *s, bool of_sums, struct fr_error *err) {
    bool *use = fr_alloc((size_t)s->world.n_namings, sizeof *use);
    struct fr_grid grid;
    struct fr_text path = {0};
    struct fr_analysis_input input = {.world = &s->world,
                                      .store = s->store,
                                      .events = &s->events.work,
                                      .own_traces = s->source->own_traces,
                                      .use = use};
    fr_world_used_namings(&s->world, use);
    fr_world_grid(&s->world, &grid);
    int first;
    (void)fr_world_replayed_namings(&s->world, &first);
    fr_reps_file(s, first, (struct fr_reps_part){FR_TRACES_ALL, FR_SITE_BLOCK}, NULL, &path);
    int code = of_sums ? fr_sums_layers(fr_text_get(&path), &input.n_layers, err) : FR_OK;
    if (code == FR_OK)
        code = run_once(&input, of_sums, err);
    for (int l = 0; code == FR_OK && of_sums && l < input.n_layers; l++) {
        code = run_layer(s, &input, l, &grid, err);
        if (code == FR_OK && fr_events_stopped(&s->events.work))
            code = fr_fail(err, FR_E_STOPPED, "stopped");
        fr_events_progress(&s->events.work, l + 1, input.n_layers, 0, "layers");
    }
    fr_text_release(&path);
    free(grid.times);
    free(use);
    return code;
}

int fr_stage_analyses(struct fr_study *s, struct fr_error *err) { return run(s, true, err); }
int fr_stage_statistics(struct fr_study *s, struct fr_error *err) { return run(s, false, err); }
