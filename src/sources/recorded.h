/* Recorded traces: JSON in, traces of this study out (method.md A5 and matched traces).
 *
 * A file is lines of JSON, or one document: a list, or an object with a list "instances". A trace
 * is one object in one of the forms of recorded_form.c, told by its fields; this project's own:
 * `prompt` and `reasoning` (or `reasoning_content`) are texts that are not empty, `answer` (or
 * `response`) is a text or missing; where the reasoning is missing it is taken from between the
 * answer's own tags, unless `reasons` is false: the answer is then all that was written. Told or
 * not: `system` (the message before the prompt), `naming` (an id), `instance_id` or `id` (a number
 * or a text), `puzzle` (PDDL), `correct`, `finish_reason`. PlanBench's files are such lines; other
 * fields are passed over.
 *
 * As a trace of a model it becomes what that model would have read and written: its chat template
 * around the prompt, its reasoning tags, the reasoning, the end tag, the answer, in its tokens.
 *
 * A matched trace is the same texts with another naming's words (naming/rename.h). The prompt is
 * renamed too, not rendered anew: a recorded prompt may hold an example or a sentence that ours has
 * not, and all that may differ are the words. (Facts then stay in their order, where a prompt made
 * for that naming would sort them by its words.) */
#ifndef FR_SOURCES_RECORDED_H
#define FR_SOURCES_RECORDED_H

#include <stdio.h>

#include "model/model.h"
#include "naming/rename.h"
#include "planning/planning.h"
#include "prompts/prompts.h"
#include "store/store.h"

struct fr_recorded {
    long line;                         /* of the file, or item of the document, from 1 */
    char *prompt, *reasoning, *answer; /* answer: "" for none */
    char *naming, *instance, *puzzle;  /* "" where the line does not tell */
    char *system;                      /* the message before the prompt; "": none is told */
    bool cut_short;                    /* the model's own limit ended it */
    bool ended;                        /* the model itself ended it */
    bool raw_prompt;                   /* the prompt is what a model read, chat template and all */
    bool no_reasoning;                 /* it says that there is none: the answer is all there is */
    bool reasoning_ends;               /* in the answer's text, where it was taken from */
    int correct;                       /* 1, 0; -1: not told */
};
void fr_recorded_release(struct fr_recorded *recorded);

struct fr_recorded_file {
    char *path;
    FILE *stream;
    char *buffer;
    size_t room;
    long line;               /* the last that was read, as in struct fr_recorded */
    bool looked;             /* is it lines or one document? */
    struct json_t *document; /* NULL: lines */
    size_t item;
};
FR_CHECKED int fr_recorded_open(struct fr_recorded_file *out, const char *path,
                                struct fr_error *err);
void fr_recorded_close(struct fr_recorded_file *file);
/* The next line that is not blank, or item of the document (which then counts as a line), into *out
 * (release it after); *found is false at the end. FR_E_INPUT, "file:line: ...", for a line that is
 * no trace: the next call goes on behind it. (With *found false: the file is neither lines nor a
 * document of traces.) FR_E_IO for a file that cannot be read. */
FR_CHECKED int fr_recorded_next(struct fr_recorded_file *file, struct fr_recorded *out, bool *found,
                                struct fr_error *err);

/* What recorded traces are read with; all borrowed. */
struct fr_recorded_world {
    const struct fr_model *model; /* its vocabulary is enough */
    const struct fr_domain *domain;
    const struct fr_namings *namings;
    const struct fr_wording *wording;
    enum fr_prompt_style style;
    const char *system;   /* message before the prompt; NULL or "": none */
    const char *naming;   /* of lines that do not tell theirs; "": they must */
    const char *problems; /* "DIR/instance-%d.pddl", by instance; "": none */
    int max_tokens;       /* of a trace; what is more is cut */
};

/* First of all: the prompt becomes the message alone, where it is what a model read. FR_E_INPUT
 * when that was another template than the model's. */
FR_CHECKED int fr_recorded_settle(const struct fr_recorded_world *world,
                                  struct fr_recorded *recorded, struct fr_error *err);
/* The line's naming, as an index of the table. */
FR_CHECKED int fr_recorded_naming(const struct fr_recorded_world *world,
                                  const struct fr_recorded *recorded, int *out,
                                  struct fr_error *err);
/* The line's puzzle: its own PDDL, else the problem of its instance, else what its prompt says.
 * *out points into world->domain; on failure it is empty. */
FR_CHECKED int fr_recorded_problem(const struct fr_recorded_world *world,
                                   const struct fr_recorded *recorded, int naming,
                                   struct fr_problem *out, struct fr_error *err);
/* The same trace in another naming. counts: words renamed, words of the target that stood there
 * (swapped), and those of both that would not come back. */
struct fr_recorded_counts {
    long n_renamed, n_collisions, n_lost;
};
FR_CHECKED int fr_recorded_rename(const struct fr_recorded_world *world,
                                  const struct fr_recorded *recorded, int from, int to,
                                  struct fr_recorded *out, struct fr_recorded_counts *counts,
                                  struct fr_error *err);
/* As a trace of the model, with its naming and the verdict on the recorded answer, whole even where
 * the trace is cut; *n_whole is its length before. FR_E_INPUT when the prompt alone takes
 * max_tokens. On failure *out is empty. */
FR_CHECKED int fr_recorded_trace(const struct fr_recorded_world *world,
                                 const struct fr_recorded *recorded, int naming,
                                 const struct fr_problem *problem, struct fr_trace *out,
                                 int *n_whole, struct fr_error *err);

#endif
