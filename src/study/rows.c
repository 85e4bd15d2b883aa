/* Are the rows still there that a stage left? A stage that is done is not entered again, so that
 * what another program took out of study.db would be missing from every result without a word. How
 * many rows there were is a fact of the store (rows.STAGE), written when the stage ends. What a
 * model or a server can make again is made again; puzzles are what all else is of. Rejected: to
 * compute how many there should be, which follows from what a model wrote and which vectors there
 * were. */
#include <stdio.h>
#include <stdlib.h>

#include "study/internal.h"

static const struct {
    const char *fact, *sql, *what;
} rows[FR_N_STAGES] = {
    [FR_STAGE_PUZZLES] = {"rows.puzzles", "SELECT count(*) FROM puzzle", "puzzles"},
    [FR_STAGE_ROLLOUTS] = {"rows.rollouts", "SELECT count(*) FROM trace", "traces"},
    [FR_STAGE_STEERING] = {"rows.steering", "SELECT count(*) FROM run", "steered runs"},
};

static int count(struct fr_study *s, int stage, long long *n, struct fr_error *err) {
    int64_t value = 0;
    const int code = fr_store_find_int(s->store, err, &value, rows[stage].sql, "");
    *n = value;
    return code;
}

/* How many there were; -1: that is not known. */
static long long left(struct fr_study *s, int stage) {
    struct fr_text value = {0};
    const bool known = fr_store_get_meta(s->store, rows[stage].fact, &value);
    const long long n = known ? strtoll(fr_text_get(&value), NULL, 10) : -1;
    fr_text_release(&value);
    return n;
}

int fr_study_keep_rows(struct fr_study *s, int stage, struct fr_error *err) {
    char text[32];
    long long n;
    if (rows[stage].sql == NULL)
        return FR_OK;
    int code = count(s, stage, &n, err);
    if (code != FR_OK || n == left(s, stage))
        return code;
    (void)snprintf(text, sizeof text, "%lld", n);
    return fr_store_set_meta(s->store, rows[stage].fact, text, err);
}

static int check(struct fr_study *s, int stage, struct fr_error *err) {
    const char *dir = fr_store_dir(s->store);
    const long long before = left(s, stage);
    long long n;
    int code = count(s, stage, &n, err);
    if (code != FR_OK || n >= before)
        return code;
    if (stage == FR_STAGE_PUZZLES)
        return fr_fail(err, FR_E_CONFLICT,
                       "%s/study.db: %lld of %lld puzzles are gone, which traces are of; put a "
                       "copy in its place, or choose another --out",
                       dir, before - n, before);
    fr_events_warn(&s->events.work, "%s/study.db: %lld of %lld %s are gone; they are made again",
                   dir, before - n, before, rows[stage].what);
    return fr_study_reopen(s, stage, err);
}

int fr_study_check_rows(struct fr_study *s, struct fr_error *err) {
    bool done[FR_N_STAGES] = {false}; /* before the first is opened again, with those behind it */
    int code = FR_OK;
    for (int i = 0; i < FR_N_STAGES; i++)
        (void)fr_store_get_stage(s->store, fr_stage_names[i], &done[i], NULL);
    for (int i = 0; code == FR_OK && i < FR_N_STAGES; i++)
        if (done[i] && rows[i].sql != NULL)
            code = check(s, i, err);
    return code;
}

int fr_study_keep_all_rows(struct fr_study *s, struct fr_error *err) {
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < FR_N_STAGES; i++) {
        bool done = false;
        (void)fr_store_get_stage(s->store, fr_stage_names[i], &done, NULL);
        if (done)
            code = fr_study_keep_rows(s, i, err);
    }
    return code;
}
