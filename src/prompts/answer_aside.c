/* Owns what sentences around a list say of it. A list is judged as it stands; a sentence that may
 * mean that it is not what is to be done makes the answer unparsed. So words are weighed, not
 * understood: one that is missing in the table lets a denial through, one too many costs an answer.
 *
 * A sentence that names a step of the list may restate it ("Finally, we stack a on b") or go before
 * it ("First, pick up a. Then:"); which it does is told by its words for first and last, and by the
 * step's own place (answer.c). */
#include "prompts/answer_aside.h"

#include <ctype.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/answer_deed.h"
#include "prompts/answer_remark.h"
#include "prompts/answer_word.h"

enum { NEAR_WORDS = 4, FAR_WORDS = 6 }; /* between a negation and what it denies, forth and back */

static bool is_end(const struct fr_line *line, int i) {
    return line->pieces[i].kind == FR_PIECE_STOP || line->pieces[i].kind == FR_PIECE_SEMICOLON;
}

/* The end of the clause that has piece i, at most to. */
static int clause_end(const struct fr_line *line, int i, int to) {
    while (i < to && !is_end(line, i) && line->pieces[i].kind != FR_PIECE_COMMA)
        i++;
    return i;
}

/* The end of the sentence that begins at piece i. */
static int sentence_end(const struct fr_line *line, int i) {
    while (i < line->n_pieces && !is_end(line, i))
        i++;
    return i;
}

/* Has a piece behind i, few words on and before to, one of the roles? "No other plan" is none. */
static bool follows_soon(const struct fr_line *line, int i, int to, unsigned roles) {
    for (int k = i + 1, words = 0;
         k < to && words < NEAR_WORDS && line->pieces[k].kind != FR_PIECE_COMMA; k++) {
        if ((fr_line_role(line, k) & roles) != 0)
            return true;
        if ((fr_line_role(line, k) & FR_ROLE_OTHER) != 0 || fr_line_says(line, k, "only"))
            return false;
        words += line->pieces[k].kind == FR_PIECE_WORD;
    }
    return false;
}

/* Is what piece i says denied: "not", "without", few words before it? */
static bool is_negated(const struct fr_line *line, int from, int i) {
    for (int k = i - 1, words = 0;
         k >= from && words < FAR_WORDS && line->pieces[k].kind != FR_PIECE_COMMA; k--) {
        if ((fr_line_role(line, k) & FR_ROLE_NOT) != 0 ||
            fr_line_says(line, k, "without, avoids, avoid, prevents"))
            return true;
        words += line->pieces[k].kind == FR_PIECE_WORD;
    }
    return false;
}

/* "Then repeat for b.": the first word but for what joins asks for more. */
static bool repeats(const struct fr_line *line, int i) {
    if (fr_line_says(line, i, "after") && fr_line_says(line, i + 1, "that"))
        i += 2;
    while (i < line->n_pieces &&
           ((fr_line_role(line, i) & FR_ROLE_ADVERB) != 0 ||
            line->pieces[i].kind != FR_PIECE_WORD || fr_line_says(line, i, "and")))
        i++;
    return (fr_line_role(line, i) & FR_ROLE_MORE) != 0;
}

/* "However, b is on a, so we need to move it first." */
static bool needs_before(const struct fr_line *line, int from, int to) {
    bool need = false;
    for (int i = from; i < to; i++) {
        need = need || fr_line_says(line, i, "need, needs, must, have, has, should");
        if (need && fr_line_says(line, i, "first, beforehand, before, instead"))
            return true;
    }
    return false;
}

/* "Wait, b has to go first.", "Actually, ...", "But the hand is not empty at step 2!" */
static bool corrects(const struct fr_line *line, int i, int to) {
    static const char words[] = "wait, hmm, sorry, oops, hold, actually, oh, apologies";
    const unsigned roles = fr_line_roles(line, i, to);
    static const char regrets[] =
        "unfortunately, sadly, regrettably, alas, leider, malheureusement, lamentablemente";
    if (fr_line_says(line, i, regrets))
        return true;
    const int start = i + 2 * fr_line_says(line, i, "no"); /* "No, wait." */
    if (i == line->first && fr_line_says(line, start, words))
        return true;
    /* "Before all that, c would have to be freed." */
    if (fr_line_says(line, i, "before all, before that, before this, before these, beforehand") &&
        fr_line_holds(line, i, to, "need, needs, must, have, has, should"))
        return true;
    const bool contrasts = fr_line_says(line, i, "but, however, yet");
    return contrasts && (((roles & FR_ROLE_NOT) != 0 && (roles & FR_ROLE_COUNTED) != 0) ||
                         needs_before(line, i, to));
}

