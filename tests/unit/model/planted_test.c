/* The planted model keeps its promises: known directions in its rows, steering that helps or
 * harms as planted, and the argument checks that all models share (model.c). */
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "planted.h"
#include "support/test.h"

enum { WIDTH = 64, LAYERS = 4, CONTEXT = 512 };

static struct fr_error err;
static const char *const words_1[9] = {"attack",   "succumb", "overcome", "feast", "planet",
                                       "province", "harmony", "pain",     "craves"};
static const char *const words_2[9] = {"illuminate", "silence", "distill", "divest",    "aura",
                                       "essence",    "nexus",   "pulse",   "harmonizes"};
static const struct fr_planted_naming namings[2] = {{"attack", words_1}, {"illuminate", words_2}};

static void script(void *user, const int32_t *tokens, int n, struct fr_text *good,
                   struct fr_text *bad) {
    (void)user;
    (void)tokens;
    (void)n;
    fr_text_add(good, " it works\n</think>\n1 attack A");
    fr_text_add(bad, " it fails\n</think>\n1 succumb A");
}

static struct fr_planted_options options_of_test(void) {
    struct fr_planted_options options = fr_planted_options_defaults();
    options.context_tokens = CONTEXT;
    options.namings = namings;
    options.n_namings = 2;
    options.script = script;
    return options;
}

static struct fr_model *open_planted(const struct fr_planted_options *options) {
    struct fr_model *model = NULL;
    assert_ok(fr_model_open_planted(&model, options, &err), err);
    return model;
}

/* "* attack x ..." then n mentions drawn from the naming, with filler between. */
static void prompt(const char *const *words, uint64_t seed, int n, struct fr_text *out) {
    struct fr_rng rng;
    fr_rng_seed(&rng, seed, 5);
    fr_text_printf(out, "* %s x :", words[0]);
    for (int i = 0; i < n; i++)
        fr_text_printf(out, " %s item%u\n", words[fr_rng_below(&rng, 9)], fr_rng_below(&rng, 50));
}

static void tokenize(struct fr_model *model, const char *text, struct fr_tokens *tokens) {
    assert_ok(fr_model_tokenize(model, text, strlen(text), true, tokens, &err), err);
}

static void words_are_tokens_and_tags_are_special_only_when_parsed(void **state) {
    (void)state;
    const struct fr_planted_options options = options_of_test();
    struct fr_model *model = open_planted(&options);
    static const char text[] = "<think>\n pick-up A,B 12</think>";
    static const char *const expected[] = {"<think>", "\n", " pick", "-",   "up",
                                           " A",      ",",  "B",     " 12", "</think>"};
    struct fr_tokens tokens = {0};
    tokenize(model, text, &tokens);
    assert_int_equal(tokens.n, 10);
    for (int i = 0; i < tokens.n; i++) {
        size_t n;
        const char *piece = fr_model_token_text(model, tokens.ids[i], &n);
        assert_int_equal(n, tokens.ends[i] - tokens.starts[i]);
        assert_memory_equal(piece, text + tokens.starts[i], n);
        assert_string_equal(piece, expected[i]);
    }
    assert_ok(fr_model_tokenize(model, text, strlen(text), false, &tokens, &err), err);
    assert_int_equal(tokens.n, 15);
    char *chat = NULL;
    assert_ok(fr_model_chat(model, NULL, "hello", &chat, &err), err);
    assert_string_equal(chat,
                        "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n<think>\n");
    free(chat);
    fr_tokens_release(&tokens);
    fr_model_close(model);
}

static void ids_are_the_same_in_every_model(void **state) {
    (void)state;
    const struct fr_planted_options options = options_of_test();
    struct fr_model *first = open_planted(&options), *second = open_planted(&options);
    struct fr_tokens a = {0}, b = {0};
    tokenize(first, " one two three", &a);
    tokenize(second, " three two zero one", &b);
    assert_int_equal(a.ids[1], b.ids[1]);
    assert_int_equal(a.ids[2], b.ids[0]);
    fr_tokens_release(&a);
    fr_tokens_release(&b);
    fr_model_close(first);
    fr_model_close(second);
}

struct parts {
    float h[FR_STREAM_SITES][LAYERS + 1][WIDTH]; /* of one position */
    int n;
};

static void keep_part(void *user, int site, int layer, int position, const float *h) {
    struct parts *parts = user;
    (void)position;
    memcpy(parts->h[site][layer], h, WIDTH * sizeof *h);
    parts->n++;
}

