/* organism-export: a checkpoint or snapshot of organism-train -> a GGUF file. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "organism/checkpoint.h"
#include "organism/gguf_write.h"

enum { EXIT_MISUSE = 2 };

static const char usage[] =
    "usage: organism-export --checkpoint FILE --out FILE.gguf [options]\n"
    "Writes a trained organism as a GGUF file of architecture qwen2.\n\n"
    "  --checkpoint FILE  checkpoint.bin or a snapshot of a training run (needed)\n"
    "  --out FILE         the file to write (needed)\n"
    "  --type TYPE        f32 or q8_0: matrices and embeddings [q8_0]\n"
    "  --weights WHICH    average (of the last steps) or last [average]\n"
    "  --name NAME        general.name of the file [fluidrep organism]\n";

static const struct option options[] = {
    {"checkpoint", required_argument, NULL, 'c'},
    {"out", required_argument, NULL, 'o'},
    {"type", required_argument, NULL, 't'},
    {"weights", required_argument, NULL, 'w'},
    {"name", required_argument, NULL, 'n'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int export_checkpoint(const char *checkpoint, const char *out, const char *name,
                             bool average, bool quantize, struct fr_error *err) {
    struct fr_checkpoint_header header;
    float *weights = NULL;
    struct fr_net *net = NULL;
    struct fr_vocab *vocab = NULL;
    int rc = fr_checkpoint_weights(checkpoint, average, &header, &weights, err);
    if (!rc)
        rc = fr_net_open(&net, &header.shape, err);
    if (!rc && net->n_params != header.n_params)
        rc = fr_fail(err, FR_E_INPUT, "%s: damaged: its shape has %zu parameters, not %llu",
                     checkpoint, net->n_params, (unsigned long long)header.n_params);
    if (!rc)
        rc = fr_vocab_open(&vocab, err);
    if (!rc)
        rc = fr_gguf_write(out, name, net, weights, vocab, quantize, err);
    if (!rc)
        fprintf(stderr, "%s: %zu parameters after %lld steps and %lld tokens%s\n", out,
                net->n_params, (long long)header.step, (long long)header.n_tokens,
                average && header.average_steps ? ", averaged" : "");
    fr_vocab_close(vocab);
    fr_net_close(net);
    free(weights);
    return rc;
}

int main(int argc, char **argv) {
    const char *checkpoint = NULL;
    const char *out = NULL;
    const char *type = "q8_0";
    const char *weights = "average";
    const char *name = "fluidrep organism";
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        switch (c) {
        case 'c':
            checkpoint = optarg;
            break;
        case 'o':
            out = optarg;
            break;
        case 't':
            type = optarg;
            break;
        case 'w':
            weights = optarg;
            break;
        case 'n':
            name = optarg;
            break;
        case 'h':
            fputs(usage, stdout);
            return 0;
        default:
            return EXIT_MISUSE;
        }
    }
    const bool quantize = strcmp(type, "q8_0") == 0;
    const bool average = strcmp(weights, "average") == 0;
    if (optind != argc || !checkpoint || !out || (!quantize && strcmp(type, "f32") != 0) ||
        (!average && strcmp(weights, "last") != 0)) {
        fputs(usage, stderr);
        return EXIT_MISUSE;
    }
    struct fr_error err = {0};
    const int rc = export_checkpoint(checkpoint, out, name, average, quantize, &err);
    if (rc)
        fprintf(stderr, "organism-export: %s\n", err.text);
    return rc == 0 ? 0 : rc == FR_E_INPUT ? EXIT_MISUSE : 1;
}
