/* Mentions with a real tokenizer, QwQ's, on the recorded DeepSeek-R1 traces: tokens, counts and
 * token spans against a Python count by other means (tests/golden/mentions/make_trace_mentions.py),
 * and the same traces renamed to other namings, which must have the same mentions. */
#include <jansson.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "golden/golden.h"
#include "mentions/mentions.h"
#include "model/model.h"
#include "naming/rename.h"
#include "support/test.h"

enum { MYSTERY, CLEAN, N_SETS, N_CONCEPTS = 9, MAX_TRACES = 128, N_PLACES = 6 };

static const char *const files[N_SETS] = {"planbench/traces-deepseek-r1-mystery-3blocks.jsonl",
                                          "planbench/traces-deepseek-r1-blocksworld-3blocks.jsonl"};

/* A trace as text: prompt, reasoning and answer, a line feed between them. Tokens are made once,
 * for they are what costs. */
struct trace {
    int instance;
    struct fr_text text;
    struct fr_tokens tokens;
};
static struct {
    bool loaded;
    struct fr_model *model;
    struct fr_domain domain;
    struct fr_namings namings;
    struct fr_wording wording;
    int n[N_SETS];
    struct trace traces[N_SETS][MAX_TRACES];
} world;
static struct fr_error err;

static void load_traces(int set, const char *path) {
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (json_t *line; (line = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL)) != NULL;) {
        assert_in_range(world.n[set], 0, MAX_TRACES - 1);
        struct trace *trace = &world.traces[set][world.n[set]++];
        trace->instance = (int)json_integer_value(json_object_get(line, "instance_id"));
        fr_text_printf(&trace->text, "%s\n%s\n%s",
                       json_string_value(json_object_get(line, "prompt")),
                       json_string_value(json_object_get(line, "reasoning")),
                       json_string_value(json_object_get(line, "answer")));
        json_decref(line);
    }
    (void)fclose(file);
    assert_true(world.n[set] >= 100);
}

static void tokenize(const struct fr_text *text, struct fr_tokens *out) {
    assert_ok(fr_model_tokenize(world.model, fr_text_get(text), text->len, true, out, &err), err);
}

static int set_up(void **state) {
    (void)state;
    const char *vocabulary = getenv("FR_VOCABULARY");
    if (vocabulary == NULL || access(vocabulary, R_OK) != 0) {
        print_message("skipped: QwQ's vocabulary is not there (%s); scripts/setup builds libllama "
                      "with it, an installed libllama has none\n",
                      vocabulary ? vocabulary : "FR_VOCABULARY is not set");
        return 0;
    }
    for (int set = 0; set < N_SETS; set++) {
        const char *path = fr_test_shared(files[set]);
        if (path == NULL)
            return 0;
        load_traces(set, path);
    }
    const struct fr_model_options options = {.path = vocabulary,
                                             .n_slots = 1,
                                             .context_tokens = 2,
                                             .chunk_tokens = 1,
                                             .vocabulary_only = true};
    assert_ok(fr_model_open(&world.model, &options, &err), err);
    for (int set = 0; set < N_SETS; set++)
        for (int i = 0; i < world.n[set]; i++)
            tokenize(&world.traces[set][i].text, &world.traces[set][i].tokens);
    assert_ok(fr_domain_load(&world.domain, fr_test_path("data/domains/blocksworld.pddl"), &err),
              err);
    assert_ok(fr_namings_load(&world.namings, fr_test_path("data/namings.tsv"), &world.domain,
                              &err),
              err);
    assert_ok(fr_wording_load(&world.wording, &world.domain,
                              fr_test_path("data/wordings/blocksworld-4ops.yaml"), &err),
              err);
    world.loaded = true;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    fr_model_close(world.model);
    fr_wording_release(&world.wording);
    fr_namings_release(&world.namings);
    fr_domain_release(&world.domain);
    for (int set = 0; set < N_SETS; set++)
        for (int i = 0; i < world.n[set]; i++) {
            fr_text_release(&world.traces[set][i].text);
            fr_tokens_release(&world.traces[set][i].tokens);
        }
    return 0;
}

