/* Stages 1 and 2 of a study that replays recorded traces (method.md A5, matched traces): the first
 * puzzles.collect good lines of the file give a puzzle each, and each line a trace: in its own
 * naming, or with traces.match in every mystery naming of the study.
 *
 * Both stages read the file from its beginning, a line at a time; what is stored says which line it
 * came from, so that the second finds it again. Rejected: keeping the texts in the store between
 * the stages, which would hold every trace twice. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "study/internal.h"
#include "study/recorded.h"

bool fr_study_imports(const struct fr_study *s) { return *s->config.traces_path != '\0'; }

static struct fr_recorded_world world_of(const struct fr_study *s) {
    return (struct fr_recorded_world){.model = s->model,
                                      .domain = &s->domain,
                                      .namings = &s->table,
                                      .wording = &s->wording,
                                      .style = (enum fr_prompt_style)s->config.style,
                                      .naming = s->config.traces_naming,
                                      .problems = s->traces_problems,
                                      .max_tokens = s->config.max_tokens};
}

/* ---- which namings a trace is wanted in --------------------------------------------------------
 */

static int index_in_table(const struct fr_study *s, int i) {
    return (int)(s->namings[i].naming - s->table.items);
}

static bool is_wanted(const struct fr_study *s, int i, int own) {
    return s->config.match ? !s->namings[i].clean : index_in_table(s, i) == own;
}

static int check_wanted(const struct fr_study *s, int own, struct fr_error *err) {
    const struct fr_naming *naming = &s->table.items[own];
    if (s->config.match && fr_naming_is_clean(naming))
        return fr_fail(err, FR_E_INPUT,
                       "in the clean naming, whose sentences cannot be renamed; traces.match "
                       "needs traces in a mystery naming");
    for (int i = 0; i < s->n_namings; i++)
        if (is_wanted(s, i, own))
            return FR_OK;
    return fr_fail(err, FR_E_INPUT, "in naming %s, which is not one of namings.use", naming->id);
}

/* The line's trace in the study's naming i. */
static int make_trace(const struct fr_study *s, const struct fr_recorded *line, int own, int i,
                      const struct fr_problem *problem, struct fr_trace *trace, int *n_whole,
                      struct fr_recorded_counts *counts, struct fr_error *err) {
    const struct fr_recorded_world world = world_of(s);
    const int to = index_in_table(s, i);
    struct fr_recorded renamed;
    int code = fr_recorded_rename(&world, line, own, to, &renamed, counts, err);
    if (code != FR_OK)
        return code;
    code = fr_recorded_trace(&world, &renamed, to, problem, trace, n_whole, err);
    if (code != FR_OK)
        code = fr_fail_in(err, "in naming %s", s->namings[i].naming->id);
    fr_recorded_release(&renamed);
    return code;
}

/* Every trace that the line is wanted as can be made, and none is left out for its length: a
 * trace is in all its namings or in none. */
static int check_traces(const struct fr_study *s, const struct fr_recorded *line, int own,
                        const struct fr_problem *problem, struct fr_error *err) {
    int code = check_wanted(s, own, err);
    for (int i = 0; code == FR_OK && i < s->n_namings; i++) {
        struct fr_trace trace;
        struct fr_recorded_counts counts;
        int n_whole = 0;
        if (!is_wanted(s, i, own))
            continue;
        code = make_trace(s, line, own, i, problem, &trace, &n_whole, &counts, err);
        if (code == FR_OK && s->config.too_long == FR_TOO_LONG_LEAVE_OUT &&
            n_whole > s->config.max_tokens)
            code = fr_fail(err, FR_E_INPUT,
                           "too long: %d tokens in naming %s, generation.max_tokens is %d", n_whole,
                           s->namings[i].naming->id, s->config.max_tokens);
        fr_trace_release(&trace);
    }
    return code;
}

/* ---- puzzles -----------------------------------------------------------------------------------
 */

static const char *file_name(const struct fr_study *s) {
    const char *slash = strrchr(s->traces_path, '/');
    return slash != NULL ? slash + 1 : s->traces_path;
}

static int store_puzzle(struct fr_study *s, const struct fr_recorded *line, int own,
                        const struct fr_problem *problem, int64_t id, struct fr_error *err) {
    struct fr_text pddl = {0}, source = {0};
    struct fr_error ignored;
    int length = -1; /* not found within puzzles.max_states: nobody waits for it here */
    if (fr_problem_solve(problem, s->config.max_states, NULL, &length, &ignored) != FR_OK)
        length = -1;
    fr_problem_render(problem, &pddl);
    fr_text_printf(&source, "%s:%ld", file_name(s), line->line);
    int code =
        fr_store_run(s->store, err, "INSERT INTO puzzle VALUES (?, ?, ?, ?, '', ?, ?)", "itiitt",
                     id, fr_split_name[FR_SPLIT_COLLECT], (int64_t)problem->n_objects,
                     (int64_t)length, fr_text_get(&source), fr_text_get(&pddl));
    if (code == FR_OK)
        code =
            fr_store_run(s->store, err, "INSERT INTO imported VALUES (?, ?, ?, ?, nullif(?, -1))",
                         "iitti", id, (int64_t)line->line, s->table.items[own].id, line->instance,
                         (int64_t)line->correct);
    fr_text_release(&pddl);
    fr_text_release(&source);
    return code;
}

