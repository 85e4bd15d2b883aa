/* See small_planted.h. */
#include "small_planted.h"

#include "test.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "planted_study.h"

const char *const small_planted_name[SMALL_PLANTED_SOURCES] = {
    [SMALL_GENERATED] = "generated",
    [SMALL_DIRECTORY] = "directory",
    [SMALL_RECORDED] = "recorded",
};

void (*small_planted_ready)(void);
struct fr_shard small_planted_shard;
double small_planted_keep_seconds;

/* Facts and goals of problems that differ in more than their blocks' names. */
static const char *const problems[][2] = {
    {"(on a b) (ontable b) (ontable c) (clear a) (clear c)", "(and (on b c) (on c a))"},
    {"(on a b) (on b c) (ontable c) (clear a)", "(and (on c b) (on b a))"},
    {"(ontable a) (ontable b) (ontable c) (clear a) (clear b) (clear c)",
     "(and (on a b) (on b c))"},
    {"(on a b) (on b c) (on c d) (ontable d) (clear a)", "(and (on d a))"},
    {"(on a b) (on c d) (ontable b) (ontable d) (clear a) (clear c)", "(and (on a c) (on d b))"},
    {"(ontable a) (on b a) (ontable c) (on d c) (clear b) (clear d)", "(and (on a d) (on c b))"},
    {"(on d c) (on c b) (ontable b) (ontable a) (clear d) (clear a)", "(and (on b a) (on a d))"},
    {"(on b d) (ontable d) (ontable a) (ontable c) (clear a) (clear b) (clear c)",
     "(and (on c a) (on d c) (on b d))"},
};
enum { N_PROBLEMS = sizeof problems / sizeof *problems };

static void write_problems(const char *directory) {
    struct fr_error err;
    assert_ok(fr_dir_make(directory, &err), err);
    for (int i = 0; i < N_PROBLEMS; i++) {
        struct fr_text path = {0}, pddl = {0};
        fr_text_printf(&path, "%s/p%d.pddl", directory, i);
        fr_text_printf(&pddl,
                       "(define (problem p%d) (:domain blocksworld-4ops) (:objects a b c%s)\n"
                       "(:init (handempty) %s) (:goal %s))\n",
                       i, i < 3 ? "" : " d", problems[i][0], problems[i][1]);
        assert_ok(fr_file_write(fr_text_get(&path), pddl.data, pddl.len, &err), err);
        fr_text_release(&path);
        fr_text_release(&pddl);
    }
}

void small_planted_write(const char *root, int source) {
    struct fr_text text = {0}, path = {0};
    struct fr_error err;
    const bool recorded = source == SMALL_RECORDED;
    fr_text_printf(&text,
                   "study: small\nmodel: {path: planted, slots: 2, workers: 1, context_tokens: "
                   "1280}\npuzzles: {domain: %s, blocks: 3, collect: %d, evaluate: %d%s}\n",
                   fr_test_path("data/domains/blocksworld.pddl"), recorded ? 2 : 3,
                   recorded ? 0 : 2, source == SMALL_DIRECTORY ? ", directory: problems" : "");
    fr_text_printf(&text, "namings: {table: %s, use: [%s\"1\", \"2\"%s], exclude: []}\n",
                   fr_test_path("data/namings.tsv"), recorded ? "" : "clean, ",
                   recorded ? ", \"5\"" : "");
    fr_text_printf(&text,
                   "prompt: {style: terse}\ngeneration: {max_tokens: %d}\n"
                   "representations: {window_tokens: 80, grid_step: 40, grid_end: 80,"
                   " min_mentions: 1, previous_token: false, origin: prompt, sets: [%s]}\n"
                   "analyses: {reference_timestamp: 80, pca_timestamp: 80, resamples: 20}\n"
                   "statistics: {permutations: 20}\n",
                   recorded ? 1200 : PLANTED_STUDY_TOKENS,
                   source == SMALL_GENERATED ? "failed" : ""); /* and with it groups of traces */
    if (recorded)
        fr_text_printf(&text, "traces: {import: %s, match: true}\n",
                       fr_test_path("data/traces/organism.jsonl"));
    else
        fr_text_add(&text,
                    "experiments:\n  - {name: small, vectors: [cross_loo], controls: [identity],"
                    " layers: 3, at: 80, window: [120, 160]}\n");
    fr_text_printf(&path, "%s/problems", root);
    if (source == SMALL_DIRECTORY)
        write_problems(fr_text_get(&path));
    fr_text_clear(&path);
    fr_text_printf(&path, "%s/%s.yaml", root, small_planted_name[source]);
    assert_ok(fr_file_write(fr_text_get(&path), text.data, text.len, &err), err);
    fr_text_release(&path);
    fr_text_release(&text);
}

