/* Tables for other documents: small ones as they are to stand there, what is special in each markup
 * kept from meaning something, and what is said of what is not there. */
#include "test.h"

#include <stdbool.h>
#include <string.h>

#include "report/report.h"
#include "report/table.h"
#include "synthetic_study.h"

struct fixture {
    struct fr_store *store;
    struct fr_text out;
    struct fr_error err;
};

static void begin(struct fixture *f, enum fr_synthetic kind) {
    *f = (struct fixture){0};
    f->store = fr_synthetic_open(kind);
}

static void end(struct fixture *f) {
    fr_text_release(&f->out);
    fr_synthetic_close(f->store);
}

static void run(struct fixture *f, const char *sql) {
    assert_ok(fr_store_run(f->store, &f->err, sql, ""), f->err);
}

/* The table of that name in that form is exactly this. */
static void assert_table(struct fixture *f, const char *name, enum fr_report_form form,
                         const char *expected) {
    fr_text_clear(&f->out);
    assert_ok(fr_report_tables(f->store, form, &name, 1, &f->out, &f->err), f->err);
    assert_string_equal(fr_text_get(&f->out), expected);
}

/* Two numbers, one with everything that means something in Markdown, LaTeX or CSV. */
static void make_headlines(struct fixture *f) {
    run(f, "DELETE FROM headline");
    run(f, "INSERT INTO headline (position, name, unit, value, low, high, text) VALUES"
           " (1, 'in_naming', 'points', -0.0143, -0.031, 0.002, 'plain'),"
           " (2, 'odd', 'p', 0.0004, NULL, NULL,"
           " 'a|b *c* <i> & 50% $x$ #1 {y} ~ ^ \\ \"q\", `z` [l](u)' || char(10) || 'end')");
}

static void markdown_is_github_s(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_BARE);
    make_headlines(&f);
    assert_table(&f, "headlines", FR_REPORT_MARKDOWN,
                 "Headline numbers.\n\n"
                 "| Number | Value | 95% interval | What it is |\n"
                 "| --- | ---: | ---: | --- |\n"
                 "| in_naming | \xe2\x88\x92"
                 "1.43 | \xe2\x88\x92"
                 "3.10 to +0.20 | plain |\n"
                 "| odd | <0.001 | \xe2\x80\x94 | a\\|b \\*c\\* &lt;i> & 50% $x$ #1 {y} ~ ^ "
                 "\\\\ \"q\", \\`z\\` [l]\\(u)<br>end |\n");
    end(&f);
}

static void latex_is_a_table_of_booktabs(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_BARE);
    make_headlines(&f);
    assert_table(
        &f, "headlines", FR_REPORT_LATEX,
        "\\begin{table}\n\\caption{Headline numbers.}\n\\label{tab:headlines}\n"
        "\\begin{tabular}{lrrl}\n\\toprule\n"
        "Number & Value & 95\\% interval & What it is \\\\\n\\midrule\n"
        "in\\_naming & $-$1.43 & $-$3.10 to +0.20 & plain \\\\\n"
        "odd & $<$0.001 & --- & a$|$b *c* $<$i$>$ \\& 50\\% \\$x\\$ \\#1 \\{y\\} "
        "\\textasciitilde{} \\textasciicircum{} \\textbackslash{} ''q'', `z` [l](u) end \\\\\n"
        "\\bottomrule\n\\end{tabular}\n\\end{table}\n");
    end(&f);
}

static void csv_has_the_values_as_they_are_stored(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_BARE);
    make_headlines(&f);
    assert_table(&f, "headlines", FR_REPORT_CSV,
                 "name,unit,value,unit_of_interval,low,high,text\r\n"
                 "in_naming,points,-0.0143,points,-0.031,0.002,plain\r\n"
                 "odd,p,0.00040000000000000002,p,,,"
                 "\"a|b *c* <i> & 50% $x$ #1 {y} ~ ^ \\ \"\"q\"\", `z` [l](u)\nend\"\r\n");
    end(&f);
}

