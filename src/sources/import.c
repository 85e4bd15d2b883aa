/* Recorded traces as a source (method.md A5, matched traces): the first good lines of the file, as
 * many as puzzles.collect and then puzzles.evaluate say, give a puzzle each, and each line a trace:
 * in its own naming, or with traces.match in every mystery naming of the study. A file may hold a
 * puzzle several times, in other namings or with its objects called otherwise: a line whose puzzle
 * is one of those to collect from, up to these names, is passed over for evaluation, and counted.
 * Rejected: a split by the class's hash, as of directories, which would throw a third of the traces
 * of a study that evaluates none away (DEVIATIONS 87).
 *
 * Puzzles and traces read the file from its beginning, a line at a time; what is stored says which
 * line it came from, so that the second finds it again. Rejected: keeping the texts in the store
 * between the stages, which would hold every trace twice. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sources/recorded.h"
#include "sources/sources.h"

/* A source's study and the model that its traces become tokens of. */
struct importer {
    const struct fr_source_study *study;
    const struct fr_world *world;
    struct fr_model *model;
};

static int open_importer(const struct fr_source_study *study, struct importer *out,
                         struct fr_error *err) {
    *out = (struct importer){.study = study, .world = study->world};
    return study->model(study->user, &out->model, err);
}

static struct fr_recorded_world world_of(const struct importer *s) {
    const struct fr_world *w = s->world;
    return (struct fr_recorded_world){.model = s->model,
                                      .system = s->world->config.system,
                                      .domain = &w->domain,
                                      .namings = &w->table,
                                      .wording = &w->wording,
                                      .style = (enum fr_prompt_style)w->config.style,
                                      .naming = w->config.traces_naming,
                                      .problems = w->traces_problems,
                                      .max_tokens = w->config.max_tokens};
}

/* ---- which namings a trace is wanted in ------------------------------------------------------ */

static int index_in_table(const struct importer *s, int i) {
    return (int)(s->world->namings[i].naming - s->world->table.items);
}

static bool is_wanted(const struct importer *s, int i, int own) {
    return s->world->config.match ? !s->world->namings[i].clean : index_in_table(s, i) == own;
}

static int check_wanted(const struct importer *s, int own, struct fr_error *err) {
    const struct fr_naming *naming = &s->world->table.items[own];
    if (s->world->config.match && fr_naming_is_clean(naming))
        return fr_fail(err, FR_E_INPUT,
                       "in the clean naming, whose sentences cannot be renamed; traces.match "
                       "needs traces in a mystery naming");
    for (int i = 0; i < s->world->n_namings; i++)
        if (is_wanted(s, i, own))
            return FR_OK;
    return fr_fail(err, FR_E_INPUT, "in naming %s, which is not one of namings.use", naming->id);
}

/* The line's trace in the study's naming i. */
static int make_trace(const struct importer *s, const struct fr_recorded *line, int own, int i,
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
        code = fr_fail_in(err, "in naming %s", s->world->namings[i].naming->id);
    fr_recorded_release(&renamed);
    return code;
}

/* Every trace that the line is wanted as can be made, and none is left out for its length: a
 * trace is in all its namings or in none. */
static int check_traces(const struct importer *s, const struct fr_recorded *line, int own,
                        const struct fr_problem *problem, struct fr_error *err) {
    int code = check_wanted(s, own, err);
    for (int i = 0; code == FR_OK && i < s->world->n_namings; i++) {
        struct fr_trace trace = {0};
        struct fr_recorded_counts counts;
        int n_whole = 0;
        if (!is_wanted(s, i, own))
            continue;
        code = make_trace(s, line, own, i, problem, &trace, &n_whole, &counts, err);
        if (code == FR_OK && s->world->config.too_long == FR_TOO_LONG_LEAVE_OUT &&
            n_whole > s->world->config.max_tokens)
            code = fr_fail(err, FR_E_INPUT,
                           "too long: %d tokens in naming %s, generation.max_tokens is %d", n_whole,
                           s->world->namings[i].naming->id, s->world->config.max_tokens);
        fr_trace_release(&trace);
    }
    return code;
}

/* ---- puzzles --------------------------------------------------------------------------------- */

