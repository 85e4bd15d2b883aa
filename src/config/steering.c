/* The section `steering`: what its keys need of each other and of the trace, told in their own
 * names and not in those of the experiment that it becomes. */
#include "config/config.h"

int fr_config_check_steering(const struct fr_config *c, const char *path, struct fr_error *err) {
    const int line = c->steering.line;
    if (c->steering.window_end <= c->steering.window_start)
        return fr_fail(err, FR_E_INPUT,
                       "%s:%d: steering.window_end %d must be above window_start %d", path, line,
                       c->steering.window_end, c->steering.window_start);
    if (c->steering.window_end >= c->max_tokens)
        return fr_fail(err, FR_E_INPUT,
                       "%s:%d: steering.window_end %d, but a trace has at most "
                       "generation.max_tokens %d tokens; end it below",
                       path, line, c->steering.window_end, c->max_tokens);
    return fr_config_check_timestamp(c, path, "steering.vector_timestamp", c->steering.timestamp,
                                     err);
}
