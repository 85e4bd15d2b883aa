/* Recorded traces: any bytes as a file of lines. Every line that is not blank is a trace with a
 * prompt and a reasoning, or is refused with its number, and reading goes on behind it; the puzzle
 * of a prompt that is accepted is a problem that its own PDDL gives again. */
#include "fuzz/fuzz.h"
#include "prompts/statement.h"
#include "sources/recorded.h"

static const struct fr_recorded_world *world(void) {
    static struct fr_namings namings;
    static struct fr_wording wording;
    static struct fr_recorded_world out;
    struct fr_error err = {0};
    if (out.domain == NULL) {
        fuzz_require(fr_namings_load(&namings, fr_test_path("data/namings.tsv"), fuzz_domain(),
                                     &err),
                     &err);
        fuzz_require(fr_wording_load(&wording, fuzz_domain(),
                                     fr_test_path("data/wordings/blocksworld-4ops.yaml"), &err),
                     &err);
        out = (struct fr_recorded_world){.domain = fuzz_domain(),
                                         .namings = &namings,
                                         .wording = &wording,
                                         .style = FR_STYLE_PLANBENCH,
                                         .naming = "1",
                                         .problems = ""};
    }
    return &out;
}

static void check_puzzle(const struct fr_recorded *line) {
    struct fr_error err = {0};
    struct fr_problem problem, again;
    struct fr_text text = {0};
    int naming;
    int code = fr_recorded_naming(world(), line, &naming, &err);
    if (code == FR_OK)
        code = fr_recorded_problem(world(), line, naming, &problem, &err);
    if (code != FR_OK) {
        fuzz_check_refusal(code, &err);
        return;
    }
    fr_problem_render(&problem, &text);
    fuzz_require(fr_problem_parse(&again, fuzz_domain(), fr_text_get(&text), "again", &err), &err);
    FR_ASSERT(again.n_init == problem.n_init && again.n_goal == problem.n_goal);
    fr_text_release(&text);
    fr_problem_release(&again);
    fr_problem_release(&problem);
}

static long count_lines(const uint8_t *data, size_t size) {
    long n = 0;
    for (size_t i = 0; i < size; i++)
        n += data[i] == '\n';
    return n + (size > 0 && data[size - 1] != '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fr_recorded_file file = {0};
    struct fr_error err = {0};
    if (size == 0)
        return 0;
    file.path = strdup("fuzz.jsonl");
    file.stream = fmemopen((void *)(uintptr_t)data, size, "r");
    FR_ASSERT(file.path != NULL && file.stream != NULL);
    long last = 0;
    for (bool found = true; found;) {
        struct fr_recorded line;
        const int code = fr_recorded_next(&file, &line, &found, &err);
        if (found && file.document == NULL) {
            FR_ASSERT(file.line > last);
            last = file.line;
        }
        if (code != FR_OK && (!found || file.document != NULL)) {
            fuzz_check_refusal(code, &err);
        } else if (code != FR_OK) {
            char where[48];
            (void)snprintf(where, sizeof where, "fuzz.jsonl:%ld: ", file.line);
            FR_ASSERT(found && code == FR_E_INPUT && strncmp(err.text, where, strlen(where)) == 0);
            FR_ASSERT(line.prompt == NULL);
        } else if (found) {
            FR_ASSERT(line.line == file.line && *line.prompt != '\0');
            FR_ASSERT(line.no_reasoning || *line.reasoning != '\0');
            FR_ASSERT(line.answer != NULL && line.naming != NULL && line.instance != NULL);
            check_puzzle(&line);
        }
        fr_recorded_release(&line);
    }
    FR_ASSERT(file.document != NULL || file.line == count_lines(data, size));
    fr_recorded_close(&file);
    return 0;
}
