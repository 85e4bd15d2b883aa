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

#include "prompts/answer_deed.h"
#include "prompts/answer_match.h"
#include "prompts/answer_remark.h"
#include "prompts/answer_word.h"

/* A remark behind a comma begins with one of these. */
static const char conjunctions[] = "since, because, as, so, which, now, making, leaving, to";

/* ---- what a line names ----------------------------------------------------------------------- */

/* A bare "a" in prose is an article; "a." or "a from" is not. */
static bool names_an_object(const struct fr_reader *r, int from, int to) {
    int object = -1;
    for (int i = from; i < to; i++) {
        const int end = fr_match_name(r, i, &object);
        if (end == -1)
            continue;
        size_t n, m;
        const char *word = fr_word_at(r, i, &n), *next = fr_word_at(r, i + 1, &m);
        if (n != 1 || *word != 'a' || next == NULL || fr_preposition_group_of(next, m) != 0)
            return true;
    }
    return false;
}

/* "And with that, a sits on b.": does it begin as no step does, and tell how things are,
 * not how they should be? */
static bool tells_a_state(const struct fr_reader *r, int i) {
    static const char openings[] =
        "the, a, an, our, my, your, this, that, these, there, it, its, and, so, but, now, first, "
        "currently, initially, afterwards, finally, at, in, with, by, since, as, because, given, "
        "everything, nothing, all, both, only, no, each, every, neither, where, thus, hence, "
        "therefore, looking, voil\xC3\xA0";
    static const char states[] =
        "is, are, was, were, be, has, have, sits, sit, rests, rest, stays, "
        "stay, remains, remain, ends up, consists, lies";
    static const char duties[] =
        "must, should, has to, have to, had to, to be, need, needs, again, too, also, instead, "
        "wrong, if, unless, once, when, then, more, would, could, d";
    const int end = r->line->n_pieces;
    return r->line->marker == FR_MARKER_NONE && fr_line_says(r->line, i, openings) &&
           fr_line_holds(r->line, i, end, states) && !fr_line_holds(r->line, i, end, duties);
}

/* "object a craves object b", "not planet b", "the red block is clear": it begins with what it is
 * about, and no action is named. */
static bool is_fact(const struct fr_reader *r, int i) {
    while (fr_line_says(r->line, i, "not, no, the, is, are"))
        i++;
    int object = -1;
    const int noun = fr_match_noun(r, i);
    /* "The goal configuration is ..." */
    for (int k = i; k < i + 3 && (fr_line_role(r->line, i) & FR_ROLE_STATE) != 0; k++)
        if ((fr_line_role(r->line, k) & FR_ROLE_BE) != 0)
            return true;
    if (fr_names_a_fact(r, i) || (noun >= 0 && fr_names_a_fact(r, noun)))
        return true;
    const int end = fr_match_object(r, i, &object);
    for (int k = end; end >= 0 && k < r->line->n_pieces; k++)
        if (fr_names_a_fact(r, k) || (fr_line_role(r->line, k) & FR_ROLE_BE) != 0)
            return true;
    return false;
}

/* Does a step stand in what seems to be a remark: "After that, attack a"? */
static bool hides_a_step(const struct fr_reader *r, int from) {
    struct fr_text why = {0};
    struct fr_step step;
    int reached;
    bool found = false;
    for (int i = from + 1; i < r->line->n_pieces && !found; i++)
        found = fr_piece_at(r, i, FR_PIECE_WORD) &&
                (!fr_piece_at(r, i - 1, FR_PIECE_WORD) || fr_line_says(r->line, i - 1, "and") ||
                 (fr_line_role(r->line, i - 1) & FR_ROLE_ADVERB) != 0) &&
                !fr_piece_at(r, i - 1, FR_PIECE_OPEN) &&
                fr_read_performed(r, &(int){i}, &step, &why, &reached) != -1;
    fr_text_release(&why);
    return found;
}

