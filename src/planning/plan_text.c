/* Owns the reading of plan files as VAL reads them: steps in any layout, "TIME: (action object ...)
 * [DURATION]" with what is optional, ordered by their times. Two steps at one time are carried out
 * together in VAL; here they follow each other, so that they may not touch each other's facts
 * (Fox & Long 2003: no moving targets): then their order says nothing. Rejected: refusing times,
 * which planners write. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "planning/planning.h"

enum {
    MAX_STEPS = 1 << 18,
    MAX_TOGETHER = 1000 /* steps at one time: each is held against each */
};

struct timed {
    double time;
    int place, line; /* in the file: the step and its line */
};

struct reader {
    const struct fr_problem *problem;
    const char *at;
    int line, told;       /* told: the line that an error names */
    struct fr_text word;  /* the last one that was taken */
    struct fr_plan *plan; /* in the file's order at first */
    struct timed *times;  /* [n_timed]: all steps have one, or none */
    int n_timed, capacity;
    struct fr_text *why;
};

/* Blanks, line ends and comments. */
static void skip(struct reader *r) {
    for (;; r->at++) {
        if (*r->at == ';')
            r->at += strcspn(r->at, "\n");
        if (*r->at == '\0' || !strchr(" \t\r\n\f\v", *r->at))
            return;
        r->line += *r->at == '\n';
    }
}

static bool is_number_byte(char c) { return isdigit((unsigned char)c) || c == '.'; }

/* "0:" or "12.500 :" before a step. */
static bool take_time(struct reader *r, double *time) {
    const char *end = r->at, *digit = NULL;
    for (; is_number_byte(*end); end++)
        if (*end != '.')
            digit = end;
    if (digit == NULL)
        return false;
    char *number_end;
    *time = strtod(r->at, &number_end);
    if (number_end != end || !isfinite(*time)) /* "1.2.3", or too large a number */
        return false;
    end += strspn(end, " \t");
    if (*end != ':')
        return false;
    r->at = end + 1;
    skip(r);
    return true;
}

/* "[1.000]" after one. */
static void skip_duration(struct reader *r) {
    skip(r);
    if (*r->at != '[')
        return;
    const char *end = r->at + 1 + strspn(r->at + 1, " \t");
    while (is_number_byte(*end))
        end++;
    end += strspn(end, " \t");
    if (*end == ']')
        r->at = end + 1;
}

/* The next word of a step into r->word; false when there is none. */
static bool take_word(struct reader *r) {
    skip(r);
    const char *start = r->at;
    while (*r->at && !strchr(" \t\r\n\f\v();", *r->at))
        r->at++;
    fr_text_clear(&r->word);
    fr_text_append(&r->word, start, (size_t)(r->at - start));
    return r->at > start;
}

static bool fail_here(struct reader *r, const char *before, const char *after) {
    const size_t n = strcspn(r->at, "\r\n");
    r->told = r->line;
    fr_text_printf(r->why, "%s\"%.*s\"%s", before, n < 80 ? (int)n : 80, r->at, after);
    return false;
}

/* "action object ...)": the parenthesis before it is taken. */
static bool read_step(struct reader *r, struct fr_step *step) {
    if (!take_word(r)) {
        fr_text_add(r->why, "a step without an action");
        return false;
    }
    step->action = fr_domain_find_action(r->problem->domain, fr_text_get(&r->word));
    step->n_args = 0;
    if (step->action < 0) {
        fr_text_printf(r->why, "unknown action \"%.100s\"", fr_text_get(&r->word));
        return false;
    }
    while (take_word(r)) {
        const int object = fr_problem_find_object(r->problem, fr_text_get(&r->word));
        if (object < 0) {
            fr_text_printf(r->why, "unknown object \"%.100s\"", fr_text_get(&r->word));
            return false;
        }
        if (step->n_args == FR_MAX_PARAMS) {
            fr_text_printf(r->why, "more than %d arguments", FR_MAX_PARAMS);
            return false;
        }
        step->args[step->n_args++] = object;
    }
    if (*r->at != ')') {
        fr_text_add(r->why, "the step's parenthesis is not closed");
        return false;
    }
    r->at++;
    return true;
}

