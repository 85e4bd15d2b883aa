/* Memory that cannot fail: a study is a batch program, and out of memory has no
 * better handling than to stop (what is stored stays). Sizes are checked for
 * overflow. Free with free().
 *
 * A library may not stop its host: inside fr_memory_guard the call that ran out is left instead. */
#ifndef FR_BASE_MEMORY_H
#define FR_BASE_MEMORY_H

#include <stddef.h>

/* n zeroed elements; n = 0 gives a valid pointer. */
void *fr_alloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
/* realloc to n elements; new memory is not zeroed. */
void *fr_grow(void *old, size_t n, size_t size) __attribute__((returns_nonnull));
char *fr_strdup(const char *text) __attribute__((malloc, returns_nonnull));
char *fr_strndup(const char *text, size_t n) __attribute__((malloc, returns_nonnull));

/* What those do when there is none: for a library's call that failed for want of memory. */
_Noreturn void fr_ran_out(size_t bytes);

/* Runs body(arg). When memory runs out in it on this thread, body is left by longjmp and this
 * returns FR_E_MEMORY; what body had allocated is lost. So body must hold no lock, and no frame of
 * C++ may stand between: around a call into libllama that can call back, fr_memory_unguard. */
int fr_memory_guard(int (*body)(void *arg), void *arg);
/* Takes the thread's guard away (out of memory aborts again), and puts it back. */
void *fr_memory_unguard(void);
void fr_memory_reguard(void *guard);
/* For tests: after n more allocations by this thread inside a guard the next one fails, once; < 0:
 * none does. */
void fr_memory_fail_after(long n);

/* Makes room for one more element in a growing array { T *items; int n, capacity; }. */
#define FR_RESERVE(items, n, capacity)                                                             \
    do {                                                                                           \
        if ((n) == (capacity)) {                                                                   \
            (capacity) = (capacity) ? 2 * (capacity) : 16;                                         \
            (items) = fr_grow((items), (size_t)(capacity), sizeof *(items));                       \
        }                                                                                          \
    } while (0)

/* The same for an array that keeps no capacity and is only ever lengthened by this: it doubles when
 * its length is a power of two. One by one, a long array would be moved as often as it has items.
 */
#define FR_EXTEND(items, n)                                                                        \
    do {                                                                                           \
        if (((n) & ((n)-1)) == 0)                                                                  \
            (items) = fr_grow((items), (n) > 0 ? 2 * (size_t)(n) : 1, sizeof *(items));            \
    } while (0)

#endif