/* The row gains at each layer what the parts add, and at layer 2 the edit's change. */
static void assert_parts_add_up(const struct parts *parts, const float *change) {
    for (int layer = 2; layer <= LAYERS; layer++)
        for (int d = 0; d < WIDTH; d++)
            assert_near((double)parts->h[FR_SITE_BLOCK][layer - 1][d] +
                            (double)parts->h[FR_SITE_ATTENTION][layer][d] +
                            (double)parts->h[FR_SITE_MLP][layer][d] +
                            (change != NULL && layer == 2 ? (double)change[d] : 0),
                        (double)parts->h[FR_SITE_BLOCK][layer][d], 1e-5);
}

static int concept_of_token(const struct fr_model *model, int32_t id) {
    size_t n;
    const char *word = fr_model_token_text(model, id, &n);
    for (int k = 0; k < 9; k++)
        if (strcmp(word[0] == ' ' ? word + 1 : word, words_1[k]) == 0)
            return k;
    return -1;
}

static void the_row_gains_what_attention_and_mlp_add_and_the_mlp_adds_the_truth(void **state) {
    (void)state;
    const struct fr_planted_options options = options_of_test();
    struct fr_model *model = open_planted(&options);
    struct fr_text text = {0};
    struct fr_tokens tokens = {0};
    prompt(words_1, 3, 12, &text);
    tokenize(model, fr_text_get(&text), &tokens);
    const bool layers[LAYERS + 1] = {false, true, true, true, true};
    int n_concepts = 0;
    float change[WIDTH];
    for (int d = 0; d < WIDTH; d++)
        change[d] = 0.25f * (float)(d % 3);
    for (int32_t p = 0; p < tokens.n; p++) {
        struct parts parts[2] = {0};
        struct fr_edit edit = {.position = p, .layer = 2, .operation = FR_EDIT_ADD, .scale = 1};
        const struct fr_edit_plan plan = {.n_edits = 1,
                                          .edits = &edit,
                                          .n_vectors = 1,
                                          .width = WIDTH,
                                          .vectors = change};
        for (int edited = 0; edited < 2; edited++) {
            const struct fr_tap_plan taps = {.n_positions = 1,
                                             .positions = &p,
                                             .layers = {layers, layers, layers},
                                             .row = keep_part,
                                             .user = &parts[edited]};
            fr_model_clear(model, 0);
            assert_ok(fr_model_prefill(model, 0, tokens.ids, 0, tokens.n, &taps,
                                       edited ? &plan : NULL, NULL, &err),
                      err);
            assert_int_equal(parts[edited].n, FR_STREAM_SITES * LAYERS);
            assert_parts_add_up(&parts[edited], edited ? change : NULL);
        }
        for (int site = FR_SITE_ATTENTION; site < FR_STREAM_SITES; site++)
            assert_memory_equal(parts[0].h[site], parts[1].h[site], sizeof parts[0].h[site]);
        const int concept = concept_of_token(model, tokens.ids[p]);
        n_concepts += concept >= 0;
        for (int layer = 1; layer <= LAYERS; layer++)
            for (int d = 0; d < WIDTH; d++) {
                const double gain = fr_planted_gain(model, layer, p) -
                                    (layer > 1 ? fr_planted_gain(model, layer - 1, p) : 0);
                const double along =
                    concept >= 0 ? (double)fr_planted_direction(model, concept)[d] : 0;
                assert_near((double)parts[0].h[FR_SITE_MLP][layer][d], gain * along, 1e-6);
            }
    }
    assert_int_equal(n_concepts, 13);
    fr_text_release(&text);
    fr_tokens_release(&tokens);
    fr_model_close(model);
}

struct means {
    struct fr_model *model;
    const struct fr_tokens *tokens;
    int layer;
    double sum[9][WIDTH];
    int count[9];
    const char *const *words;
};

static void add_mean(void *user, int site, int layer, int position, const float *h) {
    struct means *means = user;
    size_t n;
    assert_int_equal(site, FR_SITE_BLOCK);
    const char *text = fr_model_token_text(means->model, means->tokens->ids[position], &n);
    for (int k = 0; layer == means->layer && k < 9; k++)
        if (text[0] == ' ' && strcmp(text + 1, means->words[k]) == 0) {
            means->count[k]++;
            for (int i = 0; i < WIDTH; i++)
                means->sum[k][i] += (double)h[i];
        }
}

