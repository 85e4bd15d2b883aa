/* The forms that a table can be written in: HTML for the page, Markdown (GitHub's) for documents,
 * LaTeX (booktabs) for papers, CSV (RFC 4180) for programs. Each escapes what is special in it and
 * nothing else; what they are given is plain text. */
#include <string.h>

#include "base/error.h"
#include "report/table.h"

#define SOFT_HYPHEN "\xc2\xad"

/* One thing that is written otherwise; "" leaves it out. */
struct replacement {
    const char *from, *to;
};

static void add_replaced(struct fr_text *out, const char *text, const struct replacement *table,
                         int n) {
    while (*text != '\0') {
        int i = 0;
        while (i < n && strncmp(text, table[i].from, strlen(table[i].from)) != 0)
            i++;
        if (i < n) {
            fr_text_add(out, table[i].to);
            text += strlen(table[i].from);
        } else {
            fr_text_append(out, text++, 1);
        }
    }
}

#define N(table) ((int)(sizeof(table) / sizeof *(table)))

/* ---- HTML ------------------------------------------------------------------------------------ */

static const struct replacement html[] = {{"&", "&amp;"},
                                          {"<", "&lt;"},
                                          {">", "&gt;"},
                                          {"\"", "&quot;"},
                                          {"'", "&#39;"}};

static void html_add(struct fr_text *out, const char *text) {
    add_replaced(out, text, html, N(html));
}

static void html_begin(struct fr_text *out, const struct fr_table_head *head) {
    fr_text_printf(
        out,
        "<div class=\"table\" id=\"table-%s\">\n<p class=\"caption\" id=\"%s-caption\"><b>"
        "Table %d.</b> ",
        head->id, head->id, head->number);
    html_add(out, head->caption);
    fr_text_printf(out,
                   "</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\""
                   "%s-caption\"><table style=\"--columns: %d\" aria-labelledby=\"%s-caption\">\n"
                   "<thead><tr>",
                   head->id, head->n, head->id);
    for (int i = 0; i < head->n; i++) {
        fr_text_printf(out, "<th scope=\"col\"%s",
                       i == 0 || head->is_text[i] ? " class=\"text\"" : "");
        if (head->helps[i] != NULL) {
            fr_text_add(out, " title=\"");
            html_add(out, head->helps[i]);
            fr_text_add(out, "\"");
        }
        fr_text_add(out, ">");
        html_add(out, head->titles[i]);
        fr_text_add(out, "</th>");
    }
    fr_text_add(out, "</tr></thead>\n<tbody>\n");
}

static void html_group(struct fr_text *out, const struct fr_table_head *head, const char *text) {
    fr_text_printf(out, "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"%d\">", head->n);
    html_add(out, text);
    fr_text_add(out, "</th></tr>\n");
}

static void html_row(struct fr_text *out, const struct fr_table_head *head,
                     const struct fr_table_row *row) {
    fr_text_add(out, "<tr");
    if (*row->class_name != '\0') {
        fr_text_add(out, " class=\"");
        html_add(out, row->class_name);
        fr_text_add(out, "\"");
    }
    fr_text_add(out, ">");
    for (int i = 0; i < head->n; i++) {
        fr_text_add(out, i == 0             ? "<th scope=\"row\">"
                         : head->is_text[i] ? "<td class=\"text\">"
                                            : "<td>");
        html_add(out, row->cells[i]);
        fr_text_add(out, i == 0 ? "</th>" : "</td>");
    }
    fr_text_add(out, "</tr>\n");
}

/* On paper nothing can be pointed at: what the titles mean is a key below, once. */
static void html_key(struct fr_text *out, const struct fr_table_head *head) {
    int n = 0;
    for (int i = 0; head->has_key && i < head->n; i++) {
        if (head->helps[i] == NULL)
            continue;
        fr_text_add(out, n++ == 0 ? "<p class=\"key\">" : "; ");
        fr_text_add(out, "<b>");
        html_add(out, head->titles[i]);
        fr_text_add(out, "</b> ");
        html_add(out, head->helps[i]);
    }
    fr_text_add(out, n > 0 ? ".</p>\n" : "");
}

static void html_end(struct fr_text *out, const struct fr_table_head *head) {
    fr_text_add(out, "</tbody></table></div>\n");
    html_key(out, head);
    fr_text_add(out, "</div>\n");
}

const struct fr_markup fr_markup_html = {"html",     true,     false,   html_begin,
                                         html_group, html_row, html_end};

/* ---- Markdown -------------------------------------------------------------------------------- */

static const struct replacement markdown[] = {
    {SOFT_HYPHEN, ""}, {"\\", "\\\\"}, {"|", "\\|"},   {"`", "\\`"},
    {"*", "\\*"},      {"](", "]\\("}, {"\n", "<br>"},
};

/* Is it what HTML would read as a tag or an entity? "p < 0.05" is not, and is read in terminals. */
static bool is_html(const char *s) {
    const unsigned char c = (unsigned char)s[1];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return *s == '<' ? letter || c == '/' || c == '!' || c == '?'
                     : *s == '&' && (letter || c == '#');
}

static void markdown_add(struct fr_text *out, const char *text) {
    for (const char *end; *text != '\0'; text = end) {
        struct fr_text part = {0};
        for (end = text; *end != '\0' && !is_html(end);)
            end++;
        fr_text_append(&part, text, (size_t)(end - text));
        add_replaced(out, fr_text_get(&part), markdown, N(markdown));
        fr_text_release(&part);
        if (*end != '\0')
            fr_text_add(out, *end++ == '<' ? "&lt;" : "&amp;");
    }
}

