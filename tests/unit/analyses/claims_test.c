/* What is kept of an accuracy, by hand; and claims: which condition answers, and with what. On the
 * made-up study, whose numbers the answers are held to. */
#include "test.h"

#include <math.h>
#include <string.h>

#include "analyses/analysis.h"
#include "naming/naming.h"
#include "synthetic_study.h"

static struct fr_error err;
static struct fr_store *store;

/* What the world is beside the study: its namings, of which the first are in use. */
static struct {
    int n_namings, n_used, window_tokens;
    bool matched, from_prompt;
} given;

static int set_up(void **state) {
    (void)state;
    store = fr_synthetic_open(FR_SYNTHETIC_FULL);
    given.n_namings = 3;
    given.n_used = 2;
    given.window_tokens = 20;
    given.matched = given.from_prompt = false;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    fr_synthetic_close(store);
    return 0;
}

static void sql(const char *text) { assert_ok(fr_store_run(store, &err, text, ""), err); }

static double number(const char *text) {
    struct fr_query *query;
    assert_ok(fr_query_open(&query, store, &err, text, ""), err);
    assert_true(fr_query_next(query));
    const double value = fr_query_double(query, 0);
    assert_ok(fr_query_close(query, &err), err);
    return value;
}

static void run(const struct fr_analysis *analysis) {
    enum { MOST = 6 };
    char *ids[MOST] = {"1", "2", "3", "4", "5", "6"}, domain[] = "blocksworld-4ops", file[] = "x";
    struct fr_naming names[MOST];
    struct fr_world_naming namings[MOST];
    bool use[MOST];
    for (int i = 0; i < MOST; i++) {
        names[i] = (struct fr_naming){.id = ids[i]};
        namings[i] = (struct fr_world_naming){.naming = &names[i]};
        use[i] = i < given.n_used;
    }
    struct fr_world world = {.n_namings = given.n_namings, .namings = namings};
    world.domain.name = domain;
    world.config.seed = 1;
    world.config.n_evaluate = 4;
    world.config.resamples = world.config.permutations = 400;
    world.config.reference_timestamp = 200;
    world.config.window_tokens = given.window_tokens;
    world.config.match = given.matched;
    world.config.origin = given.from_prompt ? FR_ORIGIN_PROMPT : FR_ORIGIN_REASONING;
    world.config.traces_path = given.matched ? file : NULL;
    for (int i = 0; i < analysis->n_tables; i++)
        assert_ok(fr_store_clear_results(store, analysis->tables[i].name, &err), err);
    const struct fr_events events = {0};
    assert_ok(analysis->run(&(struct fr_analysis_input){.world = &world,
                                                        .store = store,
                                                        .events = &events,
                                                        .own_traces = !given.matched,
                                                        .use = use},
                            &err),
              err);
}

/* A column of edit 2's row. */
static double kept(const char *column) {
    char ask[256];
    (void)snprintf(ask, sizeof ask,
                   "SELECT k.%s FROM kept k JOIN condition c ON c.experiment = k.experiment AND"
                   " c.name = k.condition WHERE c.edit = 2",
                   column);
    return number(ask);
}

static void assert_count(int n, const char *from) {
    char ask[1024];
    (void)snprintf(ask, sizeof ask, "SELECT count(*) FROM %s", from);
    if ((int)number(ask) != n)
        fail_msg("%d, not %d: %s", (int)number(ask), n, from);
}

/* Edit 2 is beside the baseline, edit 1: of naming 1 it leaves two of four, of naming 2 one of one;
 * naming 3 does not take part. */
