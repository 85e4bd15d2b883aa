/* Owns the study's stimuli: distinct puzzles of a split, with a least optimal plan length.
 * Splits are the folds of puzzle classes, so that evaluation puzzles differ from collection
 * puzzles, and from the organism's training, by more than the blocks' names (the paper
 * splits 300 puzzles 200/100 by index; its puzzles may be renamings of each other).
 *
 * Puzzles are drawn and filtered. Plan lengths come from A* over towers: in Blocksworld a
 * plan is a sequence of moves, two steps each (after Gupta & Nau 1992, whose complete goals
 * become sets of on-facts here). Rejected: the general planner (search.c), which would need
 * a domain here and searches blindly; the tests hold the two against each other. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "planning/planning.h"

const char *const fr_split_name[FR_SPLIT_COUNT] = {
    [FR_SPLIT_COLLECT] = "collect",
    [FR_SPLIT_EVALUATE] = "evaluate",
};

const char *const fr_distinct_name[FR_DISTINCT_COUNT] = {
    [FR_DISTINCT_PUZZLES] = "puzzles",
    [FR_DISTINCT_CLASSES] = "classes",
};

/* ---- shortest plans -------------------------------------------------------------------- */

enum { MAX_MOVES = 2 * FR_MAX_BLOCKS };

struct towers {
    uint64_t code; /* base 13 digits of below + 1: 13^12 < 2^64 */
    int16_t moves; /* the fewest found so far */
    bool done;
};

struct queue { /* of indices into towers, one stack per estimate of moves in all */
    int *items;
    int n, capacity;
};

struct astar {
    const struct fr_puzzle *puzzle;
    struct towers *towers;
    int n, capacity;
    int *slots;
    size_t n_slots;
    struct queue queues[MAX_MOVES + 1];
};

static uint64_t encode(const int8_t *below, int n) {
    uint64_t code = 0;
    for (int b = n - 1; b >= 0; b--)
        code = code * 13 + (uint64_t)(below[b] + 1);
    return code;
}

static void decode(uint64_t code, int n, int8_t *below) {
    for (int b = 0; b < n; b++, code /= 13)
        below[b] = (int8_t)((int)(code % 13) - 1);
}

/* Counts the blocks that must move at least once, an admissible and consistent estimate of
 * the moves left: blocks whose goal fact is unmet, blocks that stand where another block
 * belongs, and all that stand on a block that must move. The others are *settled*. */
static int mark_unsettled(const struct fr_puzzle *puzzle, const int8_t *below, bool *unsettled) {
    const int n = puzzle->n_blocks;
    int8_t owner[FR_MAX_BLOCKS]; /* of the place on a block */
    int count = 0;
    memset(owner, -1, sizeof owner);
    for (int b = 0; b < n; b++)
        if (puzzle->goal[b] >= 0)
            owner[puzzle->goal[b]] = (int8_t)b;
    for (int b = 0; b < n; b++) {
        unsettled[b] = false;
        for (int c = b; c >= 0 && !unsettled[b]; c = below[c])
            unsettled[b] = (puzzle->goal[c] >= 0 && puzzle->goal[c] != below[c]) ||
                           (below[c] >= 0 && owner[below[c]] >= 0 && owner[below[c]] != c);
        count += unsettled[b];
    }
    return count;
}

static int *slot_of(const struct astar *a, uint64_t code) {
    size_t i = (size_t)fr_mix64(code, 0) & (a->n_slots - 1);
    while (a->slots[i] >= 0 && a->towers[a->slots[i]].code != code)
        i = (i + 1) & (a->n_slots - 1);
    return &a->slots[i];
}

static void rehash(struct astar *a) {
    a->n_slots = a->n_slots ? 2 * a->n_slots : 256;
    a->slots = fr_grow(a->slots, a->n_slots, sizeof *a->slots);
    memset(a->slots, -1, a->n_slots * sizeof *a->slots);
    for (int i = 0; i < a->n; i++)
        *slot_of(a, a->towers[i].code) = i;
}

