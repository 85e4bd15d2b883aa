/* What a GGUF file tells before it is loaded: that it is one, that it is whole, that it holds
 * weights of a generating model. libllama's own messages for these cases name internals; ours
 * name the file, the number that is wrong and what to do. What is not foreseen here is reported
 * by llama_open.c with libllama's line quoted.
 *
 * Rejected: trusting the loader alone; with memory mapping a truncated file of weights could
 * fault long after it was opened. */
#include <ctype.h>
#include <errno.h>
#include <gguf.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "model/llama_engine.h"

static void copy_text(const struct gguf_context *gguf, const char *key, char *out, size_t n) {
    const int64_t id = gguf_find_key(gguf, key);
    if (id >= 0 && gguf_get_kv_type(gguf, id) == GGUF_TYPE_STRING)
        (void)snprintf(out, n, "%s", gguf_get_val_str(gguf, id));
}

/* A number of a type that files have for what is counted, or fallback when the key is absent or of
 * another. */
static long long number_of(const struct gguf_context *gguf, const char *key, long long fallback) {
    const int64_t id = gguf_find_key(gguf, key);
    if (id < 0)
        return fallback;
    switch (gguf_get_kv_type(gguf, id)) {
    case GGUF_TYPE_UINT16:
        return gguf_get_val_u16(gguf, id);
    case GGUF_TYPE_UINT32:
        return gguf_get_val_u32(gguf, id);
    case GGUF_TYPE_INT32:
        return gguf_get_val_i32(gguf, id);
    default:
        return fallback;
    }
}

/* What the file says of its mixture, in the words of files' names: "Q4_K_M", most of whose bytes
 * may be of another type. False: it says nothing. */
static bool name_mixture(const struct gguf_context *gguf, char *out, size_t size) {
    static const char *const words[][2] = {{" - Small", "_S"},
                                           {" - Medium", "_M"},
                                           {" - Large", "_L"},
                                           {"all ", ""}};
    const long long type = number_of(gguf, "general.file_type", -1);
    char text[64];
    if (type < 0 || type >= LLAMA_FTYPE_GUESSED)
        return false;
    (void)snprintf(text, sizeof text, "%s", llama_ftype_name((enum llama_ftype)type));
    if (strstr(text, "unknown") != NULL)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char *at = strstr(text, words[i][0]);
        if (at != NULL) {
            const char *rest = at + strlen(words[i][0]);
            memcpy(at, words[i][1], strlen(words[i][1]));
            memmove(at + strlen(words[i][1]), rest, strlen(rest) + 1);
        }
    }
    (void)snprintf(out, size, "%.*s", (int)strcspn(text, " "), text); /* "Q2_0 - 2 bits" */
    return true;
}

/* Without that the type that holds most bytes of the weights. */
static void name_quantization(const struct gguf_context *gguf, struct fr_model_info *info) {
    if (name_mixture(gguf, info->quantization, sizeof info->quantization))
        return;
    size_t bytes[GGML_TYPE_COUNT] = {0};
    int most = 0;
    for (int64_t i = 0; i < gguf_get_n_tensors(gguf); i++) {
        const enum ggml_type type = gguf_get_tensor_type(gguf, i);
        if ((int)type < 0 || type >= GGML_TYPE_COUNT)
            continue;
        bytes[type] += gguf_get_tensor_size(gguf, i);
        if (bytes[type] > bytes[most])
            most = (int)type;
    }
    (void)snprintf(info->quantization, sizeof info->quantization, "%s",
                   ggml_type_name((enum ggml_type)most));
    for (char *p = info->quantization; *p != '\0'; p++)
        *p = (char)toupper((unsigned char)*p);
}

