/* Packed values; see pack.h. Numbers lie unaligned and in this machine's byte order. */
#include "base/pack.h"

#include <string.h>

void fr_pack_int(struct fr_text *out, int64_t value) {
    fr_text_append(out, (const char *)&value, sizeof value);
}

void fr_pack_bytes(struct fr_text *out, const void *bytes, size_t n) {
    fr_pack_int(out, (int64_t)n);
    fr_text_append(out, bytes, n);
}

void fr_pack_text(struct fr_text *out, const char *text) {
    fr_pack_bytes(out, text, strlen(text) + 1);
}

struct fr_unpack fr_unpack_begin(const struct fr_text *bytes) {
    const char *data = fr_text_get(bytes);
    return (struct fr_unpack){.at = data, .end = data + bytes->len};
}

static const void *take(struct fr_unpack *in, size_t n) {
    if (in->bad || (size_t)(in->end - in->at) < n) {
        in->bad = true;
        return NULL;
    }
    const char *at = in->at;
    in->at += n;
    return at;
}

int64_t fr_unpack_int(struct fr_unpack *in) {
    int64_t value = 0;
    const void *bytes = take(in, sizeof value);
    if (bytes != NULL)
        memcpy(&value, bytes, sizeof value);
    return value;
}

const void *fr_unpack_bytes(struct fr_unpack *in, size_t *n) {
    const int64_t size = fr_unpack_int(in);
    const void *bytes = size >= 0 ? take(in, (size_t)size) : NULL;
    in->bad |= size < 0;
    *n = bytes != NULL ? (size_t)size : 0;
    return bytes != NULL ? bytes : "";
}

const char *fr_unpack_text(struct fr_unpack *in) {
    size_t n;
    const char *text = fr_unpack_bytes(in, &n);
    if (n == 0 || text[n - 1] != '\0') {
        in->bad = true;
        return "";
    }
    return text;
}
