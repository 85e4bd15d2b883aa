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

static int set_up(void **state) {
    (void)state;
    store = fr_synthetic_open(FR_SYNTHETIC_FULL);
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
    char *ids[] = {"1", "2", "3"};
    struct fr_naming names[3] = {{.id = ids[0]}, {.id = ids[1]}, {.id = ids[2]}};
    struct fr_world_naming namings[3] = {{.naming = &names[0]},
                                         {.naming = &names[1]},
                                         {.naming = &names[2]}};
    struct fr_world world = {.n_namings = 3, .namings = namings};
    const bool use[] = {true, true, false};
    world.config.seed = 1;
    world.config.resamples = 400;
    for (int i = 0; i < analysis->n_tables; i++)
        assert_ok(fr_store_clear_results(store, analysis->tables[i].name, &err), err);
    assert_ok(analysis->run(&(struct fr_analysis_input){.world = &world,
                                                        .store = store,
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
}

static void claims_are_answered_by_what_the_tables_say(void **state) {
    (void)state;
    run(&fr_analysis_claims);
    /* layer 3 of 4 is the paper's depth */
    assert_near(number(
                    "SELECT count(*) FROM claim c JOIN similarity s ON s.mean = c.value AND s.low ="
                    " c.low AND s.high = c.high WHERE c.name = 'refinement' AND c.answer = 'yes'"
                    " AND s.layer = 3 AND s.kind = 'action' AND s.variant = 'loo' AND s.relation ="
                    " 'same' AND s.timestamp = s.reference_timestamp AND c.text LIKE '%layer 3 of"
                    " 4%'"),
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_kept_is_a_share_of_what_was_solved, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(claims_are_answered_by_what_the_tables_say, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_answer_follows_the_interval_and_the_control, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
