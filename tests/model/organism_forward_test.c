/* The trainer's forward pass against libllama's on the exported file, and libllama's tokenizer
 * against the trainer's. */
#include "test.h"

#include <ggml.h>
#include <llama.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "base/text.h"
#include "organism/gguf_write.h"
#include "organism/task.h"

enum { MAX_TOKENS = 1024 };

struct fixture {
    struct fr_vocab *vocab;
    struct fr_task *task;
    struct fr_net *net;
    float *weights;
    char path[64];
    int n;
    int32_t tokens[FR_TASK_MAX_TOKENS];
};

static void quiet(enum ggml_log_level level, const char *text, void *user) {
    (void)user;
    if (level == GGML_LOG_LEVEL_ERROR)
        print_error("%s", text);
}

/* A net of random weights, large enough for every term to matter, and a sequence of the task. */
static int fixture_make(void **state) {
    struct fixture *f = fr_alloc(1, sizeof *f);
    struct fr_error err;
    llama_log_set(quiet, NULL);
    llama_backend_init();
    assert_ok(fr_vocab_open(&f->vocab, &err), err);
    assert_ok(fr_task_open(&f->task, &err), err);
    const struct fr_net_shape shape = {
        .n_vocab = fr_vocab_count(f->vocab),
        .width = 96,
        .n_layers = 3,
        .n_heads = 6,
        .n_kv_heads = 2,
        .ff_width = 160,
        .max_sequence = FR_TASK_MAX_TOKENS,
        .rope_base = 10000,
        .rms_eps = 1e-6f,
    };
    assert_ok(fr_net_open(&f->net, &shape, &err), err);
    f->weights = fr_alloc(f->net->n_params, sizeof *f->weights);
    fr_net_weights_init(f->net, f->weights, 11, 0.02);
    struct fr_rng rng;
    fr_rng_seed(&rng, 12, 0);
    for (int i = 0; i < f->net->n_tensors; i++) {
        const struct fr_net_tensor *t = &f->net->tensors[i];
        const double deviation = t->role == FR_NET_EMBEDDING ? 0.3 : 0.1;
        for (size_t j = 0; j < (size_t)t->rows * (size_t)t->cols; j++)
            f->weights[t->offset + j] += (float)(deviation * fr_rng_normal(&rng));
    }
    uint8_t kinds[FR_TASK_MAX_TOKENS];
    int n_prompt = 0;
    const struct fr_task_mix mix = {.n_names = 1000, .block_share = {[4] = 1}};
    f->n = fr_task_sample(f->task, &mix, &rng, f->tokens, kinds, &n_prompt, &err);
    assert_true(f->n > 100);
    strcpy(f->path, "/tmp/organism-forward-XXXXXX");
    const int fd = mkstemp(f->path);
    assert_true(fd >= 0);
    close(fd);
    *state = f;
    return 0;
}

static int fixture_free(void **state) {
    struct fixture *f = *state;
    (void)unlink(f->path);
    fr_vocab_close(f->vocab);
    fr_task_close(f->task);
    fr_net_close(f->net);
    free(f->weights);
    free(f);
    llama_backend_free();
    return 0;
}

static struct llama_model *model_open(const struct fixture *f, bool quantize) {
    struct fr_error err;
    assert_ok(fr_gguf_write(f->path, "random organism", f->net, f->weights, f->vocab, quantize,
                            &err),
              err);
    struct llama_model *model = llama_model_load_from_file(f->path, llama_model_default_params());
    assert_non_null(model);
    return model;
}

static float *our_logits(const struct fixture *f) {
    struct fr_net_work *work = NULL;
    struct fr_error err;
    assert_ok(fr_net_work_open(&work, f->net, f->n, &err), err);
    const int32_t offsets[] = {0, f->n};
    const struct fr_net_batch batch = {.n_sequences = 1, .offsets = offsets, .tokens = f->tokens};
    float *logits = fr_alloc((size_t)f->n * (size_t)f->net->shape.n_vocab, sizeof *logits);
    fr_net_forward(f->net, f->weights, work, &batch);
    fr_net_logits(f->net, f->weights, work, f->n, logits);
    fr_net_work_close(work);
    return logits;
}

