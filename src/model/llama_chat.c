/* What a message becomes before it is tokens: the chat template, and how the model marks its
 * reasoning.
 *
 * The template is the file's own, another that is named in the options (a file, one of the GGUF's
 * others, one of libllama's by name), or none. Jinja is rendered exactly (chat_template.h); one
 * that cannot be is refused, never guessed at. libllama's named formats are for such models: they
 * have no default system message and open no reasoning. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/chat_template.h"
#include "model/llama_engine.h"
#include "prompts/prompts.h"

enum { TEMPLATE_CEILING = 1 << 20, FORMATS = 256 };
static const char no_template[] = "none";

/* ---- which template ---------------------------------------------------------------------------
 */

static const char *format_called(const char *name) {
    const char *formats[FORMATS];
    const int n = llama_chat_builtin_templates(formats, FORMATS);
    for (int i = 0; i < n && i < FORMATS; i++)
        if (strcmp(formats[i], name) == 0)
            return formats[i];
    return NULL;
}

static int no_such_template(const struct fr_llama *llama, const char *name, struct fr_error *err) {
    const char *formats[FORMATS + 1] = {no_template};
    const int n = llama_chat_builtin_templates(formats + 1, FORMATS);
    const char *near = fr_nearest(name, formats, 1 + (n < FORMATS ? n : FORMATS));
    return fr_fail(
        err, FR_E_INPUT,
        "%s: chat_template \"%.80s\" is no file, none of the model's other templates and "
        "no format of libllama's%s%s; give a file of Jinja, or a name: none, chatml, llama3 ...",
        llama->base.options.path, name, near != NULL ? "; the nearest is " : "",
        near != NULL ? near : "");
}

static int load_template(struct fr_llama *llama, struct fr_error *err) {
    const char *wanted = llama->base.options.chat_template;
    const char *own = NULL;
    if (wanted == NULL || *wanted == '\0') {
        own = llama_model_chat_template(llama->weights, NULL);
    } else if (fr_file_exists(wanted)) {
        struct fr_text text = {0};
        const int code = fr_file_read_text(wanted, TEMPLATE_CEILING, &text, err);
        llama->shared->chat_template = fr_text_take(&text);
        return code;
    } else if (strcmp(wanted, no_template) != 0) {
        own = llama_model_chat_template(llama->weights, wanted);
        llama->shared->chat_format = own == NULL ? format_called(wanted) : NULL;
        if (own == NULL && llama->shared->chat_format == NULL)
            return no_such_template(llama, wanted, err);
    }
    llama->shared->chat_template = own != NULL && *own != '\0' ? fr_strdup(own) : NULL;
    return FR_OK;
}

/* ---- how reasoning is marked ------------------------------------------------------------------
 */

static bool is_one_token(const struct fr_llama *llama, const char *text) {
    int32_t ids[2];
    return llama_tokenize(llama->vocabulary, text, (int32_t)strlen(text), ids, 2, false, true) == 1;
}

static void find_reasoning(struct fr_llama *llama) {
    const char *template = llama->shared->chat_template;
    const struct fr_reasoning_tag *found = NULL;
    for (int i = 0; i < fr_n_reasoning_tags && found == NULL; i++)
        if (template != NULL && fr_reasoning_tags[i].sign != NULL &&
            strstr(template, fr_reasoning_tags[i].sign) != NULL)
            found = &fr_reasoning_tags[i];
    for (int i = 0; i < fr_n_reasoning_tags && found == NULL; i++)
        if (fr_reasoning_tags[i].alone && is_one_token(llama, fr_reasoning_tags[i].end))
            found = &fr_reasoning_tags[i];
    fr_model_set_reasoning(&llama->base, found);
}

int fr_llama_chat_open(struct fr_llama *llama, struct fr_error *err) {
    const int code = load_template(llama, err);
    if (code == FR_OK)
        find_reasoning(llama);
    return code;
}

/* ---- a message --------------------------------------------------------------------------------
 */

static void add_token(const struct fr_llama *llama, int32_t id, struct fr_text *out) {
    size_t n = 0;
    const char *text = id >= 0 ? fr_llama_token_text(&llama->base, id, &n) : "";
    fr_text_append(out, text, n);
}

