/* JSON on standard output; see output.h. Whether it could be written is checked once, in main.c. */
#include "cli/output.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

json_t *fr_json_text(const char *text) {
    json_t *out = json_string(text);
    if (out != NULL)
        return out;
    char *ascii = fr_strdup(text);
    for (char *p = ascii; *p; p++)
        if (*p & 0x80)
            *p = '?';
    out = json_string(ascii);
    free(ascii);
    return out;
}

static void print(json_t *root, size_t flags) {
    FR_ASSERT(root != NULL);
    (void)json_dumpf(root, stdout, flags);
    (void)putchar('\n');
    json_decref(root);
}

void fr_print_json_line(json_t *take_root) { print(take_root, JSON_COMPACT); }
void fr_print_json(json_t *take_root) { print(take_root, JSON_INDENT(2) | JSON_REAL_PRECISION(6)); }
