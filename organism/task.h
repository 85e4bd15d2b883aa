/* The organism's training task: whole conversations in which an obfuscated Blocksworld puzzle is
 * solved by writing out a chain of states. Prompt and answer come from the project's prompts room.
 *
 * The reasoning is a deterministic function of the prompt, so that "every generated token is the
 * argmax under teacher forcing" equals "greedy decoding reproduces the text". Line k of it is
 *
 *     k FACTS | DONE > ACTION       e.g.  1 craves A B planet B province A harmony | B > feast A B
 *
 * FACTS is the whole state in the style's canonical order, DONE the blocks already in their final
 * position, ACTION the next step; the last line stops after DONE. Then "</think>" and the plan.
 *
 * The policy (`fr_task_next_step`): a block is *final* when it stands where the goal wants it (the
 * table when the goal says nothing) on a final block. Holding a block: stack it if its place is
 * final and clear, else put it down. Hand empty: take the first block that can go to its final
 * place at once; else unstack the first clear block that is not final.
 *
 * Puzzles of the held-out fold (planning.h) never occur, nor do the namings of data/namings.tsv
 * other than the clean one. */
#ifndef FR_ORGANISM_TASK_H
#define FR_ORGANISM_TASK_H

#include <stdint.h>

#include "base/rng.h"
#include "model/model.h"
#include "organism/vocab.h"
#include "organism/world.h"

enum fr_token_kind {
    FR_KIND_PROMPT,
    FR_KIND_STATE,
    FR_KIND_DONE,
    FR_KIND_ACTION,
    FR_KIND_PLAN,
    FR_KIND_COPY,
    FR_KIND_COUNT
};
extern const char *const fr_token_kind_name[FR_KIND_COUNT];

enum { FR_TASK_MAX_TOKENS = 1024 };

struct fr_task_mix {
    int n_names;               /* mystery words come from the first n_names of the pool */
    double clean_share;        /* of puzzle sequences, in the clean naming */
    double copy_share;         /* of all sequences: random words, three times */
    double block_share[8];     /* [n_blocks], any positive weights */
};

struct fr_task;
FR_CHECKED int fr_task_open(struct fr_task **out, struct fr_error *err);
void fr_task_close(struct fr_task *task);
const struct fr_vocab *fr_task_vocab(const struct fr_task *task);
const struct fr_world *fr_task_world(const struct fr_task *task);

/* One training sequence; tokens and kinds have room for FR_TASK_MAX_TOKENS. Returns its length;
 * *n_prompt is the first generated position (0 for a copy sequence). Thread-safe for different
 * rngs: the task is only read. */
int fr_task_sample(const struct fr_task *task, const struct fr_task_mix *mix, struct fr_rng *rng,
                   int32_t *tokens, uint8_t *kinds, int *n_prompt, struct fr_error *err);
/* The sequence of a given puzzle and naming. */
int fr_task_sequence(const struct fr_task *task, const struct fr_puzzle *puzzle,
                     const struct fr_naming *naming, int32_t *tokens, uint8_t *kinds, int *n_prompt,
                     struct fr_error *err);

/* The policy's next step in towers `below` with block `held` (or -1) in hand, or false when every
 * block is final. done[b] says which are. */
struct fr_towers {
    int n_blocks, held;
    int8_t below[FR_MAX_BLOCKS];
};
bool fr_task_next_step(const struct fr_towers *towers, const int8_t *goal, bool *done, int *action,
                       int *block, int *target);

#endif
