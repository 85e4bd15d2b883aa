/* A scrambled model: every tensor the same weights in another order, by the seed; the same keys but
 * the name; a file that opens and runs, and computes something else. */
#include <gguf.h>
#include <string.h>

#include "base/file.h"
#include "support/test.h"
#include "support/tiny_model.h"

static struct fr_error err;

struct content {
    struct fr_text bytes;
    struct gguf_context *gguf;
};

static void content_read(struct content *c, const char *path) {
    *c = (struct content){0};
    assert_ok(fr_file_read(path, (size_t)1 << 26, &c->bytes, &err), err);
    c->gguf = gguf_init_from_file(path, (struct gguf_init_params){.no_alloc = true});
    assert_non_null(c->gguf);
}

static void content_release(struct content *c) {
    fr_text_release(&c->bytes);
    gguf_free(c->gguf);
}

static const char *tensor_of(const struct content *c, int64_t i, size_t *n) {
    *n = gguf_get_tensor_size(c->gguf, i);
    const size_t at = gguf_get_data_offset(c->gguf) + gguf_get_tensor_offset(c->gguf, i);
    assert_true(at + *n <= c->bytes.len);
    return c->bytes.data + at;
}

static size_t block_bytes;
static int by_bytes(const void *a, const void *b) { return memcmp(a, b, block_bytes); }

static char *sorted(const char *bytes, size_t n) {
    char *copy = malloc(n);
    assert_non_null(copy);
    memcpy(copy, bytes, n);
    qsort(copy, n / block_bytes, block_bytes, by_bytes);
    return copy;
}

static void assert_scrambled(const struct content *a, const struct content *b) {
    const int64_t n_tensors = gguf_get_n_tensors(a->gguf);
    assert_int_equal(gguf_get_n_tensors(b->gguf), n_tensors);
    for (int64_t i = 0; i < n_tensors; i++) {
        const char *name = gguf_get_tensor_name(a->gguf, i);
        const int64_t k = gguf_find_tensor(b->gguf, name);
        size_t n, m;
        assert_true(k >= 0);
        const char *x = tensor_of(a, i, &n), *y = tensor_of(b, k, &m);
        assert_int_equal(n, m);
        block_bytes = ggml_type_size(gguf_get_tensor_type(a->gguf, i));
        char *p = sorted(x, n), *q = sorted(y, n);
        assert_memory_equal(p, q, n);
        /* the norms of a random model are all ones, and so is any order of them */
        if (memcmp(p, p + n - block_bytes, block_bytes) != 0)
            assert_memory_not_equal(x, y, n);
        free(p);
        free(q);
    }
}

static void weights_are_the_same_in_another_order(void **state) {
    (void)state;
    for (int type = 0; type < FR_RANDOM_GGUF_TYPE_COUNT; type++) {
        struct fr_random_gguf gguf = fr_random_gguf_defaults();
        char path[64], one[64], again[64], two[64];
        struct content from, to, same, other;
        gguf.type = (enum fr_random_gguf_type)type;
        if (type == FR_RANDOM_GGUF_Q4_K || type == FR_RANDOM_GGUF_TQ2_0) /* blocks of 256 */
            gguf.width = 256, gguf.n_ff = 256;
        assert_ok(fr_random_gguf_write(fr_tiny_path(path), &gguf, &err), err);
        assert_ok(fr_model_scramble(path, fr_tiny_path(one), 1, NULL, NULL, &err), err);
        assert_ok(fr_model_scramble(path, fr_tiny_path(again), 1, NULL, NULL, &err), err);
        assert_ok(fr_model_scramble(path, fr_tiny_path(two), 2, NULL, NULL, &err), err);
        content_read(&from, path);
        content_read(&to, one);
        content_read(&same, again);
        content_read(&other, two);
        assert_scrambled(&from, &to);
        assert_scrambled(&from, &other);
        assert_scrambled(&to, &other);
        assert_int_equal(to.bytes.len, same.bytes.len);
        assert_memory_equal(to.bytes.data, same.bytes.data, to.bytes.len);
        for (int64_t i = 0; i < gguf_get_n_kv(from.gguf); i++) {
            const int64_t k = gguf_find_key(to.gguf, gguf_get_key(from.gguf, i));
            assert_true(k >= 0);
            assert_int_equal(gguf_get_kv_type(to.gguf, k), gguf_get_kv_type(from.gguf, i));
        }
        const int64_t name = gguf_find_key(to.gguf, "general.name");
        assert_true(name >= 0);
        assert_non_null(strstr(gguf_get_val_str(to.gguf, name), "scrambled (seed 1)"));

        /* it opens, and what it computes is finite and something else */
        struct fr_model_options options = fr_tiny_options();
        float *logits[2];
        int n_vocab = 0;
        for (int i = 0; i < 2; i++) {
            struct fr_model *model;
            int32_t tokens[24], next;
            options.path = i == 0 ? path : one;
            assert_ok(fr_model_open(&model, &options, &err), err);
            n_vocab = fr_model_info(model)->n_vocab;
            fr_tiny_tokens(model, 3, 24, tokens);
            assert_ok(fr_model_prefill(model, 0, tokens, 0, 24, NULL, NULL, &next, &err), err);
            logits[i] = malloc((size_t)n_vocab * sizeof **logits);
            assert_non_null(logits[i]);
            memcpy(logits[i], fr_model_logits(model), (size_t)n_vocab * sizeof **logits);
            fr_model_close(model);
        }
        for (int i = 0; i < n_vocab; i++)
            assert_true(isfinite(logits[1][i]));
        assert_memory_not_equal(logits[0], logits[1], (size_t)n_vocab * sizeof **logits);
        free(logits[0]);
        free(logits[1]);
        content_release(&from);
        content_release(&to);
        content_release(&same);
        content_release(&other);
        (void)unlink(path), (void)unlink(one), (void)unlink(again), (void)unlink(two);
    }
}

static void what_is_no_model_is_refused_and_nothing_is_left(void **state) {
    (void)state;
    static const enum fr_random_gguf_damage damages[] = {FR_RANDOM_GGUF_NO_MAGIC,
                                                         FR_RANDOM_GGUF_TRUNCATED_HEADER,
                                                         FR_RANDOM_GGUF_TRUNCATED_DATA};
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct fr_random_gguf gguf = fr_random_gguf_defaults();
        char path[64], out[64];
        gguf.damage = damages[i];
        assert_ok(fr_random_gguf_write(fr_tiny_path(path), &gguf, &err), err);
        assert_int_equal(fr_model_scramble(path, fr_tiny_path(out), 1, NULL, NULL, &err),
                         FR_E_INPUT);
        assert_non_null(strstr(err.text, path));
        assert_int_not_equal(access(out, F_OK), 0);
        (void)unlink(path);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_the_same_in_another_order),
        cmocka_unit_test(what_is_no_model_is_refused_and_nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
