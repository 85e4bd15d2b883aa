/* The report of made-up studies: what a reader finds in it, what a hostile text cannot do to it,
 * what it says when there is nothing.
 *
 *     test_unit_report_report --study DIR [KIND]
 * makes such a study with its report for other tests (KIND: 0 full, 1 empty, 2 bare, 3 hostile, 4
 * replay); test_unit_report_report --report DIR writes the report of a study that is there. */
#include "test.h"

#include <dirent.h>
#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "report/assets.h"
#include "report/report.h"
#include "synthetic_study.h"

struct fixture {
    struct fr_store *store;
    struct fr_text html;
    struct fr_error err;
};

static void begin(struct fixture *f, enum fr_synthetic kind) {
    *f = (struct fixture){0};
    f->store = fr_synthetic_open(kind);
}

static void write_report(struct fixture *f) {
    char *path = NULL;
    assert_ok(fr_report_write(f->store, &path, &f->err), f->err);
    assert_ok(fr_file_read(path, (size_t)1 << 26, &f->html, &f->err), f->err);
    free(path);
}

static void end(struct fixture *f) {
    fr_text_release(&f->html);
    fr_synthetic_close(f->store);
}

static bool has(const struct fixture *f, const char *what) {
    return strstr(fr_text_get(&f->html), what) != NULL;
}

static int count(const char *in, const char *what) {
    int n = 0;
    for (const char *s = in; (s = strstr(s, what)) != NULL; s += strlen(what))
        n++;
    return n;
}

/* The page without what is between <script...> and </script>, <style> and </style>; each script's
 * content goes to see, which may be NULL. */
static void split_page(const char *html, struct fr_text *page,
                       void (*see)(const char *tag, size_t n_tag, const char *script, size_t n)) {
    static const char *const elements[][2] = {{"<script", "</script>"}, {"<style", "</style>"}};
    while (*html != '\0') {
        const char *start = NULL;
        int e = 0;
        for (int i = 0; i < 2; i++) {
            const char *found = strstr(html, elements[i][0]);
            if (found != NULL && (start == NULL || found < start)) {
                start = found;
                e = i;
            }
        }
        if (start == NULL) {
            fr_text_add(page, html);
            return;
        }
        const char *content = strchr(start, '>') + 1, *stop = strstr(content, elements[e][1]);
        assert_non_null(stop);
        fr_text_append(page, html, (size_t)(content - html));
        if (e == 0 && see != NULL)
            see(start, (size_t)(content - start), content, (size_t)(stop - content));
        html = stop;
        fr_text_append(page, html, strlen(elements[e][1]));
        html += strlen(elements[e][1]);
    }
}

/* ---- what is there --------------------------------------------------------------------------- */

static void a_study_has_every_section_in_order(void **state) {
    (void)state;
    static const char *const order[] =
        {"<h1>synthetic</h1>",
         "made-up-2M",
         "id=\"claims\"",
         "id=\"headlines\"",
         "class=\"card\"",
         "id=\"accuracy\"",
         "fig-accuracy",
         "id=\"table-verdicts\"",
         "id=\"similarity\"",
         "fig-similarity",
         "fig-layers",
         "fig-controls",
         "fig-pairs",
         "fig-clean",
         "fig-success",
         "id=\"table-curve-controls\"",
         "id=\"table-success\"",
         "id=\"phases\"",
         "fig-phases",
         "id=\"table-phases\"",
         "id=\"concepts\"",
         "fig-pca",
         "fig-separation",
         "id=\"mechanism\"",
         "fig-mechanism",
         "fig-mechanism-rise",
         "fig-mechanism-heads",
         "fig-mechanism-sources",
         "id=\"table-mechanism-rises\"",
         "id=\"table-mechanism-heads\"",
         "id=\"steering\"",
         "id=\"experiment-positive\"",
         "h\xe2\x80\xb2 = s h + (1 \xe2\x88\x92 s) v, then set to the norm of h",
         "fig-effects-positive",
         "id=\"table-effects-positive\"",
         "fig-effects-namings-positive",
         "id=\"table-effects-namings-positive\"",
         "id=\"table-best-positive\"",
         "19 namings, flipped whole",
         "id=\"experiment-symbolic\"",
         "h\xe2\x80\xb2 = v<",
         "against symbolic_loo, shuffled",
         "id=\"experiment-shares\"",
         "id=\"paper\"",
         "in-naming vectors 3.9 points",
         "id=\"table-paper-effects\"",
         "positive: ", /* ours beside the first row */
         "id=\"controls\"",
         "id=\"methods\"",
         "In positive, in_naming and cross_loo and cross_all vectors",
         "id=\"made\"",
         "representations.window_tokens: 28",
         "id=\"table-stages\"",
         "id=\"table-counters\"",
         "fig-mentions",
         "Caveats",
         "tables/effect.csv"};
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    write_report(&f);
    struct fr_text page = {0};
    split_page(fr_text_get(&f.html), &page, NULL);
    const char *at = strstr(fr_text_get(&page), "<main>");
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const char *next = strstr(at, order[i]);
        if (next == NULL)
            fail_msg("%s is missing, or before %s", order[i], i > 0 ? order[i - 1] : "the start");
        at = next;
    }
    assert_int_equal(count(fr_text_get(&page), "class=\"missing\""), 1); /* the one in noscript */
    fr_text_release(&page);
    end(&f);
}

