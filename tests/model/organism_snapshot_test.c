/* Snapshots: the same model comes out of one as of a checkpoint of the same step, and no other out
 * of a file that was damaged. */
#include "test.h"

#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "organism/checkpoint.h"
#include "organism/gguf_write.h"

enum { N_STEPS = 6 };

struct fixture {
    struct fr_task *task;
    char dir[40], snapshot[64], checkpoint[64], gguf[64];
};

static int fixture_make(void **state) {
    struct fixture *f = fr_alloc(1, sizeof *f);
    struct fr_error err;
    assert_ok(fr_task_open(&f->task, &err), err);
    strcpy(f->dir, "/tmp/organism-snapshot-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    (void)snprintf(f->snapshot, sizeof f->snapshot, "%s/snapshot-000003.bin", f->dir);
    (void)snprintf(f->checkpoint, sizeof f->checkpoint, "%s/checkpoint.bin", f->dir);
    (void)snprintf(f->gguf, sizeof f->gguf, "%s/organism.gguf", f->dir);
    *state = f;
    return 0;
}

static int fixture_free(void **state) {
    struct fixture *f = *state;
    (void)unlink(f->snapshot);
    (void)unlink(f->checkpoint);
    (void)unlink(f->gguf);
    assert_int_equal(rmdir(f->dir), 0); /* nothing was left beside */
    fr_task_close(f->task);
    free(f);
    return 0;
}

static struct fr_trainer *trainer_make(const struct fixture *f, uint64_t seed, int n_steps) {
    const struct fr_net_shape shape = {
        .n_vocab = fr_vocab_count(fr_task_vocab(f->task)),
        .width = 32,
        .n_layers = 1,
        .n_heads = 2,
        .n_kv_heads = 1,
        .ff_width = 32,
        .max_sequence = FR_TASK_MAX_TOKENS,
        .rope_base = 10000,
        .rms_eps = 1e-6f,
    };
    const struct fr_trainer_options options = {
        .n_threads = 1,
        .n_micro = 2,
        .tokens_per_step = 900,
        .seed = seed,
        .embedding = 0.02,
        .rate = 0.01,
        .schedule = {.n_steps = N_STEPS, .decay_from = 0.3, .final_share = 0.05},
        .average_decay = 0.9,
        .optim = fr_optim_defaults(),
        .curriculum = fr_curriculum_defaults(),
        .kind_weight = {1, 1, 1, 1, 1, 1},
    };
    struct fr_trainer *t = NULL;
    struct fr_tally tally = {0};
    struct fr_error err;
    assert_ok(fr_trainer_open(&t, f->task, &shape, &options, &err), err);
    for (int i = 0; i < n_steps; i++)
        assert_ok(fr_trainer_step(t, &tally, &err), err);
    return t;
}

/* What organism-export makes of a file. */
static void export(const struct fixture *f, const char *path, bool average, struct fr_text *out) {
    struct fr_checkpoint_header header;
    struct fr_error err;
    struct fr_net *net = NULL;
    float *weights = NULL;
    assert_ok(fr_checkpoint_weights(path, average, &header, &weights, &err), err);
    assert_ok(fr_net_open(&net, &header.shape, &err), err);
    assert_ok(fr_gguf_write(f->gguf, "organism", net, weights, fr_task_vocab(f->task), true, &err),
              err);
    assert_ok(fr_file_read(f->gguf, 1 << 28, out, &err), err);
    fr_net_close(net);
    free(weights);
}

static bool same(const struct fr_text *a, const struct fr_text *b) {
    return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static void snapshot_exports_as_a_checkpoint_of_its_step_does(void **state) {
    const struct fixture *f = *state;
    struct fr_error err;
    struct fr_trainer *t = trainer_make(f, 7, 5);
    assert_true(t->average_steps > 0);
    assert_ok(fr_snapshot_save(f->snapshot, t, &err), err);
    assert_ok(fr_checkpoint_save(f->checkpoint, t, &err), err);
    struct fr_text texts[4] = {{0}};
    for (int average = 0; average < 2; average++) {
        export(f, f->snapshot, average, &texts[average]);
        export(f, f->checkpoint, average, &texts[2 + average]);
        assert_true(same(&texts[average], &texts[2 + average]));
    }
    assert_false(same(&texts[0], &texts[1])); /* the average is another model than the last one */
    for (int i = 0; i < 4; i++)
        fr_text_release(&texts[i]);
    fr_trainer_close(t);
}

static void snapshot_before_the_average_gives_the_weights_for_either(void **state) {
    const struct fixture *f = *state;
    struct fr_error err;
    struct fr_trainer *t = trainer_make(f, 7, 1);
    assert_int_equal(t->average_steps, 0);
    assert_ok(fr_snapshot_save(f->snapshot, t, &err), err);
    for (int average = 0; average < 2; average++) {
        struct fr_checkpoint_header header;
        float *weights = NULL;
        assert_ok(fr_checkpoint_weights(f->snapshot, average, &header, &weights, &err), err);
        assert_int_equal(header.step, 1);
        assert_memory_equal(weights, t->weights, t->net->n_params * sizeof *weights);
        free(weights);
    }
    fr_trainer_close(t);
}

static void resumed_run_writes_the_snapshot_again_byte_by_byte(void **state) {
    const struct fixture *f = *state;
    struct fr_error err;
    struct fr_tally tally = {0};
    struct fr_text first = {0};
    struct fr_text again = {0};
    struct fr_trainer *t = trainer_make(f, 7, 2);
    assert_ok(fr_checkpoint_save(f->checkpoint, t, &err), err);
    for (int i = 0; i < 3; i++)
        assert_ok(fr_trainer_step(t, &tally, &err), err);
    assert_ok(fr_snapshot_save(f->snapshot, t, &err), err);
    assert_ok(fr_file_read(f->snapshot, 1 << 28, &first, &err), err);
    struct fr_trainer *resumed = trainer_make(f, 7, 0);
    assert_ok(fr_checkpoint_load(f->checkpoint, resumed, false, &err), err);
    for (int i = 0; i < 3; i++)
        assert_ok(fr_trainer_step(resumed, &tally, &err), err);
    assert_ok(fr_snapshot_save(f->snapshot, resumed, &err), err);
    assert_ok(fr_file_read(f->snapshot, 1 << 28, &again, &err), err);
    assert_true(same(&first, &again));
    fr_text_release(&first);
    fr_text_release(&again);
    fr_trainer_close(t);
    fr_trainer_close(resumed);
}

static void snapshot_begins_another_run_but_does_not_continue_one(void **state) {
    const struct fixture *f = *state;
    struct fr_error err;
    struct fr_trainer *t = trainer_make(f, 7, 5);
    struct fr_trainer *other = trainer_make(f, 8, 0);
    assert_ok(fr_snapshot_save(f->snapshot, t, &err), err);
    assert_int_equal(fr_checkpoint_load(f->snapshot, t, false, &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "--init"));
    assert_ok(fr_checkpoint_load(f->snapshot, other, true, &err), err);
    assert_int_equal(other->step, 0);
    assert_memory_equal(other->weights, t->average, t->net->n_params * sizeof *t->average);
    fr_trainer_close(t);
    fr_trainer_close(other);
}

static void assert_refused(const struct fixture *f, const char *bytes, size_t n,
                           const char *reason) {
    struct fr_error err;
    struct fr_checkpoint_header header;
    float *weights = NULL;
    assert_ok(fr_file_write(f->snapshot, bytes, n, &err), err);
    assert_int_equal(fr_checkpoint_weights(f->snapshot, true, &header, &weights, &err), FR_E_INPUT);
    assert_null(weights);
    assert_non_null(strstr(err.text, f->snapshot));
    assert_non_null(strstr(err.text, reason));
}

static void damaged_snapshot_says_what_is_wrong_with_it(void **state) {
    const struct fixture *f = *state;
    struct fr_error err;
    struct fr_text whole = {0};
    struct fr_trainer *t = trainer_make(f, 7, 1);
    assert_ok(fr_snapshot_save(f->snapshot, t, &err), err);
    assert_ok(fr_file_read(f->snapshot, 1 << 28, &whole, &err), err);
    const size_t n = whole.len;
    assert_refused(f, whole.data, 0, "not a checkpoint or snapshot");
    assert_refused(f, whole.data, 7, "not a checkpoint or snapshot");
    assert_refused(f, whole.data, 20, "in its header");
    const size_t cuts[] = {sizeof(struct fr_checkpoint_header), n / 2, n - 64, n - 1};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
        assert_refused(f, whole.data, cuts[i], "a damaged snapshot");
    const size_t flips[] = {offsetof(struct fr_checkpoint_header, step), n / 3, n - 100, n - 1};
    for (size_t i = 0; i < sizeof flips / sizeof *flips; i++) {
        whole.data[flips[i]] ^= 1;
        assert_refused(f, whole.data, n, "checksum");
        whole.data[flips[i]] ^= 1;
    }
    /* A number of parameters whose bytes overflow to the file's size. */
    whole.data[offsetof(struct fr_checkpoint_header, n_params) + 7] ^= 0x40;
    assert_refused(f, whole.data, n, "a damaged snapshot");
    fr_text_release(&whole);
    fr_trainer_close(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snapshot_exports_as_a_checkpoint_of_its_step_does),
        cmocka_unit_test(snapshot_before_the_average_gives_the_weights_for_either),
        cmocka_unit_test(resumed_run_writes_the_snapshot_again_byte_by_byte),
        cmocka_unit_test(snapshot_begins_another_run_but_does_not_continue_one),
        cmocka_unit_test(damaged_snapshot_says_what_is_wrong_with_it),
    };
    return cmocka_run_group_tests(tests, fixture_make, fixture_free);
}
