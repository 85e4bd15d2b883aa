/* What the stages share; private to study/. */
#ifndef FR_STUDY_INTERNAL_H
#define FR_STUDY_INTERNAL_H

#include "config/world.h"
#include "phases/phases.h"
#include "sources/sources.h"
#include "store/books.h"
#include "store/store.h"
#include "study/study.h"
#include "work/ranks.h"

enum { FR_MAX_WORKERS = 256 };

/* progress.c: what there is to do, as it was when the run began. */
struct fr_study_pace {
    int stage;
    double begun; /* seconds, monotonic */
    struct fr_model_counters before;
    double prefill[FR_N_STAGES], decode[FR_N_STAGES]; /* tokens left, 0 where no model works */
    double decode_each;                               /* of a unit of this stage, at most */
    bool seen; /* there are traces whose lengths tell of others */
};

struct fr_study {
    struct fr_world world;
    const struct fr_source *source;
    const struct fr_model_factory *factory;
    struct fr_study_events events;
    struct fr_shard shard;
    struct fr_ranks *ranks;        /* borrowed; NULL: this process is alone */
    char *scratch;                 /* of a rank without the store: where its files lie; else NULL */
    bool lost;                     /* a rank with units in flight, in the work that ended last */
    bool relisted;                 /* for that: what is listed is a rest of the stage's units */
    struct fr_study_shared shared; /* of the stage */
    struct fr_store *store;        /* NULL: only the inputs are open */
    bool failed;                   /* a study that is new and holds nothing is then taken away */
    double keep_seconds;           /* between two keepings of sums; 0: as usual */
    char *report_path;
    char model_sha256[FR_SHA256_TEXT];
    int n_models;
    struct fr_model *models[FR_MAX_WORKERS]; /* the first is opened when a stage needs it */
    int probe_tokens;     /* contexts are this short, for a measurement; 0: as configured */
    double expected_rate; /* tokens decoded a second, as measured then; 0: not */
    struct fr_model_counters measuring; /* what that took, which is no stage's work */
    struct fr_study_pace pace;
};

/* The configuration and what it names, without a store; fr_study_close releases it. */
FR_CHECKED int fr_study_open_inputs(struct fr_study **out, const char *config_path,
                                    const struct fr_model_factory *factory, struct fr_error *err);
/* The options of the study's models in a stage. */
void fr_study_model_options(const struct fr_study *study, enum fr_model_use use,
                            struct fr_model_options *out);
/* Of every experiment: are its layers the model's? */
FR_CHECKED int fr_study_check_layers(const struct fr_study *study, int n_layers,
                                     struct fr_error *err);
/* What can be refused before the model is loaded. */
FR_CHECKED int fr_study_check_model(const struct fr_study *study, const struct fr_model_info *info,
                                    struct fr_error *err);
/* The same of the model's file, before anything of it is read. */
FR_CHECKED int fr_study_look(const struct fr_study *study, struct fr_error *err);
/* A study that has all its runs needs no weights, which may long be gone: is there one in dir, and
 * no file where model.path says? */
bool fr_study_can_do_without(const struct fr_study *study, const char *dir);
/* The model's SHA-256; of a file that is not there what the study in dir, made with that path, says
 * of it, with a warning. In the caller's transaction. */
FR_CHECKED int fr_study_identify(struct fr_study *study, const char *dir, struct fr_error *err);
/* Opens the model when it is not open yet, as small as can be: for its tokens and for prefills. */
FR_CHECKED int fr_study_need_model(struct fr_study *study, struct fr_error *err);
/* Opens one for every worker, with the memory that the use needs, and runs the work on them. */
FR_CHECKED int fr_study_work(struct fr_study *study, enum fr_model_use use,
                             const struct fr_work *work, struct fr_error *err);
/* ---- ranks.c: several processes of one study --------------------------------------------------
 */

/* Is this a rank without the store? */
bool fr_study_is_helper(const struct fr_study *study);
/* Where the model's side keeps reps/: the study's directory, or a scratch one. */
const char *fr_study_dir(const struct fr_study *study);
void fr_study_remove_scratch(struct fr_study *study);
/* This process's part of the machine's cores. */
int fr_study_cores(const struct fr_study *study);
/* Tells the others what they must agree with. */
FR_CHECKED int fr_study_hello(struct fr_study *study, struct fr_error *err);
/* The work of the stage at hand, by the models here and the other ranks. */
FR_CHECKED int fr_study_work_ranks(struct fr_study *study, const struct fr_work *work,
                                   struct fr_error *err);
