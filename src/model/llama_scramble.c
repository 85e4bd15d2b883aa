/* A GGUF whose weights are those of another in random order: a model of the same shape, tokenizer,
 * vocabulary and distribution of weights, tensor by tensor, that has learnt nothing. What a figure
 * shows of it is what the text and the architecture give.
 *
 * Weights of a quantised type are moved in their blocks (32 or 256 with their scales): taken apart
 * they would have to be quantised again, and would be other weights. Inside a block neighbours stay
 * neighbours, wherever it goes. Rejected: weights drawn anew from a normal distribution, whose
 * outliers and layer by layer scales are not the model's. */
#include <errno.h>
#include <gguf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/rng.h"
#include "model/llama_engine.h"

struct scrambling {
    const char *in_path, *out_path;
    FILE *in, *out;
    struct gguf_context *gguf, *made;
    struct ggml_context *tensors;
    uint64_t seed;
    struct fr_error *err;
};

static int cannot_write(const struct scrambling *s) {
    return fr_file_fail(s->err, s->out_path, errno);
}

/* items[n] of `size` bytes each, in a uniformly random order. */
static void permute(unsigned char *items, uint32_t n, size_t size, struct fr_rng *rng) {
    unsigned char kept[1024];
    FR_ASSERT(size <= sizeof kept);
    for (uint32_t i = n; i > 1; i--) {
        unsigned char *a = items + (size_t)(i - 1) * size;
        unsigned char *b = items + (size_t)fr_rng_below(rng, i) * size;
        memcpy(kept, a, size);
        memmove(a, b, size);
        memcpy(b, kept, size);
    }
}

/* The same keys, a name that says what it is, and the same tensors. */
static int write_header(struct scrambling *s) {
    char name[512] = "", made[640];
    const int64_t id = gguf_find_key(s->gguf, "general.name");
    if (id >= 0 && gguf_get_kv_type(s->gguf, id) == GGUF_TYPE_STRING)
        (void)snprintf(name, sizeof name, "%s, ", gguf_get_val_str(s->gguf, id));
    (void)snprintf(made, sizeof made, "%sscrambled (seed %llu)", name, (unsigned long long)s->seed);
    gguf_set_kv(s->made, s->gguf);
    gguf_set_val_str(s->made, "general.name", made);
    for (struct ggml_tensor *t = ggml_get_first_tensor(s->tensors); t != NULL;
         t = ggml_get_next_tensor(s->tensors, t))
        gguf_add_tensor(s->made, t);
    const size_t n = gguf_get_meta_size(s->made);
    void *header = fr_alloc(n, 1);
    gguf_get_meta_data(s->made, header);
    const bool whole = fwrite(header, 1, n, s->out) == n;
    free(header);
    return whole ? FR_OK : cannot_write(s);
}

static int write_tensor(const struct scrambling *s, int64_t i) {
    static const char zeros[1024];
    const char *name = gguf_get_tensor_name(s->made, i);
    const enum ggml_type type = gguf_get_tensor_type(s->made, i);
    const size_t size = ggml_type_size(type), n = gguf_get_tensor_size(s->made, i);
    const int64_t from = gguf_find_tensor(s->gguf, name);
    const size_t at = gguf_get_data_offset(s->gguf) + gguf_get_tensor_offset(s->gguf, from);
    struct fr_rng rng;
    if (n / size > UINT32_MAX)
        return fr_fail(s->err, FR_E_LIMIT, "%s: tensor %s has more than 4,294,967,295 blocks",
                       s->in_path, name);
    unsigned char *bytes = fr_alloc(n, 1);
    int code = FR_OK;
    if (fseeko(s->in, (off_t)at, SEEK_SET) != 0 || fread(bytes, 1, n, s->in) != n)
        code = fr_fail(s->err, FR_E_IO, "%s: tensor %s cannot be read: %s", s->in_path, name,
                       ferror(s->in) ? strerror(errno) : "the file ends");
    if (code == FR_OK) {
        fr_rng_seed(&rng, s->seed, fr_hash_text(name));
        permute(bytes, (uint32_t)(n / size), size, &rng);
        if (fwrite(bytes, 1, n, s->out) != n)
            code = cannot_write(s);
    }
    free(bytes);
    const size_t alignment = gguf_get_alignment(s->made);
    for (size_t rest = (alignment - n % alignment) % alignment; code == FR_OK && rest > 0;) {
        const size_t some = rest < sizeof zeros ? rest : sizeof zeros;
        if (fwrite(zeros, 1, some, s->out) != some)
            code = cannot_write(s);
        rest -= some;
    }
    return code;
}

static int open_input(struct scrambling *s) {
    struct fr_model_info info = {0};
    int code = fr_llama_file_check(s->in_path, false, &info, s->err);
    if (code != FR_OK)
        return code;
    s->gguf = gguf_init_from_file(s->in_path,
                                  (struct gguf_init_params){.no_alloc = true, .ctx = &s->tensors});
    if (s->gguf == NULL)
        return fr_fail(s->err, FR_E_MODEL, "%s: the GGUF header cannot be read", s->in_path);
    if (gguf_find_key(s->gguf, "split.count") >= 0)
        return fr_fail(s->err, FR_E_MODEL,
                       "%s: one of several files of a model; join them first, with llama.cpp's "
                       "llama-gguf-split --merge",
                       s->in_path);
    s->made = gguf_init_empty();
    return fr_file_open(&s->in, s->in_path, s->err);
}

int fr_model_scramble(const char *path, const char *out, uint64_t seed,
                      void (*progress)(void *user, int done, int total), void *user,
                      struct fr_error *err) {
    struct scrambling s = {.in_path = path, .out_path = out, .seed = seed, .err = err};
    fr_llama_log_install();
    int code = open_input(&s);
    if (code == FR_OK)
        code = fr_file_create(&s.out, out, err);
    if (code == FR_OK)
        code = write_header(&s);
    const int64_t n = code == FR_OK ? gguf_get_n_tensors(s.made) : 0;
    for (int64_t i = 0; code == FR_OK && i < n; i++) {
        if (progress != NULL)
            progress(user, (int)i, (int)n);
        code = write_tensor(&s, i);
    }
    if (s.out != NULL && code == FR_OK)
        code = fr_file_commit(s.out, out, err);
    else if (s.out != NULL)
        fr_file_discard(s.out, out);
    if (s.in != NULL)
        (void)fclose(s.in);
    gguf_free(s.made);
    gguf_free(s.gguf);
    ggml_free(s.tensors);
    return code;
}
