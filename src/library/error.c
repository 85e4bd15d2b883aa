/* Errors of the library, and its guard; see internal.h. */
#include <fluidrep/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "fr_version.h"
#include "library/internal.h"

_Static_assert((int)FLUIDREP_E_INPUT == (int)FR_E_INPUT && (int)FLUIDREP_E_IO == (int)FR_E_IO &&
                   (int)FLUIDREP_E_MODEL == (int)FR_E_MODEL &&
                   (int)FLUIDREP_E_CONFLICT == (int)FR_E_CONFLICT &&
                   (int)FLUIDREP_E_STOPPED == (int)FR_E_STOPPED &&
                   (int)FLUIDREP_E_LIMIT == (int)FR_E_LIMIT &&
                   (int)FLUIDREP_E_MEMORY == (int)FR_E_MEMORY,
               "the public codes are the library's");

static _Thread_local struct fr_error last;

struct fr_error *fr_library_error(void) {
    return &last;
}

int fr_library_call(int (*body)(void *), void *arg) {
    const int code = fr_memory_guard(body, arg);
    if (code == FR_E_MEMORY)
        return fr_fail(&last, FR_E_MEMORY,
                       "out of memory; shorter texts, fewer slots or a smaller context need less");
    return code;
}

int fr_library_choice(const char *what, const char *text, const char *const *names, int n) {
    char list[384] = "";
    for (int i = 0; i < n; i++)
        if (text != NULL && strcmp(names[i], text) == 0)
            return i;
    for (int i = 0; i < n; i++)
        (void)snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "",
                       names[i]);
    (void)fr_fail(&last, FR_E_INPUT, "%s: \"%.60s\" is not known here; there is %s", what,
                  text != NULL ? text : "", list);
    return -1;
}

const char *fluidrep_error(void) { return last.text; }
const char *fluidrep_version(void) { return FR_VERSION; }
void fluidrep_free(void *memory) { free(memory); }
