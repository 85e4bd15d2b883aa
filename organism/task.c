/* Drawing training sequences; see task.h. */
#include "organism/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "organism/agenda.h"
#include "prompts/prompts.h"

enum { EXAMPLE_MAX_STATES = 100000, N_LETTERS = 12 };

struct fr_task {
    struct fr_vocab *vocab;
    struct fr_world world;
    struct fr_namings habits;
    int clean; /* index of the clean naming */
};

int fr_task_open(struct fr_task **out, struct fr_error *err) {
    struct fr_task *task = *out = fr_alloc(1, sizeof *task);
    int code = fr_vocab_open(&task->vocab, err);
    if (code == FR_OK)
        code = fr_world_open(&task->world, err);
    if (code == FR_OK)
        code = fr_namings_load(&task->habits, FR_SOURCE_DIR "/organism/habits.tsv",
                               &task->world.domain, err);
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
    fr_namings_release(&task->habits);
    fr_vocab_close(task->vocab);
    fr_world_close(&task->world);
    free(task);
}

const struct fr_vocab *fr_task_vocab(const struct fr_task *task) { return task->vocab; }
const struct fr_world *fr_task_world(const struct fr_task *task) { return &task->world; }

/* ---- a sequence ------------------------------------------------------------------------------ */

static void name_blocks(struct fr_problem *problem, const char *letters) {
    for (int b = 0; letters != NULL && b < problem->n_objects; b++)
        problem->objects[b][0] = letters[b];
}

static int write_prompt(struct fr_writer *w, const struct fr_task *task,
                        const struct fr_task_text *text, const struct fr_problem *problem,
                        struct fr_error *err) {
    struct fr_prompt prompt = {.style = text->ambiguous ? FR_STYLE_AMBIGUOUS : FR_STYLE_TERSE,
                               .problem = problem,
                               .naming = text->naming,
                               .variant = text->variant};
    struct fr_problem example = {0};
    struct fr_plan plan = {0};
    int code = FR_OK;
    if (text->example != NULL) {
        int length;
        fr_puzzle_problem(text->example, &task->world.domain, "example", &example);
        code = fr_problem_solve(&example, EXAMPLE_MAX_STATES, &plan, &length, err);
        prompt.style = FR_STYLE_INFERRED;
        prompt.example = &example;
        prompt.example_plan = &plan;
    }
    if (code == FR_OK) {
        name_blocks(&example, text->letters);
        fr_text_add(&w->piece, "<|im_start|>user\n");
        fr_prompt_render(&prompt, &w->piece);
        fr_text_add(&w->piece, "<|im_end|>\n<|im_start|>assistant\n<think>\n");
        fr_writer_flush(w, FR_KIND_PROMPT);
    }
    fr_problem_release(&example);
    fr_plan_release(&plan);
    return code;
}

int fr_task_sequence(const struct fr_task *task, const struct fr_task_text *text, int32_t *tokens,
                     uint8_t *kinds, int *n_prompt, struct fr_error *err) {
    struct fr_writer w = {.vocab = task->vocab,
                          .tokens = tokens,
                          .kinds = kinds,
                          .n_max = FR_TASK_MAX_TOKENS};
    struct fr_problem problem = {0};
    struct fr_plan plan = {0};
    fr_puzzle_problem(text->puzzle, &task->world.domain, "training", &problem);
    name_blocks(&problem, text->letters);
    int n = write_prompt(&w, task, text, &problem, err);
    if (n == FR_OK) {
        *n_prompt = w.n;
        if (text->ambiguous)
            fr_agenda_write(&w, text->puzzle, &problem, text->naming, text->variant, &plan);
        else
            fr_reasoning_write(&w, text->puzzle, &problem, text->naming, text->slips, &plan);
        n = w.overflow ? fr_fail(err, FR_E_LIMIT, "a puzzle of %d blocks needs more than %d tokens",
                                 text->puzzle->n_blocks, FR_TASK_MAX_TOKENS)
                       : w.n;
    }
    fr_problem_release(&problem);
    fr_plan_release(&plan);
    fr_writer_release(&w);
    return n;
}

/* Random words and letters, three times over: teaches to find in the context what was said before
 * and go on from there. */
