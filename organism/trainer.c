/* See trainer.h. */
#include "organism/trainer.h"

#include <cblas.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "organism/bf16.h"

enum { SUM_PIECE = 4096 }; /* numbers of each gradient summed at a time */

/* Evaluation draws from its own seed, whatever the training seed. */
static const uint64_t evaluation_seed = 0x6576616c75617465u;

struct fr_curriculum fr_curriculum_defaults(void) {
    return (struct fr_curriculum){
        .names_first = 40,
        .names_all = 1000,
        .names_hold = 0.12,
        .names_full = 0.45,
        .copy_first = 0.30,
        .copy_last = 0.02,
        .copy_hold = 0.06,
        .copy_low = 0.20,
        .mix = {.clean_share = 0.08,
                .habit_share = 0.20,
                .pieces_share = 0.12,
                .inferred_share = 0.35,
                .letters_share = 0.30,
                .block_share = {[2] = 0.10, [3] = 0.25, [4] = 0.65}},
    };
}

/* 0 until `from`, 1 from `to` on, linear between. */
static double ramp(double x, double from, double to) {
    if (x < from)
        return 0;
    if (x >= to)
        return 1;
    return (x - from) / (to - from);
}

struct fr_task_mix fr_curriculum_at(const struct fr_curriculum *c, double progress) {
    struct fr_task_mix mix = c->mix;
    const double wide = ramp(progress, c->names_hold, c->names_full);
    const double late = ramp(progress, c->copy_hold, c->copy_low);
    mix.n_names = c->names_first + (int)(wide * (double)(c->names_all - c->names_first));
    mix.copy_share = c->copy_first + late * (c->copy_last - c->copy_first);
    return mix;
}

int fr_trainer_open(struct fr_trainer **out, const struct fr_task *task,
                    const struct fr_net_shape *shape, const struct fr_trainer_options *options,
                    struct fr_error *err) {
    *out = NULL;
    if (options->n_threads < 1 || options->n_micro < 1 ||
        options->tokens_per_step < options->n_micro)
        return fr_fail(err, FR_E_INPUT,
                       "%d threads, %d micro-batches and %d tokens a step make no step",
                       options->n_threads, options->n_micro, options->tokens_per_step);
    if (options->products == FR_GEMM_BF16 && !fr_bf16_available())
        return fr_fail(err, FR_E_INPUT,
                       "products in bfloat16 need a processor (and a compiler) with AVX512_BF16; "
                       "without it they are in 32-bit floats");
    /* Threads are ours: a product divided among threads would round differently
     * with their number. For the whole process; nothing else in it uses BLAS. */
    openblas_set_num_threads(1);
    struct fr_trainer *t = fr_alloc(1, sizeof *t);
    t->options = *options;
    t->task = task;
    const int micro_tokens = options->tokens_per_step / options->n_micro;
    int rc = fr_net_open(&t->net, shape, err);
    if (rc)
        goto out;
    const size_t n = t->net->n_params;
    t->weights = fr_alloc(n, sizeof *t->weights);
    t->average = fr_alloc(n, sizeof *t->average);
    fr_net_weights_init(t->net, t->weights, options->seed, options->embedding);
    fr_optim_init(&t->optim, t->net, &options->optim, options->n_threads);
    t->work = fr_alloc((size_t)options->n_threads, sizeof *t->work);
    t->micro = fr_alloc((size_t)options->n_micro, sizeof *t->micro);
    t->gradients = fr_alloc((size_t)options->n_micro, sizeof *t->gradients);
    for (int m = 0; m < options->n_micro; m++) {
        fr_sampler_batch_init(&t->micro[m], micro_tokens);
        t->gradients[m] = fr_alloc(n, sizeof **t->gradients);
    }
    for (int i = 0; i < options->n_threads && !rc; i++)
        rc = fr_net_work_open(&t->work[i], t->net, t->micro[0].max_tokens, err);
out:
    if (rc)
        fr_trainer_close(t);
    else
        *out = t;
    return rc;
}

void fr_trainer_close(struct fr_trainer *t) {
    if (!t)
        return;
    for (int i = 0; t->work && i < t->options.n_threads; i++)
        fr_net_work_close(t->work[i]);
    for (int m = 0; t->micro && m < t->options.n_micro; m++) {
        fr_sampler_batch_release(&t->micro[m]);
        free(t->gradients[m]);
    }
    fr_optim_release(&t->optim);
    free(t->work);
    free(t->micro);
    free(t->gradients);
    free(t->weights);
    free(t->average);
    fr_net_close(t->net);
    free(t);
}

static int step_sample(struct fr_trainer *t, struct fr_error *err) {
    const struct fr_trainer_options *o = &t->options;
    const struct fr_task_mix mix =
        fr_curriculum_at(&o->curriculum,
                         (double)t->step / (double)(o->schedule.n_steps ? o->schedule.n_steps : 1));
    int rc = 0;
#pragma omp parallel for num_threads(o->n_threads) schedule(dynamic)
    for (int m = 0; m < o->n_micro; m++) {
        struct fr_error fault = {0};
        const uint64_t stream = (uint64_t)t->step * (uint64_t)o->n_micro + (uint64_t)m;
        const int one = fr_sampler_fill(&t->micro[m], t->task, &mix, o->seed, stream,
                                        o->tokens_per_step / o->n_micro, o->kind_weight, &fault);
        if (one) {
#pragma omp critical(step_sample_fault)
            {
                rc = one;
                if (err)
                    *err = fault;
            }
        }
    }
    return rc;
}

