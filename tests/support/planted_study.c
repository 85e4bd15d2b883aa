/* See planted_study.h. The puzzle is read from the text of the tokens, not remembered: the model is
 * told nothing that its prompt does not say. */
#include "planted_study.h"

#include <ctype.h>
#include <string.h>

#include "test.h"

#include "base/memory.h"
#include "base/rng.h"
#include "prompts/prompts.h"

enum { ROUNDS = 12, WORDS_PER_LINE = 4, MAX_STATES = 10000 };

static const char *const ids[PLANTED_STUDY_NAMINGS] = {"clean", "1", "2", "4", "5",
                                                       "6",     "7", "8", "9"};
const char planted_study_ids[] = "[clean, \"1\", \"2\", \"4\", \"5\", \"6\", \"7\", \"8\", \"9\"]";
static const char reasoning_begin[] = "<think>\n", reasoning_end[] = "</think>\n";

/* ---- reading --------------------------------------------------------------------------------- */

static void read_text(const struct planted_study *s, const int32_t *tokens, int n,
                      struct fr_text *out) {
    for (int i = 0; i < n; i++) {
        size_t length;
        const char *text = fr_model_token_text(s->reader, tokens[i], &length);
        fr_text_append(out, text, length);
    }
}

/* The next word before the line's end, or NULL. */
static const char *next_word(const char **at, size_t *n) {
    *at += strspn(*at, " ");
    const char *word = *at;
    *n = strcspn(word, " \n<");
    *at += *n;
    return *n > 0 ? word : NULL;
}

static bool is_word(const char *word, const char *text, size_t n) {
    return strlen(word) == n && memcmp(word, text, n) == 0;
}

/* By the words that the prompt gives to the domain's first two actions. */
static int find_naming(const struct planted_study *s, const char *text) {
    const char *first = strstr(text, "\n* "), *second = first ? strstr(first + 1, "\n* ") : NULL;
    FR_ASSERT(second != NULL);
    for (int i = 0; i < PLANTED_STUDY_NAMINGS; i++)
        if (is_word(s->namings[i].words[0], first + 3, strcspn(first + 3, " ")) &&
            is_word(s->namings[i].words[1], second + 3, strcspn(second + 3, " ")))
            return i;
    fr_bug(__FILE__, __LINE__, "no naming of the world");
}

/* "WORD A B WORD C" up to the line's end as "(on a b) (clear c)"; objects are marked. */
static void read_facts(const struct planted_study *s, int naming, const char *line,
                       struct fr_text *out, bool objects[26]) {
    size_t n;
    bool open = false;
    for (const char *word; (word = next_word(&line, &n)) != NULL;) {
        int concept = s->domain.n_actions;
        while (concept < PLANTED_STUDY_CONCEPTS &&
               !is_word(s->namings[naming].words[concept], word, n))
        concept ++;
        if (concept < PLANTED_STUDY_CONCEPTS) {
            fr_text_printf(out, "%s(%s", open ? ") " : "", s->table.concepts.names[concept]);
            open = true;
        } else {
            FR_ASSERT(open && n == 1 && isupper((unsigned char)*word));
            objects[*word - 'A'] = true;
            fr_text_printf(out, " %c", tolower((unsigned char)*word));
        }
    }
    FR_ASSERT(open);
    fr_text_add(out, ")");
}

static void read_puzzle(const struct planted_study *s, int naming, const char *text,
                        struct fr_problem *out) {
    const char *facts = strstr(text, "\n="), *goal = strstr(text, "\n?");
    struct fr_text init = {0}, wanted = {0}, pddl = {0};
    struct fr_error err;
    bool objects[26] = {false};
    FR_ASSERT(facts != NULL && goal != NULL);
    read_facts(s, naming, facts + 2, &init, objects);
    read_facts(s, naming, goal + 2, &wanted, objects);
    fr_text_printf(&pddl, "(define (problem read) (:domain %s) (:objects", s->domain.name);
    for (int i = 0; i < 26; i++)
        if (objects[i])
            fr_text_printf(&pddl, " %c", 'a' + i);
    fr_text_printf(&pddl, ") (:init %s) (:goal (and %s)))", fr_text_get(&init),
                   fr_text_get(&wanted));
    const int code = fr_problem_parse(out, &s->domain, fr_text_get(&pddl), "prompt", &err);
    FR_ASSERT(code == FR_OK);
    fr_text_release(&init);
    fr_text_release(&wanted);
    fr_text_release(&pddl);
}

