/* Training: what must not change its result (threads, an interruption), what must (the seed), and
 * that it learns. */
#include "test.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/memory.h"
#include "organism/bf16.h"
#include "organism/checkpoint.h"
#include "organism/trainer.h"

enum { N_STEPS = 6 };

static struct fr_trainer *trainer_open(int n_threads, uint64_t seed, const struct fr_task *task,
                                       int n_vocab, enum fr_gemm_precision products) {
    const struct fr_net_shape shape = {
        .n_vocab = n_vocab,
        .width = 32,
        .n_layers = 2,
        .n_heads = 2,
        .n_kv_heads = 1,
        .ff_width = 48,
        .max_sequence = FR_TASK_MAX_TOKENS,
        .rope_base = 10000,
        .rms_eps = 1e-6f,
    };
    struct fr_trainer_options options = {
        .n_threads = n_threads,
        .n_micro = 3,
        .tokens_per_step = 900,
        .products = products,
        .seed = seed,
        .embedding = 0.02,
        .rate = 0.01,
        .schedule = {.warmup_steps = 2, .n_steps = N_STEPS, .decay_from = 0.3, .final_share = 0.05},
        .average_decay = 0.9,
        .optim = fr_optim_defaults(),
        .curriculum = fr_curriculum_defaults(),
        .kind_weight = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
    };
    struct fr_trainer *t = NULL;
    struct fr_error err;
    assert_ok(fr_trainer_open(&t, task, &shape, &options, &err), err);
    return t;
}

static struct fr_trainer *trainer_make(int n_threads, uint64_t seed, const struct fr_task *task,
                                       int n_vocab) {
    return trainer_open(n_threads, seed, task, n_vocab, FR_GEMM_FULL);
}

/* For what needs the processor's help. */
static bool bf16_missing(void) {
    if (!fr_bf16_available())
        print_message("no AVX512_BF16 here: training in bfloat16 is not tested\n");
    return !fr_bf16_available();
}

struct fixture {
    struct fr_task *task;
    int n_vocab;
    char dir[40], path[64];
};

static int fixture_make(void **state) {
    struct fixture *f = fr_alloc(1, sizeof *f);
    struct fr_error err;
    assert_ok(fr_task_open(&f->task, &err), err);
    f->n_vocab = fr_vocab_count(fr_task_vocab(f->task));
    strcpy(f->dir, "/tmp/organism-trainer-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    (void)snprintf(f->path, sizeof f->path, "%s/checkpoint.bin", f->dir);
    *state = f;
    return 0;
}

static int fixture_free(void **state) {
    struct fixture *f = *state;
    (void)unlink(f->path);
    (void)rmdir(f->dir);
    fr_task_close(f->task);
    free(f);
    return 0;
}

static void train(struct fr_trainer *t, int n_steps) {
    struct fr_tally tally = {0};
    struct fr_error err;
    for (int i = 0; i < n_steps; i++)
        assert_ok(fr_trainer_step(t, &tally, &err), err);
}

static void assert_same_state(const struct fr_trainer *a, const struct fr_trainer *b) {
    const size_t size = a->net->n_params * sizeof(float);
    assert_int_equal(a->step, b->step);
    assert_int_equal(a->n_tokens, b->n_tokens);
    assert_int_equal(a->average_steps, b->average_steps);
    assert_memory_equal(a->weights, b->weights, size);
    assert_memory_equal(a->average, b->average, size);
    assert_memory_equal(a->optim.first, b->optim.first, size);
    assert_memory_equal(a->optim.second, b->optim.second, size);
}

static void number_of_threads_does_not_change_the_weights(void **state) {
    const struct fixture *f = *state;
    struct fr_trainer *one = trainer_make(1, 7, f->task, f->n_vocab);
    struct fr_trainer *three = trainer_make(3, 7, f->task, f->n_vocab);
    train(one, N_STEPS);
    train(three, N_STEPS);
    assert_same_state(one, three);
    fr_trainer_close(one);
    fr_trainer_close(three);
}

static void another_seed_gives_other_weights(void **state) {
    const struct fixture *f = *state;
    struct fr_trainer *a = trainer_make(1, 7, f->task, f->n_vocab);
    struct fr_trainer *b = trainer_make(1, 8, f->task, f->n_vocab);
    train(a, 1);
    train(b, 1);
    assert_memory_not_equal(a->weights, b->weights, a->net->n_params * sizeof(float));
    fr_trainer_close(a);
    fr_trainer_close(b);
}

/* The interrupted run is another process that is killed, without warning, after its checkpoint of
 * step 3 and somewhere in a later step. */
static void run_killed_and_resumed_ends_with_the_weights_of_one_that_was_not(void **state) {
    const struct fixture *f = *state;
    struct fr_error err;
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct fr_trainer *t = trainer_make(1, 7, f->task, f->n_vocab);
        train(t, 3);
        if (fr_checkpoint_save(f->path, t, &err) != 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            train(t, 1);
    }
    char byte;
    assert_int_equal(read(ready[0], &byte, 1), 1);
    (void)kill(child, SIGKILL);
    int status = 0;
    (void)waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));
    close(ready[0]);
    close(ready[1]);

    struct fr_trainer *resumed = trainer_make(1, 7, f->task, f->n_vocab);
    assert_ok(fr_checkpoint_load(f->path, resumed, false, &err), err);
    assert_int_equal(resumed->step, 3);
    train(resumed, N_STEPS - 3);
    struct fr_trainer *whole = trainer_make(1, 7, f->task, f->n_vocab);
    train(whole, N_STEPS);
    assert_same_state(resumed, whole);
    fr_trainer_close(resumed);
    fr_trainer_close(whole);
}

