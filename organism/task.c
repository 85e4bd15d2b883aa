/* The training task; see task.h. Optimal plans were passed over: which of several shortest plans
 * comes next cannot be read off the state, so the text would not be a function of the prompt. */
#include "organism/task.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/prompts.h"

const char *const fr_token_kind_name[FR_KIND_COUNT] = {"prompt", "state", "flags",
                                                       "action", "plan",  "copy"};

enum { PICK_UP, PUT_DOWN, STACK, UNSTACK };

struct fr_task {
    struct fr_vocab *vocab;
    struct fr_world world;
    int clean; /* index of the clean naming */
};

int fr_task_open(struct fr_task **out, struct fr_error *err) {
    struct fr_task *task = *out = fr_alloc(1, sizeof *task);
    int code = fr_vocab_open(&task->vocab, err);
    if (code == FR_OK)
        code = fr_world_open(&task->world, err);
    if (code == FR_OK) {
        task->clean = fr_namings_find(&task->world.namings, "clean");
        if (task->clean < 0)
            code = fr_fail(err, FR_E_INPUT, "data/namings.tsv: no naming \"clean\"");
    }
    if (code != FR_OK) {
        fr_task_close(task);
        *out = NULL;
    }
    return code;
}

void fr_task_close(struct fr_task *task) {
    if (task == NULL)
        return;
    fr_vocab_close(task->vocab);
    fr_world_close(&task->world);
    free(task);
}

const struct fr_vocab *fr_task_vocab(const struct fr_task *task) { return task->vocab; }
const struct fr_world *fr_task_world(const struct fr_task *task) { return &task->world; }

/* ---- the policy ----------------------------------------------------------------------------- */

static bool is_clear(const struct fr_towers *t, int block) {
    for (int b = 0; b < t->n_blocks; b++)
        if (b != t->held && t->below[b] == block)
            return false;
    return block != t->held;
}

void fr_task_goal_order(const int8_t *goal, int n_blocks, int *order) {
    int n = 0;
    for (int bottom = 0; bottom < n_blocks; bottom++)
        for (int b = goal[bottom] < 0 ? bottom : -1; b >= 0;) {
            order[n++] = b;
            int above = -1;
            for (int c = 0; c < n_blocks; c++)
                if (goal[c] == b)
                    above = c;
            b = above;
        }
    FR_ASSERT(n == n_blocks);
}

static void find_final(const struct fr_towers *t, const int8_t *goal, const int *order,
                       bool *final) {
    for (int i = 0; i < t->n_blocks; i++) { /* a block's place comes before it */
        const int b = order[i];
        final[b] = b != t->held && t->below[b] == goal[b] && (goal[b] < 0 || final[goal[b]]);
    }
}

bool fr_task_next_step(const struct fr_towers *t, const int8_t *goal, const int *order, bool *final,
                       int *action, int *block, int *target) {
    find_final(t, goal, order, final);
    int first = 0;
    while (first < t->n_blocks && final[order[first]])
        first++;
    if (first == t->n_blocks)
        return false;
    const int f = order[first], place = goal[f];
    const bool place_clear = place >= 0 && is_clear(t, place);
    if (t->held >= 0) {
        const bool stack = t->held == f && place_clear;
        *action = stack ? STACK : PUT_DOWN;
        *block = t->held;
        *target = stack ? place : -1;
        return true;
    }
    if (t->below[f] < 0 && is_clear(t, f) && place_clear) {
        *action = PICK_UP;
        *block = f;
        *target = -1;
        return true;
    }
    for (int i = first; i < t->n_blocks; i++) {
        const int b = order[i];
        if (!final[b] && is_clear(t, b) && t->below[b] >= 0) {
            *action = UNSTACK;
            *block = b;
            *target = t->below[b];
            return true;
        }
    }
    FR_ASSERT(!"a block in the way can always be unstacked");
    return false;
}

/* ---- the text ---------------------------------------------------------------------------------
 */

/* Tokens of a sequence under construction; a piece of text has one kind. */
struct writer {
    const struct fr_task *task;
    struct fr_tokens tokens;
    struct fr_text piece;
    uint8_t *kinds;
    bool overflow;
};

