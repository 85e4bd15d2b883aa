/* fluidrep tables: a study's tables for other documents, so that no number in them is copied by
 * hand (scripts/results puts them into docs/RESULTS.md). */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "report/report.h"

enum { MAX_TABLES = 64, KEY_MARKDOWN = 256, KEY_LATEX, KEY_CSV, KEY_LIST };

struct options {
    const char *dir, *tables[MAX_TABLES];
    int n_tables;
    enum fr_report_form form;
};

static const struct argp_option option_table[] = {
    {"markdown", KEY_MARKDOWN, NULL, 0, "as GitHub's Markdown (the default)", 0},
    {"latex", KEY_LATEX, NULL, 0, "as LaTeX: tabular, with booktabs", 0},
    {"csv", KEY_CSV, NULL, 0, "as CSV: values with all their digits, columns by their names", 0},
    {"list", KEY_LIST, NULL, 0, "list the tables that there are", 1},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct options *o = state->input;
    switch (key) {
    case KEY_MARKDOWN:
        o->form = FR_REPORT_MARKDOWN;
        return 0;
    case KEY_LATEX:
        o->form = FR_REPORT_LATEX;
        return 0;
    case KEY_CSV:
        o->form = FR_REPORT_CSV;
        return 0;
    case KEY_LIST: {
        struct fr_text help = {0};
        fr_report_table_help(&help);
        (void)fputs(fr_text_get(&help), stdout);
        fr_text_release(&help);
        exit(FR_EXIT_DONE);
    }
    case ARGP_KEY_ARG:
        if (o->dir == NULL)
            o->dir = value;
        else if (o->n_tables < MAX_TABLES)
            o->tables[o->n_tables++] = value;
        else
            argp_error(state, "at most %d tables at a time", MAX_TABLES);
        return 0;
    case ARGP_KEY_END:
        if (o->dir == NULL)
            argp_error(state, "of which study? For example studies/demo");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int fr_command_tables(int argc, char **argv) {
    static const struct argp argp = {.options = option_table,
                                     .parser = parse_option,
                                     .args_doc = "DIR [TABLE...]",
                                     .doc = "Prints the tables of a study's report: those named, "
                                            "or all that have rows. A table of an "
                                            "experiment (effects) is of every experiment; "
                                            "effects:NAME is of one. The study is only "
                                            "read, and may be running."};
    struct options o = {.form = FR_REPORT_MARKDOWN};
    struct fr_error err = {0};
    struct fr_store *store = NULL;
    struct fr_text out = {0};
    fr_cli_parse(&argp, argc, argv, &o);
    int code = fr_store_open_readonly(&store, o.dir, &err);
    if (code == FR_OK)
        code = fr_report_tables(store, o.form, o.tables, o.n_tables, &out, &err);
    if (code == FR_OK)
        (void)fputs(fr_text_get(&out), stdout);
    fr_text_release(&out);
    fr_store_close(store);
    return code == FR_OK ? FR_EXIT_DONE : fr_cli_fail(&err);
}
