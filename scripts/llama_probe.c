/* Does this libllama compute rightly on this processor? Run by scripts/setup (llama.sh) before a
 * library is used.
 *
 * A small product through every kernel that libllama may choose for a model: each type of weights,
 * few and many rows, experts, plain memory and every extra kind that the processor's device offers
 * (repacked weights, AMX); attention of each cache type, fused and not; rows read from and written
 * to quantised memory; rotation, norm, gate. Each is compared with the same in double precision.
 * The types are those that the library itself lists.
 *
 * Standard output names each kernel before it runs, so that after a death by signal the last line
 * tells which; the last line of a run that ends with 1 is what is wrong.
 *
 * Rejected: a run of a model, which goes through one type's kernels. */
#include <ggml-backend.h>
#include <ggml.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { K = 512, N = 32, EXPERTS = 3, THREADS = 2 }; /* K: whole blocks of every type */

static ggml_backend_t cpu;
static ggml_backend_dev_t device;
static char family[160]; /* what runs now */
static int n_families;

static void begin(const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)vsnprintf(family, sizeof family, format, args);
    va_end(args);
    (void)printf("%s\n", family);
    (void)fflush(stdout);
    n_families++;
}

static void fail(const char *what) {
    (void)printf("%s: %s\n", family, what);
    exit(1);
}

