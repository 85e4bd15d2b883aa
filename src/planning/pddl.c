/* Owns the reading of PDDL: text in, struct fr_domain and struct fr_problem out, every
 * fault with its line and column. The language is PDDL 2.1's STRIPS part with types,
 * constants, negative preconditions and equality: what the paper's domain and PlanBench's
 * need. Anything beyond (or, forall, when, numbers) is refused by name, never skipped,
 * because a domain half read would give wrong verdicts.
 *
 * Rejected: an existing planner's parser (Fast Downward's, VAL's): C++ or Python programs,
 * larger than this project's whole planning room. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "planning/reader.h"

enum {
    MAX_BYTES = 16 << 20, /* of a PDDL file */
    MAX_LITERALS = 1024,  /* of one precondition or effect */
    MAX_FACTS = 1 << 16   /* of an initial state or a goal */
};

/* ---- domains ------------------------------------------------------------------------- */

static int read_requirements(struct fr_reader *r) {
    const char *const known[] = {":strips", ":typing", ":negative-preconditions", ":equality"};
    while (!fr_reader_at(r, FR_TOKEN_CLOSE)) {
        if (!fr_reader_at(r, FR_TOKEN_KEYWORD))
            return fr_reader_fail_expected(r, "a requirement such as :strips");
        bool found = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            found |= !strcmp(known[i], r->lexer.token.text);
        if (!found)
            return FAIL(r, FR_E_INPUT,
                        "requirement %s is not supported; :strips, :typing, "
                        ":negative-preconditions and :equality are",
                        r->lexer.token.text);
        TRY(fr_reader_next(r));
    }
    return 0;
}

