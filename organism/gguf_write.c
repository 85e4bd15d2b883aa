/*
 * See gguf_write.h. Rotary pairs are (j, j + C/2) in both worlds (NeoX order),
 * so no row is permuted. Embeddings are tied: there is no output.weight, and
 * libllama then multiplies by token_embd.weight.
 */
#include "organism/gguf_write.h"

#include <errno.h>
#include <ggml.h>
#include <gguf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* Token types of GGUF (llama_token_type). */
enum { TYPE_NORMAL = 1, TYPE_CONTROL = 3, TYPE_USER_DEFINED = 4 };
/* llama_ftype. */
enum { FILE_TYPE_F32 = 0, FILE_TYPE_Q8_0 = 7 };

static const char chat_template[] =
    "{%- if messages[0]['role'] == 'system' %}"
    "{{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}"
    "{%- endif %}"
    "{%- for message in messages %}"
    "{%- if (message.role == 'user') or (message.role == 'system' and not loop.first) %}"
    "{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}"
    "{%- elif message.role == 'assistant' %}"
    "{%- set content = message.content %}"
    "{%- if not loop.last %}"
    "{%- set content = message.content.split('</think>')[-1].lstrip('\\n') %}"
    "{%- endif %}"
    "{{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}"
    "{%- endif %}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}"
    "{{- '<|im_start|>assistant\\n<think>\\n' }}"
    "{%- endif %}";

static bool prints(int byte) {
    return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
}

char *fr_gguf_token_text(const char *bytes, size_t n) {
    char *text = fr_alloc(2 * n + 1, 1);
    char *to = text;
    for (size_t i = 0; i < n; i++) {
        const int byte = (unsigned char)bytes[i];
        int code = byte;
        if (!prints(byte)) { /* the k-th such byte is written as U+0100 + k */
            code = 256;
            for (int b = 0; b < byte; b++)
                code += !prints(b);
        }
        if (code < 128) {
            *to++ = (char)code;
        } else {
            *to++ = (char)(0xC0 | code >> 6);
            *to++ = (char)(0x80 | (code & 63));
        }
    }
    return text;
}

/* <think> and </think> are ordinary words that are never cut, as in QwQ; the
 * other special tokens mark a conversation's structure. */
static int32_t gguf_type(const struct fr_vocab *vocab, int id) {
    if (fr_vocab_type(vocab, id) != FR_TOKEN_CONTROL)
        return TYPE_NORMAL;
    const char *text = fr_vocab_text(vocab, id);
    return strcmp(text, "<think>") == 0 || strcmp(text, "</think>") == 0 ? TYPE_USER_DEFINED
                                                                         : TYPE_CONTROL;
}

/* A word of the vocabulary is taken whole without merges (llama-bpe), any other is put together
 * from bytes by merges. Letter pairs come first, so that a blank joins the pair or, where there is
 * none, the letter after it: what it joins then depends on the next two letters alone. Signs after
 * a blank have merges too: the pattern takes a newline that follows a sign into the same pre-token,
 * and " +\n" must become " +" and "\n". *merges: texts that the caller frees; returns how many. */
static size_t merges_make(const struct fr_vocab *vocab, char ***merges) {
    const int n = fr_vocab_count(vocab);
    *merges = fr_alloc((size_t)n, sizeof **merges);
    size_t n_merges = 0;
    for (int level = 0; level < FR_MERGE_LEVELS; level++)
        for (int id = 0; id < n; id++) {
            int own = 0;
            const size_t left = fr_vocab_merge(vocab, id, &own);
            if (!left || own != level)
                continue;
            const char *text = fr_vocab_text(vocab, id);
            char *a = fr_gguf_token_text(text, left);
            char *b = fr_gguf_token_text(text + left, fr_vocab_text_len(vocab, id) - left);
            struct fr_text merge = {0};
            fr_text_printf(&merge, "%s %s", a, b);
            (*merges)[n_merges++] = fr_strdup(merge.data);
            fr_text_release(&merge);
            free(a);
            free(b);
        }
    return n_merges;
}

