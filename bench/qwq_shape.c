/* Writes a GGUF of random ternary weights in the exact shape of QwQ-32B, 8.5 GB, or of its first
 * layers: what opens, replays and steers it does so at the true size, and no weight is fetched.
 *
 *     qwq_shape FILE.gguf SEED LAYERS TEXT...
 *
 * The tokenizer has as many entries as QwQ's and its rules of cutting, but merges of its own: the
 * words of the files TEXT are tokens, so that prompts and traces have about as many as they would.
 * bench/qwq_shape.py (make qwq-shape) says what is done with it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/text.h"
#include "support/random_gguf.h"

int main(int argc, char **argv) {
    enum { TEXT_CEILING = 1 << 24, LAYERS = 64 };
    struct fr_random_gguf model = fr_random_gguf_defaults();
    struct fr_error err = {0};
    struct fr_text text = {0};
    const int n_layers = argc > 4 ? (int)strtol(argv[3], NULL, 10) : 0;
    if (n_layers < 1 || n_layers > LAYERS) {
        (void)fprintf(stderr, "usage: qwq_shape FILE.gguf SEED LAYERS(1..%d) TEXT...\n", LAYERS);
        return 2;
    }
    int code = FR_OK;
    for (int i = 4; i < argc && code == FR_OK; i++) {
        struct fr_text one = {0};
        code = fr_file_read(argv[i], TEXT_CEILING, &one, &err);
        fr_text_printf(&text, " %s", fr_text_get(&one));
        fr_text_release(&one);
    }
    model.n_layers = n_layers;
    model.width = 5120;
    model.n_heads = 40;
    model.n_heads_kv = 8;
    model.n_ff = 27648;
    model.n_vocab = 152064;
    model.context = 40960;
    model.rope_base = 1e6F;
    model.type = FR_RANDOM_GGUF_TQ2_0;
    model.n_words = 0;
    model.text = fr_text_get(&text);
    model.seed = strtoull(argv[2], NULL, 10);
    if (code == FR_OK)
        code = fr_random_gguf_write(argv[1], &model, &err);
    fr_text_release(&text);
    if (code != FR_OK)
        (void)fprintf(stderr, "qwq_shape: %s\n", err.text);
    return code == FR_OK ? 0 : 1;
}
