/* Opening a GGUF with libllama: checks, parameters, the probe of the graph, the proof of
 * determinism.
 *
 * Deterministic means: a trace is the same, bit for bit, whatever n_slots. What was found on
 * x86-64 (tests/model/ repeats it):
 * - Repacked weights (extra buffer types) sum in other orders for 4 rows and for 1: off.
 * - F32 and F16 weights go through a dot product for one row and through a blocked kernel for
 *   several, whose sums differ; from two rows on, each row's sum is the same for any number. The
 *   same split exists in flash attention for a single stream. So a step is at least two wide.
 * - Everything else works row by row. Padding of the cache changes no sum: masked cells add
 *   exact zeros.
 * - Without flash attention the chunk's size changes no bit either; with it, chunks of few rows
 *   take another kernel: a stem cut off a chunk's boundary moves logits against a prefill of that
 *   length, by up to 0.65 in SmolLM2 and 0.93 in Gemma. All runs of a pair are cut alike, so that
 *   pairs are fair; how many baselines are their rollouts token for token is among the counters.
 * Since kernels differ between machines, the claim is proved at every open: one step of a
 * sequence alone in a batch of two and in the full batch must give the same logits, or the model
 * is refused.
 *
 * The cache is in half precision (kv_type): 1.1 times as fast as single precision without flash
 * attention and several times with it, at half the memory; rows then lie within 0.0012 of their
 * root mean square from a double-precision pass (0.0037 with flash attention, 0.05 for Q8_0
 * weights).
 *
 * Rejected: always decoding 32 wide, which costs a single run 20 times its time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "model/llama_engine.h"

static void release_shared(struct fr_llama_shared *shared) {
    if (shared == NULL || atomic_fetch_sub(&shared->n_handles, 1) > 1)
        return;
    llama_model_free(shared->weights);
    free(shared->pieces);
    free(shared->piece_begin);
    free(shared->chat_template);
    free(shared);
}

static void llama_close(struct fr_model *model) {
    struct fr_llama *llama = (struct fr_llama *)model;
    fr_activity_set(llama->activity, FR_ACTIVITY_CLOSES, 0, 0);
    if (llama->batch.token != NULL)
        llama_batch_free(llama->batch);
    llama_free(llama->context);
    release_shared(llama->shared);
    fr_llama_chunk_release(&llama->chunk);
    fr_llama_gathers_release(llama);
    free(llama->probe.layers);
    free(llama->probe.forms);
    free(llama->probe.heads);
    free(llama->logits);
    fr_activity_end(llama->activity);
    fr_model_base_release(model);
    free(llama);
}

static int open_sibling(struct fr_model **out, struct fr_model *of,
                        const struct fr_model_options *options, struct fr_error *err);
static int set_use(struct fr_model *model, enum fr_model_use use, int n_slots,
                   struct fr_error *err);

static const struct fr_backend llama_backend = {
    .open_sibling = open_sibling,
    .set_use = set_use,
    .close = llama_close,
    .tokenize = fr_llama_tokenize,
    .token_text = fr_llama_token_text,
    .token_ends = fr_llama_token_ends,
    .begin_token = fr_llama_begin_token,
    .chat = fr_llama_chat,
    .check_site = fr_llama_check_site,
    .prefill = fr_llama_prefill,
    .copy_stem = fr_llama_copy_stem,
    .move = fr_llama_move,
    .decode = fr_llama_decode,
    .clear = fr_llama_clear,
    .logits = fr_llama_logits,
};

bool fr_llama_is(const struct fr_model *model) { return model->backend == &llama_backend; }

int fr_model_devices(int most, char (*names)[96], double *bytes) {
    int n = 0;
    fr_llama_log_install();
    for (size_t i = 0; i < ggml_backend_dev_count() && n < most; i++) {
        ggml_backend_dev_t device = ggml_backend_dev_get(i);
        size_t left = 0, total = 0;
        if (ggml_backend_dev_type(device) != GGML_BACKEND_DEVICE_TYPE_GPU)
            continue;
        ggml_backend_dev_memory(device, &left, &total);
        (void)snprintf(names[n], sizeof *names, "%s", ggml_backend_dev_description(device));
        bytes[n++] = (double)total;
    }
    return n;
}

int fr_model_check_devices(const struct fr_model_options *options, struct fr_error *err) {
    char names[FR_DEVICES_MOST][96];
    double bytes[FR_DEVICES_MOST];
    const bool one = options->main_gpu != 0 || options->split_mode == FR_SPLIT_NONE;
    if (options->gpu_layers == 0)
        return FR_OK;
    const int n = fr_model_devices(FR_DEVICES_MOST, names, bytes);
    const bool missing = options->main_gpu >= n && one;
    if (!missing && options->n_tensor_split <= n)
        return FR_OK;
    struct fr_text there = {0};
    for (int i = 0; i < n; i++)
        fr_text_printf(&there, "%s %d: %s", i > 0 ? "," : "", i, names[i]);
    const char *hint =
        n > 0 ? "" : "; set model.gpu_layers to 0, or install a build of libllama for a device";
    const int code =
        missing
            ? fr_fail(err, FR_E_INPUT, "model.main_gpu is %d, and the devices here are:%.300s%s",
                      options->main_gpu, n > 0 ? fr_text_get(&there) : " none", hint)
            : fr_fail(err, FR_E_INPUT,
                      "model.tensor_split has %d shares, and the devices here are:%.300s%s",
                      options->n_tensor_split, n > 0 ? fr_text_get(&there) : " none", hint);
    fr_text_release(&there);
    return code;
}

static int load_weights(struct fr_llama *llama, struct fr_error *err) {
    static const enum llama_split_mode modes[FR_SPLIT_MODE_COUNT] = {[FR_SPLIT_NONE] =
                                                                         LLAMA_SPLIT_MODE_NONE,
                                                                     [FR_SPLIT_LAYER] =
                                                                         LLAMA_SPLIT_MODE_LAYER,
                                                                     [FR_SPLIT_ROW] =
                                                                         LLAMA_SPLIT_MODE_ROW};
    const struct fr_model_options *options = &llama->base.options;
    float shares[128] = {0}; /* libllama reads as many as it may have devices */
    const int status = fr_model_check_devices(options, err);
    if (status != FR_OK)
        return status;
    FR_ASSERT(llama_max_devices() <= sizeof shares / sizeof *shares);
    memcpy(shares, options->tensor_split, (size_t)options->n_tensor_split * sizeof *shares);
    ggml_backend_dev_t none[] = {NULL};
    struct llama_model_params params = llama_model_default_params();
    params.n_gpu_layers = options->gpu_layers;
    params.main_gpu = options->main_gpu;
    params.split_mode = modes[options->split_mode];
    if (options->n_tensor_split > 0)
        params.tensor_split = shares;
    if (options->gpu_layers == 0)
        params.devices = none;
    params.use_extra_bufts = !options->deterministic;
    params.vocab_only = options->vocabulary_only;
    fr_llama_log_clear();
    fr_activity_set(llama->activity, FR_ACTIVITY_LOADS, 0, 0);
    llama->weights = llama->shared->weights = llama_model_load_from_file(options->path, params);
    fr_activity_set(llama->activity, FR_ACTIVITY_NONE, 0, 0);
    if (llama->weights == NULL) {
        char cause[256];
        fr_llama_log_cause(cause, sizeof cause);
        return fr_fail(err, FR_E_MODEL,
                       "%s: libllama cannot load the model: %s; is the file damaged, or newer than "
                       "llama.cpp %s?",
                       options->path, cause[0] ? cause : "no reason given", llama_version());
    }
    llama->vocabulary = llama_model_get_vocab(llama->weights);
    return FR_OK;
}