static int check_magic(const char *path, long long *size, struct fr_error *err) {
    struct stat status;
    if (stat(path, &status) != 0)
        return fr_fail(err,
                       errno == ENOENT || errno == ENOTDIR || errno == ELOOP ||
                               errno == ENAMETOOLONG
                           ? FR_E_INPUT
                           : FR_E_MODEL,
                       "%s: cannot open the model: %s; give the path of a GGUF file", path,
                       strerror(errno));
    if (!S_ISREG(status.st_mode))
        return fr_fail(err, FR_E_INPUT, "%s: not a file; give the path of a GGUF file", path);
    *size = (long long)status.st_size;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return fr_fail(err, FR_E_MODEL, "%s: cannot open the model: %s", path, strerror(errno));
    char magic[4] = {0};
    const size_t got = fread(magic, 1, sizeof magic, file);
    (void)fclose(file);
    if (got != sizeof magic || memcmp(magic, GGUF_MAGIC, sizeof magic) != 0)
        return fr_fail(err, FR_E_INPUT,
                       "%s: not a GGUF file (it does not begin with GGUF); convert the model with "
                       "llama.cpp's convert_hf_to_gguf.py",
                       path);
    return FR_OK;
}

static int check_tensors(const struct gguf_context *gguf, const char *path, long long size,
                         struct fr_error *err) {
    const int64_t n_tensors = gguf_get_n_tensors(gguf);
    if (n_tensors == 0 && number_of(gguf, "split.count", 0) < 2)
        return fr_fail(err, FR_E_MODEL,
                       "%s: holds a vocabulary and no weights; give the model's own file", path);
    const size_t data = gguf_get_data_offset(gguf);
    for (int64_t i = 0; i < n_tensors; i++) {
        const long long end =
            (long long)(data + gguf_get_tensor_offset(gguf, i) + gguf_get_tensor_size(gguf, i));
        if (end > size)
            return fr_fail(
                err, FR_E_INPUT,
                "%s: truncated: tensor %s ends at byte %lld of a file of %lld; fetch the "
                "file again",
                path, gguf_get_tensor_name(gguf, i), end, size);
    }
    return FR_OK;
}

/* Models that do not generate text. The list is of architectures whose graph has no causal
 * memory; pooling marks embedding models of generating architectures. */
static int check_kind(const struct gguf_context *gguf, const char *path,
                      const struct fr_model_info *info, struct fr_error *err) {
    static const char *const encoders[] = {"bert",         "nomic-bert", "nomic-bert-moe",
                                           "jina-bert-v2", "neo-bert",   "modern-bert",
                                           "t5encoder",    "clip"};
    for (size_t i = 0; i < sizeof encoders / sizeof *encoders; i++)
        if (strcmp(info->architecture, encoders[i]) == 0)
            return fr_fail(
                err, FR_E_MODEL,
                "%s: a %s model encodes text and cannot generate; give a causal language "
                "model",
                path, info->architecture);
    char key[64];
    (void)snprintf(key, sizeof key, "%.31s.pooling_type", info->architecture);
    if (number_of(gguf, key, 0) > 0)
        return fr_fail(err, FR_E_MODEL,
                       "%s: an embedding model (%s is set); give a causal language model", path,
                       key);
    return FR_OK;
}

/* As many tokens as the embedding has rows: libllama says the embedding's shape is wrong otherwise,
 * and nothing of the tokenizer. */
static int check_tokenizer(const struct gguf_context *gguf, struct ggml_context *tensors,
                           const char *path, struct fr_error *err) {
    char model[32] = "";
    copy_text(gguf, "tokenizer.ggml.model", model, sizeof model);
    const int64_t id = gguf_find_key(gguf, "tokenizer.ggml.tokens");
    if (model[0] == '\0' || strcmp(model, "none") == 0 || strcmp(model, "no_vocab") == 0 ||
        id < 0 || gguf_get_kv_type(gguf, id) != GGUF_TYPE_ARRAY)
        return fr_fail(err, FR_E_MODEL, "%s: the file has no tokenizer; convert the model again",
                       path);
    const struct ggml_tensor *embedding = ggml_get_tensor(tensors, "token_embd.weight");
    const long long n_tokens = (long long)gguf_get_arr_n(gguf, id);
    if (embedding != NULL && embedding->ne[1] != n_tokens)
        return fr_fail(err, FR_E_MODEL,
                       "%s: the tokenizer has %lld tokens, the weights are for %lld: they are of "
                       "two models; convert the model again with its own tokenizer",
                       path, n_tokens, (long long)embedding->ne[1]);
    return FR_OK;
}

