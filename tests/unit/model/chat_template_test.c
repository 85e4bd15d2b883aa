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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_template_says_what_transformers_makes_of_it),
        cmocka_unit_test(what_is_no_template_is_refused_in_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
