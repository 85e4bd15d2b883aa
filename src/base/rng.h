/* Random numbers that are the same on every machine: xoshiro256** seeded by
 * splitmix64 (Blackman & Vigna). A (seed, stream) pair names an independent
 * sequence, so that nothing depends on the order in which others draw. */
#ifndef FR_BASE_RNG_H
#define FR_BASE_RNG_H

#include <stdint.h>

struct fr_rng {
    uint64_t s[4];
};

void fr_rng_seed(struct fr_rng *rng, uint64_t seed, uint64_t stream);
uint64_t fr_rng_next(struct fr_rng *rng);
/* Uniform in [0, n), without bias; n >= 1. */
uint32_t fr_rng_below(struct fr_rng *rng, uint32_t n);
/* Uniform in [0, 1), 53 bits. */
double fr_rng_uniform(struct fr_rng *rng);
/* Standard normal (Marsaglia's polar method; no hidden state). */
double fr_rng_normal(struct fr_rng *rng);
/* order[0..n) becomes a uniformly random permutation of 0..n-1. */
void fr_rng_permutation(struct fr_rng *rng, int n, int *order);

/* A 64-bit mix of two numbers, for deriving stream ids from several parts. */
uint64_t fr_mix64(uint64_t a, uint64_t b);
/* FNV-1a of a string: a stream id from a name. */
uint64_t fr_hash_text(const char *text);

#endif
