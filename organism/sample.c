/* organism-sample: sequences of the task as text, JSON lines, one a sequence: what the organism is
 * taught to write, with the ground truth of what each part of it is. For tests of analyses of
 * behaviour, and as recorded traces (docs/replay.md): `fluidrep import` reads the lines.
 *
 * The text is what fr_task_sequence makes, taken apart again at its marks, so that it is the
 * training text byte for byte. Rejected: options for the whole mix of training (habits, copies,
 * pieces); a line's naming must be in data/namings.tsv, or nothing could read it. */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "organism/task.h"

enum { EXIT_MISUSE = 2, MIN_BLOCKS = 2 };

static const char usage[] =
    "usage: organism-sample [options]\n"
    "Writes sequences of the model organism's task, one JSON object a line: naming, words, "
    "family,\n"
    "blocks, prompt, reasoning, answer, puzzle, text, phases. `text` is what follows <think>:\n"
    "reasoning, \"\\n</think>\\n\" and answer; `phases` tile it: [kind, first byte, byte "
    "after].\n\n"
    "  --n N             sequences [10]\n"
    "  --seed N          decides the puzzles [1]; they are the same whatever the naming\n"
    "  --blocks N        of each puzzle, 2 to 7 [4]\n"
    "  --inferred SHARE  of prompts that show transitions in place of the schema [0]\n"
    "  --ambiguous       prompts that leave roles open; not with --inferred\n"
    "  --naming ID       of data/namings.tsv [1]\n"
    "  --names N         no sequences: the words that a training with N names draws from, one a "
    "line,\n"
    "                    as a pool for `fluidrep namings random`\n"
    "  --held-out        puzzles of the fold that training leaves out, three blocks and more\n";

enum { N, SEED, BLOCKS, INFERRED, AMBIGUOUS, NAMING, NAMES, HELD_OUT, HELP };
static const struct option options[] = {
    {"n", required_argument, NULL, N},           {"seed", required_argument, NULL, SEED},
    {"blocks", required_argument, NULL, BLOCKS}, {"inferred", required_argument, NULL, INFERRED},
    {"ambiguous", no_argument, NULL, AMBIGUOUS}, {"naming", required_argument, NULL, NAMING},
    {"held-out", no_argument, NULL, HELD_OUT},   {"names", required_argument, NULL, NAMES},
    {"help", no_argument, NULL, HELP},           {NULL, 0, NULL, 0},
};

struct request {
    long n, seed, blocks, names;
    double inferred;
    const char *naming;
    bool held_out, ambiguous;
};

/* ---- what is drawn --------------------------------------------------------------------------- */

static void draw_puzzle(struct fr_rng *rng, int n_blocks, bool held_out, struct fr_puzzle *puzzle) {
    do /* as in training: two blocks have no fold */
        fr_puzzle_random(rng, n_blocks, puzzle);
    while (n_blocks > 2 && (fr_puzzle_fold(puzzle) == FR_PUZZLE_FOLD_HELD_OUT) != held_out);
}

struct sequence {
    int n, n_prompt;
    int32_t tokens[FR_TASK_MAX_TOKENS];
    uint8_t kinds[FR_TASK_MAX_TOKENS];
};

/* ---- as JSON --------------------------------------------------------------------------------- */

static void add_token(const struct fr_vocab *vocab, int32_t token, struct fr_text *out) {
    fr_text_append(out, fr_vocab_text(vocab, token), fr_vocab_text_len(vocab, token));
}

static json_t *span(enum fr_token_kind kind, size_t begin, size_t end) {
    return json_pack("[s, I, I]", fr_token_kind_name[kind], (json_int_t)begin, (json_int_t)end);
}

/* The generated text without the token that ends it, and its phases. */
static json_t *write_text(const struct fr_vocab *vocab, const struct sequence *s,
                          struct fr_text *out) {
    json_t *phases = json_array();
    size_t begin = 0;
    const int end = s->n - 1;
    for (int i = s->n_prompt; i < end; i++) {
        add_token(vocab, s->tokens[i], out);
        if (i + 1 == end || s->kinds[i + 1] != s->kinds[i]) {
            (void)json_array_append_new(phases,
                                        span((enum fr_token_kind)s->kinds[i], begin, out->len));
            begin = out->len;
        }
    }
    return phases;
}

/* What stands between two marks of a text; the marks are there, since the task wrote them. */
static json_t *between(const char *text, const char *before, const char *after) {
    const char *begin = strstr(text, before);
    FR_ASSERT(begin != NULL);
    begin += strlen(before);
    const char *end = strstr(begin, after);
    FR_ASSERT(end != NULL);
    return json_stringn(begin, (size_t)(end - begin));
}

static json_t *words(const struct fr_concepts *concepts, const struct fr_naming *naming) {
    json_t *out = json_object();
    for (int a = 0; a < concepts->n; a++)
        (void)json_object_set_new(out, concepts->names[a], json_string(naming->words[a]));
    return out;
}

static json_t *pddl(const struct fr_world *world, const struct fr_puzzle *puzzle, long id) {
    struct fr_problem problem = {0};
    struct fr_text name = {0}, text = {0};
    fr_text_printf(&name, "sample-%ld", id);
    fr_puzzle_problem(puzzle, &world->domain, fr_text_get(&name), &problem);
    fr_problem_render(&problem, &text);
    json_t *out = json_string(fr_text_get(&text));
    fr_text_release(&name);
    fr_text_release(&text);
    fr_problem_release(&problem);
    return out;
}