/* cosine of (row mean minus the mean over concepts) with the planted direction, likewise. */
static double recovered(const struct means *means, int concept) {
    double grand[WIDTH] = {0}, own = 0.0, square = 0.0;
    double truth[WIDTH] = {0}, truth_square = 0.0;
    for (int k = 0; k < 9; k++)
        for (int i = 0; i < WIDTH; i++) {
            grand[i] += means->sum[k][i] / means->count[k] / 9.0;
            truth[i] -= (double)fr_planted_direction(means->model, k)[i] / 9.0;
        }
    for (int i = 0; i < WIDTH; i++) {
        truth[i] += (double)fr_planted_direction(means->model, concept)[i];
        const double x = means->sum[concept][i] / means->count[concept] - grand[i];
        own += x * truth[i];
        square += x * x;
        truth_square += truth[i] * truth[i];
    }
    return own / sqrt(square * truth_square);
}

static void means_over_namings_recover_the_planted_directions_more_so_with_depth(void **state) {
    (void)state;
    struct fr_planted_options options = options_of_test();
    options.name_norm = 0.5;
    struct fr_model *model = open_planted(&options);
    double by_layer[LAYERS + 1] = {0};
    for (int layer = 1; layer <= LAYERS; layer++) {
        struct fr_text text = {0};
        struct fr_tokens tokens = {0};
        prompt(words_1, 1, 150, &text);
        tokenize(model, fr_text_get(&text), &tokens);
        struct means means = {.model = model, .tokens = &tokens, .layer = layer, .words = words_1};
        bool layers[LAYERS + 1] = {false, true, true, true, true};
        int32_t positions[CONTEXT];
        for (int i = 0; i < tokens.n; i++)
            positions[i] = i;
        const struct fr_tap_plan taps = {.n_positions = tokens.n,
                                         .positions = positions,
                                         .layers[FR_SITE_BLOCK] = layers,
                                         .row = add_mean,
                                         .user = &means};
        fr_model_clear(model, 0);
        assert_ok(fr_model_prefill(model, 0, tokens.ids, 0, tokens.n, &taps, NULL, NULL, &err),
                  err);
        for (int k = 0; k < 9; k++)
            by_layer[layer] += recovered(&means, k) / 9.0;
        fr_tokens_release(&tokens);
        fr_text_release(&text);
    }
    assert_true(by_layer[4] > 0.8);
    for (int layer = 2; layer <= LAYERS; layer++)
        assert_true(by_layer[layer] > by_layer[layer - 1]);
    fr_model_close(model);
}

/* Accuracy over 60 prompts when every concept position is mixed with the direction of concept
 * (own + shift) mod 9; scale 1 is the identity. */
static double accuracy(struct fr_model *model, float scale, int shift, int32_t *choices) {
    int n_good = 0;
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct fr_text text = {0};
        struct fr_tokens tokens = {0};
        prompt(words_1, seed, 30, &text);
        tokenize(model, fr_text_get(&text), &tokens);
        struct fr_edit_plan plan = {.n_vectors = 9,
                                    .width = WIDTH,
                                    .vectors = fr_planted_direction(model, 0)};
        for (int i = 0; i < tokens.n; i++)
            for (int k = 0; k < 9; k++) {
                size_t n;
                const char *token = fr_model_token_text(model, tokens.ids[i], &n);
                if (token[0] != ' ' || strcmp(token + 1, words_1[k]) != 0)
                    continue;
                fr_edit_plan_append(&plan, &(struct fr_edit){.position = i,
                                                             .layer = 2,
                                                             .operation = FR_EDIT_MIX,
                                                             .keep_norm = true,
                                                             .vector = (k + shift) % 9,
                                                             .scale = scale});
            }
        int32_t next;
        fr_model_clear(model, 1);
        assert_ok(fr_model_prefill(model, 1, tokens.ids, 0, tokens.n, NULL, &plan, &next, &err),
                  err);
        struct fr_text written = {0};
        int32_t step[2] = {-1, next};
        while (!fr_model_token_ends(model, step[1])) {
            size_t n;
            const char *token = fr_model_token_text(model, step[1], &n);
            fr_text_append(&written, token, n);
            assert_ok(fr_model_decode(model, step, step, &err), err);
            assert_int_equal(step[0], -1);
        }
        const bool good = strstr(fr_text_get(&written), "it works") != NULL;
        assert_true(good || strstr(fr_text_get(&written), "it fails") != NULL);
        choices[seed] = good;
        n_good += good;
        fr_text_release(&written);
        fr_edit_plan_release(&plan);
        fr_tokens_release(&tokens);
        fr_text_release(&text);
    }
    return n_good / 60.0;
}

