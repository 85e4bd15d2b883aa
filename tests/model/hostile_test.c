/* Files that libllama would end the process over, each once seen to, are refused with one line of
 * ours, and so is whatever comes out when a file's header is changed at random: it opens, or is
 * refused, and the process lives. FR_MUTANTS=20000 tries as many. */
#include <ggml.h>
#include <gguf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/rng.h"
#include "support/directory.h"
#include "support/test.h"
#include "support/tiny_model.h"

static char root[512];
static char path[600], list[600];
static struct fr_text whole; /* the file that all are made from */

/* ---- made wrongly ---------------------------------------------------------------------------- */

static void u32(struct gguf_context *g, const char *key, uint32_t value) {
    gguf_remove_key(g, key);
    gguf_set_val_u32(g, key, value);
}
static void no_blocks(struct gguf_context *g) { u32(g, "qwen2.block_count", 0); }
static void many_blocks(struct gguf_context *g) { u32(g, "qwen2.block_count", 4000000000u); }
static void odd_rope(struct gguf_context *g) { u32(g, "qwen2.rope.dimension_count", 3); }
static void no_rope(struct gguf_context *g) { u32(g, "qwen2.rope.dimension_count", 0); }
static void odd_key(struct gguf_context *g) { u32(g, "qwen2.attention.key_length", 3); }
static void experts(struct gguf_context *g) { u32(g, "qwen2.expert_count", 3); }
static void experts_used(struct gguf_context *g) { u32(g, "qwen2.expert_used_count", 7); }
static void epsilon(struct gguf_context *g, float value) {
    gguf_set_val_f32(g, "qwen2.attention.layer_norm_rms_epsilon", value);
}
static void negative_epsilon(struct gguf_context *g) { epsilon(g, -1); }
static void no_epsilon(struct gguf_context *g) { epsilon(g, NAN); }
static void zero_epsilon(struct gguf_context *g) { epsilon(g, 0); }
static void infinite_epsilon(struct gguf_context *g) { epsilon(g, INFINITY); }
static void template_of_numbers(struct gguf_context *g) { u32(g, "tokenizer.chat_template", 5); }
static void sentencepiece(struct gguf_context *g) {
    gguf_set_val_str(g, "tokenizer.ggml.model", "llama");
}
static void rwkv(struct gguf_context *g) { gguf_set_val_str(g, "tokenizer.ggml.model", "rwkv"); }
static void bert(struct gguf_context *g) { gguf_set_val_str(g, "tokenizer.ggml.model", "bert"); }
static void same_tokens(struct gguf_context *g, int from, int to) {
    const int64_t id = gguf_find_key(g, "tokenizer.ggml.tokens");
    const int n = (int)gguf_get_arr_n(g, id);
    char **tokens = fr_alloc((size_t)n, sizeof *tokens);
    for (int i = 0; i < n; i++)
        tokens[i] = fr_strdup(gguf_get_arr_str(g, id, (size_t)(i >= from && i < to ? from : i)));
    gguf_set_arr_str(g, "tokenizer.ggml.tokens", (const char **)tokens, (size_t)n);
    for (int i = 0; i < n; i++)
        free(tokens[i]);
    free(tokens);
}
static void token_twice(struct gguf_context *g) { same_tokens(g, 300, 302); }
static void one_token(struct gguf_context *g) { same_tokens(g, 0, 512); }

static void write_changed(void (*change)(struct gguf_context *)) {
    struct ggml_context *tensors = NULL;
    struct gguf_init_params params = {.no_alloc = false, .ctx = &tensors};
    struct fr_error err;
    assert_ok(fr_file_write(path, whole.data, whole.len, &err), err);
    struct gguf_context *from = gguf_init_from_file(path, params), *to = gguf_init_empty();
    assert_non_null(from);
    gguf_set_kv(to, from);
    change(to);
    for (struct ggml_tensor *t = ggml_get_first_tensor(tensors); t != NULL;
         t = ggml_get_next_tensor(tensors, t))
        if (gguf_find_tensor(from, ggml_get_name(t)) >= 0)
            gguf_add_tensor(to, t);
    assert_true(gguf_write_to_file(to, path, false));
    gguf_free(from);
    gguf_free(to);
    ggml_free(tensors);
}

