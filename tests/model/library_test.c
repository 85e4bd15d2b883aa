/* libfluidrep's functions: the rows of the model beneath, bit for bit; bad input and want of memory
 * as errors. */
#include "support/test.h"

#include <fluidrep/fluidrep.h>
#include <malloc.h>
#include <string.h>

#include "base/memory.h"
#include "model/model.h"

/* A call that ran out loses what stood in its variables, by design (base/memory.h); how much, a
 * test below looks. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void) { return 1; }

static const char text[] = "* attack x : province x planet x\n? craves B A\n";
#define OPTIONS "slots=2,context_tokens=256,threads=1,chunk_tokens=64"

static fluidrep_model *open_model(void) {
    fluidrep_model *model;
    if (fluidrep_model_open(&model, fr_test_path("models/organism.gguf"), OPTIONS) != FLUIDREP_OK)
        fail_msg("%s", fluidrep_error());
    return model;
}

struct seen {
    float *rows;
    int n, width;
};

static void keep(void *user, int site, int layer, int position, const float *h) {
    struct seen *seen = user;
    (void)site;
    (void)layer;
    (void)position;
    memcpy(seen->rows + (size_t)seen->n++ * (size_t)seen->width, h,
           (size_t)seen->width * sizeof *h);
}

static void rows_and_logits_are_those_of_the_model_beneath(void **state) {
    (void)state;
    fluidrep_model *model = open_model();
    fluidrep_tokens *tokens;
    assert_int_equal(fluidrep_tokenize(model, text, strlen(text), 1, &tokens), 0);
    const int n = fluidrep_tokens_count(tokens);
    const int width = (int)fluidrep_model_number(model, "width");
    const int n_vocab = (int)fluidrep_model_number(model, "vocabulary");
    const int layers[] = {2};
    const int32_t positions[] = {3, 5, 9}, edited[] = {9, 3};
    float *rows = calloc(3 * (size_t)width, sizeof *rows),
          *logits = calloc((size_t)n_vocab, sizeof *logits),
          *vector = calloc((size_t)width, sizeof *vector);
    vector[1] = 0.5f;
    fluidrep_edits *edits;
    assert_int_equal(fluidrep_edits_new(&edits, width), 0);
    assert_int_equal(fluidrep_edits_add(edits, "mix", 1, edited, 2, vector, 0.5f, 1), 0);
    int32_t next;
    assert_int_equal(fluidrep_prefill(model, 1, fluidrep_tokens_ids(tokens), 0, n, edits, NULL,
                                      layers, 1, positions, 3, rows, &next),
                     0);
    assert_int_equal(fluidrep_logits(model, logits), 0);

    struct fr_error err = {0};
    struct fr_model *beneath;
    struct fr_model_options options = fr_model_options_defaults();
    options.path = fr_test_path("models/organism.gguf");
    options.n_slots = 2;
    options.context_tokens = 256;
    options.threads = 1;
    options.chunk_tokens = 64;
    assert_ok(fr_model_open(&beneath, &options, &err), err);
    struct seen seen = {calloc(3 * (size_t)width, sizeof(float)), 0, width};
    bool *marked = calloc((size_t)fr_model_info(beneath)->n_layers + 1, sizeof *marked);
    marked[2] = true;
    const struct fr_tap_plan taps = {3, positions, {marked, NULL, NULL}, keep, &seen};
    struct fr_edit list[] = {{3, 1, FR_EDIT_MIX, true, 0, 0.5f},
                             {9, 1, FR_EDIT_MIX, true, 0, 0.5f}};
    const struct fr_edit_plan plan = {2, 2, list, 1, width, vector};
    int32_t expected;
    assert_ok(fr_model_prefill(beneath, 1, fluidrep_tokens_ids(tokens), 0, n, &taps, &plan,
                               &expected, &err),
              err);
    assert_int_equal(next, expected);
    assert_int_equal(seen.n, 3);
    assert_memory_equal(rows, seen.rows, 3 * (size_t)width * sizeof *rows);
    assert_memory_equal(logits, fr_model_logits(beneath), (size_t)n_vocab * sizeof *logits);
    fr_model_close(beneath);
    fluidrep_model_close(model);
    fluidrep_tokens_free(tokens);
    fluidrep_edits_free(edits);
    free(rows);
    free(logits);
    free(vector);
    free(seen.rows);
    free(marked);
}

static void what_is_wrong_is_an_error_with_its_words(void **state) {
    (void)state;
    fluidrep_model *model = open_model(), *none;
    const int32_t token = 5, outside = 1 << 30, position = 7;
    const int layer = 99, width = (int)fluidrep_model_number(model, "width");
    float *row = calloc((size_t)width, sizeof *row);
    int32_t next;
    assert_int_equal(fluidrep_model_open(&none, "no-such.gguf", NULL), FLUIDREP_E_INPUT);
    assert_non_null(strstr(fluidrep_error(), "no-such.gguf"));
    assert_null(none);
    assert_int_equal(fluidrep_model_open(&none, "no-such.gguf", "slot=1"), FLUIDREP_E_INPUT);
    assert_non_null(strstr(fluidrep_error(), "context_tokens"));
    assert_int_equal(fluidrep_prefill(model, 7, &token, 0, 1, NULL, NULL, NULL, 0, NULL, 0, NULL,
                                      &next),
                     FLUIDREP_E_INPUT);
    assert_int_equal(fluidrep_prefill(model, 0, &outside, 0, 1, NULL, NULL, NULL, 0, NULL, 0, NULL,
                                      &next),
                     FLUIDREP_E_INPUT);
    assert_int_equal(fluidrep_prefill(model, 0, &token, 0, 1, NULL, NULL, &layer, 1, &position, 1,
                                      row, &next),
                     FLUIDREP_E_INPUT);
    assert_non_null(strstr(fluidrep_error(), "layer 99"));
    assert_int_equal(fluidrep_prefill(NULL, 0, &token, 0, 1, NULL, NULL, NULL, 0, NULL, 0, NULL,
                                      NULL),
                     FLUIDREP_E_INPUT);
    fluidrep_edits *edits;
    assert_int_equal(fluidrep_edits_new(&edits, width), 0);
    row[0] = NAN;
    assert_int_equal(fluidrep_edits_add(edits, "mix", 1, &position, 1, row, 0.5f, 0),
                     FLUIDREP_E_INPUT);
    assert_int_equal(fluidrep_edits_add(edits, "mixed", 1, &position, 1, row, 0.5f, 0),
                     FLUIDREP_E_INPUT);
    fluidrep_edits_free(edits);
    assert_null(fluidrep_token_text(model, -1, NULL));
    fluidrep_puzzle *puzzle;
    assert_int_equal(fluidrep_puzzle_open(&puzzle, NULL, "none.pddl", NULL, NULL),
                     FLUIDREP_E_INPUT);
    free(row);
    fluidrep_model_close(model);
}

static fluidrep_model *open_with(const char *options) {
    fluidrep_model *model;
    if (fluidrep_model_open(&model, fr_test_path("models/organism.gguf"), options) != FLUIDREP_OK)
        fail_msg("%s", fluidrep_error());
    return model;
}

static void options_are_refused_in_the_words_they_were_given_in(void **state) {
    (void)state;
    static const struct {
        const char *options, *says;
    } cases[] = {
        {"slots=0", "slots is 0; use 1 to 254"},
        {"kv_type=f32,flash_attention=1",
         "kv_type f32 does nothing with flash_attention, for which"},
        {"kv_type=f32,flash_attention=1", "set flash_attention to 0, or kv_type to f16"},
        {"kv_type=q8_0", "kv_type q8_0 needs flash_attention; set it to 1, or kv_type to f16"},
        {"gpu_layers=-1", "set deterministic to 0 and keep slots fixed"},
        {"flash_attention=true", "option flash_attention is 0 or 1, not \"true\""},
        {"slots=1, context_tokens=4097",
         "context_tokens is 4097 but the model was trained for 2048"},
        {"chat_template=none-such", "chat_template \"none-such\" is no file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fluidrep_model *model;
        assert_int_equal(fluidrep_model_open(&model, fr_test_path("models/organism.gguf"),
                                             cases[i].options),
                         FLUIDREP_E_INPUT);
        if (strstr(fluidrep_error(), cases[i].says) == NULL ||
            strstr(fluidrep_error(), " model.") != NULL)
            fail_msg("%s: %s", cases[i].options, fluidrep_error());
    }
    /* a path is no word of ours */
    fluidrep_model *model;
    assert_int_equal(fluidrep_model_open(&model, "a/model.slots to true.gguf", NULL),
                     FLUIDREP_E_INPUT);
    assert_non_null(strstr(fluidrep_error(), "a/model.slots to true.gguf"));
}

