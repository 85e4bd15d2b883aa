/* Chat templates: the Jinja text of a model's tokenizer and a conversation's first turn -> what the
 * model is given, byte for byte what the `transformers` library renders
 * (tests/golden/model/chat_templates.jsonl). C++ stands behind it, llama.cpp's own interpreter;
 * this is the whole of what the rest sees. */
#ifndef FR_MODEL_CHAT_TEMPLATE_H
#define FR_MODEL_CHAT_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct fr_chat_turn {
    const char *system;      /* NULL: none is told; a template may then say one of its own */
    const char *message;     /* the user's */
    const char *begin, *end; /* the texts of the begin and end tokens, "" for none */
    int thinking; /* -1: not said, 0: `enable_thinking` and `thinking` are false, 1: true */
};

/* On success *out is the text up to where the model goes on, freed by the caller with free(). On
 * failure *out is NULL and error says why in one line: the template is no Jinja that the
 * interpreter knows, it prints what jinja2 writes otherwise (chat_checks.hpp), it refuses the
 * conversation in its own words, or it leaves out the system message or the user's. A template is
 * first rendered in a child process: one that never ends, recurses without end or takes much memory
 * is a failure too. A template that wants messages in parts gets them so. Today's date is 26
 * July 2024 for every template: a prompt must not change from day to day. Any thread. */
bool fr_chat_template_render(const char *source, const struct fr_chat_turn *turn, char **out,
                             char *error, size_t n_error);

#ifdef __cplusplus
}
#endif

#endif
