/* How many mentions stand behind each cell, of every set of traces; nothing of namings for accuracy
 * only. */
#include <stdlib.h>

#include "analyses/analysis.h"

static const struct fr_result_table tables[] = {
    /* traces: a set of fr_trace_set_name: 'all', 'solved' ... */
    {"mention_count", FR_OWNER_ANALYSES,
     "naming TEXT NOT NULL, traces TEXT NOT NULL, concept TEXT NOT NULL,"
     " timestamp INTEGER NOT NULL, mentions INTEGER NOT NULL,"
     " PRIMARY KEY (naming, traces, concept, timestamp)"},
};

static int run(const struct fr_analysis_input *in, struct fr_error *err) {
    const struct fr_world *w = in->world;
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < w->n_namings; i++)
        for (int set = 0; code == FR_OK && set < FR_TRACE_SET_COUNT; set++) {
            if (w->namings[i].accuracy_only || !fr_world_uses_traces(w, (enum fr_trace_set)set) ||
                !fr_trace_set_is_timed((enum fr_trace_set)set))
                continue;
            struct fr_sums sums;
            struct fr_grid grid;
            code = fr_analysis_load_sums(in, i, (enum fr_trace_set)set, 0, 0, &sums, &grid, err);
            if (code != FR_OK)
                break;
            for (int a = 0; code == FR_OK && a < sums.n_concepts; a++)
                for (int t = 0; code == FR_OK && t < sums.n_times; t++)
                    code = fr_store_run(in->store, err,
                                        "INSERT INTO mention_count VALUES (?, ?, ?, ?, ?)", "tttii",
                                        w->namings[i].naming->id, fr_trace_set_name[set],
                                        w->table.concepts.names[a], (int64_t)grid.times[t],
                                        (int64_t)sums.counts[a * sums.n_times + t]);
            fr_sums_release(&sums);
            free(grid.times);
        }
    return code;
}

const struct fr_analysis fr_analysis_mentions = {
    .name = "mentions",
    .need = FR_NEEDS_SUMS,
    .tables = tables,
    .n_tables = sizeof tables / sizeof *tables,
    .run = run,
};