static int check_vocabulary(const struct fr_llama *llama, struct fr_error *err) {
    if (llama_vocab_type(llama->vocabulary) == LLAMA_VOCAB_TYPE_NONE)
        return fr_fail(err, FR_E_MODEL, "%s: the file has no tokenizer; convert the model again",
                       llama->base.options.path);
    return FR_OK;
}

static int check_kind(const struct fr_llama *llama, struct fr_error *err) {
    const struct llama_model *weights = llama->weights;
    const char *path = llama->base.options.path;
    const char *architecture = llama->base.info.architecture;
    if (llama_model_has_encoder(weights) || !llama_model_has_decoder(weights))
        return fr_fail(err, FR_E_MODEL,
                       "%s: a %s model has an encoder; give a causal language model", path,
                       architecture);
    if (llama_model_is_recurrent(weights) || llama_model_is_hybrid(weights) ||
        llama_model_is_diffusion(weights))
        return fr_fail(err, FR_E_MODEL,
                       "%s: a %s model keeps no memory that can be cut and copied at a position; "
                       "give a transformer",
                       path, architecture);
    return check_vocabulary(llama, err);
}

static void fill_info(struct fr_llama *llama) {
    struct fr_model_info *info = &llama->base.info;
    info->n_vocab = llama_vocab_n_tokens(llama->vocabulary);
    if (llama->base.options.vocabulary_only) {
        (void)snprintf(info->engine, sizeof info->engine, "llama.cpp %s", llama_version());
        return;
    }
    info->n_layers = llama_model_n_layer(llama->weights);
    info->width = llama_model_n_embd(llama->weights);
    info->context_train = llama_model_n_ctx_train(llama->weights);
    info->n_parameters = (long long)llama_model_n_params(llama->weights);
    info->weight_bytes = (double)llama_model_size(llama->weights);
    const char *device = "CPU";
    if (llama->base.options.gpu_layers != 0 && llama_supports_gpu_offload())
        for (size_t i = 0; i < ggml_backend_dev_count(); i++)
            if (ggml_backend_dev_type(ggml_backend_dev_get(i)) == GGML_BACKEND_DEVICE_TYPE_GPU) {
                device = ggml_backend_dev_description(ggml_backend_dev_get(i));
                break;
            }
    (void)snprintf(info->engine, sizeof info->engine, "llama.cpp %s (%s)", llama_version(), device);
}