/* Takes part in the work of the stage, as rank 0 has begun it. */
FR_CHECKED int fr_stage_rollouts_assist(struct fr_study *study, struct fr_error *err);
FR_CHECKED int fr_stage_representations_assist(struct fr_study *study, struct fr_error *err);
FR_CHECKED int fr_stage_steering_assist(struct fr_study *study, struct fr_error *err);
/* What this machine is, for the rows of a stage. */
void fr_study_describe_machine(const struct fr_study *study, struct fr_text *out);
/* The first line of a that b has not, without its end; "" when there is none. */
void fr_study_first_difference(const char *a, const char *b, char *out, size_t n);

/* Small enough to be opened several times without asking. */
bool fr_study_is_small(const struct fr_study *study);
/* How many workers there are to be, and threads of each. */
void fr_study_workers(const struct fr_study *study, int *n_workers, int *n_threads);
/* What sums of one file may take in memory: as said by representations.memory_mib, of which there
 * are as many as workers and parts. */
size_t fr_study_sums_bytes(const struct fr_study *study);
/* What a source works with. */
struct fr_source_study fr_study_source(struct fr_study *study);

/* Is it this process's? position: of the puzzle in its split. */
bool fr_study_takes(const struct fr_study *study, enum fr_puzzle_split split, int naming,
                    int position);

/* A stage begins: what is left of it and of those up to `last` is counted. */
FR_CHECKED int fr_study_pace_begin(struct fr_study *study, int stage, int last,
                                   struct fr_error *err);
/* Of all models so far: here, and of other ranks as well, and how many these all are. */
struct fr_model_counters fr_study_count_here(const struct fr_study *study);
struct fr_model_counters fr_study_count(const struct fr_study *study, int *n_models);

/* ---- plan.c ---------------------------------------------------------------------------------- */

enum fr_plan_mode {
    FR_PLAN_KEEP, /* what would throw a model's work away is refused */
    FR_PLAN_FORK, /* it is thrown away: the directory is a copy */
};
/* Compares what the store was made with and what the configuration says, and reopens the stages
 * that do not hold any more; in the caller's transaction. */
FR_CHECKED int fr_study_plan(struct fr_study *study, enum fr_plan_mode mode, struct fr_error *err);
/* The stage and all behind it are to be entered again; in the caller's transaction. */
FR_CHECKED int fr_study_reopen(struct fr_study *study, int first, struct fr_error *err);
/* Brings the rows of namings into the order of the configuration, those that are new among them,
 * and says which are left out. */
FR_CHECKED int fr_study_put_namings(struct fr_study *study, struct fr_error *err);

/* The edit's row of the table, made when it is missing. */
FR_CHECKED int fr_study_put_edit(struct fr_study *study, const struct fr_edit_kind *edit,
                                 int64_t *id, struct fr_error *err);

/* adopt.c: what migrate.c had to leave to the study; in the caller's transaction. */
FR_CHECKED int fr_study_adopt(struct fr_study *study, struct fr_error *err);

/* ---- reps.c: the files of reps/ -------------------------------------------------------------- */

/* Of one naming and set: everything that its sums follow from, as a SHA-256. */
struct fr_reps_wanted {
    int n_traces; /* of the set */
    char identity[FR_SHA256_TEXT];
};
/* The traces on collecting puzzles of a naming, in order. */
struct fr_reps_traces {
    int n, capacity;
    struct fr_reps_trace {
        int64_t puzzle;
        bool solved;
        int class_rank; /* of the puzzle's class (sources/classes.c), among those to collect from */
        bool paired;    /* one of FR_TRACES_SAME_SOLVED or _FAILED */
        int reach;      /* tokens of its reasoning, from where timestamps count */
        char digest[FR_SHA256_TEXT];
    } * items;
};
FR_CHECKED int fr_reps_list(struct fr_study *study, int naming, struct fr_reps_traces *out,
                            struct fr_error *err);
/* A naming has a file for every set of traces that vectors come from at every site of the stream,
 * for every other set at site block, and of all traces at heads and sources: part 0 ..
 * fr_reps_n_parts
 * - 1, all sets at site block first. */