/* As a configuration's: no flash attention, so that chunks change no bit of a row; and no more
 * context than the model has. */
static void the_defaults_are_those_of_a_configuration(void **state) {
    (void)state;
    enum { N = 90, LAYER = 3 };
    static const char *const options[] = {"slots=1,threads=1", "slots=1,threads=1,chunk_tokens=32"};
    float *rows[2];
    size_t bytes = 0;
    for (int k = 0; k < 2; k++) {
        fluidrep_model *model = open_with(options[k]);
        int32_t tokens[N], positions[N];
        const int layer = LAYER;
        for (int i = 0; i < N; i++)
            tokens[i] = 20 + i % 50, positions[i] = i;
        bytes = (size_t)fluidrep_model_number(model, "width") * N * sizeof(float);
        rows[k] = calloc(1, bytes);
        assert_int_equal(fluidrep_model_number(model, "context_tokens"), 2048);
        assert_int_equal(fluidrep_prefill(model, 0, tokens, 0, N, NULL, NULL, &layer, 1, positions,
                                          N, rows[k], NULL),
                         0);
        fluidrep_model_close(model);
    }
    assert_memory_equal(rows[0], rows[1], bytes);
    free(rows[0]);
    free(rows[1]);
}

/* What is refused changes nothing; what fails while it computes leaves an empty slot, and no
 * logits. Rows are finite, or there are none. */