/* -- context -------------------------------------------------------------------------------- */

static const enum ggml_type kv_types[FR_KV_TYPE_COUNT] = {
    [FR_KV_F16] = GGML_TYPE_F16,   [FR_KV_F32] = GGML_TYPE_F32,   [FR_KV_BF16] = GGML_TYPE_BF16,
    [FR_KV_Q8_0] = GGML_TYPE_Q8_0, [FR_KV_Q4_0] = GGML_TYPE_Q4_0,
};

struct llama_context_params fr_llama_context_params(const struct fr_llama *llama, int n_sequences) {
    const struct fr_model_options *options = &llama->base.options;
    struct llama_context_params params = llama_context_default_params();
    params.n_ctx = (uint32_t)(fr_model_cells(options->context_tokens) * n_sequences);
    params.n_batch = params.n_ubatch = (uint32_t)llama->batch_capacity;
    params.n_seq_max = (uint32_t)n_sequences;
    params.n_threads = params.n_threads_batch =
        options->threads > 0 ? options->threads : (int)sysconf(_SC_NPROCESSORS_ONLN);
    params.flash_attn_type =
        options->flash_attention ? LLAMA_FLASH_ATTN_TYPE_ENABLED : LLAMA_FLASH_ATTN_TYPE_DISABLED;
    params.type_k = params.type_v = kv_types[options->kv_type];
    params.no_perf = true;
    params.kv_unified = false;
    params.swa_full = true; /* a sliding-window cache could not be cut or copied */
    params.offload_kqv = params.op_offload = options->gpu_layers != 0;
    return params;
}

