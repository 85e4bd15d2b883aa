/* Naming tables: what is read, what is refused and how it is told, random namings, derangements. */
#include "naming/naming.h"

#include <string.h>

#include "base/file.h"
#include "test.h"

#define HEADER "id\tpick-up\tput-down\tstack\tunstack\tontable\tclear\thandempty\tholding\ton\n"
#define WORDS "\taa\tbb\tcc\tdd\tee\tff\tgg\thh\tii\n"

static struct fr_domain domain;

static int load_domain(void **state) {
    (void)state;
    struct fr_error err;
    return fr_domain_load(&domain, fr_test_path("data/domains/blocksworld.pddl"), &err);
}

static int release_domain(void **state) {
    (void)state;
    fr_domain_release(&domain);
    return 0;
}

static void load_paper(struct fr_namings *namings) {
    struct fr_error err = {0};
    assert_ok(fr_namings_load(namings, fr_test_path("data/namings.tsv"), &domain, &err), err);
}

static void the_paper_s_table_has_the_clean_and_twenty_mystery_namings(void **state) {
    (void)state;
    struct fr_namings namings;
    load_paper(&namings);
    assert_int_equal(namings.n, 21);
    assert_int_equal(namings.concepts.n, 9);
    for (int a = 0; a < 9; a++)
        assert_int_equal(namings.concepts.kinds[a],
                         a < 4 ? FR_CONCEPT_ACTION : FR_CONCEPT_PREDICATE);
    char id[16];
    for (int i = 1; i <= 20; i++) {
        (void)snprintf(id, sizeof id, "%d", i);
        assert_int_equal(fr_namings_find(&namings, id), i);
        assert_false(fr_naming_is_clean(&namings.items[i]));
    }
    assert_int_equal(fr_namings_find(&namings, "21"), -1);
    assert_true(fr_naming_is_clean(&namings.items[0]));
    for (int a = 0; a < 9; a++)
        assert_string_equal(namings.items[0].words[a], namings.concepts.names[a]);
    fr_namings_release(&namings);
}

/* In the paper's predicate table these two are swapped against its own prompts. */
static void holding_and_on_are_as_in_the_prompts(void **state) {
    (void)state;
    struct fr_namings namings;
    load_paper(&namings);
    assert_string_equal(namings.concepts.names[7], "holding");
    assert_string_equal(namings.items[1].words[7], "pain");
    assert_string_equal(namings.concepts.names[8], "on");
    assert_string_equal(namings.items[1].words[8], "craves");
    fr_namings_release(&namings);
}

static void a_table_may_have_comments_blank_lines_and_carriage_returns(void **state) {
    (void)state;
    struct fr_namings namings;
    struct fr_error err = {0};
    assert_ok(fr_namings_parse(&namings,
                               "# one\r\n\r\n" HEADER "\n# two\nfirst" WORDS "second" WORDS, "t",
                               &domain, &err),
              err);
    assert_int_equal(namings.n, 2);
    assert_string_equal(namings.items[0].id, "first");
    assert_string_equal(namings.items[1].words[8], "ii");
    fr_namings_release(&namings);
    assert_ok(fr_namings_parse(&namings, HEADER "last\taa\tbb\tcc\tdd\tee\tff\tgg\thh\tii", "t",
                               &domain, &err),
              err);
    assert_string_equal(namings.items[0].words[8], "ii");
    fr_namings_release(&namings);
}

static void a_byte_order_mark_and_letters_of_any_script_are_borne(void **state) {
    (void)state;
    struct fr_namings namings;
    struct fr_error err = {0};
    assert_ok(fr_namings_parse(&namings,
                               "\xef\xbb\xbf" HEADER "x\tna\xc3\xafve\t\xd0\xb4\xd0\xb0\t"
                               "\xe8\xaf\x8d\xe8\xaf\xad\tdd\tee\tff\tgg\thh\tii\n",
                               "t", &domain, &err),
              err);
    assert_string_equal(namings.items[0].words[0], "na\xc3\xafve");
    fr_namings_release(&namings);
}

