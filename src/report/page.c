/* The page under construction: escaping, numbers as readers expect them, values from the database.
 * Source: architecture.md "Files of a study". Rejected: a template language, which would need its
 * own escaping rules and its own tests for a page that has one shape. */
#include "report/page.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/assets.h"

#define MINUS "\xe2\x88\x92"
#define THIN_SPACE "\xe2\x80\x89"
#define REPLACEMENT "\xef\xbf\xbd"

void fr_page_release(struct fr_page *page) {
    for (int i = 0; i < page->n_strings; i++)
        free(page->strings[i]);
    free(page->strings);
    fr_text_release(&page->html);
    fr_text_release(&page->contents);
    fr_text_release(&page->figures);
    fr_text_release(&page->keyed);
    page->strings = NULL;
    page->n_strings = page->capacity = 0;
}

/* ---- strings --------------------------------------------------------------------------------- */

const char *fr_page_keep(struct fr_page *page, char *take) {
    FR_RESERVE(page->strings, page->n_strings, page->capacity);
    page->strings[page->n_strings++] = take;
    return take;
}

const char *fr_page_format(struct fr_page *page, const char *format, ...) {
    struct fr_text text = {0};
    va_list args;
    va_start(args, format);
    fr_text_vprintf(&text, format, args);
    va_end(args);
    return fr_page_keep(page, fr_text_take(&text));
}

static const char *entity_of(char c) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static const char *repair(struct fr_page *page, const char *text, bool escape) {
    struct fr_text out = {0};
    for (uint32_t point; *text != '\0';) {
        const int n = fr_utf8_decode(text, &point);
        const char *entity = escape ? entity_of(*text) : NULL;
        if (n == 0 || (point < 0x20 && point != '\n' && point != '\t') || point == 0x7f)
            entity = REPLACEMENT;
        if (entity != NULL)
            fr_text_add(&out, entity);
        else
            fr_text_append(&out, text, (size_t)n);
        text += n > 0 ? n : 1;
    }
    return fr_page_keep(page, fr_text_take(&out));
}

const char *fr_page_escape(struct fr_page *page, const char *text) {
    return repair(page, text, true);
}

const char *fr_page_repair(struct fr_page *page, const char *text) {
    return repair(page, text, false);
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

const char *fr_page_signs(struct fr_page *page, const char *text) {
    struct fr_text out = {0};
    for (const char *c = text; *c != '\0'; c++) {
        const bool begins = c == text || c[-1] == ' ' || c[-1] == '(';
        if (*c == '-' && begins && is_digit(c[1]))
            fr_text_add(&out, MINUS);
        else
            fr_text_append(&out, c, 1);
    }
    return fr_page_keep(page, fr_text_take(&out));
}

const char *fr_page_slug(struct fr_page *page, const char *name) {
    struct fr_text out = {0};
    for (const char *c = name; *c != '\0'; c++) {
        if ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
            *c == '_' || *c == '-')
            fr_text_append(&out, c, 1);
        else
            fr_text_printf(&out, ".%02x", (unsigned)(unsigned char)*c);
    }
    return fr_page_keep(page, fr_text_take(&out));
}

const char *fr_page_number(struct fr_page *page, const char *format, double x) {
    if (isnan(x))
        return FR_DASH;
    char digits[64];
    /* The format is one of a few literals of this room, for one double. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(digits, sizeof digits, format, isinf(x) ? copysign(1, x) : x);
#pragma GCC diagnostic pop
    if (isinf(x))
        return x > 0 ? "\xe2\x88\x9e" : MINUS "\xe2\x88\x9e";
    /* A value that rounds to zero has no sign; a study's exact zero is then "0.00" too. */
    if (strpbrk(digits, "123456789") == NULL) {
        const size_t skip = strspn(digits, "+-");
        return fr_page_format(page, "%s", digits + skip);
    }
    if (digits[0] == '-')
        return fr_page_format(page, MINUS "%s", digits + 1);
    return fr_page_format(page, "%s", digits);
}

const char *fr_page_percent(struct fr_page *page, double share) {
    return isnan(share) ? FR_DASH
                        : fr_page_format(page, "%s%%", fr_page_number(page, "%.1f", 100 * share));
}

const char *fr_page_points(struct fr_page *page, double difference) {
    return fr_page_number(page, "%+.2f", 100 * difference);
}

const char *fr_page_p(struct fr_page *page, double p) {
    if (p < 0.001)
        return "<0.001";
    return fr_page_number(page, p < 0.1 ? "%.3f" : "%.2f", p);
}

