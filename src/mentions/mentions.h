/* mentions/: where a trace names a concept. Found in the text by whole-word, case-insensitive
 * match of surface forms, then mapped to tokens by their byte ranges: no model needed.
 * A mention is the run of token positions whose byte ranges overlap the word (method.md 1).
 *
 * Whole word: no letter, digit or '_' goes on before or after the form (base/text.h's
 * fr_is_inside_word, as for renaming: a dash, an arrow or a curly quote ends a word, an accented
 * letter does not). A hyphen ends a word, so a form that holds
 * one ("pick-up") is found whole before its parts are looked for. */
#ifndef FR_MENTIONS_MENTIONS_H
#define FR_MENTIONS_MENTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "naming/inflection.h"
#include "naming/naming.h"
#include "prompts/prompts.h"

struct fr_form {
    char *text;
    int concept;
};
/* Surface forms of the concepts, longest first; of equal length, in the order of the concepts. */
struct fr_forms {
    int n, capacity;
    struct fr_form *items;
};
void fr_forms_release(struct fr_forms *forms);
/* Adds a form of a concept in its place of the order: an inflection, say. A text that is there
 * already (in any case) is left to its first owner; an empty one is ignored. */
void fr_forms_append(struct fr_forms *forms, const char *text, int concept);
/* The forms of a naming in texts of a prompt style; wording as in prompts.h, or NULL. rule says
 * whether inflections count (craves, crave, craving). Where concepts are said in the domain's own
 * sentences (the plain register) an action's phrase is inflected in its verb, and is found with
 * blanks, hyphens or joined: pick up, pick-up, pickup, picking up; predicates are found as said
 * ("on top of"). *out is written anew. */
void fr_forms_of_naming(const struct fr_concepts *concepts, const struct fr_naming *naming,
                        enum fr_prompt_style style, const struct fr_wording *wording,
                        enum fr_inflection_rule rule, struct fr_forms *out);

struct fr_mention {
    int concept;
    int first, end; /* token positions of the word, [first, end); the token before is first - 1 */
};
/* By position: first and end never decrease. Longest match wins and matches do not overlap in the
 * text, but two words inside one token share it. */
struct fr_mentions {
    int n, capacity;
    struct fr_mention *items;
};
void fr_mentions_release(struct fr_mentions *mentions);
/* starts/ends: byte ranges [start, end) of the n_tokens tokens in text, ascending. An empty token
 * at a word's edge is not the word's; a word behind the last token is no mention. Replaces the
 * content of *out, which is zero-initialised or from an earlier call. */
void fr_mentions_find(const struct fr_forms *forms, const char *text, size_t n,
                      const int32_t *starts, const int32_t *ends, int n_tokens,
                      struct fr_mentions *out);

#endif
