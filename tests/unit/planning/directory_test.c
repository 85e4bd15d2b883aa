/* Problems from a directory, and the class of a problem up to its objects' names. */
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "planning_fixture.h"

static struct fr_domain domain;

static int set_up(void **state) {
    (void)state;
    load_blocksworld(&domain);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    fr_domain_release(&domain);
    return 0;
}

/* The puzzle with its blocks permuted. */
static void permute(const struct fr_puzzle *puzzle, struct fr_rng *rng, struct fr_puzzle *out) {
    int order[FR_MAX_BLOCKS];
    *out = *puzzle;
    fr_rng_permutation(rng, puzzle->n_blocks, order);
    for (int b = 0; b < puzzle->n_blocks; b++) {
        out->init[order[b]] = (int8_t)(puzzle->init[b] < 0 ? -1 : order[(int)puzzle->init[b]]);
        out->goal[order[b]] = (int8_t)(puzzle->goal[b] < 0 ? -1 : order[(int)puzzle->goal[b]]);
    }
}

static uint64_t class_of(const struct fr_puzzle *puzzle) {
    struct fr_problem problem;
    fr_puzzle_problem(puzzle, &domain, "p", &problem);
    const uint64_t class = fr_problem_class(&problem);
    fr_problem_release(&problem);
    return class;
}

/* Against the exact classes of Blocksworld: the same puzzles are told apart, no more and no fewer.
 */
static void classes_of_problems_are_the_exact_ones_in_blocksworld(void **state) {
    (void)state;
    enum { N = 400 };
    static struct fr_puzzle puzzles[N];
    static uint64_t exact[N], refined[N];
    struct fr_rng rng;
    fr_rng_seed(&rng, 11, 0);
    for (int i = 0; i < N; i++) {
        fr_puzzle_random(&rng, 2 + i % 4, &puzzles[i]);
        exact[i] = fr_puzzle_class(&puzzles[i]);
        refined[i] = class_of(&puzzles[i]);
        struct fr_puzzle renamed;
        permute(&puzzles[i], &rng, &renamed);
        assert_true(class_of(&renamed) == refined[i]);
    }
    int n_same = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < i; j++) {
            n_same += exact[i] == exact[j];
            assert_int_equal(exact[i] == exact[j], refined[i] == refined[j]);
        }
    assert_true(n_same > 100); /* or the comparison says little */
}

static void parse(struct fr_problem *out, const struct fr_domain *d, const char *text) {
    struct fr_error err;
    assert_ok(fr_problem_parse(out, d, text, "p", &err), err);
}

static void constants_types_and_signs_count_and_the_order_of_facts_does_not(void **state) {
    (void)state;
    struct fr_error err;
    struct fr_domain d;
    assert_ok(fr_domain_parse(&d,
                              "(define (domain d) (:requirements :typing :negative-preconditions)\n"
                              "(:types box bin) (:constants home away)\n"
                              "(:predicates (in ?x ?y)))",
                              "d", &err),
              err);
    static const char *const texts[] = {
        "(define (problem p) (:domain d) (:objects x y - box z - bin)"
        "(:init (in x home) (in y away)) (:goal (in x z)))",
        "(define (problem p) (:domain d) (:objects q - bin b a - box)" /* the same, renamed */
        "(:init (in b away) (in a home) (in a home)) (:goal (in a q)))",
        "(define (problem p) (:domain d) (:objects x y - box z - bin)" /* constants exchanged */
        "(:init (in x away) (in y home)) (:goal (in x z)))",
        "(define (problem p) (:domain d) (:objects x y - box z - box)" /* another type */
        "(:init (in x home) (in y away)) (:goal (in x z)))",
        "(define (problem p) (:domain d) (:objects x y - box z - bin)" /* another sign */
        "(:init (in x home) (in y away)) (:goal (not (in x z))))",
        "(define (problem p) (:domain d) (:objects x y - box z - bin)" /* arguments exchanged */
        "(:init (in x home) (in y away)) (:goal (in z x)))",
    };
    uint64_t classes[6];
    for (int i = 0; i < 6; i++) {
        struct fr_problem problem;
        parse(&problem, &d, texts[i]);
        classes[i] = fr_problem_class(&problem);
        fr_problem_release(&problem);
    }
    assert_true(classes[0] == classes[1]);
    for (int i = 1; i < 6; i++)
        for (int j = i + 1; j < 6; j++)
            assert_true(classes[i] != classes[j]);
    fr_domain_release(&d);
}

/* ---- directories -------------------------------------------------------------------------- */

static char root[32];

static void write_file(const char *name, const char *text) {
    char path[128];
    struct fr_error err;
    snprintf(path, sizeof path, "%s/%s", root, name);
    if (text == NULL)
        (void)unlink(path);
    else
        assert_ok(fr_file_write(path, text, strlen(text), &err), err);
}

#define PUZZLE                                                                                     \
    "(define (problem p) (:domain blocksworld-4ops) (:objects a b)\n"                              \
    "(:init (handempty) (clear a) (on a b) (ontable b)) (:goal (on b a)))"

static void a_directory_is_read_in_the_order_of_its_numbers_without_its_domain(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_problem_set set;
    snprintf(root, sizeof root, "/tmp/directory-XXXXXX");
    assert_non_null(mkdtemp(root));
    assert_int_equal(fr_problem_set_load(&set, root, &domain, &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "no PDDL problem"));
    write_file("p-10.pddl", PUZZLE);
    write_file("p-9.pddl", PUZZLE);
    write_file("notes.txt", "no PDDL");
    write_file("domain.pddl", "; the domain\n(define (domain blocksworld-4ops) (:predicates (x)))");
    assert_ok(fr_problem_set_load(&set, root, &domain, &err), err);
    assert_int_equal(set.n, 2);
    assert_non_null(strstr(set.items[0].path, "/p-9.pddl"));
    assert_non_null(strstr(set.items[1].path, "/p-10.pddl"));
    assert_true(set.items[0].class_hash == set.items[1].class_hash);
    fr_problem_set_release(&set);
    write_file("p-11.pddl", "(define (problem p) (:domain other) (:init) (:goal (and)))");
    assert_int_equal(fr_problem_set_load(&set, root, &domain, &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "p-11.pddl:1:"));
    assert_int_equal(set.n, 0);
    static const char *const names[] = {"p-9.pddl", "p-10.pddl", "p-11.pddl", "notes.txt",
                                        "domain.pddl"};
    for (int i = 0; i < 5; i++)
        write_file(names[i], NULL);
    assert_int_equal(rmdir(root), 0);
    assert_int_equal(fr_problem_set_load(&set, root, &domain, &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "No such file"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_of_problems_are_the_exact_ones_in_blocksworld),
        cmocka_unit_test(constants_types_and_signs_count_and_the_order_of_facts_does_not),
        cmocka_unit_test(a_directory_is_read_in_the_order_of_its_numbers_without_its_domain),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