struct fr_reps_part {
    enum fr_trace_set set;
    int site; /* enum fr_site */
};
/* Does a set that holds `rank` of the traces before hold the i-th? */
bool fr_reps_holds(const struct fr_study *study, enum fr_trace_set set,
                   const struct fr_reps_traces *traces, int i, int rank);
enum {
    FR_REPS_PARTS = (int)FR_TRACE_SET_COUNT + (int)FR_VECTOR_TRACES_COUNT * ((int)FR_SITE_COUNT - 1)
};
/* places [mentions]: the phase of each mention in the reasoning by the rules, -1 of one in the
 * prompt (places.c). */
void fr_reps_find_phases(const struct fr_study *study, const struct fr_phases *phases,
                         enum fr_phase_rules rules, const struct fr_forms *forms,
                         const struct fr_trace *trace, const struct fr_mentions *mentions,
                         int *places);
/* places [mentions]: the group of a trace that has `rank` of its set before it, of each mention in
 * the reference timestamp's window; -1 of others. */
void fr_reps_find_groups(const struct fr_world *world, int rank, const struct fr_trace *trace,
                         const struct fr_mentions *mentions, int *places);
int fr_reps_n_parts(const struct fr_study *study);
struct fr_reps_part fr_reps_part(const struct fr_study *study, int i);
/* Of the first n_traces of them, those of the part; less when there are less. made_from (may be
 * NULL): the text that the identity is the hash of. */
void fr_reps_want(const struct fr_study *study, int naming, struct fr_reps_part part,
                  const struct fr_reps_traces *traces, int n_traces, struct fr_reps_wanted *out,
                  struct fr_text *made_from);
/* NAMING-SET.safetensors, or NAMING-SET-SITE.safetensors; path: below the study's reps/. */
void fr_reps_file(const struct fr_study *study, int naming, struct fr_reps_part part,
                  struct fr_text *name, struct fr_text *path);
/* Is the file there, and the one that the store knows? whole: its SHA-256 is computed; else size
 * and time decide. tell: warns of one that is gone or another. */
FR_CHECKED int fr_reps_check(struct fr_study *study, int naming, struct fr_reps_part part,
                             const char *identity, bool whole, bool tell, bool *good,
                             struct fr_error *err);
/* Puts a file into the store's books, as it is now. */
FR_CHECKED int fr_reps_register(struct fr_study *study, int naming, struct fr_reps_part part,
                                int n_traces, const char *identity, const char *sha256,
                                struct fr_error *err);
/* The same of one that was made now. What was computed from other sums than these is due again; in
 * the caller's transaction. */
FR_CHECKED int fr_reps_finish(struct fr_study *study, int naming, struct fr_reps_part part,
                              int n_traces, const char *identity, const char *sha256,
                              struct fr_error *err);
/* Representations of all namings of the study, raw means of one part; of a large model only a slice
 * fits into memory (NULL: everything). */
FR_CHECKED int fr_study_load_reps(struct fr_study *study, struct fr_reps_part part,
                                  const struct fr_slice *slice, struct fr_reps *out,
                                  struct fr_error *err);
/* Are all files good? Else the stage is reopened. all may be NULL. */
FR_CHECKED int fr_study_check_reps(struct fr_study *study, bool whole, bool *all,
                                   struct fr_error *err);
/* The file of a naming's sums that are not finished. generation: 0 or 1; a new one is written
 * beside the one that the store knows, so that there is always a good one. < 0: fr_reps_file. */
void fr_reps_begun_file(const struct fr_study *study, int naming, struct fr_reps_part part,
                        int generation, struct fr_text *name, struct fr_text *path);
/* Puts it into the store's books: identity is that of all traces, n_traces says how many are in. */
FR_CHECKED int fr_reps_keep(struct fr_study *study, int naming, struct fr_reps_part part,
                            int generation, int n_traces, const char *identity, const char *sha256,
                            struct fr_error *err);
/* Of how many traces there are good files of all parts, and their generation; *n 0: of none. */
FR_CHECKED int fr_reps_find_kept(struct fr_study *study, int naming,
                                 const struct fr_reps_traces *traces, int *n, int *generation,
                                 struct fr_error *err);
