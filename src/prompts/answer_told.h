/* What prose tells to be done or to have been done, in whatever words and form: "the red block can
 * be stacked on the orange block", "by putting b on the table"; private to prompts/. */
#ifndef FR_PROMPTS_ANSWER_TOLD_H
#define FR_PROMPTS_ANSWER_TOLD_H

#include "prompts/answer_deed.h"

struct fr_told {
    int line, block;        /* in the answer; the tagged block or -1 */
    enum fr_deed_kind kind; /* NONE: the action's own word */
    int action;             /* of the domain, -1 for another verb */
    int moved, other;       /* objects, -1 for none that is named */
    bool place;             /* it comes to where things stand that is no object */
    bool leaves, comes;     /* its prepositions: "off a", "onto a" */
    bool pair;              /* no verb, but two objects: "a belongs on c" */
    bool stands;            /* "is stacked on": perhaps how things stand */
    bool after;             /* "after b was put down": it was done before */
    int behind;             /* in the remark of a step: the steps up to that one; else 0 */
};
struct fr_tolds {
    int n, capacity;
    struct fr_told *items;
};

/* Appends what pieces [from, n_pieces) of the line tell, but for steps that are read, what is
 * denied and what is only supposed. it: the object that "it" stands for, -1 for unknown. */
void fr_told_read(const struct fr_lexicon *lexicon, const struct fr_line *line, int from, int it,
                  struct fr_tolds *tolds);
/* Is it done by a step of the plan? */
bool fr_told_is_done(const struct fr_lexicon *lexicon, const struct fr_told *told,
                     const struct fr_plan *plan);
/* Does it only say how things stand at first, or, before the plan, what the goal is? */
bool fr_told_is_given(const struct fr_lexicon *lexicon, const struct fr_told *told, bool before);

#endif
