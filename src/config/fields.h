/* Fields of a configuration as tables: one reader and one writer for every value that YAML can
 * give; private to config/. */
#ifndef FR_CONFIG_FIELDS_H
#define FR_CONFIG_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "base/yaml.h"
#include "config/config.h"

enum fr_field_type {
    FR_FIELD_TEXT,
    FR_FIELD_INT,
    FR_FIELD_DOUBLE,
    FR_FIELD_BOOL,
    FR_FIELD_CHOICE, /* an int: the index of the choice */
    /* lists: an array of `capacity` items at offset, an int at `count` */
    FR_FIELD_INTS,
    FR_FIELD_DOUBLES,
    FR_FIELD_BOOLS,
    FR_FIELD_CHOICES,
    FR_FIELD_TEXTS,
    FR_FIELD_LAYERS,  /* struct fr_range: 5, or 1-20 with both */
    FR_FIELD_WINDOWS, /* struct fr_range: [1500, 2500], or a list of such pairs */
};

/* Of a list: what may be written, and twice. */
enum fr_list_kind {
    FR_LIST_SET,    /* every item once */
    FR_LIST_SWEEP,  /* so too; may be written as one value, and is never empty */
    FR_LIST_REPEATS /* items may be equal: shares */
};

struct fr_field {
    const char *section, *name; /* section "": top level */
    enum fr_field_type type;
    size_t offset, count;
    int capacity;
    enum fr_list_kind list;
    double low, high;           /* numbers, list items */
    const char *fallback;       /* YAML; NULL: the field is required */
    const char *const *choices; /* of a choice; of texts, what they may be */
    int n_choices;
    enum fr_scope scope;
    bool grows; /* a larger value, or a longer list, keeps what was done with the smaller */
    const char *help;
};

/* Where a value is read: for errors, "path:line: LABEL: ...". */
struct fr_field_reader {
    const char *path, *prefix; /* prefix of the field's name in errors, "" or "experiments.NAME." */
    yaml_document_t *document;
    struct fr_error *err;
};

/* The node's value into base's field. */
FR_CHECKED int fr_field_read(const struct fr_field_reader *reader, const struct fr_field *field,
                             const yaml_node_t *node, void *base);
/* As YAML would have it, canonical: lists always as lists. */
void fr_field_render(const struct fr_field *field, const void *base, struct fr_text *out);
/* Frees texts and empties lists. */
void fr_field_clear(const struct fr_field *field, void *base);
/* "section.name" */
void fr_field_name(const struct fr_field *field, struct fr_text *out);

int fr_yaml_line(const yaml_node_t *node);
const char *fr_yaml_scalar(const yaml_node_t *node); /* or NULL, for one with a NUL in it too */

/* The `experiments` list; see experiment_fields.c. */
FR_CHECKED int fr_experiments_read(const struct fr_field_reader *reader, const yaml_node_t *node,
                                   struct fr_experiments *out);
/* "experiments.NAME.field: value" lines. */
void fr_experiments_render(const struct fr_experiments *experiments, struct fr_text *out);
void fr_experiments_help(struct fr_text *out);

#endif
