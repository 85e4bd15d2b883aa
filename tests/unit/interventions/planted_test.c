/* Steering the planted model end to end: representations collected from some traces steer others,
 * through plans and rollouts. Vectors of the right concepts help, the same vectors under another
 * concept harm, noise does not help, and an identity edit changes nothing. */
#include "test.h"

#include <string.h>

#include "base/memory.h"
#include "interventions/interventions.h"
#include "planted_world.h"
#include "rollouts/rollouts.h"

enum {
    A = 9,
    WIDTH = 64,
    LAYERS = 4,
    REFERENCE = 300, /* vectors from here */
    WINDOW_START = 60,
    WINDOW_END = 120, /* steered here, where concepts are half refined */
    LAYER = 2,
    N_TRACES = 5, /* per naming, other ones than those collected from */
    MAX_TOKENS = WINDOW_END + 12
};
enum condition { BASELINE, IN_NAMING, CROSS_LOO, SHUFFLED, RANDOM, IDENTITY, N_CONDITIONS };
static const struct {
    const char *name;
    enum fr_vector_kind kind;
    enum fr_vector_control control;
} conditions[N_CONDITIONS] = {
    {"baseline", FR_VECTOR_IN_NAMING, FR_CONTROL_NONE},
    {"in-naming", FR_VECTOR_IN_NAMING, FR_CONTROL_NONE},
    {"cross-naming loo", FR_VECTOR_CROSS_LOO, FR_CONTROL_NONE},
    {"shuffled", FR_VECTOR_IN_NAMING, FR_CONTROL_SHUFFLED},
    {"random", FR_VECTOR_IN_NAMING, FR_CONTROL_RANDOM},
    {"identity", FR_VECTOR_IN_NAMING, FR_CONTROL_NONE},
};
enum { N_JOBS = WORLD_NAMINGS * N_TRACES * N_CONDITIONS };

static struct planted_world world;
static struct fr_reps raw, centred;
static struct planted_trace traces[WORLD_NAMINGS][N_TRACES];
static float vectors[WORLD_NAMINGS][N_CONDITIONS][A][WIDTH];
static struct fr_edit_plan plans[N_JOBS];
struct batch;
static struct batch *reference; /* 5 slots, stems shared, jobs as numbered */

/* Different lengths, so that slots fall free at different times. */
static void script(void *user, const int32_t *tokens, int n, struct fr_text *good,
                   struct fr_text *bad) {
    static const char *const words[] = {" stack", " then", " wait", " so", " done"};
    (void)user;
    fr_text_add(good, "good");
    fr_text_add(bad, "bad");
    for (int i = 0; i < 1 + (int)(tokens[n - 1] % 14); i++) {
        fr_text_add(good, words[(tokens[n - 2] + i) % 5]);
        fr_text_add(bad, words[(tokens[n - 3] + 2 * i) % 5]);
    }
}

/* job = (naming * N_TRACES + trace) * N_CONDITIONS + condition */
static void make_plan(int naming, int trace, int condition) {
    struct fr_edit_plan *plan = &plans[(naming * N_TRACES + trace) * N_CONDITIONS + condition];
    bool have[A];
    int rows[A];
    float *v = vectors[naming][condition][0];
    const struct fr_vector_source source = {.raw = &raw,
                                            .centred = &centred,
                                            .i_clean = -1,
                                            .seed = 7};
    fr_intervention_vectors(&source, naming, planted_world_naming(&world, naming)->id, LAYER - 1, 0,
                            conditions[condition].kind, conditions[condition].control, 1, v, have);
    for (int a = 0; a < A; a++) {
        assert_true(have[a]);
        rows[a] = a;
    }
    *plan = (struct fr_edit_plan){.n_vectors = A, .width = WIDTH, .vectors = v};
    const struct fr_intervention intervention = {.operation = FR_EDIT_MIX,
                                                 .scale =
                                                     condition == IDENTITY ? 1.0f : 2.0f / 3.0f,
                                                 .keep_norm = true,
                                                 .previous_token = true,
                                                 .layer_first = LAYER,
                                                 .layer_end = LAYER + 1,
                                                 .window_start = WINDOW_START,
                                                 .window_end = WINDOW_END};
    if (condition != BASELINE)
        fr_intervention_plan(&intervention, &traces[naming][trace].mentions, A, rows, plan);
}