static void flush(struct writer *w, enum fr_token_kind kind) {
    const int before = w->tokens.n;
    fr_vocab_encode(w->task->vocab, fr_text_get(&w->piece), w->piece.len, &w->tokens);
    fr_text_clear(&w->piece);
    if (w->tokens.n > FR_TASK_MAX_TOKENS) {
        w->overflow = true;
        w->tokens.n = before;
        return;
    }
    memset(w->kinds + before, kind, (size_t)(w->tokens.n - before));
}

static void write_reasoning(struct writer *w, const struct fr_puzzle *puzzle,
                            const struct fr_problem *problem, const struct fr_naming *naming,
                            struct fr_plan *plan) {
    struct fr_state state = {0};
    fr_state_set(&state, problem->init, problem->n_init);
    struct fr_towers towers = {.n_blocks = puzzle->n_blocks, .held = -1};
    memcpy(towers.below, puzzle->init, sizeof towers.below);
    int order[FR_MAX_BLOCKS];
    fr_task_goal_order(puzzle->goal, puzzle->n_blocks, order);
    for (int line = 1;; line++) {
        bool final[FR_MAX_BLOCKS];
        int action, block, target;
        const bool more =
            fr_task_next_step(&towers, puzzle->goal, order, final, &action, &block, &target);
        fr_text_printf(&w->piece, "%d", line);
        fr_terse_facts(problem, naming, &state, &w->piece);
        fr_text_add(&w->piece, " |");
        flush(w, FR_KIND_STATE);
        for (int i = 0; i < puzzle->n_blocks; i++)
            fr_text_printf(&w->piece, " %c %c",
                           toupper((unsigned char)problem->objects[order[i]][0]),
                           final[order[i]] ? '+' : '-');
        fr_text_add(&w->piece, more ? " >" : "\n");
        flush(w, FR_KIND_FLAGS);
        if (!more)
            break;
        struct fr_step step = {.action = action,
                               .n_args = target >= 0 ? 2 : 1,
                               .args = {block, target}};
        if (target < 0)
            step.args[1] = 0;
        fr_terse_step(problem, naming, &step, &w->piece);
        fr_text_add(&w->piece, "\n");
        flush(w, FR_KIND_ACTION);
        FR_ASSERT(fr_state_blocker(problem->domain, &state, &step) < 0);
        fr_state_apply(problem->domain, &state, &step);
        fr_plan_append(plan, &step);
        towers.held = action == PICK_UP || action == UNSTACK ? block : -1;
        towers.below[block] = (int8_t)(action == STACK ? target : -1);
    }
    fr_state_release(&state);
}

int fr_task_sequence(const struct fr_task *task, const struct fr_puzzle *puzzle,
                     const struct fr_naming *naming, int32_t *tokens, uint8_t *kinds, int *n_prompt,
                     struct fr_error *err) {
    struct writer w = {.task = task, .kinds = kinds};
    struct fr_problem problem = {0};
    struct fr_plan plan = {0};
    fr_puzzle_problem(puzzle, &task->world.domain, "training", &problem);

    fr_text_add(&w.piece, "<|im_start|>user\n");
    fr_prompt_render(&(struct fr_prompt){.style = FR_STYLE_TERSE,
                                         .problem = &problem,
                                         .naming = naming},
                     &w.piece);
    fr_text_add(&w.piece, "<|im_end|>\n<|im_start|>assistant\n<think>\n");
    flush(&w, FR_KIND_PROMPT);
    *n_prompt = w.tokens.n;
    write_reasoning(&w, puzzle, &problem, naming, &plan);
    fr_text_add(&w.piece, "</think>\n");
    for (int i = 0; i < plan.n_steps; i++) {
        fr_text_printf(&w.piece, "%d", i + 1);
        fr_terse_step(&problem, naming, &plan.steps[i], &w.piece);
        fr_text_add(&w.piece, i + 1 < plan.n_steps ? "\n" : "<|im_end|>");
    }
    flush(&w, FR_KIND_PLAN);
    int n = w.tokens.n;
    if (w.overflow)
        n = fr_fail(err, FR_E_LIMIT, "a puzzle of %d blocks needs more than %d tokens",
                    puzzle->n_blocks, FR_TASK_MAX_TOKENS);
    else
        memcpy(tokens, w.tokens.ids, (size_t)n * sizeof *tokens);
    fr_problem_release(&problem);
    fr_plan_release(&plan);
    fr_tokens_release(&w.tokens);
    fr_text_release(&w.piece);
    return n;
}

