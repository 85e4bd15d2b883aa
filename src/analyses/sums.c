/* The sums of a study as an analysis reads them that needs more than means: counts, or groups. */
#include <stdlib.h>

#include "analyses/analysis.h"

int fr_analysis_load_sums(const struct fr_analysis_input *in, int naming, enum fr_trace_set set,
                          int first_layer, int n_layers, struct fr_sums *out, struct fr_grid *grid,
                          struct fr_error *err) {
    struct fr_text path = {0};
    fr_world_grid_of(in->world, set, grid);
    const struct fr_slice slice = {first_layer, n_layers, 0, grid->n_times};
    fr_text_printf(&path, "%s/reps/%s-%s.safetensors", fr_store_dir(in->store),
                   in->world->namings[naming].naming->id, fr_trace_set_name[set]);
    const int code = fr_sums_load(out, fr_text_get(&path), FR_SITE_BLOCK, grid, &slice, err);
    fr_text_release(&path);
    if (code != FR_OK) {
        free(grid->times);
        grid->times = NULL;
    }
    return code;
}
