/* A progress bar with rate and remaining time: one line redrawn on a terminal, a plain line now and
 * then elsewhere. */
#ifndef FR_CLI_PROGRESS_H
#define FR_CLI_PROGRESS_H

#include <stdbool.h>

struct fr_progress {
    bool terminal, quiet;
    const char *label;
    double start, drawn; /* seconds, monotonic */
    bool line_open;
};

void fr_progress_init(struct fr_progress *progress, bool quiet);
void fr_progress_begin(struct fr_progress *progress, const char *label);
/* resumed of the done units were not done in this run: they count for the bar, not for the rate.
 * now may be NULL: what is no study has units alone. */
struct fr_study_progress;
bool fr_progress_is_due(const struct fr_progress *progress);
void fr_progress_update(struct fr_progress *progress, long long done, long long total,
                        long long resumed, const char *unit, const struct fr_study_progress *now);
/* Ends the redrawn line, so that other output starts on a fresh one. */
void fr_progress_end(struct fr_progress *progress);

#endif