static const char *file_name(const struct importer *s) {
    const char *slash = strrchr(s->world->traces_path, '/');
    return slash != NULL ? slash + 1 : s->world->traces_path;
}

/* The place of the file's i-th good trace: those to collect from first. */
static enum fr_puzzle_split place_of(const struct importer *s, int i, int *position) {
    const int n_collect = s->world->config.n_collect;
    *position = i < n_collect ? i : i - n_collect;
    return i < n_collect ? FR_SPLIT_COLLECT : FR_SPLIT_EVALUATE;
}

static int store_puzzle(const struct importer *s, const struct fr_recorded *line, int own,
                        const struct fr_problem *problem, int i, struct fr_error *err) {
    struct fr_text source = {0};
    struct fr_error ignored;
    struct fr_plan no_plan = {0};
    int position, length = -1; /* not found within puzzles.max_states: nobody waits for it here */
    int64_t id = 0;
    const enum fr_puzzle_split split = place_of(s, i, &position);
    if (fr_problem_solve(problem, s->world->config.max_states, NULL, &length, &ignored) != FR_OK)
        length = -1;
    fr_text_printf(&source, "%s:%ld", file_name(s), line->line);
    int code = fr_source_put_problem(s->study, split, position, problem, length, &no_plan,
                                     fr_text_get(&source), &id, err);
    if (code == FR_OK)
        code = fr_store_run(s->study->store, err,
                            "INSERT INTO imported VALUES (?, ?, ?, ?, nullif(?, -1))", "iitti", id,
                            (int64_t)line->line, s->world->table.items[own].id, line->instance,
                            (int64_t)line->correct);
    fr_text_release(&source);
    return code;
}

/* One line that was read: *own and *problem (release it) when it can be used. */
static int examine(const struct importer *s, struct fr_recorded *line, int *own,
                   struct fr_problem *problem, struct fr_error *err) {
    const struct fr_recorded_world world = world_of(s);
    *problem = (struct fr_problem){0};
    int code = fr_recorded_settle(&world, line, err);
    if (code == FR_OK)
        code = fr_recorded_naming(&world, line, own, err);
    if (code == FR_OK)
        code = fr_recorded_problem(&world, line, *own, problem, err);
    if (code == FR_OK)
        code = check_traces(s, line, *own, problem, err);
    return code == FR_OK ? FR_OK : fr_fail_in(err, "%s:%ld", s->world->traces_path, line->line);
}

/* The stored puzzles with their lines of the file, in its order. */
struct lines {
    int n, capacity;
    int64_t (*items)[2]; /* puzzle, line */
};

static int read_lines(const struct importer *s, struct lines *out, struct fr_error *err) {
    struct fr_query *query;
    const int code = fr_query_open(&query, s->study->store, err,
                                   "SELECT puzzle, line FROM imported ORDER BY line", "");
    if (code != FR_OK)
        return code;
    while (fr_query_next(query)) {
        FR_RESERVE(out->items, out->n, out->capacity);
        out->items[out->n][0] = fr_query_int(query, 0);
        out->items[out->n++][1] = fr_query_int(query, 1);
    }
    return fr_query_close(query, err);
}

/* What was read so far. */
struct reading {
    long n_bad;                /* lines that are no trace */
    int n, n_shared;           /* good ones that are taken, and that are passed over */
    int n_stored, stored_next; /* those that the store has, and which of them is next */
    int64_t (*stored)[2];      /* puzzle, line, in the file's order */
    uint64_t *collected;       /* classes of the puzzles to collect from */
    int n_collected, capacity;
};

/* One line for all that were passed over. */
static void tell_shared(const struct importer *s, const struct reading *r) {
    if (r->n_shared > 0)
        fr_events_warn(
            s->study->events,
            "%s: %d line%s passed over for evaluation: the puzzle is, up to the names of its "
            "objects, one of those to collect from",
            s->world->traces_path, r->n_shared, r->n_shared == 1 ? " is" : "s are");
}