/* Arrays of a naming have an end; the domain's have none. */
static void a_domain_of_too_many_concepts_has_no_namings(void **state) {
    (void)state;
    struct fr_domain large;
    struct fr_namings namings;
    struct fr_error err = {0};
    struct fr_text text = {0};
    fr_text_add(&text, "(define (domain large) (:predicates ");
    for (int i = 0; i < FR_MAX_CONCEPTS; i++)
        fr_text_printf(&text, "(p%d)", i);
    fr_text_add(&text, ") (:action go))");
    assert_ok(fr_domain_parse(&large, fr_text_get(&text), "large", &err), err);
    assert_int_equal(fr_namings_parse(&namings, HEADER "x" WORDS, "t", &large, &err), FR_E_LIMIT);
    assert_string_equal(err.text, "domain large has 65 actions and predicates; namings and prompts "
                                  "take at most 64");
    fr_domain_release(&large);
    fr_text_release(&text);
}

#define SIXTY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void wrong_tables_are_refused_with_line_and_reason(void **state) {
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", "t: no namings"},
        {"# nothing\n", "t: no namings"},
        {HEADER, "t: no namings"},
        {"name\tpick-up\n", "t:1: header begins \"name\"; its first column is \"id\""},
        {"id\tpick-up\n", "t:1: header has 2 columns"},
        {"id\tput-down\tput-down\tstack\tunstack\tontable\tclear\thandempty\tholding\ton\n",
         "t:1: no column for action \"pick-up\" of domain blocksworld-4ops; the header begins"},
        {HEADER "x\taa\tbb\n", "t:2: 3 columns; expected an id and 9 words"},
        {HEADER "x\taa\tbb\tcc\tdd\tee\tff\tgg\thh\tii\tjj\n", "t:2: 11 columns"},
        {HEADER "x y" WORDS, "t:2: \"x y\" is no naming id"},
        {HEADER WORDS, "t:2: \"\" is no naming id"},
        {HEADER "x\xff" WORDS, "t:2: naming id is no UTF-8 (byte 0xff)"},
        {HEADER "x\xe2\x80\xae" WORDS, "t:2: naming id holds U+202E, which is no letter"},
        {HEADER "x\taa\tbb\tcc\tdd\tee\tff\tgg\thh\ti\xe2\x80\xaei\n",
         "t:2: naming x: word for on holds U+202E, which is no letter; use letters"},
        {HEADER "x\taa\tbb\tcc\tdd\tee\tff\tgg\thh\ti\xc2\xa0i\n", "holds U+00A0"},
        {HEADER "x\taa\tbb\tcc\tdd\tee\tff\tgg\thh\ti\xe2\x80\x8bi\n", "holds U+200B"},
        {HEADER "x\taa\tbb\tcc\tdd\tee\tff\tgg\thh\ti\xef\xbb\xbfi\n", "holds U+FEFF"},
        {HEADER "x\taa\tbb\tcc\tdd\tee\tff\tgg\thh\ti\xe2\x80\x93i\n", "holds U+2013"},
        {HEADER "x\taa\tbb\tcc\tdd\tee\tff\tgg\thh\ti\xe3\x85\xa4i\n", "holds U+3164"},
        {HEADER "x\taa\tbb\tcc\tdd\tee\tff\tgg\thh\ti\xe1\x85\x9fi\n", "holds U+115F"},
        {HEADER "x\taa\tbb\tcc\tdd\tee\tff\tgg\thh\tii\xc3\n",
         "t:2: naming x: word for on is no UTF-8 (byte 0xc3)"},
        {HEADER "x\taa\tbb\tcc\tdd\tee\tff\tgg\thh\ti\xc0\xafi\n", "is no UTF-8 (byte 0xc0)"},
        {HEADER "x\taa\tbb\tcc\tdd\tee\tff\tgg\thh\t\xed\xa0\x80i\n", "is no UTF-8 (byte 0xed)"},
        {HEADER "x" WORDS "\nx" WORDS, "t:4: naming x is defined twice"},
        {HEADER "x\taa\tbb\tcc\tdd\tee\tff\tgg\thh\taa\n",
         "t:2: naming x uses \"aa\" twice (pick-up and on)"},
        {HEADER "x\taa\tbb\tcc\tdd\tee\tff\tgg\thh\tAA\n", "uses \"AA\" twice (pick-up and on)"},
        {HEADER "x\tpick-up\tbb\tcc\tdd\tee\tff\tgg\thh\tpickup\n", "uses \"pickup\" twice"},
        {HEADER "x\taa\tbb\tcc\tdd\tee\tff\tgg\thh\t\n", "t:2: naming x: \"\" is no word for on"},
        {HEADER "x\taa\tbb\tcc\tdd\tee\tff\tgg\thh\ti i\n", "\"i i\" is no word for on"},
        {HEADER "x\taa\tbb\tcc\tdd\tee\tff\tgg\thh\ti.i\n", "\"i.i\" is no word for on"},
        {HEADER "x\taa\tbb\tcc\tdd\tee\tff\tgg\thh\t--\n", "\"--\" is no word for on"},
        {HEADER "x\taa\tbb\tcc\tdd\tee\tff\tgg\thh\tA\n", "\"A\" is no word for on"},
        {HEADER "x\taa\tbb\tcc\tdd\tee\tff\tgg\thh\t" SIXTY "wxyz\n",
         "naming x: \"aaaaaaaaaaaaaaaaaaaa...\" is no word for on: 64 bytes, of which it has at "
         "most "
         "63"},
        {HEADER SIXTY "wxyz" WORDS, "is no naming id: 64 bytes, of which it has at most 63"},
        {HEADER "x\taa\tbb\tcc\tdd\tee\tff\tgg\thh\t12\n", "\"12\" is no word for on"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_namings namings;
        struct fr_error err = {0};
        assert_int_equal(fr_namings_parse(&namings, cases[i].text, "t", &domain, &err), FR_E_INPUT);
        if (strstr(err.text, cases[i].want) == NULL)
            fail_msg("\"%s\" does not say: %s", err.text, cases[i].want);
        assert_int_equal(namings.n, 0);
        assert_null(namings.items);
    }
}

