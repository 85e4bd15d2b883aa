/* What a study that replays recorded traces says of them, in place of what a model solves: where
 * they come from, what was done to them. The model wrote none of it, so that there is no accuracy
 * to show, only verdicts on the recording. Source: method.md A5 and "matched traces". */
#include <string.h>

#include "report/sections.h"
#include "report/table.h"

bool fr_page_replays(struct fr_page *page) {
    return strcmp(fr_page_setting(page, "traces.import.sha256"), FR_DASH) != 0;
}

void fr_section_replay(struct fr_page *page) {
    fr_page_section(page, "replay", "The replayed traces");
    const double left_out =
        fr_page_value(page, "SELECT CAST(value AS REAL) FROM meta WHERE key = 'traces_left_out'");
    const double passed_over =
        fr_page_value(page,
                      "SELECT CAST(value AS REAL) FROM meta WHERE key = 'traces_passed_over'");
    fr_page_printf(
        page,
        "<p>This model wrote none of what it reads here: %s traces come from <code>%s</code> "
        "(SHA-256 <code>%s</code>; %s lines read, %s left out%s), recorded from another model or "
        "another run, and are replayed, teacher-forced. Measured is what this model represents "
        "while it reads; whether it could have reasoned so itself is not. A verdict is on the "
        "recorded answer.</p>\n",
        fr_page_count(page, fr_page_value(page, "SELECT count(*) FROM imported")),
        fr_page_meta(page, "traces_file"), fr_page_setting(page, "traces.import.sha256"),
        fr_page_meta(page, "traces_lines"), fr_page_count(page, left_out),
        passed_over > 0 ? fr_page_format(page,
                                         ", %s passed over for evaluation, of puzzles that "
                                         "were collected from",
                                         fr_page_count(page, passed_over))
                        : "");
    if (strcmp(fr_page_setting(page, "traces.match"), "true") == 0)
        fr_page_add(page,
                    "<p>The traces are <em>matched</em>: each was moved into every naming by "
                    "exchanging the concepts' words, in all their forms, in prompt, reasoning and "
                    "answer. Namings differ in these words and in nothing else, so that what is "
                    "alike across namings may also come from the sentences around the words, "
                    "which are the same.</p>\n");
    fr_table_add(page, "replayed");
    fr_section_statements(page);
}
