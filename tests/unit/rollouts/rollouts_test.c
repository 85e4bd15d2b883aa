/* The rollout engine over a model whose next token is a hash of its whole sequence and of every
 * edit made to it: one token, slot or edit out of place changes everything that follows. What each
 * job must give is computed here without the engine. */
#include "test.h"

#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "model/backend.h"
#include "rollouts/rollouts.h"

enum { VOCABULARY = 40, END = 0, CONTEXT = 160, LENGTH_MAX = 120, JOBS_MAX = 64, PREFIX_MAX = 40 };

/* ---- the model ----------------------------------------------------------------------------- */

struct hash_model {
    struct fr_model base;            /* first: the handle */
    uint64_t (*hashes)[CONTEXT + 1]; /* [sequence][tokens so far] */
    int n_decodes, fail_at_decode;   /* 0: never */
    int fail_at_prefill, n_prefills;
};

static uint64_t hash_edits(uint64_t h, const struct fr_edit_plan *edits, int position) {
    for (int i = 0; edits != NULL && i < edits->n_edits; i++)
        if (edits->edits[i].position == position)
            h = fr_mix64(h,
                         (uint64_t)edits->edits[i].layer + 1000 * (uint64_t)edits->edits[i].vector);
    return h;
}

static int32_t choose(uint64_t h) { return (int32_t)(fr_mix64(h, 77) % VOCABULARY); }

static int hash_prefill(struct fr_model *model, int sequence, const int32_t *tokens, int start,
                        int n, const struct fr_tap_plan *taps, const struct fr_edit_plan *edits,
                        int32_t *next, struct fr_error *err) {
    struct hash_model *m = (struct hash_model *)model;
    assert_null(taps);
    if (++m->n_prefills == m->fail_at_prefill)
        return fr_fail(err, FR_E_MODEL, "prefill broke");
    uint64_t *h = m->hashes[sequence];
    for (int p = start; p < start + n; p++)
        h[p + 1] = hash_edits(fr_mix64(h[p], (uint64_t)tokens[p - start]), edits, p);
    if (next != NULL)
        *next = choose(h[start + n]);
    return FR_OK;
}

static int hash_copy_stem(struct fr_model *model, int slot, int n_tokens, struct fr_error *err) {
    struct hash_model *m = (struct hash_model *)model;
    (void)err;
    memcpy(m->hashes[slot], m->hashes[model->options.n_slots],
           ((size_t)n_tokens + 1) * sizeof **m->hashes);
    return FR_OK;
}

static int hash_decode(struct fr_model *model, const int32_t *tokens, int32_t *next,
                       struct fr_error *err) {
    struct hash_model *m = (struct hash_model *)model;
    if (++m->n_decodes == m->fail_at_decode)
        return fr_fail(err, FR_E_MODEL, "decode broke");
    for (int i = 0; i < model->options.n_slots; i++) {
        next[i] = -1;
        if (tokens[i] < 0)
            continue;
        uint64_t *h = m->hashes[i] + model->lengths[i];
        h[1] = fr_mix64(h[0], (uint64_t)tokens[i]);
        next[i] = choose(h[1]);
    }
    return FR_OK;
}

static void hash_clear(struct fr_model *model, int sequence) {
    struct hash_model *m = (struct hash_model *)model;
    memset(m->hashes[sequence], 0, sizeof *m->hashes);
}

static bool hash_ends(const struct fr_model *model, int32_t id) {
    (void)model;
    return id == END;
}

static void hash_close(struct fr_model *model) {
    struct hash_model *m = (struct hash_model *)model;
    free(m->hashes);
    fr_model_base_release(model);
    free(m);
}

static const struct fr_backend backend = {.close = hash_close,
                                          .token_ends = hash_ends,
                                          .prefill = hash_prefill,
                                          .copy_stem = hash_copy_stem,
                                          .decode = hash_decode,
                                          .clear = hash_clear};

