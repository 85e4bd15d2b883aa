/* Phases of a text by both sets of rules: against a second implementation in Python
 * (tests/golden/phases), what a table may not say, and how far the rules agree on recorded
 * reasoning of DeepSeek-R1. */
#include "phases/phases.h"

#include <jansson.h>
#include <string.h>

#include "golden/golden.h"
#include "test.h"

#define TABLE "phases/phases.tsv"
enum { RECORDED = 20 };

static const char prose[] =
    "Okay, the initial state is: planet a, province b and harmony. The goal is that a craves b.\n\n"
    "To get that, I need to overcome a from b. What if I attack a first? That takes province a. "
    "Hmm, there is none.\n1. Attack a\n2. Overcome a from b\nSo harmony and province a hold. "
    "Let me verify: a craves b, yes. \"Is that all?\" Then the plan works. Planet b is left.\n";
static const char terse[] =
    "* attack x : province x planet x harmony > pain x\n1 planet A craves C B province C harmony | "
    "A - B + ~ craves A B B + ? overcome A B : province B + pain A - ? attack A : province A + > "
    "attack A\n > attack A > overcome A B\n? craves A B + craves B C +\n";

static const char agenda[] =
    "* - > succumb = > overcome = > feast - > attack\n - craves D B + craves C B\n"
    " - craves D B : D B harmony > feast D B > province B pain D : D > succumb D > planet D\n"
    " + craves C B : C harmony > attack C > pain C : C B > overcome C B > craves C B harmony\n"
    "* - > succumb = > overcome = > feast - > attack\n";

static const struct fr_concepts concepts = {.n = 9,
                                            .kinds = {[4] = FR_CONCEPT_PREDICATE,
                                                      FR_CONCEPT_PREDICATE,
                                                      FR_CONCEPT_PREDICATE,
                                                      FR_CONCEPT_PREDICATE,
                                                      FR_CONCEPT_PREDICATE}};

static struct fr_forms forms_of_naming_1(void) {
    static const char *const words[] = {"attack",   "succumb", "overcome", "feast", "planet",
                                        "province", "harmony", "pain",     "craves"};
    struct fr_forms forms = {0};
    for (int a = 0; a < concepts.n; a++)
        fr_forms_append(&forms, words[a], a);
    return forms;
}

static struct fr_phases *rules_of(enum fr_phase_text text) {
    struct fr_phases *phases;
    struct fr_error err = {0};
    assert_ok(fr_phases_open(&phases, NULL, text, &err), err);
    return phases;
}

/* Bytes stand for tokens. */
static void add_bytes(const struct fr_phase_spans spans[2], size_t n, struct fr_phase_counts *out) {
    int at[2] = {0};
    for (size_t i = 0; i < n; i++) {
        for (int k = 0; k < 2; k++)
            while (spans[k].items[at[k]].end <= i)
                at[k]++;
        out->n[spans[0].items[at[0]].phase][spans[1].items[at[1]].phase]++;
    }
}

static void spans_and_kappas_are_those_of_python(void **state) {
    (void)state;
    const char *const texts[FR_PHASE_TEXT_COUNT] = {prose, terse, agenda};
    struct fr_forms forms = forms_of_naming_1();
    struct golden g;
    int n_spans = 0, n_found = 0;
    for (int k = 0; k < FR_PHASE_TEXT_COUNT; k++) {
        struct fr_phases *phases = rules_of((enum fr_phase_text)k);
        struct fr_phase_spans spans[2] = {0};
        struct fr_phase_counts counts = {0};
        int next[2] = {0};
        for (int r = 0; r < 2; r++) {
            fr_phases_find(phases, (enum fr_phase_rules)r, &forms, &concepts, texts[k], 0,
                           strlen(texts[k]), &spans[r]);
            n_found += spans[r].n;
        }
        for (golden_open(&g, TABLE); golden_next(&g, "span");) {
            if ((int)g.v[0] != k)
                continue;
            const int r = (int)g.v[1];
            assert_true(next[r] < spans[r].n);
            const struct fr_phase_span *span = &spans[r].items[next[r]++];
            golden_near(&g, (double)span->start, g.v[2], 0);
            golden_near(&g, (double)span->end, g.v[3], 0);
            golden_near(&g, span->phase, g.v[4], 0);
            n_spans++;
        }
        add_bytes(spans, strlen(texts[k]), &counts);
        for (golden_open(&g, TABLE); golden_next(&g, "kappa");)
            if ((int)g.v[0] == k)
                golden_near(&g,
                            g.v[1] < 0 ? fr_phase_kappa(&counts)
                                       : fr_phase_kappa_of(&counts, (enum fr_phase)g.v[1]),
                            g.v[2], 1e-12);
        for (int r = 0; r < 2; r++)
            fr_phase_spans_release(&spans[r]);
        fr_phases_close(phases);
    }
    assert_true(n_found == n_spans && n_spans > 15);
    fr_forms_release(&forms);
}

