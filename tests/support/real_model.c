/* See real_model.h. The cache's place and the entry's name are scripts/real-model's. */
#include "support/real_model.h"

#include <ggml.h>
#include <gguf.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "support/test.h"

const char *fr_real_model_path(void) {
    static char path[4096];
    const char *cache = getenv("FLUIDREP_CACHE"), *xdg = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME"), *below = "", *own = getenv("FR_REAL_MODEL");
    if (own != NULL && own[0] != '\0')
        return own;
    if (cache == NULL || cache[0] == '\0') {
        cache = xdg != NULL && xdg[0] != '\0' ? xdg : home != NULL ? home : "";
        below = cache == xdg ? "/fluidrep" : "/.cache/fluidrep";
    }
    (void)snprintf(path, sizeof path, "%s%s/smollm2-0.1.2/SmolLM2-135M-Instruct.Q4_1.gguf", cache,
                   below);
    if (access(path, R_OK) == 0)
        return path;
    print_message("skipped: %s is not there; make real-model fetches it\n", path);
    return NULL;
}

/* The tensor's numbers as floats; the caller frees. */
static float *read_tensor(FILE *file, size_t offset, const struct ggml_tensor *tensor) {
    const size_t n = (size_t)ggml_nelements(tensor), bytes = ggml_nbytes(tensor);
    float *values = fr_alloc(n, sizeof *values);
    void *raw = fr_alloc(bytes, 1);
    if (fseek(file, (long)offset, SEEK_SET) != 0 || fread(raw, 1, bytes, file) != bytes) {
        free(values);
        values = NULL;
    } else if (tensor->type == GGML_TYPE_F32) {
        memcpy(values, raw, bytes);
    } else {
        ggml_get_type_traits(tensor->type)->to_float(raw, values, (int64_t)n);
    }
    free(raw);
    return values;
}

int fr_gguf_dequantize(const char *from, const char *to, struct fr_error *err) {
    struct ggml_context *tensors = NULL;
    struct gguf_context *in =
        gguf_init_from_file(from, (struct gguf_init_params){.no_alloc = true, .ctx = &tensors});
    if (in == NULL)
        return fr_fail(err, FR_E_IO, "%s: cannot be read", from);
    struct gguf_context *out = gguf_init_empty();
    const int64_t n_tensors = gguf_get_n_tensors(in);
    struct ggml_context *singles = ggml_init(
        (struct ggml_init_params){.mem_size = (size_t)(n_tensors + 1) * ggml_tensor_overhead(),
                                  .no_alloc = true});
    gguf_set_kv(out, in);
    for (int64_t i = 0; i < n_tensors; i++) {
        const struct ggml_tensor *tensor = ggml_get_tensor(tensors, gguf_get_tensor_name(in, i));
        struct ggml_tensor *single = ggml_new_tensor(singles, GGML_TYPE_F32, 4, tensor->ne);
        (void)ggml_set_name(single, tensor->name);
        gguf_add_tensor(out, single);
    }
    bool ok = gguf_write_to_file(out, to, true);
    FILE *source = fopen(from, "rb"), *file = fopen(to, "ab");
    ok = ok && source != NULL && file != NULL;
    for (int64_t i = 0; i < n_tensors && ok; i++) {
        const char *name = gguf_get_tensor_name(in, i);
        const struct ggml_tensor *tensor = ggml_get_tensor(tensors, name);
        static const char zeros[64];
        float *values =
            read_tensor(source, gguf_get_data_offset(in) + gguf_get_tensor_offset(in, i), tensor);
        const size_t bytes = (size_t)ggml_nelements(tensor) * sizeof *values;
        const size_t pad =
            (gguf_get_alignment(out) - bytes % gguf_get_alignment(out)) % gguf_get_alignment(out);
        ok = values != NULL && pad <= sizeof zeros && fwrite(values, 1, bytes, file) == bytes &&
             fwrite(zeros, 1, pad, file) == pad;
        free(values);
    }
    if (source != NULL)
        (void)fclose(source);
    if (file != NULL)
        ok &= fclose(file) == 0;
    ggml_free(singles);
    ggml_free(tensors);
    gguf_free(out);
    gguf_free(in);
    return ok ? FR_OK : fr_fail(err, FR_E_IO, "%s: cannot be written", to);
}
