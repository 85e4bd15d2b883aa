/* Owns what reading domains and reading problems share; see reader.h. A recursive-descent
 * reader over one token of lookahead; recursion happens only in formulas and has a ceiling, as
 * has every list. A section that comes before one it needs (:init before :objects) waits: its
 * place is kept and read last. Rejected: two passes over every file, as nearly all are in order. */
#include "planning/reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
    MAX_DEPTH = 32, /* of nested formulas */
    MAX_EITHER = 16 /* types of one (either ...) */
};

/* ---- names ----------------------------------------------------------------------------- */

int fr_index_get(const struct fr_index *index, const struct fr_token *name) {
    return name->id >= 0 && name->id < index->n ? index->items[name->id] : -1;
}

void fr_index_set(struct fr_index *index, int id, int value) {
    if (id >= index->n) {
        const int n = 2 * id + 64;
        index->items = fr_grow(index->items, (size_t)n, sizeof *index->items);
        memset(index->items + index->n, -1, (size_t)(n - index->n) * sizeof *index->items);
        index->n = n;
    }
    index->items[id] = value;
}

void fr_reader_index(struct fr_reader *r, struct fr_index *index, const char *name, int value) {
    fr_index_set(index, fr_names_add(&r->names, name, strlen(name)), value);
}

void fr_reader_init(struct fr_reader *r, const char *text, const char *name, struct fr_error *err) {
    *r = (struct fr_reader){0};
    fr_lexer_init(&r->lexer, text, name, &r->names, err);
}

void fr_reader_release(struct fr_reader *r) {
    fr_names_release(&r->names);
    free(r->actions.items);
    free(r->predicates.items);
    free(r->functions.items);
    free(r->objects.items);
}

/* ---- tokens ---------------------------------------------------------------------------- */

static const char *shown(const struct fr_token *token) {
    return token->kind == FR_TOKEN_END ? "the end of the file" : token->text;
}

static const char *quote(const struct fr_token *token) {
    return token->kind == FR_TOKEN_END ? "" : "\"";
}

int fr_reader_fail_expected(struct fr_reader *r, const char *what) {
    const struct fr_token *token = &r->lexer.token;
    return FAIL(r, FR_E_INPUT, "expected %s, found %s%s%s%s", what, quote(token), shown(token),
                quote(token), token->kind == FR_TOKEN_END ? "; a parenthesis is not closed" : "");
}

bool fr_reader_at_name(const struct fr_reader *r, const char *name) {
    return fr_reader_at(r, FR_TOKEN_NAME) && !strcmp(r->lexer.token.text, name);
}

int fr_reader_take(struct fr_reader *r, enum fr_token_kind kind, const char *what) {
    if (!fr_reader_at(r, kind))
        return fr_reader_fail_expected(r, what);
    return fr_reader_next(r);
}

static int take_word(struct fr_reader *r, const char *word) {
    if (!fr_reader_at_name(r, word))
        return fr_reader_fail_expected(r, word);
    return fr_reader_next(r);
}

int fr_reader_take_name(struct fr_reader *r, const char *what, char **name) {
    if (!fr_reader_at(r, FR_TOKEN_NAME))
        return fr_reader_fail_expected(r, what);
    *name = fr_strdup(r->lexer.token.text);
    return fr_reader_next(r);
}

int fr_reader_head(struct fr_reader *r, const char *kind, char **name) {
    TRY(fr_reader_next(r));
    TRY(fr_reader_take(r, FR_TOKEN_OPEN, "\"(\" of (define ...)"));
    TRY(take_word(r, "define"));
    TRY(fr_reader_take(r, FR_TOKEN_OPEN, kind));
    if (!fr_reader_at_name(r, kind) &&
        (fr_reader_at_name(r, "domain") || fr_reader_at_name(r, "problem")))
        return FAIL(r, FR_E_INPUT, "this is a %s file; a %s was expected", r->lexer.token.text,
                    kind);
    TRY(take_word(r, kind));
    TRY(fr_reader_take_name(r, "a name", name));
    return fr_reader_take(r, FR_TOKEN_CLOSE, "\")\" after the name");
}

/* ---- typed lists: a b - truck c ------------------------------------------------------ */

