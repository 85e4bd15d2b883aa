/* The words that prompts have beside a naming's own: a naming that uses one of them would have the
 * prompt's words counted as mentions of its concept. Found in prompts themselves, as they are
 * rendered, and in no list. */
#ifndef FR_PROMPTS_RESERVE_H
#define FR_PROMPTS_RESERVE_H

#include "naming/check.h"
#include "prompts/prompts.h"

/* Adds the domain's own words, and of one prompt, under whatever mystery naming: its objects' names
 * and the words of its text. prompt->naming is not looked at. */
void fr_prompt_reserve(const struct fr_prompt *prompt, struct fr_reserved *out);

/* The same of what every puzzle's prompt may say: prompt as above, and its problem, whose facts and
 * goals are not looked at, gives the objects that are known. rare: also what is said only of a
 * puzzle without facts, without a goal, or of what is not to be true. */
void fr_prompt_reserve_domain(const struct fr_prompt *prompt, bool rare, struct fr_reserved *out);

#endif
