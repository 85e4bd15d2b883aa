/* Tensor files in the safetensors format: 8 bytes with the header's length (little-endian), a JSON
 * header, the data. What is read is held to the format's own rules: the tensors cover the data
 * section exactly, without a gap or an overlap. Larger element sizes come first, so that every
 * tensor is aligned. Rejected: NumPy's npz, a zip archive of headers written in Python's syntax.
 * Format: the description in the safetensors project's README. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/connection.h"

enum {
    LENGTH_BYTES = 8,
    HEADER_CEILING = 16 << 20,
    MAX_DIMS = (int)(sizeof((struct fr_tensor *)0)->dims / sizeof(int64_t))
};
#define NOT_OURS "the file is damaged or not ours: remove it and run again"

static const struct {
    const char *name;
    size_t size;
} dtypes[] =
    {[FR_F32] = {"F32", 4}, [FR_F64] = {"F64", 8}, [FR_I32] = {"I32", 4}, [FR_I64] = {"I64", 8}};
enum { N_DTYPES = sizeof dtypes / sizeof *dtypes };

/* Bytes of a tensor; false when they do not fit 63 bits. */
static bool count_bytes(const struct fr_tensor *tensor, int64_t *out) {
    *out = 0;
    for (int i = 0; i < tensor->n_dims; i++)
        if (tensor->dims[i] == 0)
            return true; /* whatever the other dimensions are */
    *out = (int64_t)dtypes[tensor->dtype].size;
    for (int i = 0; i < tensor->n_dims; i++)
        if (__builtin_mul_overflow(*out, tensor->dims[i], out))
            return false;
    return true;
}

/* ---- saving ---------------------------------------------------------------------------------- */

static int by_size_then_name(const void *a, const void *b) {
    const struct fr_tensor *const *x = a, *const *y = b;
    const size_t size_x = dtypes[(*x)->dtype].size, size_y = dtypes[(*y)->dtype].size;
    if (size_x != size_y)
        return size_x < size_y ? 1 : -1;
    return strcmp((*x)->name, (*y)->name);
}

static json_t *describe_tensor(const struct fr_tensor *tensor, int64_t start, int64_t end) {
    json_t *shape = json_array();
    for (int i = 0; i < tensor->n_dims; i++)
        (void)json_array_append_new(shape, json_integer(tensor->dims[i]));
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", dtypes[tensor->dtype].name, "shape", shape,
                     "data_offsets", (json_int_t)start, (json_int_t)end);
}

/* The header with its length, padded so that the data starts at a multiple of 8. */
static int render_header(const char *path, const struct fr_tensor *const *order, int n,
                         const char *const (*metadata)[2], int n_metadata, int64_t *n_data,
                         struct fr_text *out, struct fr_error *err) {
    json_t *root = json_object();
    char *text = NULL;
    int code = FR_OK;
    *n_data = 0;
    if (n_metadata > 0) {
        json_t *facts = json_object();
        (void)json_object_set_new(root, "__metadata__", facts);
        for (int i = 0; i < n_metadata; i++)
            if (json_object_set_new(facts, metadata[i][0], json_string(metadata[i][1])) != 0) {
                code = fr_fail(err, FR_E_INPUT,
                               "%s: metadata that is not UTF-8; a bug of the "
                               "caller",
                               path);
                goto out;
            }
    }
    for (int i = 0; i < n; i++) {
        const char *name = order[i]->name;
        int64_t bytes = 0, end = 0;
        FR_ASSERT((unsigned)order[i]->dtype < N_DTYPES && order[i]->n_dims >= 0 &&
                  order[i]->n_dims <= MAX_DIMS);
        for (int d = 0; d < order[i]->n_dims; d++)
            FR_ASSERT(order[i]->dims[d] >= 0);
        FR_ASSERT(json_object_get(root, name) == NULL && strcmp(name, "__metadata__") != 0);
        FR_ASSERT(count_bytes(order[i], &bytes) && !__builtin_add_overflow(*n_data, bytes, &end));
        if (json_object_set_new(root, name, describe_tensor(order[i], *n_data, end)) != 0) {
            code = fr_fail(err, FR_E_INPUT, "%s: a tensor's name is not UTF-8", path);
            goto out;
        }
        *n_data = end;
    }
    text = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
    FR_ASSERT(text != NULL);
    const size_t n_text = strlen(text), padded = (n_text + 7) / 8 * 8;
    const uint64_t length = padded;
    fr_text_append(out, (const char *)&length, LENGTH_BYTES);
    fr_text_append(out, text, n_text);
    for (size_t i = n_text; i < padded; i++)
        fr_text_add(out, " ");
out:
    free(text);
    json_decref(root);
    return code;
}