static struct batch *run_all(int n_slots, bool shared, const int *order);

static int set_up(void **state) {
    (void)state;
    static int32_t times[] = {REFERENCE};
    const struct fr_grid grid = {.n_times = 1,
                                 .times = times,
                                 .window_tokens = 60,
                                 .previous_token = true};
    planted_world_init(&world);
    world.options.script = script;
    world.options.recent_mentions = 20;
    world.options.threshold = 0.385; /* baseline scores: mean 0.379, deviation 0.026 */
    world.options.jitter = 0.01;
    planted_world_open(&world, 1);
    planted_world_collect(&world, &grid, 8, REFERENCE + 10, &raw);
    fr_reps_centre(&raw, &centred);
    for (int n = 0; n < WORLD_NAMINGS; n++)
        for (int k = 0; k < N_TRACES; k++) {
            planted_trace_make(&world, n, (uint64_t)k, WINDOW_END, &traces[n][k]);
            for (int c = 0; c < N_CONDITIONS; c++)
                make_plan(n, k, c);
        }
    reference = run_all(5, true, NULL);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    free(reference);
    for (int n = 0; n < WORLD_NAMINGS; n++)
        for (int k = 0; k < N_TRACES; k++)
            planted_trace_release(&traces[n][k]);
    for (int i = 0; i < N_JOBS; i++)
        fr_edit_plan_release(&plans[i]);
    fr_reps_release(&raw);
    fr_reps_release(&centred);
    planted_world_release(&world);
    return 0;
}

/* ---- running all jobs ------------------------------------------------------------------------ */

struct outcome {
    bool done, truncated;
    int n;
    int32_t tokens[MAX_TOKENS];
};
struct batch {
    const int *order; /* NULL: as numbered */
    bool shared;
    int at, n_done, stop_after;
    struct outcome outcomes[N_JOBS];
};

static bool next_job(void *user, struct fr_rollout_job *job) {
    struct batch *b = user;
    while (b->at < N_JOBS && b->outcomes[b->order ? b->order[b->at] : b->at].done)
        b->at++;
    if (b->at == N_JOBS)
        return false;
    const int i = b->order ? b->order[b->at] : b->at;
    const int trace = i / N_CONDITIONS;
    b->at++;
    *job = (struct fr_rollout_job){.group = trace,
                                   .prefix = traces[trace / N_TRACES][trace % N_TRACES].tokens.ids,
                                   .n_prefix = WINDOW_END,
                                   .n_shared = b->shared ? WINDOW_START : 0,
                                   .edits = i % N_CONDITIONS == BASELINE ? NULL : &plans[i],
                                   .user = &b->outcomes[i]};
    return true;
}

static int finished(void *user, const struct fr_rollout_job *job, const int32_t *generated, int n,
                    bool truncated, struct fr_error *err) {
    struct batch *b = user;
    struct outcome *outcome = job->user;
    (void)err;
    outcome->done = true;
    outcome->truncated = truncated;
    outcome->n = n;
    memcpy(outcome->tokens, generated, (size_t)n * sizeof *generated);
    return ++b->n_done == b->stop_after ? FR_E_STOPPED : FR_OK;
}

static int run_batch(struct batch *b) {
    struct fr_error err = {0};
    const struct fr_rollouts rollouts = {.max_tokens = MAX_TOKENS,
                                         .next = next_job,
                                         .finished = finished,
                                         .user = b};
    b->at = 0;
    const int code = fr_rollouts_run(world.model, &rollouts, &err);
    if (code != FR_E_STOPPED)
        assert_ok(code, err);
    return code;
}

