/* The schema of study.db: what a study is made of, and what the models did. These tables are
 * versioned: a change raises FR_SCHEMA_VERSION and adds a step to migrate.c, so that no study is
 * lost for a new column. Result tables are not here: they belong to who computes them, and are made
 * anew when their definition changes (results.c). */
#include "store/schema.h"

static const char inputs[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    /* keys: the lines of the configuration that bind the stage, and what was made by whom, where
     * and when, as it was when the stage ran */
    "CREATE TABLE stage (name TEXT PRIMARY KEY, done INTEGER NOT NULL, seconds REAL NOT NULL,"
    " keys TEXT, program TEXT NOT NULL, engine TEXT NOT NULL, machine TEXT NOT NULL,"
    " finished TEXT NOT NULL) STRICT;"
    /* excluded: from representation analyses and steering */
    "CREATE TABLE naming (id TEXT PRIMARY KEY, position INTEGER NOT NULL UNIQUE,"
    " role TEXT NOT NULL CHECK (role IN ('clean', 'mystery')), excluded INTEGER NOT NULL) STRICT;"
    "CREATE TABLE naming_word (naming TEXT NOT NULL REFERENCES naming, concept TEXT NOT NULL,"
    " position INTEGER NOT NULL, kind TEXT NOT NULL, word TEXT NOT NULL,"
    " PRIMARY KEY (naming, concept)) STRICT, WITHOUT ROWID;"
    /* position: in its split. optimal_plan: where prompts show examples, else empty. example: the
     * position of the puzzle to collect from that its prompt shows solved, or NULL. source: file of
     * a directory */
    "CREATE TABLE puzzle (id INTEGER PRIMARY KEY,"
    " split TEXT NOT NULL CHECK (split IN ('collect', 'evaluate')), n_objects INTEGER NOT NULL,"
    " optimal_length INTEGER NOT NULL, optimal_plan TEXT NOT NULL, source TEXT NOT NULL,"
    " pddl TEXT NOT NULL, position INTEGER NOT NULL DEFAULT 0, example INTEGER) STRICT;"
    "CREATE UNIQUE INDEX puzzle_place ON puzzle (split, position);"
    /* Where the traces come from a file: a puzzle's line, its naming there and what the file says
     * of it (correct may be NULL); of each trace its length before it was cut, and of its renaming
     * the words, those that stood there already, and those that would not come back. */
    "CREATE TABLE imported (puzzle INTEGER PRIMARY KEY REFERENCES puzzle, line INTEGER NOT NULL,"
    " naming TEXT NOT NULL, instance TEXT NOT NULL, correct INTEGER) STRICT;"
    "CREATE TABLE imported_trace (puzzle INTEGER NOT NULL REFERENCES puzzle,"
    " naming TEXT NOT NULL REFERENCES naming, whole_tokens INTEGER NOT NULL,"
    " renamed INTEGER NOT NULL, collisions INTEGER NOT NULL, lost INTEGER NOT NULL,"
    " PRIMARY KEY (puzzle, naming)) STRICT, WITHOUT ROWID;";

static const char work[] =
    /* ids, starts, ends: int32, little-endian. text: any bytes, so not TEXT; to read it,
     * CAST(text AS TEXT). digest: SHA-256 of n_prompt, n_reasoning and ids */
    "CREATE TABLE trace (puzzle INTEGER NOT NULL REFERENCES puzzle,"
    " naming TEXT NOT NULL REFERENCES naming, n_tokens INTEGER NOT NULL, n_prompt INTEGER NOT NULL,"
    " n_reasoning INTEGER NOT NULL, ids BLOB NOT NULL, starts BLOB NOT NULL, ends BLOB NOT NULL,"
    " text BLOB NOT NULL, verdict TEXT NOT NULL, step INTEGER NOT NULL, reason TEXT NOT NULL,"
    " digest TEXT NOT NULL, PRIMARY KEY (puzzle, naming)) STRICT;"
    /* What of a trace was generated when the program stopped: ids, NULL once the trace is stored;
     * n_prefilled: how many of its tokens behind the prompt were read at once and not decoded,
     * whose rows may differ in the last bits. */
    "CREATE TABLE continued (puzzle INTEGER NOT NULL REFERENCES puzzle,"
    " naming TEXT NOT NULL REFERENCES naming, ids BLOB, n_prefilled INTEGER NOT NULL,"
    " PRIMARY KEY (puzzle, naming)) STRICT, WITHOUT ROWID;"
    /* The files of reps/. traces: a set, 'all', 'solved' ... identity: SHA-256 of everything that
     * the file was made from; sha256: of the file itself */
    "CREATE TABLE sums (file TEXT PRIMARY KEY, naming TEXT NOT NULL REFERENCES naming,"
    " traces TEXT NOT NULL, site TEXT NOT NULL, n_traces INTEGER NOT NULL, identity TEXT NOT NULL,"
    " sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, modified INTEGER NOT NULL) STRICT;"
    /* What is done to a run; definition says it all in one line. Layers and window are half-open.
     * concepts, mentions, first_mentions: as the experiment has them, NULL of a baseline */
    "CREATE TABLE edit (id INTEGER PRIMARY KEY, definition TEXT NOT NULL UNIQUE, vectors TEXT,"
    " control TEXT, traces TEXT, timestamp INTEGER, strength REAL, operation TEXT NOT NULL,"
    " scale REAL, keep_norm INTEGER, layer_first INTEGER, layer_end INTEGER, window_start INTEGER,"
    " window_end INTEGER NOT NULL, concepts TEXT, mentions TEXT, first_mentions INTEGER) STRICT;"
    /* One line of the study's experiments. series: its name without the layers. against: what its
     * effect is measured against; NULL for a baseline, whose experiment is ''. */
    "CREATE TABLE condition (id INTEGER PRIMARY KEY, experiment TEXT NOT NULL, name TEXT NOT NULL,"
    " series TEXT NOT NULL, position INTEGER NOT NULL,"
    " role TEXT NOT NULL CHECK (role IN ('matched', 'control', 'identity', 'baseline')),"
    " colour TEXT NOT NULL, shape TEXT NOT NULL, family TEXT NOT NULL,"
    " edit INTEGER NOT NULL REFERENCES edit, against INTEGER REFERENCES condition,"
    " UNIQUE (experiment, name)) STRICT;"
    /* vectors: SHA-256 of those that were written; '' of a baseline */
    "CREATE TABLE run (puzzle INTEGER NOT NULL, naming TEXT NOT NULL,"
    " edit INTEGER NOT NULL REFERENCES edit, vectors TEXT NOT NULL, n_edits INTEGER NOT NULL,"
    " n_generated INTEGER NOT NULL, ids BLOB NOT NULL, verdict TEXT NOT NULL, step INTEGER NOT "
    "NULL,"
    " reason TEXT NOT NULL, PRIMARY KEY (puzzle, naming, edit),"
    " FOREIGN KEY (puzzle, naming) REFERENCES trace) STRICT, WITHOUT ROWID;"
    /* The result tables, with the stage that fills them. */
    "CREATE TABLE result_table (name TEXT PRIMARY KEY, position INTEGER NOT NULL,"
    " owner TEXT NOT NULL, definition TEXT NOT NULL) STRICT;";

/* In parts: C promises texts of 4,095 bytes. */
const char *const fr_schema_sql[FR_N_SCHEMA_SQL] = {inputs, work};

/* The small columns of rows whose blobs stand before them: 6,000 traces of 20,000 tokens are 2 GB,
 * which a list of verdicts would have to walk through. */
const char fr_schema_indices[] = "CREATE INDEX IF NOT EXISTS trace_listed ON trace"
                                 " (puzzle, naming, verdict, n_tokens, n_prompt, n_reasoning);"
                                 "CREATE INDEX IF NOT EXISTS run_listed ON run"
                                 " (edit, puzzle, naming, verdict, n_generated, n_edits);"
                                 /* The first n_traces of a naming's traces, of which the sums were
                                  * kept when or before the program stopped, until all are in sums;
                                  * columns as there. Without it that naming is begun anew. */
                                 "CREATE TABLE IF NOT EXISTS sums_begun (file TEXT PRIMARY KEY,"
                                 " naming TEXT NOT NULL, n_traces INTEGER NOT NULL,"
                                 " identity TEXT NOT NULL, sha256 TEXT NOT NULL,"
                                 " bytes INTEGER NOT NULL, modified INTEGER NOT NULL) STRICT;"
                                 /* Puzzles that are the same up to the names of their objects
                                  * share a class; it follows from their text, and a row that is
                                  * missing is made (sources/classes.c). */
                                 "CREATE TABLE IF NOT EXISTS puzzle_class (puzzle INTEGER PRIMARY"
                                 " KEY, class INTEGER NOT NULL) STRICT;";