static void markdown_begin(struct fr_text *out, const struct fr_table_head *head) {
    markdown_add(out, head->caption);
    fr_text_add(out, "\n\n|");
    for (int i = 0; i < head->n; i++) {
        fr_text_add(out, " ");
        markdown_add(out, head->titles[i]);
        fr_text_add(out, " |");
    }
    fr_text_add(out, "\n|");
    for (int i = 0; i < head->n; i++)
        fr_text_add(out, head->is_text[i] ? " --- |" : " ---: |");
    fr_text_add(out, "\n");
}

/* What the page colours stands out here in bold; what is not to be missed must not be. */
static void markdown_row(struct fr_text *out, const struct fr_table_head *head,
                         const struct fr_table_row *row) {
    const bool bold = strcmp(row->class_name, "total") == 0 || strcmp(row->class_name, "flag") == 0;
    fr_text_add(out, "|");
    for (int i = 0; i < head->n; i++) {
        fr_text_add(out, bold ? " **" : " ");
        markdown_add(out, row->cells[i]);
        fr_text_add(out, bold ? "** |" : " |");
    }
    fr_text_add(out, "\n");
}

static void no_group(struct fr_text *out, const struct fr_table_head *head, const char *text) {
    (void)out, (void)head, (void)text;
    fr_bug(__FILE__, __LINE__, "a group is a column here");
}

static void no_end(struct fr_text *out, const struct fr_table_head *head) { (void)out, (void)head; }

const struct fr_markup fr_markup_markdown = {"markdown", false,        false, markdown_begin,
                                             no_group,   markdown_row, no_end};

/* ---- LaTeX ----------------------------------------------------------------------------------- */

static const struct replacement latex[] = {
    {SOFT_HYPHEN, "\\-"},
    {"\\", "\\textbackslash{}"},
    {"&", "\\&"},
    {"%", "\\%"},
    {"$", "\\$"},
    {"#", "\\#"},
    {"_", "\\_"},
    {"{", "\\{"},
    {"}", "\\}"},
    {"~", "\\textasciitilde{}"},
    {"^", "\\textasciicircum{}"},
    {"<", "$<$"},
    {">", "$>$"},
    {"|", "$|$"},
    {"\"", "''"},
    {"\xe2\x88\x92", "$-$"},       /* minus */
    {"\xe2\x80\x89", "\\,"},       /* thin space */
    {"\xe2\x80\x93", "--"},        /* en dash */
    {"\xe2\x80\x94", "---"},       /* em dash */
    {"\xe2\x88\x9e", "$\\infty$"}, /* infinity */
    {"\xef\xbf\xbd", "?"},         /* what was no character */
    {"\n", " "},
};

static void latex_add(struct fr_text *out, const char *text) {
    add_replaced(out, text, latex, N(latex));
}

static void latex_begin(struct fr_text *out, const struct fr_table_head *head) {
    fr_text_add(out, "\\begin{table}\n\\caption{");
    latex_add(out, head->caption);
    fr_text_printf(out, "}\n\\label{tab:%s}\n\\begin{tabular}{", head->id);
    for (int i = 0; i < head->n; i++)
        fr_text_add(out, head->is_text[i] ? "l" : "r");
    fr_text_add(out, "}\n\\toprule\n");
    for (int i = 0; i < head->n; i++) {
        fr_text_add(out, i > 0 ? " & " : "");
        latex_add(out, head->titles[i]);
    }
    fr_text_add(out, " \\\\\n\\midrule\n");
}

static void latex_row(struct fr_text *out, const struct fr_table_head *head,
                      const struct fr_table_row *row) {
    const bool bold = strcmp(row->class_name, "total") == 0 || strcmp(row->class_name, "flag") == 0;
    for (int i = 0; i < head->n; i++) {
        fr_text_add(out, i > 0 ? " & " : "");
        fr_text_add(out, bold ? "\\textbf{" : "");
        latex_add(out, row->cells[i]);
        fr_text_add(out, bold ? "}" : "");
    }
    fr_text_add(out, " \\\\\n");
}

static void latex_end(struct fr_text *out, const struct fr_table_head *head) {
    (void)head;
    fr_text_add(out, "\\bottomrule\n\\end{tabular}\n\\end{table}\n");
}

const struct fr_markup fr_markup_latex = {"latex",  false,     false,    latex_begin,
                                          no_group, latex_row, latex_end};

/* ---- CSV ------------------------------------------------------------------------------------- */

static void csv_add(struct fr_text *out, const char *text) {
    if (strpbrk(text, "\",\r\n") == NULL) {
        fr_text_add(out, text);
        return;
    }
    static const struct replacement csv[] = {{"\"", "\"\""}};
    fr_text_add(out, "\"");
    add_replaced(out, text, csv, N(csv));
    fr_text_add(out, "\"");
}

static void csv_line(struct fr_text *out, const char *const *cells, int n) {
    for (int i = 0; i < n; i++) {
        fr_text_add(out, i > 0 ? "," : "");
        csv_add(out, cells[i]);
    }
    fr_text_add(out, "\r\n");
}

static void csv_begin(struct fr_text *out, const struct fr_table_head *head) {
    csv_line(out, head->titles, head->n);
}

static void csv_row(struct fr_text *out, const struct fr_table_head *head,
                    const struct fr_table_row *row) {
    csv_line(out, row->cells, head->n);
}

const struct fr_markup fr_markup_csv = {"csv", false, true, csv_begin, no_group, csv_row, no_end};
