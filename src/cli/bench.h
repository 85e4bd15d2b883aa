/* What `fluidrep bench` measures, apart from its options and its print. */
#ifndef FR_CLI_BENCH_H
#define FR_CLI_BENCH_H

#include "base/error.h"
#include "model/model.h"
#include "model/speed.h"

enum { FR_BENCH_ROUNDS = 64, FR_BENCH_WIDTHS = 8, FR_BENCH_RATIOS = 8 + 2 * FR_BENCH_WIDTHS };

struct fr_bench_options {
    struct fr_model_options model; /* n_slots and context_tokens are set by what is measured */
    int tokens;                    /* of a prefill */
    int prompt, generated;         /* of a rollout */
    int rounds;
    double share;  /* of the positions that are mentions, those before their words included */
    bool cpu_time; /* seconds of this process's work, not of the clock on the wall */
    int n_widths, widths[FR_BENCH_WIDTHS]; /* slots decoded together */
};

/* Speed as a share of plain llama.cpp's in the same run: the median over rounds. */
struct fr_bench_ratio {
    const char *what;
    int slots;
    double bar;               /* the least it should be; 0: none is set */
    double ratio, low, high;  /* low, high: quartiles over rounds */
    double tokens_per_second; /* ours */
    /* Of ours, in a chunk or a decoding step: waits (plain llama.cpp's loop has one), copies of
     * rows from and to a device. */
    double waits, copies_out, copies_in;
    const char *plain; /* how plain llama.cpp's loop reads prompts, the faster way here; or "" */
};
struct fr_bench_result {
    struct fr_model_info info;
    int n_ratios;
    struct fr_bench_ratio ratios[FR_BENCH_RATIOS];
};

/* A way to run the model, its speed as a share of the first one's in the same round. */
struct fr_bench_choice {
    struct fr_speed_choice choice;
    char refused[512]; /* why it cannot be had, or "" */
    double ratio, low, high, tokens_per_second;
};
struct fr_bench_choices {
    struct fr_model_info info;
    int n;
    struct fr_bench_choice choices[FR_SPEED_CHOICES];
    double waited; /* the largest share of a measurement's time without a core */
};

/* widths[0] slots; the context is `prompt` tokens, `generated` are decoded behind it. */
FR_CHECKED int fr_bench_choices(const struct fr_bench_options *options,
                                struct fr_bench_choices *out, struct fr_error *err);

FR_CHECKED int fr_bench_run(const struct fr_bench_options *options, struct fr_bench_result *out,
                            struct fr_error *err);

#endif
