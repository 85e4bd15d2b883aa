/* Text and token byte ranges in, mentions out (method.md 1 and 3; paper 2.4).
 *
 * One pass over the text: at every place where a word may begin, the forms are tried, longest
 * first. Rejected: matching token ids, which needs every way a tokenizer may cut a word (with and
 * without its blank, capitalised, after a newline); and an Aho-Corasick automaton, for some ten
 * forms that nearly always differ in their first letters. */
#include "mentions/mentions.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { WORD_CEILING = 128 };

void fr_forms_release(struct fr_forms *forms) {
    if (forms == NULL)
        return;
    for (int i = 0; i < forms->n; i++)
        free(forms->items[i].text);
    free(forms->items);
    *forms = (struct fr_forms){0};
}

void fr_forms_append(struct fr_forms *forms, const char *text, int concept) {
    const size_t n = strlen(text);
    if (n == 0)
        return;
    int place = forms->n;
    for (int i = 0; i < forms->n; i++) {
        const size_t other = strlen(forms->items[i].text);
        if (other == n && fr_equal_nocase(forms->items[i].text, text, n))
            return;
        if (other < n && i < place)
            place = i;
    }
    FR_RESERVE(forms->items, forms->n, forms->capacity);
    memmove(&forms->items[place + 1], &forms->items[place],
            (size_t)(forms->n - place) * sizeof *forms->items);
    forms->items[place] = (struct fr_form){fr_strdup(text), concept};
    forms->n++;
}

/* An action's phrase: "pick up" in all its forms, however its words are joined. */
static void append_phrase(struct fr_forms *forms, const char *phrase, int concept,
                          enum fr_inflection_rule rule) {
    static const char joints[] = {' ', '-', '\0'};
    struct fr_inflection inflections[FR_MAX_INFLECTIONS];
    char word[FR_INFLECTION_CEILING];
    const size_t length = strlen(phrase);
    if (length >= sizeof word / 2) {
        fr_forms_append(forms, phrase, concept);
        return;
    }
    for (size_t i = 0; i <= length; i++)
        word[i] = phrase[i] == ' ' ? '-' : phrase[i];
    const int n = fr_inflections_of(word, rule, inflections);
    for (int i = 0; i < n; i++)
        for (size_t j = 0; j < sizeof joints; j++) {
            size_t k = 0;
            for (const char *p = inflections[i].text; *p; p++)
                if (*p != '-')
                    word[k++] = *p;
                else if (joints[j] != '\0')
                    word[k++] = joints[j];
            word[k] = '\0';
            fr_forms_append(forms, word, concept);
        }
}

void fr_forms_of_naming(const struct fr_concepts *concepts, const struct fr_naming *naming,
                        enum fr_prompt_style style, const struct fr_wording *wording,
                        enum fr_inflection_rule rule, struct fr_forms *out) {
    *out = (struct fr_forms){0};
    const bool plain = !fr_style_is_terse(style) && wording != NULL &&
                       fr_wording_register(wording, naming) == FR_REGISTER_PLAIN;
    /* A concept's word comes before every inflection of another's. */
    for (int a = 0; a < concepts->n; a++) {
        char word[WORD_CEILING];
        fr_prompt_word(style, wording, naming, a, word, sizeof word);
        fr_forms_append(out, word, a);
    }
    for (int a = 0; plain && a < concepts->n; a++) {
        char word[WORD_CEILING];
        fr_prompt_word(style, wording, naming, a, word, sizeof word);
        if (concepts->kinds[a] == FR_CONCEPT_ACTION)
            append_phrase(out, word, a, rule);
    }
    if (plain || rule == FR_INFLECTION_EXACT)
        return;
    struct fr_naming_forms *forms = fr_alloc(1, sizeof *forms);
    fr_naming_forms_of(concepts, naming, rule, forms);
    for (int i = 0; i < forms->n; i++)
        fr_forms_append(out, forms->items[i].text, forms->items[i].concept);
    free(forms);
}

void fr_mentions_release(struct fr_mentions *mentions) {
    if (mentions == NULL)
        return;
    free(mentions->items);
    *mentions = (struct fr_mentions){0};
}

/* The longest form that stands at text[at, ...) as a whole word, or NULL; *end is set behind it. */
static const struct fr_form *form_at(const struct fr_forms *forms, const char *text, size_t n,
                                     size_t at, size_t *end) {
    for (int i = 0; i < forms->n; i++) {
        const struct fr_form *form = &forms->items[i];
        const size_t length = strlen(form->text);
        if (length > n - at || !fr_equal_nocase(text + at, form->text, length))
            continue;
        *end = at + length;
        if (!fr_is_inside_word(text, n, *end))
            return form;
    }
    return NULL;
}

void fr_mentions_find(const struct fr_forms *forms, const char *text, size_t n,
                      const int32_t *starts, const int32_t *ends, int n_tokens,
                      struct fr_mentions *out) {
    out->n = 0;
    int token = 0; /* the first whose range ends behind the word's start */
    for (size_t at = 0, end; at < n; at = end) {
        const struct fr_form *form =
            fr_is_inside_word(text, n, at) ? NULL : form_at(forms, text, n, at, &end);
        if (form == NULL) {
            end = at + 1;
            continue;
        }
        while (token < n_tokens && (size_t)ends[token] <= at)
            token++;
        int last = token;
        while (last < n_tokens && (size_t)starts[last] < end)
            last++;
        if (last == token)
            continue;
        FR_RESERVE(out->items, out->n, out->capacity);
        out->items[out->n++] = (struct fr_mention){form->concept, token, last};
    }
}
