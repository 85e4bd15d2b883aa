/* Values in a byte string, one after the other, for what travels between the store and whoever
 * computes. Packed and unpacked in the same order by the same program: no version, no names. */
#ifndef FR_BASE_PACK_H
#define FR_BASE_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

void fr_pack_int(struct fr_text *out, int64_t value);
void fr_pack_bytes(struct fr_text *out, const void *bytes, size_t n);
void fr_pack_text(struct fr_text *out, const char *text);

/* What is read is borrowed from bytes. Reading past the end, or a length that does not fit, sets
 * `bad` and gives zeros and empty strings from then on. */
struct fr_unpack {
    const char *at, *end;
    bool bad;
};
struct fr_unpack fr_unpack_begin(const struct fr_text *bytes);
int64_t fr_unpack_int(struct fr_unpack *in);
const void *fr_unpack_bytes(struct fr_unpack *in, size_t *n);
const char *fr_unpack_text(struct fr_unpack *in); /* NUL-terminated */

#endif
