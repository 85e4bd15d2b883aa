/* Bytes as JSON strings; see internal.h. Rejected: dropping what cannot be seen, which would make a
 * viewer hide the very thing that somebody put there. */
#include <string.h>

#include "base/memory.h"
#include "view/internal.h"

#define REPLACEMENT "\xef\xbf\xbd"

/* One character, or one byte that begins none; how many bytes it took. */
static size_t add_character(const char *at, const char *end, struct fr_text *out) {
    char bytes[5] = {0}; /* what follows is not to be looked at */
    const size_t left = (size_t)(end - at);
    memcpy(bytes, at, left < 4 ? left : 4);
    uint32_t point = 0;
    const int n = fr_utf8_decode(bytes, &point);
    if (n == 0 && *at == '\0')
        fr_text_add(out, "<U+0000>");
    else if (n == 0)
        fr_text_add(out, REPLACEMENT);
    else if (point != '\n' && point != '\t' && fr_is_unseen(point))
        fr_text_printf(out, "<U+%04X>", (unsigned)point);
    else
        fr_text_append(out, at, (size_t)n);
    return n > 0 ? (size_t)n : 1;
}

static json_t *take(struct fr_text *text) {
    json_t *out = json_stringn(fr_text_get(text), text->len);
    FR_ASSERT(out != NULL);
    fr_text_clear(text);
    return out;
}

json_t *fr_view_text(const char *bytes, size_t n) {
    struct fr_text out = {0};
    for (const char *at = bytes, *end = bytes + n; at < end;)
        at += add_character(at, end, &out);
    json_t *text = take(&out);
    fr_text_release(&out);
    return text;
}

json_t *fr_view_tokens(const char *text, size_t n, const int32_t *starts, const int32_t *ends,
                       int n_tokens) {
    json_t *out = json_array();
    struct fr_text piece = {0};
    size_t done = 0; /* bytes that an earlier token showed */
    for (int i = 0; i < n_tokens; i++) {
        size_t at = (size_t)starts[i] > done ? (size_t)starts[i] : done;
        while (at < (size_t)ends[i])
            at += add_character(text + at, text + n, &piece);
        done = at > done ? at : done;
        FR_ASSERT(json_array_append_new(out, take(&piece)) == 0);
    }
    fr_text_release(&piece);
    return out;
}
