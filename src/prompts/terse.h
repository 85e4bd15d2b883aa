/* The `terse` style and `inferred`, which shares all but the prompt's first part (see prompts.h);
 * private to prompts/. */
#ifndef FR_PROMPTS_TERSE_H
#define FR_PROMPTS_TERSE_H

#include "prompts/prompts.h"

void fr_terse_render(const struct fr_prompt *prompt, struct fr_text *out);
void fr_inferred_render(const struct fr_prompt *prompt, struct fr_text *out);
void fr_ambiguous_render(const struct fr_prompt *prompt, struct fr_text *out);
/* " x y": an action's parameters; " w": its word; " w x y": both. */
void fr_terse_parameters(const struct fr_problem *problem, int action, struct fr_text *out);
void fr_terse_action(const struct fr_naming *naming, int action, struct fr_text *out);
void fr_terse_signature(const struct fr_problem *problem, const struct fr_naming *naming,
                        int action, struct fr_text *out);
/* What an action needs that is about no object. */
void fr_terse_surroundings(const struct fr_problem *problem, const struct fr_naming *naming,
                           int action, struct fr_text *out);
/* What an action makes true, in the order of facts. */
void fr_terse_added(const struct fr_problem *problem, const struct fr_naming *naming, int action,
                    struct fr_text *out);
/* The puzzle itself, "= FACTS", "? GOAL", without a line feed at the end. */
void fr_terse_puzzle(const struct fr_problem *problem, const struct fr_naming *naming,
                     struct fr_text *out);
void fr_terse_name(const struct fr_wording *wording, const struct fr_naming *naming, int concept,
                   struct fr_text *out);
enum fr_verdict_kind fr_terse_parse(const char *text, const struct fr_wording *wording,
                                    const struct fr_problem *problem,
                                    const struct fr_naming *naming, struct fr_plan *plan,
                                    struct fr_verdict *verdict);

#endif
