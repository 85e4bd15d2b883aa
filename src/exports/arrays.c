/* Arrays -> safetensors or npz; see arrays.h. An npz is a zip archive (libarchive: entries stored,
 * sizes of 64 bits where they need them) of .npy files: a magic, the shape as a Python dictionary,
 * the data. Rejected: deflating it, which takes a twentieth off floats and minutes of time. */
#include "exports/arrays.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

struct fr_array_sink {
    const char *path;
    FILE *stream;            /* of safetensors */
    struct archive *archive; /* of npz */
    int64_t left;            /* bytes of this array that are still due */
};

/* How each is called where. */
static const struct {
    const char *npy;
    int64_t size;
} dtypes[] =
    {[FR_F32] = {"<f4", 4}, [FR_F64] = {"<f8", 8}, [FR_I32] = {"<i4", 4}, [FR_I64] = {"<i8", 8}};

static int64_t count_bytes(const struct fr_tensor *tensor) {
    int64_t n = dtypes[tensor->dtype].size;
    for (int i = 0; i < tensor->n_dims; i++)
        n *= tensor->dims[i];
    return n;
}

static int put(struct fr_array_sink *sink, const void *bytes, size_t n, struct fr_error *err) {
    if (n == 0)
        return FR_OK;
    if (sink->archive == NULL)
        return fwrite(bytes, 1, n, sink->stream) == n ? FR_OK
                                                      : fr_file_fail(err, sink->path, errno);
    if (archive_write_data(sink->archive, bytes, n) == (la_ssize_t)n)
        return FR_OK;
    return fr_file_fail(err, sink->path, archive_errno(sink->archive));
}

int fr_array_put(struct fr_array_sink *sink, const void *bytes, size_t n, struct fr_error *err) {
    FR_ASSERT((int64_t)n <= sink->left);
    sink->left -= (int64_t)n;
    return put(sink, bytes, n, err);
}

static int put_data(struct fr_array_sink *sink, const struct fr_array *array,
                    struct fr_error *err) {
    sink->left = count_bytes(&array->tensor);
    const int code = array->tensor.data != NULL || sink->left == 0
                         ? fr_array_put(sink, array->tensor.data, (size_t)sink->left, err)
                         : array->produce(array->user, sink, err);
    FR_ASSERT(code != FR_OK || sink->left == 0);
    return code;
}

/* ---- safetensors ----------------------------------------------------------------------------- */

static char *label_text(const struct fr_label *label) {
    if (!label->is_list)
        return fr_strdup(label->values[0]);
    json_t *list = json_array();
    for (int i = 0; i < label->n; i++)
        (void)json_array_append_new(list, json_string(label->values[i]));
    char *text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    FR_ASSERT(text != NULL);
    return text;
}

struct place {
    int64_t at;
    int i;
};
static int by_place(const void *a, const void *b) {
    const struct place *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->i - y->i; /* arrays without an element */
}

static int write_safetensors(struct fr_array_sink *sink, const struct fr_array *arrays, int n,
                             const struct fr_label *labels, int n_labels, struct fr_error *err) {
    struct fr_tensor *tensors = fr_alloc((size_t)n, sizeof *tensors);
    const char *(*metadata)[2] = fr_alloc((size_t)n_labels, sizeof *metadata);
    int64_t *offsets = fr_alloc((size_t)n, sizeof *offsets);
    struct place *order = fr_alloc((size_t)n, sizeof *order);
    struct fr_text header = {0};
    for (int i = 0; i < n; i++)
        tensors[i] = arrays[i].tensor;
    for (int i = 0; i < n_labels; i++) {
        metadata[i][0] = labels[i].key;
        metadata[i][1] = label_text(&labels[i]);
    }
    int code = fr_tensors_header(sink->path, tensors, n, (const char *const(*)[2])metadata,
                                 n_labels, &header, offsets, err);
    for (int i = 0; i < n && code == FR_OK; i++)
        order[i] = (struct place){offsets[i], i};
    qsort(order, (size_t)n, sizeof *order, by_place);
    if (code == FR_OK)
        code = put(sink, header.data, header.len, err);
    for (int i = 0; i < n && code == FR_OK; i++)
        code = put_data(sink, &arrays[order[i].i], err);
    for (int i = 0; i < n_labels; i++)
        free((char *)(uintptr_t)metadata[i][1]);
    fr_text_release(&header);
    free(order);
    free(offsets);
    free(metadata);
    free(tensors);
    return code;
}

/* ---- npz ------------------------------------------------------------------------------------- */

/* The head of an .npy file, padded so that the data begins at a multiple of 64. */
static void npy_head(const char *dtype, const int64_t *dims, int n_dims, struct fr_text *out) {
    enum { MAGIC = 10, ALIGNMENT = 64 };
    struct fr_text text = {0};
    fr_text_printf(&text, "{'descr': '%s', 'fortran_order': False, 'shape': (", dtype);
    for (int i = 0; i < n_dims; i++)
        fr_text_printf(&text, "%lld,%s", (long long)dims[i], i + 1 < n_dims ? " " : "");
    fr_text_add(&text, "), }");
    while ((MAGIC + text.len + 1) % ALIGNMENT != 0)
        fr_text_add(&text, " ");
    fr_text_add(&text, "\n");
    const unsigned char magic[MAGIC] = {0x93,
                                        'N',
                                        'U',
                                        'M',
                                        'P',
                                        'Y',
                                        1,
                                        0,
                                        (unsigned char)(text.len & 0xff),
                                        (unsigned char)(text.len >> 8)};
    fr_text_append(out, (const char *)magic, MAGIC);
    fr_text_append(out, text.data, text.len);
    fr_text_release(&text);
}

