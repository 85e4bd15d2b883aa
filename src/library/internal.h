/* library/: the public functions of include/fluidrep/ on the rooms below. They check what the rooms
 * assert, guard against running out of memory, and keep the thread's last error. What must be given
 * back when a body was left stands in its argument, whose owner frees it. Rejected: a macro
 * around every body; functions with their arguments in a struct leave no local variable for longjmp
 * to spoil. */
#ifndef FR_LIBRARY_INTERNAL_H
#define FR_LIBRARY_INTERNAL_H

#include "base/error.h"

/* Runs body(arg) guarded; its code, with FR_E_MEMORY told. */
int fr_library_call(int (*body)(void *arg), void *arg);
/* The thread's error, to be filled by a body. */
struct fr_error *fr_library_error(void);
/* Index of text in names, or -1 with FR_E_INPUT told: what is "kind", say. Allocates nothing, so it
 * may stand outside a guard. */
int fr_library_choice(const char *what, const char *text, const char *const *names, int n);

#endif
