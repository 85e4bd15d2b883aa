/* Memory that cannot fail; see memory.h. */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

void *fr_alloc(size_t n, size_t size) {
    void *p = calloc(n ? n : 1, size ? size : 1);
    if (p == NULL)
        fr_out_of_memory(n * size);
    return p;
}

void *fr_grow(void *old, size_t n, size_t size) {
    if (size != 0 && n > SIZE_MAX / size)
        fr_bug(__FILE__, __LINE__, "allocation size overflows");
    const size_t bytes = n * size;
    void *p = realloc(old, bytes > 0 ? bytes : 1);
    if (p == NULL)
        fr_out_of_memory(bytes);
    return p;
}

char *fr_strndup(const char *text, size_t n) {
    char *p = fr_alloc(n + 1, 1);
    memcpy(p, text, n);
    return p;
}

char *fr_strdup(const char *text) { return fr_strndup(text, strlen(text)); }
