/* Faults of namings; see check.h. Rejected: refusing such tables when they are read, for a study
 * may want a naming that the prompt's words collide with, and the paper's own must load. */
#include "naming/check.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

void fr_reserved_release(struct fr_reserved *reserved) {
    for (int i = 0; i < reserved->n; i++)
        free(reserved->items[i].text);
    free(reserved->items);
    free(reserved->slots);
    *reserved = (struct fr_reserved){0};
}

static int *slot_of(const struct fr_reserved *reserved, const char *word) {
    size_t i = fr_concept_word_hash(word) & (reserved->n_slots - 1);
    int *slots = reserved->slots;
    while (slots[i] >= 0 && !fr_concept_word_equal(reserved->items[slots[i]].text, word))
        i = (i + 1) & (reserved->n_slots - 1);
    return &slots[i];
}

const struct fr_reserved_word *fr_reserved_find(const struct fr_reserved *reserved,
                                                const char *word) {
    const int *slot = reserved->n > 0 ? slot_of(reserved, word) : NULL;
    return slot != NULL && *slot >= 0 ? &reserved->items[*slot] : NULL;
}

static void rehash(struct fr_reserved *reserved) {
    reserved->n_slots = reserved->n_slots ? 2 * reserved->n_slots : 64;
    reserved->slots = fr_grow(reserved->slots, reserved->n_slots, sizeof *reserved->slots);
    memset(reserved->slots, -1, reserved->n_slots * sizeof *reserved->slots);
    for (int i = 0; i < reserved->n; i++)
        *slot_of(reserved, reserved->items[i].text) = i;
}

void fr_reserved_add(struct fr_reserved *reserved, enum fr_reserved_kind kind, const char *word) {
    if (*word == '\0')
        return;
    if (2 * (size_t)reserved->n >= reserved->n_slots)
        rehash(reserved);
    int *slot = slot_of(reserved, word);
    if (*slot >= 0)
        return;
    *slot = reserved->n;
    FR_RESERVE(reserved->items, reserved->n, reserved->capacity);
    struct fr_reserved_word *item = &reserved->items[reserved->n++];
    *item = (struct fr_reserved_word){fr_strdup(word), kind};
    for (char *p = item->text; *p; p++)
        *p = (char)tolower((unsigned char)*p);
}

void fr_reserved_add_text(struct fr_reserved *reserved, enum fr_reserved_kind kind,
                          const char *text) {
    for (const char *p = text; *p != '\0';) {
        size_t n = 0;
        while (p[n] != '\0' && fr_is_word_byte(p[n]))
            n++;
        if (n > 1) {
            char *word = fr_strndup(p, n);
            fr_reserved_add(reserved, kind, word);
            free(word);
        }
        p += n > 0 ? n : 1;
    }
}

void fr_naming_faults_release(struct fr_naming_faults *faults) {
    free(faults->items);
    *faults = (struct fr_naming_faults){0};
}

static struct fr_naming_fault *add(struct fr_naming_faults *out, bool is_error, int concept) {
    FR_RESERVE(out->items, out->n, out->capacity);
    struct fr_naming_fault *fault = &out->items[out->n++];
    *fault = (struct fr_naming_fault){.is_error = is_error, .concept = concept};
    out->n_errors += is_error;
    return fault;
}

static void check_reserved(const struct fr_naming *naming, int concept,
                           const struct fr_reserved *reserved, struct fr_naming_faults *out) {
    static const char *const what[FR_RESERVED_KIND_COUNT] = {"an object's name",
                                                             "the domain's own word",
                                                             "a word of the prompt"};
    const char *word = naming->words[concept];
    struct fr_inflection forms[FR_MAX_INFLECTIONS];
    const int n = fr_inflections_of(word, FR_INFLECTION_INFLECTED, forms);
    for (int i = 0; i < n; i++) {
        const struct fr_reserved_word *found = fr_reserved_find(reserved, forms[i].text);
        if (found == NULL)
            continue;
        struct fr_naming_fault *fault = add(out, i == 0, concept);
        if (i == 0)
            (void)snprintf(fault->text, sizeof fault->text, "\"%.79s\" is %s", word,
                           what[found->kind]);
        else
            (void)snprintf(fault->text, sizeof fault->text, "\"%.79s\", a form of \"%.79s\", is %s",
                           forms[i].text, word, what[found->kind]);
    }
}

static void check_clashes(const struct fr_concepts *concepts, const struct fr_naming *naming,
                          struct fr_naming_faults *out) {
    struct fr_naming_forms *forms = fr_alloc(1, sizeof *forms);
    fr_naming_forms_of(concepts, naming, FR_INFLECTION_INFLECTED, forms);
    for (int i = 0; i < forms->n_clashes; i++) {
        const struct fr_form_clash *clash = &forms->clashes[i];
        struct fr_naming_fault *fault = add(out, clash->is_word, clash->other);
        if (clash->is_word)
            (void)snprintf(fault->text, sizeof fault->text,
                           "\"%.79s\" is a form of \"%.79s\" (%.79s) and the word of %.79s",
                           clash->text, naming->words[clash->other], concepts->names[clash->other],
                           concepts->names[clash->owner]);
        else
            (void)snprintf(fault->text, sizeof fault->text,
                           "\"%.79s\" is a form of both \"%.79s\" (%.79s) and \"%.79s\" (%.79s)",
                           clash->text, naming->words[clash->owner], concepts->names[clash->owner],
                           naming->words[clash->other], concepts->names[clash->other]);
    }
    free(forms);
}

/* Characters that texts also write as others: marks that join the letter before them (composed, it
 * is one character), ligatures, letters of full width. */
static bool has_twin(uint32_t point) {
    return (point >= 0x0300 && point <= 0x036F) || (point >= 0xFB00 && point <= 0xFB06) ||
           (point >= 0xFF10 && point <= 0xFF5A);
}

static void check_letters(const char *word, int concept, struct fr_naming_faults *out) {
    bool capital = false;
    uint32_t point, twin = 0;
    for (const char *p = word; *p != '\0';) {
        const int n = fr_utf8_decode(p, &point);
        capital = capital || isupper((unsigned char)*p);
        if (n > 1 && twin == 0 && has_twin(point))
            twin = point;
        p += n > 0 ? n : 1;
    }
    if (capital)
        (void)snprintf(add(out, false, concept)->text, sizeof out->items->text,
                       "\"%s\" has capitals, which PDDL and sentences do not keep", word);
    if (twin != 0)
        (void)snprintf(add(out, false, concept)->text, sizeof out->items->text,
                       "\"%s\" holds U+%04X, which texts also write as another character; then it "
                       "is another word",
                       word, (unsigned)twin);
}

void fr_naming_check(const struct fr_concepts *concepts, const struct fr_naming *naming,
                     const struct fr_reserved *reserved, struct fr_naming_faults *out) {
    if (fr_naming_is_clean(naming))
        return;
    for (int a = 0; a < concepts->n; a++) {
        check_reserved(naming, a, reserved, out);
        check_letters(naming->words[a], a, out);
    }
    check_clashes(concepts, naming, out);
}
