/* fluidrep manual and fluidrep completion: pages for man, and what shells need to complete, made of
 * the table of commands and of each command's options, so that neither can say other than the
 * program does.
 *
 * A command's options stand in its table, which it hands to fr_cli_parse: while a page is made,
 * that is as far as it gets. Rejected: help2man, which reads the text of --help back; a second
 * table of options, which is forgotten. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "fr_version.h"

/* ---- a command's options -----------------------------------------------------------------------
 */

/* The next option as help shows it, `--help` last; NULL at the end. */
static const struct fr_option *next_option(const struct fr_usage *usage,
                                           const struct fr_option *before) {
    static const struct fr_option help = {.name = "help",
                                          .letter = '?',
                                          .help = "this help, and nothing else"};
    const struct fr_option *o = before != NULL ? before + 1 : usage->options;
    if (before == &help)
        return NULL;
    for (; o != NULL && o->kind != FR_OPTION_END; o++)
        if (o->name != NULL)
            return o;
    return &help;
}

static void add_word(struct fr_text *out, const char *word, size_t n) {
    fr_text_printf(out, "%s%.*s", out->len > 0 ? " " : "", (int)n, word);
}

/* The words of a command that are said as they are: "generate" of "generate\nshow FILE". */
static void add_verbs(const struct fr_command *command, const struct fr_usage *usage,
                      struct fr_text *out) {
    for (int i = 0; i < fr_n_commands && command->run == fr_command_manual; i++)
        add_word(out, fr_commands[i].name, strlen(fr_commands[i].name));
    for (const char *line = usage->arguments; line != NULL && *line != '\0';) {
        const size_t n = strspn(line, "abcdefghijklmnopqrstuvwxyz-");
        if (n > 0 && (line[n] == ' ' || line[n] == '\n' || line[n] == '\0'))
            add_word(out, line, n);
        line = strchr(line, '\n');
        line += line != NULL;
    }
}

/* ---- pages ----------------------------------------------------------------------------------- */

/* Text for troff: nothing in it is a request, a hyphen can be copied into a shell. */
static void add_roff(struct fr_text *out, const char *text, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const bool begins = out->len == 0 || out->data[out->len - 1] == '\n';
        if (begins && (text[i] == '.' || text[i] == '\''))
            fr_text_add(out, "\\&");
        if (text[i] == '\\')
            fr_text_add(out, "\\e");
        else if (text[i] == '-')
            fr_text_add(out, "\\-");
        else if (text[i] == '\n')
            fr_text_add(out, "\n.PP\n");
        else
            fr_text_append(out, &text[i], 1);
    }
}

static void add_line(struct fr_text *out, const char *text) {
    add_roff(out, text, strlen(text));
    fr_text_add(out, "\n");
}

/* An argument's request, quoted: .SH "A B". */
static void begin_page(struct fr_text *out, const char *name, const char *help) {
    fr_text_printf(out, ".\\\" Made by fluidrep manual.\n.TH \"%s\" 1 \"\" \"fluidrep %s\"\n", name,
                   FR_VERSION);
    fr_text_add(out, ".SH NAME\n");
    add_roff(out, name, strlen(name));
    fr_text_add(out, " \\- ");
    add_line(out, help);
}

static void add_synopsis(struct fr_text *out, const char *name, const char *args_doc) {
    fr_text_add(out, ".SH SYNOPSIS\n");
    for (const char *line = args_doc != NULL ? args_doc : "";;) {
        const size_t n = strcspn(line, "\n");
        fr_text_printf(out, ".B fluidrep %s\n[\\fIOPTION\\fR...] ", name);
        add_roff(out, line, n);
        fr_text_add(out, "\n");
        if (line[n] == '\0')
            break;
        fr_text_add(out, ".br\n");
        line += n + 1;
    }
}

static void add_option(struct fr_text *out, const struct fr_option *option) {
    fr_text_add(out, ".TP\n");
    if (option->letter != 0)
        fr_text_printf(out, "\\fB\\-%c\\fR, ", option->letter);
    fr_text_add(out, "\\fB\\-\\-");
    add_roff(out, option->name, strlen(option->name));
    fr_text_add(out, "\\fR");
    if (option->argument != NULL) {
        fr_text_add(out, "=\\fI");
        add_roff(out, option->argument, strlen(option->argument));
        fr_text_add(out, "\\fR");
    }
    fr_text_add(out, "\n");
    add_line(out, option->help);
}