/* Random words, three times over: teaches copying from the context before any binding is needed. */
static int copy_sequence(const struct fr_task *task, struct fr_rng *rng, int32_t *tokens,
                         uint8_t *kinds) {
    enum { MIN_WORDS = 4, MAX_WORDS = 24, REPEATS = 3 };
    const struct fr_vocab *v = task->vocab;
    const int n_words = MIN_WORDS + (int)fr_rng_below(rng, MAX_WORDS - MIN_WORDS + 1);
    const char *const *names = fr_vocab_names(v);
    int n = 0;
    tokens[n++] = fr_vocab_find(v, "<|im_start|>", 12);
    for (int i = 0; i < n_words; i++) {
        const char *word = names[fr_rng_below(rng, (uint32_t)fr_vocab_n_names(v))];
        tokens[n++] = fr_vocab_find(v, word - 1, strlen(word) + 1); /* the blank stands before it */
    }
    for (int r = 1; r < REPEATS; r++, n += n_words)
        memcpy(tokens + n, tokens + 1, (size_t)n_words * sizeof *tokens);
    tokens[n++] = fr_vocab_find(v, "<|im_end|>", 10);
    memset(kinds, FR_KIND_COPY, (size_t)n);
    return n;
}

static int draw_blocks(const struct fr_task_mix *mix, struct fr_rng *rng) {
    double total = 0;
    for (int i = 0; i < 8; i++)
        total += mix->block_share[i];
    double u = fr_rng_uniform(rng) * total;
    int last = 0;
    for (int i = 0; i < 8; i++)
        if (mix->block_share[i] > 0) {
            last = i;
            if ((u -= mix->block_share[i]) < 0)
                break;
        }
    return last;
}

static bool is_reserved(const struct fr_namings *namings, const struct fr_naming *naming) {
    for (int i = 0; i < namings->n; i++) {
        bool same = true;
        for (int a = 0; same && a < namings->concepts.n; a++)
            same = strcmp(namings->items[i].words[a], naming->words[a]) == 0;
        if (same)
            return true;
    }
    return false;
}

int fr_task_sample(const struct fr_task *task, const struct fr_task_mix *mix, struct fr_rng *rng,
                   int32_t *tokens, uint8_t *kinds, int *n_prompt, struct fr_error *err) {
    *n_prompt = 0;
    if (fr_rng_uniform(rng) < mix->copy_share)
        return copy_sequence(task, rng, tokens, kinds);
    const struct fr_namings *namings = &task->world.namings;
    const int n_blocks = draw_blocks(mix, rng);
    struct fr_puzzle puzzle;
    do /* two blocks have too few classes to hold any out */
        fr_puzzle_random(rng, n_blocks, &puzzle);
    while (n_blocks > 2 && fr_puzzle_fold(&puzzle) == FR_PUZZLE_FOLD_HELD_OUT);
    if (fr_rng_uniform(rng) < mix->clean_share)
        return fr_task_sequence(task, &puzzle, &namings->items[task->clean], tokens, kinds,
                                n_prompt, err);
    const int pool = fr_vocab_n_names(task->vocab);
    struct fr_naming naming;
    fr_naming_random(rng, fr_vocab_names(task->vocab), mix->n_names < pool ? mix->n_names : pool,
                     namings->concepts.n, "training", &naming);
    while (is_reserved(namings, &naming)) {
        fr_naming_release(&naming, namings->concepts.n);
        fr_naming_random(rng, fr_vocab_names(task->vocab), pool, namings->concepts.n, "training",
                         &naming);
    }
    const int n = fr_task_sequence(task, &puzzle, &naming, tokens, kinds, n_prompt, err);
    fr_naming_release(&naming, namings->concepts.n);
    return n;
}
