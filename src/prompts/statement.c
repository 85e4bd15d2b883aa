/* Prompt -> problem; see statement.h. A clause is matched against every predicate's form, piece by
 * piece, an argument being what stands before the next piece; what is read becomes PDDL text, so
 * that one parser judges it. Rejected: splitting at commas first, since a form may hold one. */
#include "prompts/statement.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/form.h"

struct listener {
    const struct fr_wording *wording;
    const struct fr_naming *naming;
    enum fr_register reg;
    bool paper;
    struct fr_text objects, facts; /* " a b c"; "(on a b) ..." */
    int n_objects, capacity;
    char **names;
};

/* ---- objects --------------------------------------------------------------------------------- */

/* The object that is called text[0, n), or NULL; the caller frees. */
static char *object_called(const struct listener *l, const char *text, size_t n) {
    const struct fr_register_forms *forms = &l->wording->registers[l->reg];
    char *said = fr_strndup(text, n), *name = NULL;
    struct fr_text again = {0};
    const char *blank = strrchr(said, ' ');
    if (l->paper) {
        name = fr_strdup(blank != NULL ? blank + 1 : said);
        for (char *p = name; *p; p++)
            *p = (char)tolower((unsigned char)*p);
        free(said);
        return name;
    }
    for (int i = 0; i < forms->n_objects && name == NULL; i++) {
        const char *pattern = forms->objects[i].pattern, *form = forms->objects[i].form;
        const char *star = strchr(form, '*');
        struct fr_text candidate = {0};
        if (star == NULL && strcmp(form, said) == 0)
            fr_text_add(&candidate, pattern);
        else if (star != NULL && strncmp(form, said, (size_t)(star - form)) == 0 &&
                 strchr(pattern, '*') != NULL)
            fr_text_printf(&candidate, "%.*s%s", (int)strcspn(pattern, "*"), pattern,
                           said + (star - form));
        if (candidate.len > 0)
            name = fr_text_take(&candidate);
        fr_text_release(&candidate);
    }
    if (name == NULL)
        name = fr_strdup(blank != NULL ? blank + 1 : said);
    fr_wording_object(l->wording, l->reg, name, &again);
    if (strcmp(fr_text_get(&again), said) != 0) {
        free(name);
        name = NULL;
    }
    fr_text_release(&again);
    free(said);
    return name;
}

static bool is_name(const char *name) {
    for (const char *p = name; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '-' && *p != '_')
            return false;
    return *name != '\0';
}

static void note_object(struct listener *l, const char *name) {
    for (int i = 0; i < l->n_objects; i++)
        if (strcmp(l->names[i], name) == 0)
            return;
    FR_RESERVE(l->names, l->n_objects, l->capacity);
    l->names[l->n_objects++] = fr_strdup(name);
    fr_text_printf(&l->objects, " %s", name);
}

/* ---- facts ----------------------------------------------------------------------------------- */

/* What a form's words stand for in the text. */
static void say_word(const struct listener *l, const struct fr_piece *piece, struct fr_text *out) {
    const size_t start = out->len;
    fr_text_add(out, l->naming->words[piece->concept]);
    if (piece->capital && out->len > start)
        out->data[start] = (char)toupper((unsigned char)out->data[start]);
}

/* The form as literal texts with arguments between: literals[i], argument i, literals[i + 1]. */
struct pattern {
    int n_arguments;
    int arguments[FR_MAX_ARITY];
    struct fr_text literals[FR_MAX_ARITY + 1];
};

