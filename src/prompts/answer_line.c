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

#include "prompts/answer_word.h"

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
           c == '{' || c == '}' || (c >= 0x2018 && c <= 0x201F) || c == 0xAB || c == 0xBB;
}

/* Scripts that are written without blanks: a word of theirs ends where another script begins. */
static bool is_ideograph(uint32_t c) { return c >= 0x3040 && c < 0xE000; }

static bool is_letter(uint32_t c) {
    return c < 0x80 ? isalnum((int)c) != 0
                    : (c >= 0xC0 && c < 0x2000 && c != 0xD7 && c != 0xF7) || is_ideograph(c);
}

static bool is_arrow(uint32_t c) {
    return (c >= 0x2190 && c <= 0x21FF) || (c >= 0x27F0 && c <= 0x27FF) ||
           (c >= 0x2900 && c <= 0x297F) || (c >= 0x2794 && c <= 0x27BE);
}

static enum fr_piece_kind sign_kind(uint32_t c) {
    switch (c) {
    case '(':
    case '[':
    case 0xFF08:
    case 0x3010:
        return FR_PIECE_OPEN;
    case ')':
    case ']':
    case 0xFF09:
    case 0x3011:
        return FR_PIECE_CLOSE;
    case ',':
    case 0xFF0C:
        return FR_PIECE_COMMA;
    case ':':
    case '=':
    case 0xFF1A:
        return FR_PIECE_COLON;
    case ';':
    case 0xFF1B:
    case 0x3001: /* the comma of lists, behind numbers too */
        return FR_PIECE_SEMICOLON;
    case '.':
    case 0x3002:
        return FR_PIECE_STOP;
    case '/':
        return FR_PIECE_SLASH;
    default:
        return FR_PIECE_SYMBOL;
    }
}

