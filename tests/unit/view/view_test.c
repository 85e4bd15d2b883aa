/* Answers of the viewer over a small made-up study, in which every name and text would break a page
 * that trusted it. `test_unit_view_view --study DIR` leaves that study in DIR, for the test of the
 * page in a browser (cli/t0905-view.sh). */
#include <jansson.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "representations/representations.h"
#include "support/directory.h"
#include "support/synthetic_study.h"
#include "support/test.h"
#include "view/internal.h"
#include "view/view.h"

enum {
    N_NAMINGS = 3,
    N_CONCEPTS = 9,
    N_ACTIONS = 4,
    N_LAYERS = 2,
    N_TIMES = 4,
    WIDTH = 5,
    STEP = 20
};

/* In a hostile name: markup, a character that turns the direction of writing. */
#define TURNED "\xe2\x80\xae"
static const char hostile[] = "x" FR_HOSTILE TURNED;
static const char hostile_shown[] = "x" FR_HOSTILE "<U+202E>";
static const char *const ids[N_NAMINGS] = {"clean", "1", hostile};
static const char *const concepts[N_CONCEPTS] = {"pick-up",   "put-down", "stack",
                                                 "unstack",   "ontable",  "clear",
                                                 "handempty", "holding",  "on"};
static const char *const words[N_NAMINGS][N_CONCEPTS] =
    {{"pick-up", "put-down", "stack", "unstack", "ontable", "clear", "handempty", "holding", "on"},
     {"attack", "succumb", "overcome", "feast", "planet", "province", "harmony", "pain", "craves"},
     {"swim", "fire", "deduct", "respond", "fever", "marble", "craving", "shadow", "<b>mines</b>"}};

/* ---- making it ------------------------------------------------------------------------------- */

/* Tokens by word: the blank before a word is its own, a line feed is one. */
static struct {
    int n;
    char *items[4096];
} vocabulary;

static int32_t id_of(const char *bytes, size_t n) {
    char *piece = fr_strndup(bytes, n);
    for (int i = 0; i < vocabulary.n; i++)
        if (strcmp(vocabulary.items[i], piece) == 0) {
            free(piece);
            return i;
        }
    vocabulary.items[vocabulary.n] = piece;
    return vocabulary.n++;
}

static void tokenize(const char *text, struct fr_trace *t) {
    const size_t n = strlen(text);
    t->text = fr_strdup(text);
    t->text_len = n;
    t->ids = fr_alloc(n, sizeof *t->ids);
    t->starts = fr_alloc(n, sizeof *t->starts);
    t->ends = fr_alloc(n, sizeof *t->ends);
    for (size_t at = 0, end; at < n; at = end) {
        /* "ä" is two tokens */
        end = text[at] == '\n' || (unsigned char)text[at] >= 0x80
                  ? at + 1
                  : at + 1 + strcspn(text + at + 1, " \n\xc3\xa4");
        t->ids[t->n_tokens] = id_of(text + at, end - at);
        t->starts[t->n_tokens] = (int32_t)at;
        t->ends[t->n_tokens++] = (int32_t)end;
    }
}

static int token_at(const struct fr_trace *t, const char *text) {
    const char *at = strstr(t->text, text);
    int i = 0;
    assert_non_null(at);
    while (t->starts[i] < at - t->text)
        i++;
    return i;
}

struct making {
    struct fr_store *store;
    struct fr_error err;
};

#define RUN(m, ...) assert_ok(fr_store_run((m)->store, &(m)->err, __VA_ARGS__), (m)->err)

