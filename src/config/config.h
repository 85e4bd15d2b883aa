/* The configuration of a study: a YAML file of two levels ("section: {key: value}") and a list of
 * experiments, read through tables of fields, which also give defaults, limits, help, the canonical
 * text and what a key binds. Every number of method.md that the study uses is a key.
 *
 * Relative paths are taken from the directory of the configuration file. */
#ifndef FR_CONFIG_CONFIG_H
#define FR_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "experiments/experiments.h"

enum { FR_CONFIG_LIST = 64, FR_MAX_TOKENS = 1048576 };

/* The stages of a study, in their order. */
#define FR_STAGE_LIST(X)                                                                           \
    X(PUZZLES, puzzles)                                                                            \
    X(ROLLOUTS, rollouts)                                                                          \
    X(REPRESENTATIONS, representations)                                                            \
    X(ANALYSES, analyses)                                                                          \
    X(STEERING, steering)                                                                          \
    X(STATISTICS, statistics)                                                                      \
    X(REPORT, report)
enum fr_stage {
#define FR_X(NAME, name) FR_STAGE_##NAME,
    FR_STAGE_LIST(FR_X)
#undef FR_X
        FR_N_STAGES
};
extern const char *const fr_stage_names[FR_N_STAGES];
int fr_stage_find(const char *name); /* or -1 */

/* What a key binds: the first stage that reads it, whose rows are no longer the study's when it
 * changes, or nothing. */
enum fr_scope {
#define FR_X(NAME, name) FR_SCOPE_##NAME = FR_STAGE_##NAME,
    FR_STAGE_LIST(FR_X)
#undef FR_X
        FR_SCOPE_NOTHING, /* paths whose contents are hashed, names, what has no influence */
    FR_SCOPE_SLOTS,       /* nothing when model.deterministic, else the rollouts */
    FR_SCOPE_ROWS,        /* nothing when deterministic and without flash attention, whose sums
                             depend on chunks and threads; else the rollouts */
    FR_SCOPE_LEGACY,      /* read, and said otherwise since: not in the canonical text */
};

/* How an endpoint is asked. */
enum fr_endpoint_api {
    FR_ENDPOINT_COMPLETIONS, /* the text of the prompt */
    FR_ENDPOINT_TOKENS,      /* its token ids */
    FR_ENDPOINT_CHAT,        /* messages */
    FR_ENDPOINT_API_COUNT
};
extern const char *const fr_endpoint_api_name[FR_ENDPOINT_API_COUNT];

/* What becomes of a trace that was begun when the program stopped. */
enum fr_unfinished {
    FR_UNFINISHED_AUTO,    /* again where traces are deterministic, else prefill */
    FR_UNFINISHED_AGAIN,   /* begun again */
    FR_UNFINISHED_FORCED,  /* its tokens are decoded again, one by one, as they were */
    FR_UNFINISHED_PREFILL, /* its tokens are read at once, and the row says so */
    FR_UNFINISHED_COUNT
};
extern const char *const fr_unfinished_name[FR_UNFINISHED_COUNT];

enum fr_too_long { FR_TOO_LONG_CUT, FR_TOO_LONG_LEAVE_OUT, FR_TOO_LONG_COUNT };
extern const char *const fr_too_long_name[FR_TOO_LONG_COUNT]; /* "cut", "leave_out" */

/* What representations.sets may name. */
enum fr_extra_set {
    FR_EXTRA_FAILED,
    FR_EXTRA_MATCHED,
    FR_EXTRA_HALVES,
    FR_EXTRA_PANEL,
    FR_EXTRA_OTHER_SPAN,
    FR_EXTRA_SAME_PUZZLES,
    FR_EXTRA_PHASES,
    FR_EXTRA_SET_COUNT
};
extern const char *const fr_extra_set_name[FR_EXTRA_SET_COUNT];

struct fr_text_list {
    int n;
    char *items[FR_CONFIG_LIST];
};

struct fr_config {
    char *study;
    int seed;

    char *model_path, *model_like;
    int slots, workers, context_tokens, chunk_tokens, threads, gpu_layers;
    bool flash_attention, deterministic;
    int kv_type;                              /* enum fr_kv_type */
    int main_gpu, split_mode, n_tensor_split; /* split_mode: enum fr_split_mode */
    double tensor_split[FR_CONFIG_LIST];

    char *domain_path;
    char *puzzles_path; /* "": Blocksworld puzzles are generated */
    int blocks, n_collect, n_evaluate, min_plan_length, max_states;
    int distinct; /* enum fr_puzzle_distinct */

    char *traces_path; /* "": the model writes its own traces */
    char *traces_naming, *traces_problems;
    bool match;
    int too_long; /* enum fr_too_long */

    char *endpoint_url; /* "": traces are generated here */
    char *endpoint_model, *endpoint_key_env, *endpoint_extra;
    int endpoint_api; /* enum fr_endpoint_api */
    int endpoint_concurrency, endpoint_max_tokens, endpoint_stall, endpoint_retries;

