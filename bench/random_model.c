/* Writes a GGUF of random weights in the shape of Qwen2.5-0.5B, for `fluidrep bench`: speed does
 * not depend on what weights say, and 600 MB of them need not be fetched.
 *
 *     cmake --build build/test --target random_model
 *     build/test/tests/random_model /tmp/random-0.5b.gguf [f32|f16|q8_0|q4_k]
 *
 * Q8_0 unless told otherwise. The output matrix is of its own, as large as the embedding that the
 * original ties it to. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "support/random_gguf.h"

int main(int argc, char **argv) {
    struct fr_random_gguf model = fr_random_gguf_defaults();
    struct fr_error err = {0};
    model.n_layers = 24;
    model.width = 896;
    model.n_heads = 14;
    model.n_heads_kv = 2;
    model.n_ff = 4864;
    model.n_vocab = 151936;
    model.context = 32768;
    model.type = FR_RANDOM_GGUF_Q8_0;
    for (int type = 0; argc == 3 && type < FR_RANDOM_GGUF_TYPE_COUNT; type++)
        if (strcasecmp(argv[2], fr_random_gguf_type_name[type]) == 0)
            model.type = (enum fr_random_gguf_type)type;
    if (argc < 2 || argc > 3) {
        (void)fprintf(stderr, "usage: random_model FILE.gguf [f32|f16|q8_0|q4_k]\n");
        return 2;
    }
    if (fr_random_gguf_write(argv[1], &model, &err) != FR_OK) {
        (void)fprintf(stderr, "random_model: %s\n", err.text);
        return 1;
    }
    return 0;
}