static int write_line(const struct fr_task *task, const struct fr_task_text *drawn,
                      const struct sequence *s, long id, struct fr_error *err) {
    const struct fr_vocab *vocab = fr_task_vocab(task);
    const struct fr_world *world = fr_task_world(task);
    static const char end[] = "\n</think>\n";
    struct fr_text prompt = {0}, text = {0};
    for (int i = 0; i < s->n_prompt; i++)
        add_token(vocab, s->tokens[i], &prompt);
    json_t *phases = write_text(vocab, s, &text);
    const char *generated = fr_text_get(&text);
    const char *answer = strstr(generated, end);
    FR_ASSERT(answer != NULL);
    json_t *line =
        json_pack("{s:I, s:s, s:o, s:s, s:i, s:o, s:o, s:s, s:o, s:b, s:s, s:o}", "id",
                  (json_int_t)id, "naming", drawn->naming->id, "words",
                  words(&world->namings.concepts, drawn->naming), "family",
                  drawn->ambiguous         ? "ambiguous"
                  : drawn->example != NULL ? "inferred"
                                           : "described",
                  "blocks", drawn->puzzle->n_blocks, "prompt",
                  between(fr_text_get(&prompt), "<|im_start|>user\n", "<|im_end|>"), "reasoning",
                  json_stringn(generated, (size_t)(answer - generated)), "answer",
                  answer + strlen(end), "puzzle", pddl(world, drawn->puzzle, id), "correct", 1,
                  "text", generated, "phases", phases);
    int code = FR_OK;
    if (line == NULL || json_dumpf(line, stdout, 0) != 0 || putchar('\n') == EOF)
        code = fr_fail(err, FR_E_IO, "standard output: cannot be written");
    json_decref(line);
    fr_text_release(&prompt);
    fr_text_release(&text);
    return code;
}

static int sample(const struct fr_task *task, const struct request *r, struct fr_error *err) {
    static struct sequence s;
    const struct fr_namings *namings = &fr_task_world(task)->namings;
    const int naming = fr_namings_find(namings, r->naming);
    if (naming < 0)
        return fr_fail(err, FR_E_INPUT, "no naming \"%s\" in data/namings.tsv", r->naming);
    for (long i = 0; i < r->n; i++) {
        struct fr_rng rng;
        struct fr_puzzle puzzle, example;
        struct fr_task_text text = {.puzzle = &puzzle,
                                    .naming = &namings->items[naming],
                                    .ambiguous = r->ambiguous};
        fr_rng_seed(&rng, (uint64_t)r->seed, (uint64_t)i); /* a smaller --n is a prefix */
        draw_puzzle(&rng, (int)r->blocks, r->held_out, &puzzle);
        draw_puzzle(&rng, (int)r->blocks, false, &example);
        if (fr_rng_uniform(&rng) < r->inferred)
            text.example = &example;
        s.n = fr_task_sequence(task, &text, s.tokens, s.kinds, &s.n_prompt, err);
        if (s.n < 0)
            return s.n;
        const int code = write_line(task, &text, &s, i, err);
        if (code != FR_OK)
            return code;
    }
    return FR_OK;
}

static void list_names(const struct fr_vocab *vocab, long n) {
    for (int i = 0; i < n && i < fr_vocab_n_names(vocab); i++)
        puts(fr_vocab_names(vocab)[i]);
}

/* ---- options --------------------------------------------------------------------------------- */

static bool whole(const char *text, long least, long most, long *out) {
    char *end;
    *out = strtol(text, &end, 10);
    return end != text && *end == '\0' && *out >= least && *out <= most;
}

/* False when an option is wrong; *help when it was asked for. */
static bool options_parse(int argc, char **argv, struct request *r, bool *help) {
    bool good = true;
    char *end;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;)
        switch (c) {
        case N:
            good = whole(optarg, 1, 1000000, &r->n) && good;
            break;
        case SEED:
            good = whole(optarg, 0, 1L << 40, &r->seed) && good;
            break;
        case BLOCKS:
            good = whole(optarg, MIN_BLOCKS, FR_TASK_MAX_BLOCKS - 1, &r->blocks) && good;
            break;
        case INFERRED:
            r->inferred = strtod(optarg, &end);
            good = end != optarg && *end == '\0' && r->inferred >= 0 && r->inferred <= 1 && good;
            break;
        case AMBIGUOUS:
            r->ambiguous = true;
            break;
        case NAMING:
            r->naming = optarg;
            break;
        case NAMES:
            good = whole(optarg, 1, 1000000, &r->names) && good;
            break;
        case HELD_OUT:
            r->held_out = true;
            break;
        case HELP:
            *help = true;
            return true;
        default:
            good = false;
        }
    return good && optind == argc && !(r->held_out && r->blocks == 2) &&
           !(r->ambiguous && r->inferred > 0);
}

int main(int argc, char **argv) {
    struct request r = {.n = 10, .seed = 1, .blocks = 4, .naming = "1"};
    struct fr_task *task = NULL;
    struct fr_error err = {0};
    bool help = false;
    if (!options_parse(argc, argv, &r, &help) || help) {
        fputs(usage, help ? stdout : stderr);
        return help ? 0 : EXIT_MISUSE;
    }
    int code = fr_task_open(&task, &err);
    if (code == FR_OK && r.names > 0)
        list_names(fr_task_vocab(task), r.names);
    else if (code == FR_OK)
        code = sample(task, &r, &err);
    fr_task_close(task);
    if (code == FR_OK && fflush(stdout) != 0)
        code = fr_fail(&err, FR_E_IO, "standard output: cannot be written");
    if (code != FR_OK)
        fprintf(stderr, "organism-sample: %s\n", err.text);
    return code == FR_OK ? 0 : code == FR_E_INPUT ? EXIT_MISUSE : 1;
}