static int open_context(struct fr_llama *llama, struct fr_error *err) {
    const struct fr_model_options *options = &llama->base.options;
    const int n_sequences = fr_model_sequences(options);
    const int status =
        fr_model_check(options, &llama->base.info, atomic_load(&llama->shared->n_handles), err);
    if (status != FR_OK)
        return status;
    struct llama_context_params params = fr_llama_context_params(llama, n_sequences);
    params.cb_eval = fr_llama_callback;
    params.cb_eval_user_data = llama;
    fr_llama_log_clear();
    fr_activity_set(llama->activity, FR_ACTIVITY_OPENS, 0, 0);
    llama->context = llama_init_from_model(llama->weights, params);
    fr_activity_set(llama->activity, FR_ACTIVITY_NONE, 0, 0);
    if (llama->context == NULL) {
        char cause[256];
        fr_llama_log_cause(cause, sizeof cause);
        return fr_fail(err, FR_E_MODEL,
                       "%s: no room for %d slots x %d tokens: %s; lower model.slots or "
                       "model.context_tokens%s",
                       options->path, options->n_slots, options->context_tokens,
                       cause[0] ? cause : "no reason given",
                       options->kv_type == FR_KV_F16 || options->kv_type == FR_KV_F32
                           ? ", or set model.kv_type to q8_0"
                           : "");
    }
    if ((int)llama_n_ctx_seq(llama->context) < options->context_tokens + 1 ||
        (int)llama_n_ubatch(llama->context) < llama->batch_capacity)
        return fr_fail(err, FR_E_MODEL,
                       "%s: libllama gives %u cells per sequence and micro-batches of %u where %d "
                       "and %d were asked for",
                       options->path, llama_n_ctx_seq(llama->context),
                       llama_n_ubatch(llama->context), options->context_tokens + 1,
                       llama->batch_capacity);
    return FR_OK;
}

/* -- probe ---------------------------------------------------------------------------------- */

static void batch_add(struct fr_llama *llama, int32_t token, int position, int sequence) {
    struct llama_batch *batch = &llama->batch;
    const int i = batch->n_tokens++;
    batch->token[i] = token;
    batch->pos[i] = position;
    batch->n_seq_id[i] = 1;
    batch->seq_id[i][0] = sequence;
    batch->logits[i] = 1;
}

static int run_batch(struct fr_llama *llama, struct fr_error *err) {
    fr_llama_log_clear();
    fr_activity_set(llama->activity, FR_ACTIVITY_TRIES, 0, 0);
    void *guard = fr_memory_unguard(); /* the callback may allocate while it tries the graph */
    const int code = llama_decode(llama->context, llama->batch);
    llama_synchronize(llama->context);
    fr_memory_reguard(guard);
    fr_activity_set(llama->activity, FR_ACTIVITY_NONE, 0, 0);
    if (code == 0)
        return FR_OK;
    char cause[256];
    fr_llama_log_cause(cause, sizeof cause);
    return fr_fail(err, FR_E_MODEL, "%s: the first tokens cannot be computed (%d%s%s)",
                   llama->base.options.path, code, cause[0] ? ": " : "", cause);
}

int fr_llama_probe_check(const struct fr_llama *llama, struct fr_error *err) {
    for (int layer = 1; layer <= llama->base.info.n_layers; layer++)
        if (!llama->probe.layers[layer])
            return fr_fail(err, FR_E_MODEL,
                           "%s: the graph of architecture %s has no rows named l_out-%d, so its "
                           "residual stream cannot be read; choose another architecture (qwen2, "
                           "llama, gemma2, phi3 ...)",
                           llama->base.options.path, llama->base.info.architecture, layer - 1);
    return FR_OK;
}

static int probe_graph(struct fr_llama *llama, struct fr_error *err) {
    llama->probe.active = true;
    llama->probe.walk = (struct fr_llama_walk){.layer = 1};
    llama->batch.n_tokens = 0;
    batch_add(llama, 0, 0, 0);
    const int status = run_batch(llama, err);
    llama->probe.active = false;
    llama_memory_clear(llama_get_memory(llama->context), false);
    return status == FR_OK ? fr_llama_probe_check(llama, err) : status;
}

enum { PROOF_TOKENS = 6 };

/* One decode step of sequence 0 after a short prefill, in a batch of `width` sequences. */
static int proof_step(struct fr_llama *llama, int width, float *logits, struct fr_error *err) {
    const int n_vocab = llama->base.info.n_vocab;
    int status = FR_OK;
    for (int sequence = 0; sequence < width && status == FR_OK; sequence++) {
        /* The others differ in content and length. */
        const int n = sequence == 0 ? PROOF_TOKENS : 1 + sequence % 2;
        for (int i = 0; i < n && status == FR_OK; i += llama->batch_capacity) {
            llama->batch.n_tokens = 0;
            for (int j = i; j < n && j < i + llama->batch_capacity; j++)
                batch_add(llama, (int32_t)((7919 * (j + 1) + 104729 * sequence) % n_vocab), j,
                          sequence);
            status = run_batch(llama, err);
        }
    }
    if (status == FR_OK) {
        llama->batch.n_tokens = 0;
        for (int sequence = 0; sequence < width; sequence++)
            batch_add(llama, (int32_t)((31337 + sequence) % n_vocab),
                      sequence == 0 ? PROOF_TOKENS : 1 + sequence % 2, sequence);
        status = run_batch(llama, err);
    }
    if (status == FR_OK)
        memcpy(logits, llama_get_logits_ith(llama->context, 0), (size_t)n_vocab * sizeof *logits);
    llama_memory_clear(llama_get_memory(llama->context), false);
    return status;
}

