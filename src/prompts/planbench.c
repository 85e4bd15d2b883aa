/* The styles `planbench` and `paper`: PlanBench's prompt (Valmeekam et al. 2023), byte for byte,
 * and the paper's variant of it, whose objects are "Block A", "Block B" (method.md section 2). All
 * sentences come from the wording; here is the frame around them and their order.
 *
 * Facts and goals stand in the order of "WORD ARGUMENT ...", the words being the naming's: so does
 * PlanBench, whose mystery domain has its words as PDDL names; or, as in the paper, the domain's
 * own. Rejected: the file's order, which would give one puzzle two prompts.
 *
 * `paper` differs from PlanBench as far as the paper's appendix shows it: objects, a line before
 * the example, the order of facts, commas alone between them, no full stop behind a clean goal,
 * fewer blank lines in mystery prompts, and the introduction's own changes, which are the
 * wording's. */
#include "prompts/planbench.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/description.h"
#include "prompts/form.h"
#include "prompts/statement.h"

struct speaker {
    const struct fr_wording *wording;
    const struct fr_naming *naming;
    enum fr_register reg;
    bool paper, clean_order;
    struct fr_text *out;
};

/* ---- objects and sentences ------------------------------------------------------------------ */

/* "Block A": the plain register's noun in both registers, so that only the concepts' words differ.
 */
static void say_paper_object(const struct speaker *s, const char *object, struct fr_text *out) {
    const char *noun = s->wording->registers[FR_REGISTER_PLAIN].noun;
    if (*noun == '\0')
        noun = "object";
    fr_text_printf(out, "%c%s ", toupper((unsigned char)*noun), noun + 1);
    for (const char *p = object; *p; p++) {
        const char c = (char)toupper((unsigned char)*p);
        fr_text_append(out, &c, 1);
    }
}

static char *say_object(const struct speaker *s, const struct fr_problem *problem, int object) {
    struct fr_text name = {0};
    if (s->paper)
        say_paper_object(s, problem->objects[object], &name);
    else
        fr_wording_object(s->wording, s->reg, problem->objects[object], &name);
    return fr_text_take(&name);
}

static void say(const struct speaker *s, const struct fr_problem *problem, int concept,
                const int *terms, int n_terms, struct fr_text *out) {
    char *names[FR_MAX_ARITY] = {NULL};
    const struct fr_form_manner manner = {.bare = s->paper};
    for (int i = 0; i < n_terms; i++)
        names[i] = say_object(s, problem, terms[i]);
    fr_form_say(s->wording->domain, concept, s->wording->registers[s->reg].forms[concept],
                s->naming, (const char *const *)names, n_terms, manner, out);
    for (int i = 0; i < n_terms; i++)
        free(names[i]);
}

/* ---- lists of facts ------------------------------------------------------------------------- */

struct sentence {
    char *key, *text;
    int rank; /* among equal keys, the order of the file */
};

struct sentences {
    int n, capacity;
    struct sentence *items;
};

static int compare_sentences(const void *pa, const void *pb) {
    const struct sentence *a = pa, *b = pb;
    const int order = strcmp(a->key, b->key);
    return order != 0 ? order : a->rank - b->rank;
}

static void take_sentence(struct sentences *list, char *key, char *text) {
    if (*text == '\0') { /* not said */
        free(key);
        free(text);
        return;
    }
    FR_RESERVE(list->items, list->n, list->capacity);
    list->items[list->n] = (struct sentence){key, text, list->n};
    list->n++;
}

static void add_fact(const struct speaker *s, const struct fr_problem *problem,
                     const struct fr_atom *fact, bool positive, struct sentences *list) {
    const int concept = problem->domain->n_actions + fact->predicate;
    struct fr_text key = {0}, text = {0};
    fr_text_add(&key, s->clean_order ? problem->domain->predicates[fact->predicate].name
                                     : s->naming->words[concept]);
    for (int i = 0; i < fact->n_terms; i++)
        fr_text_printf(&key, " %s", problem->objects[fact->terms[i]]);
    say(s, problem, concept, fact->terms, fact->n_terms, &text);
    if (!positive && text.len > 0) {
        struct fr_text negated = {0};
        fr_text_printf(&negated, "it is not true that %s", fr_text_get(&text));
        fr_text_release(&text);
        text = negated;
    }
    take_sentence(list, fr_text_take(&key), fr_text_take(&text));
}

/* "A, B and C", or `none`; the list is sorted from item `first` on, and released. */
static void say_list(const struct speaker *s, struct sentences *list, int first, const char *none) {
    if (list->n > first)
        qsort(list->items + first, (size_t)(list->n - first), sizeof *list->items,
              compare_sentences);
    for (int i = 0; i < list->n; i++) {
        if (i > 0)
            fr_text_add(s->out, i + 1 < list->n || s->paper ? ", " : " and ");
        fr_text_add(s->out, list->items[i].text);
        free(list->items[i].key);
        free(list->items[i].text);
    }
    if (list->n == 0)
        fr_text_add(s->out, none);
    free(list->items);
}

/* What the introduction calls kinds, the objects must be of: "object t1 is of kind 2". An
 * introduction from a file tells kinds its own way or by the objects' names. */
static void add_kinds(const struct speaker *s, const struct fr_problem *problem,
                      struct sentences *list) {
    if (s->wording->registers[s->reg].introduction != NULL)
        return;
    for (int o = 0; o < problem->n_objects; o++) {
        if (problem->object_types[o] == 0)
            continue;
        struct fr_text text = {0};
        char *name = say_object(s, problem, o);
        fr_text_printf(&text, "%s is ", name);
        fr_description_kind(problem->domain, s->naming, problem->object_types[o], &text);
        free(name);
        take_sentence(list, fr_strdup(""), fr_text_take(&text));
    }
}

