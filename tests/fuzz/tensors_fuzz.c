/* Tensor files: what is accepted can be read to its last byte, and saved and loaded again it is the
 * same. */
#include "fuzz/fuzz.h"
#include "store/store.h"

static char out[264];

static void remove_out(void) { (void)unlink(out); }

static size_t count_bytes(const struct fr_tensor *tensor) {
    size_t n = tensor->dtype == FR_F32 || tensor->dtype == FR_I32 ? 4 : 8;
    for (int i = 0; i < tensor->n_dims; i++)
        if (tensor->dims[i] == 0)
            return 0;
    for (int i = 0; i < tensor->n_dims; i++)
        n *= (size_t)tensor->dims[i];
    return n;
}

static void check_same(const struct fr_tensor *a, const struct fr_tensor *b) {
    FR_ASSERT(b != NULL && a->dtype == b->dtype && a->n_dims == b->n_dims);
    FR_ASSERT(memcmp(a->dims, b->dims, sizeof a->dims) == 0);
    FR_ASSERT(memcmp(a->data, b->data, count_bytes(a)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fr_tensor_file first, second;
    struct fr_error err = {0};
    const char *in = fuzz_file("", data, size);
    if (out[0] == '\0') {
        (void)snprintf(out, sizeof out, "%s.out", in);
        (void)atexit(remove_out);
    }
    int code = fr_tensors_load(&first, in, &err);
    if (code != FR_OK) {
        fuzz_check_refusal(code, &err);
        return 0;
    }
    const char *(*metadata)[2] = first.metadata;
    fuzz_require(fr_tensors_save(out, first.tensors, first.n, (const char *const(*)[2])metadata,
                                 first.n_metadata, &err),
                 &err);
    fuzz_require(fr_tensors_load(&second, out, &err), &err);
    FR_ASSERT(first.n == second.n && first.n_metadata == second.n_metadata);
    for (int i = 0; i < first.n; i++)
        check_same(&first.tensors[i], fr_tensors_find(&second, first.tensors[i].name));
    for (int i = 0; i < first.n_metadata; i++)
        FR_ASSERT(strcmp(metadata[i][1], fr_tensors_find_metadata(&second, metadata[i][0])) == 0);
    fr_tensors_release(&first);
    fr_tensors_release(&second);
    return 0;
}
