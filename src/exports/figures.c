/* A study's figures as SVG and PNG: the report, written again from the database, its own Vega, run
 * by node, and librsvg's converter.
 * Rejected: a second way of drawing; a browser, which is a hundred times as large; an interpreter
 * of JavaScript inside the program, for what is wanted once a paper. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "exports/exports.h"
#include "report/assets.h"
#include "report/report.h"

extern char **environ;

enum { MESSAGE_CEILING = 1 << 20 };

struct paths {
    int n, capacity;
    char **items;
};
static void add(struct paths *list, char *take_path) {
    FR_RESERVE(list->items, list->n, list->capacity);
    list->items[list->n++] = take_path;
}
static void release(struct paths *list) {
    for (int i = 0; i < list->n; i++)
        free(list->items[i]);
    free(list->items);
}
static char *join(const char *dir, const char *name) {
    struct fr_text out = {0};
    fr_text_printf(&out, "%s/%s", dir, name);
    return fr_text_take(&out);
}
static bool ends_with(const char *name, const char *end) {
    const size_t n = strlen(name), k = strlen(end);
    return n > k && strcmp(name + n - k, end) == 0;
}
static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* DIR's files with that ending, in order. */
static int list_files(const char *dir, const char *end, struct paths *out, struct fr_error *err) {
    DIR *stream = opendir(dir);
    if (stream == NULL)
        return fr_file_fail(err, dir, errno);
    const struct dirent *entry;
    while ((entry = readdir(stream)) != NULL)
        if (ends_with(entry->d_name, end))
            add(out, join(dir, entry->d_name));
    (void)closedir(stream);
    if (out->n == 0)
        return fr_fail(err, FR_E_INPUT, "%s: nothing to draw yet: no figures", dir);
    qsort(out->items, (size_t)out->n, sizeof *out->items, by_text);
    return FR_OK;
}

/* Runs a program and waits; its words on standard error go to `said`, whose first line is the
 * reason when it fails. package: where the program comes from; out: where it writes. */
static int run(char *const *arguments, const char *package, const char *said, const char *out,
               struct fr_error *err) {
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status = 0;
    struct fr_text words = {0};
    struct fr_error unread;
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, said,
                                           O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int failed = posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        return fr_fail(err, FR_E_IO, "%s cannot be run: %s; install the package %s", arguments[0],
                       strerror(failed), package);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return FR_OK;
    if (WIFEXITED(status) &&
        WEXITSTATUS(status) == 127) /* no such program, of an older C library */
        return fr_fail(err, FR_E_IO, "%s cannot be run; install the package %s", arguments[0],
                       package);
    if (fr_file_read(said, MESSAGE_CEILING, &words, &unread) != FR_OK)
        fr_text_clear(&words);
    if (strstr(fr_text_get(&words), "ENOSPC") != NULL)
        (void)!fr_file_fail(err, out, ENOSPC);
    else
        (void)fr_fail(err, FR_E_IO, "%s: %s failed: %.*s", out, arguments[0],
                      (int)strcspn(fr_text_get(&words), "\n"), fr_text_get(&words));
    fr_text_release(&words);
    return err->code;
}

/* The program's own copies of Vega and of the script, in a directory that is removed after. */
enum { VEGA, VEGA_LITE, SCRIPT, SAID, N_TOOLS };
struct tools {
    char *dir, *files[N_TOOLS];
};