static int render_template(const struct fr_llama *llama, const struct fr_chat_turn *turn,
                           struct fr_text *out, struct fr_error *err) {
    char *body = NULL, reason[256] = "";
    const char *wanted = llama->base.options.chat_template;
    const bool own = wanted == NULL || !fr_file_exists(wanted); /* the model's, not a file's */
    if (!fr_chat_template_render(llama->shared->chat_template, turn, &body, reason, sizeof reason))
        return fr_fail(err, own ? FR_E_MODEL : FR_E_INPUT,
                       "%s: the chat template cannot be rendered: %s; give another chat_template "
                       "(prompt.chat_template of a configuration): a file, a name such as chatml, "
                       "or none for the message as it is",
                       own ? llama->base.options.path : wanted, reason);
    fr_text_add(out, body);
    free(body);
    return FR_OK;
}

static int render_format(const struct fr_llama *llama, const struct fr_chat_turn *turn,
                         struct fr_text *out, struct fr_error *err) {
    const bool has_system = turn->system != NULL;
    const struct llama_chat_message both[] = {{"system", has_system ? turn->system : ""},
                                              {"user", turn->message}};
    const struct llama_chat_message *said = has_system ? both : both + 1;
    const size_t n_said = has_system ? 2 : 1;
    const char *format = llama->shared->chat_format;
    int capacity = (int)(strlen(both[0].content) + strlen(turn->message)) + 1024;
    char *body = fr_alloc((size_t)capacity + 1, 1);
    int n = llama_chat_apply_template(format, said, n_said, true, body, capacity);
    if (n > capacity) {
        capacity = n;
        body = fr_grow(body, (size_t)capacity + 1, 1);
        n = llama_chat_apply_template(format, said, n_said, true, body, capacity);
    }
    if (n >= 0)
        fr_text_append(out, body, (size_t)n);
    free(body);
    return n >= 0 ? FR_OK
                  : fr_fail(err, FR_E_MODEL, "%s: libllama cannot write the chat format %s",
                            llama->base.options.path, format);
}

/* No place for a system message: to say it with the message would be another prompt. */
static int render_bare(const struct fr_llama *llama, const struct fr_chat_turn *turn,
                       struct fr_text *out, struct fr_error *err) {
    if (turn->system != NULL)
        return fr_fail(err, FR_E_INPUT,
                       "%s: without a chat template there is no place for a system message "
                       "(prompt.system); say it in the message (prompt.instruction), or give a "
                       "chat_template (prompt.chat_template)",
                       llama->base.options.path);
    fr_text_add(out, turn->message);
    return FR_OK;
}

int fr_llama_chat(const struct fr_model *model, const char *system, const char *message, char **out,
                  struct fr_error *err) {
    const struct fr_llama *llama = (const struct fr_llama *)model;
    struct fr_text begin = {0}, end = {0}, body = {0}, text = {0};
    add_token(llama, llama_vocab_bos(llama->vocabulary), &begin);
    add_token(llama, llama_vocab_eos(llama->vocabulary), &end);
    const int thinking = model->options.reasoning == FR_REASONING_AUTO
                             ? -1
                             : model->options.reasoning == FR_REASONING_TAGS;
    const struct fr_chat_turn turn = {system, message, fr_text_get(&begin), fr_text_get(&end),
                                      thinking};
    const int code = llama->shared->chat_template != NULL
                         ? render_template(llama, &turn, &body, err)
                     : llama->shared->chat_format != NULL ? render_format(llama, &turn, &body, err)
                                                          : render_bare(llama, &turn, &body, err);
    const bool begins =
        body.len >= begin.len && strncmp(fr_text_get(&body), fr_text_get(&begin), begin.len) == 0;
    if (llama_vocab_get_add_bos(llama->vocabulary) && !begins)
        fr_text_add(&text, fr_text_get(&begin));
    fr_text_add(&text, fr_text_get(&body));
    if (code == FR_OK)
        *out = fr_text_take(&text);
    fr_text_release(&begin);
    fr_text_release(&end);
    fr_text_release(&body);
    fr_text_release(&text);
    return code;
}
