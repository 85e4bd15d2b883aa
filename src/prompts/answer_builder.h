/* Lists while they grow, line by line; private to prompts/. */
#ifndef FR_PROMPTS_ANSWER_BUILDER_H
#define FR_PROMPTS_ANSWER_BUILDER_H

#include "prompts/answer_list.h"
#include "prompts/answer_table.h"

enum { FR_CHILD_COLUMNS = 2 }; /* so much further in stands what is below an item */

struct fr_builder {
    struct fr_lists *out;
    const struct fr_lexicon *lexicon;
    struct fr_line line;
    struct fr_said said;
    struct fr_table table;
    int current;  /* the list that the next line may belong to, -1 for none */
    int numbered; /* the numbered list that a number may go on with, -1 for none */
    unsigned heading, introduction; /* roles: of the last heading; of the last line of words */
    bool planned;                   /* a plan was announced under the heading */
    bool introduced;                /* that line of words stands right before the next list */
    int introduction_line;
    int n_words;          /* behind the last block, */
    unsigned words_roles; /* with these roles */
    struct fr_text title; /* a heading just before that may be a step of a list of headings */
    struct fr_text told;  /* a step, perhaps, in the line that introduces what follows, */
    int told_line;        /* or right before bare steps */
    bool used;            /* steps stand under the last heading */
    bool loose;           /* words stand between the heading and what follows */
    int block, side;
    bool any_steps; /* so far */
    bool blank;     /* a blank line came just before */
    int last_text;
};

/* List i; NULL for -1. */
struct fr_list *fr_builder_list(struct fr_builder *b, int i);
/* The next line belongs to no list, unless its number goes on with one. */
void fr_builder_suspend(struct fr_builder *b);
/* What the heading, or the line that introduces what follows, says of a list that begins here. */
unsigned fr_builder_roles(const struct fr_builder *b);
/* Did the line's words give an aside? */
bool fr_builder_has_aside(const struct fr_builder *b);
/* Takes a line that is no heading: b->line, which says b->said. */
void fr_builder_take(struct fr_builder *b);

#endif
