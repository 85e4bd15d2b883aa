/* naming/: concepts <-> surface words (method.md section 1 and 7).
 *
 * A naming gives every concept of a domain one word. The *clean* naming is the domain's
 * own; a *mystery* naming obfuscates all. Words recur across namings in other roles, so
 * everything is keyed by (naming, concept), never by word.
 *
 * Concepts are numbered as in planning/: actions first, then predicates, in the order of
 * the table's columns (for Blocksworld: pick-up put-down stack unstack ontable clear
 * handempty holding on). */
#ifndef FR_NAMING_NAMING_H
#define FR_NAMING_NAMING_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "planning/planning.h"

enum fr_concept_kind { FR_CONCEPT_ACTION, FR_CONCEPT_PREDICATE, FR_CONCEPT_KIND_COUNT };
extern const char *const fr_concept_kind_name[FR_CONCEPT_KIND_COUNT]; /* "action", "predicate" */

/* The concepts of a study: names in table order and their kinds. */
struct fr_concepts {
    int n; /* 9 for Blocksworld */
    char *names[FR_MAX_CONCEPTS];
    enum fr_concept_kind kinds[FR_MAX_CONCEPTS];
};

struct fr_naming {
    char *id;                     /* "clean", "1", "2", ... unique in a table */
    char *words[FR_MAX_CONCEPTS]; /* [n_concepts] */
};

struct fr_namings {
    struct fr_concepts concepts;
    int n, capacity;
    struct fr_naming *items; /* in file order */
};

/* Reads a table: tab-separated, header "id<TAB>concept..." with every concept of
 * the domain once, in any order, "#" comments. Concepts are in the domain's order whatever the
 * table's. Each naming must be a
 * bijection: one word per concept, no word twice (in any case, hyphens aside), words of letters of
 * any script (in UTF-8), digits, '-' and '_' only, two at least and one a letter. A byte-order mark
 * is borne. Errors name file, line, naming and word. FR_E_LIMIT for a domain of more than
 * FR_MAX_CONCEPTS concepts. */
FR_CHECKED int fr_namings_parse(struct fr_namings *out, const char *text, const char *name,
                                const struct fr_domain *domain, struct fr_error *err);
FR_CHECKED int fr_namings_load(struct fr_namings *out, const char *path,
                               const struct fr_domain *domain, struct fr_error *err);
/* Appends the table as text that fr_namings_parse reads as the same table. */
void fr_namings_render(const struct fr_namings *namings, struct fr_text *out);
void fr_namings_release(struct fr_namings *namings);
/* Index in items, or -1. */
int fr_namings_find(const struct fr_namings *namings, const char *id);
bool fr_naming_is_clean(const struct fr_naming *naming);
/* FR_E_LIMIT when a domain has more concepts than a naming has words. */
FR_CHECKED int fr_concepts_check(const struct fr_domain *domain, struct fr_error *err);
/* The table that any domain brings with it: its clean naming alone, id "clean", the words its own
 * PDDL names. The domain must have passed fr_concepts_check. */
void fr_namings_clean(struct fr_namings *out, const struct fr_domain *domain);

/* The first character of a name that is no letter of any script, no digit, '-' and no '_' (or no
 * UTF-8): where it stands, or NULL. */
const char *fr_name_stranger(const char *name);
/* Can word name a concept in a table? */
enum { FR_CONCEPT_WORD_MOST = 63 }; /* bytes, and of a naming's id */
bool fr_concept_word_is_valid(const char *word);
/* The same word, in any case and hyphens aside? */
bool fr_concept_word_equal(const char *a, const char *b);
/* The same number for words that are the same. */
size_t fr_concept_word_hash(const char *word);

/* A fresh naming: a random assignment of distinct words of the pool to the concepts. */
void fr_naming_random(struct fr_rng *rng, const char *const *pool, int n_pool, int n_concepts,
                      const char *id, struct fr_naming *out);
void fr_naming_release(struct fr_naming *naming, int n_concepts);

/* One derangement per naming within each kind (method.md section 5, "shuffled"):
 * order[a] != a for every concept, order maps actions to actions and predicates to
 * predicates; fixed by (seed, naming id). A kind with one concept keeps it. */
void fr_naming_derange(const struct fr_concepts *concepts, const char *naming_id, uint64_t seed,
                       int *order /* [n] */);

#endif