/* What the page sets over a group of rows stands in front of each here; totals and what must not
 * be overlooked are bold. */
static void groups_are_columns_and_flags_are_bold(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    run(&f, "DELETE FROM effect WHERE NOT (experiment = 'positive' AND condition IN"
            " ('in_naming, layer 3', 'identity, layer 2'))");
    run(&f,
        "UPDATE effect SET n_namings = 19, n_pairs = 722, mean = 0.0315, standard_error = 0.0104,"
        " t = 3.014, p = 0.0037, p_holm = 0.045, p_flip = 0.0042, p_max = 0.031, low = -0.0007, "
        "high = 0.0591,"
        " p_permutation = 0.0071, gained = 38, lost = 15, p_mcnemar = 0.0022, changed = 156,"
        " detectable = 0.0271");
    assert_table(&f, "effects:positive", FR_REPORT_MARKDOWN,
                 "Experiment positive. Effects in percentage points of accuracy. About namings in "
                 "general: the interval, t, p (one-sample, one-tailed, over namings), Holm p, Flip "
                 "p and Max p (flips of whole namings; Holm and Max corrected over the family). "
                 "About other puzzles of these namings only: Pairs p and McNemar p, which take the "
                 "pairs of a naming for independent. Tests over namings need two, a standard error "
                 "some variance; where they lack, a dash.\n\n"
                 "| Condition | Edit | Effect | s.e. | 95% interval | t | p | Holm p | Flip p | "
                 "Max p | Pairs p | Gained | Lost | McNemar p | Changed | Verdicts % | Floor % | "
                 "Namings | Pairs | "
                 "Not edited | Detectable |\n"
                 "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | "
                 "---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
                 "| in_naming | layer 3 | +3.15 | 1.04 | \xe2\x88\x92"
                 "0.07 to +5.91 | 3.01 | 0.004 | 0.045 | 0.004 | 0.031 | 0.007 | 38 | 15 | 0.002 | "
                 "156 | 7.3 | \xe2\x80\x94 | 19 | 722 | 0 | 2.71 |\n"
                 "| **identity (control)** | **layer 2** | **+3.15** | **1.04** | **\xe2\x88\x92"
                 "0.07 to +5.91** | **3.01** | **0.004** | **0.045** | **0.004** | **0.031** | "
                 "**0.007** | **38** | **15** | **0.002** | **156** | **7.3** | **\xe2\x80\x94** | "
                 "**19** | **722** | **0** | **2.71** |\n");
    end(&f);
}

/* Timestamps go across: their columns come from the data. */
static void similarity_has_a_column_for_each_timestamp_shown(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_BARE);
    run(&f, "DELETE FROM similarity WHERE timestamp NOT IN (100, 200) OR kind = 'predicate'");
    run(&f, "UPDATE similarity SET mean = iif(relation = 'same', 0.5, -0.25)"
            " + iif(timestamp = 100, 0, 0.1) - iif(variant = 'loo', 0, 0.604)");
    assert_table(&f, "similarity", FR_REPORT_CSV,
                 "concepts,layer,at_100,at_200,shuffled\r\n"
                 "actions,1,0.50 (\xe2\x88\x92"
                 "0.25),0.60 (\xe2\x88\x92"
                 "0.15),0.00\r\n");
    end(&f);
}

static void a_sweep_of_something_else_than_layers_is_told_by_its_values(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    const char *const name = "effects:shares";
    assert_ok(fr_report_tables(f.store, FR_REPORT_MARKDOWN, &name, 1, &f.out, &f.err), f.err);
    const char *at = fr_text_get(&f.out);
    static const char *const rows[] = {"| in_naming | s = 0.333 |", "| in_naming | s = 0.5 |",
                                       "| in_naming | s = 0.667 |", "| in_naming | s = 0.8 |",
                                       "| in_naming, shuffled (control) | s = 0.333 |"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        at = strstr(at, rows[i]);
        if (at == NULL)
            fail_msg("%s is missing, or not in its place", rows[i]);
    }
    end(&f);
}

