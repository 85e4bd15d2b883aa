/* Steps in the words of people: "**Unstack** the red block from the blue block.", "feast object a
 * from b", "(stack a b)", "put_down(c)"; private to prompts/. */
#ifndef FR_PROMPTS_ANSWER_STEP_H
#define FR_PROMPTS_ANSWER_STEP_H

#include "prompts/answer_line.h"
#include "prompts/answer_match.h"

enum fr_reading {
    FR_READING_STEPS,  /* one step or several, and nothing else but, perhaps, a comment */
    FR_READING_OTHER,  /* no step, and nothing that a step is made of */
    FR_READING_REMARK, /* it names an action or an object and is no step: a fact, "Result: ..." */
    FR_READING_SUSPECT /* it may be a step that was not read; why says what is wrong */
};

struct fr_said {
    enum fr_reading reading;
    struct fr_plan steps;
    bool commented;    /* the steps are followed by a remark ("(now the hand is empty)") */
    int remark;        /* the piece that it begins with */
    bool labelled;     /* "Action: ..." */
    int first;         /* so many are said to be the first: "The first step is: ..."; else 0 */
    int label_end;     /* the piece behind all labels */
    bool denied;       /* the line is a remark for its label alone ("Goal: ..."), and has steps */
    bool joined;       /* the last step is joined by words: "..., and then attack a" */
    bool formal;       /* the first step is written as code: "(feast b a)", "feast(b, a)" */
    bool names_action; /* not of steps */
    bool names_object; /* not of steps */
    bool goes_on;      /* names an action and says "then": more of a plan */
    struct fr_text why;
};
void fr_said_release(struct fr_said *said);

/* Reads the pieces behind the line's marker. *said is zero-initialised or from an earlier call. */
void fr_lexicon_read(const struct fr_lexicon *lexicon, const struct fr_line *line,
                     struct fr_said *said);
/* Appends every step that the line names from a piece on, in prose too; places [FR_MAX_PIECES]: its
 * pieces [first, end). */
void fr_lexicon_mentions(const struct fr_lexicon *lexicon, const struct fr_line *line, int from,
                         struct fr_plan *plan, int (*places)[2]);

#endif