static uint64_t random_bits(void) {
    static uint64_t state = 88172645463325252U;
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static float *random_floats(size_t n) {
    float *x = malloc(n * sizeof *x);
    for (size_t i = 0; x != NULL && i < n; i++) {
        double sum = 0; /* about normal, of variance 1 */
        for (int k = 0; k < 12; k++)
            sum += (double)(random_bits() >> 11) * 0x1p-53;
        x[i] = (float)(sum - 6);
    }
    if (x == NULL)
        fail("out of memory");
    return x;
}

/* bound: of the error's root mean square, as a share of the result's; no element may be ten times
 * as far off. */
static void compare(const float *got, const double *want, size_t n, double bound) {
    double square = 0, error = 0, worst = 0;
    for (size_t i = 0; i < n; i++) {
        const double d = (double)got[i] - want[i];
        square += want[i] * want[i];
        error += d * d;
        worst = isfinite(d) ? fmax(worst, fabs(d)) : INFINITY;
    }
    const double size = sqrt(square / (double)n);
    if (isfinite(worst) && sqrt(error / (double)n) <= bound * size && worst <= 10 * bound * size)
        return;
    char what[160];
    (void)snprintf(what, sizeof what,
                   "wrong numbers: off by %.2g of their size, %.2g where %.2g is allowed",
                   sqrt(error / (double)n) / size, worst / size, bound);
    fail(what);
}

/* ---- tensors --------------------------------------------------------------------------------- */

struct memory {
    struct ggml_context *context;
    ggml_backend_buffer_t buffer;
};

static struct memory memory_open(void) {
    const struct ggml_init_params params = {64 * ggml_tensor_overhead() + ggml_graph_overhead(),
                                            NULL, true};
    return (struct memory){ggml_init(params), NULL};
}

static void memory_fill(struct memory *m, ggml_backend_buffer_type_t type) {
    m->buffer = ggml_backend_alloc_ctx_tensors_from_buft(m->context, type);
    if (m->buffer == NULL)
        fail("no memory for its tensors");
    ggml_backend_buffer_set_usage(m->buffer, GGML_BACKEND_BUFFER_USAGE_WEIGHTS);
}

static void memory_close(struct memory *m) {
    ggml_backend_buffer_free(m->buffer);
    ggml_free(m->context);
}

static void set(struct ggml_tensor *t, const void *data) {
    ggml_backend_tensor_set(t, data, 0, ggml_nbytes(t));
}

static float *computed(struct memory *m, struct ggml_tensor *out) {
    struct ggml_cgraph *graph = ggml_new_graph(m->context);
    ggml_build_forward_expand(graph, out);
    if (ggml_backend_graph_compute(cpu, graph) != GGML_STATUS_SUCCESS)
        fail("its graph cannot be computed");
    float *got = malloc(ggml_nbytes(out));
    if (got == NULL)
        fail("out of memory");
    ggml_backend_tensor_get(out, got, 0, ggml_nbytes(out));
    return got;
}

/* The bytes of x in the type, and x as these bytes say it. */
static void *quantised(enum ggml_type type, float *x, int64_t rows, int64_t width) {
    void *bytes = malloc(ggml_row_size(type, width) * (size_t)rows);
    if (bytes == NULL)
        fail("out of memory");
    (void)ggml_quantize_chunk(type, x, bytes, 0, rows, width, NULL);
    if (type != GGML_TYPE_F32)
        ggml_get_type_traits(type)->to_float(bytes, x, rows * width);
    return bytes;
}

/* The other factor is rounded to what the kernel multiplies with: 8 bits for quantised weights. */
static double product_bound(enum ggml_type type) {
    return type == GGML_TYPE_F32    ? 1e-5
           : type == GGML_TYPE_F16  ? 2e-3
           : type == GGML_TYPE_BF16 ? 1e-2
                                    : 2e-2;
}

/* ---- products -------------------------------------------------------------------------------- */

/* Weights of every expert, in a type. */
struct weights {
    enum ggml_type type;
    float *w;    /* [EXPERTS][N][K], as the type says them */
    char *bytes; /* in the type */
};

/* Blocks of random bytes, of those whose numbers are of a usual size. Quantising would take half a
 * minute: some types search for their codes in tables that are made first. */
static struct weights random_weights(enum ggml_type type) {
    enum { ALL = K * N * EXPERTS };
    struct weights ws = {type, random_floats(ALL), malloc(ggml_row_size(type, ALL))};
    if (ws.bytes == NULL)
        fail("out of memory");
    if (type == GGML_TYPE_F32) {
        memcpy(ws.bytes, ws.w, ALL * sizeof *ws.w);
        return ws;
    }
    const size_t bytes = ggml_type_size(type);
    const int64_t n = ggml_blck_size(type);
    for (int64_t i = 0; i < ALL / n; i++) {
        float *x = ws.w + i * n;
        double square;
        do {
            for (size_t k = 0; k < bytes; k++)
                ws.bytes[(size_t)i * bytes + k] = (char)(random_bits() >> 40);
            ggml_get_type_traits(type)->to_float(ws.bytes + (size_t)i * bytes, x, n);
            square = 0;
            for (int64_t k = 0; k < n; k++)
                square += (double)x[k] * (double)x[k];
        } while (!(square > 0.1 * (double)n && square < 10 * (double)n));
    }
    return ws;
}

/* Does the device take weights of this type in this kind of memory? Asked as libllama asks. */
static bool takes(ggml_backend_buffer_type_t kind, enum ggml_type type, bool experts) {
    struct memory m = memory_open();
    m.buffer = ggml_backend_buft_alloc_buffer(kind, 0);
    struct ggml_tensor *w = experts ? ggml_new_tensor_3d(m.context, type, K, N, EXPERTS)
                                    : ggml_new_tensor_2d(m.context, type, K, N);
    struct ggml_tensor *x =
        ggml_new_tensor_3d(m.context, GGML_TYPE_F32, K, experts ? 1 : 4, experts ? 4 : 1);
    struct ggml_tensor *op =
        experts
            ? ggml_mul_mat_id(m.context, w, x, ggml_new_tensor_2d(m.context, GGML_TYPE_I32, 2, 4))
            : ggml_mul_mat(m.context, w, x);
    w->buffer = m.buffer;
    const bool yes = ggml_backend_dev_supports_op(device, op);
    memory_close(&m);
    return yes;
}

static void probe_product(ggml_backend_buffer_type_t kind, const struct weights *ws, int rows) {
    begin("%s weights in %s memory, %d row%s", ggml_type_name(ws->type),
          ggml_backend_buft_name(kind), rows, rows > 1 ? "s" : "");
    struct memory weights = memory_open(), work = memory_open();
    float *x = random_floats((size_t)(K * rows));
    struct ggml_tensor *tw = ggml_new_tensor_2d(weights.context, ws->type, K, N);
    memory_fill(&weights, kind);
    set(tw, ws->bytes);
    struct ggml_tensor *tx = ggml_new_tensor_2d(work.context, GGML_TYPE_F32, K, rows);
    struct ggml_tensor *out = ggml_mul_mat(work.context, tw, tx);
    memory_fill(&work, ggml_backend_get_default_buffer_type(cpu));
    set(tx, x);
    float *got = computed(&work, out);
    double *want = calloc((size_t)(N * rows), sizeof *want);
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < N; i++)
            for (int k = 0; k < K; k++)
                want[r * N + i] += (double)ws->w[i * K + k] * (double)x[r * K + k];
    compare(got, want, (size_t)(N * rows), product_bound(ws->type));
    free(got), free(want), free(x);
    memory_close(&work);
    memory_close(&weights);
}

