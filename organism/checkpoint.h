/*
 * Checkpoints of a training run. One file, written beside the old one and
 * renamed over it, so that at any moment a complete one exists:
 *
 *   struct fr_checkpoint_header
 *   weights, average, first moments, second moments: each n_params floats
 *
 * in the byte order of the machine. The random state is not in it: batches
 * depend on (seed, step) alone.
 *
 * A snapshot is what is kept of a step for good, to look at how the net came to
 * be what it is; half as large, as no training goes on from it:
 *
 *   struct fr_checkpoint_header, its magic "FRSNAP01" or
 *     "FRSNAP02", as of a checkpoint
 *   weights, average: each n_params floats; the average is no use while the
 *     header's average_steps is 0
 *   SHA-256 of all before: 64 hexadecimal digits
 *
 * It is a function of the run's options and the step, so a run that is killed
 * and continued writes the same bytes again.
 */
#ifndef FR_ORGANISM_CHECKPOINT_H
#define FR_ORGANISM_CHECKPOINT_H

#include "organism/trainer.h"

struct fr_checkpoint_header {
    char magic[8]; /* "FRORGN01"; "FRORGN02" if products were in bfloat16; of snapshots see above */
    struct fr_net_shape shape;
    int32_t n_micro;
    uint64_t seed;
    uint64_t n_params;
    int64_t step;
    int64_t n_tokens;
    int64_t average_steps;
};

FR_CHECKED int fr_checkpoint_save(const char *path, const struct fr_trainer *trainer,
                                  struct fr_error *err);

/* Writes a snapshot beside its place and renames it there. Call it before the
 * same step's fr_checkpoint_save: a run killed between the two then comes by
 * this step again. */
FR_CHECKED int fr_snapshot_save(const char *path, const struct fr_trainer *trainer,
                                struct fr_error *err);

/* Puts the state of a checkpoint into a trainer of the same shape, seed,
 * number of micro-batches and precision of products. weights_only: takes just
 * the averaged weights (or the weights where no average has begun), from any
 * seed, and leaves step 0: how a new run begins where another ended; a snapshot
 * serves for that too, and for nothing else. FR_E_INPUT if the file is damaged
 * or of another shape, FR_E_CONFLICT if of another run; the trainer is then as
 * before. */
FR_CHECKED int fr_checkpoint_load(const char *path, struct fr_trainer *trainer, bool weights_only,
                                  struct fr_error *err);

/* Reads a checkpoint's or a snapshot's header and its weights, or its average
 * where there is one and it is asked for; the caller frees *weights [n_params].
 * FR_E_INPUT if the file is neither, cut short, or a damaged snapshot. */
FR_CHECKED int fr_checkpoint_weights(const char *path, bool average,
                                     struct fr_checkpoint_header *header, float **weights,
                                     struct fr_error *err);

#endif
