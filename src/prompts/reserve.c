/* Reserved words of prompts; see reserve.h. A prompt is rendered under words that no text has; what
 * is left without these is the prompt's own. */
#include "prompts/reserve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define STAND_IN "qzx0" /* the words begin so, and no other does */
enum { STAND_IN_BYTES = 16 };

static void reserve_text(const char *text, struct fr_reserved *out) {
    struct fr_text rest = {0};
    const size_t n = strlen(STAND_IN);
    for (const char *p = text; *p != '\0';) {
        const bool stands_in = fr_equal_nocase(p, STAND_IN, n);
        if (!stands_in) {
            fr_text_append(&rest, p++, 1);
            continue;
        }
        while (*p != '\0' && fr_is_word_byte(*p))
            p++;
        fr_text_add(&rest, " ");
    }
    fr_reserved_add_text(out, FR_RESERVED_PROMPT, fr_text_get(&rest));
    fr_text_release(&rest);
}

static void reserve_objects(const struct fr_problem *problem, struct fr_reserved *out) {
    for (int i = 0; i < problem->n_objects; i++)
        fr_reserved_add(out, FR_RESERVED_OBJECT, problem->objects[i]);
}

/* The prompts of the terse dialect are words of the naming, objects and signs. */
static void reserve_rendered(const struct fr_prompt *prompt, struct fr_reserved *out) {
    char words[FR_MAX_CONCEPTS][STAND_IN_BYTES];
    const struct fr_domain *domain = prompt->problem->domain;
    struct fr_naming naming = {.id = (char[]){"mystery"}};
    struct fr_prompt nameless = *prompt;
    struct fr_text text = {0};
    for (int a = 0; a < domain->n_actions + domain->n_predicates; a++) {
        (void)snprintf(words[a], STAND_IN_BYTES, STAND_IN "%c%c", 'a' + a / 26, 'a' + a % 26);
        naming.words[a] = words[a];
    }
    nameless.naming = &naming;
    if (!fr_style_is_terse(prompt->style))
        fr_prompt_render(&nameless, &text);
    else if (prompt->instruction != NULL)
        fr_text_add(&text, prompt->instruction);
    reserve_text(fr_text_get(&text), out);
    fr_text_release(&text);
}

static void reserve_names(const struct fr_prompt *prompt, struct fr_reserved *out) {
    const struct fr_domain *domain = prompt->problem->domain;
    reserve_objects(prompt->problem, out);
    if (prompt->example != NULL)
        reserve_objects(prompt->example, out);
    for (int a = 0; a < domain->n_actions; a++)
        fr_reserved_add(out, FR_RESERVED_DOMAIN, domain->actions[a].name);
    for (int p = 0; p < domain->n_predicates; p++)
        fr_reserved_add(out, FR_RESERVED_DOMAIN, domain->predicates[p].name);
}

void fr_prompt_reserve(const struct fr_prompt *prompt, struct fr_reserved *out) {
    reserve_names(prompt, out);
    reserve_rendered(prompt, out);
}

/* ---- of any puzzle --------------------------------------------------------------------------- */

/* Objects of every kind, and every predicate twice, so that one fact follows another. */
static void make_problem(const struct fr_problem *known, struct fr_problem *out) {
    static char name[] = STAND_IN;
    const struct fr_domain *domain = known->domain;
    const int n_facts = 2 * domain->n_predicates, n = known->n_objects + domain->n_types;
    *out = (struct fr_problem){.name = name,
                               .domain = domain,
                               .n_objects = n,
                               .objects = fr_alloc((size_t)n, sizeof *out->objects),
                               .object_types = fr_alloc((size_t)n, sizeof *out->object_types),
                               .n_init = n_facts,
                               .n_goal = n_facts,
                               .init = fr_alloc((size_t)n_facts, sizeof *out->init),
                               .goal = fr_alloc((size_t)n_facts, sizeof *out->goal)};
    for (int i = 0; i < n; i++) {
        const int type = i - known->n_objects;
        out->objects[i] = type < 0 ? known->objects[i] : name;
        out->object_types[i] = type < 0 ? known->object_types[i] : type;
    }
    for (int i = 0; i < n_facts; i++) {
        struct fr_atom *fact = &out->init[i];
        *fact = (struct fr_atom){.predicate = i / 2, .n_terms = domain->predicates[i / 2].arity};
        for (int k = 0; k < fact->n_terms; k++)
            fact->terms[k] = known->n_objects;
        out->goal[i] = (struct fr_literal){.atom = *fact, .positive = true};
    }
}

/* Every action once. */
static void make_plan(const struct fr_problem *problem, struct fr_plan *out) {
    for (int a = 0; a < problem->domain->n_actions; a++) {
        struct fr_step step = {.action = a, .n_args = problem->domain->actions[a].n_params};
        for (int k = 0; k < step.n_args; k++)
            step.args[k] = problem->n_objects - 1;
        fr_plan_append(out, &step);
    }
}

void fr_prompt_reserve_domain(const struct fr_prompt *prompt, bool rare, struct fr_reserved *out) {
    struct fr_problem problem;
    struct fr_plan plan = {0};
    struct fr_prompt any = *prompt;
    make_problem(prompt->problem, &problem);
    make_plan(&problem, &plan);
    any.problem = &problem;
    reserve_names(prompt, out);
    reserve_rendered(&any, out);
    if (prompt->example != NULL) {
        any.example = &problem;
        any.example_plan = &plan;
        reserve_rendered(&any, out);
    }
    if (rare) {
        const int n_goal = problem.n_goal;
        for (int i = 0; i < n_goal; i++)
            problem.goal[i].positive = false;
        reserve_rendered(&any, out);
        problem.n_init = problem.n_goal = 0;
        reserve_rendered(&any, out); /* objects told by themselves */
        problem.n_objects = 0;
        reserve_rendered(&any, out);
    }
    fr_plan_release(&plan);
    free(problem.objects); /* their names are borrowed */
    free(problem.object_types);
    free(problem.init);
    free(problem.goal);
}
