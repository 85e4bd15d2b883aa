/* Which vectors an intervention uses, and the controls that stand beside them (method.md 5).
 *
 * Rejected for the random control: one direction for all concepts of a run, which a model could
 * take for a single consistent hint; here each (naming, concept, layer) has its own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "interventions/interventions.h"

const char *const fr_vector_kind_name[FR_VECTOR_KIND_COUNT] = {
    [FR_VECTOR_IN_NAMING] = "in_naming",
    [FR_VECTOR_CROSS_ALL] = "cross_all",
    [FR_VECTOR_CROSS_LOO] = "cross_loo",
};
const char *const fr_vector_control_name[FR_VECTOR_CONTROL_COUNT] = {
    [FR_CONTROL_NONE] = "none",
    [FR_CONTROL_SHUFFLED] = "shuffled",
    [FR_CONTROL_RANDOM] = "random",
};

static bool matched_vector(const struct fr_reps *centred, const bool *use, int i_naming,
                           int concept, int l, int time, enum fr_vector_kind kind, float *out) {
    if (kind != FR_VECTOR_IN_NAMING)
        return fr_reps_cross(centred, use, kind == FR_VECTOR_CROSS_LOO ? i_naming : -1, concept, l,
                             time, out) > 0;
    memcpy(out, fr_reps_at(centred, i_naming, concept, l, time),
           (size_t)centred->width * sizeof *out);
    return fr_reps_has(centred, i_naming, concept, time);
}

/* v becomes a Gaussian vector of the same norm, up to the rounding of a float. */
static void randomize(float *v, int width, struct fr_rng *rng) {
    double norm = 0.0, drawn = 0.0;
    double *g = fr_alloc((size_t)width, sizeof *g);
    for (int d = 0; d < width; d++) {
        norm += (double)v[d] * (double)v[d];
        g[d] = fr_rng_normal(rng);
        drawn += g[d] * g[d];
    }
    const double factor = drawn > 0.0 ? sqrt(norm / drawn) : 0.0;
    for (int d = 0; d < width; d++)
        v[d] = (float)(factor * g[d]);
    free(g);
}

/* out[a] <- out[order[a]] for every concept. */
static void shuffle(const struct fr_reps *centred, const char *naming_id, uint64_t seed,
                    const bool *have, float *out) {
    const size_t width = (size_t)centred->width, n = (size_t)centred->n_concepts;
    int order[FR_MAX_CONCEPTS];
    fr_naming_derange(centred->concepts, naming_id, seed, order);
    float *matched = fr_alloc(n, width * sizeof *matched);
    memcpy(matched, out, n * width * sizeof *matched);
    for (size_t a = 0; a < n; a++) {
        FR_ASSERT(!have[a] || have[order[a]]);
        if (have[a])
            memcpy(out + a * width, matched + (size_t)order[a] * width, width * sizeof *out);
    }
    free(matched);
}

void fr_intervention_vectors(const struct fr_reps *centred, const bool *use, int i_naming,
                             const char *naming_id, int l, int time, enum fr_vector_kind kind,
                             enum fr_vector_control control, uint64_t seed, float *out,
                             bool *have) {
    const size_t width = (size_t)centred->width;
    for (int a = 0; a < centred->n_concepts; a++)
        have[a] = matched_vector(centred, use, i_naming, a, l, time, kind, out + (size_t)a * width);
    if (control == FR_CONTROL_SHUFFLED)
        shuffle(centred, naming_id, seed, have, out);
    for (int a = 0; a < centred->n_concepts && control == FR_CONTROL_RANDOM; a++) {
        struct fr_rng rng;
        fr_rng_seed(&rng, seed,
                    fr_mix64(fr_hash_text(naming_id), fr_mix64((uint64_t)a + 1, (uint64_t)l + 1)));
        if (have[a])
            randomize(out + (size_t)a * width, centred->width, &rng);
    }
}
