/* What of a model decides memory and work: shapes of models that are not here, the cache's bytes,
 * and what can be refused before a weight is read. No libllama in here. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "model/backend.h"

/* Bits a weight takes, scales included. Of mixed types the mean that llama.cpp's quantisation gives
 * models of some ten billion weights. */
static const struct {
    const char *name;
    double bits;
} types[] = {{"q8_0", 8.5},    {"f16", 16},     {"bf16", 16},     {"f32", 32},
             {"q6_k", 6.57},   {"q5_k_m", 5.7}, {"q4_k_m", 4.85}, {"q4_0", 4.55},
             {"q3_k_m", 3.91}, {"q2_k", 3.0},   {"tq2_0", 2.15}};
enum { N_TYPES = sizeof types / sizeof *types };

/* The models of the paper, as their configurations say. kv: floats of the keys of a token in one
 * layer. */
static const struct known {
    const char *name;
    int layers, width, kv, vocabulary, context;
    long long parameters;
} known[] = {
    {"qwq-32b", 64, 5120, 1024, 152064, 40960, 32763876352},
    {"qwen2.5-32b", 64, 5120, 1024, 152064, 32768, 32763876352},
    {"deepseek-r1-distill-qwen-32b", 64, 5120, 1024, 152064, 131072, 32763876352},
    {"llama-3.3-70b", 80, 8192, 1024, 128256, 131072, 70553706496},
    {"seed-oss-36b", 64, 5120, 1024, 155136, 524288, 36151104512},
};
enum { N_KNOWN = sizeof known / sizeof *known };

static void take_known(const struct known *k, struct fr_model_info *out) {
    (void)snprintf(out->name, sizeof out->name, "%s", k->name);
    out->n_layers = k->layers;
    out->width = k->width;
    out->cache_floats = 2.0 * k->kv * k->layers;
    out->n_vocab = k->vocabulary;
    out->context_train = k->context;
    out->n_parameters = k->parameters;
}

static void add_names(struct fr_text *out) {
    fr_text_add(out, "use one of");
    for (int i = 0; i < N_KNOWN; i++)
        fr_text_printf(out, " %s", known[i].name);
    fr_text_add(out, ", or layers= width= kv= vocabulary= context= parameters=; and one of");
    for (int i = 0; i < N_TYPES; i++)
        fr_text_printf(out, " %s", types[i].name);
}

/* What words a shape has had, as bits; each is said once, and numbers after the name whose they
 * replace. */
enum { SAID_NAME = 1, SAID_TYPE = 2, SAID_NUMBER = 4 /* and each next bit the next number */ };

/* One word: a name, a number, or a type; what it is is added to *said. */
static bool take_word(const char *word, struct fr_model_info *out, double *kv, double *bits,
                      unsigned *said) {
    static const char *const names[] = {"layers",     "width",   "kv",
                                        "vocabulary", "context", "parameters"};
    enum { N_NAMES = sizeof names / sizeof *names };
    for (int i = 0; i < N_KNOWN; i++)
        if (strcasecmp(word, known[i].name) == 0) {
            take_known(&known[i], out);
            *kv = known[i].kv;
            *said |= SAID_NAME;
            return true;
        }
    for (int i = 0; i < N_TYPES; i++)
        if (strcasecmp(word, types[i].name) == 0) {
            (void)snprintf(out->quantization, sizeof out->quantization, "%s", types[i].name);
            for (char *p = out->quantization; *p != '\0'; p++)
                *p = (char)toupper((unsigned char)*p);
            *bits = types[i].bits;
            *said |= SAID_TYPE;
            return true;
        }
    for (int i = 0; i < N_NAMES; i++) {
        const size_t n = strlen(names[i]);
        if (strncmp(word, names[i], n) != 0 || word[n] != '=')
            continue;
        char *end;
        const double value = strtod(word + n + 1, &end);
        if (*end != '\0' || !(value >= 1) || value > (i == 5 ? 1e15 : 1e8))
            return false;
        if (i == 2)
            *kv = value;
        else if (i == 5)
            out->n_parameters = (long long)value;
        else
            *(int *[]){&out->n_layers, &out->width, NULL, &out->n_vocab, &out->context_train}[i] =
                (int)value;
        *said |= (unsigned)SAID_NUMBER << i;
        return true;
    }
    return false;
}