static void step_gradient(struct fr_trainer *t, struct fr_tally *tally) {
    const struct fr_trainer_options *o = &t->options;
    const size_t n = t->net->n_params;
    struct fr_tally *tallies = fr_alloc((size_t)o->n_micro, sizeof *tallies);
    double weight = 0;
    for (int m = 0; m < o->n_micro; m++)
        weight += fr_sampler_weight(&t->micro[m]);
    const double scale = weight > 0 ? 1.0 / weight : 0;
#pragma omp parallel for num_threads(o->n_threads) schedule(dynamic)
    for (int m = 0; m < o->n_micro; m++) {
        struct fr_net_work *work = t->work[omp_get_thread_num()];
        const struct fr_net_batch view = fr_sampler_view(&t->micro[m]);
        memset(t->gradients[m], 0, n * sizeof **t->gradients);
        fr_net_forward(t->net, t->weights, work, &view);
        fr_net_entropy(t->net, t->weights, work, &view, scale, t->gradients[m]);
        fr_tally_batch(&tallies[m], &t->micro[m], work);
        fr_net_backward(t->net, t->weights, work, &view, t->gradients[m]);
    }
    for (int m = 0; m < o->n_micro; m++) {
        fr_tally_add(tally, &tallies[m]);
        t->n_tokens += t->micro[m].n_tokens;
    }
    free(tallies);
#pragma omp parallel for num_threads(o->n_threads) schedule(static)
    for (size_t first = 0; first < n; first += SUM_PIECE) {
        const size_t end = first + SUM_PIECE < n ? first + SUM_PIECE : n;
        float *restrict sum = t->gradients[0];
        for (int m = 1; m < o->n_micro; m++) {
            const float *restrict part = t->gradients[m];
#pragma omp simd
            for (size_t j = first; j < end; j++)
                sum[j] += part[j];
        }
    }
}

/* The average begins when the rate begins to fall; its first steps count more,
 * so that it forgets where it began. */
static void average_step(struct fr_trainer *t) {
    const struct fr_rate_schedule *s = &t->options.schedule;
    if ((double)t->step < s->decay_from * (double)s->n_steps)
        return;
    const double young = (1.0 + (double)t->average_steps) / (10.0 + (double)t->average_steps);
    const double decay = young < t->options.average_decay ? young : t->options.average_decay;
    const float keep = t->average_steps ? (float)decay : 0.0f;
    float *restrict average = t->average;
    const float *restrict weights = t->weights;
#pragma omp parallel for simd num_threads(t->options.n_threads) schedule(static)
    for (size_t j = 0; j < t->net->n_params; j++)
        average[j] = keep * average[j] + (1.0f - keep) * weights[j];
    t->average_steps++;
}

int fr_trainer_step(struct fr_trainer *t, struct fr_tally *tally, struct fr_error *err) {
    const double start = fr_clock_seconds();
    const int rc = step_sample(t, err);
    if (rc)
        return rc;
    const double sampled = fr_clock_seconds();
    fr_gemm_precision_set(t->options.products);
    step_gradient(t, tally);
    const double computed = fr_clock_seconds();
    const double rate = t->options.rate * fr_rate_at(&t->options.schedule, t->step);
    t->gradient_norm = fr_optim_step(&t->optim, t->step, rate, t->gradients[0], t->weights);
    fr_gemm_precision_set(FR_GEMM_FULL);
    average_step(t);
    t->step++;
    t->sampling_seconds += sampled - start;
    t->compute_seconds += computed - sampled;
    t->optim_seconds += fr_clock_seconds() - computed;
    return 0;
}

int fr_trainer_evaluate(struct fr_trainer *t, const float *weights, const struct fr_task_mix *mix,
                        int n, uint64_t stream, struct fr_tally *tally, struct fr_error *err) {
    float even[FR_KIND_COUNT];
    for (int k = 0; k < FR_KIND_COUNT; k++)
        even[k] = 1;
    const struct fr_trainer_options *o = &t->options;
    struct fr_rng rng;
    fr_rng_seed(&rng, evaluation_seed, stream);
    int left = n;
    while (left > 0) {
        /* The micro-batches' memory is free between steps. */
        int n_filled = 0;
        for (; n_filled < o->n_micro && left > 0; n_filled++) {
            struct fr_sampler_batch *batch = &t->micro[n_filled];
            fr_sampler_batch_clear(batch);
            while (left > 0 && batch->n_tokens + FR_TASK_MAX_TOKENS <= batch->max_tokens) {
                const int rc = fr_sampler_append(batch, t->task, mix, &rng, even, err);
                if (rc)
                    return rc;
                left--;
            }
        }
        struct fr_tally *tallies = fr_alloc((size_t)n_filled, sizeof *tallies);
        fr_gemm_precision_set(o->products);
#pragma omp parallel for num_threads(o->n_threads) schedule(dynamic)
        for (int m = 0; m < n_filled; m++) {
            struct fr_net_work *work = t->work[omp_get_thread_num()];
            const struct fr_net_batch view = fr_sampler_view(&t->micro[m]);
            fr_net_forward(t->net, weights, work, &view);
            fr_net_entropy(t->net, weights, work, &view, 1, NULL);
            fr_tally_batch(&tallies[m], &t->micro[m], work);
        }
        fr_gemm_precision_set(FR_GEMM_FULL);
        for (int m = 0; m < n_filled; m++)
            fr_tally_add(tally, &tallies[m]);
        free(tallies);
    }
    return 0;
}
