/* See random_gguf.h. Weights have variance 1/inputs, so that activations keep their size through
 * the layers and logits differ clearly between tokens: normal ones, but for ternary weights, which
 * are -1, 0 and 1 with equal chances. Tensors are made as they are written, some rows at a time, so
 * that memory does not grow with the model. */
#include "support/random_gguf.h"

#include <ctype.h>
#include <errno.h>
#include <ggml.h>
#include <gguf.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/rng.h"
#include "base/text.h"

enum { N_BYTES = 256, N_SPECIAL = 5 };

const char *const fr_random_gguf_type_name[FR_RANDOM_GGUF_TYPE_COUNT] = {"F32", "F16", "Q8_0",
                                                                         "Q4_K", "TQ2_0"};
static const enum ggml_type ggml_types[FR_RANDOM_GGUF_TYPE_COUNT] = {GGML_TYPE_F32, GGML_TYPE_F16,
                                                                     GGML_TYPE_Q8_0, GGML_TYPE_Q4_K,
                                                                     GGML_TYPE_TQ2_0};

static const char *const default_words[] = {"attack", "succumb",  "overcome", "feast",
                                            "planet", "province", "harmony",  "pain",
                                            "craves", "object",   "plan",     "Paint"};

static const char think_template[] =
    "{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content + "
    "'<|im_end|>' + '\\n' }}{%- endfor %}{%- if add_generation_prompt %}{{- "
    "'<|im_start|>assistant\\n<think>\\n' }}{%- endif %}";

struct fr_random_gguf fr_random_gguf_defaults(void) {
    return (struct fr_random_gguf){
        .architecture = "qwen2",
        .n_layers = 3,
        .width = 64,
        .n_heads = 2,
        .n_heads_kv = 1,
        .n_ff = 128,
        .context = 1024,
        .type = FR_RANDOM_GGUF_F32,
        .n_vocab = 512,
        .words = default_words,
        .n_words = (int)(sizeof default_words / sizeof *default_words),
        .chat_template = NULL,
        .seed = 1,
        .damage = FR_RANDOM_GGUF_WHOLE,
    };
}

/* -- vocabulary ----------------------------------------------------------------------------- */

/* GPT-2 writes byte b as the character b where that is printable, else as 256 + k for the k-th
 * unprintable byte; out is UTF-8. */
