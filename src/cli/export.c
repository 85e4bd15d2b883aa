/* fluidrep export: what a study holds, for other programs. A table of what there is in which
 * format; the formats themselves are exports/'s. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "exports/exports.h"

enum { MAX_LIST = 4096 };

struct list {
    int n, items[MAX_LIST];
};

struct options {
    const char *dir, *what, *format, *out, *model;
    int set, site;
    struct list layers, timestamps;
    const char *concept, *naming;
    int kind, control;
    double strength;
    unsigned given; /* bits of the options below */
};

/* Options that not everything knows. */
enum {
    MODEL = 1,
    LAYERS = 2,
    TIMESTAMPS = 4,
    SITE = 8,
    SET = 16,
    CONCEPT = 32,
    NAMING = 64,
    VECTORS = 128,
    CONTROL = 256,
    STRENGTH = 512,
    OF_ROWS = LAYERS | TIMESTAMPS | SITE | SET,
    OF_TRACES = MODEL,
    OF_VECTORS = LAYERS | TIMESTAMPS | SET | CONCEPT | NAMING | VECTORS | CONTROL | STRENGTH
};

struct job {
    const struct options *options;
    const struct row *row;
    struct fr_export *study; /* for a bare row nothing but its store */
    struct fr_text *told;    /* what was done, for standard error */
};

static int run_arrays(const struct job *job, struct fr_error *err);
static int run_traces(const struct job *job, struct fr_error *err);
static int run_vector(const struct job *job, struct fr_error *err);
static int run_tables(const struct job *job, struct fr_error *err);
static int run_figures(const struct job *job, struct fr_error *err);

/* What there is, and in which formats; the first of a kind is its default. */
static const struct row {
    const char *what, *format, *help;
    int (*run)(const struct job *job, struct fr_error *err);
    int kind, detail;
    unsigned options;
    bool bare; /* it needs nothing but the study's tables */
} rows[] = {
    {"sums", "safetensors", "sums over mentions, and their counts", run_arrays, FR_EXPORT_SUMS,
     FR_ARRAYS_SAFETENSORS, OF_ROWS, false},
    {"sums", "npz", NULL, run_arrays, FR_EXPORT_SUMS, FR_ARRAYS_NPZ, OF_ROWS, false},
    {"means", "safetensors", "representations: means over mentions", run_arrays, FR_EXPORT_MEANS,
     FR_ARRAYS_SAFETENSORS, OF_ROWS, false},
    {"means", "npz", NULL, run_arrays, FR_EXPORT_MEANS, FR_ARRAYS_NPZ, OF_ROWS, false},
    {"centred", "safetensors", "means without the mean of their kind of concept", run_arrays,
     FR_EXPORT_CENTRED, FR_ARRAYS_SAFETENSORS, OF_ROWS, false},
    {"centred", "npz", NULL, run_arrays, FR_EXPORT_CENTRED, FR_ARRAYS_NPZ, OF_ROWS, false},
    {"cross", "safetensors", "centred, averaged over namings: all, and all but one", run_arrays,
     FR_EXPORT_CROSS, FR_ARRAYS_SAFETENSORS, OF_ROWS, false},
    {"cross", "npz", NULL, run_arrays, FR_EXPORT_CROSS, FR_ARRAYS_NPZ, OF_ROWS, false},
    {"control-vector", "gguf", "one concept's vector, for llama.cpp's --control-vector", run_vector,
     0, 0, OF_VECTORS, false},
    {"traces", "jsonl", "prompt, reasoning, answer; fluidrep import reads it", run_traces, 0,
     FR_TRACE_LINES, OF_TRACES, false},
    {"traces", "messages", "the same as conversations, one a line", run_traces, 0,
     FR_TRACE_MESSAGES, OF_TRACES, false},
    {"tables", "csv", "result tables, and the types of their columns: a directory", run_tables, 0,
     0, 0, true},
    {"figures", "svg", "the report's figures: a directory", run_figures, 0, FR_FIGURE_SVG, 0, true},
    {"figures", "png", NULL, run_figures, 0, FR_FIGURE_PNG, 0, true},
};
enum { N_ROWS = sizeof rows / sizeof *rows };

