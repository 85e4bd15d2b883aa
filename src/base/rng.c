/* xoshiro256**; see rng.h. GSL's generators were passed over: their streams are
 * seeded by one unsigned long, and independent (seed, stream) pairs are the
 * point here. */
#include "base/rng.h"

#include <math.h>

static uint64_t splitmix(uint64_t *x) {
    uint64_t z = (*x += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

uint64_t fr_mix64(uint64_t a, uint64_t b) {
    uint64_t x = a;
    x = splitmix(&x) ^ b;
    return splitmix(&x);
}

uint64_t fr_hash_text(const char *text) {
    uint64_t h = 0xcbf29ce484222325ULL;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 0x100000001b3ULL;
    return h;
}

void fr_rng_seed(struct fr_rng *rng, uint64_t seed, uint64_t stream) {
    uint64_t x = fr_mix64(seed, stream);
    for (int i = 0; i < 4; i++)
        rng->s[i] = splitmix(&x);
}

static uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

uint64_t fr_rng_next(struct fr_rng *rng) {
    uint64_t *s = rng->s;
    const uint64_t result = rotl(s[1] * 5, 7) * 9;
    const uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

uint32_t fr_rng_below(struct fr_rng *rng, uint32_t n) {
    /* Lemire's multiply-and-reject. */
    uint64_t m = (fr_rng_next(rng) >> 32) * (uint64_t)n;
    if ((uint32_t)m < n) {
        const uint32_t threshold = (0u - n) % n;
        while ((uint32_t)m < threshold)
            m = (fr_rng_next(rng) >> 32) * (uint64_t)n;
    }
    return (uint32_t)(m >> 32);
}

double fr_rng_uniform(struct fr_rng *rng) { return (double)(fr_rng_next(rng) >> 11) * 0x1.0p-53; }

double fr_rng_normal(struct fr_rng *rng) {
    for (;;) {
        const double u = 2 * fr_rng_uniform(rng) - 1;
        const double v = 2 * fr_rng_uniform(rng) - 1;
        const double q = u * u + v * v;
        if (q > 0 && q < 1)
            return u * sqrt(-2 * log(q) / q);
    }
}

void fr_rng_permutation(struct fr_rng *rng, int n, int *order) {
    for (int i = 0; i < n; i++) {
        const int j = (int)fr_rng_below(rng, (uint32_t)i + 1);
        order[i] = order[j];
        order[j] = i;
    }
}