static void columns_may_stand_in_any_order(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_namings namings;
    assert_ok(fr_namings_parse(&namings,
                               "id\ton\tHolding\thandempty\tclear\tontable\tunstack\tstack\t"
                               "put-down\tpick-up\nx\tii\thh\tgg\tff\tee\tdd\tcc\tbb\taa\n",
                               "t", &domain, &err),
              err);
    for (int a = 0; a < 9; a++) {
        const char want[] = {(char)('a' + a), (char)('a' + a), '\0'};
        assert_string_equal(namings.items[0].words[a], want);
    }
    assert_string_equal(namings.concepts.names[0], "pick-up");
    assert_string_equal(namings.concepts.names[7], "holding");
    fr_namings_release(&namings);
}

static void a_line_of_thousands_of_columns_or_letters_is_refused(void **state) {
    (void)state;
    struct fr_namings namings;
    struct fr_error err = {0};
    struct fr_text text = {0};
    fr_text_add(&text, HEADER "x");
    for (int i = 0; i < 5000; i++)
        fr_text_add(&text, "\tww");
    assert_int_equal(fr_namings_parse(&namings, text.data, "t", &domain, &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "t:2: more than"));
    fr_text_clear(&text);
    fr_text_add(&text, HEADER "x\t");
    for (int i = 0; i < 5000; i++)
        fr_text_add(&text, "w");
    fr_text_add(&text, "\tbb\tcc\tdd\tee\tff\tgg\thh\tii\n");
    assert_int_equal(fr_namings_parse(&namings, text.data, "t", &domain, &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "is no word for pick-up: 5000 bytes"));
    fr_text_release(&text);
}

static void a_file_with_a_zero_byte_or_none_at_all_is_refused(void **state) {
    (void)state;
    struct fr_namings namings;
    struct fr_error err = {0};
    static const char text[] = HEADER "x" WORDS "\0 hidden";
    char path[] = "naming_test.XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, sizeof text), sizeof text);
    (void)close(fd);
    assert_int_equal(fr_namings_load(&namings, path, &domain, &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "NUL"));
    (void)unlink(path);
    assert_int_equal(fr_namings_load(&namings, path, &domain, &err), FR_E_INPUT);
}

