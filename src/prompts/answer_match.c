/* Owns the reading of words as a step: an action's phrase, then exactly its arguments, with nothing
 * between but articles, the objects' noun and prepositions that say what the action's own sentence
 * says. */
#include "prompts/answer_match.h"

#include <string.h>

#include "prompts/answer_word.h"

enum { MAX_JOINED = 6, WORD_ROOM = 256 };

static const char fillers[] = "the, an, another, other, top, of";
/* "the attack action on a" */
static const char action_nouns[] = "action, operation, move, operator, step";

/* ---- pieces ---------------------------------------------------------------------------------- */

bool fr_piece_at(const struct fr_reader *r, int i, enum fr_piece_kind kind) {
    return i >= 0 && i < r->line->n_pieces && r->line->pieces[i].kind == kind;
}

const char *fr_word_at(const struct fr_reader *r, int i, size_t *n) {
    *n = 0;
    if (!fr_piece_at(r, i, FR_PIECE_WORD))
        return NULL;
    *n = (size_t)r->line->pieces[i].n;
    return r->line->text.data + r->line->pieces[i].start;
}

/* Words that follow without a sign between them, joined; the place behind them when they spell
 * what, else -1. joint '\0' compares letters alone. */
static int match_words(const struct fr_reader *r, int i, const char *what, char joint) {
    char joined[WORD_ROOM];
    size_t length = 0;
    const size_t wanted = strlen(what);
    for (int k = 0; k < MAX_JOINED; k++) {
        size_t n;
        const char *word = fr_word_at(r, i + k, &n);
        if (word == NULL || length + n + 1 >= sizeof joined)
            return -1;
        if (k > 0 && joint != '\0')
            joined[length++] = joint;
        for (size_t j = 0; j < n; j++) {
            const bool joins = word[j] == '-' || word[j] == '_';
            if (!joins)
                joined[length++] = word[j];
            else if (joint != '\0')
                joined[length++] = joint;
        }
        if (length > wanted || memcmp(joined, what, length) != 0)
            return -1;
        if (length == wanted)
            return i + k + 1;
    }
    return -1;
}

int fr_match_noun(const struct fr_reader *r, int i) {
    for (int k = 0; k < r->x->n_nouns; k++) {
        const int end = match_words(r, i, r->x->nouns[k], '-');
        if (end >= 0)
            return end;
    }
    return -1;
}

int fr_match_name(const struct fr_reader *r, int i, int *object) {
    int best = -1;
    for (int k = 0; k < r->x->n_names; k++) {
        const int end = match_words(r, i, r->x->names[k].word, '-');
        if (end < 0 || end < best)
            continue;
        if (end == best && *object != r->x->names[k].object)
            return -2;
        best = end;
        *object = r->x->names[k].object;
    }
    return best;
}

/* "a" at i, small or (of the text as it was written) capital. */
static bool is_a(const struct fr_reader *r, int i, bool *capital) {
    size_t n;
    const char *word = fr_word_at(r, i, &n);
    if (word == NULL || n != 1 || *word != 'a')
        return false;
    *capital = r->line->original.data[r->line->pieces[i].start] == 'A';
    return true;
}

/* Does "a" stand before a noun or a name, as an article does? "A block" is block A. */
static bool is_article_a(const struct fr_reader *r, int i) {
    bool capital;
    int object = -1;
    if (!is_a(r, i, &capital))
        return false;
    const bool noun = fr_match_noun(r, i + 1) >= 0;
    return (noun && !capital) || (!noun && fr_match_name(r, i + 1, &object) >= 0);
}

static bool is_article(const struct fr_reader *r, int i) {
    size_t n;
    const char *word = fr_word_at(r, i, &n);
    return word != NULL && fr_is_article(word, n);
}

int fr_match_object(const struct fr_reader *r, int i, int *object) {
    bool capital;
    while (is_article(r, i) || (r->a_is_article && is_article_a(r, i)))
        i++;
    if (is_a(r, i, &capital) && !capital && fr_match_noun(r, i + 1) >= 0)
        return -1; /* "a block": any block */
    int end = fr_match_name(r, i, object);
    if (end < 0) {
        const int noun = fr_match_noun(r, i);
        if (noun < 0)
            return -1;
        end = fr_match_name(r, noun, object);
        return end >= 0 ? end : -1;
    }
    const int noun = fr_match_noun(r, end);
    int unused = -1;
    /* "a block b": the noun belongs to what follows. */
    return noun >= 0 && fr_match_name(r, noun, &unused) < 0 ? noun : end;
}

