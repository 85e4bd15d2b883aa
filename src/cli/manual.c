/* fluidrep manual and fluidrep completion: pages for man, and what shells need to complete, made of
 * the table of commands and of each command's argp, so that neither can say other than the program
 * does.
 *
 * A command's options stand in its argp, which it hands to fr_cli_parse: while a page is made, that
 * is as far as it gets. Rejected: help2man, which reads the text of --help back; a second table of
 * options, which is forgotten. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "fr_version.h"

/* ---- a command's options -----------------------------------------------------------------------
 */

/* An option as argp's help shows it; false at the end. Walks a command's own, then its children's.
 */
struct walk {
    const struct argp_option *at[4];
    const struct argp_child *child[4];
    int depth;
    bool standard;
};

static void walk_begin(struct walk *walk, const struct argp *argp) {
    *walk = (struct walk){.at = {argp->options}, .child = {argp->children}};
}

static const struct argp_option *walk_next(struct walk *walk) {
    static const struct argp_option help = {"help", '?', NULL, 0, "this help, and nothing else", 0};
    for (;;) {
        const struct argp_option **at = &walk->at[walk->depth];
        if (*at != NULL && ((*at)->name != NULL || (*at)->key != 0 || (*at)->doc != NULL)) {
            const struct argp_option *option = (*at)++;
            if (option->name != NULL && !(option->flags & (OPTION_HIDDEN | OPTION_DOC)))
                return option;
            continue;
        }
        const struct argp_child **child = &walk->child[walk->depth];
        if (*child != NULL && (*child)->argp != NULL) {
            const struct argp *argp = (*child)++->argp;
            FR_ASSERT(walk->depth + 1 < (int)(sizeof walk->at / sizeof *walk->at));
            walk->depth++;
            walk->at[walk->depth] = argp->options;
            walk->child[walk->depth] = argp->children;
        } else if (walk->depth > 0) {
            walk->depth--;
        } else if (!walk->standard) {
            walk->standard = true;
            return &help;
        } else {
            return NULL;
        }
    }
}

static bool is_short(const struct argp_option *option) {
    return option->key > ' ' && option->key < 127;
}

static void add_word(struct fr_text *out, const char *word, size_t n) {
    fr_text_printf(out, "%s%.*s", out->len > 0 ? " " : "", (int)n, word);
}

