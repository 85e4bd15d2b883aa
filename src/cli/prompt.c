/* fluidrep prompt: the exact text a model is given for a puzzle under a naming, without the model's
 * chat template. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/input.h"
#include "cli/output.h"
#include "prompts/prompts.h"

struct options {
    struct fr_input_paths paths;
    int style;
    bool json;
};

enum { KEY_STYLE = 's', KEY_JSON = 256 };

static const struct argp_option option_table[] = {
    {"style", KEY_STYLE, "STYLE", 0, "terse (the default): the model organism's dialect", 0},
    {"json", KEY_JSON, NULL, 0, "as JSON, with the words of the concepts in this style", 0},
    {0},
};

static const struct argp_child children[] = {FR_PROBLEM_OPTIONS,
                                             FR_DOMAIN_OPTIONS,
                                             FR_NAMING_OPTIONS,
                                             {0}};

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        fr_input_options_init(state, &o->paths, 3);
        return 0;
    case KEY_STYLE:
        o->style = fr_cli_choice(state, "--style", value, fr_style_name, FR_STYLE_COUNT);
        return 0;
    case KEY_JSON:
        o->json = true;
        return 0;
    case ARGP_KEY_END:
        if (o->paths.problem == NULL)
            argp_error(state, "which puzzle? Give --problem FILE");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_json(const struct fr_input *input, const struct options *o,
                       const struct fr_text *prompt) {
    json_t *root = json_object(), *words = json_object();
    json_object_set_new(root, "naming", fr_json_text(input->naming->id));
    json_object_set_new(root, "style", json_string(fr_style_name[o->style]));
    json_object_set_new(root, "prompt", fr_json_text(fr_text_get(prompt)));
    for (int a = 0; a < input->namings.concepts.n; a++) {
        char word[128];
        fr_prompt_word((enum fr_prompt_style)o->style, input->naming, a, word, sizeof word);
        json_object_set_new(words, input->namings.concepts.names[a], fr_json_text(word));
    }
    json_object_set_new(root, "words", words);
    fr_print_json(root);
}

int fr_command_prompt(int argc, char **argv) {
    static const struct argp argp =
        {option_table,
         parse_option,
         NULL,
         "Prints the exact prompt of a puzzle under a naming, without the model's chat "
         "template; not even a line feed is added.",
         children,
         NULL,
         NULL};
    struct options o = {.style = FR_STYLE_TERSE, .paths.naming = "clean"};
    struct fr_error err = {0};
    struct fr_input input;
    (void)argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (fr_input_load(&input, &o.paths, &err) != FR_OK)
        return fr_cli_fail(&err);
    struct fr_text prompt = {0};
    fr_prompt_render((enum fr_prompt_style)o.style, &input.problem, input.naming, &prompt);
    if (o.json)
        print_json(&input, &o, &prompt);
    else
        (void)fwrite(fr_text_get(&prompt), 1, prompt.len, stdout);
    fr_text_release(&prompt);
    fr_input_release(&input);
    return FR_EXIT_DONE;
}