/* May what follows a step be left unread? Not when it may hold more of the plan. */
static bool is_remark(const struct fr_reader *r, int i) {
    const enum fr_piece_kind sign = r->line->pieces[i].kind;
    if (fr_line_holds(r->line, i, r->line->n_pieces, "then"))
        return false;
    if (sign == FR_PIECE_OPEN || sign == FR_PIECE_COLON || sign == FR_PIECE_DASH ||
        fr_piece_at(r, i + 1, FR_PIECE_OPEN))
        return true;
    if (fr_names_an_action(r, i, r->line->n_pieces))
        return false;
    if (sign == FR_PIECE_WORD || fr_line_says(r->line, i + 1, conjunctions))
        return true;
    return sign != FR_PIECE_COMMA &&
           (!names_an_object(r, i, r->line->n_pieces) || is_fact(r, i + 1) ||
            (fr_line_role(r->line, i + 1) & FR_ROLE_REMARK) != 0);
}

/* Is the line one parenthesis? */
static bool is_parenthesis(const struct fr_reader *r) {
    int depth = 0, i = r->line->first;
    if (!fr_piece_at(r, i, FR_PIECE_OPEN))
        return false;
    do {
        depth += fr_piece_at(r, i, FR_PIECE_OPEN) - fr_piece_at(r, i, FR_PIECE_CLOSE);
        i++;
    } while (depth > 0 && i < r->line->n_pieces);
    for (; i < r->line->n_pieces; i++)
        if (fr_piece_at(r, i, FR_PIECE_WORD) || fr_piece_at(r, i, FR_PIECE_OPEN))
            return false;
    return true;
}

/* But for "and" or "then" behind a comma, which lead on to the next item. */
static bool only_signs(const struct fr_reader *r, int i) {
    for (bool comma = false; i < r->line->n_pieces; i++) {
        comma = comma || fr_piece_at(r, i, FR_PIECE_COMMA);
        if (fr_piece_at(r, i, FR_PIECE_WORD) &&
            !(comma && r->line->marker != FR_MARKER_NONE && fr_line_says(r->line, i, "and, then")))
            return false;
    }
    return true;
}

/* ---- lines ----------------------------------------------------------------------------------- */

enum { LABEL_WORDS = 5, LABELS = 3 };

/* "consists of", "4 actions": how many words at i say nothing of which plan is meant. */
static int skip_number(const struct fr_reader *r, int i) {
    if (fr_line_says(r->line, i, "consists of"))
        return 2;
    return (fr_line_number(r->line, i) >= 0 ||
            fr_line_says(r->line, i, "two, three, four, five, six, seven, eight, nine, ten")) &&
           (fr_line_role(r->line, i + 1) & FR_ROLE_LABEL) != 0;
}

/* The sign behind a label of a few words at i, or -1. */
static int label_end(const struct fr_reader *r, int i) {
    int k = i;
    for (int words = 0; words < LABEL_WORDS && fr_piece_at(r, k, FR_PIECE_WORD);) {
        const int skipped = skip_number(r, k);
        words += skipped == 0;
        k += skipped > 0 ? skipped : 1;
    }
    return k > i && (fr_piece_at(r, k, FR_PIECE_COLON) || fr_piece_at(r, k, FR_PIECE_DASH) ||
                     fr_piece_at(r, k, FR_PIECE_ARROW) || fr_piece_at(r, k, FR_PIECE_OPEN))
               ? k
               : -1;
}

/* Are the words of pieces [from, to) an action's phrase, which stands behind piece to too? */
static bool is_said_again(const struct fr_reader *r, int from, int to) {
    for (int k = 0; k < r->x->n_phrases; k++)
        if (fr_match_phrase(r, from, k) == to && fr_match_phrase(r, to + 1, k) >= 0)
            return true;
    return false;
}

/* Behind labels that announce a step; where a label says that what follows is none, behind that,
 * negative. An item may have any other label: "1. Free a: attack b". */