static void checkpoint_of_another_run_is_refused_and_changes_nothing(void **state) {
    const struct fixture *f = *state;
    struct fr_error err;
    struct fr_trainer *a = trainer_make(1, 7, f->task, f->n_vocab);
    struct fr_trainer *b = trainer_make(1, 8, f->task, f->n_vocab);
    struct fr_trainer *same = trainer_make(1, 8, f->task, f->n_vocab);
    assert_ok(fr_checkpoint_save(f->path, a, &err), err);
    assert_int_equal(fr_checkpoint_load(f->path, b, false, &err), FR_E_CONFLICT);
    assert_non_null(strstr(err.text, "seed 7"));
    assert_same_state(b, same);
    fr_trainer_close(a);
    fr_trainer_close(b);
    fr_trainer_close(same);
}

static void damaged_checkpoint_is_bad_input(void **state) {
    const struct fixture *f = *state;
    struct fr_error err;
    struct fr_trainer *t = trainer_make(1, 7, f->task, f->n_vocab);
    assert_ok(fr_checkpoint_save(f->path, t, &err), err);
    assert_int_equal(truncate(f->path, 4000), 0);
    assert_int_equal(fr_checkpoint_load(f->path, t, false, &err), FR_E_INPUT);
    assert_ok(fr_file_write(f->path, "nonsense", 8, &err), err);
    assert_int_equal(fr_checkpoint_load(f->path, t, false, &err), FR_E_INPUT);
    fr_trainer_close(t);
}

static void loss_falls(void **state) {
    const struct fixture *f = *state;
    struct fr_error err;
    struct fr_trainer *t = trainer_make(2, 7, f->task, f->n_vocab);
    struct fr_tally first = {0};
    struct fr_tally last = {0};
    t->options.schedule.n_steps = 40;
    assert_ok(fr_trainer_step(t, &first, &err), err);
    train(t, 38);
    assert_ok(fr_trainer_step(t, &last, &err), err);
    assert_near(fr_tally_loss(&first), log(f->n_vocab), 0.3); /* knows nothing yet */
    assert_true(fr_tally_loss(&last) < 0.7 * fr_tally_loss(&first));
    fr_trainer_close(t);
}

static void loss_in_bfloat16_falls_as_in_floats(void **state) {
    const struct fixture *f = *state;
    if (bf16_missing())
        skip();
    struct fr_trainer *full = trainer_make(2, 7, f->task, f->n_vocab);
    struct fr_trainer *bf16 = trainer_open(2, 7, f->task, f->n_vocab, FR_GEMM_BF16);
    full->options.schedule.n_steps = bf16->options.schedule.n_steps = 40;
    for (int i = 0; i < 40; i++) {
        struct fr_tally in_full = {0};
        struct fr_tally in_bf16 = {0};
        struct fr_error err;
        assert_ok(fr_trainer_step(full, &in_full, &err), err);
        assert_ok(fr_trainer_step(bf16, &in_bf16, &err), err);
        assert_near(fr_tally_loss(&in_bf16), fr_tally_loss(&in_full),
                    0.02 * fr_tally_loss(&in_full));
    }
    assert_memory_not_equal(full->weights, bf16->weights, full->net->n_params * sizeof(float));
    fr_trainer_close(full);
    fr_trainer_close(bf16);
}

