/* `fluidrep bench --choices`: ways to run the model on this machine, side by side. Every round goes
 * through all of them and each counts against the first one of its own round, since a machine's
 * speed drifts; medians over rounds. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench.h"
#include "statistics/statistics.h"

static const double seconds_at_most = 20; /* of one measurement */

static double difference(const float *logits, const float *exact, int n) {
    double square = 0, error = 0;
    for (int i = 0; i < n; i++) {
        const double d = (double)logits[i] - (double)exact[i];
        square += (double)exact[i] * (double)exact[i];
        error += d * d;
    }
    return sqrt(error / square);
}

/* exact: the logits of the most exact choice. */
static int measure(const struct fr_bench_options *o, const struct fr_model_options *model,
                   int n_vocab, struct fr_bench_choice *c, float **logits, const float *exact,
                   struct fr_error *err) {
    struct fr_error refused = {0};
    if (c->refused[0] != '\0')
        return FR_OK;
    const int code =
        fr_speed_try(model, &c->choice, o->prompt, o->generated, seconds_at_most, logits, &refused);
    if (code == FR_E_MODEL) { /* not on this machine, or not with this model */
        (void)snprintf(c->refused, sizeof c->refused, "%s", refused.text);
        return FR_OK;
    }
    if (code != FR_OK) {
        *err = refused;
        return code;
    }
    c->choice.off = difference(*logits, exact, n_vocab);
    return FR_OK;
}

static void conclude(struct fr_bench_choice *c, double (*speeds)[FR_SPEED_CHOICES], int which,
                     int rounds) {
    double ratios[FR_BENCH_ROUNDS], own[FR_BENCH_ROUNDS];
    for (int r = 0; r < rounds; r++) {
        own[r] = speeds[r][which];
        ratios[r] = speeds[r][which] / speeds[r][0];
    }
    fr_sort(own, rounds);
    fr_sort(ratios, rounds);
    c->tokens_per_second = own[rounds / 2];
    c->ratio = ratios[rounds / 2];
    c->low = ratios[rounds / 4];
    c->high = ratios[rounds - 1 - rounds / 4];
}

int fr_bench_choices(const struct fr_bench_options *options, struct fr_bench_choices *out,
                     struct fr_error *err) {
    struct fr_model_options model = options->model;
    struct fr_speed_choice choices[FR_SPEED_CHOICES];
    struct fr_speed_choice exactest = {.kv_type = FR_KV_F32,
                                       .n_slots = 1,
                                       .threads = options->model.threads};
    struct fr_model *opened;
    float *logits = NULL, *exact = NULL;
    double(*speeds)[FR_SPEED_CHOICES] = calloc(FR_BENCH_ROUNDS, sizeof *speeds);
    *out = (struct fr_bench_choices){0};
    model.n_slots = options->widths[0];
    model.context_tokens = options->prompt + options->generated + 2;
    /* The first choice refused is the user's own: an error. */
    int code = fr_model_open(&opened, &model, err);
    if (code == FR_OK) {
        out->info = *fr_model_info(opened);
        fr_model_close(opened);
    }
    if (code == FR_OK)
        code = fr_speed_try(&model, &exactest, options->prompt, 1, 1, &exact, err);
    out->n = fr_speed_choices(&model, choices);
    for (int i = 0; i < out->n; i++)
        out->choices[i].choice = choices[i];
    for (int round = 0; code == FR_OK && round < options->rounds; round++)
        for (int i = 0; code == FR_OK && i < out->n; i++) {
            struct fr_bench_choice *c = &out->choices[i];
            code = measure(options, &model, out->info.n_vocab, c, &logits, exact, err);
            speeds[round][i] =
                options->cpu_time ? c->choice.speed.decode_cpu : c->choice.speed.decode;
            out->waited = fmax(out->waited, c->choice.speed.waited);
        }
    for (int i = 0; code == FR_OK && i < out->n; i++)
        if (out->choices[i].refused[0] == '\0')
            conclude(&out->choices[i], speeds, i, options->rounds);
    free(logits);
    free(exact);
    free(speeds);
    return code;
}