/* Two experts of each token. */
static void probe_experts(ggml_backend_buffer_type_t kind, const struct weights *ws, int tokens) {
    enum { USED = 2 };
    begin("%s experts in %s memory, %d token%s", ggml_type_name(ws->type),
          ggml_backend_buft_name(kind), tokens, tokens > 1 ? "s" : "");
    struct memory weights = memory_open(), work = memory_open();
    float *x = random_floats((size_t)(K * tokens));
    int32_t *ids = calloc((size_t)(USED * tokens), sizeof *ids);
    for (int i = 0; i < USED * tokens; i++)
        ids[i] = (i / USED + i % USED) % EXPERTS;
    struct ggml_tensor *tw = ggml_new_tensor_3d(weights.context, ws->type, K, N, EXPERTS);
    memory_fill(&weights, kind);
    set(tw, ws->bytes);
    struct ggml_tensor *tx = ggml_new_tensor_3d(work.context, GGML_TYPE_F32, K, 1, tokens);
    struct ggml_tensor *ti = ggml_new_tensor_2d(work.context, GGML_TYPE_I32, USED, tokens);
    struct ggml_tensor *out = ggml_mul_mat_id(work.context, tw, tx, ti);
    memory_fill(&work, ggml_backend_get_default_buffer_type(cpu));
    set(tx, x);
    set(ti, ids);
    float *got = computed(&work, out);
    double *want = calloc((size_t)(N * USED * tokens), sizeof *want);
    for (int j = 0; j < USED * tokens; j++)
        for (int i = 0; i < N; i++)
            for (int k = 0; k < K; k++)
                want[j * N + i] +=
                    (double)ws->w[(ids[j] * N + i) * K + k] * (double)x[j / USED * K + k];
    compare(got, want, (size_t)(N * USED * tokens), product_bound(ws->type));
    free(got), free(want), free(ids), free(x);
    memory_close(&work);
    memory_close(&weights);
}

/* Rows of an embedding, as the type says them. */
static void probe_rows_read(const struct weights *ws) {
    enum { ROWS = 5 };
    begin("%s rows read", ggml_type_name(ws->type));
    struct memory work = memory_open();
    const int32_t ids[ROWS] = {3, 0, N - 1, 3, 17};
    struct ggml_tensor *tw = ggml_new_tensor_2d(work.context, ws->type, K, N);
    struct ggml_tensor *ti = ggml_new_tensor_1d(work.context, GGML_TYPE_I32, ROWS);
    struct ggml_tensor *out = ggml_get_rows(work.context, tw, ti);
    memory_fill(&work, ggml_backend_get_default_buffer_type(cpu));
    set(tw, ws->bytes);
    set(ti, ids);
    float *got = computed(&work, out);
    double want[ROWS * K];
    for (int i = 0; i < ROWS * K; i++)
        want[i] = (double)ws->w[ids[i / K] * K + i % K];
    compare(got, want, ROWS * K, 1e-6);
    free(got);
    memory_close(&work);
}

/* ---- attention ------------------------------------------------------------------------------- */

/* Types of the cache, and how far a written row, and attention over it, may be off. */
static const struct cache {
    enum ggml_type type;
    double written, attended;
} caches[] = {
    {GGML_TYPE_F32, 1e-6, 1e-4},  {GGML_TYPE_F16, 1e-3, 5e-3},  {GGML_TYPE_BF16, 5e-3, 2e-2},
    {GGML_TYPE_Q8_0, 2e-2, 3e-2}, {GGML_TYPE_Q4_0, 0.15, 3e-2},
};
enum { N_CACHES = sizeof caches / sizeof *caches };

