/* What a study that replays recorded traces says of them, in place of what a model solves: where
 * they come from, what was done to them. The model wrote none of it, so that there is no accuracy
 * to show, only verdicts on the recording. Source: method.md A5 and "matched traces". */
#include <math.h>
#include <string.h>

#include "report/sections.h"

bool fr_page_replays(struct fr_page *page) {
    return strcmp(fr_page_setting(page, "traces.import"), FR_DASH) != 0;
}

bool fr_page_steers(struct fr_page *page) {
    return strcmp(fr_page_setting(page, "steering.layers"), "[]") != 0 ||
           fr_page_value(page, "SELECT count(*) FROM steering") > 0;
}

static const struct fr_column columns[] = {
    {"Naming", FR_CELL_TEXT, NULL},
    {"Traces", FR_CELL_COUNT, NULL},
    {"Solved", FR_CELL_COUNT, "recorded answers whose plan solves the puzzle, by simulation"},
    {"Said to be", FR_CELL_COUNT, "answers that the file itself calls correct"},
    {"Whole, mean", FR_CELL_COUNT, "tokens of a whole trace in this model's tokens"},
    {"Cut", FR_CELL_COUNT, "traces cut at generation.max_tokens"},
    {"Tokens", FR_CELL_COUNT, "prompt, reasoning and answer, replayed traces together"},
    {"Words", FR_CELL_COUNT, "words exchanged to get from the recording's naming to this one"},
    {"Stood there", FR_CELL_COUNT,
     "words of this naming that the text used as themselves; exchanged too, for the recording's"},
    {"Not back", FR_CELL_COUNT, "words that the renaming back would not restore"},
};

static const char sql[] =
    "SELECT t.naming, count(*), sum(t.verdict = 'solved'), sum(i.correct), avg(x.whole_tokens),"
    " sum(x.whole_tokens > t.n_tokens), sum(t.n_tokens), sum(x.renamed), sum(x.collisions),"
    " sum(x.lost) FROM trace t JOIN imported_trace x ON x.trace = t.id"
    " JOIN imported i ON i.puzzle = t.puzzle LEFT JOIN naming n ON n.id = t.naming"
    " GROUP BY t.naming ORDER BY coalesce(n.position, 1000000), t.naming";

void fr_section_replay(struct fr_page *page) {
    fr_page_section(page, "replay", "The replayed traces");
    const double left_out =
        fr_page_value(page, "SELECT CAST(value AS REAL) FROM meta WHERE key = 'traces_left_out'");
    fr_page_printf(
        page,
        "<p>This model wrote none of what it reads here: %s traces come from <code>%s</code> "
        "(SHA-256 <code>%s</code>; %s lines read, %s left out), recorded from another model or "
        "another run, and are replayed, teacher-forced. Measured is what this model represents "
        "while it reads; whether it could have reasoned so itself is not. A verdict is on the "
        "recorded answer.</p>\n",
        fr_page_count(page, fr_page_value(page, "SELECT count(*) FROM imported")),
        fr_page_meta(page, "traces_file"), fr_page_setting(page, "traces.import.sha256"),
        fr_page_meta(page, "traces_lines"), fr_page_count(page, left_out));
    if (strcmp(fr_page_setting(page, "traces.match"), "true") == 0)
        fr_page_add(page,
                    "<p>The traces are <em>matched</em>: each was moved into every naming by "
                    "exchanging the concepts' words, in all their forms, in prompt, reasoning and "
                    "answer. Namings differ in these words and in nothing else, so that what is "
                    "alike across namings may also come from the sentences around the words, "
                    "which are the same.</p>\n");
    if (fr_page_table(page, "replayed", "What was replayed, per naming.", columns,
                      (int)(sizeof columns / sizeof *columns), sql) == 0)
        fr_page_missing(page, "No trace has been imported yet.");
}
