/* sources/: where a study's puzzles and traces come from. A source is a row of one table; which one
 * a configuration has is asked here and nowhere else. */
#ifndef FR_SOURCES_SOURCES_H
#define FR_SOURCES_SOURCES_H

#include "config/events.h"
#include "config/world.h"
#include "model/model.h"
#include "store/store.h"

/* What a source works with; all borrowed. */
struct fr_source_study {
    const struct fr_world *world;
    struct fr_store *store;
    const struct fr_events *events;
    /* The model, opened when it is first asked for. */
    int (*model)(void *user, struct fr_model **out, struct fr_error *err);
    /* Is a trace this process's to make, or another shard's? position: of the puzzle in its split
     */
    bool (*takes)(void *user, enum fr_puzzle_split split, int naming, int position);
    void *user;
};

/* Verdicts that were read again, by the rules as they are now. */
struct fr_judged {
    long long n, n_changed; /* changed: of another kind, or at another step */
    long long n_to_solved, n_from_solved;
};
/* The verdict of a trace (edit 0) or of a run of it, as it is read now. */
FR_CHECKED int fr_judged_put(struct fr_judged *judged, struct fr_store *store, int64_t puzzle,
                             const char *naming, int64_t edit, const struct fr_verdict *verdict,
                             struct fr_error *err);

/* Prompts as the study would have them, before it has any. */
struct fr_source_sample {
    double mean_tokens;
    struct fr_tokens longest; /* release it */
};

struct fr_source {
    const char *name; /* "generated", "directory": of the puzzles; "recorded" */
    /* Are the traces the model's own? Else there is no accuracy of its to speak of. */
    bool own_traces;
    /* Stores the puzzles that the configuration asks for and the store has not, in the caller's
     * transaction. What is there stays as it is: more of them are the ones that follow. */
    int (*puzzles)(const struct fr_source_study *study, struct fr_error *err);
    /* Stores the traces that are missing, each at once; NULL: the model makes them by rollouts. */
    int (*traces)(const struct fr_source_study *study, struct fr_error *err);
    int (*sample)(const struct fr_source_study *study, struct fr_source_sample *out,
                  struct fr_error *err);
    /* Judges the store's traces again, by the rules as they are; in the caller's transaction. */
    int (*judge)(const struct fr_source_study *study, struct fr_judged *judged,
                 struct fr_error *err);
};
const struct fr_source *fr_source_of(const struct fr_config *config);

/* ---- puzzles of the store -------------------------------------------------------------------- */

/* The traces that are not there yet and this process's to make, by naming, split and position; the
 * caller frees *out, *n of *total that are this process's. */
struct fr_missing_trace {
    int64_t puzzle, example; /* example -1: none */
    int naming;
};
FR_CHECKED int fr_source_list_missing(const struct fr_source_study *study,
                                      struct fr_missing_trace **out, int *n, long long *total,
                                      struct fr_error *err);
/* The puzzle as a problem, and the plan that is stored with it (plan may be NULL); release both
 * after. */
FR_CHECKED int fr_source_load_problem(struct fr_store *store, const struct fr_domain *domain,
                                      int64_t puzzle, struct fr_problem *out, struct fr_plan *plan,
                                      struct fr_error *err);
/* The classes of the split's puzzles (fr_problem_class), in order; the caller frees *out. The store
 * may be another study's, read-only. */
FR_CHECKED int fr_source_list_classes(struct fr_store *store, const struct fr_domain *domain,
                                      enum fr_puzzle_split split, uint64_t **out, int *n,
                                      struct fr_error *err);
/* Puts the classes that are missing into the store, and what they say of the splits into its facts;
 * in the caller's transaction. */
FR_CHECKED int fr_source_put_classes(struct fr_store *store, const struct fr_domain *domain,
                                     struct fr_error *err);
/* What a prompt says, without the chat template. */
void fr_source_message(const struct fr_world *world, const struct fr_problem *problem,
                       const struct fr_problem *example, const struct fr_plan *plan,
                       const struct fr_naming *naming, struct fr_text *out);
/* The tokens of a prompt inside the model's chat template; the example is shown when its plan has
 * steps. */
FR_CHECKED int fr_source_prompt(const struct fr_world *world, const struct fr_model *model,
                                const struct fr_problem *problem, const struct fr_problem *example,
                                const struct fr_plan *plan, const struct fr_naming *naming,
                                struct fr_tokens *out, struct fr_error *err);

/* ---- for the sources ------------------------------------------------------------------------- */

/* How many puzzles of the split the store has. */
FR_CHECKED int fr_source_count(struct fr_store *store, enum fr_puzzle_split split, int *n,
                               struct fr_error *err);
/* Stores one problem at a place of its split; plan: what prompts show where it is an example. */
FR_CHECKED int fr_source_put_problem(const struct fr_source_study *study,
                                     enum fr_puzzle_split split, int position,
                                     const struct fr_problem *problem, int plan_length,
                                     const struct fr_plan *plan, const char *source, int64_t *id,
                                     struct fr_error *err);
int fr_source_generated_puzzles(const struct fr_source_study *study, struct fr_error *err);
int fr_source_directory_puzzles(const struct fr_source_study *study, struct fr_error *err);
int fr_source_generated_sample(const struct fr_source_study *study, struct fr_source_sample *out,
                               struct fr_error *err);
int fr_source_directory_sample(const struct fr_source_study *study, struct fr_source_sample *out,
                               struct fr_error *err);
int fr_source_recorded_puzzles(const struct fr_source_study *study, struct fr_error *err);
int fr_source_recorded_traces(const struct fr_source_study *study, struct fr_error *err);
int fr_source_recorded_sample(const struct fr_source_study *study, struct fr_source_sample *out,
                              struct fr_error *err);
int fr_source_endpoint_traces(const struct fr_source_study *study, struct fr_error *err);
/* Of the model's own traces, by what the store has of them. */
int fr_source_judge(const struct fr_source_study *study, struct fr_judged *judged,
                    struct fr_error *err);
int fr_source_recorded_judge(const struct fr_source_study *study, struct fr_judged *judged,
                             struct fr_error *err);

#endif