static int skip_labels(const struct fr_reader *r, int i, struct fr_said *said) {
    enum {
        SAYS = FR_ROLE_PLAN | FR_ROLE_FINAL | FR_ROLE_LAST | FR_ROLE_LABEL,
        DENIES = FR_ROLE_EXPLAIN | FR_ROLE_REJECT | FR_ROLE_STATE | FR_ROLE_LESS | FR_ROLE_MORE,
        UNSURE = FR_ROLE_OTHER | FR_ROLE_MAYBE | FR_ROLE_BE
    };
    for (int n = 0; n < LABELS; n++) {
        const bool bracketed = fr_piece_at(r, i, FR_PIECE_OPEN);
        if (bracketed && (fr_line_role(r->line, i + 1) & FR_ROLE_LABEL) != 0 &&
            fr_piece_at(r, i + 2, FR_PIECE_CLOSE)) {
            i += 3;
            continue;
        }
        const int end = label_end(r, i);
        if (end < 0 || fr_names_an_action(r, i, end)) {
            /* "Unstack: unstack b from a" */
            const bool again =
                end >= 0 && fr_piece_at(r, end, FR_PIECE_COLON) && is_said_again(r, i, end);
            return again ? end + 1 : i;
        }
        const unsigned roles = fr_line_roles(r->line, i, end);
        const bool bracket = fr_piece_at(r, end, FR_PIECE_OPEN);
        const bool arrow = bracket || fr_piece_at(r, end, FR_PIECE_ARROW);
        const bool dash = arrow || fr_piece_at(r, end, FR_PIECE_DASH);
        if (arrow && (r->line->marker == FR_MARKER_NONE || (roles & DENIES) != 0))
            return i;
        if ((roles & DENIES) != 0) {
            /* "Reach the goal state: stack a on c" says what the step is for. */
            int action;
            const bool attains = r->line->marker != FR_MARKER_NONE &&
                                 ((fr_line_role(r->line, i) & FR_ROLE_ATTAIN) != 0 ||
                                  fr_deed_at(r, i, &action) != FR_DEED_NONE) &&
                                 (roles & DENIES) == FR_ROLE_STATE;
            if (!attains)
                return -(end + 1);
        }
        const bool item = r->line->marker != FR_MARKER_NONE && (roles & UNSURE) == 0 &&
                          (fr_line_role(r->line, i) & FR_ROLE_REMARK) == 0 &&
                          (!dash || ((roles & FR_ROLE_NOT) == 0 && !names_an_object(r, i, end)));
        if (arrow && !item)
            return i; /* "move a away -> attack b" are two steps */
        if (!item && ((roles & SAYS) == 0 || (dash && n == 0 && !(roles & FR_ROLE_LABEL))))
            return i;
        said->labelled = said->labelled || (roles & SAYS) != 0;
        if (bracket)
            return end; /* "1. **Free a** (attack b)" */
        i = end + 1;
    }
    return i;
}

/* "We should", "let's", "you need to" in an item or behind an adverb: behind them. Not "can". */
static int skip_subject(const struct fr_reader *r, int i, bool adverb) {
    const int subject = fr_match_subject(r, i);
    if ((r->line->marker == FR_MARKER_NONE && !adverb) || subject == i)
        return i;
    for (i = subject; fr_line_says(r->line, i, "should, must, will, need, have, to"); i++)
        ;
    return i;
}

/* Behind "I will first", "you should", where an action follows; else i. */
static int skip_told(const struct fr_reader *r, int i) {
    const int subject = fr_match_subject(r, i);
    int k = subject;
    while (k > i && (fr_line_says(r->line, k, "should, must, will, would, d, need, have, to") ||
                     (fr_line_role(r->line, k) & FR_ROLE_ADVERB) != 0))
        k++;
    return k > i && fr_names_an_action(r, k, k + 1) ? k : i;
}

/* Behind "the first step is to": the words of people who number in sentences; else i. */
static int skip_ordinal(const struct fr_reader *r, int i) {
    const int k = i + fr_line_says(r->line, i, "the");
    if ((fr_line_role(r->line, k) & FR_ROLE_ADVERB) == 0 ||
        (fr_line_role(r->line, k + 1) & FR_ROLE_COUNTED) == 0 ||
        !fr_line_says(r->line, k + 2, "is") || !fr_line_says(r->line, k + 3, "to"))
        return i;
    return k + 4;
}

