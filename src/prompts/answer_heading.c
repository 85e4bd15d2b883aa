/* Owns what the words of a heading or an introduction say together of what follows. */
#include "prompts/answer_heading.h"

#include <ctype.h>

#include "prompts/answer_match.h"
#include "prompts/answer_word.h"

/* Are all words from a piece on, but articles and numbers, such as speak of plans alone: "Corrected
 * steps:", "My first attempt", "Option 2"? */
static bool is_alone(const struct fr_line *line, int from) {
    const unsigned of_plans = FR_ROLE_FINAL | FR_ROLE_LAST | FR_ROLE_OTHER | FR_ROLE_REJECT |
                              FR_ROLE_PLAN | FR_ROLE_LABEL | FR_ROLE_IDEA;
    bool any = false;
    for (int i = from; i < line->n_pieces; i++) {
        const struct fr_piece *piece = &line->pieces[i];
        const bool filler = piece->kind != FR_PIECE_WORD || /* a line of signs alone has no text */
                            isdigit((unsigned char)line->text.data[piece->start]) ||
                            fr_line_says(line, i, "a, an, the, my, our, this, is");
        if (!filler && !(any && piece->n == 1) &&
            ((piece->roles & of_plans) == 0 || (piece->roles & FR_ROLE_COUNTED) != 0))
            return false;
        any = any || (!filler && (piece->roles & FR_ROLE_ADVERB) == 0 &&
                      (piece->roles & of_plans & ~(unsigned)FR_ROLE_LABEL) != 0);
    }
    return any;
}

static bool holds(const struct fr_line *line, const char *phrases) {
    return fr_line_holds(line, line->first, line->n_pieces, phrases);
}

/* Heads it what may be done, or was, or what is no whole plan: "Legal moves:", "Some ideas:", "The
 * first three steps:", "To undo the solution:"? */
static bool heads_no_plan(const struct fr_line *line, unsigned roles) {
    static const char choices[] =
        "possible, applicable, legal, available, relevant, useful, considered, candidate, allowed, "
        "permitted, potential, m\xC3\xB6gliche, change, needs, executable, options, "
        "think, posibles, possibles, that can, which can, i can, we can, you can";
    static const char others[] =
        "opponent, ideas, options, history, undo, disagree, portion, beginning, "
        "preconditions, don, halfway, partial, incomplete, unfinished";
    static const char firsts[] =
        "first two, first three, first four, first five, first few, first couple";
    const bool moves = (roles & (FR_ROLE_LABEL | FR_ROLE_COUNTED)) != 0;
    const bool plan = (roles & (FR_ROLE_PLAN | FR_ROLE_FINAL | FR_ROLE_LAST)) != 0;
    return holds(line, "one of, to mind, so far, same time, only list, only show, only give, list "
                       "only, show only, give only") ||
           (!plan &&
            holds(line, "get started, for starters, for a start, output format, template")) ||
           (moves && !plan && holds(line, choices)) ||
           ((line->colon || line->heading) && holds(line, others)) ||
           (plan && holds(line, "half, beginning, opening") && (roles & FR_ROLE_EARLY) != 0) ||
           (moves && holds(line, firsts));
}

/* "If a were clear, the plan would be:": what heads it supposes what is not so. */
static bool is_hypothetical(const struct fr_line *line) {
    static const char unreal[] = "would, were, could, had, weren, wasn, might";
    static const char assumed[] = "assume, assumes, assuming, presupposes, presupposing";
    static const char others[] = "naive, naively, someone, people, person, beginner, tempting";
    const struct fr_reader r = {.line = line};
    int moods = 0, from = line->first;
    for (int i = from; i + 1 < line->n_pieces; i++)
        if (line->pieces[i].kind == FR_PIECE_STOP) {
            if (fr_line_says(line, from, "suppose, supposing, imagine, pretend"))
                return line->colon; /* "Suppose a were clear. Then:" */
            from = i + 1;
        }
    if (holds(line, assumed) &&
        ((fr_line_roles(line, from, line->n_pieces) & FR_ROLE_NOT) != 0 || holds(line, "nothing")))
        return line->colon; /* "It assumes that a does not crave b:" */
    if (fr_line_holds(line, from, line->n_pieces,
                      "ideal world, of argument, works if, works when, works unless"))
        return line->colon;
    for (int i = from; i < line->n_pieces; i++)
        moods += fr_line_says(line, i, unreal) ||
                 (fr_line_says(line, i, "d") && i > from && fr_match_subject(&r, i - 1) == i);
    return (line->colon || line->heading) &&
           ((moods > 0 && holds(line, "if, suppose, supposing, assuming, without, whether")) ||
            (moods > 0 && holds(line, others)) || (moods > 1 && holds(line, "were, had")));
}

/* "in the style of" what is no plan itself */
static bool is_alike(const struct fr_line *line, int i) {
    static const char words[] = "like, as, style, format, form, notation, way";
    return fr_line_says(line, i, words);
}

/* "The plan of the example:", "For a similar puzzle:", not "The plan in the style of the example:".
 */