static void take_apart(const struct listener *l, int concept, struct pattern *out) {
    const char *form = l->wording->registers[l->reg].forms[concept];
    struct fr_piece piece;
    *out = (struct pattern){0};
    while (fr_form_next(l->wording->domain, concept, &form, &piece) > 0) {
        struct fr_text *literal = &out->literals[out->n_arguments];
        if (piece.kind == FR_PIECE_WORD) {
            say_word(l, &piece, literal);
        } else if (piece.kind == FR_PIECE_TEXT) {
            fr_text_append(literal, piece.text, piece.n);
        } else if (out->n_arguments < FR_MAX_ARITY) {
            /* The paper's objects have no article. */
            if (l->paper && literal->len >= 4 &&
                strcmp(literal->data + literal->len - 4, "the ") == 0)
                literal->data[literal->len -= 4] = '\0';
            out->arguments[out->n_arguments++] = piece.argument;
        }
    }
}

static void pattern_release(struct pattern *pattern) {
    for (int i = 0; i <= FR_MAX_ARITY; i++)
        fr_text_release(&pattern->literals[i]);
}

/* Where a clause may end: text[at] begins what stands between clauses. */
static size_t separator_at(const char *text, size_t n, size_t at) {
    if (at == n)
        return 0;
    if (n - at >= 2 && memcmp(text + at, ", ", 2) == 0)
        return 2;
    return n - at >= 5 && memcmp(text + at, " and ", 5) == 0 ? 5 : SIZE_MAX;
}

/* Does text[at, n) begin with the pattern from literal i on, a separator behind it? Tries every
 * length of an argument, shortest first. names[argument] are the caller's to free. */
static bool match(const struct listener *l, const struct pattern *p, int i, const char *text,
                  size_t n, size_t at, char **names, size_t *end) {
    const struct fr_text *literal = &p->literals[i];
    if (literal->len > n - at ||
        (literal->len > 0 && memcmp(text + at, literal->data, literal->len) != 0))
        return false;
    at += literal->len;
    if (i == p->n_arguments) {
        *end = at;
        return separator_at(text, n, at) != SIZE_MAX;
    }
    for (size_t to = at + 1; to <= n && text[to - 1] != ',' && text[to - 1] != '\n'; to++) {
        if (to < n && fr_is_word_byte(text[to]) && fr_is_word_byte(text[to - 1]))
            continue;
        char *name = object_called(l, text + at, to - at);
        if (name != NULL && is_name(name) && match(l, p, i + 1, text, n, to, names, end)) {
            free(names[p->arguments[i]]);
            names[p->arguments[i]] = name;
            return true;
        }
        free(name);
    }
    return false;
}

/* One fact at text[at, n); *end is set behind it. */
static bool read_fact(struct listener *l, const char *text, size_t n, size_t at, size_t *end) {
    const struct fr_domain *domain = l->wording->domain;
    bool found = false;
    for (int k = 0; k < domain->n_predicates && !found; k++) {
        struct pattern pattern;
        char *names[FR_MAX_ARITY] = {NULL};
        take_apart(l, domain->n_actions + k, &pattern);
        const bool is_said = pattern.n_arguments > 0 || pattern.literals[0].len > 0;
        found = is_said && match(l, &pattern, 0, text, n, at, names, end);
        if (found)
            fr_text_printf(&l->facts, "(%s", domain->predicates[k].name);
        for (int i = 0; i < domain->predicates[k].arity; i++) {
            if (found && names[i] != NULL) {
                note_object(l, names[i]);
                fr_text_printf(&l->facts, " %s", names[i]);
            }
            free(names[i]);
        }
        if (found)
            fr_text_add(&l->facts, ")");
        pattern_release(&pattern);
    }
    return found;
}

/* "there is object b" */
static bool read_lone(struct listener *l, const char *text, size_t n, size_t at, size_t *end) {
    struct pattern pattern = {.n_arguments = 1};
    char *names[FR_MAX_ARITY] = {NULL};
    fr_text_add(&pattern.literals[0], FR_STATEMENT_LONE);
    if (l->reg == FR_REGISTER_PLAIN && !l->paper)
        fr_text_add(&pattern.literals[0], "the ");
    const bool found = match(l, &pattern, 0, text, n, at, names, end);
    if (found)
        note_object(l, names[0]);
    free(names[0]);
    pattern_release(&pattern);
    return found;
}

