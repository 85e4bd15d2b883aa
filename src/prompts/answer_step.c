/* Owns the reading of one line of an answer as steps. A step is an action's phrase, then exactly
 * its arguments, with nothing between but articles, the objects' noun and prepositions that say
 * what the action's own sentence says; what follows is the line's end, another step, or a remark
 * that is set apart. Anything else is no step: a verdict on a plan that the model did not write is
 * worse than none.
 *
 * Rejected: regular expressions made from the sentences, one for each action, which cannot say why
 * a line was not read; and PlanBench's substring search, which finds steps in prose. */
#include "prompts/answer_step.h"

#include <string.h>

#include "prompts/answer_lexicon.h"
#include "prompts/answer_remark.h"
#include "prompts/answer_word.h"

enum { MAX_JOINED = 6, WORD_ROOM = 256 };

static const char *const fillers[] = {"the", "an", "another", "other", "top", "of"};
/* A remark behind a comma begins with one of these. */
static const char *const conjunctions[] = {"since", "because", "as",      "so", "which",
                                           "now",   "making",  "leaving", "to"};
/* "the attack action on a" */
static const char *const action_nouns[] = {"action", "operation", "move", "operator", "step"};

static bool is_one_of(const char *word, size_t n, const char *const *list, int count) {
    for (int i = 0; i < count; i++)
        if (strlen(list[i]) == n && memcmp(list[i], word, n) == 0)
            return true;
    return false;
}

/* ---- pieces ---------------------------------------------------------------------------------- */

struct reader {
    const struct fr_lexicon *x;
    const struct fr_line *line;
    bool a_is_article; /* where "a" stands before a noun or a name; else it is the object a */
    bool in_prose;     /* a step is mentioned, and the sentence goes on */
    bool performed;    /* "perform attack on a" */
};

static bool at(const struct reader *r, int i, enum fr_piece_kind kind) {
    return i < r->line->n_pieces && r->line->pieces[i].kind == kind;
}

static const char *word_at(const struct reader *r, int i, size_t *n) {
    *n = 0;
    if (!at(r, i, FR_PIECE_WORD))
        return NULL;
    *n = (size_t)r->line->pieces[i].n;
    return r->line->text.data + r->line->pieces[i].start;
}

static bool word_in(const struct reader *r, int i, const char *const *list, int count) {
    size_t n;
    const char *word = word_at(r, i, &n);
    return word != NULL && is_one_of(word, n, list, count);
}

/* Words that follow without a sign between them, joined; the place behind them when they spell
 * what, else -1. joint '\0' compares letters alone. */
