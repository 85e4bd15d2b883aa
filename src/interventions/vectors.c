/* Which vectors an intervention uses, and the controls that stand beside them (method.md 5).
 *
 * Rejected for the random control: one direction for all concepts of a run, which a model could
 * take for a single consistent hint; here each (naming, concept, layer) has its own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "interventions/interventions.h"

/* A vector is a mean that all concepts of a kind share, and a part that tells them apart. */
enum part { PART_NONE, PART_IN_NAMING, PART_CROSS, PART_CLEAN };

static const struct {
    enum part part;
    bool has_mean, leave_out; /* leave_out: the target naming, of means over namings */
} kinds[FR_VECTOR_KIND_COUNT] = {
    [FR_VECTOR_IN_NAMING] = {PART_IN_NAMING, false, false},
    [FR_VECTOR_CROSS_ALL] = {PART_CROSS, false, false},
    [FR_VECTOR_CROSS_LOO] = {PART_CROSS, false, true},
    [FR_VECTOR_SYMBOLIC_ALL] = {PART_CROSS, true, false},
    [FR_VECTOR_SYMBOLIC_LOO] = {PART_CROSS, true, true},
    [FR_VECTOR_CLEAN] = {PART_CLEAN, false, false},
    [FR_VECTOR_MEAN] = {PART_NONE, true, false},
    [FR_VECTOR_NOISE] = {PART_NONE, false, false},
};

const char *const fr_vector_kind_name[FR_VECTOR_KIND_COUNT] = {
    [FR_VECTOR_IN_NAMING] = "in_naming",
    [FR_VECTOR_CROSS_ALL] = "cross_all",
    [FR_VECTOR_CROSS_LOO] = "cross_loo",
    [FR_VECTOR_SYMBOLIC_ALL] = "symbolic_all",
    [FR_VECTOR_SYMBOLIC_LOO] = "symbolic_loo",
    [FR_VECTOR_CLEAN] = "clean",
    [FR_VECTOR_MEAN] = "mean",
    [FR_VECTOR_NOISE] = "noise",
};
const char *const fr_vector_kind_colour[FR_VECTOR_KIND_COUNT] = {
    [FR_VECTOR_IN_NAMING] = "#0072B2",    [FR_VECTOR_CROSS_ALL] = "#E69F00",
    [FR_VECTOR_CROSS_LOO] = "#D55E00",    [FR_VECTOR_SYMBOLIC_ALL] = "#CC79A7",
    [FR_VECTOR_SYMBOLIC_LOO] = "#009E73", [FR_VECTOR_CLEAN] = "#56B4E9",
    [FR_VECTOR_MEAN] = "#000000",         [FR_VECTOR_NOISE] = "#999999",
};
const char *const fr_vector_kind_shape[FR_VECTOR_KIND_COUNT] = {
    [FR_VECTOR_IN_NAMING] = "circle",    [FR_VECTOR_CROSS_ALL] = "diamond",
    [FR_VECTOR_CROSS_LOO] = "diamond",   [FR_VECTOR_SYMBOLIC_ALL] = "circle",
    [FR_VECTOR_SYMBOLIC_LOO] = "circle", [FR_VECTOR_CLEAN] = "square",
    [FR_VECTOR_MEAN] = "triangle-right", [FR_VECTOR_NOISE] = "cross",
};
const char *const fr_vector_control_name[FR_VECTOR_CONTROL_COUNT] = {
    [FR_CONTROL_NONE] = "none",
    [FR_CONTROL_SHUFFLED] = "shuffled",
    [FR_CONTROL_RANDOM] = "random",
    [FR_CONTROL_SINGLE] = "single",
};

bool fr_vector_kind_is_clean(enum fr_vector_kind kind) { return kinds[kind].part == PART_CLEAN; }
bool fr_vector_kind_is_own(enum fr_vector_kind kind) { return kinds[kind].part == PART_IN_NAMING; }

bool fr_vector_control_applies(enum fr_vector_kind kind, enum fr_vector_control control) {
    if (control == FR_CONTROL_NONE)
        return true;
    if (kinds[kind].part == PART_NONE)
        return false;
    return control != FR_CONTROL_SINGLE || kinds[kind].has_mean;
}

