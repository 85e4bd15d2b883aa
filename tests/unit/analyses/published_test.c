/* The paper's figures as data, with what is derived from them. */
#include "test.h"

#include "analyses/analysis.h"
#include "analyses/paper.h"
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

static void run(void) {
    struct fr_world world = {.config = {.seed = 1}};
    const struct fr_analysis *analysis = &fr_analysis_published;
    for (int i = 0; i < analysis->n_tables; i++)
        assert_ok(fr_store_clear_results(store, analysis->tables[i].name, &err), err);
    assert_ok(analysis->run(&(struct fr_analysis_input){.world = &world, .store = store}, &err),
              err);
}

static double number(const char *sql, const char *text, int64_t n) {
    struct fr_query *query;
    assert_ok(fr_query_open(&query, store, &err, sql, "ti", text, n), err);
    if (!fr_query_next(query))
        fail_msg("no row: %s (%s, %lld)", sql, text, (long long)n);
    const double x = fr_query_double(query, 0);
    assert_ok(fr_query_close(query, &err), err);
    return x;
}

/* What is derived from the paper's figures, against what was worked out elsewhere, by SciPy:
 * d_* of table 5, and the means of table 4. */
static void the_papers_figures_come_with_their_correction_and_what_could_be_found(void **state) {
    (void)state;
    static const struct {
        const char *vectors;
        int layer;
        double two_sided, detectable;
    } rows[] = {{"in_naming", 20, 0.083, 2.22},
                {"cross_all", 20, 0.088, 2.56},
                {"in_naming", 30, 0.630, 3.41},
                {"cross_all", 40, 0.042, 1.69},
                {"cross_all", 50, 0.150, 1.61}};
    run();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char two_sided[] = "SELECT p_two_sided FROM paper_effect WHERE source = 'table 5' AND"
                                 " control = 'none' AND vectors = ?1 AND layer_first = ?2",
                   detectable[] = "SELECT detectable FROM paper_effect WHERE source = 'table 5' AND"
                                  " control = 'none' AND vectors = ?1 AND layer_first = ?2";
        assert_near(number(two_sided, rows[i].vectors, rows[i].layer), rows[i].two_sided, 0.003);
        assert_near(100 * number(detectable, rows[i].vectors, rows[i].layer), rows[i].detectable,
                    0.006);
    }
    static const char holm[] = "SELECT min(p_holm) FROM paper_effect WHERE source = ?1 AND ?2 = 0";
    assert_near(number(holm, "table 5", 0), 0.196, 0.001);
    assert_near(number(holm, "section 4.3", 0), 0.017, 0.001);
    static const char best[] = "SELECT best FROM paper_best WHERE vectors = ?1 AND n_namings = ?2",
                      alike[] = "SELECT chance_alike FROM paper_best WHERE vectors = ?1 AND ?2 = 0",
                      apart[] = "SELECT chance_apart FROM paper_best WHERE vectors = ?1 AND ?2 = 0";
    assert_near(100 * number(best, "in_naming", 14), 3.93, 0.005);
    assert_near(100 * number(best, "cross_all", 14), 4.00, 0.005);
    assert_near(100 * number(alike, "in_naming", 0), 2.2, 0.1);
    assert_near(100 * number(apart, "in_naming", 0), 4.0, 0.1);
    assert_near(100 * number(alike, "cross_all", 0), 2.0, 0.15);
    assert_near(100 * number(apart, "cross_all", 0), 3.4, 0.1);
    static const char again[] = "SELECT table_5_alike <= best AND best <= table_5_apart FROM"
                                " paper_best WHERE vectors = ?1 AND ?2 = 0";
    assert_near(number(again, "in_naming", 0), 1, 0);
    assert_near(number(again, "cross_all", 0), 1, 0);
}

/* The words decide which of the paper's namings one is: not its id, nor the order of concepts. */
static void a_naming_is_the_papers_by_its_words(void **state) {
    (void)state;
    struct fr_paper paper;
    struct fr_concepts reversed;
    char mine[] = "mine", one[] = "1", other[] = "zork";
    assert_ok(fr_paper_load(&paper, &err), err);
    const int n = reversed.n = paper.words.concepts.n, at = fr_namings_find(&paper.words, "1"),
              second = fr_namings_find(&paper.words, "2");
    struct fr_naming naming = {.id = mine};
    for (int a = 0; a < n; a++) {
        reversed.names[a] = paper.words.concepts.names[n - 1 - a];
        naming.words[a] = paper.words.items[at].words[n - 1 - a];
    }
    const struct fr_paper_naming *row = fr_paper_find(&paper, &reversed, &naming);
    assert_non_null(row);
    assert_string_equal(row->id, "1");
    assert_near(fr_paper_accuracy(&paper, &reversed, &naming), 0.33, 0);
    naming.words[n - 1] = other; /* for pick-up; and another naming's words under the id */
    assert_null(fr_paper_find(&paper, &reversed, &naming));
    struct fr_naming disguised = paper.words.items[second];
    disguised.id = one;
    assert_string_equal(fr_paper_find(&paper, &paper.words.concepts, &disguised)->id, "2");
    fr_paper_release(&paper);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            the_papers_figures_come_with_their_correction_and_what_could_be_found, set_up,
            tear_down),
        cmocka_unit_test(a_naming_is_the_papers_by_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