/* A union of types is a type of its own, named as it is written, whose members are kept. */
static int fail_either(struct fr_reader *r) {
    return FAIL(r, FR_E_INPUT,
                "(either ...) is supported for parameters and supertypes only; give it a type of "
                "its own");
}

/* "either a b ...)": the index of the union, an old one when it was read before. */
static int read_either(struct fr_reader *r, int *type) {
    struct fr_domain *domain = r->domain;
    struct fr_text name = {0};
    int members[MAX_EITHER + 1], n = 0, rc = 0;
    if (!fr_reader_at_name(r, "either"))
        return fr_reader_fail_expected(r, "either");
    fr_text_add(&name, "(either");
    for (rc = fr_reader_next(r); !rc && !fr_reader_at(r, FR_TOKEN_CLOSE); rc = fr_reader_next(r)) {
        const struct fr_item item = {.name = r->lexer.token, .type = r->lexer.token};
        if (!fr_reader_at(r, FR_TOKEN_NAME))
            rc = fr_reader_fail_expected(r, "the name of a type");
        else if (n == MAX_EITHER)
            rc = FAIL(r, FR_E_LIMIT, "more than %d types in (either ...)", MAX_EITHER);
        else
            rc = fr_reader_type(r, &item, &members[n]);
        if (rc)
            break;
        fr_text_printf(&name, " %s", domain->types[members[n++]]);
    }
    if (!rc && n == 0)
        rc = fr_reader_fail_expected(r, "the name of a type");
    fr_text_add(&name, ")");
    if (!rc)
        *type = fr_type_find(domain, fr_text_get(&name));
    if (!rc && *type < 0) {
        if (domain->n_types == FR_MAX_TYPES) {
            rc = FAIL(r, FR_E_LIMIT, "more than %d types", FR_MAX_TYPES);
        } else {
            *type = fr_type_append(domain, fr_text_get(&name));
            members[n++] = -1;
            domain->type_members[*type] = fr_alloc((size_t)n, sizeof *members);
            memcpy(domain->type_members[*type], members, (size_t)n * sizeof *members);
        }
    }
    fr_text_release(&name);
    return rc;
}

/* "either a b ...)" as the type of the items from first on: one item each for every member. */
static int split_either(struct fr_reader *r, struct fr_list *list, int first) {
    const int end = list->n;
    int n = 0;
    TRY(take_word(r, "either"));
    for (; fr_reader_at(r, FR_TOKEN_NAME); n++) {
        for (int i = first; i < end; i++) {
            struct fr_item item = list->items[i];
            item.type = r->lexer.token;
            if (list->n >= 4 * FR_MAX_TYPES)
                return FAIL(r, FR_E_LIMIT, "more than %d types", FR_MAX_TYPES);
            FR_RESERVE(list->items, list->n, list->capacity);
            list->items[n ? list->n++ : i] = item;
        }
        TRY(fr_reader_next(r));
    }
    if (n == 0 || !fr_reader_at(r, FR_TOKEN_CLOSE))
        return fr_reader_fail_expected(r, "the name of a type");
    return 0;
}

/* "- type" of the items from first on, up to the last token of it. */
static int read_type(struct fr_reader *r, enum fr_token_kind kind, struct fr_list *list,
                     int first) {
    int either = 0;
    const struct fr_token type = r->lexer.token;
    if (!fr_reader_at(r, FR_TOKEN_OPEN) && !fr_reader_at(r, FR_TOKEN_NAME))
        return fr_reader_fail_expected(r, "the name of a type");
    if (fr_reader_at(r, FR_TOKEN_OPEN)) {
        if (kind != FR_TOKEN_VARIABLE && !list->splits_either)
            return fail_either(r);
        TRY(fr_reader_next(r));
        if (list->splits_either)
            return split_either(r, list, first);
        TRY(read_either(r, &either));
    }
    for (int i = first; i < list->n; i++) {
        list->items[i].type = type;
        list->items[i].either = either;
    }
    return 0;
}

