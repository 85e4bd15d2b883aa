/* Arrays as one file, for other programs: safetensors, or npz as NumPy writes it. Written from
 * beginning to end, so that the largest array need never be in memory. */
#ifndef FR_EXPORTS_ARRAYS_H
#define FR_EXPORTS_ARRAYS_H

#include "store/store.h"

enum fr_array_format { FR_ARRAYS_SAFETENSORS, FR_ARRAYS_NPZ };

/* Takes the next n bytes of the array that is being written. */
struct fr_array_sink;
FR_CHECKED int fr_array_put(struct fr_array_sink *sink, const void *bytes, size_t n,
                            struct fr_error *err);

struct fr_array {
    struct fr_tensor tensor; /* data: all of it, or NULL */
    /* Puts the data, as many bytes as the shape says, in any number of parts; where data is NULL.
     */
    int (*produce)(void *user, struct fr_array_sink *sink, struct fr_error *err);
    void *user;
};

/* Words beside the arrays: what axes are called, which names stand along one. safetensors has them
 * as metadata, a list as a JSON array; npz as arrays of text. UTF-8. */
struct fr_label {
    const char *key;
    bool is_list;
    int n; /* 1 where it is no list */
    const char *const *values;
};

/* Whole or not at all. The same arrays give the same bytes. */
FR_CHECKED int fr_arrays_write(const char *path, enum fr_array_format format,
                               const struct fr_array *arrays, int n, const struct fr_label *labels,
                               int n_labels, struct fr_error *err);

#endif
