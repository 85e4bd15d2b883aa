/* mentions/: where a trace names a concept. Found in the text by whole-word, case-insensitive
 * match of surface forms, then mapped to tokens by their byte ranges: no model needed.
 * A mention is the run of token positions whose byte ranges overlap the word (method.md 1). */
#ifndef FR_MENTIONS_MENTIONS_H
#define FR_MENTIONS_MENTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "naming/naming.h"
#include "prompts/prompts.h"

/* Surface forms of the concepts, longest first. */
struct fr_forms {
    int n, capacity;
    struct fr_form {
        char *text;
        int concept;
    } *items;
};
void fr_forms_release(struct fr_forms *forms);
/* The forms of a naming in texts of a prompt style. */
void fr_forms_of_naming(const struct fr_concepts *concepts, const struct fr_naming *naming,
                        enum fr_prompt_style style, struct fr_forms *out);

struct fr_mention {
    int concept;
    int first, end; /* token positions of the word, [first, end); the token before is first - 1 */
};
struct fr_mentions {
    int n, capacity;
    struct fr_mention *items; /* by position; longest match wins, matches do not overlap */
};
void fr_mentions_release(struct fr_mentions *mentions);
/* starts/ends: byte ranges of the n_tokens tokens in text. Replaces the content of *out. */
void fr_mentions_find(const struct fr_forms *forms, const char *text, size_t n, const int32_t *starts,
                      const int32_t *ends, int n_tokens, struct fr_mentions *out);

#endif