static int prove_determinism(struct fr_llama *llama, struct fr_error *err) {
    const struct fr_model_options *options = &llama->base.options;
    if (llama->width_decode <= 2 || llama->width_decode == llama->width_proved)
        return FR_OK;
    const size_t n_vocab = (size_t)llama->base.info.n_vocab;
    float *narrow = fr_alloc(2 * n_vocab, sizeof *narrow), *wide = narrow + n_vocab;
    int status = proof_step(llama, 2, narrow, err);
    if (status == FR_OK)
        status = proof_step(llama, llama->width_decode, wide, err);
    if (status == FR_OK && memcmp(narrow, wide, n_vocab * sizeof *narrow) != 0)
        status =
            fr_fail(err, FR_E_MODEL,
                    "%s: deterministic is refused: on this machine the logits of %s weights "
                    "with %d slots differ from those with 2%s; set model.deterministic to false "
                    "and keep model.slots fixed",
                    options->path, llama->base.info.quantization, options->n_slots,
                    options->flash_attention ? " (flash_attention is on)" : "");
    free(narrow);
    if (status == FR_OK)
        llama->width_proved = llama->width_decode;
    return status;
}

/* -- open ----------------------------------------------------------------------------------- */

static void allocate_batch(struct fr_llama *llama) {
    llama->batch = llama_batch_init(llama->batch_capacity, 0, 1);
    llama->chunk.output_rows =
        fr_alloc((size_t)llama->batch_capacity, sizeof *llama->chunk.output_rows);
    llama->chunk.wanted_rows =
        fr_alloc((size_t)llama->batch_capacity, sizeof *llama->chunk.wanted_rows);
}

static void allocate_work(struct fr_llama *llama) {
    const size_t n_layers = (size_t)llama->base.info.n_layers;
    allocate_batch(llama);
    llama->chunk.edit_layer_begin = fr_alloc(n_layers + 2, sizeof *llama->chunk.edit_layer_begin);
    llama->probe.layers = fr_alloc(n_layers + 1, sizeof *llama->probe.layers);
    llama->probe.forms = fr_alloc(n_layers + 1, sizeof *llama->probe.forms);
    llama->probe.heads = fr_alloc(n_layers + 1, sizeof *llama->probe.heads);
    llama->logits = fr_alloc((size_t)llama->base.info.n_vocab, sizeof *llama->logits);
}

static void copy_probe(struct fr_llama_probe *to, const struct fr_llama_probe *from, int n_layers) {
    memcpy(to->layers, from->layers, ((size_t)n_layers + 1) * sizeof *to->layers);
    memcpy(to->forms, from->forms, ((size_t)n_layers + 1) * sizeof *to->forms);
    memcpy(to->heads, from->heads, ((size_t)n_layers + 1) * sizeof *to->heads);
    to->has_embedding_node = from->has_embedding_node;
    to->n_on_devices = from->n_on_devices;
}

/* The context, and what is asked of a model that computes. */
static int open_engine(struct fr_llama *llama, struct fr_error *err) {
    allocate_work(llama);
    int status = open_context(llama, err);
    if (status == FR_OK)
        status = probe_graph(llama, err);
    if (status == FR_OK && llama->base.options.deterministic)
        status = prove_determinism(llama, err);
    return status;
}