/* Largest difference and, in *spread, the deviation of our logits. */
static double logits_difference(const struct fixture *f, struct llama_model *model,
                                double *spread) {
    struct llama_context_params params = llama_context_default_params();
    params.n_ctx = MAX_TOKENS;
    params.n_batch = MAX_TOKENS;
    params.n_ubatch = MAX_TOKENS;
    params.n_threads = params.n_threads_batch = 1;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    params.type_k = params.type_v = GGML_TYPE_F32;
    struct llama_context *context = llama_init_from_model(model, params);
    assert_non_null(context);
    struct llama_batch batch = llama_batch_init(f->n, 0, 1);
    batch.n_tokens = f->n;
    for (int t = 0; t < f->n; t++) {
        batch.token[t] = f->tokens[t];
        batch.pos[t] = t;
        batch.n_seq_id[t] = 1;
        batch.seq_id[t][0] = 0;
        batch.logits[t] = 1;
    }
    assert_int_equal(llama_decode(context, batch), 0);
    float *ours = our_logits(f);
    const int v = f->net->shape.n_vocab;
    double worst = 0;
    double squares = 0;
    for (int t = 0; t < f->n; t++) {
        const float *theirs = llama_get_logits_ith(context, t);
        for (int j = 0; j < v; j++) {
            const float x = ours[(size_t)t * (size_t)v + (size_t)j];
            worst = fmax(worst, fabs((double)x - (double)theirs[j]));
            squares += (double)x * (double)x;
        }
    }
    *spread = sqrt(squares / ((double)f->n * (double)v));
    free(ours);
    llama_batch_free(batch);
    llama_free(context);
    return worst;
}

static void logits_equal_those_of_libllama_on_the_exported_file(void **state) {
    const struct fixture *f = *state;
    struct llama_model *model = model_open(f, false);
    double spread = 0;
    const double worst = logits_difference(f, model, &spread);
    print_message("largest difference %.2g, logits' deviation %.2g\n", worst, spread);
    assert_true(spread > 0.5);
    assert_true(worst < 1e-3);
    llama_model_free(model);
}

static void logits_stay_near_when_the_weights_are_quantized(void **state) {
    const struct fixture *f = *state;
    struct llama_model *model = model_open(f, true);
    double spread = 0;
    const double worst = logits_difference(f, model, &spread);
    assert_true(worst > 0);
    assert_true(worst < 0.5 * spread);
    llama_model_free(model);
}

static void tokenizer_cuts_the_dialect_as_the_vocabulary_does(void **state) {
    const struct fixture *f = *state;
    struct llama_model *model = model_open(f, false);
    const struct llama_vocab *vocab = llama_model_get_vocab(model);
    char *text = fr_alloc(1 << 16, 1);
    size_t n_text = 0;
    for (int t = 0; t < f->n; t++) {
        const size_t n = fr_vocab_text_len(f->vocab, f->tokens[t]);
        memcpy(text + n_text, fr_vocab_text(f->vocab, f->tokens[t]), n);
        n_text += n;
    }
    int32_t ids[FR_TASK_MAX_TOKENS];
    const int n =
        llama_tokenize(vocab, text, (int32_t)n_text, ids, FR_TASK_MAX_TOKENS, false, true);
    assert_int_equal(n, f->n);
    assert_memory_equal(ids, f->tokens, (size_t)n * sizeof *ids);
    free(text);
    llama_model_free(model);
}

/* libllama's tokens of the text equal ours, one by one. */
static void assert_cut_alike(const struct fixture *f, const struct llama_vocab *theirs,
                             const char *text, size_t n) {
    int32_t ids[MAX_TOKENS];
    struct fr_tokens ours = {0};
    fr_vocab_encode(f->vocab, text, n, &ours);
    const int n_theirs = llama_tokenize(theirs, text, (int32_t)n, ids, MAX_TOKENS, false, true);
    bool equal = n_theirs == ours.n;
    for (int i = 0; equal && i < ours.n; i++)
        equal = ids[i] == ours.ids[i];
    if (!equal) {
        print_error("\"%.*s\"\n", (int)n, text);
        for (int i = 0; i < ours.n || i < n_theirs; i++)
            print_error("  %d: ours \"%s\", libllama's \"%s\"\n", i,
                        i < ours.n ? fr_vocab_text(f->vocab, ours.ids[i]) : "(none)",
                        i < n_theirs ? fr_vocab_text(f->vocab, ids[i]) : "(none)");
    }
    assert_true(equal);
    fr_tokens_release(&ours);
}