static struct hash_model *open_model(int n_slots) {
    struct hash_model *m = fr_alloc(1, sizeof *m);
    struct fr_model_options options = fr_model_options_defaults();
    options.n_slots = n_slots;
    options.context_tokens = CONTEXT;
    fr_model_base_init(&m->base, &backend, &options);
    m->base.info = (struct fr_model_info){.n_layers = 4, .width = 1, .n_vocab = VOCABULARY};
    m->hashes = fr_alloc((size_t)n_slots + 1, sizeof *m->hashes);
    return m;
}

/* ---- a batch of jobs ------------------------------------------------------------------------ */

struct test_job {
    int32_t prefix[PREFIX_MAX];
    struct fr_edit_plan edits;
    struct fr_rollout_job job;
    bool done, truncated, dropped;
    int n;
    int32_t generated[CONTEXT];
};
struct batch {
    int n, at, n_done, n_dropped, n_taken;
    const int *order; /* NULL: as they are */
    int fail_after;   /* finished() fails after so many jobs; 0: never */
    int stop_after;   /* tick() stops after so many calls; 0: never */
    int n_ticks;
    struct test_job jobs[JOBS_MAX];
};

static bool next_job(void *user, struct fr_rollout_job *job) {
    struct batch *b = user;
    while (b->at < b->n && b->jobs[b->order ? b->order[b->at] : b->at].done)
        b->at++;
    if (b->at == b->n)
        return false;
    struct test_job *t = &b->jobs[b->order ? b->order[b->at] : b->at];
    b->at++;
    b->n_taken++;
    *job = t->job;
    job->user = t;
    return true;
}

static int finished_job(void *user, const struct fr_rollout_job *job, const int32_t *generated,
                        int n, bool truncated, struct fr_error *err) {
    struct batch *b = user;
    struct test_job *t = job->user;
    assert_false(t->done);
    assert_non_null(generated);
    t->done = true;
    t->truncated = truncated;
    t->n = n;
    memcpy(t->generated, generated, (size_t)n * sizeof *generated);
    if (++b->n_done == b->fail_after)
        return fr_fail(err, FR_E_IO, "disk full");
    return FR_OK;
}

static void dropped_job(void *user, const struct fr_rollout_job *job) {
    struct batch *b = user;
    struct test_job *t = job->user;
    assert_false(t->done || t->dropped);
    t->dropped = true;
    b->n_dropped++;
}

static bool tick_batch(void *user) {
    struct batch *b = user;
    return ++b->n_ticks == b->stop_after;
}

static int run_batch(struct hash_model *m, struct batch *b, struct fr_error *err) {
    const struct fr_rollouts rollouts = {.max_tokens = LENGTH_MAX,
                                         .next = next_job,
                                         .finished = finished_job,
                                         .dropped = dropped_job,
                                         .tick = tick_batch,
                                         .user = b};
    b->at = 0;
    return fr_rollouts_run(&m->base, &rollouts, err);
}

/* Groups of one to five jobs that share 1..20 tokens (or none), with and without edits. */
static struct batch *make_batch(uint64_t seed) {
    struct batch *b = fr_alloc(1, sizeof *b);
    struct fr_rng rng;
    fr_rng_seed(&rng, seed, 0);
    for (int64_t group = 0; b->n < 60; group++) {
        int32_t shared[PREFIX_MAX];
        const int n_shared = fr_rng_below(&rng, 3) ? 1 + (int)fr_rng_below(&rng, 20) : 0;
        for (int i = 0; i < PREFIX_MAX; i++)
            shared[i] = 1 + (int32_t)fr_rng_below(&rng, VOCABULARY - 1);
        for (int left = 1 + (int)fr_rng_below(&rng, 5); left > 0 && b->n < 60; left--) {
            struct test_job *t = &b->jobs[b->n++];
            memcpy(t->prefix, shared, sizeof shared);
            const int n_prefix = n_shared + 1 + (int)fr_rng_below(&rng, PREFIX_MAX - 21);
            t->job = (struct fr_rollout_job){.group = group,
                                             .prefix = t->prefix,
                                             .n_prefix = n_prefix,
                                             .n_shared = n_shared};
            static const float vectors[9];
            t->edits = (struct fr_edit_plan){.vectors = vectors, .n_vectors = 9, .width = 1};
            for (int p = n_shared; p < n_prefix; p++)
                if (fr_rng_below(&rng, 4) == 0)
                    fr_edit_plan_append(&t->edits,
                                        &(struct fr_edit){.position = p,
                                                          .layer = (int16_t)(1 + p % 4),
                                                          .vector =
                                                              (int32_t)fr_rng_below(&rng, 9)});
            if (t->edits.n_edits > 0)
                t->job.edits = &t->edits;
        }
    }
    return b;
}

