/* libfluidrep: vectors of concepts, and the controls that stand beside them. */
#ifndef FLUIDREP_VECTORS_H
#define FLUIDREP_VECTORS_H

#include <stdint.h>

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The vectors of all concepts for one naming, at one layer and time, from means over mentions:
 * means is float32 [n_namings][n_concepts][width], present [n_namings][n_concepts] says which cells
 * there are (NULL: all). kinds [n_concepts]: 0 an action, 1 a predicate; centring and shuffling are
 * within a kind.
 *
 * kind: "in_naming" (the naming's mean, centred), "cross_all", "cross_loo" (the mean of these over
 * namings, or over the others, the clean one in neither), "symbolic_all", "symbolic_loo" (mean over
 * concepts + strength x cross), "clean" (of naming clean, uncentred), "mean" (the same for all
 * concepts of a kind). control: "none", "shuffled" (under a derangement), "random" (Gaussian of the
 * same norm), "single" (the mean alone). naming_id, seed and layer (1..) fix what is drawn; clean
 * is -1 for none.
 *
 * out is float32 [n_concepts][width], have [n_concepts] which could be made. */
FLUIDREP_API int fluidrep_vectors(const float *means, const uint8_t *present, const int *kinds,
                                  int n_namings, int n_concepts, int width, int naming,
                                  const char *naming_id, int clean, int layer, const char *kind,
                                  const char *control, double strength, uint64_t seed, float *out,
                                  uint8_t *have);

#ifdef __cplusplus
}
#endif

#endif
