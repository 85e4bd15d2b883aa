/* Owns the split of PDDL text into tokens with their places. Comments run from ";" to the
 * end of the line and may hold any byte; elsewhere the alphabet is PDDL's: ASCII letters,
 * digits, "-" and "_", and the signs of numeric expressions. Rejected: a generated lexer (flex), a
 * build step for six rules. */
#include "planning/lexer.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* ---- names --------------------------------------------------------------------------- */

enum { BLOCK = 2048 };

static char lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); }

static uint32_t hash(const char *text, size_t n) {
    uint32_t h = 2166136261U;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)lower(text[i])) * 16777619U;
    return h ^ h >> 15;
}

static bool is_text(const char *known, const char *text, size_t n) {
    size_t i = 0;
    while (i < n && known[i] == lower(text[i]))
        i++;
    return i == n && known[i] == '\0';
}

static int *slot_of(const struct fr_names *names, const char *text, size_t n) {
    size_t i = hash(text, n) & (size_t)(names->n_slots - 1);
    while (names->slots[i] >= 0 && !is_text(names->texts[names->slots[i]], text, n))
        i = (i + 1) & (size_t)(names->n_slots - 1);
    return &names->slots[i];
}

static const char *keep(struct fr_names *names, const char *text, size_t n) {
    if (names->room - names->used <= n) {
        FR_RESERVE(names->blocks, names->n_blocks, names->block_capacity);
        names->room = n < BLOCK ? BLOCK : n + 1;
        names->used = 0;
        names->blocks[names->n_blocks++] = fr_alloc(names->room, 1);
    }
    char *kept = names->blocks[names->n_blocks - 1] + names->used;
    for (size_t i = 0; i < n; i++)
        kept[i] = lower(text[i]);
    names->used += n + 1;
    return kept;
}

int fr_names_add(struct fr_names *names, const char *text, size_t n) {
    if (2 * names->n >= names->n_slots) {
        names->n_slots = names->n_slots ? 2 * names->n_slots : 128;
        names->slots = fr_grow(names->slots, (size_t)names->n_slots, sizeof *names->slots);
        memset(names->slots, -1, (size_t)names->n_slots * sizeof *names->slots);
        for (int i = 0; i < names->n; i++)
            *slot_of(names, names->texts[i], strlen(names->texts[i])) = i;
    }
    int *slot = slot_of(names, text, n);
    if (*slot < 0) {
        FR_RESERVE(names->texts, names->n, names->capacity);
        names->texts[names->n] = keep(names, text, n);
        *slot = names->n++;
    }
    return *slot;
}

void fr_names_release(struct fr_names *names) {
    for (int i = 0; i < names->n_blocks; i++)
        free(names->blocks[i]);
    free(names->blocks);
    free(names->texts);
    free(names->slots);
    *names = (struct fr_names){0};
}

/* ---- tokens -------------------------------------------------------------------------- */

void fr_lexer_init(struct fr_lexer *lexer, const char *text, const char *name,
                   struct fr_names *names, struct fr_error *err) {
    if (!strncmp(text, "\xef\xbb\xbf", 3)) /* a byte-order mark, as some editors write */
        text += 3;
    *lexer = (struct fr_lexer){.at = text,
                               .name = name,
                               .line = 1,
                               .column = 1,
                               .names = names,
                               .err = err};
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

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_start(char c) { return is_letter(c) || is_digit(c) || c == '_'; }
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

/* The token of kind is start up to where the lexer stands. */
static void set_token(struct fr_lexer *lexer, enum fr_token_kind kind, const char *start) {
    lexer->token.kind = kind;
    lexer->token.id = fr_names_add(lexer->names, start, (size_t)(lexer->at - start));
    lexer->token.text = lexer->names->texts[lexer->token.id];
}

static const char *skip_digits(const char *at) {
    while (is_digit(*at))
        at++;
    return at;
}

/* Behind the digits of a number: "e10", "E-3", "e+3", or nothing. Where it ends. */
static const char *skip_exponent(const char *at) {
    if (*at != 'e' && *at != 'E')
        return at;
    const char *digits = at + 1 + (at[1] == '-' || at[1] == '+');
    return is_digit(*digits) ? skip_digits(digits) : at;
}

/* The letters of a name; what stands before them ("?" or ":") is already taken. */
static void read_name(struct fr_lexer *lexer, enum fr_token_kind kind, const char *start) {
    /* digits, or digits and a power of ten, are names too: objects are called so */
    const char *end = skip_digits(start);
    bool number = false;
    if (kind == FR_TOKEN_NAME && end > start) {
        const bool point = *end == '.' && is_digit(end[1]);
        const char *whole = point ? skip_digits(end + 1) : end;
        end = skip_exponent(whole);
        number = (point || (end > whole && whole[1] == '+')) && !is_inner(*end);
    }
    if (number) {
        kind = FR_TOKEN_DECIMAL;
        while (lexer->at < end)
            advance(lexer);
    }
    while (kind != FR_TOKEN_DECIMAL && is_inner(*lexer->at))
        advance(lexer);
    set_token(lexer, kind, start);
}

int fr_lexer_next(struct fr_lexer *lexer) {
    static const struct {
        char c;
        enum fr_token_kind kind;
        const char *text;
    } signs[] = {{'(', FR_TOKEN_OPEN, "("},     {')', FR_TOKEN_CLOSE, ")"},
                 {'-', FR_TOKEN_DASH, "-"},     {'=', FR_TOKEN_EQUAL, "="},
                 {'+', FR_TOKEN_OPERATOR, "+"}, {'*', FR_TOKEN_OPERATOR, "*"},
                 {'/', FR_TOKEN_OPERATOR, "/"}, {'<', FR_TOKEN_OPERATOR, "<"},
                 {'>', FR_TOKEN_OPERATOR, ">"}, {'\0', FR_TOKEN_END, ""}};
    skip_blanks(lexer);
    struct fr_token *token = &lexer->token;
    const char *start = lexer->at;
    const char c = *start;
    *token = (struct fr_token){.line = lexer->line, .column = lexer->column, .id = -1, .text = ""};
    if (is_start(c)) {
        read_name(lexer, FR_TOKEN_NAME, start);
        return 0;
    }
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (c == signs[i].c) {
            token->kind = signs[i].kind;
            token->text = signs[i].text;
            if (c)
                advance(lexer);
            if ((c == '<' || c == '>') && *lexer->at == '=')
                advance(lexer);
            return 0;
        }
    advance(lexer);
    if (c != '?' && c != ':')
        return fr_lexer_fail(lexer, token, FR_E_INPUT,
                             "byte 0x%02x%s%.*s%s has no place in PDDL; names are letters, "
                             "digits, - and _",
                             (unsigned char)c, c > ' ' && c < 127 ? " (" : "",
                             c > ' ' && c < 127 ? 1 : 0, start, c > ' ' && c < 127 ? ")" : "");
    if (!is_letter(*lexer->at) && !(c == '?' && is_start(*lexer->at)))
        return fr_lexer_fail(lexer, token, FR_E_INPUT, "\"%c\" without a name after it", c);
    read_name(lexer, c == '?' ? FR_TOKEN_VARIABLE : FR_TOKEN_KEYWORD, start + (c == '?'));
    return 0;
}
