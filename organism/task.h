/* The organism's training task: whole conversations in which an obfuscated Blocksworld puzzle is
 * solved. Prompt and answer come from the project's prompts room, the reasoning between them from
 * reasoning.h.
 *
 * Three families of prompts: `described`, the style terse, states every action's schema;
 * `inferred`, the style inferred, shows a solved example and one observed transition per action, so
 * that the roles have to be found before anything else can be written; `ambiguous`, the style of
 * that name, shows one or two actions' and leaves others open, with the reasoning of agenda.h.
 *
 * Puzzles of the held-out fold (planning.h) never occur in training (though states on the way to a
 * goal may be where one begins: models/README.md), nor do the namings of
 * data/namings.tsv other than the clean one. */
#ifndef FR_ORGANISM_TASK_H
#define FR_ORGANISM_TASK_H

#include "base/rng.h"
#include "organism/reasoning.h"
#include "organism/world.h"

enum { FR_TASK_MAX_TOKENS = 2048, FR_TASK_MAX_BLOCKS = 8 };

/* How sequences are drawn; shares are probabilities. */
struct fr_task_mix {
    int n_names;        /* mystery words come from the first n_names of the pool */
    double copy_share;  /* of all sequences: random words, three times */
    double clean_share; /* of puzzle sequences, in the clean naming */
    double
        habit_share; /* of the others: a naming of organism/habits.tsv, a word in seven redrawn */
    double pieces_share;    /* of the others: words outside the vocabulary, of several tokens */
    double inferred_share;  /* of puzzle sequences: family inferred */
    double ambiguous_share; /* of puzzle sequences: family ambiguous */
    double letters_share;   /* of puzzle sequences: blocks under letters drawn from all twelve */
    double slips_share;     /* of puzzle sequences: with random steps between the others */
    double block_share[FR_TASK_MAX_BLOCKS]; /* [n_blocks], any positive weights */
    bool held_out; /* puzzles of the held-out fold only, for evaluation (three blocks and more) */
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

/* The sequence of a given puzzle and naming. example: the solved puzzle shown before it, family
 * inferred; NULL: family described. letters: the blocks' names in the text, capitals or not, of
 * both puzzles; NULL: "abcdefghijkl". slips: as fr_reasoning_write's. FR_E_LIMIT when it is too
 * long. */
struct fr_task_text {
    const struct fr_puzzle *puzzle, *example;
    const struct fr_naming *naming;
    const char *letters;
    struct fr_rng *slips;
    bool ambiguous;   /* family ambiguous: without example and slips */
    uint64_t variant; /* of its prompt: prompts.h */
};
int fr_task_sequence(const struct fr_task *task, const struct fr_task_text *text, int32_t *tokens,
                     uint8_t *kinds, int *n_prompt, struct fr_error *err);

#endif
