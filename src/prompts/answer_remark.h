/* What the remark behind a step says of it, and of other steps; private to prompts/. */
#ifndef FR_PROMPTS_ANSWER_REMARK_H
#define FR_PROMPTS_ANSWER_REMARK_H

#include "prompts/answer_line.h"
#include "prompts/answer_step.h"

/* A step that a remark names: one of the list's, or nobody knows what is meant. */
struct fr_mention {
    int line;   /* in the answer */
    int place;  /* of the list's step that would follow */
    bool next;  /* it is said to follow: "(and attack a)" */
    bool after; /* or to come before: "(after attack a)" */
    struct fr_step step;
};
struct fr_mentions {
    int n, capacity;
    struct fr_mention *items;
};

/* May the remark that begins at piece from say that the step is taken more than once, only perhaps,
 * or not at all? */
bool fr_remark_changes(const struct fr_line *line, int from);
/* "... which is not possible": may the line from a piece on say that a step cannot be done? */
bool fr_remark_takes_back(const struct fr_line *line, int from);
/* Where the remark from a piece on says that the step of this number, from 1, is done: "(after step
 * 3)", "(this must come last)". */
enum fr_place { FR_PLACE_HERE, FR_PLACE_OTHER, FR_PLACE_FIRST, FR_PLACE_LAST };
enum fr_place fr_remark_place(const struct fr_line *line, int from, int own);
/* Appends the steps that the line names from a piece on; place steps stand before. */
void fr_remark_read(const struct fr_lexicon *lexicon, const struct fr_line *line, int from,
                    int place, struct fr_mentions *mentions);
/* The first mention that the plan does not bear out, or NULL. */
const struct fr_mention *fr_remark_against(const struct fr_mentions *mentions,
                                           const struct fr_plan *plan);

#endif