/* What libllama reads without asking whether it can be meant. */
static int check_values(const struct gguf_context *gguf, const char *path,
                        const struct fr_model_info *info, struct fr_error *err) {
    static const char *const epsilons[] = {"attention.layer_norm_rms_epsilon",
                                           "attention.layer_norm_epsilon"};
    static const char template[] = "tokenizer.chat_template";
    int64_t id = gguf_find_key(gguf, template);
    if (id >= 0 && gguf_get_kv_type(gguf, id) != GGUF_TYPE_STRING)
        return fr_fail(err, FR_E_MODEL, "%s: %s is no text; convert the model again", path,
                       template);
    for (size_t i = 0; i < sizeof epsilons / sizeof *epsilons; i++) {
        char key[96];
        (void)snprintf(key, sizeof key, "%s.%s", info->architecture, epsilons[i]);
        id = gguf_find_key(gguf, key);
        if (id < 0 || gguf_get_kv_type(gguf, id) != GGUF_TYPE_FLOAT32)
            continue;
        const float epsilon = gguf_get_val_f32(gguf, id);
        if (!isfinite(epsilon) || epsilon <= 0)
            return fr_fail(err, FR_E_MODEL,
                           "%s: %s is %g, which no norm can be computed with; convert the model "
                           "again",
                           path, key, (double)epsilon);
    }
    return FR_OK;
}

/* The sum of a number that a file gives once, or for each layer. */
static double sum_of(const struct gguf_context *gguf, const char *key, int n_layers,
                     long long fallback) {
    const int64_t id = gguf_find_key(gguf, key);
    if (id < 0 || gguf_get_kv_type(gguf, id) != GGUF_TYPE_ARRAY)
        return (double)n_layers * (double)number_of(gguf, key, fallback);
    const enum gguf_type type = gguf_get_arr_type(gguf, id);
    double sum = 0;
    if (type != GGUF_TYPE_INT32 && type != GGUF_TYPE_UINT32)
        return (double)n_layers * (double)fallback;
    const int32_t *items = gguf_get_arr_data(gguf, id);
    for (size_t i = 0; i < gguf_get_arr_n(gguf, id) && i < (size_t)n_layers; i++)
        sum += items[i];
    return sum;
}

/* The largest of such numbers: blocks without attention have no heads. */
static long long most_of(const struct gguf_context *gguf, const char *key, long long fallback) {
    const int64_t id = gguf_find_key(gguf, key);
    if (id < 0 || gguf_get_kv_type(gguf, id) != GGUF_TYPE_ARRAY)
        return number_of(gguf, key, fallback);
    const enum gguf_type type = gguf_get_arr_type(gguf, id);
    if (type != GGUF_TYPE_INT32 && type != GGUF_TYPE_UINT32)
        return fallback;
    const int32_t *items = gguf_get_arr_data(gguf, id);
    long long most = 0;
    for (size_t i = 0; i < gguf_get_arr_n(gguf, id); i++)
        most = items[i] > most ? items[i] : most;
    return most;
}

static long long of_architecture(const struct gguf_context *gguf, const struct fr_model_info *info,
                                 const char *name, long long fallback) {
    char key[96];
    (void)snprintf(key, sizeof key, "%s.%s", info->architecture, name);
    return number_of(gguf, key, fallback);
}

static int count_of(long long n) { return n < 0 ? 0 : n > INT_MAX ? INT_MAX : (int)n; }

