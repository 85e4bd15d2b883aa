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
 * the decode that every planned row was met. Returning false from the callback would not fail
 * the decode; errors are latched in the chunk instead.
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
    for (int i = 0; i < chunk->n; i++) {
        int32_t id = -1;
        ggml_backend_tensor_get(ids, &id, (size_t)i * sizeof id, sizeof id);
        if (id != chunk->tokens[i] && chunk->error.code == FR_OK)
            (void)fr_fail(&chunk->error, FR_E_MODEL,
                          "libllama computed token %d where position %d holds token %d: its order "
                          "of rows is not the batch's",
                          (int)id, chunk->start + i, (int)chunk->tokens[i]);
    }
    chunk->tokens_checked = true;
}

/* Row of the tensor that holds the chunk's token i, or -1. */
static int row_of(const struct fr_llama_chunk *chunk, bool pruned, int i) {
    return pruned ? chunk->output_rows[i] : i;
}

static int missing_row(struct fr_llama_chunk *chunk, int layer, int i) {
    return fr_fail(&chunk->error, FR_E_MODEL, "layer %d has no row for position %d", layer,
                   chunk->start + i);
}

static void edit_rows(struct fr_llama *llama, struct ggml_tensor *tensor, int layer, bool pruned) {
    struct fr_llama_chunk *chunk = &llama->chunk;
    const size_t row_bytes = (size_t)llama->base.info.width * sizeof(float);
    const int end = chunk->edit_layer_begin[layer + 1];
    for (int k = chunk->edit_layer_begin[layer]; k < end; k++) {
        const struct fr_edit *edit = &chunk->edits->edits[chunk->edit_order[k]];
        const int row = row_of(chunk, pruned, edit->position - chunk->start);
        if (row < 0) {
            (void)missing_row(chunk, layer, edit->position - chunk->start);
            return;
        }
        const size_t offset = (size_t)row * tensor->nb[1];
        const float *vector =
            chunk->edits->vectors + (size_t)edit->vector * (size_t)chunk->edits->width;
        ggml_backend_tensor_get(tensor, chunk->row, offset, row_bytes);
        fr_edit_apply(edit, vector, chunk->row, llama->base.info.width);
        ggml_backend_tensor_set(tensor, chunk->row, offset, row_bytes);
        chunk->rows_edited++;
    }
}

static void tap_rows(struct fr_llama *llama, const struct ggml_tensor *tensor, int layer,
                     bool pruned) {
    struct fr_llama_chunk *chunk = &llama->chunk;
    const struct fr_tap_plan *taps = chunk->taps;
    const size_t row_bytes = (size_t)llama->base.info.width * sizeof(float);
    /* Rows in host memory are lent to the sink as they lie; others are fetched one by one. */
    const bool host = tensor->buffer != NULL && ggml_backend_buffer_is_host(tensor->buffer);
    for (int k = chunk->tap_begin; k < chunk->tap_end; k++) {
        const int position = taps->positions[k];
        const int row = row_of(chunk, pruned, position - chunk->start);
        if (row < 0) {
            (void)missing_row(chunk, layer, position - chunk->start);
            return;
        }
        const size_t offset = (size_t)row * tensor->nb[1];
        const float *h = (const float *)(const void *)((const char *)tensor->data + offset);
        if (!host) {
            ggml_backend_tensor_get(tensor, chunk->row, offset, row_bytes);
            h = chunk->row;
        }
        taps->row(taps->user, layer, position, h);
        chunk->rows_tapped++;
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
    if (layer_is_edited(chunk, layer))
        edit_rows(llama, tensor, layer, pruned);
    if (layer_is_tapped(chunk, layer) && chunk->error.code == FR_OK)
        tap_rows(llama, tensor, layer, pruned);
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
    visit_layer(llama, tensor, layer_of(tensor->name));
    return true;
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
        first[chunk->edits->edits[i].layer + 1]++;
    for (int layer = 1; layer <= n_layers + 1; layer++)
        first[layer] += first[layer - 1];
    /* Filling moves each layer's begin to its end, which is the next layer's begin: shift back. */
    for (int i = begin; i < end; i++)
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
        if (edits->edits[i].layer == n_layers)
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
