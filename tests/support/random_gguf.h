/* Models of random weights as real GGUF files, tiny ones for tests: any shape, any weight type, a
 * byte-complete tokenizer with whole words, and damaged variants. The same description and seed
 * give the same file, byte for byte. */
#ifndef FR_TESTS_RANDOM_GGUF_H
#define FR_TESTS_RANDOM_GGUF_H

#include <stdint.h>

#include "base/error.h"

enum fr_random_gguf_type {
    FR_RANDOM_GGUF_F32,
    FR_RANDOM_GGUF_F16,
    FR_RANDOM_GGUF_Q8_0,  /* width and n_ff multiples of 32 */
    FR_RANDOM_GGUF_Q4_K,  /* multiples of 256 */
    FR_RANDOM_GGUF_TQ2_0, /* the same: ternary weights, 2.06 bits each */
    FR_RANDOM_GGUF_TYPE_COUNT
};
extern const char *const fr_random_gguf_type_name[FR_RANDOM_GGUF_TYPE_COUNT];

enum fr_random_gguf_damage {
    FR_RANDOM_GGUF_WHOLE,
    FR_RANDOM_GGUF_NO_MAGIC,         /* other first bytes */
    FR_RANDOM_GGUF_TRUNCATED_HEADER, /* ends inside the vocabulary */
    FR_RANDOM_GGUF_TRUNCATED_DATA,   /* half the weights are gone */
    FR_RANDOM_GGUF_VOCABULARY_ONLY,  /* no tensors */
    FR_RANDOM_GGUF_MISSING_TENSOR,   /* blk.0.ffn_down.weight is not there */
    FR_RANDOM_GGUF_EMBEDDING_MODEL,  /* pooling is set */
    FR_RANDOM_GGUF_ENCODER,          /* architecture bert */
    FR_RANDOM_GGUF_UNKNOWN_ARCHITECTURE,
    FR_RANDOM_GGUF_MISSING_BYTE,    /* no token for the byte 'z': the tokenizer drops it */
    FR_RANDOM_GGUF_WANTS_BEGIN,     /* not damaged: adds <|endoftext|> before each text */
    FR_RANDOM_GGUF_NOT_NUMBERS,     /* the output norm is NaN */
    FR_RANDOM_GGUF_OTHER_TOKENIZER, /* eight words fewer than rows of the embedding */
    FR_RANDOM_GGUF_UNKNOWN_TOKENIZER,
    FR_RANDOM_GGUF_NO_TOKENIZER,
};

struct fr_random_gguf {
    /* "qwen2" (biases on q, k, v), "llama", "mistral3"; "qwen3" (norms of q and k); "seed_oss" (the
     * MLP's norm named post_attention_norm); "gemma2", "gemma3" (norms behind attention and MLP);
     * "phi3" (q, k, v in one matrix); "gptneox" (attention and MLP in parallel); "deci" (blocks in
     * turn with attention, without, with a matrix in its place, with). */
    const char *architecture;
    int n_layers, width, n_heads, n_heads_kv, n_ff, context;
    enum fr_random_gguf_type type;
    unsigned file_type; /* general.file_type; 0: none */
    int n_vocab; /* at least 256 byte tokens + 8 special + the words; the rest is filler words */
    const char *const *words; /* whole words, each one token with its leading space */
    int n_words;
    /* Not NULL: a tokenizer made of merges, whose rules of cutting are Qwen's: a word of letters of
     * this text, with the blank before it, is one token; Chinese characters and pairs of them fill
     * the rest. */
    const char *text;
    float rope_base;           /* 0: 10,000 */
    const char *chat_template; /* NULL: ChatML that opens "<think>"; "": none */
    uint64_t seed;
    enum fr_random_gguf_damage damage;
};
/* qwen2, 3 layers, width 64, 2 heads of 32, 1 of keys and values, 128 hidden, context 1024,
 * F32, 512 tokens, the words of naming 1. */
struct fr_random_gguf fr_random_gguf_defaults(void);
FR_CHECKED int fr_random_gguf_write(const char *path, const struct fr_random_gguf *model,
                                    struct fr_error *err);

#endif
