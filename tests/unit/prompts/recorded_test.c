/* Real answers, PlanBench's records of GPT-4 Turbo, GPT-4o and DeepSeek-R1: the verdict on the text
 * beside VAL's on the plan that PlanBench's reader took from it.
 *
 * Answers in the prompt's format (nothing but steps, then [PLAN END]) must agree, all of them. In
 * the others PlanBench's reader, which reads every line, finds steps in remarks, misses steps that
 * are followed by one, or takes a restated plan twice; so answers may be solved here that were
 * judged wrong there, and each such line is named below, found correct by reading it. The other way
 * round, a plan that was correct there and is not read here, does not occur. */
#include "prompts/prompts.h"

#include <jansson.h>
#include <string.h>

#include "test.h"

static const char *planbench; /* its directory */

struct record {
    const char *file, *field, *problems, *domain, *wording;
    int n_lines, n_in_format; /* of the prompt */
    int solved_here_only[16]; /* instance_ids, 0 ends */
};

static const struct record records[] = {
    {"responses-gpt4turbo-blocksworld-oneshot.jsonl",
     "response",
     "blocksworld/instances",
     "blocksworld/domain.pddl",
     "data/wordings/blocksworld-4ops.yaml",
     500,
     436,
     {47, 125, 144, 147, 247, 280, 313, 329, 371}},
    {"responses-gpt4o-mystery-oneshot.jsonl",
     "response",
     "mystery/instances",
     "mystery/domain.pddl",
     "data/wordings/mystery-4ops.yaml",
     500,
     0,
     {64, 90, 139, 233, 295, 445}},
    {"traces-deepseek-r1-mystery-3blocks.jsonl",
     "answer",
     "mystery/instances_3",
     "mystery/domain.pddl",
     "data/wordings/mystery-4ops.yaml",
     101,
     0,
     {0}},
    {"traces-deepseek-r1-blocksworld-3blocks.jsonl",
     "answer",
     "blocksworld/instances_3",
     "blocksworld/domain.pddl",
     "data/wordings/blocksworld-4ops.yaml",
     100,
     0,
     {93}},
};

static bool is_listed(const struct record *record, int id) {
    for (int i = 0; record->solved_here_only[i] != 0; i++)
        if (record->solved_here_only[i] == id)
            return true;
    return false;
}

/* Does every line begin as a step of the prompt's example does, up to [PLAN END]? */
static bool is_in_format(const char *text) {
    static const char *const starts[] = {"pick up the ", "put down the ", "stack the ",
                                         "unstack the "};
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        if (strncmp(line, "[PLAN END]", 10) == 0)
            return true;
        bool step = *line == '\n';
        for (int i = 0; i < 4; i++)
            step = step || strncmp(line, starts[i], strlen(starts[i])) == 0;
        if (!step)
            return false;
    }
    return false;
}

static void check_record(const struct record *record) {
    char path[4096];
    struct fr_domain domain;
    struct fr_wording wording;
    struct fr_namings clean;
    struct fr_error err;
    snprintf(path, sizeof path, "%s/%s", planbench, record->domain);
    assert_ok(fr_domain_load(&domain, path, &err), err);
    assert_ok(fr_wording_load(&wording, &domain, fr_test_path(record->wording), &err), err);
    fr_namings_clean(&clean, &domain);
    snprintf(path, sizeof path, "%s/%s", planbench, record->file);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *line = NULL;
    size_t room = 0;
    int n_lines = 0, n_in_format = 0, wrong = 0;
    for (; getline(&line, &room, file) > 0; n_lines++) {
        json_t *object = json_loads(line, 0, NULL);
        assert_non_null(object);
        const int id = (int)json_integer_value(json_object_get(object, "instance_id"));
        const char *text = json_string_value(json_object_get(object, record->field));
        const bool correct = json_boolean_value(json_object_get(object, "correct"));
        struct fr_problem problem;
        struct fr_plan plan = {0};
        snprintf(path, sizeof path, "%s/%s/instance-%d.pddl", planbench, record->problems, id);
        assert_ok(fr_problem_load(&problem, &domain, path, &err), err);
        const bool solved =
            fr_answer_verify(FR_STYLE_PLANBENCH, &wording, text, NULL, &problem, clean.items, &plan)
                .kind == FR_VERDICT_SOLVED;
        const bool in_format = is_in_format(text);
        n_in_format += in_format;
        if (solved != (correct || is_listed(record, id)) || (in_format && solved != correct)) {
            print_error("%s, instance %d: solved %d, VAL's verdict %d\n", record->file, id, solved,
                        correct);
            wrong++;
        }
        fr_plan_release(&plan);
        fr_problem_release(&problem);
        json_decref(object);
    }
    free(line);
    fclose(file);
    fr_namings_release(&clean);
    fr_wording_release(&wording);
    fr_domain_release(&domain);
    assert_int_equal(wrong, 0);
    assert_int_equal(n_lines, record->n_lines);
    assert_int_equal(n_in_format, record->n_in_format);
}

static void verdicts_on_recorded_answers_are_val_s_but_for_the_listed(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof records / sizeof *records; i++)
        check_record(&records[i]);
}

int main(void) {
    planbench = fr_test_shared("planbench");
    if (planbench == NULL)
        return 77; /* skipped, and said so */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_on_recorded_answers_are_val_s_but_for_the_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