static struct batch *run_all(int n_slots, bool shared, const int *order) {
    struct batch *b = fr_alloc(1, sizeof *b);
    b->shared = shared;
    b->order = order;
    planted_world_close(&world);
    planted_world_open(&world, n_slots);
    assert_int_equal(run_batch(b), FR_OK);
    return b;
}

static void assert_same(const struct batch *x, const struct batch *y) {
    for (int i = 0; i < N_JOBS; i++)
        assert_memory_equal(&x->outcomes[i], &y->outcomes[i], sizeof x->outcomes[i]);
}

static bool is_good(const struct outcome *outcome) {
    size_t n;
    assert_true(outcome->done && outcome->n > 0);
    const char *text = fr_model_token_text(world.model, outcome->tokens[0], &n);
    assert_true((n == 4 && memcmp(text, "good", 4) == 0) ||
                (n == 3 && memcmp(text, "bad", 3) == 0));
    return n == 4;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void right_vectors_help_shuffled_ones_harm_and_noise_does_not_help(void **state) {
    (void)state;
    double accuracy[N_CONDITIONS] = {0};
    for (int i = 0; i < N_JOBS; i++)
        accuracy[i % N_CONDITIONS] +=
            is_good(&reference->outcomes[i]) / (double)(WORLD_NAMINGS * N_TRACES);
    for (int c = 0; c < N_CONDITIONS; c++)
        print_message("%-16s %.2f\n", conditions[c].name, accuracy[c]);
    const double base = accuracy[BASELINE];
    assert_true(base > 0.25 && base < 0.6);
    assert_true(accuracy[IN_NAMING] > base + 0.1);
    assert_true(accuracy[CROSS_LOO] > base + 0.3);
    assert_true(accuracy[SHUFFLED] < base - 0.1);
    assert_true(accuracy[RANDOM] < base + 0.05);
}

static void identity_edits_give_the_baseline_token_for_token(void **state) {
    (void)state;
    int n_edits = 0;
    for (int i = 0; i < N_JOBS; i += N_CONDITIONS) {
        n_edits += plans[i + IDENTITY].n_edits;
        assert_memory_equal(&reference->outcomes[i + IDENTITY], &reference->outcomes[i + BASELINE],
                            sizeof reference->outcomes[i]);
    }
    assert_true(n_edits > 20 * WORLD_NAMINGS * N_TRACES);
}

static void outcomes_do_not_depend_on_slots_sharing_or_order(void **state) {
    (void)state;
    int reversed[N_JOBS];
    int n_truncated = 0;
    for (int i = 0; i < N_JOBS; i++) {
        reversed[i] = N_JOBS - 1 - i;
        n_truncated += reference->outcomes[i].truncated;
    }
    assert_in_range(n_truncated, 1, N_JOBS / 2); /* both ends are met */
    struct batch *others[] = {run_all(1, true, NULL), run_all(8, false, reversed)};
    for (int k = 0; k < 2; k++) {
        assert_same(others[k], reference);
        free(others[k]);
    }
}

static void an_interrupted_run_resumed_gives_the_same_outcomes(void **state) {
    (void)state;
    struct batch *b = fr_alloc(1, sizeof *b);
    b->shared = true;
    b->stop_after = 101;
    assert_int_equal(run_batch(b), FR_E_STOPPED);
    assert_int_equal(b->n_done, 101);
    b->stop_after = 0;
    assert_int_equal(run_batch(b), FR_OK);
    assert_same(b, reference);
    free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_vectors_help_shuffled_ones_harm_and_noise_does_not_help),
        cmocka_unit_test(identity_edits_give_the_baseline_token_for_token),
        cmocka_unit_test(outcomes_do_not_depend_on_slots_sharing_or_order),
        cmocka_unit_test(an_interrupted_run_resumed_gives_the_same_outcomes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
