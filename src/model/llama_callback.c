/* Reading and writing the residual stream: libllama's graph callback on the tensors l_out-<i>
 * (method.md sections 3 and 5).
 *
 * The callback is part of the context for its whole life (libllama has no setter); while no
 * chunk is active it declines every node with one comparison. For a wanted layer the graph is
 * cut after the node: edits are written first, then taps read, so that a row that is both edited
 * and tapped is seen as the later layers see it.
 *
 * libllama does not promise an order of rows, so the bookkeeping is ours and is checked: the
 * token ids of the micro-batch against the chunk's, the number of rows of every l_out, and after
 * the decode that every planned row was met. Returning false from the callback does not fail the
 * decode, it ends the graph early; errors are latched in the chunk instead.
 *
 * Rejected: llama_set_adapter_cvec (adds to every position); embeddings output (last layer
 * only). */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/llama_engine.h"

/* 1..n for "l_out-0".."l_out-<n-1>", 0 for any other name. */
static int layer_of(const char *name) {
    if (strncmp(name, "l_out-", 6) != 0)
        return 0;
    int layer = 0;
    const char *p = name + 6;
    if (*p == '\0')
        return 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        layer = 10 * layer + (*p - '0');
        if (layer > 100000)
            return 0;
    }
    return *p == '\0' ? layer + 1 : 0;
}

static bool layer_is_tapped(const struct fr_llama_chunk *chunk, int layer) {
    return chunk->tap_begin < chunk->tap_end && chunk->taps->layers[layer];
}

static bool layer_is_edited(const struct fr_llama_chunk *chunk, int layer) {
    return chunk->edits != NULL &&
           chunk->edit_layer_begin[layer] < chunk->edit_layer_begin[layer + 1];
}

/* The tensor of token ids behind the node "embd" (possibly scaled), or NULL. */
static const struct ggml_tensor *token_ids_of(const struct ggml_tensor *embedding) {
    for (int depth = 0; embedding != NULL && depth < 4; depth++) {
        if (embedding->op == GGML_OP_GET_ROWS && embedding->src[1] != NULL &&
            embedding->src[1]->type == GGML_TYPE_I32)
            return embedding->src[1];
        embedding = embedding->src[0];
    }
    return NULL;
}

/* chunk->rows holds at least n bytes afterwards. */
static void *scratch(struct fr_llama_chunk *chunk, size_t n) {
    if (n > chunk->rows_bytes) {
        chunk->rows = fr_grow(chunk->rows, n, 1);
        chunk->rows_bytes = n;
    }
    return chunk->rows;
}

static void check_tokens(struct fr_llama_chunk *chunk, const struct ggml_tensor *embedding) {
    const struct ggml_tensor *ids = token_ids_of(embedding);
    if (ids == NULL)
        return;
    if (ids->ne[0] != chunk->n) {
        if (chunk->error.code == FR_OK)
            (void)fr_fail(&chunk->error, FR_E_MODEL,
                          "libllama split a chunk of %d tokens into micro-batches of %lld",
                          chunk->n, (long long)ids->ne[0]);
        return;
    }
    const size_t bytes = (size_t)chunk->n * sizeof(int32_t);
    int32_t *computed = scratch(chunk, bytes);
    ggml_backend_tensor_get(ids, computed, 0, bytes);
    for (int i = 0; i < chunk->n; i++)
        if (computed[i] != chunk->tokens[i] && chunk->error.code == FR_OK)
            (void)fr_fail(&chunk->error, FR_E_MODEL,
                          "libllama computed token %d where position %d holds token %d: its order "
                          "of rows is not the batch's",
                          (int)computed[i], chunk->start + i, (int)chunk->tokens[i]);
    chunk->tokens_checked = true;
}

/* -- rows ----------------------------------------------------------------------------------- */

/* What visit_layer works on: a wanted tensor, and whether its rows lie in host memory. */
struct view {
    struct fr_llama *llama;
    struct ggml_tensor *tensor;
    int layer;
    bool pruned, host;
};

/* The chunk's item k of a list of taps or edits: its position. */
typedef int (*position_of)(const struct fr_llama_chunk *chunk, int k);

static int tap_position(const struct fr_llama_chunk *chunk, int k) {
    return chunk->taps->positions[k];
}

static int edit_position(const struct fr_llama_chunk *chunk, int k) {
    return chunk->edits->edits[chunk->edit_order[k]].position;
}