int fr_reader_list(struct fr_reader *r, enum fr_token_kind kind, const char *what,
                   struct fr_list *list) {
    int n_typed = 0; /* items before it have their type */
    while (!fr_reader_at(r, FR_TOKEN_CLOSE)) {
        /* "a - t - u": no object is of u, as IPC's planners read it */
        const bool none = kind == FR_TOKEN_NAME && !list->splits_either && n_typed > 0;
        if (fr_reader_at(r, FR_TOKEN_DASH) && (list->n > n_typed || none)) {
            TRY(fr_reader_next(r));
            TRY(read_type(r, kind, list, n_typed));
            n_typed = list->n;
            TRY(fr_reader_next(r));
            continue;
        }
        if (!fr_reader_at(r, kind))
            return fr_reader_fail_expected(r, what);
        FR_RESERVE(list->items, list->n, list->capacity);
        list->items[list->n++] =
            (struct fr_item){.name = r->lexer.token, .type = {.kind = FR_TOKEN_END}};
        TRY(fr_reader_next(r));
    }
    return 0;
}

int fr_type_append(struct fr_domain *domain, const char *name) {
    FR_EXTEND(domain->types, domain->n_types);
    FR_EXTEND(domain->type_parents, domain->n_types);
    FR_EXTEND(domain->type_more, domain->n_types);
    FR_EXTEND(domain->type_members, domain->n_types);
    domain->types[domain->n_types] = fr_strdup(name);
    domain->type_parents[domain->n_types] = 0;
    domain->type_more[domain->n_types] = NULL;
    domain->type_members[domain->n_types] = NULL;
    return domain->n_types++;
}

int fr_type_find(const struct fr_domain *domain, const char *name) {
    for (int i = 0; i < domain->n_types; i++)
        if (!strcmp(domain->types[i], name))
            return i;
    return -1;
}

int fr_reader_type(const struct fr_reader *r, const struct fr_item *item, int *type) {
    *type = item->either;
    if (item->type.kind == FR_TOKEN_END || item->either)
        return 0;
    *type = fr_type_find(r->known, item->type.text);
    if (*type >= 0)
        return 0;
    const char *near =
        fr_nearest(item->type.text, (const char *const *)r->known->types, r->known->n_types);
    return fr_lexer_fail(&r->lexer, &item->type, FR_E_INPUT, "unknown type \"%s\"; %s%s%s",
                         item->type.text,
                         near ? "did you mean \"" : "declare it in (:types ...) first",
                         near ? near : "", near ? "\"?" : "");
}

/* ---- formulas ------------------------------------------------------------------------ */

int fr_reader_fail_unknown(struct fr_reader *r, const char *kind, const char *const *names, int n,
                           const char *where) {
    const char *word = r->lexer.token.text;
    const char *near = n ? fr_nearest(word, names, n) : NULL;
    if (near)
        return FAIL(r, FR_E_INPUT, "unknown %s \"%s\"; did you mean \"%s\"?", kind, word, near);
    return FAIL(r, FR_E_INPUT, "unknown %s \"%s\"; declare it in %s first", kind, word, where);
}

/* A variable or a constant of an action, or an object of a problem. */
static int read_term(struct fr_reader *r, int *term) {
    const struct fr_token *word = &r->lexer.token;
    const struct fr_domain *domain = r->known;
    if (fr_reader_at(r, FR_TOKEN_VARIABLE)) {
        if (!r->action)
            return FAIL(r, FR_E_INPUT, "variable \"?%s\" where an object belongs", word->text);
        for (int i = 0; i < r->action->n_params; i++)
            if (!strcmp(r->action->params[i], word->text)) {
                *term = i;
                return fr_reader_next(r);
            }
        return fr_reader_fail_unknown(r, "variable", (const char *const *)r->action->params,
                                      r->action->n_params, ":parameters");
    }
    if (!fr_reader_at(r, FR_TOKEN_NAME))
        return fr_reader_fail_expected(r, r->action ? "a variable or a constant" : "an object");
    const int i = fr_index_get(&r->objects, word);
    if (i >= 0) {
        *term = r->action ? -1 - i : i;
        return fr_reader_next(r);
    }
    if (r->action)
        return fr_reader_fail_unknown(r, "constant", (const char *const *)domain->constants,
                                      domain->n_constants, "(:constants ...)");
    return fr_reader_fail_unknown(r, "object", (const char *const *)r->problem->objects,
                                  r->problem->n_objects, "(:objects ...)");
}

