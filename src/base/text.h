/* struct fr_text: a growing, always NUL-terminated byte string with a ceiling.
 *
 * Invariants: data[len] == '\0' when data is not NULL; len <= FR_TEXT_CEILING,
 * beyond which appending is a bug (foreign text is bounded where it is read).
 * Lifecycle: zero-initialise (struct fr_text t = {0}), append, fr_text_release. */
#ifndef FR_BASE_TEXT_H
#define FR_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define FR_TEXT_CEILING ((size_t)1 << 30)

struct fr_text {
    char *data;
    size_t len, capacity;
};

void fr_text_release(struct fr_text *text);
/* Length 0, memory kept. */
void fr_text_clear(struct fr_text *text);
void fr_text_append(struct fr_text *text, const char *bytes, size_t n);
void fr_text_add(struct fr_text *text, const char *string);
void fr_text_printf(struct fr_text *text, const char *format, ...) FR_PRINTF(2, 3);
void fr_text_vprintf(struct fr_text *text, const char *format, va_list args);
/* The string, "" when nothing was ever appended; valid until the next append. */
const char *fr_text_get(const struct fr_text *text);
/* Moves the string out (caller frees) and leaves text empty. */
char *fr_text_take(struct fr_text *text);

/* A rate with the digits that it is worth: "1234", "12", "0.47", "0.0032"; returns out. */
enum { FR_RATE_TEXT = 24 };
const char *fr_rate_text(double rate, char out[FR_RATE_TEXT]);

/* x as so many decimals show it, for printf: what rounds to zero has no sign. */
double fr_shown(double x, int decimals);

/* The candidate nearest to word by edit distance, or NULL when none is near
 * enough to be a likely slip (more than a third of the letters differ). */
const char *fr_nearest(const char *word, const char *const *candidates, int n);

/* Lines of a text, one after the other, without their line feeds: false (NULL) at its end, where a
 * line feed begins no further line. *at goes behind the line; the second writes a NUL there. */
bool fr_line_next(const char **at, const char **line, size_t *n);
char *fr_line_cut(char **at);

/* text without the byte-order mark that it may begin with. */
const char *fr_skip_mark(const char *text);
/* The character that text begins with: its bytes (1 to 4), 0 for what is no UTF-8 and at the end.
 */
int fr_utf8_decode(const char *text, uint32_t *point);
/* Is a character not to be seen, or does it change how others are? Controls and formats, those
 * that turn the direction of writing among them; blanks are not. */
bool fr_is_unseen(uint32_t point);
/* Appends text as it may be shown on a terminal: what is not UTF-8 or unseen becomes "?", line
 * feeds and tabs stay. */
void fr_text_add_shown(struct fr_text *text, const char *string);
/* Appends bytes on one line: printable ASCII as it is, others as \n, \t, \xNN; they may be part of
 * a character. */
void fr_text_add_escaped(struct fr_text *text, const char *bytes, size_t n);

/* ASCII only: the concept words of this project are ASCII; other bytes are
 * letters as far as word boundaries go. */
bool fr_is_word_byte(char c);
/* Does text[0, n) go on as one word from byte at - 1 to byte at? A boundary of words is where it
 * does not. Unlike single bytes this knows characters: dashes, curly quotes, arrows, and the
 * scripts written without blanks (U+2000 and beyond) are no letters, accented letters are. */
bool fr_is_inside_word(const char *text, size_t n, size_t at);
bool fr_equal_nocase(const char *a, const char *b, size_t n);

#endif