/* What nothing else tells of must be told to be there, or no plan could use it: "there is object
 * b". */
static void add_lone(const struct speaker *s, const struct fr_problem *problem,
                     struct sentences *list) {
    const struct fr_domain *domain = problem->domain;
    const struct fr_register_forms *forms = &s->wording->registers[s->reg];
    bool *told = fr_alloc((size_t)problem->n_objects, sizeof *told);
    bool *said = fr_alloc((size_t)domain->n_predicates, sizeof *said);
    for (int p = 0; p < domain->n_predicates; p++)
        said[p] = *forms->forms[domain->n_actions + p] != '\0';
    fr_problem_mark_named(problem, said, told);
    for (int o = 0; o < problem->n_objects; o++) {
        if (told[o] || (forms->introduction == NULL && problem->object_types[o] != 0))
            continue; /* or told of by its kind */
        struct fr_text text = {0};
        char *name = say_object(s, problem, o);
        /* a plain form brings its own article */
        const bool article = s->reg == FR_REGISTER_PLAIN && !s->paper;
        fr_text_printf(&text, FR_STATEMENT_LONE "%s%s", article ? "the " : "", name);
        free(name);
        take_sentence(list, fr_strdup(""), fr_text_take(&text));
    }
    free(told);
    free(said);
}

/* ---- the frame ------------------------------------------------------------------------------- */

/* Between a statement's goal, the plan's heading and the plan; behind a plan. */
static const char *gap(const struct speaker *s) {
    return s->paper && s->reg == FR_REGISTER_OBFUSCATED ? "\n" : "\n\n";
}

static void say_statement(const struct speaker *s, const struct fr_problem *problem) {
    struct sentences facts = {0}, goals = {0};
    add_kinds(s, problem, &facts);
    add_lone(s, problem, &facts);
    const int n_kinds = facts.n;
    for (int i = 0; i < problem->n_init; i++)
        add_fact(s, problem, &problem->init[i], true, &facts);
    for (int i = 0; i < problem->n_goal; i++)
        add_fact(s, problem, &problem->goal[i].atom, problem->goal[i].positive, &goals);
    fr_text_add(s->out, FR_STATEMENT_TAG "\n" FR_STATEMENT_INIT);
    say_list(s, &facts, n_kinds, "no fact is true");
    fr_text_add(s->out, ".\nMy goal is to have that ");
    say_list(s, &goals, 0, "any facts are true");
    fr_text_printf(s->out, "%s%s", s->paper && s->reg == FR_REGISTER_PLAIN ? "" : ".", gap(s));
}

static void say_example(const struct speaker *s, const struct fr_problem *problem,
                        const struct fr_plan *plan) {
    say_statement(s, problem);
    fr_text_printf(s->out, "My plan is as follows:%s[PLAN]\n", gap(s));
    for (int i = 0; i < plan->n_steps; i++) {
        const struct fr_step *step = &plan->steps[i];
        say(s, problem, step->action, step->args, step->n_args, s->out);
        fr_text_add(s->out, "\n");
    }
    fr_text_printf(s->out, "[PLAN END]%s", gap(s));
}

static void render(const struct fr_prompt *prompt, bool paper, struct fr_text *out) {
    struct fr_wording made = {0};
    const struct fr_wording *wording = prompt->wording;
    if (wording == NULL) {
        const int code = fr_wording_load(&made, prompt->problem->domain, NULL, NULL);
        FR_ASSERT(code == FR_OK); /* without a file nothing can be wrong, but for a domain
                                      too large to be said: callers without a wording have none */
        wording = &made;
    }
    const bool clean_order =
        prompt->fact_order == FR_FACTS_STYLE ? paper : prompt->fact_order == FR_FACTS_CLEAN;
    const struct speaker s = {wording, prompt->naming, fr_wording_register(wording, prompt->naming),
                              paper,   clean_order,    out};
    const char *changed = wording->registers[s.reg].paper_introduction;
    if (paper && changed != NULL)
        fr_form_say(wording->domain, -1, changed, prompt->naming, NULL, 0,
                    (struct fr_form_manner){0}, out);
    else
        fr_wording_introduction(wording, s.reg, prompt->naming, out);
    fr_text_add(out, "\n\n");
    if (prompt->example != NULL) {
        FR_ASSERT(prompt->example_plan != NULL);
        fr_text_add(out, paper ? "Here is an example problem:\n" : "");
        say_example(&s, prompt->example, prompt->example_plan);
    }
    say_statement(&s, prompt->problem);
    if (prompt->example != NULL)
        fr_text_printf(out, "My plan is as follows:%s[PLAN]", gap(&s));
    else
        fr_text_add(out, "What is the plan to achieve my goal? Just give the actions in the plan.");
    fr_wording_release(&made);
}

void fr_planbench_render(const struct fr_prompt *prompt, struct fr_text *out) {
    render(prompt, false, out);
}

void fr_paper_render(const struct fr_prompt *prompt, struct fr_text *out) {
    render(prompt, true, out);
}

void fr_planbench_word(const struct fr_wording *wording, const struct fr_naming *naming,
                       int concept, struct fr_text *out) {
    if (wording == NULL)
        fr_text_add(out, naming->words[concept]);
    else
        fr_wording_word(wording, fr_wording_register(wording, naming), naming, concept, out);
}