/* An entry NAME.npy begins, of n_data bytes behind its head. */
static int begin_entry(struct fr_array_sink *sink, const char *name, const char *dtype,
                       const int64_t *dims, int n_dims, int64_t n_data, struct fr_error *err) {
    struct fr_text head = {0}, file = {0};
    struct archive_entry *entry = archive_entry_new();
    fr_text_printf(&file, "%s.npy", name);
    npy_head(dtype, dims, n_dims, &head);
    archive_entry_set_pathname(entry, fr_text_get(&file));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, 315532800 /* 1980, where zip's time begins */, 0);
    archive_entry_set_size(entry, (int64_t)head.len + n_data);
    int code = archive_write_header(sink->archive, entry) == ARCHIVE_OK
                   ? FR_OK
                   : fr_file_fail(err, sink->path, archive_errno(sink->archive));
    if (code == FR_OK)
        code = put(sink, head.data, head.len, err);
    archive_entry_free(entry);
    fr_text_release(&head);
    fr_text_release(&file);
    return code;
}

static int end_entry(struct fr_array_sink *sink, struct fr_error *err) {
    return archive_write_finish_entry(sink->archive) == ARCHIVE_OK
               ? FR_OK
               : fr_file_fail(err, sink->path, archive_errno(sink->archive));
}

/* NumPy's texts are of one width, in UTF-32. */
static int write_label(struct fr_array_sink *sink, const struct fr_label *label,
                       struct fr_error *err) {
    int64_t width = 1;
    for (int i = 0; i < label->n; i++) {
        int64_t n = 0;
        uint32_t point;
        for (const char *p = label->values[i]; *p != '\0'; n++) {
            const int k = fr_utf8_decode(p, &point);
            FR_ASSERT(k > 0);
            p += k;
        }
        width = n > width ? n : width;
    }
    char dtype[32];
    const int64_t n = label->n;
    (void)snprintf(dtype, sizeof dtype, "<U%lld", (long long)width);
    uint32_t *cells = fr_alloc((size_t)(n * width), sizeof *cells);
    for (int64_t i = 0; i < n; i++) {
        uint32_t *cell = cells + i * width;
        for (const char *p = label->values[i]; *p != '\0'; cell++)
            p += fr_utf8_decode(p, cell);
    }
    const int64_t n_data = n * width * (int64_t)sizeof *cells;
    int code = begin_entry(sink, label->key, dtype, &n, label->is_list, n_data, err);
    if (code == FR_OK)
        code = put(sink, cells, (size_t)n_data, err);
    if (code == FR_OK)
        code = end_entry(sink, err);
    free(cells);
    return code;
}

static int write_npz(struct fr_array_sink *sink, const struct fr_array *arrays, int n,
                     const struct fr_label *labels, int n_labels, struct fr_error *err) {
    int code = FR_OK;
    if ((sink->archive = archive_write_new()) == NULL)
        fr_out_of_memory(0);
    if (archive_write_set_format_zip(sink->archive) != ARCHIVE_OK ||
        archive_write_zip_set_compression_store(sink->archive) != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(sink->archive, 1) != ARCHIVE_OK || /* no padding */
        archive_write_open_FILE(sink->archive, sink->stream) != ARCHIVE_OK)
        code = fr_fail(err, FR_E_IO, "%s: %s", sink->path, archive_error_string(sink->archive));
    for (int i = 0; i < n_labels && code == FR_OK; i++)
        code = write_label(sink, &labels[i], err);
    for (int i = 0; i < n && code == FR_OK; i++) {
        const struct fr_tensor *t = &arrays[i].tensor;
        code = begin_entry(sink, t->name, dtypes[t->dtype].npy, t->dims, t->n_dims, count_bytes(t),
                           err);
        if (code == FR_OK)
            code = put_data(sink, &arrays[i], err);
        if (code == FR_OK)
            code = end_entry(sink, err);
    }
    if (code == FR_OK && archive_write_close(sink->archive) != ARCHIVE_OK)
        code = fr_file_fail(err, sink->path, archive_errno(sink->archive));
    (void)archive_write_free(sink->archive);
    return code;
}

int fr_arrays_write(const char *path, enum fr_array_format format, const struct fr_array *arrays,
                    int n, const struct fr_label *labels, int n_labels, struct fr_error *err) {
    static int (*const writers[])(struct fr_array_sink *, const struct fr_array *, int,
                                  const struct fr_label *, int, struct fr_error *) =
        {[FR_ARRAYS_SAFETENSORS] = write_safetensors, [FR_ARRAYS_NPZ] = write_npz};
    struct fr_array_sink sink = {.path = path};
    int code = fr_file_create(&sink.stream, path, err);
    if (code != FR_OK)
        return code;
    code = writers[format](&sink, arrays, n, labels, n_labels, err);
    if (code == FR_OK)
        return fr_file_commit(sink.stream, path, err);
    fr_file_discard(sink.stream, path);
    return code;
}
