/* Owns Blocksworld puzzles as towers: uniform sampling, the class of a puzzle up to
 * the blocks' names, and the puzzle as a STRIPS problem. Input to the study's stimuli
 * (paper section 2.2: 300 four-block puzzles).
 *
 * The states of n blocks are the sets of ordered lists, counted by Lah numbers:
 * L(n, k) = C(n-1, k-1) n! / k! of them have k towers. Sampling k by that weight, an
 * order of the blocks and k-1 cuts is exactly uniform. Rejected: PlanBench's generator
 * (Slaney & Thiebaux's is uniform too, but a walk with real-valued ratios).
 *
 * The class is exact at any size: every block has at most one neighbour of each of four
 * kinds (under and over it, in init and in goal), so a walk from one block numbers its
 * whole connected component without a choice; the least code over the starting blocks
 * names the component, the sorted codes the puzzle. Rejected: the least encoding over
 * all n! renamings (the test's reference), too slow above 6 blocks. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "planning/planning.h"

static uint64_t below64(struct fr_rng *rng, uint64_t n) {
    const uint64_t limit = UINT64_MAX - UINT64_MAX % n; /* a multiple of n */
    uint64_t x;
    do
        x = fr_rng_next(rng);
    while (x >= limit);
    return x % n;
}

/* The Lah number L(n, k), by L(n, k) = L(n, k-1) (n-k+1) / (k (k-1)), from L(n, 1) = n!. */
static uint64_t lah(int n, int k) {
    uint64_t count = 1;
    for (int i = 2; i <= n; i++)
        count *= (uint64_t)i;
    for (int i = 2; i <= k; i++)
        count = count * (uint64_t)(n - i + 1) / (uint64_t)(i * (i - 1));
    return count;
}

void fr_puzzle_random_state(struct fr_rng *rng, int n_blocks, int8_t *below) {
    FR_ASSERT(n_blocks >= 1 && n_blocks <= FR_MAX_BLOCKS);
    uint64_t total = 0;
    for (int k = 1; k <= n_blocks; k++)
        total += lah(n_blocks, k);
    uint64_t draw = below64(rng, total);
    int n_towers = 1;
    while (draw >= lah(n_blocks, n_towers))
        draw -= lah(n_blocks, n_towers++);

    int order[FR_MAX_BLOCKS];
    fr_rng_permutation(rng, n_blocks, order);
    /* n_towers - 1 of the n_blocks - 1 gaps become cuts (selection sampling). */
    int cuts = n_towers - 1;
    below[order[0]] = -1;
    for (int i = 1; i < n_blocks; i++) {
        const bool cut = fr_rng_below(rng, (uint32_t)(n_blocks - i)) < (uint32_t)cuts;
        cuts -= cut;
        below[order[i]] = cut ? -1 : (int8_t)order[i - 1];
    }
}

static bool goal_is_used(const struct fr_puzzle *puzzle) {
    bool any = false, met = true;
    for (int b = 0; b < puzzle->n_blocks; b++) {
        any |= puzzle->goal[b] >= 0;
        met &= puzzle->goal[b] < 0 || puzzle->goal[b] == puzzle->init[b];
    }
    return any && !met;
}

void fr_puzzle_random(struct fr_rng *rng, int n_blocks, struct fr_puzzle *out) {
    FR_ASSERT(n_blocks >= 2 && n_blocks <= FR_MAX_BLOCKS);
    *out = (struct fr_puzzle){.n_blocks = n_blocks};
    do {
        fr_puzzle_random_state(rng, n_blocks, out->init);
        fr_puzzle_random_state(rng, n_blocks, out->goal);
    } while (!goal_is_used(out));
}

/* ---- classes ----------------------------------------------------------------------- */

struct code {
    int n; /* blocks of the component */
    uint8_t
        bytes[2 * FR_MAX_BLOCKS]; /* per block in walk order: init below, goal below; 0 = table */
};

/* next[kind][b]: b's neighbour, or -1. Kinds: init below, init above, goal below, goal above. */
static struct code walk(int8_t next[4][FR_MAX_BLOCKS], int root) {
    int8_t number[FR_MAX_BLOCKS], queue[FR_MAX_BLOCKS];
    memset(number, -1, sizeof number);
    struct code code = {.n = 1};
    queue[0] = (int8_t)root;
    number[root] = 0;
    for (int i = 0; i < code.n; i++)
        for (int kind = 0; kind < 4; kind++) {
            const int b = next[kind][queue[i]];
            if (b >= 0 && number[b] < 0) {
                number[b] = (int8_t)code.n;
                queue[code.n++] = (int8_t)b;
            }
        }
    for (int i = 0; i < code.n; i++) {
        const int init = next[0][queue[i]], goal = next[2][queue[i]];
        code.bytes[2 * i] = (uint8_t)(init < 0 ? 0 : 1 + number[init]);
        code.bytes[2 * i + 1] = (uint8_t)(goal < 0 ? 0 : 1 + number[goal]);
    }
    return code;
}

static int compare_codes(const void *a, const void *b) {
    const struct code *x = a, *y = b;
    return x->n != y->n ? x->n - y->n : memcmp(x->bytes, y->bytes, 2 * (size_t)x->n);
}

