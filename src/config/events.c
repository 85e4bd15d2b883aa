/* See events.h. */
#include "config/events.h"

#include "base/text.h"

void fr_events_warn(const struct fr_events *events, const char *format, ...) {
    if (events->warning == NULL)
        return;
    struct fr_text what = {0};
    va_list args;
    va_start(args, format);
    fr_text_vprintf(&what, format, args);
    va_end(args);
    events->warning(events->user, fr_text_get(&what));
    fr_text_release(&what);
}