static void right_steering_helps_shuffled_harms_and_identity_changes_nothing(void **state) {
    (void)state;
    struct fr_planted_options options = options_of_test();
    options.strength = 0.8;
    options.threshold = 0.17;
    options.jitter = 0.05;
    struct fr_model *model = open_planted(&options);
    int32_t baseline[60], other[60];
    const double base = accuracy(model, 1.0f, 0, baseline);
    assert_true(base > 0.2 && base < 0.8);
    assert_near(accuracy(model, 1.0f, 3, other), base, 0.0);
    assert_memory_equal(baseline, other, sizeof other);
    const double matched = accuracy(model, 0.5f, 0, other);
    const double shuffled = accuracy(model, 0.5f, 1, other);
    print_message("base %.2f, matched %.2f, shuffled %.2f\n", base, matched, shuffled);
    assert_true(matched > base + 0.15);
    assert_true(shuffled < base - 0.05);
    fr_model_close(model);
}

static void a_copy_of_the_stem_carries_its_edits(void **state) {
    (void)state;
    const struct fr_planted_options options = options_of_test();
    struct fr_model *model = open_planted(&options);
    struct fr_tokens tokens = {0};
    tokenize(model, "* attack x : pain planet feast", &tokens);
    struct fr_edit edit = {.position = 1,
                           .layer = 1,
                           .operation = FR_EDIT_ADD,
                           .scale = 3.0f,
                           .vector = 0};
    struct fr_edit_plan plan = {.n_edits = 1,
                                .edits = &edit,
                                .n_vectors = 9,
                                .width = WIDTH,
                                .vectors = fr_planted_direction(model, 0)};
    assert_ok(fr_model_prefill(model, FR_SLOT_STEM, tokens.ids, 0, tokens.n, NULL, &plan, NULL,
                               &err),
              err);
    assert_ok(fr_model_copy_stem(model, 0, tokens.n, &err), err);
    assert_near(fr_planted_score(model, 0), fr_planted_score(model, FR_SLOT_STEM), 0.0);
    assert_true(fr_planted_score(model, 0) > 0.5);
    assert_ok(fr_model_prefill(model, 1, tokens.ids, 0, tokens.n, NULL, NULL, NULL, &err), err);
    assert_true(fr_planted_score(model, 1) < 0.5);
    fr_tokens_release(&tokens);
    fr_model_close(model);
}

/* ---- reasoning, then an answer --------------------------------------------------------------- */

static void think(void *user, const int32_t *tokens, int n, struct fr_text *good,
                  struct fr_text *bad) {
    static const char thought[] = " feast A pain B\n planet A craves B\n";
    const int *n_prompt = user;
    (void)tokens;
    /* what a prefix holds of the thought is not said again: it has 8 words and 2 line feeds */
    const char *rest = thought;
    for (int said = n - *n_prompt; said > 0; said--)
        rest += *rest == '\n' ? 1 : 1 + strcspn(rest + 1, " \n");
    fr_text_add(good, rest);
    fr_text_add(bad, rest);
}

static void conclude(void *user, const int32_t *tokens, int n, struct fr_text *good,
                     struct fr_text *bad) {
    (void)user, (void)tokens, (void)n;
    fr_text_add(good, "</think>\nyes");
    fr_text_add(bad, "</think>\nno");
}

/* Everything that slot 0 writes after the prefix. */
static void generate(struct fr_model *model, const int32_t *prefix, int n,
                     const struct fr_edit_plan *edits, struct fr_tokens *out) {
    int32_t step[2] = {0, -1};
    out->n = 0;
    fr_model_clear(model, 0);
    assert_ok(fr_model_prefill(model, 0, prefix, 0, n, NULL, edits, &step[0], &err), err);
    while (!fr_model_token_ends(model, step[0])) {
        fr_tokens_append(out, step[0], 0, 0);
        assert_true(out->n < CONTEXT);
        assert_ok(fr_model_decode(model, step, step, &err), err);
    }
}