/* "To free a, attack b" in a list: behind the purpose. */
static int skip_purpose(const struct fr_reader *r, int i) {
    int k = i;
    if (r->line->marker == FR_MARKER_NONE || !fr_line_says(r->line, i, "to"))
        return i;
    while (fr_piece_at(r, k, FR_PIECE_WORD))
        k++;
    return fr_piece_at(r, k, FR_PIECE_COMMA) && !fr_names_an_action(r, i, k) ? k + 1 : i;
}

/* Behind words that only join steps, "and", "then,", "after that", "finally we", where a step or
 * what performs one follows; else i. */
static int skip_joints(const struct fr_reader *r, int i) {
    int k = i;
    for (;;) {
        if (fr_line_says(r->line, k, "after") && fr_line_says(r->line, k + 1, "that, this"))
            k += 2;
        else if (fr_line_says(r->line, k, "and") ||
                 (fr_line_role(r->line, k) & FR_ROLE_ADVERB) != 0)
            k++;
        else
            break;
        k += fr_piece_at(r, k, FR_PIECE_COMMA) || fr_piece_at(r, k, FR_PIECE_COLON);
    }
    if (k > i && fr_line_says(r->line, k, "we, you, i"))
        k += 1 + fr_line_says(r->line, k + 1, "will, should, must");
    return k > i && (fr_names_an_action(r, k, k + 1) || fr_piece_at(r, k, FR_PIECE_OPEN) ||
                     (fr_line_role(r->line, k) & FR_ROLE_PERFORM) != 0)
               ? k
               : i;
}

/* Behind "Since b is on a, I'd first", where an action follows, or "Four actions do it. First,";
 * else the line's first piece. */
static int skip_reason(const struct fr_reader *r) {
    enum {
        DOUBTS = FR_ROLE_NOT | FR_ROLE_MAYBE | FR_ROLE_OTHER | FR_ROLE_REJECT | FR_ROLE_EXPLAIN
    };
    int i = r->line->first;
    for (int k = i; k + 1 < r->line->n_pieces; k++)
        if (fr_piece_at(r, k, FR_PIECE_STOP)) {
            const bool plain = !fr_names_an_action(r, i, k) && !names_an_object(r, i, k) &&
                               (fr_line_roles(r->line, i, k) & DOUBTS) == 0;
            return plain ? skip_joints(r, k + 1) : skip_told(r, i);
        }
    if (fr_line_says(r->line, i, "since, because, as, given"))
        while (i < r->line->n_pieces &&
               (!fr_piece_at(r, i, FR_PIECE_COMMA) || skip_told(r, i + 1) == i + 1))
            i++;
    return i < r->line->n_pieces ? skip_told(r, i + (i > r->line->first)) : r->line->first;
}

/* What follows a step, up to the next word or parenthesis. */
struct separator {
    int next;
    bool restates; /* what follows says the same again, or is a remark */
    bool rival;    /* "a / b": one of the two */
    bool plain;    /* nothing, or signs that say neither */
};

static struct separator separator_at(const struct fr_reader *r, int i, bool in_parentheses) {
    struct separator s = {.next = i, .plain = true};
    for (; s.next < r->line->n_pieces; s.next++) {
        const enum fr_piece_kind kind = r->line->pieces[s.next].kind;
        if (kind == FR_PIECE_WORD)
            break;
        if (kind == FR_PIECE_OPEN) {
            s.restates = s.restates || !in_parentheses;
            break;
        }
        s.rival = s.rival || kind == FR_PIECE_SLASH;
        s.restates = s.restates || kind == FR_PIECE_COLON || kind == FR_PIECE_DASH;
        s.plain = s.plain &&
                  (kind == FR_PIECE_SYMBOL || kind == FR_PIECE_SLASH || kind == FR_PIECE_CLOSE);
    }
    return s;
}

