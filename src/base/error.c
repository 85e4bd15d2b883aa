/* Errors as values; see error.h. */
#include "base/error.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *fr_code_text(int code) {
    switch (code) {
#define FR_X(name, value, text)                                                                    \
    case name:                                                                                     \
        return text;
        FR_ERROR_LIST(FR_X)
#undef FR_X
    default:
        return "unknown error";
    }
}

int fr_fail(struct fr_error *err, int code, const char *format, ...) {
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
        err->code = code;
    }
    return code;
}

int fr_fail_in(struct fr_error *err, const char *format, ...) {
    if (err == NULL)
        return FR_E_INPUT;
    char inner[sizeof err->text];
    char outer[160];
    memcpy(inner, err->text, sizeof inner);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(outer, sizeof outer, format, args);
    va_end(args);
    (void)snprintf(err->text, sizeof err->text, "%s: %.*s", outer,
                   (int)(sizeof inner - sizeof outer - 3), inner);
    return err->code;
}

static volatile sig_atomic_t ran_out;

bool fr_memory_ran_out(void) { return ran_out != 0; }

void fr_out_of_memory(size_t bytes) {
    char asked[48] = "", text[240];
    if (bytes > 0)
        (void)snprintf(asked, sizeof asked, " (%zu bytes were asked for)", bytes);
    const int n = snprintf(text, sizeof text,
                           "fluidrep: out of memory%s; nothing stored is lost: free some, or lower "
                           "model.workers, model.slots or model.context_tokens, and run again\n",
                           asked);
    ran_out = 1;
    (void)!write(STDERR_FILENO, text, (size_t)n);
    abort();
}

void fr_bug(const char *file, int line, const char *what) {
    (void)fprintf(stderr, "fluidrep: bug at %s:%d: %s\n", file, line, what);
    abort();
}
