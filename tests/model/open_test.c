/* Every bad file and every impossible option is one clear line with a hint, and libllama prints
 * nothing, ever. */
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/rng.h"
#include "model/llama_engine.h"
#include "support/test.h"
#include "support/tiny_model.h"

static struct fr_error err;

static int open_damaged(const struct fr_random_gguf *gguf, const struct fr_model_options *options,
                        struct fr_model **model) {
    char path[64];
    struct fr_model_options with_path = *options;
    with_path.path = fr_tiny_path(path);
    assert_ok(fr_random_gguf_write(path, gguf, &err), err);
    err.text[0] = '\0';
    const int status = fr_model_open(model, &with_path, &err);
    if (status != FR_OK && strstr(err.text, path) == NULL)
        fail_msg("\"%s\" does not name the file", err.text);
    (void)unlink(path);
    return status;
}

static void assert_says(const char *part) {
    if (strstr(err.text, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, part);
    assert_null(strchr(err.text, '\n'));
}

static void damaged_files_are_refused_with_the_reason_and_a_hint(void **state) {
    (void)state;
    static const struct {
        enum fr_random_gguf_damage damage;
        const char *says;
    } cases[] = {
        {FR_RANDOM_GGUF_NO_MAGIC, "not a GGUF file"},
        {FR_RANDOM_GGUF_TRUNCATED_HEADER, "truncated or damaged: fetch it again"},
        {FR_RANDOM_GGUF_TRUNCATED_DATA, "truncated: tensor "},
        {FR_RANDOM_GGUF_VOCABULARY_ONLY, "holds a vocabulary and no weights"},
        {FR_RANDOM_GGUF_MISSING_TENSOR, "blk.0.ffn_down.weight"},
        {FR_RANDOM_GGUF_EMBEDDING_MODEL, "an embedding model (qwen2.pooling_type is set)"},
        {FR_RANDOM_GGUF_ENCODER, "a bert model encodes text and cannot generate"},
        {FR_RANDOM_GGUF_UNKNOWN_ARCHITECTURE, "abacus"},
        {FR_RANDOM_GGUF_OTHER_TOKENIZER, "the tokenizer has 504 tokens, the weights are for 512"},
        {FR_RANDOM_GGUF_UNKNOWN_TOKENIZER, "unknown tokenizer: 'abacus'"},
        {FR_RANDOM_GGUF_NO_TOKENIZER, "the file has no tokenizer"},
    };
    const struct fr_model_options options = fr_tiny_options();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_random_gguf gguf = fr_random_gguf_defaults();
        gguf.damage = cases[i].damage;
        struct fr_model *model = (void *)1;
        assert_int_equal(open_damaged(&gguf, &options, &model),
                         cases[i].damage == FR_RANDOM_GGUF_NO_MAGIC ||
                                 cases[i].damage == FR_RANDOM_GGUF_TRUNCATED_HEADER ||
                                 cases[i].damage == FR_RANDOM_GGUF_TRUNCATED_DATA
                             ? FR_E_INPUT
                             : FR_E_MODEL);
        assert_null(model);
        assert_says(cases[i].says);
        print_message("  %s\n", err.text);
    }
}

/* What a child process with the given limit of address space says: its exit status, or the signal
 * that ended it, negative. The error's text goes to err. */
static int open_in_child(const char *path, int context_tokens, size_t more_bytes) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    (void)fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct fr_model_options options = fr_tiny_options();
        struct fr_model *model = NULL;
        long pages = 0;
        FILE *statm = fopen("/proc/self/statm", "r");
        if (more_bytes > 0 && statm != NULL && fscanf(statm, "%ld", &pages) == 1) {
            const size_t limit = (size_t)pages * (size_t)sysconf(_SC_PAGESIZE) + more_bytes;
            (void)setrlimit(RLIMIT_AS, &(const struct rlimit){limit, limit});
        }
        options.path = path;
        options.context_tokens = context_tokens;
        err.text[0] = '\0';
        const int status = fr_model_open(&model, &options, &err);
        if (write(ends[1], err.text, strlen(err.text) + 1) < 0)
            _exit(99);
        _exit(status == FR_OK ? 0 : status == FR_E_MODEL || status == FR_E_INPUT ? 1 : 2);
    }
    (void)close(ends[1]);
    const ssize_t n = read(ends[0], err.text, sizeof err.text - 1);
    err.text[n > 0 ? n : 0] = '\0';
    (void)close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* Single bytes of the header changed, where lengths, types and offsets are: an error or a model,
 * never a crash. In a process of its own each, since libllama aborts on its own assertions. */