static bool says(struct fr_model *model, const struct fr_tokens *tokens, const char *word) {
    size_t n;
    return tokens->n > 0 &&
           strcmp(fr_model_token_text(model, tokens->ids[tokens->n - 1], &n), word) == 0;
}

static void a_prefix_goes_on_as_the_trace_did_and_an_edit_in_it_decides_the_answer(void **state) {
    (void)state;
    struct fr_planted_options options = options_of_test();
    struct fr_tokens prompt_tokens = {0}, whole = {0}, rest = {0};
    int n_prompt = 0;
    options.script = think;
    options.answer = conclude;
    options.user = &n_prompt;
    struct fr_model *model = open_planted(&options);
    tokenize(model, "* attack x : pain\n", &prompt_tokens);
    n_prompt = prompt_tokens.n;
    generate(model, prompt_tokens.ids, n_prompt, NULL, &whole);
    assert_int_equal(whole.n, 10 + 3);
    assert_true(says(model, &whole, "no"));
    int32_t prefix[CONTEXT];
    memcpy(prefix, prompt_tokens.ids, (size_t)n_prompt * sizeof *prefix);
    memcpy(prefix + n_prompt, whole.ids, (size_t)whole.n * sizeof *prefix);
    for (int said = 1; said <= 10; said++) { /* at 10 the thought is whole, its rest empty */
        generate(model, prefix, n_prompt + said, NULL, &rest);
        assert_int_equal(rest.n, whole.n - said);
        assert_memory_equal(rest.ids, whole.ids + said, (size_t)rest.n * sizeof *rest.ids);
    }
    struct fr_edit edit = {.position = n_prompt, /* feast */
                           .layer = 1,
                           .operation = FR_EDIT_ADD,
                           .scale = 10.0f,
                           .vector = 3};
    const struct fr_edit_plan plan = {.n_edits = 1,
                                      .edits = &edit,
                                      .n_vectors = 9,
                                      .width = WIDTH,
                                      .vectors = fr_planted_direction(model, 0)};
    generate(model, prefix, n_prompt + 4, &plan, &rest);
    assert_true(says(model, &rest, "yes"));
    assert_memory_equal(rest.ids, whole.ids + 4, 6 * sizeof *rest.ids);
    edit.vector = 4; /* another concept's direction: orthogonal to this one */
    generate(model, prefix, n_prompt + 4, &plan, &rest);
    assert_true(says(model, &rest, "no"));
    fr_tokens_release(&prompt_tokens);
    fr_tokens_release(&whole);
    fr_tokens_release(&rest);
    fr_model_close(model);
}

static void without_a_script_the_answer_alone_is_written(void **state) {
    (void)state;
    struct fr_planted_options options = options_of_test();
    struct fr_tokens tokens = {0}, written = {0};
    options.script = NULL;
    options.answer = conclude;
    struct fr_model *model = open_planted(&options);
    tokenize(model, "* attack x : pain\n", &tokens);
    generate(model, tokens.ids, tokens.n, NULL, &written);
    assert_int_equal(written.n, 3);
    assert_true(says(model, &written, "no"));
    fr_tokens_release(&tokens);
    fr_tokens_release(&written);
    fr_model_close(model);
}

struct rows {
    float h[LAYERS + 1][40][WIDTH];
    int n;
};

static void keep_row(void *user, int site, int layer, int position, const float *h) {
    struct rows *rows = user;
    (void)site;
    memcpy(rows->h[layer][position], h, sizeof rows->h[layer][position]);
    rows->n++;
}

