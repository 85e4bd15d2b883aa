/* Owns the reading of PDDL: text in, struct fr_domain and struct fr_problem out, every
 * fault with its line and column. The language is PDDL 2.1's STRIPS part with types,
 * constants, negative preconditions, equality and action costs (numeric.c): what benchmark domains
 * are written in. Anything beyond (or, forall, when, conditions on numbers) is refused by name,
 * never skipped, because a domain half read would give wrong verdicts.
 *
 * Rejected: an existing planner's parser (Fast Downward's, VAL's): C++ or Python programs,
 * larger than this project's whole planning room. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "planning/reader.h"

enum { MAX_BYTES = 16 << 20 /* of a PDDL file */ };

/* ---- domains ------------------------------------------------------------------------- */

/* What a file declares is not what it uses: domains declare :adl and are STRIPS, or use types
 * without a word. Only the use is judged, where it stands. */
static int read_requirements(struct fr_reader *r) {
    while (!fr_reader_at(r, FR_TOKEN_CLOSE))
        TRY(fr_reader_take(r, FR_TOKEN_KEYWORD, "a requirement such as :strips"));
    return 0;
}

static int fail_types(struct fr_reader *r, const struct fr_token *place) {
    return fr_lexer_fail(&r->lexer, place, FR_E_LIMIT,
                         "more than %d types, \"(either ...)\" included", FR_MAX_TYPES);
}

/* Supertypes may be named before or without their own entry. */
static int find_or_append_type(struct fr_reader *r, const struct fr_token *name, int *type) {
    *type = fr_type_find(r->domain, name->text);
    if (*type < 0 && r->domain->n_types == FR_MAX_TYPES)
        return fail_types(r, name);
    if (*type < 0)
        *type = fr_type_append(r->domain, name->text);
    return 0;
}

/* One more supertype. "object" is one of every type, and kept only where there is no other. */
static void add_supertype(struct fr_domain *domain, int type, int parent) {
    if (parent == 0 || domain->type_parents[type] == parent)
        return;
    if (domain->type_parents[type] == 0) {
        domain->type_parents[type] = parent;
        return;
    }
    int *more = domain->type_more[type];
    size_t n = 0;
    for (; more && more[n] >= 0; n++)
        if (more[n] == parent)
            return;
    more = domain->type_more[type] = fr_grow(more, n + 2, sizeof *more);
    more[n] = parent;
    more[n + 1] = -1;
}

/* A type may be named several times, each time with a supertype more, or with the same. */
static int declare_types(struct fr_reader *r, const struct fr_list *list) {
    struct fr_domain *domain = r->domain;
    int type, parent;
    if (list->n > 4 * FR_MAX_TYPES)
        return fail_types(r, &list->items[4 * FR_MAX_TYPES].name);
    for (int i = 0; i < list->n; i++)
        TRY(find_or_append_type(r, &list->items[i].name, &type));
    for (int i = 0; i < list->n; i++) {
        const struct fr_item *item = &list->items[i];
        if (item->type.kind == FR_TOKEN_END)
            continue;
        TRY(find_or_append_type(r, &item->type, &parent));
        type = fr_type_find(domain, item->name.text);
        const bool top = type == 0 || parent == 0; /* object stands above all */
        if (top ? type == 0 && parent != 0 : fr_type_is(domain, parent, type))
            return fr_lexer_fail(&r->lexer, &item->name, FR_E_INPUT,
                                 "type \"%s\" is its own supertype", item->name.text);
        add_supertype(domain, type, parent);
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
        const int old = fr_index_get(&r->objects, &list->items[i].name);
        if (old >= 0 && domain->constant_types[old] == type)
            continue; /* said again */
        if (old >= 0)
            return fr_lexer_fail(&r->lexer, &list->items[i].name, FR_E_INPUT,
                                 "constant \"%s\" is declared twice, with two types",
                                 list->items[i].name.text);
        fr_index_set(&r->objects, list->items[i].name.id, domain->n_constants);
        domain->constants[domain->n_constants] = fr_strdup(list->items[i].name.text);
        domain->constant_types[domain->n_constants++] = type;
    }
    return 0;
}

