/* "How this was made": everything needed to repeat the study or to doubt it. Source:
 * architecture.md "every result row can be traced to configuration, program revision, model hash
 * and seed". */
#include <math.h>
#include <string.h>

#include "report/figure.h"
#include "report/sections.h"
#include "report/terms.h"

#define N_COLUMNS(columns) ((int)(sizeof(columns) / sizeof *(columns)))

static const struct {
    const char *title, *key;
} facts[] = {
    {"Study", "study"},
    {"Model", "model_name"},
    {"Architecture", "model_architecture"},
    {"Parameters", "model_parameters"},
    {"Layers", "model_layers"},
    {"Width", "model_width"},
    {"Quantization", "model_quantization"},
    {"Model SHA-256", "model_sha256"},
    {"Engine", "engine"},
    {"Program version", "program_version"},
    {"Program revision", "program_revision"},
    {"Seed", "seed"},
    {"Machine", "machine"},
    {"Compiler", "compiler"},
};

static void add_facts(struct fr_page *page) {
    fr_page_add(page, "<dl class=\"made\">\n");
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        const char *value = fr_page_meta(page, facts[i].key);
        char *end = NULL;
        const double n = strtod(value, &end);
        if (strcmp(facts[i].key, "model_parameters") == 0 && *value != '\0' && *end == '\0')
            value = fr_page_count(page, n);
        fr_page_printf(page, "<dt>%s</dt><dd>%s</dd>\n", facts[i].title, value);
    }
    fr_page_add(page, "</dl>\n");
}

static void add_configuration(struct fr_page *page) {
    const char *text = fr_page_meta(page, "configuration");
    fr_page_add(page, "<h3>Configuration</h3>\n");
    if (strcmp(text, FR_DASH) == 0)
        fr_page_missing(page, "No configuration is recorded.");
    else
        fr_page_printf(page, "<pre class=\"configuration\">%s</pre>\n", text);
}

static const struct fr_column stage_columns[] = {
    {"Stage", FR_CELL_TEXT, NULL},
    {"State", FR_CELL_TEXT, NULL},
    {"Seconds", FR_CELL_NUMBER, "wall clock, over all runs of the stage"},
};

static const struct fr_column counter_columns[] = {
    {"What", FR_CELL_TEXT, NULL},
    {"Count", FR_CELL_COUNT, NULL},
};

static const char counter_sql[] =
    "SELECT 'puzzles for collecting', count(*) FROM puzzle WHERE split = 'collect'"
    " UNION ALL SELECT 'puzzles for evaluation', count(*) FROM puzzle WHERE split = 'evaluate'"
    " UNION ALL SELECT 'namings', count(*) FROM naming"
    " UNION ALL SELECT iif(EXISTS (SELECT 1 FROM imported), 'replayed traces', 'rollouts'),"
    " count(*) FROM trace"
    " UNION ALL SELECT 'of them solved', count(*) FROM trace WHERE verdict = 'solved'"
    " UNION ALL SELECT 'of them truncated', count(*) FROM trace WHERE verdict = 'truncated'"
    " UNION ALL SELECT 'prompt tokens', coalesce(sum(n_prompt), 0) FROM trace"
    " UNION ALL SELECT iif(EXISTS (SELECT 1 FROM imported), 'tokens read after them',"
    " 'generated tokens'), coalesce(sum(n_tokens - n_prompt), 0) FROM trace"
    " UNION ALL SELECT 'steered and baseline runs', count(*) FROM steered"
    " UNION ALL SELECT 'positions edited', coalesce(sum(n_edits), 0) FROM steered"
    " UNION ALL SELECT 'tokens generated after edits', coalesce(sum(n_generated), 0) FROM steered";

static const struct fr_column word_columns[] = {
    {"Naming", FR_CELL_TEXT, NULL},
    {"Role", FR_CELL_TEXT, NULL},
    {"Words, in the order of the concepts", FR_CELL_TEXT, NULL},
};

static const char word_sql[] =
    "SELECT id, role || iif(excluded, ', left out of representations and steering', ''),"
    " (SELECT group_concat(pair, ', ') FROM (SELECT concept || ': ' || word AS pair FROM "
    "naming_word"
    " WHERE naming = id ORDER BY position)) FROM naming ORDER BY role <> 'clean', position";

