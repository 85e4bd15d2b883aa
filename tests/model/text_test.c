/* Tokens with byte offsets and the chat template, with libllama's own tokenizer. */
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "support/test.h"
#include "support/tiny_model.h"

static struct fr_error err;

static struct fr_model *open_with(const char *chat_template, enum fr_random_gguf_damage damage) {
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    gguf.chat_template = chat_template;
    gguf.damage = damage;
    const struct fr_model_options options = fr_tiny_options();
    return fr_tiny_open(&gguf, &options);
}

static void assert_pieces(const struct fr_model *model, const char *text, bool parse_special,
                          const char *const *expected, int n_expected) {
    struct fr_tokens tokens = {0};
    assert_ok(fr_model_tokenize(model, text, strlen(text), parse_special, &tokens, &err), err);
    assert_int_equal(tokens.n, n_expected);
    for (int i = 0; i < tokens.n; i++) {
        const size_t n = strlen(expected[i]);
        assert_int_equal(tokens.ends[i] - tokens.starts[i], n);
        assert_memory_equal(text + tokens.starts[i], expected[i], n);
    }
    fr_tokens_release(&tokens);
}

static void known_words_are_whole_tokens_and_unknown_ones_fall_back_to_bytes(void **state) {
    (void)state;
    struct fr_model *model = open_with(NULL, FR_RANDOM_GGUF_WHOLE);
    static const char *const whole[] = {" attack", " planet", ","};
    assert_pieces(model, " attack planet,", true, whole, 3);
    static const char *const bytes[] = {" t", "l", "t", "e", "z", "i", " attack"};
    assert_pieces(model, " tltezi attack", true, bytes, 7);
    /* The word without its blank is another token, here bytes; so is another case. */
    static const char *const bare[] = {"p", "a", "i", "n", " ", "P", "a", "i", "n"};
    assert_pieces(model, "pain Pain", true, bare, 9);
    static const char *const unicode[] = {"\xC3", "\xA9", "\xF0", "\x9F", "\x98", "\x80"};
    assert_pieces(model, "\xC3\xA9\xF0\x9F\x98\x80", true, unicode, 6);
    fr_model_close(model);
}

/* bench/qwq_shape's: words of a text, Chinese characters, pairs of them; and ternary weights. */
static void a_tokenizer_made_of_merges_knows_the_words_of_its_text(void **state) {
    (void)state;
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    const struct fr_model_options options = fr_tiny_options();
    gguf.width = gguf.n_ff = 256;
    gguf.type = FR_RANDOM_GGUF_TQ2_0;
    gguf.n_vocab = 24000;
    gguf.n_words = 0;
    gguf.text = "attack\tplanet (provinces) attacks";
    struct fr_model *model = fr_tiny_open(&gguf, &options);
    assert_int_equal(fr_model_info(model)->n_vocab, 24000);
    assert_string_equal(fr_model_info(model)->quantization, "TQ2_0");
    static const char *const pieces[] =
        {" attack", ",", " provinces", " planet",      "e", " ", "z",
         "i",       "p", "l",          "\xE4\xB8\x80", "!"};
    assert_pieces(model, " attack, provinces planete zipl\xE4\xB8\x80!", true, pieces, 12);
    int32_t tokens[8], next;
    fr_tiny_tokens(model, 1, 8, tokens);
    assert_ok(fr_model_prefill(model, 0, tokens, 0, 8, NULL, NULL, &next, &err), err);
    fr_model_close(model);
}

static void special_tokens_are_parsed_only_when_asked(void **state) {
    (void)state;
    struct fr_model *model = open_with(NULL, FR_RANDOM_GGUF_WHOLE);
    struct fr_tokens tokens = {0};
    const char *text = "<|im_start|> attack<|im_end|>";
    assert_ok(fr_model_tokenize(model, text, strlen(text), true, &tokens, &err), err);
    assert_int_equal(tokens.n, 3);
    size_t n;
    assert_memory_equal(fr_model_token_text(model, tokens.ids[0], &n), "<|im_start|>", 12);
    assert_int_equal(n, 12);
    assert_true(fr_model_token_ends(model, tokens.ids[2]));
    assert_false(fr_model_token_ends(model, tokens.ids[1]));
    assert_ok(fr_model_tokenize(model, text, strlen(text), false, &tokens, &err), err);
    assert_true(tokens.n > 20);
    assert_int_equal(tokens.ends[tokens.n - 1], strlen(text));
    assert_ok(fr_model_tokenize(model, "", 0, true, &tokens, &err), err);
    assert_int_equal(tokens.n, 0);
    fr_tokens_release(&tokens);
    fr_model_close(model);
}

