/* A study that never was: every result table filled with made-up numbers of plausible shape, for
 * tests of what reads a study. Never a result: its study name says "synthetic". */
#ifndef FR_TESTS_SUPPORT_SYNTHETIC_STUDY_H
#define FR_TESTS_SUPPORT_SYNTHETIC_STUDY_H

#include "base/error.h"
#include "store/store.h"

enum fr_synthetic {
    FR_SYNTHETIC_FULL,  /* clean + 20 namings, 4 layers, three experiments */
    FR_SYNTHETIC_EMPTY, /* a study that has just begun: no rows, no meta but the binding */
    FR_SYNTHETIC_BARE,  /* clean + 2 namings, 1 layer, no experiment run, NULLs wherever they may be
                         */
    FR_SYNTHETIC_HOSTILE, /* BARE with markup, quotes and non-ASCII in every text, and
                             experiments whose identity control is not zero */
    FR_SYNTHETIC_REPLAY,  /* BARE, of recorded traces, without experiments */
};

/* Creates DIR/study.db. The same kind gives the same numbers. */
FR_CHECKED int fr_synthetic_study(const char *dir, enum fr_synthetic kind, struct fr_error *err);
/* Contrasts and verdicts of runs, from the tables of effects and of what is kept. */
FR_CHECKED int fr_synthetic_contrasts(struct fr_store *store, struct fr_error *err);
/* One in a directory of its own, opened; fails the test when it cannot. */
struct fr_store *fr_synthetic_open(enum fr_synthetic kind);
/* Closes it and removes the directory. */
void fr_synthetic_close(struct fr_store *store);

/* What every text of the hostile study contains. */
#define FR_HOSTILE "</script><script>alert(1)</script><!-- <b x='\"&\xc3\xa9`\\"

#endif