/* "i.e.", "that is,", "meaning": the same follows in other words. */
static bool is_restating(const struct fr_reader *r, int *i) {
    int k = *i;
    if (fr_line_says(r->line, k, "meaning, namely, ie"))
        k++;
    else if (fr_line_says(r->line, k, "that, i") &&
             fr_line_says(r->line, k + 1 + fr_piece_at(r, k + 1, FR_PIECE_STOP), "is, e"))
        k += 2 + fr_piece_at(r, k + 1, FR_PIECE_STOP);
    else
        return false;
    while (fr_piece_at(r, k, FR_PIECE_STOP) || fr_piece_at(r, k, FR_PIECE_COMMA) ||
           fr_piece_at(r, k, FR_PIECE_COLON))
        k++;
    *i = k;
    return true;
}

static void add_why(struct fr_said *said, const char *why) {
    if (said->why.len == 0)
        fr_text_add(&said->why, why);
}

static bool holds_bracket(const struct fr_reader *r, int from, int to) {
    for (int i = from; i < to; i++)
        if (fr_piece_at(r, i, FR_PIECE_OPEN))
            return true;
    return false;
}

/* "(do not stack it on c!)": does the remark forbid something else than the step, and no more? */
static bool forbids(const struct fr_reader *r, int i, const struct fr_step *step) {
    const int from = i;
    int action;
    while (i < r->line->n_pieces && !fr_piece_at(r, i, FR_PIECE_WORD))
        i++;
    const int verb = i + fr_line_says(r->line, i, "do") + 1;
    if (!fr_line_says(r->line, verb - 1, "not, never"))
        return false;
    const enum fr_deed_kind kind = fr_deed_at(r, verb, &action);
    for (i = from; i < r->line->n_pieces; i++)
        if (fr_piece_at(r, i, FR_PIECE_COMMA) || fr_piece_at(r, i, FR_PIECE_SEMICOLON) ||
            (fr_piece_at(r, i, FR_PIECE_STOP) && i + 2 < r->line->n_pieces))
            return false;
    return kind != FR_DEED_NONE && kind != FR_DEED_MOVES && action != step->action &&
           kind != fr_deed_kind_of(r->x, step->action);
}

/* The steps from i on: "(a) (b)", "a -> b", "a; b", "a, b", each perhaps said again behind a sign
 * that sets a remark apart. True: they are all that the line says. */