static void every_section_is_in_the_contents_and_every_figure_has_a_caption(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    write_report(&f);
    struct fr_text page = {0};
    split_page(fr_text_get(&f.html), &page, NULL);
    const char *html = fr_text_get(&page);
    assert_int_equal(count(html, "<section id="), 1 + count(html, "><a href=\"#"));
    assert_int_equal(count(html, "<section id="), count(html, "</section>"));
    assert_int_equal(count(html, "<figure "), 25);
    assert_int_equal(count(html, "<figcaption><b>Figure "), 25);
    /* and that of the methods */
    assert_int_equal(count(html, "<table ") + 1, count(html, "class=\"caption\""));
    fr_text_release(&page);
    end(&f);
}

static void every_figure_that_there_is_stands_on_the_page(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    write_report(&f);
    for (int i = 0; i < fr_n_figure_assets; i++) {
        char id[128], of_experiment[128], of_claim[128];
        if (strncmp(fr_figure_assets[i].name, "compare-", 8) == 0)
            continue; /* of another page: unit/analyses/compare */
        (void)snprintf(id, sizeof id, "<figure id=\"fig-%s\">", fr_figure_assets[i].name);
        (void)snprintf(of_experiment, sizeof of_experiment, "<figure id=\"fig-%s-positive\">",
                       fr_figure_assets[i].name);
        (void)snprintf(of_claim, sizeof of_claim, "<figure id=\"fig-%s-replace\">",
                       fr_figure_assets[i].name);
        if (!has(&f, id) && !has(&f, of_experiment) && !has(&f, of_claim))
            fail_msg("%s has no place on the page", fr_figure_assets[i].name);
    }
    end(&f);
}

static void numbers_are_the_ones_of_the_tables(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    assert_ok(
        fr_store_run(
            f.store, &f.err,
            "UPDATE effect SET n_namings = 14, n_pairs = 1400, mean = 0.0157, standard_error ="
            " 0.0084, t = 1.869, p = 0.0421, p_holm = 0.51, p_flip = 0.048,"
            " p_max = 0.22, low = -0.0003, high = 0.0321,"
            " p_permutation = 0.00049, gained = 61, lost = 39, p_mcnemar = 0.035, changed ="
            " 212, detectable = NULL WHERE experiment = 'positive' AND"
            " condition = 'cross_loo, layer 2'",
            ""),
        f.err);
    write_report(&f);
    assert_true(
        has(&f,
            "cross_loo</th></tr>\n<tr><th scope=\"row\">layer 2</th><td>+1.57</td><td>0.84</td>"
            "<td>\xe2\x88\x92"
            "0.03 to +3.21</td><td>1.87</td><td>0.042</td><td>0.51</td><td>0.048</td><td>0.22</td>"
            "<td>&lt;0.001</td>"
            "<td>61</td><td>39</td><td>0.035</td><td>212</td><td>7.1</td><td>\xe2\x80\x94</td>"
            "<td>14</td><td>1400</td>"
            "<td>0</td><td>\xe2\x80\x94</td></tr>"));
    assert_true(has(&f, "<p class=\"value\">88.3%</p><p class=\"interval\">77.8% to 94.2%</p>"));
    assert_true(has(&f, "<p class=\"value\">+4.10 <small>points</small></p>"));
    assert_true(has(&f, "<dt>Layers</dt><dd>4</dd>"));
    assert_false(has(&f, "<dt>Compiler</dt>")); /* of which nothing is recorded */
    end(&f);
}

