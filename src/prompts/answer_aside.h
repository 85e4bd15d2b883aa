/* What prose around a plan says of it: a step before it, another order, that it is none; private to
 * prompts/. */
#ifndef FR_PROMPTS_ANSWER_ASIDE_H
#define FR_PROMPTS_ANSWER_ASIDE_H

#include "prompts/answer_step.h"

enum fr_aside_kind {
    FR_ASIDE_STEP,       /* names a step */
    FR_ASIDE_UNDONE,     /* names one that is refused or supposed */
    FR_ASIDE_TAKES_BACK, /* changes some of the plan */
    FR_ASIDE_REORDERS,   /* all of it */
    FR_ASIDE_RENAMES,    /* an object has the name of another */
    FR_ASIDE_DENIES      /* the plan is wrong, or there is none */
};

struct fr_aside {
    enum fr_aside_kind kind;
    int line; /* in the answer */
    int block;
    struct fr_step step; /* STEP: */
    bool introduces;     /* DENIES: what follows alone; TAKES_BACK: perhaps from what follows */
    bool early, late;    /* it is said to come before all others, behind all */
    bool checks;         /* DENIES: in an account of the plan: a step of it fails */
    bool withdraws;      /* gives up what stands before it, */
    bool counted;        /* or some of its steps */
};

/* Does a sentence of the line from a piece on, that has one of the roles, deny a plan? */
bool fr_line_denies(const struct fr_line *line, int from, unsigned roles);

/* Does a phrase of the line say that steps are changed, or that more are to come? */
bool fr_line_changes(const struct fr_line *line);

/* Appends what the line says to a growing array; block is left 0. */
void fr_asides_read(const struct fr_lexicon *lexicon, const struct fr_line *line,
                    struct fr_aside **asides, int *n, int *capacity);
/* The same of a line of a section that explains or checks a plan: only what gives the plan up. */
void fr_account_read(const struct fr_lexicon *lexicon, const struct fr_line *line,
                     struct fr_aside **asides, int *n, int *capacity);

#endif
