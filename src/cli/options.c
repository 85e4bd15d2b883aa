/* Commands' arguments by their tables; see options.h. */
#include "cli/options.h"

#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"

enum { MOST_OPTIONS = 32, WITHOUT_LETTER = 256 };

struct parse {
    const struct fr_usage *usage;
    void *options;
    int n_words;
};

int fr_cli_int(const struct argp_state *state, const char *option, const char *text, int low,
               int high) {
    char *end;
    errno = 0;
    const long value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || value < low || value > high)
        argp_error(state, "%s: \"%s\" is not a whole number from %d to %d", option, text, low,
                   high);
    return (int)value;
}

int fr_cli_choice(const struct argp_state *state, const char *option, const char *text,
                  const char *const *names, int n) {
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], text) == 0)
            return i;
    struct fr_text list = {0};
    for (int i = 0; i < n; i++)
        fr_text_printf(&list, "%s%s", i ? ", " : "", names[i]);
    argp_error(state, "%s: \"%s\" is not known here; there is %s", option, text,
               fr_text_get(&list));
    fr_text_release(&list);
    return 0;
}

static void take(const struct parse *parse, const struct fr_option *option, char *value,
                 const struct argp_state *state) {
    char *at = (char *)parse->options + option->at, name[64];
    int number = (int)option->low;
    (void)snprintf(name, sizeof name, "--%s", option->name != NULL ? option->name : "");
    if (option->bit != 0)
        *(unsigned *)(void *)((char *)parse->options + parse->usage->given) |= option->bit;
    switch (option->kind) {
    case FR_OPTION_TEXT:
    case FR_OPTION_WORD:
        memcpy(at, &value, sizeof value); /* const or not */
        return;
    case FR_OPTION_FLAG:
        *(bool *)at = true;
        return;
    case FR_OPTION_INT:
        number = fr_cli_int(state, name, value, (int)option->low, (int)option->high);
        break;
    case FR_OPTION_CHOICE:
        number = fr_cli_choice(state, name, value, option->names, option->n_names);
        break;
    case FR_OPTION_VALUE:
        break;
    default:
        option->set(&(struct fr_given){option, parse->options, value, state});
        return;
    }
    memcpy(at, &number, sizeof number);
}

/* The n-th word's row, or NULL. */
static const struct fr_option *word_row(const struct fr_usage *usage, int n) {
    for (const struct fr_option *o = usage->options; o != NULL && o->kind != FR_OPTION_END; o++)
        if (o->kind == FR_OPTION_WORDS || (o->kind == FR_OPTION_WORD && n-- == 0))
            return o;
    return NULL;
}

static int key_of(const struct fr_usage *usage, const struct fr_option *option) {
    if (option->name == NULL)
        return 0;
    return option->letter != 0 ? option->letter : WITHOUT_LETTER + (int)(option - usage->options);
}

static error_t parse_key(int key, char *value, struct argp_state *state) {
    struct parse *parse = state->input;
    const struct fr_usage *usage = parse->usage;
    const struct fr_option *row;
    if (key == ARGP_KEY_ARG) {
        row = word_row(usage, parse->n_words++);
        if (row == NULL && usage->too_many == NULL)
            return ARGP_ERR_UNKNOWN;
        if (row == NULL)
            argp_error(state, "%s", usage->too_many);
        else
            take(parse, row, value, state);
        return 0;
    }
    if (key == ARGP_KEY_END) {
        row = word_row(usage, parse->n_words);
        if (row != NULL && row->kind == FR_OPTION_WORD && row->help != NULL)
            argp_error(state, "%s", row->help);
        if (usage->check != NULL)
            usage->check(parse->options, state);
        return 0;
    }
    for (row = usage->options; row != NULL && row->kind != FR_OPTION_END; row++)
        if (row->name != NULL && key == key_of(usage, row)) {
            take(parse, row, value, state);
            return 0;
        }
    return ARGP_ERR_UNKNOWN;
}

/* Argp puts an option without a group into that of the one before: those of group 0 go first. */
static void fill(const struct fr_usage *usage, struct argp_option out[MOST_OPTIONS]) {
    int n = 0;
    for (int last = 0; last < 2; last++)
        for (const struct fr_option *o = usage->options; o != NULL && o->kind != FR_OPTION_END; o++)
            if ((o->name != NULL || o->kind == FR_OPTION_HEADING) && (o->group != 0) == last) {
                FR_ASSERT(n < MOST_OPTIONS - 1);
                out[n++] = (struct argp_option){o->name, key_of(usage, o), o->argument,
                                                0,       o->help,          o->group};
            }
}

static jmp_buf *asked;
static struct fr_usage seen;

void fr_cli_parse(const struct fr_usage *usage, int argc, char **argv, void *options) {
    if (asked != NULL) {
        seen = *usage; /* it may stand on the command's stack, what it points to does not */
        longjmp(*asked, 1);
    }
    struct parse parse = {.usage = usage, .options = options};
    struct argp_option rows[MOST_OPTIONS] = {0};
    const struct argp argp = {.options = rows,
                              .parser = parse_key,
                              .args_doc = usage->arguments,
                              .doc = usage->about};
    argp_err_exit_status = FR_EXIT_MISUSE;
    fill(usage, rows);
    (void)argp_parse(&argp, argc, argv, 0, NULL, &parse);
}

const struct fr_usage *fr_cli_usage(const struct fr_command *command) {
    jmp_buf jump;
    char name[64]; /* argv[0], as main.c makes it */
    (void)snprintf(name, sizeof name, "fluidrep %s", command->name);
    asked = &jump;
    if (setjmp(jump) == 0) {
        (void)command->run(1, (char *[]){name, NULL});
        fr_bug(__FILE__, __LINE__, "a command that does not use fr_cli_parse");
    }
    asked = NULL;
    return &seen;
}