static void a_slot_after_a_failure_is_as_the_header_says(void **state) {
    (void)state;
    fluidrep_model *model = open_with("slots=1,context_tokens=64,threads=1");
    const int width = (int)fluidrep_model_number(model, "width"), layers[] = {2, 99};
    const int32_t tokens[] = {5, 6, 7, 8}, positions[] = {5, 6}, many[100] = {0};
    float *row = calloc((size_t)width, sizeof *row), *huge = calloc((size_t)width, sizeof *huge),
          *logits = calloc((size_t)fluidrep_model_number(model, "vocabulary"), sizeof *logits);
    int32_t next;
    fluidrep_edits *edits, *twice;
    for (int i = 0; i < width; i++)
        huge[i] = 3e38f;
    assert_int_equal(fluidrep_edits_new(&edits, width), 0);
    assert_int_equal(fluidrep_edits_add(edits, "add", 1, positions, 1, huge, 10.0f, 0), 0);
    assert_int_equal(fluidrep_edits_new(&twice, width), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(fluidrep_edits_add(twice, "add", 1, positions, 1, row, 1.0f, 0), 0);

    assert_int_equal(fluidrep_logits(model, logits), FLUIDREP_E_INPUT);
    assert_int_equal(fluidrep_prefill(model, 0, tokens, 0, 4, NULL, NULL, NULL, 0, NULL, 0, NULL,
                                      NULL),
                     0);
    assert_int_equal(fluidrep_logits(model, logits), FLUIDREP_E_INPUT);
    assert_int_equal(fluidrep_prefill(model, 0, tokens, 4, 1, NULL, NULL, NULL, 0, NULL, 0, NULL,
                                      &next),
                     0);
    assert_int_equal(fluidrep_logits(model, logits), 0);
    /* 5 tokens are held, whatever is refused */
    assert_int_equal(fluidrep_prefill(model, 0, tokens, 5, 1, NULL, "bloc", NULL, 0, NULL, 0, NULL,
                                      &next),
                     FLUIDREP_E_INPUT);
    assert_int_equal(fluidrep_prefill(model, 0, tokens, 5, 1, NULL, NULL, layers, 2, positions, 1,
                                      row, &next),
                     FLUIDREP_E_INPUT);
    assert_int_equal(fluidrep_prefill(model, 0, many, 5, 100, NULL, NULL, NULL, 0, NULL, 0, NULL,
                                      &next),
                     FLUIDREP_E_INPUT);
    assert_int_equal(fluidrep_prefill(model, 0, tokens, 5, 1, twice, NULL, NULL, 0, NULL, 0, NULL,
                                      &next),
                     FLUIDREP_E_INPUT);
    assert_non_null(strstr(fluidrep_error(), "two edits of position 5 at layer 1"));
    assert_int_equal(fluidrep_logits(model, logits), 0);
    assert_int_equal(fluidrep_prefill(model, 0, tokens, 5, 1, NULL, NULL, layers, 1, positions, 1,
                                      row, NULL),
                     0);
    /* and none, once rows were not finite */
    fluidrep_clear(model, 0);
    assert_int_equal(fluidrep_prefill(model, 0, tokens, 0, 4, NULL, NULL, NULL, 0, NULL, 0, NULL,
                                      NULL),
                     0);
    assert_int_equal(fluidrep_prefill(model, 0, tokens, 4, 2, edits, NULL, layers, 1, positions, 1,
                                      row, NULL),
                     FLUIDREP_E_MODEL);
    assert_non_null(strstr(fluidrep_error(), "the row of position 5 after layer 2 is not finite"));
    assert_int_equal(fluidrep_logits(model, logits), FLUIDREP_E_INPUT);
    assert_int_equal(fluidrep_prefill(model, 0, tokens, 0, 4, NULL, NULL, NULL, 0, NULL, 0, NULL,
                                      &next),
                     0);
    assert_int_equal(fluidrep_logits(model, logits), 0);
    fluidrep_edits_free(edits);
    fluidrep_edits_free(twice);
    free(row);
    free(huge);
    free(logits);
    fluidrep_model_close(model);
}

/* Bytes that malloc has given out; 0 under a sanitizer, which has its own. */
static size_t held(void) {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static void a_model_half_open_is_closed_when_memory_runs_out(void **state) {
    (void)state;
    fluidrep_model_close(open_model()); /* what stays for good is there now */
    const size_t before = held();
    fluidrep_model *model;
    int code, failed = 0;
    do {
        fr_memory_fail_after(failed++);
        code = fluidrep_model_open(&model, fr_test_path("models/organism.gguf"), OPTIONS);
        fr_memory_fail_after(-1);
        if (code == FLUIDREP_E_MEMORY)
            assert_null(model);
    } while (code == FLUIDREP_E_MEMORY);
    if (code != 0)
        fail_msg("%s", fluidrep_error());
    fluidrep_model_close(model);
    assert_true(failed > 10);
    /* of each failure at most the names of a file and the like: a model has megabytes */
    print_message("%d failures, %zu bytes lost\n", failed - 1, held() - before);
    assert_true(held() < before + (size_t)failed * 16384);
}

static void out_of_memory_is_an_error_at_every_allocation(void **state) {
    (void)state;
    fluidrep_model *model = open_model();
    fluidrep_tokens *tokens = NULL;
    int failed = 0, code;
    do {
        fr_memory_fail_after(failed++);
        code = fluidrep_tokenize(model, text, strlen(text), 1, &tokens);
    } while (code == FLUIDREP_E_MEMORY);
    assert_int_equal(code, 0);
    assert_true(failed > 2);
    fr_memory_fail_after(-1);

    const int n = fluidrep_tokens_count(tokens), layers[] = {1, 2};
    const int32_t positions[] = {3, 5, 9};
    float *rows = calloc(6 * (size_t)fluidrep_model_number(model, "width"), sizeof *rows);
    int32_t next;
    for (failed = 0;; failed++) {
        fr_memory_fail_after(failed);
        code = fluidrep_prefill(model, 0, fluidrep_tokens_ids(tokens), 0, n, NULL, NULL, layers, 2,
                                positions, 3, rows, &next);
        fr_memory_fail_after(-1);
        if (code == 0)
            break;
        assert_int_equal(code, FLUIDREP_E_MEMORY);
        /* the handle is refused, a fresh one works */
        assert_int_equal(fluidrep_decode(model, &next, &next), FLUIDREP_E_MEMORY);
        assert_non_null(strstr(fluidrep_error(), "open it again"));
        fluidrep_model_close(model);
        model = open_model();
    }
    assert_true(failed >= 2);
    fluidrep_puzzle *puzzle = NULL;
    const char *path = fr_test_path("tests/golden/planning/worlds/blocks/four-1.pddl");
    failed = 0;
    do {
        fr_memory_fail_after(failed++);
        code = fluidrep_puzzle_open(&puzzle, NULL, path, NULL, "1");
    } while (code == FLUIDREP_E_MEMORY);
    fr_memory_fail_after(-1);
    if (code != 0)
        fail_msg("%s", fluidrep_error());
    assert_true(failed > 20);
    const char *verdict;
    char *reason;
    int step;
    assert_int_equal(fluidrep_puzzle_verdict(puzzle, "pddl", "", &verdict, &step, &reason), 0);
    assert_string_equal(verdict, "goal_unmet");
    assert_true(strlen(reason) > 0);
    fluidrep_free(reason);
    fluidrep_puzzle_close(puzzle);
    free(rows);
    fluidrep_tokens_free(tokens);
    fluidrep_model_close(model);
}

/* ---- every other call that allocates --------------------------------------------------------- */

static struct {
    fluidrep_model *model;
    fluidrep_puzzle *puzzle;
    fluidrep_tokens *tokens;
    char *text; /* of the last call that gave one */
} given;

static int call_chat(void) { return fluidrep_chat(given.model, NULL, "attack x", &given.text); }
static int call_mentions(void) {
    static const char *const terms[] = {"attack", "province"};
    static const int concepts[] = {0, 1};
    int32_t concept[8], first[8], end[8];
    const int n =
        fluidrep_mentions(terms, concepts, 2, 1, text, strlen(text),
                          fluidrep_tokens_starts(given.tokens), fluidrep_tokens_ends(given.tokens),
                          fluidrep_tokens_count(given.tokens), concept, first, end, 8);
    return n == 2 ? 0 : n < 0 ? n : 1;
}
static int call_edits(void) {
    const int32_t at[] = {1, 2};
    float *v = calloc((size_t)fluidrep_model_number(given.model, "width"), sizeof *v);
    fluidrep_edits *edits;
    int code = fluidrep_edits_new(&edits, (int)fluidrep_model_number(given.model, "width"));
    for (int i = 0; code == 0 && i < 20; i++) /* until they must grow */
        code = fluidrep_edits_add(edits, "add", 1, at, 2, v, 0.5f, 0);
    fluidrep_edits_free(edits);
    free(v);
    return code;
}
static int call_vectors(void) {
    const float means[] = {1, 0, 3, 0, 5, 5, 2, 0, 6, 0, 7, 7};
    const int kinds[] = {0, 0, 1};
    float out[6];
    uint8_t have[3];
    return fluidrep_vectors(means, NULL, kinds, 2, 3, 2, 0, "1", -1, 1, "cross_loo", "shuffled",
                            1.0, 1, out, have);
}
static int call_paired(void) {
    static const uint8_t before[] = {0, 0, 1, 0}, after[] = {1, 0, 1, 1};
    static const int n[] = {2, 2};
    double effect, p, low, high;
    return fluidrep_paired(before, after, n, 2, 50, 0.95, 1, &effect, &p, &low, &high);
}
static int call_flips(void) {
    static const double effects[] = {1, 1, 1, 1, 1, -1, 0, 1};
    double alone[2], most[2];
    return fluidrep_flip_test(effects, 2, 4, 1, 1, alone, most);
}
static int call_prompt(void) {
    return fluidrep_puzzle_prompt(given.puzzle, "planbench", &given.text);
}
static int call_verdict(void) {
    const char *verdict;
    int step;
    return fluidrep_puzzle_verdict(given.puzzle, "planbench", "attack block a\nsuccumb block a",
                                   &verdict, &step, &given.text);
}

static void no_call_dies_for_want_of_memory(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int (*run)(void);
    } calls[] = {{"chat", call_chat},       {"mentions", call_mentions}, {"edits", call_edits},
                 {"vectors", call_vectors}, {"paired", call_paired},     {"flips", call_flips},
                 {"prompt", call_prompt},   {"verdict", call_verdict}};
    given.model = open_model();
    assert_int_equal(fluidrep_tokenize(given.model, text, strlen(text), 1, &given.tokens), 0);
    assert_int_equal(fluidrep_puzzle_open(&given.puzzle, NULL,
                                          fr_test_path(
                                              "tests/golden/planning/worlds/blocks/four-1.pddl"),
                                          NULL, "1"),
                     0);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        int failed = 0, code;
        do {
            given.text = NULL;
            fr_memory_fail_after(failed++);
            code = calls[i].run();
            fr_memory_fail_after(-1);
            if (code == FLUIDREP_E_MEMORY)
                assert_null(given.text);
        } while (code == FLUIDREP_E_MEMORY);
        if (code != 0)
            fail_msg("%s: %d: %s", calls[i].name, code, fluidrep_error());
        print_message("%s: %d failures\n", calls[i].name, failed - 1);
        assert_true(failed > 1); /* else nothing was asked for, and nothing tried */
        fluidrep_free(given.text);
    }
    fluidrep_tokens_free(given.tokens);
    fluidrep_puzzle_close(given.puzzle);
    fluidrep_model_close(given.model);
}

