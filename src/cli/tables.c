/* fluidrep tables: a study's tables for other documents, so that no number in them is copied by
 * hand (scripts/results puts them into docs/RESULTS.md). */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "report/report.h"

enum { MAX_TABLES = 64 };

struct options {
    const char *dir, *tables[MAX_TABLES];
    int n_tables;
    int form; /* enum fr_report_form */
};

static void list_all(const struct fr_given *given) {
    (void)given;
    struct fr_text help = {0};
    fr_report_table_help(&help);
    (void)fputs(fr_text_get(&help), stdout);
    fr_text_release(&help);
    exit(FR_EXIT_DONE);
}

static void add_table(const struct fr_given *given) {
    struct options *o = given->options;
    if (o->n_tables == MAX_TABLES)
        argp_error(given->state, "at most %d tables at a time", MAX_TABLES);
    o->tables[o->n_tables++] = given->value;
}

static const struct fr_option option_table[] = {
    {FR_WORD(struct options, dir, "of which study? For example studies/demo")},
    {FR_WORDS(add_table)},
    {"markdown", 0, NULL, "as GitHub's Markdown (the default)",
     FR_VALUE(struct options, form, FR_REPORT_MARKDOWN)},
    {"latex", 0, NULL, "as LaTeX: tabular, with booktabs",
     FR_VALUE(struct options, form, FR_REPORT_LATEX)},
    {"csv", 0, NULL, "as CSV: values with all their digits, columns by their names",
     FR_VALUE(struct options, form, FR_REPORT_CSV)},
    {"list", 0, NULL, "list the tables that there are", FR_OWN(list_all), .group = 1},
    {0},
};

int fr_command_tables(int argc, char **argv) {
    static const struct fr_usage usage = {.options = option_table,
                                          .arguments = "DIR [TABLE...]",
                                          .about =
                                              "Prints the tables of a study's report: those named, "
                                              "or all that have rows. A table of an "
                                              "experiment (effects) is of every experiment; "
                                              "effects:NAME is of one. The study is only "
                                              "read, and may be running."};
    struct options o = {.form = FR_REPORT_MARKDOWN};
    struct fr_error err = {0};
    struct fr_store *store = NULL;
    struct fr_text out = {0};
    fr_cli_parse(&usage, argc, argv, &o);
    int code = fr_store_open_readonly(&store, o.dir, &err);
    if (code == FR_OK)
        code =
            fr_report_tables(store, (enum fr_report_form)o.form, o.tables, o.n_tables, &out, &err);
    if (code == FR_OK)
        (void)fputs(fr_text_get(&out), stdout);
    fr_text_release(&out);
    fr_store_close(store);
    return code == FR_OK ? FR_EXIT_DONE : fr_cli_fail(&err);
}
