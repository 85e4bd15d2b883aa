/* Figures of the paper; see paper.h. Tables of text, so that a reader can check them against the
 * paper, with the place of each figure. */
#include "analyses/paper.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

enum { CEILING = 1 << 16, MAX_COLUMNS = 16 };

const char *const fr_paper_best_vectors[FR_PAPER_SETS] = {"in_naming", "cross_all"};

/* A line cut at its tabs; of numbers an empty one is NaN. */
struct row {
    const char *path;
    int line, n;
    char *cells[MAX_COLUMNS];
};

static double number(const struct row *row, int column, int *code, struct fr_error *err) {
    char *end;
    const char *text = row->cells[column];
    const double value = *text == '\0' ? NAN : strtod(text, &end);
    if (*text != '\0' && (*end != '\0' || !isfinite(value)) && *code == FR_OK)
        *code =
            fr_fail(err, FR_E_INPUT, "%s:%d: \"%.40s\" is no number", row->path, row->line, text);
    return value;
}

static int naming_row(struct fr_paper *out, const struct row *row, struct fr_error *err) {
    int code = FR_OK;
    struct fr_paper_naming naming = {.id = row->cells[0], .accuracy = number(row, 1, &code, err)};
    for (int k = 0; k < FR_PAPER_SETS; k++)
        naming.best[k] = number(row, 2 + k, &code, err);
    out->namings = fr_grow(out->namings, (size_t)out->n_namings + 1, sizeof *out->namings);
    out->namings[out->n_namings++] = naming;
    return code;
}

static int effect_row(struct fr_paper *out, const struct row *row, struct fr_error *err) {
    int code = FR_OK;
    struct fr_paper_effect effect = {.source = row->cells[0],
                                     .operation = row->cells[1],
                                     .vectors = row->cells[2],
                                     .control = row->cells[3],
                                     .against = row->cells[4]};
    int *const whole[] = {&effect.depth, &effect.first, &effect.last, &effect.n_namings};
    for (int k = 0; k < 4; k++) {
        const double value = number(row, 5 + k, &code, err);
        *whole[k] = isnan(value) ? 0 : (int)value;
    }
    effect.effect = number(row, 9, &code, err) / 100;
    effect.standard_error = number(row, 10, &code, err) / 100;
    if (code == FR_OK && (effect.depth < 1 || effect.first < 1 || effect.n_namings < 2 ||
                          isnan(effect.effect) || !(effect.standard_error > 0)))
        code = fr_fail(err, FR_E_INPUT, "%s:%d: an effect lacks a number", row->path, row->line);
    out->effects = fr_grow(out->effects, (size_t)out->n_effects + 1, sizeof *out->effects);
    out->effects[out->n_effects++] = effect;
    return code;
}

static const struct table {
    const char *path, *header;
    int n_columns;
    int (*add)(struct fr_paper *out, const struct row *row, struct fr_error *err);
} tables[2] = {
    {"paper/namings.tsv", "naming\taccuracy\tbest_in_naming\tbest_cross_all\tsource", 5,
     naming_row},
    {"paper/effects.tsv",
     "source\toperation\tvectors\tcontrol\tagainst\tdepth\tfirst\tlast\tnamings\teffect\t"
     "standard_error",
     11, effect_row},
};

static void split(char *line, struct row *row) {
    row->n = 0;
    for (char *p = line; row->n < MAX_COLUMNS; p++) {
        row->cells[row->n++] = p;
        p += strcspn(p, "\t");
        if (*p == '\0')
            return;
        *p = '\0';
    }
}

static int read_table(struct fr_paper *out, const struct table *table, char *text, const char *path,
                      struct fr_error *err) {
    bool header = false;
    int code = FR_OK;
    struct row row = {.path = path};
    for (char *line; code == FR_OK && (line = fr_line_cut(&text)) != NULL;) {
        row.line++;
        if (*line == '#' || *line == '\0')
            continue;
        if (!header) {
            header = true;
            if (strcmp(line, table->header) != 0)
                code = fr_fail(err, FR_E_INPUT, "%s:%d: the columns are not the expected ones",
                               path, row.line);
            continue;
        }
        split(line, &row);
        code = row.n == table->n_columns
                   ? table->add(out, &row, err)
                   : fr_fail(err, FR_E_INPUT, "%s:%d: %d columns; expected %d", path, row.line,
                             row.n, table->n_columns);
    }
    return code;
}

static int load_words(struct fr_namings *out, struct fr_error *err) {
    struct fr_domain domain = {0};
    struct fr_text path = {0};
    fr_data_path("domains/blocksworld.pddl", &path);
    int code = fr_domain_load(&domain, fr_text_get(&path), err);
    if (code == FR_OK) {
        fr_text_clear(&path);
        fr_data_path("namings.tsv", &path);
        code = fr_namings_load(out, fr_text_get(&path), &domain, err);
        fr_domain_release(&domain);
    }
    fr_text_release(&path);
    return code;
}

int fr_paper_load(struct fr_paper *out, struct fr_error *err) {
    *out = (struct fr_paper){0};
    int code = load_words(&out->words, err);
    for (int i = 0; code == FR_OK && i < 2; i++) {
        struct fr_text path = {0}, text = {0};
        fr_data_path(tables[i].path, &path);
        code = fr_file_read_text(fr_text_get(&path), CEILING, &text, err);
        if (code == FR_OK) {
            out->texts[i] = fr_strdup(fr_text_get(&text));
            code = read_table(out, &tables[i], out->texts[i], fr_text_get(&path), err);
        }
        fr_text_release(&path);
        fr_text_release(&text);
    }
    if (code != FR_OK)
        fr_paper_release(out);
    return code;
}

void fr_paper_release(struct fr_paper *paper) {
    free(paper->namings);
    free(paper->effects);
    fr_namings_release(&paper->words);
    free(paper->texts[0]);
    free(paper->texts[1]);
    *paper = (struct fr_paper){0};
}

/* Concepts by their names: a domain may list them in another order. */
static bool has_words(const struct fr_concepts *ours, const struct fr_naming *naming,
                      const struct fr_namings *theirs, const struct fr_naming *papers) {
    int n = 0;
    for (int a = 0; a < ours->n; a++)
        for (int b = 0; b < theirs->concepts.n; b++)
            n += strcmp(ours->names[a], theirs->concepts.names[b]) == 0 &&
                 fr_concept_word_equal(naming->words[a], papers->words[b]);
    return n == theirs->concepts.n;
}

const struct fr_paper_naming *fr_paper_find(const struct fr_paper *paper,
                                            const struct fr_concepts *concepts,
                                            const struct fr_naming *naming) {
    for (int i = 0; i < paper->n_namings; i++) {
        const int at = fr_namings_find(&paper->words, paper->namings[i].id);
        if (at >= 0 && has_words(concepts, naming, &paper->words, &paper->words.items[at]))
            return &paper->namings[i];
    }
    return NULL;
}

double fr_paper_accuracy(const struct fr_paper *paper, const struct fr_concepts *concepts,
                         const struct fr_naming *naming) {
    const struct fr_paper_naming *row = fr_paper_find(paper, concepts, naming);
    return row != NULL ? row->accuracy : NAN;
}

int fr_paper_layer(int n_layers) { return (5 * n_layers + 4) / 8; }
int fr_paper_other_layer(int n_layers) { return (15 * n_layers + 16) / 32; }
