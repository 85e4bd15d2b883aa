/* Growing strings and small text helpers; see text.h. */
#include "base/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void fr_text_release(struct fr_text *text) {
    free(text->data);
    *text = (struct fr_text){0};
}

void fr_text_clear(struct fr_text *text) {
    text->len = 0;
    if (text->data != NULL)
        text->data[0] = '\0';
}

static void reserve(struct fr_text *text, size_t extra) {
    FR_ASSERT(extra < FR_TEXT_CEILING && text->len + extra < FR_TEXT_CEILING);
    const size_t need = text->len + extra + 1;
    if (need <= text->capacity)
        return;
    size_t capacity = text->capacity ? text->capacity : 64;
    while (capacity < need)
        capacity *= 2;
    text->data = fr_grow(text->data, capacity, 1);
    text->capacity = capacity;
}

void fr_text_append(struct fr_text *text, const char *bytes, size_t n) {
    reserve(text, n);
    if (n > 0)
        memcpy(text->data + text->len, bytes, n);
    text->len += n;
    text->data[text->len] = '\0';
}

void fr_text_add(struct fr_text *text, const char *string) {
    fr_text_append(text, string, strlen(string));
}

void fr_text_vprintf(struct fr_text *text, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    const int n = vsnprintf(NULL, 0, format, args);
    if (n < 0) /* the C library's own buffers */
        fr_ran_out(0);
    reserve(text, (size_t)n);
    (void)vsnprintf(text->data + text->len, (size_t)n + 1, format, again);
    va_end(again);
    text->len += (size_t)n;
}

void fr_text_printf(struct fr_text *text, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fr_text_vprintf(text, format, args);
    va_end(args);
}

const char *fr_text_get(const struct fr_text *text) { return text->data ? text->data : ""; }

char *fr_text_take(struct fr_text *text) {
    char *out = text->data ? text->data : fr_strdup("");
    *text = (struct fr_text){0};
    return out;
}

enum { NEAREST_MAX = 64 };

static int edit_distance(const char *a, const char *b) {
    const int na = (int)strlen(a), nb = (int)strlen(b);
    if (na >= NEAREST_MAX || nb >= NEAREST_MAX)
        return NEAREST_MAX;
    int row[NEAREST_MAX + 1];
    for (int j = 0; j <= nb; j++)
        row[j] = j;
    for (int i = 1; i <= na; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= nb; j++) {
            const int above = row[j];
            int best = diagonal + (a[i - 1] != b[j - 1]);
            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            diagonal = above;
            row[j] = best;
        }
    }
    return row[nb];
}

double fr_shown(double x, int decimals) {
    double half = 0.5;
    for (int i = 0; i < decimals; i++)
        half /= 10;
    return x > -half && x < half ? 0 : x;
}

const char *fr_rate_text(double rate, char out[FR_RATE_TEXT]) {
    if (rate >= 9.95)
        (void)snprintf(out, FR_RATE_TEXT, "%.0f", rate);
    else if (rate >= 0.0995)
        (void)snprintf(out, FR_RATE_TEXT, "%.2f", rate);
    else
        (void)snprintf(out, FR_RATE_TEXT, "%.2g", rate);
    return out;
}

const char *fr_nearest(const char *word, const char *const *candidates, int n) {
    const char *best = NULL;
    int best_distance = NEAREST_MAX;
    for (int i = 0; i < n; i++) {
        if (*word == '\0' || *candidates[i] == '\0') /* nobody writes nothing by a slip */
            continue;
        const int d = edit_distance(word, candidates[i]);
        if (d < best_distance) {
            best_distance = d;
            best = candidates[i];
        }
    }
    return best != NULL && 3 * best_distance <= (int)strlen(word) + 2 ? best : NULL;
}

bool fr_line_next(const char **at, const char **line, size_t *n) {
    *line = *at;
    *n = strcspn(*at, "\n");
    *at += *n + ((*at)[*n] == '\n');
    return *at > *line;
}

char *fr_line_cut(char **at) {
    const char *end = *at, *line;
    char *out = *at;
    size_t n;
    if (!fr_line_next(&end, &line, &n))
        return NULL;
    *at += end - line;
    out[n] = '\0';
    return out;
}

const char *fr_skip_mark(const char *text) {
    return strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text;
}

int fr_utf8_decode(const char *text, uint32_t *point) {
    const unsigned char *p = (const unsigned char *)text;
    const int n = *p == 0     ? 0
                  : *p < 0x80 ? 1
                  : *p < 0xC2 ? 0
                  : *p < 0xE0 ? 2
                  : *p < 0xF0 ? 3
                  : *p < 0xF5 ? 4
                              : 0;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (n <= 1) {
        *point = *p;
        return n;
    }
    *point = *p & (0x7Fu >> n);
    for (int i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        *point = *point << 6 | (p[i] & 0x3Fu);
    }
    const bool surrogate = *point >= 0xD800 && *point < 0xE000;
    return *point < least[n] || *point > 0x10FFFF || surrogate ? 0 : n;
}

bool fr_is_unseen(uint32_t point) {
    static const uint32_t ranges[][2] = {{0x00, 0x1F},     {0x7F, 0x9F},      {0xAD, 0xAD},
                                         {0x61C, 0x61C},   {0x180E, 0x180E},  {0x200B, 0x200F},
                                         {0x2028, 0x202E}, {0x2060, 0x206F},  {0xFEFF, 0xFEFF},
                                         {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (point >= ranges[i][0] && point <= ranges[i][1])
            return true;
    return false;
}

void fr_text_add_shown(struct fr_text *text, const char *string) {
    for (uint32_t point; *string != '\0';) {
        const int n = fr_utf8_decode(string, &point);
        const bool shown = n > 0 && (!fr_is_unseen(point) || point == '\n' || point == '\t');
        fr_text_append(text, shown ? string : "?", shown ? (size_t)n : 1);
        string += n > 0 ? n : 1;
    }
}

void fr_text_add_escaped(struct fr_text *text, const char *bytes, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)bytes[i];
        if (c == '\n')
            fr_text_add(text, "\\n");
        else if (c == '\t')
            fr_text_add(text, "\\t");
        else if (c == '\\' || c == '"')
            fr_text_printf(text, "\\%c", c);
        else if (c >= ' ' && c < 0x7f)
            fr_text_append(text, &bytes[i], 1);
        else
            fr_text_printf(text, "\\x%02x", c);
    }
}

bool fr_is_word_byte(char c) { return isalnum((unsigned char)c) || c == '_' || (c & 0x80); }

/* The character whose bytes include text[at], by its first byte. U+0080-U+00BF are signs. A byte
 * that is no UTF-8 counts as a letter, so that nothing is found beside it. */
static bool is_word_character(const char *text, size_t n, size_t at) {
    if (!(text[at] & 0x80))
        return fr_is_word_byte(text[at]);
    size_t first = at;
    while (first > 0 && at - first < 3 && ((unsigned char)text[first] & 0xC0) == 0x80)
        first--;
    const unsigned char lead = (unsigned char)text[first];
    const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 0;
    if (length < at - first + 1 || first + length > n)
        return true;
    return lead != 0xC2 && lead < 0xE2;
}

bool fr_is_inside_word(const char *text, size_t n, size_t at) {
    return at > 0 && at < n && is_word_character(text, n, at - 1) && is_word_character(text, n, at);
}

bool fr_equal_nocase(const char *a, const char *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (tolower((unsigned char)a[i]) != tolower((unsigned char)b[i]))
            return false;
    return true;
}
