/* model/: what fluidrep needs of a language model, and nothing else: tokens, prefill of a
 * known token sequence with taps (reading) and edits (writing) of the residual stream, and
 * greedy decoding of many sequences at once in constant slots.
 *
 * Two implementations stand behind the handle: llama_*.c (libllama; the only files that include
 * llama.h) and tests/support/planted.c (a deterministic stand-in with known directions).
 *
 * Layers: 1..n_layers, block L = llama.cpp's L-1; every row has width floats. Positions count from
 * 0 in each sequence.
 *
 * Sites of a block: what stands in the residual stream after it, and what attention and MLP add to
 * the stream. What holds, and is the definition of both:
 *     residual before + attention + MLP = residual after
 * so that a norm or a scale between MLP and stream belongs to the MLP; a block without attention
 * adds zeros there. Only the residual stream is edited; what a block added is told before its edit.
 *
 * Slots: n_slots independent sequences decode together, always all of them, so that a trace
 * never depends on what else runs. One more sequence, the *stem*, holds a shared prefix: it is
 * prefilled like a slot, copied into slots, never decoded. It is there with FR_USE_SHARED alone.
 *
 * Order of calls: prefill (from position 0, or after fr_model_copy_stem) -> decode... -> clear. */
#ifndef FR_MODEL_MODEL_H
#define FR_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct fr_model;

/* What keys and values are stored as. The quantised ones need flash_attention; f32 is refused with
 * it, for libllama's flash attention rounds what it reads to half precision. */
enum fr_kv_type {
    FR_KV_F16, /* the default: see llama_open.c */
    FR_KV_F32,
    FR_KV_BF16,
    FR_KV_Q8_0, /* half of F16; rows then differ in the second or third digit */
    FR_KV_Q4_0,
    FR_KV_TYPE_COUNT
};
extern const char *const fr_kv_type_name[FR_KV_TYPE_COUNT]; /* "f16" ... */

/* What a handle is for: memory is reserved for that alone. */
enum fr_model_use {
    FR_USE_SHARED, /* slots, and the stem that they share a prefix by */
    FR_USE_SLOTS,  /* slots without a stem */
    FR_USE_PREFILL /* one sequence, slot 0, never decoded */
};

/* How a model lies on several devices. */
enum fr_split_mode {
    FR_SPLIT_LAYER, /* layer by layer */
    FR_SPLIT_NONE,  /* on one: main_gpu */
    FR_SPLIT_ROW,   /* each matrix over all of them */
    FR_SPLIT_MODE_COUNT
};
extern const char *const fr_split_mode_name[FR_SPLIT_MODE_COUNT]; /* "layer", "none", "row" */
enum { FR_DEVICES_MOST = 16 };

/* Does the model reason before it answers? */
enum fr_reasoning {
    FR_REASONING_AUTO, /* when its template or vocabulary knows tags for it */
    FR_REASONING_TAGS, /* yes; a template with a switch for it has it on */
    FR_REASONING_NONE, /* no; a template with a switch for it has it off */
    FR_REASONING_COUNT
};
extern const char *const fr_reasoning_name[FR_REASONING_COUNT]; /* "auto", "tags", "none" */

