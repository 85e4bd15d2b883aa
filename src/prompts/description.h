/* The introduction of a prompt, made from the PDDL in the mystery prompt's sentences; private to
 * prompts/. Every action is named once; every precondition, equality and effect is said once, in
 * the domain's order:
 *
 *     I am playing with a set of objects. Here are the actions I can do
 *
 *        Feast object from another object
 *
 *     I have the following restrictions on my actions:
 *         To perform Feast action, object needs to be of kind 1.
 *         To perform Feast action, the following facts need to be true: Object Craves other object,
 *     Harmony.
 *         To perform Feast action, the following facts need to be false: Planet object.
 *         To perform Feast action, object and other object need to be different.
 *         Once Feast action is performed the following facts will be true: Pain object.
 *         Once Feast action is performed the following facts will be false: Harmony.
 *
 * Parameters are "object", "other object", "third object", ... in the action's order ("another
 * object", "a third object" where the actions are listed). */
#ifndef FR_PROMPTS_DESCRIPTION_H
#define FR_PROMPTS_DESCRIPTION_H

#include "prompts/wording.h"

/* Appends it, without a line feed at its end. */
void fr_description_render(const struct fr_wording *wording, enum fr_register reg,
                           const struct fr_naming *naming, struct fr_text *out);
/* Appends what an object of a type is said to be: "of kind 2" (the type's number, so that an
 * obfuscated domain does not tell its types' names) or, in the clean naming, "of kind truck"; of
 * "(either a b)" all, with "or" between them. */
void fr_description_kind(const struct fr_domain *domain, const struct fr_naming *naming, int type,
                         struct fr_text *out);

#endif