static void probe_rows_written(const struct cache *cache) {
    enum { ROWS = 3 };
    begin("%s rows written", ggml_type_name(cache->type));
    struct memory work = memory_open();
    float *x = random_floats(K * ROWS);
    const int64_t ids[ROWS] = {5, 0, 2};
    struct ggml_tensor *to = ggml_new_tensor_2d(work.context, cache->type, K, 8);
    struct ggml_tensor *tx = ggml_new_tensor_2d(work.context, GGML_TYPE_F32, K, ROWS);
    struct ggml_tensor *ti = ggml_new_tensor_1d(work.context, GGML_TYPE_I64, ROWS);
    struct ggml_tensor *out = ggml_set_rows(work.context, to, tx, ti);
    memory_fill(&work, ggml_backend_get_default_buffer_type(cpu));
    ggml_backend_buffer_clear(work.buffer, 0);
    set(tx, x);
    set(ti, ids);
    free(computed(&work, out));
    char *bytes = malloc(ggml_nbytes(to));
    ggml_backend_tensor_get(to, bytes, 0, ggml_nbytes(to));
    float got[K];
    double want[K];
    for (int r = 0; r < ROWS; r++) {
        const char *row = bytes + (size_t)ids[r] * ggml_row_size(cache->type, K);
        if (cache->type == GGML_TYPE_F32)
            memcpy(got, row, sizeof got);
        else
            ggml_get_type_traits(cache->type)->to_float(row, got, K);
        for (int i = 0; i < K; i++)
            want[i] = (double)x[r * K + i];
        compare(got, want, K, cache->written);
    }
    free(bytes), free(x);
    memory_close(&work);
}

enum {
    HEADS = 4,
    HEADS_KV = 2,
    CELLS = 576
}; /* so many cells that one row takes the path divided by cells */

/* One stream, grouped heads, `rows` tokens at the end of the cells, each of which sees those up to
 * itself. */
static void attend(int d, int rows, const float *q, const float *k, const float *v, double *out) {
    double p[CELLS];
    for (int r = 0; r < rows; r++)
        for (int h = 0; h < HEADS; h++) {
            const int seen = CELLS - rows + r + 1, g = h / (HEADS / HEADS_KV);
            double most = -INFINITY, sum = 0;
            for (int c = 0; c < seen; c++) {
                p[c] = 0;
                for (int i = 0; i < d; i++)
                    p[c] +=
                        (double)q[(r * HEADS + h) * d + i] * (double)k[(c * HEADS_KV + g) * d + i];
                p[c] /= sqrt(d);
                most = fmax(most, p[c]);
            }
            for (int c = 0; c < seen; c++)
                sum += p[c] = exp(p[c] - most);
            for (int i = 0; i < d; i++) {
                double *o = &out[(r * HEADS + h) * d + i];
                *o = 0;
                for (int c = 0; c < seen; c++)
                    *o += p[c] / sum * (double)v[(c * HEADS_KV + g) * d + i];
            }
        }
}