/* Without variance a design does not say what it could find, and 0.0 would be all of it; so of what
 * else is not there. */
static void what_is_not_known_is_no_0(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    assert_ok(fr_store_run(f.store, &f.err, "UPDATE effect SET detectable = 0.0271", ""), f.err);
    write_report(&f);
    assert_true(has(&f, "must lie exactly at zero. Smallest effect that the design finds in 80% of "
                        "studies (one-tailed t-test over namings, 5%): 2.7 points.</figcaption>"));
    assert_ok(fr_store_run(f.store, &f.err, "UPDATE effect SET detectable = NULL", ""), f.err);
    assert_ok(fr_store_run(f.store, &f.err, "DELETE FROM headline", ""), f.err);
    assert_ok(fr_store_run(f.store, &f.err,
                           "UPDATE success_test SET n_namings = 2, low = NULL, high = NULL, p ="
                           " NULL, p_flip = NULL, detectable = NULL",
                           ""),
              f.err);
    assert_ok(fr_store_run(f.store, &f.err, "UPDATE phase_agreement SET low = NULL, high = NULL",
                           ""),
              f.err);
    write_report(&f);
    assert_true(has(&f, "more alike (no interval: 2 namings)."));
    assert_false(has(&f, "bootstrap interval over 0"));
    assert_false(has(&f, " 0.00 to 0.00)"));
    assert_true(has(&f, "must lie exactly at zero.</figcaption>"));
    assert_false(has(&f, "Smallest effect"));
    assert_true(has(&f, "All that the configuration asks for has finished."));
    end(&f);
}

/* A link goes to the first of two. */
static void no_two_things_have_one_id(void **state) {
    (void)state;
    struct fixture f;
    struct fr_text page = {0};
    begin(&f, FR_SYNTHETIC_FULL);
    write_report(&f);
    split_page(fr_text_get(&f.html), &page, NULL);
    int n = 0;
    for (const char *at = fr_text_get(&page); (at = strstr(at, " id=\"")) != NULL; n++) {
        char *id = fr_strndup(at, strcspn(at + strlen(" id=\""), "\"") + strlen(" id=\"") + 1);
        if (count(fr_text_get(&page), id) != 1)
            fail_msg("%s stands twice", id);
        at += strlen(id);
        free(id);
    }
    assert_true(n > 60);
    fr_text_release(&page);
    end(&f);
}

/* What stands for itself nowhere is told where it is used, and only then. */
static void the_page_says_what_vectors_are_and_what_effects_are_against(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    write_report(&f);
    assert_true(has(&f, "<dt>cross_loo</dt><dd>the mean of that over the other namings"));
    assert_true(has(&f, "<dt>identity</dt><dd>control: an edit that changes nothing</dd>"));
    assert_false(has(&f, "<dt>noise</dt>"));
    assert_false(has(&f, "<dt>clean</dt>"));
    assert_true(has(&f, "Accuracy with name-free vectors in place of the originals, layer"));
    assert_true(has(&f, "measured against, the unedited run, from the same prefix"));
    assert_true(has(&f, "measured against, the unedited run or symbolic_loo, shuffled, from"));
    assert_int_equal(count(fr_text_get(&f.html), "Right of the line an effect is over a control"),
                     1);
    assert_true(has(&f, " points against the unedited run (s.e. "));
    assert_true(has(&f, "would be missed in more than one study of five"));
    assert_true(has(&f, "<p class=\"key\"><b>n</b> puzzles; <b>Goal unmet</b> a legal plan"));
    assert_int_equal(count(fr_text_get(&f.html), "<p class=\"key\"><b>Effect</b> mean"), 1);
    end(&f);
}

