/* Chat templates against what the `transformers` library makes of them
 * (golden/model/make_chat_templates.py): those of llama.cpp's pinned source, among them QwQ's,
 * DeepSeek-R1-Distill's, Qwen2.5's, Llama 3.3's and Seed's, and three short ones: Nemotron's, and
 * the two parts that libllama's own formats drop. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "model/chat_template.h"
#include "support/test.h"

enum { CEILING = 1 << 20, LINE = 1 << 16 };

static void load(const char *name, const char *sha256, struct fr_text *source) {
    struct fr_error err;
    struct fr_text path = {0};
    char sha[FR_SHA256_TEXT];
    fr_text_printf(&path, "%s/tests/golden/model/templates/%s", fr_test_source_dir(), name);
    if (!fr_file_exists(fr_text_get(&path))) {
        const char *directory = getenv("FR_CHAT_TEMPLATES");
        if (directory == NULL)
            fail_msg("FR_CHAT_TEMPLATES does not say where the templates are; run by ctest");
        fr_text_clear(&path);
        fr_text_printf(&path, "%s/%s", directory, name);
    }
    assert_ok(fr_file_read_text(fr_text_get(&path), CEILING, source, &err), err);
    fr_sha256(fr_text_get(source), source->len, sha);
    if (strcmp(sha, sha256) != 0)
        fail_msg("%s is not the file that the golden texts were made of", fr_text_get(&path));
    fr_text_release(&path);
}

static void check(const char *source, const json_t *row) {
    const char *text = json_string_value(json_object_get(row, "text"));
    const char *name = json_string_value(json_object_get(row, "template"));
    const char *kind = json_string_value(json_object_get(row, "case"));
    const struct fr_chat_turn turn = {json_string_value(json_object_get(row, "system")),
                                      json_string_value(json_object_get(row, "message")), "<BOS>",
                                      "<EOS>",
                                      (int)json_integer_value(json_object_get(row, "thinking"))};
    char *out = NULL, reason[256] = "";
    const bool rendered = fr_chat_template_render(source, &turn, &out, reason, sizeof reason);
    if (rendered != (text != NULL))
        fail_msg("%s, %s: %s", name, kind, rendered ? "rendered, not refused" : reason);
    if (rendered && strcmp(out, text) != 0)
        fail_msg("%s, %s: it says\n%s\nand should say\n%s", name, kind, out, text);
    assert_true(rendered || (reason[0] != '\0' && strchr(reason, '\n') == NULL));
    free(out);
}

static void every_template_says_what_transformers_makes_of_it(void **state) {
    (void)state;
    struct fr_text path = {0};
    static char line[LINE];
    int n = 0;
    fr_text_printf(&path, "%s/tests/golden/model/chat_templates.jsonl", fr_test_source_dir());
    FILE *file = fopen(fr_text_get(&path), "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        json_t *row = json_loads(line, 0, NULL);
        struct fr_text source = {0};
        assert_non_null(row);
        load(json_string_value(json_object_get(row, "template")),
             json_string_value(json_object_get(row, "sha256")), &source);
        check(fr_text_get(&source), row);
        fr_text_release(&source);
        json_decref(row);
        n++;
    }
    (void)fclose(file);
    fr_text_release(&path);
    assert_true(n > 100);
}

static void what_is_no_template_is_refused_in_one_line(void **state) {
    (void)state;
    static const char *const sources[] = {"{{",
                                          "{% if %}",
                                          "{% endfor %}",
                                          "{% break %}{{ messages }}",
                                          "{{ messages[9].content }}",
                                          "{{ 1 / 0 }}",
                                          ""};
    const struct fr_chat_turn turn = {NULL, "hello", "", "", -1};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        char *out = NULL, reason[64] = "";
        if (fr_chat_template_render(sources[i], &turn, &out, reason, sizeof reason))
            fail_msg("\"%s\" was rendered: \"%s\"", sources[i], out);
        assert_null(out);
        assert_true(reason[0] != '\0' && strchr(reason, '\n') == NULL);
    }
}

static const struct fr_chat_turn hello = {NULL, "hello", "", "", -1};

static void refused(const char *source, const char *wanted) {
    char *out = NULL, reason[256] = "";
    if (fr_chat_template_render(source, &hello, &out, reason, sizeof reason))
        fail_msg("\"%.80s\" was rendered: \"%s\"", source, out);
    if (strstr(reason, wanted) == NULL)
        fail_msg("\"%.80s\": \"%s\" does not say \"%s\"", source, reason, wanted);
}

/* What jinja2 3.1.6 prints: None, [1, 'a'], {'a': 1}, (1, 2), 1None, [0, 1], ['role', 'content'],
 * [1, 2], 0.30000000000000004, 1e-05 and so on; the interpreter "", 1a, "" ... */
