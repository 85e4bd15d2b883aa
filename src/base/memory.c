/* Memory that cannot fail, or leaves the call; see memory.h. */
#include "base/memory.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static _Thread_local jmp_buf *guard;
static _Thread_local long fail_after = -1;

int fr_memory_guard(int (*body)(void *), void *arg) {
    jmp_buf jump, *const outer = guard;
    int status = FR_E_MEMORY;
    if (setjmp(jump) != 0) {
        guard = outer;
        return FR_E_MEMORY;
    }
    guard = &jump;
    status = body(arg);
    guard = outer;
    return status;
}

void *fr_memory_unguard(void) {
    void *taken = guard;
    guard = NULL;
    return taken;
}

void fr_memory_reguard(void *taken) { guard = taken; }

void fr_memory_fail_after(long n) { fail_after = n; }

void fr_ran_out(size_t bytes) {
    if (guard != NULL)
        longjmp(*guard, 1);
    fr_out_of_memory(bytes);
}

static bool is_to_fail(void) { return guard != NULL && fail_after >= 0 && fail_after-- == 0; }

void *fr_alloc(size_t n, size_t size) {
    void *p = is_to_fail() ? NULL : calloc(n ? n : 1, size ? size : 1);
    if (p == NULL)
        fr_ran_out(n * size);
    return p;
}

void *fr_grow(void *old, size_t n, size_t size) {
    if (size != 0 && n > SIZE_MAX / size)
        fr_ran_out(SIZE_MAX);
    const size_t bytes = n * size;
    void *p = is_to_fail() ? NULL : realloc(old, bytes > 0 ? bytes : 1);
    if (p == NULL)
        fr_ran_out(bytes);
    return p;
}

char *fr_strndup(const char *text, size_t n) {
    char *p = fr_alloc(n + 1, 1);
    memcpy(p, text, n);
    return p;
}

char *fr_strdup(const char *text) { return fr_strndup(text, strlen(text)); }
