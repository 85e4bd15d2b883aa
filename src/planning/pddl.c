/* Owns the reading of PDDL: text in, struct fr_domain and struct fr_problem out, every
 * fault with its line and column. The language is PDDL 2.1's STRIPS part with types,
 * constants, negative preconditions and equality: what the paper's domain and PlanBench's
 * need. Anything beyond (either, or, forall, when, numbers) is refused by name, never
 * skipped, because a domain half read would give wrong verdicts.
 *
 * A recursive-descent reader over one token of lookahead; recursion happens only in
 * formulas and has a ceiling, as has every list. Declarations must come before their use.
 * Rejected: an existing planner's parser (Fast Downward's, VAL's): C++ or Python programs,
 * larger than this project's whole planning room. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "planning/lexer.h"
#include "planning/planning.h"

enum {
    MAX_BYTES = 16 << 20, /* of a PDDL file */
    MAX_DEPTH = 32,       /* of nested formulas */
    MAX_TYPES = 256,
    MAX_LITERALS = 1024, /* of one precondition or effect */
    MAX_FACTS = 1 << 16  /* of an initial state or a goal */
};

#define TRY(call)                                                                                  \
    do {                                                                                           \
        const int try_rc = (call);                                                                 \
        if (try_rc)                                                                                \
            return try_rc;                                                                         \
    } while (0)

/* What a reader is in the middle of: the domain, and the action or the problem. */
struct reader {
    struct fr_lexer lexer;
    struct fr_domain *domain;
    const struct fr_domain *known; /* == domain, or the problem's domain */
    struct fr_action *action;
    struct fr_problem *problem;
};

static const char *shown(const struct fr_token *token) {
    return token->kind == FR_TOKEN_END ? "the end of the file" : token->text;
}

static const char *quote(const struct fr_token *token) {
    return token->kind == FR_TOKEN_END ? "" : "\"";
}

/* Fails at the current token. */
#define FAIL(r, code, ...) fr_lexer_fail(&(r)->lexer, &(r)->lexer.token, (code), __VA_ARGS__)

static int fail_expected(struct reader *r, const char *what) {
    const struct fr_token *token = &r->lexer.token;
    return FAIL(r, FR_E_INPUT, "expected %s, found %s%s%s%s", what, quote(token), shown(token),
                quote(token), token->kind == FR_TOKEN_END ? "; a parenthesis is not closed" : "");
}

static int next(struct reader *r) { return fr_lexer_next(&r->lexer); }
static bool at(const struct reader *r, enum fr_token_kind kind) {
    return r->lexer.token.kind == kind;
}
static bool at_name(const struct reader *r, const char *name) {
    return at(r, FR_TOKEN_NAME) && !strcmp(r->lexer.token.text, name);
}

static int take(struct reader *r, enum fr_token_kind kind, const char *what) {
    if (!at(r, kind))
        return fail_expected(r, what);
    return next(r);
}

static int take_word(struct reader *r, const char *word) {
    if (!at_name(r, word))
        return fail_expected(r, word);
    return next(r);
}

/* Moves the current name out into *name. */
static int take_name(struct reader *r, const char *what, char **name) {
    if (!at(r, FR_TOKEN_NAME))
        return fail_expected(r, what);
    *name = fr_strdup(r->lexer.token.text);
    return next(r);
}

/* ---- typed lists: a b - truck c ------------------------------------------------------ */

struct item {
    struct fr_token name, type; /* type.kind is FR_TOKEN_END when none was given */
};

struct list {
    struct item *items;
    int n, capacity;
};

/* Up to the closing parenthesis, which becomes the current token. The caller frees
 * list->items, also after a failure. */
static int read_list(struct reader *r, enum fr_token_kind kind, const char *what, int limit,
                     struct list *list) {
    int n_typed = 0; /* items before it have their type */
    while (!at(r, FR_TOKEN_CLOSE)) {
        if (at(r, FR_TOKEN_DASH) && list->n > n_typed) {
            TRY(next(r));
            if (at(r, FR_TOKEN_OPEN))
                return FAIL(r, FR_E_INPUT,
                            "(either ...) is not supported; give the types a common supertype");
            if (!at(r, FR_TOKEN_NAME))
                return fail_expected(r, "the name of a type");
            for (; n_typed < list->n; n_typed++)
                list->items[n_typed].type = r->lexer.token;
            TRY(next(r));
            continue;
        }
        if (!at(r, kind))
            return fail_expected(r, what);
        if (list->n == limit)
            return FAIL(r, FR_E_LIMIT, "more than %d entries in this list", limit);
        FR_RESERVE(list->items, list->n, list->capacity);
        list->items[list->n++] =
            (struct item){.name = r->lexer.token, .type = {.kind = FR_TOKEN_END}};
        TRY(next(r));
    }
    return 0;
}