uint64_t fr_puzzle_class(const struct fr_puzzle *puzzle) {
    const int n = puzzle->n_blocks;
    FR_ASSERT(n >= 1 && n <= FR_MAX_BLOCKS);
    int8_t next[4][FR_MAX_BLOCKS];
    memset(next, -1, sizeof next);
    for (int b = 0; b < n; b++) {
        const int init = puzzle->init[b], goal = puzzle->goal[b];
        next[0][b] = (int8_t)init;
        next[2][b] = (int8_t)goal;
        if (init >= 0)
            next[1][init] = (int8_t)b;
        if (goal >= 0)
            next[3][goal] = (int8_t)b;
    }

    struct code codes[FR_MAX_BLOCKS];
    int n_codes = 0;
    bool seen[FR_MAX_BLOCKS] = {false};
    for (int start = 0; start < n; start++) {
        if (seen[start])
            continue;
        /* The component, by closure over the neighbours. */
        int members[FR_MAX_BLOCKS], n_members = 0;
        members[n_members++] = start;
        seen[start] = true;
        struct code least = walk(next, start);
        for (int i = 0; i < n_members; i++)
            for (int kind = 0; kind < 4; kind++) {
                const int b = next[kind][members[i]];
                if (b >= 0 && !seen[b]) {
                    seen[b] = true;
                    members[n_members++] = b;
                    const struct code code = walk(next, b);
                    if (compare_codes(&code, &least) < 0)
                        least = code;
                }
            }
        codes[n_codes++] = least;
    }
    qsort(codes, (size_t)n_codes, sizeof *codes, compare_codes);

    uint64_t hash = fr_mix64(0x66725f70757a7a6cULL, (uint64_t)n);
    for (int i = 0; i < n_codes; i++) {
        hash = fr_mix64(hash, (uint64_t)codes[i].n);
        for (int j = 0; j < 2 * codes[i].n; j++)
            hash = (hash ^ codes[i].bytes[j]) * 0x100000001b3ULL; /* FNV-1a */
    }
    return fr_mix64(hash, (uint64_t)n_codes);
}

int fr_puzzle_fold(const struct fr_puzzle *puzzle) {
    return (int)(fr_puzzle_class(puzzle) % FR_PUZZLE_FOLDS);
}

/* ---- as a problem -------------------------------------------------------------------- */

/* fr_domain_structure of data/domains/blocksworld.pddl. */
static const uint64_t blocksworld = 0x773ae1bda50d8657;

bool fr_puzzle_is_of(const struct fr_domain *domain) {
    return fr_domain_structure(domain) == blocksworld;
}

static struct fr_atom atom(const struct fr_domain *domain, const char *predicate, int n_terms,
                           int first, int second) {
    struct fr_atom fact = {.predicate = fr_domain_find_predicate(domain, predicate),
                           .n_terms = n_terms};
    FR_ASSERT(fact.predicate >= 0 && domain->predicates[fact.predicate].arity == n_terms);
    fact.terms[0] = n_terms > 0 ? first : 0;
    fact.terms[1] = n_terms > 1 ? second : 0;
    return fact;
}

void fr_puzzle_problem(const struct fr_puzzle *puzzle, const struct fr_domain *domain,
                       const char *name, struct fr_problem *out) {
    const int n = puzzle->n_blocks, base = domain->n_constants;
    *out = (struct fr_problem){.domain = domain, .name = fr_strdup(name), .n_objects = base + n};
    out->objects = fr_alloc((size_t)out->n_objects, sizeof *out->objects);
    out->object_types = fr_alloc((size_t)out->n_objects, sizeof *out->object_types);
    for (int i = 0; i < base; i++) {
        out->objects[i] = fr_strdup(domain->constants[i]);
        out->object_types[i] = domain->constant_types[i];
    }
    bool covered[FR_MAX_BLOCKS] = {false};
    for (int b = 0; b < n; b++) {
        const char letter = (char)('a' + b);
        out->objects[base + b] = fr_strndup(&letter, 1);
        if (puzzle->init[b] >= 0)
            covered[puzzle->init[b]] = true;
    }
    out->init = fr_alloc(1 + 2 * (size_t)n, sizeof *out->init);
    out->goal = fr_alloc((size_t)n, sizeof *out->goal);
    out->init[out->n_init++] = atom(domain, "handempty", 0, 0, 0);
    for (int b = 0; b < n; b++)
        out->init[out->n_init++] = puzzle->init[b] < 0
                                       ? atom(domain, "ontable", 1, base + b, 0)
                                       : atom(domain, "on", 2, base + b, base + puzzle->init[b]);
    for (int b = 0; b < n; b++)
        if (!covered[b])
            out->init[out->n_init++] = atom(domain, "clear", 1, base + b, 0);
    for (int b = 0; b < n; b++)
        if (puzzle->goal[b] >= 0)
            out->goal[out->n_goal++] = (struct fr_literal){.positive = true,
                                                           .atom = atom(domain, "on", 2, base + b,
                                                                        base + puzzle->goal[b])};
}