static void free_batch(struct batch *b) {
    for (int i = 0; i < b->n; i++)
        fr_edit_plan_release(&b->jobs[i].edits);
    free(b);
}

/* What the job must give: the model's rule, applied by hand. */
static int expect(const struct fr_rollout_job *job, int32_t *out, bool *truncated) {
    uint64_t h = 0;
    int n = 0;
    for (int p = 0; p < job->n_prefix; p++)
        h = hash_edits(fr_mix64(h, (uint64_t)job->prefix[p]), job->edits, p);
    *truncated = false;
    for (int32_t token; (token = choose(h)) != END;) {
        out[n++] = token;
        h = fr_mix64(h, (uint64_t)token);
        if (job->n_prefix + n == LENGTH_MAX) {
            *truncated = true;
            break;
        }
    }
    return n;
}

static void assert_as_expected(const struct batch *b) {
    int n_truncated = 0;
    for (int i = 0; i < b->n; i++) {
        const struct test_job *t = &b->jobs[i];
        int32_t want[CONTEXT];
        bool truncated;
        const int n = expect(&t->job, want, &truncated);
        assert_true(t->done);
        assert_int_equal(t->n, n);
        assert_int_equal(t->truncated, truncated);
        assert_memory_equal(t->generated, want, (size_t)n * sizeof *want);
        n_truncated += truncated;
    }
    assert_in_range(n_truncated, 1, b->n - 1); /* both ends are met */
}

/* ---- tests ---------------------------------------------------------------------------------- */

static void tokens_do_not_depend_on_the_number_of_slots(void **state) {
    (void)state;
    const int n_slots[] = {1, 2, 3, 7, 16, 100};
    for (size_t i = 0; i < sizeof n_slots / sizeof *n_slots; i++) {
        struct fr_error err = {0};
        struct hash_model *m = open_model(n_slots[i]);
        struct batch *b = make_batch(1);
        assert_ok(run_batch(m, b, &err), err);
        assert_as_expected(b);
        assert_int_equal(b->n_dropped, 0);
        free_batch(b);
        fr_model_close(&m->base);
    }
}

static void tokens_do_not_depend_on_the_order_of_jobs(void **state) {
    (void)state;
    struct fr_rng rng;
    fr_rng_seed(&rng, 3, 0);
    for (int trial = 0; trial < 20; trial++) {
        struct fr_error err = {0};
        int order[JOBS_MAX];
        struct hash_model *m = open_model(5);
        struct batch *b = make_batch(2);
        fr_rng_permutation(&rng, b->n, order); /* groups torn apart: slower, not different */
        b->order = order;
        assert_ok(run_batch(m, b, &err), err);
        assert_as_expected(b);
        free_batch(b);
        fr_model_close(&m->base);
    }
}