static int read_declarations(struct fr_reader *r, bool splits_either,
                             int (*declare)(struct fr_reader *, const struct fr_list *)) {
    struct fr_list list = {.splits_either = splits_either};
    int rc = fr_reader_list(r, FR_TOKEN_NAME, "a name or \")\"", &list);
    if (!rc)
        rc = declare(r, &list);
    free(list.items);
    return rc;
}

/* The variables of what kind and name tell, at most limit; types has room for them. */
static int read_params(struct fr_reader *r, const char *kind, const char *name, int limit,
                       struct fr_list *list, int **types) {
    TRY(fr_reader_list(r, FR_TOKEN_VARIABLE, "a variable such as ?x, or \")\"", list));
    if (list->n > limit)
        return fr_lexer_fail(&r->lexer, &list->items[limit].name, FR_E_LIMIT,
                             "%s \"%s\" has %d parameters; at most %d are supported", kind, name,
                             list->n, limit);
    if (*types == NULL)
        *types = fr_alloc((size_t)list->n, sizeof **types);
    for (int i = 0; i < list->n; i++)
        TRY(fr_reader_type(r, &list->items[i], &(*types)[i]));
    return 0;
}

static int read_action_params(struct fr_reader *r, struct fr_action *action, struct fr_list *list) {
    TRY(fr_reader_take(r, FR_TOKEN_OPEN, "\"(\" of the parameters"));
    TRY(read_params(r, "action", action->name, FR_MAX_PARAMS, list, &action->param_types));
    action->params = fr_alloc((size_t)list->n, sizeof *action->params);
    for (int i = 0; i < list->n; i++) {
        for (int j = 0; j < i; j++)
            if (list->items[i].name.id == list->items[j].name.id)
                return fr_lexer_fail(&r->lexer, &list->items[i].name, FR_E_INPUT,
                                     "variable \"?%s\" is declared twice",
                                     list->items[i].name.text);
        action->params[i] = fr_strdup(list->items[i].name.text);
        action->n_params = i + 1;
    }
    return fr_reader_next(r);
}

static bool same_signature(const struct fr_predicate *a, const struct fr_predicate *b) {
    return a->arity == b->arity &&
           memcmp(a->param_types, b->param_types, (size_t)a->arity * sizeof *a->param_types) == 0;
}

/* "name ?a ?b - type)" of a predicate or a function, the parenthesis before it included. One that
 * is there already may be said again. */
static int read_signature(struct fr_reader *r, const char *kind, struct fr_index *index,
                          struct fr_predicate **items, int *n) {
    struct fr_list list = {0};
    TRY(fr_reader_take(r, FR_TOKEN_OPEN, "\"(\""));
    const struct fr_token place = r->lexer.token;
    const int old = fr_reader_at(r, FR_TOKEN_NAME) ? fr_index_get(index, &place) : -1;
    if (fr_reader_at_name(r, "and") || fr_reader_at_name(r, "not"))
        return FAIL(r, FR_E_INPUT, "\"%s\" cannot be a %s", place.text, kind);
    FR_EXTEND(*items, *n);
    struct fr_predicate *item = &(*items)[*n];
    *item = (struct fr_predicate){0};
    ++*n;
    TRY(fr_reader_take_name(r, "a name", &item->name));
    int *types = item->param_types;
    const int rc = read_params(r, kind, item->name, FR_MAX_ARITY, &list, &types);
    item->arity = rc ? 0 : list.n;
    free(list.items);
    TRY(rc);
    if (old >= 0 && !same_signature(item, &(*items)[old]))
        return fr_lexer_fail(&r->lexer, &place, FR_E_INPUT,
                             "%s \"%s\" is declared twice, with other parameters", kind,
                             place.text);
    if (old >= 0)
        free((*items)[--*n].name);
    else
        fr_index_set(index, place.id, *n - 1);
    return fr_reader_next(r);
}