int fr_reader_terms(struct fr_reader *r, const struct fr_predicate *signature,
                    const struct fr_token *place, struct fr_atom *atom) {
    const struct fr_domain *domain = r->known;
    while (!fr_reader_at(r, FR_TOKEN_CLOSE)) {
        int term = 0;
        const struct fr_token term_place = r->lexer.token;
        TRY(read_term(r, &term));
        if (atom->n_terms == signature->arity)
            return fr_lexer_fail(&r->lexer, place, FR_E_INPUT,
                                 "too many terms for \"%s\"; it takes %d", signature->name,
                                 signature->arity);
        if (r->problem) {
            const int type = r->problem->object_types[term];
            const int wanted = signature->param_types[atom->n_terms];
            if (!fr_type_is(domain, type, wanted))
                return fr_lexer_fail(&r->lexer, &term_place, FR_E_INPUT,
                                     "\"%s\" is of type %s; term %d of \"%s\" must be of type %s",
                                     term_place.text, domain->types[type], atom->n_terms + 1,
                                     signature->name, domain->types[wanted]);
        }
        atom->terms[atom->n_terms++] = term;
    }
    if (atom->n_terms < signature->arity)
        return fr_lexer_fail(&r->lexer, place, FR_E_INPUT, "\"%s\" takes %d term%s, found %d",
                             signature->name, signature->arity, signature->arity == 1 ? "" : "s",
                             atom->n_terms);
    return fr_reader_next(r);
}

static int fail_predicate(struct fr_reader *r) {
    static const char *const refused[] = {"or",   "imply",  "forall",    "exists",
                                          "when", "either", "preference"};
    const struct fr_domain *domain = r->known;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (fr_reader_at_name(r, refused[i]))
            return FAIL(r, FR_E_INPUT,
                        "(%s ...) is not supported, and is no predicate of the domain; only and, "
                        "not and = are",
                        refused[i]);
    if (fr_reader_at_numeric_effect(r))
        return FAIL(r, FR_E_INPUT, "(%s ...) is supported in effects only, and not below \"not\"",
                    r->lexer.token.text);
    const char **names = fr_alloc((size_t)domain->n_predicates, sizeof *names);
    for (int i = 0; i < domain->n_predicates; i++)
        names[i] = domain->predicates[i].name;
    const int rc =
        fr_reader_fail_unknown(r, "predicate", names, domain->n_predicates, "(:predicates ...)");
    free(names);
    return rc;
}

/* Has any object both types? */
static bool types_meet(const struct fr_domain *domain, int a, int b) {
    for (int c = 0; c < domain->n_types; c++)
        if (domain->type_members[c] == NULL && fr_type_is(domain, c, a) && fr_type_is(domain, c, b))
            return true;
    return false;
}

/* Of an action's atom: can what it says be a fact at all? A parameter's type may be wider than the
 * predicate's, for its objects may be of both. */
static int check_types(struct fr_reader *r, const struct fr_token *place,
                       const struct fr_atom *atom) {
    const struct fr_domain *domain = r->known;
    const struct fr_predicate *predicate = &domain->predicates[atom->predicate];
    for (int i = 0; i < atom->n_terms; i++) {
        const int term = atom->terms[i], wanted = predicate->param_types[i];
        const int type =
            term >= 0 ? r->action->param_types[term] : domain->constant_types[-1 - term];
        if (term >= 0 ? !types_meet(domain, type, wanted) : !fr_type_is(domain, type, wanted))
            return fr_lexer_fail(&r->lexer, place, FR_E_INPUT,
                                 "\"%s\" is of type %s; term %d of \"%s\" must be of type %s",
                                 term >= 0 ? r->action->params[term] : domain->constants[-1 - term],
                                 domain->types[type], i + 1, predicate->name,
                                 domain->types[wanted]);
    }
    return 0;
}

int fr_reader_atom(struct fr_reader *r, struct fr_atom *atom) {
    const struct fr_token place = r->lexer.token;
    *atom = (struct fr_atom){0};
    if (fr_reader_at(r, FR_TOKEN_EQUAL))
        return FAIL(r, FR_E_INPUT, "\"=\" is supported in preconditions only");
    if (fr_reader_at(r, FR_TOKEN_OPERATOR) || fr_reader_at(r, FR_TOKEN_DASH))
        return fr_reader_fail_numeric(r);
    if (!fr_reader_at(r, FR_TOKEN_NAME))
        return fr_reader_fail_expected(r, "a predicate");
    atom->predicate = fr_index_get(&r->predicates, &place);
    if (atom->predicate < 0)
        return fail_predicate(r);
    TRY(fr_reader_next(r));
    TRY(fr_reader_terms(r, &r->known->predicates[atom->predicate], &place, atom));
    return r->action != NULL ? check_types(r, &place, atom) : 0;
}

