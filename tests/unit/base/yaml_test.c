/* YAML: what is nested too deep is refused before libyaml spends its time on it. */
#include "base/yaml.h"

#include <string.h>

#include "base/text.h"
#include "test.h"

static void parse_repeated(const char *piece, int n, int want, const char *message) {
    struct fr_text text = {0};
    struct fr_error err = {0};
    yaml_document_t document;
    for (int i = 0; i < n; i++)
        fr_text_add(&text, piece);
    assert_int_equal(fr_yaml_parse(&document, fr_text_get(&text), "f.yaml", &err), want);
    assert_non_null(strstr(err.text, message));
    fr_text_release(&text);
}

/* A million brackets: libyaml alone takes minutes. */
static void a_million_open_lists_are_refused(void **state) {
    (void)state;
    parse_repeated("[", 1000000, FR_E_LIMIT, "f.yaml:1: lists and mappings nested deeper than 32");
    parse_repeated("{a: ", 250000, FR_E_LIMIT, "nested deeper than 32");
    parse_repeated("? ", 500000, FR_E_LIMIT, "nested deeper than 32");
    parse_repeated("- ", 500000, FR_E_LIMIT, "nested deeper than 32");
    parse_repeated("[", FR_YAML_MAX_DEPTH + 1, FR_E_LIMIT, "nested deeper than 32");
    parse_repeated("[", FR_YAML_MAX_DEPTH, FR_E_INPUT, "the file must be YAML");
}

static void brackets_in_texts_and_lists_beside_each_other_are_not_deep(void **state) {
    (void)state;
    struct fr_text text = {0};
    struct fr_error err = {0};
    yaml_document_t document;
    fr_text_add(&text, "a: \"");
    for (int i = 0; i < 1000; i++)
        fr_text_add(&text, "[{");
    fr_text_add(&text, "\"\nb:\n");
    for (int i = 0; i < 1000; i++)
        fr_text_add(&text, "- [1, {c: 2}]\n");
    assert_ok(fr_yaml_parse(&document, fr_text_get(&text), "f.yaml", &err), err);
    const yaml_node_t *root = yaml_document_get_root_node(&document);
    assert_int_equal(root->type, YAML_MAPPING_NODE);
    assert_int_equal(root->data.mapping.pairs.top - root->data.mapping.pairs.start, 2);
    yaml_document_delete(&document);
    fr_text_release(&text);
}

static void what_is_no_yaml_is_told_with_its_line(void **state) {
    (void)state;
    struct fr_error err = {0};
    yaml_document_t document;
    assert_int_equal(fr_yaml_parse(&document, "a: 1\nb: [\n", "f.yaml", &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "f.yaml:3: "));
    /* Found by the loader, not by the parser. */
    assert_int_equal(fr_yaml_parse(&document, "a: 1\nb: *none\n", "f.yaml", &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "f.yaml:2: "));
}

static void a_second_document_is_refused_and_marks_of_the_first_are_not(void **state) {
    (void)state;
    struct fr_error err = {0};
    yaml_document_t document;
    static const char *const bad[] = {"a: 1\n---\nb: 2\n", "---\na: 1\n...\n---\n",
                                      "a: 1\n---\n[\n"};
    static const char *const good[] = {"---\na: 1\n...\n", "a: 1\n...\n# end\n",
                                       "\xef\xbb\xbf"
                                       "a: 1\n",
                                       "%YAML 1.1\n---\na: |\n  ---\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(fr_yaml_parse(&document, bad[i], "f.yaml", &err), FR_E_INPUT);
        assert_non_null(strstr(err.text, "a second document begins"));
    }
    assert_memory_equal(err.text, "f.yaml:2:", 9);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_ok(fr_yaml_parse(&document, good[i], "f.yaml", &err), err);
        assert_int_equal(yaml_document_get_root_node(&document)->type, YAML_MAPPING_NODE);
        yaml_document_delete(&document);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_million_open_lists_are_refused),
        cmocka_unit_test(brackets_in_texts_and_lists_beside_each_other_are_not_deep),
        cmocka_unit_test(what_is_no_yaml_is_told_with_its_line),
        cmocka_unit_test(a_second_document_is_refused_and_marks_of_the_first_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