static void reach(struct astar *a, const int8_t *below, int moves) {
    bool unsettled[FR_MAX_BLOCKS];
    const uint64_t code = encode(below, a->puzzle->n_blocks);
    int *slot = slot_of(a, code);
    int i = *slot;
    if (i >= 0 && a->towers[i].moves <= moves)
        return;
    if (i < 0) {
        FR_RESERVE(a->towers, a->n, a->capacity);
        i = *slot = a->n++;
    }
    a->towers[i] = (struct towers){.code = code, .moves = (int16_t)moves};
    if (2 * (size_t)a->n >= a->n_slots)
        rehash(a);
    /* A plan of 2 (n - 1) moves always exists: everything onto the table, then up. */
    const int total = moves + mark_unsettled(a->puzzle, below, unsettled);
    if (total > MAX_MOVES)
        return;
    struct queue *queue = &a->queues[total];
    FR_RESERVE(queue->items, queue->n, queue->capacity);
    queue->items[queue->n++] = i;
}

/* Two kinds of moves are enough. When a clear block can go onto its goal block, and that one
 * is clear and settled, some shortest plan begins so: from any plan drop the moves of that
 * block and of the settled ones under it, and send what was put onto them to the table.
 * Otherwise some unsettled block goes to the table: anywhere else it would have to leave
 * again (or might as well not be). */
static void expand(struct astar *a, const int8_t *below, int moves, const bool *unsettled) {
    const int n = a->puzzle->n_blocks;
    bool covered[FR_MAX_BLOCKS] = {false};
    int8_t after[FR_MAX_BLOCKS];
    for (int b = 0; b < n; b++)
        if (below[b] >= 0)
            covered[below[b]] = true;
    memcpy(after, below, (size_t)n);
    for (int b = 0; b < n; b++) {
        const int to = a->puzzle->goal[b];
        if (unsettled[b] && !covered[b] && to >= 0 && !covered[to] && !unsettled[to]) {
            after[b] = (int8_t)to;
            reach(a, after, moves + 1);
            return;
        }
    }
    for (int b = 0; b < n; b++) {
        if (!unsettled[b] || covered[b] || below[b] < 0)
            continue;
        after[b] = -1;
        reach(a, after, moves + 1);
        after[b] = below[b];
    }
}

int fr_puzzle_plan_length(const struct fr_puzzle *puzzle) {
    const int n = puzzle->n_blocks;
    FR_ASSERT(n >= 1 && n <= FR_MAX_BLOCKS);
    struct astar a = {.puzzle = puzzle};
    int found = -1;
    rehash(&a);
    reach(&a, puzzle->init, 0);
    for (int total = 0; found < 0 && total <= MAX_MOVES; total++) {
        struct queue *queue = &a.queues[total];
        while (found < 0 && queue->n) {
            struct towers *here = &a.towers[queue->items[--queue->n]];
            if (here->done)
                continue;
            here->done = true;
            const int moves = here->moves;
            int8_t below[FR_MAX_BLOCKS];
            decode(here->code, n, below);
            bool unsettled[FR_MAX_BLOCKS];
            if (mark_unsettled(puzzle, below, unsettled) == 0)
                found = moves;
            else
                expand(&a, below, moves, unsettled);
        }
    }
    FR_ASSERT(found >= 0); /* some move of expand() always exists, so a plan is found */
    for (int i = 0; i <= MAX_MOVES; i++)
        free(a.queues[i].items);
    free(a.towers);
    free(a.slots);
    return 2 * found;
}

/* ---- puzzles seen ----------------------------------------------------------------------- */

struct seen {
    struct entry {
        uint64_t init, goal;
        bool used;
    } * entries;
    size_t n, n_slots;
};

static struct entry *entry_of(const struct seen *seen, uint64_t init, uint64_t goal) {
    size_t i = (size_t)fr_mix64(init, goal) & (seen->n_slots - 1);
    while (seen->entries[i].used &&
           (seen->entries[i].init != init || seen->entries[i].goal != goal))
        i = (i + 1) & (seen->n_slots - 1);
    return &seen->entries[i];
}

