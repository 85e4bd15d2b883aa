/*
 * organism-train: trains the model organism and leaves DIR/checkpoint.bin,
 * DIR/log.jsonl and, if asked, DIR/snapshot-NNNNNN.bin of every so many steps.
 * Killed at any moment and run again with the same options, it continues from
 * the last checkpoint and ends with the same weights.
 *
 * Results: nothing on stdout; progress on stderr and, the same numbers, one
 * JSON object a line in the log.
 */
#include <cblas.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "organism/bf16.h"
#include "organism/checkpoint.h"
#include "organism/progress.h"
#include "organism/trainer.h"
#include "organism/vocab.h"

enum { EXIT_MISUSE = 2 };

static struct {
    const char *out, *init, *decay, *blocks, *optimizer, *products;
    int width, layers, heads, kv_heads, ff, tokens_per_step, micro, threads;
    int warmup, eval_sequences, names, names_all, eval_every, checkpoint_every, snapshot_every,
        until;
    double embedding, tokens, rate, weight_decay, decay_from, final_share, average_decay, rope_base;
    double clip, momentum, beta2, seed;
    double names_hold, names_full, copy_first, copy_last, copy_hold, copy_low;
    struct fr_task_mix mix;
    double report_seconds, max_seconds;
    double weight_prompt, weight_copy, weight_words;
} opt = {
    .decay = "cosine",
    .blocks = "2:.10,3:.25,4:.65",
    .optimizer = "muon",
    .products = "auto",
    .width = 256,
    .layers = 4,
    .heads = 4,
    .kv_heads = 4,
    .ff = 512,
    .tokens_per_step = 8192,
    .micro = 4,
    .threads = 2,
    .warmup = 50,
    .eval_sequences = 32,
    .eval_every = 250,
    .checkpoint_every = 100,
    .embedding = 0.02,
    .tokens = 24e6,
    .rate = 8e-3,
    .decay_from = 0,
    .final_share = 0.05,
    .average_decay = 0.998,
    .rope_base = 10000,
    .seed = 1,
    .report_seconds = 10,
    .max_seconds = 0,
    .weight_prompt = 1,
    .weight_copy = 1,
    .weight_words = 1,
};

