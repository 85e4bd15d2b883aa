/* The handle of a language model: options, argument checks common to every implementation, the
 * length of each sequence, token arrays. The implementations (llama_*.c, and one for tests) see
 * only arguments that are right, so that a wrong plan is refused with the same words by all of
 * them, before anything is computed.
 *
 * Rejected: letting each implementation check; libllama aborts the process on some of these. */
#include "model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "model/backend.h"

const char *const fr_site_name[FR_SITE_COUNT] = {
    [FR_SITE_BLOCK] = "block", [FR_SITE_ATTENTION] = "attention", [FR_SITE_MLP] = "mlp",
    [FR_SITE_HEADS] = "heads", [FR_SITE_SOURCES] = "sources",
};

const char *const fr_kv_type_name[FR_KV_TYPE_COUNT] = {
    [FR_KV_F16] = "f16",   [FR_KV_F32] = "f32",   [FR_KV_BF16] = "bf16",
    [FR_KV_Q8_0] = "q8_0", [FR_KV_Q4_0] = "q4_0",
};
const char *const fr_reasoning_name[FR_REASONING_COUNT] = {"auto", "tags", "none"};

const char *const fr_split_mode_name[FR_SPLIT_MODE_COUNT] = {
    [FR_SPLIT_NONE] = "none",
    [FR_SPLIT_LAYER] = "layer",
    [FR_SPLIT_ROW] = "row",
};

struct fr_model_options fr_model_options_defaults(void) {
    return (struct fr_model_options){
        .n_slots = 16,
        .context_tokens = 4096,
        .chunk_tokens = 512,
        .threads = 0,
        .gpu_layers = 0,
        .split_mode = FR_SPLIT_LAYER,
        .deterministic = true,
    };
}

void fr_tokens_release(struct fr_tokens *tokens) {
    if (tokens == NULL)
        return;
    free(tokens->ids);
    free(tokens->starts);
    free(tokens->ends);
    *tokens = (struct fr_tokens){0};
}

void fr_tokens_append(struct fr_tokens *tokens, int32_t id, int32_t start, int32_t end) {
    if (tokens->n == tokens->capacity) {
        const int capacity = tokens->capacity > 0 ? 2 * tokens->capacity : 64;
        tokens->ids = fr_grow(tokens->ids, (size_t)capacity, sizeof *tokens->ids);
        tokens->starts = fr_grow(tokens->starts, (size_t)capacity, sizeof *tokens->starts);
        tokens->ends = fr_grow(tokens->ends, (size_t)capacity, sizeof *tokens->ends);
        tokens->capacity = capacity;
    }
    tokens->ids[tokens->n] = id;
    tokens->starts[tokens->n] = start;
    tokens->ends[tokens->n] = end;
    tokens->n++;
}

/* Keys of devices that would be passed over, or that exclude each other. */
static int check_devices(const struct fr_model_options *o, struct fr_error *err) {
    double sum = 0;
    for (int i = 0; i < o->n_tensor_split; i++)
        sum += (double)o->tensor_split[i];
    if (o->gpu_layers == 0 &&
        (o->main_gpu != 0 || o->n_tensor_split > 0 || o->split_mode != FR_SPLIT_LAYER))
        return fr_fail(err, FR_E_INPUT,
                       "model.%s with model.gpu_layers 0, which puts nothing on a device; set "
                       "model.gpu_layers, or leave it out",
                       o->main_gpu != 0        ? "main_gpu"
                       : o->n_tensor_split > 0 ? "tensor_split"
                                               : "split_mode");
    if (o->main_gpu != 0 && o->split_mode == FR_SPLIT_LAYER)
        return fr_fail(
            err, FR_E_INPUT,
            "model.main_gpu %d with model.split_mode layer, which has no main device; set "
            "model.split_mode to none for that device alone, or to row",
            o->main_gpu);
    if (o->n_tensor_split > 0 && o->split_mode == FR_SPLIT_NONE)
        return fr_fail(err, FR_E_INPUT,
                       "model.tensor_split with model.split_mode none: one device has all; set "
                       "model.split_mode to layer or row, or leave model.tensor_split out");
    if (o->n_tensor_split > 0 && !(sum > 0))
        return fr_fail(err, FR_E_INPUT, "model.tensor_split gives no device a share");
    return FR_OK;
}