/* Row of the tensor that holds the position, or -1 with the fault latched. */
static int row_of(const struct view *v, int position) {
    struct fr_llama_chunk *chunk = &v->llama->chunk;
    const int i = position - chunk->start;
    const int row = v->pruned ? chunk->output_rows[i] : i;
    if (row < 0)
        (void)fr_fail(&chunk->error, FR_E_MODEL, "layer %d has no row for position %d", v->layer,
                      position);
    return row;
}

/* Items [k, end) of ascending positions whose rows are fetched together: those in host memory one
 * by one, as they lie. A transfer from a device takes about as long as GAP_BYTES more of it, so
 * rows in gaps up to that are fetched along. Returns where the run ends; rows[2]: first and last.
 * -1 when a row is missing. */
static int find_run(const struct view *v, position_of position, int k, int end, int rows[2]) {
    enum { GAP_BYTES = 1 << 16, RUN_BYTES = 1 << 20 };
    const struct fr_llama_chunk *chunk = &v->llama->chunk;
    const long long row_bytes = (long long)v->tensor->nb[1];
    rows[0] = rows[1] = row_of(v, position(chunk, k));
    if (rows[0] < 0)
        return -1;
    for (k++; k < end && !v->host; k++) {
        const int row = row_of(v, position(chunk, k));
        if (row < 0)
            return -1;
        if ((row - rows[1]) * row_bytes > GAP_BYTES || (row - rows[0]) * row_bytes > RUN_BYTES)
            break;
        rows[1] = row;
    }
    return k;
}

/* The rows first..last, where they lie or in the scratch memory; nb[1] bytes apart. */
static char *fetch(const struct view *v, const int rows[2]) {
    struct ggml_tensor *tensor = v->tensor;
    const size_t offset = (size_t)rows[0] * tensor->nb[1];
    if (v->host)
        return (char *)tensor->data + offset;
    const size_t bytes = (size_t)(rows[1] - rows[0]) * tensor->nb[1] +
                         (size_t)v->llama->base.info.width * sizeof(float);
    char *data = scratch(&v->llama->chunk, bytes);
    ggml_backend_tensor_get(tensor, data, offset, bytes);
    return data;
}

/* Rows between edited ones go back as they came. */
static void put_back(const struct view *v, const int rows[2], const char *data) {
    const size_t bytes = (size_t)(rows[1] - rows[0]) * v->tensor->nb[1] +
                         (size_t)v->llama->base.info.width * sizeof(float);
    if (!v->host)
        ggml_backend_tensor_set(v->tensor, data, (size_t)rows[0] * v->tensor->nb[1], bytes);
}

static float *row_in(const struct view *v, char *data, const int rows[2], int position) {
    return (float *)(void *)(data + (size_t)(row_of(v, position) - rows[0]) * v->tensor->nb[1]);
}

static void edit_rows(const struct view *v) {
    struct fr_llama_chunk *chunk = &v->llama->chunk;
    const int end = chunk->edit_layer_begin[v->layer + 1];
    int rows[2];
    for (int k = chunk->edit_layer_begin[v->layer]; k < end;) {
        const int run_end = find_run(v, edit_position, k, end, rows);
        if (run_end < 0)
            return;
        char *data = fetch(v, rows);
        for (; k < run_end; k++) {
            const struct fr_edit *edit = &chunk->edits->edits[chunk->edit_order[k]];
            const float *vector =
                chunk->edits->vectors + (size_t)edit->vector * (size_t)chunk->edits->width;
            fr_edit_apply(edit, vector, row_in(v, data, rows, edit->position),
                          v->llama->base.info.width);
            chunk->rows_edited++;
        }
        put_back(v, rows, data);
    }
}

static void tap_rows(const struct view *v) {
    struct fr_llama_chunk *chunk = &v->llama->chunk;
    const struct fr_tap_plan *taps = chunk->taps;
    int rows[2];
    for (int k = chunk->tap_begin; k < chunk->tap_end;) {
        const int run_end = find_run(v, tap_position, k, chunk->tap_end, rows);
        if (run_end < 0)
            return;
        char *data = fetch(v, rows);
        for (; k < run_end; k++) {
            const int position = taps->positions[k];
            taps->row(taps->user, v->layer, position, row_in(v, data, rows, position));
            chunk->rows_tapped++;
        }
    }
}