/* True when the puzzle, or its class, was not seen before; it is from now on. */
static bool seen_add(struct seen *seen, const struct fr_puzzle *puzzle,
                     enum fr_puzzle_distinct distinct) {
    if (2 * (seen->n + 1) > seen->n_slots) {
        struct seen larger = {.n_slots = seen->n_slots ? 2 * seen->n_slots : 1024};
        larger.entries = fr_alloc(larger.n_slots, sizeof *larger.entries);
        for (size_t i = 0; i < seen->n_slots; i++)
            if (seen->entries[i].used)
                *entry_of(&larger, seen->entries[i].init, seen->entries[i].goal) = seen->entries[i];
        larger.n = seen->n;
        free(seen->entries);
        *seen = larger;
    }
    const bool by_class = distinct == FR_DISTINCT_CLASSES;
    const uint64_t init =
        by_class ? fr_puzzle_class(puzzle) : encode(puzzle->init, puzzle->n_blocks);
    const uint64_t goal = by_class ? 0 : encode(puzzle->goal, puzzle->n_blocks);
    struct entry *entry = entry_of(seen, init, goal);
    if (entry->used)
        return false;
    *entry = (struct entry){.init = init, .goal = goal, .used = true};
    seen->n++;
    return true;
}

/* ---- generation -------------------------------------------------------------------------- */

static bool in_split(const struct fr_puzzle *puzzle, enum fr_puzzle_split split) {
    const bool held_out = fr_puzzle_fold(puzzle) == FR_PUZZLE_FOLD_HELD_OUT;
    return held_out == (split == FR_SPLIT_EVALUATE);
}

int fr_puzzles_generate(struct fr_puzzle *out, int count, enum fr_puzzle_split split, int n_blocks,
                        int min_plan_length, enum fr_puzzle_distinct distinct, uint64_t seed,
                        struct fr_error *err) {
    if (n_blocks < 2 || n_blocks > FR_MAX_BLOCKS)
        return fr_fail(err, FR_E_INPUT, "puzzles of %d blocks; between 2 and %d are possible",
                       n_blocks, FR_MAX_BLOCKS);
    if (count < 0)
        return fr_fail(err, FR_E_INPUT, "%d puzzles asked for", count);
    /* Everything onto the table and up again: no optimal plan is longer. */
    const int longest = 4 * (n_blocks - 1);
    if (min_plan_length > longest)
        return fr_fail(err, FR_E_INPUT,
                       "no puzzle of %d blocks needs %d steps; the longest needs at most %d",
                       n_blocks, min_plan_length, longest);

    /* Up to 5 blocks there are at most 501^2 puzzles, and 40 draws for each of them miss a
     * given one with probability e^-40: giving up then means that there are no more. */
    static const long long n_pairs[] = {1, 1, 9, 169, 5329, 251001};
    const long long max_draws = n_blocks <= 5 ? 40 * n_pairs[n_blocks] : 100000 + 1000LL * count;
    struct fr_rng rng;
    fr_rng_seed(&rng, seed, fr_hash_text(fr_split_name[split]));
    struct seen seen = {0};
    int n = 0, rc = 0;
    for (long long draw = 0; n < count && draw < max_draws; draw++) {
        struct fr_puzzle puzzle;
        fr_puzzle_random(&rng, n_blocks, &puzzle);
        if (!seen_add(&seen, &puzzle, distinct) || !in_split(&puzzle, split))
            continue;
        if (fr_puzzle_plan_length(&puzzle) >= min_plan_length)
            out[n++] = puzzle;
    }
    if (n < count)
        rc = fr_fail(err, FR_E_INPUT,
                     "%d %s puzzles of %d blocks with plans of %d steps or more%s asked for, "
                     "%d found; ask for fewer or for more blocks",
                     count, fr_split_name[split], n_blocks, min_plan_length,
                     distinct == FR_DISTINCT_CLASSES ? ", none a renaming of another," : "", n);
    free(seen.entries);
    return rc;
}