static void what_is_kept_is_a_share_of_what_was_solved(void **state) {
    (void)state;
    sql("DELETE FROM run");
    sql("DELETE FROM trace");
    sql("INSERT INTO trace SELECT p.id, n.id, 1, 1, 0, x'', x'', x'', x'', 'solved', -1, '', '' "
        "FROM"
        " puzzle p, naming n WHERE p.split = 'evaluate' AND p.position < 4 AND n.id IN ('1', '2',"
        " '3')");
    sql("INSERT INTO run SELECT t.puzzle, t.naming, e.id, '', 0, 0, x'', iif(e.id = 1 AND "
        "(t.naming ="
        " '1' OR p.position = 0) OR e.id = 2 AND p.position < iif(t.naming = '1', 2, 1), 'solved',"
        " 'goal_unmet'), -1, '' FROM trace t JOIN puzzle p ON p.id = t.puzzle, edit e WHERE e.id < "
        "3");
    run(&fr_analysis_kept);
    assert_near(kept("n_namings"), 2, 0);
    assert_near(kept("n_pairs"), 8, 0);
    assert_near(kept("baseline"), (1 + 0.25) / 2, 1e-12);
    assert_near(kept("accuracy"), (0.5 + 0.25) / 2, 1e-12);
    assert_near(kept("kept"), 0.6, 1e-12);
    assert_true(kept("low") < kept("accuracy") && kept("accuracy") < kept("high"));
    assert_true(kept("kept_low") < 0.6 && 0.6 < kept("kept_high"));
    /* a condition without runs has a row, and no number */
    assert_near(number(
                    "SELECT count(*) FROM kept WHERE n_pairs = 0 AND accuracy IS NULL AND kept IS"
                    " NULL"),
                number("SELECT count(*) - 1 FROM condition WHERE role <> 'baseline'"), 0);
    run(&fr_analysis_effects);
    assert_count(1, "effect e JOIN condition c ON c.experiment = e.experiment AND c.name ="
                    " e.condition WHERE c.edit = 2 AND mean < 0 AND low <= mean AND mean <= high");
    sql("CREATE TABLE other_run AS SELECT * FROM run");
    sql("UPDATE run SET verdict = 'solved'"); /* nothing differs: no interval of no width */
    run(&fr_analysis_kept);
    run(&fr_analysis_effects);
    assert_count(1,
                 "effect e JOIN condition c ON c.experiment = e.experiment AND c.name ="
                 " e.condition JOIN kept k ON k.experiment = c.experiment AND k.condition = c.name"
                 " WHERE c.edit = 2 AND e.mean = 0 AND e.n_namings = 2 AND e.low IS NULL AND"
                 " e.high IS NULL AND k.accuracy = 1 AND k.low IS NULL AND k.kept_low IS NULL");
    sql("DELETE FROM run");
    sql("INSERT INTO run SELECT * FROM other_run");
    sql("DROP TABLE other_run");
    given.n_used = 1; /* over one naming there is no interval */
    run(&fr_analysis_kept);
    run(&fr_analysis_effects);
    assert_count(1, "effect JOIN kept USING (experiment, condition) WHERE mean < 0 AND"
                    " effect.n_namings = 1 AND accuracy IS NOT NULL");
    assert_count(0, "effect JOIN kept USING (experiment, condition) WHERE effect.low IS NOT NULL OR"
                    " effect.high IS NOT NULL OR kept.low IS NOT NULL OR kept_low IS NOT NULL");
}

static void claims_are_answered_by_what_the_tables_say(void **state) {
    (void)state;
    run(&fr_analysis_claims);
    /* layer 3 of 4 is the paper's depth */
    assert_near(number(
                    "SELECT count(*) FROM claim c JOIN control_rise r ON r.rise = c.value AND"
                    " r.rise_low = c.low AND r.rise_high = c.high WHERE c.name = 'refinement' AND"
                    " c.answer = 'yes' AND r.layer = 3 AND r.kind = 'action' AND r.control ="
                    " 'plain' AND c.text LIKE '%layer 3 of 4%'"),
                1, 0);
    assert_near(number("SELECT count(*) FROM claim c JOIN contrast x ON x.experiment = c.experiment"
                       " AND x.condition = c.condition AND x.other = 'unedited' JOIN kept k ON"
                       " k.experiment = c.experiment AND k.condition = c.condition WHERE c.name ="
                       " 'early' AND (c.value, c.low, c.high) = (x.mean, x.low, x.high) OR c.name ="
                       " 'replace' AND (c.value, c.low, c.high) = (k.kept, kept_low, kept_high)"),
                2, 0);
    assert_near(
        number("SELECT count(*) FROM claim WHERE name = 'early' AND experiment = 'positive' AND"
               " condition = 'in_naming, layer 3' AND text LIKE '%controls: random %, shuffled"
               " %'"),
        1, 0);
    assert_near(number(
                    "SELECT count(*) FROM claim WHERE name = 'replace' AND experiment = 'symbolic'"
                    " AND text LIKE '%is kept (95_ interval % to %_; asked for is at least half);"
                    " controls: shuffled %; the control single was not run. Against shuffled %'"),
                1, 0);
    /* nothing was taken away, so that this is not asked */
    assert_near(number("SELECT count(*) FROM claim"), 3, 0);
}

