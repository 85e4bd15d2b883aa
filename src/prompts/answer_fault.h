/* Faults of lists: why one may say more, or other, than the steps that were read; private to
 * prompts/. */
#ifndef FR_PROMPTS_ANSWER_FAULT_H
#define FR_PROMPTS_ANSWER_FAULT_H

#include "prompts/answer_list.h"

extern const char fr_in_other_words[]; /* why a line that tells a deed is at fault */

/* "line 3: "...": why" */
void fr_line_describe(const struct fr_line *line, const char *why, struct fr_text *out);
/* The list's fault, unless it has one. */
void fr_list_fault_line(struct fr_list *list, const struct fr_line *line, const char *why);
void fr_list_fault_text(struct fr_list *list, const struct fr_text *why);
/* An item that is only a title has its step below it, or is a step that was not read. */
void fr_list_close_item(struct fr_list *list);
/* What can be said of a list only when all of it is there. */
void fr_list_check(struct fr_list *list, const struct fr_lexicon *lexicon);

/* What can be said of steps that were read, with their remark, before they are the list's: whether
 * it says that they are done elsewhere, or denies the plan. */
void fr_list_check_step(struct fr_list *list, const struct fr_lexicon *lexicon,
                        const struct fr_line *line, const struct fr_said *said);

#endif