static void list_all(const struct fr_given *given) {
    (void)given;
    for (int i = 0; i < N_ROWS; i++)
        if (rows[i].help != NULL) {
            struct fr_text formats = {0};
            for (int k = 0; k < N_ROWS; k++)
                if (strcmp(rows[k].what, rows[i].what) == 0)
                    fr_text_printf(&formats, "%s%s", formats.len > 0 ? ", " : "", rows[k].format);
            if (i == 0 || strcmp(rows[i].what, rows[i - 1].what) != 0)
                (void)printf("  %-15s %-17s %s\n", rows[i].what, fr_text_get(&formats),
                             rows[i].help);
            fr_text_release(&formats);
        }
    exit(FR_EXIT_DONE);
}

/* "1-3,7": ascending. */
static void set_list(const struct fr_given *given) {
    struct list *out = (struct list *)(void *)((char *)given->options + given->option->at);
    out->n = 0;
    for (const char *p = given->value;;) {
        char *end;
        const long first = strtol(p, &end, 10);
        long last = first;
        bool good = end > p;
        if (good && *end == '-') {
            p = end + 1;
            last = strtol(p, &end, 10);
            good = end > p;
        }
        good = good && first >= 1 && last >= first && last <= FR_MAX_TOKENS &&
               (out->n == 0 || first > out->items[out->n - 1]) &&
               last - first < MAX_LIST - out->n && (*end == ',' || *end == '\0');
        if (!good)
            argp_error(given->state, "--%s: \"%s\" is no ascending list such as 1-8,40",
                       given->option->name, given->value);
        for (long i = first; i <= last; i++)
            out->items[out->n++] = (int)i;
        if (*end == '\0')
            return;
        p = end + 1;
    }
}

static void set_strength(const struct fr_given *given) {
    struct options *o = given->options;
    char *end;
    o->strength = strtod(given->value, &end);
    if (end == given->value || *end != '\0' || !isfinite(o->strength))
        argp_error(given->state, "--strength: \"%s\" is no number", given->value);
}

static const struct fr_option option_table[] = {
    {FR_WORD(struct options, dir, "of which study? For example studies/demo")},
    {FR_WORD(struct options, what, "what of it? fluidrep export --list shows what there is")},
    {"format", 'f', "FORMAT", "one of those it comes in (default: the first)",
     FR_TEXT(struct options, format)},
    {"out", 'o', "FILE", "where to write: a file, replaced whole, or a directory of files",
     FR_TEXT(struct options, out)},
    {"layers", 0, "LIST", "of arrays: these layers, as 1-8,40 (default: all)", FR_OWN(set_list),
     .at = offsetof(struct options, layers), .bit = LAYERS},
    {"timestamps", 0, "LIST", "of arrays: these, in tokens (default: all)", FR_OWN(set_list),
     .at = offsetof(struct options, timestamps), .bit = TIMESTAMPS},
    {"site", 0, "SITE", "of arrays: block (the default), attention or mlp",
     FR_CHOICE(struct options, site, fr_site_name, FR_SITE_COUNT), .bit = SITE},
    {"traces", 0, "SET",
     "of arrays: over which traces, where collected: all (the default), solved, failed, matched, "
     "half_a, half_b, panel, other_span, same_solved, same_failed, phases_cues, phases_mentions, "
     "groups_solved, groups_failed, groups_same_solved, groups_same_failed",
     FR_CHOICE(struct options, set, fr_trace_set_name, FR_TRACE_SET_COUNT), .bit = SET},
    {"concept", 0, "NAME", "of a control vector: pick-up, on ...", FR_TEXT(struct options, concept),
     .bit = CONCEPT},
    {"vectors", 0, "KIND", "of a control vector: as in experiments (default: cross_all)",
     FR_CHOICE(struct options, kind, fr_vector_kind_name, FR_VECTOR_KIND_COUNT), .bit = VECTORS},
    {"naming", 0, "ID", "of a control vector: whose, for in_naming and others",
     FR_TEXT(struct options, naming), .bit = NAMING},
    {"control", 0, "KIND", "of a control vector: none (the default), shuffled, random, single",
     FR_CHOICE(struct options, control, fr_vector_control_name, FR_VECTOR_CONTROL_COUNT),
     .bit = CONTROL},
    {"strength", 0, "X",
     "of a control vector: multiplies what tells concepts apart (default: 1; below 0 subtracts)",
     FR_OWN(set_strength), .bit = STRENGTH},
    {"model", 'm', "FILE",
     "of traces: the study's GGUF, whose chat template is taken off; its vocabulary is enough "
     "(default: where the study found it)",
     FR_TEXT(struct options, model), .bit = MODEL},
    {"list", 0, NULL, "list what there is, and in which formats", FR_OWN(list_all), .group = 1},
    {0},
};