static void add_see_also(struct fr_text *out, const char *but) {
    fr_text_add(out, ".SH \"SEE ALSO\"\n");
    if (but != NULL)
        fr_text_printf(out, ".BR fluidrep (1),\n");
    for (int i = 0; i < fr_n_commands; i++)
        if (but == NULL || strcmp(fr_commands[i].name, but) != 0)
            fr_text_printf(out, ".BR fluidrep\\-%s (1),\n", fr_commands[i].name);
    fr_text_add(out, ".BR libfluidrep (3)\n");
}

static void write_command_page(const struct fr_command *command, struct fr_text *out) {
    const struct fr_usage *usage = fr_cli_usage(command);
    const char *after = usage->about != NULL ? strchr(usage->about, '\v') : NULL;
    struct fr_text name = {0};
    fr_text_printf(&name, "fluidrep-%s", command->name);
    begin_page(out, fr_text_get(&name), command->help);
    add_synopsis(out, command->name, usage->arguments);
    fr_text_add(out, ".SH DESCRIPTION\n");
    if (usage->about != NULL)
        add_roff(out, usage->about,
                 after != NULL ? (size_t)(after - usage->about) : strlen(usage->about));
    fr_text_add(out, "\n.SH OPTIONS\n");
    for (const struct fr_option *option = NULL; (option = next_option(usage, option)) != NULL;)
        add_option(out, option);
    if (after != NULL) {
        fr_text_add(out, ".SH NOTES\n");
        add_line(out, after + 1);
    }
    add_see_also(out, command->name);
    fr_text_release(&name);
}

static void write_program_page(struct fr_text *out) {
    begin_page(out, "fluidrep", "what a reasoning model represents while it reasons");
    fr_text_add(
        out, ".SH SYNOPSIS\n.B fluidrep\n\\fICOMMAND\\fR [\\fIOPTION\\fR...]\n.SH DESCRIPTION\n");
    add_line(out, fr_purpose);
    fr_text_add(out, ".SH COMMANDS\n");
    for (int i = 0; i < fr_n_commands; i++) {
        fr_text_printf(out, ".TP\n.BR fluidrep\\-%s (1)\n", fr_commands[i].name);
        add_line(out, fr_commands[i].help);
    }
    fr_text_add(out, ".SH ENVIRONMENT\n.TP\n.B FLUIDREP_DATA\n"
                     "the directory of namings, domains and wordings\n.TP\n.B FLUIDREP_CACHE\n"
                     "where it is remembered which model files were opened\n"
                     ".SH \"EXIT STATUS\"\n0 done, 1 failed, 2 misuse or bad input.\n");
    add_see_also(out, NULL);
}

struct page {
    const char *command; /* NULL: of the program */
};

int fr_command_manual(int argc, char **argv) {
    static const struct fr_option options[] = {{FR_WORD(struct page, command, NULL)}, {0}};
    static const struct fr_usage usage =
        {.options = options,
         .too_many = "one command at a time",
         .arguments = "[COMMAND]",
         .about =
             "Prints the program's page for man, or a command's: fluidrep manual run | man -l -"};
    struct page page = {0};
    struct fr_text out = {0};
    fr_cli_parse(&usage, argc, argv, &page);
    if (page.command == NULL) {
        write_program_page(&out);
    } else {
        const struct fr_command *command = fr_command_find(page.command);
        if (command == NULL)
            return FR_EXIT_MISUSE;
        write_command_page(command, &out);
    }
    (void)fputs(fr_text_get(&out), stdout);
    fr_text_release(&out);
    return FR_EXIT_DONE;
}

/* ---- shells ---------------------------------------------------------------------------------- */

