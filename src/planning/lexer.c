/* Owns the split of PDDL text into tokens with their places. Comments run from ";" to the
 * end of the line and may hold any byte; elsewhere the alphabet is PDDL's: ASCII letters,
 * digits, "-" and "_". Rejected: a generated lexer (flex), a build step for five rules. */
#include "planning/lexer.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void fr_lexer_init(struct fr_lexer *lexer, const char *text, const char *name,
                   struct fr_error *err) {
    if (!strncmp(text, "\xef\xbb\xbf", 3)) /* a byte-order mark, as some editors write */
        text += 3;
    *lexer = (struct fr_lexer){.at = text, .name = name, .line = 1, .column = 1, .err = err};
}

int fr_lexer_fail(const struct fr_lexer *lexer, const struct fr_token *token, int code,
                  const char *format, ...) {
    char message[400];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return fr_fail(lexer->err, code, "%s:%d:%d: %s", lexer->name, token->line, token->column,
                   message);
}

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_start(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; }
static bool is_inner(char c) { return is_start(c) || c == '-'; }

static void advance(struct fr_lexer *lexer) {
    if (*lexer->at++ == '\n') {
        lexer->line++;
        lexer->column = 1;
    } else {
        lexer->column++;
    }
}

static void skip_blanks(struct fr_lexer *lexer) {
    for (;;) {
        if (*lexer->at == ';')
            while (*lexer->at && *lexer->at != '\n')
                advance(lexer);
        if (!*lexer->at || !strchr(" \t\r\n\f\v", *lexer->at))
            return;
        advance(lexer);
    }
}

/* The letters of a name; what stands before them ("?" or ":") is already taken. */
static int read_name(struct fr_lexer *lexer, enum fr_token_kind kind, size_t n) {
    struct fr_token *token = &lexer->token;
    token->kind = kind;
    for (; is_inner(*lexer->at); advance(lexer)) {
        if (n == FR_MAX_NAME)
            return fr_lexer_fail(lexer, token, FR_E_LIMIT, "a name is longer than %d bytes",
                                 FR_MAX_NAME);
        const char c = *lexer->at;
        token->text[n++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    token->text[n] = '\0';
    return 0;
}

int fr_lexer_next(struct fr_lexer *lexer) {
    skip_blanks(lexer);
    struct fr_token *token = &lexer->token;
    const char c = *lexer->at;
    *token = (struct fr_token){.line = lexer->line, .column = lexer->column, .text = {c}};
    if (!c) {
        token->kind = FR_TOKEN_END;
        return 0;
    }
    if (is_start(c))
        return read_name(lexer, FR_TOKEN_NAME, 0);
    advance(lexer);
    switch (c) {
    case '(':
        token->kind = FR_TOKEN_OPEN;
        return 0;
    case ')':
        token->kind = FR_TOKEN_CLOSE;
        return 0;
    case '=':
        token->kind = FR_TOKEN_EQUAL;
        return 0;
    case '-':
        token->kind = FR_TOKEN_DASH;
        return 0;
    case '?':
    case ':':
        if (!is_letter(*lexer->at) && !(c == '?' && is_start(*lexer->at)))
            return fr_lexer_fail(lexer, token, FR_E_INPUT, "\"%c\" without a name after it", c);
        return read_name(lexer, c == '?' ? FR_TOKEN_VARIABLE : FR_TOKEN_KEYWORD, c == ':');
    default:
        return fr_lexer_fail(lexer, token, FR_E_INPUT,
                             "byte 0x%02x%s%.1s%s has no place in PDDL; names are letters, "
                             "digits, - and _",
                             (unsigned char)c, c > ' ' && c < 127 ? " (" : "",
                             c > ' ' && c < 127 ? token->text : "", c > ' ' && c < 127 ? ")" : "");
    }
}