/* One line that was read: *own and *problem (release it) when it can be used. */
static int examine(struct fr_study *s, const struct fr_recorded *line, int *own,
                   struct fr_problem *problem, struct fr_error *err) {
    const struct fr_recorded_world world = world_of(s);
    *problem = (struct fr_problem){0};
    int code = fr_recorded_naming(&world, line, own, err);
    if (code == FR_OK)
        code = fr_recorded_problem(&world, line, *own, problem, err);
    if (code == FR_OK)
        code = check_traces(s, line, *own, problem, err);
    return code == FR_OK ? FR_OK : fr_fail_in(err, "%s:%ld", s->traces_path, line->line);
}

static int finish_puzzles(struct fr_study *s, long n_lines, long n_bad, int n,
                          struct fr_error *err) {
    char lines[24], bad[24];
    if (n < s->config.n_collect)
        return fr_fail(err, FR_E_INPUT,
                       "%s: puzzles.collect %d, but %s has %d traces that can be used (%ld lines "
                       "are left out)",
                       s->config_path, s->config.n_collect, s->traces_path, n, n_bad);
    (void)snprintf(lines, sizeof lines, "%ld", n_lines);
    (void)snprintf(bad, sizeof bad, "%ld", n_bad);
    int code = fr_store_set_meta(s->store, "traces_file", file_name(s), err);
    if (code == FR_OK)
        code = fr_store_set_meta(s->store, "traces_lines", lines, err);
    if (code == FR_OK)
        code = fr_store_set_meta(s->store, "traces_left_out", bad, err);
    return code;
}

int fr_import_puzzles(struct fr_study *s, int64_t *id, struct fr_error *err) {
    struct fr_recorded_file file;
    long n_bad = 0;
    int n = 0;
    int code = fr_study_need_model(s, err);
    if (code == FR_OK)
        code = fr_recorded_open(&file, s->traces_path, err);
    if (code != FR_OK)
        return code;
    while (code == FR_OK && n < s->config.n_collect) {
        struct fr_recorded line;
        struct fr_problem problem = {0};
        struct fr_error fault;
        bool found;
        int own = -1;
        int good = fr_recorded_next(&file, &line, &found, &fault);
        if (good == FR_OK && !found)
            break;
        if (good == FR_OK)
            good = examine(s, &line, &own, &problem, &fault);
        if (good == FR_OK) {
            code = store_puzzle(s, &line, own, &problem, (*id)++, err);
            fr_study_progress(s, ++n, s->config.n_collect, 0, "traces");
        } else if (good == FR_E_IO && !found) { /* of the file, not of a line of it */
            code = good;
            *err = fault;
        } else {
            n_bad++;
            fr_study_leave_out(s, fault.text);
        }
        fr_problem_release(&problem);
        fr_recorded_release(&line);
        if (code == FR_OK && fr_study_is_stopped(s))
            code = fr_fail(err, FR_E_STOPPED, "stopped");
    }
    if (code == FR_OK)
        code = finish_puzzles(s, file.line, n_bad, n, err);
    fr_recorded_close(&file);
    return code;
}

/* ---- traces ------------------------------------------------------------------------------------
 */

static int has_trace(struct fr_study *s, int64_t puzzle, const char *naming, bool *out,
                     struct fr_error *err) {
    struct fr_query *query;
    const int code =
        fr_query_open(&query, s->store, err, "SELECT 1 FROM trace WHERE puzzle = ? AND naming = ?",
                      "it", puzzle, naming);
    if (code != FR_OK)
        return code;
    *out = fr_query_next(query);
    return fr_query_close(query, err);
}

static int store_trace(struct fr_study *s, struct fr_trace *trace, int n_whole,
                       const struct fr_recorded_counts *counts, struct fr_error *err) {
    int code = fr_store_begin(s->store, err);
    if (code != FR_OK)
        return code;
    code = fr_store_put_trace(s->store, trace, err);
    if (code == FR_OK)
        code = fr_store_run(s->store, err, "INSERT INTO imported_trace VALUES (?, ?, ?, ?, ?)",
                            "iiiii", trace->id, (int64_t)n_whole, (int64_t)counts->n_renamed,
                            (int64_t)counts->n_collisions, (int64_t)counts->n_lost);
    if (code == FR_OK)
        return fr_store_commit(s->store, err);
    fr_store_rollback(s->store);
    return code;
}

struct work {
    struct fr_study *study;
    long long done, total;
};

