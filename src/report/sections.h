/* The page's sections, in reading order; private to report/. Each opens itself and says what is
 * missing. */
#ifndef FR_REPORT_SECTIONS_H
#define FR_REPORT_SECTIONS_H

#include "report/page.h"

/* What kind of study this is, by its configuration: are its traces recorded ones, and (unless its
 * steering.layers are none) is anything steered? */
bool fr_page_replays(struct fr_page *page);
bool fr_page_steers(struct fr_page *page);

void fr_section_title(struct fr_page *page);
void fr_section_headlines(struct fr_page *page);
void fr_section_behaviour(struct fr_page *page);       /* method.md 2 */
void fr_section_replay(struct fr_page *page);          /* in its place: replay.c */
void fr_section_representations(struct fr_page *page); /* A3, heat map, A2 */
void fr_section_steering(struct fr_page *page);        /* method.md 5 and 6 */
void fr_section_controls(struct fr_page *page);
void fr_section_made(struct fr_page *page); /* provenance and caveats: made.c */

#endif
