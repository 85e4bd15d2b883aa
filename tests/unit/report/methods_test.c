/* The methods as prose, of made-up studies: what a study did is said, as it did it, and nothing
 * else. */
#include "test.h"

#include <stdbool.h>
#include <string.h>

#include "report/report.h"
#include "synthetic_study.h"

struct fixture {
    struct fr_store *store;
    struct fr_error err;
};

static void begin(struct fixture *f, enum fr_synthetic kind) {
    *f = (struct fixture){0};
    f->store = fr_synthetic_open(kind);
}

static void end(struct fixture *f) { fr_synthetic_close(f->store); }

static const char *methods_of(struct fixture *f, struct fr_text *out) {
    static const char *const name[] = {"methods"};
    fr_text_clear(out);
    assert_ok(fr_report_tables(f->store, FR_REPORT_MARKDOWN, name, 1, out, &f->err), f->err);
    return fr_text_get(out);
}

static void the_methods_tell_of_sets_sites_and_prompts_where_they_are(void **state) {
    (void)state;
    static const char configuration[] =
        "study: s\nprompt.style: planbench\nprompt.chat_template: chatml\nprompt.fact_order: "
        "paper\n"
        "prompt.system: detailed thinking on\nprompt.instruction: Think first.\n"
        "prompt.instruction_first: true\nprompt.preset: none\nprompt.reasoning: tags\n"
        "representations.matched_mentions: 7\nrepresentations.solved_traces: 12\n"
        "representations.panel_end: 240\nrepresentations.grid_end: 600\n"
        "representations.previous_token: true\n";
    static const char *const wanted[] =
        {"The message was put into the chat template chatml.",
         "in the order of the clean words under every naming",
         "The system message was \"detailed thinking on\".",
         "Before the question stood the instruction \"Think first.\".",
         "the mark that ends its reasoning",
         "7 mentions in every cell",
         "each half of the puzzles",
         "reach T = 240",
         "mentions without the token before their word",
         "at most 12",
         "mentions of a phase of the reasoning",
         "what each layer's attention and its MLP add",
         "what each head of attention gives",
         "where the weight of each head lies"};
    static const char *const rows[][2] = {{"all", "block"},         {"solved", "block"},
                                          {"failed", "block"},      {"matched", "block"},
                                          {"half_a", "block"},      {"half_b", "block"},
                                          {"panel", "block"},       {"other_span", "block"},
                                          {"phases_cues", "block"}, {"phases_mentions", "block"},
                                          {"all", "attention"},     {"all", "mlp"},
                                          {"all", "heads"},         {"all", "sources"}};
    struct fixture f;
    struct fr_text out = {0};
    begin(&f, FR_SYNTHETIC_FULL);
    const char *text = methods_of(&f, &out);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (strstr(text, wanted[i]) != NULL)
            fail_msg("said of a study without: %s", wanted[i]);
    assert_null(strstr(text, "| Sets |"));
    assert_null(strstr(text, "| Sites |"));
    assert_ok(fr_store_set_meta(f.store, "configuration", configuration, &f.err), f.err);
    assert_ok(fr_store_set_meta(f.store, "model_kind", "reasoning", &f.err), f.err);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char file[64];
        (void)snprintf(file, sizeof file, "reps/1-%s-%s", rows[i][0], rows[i][1]);
        assert_ok(fr_store_run(f.store, &f.err,
                               "INSERT INTO sums SELECT ?, id, ?, ?, 3, '', '', 1, 1 FROM naming"
                               " ORDER BY position LIMIT 1",
                               "ttt", file, rows[i][0], rows[i][1]),
                  f.err);
    }
    text = methods_of(&f, &out);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (strstr(text, wanted[i]) == NULL)
            fail_msg("not said: %s\n%s", wanted[i], text);
    fr_text_release(&out);
    end(&f);
}

static void assert_said(const char *text, const char *const *wanted, size_t n, bool said) {
    for (size_t i = 0; i < n; i++)
        if ((strstr(text, wanted[i]) != NULL) != said)
            fail_msg("%s: %s\n%s", said ? "not said" : "said", wanted[i], text);
}