int fr_model_options_check(const struct fr_model_options *options, struct fr_error *err) {
    if (options->n_slots < 1 || options->n_slots > FR_SLOTS_MAX)
        return fr_fail(err, FR_E_INPUT, "model.slots is %d; use 1 to %d", options->n_slots,
                       FR_SLOTS_MAX);
    if (options->context_tokens < 2)
        return fr_fail(err, FR_E_INPUT, "model.context_tokens is %d; use 2 or more",
                       options->context_tokens);
    if (options->chunk_tokens < 1)
        return fr_fail(err, FR_E_INPUT, "model.chunk_tokens is %d; use 1 or more, 512 is usual",
                       options->chunk_tokens);
    if (options->threads < 0)
        return fr_fail(err, FR_E_INPUT, "model.threads is %d; use 0 for all cores, or their number",
                       options->threads);
    if (options->gpu_layers < -1)
        return fr_fail(err, FR_E_INPUT, "model.gpu_layers is %d; use 0 for none, -1 for all",
                       options->gpu_layers);
    if (options->kv_type < 0 || options->kv_type >= FR_KV_TYPE_COUNT)
        return fr_fail(err, FR_E_INPUT, "model.kv_type is %d; use f16, or one of fr_kv_type_name",
                       options->kv_type);
    if (options->kv_type >= FR_KV_Q8_0 && !options->flash_attention)
        return fr_fail(err, FR_E_INPUT,
                       "model.kv_type %s needs model.flash_attention; set it to true, or "
                       "model.kv_type to f16",
                       fr_kv_type_name[options->kv_type]);
    if (options->kv_type == FR_KV_F32 && options->flash_attention)
        return fr_fail(err, FR_E_INPUT,
                       "model.kv_type f32 does nothing with model.flash_attention, for which "
                       "libllama rounds keys and values to half precision; set "
                       "model.flash_attention to false, or model.kv_type to f16");
    FR_ASSERT(options->reasoning >= 0 && options->reasoning < FR_REASONING_COUNT);
    return check_devices(options, err);
}

void fr_model_base_init(struct fr_model *model, const struct fr_backend *backend,
                        const struct fr_model_options *options) {
    model->backend = backend;
    model->options = *options;
    if (options->use == FR_USE_PREFILL)
        model->options.n_slots = 1;
    model->options.path = options->path != NULL ? fr_strdup(options->path) : NULL;
    model->lengths = fr_alloc((size_t)options->n_slots + 1, sizeof *model->lengths);
    model->options.chat_template =
        options->chat_template != NULL ? fr_strdup(options->chat_template) : NULL;
    fr_model_set_reasoning(model, NULL);
}

void fr_model_set_reasoning(struct fr_model *model, const struct fr_reasoning_tag *found) {
    model->reasoning = found != NULL ? found : &fr_reasoning_tags[0];
    model->thinks = model->options.reasoning == FR_REASONING_AUTO
                        ? found != NULL
                        : model->options.reasoning == FR_REASONING_TAGS;
}

void fr_model_base_release(struct fr_model *model) {
    free((char *)(uintptr_t)model->options.path);
    free((char *)(uintptr_t)model->options.chat_template);
    free(model->lengths);
    model->options.path = model->options.chat_template = NULL;
    model->lengths = NULL;
}

int fr_model_open_sibling(struct fr_model **out, struct fr_model *of, int threads,
                          struct fr_error *err) {
    *out = NULL;
    struct fr_model_options options = of->options;
    options.threads = threads;
    const int status = fr_model_options_check(&options, err);
    return status != FR_OK ? status : of->backend->open_sibling(out, of, &options, err);
}

void fr_model_close(struct fr_model *model) {
    if (model != NULL)
        model->backend->close(model);
}

const struct fr_model_info *fr_model_info(const struct fr_model *model) { return &model->info; }

