/* Text and tokens: tokenisation with byte offsets, the text of each token, the chat template.
 *
 * Offsets come from the tokens' own texts: concatenated they must be the input again, byte for
 * byte, and that is checked. A tokenizer that normalises (lowercase, Unicode forms, spaces added)
 * cannot give offsets and is refused with the place where it departs; only the blank that
 * sentencepiece models put before the first word, and after a special token, is understood.
 *
 * No beginning-of-sequence token is added behind the caller's back: the chat text begins with it
 * when the model wants one, so that what is tokenised is everything the model sees.
 *
 * Rejected: a Jinja interpreter; libllama knows the templates of all models of the study, and an
 * unknown one is an error, not a guess. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "model/llama_engine.h"
#include "prompts/prompts.h"

int fr_llama_text_init(struct fr_llama *llama, struct fr_error *err) {
    const int n_vocab = llama->base.info.n_vocab;
    struct fr_text all = {0};
    char *piece = NULL;
    int capacity = 256, status = FR_OK;
    llama->shared->piece_begin = fr_alloc((size_t)n_vocab + 1, sizeof *llama->shared->piece_begin);
    piece = fr_alloc((size_t)capacity, 1);
    for (int32_t id = 0; id < n_vocab; id++) {
        int n = llama_token_to_piece(llama->vocabulary, id, piece, capacity, 0, true);
        if (n < 0) { /* -n bytes are needed */
            capacity = -n;
            piece = fr_grow(piece, (size_t)capacity, 1);
            n = llama_token_to_piece(llama->vocabulary, id, piece, capacity, 0, true);
        }
        if (n < 0) {
            status = fr_fail(err, FR_E_MODEL, "%s: token %d has no text", llama->base.options.path,
                             (int)id);
            goto out;
        }
        fr_text_append(&all, piece, (size_t)n);
        llama->shared->piece_begin[id + 1] = all.len;
    }
    llama->shared->pieces = fr_text_take(&all);
    int32_t ids[4];
    const int n_ids = llama_tokenize(llama->vocabulary, "a", 1, ids, 4, false, false);
    llama->shared->adds_blank =
        n_ids > 0 && llama->shared->pieces[llama->shared->piece_begin[ids[0]]] == ' ';
out:
    free(piece);
    fr_text_release(&all);
    return status;
}

const char *fr_llama_token_text(const struct fr_model *model, int32_t id, size_t *n) {
    const struct fr_llama *llama = (const struct fr_llama *)model;
    *n = llama->shared->piece_begin[id + 1] - llama->shared->piece_begin[id];
    return llama->shared->pieces + llama->shared->piece_begin[id];
}

bool fr_llama_token_ends(const struct fr_model *model, int32_t id) {
    return llama_vocab_is_eog(((const struct fr_llama *)model)->vocabulary, id);
}

/* Appends the ids with their offsets; the text must be their concatenation. */
static int place_tokens(const struct fr_llama *llama, const char *text, size_t n,
                        const int32_t *ids, int n_ids, struct fr_tokens *out,
                        struct fr_error *err) {
    size_t at = 0;
    bool after_special = true; /* the start counts as one */
    for (int i = 0; i < n_ids; i++) {
        size_t length = 0;
        const char *piece = fr_llama_token_text(&llama->base, ids[i], &length);
        if (llama->shared->adds_blank && after_special && length > 0 && piece[0] == ' ') {
            piece++;
            length--;
        }
        after_special = (llama_vocab_get_attr(llama->vocabulary, ids[i]) &
                         (LLAMA_TOKEN_ATTR_CONTROL | LLAMA_TOKEN_ATTR_USER_DEFINED)) != 0;
        if (length > n - at || memcmp(piece, text + at, length) != 0)
            return fr_fail(
                err, FR_E_MODEL,
                "%s: the tokenizer changes the text: at byte %zu, \"%.16s\" became token "
                "%d \"%.*s\"; models whose tokenizer normalises are not supported",
                llama->base.options.path, at, text + at, (int)ids[i],
                (int)(length < 32 ? length : 32), piece);
        fr_tokens_append(out, ids[i], (int32_t)at, (int32_t)(at + length));
        at += length;
    }
    if (at != n)
        return fr_fail(err, FR_E_MODEL,
                       "%s: the tokenizer drops the text from byte %zu of %zu on; models whose "
                       "tokenizer normalises are not supported",
                       llama->base.options.path, at, n);
    return FR_OK;
}

