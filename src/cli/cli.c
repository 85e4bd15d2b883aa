/* What the commands share; see cli.h. */
#include "cli/cli.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "store/store.h"

int fr_cli_fail(const struct fr_error *err) {
    struct fr_text shown = {0};
    fr_text_add_shown(&shown, err->text); /* it quotes files */
    (void)fprintf(stderr, "fluidrep: %s\n", fr_text_get(&shown));
    fr_text_release(&shown);
    /* a ceiling is hit by what was given */
    const bool given =
        err->code == FR_E_INPUT || err->code == FR_E_CONFLICT || err->code == FR_E_LIMIT;
    return given ? FR_EXIT_MISUSE : FR_EXIT_FAILED;
}

static void keep_in(const char *dir, const char *within, const char *ending) {
    struct fr_text path = {0};
    fr_text_printf(&path, "%s/%s", dir, within);
    const size_t n = path.len;
    DIR *d = opendir(fr_text_get(&path));
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        const size_t length = strlen(e->d_name), tail = strlen(ending);
        if (length < tail || strcmp(e->d_name + length - tail, ending) != 0)
            continue;
        fr_text_printf(&path, "/%s", e->d_name);
        fr_file_keep(fr_text_get(&path));
        path.data[path.len = n] = '\0';
    }
    if (d != NULL)
        (void)closedir(d);
    fr_text_release(&path);
}

void fr_cli_keep_study(struct fr_store *store) {
    static const char *const files[] = {"study.db",        "study.db-wal",   "study.db-shm",
                                        "study.db.sha256", "endpoint.jsonl", "lock",
                                        "report.html"};
    const char *dir = fr_store_dir(store);
    struct fr_text path = {0};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        fr_text_clear(&path);
        fr_text_printf(&path, "%s/%s", dir, files[i]);
        fr_file_keep(fr_text_get(&path));
    }
    keep_in(dir, "reps", "");
    keep_in(dir, "tables", ".csv");
    keep_in(dir, "figures", ".vl.json");
    fr_text_clear(&path);
    if (fr_store_get_meta(store, "model_file", &path))
        fr_file_keep(fr_text_get(&path));
    fr_text_release(&path);
}

void fr_cli_organism_path(struct fr_text *out) {
    /* beside data/ in the source tree, below it when installed */
    static const char *const places[] = {"models/organism.gguf", "../models/organism.gguf"};
    const size_t n = out->len;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        while (out->len > n)
            out->data[--out->len] = '\0';
        fr_data_path(places[i], out);
        if (fr_file_exists(fr_text_get(out)))
            return;
    }
}
