/* What the fuzz harnesses share. A harness reads arbitrary bytes with one parser and checks a
 * property of what was accepted (rendered and read again it is the same text); a broken property
 * aborts, which libFuzzer and ctest both report. */
#ifndef FR_TESTS_FUZZ_FUZZ_H
#define FR_TESTS_FUZZ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "naming/naming.h"
#include "planning/planning.h"
#include "test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_require(int code, const struct fr_error *err) {
    if (code != 0) {
        (void)fprintf(stderr, "fuzz: %s\n", err->text);
        abort();
    }
}

/* The input as a string that ends at its first NUL; the caller frees it. */
static inline char *fuzz_text(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    if (text == NULL)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

static char fuzz_path[256];
static inline void fuzz_remove_file(void) { (void)unlink(fuzz_path); }

/* A file of magic and the input, the same one every time. */
static inline const char *fuzz_file(const char *magic, const uint8_t *data, size_t size) {
    if (fuzz_path[0] == '\0') {
        const char *directory = getenv("TMPDIR");
        (void)snprintf(fuzz_path, sizeof fuzz_path, "%s/fluidrep-fuzz-XXXXXX",
                       directory != NULL ? directory : P_tmpdir);
        const int fd = mkstemp(fuzz_path);
        if (fd < 0 || close(fd) != 0)
            abort();
        (void)atexit(fuzz_remove_file);
    }
    FILE *file = fopen(fuzz_path, "wb");
    if (file == NULL || fputs(magic, file) < 0 || fwrite(data, 1, size, file) != size ||
        fclose(file) != 0)
        abort();
    return fuzz_path;
}

/* A refused input must say why. */
static inline void fuzz_check_refusal(int code, const struct fr_error *err) {
    FR_ASSERT(code < 0 && code == err->code);
    FR_ASSERT(memchr(err->text, '\0', sizeof err->text) != NULL && err->text[0] != '\0');
}

/* The project's Blocksworld, read once. */
static inline const struct fr_domain *fuzz_domain(void) {
    static struct fr_domain domain;
    static bool ready;
    struct fr_error err = {0};
    if (!ready)
        fuzz_require(fr_domain_load(&domain, fr_test_path("data/domains/blocksworld.pddl"), &err),
                     &err);
    ready = true;
    return &domain;
}

/* A puzzle of that domain with four blocks, made once. */
static inline const struct fr_problem *fuzz_problem(void) {
    static struct fr_problem problem;
    static bool ready;
    struct fr_error err = {0};
    if (!ready)
        fuzz_require(fr_problem_parse(&problem, fuzz_domain(),
                                      "(define (problem p) (:domain blocksworld-4ops)\n"
                                      "(:objects a b c d)\n"
                                      "(:init (handempty) (ontable a) (ontable b) (ontable c)\n"
                                      "(on d c) (clear a) (clear b) (clear d))\n"
                                      "(:goal (and (on a b) (on b c))))",
                                      "fuzz", &err),
                     &err);
    ready = true;
    return &problem;
}

#endif