static int match_words(const struct reader *r, int i, const char *what, char joint) {
    char joined[WORD_ROOM];
    size_t length = 0;
    const size_t wanted = strlen(what);
    for (int k = 0; k < MAX_JOINED; k++) {
        size_t n;
        const char *word = word_at(r, i + k, &n);
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

static int match_noun(const struct reader *r, int i) {
    for (int k = 0; k < r->x->n_nouns; k++) {
        const int end = match_words(r, i, r->x->nouns[k], '-');
        if (end >= 0)
            return end;
    }
    return -1;
}

/* The longest name at i; objects of other names of the same length are another reading: -2. */
static int match_name(const struct reader *r, int i, int *object) {
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
static bool is_a(const struct reader *r, int i, bool *capital) {
    size_t n;
    const char *word = word_at(r, i, &n);
    if (word == NULL || n != 1 || *word != 'a')
        return false;
    *capital = r->line->original.data[r->line->pieces[i].start] == 'A';
    return true;
}

/* Does "a" stand before a noun or a name, as an article does? "A block" is block A. */
static bool is_article_a(const struct reader *r, int i) {
    bool capital;
    int object = -1;
    if (!is_a(r, i, &capital))
        return false;
    const bool noun = match_noun(r, i + 1) >= 0;
    return (noun && !capital) || (!noun && match_name(r, i + 1, &object) >= 0);
}

static bool is_article(const struct reader *r, int i) {
    size_t n;
    const char *word = word_at(r, i, &n);
    return word != NULL && fr_is_article(word, n);
}

/* [article] [noun] NAME [noun]; the place behind it, or -1. */
static int match_object(const struct reader *r, int i, int *object) {
    bool capital;
    while (is_article(r, i) || (r->a_is_article && is_article_a(r, i)))
        i++;
    if (is_a(r, i, &capital) && !capital && match_noun(r, i + 1) >= 0)
        return -1; /* "a block": any block */
    int end = match_name(r, i, object);
    if (end < 0) {
        const int noun = match_noun(r, i);
        if (noun < 0)
            return -1;
        end = match_name(r, noun, object);
        return end >= 0 ? end : -1;
    }
    const int noun = match_noun(r, end);
    int unused = -1;
    /* "a block b": the noun belongs to what follows. */
    return noun >= 0 && match_name(r, noun, &unused) < 0 ? noun : end;
}

/* What may stand between two arguments; -1 for a preposition that the sentence does not have. */
static int skip_gap(const struct reader *r, int i, unsigned groups) {
    if (at(r, i, FR_PIECE_COMMA))
        i++;
    for (;; i++) {
        size_t n;
        const char *word = word_at(r, i, &n);
        if (word == NULL)
            return i;
        const unsigned group = fr_preposition_group_of(word, n);
        if (group != 0 && (group & groups) == 0)
            return -1;
        if (group == 0 && !is_one_of(word, n, fillers, FR_COUNT(fillers)))
            return i;
    }
}

/* "on the table" behind the only argument. */
static int skip_place(const struct reader *r, int i) {
    size_t n;
    const char *word = word_at(r, i, &n);
    if (word == NULL || fr_preposition_group_of(word, n) == 0)
        return i;
    int k = i + 1;
    while (word_in(r, k, fillers, FR_COUNT(fillers)))
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
static int skip_head(const struct reader *r, int i) {
    size_t n;
    const bool noun = word_in(r, i, action_nouns, FR_COUNT(action_nouns));
    if (noun || r->performed) {
        i += noun;
        const char *word = word_at(r, i, &n);
        i += word != NULL && (fr_preposition_group_of(word, n) != 0 ||
                              is_one_of(word, n, (const char *[]){"for"}, 1));
    }
    while (at(r, i, FR_PIECE_COLON) || at(r, i, FR_PIECE_DASH) || at(r, i, FR_PIECE_COMMA) ||
           at(r, i, FR_PIECE_ARROW))
        i++;
    return i;
}

/* One step of the phrase's action from i on; the place behind it, or -1. *reached: the piece that
 * was not understood. */
static int match_step(const struct reader *r, int i, const struct fr_phrase *phrase,
                      struct fr_step *step, int *reached) {
    const struct fr_action *action = &r->x->problem->domain->actions[phrase->action];
    const bool pddl = at(r, i, FR_PIECE_OPEN);
    i = match_words(r, i + pddl, phrase->letters, '\0');
    if (i < 0)
        return -1;
    i = skip_head(r, i);
    const bool functional = at(r, i, FR_PIECE_OPEN);
    i += functional;
    *step = (struct fr_step){.action = phrase->action, .n_args = action->n_params};
    for (int g = 0; g < action->n_params; g++) {
        *reached = i;
        if (g > 0)
            i = skip_gap(r, i, r->x->gaps[phrase->action][g]);
        if (i >= 0) {
            *reached = i;
            i = match_object(r, i, &step->args[g]);
        }
        if (i < 0)
            return -1;
    }
    *reached = i;
    for (int closing = functional + pddl; closing > 0; closing--, i++)
        if (!at(r, i, FR_PIECE_CLOSE))
            return -1;
    return action->n_params == 1 && r->x->n_places > 0 ? skip_place(r, i) : i;
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

/* "... to free it", "... because it is clear": not "to the table", "to c". */
static bool begins_a_clause(const struct reader *r, int i) {
    static const char *const joints[] = {"to", "because", "since", "so", "which", "in"};
    static const char *const order[] = {"order"};
    int object;
    size_t n;
    if (!word_in(r, i, joints, FR_COUNT(joints)))
        return false;
    if (word_in(r, i, &joints[FR_COUNT(joints) - 1], 1))
        return word_in(r, i + 1, order, 1);
    const char *word = word_at(r, i + 1, &n);
    return word != NULL && fr_preposition_group_of(word, n) == 0 &&
           !is_one_of(word, n, fillers, FR_COUNT(fillers)) && match_noun(r, i + 1) < 0 &&
           match_name(r, i + 1, &object) == -1 && skip_place(r, i) == i;
}

static bool names_an_action(const struct reader *r, int from, int to) {
    for (int i = from; i < to; i++)
        for (int k = 0; k < r->x->n_phrases; k++)
            if (match_words(r, i, r->x->phrases[k].letters, '\0') >= 0)
                return true;
    return false;
}

static bool ends_a_step(const struct reader *r, int i) {
    static const char *const further[] = {"at",      "must",    "before", "again",    "too",
                                          "also",    "as",      "next",   "once",     "now",
                                          "later",   "earlier", "with",   "and",      "then",
                                          "is",      "should",  "right",  "directly", "immediately",
                                          "possible"};
    static const char *const joints[] = {"and", "then"};
    return !at(r, i, FR_PIECE_WORD) || begins_a_clause(r, i) ||
           (word_in(r, i, joints, FR_COUNT(joints)) && names_an_action(r, i + 1, i + 2)) ||
           (r->in_prose && (word_in(r, i, further, FR_COUNT(further)) ||
                            (fr_line_role(r->line, i) & (FR_ROLE_EARLY | FR_ROLE_LATE)) != 0));
}

bool fr_step_same(const struct fr_step *a, const struct fr_step *b) {
    return a->action == b->action && a->n_args == b->n_args &&
           memcmp(a->args, b->args, (size_t)a->n_args * sizeof *a->args) == 0;
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

/* The step at i under every phrase; -1 when there is none, -2 when there are two. Of several, those
 * that the unchanging facts allow count; when they allow none, the first, which is illegal as all
 * the others are. *reached: as far as any phrase was understood. */
static int read_step(const struct reader *r, int i, struct fr_step *out, struct fr_text *why,
                     int *reached) {
    int best = -1;
    bool best_fits = false;
    *reached = i;
    for (int k = 0; k < 2 * r->x->n_phrases; k++) {
        const struct reader mode = {r->x, r->line, k % 2 == 1, r->in_prose, r->performed};
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

/* A step at i, or behind words that say only that it is done: "perform the ...", "use: ...", "the
 * action is ...". */
static int read_performed(const struct reader *r, int *at_step, struct fr_step *out,
                          struct fr_text *why, int *reached) {
    static const char *const between[] = {"a", "of", "is"};
    int i = *at_step, end = read_step(r, i, out, why, reached);
    const int start = i + is_article(r, i);
    if (end != -1 || ((fr_line_role(r->line, i) & FR_ROLE_PERFORM) == 0 &&
                      !word_in(r, start, action_nouns, FR_COUNT(action_nouns)) &&
                      !(start > i && names_an_action(r, start, start + 1))))
        return end;
    while ((fr_line_role(r->line, i) & FR_ROLE_PERFORM) != 0)
        i++;
    while (is_article(r, i) || word_in(r, i, action_nouns, FR_COUNT(action_nouns)) ||
           word_in(r, i, between, FR_COUNT(between)) || at(r, i, FR_PIECE_COLON) ||
           at(r, i, FR_PIECE_DASH))
        i++;
    struct reader performed = *r;
    performed.performed = true;
    int further;
    end = read_step(&performed, i, out, why, &further);
    if (end != -1 || further > *reached) {
        *reached = further;
        *at_step = i;
    }
    return end;
}

/* ---- what a line names ----------------------------------------------------------------------- */

/* A bare "a" in prose is an article; "a." or "a from" is not. */
static bool names_an_object(const struct reader *r, int from) {
    int object = -1;
    for (int i = from; i < r->line->n_pieces; i++) {
        const int end = match_name(r, i, &object);
        if (end == -1)
            continue;
        size_t n, m;
        const char *word = word_at(r, i, &n), *next = word_at(r, i + 1, &m);
        if (n != 1 || *word != 'a' || next == NULL || fr_preposition_group_of(next, m) != 0)
            return true;
    }
    return false;
}

static bool names_a_fact(const struct reader *r, int i) {
    size_t n;
    const char *word = word_at(r, i, &n);
    for (int k = 0; word != NULL && k < r->x->n_facts; k++)
        if (n >= strlen(r->x->facts[k]) &&
            memcmp(word, r->x->facts[k], strlen(r->x->facts[k])) == 0)
            return true;
    return false;
}

/* "object a craves object b", "not planet b", "the red block is clear": it begins with what it is
 * about, and no action is named. */
static bool is_fact(const struct reader *r, int i) {
    static const char *const negations[] = {"not", "no", "the"};
    while (word_in(r, i, negations, FR_COUNT(negations)))
        i++;
    int object = -1;
    const int noun = match_noun(r, i);
    if (names_a_fact(r, i) || (noun >= 0 && names_a_fact(r, noun)))
        return true;
    const int end = match_object(r, i, &object);
    for (int k = end; end >= 0 && k < r->line->n_pieces; k++)
        if (names_a_fact(r, k) || (fr_line_role(r->line, k) & FR_ROLE_BE) != 0)
            return true;
    return false;
}

static bool holds_word(const struct reader *r, int from, const char *word) {
    for (int i = from; i < r->line->n_pieces; i++)
        if (word_in(r, i, &word, 1))
            return true;
    return false;
}

/* Does a step stand in what seems to be a remark: "After that, attack a"? */
static bool hides_a_step(const struct reader *r, int from) {
    struct fr_text why = {0};
    struct fr_step step;
    int reached;
    bool found = false;
    for (int i = from + 1; i < r->line->n_pieces && !found; i++)
        found = at(r, i, FR_PIECE_WORD) &&
                (!at(r, i - 1, FR_PIECE_WORD) || word_in(r, i - 1, (const char *[]){"and"}, 1) ||
                 (fr_line_role(r->line, i - 1) & FR_ROLE_ADVERB) != 0) &&
                !at(r, i - 1, FR_PIECE_OPEN) && read_step(r, i, &step, &why, &reached) != -1;
    fr_text_release(&why);
    return found;
}

/* May what follows a step be left unread? Not when it may hold more of the plan. */
static bool is_remark(const struct reader *r, int i) {
    const enum fr_piece_kind sign = r->line->pieces[i].kind;
    if (holds_word(r, i, "then"))
        return false;
    if (sign == FR_PIECE_OPEN || sign == FR_PIECE_COLON || sign == FR_PIECE_DASH ||
        at(r, i + 1, FR_PIECE_OPEN))
        return true;
    if (names_an_action(r, i, r->line->n_pieces))
        return false;
    if (sign == FR_PIECE_WORD || word_in(r, i + 1, conjunctions, FR_COUNT(conjunctions)))
        return true;
    return sign != FR_PIECE_COMMA && (!names_an_object(r, i) || is_fact(r, i + 1) ||
                                      (fr_line_role(r->line, i + 1) & FR_ROLE_REMARK) != 0);
}

/* Is the line one parenthesis? */
static bool is_parenthesis(const struct reader *r) {
    int depth = 0, i = r->line->first;
    if (!at(r, i, FR_PIECE_OPEN))
        return false;
    do {
        depth += at(r, i, FR_PIECE_OPEN) - at(r, i, FR_PIECE_CLOSE);
        i++;
    } while (depth > 0 && i < r->line->n_pieces);
    for (; i < r->line->n_pieces; i++)
        if (at(r, i, FR_PIECE_WORD) || at(r, i, FR_PIECE_OPEN))
            return false;
    return true;
}

static bool only_signs(const struct reader *r, int i) {
    for (; i < r->line->n_pieces; i++)
        if (r->line->pieces[i].kind == FR_PIECE_WORD)
            return false;
    return true;
}

/* ---- lines ----------------------------------------------------------------------------------- */

enum { LABEL_WORDS = 5, LABELS = 3 };

/* The sign behind a label of a few words at i, or -1. */
static int label_end(const struct reader *r, int i) {
    int k = i;
    while (k < i + LABEL_WORDS && at(r, k, FR_PIECE_WORD))
        k++;
    return k > i &&
                   (at(r, k, FR_PIECE_COLON) || at(r, k, FR_PIECE_DASH) || at(r, k, FR_PIECE_ARROW))
               ? k
               : -1;
}

/* Behind labels that announce a step; where a label says that what follows is none, behind that,
 * negative. An item may have any other label: "1. Free a: attack b". */
static int skip_labels(const struct reader *r, int i, struct fr_said *said) {
    enum {
        SAYS = FR_ROLE_PLAN | FR_ROLE_FINAL | FR_ROLE_LAST | FR_ROLE_LABEL,
        DENIES = FR_ROLE_EXPLAIN | FR_ROLE_REJECT | FR_ROLE_STATE | FR_ROLE_LESS | FR_ROLE_MORE,
        UNSURE = FR_ROLE_OTHER | FR_ROLE_MAYBE | FR_ROLE_BE
    };
    for (int n = 0; n < LABELS; n++) {
        const bool bracketed = at(r, i, FR_PIECE_OPEN);
        if (bracketed && (fr_line_role(r->line, i + 1) & FR_ROLE_LABEL) != 0 &&
            at(r, i + 2, FR_PIECE_CLOSE)) {
            i += 3;
            continue;
        }
        const int end = label_end(r, i);
        if (end < 0 || names_an_action(r, i, end))
            return i;
        const unsigned roles = fr_line_roles(r->line, i, end);
        if ((roles & DENIES) != 0) {
            /* "Reach the goal state: stack a on c" says what the step is for. */
            const bool attains = r->line->marker != FR_MARKER_NONE &&
                                 (fr_line_role(r->line, i) & FR_ROLE_ATTAIN) != 0 &&
                                 (roles & DENIES) == FR_ROLE_STATE;
            if (!attains)
                return -(end + 1);
        }
        const bool dash = at(r, end, FR_PIECE_DASH);
        const bool item = r->line->marker != FR_MARKER_NONE && (roles & UNSURE) == 0 &&
                          (fr_line_role(r->line, i) & FR_ROLE_REMARK) == 0 &&
                          (!dash || (roles & FR_ROLE_NOT) == 0);
        if (!item && ((roles & SAYS) == 0 || (dash && n == 0 && !(roles & FR_ROLE_LABEL))))
            return i;
        said->labelled = said->labelled || (roles & SAYS) != 0;
        i = end + 1;
    }
    return i;
}

/* "We should" and "you need to" in an item, or behind an adverb: behind them. Not "can". */
static int skip_subject(const struct reader *r, int i, bool adverb) {
    static const char *const subjects[] = {"we", "you", "i"};
    static const char *const modals[] = {"should", "must", "will", "need", "have", "to"};
    if ((r->line->marker == FR_MARKER_NONE && !adverb) ||
        !word_in(r, i, subjects, FR_COUNT(subjects)))
        return i;
    for (i++; word_in(r, i, modals, FR_COUNT(modals)); i++)
        ;
    return i;
}

/* "To free a, attack b" in a list: behind the purpose. */
static int skip_purpose(const struct reader *r, int i) {
    static const char *const to[] = {"to"};
    int k = i;
    if (r->line->marker == FR_MARKER_NONE || !word_in(r, i, to, 1))
        return i;
    while (at(r, k, FR_PIECE_WORD))
        k++;
    return at(r, k, FR_PIECE_COMMA) && !names_an_action(r, i, k) ? k + 1 : i;
}

/* Behind words that only join steps, "and", "then,", "after that", "finally we", where a step or
 * what performs one follows; else i. */
static int skip_joints(const struct reader *r, int i) {
    static const char *const joints[] = {"and"}, *const after[] = {"after"},
                             *const that[] = {"that", "this"},
                             *const pronouns[] = {"we", "you", "i"};
    int k = i;
    for (;;) {
        if (word_in(r, k, after, 1) && word_in(r, k + 1, that, FR_COUNT(that)))
            k += 2;
        else if (word_in(r, k, joints, 1) || (fr_line_role(r->line, k) & FR_ROLE_ADVERB) != 0)
            k++;
        else
            break;
        k += at(r, k, FR_PIECE_COMMA) || at(r, k, FR_PIECE_COLON);
    }
    if (k > i && word_in(r, k, pronouns, FR_COUNT(pronouns)))
        k++;
    return k > i && (names_an_action(r, k, k + 1) || at(r, k, FR_PIECE_OPEN) ||
                     (fr_line_role(r->line, k) & FR_ROLE_PERFORM) != 0)
               ? k
               : i;
}

/* What follows a step, up to the next word or parenthesis. */
struct separator {
    int next;
    bool restates; /* what follows says the same again, or is a remark */
    bool plain;    /* nothing, or signs that say neither */
};

static struct separator separator_at(const struct reader *r, int i, bool in_parentheses) {
    struct separator s = {.next = i, .plain = true};
    for (; s.next < r->line->n_pieces; s.next++) {
        const enum fr_piece_kind kind = r->line->pieces[s.next].kind;
        if (kind == FR_PIECE_WORD)
            break;
        if (kind == FR_PIECE_OPEN) {
            s.restates = s.restates || !in_parentheses;
            break;
        }
        s.restates = s.restates || kind == FR_PIECE_COLON || kind == FR_PIECE_DASH;
        s.plain = s.plain && (kind == FR_PIECE_SYMBOL || kind == FR_PIECE_CLOSE);
    }
    return s;
}

/* "i.e.", "that is,", "meaning": the same follows in other words. */
static bool is_restating(const struct reader *r, int *i) {
    static const char *const one[] = {"meaning", "namely", "ie"}, *const that[] = {"that", "i"},
                             *const is[] = {"is", "e"};
    int k = *i;
    if (word_in(r, k, one, FR_COUNT(one)))
        k++;
    else if (word_in(r, k, that, FR_COUNT(that)) &&
             word_in(r, k + 1 + at(r, k + 1, FR_PIECE_STOP), is, FR_COUNT(is)))
        k += 2 + at(r, k + 1, FR_PIECE_STOP);
    else
        return false;
    while (at(r, k, FR_PIECE_STOP) || at(r, k, FR_PIECE_COMMA) || at(r, k, FR_PIECE_COLON))
        k++;
    *i = k;
    return true;
}

static void add_why(struct fr_said *said, const char *why) {
    if (said->why.len == 0)
        fr_text_add(&said->why, why);
}

static bool holds_bracket(const struct reader *r, int from, int to) {
    for (int i = from; i < to; i++)
        if (at(r, i, FR_PIECE_OPEN))
            return true;
    return false;
}

/* The steps from i on: "(a) (b)", "a -> b", "a; b", "a, b", each perhaps said again behind a sign
 * that sets a remark apart. True: they are all that the line says. */
static bool read_steps(const struct reader *r, int i, struct fr_said *said, int *reached) {
    struct fr_plan *steps = &said->steps;
    struct separator sep = {0};
    struct fr_step step;
    int end, sign = i, again = -1; /* again: the steps that are said again; < 0: none is yet */
    while ((end = read_performed(r, &i, &step, &said->why, reached)) >= 0) {
        const bool in_parentheses = at(r, i, FR_PIECE_OPEN);
        if (steps->n_steps > 0 && again < 0) {
            const bool same = fr_step_same(&step, &steps->steps[steps->n_steps - 1]);
            /* "feast(b, a) => Feast b from a" */
            const bool formal = holds_bracket(r, i, end);
            sep.restates = sep.restates || (same && formal != said->formal && !said->joined);
            if (same && !sep.restates && !sep.plain) {
                add_why(said, "it names one step twice");
                return false;
            }
            again = sep.restates ? 0 : same ? steps->n_steps - 1 : -1;
        }
        if (steps->n_steps == 0)
            said->formal = holds_bracket(r, i, end);
        if (again < 0) {
            fr_plan_append(steps, &step);
        } else if (!fr_step_same(&step, &steps->steps[again++])) {
            add_why(said, "it names two steps, and whether both are meant is not said");
            return false;
        }
        sign = end;
        if (only_signs(r, end))
            return again < 0 || again == steps->n_steps;
        if (again == steps->n_steps) {
            end = -1;
            break;
        }
        sep = separator_at(r, end, in_parentheses);
        /* PDDL's comment */
        sep.restates = sep.restates || (in_parentheses && at(r, end, FR_PIECE_SEMICOLON) &&
                                        !at(r, sep.next, FR_PIECE_OPEN));
        i = sep.next;
        if (!sep.restates && skip_joints(r, i) > i) {
            i = skip_joints(r, i);
            said->joined = true;
        } else if (is_restating(r, &i)) {
            sep.restates = true;
        }
    }
    if (end != -1 || steps->n_steps == 0)
        return false;
    if (again > 0 && again < steps->n_steps) {
        add_why(said, "it names its steps again, but not all");
        return false;
    }
    said->commented = true;
    said->remark = sign;
    if (fr_remark_changes(r->line, sign)) {
        add_why(said, "its remark may say that more is done, or less");
        return false;
    }
    return is_remark(r, sign);
}

/* What keeps the line from being a step: the first word that is not understood. */
static void explain(const struct reader *r, int start, int reached, struct fr_said *said) {
    if (said->why.len > 0)
        return;
    fr_text_add(&said->why, "it is no step");
    int i = reached;
    while (i < r->line->n_pieces && !at(r, i, FR_PIECE_WORD))
        i++;
    if (i >= r->line->n_pieces) {
        if (reached > start)
            fr_text_add(&said->why, ": an object is missing at its end");
        return;
    }
    const struct fr_piece *piece = &r->line->pieces[i];
    fr_text_printf(&said->why, ": \"%.*s\" %s", piece->n, r->line->original.data + piece->start,
                   reached > start ? "is not known here" : "is no action");
}

void fr_said_release(struct fr_said *said) {
    fr_plan_release(&said->steps);
    fr_text_release(&said->why);
}

void fr_lexicon_read(const struct fr_lexicon *lexicon, const struct fr_line *line,
                     struct fr_said *said) {
    const struct reader r = {lexicon, line, false, false, false};
    int i = line->first, reached;
    said->reading = FR_READING_SUSPECT;
    said->steps.n_steps = 0;
    said->commented = said->labelled = said->names_action = said->goes_on = false;
    said->denied = said->formal = said->joined = false;
    fr_text_clear(&said->why);
    const int body = skip_labels(&r, i, said);
    said->label_end = body >= 0 ? body : -body;
    if (body >= 0)
        i = body;
    int start = i;
    while ((fr_line_role(line, i) & FR_ROLE_ADVERB) != 0)
        i += 1 + (at(&r, i + 1, FR_PIECE_COMMA) || at(&r, i + 1, FR_PIECE_COLON));
    i = skip_subject(&r, skip_joints(&r, i), i > start);
    i = skip_purpose(&r, i);
    if (line->ellipsis && only_signs(&r, i)) {
        add_why(said, "steps are left out");
        return;
    }
    if (line->struck)
        add_why(said, "some of it is crossed out");
    if (body >= 0 && line->n_pieces < FR_MAX_PIECES && !line->struck) {
        if (read_steps(&r, i, said, &reached)) {
            said->reading = FR_READING_STEPS;
            return;
        }
        /* "[a, b]", and an action whose name is an adverb */
        if (said->steps.n_steps == 0 && said->why.len == 0 &&
            (i > start || at(&r, i, FR_PIECE_OPEN))) {
            int further;
            if (read_steps(&r, i > start ? start : i + 1, said, &further)) {
                said->reading = FR_READING_STEPS;
                return;
            }
        }
    } else {
        reached = i;
    }
    said->steps.n_steps = 0;
    const bool more = (fr_line_roles(line, line->first, line->n_pieces) & FR_ROLE_MORE) != 0 &&
                      (fr_line_role(line, line->first) & FR_ROLE_REMARK) == 0;
    said->names_action = names_an_action(&r, line->first, line->n_pieces);
    said->goes_on = said->names_action && holds_word(&r, line->first, "then");
    explain(&r, i, reached, said);
    if (!said->names_action && !names_an_object(&r, line->first)) {
        said->reading = more ? FR_READING_SUSPECT : FR_READING_OTHER;
        return;
    }
    const bool remark =
        body < 0 || is_parenthesis(&r) || (fr_line_role(line, line->first) & FR_ROLE_REMARK) != 0;
    if (remark
            ? body < 0 || !said->names_action || (!said->goes_on && !hides_a_step(&r, line->first))
            : !said->names_action && is_fact(&r, line->first))
        said->reading = FR_READING_REMARK;
    said->denied = body < 0 && read_steps(&r, -body, said, &reached);
}

void fr_lexicon_mentions(const struct fr_lexicon *lexicon, const struct fr_line *line, int from,
                         struct fr_plan *plan, int (*places)[2]) {
    const struct reader r = {lexicon, line, false, true, false};
    struct fr_text why = {0};
    struct fr_step step;
    int reached;
    for (int i = from; i < line->n_pieces;) {
        const int end = at(&r, i, FR_PIECE_WORD) || at(&r, i, FR_PIECE_OPEN)
                            ? read_step(&r, i, &step, &why, &reached)
                            : -1;
        if (end >= 0) {
            places[plan->n_steps][0] = i;
            places[plan->n_steps][1] = end;
            fr_plan_append(plan, &step);
        }
        i = end > i ? end : i + 1;
    }
    fr_text_release(&why);
}