static void visit_layer(struct fr_llama *llama, struct ggml_tensor *tensor, int layer) {
    struct fr_llama_chunk *chunk = &llama->chunk;
    if (chunk->error.code != FR_OK)
        return;
    const bool last = layer == llama->base.info.n_layers;
    const bool whole = tensor->ne[1] == chunk->n;
    const bool pruned = last && !whole && tensor->ne[1] == chunk->n_outputs;
    if (tensor->type != GGML_TYPE_F32 || tensor->ne[0] != llama->base.info.width ||
        tensor->ne[2] != 1 || tensor->ne[3] != 1 || tensor->nb[0] != sizeof(float) ||
        (!whole && !pruned)) {
        (void)fr_fail(&chunk->error, FR_E_MODEL,
                      "%s is %s [%lld, %lld] where F32 [%d, %d] was expected", tensor->name,
                      ggml_type_name(tensor->type), (long long)tensor->ne[0],
                      (long long)tensor->ne[1], llama->base.info.width,
                      last ? chunk->n_outputs : chunk->n);
        return;
    }
    const struct view view = {llama, tensor, layer, pruned,
                              !chunk->fetch_always && tensor->buffer != NULL &&
                                  ggml_backend_buffer_is_host(tensor->buffer)};
    if (layer_is_edited(chunk, layer))
        edit_rows(&view);
    if (layer_is_tapped(chunk, layer) && chunk->error.code == FR_OK)
        tap_rows(&view);
}

/* The load-time probe: which layers does the graph show? One token, so one row each. */
static bool probe_node(struct fr_llama *llama, const struct ggml_tensor *tensor) {
    struct fr_llama_probe *probe = &llama->probe;
    const int layer = layer_of(tensor->name);
    if (layer >= 1 && layer <= llama->base.info.n_layers && tensor->type == GGML_TYPE_F32 &&
        tensor->ne[0] == llama->base.info.width && tensor->ne[1] == 1)
        probe->layers[layer] = true;
    if (strcmp(tensor->name, "embd") == 0 && token_ids_of(tensor) != NULL)
        probe->has_embedding_node = true;
    return false;
}

bool fr_llama_callback(struct ggml_tensor *tensor, bool ask, void *user) {
    struct fr_llama *llama = user;
    struct fr_llama_chunk *chunk = &llama->chunk;
    if (!chunk->active)
        return llama->probe.active && ask ? probe_node(llama, tensor) : !ask;
    if (ask) {
        /* The inputs are in place before the graph runs: no cut is needed to read them. */
        if (tensor->name[0] == 'e' && strcmp(tensor->name, "embd") == 0)
            check_tokens(chunk, tensor);
        const int layer = layer_of(tensor->name);
        if (layer < 1 || layer > llama->base.info.n_layers)
            return false;
        return layer_is_tapped(chunk, layer) || layer_is_edited(chunk, layer);
    }
    const int layer = layer_of(tensor->name);
    fr_activity_layer(llama->activity, layer, true);
    visit_layer(llama, tensor, layer);
    fr_activity_layer(llama->activity, layer, false);
    /* Behind the last layer are the logits alone: every key and value is in the cache. False ends
     * the graph here, and rows whose outputs were requested to be read do not pay for logits that
     * nobody wants (a third of the weights of a small model). */
    return chunk->want_next || layer < llama->base.info.n_layers;
}

/* An edit of the last layer reaches that row's logits and taps alone. Where neither is wanted it is
 * not made: its row would have to be an output, whose logits are a good part of a small model's
 * weights. */
static bool edit_is_seen(const struct fr_llama *llama, const struct fr_edit *edit) {
    const struct fr_llama_chunk *chunk = &llama->chunk;
    if (edit->layer < llama->base.info.n_layers ||
        (chunk->want_next && edit->position == chunk->start + chunk->n - 1))
        return true;
    if (!layer_is_tapped(chunk, edit->layer))
        return false;
    const struct fr_tap_plan *taps = chunk->taps;
    const int i = fr_positions_find(taps->positions, taps->n_positions, edit->position);
    return i < taps->n_positions && taps->positions[i] == edit->position;
}

/* Groups the chunk's edits by layer; within a layer they stay ascending. */
static void order_edits(struct fr_llama *llama, int begin, int end) {
    struct fr_llama_chunk *chunk = &llama->chunk;
    const int n_layers = llama->base.info.n_layers;
    int *first = chunk->edit_layer_begin;
    memset(first, 0, ((size_t)n_layers + 2) * sizeof *first);
    if (chunk->edits == NULL)
        return;
    if (end - begin > chunk->edit_order_capacity) {
        chunk->edit_order_capacity = end - begin;
        chunk->edit_order =
            fr_grow(chunk->edit_order, (size_t)(end - begin), sizeof *chunk->edit_order);
    }
    for (int i = begin; i < end; i++)
        if (edit_is_seen(llama, &chunk->edits->edits[i]))
            first[chunk->edits->edits[i].layer + 1]++;
    for (int layer = 1; layer <= n_layers + 1; layer++)
        first[layer] += first[layer - 1];
    /* Filling moves each layer's begin to its end, which is the next layer's begin: shift back. */
    for (int i = begin; i < end; i++)
        if (edit_is_seen(llama, &chunk->edits->edits[i]))
            chunk->edit_order[first[chunk->edits->edits[i].layer]++] = i;
    for (int layer = n_layers + 1; layer >= 1; layer--)
        first[layer] = first[layer - 1];
    first[0] = 0;
}