/* What phrases of a sentence say of the plan beside it. */
enum {
    SAYS_CHANGE = 1, /* some of it is changed, or more is to come, */
    SAYS_LESS = 2,   /* where the sentence names steps, */
    SAYS_OTHER = 4,  /* or one by its number: "in step 4 it should be b" */
    SAYS_AGAIN = 8   /* it is given up: "Let me start over." */
};
static const struct {
    const char *phrases;
    unsigned says;
} sayings[] = {
    {"start over, try again, scratch that, second thought, take that back, strike that, "
     "ignore that, different approach, another approach, this again, plan fails, is flawed",
     SAYS_CHANGE | SAYS_AGAIN},
    {"all again, once more, one more thing, repeat all, repeat this, repeat these, the same way, "
     "be continued, partial plan, also have to, also need to, i forgot, left as, "
     "remaining steps, so on, so forth, the rest is, out the rest, more action, more step, "
     "next message, a typo, continued in, cancel the, cancel that, to follow, "
     "remaining moves, get the idea, be completed, same pattern, still missing, "
     "goal regression, more entry, what comes, be adapted, do next, truncated, steps shown, "
     "actions shown, moves shown, fill in",
     SAYS_CHANGE},
    {"left out, leave out, never mind, not needed, not required, not necessary, put step, "
     "is missing, another step, step missing, action missing",
     SAYS_LESS},
    {"instead, rather, typo, meant, read, should be, in place of", SAYS_OTHER},
    {"redo this, redo that, redo it, redo the, different plan, let me redo, let me correct, "
     "let me fix, let me revise, let me reconsider, let me rethink, let me restart, "
     "my mistake, made a mistake, made an error, my apologies, not quite right, let s try, "
     "start again, let me re-think, that s wrong, that s not right, that isn t right, "
     "rethink this, scratch the, disregard the, disregard this, ignore the above, "
     "forget the above, ran out of, previous problem, different problem, another problem, "
     "t finished, not finished, m stuck, am stuck",
     SAYS_AGAIN},
};

static unsigned said_in(const struct fr_line *line, int from, int to) {
    unsigned says = 0;
    for (int k = 0; k < FR_COUNT(sayings); k++)
        if (fr_line_holds(line, from, to, sayings[k].phrases))
            says |= sayings[k].says;
    return says;
}

/* Takes a sentence some of the list back, or adds to it: "step 2 can be left out", "drop step 2",
 * "step 4 is wrong"? *introduces: it may stand before the list too. */
static bool changes(const struct fr_line *line, int from, int to, bool *introduces) {
    static const char lists[] =
        "steps, moves, actions, line, lines, first one, second one, third one, last one";
    const unsigned roles = fr_line_roles(line, from, to);
    const bool counted = line->sentence || (roles & FR_ROLE_COUNTED) != 0;
    const bool of_steps = counted || fr_line_holds(line, from, to, lists);
    const unsigned said = said_in(line, from, to);
    *introduces = false;
    for (int i = from; i < to && of_steps; i++)
        *introduces =
            *introduces || ((fr_line_role(line, i) & FR_ROLE_CHANGE) != 0 &&
                            (fr_line_says(line, i, "forget") || !is_negated(line, from, i)) &&
                            (!fr_line_says(line, i, "without") ||
                             (line->colon && follows_soon(line, i, to, FR_ROLE_COUNTED))));
    if (*introduces || (said & SAYS_CHANGE) != 0 || (of_steps && (said & SAYS_LESS) != 0) ||
        (counted && (said & SAYS_OTHER) != 0) || repeats(line, from))
        return true;
    for (int i = from; i < to; i++) {
        const unsigned role = fr_line_role(line, i);
        if (((role & FR_ROLE_LESS) != 0 || ((role & FR_ROLE_WRONG) != 0 && counted)) &&
            !is_negated(line, from, i))
            return true;
    }
    return false;
}

