/* Replays a corpus through a fuzz harness under ctest: every file of the directories and files
 * named on the command line, then a few thousand damaged copies of them, the same at each run.
 * libFuzzer has its own main: this one needs no clang. */
#include "base/rng.h"

#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CORPUS_FILE_LIMIT = 1 << 20, COPIES = 64 };

/* Cuts, flips and repeats: the cheap damage that parsers meet first. */
static size_t damage(uint8_t *data, size_t size, struct fr_rng *rng) {
    for (int n = 1 + (int)fr_rng_below(rng, 4); n > 0 && size > 0; n--) {
        size_t at = fr_rng_below(rng, (uint32_t)size);
        switch (fr_rng_below(rng, 4)) {
        case 0:
            size = at;
            break;
        case 1:
            data[at] = (uint8_t)fr_rng_below(rng, 256);
            break;
        case 2:
            data[at] ^= (uint8_t)(1u << fr_rng_below(rng, 8));
            break;
        default:
            memmove(data + at, data + at / 2, size - at);
            break;
        }
    }
    return size;
}

/* Exactly `size` bytes on the heap, so that a sanitizer sees a read past the end. */
static void feed(const uint8_t *data, size_t size) {
    uint8_t *exact = malloc(size > 0 ? size : 1);
    if (exact == NULL)
        abort();
    memcpy(exact, data, size);
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

static int replay(const char *path, long *n_inputs) {
    static uint8_t data[CORPUS_FILE_LIMIT], copy[CORPUS_FILE_LIMIT];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    size_t size = fread(data, 1, sizeof data, file);
    (void)fclose(file);
    feed(data, size);
    struct fr_rng rng;
    fr_rng_seed(&rng, 1, size);
    for (int i = 0; i < COPIES; i++) {
        memcpy(copy, data, size);
        feed(copy, damage(copy, size, &rng));
    }
    *n_inputs += 1 + COPIES;
    return 0;
}

static int replay_directory(const char *path, long *n_inputs) {
    DIR *directory = opendir(path);
    if (directory == NULL)
        return replay(path, n_inputs);
    int failed = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char file[PATH_MAX];
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        failed |= replay(file, n_inputs);
    }
    (void)closedir(directory);
    return failed;
}

int main(int argc, char **argv) {
    long n_inputs = 0;
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed |= replay_directory(argv[i], &n_inputs);
    printf("%ld inputs replayed\n", n_inputs);
    if (n_inputs == 0) {
        (void)fprintf(stderr, "no input: the corpus is empty\n");
        return 1;
    }
    return failed;
}
