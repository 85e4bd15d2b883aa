/* What a command is given, as one table: its words and its options, each with where it goes. Help,
 * the page for man and completion are made of the same table (manual.c). Argp reads the command
 * line; rejected: its own tables, which name every option a second time where it is taken. */
#ifndef FR_CLI_OPTIONS_H
#define FR_CLI_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

enum fr_option_kind {
    FR_OPTION_END,
    FR_OPTION_HEADING, /* above the options of its group */
    FR_OPTION_WORD,    /* a word that is no option; rows in the order of the words */
    FR_OPTION_WORDS,   /* all further words, by `set` */
    FR_OPTION_TEXT,
    FR_OPTION_FLAG,
    FR_OPTION_INT,
    FR_OPTION_CHOICE,
    FR_OPTION_VALUE, /* no argument: an int gets the value `low` */
    FR_OPTION_OWN,   /* by `set` */
};

struct fr_option;
/* What a function of a row is told; it may end in argp_error. */
struct fr_given {
    const struct fr_option *option;
    void *options; /* the command's struct */
    char *value;   /* NULL: it takes none */
    const struct argp_state *state;
};

struct fr_option {
    const char *name;     /* long; NULL: a heading or a word */
    int letter;           /* 0: none */
    const char *argument; /* what help calls it; NULL: it takes none */
    const char *help;     /* of a word: what is asked when it is missing; NULL: it may be */
    enum fr_option_kind kind;
    size_t at;                /* in the command's struct */
    double low, high;         /* of a number; what is set, of FR_VALUE */
    const char *const *names; /* of a choice */
    int n_names;
    void (*set)(const struct fr_given *given);
    int group;    /* of the help: 0 first */
    unsigned bit; /* set in what `given` of the usage points to when the option is given; 0: none */
};

/* The rows' ends: where it goes, in which range. T is the command's struct. Wrong types of fields
 * do not compile. */
#define FR_AT(T, field, ...) .at = offsetof(T, field) + _Generic(((T *)NULL)->field, __VA_ARGS__)
#define FR_HEADING(text) .help = (text), .kind = FR_OPTION_HEADING
#define FR_WORD(T, field, missing)                                                                 \
    .help = (missing), .kind = FR_OPTION_WORD, FR_AT(T, field, char * : 0, const char * : 0)
#define FR_WORDS(function) .kind = FR_OPTION_WORDS, .set = (function)
#define FR_TEXT(T, field) .kind = FR_OPTION_TEXT, FR_AT(T, field, char * : 0, const char * : 0)
#define FR_FLAG(T, field) .kind = FR_OPTION_FLAG, FR_AT(T, field, bool : 0)
#define FR_INT(T, field, least, most)                                                              \
    .kind = FR_OPTION_INT, FR_AT(T, field, int : 0), .low = (least), .high = (most)
#define FR_CHOICE(T, field, of, n)                                                                 \
    .kind = FR_OPTION_CHOICE, FR_AT(T, field, int : 0), .names = (of), .n_names = (n)
#define FR_VALUE(T, field, value) .kind = FR_OPTION_VALUE, FR_AT(T, field, int : 0), .low = (value)
#define FR_OWN(function) .kind = FR_OPTION_OWN, .set = (function)

struct fr_usage {
    const char *arguments; /* the words, as help shows them: a line a way of calling, or NULL */
    const char *about;     /* \v before what stands behind the options */
    const struct fr_option *options; /* NULL: none; the last is {0} */
    const char *too_many;            /* told of a word without a row; NULL: argp's own text */
    size_t given;                    /* where the options' bits go, an unsigned, if any has one */
    /* What options and words together must be, or NULL; ends in argp_error. */
    void (*check)(const void *options, const struct argp_state *state);
};

struct fr_command;
/* A command's arguments into its struct, first of all that it does: exits over misuse. What usage
 * points to must not stand on the stack: */
void fr_cli_parse(const struct fr_usage *usage, int argc, char **argv, void *options);
/* runs a command as far as that and gives its usage, valid until the next call. */
const struct fr_usage *fr_cli_usage(const struct fr_command *command);

/* A whole number in [low, high], or a usage error through argp. */
int fr_cli_int(const struct argp_state *state, const char *option, const char *text, int low,
               int high);
/* Index of text in names, or a usage error through argp with the list of names. */
int fr_cli_choice(const struct argp_state *state, const char *option, const char *text,
                  const char *const *names, int n);

#endif
