/* The `terse` style: the model organism's dialect, for any STRIPS domain. Every concept word
 * stands between blanks or before a line's end, so that a word-level tokenizer sees it whole. */
#include "prompts/terse.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { WORD_CEILING = 64 };

static const char *const parameter_names[FR_MAX_ARITY] = {"x", "y", "z", "w", "v", "u", "t", "s"};

static void terse_word(const char *word, char *out, size_t n) {
    size_t k = 0;
    for (; *word && k + 1 < n; word++)
        if (*word != '-')
            out[k++] = *word;
    out[k] = '\0';
}

void fr_terse_name(const struct fr_wording *wording, const struct fr_naming *naming, int concept,
                   struct fr_text *out) {
    (void)wording;
    for (const char *p = naming->words[concept]; *p; p++)
        if (*p != '-')
            fr_text_append(out, p, 1);
}

static void add_word(const struct fr_naming *naming, int concept, struct fr_text *out) {
    char word[WORD_CEILING];
    terse_word(naming->words[concept], word, sizeof word);
    fr_text_printf(out, " %s", word);
}

static void add_object(const struct fr_problem *problem, int object, struct fr_text *out) {
    fr_text_add(out, " ");
    for (const char *p = problem->objects[object]; *p; p++) {
        const char c = (char)toupper((unsigned char)*p);
        fr_text_append(out, &c, 1);
    }
}

static void add_fact(const struct fr_problem *problem, const struct fr_naming *naming,
                     const struct fr_atom *fact, struct fr_text *out) {
    add_word(naming, problem->domain->n_actions + fact->predicate, out);
    for (int i = 0; i < fact->n_terms; i++)
        add_object(problem, fact->terms[i], out);
}

/* A literal of an action's schema, with parameters x, y, ... and constants in capitals. */
static void add_schema_literal(const struct fr_problem *problem, const struct fr_naming *naming,
                               const struct fr_literal *literal, bool mark_negative,
                               struct fr_text *out) {
    if (mark_negative && !literal->positive)
        fr_text_add(out, " ~");
    add_word(naming, problem->domain->n_actions + literal->atom.predicate, out);
    for (int i = 0; i < literal->atom.n_terms; i++) {
        const int term = literal->atom.terms[i];
        if (term >= 0)
            fr_text_printf(out, " %s", parameter_names[term]);
        else
            add_object(problem, -1 - term, out);
    }
}

void fr_terse_parameters(const struct fr_problem *problem, int action, struct fr_text *out) {
    for (int i = 0; i < problem->domain->actions[action].n_params; i++)
        fr_text_printf(out, " %s", parameter_names[i]);
}

void fr_terse_action(const struct fr_naming *naming, int action, struct fr_text *out) {
    add_word(naming, action, out);
}

void fr_terse_signature(const struct fr_problem *problem, const struct fr_naming *naming,
                        int action, struct fr_text *out) {
    add_word(naming, action, out);
    fr_terse_parameters(problem, action, out);
}

void fr_terse_surroundings(const struct fr_problem *problem, const struct fr_naming *naming,
                           int action, struct fr_text *out) {
    const struct fr_action *schema = &problem->domain->actions[action];
    for (int i = 0; i < schema->n_preconditions; i++)
        if (schema->preconditions[i].atom.n_terms == 0)
            add_schema_literal(problem, naming, &schema->preconditions[i], true, out);
}

static void add_action(const struct fr_problem *problem, const struct fr_naming *naming, int a,
                       struct fr_text *out) {
    const struct fr_action *action = &problem->domain->actions[a];
    fr_text_add(out, "*");
    fr_terse_signature(problem, naming, a, out);
    fr_text_add(out, " :");
    for (int i = 0; i < action->n_preconditions; i++)
        add_schema_literal(problem, naming, &action->preconditions[i], true, out);
    for (int positive = 1; positive >= 0; positive--) {
        fr_text_add(out, positive ? " +" : " -");
        for (int i = 0; i < action->n_effects; i++)
            if (action->effects[i].positive == (bool)positive)
                add_schema_literal(problem, naming, &action->effects[i], false, out);
    }
    fr_text_add(out, "\n");
}