static bool is_of_an_example(const struct fr_line *line) {
    static const char others[] = "similar, previous, different, easier, simpler, another, other";
    const struct fr_reader r = {.line = line};
    bool plan = false;
    for (int i = line->first; i < line->n_pieces; i++) {
        if (fr_line_says(line, i, others) && !is_alike(line, i - 3) &&
            fr_line_says(line, i + 1, "puzzle, problem, task, instance, question") &&
            fr_line_holds(line, i - 2, i, "for, of, to, solves, solve") &&
            !fr_line_says(line, i - 3, "similar, unlike"))
            return true;
        const bool example = fr_line_says(line, i, "example");
        const int next = i + 1 + fr_line_says(line, i + 1, "s");
        if (example && (plan || (fr_line_role(line, next) & FR_ROLE_PLAN) != 0))
            return true;
        plan = (plan || (fr_line_role(line, i) & FR_ROLE_PLAN) != 0) &&
               fr_piece_at(&r, i, FR_PIECE_WORD) && !is_alike(line, i);
    }
    return false;
}

/* "Explanation of why other plans fail:" */
static bool tells_why_not(const struct fr_line *line) {
    const unsigned roles = fr_line_roles(line, line->first, line->n_pieces);
    if (line->colon && fr_line_says(line, line->first, "example") &&
        (roles & (FR_ROLE_PLAN | FR_ROLE_FINAL)) == 0)
        return true; /* "Example from before:" */
    return (line->colon || line->heading) && holds(line, "why") && (roles & FR_ROLE_REJECT) != 0 &&
           (roles & FR_ROLE_OTHER) != 0 && (roles & (FR_ROLE_FINAL | FR_ROLE_LAST)) == 0;
}

unsigned fr_heading_roles(const struct fr_line *line) {
    enum { HEADING_WORDS = 4 };
    unsigned roles = 0, last = 0;
    int n_words = 0, from = line->first;
    bool alike = false;
    for (int i = line->first; i < line->n_pieces; i++) {
        const enum fr_piece_kind kind = line->pieces[i].kind;
        if ((kind == FR_PIECE_STOP || kind == FR_PIECE_SEMICOLON) && i + 1 < line->n_pieces) {
            roles = last = 0;
            from = i + 1;
        }
        const unsigned word = fr_line_role(line, i);
        /* "Because we cannot attack a directly, we do the following:" */
        if (kind == FR_PIECE_COMMA && fr_line_says(line, from, "because, since, as"))
            roles &= ~(unsigned)FR_ROLE_REJECT;
        /* "I'm not certain, but the following works:" */
        if (fr_line_says(line, i, "but"))
            roles &= ~(unsigned)FR_ROLE_REJECT;
        alike = alike || is_alike(line, i);
        roles |= alike && fr_line_says(line, i, "example") ? 0 : word;
        last = (word & FR_ROLES_ABOUT) != 0 ? word : last;
        n_words += kind == FR_PIECE_WORD;
    }
    const bool sentence = !line->heading && n_words > HEADING_WORDS;
    const bool unclear = ((roles & FR_ROLE_REJECT) != 0 &&
                          (roles & (FR_ROLE_PLAN | FR_ROLE_FINAL | FR_ROLE_IDEA)) != 0) ||
                         ((roles & FR_ROLE_EXPLAIN) != 0 && (last & FR_ROLE_PLAN) != 0);
    if (is_hypothetical(line) || tells_why_not(line) || is_of_an_example(line))
        return FR_ROLE_REJECT | FR_ROLE_ALONE;
    if (heads_no_plan(line, fr_line_roles(line, line->first, line->n_pieces)))
        return FR_ROLE_REJECT | (roles & ~(unsigned)(FR_ROLE_UNCLEAR | FR_ROLE_PLAN | FR_ROLE_IDEA |
                                                     FR_ROLE_FINAL | FR_ROLE_LAST));
    return roles | (sentence && unclear ? FR_ROLE_UNCLEAR : 0u) |
           (is_alone(line, from) ? FR_ROLE_ALONE : 0u);
}

bool fr_only_looks(const struct fr_line *line) {
    static const char verbs[] = "check, verify, confirm, observe, note, identify";
    return fr_line_says(line, line->first, verbs);
}

unsigned fr_announcement_roles(const struct fr_line *line) {
    unsigned roles = 0;
    for (int i = line->first; i < line->n_pieces; i++) {
        const enum fr_piece_kind kind = line->pieces[i].kind;
        if (kind == FR_PIECE_COLON && (roles & FR_ROLE_PLAN) != 0 && (roles & FR_ROLE_FINAL) != 0)
            return roles;
        roles =
            kind == FR_PIECE_STOP || kind == FR_PIECE_SEMICOLON ? 0 : roles | fr_line_role(line, i);
    }
    return 0;
}

unsigned fr_item_roles(const struct fr_line *line, const struct fr_said *said) {
    enum { TITLE_PIECES = 6 };
    const unsigned roles = fr_heading_roles(line);
    const bool title = said->reading != FR_READING_STEPS && !said->names_action && !line->named &&
                       line->n_pieces - line->first <= TITLE_PIECES;
    const bool section = (roles & (FR_ROLE_PLAN | FR_ROLE_EXPLAIN | FR_ROLE_REJECT)) != 0 ||
                         (roles & (FR_ROLE_OTHER | FR_ROLE_IDEA)) == (FR_ROLE_OTHER | FR_ROLE_IDEA);
    return title && section ? roles : 0;
}