/* "But that would not put a on c": what the plan is for is denied. */
static bool falls_short(const struct fr_lexicon *lexicon, const struct fr_line *line, int from,
                        int to) {
    enum { FEW = 3 };
    const struct fr_reader r = {.x = lexicon, .line = line};
    while (from < to && (!fr_piece_at(&r, from, FR_PIECE_WORD) ||
                         fr_line_says(line, from, "but, and, however, actually")))
        from++;
    if (!fr_line_says(line, from, "that, this, it, which"))
        return false;
    int i = from + 1, action, object = -1;
    while (i < to && i <= from + FEW && (fr_line_role(line, i) & FR_ROLE_NOT) == 0)
        i++;
    if (i >= to || (fr_line_role(line, i) & FR_ROLE_NOT) == 0 ||
        (fr_deed_at(&r, i + 1, &action) == FR_DEED_NONE && action < 0))
        return false;
    for (int k = i + 2; k < to; k++)
        if (fr_match_name(&r, k, &object) >= 0)
            return true;
    return false;
}

/* Chinese and Japanese for wrong, invalid, to be deleted, and so on: signs within words. */
static bool holds_sign(const struct fr_line *line, int from, int to) {
    static const char *const signs[] = {
        "\xE9\x94\x99\xE7\x9A\x84",             /* wrong */
        "\xE6\x97\xA0\xE6\x95\x88",             /* invalid */
        "\xE5\x88\xA0\xE9\x99\xA4",             /* delete */
        "\xE9\x96\x93\xE9\x81\x95",             /* mistaken */
        "\xE7\x84\xA1\xE5\x8A\xB9",             /* invalid */
        "\xE4\xBB\xA5\xE6\xAD\xA4\xE7\xB1\xBB", /* and so on */
    };
    if (from >= to)
        return false;
    const struct fr_piece *first = &line->pieces[from], *last = &line->pieces[to - 1];
    for (int k = 0; k < FR_COUNT(signs); k++)
        if (memmem(fr_text_get(&line->text) + first->start,
                   (size_t)(last->start + last->n - first->start), signs[k],
                   strlen(signs[k])) != NULL)
            return true;
    return false;
}

/* "No plan exists", "this does not work", "this plan is wrong", "Goal reached? No". */
static bool denies(const struct fr_line *line, int from, int to) {
    if (holds_sign(line, from, to))
        return true;
    static const char phrases[] =
        "just an example, only an example, dead end, gets stuck, fix that, fix this";
    const unsigned roles = fr_line_roles(line, from, to);
    bool wrong = false, denied = false, succeeds = false;
    if (fr_line_holds(line, from, to, phrases))
        return true;
    for (int i = from; i < to; i++) {
        const unsigned role = fr_line_role(line, i);
        if ((role & FR_ROLE_NOT) != 0) /* "does not work", "funktioniert nicht" */
            denied = denied ||
                     follows_soon(line, i, to, FR_ROLE_SUCCEED | FR_ROLE_ATTAIN | FR_ROLE_PLAN) ||
                     (succeeds && i + 1 == to);
        wrong = wrong || ((role & FR_ROLE_WRONG) != 0 && !is_negated(line, from, i));
        succeeds = succeeds || (role & FR_ROLE_SUCCEED) != 0;
    }
    const unsigned plan = FR_ROLE_PLAN | FR_ROLE_IDEA | FR_ROLE_THAT;
    denied = denied || (succeeds && fr_line_holds(line, from, to, "only if"));
    return denied ? (roles & (plan | FR_ROLE_STATE)) != 0 : wrong && (roles & plan) != 0;
}

/* The number behind a word that counts steps, "step 3", "steps 3 and 4", from *i on, which moves
 * behind it; -1 for none. A sentence that begins with one has it before its first piece. */
static int next_number(const struct fr_line *line, int *i, int to) {
    for (; *i + 1 < to; ++*i)
        if ((fr_line_role(line, *i) & (FR_ROLE_COUNTED | FR_ROLE_LABEL)) != 0 &&
            fr_line_number(line, *i + 1) >= 0) {
            *i += 2;
            return fr_line_number(line, *i - 1);
        }
    return -1;
}

/* "Do 3-4 first", "step 3 comes first": what is not the first is said to be it, or what is the
 * first the last. */
