/* The sums of one naming, in memory. */
#include <stdlib.h>

#include "base/memory.h"
#include "representations/representations.h"

const char *const fr_origin_name[FR_ORIGIN_COUNT] = {
    [FR_ORIGIN_REASONING] = "reasoning",
    [FR_ORIGIN_PROMPT] = "prompt",
};

void fr_sums_init(struct fr_sums *sums, int n_concepts, int n_layers, int n_times, int width) {
    FR_ASSERT(n_concepts >= 0 && n_layers >= 0 && n_times >= 0 && width >= 0);
    const size_t cells = (size_t)n_concepts * (size_t)n_times;
    *sums = (struct fr_sums){
        .n_concepts = n_concepts, .n_layers = n_layers, .n_times = n_times, .width = width};
    sums->sums = fr_alloc(cells * (size_t)n_layers, (size_t)width * sizeof *sums->sums);
    sums->counts = fr_alloc(cells, sizeof *sums->counts);
}

void fr_sums_release(struct fr_sums *sums) {
    if (sums == NULL)
        return;
    free(sums->sums);
    free(sums->counts);
    *sums = (struct fr_sums){0};
}
