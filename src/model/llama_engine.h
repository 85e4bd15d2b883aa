/* Private to the llama_*.c files: the libllama implementation's state. Only these files include
 * llama.h, ggml.h or gguf.h; nothing else of the project knows llama.cpp. */
#ifndef FR_MODEL_LLAMA_ENGINE_H
#define FR_MODEL_LLAMA_ENGINE_H

#include <ggml-backend.h>
#include <llama.h>
#include <stdatomic.h>

#include "model/activity.h"
#include "model/backend.h"

/* llama_sites.c: the residual stream followed through a graph, node by node; zeroed but for
 * layer = 1 at the start. */
struct fr_llama_walk {
    int layer;                         /* the block being shown */
    const struct ggml_tensor *before;  /* the residual stream before it: the last block's l_out */
    const struct ggml_tensor *normed;  /* what its first norm reads: that, too */
    const struct ggml_tensor *weights; /* attention's softmax, or flash attention in one */
    const struct ggml_tensor *projection; /* the matrix times what the heads give */
    const struct ggml_tensor *middle;     /* the residual stream after attention */
    const struct ggml_tensor *after;      /* l_out; the next node belongs to the next block */
};
enum fr_llama_node {
    FR_LLAMA_NODE_OTHER,
    FR_LLAMA_NODE_NORM, /* the block's first norm */
    FR_LLAMA_NODE_WEIGHTS,
    FR_LLAMA_NODE_PROJECTION,
    FR_LLAMA_NODE_MIDDLE,
    FR_LLAMA_NODE_BLOCK
};
enum fr_llama_form {
    FR_LLAMA_FORM_OTHER,
    FR_LLAMA_FORM_BOTH, /* attention, then the MLP */
    FR_LLAMA_FORM_MLP   /* no attention */
};

/* How a block's heads enter the stream. */
struct fr_llama_heads {
    int n, width;  /* heads, and what they give together; n 0: no attention was shown */
    bool known;    /* one matrix, then at most a bias or a norm; else they cannot be told apart */
    bool normed;   /* by the root mean square of the projection */
    float epsilon; /* of the norm */
};

/* What the graph callback has to do for the chunk being computed; inactive otherwise.
 *
 * Row i of l_out at layers below the last is the chunk's token i. The last layer, from its
 * attention on, keeps only the tokens whose output was requested: row output_rows[i], or none (-1).
 */
struct fr_llama_chunk {
    bool active;
    int start, n;          /* positions [start, start + n) */
    const int32_t *tokens; /* [n], borrowed */
    const struct fr_tap_plan *taps;
    int tap_begin, tap_end; /* indices into taps->positions */
    bool parts;             /* attention or MLP is tapped: the stream before them is kept */
    bool walks;             /* anything inside blocks is tapped */
    struct fr_llama_walk walk;
    enum fr_llama_node asked; /* what the callback is shown next, having asked for it */
    float *kept;              /* [tap_end - tap_begin][D] of the residual stream */
    float *told;              /* a row that is told, but is no tensor's */
    double *scales;           /* [tap_end - tap_begin] of what the heads give */
    size_t kept_bytes, told_bytes, scales_bytes;
    const struct fr_edit_plan *edits;
    int *edit_order;       /* indices into edits->edits, grouped by layer, ascending position */
    int *edit_layer_begin; /* [n_layers + 2]: layer L's are edit_order[begin[L] .. begin[L+1]) */
    int edit_order_capacity;
    int *output_rows;     /* [chunk capacity] */
    int32_t *wanted_rows; /* [chunk capacity], of the layer at hand */
    int n_outputs;
    bool want_next; /* the last token's logits are needed */
    char *rows;     /* scratch: rows on their way from and to a device, token ids */
    size_t rows_bytes;
    bool fetch_always; /* for tests: treat host memory as a device's */
    bool tokens_checked;
    long long rows_tapped, rows_edited;
    struct fr_error error; /* the first fault, code 0 when none */
};

/* What the load-time probe sees of the graph. */
struct fr_llama_probe {
    bool active;
    bool *layers;                 /* [n_layers + 1] */
    enum fr_llama_form *forms;    /* [n_layers + 1] */
    struct fr_llama_heads *heads; /* [n_layers + 1] */
    struct fr_llama_walk walk;
    bool has_embedding_node;
    const void *memory; /* what the last node was computed in, NULL: host memory */
    int n_on_devices;   /* parts of the graph that run on devices, one behind another */
};

/* What siblings share; read-only once the first of them is open. The last to close frees it. */
struct fr_llama_shared {
    atomic_int n_handles;
    struct llama_model *weights;
    char *pieces;            /* all tokens' bytes, one after another */
    size_t *piece_begin;     /* [n_vocab + 1] */
    bool adds_blank;         /* the tokenizer puts a blank before the text */
    char *chat_template;     /* Jinja, or NULL */
    const char *chat_format; /* libllama's name of one, or NULL; static */
};

struct fr_llama {
    struct fr_model base;
    struct fr_llama_shared *shared;
    struct llama_model *weights;          /* shared->weights */
    const struct llama_vocab *vocabulary; /* of the weights */
    struct llama_context *context;
    struct llama_batch batch;
    int batch_capacity;
    int width_decode;  /* sequences per decode step: n_slots, at least 2 when deterministic */
    int width_proved;  /* deterministic steps: the last width that was proved */
    int stem_sequence; /* libllama's id of the stem: width_decode */
    struct fr_llama_chunk chunk;
    struct fr_llama_probe probe;
    struct fr_llama_gather *gathers; /* of devices that rows were fetched from */
    struct fr_activity *activity;    /* NULL when too many models are open */
    float *logits;                   /* [n_vocab], of the last prefill with next */
};