static int import_line(struct work *w, int64_t puzzle, const struct fr_recorded *line,
                       struct fr_error *err) {
    struct fr_study *s = w->study;
    const struct fr_recorded_world world = world_of(s);
    struct fr_problem problem;
    int own;
    int code = fr_recorded_naming(&world, line, &own, err);
    if (code == FR_OK)
        code = fr_study_load_problem(s, puzzle, &problem, NULL, err);
    if (code != FR_OK)
        return code;
    for (int i = 0; code == FR_OK && i < s->n_namings; i++) {
        struct fr_trace trace;
        struct fr_recorded_counts counts;
        int n_whole;
        bool there = false;
        if (!is_wanted(s, i, own))
            continue;
        code = has_trace(s, puzzle, s->namings[i].naming->id, &there, err);
        if (code == FR_OK && !there &&
            (code = make_trace(s, line, own, i, &problem, &trace, &n_whole, &counts, err)) ==
                FR_OK) {
            trace.puzzle = puzzle;
            code = store_trace(s, &trace, n_whole, &counts, err);
            fr_trace_release(&trace);
        }
        fr_study_progress(s, ++w->done, w->total, 0, "traces");
        if (code == FR_OK && fr_study_is_stopped(s))
            code = fr_fail(err, FR_E_STOPPED, "stopped");
    }
    fr_problem_release(&problem);
    return code;
}

int fr_import_traces(struct fr_study *s, struct fr_error *err) {
    struct work w = {.study = s};
    struct fr_pairs lines; /* puzzle, line */
    struct fr_query *query;
    struct fr_recorded_file file = {0};
    int code = fr_study_need_model(s, err);
    if (code == FR_OK)
        code = fr_query_open(&query, s->store, err,
                             "SELECT puzzle, line FROM imported ORDER BY line", "");
    if (code == FR_OK)
        code = fr_study_read_pairs(query, &lines, err);
    if (code != FR_OK)
        return code;
    int n_wanted = 0;
    for (int i = 0; i < s->n_namings; i++)
        n_wanted += !s->config.match || !s->namings[i].clean;
    w.total = (long long)lines.n * (s->config.match ? n_wanted : 1);
    code = fr_recorded_open(&file, s->traces_path, err);
    for (int i = 0; code == FR_OK && i < lines.n;) {
        struct fr_recorded line;
        struct fr_error fault;
        bool found;
        const int good = fr_recorded_next(&file, &line, &found, &fault);
        if (good == FR_OK && found && line.line == lines.items[i][1])
            code = import_line(&w, lines.items[i++][0], &line, err);
        else if (!found || file.line >= lines.items[i][1])
            code = fr_fail(err, FR_E_IO, "%s:%lld: changed while it was read", s->traces_path,
                           (long long)lines.items[i][1]);
        fr_recorded_release(&line);
    }
    fr_recorded_close(&file);
    free(lines.items);
    return code;
}

/* ---- before a study ----------------------------------------------------------------------------
 */

int fr_import_sample(struct fr_study *s, struct fr_tokens *longest, double *mean,
                     struct fr_error *err) {
    const struct fr_recorded_world world = world_of(s);
    struct fr_recorded_file file;
    int n = 0, n_lines = 0;
    double sum = 0;
    int code = fr_recorded_open(&file, s->traces_path, err);
    while (code == FR_OK && n_lines < s->config.n_collect) {
        struct fr_recorded line, renamed;
        struct fr_recorded_counts counts;
        bool found;
        int own;
        struct fr_error fault;
        const int good = fr_recorded_next(&file, &line, &found, &fault);
        if (!found)
            break;
        if (good == FR_OK && fr_recorded_naming(&world, &line, &own, &fault) == FR_OK) {
            n_lines++;
            for (int i = 0; code == FR_OK && i < s->n_namings; i++) {
                struct fr_tokens tokens = {0};
                char *chat = NULL;
                if (!is_wanted(s, i, own))
                    continue;
                code = fr_recorded_rename(&world, &line, own, index_in_table(s, i), &renamed,
                                          &counts, err);
                if (code == FR_OK)
                    code = fr_model_chat(s->model, renamed.prompt, &chat, err);
                if (code == FR_OK)
                    code = fr_model_tokenize(s->model, chat, strlen(chat), true, &tokens, err);
                fr_recorded_release(&renamed);
                free(chat);
                sum += tokens.n;
                n++;
                if (tokens.n > longest->n) {
                    fr_tokens_release(longest);
                    *longest = tokens;
                } else {
                    fr_tokens_release(&tokens);
                }
            }
        }
        fr_recorded_release(&line);
    }
    if (code == FR_OK && n == 0)
        code = fr_fail(err, FR_E_INPUT, "%s: no trace that can be used", s->traces_path);
    *mean = n > 0 ? sum / n : 0;
    fr_recorded_close(&file);
    return code;
}