static void vectors_are_centred_within_their_kind(void **state) {
    (void)state;
    /* two namings, three concepts (two actions, a predicate), width 2 */
    const float means[] = {1, 0, 3, 0, 5, 5, 2, 0, 6, 0, 7, 7};
    const int kinds[] = {0, 0, 1};
    float out[6];
    uint8_t have[3];
    assert_int_equal(fluidrep_vectors(means, NULL, kinds, 2, 3, 2, 0, "1", -1, 1, "in_naming",
                                      "none", 1.0, 1, out, have),
                     0);
    const float centred[] = {-1, 0, 1, 0, 0, 0}, cross[] = {-2, 0, 2, 0, 0, 0};
    assert_memory_equal(out, centred, sizeof out);
    assert_int_equal(fluidrep_vectors(means, NULL, kinds, 2, 3, 2, 0, "1", -1, 1, "cross_loo",
                                      "none", 1.0, 1, out, have),
                     0);
    assert_memory_equal(out, cross, sizeof out);
    assert_int_equal(fluidrep_vectors(means, NULL, kinds, 2, 3, 2, 0, "1", -1, 1, "in_naming",
                                      "shuffled", 1.0, 1, out, have),
                     0);
    assert_true(out[0] == 1.0f && out[2] == -1.0f);
    assert_int_equal(fluidrep_vectors(means, NULL, kinds, 2, 3, 2, 2, "1", -1, 1, "in_naming",
                                      "none", 1.0, 1, out, have),
                     FLUIDREP_E_INPUT);
}

