/* data/phases.tsv. */
#include "phases/rules.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { CEILING = 1 << 20, N_COLUMNS = 8 };
enum { RULES, TEXT, PHASE, BEGINS, ACTIONS, FACTS, BEFORE, CUES };

static const char header[] = "rules\ttext\tphase\tbegins\tactions\tfacts\tbefore\tcues";
static const char *const texts[FR_PHASE_TEXT_COUNT] = {"prose", "terse", "agenda"};
const char fr_phase_marks[] = "|~?>";

struct place {
    const char *path;
    int line;
};

static int choice(const char *value, const char *const *names, int n, const char *what,
                  const struct place *at, int *out, struct fr_error *err) {
    for (*out = 0; *out < n; ++*out)
        if (strcmp(names[*out], value) == 0)
            return FR_OK;
    return fr_fail(err, FR_E_INPUT, "%s:%d: %s \"%.40s\" is none of %s, %s ...", at->path, at->line,
                   what, value, names[0], names[1]);
}

/* "-", "2", "1+". */
static int number(const char *value, const struct place *at, struct fr_phase_number *out,
                  struct fr_error *err) {
    char *end;
    *out = (struct fr_phase_number){0, INT_MAX};
    if (strcmp(value, "-") == 0)
        return FR_OK;
    const long n = strtol(value, &end, 10);
    if (end == value || n < 0 || n > 1000 || (strcmp(end, "") != 0 && strcmp(end, "+") != 0))
        return fr_fail(err, FR_E_INPUT, "%s:%d: \"%.40s\" is no number such as 0, 2 or 1+",
                       at->path, at->line, value);
    out->least = (int)n;
    out->most = *end == '+' ? INT_MAX : (int)n;
    return FR_OK;
}

static int mark(const char *value, const struct place *at, struct fr_phase_rule *rule,
                struct fr_error *err) {
    if (strcmp(value, "-") == 0)
        return FR_OK;
    rule->of_line = *value == '^';
    value += rule->of_line;
    if (strlen(value) != 1)
        return fr_fail(err, FR_E_INPUT, "%s:%d: a unit begins with \"%.40s\": one mark, or #",
                       at->path, at->line, value);
    rule->mark = *value;
    return FR_OK;
}

static void add_cues(struct fr_phases *p, const char *value) {
    while (p->rules[p->n].has_cues) {
        const char *end = strstr(value, " | ");
        char *cue = fr_strndup(value, end != NULL ? (size_t)(end - value) : strlen(value));
        fr_forms_append(&p->cues, cue, p->n);
        free(cue);
        if (end == NULL)
            return;
        value = end + strlen(" | ");
    }
}

static int read_row(struct fr_phases *p, char *cells[N_COLUMNS], const struct place *at,
                    struct fr_error *err) {
    struct fr_phase_rule rule = {.before = -1, .has_cues = strcmp(cells[CUES], "-") != 0};
    int rules = 0, text = 0, phase = 0;
    int code =
        choice(cells[RULES], fr_phase_rules_name, FR_PHASE_RULES_COUNT, "rules", at, &rules, err);
    if (code == FR_OK)
        code = choice(cells[TEXT], texts, FR_PHASE_TEXT_COUNT, "text", at, &text, err);
    if (code == FR_OK)
        code = choice(cells[PHASE], fr_phase_name, FR_PHASE_COUNT, "phase", at, &phase, err);
    if (code == FR_OK)
        code = mark(cells[BEGINS], at, &rule, err);
    if (code == FR_OK)
        code = number(cells[ACTIONS], at, &rule.actions, err);
    if (code == FR_OK)
        code = number(cells[FACTS], at, &rule.facts, err);
    if (code == FR_OK && strcmp(cells[BEFORE], "-") != 0)
        code = choice(cells[BEFORE], fr_phase_name, FR_PHASE_COUNT, "phase", at, &rule.before, err);
    if (code != FR_OK || text != (int)p->text)
        return code;
    const bool by_cues = rules == FR_PHASES_BY_CUES;
    if (by_cues ? rule.actions.most != INT_MAX || rule.facts.most != INT_MAX ||
                      rule.actions.least > 0 || rule.facts.least > 0
                : rule.has_cues)
        return fr_fail(err, FR_E_INPUT,
                       "%s:%d: rules by %s look at %s too; two sets that look at"
                       " the same agree for that alone",
                       at->path, at->line, fr_phase_rules_name[rules],
                       by_cues ? "concepts" : "phrases");
    if (p->n == FR_PHASE_RULES_MAX)
        return fr_fail(err, FR_E_LIMIT, "%s:%d: more than %d rows for one text", at->path, at->line,
                       (int)FR_PHASE_RULES_MAX);
    rule.rules = (enum fr_phase_rules)rules;
    rule.phase = (enum fr_phase)phase;
    p->rules[p->n] = rule;
    add_cues(p, cells[CUES]);
    p->n++;
    return FR_OK;
}