static int tools_open(struct tools *out, struct fr_error *err) {
    const struct {
        const char *name;
        const unsigned char *bytes;
        size_t size;
    } files[N_TOOLS] = {
        [VEGA] = {"vega.js", fr_asset_vega_js, fr_asset_vega_js_size},
        [VEGA_LITE] = {"vega-lite.js", fr_asset_vega_lite_js, fr_asset_vega_lite_js_size},
        [SCRIPT] = {"render.js", fr_asset_render_js, fr_asset_render_js_size},
        [SAID] = {"said.txt", NULL, 0},
    };
    const char *tmp = getenv("TMPDIR");
    *out =
        (struct tools){.dir = join(tmp != NULL && *tmp != '\0' ? tmp : "/tmp", "fluidrep-XXXXXX")};
    if (mkdtemp(out->dir) == NULL) {
        const int code = fr_file_fail(err, out->dir, errno);
        free(out->dir);
        *out = (struct tools){0};
        return code;
    }
    int code = FR_OK;
    for (int i = 0; i < N_TOOLS; i++) {
        out->files[i] = join(out->dir, files[i].name);
        if (code == FR_OK && files[i].bytes != NULL)
            code = fr_file_write(out->files[i], files[i].bytes, files[i].size, err);
    }
    return code;
}

static void tools_close(struct tools *tools) {
    for (int i = 0; i < N_TOOLS && tools->dir != NULL; i++) {
        (void)unlink(tools->files[i]);
        free(tools->files[i]);
    }
    if (tools->dir != NULL)
        (void)rmdir(tools->dir);
    free(tools->dir);
}

static int render(const struct tools *tools, const char *report, const struct paths *figures,
                  const char *out, struct fr_error *err) {
    struct paths arguments = {0};
    add(&arguments, fr_strdup("node"));
    add(&arguments, fr_strdup(tools->files[SCRIPT]));
    add(&arguments, fr_strdup(tools->files[VEGA]));
    add(&arguments, fr_strdup(tools->files[VEGA_LITE]));
    add(&arguments, fr_strdup(report));
    add(&arguments, fr_strdup(out));
    for (int i = 0; i < figures->n; i++)
        add(&arguments, fr_strdup(figures->items[i]));
    add(&arguments, NULL);
    const int code = run(arguments.items, "nodejs", tools->files[SAID], out, err);
    release(&arguments);
    return code;
}

/* OUT/FIGURE.svg -> OUT/FIGURE.png, at twice the size on a page, and the SVG is gone. */
static int convert(const struct tools *tools, const char *figure, const char *out,
                   struct fr_error *err) {
    struct fr_text svg = {0}, png = {0};
    const char *name = strrchr(figure, '/') + 1;
    const int n = (int)(strlen(name) - strlen(".vl.json"));
    fr_text_printf(&svg, "%s/%.*s.svg", out, n, name);
    fr_text_printf(&png, "%s/%.*s.png", out, n, name);
    struct paths arguments = {0};
    const char *const words[] = {"rsvg-convert", "--zoom=2",        "--background-color=white",
                                 "--output",     fr_text_get(&png), fr_text_get(&svg)};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        add(&arguments, fr_strdup(words[i]));
    add(&arguments, NULL);
    const int code = run(arguments.items, "librsvg2-bin", tools->files[SAID], out, err);
    if (code == FR_OK)
        (void)unlink(fr_text_get(&svg));
    release(&arguments);
    fr_text_release(&svg);
    fr_text_release(&png);
    return code;
}

int fr_export_figures(struct fr_store *store, enum fr_figure_format format, const char *out, int *n,
                      struct fr_error *err) {
    struct paths figures = {0};
    struct tools tools = {0};
    char *dir = join(fr_store_dir(store), "figures"), *report = NULL;
    *n = 0;
    int code = fr_report_check(store, err);
    if (code == FR_OK)
        code = fr_report_write(store, &report, err);
    if (code == FR_OK)
        code = list_files(dir, ".vl.json", &figures, err);
    if (code == FR_OK)
        code = fr_dir_make(out, err);
    if (code == FR_OK)
        code = tools_open(&tools, err);
    if (code == FR_OK)
        code = render(&tools, report, &figures, out, err);
    for (int i = 0; i < figures.n && code == FR_OK && format == FR_FIGURE_PNG; i++)
        code = convert(&tools, figures.items[i], out, err);
    if (code == FR_OK)
        *n = figures.n;
    tools_close(&tools);
    release(&figures);
    free(dir);
    free(report);
    return code;
}