static bool exchanges(const struct fr_line *line, int from, int to) {
    for (int i = from; i < to; i++) {
        const bool first = fr_line_says(line, i, "first"), last = fr_line_says(line, i, "last");
        if ((!first && !last) || (i + 1 < to && line->pieces[i + 1].kind == FR_PIECE_WORD))
            continue;
        /* "the last two steps need to be executed first" */
        for (int k = from; k + 1 < i && first; k++)
            if (fr_line_says(line, k, "last") &&
                follows_soon(line, k, i, FR_ROLE_COUNTED | FR_ROLE_LABEL))
                return true;
        int number = line->sentence && from == line->first ? line->path[0] : -1;
        for (int k = i - 1, words = 0; k >= from && number < 0 && words < NEAR_WORDS; k--, words++)
            number = fr_line_number(line, k);
        if (first ? number > 1 : number == 1)
            return true;
    }
    return false;
}

/* "Step 4 has to come before step 2", "do step 4 right after step 1". */
static bool misplaces(const struct fr_line *line, int from, int to) {
    int i = from;
    const int first =
        line->sentence && from == line->first ? line->path[0] : next_number(line, &i, to);
    const int begin = i, second = next_number(line, &i, to);
    if (first < 0 || second < 0)
        return false;
    for (int k = begin; k < i; k++) {
        if (fr_line_says(line, k, "before") && first > second)
            return true;
        if (fr_line_says(line, k, "after") &&
            (first < second || (fr_line_holds(line, begin, k, "right, directly, immediately") &&
                                first != second + 1)))
            return true;
    }
    return false;
}

/* "The order is 3, 4, 1, 2." */
static bool counts_back(const struct fr_line *line, int from, int to) {
    int before = -1;
    for (int i = from; i < to; i++) {
        const int number = fr_line_number(line, i);
        if (number >= 0 && before > number && (fr_line_roles(line, from, i) & FR_ROLE_ORDER) != 0)
            return true;
        before = number >= 0 ? number : line->pieces[i].kind == FR_PIECE_WORD ? -1 : before;
    }
    return false;
}

/* "Do these in reverse order", "then go back to step 1". */
static bool reorders(const struct fr_line *line, int from, int to) {
    static const char phrases[] =
        "bottom to top, bottom up, last to first, other way round, other way around, any order, "
        "some order, no particular order, alphabetical order, alphabetically, last step first, "
        "final step first, last action first, last move first, goal first, first step last";
    const unsigned roles = fr_line_roles(line, from, to);
    if (((roles & FR_ROLE_REVERSE) != 0 && ((roles & FR_ROLE_ORDER) != 0 || line->colon)) ||
        fr_line_holds(line, from, to, phrases) || misplaces(line, from, to) ||
        exchanges(line, from, to) || counts_back(line, from, to))
        return true;
    for (int i = from; i < to; i++)
        if ((fr_line_says(line, i, "back, return")) && follows_soon(line, i, to, FR_ROLE_COUNTED))
            return true;
    return false;
}

/* Of the words around a step, from the step before it to the one behind. */
static void take_order(const struct fr_line *line, int from, int to, struct fr_aside *aside) {
    const unsigned roles = fr_line_roles(line, from, to);
    /* "Step 1 is attack a." */
    aside->early = (roles & FR_ROLE_EARLY) != 0 || (line->named && line->path[0] <= 1);
    aside->late = (roles & FR_ROLE_LATE) != 0;
    for (int i = from; i < to; i++) {
        const bool all = fr_line_says(line, i + 1, "these, those, all, anything");
        const bool counted = (fr_line_role(line, i) & FR_ROLE_COUNTED) != 0;
        aside->early = aside->early || (fr_line_says(line, i, "before") && all) ||
                       (counted && fr_line_says(line, i + 1, "0")) ||
                       (counted && i > from && fr_line_says(line, i - 1, "before") &&
                        fr_line_says(line, i + 1, "1"));
        aside->late = aside->late || (fr_line_says(line, i, "after") && all);
    }
}

/* "An alternative would be to attack a", "if you tried to attack a first, it would fail": is the
 * step of a sentence only supposed, and not wished for? */
