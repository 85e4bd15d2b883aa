/* See siblings.h. */
#include "support/siblings.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"

enum { OWN = 9, STEPS = 12, VECTORS = 3 };

static void digest_bytes(uint64_t *digest, const void *data, size_t n) {
    const char *bytes = data;
    for (size_t i = 0; i < n; i += sizeof(uint64_t)) { /* a planted model has a million logits */
        uint64_t word = 0;
        memcpy(&word, bytes + i, n - i < sizeof word ? n - i : sizeof word);
        *digest = (*digest ^ word) * 0x9E3779B97F4A7C15u;
        *digest ^= *digest >> 29;
    }
}

static void take_row(void *user, int site, int layer, int position, const float *h) {
    struct sibling_work *work = user;
    const int place[3] = {site, layer, position};
    digest_bytes(&work->digest, place, sizeof place);
    digest_bytes(&work->digest, h, (size_t)fr_model_info(work->model)->width * sizeof *h);
    work->n_rows++;
}

struct plans {
    int32_t *positions;
    bool *layers;
    float *vectors;
    struct fr_tap_plan taps;
    struct fr_edit_plan edits;
};

/* Reads every site of every layer at every position of [start, start + n), edits each layer at
 * every third. */
static void plans_init(struct plans *p, struct sibling_work *work, struct fr_rng *rng, int start,
                       int n) {
    const struct fr_model_info *info = fr_model_info(work->model);
    const size_t n_numbers = (size_t)VECTORS * (size_t)info->width;
    *p = (struct plans){.positions = fr_alloc((size_t)n, sizeof *p->positions),
                        .layers = fr_alloc((size_t)info->n_layers + 1, sizeof *p->layers),
                        .vectors = fr_alloc(n_numbers, sizeof *p->vectors)};
    for (size_t i = 0; i < n_numbers; i++)
        p->vectors[i] = (float)fr_rng_normal(rng);
    for (int layer = 1; layer <= info->n_layers; layer++)
        p->layers[layer] = true;
    for (int i = 0; i < n; i++)
        p->positions[i] = start + i;
    p->taps = (struct fr_tap_plan){.n_positions = n,
                                   .positions = p->positions,
                                   .layers = {p->layers, p->layers, p->layers},
                                   .row = take_row,
                                   .user = work};
    p->edits =
        (struct fr_edit_plan){.n_vectors = VECTORS, .width = info->width, .vectors = p->vectors};
    for (int position = start; position < start + n; position += 3)
        for (int layer = 1; layer <= info->n_layers; layer++)
            fr_edit_plan_append(&p->edits,
                                &(const struct fr_edit){.position = position,
                                                        .layer = (int16_t)layer,
                                                        .operation = FR_EDIT_MIX,
                                                        .keep_norm = true,
                                                        .vector = (position + layer) % VECTORS,
                                                        .scale = 0.75F});
}

static void plans_release(struct plans *p) {
    fr_edit_plan_release(&p->edits);
    free(p->positions);
    free(p->layers);
    free(p->vectors);
}

static int prefill(struct sibling_work *work, struct fr_rng *rng, int slot, const int32_t *tokens,
                   int start, int n, int32_t *next) {
    struct plans plans;
    plans_init(&plans, work, rng, start, n);
    const int status = fr_model_prefill(work->model, slot, tokens, start, n, &plans.taps,
                                        &plans.edits, next, &work->err);
    plans_release(&plans);
    return status;
}

static int decode_all(struct sibling_work *work, int32_t *next) {
    const int n_slots = fr_model_options(work->model)->n_slots;
    int status = FR_OK;
    for (int step = 0; step < STEPS && status == FR_OK; step++) {
        digest_bytes(&work->digest, next, (size_t)n_slots * sizeof *next);
        status = fr_model_decode(work->model, next, next, &work->err);
        for (int i = 0; i < n_slots && status == FR_OK; i++) {
            size_t n = 0;
            const char *text = next[i] >= 0 ? fr_model_token_text(work->model, next[i], &n) : "";
            digest_bytes(&work->digest, text, n);
        }
    }
    return status;
}

static int run_round(struct sibling_work *work, struct fr_rng *rng, const struct fr_tokens *shared,
                     int32_t *next) {
    const int n_slots = fr_model_options(work->model)->n_slots;
    const size_t n_vocab = (size_t)fr_model_info(work->model)->n_vocab;
    fr_model_clear(work->model, FR_SLOT_STEM);
    int status = prefill(work, rng, FR_SLOT_STEM, shared->ids, 0, shared->n, NULL);
    for (int slot = 0; slot < n_slots && status == FR_OK; slot++) {
        int32_t own[OWN];
        for (int i = 0; i < OWN; i++)
            own[i] = shared->ids[fr_rng_below(rng, (uint32_t)shared->n)];
        fr_model_clear(work->model, slot);
        status = fr_model_copy_stem(work->model, slot, shared->n, &work->err);
        if (status == FR_OK)
            status = prefill(work, rng, slot, own, shared->n, OWN, &next[slot]);
        if (status == FR_OK)
            digest_bytes(&work->digest, fr_model_logits(work->model), n_vocab * sizeof(float));
    }
    return status == FR_OK ? decode_all(work, next) : status;
}

void sibling_work_run(struct sibling_work *work) {
    struct fr_rng rng;
    struct fr_tokens shared = {0};
    int32_t *next = fr_alloc((size_t)fr_model_options(work->model)->n_slots, sizeof *next);
    fr_rng_seed(&rng, work->seed, 41);
    work->n_rows = 0;
    work->digest = 0xCBF29CE484222325u;
    work->status =
        fr_model_tokenize(work->model, work->text, strlen(work->text), false, &shared, &work->err);
    for (int i = 0; i < work->rounds && work->status == FR_OK; i++)
        work->status = run_round(work, &rng, &shared, next);
    fr_tokens_release(&shared);
    free(next);
}

static void *run_in_thread(void *work) {
    sibling_work_run(work);
    return NULL;
}

void sibling_works_run_at_once(struct sibling_work *works, int n) {
    pthread_t *threads = fr_alloc((size_t)n, sizeof *threads);
    for (int i = 0; i < n; i++) {
        const int status = pthread_create(&threads[i], NULL, run_in_thread, &works[i]);
        FR_ASSERT(status == 0);
    }
    for (int i = 0; i < n; i++)
        (void)pthread_join(threads[i], NULL);
    free(threads);
}
