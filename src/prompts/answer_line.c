/* Owns the split of an answer into lines, and of a line into its marker (a list's number or
 * bullet) and pieces. Markdown's emphasis, quotes and code marks are dropped, Unicode's hyphens,
 * spaces, dashes and arrows are brought to one form each.
 *
 * Rejected: a markdown parser; models write markdown loosely, and a list that a renderer would
 * join or split must be judged by its lines. */
#include "prompts/answer_line.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void fr_line_release(struct fr_line *line) {
    fr_text_release(&line->text);
    fr_text_release(&line->original);
}

/* One code point; a byte that is no UTF-8 stands for itself. */
static uint32_t take_point(const char **at, const char *end) {
    const unsigned char *p = (const unsigned char *)*at;
    const int n = *p < 0xC0 ? 1 : *p < 0xE0 ? 2 : *p < 0xF0 ? 3 : 4;
    uint32_t point = n == 1 ? *p : *p & (0x7Fu >> n);
    for (int i = 1; i < n; i++) {
        if ((const char *)p + i >= end || (p[i] & 0xC0) != 0x80) {
            *at += 1;
            return *p;
        }
        point = point << 6 | (p[i] & 0x3F);
    }
    *at += n;
    return point;
}

static bool is_space(uint32_t c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f' || c == 0xA0 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x3000;
}

