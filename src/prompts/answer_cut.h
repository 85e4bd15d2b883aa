/* Does an answer break off? Private to prompts/. */
#ifndef FR_PROMPTS_ANSWER_CUT_H
#define FR_PROMPTS_ANSWER_CUT_H

#include "prompts/answer_lexicon.h"
#include "prompts/answer_text.h"

/* *line: the answer's last line of words, where it may be the first part of one; else 0. *before:
 * the one before it. */
void fr_answer_cut(const struct fr_source *source, const struct fr_lexicon *lexicon, int *line,
                   int *before);

#endif
