/* The styles `planbench` and `paper` (see prompts.h); private to prompts/. */
#ifndef FR_PROMPTS_PLANBENCH_H
#define FR_PROMPTS_PLANBENCH_H

#include "prompts/prompts.h"

void fr_planbench_render(const struct fr_prompt *prompt, struct fr_text *out);
void fr_paper_render(const struct fr_prompt *prompt, struct fr_text *out);
void fr_planbench_word(const struct fr_wording *wording, const struct fr_naming *naming,
                       int concept, struct fr_text *out);

#endif