static int read_line(struct fr_phases *p, char *line, const struct place *at,
                     struct fr_error *err) {
    char *cells[N_COLUMNS];
    int n = 0;
    for (char *cell = line; cell != NULL && n < N_COLUMNS; n++) {
        cells[n] = cell;
        cell = strchr(cell, '\t');
        if (cell != NULL)
            *cell++ = '\0';
        if (n == N_COLUMNS - 1 && cell != NULL)
            break;
    }
    if (n != N_COLUMNS)
        return fr_fail(err, FR_E_INPUT, "%s:%d: not %d columns", at->path, at->line, N_COLUMNS);
    return read_row(p, cells, at, err);
}

static int read_table(struct fr_phases *p, char *text, const char *path, struct fr_error *err) {
    struct place at = {.path = path};
    bool headed = false;
    int code = FR_OK;
    for (char *line; code == FR_OK && (line = fr_line_cut(&text)) != NULL;) {
        const size_t length = strlen(line);
        if (length > 0 && line[length - 1] == '\r')
            line[length - 1] = '\0';
        at.line++;
        if (*line == '#' || *line == '\0')
            continue;
        if (headed)
            code = read_line(p, line, &at, err);
        else if (strcmp(line, header) != 0)
            code = fr_fail(err, FR_E_INPUT,
                           "%s:%d: the columns are not rules, text, phase, begins,"
                           " actions, facts, before, cues",
                           path, at.line);
        headed = true;
    }
    if (code == FR_OK && p->n == 0)
        code = fr_fail(err, FR_E_INPUT, "%s: no rules for %s", path, texts[p->text]);
    return code;
}

int fr_phases_open(struct fr_phases **out, const char *path, enum fr_phase_text kind,
                   struct fr_error *err) {
    struct fr_text own = {0}, text = {0};
    *out = NULL;
    if (path == NULL) {
        fr_data_path("phases.tsv", &own);
        path = fr_text_get(&own);
    }
    int code = fr_file_read_text(path, CEILING, &text, err);
    if (code == FR_OK) {
        *out = fr_alloc(1, sizeof **out);
        (*out)->text = kind;
        code = text.len > 0 ? read_table(*out, text.data, path, err)
                            : fr_fail(err, FR_E_INPUT, "%s: is empty", path);
    }
    if (code != FR_OK) {
        fr_phases_close(*out);
        *out = NULL;
    }
    fr_text_release(&text);
    fr_text_release(&own);
    return code;
}

void fr_phases_close(struct fr_phases *phases) {
    if (phases == NULL)
        return;
    fr_forms_release(&phases->cues);
    free(phases);
}

void fr_phases_table_sha256(char out[FR_SHA256_TEXT]) {
    struct fr_text path = {0};
    struct fr_error told_when_it_is_opened;
    fr_data_path("phases.tsv", &path);
    if (fr_file_sha256(fr_text_get(&path), out, &told_when_it_is_opened) != FR_OK)
        (void)snprintf(out, FR_SHA256_TEXT, "none");
    fr_text_release(&path);
}