/* libllama holds 256 sequences; the stem and a width of two need room. */
enum { FR_SLOTS_MAX = 254 };
struct fr_model_options {
    const char *path;   /* GGUF */
    int n_slots;        /* sequences decoded together, 1..FR_SLOTS_MAX */
    int context_tokens; /* per sequence, at most what the model was trained for */
    int chunk_tokens;   /* prefill goes in chunks of at most this many tokens (n_ubatch) */
    int threads;        /* 0: all cores */
    int gpu_layers;     /* 0: CPU only; -1: all */
    int main_gpu, split_mode;
    int n_tensor_split;
    float tensor_split[FR_DEVICES_MOST]; /* shares of the devices; none: by their free memory */
    bool flash_attention; /* faster and smaller; without it rows do not depend on chunk_tokens */
    int kv_type;          /* enum fr_kv_type */
    /* A trace is bit-identical whatever n_slots, proved for this model and machine when it is
     * opened, or opening is refused with the reason. Costs a single slot a quarter of its speed
     * (a step is then two sequences wide), several slots nothing. */
    bool deterministic;
    int use; /* enum fr_model_use; with FR_USE_PREFILL n_slots becomes 1 */
    /* Only tokens and text: nothing is computed, weights are not read and may be missing (a
     * vocabulary-only GGUF), the other options do not matter. Prefill, copies and decoding are
     * refused; of fr_model_info only architecture, name, n_vocab and engine are set. */
    bool vocabulary_only;
    /* NULL or "": the model's own; else a file of Jinja or, where there is none of that name,
     * "none", another template of the GGUF, or a format of libllama's ("chatml" ...). */
    const char *chat_template;
    int reasoning; /* enum fr_reasoning */
};
/* A configuration's own: 16 slots, 4,096 tokens, chunks of 512, all cores, no GPU, no flash
 * attention, keys and values in half precision, deterministic. */
struct fr_model_options fr_model_options_defaults(void);

struct fr_model_info {
    char architecture[32], name[96], quantization[32];
    int n_layers, width, n_vocab, context_train;
    long long n_parameters;
    double weight_bytes;
    double cache_floats;                 /* keys and values of a token, all layers together */
    int n_heads, n_heads_kv, head_width; /* of attention; width: of what a head gives */
    char engine[64];                     /* "llama.cpp 0.5.0 (CPU)" ... */
};

/* What the head of a GGUF tells, in a moment: nothing is loaded, engine stays empty. FR_E_MODEL as
 * fr_model_open's for a damaged file, FR_E_INPUT for a
 * missing one and one that is no GGUF. */
FR_CHECKED int fr_model_look(const char *path, struct fr_model_info *out, struct fr_error *err);
/* A model that is not here, by its shape (shape.c): a known name, or numbers, and a type of
 * weights: "qwq-32b q8_0", "layers=64 width=5120 kv=1024 vocabulary=152064 context=40960
 * parameters=32763876352 q4_k_m" (kv: floats of the keys of a token in one layer). FR_E_INPUT with
 * the names and types that there are. */
FR_CHECKED int fr_model_info_like(const char *text, struct fr_model_info *out,
                                  struct fr_error *err);
/* A handle that counts tokens roughly, three bytes each (English has about four, made-up words
 * fewer), and computes nothing: what a dry run has instead of a tokenizer. */
void fr_model_open_like(struct fr_model **out, const struct fr_model_info *info);
/* Cells of the cache that libllama makes for a sequence: one more than context_tokens, for the
 * dummy token of an idle slot that is full, padded to 256. */
int fr_model_cells(int context_tokens);
/* Sequences that decode together, the idle one that `deterministic` asks for included, and all. */
int fr_model_decode_width(const struct fr_model_options *options);
int fr_model_sequences(const struct fr_model_options *options);

/* Names and bytes of memory of the devices that are no processors, up to `most`; how many. */
int fr_model_devices(int most, char (*names)[96], double *bytes);
/* Are the devices that the options name there? FR_E_INPUT with those that are. With gpu_layers and
 * no device at all libllama takes the processor, unless a device is named. */
FR_CHECKED int fr_model_check_devices(const struct fr_model_options *options, struct fr_error *err);
/* Bytes of the cache of one sequence of so many tokens, as it is laid out. */
double fr_model_cache_bytes(const struct fr_model_info *info, int kv_type, int tokens);
/* Refuses what need not be loaded to be refused: options out of range, a context beyond the
 * model's, `deterministic` on a device (FR_E_INPUT, with what to change). */
FR_CHECKED int fr_model_check_options(const struct fr_model_options *options,
                                      const struct fr_model_info *info, struct fr_error *err);
/* That, and more than this machine's memory for n_handles models of shared weights. */
FR_CHECKED int fr_model_check(const struct fr_model_options *options,
                              const struct fr_model_info *info, int n_handles,
                              struct fr_error *err);