static void statistics_refuse_what_is_no_count(void **state) {
    (void)state;
    double low, high, p;
    const double effects[] = {1, 1, 1, 1, 1, -1, (double)NAN, 1};
    double alone[2], most[2];
    assert_int_equal(fluidrep_flip_test(effects, 2, 4, 1, 1, alone, most), 0);
    assert_near(alone[0], 1.0 / 16, 1e-12);
    assert_near(most[0], 1.0 / 16, 1e-12);
    assert_near(alone[1], 0.5, 1e-12); /* of the 8 flips of three, 4 have a sum of 1 or more */
    assert_int_equal(fluidrep_flip_test(effects, 2, 4, 0, 1, alone, most), FLUIDREP_E_INPUT);
    assert_int_equal(fluidrep_flip_test(NULL, 0, 0, 1, 1, NULL, NULL), 0);
    assert_int_equal(fluidrep_detectable_effect(1.0, 14, 0.05, 0.8, &p), 0);
    assert_near(p, 1.7709 + 0.8702, 1e-3);
    assert_int_equal(fluidrep_detectable_effect(1.0, 14, 0.0, 0.8, &p), FLUIDREP_E_INPUT);
    assert_int_equal(fluidrep_wilson(8, 10, 0.95, &low, &high), 0);
    assert_near(low, 0.4902, 1e-4);
    assert_near(high, 0.9433, 1e-4);
    assert_int_equal(fluidrep_wilson(11, 10, 0.95, &low, &high), FLUIDREP_E_INPUT);
    assert_int_equal(fluidrep_mcnemar(5, 0, &p, NULL), 0);
    assert_near(p, 0.0625, 1e-12);
    const uint8_t before[] = {0, 0, 1}, after[] = {1, 0, 2};
    const int n_puzzles[] = {3};
    assert_int_equal(fluidrep_paired(before, after, n_puzzles, 1, 50, 0.95, 1, &p, NULL, NULL,
                                     NULL),
                     FLUIDREP_E_INPUT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_logits_are_those_of_the_model_beneath),
        cmocka_unit_test(what_is_wrong_is_an_error_with_its_words),
        cmocka_unit_test(options_are_refused_in_the_words_they_were_given_in),
        cmocka_unit_test(the_defaults_are_those_of_a_configuration),
        cmocka_unit_test(a_slot_after_a_failure_is_as_the_header_says),
        cmocka_unit_test(a_model_half_open_is_closed_when_memory_runs_out),
        cmocka_unit_test(out_of_memory_is_an_error_at_every_allocation),
        cmocka_unit_test(no_call_dies_for_want_of_memory),
        cmocka_unit_test(vectors_are_centred_within_their_kind),
        cmocka_unit_test(statistics_refuse_what_is_no_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