static const struct {
    const char *name;
    enum { TEXT, INTEGER, NUMBER } type;
    void *value;
    const char *help;
} table[] = {
    {"out", TEXT, &opt.out, "directory of the checkpoint and the log (needed)"},
    {"init", TEXT, &opt.init, "begin with the weights of this checkpoint or snapshot"},
    {"tokens", NUMBER, &opt.tokens, "tokens of the whole training"},
    {"seed", NUMBER, &opt.seed, "decides everything random"},
    {"products", TEXT, &opt.products, "bf16, f32, or auto: bf16 where the processor has it"},
    {"threads", INTEGER, &opt.threads, "does not change the result"},
    {"width", INTEGER, &opt.width, "of the residual stream"},
    {"layers", INTEGER, &opt.layers, "blocks"},
    {"heads", INTEGER, &opt.heads, "attention heads"},
    {"kv-heads", INTEGER, &opt.kv_heads, "key/value heads"},
    {"ff", INTEGER, &opt.ff, "feed-forward width"},
    {"rope-base", NUMBER, &opt.rope_base, "base of the rotary frequencies"},
    {"tokens-per-step", INTEGER, &opt.tokens_per_step, "at least; the last sequences overshoot"},
    {"micro", INTEGER, &opt.micro, "micro-batches of a step; changes rounding"},
    {"embedding", NUMBER, &opt.embedding, "deviation of embeddings at the start"},
    {"optimizer", TEXT, &opt.optimizer, "muon (matrices; the rest AdamW) or adamw"},
    {"lr", NUMBER, &opt.rate, "peak learning rate"},
    {"warmup", INTEGER, &opt.warmup, "steps of linear warm-up"},
    {"decay", TEXT, &opt.decay, "cosine or linear"},
    {"decay-from", NUMBER, &opt.decay_from, "share of training after which the rate falls"},
    {"final-rate", NUMBER, &opt.final_share, "last rate as a share of the peak"},
    {"weight-decay", NUMBER, &opt.weight_decay, "of matrices and embeddings, times the rate"},
    {"clip", NUMBER, &opt.clip, "largest gradient norm"},
    {"momentum", NUMBER, &opt.momentum, "of Muon"},
    {"beta2", NUMBER, &opt.beta2, "of AdamW"},
    {"average-decay", NUMBER, &opt.average_decay, "of the moving average of the weights"},
    {"names", INTEGER, &opt.names, "names in use at first"},
    {"names-all", INTEGER, &opt.names_all, "names in use at last"},
    {"names-hold", NUMBER, &opt.names_hold, "share of training with --names"},
    {"names-full", NUMBER, &opt.names_full, "share of training from which on all are used"},
    {"copy", NUMBER, &opt.copy_first, "share of copy sequences at first"},
    {"copy-last", NUMBER, &opt.copy_last, "and at last"},
    {"copy-hold", NUMBER, &opt.copy_hold, "share of training with --copy"},
    {"copy-low", NUMBER, &opt.copy_low, "share of training from which on --copy-last holds"},
    {"clean", NUMBER, &opt.mix.clean_share, "share of clean sequences"},
    {"habits", NUMBER, &opt.mix.habit_share, "share of the others with words in habitual roles"},
    {"pieces", NUMBER, &opt.mix.pieces_share, "share of the others with words of several tokens"},
    {"inferred", NUMBER, &opt.mix.inferred_share, "share of prompts without the schema"},
    {"ambiguous", NUMBER, &opt.mix.ambiguous_share, "share of prompts that leave roles open"},
    {"letters", NUMBER, &opt.mix.letters_share, "share of puzzles with blocks of any letters"},
    {"slips", NUMBER, &opt.mix.slips_share,
     "share of puzzles with random steps between the others"},
    {"blocks", TEXT, &opt.blocks, "shares of puzzles by number of blocks"},
    {"weight-prompt", NUMBER, &opt.weight_prompt, "of prompt tokens in the loss"},
    {"weight-copy", NUMBER, &opt.weight_copy, "of copy sequences"},
    {"weight-words", NUMBER, &opt.weight_words,
     "of actions, of roles and of what is verified; slips: 0; all the rest: 1"},
    {"checkpoint-every", INTEGER, &opt.checkpoint_every, "steps"},
    {"until", INTEGER, &opt.until, "stop (with a checkpoint) after this step; 0: at the end"},
    {"snapshot-every", INTEGER, &opt.snapshot_every, "steps whose weights are kept; 0: none"},
    {"eval-every", INTEGER, &opt.eval_every, "steps; 0: only at the end"},
    {"eval-sequences", INTEGER, &opt.eval_sequences, "of each family"},
    {"report-seconds", NUMBER, &opt.report_seconds, "between progress lines"},
    {"max-seconds", NUMBER, &opt.max_seconds, "stop (with a checkpoint) after; 0: never"},
};
enum { N_OPTIONS = (int)(sizeof table / sizeof *table) };

/* The defaults that the library has. */
static void options_init(void) {
    const struct fr_curriculum c = fr_curriculum_defaults();
    const struct fr_optim_options o = fr_optim_defaults();
    opt.names = c.names_first;
    opt.names_all = c.names_all;
    opt.names_hold = c.names_hold;
    opt.names_full = c.names_full;
    opt.copy_first = c.copy_first;
    opt.copy_last = c.copy_last;
    opt.copy_hold = c.copy_hold;
    opt.copy_low = c.copy_low;
    opt.mix = c.mix;
    opt.weight_decay = o.weight_decay;
    opt.clip = o.clip;
    opt.momentum = o.momentum;
    opt.beta2 = o.beta2;
}

static void help_print(void) {
    printf("usage: organism-train --out DIR [options]\n"
           "Trains the model organism; run again, it continues where it stopped.\n\n");
    for (int i = 0; i < N_OPTIONS; i++) {
        char value[80] = "";
        if (table[i].type == INTEGER)
            snprintf(value, sizeof value, " [%d]", *(const int *)table[i].value);
        else if (table[i].type == NUMBER)
            snprintf(value, sizeof value, " [%g]", *(const double *)table[i].value);
        else if (*(const char *const *)table[i].value)
            snprintf(value, sizeof value, " [%s]", *(const char *const *)table[i].value);
        printf("  --%-17s %s%s\n", table[i].name, table[i].help, value);
    }
}

static int option_set(int i, const char *text) {
    char *end = NULL;
    errno = 0;
    if (table[i].type == TEXT) {
        *(const char **)table[i].value = text;
        return 0;
    }
    const double number = strtod(text, &end);
    if (errno || end == text || *end ||
        (table[i].type == INTEGER && (number != (double)(int)number))) {
        fprintf(stderr, "organism-train: --%s %s: not a number it can be\n", table[i].name, text);
        return EXIT_MISUSE;
    }
    if (table[i].type == INTEGER)
        *(int *)table[i].value = (int)number;
    else
        *(double *)table[i].value = number;
    return 0;
}