static void a_run_interrupted_anywhere_is_finished_by_running_the_rest(void **state) {
    (void)state;
    for (int kind = 0; kind < 3; kind++)
        for (int at = 1; at < 60; at += 7) {
            struct fr_error err = {0};
            struct hash_model *m = open_model(4);
            struct batch *b = make_batch(3);
            *(kind == 0   ? &b->fail_after
              : kind == 1 ? &m->fail_at_decode
                          : &m->fail_at_prefill) = at;
            assert_int_equal(run_batch(m, b, &err), kind == 0 ? FR_E_IO : FR_E_MODEL);
            assert_string_equal(err.text, kind == 0   ? "disk full"
                                          : kind == 1 ? "decode broke"
                                                      : "prefill broke");
            assert_int_equal(b->n_done + b->n_dropped, b->n_taken);
            const int n_done = b->n_done;
            assert_true(n_done < b->n);
            b->n_taken = b->n_dropped = b->fail_after = 0;
            for (int i = 0; i < b->n; i++)
                b->jobs[i].dropped = false;
            assert_ok(run_batch(m, b, &err), err);
            assert_int_equal(b->n_taken, b->n - n_done);
            assert_as_expected(b);
            free_batch(b);
            fr_model_close(&m->base);
        }
}

static void a_tick_that_says_so_stops_the_run(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct hash_model *m = open_model(4);
    struct batch *b = make_batch(3);
    b->stop_after = 1;
    assert_int_equal(run_batch(m, b, &err), FR_E_STOPPED);
    assert_int_equal(b->n_taken, 1);
    assert_int_equal(b->n_done + b->n_dropped, 1);
    for (int i = 0; i <= 4; i++)
        assert_int_equal(m->base.lengths[i], 0);
    free_batch(b);
    fr_model_close(&m->base);
}

static void the_stem_is_prefilled_once_per_group(void **state) {
    (void)state;
    const int n_slots[] = {1, 3, 16};
    for (size_t k = 0; k < 3; k++) {
        struct fr_error err = {0};
        struct hash_model *m = open_model(n_slots[k]);
        struct batch *b = make_batch(4);
        long long prefilled = 0, copied = 0;
        int64_t group = -1;
        for (int i = 0; i < b->n; i++) {
            const struct fr_rollout_job *job = &b->jobs[i].job;
            prefilled += job->n_prefix - job->n_shared + (job->group != group ? job->n_shared : 0);
            copied += job->n_shared;
            group = job->group;
        }
        assert_true(copied > 100);
        assert_ok(run_batch(m, b, &err), err);
        assert_int_equal(m->base.counters.tokens_prefilled, prefilled);
        assert_int_equal(m->base.counters.tokens_copied, copied);
        free_batch(b);
        fr_model_close(&m->base);
    }
}

/* assert_as_expected computes every prefix from position 0: sharing gave nothing else. Here the
 * same jobs run without sharing. */
static void sharing_a_stem_gives_the_tokens_of_no_sharing(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct hash_model *m = open_model(6);
    struct batch *shared = make_batch(5), *alone = make_batch(5);
    for (int i = 0; i < alone->n; i++)
        alone->jobs[i].job.n_shared = 0;
    assert_ok(run_batch(m, shared, &err), err);
    assert_ok(run_batch(m, alone, &err), err);
    for (int i = 0; i < alone->n; i++) {
        assert_int_equal(shared->jobs[i].n, alone->jobs[i].n);
        assert_memory_equal(shared->jobs[i].generated, alone->jobs[i].generated,
                            sizeof alone->jobs[i].generated);
    }
    free_batch(shared);
    free_batch(alone);
    fr_model_close(&m->base);
}

static void prefixes_that_are_over_already_cost_nothing(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct hash_model *m = open_model(2);
    struct batch *b = fr_alloc(1, sizeof *b);
    int32_t full[LENGTH_MAX + 1];
    for (int i = 0; i <= LENGTH_MAX; i++)
        full[i] = 1 + i % 7;
    const int32_t ended[] = {3, 4, END};
    b->n = 3;
    b->jobs[0].job = (struct fr_rollout_job){.prefix = ended, .n_prefix = 3, .n_shared = 1};
    b->jobs[1].job = (struct fr_rollout_job){.prefix = full, .n_prefix = LENGTH_MAX};
    b->jobs[2].job = (struct fr_rollout_job){.prefix = full, .n_prefix = LENGTH_MAX + 1};
    assert_ok(run_batch(m, b, &err), err);
    for (int i = 0; i < 3; i++) {
        assert_true(b->jobs[i].done);
        assert_int_equal(b->jobs[i].n, 0);
        assert_int_equal(b->jobs[i].truncated, i > 0);
    }
    assert_int_equal(m->n_prefills + m->n_decodes, 0);
    free_batch(b);
    fr_model_close(&m->base);
}

