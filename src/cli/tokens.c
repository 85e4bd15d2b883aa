/* fluidrep tokens: how a model cuts a text, and which tokens mention which concept. For debugging:
 * what the representations are made of can be looked at here. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/output.h"
#include "mentions/mentions.h"
#include "model/model.h"

struct options {
    struct fr_input_paths paths;
    const char *model, *text;
    int style, inflections;
    bool json;
};

static const struct fr_option option_table[] = {
    {FR_WORD(struct options, text, NULL)},
    {"model", 'm', "FILE", "GGUF file; its vocabulary is enough", FR_TEXT(struct options, model)},
    {"style", 's', "STYLE", "prompt style the words are written in (default: terse)",
     FR_CHOICE(struct options, style, fr_style_name, FR_STYLE_COUNT)},
    {"inflections", 0, "RULE",
     "inflected (the default): craves, crave and craving are mentions; exact: the word alone",
     FR_CHOICE(struct options, inflections, fr_inflection_rule_name, FR_INFLECTION_RULE_COUNT)},
    {"json", 0, NULL, "as JSON", FR_FLAG(struct options, json)},
    FR_DOMAIN_OPTION(struct options),
    FR_NAMING_OPTIONS(struct options),
    FR_WORDING_OPTION(struct options),
    {0},
};

static void check_options(const void *options, const struct argp_state *state) {
    const struct options *o = options;
    if (o->model == NULL)
        argp_error(state, "which model? Give --model FILE.gguf");
    if (o->text == NULL)
        argp_error(state, "which text?");
}

static void print_tokens(const struct options *o, const struct fr_input *input,
                         const struct fr_tokens *tokens, const struct fr_mentions *mentions) {
    json_t *list = json_array(), *named = json_array();
    struct fr_text piece = {0}, concepts = {0};
    for (int i = 0; i < tokens->n; i++) {
        fr_text_clear(&piece);
        fr_text_clear(&concepts);
        fr_text_add_escaped(&piece, o->text + tokens->starts[i],
                            (size_t)(tokens->ends[i] - tokens->starts[i]));
        for (int k = 0; k < mentions->n; k++)
            if (mentions->items[k].first <= i && i < mentions->items[k].end)
                fr_text_printf(&concepts, "  %s",
                               input->namings.concepts.names[mentions->items[k].concept]);
        if (o->json)
            json_array_append_new(list, json_pack("{s:i, s:i, s:i, s:s}", "id", tokens->ids[i],
                                                  "start", tokens->starts[i], "end",
                                                  tokens->ends[i], "piece", fr_text_get(&piece)));
        else
            (void)printf("%5d %7d %6d-%-6d \"%s\"%s\n", i, tokens->ids[i], tokens->starts[i],
                         tokens->ends[i], fr_text_get(&piece), fr_text_get(&concepts));
    }
    for (int k = 0; k < mentions->n; k++)
        json_array_append_new(named, json_pack("{s:o, s:i, s:i}", "concept",
                                               fr_json_text(input->namings.concepts
                                                                .names[mentions->items[k].concept]),
                                               "first", mentions->items[k].first, "end",
                                               mentions->items[k].end));
    if (o->json) {
        fr_print_json(json_pack("{s:o, s:O, s:O}", "naming", fr_json_text(input->naming->id),
                                "tokens", list, "mentions", named));
    } else {
        (void)printf("%d tokens, %d mentions under naming %s\n", tokens->n, mentions->n,
                     input->naming->id);
    }
    json_decref(list);
    json_decref(named);
    fr_text_release(&piece);
    fr_text_release(&concepts);
}

int fr_command_tokens(int argc, char **argv) {
    static const struct fr_usage usage =
        {.options = option_table,
         .too_many = "one text at a time; quote it",
         .check = check_options,
         .arguments = "TEXT",
         .about = "Shows the tokens of a text: position, id, byte range, bytes, and the concept a "
                  "token mentions. Special tokens written in the text count as such."};
    struct options o = {.style = FR_STYLE_TERSE,
                        .inflections = FR_INFLECTION_INFLECTED,
                        .paths.naming = "clean"};
    struct fr_error err = {0};
    struct fr_input input = {0};
    struct fr_model *model = NULL;
    struct fr_tokens tokens = {0};
    struct fr_forms forms = {0};
    struct fr_mentions mentions = {0};
    fr_cli_parse(&usage, argc, argv, &o);
    struct fr_model_options options = fr_model_options_defaults();
    options.path = o.model;
    options.vocabulary_only = true;
    int code = fr_input_load(&input, &o.paths, &err);
    if (code == FR_OK)
        code = fr_model_open(&model, &options, &err);
    if (code == FR_OK)
        code = fr_model_tokenize(model, o.text, strlen(o.text), true, &tokens, &err);
    if (code == FR_OK) {
        fr_forms_of_naming(&input.namings.concepts, input.naming, (enum fr_prompt_style)o.style,
                           &input.wording, (enum fr_inflection_rule)o.inflections, &forms);
        fr_mentions_find(&forms, o.text, strlen(o.text), tokens.starts, tokens.ends, tokens.n,
                         &mentions);
        print_tokens(&o, &input, &tokens, &mentions);
    }
    fr_mentions_release(&mentions);
    fr_forms_release(&forms);
    fr_tokens_release(&tokens);
    fr_model_close(model);
    fr_input_release(&input);
    return code == FR_OK ? FR_EXIT_DONE : fr_cli_fail(&err);
}
