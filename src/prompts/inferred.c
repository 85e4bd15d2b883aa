/* The `inferred` style: the terse dialect without the actions' schemas, whose place observed
 * transitions and a worked example take, so that what a word means has to be found from its use.
 * Rejected: transitions of the puzzle itself, which could show part of its solution. */
#include "prompts/terse.h"

void fr_inferred_render(const struct fr_prompt *prompt, struct fr_text *out) {
    const struct fr_problem *example = prompt->example;
    const struct fr_plan *plan = prompt->example_plan;
    const struct fr_naming *naming = prompt->naming;
    struct fr_transitions seen;
    struct fr_error err;
    FR_ASSERT(example != NULL && plan != NULL);
    const int code = fr_transitions_observe(&seen, example, &err);
    FR_ASSERT(code == FR_OK);
    for (int i = 0; i < seen.n; i++) {
        fr_text_add(out, "*");
        fr_terse_facts(example, naming, &seen.items[i].before, out);
        fr_text_add(out, " >");
        fr_terse_step(example, naming, &seen.items[i].step, out);
        fr_text_add(out, " >");
        fr_terse_facts(example, naming, &seen.items[i].after, out);
        fr_text_add(out, "\n");
    }
    fr_transitions_release(&seen);
    fr_terse_puzzle(example, naming, out);
    fr_text_add(out, "\n");
    for (int i = 0; i < plan->n_steps; i++) {
        fr_text_printf(out, "%d", i + 1);
        fr_terse_step(example, naming, &plan->steps[i], out);
        fr_text_add(out, "\n");
    }
    fr_terse_puzzle(prompt->problem, naming, out);
}