static void tokenizer_cuts_the_papers_words_as_the_vocabulary_does(void **state) {
    const struct fixture *f = *state;
    struct llama_model *model = model_open(f, false);
    const struct llama_vocab *vocab = llama_model_get_vocab(model);
    const struct fr_namings *namings = &fr_task_world(f->task)->namings;
    static const char *const frames[] = {"%s", " %s", " %s\n", "(%s x)", "= %s * %s ?", "%s%s: %s"};
    for (int i = 0; i < namings->n; i++)
        for (int a = 0; a < namings->concepts.n; a++)
            for (size_t k = 0; k < sizeof frames / sizeof *frames; k++) {
                const char *word = namings->items[i].words[a];
                struct fr_text text = {0};
                for (const char *at = frames[k]; *at; at++)
                    if (at[0] == '%' && at[1] == 's') {
                        fr_text_add(&text, word);
                        at++;
                    } else {
                        fr_text_append(&text, at, 1);
                    }
                assert_cut_alike(f, vocab, text.data, text.len);
                fr_text_release(&text);
            }
    llama_model_free(model);
}

/* One of: nonsense of pairs, letters, capitals, mixed, with digits and hyphens, with letters and
 * signs beyond ASCII, known words glued to anything. */
static void random_word(struct fr_rng *rng, const struct fr_vocab *vocab, struct fr_text *out) {
    static const char *const alphabets[] = {"bcdfghjklmnpqrstvwxyz",
                                            "abcdefghijklmnopqrstuvwxyz",
                                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                                            "abcdeiouABCDEIOU",
                                            "abeiou0123456789--",
                                            "abei _'.:,+*=?~|>\t\n\r ",
                                            "abei 'sSrRelvVEtmd"};
    static const char *const beyond[] = {"\xC3\xA9",     "\xC3\x97",
                                         "\xC2\xA0",     "\xC2\xB2",
                                         "\xC3\x9F",     "\xC5\x82",
                                         "\xE2\x82\xAC", "\xD0\xB6",
                                         "\xE4\xB8\xAD", "\xF0\x9F\x98\x80",
                                         "\xC2\xB7",     "user",
                                         " 12",          "<think>"};
    const size_t alphabet = fr_rng_below(rng, 9);
    for (int n = 1 + (int)fr_rng_below(rng, 12); n-- > 0;) {
        if (alphabet >= 7 && fr_rng_below(rng, 3) == 0)
            fr_text_add(out, beyond[fr_rng_below(rng, sizeof beyond / sizeof *beyond)]);
        if (alphabet == 8 && fr_rng_below(rng, 3) == 0) {
            const int id = (int)fr_rng_below(rng, (uint32_t)fr_vocab_count(vocab));
            if (fr_vocab_type(vocab, id) == FR_TOKEN_NORMAL)
                fr_text_add(out, fr_vocab_text(vocab, id));
        }
        const char *letters = alphabets[alphabet < 7 ? alphabet : fr_rng_below(rng, 7)];
        fr_text_append(out, &letters[fr_rng_below(rng, (uint32_t)strlen(letters))], 1);
        if (alphabet == 0)
            fr_text_append(out, &"aeiou"[fr_rng_below(rng, 5)], 1);
    }
}

static void tokenizer_cuts_random_words_as_the_vocabulary_does(void **state) {
    const struct fixture *f = *state;
    struct llama_model *model = model_open(f, false);
    const struct llama_vocab *vocab = llama_model_get_vocab(model);
    struct fr_rng rng;
    fr_rng_seed(&rng, 21, 0);
    for (int i = 0; i < 20000; i++) {
        struct fr_text text = {0};
        if (i % 3)
            fr_text_add(&text, " ");
        random_word(&rng, f->vocab, &text);
        if (i % 5 == 0)
            fr_text_add(&text, "\n");
        assert_cut_alike(f, vocab, text.data, text.len);
        fr_text_release(&text);
    }
    llama_model_free(model);
}

static void tokenizer_cuts_whole_sequences_as_the_vocabulary_does(void **state) {
    const struct fixture *f = *state;
    struct llama_model *model = model_open(f, false);
    const struct llama_vocab *vocab = llama_model_get_vocab(model);
    struct fr_rng rng;
    fr_rng_seed(&rng, 22, 0);
    for (int i = 0; i < 50; i++) {
        int32_t tokens[FR_TASK_MAX_TOKENS];
        uint8_t kinds[FR_TASK_MAX_TOKENS];
        int n_prompt = 0;
        struct fr_error err;
        struct fr_text text = {0};
        const struct fr_task_mix mix = {.n_names = 1000,
                                        .clean_share = 0.2,
                                        .block_share = {[3] = 1, [4] = 1}};
        const int n = fr_task_sample(f->task, &mix, &rng, tokens, kinds, &n_prompt, &err);
        assert_true(n > 0);
        for (int t = 0; t < n; t++)
            fr_text_append(&text, fr_vocab_text(f->vocab, tokens[t]),
                           fr_vocab_text_len(f->vocab, tokens[t]));
        assert_cut_alike(f, vocab, text.data, text.len);
        fr_text_release(&text);
    }
    llama_model_free(model);
}

