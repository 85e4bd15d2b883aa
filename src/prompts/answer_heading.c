/* Owns what the words of a heading or an introduction say together of what follows. */
#include "prompts/answer_heading.h"

#include <ctype.h>

#include "prompts/answer_match.h"
#include "prompts/answer_word.h"

/* Are all words from a piece on, but articles and numbers, such as speak of plans alone: "Corrected
 * steps:", "My first attempt", "Option 2"? */
static bool is_alone(const struct fr_line *line, int from) {
    static const char *const fillers[] = {"a", "an", "the", "my", "our", "this", "is"};
    const unsigned of_plans = FR_ROLE_FINAL | FR_ROLE_LAST | FR_ROLE_OTHER | FR_ROLE_REJECT |
                              FR_ROLE_PLAN | FR_ROLE_LABEL | FR_ROLE_IDEA;
    bool any = false;
    for (int i = from; i < line->n_pieces; i++) {
        const struct fr_piece *piece = &line->pieces[i];
        bool filler = piece->kind != FR_PIECE_WORD || /* a line of signs alone has no text */
                      isdigit((unsigned char)line->text.data[piece->start]);
        for (int k = 0; k < FR_COUNT(fillers); k++)
            filler = filler || fr_line_is_word(line, i, fillers[k]);
        if (!filler && !(any && piece->n == 1) &&
            ((piece->roles & of_plans) == 0 || (piece->roles & FR_ROLE_COUNTED) != 0))
            return false;
        any = any || (!filler && (piece->roles & FR_ROLE_ADVERB) == 0 &&
                      (piece->roles & of_plans & ~(unsigned)FR_ROLE_LABEL) != 0);
    }
    return any;
}

static bool is_reason(const struct fr_line *line, int i) {
    static const char *const words[] = {"because", "since", "as"};
    for (int k = 0; k < FR_COUNT(words); k++)
        if (fr_line_is_word(line, i, words[k]))
            return true;
    return false;
}

static bool holds_word(const struct fr_line *line, const char *const *words, int n) {
    for (int i = line->first; i < line->n_pieces; i++)
        for (int k = 0; k < n; k++)
            if (fr_line_is_word(line, i, words[k]))
                return true;
    return false;
}

/* Heads it what may be done, or was, or what is no whole plan: "Legal moves:", "Some ideas:", "The
 * first three steps:", "To undo the solution:"? */
static bool heads_no_plan(const struct fr_line *line, unsigned roles) {
    static const char *const choices[] = {"possible", "applicable", "legal",      "available",
                                          "relevant", "useful",     "considered", "candidate",
                                          "allowed",  "permitted",  "potential",  "m\xC3\xB6gliche",
                                          "change",   "opponent",   "needs",      "executable",
                                          "options",  "think",      "posibles",   "possibles"};
    static const char *const others[] = {"ideas",    "options", "history",   "undo",
                                         "disagree", "portion", "beginning", "preconditions",
                                         "don",      "halfway"};
    static const char *const halves[] = {"half", "beginning", "opening"};
    static const char *const numbers[] = {"two", "three", "four", "five", "few", "couple"};
    const bool moves = (roles & (FR_ROLE_LABEL | FR_ROLE_COUNTED)) != 0;
    const bool plan = (roles & (FR_ROLE_PLAN | FR_ROLE_FINAL | FR_ROLE_LAST)) != 0;
    for (int i = line->first; i < line->n_pieces; i++)
        if ((fr_line_is_word(line, i, "one") && fr_line_is_word(line, i + 1, "of")) ||
            (fr_line_is_word(line, i, "to") && fr_line_is_word(line, i + 1, "mind")) ||
            (fr_line_is_word(line, i, "so") && fr_line_is_word(line, i + 1, "far")) ||
            (fr_line_is_word(line, i, "same") && fr_line_is_word(line, i + 1, "time")))
            return true;
    const bool undoes = holds_word(line, others, FR_COUNT(others));
    if (moves && !plan && holds_word(line, choices, FR_COUNT(choices)))
        return true;
    if (undoes && (line->colon || line->heading))
        return true;
    if (plan && holds_word(line, halves, FR_COUNT(halves)) && (roles & FR_ROLE_EARLY) != 0)
        return true;
    for (int i = line->first; moves && i + 1 < line->n_pieces; i++)
        for (int k = 0; k < FR_COUNT(numbers); k++)
            if (fr_line_is_word(line, i, "first") && fr_line_is_word(line, i + 1, numbers[k]))
                return true;
    return false;
}