static bool is_supposed(const struct fr_line *line, int from, int step) {
    static const char wishes[] = "better, should, must, need, needs, prefer";
    bool starts_so = false, mood = false;
    for (int i = from; i < line->n_pieces && !is_end(line, i); i++) {
        starts_so =
            starts_so || (i < step && fr_line_says(line, i, "alternative, alternatively, if, had"));
        mood = mood || fr_line_says(line, i, "would, could, tried, were");
        if (i < step && fr_line_says(line, i, wishes))
            return false;
    }
    return starts_so && mood;
}

/* "Actions not used: attack a, feast b from a." */
static bool is_under_negation(const struct fr_line *line, int step) {
    for (int i = line->first; i < step && !is_end(line, i); i++)
        if (line->pieces[i].kind == FR_PIECE_COLON)
            return (fr_line_roles(line, line->first, i) & FR_ROLE_NOT) != 0 &&
                   (fr_line_roles(line, line->first, i) & (FR_ROLE_COUNTED | FR_ROLE_LABEL)) != 0;
    return false;
}

/* "We cannot attack a yet": a negation right before the step, or a word between. */
static bool is_refused(const struct fr_line *line, int step) {
    for (int k = step - 1, words = 0; k >= line->first && words < 2 && !is_end(line, k); k--) {
        if ((fr_line_role(line, k) & FR_ROLE_CHANGE) != 0)
            return false; /* "do not forget to attack a" */
        if ((fr_line_role(line, k) & FR_ROLE_NOT) != 0)
            return true;
        words += line->pieces[k].kind == FR_PIECE_WORD;
    }
    return false;
}

/* "Let A = blue", "where a is the blue block": is an object given the name of another? */
static bool renames(const struct fr_lexicon *lexicon, const struct fr_line *line) {
    const struct fr_reader r = {.x = lexicon, .line = line};
    const bool equals = memchr(line->raw, '=', line->n_raw) != NULL;
    for (int i = line->first; i + 2 < line->n_pieces; i++) {
        int one = -1, other = -1, end = fr_match_name(&r, i, &one);
        if (end < 0)
            continue;
        const bool sign = equals && fr_piece_at(&r, end, FR_PIECE_COLON);
        const bool word = fr_line_says(line, end, "is, as, means, denotes") &&
                          fr_line_says(line, end + 1, "the") &&
                          fr_match_name(&r, end + 2, &other) >= 0;
        if ((sign || word) && fr_match_object(&r, end + 1, &other) >= 0 && other != one)
            return true;
    }
    return false;
}

static struct fr_aside *append(struct fr_aside **asides, int *n, int *capacity,
                               const struct fr_line *line, enum fr_aside_kind kind) {
    FR_RESERVE(*asides, *n, *capacity);
    (*asides)[*n] = (struct fr_aside){.kind = kind, .line = line->number};
    return &(*asides)[(*n)++];
}

/* "Leave out put down b." */
static bool leaves_out(const struct fr_line *line, int (*places)[2], int n) {
    for (int i = 0; i < n; i++)
        if (fr_line_holds(line, line->first, places[i][0], "leave out, without, skip") &&
            places[i][0] <= line->first + 2)
            return true;
    return false;
}

/* Where the clause of the sentence's first step begins, or the sentence's end: "it is wrong, as
 * attack a is not possible". */
static int before_steps(const struct fr_line *line, int from, int to, int (*places)[2], int n) {
    for (int i = 0; i < n; i++)
        if (places[i][0] >= from && places[i][0] < to) {
            int end = from;
            for (int k = from; k < places[i][0]; k++)
                end = line->pieces[k].kind == FR_PIECE_COMMA ? k : end;
            return end;
        }
    return to;
}

/* "This fails.", "Invalid.", "Not valid": nothing else is said. */
static bool fails(const struct fr_line *line, int from, int to) {
    enum { FEW = 4 };
    static const char subjects[] = "also, still, this, that, it, again, which";
    const unsigned roles = fr_line_roles(line, from, to);
    int verb = from;
    while (verb < to && fr_line_says(line, verb, subjects))
        verb++;
    if (fr_line_says(line, verb,
                     "fails, failed, breaks, violates")) /* "Also fails, for a is not clear." */
        return true;
    if (fr_line_says(line, line->first, "no, nope") && line->n_pieces <= line->first + 2)
        return true; /* the answer to "Does this work?" */
    return to - from <= FEW && to > from && (roles & FR_ROLE_STATE) == 0 &&
           (((roles & FR_ROLE_NOT) != 0 && (roles & FR_ROLE_SUCCEED) != 0) ||
            ((roles & FR_ROLE_WRONG) != 0 && (roles & FR_ROLE_NOT) == 0));
}