void fr_llama_chunk_plan(struct fr_llama *llama, const int32_t *tokens, int start, int n,
                         const struct fr_tap_plan *taps, const struct fr_edit_plan *edits,
                         bool want_next, int8_t *outputs) {
    struct fr_llama_chunk *chunk = &llama->chunk;
    const int n_layers = llama->base.info.n_layers;
    chunk->start = start;
    chunk->n = n;
    chunk->tokens = tokens;
    chunk->taps = taps;
    chunk->edits = edits;
    chunk->tap_begin = chunk->tap_end = 0;
    chunk->want_next = want_next;
    chunk->tokens_checked = false;
    chunk->rows_tapped = chunk->rows_edited = 0;
    chunk->error.code = FR_OK;
    if (taps != NULL) {
        chunk->tap_begin = fr_positions_find(taps->positions, taps->n_positions, start);
        chunk->tap_end = fr_positions_find(taps->positions, taps->n_positions, start + n);
    }
    int edit_begin = 0, edit_end = 0;
    if (edits != NULL) {
        edit_begin = fr_edit_plan_find(edits, start);
        edit_end = fr_edit_plan_find(edits, start + n);
    }
    order_edits(llama, edit_begin, edit_end);

    memset(outputs, 0, (size_t)n);
    if (want_next)
        outputs[n - 1] = 1;
    if (layer_is_tapped(chunk, n_layers))
        for (int k = chunk->tap_begin; k < chunk->tap_end; k++)
            outputs[taps->positions[k] - start] = 1;
    for (int i = edit_begin; i < edit_end; i++)
        if (edits->edits[i].layer == n_layers && edit_is_seen(llama, &edits->edits[i]))
            outputs[edits->edits[i].position - start] = 1;
    chunk->n_outputs = 0;
    for (int i = 0; i < n; i++)
        chunk->n_outputs += outputs[i];
    /* A single row goes through other kernels (matrix times vector) than several; keep the last
     * layer in the same ones whatever is tapped, or a tap would change the logits' last bits. */
    if (chunk->n_outputs == 1 && n > 1) {
        outputs[outputs[n - 1] ? n - 2 : n - 1] = 1;
        chunk->n_outputs = 2;
    }
    for (int i = 0, row = 0; i < n; i++)
        chunk->output_rows[i] = outputs[i] ? row++ : -1;
    chunk->active = chunk->tap_begin < chunk->tap_end || edit_begin < edit_end;
}

int fr_llama_chunk_finish(struct fr_llama *llama, struct fr_error *err) {
    struct fr_llama_chunk *chunk = &llama->chunk;
    if (!chunk->active)
        return FR_OK;
    chunk->active = false;
    llama->base.counters.rows_tapped += chunk->rows_tapped;
    llama->base.counters.rows_edited += chunk->rows_edited;
    if (chunk->error.code != FR_OK)
        return fr_fail(err, chunk->error.code, "%s: %s", llama->base.options.path,
                       chunk->error.text);
    if (llama->probe.has_embedding_node && !chunk->tokens_checked)
        return fr_fail(err, FR_E_MODEL,
                       "%s: the graph did not show its token ids; the rows cannot be trusted",
                       llama->base.options.path);
    long long taps = 0;
    for (int layer = 1; layer <= llama->base.info.n_layers; layer++)
        if (layer_is_tapped(chunk, layer))
            taps += chunk->tap_end - chunk->tap_begin;
    const long long edits = chunk->edit_layer_begin[llama->base.info.n_layers + 1];
    if (chunk->rows_tapped != taps || chunk->rows_edited != edits)
        return fr_fail(err, FR_E_MODEL,
                       "%s: the graph showed %lld of %lld rows to read and %lld of %lld to edit",
                       llama->base.options.path, chunk->rows_tapped, taps, chunk->rows_edited,
                       edits);
    return FR_OK;
}
