/* A puzzle read back from its prompt: the inverse of what planbench.c says of a problem, for
 * recorded traces that come without PDDL. Strict: every clause of the last [STATEMENT] must be a
 * fact in the wording's sentences, or the prompt is refused; a fact that a wording does not say is
 * not there. */
#ifndef FR_PROMPTS_STATEMENT_H
#define FR_PROMPTS_STATEMENT_H

#include "prompts/prompts.h"

/* What a prompt's last part, the puzzle, begins with. */
#define FR_STATEMENT_TAG "[STATEMENT]"
#define FR_STATEMENT_INIT "As initial conditions I have that, "
/* Before an object that nothing else tells of. */
#define FR_STATEMENT_LONE "there is "

/* The problem of a prompt of style planbench or paper, as a problem of wording's domain (borrowed).
 * Objects in the order in which they are first named. FR_E_INPUT for another style, a domain with
 * types (prompts need not tell them), a prompt without statement or with a clause that is no fact;
 * *out is then released and zeroed. */
FR_CHECKED int fr_statement_read(enum fr_prompt_style style, const struct fr_wording *wording,
                                 const struct fr_naming *naming, const char *prompt,
                                 struct fr_problem *out, struct fr_error *err);

#endif
