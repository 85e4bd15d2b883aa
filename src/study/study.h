/* study/: configuration -> study. A study is a list of stages over one store; running it does what
 * is missing and nothing twice, and may be killed at any moment.
 *
 * puzzles -> rollouts -> representations -> analyses -> steering -> statistics -> report */
#ifndef FR_STUDY_STUDY_H
#define FR_STUDY_STUDY_H

#include <stdbool.h>

#include "base/error.h"
#include "model/model.h"
#include "store/store.h"
#include "study/config.h"

struct fr_study;

enum fr_stage_event {
    FR_STAGE_BEGINS,
    FR_STAGE_SKIPPED /* done in an earlier run */,
    FR_STAGE_ENDS
};

/* What a study tells while it runs; every member may be NULL. */
struct fr_study_events {
    void *user;
    /* At its end: what the stage took in this run, the model's work included. */
    void (*stage)(void *user, const char *stage, enum fr_stage_event event, double seconds,
                  const struct fr_model_counters *counters);
    /* done of total work units ("traces", "runs" ...) in the current stage; resumed of them were
     * done in earlier runs. */
    void (*progress)(void *user, long long done, long long total, long long resumed,
                     const char *unit);
    /* Something of the input that was left out, and why; the study goes on. */
    void (*left_out)(void *user, const char *what);
    bool (*stopped)(void *user); /* true: stop soon with FR_E_STOPPED; what is stored stays */
};

enum { FR_N_STAGES = 7 };
extern const char *const fr_stage_names[FR_N_STAGES];
int fr_stage_find(const char *name); /* or -1 */

/* Reads the configuration, checks it against the namings, the domain and the model file's presence,
 * and binds out_dir (created when missing) to it. FR_E_CONFLICT: the directory belongs to another
 * configuration or model. The model itself is opened by the first stage that needs it. */
FR_CHECKED int fr_study_open(struct fr_study **out, const char *config_path, const char *out_dir,
                             const struct fr_study_events *events, struct fr_error *err);
void fr_study_close(struct fr_study *study); /* NULL is fine */

/* Runs the stages up to and with last (a stage index; FR_N_STAGES - 1: all). *n_ran tells how many
 * had something to do. */
FR_CHECKED int fr_study_run(struct fr_study *study, int last, int *n_ran, struct fr_error *err);

struct fr_store *fr_study_store(struct fr_study *study);
/* DIR/report.html */
const char *fr_study_report_path(const struct fr_study *study);

#endif