static void probe_attention(const struct cache *cache, bool fused, int d, int rows) {
    begin("attention over %s, %s, heads of %d, %d row%s", ggml_type_name(cache->type),
          fused ? "flash" : "no flash", d, rows, rows > 1 ? "s" : "");
    struct memory m = memory_open();
    float *q = random_floats((size_t)(d * HEADS * rows)),
          *k = random_floats((size_t)(d * HEADS_KV * CELLS));
    float *v = random_floats((size_t)(d * HEADS_KV * CELLS));
    void *bk = quantised(cache->type, k, HEADS_KV * CELLS, d),
         *bv = quantised(cache->type, v, HEADS_KV * CELLS, d);
    const enum ggml_type mask_type = fused ? GGML_TYPE_F16 : GGML_TYPE_F32;
    struct ggml_tensor *tq = ggml_new_tensor_3d(m.context, GGML_TYPE_F32, d, HEADS, rows);
    struct ggml_tensor *tk = ggml_new_tensor_3d(m.context, cache->type, d, HEADS_KV, CELLS);
    /* Without flash attention libllama keeps values turned: one row for each of a head's numbers.
     */
    struct ggml_tensor *tv = fused ? ggml_new_tensor_3d(m.context, cache->type, d, HEADS_KV, CELLS)
                                   : ggml_new_tensor_3d(m.context, cache->type, CELLS, d, HEADS_KV);
    struct ggml_tensor *mask = ggml_new_tensor_2d(m.context, mask_type, CELLS, rows);
    struct ggml_tensor *pq = ggml_permute(m.context, tq, 0, 2, 1, 3),
                       *pk = ggml_permute(m.context, tk, 0, 2, 1, 3);
    const float scale = (float)(1 / sqrt(d));
    struct ggml_tensor *out;
    if (fused) {
        out = ggml_flash_attn_ext(m.context, pq, pk, ggml_permute(m.context, tv, 0, 2, 1, 3), mask,
                                  scale, 0, 0);
    } else {
        struct ggml_tensor *p =
            ggml_soft_max_ext(m.context, ggml_mul_mat(m.context, pk, pq), mask, scale, 0);
        out = ggml_cont(m.context,
                        ggml_permute(m.context, ggml_mul_mat(m.context, tv, p), 0, 2, 1, 3));
    }
    memory_fill(&m, ggml_backend_get_default_buffer_type(cpu));
    float *hidden = calloc((size_t)(CELLS * rows), sizeof *hidden);
    for (int r = 0; r < rows; r++)
        for (int c = CELLS - rows + r + 1; c < CELLS; c++)
            hidden[r * CELLS + c] = -INFINITY;
    void *mask_bytes = quantised(mask_type, hidden, rows, CELLS);
    set(tq, q);
    set(tk, bk);
    set(mask, mask_bytes);
    if (fused) {
        set(tv, bv);
    } else {
        float *turned = malloc((size_t)(d * HEADS_KV * CELLS) * sizeof *turned);
        for (int c = 0; c < CELLS; c++)
            for (int i = 0; i < d * HEADS_KV; i++)
                turned[i * CELLS + c] = v[c * d * HEADS_KV + i];
        void *bytes = quantised(cache->type, turned, d * HEADS_KV, CELLS);
        set(tv, bytes);
        free(bytes), free(turned);
    }
    float *got = computed(&m, out);
    double *want = malloc((size_t)(d * HEADS * rows) * sizeof *want);
    attend(d, rows, q, k, v, want);
    compare(got, want, (size_t)(d * HEADS * rows), cache->attended);
    free(want), free(got), free(mask_bytes), free(hidden), free(bk), free(bv), free(q), free(k),
        free(v);
    memory_close(&m);
}

/* ---- what lies between the products ---------------------------------------------------------- */

static void probe_rotation(int mode, const char *name) {
    enum { D = 64, ROWS = 5 };
    begin("rotation, %s", name);
    struct memory m = memory_open();
    float *x = random_floats(D * ROWS);
    const int32_t positions[ROWS] = {0, 1, 7, 500, 20000};
    struct ggml_tensor *tx = ggml_new_tensor_3d(m.context, GGML_TYPE_F32, D, 1, ROWS);
    struct ggml_tensor *tp = ggml_new_tensor_1d(m.context, GGML_TYPE_I32, ROWS);
    struct ggml_tensor *out =
        ggml_rope_ext(m.context, tx, tp, NULL, D, mode, 0, 1e6F, 1, 0, 1, 0, 0);
    memory_fill(&m, ggml_backend_get_default_buffer_type(cpu));
    set(tx, x);
    set(tp, positions);
    float *got = computed(&m, out);
    double want[D * ROWS];
    for (int r = 0; r < ROWS; r++)
        for (int i = 0; i < D / 2; i++) {
            const int a = r * D + (mode == 0 ? 2 * i : i), b = mode == 0 ? a + 1 : a + D / 2;
            const double angle = positions[r] * pow(1e6, -2.0 * i / D);
            want[a] = (double)x[a] * cos(angle) - (double)x[b] * sin(angle);
            want[b] = (double)x[a] * sin(angle) + (double)x[b] * cos(angle);
        }
    compare(got, want, D * ROWS, 2e-3); /* angles are computed in single precision */
    free(got), free(x);
    memory_close(&m);
}

