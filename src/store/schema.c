/* The schema of study.db. First what a study is made of, then its results. Result tables hold only
 * what follows from the inputs: no times, no paths. A change of its text makes older studies
 * unreadable (store.c compares its hash); once a version is released, also raise
 * FR_SCHEMA_VERSION. */
#include "store/schema.h"

#include "store/store.h"

static const char inputs[] =
    /* ---- inputs and provenance ---- */
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE stage (name TEXT PRIMARY KEY, done INTEGER NOT NULL, seconds REAL NOT NULL)"
    " STRICT;"
    /* excluded: from representation analyses and steering */
    "CREATE TABLE naming (id TEXT PRIMARY KEY, position INTEGER NOT NULL UNIQUE,"
    " role TEXT NOT NULL CHECK (role IN ('clean', 'mystery')), excluded INTEGER NOT NULL) STRICT;"
    "CREATE TABLE naming_word (naming TEXT NOT NULL REFERENCES naming, concept TEXT NOT NULL,"
    " position INTEGER NOT NULL, kind TEXT NOT NULL, word TEXT NOT NULL,"
    " PRIMARY KEY (naming, concept)) STRICT, WITHOUT ROWID;"
    /* optimal_plan: where prompts show examples, else empty. source: file of a directory */
    "CREATE TABLE puzzle (id INTEGER PRIMARY KEY,"
    " split TEXT NOT NULL CHECK (split IN ('collect', 'evaluate')), n_objects INTEGER NOT NULL,"
    " optimal_length INTEGER NOT NULL, optimal_plan TEXT NOT NULL, source TEXT NOT NULL,"
    " pddl TEXT NOT NULL) STRICT;"
    /* ---- what the model did ---- */
    /* ids, starts, ends: int32, little-endian. text: any bytes, so not TEXT; to read it,
     * CAST(text AS TEXT) */
    "CREATE TABLE trace (id INTEGER PRIMARY KEY, puzzle INTEGER NOT NULL REFERENCES puzzle,"
    " naming TEXT NOT NULL REFERENCES naming, n_tokens INTEGER NOT NULL, n_prompt INTEGER NOT NULL,"
    " n_reasoning INTEGER NOT NULL, ids BLOB NOT NULL, starts BLOB NOT NULL, ends BLOB NOT NULL,"
    " text BLOB NOT NULL, verdict TEXT NOT NULL, step INTEGER NOT NULL, reason TEXT NOT NULL,"
    " UNIQUE (puzzle, naming)) STRICT;"
    /* Where the traces come from a file: a puzzle's line, its naming there and what the file says
     * of it (correct may be NULL); of each trace its length before it was cut, and of its renaming
     * the words, those that stood there already, and those that would not come back. */
    "CREATE TABLE imported (puzzle INTEGER PRIMARY KEY REFERENCES puzzle, line INTEGER NOT NULL,"
    " naming TEXT NOT NULL, instance TEXT NOT NULL, correct INTEGER) STRICT;"
    "CREATE TABLE imported_trace (trace INTEGER PRIMARY KEY REFERENCES trace,"
    " whole_tokens INTEGER NOT NULL, renamed INTEGER NOT NULL, collisions INTEGER NOT NULL,"
    " lost INTEGER NOT NULL) STRICT;"
    /* layer 0: the baseline, unedited */
    "CREATE TABLE steered (trace INTEGER NOT NULL REFERENCES trace, condition TEXT NOT NULL,"
    " layer INTEGER NOT NULL, n_edits INTEGER NOT NULL, n_generated INTEGER NOT NULL,"
    " ids BLOB NOT NULL, verdict TEXT NOT NULL, step INTEGER NOT NULL, reason TEXT NOT NULL,"
    " PRIMARY KEY (trace, condition, layer)) STRICT, WITHOUT ROWID;";