const struct fr_model_options *fr_model_options(const struct fr_model *model) {
    return &model->options;
}

void fr_model_counters_add(struct fr_model_counters *to, const struct fr_model_counters *what,
                           int sign) {
    to->tokens_prefilled += sign * what->tokens_prefilled;
    to->tokens_decoded += sign * what->tokens_decoded;
    to->tokens_copied += sign * what->tokens_copied;
    to->rows_tapped += sign * what->rows_tapped;
    to->rows_edited += sign * what->rows_edited;
    to->prefill_ns += sign * what->prefill_ns;
    to->decode_ns += sign * what->decode_ns;
    to->rows_decoded += sign * what->rows_decoded;
    to->steps += sign * what->steps;
    to->waits += sign * what->waits;
    to->copies_from_device += sign * what->copies_from_device;
    to->copies_to_device += sign * what->copies_to_device;
    to->copies_of_indices += sign * what->copies_of_indices;
}

struct fr_model_counters fr_model_counters(const struct fr_model *model) {
    return (struct fr_model_counters){.tokens_prefilled = model->counters.tokens_prefilled,
                                      .tokens_decoded = model->counters.tokens_decoded,
                                      .tokens_copied = model->counters.tokens_copied,
                                      .rows_tapped = model->counters.rows_tapped,
                                      .rows_edited = model->counters.rows_edited,
                                      .prefill_ns = model->counters.prefill_ns,
                                      .decode_ns = model->counters.decode_ns,
                                      .rows_decoded = model->counters.rows_decoded,
                                      .steps = model->counters.steps,
                                      .waits = model->counters.waits,
                                      .copies_from_device = model->counters.copies_from_device,
                                      .copies_to_device = model->counters.copies_to_device,
                                      .copies_of_indices = model->counters.copies_of_indices};
}

bool fr_model_thinks(const struct fr_model *model) { return model->thinks; }

const char *fr_model_reasoning_start(const struct fr_model *model) {
    return model->reasoning->begin;
}

const char *fr_model_reasoning_end(const struct fr_model *model) { return model->reasoning->end; }

const float *fr_model_logits(const struct fr_model *model) { return model->backend->logits(model); }

int fr_model_tokenize(const struct fr_model *model, const char *text, size_t n, bool parse_special,
                      struct fr_tokens *out, struct fr_error *err) {
    out->n = 0;
    if (n > INT32_MAX / 2)
        return fr_fail(err, FR_E_INPUT,
                       "a text of %zu bytes is too long to tokenize; the limit is %d", n,
                       INT32_MAX / 2);
    const int status = model->backend->tokenize(model, text, n, parse_special, out, err);
    if (status != FR_OK)
        out->n = 0;
    return status;
}

const char *fr_model_token_text(const struct fr_model *model, int32_t id, size_t *n) {
    FR_ASSERT(id >= 0 && id < model->info.n_vocab);
    return model->backend->token_text(model, id, n);
}

bool fr_model_token_ends(const struct fr_model *model, int32_t id) {
    FR_ASSERT(id >= 0 && id < model->info.n_vocab);
    return model->backend->token_ends(model, id);
}

int32_t fr_model_begin_token(const struct fr_model *model, bool *wanted) {
    *wanted = false;
    return model->backend->begin_token != NULL ? model->backend->begin_token(model, wanted) : -1;
}

int fr_model_chat(const struct fr_model *model, const char *system, const char *message, char **out,
                  struct fr_error *err) {
    *out = NULL;
    return model->backend->chat(model, system != NULL && *system != '\0' ? system : NULL, message,
                                out, err);
}

