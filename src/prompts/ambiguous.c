/* The `ambiguous` style: the terse dialect with what most actions do, but not two that are alike in
 * their parameters, so that either of them can have either role. All actions are named first,
 * before anything is known of them, in an order that tells nothing; which are left open, and all
 * orders, are the puzzle's own choice, the same under every naming.
 *
 * Of an action that is shown: what it is done to, called x, y ..., and what it needs that is about
 * none of them (in Blocksworld an empty hand, or not), its word, what is true afterwards. A
 * transition of the puzzle's own objects would state facts beside the puzzle's that do not hold in
 * it. Rejected: hiding the words of predicates too; they are found from facts, and nothing about
 * them is open. */
#include "prompts/terse.h"

/* One in so many variants leaves nothing open, so that a network learns to look at what is shown;
 * variant 0, that of studies, never does. */
enum { OPEN_OF = 4 };

static bool are_alike(const struct fr_action *a, const struct fr_action *b) {
    bool same = a->n_params == b->n_params;
    for (int i = 0; same && i < a->n_params; i++)
        same = a->param_types[i] == b->param_types[i];
    return same;
}

void fr_ambiguous_orders(const struct fr_problem *problem, uint64_t variant,
                         struct fr_ambiguous_orders *out) {
    const struct fr_domain *domain = problem->domain;
    const int n = domain->n_actions;
    int order[FR_MAX_CONCEPTS], open[2] = {-1, -1};
    struct fr_rng rng;
    fr_rng_seed(&rng, fr_problem_seed(problem), variant);
    fr_rng_permutation(&rng, n, out->named);
    fr_rng_permutation(&rng, n, order);
    const bool opens = fr_rng_below(&rng, OPEN_OF) > 0 || variant == 0;
    for (int i = 0; opens && i < n && open[0] < 0;
         i++) /* the first two of the order that are alike */
        for (int k = i + 1; k < n && open[0] < 0; k++)
            if (are_alike(&domain->actions[order[i]], &domain->actions[order[k]])) {
                open[0] = order[i];
                open[1] = order[k];
            }
    fr_rng_permutation(&rng, n, order);
    out->n_shown = 0;
    for (int i = 0; i < n; i++)
        if (order[i] != open[0] && order[i] != open[1])
            out->shown[out->n_shown++] = order[i];
}

static void add_shown(const struct fr_problem *problem, const struct fr_naming *naming, int action,
                      struct fr_text *out) {
    fr_text_add(out, "*");
    fr_terse_parameters(problem, action, out);
    fr_terse_surroundings(problem, naming, action, out);
    fr_text_add(out, " >");
    fr_terse_signature(problem, naming, action, out);
    fr_text_add(out, " >");
    fr_terse_added(problem, naming, action, out);
    fr_text_add(out, "\n");
}

/* A number as strokes: "-" one, "=" two, "= -" three. */
static void add_strokes(int n, struct fr_text *out) {
    for (; n >= 2; n -= 2)
        fr_text_add(out, " =");
    if (n == 1)
        fr_text_add(out, " -");
}

void fr_ambiguous_words(const struct fr_problem *problem, const struct fr_naming *naming,
                        uint64_t variant, struct fr_text *out) {
    struct fr_ambiguous_orders orders;
    fr_ambiguous_orders(problem, variant, &orders);
    fr_text_add(out, "*");
    for (int i = 0; i < problem->domain->n_actions; i++) {
        add_strokes(problem->domain->actions[orders.named[i]].n_params, out);
        fr_text_add(out, " >");
        fr_terse_action(naming, orders.named[i], out);
    }
    fr_text_add(out, "\n");
}

void fr_ambiguous_render(const struct fr_prompt *prompt, struct fr_text *out) {
    const struct fr_problem *problem = prompt->problem;
    struct fr_ambiguous_orders orders;
    fr_ambiguous_orders(problem, prompt->variant, &orders);
    fr_ambiguous_words(problem, prompt->naming, prompt->variant, out);
    for (int i = 0; i < orders.n_shown; i++)
        add_shown(problem, prompt->naming, orders.shown[i], out);
    fr_terse_puzzle(problem, prompt->naming, out);
}