/* A card is a number, its interval and a line; the sentence is folded. */
static void a_card_says_its_number_once(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    assert_ok(
        fr_store_run(f.store, &f.err,
                     "UPDATE headline SET text = 'with others -0.3 (-0.4 to 1-5)' WHERE name ="
                     " 'accuracy_clean'",
                     ""),
        f.err);
    write_report(&f);
    assert_true(has(&f, "held-out puzzles solved under the clean words</p><details><summary>in full"
                        "</summary><p>with others \xe2\x88\x92"
                        "0.3 (\xe2\x88\x92"
                        "0.4 to 1-5)</p></details></div>"));
    end(&f);
}

static void the_same_study_gives_the_same_bytes(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    write_report(&f);
    char first[FR_SHA256_TEXT], second[FR_SHA256_TEXT];
    fr_sha256(f.html.data, f.html.len, first);
    write_report(&f);
    fr_sha256(f.html.data, f.html.len, second);
    assert_string_equal(first, second);
    end(&f);
}

/* ---- one file, nothing loaded ---------------------------------------------------------------- */

static void see_no_breakout(const char *tag, size_t n_tag, const char *script, size_t n) {
    char *text = fr_strndup(script, n);
    assert_null(strstr(text, "<!--"));
    assert_null(strstr(text, "</script"));
    if (n_tag > strlen("<script>")) { /* data: parses, and names no address but the schema's */
        char *open = fr_strndup(tag, n_tag);
        assert_non_null(strstr(open, "type=\"application/json\""));
        json_error_t error;
        json_t *spec = json_loads(text, 0, &error);
        if (spec == NULL)
            fail_msg("%s %s", open, error.text);
        const bool is_figure = strstr(open, "id=\"spec-") != NULL;
        assert_int_equal(count(text, "http"), is_figure);
        if (is_figure)
            assert_string_equal(json_string_value(json_object_get(spec, "$schema")),
                                "https://vega.github.io/schema/vega-lite/v6.json");
        json_decref(spec);
        free(open);
    }
    free(text);
}

static void check_addresses(const char *html) {
    static const char *const attributes[] = {" href=\"",   " src=\"",  " action=\"",
                                             " srcset=\"", " data=\"", " poster=\""};
    for (size_t a = 0; a < sizeof attributes / sizeof *attributes; a++)
        for (const char *s = html; (s = strstr(s, attributes[a])) != NULL;) {
            s += strlen(attributes[a]);
            if (strncmp(s, "#", 1) != 0 && strncmp(s, "tables/", 7) != 0 &&
                strncmp(s, "figures/", 8) != 0)
                fail_msg("an address outside: %s%.60s", attributes[a], s);
        }
}

static void a_report_loads_nothing(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    write_report(&f);
    struct fr_text page = {0};
    split_page(fr_text_get(&f.html), &page, see_no_breakout);
    const char *html = fr_text_get(&page);
    check_addresses(html);
    assert_null(strstr(html, "http:"));
    assert_null(strstr(html, "https:"));
    assert_null(strstr(html, "<link"));
    assert_null(strstr(html, "<img"));
    assert_null(strstr(html, "<iframe"));
    assert_non_null(strstr(html, "default-src 'none'"));
    const char *style = strstr(fr_text_get(&f.html), "<style>"),
               *style_end = strstr(style, "</style>");
    for (const char *s = style; s < style_end; s++)
        assert_false(strncmp(s, "url(", 4) == 0 || strncmp(s, "@import", 7) == 0);
    fr_text_release(&page);
    end(&f);
}

static int n_entries(const char *dir, const char *sub, const char *suffix) {
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", dir, sub);
    DIR *d = opendir(path);
    int n = 0;
    if (d == NULL)
        return 0;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        const size_t n_name = strlen(e->d_name), n_suffix = strlen(suffix);
        n += e->d_name[0] != '.' && n_name > n_suffix &&
             strcmp(e->d_name + n_name - n_suffix, suffix) == 0;
    }
    (void)closedir(d);
    return n;
}

static void writes_the_page_and_the_specifications_and_nothing_else(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    const int before = n_entries(fr_store_dir(f.store), ".", "");
    write_report(&f);
    assert_int_equal(n_entries(fr_store_dir(f.store), ".", ""), before + 2);
    assert_int_equal(n_entries(fr_store_dir(f.store), "figures", ""), 25);
    assert_int_equal(n_entries(fr_store_dir(f.store), "figures", ".vl.json"), 25);
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/figures/similarity.vl.json", fr_store_dir(f.store));
    json_error_t error;
    json_t *spec = json_load_file(path, 0, &error);
    assert_non_null(spec);
    /* 4 layers x 3 variants x 2 kinds x 2 relations x 16 timestamps */
    assert_int_equal(json_array_size(
                         json_object_get(json_object_get(spec, "datasets"), "similarity")),
                     768);
    json_decref(spec);
    end(&f);
}