static int read_predicates(struct fr_reader *r) {
    struct fr_domain *domain = r->domain;
    while (!fr_reader_at(r, FR_TOKEN_CLOSE))
        TRY(read_signature(r, "predicate", &r->predicates, &domain->predicates,
                           &domain->n_predicates));
    return 0;
}

/* "(f ?a - t) (g) - number": values are numbers, said or not. */
static int read_functions(struct fr_reader *r) {
    struct fr_domain *domain = r->domain;
    while (!fr_reader_at(r, FR_TOKEN_CLOSE)) {
        if (!fr_reader_at(r, FR_TOKEN_DASH) || domain->n_functions == 0) {
            TRY(read_signature(r, "function", &r->functions, &domain->functions,
                               &domain->n_functions));
            continue;
        }
        TRY(fr_reader_next(r));
        if (!fr_reader_at_name(r, "number"))
            return FAIL(r, FR_E_INPUT,
                        "functions whose values are objects are not supported; only \"- number\" "
                        "is");
        TRY(fr_reader_next(r));
    }
    return 0;
}

/* ---- what is said again ---------------------------------------------------------------- */

struct said {
    const struct fr_literal *literal;
    int place;
};

static int compare_atoms(const struct fr_atom *a, const struct fr_atom *b) {
    int order = a->predicate - b->predicate; /* which tells the number of terms */
    for (int i = 0; order == 0 && i < a->n_terms; i++)
        order = (a->terms[i] > b->terms[i]) - (a->terms[i] < b->terms[i]);
    return order;
}

/* By atom; what is true first, then by place. */
static int compare_said(const void *pa, const void *pb) {
    const struct said *a = pa, *b = pb;
    const int order = compare_atoms(&a->literal->atom, &b->literal->atom);
    if (order != 0)
        return order;
    return a->literal->positive != b->literal->positive
               ? (a->literal->positive ? -1 : 1)
               : (a->place > b->place) - (a->place < b->place);
}

/* Keeps each literal once, where it stands first; the new number. Of an effect that adds and
 * deletes one fact the fact is added, as PDDL says: it is kept as that alone, so that no prompt
 * tells both. */
static int drop_repeated(struct fr_literal *literals, int n, bool effect) {
    struct said *all = fr_alloc((size_t)n, sizeof *all);
    bool *drop = fr_alloc((size_t)n, sizeof *drop);
    int kept = 0;
    for (int i = 0; i < n; i++)
        all[i] = (struct said){&literals[i], i};
    if (n > 0)
        qsort(all, (size_t)n, sizeof *all, compare_said);
    for (int i = 1; i < n; i++)
        drop[all[i].place] = compare_atoms(&all[i].literal->atom, &all[i - 1].literal->atom) == 0 &&
                             (effect || all[i].literal->positive == all[i - 1].literal->positive);
    for (int i = 0; i < n; i++)
        if (!drop[i])
            literals[kept++] = literals[i];
    free(all);
    free(drop);
    return kept;
}

static int read_condition_or_effect(struct fr_reader *r, struct fr_action *action, bool effect) {
    struct fr_text costs = {0};
    struct fr_formula f = {.equality_allowed = !effect, .costs = effect ? &costs : NULL};
    const int rc = fr_reader_formula(r, &f, 0);
    if (effect) {
        action->effects = f.literals;
        action->n_effects = drop_repeated(f.literals, f.n, true);
        action->costs = costs.len ? fr_text_take(&costs) : NULL;
        fr_text_release(&costs);
    } else {
        action->preconditions = f.literals;
        action->n_preconditions = f.n;
        action->equalities = f.equalities;
        action->n_equalities = f.n_equalities;
    }
    return rc;
}

