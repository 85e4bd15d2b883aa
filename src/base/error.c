/* Errors as values; see error.h. */
#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

void fr_bug(const char *file, int line, const char *what) {
    (void)fprintf(stderr, "fluidrep: bug at %s:%d: %s\n", file, line, what);
    abort();
}
