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

enum { FR_MAX_TYPES = 256 }; /* "(either ...)" included */

/* What a reader is in the middle of: the domain, and the action or the problem. */
struct fr_reader {
    struct fr_lexer lexer;
    struct fr_domain *domain;
    const struct fr_domain *known; /* == domain, or the problem's domain */
    struct fr_action *action;
    struct fr_problem *problem;
};

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
};

/* Up to the closing parenthesis, which becomes the current token. Only variables may be of a
 * type (either ...). The caller frees list->items, also after a failure. */
FR_CHECKED int fr_reader_list(struct fr_reader *r, enum fr_token_kind kind, const char *what,
                              int limit, struct fr_list *list);
/* The index of an item's type, 0 (object) when it has none. */
FR_CHECKED int fr_reader_type(const struct fr_reader *r, const struct fr_item *item, int *type);
int fr_type_find(const struct fr_domain *domain, const char *name); /* or -1 */
int fr_type_append(struct fr_domain *domain, const char *name);     /* its index */

/* ---- formulas ------------------------------------------------------------------------ */

/* "pred t1 t2)": the opening parenthesis is already taken. */
FR_CHECKED int fr_reader_atom(struct fr_reader *r, struct fr_atom *atom);

struct fr_formula {
    struct fr_literal *literals;
    int n, capacity, limit;
    struct fr_equality *equalities; /* only preconditions may have any */
    int n_equalities, equality_capacity;
    bool equality_allowed;
};

/* (), (and f ...), (not atom), (= a b) or an atom; nested "and"s are one list. The caller
 * frees the arrays, also after a failure. */
FR_CHECKED int fr_reader_formula(struct fr_reader *r, struct fr_formula *f, int depth);

/* ---- sections ------------------------------------------------------------------------ */

struct fr_section {
    const char *key;
    int (*read)(struct fr_reader *); /* from after the key up to the closing parenthesis */
    bool many;                       /* may be given more than once */
    unsigned needs;                  /* bits of the table's rows that must be read before */
};

enum { FR_MAX_SECTIONS = 8 };

/* "(:key ...)" sections in any order, up to the end of the define and of the text: one that
 * needs a later one is read after it. seen[i]: was row i there? */
FR_CHECKED int fr_reader_sections(struct fr_reader *r, const struct fr_section *table, int n,
                                  bool *seen);

#endif