static void a_corrupt_header_is_an_error(void **state) {
    (void)state;
    enum { TRIALS = 60 };
    const struct fr_random_gguf gguf = fr_random_gguf_defaults();
    char path[64];
    assert_ok(fr_random_gguf_write(fr_tiny_path(path), &gguf, &err), err);
    struct fr_rng rng;
    fr_rng_seed(&rng, 41, 0);
    int n_refused = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
        FILE *file = fopen(path, "r+b");
        assert_non_null(file);
        /* The first and the last of the header: keys and numbers, then the table of tensors. */
        const long at = 4 + (long)fr_rng_below(&rng, 600) + (trial % 2 ? 12000 : 0);
        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        const int old = fgetc(file);
        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        assert_true(fputc(old ^ (1 << fr_rng_below(&rng, 8)), file) != EOF);
        assert_int_equal(fclose(file), 0);
        const int outcome = open_in_child(path, 256, 0);
        if (outcome != 0 && outcome != 1)
            fail_msg("byte %ld: %d, \"%s\"", at, outcome, err.text);
        assert_true(outcome == 0 || strstr(err.text, path) != NULL);
        n_refused += outcome == 1;
        file = fopen(path, "r+b");
        assert_non_null(file);
        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        assert_true(fputc(old, file) != EOF);
        assert_int_equal(fclose(file), 0);
    }
    print_message("  %d of %d corrupt headers refused\n", n_refused, TRIALS);
    assert_true(n_refused > TRIALS / 4);
    assert_int_equal(open_in_child(path, 256, 0), 0);
    (void)unlink(path);
}

static void no_memory_for_the_context_is_an_error(void **state) {
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    print_message("skipped: the address sanitizer needs all of the address space\n");
    skip();
#endif
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    gguf.context = 1 << 22;
    char path[64];
    assert_ok(fr_random_gguf_write(fr_tiny_path(path), &gguf, &err), err);
    assert_int_equal(open_in_child(path, 1 << 20, 256 << 20), 1); /* 5 x 384 MB of cache */
    assert_says("no room for 4 slots x 1048576 tokens");
    assert_says("lower model.slots or model.context_tokens, or set model.kv_type to q8_0");
    (void)unlink(path);
}

static void the_head_of_a_file_tells_what_loading_it_does(void **state) {
    (void)state;
    static const char *const architectures[] = {"qwen2", "llama", "gemma2", "deci"};
    for (size_t i = 0; i < sizeof architectures / sizeof *architectures; i++) {
        struct fr_random_gguf gguf = fr_random_gguf_defaults();
        struct fr_model_options options = fr_tiny_options();
        struct fr_model_info looked;
        struct fr_model *model;
        char path[64];
        gguf.architecture = architectures[i];
        if (strcmp(gguf.architecture, "deci") == 0)
            gguf.n_layers = 4;
        assert_ok(fr_random_gguf_write(fr_tiny_path(path), &gguf, &err), err);
        assert_ok(fr_model_look(path, &looked, &err), err);
        options.path = path;
        assert_ok(fr_model_open(&model, &options, &err), err);
        const struct fr_model_info *info = fr_model_info(model);
        assert_int_equal(looked.n_layers, info->n_layers);
        assert_int_equal(looked.width, info->width);
        assert_int_equal(looked.n_vocab, info->n_vocab);
        assert_int_equal(looked.context_train, info->context_train);
        assert_int_equal(looked.n_parameters, info->n_parameters);
        assert_true(looked.weight_bytes == info->weight_bytes);
        /* one head of keys and one of values, 32 wide each, a layer with attention */
        const int n_attention = strcmp(gguf.architecture, "deci") == 0 ? 2 : gguf.n_layers;
        if (looked.cache_floats != 64.0 * n_attention)
            fail_msg("%s: %g floats", gguf.architecture, looked.cache_floats);
        fr_model_close(model);
        (void)unlink(path);
    }
}

static void what_is_not_a_file_is_refused(void **state) {
    (void)state;
    struct fr_model *model;
    struct fr_model_options options = fr_tiny_options();
    options.path = "no-such-model.gguf";
    assert_int_equal(fr_model_open(&model, &options, &err), FR_E_INPUT);
    assert_says("no-such-model.gguf: cannot open the model: No such file or directory");
    options.path = ".";
    assert_int_equal(fr_model_open(&model, &options, &err), FR_E_INPUT);
    assert_says("not a file");
    options.path = NULL;
    assert_int_equal(fr_model_open(&model, &options, &err), FR_E_INPUT);
    assert_says("no model given");
    char path[64];
    FILE *file = fopen(fr_tiny_path(path), "wb");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    options.path = path;
    assert_int_equal(fr_model_open(&model, &options, &err), FR_E_INPUT);
    assert_says("not a GGUF file");
    (void)unlink(path);
}

