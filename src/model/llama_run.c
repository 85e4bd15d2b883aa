/* Running the model: prefill in chunks, the stem's copy, greedy decoding of all slots.
 *
 * Sequence ids of libllama: 0..width-1 decode together, width is the stem. The cache is not
 * unified, so that every sequence attends only to its own cells; then a copy between sequences
 * must be of the whole stream and the rest is removed afterwards. The copy itself is lazy, done
 * at the start of the next llama_decode, before anything could overwrite the stem.
 *
 * A decode step carries one token of every sequence; without `deterministic` of every one up to the
 * last that is active, since libllama would cut a batch with gaps into several. An idle slot
 * decodes a dummy token behind its content, which is removed again: its content stays, and one cell
 * more than context_tokens is kept for it.
 *
 * Chunks: every chunk is chunk_tokens long but the last; a last chunk of one token would run
 * through matrix-times-vector kernels whose sums differ in the last bits, so the one before
 * gives it a token. With that, rows do not depend on the chunk's size where the kernels sum each
 * row alone (see docs of `deterministic` in llama_open.c).
 *
 * A context that has a callback waits once more for each device in a step, for libllama has no way
 * to take it off. Decoding in a second context without one would save that, some ten microseconds
 * of a step of ten milliseconds, and cost the cache of one more sequence, whose content would go
 * through host memory for every run.
 *
 * Rejected: one batch for the prefill of several sequences (the order of rows is then libllama's
 * to choose); compacting slots when one ends (results would depend on the others; without
 * `deterministic`, when there are no more jobs, rollouts/ does so). */
#include <string.h>

#include "base/memory.h"
#include "model/llama_engine.h"

static int sequence_id(const struct fr_llama *llama, int sequence) {
    return sequence == llama->base.options.n_slots ? llama->stem_sequence : sequence;
}

static int decode_failed(const struct fr_llama *llama, int code, struct fr_error *err) {
    char cause[256];
    fr_llama_log_cause(cause, sizeof cause);
    return fr_fail(err, FR_E_MODEL, "%s: llama_decode failed with %d%s%s", llama->base.options.path,
                   code, cause[0] ? ": " : "", cause);
}

/* Of a failure that may have left numbers in the cache that are none: they would stay in its cells
 * when these are free again, and a weight of zero does not silence them. */
static int empty_all(struct fr_llama *llama, int code) {
    llama_memory_clear(llama_get_memory(llama->context), true);
    memset(llama->base.lengths, 0,
           ((size_t)llama->base.options.n_slots + 1) * sizeof *llama->base.lengths);
    return code;
}

static int not_a_number(struct fr_llama *llama, struct fr_error *err) {
    (void)empty_all(llama, FR_E_MODEL);
    return fr_fail(err, FR_E_MODEL,
                   "%s: the model's logits are not numbers; are its weights damaged, or an edit's "
                   "scale out of all bounds?",
                   llama->base.options.path);
}

static void batch_set(struct llama_batch *batch, int i, int32_t token, int position, int sequence,
                      int8_t output) {
    batch->token[i] = token;
    batch->pos[i] = position;
    batch->n_seq_id[i] = 1;
    batch->seq_id[i][0] = sequence;
    batch->logits[i] = output;
}

/* Out of memory does not leap over the engine's frames: nothing below allocates
 * (fr_llama_chunk_plan makes the room that the callback needs), and if it did, it would stop here.
 */
static int compute(struct fr_llama *llama) {
    void *guard = fr_memory_unguard();
    const int code = llama_decode(llama->context, llama->batch);
    llama_synchronize(llama->context);
    fr_memory_reguard(guard);
    llama->base.counters.steps++;
    llama->base.counters.waits += 1 + llama->probe.n_on_devices;
    return code;
}

static int chunk_length(const struct fr_llama *llama, int left) {
    const int size = llama->base.options.chunk_tokens;
    if (left <= size)
        return left;
    return left == size + 1 && size > 2 ? size - 1 : size;
}