int fr_tensors_header(const char *path, const struct fr_tensor *tensors, int n,
                      const char *const (*metadata)[2], int n_metadata, struct fr_text *header,
                      int64_t *offsets, struct fr_error *err) {
    const struct fr_tensor **order = fr_alloc((size_t)n, sizeof *order);
    int64_t at = 0;
    for (int i = 0; i < n; i++)
        order[i] = &tensors[i];
    qsort(order, (size_t)n, sizeof *order, by_size_then_name);
    const int code = render_header(path, order, n, metadata, n_metadata, &at, header, err);
    at = (int64_t)header->len;
    for (int i = 0; i < n && code == FR_OK; i++) {
        int64_t size = 0;
        FR_ASSERT(count_bytes(order[i], &size));
        offsets[order[i] - tensors] = at;
        at += size;
    }
    free(order);
    return code;
}

int fr_tensors_save(const char *path, const struct fr_tensor *tensors, int n,
                    const char *const (*metadata)[2], int n_metadata, struct fr_error *err) {
    const struct fr_tensor **order = fr_alloc((size_t)n, sizeof *order);
    for (int i = 0; i < n; i++)
        order[i] = &tensors[i];
    qsort(order, (size_t)n, sizeof *order, by_size_then_name);
    struct fr_text header = {0};
    int64_t n_data = 0;
    struct fr_bytes *parts = fr_alloc((size_t)n + 1, sizeof *parts);
    int code = render_header(path, order, n, metadata, n_metadata, &n_data, &header, err);
    if (code != FR_OK)
        goto out;
    parts[0] = (struct fr_bytes){header.data, header.len};
    for (int i = 0; i < n; i++) {
        int64_t size = 0;
        FR_ASSERT(count_bytes(order[i], &size));
        parts[i + 1] = (struct fr_bytes){order[i]->data, (size_t)size};
    }
    code = fr_file_write_parts(path, parts, n + 1, err);
out:
    free(parts);
    fr_text_release(&header);
    free(order);
    return code;
}

/* ---- loading --------------------------------------------------------------------------------- */

static int refuse(struct fr_error *err, const char *path, const char *name, const char *what) {
    if (name == NULL)
        return fr_fail(err, FR_E_INPUT, "%s: %s; " NOT_OURS, path, what);
    return fr_fail(err, FR_E_INPUT, "%s: tensor %.60s: %s; " NOT_OURS, path, name, what);
}

/* One entry of the header into *tensor (without its data) and its bytes [*start, *end). */
static int parse_tensor(const char *path, const char *name, const json_t *entry, int64_t n_data,
                        struct fr_tensor *tensor, int64_t *start, int64_t *end,
                        struct fr_error *err) {
    const char *dtype = json_string_value(json_object_get(entry, "dtype"));
    const json_t *shape = json_object_get(entry, "shape");
    const json_t *offsets = json_object_get(entry, "data_offsets");
    if (!json_is_object(entry) || json_object_size(entry) != 3 || dtype == NULL ||
        !json_is_array(shape) || !json_is_array(offsets))
        return refuse(err, path, name, "not described by dtype, shape and data_offsets");
    int d = 0;
    while (d < N_DTYPES && strcmp(dtypes[d].name, dtype) != 0)
        d++;
    if (d == N_DTYPES)
        return fr_fail(err, FR_E_INPUT,
                       "%s: tensor %.60s: dtype %.20s is none of F32, F64, I32, I64; " NOT_OURS,
                       path, name, dtype);
    if (json_array_size(shape) > (size_t)MAX_DIMS)
        return refuse(err, path, name, "more than 6 dimensions");
    *tensor = (struct fr_tensor){.dtype = (enum fr_dtype)d, .n_dims = (int)json_array_size(shape)};
    for (int i = 0; i < tensor->n_dims; i++) {
        const json_t *dim = json_array_get(shape, (size_t)i);
        if (!json_is_integer(dim) || json_integer_value(dim) < 0)
            return refuse(err, path, name, "a dimension is not a whole number from 0 up");
        tensor->dims[i] = json_integer_value(dim);
    }
    const json_t *first = json_array_get(offsets, 0), *second = json_array_get(offsets, 1);
    if (json_array_size(offsets) != 2 || !json_is_integer(first) || !json_is_integer(second))
        return refuse(err, path, name, "data_offsets is not a pair of whole numbers");
    *start = json_integer_value(first);
    *end = json_integer_value(second);
    if (*start < 0 || *end < *start || *end > n_data)
        return refuse(err, path, name, "data_offsets lie outside the file's data");
    int64_t bytes = 0;
    if (!count_bytes(tensor, &bytes) || bytes != *end - *start)
        return refuse(err, path, name, "dtype and shape do not give the number of its bytes");
    if ((size_t)*start % dtypes[d].size != 0)
        return refuse(err, path, name, "not aligned to its element size");
    return FR_OK;
}