static void put_meta(struct making *m) {
    struct fr_domain domain = {0};
    struct fr_text text = {0};
    struct fr_text configuration = {0};
    struct fr_config config;
    static const char yaml[] =
        "study: viewed\nmodel: {path: none.gguf, context_tokens: 400}\n"
        "puzzles: {domain: none.pddl}\nnamings: {table: none.tsv, use: [clean]}\n"
        "prompt: {style: terse}\ngeneration: {max_tokens: 200}\n"
        "representations: {origin: prompt, window_tokens: 40, grid_step: 20, grid_end: 80,"
        " min_mentions: 1, previous_token: false}\n"
        "analyses: {reference_timestamp: 80, pca_timestamp: 80}\n";
    assert_ok(fr_config_parse(&config, yaml, "viewed.yaml", &m->err), m->err);
    fr_config_render(&config, &configuration);
    fr_config_release(&config);
    assert_ok(fr_domain_load(&domain, fr_test_path("data/domains/blocksworld.pddl"), &m->err),
              m->err);
    fr_domain_render(&domain, &text);
    const char *const facts[][2] = {{"study", hostile},
                                    {"model_name", hostile},
                                    {"configuration", fr_text_get(&configuration)},
                                    {"domain", fr_text_get(&text)},
                                    {"wording", ""}};
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        assert_ok(fr_store_set_meta(m->store, facts[i][0], facts[i][1], &m->err), m->err);
    fr_text_release(&text);
    fr_text_release(&configuration);
    fr_domain_release(&domain);
}

static void put_inputs(struct making *m) {
    for (int i = 0; i < N_NAMINGS; i++) {
        RUN(m, "INSERT INTO naming VALUES (?, ?, ?, 0)", "tit", ids[i], (int64_t)i,
            i == 0 ? "clean" : "mystery");
        for (int a = 0; a < N_CONCEPTS; a++)
            RUN(m, "INSERT INTO naming_word VALUES (?, ?, ?, ?, ?)", "ttitt", ids[i], concepts[a],
                (int64_t)a, a < N_ACTIONS ? "action" : "predicate", words[i][a]);
    }
    /* a on b, c beside them; c is to be on a */
    for (int i = 0; i < 2; i++)
        RUN(m,
            "INSERT INTO puzzle (id, split, n_objects, optimal_length, optimal_plan, source, pddl,"
            " position) VALUES (?, ?, 3, 2, '', ?, '(define (problem p) (:domain blocksworld-4ops)"
            " (:objects a b c) (:init (handempty) (on a b) (ontable b) (ontable c) (clear a)"
            " (clear c)) (:goal (and (on c a))))', 0)",
            "itt", (int64_t)i, i == 0 ? "collect" : "evaluate", hostile);
}

/* What the model wrote of a puzzle under a naming; plan: its steps, in two words each and more. */
static void write_trace(const char *const *w, bool right, struct fr_text *out) {
    fr_text_printf(out,
                   "user\n* %s x : %s x\n= %s A B\n<think>\n%s \xc3\xa4 </script><script>"
                   "window.broken=1</script><!-- " TURNED " \xff &amp; %s\n</think>\n",
                   w[0][0] == 'p' ? "pickup" : w[0], w[5], w[8], w[2], w[3]);
    fr_text_printf(out, "1 %s C\n2 %s C %c", w[0][0] == 'p' ? "pickup" : w[0], w[2],
                   right ? 'A' : 'B');
}

static void put_traces(struct making *m) {
    for (int puzzle = 0; puzzle < 2; puzzle++)
        for (int i = 0; i < N_NAMINGS; i++) {
            struct fr_text text = {0};
            const bool right = i != 1;
            write_trace(words[i], right, &text);
            struct fr_trace t = {.puzzle = puzzle, .naming = fr_strdup(ids[i])};
            tokenize(fr_text_get(&text), &t);
            t.n_prompt = token_at(&t, "<think>") + 1;
            t.n_reasoning = token_at(&t, "</think>") - t.n_prompt;
            t.verdict = right ? fr_verdict_of(FR_VERDICT_SOLVED, 0, "")
                              : fr_verdict_of(FR_VERDICT_ILLEGAL_STEP, 2, hostile);
            assert_ok(fr_store_put_trace(m->store, &t, &m->err), m->err);
            fr_trace_release(&t);
            fr_text_release(&text);
        }
}

