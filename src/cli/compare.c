/* fluidrep compare: several studies in one report. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/compare.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/output.h"
#include "report/report.h"

struct options {
    const char *out;
    struct fr_compared_study *studies;
    int n, capacity;
    bool json;
};

/* DIR, or NAME=DIR where there is no such directory as the whole. */
static void add_study(const struct fr_given *given) {
    struct options *o = given->options;
    char *equals = strchr(given->value, '=');
    FR_RESERVE(o->studies, o->n, o->capacity);
    struct fr_compared_study *s = &o->studies[o->n++];
    *s = (struct fr_compared_study){.dir = given->value};
    if (equals == NULL || equals == given->value ||
        memchr(given->value, '/', (size_t)(equals - given->value)) != NULL)
        return;
    *equals = '\0';
    *s = (struct fr_compared_study){.dir = equals + 1, .label = given->value};
}

static void check_options(const void *options, const struct argp_state *state) {
    const struct options *o = options;
    if (o->n < 2)
        argp_error(state, "which studies? At least two, the one that others are held against "
                          "first");
    if (o->out == NULL)
        argp_error(state, "where to? --out DIR");
}

static void warn(void *user, const char *text) {
    json_t *warnings = user;
    (void)fprintf(stderr, "fluidrep compare: warning: %s\n", text);
    json_array_append_new(warnings, fr_json_text(text));
}

static json_t *cell(struct fr_query *query, int column, char type) {
    if (type == 't')
        return fr_json_text(fr_query_text(query, column));
    if (fr_query_is_null(query, column))
        return json_null();
    return type == 'i' ? json_integer((json_int_t)fr_query_int(query, column))
                       : json_real(fr_query_double(query, column));
}

/* Rows as objects. types: a letter each, as of fr_store_run. */
static int rows(struct fr_store *store, const char *sql, const char *types, json_t *out,
                struct fr_error *err) {
    struct fr_query *query;
    const int code = fr_query_open(&query, store, err, sql, "");
    if (code != FR_OK)
        return code;
    while (fr_query_next(query)) {
        json_t *row = json_object();
        for (int c = 0; c < fr_query_n_columns(query); c++)
            json_object_set_new(row, fr_query_column(query, c), cell(query, c, types[c]));
        json_array_append_new(out, row);
    }
    return fr_query_close(query, err);
}

static double number(const json_t *row, const char *key) {
    return json_number_value(json_object_get(row, key));
}

static int print(struct fr_store *store, bool as_json, const char *report, json_t *warnings,
                 struct fr_error *err) {
    static const char studies_sql[] =
        "SELECT s.label, s.model, s.kind, s.traces, s.n_traces, s.same_traces, s.layers,"
        " s.curve_layer, c.accuracy AS clean, (SELECT avg(accuracy) FROM compared_accuracy m WHERE"
        " m.label = s.label AND m.role <> 'clean') AS mystery FROM compared_study s LEFT JOIN"
        " compared_accuracy c ON c.label = s.label AND c.role = 'clean' ORDER BY s.position";
    static const char rises_sql[] =
        "SELECT r.label, r.kind, first_timestamp, last_timestamp, n_namings, plain, rise, "
        "explained,"
        " low, high FROM compared_rise r JOIN compared_study USING (label)"
        " ORDER BY position, r.kind";
    static const char apart_sql[] = "SELECT label, keys FROM compared_apart JOIN compared_study "
                                    "USING (label) ORDER BY position";
    json_t *studies = json_array(), *rises = json_array(), *apart = json_array(), *row;
    size_t i;
    int code = rows(store, studies_sql, "ttttiiiidd", studies, err);
    if (code == FR_OK)
        code = rows(store, rises_sql, "ttiiiddddd", rises, err);
    if (code == FR_OK)
        code = rows(store, apart_sql, "tt", apart, err);
    if (code == FR_OK && as_json) {
        fr_print_json(json_pack("{s:o, s:O, s:O, s:O, s:O}", "report", fr_json_text(report),
                                "studies", studies, "rises", rises, "apart", apart, "warnings",
                                warnings));
    } else if (code == FR_OK) {
        json_array_foreach(rises, i, row) {
            const json_t *share = json_object_get(row, "explained");
            const bool told = json_is_number(share) && json_is_number(json_object_get(row, "low"));
            (void)printf("%s, %ss: rises by %.2f where the first rises by %.2f",
                         json_string_value(json_object_get(row, "label")),
                         json_string_value(json_object_get(row, "kind")),
                         fr_shown(number(row, "rise"), 2), fr_shown(number(row, "plain"), 2));
            if (told)
                (void)printf(": %.0f%% of it (95%% %.0f to %.0f%%)",
                             fr_shown(100 * json_number_value(share), 0),
                             fr_shown(100 * number(row, "low"), 0),
                             fr_shown(100 * number(row, "high"), 0));
            (void)printf("\n");
        }
        json_array_foreach(apart, i, row)(void)
            printf("%s: no rise is held against the first's, for other %s\n",
                   json_string_value(json_object_get(row, "label")),
                   json_string_value(json_object_get(row, "keys")));
        (void)printf("report: %s\n", report);
    }
    json_decref(studies);
    json_decref(rises);
    json_decref(apart);
    return code;
}

int fr_command_compare(int argc, char **argv) {
    static const struct fr_option options[] =
        {{"out", 'o', "DIR", "directory of the comparison; one that is there is made anew",
          FR_TEXT(struct options, out)},
         {"json", 'j', NULL, "the numbers as JSON on standard output",
          FR_FLAG(struct options, json)},
         {FR_WORDS(add_study)},
         {0}};
    static const struct fr_usage usage =
        {.options = options,
         .check = check_options,
         .arguments = "[NAME=]STUDY [NAME=]STUDY...",
         .about =
             "Puts several studies into one report: the models' curves in one figure, their "
             "separation of concepts by depth, their accuracies as the paper's table 1 has them. "
             "The others are held against the first: which share of its curve's rise they have "
             "too, over the namings of both. A study of the same traces with scrambled weights "
             "(fluidrep scramble) tells what text and architecture give by themselves. Studies are "
             "only read.\v"
             "Refused: another domain, other words under a naming's name, a study without results "
             "or with tables of another version. Settings that differ are warned of by their keys. "
             "fluidrep tables DIR prints its tables (docs/compare.md). Exit status: 0 done, 1 "
             "failed, 2 misuse or bad input."};
    struct options o = {0};
    struct fr_error err = {0};
    struct fr_store *store = NULL;
    char *report = NULL;
    fr_cli_parse(&usage, argc, argv, &o);
    json_t *warnings = json_array();
    int code = fr_compare(o.out, o.studies, o.n, warn, warnings, &store, &err);
    if (code == FR_OK)
        code = fr_report_write(store, &report, &err);
    if (code == FR_OK)
        code = print(store, o.json, report, warnings, &err);
    fr_store_close(store);
    json_decref(warnings);
    free(report);
    free(o.studies);
    return code == FR_OK ? FR_EXIT_DONE : fr_cli_fail(&err);
}
