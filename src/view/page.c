/* The page as a server sends it; export.c has the one with its answers inside. */
#include <string.h>

#include "view/internal.h"

/* & < > " as entities, unseen characters spelt out. */
static void add_escaped(const char *text, struct fr_text *out) {
    json_t *shown = fr_view_text(text, strlen(text));
    for (const char *c = json_string_value(shown); *c != '\0'; c++)
        switch (*c) {
        case '&':
            fr_text_add(out, "&amp;");
            break;
        case '<':
            fr_text_add(out, "&lt;");
            break;
        case '>':
            fr_text_add(out, "&gt;");
            break;
        case '"':
            fr_text_add(out, "&quot;");
            break;
        default:
            fr_text_append(out, c, 1);
        }
    json_decref(shown);
}

void fr_view_page_head(struct fr_view *v, const char *policy, struct fr_text *out) {
    struct fr_text name = {0};
    (void)fr_store_get_meta(v->store, "study", &name);
    fr_text_add(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    if (policy != NULL)
        fr_text_printf(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n",
                       policy);
    fr_text_add(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<meta name=\"color-scheme\" content=\"light dark\">\n"
                     "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
    add_escaped(fr_text_get(&name), out);
    fr_text_add(out, "</title>\n");
    fr_text_release(&name);
}

const char fr_view_page_body[] =
    "</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n"
    "<header></header>\n<main id=\"main\" tabindex=\"-1\"></main>\n"
    "<p id=\"said\" role=\"status\" aria-live=\"polite\"></p>\n"
    "<noscript><p>This page needs JavaScript.</p></noscript>\n";

void fr_view_page(struct fr_view *v, struct fr_text *out) {
    fr_view_page_head(v, NULL, out);
    fr_text_add(out, "<link rel=\"stylesheet\" href=\"view.css\">\n"
                     "<script src=\"view.js\" defer></script>\n");
    fr_text_add(out, fr_view_page_body);
    fr_text_add(out, "</body>\n</html>\n");
}
