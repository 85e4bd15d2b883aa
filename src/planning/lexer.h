/* The tokens of PDDL, for the readers of this room only. */
#ifndef FR_PLANNING_LEXER_H
#define FR_PLANNING_LEXER_H

#include "base/error.h"

enum { FR_MAX_NAME = 96 }; /* bytes of a name, a keyword or a variable */

enum fr_token_kind {
    FR_TOKEN_OPEN,
    FR_TOKEN_CLOSE,
    FR_TOKEN_NAME,     /* pick-up */
    FR_TOKEN_VARIABLE, /* ?ob, without the question mark */
    FR_TOKEN_KEYWORD,  /* :init, with the colon */
    FR_TOKEN_DASH,     /* - before a type */
    FR_TOKEN_EQUAL,
    FR_TOKEN_END
};

struct fr_token {
    enum fr_token_kind kind;
    int line, column;           /* from 1; columns count bytes */
    char text[FR_MAX_NAME + 1]; /* in lower case; "(" ")" "-" "=" "" for the others */
};

struct fr_lexer {
    const char *at;
    const char *name; /* of the file, for messages */
    int line, column; /* of *at */
    struct fr_token token;
    struct fr_error *err;
};

/* Starts before the first token of text, which must outlive the lexer. */
void fr_lexer_init(struct fr_lexer *lexer, const char *text, const char *name,
                   struct fr_error *err);
/* Reads the next token into lexer->token. FR_E_INPUT for a byte that belongs to no token,
 * FR_E_LIMIT for a name that is too long. */
FR_CHECKED int fr_lexer_next(struct fr_lexer *lexer);
/* Fails at token's place: "name:line:column: message". */
int fr_lexer_fail(const struct fr_lexer *lexer, const struct fr_token *token, int code,
                  const char *format, ...) FR_PRINTF(4, 5);

#endif
