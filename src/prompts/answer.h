/* The plan in a model's answer, written as people write; private to prompts/. */
#ifndef FR_PROMPTS_ANSWER_H
#define FR_PROMPTS_ANSWER_H

#include "prompts/wording.h"

/* See fr_answer_parse in prompts.h; text is the answer alone, after the reasoning. */
enum fr_verdict_kind fr_answer_read(const char *text, const struct fr_wording *wording,
                                    const struct fr_problem *problem,
                                    const struct fr_naming *naming, struct fr_plan *plan,
                                    struct fr_verdict *verdict);

#endif
