/* interventions/: vector kind x operation x layers x window -> edit plan (method.md 5).
 *
 * A position is edited for concept a when it lies inside the window [start, end) and belongs to a
 * mention of a: a word's own token, or the token before the word. A word's token that is also the
 * token before the next word belongs to its own word, also when that word's concept has no vector
 * (it is then not edited). A token that holds two words belongs to the first. */
#ifndef FR_INTERVENTIONS_INTERVENTIONS_H
#define FR_INTERVENTIONS_INTERVENTIONS_H

#include "base/rng.h"
#include "mentions/mentions.h"
#include "model/model.h"
#include "naming/naming.h"
#include "representations/representations.h"

struct fr_intervention {
    enum fr_edit_operation operation;
    float scale;
    bool keep_norm;
    bool previous_token;          /* edit the token before each word too */
    int layer_first, layer_end;   /* layers [first, end), 1 <= first */
    int window_start, window_end; /* absolute token positions */
};

/* Appends the edits to *out, sorted by (position, layer), at most one per pair; what *out holds
 * already lies before window_start. vector_rows[a * n_layers + layer - layer_first], with
 * n_layers = layer_end - layer_first, is the row of out->vectors for concept a, or -1: the concept
 * is not edited at that layer. The caller owns the vectors and sets them in *out. */
void fr_intervention_plan(const struct fr_intervention *intervention,
                          const struct fr_mentions *mentions, int n_concepts,
                          const int *vector_rows /* [A][layers] */, struct fr_edit_plan *out);

enum fr_vector_kind {
    FR_VECTOR_IN_NAMING, /* r~ of the target naming */
    FR_VECTOR_CROSS_ALL, /* r- over all namings */
    FR_VECTOR_CROSS_LOO, /* r- without the target naming */
    FR_VECTOR_KIND_COUNT
};
/* "in_naming", "cross_all", "cross_loo" */
extern const char *const fr_vector_kind_name[FR_VECTOR_KIND_COUNT];
enum fr_vector_control {
    FR_CONTROL_NONE,
    FR_CONTROL_SHUFFLED, /* the same vectors under the naming's derangement */
    FR_CONTROL_RANDOM,   /* Gaussian direction, norm of the vector it stands for */
    FR_VECTOR_CONTROL_COUNT
};
/* "none", "shuffled", "random" */
extern const char *const fr_vector_control_name[FR_VECTOR_CONTROL_COUNT];

/* The vectors of all concepts for target naming i at layer index l and time: out [A][D], zero and
 * have[a] false when missing. `use` marks the namings of the cross-naming mean (NULL: all).
 *
 * A control edits the positions of its matched run: where concept a's own vector is missing, so is
 * its control. Shuffled gives concept a the vector of order[a] (fr_naming_derange); that source is
 * of the same kind, and a kind is present or missing as a whole (fr_reps_centre), so it is there
 * whenever a's own is: a bug otherwise. A concept alone in its kind keeps its vector. Random
 * directions depend on (seed, naming, concept, layer) only, so in-naming and cross-naming runs
 * share them. */
void fr_intervention_vectors(const struct fr_reps *centred, const bool *use, int i_naming,
                             const char *naming_id, int l, int time, enum fr_vector_kind kind,
                             enum fr_vector_control control, uint64_t seed, float *out, bool *have);

#endif
