/* Owns the verbs that people say instead of a domain's actions. A line that begins with one is no
 * step, for what it means nobody checks; but the list that holds it has lost one. The verbs are
 * those of moving things; an action's own word is known in its other forms too.
 *
 * Rejected: to read such a line as the step that it means; "move a onto c" may be two. */
#include "prompts/answer_deed.h"

#include <string.h>

#include "prompts/answer_word.h"

static const struct {
    const char *word;
    enum fr_deed_kind kind;
} verbs[] = {{"take", FR_DEED_TAKES},    {"pick", FR_DEED_TAKES},     {"lift", FR_DEED_TAKES},
             {"remove", FR_DEED_TAKES},  {"grab", FR_DEED_TAKES},     {"grasp", FR_DEED_TAKES},
             {"unstack", FR_DEED_TAKES}, {"raise", FR_DEED_TAKES},    {"fetch", FR_DEED_TAKES},
             {"put", FR_DEED_PUTS},      {"place", FR_DEED_PUTS},     {"set", FR_DEED_PUTS},
             {"lay", FR_DEED_PUTS},      {"drop", FR_DEED_PUTS},      {"release", FR_DEED_PUTS},
             {"lower", FR_DEED_PUTS},    {"stack", FR_DEED_PUTS},     {"deposit", FR_DEED_PUTS},
             {"return", FR_DEED_PUTS},   {"move", FR_DEED_MOVES},     {"shift", FR_DEED_MOVES},
             {"slide", FR_DEED_MOVES},   {"transfer", FR_DEED_MOVES}, {"relocate", FR_DEED_MOVES},
             {"get", FR_DEED_MOVES},     {"bring", FR_DEED_MOVES},    {"carry", FR_DEED_MOVES},
             {"empty", FR_DEED_MOVES},   {"transport", FR_DEED_MOVES}};

static enum fr_deed_kind kind_of(const char *word, size_t n) {
    for (int i = 0; i < FR_COUNT(verbs); i++)
        if (strlen(verbs[i].word) == n && memcmp(verbs[i].word, word, n) == 0)
            return verbs[i].kind;
    return FR_DEED_NONE;
}

enum fr_deed_kind fr_deed_kind_of(const struct fr_lexicon *x, int action) {
    for (int k = 0; k < x->n_phrases; k++)
        for (int i = 0; x->phrases[k].action == action && i < FR_COUNT(verbs); i++)
            if (strncmp(x->phrases[k].letters, verbs[i].word, strlen(verbs[i].word)) == 0)
                return verbs[i].kind;
    return FR_DEED_NONE;
}

/* "overcomes", "overcame" is none, "overcoming", "dropped": a phrase of one word with an ending. */
static bool is_form(const char *letters, const char *word, size_t n) {
    static const char *const endings[] = {"", "s", "es", "d", "ed", "ing"};
    const size_t stem = strlen(letters);
    if (n > stem + 2 && word[stem] == letters[stem - 1] && memcmp(word, letters, stem) == 0 &&
        ((n == stem + 3 && memcmp(word + n - 2, "ed", 2) == 0) ||
         (n == stem + 4 && memcmp(word + n - 3, "ing", 3) == 0)))
        return true;
    for (int i = 0; i < FR_COUNT(endings); i++) {
        const size_t ending = strlen(endings[i]);
        const bool mute = i == FR_COUNT(endings) - 1 && stem > 1 && letters[stem - 1] == 'e';
        for (size_t kept = stem - mute; kept <= stem; kept++)
            if (n == kept + ending && memcmp(word, letters, kept) == 0 &&
                memcmp(word + kept, endings[i], ending) == 0)
                return true;
    }
    return false;
}

/* The action that begins at i, in any form; -1 for none. */
static int action_at(const struct fr_reader *r, int i) {
    size_t n;
    const char *word = fr_word_at(r, i, &n);
    for (int k = 0; word != NULL && k < r->x->n_phrases; k++)
        if (is_form(r->x->phrases[k].letters, word, n) || fr_match_phrase(r, i, k) >= 0)
            return r->x->phrases[k].action;
    return -1;
}

enum fr_deed_kind fr_deed_at(const struct fr_reader *r, int i, int *action) {
    static const struct {
        const char *word;
        enum fr_deed_kind kind;
    } forms[] = {{"taken", FR_DEED_TAKES}, {"took", FR_DEED_TAKES},    {"laid", FR_DEED_PUTS},
                 {"lying", FR_DEED_PUTS},  {"brought", FR_DEED_MOVES}, {"got", FR_DEED_MOVES},
                 {"go", FR_DEED_MOVES},    {"goes", FR_DEED_MOVES},    {"going", FR_DEED_MOVES},
                 {"gone", FR_DEED_MOVES},  {"went", FR_DEED_MOVES}};
    size_t n;
    const char *word = fr_word_at(r, i, &n);
    *action = action_at(r, i);
    if (word == NULL || *action >= 0)
        return word == NULL ? FR_DEED_NONE : fr_deed_kind_of(r->x, *action);
    for (int k = 0; k < FR_COUNT(forms); k++)
        if (strlen(forms[k].word) == n && memcmp(forms[k].word, word, n) == 0)
            return forms[k].kind;
    for (int k = 0; k < FR_COUNT(verbs); k++)
        if (is_form(verbs[k].word, word, n))
            return verbs[k].kind;
    return FR_DEED_NONE;
}