/* "= a b)" of a precondition. */
static int read_equality(struct fr_reader *r, struct fr_equality *equality) {
    TRY(fr_reader_next(r));
    if (fr_reader_at(r, FR_TOKEN_OPEN) || fr_reader_at(r, FR_TOKEN_DECIMAL))
        return fr_reader_fail_numeric(r);
    TRY(read_term(r, &equality->a));
    TRY(read_term(r, &equality->b));
    return fr_reader_take(r, FR_TOKEN_CLOSE, "\")\": = compares two terms");
}

int fr_reader_formula(struct fr_reader *r, struct fr_formula *f, int depth) {
    if (depth == MAX_DEPTH)
        return FAIL(r, FR_E_LIMIT, "formulas nested deeper than %d", MAX_DEPTH);
    TRY(fr_reader_take(r, FR_TOKEN_OPEN, "\"(\" of a formula"));
    if (fr_reader_at(r, FR_TOKEN_CLOSE))
        return fr_reader_next(r);
    if (fr_reader_at_name(r, "and")) {
        TRY(fr_reader_next(r));
        while (!fr_reader_at(r, FR_TOKEN_CLOSE))
            TRY(fr_reader_formula(r, f, depth + 1));
        return fr_reader_next(r);
    }
    if (f->costs && fr_reader_at_numeric_effect(r))
        return fr_reader_numeric_effect(r, f->costs);
    const bool negative = fr_reader_at_name(r, "not");
    if (negative) {
        TRY(fr_reader_next(r));
        TRY(fr_reader_take(r, FR_TOKEN_OPEN, "\"(\" of an atom after \"not\""));
        if (fr_reader_at_name(r, "and") || fr_reader_at_name(r, "not"))
            return FAIL(r, FR_E_INPUT, "\"not\" is supported before an atom only");
    }
    if (fr_reader_at(r, FR_TOKEN_EQUAL) && f->equality_allowed) {
        FR_RESERVE(f->equalities, f->n_equalities, f->equality_capacity);
        struct fr_equality *equality = &f->equalities[f->n_equalities++];
        *equality = (struct fr_equality){.positive = !negative, .place = f->n};
        TRY(read_equality(r, equality));
    } else {
        FR_RESERVE(f->literals, f->n, f->capacity);
        struct fr_literal *literal = &f->literals[f->n++];
        literal->positive = !negative;
        TRY(fr_reader_atom(r, &literal->atom));
    }
    return negative ? fr_reader_take(r, FR_TOKEN_CLOSE, "\")\" of \"not\"") : 0;
}

/* ---- sections ------------------------------------------------------------------------ */

/* The row of the table whose key is the current token, or -1. */
static int find_section(const struct fr_reader *r, const struct fr_section *table, int n) {
    for (int i = 0; i < n && fr_reader_at(r, FR_TOKEN_KEYWORD); i++)
        if (!strcmp(r->lexer.token.text, table[i].key))
            return i;
    return -1;
}

static int fail_section(struct fr_reader *r, const struct fr_section *table, int n) {
    static const char *const beyond[] = {":durative-action", ":derived", ":constraints",
                                         ":process",         ":event",   ":axiom"};
    const struct fr_token *token = &r->lexer.token;
    const char *keys[FR_MAX_SECTIONS];
    for (int i = 0; i < n; i++)
        keys[i] = table[i].key;
    const bool keyword = fr_reader_at(r, FR_TOKEN_KEYWORD);
    for (size_t i = 0; keyword && i < sizeof beyond / sizeof *beyond; i++)
        if (!strcmp(token->text, beyond[i]))
            return FAIL(r, FR_E_INPUT, "%s is not supported: it is beyond STRIPS", beyond[i]);
    if (keyword && !strcmp(token->text, ":situation"))
        return FAIL(r, FR_E_INPUT,
                    ":situation is not supported: it takes facts from elsewhere; write them in "
                    "(:init ...)");
    const char *near = keyword ? fr_nearest(token->text, keys, n) : NULL;
    if (near)
        return FAIL(r, FR_E_INPUT, "unknown section %s; did you mean %s?", token->text, near);
    return FAIL(r, FR_E_INPUT, "%s%s%s is not a section that is supported here", quote(token),
                shown(token), quote(token));
}

