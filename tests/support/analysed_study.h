/* A study for analyses that run on what a test puts there: a world on Blocksworld, opened from a
 * configuration, and a store with its namings and the result tables, empty. No model. */
#ifndef FR_TESTS_SUPPORT_ANALYSED_STUDY_H
#define FR_TESTS_SUPPORT_ANALYSED_STUDY_H

#include "analyses/analysis.h"

enum { FR_ANALYSED_NAMINGS = 16 };
struct fr_analysed {
    char dir[512];
    struct fr_world world;
    struct fr_store *store;
    struct fr_events events;
    bool use[FR_ANALYSED_NAMINGS];
    struct fr_analysis_input input; /* of the above */
};
/* more: lines of the configuration behind study, model and puzzles. Fails the test when it cannot.
 */
void fr_analysed_open(struct fr_analysed *out, const char *name, const char *more, int n_layers);
void fr_analysed_close(struct fr_analysed *study);

#endif