static bool read_steps(const struct fr_reader *r, int i, struct fr_said *said, int *reached) {
    struct fr_plan *steps = &said->steps;
    struct separator sep = {0};
    struct fr_step step;
    int end, sign = i, again = -1; /* again: the steps that are said again; < 0: none is yet */
    while ((end = fr_read_performed(r, &i, &step, &said->why, reached)) >= 0) {
        const bool in_parentheses = fr_piece_at(r, i, FR_PIECE_OPEN);
        if (steps->n_steps > 0 && again < 0) {
            const bool same = fr_step_same(&step, &steps->steps[steps->n_steps - 1]);
            /* "feast(b, a) => Feast b from a" */
            const bool formal = holds_bracket(r, i, end);
            sep.restates = sep.restates || (same && formal != said->formal && !said->joined);
            if (!same && sep.rival) {
                add_why(said, "it names two steps, and whether both are meant is not said");
                return false;
            }
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
        sep.restates = sep.restates || (in_parentheses && fr_piece_at(r, end, FR_PIECE_SEMICOLON) &&
                                        !fr_piece_at(r, sep.next, FR_PIECE_OPEN));
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
    if (fr_adds_a_deed(r->x, r->line, sign, &steps->steps[steps->n_steps - 1])) {
        add_why(said, "its remark may tell a further step");
        return false;
    }
    if (fr_remark_changes(r->line, sign) && !forbids(r, sign, &steps->steps[steps->n_steps - 1])) {
        add_why(said, "its remark may say that more is done, or less");
        return false;
    }
    return is_remark(r, sign);
}

/* Says the prefix of a gloss nothing but its step: no other action, object or movement, and nothing
 * that doubts it? */
static bool is_glossed(const struct fr_reader *r, int from, int to, const struct fr_step *step) {
    enum {
        DOUBTS = FR_ROLE_NOT | FR_ROLE_MAYBE | FR_ROLE_OTHER | FR_ROLE_LESS | FR_ROLE_MORE |
                 FR_ROLE_REJECT | FR_ROLE_EXPLAIN | FR_ROLE_STATE
    };
    const enum fr_deed_kind own = fr_deed_kind_of(r->x, step->action);
    if ((fr_line_roles(r->line, from, to) & DOUBTS) != 0 ||
        (fr_line_role(r->line, from) & FR_ROLE_REMARK) != 0)
        return false;
    for (int i = from; i < to; i++) {
        int action, object = -1;
        const enum fr_deed_kind kind = fr_deed_at(r, i, &action);
        const bool moves = kind == FR_DEED_TAKES || kind == FR_DEED_PUTS;
        bool named = fr_match_name(r, i, &object) < 0;
        for (int k = 0; k < step->n_args; k++)
            named = named || step->args[k] == object;
        if (!named || (action >= 0 && action != step->action) || (moves && kind != own) ||
            fr_line_says(r->line, i, "and, then, or, und, et, y, e, oder"))
            return false;
    }
    return true;
}

/* "Desempilhar o bloco azul (unstack blue from red)": an item in other words, with its step in
 * brackets at its end. */
static bool read_gloss(const struct fr_reader *r, struct fr_said *said) {
    int open = r->line->n_pieces, depth = 0, reached;
    const int from = r->line->first;
    do {
        open--;
        depth += fr_piece_at(r, open, FR_PIECE_CLOSE) - fr_piece_at(r, open, FR_PIECE_OPEN);
    } while (open > from && (depth > 0 || !fr_piece_at(r, open, FR_PIECE_WORD)) &&
             !(depth == 0 && fr_piece_at(r, open, FR_PIECE_OPEN)));
    if (r->line->marker == FR_MARKER_NONE || open <= from || !fr_piece_at(r, open, FR_PIECE_OPEN))
        return false;
    struct fr_text why = {0};
    struct fr_step step;
    int end = fr_read_step(r, open, &step, &why, &reached);
    if (end < 0)
        end = fr_read_step(r, open + 1, &step, &why, &reached);
    fr_text_release(&why);
    if (end < 0 || !only_signs(r, end) || !is_glossed(r, from, open, &step))
        return false;
    said->steps.n_steps = 0;
    fr_plan_append(&said->steps, &step);
    return true;
}

/* Is the line prose in signs of other languages, in which no action is named? */
static bool is_foreign(const struct fr_line *line) {
    for (int i = line->first; i < line->n_pieces; i++) {
        const unsigned char c = (unsigned char)line->text.data[line->pieces[i].start];
        if (line->pieces[i].kind == FR_PIECE_WORD && c >= 0xCE && c <= 0xED && c != 0xE1)
            return line->marker == FR_MARKER_NONE;
    }
    return false;
}

/* How many steps the words before piece i call the first: "the first two steps are:"; or 0. */
static int first_of(const struct fr_reader *r, int i) {
    static const char *const numbers[] = {"one", "two", "three", "four", "five", "six"};
    int first = 0;
    for (int k = r->line->first; k < i; k++) {
        if ((fr_line_role(r->line, k) & FR_ROLE_EARLY) == 0)
            continue;
        first = first == 0 ? 1 : first;
        for (int n = 0; n < FR_COUNT(numbers); n++)
            first = fr_line_says(r->line, k + 1, numbers[n]) ? n + 1 : first;
    }
    return first;
}

/* What keeps the line from being a step: the first word that is not understood. */
static void explain(const struct fr_reader *r, int start, int reached, struct fr_said *said) {
    if (said->why.len > 0)
        return;
    fr_text_add(&said->why, "it is no step");
    int i = reached;
    while (i < r->line->n_pieces && !fr_piece_at(r, i, FR_PIECE_WORD))
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
    const struct fr_reader r = {lexicon, line, false, false, false};
    int i = line->first, reached;
    said->reading = FR_READING_SUSPECT;
    said->steps.n_steps = 0;
    said->commented = said->labelled = said->goes_on = false;
    said->names_action = said->names_object = false;
    said->denied = said->formal = said->joined = false;
    said->first = 0;
    fr_text_clear(&said->why);
    const int body = skip_labels(&r, i, said);
    said->label_end = body >= 0 ? body : -body;
    if (body >= 0)
        i = body;
    i = skip_ordinal(&r, i);
    int start = i;
    while ((fr_line_role(line, i) & FR_ROLE_ADVERB) != 0)
        i += 1 + (fr_piece_at(&r, i + 1, FR_PIECE_COMMA) || fr_piece_at(&r, i + 1, FR_PIECE_COLON));
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
            if (line->ellipsis && said->steps.n_steps > 1) {
                said->steps.n_steps = 0;
                add_why(said, "steps are left out");
                said->names_action = true;
                return;
            }
            said->reading = FR_READING_STEPS;
            said->first = first_of(&r, i);
            return;
        }
        /* "[a, b]", and an action whose name is an adverb */
        if (said->steps.n_steps == 0 && said->why.len == 0 &&
            (i > start || fr_piece_at(&r, i, FR_PIECE_OPEN))) {
            int further;
            if (read_steps(&r, i > start ? start : i + 1, said, &further)) {
                said->reading = FR_READING_STEPS;
                return;
            }
        }
        /* "I will first unstack b from a, then ...": a plan in a sentence, if it is all of it */
        const int told = skip_reason(&r);
        if (told > line->first && said->why.len == 0) {
            int further;
            said->steps.n_steps = 0;
            if (read_steps(&r, told, said, &further) && said->steps.n_steps > 1 &&
                !said->commented) {
                said->reading = FR_READING_STEPS;
                return;
            }
            fr_text_clear(&said->why);
            said->commented = said->joined = false;
        }
    } else {
        reached = i;
    }
    said->steps.n_steps = 0;
    if (body >= 0 && !line->struck && line->n_pieces < FR_MAX_PIECES && read_gloss(&r, said)) {
        said->reading = FR_READING_STEPS;
        said->commented = said->joined = false;
        return;
    }
    const bool more = (fr_line_roles(line, line->first, line->n_pieces) & FR_ROLE_MORE) != 0 &&
                      (fr_line_role(line, line->first) & FR_ROLE_REMARK) == 0;
    said->names_action = fr_names_an_action(&r, line->first, line->n_pieces);
    said->goes_on = said->names_action && fr_line_holds(line, line->first, line->n_pieces, "then");
    explain(&r, i, reached, said);
    said->names_object = names_an_object(&r, line->first, line->n_pieces);
    if (!said->names_action && !said->names_object) {
        said->reading = more ? FR_READING_SUSPECT : FR_READING_OTHER;
        return;
    }
    const bool remark = body < 0 || is_parenthesis(&r) ||
                        fr_piece_at(&r, line->first, FR_PIECE_SEMICOLON) || /* PDDL's comment */
                        (fr_line_role(line, line->first) & FR_ROLE_REMARK) != 0;
    if (remark
            ? body < 0 || !said->names_action || (!said->goes_on && !hides_a_step(&r, line->first))
            : !said->names_action &&
                  (is_fact(&r, line->first) || tells_a_state(&r, line->first) || is_foreign(line)))
        said->reading = FR_READING_REMARK;
    said->denied = body < 0 && read_steps(&r, -body, said, &reached);
}

void fr_lexicon_mentions(const struct fr_lexicon *lexicon, const struct fr_line *line, int from,
                         struct fr_plan *plan, int (*places)[2]) {
    const struct fr_reader r = {lexicon, line, false, true, false};
    struct fr_text why = {0};
    struct fr_step step;
    int reached;
    for (int i = from; i < line->n_pieces;) {
        const int end = fr_piece_at(&r, i, FR_PIECE_WORD) || fr_piece_at(&r, i, FR_PIECE_OPEN)
                            ? fr_read_step(&r, i, &step, &why, &reached)
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
