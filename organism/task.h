/* The organism's training task: whole conversations in which an obfuscated Blocksworld puzzle is
 * solved by writing out a chain of states. Prompt and answer come from the project's prompts room.
 *
 * The reasoning is a deterministic function of the prompt, so that "every generated token is the
 * argmax under teacher forcing" equals "greedy decoding reproduces the text". Line k of it is
 *
 *     k FACTS | FLAGS > ACTION    e.g.  1 craves A B planet B province A harmony | A - B - > feast
 * A B
 *
 * FACTS is the whole state in the style's canonical order. FLAGS compares it with the goal: the
 * blocks tower by tower in the *goal's* order from the table up, each with "+" when it is final. A
 * block is final when it stands where the goal wants it (the table when the goal says nothing) on a
 * final block, which is the one named just before it. ACTION is the next step; the last line, all
 * "+", stops after FLAGS. Then "</think>" and the plan.
 *
 * The policy (fr_task_next_step), f being the first block that is not final: holding f with a clear
 * place to go, stack it; holding anything else, put it down. Hand empty: when f stands clear on the
 * table and its place is clear, pick it up; else unstack the first clear block that is not final
 * and stands on another.
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
    FR_KIND_FLAGS,
    FR_KIND_ACTION,
    FR_KIND_PLAN,
    FR_KIND_COPY,
    FR_KIND_COUNT
};
extern const char *const fr_token_kind_name[FR_KIND_COUNT];

enum { FR_TASK_MAX_TOKENS = 1024 };

struct fr_task_mix {
    int n_names;           /* mystery words come from the first n_names of the pool */
    double clean_share;    /* of puzzle sequences, in the clean naming */
    double copy_share;     /* of all sequences: random words, three times */
    double block_share[8]; /* [n_blocks], any positive weights */
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

/* Blocks by towers: below[b] = the block under b, or -1 for the table; held: in hand, or -1. */
struct fr_towers {
    int n_blocks, held;
    int8_t below[FR_MAX_BLOCKS];
};
/* The goal's blocks tower by tower, from the table up; towers by their lowest block's letter. */
void fr_task_goal_order(const int8_t *goal, int n_blocks, int *order);
/* The policy's next step, or false when every block is final. final[b] says which are. */
bool fr_task_next_step(const struct fr_towers *towers, const int8_t *goal, const int *order,
                       bool *final, int *action, int *block, int *target);

#endif