bool fr_line_denies(const struct fr_line *line, int from, unsigned roles) {
    for (int to; from < line->n_pieces; from = to + 1) {
        to = sentence_end(line, from);
        if ((fr_line_roles(line, from, to) & roles) != 0 && denies(line, from, to))
            return true;
    }
    return false;
}

bool fr_line_changes(const struct fr_line *line) {
    return (said_in(line, line->first, line->n_pieces) & SAYS_CHANGE) != 0;
}

void fr_account_read(const struct fr_lexicon *lexicon, const struct fr_line *line,
                     struct fr_aside **asides, int *n, int *capacity) {
    const struct fr_reader r = {.x = lexicon, .line = line};
    if ((said_in(line, line->first, line->n_pieces) & SAYS_AGAIN) != 0 ||
        ((line->struck || fr_remark_takes_back(line, line->first)) &&
         (fr_names_an_action(&r, line->first, line->n_pieces) || line->named)))
        append(asides, n, capacity, line, FR_ASIDE_DENIES)->checks = true;
}

void fr_asides_read(const struct fr_lexicon *lexicon, const struct fr_line *line,
                    struct fr_aside **asides, int *n, int *capacity) {
    struct fr_plan steps = {0};
    int places[FR_MAX_PIECES][2];
    fr_lexicon_mentions(lexicon, line, line->first, &steps, places);
    for (int i = 0; i < steps.n_steps; i++) {
        int start = line->first;
        for (int k = start; k < places[i][0]; k++)
            start = is_end(line, k) ? k + 1 : start;
        if (is_refused(line, places[i][0]) || is_supposed(line, start, places[i][0]) ||
            is_under_negation(line, places[i][0])) {
            append(asides, n, capacity, line, FR_ASIDE_UNDONE);
            continue;
        }
        struct fr_aside *aside = append(asides, n, capacity, line, FR_ASIDE_STEP);
        const int next = i + 1 < steps.n_steps ? places[i + 1][0] : line->n_pieces;
        const int from = i > 0 ? clause_end(line, places[i - 1][1], places[i][0]) : line->first;
        int begin = from;
        for (int k = from; k < places[i][0]; k++)
            begin = is_end(line, k) ? k + 1 : begin;
        aside->step = steps.steps[i];
        take_order(line, begin, clause_end(line, places[i][1], next), aside);
    }
    if (renames(lexicon, line))
        append(asides, n, capacity, line, FR_ASIDE_RENAMES);
    if (line->marker == FR_MARKER_NONE || line->sentence) {
        for (int from = line->first; from < line->n_pieces;) {
            const int to = sentence_end(line, from);
            bool introduces;
            const int before = *n;
            if (changes(line, from, to, &introduces) || leaves_out(line, places, steps.n_steps))
                append(asides, n, capacity, line, FR_ASIDE_TAKES_BACK)->introduces = introduces;
            if (reorders(line, from, to))
                append(asides, n, capacity, line, FR_ASIDE_REORDERS);
            const bool wrong =
                !line->heading &&
                (denies(line, from, before_steps(line, from, to, places, steps.n_steps)) ||
                 falls_short(lexicon, line, from, to) || fails(line, from, to));
            if (wrong)
                append(asides, n, capacity, line, FR_ASIDE_DENIES)->introduces = line->colon;
            const bool again =
                (said_in(line, from, to) & SAYS_AGAIN) != 0 || corrects(line, from, to);
            if (*n == before && again)
                append(asides, n, capacity, line, FR_ASIDE_TAKES_BACK);
            const unsigned roles = fr_line_roles(line, from, to);
            const bool counted = (roles & (FR_ROLE_COUNTED | FR_ROLE_LABEL)) != 0;
            for (int i = before; i < *n; i++) {
                (*asides)[i].withdraws = wrong || again || (counted && (roles & FR_ROLE_LESS) != 0);
                (*asides)[i].counted = counted;
            }
            from = to + 1;
        }
    }
    fr_plan_release(&steps);
}