static int finish_puzzles(const struct importer *s, long n_lines, const struct reading *r,
                          int n_wanted, struct fr_error *err) {
    const struct fr_config *c = &s->world->config;
    char lines[24], bad[24], shared[24];
    if (r->n < n_wanted && r->n_shared > 0)
        return fr_fail(
            err, FR_E_INPUT,
            "%s: puzzles.evaluate %d, but behind the %d traces to collect from %s has %d "
            "of other puzzles (%d more are of the same puzzles up to the names of their "
            "objects, %ld lines are left out); lower puzzles.collect or "
            "puzzles.evaluate, or add traces of other puzzles",
            s->world->config_path, c->n_evaluate, c->n_collect, s->world->traces_path,
            r->n - c->n_collect, r->n_shared, r->n_bad);
    if (r->n < n_wanted)
        return fr_fail(err, FR_E_INPUT,
                       "%s: puzzles.collect %d and puzzles.evaluate %d, but %s has %d traces that "
                       "can be used (%ld lines are left out)",
                       s->world->config_path, c->n_collect, c->n_evaluate, s->world->traces_path,
                       r->n, r->n_bad);
    tell_shared(s, r);
    (void)snprintf(lines, sizeof lines, "%ld", n_lines);
    (void)snprintf(bad, sizeof bad, "%ld", r->n_bad);
    (void)snprintf(shared, sizeof shared, "%d", r->n_shared);
    int code = fr_store_set_meta(s->study->store, "traces_file", file_name(s), err);
    if (code == FR_OK)
        code = fr_store_set_meta(s->study->store, "traces_lines", lines, err);
    if (code == FR_OK)
        code = fr_store_set_meta(s->study->store, "traces_left_out", bad, err);
    if (code == FR_OK)
        code = fr_store_set_meta(s->study->store, "traces_passed_over", shared, err);
    return code;
}

/* A line that is stored stays, in studies of before puzzles were compared too, and keeps its place
 * though it can no longer be read. */
static bool is_stored(struct reading *r, long line) {
    for (; r->stored_next < r->n_stored && r->stored[r->stored_next][1] < line; r->stored_next++)
        r->n++;
    return r->stored_next < r->n_stored && r->stored[r->stored_next][1] == line;
}

static bool was_collected(const struct reading *r, uint64_t class) {
    for (int i = 0; i < r->n_collected; i++)
        if (r->collected[i] == class)
            return true;
    return false;
}

/* A good line: its puzzle is stored, unless it is, or is passed over. */
static int take_line(const struct importer *s, struct reading *r, const struct fr_recorded *line,
                     int own, const struct fr_problem *problem, struct fr_error *err) {
    const uint64_t class = fr_problem_class(problem);
    const bool stored = is_stored(r, line->line), collect = r->n < s->world->config.n_collect;
    if (!stored && !collect && was_collected(r, class)) {
        r->n_shared++;
        return FR_OK;
    }
    if (collect) {
        FR_RESERVE(r->collected, r->n_collected, r->capacity);
        r->collected[r->n_collected++] = class;
    }
    r->stored_next += stored;
    return stored ? (r->n++, FR_OK) : store_puzzle(s, line, own, problem, r->n++, err);
}

/* How many of the file's good traces are in the store, which has them in order. */
static int count_stored(const struct importer *s, int *n, struct fr_error *err) {
    int n_evaluate;
    int code = fr_source_count(s->study->store, FR_SPLIT_COLLECT, n, err);
    if (code == FR_OK)
        code = fr_source_count(s->study->store, FR_SPLIT_EVALUATE, &n_evaluate, err);
    if (code == FR_OK && n_evaluate > 0 && *n < s->world->config.n_collect)
        code = fr_fail(err, FR_E_CONFLICT,
                       "%s: puzzles.collect grew from %d to %d, but the lines behind are puzzles "
                       "to evaluate on; grow puzzles.evaluate, or fork the study",
                       s->world->config_path, *n, s->world->config.n_collect);
    *n += code == FR_OK ? n_evaluate : 0;
    return code;
}

