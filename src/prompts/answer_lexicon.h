/* What steps are made of, for one problem under one naming: the actions' phrases, the objects'
 * names, nouns and places, what may stand between arguments; private to prompts/. */
#ifndef FR_PROMPTS_ANSWER_LEXICON_H
#define FR_PROMPTS_ANSWER_LEXICON_H

#include <stdbool.h>
#include <stddef.h>

#include "prompts/wording.h"

/* Prepositions by what they say: a gap of a sentence admits the groups that it holds itself. */
enum fr_preposition_group {
    FR_GROUP_FROM = 1,
    FR_GROUP_ON = 2,
    FR_GROUP_IN = 4,
    FR_GROUP_AT = 8,
    FR_GROUP_TO = 16,
    FR_GROUP_ANY = 31
};

struct fr_phrase {
    char *letters; /* lower case, without what joins the words: "pickup" */
    int action;
};
struct fr_name {
    char *word; /* lower case, words joined by '-': "red", "location-0-0" */
    int object;
};

struct fr_lexicon {
    const struct fr_problem *problem;
    int n_phrases, phrase_capacity;
    struct fr_phrase *phrases; /* longest first */
    int n_names, name_capacity;
    struct fr_name *names;
    int n_nouns, noun_capacity;
    char **nouns; /* "block", "object", "package" */
    int n_places, place_capacity;
    char **places; /* "table": where things stand that is no object */
    int n_facts, fact_capacity;
    char **facts; /* stems of what names a predicate: "crave", "clear" */
    unsigned gaps[FR_MAX_CONCEPTS][FR_MAX_ARITY]; /* by action: groups before argument g >= 1 */
    bool is_static[FR_MAX_CONCEPTS];              /* by predicate: no action changes it */
    struct fr_state init;
};

void fr_lexicon_new(struct fr_lexicon **out, const struct fr_wording *wording,
                    const struct fr_naming *naming, const struct fr_problem *problem);
void fr_lexicon_free(struct fr_lexicon *lexicon);

/* The group of a preposition, 0 for another word. */
unsigned fr_preposition_group_of(const char *word, size_t n);

#define FR_COUNT(x) ((int)(sizeof(x) / sizeof *(x)))
/* "the", "an", "another": before an object. */
bool fr_is_article(const char *word, size_t n);

#endif