/* "If a were clear, the plan would be:": what heads it supposes what is not so. */
static bool is_hypothetical(const struct fr_line *line) {
    static const char *const supposing[] = {"if",      "suppose", "supposing", "assuming",
                                            "without", "were",    "had"};
    static const char *const unreal[] = {"would", "were", "could", "had", "weren", "wasn", "might"};
    static const char *const when[] = {"if", "when", "unless"};
    static const char *const worlds[] = {"suppose", "supposing", "imagine", "pretend"};
    static const char *const assumed[] = {"assume",      "assumes",      "assuming",
                                          "presupposes", "presupposing", "provided"};
    static const char *const others[] = {"naive",  "naively",  "someone", "people",
                                         "person", "beginner", "tempting"};
    const struct fr_reader r = {.line = line};
    int moods = 0, from = line->first;
    for (int i = from; i + 1 < line->n_pieces; i++)
        if (line->pieces[i].kind == FR_PIECE_STOP) {
            if (fr_word_in(&r, from, worlds, FR_COUNT(worlds)))
                return line->colon; /* "Suppose a were clear. Then:" */
            from = i + 1;
        }
    if (holds_word(line, assumed, FR_COUNT(assumed)) &&
        ((fr_line_roles(line, from, line->n_pieces) & FR_ROLE_NOT) != 0 ||
         holds_word(line, (const char *const[]){"nothing"}, 1)))
        return line->colon; /* "It assumes that a does not crave b:" */
    for (int i = from; i < line->n_pieces; i++)
        if ((fr_line_is_word(line, i, "ideal") && fr_line_is_word(line, i + 1, "world")) ||
            (fr_line_is_word(line, i, "of") && fr_line_is_word(line, i + 1, "argument")) ||
            (fr_line_is_word(line, i, "works") && fr_word_in(&r, i + 1, when, FR_COUNT(when))))
            return line->colon;
    for (int i = from; i < line->n_pieces; i++)
        moods += fr_word_in(&r, i, unreal, FR_COUNT(unreal)) ||
                 (fr_line_is_word(line, i, "d") && i > from && fr_match_subject(&r, i - 1) == i);
    return (line->colon || line->heading) &&
           ((moods > 0 && holds_word(line, supposing, FR_COUNT(supposing) - 2)) ||
            (moods > 0 && holds_word(line, others, FR_COUNT(others))) ||
            (moods > 1 && holds_word(line, &supposing[FR_COUNT(supposing) - 2], 2)));
}

/* "in the style of" what is no plan itself */
static bool is_alike(const struct fr_line *line, int i) {
    static const char *const words[] = {"like", "as", "style", "format", "form", "notation", "way"};
    const struct fr_reader r = {.line = line};
    return fr_word_in(&r, i, words, FR_COUNT(words));
}

/* "The plan of the example:", not "The plan in the style of the example:". */
static bool is_of_an_example(const struct fr_line *line) {
    const struct fr_reader r = {.line = line};
    bool plan = false;
    for (int i = line->first; i < line->n_pieces; i++) {
        const bool example = fr_line_is_word(line, i, "example");
        const int next = i + 1 + fr_line_is_word(line, i + 1, "s");
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
    if (line->colon && fr_line_is_word(line, line->first, "example") &&
        (roles & (FR_ROLE_PLAN | FR_ROLE_FINAL)) == 0)
        return true; /* "Example from before:" */
    return (line->colon || line->heading) && holds_word(line, (const char *const[]){"why"}, 1) &&
           (roles & FR_ROLE_REJECT) != 0 && (roles & FR_ROLE_OTHER) != 0 &&
           (roles & (FR_ROLE_FINAL | FR_ROLE_LAST)) == 0;
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
        if (kind == FR_PIECE_COMMA && is_reason(line, from))
            roles &= ~(unsigned)FR_ROLE_REJECT;
        /* "I'm not certain, but the following works:" */
        if (fr_line_is_word(line, i, "but"))
            roles &= ~(unsigned)FR_ROLE_REJECT;
        alike = alike || is_alike(line, i);
        roles |= alike && fr_line_is_word(line, i, "example") ? 0 : word;
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
    static const char *const verbs[] = {"check",   "verify", "confirm",
                                        "observe", "note",   "identify"};
    for (int k = 0; k < FR_COUNT(verbs); k++)
        if (fr_line_is_word(line, line->first, verbs[k]))
            return true;
    return false;
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
