/* Text and tokens: tokenisation with byte offsets, the text of each token.
 *
 * Offsets come from the tokens' own texts: concatenated they must be the input again, byte for
 * byte, and that is checked. A tokenizer that normalises (lowercase, Unicode forms, spaces added)
 * cannot give offsets and is refused with the place where it departs; only the blank that
 * sentencepiece models put before the first word, and after a special token, is understood.
 *
 * No beginning-of-sequence token is added behind the caller's back: the chat text begins with it
 * when the model wants one (llama_chat.c), so that what is tokenised is everything the model sees.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "model/llama_engine.h"

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
    /* A damaged vocabulary gives token -1. */
    llama->shared->adds_blank = n_ids > 0 && ids[0] >= 0 && ids[0] < n_vocab &&
                                llama->shared->pieces[llama->shared->piece_begin[ids[0]]] == ' ';
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

int32_t fr_llama_begin_token(const struct fr_model *model, bool *wanted) {
    const struct llama_vocab *vocabulary = ((const struct fr_llama *)model)->vocabulary;
    const int32_t id = llama_vocab_bos(vocabulary);
    *wanted = id >= 0 && llama_vocab_get_add_bos(vocabulary);
    return id >= 0 ? id : -1;
}

static int changes(const struct fr_llama *llama, size_t at, const char *text, size_t n, int32_t id,
                   const char *piece, size_t length, struct fr_error *err) {
    struct fr_text before = {0}, after = {0};
    fr_text_add_escaped(&before, text, n < 16 ? n : 16);
    fr_text_add_escaped(&after, piece, length < 32 ? length : 32);
    const int code =
        fr_fail(err, FR_E_MODEL,
                "%s: the tokenizer changes the text: at byte %zu, \"%s\" became token "
                "%d \"%s\"; models whose tokenizer normalises are not supported",
                llama->base.options.path, at, fr_text_get(&before), (int)id, fr_text_get(&after));
    fr_text_release(&before);
    fr_text_release(&after);
    return code;
}

/* Appends the ids with their offsets; the text must be their concatenation. */
static int place_tokens(const struct fr_llama *llama, const char *text, size_t n,
                        const int32_t *ids, int n_ids, struct fr_tokens *out,
                        struct fr_error *err) {
    size_t at = 0;
    bool after_special = true; /* the start counts as one */
    for (int i = 0; i < n_ids; i++) {
        size_t length = 0;
        if (ids[i] < 0 || ids[i] >= llama->base.info.n_vocab)
            return fr_fail(err, FR_E_MODEL,
                           "%s: the tokenizer knows no token for the text at byte %zu of %zu; its "
                           "vocabulary is damaged or incomplete: convert the model again",
                           llama->base.options.path, at, n);
        const char *piece = fr_llama_token_text(&llama->base, ids[i], &length);
        if (llama->shared->adds_blank && after_special && length > 0 && piece[0] == ' ') {
            piece++;
            length--;
        }
        after_special = (llama_vocab_get_attr(llama->vocabulary, ids[i]) &
                         (LLAMA_TOKEN_ATTR_CONTROL | LLAMA_TOKEN_ATTR_USER_DEFINED)) != 0;
        if (length > n - at || memcmp(piece, text + at, length) != 0)
            return changes(llama, at, text + at, n - at, ids[i], piece, length, err);
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
