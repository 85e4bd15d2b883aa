/* Is a naming fit for a study? What a table's reader cannot know: the words of the prompts around
 * it, the objects' names, and forms of words that two concepts would share. */
#ifndef FR_NAMING_CHECK_H
#define FR_NAMING_CHECK_H

#include "naming/inflection.h"

/* Words that a mystery naming must not use. */
enum fr_reserved_kind {
    FR_RESERVED_OBJECT, /* an object's name */
    FR_RESERVED_DOMAIN, /* the domain's own word for a concept, which a naming hides */
    FR_RESERVED_PROMPT, /* a word of the prompt's sentences */
    FR_RESERVED_KIND_COUNT
};
struct fr_reserved_word {
    char *text; /* in lower case */
    enum fr_reserved_kind kind;
};
struct fr_reserved {
    int n, capacity;
    struct fr_reserved_word *items; /* each text once, of the first kind that it was added as */
    size_t n_slots;
    int *slots; /* hash table over items, -1 empty; power of two */
};
void fr_reserved_release(struct fr_reserved *reserved);
/* One word as it is, or every word of a text (letters, digits, '_'), those of one letter apart. */
void fr_reserved_add(struct fr_reserved *reserved, enum fr_reserved_kind kind, const char *word);
void fr_reserved_add_text(struct fr_reserved *reserved, enum fr_reserved_kind kind,
                          const char *text);
/* In any case; or NULL. */
const struct fr_reserved_word *fr_reserved_find(const struct fr_reserved *reserved,
                                                const char *word);

struct fr_naming_fault {
    bool is_error; /* else a warning */
    int concept;   /* whose word it is */
    char text[512];
};
struct fr_naming_faults {
    int n, capacity, n_errors;
    struct fr_naming_fault *items;
};
void fr_naming_faults_release(struct fr_naming_faults *faults);

/* Appends what is wrong with a naming of a table that was read (fr_namings_parse has seen that it
 * is one word per concept and no word twice, in any case, hyphens aside).
 *
 * Errors, since texts would be misread: a reserved word; a word that is a form of another concept's
 * (craving beside craves). Warnings: a form that is a reserved word, or another concept's form;
 * capitals, which texts do not keep. The clean naming is the domain's own and has no faults. */
void fr_naming_check(const struct fr_concepts *concepts, const struct fr_naming *naming,
                     const struct fr_reserved *reserved, struct fr_naming_faults *out);

/* ---- namings made up ---------------------------------------------------------------------- */

enum fr_naming_flavour {
    FR_FLAVOUR_WORDS,    /* of a pool */
    FR_FLAVOUR_NONSENSE, /* that can be pronounced: "flixate", "gromble" */
    FR_FLAVOUR_LETTERS,  /* six letters: "tltezi" */
    FR_FLAVOUR_COUNT
};
extern const char *const fr_flavour_name[FR_FLAVOUR_COUNT]; /* "words", "nonsense", "letters" */

/* Words by the kind of concept they may name. words: what is drawn from; nonsense and letters: real
 * words, which are not made. */
struct fr_word_pool {
    int n[FR_CONCEPT_KIND_COUNT], capacity[FR_CONCEPT_KIND_COUNT];
    char **words[FR_CONCEPT_KIND_COUNT];
    size_t n_slots[FR_CONCEPT_KIND_COUNT];
    int *slots[FR_CONCEPT_KIND_COUNT]; /* hash table over words, -1 empty; power of two */
};
void fr_word_pool_release(struct fr_word_pool *pool);
/* A word that is there already in any case, hyphens aside, is drawn no more often than others. */
void fr_word_pool_add(struct fr_word_pool *pool, enum fr_concept_kind kind, const char *word);

/* Draws a naming in which fr_naming_check finds no fault, not even a warning. Decided by rng and
 * the arguments alone. FR_E_INPUT when the pool does not give one; *out is then empty. */
FR_CHECKED int fr_naming_draw(struct fr_rng *rng, enum fr_naming_flavour flavour,
                              const struct fr_word_pool *pool, const struct fr_concepts *concepts,
                              const struct fr_reserved *reserved, const char *id,
                              struct fr_naming *out, struct fr_error *err);

#endif