/* Text as tokens: ids with the byte range each covers, [start[i], end[i]). */
struct fr_tokens {
    int n, capacity;
    int32_t *ids;
    int32_t *starts, *ends; /* byte offsets into the text */
};
void fr_tokens_release(struct fr_tokens *tokens);
void fr_tokens_append(struct fr_tokens *tokens, int32_t id, int32_t start, int32_t end);

enum fr_site {
    FR_SITE_BLOCK,     /* the residual stream after the block */
    FR_SITE_ATTENTION, /* what attention adds to it */
    FR_SITE_MLP,       /* what the MLP adds to it */
    FR_STREAM_SITES,   /* those above are of the stream's width D */
    /* What attention's heads give, [n_heads][head_width], before the matrix that takes it into the
     * stream: model/heads.h splits attention's part by it. With a norm behind that matrix, divided
     * by the root mean square of what is normed: a sum over positions stays linear in the heads. */
    FR_SITE_HEADS = FR_STREAM_SITES,
    /* Where they look, [n_heads][position + 1]: the softmax's weights on every position so far. */
    FR_SITE_SOURCES,
    FR_SITE_COUNT
};
/* "block", "attention", "mlp", "heads", "sources" */
extern const char *const fr_site_name[FR_SITE_COUNT];

/* Reading: rows of the listed positions, ascending, at the layers marked for each site. The sink is
 * called in order of position chunks; within a chunk layer by layer, within a layer sources, heads,
 * attention, MLP, block; it must copy what it keeps. A row that is edited too is seen after the
 * edit, as the later layers see it. Taps change no bit of what is computed (deterministic). Rows
 * cost about a hundredth of the prefill (bench/RESULTS.md); rows of the last layer in the chunk
 * whose `next` is wanted cost their logits too. */
struct fr_tap_plan {
    int n_positions;
    const int32_t *positions; /* ascending, inside the prefilled range */
    /* [n_layers + 1] each, layers[site][L] for L = 1..n_layers; [0] unused. NULL: none there. */
    const bool *layers[FR_SITE_COUNT];
    void (*row)(void *user, int site, int layer, int position, const float *h /* as the site's */);
    void *user;
};

/* Writing. Vectors live in one matrix; each edit names one of its rows. */
enum fr_edit_operation {
    FR_EDIT_MIX,      /* h' = scale * h + (1 - scale) * v */
    FR_EDIT_REPLACE,  /* h' = v */
    FR_EDIT_ADD,      /* h' = h + scale * v */
    FR_EDIT_SUBTRACT, /* h' = h - scale * v */
    FR_EDIT_JITTER,   /* h' = h + scale * norm(h) * v / norm(v): v is noise */
    FR_EDIT_PROJECT,  /* h' = h - scale * (h.v / v.v) * v: with 1 nothing is left along v */
    FR_EDIT_OPERATION_COUNT
};
extern const char *const fr_edit_operation_name[FR_EDIT_OPERATION_COUNT];

struct fr_edit {
    int32_t position;
    int16_t layer;     /* 1..n_layers */
    uint8_t operation; /* enum fr_edit_operation */
    bool keep_norm;    /* afterwards h' *= norm(h) / norm(h') */
    int32_t vector;    /* row of the plan's matrix */
    float scale;
};
struct fr_edit_plan {
    int n_edits, capacity;
    struct fr_edit *edits; /* sorted by (position, layer), at most one per pair */
    int n_vectors, width;
    const float *vectors; /* [n_vectors][D], borrowed */
};
void fr_edit_plan_release(struct fr_edit_plan *plan); /* frees edits, not vectors */
void fr_edit_plan_append(struct fr_edit_plan *plan, const struct fr_edit *edit);
/* One edit on one row, in double precision inside; scale 1 with MIX, or 0 with ADD and
 * SUBTRACT, leaves every bit of h as it was. v is [width]. */
void fr_edit_apply(const struct fr_edit *edit, const float *v, float *h /* [D] */, int width);