static void add_caveats(struct fr_page *page) {
    fr_page_add(
        page,
        "<h3>Caveats</h3>\n<ul>\n"
        "<li>Intervals over namings take the namings as a sample of possible namings; Wilson "
        "intervals take puzzles as independent draws of the generator.</li>\n"
        "<li>The cross-naming variant <em>all</em> contains the naming it is compared with, which "
        "raises similarity by about 1/n; conclusions should rest on leave-one-out.</li>\n"
        "<li>Concepts missing at a timestamp are left out there, so n may differ along a "
        "curve; the tables give n for every row.</li>\n");
    if (fr_page_steers(page))
        fr_page_add(
            page,
            "<li>Steering uses only rollouts that reach past the edited window; shorter ones are "
            "left out of every condition alike, which selects longer reasoning.</li>\n");
    if (!fr_page_replays(page))
        fr_page_add(page, "<li>The paper's figures are of QwQ-32B and are printed for orientation; "
                          "a difference to them mixes model, prompt and sample.</li>\n");
    const double smallest =
        fr_page_value(page, "SELECT min(detectable) FROM steering WHERE NOT " FR_SQL_IS_CONTROL);
    if (!isnan(smallest))
        fr_page_printf(page,
                       "<li>Power: effects below about %s percentage points could not have been "
                       "detected in any condition; no effect seen is not no effect.</li>\n",
                       fr_page_number(page, "%.2f", 100 * smallest));
    const double left_out =
        fr_page_value(page, "SELECT sum(left_out) FROM (SELECT max(left_out) AS left_out FROM "
                            "steering_naming GROUP BY naming)");
    if (left_out > 0)
        fr_page_printf(page,
                       "<li>%s held-out rollouts ended before the window's end and were left out "
                       "of steering.</li>\n",
                       fr_page_count(page, left_out));
    const char *excluded = fr_page_string(page, "SELECT group_concat(id, ', ') FROM (SELECT id "
                                                "FROM naming WHERE excluded ORDER BY position)");
    if (strcmp(excluded, FR_DASH) != 0)
        fr_page_printf(page,
                       "<li>Namings left out of representation analyses and steering: %s.</li>\n",
                       fr_page_escape(page, excluded));
    fr_page_add(page, "</ul>\n");
}

static void add_tables(struct fr_page *page) {
    fr_page_add(page,
                "<h3>Tables</h3>\n<p>Every number above is a row of these files, which hold 17 "
                "significant digits and no times, so that the same study gives the same "
                "bytes:</p>\n<p class=\"links\">");
    for (int i = 0; i < fr_n_result_tables; i++)
        fr_page_printf(page, "<a href=\"tables/%s.csv\">%s.csv</a> ", fr_result_tables[i],
                       fr_result_tables[i]);
    fr_page_add(page, "</p>\n");
}

void fr_section_made(struct fr_page *page) {
    fr_page_section(page, "made", "How this was made");
    add_facts(page);
    add_configuration(page);
    fr_page_add(page, "<h3>Stages and counters</h3>\n<div class=\"beside\">\n");
    if (fr_page_table(page, "stages", "Stages and the time they took.", stage_columns,
                      N_COLUMNS(stage_columns),
                      "SELECT name, iif(done, 'done', 'not finished'), seconds FROM stage"
                      " WHERE name <> 'report' ORDER BY rowid") == 0)
        fr_page_missing(page, "No stage has run.");
    fr_page_table(page, "counters", "What was run.", counter_columns, N_COLUMNS(counter_columns),
                  counter_sql);
    fr_page_add(page, "</div>\n");
    (void)fr_figure_add(page, "mentions");
    fr_page_add(page, "<details><summary>The namings and their words</summary>\n");
    if (fr_page_table(page, "words", "Concept: word, per naming.", word_columns,
                      N_COLUMNS(word_columns), word_sql) == 0)
        fr_page_missing(page, "No namings are stored.");
    fr_page_add(page, "</details>\n");
    add_caveats(page);
    add_tables(page);
}