/* Where what is common to conditions does not tell them apart, they keep their whole series. */
static void conditions_that_would_look_alike_keep_their_names(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    run(&f, "UPDATE edit SET scale = 0.5 WHERE scale = 0.8");
    const char *const name = "effects:shares";
    assert_ok(fr_report_tables(f.store, FR_REPORT_MARKDOWN, &name, 1, &f.out, &f.err), f.err);
    assert_non_null(strstr(fr_text_get(&f.out), "| in_naming, scale 0.5 | s = 0.5 |"));
    assert_non_null(strstr(fr_text_get(&f.out), "| in_naming, scale 0.8 | s = 0.5 |"));
    end(&f);
}

static void hostile_names_stay_text_in_every_form(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_HOSTILE);
    assert_ok(fr_report_tables(f.store, FR_REPORT_MARKDOWN, NULL, 0, &f.out, &f.err), f.err);
    assert_null(strstr(fr_text_get(&f.out), "<script"));
    assert_null(strstr(fr_text_get(&f.out), "<!--"));
    assert_non_null(strstr(fr_text_get(&f.out), "&lt;script>alert(1)"));
    for (const char *line = fr_text_get(&f.out); line != NULL && *line != '\0';
         line = strchr(line, '\n') != NULL ? strchr(line, '\n') + 1 : NULL)
        assert_true(*line != '|' || strcspn(line, "\n") == 0 ||
                    line[strcspn(line, "\n") - 1] == '|');
    fr_text_clear(&f.out);
    assert_ok(fr_report_tables(f.store, FR_REPORT_LATEX, NULL, 0, &f.out, &f.err), f.err);
    for (const char *c = fr_text_get(&f.out); (c = strchr(c, '&')) != NULL; c++)
        assert_true(c[-1] == '\\' || (c[-1] == ' ' && c[1] == ' '));
    end(&f);
}

static void what_is_missing_is_said_and_what_is_unknown_refused(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_EMPTY);
    assert_table(&f, "verdicts", FR_REPORT_MARKDOWN,
                 "No verdicts: no rollouts have been judged yet.\n");
    assert_table(&f, "effects", FR_REPORT_MARKDOWN,
                 "No effects: this experiment has no finished runs.\n");
    assert_table(&f, "verdicts", FR_REPORT_CSV, "");
    static const struct {
        const char *name, *said;
    } wrong[] = {
        {"verdict", "no table \"verdict\"; the nearest is verdicts"},
        {"effects:positive", "no experiment \"positive\""},
        {"verdicts:positive", "verdicts:positive: the table verdicts is not one of experiments"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        fr_text_clear(&f.out);
        assert_int_equal(fr_report_tables(f.store, FR_REPORT_MARKDOWN, &wrong[i].name, 1, &f.out,
                                          &f.err),
                         FR_E_INPUT);
        assert_string_equal(f.err.text, wrong[i].said);
        assert_int_equal(f.out.len, 0);
    }
    end(&f);
}

/* Table 1 is of the paper's naming 1, whatever its id is here; where there is none, of all in the
 * mean; and says so in print. */
