/* The page's sections, in reading order; private to report/. Each opens itself and says what is
 * missing. */
#ifndef FR_REPORT_SECTIONS_H
#define FR_REPORT_SECTIONS_H

#include "report/page.h"

/* What kind of study this is: are its traces recorded ones, and has it experiments? */
bool fr_page_replays(struct fr_page *page);
bool fr_page_steers(struct fr_page *page);
/* The names of the experiments whose conditions are stored; the page's, but the caller frees the
 * array (NULL when there are none). */
const char **fr_page_experiments(struct fr_page *page, int *n);
/* A table of two columns of text (tables.c) as a list of terms. */
void fr_page_definitions(struct fr_page *page, const char *table);

void fr_section_title(struct fr_page *page);
void fr_section_claims(struct fr_page *page); /* the first screen: claims.c */
void fr_section_headlines(struct fr_page *page);
void fr_section_behaviour(struct fr_page *page);       /* method.md 2 */
void fr_section_statements(struct fr_page *page);      /* the paper in words, folded */
void fr_section_replay(struct fr_page *page);          /* in its place: replay.c */
void fr_section_representations(struct fr_page *page); /* A3, heat map, A2 */
void fr_section_experiments(struct fr_page *page);     /* method.md 5 and 6: experiments.c */
void fr_section_paper(struct fr_page *page);           /* its numbers beside ours: paper.c */
void fr_section_controls(struct fr_page *page);        /* controls.c */
void fr_section_methods(struct fr_page *page);         /* prose for a paper: methods.sql */
void fr_section_made(struct fr_page *page);            /* provenance and caveats: made.c */
void fr_section_tables(struct fr_page *page);          /* all result tables, in the page: made.c */

void fr_section_compared(struct fr_page *page); /* all of a comparison: compare.c */

#endif