static int find_type(const struct fr_domain *domain, const char *name) {
    for (int i = 0; i < domain->n_types; i++)
        if (!strcmp(domain->types[i], name))
            return i;
    return -1;
}

/* The index of an item's type, 0 (object) when it has none. */
static int resolve_type(const struct reader *r, const struct item *item, int *type) {
    if (item->type.kind == FR_TOKEN_END) {
        *type = 0;
        return 0;
    }
    *type = find_type(r->known, item->type.text);
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

static int fail_unknown(struct reader *r, const char *kind, const char *const *names, int n,
                        const char *where) {
    const char *word = r->lexer.token.text;
    const char *near = n ? fr_nearest(word, names, n) : NULL;
    if (near)
        return FAIL(r, FR_E_INPUT, "unknown %s \"%s\"; did you mean \"%s\"?", kind, word, near);
    return FAIL(r, FR_E_INPUT, "unknown %s \"%s\"; declare it in %s first", kind, word, where);
}

/* A variable or a constant of an action, or an object of a problem. */
static int read_term(struct reader *r, int *term) {
    const char *word = r->lexer.token.text;
    const struct fr_domain *domain = r->known;
    if (at(r, FR_TOKEN_VARIABLE)) {
        if (!r->action)
            return FAIL(r, FR_E_INPUT, "variable \"?%s\" where an object belongs", word);
        for (int i = 0; i < r->action->n_params; i++)
            if (!strcmp(r->action->params[i], word)) {
                *term = i;
                return next(r);
            }
        return fail_unknown(r, "variable", (const char *const *)r->action->params,
                            r->action->n_params, ":parameters");
    }
    if (!at(r, FR_TOKEN_NAME))
        return fail_expected(r, r->action ? "a variable or a constant" : "an object");
    const int n = r->action ? domain->n_constants : r->problem->n_objects;
    char *const *names = r->action ? domain->constants : r->problem->objects;
    for (int i = 0; i < n; i++)
        if (!strcmp(names[i], word)) {
            *term = r->action ? -1 - i : i;
            return next(r);
        }
    return fail_unknown(r, r->action ? "constant" : "object", (const char *const *)names, n,
                        r->action ? "(:constants ...)" : "(:objects ...)");
}

/* "pred t1 t2)": the opening parenthesis is already taken. */
static int read_atom(struct reader *r, struct fr_atom *atom) {
    const struct fr_domain *domain = r->known;
    const struct fr_token place = r->lexer.token;
    *atom = (struct fr_atom){0};
    if (at(r, FR_TOKEN_EQUAL))
        return FAIL(r, FR_E_INPUT, "\"=\" is supported in preconditions only");
    if (!at(r, FR_TOKEN_NAME))
        return fail_expected(r, "a predicate");
    atom->predicate = fr_domain_find_predicate(domain, place.text);
    if (atom->predicate < 0) {
        const char *refused[] = {"or",       "imply",    "forall", "exists", "when",
                                 "increase", "decrease", "assign", "either", "preference"};
        for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
            if (!strcmp(place.text, refused[i]))
                return FAIL(r, FR_E_INPUT,
                            "(%s ...) is not supported, and is no predicate of the domain; only "
                            "and, not and = are",
                            place.text);
        const char *names[FR_MAX_CONCEPTS];
        for (int i = 0; i < domain->n_predicates; i++)
            names[i] = domain->predicates[i].name;
        return fail_unknown(r, "predicate", names, domain->n_predicates, "(:predicates ...)");
    }
    const struct fr_predicate *predicate = &domain->predicates[atom->predicate];
    TRY(next(r));
    while (!at(r, FR_TOKEN_CLOSE)) {
        int term = 0;
        const struct fr_token term_place = r->lexer.token;
        TRY(read_term(r, &term));
        if (atom->n_terms == predicate->arity)
            return fr_lexer_fail(&r->lexer, &place, FR_E_INPUT,
                                 "too many terms for \"%s\"; it takes %d", predicate->name,
                                 predicate->arity);
        if (r->problem) {
            const int type = r->problem->object_types[term];
            const int wanted = predicate->param_types[atom->n_terms];
            if (!fr_type_is(domain, type, wanted))
                return fr_lexer_fail(&r->lexer, &term_place, FR_E_INPUT,
                                     "\"%s\" is of type %s; term %d of \"%s\" must be of type %s",
                                     term_place.text, domain->types[type], atom->n_terms + 1,
                                     predicate->name, domain->types[wanted]);
        }
        atom->terms[atom->n_terms++] = term;
    }
    if (atom->n_terms < predicate->arity)
        return fr_lexer_fail(&r->lexer, &place, FR_E_INPUT, "\"%s\" takes %d term%s, found %d",
                             predicate->name, predicate->arity, predicate->arity == 1 ? "" : "s",
                             atom->n_terms);
    return next(r);
}

/* "= a b)" of a precondition. */
static int read_equality(struct reader *r, struct fr_equality *equality) {
    TRY(next(r));
    TRY(read_term(r, &equality->a));
    TRY(read_term(r, &equality->b));
    return take(r, FR_TOKEN_CLOSE, "\")\": = compares two terms");
}

struct formula {
    struct fr_literal *literals;
    int n, capacity, limit;
    struct fr_equality *equalities; /* NULL-able: only preconditions keep them */
    int n_equalities, equality_capacity;
    bool equality_allowed;
};

/* (), (and f ...), (not atom), (= a b) or an atom; nested "and"s are one list. The caller
 * frees the arrays, also after a failure. */
static int read_formula(struct reader *r, struct formula *f, int depth) {
    if (depth == MAX_DEPTH)
        return FAIL(r, FR_E_LIMIT, "formulas nested deeper than %d", MAX_DEPTH);
    TRY(take(r, FR_TOKEN_OPEN, "\"(\" of a formula"));
    if (at(r, FR_TOKEN_CLOSE))
        return next(r);
    if (at_name(r, "and")) {
        TRY(next(r));
        while (!at(r, FR_TOKEN_CLOSE))
            TRY(read_formula(r, f, depth + 1));
        return next(r);
    }
    const bool negative = at_name(r, "not");
    if (negative) {
        TRY(next(r));
        TRY(take(r, FR_TOKEN_OPEN, "\"(\" of an atom after \"not\""));
        if (at_name(r, "and") || at_name(r, "not"))
            return FAIL(r, FR_E_INPUT, "\"not\" is supported before an atom only");
    }
    if (f->n + f->n_equalities == f->limit)
        return FAIL(r, FR_E_LIMIT, "more than %d literals in one formula", f->limit);
    if (at(r, FR_TOKEN_EQUAL) && f->equality_allowed) {
        FR_RESERVE(f->equalities, f->n_equalities, f->equality_capacity);
        struct fr_equality *equality = &f->equalities[f->n_equalities++];
        *equality = (struct fr_equality){.positive = !negative};
        TRY(read_equality(r, equality));
    } else {
        FR_RESERVE(f->literals, f->n, f->capacity);
        struct fr_literal *literal = &f->literals[f->n++];
        literal->positive = !negative;
        TRY(read_atom(r, &literal->atom));
    }
    return negative ? take(r, FR_TOKEN_CLOSE, "\")\" of \"not\"") : 0;
}

/* ---- domains ------------------------------------------------------------------------- */

static int read_requirements(struct reader *r) {
    const char *const known[] = {":strips", ":typing", ":negative-preconditions", ":equality"};
    while (!at(r, FR_TOKEN_CLOSE)) {
        if (!at(r, FR_TOKEN_KEYWORD))
            return fail_expected(r, "a requirement such as :strips");
        bool found = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            found |= !strcmp(known[i], r->lexer.token.text);
        if (!found)
            return FAIL(r, FR_E_INPUT,
                        "requirement %s is not supported; :strips, :typing, "
                        ":negative-preconditions and :equality are",
                        r->lexer.token.text);
        TRY(next(r));
    }
    return 0;
}

static int add_type(struct fr_domain *domain, const char *name) {
    domain->types = fr_grow(domain->types, (size_t)domain->n_types + 1, sizeof *domain->types);
    domain->type_parents =
        fr_grow(domain->type_parents, (size_t)domain->n_types + 1, sizeof *domain->type_parents);
    domain->types[domain->n_types] = fr_strdup(name);
    domain->type_parents[domain->n_types] = 0;
    return domain->n_types++;
}

/* Supertypes may be named before or without their own entry. */
static int declare_types(struct reader *r, const struct list *list) {
    struct fr_domain *domain = r->domain;
    for (int i = 0; i < list->n; i++) {
        const struct fr_token *name = &list->items[i].name;
        if (!strcmp(name->text, "object"))
            continue;
        if (find_type(domain, name->text) >= 0)
            return fr_lexer_fail(&r->lexer, name, FR_E_INPUT, "type \"%s\" is declared twice",
                                 name->text);
        add_type(domain, name->text);
    }
    for (int i = 0; i < list->n; i++) {
        const struct item *item = &list->items[i];
        if (item->type.kind == FR_TOKEN_END)
            continue;
        int parent = find_type(domain, item->type.text);
        if (parent < 0)
            parent = add_type(domain, item->type.text);
        if (domain->n_types > MAX_TYPES)
            return fr_lexer_fail(&r->lexer, &item->type, FR_E_LIMIT, "more than %d types",
                                 MAX_TYPES);
        const int type = find_type(domain, item->name.text);
        bool circle = type == 0 && parent != 0; /* object stands above all */
        for (int t = parent; t != 0; t = domain->type_parents[t])
            circle |= t == type;
        if (circle)
            return fr_lexer_fail(&r->lexer, &item->name, FR_E_INPUT,
                                 "type \"%s\" is its own supertype", item->name.text);
        domain->type_parents[type] = parent;
    }
    return 0;
}

static int declare_constants(struct reader *r, const struct list *list) {
    struct fr_domain *domain = r->domain;
    domain->constants = fr_alloc((size_t)list->n, sizeof *domain->constants);
    domain->constant_types = fr_alloc((size_t)list->n, sizeof *domain->constant_types);
    for (int i = 0; i < list->n; i++) {
        int type = 0;
        TRY(resolve_type(r, &list->items[i], &type));
        for (int j = 0; j < i; j++)
            if (!strcmp(domain->constants[j], list->items[i].name.text))
                return fr_lexer_fail(&r->lexer, &list->items[i].name, FR_E_INPUT,
                                     "constant \"%s\" is declared twice", list->items[i].name.text);
        domain->constants[i] = fr_strdup(list->items[i].name.text);
        domain->constant_types[i] = type;
        domain->n_constants = i + 1;
    }
    return 0;
}

static int read_declarations(struct reader *r, int limit,
                             int (*declare)(struct reader *, const struct list *)) {
    struct list list = {0};
    int rc = read_list(r, FR_TOKEN_NAME, "a name or \")\"", limit, &list);
    if (!rc)
        rc = declare(r, &list);
    free(list.items);
    return rc;
}

/* Variables of a predicate or an action; names is NULL where they do not matter. */
static int read_params(struct reader *r, char **names, int *types, int *n_params) {
    struct list list = {0};
    int rc =
        read_list(r, FR_TOKEN_VARIABLE, "a variable such as ?x, or \")\"", FR_MAX_ARITY, &list);
    for (int i = 0; !rc && i < list.n; i++) {
        rc = resolve_type(r, &list.items[i], &types[i]);
        for (int j = 0; names && !rc && j < i; j++)
            if (!strcmp(names[j], list.items[i].name.text))
                rc = fr_lexer_fail(&r->lexer, &list.items[i].name, FR_E_INPUT,
                                   "variable \"?%s\" is declared twice", list.items[i].name.text);
        if (!rc && names)
            names[i] = fr_strdup(list.items[i].name.text);
        if (!rc)
            *n_params = i + 1;
    }
    free(list.items);
    return rc;
}

static int check_concepts(struct reader *r) {
    if (r->domain->n_actions + r->domain->n_predicates >= FR_MAX_CONCEPTS)
        return FAIL(r, FR_E_LIMIT, "more than %d actions and predicates", FR_MAX_CONCEPTS);
    return 0;
}

static int read_predicates(struct reader *r) {
    struct fr_domain *domain = r->domain;
    while (!at(r, FR_TOKEN_CLOSE)) {
        TRY(take(r, FR_TOKEN_OPEN, "\"(\" of a predicate"));
        TRY(check_concepts(r));
        const char *word = r->lexer.token.text;
        if (at(r, FR_TOKEN_NAME) && fr_domain_find_predicate(domain, word) >= 0)
            return FAIL(r, FR_E_INPUT, "predicate \"%s\" is declared twice", word);
        if (at_name(r, "and") || at_name(r, "not"))
            return FAIL(r, FR_E_INPUT, "\"%s\" cannot be a predicate", word);
        domain->predicates = fr_grow(domain->predicates, (size_t)domain->n_predicates + 1,
                                     sizeof *domain->predicates);
        struct fr_predicate *predicate = &domain->predicates[domain->n_predicates];
        *predicate = (struct fr_predicate){0};
        domain->n_predicates++;
        TRY(take_name(r, "the name of a predicate", &predicate->name));
        TRY(read_params(r, NULL, predicate->param_types, &predicate->arity));
        TRY(next(r));
    }
    return 0;
}

static int read_action(struct reader *r) {
    struct fr_domain *domain = r->domain;
    TRY(check_concepts(r));
    if (at(r, FR_TOKEN_NAME) && fr_domain_find_action(domain, r->lexer.token.text) >= 0)
        return FAIL(r, FR_E_INPUT, "action \"%s\" is declared twice", r->lexer.token.text);
    domain->actions =
        fr_grow(domain->actions, (size_t)domain->n_actions + 1, sizeof *domain->actions);
    struct fr_action *action = &domain->actions[domain->n_actions];
    *action = (struct fr_action){0};
    domain->n_actions++;
    TRY(take_name(r, "the name of an action", &action->name));

    r->action = action;
    bool seen[3] = {false};
    const char *const keys[] = {":parameters", ":precondition", ":effect"};
    while (!at(r, FR_TOKEN_CLOSE)) {
        int key = -1;
        for (int i = 0; i < 3; i++)
            if (at(r, FR_TOKEN_KEYWORD) && !strcmp(r->lexer.token.text, keys[i]))
                key = i;
        if (key < 0)
            return fail_expected(r, ":parameters, :precondition, :effect or \")\"");
        if (seen[key])
            return FAIL(r, FR_E_INPUT, "%s given twice in action \"%s\"", keys[key], action->name);
        if (key == 0 && (seen[1] || seen[2]))
            return FAIL(r, FR_E_INPUT, ":parameters must come first in action \"%s\"",
                        action->name);
        seen[key] = true;
        TRY(next(r));
        if (key == 0) {
            TRY(take(r, FR_TOKEN_OPEN, "\"(\" of the parameters"));
            TRY(read_params(r, action->params, action->param_types, &action->n_params));
            TRY(next(r));
            continue;
        }
        struct formula f = {.limit = MAX_LITERALS, .equality_allowed = key == 1};
        const int rc = read_formula(r, &f, 0);
        if (key == 1) {
            action->preconditions = f.literals;
            action->n_preconditions = f.n;
            action->equalities = f.equalities;
            action->n_equalities = f.n_equalities;
        } else {
            action->effects = f.literals;
            action->n_effects = f.n;
        }
        TRY(rc);
    }
    r->action = NULL;
    return 0;
}

/* Functions are accepted only empty, as some writers print the section always. */
static int read_functions(struct reader *r) {
    if (!at(r, FR_TOKEN_CLOSE))
        return FAIL(r, FR_E_INPUT, "numeric functions are not supported");
    return 0;
}

enum { MANY = 1 };
struct section {
    const char *key;
    int (*read)(struct reader *); /* from after the key up to the closing parenthesis */
    int flags;
};

/* "(:key ...)" sections up to the end of the define and of the text. */
static int read_sections(struct reader *r, const struct section *table, int n, bool *seen) {
    while (!at(r, FR_TOKEN_CLOSE)) {
        TRY(take(r, FR_TOKEN_OPEN, "\"(\" of a section, or \")\""));
        int which = -1;
        for (int i = 0; i < n; i++)
            if (at(r, FR_TOKEN_KEYWORD) && !strcmp(r->lexer.token.text, table[i].key))
                which = i;
        if (which < 0) {
            const struct fr_token *token = &r->lexer.token;
            const char *keys[16];
            for (int i = 0; i < n; i++)
                keys[i] = table[i].key;
            const char *near = at(r, FR_TOKEN_KEYWORD) ? fr_nearest(token->text, keys, n) : NULL;
            if (near)
                return FAIL(r, FR_E_INPUT, "unknown section %s; did you mean %s?", token->text,
                            near);
            return FAIL(r, FR_E_INPUT, "%s%s%s is not a section that is supported here",
                        quote(token), shown(token), quote(token));
        }
        if (seen[which] && table[which].flags != MANY)
            return FAIL(r, FR_E_INPUT, "section %s given twice", table[which].key);
        seen[which] = true;
        TRY(next(r));
        TRY(table[which].read(r));
        TRY(take(r, FR_TOKEN_CLOSE, "\")\" at the end of the section"));
    }
    TRY(next(r));
    if (!at(r, FR_TOKEN_END))
        return FAIL(r, FR_E_INPUT,
                    "text after the end of the definition; is a parenthesis too "
                    "many?");
    return 0;
}

static int read_types(struct reader *r) { return read_declarations(r, MAX_TYPES, declare_types); }
static int read_constants(struct reader *r) {
    return read_declarations(r, FR_MAX_OBJECTS, declare_constants);
}

/* "(define (KIND NAME)", leaving the first section's parenthesis as the current token. */
static int read_head(struct reader *r, const char *kind, char **name) {
    TRY(next(r));
    TRY(take(r, FR_TOKEN_OPEN, "\"(\" of (define ...)"));
    TRY(take_word(r, "define"));
    TRY(take(r, FR_TOKEN_OPEN, kind));
    if (!at_name(r, kind) && (at_name(r, "domain") || at_name(r, "problem")))
        return FAIL(r, FR_E_INPUT, "this is a %s file; a %s was expected", r->lexer.token.text,
                    kind);
    TRY(take_word(r, kind));
    TRY(take_name(r, "a name", name));
    return take(r, FR_TOKEN_CLOSE, "\")\" after the name");
}

static int read_domain(struct reader *r) {
    static const struct section table[] = {
        {":requirements", read_requirements, 0}, {":types", read_types, 0},
        {":constants", read_constants, 0},       {":predicates", read_predicates, 0},
        {":functions", read_functions, 0},       {":action", read_action, MANY},
    };
    enum { N = sizeof table / sizeof *table };
    bool seen[N] = {false};
    TRY(read_head(r, "domain", &r->domain->name));
    add_type(r->domain, "object");
    return read_sections(r, table, N, seen);
}

/* ---- problems ------------------------------------------------------------------------ */

static int read_domain_name(struct reader *r) {
    const struct fr_domain *domain = r->known;
    if (!at(r, FR_TOKEN_NAME))
        return fail_expected(r, "the name of the domain");
    if (strcmp(r->lexer.token.text, domain->name))
        return FAIL(r, FR_E_INPUT,
                    "the problem belongs to domain \"%s\", the domain given is \"%s\"",
                    r->lexer.token.text, domain->name);
    return next(r);
}

static int declare_objects(struct reader *r, const struct list *list) {
    struct fr_problem *problem = r->problem;
    for (int i = 0; i < list->n; i++) {
        const struct fr_token *name = &list->items[i].name;
        int type = 0;
        TRY(resolve_type(r, &list->items[i], &type));
        const int old = fr_problem_find_object(problem, name->text);
        if (old >= 0)
            return fr_lexer_fail(&r->lexer, name, FR_E_INPUT, "object \"%s\" is %s", name->text,
                                 old < r->known->n_constants ? "a constant of the domain already"
                                                             : "declared twice");
        if (problem->n_objects == FR_MAX_OBJECTS)
            return fr_lexer_fail(&r->lexer, name, FR_E_LIMIT, "more than %d objects and constants",
                                 FR_MAX_OBJECTS);
        problem->objects[problem->n_objects] = fr_strdup(name->text);
        problem->object_types[problem->n_objects++] = type;
    }
    return 0;
}

static int read_objects(struct reader *r) {
    return read_declarations(r, FR_MAX_OBJECTS, declare_objects);
}

/* The initial state: atoms; "(not atom)" is legal there and says nothing. */
static int read_init(struct reader *r) {
    struct fr_problem *problem = r->problem;
    int capacity = 0;
    while (!at(r, FR_TOKEN_CLOSE)) {
        TRY(take(r, FR_TOKEN_OPEN, "\"(\" of a fact"));
        const bool negative = at_name(r, "not");
        if (negative) {
            TRY(next(r));
            TRY(take(r, FR_TOKEN_OPEN, "\"(\" of an atom after \"not\""));
        }
        struct fr_atom fact;
        TRY(read_atom(r, &fact));
        if (negative) {
            TRY(take(r, FR_TOKEN_CLOSE, "\")\" of \"not\""));
            continue;
        }
        if (problem->n_init == MAX_FACTS)
            return FAIL(r, FR_E_LIMIT, "more than %d initial facts", MAX_FACTS);
        FR_RESERVE(problem->init, problem->n_init, capacity);
        problem->init[problem->n_init++] = fact;
    }
    return 0;
}

static int read_goal(struct reader *r) {
    struct formula f = {.limit = MAX_FACTS};
    const int rc = read_formula(r, &f, 0);
    r->problem->goal = f.literals;
    r->problem->n_goal = f.n;
    return rc;
}

static int read_problem(struct reader *r) {
    static const struct section table[] = {
        {":domain", read_domain_name, 0}, {":requirements", read_requirements, 0},
        {":objects", read_objects, 0},    {":init", read_init, 0},
        {":goal", read_goal, 0},
    };
    enum { N = sizeof table / sizeof *table };
    bool seen[N] = {false};
    struct fr_problem *problem = r->problem;
    TRY(read_head(r, "problem", &problem->name));
    problem->objects = fr_alloc(FR_MAX_OBJECTS, sizeof *problem->objects);
    problem->object_types = fr_alloc(FR_MAX_OBJECTS, sizeof *problem->object_types);
    for (int i = 0; i < r->known->n_constants; i++) {
        problem->objects[i] = fr_strdup(r->known->constants[i]);
        problem->object_types[i] = r->known->constant_types[i];
        problem->n_objects = i + 1;
    }
    TRY(read_sections(r, table, N, seen));
    for (int i = 0; i < N; i++)
        if (!seen[i] && table[i].read != read_requirements && table[i].read != read_objects)
            return fr_fail(r->lexer.err, FR_E_INPUT, "%s: the problem has no (%s ...) section",
                           r->lexer.name, table[i].key);
    return 0;
}

/* ---- entry points -------------------------------------------------------------------- */

int fr_domain_parse(struct fr_domain *out, const char *text, const char *name,
                    struct fr_error *err) {
    *out = (struct fr_domain){0};
    struct reader r = {.domain = out, .known = out};
    fr_lexer_init(&r.lexer, text, name, err);
    const int rc = read_domain(&r);
    if (rc)
        fr_domain_release(out);
    return rc;
}

int fr_problem_parse(struct fr_problem *out, const struct fr_domain *domain, const char *text,
                     const char *name, struct fr_error *err) {
    *out = (struct fr_problem){.domain = domain};
    struct reader r = {.problem = out, .known = domain};
    fr_lexer_init(&r.lexer, text, name, err);
    const int rc = read_problem(&r);
    if (rc)
        fr_problem_release(out);
    return rc;
}

static int load(const char *path, struct fr_text *text, struct fr_error *err) {
    TRY(fr_file_read(path, MAX_BYTES, text, err));
    if (memchr(fr_text_get(text), '\0', text->len))
        return fr_fail(err, FR_E_INPUT, "%s: holds a zero byte; this is no PDDL file", path);
    return 0;
}

int fr_domain_load(struct fr_domain *out, const char *path, struct fr_error *err) {
    *out = (struct fr_domain){0};
    struct fr_text text = {0};
    int rc = load(path, &text, err);
    if (!rc)
        rc = fr_domain_parse(out, fr_text_get(&text), path, err);
    fr_text_release(&text);
    return rc;
}

int fr_problem_load(struct fr_problem *out, const struct fr_domain *domain, const char *path,
                    struct fr_error *err) {
    *out = (struct fr_problem){0};
    struct fr_text text = {0};
    int rc = load(path, &text, err);
    if (!rc)
        rc = fr_problem_parse(out, domain, fr_text_get(&text), path, err);
    fr_text_release(&text);
    return rc;
}