static void table_1_says_what_mystery_is(void **state) {
    (void)state;
    static const char head[] =
        "| Model | Kind | CoT | Clean % | Tokens | Unparsed % | Mystery is | "
        "Mystery % | Tokens | Unparsed % | Preserved % |\n";
    static const struct {
        const char *sql, *row;
    } cases[] = {
        {"UPDATE accuracy SET paper_naming = '1' WHERE naming = '2'",
         "naming 2, the paper's 1** | **30.0** | **300** | **5.0** | **31.0** |\n"},
        {"UPDATE accuracy SET paper_naming = nullif(naming, '2')",
         "naming 1** | **70.0** | **100** | **15.0** | **73.0** |\n"},
        {"UPDATE accuracy SET paper_naming = NULL, paper_accuracy = NULL",
         "mean over 2** | **50.0** | **200** | **10.0** | **52.0** |\n"},
        {"DELETE FROM accuracy WHERE naming = '1'",
         "mean over 1** | **30.0** | **300** | **5.0** | **31.0** |\n"},
    };
    struct fixture f;
    const char *const name = "models";
    begin(&f, FR_SYNTHETIC_FULL);
    run(&f, "DELETE FROM accuracy WHERE naming NOT IN ('clean', '1', '2')");
    run(&f,
        "UPDATE accuracy SET n = 60, paper_naming = NULL, accuracy = iif(naming = '1', 0.7, 0.3),"
        " mean_reasoning_tokens = iif(naming = '1', 100, 300), unparsed = iif(naming = '1', 9,"
        " 3), preserved = iif(naming = '1', 0.73, 0.31) WHERE naming <> 'clean'");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        run(&f, cases[i].sql);
        fr_text_clear(&f.out);
        assert_ok(fr_report_tables(f.store, FR_REPORT_MARKDOWN, &name, 1, &f.out, &f.err), f.err);
        if (strstr(fr_text_get(&f.out), head) == NULL ||
            strstr(fr_text_get(&f.out), cases[i].row) == NULL)
            fail_msg("no \"%s\" in %s", cases[i].row, fr_text_get(&f.out));
    }
    end(&f);
}

/* The paper's words beside figures of the same kind: of vectors mixed in, against the unedited run,
 * and not of controls, other operations or what edited nothing. */
static void statements_compare_like_with_like(void **state) {
    (void)state;
    static const char *const rows[] = {
        "| under naming 1 33%, after steering up to 43% | 40%, after steering up to 60% (positive: "
        "in_naming, layer 3) |",
        "| similarity stops rising at about 7,000 tokens | first at 90% of its highest (0.50 "
        "at 160 tokens) at 160 tokens |",
        "| 0.75 not centred, ",
        "| the largest gain of one naming is 10 points | +30.0 points: naming 2 (positive: "
        "cross_loo, layer 2) |",
        "| 1 of 6 with p < 0.05: +2.5 to +2.5 points |",
        "at layers up to 10 | layer 2: +1.0, layer 3: -2.0 points (of 4 layers) |",
        "than random ones | layer 2: cross +4.0, in +0.5, random +1.0; layer 3: cross +0.5, in +2.5"
        ", random -2.0 points |",
        "help from 30 on | layer 2: -9.0, layer 3: -9.0 points (of 4 layers) |",
        "| steering the base model on QwQ's traces shows no effect | \xe2\x80\x94 of a study of "
        "recorded traces",
        "| against representations at 2,000 tokens alone the curve does not rise | \xe2\x80\x94 "
        "not",
        "layer 30 gave the same | 0.50 at layer 3, 0.50 at layer 2 of 4, at 160 tokens |",
    };
    static const char *const changes[] = {
        "DELETE FROM similarity WHERE timestamp > 240",
        "UPDATE similarity SET mean = CASE WHEN timestamp = reference_timestamp THEN 0.9 WHEN"
        " timestamp >= 160 THEN 0.5 ELSE 0.1 END",
        "UPDATE pair_similarity SET mean = 0.75 WHERE centring = 'raw' AND relation = 'different'",
        "DELETE FROM effect WHERE condition LIKE 'cross_all%' OR experiment = 'shares' AND"
        " condition LIKE '%scale 0.3%'",
        "UPDATE effect SET p = 0.2, mean = 0.005",
        /* what no claim about steering is of */
        "UPDATE effect SET mean = 0.99, p = 0.001 WHERE experiment = 'symbolic' OR condition LIKE"
        " 'identity%'",
        "UPDATE effect SET mean = -0.09, p = 0.001 WHERE condition LIKE '%shuffled%'",
        "UPDATE effect SET mean = iif(condition LIKE '%layer 2', 0.01, -0.02), p = 0.001 WHERE"
        " condition LIKE '%random%'",
        "UPDATE effect SET mean = 0.025, p = 0.01 WHERE condition = 'in_naming, layer 3' AND"
        " experiment = 'positive'",
        "UPDATE effect SET mean = 0.04 WHERE condition = 'cross_loo, layer 2'",
        "UPDATE effect SET mean = 0.99, p = 0.001, unedited = n_pairs WHERE experiment = 'shares' "
        "AND"
        " condition LIKE '%scale 0.8%'",
        "UPDATE effect_naming SET n = 10, against_solved = 4, solved = 4, effect = 0",
        "UPDATE effect_naming SET solved = 10, effect = 0.6 WHERE condition LIKE '%shuffled%' OR"
        " experiment = 'symbolic'",
        "UPDATE effect_naming SET solved = 6, effect = 0.2 WHERE condition = 'in_naming, layer 3' "
        "AND"
        " naming = '1' AND experiment = 'positive'",
        "UPDATE effect_naming SET solved = 7, effect = 0.3 WHERE condition = 'cross_loo, layer 2' "
        "AND"
        " naming = '2'",
    };
    struct fixture f;
    const char *const name = "statements";
    begin(&f, FR_SYNTHETIC_FULL);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        run(&f, changes[i]);
    assert_ok(fr_report_tables(f.store, FR_REPORT_MARKDOWN, &name, 1, &f.out, &f.err), f.err);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strstr(fr_text_get(&f.out), rows[i]) == NULL)
            fail_msg("no \"%s\" in %s", rows[i], fr_text_get(&f.out));
    end(&f);
}

