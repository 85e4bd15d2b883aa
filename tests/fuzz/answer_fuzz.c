/* A model's whole answer in every prompt style: any bytes at all lead to a verdict, and a plan that
 * was read, written as PDDL and read again is the same plan. */
#include "fuzz/fuzz.h"
#include "prompts/prompts.h"

static void check_plan(const struct fr_plan *plan, enum fr_prompt_style style,
                       const struct fr_wording *wording, const struct fr_naming *clean) {
    struct fr_text first = {0}, second = {0};
    struct fr_plan again = {0};
    struct fr_verdict verdict;
    if (fr_style_is_terse(style) || plan->n_steps == 0)
        return;
    fr_plan_render(fuzz_problem(), plan, &first);
    FR_ASSERT(fr_answer_parse(style, wording, fr_text_get(&first), NULL, fuzz_problem(), clean,
                              &again, &verdict) == FR_VERDICT_SOLVED);
    fr_plan_render(fuzz_problem(), &again, &second);
    FR_ASSERT(strcmp(fr_text_get(&first), fr_text_get(&second)) == 0);
    fr_plan_release(&again);
    fr_text_release(&first);
    fr_text_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct fr_namings namings;
    static struct fr_wording wording;
    struct fr_error err = {0};
    if (namings.n == 0) {
        fuzz_require(fr_namings_load(&namings, fr_test_path("data/namings.tsv"), fuzz_domain(),
                                     &err),
                     &err);
        fuzz_require(fr_wording_load(&wording, fuzz_domain(),
                                     fr_test_path("data/wordings/blocksworld-4ops.yaml"), &err),
                     &err);
    }
    char *text = fuzz_text(data, size);
    for (int style = 0; style < FR_STYLE_COUNT; style++)
        for (int reasons = 0; reasons < 2; reasons++) {
            struct fr_plan plan = {0};
            struct fr_verdict verdict =
                fr_answer_verify((enum fr_prompt_style)style, &wording, text,
                                 reasons ? "</think>" : NULL, fuzz_problem(),
                                 &namings.items[size % 2], &plan);
            FR_ASSERT((verdict.kind == FR_VERDICT_UNPARSED) == (plan.n_steps == 0));
            FR_ASSERT(memchr(verdict.reason, '\0', sizeof verdict.reason) != NULL);
            check_plan(&plan, (enum fr_prompt_style)style, &wording, &namings.items[0]);
            fr_plan_release(&plan);
        }
    free(text);
    return 0;
}
