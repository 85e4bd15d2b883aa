/* What is wanted of a chunk of the prefill, worked out before it is computed: which taps and edits
 * fall into it, the edits by layer, the tokens whose outputs must be requested so that the last
 * layer keeps their rows; and afterwards, whether all of it was met. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/llama_engine.h"

bool fr_llama_is_tapped(const struct fr_llama_chunk *chunk, int site, int layer) {
    return chunk->tap_begin < chunk->tap_end && chunk->taps->layers[site] != NULL &&
           chunk->taps->layers[site][layer];
}

bool fr_llama_is_edited(const struct fr_llama_chunk *chunk, int layer) {
    return chunk->edits != NULL &&
           chunk->edit_layer_begin[layer] < chunk->edit_layer_begin[layer + 1];
}

/* An edit of the last layer reaches that row's logits and taps alone. Where neither is wanted it is
 * not made: its row would have to be an output, whose logits are a good part of a small model's
 * weights. */
static bool edit_is_seen(const struct fr_llama *llama, const struct fr_edit *edit) {
    const struct fr_llama_chunk *chunk = &llama->chunk;
    if (edit->layer < llama->base.info.n_layers ||
        (chunk->want_next && edit->position == chunk->start + chunk->n - 1))
        return true;
    if (!fr_llama_is_tapped(chunk, FR_SITE_BLOCK, edit->layer))
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

/* The memory, or more of it. */
static void *at_least(void *memory, size_t *bytes, size_t n) {
    if (n > *bytes) {
        memory = fr_grow(memory, n, 1);
        *bytes = n;
    }
    return memory;
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static void plan_parts(struct fr_llama *llama) {
    struct fr_llama_chunk *chunk = &llama->chunk;
    const struct fr_model_info *info = &llama->base.info;
    const size_t n = (size_t)(chunk->tap_end - chunk->tap_begin), width = (size_t)info->width;
    const bool *const *layers = n > 0 ? chunk->taps->layers : NULL;
    chunk->walk = (struct fr_llama_walk){.layer = 1};
    chunk->parts = n > 0 && (layers[FR_SITE_ATTENTION] != NULL || layers[FR_SITE_MLP] != NULL);
    chunk->walks = chunk->parts ||
                   (n > 0 && (layers[FR_SITE_HEADS] != NULL || layers[FR_SITE_SOURCES] != NULL));
    if (!chunk->walks)
        return;
    size_t row = larger(width, (size_t)info->n_heads * (size_t)info->head_width);
    if (layers[FR_SITE_SOURCES] != NULL)
        row = larger(row, (size_t)info->n_heads * (size_t)(chunk->start + chunk->n));
    chunk->kept = at_least(chunk->kept, &chunk->kept_bytes, n * width * sizeof *chunk->kept);
    chunk->told = at_least(chunk->told, &chunk->told_bytes, row * sizeof *chunk->told);
    chunk->scales = at_least(chunk->scales, &chunk->scales_bytes, n * sizeof *chunk->scales);
}

void fr_llama_chunk_release(struct fr_llama_chunk *chunk) {
    free(chunk->edit_order);
    free(chunk->edit_layer_begin);
    free(chunk->output_rows);
    free(chunk->wanted_rows);
    free(chunk->rows);
    free(chunk->kept);
    free(chunk->told);
    free(chunk->scales);
    *chunk = (struct fr_llama_chunk){0};
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
    plan_parts(llama);
    int edit_begin = 0, edit_end = 0;
    if (edits != NULL) {
        edit_begin = fr_edit_plan_find(edits, start);
        edit_end = fr_edit_plan_find(edits, start + n);
    }
    order_edits(llama, edit_begin, edit_end);
    /* What the callback copies at once is a row for every token, or the tokens' ids. */
    const bool rows = chunk->tap_begin < chunk->tap_end || edit_begin < edit_end;
    const struct fr_model_info *info = &llama->base.info;
    const size_t row_floats =
        larger((size_t)info->width, (size_t)info->n_heads * (size_t)info->head_width);
    chunk->rows = at_least(chunk->rows, &chunk->rows_bytes,
                           (size_t)n * sizeof(float) * (rows ? row_floats : 1));

    memset(outputs, 0, (size_t)n);
    if (want_next)
        outputs[n - 1] = 1;
    bool last_is_tapped = false;
    for (int site = 0; site < FR_SITE_COUNT; site++)
        last_is_tapped |= fr_llama_is_tapped(chunk, site, n_layers);
    if (last_is_tapped)
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
    for (int site = 0; site < FR_SITE_COUNT; site++)
        for (int layer = 1; layer <= llama->base.info.n_layers; layer++)
            if (fr_llama_is_tapped(chunk, site, layer))
                taps += chunk->tap_end - chunk->tap_begin;
    const long long edits = chunk->edit_layer_begin[llama->base.info.n_layers + 1];
    if (chunk->rows_tapped != taps || chunk->rows_edited != edits)
        return fr_fail(err, FR_E_MODEL,
                       "%s: the graph showed %lld of %lld rows to read and %lld of %lld to edit",
                       llama->base.options.path, chunk->rows_tapped, taps, chunk->rows_edited,
                       edits);
    return FR_OK;
}