/* ---- writing --------------------------------------------------------------------------------- */

/* The whole reasoning on a prompt: every concept once a round, each round in another order. */
static void reason(const struct planted_study *s, int naming, const char *prompt, size_t n,
                   struct fr_text *out) {
    struct fr_rng rng;
    int order[PLANTED_STUDY_CONCEPTS], n_words = 0;
    uint64_t hash = 0;
    for (size_t i = 0; i < n; i++)
        hash = fr_mix64(hash, (unsigned char)prompt[i]);
    fr_rng_seed(&rng, s->options.seed, hash);
    for (int round = 0; round < ROUNDS; round++) {
        fr_rng_permutation(&rng, PLANTED_STUDY_CONCEPTS, order);
        for (int i = 0; i < PLANTED_STUDY_CONCEPTS; i++) {
            fr_text_printf(out, " %s %c", s->namings[naming].words[order[i]],
                           'A' + (char)fr_rng_below(&rng, 4));
            if (++n_words % WORDS_PER_LINE == 0)
                fr_text_add(out, "\n");
        }
    }
}

/* What is left to be said of the reasoning, whatever part of it stands there. */
static void script(void *user, const int32_t *tokens, int n, struct fr_text *good,
                   struct fr_text *bad) {
    const struct planted_study *s = user;
    struct fr_text text = {0}, whole = {0};
    read_text(s, tokens, n, &text);
    const char *begun = strstr(fr_text_get(&text), reasoning_begin);
    if (begun == NULL) { /* no prompt: tokens by which the model's speed is measured */
        fr_text_release(&text);
        return;
    }
    begun += strlen(reasoning_begin);
    reason(s, find_naming(s, text.data), text.data, (size_t)(begun - text.data), &whole);
    const size_t said = strlen(begun);
    FR_ASSERT(said <= whole.len && memcmp(begun, whole.data, said) == 0);
    fr_text_add(good, whole.data + said);
    fr_text_add(bad, whole.data + said);
    fr_text_release(&text);
    fr_text_release(&whole);
}

static void answer(void *user, const int32_t *tokens, int n, struct fr_text *good,
                   struct fr_text *bad) {
    const struct planted_study *s = user;
    struct fr_text text = {0};
    struct fr_problem problem;
    struct fr_plan plan = {0};
    struct fr_error err;
    int length;
    read_text(s, tokens, n, &text);
    if (strstr(fr_text_get(&text), reasoning_begin) == NULL) {
        fr_text_release(&text);
        return;
    }
    const int naming = find_naming(s, text.data);
    read_puzzle(s, naming, text.data, &problem);
    const int code = fr_problem_solve(&problem, MAX_STATES, &plan, &length, &err);
    FR_ASSERT(code == FR_OK);
    fr_text_add(good, reasoning_end);
    fr_text_add(bad, reasoning_end);
    for (int i = 0; i < plan.n_steps; i++) {
        struct fr_text line = {0};
        fr_text_printf(&line, "%d", i + 1);
        fr_terse_step(&problem, s->namings[naming].naming, &plan.steps[i], &line);
        fr_text_add(&line, "\n");
        fr_text_add(good, line.data);
        if (i + 1 < plan.n_steps)
            fr_text_add(bad, line.data);
        fr_text_release(&line);
    }
    fr_plan_release(&plan);
    fr_problem_release(&problem);
    fr_text_release(&text);
}

/* ---- the factory ----------------------------------------------------------------------------- */

static int identify(void *user, const char *path, char sha256[FR_SHA256_TEXT],
                    struct fr_error *err) {
    const struct fr_planted_options *o = &((const struct planted_study *)user)->options;
    struct fr_text all = {0};
    (void)path;
    (void)err;
    fr_text_printf(&all, "planted %d %d %d %d %d %.17g %.17g %.17g %.17g %.17g %.17g %llu",
                   o->n_layers, o->width, o->n_concepts, o->planted_begin, o->planted_end,
                   o->name_norm, o->strength, o->noise_norm, o->refine_tokens, o->threshold,
                   o->jitter, (unsigned long long)o->seed);
    fr_sha256(all.data, all.len, sha256);
    fr_text_release(&all);
    return FR_OK;
}

/* The model knows a token's text when it has met it: all of the dialect's, in one order, so that a
 * process that goes on with a study reads its traces as the one that wrote them. */
