/* The tokens of PDDL, for the readers of this room only. */
#ifndef FR_PLANNING_LEXER_H
#define FR_PLANNING_LEXER_H

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

enum fr_token_kind {
    FR_TOKEN_OPEN,
    FR_TOKEN_CLOSE,
    FR_TOKEN_NAME,     /* pick-up; digits alone too, since objects are called so */
    FR_TOKEN_VARIABLE, /* ?ob, without the question mark */
    FR_TOKEN_KEYWORD,  /* :init, with the colon */
    FR_TOKEN_DECIMAL,  /* 1.5 */
    FR_TOKEN_DASH,     /* - before a type, or of a number */
    FR_TOKEN_EQUAL,
    FR_TOKEN_OPERATOR, /* + * / < > <= >= */
    FR_TOKEN_END
};

struct fr_token {
    enum fr_token_kind kind;
    int line, column; /* from 1; columns count bytes */
    int id;           /* of its text: equal texts have equal ids */
    const char *text; /* in lower case, as long as the names live; "" at the end */
};

/* Every text of a token once, in lower case, numbered as they are met: what a token is called is
 * then a number, and a table of them needs no hashing. Zero-initialise. */
struct fr_names {
    const char **texts; /* [n] */
    int n, capacity;
    int *slots; /* hash table over texts, -1 empty; power of two */
    int n_slots;
    char **blocks; /* what the texts lie in, one after another; they never move */
    int n_blocks, block_capacity;
    size_t used, room; /* of the last block */
};
void fr_names_release(struct fr_names *names);
/* The number of text[0, n) in any case, a new one when it was not met before. */
int fr_names_add(struct fr_names *names, const char *text, size_t n);

struct fr_lexer {
    const char *at;
    const char *name; /* of the file, for messages */
    int line, column; /* of *at */
    struct fr_token token;
    struct fr_names *names; /* borrowed */
    struct fr_error *err;
};

/* Starts before the first token of text, which must outlive the lexer. */
void fr_lexer_init(struct fr_lexer *lexer, const char *text, const char *name,
                   struct fr_names *names, struct fr_error *err);
/* Reads the next token into lexer->token. FR_E_INPUT for a byte that belongs to no token. */
FR_CHECKED int fr_lexer_next(struct fr_lexer *lexer);
/* Fails at token's place: "name:line:column: message". */
int fr_lexer_fail(const struct fr_lexer *lexer, const struct fr_token *token, int code,
                  const char *format, ...) FR_PRINTF(4, 5);

#endif
