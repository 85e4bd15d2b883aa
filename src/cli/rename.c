/* fluidrep rename: a text, or the texts of traces, from one naming to another. Line by line, so
 * that memory does not grow with the file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/output.h"
#include "naming/rename.h"
#include "sources/recorded_form.h"

enum { LINE_CEILING = 1 << 26, MAX_FIELDS = 32 };

struct options {
    struct fr_input_paths paths;
    const char *from, *to, *file, *jsonl, *out, *report;
    char *fields; /* cut at its commas */
    int rule, policy;
};

static void set_file(const struct fr_given *given) {
    struct options *o = given->options;
    if (o->file != NULL)
        argp_error(given->state, "one text at a time; \"%s\" is one too many", given->value);
    o->file = given->value;
}

static const struct fr_option option_table[] = {
    {FR_WORDS(set_file)},
    {"from", 'f', "ID", "naming the text is in", FR_TEXT(struct options, from)},
    {"to", 't', "ID", "naming it is moved to", FR_TEXT(struct options, to)},
    {"table", 0, "FILE", "table of namings (default: the paper's)",
     FR_TEXT(struct options, paths.table)},
    {"jsonl", 0, "FILE",
     "traces instead of a text: one JSON object a line, of which the text fields are renamed, "
     "\"naming\" is set and the rest is kept",
     FR_TEXT(struct options, jsonl), .group = 1},
    {"fields", 0, "A,B,...",
     "the fields to rename (default: prompt, reasoning, answer, response, extracted_plan, "
     "ground_truth_plan, where present)",
     FR_TEXT(struct options, fields), .group = 1},
    {"rule", 0, "RULE",
     "inflected (the default): every form of the words; exact: the words alone, for PDDL and plans",
     FR_CHOICE(struct options, rule, fr_inflection_rule_name, FR_INFLECTION_RULE_COUNT),
     .group = 2},
    {"on-collision", 0, "POLICY",
     "a word of the target naming that stands in the text already: swap (the default) it for the "
     "source's word, keep it, or refuse the text",
     FR_CHOICE(struct options, policy, fr_collision_policy_name, FR_COLLISION_POLICY_COUNT),
     .group = 2},
    {"out", 'o', "FILE",
     "write there, all or nothing (default: standard output); a file that is there is replaced "
     "only "
     "when no line is left out",
     FR_TEXT(struct options, out), .group = 3},
    {"report", 0, "FILE", "write what was replaced, as JSON", FR_TEXT(struct options, report),
     .group = 3},
    FR_DOMAIN_OPTION(struct options),
    {0},
};