bool fr_vector_is_of_naming(enum fr_vector_kind kind, enum fr_vector_control control) {
    return kinds[kind].part == PART_IN_NAMING || kinds[kind].leave_out ||
           control == FR_CONTROL_SHUFFLED || control == FR_CONTROL_RANDOM;
}

/* What tells concept a from the others of its kind, before strength; false when it is missing. */
static bool own_part(const struct fr_vector_source *s, int i_naming, int concept, int l, int time,
                     enum fr_vector_kind kind, float *out) {
    const size_t bytes = (size_t)s->centred->width * sizeof *out;
    switch (kinds[kind].part) {
    case PART_IN_NAMING:
        memcpy(out, fr_reps_at(s->centred, i_naming, concept, l, time), bytes);
        return fr_reps_has(s->centred, i_naming, concept, time);
    case PART_CROSS:
        return fr_reps_cross(s->centred, s->use, kinds[kind].leave_out ? i_naming : -1, concept, l,
                             time, out) > 0;
    case PART_CLEAN:
        /* present as a whole kind, as its centred rows are, so that it can be shuffled */
        if (s->i_clean < 0 || !fr_reps_has(s->centred, s->i_clean, concept, time))
            break;
        memcpy(out, fr_reps_at(s->raw, s->i_clean, concept, l, time), bytes);
        return true;
    case PART_NONE:
        memset(out, 0, bytes);
        return true;
    }
    memset(out, 0, bytes);
    return false;
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

/* out[a] <- r_mean of a's kind + strength * out[a]; a kind without a mean has no vectors. */
static void add_means(const struct fr_vector_source *s, int i_naming, int l, int time,
                      enum fr_vector_kind kind, double strength, float *out, bool *have) {
    const int width = s->centred->width;
    float *mean = fr_alloc((size_t)width, sizeof *mean);
    for (int k = 0; k < FR_CONCEPT_KIND_COUNT; k++) {
        bool has = true;
        if (kinds[kind].has_mean)
            has = fr_reps_mean(s->raw, s->use, kinds[kind].leave_out ? i_naming : -1,
                               (enum fr_concept_kind)k, l, time, mean) > 0;
        for (int a = 0; a < s->centred->n_concepts; a++) {
            float *v = out + (size_t)a * (size_t)width;
            if ((int)s->centred->concepts->kinds[a] != k)
                continue;
            have[a] = have[a] && has;
            for (int d = 0; d < width; d++)
                v[d] = have[a] ? (float)((double)mean[d] + strength * (double)v[d]) : 0.0f;
        }
    }
    free(mean);
}

void fr_intervention_vectors(const struct fr_vector_source *source, int i_naming,
                             const char *naming_id, int l, int time, enum fr_vector_kind kind,
                             enum fr_vector_control control, double strength, float *out,
                             bool *have) {
    const struct fr_reps *centred = source->centred;
    const size_t width = (size_t)centred->width;
    for (int a = 0; a < centred->n_concepts; a++)
        have[a] = own_part(source, i_naming, a, l, time, kind, out + (size_t)a * width);
    if (control == FR_CONTROL_SHUFFLED)
        shuffle(centred, naming_id, source->seed, have, out);
    for (int a = 0; a < centred->n_concepts && control == FR_CONTROL_RANDOM; a++) {
        struct fr_rng rng;
        fr_rng_seed(&rng, source->seed,
                    fr_mix64(fr_hash_text(naming_id),
                             fr_mix64((uint64_t)a + 1, (uint64_t)(centred->first_layer + l) + 1)));
        if (have[a])
            randomize(out + (size_t)a * width, centred->width, &rng);
    }
    if (control == FR_CONTROL_SINGLE)
        memset(out, 0, (size_t)centred->n_concepts * width * sizeof *out);
    add_means(source, i_naming, l, time, kind, strength, out, have);
}

void fr_noise_vector(uint64_t seed, const char *naming_id, int64_t puzzle, int position, int layer,
                     int width, float *out) {
    struct fr_rng rng;
    fr_rng_seed(&rng, fr_mix64(seed, fr_hash_text(naming_id)),
                fr_mix64((uint64_t)puzzle, fr_mix64((uint64_t)position + 1, (uint64_t)layer + 1)));
    for (int d = 0; d < width; d++)
        out[d] = (float)fr_rng_normal(&rng);
}