/* 0, or the status to exit with, or -1 when help was printed. */
static int options_parse(int argc, char **argv) {
    struct option longs[N_OPTIONS + 2] = {0};
    for (int i = 0; i < N_OPTIONS; i++)
        longs[i] = (struct option){table[i].name, required_argument, NULL, i + 256};
    longs[N_OPTIONS] = (struct option){"help", no_argument, NULL, 'h'};
    for (;;) {
        const int c = getopt_long(argc, argv, "h", longs, NULL);
        if (c == -1)
            break;
        if (c == 'h') {
            help_print();
            return -1;
        }
        if (c < 256)
            return EXIT_MISUSE;
        const int rc = option_set(c - 256, optarg);
        if (rc)
            return rc;
    }
    if (optind != argc || !opt.out) {
        fprintf(stderr, "organism-train: %s; see --help\n",
                opt.out ? "unexpected argument" : "--out DIR is needed");
        return EXIT_MISUSE;
    }
    return 0;
}

/* "2:.15,3:.30" -> shares[2], shares[3]. */
static int blocks_parse(const char *text, double *shares, struct fr_error *err) {
    memset(shares, 0, FR_TASK_MAX_BLOCKS * sizeof *shares);
    for (const char *at = text; *at;) {
        int n = 0;
        double share = 0;
        int used = 0;
        if (sscanf(at, "%d:%lf%n", &n, &share, &used) != 2 || n < 2 || n >= FR_TASK_MAX_BLOCKS ||
            share < 0)
            return fr_fail(err, FR_E_INPUT, "--blocks %s: not a list like 3:.4,4:.6", text);
        shares[n] = share;
        at += used;
        at += *at == ',';
    }
    return 0;
}

static int products_parse(const char *text, enum fr_gemm_precision *out, struct fr_error *err) {
    const bool automatic = strcmp(text, "auto") == 0;
    *out = FR_GEMM_FULL;
    if (strcmp(text, "bf16") == 0 || (automatic && fr_bf16_available()))
        *out = FR_GEMM_BF16;
    else if (!automatic && strcmp(text, "f32") != 0)
        return fr_fail(err, FR_E_INPUT, "--products %s: auto, bf16 or f32", text);
    return 0;
}

static int trainer_make(struct fr_trainer **out, const struct fr_task *task, int n_vocab,
                        struct fr_error *err) {
    const struct fr_net_shape shape = {
        .n_vocab = n_vocab,
        .width = opt.width,
        .n_layers = opt.layers,
        .n_heads = opt.heads,
        .n_kv_heads = opt.kv_heads,
        .ff_width = opt.ff,
        .max_sequence = FR_TASK_MAX_TOKENS,
        .rope_base = (float)opt.rope_base,
        .rms_eps = 1e-6f,
    };
    struct fr_trainer_options o = {
        .n_threads = opt.threads,
        .n_micro = opt.micro,
        .tokens_per_step = opt.tokens_per_step,
        .seed = (uint64_t)opt.seed,
        .embedding = opt.embedding,
        .rate = opt.rate,
        .average_decay = opt.average_decay,
        .optim = fr_optim_defaults(),
        .schedule =
            {
                .warmup_steps = opt.warmup,
                .n_steps = (long)(opt.tokens / opt.tokens_per_step + 0.5),
                .decay_from = opt.decay_from,
                .final_share = opt.final_share,
                .linear = strcmp(opt.decay, "linear") == 0,
            },
        .curriculum =
            {
                .names_first = opt.names,
                .names_all = opt.names_all,
                .names_hold = opt.names_hold,
                .names_full = opt.names_full,
                .copy_first = opt.copy_first,
                .copy_last = opt.copy_last,
                .copy_hold = opt.copy_hold,
                .copy_low = opt.copy_low,
                .mix = opt.mix,
            },
    };
    if (!o.schedule.linear && strcmp(opt.decay, "cosine") != 0)
        return fr_fail(err, FR_E_INPUT, "--decay %s: cosine or linear", opt.decay);
    o.optim.muon = strcmp(opt.optimizer, "muon") == 0;
    if (!o.optim.muon && strcmp(opt.optimizer, "adamw") != 0)
        return fr_fail(err, FR_E_INPUT, "--optimizer %s: muon or adamw", opt.optimizer);
    o.optim.weight_decay = opt.weight_decay;
    o.optim.clip = opt.clip;
    o.optim.momentum = opt.momentum;
    o.optim.beta2 = opt.beta2;
    for (int k = 0; k < FR_KIND_COUNT; k++)
        o.kind_weight[k] = 1;
    o.kind_weight[FR_KIND_PROMPT] = (float)opt.weight_prompt;
    o.kind_weight[FR_KIND_COPY] = (float)opt.weight_copy;
    o.kind_weight[FR_KIND_ROLES] = o.kind_weight[FR_KIND_ACTION] = o.kind_weight[FR_KIND_VERIFY] =
        (float)opt.weight_words;
    int rc = products_parse(opt.products, &o.products, err);
    if (!rc)
        rc = blocks_parse(opt.blocks, o.curriculum.mix.block_share, err);
    return rc ? rc : fr_trainer_open(out, task, &shape, &o, err);
}