static bool read_steps(struct reader *r) {
    for (skip(r); *r->at; skip(r)) {
        struct timed timed = {.place = r->plan->n_steps, .line = r->line};
        struct fr_step step = {0};
        if (timed.place == MAX_STEPS) {
            fr_text_printf(r->why, "more than %d steps", MAX_STEPS);
            return false;
        }
        if (take_time(r, &timed.time)) {
            FR_RESERVE(r->times, r->n_timed, r->capacity);
            r->times[r->n_timed++] = timed;
        }
        if (*r->at != '(')
            return fail_here(r, "", " is no step; expected (action object ...)");
        if (r->n_timed != 0 && r->n_timed != timed.place + 1)
            return fail_here(r, "", ": some steps have a time and others have none");
        r->at++;
        r->told = r->line;
        if (!read_step(r, &step))
            return false;
        skip_duration(r);
        fr_plan_append(r->plan, &step);
    }
    return true;
}

/* ---- steps at one time --------------------------------------------------------------------- */

static bool same_fact(const struct fr_literal *a, const struct fr_step *x,
                      const struct fr_literal *b, const struct fr_step *y) {
    if (a->atom.predicate != b->atom.predicate)
        return false;
    const struct fr_atom f = fr_atom_ground(&a->atom, x->args);
    const struct fr_atom g = fr_atom_ground(&b->atom, y->args);
    return memcmp(f.terms, g.terms, (size_t)f.n_terms * sizeof *f.terms) == 0;
}

/* Does x change what y needs, or otherwise than y does? */
static bool disturbs(const struct fr_domain *domain, const struct fr_step *x,
                     const struct fr_step *y) {
    const struct fr_action *a = &domain->actions[x->action], *b = &domain->actions[y->action];
    if (x->n_args != a->n_params || y->n_args != b->n_params)
        return false; /* no step at all, which the verdict tells */
    for (int i = 0; i < a->n_effects; i++) {
        for (int j = 0; j < b->n_preconditions; j++)
            if (same_fact(&a->effects[i], x, &b->preconditions[j], y))
                return true;
        for (int j = 0; j < b->n_effects; j++)
            if (a->effects[i].positive != b->effects[j].positive &&
                same_fact(&a->effects[i], x, &b->effects[j], y))
                return true;
    }
    return false;
}

static int by_time(const void *a, const void *b) {
    const struct timed *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->place - y->place;
}

static bool fail_together(struct reader *r, const struct timed *x, const struct timed *y) {
    r->told = x->line > y->line ? x->line : y->line;
    fr_step_render(r->problem, &r->plan->steps[x->place], r->why);
    fr_text_add(r->why, " and ");
    fr_step_render(r->problem, &r->plan->steps[y->place], r->why);
    fr_text_printf(r->why, " have one time, %.10g, and one changes what the other touches",
                   x->time);
    return false;
}

static bool order_steps(struct reader *r) {
    const struct fr_domain *domain = r->problem->domain;
    struct fr_plan *plan = r->plan;
    if (r->n_timed == 0)
        return true;
    qsort(r->times, (size_t)r->n_timed, sizeof *r->times, by_time);
    for (int i = 0; i < r->n_timed; i++)
        for (int j = i + 1; j < r->n_timed && r->times[j].time == r->times[i].time; j++) {
            const struct timed *x = &r->times[i], *y = &r->times[j];
            const struct fr_step *a = &plan->steps[x->place], *b = &plan->steps[y->place];
            if (j - i == MAX_TOGETHER) {
                r->told = y->line;
                fr_text_printf(r->why, "more than %d steps at the time %.10g", MAX_TOGETHER,
                               x->time);
                return false;
            }
            if (disturbs(domain, a, b) || disturbs(domain, b, a))
                return fail_together(r, x, y);
        }
    struct fr_plan ordered = {0};
    for (int i = 0; i < r->n_timed; i++)
        fr_plan_append(&ordered, &plan->steps[r->times[i].place]);
    fr_plan_release(plan);
    *plan = ordered;
    return true;
}

enum fr_verdict_kind fr_plan_parse_pddl(struct fr_plan *out, const struct fr_problem *problem,
                                        const char *text, struct fr_verdict *verdict) {
    struct fr_text reason = {0};
    struct reader r = {.problem = problem,
                       .at = fr_skip_mark(text),
                       .line = 1,
                       .told = 1,
                       .plan = out,
                       .why = &reason};
    *out = (struct fr_plan){0};
    *verdict = (struct fr_verdict){.kind = FR_VERDICT_SOLVED};
    if (!read_steps(&r) || !order_steps(&r)) {
        struct fr_text why = {0};
        fr_text_printf(&why, "line %d: %s", r.told, fr_text_get(&reason));
        *verdict = fr_verdict_of(FR_VERDICT_UNPARSED, 0, fr_text_get(&why));
        fr_text_release(&why);
        fr_plan_release(out);
    }
    free(r.times);
    fr_text_release(&r.word);
    fr_text_release(&reason);
    return verdict->kind;
}