/* Supertypes may be named before or without their own entry. */
static int declare_types(struct fr_reader *r, const struct fr_list *list) {
    struct fr_domain *domain = r->domain;
    for (int i = 0; i < list->n; i++) {
        const struct fr_token *name = &list->items[i].name;
        if (!strcmp(name->text, "object"))
            continue;
        if (fr_type_find(domain, name->text) >= 0)
            return fr_lexer_fail(&r->lexer, name, FR_E_INPUT, "type \"%s\" is declared twice",
                                 name->text);
        fr_type_append(domain, name->text);
    }
    for (int i = 0; i < list->n; i++) {
        const struct fr_item *item = &list->items[i];
        if (item->type.kind == FR_TOKEN_END)
            continue;
        int parent = fr_type_find(domain, item->type.text);
        if (parent < 0)
            parent = fr_type_append(domain, item->type.text);
        if (domain->n_types > FR_MAX_TYPES)
            return fr_lexer_fail(&r->lexer, &item->type, FR_E_LIMIT, "more than %d types",
                                 FR_MAX_TYPES);
        const int type = fr_type_find(domain, item->name.text);
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

static int declare_constants(struct fr_reader *r, const struct fr_list *list) {
    struct fr_domain *domain = r->domain;
    domain->constants = fr_alloc((size_t)list->n, sizeof *domain->constants);
    domain->constant_types = fr_alloc((size_t)list->n, sizeof *domain->constant_types);
    for (int i = 0; i < list->n; i++) {
        int type = 0;
        TRY(fr_reader_type(r, &list->items[i], &type));
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

static int read_declarations(struct fr_reader *r, int limit,
                             int (*declare)(struct fr_reader *, const struct fr_list *)) {
    struct fr_list list = {0};
    int rc = fr_reader_list(r, FR_TOKEN_NAME, "a name or \")\"", limit, &list);
    if (!rc)
        rc = declare(r, &list);
    free(list.items);
    return rc;
}

/* Variables of a predicate or an action; names is NULL where they do not matter. */
static int read_params(struct fr_reader *r, char **names, int *types, int *n_params) {
    struct fr_list list = {0};
    int rc = fr_reader_list(r, FR_TOKEN_VARIABLE, "a variable such as ?x, or \")\"", FR_MAX_ARITY,
                            &list);
    for (int i = 0; !rc && i < list.n; i++) {
        rc = fr_reader_type(r, &list.items[i], &types[i]);
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

static int check_concepts(struct fr_reader *r) {
    if (r->domain->n_actions + r->domain->n_predicates >= FR_MAX_CONCEPTS)
        return FAIL(r, FR_E_LIMIT, "more than %d actions and predicates", FR_MAX_CONCEPTS);
    return 0;
}

static int read_predicates(struct fr_reader *r) {
    struct fr_domain *domain = r->domain;
    while (!fr_reader_at(r, FR_TOKEN_CLOSE)) {
        TRY(fr_reader_take(r, FR_TOKEN_OPEN, "\"(\" of a predicate"));
        TRY(check_concepts(r));
        const char *word = r->lexer.token.text;
        if (fr_reader_at(r, FR_TOKEN_NAME) && fr_domain_find_predicate(domain, word) >= 0)
            return FAIL(r, FR_E_INPUT, "predicate \"%s\" is declared twice", word);
        if (fr_reader_at_name(r, "and") || fr_reader_at_name(r, "not"))
            return FAIL(r, FR_E_INPUT, "\"%s\" cannot be a predicate", word);
        domain->predicates = fr_grow(domain->predicates, (size_t)domain->n_predicates + 1,
                                     sizeof *domain->predicates);
        struct fr_predicate *predicate = &domain->predicates[domain->n_predicates];
        *predicate = (struct fr_predicate){0};
        domain->n_predicates++;
        TRY(fr_reader_take_name(r, "the name of a predicate", &predicate->name));
        TRY(read_params(r, NULL, predicate->param_types, &predicate->arity));
        TRY(fr_reader_next(r));
    }
    return 0;
}

static int read_action(struct fr_reader *r) {
    struct fr_domain *domain = r->domain;
    TRY(check_concepts(r));
    if (fr_reader_at(r, FR_TOKEN_NAME) && fr_domain_find_action(domain, r->lexer.token.text) >= 0)
        return FAIL(r, FR_E_INPUT, "action \"%s\" is declared twice", r->lexer.token.text);
    domain->actions =
        fr_grow(domain->actions, (size_t)domain->n_actions + 1, sizeof *domain->actions);
    struct fr_action *action = &domain->actions[domain->n_actions];
    *action = (struct fr_action){0};
    domain->n_actions++;
    TRY(fr_reader_take_name(r, "the name of an action", &action->name));

    r->action = action;
    bool seen[3] = {false};
    const char *const keys[] = {":parameters", ":precondition", ":effect"};
    while (!fr_reader_at(r, FR_TOKEN_CLOSE)) {
        int key = -1;
        for (int i = 0; i < 3; i++)
            if (fr_reader_at(r, FR_TOKEN_KEYWORD) && !strcmp(r->lexer.token.text, keys[i]))
                key = i;
        if (key < 0)
            return fr_reader_fail_expected(r, ":parameters, :precondition, :effect or \")\"");
        if (seen[key])
            return FAIL(r, FR_E_INPUT, "%s given twice in action \"%s\"", keys[key], action->name);
        if (key == 0 && (seen[1] || seen[2]))
            return FAIL(r, FR_E_INPUT, ":parameters must come first in action \"%s\"",
                        action->name);
        seen[key] = true;
        TRY(fr_reader_next(r));
        if (key == 0) {
            TRY(fr_reader_take(r, FR_TOKEN_OPEN, "\"(\" of the parameters"));
            TRY(read_params(r, action->params, action->param_types, &action->n_params));
            TRY(fr_reader_next(r));
            continue;
        }
        struct fr_formula f = {.limit = MAX_LITERALS, .equality_allowed = key == 1};
        const int rc = fr_reader_formula(r, &f, 0);
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
static int read_functions(struct fr_reader *r) {
    if (!fr_reader_at(r, FR_TOKEN_CLOSE))
        return FAIL(r, FR_E_INPUT, "numeric functions are not supported");
    return 0;
}

static int read_types(struct fr_reader *r) {
    return read_declarations(r, FR_MAX_TYPES, declare_types);
}
static int read_constants(struct fr_reader *r) {
    return read_declarations(r, FR_MAX_OBJECTS, declare_constants);
}

static int read_domain(struct fr_reader *r) {
    enum { TYPES = 1 << 1, CONSTANTS = 1 << 2, PREDICATES = 1 << 3 };
    static const struct fr_section table[] = {
        {":requirements", read_requirements, false, 0},
        {":types", read_types, false, 0},
        {":constants", read_constants, false, TYPES},
        {":predicates", read_predicates, false, TYPES},
        {":functions", read_functions, false, 0},
        {":action", read_action, true, TYPES | CONSTANTS | PREDICATES},
    };
    enum { N = sizeof table / sizeof *table };
    bool seen[N] = {false};
    TRY(fr_reader_head(r, "domain", &r->domain->name));
    fr_type_append(r->domain, "object");
    return fr_reader_sections(r, table, N, seen);
}

/* ---- problems ------------------------------------------------------------------------ */

static int read_domain_name(struct fr_reader *r) {
    const struct fr_domain *domain = r->known;
    if (!fr_reader_at(r, FR_TOKEN_NAME))
        return fr_reader_fail_expected(r, "the name of the domain");
    if (strcmp(r->lexer.token.text, domain->name))
        return FAIL(r, FR_E_INPUT,
                    "the problem belongs to domain \"%s\", the domain given is \"%s\"",
                    r->lexer.token.text, domain->name);
    return fr_reader_next(r);
}

static int declare_objects(struct fr_reader *r, const struct fr_list *list) {
    struct fr_problem *problem = r->problem;
    for (int i = 0; i < list->n; i++) {
        const struct fr_token *name = &list->items[i].name;
        int type = 0;
        TRY(fr_reader_type(r, &list->items[i], &type));
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

static int read_objects(struct fr_reader *r) {
    return read_declarations(r, FR_MAX_OBJECTS, declare_objects);
}

/* The initial state: atoms; "(not atom)" is legal there and says nothing. */
static int read_init(struct fr_reader *r) {
    struct fr_problem *problem = r->problem;
    int capacity = 0;
    while (!fr_reader_at(r, FR_TOKEN_CLOSE)) {
        TRY(fr_reader_take(r, FR_TOKEN_OPEN, "\"(\" of a fact"));
        const bool negative = fr_reader_at_name(r, "not");
        if (negative) {
            TRY(fr_reader_next(r));
            TRY(fr_reader_take(r, FR_TOKEN_OPEN, "\"(\" of an atom after \"not\""));
        }
        struct fr_atom fact;
        TRY(fr_reader_atom(r, &fact));
        if (negative) {
            TRY(fr_reader_take(r, FR_TOKEN_CLOSE, "\")\" of \"not\""));
            continue;
        }
        if (problem->n_init == MAX_FACTS)
            return FAIL(r, FR_E_LIMIT, "more than %d initial facts", MAX_FACTS);
        FR_RESERVE(problem->init, problem->n_init, capacity);
        problem->init[problem->n_init++] = fact;
    }
    return 0;
}

static int read_goal(struct fr_reader *r) {
    struct fr_formula f = {.limit = MAX_FACTS};
    const int rc = fr_reader_formula(r, &f, 0);
    r->problem->goal = f.literals;
    r->problem->n_goal = f.n;
    return rc;
}

static int read_problem(struct fr_reader *r) {
    enum { OBJECTS = 1 << 2 };
    static const struct fr_section table[] = {
        {":domain", read_domain_name, false, 0}, {":requirements", read_requirements, false, 0},
        {":objects", read_objects, false, 0},    {":init", read_init, false, OBJECTS},
        {":goal", read_goal, false, OBJECTS},
    };
    enum { N = sizeof table / sizeof *table };
    bool seen[N] = {false};
    struct fr_problem *problem = r->problem;
    TRY(fr_reader_head(r, "problem", &problem->name));
    problem->objects = fr_alloc(FR_MAX_OBJECTS, sizeof *problem->objects);
    problem->object_types = fr_alloc(FR_MAX_OBJECTS, sizeof *problem->object_types);
    for (int i = 0; i < r->known->n_constants; i++) {
        problem->objects[i] = fr_strdup(r->known->constants[i]);
        problem->object_types[i] = r->known->constant_types[i];
        problem->n_objects = i + 1;
    }
    TRY(fr_reader_sections(r, table, N, seen));
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
    struct fr_reader r = {.domain = out, .known = out};
    fr_lexer_init(&r.lexer, text, name, err);
    const int rc = read_domain(&r);
    if (rc)
        fr_domain_release(out);
    return rc;
}

int fr_problem_parse(struct fr_problem *out, const struct fr_domain *domain, const char *text,
                     const char *name, struct fr_error *err) {
    *out = (struct fr_problem){.domain = domain};
    struct fr_reader r = {.problem = out, .known = domain};
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