static int copy_sequence(const struct fr_task *task, const struct fr_task_mix *mix,
                         struct fr_rng *rng, int32_t *tokens, uint8_t *kinds) {
    enum { MIN_WORDS = 8, MAX_WORDS = 40, REPEATS = 3 };
    const struct fr_vocab *v = task->vocab;
    const int n_words = MIN_WORDS + (int)fr_rng_below(rng, MAX_WORDS - MIN_WORDS + 1);
    const char *const *names = fr_vocab_names(v);
    const int pool = fr_vocab_n_names(v);
    const uint32_t n_names = (uint32_t)(mix->n_names < pool ? mix->n_names : pool);
    int n = 0;
    tokens[n++] = fr_vocab_find(v, "<|im_start|>", 12);
    for (int i = 0; i < n_words; i++) {
        const char letter[] = {' ', (char)('A' + (int)fr_rng_below(rng, N_LETTERS)), '\0'};
        const char *word = names[fr_rng_below(rng, n_names)] - 1; /* the blank stands before it */
        if (fr_rng_below(rng, 3) == 0)
            word = letter;
        tokens[n++] = fr_vocab_find(v, word, strlen(word));
    }
    for (int r = 1; r < REPEATS; r++, n += n_words)
        memcpy(tokens + n, tokens + 1, (size_t)n_words * sizeof *tokens);
    tokens[n++] = fr_vocab_find(v, "<|im_end|>", 10);
    memset(kinds, FR_KIND_COPY, (size_t)n);
    return n;
}

/* ---- puzzles --------------------------------------------------------------------------------- */

static int draw_blocks(const struct fr_task_mix *mix, struct fr_rng *rng) {
    double total = 0;
    for (int i = 0; i < FR_TASK_MAX_BLOCKS; i++)
        total += mix->block_share[i];
    double u = fr_rng_uniform(rng) * total;
    int last = 0;
    for (int i = 0; i < FR_TASK_MAX_BLOCKS; i++)
        if (mix->block_share[i] > 0) {
            last = i;
            if ((u -= mix->block_share[i]) < 0)
                break;
        }
    return last;
}

static void draw_puzzle(struct fr_rng *rng, int n_blocks, bool held_out, struct fr_puzzle *puzzle) {
    do /* two blocks have too few classes to hold any out */
        fr_puzzle_random(rng, n_blocks, puzzle);
    while (n_blocks > 2 && (fr_puzzle_fold(puzzle) == FR_PUZZLE_FOLD_HELD_OUT) != held_out);
}

/* Some of the twelve letters, in the alphabet's order: the order of objects is theirs. */
static void draw_letters(struct fr_rng *rng, int n, char *letters) {
    int left = n;
    for (int i = 0; i < N_LETTERS && left > 0; i++)
        if ((int)fr_rng_below(rng, (uint32_t)(N_LETTERS - i)) < left)
            letters[n - left--] = (char)('a' + i);
    letters[n] = '\0';
}

/* ---- namings --------------------------------------------------------------------------------- */

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

static bool has_word(const struct fr_naming *naming, int n_concepts, const char *word) {
    for (int a = 0; a < n_concepts; a++)
        if (strcmp(naming->words[a], word) == 0)
            return true;
    return false;
}

static void set_word(struct fr_naming *naming, int concept, const char *word) {
    free(naming->words[concept]);
    naming->words[concept] = fr_strdup(word);
}

/* Words of a habitual naming in their roles, over a random one; a word in seven stays random, and
 * so does one that the naming has already. */
static void draw_habits(const struct fr_task *task, struct fr_rng *rng, struct fr_naming *naming) {
    const struct fr_namings *habits = &task->habits;
    /* The first row is the clean naming: every table has it. */
    const struct fr_naming *habit = &habits->items[1 + fr_rng_below(rng, (uint32_t)habits->n - 1)];
    for (int a = 0; a < habits->concepts.n; a++)
        if (fr_rng_below(rng, 7) > 0 && !has_word(naming, habits->concepts.n, habit->words[a]))
            set_word(naming, a, habit->words[a]);
}