/* Canonical order: facts about the first object, then the second, ...; within an object the wider
 * facts first (where it stands before whether it is clear); facts without objects last. */
static int compare_facts(const void *pa, const void *pb) {
    const struct fr_atom *a = pa, *b = pb;
    const int first_a = a->n_terms ? a->terms[0] : INT_MAX;
    const int first_b = b->n_terms ? b->terms[0] : INT_MAX;
    if (first_a != first_b)
        return first_a < first_b ? -1 : 1;
    if (a->n_terms != b->n_terms)
        return b->n_terms - a->n_terms;
    if (a->predicate != b->predicate)
        return a->predicate - b->predicate;
    for (int i = 0; i < a->n_terms; i++)
        if (a->terms[i] != b->terms[i])
            return a->terms[i] - b->terms[i];
    return 0;
}

static void add_facts(const struct fr_problem *problem, const struct fr_naming *naming,
                      const struct fr_atom *facts, int n, struct fr_text *out) {
    struct fr_atom *sorted = fr_alloc((size_t)n, sizeof *sorted);
    if (n > 0)
        memcpy(sorted, facts, (size_t)n * sizeof *sorted);
    qsort(sorted, (size_t)n, sizeof *sorted, compare_facts);
    for (int i = 0; i < n; i++)
        add_fact(problem, naming, &sorted[i], out);
    free(sorted);
}

/* A literal begins with its atom, so that the order of facts is one of literals too. */
void fr_terse_added(const struct fr_problem *problem, const struct fr_naming *naming, int action,
                    struct fr_text *out) {
    const struct fr_action *schema = &problem->domain->actions[action];
    struct fr_literal *sorted = fr_alloc((size_t)schema->n_effects, sizeof *sorted);
    int n = 0;
    for (int i = 0; i < schema->n_effects; i++)
        if (schema->effects[i].positive)
            sorted[n++] = schema->effects[i];
    qsort(sorted, (size_t)n, sizeof *sorted, compare_facts);
    for (int i = 0; i < n; i++)
        add_schema_literal(problem, naming, &sorted[i], false, out);
    free(sorted);
}

void fr_terse_facts(const struct fr_problem *problem, const struct fr_naming *naming,
                    const struct fr_state *state, struct fr_text *out) {
    add_facts(problem, naming, state->facts, state->n_facts, out);
}

void fr_terse_step(const struct fr_problem *problem, const struct fr_naming *naming,
                   const struct fr_step *step, struct fr_text *out) {
    add_word(naming, step->action, out);
    for (int i = 0; i < step->n_args; i++)
        add_object(problem, step->args[i], out);
}

void fr_terse_puzzle(const struct fr_problem *problem, const struct fr_naming *naming,
                     struct fr_text *out) {
    bool *told = fr_alloc((size_t)problem->n_objects, sizeof *told);
    fr_problem_mark_named(problem, NULL, told);
    fr_text_add(out, "=");
    for (int o = 0; o < problem->n_objects; o++) /* what no fact tells of, before any fact */
        if (!told[o])
            add_object(problem, o, out);
    free(told);
    add_facts(problem, naming, problem->init, problem->n_init, out);
    fr_text_add(out, "\n?");
    for (int i = 0; i < problem->n_goal; i++) {
        if (!problem->goal[i].positive)
            fr_text_add(out, " ~");
        add_fact(problem, naming, &problem->goal[i].atom, out);
    }
}

void fr_terse_render(const struct fr_prompt *prompt, struct fr_text *out) {
    for (int a = 0; a < prompt->problem->domain->n_actions; a++)
        add_action(prompt->problem, prompt->naming, a, out);
    fr_terse_puzzle(prompt->problem, prompt->naming, out);
}