static void one_token_before_the_limit_gives_one_token(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct hash_model *m = open_model(1);
    struct batch *b = fr_alloc(1, sizeof *b);
    int32_t prefix[LENGTH_MAX - 1];
    int32_t want[CONTEXT];
    bool truncated;
    b->n = 1;
    b->jobs[0].job = (struct fr_rollout_job){.prefix = prefix, .n_prefix = LENGTH_MAX - 1};
    for (int first = 1, n = 0; n == 0; first++) {
        for (int i = 0; i < LENGTH_MAX - 1; i++)
            prefix[i] = first;
        n = expect(&b->jobs[0].job, want, &truncated);
    }
    assert_ok(run_batch(m, b, &err), err);
    assert_int_equal(b->jobs[0].n, 1);
    assert_int_equal(b->jobs[0].generated[0], want[0]);
    assert_true(b->jobs[0].truncated);
    assert_int_equal(m->n_decodes, 0);
    free_batch(b);
    fr_model_close(&m->base);
}

static void impossible_jobs_are_errors_with_a_reason(void **state) {
    (void)state;
    const int32_t tokens[] = {1, 2, 3, 4}, outside[] = {1, 2, VOCABULARY};
    const struct {
        struct fr_rollout_job job;
        const char *reason;
    } rows[] = {
        {{.prefix = tokens, .n_prefix = 0}, "empty prefix"},
        {{.prefix = tokens, .n_prefix = 4, .n_shared = 4}, "shares 4 of its 4 tokens"},
        {{.prefix = tokens, .n_prefix = 4, .n_shared = -1}, "shares -1 of its 4 tokens"},
        {{.prefix = outside, .n_prefix = 3}, "token 40, which is not in the vocabulary"},
    };
    struct fr_error err = {0};
    struct hash_model *m = open_model(2);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct batch *b = fr_alloc(1, sizeof *b);
        b->n = 1;
        b->jobs[0].job = rows[i].job;
        assert_int_equal(run_batch(m, b, &err), FR_E_INPUT);
        assert_non_null(strstr(err.text, rows[i].reason));
        assert_int_equal(b->n_dropped, 1);
        free_batch(b);
    }
    fr_model_close(&m->base);
}

static void a_group_whose_jobs_differ_in_their_shared_tokens_is_an_error(void **state) {
    (void)state;
    const int32_t one[] = {1, 2, 3, 4}, other[] = {1, 9, 3, 4};
    struct fr_error err = {0};
    struct hash_model *m = open_model(2);
    struct batch *b = fr_alloc(1, sizeof *b);
    b->n = 2;
    b->jobs[0].job =
        (struct fr_rollout_job){.group = 5, .prefix = one, .n_prefix = 4, .n_shared = 2};
    b->jobs[1].job =
        (struct fr_rollout_job){.group = 5, .prefix = other, .n_prefix = 4, .n_shared = 2};
    assert_int_equal(run_batch(m, b, &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "group 5"));
    free_batch(b);
    fr_model_close(&m->base);
}

static void jobs_of_a_group_that_share_more_get_a_longer_stem(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct hash_model *m = open_model(2);
    struct batch *b = make_batch(6);
    for (int i = 0; i < b->n; i++)
        b->jobs[i].job.edits = NULL;
    for (int i = 1; i < b->n; i++) { /* one group, one text, sharing more and more of it */
        memcpy(b->jobs[i].prefix, b->jobs[0].prefix, sizeof b->jobs[0].prefix);
        b->jobs[i].prefix[PREFIX_MAX - 1] = 1 + i % (VOCABULARY - 1);
        b->jobs[i].job.n_prefix = PREFIX_MAX;
        b->jobs[i].job.n_shared = i / 2;
        b->jobs[i].job.group = 0;
    }
    assert_ok(run_batch(m, b, &err), err);
    assert_as_expected(b);
    free_batch(b);
    fr_model_close(&m->base);
}