static char *copy_string(char **at, const char *text) {
    const size_t n = strlen(text) + 1;
    char *copy = memcpy(*at, text, n);
    *at += n;
    return copy;
}

struct entry {
    const char *name;
    int64_t start, end;
    struct fr_tensor tensor;
};

static int by_start(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end != y->end) /* an empty tensor stands before the one that starts where it does */
        return x->end < y->end ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int check_metadata(const char *path, json_t *facts, size_t *n_strings,
                          struct fr_error *err) {
    if (facts == NULL)
        return FR_OK;
    if (!json_is_object(facts))
        return refuse(err, path, NULL, "__metadata__ is not an object");
    const char *key;
    json_t *value;
    json_object_foreach(facts, key, value) {
        if (!json_is_string(value))
            return refuse(err, path, NULL, "__metadata__ holds something else than strings");
        *n_strings += strlen(key) + strlen(json_string_value(value)) + 2;
    }
    return FR_OK;
}

/* header -> out->tensors with their places in the data section; *n_strings: bytes of all names. */
static int parse_header(const char *path, json_t *root, int64_t n_data, struct entry *entries,
                        int *n, size_t *n_strings, struct fr_error *err) {
    int code = check_metadata(path, json_object_get(root, "__metadata__"), n_strings, err);
    const char *name;
    json_t *value;
    *n = 0;
    json_object_foreach(root, name, value) {
        if (code != FR_OK)
            return code;
        if (strcmp(name, "__metadata__") == 0)
            continue;
        struct entry *e = &entries[(*n)++];
        e->name = name;
        *n_strings += strlen(name) + 1;
        code = parse_tensor(path, name, value, n_data, &e->tensor, &e->start, &e->end, err);
    }
    if (code != FR_OK)
        return code;
    qsort(entries, (size_t)*n, sizeof *entries, by_start);
    int64_t covered = 0;
    for (int i = 0; i < *n; i++) {
        if (entries[i].start < covered)
            return refuse(err, path, entries[i].name, "overlaps the tensor before it");
        if (entries[i].start > covered)
            return refuse(err, path, entries[i].name, "a gap lies before it");
        covered = entries[i].end;
    }
    if (covered != n_data)
        return refuse(err, path, NULL, "bytes after the last tensor");
    return FR_OK;
}

static int read_exactly(int fd, const char *path, void *out, size_t n, struct fr_error *err) {
    for (size_t done = 0; done < n;) {
        const ssize_t k = read(fd, (char *)out + done, n - done);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return fr_fail(err, FR_E_IO, "%s: %s", path, strerror(errno));
        if (k == 0)
            return refuse(err, path, NULL, "ends while it is being read");
        done += (size_t)k;
    }
    return FR_OK;
}

