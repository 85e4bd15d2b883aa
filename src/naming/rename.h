/* A text moved from one naming to another: every form of every concept's word becomes the same form
 * of the other naming's word, capitals kept, in one pass over the text, so that a word that is both
 * naming's (harvest, decode, whisper) is replaced once.
 *
 * Forms map by their tags (inflection.h), a concept's word always to a concept's word: where one
 * naming's word is itself inflected ("craves") and the other's is not, the two tags are exchanged.
 * Whole words only, as mentions/ has them: a hyphen ends a word (post-attack), an underscore does
 * not (attack_2), an apostrophe does (overcome's).
 *
 * *Collisions.* A word of the target naming may stand in the source text already, as itself ("two
 * separate blocks" before a renaming to naming 18, whose stack is "separate"). Left alone it would
 * be read as a concept afterwards, and be renamed on the way back. Hence *swap*, the default: it is
 * exchanged for the source's word ("two overcome blocks"). The renaming is then a permutation of
 * all forms of both namings, its inverse is the renaming back, and a text mentions the same
 * concepts at the same places before and after; the price is an odd word in a few places, which the
 * report counts. *keep* leaves such words, *refuse* refuses the text.
 *
 * What does not come back: a form that the target naming has not got (woven -> distilled -> wove),
 * capitals that are no pattern (aTTack), and a word that joins a hyphen's other side to a longer
 * one of the target. All are counted, never silent: where n_lost stays 0, there and back is the
 * identity. */
#ifndef FR_NAMING_RENAME_H
#define FR_NAMING_RENAME_H

#include "naming/inflection.h"

enum fr_collision_policy {
    FR_COLLISION_SWAP,
    FR_COLLISION_KEEP,
    FR_COLLISION_REFUSE,
    FR_COLLISION_POLICY_COUNT
};
extern const char *const fr_collision_policy_name[FR_COLLISION_POLICY_COUNT]; /* "swap", ... */

/* One form and what becomes of it. */
struct fr_rename_entry {
    char from[FR_INFLECTION_CEILING], to[FR_INFLECTION_CEILING];
    int concept;
    enum fr_inflection_tag tag; /* of from, in the naming that it is a word of */
    bool is_collision; /* from is a word of the target naming only; to is from under keep */
    bool comes_back;   /* the renaming back makes from of to */
    long count;        /* found so far */
};

enum { FR_MAX_RENAME_ENTRIES = 2 * FR_MAX_CONCEPTS * FR_MAX_INFLECTIONS };

/* Read the counts at any time; init sets them to 0. */
struct fr_rename {
    const struct fr_concepts *concepts; /* borrowed */
    enum fr_collision_policy policy;
    size_t longest; /* form, bytes */
    int n;
    struct fr_rename_entry *items; /* [n], by their text in lower case */
    long n_renamed, n_collisions;
    long n_lost; /* of both: those that the renaming back does not restore, capitals included */
    struct fr_rename *back; /* where words have hyphens, by which a text may be cut otherwise on
                               the way back: to see that it is not; else NULL */
};

/* from and to are indices of namings->items. Fails with FR_E_INPUT when one is clean and the rule
 * is not FR_INFLECTION_EXACT: clean prose says concepts in sentences ("the red block is on top of
 * the blue one"), and only PDDL uses them as words. *out is then empty. */
FR_CHECKED int fr_rename_init(struct fr_rename *out, const struct fr_namings *namings, int from,
                              int to, enum fr_inflection_rule rule, enum fr_collision_policy policy,
                              struct fr_error *err);
void fr_rename_release(struct fr_rename *rename);
/* Appends text[0, n), any bytes, renamed to *out and counts. FR_E_INPUT for a collision under
 * refuse, with its word and place; nothing is then appended or counted. */
FR_CHECKED int fr_rename_text(struct fr_rename *rename, const char *text, size_t n,
                              struct fr_text *out, struct fr_error *err);

#endif
