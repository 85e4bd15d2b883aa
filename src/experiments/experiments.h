/* experiments/: what is done to a model's prefixes, as data (method.md section 5).
 *
 * An *experiment* is a section of the configuration. Fields with several values are a sweep: it
 * expands to one *condition* for each combination, and for each control that it names. What is done
 * to a run is the condition's *edit*: conditions with the same edit share their runs, and the
 * unedited *baselines*, one for a prefix, are shared by all experiments. Every condition names the
 * one that it is measured *against*.
 *
 * Nothing is told by a name: vectors, control, role and what it is measured against are fields. */
#ifndef FR_EXPERIMENTS_EXPERIMENTS_H
#define FR_EXPERIMENTS_EXPERIMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "interventions/interventions.h"
#include "mentions/mentions.h"
#include "model/model.h"

enum { FR_SWEEP = 64, FR_MAX_CONDITIONS = 4096 }; /* values of a field; conditions of a study */

/* A half-open interval: of layers (1-based), or of tokens after the origin. */
struct fr_range {
    int first, end;
};

/* Sets of traces and mentions that sums are kept of. Vectors come from the first three; those
 * behind failed are kept where an experiment or representations.sets asks for them. */
enum fr_trace_set {
    FR_TRACES_ALL,
    FR_TRACES_SOLVED, /* the first representations.solved_traces solved ones, as the paper */
    FR_TRACES_FAILED, /* the first so many of the others */
    FR_VECTOR_TRACES_COUNT,
    FR_TRACES_MATCHED = FR_VECTOR_TRACES_COUNT, /* of all traces as many mentions in every cell */
    FR_TRACES_HALF_A,     /* one of every two puzzles in their order, by a coin of the seed's */
    FR_TRACES_HALF_B,     /* the other one */
    FR_TRACES_PANEL,      /* those that reach representations.panel_end */
    FR_TRACES_OTHER_SPAN, /* all, previous_token the other way round */
    /* solved and failed ones of the same puzzles: of each that some namings solve and others do
     * not, as many of either over the mystery namings together */
    FR_TRACES_SAME_SOLVED,
    FR_TRACES_SAME_FAILED,
    /* all, a mention in the cell of its phase (enum fr_phase) instead of timestamps' */
    FR_TRACES_PHASES_CUES,
    FR_TRACES_PHASES_MENTIONS,
    /* solved, failed ... at the reference timestamp alone, a mention in the cell of its trace's
     * group: one of every FR_GROUPS traces of the set, in their order, so that the error of a mean
     * over traces is known where only sums are kept */
    FR_TRACES_GROUPS_SOLVED,
    FR_TRACES_GROUPS_FAILED,
    FR_TRACES_GROUPS_SAME_SOLVED,
    FR_TRACES_GROUPS_SAME_FAILED,
    FR_TRACE_SET_COUNT
};
enum { FR_GROUPS = 10 };
extern const char *const fr_trace_set_name[FR_TRACE_SET_COUNT]; /* "all", "solved", ... */
/* The set whose traces a set holds in groups, or -1: its cells are no groups. */
int fr_trace_set_grouped(enum fr_trace_set set);
bool fr_trace_set_is_timed(enum fr_trace_set set); /* its cells are timestamps */
/* The rules that the cells of a set are phases by (enum fr_phase_rules), or -1: they are
 * timestamps. */
int fr_trace_set_rules(enum fr_trace_set set);

/* Controls as the configuration names them: fr_vector_control_name's but "none", and "identity". */
enum { FR_CONTROL_IDENTITY = FR_VECTOR_CONTROL_COUNT, FR_N_CONTROL_NAMES };
extern const char *const fr_control_name[FR_N_CONTROL_NAMES]; /* [FR_CONTROL_NONE]: "none" */

/* Which mentions of a window are edited. */
enum fr_mention_choice {
    FR_MENTIONS_ALL,
    FR_MENTIONS_PROMPT,    /* those that lie in the prompt */
    FR_MENTIONS_REASONING, /* those behind it */
    FR_MENTION_CHOICE_COUNT
};
extern const char *const fr_mention_choice_name[FR_MENTION_CHOICE_COUNT]; /* "all", "prompt" ... */

/* Which concepts are edited: all, those of a kind, or one: FR_CONCEPTS_ONE + its index. */
enum { FR_CONCEPTS_ALL, FR_CONCEPTS_ACTIONS, FR_CONCEPTS_PREDICATES, FR_CONCEPTS_ONE };

#define FR_FROM_THIS "this" /* the study itself, where an experiment names studies */

struct fr_vector_arm {
    int vectors, control; /* enum fr_vector_kind, enum fr_vector_control or FR_CONTROL_IDENTITY */
};

/* As the configuration has it. Lists hold at least one value. */
struct fr_experiment {
    char *name; /* letters, digits, '_' and '-' */
    int line;   /* of the configuration; 0: none */
    /* Either vectors and controls, or arms: pairs of them, written out. */
    int n_vectors, vectors[FR_VECTOR_KIND_COUNT];
    int n_controls, controls[FR_N_CONTROL_NAMES];
    int n_arms;
    struct fr_vector_arm arms[FR_SWEEP];
    int n_traces, traces[FR_VECTOR_TRACES_COUNT]; /* enum fr_trace_set */
    int n_at, at[FR_SWEEP];
    int n_operations, operations[FR_EDIT_OPERATION_COUNT];
    int n_scales, n_strengths, n_keep_norm;
    double scales[FR_SWEEP], strengths[FR_SWEEP];
    bool keep_norm[2];
    int n_layers, n_windows;
    struct fr_range layers[FR_SWEEP], windows[FR_SWEEP];
    int n_concepts; /* "all", "actions", "predicates", or the name of one */
    char *concepts[FR_SWEEP];
    int n_from; /* directories of other studies whose vectors these are, or FR_FROM_THIS */
    char *from[FR_SWEEP];
    int n_mentions, mentions[FR_MENTION_CHOICE_COUNT];
    int n_first, first[FR_SWEEP]; /* of each concept, so many mentions; 0: all */
    int against;  /* FR_CONTROL_NONE: the baseline; else the control of the same vectors */
    char *family; /* of Holm's correction; "": the experiment's own */
};

