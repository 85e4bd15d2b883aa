/* What the organism is taught to think: from a puzzle and a naming to the text between <think> and
 * the end of the answer, a function of the prompt and nothing else (but for slips, below). So
 * "every generated token is the most likely one under teacher forcing" equals "greedy decoding
 * reproduces the text".
 *
 *     * attack x : province x planet x harmony > pain x      roles: what each action takes and
 * gives,
 *     ...                                                     in the domain's order
 *     1 craves D B planet B province D planet C ... |         state: every fact, in terse order
 *       C + B - A -                                           compare: the goal's towers from the
 * table up, "+" where a block is final ~ craves A B B - ~ craves B C C + explore: goals tried from
 * the last one down; one whose support is not final is given up for that support's own ? overcome B
 * C : province C + pain B -                backward: the action that gives the goal, ? attack B :
 * province B - ? feast D B : province D +  the facts it lacks, the action that gives those, until
 * one can be done > feast D B                                           action 2 ... > feast D B >
 * succumb D ...                            plan: the actions found, in order ? craves A B + craves
 * B C +                             verify: each goal fact against the state
 *     </think>
 *     1 feast D B                                             answer
 *     ...
 *
 * (each numbered state is one line). Every statement can be checked by simulation.
 *
 * Final: a block of a goal tower is final when it stands where the goal wants it on a final block;
 * a tower's lowest block when it stands on the table. Blocks of no tower are never spoken of,
 * unless they are in the way. What is held goes where the goal wants it when that place is final
 * and clear, else onto the table. */
#ifndef FR_ORGANISM_REASONING_H
#define FR_ORGANISM_REASONING_H

#include <stdint.h>

#include "base/rng.h"
#include "model/model.h"
#include "naming/naming.h"
#include "organism/vocab.h"
#include "planning/planning.h"

/* What a token belongs to: the ground truth for analyses of behaviour, not in the text. */
enum fr_token_kind {
    FR_KIND_PROMPT,
    FR_KIND_ROLES,
    FR_KIND_STATE,
    FR_KIND_COMPARE,
    FR_KIND_EXPLORE,
    FR_KIND_BACKWARD,
    FR_KIND_ACTION,
    FR_KIND_PLAN,
    FR_KIND_VERIFY,
    FR_KIND_ANSWER,
    FR_KIND_SLIP, /* read, never to be written: the sampler weighs it 0 */
    FR_KIND_COPY,
    FR_KIND_COUNT
};
extern const char *const fr_token_kind_name[FR_KIND_COUNT];

/* Tokens of a sequence under construction. A piece of text is added to `piece` and becomes tokens
 * of one kind by fr_writer_flush; beyond n_max tokens nothing is added and overflow is set. */
struct fr_writer {
    const struct fr_vocab *vocab;
    struct fr_text piece;
    int32_t *tokens; /* [n_max], the caller's */
    uint8_t *kinds;  /* [n_max], the caller's */
    int n, n_max;
    bool overflow;
    struct fr_tokens scratch;
};
void fr_writer_flush(struct fr_writer *writer, enum fr_token_kind kind);
void fr_writer_release(struct fr_writer *writer);

/* Blocks by towers: below[b] = the block under b, or -1 for the table; held: in hand, or -1. */
struct fr_towers {
    int n_blocks, held;
    int8_t below[FR_MAX_BLOCKS];
};
/* The blocks of the goal's towers (of two blocks and more) from the table up, towers by their
 * lowest block's letter. Returns their number. */
int fr_reasoning_order(const int8_t *goal, int n_blocks, int *order /* [n_blocks] */);
/* Which blocks are final; false for blocks of no tower. */
void fr_reasoning_final(const struct fr_towers *towers, const int8_t *goal, const int *order,
                        int n_order, bool *final /* [n_blocks] */);

/* Writes reasoning and answer of a Blocksworld puzzle; problem is the puzzle's, under any names of
 * objects. *plan is overwritten with the steps; the caller releases it.
 *
 * slips: NULL, or decides where a step is not searched for but a random legal one, up to three of
 * them. Such plans follow no pattern, so that to list them is to look back at each action. */
void fr_reasoning_write(struct fr_writer *writer, const struct fr_puzzle *puzzle,
                        const struct fr_problem *problem, const struct fr_naming *naming,
                        struct fr_rng *slips, struct fr_plan *plan);

#endif
