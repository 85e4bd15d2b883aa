/* The lists of steps in an answer, each with the evidence for and against its being the plan;
 * private to prompts/. */
#ifndef FR_PROMPTS_ANSWER_LIST_H
#define FR_PROMPTS_ANSWER_LIST_H

#include "prompts/answer_aside.h"
#include "prompts/answer_remark.h"
#include "prompts/answer_step.h"
#include "prompts/answer_text.h"
#include "prompts/answer_told.h"

struct fr_list {
    struct fr_plan plan;
    struct fr_text fault;      /* not empty: it may say more than the plan, and why */
    int first_line, last_line; /* of its steps, or of its lines when it has none; in the answer */
    unsigned roles;            /* of its heading or introduction (answer_word.h) */
    int block;                 /* the tagged block that it stands in, -1 for none */
    int introduction;          /* the line that introduces it, 0 for none */
    int side;                  /* between which stray end tags of the reasoning it stands */
    int first;                 /* so many steps are said to be the first; else 0 */
    bool commented;            /* remarks stand behind its steps */
    bool is_aside;             /* no step, but prose whose steps are among the asides */
    bool names_object;         /* a line that is no step names one */
    bool promised;             /* no step: its heading announces a plan, or it names an action */
    bool deed;                 /* no step, but a line that tells something to be done */
    bool crossed_out;          /* all of its items are */
    bool sentence;             /* no step, but one line of prose */

    /* while it grows */
    enum fr_marker marker;
    bool named, phase, headings, lettered; /* items are "Step 3", "Phase 3", "### 3.", "c)" */
    int indent;
    int path[FR_MAX_LEVELS], n_levels, letter, last_text; /* of the last item, and of any line */
    int own;                                              /* that item's steps, on its own line */
    int n_below, below[FR_MAX_LEVELS], n_below_levels; /* steps below it; the last number there */
    bool below_labelled;                               /* they begin with a label of steps */
    unsigned item_roles;         /* what that item, a title, says of the steps below it; else 0 */
    int item_line;               /* in the answer */
    bool hash;                   /* the last line of steps begins with '#' */
    bool joined;                 /* the last step was joined to another: "a, and then b" */
    bool formal;                 /* the last line of steps is written as code */
    bool ones;                   /* all of its items are numbered 1, two at least */
    int n_several;               /* items of several steps */
    int n_lines, n_restated;     /* lines of steps; and of those before, in another dress */
    struct fr_mentions mentions; /* steps that remarks name */
    struct fr_tolds tolds;       /* what its remarks tell */
    struct fr_text title;        /* why that item is no step, until one stands below it */
    struct fr_text pending;      /* a fault if one more step follows, unless below that item */
    bool pending_here;           /* it is that item's */
};

struct fr_block {
    int first_line;
    unsigned roles;  /* of its heading or introduction */
    unsigned before; /* of all words between it and the block before */
    bool alone;      /* its tag stands alone on its line, or begins it */
    bool has_words;
    bool speaks; /* of steps, or of there being none */
    bool joins;  /* no words stand between it and the block before */
};

struct fr_lists {
    int n, capacity;
    struct fr_list *items;
    int n_blocks, block_capacity;
    struct fr_block *blocks;
    int n_asides, aside_capacity;
    struct fr_aside *asides; /* but for those of sections that explain or reject a plan */
    struct fr_tolds tolds;   /* what prose around lists tells, of the same sections */
    bool restated;           /* two puzzles are stated, with steps behind the first */
    int cut, before_cut;  /* the line in which the answer breaks off, and the one before; 0: none */
    struct fr_text stray; /* why the first line that could be a step is none */
};

void fr_lists_read(struct fr_lists *out, const struct fr_source *source,
                   const struct fr_lexicon *lexicon);
void fr_lists_release(struct fr_lists *lists);

#endif