struct fr_experiments {
    int n, capacity;
    struct fr_experiment *items;
};
void fr_experiments_release(struct fr_experiments *experiments);
/* The defaults are the paper's (4.1): mix with s = 2/3, norm kept, vectors of 7,000 in
 * [1,500, 2,500). name is taken. */
struct fr_experiment *fr_experiments_append(struct fr_experiments *experiments, char *take_name);

/* What is done to a run, in full. */
struct fr_edit_kind {
    bool baseline; /* nothing is; only the window counts */
    int vectors, control, traces, timestamp;
    double strength; /* of the vectors */
    int operation;   /* enum fr_edit_operation */
    double scale;    /* of FR_EDIT_MIX: the share of the old row that stays (DEVIATIONS 17); of
                        FR_EDIT_JITTER: the noise's norm as a share of the row's */
    bool keep_norm;
    struct fr_range layers, window; /* the prefix ends where the window does */
    int concepts;                   /* FR_CONCEPTS_ALL ... */
    const char *concepts_name;      /* the experiment's; NULL: all */
    int mentions, first;            /* enum fr_mention_choice; of each concept, 0: all */
    const char *from; /* the study whose vectors these are, as the experiment writes it; NULL: this
                         one. Edits know it by its directory's name (fr_edit_from_name). */
};
/* The last part of `from`, which tells studies apart: [from, end). */
const char *fr_edit_from_name(const char *from, size_t *n);
/* Does the operation read the scale? */
bool fr_edit_is_scaled(int operation);
/* One line of "key=value"s: equal exactly when the edits are. */
void fr_edit_kind_render(const struct fr_edit_kind *edit, struct fr_text *out);

enum fr_role {
    FR_ROLE_MATCHED,
    FR_ROLE_CONTROL,
    FR_ROLE_IDENTITY, /* must reproduce what it is measured against, token for token */
    FR_ROLE_BASELINE,
    FR_ROLE_COUNT
};
extern const char *const fr_role_name[FR_ROLE_COUNT]; /* "matched" ... */

struct fr_condition {
    char *experiment, *name; /* name is unique in its experiment; a baseline's experiment is "" */
    char *series;            /* its name without the layers: one line of a figure over layers */
    char *family;
    int role;                   /* enum fr_role */
    const char *colour, *shape; /* static */
    int edit, against;          /* indices; a baseline is measured against nothing: -1 */
};

struct fr_conditions {
    int n, capacity, n_edits, edits_capacity;
    struct fr_condition *items; /* a baseline stands before the first that needs it */
    struct fr_edit_kind *edits;
};
void fr_conditions_release(struct fr_conditions *conditions);
/* The edit, by index, that an edit is beside: nothing, in the same prefix. A baseline is beside
 * itself. */
int fr_conditions_baseline(const struct fr_conditions *conditions, int edit);
/* Tokens after the origin that an edit's runs share: up to its window; of a baseline of several
 * windows with one end, up to the first of them. */
int fr_conditions_shared(const struct fr_conditions *conditions, int edit);

/* Expands all. share_starts: rows do not depend on where a prefix was cut (no flash attention), so
 * that windows with the same end share their baseline. concepts: the domain's, or NULL where it is
 * not known yet: any name of one passes then. config names the file in errors: FR_E_INPUT for two
 * experiments of one name, two conditions that are the same, `against` a control that is not there,
 * a control that the vectors do not have, a concept that there is not; FR_E_LIMIT. *out borrows
 * from experiments. */
FR_CHECKED int fr_conditions_expand(const struct fr_experiments *experiments, bool share_starts,
                                    const struct fr_concepts *concepts, const char *config,
                                    struct fr_conditions *out, struct fr_error *err);

/* The vectors of an edit for one naming: vectors [A][layers][D] and rows[a * n_layers + i] the row
 * of the i-th layer of the edit, or -1 where concept a has none there. time is the edit's timestamp
 * as an index of the source's representations, which hold all layers. Returns how many concepts
 * have one at every layer. */
int fr_edit_vectors(const struct fr_edit_kind *edit, const struct fr_vector_source *source,
                    int i_naming, const char *naming_id, int time, float *vectors, int *rows);

/* The plan for a trace whose mentions are given: n_prompt tokens of prompt; origin is the position
 * that the window counts from. The plan borrows vectors. */
void fr_edit_plan_of(const struct fr_edit_kind *edit, const struct fr_mentions *mentions,
                     int n_prompt, int origin, bool previous_token, int n_concepts, int width,
                     const float *vectors, const int *rows, struct fr_edit_plan *out);
/* Gives every edit of a plan noise of its own: replaces out->vectors by a matrix
 * [out->n_edits][D], which is returned and the caller's. */
float *fr_edit_plan_noise(uint64_t seed, const char *naming_id, int64_t puzzle,
                          struct fr_edit_plan *out);

#endif
