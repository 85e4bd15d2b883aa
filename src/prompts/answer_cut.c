/* Owns what an answer's last line says of whether more was to come: a marker without an item, a
 * bracket or a fence that does not close, a separator, the first letters of an action or a name,
 * an end that lines like it do not have. A plan that ends there is not judged; a recording that
 * says so itself is `truncated` (sources/recorded_trace.c). */
#include "prompts/answer_cut.h"

#include <ctype.h>
#include <string.h>

#include "prompts/answer_match.h"
#include "prompts/answer_word.h"

static bool is_blank(const char *text, size_t n, const char *blanks) {
    for (size_t i = 0; i < n; i++)
        if (strchr(blanks, text[i]) == NULL)
            return false;
    return true;
}

/* "-" and nothing else; a rule, "---", is none. */
static bool is_bullet(const char *text, size_t n) {
    int signs = 0;
    for (size_t i = 0; i < n; i++)
        signs += strchr(" \t\r", text[i]) == NULL;
    return signs == 1 && is_blank(text, n, " \t\r-+*");
}

/* The first letters of an action's phrase, not all of them. */
static bool begins_an_action(const struct fr_lexicon *x, const char *word, size_t n) {
    bool begins = false;
    for (int i = 0; i < x->n_phrases; i++) {
        const char *letters = x->phrases[i].letters;
        if (strncmp(letters, word, n) == 0 && letters[n] == '\0')
            return false;
        begins = begins || strncmp(letters, word, n) == 0;
    }
    return begins;
}

/* Brackets of the whole answer, as it is written, that are open at its end. */
static int open_brackets(const struct fr_source *source) {
    int depth = 0;
    for (const char *c = source->n > 0 ? source->lines[0].raw : ""; *c != '\0'; c++)
        depth += (*c == '[' || *c == '{') - (*c == ']' || *c == '}');
    return depth;
}

/* "The hand is", "Next, we", "Then": a sentence does not end so. */
static bool is_open_sentence(const struct fr_line *line) {
    static const char openings[] = "the, an, is, are, to, and, of, we, need, must, will, can, "
                                   "from, onto, should, with, by, then, into, or, that";
    const int last = line->n_pieces - 1;
    return last >= line->first && fr_line_says(line, last, openings);
}

/* Does the answer end without a line's end, as one that was stopped does? */
static bool is_stopped(const struct fr_source *source) {
    const struct fr_source_line *last = source->n > 0 ? &source->lines[source->n - 1] : NULL;
    return last != NULL && last->kind != FR_SOURCE_CLOSE && last->raw[last->n_raw] == '\0' &&
           last->n_raw > 0;
}

static bool is_part(const char *whole, const char *word, size_t n) {
    return strncmp(whole, word, n) == 0 && whole[n] != '\0';
}

/* Are the word's letters the first of what the puzzle names, and no name: "holding r"? */
static bool begins_a_name(const struct fr_reader *r, int i) {
    size_t n;
    const char *word = fr_word_at(r, i, &n);
    const struct fr_lexicon *x = r->x;
    int object = -1;
    bool begins = false;
    if (word == NULL || fr_match_name(r, i, &object) != -1 || fr_match_noun(r, i) >= 0 ||
        fr_names_a_fact(r, i) || fr_names_an_action(r, i, i + 1))
        return false;
    for (int k = 0; k < x->n_names; k++)
        begins = begins || is_part(x->names[k].word, word, n);
    for (int k = 0; k < x->n_nouns; k++)
        begins = begins || is_part(x->nouns[k], word, n);
    for (int k = 0; k < x->n_places; k++)
        begins = begins || is_part(x->places[k], word, n);
    for (int k = 0; k < x->n_facts; k++)
        begins = begins || is_part(x->facts[k], word, n);
    return begins;
}

static bool holds_noun(const struct fr_reader *r) {
    for (int i = r->line->first; i < r->line->n_pieces; i++)
        if (fr_match_noun(r, i) >= 0)
            return true;
    return false;
}

/* The last line before line i that has words. */
static int find_words(const struct fr_source *source, int i, struct fr_line *line) {
    const char *all = fr_text_get(&source->text);
    while (--i >= 0) {
        fr_line_read(line, all + source->lines[i].start, source->lines[i].n);
        if (line->n_pieces > line->first)
            return i;
    }
    return -1;
}

/* Stops line i, the last, where lines as it do not: "3. Pick up the red" below "2. Put down the
 * blue block", "This restores" below sentences that end? */
static bool stops_short(const struct fr_source *source, const struct fr_lexicon *x,
                        const struct fr_line *last, int i) {
    enum { FEW = 2 };
    struct fr_line before = {0};
    const struct fr_reader r = {.x = x, .line = last}, b = {.x = x, .line = &before};
    const int end = last->n_pieces - 1;
    size_t n;
    const char *word = fr_word_at(&r, end, &n), *article = fr_word_at(&r, end - 1, &n);
    bool stops = false;
    if (word == NULL || !is_stopped(source))
        return false;
    if (begins_a_name(&r, end))
        return true;
    if (article != NULL && fr_is_article(article, n) && !holds_noun(&r))
        stops = find_words(source, i, &before) >= 0 && holds_noun(&b);
    if (last->marker == FR_MARKER_NONE && !last->heading && end >= last->first + 1 &&
        !fr_names_an_action(&r, last->first, end + 1)) {
        while ((i = find_words(source, i, &before)) >= 0 &&
               (before.marker != FR_MARKER_NONE || before.heading || before.colon ||
                before.n_pieces - before.first <= FEW))
            ;
        stops = stops || (i >= 0 && before.pieces[before.n_pieces - 1].kind == FR_PIECE_STOP);
    }
    fr_line_release(&before);
    return stops;
}