/* One baseline and one edit with a window of 12 tokens, of the trace of puzzle 1 in naming 1. */
static void put_runs(struct making *m) {
    enum { WINDOW_END = 12 };
    struct fr_trace t;
    RUN(m,
        "INSERT INTO edit (id, definition, operation, window_end) VALUES (1, 'baseline', 'none',"
        " 12)",
        "");
    RUN(m,
        "INSERT INTO edit VALUES (2, ?, 'cross_loo', 'none', 'all', 80, 1.0, 'mix', 0.5, 1, 1, 3,"
        " 0, 12, 'all', 'all', 0)",
        "t", hostile);
    RUN(m,
        "INSERT INTO condition VALUES (1, '', 'baseline', 'baseline', 0, 'baseline', '#000000',"
        " 'circle', '', 1, NULL)",
        "");
    RUN(m,
        "INSERT INTO condition VALUES (2, ?1, ?1, ?1, 1, 'matched', '#000000', 'circle', '', 2, 1)",
        "t", hostile);
    assert_ok(fr_store_get_trace(m->store, 1, "1", &t, &m->err), m->err);
    const int n = t.n_tokens - WINDOW_END;
    RUN(m, "INSERT INTO run VALUES (1, '1', 1, '', 0, ?, ?, 'illegal_step', 2, 'as it was')", "ib",
        (int64_t)n, t.ids + WINDOW_END, (size_t)n * sizeof *t.ids);
    t.ids[t.n_tokens - 1] = id_of(" A", 2);
    t.ids[t.n_prompt] = 99999; /* that no trace holds */
    RUN(m, "INSERT INTO run VALUES (1, '1', 2, 'sha', 6, ?, ?, 'solved', 0, '')", "ib", (int64_t)n,
        t.ids + WINDOW_END, (size_t)n * sizeof *t.ids);
    fr_trace_release(&t);
}

/* Concept a is the axis a of its kind; in naming 1, until the last time, that of the next. */
static int axis_of(int naming, int a, int time) {
    const int n = a < N_ACTIONS ? N_ACTIONS : N_CONCEPTS - N_ACTIONS;
    const int k = a < N_ACTIONS ? a : a - N_ACTIONS;
    return naming == 1 && time < N_TIMES - 1 ? (k + 1) % n : k;
}

static void put_sums(struct making *m) {
    int32_t times[N_TIMES];
    struct fr_grid grid = {.n_times = N_TIMES, .times = times, .window_tokens = 2 * STEP};
    struct fr_text path = {0};
    for (int t = 0; t < N_TIMES; t++)
        times[t] = (t + 1) * STEP;
    fr_text_printf(&path, "%s/reps", fr_store_dir(m->store));
    assert_ok(fr_dir_make(fr_text_get(&path), &m->err), m->err);
    for (int i = 0; i < N_NAMINGS; i++) {
        struct fr_sums sums;
        char file[32];
        fr_sums_init(&sums, FR_SITE_BLOCK, N_CONCEPTS, N_LAYERS, N_TIMES, WIDTH);
        for (int a = 0; a < N_CONCEPTS; a++)
            for (int t = 0; t < N_TIMES; t++) {
                sums.counts[a * N_TIMES + t] = t == 0 ? 0 : 10 * t + a;
                for (int l = 0; l < N_LAYERS; l++)
                    fr_sums_cell(&sums, a, l, t)[axis_of(i, a, t)] = 3.0 * (10 * t + a);
            }
        (void)snprintf(file, sizeof file, "%d-all.safetensors", i);
        fr_text_clear(&path);
        fr_text_printf(&path, "%s/reps/%s", fr_store_dir(m->store), file);
        assert_ok(fr_sums_save(&sums, fr_text_get(&path), &grid, &m->err), m->err);
        RUN(m, "INSERT INTO sums VALUES (?, ?, 'all', 'block', 2, '', '', 0, 0)", "tt", file,
            ids[i]);
        fr_sums_release(&sums);
    }
    fr_text_release(&path);
}

static void make_study(const char *dir) {
    struct making m = {0};
    assert_ok(fr_store_open(&m.store, dir, &m.err), m.err);
    put_meta(&m);
    put_inputs(&m);
    put_traces(&m);
    put_runs(&m);
    put_sums(&m);
    fr_store_close(m.store);
}

/* ---- asking it ------------------------------------------------------------------------------- */

struct fixture {
    char dir[512];
    struct fr_store *store;
    struct fr_view *view;
    struct fr_error err;
};

static void begin(struct fixture *f) {
    *f = (struct fixture){0};
    fr_test_directory_make("view", f->dir, sizeof f->dir);
    make_study(f->dir);
    assert_ok(fr_store_open_readonly(&f->store, f->dir, &f->err), f->err);
    assert_ok(fr_view_open(&f->view, f->store, &f->err), f->err);
}

