/* JSON on standard output. */
#ifndef FR_CLI_OUTPUT_H
#define FR_CLI_OUTPUT_H

#include <jansson.h>
#include <stddef.h>

/* A JSON string of any bytes: when they are no UTF-8, every byte beyond ASCII becomes "?". */
json_t *fr_json_text(const char *text);
/* Prints root and a line feed, in one line or indented, and takes it. */
void fr_print_json_line(json_t *take_root);
void fr_print_json(json_t *take_root);

#endif
