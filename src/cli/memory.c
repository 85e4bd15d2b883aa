/* Libraries that go on without memory would leave parts out of what they write, or speak their own
 * words: in the program they end as everything else does, with one line. */
#include <gsl/gsl_errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "cli/cli.h"

static void *allocate(size_t n) {
    void *p = malloc(n > 0 ? n : 1);
    if (p == NULL)
        fr_out_of_memory(n);
    return p;
}

static void on_gsl(const char *reason, const char *file, int line, int number) {
    if (number == GSL_ENOMEM)
        fr_out_of_memory(0);
    fr_bug(file, line, reason); /* wrong arguments of ours */
}

void fr_cli_memory_install(void) {
    json_set_alloc_funcs(allocate, free);
    (void)gsl_set_error_handler(on_gsl);
}