static void impossible_options_are_refused(void **state) {
    (void)state;
    const struct fr_random_gguf gguf = fr_random_gguf_defaults();
    struct fr_model *model;
    struct fr_model_options options = fr_tiny_options();
    options.context_tokens = 1025;
    assert_int_equal(open_damaged(&gguf, &options, &model), FR_E_INPUT);
    assert_says("context_tokens is 1025 but the model was trained for 1024");
    struct fr_random_gguf endless = gguf;
    endless.context = 1 << 30;
    options.context_tokens = 1 << 26;
    assert_int_equal(open_damaged(&endless, &options, &model), FR_E_MODEL);
    assert_says("GiB, the machine has");
    options = fr_tiny_options();
    options.gpu_layers = -1;
    assert_int_equal(open_damaged(&gguf, &options, &model), FR_E_INPUT);
    assert_says("deterministic is refused with model.gpu_layers -1");
    static const struct {
        int slots, context, chunk, threads, gpu, kv_type;
        const char *says;
    } cases[] = {
        {0, 256, 64, 1, 0, 0, "slots is 0"},
        {255, 256, 64, 1, 0, 0, "slots is 255"},
        {1, 1, 64, 1, 0, 0, "context_tokens is 1"},
        {1, 256, 0, 1, 0, 0, "chunk_tokens is 0"},
        {1, 256, 64, -1, 0, 0, "threads is -1"},
        {1, 256, 64, 1, -2, 0, "gpu_layers is -2"},
        {1, 256, 64, 1, 0, FR_KV_TYPE_COUNT, "kv_type is 5"},
        {1, 256, 64, 1, 0, FR_KV_Q8_0, "kv_type q8_0 needs model.flash_attention"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        options = (struct fr_model_options){.path = "any.gguf",
                                            .n_slots = cases[i].slots,
                                            .context_tokens = cases[i].context,
                                            .chunk_tokens = cases[i].chunk,
                                            .threads = cases[i].threads,
                                            .gpu_layers = cases[i].gpu,
                                            .kv_type = cases[i].kv_type};
        assert_int_equal(fr_model_open(&model, &options, &err), FR_E_INPUT);
        assert_says(cases[i].says);
    }
    options = fr_tiny_options();
    options.path = "any.gguf";
    options.flash_attention = true;
    options.kv_type = FR_KV_F32;
    assert_int_equal(fr_model_open(&model, &options, &err), FR_E_INPUT);
    assert_says("set model.flash_attention to false");
}

static void a_graph_without_rows_of_a_layer_is_refused_by_name(void **state) {
    (void)state;
    bool layers[4] = {false, true, true, true};
    struct fr_llama llama = {.base = {.info = {.architecture = "abacus", .n_layers = 3}}};
    llama.base.options.path = "some.gguf";
    llama.probe.layers = layers;
    assert_ok(fr_llama_probe_check(&llama, &err), err);
    layers[2] = false;
    assert_int_equal(fr_llama_probe_check(&llama, &err), FR_E_MODEL);
    assert_says("some.gguf: the graph of architecture abacus has no rows named l_out-1");
}

static void logits_that_are_not_numbers_are_an_error(void **state) {
    (void)state;
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    gguf.damage = FR_RANDOM_GGUF_NOT_NUMBERS;
    struct fr_model_options options = fr_tiny_options();
    options.deterministic = false;
    struct fr_model *model = NULL;
    assert_int_equal(open_damaged(&gguf, &options, &model), FR_OK);
    const int32_t tokens[4] = {1, 2, 3, 4};
    int32_t next;
    assert_int_equal(fr_model_prefill(model, 0, tokens, 0, 4, NULL, NULL, &next, &err), FR_E_MODEL);
    assert_says("logits are not numbers");
    fr_model_close(model);
}

static void the_model_says_what_it_is(void **state) {
    (void)state;
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    gguf.type = FR_RANDOM_GGUF_Q8_0;
    const struct fr_model_options options = fr_tiny_options();
    struct fr_model *model = fr_tiny_open(&gguf, &options);
    const struct fr_model_info *info = fr_model_info(model);
    assert_string_equal(info->architecture, "qwen2");
    assert_string_equal(info->name, "random weights");
    assert_string_equal(info->quantization, "Q8_0");
    assert_int_equal(info->n_layers, 3);
    assert_int_equal(info->width, 64);
    assert_int_equal(info->n_vocab, 512);
    assert_int_equal(info->context_train, 1024);
    assert_true(info->n_parameters > 170000 && info->n_parameters < 180000);
    assert_non_null(strstr(info->engine, "llama.cpp"));
    assert_non_null(strstr(info->engine, "(CPU)"));
    assert_int_equal(fr_model_options(model)->n_slots, 4);
    fr_model_close(model);
}

/* Whatever most of its bytes are. */
static void a_mixture_has_its_own_name(void **state) {
    static const struct {
        unsigned type;
        const char *name;
    } cases[] = {{15, "Q4_K_M"}, {2, "Q4_0"}, {1, "F16"}, {19, "IQ2_XXS"}, {999, "F32"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_random_gguf gguf = fr_random_gguf_defaults();
        gguf.file_type = cases[i].type;
        const struct fr_model_options options = fr_tiny_options();
        struct fr_model *model = fr_tiny_open(&gguf, &options);
        assert_string_equal(fr_model_info(model)->quantization, cases[i].name);
        fr_model_close(model);
    }
}

/* Chunks larger than the context, smaller than the slots, one slot, many: all run. */
static void all_sizes_of_chunks_and_slots_open_and_run(void **state) {
    (void)state;
    static const int sizes[][2] = {{1, 1}, {1, 4096}, {40, 1}, {40, 3}, {254, 16}, {2, 300}};
    const struct fr_random_gguf gguf = fr_random_gguf_defaults();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct fr_model_options options = fr_tiny_options();
        options.n_slots = sizes[i][0];
        options.chunk_tokens = sizes[i][1];
        options.context_tokens = 100;
        struct fr_model *model = fr_tiny_open(&gguf, &options);
        int32_t prompt[100], tokens[254];
        fr_tiny_tokens(model, 1, 100, prompt);
        for (int slot = 0; slot < sizes[i][0]; slot++)
            tokens[slot] = -1;
        assert_ok(fr_model_prefill(model, sizes[i][0] - 1, prompt, 0, 99, NULL, NULL,
                                   &tokens[sizes[i][0] - 1], &err),
                  err);
        assert_ok(fr_model_decode(model, tokens, tokens, &err), err);
        assert_true(tokens[sizes[i][0] - 1] >= 0);
        fr_model_close(model);
    }
}

/* Runs last: opens good and bad files with both streams in a file, which must stay empty. */
static void libllama_prints_nothing(void **state) {
    (void)state;
    char path[64];
    (void)fr_tiny_path(path);
    (void)fflush(NULL);
    const int file = open(path, O_CREAT | O_TRUNC | O_RDWR, 0600);
    const int out = dup(1), old = dup(2);
    assert_true(file >= 0 && out >= 0 && old >= 0);
    (void)dup2(file, 1);
    (void)dup2(file, 2);
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    const struct fr_model_options options = fr_tiny_options();
    struct fr_model *model = NULL;
    int32_t tokens[3] = {1, 2, 3}, next;
    int status = open_damaged(&gguf, &options, &model);
    if (status == FR_OK)
        status = fr_model_prefill(model, 0, tokens, 0, 3, NULL, NULL, &next, &err);
    fr_model_close(model);
    gguf.damage = FR_RANDOM_GGUF_MISSING_TENSOR;
    const int refused = open_damaged(&gguf, &options, &model);
    (void)fflush(NULL);
    (void)dup2(out, 1);
    (void)dup2(old, 2);
    const off_t printed = lseek(file, 0, SEEK_END);
    (void)close(file);
    (void)close(out);
    (void)close(old);
    (void)unlink(path);
    assert_int_equal(status, FR_OK);
    assert_int_equal(refused, FR_E_MODEL);
    assert_int_equal(printed, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_files_are_refused_with_the_reason_and_a_hint),
        cmocka_unit_test(a_corrupt_header_is_an_error),
        cmocka_unit_test(no_memory_for_the_context_is_an_error),
        cmocka_unit_test(the_head_of_a_file_tells_what_loading_it_does),
        cmocka_unit_test(what_is_not_a_file_is_refused),
        cmocka_unit_test(impossible_options_are_refused),
        cmocka_unit_test(a_graph_without_rows_of_a_layer_is_refused_by_name),
        cmocka_unit_test(logits_that_are_not_numbers_are_an_error),
        cmocka_unit_test(the_model_says_what_it_is),
        cmocka_unit_test(a_mixture_has_its_own_name),
        cmocka_unit_test(all_sizes_of_chunks_and_slots_open_and_run),
        cmocka_unit_test(libllama_prints_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