/* Once all has finished, that nothing has is no reason. */
static void what_finished_and_says_nothing_says_why(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    static const char *const empty[] = {"headline", "claim", "effect"};
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        char sql[64];
        (void)snprintf(sql, sizeof sql, "DELETE FROM %s", empty[i]);
        run(&f, sql);
    }
    run(&f, "UPDATE similarity SET mean = NULL");
    assert_table(
        &f, "headlines", FR_REPORT_MARKDOWN,
        "No headline numbers: no action "
        "has the 10 mentions that representations.min_mentions asks for, under two namings "
        "at the reference timestamp; no experiment has a pair of runs. All that the "
        "configuration asks for has finished.\n");
    run(&f, "UPDATE stage SET done = 0 WHERE name = 'statistics'");
    assert_table(&f, "headlines", FR_REPORT_MARKDOWN,
                 "No headline numbers: no analysis of this study has finished.\n");
    assert_table(&f, "claims", FR_REPORT_MARKDOWN,
                 "No answer yet: none of the analyses that give one has finished.\n");
    end(&f);
}

/* Of a study whose tables are of another version, not even those that happen to be alike. */
static void tables_of_another_version_are_refused(void **state) {
    (void)state;
    static const char *const changes[] =
        {"UPDATE result_table SET definition = 'x' WHERE name = 'effect'", "DROP TABLE effect"};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct fixture f;
        begin(&f, FR_SYNTHETIC_FULL);
        run(&f, changes[i]);
        const char *const name = "verdicts";
        assert_int_equal(fr_report_tables(f.store, FR_REPORT_MARKDOWN, &name, 1, &f.out, &f.err),
                         FR_E_CONFLICT);
        assert_non_null(strstr(f.err.text, "its table effect was made by another version"));
        assert_int_equal(f.out.len, 0);
        end(&f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markdown_is_github_s),
        cmocka_unit_test(latex_is_a_table_of_booktabs),
        cmocka_unit_test(csv_has_the_values_as_they_are_stored),
        cmocka_unit_test(groups_are_columns_and_flags_are_bold),
        cmocka_unit_test(similarity_has_a_column_for_each_timestamp_shown),
        cmocka_unit_test(a_sweep_of_something_else_than_layers_is_told_by_its_values),
        cmocka_unit_test(conditions_that_would_look_alike_keep_their_names),
        cmocka_unit_test(hostile_names_stay_text_in_every_form),
        cmocka_unit_test(what_is_missing_is_said_and_what_is_unknown_refused),
        cmocka_unit_test(table_1_says_what_mystery_is),
        cmocka_unit_test(statements_compare_like_with_like),
        cmocka_unit_test(what_finished_and_says_nothing_says_why),
        cmocka_unit_test(tables_of_another_version_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