static int read_action(struct fr_reader *r) {
    struct fr_domain *domain = r->domain;
    const struct fr_token place = r->lexer.token;
    if (fr_reader_at(r, FR_TOKEN_NAME) && fr_index_get(&r->actions, &place) >= 0)
        return FAIL(r, FR_E_INPUT, "action \"%s\" is declared twice", place.text);
    FR_EXTEND(domain->actions, domain->n_actions);
    struct fr_action *action = &domain->actions[domain->n_actions];
    *action = (struct fr_action){0};
    domain->n_actions++;
    TRY(fr_reader_take_name(r, "the name of an action", &action->name));
    fr_index_set(&r->actions, place.id, domain->n_actions - 1);

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
            struct fr_list list = {0};
            const int rc = read_action_params(r, action, &list);
            free(list.items);
            TRY(rc);
        } else {
            TRY(read_condition_or_effect(r, action, key == 2));
        }
    }
    r->action = NULL;
    return 0;
}

static int read_types(struct fr_reader *r) { return read_declarations(r, true, declare_types); }
static int read_constants(struct fr_reader *r) {
    return read_declarations(r, false, declare_constants);
}

static int read_domain(struct fr_reader *r) {
    enum { TYPES = 1 << 1, CONSTANTS = 1 << 2, PREDICATES = 1 << 3, FUNCTIONS = 1 << 4 };
    static const struct fr_section table[] = {
        {":requirements", read_requirements, true, 0},
        {":types", read_types, false, 0},
        {":constants", read_constants, false, TYPES},
        {":predicates", read_predicates, false, TYPES},
        {":functions", read_functions, false, TYPES},
        {":action", read_action, true, TYPES | CONSTANTS | PREDICATES | FUNCTIONS},
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
    const size_t n = (size_t)problem->n_objects + (size_t)list->n;
    problem->objects = fr_grow(problem->objects, n, sizeof *problem->objects);
    problem->object_types = fr_grow(problem->object_types, n, sizeof *problem->object_types);
    for (int i = 0; i < list->n; i++) {
        const struct fr_token *name = &list->items[i].name;
        int type = 0;
        if (r->known->n_types > 1) /* else a type here says nothing: no parameter has one */
            TRY(fr_reader_type(r, &list->items[i], &type));
        const int old = fr_index_get(&r->objects, name);
        const bool constant = old >= 0 && old < r->known->n_constants;
        if (old >= 0 && type == problem->object_types[old])
            continue; /* said again */
        if (old >= 0)
            return fr_lexer_fail(&r->lexer, name, FR_E_INPUT, "object \"%s\" is %s", name->text,
                                 constant ? "a constant of the domain already, of another type"
                                          : "declared twice, with two types");
        fr_index_set(&r->objects, name->id, problem->n_objects);
        problem->objects[problem->n_objects] = fr_strdup(name->text);
        problem->object_types[problem->n_objects++] = type;
    }
    return 0;
}

static int read_objects(struct fr_reader *r) {
    return read_declarations(r, false, declare_objects);
}

/* The initial state: atoms; "(not atom)" is legal there and says nothing; numbers. */
static int read_facts(struct fr_reader *r, struct fr_formula *facts, struct fr_text *costs) {
    while (!fr_reader_at(r, FR_TOKEN_CLOSE)) {
        TRY(fr_reader_take(r, FR_TOKEN_OPEN, "\"(\" of a fact"));
        if (fr_reader_at(r, FR_TOKEN_EQUAL)) {
            TRY(fr_reader_numeric_fact(r, costs));
            continue;
        }
        if (fr_reader_at_name(r, "and"))
            return FAIL(r, FR_E_INPUT, "(:init ...) lists its facts one by one, without (and ...)");
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
        FR_RESERVE(facts->literals, facts->n, facts->capacity);
        facts->literals[facts->n++] = (struct fr_literal){.atom = fact, .positive = true};
    }
    return 0;
}

static int read_init(struct fr_reader *r) {
    struct fr_problem *problem = r->problem;
    struct fr_text costs = {0};
    struct fr_formula facts = {0};
    const int rc = read_facts(r, &facts, &costs);
    problem->n_init = drop_repeated(facts.literals, facts.n, false);
    problem->init = fr_alloc((size_t)problem->n_init, sizeof *problem->init);
    for (int i = 0; i < problem->n_init; i++)
        problem->init[i] = facts.literals[i].atom;
    free(facts.literals);
    problem->costs = costs.len ? fr_text_take(&costs) : NULL;
    fr_text_release(&costs);
    return rc;
}

static int read_goal(struct fr_reader *r) {
    struct fr_formula f = {0};
    const int rc = fr_reader_formula(r, &f, 0);
    r->problem->goal = f.literals;
    r->problem->n_goal = drop_repeated(f.literals, f.n, false);
    return rc;
}

static int read_metric(struct fr_reader *r) {
    struct fr_text metric = {0};
    const int rc = fr_reader_metric(r, &metric);
    r->problem->metric = fr_text_take(&metric);
    return rc;
}

/* What the domain's names mean; its constants are the first objects. */
static void take_domain(struct fr_reader *r) {
    const struct fr_domain *domain = r->known;
    struct fr_problem *problem = r->problem;
    const size_t n = (size_t)domain->n_constants;
    problem->objects = fr_alloc(n, sizeof *problem->objects);
    problem->object_types = fr_alloc(n, sizeof *problem->object_types);
    for (int i = 0; i < domain->n_constants; i++) {
        problem->objects[i] = fr_strdup(domain->constants[i]);
        problem->object_types[i] = domain->constant_types[i];
        fr_reader_index(r, &r->objects, domain->constants[i], i);
    }
    problem->n_objects = domain->n_constants;
    for (int i = 0; i < domain->n_predicates; i++)
        fr_reader_index(r, &r->predicates, domain->predicates[i].name, i);
    for (int i = 0; i < domain->n_functions; i++)
        fr_reader_index(r, &r->functions, domain->functions[i].name, i);
}

static int read_problem(struct fr_reader *r) {
    enum { N_REQUIRED = 3 /* the first */, OBJECTS = 1 << 3 };
    static const struct fr_section table[] = {
        {":domain", read_domain_name, false, 0},       {":init", read_init, false, OBJECTS},
        {":goal", read_goal, false, OBJECTS},          {":objects", read_objects, false, 0},
        {":requirements", read_requirements, true, 0}, {":metric", read_metric, false, OBJECTS},
        {":length", fr_reader_skip_section, true, 0}, /* PDDL 1.2's guess of a plan's length */
    };
    enum { N = sizeof table / sizeof *table };
    bool seen[N] = {false};
    TRY(fr_reader_head(r, "problem", &r->problem->name));
    take_domain(r);
    TRY(fr_reader_sections(r, table, N, seen));
    for (int i = 0; i < N_REQUIRED; i++)
        if (!seen[i])
            return fr_fail(r->lexer.err, FR_E_INPUT, "%s: the problem has no (%s ...) section",
                           r->lexer.name, table[i].key);
    return 0;
}

/* ---- entry points -------------------------------------------------------------------- */

int fr_domain_parse(struct fr_domain *out, const char *text, const char *name,
                    struct fr_error *err) {
    *out = (struct fr_domain){0};
    struct fr_reader r;
    fr_reader_init(&r, text, name, err);
    r.domain = out;
    r.known = out;
    const int rc = read_domain(&r);
    fr_reader_release(&r);
    if (rc)
        fr_domain_release(out);
    return rc;
}

int fr_problem_parse(struct fr_problem *out, const struct fr_domain *domain, const char *text,
                     const char *name, struct fr_error *err) {
    *out = (struct fr_problem){.domain = domain};
    struct fr_reader r;
    fr_reader_init(&r, text, name, err);
    r.problem = out;
    r.known = domain;
    const int rc = read_problem(&r);
    fr_reader_release(&r);
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