int fr_llama_tokenize(const struct fr_model *model, const char *text, size_t n, bool parse_special,
                      struct fr_tokens *out, struct fr_error *err) {
    const struct fr_llama *llama = (const struct fr_llama *)model;
    if (n == 0)
        return FR_OK;
    int capacity = (int)n + 8;
    int32_t *ids = fr_alloc((size_t)capacity, sizeof *ids);
    int n_ids =
        llama_tokenize(llama->vocabulary, text, (int32_t)n, ids, capacity, false, parse_special);
    if (n_ids < 0 && n_ids != INT32_MIN) {
        capacity = -n_ids;
        ids = fr_grow(ids, (size_t)capacity, sizeof *ids);
        n_ids = llama_tokenize(llama->vocabulary, text, (int32_t)n, ids, capacity, false,
                               parse_special);
    }
    int status;
    if (n_ids < 0)
        status = fr_fail(err, FR_E_MODEL, "%s: the tokenizer refused a text of %zu bytes",
                         model->options.path, n);
    else
        status = place_tokens(llama, text, n, ids, n_ids, out, err);
    free(ids);
    return status;
}

/* -- chat ----------------------------------------------------------------------------------- */

static bool is_one_token(const struct fr_llama *llama, const char *text) {
    int32_t ids[2];
    return llama_tokenize(llama->vocabulary, text, (int32_t)strlen(text), ids, 2, false, true) == 1;
}

void fr_llama_find_reasoning(struct fr_llama *llama) {
    const char *template = llama_model_chat_template(llama->weights, NULL);
    const struct fr_reasoning_tag *found = NULL;
    for (int i = 0; i < fr_n_reasoning_tags && found == NULL; i++)
        if (template != NULL && fr_reasoning_tags[i].sign != NULL &&
            strstr(template, fr_reasoning_tags[i].sign) != NULL)
            found = &fr_reasoning_tags[i];
    for (int i = 0; i < fr_n_reasoning_tags && found == NULL; i++)
        if (fr_reasoning_tags[i].alone && is_one_token(llama, fr_reasoning_tags[i].end))
            found = &fr_reasoning_tags[i];
    if (found == NULL)
        return;
    struct fr_model *model = &llama->base;
    (void)snprintf(model->reasoning_start, sizeof model->reasoning_start, "%s", found->begin);
    (void)snprintf(model->reasoning_end, sizeof model->reasoning_end, "%s", found->end);
}

/* What the template opens after the assistant's header: "<think>\n" when the expression that
 * writes the header writes the tag too (QwQ, DeepSeek-R1), with the line break if it has one.
 * Later expressions depend on options, such as Qwen3's "<think>\n\n</think>" that switches
 * reasoning off. */
static void add_reasoning_opening(const struct fr_llama *llama, const char *template,
                                  struct fr_text *out) {
    const char *start = llama->base.reasoning_start, *prompt = NULL;
    for (const char *p = template; (p = strstr(p, "add_generation_prompt")) != NULL; p++)
        prompt = p;
    const char *begin = prompt != NULL ? strstr(prompt, "{{") : NULL;
    const char *end = begin != NULL ? strstr(begin, "}}") : NULL;
    const char *tag = begin != NULL ? strstr(begin, start) : NULL;
    if (tag == NULL || end == NULL || tag >= end)
        return;
    fr_text_add(out, start);
    const char *after = tag + strlen(start);
    if (*after == '\n' || strncmp(after, "\\n", 2) == 0)
        fr_text_add(out, "\n");
}

static void add_token(const struct fr_llama *llama, int32_t id, struct fr_text *out) {
    size_t n = 0;
    const char *text = fr_llama_token_text(&llama->base, id, &n);
    fr_text_append(out, text, n);
}

int fr_llama_chat(const struct fr_model *model, const char *message, char **out,
                  struct fr_error *err) {
    const struct fr_llama *llama = (const struct fr_llama *)model;
    const char *template = llama_model_chat_template(llama->weights, NULL);
    struct fr_text text = {0};
    char *body = NULL;
    int status = FR_OK;
    const int32_t begin = llama_vocab_bos(llama->vocabulary);
    const bool wants_begin = begin >= 0 && llama_vocab_get_add_bos(llama->vocabulary);
    if (wants_begin)
        add_token(llama, begin, &text);
    if (template == NULL || template[0] == '\0') {
        fr_text_add(&text, message);
        *out = fr_text_take(&text);
        goto out;
    }
    const struct llama_chat_message chat = {.role = "user", .content = message};
    int capacity = (int)strlen(message) + 1024;
    body = fr_alloc((size_t)capacity + 1, 1);
    int n = llama_chat_apply_template(template, &chat, 1, true, body, capacity);
    if (n > capacity) {
        capacity = n;
        body = fr_grow(body, (size_t)capacity + 1, 1);
        n = llama_chat_apply_template(template, &chat, 1, true, body, capacity);
    }
    if (n < 0) {
        status =
            fr_fail(err, FR_E_MODEL,
                    "%s: libllama does not know the model's chat template (\"%.40s...\"); use a "
                    "GGUF with a known one, or none to send the message as it is",
                    model->options.path, template);
        goto out;
    }
    if (wants_begin && (size_t)n >= text.len && memcmp(body, text.data, text.len) == 0)
        fr_text_clear(&text);
    fr_text_append(&text, body, (size_t)n);
    add_reasoning_opening(llama, template, &text);
    *out = fr_text_take(&text);
out:
    free(body);
    fr_text_release(&text);
    return status;
}
