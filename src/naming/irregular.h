/* What no rule of spelling knows; used by inflection.c alone. All words in lower case. */
#ifndef FR_NAMING_IRREGULAR_H
#define FR_NAMING_IRREGULAR_H

#include <stdbool.h>
#include <stddef.h>

#include "naming/inflection.h"

/* The irregular form of a lemma, or NULL when it is regular. Owned by the table. */
const char *fr_irregular_form(const char *lemma, enum fr_inflection_tag tag);
/* Is word an irregular form and no lemma ("overcame")? lemma is then written, size bytes at most.
 */
bool fr_irregular_find(const char *word, char *lemma, size_t size, enum fr_inflection_tag *tag);
/* Is word a lemma that looks like an inflected form ("evening", "lens"), or a lemma of the table?
 */
bool fr_irregular_is_base(const char *word);
/* Does the last letter double before -ed and -ing though the word has several syllables (repel)?
 * The stem form asks of what is left without the ending ("repell"). */
bool fr_irregular_doubles(const char *word);
bool fr_irregular_doubles_stem(const char *stem);

/* Is the lemma of stem-ed and stem-ing known against the rule (guide, visit)? *with_e says whether
 * it ends in e. */
bool fr_irregular_ends_in_e(const char *stem, bool *with_e);

#endif