/* Out of the books; then, when that is committed, off the disk. but: a generation that stays. */
FR_CHECKED int fr_reps_forget_kept(struct fr_study *study, int naming, struct fr_error *err);
void fr_reps_remove_kept(const struct fr_study *study, int naming, int but);
/* The file by another name for the same bytes, or a copy on another file system. */
FR_CHECKED int fr_reps_link(const char *from, const char *to, struct fr_error *err);

/* ---- rows.c: are the rows still there that a stage left? --------------------------------------
 */

/* Of stages that are done: FR_E_CONFLICT where puzzles are gone; stages whose rows are, are opened
 * again, with a warning. */
FR_CHECKED int fr_study_check_rows(struct fr_study *study, struct fr_error *err);
/* Remembers how many there are: of one stage, in the transaction of its mark, or of all that are
 * done, when a plan has taken some away. */
FR_CHECKED int fr_study_keep_rows(struct fr_study *study, int stage, struct fr_error *err);
FR_CHECKED int fr_study_keep_all_rows(struct fr_study *study, struct fr_error *err);

/* ---- judge.c ------------------------------------------------------------------------------------
 */

/* Are the verdicts by the rules of reading that this program has? Else all are judged again, with a
 * warning where some are others, and what follows from them is opened again; in the caller's
 * transaction. */
FR_CHECKED int fr_study_check_verdicts(struct fr_study *study, struct fr_error *err);

/* ---- moments.c: where an experiment's vectors come from -------------------------------------- */

/* The representations at one timestamp, of one set of traces, of this study or of another. */
struct fr_moment {
    enum fr_trace_set traces;
    int timestamp;
    const char *from;            /* borrowed from the edit; NULL: this study */
    struct fr_reps raw, centred; /* [N][A][L][1][D], N the namings of that study */
    bool *use;                   /* [N] those that means are over */
    int i_clean;                 /* of them; -1: none */
    int *naming_of;              /* [namings of this study] the one of the same name there, or -1 */
};
struct fr_moments {
    int n;
    struct fr_moment *items;
    int *of; /* [edits] -1 for a baseline */
};
/* Of every edit of the study. FR_E_INPUT where another study is not there, has nothing of what is
 * asked for, or is of another domain, of other words under a naming's name, or of another width.
 * Closed by the caller, whatever comes of it. */
FR_CHECKED int fr_moments_open(struct fr_study *study, struct fr_moments *out,
                               struct fr_error *err);
void fr_moments_close(struct fr_moments *moments);
/* The same of a rank without the store, which asks rank 0; and rank 0's answer to what it asks. */
FR_CHECKED int fr_moments_ask(struct fr_study *study, struct fr_moments *out, struct fr_error *err);
void fr_moments_answer(const struct fr_moments *moments, const struct fr_world *world,
                       const struct fr_text *request, struct fr_text *reply);
/* Says, and keeps among the store's facts (vectors_from_shared: a line "NAME\tCOUNT" each), on how
 * many of the puzzles that are evaluated here another study collected. */
FR_CHECKED int fr_moments_compare_puzzles(struct fr_study *study, struct fr_error *err);
/* Is every other study there? before as below: one whose vectors were read need not be any more.
 * FR_E_INPUT. */
FR_CHECKED int fr_moments_check_sources(const struct fr_study *study, const char *before,
                                        struct fr_error *err);
/* A line for each other study, by which a change of its representations is seen. before: the lines
 * of last time, which hold for one that is not there any more. */
void fr_moments_render_sources(const struct fr_study *study, const char *before,
                               struct fr_text *out);

/* ---- the stages ------------------------------------------------------------------------------ */
FR_CHECKED int fr_stage_puzzles(struct fr_study *study, struct fr_error *err);
FR_CHECKED int fr_stage_rollouts(struct fr_study *study, struct fr_error *err);
FR_CHECKED int fr_stage_representations(struct fr_study *study, struct fr_error *err);
FR_CHECKED int fr_stage_analyses(struct fr_study *study, struct fr_error *err);
FR_CHECKED int fr_stage_steering(struct fr_study *study, struct fr_error *err);
FR_CHECKED int fr_stage_statistics(struct fr_study *study, struct fr_error *err);
FR_CHECKED int fr_stage_report(struct fr_study *study, struct fr_error *err);

#endif
