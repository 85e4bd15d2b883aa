/* A model that is not here, for a dry run: a handle with a shape and a rule of thumb for a
 * tokenizer. Prompts are counted, nothing else is asked of it. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/backend.h"

enum { TOKEN_BYTES = 3 };

static void close_like(struct fr_model *model) {
    fr_model_base_release(model);
    free(model);
}

static int tokenize(const struct fr_model *model, const char *text, size_t n, bool parse_special,
                    struct fr_tokens *out, struct fr_error *err) {
    (void)model, (void)text, (void)parse_special, (void)err;
    for (size_t at = 0; at < n; at += TOKEN_BYTES)
        fr_tokens_append(out, 0, (int32_t)at,
                         (int32_t)(at + TOKEN_BYTES < n ? at + TOKEN_BYTES : n));
    return FR_OK;
}

static const char *token_text(const struct fr_model *model, int32_t id, size_t *n) {
    (void)model, (void)id;
    *n = 0;
    return "";
}

static bool token_ends(const struct fr_model *model, int32_t id) {
    (void)model, (void)id;
    return false;
}

static int chat(const struct fr_model *model, const char *system, const char *message, char **out,
                struct fr_error *err) {
    struct fr_text text = {0};
    (void)model, (void)err;
    fr_text_printf(&text, "%s%s%s", system != NULL ? system : "", system != NULL ? "\n" : "",
                   message);
    *out = fr_text_take(&text);
    return FR_OK;
}

void fr_model_open_like(struct fr_model **out, const struct fr_model_info *info) {
    static const struct fr_backend backend = {.close = close_like,
                                              .tokenize = tokenize,
                                              .token_text = token_text,
                                              .token_ends = token_ends,
                                              .chat = chat};
    struct fr_model_options options = fr_model_options_defaults();
    struct fr_model *model = fr_alloc(1, sizeof *model);
    options.vocabulary_only = true;
    fr_model_base_init(model, &backend, &options);
    model->info = *info;
    *out = model;
}
