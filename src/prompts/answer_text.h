/* An answer as lines of words: everything that only marks a text up is taken away, and what marks
 * the plan out is told; private to prompts/. */
#ifndef FR_PROMPTS_ANSWER_TEXT_H
#define FR_PROMPTS_ANSWER_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum fr_source_kind {
    FR_SOURCE_LINE,  /* words, perhaps none */
    FR_SOURCE_ROW,   /* a row of a table, cells between '|' */
    FR_SOURCE_FENCE, /* ``` that begins or ends; its line's words, a language or a step */
    FR_SOURCE_OPEN,  /* a tag that opens a plan or an answer: [PLAN], <answer>, \boxed{ */
    FR_SOURCE_CLOSE,
    FR_SOURCE_PUZZLE, /* a puzzle's statement begins: behind a plan one that the model sets itself
                       */
    FR_SOURCE_BREAK /* nothing goes on across it: a message's end, a reasoning, its stray end tag */
};

struct fr_source_line {
    enum fr_source_kind kind;
    size_t start, n; /* bytes of source->text */
    const char *raw; /* the line of the answer that it comes from */
    size_t n_raw;
    int number; /* of that line, from 1 */
    bool alone; /* OPEN: nothing stands before the tag on its line */
};

struct fr_source {
    struct fr_text text;
    int n, capacity;
    struct fr_source_line *lines;
};

/* Takes an answer apart. Time
 * and memory are linear in its length. answer is borrowed while *out lives. */
void fr_source_read(struct fr_source *out, const char *answer);
void fr_source_release(struct fr_source *source);

#endif