/* llama_log.c: libllama reports through a callback only; the lines are kept, nothing is printed.
 * Each thread has lines of its own. */
void fr_llama_log_install(void); /* also initialises the backends; once per process */
void fr_llama_log_clear(void);
/* The most telling line since this thread's last clear, without its function prefix; "" when none.
 */
void fr_llama_log_cause(char *out, size_t n);

/* llama_file.c: everything that can be told from the file without loading it. Fills info's
 * architecture, name and quantization. vocabulary_only: nothing is asked of the weights. */
FR_CHECKED int fr_llama_file_check(const char *path, bool vocabulary_only,
                                   struct fr_model_info *info, struct fr_error *err);

/* llama_trial.c: whatever opens a model; here, or in a child process that may die of it. A file
 * that was not opened before by this libllama is tried in a child: FR_E_MODEL with one line when
 * that dies, FR_E_STOPPED when it is killed. FR_OK says nothing of a file that is refused in other
 * ways. */
typedef int fr_llama_opener(struct fr_model **out, const struct fr_model_options *options,
                            struct fr_error *err);
FR_CHECKED int fr_llama_try(const struct fr_model_options *options, fr_llama_opener *open_model,
                            struct fr_error *err);

/* llama_text.c */
FR_CHECKED int fr_llama_text_init(struct fr_llama *llama, struct fr_error *err);
int fr_llama_tokenize(const struct fr_model *model, const char *text, size_t n, bool parse_special,
                      struct fr_tokens *out, struct fr_error *err);
const char *fr_llama_token_text(const struct fr_model *model, int32_t id, size_t *n);
bool fr_llama_token_ends(const struct fr_model *model, int32_t id);
int32_t fr_llama_begin_token(const struct fr_model *model, bool *wanted);

/* llama_chat.c */
/* Finds the template of the options, and how the model marks its reasoning. */
FR_CHECKED int fr_llama_chat_open(struct fr_llama *llama, struct fr_error *err);
int fr_llama_chat(const struct fr_model *model, const char *system, const char *message, char **out,
                  struct fr_error *err);

/* llama_callback.c */
bool fr_llama_callback(struct ggml_tensor *tensor, bool ask, void *user /* struct fr_llama */);

/* llama_chunk.c: the preparation of the callback's plan. */
/* Whether any row of the chunk is read at the layer's site, or edited at the layer. */
bool fr_llama_is_tapped(const struct fr_llama_chunk *chunk, int site, int layer);
bool fr_llama_is_edited(const struct fr_llama_chunk *chunk, int layer);
/* Plans the chunk [start, start + n) and marks in outputs[n] which tokens need their output.
 * want_next: the last token's logits are needed. */
void fr_llama_chunk_plan(struct fr_llama *llama, const int32_t *tokens, int start, int n,
                         const struct fr_tap_plan *taps, const struct fr_edit_plan *edits,
                         bool want_next, int8_t *outputs);
void fr_llama_chunk_release(struct fr_llama_chunk *chunk);
/* After the decode: every planned row was met, or an error. */
FR_CHECKED int fr_llama_chunk_finish(struct fr_llama *llama, struct fr_error *err);

/* llama_gather.c */
/* The tensor's rows ([n], ascending) in one copy from, or to, the device where it lies; values
 * [n][D]. false: the device cannot, and nothing was moved; ask no scatter of what did not gather.
 */
bool fr_llama_gather(struct fr_llama *llama, const struct ggml_tensor *tensor, const int32_t *rows,
                     int n, float *out);
bool fr_llama_scatter(struct fr_llama *llama, const struct ggml_tensor *tensor, const int32_t *rows,
                      int n, const float *values);
void fr_llama_gathers_release(struct fr_llama *llama);

/* llama_sites.c */
/* The node's place in its block. block: 1..n_layers when it is that block's l_out, else 0. */
enum fr_llama_node fr_llama_walk_step(struct fr_llama_walk *walk, const struct ggml_tensor *node,
                                      int block);
/* How the block is made whose l_out was just shown. */
enum fr_llama_form fr_llama_walk_form(const struct fr_llama_walk *walk);
void fr_llama_walk_heads(const struct fr_llama_walk *walk, struct fr_llama_heads *out);
int fr_llama_check_site(const struct fr_model *model, int site, int layer, struct fr_error *err);

/* llama_open.c */
bool fr_llama_is(const struct fr_model *model); /* made by fr_model_open? */
/* The options as libllama's, without the callback. */
struct llama_context_params fr_llama_context_params(const struct fr_llama *llama, int n_sequences);
/* FR_E_MODEL naming the architecture when the probe missed a layer's rows. */
FR_CHECKED int fr_llama_probe_check(const struct fr_llama *llama, struct fr_error *err);

/* llama_run.c */
int fr_llama_prefill(struct fr_model *model, int sequence, const int32_t *tokens, int start, int n,
                     const struct fr_tap_plan *taps, const struct fr_edit_plan *edits,
                     int32_t *next, struct fr_error *err);
int fr_llama_copy_stem(struct fr_model *model, int slot, int n_tokens, struct fr_error *err);
void fr_llama_move(struct fr_model *model, int from, int to);
int fr_llama_decode(struct fr_model *model, const int32_t *tokens, int32_t *next,
                    struct fr_error *err);
void fr_llama_clear(struct fr_model *model, int sequence);
const float *fr_llama_logits(const struct fr_model *model);

#endif