static void meet_words(const struct planted_study *s, const struct fr_model *model) {
    struct fr_text text = {0};
    struct fr_tokens tokens = {0};
    struct fr_error err;
    char *chat = NULL;
    FR_ASSERT(fr_model_chat(model, NULL, "", &chat, &err) == FR_OK);
    fr_text_add(&text, chat);
    free(chat);
    for (int i = 0; i < s->table.n; i++)
        for (int a = 0; a < PLANTED_STUDY_CONCEPTS; a++) {
            char word[64];
            fr_prompt_word(FR_STYLE_TERSE, NULL, &s->table.items[i], a, word, sizeof word);
            fr_text_printf(&text, " %s\n%s\n", word, word);
        }
    for (int n = 0; n < 100; n++)
        fr_text_printf(&text, " %d\n%d\n", n, n);
    for (char c = 'a'; c <= 'z'; c++)
        fr_text_printf(&text, " %c\n%c\n %c\n%c\n", c, c, toupper(c), toupper(c));
    for (char c = 1; c < 127; c++)
        fr_text_append(&text, &c, 1);
    fr_text_printf(&text, "%s%s", reasoning_begin, reasoning_end);
    FR_ASSERT(fr_model_tokenize(model, text.data, text.len, true, &tokens, &err) == FR_OK);
    fr_tokens_release(&tokens);
    fr_text_release(&text);
}

static int open_model(void *user, const struct fr_model_options *options, struct fr_model **out,
                      struct fr_error *err) {
    struct planted_study *s = user;
    struct fr_planted_options own = s->options;
    own.n_slots = options->n_slots;
    own.context_tokens = options->context_tokens;
    const int code = fr_model_open_planted(out, &own, err);
    s->reader = *out;
    if (code == FR_OK)
        meet_words(s, *out);
    return code;
}

static long long bytes(void *user, const char *path) {
    (void)user;
    (void)path;
    return 0;
}

void planted_study_init(struct planted_study *out, double strength, uint64_t seed) {
    struct fr_error err = {0};
    *out = (struct planted_study){0};
    assert_ok(fr_domain_load(&out->domain, fr_test_path("data/domains/blocksworld.pddl"), &err),
              err);
    assert_ok(fr_namings_load(&out->table, fr_test_path("data/namings.tsv"), &out->domain, &err),
              err);
    assert_int_equal(out->table.concepts.n, PLANTED_STUDY_CONCEPTS);
    for (int i = 0; i < PLANTED_STUDY_NAMINGS; i++) {
        const int found = fr_namings_find(&out->table, ids[i]);
        assert_true(found >= 0);
        out->namings[i].naming = &out->table.items[found];
        for (int a = 0; a < PLANTED_STUDY_CONCEPTS; a++) {
            fr_prompt_word(FR_STYLE_TERSE, NULL, out->namings[i].naming, a,
                           out->namings[i].words[a], sizeof out->namings[i].words[a]);
            out->namings[i].places[a] = out->namings[i].words[a];
        }
        out->planted[i] =
            (struct fr_planted_naming){out->namings[i].words[0], out->namings[i].places};
    }
    out->options = fr_planted_options_defaults();
    out->options.n_layers = PLANTED_STUDY_LAYERS;
    out->options.planted_begin = PLANTED_STUDY_BEGIN;
    out->options.planted_end = PLANTED_STUDY_END;
    out->options.n_concepts = PLANTED_STUDY_CONCEPTS;
    out->options.name_norm = 0.5;
    out->options.strength = 2.0 * strength;
    out->options.refine_tokens = 300.0;
    out->options.threshold = 0.47 * strength; /* the mean score of what is not edited */
    out->options.jitter = 0.15;
    out->options.seed = seed;
    out->options.namings = out->planted;
    out->options.n_namings = PLANTED_STUDY_NAMINGS;
    out->options.script = script;
    out->options.answer = answer;
    out->options.user = out;
    out->factory = (struct fr_model_factory){.user = out,
                                             .identify = identify,
                                             .open = open_model,
                                             .bytes = bytes};
}

void planted_study_release(struct planted_study *study) {
    fr_namings_release(&study->table);
    fr_domain_release(&study->domain);
}

int planted_study_run(const struct planted_study *world, struct fr_study_options options,
                      enum fr_stage last, int *n_ran, struct fr_error *err) {
    struct fr_study *study = NULL;
    int n;
    options.factory = &world->factory;
    int code = fr_study_open(&study, &options, err);
    if (code == FR_OK)
        code = fr_study_run(study, last, n_ran != NULL ? n_ran : &n, err);
    fr_study_close(study);
    return code;
}
