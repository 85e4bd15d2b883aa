/* Errors: every fallible function of the library returns 0 or one of these
 * negative codes and fills a struct fr_error where the fault is known: file,
 * line, value and, after "; ", a hint. The library never prints or exits.
 *
 * Three things are kept apart: outside data that is wrong (a code), a bug of
 * ours (FR_ASSERT, alive in release builds), a model's bad answer (a verdict,
 * never an error). Running out of memory aborts the program, not a guarded call: base/memory.h. */
#ifndef FR_BASE_ERROR_H
#define FR_BASE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#define FR_CHECKED __attribute__((warn_unused_result))
#define FR_PRINTF(a, b) __attribute__((format(printf, a, b)))

#define FR_ERROR_LIST(X)                                                                           \
    X(FR_OK, 0, "ok")                                                                              \
    X(FR_E_INPUT, -1, "bad input")       /* text, a file or an option that is wrong: exit 2 */     \
    X(FR_E_IO, -2, "input/output error") /* the system refused: disk full, no permission */        \
    X(FR_E_MODEL, -3, "model error")     /* the language model cannot be loaded or run */          \
    X(FR_E_CONFLICT, -4, "conflict")     /* the store belongs to another study */                  \
    X(FR_E_STOPPED, -5, "stopped")       /* interrupted by the user; what was stored stays */      \
    X(FR_E_LIMIT, -6, "limit exceeded")  /* a stated ceiling was hit */                            \
    X(FR_E_MEMORY, -7, "out of memory")  /* only inside fr_memory_guard */

enum fr_code {
#define FR_X(name, value, text) name = value,
    FR_ERROR_LIST(FR_X)
#undef FR_X
};

struct fr_error {
    int code;
    char text[512];
};

/* "bad input" for FR_E_INPUT and so on. */
const char *fr_code_text(int code);

/* Fills *err (when not NULL) and returns code, so that a fault is one line:
 *     return fr_fail(err, FR_E_INPUT, "%s:%d: unknown key; nearest is %s", ...); */
int fr_fail(struct fr_error *err, int code, const char *format, ...) FR_PRINTF(3, 4);

/* Puts "prefix: " before the text already in *err and returns err->code. */
int fr_fail_in(struct fr_error *err, const char *format, ...) FR_PRINTF(2, 3);

/* No memory, which a batch program has no better answer to than to stop: says so in one line and
 * aborts (the program then exits with status 1). What was stored stays. bytes: that were asked for,
 * 0 when that is not known. Allocates nothing. */
_Noreturn void fr_out_of_memory(size_t bytes);
bool fr_memory_ran_out(void); /* for a handler of SIGABRT */

/* A bug of ours: says where and aborts, in every build. */
_Noreturn void fr_bug(const char *file, int line, const char *what);
#define FR_ASSERT(x) ((x) ? (void)0 : fr_bug(__FILE__, __LINE__, #x))

#endif
