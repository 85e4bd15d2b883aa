/* What an organism is taught to think where roles are open (prompt style ambiguous): a plan that
 * needs no search, in words that never say what a word means.
 *
 *     * = > feast - > attack = > overcome - > succumb
 *      - craves D B + craves A B
 *      - craves D B : D B harmony > feast D B > province B pain D : D > succumb D > ...
 *      + craves A B : A harmony > attack A > pain A : A B > overcome A B > ...
 *     * = > feast - > attack = > overcome - > succumb
 *     </think>
 *     1 feast D B
 *     ...
 *
 * roles: the prompt's first line, which gives no role yet.
 *
 * plan: the agenda. "-": a fact to end, towers from the top down, by their top block's letter; "+":
 * a fact of the goal, its towers from the table up. Between the two halves all blocks stand on the
 * table.
 *
 * A line for each, its two actions as the prompt shows a known one: what it is done to, that the
 * hand is empty where it is, the action, what is then true.
 *
 * verify: the first line again. Then the answer.
 *
 * Everything is a function of the prompt but one thing: of two actions of which neither was shown,
 * the first one used is a guess. All later text follows from it, so that after it the text is what
 * a right guess would have led to, whether it was right or not.
 *
 * Kinds: the action's word alone is FR_KIND_ACTION, the rest of its line FR_KIND_STATE. */
#ifndef FR_ORGANISM_AGENDA_H
#define FR_ORGANISM_AGENDA_H

#include "organism/reasoning.h"

/* Writes reasoning and answer of a Blocksworld puzzle whose prompt is of the given variant
 * (prompts.h); otherwise as fr_reasoning_write. */
void fr_agenda_write(struct fr_writer *writer, const struct fr_puzzle *puzzle,
                     const struct fr_problem *problem, const struct fr_naming *naming,
                     uint64_t variant, struct fr_plan *plan);

#endif
