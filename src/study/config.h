/* The configuration of a study: a YAML file of two levels ("section: {key: value}"), read through
 * one table of keys (config.c), which also gives defaults, limits, help and the canonical text.
 * Every number of method.md that the study uses is a key.
 *
 * Relative paths are taken from the directory of the configuration file. */
#ifndef FR_STUDY_CONFIG_H
#define FR_STUDY_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

enum { FR_CONFIG_LIST = 64 };

enum fr_too_long { FR_TOO_LONG_CUT, FR_TOO_LONG_LEAVE_OUT, FR_TOO_LONG_COUNT };
extern const char *const fr_too_long_name[FR_TOO_LONG_COUNT]; /* "cut", "leave_out" */

struct fr_int_list {
    int n;
    int items[FR_CONFIG_LIST];
};
struct fr_text_list {
    int n;
    char *items[FR_CONFIG_LIST];
};

struct fr_config {
    char *study;
    int seed;

    char *model_path;
    int slots, context_tokens, chunk_tokens, threads, gpu_layers;
    bool flash_attention, deterministic;
    int kv_type; /* enum fr_kv_type */

    char *domain_path;
    char *puzzles_path; /* "": Blocksworld puzzles are generated */
    int blocks, n_collect, n_evaluate, min_plan_length, max_states;
    int distinct; /* enum fr_puzzle_distinct */

    char *traces_path; /* "": the model writes its own traces */
    char *traces_naming, *traces_problems;
    bool match;
    int too_long; /* enum fr_too_long */

    char *namings_path;
    struct fr_text_list namings;  /* ids, the clean one too; "all": every naming of the table */
    struct fr_text_list excluded; /* from representation analyses and steering */

    int style;          /* enum fr_prompt_style */
    char *wording_path; /* "": beside the domain, in data/wordings, or none */
    int shots;          /* FR_EXAMPLES_NEVER: unused; FR_EXAMPLES_ALWAYS: 1 */
    int max_tokens;     /* prompt + generated */

    int origin; /* enum fr_origin */
    int window_tokens, grid_step, grid_end, min_mentions, solved_traces;
    bool previous_token;
    int inflections; /* enum fr_inflection_rule */

    int reference_timestamp, pca_timestamp, resamples;

    struct fr_text_list conditions;
    struct fr_int_list steering_layers; /* empty: no steering */
    int window_start, window_end, vector_timestamp, permutations;
    double scale;
};

/* Errors: "file:line: unknown key "x"; the nearest is "y"", "file:line: value 0 of key k is out of
 * range 1..64; ...". On failure *out is released and zeroed. */
FR_CHECKED int fr_config_parse(struct fr_config *out, const char *text, const char *path,
                               struct fr_error *err);
FR_CHECKED int fr_config_load(struct fr_config *out, const char *path, struct fr_error *err);
void fr_config_release(struct fr_config *config);
/* "section.key: value" lines in table order, defaults included, paths as written: the identity of a
 * study. */
void fr_config_render(const struct fr_config *config, struct fr_text *out);
/* The table as a page of help: key, default, limits, meaning, place in the paper. */
void fr_config_help(struct fr_text *out);
/* path, or path taken from base's directory when relative; appends to *out. */
void fr_config_resolve(const char *config_path, const char *path, struct fr_text *out);

#endif
