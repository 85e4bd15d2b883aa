/* The planted model: a deterministic stand-in behind struct fr_model whose inner directions are
 * known, so that a pipeline can be tested against the truth: it must recover the directions, and
 * steering along them must help exactly as planted.
 *
 * What it is:
 * - Tokens are words: a word with the blank before it, or one other byte (newline, punctuation, a
 *   blank); the ChatML tags, <think> and </think> are single tokens when parsed as special. Ids
 *   are hashes of the text, the same in every process and in all siblings, which share the table
 *   (two words share a hash once in a million pairs; the later one then moves to the next id, and
 *   where two threads meet them first at once, either may be the later).
 * - Row of position p at layer L: name(token) + gain(L, p) * direction(concept at p) + noise,
 *   where name and noise are pseudo-random vectors and gain(L, p) = strength * L / n_layers *
 *   (1 - exp(-p / refine_tokens)) at the planted layers, 0 at the others: the concept is refined
 *   with depth and with position. An edit's change stays in all layers above.
 * - Parts of a block: before layer 1 stands name(token); at each layer the MLP adds the direction's
 *   increase, (gain(L, p) - gain(L - 1, p)) * direction, and attention the change of the noise, so
 *   that the truth shows at the MLP's site and never at attention's.
 * - Score of a sequence: the mean, over its last recent_mentions concept positions (0: all) and
 *   the planted layers, of the row's projection on its own concept's direction.
 * - Generation: when the score exceeds the threshold plus a jitter (normal with deviation
 *   `jitter`, drawn from the tokens alone), the script's good continuation is written, else the
 *   bad one, then <|im_end|>. The choice is made once per sequence, at its first generated token.
 *   So steering along the right directions helps, along shuffled ones harms, and an identity edit
 *   changes nothing.
 * - With `answer` there are two parts, each chosen when it begins: the script's, then the answer's,
 *   by the score of everything before it, the generated mentions too. Where the script's two texts
 *   are one, a prefix of a trace then goes on as the trace did, and an edit in it can still decide
 *   the answer, as in a model that reasons. */
#ifndef FR_TESTS_SUPPORT_PLANTED_H
#define FR_TESTS_SUPPORT_PLANTED_H

#include "base/text.h"
#include "model/model.h"

/* The words of one naming; in force in sequences whose first marker of all is this one. */
struct fr_planted_naming {
    const char *marker;       /* a word, e.g. the first action's name */
    const char *const *words; /* [n_concepts], no blanks */
};

struct fr_planted_options {
    int n_slots, context_tokens, n_layers, width, n_concepts;
    int planted_begin, planted_end; /* planted layers [begin, end), 1-based; 0, 0: all */
    double name_norm, strength, noise_norm, refine_tokens;
    double threshold, jitter;
    int recent_mentions;
    int noise_context; /* tokens before that noise depends on too, as in a model that reads; 0: two
                        * texts with one token at one position share its noise */
    uint64_t seed;
    /* Which concept stands at a position, -1 for none: the callback, or (when NULL) the table. */
    int (*concept_of)(void *user, const int32_t *tokens, int n, int position);
    const struct fr_planted_naming *namings;
    int n_namings;
    /* Appends the texts that continue the n tokens; either may be left empty. NULL: generation
     * ends at once. */
    void (*script)(void *user, const int32_t *tokens, int n, struct fr_text *good,
                   struct fr_text *bad);
    /* The same for what follows the script's text. NULL: the sequence ends there. */
    void (*answer)(void *user, const int32_t *tokens, int n, struct fr_text *good,
                   struct fr_text *bad);
    void *user;
};
/* 2 slots, 2,048 tokens, 4 layers, width 64, 9 concepts, all layers planted. */
struct fr_planted_options fr_planted_options_defaults(void);

/* Borrows namings, words and user until the model and its siblings are closed; a sibling's thread
 * calls concept_of, script and answer with the same user. They may ask any of the handles,
 * whichever thread it works in, for a token's text: siblings share the table. */
FR_CHECKED int fr_model_open_planted(struct fr_model **out,
                                     const struct fr_planted_options *options,
                                     struct fr_error *err);

/* The truth: unit vectors, [D], orthogonal to each other; valid while the model is open. */
const float *fr_planted_direction(const struct fr_model *model, int concept);
double fr_planted_gain(const struct fr_model *model, int layer, int position);
/* The score of a slot's (FR_SLOT_STEM: the stem's) content; 0 without concept positions. */
double fr_planted_score(const struct fr_model *model, int slot);

#endif
