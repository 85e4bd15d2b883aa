/* What reading domains and reading problems share: typed lists, terms, formulas, the order of
 * sections. For pddl.c and reader.c only. Functions read from the current token on, leave the
 * token after what they read as the current one, and return 0 or a code with the place told. */
#ifndef FR_PLANNING_READER_H
#define FR_PLANNING_READER_H

#include "planning/lexer.h"
#include "planning/planning.h"

#define TRY(call)                                                                                  \
    do {                                                                                           \
        const int try_rc = (call);                                                                 \
        if (try_rc)                                                                                \
            return try_rc;                                                                         \
    } while (0)

/* Fails at the current token. */
#define FAIL(r, code, ...) fr_lexer_fail(&(r)->lexer, &(r)->lexer.token, (code), __VA_ARGS__)

/* The meaning of names, by the number that the lexer gives them. */
struct fr_index {
    int *items, n; /* items[id], -1: none */
};
int fr_index_get(const struct fr_index *index, const struct fr_token *name); /* or -1 */
void fr_index_set(struct fr_index *index, int id, int value);

/* What a reader is in the middle of: the domain, and the action or the problem. */
struct fr_reader {
    struct fr_lexer lexer;
    struct fr_domain *domain;
    const struct fr_domain *known; /* == domain, or the problem's domain */
    struct fr_action *action;
    struct fr_problem *problem;
    struct fr_names names;
    struct fr_index actions, predicates, functions;
    struct fr_index objects; /* of a problem: objects; else the domain's constants */
};

/* Starts before the first token of text. The caller sets the domain or the problem. */
void fr_reader_init(struct fr_reader *r, const char *text, const char *name, struct fr_error *err);
void fr_reader_release(struct fr_reader *r);
/* A name that does not stand in the text. */
void fr_reader_index(struct fr_reader *r, struct fr_index *index, const char *name, int value);

static inline int fr_reader_next(struct fr_reader *r) { return fr_lexer_next(&r->lexer); }
static inline bool fr_reader_at(const struct fr_reader *r, enum fr_token_kind kind) {
    return r->lexer.token.kind == kind;
}
bool fr_reader_at_name(const struct fr_reader *r, const char *name);
/* "expected WHAT, found TOKEN" */
int fr_reader_fail_expected(struct fr_reader *r, const char *what);
FR_CHECKED int fr_reader_take(struct fr_reader *r, enum fr_token_kind kind, const char *what);
/* Moves the current name out into *name, which the caller frees. */
FR_CHECKED int fr_reader_take_name(struct fr_reader *r, const char *what, char **name);
/* "(define (KIND NAME)", from before the first token to the first section's parenthesis. */
FR_CHECKED int fr_reader_head(struct fr_reader *r, const char *kind, char **name);

/* ---- typed lists: a b - truck c ------------------------------------------------------ */

struct fr_item {
    struct fr_token name, type; /* type.kind is FR_TOKEN_END when none was given */
    int either;                 /* > 0: the index of its type "(either ...)" */
};

struct fr_list {
    struct fr_item *items;
    int n, capacity;
    bool splits_either; /* "a - (either b c)" is read as "a - b a - c", as supertypes are */
};

/* Up to the closing parenthesis, which becomes the current token. Only variables, and a list that
 * splits them, may have a type (either ...). The caller frees list->items, also after a failure. */
FR_CHECKED int fr_reader_list(struct fr_reader *r, enum fr_token_kind kind, const char *what,
                              struct fr_list *list);
/* The index of an item's type, 0 (object) when it has none. */
FR_CHECKED int fr_reader_type(const struct fr_reader *r, const struct fr_item *item, int *type);
int fr_type_find(const struct fr_domain *domain, const char *name); /* or -1 */
int fr_type_append(struct fr_domain *domain, const char *name);     /* its index */

/* ---- formulas ------------------------------------------------------------------------ */

/* "pred t1 t2)": the opening parenthesis is already taken. */
FR_CHECKED int fr_reader_atom(struct fr_reader *r, struct fr_atom *atom);

struct fr_formula {
    struct fr_literal *literals;
    int n, capacity;
    struct fr_equality *equalities; /* only preconditions may have any */
    int n_equalities, equality_capacity;
    bool equality_allowed;
    struct fr_text *costs; /* takes numeric effects; NULL: there may be none */
};

/* (), (and f ...), (not atom), (= a b), an atom or a numeric effect; nested "and"s are one list.
 * The caller frees the arrays, also after a failure. */
FR_CHECKED int fr_reader_formula(struct fr_reader *r, struct fr_formula *f, int depth);

/* ---- numbers, which are checked and appended as text (numeric.c) ------------------------ */

/* Is the current token the head of a numeric effect, "increase" say? */
bool fr_reader_at_numeric_effect(const struct fr_reader *r);
/* "increase (f t) EXPRESSION)" as " (increase (f t) EXPRESSION)". */
FR_CHECKED int fr_reader_numeric_effect(struct fr_reader *r, struct fr_text *out);
/* "= (f t) NUMBER)" of an initial state as a line "(= (f t) NUMBER)". */
FR_CHECKED int fr_reader_numeric_fact(struct fr_reader *r, struct fr_text *out);
/* "minimize EXPRESSION" as " minimize EXPRESSION", where functions without terms may stand without
 * their parentheses. */
FR_CHECKED int fr_reader_metric(struct fr_reader *r, struct fr_text *out);
/* At the head of a condition on numbers: refuses it. */
int fr_reader_fail_numeric(struct fr_reader *r);
/* The terms up to and with the closing parenthesis, of what place names. atom->predicate is kept.
 */
FR_CHECKED int fr_reader_terms(struct fr_reader *r, const struct fr_predicate *signature,
                               const struct fr_token *place, struct fr_atom *atom);
int fr_reader_fail_unknown(struct fr_reader *r, const char *kind, const char *const *names, int n,
                           const char *where);

/* ---- sections ------------------------------------------------------------------------ */

struct fr_section {
    const char *key;
    int (*read)(struct fr_reader *); /* from after the key up to the closing parenthesis */
    bool many;                       /* may be given more than once */
    unsigned needs;                  /* bits of the table's rows that must be read before */
};

enum { FR_MAX_SECTIONS = 8 };

/* Up to the parenthesis that closes the current section, whose text says nothing here. */
FR_CHECKED int fr_reader_skip_section(struct fr_reader *r);

/* "(:key ...)" sections in any order, up to the end of the define and of the text: one that
 * needs a later one is read after it. seen[i]: was row i there? */
FR_CHECKED int fr_reader_sections(struct fr_reader *r, const struct fr_section *table, int n,
                                  bool *seen);

#endif