/* A tokenizer of another kind loses line feeds. */
static bool reads_text(struct fr_model *model, struct fr_error *err) {
    static const char text[] = "\n\n attack\n\n";
    struct fr_tokens tokens = {0};
    const int code = fr_model_tokenize(model, text, strlen(text), false, &tokens, err);
    if (code != FR_OK)
        print_message("%s\n", err->text);
    fr_tokens_release(&tokens);
    return code == FR_OK;
}

static void a_file_that_libllama_dies_of_is_refused_with_one_line(void **state) {
    (void)state;
    static const struct {
        void (*change)(struct gguf_context *);
        const char *says, *reads; /* of its opening, of a text, where that is known */
    } cases[] = {
        {no_blocks, "while loading the weights", NULL},
        {many_blocks, "", NULL},
        {odd_rope, "GGML_ASSERT(", NULL},
        {no_rope, "GGML_ASSERT(", NULL},
        {odd_key, NULL, NULL},
        {experts, "while loading the weights", NULL},
        {experts_used, "while loading the weights", NULL},
        {negative_epsilon, "layer_norm_rms_epsilon is -1, ", NULL},
        {no_epsilon, "layer_norm_rms_epsilon is nan, ", NULL},
        {zero_epsilon, "layer_norm_rms_epsilon is 0, ", NULL},
        {infinite_epsilon, "layer_norm_rms_epsilon is inf, ", NULL},
        {template_of_numbers, "tokenizer.chat_template is no text", NULL},
        {sentencepiece, NULL, NULL},
        {rwkv, NULL, "the tokenizer knows no token"},
        {bert, NULL, NULL},
        {token_twice, "while loading the weights", NULL},
        {one_token, "while loading the weights", NULL},
    };
    struct fr_model_options options = fr_tiny_options();
    options.path = path;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_model *model = NULL;
        struct fr_error err = {0};
        write_changed(cases[i].change);
        const int code = fr_model_open(&model, &options, &err);
        print_message("%s\n", code == FR_OK ? "opened" : err.text);
        if (cases[i].says != NULL) {
            assert_int_equal(code, FR_E_MODEL);
            assert_non_null(strstr(err.text, cases[i].says));
        }
        if (code != FR_OK || !reads_text(model, &err)) {
            assert_int_equal(strncmp(err.text, path, strlen(path)), 0);
            assert_null(strchr(err.text, '\n'));
            assert_null(strstr(err.text, "/src/")); /* a place in libllama's sources is no help */
            assert_true(model == NULL || code == FR_OK);
        }
        if (cases[i].reads != NULL)
            assert_non_null(strstr(err.text, cases[i].reads));
        fr_model_close(model);
    }
}

/* ---- changed at random ----------------------------------------------------------------------- */

