/* Rows of tables as steps; private to prompts/. */
#ifndef FR_PROMPTS_ANSWER_TABLE_H
#define FR_PROMPTS_ANSWER_TABLE_H

#include "prompts/answer_step.h"

struct fr_table {
    bool reversed; /* a column of where a step goes stands before the one of what it is done to */
    struct fr_line cell;
    struct fr_said said;
};
void fr_table_release(struct fr_table *table);

/* Notes the heads of the columns, cells between '|'. *table is zero-initialised. */
void fr_table_head(struct fr_table *table, const char *text, size_t n);
/* *said, what the row says read as a sentence, becomes what it says as a row: the step of one cell,
 * or of all cells together ("| 1 | feast | b, a |"). The other cells are remarks. SUSPECT: two
 * cells have different steps, one denies the step, or the columns are in another order. */
void fr_row_read(struct fr_table *table, const struct fr_lexicon *lexicon, const char *text,
                 size_t n, struct fr_said *said);

#endif