static int tokenizer_add(struct gguf_context *gguf, const struct fr_vocab *vocab,
                         struct fr_error *err) {
    const int n = fr_vocab_count(vocab);
    const int bos = fr_vocab_find(vocab, "<|endoftext|>", 13);
    const int eos = fr_vocab_find(vocab, "<|im_end|>", 10);
    if (bos < 0 || eos < 0)
        return fr_fail(err, FR_E_INPUT, "the vocabulary lacks its special tokens");
    char **tokens = fr_alloc((size_t)n, sizeof *tokens);
    int32_t *types = fr_alloc((size_t)n, sizeof *types);
    for (int id = 0; id < n; id++) {
        types[id] = gguf_type(vocab, id);
        tokens[id] = types[id] == TYPE_NORMAL ? fr_gguf_token_text(fr_vocab_text(vocab, id),
                                                                   fr_vocab_text_len(vocab, id))
                                              : fr_strdup(fr_vocab_text(vocab, id));
    }
    char **merges = NULL;
    const size_t n_merges = merges_make(vocab, &merges);
    gguf_set_val_str(gguf, "tokenizer.ggml.model", "gpt2");
    gguf_set_val_str(gguf, "tokenizer.ggml.pre", "llama-bpe");
    gguf_set_arr_str(gguf, "tokenizer.ggml.tokens", (const char **)(void *)tokens, (size_t)n);
    gguf_set_arr_data(gguf, "tokenizer.ggml.token_type", GGUF_TYPE_INT32, types, (size_t)n);
    gguf_set_arr_str(gguf, "tokenizer.ggml.merges", (const char **)(void *)merges, n_merges);
    gguf_set_val_u32(gguf, "tokenizer.ggml.bos_token_id", (uint32_t)bos);
    gguf_set_val_u32(gguf, "tokenizer.ggml.eos_token_id", (uint32_t)eos);
    gguf_set_val_u32(gguf, "tokenizer.ggml.padding_token_id", (uint32_t)bos);
    gguf_set_val_bool(gguf, "tokenizer.ggml.add_bos_token", false);
    gguf_set_val_str(gguf, "tokenizer.chat_template", chat_template);
    for (int id = 0; id < n; id++)
        free(tokens[id]);
    free(tokens);
    free(types);
    for (size_t i = 0; i < n_merges; i++)
        free(merges[i]);
    free(merges);
    return 0;
}

static void shape_add(struct gguf_context *gguf, const struct fr_net *net, const char *name,
                      bool quantize) {
    const struct fr_net_shape *s = &net->shape;
    const struct {
        const char *key;
        int value;
    } numbers[] = {
        {"qwen2.context_length", s->max_sequence},
        {"qwen2.embedding_length", s->width},
        {"qwen2.block_count", s->n_layers},
        {"qwen2.feed_forward_length", s->ff_width},
        {"qwen2.attention.head_count", s->n_heads},
        {"qwen2.attention.head_count_kv", s->n_kv_heads},
        {"qwen2.rope.dimension_count", net->head_width},
        {"qwen2.vocab_size", s->n_vocab},
        {"general.file_type", quantize ? FILE_TYPE_Q8_0 : FILE_TYPE_F32},
        {"general.quantization_version", 2},
    };
    gguf_set_val_str(gguf, "general.architecture", "qwen2");
    gguf_set_val_str(gguf, "general.type", "model");
    gguf_set_val_str(gguf, "general.name", name);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        gguf_set_val_u32(gguf, numbers[i].key, (uint32_t)numbers[i].value);
    gguf_set_val_f32(gguf, "qwen2.attention.layer_norm_rms_epsilon", s->rms_eps);
    gguf_set_val_f32(gguf, "qwen2.rope.freq_base", s->rope_base);
}

static int tensors_add(struct gguf_context *gguf, struct ggml_context *tensors,
                       const struct fr_net *net, const float *weights, bool quantize,
                       struct fr_error *err) {
    for (int i = 0; i < net->n_tensors; i++) {
        const struct fr_net_tensor *t = &net->tensors[i];
        const bool flat = t->role == FR_NET_NORM || t->role == FR_NET_BIAS;
        const enum ggml_type type = quantize && !flat ? GGML_TYPE_Q8_0 : GGML_TYPE_F32;
        if (t->cols % ggml_blck_size(type))
            return fr_fail(err, FR_E_INPUT, "%s has rows of %d; Q8_0 needs multiples of %d",
                           t->name, t->cols, (int)ggml_blck_size(type));
        struct ggml_tensor *tensor = flat ? ggml_new_tensor_1d(tensors, type, t->cols)
                                          : ggml_new_tensor_2d(tensors, type, t->cols, t->rows);
        (void)ggml_set_name(tensor, t->name);
        (void)ggml_quantize_chunk(type, weights + t->offset, tensor->data, 0, t->rows, t->cols,
                                  NULL);
        gguf_add_tensor(gguf, tensor);
    }
    return 0;
}

int fr_gguf_write(const char *path, const char *name, const struct fr_net *net,
                  const float *weights, const struct fr_vocab *vocab, bool quantize,
                  struct fr_error *err) {
    if (fr_vocab_count(vocab) != net->shape.n_vocab)
        return fr_fail(err, FR_E_INPUT, "the net knows %d tokens, the vocabulary has %d",
                       net->shape.n_vocab, fr_vocab_count(vocab));
    struct gguf_context *gguf = gguf_init_empty();
    struct ggml_context *tensors = ggml_init((struct ggml_init_params){
        .mem_size = net->n_params * sizeof(float) +
                    (size_t)net->n_tensors * (ggml_tensor_overhead() + 64)});
    struct fr_text beside = {0};
    fr_text_printf(&beside, "%s.tmp", path);
    shape_add(gguf, net, name, quantize);
    int rc = tokenizer_add(gguf, vocab, err);
    if (!rc)
        rc = tensors_add(gguf, tensors, net, weights, quantize, err);
    if (!rc && (!gguf_write_to_file(gguf, beside.data, false) || rename(beside.data, path) != 0)) {
        rc = fr_fail(err, FR_E_IO, "%s: %s", path, strerror(errno));
        (void)remove(beside.data);
    }
    fr_text_release(&beside);
    ggml_free(tensors);
    gguf_free(gguf);
    return rc;
}