/* Fences of the whole answer, as it is written, are odd in number. */
static bool in_open_fence(const struct fr_source *source) {
    static const char fence[] = "```";
    bool open = false;
    const char *c = source->n > 0 ? source->lines[0].raw : "";
    for (; (c = strstr(c, fence)) != NULL; c += strspn(c, "`"))
        open = !open;
    return open;
}

/* "Let me try again:", "## Phase 2: build the tower", with nothing behind. */
static bool introduces_more(const struct fr_reader *r) {
    const struct fr_line *line = r->line;
    const unsigned roles = fr_line_roles(line, line->first, line->n_pieces);
    if ((roles & FR_ROLE_EXPLAIN) != 0)
        return false;
    return (line->colon &&
            (roles & (FR_ROLE_OTHER | FR_ROLE_IDEA | FR_ROLE_PLAN | FR_ROLE_PHASE)) != 0) ||
           (line->phase && line->heading && !fr_names_an_action(r, line->first, line->n_pieces));
}

/* "**Phase 2: build the new": bold letters that do not end. */
static bool is_open_bold(const struct fr_source_line *line) {
    const char *c = line->raw, *end = c + line->n_raw;
    int n = 0;
    while (c < end && strchr(" \t#->", *c) != NULL)
        c++;
    if (end - c < 3 || memcmp(c, "**", 2) != 0 || c[2] == ' ')
        return false;
    for (; (c = memmem(c, (size_t)(end - c), "**", 2)) != NULL; c += 2)
        n++;
    return n == 1;
}

/* "Now we need to make b crave a", the last of an answer. */
static bool needs_more(const struct fr_reader *r) {
    int i = r->line->first;
    if (!fr_line_says(r->line, i, "now, next, then"))
        return false;
    i += 1 + fr_piece_at(r, i + 1, FR_PIECE_COMMA);
    const int subject = fr_match_subject(r, i);
    return subject > i && fr_line_says(r->line, subject, "need, must, should, have");
}

static bool breaks_off(const struct fr_source *source, const struct fr_lexicon *x,
                       const struct fr_line *line) {
    const int n = line->n_pieces, n_words = n - line->first;
    int depth = 0, commas = 0;
    if (n_words <= 0)
        return line->marker == FR_MARKER_NUMBER;
    for (int i = line->first; i < n; i++) {
        const enum fr_piece_kind kind = line->pieces[i].kind;
        depth += (kind == FR_PIECE_OPEN) - (kind == FR_PIECE_CLOSE && depth > 0);
        commas += kind == FR_PIECE_COMMA;
    }
    const struct fr_piece *last = &line->pieces[n - 1];
    const struct fr_reader r = {.x = x, .line = line};
    if (is_open_sentence(line) || (line->colon && line->marker == FR_MARKER_BULLET) ||
        introduces_more(&r) || needs_more(&r))
        return true;
    /* A remark that breaks off behind the plan leaves it whole. */
    const bool step = n_words <= 2 || line->pieces[line->first].kind == FR_PIECE_OPEN ||
                      fr_names_an_action(&r, line->first, n);
    if (depth > 0 || last->kind == FR_PIECE_ARROW || open_brackets(source) > 0)
        return step;
    if (last->kind == FR_PIECE_COMMA)
        return step && (commas > 1 || open_brackets(source) > 0);
    if (last->kind != FR_PIECE_WORD || n_words > 1)
        return false;
    return begins_an_action(x, line->text.data + last->start, (size_t)last->n) ||
           (line->marker == FR_MARKER_NONE && (last->roles & FR_ROLE_COUNTED) != 0);
}

void fr_answer_cut(const struct fr_source *source, const struct fr_lexicon *lexicon, int *line,
                   int *before) {
    struct fr_line last = {0};
    const char *all = fr_text_get(&source->text);
    int i = source->n - 1;
    *line = *before = 0;
    while (i >= 0 && source->lines[i].kind == FR_SOURCE_LINE &&
           is_blank(all + source->lines[i].start, source->lines[i].n, " \t\r"))
        i--;
    if (i < 0 ||
        (source->lines[i].kind != FR_SOURCE_LINE && source->lines[i].kind != FR_SOURCE_ROW))
        return;
    struct fr_text words = {0};
    for (size_t k = 0; k < source->lines[i].n; k++) {
        const char *c = all + source->lines[i].start + k;
        fr_text_append(&words, *c == '|' ? " " : c, 1);
    }
    fr_line_read(&last, fr_text_get(&words), words.len);
    if (is_bullet(fr_text_get(&words), words.len) || breaks_off(source, lexicon, &last) ||
        stops_short(source, lexicon, &last, i) || in_open_fence(source) ||
        is_open_bold(&source->lines[i])) {
        *line = source->lines[i].number;
        while (--i >= 0 && is_blank(all + source->lines[i].start, source->lines[i].n, " \t\r"))
            ;
        *before = i >= 0 ? source->lines[i].number : 0;
    }
    fr_text_release(&words);
    fr_line_release(&last);
}
