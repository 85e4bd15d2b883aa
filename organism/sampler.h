/*
 * Training and evaluation data as batches: sequences of the task generator put
 * one after the other, with what is needed to score them.
 *
 * A batch depends only on (seed, stream, mix): nothing is carried from one to
 * the next, so a resumed run draws exactly what an uninterrupted one would.
 */
#ifndef FR_ORGANISM_SAMPLER_H
#define FR_ORGANISM_SAMPLER_H

#include "organism/net.h"
#include "organism/task.h"

struct fr_sampler_batch {
    int n_sequences;
    int n_tokens;
    int max_sequences;
    int max_tokens;
    int32_t *offsets;  /* [n_sequences + 1] */
    int32_t *n_prompt; /* [n_sequences] first generated position */
    int32_t *tokens;   /* [n_tokens] */
    uint8_t *kinds;    /* [n_tokens] enum fr_token_kind */
    float *weights;    /* [n_tokens] of the prediction made there */
};

/* Room for min_tokens and the rest of the sequence that crosses them. */
void fr_sampler_batch_init(struct fr_sampler_batch *batch, int min_tokens);
void fr_sampler_batch_release(struct fr_sampler_batch *batch);
void fr_sampler_batch_clear(struct fr_sampler_batch *batch);

/* Appends one sequence; the batch must have room for FR_TASK_MAX_TOKENS.
 * kind_weight[kind] weighs the prediction of a token of that kind; slips weigh nothing. */
FR_CHECKED int fr_sampler_append(struct fr_sampler_batch *batch, const struct fr_task *task,
                                 const struct fr_task_mix *mix, struct fr_rng *rng,
                                 const float kind_weight[FR_KIND_COUNT], struct fr_error *err);
/* Clears the batch and appends sequences until it holds min_tokens. */
FR_CHECKED int fr_sampler_fill(struct fr_sampler_batch *batch, const struct fr_task *task,
                               const struct fr_task_mix *mix, uint64_t seed, uint64_t stream,
                               int min_tokens, const float kind_weight[FR_KIND_COUNT],
                               struct fr_error *err);
double fr_sampler_weight(const struct fr_sampler_batch *batch);
struct fr_net_batch fr_sampler_view(const struct fr_sampler_batch *batch);

/* What was predicted how well. */
struct fr_tally {
    struct fr_tally_kind {
        double nll;
        long n;
        long n_right;
    } kinds[FR_KIND_COUNT];
    long n_sequences; /* without those of the copy task */
    long n_exact;     /* every generated token but slips was the most likely one */
};
void fr_tally_batch(struct fr_tally *tally, const struct fr_sampler_batch *batch,
                    const struct fr_net_work *work);
void fr_tally_add(struct fr_tally *to, const struct fr_tally *from);
/* Mean loss of all that is to be learned: not of slips. */
double fr_tally_loss(const struct fr_tally *tally);

#endif