int fr_reader_skip_section(struct fr_reader *r) {
    for (int depth = 0; depth > 0 || !fr_reader_at(r, FR_TOKEN_CLOSE);) {
        if (fr_reader_at(r, FR_TOKEN_END))
            return fr_reader_fail_expected(r, "\")\" at the end of the section");
        depth += fr_reader_at(r, FR_TOKEN_OPEN);
        depth -= fr_reader_at(r, FR_TOKEN_CLOSE);
        TRY(fr_reader_next(r));
    }
    return 0;
}

/* The rows that come after the current section, as bits. What is wrong there is told when it is
 * read. */
static unsigned sections_ahead(const struct fr_reader *r, const struct fr_section *table, int n) {
    struct fr_error ignored;
    struct fr_reader ahead = *r;
    unsigned found = 0;
    ahead.lexer.err = &ignored;
    while (!fr_reader_skip_section(&ahead) && !fr_reader_next(&ahead) &&
           fr_reader_at(&ahead, FR_TOKEN_OPEN) && !fr_reader_next(&ahead)) {
        const int which = find_section(&ahead, table, n);
        found |= which < 0 ? 0 : 1U << which;
    }
    return found;
}

struct deferred {
    struct fr_lexer *places; /* after their keys */
    int *rows;
    int n, capacity;
    unsigned waiting; /* the rows, as bits */
};

static int defer(struct fr_reader *r, struct deferred *later, int which) {
    if (later->n == later->capacity) {
        later->capacity = later->capacity ? 2 * later->capacity : 8;
        later->places = fr_grow(later->places, (size_t)later->capacity, sizeof *later->places);
        later->rows = fr_grow(later->rows, (size_t)later->capacity, sizeof *later->rows);
    }
    later->places[later->n] = r->lexer;
    later->rows[later->n++] = which;
    later->waiting |= 1U << which;
    TRY(fr_reader_skip_section(r));
    return fr_reader_next(r);
}

static int read_section(struct fr_reader *r, const struct fr_section *section) {
    TRY(section->read(r));
    return fr_reader_take(r, FR_TOKEN_CLOSE, "\")\" at the end of the section");
}

static int read_in_order(struct fr_reader *r, const struct fr_section *table, int n, bool *seen,
                         struct deferred *later) {
    unsigned done = 0, ahead = 0;
    bool looked = false; /* ahead is known; once is enough, it only shrinks to done */
    while (!fr_reader_at(r, FR_TOKEN_CLOSE)) {
        TRY(fr_reader_take(r, FR_TOKEN_OPEN, "\"(\" of a section, or \")\""));
        const int which = find_section(r, table, n);
        if (which < 0)
            return fail_section(r, table, n);
        if (seen[which] && !table[which].many)
            return FAIL(r, FR_E_INPUT, "section %s given twice", table[which].key);
        seen[which] = true;
        TRY(fr_reader_next(r));
        if (table[which].needs & ~done && !looked) {
            ahead = sections_ahead(r, table, n);
            looked = true;
        }
        ahead |= later->waiting; /* what waits itself is still to come */
        if (table[which].needs & ahead & ~done) {
            TRY(defer(r, later, which));
        } else {
            TRY(read_section(r, &table[which]));
            done |= 1U << which;
        }
    }
    TRY(fr_reader_next(r));
    if (!fr_reader_at(r, FR_TOKEN_END))
        return FAIL(r, FR_E_INPUT,
                    "text after the end of the definition; is a parenthesis too many?");
    for (int row = 0; row < n; row++)
        for (int i = 0; i < later->n; i++)
            if (later->rows[i] == row) {
                r->lexer = later->places[i];
                TRY(read_section(r, &table[row]));
            }
    return 0;
}

int fr_reader_sections(struct fr_reader *r, const struct fr_section *table, int n, bool *seen) {
    FR_ASSERT(n <= FR_MAX_SECTIONS);
    struct deferred later = {0};
    const int rc = read_in_order(r, table, n, seen, &later);
    free(later.places);
    free(later.rows);
    return rc;
}
