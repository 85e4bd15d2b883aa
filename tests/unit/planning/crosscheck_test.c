/* Shortest plans and verdicts against planners that are not ours (golden/planning/crosscheck.py),
 * on worlds of every kind that the reader knows. */
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "planning_fixture.h"

struct world {
    char *key; /* "WORLD/PROBLEM" */
    struct fr_domain domain;
    struct fr_problem problem;
};

static void world_load(struct world *w, const char *world, const char *problem) {
    struct fr_text path = {0}, key = {0};
    struct fr_error err;
    fr_text_printf(&key, "%s/%s", world, problem);
    if (w->key && !strcmp(w->key, fr_text_get(&key))) {
        fr_text_release(&key);
        return;
    }
    fr_problem_release(&w->problem);
    fr_domain_release(&w->domain);
    free(w->key);
    w->key = fr_text_take(&key);
    if (!strcmp(world, "blocks"))
        fr_text_add(&path, "data/domains/blocksworld.pddl");
    else
        fr_text_printf(&path, "tests/golden/planning/worlds/%s/domain.pddl", world);
    assert_ok(fr_domain_load(&w->domain, fr_test_path(fr_text_get(&path)), &err), err);
    fr_text_clear(&path);
    fr_text_printf(&path, "tests/golden/planning/worlds/%s.pddl", w->key);
    assert_ok(fr_problem_load(&w->problem, &w->domain, fr_test_path(fr_text_get(&path)), &err),
              err);
    fr_text_release(&path);
}

static void world_release(struct world *w) {
    fr_problem_release(&w->problem);
    fr_domain_release(&w->domain);
    free(w->key);
}

/* The columns of the next row of a kind, or false at the end. */
static bool next_row(char **rest, const char *kind, char *columns[8]) {
    for (char *line; (line = strsep(rest, "\n"));) {
        int n = 0;
        for (char *column; n < 8 && (column = strsep(&line, "\t"));)
            columns[n++] = column;
        if (n > 0 && !strcmp(columns[0], kind))
            return true;
    }
    return false;
}

static void read_table(struct fr_text *text) {
    struct fr_error err;
    assert_ok(fr_file_read(fr_test_path("tests/golden/planning/crosscheck.tsv"), 1 << 20, text,
                           &err),
              err);
}

static void shortest_plans_are_as_long_as_another_planner_s(void **state) {
    (void)state;
    struct fr_text table = {0};
    struct world w = {0};
    char *columns[8];
    int n = 0;
    read_table(&table);
    for (char *rest = table.data; next_row(&rest, "length", columns); n++) {
        struct fr_error err;
        struct fr_plan plan;
        int length;
        world_load(&w, columns[1], columns[2]);
        assert_ok(fr_problem_solve(&w.problem, 1000000, &plan, &length, &err), err);
        if (length != (int)strtol(columns[3], NULL, 10))
            fail_msg("%s: %d steps here, %s there", w.key, length, columns[3]);
        assert_int_equal(fr_plan_verify(&w.problem, &plan).kind, FR_VERDICT_SOLVED);
        fr_plan_release(&plan);
    }
    assert_int_equal(n, 15);
    world_release(&w);
    fr_text_release(&table);
}

static void verdicts_and_the_step_at_fault_are_another_validator_s(void **state) {
    (void)state;
    struct fr_text table = {0};
    struct world w = {0};
    char *columns[8];
    int n = 0, n_wrong = 0, counts[FR_VERDICT_COUNT] = {0};
    read_table(&table);
    for (char *rest = table.data; next_row(&rest, "verdict", columns); n++) {
        struct fr_plan plan;
        struct fr_verdict verdict;
        world_load(&w, columns[1], columns[2]);
        for (char *at = columns[5]; *at; at++)
            if (*at == ';')
                *at = '\n';
        assert_int_equal(fr_plan_parse_pddl(&plan, &w.problem, columns[5], &verdict),
                         FR_VERDICT_SOLVED);
        verdict = fr_plan_verify(&w.problem, &plan);
        if (strcmp(fr_verdict_name[verdict.kind], columns[3]) ||
            verdict.step != (int)strtol(columns[4], NULL, 10)) {
            print_error("%s: %s at %d here (%s), %s at %s there:\n%s\n", w.key,
                        fr_verdict_name[verdict.kind], verdict.step, verdict.reason, columns[3],
                        columns[4], columns[5]);
            n_wrong++;
        }
        counts[verdict.kind]++;
        fr_plan_release(&plan);
    }
    assert_int_equal(n_wrong, 0);
    assert_int_equal(n, 667);
    assert_true(counts[FR_VERDICT_SOLVED] > 20 && counts[FR_VERDICT_GOAL_UNMET] > 100 &&
                counts[FR_VERDICT_ILLEGAL_STEP] > 400);
    world_release(&w);
    fr_text_release(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shortest_plans_are_as_long_as_another_planner_s),
        cmocka_unit_test(verdicts_and_the_step_at_fault_are_another_validator_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