static void the_beginning_of_a_text_has_a_token_that_a_file_may_want(void **state) {
    (void)state;
    for (int wants = 0; wants < 2; wants++) {
        struct fr_model *model =
            open_with(NULL, wants ? FR_RANDOM_GGUF_WANTS_BEGIN : FR_RANDOM_GGUF_WHOLE);
        struct fr_tokens tokens = {0};
        bool wanted;
        const int32_t begin = fr_model_begin_token(model, &wanted);
        size_t n;
        const char *text = fr_model_token_text(model, begin, &n);
        assert_true(n == 13 && memcmp(text, "<|endoftext|>", n) == 0);
        assert_int_equal(wanted, wants);
        assert_ok(fr_model_tokenize(model, text, n, true, &tokens, &err), err);
        assert_true(tokens.n == 1 && tokens.ids[0] == begin); /* and none before it */
        fr_tokens_release(&tokens);
        fr_model_close(model);
    }
}

static void the_texts_of_the_tokens_concatenated_are_the_text_again(void **state) {
    (void)state;
    static const char *const parts[] = {" attack",    " ",        "\n",    "\n\n",  "planet",
                                        "<think>",    "  ",       "\t",    "é",     "don't",
                                        "1234",       "</think>", "\r\n",  "<|im_", "世",
                                        "<|im_end|>", ".",        "tltezi"};
    struct fr_model *model = open_with(NULL, FR_RANDOM_GGUF_WHOLE);
    struct fr_rng rng;
    fr_rng_seed(&rng, 3, 3);
    for (int round = 0; round < 300; round++) {
        char text[512] = "", again[512];
        const int n_parts = (int)fr_rng_below(&rng, 20);
        for (int i = 0; i < n_parts; i++)
            strcat(text, parts[fr_rng_below(&rng, sizeof parts / sizeof *parts)]);
        struct fr_tokens tokens = {0};
        assert_ok(fr_model_tokenize(model, text, strlen(text), round % 2, &tokens, &err), err);
        size_t at = 0;
        for (int i = 0; i < tokens.n; i++) {
            size_t n;
            const char *piece = fr_model_token_text(model, tokens.ids[i], &n);
            assert_int_equal(tokens.starts[i], at);
            memcpy(again + at, piece, n);
            at += n;
            assert_int_equal(tokens.ends[i], at);
        }
        assert_int_equal(at, strlen(text));
        assert_memory_equal(again, text, at);
        fr_tokens_release(&tokens);
    }
    fr_model_close(model);
}

static void a_tokenizer_that_changes_the_text_is_refused_with_the_place(void **state) {
    (void)state;
    struct fr_model *model = open_with(NULL, FR_RANDOM_GGUF_MISSING_BYTE);
    struct fr_tokens tokens = {0};
    assert_ok(fr_model_tokenize(model, " attack a", 9, true, &tokens, &err), err);
    assert_int_equal(fr_model_tokenize(model, " attack zone", 12, true, &tokens, &err), FR_E_MODEL);
    assert_non_null(strstr(err.text, "at byte 8"));
    assert_int_equal(tokens.n, 0);
    assert_int_equal(fr_model_tokenize(model, " attack z", 9, true, &tokens, &err), FR_E_MODEL);
    assert_non_null(strstr(err.text, "from byte 8"));
    fr_tokens_release(&tokens);
    fr_model_close(model);
}

#define CHATML                                                                                     \
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + "                   \
    "message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ "     \
    "'<|im_start|>assistant\\n' }}"