/* Counters since the model was opened; another thread may ask for them meanwhile. */
struct fr_model_counters {
    long long tokens_prefilled, tokens_decoded, tokens_copied, rows_tapped, rows_edited;
    long long prefill_ns, decode_ns; /* spent in fr_model_prefill, fr_model_decode */
    long long rows_decoded;          /* of all decoding steps, those of idle slots too */
    /* Chunks and decoding steps computed; times that the engine had to finish what it had begun, so
     * that somebody could look: one for each of those, as for anybody who reads logits, one for
     * each node of the graph that is read or edited, and one for each device that a step runs on,
     * which libllama waits for where a context has a callback. */
    long long steps, waits;
    /* Of rows that do not lie in host memory: copies of them, and of the list of which they are. */
    long long copies_from_device, copies_to_device, copies_of_indices;
};

/* sign: 1 adds what, -1 takes it away. */
void fr_model_counters_add(struct fr_model_counters *to, const struct fr_model_counters *what,
                           int sign);

/* Opens the GGUF; FR_E_INPUT when there is no such file, it is no GGUF, or the options are wrong
 * for it; FR_E_MODEL with the reason and a hint for
 * a damaged one (one that was not opened before is tried in a child process first, so that what
 * libllama dies of is a reason too: no other thread should be opening a model meanwhile), a model
 * without l_out rows (by name), a context beyond what the options or the machine allow. */
FR_CHECKED int fr_model_open(struct fr_model **out, const struct fr_model_options *options,
                             struct fr_error *err);
/* A second handle on the weights of `of`, for a worker in a thread of its own: its own context,
 * slots, stem and counters, the options of `of` but for the threads (0: all cores); the weights are
 * shared and read-only. A handle is used by one thread at a time, siblings at once; `of` may be at
 * work meanwhile. Closed in any order; what fr_model_token_text gives lives as long as the handle
 * that gave it. Nothing is proved anew: what was proved when `of` was opened holds of its siblings.
 * With flash attention, last bits depend on the number of threads; use handles of equal threads. */
FR_CHECKED int fr_model_open_sibling(struct fr_model **out, struct fr_model *of, int threads,
                                     struct fr_error *err);
/* From here on the handle is for another use, with n_slots slots: its sequences are empty and its
 * memory is reserved anew, the weights stay. What is computed does not change. A model that is not
 * libllama's keeps what it has. On failure (FR_E_MODEL: no room) only fr_model_close may follow. */
FR_CHECKED int fr_model_set_use(struct fr_model *model, enum fr_model_use use, int n_slots,
                                struct fr_error *err);
void fr_model_close(struct fr_model *model); /* NULL is fine */
const struct fr_model_info *fr_model_info(const struct fr_model *model);
const struct fr_model_options *fr_model_options(const struct fr_model *model);
struct fr_model_counters fr_model_counters(const struct fr_model *model);

/* Text -> tokens with offsets; special tokens written in the text are parsed as such when
 * parse_special; none is added. The ids' texts concatenated are the text again, or FR_E_MODEL: a
 * tokenizer that normalises cannot give offsets. *out is cleared first, and empty on failure. */
FR_CHECKED int fr_model_tokenize(const struct fr_model *model, const char *text, size_t n,
                                 bool parse_special, struct fr_tokens *out, struct fr_error *err);
/* Bytes of one token, special tokens rendered too; valid while the model is open. */
const char *fr_model_token_text(const struct fr_model *model, int32_t id, size_t *n);
bool fr_model_token_ends(const struct fr_model *model, int32_t id); /* end of generation */
/* The token for the beginning of a text, -1 for none; *wanted: the file says that the model was
 * trained with it there. */
int32_t fr_model_begin_token(const struct fr_model *model, bool *wanted);
/* The conversation's beginning as the model's chat template writes it, up to where the model goes
 * on, e.g. "<|im_start|>user\n...<|im_end|>\n<|im_start|>assistant\n<think>\n"; the message alone
 * for a model without a template. system NULL or "": none is told, and the template's own default
 * stands, if it has one. FR_E_MODEL for a template that cannot be rendered, or that leaves out what
 * was said; FR_E_INPUT for a system message without a template. Begins with the model's
 * begin-of-text token where it wants one. Caller frees *out. */