static volatile sig_atomic_t stop_asked;

static void stop_ask(int signal_number) {
    (void)signal_number;
    stop_asked = 1;
}

static int snapshot_save(const struct fr_trainer *t, struct fr_error *err) {
    struct fr_text path = {0};
    fr_text_printf(&path, "%s/snapshot-%06ld.bin", opt.out, t->step);
    const int rc = fr_snapshot_save(path.data, t, err);
    fr_text_release(&path);
    return rc;
}

/* The training loop: steps, and what happens between them. */
static int train(struct fr_trainer *t, struct fr_progress *progress, const char *checkpoint,
                 struct fr_error *err) {
    const long n_steps = t->options.schedule.n_steps;
    const long last = opt.until > 0 && opt.until < n_steps ? opt.until : n_steps;
    const double start = fr_clock_seconds();
    int rc = 0;
    while (t->step < last && !stop_asked) {
        rc = fr_trainer_step(t, &progress->tally, err);
        if (rc)
            return rc;
        const double now = fr_clock_seconds();
        if (now - progress->last_report >= opt.report_seconds || t->step == last)
            fr_progress_report(progress, t);
        if (opt.max_seconds > 0 && now - start >= opt.max_seconds)
            stop_asked = 1;
        const bool ends = t->step == last || stop_asked;
        if (opt.snapshot_every > 0 && t->step % opt.snapshot_every == 0)
            rc = snapshot_save(t, err); /* first: a step that has a checkpoint is not done again */
        if (!rc && (ends || (opt.checkpoint_every > 0 && t->step % opt.checkpoint_every == 0)))
            rc = fr_checkpoint_save(checkpoint, t, err);
        if (!rc && (ends || (opt.eval_every > 0 && t->step % opt.eval_every == 0)))
            rc = fr_progress_evaluate(progress, t, opt.eval_sequences, err);
        if (rc)
            return rc;
    }
    return 0;
}

int main(int argc, char **argv) {
    options_init();
    const int parsed = options_parse(argc, argv);
    if (parsed)
        return parsed < 0 ? 0 : parsed;
    signal(SIGINT, stop_ask);
    signal(SIGTERM, stop_ask);

    struct fr_error err = {0};
    struct fr_vocab *vocab = NULL;
    struct fr_task *task = NULL;
    struct fr_trainer *trainer = NULL;
    struct fr_progress progress = {0};
    struct fr_text checkpoint = {0};
    fr_text_printf(&checkpoint, "%s/checkpoint.bin", opt.out);
    int rc = fr_dir_make(opt.out, &err);
    if (!rc)
        rc = fr_vocab_open(&vocab, &err);
    if (!rc)
        rc = fr_task_open(&task, &err);
    if (!rc)
        rc = trainer_make(&trainer, task, fr_vocab_count(vocab), &err);
    if (!rc && fr_file_exists(checkpoint.data))
        rc = fr_checkpoint_load(checkpoint.data, trainer, false, &err);
    else if (!rc && opt.init)
        rc = fr_checkpoint_load(opt.init, trainer, true, &err);
    if (!rc)
        fprintf(stderr, "products: %s; OpenBLAS kernels: %s%s\n",
                trainer->options.products == FR_GEMM_BF16 ? "bfloat16 (own kernel)"
                                                          : "32-bit floats (OpenBLAS)",
                openblas_get_corename(),
                getenv("OPENBLAS_CORETYPE") ? " (set by OPENBLAS_CORETYPE; unset may be faster)"
                                            : "");
    if (!rc)
        rc = fr_progress_init(&progress, opt.out, trainer, &err);
    if (!rc)
        rc = train(trainer, &progress, checkpoint.data, &err);
    if (rc)
        fprintf(stderr, "organism-train: %s\n", err.text);
    fr_progress_release(&progress);
    fr_trainer_close(trainer);
    fr_task_close(task);
    fr_vocab_close(vocab);
    fr_text_release(&checkpoint);
    return rc == 0 ? 0 : rc == FR_E_INPUT ? EXIT_MISUSE : 1;
}