static void end(struct fixture *f) {
    fr_view_close(f->view);
    fr_store_close(f->store);
    fr_test_directory_remove(f->dir);
}

static json_t *ask(struct fixture *f, struct fr_view_ask question) {
    struct fr_text text = {0};
    json_error_t fault;
    assert_ok(fr_view_answer(f->view, &question, &text, &f->err), f->err);
    json_t *answer = json_loadb(fr_text_get(&text), text.len, JSON_REJECT_DUPLICATES, &fault);
    assert_non_null(answer);
    fr_text_release(&text);
    return answer;
}

static const json_t *at(const json_t *value, const char *key) {
    return json_object_get(value, key);
}
static const char *string(const json_t *value) { return json_string_value(value); }
static long long number(const json_t *value) { return (long long)json_integer_value(value); }
static const json_t *item(const json_t *list, size_t i) { return json_array_get(list, i); }

static void a_list_has_every_trace_and_a_condition_its_runs(void **state) {
    (void)state;
    struct fixture f;
    begin(&f);
    json_t *traces = ask(&f, (struct fr_view_ask){.what = "list"});
    assert_int_equal(json_array_size(at(traces, "puzzle")), 6);
    assert_string_equal(string(item(at(traces, "naming"), 0)), "1");
    assert_string_equal(string(item(at(traces, "naming"), 2)), hostile_shown);
    assert_string_equal(string(item(at(traces, "verdict"), 0)), "illegal_step");
    json_t *runs = ask(&f, (struct fr_view_ask){.what = "list", .condition = 2});
    assert_int_equal(json_array_size(at(runs, "puzzle")), 1);
    assert_int_equal(number(item(at(runs, "n_edits"), 0)), 6);
    assert_string_equal(string(item(at(runs, "verdict"), 0)), "solved");
    json_decref(traces);
    json_decref(runs);
    end(&f);
}

/* Else a list of 6,000 traces reads 2 GB. */
static void lists_read_no_blobs(void **state) {
    (void)state;
    static const char *const lists[][2] =
        {{"SELECT puzzle, naming, verdict, n_tokens, n_prompt, n_reasoning FROM trace"
          " ORDER BY puzzle, naming",
          "COVERING INDEX trace_listed"},
         {"SELECT puzzle, naming, verdict, n_generated, n_edits FROM run WHERE edit = 2"
          " ORDER BY puzzle, naming",
          "COVERING INDEX run_listed"}};
    struct fixture f;
    begin(&f);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct fr_query *query;
        char sql[256];
        (void)snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", lists[i][0]);
        assert_ok(fr_query_open(&query, f.store, &f.err, sql, ""), f.err);
        assert_true(fr_query_next(query));
        assert_non_null(strstr(fr_query_text(query, 3), lists[i][1]));
        assert_false(fr_query_next(query)); /* and nothing is sorted */
        assert_ok(fr_query_close(query, &f.err), f.err);
    }
    end(&f);
}

