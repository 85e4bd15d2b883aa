/* A form's grammar: text and places in braces; see wording.h. One reader serves checking, saying
 * and, backwards, the reading of answers. Rejected: printf-like "%s" forms, whose arguments could
 * not change places and whose words could not follow the naming. */
#include "prompts/form.h"

#include <ctype.h>
#include <string.h>

/* In any case but the first letter's, which tells the capital. */
static bool is_name(const char *name, const char *text, size_t n) {
    return strlen(name) == n && fr_equal_nocase(name, text, n);
}

static int find_concept(const struct fr_domain *domain, int own, const char *text, size_t n) {
    int found = -1;
    const int n_concepts = domain->n_actions + domain->n_predicates;
    for (int c = n_concepts - 1; c >= 0; c--) {
        const char *name = c < domain->n_actions ? domain->actions[c].name
                                                 : domain->predicates[c - domain->n_actions].name;
        if (is_name(name, text, n)) {
            if (c == own)
                return c;
            found = c;
        }
    }
    return found;
}

int fr_form_next(const struct fr_domain *domain, int own, const char **form,
                 struct fr_piece *piece) {
    const char *p = *form;
    const size_t n_text = strcspn(p, "{}");
    *piece = (struct fr_piece){.kind = FR_PIECE_TEXT, .text = p, .n = n_text};
    if (*p == '\0')
        return 0;
    if (n_text > 0) {
        *form = p + n_text;
        return 1;
    }
    const size_t n = strcspn(p + 1, "{}");
    piece->n = n + 2;
    if (*p != '{' || p[n + 1] != '}') {
        piece->n = 1;
        return -1;
    }
    *form = p + n + 2;
    if (n == 1 && p[1] >= '1' && p[1] <= '0' + FR_MAX_ARITY) {
        piece->kind = FR_PIECE_ARGUMENT;
        piece->argument = p[1] - '1';
        return 1;
    }
    piece->kind = FR_PIECE_WORD;
    piece->concept = n == 0 ? own : find_concept(domain, own, p + 1, n);
    piece->capital = isupper((unsigned char)p[1]) != 0;
    return piece->concept >= 0 ? 1 : -1;
}

static void add_word(const char *word, bool capital, struct fr_text *out) {
    const char first = (char)(capital ? toupper((unsigned char)*word) : *word);
    fr_text_append(out, &first, 1);
    fr_text_add(out, word + 1);
}

static void drop_article(struct fr_text *out) {
    const char *the = "the ";
    const size_t n = strlen(the);
    if (out->len >= n && fr_equal_nocase(out->data + out->len - n, the, n) &&
        (out->len == n || !fr_is_word_byte(out->data[out->len - n - 1]))) {
        out->len -= n;
        out->data[out->len] = '\0';
    }
}

void fr_form_say(const struct fr_domain *domain, int own, const char *form,
                 const struct fr_naming *naming, const char *const *arguments, int n_arguments,
                 struct fr_form_manner manner, struct fr_text *out) {
    struct fr_piece piece;
    int code;
    while ((code = fr_form_next(domain, own, &form, &piece)) > 0) {
        if (piece.kind == FR_PIECE_TEXT) {
            fr_text_append(out, piece.text, piece.n);
        } else if (piece.kind == FR_PIECE_WORD) {
            add_word(naming->words[piece.concept], piece.capital || manner.capitals, out);
        } else {
            FR_ASSERT(piece.argument < n_arguments);
            if (manner.bare)
                drop_article(out);
            fr_text_add(out, arguments[piece.argument]);
        }
    }
    FR_ASSERT(code == 0);
}
