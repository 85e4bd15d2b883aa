/* The tables of a comparison's page (analyses/compare.h), in its order. */
#include "report/assets.h"
#include "report/table.h"

static const struct fr_column compared_columns[] = {
    {"Study", FR_CELL_TEXT, NULL},
    {"Model", FR_CELL_TEXT, NULL},
    {"Kind", FR_CELL_TEXT, "does the model reason before it answers?"},
    {"Traces", FR_CELL_TEXT, "its own, or recorded ones"},
    {"n", FR_CELL_COUNT, "traces"},
    {"As the first's", FR_CELL_COUNT, "traces with the same tokens as one of the first study"},
    {"Layer", FR_CELL_COUNT, "of the curves: nearest to 40 of 64"},
    {"of", FR_CELL_COUNT, "layers"},
};
static const char compared_sql[] =
    "SELECT label, model, kind, traces, n_traces, iif(position = 1, NULL, same_traces) AS same,"
    " curve_layer, layers FROM compared_study ORDER BY position";

static const struct fr_column compared_rise_columns[] = {
    {"Concepts", FR_CELL_GROUP, NULL},
    {"Study", FR_CELL_TEXT, NULL},
    {"From T", FR_CELL_COUNT, "the first timestamp that both curves have"},
    {"To T", FR_CELL_COUNT, "the last whose window does not overlap the first's reference window"},
    {"Namings", FR_CELL_COUNT, "of both studies"},
    {"First's rise", FR_CELL_NUMBER, "over these namings"},
    {"95%", FR_CELL_RANGE_UNIT, "of the first's rise, over namings"},
    {"Its rise", FR_CELL_NUMBER, "the other study's"},
    {"95%", FR_CELL_RANGE_UNIT, "of its rise, over namings"},
    {"Share, %", FR_CELL_PERCENT, "its rise / the first's; a dash: the first does not rise"},
    {"95%", FR_CELL_RANGE_PERCENT, "of the share, over namings"},
};
static const char compared_rise_sql[] =
    "SELECT r.kind || 's' AS concepts, r.label, r.first_timestamp, r.last_timestamp, r.n_namings,"
    " r.plain, 'cosine' AS unit, r.plain_low, r.plain_high, r.rise, 'cosine' AS unit_of_rise,"
    " r.rise_low, r.rise_high, r.explained, r.low, r.high FROM compared_rise r"
    " JOIN compared_study s USING (label) ORDER BY r.kind, s.position";

static const struct fr_column compared_setting_columns[] = {
    {"Key", FR_CELL_TEXT, NULL},
    {"Study", FR_CELL_TEXT, NULL},
    {"Value", FR_CELL_TEXT, NULL},
    {"Matters", FR_CELL_TEXT, "does it say what a number is of?"},
};
static const char compared_setting_sql[] =
    "SELECT key, label, value, iif(matters, 'yes', 'no') AS matters FROM compared_setting"
    " JOIN compared_study USING (label) ORDER BY matters DESC, key, position";

static const struct fr_column compared_fact_columns[] = {
    {"Study", FR_CELL_GROUP, NULL},
    {"What", FR_CELL_TEXT, NULL},
    {"", FR_CELL_TEXT, NULL},
};
static const char compared_fact_sql[] =
    "SELECT label AS study, what, value FROM compared_fact JOIN compared_study s USING (label)"
    " ORDER BY s.position, compared_fact.position";

const struct fr_table fr_comparison_tables[] = {
    {.name = "compared",
     .caption = "What is compared. Studies of the same traces differ in the model alone.",
     .missing = "Nothing is compared.",
     .csv = "compared_study",
     SHOWS(compared)},
    {.name = "compared-rises",
     .caption = "How much the curves rise, beside the first study's over the same namings: same "
                "concept, leave-one-out mean; 95% intervals leave one naming after the other out. "
                "Of the same traces with scrambled weights the share is "
                "what text and architecture give by themselves.",
     .missing = "No rises: no two studies share namings at two timestamps.",
     .csv = "compared_rise",
     SHOWS(compared_rise)},
    {.name = "compared-models",
     .caption = "The form of the paper's table 1, its rows below (300 puzzles, naming 1). * Clean "
                "answers of Nemotron lost to their format, as the paper notes: see unparsed.",
     .missing = "No study generated its traces: verdicts on recorded ones are the recorder's.",
     .csv = "compared_accuracy",
     COLUMNS(fr_models_columns),
     .sql = (const char *)fr_asset_compared_models_sql},
    {.name = "compared-settings",
     .caption = "Keys of the configurations that are not the same in all studies.",
     .missing = "No setting differs.",
     .csv = "compared_setting",
     SHOWS(compared_setting)},
    {.name = "compared-facts",
     .caption = "What each study was made with; its own page says more.",
     .missing = "Nothing is recorded.",
     .csv = "compared_fact",
     SHOWS(compared_fact)},
};
const int fr_n_comparison_tables = sizeof fr_comparison_tables / sizeof *fr_comparison_tables;
