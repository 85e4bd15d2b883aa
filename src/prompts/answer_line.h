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
    FR_PIECE_SLASH, /* one; two are a dash, a comment follows */
    FR_PIECE_SYMBOL /* everything else that is seen: emoji, bullets */
};

struct fr_piece {
    enum fr_piece_kind kind;
    int start, n;   /* bytes of line->text */
    unsigned roles; /* of a word (answer_word.h) */
};

enum fr_marker { FR_MARKER_NONE, FR_MARKER_NUMBER, FR_MARKER_BULLET };

enum {
    FR_MAX_PIECES = 400, /* of a line; a longer one is prose and cut there */
    FR_MAX_LEVELS = 4    /* of a number: "2.1.3" */
};

struct fr_line {
    const char *raw; /* the line in the answer, */
    size_t n_raw;    /* without its line feed */
    int number;      /* of the line in the answer, from 1 */

    bool blank, heading, colon; /* heading: "# ...", or bold; colon: ends with ":" */
    int indent;                 /* columns */
    enum fr_marker marker;
    int path[FR_MAX_LEVELS], n_levels; /* of a numbered item: its number, "2.1" as {2, 1} */
    int letter;                        /* of "3b": 2; else 0 */
    bool named, phase, lettered;       /* "Step 3", "Phase 3", "c)" */
    bool hash;                         /* a heading that begins with '#' */
    bool ellipsis;                     /* "..." */
    bool crossed_out;                  /* all of it is: "~~1. attack a~~" */
    bool struck;             /* some of it is crossed out: "~~attack a~~", or marked with a cross */
    bool sentence;           /* "Step 3 is wrong": named, and no sign behind the number */
    bool loose;              /* nothing but a blank stands behind that number */
    struct fr_text text;     /* the words, lower case, Unicode spaces and hyphens as ASCII */
    struct fr_text original; /* the same bytes with their capitals */
    int first, n_pieces;     /* pieces behind the marker: [first, n_pieces) */
    struct fr_piece pieces[FR_MAX_PIECES];
};

/* Reads text[0..n), which comes from the line of the answer that raw tells. *line is
 * zero-initialised or from an earlier call. */
void fr_line_read(struct fr_line *line, const char *text, size_t n);
void fr_line_release(struct fr_line *line);

bool fr_line_has_no_word(const struct fr_line *line);
/* The number that piece i begins with, "3", "3-4"; -1 for none. */
int fr_line_number(const struct fr_line *line, int i);
/* The words of pieces [from, to) as roles (answer_word.h), all together. */
unsigned fr_line_roles(const struct fr_line *line, int from, int to);
/* The roles of piece i, 0 where it is no word. */
unsigned fr_line_role(const struct fr_line *line, int i);
/* Do the words from piece i on say one of phrases, "on top, atop": lower case, each of words
 * between blanks, parted by commas? No place outside the line does. */
bool fr_line_says(const struct fr_line *line, int i, const char *phrases);
/* Does a piece of [from, to)? */
bool fr_line_holds(const struct fr_line *line, int from, int to, const char *phrases);

/* Is a number, by its levels, the first: 1, or 1.1? */
bool fr_path_begins(const int *path, int n_levels);
/* Is b the next number after a: 2 after 1, 2.1 after 1.3, 1.2 after 1.1, 1.1 after 1? */
bool fr_path_follows(const int *a, int n_a, const int *b, int n_b);

/* A lettered item ("b) ...", "(iv) ..."): takes the letter for a number, as that of an item whose
 * successor is wanted; false, and nothing changed, when there is no such letter. */
bool fr_line_take_letter(struct fr_line *line, int wanted);

#endif