static void max_tokens_beyond_the_context_is_refused_before_any_job_is_taken(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct hash_model *m = open_model(2);
    struct batch *b = make_batch(1);
    for (int i = 0; i < 2; i++) {
        const struct fr_rollouts rollouts = {.max_tokens = i ? CONTEXT + 1 : 0,
                                             .next = next_job,
                                             .finished = finished_job,
                                             .user = b};
        assert_int_equal(fr_rollouts_run(&m->base, &rollouts, &err), FR_E_INPUT);
        assert_int_equal(b->n_taken, 0);
    }
    free_batch(b);
    fr_model_close(&m->base);
}

/* A long job beside a stream of jobs that end at once: it must not wait for the stream's end. */
struct stream {
    int32_t first, end;
    int n_taken, taken_when_long_finished;
};

static bool next_of_stream(void *user, struct fr_rollout_job *job) {
    struct stream *s = user;
    if (s->n_taken == 5000)
        return false;
    *job = (struct fr_rollout_job){.prefix = s->n_taken ? &s->end : &s->first, .n_prefix = 1};
    s->n_taken++;
    return true;
}

static int finished_of_stream(void *user, const struct fr_rollout_job *job,
                              const int32_t *generated, int n, bool truncated,
                              struct fr_error *err) {
    struct stream *s = user;
    (void)generated;
    (void)n;
    (void)truncated;
    (void)err;
    if (job->prefix == &s->first)
        s->taken_when_long_finished = s->n_taken;
    return FR_OK;
}

static void a_stream_of_short_jobs_does_not_hold_up_a_long_one(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct stream s = {.first = 0, .end = END};
    int n = 0;
    while (n < 30) {
        int32_t out[CONTEXT];
        bool truncated;
        s.first++;
        assert_true(s.first < VOCABULARY);
        n = expect(&(struct fr_rollout_job){.prefix = &s.first, .n_prefix = 1}, out, &truncated);
    }
    struct hash_model *m = open_model(4);
    const struct fr_rollouts rollouts = {.max_tokens = LENGTH_MAX,
                                         .next = next_of_stream,
                                         .finished = finished_of_stream,
                                         .user = &s};
    assert_ok(fr_rollouts_run(&m->base, &rollouts, &err), err);
    assert_int_equal(s.n_taken, 5000);
    assert_in_range(s.taken_when_long_finished, 30, 3 * (n + 2));
    fr_model_close(&m->base);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_do_not_depend_on_the_number_of_slots),
        cmocka_unit_test(tokens_do_not_depend_on_the_order_of_jobs),
        cmocka_unit_test(a_run_interrupted_anywhere_is_finished_by_running_the_rest),
        cmocka_unit_test(a_tick_that_says_so_stops_the_run),
        cmocka_unit_test(the_stem_is_prefilled_once_per_group),
        cmocka_unit_test(sharing_a_stem_gives_the_tokens_of_no_sharing),
        cmocka_unit_test(prefixes_that_are_over_already_cost_nothing),
        cmocka_unit_test(one_token_before_the_limit_gives_one_token),
        cmocka_unit_test(impossible_jobs_are_errors_with_a_reason),
        cmocka_unit_test(a_group_whose_jobs_differ_in_their_shared_tokens_is_an_error),
        cmocka_unit_test(jobs_of_a_group_that_share_more_get_a_longer_stem),
        cmocka_unit_test(max_tokens_beyond_the_context_is_refused_before_any_job_is_taken),
        cmocka_unit_test(a_stream_of_short_jobs_does_not_hold_up_a_long_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