/* The verb of the clause at i: behind signs and words that join, and whoever does it. */
static int find_verb(const struct fr_reader *r, int i, bool *joined) {
    static const char modals[] = "should, must, will, need, have, to, also, would";
    *joined = false;
    for (; i < r->line->n_pieces; i++) {
        const bool word = fr_piece_at(r, i, FR_PIECE_WORD);
        if (word && !fr_line_says(r->line, i, "and, also, please, simply, just") &&
            (fr_line_role(r->line, i) & FR_ROLE_ADVERB) == 0)
            break;
        *joined = *joined || word;
    }
    const int subject = fr_match_subject(r, i);
    if (subject == i && !fr_line_says(r->line, i, "remember"))
        return i;
    i = subject > i ? subject : i + 1;
    if (/* "you can then", else it is a remark */
        fr_line_says(r->line, i, "can, could") &&
        (fr_line_role(r->line, i + 1) & FR_ROLE_ADVERB) != 0)
        i++;
    while (fr_line_says(r->line, i, modals) || (fr_line_role(r->line, i) & FR_ROLE_ADVERB) != 0)
        i++;
    return i;
}

bool fr_tells_a_deed(const struct fr_lexicon *lexicon, const struct fr_line *line, int i) {
    const struct fr_reader r = {.x = lexicon, .line = line};
    bool joined;
    size_t n;
    i = find_verb(&r, i, &joined);
    const char *word = fr_word_at(&r, i, &n);
    return word != NULL && (kind_of(word, n) != FR_DEED_NONE || action_at(&r, i) >= 0);
}

static bool ends_a_clause(const struct fr_line *line, int i) {
    const enum fr_piece_kind kind = line->pieces[i].kind;
    return kind == FR_PIECE_STOP || kind == FR_PIECE_SEMICOLON || kind == FR_PIECE_COMMA ||
           kind == FR_PIECE_COLON || kind == FR_PIECE_DASH || kind == FR_PIECE_ARROW;
}

bool fr_holds_a_deed(const struct fr_lexicon *lexicon, const struct fr_line *line, int i,
                     int *end) {
    const struct fr_reader r = {.x = lexicon, .line = line};
    bool joined;
    for (bool begins = true; i < line->n_pieces; i++) {
        if (begins && fr_tells_a_deed(lexicon, line, i)) {
            if (end != NULL)
                *end = find_verb(&r, i, &joined) + 1;
            return true;
        }
        begins = ends_a_clause(line, i);
    }
    return false;
}

bool fr_adds_a_deed(const struct fr_lexicon *lexicon, const struct fr_line *line, int i,
                    const struct fr_step *step) {
    const struct fr_reader r = {.x = lexicon, .line = line};
    const enum fr_deed_kind own = fr_deed_kind_of(lexicon, step->action);
    bool joined, leaves = false, comes = false;
    size_t n;
    const bool glosses = fr_piece_at(&r, i, FR_PIECE_OPEN) || fr_piece_at(&r, i, FR_PIECE_COLON) ||
                         fr_piece_at(&r, i, FR_PIECE_DASH) || fr_piece_at(&r, i, FR_PIECE_WORD);
    i = find_verb(&r, i, &joined);
    const char *word = fr_word_at(&r, i, &n);
    if (word == NULL)
        return false;
    const int action = action_at(&r, i);
    if (action >= 0)
        return action != step->action;
    const enum fr_deed_kind kind = kind_of(word, n);
    if (kind == FR_DEED_NONE || !glosses || joined)
        return kind != FR_DEED_NONE;
    if (own == FR_DEED_NONE || kind == own)
        return false; /* "feast b from a (take b off a)" is a translation */
    for (int k = i; k < line->n_pieces; k++) {
        leaves = leaves || fr_line_says(line, k, "off, from, away, out");
        comes = comes || fr_line_says(line, k, "to, onto, on, down");
    }
    return kind != FR_DEED_MOVES || (own == FR_DEED_TAKES ? !leaves || comes : own != FR_DEED_PUTS);
}

bool fr_parts_plans(const struct fr_line *line) {
    return line->first < line->n_pieces && line->n_pieces - line->first <= 2 &&
           (fr_line_says(line, line->first, "or") ||
            (fr_line_role(line, line->first) & FR_ROLE_OTHER) != 0);
}

bool fr_holds_pronoun(const struct fr_line *line) {
    for (int i = line->first; i < line->n_pieces; i++)
        if (fr_line_says(line, i, "it, them"))
            return true;
    return false;
}

bool fr_tells_more(const struct fr_lexicon *lexicon, const struct fr_line *line) {
    if (fr_tells_a_deed(lexicon, line, line->first))
        return true;
    for (int i = line->first; i + 1 < line->n_pieces; i++) {
        const enum fr_piece_kind kind = line->pieces[i].kind;
        const bool labelled =
            kind == FR_PIECE_COLON && (fr_line_roles(line, line->first, i) & FR_ROLE_PLAN) != 0;
        if ((labelled || kind == FR_PIECE_STOP ||
             (kind == FR_PIECE_COMMA && fr_holds_pronoun(line))) &&
            fr_tells_a_deed(lexicon, line, i + 1))
            return true;
    }
    return false;
}

bool fr_tells_before(const struct fr_lexicon *lexicon, const struct fr_line *line) {
    int end;
    if (!line->colon || line->hash)
        return false;
    const int last = line->n_pieces - 2;
    if (fr_line_says(line, line->first, "after, once, having") ||
        (last > line->first && fr_line_says(line, last, "then")))
        return true;
    if (!fr_holds_a_deed(lexicon, line, line->first, &end))
        return false;
    for (; end < line->n_pieces; end++)
        if (fr_line_says(line, end, "then") ||
            (line->pieces[end].kind == FR_PIECE_STOP && end + 1 < line->n_pieces))
            return true;
    return false;
}
