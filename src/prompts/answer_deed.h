/* What is told to be done in other words than an action's: "put it down", "now move a onto c";
 * private to prompts/. */
#ifndef FR_PROMPTS_ANSWER_DEED_H
#define FR_PROMPTS_ANSWER_DEED_H

#include "prompts/answer_match.h"

enum fr_deed_kind { FR_DEED_NONE, FR_DEED_TAKES, FR_DEED_PUTS, FR_DEED_MOVES };

/* What an action does, by the verb that its phrase begins with; NONE for other words. */
enum fr_deed_kind fr_deed_kind_of(const struct fr_lexicon *lexicon, int action);
/* What the word at i says to be done, a verb of moving things or an action's word in any form;
 * *action is -1 for no action's. */
enum fr_deed_kind fr_deed_at(const struct fr_reader *r, int i, int *action);
/* Does the clause at piece i tell something to be done? It begins, behind words that only join and
 * whoever does it, with a verb of moving things, or with an action's word in any form. */
bool fr_tells_a_deed(const struct fr_lexicon *lexicon, const struct fr_line *line, int i);
/* Does any clause of the line from piece i on? *end, unless NULL: behind its verb. */
bool fr_holds_a_deed(const struct fr_lexicon *lexicon, const struct fr_line *line, int i, int *end);
/* Does what stands behind a step from piece i on, "(and put it down)", tell a further one? Not when
 * it says the step itself: "put down b: place b on the table". */
bool fr_adds_a_deed(const struct fr_lexicon *lexicon, const struct fr_line *line, int i,
                    const struct fr_step *step);
/* "Then place a on c.", "New plan: take b off a": does a line of words tell more to be done? */
bool fr_tells_more(const struct fr_lexicon *lexicon, const struct fr_line *line);
/* "Move b to the table. Then:", "After moving b:": does an introduction, which names an object or
 * an action, tell what is done before the list? */
bool fr_tells_before(const struct fr_lexicon *lexicon, const struct fr_line *line);
/* "it", "them": what is done is done to what was named before. */
bool fr_holds_pronoun(const struct fr_line *line);
/* "or", "Alternatively:" and nothing else. */
bool fr_parts_plans(const struct fr_line *line);

#endif