/* Opened and used by a process of its own, which must not die. 0: it opened. */
static int open_and_use(void) {
    (void)fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        struct fr_model_options options = fr_tiny_options();
        struct fr_model *model;
        struct fr_tokens tokens = {0};
        struct fr_error err = {0};
        int32_t next[4] = {0, -1, -1, -1};
        options.path = path;
        options.n_slots = 4;
        (void)alarm(120);
        if (fr_model_open(&model, &options, &err) != FR_OK)
            _exit(err.text[0] != '\0' && strchr(err.text, '\n') == NULL ? 1 : 2);
        if (fr_model_tokenize(model, "attack a, then", 14, true, &tokens, &err) == FR_OK &&
            fr_model_prefill(model, 0, tokens.ids, 0, tokens.n, NULL, NULL, next, &err) == FR_OK)
            (void)!fr_model_decode(model, next, next, &err);
        fr_model_close(model);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void a_file_changed_at_random_opens_or_is_refused(void **state) {
    (void)state;
    const char *wanted = getenv("FR_MUTANTS");
    const int n = wanted != NULL ? atoi(wanted) : 60;
    struct fr_text changed = {0};
    struct fr_error err;
    int n_opened = 0;
    for (int i = 0; i < n; i++) {
        struct fr_rng rng;
        fr_rng_seed(&rng, 2026, (uint64_t)i);
        fr_text_clear(&changed);
        fr_text_append(&changed, whole.data, whole.len);
        /* in the header, where one bit says a lot; in its numbers more than in its texts */
        const size_t header = i % 3 == 0 ? 1200 : 24000 < whole.len ? 24000 : whole.len;
        for (int k = 1 + (int)fr_rng_below(&rng, 3); k > 0; k--) {
            const size_t at = fr_rng_below(&rng, (uint32_t)header);
            if (fr_rng_below(&rng, 2) == 0)
                changed.data[at] ^= (char)(1 << fr_rng_below(&rng, 8));
            else
                changed.data[at] = (char)fr_rng_below(&rng, 256);
        }
        assert_ok(fr_file_write(path, changed.data, changed.len, &err), err);
        const int outcome = open_and_use();
        n_opened += outcome == 0;
        if (outcome != 0 && outcome != 1) {
            char kept[700];
            (void)snprintf(kept, sizeof kept, "hostile-%d.gguf", i);
            assert_ok(fr_file_write(kept, changed.data, changed.len, &err), err);
            fail_msg("mutant %d: %s %d; the file is kept as %s", i,
                     outcome < 0 ? "dies of signal" : "tells no line, status", abs(outcome), kept);
        }
    }
    print_message("%d mutants: %d open, %d are refused\n", n, n_opened, n - n_opened);
    fr_text_release(&changed);
}

/* ---- remembered ------------------------------------------------------------------------------ */

static int count_lines(void) {
    struct fr_text text = {0};
    struct fr_error err;
    int n = 0;
    if (fr_file_read(list, 1 << 20, &text, &err) == FR_OK)
        for (const char *p = fr_text_get(&text); *p != '\0'; p++)
            n += *p == '\n';
    fr_text_release(&text);
    return n;
}

static void open_whole(void) {
    struct fr_model_options options = fr_tiny_options();
    struct fr_model *model;
    struct fr_error err;
    options.path = path;
    assert_ok(fr_model_open(&model, &options, &err), err);
    fr_model_close(model);
}

static void a_file_that_opened_is_remembered_until_it_changes(void **state) {
    (void)state;
    struct fr_error err;
    assert_ok(fr_file_write(path, whole.data, whole.len, &err), err);
    const int before = count_lines();
    open_whole();
    assert_int_equal(count_lines(), before); /* it may change yet, and look the same */
    (void)sleep(3);
    open_whole();
    open_whole();
    assert_int_equal(count_lines(), before + 1);
    /* one that is refused is not */
    write_changed(no_blocks);
    (void)sleep(3);
    struct fr_model_options options = fr_tiny_options();
    struct fr_model *model;
    options.path = path;
    assert_int_equal(fr_model_open(&model, &options, &err), FR_E_MODEL);
    assert_int_equal(fr_model_open(&model, &options, &err), FR_E_MODEL);
    assert_int_equal(count_lines(), before + 1);
    /* where nothing can be remembered, it opens all the same */
    assert_int_equal(setenv("FLUIDREP_CACHE", "/dev/null/none", 1), 0);
    assert_ok(fr_file_write(path, whole.data, whole.len, &err), err);
    open_whole();
    assert_int_equal(setenv("FLUIDREP_CACHE", root, 1), 0);
}

static int set_up(void **state) {
    (void)state;
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    struct fr_error err;
    fr_test_directory_make("hostile", root, sizeof root);
    (void)snprintf(path, sizeof path, "%s/model.gguf", root);
    (void)snprintf(list, sizeof list, "%s/models-opened", root);
    assert_int_equal(setenv("FLUIDREP_CACHE", root, 1), 0);
    assert_ok(fr_random_gguf_write(path, &gguf, &err), err);
    assert_ok(fr_file_read(path, 64 << 20, &whole, &err), err);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    fr_text_release(&whole);
    fr_test_directory_remove(root);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_libllama_dies_of_is_refused_with_one_line),
        cmocka_unit_test(a_file_that_opened_is_remembered_until_it_changes),
        cmocka_unit_test(a_file_changed_at_random_opens_or_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
