/* What the stages share; private to study/. */
#ifndef FR_STUDY_INTERNAL_H
#define FR_STUDY_INTERNAL_H

#include "experiments/experiments.h"
#include "mentions/mentions.h"
#include "model/model.h"
#include "naming/naming.h"
#include "planning/planning.h"
#include "prompts/wording.h"
#include "representations/representations.h"
#include "store/store.h"
#include "study/study.h"

/* A naming of the study. */
struct fr_study_naming {
    const struct fr_naming *naming;
    bool clean, excluded;
};

struct fr_study {
    struct fr_config config;
    char *config_path, *model_path, *report_path;
    char *traces_path, *traces_problems; /* resolved; "" for none */
    struct fr_study_events events;
    struct fr_store *store;
    struct fr_domain domain;
    struct fr_wording wording;
    struct fr_namings table;
    int n_namings;
    struct fr_study_naming *namings; /* in the configuration's order */
    struct fr_model *model;          /* NULL until a stage needs it */
};

/* The configuration and what it names, without a store; fr_study_close releases it. */
FR_CHECKED int fr_study_open_inputs(struct fr_study **out, const char *config_path,
                                    struct fr_error *err);
/* Opens the model when it is not open yet, and checks the configuration against it. */
FR_CHECKED int fr_study_need_model(struct fr_study *study, struct fr_error *err);
void fr_study_progress(const struct fr_study *study, long long done, long long total,
                       long long resumed, const char *unit);
bool fr_study_is_stopped(const struct fr_study *study);
void fr_study_leave_out(const struct fr_study *study, const char *what);

/* Pairs of numbers from a query, read at once: a query left open while others write would keep the
 * database's log growing. The caller frees items. */
struct fr_pairs {
    int n, capacity;
    int64_t (*items)[2];
};
/* Reads a query that selects two columns of numbers, and closes it. */
FR_CHECKED int fr_study_read_pairs(struct fr_query *query, struct fr_pairs *out,
                                   struct fr_error *err);

/* The puzzle as a problem, and the plan that is stored with it (plan may be NULL); release both
 * after. */
FR_CHECKED int fr_study_load_problem(struct fr_study *study, int64_t puzzle, struct fr_problem *out,
                                     struct fr_plan *plan, struct fr_error *err);
/* Two puzzles as the study would have them, before it has any: one to ask, and the other with its
 * plan as the example before it (empty when prompts show none); release all three after. */
FR_CHECKED int fr_study_sample(struct fr_study *study, struct fr_problem *problem,
                               struct fr_problem *example, struct fr_plan *plan,
                               struct fr_error *err);
/* The tokens of a prompt inside the model's chat template; the example is shown when its plan has
 * steps. The model must be open. */
FR_CHECKED int fr_study_prompt(struct fr_study *study, const struct fr_problem *problem,
                               const struct fr_problem *example, const struct fr_plan *plan,
                               const struct fr_naming *naming, struct fr_tokens *out,
                               struct fr_error *err);
/* Do prompts show a solved example? */
bool fr_study_shows_examples(const struct fr_study *study);

/* Does the study replay recorded traces (traces.import)? */
bool fr_study_imports(const struct fr_study *study);
/* The puzzles of the file's first puzzles.collect traces that are good, ids from *id on, in a
 * transaction of the caller; lines that are none are told and left out. */
FR_CHECKED int fr_import_puzzles(struct fr_study *study, int64_t *id, struct fr_error *err);
/* Their traces, in the namings they are wanted in. */
FR_CHECKED int fr_import_traces(struct fr_study *study, struct fr_error *err);
/* The tokens of the prompts that those traces begin with, under every naming: the mean, and the
 * longest into *longest. */
FR_CHECKED int fr_import_sample(struct fr_study *study, struct fr_tokens *longest, double *mean,
                                struct fr_error *err);

/* The grid of the configuration; free times. */
void fr_study_grid(const struct fr_config *config, struct fr_grid *out);
int fr_study_grid_index(const struct fr_config *config, int timestamp);
/* Representations of all namings of the study, raw means of one set of traces; of a large model
 * only a slice fits into memory (NULL: everything). */
enum fr_trace_set { FR_TRACES_ALL, FR_TRACES_SOLVED, FR_TRACE_SET_COUNT };
extern const char *const fr_trace_set_name[FR_TRACE_SET_COUNT]; /* "all", "solved" */
FR_CHECKED int fr_study_load_reps(struct fr_study *study, enum fr_trace_set set,
                                  const struct fr_slice *slice, struct fr_reps *out,
                                  struct fr_error *err);
/* Layers of the representations, from their files. */
FR_CHECKED int fr_study_count_layers(const struct fr_study *study, int *n_layers,
                                     struct fr_error *err);
/* Namings that take part in representation analyses and steering: mystery, not excluded. [N] */
void fr_study_used_namings(const struct fr_study *study, bool *use);

/* The stages. */
FR_CHECKED int fr_stage_puzzles(struct fr_study *study, struct fr_error *err);
FR_CHECKED int fr_stage_rollouts(struct fr_study *study, struct fr_error *err);
FR_CHECKED int fr_stage_representations(struct fr_study *study, struct fr_error *err);
FR_CHECKED int fr_stage_analyses(struct fr_study *study, struct fr_error *err);
FR_CHECKED int fr_stage_steering(struct fr_study *study, struct fr_error *err);
FR_CHECKED int fr_stage_statistics(struct fr_study *study, struct fr_error *err);
FR_CHECKED int fr_stage_report(struct fr_study *study, struct fr_error *err);

#endif