FR_CHECKED int fr_model_chat(const struct fr_model *model, const char *system, const char *message,
                             char **out, struct fr_error *err);
/* Does it reason before it answers, by its options, else by its template and vocabulary? */
bool fr_model_thinks(const struct fr_model *model);
/* The tags around reasoning: those the template names, else those the vocabulary has as tokens,
 * else
 * "<think>" and "</think>", with which a recorded trace marks it for a model that does not think.
 */
const char *fr_model_reasoning_start(const struct fr_model *model);
const char *fr_model_reasoning_end(const struct fr_model *model);

/* Can the site be read at every layer? FR_E_MODEL naming the architecture, the site and the first
 * layer where the model's graph does not add attention and MLP one after the other, or attention is
 * not one matrix times its heads; sources with flash attention, which keeps no weights. */
FR_CHECKED int fr_model_check_site(const struct fr_model *model, int site, struct fr_error *err);

enum { FR_SLOT_STEM = -1 };

/* Appends n tokens to the sequence of slot (0..n_slots-1 or FR_SLOT_STEM), which now holds
 * `start` tokens; chunk boundaries depend on start and n only. taps and edits may be NULL;
 * positions are absolute, must lie in [start, start + n), and are checked before anything is
 * computed (FR_E_INPUT: position, layer or vector width out of range, a vector that is not a
 * number; FR_E_MODEL as fr_model_check_site's for a layer tapped). Edits of the last layer reach
 * nothing but the taps there and, at the last position, next; one that reaches neither is not made,
 * nor counted. When next is not NULL it receives the greedy next token after the last one.
 * FR_E_MODEL too for a row to read, or logits, that are not finite: all slots and the stem are
 * empty then. FR_E_INPUT: nothing was changed; after any other failure the slot is empty. */
FR_CHECKED int fr_model_prefill(struct fr_model *model, int slot, const int32_t *tokens, int start,
                                int n, const struct fr_tap_plan *taps,
                                const struct fr_edit_plan *edits, int32_t *next,
                                struct fr_error *err);
/* The first n_tokens of the stem become the content of slot, edits' effects included. */
FR_CHECKED int fr_model_copy_stem(struct fr_model *model, int slot, int n_tokens,
                                  struct fr_error *err);
/* One greedy step of all slots: slot i takes tokens[i] at its end and next[i] is the argmax that
 * follows (ties: the lowest id). A slot with tokens[i] < 0 idles: next[i] is -1, the same amount
 * of work is done for it, and its content stays; clear slots that are done, since attention runs
 * over the longest. Without `deterministic` no work is done for idle slots behind the last that
 * does not idle. tokens and next may be the same array. FR_E_INPUT (a token outside the vocabulary,
 * a full slot): nothing was changed. FR_E_MODEL: all slots are empty; the stem stays, unless logits
 * were not finite. */
FR_CHECKED int fr_model_decode(struct fr_model *model, const int32_t *tokens /* [n_slots] */,
                               int32_t *next /* [n_slots] */, struct fr_error *err);
/* The content of slot `from` becomes that of slot `to`, which is empty, as `from` is afterwards: so
 * that idle slots come to be the last ones. false: this model's slots stay where they are. */
bool fr_model_move(struct fr_model *model, int from, int to);
/* Without a stem, clearing it does nothing. */
void fr_model_clear(struct fr_model *model, int slot);
/* Logits after the last prefilled token of the last fr_model_prefill with next != NULL;
 * [n_vocab], valid until the next call. For tests. */
const float *fr_model_logits(const struct fr_model *model);

/* Writes to `out` a GGUF whose tensors hold the weights of the one at path in random order, by seed
 * and the tensor's name; keys as they are, but that general.name says so. The file is whole or not
 * there. progress (may be NULL) is called before each tensor. FR_E_MODEL for a file that is none or
 * one of several, FR_E_IO. */
FR_CHECKED int fr_model_scramble(const char *path, const char *out, uint64_t seed,
                                 void (*progress)(void *user, int done, int total), void *user,
                                 struct fr_error *err);

#endif
