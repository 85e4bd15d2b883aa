/* A configuration and what it names, opened: the domain, its wording, the namings. Everything a
 * study is about, without a store and without a model; only read once it is open. */
#ifndef FR_CONFIG_WORLD_H
#define FR_CONFIG_WORLD_H

#include "config/config.h"
#include "naming/check.h"
#include "planning/planning.h"
#include "prompts/wording.h"
#include "representations/representations.h"

/* A naming of the study. */
struct fr_world_naming {
    const struct fr_naming *naming;
    bool clean, excluded; /* excluded: from representation analyses and steering, by namings.exclude
                             or namings.accuracy_only */
    bool accuracy_only;   /* the latter: its traces are not replayed */
};

/* Holds pointers into itself: it is not to be copied. */
struct fr_world {
    struct fr_config config;
    char *config_path;
    char *model_path, *puzzles_path, *traces_path, *traces_problems; /* resolved; "" for none */
    char *wording_path;          /* the file that the wording was read from, "" for none */
    struct fr_problem example;   /* that all prompts show; of domain */
    struct fr_plan example_plan; /* no steps: there is none */
    char *chat_template;         /* a file of that name, resolved, else as it is written */
    struct fr_domain domain;
    struct fr_wording wording;
    struct fr_namings table;
    int n_namings;
    struct fr_world_naming *namings; /* in the configuration's order */
    struct fr_conditions conditions; /* of the configuration's experiments */
};

/* Does anything need the sums of this set of traces? Of all and of the solved ones always. */
bool fr_world_uses_traces(const struct fr_world *world, enum fr_trace_set set);
/* Reads all of it. Errors name the configuration and the key. On failure *out is released. */
FR_CHECKED int fr_world_open(struct fr_world *out, const char *config_path, struct fr_error *err);
void fr_world_release(struct fr_world *world);
/* Would the words of one of the study's namings be misread, in texts with these words of prompts?
 * FR_E_INPUT, with the first that would (naming/check.h's errors). When a world is opened it is
 * asked for what its prompts say of any puzzle. */
FR_CHECKED int fr_world_check_words(const struct fr_world *world,
                                    const struct fr_reserved *reserved, struct fr_error *err);

/* The lines that bind the stage: the configuration's, and the hashes of what it names. The model's
 * hash is the caller's. */
FR_CHECKED int fr_world_render_stage(const struct fr_world *world, enum fr_stage stage,
                                     const char *model_sha256, struct fr_text *out,
                                     struct fr_error *err);

/* The grid of the configuration; free times. */
void fr_world_grid(const struct fr_world *world, struct fr_grid *out);
/* The same as the sums of a set have it: with previous_token as it was for them, and phases or
 * groups for timestamps where its cells are those. */
void fr_config_grid_of(const struct fr_config *config, enum fr_trace_set set, struct fr_grid *out);
void fr_world_grid_of(const struct fr_world *world, enum fr_trace_set set, struct fr_grid *out);
/* How many mentions a cell of a set must have, or it is missing. */
int fr_config_min_mentions(const struct fr_config *config, enum fr_trace_set set);
int fr_world_min_mentions(const struct fr_world *world, enum fr_trace_set set);
/* The timestamp that a trace of the panel reaches. */
int fr_world_panel_end(const struct fr_world *world);
/* Namings that take part in representation analyses and steering: mystery, not excluded. [N] */
void fr_world_used_namings(const struct fr_world *world, bool *use);
/* How many have representations, and the first that has: all but those for accuracy only. */
int fr_world_replayed_namings(const struct fr_world *world, int *first);
int fr_world_clean_naming(const struct fr_world *world);                /* or -1 */
int fr_world_find_naming(const struct fr_world *world, const char *id); /* of the study's, or -1 */
/* What is said beside the question, or NULL. */
const char *fr_world_instruction(const struct fr_world *world);
/* Do prompts show a solved example? */
bool fr_world_shows_examples(const struct fr_world *world);
/* The words that name concepts in a naming's traces (mentions/); the caller releases *out. */
void fr_world_forms(const struct fr_world *world, int naming, struct fr_forms *out);
/* The position that timestamps count from, in a trace with such a prompt. */
int fr_world_origin(const struct fr_world *world, int n_prompt);
/* How many tokens of its trace a run is given: up to the window's end, and at least the prompt, for
 * a window that ends inside it leaves the rest to be read. */
int fr_world_given(const struct fr_world *world, int n_prompt, int window_end);

#endif