/* The words of a command that are said as they are: "generate" of "generate\nshow FILE". */
static void add_verbs(const struct fr_command *command, const struct argp *argp,
                      struct fr_text *out) {
    for (int i = 0; i < fr_n_commands && command->run == fr_command_manual; i++)
        add_word(out, fr_commands[i].name, strlen(fr_commands[i].name));
    for (const char *line = argp->args_doc; line != NULL && *line != '\0';) {
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

static void add_option(struct fr_text *out, const struct argp_option *option) {
    fr_text_add(out, ".TP\n");
    if (is_short(option))
        fr_text_printf(out, "\\fB\\-%c\\fR, ", option->key);
    fr_text_add(out, "\\fB\\-\\-");
    add_roff(out, option->name, strlen(option->name));
    fr_text_add(out, "\\fR");
    if (option->arg != NULL) {
        fr_text_add(out, option->flags & OPTION_ARG_OPTIONAL ? "[=\\fI" : "=\\fI");
        add_roff(out, option->arg, strlen(option->arg));
        fr_text_add(out, option->flags & OPTION_ARG_OPTIONAL ? "\\fR]" : "\\fR");
    }
    fr_text_add(out, "\n");
    add_line(out, option->doc != NULL ? option->doc : "");
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
    const struct argp *argp = fr_cli_argp(command);
    const char *after = argp->doc != NULL ? strchr(argp->doc, '\v') : NULL;
    struct fr_text name = {0};
    struct walk walk;
    fr_text_printf(&name, "fluidrep-%s", command->name);
    begin_page(out, fr_text_get(&name), command->help);
    add_synopsis(out, command->name, argp->args_doc);
    fr_text_add(out, ".SH DESCRIPTION\n");
    if (argp->doc != NULL)
        add_roff(out, argp->doc, after != NULL ? (size_t)(after - argp->doc) : strlen(argp->doc));
    fr_text_add(out, "\n.SH OPTIONS\n");
    walk_begin(&walk, argp);
    for (const struct argp_option *option; (option = walk_next(&walk)) != NULL;)
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

static error_t parse_manual(int key, char *value, struct argp_state *state) {
    const char **name = state->input;
    if (key != ARGP_KEY_ARG)
        return ARGP_ERR_UNKNOWN;
    if (*name != NULL)
        argp_error(state, "one command at a time");
    *name = value;
    return 0;
}

int fr_command_manual(int argc, char **argv) {
    static const struct argp argp =
        {.parser = parse_manual,
         .args_doc = "[COMMAND]",
         .doc =
             "Prints the program's page for man, or a command's: fluidrep manual run | man -l -"};
    const char *name = NULL;
    struct fr_text out = {0};
    fr_cli_parse(&argp, argc, argv, &name);
    if (name == NULL) {
        write_program_page(&out);
    } else {
        const struct fr_command *command = fr_command_find(name);
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
        const struct argp *argp = fr_cli_argp(&fr_commands[i]);
        struct fr_text words = {0};
        struct walk walk;
        add_verbs(&fr_commands[i], argp, &words);
        walk_begin(&walk, argp);
        for (const struct argp_option *option; (option = walk_next(&walk)) != NULL;)
            fr_text_printf(&words, "%s--%s%s", words.len > 0 ? " " : "", option->name,
                           option->arg == NULL || option->flags & OPTION_ARG_OPTIONAL ? "" : "=");
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
        const struct argp *argp = fr_cli_argp(&fr_commands[i]);
        struct fr_text verbs = {0};
        struct walk walk;
        fr_text_printf(out, "    %s)\n        _arguments -S", fr_commands[i].name);
        walk_begin(&walk, argp);
        for (const struct argp_option *option; (option = walk_next(&walk)) != NULL;) {
            fr_text_printf(out, " \\\n            '--%s%s[", option->name,
                           option->arg != NULL ? "=" : "");
            add_zsh(out, option->doc != NULL ? option->doc : "");
            fr_text_add(out, "]");
            if (option->arg != NULL) {
                fr_text_add(out, ":");
                add_zsh(out, option->arg);
                fr_text_add(out, ":_files");
            }
            fr_text_add(out, "'");
        }
        add_verbs(&fr_commands[i], argp, &verbs);
        if (verbs.len > 0)
            fr_text_printf(out, " \\\n            '1:what:(%s)'", fr_text_get(&verbs));
        fr_text_add(out, " \\\n            '*:file:_files'\n        ;;\n");
        fr_text_release(&verbs);
    }
    fr_text_add(out, "    esac\n}\n_fluidrep \"$@\"\n");
}

static error_t parse_completion(int key, char *value, struct argp_state *state) {
    static const char *const shells[] = {"bash", "zsh"};
    int *shell = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        *shell = fr_cli_choice(state, "the shell", value, shells, 2);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which shell? bash or zsh");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int fr_command_completion(int argc, char **argv) {
    static const struct argp argp =
        {.parser = parse_completion,
         .args_doc = "bash\nzsh",
         .doc =
             "Prints what the shell needs to complete commands and options. It is installed with "
             "the program; by hand: source <(fluidrep completion bash)"};
    int shell = 0;
    struct fr_text out = {0};
    fr_cli_parse(&argp, argc, argv, &shell);
    (shell == 0 ? write_bash : write_zsh)(&out);
    (void)fputs(fr_text_get(&out), stdout);
    fr_text_release(&out);
    return FR_EXIT_DONE;
}
