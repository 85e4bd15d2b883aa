/* The forms of a word in English text: craves, crave, craved, craving, cravings.
 *
 * A naming's word may itself be inflected ("craves", "tethered", "consuming"), and a model that
 * reasons about it uses the others. Every form has a *tag*, so that a renaming can map form to form
 * (attacking -> illuminating) and mentions can be found whatever the grammar wants.
 *
 * What a form is: the word, plural and third person, past tense, past participle, present
 * participle and its plural ("cravings": a participle used as a noun). Every word is read as a verb
 * and as a noun, since a naming says neither: forms that nobody writes ("planeted") cost nothing.
 * What is none: derivations, which are words of their own (painful, planetary, harmonious,
 * attacker, closer). A possessive is the word and an apostrophe.
 *
 * By rule, with tables of what rules cannot know (irregular verbs and nouns, words stressed on
 * their end). Letters that are no English at all take the regular endings. ASCII. */
#ifndef FR_NAMING_INFLECTION_H
#define FR_NAMING_INFLECTION_H

#include "naming/naming.h"

enum fr_inflection_rule {
    FR_INFLECTION_EXACT,     /* the word alone: PDDL, plans, letter strings */
    FR_INFLECTION_INFLECTED, /* the word in all its forms: natural language */
    FR_INFLECTION_RULE_COUNT
};
extern const char *const fr_inflection_rule_name[FR_INFLECTION_RULE_COUNT]; /* "exact", ... */

enum fr_inflection_tag {
    FR_TAG_BASE,       /* attack, planet */
    FR_TAG_S,          /* attacks, planets */
    FR_TAG_PAST,       /* attacked, overcame */
    FR_TAG_PARTICIPLE, /* attacked, overcome: of the past */
    FR_TAG_ING,        /* attacking */
    FR_TAG_INGS,       /* cravings */
    FR_TAG_COUNT
};
extern const char *const fr_inflection_tag_name[FR_TAG_COUNT]; /* "base", "s", "past", ... */

enum {
    FR_INFLECTION_CEILING = 80, /* bytes of a form and its NUL: a table's word is below 64 */
    FR_MAX_INFLECTIONS = FR_TAG_COUNT
};

struct fr_inflection {
    char text[FR_INFLECTION_CEILING]; /* a lower-case ending on the word as it is written */
    enum fr_inflection_tag tag;
};

/* The forms of word into out; returns how many. out[0] is the word itself with the tag it has; the
 * others follow in the order of the tags, no text twice in any case: when two tags have one form
 * (attacked) the first has it. In a word of several parts one is inflected: the part before a
 * particle (picking-up), else the last (in-cities). */
int fr_inflections_of(const char *word, enum fr_inflection_rule rule,
                      struct fr_inflection *out /* [FR_MAX_INFLECTIONS] */);
/* The form that word takes under a tag, whatever form it has itself: ("craves", ING) is "craving".
 * The word itself under its own tag and under FR_TAG_BASE when it is no inflected form. */
void fr_inflect(const char *word, enum fr_inflection_tag tag, char out[FR_INFLECTION_CEILING]);
/* The tag that word has itself: "craves" is an S, "tethered" a PAST, "pulse" a BASE. */
enum fr_inflection_tag fr_inflection_tag_of(const char *word);

/* ---- the forms of a naming ---------------------------------------------------------------- */

struct fr_naming_form {
    char text[FR_INFLECTION_CEILING];
    int concept;
    enum fr_inflection_tag tag;
    bool is_word; /* the concept's word itself */
};
/* A form that two concepts would have; the first has it. */
struct fr_form_clash {
    char text[FR_INFLECTION_CEILING];
    int owner, other; /* concepts */
    bool is_word;     /* of the owner: its word, not one of its forms */
};
struct fr_naming_forms {
    int n, n_clashes;
    struct fr_naming_form items[FR_MAX_CONCEPTS * FR_MAX_INFLECTIONS];  /* concept by concept */
    struct fr_form_clash clashes[FR_MAX_CONCEPTS * FR_MAX_INFLECTIONS]; /* in the order met */
};

/* Every form of every concept, each text once (in any case): a concept's word belongs to it even
 * when it is a form of another's, and of two equal forms the first concept has one. *out is written
 * anew and owns nothing. */
void fr_naming_forms_of(const struct fr_concepts *concepts, const struct fr_naming *naming,
                        enum fr_inflection_rule rule, struct fr_naming_forms *out);
/* The form that is text, in any case, or NULL. */
const struct fr_naming_form *fr_naming_forms_find(const struct fr_naming_forms *forms,
                                                  const char *text, size_t n);

#endif
