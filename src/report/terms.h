/* How the report names, orders and colours things, as fragments of SQL, so that a table and a
 * figure cannot disagree; private to report/. Colours are Okabe and Ito's, safe for colour-blind
 * readers (report.js brightens some of them in the dark scheme); controls are grey or black. */
#ifndef FR_REPORT_TERMS_H
#define FR_REPORT_TERMS_H

#define FR_BLUE "#0072B2"
#define FR_VERMILION "#D55E00"
#define FR_GREEN "#009E73"
#define FR_ORANGE "#E69F00"
#define FR_PURPLE "#CC79A7"
#define FR_SKY "#56B4E9"
#define FR_YELLOW "#F0E442"
#define FR_BLACK "#000000"
#define FR_GREY "#777777"
#define FR_LIGHT_GREY "#AAAAAA"

/* ---- steering conditions: a column named condition is in scope ------------------------------- */
#define FR_SQL_IS_CONTROL                                                                          \
    "(instr(condition, 'identity') > 0 OR instr(condition, 'random') > 0 OR"                       \
    " instr(condition, 'shuffled') > 0)"
#define FR_SQL_CONDITION                                                                           \
    "(CASE condition WHEN 'in_naming' THEN 'in-naming'"                                            \
    " WHEN 'cross_loo' THEN 'cross-naming, leave-one-out'"                                         \
    " WHEN 'cross_all' THEN 'cross-naming, all'"                                                   \
    " WHEN 'random' THEN 'random (control)'"                                                       \
    " WHEN 'shuffled' THEN 'in-naming, shuffled (control)'"                                        \
    " WHEN 'cross_shuffled' THEN 'cross-naming, shuffled (control)'"                               \
    " WHEN 'identity' THEN 'identity (control)'"                                                   \
    " ELSE replace(condition, '_', ' ') || iif(" FR_SQL_IS_CONTROL ", ' (control)', '') END)"
#define FR_SQL_CONDITION_ORDER                                                                     \
    "(CASE condition WHEN 'in_naming' THEN 0 WHEN 'cross_loo' THEN 1 WHEN 'cross_all' THEN 2"      \
    " WHEN 'random' THEN 5 WHEN 'shuffled' THEN 6 WHEN 'cross_shuffled' THEN 7"                    \
    " WHEN 'identity' THEN 9 ELSE iif(" FR_SQL_IS_CONTROL ", 8, 3) END), condition"
#define FR_SQL_CONDITION_COLOUR                                                                    \
    "(CASE WHEN instr(condition, 'identity') THEN '" FR_BLACK "'"                                  \
    " WHEN instr(condition, 'random') THEN '" FR_GREY "'"                                          \
    " WHEN instr(condition, 'shuffled') THEN '" FR_LIGHT_GREY "'"                                  \
    " WHEN condition = 'in_naming' THEN '" FR_BLUE "'"                                             \
    " WHEN condition = 'cross_loo' THEN '" FR_VERMILION "'"                                        \
    " WHEN condition = 'cross_all' THEN '" FR_ORANGE "' ELSE '" FR_GREEN "' END)"
#define FR_SQL_CONDITION_SHAPE                                                                     \
    "(CASE WHEN instr(condition, 'identity') THEN 'cross'"                                         \
    " WHEN instr(condition, 'random') THEN 'triangle-up'"                                          \
    " WHEN condition = 'shuffled' THEN 'square'"                                                   \
    " WHEN instr(condition, 'shuffled') THEN 'triangle-down'"                                      \
    " WHEN condition = 'in_naming' THEN 'circle' ELSE 'diamond' END)"

/* ---- namings: clean first, then the table's order; a and n are accuracy-like and naming ------ */
#define FR_SQL_ORDER_NAMINGS                                                                       \
    "coalesce(n.role, '') <> 'clean', coalesce(n.position, 1000000), a.naming"

/* ---- concepts: the domain's order ------------------------------------------------------------ */
#define FR_SQL_CONCEPT_ORDER                                                                       \
    "coalesce((SELECT min(w.position) FROM naming_word w WHERE w.concept = c.concept), 1000)"

/* The layer a figure opens at: nearest to the same depth as the paper's 40 of 64, so that the
 * choice does not depend on the results. The table has a column layer. */
#define FR_SQL_LAYER_OF(table)                                                                     \
    "SELECT layer FROM " table " GROUP BY layer ORDER BY abs(layer - 40.0 / 64.0 * coalesce("      \
    "(SELECT CAST(value AS REAL) FROM meta WHERE key = 'model_layers' AND CAST(value AS REAL) > "  \
    "0),"                                                                                          \
    " (SELECT max(layer) FROM " table "))), layer DESC LIMIT 1"

#endif
