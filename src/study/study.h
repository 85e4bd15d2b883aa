/* study/: which stage is due. A study is a list of stages over one store; running it does what is
 * missing and nothing twice, and may be killed at any moment.
 *
 * puzzles -> rollouts -> representations -> analyses -> steering -> statistics -> report */
#ifndef FR_STUDY_STUDY_H
#define FR_STUDY_STUDY_H

#include "base/error.h"
#include "base/file.h"
#include "config/config.h"
#include "config/events.h"
#include "model/model.h"
#include "store/store.h"

struct fr_study;

enum fr_stage_event {
    FR_STAGE_BEGINS,
    FR_STAGE_SKIPPED /* done in an earlier run */,
    FR_STAGE_ENDS
};

/* What a study tells while it runs; every member may be NULL. */
struct fr_study_events {
    struct fr_events work; /* its user is the user of all */
    /* At its end: what the stage took in this run, the models' work included. */
    void (*stage)(void *user, const char *stage, enum fr_stage_event event, double seconds,
                  const struct fr_model_counters *counters);
};

/* Where models come from. */
struct fr_model_factory {
    void *user;
    /* A SHA-256 of all that makes the model what it is. */
    int (*identify)(void *user, const char *path, char sha256[FR_SHA256_TEXT],
                    struct fr_error *err);
    int (*open)(void *user, const struct fr_model_options *options, struct fr_model **out,
                struct fr_error *err);
    /* As fr_model_look, fr_model_stamp: see fr_file_stamp. NULL: nothing can be told beforehand. */
    int (*look)(void *user, const char *path, struct fr_model_info *out, struct fr_error *err);
    void (*stamp)(void *user, const char *path, char out[FR_FILE_STAMP]);
    /* How large it is, so that small ones may be opened several times; 0: not known. */
    long long (*bytes)(void *user, const char *path);
};
extern const struct fr_model_factory fr_gguf_factory; /* files, by libllama */

/* One of several processes that share a study's work, each into a directory of its own. What there
 * is to collect from is shared by naming, as sums are; what is evaluated by puzzle. */
struct fr_shard {
    int index, of; /* 1..of; of 0: no shards */
};

struct fr_ranks; /* work/ranks.h */

struct fr_study_options {
    const char *config_path, *out_dir;
    struct fr_shard shard;
    struct fr_ranks *ranks;                 /* borrowed: this is rank 0 of them; NULL: alone */
    const struct fr_study_events *events;   /* may be NULL */
    const struct fr_model_factory *factory; /* NULL: fr_gguf_factory */
    double keep_seconds; /* the sums of a naming that is not finished are kept so often; 0: as often
                          * as costs next to nothing */
};

/* Reads the configuration, checks it against the namings, the domain and the model file (which may
 * be gone where the study in out_dir was made with it: a stage that needs it then fails), opens
 * out_dir (created when missing, brought up to date when of an earlier version) and finds out what
 * is due. What the directory holds stays valid as long as the keys do that it was made with: a
 * changed key reopens its stage and what follows, a list that grew keeps its rows. FR_E_CONFLICT,
 * and nothing is changed: a key of a model's finished work has another value, a list shrank, the
 * model is another; fr_study_fork is the way out. The model itself is opened by the first stage
 * that needs it. */
FR_CHECKED int fr_study_open(struct fr_study **out, const struct fr_study_options *options,
                             struct fr_error *err);
void fr_study_close(struct fr_study *study); /* NULL is fine */
/* A rank that is not 0, of options' ranks: takes part in what rank 0 runs until that ends. What is
 * wrong here, rank 0 tells. Of options, out_dir and shard do not matter. */
void fr_study_assist(const struct fr_study_options *options);

/* Runs the stages up to and with last (FR_STAGE_REPORT: all). *n_ran tells how many had something
 * to do; the report is written in any case, and not counted. A shard does its part of the stages of
 * models, and of steering only where all namings' representations are (fr_study_merge): for
 * FR_STAGE_REPORT it ends before, with a warning that says how to go on; for FR_STAGE_STEERING that
 * is FR_E_CONFLICT, as the stages of all shards are. */
FR_CHECKED int fr_study_run(struct fr_study *study, enum fr_stage last, int *n_ran,
                            struct fr_error *err);

/* Of the stage that ended last. */
struct fr_study_shared {
    int n_ranks, n_units; /* other ranks that took units of it, and how many units */
    double waited;        /* seconds at its end in which ranks had none left, of all together */
};
struct fr_study_shared fr_study_shared(const struct fr_study *study);

/* How far a run of the study is, to be asked from the progress event. */
struct fr_study_progress {
    long long prefilled, decoded;     /* tokens of this stage in this run */
    double prefill_rate, decode_rate; /* tokens a second of all workers, while they do that; 0: not
                                         known yet */
    double stage_left, study_left;    /* seconds; negative: not known yet */
    bool at_most;                     /* as if what was never seen ran to its limit */
};
void fr_study_progress(const struct fr_study *study, long long done, long long total,
                       long long resumed, struct fr_study_progress *out);

struct fr_store *fr_study_store(struct fr_study *study);
/* DIR/report.html */
const char *fr_study_report_path(const struct fr_study *study);

struct fr_merged {
    long long traces, files, runs; /* that came from the directory: traces, files of sums, steered
                                      runs */
    long long traces_there, files_there, runs_there; /* that were there already, alike */
    long long answers;                               /* lines of a server's journal that came */
    long long traces_all, traces_wanted;             /* there now; puzzles times namings */
};
/* Puts what the studies in dirs have, and the one in out_dir (made when missing) has not, into that
 * one, a transaction for each directory; dirs are only read. told: of each, as it is in.
 * FR_E_CONFLICT, and nothing of the directory comes over: they are not of one configuration, model,
 * table of namings and puzzles, or have the same trace, file or run otherwise. Stages that have
 * more now are due again in out_dir. */
FR_CHECKED int fr_study_merge(const char *out_dir, const char *const *dirs, int n,
                              void (*told)(void *user, const char *dir,
                                           const struct fr_merged *merged),
                              void *user, struct fr_error *err);

/* Makes new_dir, which is not there yet, a study of the configuration that shares with old_dir all
 * that still holds: the database is copied, tensors are linked; old_dir is only read. *first says
 * which stage is due first. On failure nothing is left of new_dir. */
FR_CHECKED int fr_study_fork(const char *old_dir, const char *new_dir, const char *config_path,
                             const struct fr_model_factory *factory, enum fr_stage *first,
                             struct fr_error *err);

#endif
