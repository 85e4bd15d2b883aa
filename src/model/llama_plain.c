/* See plain.h. The loops are those of llama.cpp's tools/batched-bench, version 0.5.0.
 *
 * Rejected: timing that tool beside ours; two processes see different moments of a machine, and
 * the ratios wanted are of a hundredth. */
#include <stdlib.h>

#include "base/memory.h"
#include "model/llama_engine.h"
#include "model/plain.h"

struct fr_plain {
    const struct fr_model *model;
    struct llama_context *context;
    struct llama_batch batch;
    int capacity, n_sequences;
};

int fr_plain_open(struct fr_plain **out, const struct fr_model *model, int n_sequences,
                  struct fr_error *err) {
    *out = NULL;
    if (!fr_llama_is(model))
        return fr_fail(err, FR_E_INPUT, "the model is no GGUF; there is nothing to compare with");
    const struct fr_llama *llama = (const struct fr_llama *)model;
    struct fr_plain *plain = fr_alloc(1, sizeof *plain);
    plain->model = model;
    plain->n_sequences = n_sequences;
    plain->capacity = llama->batch_capacity > n_sequences ? llama->batch_capacity : n_sequences;
    plain->batch = llama_batch_init(plain->capacity, 0, 1);
    struct llama_context_params params = fr_llama_context_params(llama, n_sequences);
    params.n_batch = params.n_ubatch = (uint32_t)plain->capacity;
    params.cb_eval = NULL;
    params.cb_eval_user_data = NULL;
    fr_llama_log_clear();
    plain->context = llama_init_from_model(llama->weights, params);
    if (plain->context == NULL) {
        fr_plain_close(plain);
        return fr_fail(err, FR_E_MODEL, "%s: no room for a second context of %d sequences",
                       model->options.path, n_sequences);
    }
    *out = plain;
    return FR_OK;
}

void fr_plain_close(struct fr_plain *plain) {
    if (plain == NULL)
        return;
    llama_batch_free(plain->batch);
    llama_free(plain->context);
    free(plain);
}

static void add(struct llama_batch *batch, int32_t token, int position, int sequence, bool output) {
    const int i = batch->n_tokens++;
    batch->token[i] = token;
    batch->pos[i] = position;
    batch->n_seq_id[i] = 1;
    batch->seq_id[i][0] = sequence;
    batch->logits[i] = output;
}

static int run(struct fr_plain *plain, struct fr_error *err) {
    const int code = llama_decode(plain->context, plain->batch);
    llama_synchronize(plain->context);
    return code == 0 ? FR_OK
                     : fr_fail(err, FR_E_MODEL, "%s: llama_decode failed with %d",
                               plain->model->options.path, code);
}

int fr_plain_prefill(struct fr_plain *plain, const int32_t *tokens, int n_used, int n,
                     bool together, bool want_next, struct fr_error *err) {
    int status = FR_OK;
    FR_ASSERT(n_used >= 1 && n_used <= plain->n_sequences);
    llama_memory_clear(llama_get_memory(plain->context), false);
    plain->batch.n_tokens = 0;
    for (int sequence = 0; sequence < n_used; sequence++)
        for (int i = 0; i < n && status == FR_OK; i++) {
            add(&plain->batch, tokens[(size_t)sequence * (size_t)n + (size_t)i], i, sequence,
                want_next && i == n - 1);
            if (plain->batch.n_tokens == plain->capacity ||
                (i == n - 1 && (sequence == n_used - 1 || !together))) {
                status = run(plain, err);
                plain->batch.n_tokens = 0;
            }
        }
    return status;
}

void fr_plain_copy(struct fr_plain *plain) {
    for (int sequence = 1; sequence < plain->n_sequences; sequence++)
        llama_memory_seq_cp(llama_get_memory(plain->context), 0, sequence, -1, -1);
}

int fr_plain_decode(struct fr_plain *plain, const int32_t *tokens, int position,
                    struct fr_error *err) {
    plain->batch.n_tokens = 0;
    for (int sequence = 0; sequence < plain->n_sequences; sequence++)
        add(&plain->batch, tokens[sequence], position, sequence, true);
    return run(plain, err);
}
