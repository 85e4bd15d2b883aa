/* Reading and writing the residual stream: libllama's graph callback on the tensors l_out-<i>
 * (method.md sections 3 and 5), on the sums of llama_sites.c for what attention and MLP add, and on
 * attention's softmax and the matrix behind it for its heads.
 *
 * The callback is part of the context for its whole life (libllama has no setter); while no
 * chunk is active it declines every node with one comparison. For a wanted layer the graph is
 * cut after the node: edits are written first, then taps read, so that a row that is both edited
 * and tapped is seen as the later layers see it. Parts are differences: the tapped rows of the
 * residual stream are kept from one sum to the next.
 *
 * libllama does not promise an order of rows, so the bookkeeping is ours and is checked: the
 * token ids of the micro-batch against the chunk's, the number of rows of every l_out, and after
 * the decode that every planned row was met. Returning false from the callback does not fail the
 * decode, it ends the graph early; errors are latched in the chunk instead.
 *
 * Rejected: llama_set_adapter_cvec (adds to every position); embeddings output (last layer
 * only). */
#include <math.h>
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

/* A wanted tensor, and whether its rows lie in host memory. */
struct view {
    struct fr_llama *llama;
    struct ggml_tensor *tensor;
    int layer, width; /* floats of a row */
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

/* Rows in host memory: the tensor's own, or a copy. */
struct rows {
    const int32_t *of; /* [n] which of the tensor's they are, ascending */
    int n;
    char *data;
    size_t stride;
    int first; /* the row of the tensor that data begins with; -1: row i is at i strides */
};

/* The rows of the items [begin, end): where they lie, or all in one copy. false when one is
 * missing. */
static bool fetch(const struct view *v, position_of position, int begin, int end, struct rows *r) {
    struct fr_llama_chunk *chunk = &v->llama->chunk;
    struct ggml_tensor *tensor = v->tensor;
    const size_t row_bytes = (size_t)v->width * sizeof(float);
    *r = (struct rows){.of = chunk->wanted_rows, .n = end - begin, .stride = tensor->nb[1]};
    for (int k = begin; k < end; k++)
        if ((chunk->wanted_rows[k - begin] = row_of(v, position(chunk, k))) < 0)
            return false;
    if (v->host) {
        r->data = tensor->data;
        return true;
    }
    const int first = r->of[0], n_between = r->of[r->n - 1] - first + 1;
    v->llama->base.counters.copies_from_device++;
    if (n_between > r->n) {
        r->data = scratch(chunk, (size_t)r->n * row_bytes);
        r->stride = row_bytes;
        r->first = -1;
        if (fr_llama_gather(v->llama, tensor, r->of, r->n, (float *)(void *)r->data))
            return true;
        r->stride = tensor->nb[1];
    }
    const size_t bytes = (size_t)(n_between - 1) * r->stride + row_bytes;
    r->first = first;
    r->data = scratch(chunk, bytes);
    ggml_backend_tensor_get(tensor, r->data, (size_t)first * r->stride, bytes);
    return true;
}

/* Rows between edited ones, where they were fetched too, go back as they came. */
static bool put_back(const struct view *v, const struct rows *r) {
    if (v->host)
        return true;
    v->llama->base.counters.copies_to_device++;
    if (r->first < 0)
        return fr_llama_scatter(v->llama, v->tensor, r->of, r->n,
                                (const float *)(const void *)r->data);
    ggml_backend_tensor_set(v->tensor, r->data, (size_t)r->first * r->stride,
                            (size_t)(r->of[r->n - 1] - r->first) * r->stride +
                                (size_t)v->width * sizeof(float));
    return true;
}

static float *row_in(const struct rows *r, int i) {
    return (float *)(void *)(r->data +
                             (size_t)(r->first < 0 ? i : r->of[i] - r->first) * r->stride);
}

static void edit_rows(const struct view *v) {
    struct fr_llama_chunk *chunk = &v->llama->chunk;
    const int begin = chunk->edit_layer_begin[v->layer],
              end = chunk->edit_layer_begin[v->layer + 1];
    struct rows rows;
    if (!fetch(v, edit_position, begin, end, &rows))
        return;
    for (int k = begin; k < end; k++) {
        const struct fr_edit *edit = &chunk->edits->edits[chunk->edit_order[k]];
        const float *vector =
            chunk->edits->vectors + (size_t)edit->vector * (size_t)chunk->edits->width;
        fr_edit_apply(edit, vector, row_in(&rows, k - begin), v->llama->base.info.width);
        chunk->rows_edited++;
    }
    if (!put_back(v, &rows))
        (void)fr_fail(&chunk->error, FR_E_MODEL,
                      "layer %d: the device gave its rows and does not take them back", v->layer);
}

/* What becomes of a tapped position's row of the residual stream. The difference to the row kept
 * before is told as the site's; then the row is kept, or told as the block's. */
struct use {
    int difference; /* a site; FR_SITE_BLOCK: none */
    bool row, keep;
};

static void tell(const struct view *v, int site, int k, const float *h) {
    struct fr_llama_chunk *chunk = &v->llama->chunk;
    chunk->taps->row(chunk->taps->user, site, v->layer, chunk->taps->positions[k], h);
    chunk->rows_tapped++;
}

/* In lanes, as model.c's largest_of: bit 31 comes up where all bits of an exponent are set. */
static bool all_finite(const float *h, size_t n) {
    enum { LANES = 16 };
    uint32_t lanes[LANES] = {0}, bits[LANES] = {0};
    for (size_t i = 0; i < n; i += LANES) {
        memcpy(bits, h + i, (n - i < LANES ? n - i : LANES) * sizeof *h);
        for (int j = 0; j < LANES; j++)
            lanes[j] |= (bits[j] & 0x7fffffffu) + 0x00800000u;
    }
    for (int j = 1; j < LANES; j++)
        lanes[0] |= lanes[j];
    return lanes[0] >> 31 == 0;
}

static void use_row(const struct view *v, const void *arg, int k, const float *h) {
    const struct use *use = arg;
    struct fr_llama_chunk *chunk = &v->llama->chunk;
    const size_t width = (size_t)v->width;
    if (chunk->error.code == FR_OK && !all_finite(h, width))
        (void)fr_fail(&chunk->error, FR_E_MODEL,
                      "the row of position %d after layer %d is not finite; are the weights "
                      "damaged, or an edit's vector or scale out of all bounds?",
                      chunk->taps->positions[k], v->layer);
    float *kept = chunk->parts ? chunk->kept + (size_t)(k - chunk->tap_begin) * width : NULL;
    if (use->difference != FR_SITE_BLOCK) {
        for (size_t i = 0; i < width; i++)
            chunk->told[i] = h[i] - kept[i];
        tell(v, use->difference, k, chunk->told);
    }
    if (use->row)
        tell(v, FR_SITE_BLOCK, k, h);
    if (use->keep)
        memcpy(kept, h, width * sizeof *h);
}

static bool fetch_taps(const struct view *v, struct rows *rows) {
    const struct fr_llama_chunk *chunk = &v->llama->chunk;
    return chunk->tap_begin < chunk->tap_end &&
           fetch(v, tap_position, chunk->tap_begin, chunk->tap_end, rows);
}

/* The tapped positions' rows, one after the other. */
static void for_rows(const struct view *v, const struct rows *rows,
                     void (*row)(const struct view *v, const void *arg, int k, const float *h),
                     const void *arg) {
    const struct fr_llama_chunk *chunk = &v->llama->chunk;
    for (int k = chunk->tap_begin; k < chunk->tap_end; k++)
        row(v, arg, k, row_in(rows, k - chunk->tap_begin));
}

static void use_rows(const struct view *v, const struct rows *rows, const struct use *use) {
    for_rows(v, rows, use_row, use);
}

static void tap_rows(const struct view *v, const struct use *use) {
    struct rows rows;
    if (fetch_taps(v, &rows))
        use_rows(v, &rows, use);
}

/* A block without attention adds nothing there, and looks nowhere. */
static void tell_zeros(const struct view *v) {
    static const int sites[] = {FR_SITE_SOURCES, FR_SITE_HEADS, FR_SITE_ATTENTION};
    const struct fr_llama_chunk *chunk = &v->llama->chunk;
    for (size_t i = 0; i < sizeof sites / sizeof *sites; i++) {
        if (!fr_llama_is_tapped(chunk, sites[i], v->layer))
            continue;
        memset(chunk->told, 0, chunk->told_bytes);
        for (int k = chunk->tap_begin; k < chunk->tap_end; k++)
            tell(v, sites[i], k, chunk->told);
    }
}

/* -- heads ------------------------------------------------------------------------------------ */

static void scale_row(const struct view *v, const void *arg, int k, const float *h) {
    struct fr_llama_chunk *chunk = &v->llama->chunk;
    const struct fr_llama_heads *heads = arg;
    double square = 0;
    for (int i = 0; i < v->width; i++)
        square += (double)h[i] * (double)h[i];
    chunk->scales[k - chunk->tap_begin] = 1 / sqrt(square / v->width + (double)heads->epsilon);
}

static void use_heads(const struct view *v, const void *arg, int k, const float *h) {
    struct fr_llama_chunk *chunk = &v->llama->chunk;
    const struct fr_llama_heads *heads = arg;
    for (int i = 0; i < v->width && heads->normed; i++)
        chunk->told[i] = (float)(chunk->scales[k - chunk->tap_begin] * (double)h[i]);
    tell(v, FR_SITE_HEADS, k, heads->normed ? chunk->told : h);
}

/* A softmax's rows lie head by head. Cells are positions: the sequence is alone in its stream, from
 * its first token on; were they not, a row's weights up to its position would not add up to 1. */
static void tap_sources(struct fr_llama *llama, struct ggml_tensor *tensor, int layer) {
    struct fr_llama_chunk *chunk = &llama->chunk;
    const struct view view = {.llama = llama, .tensor = tensor, .layer = layer};
    const int n_heads = llama->base.info.n_heads;
    if (tensor->type != GGML_TYPE_F32 || tensor->ne[0] < chunk->start + chunk->n ||
        tensor->ne[1] != chunk->n || tensor->ne[2] != n_heads || tensor->ne[3] != 1 ||
        tensor->nb[0] != sizeof(float)) {
        (void)fr_fail(&chunk->error, FR_E_MODEL,
                      "%s is %s [%lld, %lld, %lld] where weights of F32 [%d or more, %d, %d] were "
                      "expected",
                      tensor->name, ggml_type_name(tensor->type), (long long)tensor->ne[0],
                      (long long)tensor->ne[1], (long long)tensor->ne[2], chunk->start + chunk->n,
                      chunk->n, n_heads);
        return;
    }
    for (int k = chunk->tap_begin; k < chunk->tap_end; k++) {
        const int position = chunk->taps->positions[k];
        const size_t bytes = (size_t)(position + 1) * sizeof(float);
        const float *h = chunk->told;
        ggml_backend_tensor_get_2d(tensor, chunk->told,
                                   (size_t)(position - chunk->start) * tensor->nb[1], bytes,
                                   (size_t)n_heads, tensor->nb[2], bytes);
        for (int head = 0; head < n_heads; head++, h += position + 1) {
            double sum = 0;
            for (int i = 0; i <= position; i++)
                sum += (double)h[i];
            if (fabs(sum - 1) > 1e-3) {
                (void)fr_fail(&chunk->error, FR_E_MODEL,
                              "layer %d: the weights of head %d at position %d add up to %.3f: "
                              "attention has sinks of its own; leave site %s out",
                              layer, head + 1, position, sum, fr_site_name[FR_SITE_SOURCES]);
                return;
            }
        }
        tell(&view, FR_SITE_SOURCES, k, chunk->told);
    }
}

/* -- which nodes are wanted ------------------------------------------------------------------- */

static bool has_attention(const struct fr_llama *llama, int layer) {
    return llama->probe.forms[layer] != FR_LLAMA_FORM_MLP;
}

/* The residual stream before the block is subtracted from the sum that follows. */
static bool wants_before(const struct fr_llama *llama, int layer) {
    const struct fr_llama_chunk *chunk = &llama->chunk;
    return chunk->parts && layer <= llama->base.info.n_layers &&
           fr_llama_is_tapped(chunk, has_attention(llama, layer) ? FR_SITE_ATTENTION : FR_SITE_MLP,
                              layer);
}

static bool wants_parts(const struct fr_llama *llama, int layer) {
    const struct fr_llama_chunk *chunk = &llama->chunk;
    return fr_llama_is_tapped(chunk, FR_SITE_ATTENTION, layer) ||
           fr_llama_is_tapped(chunk, FR_SITE_MLP, layer);
}

static bool wants_heads(const struct fr_llama *llama, int layer) {
    const struct fr_llama_chunk *chunk = &llama->chunk;
    return fr_llama_is_tapped(chunk, FR_SITE_HEADS, layer) ||
           fr_llama_is_tapped(chunk, FR_SITE_SOURCES, layer);
}

/* Where only attention's part, or its heads, are wanted the nodes before the MLP would do, but for
 * a block without attention; the last block is shown all the same, to end the graph there. */
static bool wants_block(const struct fr_llama *llama, int layer) {
    const struct fr_llama_chunk *chunk = &llama->chunk;
    return fr_llama_is_tapped(chunk, FR_SITE_BLOCK, layer) ||
           fr_llama_is_tapped(chunk, FR_SITE_MLP, layer) || fr_llama_is_edited(chunk, layer) ||
           wants_before(llama, layer + 1) ||
           ((wants_parts(llama, layer) || wants_heads(llama, layer)) &&
            (!has_attention(llama, layer) || layer == llama->base.info.n_layers));
}

static bool wants(const struct fr_llama *llama, enum fr_llama_node node, int layer) {
    if (layer > llama->base.info.n_layers) /* behind the last block */
        return false;
    switch (node) {
    case FR_LLAMA_NODE_NORM:
        return layer == 1 && wants_before(llama, layer);
    case FR_LLAMA_NODE_WEIGHTS:
        return fr_llama_is_tapped(&llama->chunk, FR_SITE_SOURCES, layer);
    case FR_LLAMA_NODE_PROJECTION:
        return fr_llama_is_tapped(&llama->chunk, FR_SITE_HEADS, layer);
    case FR_LLAMA_NODE_MIDDLE:
        return wants_parts(llama, layer);
    case FR_LLAMA_NODE_BLOCK:
        return wants_block(llama, layer);
    case FR_LLAMA_NODE_OTHER:
        break;
    }
    return false;
}

static void visit_block(const struct view *v) {
    struct fr_llama_chunk *chunk = &v->llama->chunk;
    if (chunk->walks && !has_attention(v->llama, v->layer))
        tell_zeros(v);
    const struct use use = {.row = fr_llama_is_tapped(chunk, FR_SITE_BLOCK, v->layer),
                            .keep = wants_before(v->llama, v->layer + 1)};
    struct rows rows;
    bool fetched = false;
    if (fr_llama_is_tapped(chunk, FR_SITE_MLP, v->layer)) {
        fetched = fetch_taps(v, &rows);
        if (fetched)
            use_rows(v, &rows, &(const struct use){.difference = FR_SITE_MLP});
    }
    if (fr_llama_is_edited(chunk, v->layer)) {
        edit_rows(v);
        fetched = false; /* they are others now */
    }
    if ((use.row || use.keep) && chunk->error.code == FR_OK && (fetched || fetch_taps(v, &rows)))
        use_rows(v, &rows, &use);
}

/* Rows of `width` floats of the tensor, or false with the fault latched. prunes: they may be of
 * requested outputs alone. */
static bool view_of(struct fr_llama *llama, struct ggml_tensor *tensor, int layer, int width,
                    bool prunes, struct view *out) {
    struct fr_llama_chunk *chunk = &llama->chunk;
    const bool whole = tensor->ne[1] == chunk->n;
    const bool pruned = prunes && !whole && tensor->ne[1] == chunk->n_outputs;
    if (tensor->type != GGML_TYPE_F32 || tensor->ne[0] != width || tensor->ne[2] != 1 ||
        tensor->ne[3] != 1 || tensor->nb[0] != sizeof(float) || (!whole && !pruned)) {
        (void)fr_fail(&chunk->error, FR_E_MODEL,
                      "%s is %s [%lld, %lld] where F32 [%d, %d] was expected", tensor->name,
                      ggml_type_name(tensor->type), (long long)tensor->ne[0],
                      (long long)tensor->ne[1], width, prunes ? chunk->n_outputs : chunk->n);
        return false;
    }
    *out = (struct view){llama,
                         tensor,
                         layer,
                         width,
                         pruned,
                         !chunk->fetch_always && tensor->buffer != NULL &&
                             ggml_backend_buffer_is_host(tensor->buffer)};
    return true;
}

/* What the matrix reads is still there when it has been read, and nothing behind it has run. */
static void visit_projection(struct fr_llama *llama, struct ggml_tensor *projection, int layer) {
    const struct fr_llama_heads *heads = &llama->probe.heads[layer];
    const bool last = layer == llama->base.info.n_layers;
    struct view view;
    struct rows rows;
    if (heads->normed && !view_of(llama, projection, layer, llama->base.info.width, last, &view))
        return;
    if (heads->normed && fetch_taps(&view, &rows))
        for_rows(&view, &rows, scale_row, heads);
    if (view_of(llama, projection->src[1], layer, heads->width, last, &view) &&
        fetch_taps(&view, &rows))
        for_rows(&view, &rows, use_heads, heads);
}

static void visit(struct fr_llama *llama, struct ggml_tensor *tensor, enum fr_llama_node node,
                  int layer) {
    struct fr_llama_chunk *chunk = &llama->chunk;
    struct view view;
    if (chunk->error.code != FR_OK)
        return;
    if (node == FR_LLAMA_NODE_WEIGHTS) {
        tap_sources(llama, tensor, layer);
        return;
    }
    if (node == FR_LLAMA_NODE_PROJECTION) {
        visit_projection(llama, tensor, layer);
        return;
    }
    if (node == FR_LLAMA_NODE_NORM)
        tensor = tensor->src[0];
    if (!view_of(llama, tensor, layer, llama->base.info.width,
                 layer == llama->base.info.n_layers && node != FR_LLAMA_NODE_NORM, &view))
        return;
    if (node == FR_LLAMA_NODE_BLOCK)
        visit_block(&view);
    else if (node == FR_LLAMA_NODE_MIDDLE)
        tap_rows(&view, &(const struct use){.difference =
                                                fr_llama_is_tapped(chunk, FR_SITE_ATTENTION, layer)
                                                    ? FR_SITE_ATTENTION
                                                    : FR_SITE_BLOCK,
                                            .keep = fr_llama_is_tapped(chunk, FR_SITE_MLP, layer)});
    else
        tap_rows(&view, &(const struct use){.keep = true});
}

/* Parts of the graph that run on one device are counted by the memory of their results. */
static void probe_memory(struct fr_llama_probe *probe, const struct ggml_tensor *tensor) {
    if (tensor->buffer == NULL || tensor->view_src != NULL)
        return;
    const void *memory = ggml_backend_buffer_is_host(tensor->buffer)
                             ? NULL
                             : ggml_backend_buffer_get_type(tensor->buffer);
    probe->n_on_devices += memory != NULL && memory != probe->memory;
    probe->memory = memory;
}

/* The load-time probe: which layers does the graph show, and how are they made? One token, so one
 * row each. */
static bool probe_node(struct fr_llama *llama, const struct ggml_tensor *tensor) {
    struct fr_llama_probe *probe = &llama->probe;
    const int layer = layer_of(tensor->name);
    probe_memory(probe, tensor);
    if (layer >= 1 && layer <= llama->base.info.n_layers && tensor->type == GGML_TYPE_F32 &&
        tensor->ne[0] == llama->base.info.width && tensor->ne[1] == 1)
        probe->layers[layer] = true;
    if (layer > llama->base.info.n_layers)
        return false;
    if (fr_llama_walk_step(&probe->walk, tensor, layer) == FR_LLAMA_NODE_BLOCK) {
        probe->forms[layer] = fr_llama_walk_form(&probe->walk);
        fr_llama_walk_heads(&probe->walk, &probe->heads[layer]);
    }
    if (strcmp(tensor->name, "embd") == 0 && token_ids_of(tensor) != NULL)
        probe->has_embedding_node = true;
    return false;
}

/* A graph made otherwise than the probe's would give other parts. */
static void check_form(struct fr_llama *llama, int layer) {
    struct fr_llama_chunk *chunk = &llama->chunk;
    const struct fr_llama_heads *before = &llama->probe.heads[layer];
    struct fr_llama_heads heads;
    if (chunk->error.code != FR_OK || !(wants_parts(llama, layer) || wants_heads(llama, layer)))
        return;
    fr_llama_walk_heads(&chunk->walk, &heads);
    if (fr_llama_walk_form(&chunk->walk) != llama->probe.forms[layer] || heads.n != before->n ||
        heads.known != before->known || heads.normed != before->normed)
        (void)fr_fail(&chunk->error, FR_E_MODEL,
                      "layer %d adds attention and MLP otherwise than when the model was opened",
                      layer);
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
        if (layer > llama->base.info.n_layers)
            return false;
        chunk->asked = chunk->walks ? fr_llama_walk_step(&chunk->walk, tensor, layer)
                       : layer > 0  ? FR_LLAMA_NODE_BLOCK
                                    : FR_LLAMA_NODE_OTHER;
        if (chunk->asked == FR_LLAMA_NODE_BLOCK && chunk->walks)
            check_form(llama, layer);
        return chunk->asked != FR_LLAMA_NODE_OTHER &&
               wants(llama, chunk->asked, layer > 0 ? layer : chunk->walk.layer);
    }
    const int layer =
        chunk->asked == FR_LLAMA_NODE_BLOCK ? layer_of(tensor->name) : chunk->walk.layer;
    llama->base.counters.waits++;
    fr_activity_layer(llama->activity, layer, true);
    visit(llama, tensor, chunk->asked, layer);
    fr_activity_layer(llama->activity, layer, false);
    /* Behind the last layer are the logits alone: every key and value is in the cache. False ends
     * the graph here, and rows whose outputs were requested to be read do not pay for logits that
     * nobody wants (a third of the weights of a small model). */
    return chunk->want_next || chunk->asked != FR_LLAMA_NODE_BLOCK ||
           layer < llama->base.info.n_layers;
}
