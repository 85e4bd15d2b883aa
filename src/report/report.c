/* The report as a file: head, style, contents, sections, scripts. Source: architecture.md "Files of
 * a study". Rejected: a folder of assets beside the page (a report is mailed as one file) and a
 * server that renders it (a report must open in ten years). */
#include "report/report.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyses/compare.h"
#include "base/file.h"
#include "report/assets.h"
#include "report/page.h"
#include "report/sections.h"

/* Nothing is loaded, whatever a script asks for. Vega compiles expressions, hence unsafe-eval. */
#define POLICY                                                                                     \
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "    \
    "img-src data: blob:; base-uri 'none'; form-action 'none'"

/* A script inside HTML ends at "</script" and changes its rules at "<!--": both get a backslash,
 * which in JavaScript's strings and regular expressions means the same characters. */
static void add_script(struct fr_text *out, const unsigned char *script, size_t n) {
    const char *s = (const char *)script, *end = s + n;
    fr_text_add(out, "<script>");
    while (s < end) {
        const char *next = memchr(s, '<', (size_t)(end - s));
        if (next == NULL || next + 1 == end)
            break;
        next++;
        fr_text_append(out, s, (size_t)(next - s));
        s = next;
        if (((size_t)(end - s) >= 7 && fr_equal_nocase(s, "/script", 7)) ||
            ((size_t)(end - s) >= 3 && memcmp(s, "!--", 3) == 0))
            fr_text_add(out, "\\");
    }
    fr_text_append(out, s, (size_t)(end - s));
    fr_text_add(out, "</script>\n");
}

static void add_head(struct fr_page *page, struct fr_text *out) {
    fr_text_printf(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"" POLICY "\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<meta name=\"generator\" content=\"fluidrep %s\">\n<title>%s</title>\n<style>\n",
        fr_page_meta(page, "program_version"), fr_page_meta(page, "study"));
    fr_text_append(out, (const char *)fr_asset_report_css, fr_asset_report_css_size);
    fr_text_add(out, "</style>\n</head>\n<body>\n");
}

static void assemble(struct fr_page *page, struct fr_text *out) {
    add_head(page, out);
    fr_text_printf(out,
                   "<nav aria-label=\"Contents\"><ol>\n%s</ol></nav>\n<main>\n%s</section>\n"
                   "</main>\n<noscript><p class=\"missing\">The figures need JavaScript, which is "
                   "in this file; the tables do not.</p></noscript>\n",
                   fr_text_get(&page->contents), fr_text_get(&page->html));
    if (page->n_figures > 0) {
        add_script(out, fr_asset_vega_js, fr_asset_vega_js_size);
        add_script(out, fr_asset_vega_lite_js, fr_asset_vega_lite_js_size);
        add_script(out, fr_asset_vega_embed_js, fr_asset_vega_embed_js_size);
    }
    add_script(out, fr_asset_report_js, fr_asset_report_js_size);
    fr_text_add(out, "</body>\n</html>\n");
}

/* Figures of an earlier report that this one has not. */
static void remove_others(const struct fr_page *page, const char *directory) {
    struct fr_text name = {0};
    DIR *d = opendir(directory);
    if (d == NULL)
        return;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        const size_t n = strlen(e->d_name), n_suffix = strlen(".vl.json");
        fr_text_clear(&name);
        fr_text_printf(&name, "/%s/", e->d_name);
        if (n > n_suffix && strcmp(e->d_name + n - n_suffix, ".vl.json") == 0 &&
            strstr(fr_text_get(&page->figures), fr_text_get(&name)) == NULL)
            (void)unlinkat(dirfd(d), e->d_name, 0);
    }
    (void)closedir(d);
    fr_text_release(&name);
}

static void add_study(struct fr_page *page) {
    fr_section_title(page);
    fr_section_claims(page);
    fr_section_headlines(page);
    if (fr_page_replays(page))
        fr_section_replay(page);
    else
        fr_section_behaviour(page);
    fr_section_representations(page);
    if (fr_page_steers(page))
        fr_section_experiments(page);
    if (fr_page_steers(page))
        fr_section_paper(page);
    fr_section_controls(page);
    fr_section_methods(page);
    fr_section_made(page);
}

int fr_report_write(struct fr_store *store, char **path_out, struct fr_error *err) {
    struct fr_error unread = {0};
    struct fr_page page = {.store = store, .err = err != NULL ? err : &unread};
    struct fr_text out = {0}, path = {0};
    if (path_out != NULL)
        *path_out = NULL;
    fr_text_printf(&path, "%s/figures", fr_store_dir(store));
    page.code = fr_dir_make(fr_text_get(&path), page.err);
    if (fr_compare_is(store))
        fr_section_compared(&page);
    else
        add_study(&page);
    if (page.code != 0)
        goto out;
    remove_others(&page, fr_text_get(&path));
    assemble(&page, &out);
    fr_text_clear(&path);
    fr_text_printf(&path, "%s/report.html", fr_store_dir(store));
    page.code = fr_file_write(fr_text_get(&path), out.data, out.len, page.err);
    if (page.code == 0 && path_out != NULL)
        *path_out = fr_text_take(&path);
out:
    fr_text_release(&path);
    fr_text_release(&out);
    const int code = page.code;
    fr_page_release(&page);
    return code;
}