static void tokens_have_the_phase_of_their_first_byte_and_none_outside(void **state) {
    (void)state;
    struct fr_phases *phases = rules_of(FR_PHASE_PROSE);
    struct fr_phase_spans spans = {0};
    const char *text = "prompt: the goal. Let me verify it. What if not?";
    const int32_t starts[] = {0, 8, 17, 30, 35, 48};
    uint8_t found[6];
    fr_phases_find(phases, FR_PHASES_BY_CUES, NULL, &concepts, text, 8, 48, &spans);
    assert_int_equal(spans.n, 3);
    assert_int_equal(spans.items[0].start, 8);
    assert_int_equal(spans.items[2].end, 48);
    fr_phases_of_tokens(&spans, starts, 6, found);
    const uint8_t want[] = {FR_PHASE_NONE,         FR_PHASE_COMPARISON,  FR_PHASE_VERIFICATION,
                            FR_PHASE_VERIFICATION, FR_PHASE_EXPLORATION, FR_PHASE_NONE};
    assert_memory_equal(found, want, sizeof want);
    fr_phases_find(phases, FR_PHASES_BY_CUES, NULL, &concepts, text, 8, 8, &spans);
    assert_int_equal(spans.n, 0);
    fr_phase_spans_release(&spans);
    fr_phases_close(phases);
}

static void a_table_that_is_wrong_is_refused_by_its_line(void **state) {
    (void)state;
#define HEAD "rules\ttext\tphase\tbegins\tactions\tfacts\tbefore\tcues\n"
    static const struct {
        const char *text, *says;
    } cases[] = {
        {HEAD "cues\tprose\tthinking\t-\t-\t-\t-\thm\n", ":2: phase \"thinking\""},
        {HEAD "\n# a comment\ncues\tprose\tsearch\t-\t1\t-\t-\thm\n", ":4: rules by cues look at"},
        {HEAD "mentions\tprose\tsearch\t-\t1\t-\t-\thm\n", "look at phrases too"},
        {HEAD "cues\tprose\tsearch\t-\tmany\t-\t-\thm\n", "no number such as"},
        {HEAD "cues\tprose\tsearch\t-\t-\t-\t-\n", ":2: not 8 columns"},
        {HEAD "cues\tterse\tsearch\t?\t-\t-\t-\t-\n", "no rules for prose"},
        {"rules\tphase\n", "the columns are not"},
        {"", "is empty"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[] = "/tmp/phases-XXXXXX";
        struct fr_phases *phases;
        struct fr_error err = {0};
        const int fd = mkstemp(path);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, cases[i].text, strlen(cases[i].text)), strlen(cases[i].text));
        close(fd);
        assert_int_equal(fr_phases_open(&phases, path, FR_PHASE_PROSE, &err), FR_E_INPUT);
        assert_null(phases);
        if (strstr(err.text, cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, err.text);
        (void)unlink(path);
    }
}

static void kappa_is_one_for_equal_labels_and_nothing_without_any(void **state) {
    (void)state;
    struct fr_phase_counts counts = {0};
    assert_true(isnan(fr_phase_kappa(&counts)));
    counts.n[1][1] = 5;
    assert_true(isnan(fr_phase_kappa(&counts))); /* one phase is no agreement */
    counts.n[2][2] = 3;
    assert_near(fr_phase_kappa(&counts), 1, 1e-15);
    counts.n[1][2] = 15;
    counts.n[2][1] = 1; /* rows 20, 4; columns 6, 18; by chance (120 + 72) / 576 = 1/3, seen 1/3 */
    assert_near(fr_phase_kappa(&counts), 0, 1e-15);
}

/* The two sets look at different things, and on prose of a real model they hardly agree: what
 * reports say of such studies. Numbers: make_phases.py on the same file. */
static void on_recorded_reasoning_the_rules_hardly_agree(void **state) {
    (void)state;
    const char *path = fr_test_shared("planbench/traces-deepseek-r1-mystery-3blocks.jsonl");
    if (path == NULL)
        skip();
    struct fr_phases *phases = rules_of(FR_PHASE_PROSE);
    struct fr_forms forms = forms_of_naming_1();
    struct fr_phase_spans spans[2] = {0};
    struct fr_phase_counts counts = {0};
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (int i = 0; i < RECORDED; i++) {
        json_t *line = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL);
        const char *text = json_string_value(json_object_get(line, "reasoning"));
        assert_non_null(text);
        for (int r = 0; r < 2; r++)
            fr_phases_find(phases, (enum fr_phase_rules)r, &forms, &concepts, text, 0, strlen(text),
                           &spans[r]);
        add_bytes(spans, strlen(text), &counts);
        json_decref(line);
    }
    (void)fclose(file);
    assert_near(fr_phase_kappa(&counts), 0.0643, 0.003);
    for (int r = 0; r < 2; r++)
        fr_phase_spans_release(&spans[r]);
    fr_forms_release(&forms);
    fr_phases_close(phases);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_and_kappas_are_those_of_python),
        cmocka_unit_test(tokens_have_the_phase_of_their_first_byte_and_none_outside),
        cmocka_unit_test(a_table_that_is_wrong_is_refused_by_its_line),
        cmocka_unit_test(kappa_is_one_for_equal_labels_and_nothing_without_any),
        cmocka_unit_test(on_recorded_reasoning_the_rules_hardly_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