int fr_model_info_like(const char *text, struct fr_model_info *out, struct fr_error *err) {
    double kv = 0, bits = types[0].bits;
    unsigned said = 0;
    *out = (struct fr_model_info){.quantization = "Q8_0"};
    char *words = fr_strdup(text), *rest = NULL;
    int code = FR_OK;
    struct fr_text names = {0};
    add_names(&names);
    for (char *word = strtok_r(words, " ,", &rest); code == FR_OK && word != NULL;
         word = strtok_r(NULL, " ,", &rest)) {
        const unsigned before = said;
        if (!take_word(word, out, &kv, &bits, &said))
            code = fr_fail(err, FR_E_INPUT, "\"%.60s\" is no shape of a model; %s", word,
                           fr_text_get(&names));
        else if (said == before || (said - before == SAID_NAME && before >= SAID_NUMBER))
            code = fr_fail(err, FR_E_INPUT,
                           "\"%.60s\" comes after another word for the same; give one name or "
                           "none, then numbers, each once, and one type",
                           word);
    }
    if (code == FR_OK && (out->n_layers == 0 || out->width == 0 || out->n_vocab == 0 ||
                          out->context_train == 0 || out->n_parameters == 0 || kv == 0))
        code = fr_fail(err, FR_E_INPUT, "\"%.120s\" is not all of a model's shape; %s", text,
                       fr_text_get(&names));
    if (code == FR_OK) {
        if (out->name[0] == '\0')
            (void)snprintf(out->name, sizeof out->name, "%.90s", text);
        out->cache_floats = 2 * kv * out->n_layers;
        out->weight_bytes = bits / 8 * (double)out->n_parameters;
    }
    fr_text_release(&names);
    free(words);
    return code;
}

/* ---- memory ---------------------------------------------------------------------------------- */

int fr_model_cells(int context_tokens) { return (context_tokens + 1 + 255) / 256 * 256; }

int fr_model_decode_width(const struct fr_model_options *options) {
    const int at_least = options->deterministic && options->use != FR_USE_PREFILL ? 2 : 1;
    return options->n_slots > at_least ? options->n_slots : at_least;
}

int fr_model_sequences(const struct fr_model_options *options) {
    return fr_model_decode_width(options) + (options->use == FR_USE_SHARED);
}

double fr_model_cache_bytes(const struct fr_model_info *info, int kv_type, int tokens) {
    /* a block of 32: its values, and a scale in half precision */
    static const double bytes[FR_KV_TYPE_COUNT] = {[FR_KV_F16] = 2,
                                                   [FR_KV_F32] = 4,
                                                   [FR_KV_BF16] = 2,
                                                   [FR_KV_Q8_0] = 34.0 / 32,
                                                   [FR_KV_Q4_0] = 18.0 / 32};
    return bytes[kv_type] * info->cache_floats * fr_model_cells(tokens);
}

int fr_model_check_options(const struct fr_model_options *options, const struct fr_model_info *info,
                           struct fr_error *err) {
    const int status = fr_model_options_check(options, err);
    if (status != FR_OK)
        return status;
    if (options->deterministic && options->gpu_layers != 0)
        return fr_fail(
            err, FR_E_INPUT,
            "%s: model.deterministic is refused with model.gpu_layers %d: devices choose their "
            "kernels by the size of the batch; set model.deterministic to false and "
            "keep model.slots fixed",
            options->path, options->gpu_layers);
    if (info->context_train > 0 && options->context_tokens > info->context_train)
        return fr_fail(
            err, FR_E_INPUT,
            "%s: model.context_tokens is %d but the model was trained for %d; lower it, or use "
            "a GGUF with rope scaling set",
            options->path, options->context_tokens, info->context_train);
    return FR_OK;
}

int fr_model_check(const struct fr_model_options *options, const struct fr_model_info *info,
                   int n_handles, struct fr_error *err) {
    const int status = fr_model_check_options(options, info, err);
    if (status != FR_OK)
        return status;
    if (options->gpu_layers != 0)
        return FR_OK; /* libllama knows the device's memory */
    const double have = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    const int n_sequences = fr_model_sequences(options);
    const double each =
        n_sequences * fr_model_cache_bytes(info, options->kv_type, options->context_tokens);
    const double need = info->weight_bytes + n_handles * each;
    if (need > have)
        return fr_fail(
            err, FR_E_MODEL,
            "%s: weights of %.1f GiB and %d cache%s of %d slots x %d tokens need %.1f GiB, the "
            "machine has %.1f; lower model.slots or model.context_tokens%s%s",
            options->path, info->weight_bytes / 0x1p30, n_handles, n_handles > 1 ? "s" : "",
            options->n_slots, options->context_tokens, need / 0x1p30, have / 0x1p30,
            options->kv_type < FR_KV_Q8_0 ? ", or set model.kv_type to q8_0" : "",
            n_handles > 1 ? ", or lower model.workers" : "");
    return FR_OK;
}