/* ---- hostile text ---------------------------------------------------------------------------- */

static int n_data_scripts;
static bool seen_name;

static void see_hostile(const char *tag, size_t n_tag, const char *script, size_t n) {
    see_no_breakout(tag, n_tag, script, n);
    if (n_tag == strlen("<script>"))
        return;
    n_data_scripts++;
    char *text = fr_strndup(script, n);
    json_t *spec = json_loads(text, 0, NULL), *row;
    const json_t *rows = json_object_get(json_object_get(spec, "datasets"), "accuracy");
    size_t i;
    json_array_foreach(rows, i, row) seen_name |=
        strcmp(json_string_value(json_object_get(row, "naming")), "1" FR_HOSTILE) == 0;
    json_decref(spec);
    free(text);
}

static void hostile_text_stays_text(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_HOSTILE);
    write_report(&f);
    struct fr_text page = {0};
    n_data_scripts = 0;
    seen_name = false;
    split_page(fr_text_get(&f.html), &page, see_hostile);
    assert_int_equal(n_data_scripts, 21 + 1); /* the figures, and the tables */
    assert_true(seen_name);                   /* and it is the name, unchanged */
    const char *html = fr_text_get(&page);
    assert_null(strstr(html, "alert(1)</script>"));
    assert_null(strstr(html, "<b x="));
    assert_null(strstr(html, "<!-- "));
    assert_non_null(
        strstr(html,
               "&lt;script&gt;alert(1)&lt;/script&gt;&lt;!-- &lt;b x=&#39;&quot;&amp;\xc3\xa9`\\"));
    fr_text_release(&page);
    end(&f);
}

/* ---- what is missing ------------------------------------------------------------------------- */

static void an_empty_study_says_what_is_missing(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_EMPTY);
    /* A figure of an earlier report must not stay beside the page. */
    char stale[1024];
    (void)snprintf(stale, sizeof stale, "%s/figures", fr_store_dir(f.store));
    assert_ok(fr_dir_make(stale, &f.err), f.err);
    (void)snprintf(stale, sizeof stale, "%s/figures/effects-gone.vl.json", fr_store_dir(f.store));
    assert_ok(fr_file_write(stale, "{}", 2, &f.err), f.err);
    write_report(&f);
    assert_false(fr_file_exists(stale));
    assert_int_equal(n_entries(fr_store_dir(f.store), "figures", ""), 0);
    static const char *const notes[] =
        {"No headline numbers",     "No accuracies",         "No similarity curves",
         "No principal components", "No separation figures", "No experiment has run yet",
         "was not read apart",      "No stage has run",      "No mentions"};
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
        if (!has(&f, notes[i]))
            fail_msg("\"%s\" is missing", notes[i]);
    assert_false(has(&f, "No rises of attention")); /* one box says how to get all of it */
    assert_false(has(&f, "Where heads look is not known"));
    assert_true(has(&f, "sites: [block, attention, mlp, heads, sources]"));
    assert_true(has(&f, "<b>Identity</b>: not run."));
    assert_false(has(&f, "<dt>Model</dt>"));
    assert_false(has(&f, "nan"));
    end(&f);
}

static void a_bare_study_has_no_choices_to_offer_and_says_that_it_did_not_steer(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_BARE);
    write_report(&f);
    assert_true(has(&f, "No experiment has run yet"));
    assert_false(has(&f, "fig-effects"));
    assert_true(has(&f, "This study is not finished: puzzles, rollouts"));
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/figures/pca.vl.json", fr_store_dir(f.store));
    json_t *spec = json_load_file(path, 0, NULL), *param;
    assert_non_null(spec);
    size_t i;
    bool seen = false;
    json_array_foreach(json_object_get(spec, "params"), i,
                       param) if (strcmp(json_string_value(json_object_get(param, "name")),
                                         "p_layer") == 0) {
        seen = true;
        assert_int_equal(json_integer_value(json_object_get(param, "value")), 1);
        assert_null(json_object_get(param, "bind"));
    }
    assert_true(seen);
    json_decref(spec);
    end(&f);
}