/* What an experiment has otherwise than by default is in the prose, and nothing else is. */
static void the_methods_tell_of_all_that_an_experiment_sets(void **state) {
    (void)state;
    static const char *const wanted[] =
        {"of solved traces or all traces",
         "of this study or the study elsewhere",
         "with strength 1 or 3",
         "into the mentions of actions that stand in the prompt of the window [220, 260), of each "
         "concept the first 2, ",
         "Where nothing else is said, vectors are of the first",
         "2 of the puzzles that are evaluated are, up to the names of their objects, among those "
         "that the vectors of elsewhere were collected on."};
    static const char *const always[] = {
        "left out of every condition of that window, the baseline too.",
        "Strength multiplies what tells concepts apart", /* of the symbolic experiment */
    };
    static const char *const never[] = {"Traces that end before the window"};
    struct fixture f;
    struct fr_text out = {0};
    begin(&f, FR_SYNTHETIC_FULL);
    const char *text = methods_of(&f, &out);
    assert_said(text, wanted, sizeof wanted / sizeof *wanted, false);
    assert_said(text, always, sizeof always / sizeof *always, true);
    assert_said(text, never, 1, false);
    assert_non_null(strstr(text, "into the mentions of the window [220, 260), "));
    assert_ok(fr_store_run(f.store, &f.err,
                           "UPDATE edit SET concepts = 'actions', mentions = 'prompt',"
                           " first_mentions = 2 WHERE operation <> 'none'",
                           ""),
              f.err);
    assert_ok(fr_store_run(f.store, &f.err,
                           "UPDATE edit SET traces = 'all', strength = 3, definition = definition"
                           " || ' from=elsewhere window=220-260' WHERE id = (SELECT edit FROM"
                           " condition WHERE experiment = 'positive' AND role = 'matched' ORDER BY"
                           " position LIMIT 1)",
                           ""),
              f.err);
    assert_ok(fr_store_set_meta(f.store, "vectors_from_shared", "elsewhere\t2\n", &f.err), f.err);
    text = methods_of(&f, &out);
    assert_said(text, wanted, sizeof wanted / sizeof *wanted, true);
    fr_text_release(&out);
    end(&f);
}

/* Held out, and how many puzzles there are, is what the study's puzzles say. */
static void the_methods_tell_what_the_puzzles_are_to_each_other(void **state) {
    (void)state;
    static const char apart[] = "Puzzles that differ only in the names of their objects are never "
                                "in both.";
    static const char *const keys[] = {"shared_evaluate", "distinct_collect", "distinct_evaluate"};
    static const struct {
        const char *source, *shared, *distinct, *wanted[3];
    } cases[] = {
        {"generated", "", "", {apart, " held out.", "Held-out traces"}},
        {"recorded", "", "", {" to evaluate on.", "Traces of the puzzles to evaluate on"}},
        {"recorded", "0", "", {apart, " held out.", "Held-out traces"}},
        {"recorded",
         "3",
         "",
         {"3 of those to evaluate on are, up to the names of their objects, among those to collect "
          "from: what is measured on them is not held out.",
          "Traces of the puzzles to evaluate on"}},
        {"generated",
         "0",
         "5",
         {apart, "Up to the names of their objects 5 of the 20 and 5 of the 40 are distinct"}},
    };
    struct fixture f;
    struct fr_text out = {0};
    begin(&f, FR_SYNTHETIC_FULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_ok(fr_store_set_meta(f.store, "source", cases[i].source, &f.err), f.err);
        for (int k = 0; k < 3; k++)
            assert_ok(fr_store_set_meta(f.store, keys[k],
                                        k == 0 ? cases[i].shared : cases[i].distinct, &f.err),
                      f.err);
        const char *text = methods_of(&f, &out);
        for (int k = 0; k < 3 && cases[i].wanted[k] != NULL; k++)
            assert_said(text, &cases[i].wanted[k], 1, true);
        assert_int_equal(strstr(text, apart) != NULL, cases[i].wanted[0] == apart);
        assert_int_equal(strstr(text, "Up to the names of their objects") != NULL,
                         *cases[i].distinct != '\0');
    }
    fr_text_release(&out);
    end(&f);
}