/* Opens the file and reads its header; *n_data is what follows it. */
static int read_header(const char *path, int *fd, json_t **root, int64_t *n_data,
                       struct fr_error *err) {
    char *text = NULL;
    struct stat st;
    uint64_t length = 0;
    int code = FR_OK;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe is refused, not waited for */
    if (*fd < 0 || fstat(*fd, &st) != 0)
        return fr_fail(err, FR_E_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return fr_fail(err, FR_E_INPUT, "%s: not a file", path);
    if (st.st_size < LENGTH_BYTES)
        return refuse(err, path, NULL, "shorter than 8 bytes");
    code = read_exactly(*fd, path, &length, LENGTH_BYTES, err);
    if (code != FR_OK)
        return code;
    if (length > (uint64_t)(st.st_size - LENGTH_BYTES))
        return refuse(err, path, NULL, "its header is longer than the file");
    if (length > HEADER_CEILING)
        return refuse(err, path, NULL, "its header is longer than 16 MiB");
    text = fr_alloc((size_t)length, 1);
    code = read_exactly(*fd, path, text, (size_t)length, err);
    if (code == FR_OK) {
        json_error_t where;
        *root = json_loadb(text, (size_t)length, JSON_REJECT_DUPLICATES, &where);
        if (*root == NULL)
            code = fr_fail(err, FR_E_INPUT, "%s: header byte %d: %.120s; " NOT_OURS, path,
                           where.position, where.text);
        else if (!json_is_object(*root))
            code = refuse(err, path, NULL, "its header is not an object");
    }
    *n_data = (int64_t)st.st_size - LENGTH_BYTES - (int64_t)length;
    free(text);
    return code;
}

/* Everything is known to be right: one block with the data (none when it stays in the file), then
 * the strings. */
static int take_entries(const char *path, int fd, json_t *root, int64_t n_data,
                        const struct entry *entries, int n, size_t n_strings, bool with_data,
                        struct fr_tensor_file *out, struct fr_error *err) {
    /* The file decides how much, and a sparse one can ask for anything: do not let the system
     * promise what it does not have. */
    const int64_t memory = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
    const int64_t n_held = with_data ? n_data : 0;
    if (n_held < memory)
        out->bytes = malloc((size_t)n_held + n_strings + 1);
    if (out->bytes == NULL)
        return fr_fail(err, FR_E_LIMIT, "%s: %lld bytes do not fit into memory", path,
                       (long long)n_held);
    const off_t data_at = lseek(fd, 0, SEEK_CUR);
    const int code = read_exactly(fd, path, out->bytes, (size_t)n_held, err);
    if (code != FR_OK)
        return code;
    char *at = out->bytes + n_held;
    out->tensors = fr_alloc((size_t)n, sizeof *out->tensors);
    out->starts = fr_alloc((size_t)n, sizeof *out->starts);
    out->n = n;
    for (int i = 0; i < n; i++) {
        out->tensors[i] = entries[i].tensor;
        out->tensors[i].name = copy_string(&at, entries[i].name);
        out->tensors[i].data = with_data ? out->bytes + entries[i].start : NULL;
        out->starts[i] = (int64_t)data_at + entries[i].start;
    }
    json_t *facts = json_object_get(root, "__metadata__");
    out->metadata = fr_alloc(json_object_size(facts), sizeof *out->metadata);
    const char *key;
    json_t *value;
    json_object_foreach(facts, key, value) {
        out->metadata[out->n_metadata][0] = copy_string(&at, key);
        out->metadata[out->n_metadata++][1] = copy_string(&at, json_string_value(value));
    }
    return FR_OK;
}

static int load(struct fr_tensor_file *out, const char *path, bool with_data,
                struct fr_error *err) {
    *out = (struct fr_tensor_file){0};
    int fd = -1, n = 0;
    int64_t n_data = 0;
    size_t n_strings = 0;
    json_t *root = NULL;
    struct entry *entries = NULL;
    int code = read_header(path, &fd, &root, &n_data, err);
    if (code == FR_OK) {
        entries = fr_alloc(json_object_size(root), sizeof *entries);
        code = parse_header(path, root, n_data, entries, &n, &n_strings, err);
    }
    if (code == FR_OK)
        code = take_entries(path, fd, root, n_data, entries, n, n_strings, with_data, out, err);
    if (code != FR_OK)
        fr_tensors_release(out);
    free(entries);
    json_decref(root);
    if (code == FR_OK && !with_data) {
        out->is_open = true;
        out->fd = fd;
    } else if (fd >= 0)
        (void)close(fd);
    return code;
}

int fr_tensors_load(struct fr_tensor_file *out, const char *path, struct fr_error *err) {
    return load(out, path, true, err);
}

int fr_tensors_open(struct fr_tensor_file *out, const char *path, struct fr_error *err) {
    return load(out, path, false, err);
}

int fr_tensors_read(const struct fr_tensor_file *file, const struct fr_tensor *tensor,
                    int64_t first, int64_t n, void *out, struct fr_error *err) {
    const int64_t size = (int64_t)dtypes[tensor->dtype].size;
    int64_t bytes = 0;
    FR_ASSERT(file->is_open && count_bytes(tensor, &bytes) && first >= 0 && n >= 0 &&
              first <= bytes / size && n <= bytes / size - first);
    char *p = out;
    off_t at = (off_t)(file->starts[tensor - file->tensors] + first * size);
    for (int64_t left = n * size; left > 0;) {
        const ssize_t k = pread(file->fd, p, (size_t)left, at);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return fr_fail(err, FR_E_IO, "tensor %.60s: %s", tensor->name,
                           k < 0 ? strerror(errno) : "the file ends while it is being read");
        p += k;
        at += k;
        left -= k;
    }
    return FR_OK;
}

const struct fr_tensor *fr_tensors_find(const struct fr_tensor_file *file, const char *name) {
    for (int i = 0; i < file->n; i++)
        if (strcmp(file->tensors[i].name, name) == 0)
            return &file->tensors[i];
    return NULL;
}

const char *fr_tensors_find_metadata(const struct fr_tensor_file *file, const char *key) {
    for (int i = 0; i < file->n_metadata; i++)
        if (strcmp(file->metadata[i][0], key) == 0)
            return file->metadata[i][1];
    return NULL;
}

void fr_tensors_release(struct fr_tensor_file *file) {
    if (file->is_open)
        (void)close(file->fd);
    free(file->tensors);
    free(file->starts);
    free(file->metadata);
    free(file->bytes);
    *file = (struct fr_tensor_file){0};
}
