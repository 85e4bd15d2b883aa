/* Private to model/: what an implementation behind struct fr_model provides.
 *
 * model.c owns the handle's common part: it checks every argument, counts the length of each
 * sequence, and calls an operation only with arguments that are right. An implementation embeds
 * struct fr_model as its first member and casts back.
 *
 * Sequences: 0..n_slots-1 are the slots, n_slots is the stem. */
#ifndef FR_MODEL_BACKEND_H
#define FR_MODEL_BACKEND_H

#include "base/error.h"
#include "model/model.h"
#include "prompts/prompts.h"

struct fr_backend {
    /* As fr_model_open_sibling; options are those of `of` with the threads asked for. */
    int (*open_sibling)(struct fr_model **out, struct fr_model *of,
                        const struct fr_model_options *options, struct fr_error *err);
    /* As fr_model_set_use; lengths are made anew by it. NULL: the handle stays as it is. */
    int (*set_use)(struct fr_model *model, enum fr_model_use use, int n_slots,
                   struct fr_error *err);
    void (*close)(struct fr_model *model); /* frees everything it allocated, itself included */
    int (*tokenize)(const struct fr_model *model, const char *text, size_t n, bool parse_special,
                    struct fr_tokens *out, struct fr_error *err);
    const char *(*token_text)(const struct fr_model *model, int32_t id, size_t *n);
    bool (*token_ends)(const struct fr_model *model, int32_t id);
    /* As fr_model_begin_token. NULL: there is none. */
    int32_t (*begin_token)(const struct fr_model *model, bool *wanted);
    int (*chat)(const struct fr_model *model, const char *system, const char *message, char **out,
                struct fr_error *err);
    /* FR_E_MODEL when the site cannot be read at the layer; FR_SITE_BLOCK always can. */
    int (*check_site)(const struct fr_model *model, int site, int layer, struct fr_error *err);
    /* As fr_model_prefill with the sequence instead of the slot; edits are sorted, unique and in
     * range, taps too. On failure, never FR_E_INPUT, model.c clears the sequence. */
    int (*prefill)(struct fr_model *model, int sequence, const int32_t *tokens, int start, int n,
                   const struct fr_tap_plan *taps, const struct fr_edit_plan *edits, int32_t *next,
                   struct fr_error *err);
    int (*copy_stem)(struct fr_model *model, int slot, int n_tokens, struct fr_error *err);
    /* As fr_model_move; lengths are moved by model.c. NULL: slots stay where they are. */
    void (*move)(struct fr_model *model, int from, int to);
    /* lengths of active slots are raised by model.c after success. */
    int (*decode)(struct fr_model *model, const int32_t *tokens, int32_t *next,
                  struct fr_error *err);
    void (*clear)(struct fr_model *model, int sequence);
    const float *(*logits)(const struct fr_model *model);
};

struct fr_model {
    const struct fr_backend *backend;
    struct fr_model_options options; /* .path and .chat_template are owned */
    struct fr_model_info info;
    struct {
        _Atomic long long tokens_prefilled, tokens_decoded, tokens_copied, rows_tapped, rows_edited;
        _Atomic long long prefill_ns, decode_ns;
        _Atomic long long rows_decoded;
        _Atomic long long steps, waits, copies_from_device, copies_to_device, copies_of_indices;
    } counters;   /* as struct fr_model_counters */
    int *lengths; /* [n_slots + 1], tokens in each sequence; the stem last; owned */
    const struct fr_reasoning_tag *reasoning; /* never NULL */
    bool thinks;
};

/* What the model was found to mark its reasoning with, NULL for nothing; what the options say
 * stands above it. */
void fr_model_set_reasoning(struct fr_model *model, const struct fr_reasoning_tag *found);

/* Fills the common part (path and lengths are copied and owned); the backend's open calls it
 * first. fr_model_base_release undoes it. */
void fr_model_base_init(struct fr_model *model, const struct fr_backend *backend,
                        const struct fr_model_options *options);
void fr_model_base_release(struct fr_model *model);

/* FR_E_INPUT for a number of an options struct that is out of its range. */
FR_CHECKED int fr_model_options_check(const struct fr_model_options *options, struct fr_error *err);

/* The index of the largest of n logits, the lowest one of equals; -1 when none is a number
 * (NaN everywhere, or +inf, which no sound model produces). */
int32_t fr_logits_argmax(const float *logits, int n);

/* The index of the first position >= position in the ascending list. */
int fr_positions_find(const int32_t *positions, int n, int32_t position);
/* The index of the first edit at a position >= position in the sorted plan. */
int fr_edit_plan_find(const struct fr_edit_plan *plan, int32_t position);

#endif
