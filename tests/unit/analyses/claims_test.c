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
    assert_near(number(
                    "SELECT count(*) FROM claim c JOIN effect x ON x.experiment = c.experiment AND"
                    " x.condition = c.condition AND x.mean = c.value AND x.low = c.low AND x.high ="
                    " c.high WHERE c.name IN ('early', 'replace')"),
                2, 0);
    assert_near(
        number("SELECT count(*) FROM claim WHERE name = 'early' AND experiment = 'positive' AND"
               " condition = 'in_naming, layer 3' AND text LIKE '%controls: random %, shuffled"
               " %'"),
        1, 0);
    assert_near(number(
                    "SELECT count(*) FROM claim WHERE name = 'replace' AND experiment = 'symbolic'"
                    " AND text LIKE '%Against shuffled: %'"),
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

/* Of an effect: yes above zero, no below, else not shown; and not by a control that does as well.
 */
static void the_answer_follows_the_interval_and_the_control(void **state) {
    (void)state;
    static const struct {
        double mean, low, high, control;
        const char *answer;
    } cases[] = {{0.1, 0.05, 0.2, 0.01, "yes"},
                 {0.1, 0.05, 0.2, 0.12, "not shown"},
                 {0.1, -0.01, 0.2, 0, "not shown"},
                 {-0.1, -0.2, -0.01, -0.3, "no"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_ok(fr_store_run(store, &err,
                               "UPDATE effect SET mean = iif(condition LIKE '%random%', ?4, iif("
                               "condition LIKE '%shuffled%', -1, ?1)), low = ?2, high = ?3 WHERE"
                               " experiment = 'positive'",
                               "dddd", cases[i].mean, cases[i].low, cases[i].high,
                               cases[i].control),
                  err);
        run(&fr_analysis_claims);
        char ask[128];
        (void)snprintf(ask, sizeof ask,
                       "SELECT count(*) FROM claim WHERE name = 'early' AND answer = '%s'",
                       cases[i].answer);
        if (number(ask) < 1)
            fail_msg("case %zu: not %s", i, cases[i].answer);
    }
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
                    " interval: 1 naming, %'");
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
        cmocka_unit_test_setup_teardown(the_answer_follows_the_interval_and_the_control, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(few_namings_have_no_interval_and_no_nan, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_rise_is_held_against_its_controls, set_up, tear_down),
        cmocka_unit_test_setup_teardown(where_tokens_count_from_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_headlines_leave_out_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_edited_runs_are_an_identity, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