static void check_options(const void *options, const struct argp_state *state) {
    const struct options *o = options;
    if (o->from == NULL || o->to == NULL)
        argp_error(state, "from which naming to which? Give --from ID and --to ID");
    if (o->jsonl != NULL && o->file != NULL)
        argp_error(state, "a text or --jsonl, not both");
    if (o->out != NULL && o->report != NULL && fr_file_is_same(o->out, o->report))
        argp_error(state, "--out and --report are one file; the report would take its place");
    if (o->fields != NULL && o->jsonl == NULL)
        argp_error(state, "--fields are those of --jsonl");
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* The next line with its line feed, cut at the ceiling; false at the end. */
static bool read_line(FILE *in, struct fr_text *line, bool *too_long) {
    fr_text_clear(line);
    *too_long = false;
    char block[4096];
    size_t n = 0;
    int c;
    while ((c = getc_unlocked(in)) != EOF) {
        block[n++] = (char)c;
        if (n == sizeof block || c == '\n') {
            *too_long = *too_long || line->len + n > LINE_CEILING;
            if (!*too_long)
                fr_text_append(line, block, n);
            n = 0;
        }
        if (c == '\n')
            return true;
    }
    fr_text_append(line, block, n);
    return line->len > 0 || *too_long;
}

struct work {
    const struct options *o;
    const char *name; /* of the input */
    struct fr_rename rename;
    int n_fields;
    const char *fields[MAX_FIELDS];
    long n_lines, n_bad; /* traces; lines that are none */
    FILE *in, *out;
};

static int rename_lines(struct work *work, struct fr_error *err) {
    struct fr_text line = {0}, renamed = {0};
    bool too_long;
    int code = FR_OK;
    for (long i = 1; code == FR_OK && read_line(work->in, &line, &too_long); i++) {
        fr_text_clear(&renamed);
        if (too_long)
            code = fr_fail(err, FR_E_LIMIT, "%s:%ld: a line of more than %d bytes", work->name, i,
                           LINE_CEILING);
        else if ((code = fr_rename_text(&work->rename, fr_text_get(&line), line.len, &renamed,
                                        err)) != FR_OK)
            code = fr_fail_in(err, "%s:%ld", work->name, i);
        else
            (void)fwrite(fr_text_get(&renamed), 1, renamed.len, work->out);
    }
    fr_text_release(&line);
    fr_text_release(&renamed);
    return code;
}

/* Renames one field in place; *n_found counts those that are there. */
static int rename_field(struct work *work, json_t *trace, const char *field, int *n_found,
                        struct fr_error *err) {
    const json_t *value = json_object_get(trace, field);
    if (value == NULL || json_is_null(value))
        return FR_OK;
    if (!json_is_string(value))
        return fr_fail(err, FR_E_INPUT, "field \"%s\" is no text", field);
    struct fr_text renamed = {0};
    int code = fr_rename_text(&work->rename, json_string_value(value), json_string_length(value),
                              &renamed, err);
    if (code != FR_OK)
        code = fr_fail_in(err, "field \"%s\"", field);
    else if (json_object_set_new(trace, field, json_stringn(fr_text_get(&renamed), renamed.len)) !=
             0)
        code = fr_fail(err, FR_E_INPUT, "field \"%s\" is no UTF-8", field);
    fr_text_release(&renamed);
    ++*n_found;
    return code;
}

/* A trace whose fields are refused half-way must not count: its counts are taken back. */
static int rename_trace(struct work *work, json_t *trace, struct fr_error *err) {
    if (!json_is_object(trace))
        return fr_fail(err, FR_E_INPUT, "no JSON object");
    const json_t *naming = json_object_get(trace, "naming");
    struct fr_text id = {0};
    if (json_is_integer(naming))
        fr_text_printf(&id, "%lld", (long long)json_integer_value(naming));
    else
        fr_text_add(&id, json_is_string(naming) ? json_string_value(naming) : work->o->from);
    const bool other = strcmp(fr_text_get(&id), work->o->from) != 0;
    if (other)
        (void)fr_fail(err, FR_E_INPUT, "in naming %.40s, not %s", fr_text_get(&id), work->o->from);
    fr_text_release(&id);
    if (other)
        return err->code;
    int n_found = 0, code = FR_OK;
    for (int f = 0; code == FR_OK && f < work->n_fields; f++)
        code = rename_field(work, trace, work->fields[f], &n_found, err);
    if (code == FR_OK && n_found == 0)
        code = fr_fail(err, FR_E_INPUT, "none of the fields to rename (--fields names others)");
    if (code == FR_OK)
        (void)json_object_set_new(trace, "naming", fr_json_text(work->o->to));
    return code;
}

struct counts {
    long n_renamed, n_collisions, n_lost, by_entry[FR_MAX_RENAME_ENTRIES];
};

static void save_counts(const struct fr_rename *rename, struct counts *out) {
    out->n_renamed = rename->n_renamed;
    out->n_collisions = rename->n_collisions;
    out->n_lost = rename->n_lost;
    for (int i = 0; i < rename->n; i++)
        out->by_entry[i] = rename->items[i].count;
}

static void restore_counts(struct fr_rename *rename, const struct counts *counts) {
    rename->n_renamed = counts->n_renamed;
    rename->n_collisions = counts->n_collisions;
    rename->n_lost = counts->n_lost;
    for (int i = 0; i < rename->n; i++)
        rename->items[i].count = counts->by_entry[i];
}

static bool is_ascii(const struct fr_text *text) {
    for (size_t i = 0; i < text->len; i++)
        if (text->data[i] & 0x80)
            return false;
    return true;
}

static int rename_traces(struct work *work, struct fr_error *err) {
    struct fr_text line = {0};
    struct counts *before = fr_alloc(1, sizeof *before);
    bool too_long;
    for (long i = 1; read_line(work->in, &line, &too_long); i++) {
        if (!too_long && strspn(fr_text_get(&line), " \t\r\n") == line.len)
            continue;
        json_error_t syntax = {0};
        const char *whole = fr_text_get(&line), *text = i == 1 ? fr_skip_mark(whole) : whole;
        json_t *trace = NULL;
        struct fr_error fault = {0};
        int code = FR_OK;
        save_counts(&work->rename, before);
        if (too_long)
            code = fr_fail(&fault, FR_E_LIMIT, "a line of more than %d bytes", LINE_CEILING);
        else
            code =
                fr_recorded_parse(text, line.len - (size_t)(text - whole), &trace, &syntax, &fault);
        if (code == FR_OK)
            code = rename_trace(work, trace, &fault);
        /* Python's way of writing, which most traces are in; escapes where the line had them. */
        if (code == FR_OK) {
            (void)json_dumpf(trace, work->out, is_ascii(&line) ? JSON_ENSURE_ASCII : 0);
            (void)putc('\n', work->out);
            work->n_lines++;
        } else {
            restore_counts(&work->rename, before);
            (void)fprintf(stderr, "fluidrep: %s:%ld: %s\n", work->name, i, fault.text);
            work->n_bad++;
        }
        json_decref(trace);
    }
    free(before);
    fr_text_release(&line);
    return work->n_bad == 0 ? FR_OK
                            : fr_fail(err, FR_E_IO, "%s: %ld lines renamed, %ld left out",
                                      work->name, work->n_lines, work->n_bad);
}

/* ---- report ---------------------------------------------------------------------------------- */

static json_t *entries_json(const struct work *work, bool collisions) {
    json_t *list = json_array();
    for (int a = 0; a < work->rename.concepts->n; a++)
        for (int i = 0; i < work->rename.n; i++) {
            const struct fr_rename_entry *e = &work->rename.items[i];
            if (e->concept != a || e->is_collision != collisions || e->count == 0)
                continue;
            json_t *entry = json_object();
            json_object_set_new(entry, "concept",
                                fr_json_text(work->rename.concepts->names[e->concept]));
            json_object_set_new(entry, "form", json_string(fr_inflection_tag_name[e->tag]));
            json_object_set_new(entry, "from", fr_json_text(e->from));
            json_object_set_new(entry, "to", fr_json_text(e->to));
            json_object_set_new(entry, "count", json_integer(e->count));
            json_object_set_new(entry, "comes_back", json_boolean(e->comes_back));
            json_array_append_new(list, entry);
        }
    return list;
}

static int write_report(const struct work *work, struct fr_error *err) {
    json_t *root = json_object();
    json_object_set_new(root, "from", fr_json_text(work->o->from));
    json_object_set_new(root, "to", fr_json_text(work->o->to));
    json_object_set_new(root, "on_collision",
                        json_string(fr_collision_policy_name[work->o->policy]));
    if (work->o->jsonl != NULL) {
        json_object_set_new(root, "lines", json_integer(work->n_lines));
        json_object_set_new(root, "bad_lines", json_integer(work->n_bad));
    }
    json_object_set_new(root, "n_renamed", json_integer(work->rename.n_renamed));
    json_object_set_new(root, "n_collisions", json_integer(work->rename.n_collisions));
    json_object_set_new(root, "n_lost", json_integer(work->rename.n_lost));
    json_object_set_new(root, "renamed", entries_json(work, false));
    json_object_set_new(root, "collisions", entries_json(work, true));
    char *text = json_dumps(root, JSON_INDENT(2));
    json_decref(root);
    FR_ASSERT(text != NULL);
    const int code =
        fr_file_write_parts(work->o->report,
                            (const struct fr_bytes[]){{text, strlen(text)}, {"\n", 1}}, 2, err);
    free(text);
    return code;
}

static void print_entries(const struct work *work, bool collisions) {
    for (int a = 0; a < work->rename.concepts->n; a++) {
        bool first = true;
        for (int i = 0; i < work->rename.n; i++) {
            const struct fr_rename_entry *e = &work->rename.items[i];
            if (e->concept != a || e->is_collision != collisions || e->count == 0)
                continue;
            if (first)
                (void)fprintf(stderr, "  %-12s", work->rename.concepts->names[a]);
            (void)fprintf(stderr, "%s%s -> %s %ld%s", first ? " " : ", ", e->from, e->to, e->count,
                          e->comes_back ? "" : " (does not come back)");
            first = false;
        }
        if (!first)
            (void)fprintf(stderr, "\n");
    }
}

static void print_report(const struct work *work) {
    const struct fr_rename *r = &work->rename;
    (void)fprintf(stderr, "naming %s to %s: %ld words renamed\n", work->o->from, work->o->to,
                  r->n_renamed);
    print_entries(work, false);
    if (r->n_collisions > 0)
        (void)fprintf(stderr, "%ld words of naming %s stood there already (%s)\n", r->n_collisions,
                      work->o->to,
                      r->policy == FR_COLLISION_SWAP
                          ? "swapped: the text means something else there"
                          : "kept: they read as concepts now");
    print_entries(work, true);
    if (r->n_lost > 0)
        (void)fprintf(stderr, "%ld words do not come back on the way back\n", r->n_lost);
}

/* ---- the command ----------------------------------------------------------------------------- */

static int choose_fields(struct work *work, struct fr_error *err) {
    static const char *const usual[] = {"prompt",   "reasoning",      "answer",
                                        "response", "extracted_plan", "ground_truth_plan"};
    for (size_t i = 0; work->o->fields == NULL && i < sizeof usual / sizeof *usual; i++)
        work->fields[work->n_fields++] = usual[i];
    for (char *p = work->o->fields; p != NULL;) {
        char *end = p + strcspn(p, ",");
        const bool last = *end == '\0';
        *end = '\0';
        if (*p == '\0' || work->n_fields == MAX_FIELDS)
            return fr_fail(err, FR_E_INPUT, "--fields: %s",
                           *p == '\0' ? "an empty name" : "too many");
        work->fields[work->n_fields++] = p;
        p = last ? NULL : end + 1;
    }
    return FR_OK;
}

static int work_on(struct work *work, struct fr_error *err) {
    const struct options *o = work->o;
    const char *path = o->jsonl != NULL ? o->jsonl : o->file;
    work->name = path != NULL && strcmp(path, "-") != 0 ? path : "standard input";
    work->in = stdin;
    work->out = stdout;
    int code = work->name == path ? fr_file_open(&work->in, path, err) : FR_OK;
    if (code != FR_OK)
        return code;
    fr_file_keep(work->in == stdin ? "/dev/stdin" : path);
    if (o->report != NULL)
        code = fr_file_check_kept(o->report, err);
    struct stat st;
    const bool replaces = o->out != NULL && stat(o->out, &st) == 0 && S_ISREG(st.st_mode);
    if (code == FR_OK && o->out != NULL)
        code = fr_file_create(&work->out, o->out, err);
    if (code == FR_OK) {
        code = o->jsonl != NULL ? rename_traces(work, err) : rename_lines(work, err);
        errno = 0;
        if (ferror(work->in)) /* a directory, say */
            code = fr_fail(err, FR_E_IO, "%s: cannot be read", work->name);
        /* Bad lines are told and left out; what is good is written, but in no file's place: the
         * lines that are missing may stand there alone. */
        const bool good = code == FR_OK || (work->n_bad > 0 && !ferror(work->in));
        const bool write = good && (code == FR_OK || !replaces);
        struct fr_error fault = {0};
        if (good && !write)
            code = fr_fail(err, FR_E_IO, "%s: %ld lines renamed, %ld left out; %s is as it was",
                           work->name, work->n_lines, work->n_bad, o->out);
        if (o->out != NULL && !write)
            fr_file_discard(work->out, o->out);
        else if (o->out != NULL && fr_file_commit(work->out, o->out, &fault) != FR_OK) {
            *err = fault;
            code = fault.code;
        } else if (write) {
            print_report(work);
            if (o->report != NULL && write_report(work, &fault) != FR_OK) {
                *err = fault;
                code = fault.code;
            }
        }
    }
    if (work->in != stdin)
        (void)fclose(work->in);
    return code;
}

int fr_command_rename(int argc, char **argv) {
    static const struct fr_usage usage =
        {.options = option_table,
         .check = check_options,
         .arguments = "[FILE]",
         .about =
             "Moves a text (FILE, or standard input) or traces from one naming to another: every "
             "form "
             "of "
             "every concept's word, capitals kept. What was replaced is told on standard error.\v"
             "With swap, renaming there and back gives the same bytes but for what is reported not "
             "to "
             "come back. A line of --jsonl that is wrong is told with its number and left out; the "
             "exit "
             "status is then 1."};
    struct options o = {.rule = FR_INFLECTION_INFLECTED};
    struct fr_error err = {0};
    struct fr_input input = {0};
    struct fr_text table = {0};
    struct work work = {.o = &o};
    int from = -1, to = -1;
    fr_cli_parse(&usage, argc, argv, &o);
    if (o.paths.table == NULL) {
        fr_data_path("namings.tsv", &table);
        o.paths.table = fr_text_get(&table);
    }
    int code = fr_input_load(&input, &o.paths, &err);
    if (code == FR_OK)
        code = fr_input_find_naming(&input, o.from, o.paths.table, &from, &err);
    if (code == FR_OK)
        code = fr_input_find_naming(&input, o.to, o.paths.table, &to, &err);
    if (code == FR_OK)
        code = choose_fields(&work, &err);
    if (code == FR_OK)
        code =
            fr_rename_init(&work.rename, &input.namings, from, to, (enum fr_inflection_rule)o.rule,
                           (enum fr_collision_policy)o.policy, &err);
    if (code == FR_OK)
        code = work_on(&work, &err);
    fr_rename_release(&work.rename);
    fr_input_release(&input);
    fr_text_release(&table);
    return code == FR_OK ? FR_EXIT_DONE : fr_cli_fail(&err);
}