int fr_source_recorded_puzzles(const struct fr_source_study *study, struct fr_error *err) {
    struct importer importer;
    const struct importer *s = &importer;
    struct fr_recorded_file file = {0};
    struct lines stored = {0};
    struct reading r = {0};
    int n_stored = 0;
    const int n_wanted = study->world->config.n_collect + study->world->config.n_evaluate;
    int code = open_importer(study, &importer, err);
    if (code == FR_OK)
        code = count_stored(s, &n_stored, err);
    if (code == FR_OK)
        code = read_lines(s, &stored, err);
    r.stored = stored.items;
    r.n_stored = stored.n;
    if (code == FR_OK)
        code = fr_recorded_open(&file, s->world->traces_path, err);
    while (code == FR_OK && r.n < n_wanted) {
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
            code = take_line(s, &r, &line, own, &problem, err);
            fr_events_progress(study->events, r.n, n_wanted, n_stored, "traces");
        } else if (good == FR_E_IO && !found) { /* of the file, not of a line of it */
            code = good;
            *err = fault;
        } else {
            r.n_bad++;
            fr_events_leave_out(study->events, fault.text);
        }
        fr_problem_release(&problem);
        fr_recorded_release(&line);
        if (code == FR_OK && fr_events_stopped(study->events))
            code = fr_fail(err, FR_E_STOPPED, "stopped");
    }
    if (code == FR_OK)
        code = finish_puzzles(s, file.line, &r, n_wanted, err);
    fr_recorded_close(&file);
    free(stored.items);
    free(r.collected);
    return code;
}

/* ---- traces ---------------------------------------------------------------------------------- */

static int has_trace(const struct importer *s, int64_t puzzle, const char *naming, bool *out,
                     struct fr_error *err) {
    int64_t there = 0;
    const int code = fr_store_find_int(s->study->store, err, &there,
                                       "SELECT 1 FROM trace WHERE puzzle = ? AND naming = ?", "it",
                                       puzzle, naming);
    *out = there != 0;
    return code;
}

static int store_trace(const struct importer *s, struct fr_trace *trace, int n_whole,
                       const struct fr_recorded_counts *counts, struct fr_error *err) {
    int code = fr_store_begin(s->study->store, err);
    if (code != FR_OK)
        return code;
    code = fr_store_put_trace(s->study->store, trace, err);
    if (code == FR_OK)
        code =
            fr_store_run(s->study->store, err,
                         "INSERT INTO imported_trace VALUES (?, ?, ?, ?, ?, ?)", "itiiii",
                         trace->puzzle, trace->naming, (int64_t)n_whole, (int64_t)counts->n_renamed,
                         (int64_t)counts->n_collisions, (int64_t)counts->n_lost);
    return fr_store_end(s->study->store, code, err);
}

struct work {
    const struct importer *importer;
    struct fr_judged *judged; /* NULL: those that are missing are made; else those that are there
                                 are judged again */
    long long done, total;
};

static int put_trace(struct work *w, const struct fr_recorded *line, int own, int i,
                     const struct fr_problem *problem, int64_t puzzle, struct fr_error *err) {
    const struct importer *s = w->importer;
    struct fr_trace trace;
    struct fr_recorded_counts counts;
    int n_whole;
    int code = make_trace(s, line, own, i, problem, &trace, &n_whole, &counts, err);
    if (code != FR_OK)
        return code;
    trace.puzzle = puzzle;
    code = w->judged == NULL ? store_trace(s, &trace, n_whole, &counts, err)
                             : fr_judged_put(w->judged, s->study->store, puzzle, trace.naming, 0,
                                             &trace.verdict, err);
    fr_trace_release(&trace);
    return code;
}

static int import_line(struct work *w, int64_t puzzle, const struct fr_recorded *line,
                       struct fr_error *err) {
    const struct importer *s = w->importer;
    const struct fr_recorded_world world = world_of(s);
    struct fr_problem problem;
    int own;
    int code = fr_recorded_naming(&world, line, &own, err);
    if (code == FR_OK)
        code =
            fr_source_load_problem(s->study->store, &s->world->domain, puzzle, &problem, NULL, err);
    if (code != FR_OK)
        return code;
    for (int i = 0; code == FR_OK && i < s->world->n_namings; i++) {
        bool there = false;
        if (!is_wanted(s, i, own))
            continue;
        code = has_trace(s, puzzle, s->world->namings[i].naming->id, &there, err);
        if (code == FR_OK && there == (w->judged != NULL))
            code = put_trace(w, line, own, i, &problem, puzzle, err);
        fr_events_progress(s->study->events, ++w->done, w->total, 0,
                           w->judged != NULL ? "verdicts" : "traces");
        if (code == FR_OK && fr_events_stopped(s->study->events))
            code = fr_fail(err, FR_E_STOPPED, "stopped");
    }
    fr_problem_release(&problem);
    return code;
}