int fr_llama_prefill(struct fr_model *model, int sequence, const int32_t *tokens, int start, int n,
                     const struct fr_tap_plan *taps, const struct fr_edit_plan *edits,
                     int32_t *next, struct fr_error *err) {
    struct fr_llama *llama = (struct fr_llama *)model;
    const int id = sequence_id(llama, sequence);
    int last = 0;
    for (int at = 0; at < n;) {
        const int m = chunk_length(llama, n - at);
        const bool want_next = next != NULL && at + m == n;
        fr_llama_chunk_plan(llama, tokens + at, start + at, m, taps, edits, want_next,
                            llama->batch.logits);
        for (int i = 0; i < m; i++)
            batch_set(&llama->batch, i, tokens[at + i], start + at + i, id, llama->batch.logits[i]);
        llama->batch.n_tokens = m;
        fr_llama_log_clear();
        fr_activity_set(llama->activity, FR_ACTIVITY_PREFILLS, start + at, m);
        const int code = compute(llama);
        fr_activity_set(llama->activity, FR_ACTIVITY_NONE, 0, 0);
        if (code != 0) {
            llama->chunk.active = false;
            return decode_failed(llama, code, err);
        }
        const int status = fr_llama_chunk_finish(llama, err);
        if (status != FR_OK)
            return empty_all(llama, status);
        last = m - 1;
        at += m;
    }
    if (next == NULL)
        return FR_OK;
    const size_t n_vocab = (size_t)model->info.n_vocab;
    const float *logits = llama_get_logits_ith(llama->context, last);
    if (logits == NULL)
        return decode_failed(llama, 0, err);
    memcpy(llama->logits, logits, n_vocab * sizeof *logits);
    *next = fr_logits_argmax(llama->logits, model->info.n_vocab);
    return *next < 0 ? not_a_number(llama, err) : FR_OK;
}

int fr_llama_copy_stem(struct fr_model *model, int slot, int n_tokens, struct fr_error *err) {
    struct fr_llama *llama = (struct fr_llama *)model;
    llama_memory_t memory = llama_get_memory(llama->context);
    llama_memory_seq_rm(memory, slot, -1, -1);
    llama_memory_seq_cp(memory, llama->stem_sequence, slot, -1, -1);
    if (!llama_memory_seq_rm(memory, slot, n_tokens, -1)) {
        fr_llama_clear(model, slot);
        return fr_fail(err, FR_E_MODEL, "%s: the cache of a %s model cannot be cut at position %d",
                       model->options.path, model->info.architecture, n_tokens);
    }
    return FR_OK;
}

void fr_llama_move(struct fr_model *model, int from, int to) {
    llama_memory_t memory = llama_get_memory(((struct fr_llama *)model)->context);
    llama_memory_seq_cp(memory, from, to, -1, -1);
    llama_memory_seq_rm(memory, from, -1, -1);
}

static int width_of_step(const struct fr_llama *llama, const int32_t *tokens) {
    int width = llama->width_decode;
    while (!llama->base.options.deterministic && width > 1 && tokens[width - 1] < 0)
        width--;
    return width;
}

int fr_llama_decode(struct fr_model *model, const int32_t *tokens, int32_t *next,
                    struct fr_error *err) {
    struct fr_llama *llama = (struct fr_llama *)model;
    const int n_slots = model->options.n_slots, width = width_of_step(llama, tokens);
    for (int i = 0; i < width; i++) {
        const bool active = i < n_slots && tokens[i] >= 0;
        const int position = i < n_slots ? model->lengths[i] : 0;
        batch_set(&llama->batch, i, active ? tokens[i] : 0, position, i, 1);
    }
    llama->batch.n_tokens = width;
    fr_llama_log_clear();
    fr_activity_set(llama->activity, FR_ACTIVITY_DECODES, 0, width);
    const int code = compute(llama);
    fr_activity_set(llama->activity, FR_ACTIVITY_NONE, 0, 0);
    if (code != 0)
        return decode_failed(llama, code, err);
    model->counters.rows_decoded += width;
    llama_memory_t memory = llama_get_memory(llama->context);
    for (int i = 0; i < width; i++)
        if (i >= n_slots || tokens[i] < 0)
            llama_memory_seq_rm(memory, i, i < n_slots ? model->lengths[i] : 0, -1);
    for (int i = 0; i < n_slots; i++) {
        const bool active = tokens[i] >= 0; /* tokens and next may be one array */
        next[i] = -1;
        if (!active)
            continue;
        const float *logits = llama_get_logits_ith(llama->context, i);
        if (logits != NULL)
            next[i] = fr_logits_argmax(logits, model->info.n_vocab);
        if (next[i] < 0)
            return not_a_number(llama, err);
    }
    return FR_OK;
}

void fr_llama_clear(struct fr_model *model, int sequence) {
    struct fr_llama *llama = (struct fr_llama *)model;
    llama_memory_seq_rm(llama_get_memory(llama->context), sequence_id(llama, sequence), -1, -1);
}

const float *fr_llama_logits(const struct fr_model *model) {
    return ((const struct fr_llama *)model)->logits;
}
