/* Memory that cannot fail: a study is a batch program, and out of memory has no
 * better handling than to stop (what is stored stays). Sizes are checked for
 * overflow. Free with free(). */
#ifndef FR_BASE_MEMORY_H
#define FR_BASE_MEMORY_H

#include <stddef.h>

/* n zeroed elements; n = 0 gives a valid pointer. */
void *fr_alloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
/* realloc to n elements; new memory is not zeroed. */
void *fr_grow(void *old, size_t n, size_t size) __attribute__((returns_nonnull));
char *fr_strdup(const char *text) __attribute__((malloc, returns_nonnull));
char *fr_strndup(const char *text, size_t n) __attribute__((malloc, returns_nonnull));

/* Makes room for one more element in a growing array { T *items; int n, capacity; }. */
#define FR_RESERVE(items, n, capacity)                                                             \
    do {                                                                                           \
        if ((n) == (capacity)) {                                                                   \
            (capacity) = (capacity) ? 2 * (capacity) : 16;                                         \
            (items) = fr_grow((items), (size_t)(capacity), sizeof *(items));                       \
        }                                                                                          \
    } while (0)

#endif
