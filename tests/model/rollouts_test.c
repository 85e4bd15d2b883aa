/* The rollout engine on real libllama graphs: what a job generates depends on its prefix and edits,
 * not on slots, order, interruption; identity edits give the baseline. */
#include <string.h>

#include "base/memory.h"
#include "rollouts/rollouts.h"
#include "support/test.h"
#include "support/tiny_model.h"

enum {
    N_GROUPS = 4,
    N_CONDITIONS = 3, /* baseline, identity, steered */
    N_JOBS = N_GROUPS * N_CONDITIONS,
    PREFIX = 110,
    SHARED = 70, /* no multiple of the chunk */
    MAX_TOKENS = 140,
    LAYER = 2
};

struct work {
    int32_t prefixes[N_GROUPS][PREFIX];
    struct fr_edit_plan plans[N_CONDITIONS];
    bool reversed;
    struct fr_model_counters counters;
    int at, n_done, stop_after;
    struct outcome {
        bool done;
        int n;
        int32_t tokens[MAX_TOKENS];
    } outcomes[N_JOBS];
};

/* Group g's prefix is a few tokens shorter for a larger g. */
static bool next_job(void *user, struct fr_rollout_job *job) {
    struct work *w = user;
    int i;
    do {
        if (w->at == N_JOBS)
            return false;
        i = w->reversed ? N_JOBS - 1 - w->at : w->at;
        w->at++;
    } while (w->outcomes[i].done);
    const int group = i / N_CONDITIONS;
    *job = (struct fr_rollout_job){.group = group,
                                   .prefix = w->prefixes[group],
                                   .n_prefix = PREFIX - 3 * group,
                                   .n_shared = SHARED,
                                   .edits = &w->plans[i % N_CONDITIONS],
                                   .user = &w->outcomes[i]};
    return true;
}

static int finished(void *user, const struct fr_rollout_job *job, const int32_t *generated, int n,
                    bool truncated, struct fr_error *err) {
    struct work *w = user;
    struct outcome *outcome = job->user;
    (void)err;
    assert_int_equal(truncated, job->n_prefix + n == MAX_TOKENS);
    outcome->done = true;
    outcome->n = n;
    memcpy(outcome->tokens, generated, (size_t)n * sizeof *generated);
    return ++w->n_done == w->stop_after ? FR_E_STOPPED : FR_OK;
}

static struct work *run_as(enum fr_random_gguf_type type, int n_slots, bool reversed,
                           int stop_after, bool deterministic) {
    struct fr_error err = {0};
    struct work *w = fr_alloc(1, sizeof *w);
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    gguf.type = type;
    struct fr_model_options options = fr_tiny_options();
    options.n_slots = n_slots;
    options.deterministic = deterministic;
    struct fr_model *model = fr_tiny_open(&gguf, &options);
    const int width = fr_model_info(model)->width;
    float *vectors = fr_tiny_vectors(3, 2, width);
    for (int group = 0; group < N_GROUPS; group++)
        fr_tiny_tokens(model, 40 + (uint64_t)group, PREFIX, w->prefixes[group]);
    static const int32_t positions[] = {SHARED, 75, 76, 99};
    static const int16_t layers[] = {LAYER};
    for (int c = 0; c < N_CONDITIONS; c++) {
        w->plans[c] = (struct fr_edit_plan){.n_vectors = 2, .width = width, .vectors = vectors};
        const struct fr_edit like = {.operation = FR_EDIT_MIX,
                                     .scale = c == 1 ? 1.0f : 0.3f,
                                     .keep_norm = true};
        if (c > 0)
            fr_tiny_edits(&w->plans[c], &like, positions, 4, layers, 1);
    }
    w->reversed = reversed;
    w->stop_after = stop_after;
    const struct fr_rollouts rollouts = {.max_tokens = MAX_TOKENS,
                                         .next = next_job,
                                         .finished = finished,
                                         .user = w};
    int code = fr_rollouts_run(model, &rollouts, &err);
    if (stop_after > 0) {
        assert_int_equal(code, FR_E_STOPPED);
        w->at = 0;
        code = fr_rollouts_run(model, &rollouts, &err);
    }
    assert_ok(code, err);
    assert_int_equal(w->n_done, N_JOBS);
    for (int c = 0; c < N_CONDITIONS; c++)
        fr_edit_plan_release(&w->plans[c]);
    free(vectors);
    w->counters = fr_model_counters(model);
    fr_model_close(model);
    return w;
}

static struct work *run_all(enum fr_random_gguf_type type, int n_slots, bool reversed,
                            int stop_after) {
    return run_as(type, n_slots, reversed, stop_after, true);
}

static void jobs_generate_the_same_whatever_runs_beside_them(void **state) {
    (void)state;
    for (int type = 0; type <= FR_RANDOM_GGUF_Q8_0; type++) {
        struct work *one = run_all((enum fr_random_gguf_type)type, 1, false, 0);
        struct work *others[] = {run_all((enum fr_random_gguf_type)type, 5, false, 0),
                                 run_all((enum fr_random_gguf_type)type, 16, true, 0),
                                 run_all((enum fr_random_gguf_type)type, 3, false, 4)};
        for (int k = 0; k < 3; k++) {
            assert_memory_equal(others[k]->outcomes, one->outcomes, sizeof one->outcomes);
            free(others[k]);
        }
        free(one);
    }
}

static void identity_edits_generate_the_baseline_and_steering_something_else(void **state) {
    (void)state;
    struct work *w = run_all(FR_RANDOM_GGUF_Q8_0, 4, false, 0);
    int n_changed = 0, n_tokens = 0;
    for (int i = 0; i < N_JOBS; i += N_CONDITIONS) {
        assert_memory_equal(&w->outcomes[i + 1], &w->outcomes[i], sizeof w->outcomes[i]);
        n_changed += memcmp(&w->outcomes[i + 2], &w->outcomes[i], sizeof w->outcomes[i]) != 0;
        n_tokens += w->outcomes[i].n;
    }
    assert_true(n_tokens > 60);
    assert_true(n_changed > 0);
    free(w);
}

/* Those at work are moved to the front, with all they hold: they generate the same, but for what
 * sums of fewer rows round otherwise, which is no choice of these tokens. */
static void without_deterministic_no_step_is_wider_than_its_jobs(void **state) {
    (void)state;
    struct work *fixed = run_as(FR_RANDOM_GGUF_F32, 5, false, 0, true);
    struct work *moved = run_as(FR_RANDOM_GGUF_F32, 5, false, 0, false);
    assert_int_equal(fixed->counters.rows_decoded % 5, 0);
    assert_true(fixed->counters.rows_decoded > fixed->counters.tokens_decoded);
    assert_int_equal(moved->counters.tokens_decoded, fixed->counters.tokens_decoded);
    assert_int_equal(moved->counters.rows_decoded, moved->counters.tokens_decoded);
    assert_memory_equal(moved->outcomes, fixed->outcomes, sizeof fixed->outcomes);
    free(fixed);
    free(moved);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_generate_the_same_whatever_runs_beside_them),
        cmocka_unit_test(identity_edits_generate_the_baseline_and_steering_something_else),
        cmocka_unit_test(without_deterministic_no_step_is_wider_than_its_jobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