static int import_lines(const struct fr_source_study *study, struct fr_judged *judged,
                        struct fr_error *err) {
    struct importer importer;
    struct work w = {.importer = &importer, .judged = judged};
    const struct importer *s = &importer;
    struct lines lines = {0};
    struct fr_recorded_file file = {0};
    int code = open_importer(study, &importer, err);
    if (code == FR_OK)
        code = read_lines(s, &lines, err);
    int n_wanted = 0;
    for (int i = 0; i < s->world->n_namings; i++)
        n_wanted += !s->world->config.match || !s->world->namings[i].clean;
    w.total = (long long)lines.n * (s->world->config.match ? n_wanted : 1);
    if (code == FR_OK)
        code = fr_recorded_open(&file, s->world->traces_path, err);
    for (int i = 0; code == FR_OK && i < lines.n;) {
        struct fr_recorded line;
        struct fr_error fault;
        bool found;
        const int good = fr_recorded_next(&file, &line, &found, &fault);
        if (good == FR_OK && found && line.line == lines.items[i][1])
            code = import_line(&w, lines.items[i++][0], &line, err);
        else if (!found || file.line >= lines.items[i][1])
            code = fr_fail(err, FR_E_IO, "%s:%lld: changed while it was read",
                           s->world->traces_path, (long long)lines.items[i][1]);
        fr_recorded_release(&line);
    }
    fr_recorded_close(&file);
    free(lines.items);
    return code;
}

int fr_source_recorded_traces(const struct fr_source_study *study, struct fr_error *err) {
    return import_lines(study, NULL, err);
}

int fr_source_recorded_judge(const struct fr_source_study *study, struct fr_judged *judged,
                             struct fr_error *err) {
    return import_lines(study, judged, err);
}

/* ---- before a study -------------------------------------------------------------------------- */

/* The prompts of one line in the namings it is wanted in. */
static int measure_line(const struct importer *s, const struct fr_recorded *line, int own, int *n,
                        double *sum, struct fr_tokens *longest, struct fr_error *err) {
    const struct fr_recorded_world world = world_of(s);
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < s->world->n_namings; i++) {
        struct fr_recorded renamed;
        struct fr_recorded_counts counts;
        struct fr_tokens tokens = {0};
        char *chat = NULL;
        if (!is_wanted(s, i, own))
            continue;
        code = fr_recorded_rename(&world, line, own, index_in_table(s, i), &renamed, &counts, err);
        if (code == FR_OK)
            code = fr_model_chat(s->model, world.system, renamed.prompt, &chat, err);
        if (code == FR_OK)
            code = fr_model_tokenize(s->model, chat, strlen(chat), true, &tokens, err);
        fr_recorded_release(&renamed);
        free(chat);
        *sum += tokens.n;
        ++*n;
        if (tokens.n > longest->n) {
            fr_tokens_release(longest);
            *longest = tokens;
        } else {
            fr_tokens_release(&tokens);
        }
    }
    return code;
}

int fr_source_recorded_sample(const struct fr_source_study *study, struct fr_source_sample *out,
                              struct fr_error *err) {
    struct importer importer;
    struct fr_recorded_file file = {0};
    int n = 0, n_lines = 0;
    double sum = 0;
    int code = open_importer(study, &importer, err);
    const struct fr_recorded_world world = world_of(&importer);
    if (code == FR_OK)
        code = fr_recorded_open(&file, study->world->traces_path, err);
    while (code == FR_OK && n_lines < study->world->config.n_collect) {
        struct fr_recorded line;
        struct fr_error fault;
        bool found;
        int own;
        const int good = fr_recorded_next(&file, &line, &found, &fault);
        if (!found)
            break;
        if (good == FR_OK && fr_recorded_naming(&world, &line, &own, &fault) == FR_OK) {
            n_lines++;
            code = measure_line(&importer, &line, own, &n, &sum, &out->longest, err);
        }
        fr_recorded_release(&line);
    }
    if (code == FR_OK && n == 0)
        code = fr_fail(err, FR_E_INPUT, "%s: no trace that can be used", study->world->traces_path);
    out->mean_tokens = n > 0 ? sum / n : 0;
    fr_recorded_close(&file);
    return code;
}
