/* What words say about the text around them, whatever the domain: that a plan follows, that an
 * explanation does, that a number counts steps; private to prompts/. */
#ifndef FR_PROMPTS_ANSWER_WORD_H
#define FR_PROMPTS_ANSWER_WORD_H

#include <stddef.h>

enum {
    /* of a heading, an introduction or a label: what follows is */
    FR_ROLE_PLAN = 1,     /* a plan */
    FR_ROLE_FINAL = 2,    /* the last word on something */
    FR_ROLE_EXPLAIN = 4,  /* about a plan */
    FR_ROLE_REJECT = 8,   /* what is not meant to be done */
    FR_ROLE_STATE = 16,   /* facts */
    FR_ROLE_LABEL = 32,   /* "Action: ..." a step */
    FR_ROLE_COUNTED = 64, /* "Step 3 ..." */
    FR_ROLE_PHASE = 128,  /* "Phase 3 ...": counted, and a part of a plan rather than a step */
    /* of a line's first word */
    FR_ROLE_REMARK = 256,   /* a remark begins so, a step does not */
    FR_ROLE_ADVERB = 512,   /* says nothing: "then" */
    FR_ROLE_PERFORM = 1024, /* "perform attack a" is "attack a" */
    /* of a heading */
    FR_ROLE_OTHER = 2048, /* one of several plans, nobody knows which is meant */
    /* of a fact */
    FR_ROLE_BE = 4096, /* "a is clear" */
    /* of a heading: the last word if a plan's, the last part if its steps' */
    FR_ROLE_LAST = 8192,
    /* of a step's remark, or of an item that names nothing: more is done, or less */
    FR_ROLE_MORE = 32768,
    FR_ROLE_LESS = 65536,
    FR_ROLE_MAYBE = 131072, /* done under a condition */
    /* of a heading: a part of a plan, perhaps */
    FR_ROLE_PART = 262144,
    /* in prose about a plan (answer_aside.c) */
    FR_ROLE_EARLY = 1 << 19,   /* what comes first of all */
    FR_ROLE_LATE = 1 << 20,    /* or last */
    FR_ROLE_NOT = 1 << 21,     /* denies what follows */
    FR_ROLE_SUCCEED = 1 << 22, /* what a plan does */
    FR_ROLE_WRONG = 1 << 23,   /* or does not */
    FR_ROLE_REVERSE = 1 << 24, /* steps are taken in another order */
    FR_ROLE_THAT = 1 << 25,    /* the plan, by a pronoun */
    FR_ROLE_ORDER = 1 << 26,   /* what is reversed */
    FR_ROLE_ATTAIN = 1 << 27,  /* of a label's first word: it names what its step is for */
    FR_ROLE_CHANGE = 1 << 28,  /* of a sentence that names a step: the list is changed */
    FR_ROLE_IDEA = 1 << 30,    /* of a heading: a plan, where it is refused or another is meant */
    /* of no word, but of a heading: what it says of the plan is not for a table to tell; */
    FR_ROLE_UNCLEAR = 16384,
    /* it holds no other words than those above: "Corrected:", "First attempt" */
    FR_ROLE_ALONE = 1 << 29
};

/* The roles of one word, in any case; 0 for most. */
unsigned fr_word_roles(const char *word, size_t n);

#endif