/* Seen by nobody: zero-width marks, and what chooses an emoji's shape. */
static bool is_nothing(uint32_t c) {
    return (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0xFEFF ||
           (c >= 0xFE00 && c <= 0xFE0F);
}

/* Emphasis, code and quotation marks say nothing about a step. */
static bool is_decoration(uint32_t c) {
    return c == '*' || c == '`' || c == '"' || c == '\'' || c == '~' || c == '$' || c == '\\' ||
           (c >= 0x2018 && c <= 0x201F) || c == 0xAB || c == 0xBB;
}

static bool is_letter(uint32_t c) {
    return c < 0x80
               ? isalnum((int)c) != 0
               : (c >= 0xC0 && c < 0x2000 && c != 0xD7 && c != 0xF7) || (c >= 0x3040 && c < 0xE000);
}

static bool is_arrow(uint32_t c) {
    return (c >= 0x2190 && c <= 0x21FF) || (c >= 0x27F0 && c <= 0x27FF) ||
           (c >= 0x2900 && c <= 0x297F) || (c >= 0x2794 && c <= 0x27BE);
}

static enum fr_piece_kind sign_kind(uint32_t c) {
    switch (c) {
    case '(':
    case '[':
        return FR_PIECE_OPEN;
    case ')':
    case ']':
        return FR_PIECE_CLOSE;
    case ',':
        return FR_PIECE_COMMA;
    case ':':
        return FR_PIECE_COLON;
    case ';':
        return FR_PIECE_SEMICOLON;
    case '.':
        return FR_PIECE_STOP;
    default:
        return FR_PIECE_SYMBOL;
    }
}

static void add_piece(struct fr_line *line, enum fr_piece_kind kind, size_t start) {
    if (line->n_pieces < FR_MAX_PIECES)
        line->pieces[line->n_pieces++] =
            (struct fr_piece){kind, (int)start, (int)(line->text.len - start)};
}

static void add_byte(struct fr_line *line, char c) {
    const char lower = (char)tolower((unsigned char)c);
    fr_text_append(&line->text, &lower, 1);
    fr_text_append(&line->original, &c, 1);
}

static bool is_hyphen(uint32_t c) { return c == '-' || c == 0x2010 || c == 0x2011 || c == 0x2212; }

/* A word from at on: letters, and hyphens or underscores that stand between letters. */
static const char *take_word(struct fr_line *line, const char *at, const char *end) {
    const size_t start = line->text.len;
    while (at < end) {
        const char *next = at;
        const uint32_t c = take_point(&next, end);
        if (is_letter(c)) {
            for (const char *p = at; p < next; p++)
                add_byte(line, *p);
        } else if (is_hyphen(c) || c == '_') {
            const char *after = next;
            if (next >= end || !is_letter(take_point(&after, end)))
                break;
            add_byte(line, c == '_' ? '_' : '-');
        } else if (!is_nothing(c)) {
            break;
        }
        at = next;
    }
    add_piece(line, FR_PIECE_WORD, start);
    return at;
}

static void split(struct fr_line *line, const char *at, const char *end) {
    while (at < end && line->n_pieces < FR_MAX_PIECES) {
        const char *next = at;
        const uint32_t c = take_point(&next, end);
        if (is_letter(c)) {
            at = take_word(line, at, end);
            continue;
        }
        const size_t start = line->text.len;
        if ((c == '-' || c == '=') && next < end && *next == '>') {
            add_piece(line, FR_PIECE_ARROW, start);
            next++;
        } else if (is_arrow(c)) {
            add_piece(line, FR_PIECE_ARROW, start);
        } else if (is_hyphen(c) || (c >= 0x2012 && c <= 0x2015)) {
            add_piece(line, FR_PIECE_DASH, start);
        } else if (!is_space(c) && !is_nothing(c) && !is_decoration(c) && c != '_') {
            add_piece(line, sign_kind(c), start);
        }
        at = next;
    }
}

/* ---- markers --------------------------------------------------------------------------------- */

static bool word_is(const struct fr_line *line, int i, const char *word) {
    const struct fr_piece *piece = &line->pieces[i];
    return i < line->n_pieces && piece->kind == FR_PIECE_WORD && (size_t)piece->n == strlen(word) &&
           memcmp(line->text.data + piece->start, word, (size_t)piece->n) == 0;
}

/* The number that piece i is, or -1. */
static int number_at(const struct fr_line *line, int i) {
    if (i >= line->n_pieces || line->pieces[i].kind != FR_PIECE_WORD || line->pieces[i].n > 4)
        return -1;
    int value = 0;
    for (int k = 0; k < line->pieces[i].n; k++) {
        const char c = line->text.data[line->pieces[i].start + k];
        if (c < '0' || c > '9')
            return -1;
        value = 10 * value + (c - '0');
    }
    return value;
}

static bool kind_at(const struct fr_line *line, int i, enum fr_piece_kind kind) {
    return i < line->n_pieces && line->pieces[i].kind == kind;
}

/* "1.", "1)", "(1)", "1:", "Step 1:", "1 -", or a number before a word ("1 feast a b"). */
static void take_number(struct fr_line *line) {
    int i = line->first;
    const bool named = word_is(line, i, "step") || word_is(line, i, "action");
    const bool bracketed = kind_at(line, i, FR_PIECE_OPEN);
    i += named || bracketed;
    const int number = number_at(line, i);
    if (number < 0)
        return;
    i++;
    if (bracketed && !kind_at(line, i, FR_PIECE_CLOSE))
        return;
    const int behind = i;
    while (kind_at(line, i, FR_PIECE_STOP) || kind_at(line, i, FR_PIECE_CLOSE) ||
           kind_at(line, i, FR_PIECE_COLON) || kind_at(line, i, FR_PIECE_DASH) ||
           kind_at(line, i, FR_PIECE_ARROW) || kind_at(line, i, FR_PIECE_SYMBOL))
        i++;
    line->marker = FR_MARKER_NUMBER;
    line->item = number;
    line->loose = i == behind && !named;
    line->first = i;
}

static void take_marker(struct fr_line *line, const char *at, const char *end) {
    const bool sign = at < end && strchr("-*+", *at) != NULL;
    if (sign && (at + 1 == end || at[1] == ' ' || at[1] == '\t')) {
        line->marker = FR_MARKER_BULLET;
        line->bullet = *at;
    }
    while (kind_at(line, line->first, FR_PIECE_DASH) ||
           kind_at(line, line->first, FR_PIECE_ARROW) ||
           kind_at(line, line->first, FR_PIECE_SYMBOL)) {
        if (line->marker == FR_MARKER_NONE && !line->heading) {
            line->marker = FR_MARKER_BULLET;
            line->bullet = 'o';
        }
        line->first++;
    }
    take_number(line);
}

bool fr_line_next(struct fr_line *line, const char **at) {
    const char *raw = *at;
    if (*raw == '\0')
        return false;
    const size_t n = strcspn(raw, "\n");
    *at = raw + n + (raw[n] == '\n');
    struct fr_text text = line->text, original = line->original;
    const int number = line->number + 1;
    fr_text_clear(&text);
    fr_text_clear(&original);
    /* Not the pieces: they are many and written before they are read. */
    line->raw = raw;
    line->n_raw = n;
    line->number = number;
    line->blank = line->fence = line->heading = line->colon = line->loose = false;
    line->indent = line->item = line->first = line->n_pieces = 0;
    line->marker = FR_MARKER_NONE;
    line->bullet = 0;
    line->text = text;
    line->original = original;

    const char *end = raw + n, *p = raw;
    for (; p < end && (*p == ' ' || *p == '\t' || *p == '>'); p++)
        line->indent += *p == '\t' ? 4 : 1;
    const char *body = p;
    for (; p < end && (*p == '#' || (line->heading && *p == ' ')); p++)
        line->heading = true;
    line->fence = end - p >= 3 && (memcmp(p, "```", 3) == 0 || memcmp(p, "~~~", 3) == 0);
    split(line, p, end);
    const char *last = end;
    while (last > body && (is_space((unsigned char)last[-1])))
        last--;
    /* A line that is bold from end to end is a heading where it is no step. */
    if (last - body > 4 && memcmp(body, "**", 2) == 0 && memcmp(last - 2, "**", 2) == 0)
        line->heading = true;
    take_marker(line, body, end);
    line->colon = line->n_pieces > line->first && kind_at(line, line->n_pieces - 1, FR_PIECE_COLON);
    line->blank = line->first >= line->n_pieces;
    return true;
}