static const char results[] =
    /* split: 'all' too. low, high: Wilson 95%. preserved: accuracy / clean accuracy.
     * paper_accuracy: QwQ-32B's, or NULL */
    "CREATE TABLE accuracy (naming TEXT NOT NULL, split TEXT NOT NULL,"
    " n INTEGER NOT NULL, solved INTEGER NOT NULL, accuracy REAL, low REAL, high REAL,"
    " preserved REAL, mean_reasoning_tokens REAL, goal_unmet INTEGER NOT NULL,"
    " illegal_step INTEGER NOT NULL, unparsed INTEGER NOT NULL, truncated INTEGER NOT NULL,"
    " paper_accuracy REAL, PRIMARY KEY (naming, split)) STRICT, WITHOUT ROWID;"
    /* traces: 'all' or 'solved' */
    "CREATE TABLE mention_count (naming TEXT NOT NULL, traces TEXT NOT NULL,"
    " concept TEXT NOT NULL, timestamp INTEGER NOT NULL, mentions INTEGER NOT NULL,"
    " PRIMARY KEY (naming, traces, concept, timestamp)) STRICT, WITHOUT ROWID;"
    /* variant: 'all', 'loo', 'loo_shuffled'. relation: 'same' or 'different' */
    "CREATE TABLE similarity (layer INTEGER NOT NULL, variant TEXT NOT NULL,"
    " kind TEXT NOT NULL, relation TEXT NOT NULL,"
    " timestamp INTEGER NOT NULL, reference_timestamp INTEGER NOT NULL,"
    " mean REAL, low REAL, high REAL, n_namings INTEGER NOT NULL,"
    " PRIMARY KEY (layer, variant, kind, relation, timestamp)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE separation (layer INTEGER NOT NULL, kind TEXT NOT NULL,"
    " timestamp INTEGER NOT NULL, n_points INTEGER NOT NULL, silhouette REAL,"
    " silhouette_shuffled REAL, variance_ratio REAL, variance_ratio_shuffled REAL,"
    " explained_1 REAL, explained_2 REAL, explained_3 REAL,"
    " PRIMARY KEY (layer, kind, timestamp)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE pca (layer INTEGER NOT NULL, kind TEXT NOT NULL, timestamp INTEGER NOT NULL,"
    " naming TEXT NOT NULL, concept TEXT NOT NULL, x REAL, y REAL, z REAL,"
    " PRIMARY KEY (layer, kind, timestamp, naming, concept)) STRICT, WITHOUT ROWID;"
    /* left_out: traces that ended before the window's end */
    "CREATE TABLE steering_naming (condition TEXT NOT NULL, layer INTEGER NOT NULL,"
    " naming TEXT NOT NULL, n INTEGER NOT NULL, left_out INTEGER NOT NULL,"
    " baseline_solved INTEGER NOT NULL, steered_solved INTEGER NOT NULL, gained INTEGER NOT NULL,"
    " lost INTEGER NOT NULL, effect REAL, paper_effect REAL,"
    " PRIMARY KEY (condition, layer, naming)) STRICT, WITHOUT ROWID;"
    /* t, p: one-tailed t-test over namings, as the paper. low, high: hierarchical bootstrap 95%.
     * p_mcnemar: two-sided */
    "CREATE TABLE steering (condition TEXT NOT NULL, layer INTEGER NOT NULL,"
    " n_namings INTEGER NOT NULL, n_pairs INTEGER NOT NULL, mean REAL, standard_error REAL, t REAL,"
    " p REAL, p_holm REAL, low REAL, high REAL, p_permutation REAL, gained INTEGER NOT NULL,"
    " lost INTEGER NOT NULL, p_mcnemar REAL, detectable REAL, excluded TEXT NOT NULL,"
    " PRIMARY KEY (condition, layer)) STRICT, WITHOUT ROWID;"
    /* text: the sentence a reader sees, with n and test */
    "CREATE TABLE headline (position INTEGER PRIMARY KEY, name TEXT NOT NULL, value REAL,"
    " low REAL, high REAL, text TEXT NOT NULL) STRICT;";

/* In parts: C promises texts of 4,095 bytes. */
const char *const fr_schema_sql[FR_N_SCHEMA_SQL] = {inputs, results};

const char *const fr_result_tables[] = {"headline",   "accuracy", "mention_count",   "similarity",
                                        "separation", "pca",      "steering_naming", "steering"};
const int fr_n_result_tables = sizeof fr_result_tables / sizeof *fr_result_tables;
