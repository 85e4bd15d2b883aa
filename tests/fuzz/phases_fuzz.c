/* The table of phases: any bytes as one are refused with file and line, or give rules that cut a
 * text without a gap. */
#include "fuzz/fuzz.h"
#include "phases/phases.h"

static const char text[] = "The goal: attack a.\n1. attack a\nLet me verify: is it so? | > ~ maybe";
static const struct fr_concepts concepts = {.n = 1};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct fr_forms forms;
    if (forms.n == 0)
        fr_forms_append(&forms, "attack", 0);
    const char *path = fuzz_file("", data, size);
    for (int kind = 0; kind < FR_PHASE_TEXT_COUNT; kind++) {
        struct fr_phases *phases;
        struct fr_error err = {0};
        const int code = fr_phases_open(&phases, path, (enum fr_phase_text)kind, &err);
        if (code != FR_OK) {
            fuzz_check_refusal(code, &err);
            FR_ASSERT(phases == NULL && strncmp(err.text, path, strlen(path)) == 0);
            continue;
        }
        for (int k = 0; k < FR_PHASE_RULES_COUNT; k++) {
            struct fr_phase_spans spans = {0};
            fr_phases_find(phases, (enum fr_phase_rules)k, &forms, &concepts, text, 0,
                           sizeof text - 1, &spans);
            FR_ASSERT(spans.n > 0 && spans.items[spans.n - 1].end == sizeof text - 1);
            fr_phase_spans_release(&spans);
        }
        fr_phases_close(phases);
    }
    return 0;
}
