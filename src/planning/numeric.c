/* Owns the reading of numbers: action costs in effects, initial states and metrics, after
 * PDDL 2.1's numeric fluents. They are checked (functions, their terms, the expressions' form) and
 * kept as text: plans are judged and found by facts alone, and a condition on numbers, which would
 * change that, is refused. Rejected: passing numbers over, since a file half read hides its faults.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "planning/reader.h"

enum { MAX_DEPTH = 32 /* of nested expressions */ };

bool fr_reader_at_numeric_effect(const struct fr_reader *r) {
    static const char *const heads[] = {"increase", "decrease", "assign", "scale-up", "scale-down"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (fr_reader_at_name(r, heads[i]))
            return fr_index_get(&r->predicates, &r->lexer.token) < 0;
    return false;
}

int fr_reader_fail_numeric(struct fr_reader *r) {
    return FAIL(
        r, FR_E_INPUT,
        "a condition on numbers is not supported: verdicts depend on facts alone, and costs "
        "are only kept");
}

static bool at_number(const struct fr_reader *r) {
    static const char digits[] = "0123456789";
    const char *text = r->lexer.token.text;
    if (!fr_reader_at(r, FR_TOKEN_NAME))
        return fr_reader_at(r, FR_TOKEN_DECIMAL);
    const size_t n = strspn(text, digits);
    if (n > 0 && text[n] == 'e') { /* a power of ten; names are in lower case */
        const char *power = text + n + 1 + (text[n + 1] == '-');
        return *power != '\0' && power[strspn(power, digits)] == '\0';
    }
    return text[n] == '\0';
}

/* "NUMBER" or "- NUMBER". */
static int read_number(struct fr_reader *r, struct fr_text *out) {
    if (fr_reader_at(r, FR_TOKEN_DASH)) {
        fr_text_add(out, "-");
        TRY(fr_reader_next(r));
    }
    if (!at_number(r))
        return fr_reader_fail_expected(r, "a number");
    fr_text_add(out, r->lexer.token.text);
    return fr_reader_next(r);
}

/* The function that the current token names. PDDL 2.1 knows total-time without a declaration, and
 * files use total-cost so. */
static int find_function(struct fr_reader *r, struct fr_predicate *out) {
    static const char *const known[] = {"total-time", "total-cost"};
    const struct fr_domain *domain = r->known;
    const int declared = fr_index_get(&r->functions, &r->lexer.token);
    if (!fr_reader_at(r, FR_TOKEN_NAME))
        return fr_reader_fail_expected(r, "a function");
    if (declared >= 0) {
        *out = domain->functions[declared];
        return 0;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (fr_reader_at_name(r, known[i])) {
            *out = (struct fr_predicate){.name = (char *)(uintptr_t)known[i]};
            return 0;
        }
    const char **names = fr_alloc((size_t)domain->n_functions, sizeof *names);
    for (int i = 0; i < domain->n_functions; i++)
        names[i] = domain->functions[i].name;
    const int rc =
        fr_reader_fail_unknown(r, "function", names, domain->n_functions, "(:functions ...)");
    free(names);
    return rc;
}

/* "f" of a metric, for "(f)". */
static int read_bare_fluent(struct fr_reader *r, struct fr_text *out) {
    struct fr_predicate function;
    TRY(find_function(r, &function));
    if (function.arity > 0)
        return FAIL(r, FR_E_INPUT, "\"%s\" takes %d terms; write (%s ...)", function.name,
                    function.arity, function.name);
    fr_text_printf(out, "(%s)", r->lexer.token.text);
    return fr_reader_next(r);
}

/* "f t1 t2)": the opening parenthesis is already taken. */
static int read_fluent(struct fr_reader *r, struct fr_text *out) {
    const struct fr_domain *domain = r->known;
    const struct fr_token place = r->lexer.token;
    struct fr_predicate function;
    struct fr_atom atom = {0};
    TRY(find_function(r, &function));
    TRY(fr_reader_next(r));
    TRY(fr_reader_terms(r, &function, &place, &atom));
    fr_text_printf(out, "(%s", place.text);
    for (int i = 0; i < atom.n_terms; i++) {
        const int term = atom.terms[i];
        if (r->problem)
            fr_text_printf(out, " %s", r->problem->objects[term]);
        else if (term >= 0)
            fr_text_printf(out, " ?%s", r->action->params[term]);
        else
            fr_text_printf(out, " %s", domain->constants[-1 - term]);
    }
    fr_text_add(out, ")");
    return 0;
}

static bool at_operator(const struct fr_reader *r) {
    return fr_reader_at(r, FR_TOKEN_DASH) ||
           (fr_reader_at(r, FR_TOKEN_OPERATOR) && strchr("+*/", *r->lexer.token.text));
}

/* A number, a fluent, or "(+ e e ...)". A problem's are of its metric. */
static int read_expression(struct fr_reader *r, int depth, struct fr_text *out) {
    if (depth == MAX_DEPTH)
        return FAIL(r, FR_E_LIMIT, "expressions nested deeper than %d", MAX_DEPTH);
    if (r->problem && fr_reader_at(r, FR_TOKEN_NAME) && !at_number(r))
        return read_bare_fluent(r, out);
    if (!fr_reader_at(r, FR_TOKEN_OPEN))
        return read_number(r, out);
    TRY(fr_reader_next(r));
    if (!at_operator(r))
        return read_fluent(r, out);
    fr_text_printf(out, "(%s", r->lexer.token.text);
    TRY(fr_reader_next(r));
    do {
        fr_text_add(out, " ");
        TRY(read_expression(r, depth + 1, out));
    } while (!fr_reader_at(r, FR_TOKEN_CLOSE));
    fr_text_add(out, ")");
    return fr_reader_next(r);
}

int fr_reader_numeric_effect(struct fr_reader *r, struct fr_text *out) {
    fr_text_printf(out, " (%s ", r->lexer.token.text);
    TRY(fr_reader_next(r));
    TRY(fr_reader_take(r, FR_TOKEN_OPEN, "\"(\" of a function"));
    TRY(read_fluent(r, out));
    fr_text_add(out, " ");
    TRY(read_expression(r, 0, out));
    fr_text_add(out, ")");
    return fr_reader_take(r, FR_TOKEN_CLOSE, "\")\" of the numeric effect");
}

int fr_reader_numeric_fact(struct fr_reader *r, struct fr_text *out) {
    const struct fr_token place = r->lexer.token;
    fr_text_add(out, "(= ");
    TRY(fr_reader_next(r));
    if (!fr_reader_at(r, FR_TOKEN_OPEN))
        return fr_lexer_fail(&r->lexer, &place, FR_E_INPUT,
                             "\"=\" is supported in preconditions, and before a function, only");
    TRY(fr_reader_next(r));
    TRY(read_fluent(r, out));
    fr_text_add(out, " ");
    TRY(read_number(r, out));
    fr_text_add(out, ")\n");
    return fr_reader_take(r, FR_TOKEN_CLOSE, "\")\" after the number");
}

int fr_reader_metric(struct fr_reader *r, struct fr_text *out) {
    if (!fr_reader_at_name(r, "minimize") && !fr_reader_at_name(r, "maximize"))
        return fr_reader_fail_expected(r, "minimize or maximize");
    fr_text_printf(out, " %s ", r->lexer.token.text);
    TRY(fr_reader_next(r));
    return read_expression(r, 0, out);
}