    char *namings_path;
    struct fr_text_list namings;  /* ids, the clean one too; "all": every naming of the table */
    struct fr_text_list excluded; /* from representation analyses and steering */
    struct fr_text_list accuracy_only; /* excluded too: never meant for more */

    int style;                  /* enum fr_prompt_style */
    char *wording_path;         /* "": beside the domain, in data/wordings, or none */
    int shots;                  /* FR_EXAMPLES_NEVER: unused; FR_EXAMPLES_ALWAYS: 1 */
    char *chat_template;        /* "": the model's own; a file or a name */
    int reasoning;              /* enum fr_reasoning */
    char *system, *instruction; /* "": none */
    int preset;                 /* enum fr_prompt_preset */
    bool instruction_first;
    char *example_path; /* "": another puzzle of the study */
    int fact_order;     /* enum fr_fact_order */
    int max_tokens;     /* prompt + generated */
    int unfinished;     /* enum fr_unfinished */

    int origin; /* enum fr_origin */
    int window_tokens, grid_step, grid_end, min_mentions, solved_traces, sums_mib;
    bool previous_token;
    int inflections;                      /* enum fr_inflection_rule */
    int n_sites, sites[FR_SITE_COUNT];    /* enum fr_site */
    int n_sets, sets[FR_EXTRA_SET_COUNT]; /* enum fr_extra_set */
    int matched_mentions, panel_end;      /* panel_end 0: grid_end */

    int reference_timestamp, pca_timestamp, resamples, permutations;
    char *pair_naming; /* "": the first mystery naming in use */
    int n_pair_timestamps, pair_timestamps[FR_CONFIG_LIST]; /* empty: the paper's, in proportion */

    struct fr_experiments experiments;

    /* The section `steering` of before there were experiments; read as one, "positive". */
    struct {
        int n_conditions, conditions[FR_CONFIG_LIST]; /* rows of a table in config.c */
        int n_layers, layers[FR_CONFIG_LIST];
        int window_start, window_end, timestamp;
        double scale;
        int line; /* where it stands in the file */
    } steering;
};

/* Errors: "file:line: unknown key "x"; the nearest is "y"", "file:line: value 0 of key k is out of
 * range 1..64; ...". On failure *out is released and zeroed. */
FR_CHECKED int fr_config_parse(struct fr_config *out, const char *text, const char *path,
                               struct fr_error *err);
FR_CHECKED int fr_config_load(struct fr_config *out, const char *path, struct fr_error *err);
void fr_config_release(struct fr_config *config);

/* sites.c: does representations.sites read the site? */
bool fr_config_reads(const struct fr_config *config, int site);
/* Of representations.sites: sites that need others, or settings; path is for errors. */
FR_CHECKED int fr_config_check_sites(const struct fr_config *config, const char *path,
                                     struct fr_error *err);
/* timestamps.c: is value, which the key name gives, on the grid? path is for errors. */
FR_CHECKED int fr_config_check_timestamp(const struct fr_config *config, const char *path,
                                         const char *name, int value, struct fr_error *err);
/* steering.c: of the section `steering`, in its own words. */
FR_CHECKED int fr_config_check_steering(const struct fr_config *config, const char *path,
                                        struct fr_error *err);
/* study.c: is the study's name one of a directory? path is for errors. */
FR_CHECKED int fr_config_check_study(const struct fr_config *config, const char *path,
                                     struct fr_error *err);
/* endpoint.c: of the section `endpoint`; path is for errors. */
FR_CHECKED int fr_config_check_endpoint(const struct fr_config *config, const char *path,
                                        struct fr_error *err);
/* Is the url's host this machine, by a loopback address or the name localhost? */
bool fr_config_endpoint_is_here(const char *url);

/* "section.key: value" lines in table order, defaults included, paths as written, experiments
 * last. */
void fr_config_render(const struct fr_config *config, struct fr_text *out);
/* The lines that bind the stage. */
void fr_config_render_stage(const struct fr_config *config, enum fr_stage stage,
                            struct fr_text *out);
/* Reads the keys of what fr_config_render wrote, the version before experiments among them, which
 * became the section steering; other lines, those of experiments too, are passed over. */
FR_CHECKED int fr_config_parse_canonical(struct fr_config *out, const char *lines, const char *name,
                                         struct fr_error *err);

/* What became of a key, by the values of two canonical texts. */
enum fr_change { FR_SAME, FR_GROWN, FR_SHRUNK, FR_CHANGED };
enum fr_change fr_config_compare(const char *key, const char *before, const char *now);
/* The canonical default of a key, for texts of before it was one; NULL: none, or no such key. The
 * caller frees it. */
char *fr_config_default(const char *key);

/* Appends what the table says of a key, with its default; false: no such key. */
bool fr_config_describe(const char *key, struct fr_text *out);
/* The tables as a page of help: key, default, limits, meaning, place in the paper. */
void fr_config_help(struct fr_text *out);
/* path, or path taken from base's directory when relative; appends to *out. */
void fr_config_resolve(const char *config_path, const char *path, struct fr_text *out);
/* The timestamp's index in the grid of every representations.grid_step tokens. */
int fr_config_grid_index(const struct fr_config *config, int timestamp);

#endif