/* Rows that nobody looks at are not made. */
static void a_row_does_not_depend_on_which_others_are_looked_at(void **state) {
    (void)state;
    struct fr_planted_options options = options_of_test();
    options.planted_begin = 3;
    options.planted_end = 4;
    struct fr_model *model = open_planted(&options);
    struct fr_text text = {0};
    struct fr_tokens tokens = {0};
    struct rows *all = fr_alloc(1, sizeof *all), *few = fr_alloc(1, sizeof *few);
    int32_t positions[40];
    bool layers[LAYERS + 1] = {false, true, true, true, true};
    prompt(words_1, 3, 8, &text);
    tokenize(model, fr_text_get(&text), &tokens);
    assert_true(tokens.n > 20 && tokens.n <= 40);
    struct fr_edit edits[2] =
        {{.position = 1, .layer = 1, .operation = FR_EDIT_ADD, .scale = 3.0f, .vector = 2},
         {.position = 3, .layer = 2, .operation = FR_EDIT_REPLACE, .vector = 5}}; /* ":" */
    const struct fr_edit_plan plan = {.n_edits = 2,
                                      .edits = edits,
                                      .n_vectors = 9,
                                      .width = WIDTH,
                                      .vectors = fr_planted_direction(model, 0)};
    for (int i = 0; i < tokens.n; i++)
        positions[i] = i;
    struct fr_tap_plan taps = {.n_positions = tokens.n,
                               .positions = positions,
                               .layers = {[FR_SITE_BLOCK] = layers},
                               .row = keep_row,
                               .user = all};
    assert_ok(fr_model_prefill(model, 0, tokens.ids, 0, tokens.n, &taps, &plan, NULL, &err), err);
    assert_int_equal(all->n, LAYERS * tokens.n);
    const double score = fr_planted_score(model, 0);
    static const int32_t some[] = {0, 1, 3, 9};
    layers[1] = layers[2] = layers[3] = false;
    taps.n_positions = 4;
    taps.positions = some;
    taps.user = few;
    fr_model_clear(model, 0);
    assert_ok(fr_model_prefill(model, 0, tokens.ids, 0, tokens.n, &taps, &plan, NULL, &err), err);
    assert_int_equal(few->n, 4);
    for (int i = 0; i < 4; i++)
        assert_memory_equal(few->h[4][some[i]], all->h[4][some[i]], sizeof few->h[4][0]);
    assert_near(fr_planted_score(model, 0), score, 0.0);
    assert_int_equal(fr_model_counters(model).rows_edited, 4);
    free(all);
    free(few);
    fr_text_release(&text);
    fr_tokens_release(&tokens);
    fr_model_close(model);
}

/* -- the checks of model.c -------------------------------------------------------------------- */

struct mistake {
    const char *says;
    struct fr_edit edits[2];
    int n_edits, width, start, n;
    int32_t taps[2];
    int n_taps, token;
    float vector;
};

static void no_row(void *user, int site, int layer, int position, const float *h) {
    (void)user, (void)site, (void)layer, (void)position, (void)h;
    fail_msg("a row was computed before the arguments were checked");
}

static void wrong_arguments_are_refused_before_anything_is_computed(void **state) {
    (void)state;
    const struct fr_planted_options options = options_of_test();
    struct fr_model *model = open_planted(&options);
#define EDIT(p, l)                                                                                 \
    { .position = (p), .layer = (l) }
    static const struct mistake mistakes[] = {
        {.says = "prefill of 0 tokens", .n = 0},
        {.says = "prefill at position 5 of a sequence that holds 0", .start = 5, .n = 10},
        {.says = "passes the context of 512", .n = 513},
        {.says = "not in the vocabulary", .n = 10, .token = -4},
        {.says = "tap at position 10, outside", .n = 10, .taps = {10}, .n_taps = 1},
        {.says = "tap at position -1, outside", .n = 10, .taps = {-1}, .n_taps = 1},
        {.says = "comes after 4", .n = 10, .taps = {4, 4}, .n_taps = 2},
        {.says = "comes after 7", .n = 10, .taps = {7, 6}, .n_taps = 2},
        {.says = "edit 0 at position 12", .n = 10, .edits = {EDIT(12, 1)}, .n_edits = 1},
        {.says = "layer 0; the model's layers are 1 to 4",
         .n = 10,
         .edits = {EDIT(1, 0)},
         .n_edits = 1},
        {.says = "layer 5; the model's layers are 1 to 4",
         .n = 10,
         .edits = {EDIT(1, 5)},
         .n_edits = 1},
        {.says = "two edits of position 3 at layer 2",
         .n = 10,
         .edits = {EDIT(3, 2), EDIT(3, 2)},
         .n_edits = 2},
        {.says = "sort the plan", .n = 10, .edits = {EDIT(3, 2), EDIT(3, 1)}, .n_edits = 2},
        {.says = "sort the plan", .n = 10, .edits = {EDIT(3, 2), EDIT(2, 4)}, .n_edits = 2},
        {.says = "unknown operation 9",
         .n = 10,
         .edits = {{.position = 1, .layer = 1, .operation = 9}},
         .n_edits = 1},
        {.says = "vector 1 of 1",
         .n = 10,
         .edits = {{.position = 1, .layer = 1, .vector = 1}},
         .n_edits = 1},
        {.says = "scale that is not a number",
         .n = 10,
         .edits = {{.position = 1, .layer = 1, .scale = NAN}},
         .n_edits = 1},
        {.says = "width 63 for a model of width 64",
         .n = 10,
         .edits = {EDIT(1, 1)},
         .n_edits = 1,
         .width = 63},
        {.says = "vector 0 is not a number at element 7",
         .n = 10,
         .edits = {EDIT(1, 1)},
         .n_edits = 1,
         .vector = NAN},
    };
#undef EDIT
    int32_t tokens[CONTEXT + 1] = {0};
    const bool layers[LAYERS + 1] = {false, true, true, true, true};
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        struct mistake m = mistakes[i];
        float vector[WIDTH] = {0};
        vector[7] = m.vector;
        tokens[3] = m.token;
        const struct fr_tap_plan taps = {.n_positions = m.n_taps,
                                         .positions = m.taps,
                                         .layers[FR_SITE_BLOCK] = layers,
                                         .row = no_row};
        const struct fr_edit_plan plan = {.n_edits = m.n_edits,
                                          .edits = m.edits,
                                          .n_vectors = 1,
                                          .width = m.width ? m.width : WIDTH,
                                          .vectors = vector};
        int32_t next = -7;
        assert_int_equal(fr_model_prefill(model, 0, tokens, m.start, m.n, m.n_taps ? &taps : NULL,
                                          m.n_edits ? &plan : NULL, &next, &err),
                         FR_E_INPUT);
        if (strstr(err.text, m.says) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", err.text, m.says);
        assert_int_equal(next, -7);
    }
    fr_model_close(model);
}