static int open_steps(struct fr_llama *llama, struct fr_error *err) {
    const struct fr_model_options *options = &llama->base.options;
    const bool computes = !options->vocabulary_only;
    int status =
        fr_llama_file_check(options->path, options->vocabulary_only, &llama->base.info, err);
    if (status == FR_OK && computes)
        status = fr_model_check(options, &llama->base.info, 1, err);
    if (status == FR_OK)
        status = load_weights(llama, err);
    if (status == FR_OK)
        status = computes ? check_kind(llama, err) : check_vocabulary(llama, err);
    if (status != FR_OK)
        return status;
    fill_info(llama);
    if (computes)
        status = open_engine(llama, err);
    if (status == FR_OK)
        status = fr_llama_text_init(llama, err);
    return status == FR_OK ? fr_llama_chat_open(llama, err) : status;
}

static void size_sequences(struct fr_llama *llama) {
    const struct fr_model_options *options = &llama->base.options;
    llama->width_decode = fr_model_decode_width(options);
    llama->stem_sequence = llama->width_decode;
    const int chunk = options->chunk_tokens < options->context_tokens ? options->chunk_tokens
                                                                      : options->context_tokens;
    /* libllama wants one output for each */
    const int n_sequences = fr_model_sequences(options);
    llama->batch_capacity = chunk > n_sequences ? chunk : n_sequences;
}

/* A handle without a context; the shared part counts it. */
static struct fr_llama *make_handle(struct fr_llama_shared *shared,
                                    const struct fr_model_options *options) {
    struct fr_llama *llama = fr_alloc(1, sizeof *llama);
    fr_model_base_init(&llama->base, &llama_backend, options);
    llama->shared = shared;
    llama->activity = fr_activity_begin(&llama->base.options);
    atomic_fetch_add(&shared->n_handles, 1);
    size_sequences(llama);
    return llama;
}

/* The graph is the same; another width is proved deterministic anew. */
static int set_use(struct fr_model *model, enum fr_model_use use, int n_slots,
                   struct fr_error *err) {
    struct fr_llama *llama = (struct fr_llama *)model;
    llama_free(llama->context);
    llama->context = NULL;
    llama_batch_free(llama->batch);
    free(llama->chunk.output_rows);
    free(llama->chunk.wanted_rows);
    free(model->lengths);
    model->options.use = (int)use;
    model->options.n_slots = n_slots;
    model->lengths = fr_alloc((size_t)n_slots + 1, sizeof *model->lengths);
    size_sequences(llama);
    allocate_batch(llama);
    int status = open_context(llama, err);
    if (status == FR_OK && model->options.deterministic)
        status = prove_determinism(llama, err);
    return status;
}

static int open_here(struct fr_model **out, const struct fr_model_options *options,
                     struct fr_error *err) {
    *out = NULL;
    fr_llama_log_install();
    struct fr_llama_shared *shared = fr_alloc(1, sizeof *shared);
    struct fr_llama *llama = make_handle(shared, options);
    *out = &llama->base; /* at once: what a guard leaves half open can be closed */
    const int status = open_steps(llama, err);
    if (status != FR_OK) {
        llama_close(*out);
        *out = NULL;
    }
    return status;
}

int fr_model_open(struct fr_model **out, const struct fr_model_options *options,
                  struct fr_error *err) {
    *out = NULL;
    int status = fr_model_options_check(options, err);
    if (status == FR_OK && (options->path == NULL || options->path[0] == '\0'))
        status = fr_fail(err, FR_E_INPUT, "no model given; name the path of a GGUF file");
    if (status == FR_OK)
        status = fr_llama_try(options, open_here, err);
    return status == FR_OK ? open_here(out, options, err) : status;
}

/* The graph is the same, so its probe and the proof of determinism are. */
static int open_sibling(struct fr_model **out, struct fr_model *of,
                        const struct fr_model_options *options, struct fr_error *err) {
    const struct fr_llama *like = (const struct fr_llama *)of;
    struct fr_llama *llama = make_handle(like->shared, options);
    *out = &llama->base;
    llama->weights = like->weights;
    llama->vocabulary = like->vocabulary;
    llama->base.info = of->info;
    llama->width_proved = like->width_proved;
    fr_model_set_reasoning(&llama->base, of->reasoning);
    if (!options->vocabulary_only) {
        allocate_work(llama);
        copy_probe(&llama->probe, &like->probe, of->info.n_layers);
        const int status = open_context(llama, err);
        if (status != FR_OK) {
            llama_close(*out);
            *out = NULL;
            return status;
        }
    }
    return FR_OK;
}