static void the_chat_text_follows_the_files_template(void **state) {
    (void)state;
    static const struct {
        const char *template;
        const char *expected;
    } cases[] = {
        {NULL, "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n<think>\n"},
        {CHATML "{% endif %}", "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n"},
        /* Reasoning that an option of the template switches off is not reasoning opened ... */
        {CHATML "{% if enable_thinking is defined and not enable_thinking %}{{ "
                "'<think>\\n\\n</think>\\n\\n' }}{% endif %}{% endif %}",
         "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n"},
        /* ... an option that nobody gave is false ... */
        {CHATML "{% if not enable_thinking %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}"
                "{% endif %}",
         "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"},
        /* ... and reasoning opened in a branch is opened. */
        {"{%- for m in messages %}{{- '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>' "
         "}}{%- endfor %}{%- if add_generation_prompt %}\n    {{- "
         "'<|im_start|>assistant\\n' }}\n    {%- if enable_thinking is defined and enable_thinking "
         "is false -%}{{- '</think>' -}}{%- else -%}{{- '<think>\\n' -}}{%- endif "
         "-%}\n{%- endif %}",
         "<|im_start|>user\nhello<|im_end|><|im_start|>assistant\n<think>\n"},
        {"", "hello"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_model *model = open_with(cases[i].template, FR_RANDOM_GGUF_WHOLE);
        char *chat = NULL;
        assert_ok(fr_model_chat(model, NULL, "hello", &chat, &err), err);
        assert_string_equal(chat, cases[i].expected);
        assert_string_equal(fr_model_reasoning_end(model), "</think>");
        free(chat);
        fr_model_close(model);
    }
}

static void the_reasoning_tags_are_the_templates(void **state) {
    (void)state;
    static const struct {
        const char *template;
        const char *start, *end, *opening;
    } cases[] = {
        {CHATML "{% endif %}", "<think>", "</think>", ""}, /* the vocabulary's */
        {CHATML "{{ '<seed:think>' }}{% endif %}{# </seed:think> #}", "<seed:think>",
         "</seed:think>", "<seed:think>"},
        {"{% for m in messages %}{{'<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n'}}"
         "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n<seed:think>' }}"
         "{% endif %}{# </seed:think> #}",
         "<seed:think>", "</seed:think>", "<seed:think>"},
        {CHATML "{% endif %}{# [THINK]...[/THINK] #}", "[THINK]", "[/THINK]", ""},
        {CHATML "{% endif %}{# <|START_THINKING|> <|END_THINKING|> #}", "<|START_THINKING|>",
         "<|END_THINKING|>", ""},
        {CHATML "{% endif %}{# <|channel|>analysis<|message|> <|end|> #}",
         "<|channel|>analysis<|message|>", "<|end|>", ""},
        {CHATML "{% endif %}{# <|end|> as in Phi-3 #}", "<think>", "</think>", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_model *model = open_with(cases[i].template, FR_RANDOM_GGUF_WHOLE);
        assert_string_equal(fr_model_reasoning_start(model), cases[i].start);
        assert_string_equal(fr_model_reasoning_end(model), cases[i].end);
        char *chat = NULL, expected[128];
        assert_ok(fr_model_chat(model, NULL, "hello", &chat, &err), err);
        (void)snprintf(expected, sizeof expected,
                       "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n%s",
                       cases[i].opening);
        assert_string_equal(chat, expected);
        free(chat);
        fr_model_close(model);
    }
}

static void a_long_message_is_not_cut(void **state) {
    (void)state;
    struct fr_model *model = open_with(NULL, FR_RANDOM_GGUF_WHOLE);
    char *message = fr_alloc(20001, 1), *chat = NULL;
    memset(message, 'x', 20000);
    assert_ok(fr_model_chat(model, NULL, message, &chat, &err), err);
    assert_int_equal(strspn(chat + strlen("<|im_start|>user\n"), "x"), 20000);
    free(chat);
    free(message);
    fr_model_close(model);
}

static void a_model_that_wants_a_begin_token_gets_it_in_the_text(void **state) {
    (void)state;
    struct fr_model *model = open_with(CHATML "{% endif %}", FR_RANDOM_GGUF_WANTS_BEGIN);
    char *chat = NULL;
    assert_ok(fr_model_chat(model, NULL, "hello", &chat, &err), err);
    assert_string_equal(chat,
                        "<|endoftext|><|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n");
    struct fr_tokens tokens = {0};
    assert_ok(fr_model_tokenize(model, chat, strlen(chat), true, &tokens, &err), err);
    assert_int_equal(tokens.ends[0], strlen("<|endoftext|>"));
    assert_int_equal(tokens.ends[1] - tokens.starts[1], strlen("<|im_start|>"));
    fr_tokens_release(&tokens);
    free(chat);
    fr_model_close(model);
}

static void a_template_that_cannot_be_rendered_is_refused_with_its_reason(void **state) {
    (void)state;
    static const struct {
        const char *template, *system, *reason;
    } cases[] = {
        {"{% for m in messages %}{{ m.content }}", NULL, "cannot be rendered"},
        {"{{ messages[0].content | shout }}", NULL, "shout"},
        {"{{ raise_exception('no system message here') }}", NULL, "no system message here"},
        {"{{ 'Dear model' }}", NULL, "it leaves out the message"},
        {"{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}", "be brief",
         "it leaves out the system message"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_model *model = open_with(cases[i].template, FR_RANDOM_GGUF_WHOLE);
        char *chat = NULL;
        assert_int_equal(fr_model_chat(model, cases[i].system, "hello", &chat, &err), FR_E_MODEL);
        assert_null(chat);
        if (strstr(err.text, cases[i].reason) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].reason);
        assert_non_null(strstr(err.text, "prompt.chat_template"));
        assert_null(strchr(err.text, '\n'));
        fr_model_close(model);
    }
}

static struct fr_model *open_told(const char *own, const char *chat_template, int reasoning) {
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    struct fr_model_options options = fr_tiny_options();
    gguf.chat_template = own;
    options.chat_template = chat_template;
    options.reasoning = reasoning;
    return fr_tiny_open(&gguf, &options);
}

static void assert_chat(struct fr_model *model, const char *system, const char *expected) {
    char *chat = NULL;
    assert_ok(fr_model_chat(model, system, "hello", &chat, &err), err);
    assert_string_equal(chat, expected);
    free(chat);
    fr_model_close(model);
}

static void another_template_is_a_file_or_a_name(void **state) {
    (void)state;
    char path[64], gguf_path[64];
    fr_tiny_path(path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs("<{{ messages[-1].content }}|{% if add_generation_prompt %}>{% endif %}", file);
    (void)fclose(file);
    assert_chat(open_told(CHATML "{% endif %}", path, FR_REASONING_AUTO), NULL, "<hello|>");
    (void)unlink(path);
    assert_chat(open_told(CHATML "{% endif %}", "none", FR_REASONING_AUTO), NULL, "hello");
    assert_chat(open_told("{{ 'Dear model' }}", "chatml", FR_REASONING_AUTO), "be brief",
                "<|im_start|>system\nbe brief<|im_end|>\n<|im_start|>user\nhello<|im_end|>\n"
                "<|im_start|>assistant\n");
    char *chat = NULL;
    struct fr_model *model = open_told(NULL, "none", FR_REASONING_AUTO);
    assert_int_equal(fr_model_chat(model, "be brief", "hello", &chat, &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "prompt.instruction"));
    fr_model_close(model);

    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    struct fr_model_options options = fr_tiny_options();
    assert_ok(fr_random_gguf_write(fr_tiny_path(gguf_path), &gguf, &err), err);
    options.path = gguf_path;
    options.chat_template = "chatmll";
    assert_int_equal(fr_model_open(&model, &options, &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "the nearest is chatml"));
    (void)unlink(gguf_path);
}

static void whether_a_model_thinks_is_read_or_told(void **state) {
    (void)state;
    static const char with_switch[] =
        CHATML "{% if enable_thinking is defined and not enable_thinking %}{{ "
               "'<think>\\n\\n</think>\\n\\n' }}{% endif %}{% endif %}";
    struct fr_model *model = open_told(with_switch, NULL, FR_REASONING_AUTO);
    assert_true(fr_model_thinks(model));
    assert_chat(model, NULL, "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n");
    model = open_told(with_switch, NULL, FR_REASONING_NONE);
    assert_false(fr_model_thinks(model));
    assert_chat(
        model, NULL,
        "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n");
    model = open_told(with_switch, NULL, FR_REASONING_TAGS);
    struct fr_model *sibling = NULL;
    assert_ok(fr_model_open_sibling(&sibling, model, 1, &err), err);
    assert_true(fr_model_thinks(model) && fr_model_thinks(sibling));
    fr_model_close(model);
    assert_chat(sibling, NULL, "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_words_are_whole_tokens_and_unknown_ones_fall_back_to_bytes),
        cmocka_unit_test(a_tokenizer_made_of_merges_knows_the_words_of_its_text),
        cmocka_unit_test(special_tokens_are_parsed_only_when_asked),
        cmocka_unit_test(the_beginning_of_a_text_has_a_token_that_a_file_may_want),
        cmocka_unit_test(the_texts_of_the_tokens_concatenated_are_the_text_again),
        cmocka_unit_test(a_tokenizer_that_changes_the_text_is_refused_with_the_place),
        cmocka_unit_test(the_chat_text_follows_the_files_template),
        cmocka_unit_test(the_reasoning_tags_are_the_templates),
        cmocka_unit_test(a_long_message_is_not_cut),
        cmocka_unit_test(a_model_that_wants_a_begin_token_gets_it_in_the_text),
        cmocka_unit_test(a_template_that_cannot_be_rendered_is_refused_with_its_reason),
        cmocka_unit_test(another_template_is_a_file_or_a_name),
        cmocka_unit_test(whether_a_model_thinks_is_read_or_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