static uint32_t crc32_of(uint32_t crc, const int32_t *numbers, int n) {
    crc = ~crc;
    for (int i = 0; i < n; i++)
        for (int b = 0; b < 32; b += 8) {
            crc ^= ((uint32_t)numbers[i] >> b) & 0xFF;
            for (int k = 0; k < 8; k++)
                crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
        }
    return ~crc;
}

static struct fr_forms forms_of(const char *naming, int rule) {
    struct fr_forms forms;
    fr_forms_of_naming(&world.namings.concepts,
                       &world.namings.items[fr_namings_find(&world.namings, naming)],
                       FR_STYLE_PLANBENCH, &world.wording, (enum fr_inflection_rule)rule, &forms);
    return forms;
}

static void find(const struct fr_forms *forms, const struct fr_text *text,
                 const struct fr_tokens *tokens, struct fr_mentions *mentions) {
    fr_mentions_find(forms, fr_text_get(text), text->len, tokens->starts, tokens->ends, tokens->n,
                     mentions);
}

static void tokens_are_those_of_another_implementation(void **state) {
    (void)state;
    if (!world.loaded)
        skip();
    struct golden golden;
    int n[N_SETS] = {0};
    golden_open(&golden, "mentions/trace_mentions.tsv");
    while (golden_next(&golden, "T")) {
        const int set = (int)golden.v[0];
        const struct trace *trace = &world.traces[set][n[set]++];
        assert_int_equal(trace->instance, (int)golden.v[1]);
        golden_near(&golden, trace->tokens.n, golden.v[2], 0);
        golden_near(&golden, crc32_of(0, trace->tokens.ids, trace->tokens.n), golden.v[3], 0);
    }
    for (int set = 0; set < N_SETS; set++)
        assert_int_equal(n[set], world.n[set]);
}

/* 1 line start, blank, quote, bracket, asterisk, other. */
static int place_of(const char *text, size_t at) {
    static const char *const curly[] = {"\u201c", "\u201d", "\u2018", "\u2019"};
    if (at == 0 || text[at - 1] == '\n')
        return 0;
    const char c = text[at - 1];
    if (c == ' ' || c == '*')
        return c == ' ' ? 1 : 4;
    for (int i = 0; i < 4; i++)
        if (at >= 3 && memcmp(text + at - 3, curly[i], 3) == 0)
            return 2;
    return strchr("\"'`", c) != NULL ? 2 : strchr("([{", c) != NULL ? 3 : 5;
}

/* The mention's tokens cover a form of its concept and nothing else but letters that are none of
 * the word's: with a token less at either end they would not. Returns where the word starts. */
static size_t assert_span(const struct fr_forms *forms, const struct fr_text *text,
                          const struct fr_tokens *tokens, const struct fr_mention *mention) {
    const size_t from = (size_t)tokens->starts[mention->first];
    const size_t to = (size_t)tokens->ends[mention->end - 1];
    for (size_t at = from; at < to; at++)
        for (int i = 0; i < forms->n; i++) {
            const size_t n = strlen(forms->items[i].text);
            if (forms->items[i].concept != mention->concept || at + n > to ||
                !fr_equal_nocase(text->data + at, forms->items[i].text, n) ||
                fr_is_inside_word(text->data, text->len, at) ||
                fr_is_inside_word(text->data, text->len, at + n))
                continue;
            assert_true((size_t)tokens->ends[mention->first] > at);
            assert_true((size_t)tokens->starts[mention->end - 1] < at + n);
            return at;
        }
    fail_msg("tokens %d to %d hold no form of concept %d", mention->first, mention->end,
             mention->concept);
    return 0;
}