static void rows_without_values_are_no_figure(void **state) {
    (void)state;
    static const char *const nothing[] =
        {"UPDATE accuracy SET accuracy = NULL, low = NULL, high = NULL",
         "UPDATE similarity SET mean = NULL, low = NULL, high = NULL",
         "UPDATE control_curve SET mean = NULL, low = NULL, high = NULL",
         "UPDATE success_curve SET mean = NULL, low = NULL, high = NULL",
         "UPDATE pair_similarity SET mean = NULL, low = NULL, high = NULL",
         "UPDATE phase_mention SET mean = NULL, low = NULL, high = NULL",
         "UPDATE mechanism SET mean = NULL",
         "UPDATE mechanism_rise SET p = NULL",
         "UPDATE mechanism_heads SET rise = NULL",
         "UPDATE pca SET x = NULL, y = NULL, z = NULL",
         "UPDATE separation SET silhouette = NULL, silhouette_shuffled = NULL, variance_ratio = "
         "NULL,"
         " variance_ratio_shuffled = NULL",
         "UPDATE effect SET mean = NULL, standard_error = NULL, low = NULL, high = NULL",
         "UPDATE effect_naming SET effect = NULL",
         "UPDATE kept SET baseline = NULL, accuracy = NULL, low = NULL, high = NULL"};
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        assert_ok(fr_store_run(f.store, &f.err, nothing[i], ""), f.err);
    write_report(&f);
    assert_int_equal(n_entries(fr_store_dir(f.store), "figures", ""),
                     2); /* mentions and phases: counts */
    assert_true(has(&f, "No similarity curves"));
    assert_true(has(&f, "id=\"table-verdicts\"")); /* the counts are there all the same */
    end(&f);
}

static void figures_open_at_the_depth_of_the_paper(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    write_report(&f);
    /* 40 of 64 is 2.5 of 4: the deeper of the two nearest. */
    assert_true(
        has(&f,
            "{\"name\":\"p_layer\",\"value\":3,\"bind\":{\"input\":\"range\",\"name\":\"Layer \","
            "\"min\":1,\"max\":4,\"step\":1}}"));
    end(&f);
}

static void an_identity_control_that_is_not_zero_is_flagged(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    write_report(&f);
    assert_true(has(&f, "<li class=\"good\"><b>Identity</b>"));
    assert_true(has(&f,
                    "<b>positive: random</b> (Gaussian directions of the same norm): in_naming, "
                    "layer 2: "));
    assert_true(has(&f, "1446 of 1446 identity runs generated exactly the tokens"));
    assert_true(has(&f, "1446 of them with positions edited"));
    assert_false(has(&f, "<tr class=\"flag\">"));
    /* The effect alone, then the tokens alone. */
    static const char *const wrongs[] = {"mean = 1e-9, changed = 0", "mean = 0, changed = 1"};
    for (int i = 0; i < 2; i++) {
        struct fr_text sql = {0};
        fr_text_printf(&sql, "UPDATE effect SET %s WHERE condition = 'identity, layer 2'",
                       wrongs[i]);
        assert_ok(fr_store_run(f.store, &f.err, fr_text_get(&sql), ""), f.err);
        write_report(&f);
        assert_true(has(&f, "<li class=\"bad\"><b>Identity is not zero.</b>"));
        assert_int_equal(count(fr_text_get(&f.html), "<tr class=\"flag\">"), 1);
        fr_text_release(&sql);
    }
    end(&f);
}

static void edits_that_did_not_happen_are_no_result(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    write_report(&f);
    assert_false(has(&f, "Nothing was edited in"));
    assert_ok(fr_store_run(f.store, &f.err,
                           "UPDATE effect_naming SET unedited = n WHERE naming = '2' AND condition"
                           " = 'identity, layer 2'",
                           ""),
              f.err);
    write_report(&f);
    assert_true(has(&f, "Nothing was edited in: identity (control), layer 2 (naming 2)."));
    assert_ok(fr_store_run(f.store, &f.err, "UPDATE effect_naming SET unedited = n", ""), f.err);
    assert_ok(fr_store_run(f.store, &f.err, "UPDATE effect SET unedited = n_pairs", ""), f.err);
    write_report(&f); /* as a whole they say why, and have no tables of zeros */
    assert_true(has(&f, "This experiment says nothing: nothing was edited in any run: no vector"));
    assert_false(has(&f, "id=\"table-effects-positive\""));
    assert_true(has(&f, "<li class=\"none\"><b>Identity</b>: effect zero, but no position"));
    end(&f);
}

