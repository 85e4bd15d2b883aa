/* experiments/: every steering experiment and every control is a row of one table over one engine
 * (method.md section 5). A row says which vectors, under which control, and what is done with them.
 */
#ifndef FR_EXPERIMENTS_EXPERIMENTS_H
#define FR_EXPERIMENTS_EXPERIMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "interventions/interventions.h"
#include "mentions/mentions.h"
#include "model/model.h"
#include "representations/representations.h"

struct fr_condition {
    enum fr_vector_kind vectors;
    enum fr_vector_control control;
    bool identity; /* scale 1: h' = h, must reproduce the baseline bit for bit */
};

/* "in_naming", "cross_all", "cross_loo", "random", "shuffled", "cross_shuffled", "identity"; the
 * index is the condition. */
enum { FR_N_CONDITIONS = 7 };
extern const char *const fr_condition_names[FR_N_CONDITIONS];
extern const struct fr_condition fr_conditions[FR_N_CONDITIONS];
int fr_condition_find(const char *name); /* or -1 */

/* What all conditions of a study share. */
struct fr_positive_steering {
    const struct fr_reps *centred; /* of solved traces of the collecting puzzles */
    const bool *use;               /* [N] namings in the cross-naming means */
    int time;                      /* grid index the vectors come from */
    float scale;                   /* s of h' = s h + (1 - s) v, then norm(h') = norm(h) */
    bool previous_token;
    uint64_t seed;
};

/* The vectors of one (condition, naming, layer): vectors [A][D] and rows[a] = a, or -1 where
 * concept a has none. Returns how many concepts have one. */
int fr_steering_vectors(const struct fr_positive_steering *steering, int condition, int i_naming,
                        const char *naming_id, int layer, float *vectors, int *rows);

/* The edit plan of one (condition, layer) for a trace whose mentions are given; the window is in
 * absolute positions. vectors and rows come from fr_steering_vectors; the plan borrows vectors. */
void fr_steering_plan(const struct fr_positive_steering *steering, int condition, int layer,
                      const struct fr_mentions *mentions, int window_start, int window_end,
                      const float *vectors, const int *rows, struct fr_edit_plan *out);

#endif
