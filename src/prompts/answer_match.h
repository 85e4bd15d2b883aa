/* Pieces of a line as actions, objects and steps; private to prompts/. */
#ifndef FR_PROMPTS_ANSWER_MATCH_H
#define FR_PROMPTS_ANSWER_MATCH_H

#include "prompts/answer_lexicon.h"
#include "prompts/answer_line.h"

struct fr_reader {
    const struct fr_lexicon *x;
    const struct fr_line *line;
    bool a_is_article; /* where "a" stands before a noun or a name; else it is the object a */
    bool in_prose;     /* a step is mentioned, and the sentence goes on */
    bool performed;    /* "perform attack on a" */
};

bool fr_piece_at(const struct fr_reader *r, int i, enum fr_piece_kind kind);
/* The word at i, *n its bytes; NULL when there is none. */
const char *fr_word_at(const struct fr_reader *r, int i, size_t *n);
/* Behind a noun of objects at i, or -1. */
int fr_match_noun(const struct fr_reader *r, int i);
/* The longest name at i; objects of other names of the same length are another reading: -2. */
int fr_match_name(const struct fr_reader *r, int i, int *object);
/* [article] [noun] NAME [noun]; the place behind it, or -1. */
int fr_match_object(const struct fr_reader *r, int i, int *object);
/* Behind "we", "you", "I", "let's", "let us" at i, else i. */
int fr_match_subject(const struct fr_reader *r, int i);
/* Behind phrase k of the lexicon at i, or -1. */
int fr_match_phrase(const struct fr_reader *r, int i, int k);
/* Does the word at i name a predicate, in any form? */
bool fr_names_a_fact(const struct fr_reader *r, int i);
/* Does an action's phrase begin at one of pieces [from, to)? */
bool fr_names_an_action(const struct fr_reader *r, int from, int to);
/* The step at i under every phrase; -1 when there is none, -2 when there are two. Of several, those
 * that the unchanging facts allow count; when they allow none, the first, which is illegal as all
 * the others are. *reached: as far as any phrase was understood. */
int fr_read_step(const struct fr_reader *r, int i, struct fr_step *out, struct fr_text *why,
                 int *reached);
/* A step at i, or behind words that say only that it is done: "perform the ...", "use: ...", "the
 * action is ...". */
int fr_read_performed(const struct fr_reader *r, int *at_step, struct fr_step *out,
                      struct fr_text *why, int *reached);
/* The same action of the same objects? */
bool fr_step_same(const struct fr_step *a, const struct fr_step *b);
/* Is a step of one a step of the other? */
bool fr_plan_shares(const struct fr_plan *a, const struct fr_plan *b);
/* Are steps, one or more, the last of plan? */
bool fr_plan_ends_with(const struct fr_plan *plan, const struct fr_plan *steps);

#endif