static void a_replayed_study_says_whose_traces_it_read(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_REPLAY);
    assert_ok(fr_store_run(f.store, &f.err,
                           "UPDATE accuracy SET paper_naming = '1' WHERE naming = '1'", ""),
              f.err);
    write_report(&f);
    assert_true(has(&f, "<section id=\"replay\">"));
    assert_true(has(&f, "The traces are <em>matched</em>"));
    assert_true(has(&f, "<tr><th scope=\"row\">1</th><td>4</td><td>1</td><td>4</td><td>900</td>"
                        "<td>4</td><td>1600</td><td>100</td><td>8</td><td>4</td></tr>"));
    assert_false(has(&f, "<section id=\"accuracy\">"));
    assert_false(has(&f, "<section id=\"steering\">"));
    assert_true(has(&f, "of them cut at max_tokens</th><td>4</td>"));
    assert_true(has(&f, "similarity stops rising at about 7,000 tokens"));
    assert_false(has(&f, "96% of clean puzzles are solved"));
    end(&f);
}

static void a_page_that_cannot_be_written_is_an_error(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_BARE);
    char path[1024], *out = path;
    (void)snprintf(path, sizeof path, "%s/report.html/in-the-way", fr_store_dir(f.store));
    assert_ok(fr_dir_make(path, &f.err), f.err);
    assert_int_equal(fr_report_write(f.store, &out, &f.err), FR_E_IO);
    assert_null(out);
    assert_non_null(strstr(f.err.text, "report.html"));
    end(&f);
}

static int make_study(const char *dir, int kind) {
    struct fr_error err = {0};
    struct fr_store *store = NULL;
    if ((kind >= 0 && fr_synthetic_study(dir, (enum fr_synthetic)kind, &err) != 0) ||
        fr_store_open(&store, dir, &err) != 0 || fr_store_export_csv(store, &err) != 0 ||
        fr_report_write(store, NULL, &err) != 0) {
        (void)fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    fr_store_close(store);
    return 0;
}

int main(int argc, char **argv) {
    if (argc >= 3 && strcmp(argv[1], "--study") == 0)
        return make_study(argv[2], argc > 3 ? atoi(argv[3]) : 0);
    if (argc == 3 && strcmp(argv[1], "--report") == 0)
        return make_study(argv[2], -1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_study_has_every_section_in_order),
        cmocka_unit_test(every_section_is_in_the_contents_and_every_figure_has_a_caption),
        cmocka_unit_test(every_figure_that_there_is_stands_on_the_page),
        cmocka_unit_test(numbers_are_the_ones_of_the_tables),
        cmocka_unit_test(what_is_not_known_is_no_0),
        cmocka_unit_test(no_two_things_have_one_id),
        cmocka_unit_test(the_page_says_what_vectors_are_and_what_effects_are_against),
        cmocka_unit_test(a_card_says_its_number_once),
        cmocka_unit_test(the_same_study_gives_the_same_bytes),
        cmocka_unit_test(a_report_loads_nothing),
        cmocka_unit_test(writes_the_page_and_the_specifications_and_nothing_else),
        cmocka_unit_test(hostile_text_stays_text),
        cmocka_unit_test(an_empty_study_says_what_is_missing),
        cmocka_unit_test(a_bare_study_has_no_choices_to_offer_and_says_that_it_did_not_steer),
        cmocka_unit_test(rows_without_values_are_no_figure),
        cmocka_unit_test(figures_open_at_the_depth_of_the_paper),
        cmocka_unit_test(an_identity_control_that_is_not_zero_is_flagged),
        cmocka_unit_test(edits_that_did_not_happen_are_no_result),
        cmocka_unit_test(a_replayed_study_says_whose_traces_it_read),
        cmocka_unit_test(a_page_that_cannot_be_written_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
