/* The `ambiguous` style: the terse dialect with what only one or two actions do, so that more than
 * one assignment of the others' roles fits what is seen. All actions are named first, before
 * anything is known of them, in an order that tells nothing; which of them are shown, and both
 * orders, are the puzzle's own choice, the same under every naming.
 *
 * What an action does is shown as one change of facts, of objects that are called x, y ... and not
 * of the puzzle's: a transition of the puzzle's own objects would state facts beside the puzzle's
 * that do not hold in it. Rejected: hiding the words of predicates too; they are found from facts,
 * and nothing about them is open. */
#include "prompts/terse.h"

void fr_ambiguous_orders(const struct fr_problem *problem, uint64_t variant,
                         struct fr_ambiguous_orders *out) {
    const int n = problem->domain->n_actions;
    struct fr_rng rng;
    fr_rng_seed(&rng, fr_problem_seed(problem), variant);
    fr_rng_permutation(&rng, n, out->named);
    fr_rng_permutation(&rng, n, out->shown);
    out->n_shown = n < 2 ? n : 1 + (int)fr_rng_below(&rng, (uint32_t)n / 2);
}

void fr_ambiguous_render(const struct fr_prompt *prompt, struct fr_text *out) {
    const struct fr_problem *problem = prompt->problem;
    const struct fr_naming *naming = prompt->naming;
    struct fr_ambiguous_orders orders;
    fr_ambiguous_orders(problem, prompt->variant, &orders);
    for (int i = 0; i < problem->domain->n_actions; i++) {
        fr_text_add(out, "*");
        fr_terse_signature(problem, naming, orders.named[i], out);
        fr_text_add(out, "\n");
    }
    for (int i = 0; i < orders.n_shown; i++) {
        fr_text_add(out, "*");
        fr_terse_effects(problem, naming, orders.shown[i], false, out);
        fr_text_add(out, " >");
        fr_terse_signature(problem, naming, orders.shown[i], out);
        fr_text_add(out, " >");
        fr_terse_effects(problem, naming, orders.shown[i], true, out);
        fr_text_add(out, "\n");
    }
    fr_terse_puzzle(problem, naming, out);
}