static void what_the_interpreter_prints_otherwise_than_jinja2_is_refused(void **state) {
    (void)state;
    static const char *const printed[][2] = {
        {"{{ none }}", "it prints none"},
        {"{{ [1, 'a'] }}", "it prints a list"},
        {"{{ {'a': 1} }}", "it prints a dictionary"},
        {"{{ (1, 2) }}", "it prints a list"},
        {"{{ 1 ~ none }}", "it prints none"},
        {"{% set x = ('a' ~ none) | upper %}{{ x }}", "it prints none"},
        {"{{ 'a' if ('b' ~ [none]) else 'c' }}", "it prints a list"},
        {"{{ range(2) | list }}", "it prints a list"},
        {"{{ messages[0].keys() | list }}", "it prints a list"},
        {"{{ [1] + [2] }}", "it prints a list"},
        {"{{ range }}", "it prints a function"},
        {"{{ 0.1 + 0.2 }}", "it prints a number of many digits"},
        {"{{ 0.00001 }}", "it prints a number of many digits"},
        {"{% for m in messages %}{{ m }}{% endfor %}", "it prints a dictionary"},
        {"{% for i in [] %}{% else %}{{ none }}{% endfor %}", "it prints none"},
        {"{% macro m() %}{% if true %}{{ none }}{% endif %}{% endmacro %}{{ m() }}",
         "it prints none"},
        {"{% set x %}{{ none }}{% endset %}{{ x }}", "it prints none"},
        {"{% filter upper %}{{ none }}{% endfilter %}", "it prints none"},
    };
    static const char *const same[][2] = {
        {"{{ 'a' }}{{ 1 }}{{ true }}{{ 0.5 }}{{ 10 / 5 }}{{ nothing }}", "a1True0.52.0"},
        {"{{ [1, 'a'] | tojson }}{{ [1, 2] | join(',') }}{{ none | string }}", "[1, \"a\"]1,2None"},
        {"{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m('a' ~ 1) }}", "<a1>"},
        {"{% if none %}{{ none }}{% endif %}{{ {'a': none}.a is none }}", "True"},
    };
    struct fr_text source = {0};
    for (size_t i = 0; i < sizeof printed / sizeof *printed; i++) {
        fr_text_clear(&source);
        fr_text_printf(&source, "{{ messages[0].content }}%s", printed[i][0]);
        refused(fr_text_get(&source), printed[i][1]);
    }
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        char *out = NULL, reason[256] = "";
        fr_text_clear(&source);
        fr_text_printf(&source, "{{ messages[0].content }}%s", same[i][0]);
        if (!fr_chat_template_render(fr_text_get(&source), &hello, &out, reason, sizeof reason))
            fail_msg("\"%s\": %s", same[i][0], reason);
        assert_string_equal(out + strlen("hello"), same[i][1]);
        free(out);
    }
    fr_text_release(&source);
}