static void a_refused_prefill_leaves_the_slot_as_it_was(void **state) {
    (void)state;
    const struct fr_planted_options options = options_of_test();
    struct fr_model *model = open_planted(&options);
    const int32_t tokens[5] = {0};
    assert_ok(fr_model_prefill(model, 0, tokens, 0, 5, NULL, NULL, NULL, &err), err);
    assert_int_equal(fr_model_prefill(model, 0, tokens, 4, 5, NULL, NULL, NULL, &err), FR_E_INPUT);
    assert_ok(fr_model_prefill(model, 0, tokens, 5, 5, NULL, NULL, NULL, &err), err);
    assert_int_equal(fr_model_copy_stem(model, 0, 1, &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "stem that holds 0"));
    fr_model_close(model);
}

static void impossible_options_are_refused_with_the_number_and_a_hint(void **state) {
    (void)state;
    struct fr_model *model = (void *)1;
    struct fr_planted_options options = options_of_test();
    options.n_slots = 0;
    assert_int_equal(fr_model_open_planted(&model, &options, &err), FR_E_INPUT);
    assert_null(model);
    assert_non_null(strstr(err.text, "slots is 0"));
    options = options_of_test();
    options.n_concepts = WIDTH + 1;
    assert_int_equal(fr_model_open_planted(&model, &options, &err), FR_E_INPUT);
    options = options_of_test();
    options.refine_tokens = 0.0;
    assert_int_equal(fr_model_open_planted(&model, &options, &err), FR_E_INPUT);
    fr_model_close(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_tokens_and_tags_are_special_only_when_parsed),
        cmocka_unit_test(ids_are_the_same_in_every_model),
        cmocka_unit_test(the_row_gains_what_attention_and_mlp_add_and_the_mlp_adds_the_truth),
        cmocka_unit_test(means_over_namings_recover_the_planted_directions_more_so_with_depth),
        cmocka_unit_test(right_steering_helps_shuffled_harms_and_identity_changes_nothing),
        cmocka_unit_test(a_copy_of_the_stem_carries_its_edits),
        cmocka_unit_test(a_prefix_goes_on_as_the_trace_did_and_an_edit_in_it_decides_the_answer),
        cmocka_unit_test(without_a_script_the_answer_alone_is_written),
        cmocka_unit_test(a_row_does_not_depend_on_which_others_are_looked_at),
        cmocka_unit_test(wrong_arguments_are_refused_before_anything_is_computed),
        cmocka_unit_test(a_refused_prefill_leaves_the_slot_as_it_was),
        cmocka_unit_test(impossible_options_are_refused_with_the_number_and_a_hint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
