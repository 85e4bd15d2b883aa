/*
 * Training of the organism: the state that a checkpoint holds, the data mix as
 * a function of progress, one optimization step, and evaluation. The program
 * around it (options, progress lines, files) is train.c.
 *
 * A step's sequences are divided into a fixed number of micro-batches, each
 * with its own gradient; threads take micro-batches, and gradients are summed
 * in the micro-batches' order. So the weights depend on the seed and not on
 * the number of threads.
 */
#ifndef FR_ORGANISM_TRAINER_H
#define FR_ORGANISM_TRAINER_H

#include "organism/kernels.h"
#include "organism/optim.h"
#include "organism/sampler.h"

/* The data mix through training, as shares of the whole. */
struct fr_curriculum {
    int names_first; /* names in use until names_hold */
    int names_all;   /* names in use from names_full on */
    double names_hold;
    double names_full;
    double copy_first; /* share of copy sequences until copy_hold */
    double copy_last;  /* and from copy_low on */
    double copy_hold;
    double copy_low;
    struct fr_task_mix mix; /* the rest, constant; its n_names and copy_share are not read */
};
struct fr_curriculum fr_curriculum_defaults(void);
struct fr_task_mix fr_curriculum_at(const struct fr_curriculum *curriculum, double progress);

struct fr_trainer_options {
    int n_threads;
    int n_micro; /* micro-batches of a step */
    int tokens_per_step;
    /* Of the products in steps (the optimizer's too) and evaluations; outside
     * of them fr_gemm_precision_set stands at FR_GEMM_FULL. */
    enum fr_gemm_precision products;
    uint64_t seed;
    double embedding; /* deviation of embeddings at the start */
    double rate;      /* peak learning rate */
    struct fr_rate_schedule schedule;
    double average_decay; /* of the moving average of the weights */
    struct fr_optim_options optim;
    struct fr_curriculum curriculum;
    float kind_weight[FR_KIND_COUNT];
};

struct fr_trainer {
    struct fr_trainer_options options;
    const struct fr_task *task;
    struct fr_net *net;
    struct fr_optim optim;
    /* State: what a checkpoint holds, with the optimizer's two vectors. */
    long step;
    long n_tokens;      /* seen so far */
    long average_steps; /* steps in the average; 0: not begun */
    float *weights;
    float *average; /* moving average of the weights, from the decay on */
    /* Working memory. */
    struct fr_net_work **work;      /* one per thread */
    struct fr_sampler_batch *micro; /* one per micro-batch */
    float **gradients;              /* one per micro-batch */
    double gradient_norm;           /* of the last step */
    double sampling_seconds, optim_seconds, compute_seconds;
};

/* A fresh trainer at step 0. The task is borrowed for its life. FR_E_INPUT if
 * the shape or the options are impossible, on this processor too. */
FR_CHECKED int fr_trainer_open(struct fr_trainer **out, const struct fr_task *task,
                               const struct fr_net_shape *shape,
                               const struct fr_trainer_options *options, struct fr_error *err);
void fr_trainer_close(struct fr_trainer *trainer);

/* One step; adds what it predicted to the tally. On error the state is that
 * before the step. The precision of products is the whole process's: one
 * trainer at a time steps or evaluates. */
FR_CHECKED int fr_trainer_step(struct fr_trainer *trainer, struct fr_tally *tally,
                               struct fr_error *err);

/* n fixed sequences drawn from a mix, predicted with the given weights. */
FR_CHECKED int fr_trainer_evaluate(struct fr_trainer *trainer, const float *weights,
                                   const struct fr_task_mix *mix, int n, uint64_t stream,
                                   struct fr_tally *tally, struct fr_error *err);

#endif