static void write_bash(struct fr_text *out) {
    struct fr_text names = {0};
    for (int i = 0; i < fr_n_commands; i++)
        add_word(&names, fr_commands[i].name, strlen(fr_commands[i].name));
    fr_text_printf(out,
                   "# Completion of fluidrep for bash, made by fluidrep completion.\n"
                   "_fluidrep() {\n"
                   "    local word=${COMP_WORDS[COMP_CWORD]} words=\n"
                   "    if [ \"$COMP_CWORD\" = 1 ]; then\n"
                   "        words='help --help --version %s'\n"
                   "    else\n"
                   "        case ${COMP_WORDS[1]} in\n"
                   "        help) words='%s' ;;\n",
                   fr_text_get(&names), fr_text_get(&names));
    fr_text_release(&names);
    for (int i = 0; i < fr_n_commands; i++) {
        const struct fr_usage *usage = fr_cli_usage(&fr_commands[i]);
        struct fr_text words = {0};
        add_verbs(&fr_commands[i], usage, &words);
        for (const struct fr_option *option = NULL; (option = next_option(usage, option)) != NULL;)
            fr_text_printf(&words, "%s--%s%s", words.len > 0 ? " " : "", option->name,
                           option->argument == NULL ? "" : "=");
        fr_text_printf(out, "        %s) words='%s' ;;\n", fr_commands[i].name,
                       fr_text_get(&words));
        fr_text_release(&words);
    }
    fr_text_add(out, "        esac\n    fi\n"
                     "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
                     "    case ${COMPREPLY-} in *=) compopt -o nospace ;; esac\n"
                     "}\n"
                     "complete -o default -F _fluidrep fluidrep\n");
}

/* Inside '...' of zsh, within a specification of _arguments, where [ ] : \ mean something. */
static void add_zsh(struct fr_text *out, const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fr_text_add(out, "'\\'");
        else if (strchr("[]:\\", *text) != NULL)
            fr_text_add(out, "\\");
        fr_text_append(out, *text == '\n' ? " " : text, 1);
    }
}

static void write_zsh(struct fr_text *out) {
    fr_text_add(
        out,
        "#compdef fluidrep\n# Completion of fluidrep for zsh, made by fluidrep completion.\n"
        "_fluidrep() {\n    local -a commands=(\n        'help:tell a command'\\''s options'\n");
    for (int i = 0; i < fr_n_commands; i++) {
        fr_text_printf(out, "        '%s:", fr_commands[i].name);
        add_zsh(out, fr_commands[i].help);
        fr_text_add(out, "'\n");
    }
    fr_text_add(out, "    )\n    if ((CURRENT == 2)); then\n        _describe command commands\n"
                     "        return\n    fi\n    local command=${words[2]}\n"
                     "    shift words\n    ((CURRENT--))\n    case $command in\n"
                     "    help) _describe command commands ;;\n");
    for (int i = 0; i < fr_n_commands; i++) {
        const struct fr_usage *usage = fr_cli_usage(&fr_commands[i]);
        struct fr_text verbs = {0};
        fr_text_printf(out, "    %s)\n        _arguments -S", fr_commands[i].name);
        for (const struct fr_option *option = NULL;
             (option = next_option(usage, option)) != NULL;) {
            fr_text_printf(out, " \\\n            '--%s%s[", option->name,
                           option->argument != NULL ? "=" : "");
            add_zsh(out, option->help);
            fr_text_add(out, "]");
            if (option->argument != NULL) {
                fr_text_add(out, ":");
                add_zsh(out, option->argument);
                fr_text_add(out, ":_files");
            }
            fr_text_add(out, "'");
        }
        add_verbs(&fr_commands[i], usage, &verbs);
        if (verbs.len > 0)
            fr_text_printf(out, " \\\n            '1:what:(%s)'", fr_text_get(&verbs));
        fr_text_add(out, " \\\n            '*:file:_files'\n        ;;\n");
        fr_text_release(&verbs);
    }
    fr_text_add(out, "    esac\n}\n_fluidrep \"$@\"\n");
}

static void set_shell(const struct fr_given *given) {
    static const char *const shells[] = {"bash", "zsh"};
    *(int *)given->options = fr_cli_choice(given->state, "the shell", given->value, shells, 2);
}

static void check_shell(const void *options, const struct argp_state *state) {
    if (*(const int *)options < 0)
        argp_error(state, "which shell? bash or zsh");
}

int fr_command_completion(int argc, char **argv) {
    static const struct fr_option options[] = {{FR_WORDS(set_shell)}, {0}};
    static const struct fr_usage usage =
        {.options = options,
         .check = check_shell,
         .arguments = "bash\nzsh",
         .about =
             "Prints what the shell needs to complete commands and options. It is installed with "
             "the program; by hand: source <(fluidrep completion bash)"};
    int shell = -1;
    struct fr_text out = {0};
    fr_cli_parse(&usage, argc, argv, &shell);
    (shell == 0 ? write_bash : write_zsh)(&out);
    (void)fputs(fr_text_get(&out), stdout);
    fr_text_release(&out);
    return FR_EXIT_DONE;
}
