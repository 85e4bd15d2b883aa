/* The rollout engine: jobs in, greedy tokens out (method.md 2 and 5: rollouts and steered
 * continuations go through this one path).
 *
 * Rounds: every free slot takes one job (prefill), then all slots decode one token together.
 * When there are no more jobs, slots that are done cost a step as much as the others: the rounding
 * of a matrix product may depend on the number of rows, and with it a trace on its company. Where
 * the model is not deterministic, that is so anyway: those at work then move to the front, and a
 * step is as wide as they are. Rejected: threads per slot; a model decodes all its slots in one
 * call. */
#include "rollouts/rollouts.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

static const double tick_seconds = 0.1;
enum { GENERATED_FIRST = 64 };

struct slot {
    bool busy;
    struct fr_rollout_job job;
    int n, capacity;
    int32_t *generated;
};

/* What the stem holds, so that the jobs of a group can be checked against it. */
struct stem {
    bool filled;
    int64_t group;
    int n, capacity;
    int32_t *tokens;
};

struct engine {
    struct fr_model *model;
    const struct fr_rollouts *rollouts;
    int n_slots, n_busy;
    struct slot *slots;
    int32_t *last, *next; /* [n_slots] */
    struct stem stem;
    bool exhausted; /* next() said no */
    bool ticked;
    double tick_time, kept_time;
};

/* Hands out what is in the slots, which stays there. */
static int keep(struct engine *e, struct fr_error *err) {
    int code = FR_OK;
    e->kept_time = fr_clock_seconds();
    for (int i = 0; i < e->n_slots && code == FR_OK && e->rollouts->unfinished != NULL; i++) {
        const struct slot *slot = &e->slots[i];
        if (slot->busy && slot->n > slot->job.n_forced)
            code = e->rollouts->unfinished(e->rollouts->user, &slot->job, slot->generated, slot->n,
                                           err);
    }
    return code < 0 ? code : FR_OK;
}

static int tick(struct engine *e, struct fr_error *err) {
    if (e->rollouts->tick == NULL)
        return FR_OK;
    const double now = fr_clock_seconds();
    if (e->ticked && now - e->tick_time < tick_seconds)
        return FR_OK;
    e->ticked = true;
    e->tick_time = now;
    if (now - e->kept_time >= e->rollouts->keep_seconds) {
        const int code = keep(e, err);
        if (code != FR_OK)
            return code;
    }
    if (e->rollouts->tick(e->rollouts->user)) {
        const int code = keep(e, err);
        if (code != FR_OK)
            return code;
        return fr_fail(err, FR_E_STOPPED, "stopped with %d rollouts in flight; run again to go on",
                       e->n_busy);
    }
    return FR_OK;
}

/* Hands the slot's tokens out and frees the slot. */
static int finish(struct engine *e, int i, bool truncated, struct fr_error *err) {
    struct slot *slot = &e->slots[i];
    slot->busy = false;
    e->n_busy--;
    fr_model_clear(e->model, i);
    const int code = e->rollouts->finished(e->rollouts->user, &slot->job, slot->generated, slot->n,
                                           truncated, err);
    return code < 0 ? code : FR_OK;
}

/* A token that the model chose for slot i. */
static int take_token(struct engine *e, int i, int32_t token, struct fr_error *err) {
    struct slot *slot = &e->slots[i];
    if (slot->n < slot->job.n_forced)
        token = slot->job.forced[slot->n];
    if (fr_model_token_ends(e->model, token))
        return finish(e, i, false, err);
    FR_RESERVE(slot->generated, slot->n, slot->capacity);
    slot->generated[slot->n++] = token;
    if (slot->job.n_prefix + slot->n >= e->rollouts->max_tokens)
        return finish(e, i, true, err);
    return FR_OK;
}

/* The stem holds the job's shared tokens afterwards. */
static int fill_stem(struct engine *e, const struct fr_rollout_job *job, struct fr_error *err) {
    struct stem *stem = &e->stem;
    const size_t bytes = (size_t)job->n_shared * sizeof *stem->tokens;
    if (stem->filled && stem->group == job->group && stem->n == job->n_shared) {
        if (memcmp(stem->tokens, job->prefix, bytes) != 0)
            return fr_fail(err, FR_E_INPUT,
                           "two jobs of group %lld differ within the %d tokens they share; give "
                           "each shared prefix its own group",
                           (long long)job->group, job->n_shared);
        return FR_OK;
    }
    fr_model_clear(e->model, FR_SLOT_STEM);
    int code = fr_model_prefill(e->model, FR_SLOT_STEM, job->prefix, 0, job->n_shared, NULL, NULL,
                                NULL, err);
    if (code != FR_OK)
        return code;
    if (stem->capacity < job->n_shared) {
        stem->tokens = fr_grow(stem->tokens, (size_t)job->n_shared, sizeof *stem->tokens);
        stem->capacity = job->n_shared;
    }
    memcpy(stem->tokens, job->prefix, bytes);
    stem->n = job->n_shared;
    stem->group = job->group;
    stem->filled = true;
    return FR_OK;
}

static int prefill(struct engine *e, int i, int32_t *token, struct fr_error *err) {
    const struct fr_rollout_job *job = &e->slots[i].job;
    if (job->n_shared > 0) {
        int code = fill_stem(e, job, err);
        if (code == FR_OK)
            code = fr_model_copy_stem(e->model, i, job->n_shared, err);
        if (code != FR_OK)
            return code;
    }
    return fr_model_prefill(e->model, i, job->prefix + job->n_shared, job->n_shared,
                            job->n_prefix - job->n_shared, NULL, job->edits, token, err);
}

