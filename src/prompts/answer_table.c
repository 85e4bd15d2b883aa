/* Owns the rows of tables: a step in a cell of its own, or one over several cells, whose columns
 * must then be in the order of the action's sentence. */
#include "prompts/answer_table.h"

#include <string.h>

#include "prompts/answer_word.h"

void fr_table_release(struct fr_table *table) {
    fr_line_release(&table->cell);
    fr_said_release(&table->said);
}

/* Reads the cell at *at of a row, which moves behind it; false when there is none. */
static bool next_cell(struct fr_table *table, const char *text, size_t n, size_t *at) {
    size_t end = *at;
    if (end >= n)
        return false;
    while (end < n && text[end] != '|')
        end++;
    fr_line_read(&table->cell, text + *at, end - *at);
    *at = end + 1;
    return true;
}

/* "From", "Onto", "Target" */
static bool is_place(const struct fr_line *cell) {
    const struct fr_piece *piece = &cell->pieces[cell->first];
    if (cell->first >= cell->n_pieces || piece->kind != FR_PIECE_WORD)
        return false;
    const char *word = cell->text.data + piece->start;
    return fr_line_says(cell, cell->first, "target, destination, support, second") ||
           fr_preposition_group_of(word, (size_t)piece->n) != 0;
}

void fr_table_head(struct fr_table *table, const char *text, size_t n) {
    const unsigned remarks = FR_ROLE_EXPLAIN | FR_ROLE_STATE | FR_ROLE_REMARK | FR_ROLE_LABEL;
    bool place = false;
    table->reversed = false;
    for (size_t at = 0; next_cell(table, text, n, &at);) {
        const struct fr_line *cell = &table->cell;
        if (cell->blank)
            continue;
        const bool here = is_place(cell);
        const bool object =
            !here && (fr_line_roles(cell, cell->first, cell->n_pieces) & remarks) == 0;
        table->reversed = table->reversed || (place && object);
        place = place || here;
    }
}

/* "no", "rejected", a cross */
static bool denies(const struct fr_line *cell) {
    enum { FEW = 2 };
    const unsigned roles = fr_line_roles(cell, cell->first, cell->n_pieces);
    return cell->struck || (cell->n_pieces - cell->first <= FEW &&
                            (roles & (FR_ROLE_NOT | FR_ROLE_WRONG | FR_ROLE_REJECT)) != 0);
}

static void suspect(struct fr_said *said, const char *why) {
    said->reading = FR_READING_SUSPECT;
    said->steps.n_steps = 0;
    fr_text_clear(&said->why);
    fr_text_add(&said->why, why);
}

/* "| Attack | a | to move it |": a step over several cells, and a remark in those behind it. */
static bool read_remarked(struct fr_table *table, const struct fr_lexicon *lexicon,
                          const char *text, size_t n) {
    const struct fr_reader r = {.x = lexicon, .line = &table->cell};
    struct fr_text row = {0};
    bool found = false;
    for (size_t at = n; at-- > 1 && !found;) {
        int object = -1;
        if (text[at] != '|')
            continue;
        fr_text_clear(&row);
        for (size_t i = 0; i < n; i++)
            fr_text_add(&row, i == at ? " - " : text[i] == '|' ? " " : (char[]){text[i], '\0'});
        fr_line_read(&table->cell, fr_text_get(&row), row.len);
        fr_lexicon_read(lexicon, &table->cell, &table->said);
        found = table->said.reading == FR_READING_STEPS && table->said.commented &&
                table->said.steps.n_steps == 1 &&
                fr_match_object(&r, table->said.remark + 1, &object) < 0;
    }
    fr_text_release(&row);
    return found;
}

void fr_row_read(struct fr_table *table, const struct fr_lexicon *lexicon, const char *text,
                 size_t n, struct fr_said *said) {
    struct fr_plan found = {0};
    bool differ = false, denied = false;
    for (size_t at = 0; next_cell(table, text, n, &at);) {
        denied = denied || denies(&table->cell);
        if (table->cell.blank)
            continue;
        fr_lexicon_read(lexicon, &table->cell, &table->said);
        const struct fr_plan *steps = &table->said.steps;
        if (table->said.reading != FR_READING_STEPS)
            continue;
        differ = differ || (found.n_steps > 0 &&
                            (found.n_steps != steps->n_steps || !fr_plan_ends_with(&found, steps)));
        for (int i = found.n_steps; i < steps->n_steps; i++)
            fr_plan_append(&found, &steps->steps[i]);
    }
    if (found.n_steps == 0 && said->reading == FR_READING_SUSPECT && !table->reversed &&
        read_remarked(table, lexicon, text, n))
        fr_plan_append(&found, &table->said.steps.steps[0]);
    if (found.n_steps == 0 && said->reading == FR_READING_STEPS && table->reversed)
        suspect(said, "its columns are in another order than a step's words");
    if (found.n_steps > 0) {
        said->reading = FR_READING_STEPS;
        said->steps.n_steps = 0;
        for (int i = 0; i < found.n_steps; i++)
            fr_plan_append(&said->steps, &found.steps[i]);
    }
    if (differ)
        suspect(said, "its cells name different steps");
    else if (denied && said->reading == FR_READING_STEPS)
        suspect(said, "its row may say that it is not done");
    fr_plan_release(&found);
}