static void byte_token(int byte, char out[4]) {
    int code = byte, unprintable = 0;
    const bool printable =
        (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    if (!printable) {
        for (int b = 0; b < byte; b++)
            unprintable += !((b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174);
        code = 256 + unprintable;
    }
    if (code < 128) {
        out[0] = (char)code;
        out[1] = '\0';
    } else {
        out[0] = (char)(0xC0 | (code >> 6));
        out[1] = (char)(0x80 | (code & 63));
        out[2] = '\0';
    }
}

/* Merges, and the tokens that they make, behind those that are there. */
struct merges {
    const struct fr_random_gguf *model;
    char **tokens;
    int n_tokens; /* <= model->n_vocab */
    char **merges;
    int n, capacity;
};

/* The token of the two that are merged, unless the vocabulary is full. */
static void add_merge(struct merges *m, const char *left, const char *right) {
    struct fr_text text = {0};
    if (m->n_tokens == m->model->n_vocab)
        return;
    fr_text_printf(&text, "%s%s", left, right);
    m->tokens[m->n_tokens++] = fr_text_take(&text);
    fr_text_printf(&text, "%s %s", left, right);
    FR_RESERVE(m->merges, m->n, m->capacity);
    m->merges[m->n++] = fr_text_take(&text);
}

struct piece {
    const char *word;
    int n; /* its first letters */
};

static int compare_pieces(const void *a, const void *b) {
    const struct piece *x = a, *y = b;
    return x->n != y->n ? x->n - y->n : memcmp(x->word, y->word, (size_t)x->n);
}

/* Every word of the text is made letter by letter behind a blank, " c" " cr" " cra" ..., shorter
 * ones first; no letters inside a word merge, so that it becomes one token. */
static void add_words_of_text(struct merges *m) {
    enum { LETTERS = 31 };
    struct piece *pieces = NULL;
    int n = 0, capacity = 0;
    for (const char *at = m->model->text; *at != '\0'; at++)
        for (int k = 1; k <= LETTERS && isalpha((unsigned char)at[k - 1]) != 0 &&
                        (at == m->model->text || isalpha((unsigned char)at[-1]) == 0);
             k++) {
            FR_RESERVE(pieces, n, capacity);
            pieces[n++] = (struct piece){at, k};
        }
    if (n > 0)
        qsort(pieces, (size_t)n, sizeof *pieces, compare_pieces);
    for (int i = 0; i < n; i++) {
        char left[4 + LETTERS], right[2] = {pieces[i].word[pieces[i].n - 1], '\0'};
        if (i > 0 && compare_pieces(&pieces[i - 1], &pieces[i]) == 0)
            continue;
        (void)snprintf(left, sizeof left, "\xC4\xA0%.*s", pieces[i].n - 1, pieces[i].word);
        add_merge(m, left, right);
    }
    free(pieces);
}

/* The rest: Chinese characters of three bytes each, then pairs of them. */
static void add_characters(struct merges *m) {
    enum { FIRST = 0x4E00, END = 0xA000, N = END - FIRST };
    const char **made = fr_alloc(N, sizeof *made);
    for (int code = FIRST; code < END && m->n_tokens < m->model->n_vocab; code++) {
        char bytes[3][4], both[8];
        byte_token(0xE0 | (code >> 12), bytes[0]);
        byte_token(0x80 | ((code >> 6) & 63), bytes[1]);
        byte_token(0x80 | (code & 63), bytes[2]);
        (void)snprintf(both, sizeof both, "%s%s", bytes[0], bytes[1]);
        if ((code & 63) == 0)
            add_merge(m, bytes[0], bytes[1]);
        add_merge(m, both, bytes[2]);
        made[code - FIRST] = m->tokens[m->n_tokens - 1];
    }
    for (int i = 0; i < N && m->n_tokens < m->model->n_vocab; i++)
        for (int j = 0; j < N && m->n_tokens < m->model->n_vocab; j++)
            add_merge(m, made[i], made[j]);
    free(made);
}

static int add_vocabulary(struct gguf_context *gguf, const struct fr_random_gguf *model,
                          struct fr_error *err) {
    static const char *const special[N_SPECIAL] = {"<|endoftext|>", "<|im_start|>", "<|im_end|>",
                                                   "<think>", "</think>"};
    static const char *merges[] = {"\xC4\xA0 t"};
    enum { NORMAL = 1, CONTROL = 3, USER_DEFINED = 4 };
    const int fixed = N_BYTES + N_SPECIAL + 1 + model->n_words;
    if (model->n_vocab < fixed)
        return fr_fail(err, FR_E_INPUT, "n_vocab is %d; at least %d are needed", model->n_vocab,
                       fixed);
    char **tokens = fr_alloc((size_t)model->n_vocab, sizeof *tokens);
    int32_t *types = fr_alloc((size_t)model->n_vocab, sizeof *types);
    int n = 0;
    char text[64];
    for (int byte = 0; byte < N_BYTES; byte++, n++) {
        byte_token(byte, text);
        if (byte == 'z' && model->damage == FR_RANDOM_GGUF_MISSING_BYTE)
            strcpy(text, "nobyte");
        tokens[n] = fr_strdup(text);
        types[n] = NORMAL;
    }
    for (int i = 0; i < N_SPECIAL; i++, n++) {
        tokens[n] = fr_strdup(special[i]);
        types[n] = i < 3 ? CONTROL : USER_DEFINED;
    }
    if (model->text == NULL) {
        tokens[n] = fr_strdup("\xC4\xA0t");
        types[n++] = NORMAL;
    }
    for (int i = 0; i < model->n_words; i++, n++) {
        (void)snprintf(text, sizeof text, "\xC4\xA0%s", model->words[i]);
        tokens[n] = fr_strdup(text);
        types[n] = NORMAL;
    }
    struct merges made = {.model = model, .tokens = tokens, .n_tokens = n};
    if (model->text != NULL) {
        add_words_of_text(&made);
        add_characters(&made);
    }
    for (; n < made.n_tokens; n++)
        types[n] = NORMAL;
    for (int i = 0; n < model->n_vocab; i++, n++) {
        (void)snprintf(text, sizeof text, "\xC4\xA0word%d", i);
        tokens[n] = fr_strdup(text);
        types[n] = NORMAL;
    }
    const size_t n_written = (size_t)n - (model->damage == FR_RANDOM_GGUF_OTHER_TOKENIZER ? 8 : 0);
    gguf_set_val_str(gguf, "tokenizer.ggml.model",
                     model->damage == FR_RANDOM_GGUF_UNKNOWN_TOKENIZER ? "abacus" : "gpt2");
    gguf_set_val_str(gguf, "tokenizer.ggml.pre", model->text != NULL ? "qwen2" : "llama-bpe");
    gguf_set_arr_str(gguf, "tokenizer.ggml.tokens", (const char **)(void *)tokens, n_written);
    gguf_set_arr_data(gguf, "tokenizer.ggml.token_type", GGUF_TYPE_INT32, types, n_written);
    if (model->text != NULL)
        gguf_set_arr_str(gguf, "tokenizer.ggml.merges", (const char **)(void *)made.merges,
                         (size_t)made.n);
    else
        gguf_set_arr_str(gguf, "tokenizer.ggml.merges", merges, 1);
    gguf_set_val_u32(gguf, "tokenizer.ggml.bos_token_id", N_BYTES);
    gguf_set_val_u32(gguf, "tokenizer.ggml.eos_token_id", N_BYTES + 2);
    gguf_set_val_bool(gguf, "tokenizer.ggml.add_bos_token",
                      model->damage == FR_RANDOM_GGUF_WANTS_BEGIN);
    for (int i = 0; i < n; i++)
        free(tokens[i]);
    for (int i = 0; i < made.n; i++)
        free(made.merges[i]);
    free(made.merges);
    free(tokens);
    free(types);
    if (model->chat_template == NULL || model->chat_template[0] != '\0')
        gguf_set_val_str(gguf, "tokenizer.chat_template",
                         model->chat_template != NULL ? model->chat_template : think_template);
    return FR_OK;
}

/* -- weights -------------------------------------------------------------------------------- */

struct planned {
    struct ggml_tensor *tensor;
    double mean, deviation;
};

struct writer {
    struct gguf_context *gguf;
    struct ggml_context *tensors; /* without their data */
    const struct fr_random_gguf *model;
    struct fr_rng rng;
    struct planned *planned;
    int n, capacity;
};

/* A matrix of rows x inputs (rows 0: a vector) with entries around mean. */
static void add_tensor(struct writer *w, const char *name, int inputs, int rows, double mean,
                       double deviation) {
    const enum ggml_type type = rows > 0 ? ggml_types[w->model->type] : GGML_TYPE_F32;
    struct ggml_tensor *tensor = rows > 0 ? ggml_new_tensor_2d(w->tensors, type, inputs, rows)
                                          : ggml_new_tensor_1d(w->tensors, type, inputs);
    (void)ggml_set_name(tensor, name);
    gguf_add_tensor(w->gguf, tensor);
    FR_RESERVE(w->planned, w->n, w->capacity);
    w->planned[w->n++] = (struct planned){tensor, mean, deviation};
}

/* Blocks of TQ2_0: 64 bytes of four numbers 0, 1 and 2, less one, then what they are times, in half
 * precision. A byte of chance chooses one of the 81 bytes that there are. */
static void make_ternary(struct fr_rng *rng, double deviation, size_t n_bytes, unsigned char *out) {
    enum { CODES = 64, BLOCK = CODES + 2 };
    unsigned char bytes[256];
    const ggml_fp16_t scale = ggml_fp32_to_fp16((float)(deviation * sqrt(1.5)));
    FR_ASSERT(ggml_type_size(GGML_TYPE_TQ2_0) == BLOCK && n_bytes % BLOCK == 0);
    for (int i = 0; i < 256; i++) {
        const int k = i * 81 / 256;
        bytes[i] = (unsigned char)(k % 3 | k / 3 % 3 << 2 | k / 9 % 3 << 4 | k / 27 << 6);
    }
    for (unsigned char *block = out; block < out + n_bytes; block += BLOCK) {
        for (int i = 0; i < CODES; i += 8) {
            const uint64_t chance = fr_rng_next(rng);
            for (int j = 0; j < 8; j++)
                block[i + j] = bytes[chance >> (8 * j) & 255];
        }
        memcpy(block + CODES, &scale, sizeof scale);
    }
}

static void make_rows(struct writer *w, const struct planned *p, int n_rows, float *values,
                      void *out) {
    const enum ggml_type type = p->tensor->type;
    const int64_t inputs = p->tensor->ne[0];
    const size_t n = (size_t)n_rows * (size_t)inputs;
    if (type == GGML_TYPE_TQ2_0) {
        make_ternary(&w->rng, p->deviation, (size_t)n_rows * ggml_row_size(type, inputs), out);
        return;
    }
    for (size_t i = 0; i < n; i++)
        values[i] = (float)(p->mean + p->deviation * fr_rng_normal(&w->rng));
    (void)ggml_quantize_chunk(type, values, out, 0, n_rows, inputs, NULL);
}

static bool write_tensor(struct writer *w, const struct planned *p, FILE *out) {
    enum { ROWS = 256 };
    static const char zeros[64];
    const int rows = (int)p->tensor->ne[1];
    const size_t row_bytes = ggml_row_size(p->tensor->type, p->tensor->ne[0]);
    const size_t align = gguf_get_alignment(w->gguf), rest = (size_t)rows * row_bytes % align;
    float *values = fr_alloc((size_t)p->tensor->ne[0] * ROWS, sizeof *values);
    void *bytes = fr_alloc(row_bytes, ROWS);
    bool whole = true;
    FR_ASSERT(align <= sizeof zeros);
    for (int done = 0; whole && done < rows; done += ROWS) {
        const int n = rows - done < ROWS ? rows - done : ROWS;
        make_rows(w, p, n, values, bytes);
        whole = fwrite(bytes, row_bytes, (size_t)n, out) == (size_t)n;
    }
    free(values);
    free(bytes);
    return whole && (rest == 0 || fwrite(zeros, align - rest, 1, out) == 1);
}

static int write_file(struct writer *w, const char *path, struct fr_error *err) {
    FILE *out = fopen(path, "wb");
    bool whole = out != NULL && gguf_write_to_file_ptr(w->gguf, out, true);
    for (int i = 0; whole && i < w->n; i++)
        whole = write_tensor(w, &w->planned[i], out);
    const int failed = errno;
    if (out != NULL)
        whole = fclose(out) == 0 && whole;
    return whole ? FR_OK
                 : fr_fail(err, FR_E_IO, "%s: cannot be written: %s", path, strerror(failed));
}

static void add_matrix(struct writer *w, const char *name, int inputs, int rows) {
    add_tensor(w, name, inputs, rows, 0.0, 1.0 / sqrt((double)inputs));
}

/* Architectures, and which of the table's tensors a block of each has. */
enum {
    QWEN2 = 1 << 0,
    LLAMA = 1 << 1,
    QWEN3 = 1 << 2,
    MISTRAL3 = 1 << 3,
    SEED_OSS = 1 << 4,
    DECI = 1 << 5,
    GEMMA2 = 1 << 6,
    GEMMA3 = 1 << 7,
    PHI3 = 1 << 8,
    GPTNEOX = 1 << 9,
    ANY = (1 << 10) - 1,
    SPLIT = ANY & ~(PHI3 | GPTNEOX), /* q, k, v apart; a gate beside the MLP's input */
};
static const struct {
    const char *name;
    unsigned bit;
} architectures[] = {{"qwen2", QWEN2},       {"llama", LLAMA}, {"qwen3", QWEN3},
                     {"mistral3", MISTRAL3}, {"deci", DECI},   {"seed_oss", SEED_OSS},
                     {"gemma2", GEMMA2},     {"phi3", PHI3},   {"gemma3", GEMMA3},
                     {"gptneox", GPTNEOX}};

static unsigned bit_of(const char *architecture) {
    for (size_t i = 0; i < sizeof architectures / sizeof *architectures; i++)
        if (strcmp(architectures[i].name, architecture) == 0)
            return architectures[i].bit;
    return QWEN2; /* what is damaged on purpose */
}

/* Sizes of a block's tensors. NONE: a vector. */
enum size { NONE, WIDTH, HEAD, KV, QKV, FF, FF_TWICE, N_SIZES };
/* Vectors: around one, or around zero. */
enum { AROUND_0, AROUND_1 };
/* Blocks of deci in turn: attention, none, a matrix in its place, attention. */
enum block { ATTENTION = 1 << 0, WITHOUT = 1 << 1, LINEAR = 1 << 2, EVERY = 7 };

static enum block block_of(const char *architecture, int layer) {
    static const enum block in_turn[] = {ATTENTION, WITHOUT, LINEAR, ATTENTION};
    return bit_of(architecture) == DECI ? in_turn[layer % 4] : ATTENTION;
}

static const struct {
    const char *name;
    enum size inputs, rows;
    int mean;
    unsigned architectures, blocks;
} block_tensors[] = {
    {"attn_norm.weight", WIDTH, NONE, AROUND_1, ANY, ATTENTION | LINEAR},
    {"ffn_norm.weight", WIDTH, NONE, AROUND_1, ANY & ~SEED_OSS, EVERY},
    {"attn_norm.bias", WIDTH, NONE, AROUND_0, GPTNEOX, EVERY},
    {"ffn_norm.bias", WIDTH, NONE, AROUND_0, GPTNEOX, EVERY},
    {"post_attention_norm.weight", WIDTH, NONE, AROUND_1, GEMMA2 | GEMMA3 | SEED_OSS, EVERY},
    {"post_ffw_norm.weight", WIDTH, NONE, AROUND_1, GEMMA2 | GEMMA3, EVERY},
    {"attn_q_norm.weight", HEAD, NONE, AROUND_1, QWEN3 | GEMMA3, EVERY},
    {"attn_k_norm.weight", HEAD, NONE, AROUND_1, QWEN3 | GEMMA3, EVERY},
    {"attn_qkv.weight", WIDTH, QKV, AROUND_0, PHI3 | GPTNEOX, EVERY},
    {"attn_qkv.bias", QKV, NONE, AROUND_0, GPTNEOX, EVERY},
    {"attn_q.weight", WIDTH, WIDTH, AROUND_0, SPLIT, ATTENTION},
    {"attn_q.bias", WIDTH, NONE, AROUND_0, QWEN2, EVERY},
    {"attn_k.weight", WIDTH, KV, AROUND_0, SPLIT, ATTENTION},
    {"attn_k.bias", KV, NONE, AROUND_0, QWEN2, EVERY},
    {"attn_v.weight", WIDTH, KV, AROUND_0, SPLIT, ATTENTION},
    {"attn_v.bias", KV, NONE, AROUND_0, QWEN2, EVERY},
    {"attn_output.weight", WIDTH, WIDTH, AROUND_0, ANY, ATTENTION | LINEAR},
    {"attn_output.bias", WIDTH, NONE, AROUND_0, GPTNEOX | MISTRAL3, EVERY},
    {"ffn_gate.weight", WIDTH, FF, AROUND_0, SPLIT, EVERY},
    {"ffn_up.weight", WIDTH, FF, AROUND_0, ANY & ~PHI3, EVERY},
    {"ffn_up.weight", WIDTH, FF_TWICE, AROUND_0, PHI3, EVERY},
    {"ffn_up.bias", FF, NONE, AROUND_0, GPTNEOX, EVERY},
    {"ffn_down.weight", FF, WIDTH, AROUND_0, ANY, EVERY},
    {"ffn_down.bias", WIDTH, NONE, AROUND_0, GPTNEOX, EVERY},
};

static void add_layer(struct writer *w, int layer) {
    const struct fr_random_gguf *m = w->model;
    const int head = m->width / m->n_heads, kv = head * m->n_heads_kv;
    const int sizes[N_SIZES] =
        {[WIDTH] = m->width,        [HEAD] = head,  [KV] = kv,
         [QKV] = m->width + 2 * kv, [FF] = m->n_ff, [FF_TWICE] = 2 * m->n_ff};
    const unsigned architecture = bit_of(m->architecture);
    const unsigned block = block_of(m->architecture, layer);
    char name[64];
    for (size_t i = 0; i < sizeof block_tensors / sizeof *block_tensors; i++) {
        const int inputs = sizes[block_tensors[i].inputs], rows = sizes[block_tensors[i].rows];
        if ((block_tensors[i].architectures & architecture) == 0 ||
            (block_tensors[i].blocks & block) == 0 ||
            (m->damage == FR_RANDOM_GGUF_MISSING_TENSOR && layer == 0 &&
             strcmp(block_tensors[i].name, "ffn_down.weight") == 0))
            continue;
        (void)snprintf(name, sizeof name, "blk.%d.%s", layer, block_tensors[i].name);
        if (rows > 0)
            add_matrix(w, name, inputs, rows);
        else
            add_tensor(w, name, inputs, 0, block_tensors[i].mean == AROUND_1 ? 1.0 : 0.0, 0.1);
    }
}

static void add_weights(struct writer *w) {
    const struct fr_random_gguf *m = w->model;
    add_tensor(w, "token_embd.weight", m->width, m->n_vocab, 0.0, 1.0);
    for (int layer = 0; layer < m->n_layers; layer++)
        add_layer(w, layer);
    add_tensor(w, "output_norm.weight", m->width, 0,
               m->damage == FR_RANDOM_GGUF_NOT_NUMBERS ? (double)NAN : 1.0, 0.1);
    if (bit_of(m->architecture) == GPTNEOX)
        add_tensor(w, "output_norm.bias", m->width, 0, 0.0, 0.1);
    if (bit_of(m->architecture) != GEMMA2) /* which has none of its own */
        add_matrix(w, "output.weight", m->width, m->n_vocab);
}

/* Deci tells the numbers of heads by layer. */
static void add_heads_by_layer(struct gguf_context *gguf, const struct fr_random_gguf *m) {
    uint32_t *heads = fr_alloc((size_t)m->n_layers, sizeof *heads);
    uint32_t *kv = fr_alloc((size_t)m->n_layers, sizeof *kv);
    for (int layer = 0; layer < m->n_layers; layer++) {
        const enum block block = block_of(m->architecture, layer);
        heads[layer] = block != WITHOUT ? (uint32_t)m->n_heads : 0;
        kv[layer] = block == ATTENTION ? (uint32_t)m->n_heads_kv : 0;
    }
    const size_t n = (size_t)m->n_layers;
    gguf_set_arr_data(gguf, "deci.attention.head_count", GGUF_TYPE_UINT32, heads, n);
    gguf_set_arr_data(gguf, "deci.attention.head_count_kv", GGUF_TYPE_UINT32, kv, n);
    free(heads);
    free(kv);
}

static void add_shape(struct gguf_context *gguf, const struct fr_random_gguf *m,
                      const char *architecture) {
    const struct {
        const char *key;
        int value;
    } numbers[] = {
        {"context_length", m->context},
        {"embedding_length", m->width},
        {"block_count", m->n_layers},
        {"feed_forward_length", m->n_ff},
        {"attention.head_count", m->n_heads},
        {"attention.head_count_kv", m->n_heads_kv},
        {"rope.dimension_count", m->width / m->n_heads},
    };
    char key[96];
    gguf_set_val_str(gguf, "general.architecture", architecture);
    gguf_set_val_str(gguf, "general.name", "random weights");
    if (m->file_type != 0)
        gguf_set_val_u32(gguf, "general.file_type", m->file_type);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        (void)snprintf(key, sizeof key, "%s.%s", architecture, numbers[i].key);
        gguf_set_val_u32(gguf, key, (uint32_t)numbers[i].value);
    }
    if (bit_of(m->architecture) == DECI)
        add_heads_by_layer(gguf, m);
    (void)snprintf(key, sizeof key, "%s.attention.layer_norm_%sepsilon", architecture,
                   bit_of(m->architecture) == GPTNEOX ? "" : "rms_");
    gguf_set_val_f32(gguf, key, 1e-6f);
    if (bit_of(m->architecture) == GPTNEOX)
        gguf_set_val_bool(gguf, "gptneox.use_parallel_residual", true);
    (void)snprintf(key, sizeof key, "%s.rope.freq_base", architecture);
    gguf_set_val_f32(gguf, key, m->rope_base > 0 ? m->rope_base : 10000.0f);
    if (m->damage == FR_RANDOM_GGUF_EMBEDDING_MODEL) {
        (void)snprintf(key, sizeof key, "%s.pooling_type", architecture);
        gguf_set_val_u32(gguf, key, 1);
    }
}

static int damage_file(const char *path, const struct fr_random_gguf *m, size_t data_bytes,
                       size_t file_bytes, struct fr_error *err) {
    int failed = 0;
    if (m->damage == FR_RANDOM_GGUF_TRUNCATED_HEADER)
        failed = truncate(path, 2000);
    if (m->damage == FR_RANDOM_GGUF_TRUNCATED_DATA)
        failed = truncate(path, (off_t)(file_bytes - data_bytes / 2));
    if (m->damage == FR_RANDOM_GGUF_NO_MAGIC) {
        FILE *file = fopen(path, "r+b");
        failed = file == NULL || fwrite("\x7f"
                                        "ELF",
                                        1, 4, file) != 4;
        if (file != NULL)
            failed |= fclose(file) != 0;
    }
    return failed ? fr_fail(err, FR_E_IO, "%s: cannot be damaged", path) : FR_OK;
}

int fr_random_gguf_write(const char *path, const struct fr_random_gguf *model,
                         struct fr_error *err) {
    const char *architecture = model->architecture;
    if (model->damage == FR_RANDOM_GGUF_ENCODER)
        architecture = "bert";
    if (model->damage == FR_RANDOM_GGUF_UNKNOWN_ARCHITECTURE)
        architecture = "abacus";
    struct writer w = {.gguf = gguf_init_empty(), .model = model};
    const size_t most =
        3 + (size_t)model->n_layers * (sizeof block_tensors / sizeof *block_tensors);
    w.tensors = ggml_init((struct ggml_init_params){.mem_size = (most + 1) * ggml_tensor_overhead(),
                                                    .no_alloc = true});
    fr_rng_seed(&w.rng, model->seed, 0);
    add_shape(w.gguf, model, architecture);
    int status = FR_OK;
    if (model->damage != FR_RANDOM_GGUF_NO_TOKENIZER)
        status = add_vocabulary(w.gguf, model, err);
    if (status == FR_OK && model->damage != FR_RANDOM_GGUF_VOCABULARY_ONLY)
        add_weights(&w);
    if (status == FR_OK)
        status = write_file(&w, path, err);
    if (status == FR_OK) {
        size_t data_bytes = 0;
        const size_t meta_bytes = gguf_get_meta_size(w.gguf);
        for (int64_t i = 0; i < gguf_get_n_tensors(w.gguf); i++)
            data_bytes += gguf_get_tensor_size(w.gguf, i);
        status = damage_file(path, model, data_bytes, meta_bytes + data_bytes, err);
    }
    free(w.planned);
    ggml_free(w.tensors);
    gguf_free(w.gguf);
    return status;
}
