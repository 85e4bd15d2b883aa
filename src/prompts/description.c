/* PDDL -> introduction; see description.h. The quirks of the recorded mystery prompt (its order of
 * actions, "the following needs", blanks at a line's end) are kept in its wording file and not
 * made: rejected, because another domain's readers would only stumble over them. */
#include "prompts/description.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "prompts/form.h"

struct speaker {
    const struct fr_wording *wording;
    enum fr_register reg;
    const struct fr_naming *naming;
    const char *noun;
    struct fr_text *out;
};

static const char *const ordinals[FR_MAX_ARITY] = {"",      "other", "third",   "fourth",
                                                   "fifth", "sixth", "seventh", "eighth"};

/* A parameter or constant of an action. */
static char *say_term(const struct speaker *s, int term) {
    struct fr_text name = {0};
    if (term < 0)
        fr_wording_object(s->wording, s->reg, s->wording->domain->constants[-1 - term], &name);
    else
        fr_text_printf(&name, "%s%s%s", ordinals[term], term > 0 ? " " : "", s->noun);
    return fr_text_take(&name);
}

/* The same where the actions are listed: "another object", "a third object". A plain form has its
 * own articles. */
static char *say_listed(const struct speaker *s, int parameter) {
    struct fr_text name = {0};
    if (s->reg == FR_REGISTER_PLAIN || parameter == 0)
        return say_term(s, parameter);
    if (parameter == 1)
        fr_text_printf(&name, "another %s", s->noun);
    else
        fr_text_printf(&name, "a%s %s %s", parameter == 7 ? "n" : "", ordinals[parameter], s->noun);
    return fr_text_take(&name);
}

/* A sentence with its first letter capital and, in the obfuscated register, its words too. */
static void say(const struct speaker *s, int concept, char **arguments, int n) {
    const size_t start = s->out->len;
    const struct fr_form_manner manner = {.capitals = s->reg == FR_REGISTER_OBFUSCATED};
    fr_form_say(s->wording->domain, concept, s->wording->registers[s->reg].forms[concept],
                s->naming, (const char *const *)arguments, n, manner, s->out);
    if (s->out->len > start)
        s->out->data[start] = (char)toupper((unsigned char)s->out->data[start]);
    for (int i = 0; i < n; i++)
        free(arguments[i]);
}

static void say_atom(const struct speaker *s, const struct fr_atom *atom) {
    char *arguments[FR_MAX_ARITY];
    for (int i = 0; i < atom->n_terms; i++)
        arguments[i] = say_term(s, atom->terms[i]);
    say(s, s->wording->domain->n_actions + atom->predicate, arguments, atom->n_terms);
}

static void say_action_name(const struct speaker *s, int a) {
    const size_t start = s->out->len;
    fr_wording_word(s->wording, s->reg, s->naming, a, s->out);
    if (s->out->len > start)
        s->out->data[start] = (char)toupper((unsigned char)s->out->data[start]);
}

static void begin_condition(const struct speaker *s, int a) {
    fr_text_add(s->out, "\n    To perform ");
    say_action_name(s, a);
    fr_text_add(s->out, " action, ");
}

/* Those of literals[] that are positive or not, as a list; none: nothing at all. */
static void say_literals(const struct speaker *s, int a, const struct fr_literal *literals, int n,
                         bool positive, bool condition) {
    int said = 0;
    for (int i = 0; i < n; i++) {
        const int concept = s->wording->domain->n_actions + literals[i].atom.predicate;
        const char *form = s->wording->registers[s->reg].forms[concept];
        if (literals[i].positive != positive || *form == '\0') /* not said anywhere */
            continue;
        if (said++ > 0) {
            fr_text_add(s->out, ", ");
        } else if (condition) {
            begin_condition(s, a);
            fr_text_printf(s->out,
                           "the following facts need to be %s: ", positive ? "true" : "false");
        } else {
            fr_text_add(s->out, "\n    Once ");
            say_action_name(s, a);
            fr_text_printf(s->out, " action is performed the following facts will be %s: ",
                           positive ? "true" : "false");
        }
        say_atom(s, &literals[i].atom);
    }
    if (said > 0)
        fr_text_add(s->out, ".");
}

