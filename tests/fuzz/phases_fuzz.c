/* The table of phases: any bytes as one are refused with file and line, or give rules that cut a
 * text without a gap. */
#include "base/file.h"
#include "fuzz/fuzz.h"
#include "phases/phases.h"

static const char text[] = "The goal: attack a.\n1. attack a\nLet me verify: is it so? | > ~ maybe";
static const struct fr_concepts concepts = {.n = 1};
static char path[64];

static void remove_file(void) { (void)unlink(path); }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct fr_forms forms;
    if (path[0] == '\0') {
        fr_forms_append(&forms, "attack", 0);
        (void)snprintf(path, sizeof path, P_tmpdir "/fluidrep-fuzz-XXXXXX");
        const int fd = mkstemp(path);
        if (fd < 0 || close(fd) != 0)
            abort();
        (void)atexit(remove_file);
    }
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0)
        abort();
    for (int terse = 0; terse < 2; terse++) {
        struct fr_phases *phases;
        struct fr_error err = {0};
        const int code = fr_phases_open(&phases, path, terse, &err);
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
