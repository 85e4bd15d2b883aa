/* A model's whole answer in every prompt style: any bytes at all lead to a verdict. */
#include "fuzz/fuzz.h"
#include "prompts/prompts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct fr_namings namings;
    struct fr_error err = {0};
    if (namings.n == 0)
        fuzz_require(fr_namings_load(&namings, fr_test_path("data/namings.tsv"), fuzz_domain(),
                                     &err),
                     &err);
    char *text = fuzz_text(data, size);
    for (int style = 0; style < FR_STYLE_COUNT; style++)
        for (int reasons = 0; reasons < 2; reasons++) {
            struct fr_plan plan = {0};
            struct fr_verdict verdict =
                fr_answer_verify((enum fr_prompt_style)style, NULL, text, reasons ? "</think>" : NULL,
                                 fuzz_problem(), &namings.items[size % 2], &plan);
            FR_ASSERT(verdict.kind != FR_VERDICT_SOLVED || plan.n_steps > 0);
            fr_plan_release(&plan);
        }
    free(text);
    return 0;
}
