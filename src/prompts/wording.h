/* A wording: how a domain's concepts and objects are said in PlanBench's natural language.
 *
 * Two registers. *plain* is the domain's own words, said as people would ("pick up the red
 * block"); it serves the clean naming. *obfuscated* says any naming's words in the mystery
 * prompt's sentence forms ("attack object a", "object a craves object b"); it serves every
 * other naming, and the clean one of a domain that has no plain register.
 *
 * The obfuscated register of any domain is made from its PDDL alone; a wording file
 * (docs/wordings.md) overrides words and sentences of either register. It is looked for beside
 * the domain's file (NAME.pddl -> NAME.wording.yaml), then in data/wordings/ by the domain's
 * structure (fr_domain_structure), which a file names: domains of one name may have other words,
 * and an introduction tells what actions do.
 *
 * A form is a sentence with places: {1}, {2}, ... are arguments in PDDL's order, {on} is the
 * naming's word of concept "on", {On} the same with a capital, {} that of the form's own concept.
 * A name that an action and a predicate share is the form's own concept, else the action. Forms are
 * kept as written and filled by fr_wording_say. */
#ifndef FR_PROMPTS_WORDING_H
#define FR_PROMPTS_WORDING_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "naming/naming.h"
#include "planning/planning.h"

enum fr_register { FR_REGISTER_PLAIN, FR_REGISTER_OBFUSCATED, FR_REGISTER_COUNT };

/* An object's name: exact ("a" -> "red block"), or by prefix ("l*" -> "location_*": what the star
 * stands for is kept, its '-' as '_'). */
struct fr_object_form {
    char *pattern, *form;
};

struct fr_register_forms {
    bool present;             /* false: only for plain, when the domain has none */
    char *introduction;       /* up to and without "[STATEMENT]"; NULL: made from the PDDL */
    char *paper_introduction; /* the style paper's, or NULL: the same */
    char *noun;               /* what an object is called: "block", "object"; "" for none */
    int n_objects;
    struct fr_object_form *objects; /* the first that fits names an object; none: "NOUN NAME" */
    char *forms[FR_MAX_CONCEPTS];   /* by concept (actions first): a step or a fact; "" for a fact
                                       that is not said */
    char *words[FR_MAX_CONCEPTS];   /* by concept: what names it in a text ("on top of"), "" for
                                       nothing, NULL for fr_wording_word's rule */
};

struct fr_wording {
    const struct fr_domain *domain; /* borrowed */
    struct fr_register_forms registers[FR_REGISTER_COUNT];
};

/* The wording of domain; path names a wording file, or NULL for none (the obfuscated register is
 * then all made from the PDDL). FR_E_INPUT with file:line for a file that is wrong: an unknown key
 * or concept, a form without the places of its arity, another domain's. FR_E_LIMIT for a domain
 * with more concepts, or an action with more parameters, than prompts can say. On failure *out is
 * released and zeroed. */
FR_CHECKED int fr_wording_load(struct fr_wording *out, const struct fr_domain *domain,
                               const char *path, struct fr_error *err);
/* The same from text; name is used in errors. */
FR_CHECKED int fr_wording_parse(struct fr_wording *out, const struct fr_domain *domain,
                                const char *text, const char *name, struct fr_error *err);
void fr_wording_release(struct fr_wording *wording);
/* Appends the path of the wording file that serves a domain: beside domain_path, else the first of
 * directory (*.yaml, by name) whose "structure" is the domain's; nothing when there is none. One of
 * the directory that cannot be read is FR_E_IO or FR_E_INPUT, for it may be the one: a study
 * without it would have other prompts. */
FR_CHECKED int fr_wording_path(const struct fr_domain *domain, const char *domain_path,
                               const char *directory, struct fr_text *out, struct fr_error *err);
/* Loads the file that is named (file not NULL), else the one that serves the domain, of the
 * project's, else makes one. used (may be NULL): its path is appended, nothing when it is made. */
FR_CHECKED int fr_wording_open(struct fr_wording *out, const struct fr_domain *domain,
                               const char *file, const char *domain_path, struct fr_text *used,
                               struct fr_error *err);

/* The register that serves a naming. */
enum fr_register fr_wording_register(const struct fr_wording *wording,
                                     const struct fr_naming *naming);
/* Appends an object's name without article: "red block", "object a". */
void fr_wording_object(const struct fr_wording *wording, enum fr_register reg, const char *object,
                       struct fr_text *out);
/* Appends concept's form with the naming's words and the arguments (already said) put in. */
void fr_wording_say(const struct fr_wording *wording, enum fr_register reg,
                    const struct fr_naming *naming, int concept, const char *const *arguments,
                    int n_arguments, struct fr_text *out);
/* Appends the introduction, with the naming's words put in; made from the PDDL (description.h)
 * when the register has none. */
void fr_wording_introduction(const struct fr_wording *wording, enum fr_register reg,
                             const struct fr_naming *naming, struct fr_text *out);
/* Appends the word that names a concept in texts of a register: the file's, else, in the plain
 * register, what a step's form begins with ("pick up"), else the naming's word. */
void fr_wording_word(const struct fr_wording *wording, enum fr_register reg,
                     const struct fr_naming *naming, int concept, struct fr_text *out);

#endif