static void a_trace_has_its_tokens_mentions_and_plan(void **state) {
    (void)state;
    struct fixture f;
    begin(&f);
    json_t *t = ask(&f, (struct fr_view_ask){.what = "trace", .puzzle = 1, .naming = "1"});
    const json_t *tokens = at(t, "tokens"), *mentions = at(t, "mentions"), *plan = at(t, "plan");
    size_t i = 0;
    assert_string_equal(string(item(tokens, 0)), "user");
    assert_int_equal(number(at(t, "n_prompt")), 15);
    /* the letter stands in the first of its two tokens; a byte that is none is told */
    while (strcmp(string(item(tokens, i)), "\xc3\xa4") != 0 && ++i < json_array_size(tokens))
        ;
    assert_true(i < json_array_size(tokens));
    assert_string_equal(string(item(tokens, i + 1)), "");
    char *all = json_dumps(tokens, 0);
    assert_non_null(strstr(all, "<U+202E>"));
    assert_non_null(strstr(all, "\xef\xbf\xbd"));
    assert_null(strstr(all, TURNED));
    free(all);
    /* attack, province, craves: concepts 0, 5, 8 */
    assert_int_equal(number(item(item(mentions, 0), 0)), 0);
    assert_int_equal(number(item(item(mentions, 1), 0)), 5);
    assert_int_equal(number(item(item(mentions, 2), 0)), 8);
    assert_string_equal(string(item(tokens, (size_t)number(item(item(mentions, 0), 1)))),
                        " attack");
    assert_string_equal(string(at(t, "reason")), hostile_shown);
    /* a on b, c beside: then c is held, and cannot be put on b, which carries a */
    const json_t *steps = at(plan, "steps"), *first = at(item(steps, 0), "state");
    assert_int_equal(json_array_size(steps), 2);
    assert_true(json_is_null(at(plan, "differs")));
    assert_string_equal(string(at(item(steps, 0), "step")), "(pick-up c)");
    assert_string_equal(string(at(item(steps, 0), "said")), "attack C");
    assert_null(at(item(steps, 1), "state"));
    json_t *piles = json_pack("[[ss][s]]", "b", "a", "c"), *taken = json_pack("[[ss]]", "b", "a");
    assert_true(json_equal(piles, at(at(plan, "start"), "piles")));
    assert_true(json_equal(taken, at(first, "piles")));
    assert_false(json_is_true(at(item(at(plan, "goal"), 0), "met")));
    assert_int_equal(number(item(at(t, "conditions"), 1)), 2);
    /* by both sets of rules each token of the reasoning is in one phase */
    static const char *const rules[] = {"cues", "mentions"};
    assert_int_equal(json_object_size(at(t, "phases")), 2);
    for (int r = 0; r < 2; r++) {
        const json_t *spans = at(at(t, "phases"), rules[r]);
        long long end = number(at(t, "n_prompt"));
        for (i = 0; i < json_array_size(spans); i++) {
            assert_int_equal(number(item(item(spans, i), 1)), end);
            end = number(item(item(spans, i), 2));
        }
        assert_int_equal(end, number(at(t, "n_prompt")) + number(at(t, "n_reasoning")));
    }
    json_decref(piles);
    json_decref(taken);
    json_decref(t);
    end(&f);
}

static void a_run_stands_beside_its_baseline(void **state) {
    (void)state;
    struct fixture f;
    begin(&f);
    json_t *r =
        ask(&f, (struct fr_view_ask){.what = "run", .puzzle = 1, .naming = "1", .condition = 2});
    const json_t *run = at(r, "run"), *baseline = at(r, "baseline");
    assert_int_equal(number(at(run, "first")), 12);
    assert_int_equal(number(at(run, "n_prompt")), 15);
    assert_int_equal(number(at(r, "difference")), 15); /* the first of the reasoning */
    assert_int_equal(number(at(run, "n_unknown")), 1);
    assert_string_equal(string(item(at(run, "tokens"), 3)), "<token 99999>");
    /* attack, province and craves lie in the window, at two layers */
    assert_int_equal(json_array_size(at(r, "rows")), 3);
    assert_int_equal(number(at(r, "n_edits")), 6);
    assert_string_equal(string(at(run, "verdict")), "solved");
    assert_true(json_is_true(at(item(at(at(run, "plan"), "goal"), 0), "met")));
    assert_true(json_is_null(at(at(run, "plan"), "differs")));
    assert_string_equal(string(at(baseline, "verdict")), "illegal_step");
    assert_false(json_is_true(at(item(at(at(baseline, "plan"), "goal"), 0), "met")));
    json_decref(r);
    end(&f);
}

/* Orthogonal vectors of equal length, centred: a cosine of 1 with themselves, of -1/(n - 1) with
 * each other. */
static void cosines_are_of_the_window_and_the_other_namings(void **state) {
    (void)state;
    struct fixture f;
    begin(&f);
    json_t *s =
        ask(&f, (struct fr_view_ask){.what = "similarity", .naming = "1", .concept = "stack"});
    const json_t *layer = item(at(s, "layers"), 1);
    assert_int_equal(json_array_size(at(s, "layers")), N_LAYERS);
    assert_int_equal(number(at(s, "n_namings")), 1); /* the clean one and itself take no part */
    assert_int_equal(number(item(at(s, "counts"), 2)), 22);
    for (int b = 0; b < N_CONCEPTS; b++) {
        const json_t *row = item(layer, (size_t)b);
        assert_true(json_is_null(item(row, 0))); /* no mentions there */
        if (b >= N_ACTIONS) {
            assert_true(json_is_null(item(row, 3)));
            continue;
        }
        assert_near(json_real_value(item(row, 2)), b == 3 ? 1 : -1.0 / 3, 1e-4);
        assert_near(json_real_value(item(row, 3)), b == 2 ? 1 : -1.0 / 3, 1e-4);
    }
    json_decref(s);
    end(&f);
}

