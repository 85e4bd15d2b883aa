/* The generator: distinct, solvable, split by fold, the same for the same seed. */
#include <string.h>

#include "base/memory.h"
#include "planning_fixture.h"

static bool same(const struct fr_puzzle *a, const struct fr_puzzle *b) {
    return a->n_blocks == b->n_blocks && !memcmp(a->init, b->init, (size_t)a->n_blocks) &&
           !memcmp(a->goal, b->goal, (size_t)a->n_blocks);
}

enum { COUNT = 200 };

static void the_splits_are_distinct_and_disjoint_up_to_renaming(void **state) {
    (void)state;
    static struct fr_puzzle sets[FR_SPLIT_COUNT][COUNT];
    struct fr_error err;
    for (int s = 0; s < FR_SPLIT_COUNT; s++) {
        assert_ok(fr_puzzles_generate(sets[s], COUNT, (enum fr_puzzle_split)s, 4, 4,
                                      FR_DISTINCT_PUZZLES, 1, &err),
                  err);
        for (int i = 0; i < COUNT; i++) {
            assert_int_equal(fr_puzzle_fold(&sets[s][i]) == FR_PUZZLE_FOLD_HELD_OUT,
                             s == FR_SPLIT_EVALUATE);
            assert_true(fr_puzzle_plan_length(&sets[s][i]) >= 4);
            for (int j = 0; j < i; j++)
                assert_false(same(&sets[s][i], &sets[s][j]));
        }
    }
    for (int i = 0; i < COUNT; i++)
        for (int j = 0; j < COUNT; j++)
            assert_int_not_equal(fr_puzzle_class(&sets[0][i]), fr_puzzle_class(&sets[1][j]));
}

static void a_smaller_count_is_a_prefix_and_another_seed_another_set(void **state) {
    (void)state;
    struct fr_puzzle many[50], few[20], other[20];
    struct fr_error err;
    assert_ok(fr_puzzles_generate(many, 50, FR_SPLIT_COLLECT, 5, 6, FR_DISTINCT_PUZZLES, 7, &err),
              err);
    assert_ok(fr_puzzles_generate(few, 20, FR_SPLIT_COLLECT, 5, 6, FR_DISTINCT_PUZZLES, 7, &err),
              err);
    assert_ok(fr_puzzles_generate(other, 20, FR_SPLIT_COLLECT, 5, 6, FR_DISTINCT_PUZZLES, 8, &err),
              err);
    int n_same = 0;
    for (int i = 0; i < 20; i++) {
        assert_true(same(&many[i], &few[i]));
        n_same += same(&few[i], &other[i]);
    }
    assert_true(n_same < 5);
}

static void a_space_that_is_too_small_is_an_error(void **state) {
    (void)state;
    struct fr_puzzle out[200];
    struct fr_error err;
    /* Two blocks: 9 pairs, 4 whose goal has an unmet on-fact. */
    assert_int_equal(fr_puzzles_generate(out, 5, FR_SPLIT_COLLECT, 2, 0, FR_DISTINCT_PUZZLES, 1,
                                         &err),
                     FR_E_INPUT);
    assert_non_null(strstr(err.text, "found"));
    assert_int_equal(fr_puzzles_generate(out, 1, FR_SPLIT_COLLECT, 4, 14, FR_DISTINCT_PUZZLES, 1,
                                         &err),
                     FR_E_INPUT);
    assert_int_equal(fr_puzzles_generate(out, 1, FR_SPLIT_COLLECT, 1, 0, FR_DISTINCT_PUZZLES, 1,
                                         &err),
                     FR_E_INPUT);
    assert_int_equal(fr_puzzles_generate(out, 1, FR_SPLIT_COLLECT, 13, 0, FR_DISTINCT_PUZZLES, 1,
                                         &err),
                     FR_E_INPUT);
    assert_int_equal(fr_puzzles_generate(out, -1, FR_SPLIT_COLLECT, 4, 0, FR_DISTINCT_PUZZLES, 1,
                                         &err),
                     FR_E_INPUT);
    assert_ok(fr_puzzles_generate(out, 0, FR_SPLIT_COLLECT, 4, 0, FR_DISTINCT_PUZZLES, 1, &err),
              err);
}