/* Root-mean-square norm of a row, then the gate silu(a) * b. */
static void probe_norm_and_gate(void) {
    enum { ROWS = 3 };
    begin("norm and gate");
    struct memory m = memory_open();
    float *x = random_floats(K * ROWS), *b = random_floats(K * ROWS);
    struct ggml_tensor *tx = ggml_new_tensor_2d(m.context, GGML_TYPE_F32, K, ROWS);
    struct ggml_tensor *tb = ggml_new_tensor_2d(m.context, GGML_TYPE_F32, K, ROWS);
    struct ggml_tensor *out = ggml_swiglu_split(m.context, ggml_rms_norm(m.context, tx, 1e-6F), tb);
    memory_fill(&m, ggml_backend_get_default_buffer_type(cpu));
    set(tx, x);
    set(tb, b);
    float *got = computed(&m, out);
    double want[K * ROWS];
    for (int r = 0; r < ROWS; r++) {
        double square = 0;
        for (int i = 0; i < K; i++)
            square += (double)x[r * K + i] * (double)x[r * K + i];
        for (int i = r * K; i < (r + 1) * K; i++) {
            const double a = (double)x[i] / sqrt(square / K + 1e-6);
            want[i] = a / (1 + exp(-a)) * (double)b[i];
        }
    }
    compare(got, want, K * ROWS, 1e-4);
    free(got), free(x), free(b);
    memory_close(&m);
}

static void quiet(enum ggml_log_level level, const char *text, void *user) {
    (void)level, (void)text, (void)user;
}

int main(void) {
    ggml_log_set(quiet, NULL);
    if (ggml_backend_dev_count() == 0)
        ggml_backend_load_all(); /* distributions build the devices as modules */
    device = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
    begin("the processor's device");
    if (device == NULL || (cpu = ggml_backend_dev_init(device, NULL)) == NULL)
        fail("there is none");
    ggml_backend_reg_t reg = ggml_backend_dev_backend_reg(device);
    ggml_backend_set_n_threads_t set_threads = (ggml_backend_set_n_threads_t)
        ggml_backend_reg_get_proc_address(reg, "ggml_backend_set_n_threads");
    if (set_threads != NULL)
        set_threads(cpu, THREADS);
    ggml_backend_dev_get_extra_bufts_t get_extra = (ggml_backend_dev_get_extra_bufts_t)
        ggml_backend_reg_get_proc_address(reg, "ggml_backend_dev_get_extra_bufts");
    ggml_backend_buffer_type_t kinds[16] = {ggml_backend_get_default_buffer_type(cpu)};
    int n_kinds = 1;
    ggml_backend_buffer_type_t *extra = get_extra != NULL ? get_extra(device) : NULL;
    for (; extra != NULL && *extra != NULL && n_kinds < 16; extra++)
        kinds[n_kinds++] = *extra;

    static const int rows[] = {1, 2, 5, 33, 70}; /* 70: whole tiles of queries */
    for (int t = 0; t < GGML_TYPE_COUNT; t++) {
        const enum ggml_type type = (enum ggml_type)t;
        if (type != GGML_TYPE_F32 && ggml_get_type_traits(type)->to_float == NULL)
            continue; /* no type of weights */
        struct weights ws = random_weights(type);
        for (int i = 0; i < n_kinds; i++) {
            for (size_t r = 0; r < sizeof rows / sizeof *rows && takes(kinds[i], type, false); r++)
                probe_product(kinds[i], &ws, rows[r]);
            for (int tokens = 1; tokens <= 9 && takes(kinds[i], type, true); tokens += 8)
                probe_experts(kinds[i], &ws, tokens);
        }
        probe_rows_read(&ws);
        free(ws.bytes), free(ws.w);
    }
    for (int i = 0; i < N_CACHES; i++) {
        probe_rows_written(&caches[i]);
        for (int d = 64; d <= 128; d += 64) {
            for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
                probe_attention(&caches[i], true, d, rows[r]);
                if (caches[i].type != GGML_TYPE_Q8_0 && caches[i].type != GGML_TYPE_Q4_0)
                    probe_attention(&caches[i], false, d, rows[r]);
            }
        }
    }
    probe_rotation(0, "neighbours");
    probe_rotation(GGML_ROPE_TYPE_NEOX, "halves");
    probe_norm_and_gate();
    ggml_backend_free(cpu);
    ggml_quantize_free();
    (void)printf("%d kernels are right\n", n_families);
    return 0;
}
