/* What long work tells while it runs, and asks. */
#ifndef FR_CONFIG_EVENTS_H
#define FR_CONFIG_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct fr_events {
    void *user;
    /* done of total pieces of work ("traces", "runs" ...); resumed of them were done in earlier
     * runs. Each member may be NULL. */
    void (*progress)(void *user, long long done, long long total, long long resumed,
                     const char *unit);
    /* Something of the input that was left out, and why; the work goes on without it. */
    void (*left_out)(void *user, const char *what);
    /* Something that a person should know, and that was put right. */
    void (*warning)(void *user, const char *what);
    bool (*stopped)(void *user); /* true: stop soon with FR_E_STOPPED; what is stored stays */
};

static inline void fr_events_progress(const struct fr_events *events, long long done,
                                      long long total, long long resumed, const char *unit) {
    if (events->progress != NULL)
        events->progress(events->user, done, total, resumed, unit);
}
static inline void fr_events_leave_out(const struct fr_events *events, const char *what) {
    if (events->left_out != NULL)
        events->left_out(events->user, what);
}
void fr_events_warn(const struct fr_events *events, const char *format, ...) FR_PRINTF(2, 3);
static inline bool fr_events_stopped(const struct fr_events *events) {
    return events->stopped != NULL && events->stopped(events->user);
}

#endif
