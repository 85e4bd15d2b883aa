/* The page under construction; private to report/.
 *
 * Errors stick: the first one is kept in page->code and *page->err, and everything after does
 * nothing, so a section reads as straight text. Strings returned by the fr_page_* helpers live as
 * long as the page. Text from the database goes through fr_page_escape, always. */
#ifndef FR_REPORT_PAGE_H
#define FR_REPORT_PAGE_H

#include <stdbool.h>

#include "base/text.h"
#include "store/store.h"

struct fr_page {
    struct fr_store *store; /* borrowed */
    struct fr_error *err;   /* never NULL */
    int code;
    const char *experiment;  /* what the section is of; NULL: of the whole study */
    struct fr_text html;     /* the body */
    struct fr_text contents; /* the table of contents */
    struct fr_text figures;  /* the files written, each between slashes */
    struct fr_text keyed;    /* the tables whose titles are explained, likewise */
    int n_figures, n_tables;
    int n_strings, capacity;
    char **strings;
};

void fr_page_release(struct fr_page *page);

/* ---- strings, owned by the page -------------------------------------------------------------- */
const char *fr_page_keep(struct fr_page *page, char *take);
const char *fr_page_format(struct fr_page *page, const char *format, ...) FR_PRINTF(2, 3);
/* & < > " ' become entities; bytes that are not UTF-8 and control characters become U+FFFD. */
const char *fr_page_escape(struct fr_page *page, const char *text);
/* The same repair of bytes without the entities. */
const char *fr_page_repair(struct fr_page *page, const char *text);
/* Hyphens that stand for a minus ("to -0.3") become one; those of ranges and words stay. */
const char *fr_page_signs(struct fr_page *page, const char *text);
/* A name as a part of file names and ids: letters, digits, "_" and "-" as they are, other bytes as
 * ".xx". Different names stay different. */
const char *fr_page_slug(struct fr_page *page, const char *name);
/* format is for one double; NaN is a dash, and the minus is a real one. */
const char *fr_page_number(struct fr_page *page, const char *format, double x);
const char *fr_page_percent(struct fr_page *page, double share);     /* 0.353 -> 35.3% */
const char *fr_page_points(struct fr_page *page, double difference); /* 0.0157 -> +1.57 */
const char *fr_page_p(struct fr_page *page, double p);               /* 0.042, <0.001: text */
const char *fr_page_count(struct fr_page *page, double n);           /* 12 345, thin spaces */
#define FR_DASH "\xe2\x80\x94"

/* ---- values from the database ---------------------------------------------------------------- */
/* Opens a query, which sees terms.sql; false after a failure, and *query is then NULL. */
bool fr_page_query(struct fr_page *page, struct fr_query **query, const char *sql);
void fr_page_close(struct fr_page *page, struct fr_query *query);
/* The same with two columns for each of the query's: the type of the value, as SQLite's typeof()
 * names it, and the value. "12" may be a naming. */
bool fr_page_query_typed(struct fr_page *page, struct fr_query **query, const char *sql);
/* First column of the first row; NaN / dash when there is none. Not escaped. */
double fr_page_value(struct fr_page *page, const char *sql);
const char *fr_page_string(struct fr_page *page, const char *sql);
/* A meta value, escaped; a dash when absent. */
const char *fr_page_meta(struct fr_page *page, const char *key);
/* The value of a "key: value" line of the canonical configuration, escaped; or a dash. */
const char *fr_page_setting(struct fr_page *page, const char *key);

/* ---- writing --------------------------------------------------------------------------------- */
void fr_page_add(struct fr_page *page, const char *html);
/* JSON inside a script element. */
void fr_page_add_json(struct fr_page *page, const char *json);
void fr_page_printf(struct fr_page *page, const char *format, ...) FR_PRINTF(2, 3);
/* Opens a section with its heading and its line in the contents (html). Sections are flat. */
void fr_page_section(struct fr_page *page, const char *id, const char *title);
/* A note that something is not there, and why; html. */
void fr_page_missing(struct fr_page *page, const char *html);

#endif