static void say_equality(const struct speaker *s, int a, const struct fr_equality *equality) {
    char *left = say_term(s, equality->a), *right = say_term(s, equality->b);
    begin_condition(s, a);
    fr_text_printf(s->out, "%s and %s need to be %s.", left, right,
                   equality->positive ? "the same" : "different");
    free(left);
    free(right);
}

void fr_description_kind(const struct fr_domain *domain, const struct fr_naming *naming, int type,
                         struct fr_text *out) {
    const int *members = domain->type_members[type];
    if (members != NULL) {
        for (int i = 0; members[i] >= 0; i++) {
            if (i > 0)
                fr_text_add(out, " or ");
            fr_description_kind(domain, naming, members[i], out);
        }
    } else if (fr_naming_is_clean(naming)) {
        fr_text_printf(out, "of kind %s", domain->types[type]);
    } else {
        fr_text_printf(out, "of kind %d", type);
    }
}

static void say_kinds(const struct speaker *s, int a) {
    const struct fr_action *action = &s->wording->domain->actions[a];
    int said = 0;
    for (int i = 0; i < action->n_params; i++) {
        if (action->param_types[i] == 0)
            continue;
        if (said++ == 0)
            begin_condition(s, a);
        else
            fr_text_add(s->out, ", ");
        char *name = say_term(s, i);
        fr_text_printf(s->out, "%s needs to be ", name);
        fr_description_kind(s->wording->domain, s->naming, action->param_types[i], s->out);
        free(name);
    }
    if (said > 0)
        fr_text_add(s->out, ".");
}

static void say_restrictions(const struct speaker *s, int a) {
    const struct fr_action *action = &s->wording->domain->actions[a];
    const size_t start = s->out->len;
    say_kinds(s, a);
    say_literals(s, a, action->preconditions, action->n_preconditions, true, true);
    say_literals(s, a, action->preconditions, action->n_preconditions, false, true);
    for (int i = 0; i < action->n_equalities; i++)
        say_equality(s, a, &action->equalities[i]);
    if (s->out->len == start) {
        fr_text_add(s->out, "\n    ");
        say_action_name(s, a);
        fr_text_add(s->out, " action can always be performed.");
    }
    say_literals(s, a, action->effects, action->n_effects, true, false);
    say_literals(s, a, action->effects, action->n_effects, false, false);
    if (action->n_effects == 0) {
        fr_text_add(s->out, "\n    Once ");
        say_action_name(s, a);
        fr_text_add(s->out, " action is performed nothing has changed.");
    }
}

static void say_subtype(const struct speaker *s, int type, int parent) {
    fr_text_printf(s->out, "\n    Every %s ", s->noun);
    fr_description_kind(s->wording->domain, s->naming, type, s->out);
    fr_text_add(s->out, " is also ");
    fr_description_kind(s->wording->domain, s->naming, parent, s->out);
    fr_text_add(s->out, ".");
}

static void say_subtypes(const struct speaker *s) {
    const struct fr_domain *domain = s->wording->domain;
    for (int t = 1; t < domain->n_types; t++) {
        if (domain->type_parents[t] != 0)
            say_subtype(s, t, domain->type_parents[t]);
        for (const int *more = domain->type_more[t]; more != NULL && *more >= 0; more++)
            say_subtype(s, t, *more);
    }
}

void fr_description_render(const struct fr_wording *wording, enum fr_register reg,
                           const struct fr_naming *naming, struct fr_text *out) {
    const char *noun = wording->registers[reg].noun;
    const struct speaker s = {wording, reg, naming, *noun ? noun : "object", out};
    const struct fr_domain *domain = wording->domain;
    fr_text_printf(out, "I am playing with a set of %ss. Here are the actions I can do\n", s.noun);
    for (int a = 0; a < domain->n_actions; a++) {
        char *arguments[FR_MAX_ARITY];
        for (int i = 0; i < domain->actions[a].n_params; i++)
            arguments[i] = say_listed(&s, i);
        fr_text_add(out, "\n   ");
        say(&s, a, arguments, domain->actions[a].n_params);
    }
    fr_text_add(out, "\n\nI have the following restrictions on my actions:");
    say_subtypes(&s);
    for (int a = 0; a < domain->n_actions; a++)
        say_restrictions(&s, a);
}
