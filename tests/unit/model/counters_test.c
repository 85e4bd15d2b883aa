/* What is counted of models is added up and taken away, all of it. */
#include "test.h"

#include <string.h>

#include "model/model.h"

enum { N = sizeof(struct fr_model_counters) / sizeof(long long) };

static void every_counter_is_added_and_taken_away(void **state) {
    (void)state;
    long long values[N], sums[N];
    struct fr_model_counters one, two;
    for (int i = 0; i < N; i++)
        values[i] = i + 1;
    memcpy(&one, values, sizeof one);
    two = one;
    fr_model_counters_add(&two, &one, 1);
    memcpy(sums, &two, sizeof two);
    for (int i = 0; i < N; i++)
        assert_int_equal(sums[i], 2 * values[i]);
    fr_model_counters_add(&two, &one, -1);
    assert_memory_equal(&two, &one, sizeof one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_counter_is_added_and_taken_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
