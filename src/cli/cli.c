/* What the commands share; see cli.h. */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int fr_cli_fail(const struct fr_error *err) {
    (void)fprintf(stderr, "fluidrep: %s\n", err->text);
    return err->code == FR_E_INPUT || err->code == FR_E_CONFLICT ? FR_EXIT_MISUSE : FR_EXIT_FAILED;
}

int fr_cli_int(const struct argp_state *state, const char *option, const char *text, int low, int high) {
    char *end;
    errno = 0;
    const long value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || value < low || value > high)
        argp_error(state, "%s: \"%s\" is not a whole number from %d to %d", option, text, low, high);
    return (int)value;
}
