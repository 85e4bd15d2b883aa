/* Plans from an info.json beside or above a problem; nothing in it is taken on trust. */
#include <string.h>

#include "base/file.h"
#include "planning_fixture.h"

static const char puzzle[] = "(define (problem p) (:domain blocksworld-4ops) (:objects a b)\n"
                             "(:init (handempty) (clear a) (on a b) (ontable b))\n"
                             "(:goal (and (on b a))))";
static struct fr_domain domain;
static struct fr_problem problem;
static char root[] = "/tmp/known-XXXXXX";

static void write_info(const char *relative, const char *text) {
    char path[256];
    struct fr_error err;
    snprintf(path, sizeof path, "%s/%s", root, relative);
    if (text == NULL)
        (void)unlink(path);
    else
        assert_ok(fr_file_write(path, text, strlen(text), &err), err);
}

static int set_up(void **state) {
    (void)state;
    struct fr_error err;
    char path[256];
    load_blocksworld(&domain);
    assert_ok(fr_problem_parse(&problem, &domain, puzzle, "p", &err), err);
    assert_non_null(mkdtemp(root));
    snprintf(path, sizeof path, "%s/instances", root);
    assert_ok(fr_dir_make(path, &err), err);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    char path[256];
    write_info("info.json", NULL);
    write_info("instances/info.json", NULL);
    snprintf(path, sizeof path, "%s/instances", root);
    (void)rmdir(path);
    (void)rmdir(root);
    fr_problem_release(&problem);
    fr_domain_release(&domain);
    return 0;
}

static int load(const char *name, struct fr_plan *plan, bool *found, struct fr_error *err) {
    char path[256];
    snprintf(path, sizeof path, "%s/instances/%s", root, name);
    return fr_plan_load_known(&problem, path, plan, found, err);
}

#define PLAN "(unstack a b)\\n(put-down a)\\n(pick-up b)\\n(stack b a)"

static void a_known_plan_is_found_beside_the_problem_or_above(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_plan plan;
    bool found;
    assert_ok(load("p-1.pddl", &plan, &found, &err), err);
    assert_false(found);
    write_info("info.json", "{\"p-1.pddl\": {\"plan\": \"" PLAN "\", \"length\": 4}}");
    assert_ok(load("p-1.pddl", &plan, &found, &err), err);
    assert_true(found);
    assert_int_equal(plan.n_steps, 4);
    fr_plan_release(&plan);
    assert_ok(load("p-2.pddl", &plan, &found, &err), err);
    assert_false(found);
    write_info("instances/info.json", "{\"p-2.pddl\": {\"plan\": \"" PLAN "\"}}");
    assert_ok(load("p-2.pddl", &plan, &found, &err), err);
    assert_true(found);
    fr_plan_release(&plan);
}

static void a_plan_that_is_none_is_refused(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"{\"p-1.pddl\": {\"plan\": \"(unstack a b)\"}}", "does not solve it: goal_unmet"},
        {"{\"p-1.pddl\": {\"plan\": \"(pick-up a)\"}}", "does not solve it: illegal_step"},
        {"{\"p-1.pddl\": {\"plan\": \"(lift a)\"}}", "does not solve it: unparsed"},
        {"{\"p-1.pddl\": ", "info.json:1: not JSON"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_error err = {0};
        struct fr_plan plan;
        bool found;
        write_info("instances/info.json", cases[i][0]);
        assert_int_equal(load("p-1.pddl", &plan, &found, &err), FR_E_INPUT);
        assert_non_null(strstr(err.text, cases[i][1]));
        assert_int_equal(plan.n_steps, 0);
    }
    write_info("instances/info.json", "{\"p-1.pddl\": 5, \"p-2.pddl\": {\"plan\": []}}");
    struct fr_error err = {0};
    struct fr_plan plan;
    bool found = true;
    write_info("info.json", "{}");
    assert_ok(load("p-2.pddl", &plan, &found, &err), err);
    assert_false(found);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_plan_is_found_beside_the_problem_or_above),
        cmocka_unit_test(a_plan_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