static void number_of_threads_does_not_change_the_weights_in_bfloat16(void **state) {
    const struct fixture *f = *state;
    if (bf16_missing())
        skip();
    struct fr_trainer *one = trainer_open(1, 7, f->task, f->n_vocab, FR_GEMM_BF16);
    struct fr_trainer *three = trainer_open(3, 7, f->task, f->n_vocab, FR_GEMM_BF16);
    train(one, N_STEPS);
    train(three, N_STEPS);
    assert_same_state(one, three);
    fr_trainer_close(one);
    fr_trainer_close(three);
}

static void run_in_bfloat16_does_not_continue_in_floats_nor_the_reverse(void **state) {
    const struct fixture *f = *state;
    if (bf16_missing())
        skip();
    struct fr_error err;
    struct fr_trainer *full = trainer_make(1, 7, f->task, f->n_vocab);
    struct fr_trainer *bf16 = trainer_open(1, 7, f->task, f->n_vocab, FR_GEMM_BF16);
    train(bf16, 1);
    assert_ok(fr_checkpoint_save(f->path, bf16, &err), err);
    assert_int_equal(fr_checkpoint_load(f->path, full, false, &err), FR_E_CONFLICT);
    assert_non_null(strstr(err.text, "--products bf16"));
    assert_int_equal(full->step, 0);
    assert_ok(fr_checkpoint_load(f->path, full, true, &err), err); /* as a beginning it may */
    assert_memory_equal(full->weights, bf16->weights, full->net->n_params * sizeof(float));
    assert_ok(fr_checkpoint_save(f->path, full, &err), err);
    assert_int_equal(fr_checkpoint_load(f->path, bf16, false, &err), FR_E_CONFLICT);
    assert_non_null(strstr(err.text, "--products f32"));
    fr_trainer_close(full);
    fr_trainer_close(bf16);
}

static void evaluation_is_the_same_each_time_and_leaves_the_weights(void **state) {
    const struct fixture *f = *state;
    struct fr_error err;
    struct fr_trainer *t = trainer_make(2, 7, f->task, f->n_vocab);
    struct fr_trainer *same = trainer_make(2, 7, f->task, f->n_vocab);
    const struct fr_task_mix mix = {.n_names = 1000, .block_share = {[3] = 1}};
    struct fr_tally a = {0};
    struct fr_tally b = {0};
    assert_ok(fr_trainer_evaluate(t, t->weights, &mix, 12, 5, &a, &err), err);
    assert_ok(fr_trainer_evaluate(t, t->weights, &mix, 12, 5, &b, &err), err);
    assert_int_equal(a.n_sequences, 12);
    assert_memory_equal(&a, &b, sizeof a);
    assert_same_state(t, same);
    fr_trainer_close(t);
    fr_trainer_close(same);
}

static void curriculum_widens_names_and_drops_copies(void **state) {
    (void)state;
    struct fr_curriculum c = fr_curriculum_defaults();
    c.names_first = 40, c.names_all = 940, c.names_hold = 0.4, c.names_full = 0.6;
    c.copy_first = 0.3, c.copy_last = 0.05, c.copy_hold = 0.5, c.copy_low = 0.75;
    assert_int_equal(fr_curriculum_at(&c, 0).n_names, 40);
    assert_int_equal(fr_curriculum_at(&c, 0.39).n_names, 40);
    assert_int_equal(fr_curriculum_at(&c, 0.5).n_names, 490);
    assert_int_equal(fr_curriculum_at(&c, 1).n_names, 940);
    assert_near(fr_curriculum_at(&c, 0.5).copy_share, 0.3, 1e-12);
    assert_near(fr_curriculum_at(&c, 0.625).copy_share, 0.175, 1e-12);
    assert_near(fr_curriculum_at(&c, 1).copy_share, 0.05, 1e-12);
}

int main(void) {
#define CASE(f) cmocka_unit_test_setup_teardown(f, fixture_make, fixture_free)
    const struct CMUnitTest tests[] = {
        /* First: OpenMP's threads do not survive a fork, so none may have begun. */
        CASE(run_killed_and_resumed_ends_with_the_weights_of_one_that_was_not),
        CASE(number_of_threads_does_not_change_the_weights),
        CASE(another_seed_gives_other_weights),
        CASE(checkpoint_of_another_run_is_refused_and_changes_nothing),
        CASE(damaged_checkpoint_is_bad_input),
        CASE(loss_falls),
        CASE(loss_in_bfloat16_falls_as_in_floats),
        CASE(number_of_threads_does_not_change_the_weights_in_bfloat16),
        CASE(run_in_bfloat16_does_not_continue_in_floats_nor_the_reverse),
        CASE(evaluation_is_the_same_each_time_and_leaves_the_weights),
        cmocka_unit_test(curriculum_widens_names_and_drops_copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