/* Up to 16 namings all flips are counted, whatever statistics.permutations says. */
static void the_methods_tell_how_many_flips_there_are(void **state) {
    (void)state;
    static const char *const wanted[] =
        {"drawn flips of the signs of 19 namings",
         "the largest statistic of all 65536 flips of the signs of 16 namings",
         "the largest statistic of all 64 flips of the signs of 6 namings"};
    static const int n_namings[] = {19, 16, 6};
    struct fixture f;
    struct fr_text out = {0};
    begin(&f, FR_SYNTHETIC_FULL);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        assert_ok(fr_store_run(f.store, &f.err,
                               "UPDATE naming SET excluded = 1 WHERE role = 'mystery' AND NOT"
                               " excluded AND id NOT IN (SELECT id FROM naming WHERE role ="
                               " 'mystery' AND NOT excluded ORDER BY position LIMIT ?)",
                               "i", (int64_t)n_namings[i]),
                  f.err);
        assert_said(methods_of(&f, &out), &wanted[i], 1, true);
    }
    fr_text_release(&out);
    end(&f);
}

/* How many traces vectors were really of, how many were left out, and which tail. */
static void the_methods_tell_what_there_was(void **state) {
    (void)state;
    static const struct {
        const char *change, *said;
    } cases[] = {
        {"UPDATE sums SET n_traces = 20", "of the first 20 solved traces of each naming. "},
        {"UPDATE sums SET n_traces = 8 WHERE naming = (SELECT min(id) FROM naming WHERE role ="
         " 'mystery' AND NOT excluded)",
         "of the first 20 solved traces of each naming, where it has as many: 8 to 20 here, 1 of "
         "19 "
         "namings having fewer. "},
        {"UPDATE sums SET n_traces = 0", "of the first 20 solved traces of each naming: there is "
                                         "none, under any of the 19 namings, "
                                         "and no vector was made. "},
        {"UPDATE effect_naming SET left_out = iif(naming = '1', 3, 0), n = iif(naming = '1', 37,"
         " 40)",
         "Left out were 3 of 760 for the window [220, 260)."},
        {"UPDATE effect SET tail = 'greater'", "t-tests over namings, for a gain; p-values"},
        {"UPDATE effect SET tail = 'less' WHERE experiment = 'symbolic'",
         "for a gain, and for a loss where vectors were taken away (symbolic); p-values"},
        {"UPDATE effect SET tail = 'less'", "for a loss, since vectors were taken away; p-values"},
        {"UPDATE effect SET tail = 'less'", "all resamples counted; of shares kept 400 drawn"},
        {"UPDATE effect SET tail = 'less'", "counts as not solved"},
    };
    struct fixture f;
    struct fr_text out = {0};
    begin(&f, FR_SYNTHETIC_FULL);
    assert_ok(fr_store_set_meta(f.store, "configuration",
                                "study: s\nrepresentations.solved_traces: 20\n", &f.err),
              f.err);
    assert_ok(fr_store_run(f.store, &f.err,
                           "INSERT INTO sums SELECT 'f' || id, id, 'solved', 'block', 20, '', '',"
                           " 1, 1 FROM naming",
                           ""),
              f.err);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_ok(fr_store_run(f.store, &f.err, cases[i].change, ""), f.err);
        assert_said(methods_of(&f, &out), &cases[i].said, 1, true);
    }
    fr_text_release(&out);
    end(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_methods_tell_of_sets_sites_and_prompts_where_they_are),
        cmocka_unit_test(the_methods_tell_of_all_that_an_experiment_sets),
        cmocka_unit_test(the_methods_tell_what_the_puzzles_are_to_each_other),
        cmocka_unit_test(the_methods_tell_how_many_flips_there_are),
        cmocka_unit_test(the_methods_tell_what_there_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
