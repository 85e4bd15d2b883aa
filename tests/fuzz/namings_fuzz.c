/* Naming tables: what is accepted is a bijection in every row. */
#include "fuzz/fuzz.h"

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
            FR_ASSERT(naming->words[a][0] != '\0');
            for (int b = 0; b < a; b++)
                FR_ASSERT(strcmp(naming->words[a], naming->words[b]) != 0);
        }
    }
    fr_namings_release(&namings);
    free(text);
    return 0;
}
