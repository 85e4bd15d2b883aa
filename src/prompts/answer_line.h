/* A line of an answer as pieces: words and separators, free of markdown; private to prompts/. */
#ifndef FR_PROMPTS_ANSWER_LINE_H
#define FR_PROMPTS_ANSWER_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum fr_piece_kind {
    FR_PIECE_WORD,  /* letters, digits, and '-' or '_' between them */
    FR_PIECE_OPEN,  /* ( or [ */
    FR_PIECE_CLOSE, /* ) or ] */
    FR_PIECE_COMMA,
    FR_PIECE_COLON,
    FR_PIECE_SEMICOLON,
    FR_PIECE_STOP,  /* . */
    FR_PIECE_DASH,  /* a dash that joins no word */
    FR_PIECE_ARROW, /* any arrow, "->" and "=>" too */
    FR_PIECE_SYMBOL /* everything else that is seen: emoji, bullets, slashes */
};

struct fr_piece {
    enum fr_piece_kind kind;
    int start, n; /* bytes of line->text */
};

enum fr_marker { FR_MARKER_NONE, FR_MARKER_NUMBER, FR_MARKER_BULLET };

enum { FR_MAX_PIECES = 400 }; /* of a line; a longer one is prose and cut there */

struct fr_line {
    const char *raw; /* the line in the answer, */
    size_t n_raw;    /* without its line feed */
    int number;      /* of the line in the answer, from 1 */

    bool blank, fence, heading, colon; /* fence: ``` or a rule; colon: ends with ":" */
    int indent;                        /* columns */
    enum fr_marker marker;
    int item;                /* of a numbered item: its number */
    bool loose;              /* nothing but a blank stands behind that number */
    char bullet;             /* of a bullet: '-', '*', '+', or 'o' for any other sign */
    struct fr_text text;     /* the words, lower case, Unicode spaces and hyphens as ASCII */
    struct fr_text original; /* the same bytes with their capitals */
    int first, n_pieces;     /* pieces behind the marker: [first, n_pieces) */
    struct fr_piece pieces[FR_MAX_PIECES];
};

/* Reads the line at *at, which is moved behind its line feed; false at the end of the text. *line
 * is zero-initialised or from an earlier call. */
bool fr_line_next(struct fr_line *line, const char **at);
void fr_line_release(struct fr_line *line);

#endif