/* What the pieces are for, and that the pool of names keeps clear of them. */
static void unknown_words_are_few_pieces_and_no_name_is_one(void **state) {
    const struct fixture *f = *state;
    static const struct {
        const char *text;
        const char *pieces[6];
    } cases[] = {
        {" zorbiken", {" zo", "r", "bi", "ke", "n"}},
        {" gavotu", {" ga", "vo", "tu"}},
        {" stavo", {" s", "ta", "vo"}},
        {"oke", {"o", "ke"}},
        {" Foba", {" ", "F", "o", "ba"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_tokens tokens = {0};
        fr_vocab_encode(f->vocab, cases[i].text, strlen(cases[i].text), &tokens);
        for (int k = 0; k < tokens.n; k++)
            assert_string_equal(fr_vocab_text(f->vocab, tokens.ids[k]), cases[i].pieces[k]);
        assert_true(tokens.n == 6 || !cases[i].pieces[tokens.n]);
        fr_tokens_release(&tokens);
    }
    for (int i = 0; i < fr_vocab_n_names(f->vocab); i++) {
        const char *name = fr_vocab_names(f->vocab)[i];
        const int id = fr_vocab_find(f->vocab, name - 1, strlen(name) + 1);
        assert_true(id >= 0);
        assert_int_equal(fr_vocab_merge(f->vocab, id, NULL), 0);
        assert_int_equal(fr_vocab_find(f->vocab, name, strlen(name)), -1);
    }
}

static void tokenizer_gives_back_any_text_it_was_given(void **state) {
    const struct fixture *f = *state;
    struct llama_model *model = model_open(f, false);
    const struct llama_vocab *vocab = llama_model_get_vocab(model);
    const char text[] = "Unbekannte W\xC3\xB6rter,  64 6400\n\ttabs & \xE2\x82\xAC signs: <think>?";
    int32_t ids[256];
    char back[256];
    const int n = llama_tokenize(vocab, text, (int32_t)strlen(text), ids, 256, false, true);
    assert_true(n > 0);
    const int length = llama_detokenize(vocab, ids, n, back, sizeof back, false, true);
    assert_int_equal(length, strlen(text));
    assert_memory_equal(back, text, strlen(text));
    llama_model_free(model);
}

static void file_ends_turns_at_im_end_and_opens_the_reasoning(void **state) {
    const struct fixture *f = *state;
    struct llama_model *model = model_open(f, true);
    const struct llama_vocab *vocab = llama_model_get_vocab(model);
    assert_int_equal(llama_vocab_eos(vocab), fr_vocab_find(f->vocab, "<|im_end|>", 10));
    assert_false(llama_vocab_get_add_bos(vocab));
    const char *template = llama_model_chat_template(model, NULL);
    assert_non_null(template);
    assert_non_null(strstr(template, "<|im_start|>assistant\\n<think>\\n"));
    assert_int_equal(llama_model_n_ctx_train(model), FR_TASK_MAX_TOKENS);
    llama_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logits_equal_those_of_libllama_on_the_exported_file),
        cmocka_unit_test(logits_stay_near_when_the_weights_are_quantized),
        cmocka_unit_test(tokenizer_cuts_the_dialect_as_the_vocabulary_does),
        cmocka_unit_test(tokenizer_cuts_the_papers_words_as_the_vocabulary_does),
        cmocka_unit_test(tokenizer_cuts_random_words_as_the_vocabulary_does),
        cmocka_unit_test(tokenizer_cuts_whole_sequences_as_the_vocabulary_does),
        cmocka_unit_test(unknown_words_are_few_pieces_and_no_name_is_one),
        cmocka_unit_test(tokenizer_gives_back_any_text_it_was_given),
        cmocka_unit_test(file_ends_turns_at_im_end_and_opens_the_reasoning),
    };
    return cmocka_run_group_tests(tests, fixture_make, fixture_free);
}
