/*
 * The optimizer: Muon for the matrices inside blocks, AdamW for embeddings,
 * norms and biases (or for everything), behind one learning rate.
 *
 * Muon (Jordan et al. 2024): Nesterov momentum 0.95, then five quintic
 * Newton-Schulz iterations with coefficients 3.4445, -4.7750, 2.0315 that
 * bring all singular values near 1. The update is multiplied by
 * 0.2 * sqrt(max(rows, cols)), which gives it the size of an Adam update so
 * that both share rate and weight decay (Liu et al. 2025, "Muon is scalable
 * for LLM training", eq. 4).
 */
#ifndef FR_ORGANISM_OPTIM_H
#define FR_ORGANISM_OPTIM_H

#include "organism/net.h"

struct fr_optim_options {
    bool muon; /* false: AdamW for all */
    double beta1, beta2, epsilon;
    double momentum;
    double weight_decay; /* of matrices and embeddings, times the rate */
    double clip;         /* largest norm of the whole gradient; 0: no limit */
};

struct fr_optim {
    struct fr_optim_options options;
    const struct fr_net *net;
    float *first;  /* [n_params] mean of gradients, or Muon's momentum */
    float *second; /* [n_params] mean of squares; unused places stay 0 */
    int n_threads;
    float **scratch; /* one per thread */
};

struct fr_optim_options fr_optim_defaults(void);
/* net is borrowed for the optimizer's life. */
void fr_optim_init(struct fr_optim *optim, const struct fr_net *net,
                   const struct fr_optim_options *options, int n_threads);
void fr_optim_release(struct fr_optim *optim);

/* Step number `step` (from 0) at this rate; returns the gradient's norm before
 * clipping. The result does not depend on the number of threads. */
double fr_optim_step(struct fr_optim *optim, long step, double rate, const float *gradient,
                     float *weights);

/* Learning rate as a share of its peak: linear warm-up, a plateau until the
 * share decay_from of training, then a decay to final_share. */
struct fr_rate_schedule {
    long warmup_steps;
    long n_steps;
    double decay_from;
    double final_share;
    bool linear; /* false: cosine */
};
double fr_rate_at(const struct fr_rate_schedule *schedule, long step);

#endif