/* "A, B and C" */
static int read_facts(struct listener *l, const char *text, size_t n, const char *none,
                      struct fr_error *err) {
    static const char negation[] = "it is not true that ";
    fr_text_clear(&l->facts);
    if (n == strlen(none) && memcmp(text, none, n) == 0)
        return FR_OK;
    for (size_t at = 0, end = 0;;) {
        const bool negative =
            n - at > strlen(negation) && memcmp(text + at, negation, strlen(negation)) == 0;
        if (negative) {
            fr_text_add(&l->facts, "(not ");
            at += strlen(negation);
        }
        if (!read_fact(l, text, n, at, &end) && (negative || !read_lone(l, text, n, at, &end)))
            return fr_fail(err, FR_E_INPUT, "no fact in naming %s: \"%.*s\"", l->naming->id,
                           (int)(n - at < 60 ? n - at : 60), text + at);
        fr_text_add(&l->facts, negative ? ") " : " ");
        if (end == n)
            return FR_OK;
        at = end + separator_at(text, n, end);
    }
}

/* ---- the statement --------------------------------------------------------------------------- */

static int read_statement(struct listener *l, const char *prompt, struct fr_text *pddl,
                          struct fr_error *err) {
    static const char init[] = FR_STATEMENT_INIT;
    static const char goal[] = ".\nMy goal is to have that ";
    const char *start = NULL;
    for (const char *p = prompt; (p = strstr(p, init)) != NULL; p++)
        start = p;
    const char *middle = start != NULL ? strstr(start, goal) : NULL;
    const char *end = middle != NULL ? strpbrk(middle + strlen(goal), ".\n") : NULL;
    if (end == NULL)
        return fr_fail(err, FR_E_INPUT, "no \"As initial conditions ... My goal is ...\"");
    struct fr_text facts = {0};
    start += strlen(init);
    int code = read_facts(l, start, (size_t)(middle - start), "no fact is true", err);
    fr_text_add(&facts, fr_text_get(&l->facts));
    middle += strlen(goal);
    if (code == FR_OK)
        code = read_facts(l, middle, (size_t)(end - middle), "any facts are true", err);
    if (code == FR_OK)
        fr_text_printf(pddl,
                       "(define (problem read) (:domain %s)\n(:objects%s)\n(:init %s)\n(:goal (and "
                       "%s)))\n",
                       l->wording->domain->name, fr_text_get(&l->objects), fr_text_get(&facts),
                       fr_text_get(&l->facts));
    fr_text_release(&facts);
    return code;
}

int fr_statement_read(enum fr_prompt_style style, const struct fr_wording *wording,
                      const struct fr_naming *naming, const char *prompt, struct fr_problem *out,
                      struct fr_error *err) {
    struct listener l = {.wording = wording,
                         .naming = naming,
                         .reg = fr_wording_register(wording, naming),
                         .paper = style == FR_STYLE_PAPER};
    struct fr_text pddl = {0};
    *out = (struct fr_problem){0};
    if (fr_style_is_terse(style))
        return fr_fail(err, FR_E_INPUT, "a puzzle cannot be read from a prompt of style %s",
                       fr_style_name[style]);
    if (wording->domain->n_types > 1)
        return fr_fail(err, FR_E_INPUT,
                       "a puzzle of a domain with types cannot be read from its prompt");
    int code = read_statement(&l, prompt, &pddl, err);
    if (code == FR_OK)
        code =
            fr_problem_parse(out, wording->domain, fr_text_get(&pddl), "the prompt's puzzle", err);
    for (int i = 0; i < l.n_objects; i++)
        free(l.names[i]);
    free(l.names);
    fr_text_release(&l.objects);
    fr_text_release(&l.facts);
    fr_text_release(&pddl);
    return code;
}