static void a_search_finds_text_in_any_case(void **state) {
    (void)state;
    struct fixture f;
    begin(&f);
    json_t *s = ask(&f, (struct fr_view_ask){.what = "search", .text = "OVERCOME"});
    assert_int_equal(json_array_size(at(s, "hits")), 2); /* both puzzles in naming 1 */
    assert_int_equal(number(at(item(at(s, "hits"), 0), "n")), 2);
    assert_true(json_is_null(at(s, "next")));
    json_t *rest = ask(&f, (struct fr_view_ask){.what = "search", .text = "OVERCOME", .from = 1});
    assert_int_equal(json_array_size(at(rest, "hits")), 1);
    json_t *none = ask(&f, (struct fr_view_ask){.what = "search", .text = "nowhere"});
    assert_int_equal(json_array_size(at(none, "hits")), 0);
    json_decref(s);
    json_decref(rest);
    json_decref(none);
    end(&f);
}

static void what_is_not_there_is_refused_by_name(void **state) {
    (void)state;
    struct fixture f;
    struct fr_text out = {0};
    begin(&f);
    static const struct {
        struct fr_view_ask ask;
        const char *told;
    } cases[] = {
        {{.what = "nothing"}, "no such question: \"nothing\""},
        {{.what = "trace", .naming = "7"}, "no naming \"7\""},
        {{.what = "trace", .naming = NULL}, "no naming"},
        {{.what = "trace", .puzzle = 9, .naming = "1"}, "no trace of puzzle 9 in naming 1"},
        {{.what = "run", .puzzle = 1, .naming = "1", .condition = 7}, "no condition 7"},
        {{.what = "run", .puzzle = 0, .naming = "1", .condition = 2}, "no such run"},
        {{.what = "similarity", .naming = "1", .concept = "fly"}, "no concept \"fly\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(fr_view_answer(f.view, &cases[i].ask, &out, &f.err), FR_E_INPUT);
        assert_non_null(strstr(f.err.text, cases[i].told));
        assert_int_equal(out.len, 0);
    }
    fr_text_release(&out);
    end(&f);
}

/* The words of a naming, as the page is told them; NULL: there is no such naming. */
static const json_t *words_of(const json_t *study, const char *id) {
    const json_t *namings = at(study, "namings");
    for (size_t i = 0; i < json_array_size(namings); i++)
        if (strcmp(string(at(item(namings, i), "id")), id) == 0)
            return at(item(namings, i), "words");
    return NULL;
}

static void a_study_that_grows_is_shown_as_it_is_now(void **state) {
    (void)state;
    struct fixture f;
    struct making m = {0};
    begin(&f);
    json_t *before = ask(&f, (struct fr_view_ask){.what = "study"});
    assert_null(words_of(before, "late"));
    assert_ok(fr_store_open(&m.store, f.dir, &m.err), m.err);
    RUN(&m, "INSERT INTO naming VALUES ('late', ?, 'mystery', 0)", "i", (int64_t)N_NAMINGS);
    for (int a = 0; a < N_CONCEPTS; a++)
        RUN(&m, "INSERT INTO naming_word VALUES ('late', ?, ?, ?, ?)", "titt", concepts[a],
            (int64_t)a, a < N_ACTIONS ? "action" : "predicate", concepts[(a + 1) % N_CONCEPTS]);
    struct fr_trace t;
    assert_ok(fr_store_get_trace(m.store, 1, "1", &t, &m.err), m.err);
    free(t.naming);
    t.naming = fr_strdup("late");
    assert_ok(fr_store_put_trace(m.store, &t, &m.err), m.err);
    fr_trace_release(&t);
    json_t *now = ask(&f, (struct fr_view_ask){.what = "study"});
    assert_int_equal(json_array_size(words_of(now, "late")), N_CONCEPTS);
    json_t *list = ask(&f, (struct fr_view_ask){.what = "list"});
    assert_int_equal(json_array_size(at(list, "puzzle")), 7);
    json_t *trace = ask(&f, (struct fr_view_ask){.what = "trace", .puzzle = 1, .naming = "late"});
    assert_true(json_array_size(at(trace, "tokens")) > 20);
    json_decref(trace);
    json_decref(list);
    json_decref(now);
    json_decref(before);
    fr_store_close(m.store);
    end(&f);
}

/* A table has none such, and forms of words are made in a place of their size. */
static void a_word_that_no_table_has_is_refused(void **state) {
    (void)state;
    struct fixture f;
    struct fr_view *other;
    begin(&f);
    fr_view_close(f.view);
    fr_store_close(f.store);
    assert_ok(fr_store_open(&f.store, f.dir, &f.err), f.err);
    assert_ok(fr_store_run(f.store, &f.err,
                           "UPDATE naming_word SET word = printf('%.*c', 300000, 'a') WHERE naming"
                           " = '1' AND position = 2",
                           ""),
              f.err);
    assert_int_equal(fr_view_open(&other, f.store, &f.err), FR_E_INPUT);
    assert_non_null(strstr(f.err.text, "naming 1: a word for"));
    assert_ok(fr_store_run(f.store, &f.err,
                           "UPDATE naming_word SET word = 'again' WHERE naming = '1' AND"
                           " position = 2",
                           ""),
              f.err);
    assert_ok(fr_view_open(&f.view, f.store, &f.err), f.err);
    end(&f);
}

static void a_study_without_its_domain_is_shown_without_plans(void **state) {
    (void)state;
    struct fixture f;
    begin(&f);
    fr_view_close(f.view);
    fr_store_close(f.store);
    assert_ok(fr_store_open(&f.store, f.dir, &f.err), f.err);
    assert_ok(fr_store_run(f.store, &f.err, "DELETE FROM meta WHERE key = 'domain'", ""), f.err);
    assert_ok(fr_view_open(&f.view, f.store, &f.err), f.err);
    json_t *t = ask(&f, (struct fr_view_ask){.what = "trace", .puzzle = 0, .naming = "clean"});
    assert_true(json_is_null(at(t, "plan")));
    assert_true(json_array_size(at(t, "mentions")) > 0);
    json_decref(t);
    end(&f);
}

/* ---- piles ----------------------------------------------------------------------------------- */

static bool finds_piles(const char *domain_text, const char *problem_text, struct fr_piles *out,
                        json_t **shown) {
    struct fr_domain domain;
    struct fr_problem problem;
    struct fr_error err = {0};
    struct fr_state state = {0};
    assert_ok(fr_domain_parse(&domain, domain_text, "domain", &err), err);
    assert_ok(fr_problem_parse(&problem, &domain, problem_text, "problem", &err), err);
    fr_state_set(&state, problem.init, problem.n_init);
    const bool found = fr_piles_find(&problem, &state, 1, out);
    *shown = found ? fr_piles_json(&problem, out, &state) : NULL;
    fr_state_release(&state);
    fr_problem_release(&problem);
    fr_domain_release(&domain);
    return found;
}

/* The same world in other words, the lower thing named first, "free" before "low": upright. */
static void piles_are_found_by_structure_and_stand_upright(void **state) {
    (void)state;
    struct fr_piles piles;
    json_t *shown;
    static const char domain[] =
        "(define (domain w) (:predicates (free ?x) (low ?x) (bears ?x ?y)) (:action m :parameters"
        " (?x ?y ?z) :precondition (and (free ?x) (free ?z) (bears ?y ?x)) :effect (and (not"
        " (bears ?y ?x)) (bears ?z ?x) (free ?y) (not (free ?z)))) (:action d :parameters (?x ?y)"
        " :precondition (and (free ?x) (bears ?y ?x)) :effect (and (not (bears ?y ?x)) (low ?x)"
        " (free ?y))))";
    static const char problem[] = "(define (problem p) (:domain w) (:objects p q r) (:init (low q)"
                                  " (bears q p) (bears p r) (free r)) (:goal (and (bears r q))))";
    assert_true(finds_piles(domain, problem, &piles, &shown));
    json_t *wanted = json_pack("[[sss]]", "q", "p", "r");
    assert_true(json_equal(shown, wanted));
    json_decref(wanted);
    json_decref(shown);
}

/* Balls in rooms, a robot in one of them: two balls in a room are no pile. */
static void places_are_no_piles(void **state) {
    (void)state;
    struct fr_piles piles;
    json_t *shown;
    static const char domain[] =
        "(define (domain g) (:predicates (here ?r) (at ?b ?r) (holds ?b)) (:action move"
        " :parameters (?a ?b) :precondition (here ?a) :effect (and (here ?b) (not (here ?a))))"
        " (:action take :parameters (?b ?r) :precondition (and (at ?b ?r) (here ?r)) :effect (and"
        " (holds ?b) (not (at ?b ?r)))))";
    static const char two[] = "(define (problem p) (:domain g) (:objects x y r s) (:init (here r)"
                              " (at x r) (at y r)) (:goal (and (holds x))))";
    static const char away[] = "(define (problem p) (:domain g) (:objects x y r s) (:init (here r)"
                               " (at x s)) (:goal (and (holds x))))";
    assert_false(finds_piles(domain, two, &piles, &shown));
    assert_false(finds_piles(domain, away, &piles, &shown));
}

/* ---- the page with its answers inside -------------------------------------------------------- */

static void an_exported_page_holds_its_answers_and_no_markup_of_theirs(void **state) {
    (void)state;
    struct fixture f;
    struct fr_text path = {0}, page = {0};
    int n;
    begin(&f);
    fr_text_printf(&path, "%s/page.html", f.dir);
    const struct fr_view_choice all = {.puzzle = -1, .runs = true, .most = 6};
    assert_ok(fr_view_export(f.view, &all, fr_text_get(&path), &n, &f.err), f.err);
    assert_int_equal(n, 6);
    assert_ok(fr_file_read(fr_text_get(&path), 1 << 24, &page, &f.err), f.err);
    assert_null(strstr(page.data, "<script>alert"));
    assert_null(strstr(page.data, "<script>window.broken"));
    assert_null(strstr(page.data, "<b x="));
    assert_non_null(strstr(page.data, "script-src 'sha256-"));
    const char *answers = strstr(page.data, "id=\"answers\">");
    assert_non_null(answers);
    char *json = fr_strndup(strchr(answers, '>') + 1,
                            (size_t)(strstr(answers, "</script>") - strchr(answers, '>') - 1));
    json_t *pairs = json_loads(json, 0, NULL);
    /* the study, the list, those of 2 conditions, 6 traces, 2 runs, 27 similarities */
    assert_int_equal(json_array_size(pairs), 39);
    json_decref(pairs);
    free(json);
    const struct fr_view_choice one = {.puzzle = 1, .naming = "1", .verdict = "solved", .most = 6};
    assert_int_equal(fr_view_export(f.view, &one, fr_text_get(&path), &n, &f.err), FR_E_INPUT);
    const struct fr_view_choice many = {.puzzle = -1, .most = 5};
    assert_int_equal(fr_view_export(f.view, &many, fr_text_get(&path), &n, &f.err), FR_E_LIMIT);
    fr_text_release(&path);
    fr_text_release(&page);
    end(&f);
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "--study") == 0) {
        make_study(argv[2]);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_has_every_trace_and_a_condition_its_runs),
        cmocka_unit_test(lists_read_no_blobs),
        cmocka_unit_test(a_trace_has_its_tokens_mentions_and_plan),
        cmocka_unit_test(a_run_stands_beside_its_baseline),
        cmocka_unit_test(cosines_are_of_the_window_and_the_other_namings),
        cmocka_unit_test(a_search_finds_text_in_any_case),
        cmocka_unit_test(what_is_not_there_is_refused_by_name),
        cmocka_unit_test(a_study_that_grows_is_shown_as_it_is_now),
        cmocka_unit_test(a_word_that_no_table_has_is_refused),
        cmocka_unit_test(a_study_without_its_domain_is_shown_without_plans),
        cmocka_unit_test(piles_are_found_by_structure_and_stand_upright),
        cmocka_unit_test(places_are_no_piles),
        cmocka_unit_test(an_exported_page_holds_its_answers_and_no_markup_of_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