/* Layer 3 of 4 is the paper's depth: what edits it answers, however far it goes beyond; where
 * nothing does, what ends nearest to it. */
static void what_edits_the_paper_s_depth_answers(void **state) {
    (void)state;
    static const char place[] =
        "UPDATE edit SET layer_first = %d, layer_end = %d WHERE id %s (SELECT edit FROM condition"
        " WHERE experiment = 'positive' AND role = 'matched' AND series = 'in_naming')";
    static const struct {
        int first, end; /* of in_naming; the others edit layer 2 alone */
        bool answers;
    } cases[] = {{1, 7, true}, {3, 9, true}, {1, 2, false}, {4, 9, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char set[512];
        (void)snprintf(set, sizeof set, place, cases[i].first, cases[i].end, "IN");
        sql(set);
        (void)snprintf(set, sizeof set, place, 2, 3, "NOT IN");
        sql(set);
        run(&fr_analysis_claims);
        assert_count(1, "claim WHERE name = 'early'");
        assert_count(cases[i].answers ? 1 : 0,
                     "claim WHERE name = 'early' AND experiment = 'positive' AND condition LIKE"
                     " 'in_naming, %'");
    }
}

/* Sets the difference of a claim's condition from what is beside it, in points. */
static void differ(const char *experiment, const char *other, double mean, double low,
                   double high) {
    assert_ok(fr_store_run(store, &err,
                           "UPDATE contrast SET mean = ?3 / 100, low = ?4 / 100, high = ?5 / 100"
                           " WHERE experiment = ?1 AND other = ?2",
                           "ttddd", experiment, other, mean, low, high),
              err);
}

static void assert_answer(const char *name, const char *answer, const char *text) {
    char have[512];
    run(&fr_analysis_claims);
    (void)snprintf(have, sizeof have,
                   "claim WHERE name = '%s' AND answer = '%s' AND text LIKE '%%%s%%' AND (why ="
                   " '') = (answer <> 'not shown' OR name = 'refinement')",
                   name, answer, text);
    assert_count(1, have);
}

/* A yes is an effect against the unedited run that is larger than each control's, both with their
 * intervals; a point estimate above the control's is none, and a control that does as well takes it
 * away, whatever else was run. */
static void a_yes_is_above_nothing_and_above_every_control(void **state) {
    (void)state;
    static const struct {
        double unedited[3], random[3], shuffled[3];
        const char *answer, *text;
    } cases[] = {
        {{9, 1, 16}, {10, 2, 19}, {16, 8, 24}, "yes", "against random +10.0 points (95_ interval"},
        {{9, 1, 16}, {0.3, -7, 8}, {16, 8, 24}, "not shown", "not better than the control random"},
        {{9, 1, 16}, {10, 2, 19}, {-3, -9, 3}, "not shown", "than the control shuffled"},
        {{9, 1, 16}, {10, 2, 19}, {16, NAN, NAN}, "not shown", "than the control shuffled"},
        {{9, -1, 16}, {10, 2, 19}, {16, 8, 24}, "not shown", "is not clear of 0"},
        {{9, 0, 16}, {10, 2, 19}, {16, 8, 24}, "not shown", "is not clear of 0"},
        {{-9, -16, -1}, {10, 2, 19}, {16, 8, 24}, "no", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const double *u = cases[i].unedited, *r = cases[i].random, *s = cases[i].shuffled;
        differ("positive", "unedited", u[0], u[1], u[2]);
        differ("positive", "random", r[0], r[1], r[2]);
        differ("positive", "shuffled", s[0], s[1], s[2]);
        assert_answer("early", cases[i].answer, cases[i].text);
    }
}

static void a_yes_needs_a_control(void **state) {
    (void)state;
    differ("positive", "unedited", 9, 1, 16);
    differ("positive", "shuffled", 16, 8, 24);
    sql("DELETE FROM contrast WHERE other = 'random'");
    assert_answer("early", "yes", "; the control random was not run");
    sql("DELETE FROM contrast WHERE other <> 'unedited'");
    assert_answer("early", "not shown",
                  "no control was run beside it (controls: [random, shuffled])");
    assert_answer("replace", "not shown", "no control was run beside it (controls: [shuffled,");
    differ("positive", "unedited", -9, -16, -1); /* a no needs none */
    assert_answer("early", "no", "no control was run beside it");
}

/* Replacing is to keep half of what is solved, and more than every control does. */
static void a_replacement_keeps_half_and_more_than_its_controls(void **state) {
    (void)state;
    static const struct {
        double kept[3], shuffled[3];
        const char *answer, *text;
    } cases[] = {
        {{0.8, 0.67, 0.94}, {28, 11, 50}, "yes", "81_ of it"},
        {{0.8, 0.67, 0.94}, {2, -11, 15}, "not shown", "not better than the control shuffled"},
        {{0.6, 0.45, 0.8}, {28, 11, 50}, "not shown", "not above half"},
        {{0.3, 0.1, 0.45}, {28, 11, 50}, "no", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const double *k = cases[i].kept, *s = cases[i].shuffled;
        assert_ok(fr_store_run(store, &err,
                               "UPDATE kept SET kept = ?1, kept_low = ?2, kept_high = ?3 WHERE"
                               " experiment = 'symbolic'",
                               "ddd", k[0] + 0.01, k[1], k[2]),
                  err);
        /* it loses against the unedited run, as it must where that solves nearly all */
        differ("symbolic", "unedited", -19, -33, -8);
        differ("symbolic", "shuffled", s[0], s[1], s[2]);
        assert_answer("replace", cases[i].answer, cases[i].text);
        if (i > 0)
            continue;
        sql("INSERT INTO contrast SELECT experiment, condition, 'single', 99, n_namings, n_pairs,"
            " accuracy, accuracy, 0, 0.01, 0, 1, -0.05, 0.05, 0.1, 1, 1, 0, 0 FROM contrast WHERE"
            " experiment = 'symbolic' AND other = 'unedited'");
        assert_answer("replace", "not shown", "not better than the control single");
        sql("DELETE FROM contrast WHERE other = 'single'");
    }
}

/* What the configuration measures conditions against changes no answer. */
static void against_does_not_change_an_answer(void **state) {
    (void)state;
    static const char said[] = "SELECT group_concat(name || answer || text || value || low || high)"
                               " FROM claim";
    char before[4096];
    struct fr_query *query;
    for (int i = 0; i < 2; i++) {
        run(&fr_analysis_effects);
        run(&fr_analysis_claims);
        assert_ok(fr_query_open(&query, store, &err, said, ""), err);
        assert_true(fr_query_next(query));
        if (i == 0)
            (void)snprintf(before, sizeof before, "%s", fr_query_text(query, 0));
        else
            assert_string_equal(before, fr_query_text(query, 0));
        assert_ok(fr_query_close(query, &err), err);
        sql("UPDATE condition SET against = 1 WHERE role <> 'baseline'");
    }
    assert_true(strlen(before) > 200);
}

/* Contrasts and verdicts from runs: edit 2 and a control of it beside the baseline, edit 1. */
static void what_was_run_beside_an_edit_is_held_against_it(void **state) {
    (void)state;
    sql("DELETE FROM run");
    sql("DELETE FROM trace");
    sql("INSERT INTO trace SELECT p.id, n.id, 1, 1, 0, x'', x'', x'', x'', 'solved', -1, '', '' "
        "FROM puzzle p, naming n WHERE p.split = 'evaluate' AND p.position < 4 AND n.id IN ('1',"
        " '2', '3')");
    /* of four puzzles: the unedited run solves one, edit 2 three, its control two and leaves two
     * unreadable; naming 3 is not in use */
    sql("INSERT INTO run SELECT t.puzzle, t.naming, e.id, '', 1, 0, x'', CASE WHEN e.id = 1 AND"
        " p.position < 1 OR e.id = 2 AND p.position < 3 OR e.control = 'random' AND p.position < 2"
        " THEN 'solved' WHEN e.control = 'random' THEN iif(p.position = 2, 'unparsed', 'truncated')"
        " ELSE 'illegal_step' END, -1, '' FROM trace t JOIN puzzle p ON p.id = t.puzzle, edit e"
        " WHERE e.id IN (1, 2) OR e.control = 'random' AND replace(e.definition, 'random', 'none')"
        " = (SELECT definition FROM edit WHERE id = 2)");
    run(&fr_analysis_contrasts);
    assert_count(1, "contrast x JOIN condition c ON c.experiment = x.experiment AND c.name ="
                    " x.condition WHERE c.edit = 2 AND other = 'unedited' AND mean = 0.5 AND"
                    " accuracy = 0.75 AND other_accuracy = 0.25 AND n_pairs = 8 AND gained = 4");
    assert_count(1, "contrast x JOIN condition c ON c.experiment = x.experiment AND c.name ="
                    " x.condition WHERE c.edit = 2 AND other = 'random' AND mean = 0.25 AND low <="
                    " 0.25 AND high >= 0.25 AND lost = 0");
    assert_count(1,
                 "(SELECT sum(v.n) AS n, sum(unparsed) AS a, sum(truncated) AS b,"
                 " sum(before_illegal_step) AS d FROM run_verdict v JOIN condition c ON"
                 " c.experiment = v.experiment AND c.name = v.condition JOIN edit e ON e.id ="
                 " c.edit WHERE e.control = 'random') WHERE n = 8 AND a = 2 AND b = 2 AND d = 6");
}

/* Two namings are an interval and no answer. */
static void an_answer_takes_as_many_namings_as_refinement(void **state) {
    (void)state;
    differ("positive", "unedited", 40, 17, 75);
    differ("positive", "random", 40, 17, 75);
    differ("positive", "shuffled", 40, 17, 75);
    sql("UPDATE contrast SET n_namings = 3");
    assert_answer("early", "yes", "3 namings");
    sql("UPDATE contrast SET n_namings = 2, detectable = 1.28");
    assert_answer("early", "not shown", "it takes 3 namings, and these are 2");
    assert_answer("early", "not shown", "The design could have found no effect: not even 100");
    differ("positive", "unedited", -40, -75, -17);
    assert_answer("early", "not shown", "it takes 3 namings");
    sql("UPDATE control_rise SET n_namings = 2");
    assert_answer("refinement", "not shown", "");
}

/* Steering that could do nothing says why, and no number of nothing. */
static void what_could_do_nothing_says_why(void **state) {
    (void)state;
    sql("UPDATE contrast SET n_pairs = 0, n_namings = 0, mean = NULL, low = NULL, high = NULL,"
        " accuracy = NULL, other_accuracy = NULL, left_out = 60");
    assert_answer("early", "not shown",
                  "none of the 60 traces to steer goes on past the window''s end at 260 tokens");
    assert_answer("replace", "not shown", "no run was made");
    assert_count(0, "claim WHERE text LIKE '%nan%'");
    sql("UPDATE contrast SET n_pairs = 12, n_namings = 3, unedited = 12, mean = 0");
    assert_answer("early", "not shown", "nothing was edited in any of the 12 pairs: no vector");
    sql("DELETE FROM sums");
    sql("INSERT INTO sums SELECT 'f' || id, id, 'solved', 'block', 0, '', '', 1, 1 FROM naming");
    assert_answer("early", "not shown", "there is no solved trace to make vectors of");
    /* noise that was put nowhere is no floor */
    sql("UPDATE edit SET vectors = 'noise' WHERE id IN (SELECT edit FROM condition WHERE experiment"
        " = 'positive' AND role = 'matched')");
    run(&fr_analysis_headline);
    assert_count(1, "headline WHERE name = 'share_churn'");
    sql("UPDATE effect SET detectable = 1.282");
    run(&fr_analysis_headline);
    assert_count(0, "headline WHERE text LIKE '%128.2%'");
    assert_true(number("SELECT count(*) FROM headline WHERE text LIKE '%could have found none: not"
                       " even 100%'") > 0);
    sql("UPDATE effect SET n_pairs = 0, changed = 0, gained = 0, lost = 0");
    run(&fr_analysis_headline);
    assert_count(0, "headline WHERE name = 'share_churn'");
}

/* Of one or two namings there is no interval, and what is not there is not printed. */
static void few_namings_have_no_interval_and_no_nan(void **state) {
    (void)state;
    static const char said[] =
        "(SELECT name, text FROM headline UNION ALL SELECT name, text FROM claim) WHERE text LIKE";
    for (int n = 2; n > 0; n--) { /* as the analyses write them of so many */
        given.n_used = n;
        char set[256], have[512];
        (void)snprintf(set, sizeof set, "DELETE FROM accuracy WHERE naming NOT IN ('clean', '1'%s)",
                       n == 2 ? ", '2'" : "");
        sql(set);
        (void)snprintf(set, sizeof set,
                       "UPDATE control_rise SET rise_low = NULL, rise_high = NULL, n_namings = %d",
                       n);
        sql(set);
        sql("UPDATE separation SET silhouette_shuffled = NULL");
        sql(n == 2 ? "UPDATE contrast SET n_namings = 2"
                   : "UPDATE contrast SET n_namings = 1, low = NULL, high = NULL");
        if (n == 1)
            sql("UPDATE effect SET n_namings = 1, standard_error = NULL, t = NULL, p = NULL, p_holm"
                " = NULL, p_max = NULL, low = NULL, high = NULL, detectable = NULL");
        run(&fr_analysis_headline);
        run(&fr_analysis_claims);
        (void)snprintf(have, sizeof have, "%s '%%nan%%'", said);
        assert_count(0, have);
        (void)snprintf(have, sizeof have,
                       "%s '%%(no interval: %d naming%s)%%' AND name IN ('similarity_rise',"
                       " 'refinement')",
                       said, n, n == 1 ? "" : "s");
        assert_count(2, have);
        assert_count(1, "claim WHERE name = 'refinement' AND answer = 'not shown'");
        assert_count(1, "headline WHERE name = 'similarity_rise' AND low IS NULL AND high IS NULL");
    }
    assert_count(1, "headline WHERE name = 'accuracy_mystery' AND low IS NULL AND text LIKE"
                    " '%mean over 1 naming (no interval: 1 naming)%'");
    assert_count(1, "headline WHERE text LIKE 'positive, in_naming, layer 3: % (no interval: 1"
                    " naming, % pairs)%'");
    assert_count(1, "claim WHERE name = 'early' AND answer = 'not shown' AND text LIKE '%points (no"
                    " interval)%; 1 naming, %'");
}

/* A rise is refinement only where it stays under the controls; whatever is said, its numbers are.
 */
static void a_rise_is_held_against_its_controls(void **state) {
    (void)state;
    static const struct {
        const char *change, *answer, *text; /* SQL; both of the claim, text LIKE */
        int window_tokens;
        bool matched;
    } cases[] = {
        {"", "yes",
         "%goes from % after 20 tokens to % after 160, a rise of % (95_ interval %, 19 namings)%; "
         "with as many mentions in every cell the rise is %; against the traces of other puzzles "
         "the rise is %; with shuffled labels the rise is %",
         20, false},
        {"UPDATE control_rise SET rise_low = -0.01 WHERE control = 'matched'", "not shown", "%", 20,
         false},
        {"UPDATE control_rise SET rise_low = -0.01 WHERE control = 'other_puzzles'", "not shown",
         "%", 20, false},
        {"UPDATE control_rise SET rise = rise_low + 1 WHERE control = 'shuffled'", "not shown", "%",
         20, false},
        {"UPDATE control_rise SET rise_low = -0.01 WHERE control = 'plain'", "not shown", "%", 20,
         false},
        {"UPDATE control_rise SET rise_high = -0.01 WHERE control = 'plain'", "no", "%", 20, false},
        {"DELETE FROM control_rise WHERE control = 'matched'", "not shown",
         "%; not controlled for the number of mentions %", 20, false},
        {"", "not shown", "%; the window of its end overlaps the reference''s, %", 41, false},
        {"", "not shown", "%by that alone, and traces are matched: %", 41, true},
        {"DELETE FROM control_rise", "not shown",
         "% is % after 200 tokens, with nothing earlier to hold it against (95_ interval %", 20,
         false},
    };
    sql("UPDATE control_rise SET n_namings = 19");
    sql("CREATE TABLE kept_rise AS SELECT * FROM control_rise");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char have[512];
        given.window_tokens = cases[i].window_tokens;
        given.matched = cases[i].matched;
        if (*cases[i].change != '\0')
            sql(cases[i].change);
        run(&fr_analysis_headline);
        run(&fr_analysis_claims);
        (void)snprintf(have, sizeof have,
                       "claim WHERE name = 'refinement' AND answer = '%s' AND text LIKE '%s'",
                       cases[i].answer, cases[i].text);
        assert_count(1, have);
        (void)snprintf(have, sizeof have,
                       "headline WHERE name LIKE 'similarity_%%' AND text LIKE '%s'",
                       cases[i].text);
        assert_count(1, have);
        sql("DELETE FROM control_rise");
        sql("INSERT INTO control_rise SELECT * FROM kept_rise");
    }
    sql("DROP TABLE kept_rise");
}

/* Tokens that begin with the prompt are not tokens of a reasoning. */
static void where_tokens_count_from_is_said(void **state) {
    (void)state;
    static const char *const prompts[][2] = {{"UPDATE trace SET n_prompt = 90",
                                              "(the prompt has 90)"},
                                             {"UPDATE trace SET n_prompt = 80 WHERE puzzle = 1",
                                              "(prompts have 80 to 90)"}};
    char have[256];
    given.from_prompt = true;
    for (int k = 0; k < 4; k++) {
        if (k < 2)
            sql(prompts[k][0]);
        else if (k == 2)
            sql("DELETE FROM control_rise");
        else
            given.from_prompt = false;
        run(&fr_analysis_headline);
        run(&fr_analysis_claims);
        (void)snprintf(have, sizeof have,
                       "claim WHERE name = 'refinement' AND text LIKE '%%%s%s%%'",
                       k == 3 ? "after 200 tokens, with nothing"
                       : k == 2
                           ? "after 200 tokens, counted from the prompt''s first (prompts have "
                             "80 to 90), with nothing"
                           : "after 20 tokens, counted from the prompt''s first ",
                       k < 2 ? prompts[k][1] : "");
        assert_count(1, have);
        assert_count(k < 3, "headline WHERE name LIKE 'similarity_%' AND text LIKE '%counted from "
                            "the prompt%'");
        assert_count(k < 3, "headline WHERE name = 'silhouette_action' AND text LIKE '% tokens of "
                            "prompt and reasoning the mean%'");
    }
}

/* A rise that begins in the prompt is not all of reasoning. */
static void how_much_of_a_rise_is_of_the_prompt_is_said(void **state) {
    (void)state;
    given.from_prompt = true;
    sql("UPDATE trace SET n_prompt = iif(puzzle = 1, 30, 42)");
    sql("UPDATE control_rise SET began = 0.2, rise = 0.4 WHERE control = 'plain'");
    sql("UPDATE similarity SET mean = iif(timestamp = 40, 0.3, 0.9) WHERE relation = 'same'");
    run(&fr_analysis_claims);
    assert_count(1, "claim WHERE name = 'refinement' AND text LIKE '%; the first value is of the"
                    " prompt alone, and 25_ of the rise comes by 40 tokens, of which at most 10 are"
                    " of the reasoning; with as many%'");
    sql("UPDATE trace SET n_prompt = 42");
    sql("UPDATE similarity SET mean = 0.1 WHERE relation = 'same' AND timestamp = 40");
    given.window_tokens = 130;
    run(&fr_analysis_claims);
    assert_count(1, "claim WHERE name = 'refinement' AND text LIKE '%and nothing of the rise comes"
                    " by 40 tokens, before any reasoning; the last window holds 118 tokens of"
                    " reasoning at most, the rest is prompt;%'");
    given.from_prompt = false;
    run(&fr_analysis_claims);
    assert_count(0, "claim WHERE text LIKE '%of the prompt%'");
}

/* What the first numbers leave away they say. */
static void what_the_headlines_leave_out_is_said(void **state) {
    (void)state;
    const double n =
        number("SELECT count(*) FROM (SELECT DISTINCT experiment, series FROM condition"
               " WHERE role IN ('matched', 'control'))");
    char have[128];
    run(&fr_analysis_headline);
    assert_count(0, "headline WHERE name = 'effects_more'");
    assert_true(n <= 24);
    sql("CREATE TABLE many AS SELECT * FROM condition WHERE id = (SELECT min(id) FROM condition"
        " WHERE role = 'matched')");
    for (int i = 0; i < 30; i++) {
        char set[512];
        (void)snprintf(set, sizeof set,
                       "INSERT INTO condition SELECT 1000 + %d, experiment, 'more %d', 'more %d',"
                       " 1000 + %d, role, colour, shape, family, edit, against FROM many",
                       i, i, i, i);
        sql(set);
        (void)snprintf(set, sizeof set,
                       "CREATE TEMP TABLE one AS SELECT e.* FROM effect e JOIN many m ON"
                       " e.experiment = m.experiment AND e.condition = m.name");
        sql(set);
        (void)snprintf(set, sizeof set, "UPDATE one SET condition = 'more %d'", i);
        sql(set);
        sql("INSERT INTO effect SELECT * FROM one");
        sql("DROP TABLE one");
    }
    run(&fr_analysis_headline);
    assert_count(24, "headline WHERE name LIKE 'effect.%'");
    (void)snprintf(have, sizeof have, "headline WHERE name = 'effects_more' AND value = %d",
                   (int)n + 30 - 24);
    assert_count(1, have);
    /* naming 3 is excluded, and its accuracy counts */
    assert_count(1, "headline WHERE name = 'accuracy_mystery' AND text LIKE '%, 1 of them left out"
                    " of representations and steering (%'");
    sql("UPDATE naming SET excluded = 0");
    run(&fr_analysis_headline);
    assert_count(0, "headline WHERE name = 'accuracy_mystery' AND text LIKE '%left out%'");
}

/* A run in which nothing was edited equals its baseline whatever an edit does. */
static void only_edited_runs_are_an_identity(void **state) {
    (void)state;
    static const char identity[] = "UPDATE effect SET n_pairs = 10, changed = 1, unedited = 6 "
                                   "WHERE condition LIKE 'identity%'";
    sql(identity);
    run(&fr_analysis_headline);
    assert_count(1, "headline WHERE name = 'share_identity' AND value = 0.75 AND text LIKE '%: 6 of"
                    " 8 runs %; nothing was edited in 12 more'");
    sql("UPDATE effect SET changed = 0, unedited = n_pairs WHERE condition LIKE 'identity%' OR"
        " condition = 'in_naming, layer 3' AND experiment = 'positive'");
    run(&fr_analysis_headline);
    assert_count(1, "headline WHERE name = 'share_identity' AND value IS NULL AND text LIKE '%says"
                    " nothing; nothing was edited in 20 runs%'");
    assert_count(1,
                 "headline WHERE name = 'effect.positive.in_naming, layer 3' AND value IS NULL AND"
                 " low IS NULL AND text LIKE '%says nothing; nothing was edited in %'");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_kept_is_a_share_of_what_was_solved, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(claims_are_answered_by_what_the_tables_say, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_edits_the_paper_s_depth_answers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_yes_is_above_nothing_and_above_every_control, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_yes_needs_a_control, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_replacement_keeps_half_and_more_than_its_controls, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(against_does_not_change_an_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_run_beside_an_edit_is_held_against_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_answer_takes_as_many_namings_as_refinement, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_could_do_nothing_says_why, set_up, tear_down),
        cmocka_unit_test_setup_teardown(few_namings_have_no_interval_and_no_nan, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_rise_is_held_against_its_controls, set_up, tear_down),
        cmocka_unit_test_setup_teardown(where_tokens_count_from_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(how_much_of_a_rise_is_of_the_prompt_is_said, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_the_headlines_leave_out_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_edited_runs_are_an_identity, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