const char *fr_page_count(struct fr_page *page, double n) {
    if (isnan(n))
        return FR_DASH;
    char digits[64];
    (void)snprintf(digits, sizeof digits, "%.0f", n);
    struct fr_text out = {0};
    const char *d = digits;
    if (*d == '-') {
        fr_text_add(&out, MINUS);
        d++;
    }
    const size_t length = strlen(d);
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && length > 4 && (length - i) % 3 == 0)
            fr_text_add(&out, THIN_SPACE);
        fr_text_append(&out, d + i, 1);
    }
    return fr_page_keep(page, fr_text_take(&out));
}

/* ---- values ---------------------------------------------------------------------------------- */

bool fr_page_query(struct fr_page *page, struct fr_query **query, const char *sql) {
    struct fr_text whole = {0};
    *query = NULL;
    if (page->code != 0)
        return false;
    fr_text_append(&whole, (const char *)fr_asset_terms_sql, fr_asset_terms_sql_size);
    fr_text_printf(&whole, "SELECT * FROM (%s\n)", sql); /* which may have a WITH of its own */
    page->code =
        fr_query_open(query, page->store, page->err, fr_text_get(&whole), "t", page->experiment);
    fr_text_release(&whole);
    return page->code == 0;
}

void fr_page_close(struct fr_page *page, struct fr_query *query) {
    const int code = fr_query_close(query, page->code == 0 ? page->err : NULL);
    if (page->code == 0)
        page->code = code;
}

bool fr_page_query_typed(struct fr_page *page, struct fr_query **query, const char *sql) {
    struct fr_text typed = {0};
    if (!fr_page_query(page, query, sql))
        return false;
    fr_text_add(&typed, "SELECT");
    for (int c = 0; c < fr_query_n_columns(*query); c++)
        fr_text_printf(&typed, "%s typeof(\"%s\"), \"%s\"", c > 0 ? "," : "",
                       fr_query_column(*query, c), fr_query_column(*query, c));
    fr_text_printf(&typed, " FROM (%s\n)", sql);
    fr_page_close(page, *query);
    const bool opened = fr_page_query(page, query, fr_text_get(&typed));
    fr_text_release(&typed);
    return opened;
}

double fr_page_value(struct fr_page *page, const char *sql) {
    double value = (double)NAN;
    struct fr_query *query = NULL;
    if (!fr_page_query(page, &query, sql))
        return value;
    if (fr_query_next(query))
        value = fr_query_double(query, 0);
    fr_page_close(page, query);
    return value;
}

const char *fr_page_string(struct fr_page *page, const char *sql) {
    const char *value = FR_DASH;
    struct fr_query *query = NULL;
    if (!fr_page_query(page, &query, sql))
        return value;
    if (fr_query_next(query) && !fr_query_is_null(query, 0) && *fr_query_text(query, 0) != '\0')
        value = fr_page_format(page, "%s", fr_query_text(query, 0));
    fr_page_close(page, query);
    return value;
}

const char *fr_page_meta(struct fr_page *page, const char *key) {
    struct fr_text value = {0};
    const char *out = FR_DASH;
    if (page->code == 0 && fr_store_get_meta(page->store, key, &value) && value.len > 0)
        out = fr_page_escape(page, fr_text_get(&value));
    fr_text_release(&value);
    return out;
}

const char *fr_page_setting(struct fr_page *page, const char *key) {
    return fr_page_escape(
        page,
        fr_page_string(page,
                       fr_page_format(page, "SELECT value FROM setting WHERE key = '%s'", key)));
}

/* ---- writing --------------------------------------------------------------------------------- */

void fr_page_add(struct fr_page *page, const char *html) { fr_text_add(&page->html, html); }

/* Inside a script element no "</script" and no "<!--" may appear; "<" occurs in strings only. */
void fr_page_add_json(struct fr_page *page, const char *json) {
    for (const char *c = json; *c != '\0'; c++) {
        const size_t n = strcspn(c, "<");
        fr_text_append(&page->html, c, n);
        c += n;
        if (*c == '\0')
            break;
        fr_page_add(page, "\\u003c");
    }
}

void fr_page_printf(struct fr_page *page, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fr_text_vprintf(&page->html, format, args);
    va_end(args);
}

void fr_page_section(struct fr_page *page, const char *id, const char *title) {
    fr_page_printf(page, "</section>\n<section id=\"%s\">\n<h2>%s</h2>\n", id, title);
    fr_text_printf(&page->contents, "<li%s><a href=\"#%s\">%s</a></li>\n",
                   page->experiment != NULL ? " class=\"sub\"" : "", id, title);
}

void fr_page_missing(struct fr_page *page, const char *html) {
    fr_page_printf(page, "<p class=\"missing\">%s</p>\n", html);
}
