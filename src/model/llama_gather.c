/* Rows of a tensor that lies on a device, in one copy: they are gathered there into rows one behind
 * another, and edited ones scattered from there, by a graph of one node on a backend of our own.
 * The scheduler has waited for the device when the callback is shown a node, so nothing else runs
 * on it.
 *
 * A device that knows no such operation is told so to the caller, once and for all, who then moves
 * all rows from the first to the last.
 *
 * Rejected: a copy for each row, or for each run of near ones (a copy has a cost whatever its size,
 * and a tenth of 512 positions is in some 25 places); all rows between the first and the last (ten
 * times the bytes). No device has measured either. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/llama_engine.h"

enum { NODES = 4, ROWS_FIRST = 64 };

struct fr_llama_gather {
    struct fr_llama_gather *next;
    ggml_backend_dev_t device;
    ggml_backend_t backend; /* NULL: the device cannot */
    ggml_backend_buffer_t buffer;
    int capacity;   /* rows */
    size_t width;   /* floats */
    size_t at_rows; /* in the buffer, behind the indices: rows one behind another */
    int32_t *known; /* [capacity] the indices that lie in the buffer */
    int n_known;
    void *meta; /* of a graph */
    size_t meta_bytes;
};

static void forget_buffer(struct fr_llama_gather *g) {
    ggml_backend_buffer_free(g->buffer);
    free(g->known);
    g->buffer = NULL;
    g->known = NULL;
    g->capacity = g->n_known = 0;
}

void fr_llama_gathers_release(struct fr_llama *llama) {
    struct fr_llama_gather *next;
    for (struct fr_llama_gather *g = llama->gathers; g != NULL; g = next) {
        next = g->next;
        forget_buffer(g);
        ggml_backend_free(g->backend);
        free(g->meta);
        free(g);
    }
    llama->gathers = NULL;
}

/* The device's; made at its first use. */
static struct fr_llama_gather *gather_of(struct fr_llama *llama, const struct ggml_tensor *tensor) {
    ggml_backend_dev_t device =
        ggml_backend_buft_get_device(ggml_backend_buffer_get_type(tensor->buffer));
    if (device == NULL) /* host memory, for tests */
        device = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
    for (struct fr_llama_gather *g = llama->gathers; g != NULL; g = g->next)
        if (g->device == device)
            return g;
    struct fr_llama_gather *g = fr_alloc(1, sizeof *g);
    g->next = llama->gathers;
    g->device = device;
    g->backend = ggml_backend_dev_init(device, NULL);
    g->meta_bytes = 8 * ggml_tensor_overhead() + ggml_graph_overhead_custom(NODES, false);
    g->meta = fr_alloc(g->meta_bytes, 1);
    llama->gathers = g;
    return g;
}

static bool make_room(struct fr_llama_gather *g, int n, size_t width) {
    if (g->buffer != NULL && n <= g->capacity && width == g->width)
        return true;
    const int capacity = n > ROWS_FIRST ? n : ROWS_FIRST;
    forget_buffer(g);
    g->width = width;
    g->at_rows = ((size_t)capacity * sizeof *g->known + 255) / 256 * 256; /* aligned */
    g->buffer = ggml_backend_alloc_buffer(g->backend,
                                          g->at_rows + (size_t)capacity * width * sizeof(float));
    if (g->buffer == NULL)
        return false;
    g->known = fr_alloc((size_t)capacity, sizeof *g->known);
    g->capacity = capacity;
    return true;
}

/* A tensor of our buffer. */
static struct ggml_tensor *place(const struct fr_llama_gather *g, struct ggml_tensor *tensor,
                                 size_t at) {
    char *base = ggml_backend_buffer_get_base(g->buffer);
    return ggml_backend_tensor_alloc(g->buffer, tensor, base + at) == GGML_STATUS_SUCCESS ? tensor
                                                                                          : NULL;
}

/* All layers of a chunk have the same rows, but for the last. */
static void send_rows(struct fr_llama *llama, struct fr_llama_gather *g, struct ggml_tensor *ids,
                      const int32_t *rows, int n) {
    const size_t bytes = (size_t)n * sizeof *rows;
    if (g->n_known == n && memcmp(g->known, rows, bytes) == 0)
        return;
    memcpy(g->known, rows, bytes);
    g->n_known = n;
    ggml_backend_tensor_set(ids, rows, 0, bytes);
    llama->base.counters.copies_of_indices++;
}

/* values: read (gather), or written (scatter). */
static bool move_rows(struct fr_llama *llama, const struct ggml_tensor *tensor, const int32_t *rows,
                      int n, float *values, bool scatter) {
    struct fr_llama_gather *g = gather_of(llama, tensor);
    const int64_t width = tensor->ne[0];
    const size_t bytes = (size_t)n * (size_t)width * sizeof *values;
    if (g->backend == NULL || !make_room(g, n, (size_t)width))
        return false;
    struct ggml_context *context = ggml_init((struct ggml_init_params){.mem_size = g->meta_bytes,
                                                                       .mem_buffer = g->meta,
                                                                       .no_alloc = true});
    struct ggml_tensor *ids = place(g, ggml_new_tensor_1d(context, GGML_TYPE_I32, n), 0);
    struct ggml_tensor *packed =
        place(g, ggml_new_tensor_2d(context, GGML_TYPE_F32, width, n), g->at_rows);
    /* The model's tensor without its history, or its whole graph would be computed again. */
    struct ggml_tensor *whole = ggml_new_tensor_2d(context, GGML_TYPE_F32, width, tensor->ne[1]);
    bool good = ids != NULL && packed != NULL;
    struct ggml_tensor *node = NULL;
    if (good) {
        whole->buffer = tensor->buffer;
        whole->data = tensor->data;
        whole->nb[1] = tensor->nb[1];
        whole->nb[2] = whole->nb[3] = tensor->nb[1] * (size_t)tensor->ne[1];
        node = scatter ? ggml_set_rows(context, whole, packed, ids)
                       : ggml_get_rows(context, whole, ids);
        if (scatter)
            good = ggml_backend_view_init(node) == GGML_STATUS_SUCCESS;
        else
            good = place(g, node, g->at_rows) != NULL;
    }
    if (good && ggml_backend_dev_supports_op(g->device, node)) {
        struct ggml_cgraph *graph = ggml_new_graph_custom(context, NODES, false);
        ggml_build_forward_expand(graph, node);
        send_rows(llama, g, ids, rows, n);
        if (scatter)
            ggml_backend_tensor_set(packed, values, 0, bytes);
        good = ggml_backend_graph_compute(g->backend, graph) == GGML_STATUS_SUCCESS;
        if (good && !scatter)
            ggml_backend_tensor_get(node, values, 0, bytes);
    } else {
        good = false;
    }
    ggml_free(context);
    if (!good) { /* not again */
        forget_buffer(g);
        ggml_backend_free(g->backend);
        g->backend = NULL;
    }
    return good;
}

bool fr_llama_gather(struct fr_llama *llama, const struct ggml_tensor *tensor, const int32_t *rows,
                     int n, float *out) {
    return move_rows(llama, tensor, rows, n, out, false);
}

bool fr_llama_scatter(struct fr_llama *llama, const struct ggml_tensor *tensor, const int32_t *rows,
                      int n, const float *values) {
    return move_rows(llama, tensor, rows, n, (float *)(uintptr_t)values, true);
}
