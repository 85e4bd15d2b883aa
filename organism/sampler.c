/* See sampler.h. */
#include "organism/sampler.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { SHORTEST_SEQUENCE = 8 };

void fr_sampler_batch_init(struct fr_sampler_batch *batch, int min_tokens) {
    const int max_tokens = min_tokens + FR_TASK_MAX_TOKENS;
    const int max_sequences = max_tokens / SHORTEST_SEQUENCE + 1;
    *batch = (struct fr_sampler_batch){
        .max_tokens = max_tokens,
        .max_sequences = max_sequences,
        .offsets = fr_alloc((size_t)max_sequences + 1, sizeof *batch->offsets),
        .n_prompt = fr_alloc((size_t)max_sequences, sizeof *batch->n_prompt),
        .tokens = fr_alloc((size_t)max_tokens, sizeof *batch->tokens),
        .kinds = fr_alloc((size_t)max_tokens, sizeof *batch->kinds),
        .weights = fr_alloc((size_t)max_tokens, sizeof *batch->weights),
    };
}

void fr_sampler_batch_release(struct fr_sampler_batch *batch) {
    free(batch->offsets);
    free(batch->n_prompt);
    free(batch->tokens);
    free(batch->kinds);
    free(batch->weights);
    *batch = (struct fr_sampler_batch){0};
}

void fr_sampler_batch_clear(struct fr_sampler_batch *batch) {
    batch->n_sequences = 0;
    batch->n_tokens = 0;
    batch->offsets[0] = 0;
}

int fr_sampler_append(struct fr_sampler_batch *batch, const struct fr_task *task,
                      const struct fr_task_mix *mix, struct fr_rng *rng,
                      const float kind_weight[FR_KIND_COUNT], struct fr_error *err) {
    const int at = batch->n_tokens;
    FR_ASSERT(at + FR_TASK_MAX_TOKENS <= batch->max_tokens);
    if (batch->n_sequences == batch->max_sequences)
        return fr_fail(err, FR_E_LIMIT, "sequences shorter than %d tokens", SHORTEST_SEQUENCE);
    int n_prompt = 0;
    const int n =
        fr_task_sample(task, mix, rng, batch->tokens + at, batch->kinds + at, &n_prompt, err);
    if (n < 0)
        return n;
    FR_ASSERT(n > 0 && n <= FR_TASK_MAX_TOKENS);
    for (int i = 0; i < n; i++)
        batch->weights[at + i] = i + 1 == n || batch->kinds[at + i + 1] == FR_KIND_SLIP
                                     ? 0
                                     : kind_weight[batch->kinds[at + i + 1]];
    batch->n_prompt[batch->n_sequences++] = n_prompt;
    batch->n_tokens += n;
    batch->offsets[batch->n_sequences] = batch->n_tokens;
    return 0;
}

int fr_sampler_fill(struct fr_sampler_batch *batch, const struct fr_task *task,
                    const struct fr_task_mix *mix, uint64_t seed, uint64_t stream, int min_tokens,
                    const float kind_weight[FR_KIND_COUNT], struct fr_error *err) {
    struct fr_rng rng;
    fr_rng_seed(&rng, seed, stream);
    fr_sampler_batch_clear(batch);
    while (batch->n_tokens < min_tokens) {
        const int rc = fr_sampler_append(batch, task, mix, &rng, kind_weight, err);
        if (rc)
            return rc;
    }
    return 0;
}

double fr_sampler_weight(const struct fr_sampler_batch *batch) {
    double sum = 0;
    for (int t = 0; t < batch->n_tokens; t++)
        sum += (double)batch->weights[t];
    return sum;
}

struct fr_net_batch fr_sampler_view(const struct fr_sampler_batch *batch) {
    return (struct fr_net_batch){
        .n_sequences = batch->n_sequences,
        .offsets = batch->offsets,
        .tokens = batch->tokens,
        .weights = batch->weights,
    };
}

void fr_tally_batch(struct fr_tally *tally, const struct fr_sampler_batch *batch,
                    const struct fr_net_work *work) {
    for (int s = 0; s < batch->n_sequences; s++) {
        const int first = batch->offsets[s];
        const int end = batch->offsets[s + 1];
        bool exact = true;
        for (int t = first; t + 1 < end; t++) {
            struct fr_tally_kind *kind = &tally->kinds[batch->kinds[t + 1]];
            const bool right = work->argmax[t] == batch->tokens[t + 1];
            kind->nll += (double)work->nll[t];
            kind->n++;
            kind->n_right += right;
            if (!right && t + 1 - first >= batch->n_prompt[s] &&
                batch->kinds[t + 1] != FR_KIND_SLIP)
                exact = false;
        }
        if (batch->kinds[end - 1] != FR_KIND_COPY) {
            tally->n_sequences++;
            tally->n_exact += exact;
        }
    }
}

void fr_tally_add(struct fr_tally *to, const struct fr_tally *from) {
    for (int k = 0; k < FR_KIND_COUNT; k++) {
        to->kinds[k].nll += from->kinds[k].nll;
        to->kinds[k].n += from->kinds[k].n;
        to->kinds[k].n_right += from->kinds[k].n_right;
    }
    to->n_sequences += from->n_sequences;
    to->n_exact += from->n_exact;
}

double fr_tally_loss(const struct fr_tally *tally) {
    double nll = 0;
    long n = 0;
    for (int k = 0; k < FR_KIND_COUNT; k++) {
        if (k == FR_KIND_SLIP)
            continue;
        nll += tally->kinds[k].nll;
        n += tally->kinds[k].n;
    }
    return n ? nll / (double)n : 0;
}
