/* See machine.h. */
#include <ggml.h>
#include <llama.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "model/llama_engine.h"
#include "model/machine.h"

enum { CPUINFO_CEILING = 1 << 24 };

/* The value of the first line "KEY : value" with one of the keys, or "". */
static void find_line(const char *text, const char *const *keys, struct fr_text *out) {
    size_t length;
    for (int i = 0; keys[i] != NULL && out->len == 0; i++)
        for (const char *at = text, *line; out->len == 0 && fr_line_next(&at, &line, &length);) {
            const size_t n = strlen(keys[i]);
            const char *colon = memchr(line, ':', length);
            if (strncmp(line, keys[i], n) == 0 && colon != NULL &&
                strspn(line + n, " \t") == (size_t)(colon - line - (ptrdiff_t)n)) {
                const char *value = colon + 1 + strspn(colon + 1, " \t");
                fr_text_append(out, value, (size_t)(line + length - value));
            }
        }
}

static void read_cpuinfo(struct fr_text *out) {
    struct fr_error ignored;
    if (fr_file_read("/proc/cpuinfo", CPUINFO_CEILING, out, &ignored) != FR_OK)
        fr_text_clear(out);
}

/* "CPU : AVX2 = 1 | FMA = 1 | REPACK = 0 | " -> "AVX2 FMA" */
static void list_features(const char *text, char *out, size_t room) {
    size_t n = 0;
    out[0] = '\0';
    for (const char *item = text; *item != '\0';) {
        const size_t length = strcspn(item, "|:");
        const char *equals = memchr(item, '=', length);
        const char *name = item + strspn(item, " ");
        if (equals != NULL && strtol(equals + 1, NULL, 10) > 0) {
            const int k = (int)strcspn(name, " =");
            const int more = snprintf(out + n, room - n, "%s%.*s", n > 0 ? " " : "", k, name);
            if (more < 0 || (size_t)more >= room - n)
                return; /* what fits */
            n += (size_t)more;
        }
        item += length + (item[length] != '\0');
    }
}

void fr_machine_look(struct fr_machine *out) {
    static const char *const names[] = {"model name", "CPU implementer", "isa", NULL};
    struct utsname host;
    struct fr_text cpuinfo = {0}, name = {0};
    *out = (struct fr_machine){0};
    fr_llama_log_install();
    if (uname(&host) == 0)
        (void)snprintf(out->system, sizeof out->system, "%.40s %.60s %.40s", host.sysname,
                       host.release, host.machine);
    read_cpuinfo(&cpuinfo);
    find_line(fr_text_get(&cpuinfo), names, &name);
    (void)snprintf(out->processor, sizeof out->processor, "%.95s", fr_text_get(&name));
    (void)snprintf(out->engine, sizeof out->engine, "llama.cpp %.50s", llama_version());
    if (strcmp(ggml_commit(), "unknown") != 0)
        (void)snprintf(out->build, sizeof out->build, "%.63s", ggml_commit());
    list_features(llama_print_system_info(), out->features, sizeof out->features);
    out->n_cores = (int)sysconf(_SC_NPROCESSORS_ONLN);
    out->memory_bytes = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    fr_text_release(&cpuinfo);
    fr_text_release(&name);
}

/* ---- the proof ------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The words in order, each once, a blank behind each: as scripts/llama.sh writes them. */
static void sort_words(const char *text, struct fr_text *out) {
    char *copy = fr_strdup(text), **words = NULL;
    int n = 0, capacity = 0;
    for (char *p = copy; *p != '\0';) {
        p += strspn(p, " ");
        if (*p == '\0')
            break;
        FR_RESERVE(words, n, capacity);
        words[n++] = p;
        p += strcspn(p, " ");
        if (*p != '\0')
            *p++ = '\0';
    }
    if (n > 0)
        qsort(words, (size_t)n, sizeof *words, by_text);
    for (int i = 0; i < n; i++)
        fr_text_printf(out, "%s ", words[i]);
    free(words);
    free(copy);
}

enum fr_machine_proof fr_machine_proof(const char *path, char what[128]) {
    static const char *const flags[] = {"flags", "Features", NULL};
    struct fr_text proof = {0}, cpuinfo = {0}, own = {0}, here = {0}, there = {0};
    struct fr_error ignored;
    enum fr_machine_proof result = FR_PROOF_MISSING;
    what[0] = '\0';
    if (*path != '\0' && fr_file_read(path, CPUINFO_CEILING, &proof, &ignored) == FR_OK) {
        (void)snprintf(what, 128, "%.*s", (int)strcspn(fr_text_get(&proof), "\n"),
                       fr_text_get(&proof));
        read_cpuinfo(&cpuinfo);
        find_line(fr_text_get(&cpuinfo), flags, &own);
        sort_words(fr_text_get(&own), &here);
        /* one of its lines is all features of the processor */
        result = FR_PROOF_ELSEWHERE;
        size_t n;
        for (const char *at = fr_text_get(&proof), *line; fr_line_next(&at, &line, &n);) {
            char *words = fr_strndup(line, n);
            fr_text_clear(&there);
            sort_words(words, &there);
            free(words);
            if (here.len > 0 && strcmp(fr_text_get(&there), fr_text_get(&here)) == 0)
                result = FR_PROOF_HERE;
        }
    }
    fr_text_release(&proof);
    fr_text_release(&cpuinfo);
    fr_text_release(&own);
    fr_text_release(&here);
    fr_text_release(&there);
    return result;
}