/* What may stand between two arguments; -1 for a preposition that the sentence does not have. */
static int skip_gap(const struct fr_reader *r, int i, unsigned groups) {
    if (fr_piece_at(r, i, FR_PIECE_COMMA))
        i++;
    for (;; i++) {
        size_t n;
        const char *word = fr_word_at(r, i, &n);
        if (word == NULL)
            return i;
        const unsigned group = fr_preposition_group_of(word, n);
        if (group != 0 && (group & groups) == 0)
            return -1;
        if (group == 0 && !fr_line_says(r->line, i, fillers))
            return i;
    }
}

/* "on the table" behind the only argument. */
static int skip_place(const struct fr_reader *r, int i) {
    size_t n;
    const char *word = fr_word_at(r, i, &n);
    if (word == NULL || fr_preposition_group_of(word, n) == 0)
        return i;
    int k = i + 1;
    while (fr_line_says(r->line, k, fillers))
        k++;
    for (int p = 0; p < r->x->n_places; p++) {
        const int end = match_words(r, k, r->x->places[p], '-');
        if (end >= 0)
            return end;
    }
    return i;
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* Between an action and its arguments: "feast: b, a", "the feast action on b from a". */
static int skip_head(const struct fr_reader *r, int i) {
    size_t n;
    const bool noun = fr_line_says(r->line, i, action_nouns);
    if (noun || r->performed) {
        i += noun;
        const char *word = fr_word_at(r, i, &n);
        i += word != NULL &&
             (fr_preposition_group_of(word, n) != 0 || fr_line_says(r->line, i, "for"));
    }
    while (fr_piece_at(r, i, FR_PIECE_COLON) || fr_piece_at(r, i, FR_PIECE_DASH) ||
           fr_piece_at(r, i, FR_PIECE_COMMA) || fr_piece_at(r, i, FR_PIECE_ARROW))
        i++;
    return i;
}

/* "Pick the red block up": a phrase of two words, the second behind its only argument. */
static int match_parted(const struct fr_reader *r, int i, const struct fr_phrase *phrase,
                        struct fr_step *step, int *reached) {
    size_t n, m;
    const char *verb = fr_word_at(r, i, &n);
    if (verb == NULL || n >= strlen(phrase->letters) || memcmp(verb, phrase->letters, n) != 0)
        return -1;
    *step = (struct fr_step){.action = phrase->action, .n_args = 1};
    const int end = fr_match_object(r, i + 1, &step->args[0]);
    const char *particle = end >= 0 ? fr_word_at(r, end, &m) : NULL;
    if (particle == NULL || !fr_line_says(r->line, end, "up, down, off, out, in, away, over") ||
        m != strlen(phrase->letters) - n || memcmp(particle, phrase->letters + n, m) != 0)
        return -1;
    *reached = end + 1;
    return r->x->n_places > 0 ? skip_place(r, end + 1) : end + 1;
}

/* Do the facts that never change allow the step? They tell load-truck from load-airplane. */
static bool fits(const struct fr_lexicon *x, const struct fr_step *step) {
    const struct fr_domain *domain = x->problem->domain;
    const struct fr_action *action = &domain->actions[step->action];
    for (int i = 0; i < step->n_args; i++)
        if (!fr_type_is(domain, x->problem->object_types[step->args[i]], action->param_types[i]))
            return false;
    for (int i = 0; i < action->n_preconditions; i++) {
        const struct fr_literal *literal = &action->preconditions[i];
        const struct fr_atom fact = fr_atom_ground(&literal->atom, step->args);
        if (x->is_static[fact.predicate] && fr_state_has(&x->init, &fact) != literal->positive)
            return false;
    }
    return true;
}

/* Fills in the last argument, "drive t from l to m" for "... in city c", where facts that never
 * change leave one object for it. */
static bool fill_last(const struct fr_lexicon *x, struct fr_step *step) {
    const struct fr_action *action = &x->problem->domain->actions[step->action];
    const int last = step->n_args - 1;
    int found = -1, n = 0;
    for (int i = 0; i < action->n_preconditions; i++) {
        const struct fr_atom *atom = &action->preconditions[i].atom;
        for (int k = 0; k < atom->n_terms && x->is_static[atom->predicate]; k++)
            n += atom->terms[k] == last;
    }
    if (n == 0)
        return false;
    for (int o = n = 0; o < x->problem->n_objects && n < 2; o++) {
        step->args[last] = o;
        if (fits(x, step)) {
            found = o;
            n++;
        }
    }
    step->args[last] = found;
    return n == 1;
}

static bool is_preposition(const struct fr_reader *r, int i) {
    size_t n;
    const char *word = fr_word_at(r, i, &n);
    return word != NULL && fr_preposition_group_of(word, n) != 0;
}

/* One step of the phrase's action from i on; the place behind it, or -1. *reached: the piece that
 * was not understood. */
static int match_step(const struct fr_reader *r, int i, const struct fr_phrase *phrase,
                      struct fr_step *step, int *reached) {
    const struct fr_action *action = &r->x->problem->domain->actions[phrase->action];
    const bool pddl = fr_piece_at(r, i, FR_PIECE_OPEN);
    const int at = i + pddl;
    i = match_words(r, at, phrase->letters, '\0');
    if (i < 0)
        return !pddl && action->n_params == 1 ? match_parted(r, at, phrase, step, reached) : -1;
    i = skip_head(r, i);
    const bool functional = fr_piece_at(r, i, FR_PIECE_OPEN);
    i += functional;
    *step = (struct fr_step){.action = phrase->action, .n_args = action->n_params};
    for (int g = 0; g < action->n_params; g++) {
        const int before = *reached = i;
        /* "unstack a (from b)" */
        const bool aside = g > 0 && !functional && !pddl && fr_piece_at(r, i, FR_PIECE_OPEN) &&
                           is_preposition(r, i + 1);
        if (g > 0)
            i = skip_gap(r, i + aside, r->x->gaps[phrase->action][g]);
        if (i >= 0) {
            *reached = i;
            i = fr_match_object(r, i, &step->args[g]);
        }
        if (i < 0 && (g == 0 || g + 1 < action->n_params || !fill_last(r->x, step)))
            return -1;
        i = i < 0 ? before : i;
        if (aside && i != before && !fr_piece_at(r, i++, FR_PIECE_CLOSE))
            return -1;
    }
    *reached = i;
    for (int closing = functional + pddl; closing > 0; closing--, i++)
        if (!fr_piece_at(r, i, FR_PIECE_CLOSE))
            return -1;
    return action->n_params == 1 && r->x->n_places > 0 ? skip_place(r, i) : i;
}

/* "... to free it", "... because it is clear": not "to the table", "to c". */
static bool begins_a_clause(const struct fr_reader *r, int i) {
    int object;
    size_t n;
    if (!fr_line_says(r->line, i, "to, because, since, so, which, in"))
        return false;
    if (fr_line_says(r->line, i, "in"))
        return fr_line_says(r->line, i + 1, "order");
    const char *word = fr_word_at(r, i + 1, &n);
    return word != NULL && fr_preposition_group_of(word, n) == 0 &&
           !fr_line_says(r->line, i + 1, fillers) && fr_match_noun(r, i + 1) < 0 &&
           fr_match_name(r, i + 1, &object) == -1 && skip_place(r, i) == i;
}

int fr_match_subject(const struct fr_reader *r, int i) {
    if (fr_line_says(r->line, i, "let") && fr_line_says(r->line, i + 1, "s, us, me"))
        return i + 2;
    return i + fr_line_says(r->line, i, "we, you, i");
}

int fr_match_phrase(const struct fr_reader *r, int i, int k) {
    return match_words(r, i, r->x->phrases[k].letters, '\0');
}

bool fr_names_a_fact(const struct fr_reader *r, int i) {
    size_t n;
    const char *word = fr_word_at(r, i, &n);
    for (int k = 0; word != NULL && k < r->x->n_facts; k++)
        if (n >= strlen(r->x->facts[k]) &&
            memcmp(word, r->x->facts[k], strlen(r->x->facts[k])) == 0)
            return true;
    return false;
}

bool fr_names_an_action(const struct fr_reader *r, int from, int to) {
    for (int i = from; i < to; i++)
        for (int k = 0; k < r->x->n_phrases; k++)
            if (fr_match_phrase(r, i, k) >= 0)
                return true;
    return false;
}

static bool ends_a_step(const struct fr_reader *r, int i) {
    static const char further[] =
        "at, must, before, again, too, also, as, next, once, now, later, earlier, with, and, then, "
        "is, should, right, directly, immediately, possible";
    static const char joints[] = "and, then";
    return !fr_piece_at(r, i, FR_PIECE_WORD) || begins_a_clause(r, i) ||
           (fr_line_says(r->line, i, joints) &&
            (fr_names_an_action(r, i + 1, i + 2) ||
             ((fr_line_says(r->line, i + 1, joints) ||
               (fr_line_role(r->line, i + 1) & FR_ROLE_ADVERB) != 0) &&
              fr_names_an_action(r, i + 2, i + 3)))) ||
           (r->in_prose && (fr_line_says(r->line, i, further) ||
                            (fr_line_role(r->line, i) & (FR_ROLE_EARLY | FR_ROLE_LATE)) != 0));
}

bool fr_step_same(const struct fr_step *a, const struct fr_step *b) {
    return a->action == b->action && a->n_args == b->n_args &&
           memcmp(a->args, b->args, (size_t)a->n_args * sizeof *a->args) == 0;
}

bool fr_plan_shares(const struct fr_plan *a, const struct fr_plan *b) {
    for (int i = 0; i < a->n_steps; i++)
        for (int k = 0; k < b->n_steps; k++)
            if (fr_step_same(&a->steps[i], &b->steps[k]))
                return true;
    return false;
}

bool fr_plan_ends_with(const struct fr_plan *plan, const struct fr_plan *steps) {
    const int before = plan->n_steps - steps->n_steps;
    if (before < 0 || steps->n_steps == 0)
        return false;
    for (int i = 0; i < steps->n_steps; i++)
        if (!fr_step_same(&plan->steps[before + i], &steps->steps[i]))
            return false;
    return true;
}

int fr_read_step(const struct fr_reader *r, int i, struct fr_step *out, struct fr_text *why,
                 int *reached) {
    int best = -1;
    bool best_fits = false;
    *reached = i;
    for (int k = 0; k < 2 * r->x->n_phrases; k++) {
        const struct fr_reader mode = {r->x, r->line, k % 2 == 1, r->in_prose, r->performed};
        struct fr_step step;
        int here = i;
        const int end = match_step(&mode, i, &r->x->phrases[k / 2], &step, &here);
        if (here > *reached)
            *reached = here;
        if (end < 0 || !ends_a_step(r, end))
            continue;
        const bool fit = fits(r->x, &step);
        if (best >= 0 && (fr_step_same(&step, out) || best_fits > fit || (!fit && !best_fits)))
            continue;
        if (best >= 0 && best_fits == fit) {
            fr_text_add(why, "it can be read as ");
            fr_step_render(r->x->problem, out, why);
            fr_text_add(why, " and as ");
            fr_step_render(r->x->problem, &step, why);
            return -2;
        }
        best = end;
        best_fits = fit;
        *out = step;
    }
    return best;
}

int fr_read_performed(const struct fr_reader *r, int *at_step, struct fr_step *out,
                      struct fr_text *why, int *reached) {
    int i = *at_step, end = fr_read_step(r, i, out, why, reached);
    const int start = i + is_article(r, i);
    if (end != -1 || ((fr_line_role(r->line, i) & FR_ROLE_PERFORM) == 0 &&
                      !fr_line_says(r->line, start, action_nouns) &&
                      !(start > i && fr_names_an_action(r, start, start + 1))))
        return end;
    while ((fr_line_role(r->line, i) & FR_ROLE_PERFORM) != 0)
        i++;
    while (is_article(r, i) || fr_line_says(r->line, i, action_nouns) ||
           fr_line_says(r->line, i, "a, of, is") || fr_piece_at(r, i, FR_PIECE_COLON) ||
           fr_piece_at(r, i, FR_PIECE_DASH))
        i++;
    struct fr_reader performed = *r;
    performed.performed = true;
    int further;
    end = fr_read_step(&performed, i, out, why, &further);
    if (end != -1 || further > *reached) {
        *reached = further;
        *at_step = i;
    }
    return end;
}
