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
    const bool *chosen;           /* [mentions] those to edit; NULL: all. A position that belongs to
                                     another is not edited, whoever else names it */
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
    FR_VECTOR_IN_NAMING,    /* r~ of the target naming */
    FR_VECTOR_CROSS_ALL,    /* r- over all namings */
    FR_VECTOR_CROSS_LOO,    /* r- without the target naming */
    FR_VECTOR_SYMBOLIC_ALL, /* r_mean + strength * r- (paper 4.2): a concept without a name */
    FR_VECTOR_SYMBOLIC_LOO, /* the same without the target naming */
    FR_VECTOR_CLEAN,        /* r of the clean naming, uncentred (the authors' follow-up) */
    FR_VECTOR_MEAN,         /* r_mean, the same for all concepts of a kind: ablation */
    FR_VECTOR_NOISE,        /* a Gaussian vector of its own for every row (fr_noise_vector) */
    FR_VECTOR_KIND_COUNT
};
/* "in_naming", "cross_all", "cross_loo", "symbolic_all", "symbolic_loo", "clean", "mean", "noise"
 */
extern const char *const fr_vector_kind_name[FR_VECTOR_KIND_COUNT];
/* How figures draw a kind: "#rrggbb" (Okabe and Ito's colours), a shape of Vega. */
extern const char *const fr_vector_kind_colour[FR_VECTOR_KIND_COUNT];
extern const char *const fr_vector_kind_shape[FR_VECTOR_KIND_COUNT];
/* Does the kind need the clean naming's representations? The target naming's own? */
bool fr_vector_kind_is_clean(enum fr_vector_kind kind);
bool fr_vector_kind_is_own(enum fr_vector_kind kind);

enum fr_vector_control {
    FR_CONTROL_NONE,
    FR_CONTROL_SHUFFLED, /* the same vectors under the naming's derangement */
    FR_CONTROL_RANDOM,   /* Gaussian direction, norm of the vector it stands for */
    FR_CONTROL_SINGLE,   /* without what tells concepts apart: r_mean for all of a kind */
    FR_VECTOR_CONTROL_COUNT
};
/* "none", "shuffled", "random", "single" */
extern const char *const fr_vector_control_name[FR_VECTOR_CONTROL_COUNT];
/* Is there such a control of the kind? `single` wants r_mean in the vector; of `mean` and `noise`,
 * controls themselves, there is none. */
bool fr_vector_control_applies(enum fr_vector_kind kind, enum fr_vector_control control);
/* Does such a vector depend on the target naming? */
bool fr_vector_is_of_naming(enum fr_vector_kind kind, enum fr_vector_control control);

/* What vectors are made of. */
struct fr_vector_source {
    const struct fr_reps *raw, *centred; /* of the same slice */
    const bool *use;                     /* [N] namings of means over namings (NULL: all) */
    int i_clean;                         /* the clean naming; -1: none */
    uint64_t seed;
};

/* The vectors of all concepts for target naming i (-1: one that the source has not, of kinds that
 * do not need its own) at layer index l and time: out [A][D], zero and have[a] false when missing.
 * strength multiplies what tells concepts apart: r~, r-, or r; r_mean is never multiplied.
 *
 * A control edits the positions of its matched run: where concept a's own vector is missing, so is
 * its control. Controls replace what strength multiplies and leave r_mean: shuffled gives concept
 * a that of order[a] (fr_naming_derange), which is of the same kind, and a kind is present or
 * missing as a whole (fr_reps_centre). A concept alone in its kind keeps its vector. Random
 * directions depend on (seed, naming, concept, layer) only, so in-naming and cross-naming runs
 * share them. */
void fr_intervention_vectors(const struct fr_vector_source *source, int i_naming,
                             const char *naming_id, int l, int time, enum fr_vector_kind kind,
                             enum fr_vector_control control, double strength, float *out,
                             bool *have);

/* The noise of one row [width]: standard Gaussian numbers that depend on all that is given. Of a
 * vector that every row of a naming shares nobody knows whether it acts as noise or as a hint. */
void fr_noise_vector(uint64_t seed, const char *naming_id, int64_t puzzle, int position, int layer,
                     int width, float *out);

#endif