static void mentions_and_their_tokens_are_those_of_an_independent_count(void **state) {
    (void)state;
    if (!world.loaded)
        skip();
    struct golden golden;
    struct fr_mentions mentions = {0};
    long places[2][N_PLACES] = {{0}};
    int n[N_SETS] = {0};
    golden_open(&golden, "mentions/trace_mentions.tsv");
    while (golden_next(&golden, "C")) {
        const int set = (int)golden.v[0], rule = (int)golden.v[2];
        const struct trace *trace = &world.traces[set][n[set]];
        n[set] += rule;
        assert_int_equal(trace->instance, (int)golden.v[1]);
        struct fr_forms forms = forms_of(set == MYSTERY ? "1" : "clean", rule);
        find(&forms, &trace->text, &trace->tokens, &mentions);
        int counts[N_CONCEPTS] = {0}, multi = 0;
        uint32_t crc = 0;
        for (int i = 0; i < mentions.n; i++) {
            const struct fr_mention *m = &mentions.items[i];
            const int32_t span[] = {m->concept, m->first, m->end};
            crc = crc32_of(crc, span, 3);
            counts[m->concept]++;
            multi += m->end - m->first > 1;
            const size_t at = assert_span(&forms, &trace->text, &trace->tokens, m);
            if (set == MYSTERY)
                places[rule][place_of(trace->text.data, at)]++;
        }
        for (int a = 0; a < N_CONCEPTS; a++)
            golden_near(&golden, counts[a], golden.v[3 + a], 0);
        golden_near(&golden, multi, golden.v[12], 0);
        golden_near(&golden, crc, golden.v[13], 0);
        fr_forms_release(&forms);
    }
    golden_open(&golden, "mentions/trace_mentions.tsv");
    while (golden_next(&golden, "P"))
        for (int i = 0; i < N_PLACES; i++)
            golden_near(&golden, (double)places[(int)golden.v[0]][i], golden.v[1 + i], 0);
    fr_mentions_release(&mentions);
}

/* Words that stand in the text as themselves are swapped, so that counts stay the same. */
static void assert_renamed_alike(const char *naming) {
    struct fr_rename rename;
    struct fr_text renamed = {0};
    struct fr_tokens tokens = {0};
    struct fr_mentions here = {0}, there = {0};
    assert_ok(fr_rename_init(&rename, &world.namings, fr_namings_find(&world.namings, "1"),
                             fr_namings_find(&world.namings, naming), FR_INFLECTION_INFLECTED,
                             FR_COLLISION_SWAP, &err),
              err);
    for (int i = 0; i < world.n[MYSTERY]; i++) {
        const struct trace *trace = &world.traces[MYSTERY][i];
        const struct fr_text *text = &trace->text;
        fr_text_clear(&renamed);
        assert_ok(fr_rename_text(&rename, fr_text_get(text), text->len, &renamed, &err), err);
        tokenize(&renamed, &tokens);
        for (int rule = 0; rule < FR_INFLECTION_RULE_COUNT; rule++) {
            struct fr_forms from = forms_of("1", rule), to = forms_of(naming, rule);
            find(&from, text, &trace->tokens, &here);
            find(&to, &renamed, &tokens, &there);
            assert_int_equal(there.n, here.n);
            for (int m = 0; m < here.n; m++) {
                assert_int_equal(there.items[m].concept, here.items[m].concept);
                (void)assert_span(&to, &renamed, &tokens, &there.items[m]);
            }
            fr_forms_release(&from);
            fr_forms_release(&to);
        }
    }
    fr_rename_release(&rename);
    fr_text_release(&renamed);
    fr_tokens_release(&tokens);
    fr_mentions_release(&here);
    fr_mentions_release(&there);
}

static void traces_renamed_to_letter_strings_and_nonsense_mention_the_same_concepts(void **state) {
    (void)state;
    if (!world.loaded)
        skip();
    assert_renamed_alike("3");
    assert_renamed_alike("20");
}

static void a_vocabulary_alone_computes_nothing(void **state) {
    (void)state;
    if (!world.loaded)
        skip();
    int32_t token = 0, next = 0;
    assert_int_equal(fr_model_prefill(world.model, 0, &token, 0, 1, NULL, NULL, &next, &err),
                     FR_E_INPUT);
    assert_non_null(strstr(err.text, "for its vocabulary only"));
    assert_int_equal(fr_model_decode(world.model, &token, &next, &err), FR_E_INPUT);
    assert_int_equal(fr_model_copy_stem(world.model, 0, 1, &err), FR_E_INPUT);
    fr_model_clear(world.model, 0);
    assert_int_equal(fr_model_info(world.model)->n_vocab, 151936);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_those_of_another_implementation),
        cmocka_unit_test(mentions_and_their_tokens_are_those_of_an_independent_count),
        cmocka_unit_test(traces_renamed_to_letter_strings_and_nonsense_mention_the_same_concepts),
        cmocka_unit_test(a_vocabulary_alone_computes_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
