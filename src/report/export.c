/* The report's tables for other documents; see report.h. */
#include <stdlib.h>
#include <string.h>

#include "analyses/analysis.h"
#include "analyses/compare.h"
#include "base/memory.h"
#include "report/report.h"
#include "report/sections.h"
#include "report/table.h"

const char *const fr_report_form_name[FR_REPORT_FORM_COUNT] = {"markdown", "latex", "csv"};

static const struct fr_markup *const markups[FR_REPORT_FORM_COUNT] = {&fr_markup_markdown,
                                                                      &fr_markup_latex,
                                                                      &fr_markup_csv};

void fr_report_table_help(struct fr_text *out) {
    const struct fr_table *table;
    for (int i = 0; (table = fr_table_at(i)) != NULL; i++)
        fr_text_printf(out, "  %-16s %s%s\n", table->name, table->caption,
                       table->per_experiment      ? " (of each experiment)"
                       : fr_table_compares(table) ? " (of a comparison)"
                                                  : "");
}

struct export {
    struct fr_page page;
    const struct fr_markup *markup;
    struct fr_text *out;
    int n_experiments;
    const char **experiments; /* their names */
    bool named;               /* asked for by name */
    bool compares;            /* the store is a comparison */
};

static void add(struct export *x, const struct fr_table *table, const char *experiment) {
    struct fr_text one = {0};
    x->page.experiment = experiment;
    const int n = fr_table_render(&x->page, table, x->markup, &one);
    if (n == 0 && x->named && !x->markup->is_raw)
        fr_text_printf(&one, "%s\n", fr_table_missing(&x->page, table));
    fr_text_printf(x->out, "%s%s", x->out->len > 0 && one.len > 0 ? "\n" : "", fr_text_get(&one));
    fr_text_release(&one);
}

static int fail_unknown(struct export *x, const char *what, const char *name,
                        const char *const *known, int n) {
    const char *near = fr_nearest(name, known, n);
    return x->page.code =
               fr_fail(x->page.err, FR_E_INPUT, "no %s \"%s\"%s%s", what, name,
                       near != NULL ? "; the nearest is " : "", near != NULL ? near : "");
}

/* NAME or NAME:EXPERIMENT. */
static int add_named(struct export *x, const char *name) {
    const size_t n = strcspn(name, ":");
    const char *wanted = name[n] == ':' ? name + n + 1 : NULL;
    const char *plain = fr_page_keep(&x->page, fr_strndup(name, n));
    const struct fr_table *table = fr_table_find(plain);
    if (table == NULL || (wanted != NULL && !table->per_experiment)) {
        const int n_known = fr_n_study_tables + fr_n_comparison_tables;
        const char **known = fr_alloc((size_t)n_known, sizeof *known);
        for (int i = 0; i < n_known; i++)
            known[i] = fr_table_at(i)->name;
        const int code = table == NULL
                             ? fail_unknown(x, "table", plain, known, n_known)
                             : fr_fail(x->page.err, FR_E_INPUT,
                                       "%s: the table %s is not one of experiments", name, plain);
        free(known);
        return x->page.code = code;
    }
    const bool compares = fr_table_compares(table);
    if (compares != x->compares)
        return x->page.code =
                   fr_fail(x->page.err, FR_E_INPUT, "the table %s is of a %s, and %s is a %s", name,
                           compares ? "comparison" : "study", fr_store_dir(x->page.store),
                           x->compares ? "comparison" : "study");
    if (!table->per_experiment) {
        add(x, table, NULL);
        return x->page.code;
    }
    bool found = false;
    for (int i = 0; i < x->n_experiments; i++)
        if (wanted == NULL || strcmp(wanted, x->experiments[i]) == 0) {
            add(x, table, x->experiments[i]);
            found = true;
        }
    if (!found && wanted != NULL)
        return fail_unknown(x, "experiment", wanted, x->experiments, x->n_experiments);
    if (!found)
        add(x, table, NULL);
    return x->page.code;
}

int fr_report_check(struct fr_store *store, struct fr_error *err) {
    struct fr_result_table *tables;
    const int n = fr_analyses_tables(&tables);
    const int code = fr_compare_is(store) ? fr_store_check_results(store, fr_compared_tables,
                                                                   fr_n_compared_tables, err)
                                          : fr_store_check_results(store, tables, n, err);
    free(tables);
    return code;
}

int fr_report_tables(struct fr_store *store, enum fr_report_form form, const char *const *names,
                     int n, struct fr_text *out, struct fr_error *err) {
    struct fr_error unread = {0};
    struct fr_text all = {0};
    struct export x = {.page = {.store = store, .err = err != NULL ? err : &unread},
                       .markup = markups[form],
                       .out = &all,
                       .named = n > 0};
    x.compares = fr_compare_is(store);
    x.page.code = fr_report_check(store, x.page.err);
    x.experiments = fr_page_experiments(&x.page, &x.n_experiments);
    const struct fr_table *table;
    for (int i = 0; x.page.code == 0 && i < n; i++)
        (void)add_named(&x, names[i]);
    for (int i = 0; x.page.code == 0 && n == 0 && (table = fr_table_at(i)) != NULL; i++)
        if (fr_table_compares(table) == x.compares)
            (void)add_named(&x, table->name);
    if (x.page.code == 0)
        fr_text_append(out, fr_text_get(&all), all.len);
    const int code = x.page.code;
    fr_text_release(&all);
    free(x.experiments);
    fr_page_release(&x.page);
    return code;
}