static const struct row *find_row(const struct options *o, const struct argp_state *state) {
    struct fr_text formats = {0};
    for (int i = 0; i < N_ROWS; i++) {
        if (strcmp(rows[i].what, o->what) != 0)
            continue;
        if (o->format == NULL || strcmp(rows[i].format, o->format) == 0) {
            fr_text_release(&formats);
            return &rows[i];
        }
        fr_text_printf(&formats, "%s%s", formats.len > 0 ? ", " : "", rows[i].format);
    }
    if (formats.len > 0)
        argp_error(state, "%s: no format \"%s\"; there is %s", o->what, o->format,
                   fr_text_get(&formats));
    const char *names[N_ROWS];
    for (int i = 0; i < N_ROWS; i++)
        names[i] = rows[i].what;
    const char *near = fr_nearest(o->what, names, N_ROWS);
    argp_error(state, "nothing is called \"%s\"%s%s; fluidrep export --list shows what there is",
               o->what, near != NULL ? "; the nearest is " : "", near != NULL ? near : "");
    return NULL;
}

static void check_options(const void *options, const struct argp_state *state) {
    const struct options *o = options;
    const struct row *row = find_row(o, state);
    const unsigned wrong = o->given & ~row->options;
    for (const struct fr_option *p = option_table; wrong != 0 && p->kind != FR_OPTION_END; p++)
        if (p->bit == (wrong & -wrong))
            argp_error(state, "--%s means nothing for %s", p->name, row->what);
    if (row->run == run_vector && o->concept == NULL)
        argp_error(state, "of which concept? Give --concept NAME");
    if (o->timestamps.n > 1 && row->run == run_vector)
        argp_error(state, "--timestamps: a control vector is of one");
    if (o->out == NULL)
        argp_error(state, "where to? Give --out FILE");
}

/* ---- what there is --------------------------------------------------------------------------- */

static int run_arrays(const struct job *job, struct fr_error *err) {
    const struct options *o = job->options;
    const struct fr_export_selection selection = {
        .set = (enum fr_trace_set)o->set,
        .site = o->site,
        .n_layers = o->layers.n,
        .layers = o->layers.items,
        .n_timestamps = o->timestamps.n,
        .timestamps = o->timestamps.items,
    };
    return fr_export_arrays(job->study, (enum fr_export_kind)job->row->kind, &selection,
                            (enum fr_array_format)job->row->detail, o->out, err);
}

static int run_tables(const struct job *job, struct fr_error *err) {
    return fr_export_tables(job->study->store, job->options->out, err);
}

static int run_figures(const struct job *job, struct fr_error *err) {
    int n = 0;
    const int code = fr_export_figures(job->study->store, (enum fr_figure_format)job->row->detail,
                                       job->options->out, &n, err);
    fr_text_printf(job->told, "%d figures", n);
    return code;
}