/* ---- answers ------------------------------------------------------------------------------- */

static int find_action(const struct fr_problem *problem, const struct fr_naming *naming,
                       const char *word, size_t n) {
    for (int a = 0; a < problem->domain->n_actions; a++) {
        char name[WORD_CEILING];
        terse_word(naming->words[a], name, sizeof name);
        if (strlen(name) == n && fr_equal_nocase(name, word, n))
            return a;
    }
    return -1;
}

static int find_object(const struct fr_problem *problem, const char *word, size_t n) {
    for (int o = 0; o < problem->n_objects; o++)
        if (strlen(problem->objects[o]) == n && fr_equal_nocase(problem->objects[o], word, n))
            return o;
    return -1;
}

/* One line -> one step: 1 read, 0 blank, -1 not a step. */
static int parse_line(const char *line, size_t n, const struct fr_problem *problem,
                      const struct fr_naming *naming, struct fr_step *step) {
    const char *p = line, *end = line + n;
    bool numbered = false;
    *step = (struct fr_step){.action = -1};
    for (;;) {
        while (p < end && isspace((unsigned char)*p))
            p++;
        if (p == end)
            break;
        const char *word = p;
        while (p < end && !isspace((unsigned char)*p))
            p++;
        const size_t length = (size_t)(p - word);
        if (step->action < 0 && !numbered && strspn(word, "0123456789.)") >= length) {
            numbered = true;
        } else if (step->action < 0) {
            if ((step->action = find_action(problem, naming, word, length)) < 0)
                return -1;
        } else {
            const int object = find_object(problem, word, length);
            if (object < 0 || step->n_args == FR_MAX_ARITY)
                return -1;
            step->args[step->n_args++] = object;
        }
    }
    if (step->action < 0)
        return numbered ? -1 : 0;
    return step->n_args == problem->domain->actions[step->action].n_params ? 1 : -1;
}

/* Behind the last stray end tag of the reasoning; text itself when there is none. */
static const char *behind_end_tags(const char *text) {
    const char *last = text;
    for (const char *p = text; *p; p++) {
        const size_t n = fr_reasoning_ends(p);
        last = n > 0 ? p + n : last;
    }
    return last;
}

static enum fr_verdict_kind refuse(struct fr_plan *plan, struct fr_verdict *verdict,
                                   const char *why, const char *line) {
    const size_t n = strcspn(line, "\n");
    plan->n_steps = 0;
    verdict->kind = FR_VERDICT_UNPARSED;
    (void)snprintf(verdict->reason, sizeof verdict->reason, "%s: \"%.*s\"", why,
                   (int)(n < 120 ? n : 120), line);
    return FR_VERDICT_UNPARSED;
}

enum fr_verdict_kind fr_terse_parse(const char *text, const struct fr_wording *wording,
                                    const struct fr_problem *problem,
                                    const struct fr_naming *naming, struct fr_plan *plan,
                                    struct fr_verdict *verdict) {
    (void)wording;
    plan->n_steps = 0;
    const char *answer = behind_end_tags(text);
    for (const char *line = text; *line;) {
        const size_t n = strcspn(line, "\n");
        struct fr_step step;
        const bool before = line + n < answer;
        if (!before && line < answer)
            line = answer; /* what stands on the tag's line */
        const int read = parse_line(line, strcspn(line, "\n"), problem, naming, &step);
        if (before && read > 0)
            return refuse(plan, verdict, "a step before an end tag of the reasoning", line);
        if (!before && read < 0)
            return refuse(plan, verdict, "not a step", line);
        if (read > 0)
            fr_plan_append(plan, &step);
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    if (plan->n_steps == 0) {
        verdict->kind = FR_VERDICT_UNPARSED;
        (void)snprintf(verdict->reason, sizeof verdict->reason, "the answer holds no step");
        return FR_VERDICT_UNPARSED;
    }
    verdict->kind = FR_VERDICT_SOLVED;
    return FR_VERDICT_SOLVED;
}