/* What decides memory and work. libllama's own numbers replace these once it has loaded. */
static void describe_shape(const struct gguf_context *gguf, struct ggml_context *tensors,
                           struct fr_model_info *info) {
    char key[96];
    info->n_layers = count_of(of_architecture(gguf, info, "block_count", 0));
    info->width = count_of(of_architecture(gguf, info, "embedding_length", 0));
    info->context_train = count_of(of_architecture(gguf, info, "context_length", 0));
    (void)snprintf(key, sizeof key, "%s.attention.head_count", info->architecture);
    const long long n_heads = most_of(gguf, key, 1);
    const long long head = n_heads > 0 ? info->width / n_heads : 0;
    (void)snprintf(key, sizeof key, "%s.attention.head_count_kv", info->architecture);
    info->cache_floats = sum_of(gguf, key, info->n_layers, n_heads) *
                         (double)(of_architecture(gguf, info, "attention.key_length", head) +
                                  of_architecture(gguf, info, "attention.value_length", head));
    info->n_heads = count_of(n_heads);
    info->n_heads_kv = count_of(most_of(gguf, key, n_heads));
    info->head_width = count_of(of_architecture(gguf, info, "attention.value_length", head));
    info->weight_bytes = 0;
    info->n_parameters = 0;
    for (int64_t i = 0; i < gguf_get_n_tensors(gguf); i++) {
        const struct ggml_tensor *tensor = ggml_get_tensor(tensors, gguf_get_tensor_name(gguf, i));
        info->weight_bytes += (double)gguf_get_tensor_size(gguf, i);
        info->n_parameters += tensor != NULL ? (long long)ggml_nelements(tensor) : 0;
    }
    const int64_t tokens = gguf_find_key(gguf, "tokenizer.ggml.tokens");
    info->n_vocab = count_of((long long)gguf_get_arr_n(gguf, tokens));
}

int fr_model_look(const char *path, struct fr_model_info *out, struct fr_error *err) {
    *out = (struct fr_model_info){0};
    fr_llama_log_install();
    return fr_llama_file_check(path, false, out, err);
}

int fr_llama_file_check(const char *path, bool vocabulary_only, struct fr_model_info *info,
                        struct fr_error *err) {
    long long size = 0;
    int status = check_magic(path, &size, err);
    if (status != FR_OK)
        return status;
    fr_llama_log_clear();
    struct ggml_context *tensors = NULL; /* their shapes, no data */
    struct gguf_context *gguf =
        gguf_init_from_file(path, (struct gguf_init_params){.no_alloc = true, .ctx = &tensors});
    if (gguf == NULL) {
        char cause[256];
        fr_llama_log_cause(cause, sizeof cause);
        return fr_fail(err, FR_E_INPUT,
                       "%s: the GGUF header cannot be read (%s); the file is truncated or damaged: "
                       "fetch it again",
                       path, cause[0] ? cause : "no reason given");
    }
    copy_text(gguf, "general.architecture", info->architecture, sizeof info->architecture);
    copy_text(gguf, "general.name", info->name, sizeof info->name);
    if (!vocabulary_only)
        name_quantization(gguf, info);
    if (info->architecture[0] == '\0')
        status =
            fr_fail(err, FR_E_MODEL,
                    "%s: the file does not name its architecture (general.architecture); is it "
                    "a language model?",
                    path);
    if (status == FR_OK && !vocabulary_only)
        status = check_kind(gguf, path, info, err);
    if (status == FR_OK && !vocabulary_only)
        status = check_tensors(gguf, path, size, err);
    if (status == FR_OK)
        status = check_tokenizer(gguf, tensors, path, err);
    if (status == FR_OK)
        status = check_values(gguf, path, info, err);
    if (status == FR_OK && !vocabulary_only)
        describe_shape(gguf, tensors, info);
    ggml_free(tensors);
    gguf_free(gguf);
    return status;
}