void small_planted_replace(const char *path, const char *before, const char *after) {
    struct fr_text text = {0}, changed = {0};
    struct fr_error err;
    assert_ok(fr_file_read(path, 1 << 16, &text, &err), err);
    const char *at = strstr(fr_text_get(&text), before);
    if (at == NULL)
        fail_msg("%s: has no \"%s\"", path, before);
    fr_text_append(&changed, text.data, (size_t)(at - text.data));
    fr_text_add(&changed, after);
    fr_text_add(&changed, at + strlen(before));
    assert_ok(fr_file_write(path, changed.data, changed.len, &err), err);
    fr_text_release(&text);
    fr_text_release(&changed);
}

int small_planted_run(const char *root, int source, const char *out, double strength, int *n_ran,
                      struct fr_error *err) {
    struct planted_study world;
    struct fr_text config = {0};
    fr_text_printf(&config, "%s/%s.yaml", root, small_planted_name[source]);
    planted_study_init(&world, strength, 1);
    if (small_planted_ready != NULL)
        small_planted_ready();
    const struct fr_study_options options = {.config_path = fr_text_get(&config),
                                             .out_dir = out,
                                             .shard = small_planted_shard,
                                             .keep_seconds = small_planted_keep_seconds};
    const int code = planted_study_run(&world, options, FR_STAGE_REPORT, n_ran, err);
    planted_study_release(&world);
    fr_text_release(&config);
    return code;
}

/* ---- what a study is ------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names and SHA-256 of a directory's files, in order. */
static void render_files(const char *directory, struct fr_text *out) {
    struct fr_error err;
    char *names[64];
    int n = 0;
    DIR *d = opendir(directory);
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;)
        if (e->d_name[0] != '.') {
            assert_true(n < 64);
            names[n++] = fr_strdup(e->d_name);
        }
    if (d != NULL)
        (void)closedir(d);
    qsort(names, (size_t)n, sizeof *names, by_name);
    for (int i = 0; i < n; i++) {
        char path[1600], sha[FR_SHA256_TEXT];
        (void)snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        assert_ok(fr_file_sha256(path, sha, &err), err);
        fr_text_printf(out, "%s %s\n", names[i], sha);
        free(names[i]);
    }
}

/* All that a study made: its rows, but for when and how long, and its files, but for the page,
 * which says when. */
void small_planted_render(const char *dir, struct fr_text *out) {
    static const char *const tables[] = {"naming",   "naming_word",    "puzzle",
                                         "imported", "imported_trace", "trace",
                                         "run",      "condition",      "edit"};
    static const char *const below[] = {"tables", "figures", "reps"};
    struct fr_store *store;
    struct fr_query *query;
    struct fr_error err;
    struct stat st;
    char path[800];
    for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, below[i]);
        render_files(path, out);
    }
    (void)snprintf(path, sizeof path, "%s/report.html", dir);
    fr_text_printf(out, "page %d\n", stat(path, &st) == 0 && st.st_size > 0);
    assert_ok(fr_store_open_readonly(&store, dir, &err), err);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        char sql[128];
        (void)snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY 1, 2, 3", tables[i]);
        assert_ok(fr_query_open(&query, store, &err, sql, ""), err);
        while (fr_query_next(query)) {
            struct fr_text row = {0};
            char sha[FR_SHA256_TEXT];
            for (int c = 0; c < fr_query_n_columns(query); c++) {
                size_t n;
                const void *bytes = fr_query_blob(query, c, &n);
                fr_text_append(&row, bytes, n);
                fr_text_add(&row, "\n");
            }
            fr_sha256(fr_text_get(&row), row.len, sha);
            fr_text_printf(out, "%s %s\n", tables[i], sha);
            fr_text_release(&row);
        }
        assert_ok(fr_query_close(query, &err), err);
    }
    assert_ok(fr_query_open(&query, store, &err, "SELECT name, done FROM stage ORDER BY name", ""),
              err);
    while (fr_query_next(query))
        fr_text_printf(out, "stage %s %d\n", fr_query_text(query, 0), (int)fr_query_int(query, 1));
    assert_ok(fr_query_close(query, &err), err);
    fr_store_close(store);
}

void small_planted_assert_same(const char *dir, const char *whole, const char *what) {
    struct fr_text found = {0};
    small_planted_render(dir, &found);
    if (strcmp(fr_text_get(&found), whole) != 0) {
        for (const char *a = found.data, *b = whole; *a != '\0' && *b != '\0';) {
            const size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");
            if (n != m || strncmp(a, b, n) != 0)
                print_error("is     %.*s\nshould %.*s\n", (int)n, a, (int)m, b);
            a += n + (a[n] == '\n');
            b += m + (b[m] == '\n');
        }
        fail_msg("%s: comes to something else", what);
    }
    fr_text_release(&found);
}

void small_planted_go_on(const char *root, int source, const char *out, const char *whole,
                         const char *what) {
    struct fr_error err;
    const int code = small_planted_run(root, source, out, 1, NULL, &err);
    if (code != FR_OK)
        fail_msg("%s, %s: does not go on: %s", small_planted_name[source], what, err.text);
    small_planted_assert_same(out, whole, what);
}