static int run_vector(const struct job *job, struct fr_error *err) {
    const struct options *o = job->options;
    const struct fr_export_vector vector = {
        .kind = (enum fr_vector_kind)o->kind,
        .control = (enum fr_vector_control)o->control,
        .concept = o->concept,
        .naming = o->naming,
        .set = (enum fr_trace_set)o->set,
        .timestamp = o->timestamps.n > 0 ? o->timestamps.items[0] : 0,
        .strength = o->strength,
        .n_layers = o->layers.n,
        .layers = o->layers.items,
    };
    return fr_export_control_vector(job->study, &vector, o->out, err);
}

/* Where the study found its model; of one that an older program made, what its configuration says.
 */
static char *model_of(const struct job *job) {
    struct fr_text found = {0};
    if (fr_store_get_meta(job->study->store, "model_file", &found))
        return fr_text_take(&found);
    return fr_strdup(job->study->config.model_path);
}

static int open_vocabulary(const struct job *job, struct fr_model **out, struct fr_error *err) {
    const struct fr_config *c = &job->study->config;
    const bool given = job->options->model != NULL;
    char *path = given ? fr_strdup(job->options->model) : model_of(job);
    struct fr_model_options options = fr_model_options_defaults();
    options.path = path;
    options.vocabulary_only = true;
    options.chat_template = c->chat_template;
    options.reasoning = c->reasoning;
    int code = FR_OK;
    if (!given && !fr_file_exists(path))
        code =
            fr_fail(err, FR_E_INPUT,
                    "the study's model, %s, is not there from here; give --model FILE.gguf", path);
    else
        code = fr_model_open(out, &options, err);
    free(path);
    return code;
}

static int run_traces(const struct job *job, struct fr_error *err) {
    struct fr_model *model = NULL;
    long n = 0, n_repaired = 0;
    int code = open_vocabulary(job, &model, err);
    if (code == FR_OK)
        code = fr_export_traces(job->study, model, (enum fr_trace_form)job->row->detail,
                                job->options->out, &n, &n_repaired, err);
    fr_text_printf(job->told, "%ld traces", n);
    if (n_repaired > 0)
        fr_text_printf(job->told, ", %ld of them with bytes that were no UTF-8, now U+FFFD",
                       n_repaired);
    fr_model_close(model);
    return code;
}

int fr_command_export(int argc, char **argv) {
    static const struct fr_usage usage =
        {.options = option_table,
         .too_many = "one thing at a time",
         .given = offsetof(struct options, given),
         .check = check_options,
         .arguments = "STUDY WHAT",
         .about =
             "Writes what a study holds for other programs. The study is only read, and may be "
             "running.\vfluidrep export --list shows what there is. Files are told in "
             "docs/formats.md, with the lines that read them."};
    static struct options options;
    struct options *const o = &options;
    o->kind = FR_VECTOR_CROSS_ALL;
    o->strength = 1.0;
    struct fr_error err = {0};
    struct fr_export study = {0};
    struct fr_text told = {0};
    fr_cli_parse(&usage, argc, argv, o);
    struct job job = {.options = o, .row = find_row(o, NULL), .study = &study, .told = &told};
    int code = job.row->bare ? fr_store_open_readonly(&study.store, o->dir, &err)
                             : fr_export_open(&study, o->dir, &err);
    if (code == FR_OK) {
        if (job.row->run != run_figures) /* which writes the study's page and figures anew */
            fr_cli_keep_study(study.store);
        if (!job.row->bare) { /* by the configuration, its paths as they are written */
            fr_file_keep(study.config.model_path);
            fr_file_keep(study.config.traces_path);
            fr_file_keep(study.config.chat_template);
        }
        if (o->model != NULL)
            fr_file_keep(o->model);
        code = job.row->run(&job, &err);
        fr_export_close(&study);
    }
    if (code == FR_OK)
        (void)fprintf(stderr, "%s%s%s\n", o->out, told.len > 0 ? ": " : "", fr_text_get(&told));
    fr_text_release(&told);
    return code == FR_OK ? FR_EXIT_DONE : fr_cli_fail(&err);
}