/* In jinja2 an error each, but for the letters of a text. */
static void parts_and_sums_are_as_in_jinja2_or_refused(void **state) {
    (void)state;
    static const char *const wrong[][2] = {
        {"{{ foo + 'a' }}", "adds a text and what is none"},
        {"{{ 'a' + foo }}", "adds a text and what is none"},
        {"{{ none + 'a' }}", "adds a text and what is none"},
        {"{% if 1 + 'a' %}{% endif %}", "adds a text and what is none"},
        {"{{ messages[5].content }}", "a part of what is undefined"},
        {"{{ messages[0].foo.bar }}", "a part of what is undefined"},
        {"{{ messages[0].foo['bar'] }}", "a part of what is undefined"},
        {"{% if foo.bar is defined %}{% endif %}", "a part of what is undefined"},
        {"{% set x = foo[1:] %}", "a part of what is undefined"},
        {"{{ ''.__class__ }}", "__class__"},
        {"{{ ''['__class__'] }}", "__class__"},
        {"{{ 'été'[1:] }}", "cuts a text that is not ASCII"},
    };
    static const char *const right[][2] = {
        {"{{ 'abc'[-1] }}{{ 'abc'[0] }}{{ 'abc'[-4] }}{{ 'abc'[3] }}", "ca"},
        {"{% if messages[0].content[-1] == 'o' %}yes{% endif %}", "yes"},
        {"{{ 'été'[-1] }}", "é"},
        {"{{ ['a', 'b'][-1] }}{{ ['a'][9] }}{{ {'k': 'v'}['k'] }}{{ messages[5] }}", "bv"},
        {"{{ 'a' + 'b' + 'c' }}{{ 1 + 2 }}{{ ([1] + [2])|join }}", "abc312"},
        {"{{ 'abc'[1:] }}{{ messages[0].nothing }}{{ 'a' ~ nothing }}", "bca"},
        {"{{ messages[0]['content'][:2] }}{{ [{'a': [1, 2]}][0].a[1] }}", "he2"},
    };
    struct fr_text source = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        fr_text_clear(&source);
        fr_text_printf(&source, "{{ messages[0].content }}%s", wrong[i][0]);
        refused(fr_text_get(&source), wrong[i][1]);
    }
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        char *out = NULL, reason[256] = "";
        fr_text_clear(&source);
        fr_text_printf(&source, "{{ messages[0].content }}%s", right[i][0]);
        if (!fr_chat_template_render(fr_text_get(&source), &hello, &out, reason, sizeof reason))
            fail_msg("\"%s\": %s", right[i][0], reason);
        assert_string_equal(out + strlen("hello"), right[i][1]);
        free(out);
    }
    fr_text_release(&source);
}

static void repeat(struct fr_text *out, const char *what, int n) {
    for (int i = 0; i < n; i++)
        fr_text_add(out, what);
}

static void a_template_that_kills_or_never_ends_is_refused_in_one_line(void **state) {
    (void)state;
    struct fr_text source = {0};
    fr_text_add(&source, "{{ ");
    repeat(&source, "(", 50000);
    fr_text_add(&source, "1");
    repeat(&source, ")", 50000);
    fr_text_add(&source, " }}");
    refused(fr_text_get(&source), "it is nested too deep, or calls itself");
    fr_text_clear(&source);
    repeat(&source, "{% if true %}", 20000);
    repeat(&source, "{% endif %}", 20000);
    refused(fr_text_get(&source), "it is nested too deep, or calls itself");
    refused("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "it is nested too deep, or calls itself");
    refused("{{ 'x' | indent(99999999999, true) }}", "more than 1 GiB of memory");
    refused("{% for i in range(9999) %}{% for k in range(9999) %}{% endfor %}{% endfor %}",
            "it does not end");
    fr_text_release(&source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_template_says_what_transformers_makes_of_it),
        cmocka_unit_test(what_is_no_template_is_refused_in_one_line),
        cmocka_unit_test(what_the_interpreter_prints_otherwise_than_jinja2_is_refused),
        cmocka_unit_test(parts_and_sums_are_as_in_jinja2_or_refused),
        cmocka_unit_test(a_template_that_kills_or_never_ends_is_refused_in_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