/* Every puzzle of the space is found: the two splits together hold as many as an
 * enumeration counts (golden/planning/puzzle_classes.py says 13 states of three blocks). */
static void a_whole_space_can_be_generated(void **state) {
    (void)state;
    static struct fr_puzzle out[169];
    struct fr_error err;
    int found[FR_SPLIT_COUNT];
    for (int s = 0; s < FR_SPLIT_COUNT; s++)
        for (found[s] = 0; found[s] < 169; found[s]++)
            if (fr_puzzles_generate(out, found[s] + 1, (enum fr_puzzle_split)s, 3, 0,
                                    FR_DISTINCT_PUZZLES, 3, &err))
                break;
    /* 12 goals with on-facts; each of 13 initial states, less those that hold already. By
     * hand: 6 goals of one fact hold in 3 states each, 6 towers in 1: 156 - 24. */
    assert_int_equal(found[0] + found[1], 132);
}

static void classes_are_drawn_once_when_they_are_asked_for(void **state) {
    (void)state;
    enum { N = 60 };
    struct fr_puzzle out[N];
    struct fr_error err;
    assert_ok(fr_puzzles_generate(out, N, FR_SPLIT_COLLECT, 4, 4, FR_DISTINCT_CLASSES, 1, &err),
              err);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < i; j++)
            assert_true(fr_puzzle_class(&out[i]) != fr_puzzle_class(&out[j]));
    struct fr_puzzle *many = fr_alloc(300, sizeof *many);
    assert_int_equal(fr_puzzles_generate(many, 300, FR_SPLIT_COLLECT, 4, 4, FR_DISTINCT_CLASSES, 1,
                                         &err),
                     FR_E_INPUT);
    assert_non_null(strstr(err.text, "none a renaming of another, asked for"));
    free(many);
}

/* golden/planning/puzzle_classes.py counts the classes of pairs of states, and of those among them
 * whose goal has an on-fact and does not hold at the start. */
static void puzzles_distinct_by_class_are_as_many_as_there_are_classes(void **state) {
    (void)state;
    static struct fr_puzzle out[300];
    struct fr_error err;
    int found[FR_SPLIT_COUNT];
    for (int s = 0; s < FR_SPLIT_COUNT; s++) {
        const enum fr_puzzle_split split = (enum fr_puzzle_split)s;
        assert_int_equal(fr_puzzles_generate(out, 300, split, 4, 0, FR_DISTINCT_CLASSES, 5, &err),
                         FR_E_INPUT);
        const char *said = strstr(err.text, "asked for");
        assert_non_null(said);
        found[s] = (int)strtol(said + strcspn(said, "0123456789"), NULL, 10);
        assert_ok(fr_puzzles_generate(out, found[s], split, 4, 0, FR_DISTINCT_CLASSES, 5, &err),
                  err);
        for (int i = 0; i < found[s]; i++)
            for (int j = 0; j < i; j++)
                assert_int_not_equal(fr_puzzle_class(&out[i]), fr_puzzle_class(&out[j]));
    }
    assert_int_equal(found[0] + found[1], 210);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_splits_are_distinct_and_disjoint_up_to_renaming),
        cmocka_unit_test(a_smaller_count_is_a_prefix_and_another_seed_another_set),
        cmocka_unit_test(a_space_that_is_too_small_is_an_error),
        cmocka_unit_test(a_whole_space_can_be_generated),
        cmocka_unit_test(classes_are_drawn_once_when_they_are_asked_for),
        cmocka_unit_test(puzzles_distinct_by_class_are_as_many_as_there_are_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
