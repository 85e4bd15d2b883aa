/* What is shared out among the ranks of a machine. */
#include "test.h"

#include "work/mpi.h"

static void each_rank_has_its_share_of_the_devices(void **state) {
    (void)state;
    static const struct {
        const char *list;
        int rank, size;
        const char *own;
    } cases[] = {
        {"0,1,2,3", 0, 4, "0"},       {"0,1,2,3", 3, 4, "3"},         {"0,1,2,3", 1, 2, "2,3"},
        {"0,1,2,3", 0, 1, "0,1,2,3"}, {"0,1,2", 1, 2, "1"},           {"4,6", 2, 3, "4"},
        {"4,6", 1, 3, "6"},           {"GPU-5f2e", 5, 8, "GPU-5f2e"}, {"", 1, 2, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_text own = {0};
        fr_mpi_share(cases[i].list, cases[i].rank, cases[i].size, &own);
        assert_string_equal(fr_text_get(&own), cases[i].own);
        fr_text_release(&own);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rank_has_its_share_of_the_devices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
