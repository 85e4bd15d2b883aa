/* Headings and introductions as roles; private to prompts/. */
#ifndef FR_PROMPTS_ANSWER_HEADING_H
#define FR_PROMPTS_ANSWER_HEADING_H

#include "prompts/answer_line.h"
#include "prompts/answer_step.h"
#include "prompts/answer_word.h"

/* What a heading or an introduction says of the plan that follows, or of anything. */
enum {
    FR_ROLES_DECIDE = FR_ROLE_PLAN | FR_ROLE_FINAL | FR_ROLE_EXPLAIN | FR_ROLE_REJECT |
                      FR_ROLE_OTHER | FR_ROLE_LAST | FR_ROLE_PART,
    FR_ROLES_ABOUT = FR_ROLES_DECIDE | FR_ROLE_STATE
};

/* The roles of an introduction: those of its last sentence, for what was tried before may stand
 * before it. A heading means what its words mean; a sentence in which something is refused or
 * reasoned about and a plan is named may say anything ("since that fails, the plan is"). */
unsigned fr_heading_roles(const struct fr_line *line);

/* The same of the words before a colon within the line, "Updated answer: attack a, ...", where they
 * announce a correction; else 0 ("Final answer: attack a" may be its last step). */
unsigned fr_announcement_roles(const struct fr_line *line);
/* What an item that is only a title says of the steps below it: "2. **Check**"; 0 for another. */
unsigned fr_item_roles(const struct fr_line *line, const struct fr_said *said);
/* "Check that the hand is empty.": does an item do nothing? */
bool fr_only_looks(const struct fr_line *line);

#endif