static int check_job(const struct engine *e, const struct fr_rollout_job *job,
                     struct fr_error *err) {
    if (job->n_prefix < 1 || job->prefix == NULL)
        return fr_fail(err, FR_E_INPUT,
                       "a rollout of group %lld has an empty prefix; give at least one token",
                       (long long)job->group);
    const int32_t last = job->prefix[job->n_prefix - 1];
    if (last < 0 || last >= fr_model_info(e->model)->n_vocab)
        return fr_fail(err, FR_E_INPUT,
                       "a rollout of group %lld ends with token %d, which is not in the "
                       "vocabulary; was it made with another model?",
                       (long long)job->group, (int)last);
    if (job->n_shared < 0 || job->n_shared >= job->n_prefix)
        return fr_fail(
            err, FR_E_INPUT,
            "a rollout of group %lld shares %d of its %d tokens; at least its last token "
            "must be its own",
            (long long)job->group, job->n_shared, job->n_prefix);
    return FR_OK;
}

/* Puts the next job, if there is one, into the free slot i. */
static int refill(struct engine *e, int i, struct fr_error *err) {
    struct slot *slot = &e->slots[i];
    slot->job = (struct fr_rollout_job){0};
    slot->n = 0;
    if (!e->rollouts->next(e->rollouts->user, &slot->job)) {
        e->exhausted = true;
        return FR_OK;
    }
    slot->busy = true;
    e->n_busy++;
    const struct fr_rollout_job *job = &slot->job;
    int code = check_job(e, job, err);
    if (code != FR_OK)
        return code;
    if (fr_model_token_ends(e->model, job->prefix[job->n_prefix - 1]))
        return finish(e, i, false, err);
    if (job->n_prefix >= e->rollouts->max_tokens)
        return finish(e, i, true, err);
    int32_t token;
    code = prefill(e, i, &token, err);
    return code == FR_OK ? take_token(e, i, token, err) : code;
}

/* No busy slot behind a free one. */
static void compact(struct engine *e) {
    for (int to = 0, from = e->n_slots - 1; to < from;) {
        if (e->slots[to].busy) {
            to++;
        } else if (!e->slots[from].busy) {
            from--;
        } else {
            if (!fr_model_move(e->model, from, to))
                return;
            const struct slot moved = e->slots[from];
            e->slots[from] = e->slots[to];
            e->slots[to] = moved;
        }
    }
}

static int decode(struct engine *e, struct fr_error *err) {
    if (e->exhausted && !fr_model_options(e->model)->deterministic)
        compact(e);
    for (int i = 0; i < e->n_slots; i++)
        e->last[i] = e->slots[i].busy ? e->slots[i].generated[e->slots[i].n - 1] : -1;
    int code = fr_model_decode(e->model, e->last, e->next, err);
    for (int i = 0; i < e->n_slots && code == FR_OK; i++)
        if (e->slots[i].busy)
            code = take_token(e, i, e->next[i], err);
    return code;
}

static int run(struct engine *e, struct fr_error *err) {
    while (!e->exhausted || e->n_busy > 0) {
        for (int i = 0; i < e->n_slots && !e->exhausted; i++) {
            if (e->slots[i].busy)
                continue;
            int code = refill(e, i, err);
            if (code == FR_OK)
                code = tick(e, err);
            if (code != FR_OK)
                return code;
        }
        if (e->n_busy > 0) {
            int code = decode(e, err);
            if (code == FR_OK)
                code = tick(e, err);
            if (code != FR_OK)
                return code;
        }
    }
    return FR_OK;
}

static void clear_model(const struct engine *e) {
    for (int i = 0; i < e->n_slots; i++)
        fr_model_clear(e->model, i);
    fr_model_clear(e->model, FR_SLOT_STEM);
}

int fr_rollouts_run(struct fr_model *model, const struct fr_rollouts *rollouts,
                    struct fr_error *err) {
    const struct fr_model_options *options = fr_model_options(model);
    if (rollouts->max_tokens < 1 || rollouts->max_tokens > options->context_tokens)
        return fr_fail(
            err, FR_E_INPUT,
            "max_tokens is %d for a context of %d tokens; use 1 to the context, or raise "
            "context_tokens",
            rollouts->max_tokens, options->context_tokens);
    struct engine e = {.model = model, .rollouts = rollouts, .n_slots = options->n_slots};
    e.slots = fr_alloc((size_t)e.n_slots, sizeof *e.slots);
    for (int i = 0; i < e.n_slots; i++) {
        e.slots[i].capacity = GENERATED_FIRST;
        e.slots[i].generated = fr_alloc(GENERATED_FIRST, sizeof *e.slots[i].generated);
    }
    e.last = fr_alloc((size_t)e.n_slots, sizeof *e.last);
    e.next = fr_alloc((size_t)e.n_slots, sizeof *e.next);
    e.kept_time = fr_clock_seconds();
    clear_model(&e);
    const int code = run(&e, err);
    for (int i = 0; i < e.n_slots; i++) {
        if (e.slots[i].busy && rollouts->dropped != NULL)
            rollouts->dropped(rollouts->user, &e.slots[i].job);
        free(e.slots[i].generated);
    }
    clear_model(&e);
    free(e.slots);
    free(e.last);
    free(e.next);
    free(e.stem.tokens);
    return code;
}
