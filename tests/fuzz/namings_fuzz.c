/* Naming tables: what is accepted is one word per concept in every row, written out and read again
 * it is the same table, every word has forms of which none is twice, the check of it says something
 * about concepts that there are, and what it finds no fault in has no word of the prompt. */
#include "fuzz/fuzz.h"
#include "naming/check.h"

static const struct fr_reserved *reserved(void) {
    static struct fr_reserved words;
    if (words.n == 0)
        fr_reserved_add_text(&words, FR_RESERVED_PROMPT, "my goal is the object in the plan");
    return &words;
}

static void check_forms(const struct fr_concepts *concepts, const struct fr_naming *naming) {
    static struct fr_naming_forms forms;
    fr_naming_forms_of(concepts, naming, FR_INFLECTION_INFLECTED, &forms);
    for (int a = 0; a < concepts->n; a++) {
        const struct fr_naming_form *own =
            fr_naming_forms_find(&forms, naming->words[a], strlen(naming->words[a]));
        FR_ASSERT(own != NULL && own->concept == a && own->is_word);
        FR_ASSERT(own->tag == fr_inflection_tag_of(naming->words[a]));
        char same[FR_INFLECTION_CEILING];
        fr_inflect(naming->words[a], own->tag, same);
        FR_ASSERT(strcmp(same, naming->words[a]) == 0);
    }
    for (int i = 0; i < forms.n; i++) {
        const char *text = forms.items[i].text;
        FR_ASSERT(text[0] != '\0' &&
                  fr_naming_forms_find(&forms, text, strlen(text)) == &forms.items[i]);
    }
    for (int i = 0; i < forms.n_clashes; i++)
        FR_ASSERT(forms.clashes[i].owner != forms.clashes[i].other);
}

static void check_faults(const struct fr_concepts *concepts, const struct fr_naming *naming) {
    struct fr_naming_faults faults = {0};
    int errors = 0;
    fr_naming_check(concepts, naming, reserved(), &faults);
    for (int i = 0; i < faults.n; i++) {
        FR_ASSERT(faults.items[i].concept >= 0 && faults.items[i].concept < concepts->n);
        FR_ASSERT(faults.items[i].text[0] != '\0');
        errors += faults.items[i].is_error;
    }
    FR_ASSERT(errors == faults.n_errors);
    for (int a = 0; errors == 0 && !fr_naming_is_clean(naming) && a < concepts->n; a++)
        FR_ASSERT(fr_reserved_find(reserved(), naming->words[a]) == NULL);
    fr_naming_faults_release(&faults);
}

static void check_reading_again(const struct fr_namings *namings) {
    struct fr_text text = {0}, again_text = {0};
    struct fr_namings again;
    struct fr_error err = {0};
    fr_namings_render(namings, &text);
    fuzz_require(fr_namings_parse(&again, fr_text_get(&text), "again", fuzz_domain(), &err), &err);
    FR_ASSERT(again.n == namings->n && again.concepts.n == namings->concepts.n);
    fr_namings_render(&again, &again_text);
    FR_ASSERT(strcmp(fr_text_get(&text), fr_text_get(&again_text)) == 0);
    fr_namings_release(&again);
    fr_text_release(&text);
    fr_text_release(&again_text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = fuzz_text(data, size);
    struct fr_namings namings;
    struct fr_error err = {0};
    int code = fr_namings_parse(&namings, text, "namings", fuzz_domain(), &err);
    if (code != FR_OK) {
        fuzz_check_refusal(code, &err);
        free(text);
        return 0;
    }
    for (int i = 0; i < namings.n; i++) {
        const struct fr_naming *naming = &namings.items[i];
        FR_ASSERT(fr_namings_find(&namings, naming->id) == i);
        for (int a = 0; a < namings.concepts.n; a++) {
            FR_ASSERT(fr_concept_word_is_valid(naming->words[a]));
            for (int b = 0; b < a; b++)
                FR_ASSERT(!fr_concept_word_equal(naming->words[a], naming->words[b]));
        }
        check_forms(&namings.concepts, naming);
        check_faults(&namings.concepts, naming);
    }
    check_reading_again(&namings);
    fr_namings_release(&namings);
    free(text);
    return 0;
}
