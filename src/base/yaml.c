/* Owns reading YAML into a document. The text is gone through twice, first for its depth: libyaml
 * looks at every open list again with every token, which takes it minutes for a megabyte of "[".
 * Rejected: counting brackets, which stand in quoted texts too. */
#include "base/yaml.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

static int fail(const yaml_parser_t *parser, const char *name, struct fr_error *err) {
    /* the loader says nothing of a tag for which there is no memory */
    if (parser->error == YAML_MEMORY_ERROR || parser->error == YAML_NO_ERROR)
        fr_ran_out(0);
    return fr_fail(err, FR_E_INPUT, "%s:%zu: %s; the file must be YAML", name,
                   parser->problem_mark.line + 1,
                   parser->problem ? parser->problem : "cannot be read");
}

static void start(yaml_parser_t *parser, const char *text) {
    if (!yaml_parser_initialize(parser))
        fr_ran_out(0);
    yaml_parser_set_input_string(parser, (const unsigned char *)text, strlen(text));
}

static int check_depth(const char *text, const char *name, struct fr_error *err) {
    yaml_parser_t parser;
    yaml_event_t event;
    int code = FR_OK, depth = 0, n_documents = 0;
    start(&parser, text);
    for (bool end = false; code == FR_OK && !end;) {
        if (!yaml_parser_parse(&parser, &event)) {
            code = fail(&parser, name, err);
            break;
        }
        end = event.type == YAML_STREAM_END_EVENT;
        if (event.type == YAML_DOCUMENT_START_EVENT && ++n_documents == 2)
            code = fr_fail(err, FR_E_INPUT,
                           "%s:%zu: a second document begins (\"---\"); one file holds one", name,
                           event.start_mark.line + 1);
        if (event.type == YAML_SEQUENCE_START_EVENT || event.type == YAML_MAPPING_START_EVENT)
            depth++;
        if (event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT)
            depth--;
        if (depth > FR_YAML_MAX_DEPTH)
            code = fr_fail(err, FR_E_LIMIT, "%s:%zu: lists and mappings nested deeper than %d",
                           name, event.start_mark.line + 1, FR_YAML_MAX_DEPTH);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return code;
}

int fr_yaml_parse(yaml_document_t *out, const char *text, const char *name, struct fr_error *err) {
    yaml_parser_t parser;
    int code = check_depth(text, name, err);
    if (code != FR_OK)
        return code;
    start(&parser, text);
    if (!yaml_parser_load(&parser, out))
        code = fail(&parser, name, err);
    yaml_parser_delete(&parser);
    return code;
}