static long long now_ns(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* -- prefill -------------------------------------------------------------------------------- */

static int check_computes(const struct fr_model *model, struct fr_error *err) {
    if (model->options.vocabulary_only)
        return fr_fail(err, FR_E_INPUT,
                       "%s was opened for its vocabulary only and computes nothing",
                       model->options.path);
    return FR_OK;
}

/* -- use ------------------------------------------------------------------------------------ */

int fr_model_set_use(struct fr_model *model, enum fr_model_use use, int n_slots,
                     struct fr_error *err) {
    const int own_slots = use == FR_USE_PREFILL ? 1 : n_slots;
    if (model->backend->set_use == NULL ||
        (model->options.use == (int)use && model->options.n_slots == own_slots))
        return FR_OK;
    return model->backend->set_use(model, use, own_slots, err);
}

static bool has_stem(const struct fr_model *model) { return model->options.use == FR_USE_SHARED; }

static int check_range(const struct fr_model *model, int slot, const int32_t *tokens, int start,
                       int n, struct fr_error *err) {
    const int length = model->lengths[slot == FR_SLOT_STEM ? model->options.n_slots : slot];
    if (n < 1)
        return fr_fail(err, FR_E_INPUT, "prefill of %d tokens; give at least one", n);
    if (start != length)
        return fr_fail(err, FR_E_INPUT,
                       "prefill at position %d of a sequence that holds %d tokens; clear it first, "
                       "or start at its end",
                       start, length);
    if (n > model->options.context_tokens - start)
        return fr_fail(err, FR_E_INPUT,
                       "prefill of positions %d to %d passes the context of %d tokens; raise "
                       "context_tokens",
                       start, start + n - 1, model->options.context_tokens);
    for (int i = 0; i < n; i++)
        if (tokens[i] < 0 || tokens[i] >= model->info.n_vocab)
            return fr_fail(err, FR_E_INPUT,
                           "token %d at position %d is not in the vocabulary of %d", (int)tokens[i],
                           start + i, model->info.n_vocab);
    return FR_OK;
}

static int check_site(const struct fr_model *model, int site, const bool *layers,
                      struct fr_error *err) {
    if (site == FR_SITE_BLOCK)
        return FR_OK;
    int status = FR_OK;
    for (int layer = 1; layer <= model->info.n_layers && status == FR_OK; layer++)
        if (layers == NULL || layers[layer])
            status = model->backend->check_site(model, site, layer, err);
    return status;
}

int fr_model_check_site(const struct fr_model *model, int site, struct fr_error *err) {
    FR_ASSERT(site >= 0 && site < FR_SITE_COUNT);
    const int status = check_computes(model, err);
    return status == FR_OK ? check_site(model, site, NULL, err) : status;
}

static int check_taps(const struct fr_model *model, const struct fr_tap_plan *taps, int start,
                      int n, struct fr_error *err) {
    int status = FR_OK;
    for (int site = 0; site < FR_SITE_COUNT && status == FR_OK; site++)
        if (taps->layers[site] != NULL)
            status = check_site(model, site, taps->layers[site], err);
    if (status != FR_OK)
        return status;
    if (taps->n_positions < 0)
        return fr_fail(err, FR_E_INPUT, "tap plan of %d positions", taps->n_positions);
    for (int i = 0; i < taps->n_positions; i++) {
        const int position = taps->positions[i];
        if (position < start || position >= start + n)
            return fr_fail(err, FR_E_INPUT,
                           "tap at position %d, outside the prefilled positions %d to %d", position,
                           start, start + n - 1);
        if (i > 0 && position <= taps->positions[i - 1])
            return fr_fail(err, FR_E_INPUT,
                           "tap position %d comes after %d; sort the positions, each once",
                           position, (int)taps->positions[i - 1]);
    }
    return FR_OK;
}

static int check_edit(const struct fr_model *model, const struct fr_edit_plan *plan, int i,
                      int start, int n, struct fr_error *err) {
    const struct fr_edit *edit = &plan->edits[i];
    if (edit->position < start || edit->position >= start + n)
        return fr_fail(err, FR_E_INPUT,
                       "edit %d at position %d, outside the prefilled positions %d to %d", i,
                       (int)edit->position, start, start + n - 1);
    if (edit->layer < 1 || edit->layer > model->info.n_layers)
        return fr_fail(err, FR_E_INPUT, "edit %d at layer %d; the model's layers are 1 to %d", i,
                       edit->layer, model->info.n_layers);
    if (edit->operation >= FR_EDIT_OPERATION_COUNT)
        return fr_fail(err, FR_E_INPUT, "edit %d has the unknown operation %d", i, edit->operation);
    if (edit->vector < 0 || edit->vector >= plan->n_vectors)
        return fr_fail(err, FR_E_INPUT, "edit %d uses vector %d of %d", i, (int)edit->vector,
                       plan->n_vectors);
    if (!isfinite(edit->scale))
        return fr_fail(err, FR_E_INPUT, "edit %d has a scale that is not a number", i);
    if (i > 0) {
        const struct fr_edit *before = edit - 1;
        if (edit->position == before->position && edit->layer == before->layer)
            return fr_fail(err, FR_E_INPUT,
                           "two edits of position %d at layer %d; a row is edited once",
                           (int)edit->position, edit->layer);
        if (edit->position < before->position ||
            (edit->position == before->position && edit->layer < before->layer))
            return fr_fail(err, FR_E_INPUT,
                           "edit %d (position %d, layer %d) comes after (position %d, layer %d); "
                           "sort the plan by position and layer",
                           i, (int)edit->position, edit->layer, (int)before->position,
                           before->layer);
    }
    return FR_OK;
}

static int check_edits(const struct fr_model *model, const struct fr_edit_plan *plan, int start,
                       int n, struct fr_error *err) {
    if (plan->n_edits == 0)
        return FR_OK;
    if (plan->width != model->info.width)
        return fr_fail(err, FR_E_INPUT,
                       "edit vectors of width %d for a model of width %d; were they collected with "
                       "another model?",
                       plan->width, model->info.width);
    for (int i = 0; i < plan->n_edits; i++) {
        const int status = check_edit(model, plan, i, start, n, err);
        if (status != FR_OK)
            return status;
    }
    const size_t width = (size_t)plan->width;
    for (size_t i = 0; i < (size_t)plan->n_vectors * width; i++)
        if (!isfinite(plan->vectors[i]))
            return fr_fail(err, FR_E_INPUT,
                           "edit vector %zu is not a number at element %zu; a missing cell cannot "
                           "steer",
                           i / width, i % width);
    return FR_OK;
}

int fr_model_prefill(struct fr_model *model, int slot, const int32_t *tokens, int start, int n,
                     const struct fr_tap_plan *taps, const struct fr_edit_plan *edits,
                     int32_t *next, struct fr_error *err) {
    FR_ASSERT(slot == FR_SLOT_STEM ? has_stem(model) : slot >= 0 && slot < model->options.n_slots);
    const int sequence = slot == FR_SLOT_STEM ? model->options.n_slots : slot;
    const long long begun = now_ns();
    int status = check_computes(model, err);
    if (status == FR_OK)
        status = check_range(model, slot, tokens, start, n, err);
    if (status == FR_OK && taps != NULL)
        status = check_taps(model, taps, start, n, err);
    if (status == FR_OK && edits != NULL)
        status = check_edits(model, edits, start, n, err);
    if (status == FR_E_INPUT)
        return status;
    if (status == FR_OK)
        status = model->backend->prefill(model, sequence, tokens, start, n, taps, edits, next, err);
    model->counters.prefill_ns += now_ns() - begun;
    if (status != FR_OK) {
        fr_model_clear(model, slot);
        return status;
    }
    model->lengths[sequence] += n;
    model->counters.tokens_prefilled += n;
    return FR_OK;
}

/* -- slots ---------------------------------------------------------------------------------- */

int fr_model_copy_stem(struct fr_model *model, int slot, int n_tokens, struct fr_error *err) {
    FR_ASSERT(slot >= 0 && slot < model->options.n_slots && has_stem(model));
    const int held = model->lengths[model->options.n_slots];
    const int computes = check_computes(model, err);
    if (computes != FR_OK)
        return computes;
    if (n_tokens < 1 || n_tokens > held)
        return fr_fail(err, FR_E_INPUT, "copy of %d tokens of a stem that holds %d", n_tokens,
                       held);
    const int status = model->backend->copy_stem(model, slot, n_tokens, err);
    model->lengths[slot] = status == FR_OK ? n_tokens : 0;
    if (status == FR_OK)
        model->counters.tokens_copied += n_tokens;
    return status;
}

int fr_model_decode(struct fr_model *model, const int32_t *tokens, int32_t *next,
                    struct fr_error *err) {
    const int n_slots = model->options.n_slots;
    FR_ASSERT(model->options.use != FR_USE_PREFILL);
    const int computes = check_computes(model, err);
    if (computes != FR_OK)
        return computes;
    for (int i = 0; i < n_slots; i++) {
        if (tokens[i] >= model->info.n_vocab)
            return fr_fail(err, FR_E_INPUT, "token %d for slot %d is not in the vocabulary of %d",
                           (int)tokens[i], i, model->info.n_vocab);
        if (tokens[i] >= 0 && model->lengths[i] >= model->options.context_tokens)
            return fr_fail(
                err, FR_E_INPUT,
                "slot %d is full at %d tokens; end its sequence, or raise context_tokens", i,
                model->lengths[i]);
    }
    const long long begun = now_ns();
    const int status = model->backend->decode(model, tokens, next, err);
    model->counters.decode_ns += now_ns() - begun;
    if (status != FR_OK) {
        for (int i = 0; i < n_slots; i++)
            fr_model_clear(model, i);
        return status;
    }
    for (int i = 0; i < n_slots; i++) {
        if (tokens[i] < 0)
            continue;
        model->lengths[i]++;
        model->counters.tokens_decoded++;
    }
    return FR_OK;
}

bool fr_model_move(struct fr_model *model, int from, int to) {
    FR_ASSERT(from >= 0 && from < model->options.n_slots && to >= 0 &&
              to < model->options.n_slots && from != to && model->lengths[to] == 0);
    if (model->backend->move == NULL)
        return false;
    model->backend->move(model, from, to);
    model->lengths[to] = model->lengths[from];
    model->lengths[from] = 0;
    return true;
}

void fr_model_clear(struct fr_model *model, int slot) {
    FR_ASSERT(slot == FR_SLOT_STEM || (slot >= 0 && slot < model->options.n_slots));
    const int sequence = slot == FR_SLOT_STEM ? model->options.n_slots : slot;
    if (!model->options.vocabulary_only && (slot != FR_SLOT_STEM || has_stem(model)))
        model->backend->clear(model, sequence);
    model->lengths[sequence] = 0;
}

/* -- logits --------------------------------------------------------------------------------- */

/* The largest of n numbers, in lanes, which the compiler turns into vector instructions. */
static float largest_of(const float *x, int n) {
    enum { LANES = 16 };
    float lanes[LANES], best = -INFINITY;
    for (int j = 0; j < LANES; j++)
        lanes[j] = -INFINITY;
    int i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int j = 0; j < LANES; j++)
            lanes[j] = x[i + j] > lanes[j] ? x[i + j] : lanes[j];
    for (int j = 0; j < LANES; j++)
        best = lanes[j] > best ? lanes[j] : best;
    for (; i < n; i++)
        best = x[i] > best ? x[i] : best;
    return best;
}

/* The maximum block by block; where it is is looked for in its own block alone. 152,064 logits take
 * 32 us of a core, an obvious loop 78, and looking for it from the first one on 106; the copy that
 * libllama makes of them 24.
 *
 * Rejected: libllama's greedy sampler, which chooses on the device: of equal logits it takes the
 * last one on a processor and any on a GPU, so that the same weights would give other tokens; and
 * prefills of a sequence that has a sampler give no logits. */
int32_t fr_logits_argmax(const float *logits, int n) {
    enum { BLOCK = 1024 };
    float best = -INFINITY;
    int begin = 0;
    for (int i = 0; i < n; i += BLOCK) {
        const float largest = largest_of(logits + i, n - i < BLOCK ? n - i : BLOCK);
        if (largest > best) {
            best = largest;
            begin = i;
        }
    }
    if (!isfinite(best))
        return -1;
    for (int i = begin; i < n; i++)
        if (logits[i] == best)
            return i;
    return -1;
}
