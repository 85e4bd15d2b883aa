/* The schema of study.db. First what a study is made of, then its results. Result tables hold only
 * what follows from the inputs: no times, no paths. */
#include "store/schema.h"

#include "store/store.h"

const char fr_schema_sql[] =
    /* ---- inputs and provenance ---- */
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE stage (name TEXT PRIMARY KEY, done INTEGER NOT NULL, seconds REAL NOT NULL) STRICT;"
    "CREATE TABLE naming (id TEXT PRIMARY KEY, position INTEGER NOT NULL UNIQUE,"
    " role TEXT NOT NULL CHECK (role IN ('clean', 'mystery')),"
    " excluded INTEGER NOT NULL) STRICT;" /* from representation analyses and steering */
    "CREATE TABLE naming_word (naming TEXT NOT NULL REFERENCES naming, concept TEXT NOT NULL,"
    " position INTEGER NOT NULL, kind TEXT NOT NULL, word TEXT NOT NULL,"
    " PRIMARY KEY (naming, concept)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE puzzle (id INTEGER PRIMARY KEY, split TEXT NOT NULL CHECK (split IN ('collect', 'evaluate')),"
    " n_blocks INTEGER NOT NULL, optimal_length INTEGER NOT NULL, pddl TEXT NOT NULL) STRICT;"
    /* ---- what the model did ---- */
    "CREATE TABLE trace (id INTEGER PRIMARY KEY, puzzle INTEGER NOT NULL REFERENCES puzzle,"
    " naming TEXT NOT NULL REFERENCES naming, n_tokens INTEGER NOT NULL, n_prompt INTEGER NOT NULL,"
    " n_reasoning INTEGER NOT NULL, ids BLOB NOT NULL, starts BLOB NOT NULL, ends BLOB NOT NULL,"
    " text BLOB NOT NULL," /* model output: any bytes, so not TEXT; CAST(text AS TEXT) to read it */
    " verdict TEXT NOT NULL, step INTEGER NOT NULL, reason TEXT NOT NULL,"
    " UNIQUE (puzzle, naming)) STRICT;"
    "CREATE TABLE steered (trace INTEGER NOT NULL REFERENCES trace, condition TEXT NOT NULL,"
    " layer INTEGER NOT NULL," /* 0: the baseline, unedited */
    " n_edits INTEGER NOT NULL, n_generated INTEGER NOT NULL, ids BLOB NOT NULL,"
    " verdict TEXT NOT NULL, step INTEGER NOT NULL, reason TEXT NOT NULL,"
    " PRIMARY KEY (trace, condition, layer)) STRICT, WITHOUT ROWID;"
    /* ---- results ---- */
    "CREATE TABLE accuracy (naming TEXT NOT NULL, split TEXT NOT NULL," /* split 'all' too */
    " n INTEGER NOT NULL, solved INTEGER NOT NULL, accuracy REAL, low REAL, high REAL," /* Wilson 95% */
    " preserved REAL," /* accuracy / clean accuracy */
    " mean_reasoning_tokens REAL, goal_unmet INTEGER NOT NULL, illegal_step INTEGER NOT NULL,"
    " unparsed INTEGER NOT NULL, truncated INTEGER NOT NULL, paper_accuracy REAL," /* QwQ-32B's, or NULL */
    " PRIMARY KEY (naming, split)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE mention_count (naming TEXT NOT NULL, traces TEXT NOT NULL," /* 'all' or 'solved' */
    " concept TEXT NOT NULL, timestamp INTEGER NOT NULL, mentions INTEGER NOT NULL,"
    " PRIMARY KEY (naming, traces, concept, timestamp)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE similarity (layer INTEGER NOT NULL, variant TEXT NOT NULL," /* 'all', 'loo', 'loo_shuffled' */
    " kind TEXT NOT NULL, relation TEXT NOT NULL," /* 'same' or 'different' */
    " timestamp INTEGER NOT NULL, reference_timestamp INTEGER NOT NULL,"
    " mean REAL, low REAL, high REAL, n_namings INTEGER NOT NULL,"
    " PRIMARY KEY (layer, variant, kind, relation, timestamp)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE separation (layer INTEGER NOT NULL, kind TEXT NOT NULL, timestamp INTEGER NOT NULL,"
    " n_points INTEGER NOT NULL, silhouette REAL, silhouette_shuffled REAL, variance_ratio REAL,"
    " variance_ratio_shuffled REAL, explained_1 REAL, explained_2 REAL, explained_3 REAL,"
    " PRIMARY KEY (layer, kind, timestamp)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE pca (layer INTEGER NOT NULL, kind TEXT NOT NULL, timestamp INTEGER NOT NULL,"
    " naming TEXT NOT NULL, concept TEXT NOT NULL, x REAL, y REAL, z REAL,"
    " PRIMARY KEY (layer, kind, timestamp, naming, concept)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE steering_naming (condition TEXT NOT NULL, layer INTEGER NOT NULL, naming TEXT NOT NULL,"
    " n INTEGER NOT NULL, left_out INTEGER NOT NULL," /* traces that ended before the window's end */
    " baseline_solved INTEGER NOT NULL, steered_solved INTEGER NOT NULL, gained INTEGER NOT NULL,"
    " lost INTEGER NOT NULL, effect REAL, paper_effect REAL,"
    " PRIMARY KEY (condition, layer, naming)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE steering (condition TEXT NOT NULL, layer INTEGER NOT NULL,"
    " n_namings INTEGER NOT NULL, n_pairs INTEGER NOT NULL, mean REAL, standard_error REAL, t REAL,"
    " p REAL," /* one-tailed t-test over namings, as the paper */
    " p_holm REAL, low REAL, high REAL," /* hierarchical bootstrap 95% */
    " p_permutation REAL, gained INTEGER NOT NULL, lost INTEGER NOT NULL, p_mcnemar REAL," /* two-sided */
    " detectable REAL, excluded TEXT NOT NULL,"
    " PRIMARY KEY (condition, layer)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE headline (position INTEGER PRIMARY KEY, name TEXT NOT NULL, value REAL, low REAL, high REAL,"
    " text TEXT NOT NULL) STRICT;"; /* text: the sentence a reader sees, with n and test */

const char *const fr_result_tables[] = {"headline",   "accuracy", "mention_count",   "similarity",
                                        "separation", "pca",      "steering_naming", "steering"};
const int fr_n_result_tables = sizeof fr_result_tables / sizeof *fr_result_tables;