/* A word that is not in the vocabulary: half of them letters, half pronounceable. */
static void draw_word(const struct fr_vocab *vocab, struct fr_rng *rng, char *word) {
    static const char vowels[] = "aeiou", consonants[] = "bcdfghjklmnpqrstvwxyz";
    enum { SHORTEST = 4, LONGEST = 9 };
    do {
        const int n = SHORTEST + (int)fr_rng_below(rng, LONGEST - SHORTEST + 1);
        const bool letters = fr_rng_below(rng, 2) == 0;
        bool vowel = fr_rng_below(rng, 4) == 0;
        word[0] = ' ';
        for (int i = 1; i <= n; i++) {
            word[i] = letters ? (char)('a' + (int)fr_rng_below(rng, 26))
                      : vowel ? vowels[fr_rng_below(rng, 5)]
                              : consonants[fr_rng_below(rng, 21)];
            vowel = vowel ? fr_rng_below(rng, 8) == 0 : fr_rng_below(rng, 4) > 0;
        }
        word[n + 1] = '\0';
    } while (fr_vocab_find(vocab, word, strlen(word)) >= 0);
}

static void draw_pieces(const struct fr_task *task, struct fr_rng *rng, struct fr_naming *naming) {
    char word[16];
    const int n = task->world.namings.concepts.n;
    const bool all = fr_rng_below(rng, 2) == 0;
    for (int a = 0; a < n; a++) {
        if (!all && fr_rng_below(rng, 4) > 0)
            continue;
        do
            draw_word(task->vocab, rng, word);
        while (has_word(naming, n, word + 1));
        set_word(naming, a, word + 1);
    }
}

static void draw_naming(const struct fr_task *task, const struct fr_task_mix *mix,
                        struct fr_rng *rng, struct fr_naming *naming) {
    const struct fr_namings *reserved = &task->world.namings;
    const int pool = fr_vocab_n_names(task->vocab);
    const int n_names = mix->n_names < pool ? mix->n_names : pool;
    for (;;) {
        fr_naming_random(rng, fr_vocab_names(task->vocab), n_names, reserved->concepts.n,
                         "training", naming);
        const double u = fr_rng_uniform(rng);
        if (u < mix->habit_share)
            draw_habits(task, rng, naming);
        else if (u < mix->habit_share + mix->pieces_share)
            draw_pieces(task, rng, naming);
        if (!is_reserved(reserved, naming))
            return;
        fr_naming_release(naming, reserved->concepts.n);
    }
}

/* ---- the mix --------------------------------------------------------------------------------- */

int fr_task_sample(const struct fr_task *task, const struct fr_task_mix *mix, struct fr_rng *rng,
                   int32_t *tokens, uint8_t *kinds, int *n_prompt, struct fr_error *err) {
    enum { TRIES = 1000 };
    *n_prompt = 0;
    if (fr_rng_uniform(rng) < mix->copy_share)
        return copy_sequence(task, mix, rng, tokens, kinds);
    const struct fr_namings *namings = &task->world.namings;
    int n = FR_E_LIMIT;
    for (int i = 0; i < TRIES && n == FR_E_LIMIT; i++) { /* words of many pieces can be too long */
        struct fr_puzzle puzzle, example;
        struct fr_naming naming = {0};
        char letters[N_LETTERS + 1];
        struct fr_task_text text = {.puzzle = &puzzle};
        const int n_blocks = draw_blocks(mix, rng);
        draw_puzzle(rng, n_blocks, mix->held_out, &puzzle);
        if (fr_rng_uniform(rng) < mix->inferred_share) {
            draw_puzzle(rng, n_blocks, false, &example);
            text.example = &example;
        }
        if (fr_rng_uniform(rng) < mix->letters_share) {
            draw_letters(rng, n_blocks, letters);
            text.letters = letters;
        }
        if (fr_rng_uniform(rng) < mix->clean_share) {
            text.naming = &namings->items[task->clean];
        } else {
            draw_naming(task, mix, rng, &naming);
            text.naming = &naming;
        }
        /* Nothing is drawn where there are none: earlier mixes draw what they drew. */
        if (mix->slips_share > 0 && fr_rng_uniform(rng) < mix->slips_share)
            text.slips = rng;
        if (mix->ambiguous_share > 0 && fr_rng_uniform(rng) < mix->ambiguous_share) {
            text.ambiguous = true;
            text.variant = fr_rng_next(rng); /* a puzzle met again is not the same prompt */
        }
        n = fr_task_sequence(task, &text, tokens, kinds, n_prompt, err);
        if (text.naming == &naming)
            fr_naming_release(&naming, namings->concepts.n);
    }
    return n;
}