static void add_piece(struct fr_line *line, enum fr_piece_kind kind, size_t start) {
    if (line->n_pieces < FR_MAX_PIECES)
        line->pieces[line->n_pieces++] =
            (struct fr_piece){kind, (int)start, (int)(line->text.len - start), 0};
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
    const char *first = at;
    const bool ideographs = is_ideograph(take_point(&first, end));
    while (at < end) {
        const char *next = at;
        const uint32_t c = take_point(&next, end);
        if (is_letter(c) && is_ideograph(c) != ideographs)
            break;
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
    line->pieces[line->n_pieces - 1].roles =
        fr_word_roles(line->original.data + start, line->text.len - start);
    return at;
}

/* "can't", "isn't" */
static void take_negation(struct fr_line *line, bool behind_apostrophe) {
    const int i = line->n_pieces - 1;
    const struct fr_piece *word = &line->pieces[i];
    const char *text = line->text.data;
    if (behind_apostrophe && i > 0 && word->n == 1 && text[word->start] == 't' &&
        word[-1].kind == FR_PIECE_WORD && text[word[-1].start + word[-1].n - 1] == 'n')
        line->pieces[i].roles |= FR_ROLE_NOT;
}

static void split(struct fr_line *line, const char *at, const char *end) {
    const char *apostrophe = NULL; /* behind it */
    while (at < end && line->n_pieces < FR_MAX_PIECES) {
        const char *next = at;
        const uint32_t c = take_point(&next, end);
        if (is_letter(c)) {
            const bool behind_apostrophe = apostrophe == at;
            at = take_word(line, at, end);
            take_negation(line, behind_apostrophe);
            continue;
        }
        apostrophe = c == '\'' || c == 0x2019 ? next : NULL;
        const size_t start = line->text.len;
        if ((c == '-' || c == '=') && next < end && *next == '>') {
            add_piece(line, FR_PIECE_ARROW, start);
            next++;
        } else if (is_arrow(c)) {
            add_piece(line, FR_PIECE_ARROW, start);
        } else if (c == '/' && next < end && *next == '/') {
            add_piece(line, FR_PIECE_DASH, start);
            next++;
        } else if (is_hyphen(c) || (c >= 0x2012 && c <= 0x2015)) {
            add_piece(line, FR_PIECE_DASH, start);
        } else if (!is_space(c) && !is_nothing(c) && !is_decoration(c) && c != '_') {
            add_piece(line, sign_kind(c), start);
        }
        at = next;
    }
}

/* ---- markers --------------------------------------------------------------------------------- */

static bool kind_at(const struct fr_line *line, int i, enum fr_piece_kind kind) {
    return i < line->n_pieces && line->pieces[i].kind == kind;
}

static const char *word_at(const struct fr_line *line, int i, int *n) {
    *n = kind_at(line, i, FR_PIECE_WORD) ? line->pieces[i].n : 0;
    return *n > 0 ? line->text.data + line->pieces[i].start : NULL;
}

unsigned fr_line_role(const struct fr_line *line, int i) {
    return kind_at(line, i, FR_PIECE_WORD) ? line->pieces[i].roles : 0;
}

/* Are the words of phrase[0..n), between blanks, those from piece i on? */
static bool is_phrase(const struct fr_line *line, int i, const char *phrase, size_t n) {
    for (size_t at = 0, length; at < n; at += length + 1, i++) {
        const char *blank = memchr(phrase + at, ' ', n - at);
        int n_word;
        const char *word = word_at(line, i, &n_word);
        length = blank != NULL ? (size_t)(blank - phrase) - at : n - at;
        if (word == NULL || (size_t)n_word != length || memcmp(word, phrase + at, length) != 0)
            return false;
    }
    return true;
}

bool fr_line_says(const struct fr_line *line, int i, const char *phrases) {
    if (i < 0 || !kind_at(line, i, FR_PIECE_WORD))
        return false;
    for (const char *p = phrases; *p != '\0';) {
        const size_t n = (size_t)(strchrnul(p, ',') - p);
        if (n > 0 && is_phrase(line, i, p, n))
            return true;
        p += n + strspn(p + n, ", ");
    }
    return false;
}

bool fr_line_holds(const struct fr_line *line, int from, int to, const char *phrases) {
    while (from < to && !fr_line_says(line, from, phrases))
        from++;
    return from < to;
}

int fr_line_number(const struct fr_line *line, int i) {
    int n;
    const char *word = word_at(line, i, &n);
    return word != NULL && isdigit((unsigned char)*word) ? (int)strtol(word, NULL, 10) : -1;
}

bool fr_line_has_no_word(const struct fr_line *line) {
    for (int i = line->first; i < line->n_pieces; i++)
        if (line->pieces[i].kind == FR_PIECE_WORD)
            return false;
    return true;
}

unsigned fr_line_roles(const struct fr_line *line, int from, int to) {
    unsigned roles = 0;
    for (int i = from; i < to; i++)
        roles |= fr_line_role(line, i);
    return roles;
}

static bool is_sign(const struct fr_line *line, int i) {
    return i < line->n_pieces && !kind_at(line, i, FR_PIECE_WORD) &&
           !kind_at(line, i, FR_PIECE_OPEN);
}

/* The number that piece i is, with a letter behind it or none; or -1. */
static int number_at(const struct fr_line *line, int i, int *letter) {
    int n, k = 0, value = 0;
    const char *word = word_at(line, i, &n);
    *letter = 0;
    if (word == NULL)
        return -1;
    for (; k < n && k < 4 && isdigit((unsigned char)word[k]); k++)
        value = 10 * value + (word[k] - '0');
    /* "1st:" */
    const bool ordinal = k > 0 && k == n - 2 && is_sign(line, i + 1) &&
                         (memcmp(word + k, "st", 2) == 0 || memcmp(word + k, "nd", 2) == 0 ||
                          memcmp(word + k, "rd", 2) == 0 || memcmp(word + k, "th", 2) == 0);
    if (ordinal)
        return value;
    if (k > 0 && k == n - 1 && word[k] >= 'a' && word[k] <= 'h')
        *letter = word[k++] - 'a' + 1;
    return k > 0 && k == n ? value : -1;
}

static int roman(const char *word, int n) {
    static const char *const numerals[] = {"i",   "ii",   "iii", "iv", "v",  "vi",
                                           "vii", "viii", "ix",  "x",  "xi", "xii"};
    for (int i = 0; i < (int)(sizeof numerals / sizeof *numerals); i++)
        if ((int)strlen(numerals[i]) == n && memcmp(numerals[i], word, (size_t)n) == 0)
            return i + 1;
    return -1;
}

/* The number of "Phase B", "Phase II", "Stage two", at piece i; or -1. */
static int phase_at(const struct fr_line *line, int i) {
    static const char *const words[] = {"one", "two", "three", "four", "five", "six"};
    int n;
    const char *word = word_at(line, i, &n);
    if (word == NULL || (i + 1 < line->n_pieces && !is_sign(line, i + 1)))
        return -1;
    for (int k = 0; k < (int)(sizeof words / sizeof *words); k++)
        if ((int)strlen(words[k]) == n && memcmp(words[k], word, (size_t)n) == 0)
            return k + 1;
    const int numeral = roman(word, n);
    return numeral > 0 ? numeral : n == 1 && *word >= 'a' && *word <= 'h' ? *word - 'a' + 1 : -1;
}

/* Parts "Step1", "Step-1", "step_1" and "S1:" into the word and the number. */
static void part_number(struct fr_line *line, int i) {
    int n, k;
    const char *word = word_at(line, i, &n);
    for (k = n; k > 0 && isdigit((unsigned char)word[k - 1]); k--)
        ;
    const int number = k, end = k > 0 && (word[k - 1] == '-' || word[k - 1] == '_') ? k - 1 : k;
    if (number == n || end <= 0 || line->n_pieces == FR_MAX_PIECES)
        return;
    const bool letter =
        end == 1 && (*word == 's' || *word == 't') && kind_at(line, i + 1, FR_PIECE_COLON);
    const unsigned roles =
        letter ? FR_ROLE_LABEL | FR_ROLE_COUNTED : fr_word_roles(word, (size_t)end);
    if ((roles & FR_ROLE_COUNTED) == 0)
        return;
    memmove(&line->pieces[i + 1], &line->pieces[i],
            (size_t)(line->n_pieces - i) * sizeof *line->pieces);
    line->n_pieces++;
    line->pieces[i].n = end;
    line->pieces[i].roles = roles;
    line->pieces[i + 1].start += number;
    line->pieces[i + 1].n = n - number;
    line->pieces[i + 1].roles = 0;
}

/* The number of a step in Chinese, "di yi bu" or "buzhou yi" in its signs, at piece i; or -1. */
static int chinese_at(const struct fr_line *line, int i) {
    static const char *const digits[] = {"\xE4\xB8\x80", "\xE4\xBA\x8C", "\xE4\xB8\x89",
                                         "\xE5\x9B\x9B", "\xE4\xBA\x94", "\xE5\x85\xAD",
                                         "\xE4\xB8\x83", "\xE5\x85\xAB", "\xE4\xB9\x9D"};
    static const char *const dress[][2] = {{"\xE7\xAC\xAC", "\xE6\xAD\xA5"},
                                           {"\xE6\xAD\xA5\xE9\xAA\xA4", ""}};
    static const char ten[] = "\xE5\x8D\x81";
    enum { BYTES = 3 };
    int n, value = 0, last = 0;
    const char *word = word_at(line, i, &n);
    for (int k = 0; word != NULL && k < 2; k++) {
        const int before = (int)strlen(dress[k][0]), after = (int)strlen(dress[k][1]);
        if (n <= before + after || memcmp(word, dress[k][0], (size_t)before) != 0 ||
            memcmp(word + n - after, dress[k][1], (size_t)after) != 0)
            continue;
        for (int at = before; at + BYTES <= n - after; at += BYTES) {
            int digit = 0;
            while (digit < 9 && memcmp(word + at, digits[digit], BYTES) != 0)
                digit++;
            if (digit < 9) {
                last = digit + 1;
            } else if (memcmp(word + at, ten, BYTES) == 0 && value == 0) {
                value = 10 * (last > 0 ? last : 1);
                last = 0;
            } else {
                return -1;
            }
        }
        return value + last;
    }
    return -1;
}

bool fr_path_begins(const int *path, int n_levels) {
    for (int i = 0; i < n_levels; i++)
        if (path[i] > 1)
            return false;
    return true;
}

bool fr_path_follows(const int *a, int n_a, const int *b, int n_b) {
    int i = 0;
    while (i < n_a && i < n_b && a[i] == b[i])
        i++;
    if (i == n_a)
        return n_b > n_a && fr_path_begins(b + i, n_b - i);
    return i < n_b && b[i] == a[i] + 1 && fr_path_begins(b + i + 1, n_b - i - 1);
}

/* "1.", "1)", "(1)", "1:", "1.2", "3a.", "1st:", "Step 1:", "[Step 1]", "Phase 2", "No. 1:",
 * "1 -", or a number before a word ("1 feast a b"). */
static void take_number(struct fr_line *line) {
    int i = line->first, letter, n_levels = 0, path[FR_MAX_LEVELS];
    const bool bracketed = kind_at(line, i, FR_PIECE_OPEN);
    const int chinese = chinese_at(line, i);
    part_number(line, i + bracketed);
    const unsigned roles = fr_line_role(line, i + bracketed);
    const bool named = chinese > 0 || (roles & FR_ROLE_COUNTED) != 0;
    if (chinese > 0) {
        path[n_levels++] = chinese;
        letter = 0;
    }
    i += named + bracketed;
    if (fr_line_says(line, i, "no") && kind_at(line, i + 1, FR_PIECE_STOP) &&
        number_at(line, i + 2, &letter) > 0 && kind_at(line, i + 3, FR_PIECE_COLON))
        i += 2;
    i += named && kind_at(line, i, FR_PIECE_SYMBOL); /* "Step #1" */
    const int phase = named && (roles & FR_ROLE_PHASE) != 0 ? phase_at(line, i) : -1;
    if (phase > 0) {
        path[n_levels++] = phase;
        letter = 0;
        i++;
    }
    while (phase <= 0 && chinese <= 0 && (path[n_levels] = number_at(line, i, &letter)) >= 0) {
        n_levels++;
        i++;
        int next;
        const bool more = letter == 0 && n_levels < FR_MAX_LEVELS &&
                          kind_at(line, i, FR_PIECE_STOP) && number_at(line, i + 1, &next) >= 0 &&
                          (kind_at(line, i + 2, FR_PIECE_WORD) || is_sign(line, i + 2));
        if (!more)
            break;
        i++;
    }
    /* "[1/4]" */
    int total;
    if (bracketed && kind_at(line, i, FR_PIECE_SLASH) && number_at(line, i + 1, &total) > 0)
        i += 2;
    i += bracketed && kind_at(line, i, FR_PIECE_STOP); /* "[1.]" */
    if (n_levels == 0 || (bracketed && !kind_at(line, i, FR_PIECE_CLOSE)) ||
        (letter != 0 && !named && !is_sign(line, i)))
        return;
    const int behind = i;
    /* In Chinese on both sides, in Korean behind: "3단계:". */
    if ((fr_line_role(line, i) & FR_ROLE_COUNTED) != 0 &&
        (named || kind_at(line, i + 1, FR_PIECE_COLON)))
        i++;
    while (is_sign(line, i) && !kind_at(line, i, FR_PIECE_COMMA))
        i++;
    line->marker = FR_MARKER_NUMBER;
    memcpy(line->path, path, sizeof path);
    line->n_levels = n_levels;
    line->letter = letter;
    line->named = named;
    line->phase = (roles & FR_ROLE_PHASE) != 0;
    line->loose = i == behind && !named;
    line->sentence = i == behind && named;
    line->first = i;
}

bool fr_line_take_letter(struct fr_line *line, int wanted) {
    int n, i = line->first;
    const bool bracketed = kind_at(line, i, FR_PIECE_OPEN);
    const char *word = word_at(line, i + bracketed, &n);
    i += bracketed + 1;
    const bool closed = kind_at(line, i, FR_PIECE_CLOSE);
    if (word == NULL || line->marker == FR_MARKER_NUMBER ||
        (!closed && (bracketed || !kind_at(line, i, FR_PIECE_STOP))))
        return false;
    const int letter = n == 1 ? *word - 'a' + 1 : -1, numeral = roman(word, n);
    if (letter != wanted && numeral != wanted)
        return false;
    line->marker = FR_MARKER_NUMBER;
    line->lettered = true;
    line->path[0] = wanted;
    line->n_levels = 1;
    line->first = i + 1;
    return true;
}

static void take_marker(struct fr_line *line, const char *at, const char *end) {
    const bool sign = at < end && strchr("-*+", *at) != NULL;
    if (sign && (at + 1 == end || at[1] == ' ' || at[1] == '\t'))
        line->marker = FR_MARKER_BULLET;
    while (kind_at(line, line->first, FR_PIECE_DASH) ||
           kind_at(line, line->first, FR_PIECE_ARROW) ||
           kind_at(line, line->first, FR_PIECE_SYMBOL)) {
        if (line->marker == FR_MARKER_NONE && !line->heading)
            line->marker = FR_MARKER_BULLET;
        line->first++;
    }
    /* A box to tick: "- [ ] ...", "- [x] ...". */
    int n, i = line->first + 1;
    const char *word = word_at(line, i, &n);
    i += word != NULL && n == 1 && *word == 'x';
    if (line->marker == FR_MARKER_BULLET && kind_at(line, line->first, FR_PIECE_OPEN) &&
        kind_at(line, i, FR_PIECE_CLOSE))
        line->first = i + 1;
    take_number(line);
}

/* Ballot X, crosses, and no entry. */
static const char *const crosses[] = {"\xE2\x9C\x97", "\xE2\x9C\x98", "\xE2\x9C\x96",
                                      "\xE2\x9D\x8C", "\xF0\x9F\x9A\xAB"};
enum { N_CROSSES = sizeof crosses / sizeof *crosses };

/* Is all of a line but its marker between two "~~"? */
static bool is_crossed_out(const char *at, const char *end) {
    while (at < end && strchr("-*+#. )0123456789", *at) != NULL)
        at++;
    while (end > at && (is_space((unsigned char)end[-1]) || end[-1] == '.'))
        end--;
    return end - at > 4 && memcmp(at, "~~", 2) == 0 && memcmp(end - 2, "~~", 2) == 0 &&
           memmem(at + 2, (size_t)(end - at) - 4, "~~", 2) == NULL;
}

void fr_line_read(struct fr_line *line, const char *text, size_t n) {
    /* Not the pieces: they are many and written before they are read. */
    fr_text_clear(&line->text);
    fr_text_clear(&line->original);
    line->blank = line->heading = line->hash = line->colon = line->loose = line->named =
        line->phase = line->lettered = line->sentence = false;
    line->indent = line->n_levels = line->letter = line->first = line->n_pieces = 0;
    line->marker = FR_MARKER_NONE;

    const char *end = text + n, *p = text;
    for (; p < end && (*p == ' ' || *p == '\t' || *p == '>'); p++)
        line->indent += *p == '\t' ? 4 : 1;
    const char *body = p;
    for (; p < end && (*p == '#' || (line->heading && *p == ' ')); p++)
        line->heading = line->hash = true;
    split(line, p, end);
    line->ellipsis = memmem(p, (size_t)(end - p), "...", 3) != NULL ||
                     memmem(p, (size_t)(end - p), "\xE2\x80\xA6", 3) != NULL;
    line->crossed_out = is_crossed_out(body, end);
    line->struck = memmem(p, (size_t)(end - p), "~~", 2) != NULL;
    for (int i = 0; i < N_CROSSES; i++)
        line->struck =
            line->struck || memmem(p, (size_t)(end - p), crosses[i], strlen(crosses[i])) != NULL;
    const char *last = end;
    while (last > body && (is_space((unsigned char)last[-1])))
        last--;
    /* A line that is bold from end to end is a heading where it is no step. */
    const char *close = last - body > 5 && last[-1] == ':' ? last - 1 : last;
    if (close - body > 4 && memcmp(body, "**", 2) == 0 && memcmp(close - 2, "**", 2) == 0 &&
        memmem(body + 2, (size_t)(close - body) - 4, "**", 2) == NULL)
        line->heading = true;
    take_marker(line, body, end);
    line->colon = line->n_pieces > line->first && kind_at(line, line->n_pieces - 1, FR_PIECE_COLON);
    line->blank = line->first >= line->n_pieces && line->marker != FR_MARKER_NUMBER;
}
