/* The tensor of golden/analyses/make_analyses.py, from the same formula, and Blocksworld's
 * concepts by kind. */
#ifndef FR_TESTS_UNIT_ANALYSES_GOLDEN_TENSOR_H
#define FR_TESTS_UNIT_ANALYSES_GOLDEN_TENSOR_H

#include <string.h>

#include "representations/representations.h"

enum { GT_N = 6, GT_A = 9, GT_L = 3, GT_T = 5, GT_D = 16, GT_REFERENCE = 3, GT_SEED = 77 };

static const bool golden_use[GT_N] = {true, true, true, true, false, true};

/* n_actions actions, then predicates; names are not used by the analyses. */
static inline struct fr_concepts concepts_of(int n_actions, int n_predicates) {
    struct fr_concepts concepts = {.n = n_actions + n_predicates};
    for (int a = 0; a < concepts.n; a++)
        concepts.kinds[a] = a < n_actions ? FR_CONCEPT_ACTION : FR_CONCEPT_PREDICATE;
    return concepts;
}

static inline bool *present_of(struct fr_reps *reps, int naming, int concept, int time) {
    return &reps->present[(naming * reps->n_concepts + concept) * reps->n_times + time];
}

static inline float hashed(uint32_t i) {
    uint32_t x = i * 2654435761u + 40503u;
    x ^= x >> 15;
    x *= 2246822519u;
    x ^= x >> 13;
    x *= 3266489917u;
    x ^= x >> 16;
    return (float)(x >> 8) / 16777216.0f - 0.5f;
}

/* The raw tensor; concepts must outlive it. offset: of the noise, for another tensor with the same
 * signal. */
static inline void golden_tensor_init_from(struct fr_reps *raw, const struct fr_concepts *concepts,
                                           uint32_t offset) {
    fr_reps_init(raw, concepts, GT_N, GT_L, GT_T, GT_D);
    uint32_t flat = offset;
    for (int n = 0; n < GT_N; n++)
        for (int a = 0; a < GT_A; a++)
            for (int l = 0; l < GT_L; l++)
                for (int t = 0; t < GT_T; t++)
                    for (int d = 0; d < GT_D; d++, flat++) {
                        const uint32_t index = (uint32_t)((a * GT_L + l) * GT_D + d);
                        const float signal = hashed(1000000u + index);
                        const float weight = 0.25f * (float)(t * (l + 1));
                        fr_reps_at(raw, n, a, l, t)[d] = hashed(flat) + weight * signal;
                        *present_of(raw, n, a, t) = true;
                    }
    for (int a = 1; a < 4; a++)
        for (int l = 0; l < GT_L; l++)
            memcpy(fr_reps_at(raw, 2, a, l, 1), fr_reps_at(raw, 2, 0, l, 1), GT_D * sizeof(float));
    static const int missing[][3] = {{0, 2, 0},
                                     {1, 5, 0},
                                     {5, 7, GT_REFERENCE},
                                     {3, 0, 4},
                                     {3, 8, 4}};
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        *present_of(raw, missing[i][0], missing[i][1], missing[i][2]) = false;
        for (int l = 0; l < GT_L; l++)
            memset(fr_reps_at(raw, missing[i][0], missing[i][1], l, missing[i][2]), 0,
                   GT_D * sizeof(float));
    }
}

static inline void golden_tensor_init(struct fr_reps *raw, const struct fr_concepts *concepts) {
    golden_tensor_init_from(raw, concepts, 0);
}

/* One layer of a golden tensor, raw, its times as from[n_times] says: from[t] stands at t.
 * NULL: as they are. */
static inline void golden_layer_init(struct fr_reps *out, const struct fr_reps *raw, int l,
                                     const int *from, int n_times) {
    fr_reps_init(out, raw->concepts, GT_N, 1, n_times, GT_D);
    out->first_layer = l;
    for (int n = 0; n < GT_N; n++)
        for (int a = 0; a < GT_A; a++)
            for (int t = 0; t < n_times; t++) {
                const int of = from != NULL ? from[t] : t;
                *present_of(out, n, a, t) = fr_reps_has(raw, n, a, of);
                memcpy(fr_reps_at(out, n, a, 0, t), fr_reps_at(raw, n, a, l, of),
                       GT_D * sizeof(float));
            }
}

#endif