static void random_namings_use_distinct_words_of_the_pool_and_follow_the_seed(void **state) {
    (void)state;
    static const char *const pool[] = {"a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9"};
    int used[10][9] = {{0}};
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct fr_rng rng, again;
        struct fr_naming naming, same;
        fr_rng_seed(&rng, seed, 0);
        fr_rng_seed(&again, seed, 0);
        fr_naming_random(&rng, pool, 10, 9, "r", &naming);
        fr_naming_random(&again, pool, 10, 9, "r", &same);
        bool taken[10] = {false};
        for (int a = 0; a < 9; a++) {
            const int k = naming.words[a][1] - '0';
            assert_false(taken[k]);
            taken[k] = true;
            used[k][a]++;
            assert_string_equal(naming.words[a], same.words[a]);
        }
        fr_naming_release(&naming, 9);
        fr_naming_release(&same, 9);
    }
    /* 200 expected, standard deviation 13.4 */
    for (int k = 0; k < 10; k++)
        for (int a = 0; a < 9; a++)
            assert_true(used[k][a] > 140 && used[k][a] < 260);
}

static void derangements_move_every_concept_within_its_kind(void **state) {
    (void)state;
    struct fr_namings namings;
    load_paper(&namings);
    int distinct = 0;
    for (int i = 0; i < namings.n; i++) {
        int order[FR_MAX_CONCEPTS], again[FR_MAX_CONCEPTS];
        bool hit[FR_MAX_CONCEPTS] = {false};
        fr_naming_derange(&namings.concepts, namings.items[i].id, 1, order);
        fr_naming_derange(&namings.concepts, namings.items[i].id, 1, again);
        for (int a = 0; a < 9; a++) {
            assert_int_not_equal(order[a], a);
            assert_int_equal(namings.concepts.kinds[order[a]], namings.concepts.kinds[a]);
            assert_false(hit[order[a]]);
            hit[order[a]] = true;
            assert_int_equal(order[a], again[a]);
        }
        fr_naming_derange(&namings.concepts, namings.items[i].id, 2, again);
        distinct += memcmp(order, again, 9 * sizeof *order) != 0;
    }
    assert_true(distinct >= 18); /* one in 9 * 44 = 396 is the same by chance */
    fr_namings_release(&namings);
}

static void a_kind_of_one_concept_keeps_it(void **state) {
    (void)state;
    struct fr_concepts concepts = {.n = 3,
                                   .kinds = {FR_CONCEPT_ACTION, FR_CONCEPT_PREDICATE,
                                             FR_CONCEPT_PREDICATE}};
    int order[3];
    fr_naming_derange(&concepts, "x", 1, order);
    assert_int_equal(order[0], 0);
    assert_int_equal(order[1], 2);
    assert_int_equal(order[2], 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_paper_s_table_has_the_clean_and_twenty_mystery_namings),
        cmocka_unit_test(holding_and_on_are_as_in_the_prompts),
        cmocka_unit_test(a_table_may_have_comments_blank_lines_and_carriage_returns),
        cmocka_unit_test(a_byte_order_mark_and_letters_of_any_script_are_borne),
        cmocka_unit_test(a_domain_of_too_many_concepts_has_no_namings),
        cmocka_unit_test(wrong_tables_are_refused_with_line_and_reason),
        cmocka_unit_test(columns_may_stand_in_any_order),
        cmocka_unit_test(a_line_of_thousands_of_columns_or_letters_is_refused),
        cmocka_unit_test(a_file_with_a_zero_byte_or_none_at_all_is_refused),
        cmocka_unit_test(random_namings_use_distinct_words_of_the_pool_and_follow_the_seed),
        cmocka_unit_test(derangements_move_every_concept_within_its_kind),
        cmocka_unit_test(a_kind_of_one_concept_keeps_it),
    };
    return cmocka_run_group_tests(tests, load_domain, release_domain);
}
