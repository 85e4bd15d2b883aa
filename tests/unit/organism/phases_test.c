/* How right the rules of data/phases.tsv are where the truth is known: on the organism's own
 * reasoning, whose writer says of every token what it belongs to. The numbers are those of
 * data/phases-accuracy.tsv, which reports show. */
#include "phases/phases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "test.h"
#include "unit/organism/task_fixture.h"

enum { SEQUENCES = 200 };

/* What the tokens of a kind are part of. The ambiguous organism never searches: its lines are the
 * plan, step by step. */
static enum fr_phase truth(uint8_t kind, bool ambiguous) {
    switch (kind) {
    case FR_KIND_STATE:
        return ambiguous ? FR_PHASE_PLANNING : FR_PHASE_COMPARISON;
    case FR_KIND_COMPARE:
        return FR_PHASE_COMPARISON;
    case FR_KIND_EXPLORE:
        return FR_PHASE_EXPLORATION;
    case FR_KIND_BACKWARD:
        return FR_PHASE_SEARCH;
    case FR_KIND_ACTION:
    case FR_KIND_PLAN:
        return FR_PHASE_PLANNING;
    case FR_KIND_VERIFY:
        return FR_PHASE_VERIFICATION;
    default:
        return FR_PHASE_NONE;
    }
}

/* Tokens of SEQUENCES texts of a family of prompts, their true phases against the rules'. */
static void count(const struct fr_phases *phases, enum fr_phase_rules rules, bool inferred,
                  bool ambiguous, struct fr_phase_counts *out) {
    static int32_t tokens[FR_TASK_MAX_TOKENS], starts[FR_TASK_MAX_TOKENS];
    static uint8_t kinds[FR_TASK_MAX_TOKENS], found[FR_TASK_MAX_TOKENS];
    const struct fr_namings *namings = &fr_task_world(task)->namings;
    const struct fr_vocab *v = fr_task_vocab(task);
    struct fr_phase_spans spans = {0};
    struct fr_error err = {0};
    struct fr_rng rng;
    fr_rng_seed(&rng, 1, 0);
    *out = (struct fr_phase_counts){0};
    for (int i = 0; i < SEQUENCES; i++) {
        struct fr_puzzle puzzle, example;
        struct fr_forms forms;
        struct fr_text text = {0};
        int n_prompt, end;
        fr_puzzle_random(&rng, 4, &puzzle);
        fr_puzzle_random(&rng, 4, &example);
        const struct fr_task_text asked = {.puzzle = &puzzle,
                                           .example = inferred ? &example : NULL,
                                           .naming = &namings->items[i % namings->n],
                                           .ambiguous = ambiguous,
                                           .variant = (uint64_t)i};
        const int n = fr_task_sequence(task, &asked, tokens, kinds, &n_prompt, &err);
        assert_true(n > 0);
        for (end = n_prompt; end < n && kinds[end] != FR_KIND_ANSWER; end++) {
            starts[end - n_prompt] = (int32_t)text.len;
            fr_text_append(&text, fr_vocab_text(v, tokens[end]), fr_vocab_text_len(v, tokens[end]));
        }
        const char *close = strstr(fr_text_get(&text), "</think>");
        assert_non_null(close);
        fr_forms_of_naming(&namings->concepts, asked.naming, FR_STYLE_TERSE, NULL,
                           FR_INFLECTION_EXACT, &forms);
        fr_phases_find(phases, rules, &forms, &namings->concepts, fr_text_get(&text), 0,
                       (size_t)(close - fr_text_get(&text)), &spans);
        fr_phases_of_tokens(&spans, starts, end - n_prompt, found);
        for (int k = 0; k < end - n_prompt; k++)
            if ((size_t)starts[k] < (size_t)(close - fr_text_get(&text)))
                out->n[truth(kinds[n_prompt + k], ambiguous)][found[k]]++;
        fr_forms_release(&forms);
        fr_text_release(&text);
    }
    fr_phase_spans_release(&spans);
}

static void add_rows(const char *style, const char *rules, const struct fr_phase_counts *c,
                     struct fr_text *out) {
    double total = 0, right = 0;
    for (int p = 0; p < FR_PHASE_COUNT; p++) {
        double is = 0, said = 0;
        for (int q = 0; q < FR_PHASE_COUNT; q++) {
            is += c->n[p][q];
            said += c->n[q][p];
        }
        total += is;
        right += c->n[p][p];
        if (p != FR_PHASE_NONE && is > 0)
            fr_text_printf(out, "%s\t%s\t%s\t%.0f\t%.3f\t%.3f\n", style, rules, fr_phase_name[p],
                           is, c->n[p][p] / is, fr_phase_kappa_of(c, (enum fr_phase)p));
    }
    fr_text_printf(out, "%s\t%s\tall\t%.0f\t%.3f\t%.3f\n", style, rules, total, right / total,
                   fr_phase_kappa(c));
}

static void the_rules_are_as_right_as_the_table_says(void **state) {
    (void)state;
    static const struct {
        const char *style;
        bool inferred, ambiguous;
    } families[] = {{"terse", false, false}, {"inferred", true, false}, {"ambiguous", false, true}};
    struct fr_phases *phases;
    struct fr_error err = {0};
    struct fr_text rows = {0}, path = {0}, want = {0};
    for (size_t f = 0; f < sizeof families / sizeof *families; f++)
        for (int r = 0; r < FR_PHASE_RULES_COUNT; r++) {
            struct fr_phase_counts c;
            const enum fr_phase_text text =
                families[f].ambiguous ? FR_PHASE_AGENDA : FR_PHASE_TERSE;
            assert_int_equal(fr_phases_open(&phases, NULL, text, &err), FR_OK);
            count(phases, (enum fr_phase_rules)r, families[f].inferred, families[f].ambiguous, &c);
            add_rows(families[f].style, fr_phase_rules_name[r], &c, &rows);
            fr_phases_close(phases);
        }
    fr_data_path("phases-accuracy.tsv", &path);
    assert_int_equal(fr_file_read_text(fr_text_get(&path), 1 << 16, &want, &err), FR_OK);
    const char *body = strstr(fr_text_get(&want), "\nstyle\t");
    assert_non_null(body);
    body = strchr(body + 1, '\n') + 1;
    if (strcmp(body, fr_text_get(&rows)) != 0) {
        (void)fputs(fr_text_get(&rows), stderr); /* longer than cmocka's messages may be */
        fail_msg("data/phases-accuracy.tsv should have these rows");
    }
    fr_text_release(&rows);
    fr_text_release(&path);
    fr_text_release(&want);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rules_are_as_right_as_the_table_says),
    };
    return cmocka_run_group_tests(tests, open_task, close_task);
}
