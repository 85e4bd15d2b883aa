/* The report's tables, in the order of the page: queries and columns. Queries see terms.sql. */
#include "report/assets.h"
#include "report/table.h"

/* ---- what the study says --------------------------------------------------------------------- */

static const struct fr_column claim_columns[] = {
    {"Question", FR_CELL_TEXT, NULL},
    {"Answer", FR_CELL_TEXT, NULL},
    {"What came out", FR_CELL_TEXT, NULL},
    {"Paper", FR_CELL_TEXT, NULL},
};
static const char claim_sql[] =
    "SELECT question, answer, text, replace(paper, 'Paper: ', '') AS paper FROM claim"
    " ORDER BY position";

/* ---- headline numbers ------------------------------------------------------------------------ */

static const struct fr_column headline_columns[] = {
    {"Number", FR_CELL_TEXT, NULL},
    {"Value", FR_CELL_UNIT, NULL},
    {"95% interval", FR_CELL_RANGE_UNIT, NULL},
    {"What it is", FR_CELL_TEXT, NULL},
};
static const char headline_sql[] = "SELECT name, unit, value, unit AS unit_of_interval, low, high,"
                                   " text FROM headline ORDER BY position";

/* ---- behaviour ------------------------------------------------------------------------------- */

static const struct fr_column verdict_columns[] = {
    {"", FR_CELL_ROW_CLASS, NULL},
    {"Naming", FR_CELL_TEXT, NULL},
    {"n", FR_CELL_COUNT, "puzzles"},
    {"Solved", FR_CELL_COUNT, NULL},
    {"Goal unmet", FR_CELL_COUNT, "a legal plan that ends short of the goal"},
    {"Illegal step", FR_CELL_COUNT, "a plan with an action whose precondition does not hold"},
    {"Unparsed", FR_CELL_COUNT, "no plan could be read from the answer"},
    {"Cut", FR_CELL_COUNT, "generation.max_tokens was reached before an answer"},
    {"Accuracy %", FR_CELL_PERCENT, NULL},
    {"95% interval, %", FR_CELL_RANGE_PERCENT, "Wilson's score interval over puzzles"},
    {"Pre" SHY "served %", FR_CELL_PERCENT, "accuracy divided by the clean naming's"},
    {"Mean tokens", FR_CELL_COUNT, "mean number of reasoning tokens"},
    {"QwQ-32B %", FR_CELL_PERCENT,
     "the paper's accuracy for QwQ-32B under the same words: clean, of 300 puzzles (table 1); "
     "mystery, "
     "probably of the 100 held out (table 4)"},
};
/* Per naming, then the mean over mystery namings: of shares plain means, of counts sums. */
static const char verdict_sql[] =
    "SELECT class, naming, n, solved, goal_unmet, illegal_step, unparsed, truncated, accuracy, low,"
    " high, preserved, tokens, paper FROM ("
    "SELECT 0 AS part, rank, iif(n.excluded, 'muted', '') AS class,"
    " a.naming || iif(n.excluded, ' \xe2\x80\xa0', '') AS naming, a.n AS n, solved, goal_unmet,"
    " illegal_step, unparsed, truncated, accuracy, low, high, preserved,"
    " mean_reasoning_tokens AS tokens, paper_accuracy AS paper"
    " FROM accuracy a LEFT JOIN naming_order n USING (naming)"
    " WHERE a.split = (SELECT split FROM whole_split)"
    " UNION ALL SELECT 1, 0, 'total', count(*) || ' mystery', sum(a.n), sum(solved),"
    " sum(goal_unmet), sum(illegal_step), sum(unparsed), sum(truncated), avg(accuracy), NULL, NULL,"
    " avg(preserved), avg(mean_reasoning_tokens), avg(paper_accuracy)"
    " FROM accuracy a LEFT JOIN naming_order n USING (naming)"
    " WHERE coalesce(n.role, '') <> 'clean' AND a.split = (SELECT split FROM whole_split)"
    " HAVING count(*) > 0) ORDER BY part, rank";

/* Table 1 of the paper, its rows below the study's. */
const struct fr_column fr_models_columns[FR_MODELS_COLUMNS] = {
    {"", FR_CELL_ROW_CLASS, NULL},
    {"Model", FR_CELL_TEXT, NULL},
    {"Kind", FR_CELL_TEXT, "does the model reason before it answers?"},
    {"CoT", FR_CELL_TEXT, "was it asked to reason in its answer?"},
    {"Clean %", FR_CELL_PERCENT, NULL},
    {"Tokens", FR_CELL_COUNT, "mean reasoning tokens, clean"},
    {"Un" SHY "parsed %", FR_CELL_PERCENT, "clean: no plan could be read from the answer"},
    {"Mystery is", FR_CELL_TEXT, "the paper's naming 1, else the mean over mystery namings"},
    {"Mystery %", FR_CELL_PERCENT, NULL},
    {"Tokens", FR_CELL_COUNT, "mean reasoning tokens, mystery"},
    {"Un" SHY "parsed %", FR_CELL_PERCENT, "mystery: no plan could be read from the answer"},
    {"Pre" SHY "served %", FR_CELL_PERCENT, "mystery accuracy divided by clean accuracy"},
};

/* What the paper says in words alone, and the same of this study, where it has it. */
static const struct fr_column statement_columns[] = {
    {"Where", FR_CELL_TEXT, "the paper's section or figure"},
    {"The paper, of QwQ-32B", FR_CELL_TEXT, NULL},
    {"Here", FR_CELL_TEXT, NULL},
};
static const struct fr_column replayed_columns[] = {
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
static const char replayed_sql[] =
    "SELECT t.naming, count(*) AS traces, sum(t.verdict = 'solved') AS solved,"
    " sum(i.correct) AS said_to_be, avg(x.whole_tokens) AS whole_tokens,"
    " sum(x.whole_tokens > t.n_tokens) AS cut, sum(t.n_tokens) AS tokens,"
    " sum(x.renamed) AS renamed, sum(x.collisions) AS collisions, sum(x.lost) AS lost"
    " FROM trace t JOIN imported_trace x USING (puzzle, naming) JOIN imported i USING (puzzle)"
    " LEFT JOIN naming_order n USING (naming) GROUP BY t.naming ORDER BY n.rank, t.naming";

/* ---- representations ------------------------------------------------------------------------- */

/* Some eight timestamps, the reference among them, across; layers down. */
static const struct fr_column similarity_columns[] = {
    {"Concepts", FR_CELL_GROUP, NULL},
    {"Layer", FR_CELL_COUNT, NULL},
};
static const char similarity_more[] =
    "WITH shown AS (SELECT DISTINCT timestamp FROM similarity WHERE variant = 'loo'"
    " AND relation = 'same' AND mean IS NOT NULL)"
    " SELECT 'T = ' || timestamp, printf('max(iif(s.timestamp = %d, replace(printf("
    "''%%.2f (%%.2f)'', round(s.mean, 2) + 0.0, round(d.mean, 2) + 0.0), ''-'', ''\xe2\x88\x92''), "
    "NULL)) AS at_%d',"
    " timestamp, timestamp)"
    " FROM (SELECT max(timestamp) AS timestamp FROM (SELECT timestamp, ntile(8) OVER (ORDER BY"
    " timestamp) AS part FROM shown) GROUP BY part"
    " UNION SELECT reference_timestamp FROM similarity)"
    " UNION ALL SELECT 'Shuffled, T = ' || max(reference_timestamp),"
    " printf('max(iif(s.timestamp = %d, replace(printf(''%%.2f'', round(c.mean, 2) + 0.0), ''-'',"
    " ''\xe2\x88\x92''), NULL)) AS shuffled', max(reference_timestamp)) FROM similarity";
static const char similarity_sql[] =
    "SELECT s.kind || 's' AS concepts, s.layer AS layer$more"
    " FROM similarity s JOIN similarity d USING (layer, variant, kind, timestamp)"
    " LEFT JOIN similarity c ON c.layer = s.layer AND c.kind = s.kind AND c.timestamp = s.timestamp"
    " AND c.variant = 'loo_shuffled' AND c.relation = 'same'"
    " WHERE s.variant = 'loo' AND s.relation = 'same' AND d.relation = 'different'"
    " AND s.mean IS NOT NULL AND d.mean IS NOT NULL"
    " GROUP BY s.kind, s.layer ORDER BY s.kind, s.layer";

static const struct fr_column control_columns[] = {
    {"Concepts", FR_CELL_GROUP, NULL},
    {"Layer", FR_CELL_COUNT, NULL},
    {"Control", FR_CELL_TEXT, NULL},
    {"From T", FR_CELL_COUNT, "the first timestamp that both curves have"},
    {"To T", FR_CELL_COUNT, "the last whose window does not overlap the reference's"},
    {"Namings", FR_CELL_COUNT, NULL},
    {"Rise", FR_CELL_NUMBER, "of the curve as it is, over these namings"},
    {"95%", FR_CELL_RANGE_UNIT, "of that rise, over namings, one after the other left out"},
    {"Con" SHY "trol's", FR_CELL_NUMBER, "rise of the control's curve"},
    {"95%", FR_CELL_RANGE_UNIT, "of the control's rise"},
    {"Ex" SHY "plained, %", FR_CELL_PERCENT,
     "of the rise: what a control that takes an artefact away lacks, or one that has nothing else "
     "has"},
    {"95%", FR_CELL_RANGE_PERCENT, "of the share explained"},
};
static const char control_sql[] =
    "SELECT r.kind || 's' AS concepts, r.layer AS layer, k.title AS control,"
    " r.first_timestamp AS first, r.last_timestamp AS last, r.n_namings AS namings,"
    " r.plain AS plain, 'cosine' AS unit, r.plain_low, r.plain_high, r.rise AS rise,"
    " 'cosine' AS unit_of_rise, r.rise_low, r.rise_high, r.explained AS explained, r.low AS low,"
    " r.high AS high"
    " FROM control_rise r JOIN curve_control k USING (control)"
    " ORDER BY r.kind, r.layer, k.position";

static const struct fr_column phase_columns[] = {
    {"Namings", FR_CELL_GROUP, NULL},
    {"Phase", FR_CELL_TEXT, NULL},
    {"Traces", FR_CELL_COUNT, NULL},
    {"By cues", FR_CELL_COUNT, "tokens"},
    {"By mentions", FR_CELL_COUNT, "tokens"},
    {"By both", FR_CELL_COUNT, "tokens"},
    {"Kappa", FR_CELL_NUMBER, "Cohen's, between the two sets of rules; a phase against all others"},
    {"95%", FR_CELL_RANGE_UNIT, "bootstrap over distinct puzzles"},
    {"Cues found, %", FR_CELL_PERCENT,
     "of the tokens that have the phase in the organism's own texts, by their writer"},
    {"Men" SHY "tions found, %", FR_CELL_PERCENT, "the same by mentions"},
};
static const char phase_sql[] =
    "SELECT a.texts, a.phase, a.n_traces, a.cues, a.mentions, a.both, a.kappa, 'cosine' AS unit,"
    " iif(a.cues > 0 AND a.mentions > 0, a.low, NULL) AS low," /* else it cannot be but 0 */
    " iif(a.cues > 0 AND a.mentions > 0, a.high, NULL) AS high,"
    " c.found AS cues_found, m.found AS mentions_found"
    " FROM phase_agreement a LEFT JOIN phase_order o USING (phase)"
    " LEFT JOIN phase_accuracy c ON c.phase = a.phase AND c.rules = 'cues'"
    " LEFT JOIN phase_accuracy m ON m.phase = a.phase AND m.rules = 'mentions'"
    " ORDER BY a.texts DESC, coalesce(o.rank, 9)";

static const struct fr_column phase_similarity_columns[] = {
    {"Concepts", FR_CELL_GROUP, NULL},
    {"Rules", FR_CELL_TEXT, NULL},
    {"Phase", FR_CELL_TEXT, NULL},
    {"Na" SHY "mings", FR_CELL_COUNT, "with enough of the phase's own mentions"},
    {"Same", FR_CELL_NUMBER, "concept, the phase's own mentions, leave-one-out"},
    {"95%", FR_CELL_RANGE_UNIT,
     "over namings, one after the other left out of curve and reference"},
    {"Dif" SHY "ferent", FR_CELL_NUMBER, "concepts of the kind"},
    {"Mentions", FR_CELL_COUNT, "of the kind in the phase, all namings"},
    {"By time", FR_CELL_NUMBER, "the curve at the phase's times, by its tokens, whatever is said"},
    {"95%", FR_CELL_RANGE_UNIT, "over namings, one after the other left out"},
    {"Mean T", FR_CELL_COUNT, "of these tokens"},
};
static const char phase_similarity_sql[] =
    "SELECT s.kind || 's' AS concepts, s.rules, s.phase, iif(o.mean IS NULL, NULL, o.n_namings) AS"
    " namings, o.mean AS own, 'cosine' AS unit, o.low AS own_low, o.high AS own_high, d.mean AS"
    " different, (SELECT sum(c.mentions) FROM phase_mention_count c JOIN naming_order n USING"
    " (naming) JOIN (SELECT DISTINCT concept, kind FROM naming_word) k USING (concept) WHERE"
    " c.rules = s.rules AND c.phase = s.phase AND k.kind = s.kind AND n.role <> 'clean' AND NOT"
    " n.excluded) AS mentions, s.mean AS times, 'cosine' AS unit_2, s.low AS times_low, s.high AS"
    " times_high, s.mean_timestamp FROM phase_similarity s JOIN phase_order p USING (phase)"
    " LEFT JOIN phase_mention o ON o.kind = s.kind AND o.rules = s.rules AND o.phase = s.phase AND"
    " o.relation = 'same' AND o.layer = (SELECT layer FROM similarity_layer)"
    " LEFT JOIN phase_mention d ON d.kind = o.kind AND d.rules = o.rules AND d.phase = o.phase AND"
    " d.relation = 'different' AND d.layer = o.layer ORDER BY s.kind, s.rules, p.rank";

static const struct fr_column success_columns[] = {
    {"Concepts", FR_CELL_GROUP, NULL},
    {"Naming", FR_CELL_TEXT, NULL},
    {"Solved", FR_CELL_NUMBER, "same-concept similarity of solved traces"},
    {"Failed", FR_CELL_NUMBER, "of failed traces"},
    {"Diffe" SHY "rence", FR_CELL_NUMBER, NULL},
    {"95%", FR_CELL_RANGE_UNIT,
     "a naming's over its traces, ten groups of either; below, over namings, one after the other "
     "left "
     "out of references too"},
    {"p", FR_CELL_P, "one-tailed t-test over namings, its error by the same jackknife"},
    {"Flip p", FR_CELL_P, "by flips of whole namings"},
    {"Could find", FR_CELL_NUMBER, "difference that the design detects with a power of 0.8"},
    {"Men" SHY "tions solved", FR_CELL_COUNT, NULL},
    {"Men" SHY "tions failed", FR_CELL_COUNT, NULL},
};
static const char success_sql[] =
    "SELECT concepts, naming, solved, failed, difference, 'cosine' AS unit, low, high, p, p_flip,"
    " detectable, solved_mentions, failed_mentions FROM (SELECT x.kind || 's, layer ' || x.layer ||"
    " ', puzzles: ' || x.puzzles AS concepts, o.rank AS rank, x.naming AS naming, x.solved,"
    " x.failed, x.difference, x.low, x.high, NULL AS p, NULL AS p_flip, NULL AS detectable,"
    " x.solved_mentions, x.failed_mentions FROM success_naming x JOIN similarity_layer USING "
    "(layer) LEFT JOIN naming_order o USING (naming) UNION ALL SELECT t.kind || 's, layer ' ||"
    " t.layer || ', puzzles: ' || t.puzzles, 99999, t.n_namings || ' with both', NULL, NULL, mean,"
    " low, high, p, p_flip, detectable, NULL, NULL FROM success_test t JOIN similarity_layer USING"
    " (layer)) ORDER BY concepts, rank";

static const struct fr_column separation_columns[] = {
    {"Concepts", FR_CELL_GROUP, NULL},
    {"Layer", FR_CELL_COUNT, NULL},
    {"Points", FR_CELL_COUNT, "namings times concepts"},
    {"Sil" SHY "houette", FR_CELL_NUMBER, "mean silhouette of the concepts' clusters"},
    {"Shuffled", FR_CELL_NUMBER, "the same with labels shuffled within namings"},
    {"p", FR_CELL_P, "of a silhouette as large among the shuffles, one-sided"},
    {"Between / total variance", FR_CELL_NUMBER,
     "share of the variance that lies between concepts"},
    {"Shuffled", FR_CELL_NUMBER, "the same with labels shuffled within namings"},
};
static const char separation_sql[] =
    "SELECT kind || 's, T = ' || timestamp AS concepts, layer, n_points, silhouette,"
    " silhouette_shuffled, silhouette_p, variance_ratio, variance_ratio_shuffled FROM separation"
    " ORDER BY kind, timestamp, layer";

static const struct fr_column mechanism_columns[] = {
    {"Concepts", FR_CELL_GROUP, NULL},
    {"Layer", FR_CELL_COUNT, NULL},
    {"Part", FR_CELL_TEXT, "after the layer = before + attention + MLP"},
    {"From T", FR_CELL_COUNT, "the first timestamp that half of the namings have"},
    {"To T", FR_CELL_COUNT, "the reference timestamp"},
    {"Namings", FR_CELL_COUNT, NULL},
    {"Rise, %", FR_CELL_PERCENT, "share of the refinement that other namings show at this layer"},
    {"95%", FR_CELL_RANGE_PERCENT, "over namings, one after the other left out of directions too"},
    {"Shuffled, 95%", FR_CELL_RANGE_PERCENT, "labels shuffled within kinds"},
    {"p", FR_CELL_P, "of as large a rise with labels shuffled, one-sided, uncorrected"},
};

/* The heads that add most. Shares of their weight at the reference timestamp. */
static const struct fr_column head_columns[] = {
    {"Concepts", FR_CELL_GROUP, NULL},
    {"Layer", FR_CELL_COUNT, NULL},
    {"Head", FR_CELL_COUNT, NULL},
    {"KV group", FR_CELL_COUNT, "heads of a group read the same keys and values"},
    {"Namings", FR_CELL_COUNT, NULL},
    {"Rise, %", FR_CELL_PERCENT, "share of the refinement that other namings show at this layer"},
    {"95%", FR_CELL_RANGE_PERCENT, "as above"},
    {"Shuffled, 95%", FR_CELL_RANGE_PERCENT, "labels shuffled within kinds"},
    {"p, layer", FR_CELL_P, "of as large a rise in any head of the layer, labels shuffled"},
    {"Same concept, %", FR_CELL_PERCENT, "weight on earlier mentions of the same concept"},
    {"alike, %", FR_CELL_PERCENT, "the same of looking at all positions alike"},
    {"Others, %", FR_CELL_PERCENT, "weight on mentions of other concepts"},
    {"alike, %", FR_CELL_PERCENT, "the same of looking at all positions alike"},
};

/* ---- experiments ----------------------------------------------------------------------------- */

static const struct fr_column vector_columns[] = {
    {"Vectors", FR_CELL_TEXT, NULL},
    {"What they are", FR_CELL_TEXT, NULL},
};
static const char vector_sql[] = "SELECT name, meaning FROM vector_used ORDER BY rank";

static const struct fr_column experiment_columns[] = {
    {"Field", FR_CELL_TEXT, NULL},
    {"Value", FR_CELL_TEXT, NULL},
};
/* What its matched conditions do, and what they are held against; each value once. */
static const char experiment_sql[] =
    "WITH of AS (SELECT p.*, e.concepts, e.mentions, e.first_mentions, e.vectors, e.operation, "
    "e.scale, e.strength, e.timestamp, f.formula,"
    " f.layers, f.window, e.layer_first, c.family, c.position, a.role AS against_role, b.kind AS"
    " against_kind FROM condition_place p JOIN edit e ON e.id = p.edit"
    " JOIN edit_shown f ON f.edit = p.edit JOIN condition c USING (experiment, name)"
    " JOIN condition a ON a.id = c.against LEFT JOIN condition_place b"
    " ON b.experiment = a.experiment AND b.name = a.name WHERE p.experiment = ?1),"
    " matched AS (SELECT * FROM of WHERE role = 'matched' OR NOT EXISTS"
    " (SELECT 1 FROM of WHERE role = 'matched')),"
    " field(rank, name, value, place) AS ("
    " SELECT 1, 'Edit', formula, position FROM matched"
    " UNION ALL SELECT 2, iif(operation = 'mix', 'Share s of h', 'Size s'), printf('%.3g', scale), "
    "scale FROM matched"
    " WHERE scale IS NOT NULL"
    " UNION ALL SELECT 3, 'Vectors v', vectors, position FROM matched"
    " UNION ALL SELECT 4, 'Timestamp of v', timestamp, timestamp FROM matched"
    " UNION ALL SELECT 4.5, 'Traces behind v', iif(low = high, '' || low, low || ' to ' || high) ||"
    " iif(traces = 'all', '', ' ' || traces) || ' of each naming', 0 FROM vector_traces WHERE "
    "traces"
    " IN (SELECT e.traces FROM matched m JOIN edit e ON e.id = m.edit WHERE e.vectors <> 'noise' "
    "AND"
    " instr(e.definition, ' from=') = 0)"
    " UNION ALL SELECT 5, 'Strength of v', printf('%.3g', strength), strength FROM matched"
    " UNION ALL SELECT 6, 'Layers', layers, layer_first FROM matched"
    " UNION ALL SELECT 7, 'Window', window || ' tokens', position FROM matched"
    " UNION ALL SELECT 7.3, 'Concepts edited', concepts, position FROM matched"
    " UNION ALL SELECT 7.6, 'Mentions edited', mentions || iif(first_mentions > 0, ', the first ' "
    "||"
    " first_mentions || ' of each', ''), position FROM matched"
    " UNION ALL SELECT 8, 'Controls', kind, position FROM of"
    " WHERE role IN ('control', 'identity')"
    " UNION ALL SELECT 9, 'Measured against', iif(against_role = 'baseline', 'the unedited run"
    " from the same prefix', against_kind), position FROM matched"
    " UNION ALL SELECT 10, 'Family of Holm''s correction', family, position FROM matched"
    " UNION ALL SELECT 11, 'Namings left out', excluded, 0 FROM effect WHERE experiment = ?1)"
    " SELECT name, group_concat(value, '; ') AS value FROM (SELECT rank, name, value, min(place) AS"
    " place FROM field WHERE value <> '' GROUP BY rank, value ORDER BY rank, place)"
    " GROUP BY rank ORDER BY rank";

static const struct fr_column effect_columns[] = {
    {"Condition", FR_CELL_GROUP, NULL},
    {"", FR_CELL_ROW_CLASS, NULL},
    {"Edit", FR_CELL_TEXT, NULL},
    {"Effect", FR_CELL_POINTS, "mean over namings, percentage points"},
    {"s.e.", FR_CELL_POINTS_UNSIGNED, "standard error over namings, percentage points"},
    {"95% interval", FR_CELL_RANGE_POINTS, "hierarchical bootstrap: namings, then puzzles"},
    {"t", FR_CELL_NUMBER, "one-sample t over namings"},
    {"p", FR_CELL_P,
     "one-tailed as in the paper: for a gain, for a loss where vectors are taken away"},
    {"Holm p", FR_CELL_P, "p corrected over the family of the condition"},
    {"Flip p", FR_CELL_P, "one-tailed, by flipping the signs of whole namings"},
    {"Max p", FR_CELL_P,
     "those flips corrected over the family by its largest statistic, which uses that conditions "
     "of a sweep are alike"},
    {"Pairs p", FR_CELL_P,
     "one-tailed, by flipping single pairs within namings: of these namings only, and too small "
     "where a naming's puzzles share vectors"},
    {"Gained", FR_CELL_COUNT, "pairs solved only with the edit"},
    {"Lost", FR_CELL_COUNT, "pairs solved only without it"},
    {"McNe" SHY "mar p", FR_CELL_P, "exact, two-sided, on gained and lost; speaks as Pairs p does"},
    {"Chan" SHY "ged", FR_CELL_COUNT,
     "runs that generated other tokens than those they are measured against"},
    {"Ver" SHY "dicts %", FR_CELL_PERCENT, "verdicts that changed, gained or lost, of the pairs"},
    {"Floor %", FR_CELL_PERCENT,
     "the churn floor: verdicts that noise of the largest size that was run changed; a dash where "
     "no jitter was run"},
    {"Nam" SHY "ings", FR_CELL_COUNT, NULL},
    {"Pairs", FR_CELL_COUNT, NULL},
    {"Not edited", FR_CELL_COUNT,
     "of the pairs, those in which nothing was edited: no vectors, or no mention in the window"},
    {"Detec" SHY "table", FR_CELL_POINTS_UNSIGNED,
     "smallest mean effect this design would detect (one-tailed t-test), percentage points; a "
     "dash: "
     "no variance, or not even 100 points"},
};
static const char effect_sql[] =
    "SELECT c.label AS condition, CASE WHEN c.role = 'identity' AND (coalesce(mean, 0) <> 0 OR"
    " gained + lost + changed > 0) THEN 'flag' WHEN c.role <> 'matched' THEN 'muted' ELSE '' END"
    " AS class, c.at AS edit, mean, standard_error, low, high, t, p, p_holm, p_flip, p_max,"
    " p_permutation, gained, lost, p_mcnemar, changed,"
    " 1.0 * (gained + lost) / nullif(n_pairs, 0) AS verdicts_changed,"
    " (SELECT 1.0 * changed / nullif(pairs, 0) FROM churn_floor) AS churn_floor, n_namings,"
    " n_pairs, unedited, iif(detectable < 1, detectable, NULL) AS detectable"
    " FROM effect e JOIN condition_shown c ON c.experiment = e.experiment AND c.name = e.condition"
    " JOIN series_shown s ON s.experiment = c.experiment AND s.label = c.label"
    " WHERE e.experiment = ?1 ORDER BY s.place, c.x_rank, c.place";

static const struct fr_column kept_columns[] = {
    {"Condition", FR_CELL_GROUP, NULL},
    {"", FR_CELL_ROW_CLASS, NULL},
    {"Edit", FR_CELL_TEXT, NULL},
    {"Unedited run %", FR_CELL_PERCENT, "accuracy from the same prefix, same pairs"},
    {"Accuracy %", FR_CELL_PERCENT, "with the edit; means over namings"},
    {"95% interval, %", FR_CELL_RANGE_PERCENT, "hierarchical bootstrap: namings, then puzzles"},
    {"Kept %", FR_CELL_PERCENT, "accuracy with the edit, of that without"},
    {"95% interval, %", FR_CELL_RANGE_PERCENT, "hierarchical bootstrap: namings, then puzzles"},
    {"Nam" SHY "ings", FR_CELL_COUNT, NULL},
    {"Pairs", FR_CELL_COUNT, NULL},
};
static const char kept_sql[] =
    "SELECT c.label AS condition, iif(c.role = 'matched', '', 'muted') AS class, c.at AS edit,"
    " k.baseline, k.accuracy, k.low, k.high, k.kept, k.kept_low, k.kept_high, k.n_namings,"
    " k.n_pairs FROM kept k"
    " JOIN condition_shown c ON c.experiment = k.experiment AND c.name = k.condition"
    " JOIN series_shown s ON s.experiment = c.experiment AND s.label = c.label"
    " WHERE k.experiment = ?1 AND k.accuracy IS NOT NULL ORDER BY s.place, c.x_rank, c.place";

static const struct fr_column contrast_columns[] = {
    {"Condition", FR_CELL_GROUP, NULL},
    {"Edit", FR_CELL_TEXT, NULL},
    {"Against", FR_CELL_TEXT, NULL},
    {"Diffe" SHY "rence", FR_CELL_POINTS, "mean over namings, same pairs, percentage points"},
    {"s.e.", FR_CELL_POINTS_UNSIGNED, "standard error over namings, percentage points"},
    {"95% interval", FR_CELL_RANGE_POINTS, "hierarchical bootstrap: namings, then puzzles"},
    {"Two-sided p", FR_CELL_P, "t over namings, not corrected"},
    {"Gained", FR_CELL_COUNT, "pairs solved with the vectors only"},
    {"Lost", FR_CELL_COUNT, "pairs solved without them only"},
    {"Nam" SHY "ings", FR_CELL_COUNT, NULL},
    {"Pairs", FR_CELL_COUNT, NULL},
};
static const struct fr_column run_verdict_columns[] = {
    {"Condition", FR_CELL_GROUP, NULL},
    {"", FR_CELL_ROW_CLASS, NULL},
    {"Edit", FR_CELL_TEXT, NULL},
    {"Pairs", FR_CELL_COUNT, NULL},
    {"Solved", FR_CELL_COUNT, NULL},
    {"Goal unmet", FR_CELL_COUNT, "a legal plan that ends short of the goal"},
    {"Illegal step", FR_CELL_COUNT, "a plan with an action whose precondition does not hold"},
    {"Unparsed", FR_CELL_COUNT, "no plan could be read from the answer; counts as not solved"},
    {"Cut", FR_CELL_COUNT, "generation.max_tokens was reached; counts as not solved"},
    {"Solved of readable %", FR_CELL_PERCENT, "of the answers that a plan was read from"},
};

static const struct fr_column naming_columns[] = {
    {"Condition", FR_CELL_GROUP, NULL},
    {"Naming", FR_CELL_TEXT, NULL},
    {"Pairs", FR_CELL_COUNT, NULL},
    {"Left out", FR_CELL_COUNT, "rollouts that ended before the window's end"},
    {"Refe" SHY "rence", FR_CELL_COUNT, "pairs solved by what the condition is measured against"},
    {"Edited", FR_CELL_COUNT, "pairs solved with the edit"},
    {"Gained", FR_CELL_COUNT, NULL},
    {"Lost", FR_CELL_COUNT, NULL},
    {"Not edited", FR_CELL_COUNT, "pairs in which nothing was edited"},
    {"Effect", FR_CELL_POINTS, "percentage points"},
};
static const char naming_sql[] =
    "SELECT c.label || ', ' || c.at AS condition, e.naming, n, left_out, against_solved, solved,"
    " gained, lost, unedited, effect FROM effect_naming e"
    " JOIN condition_shown c ON c.experiment = e.experiment AND c.name = e.condition"
    " JOIN series_shown s ON s.experiment = c.experiment AND s.label = c.label"
    " LEFT JOIN naming_order n USING (naming)"
    " WHERE e.experiment = ?1 ORDER BY s.place, c.x_rank, c.place, n.rank";

/* Of every series with several layers: each naming, then the mean, by flips of namings and of
 * pairs. */
static const struct fr_column best_columns[] = {
    {"Condition", FR_CELL_GROUP, NULL},
    {"", FR_CELL_ROW_CLASS, NULL},
    {"Naming", FR_CELL_TEXT, NULL},
    {"Pairs", FR_CELL_COUNT, "puzzles that all layers have"},
    {"Refe" SHY "rence %", FR_CELL_PERCENT, "accuracy of what the best is measured against"},
    {"Best", FR_CELL_POINTS, "largest effect of the layers, percentage points"},
    {"At", FR_CELL_TEXT, "where it is"},
    {"By chance", FR_CELL_POINTS,
     "mean of the best when signs are flipped, in all layers together"},
    {"5% above", FR_CELL_POINTS, "what 5% of the flips exceed"},
    {"p", FR_CELL_P, "share of flips with a best at least as large"},
    {"QwQ-32B %", FR_CELL_PERCENT, "the paper's accuracy under the same words"},
    {"QwQ-32B best", FR_CELL_POINTS,
     "the paper's best of layers 20, 30, 40 and 50 of 64, percentage points"},
};
static const char best_sql[] =
    "SELECT series AS condition, class, naming, n, without, best, at, expected,"
    " high, p, paper_accuracy, paper_best FROM ("
    "SELECT 0 AS part, o.rank AS rank, b.series, '' AS class, b.naming, b.n, against_accuracy AS"
    " without, best, c.at, expected, high, p, paper_accuracy, paper_best FROM best_naming b"
    " LEFT JOIN condition_shown c ON c.experiment = b.experiment AND c.name = b.best_condition"
    " LEFT JOIN naming_order o USING (naming) WHERE b.experiment = ?1"
    " UNION ALL SELECT 1, 0, series, 'total', n_namings || ' namings, flipped whole', NULL, NULL,"
    " best, '', flip_expected, flip_high, flip_p, NULL, paper_best FROM best WHERE experiment = ?1"
    " UNION ALL SELECT 2, 0, series, 'total', n_namings || ' namings, flipped by pairs', NULL, "
    "NULL,"
    " best, '', pairs_expected, pairs_high, pairs_p, NULL, NULL FROM best WHERE experiment = ?1) b"
    " ORDER BY (SELECT min(position) FROM condition c WHERE c.experiment = ?1 AND c.series ="
    " b.series), part, rank";

/* ---- the paper ------------------------------------------------------------------------------- */

static const struct fr_column paper_columns[] = {
    {"Source", FR_CELL_GROUP, NULL},
    {"Edit", FR_CELL_TEXT, NULL},
    {"Layers of 64", FR_CELL_TEXT, NULL},
    {"Effect", FR_CELL_POINTS, "as printed, percentage points"},
    {"s.e.", FR_CELL_POINTS_UNSIGNED, "as printed"},
    {"p", FR_CELL_P, "one-tailed: for a gain, for a loss where vectors are taken away"},
    {"Holm p", FR_CELL_P, "over the rows of the source"},
    {"Two-sided p", FR_CELL_P, NULL},
    {"Detec" SHY "table", FR_CELL_POINTS_UNSIGNED,
     "smallest mean effect that 14 namings with this spread detect four times in five"},
    {"Here", FR_CELL_TEXT, "the condition of this study that is nearest in kind and depth"},
    {"Effect here", FR_CELL_POINTS, NULL},
    {"s.e. here", FR_CELL_POINTS_UNSIGNED, NULL},
    {"p here", FR_CELL_P, NULL},
};
static const char paper_sql[] =
    "SELECT p.source AS source, operation || ', ' || vectors"
    " || iif(control = 'none', '', ', ' || control)"
    " || iif(p.against = 'baseline', '', ', against ' || p.against) AS edit,"
    " layer_first || iif(layer_last > layer_first, '-' || layer_last, '') AS layers, p.mean AS "
    "effect,"
    " p.standard_error AS standard_error, p.p AS p, p.p_holm AS p_holm, p_two_sided,"
    " p.detectable AS detectable, coalesce(e.experiment || ': ' || c.label || ', ' || c.at, '') AS"
    " here, e.mean AS effect_here, e.standard_error AS standard_error_here, e.p AS p_here"
    " FROM paper_effect p LEFT JOIN effect e ON e.experiment = p.experiment AND e.condition ="
    " p.condition LEFT JOIN condition_shown c ON c.experiment = p.experiment AND c.name = "
    "p.condition"
    " ORDER BY p.position";

/* ---- how it was made ------------------------------------------------------------------------- */

static const struct fr_column method_columns[] = {{"Part", FR_CELL_TEXT, NULL},
                                                  {"Text", FR_CELL_TEXT, NULL}};

static const struct fr_column fact_columns[] = {
    {"What", FR_CELL_TEXT, NULL},
    {"Value", FR_CELL_TEXT, NULL},
};
static const char fact_sql[] =
    "WITH fact(rank, title, key) AS (VALUES (1, 'Study', 'study'), (2, 'Model', 'model_name'),"
    " (3, 'Architecture', 'model_architecture'), (4, 'Parameters', 'model_parameters'),"
    " (5, 'Layers', 'model_layers'), (4.5, 'Kind', 'model_kind'), (6, 'Width', 'model_width'),"
    " (7, 'Quantization', 'model_quantization'), (8, 'Model SHA-256', 'model_sha256'),"
    " (9, 'Engine', 'engine'), (10, 'Program version', 'program_version'),"
    " (11, 'Program revision', 'program_revision'), (12, 'Seed', 'seed'),"
    " (13, 'Machine', 'machine'), (14, 'Compiler', 'compiler'))"
    " SELECT title, CASE WHEN key = 'model_parameters' AND value = '' || CAST(value AS INTEGER)"
    " THEN replace(printf('%,d', CAST(value AS INTEGER)), ',', '\xe2\x80\x89') ELSE value END AS"
    " value FROM fact JOIN meta USING (key) WHERE value <> '' ORDER BY rank";

static const struct fr_column stage_columns[] = {
    {"Stage", FR_CELL_TEXT, NULL},
    {"State", FR_CELL_TEXT, NULL},
    {"Seconds", FR_CELL_NUMBER, "wall clock, over all runs of the stage"},
    {"Finished", FR_CELL_TEXT, NULL},
    {"Program", FR_CELL_TEXT, NULL},
    {"Engine", FR_CELL_TEXT, NULL},
    {"Machine", FR_CELL_TEXT, NULL},
};
static const char stage_sql[] =
    "SELECT name, iif(done, 'done', 'not finished') AS state, seconds, finished, program, engine,"
    " machine FROM stage WHERE name <> 'report' ORDER BY rowid";

static const struct fr_column key_columns[] = {
    {"Stage", FR_CELL_TEXT, NULL},
    {"Keys it read, with their values then", FR_CELL_TEXT, NULL},
};
static const char key_sql[] = "SELECT name, rtrim(keys, char(10)) AS keys FROM stage WHERE name <> "
                              "'report' AND keys <> '' ORDER BY rowid";

static const struct fr_column counter_columns[] = {
    {"What", FR_CELL_TEXT, NULL},
    {"Count", FR_CELL_COUNT, NULL},
};
static const char counter_sql[] =
    "SELECT 'puzzles for collecting' AS what, count(*) AS count FROM puzzle WHERE split = 'collect'"
    " UNION ALL SELECT 'puzzles for evaluation', count(*) FROM puzzle WHERE split = 'evaluate'"
    " UNION ALL SELECT 'namings', count(*) FROM naming"
    " UNION ALL SELECT iif(EXISTS (SELECT 1 FROM imported), 'replayed traces', 'rollouts'),"
    " count(*) FROM trace"
    " UNION ALL SELECT 'of them solved', count(*) FROM trace WHERE verdict = 'solved'"
    " UNION ALL SELECT 'of them cut at max_tokens', CASE WHEN EXISTS (SELECT 1 FROM imported) THEN"
    " (SELECT count(*) FROM trace JOIN imported_trace x USING (puzzle, naming) WHERE "
    "x.whole_tokens >"
    " n_tokens) ELSE (SELECT count(*) FROM trace WHERE verdict = 'truncated') END"
    " UNION ALL SELECT 'prompt tokens', coalesce(sum(n_prompt), 0) FROM trace"
    " UNION ALL SELECT iif(EXISTS (SELECT 1 FROM imported), 'tokens read after them',"
    " 'generated tokens'), coalesce(sum(n_tokens - n_prompt), 0) FROM trace"
    " UNION ALL SELECT 'baseline runs', count(*) FROM run JOIN edit e ON e.id = run.edit"
    " WHERE e.operation = 'none'"
    " UNION ALL SELECT 'of them go on as their trace does', count(*) FROM run r"
    " JOIN edit e ON e.id = r.edit JOIN trace t USING (puzzle, naming) WHERE e.operation = 'none'"
    " AND length(r.ids) > 0 AND substr(t.ids, -length(r.ids)) = r.ids"
    " UNION ALL SELECT 'edited runs', count(*) FROM run JOIN edit e ON e.id = run.edit"
    " WHERE e.operation <> 'none'"
    " UNION ALL SELECT 'rows edited', coalesce(sum(n_edits), 0) FROM run"
    " UNION ALL SELECT 'tokens generated after edits', coalesce(sum(n_generated), 0) FROM run";

static const struct fr_column word_columns[] = {
    {"Naming", FR_CELL_TEXT, NULL},
    {"Role", FR_CELL_TEXT, NULL},
    {"Words, in the order of the concepts", FR_CELL_TEXT, NULL},
};
static const char word_sql[] =
    "SELECT naming, role || iif(excluded, ', left out of representations and steering', '')"
    " AS role, (SELECT group_concat(pair, ', ') FROM (SELECT concept || ': ' || word AS pair FROM"
    " naming_word w WHERE w.naming = n.naming ORDER BY position)) AS words"
    " FROM naming_order n ORDER BY rank";

/* ---- the list -------------------------------------------------------------------------------- */

const struct fr_table fr_study_tables[] = {
    {.name = "claims",
     .caption = "What the paper claims, as questions, and what the study says. Intervals 95%.",
     .missing = "No answer yet: none of the analyses that give one has finished.",
     .none = "No answer: ",
     .csv = "claim",
     SHOWS(claim)},
    {.name = "headlines",
     .caption = "Headline numbers.",
     .missing = "No headline numbers: no analysis of this study has finished.",
     .none = "No headline numbers: ",
     .csv = "headline",
     SHOWS(headline)},
    {.name = "verdicts",
     .caption = "Verdicts by simulation of the answer, all puzzles. Accuracy with Wilson 95% "
                "intervals; last row: counts summed, shares and tokens averaged over the mystery "
                "namings. \xe2\x80\xa0 left out of representations and steering.",
     .missing = "No verdicts: no rollouts have been judged yet.",
     .csv = "accuracy",
     SHOWS(verdict)},
    {.name = "models",
     .caption =
         "Table 1 of the paper with this study's model above its rows. Unparsed answers are "
         "shown beside, since they are failures of form. * its clean accuracy is held down by "
         "answers that the paper's parser cannot read. The paper's namings and puzzles, where "
         "its rows are shown.",
     .missing = "No verdicts: no rollouts have been judged yet.",
     .csv = "accuracy",
     COLUMNS(fr_models_columns),
     .sql = (const char *)fr_asset_models_sql},
    {.name = "statements",
     .caption =
         "Figures that the paper states in words, beside this study's: of the same kind, or a dash "
         "and why there is none.",
     .missing = "No figures of the paper beside: its namings are not this study's.",
     COLUMNS(statement_columns),
     .sql = (const char *)fr_asset_statements_sql},
    {.name = "replayed",
     .caption = "What was replayed, per naming.",
     .missing = "No trace has been imported yet.",
     SHOWS(replayed)},
    {.name = "similarity",
     .caption = "Leave-one-out cosine with the other namings' representation of the same concept, "
                "in brackets of different concepts of its kind, by layer and timestamp; last "
                "column: the same concept after labels were shuffled. Mean over namings.",
     .missing = "No similarities: the leave-one-out similarity has no values.",
     .csv = "similarity",
     COLUMNS(similarity_columns),
     .more = similarity_more,
     .sql = similarity_sql},
    {.name = "curve-controls",
     .caption = "What of the same-concept curve's rise is explained by other things than "
                "refinement, by layer and control. A dash: the rise itself is not above 0 with its "
                "interval, so that there is nothing to explain.",
     .missing = "No control of the curve has values at two timestamps.",
     .csv = "control_rise",
     SHOWS(control)},
    {.name = "success",
     .caption = "Refinement in solved and in failed traces at the reference timestamp.",
     .missing = "No failed traces: representations.sets has no failed.",
     .csv = "success_naming",
     SHOWS(success)},
    {.name = "phases",
     .caption =
         "How far two sets of rules agree about the phases of the reasoning: tokens, and Cohen's "
         "kappa, which is 0 by chance and 1 at best. Below 0.4 it is poor, and no result by "
         "phase means more than its rules. Right of it, where the truth is known.",
     .missing = "No phases: there are no traces with a reasoning.",
     .csv = "phase_agreement",
     SHOWS(phase)},
    {.name = "phase-similarity",
     .caption =
         "Similarity by phase: of the phase's own mentions (representations.sets: [phases]) with "
         "the other namings' representation at the reference timestamp; and what its times give by "
         "themselves, since phases come at different times. It means no more than the agreement "
         "above, and fewer mentions are less alike by noise.",
     .missing = "No similarity by phase: there are no curves, or no phases.",
     .csv = "phase_similarity",
     SHOWS(phase_similarity)},
    {.name = "separation",
     .caption = "How well namings agree on concepts, by layer, in the full width; beside each "
                "figure its mean over label shuffles within namings.",
     .missing = "No separation: fewer than three points had enough mentions.",
     .csv = "separation",
     SHOWS(separation)},
    {.name = "mechanism-rises",
     .caption =
         "How much more each layer's attention and MLP add at mentions along the direction of "
         "refinement at the reference timestamp than at the first.",
     .missing = "No rises: no attention and mlp in representations.sites, or too few mentions.",
     .csv = "mechanism_rise",
     COLUMNS(mechanism_columns),
     .sql = (const char *)fr_asset_mechanism_sql},
    {.name = "mechanism-heads",
     .caption = "The twelve heads of each kind with the largest rise along the direction of "
                "refinement, and where they look at the reference timestamp.",
     .missing = "No heads: representations.sites does not list heads.",
     .csv = "mechanism_heads",
     COLUMNS(head_columns),
     .sql = (const char *)fr_asset_heads_sql},
    {.name = "vectors",
     .caption = "What is written in, and the controls.",
     .missing = "No experiment has run yet.",
     SHOWS(vector)},
    {.name = "experiment",
     .caption = "What is done, to what, and what it is held against.",
     .missing = "No conditions of this experiment are stored.",
     .per_experiment = true,
     SHOWS(experiment)},
    {.name = "effects",
     .caption = "Effects in percentage points of accuracy. About namings in general: the interval, "
                "t, p (one-sample, one-tailed, over namings), Holm p, Flip p and Max p (flips of "
                "whole namings; Holm and Max corrected over the family). About other puzzles of "
                "these namings only: Pairs p and McNemar p, which take the pairs of a naming for "
                "independent. Tests over namings need two, a standard error some variance; where "
                "they lack, a dash.",
     .missing = "No effects: this experiment has no finished runs.",
     .csv = "effect",
     .per_experiment = true,
     SHOWS(effect)},
    {.name = "contrasts",
     .caption = "Matched conditions against all that was run beside them, whatever their effects "
                "are measured against. The answers to the claims rest on these.",
     .missing = "No contrasts: this experiment has no finished runs.",
     .csv = "contrast",
     .per_experiment = true,
     COLUMNS(contrast_columns),
     .sql = (const char *)fr_asset_contrasts_sql},
    {.name = "run-verdicts",
     .caption = "Verdicts behind the effects, and of the unedited run on the same pairs: an answer "
                "that no plan can be read from, or that was cut, counts as not solved, and how "
                "much of an effect is of such answers is seen here.",
     .missing = "No verdicts: this experiment has no finished runs.",
     .csv = "run_verdict",
     .per_experiment = true,
     COLUMNS(run_verdict_columns),
     .sql = (const char *)fr_asset_run_verdicts_sql},
    {.name = "kept",
     .caption = "What is left of the accuracy of the unedited run.",
     .missing = "No accuracies: this experiment has no finished runs.",
     .csv = "kept",
     .per_experiment = true,
     SHOWS(kept)},
    {.name = "effects-namings",
     .caption = "Effect per naming, with the counts behind it.",
     .missing = "No effects per naming.",
     .csv = "effect_naming",
     .per_experiment = true,
     SHOWS(naming)},
    {.name = "best",
     .caption =
         "The best layer per naming, as the paper's table 4 has it, beside the best that "
         "chance gives: signs of pairs flipped within the naming, in all layers together. Last "
         "rows: the mean over namings, with whole namings flipped, which speaks of namings in "
         "general, and with pairs flipped, which takes the pairs of a naming for independent.",
     .missing = "No choice was made: no series of this experiment has several layers.",
     .csv = "best_naming",
     .per_experiment = true,
     SHOWS(best)},
    {.name = "paper-effects",
     .caption = "The paper's effects for QwQ-32B, percentage points: effect and standard error as "
                "printed, the rest derived (t over 14 namings). Right: this study.",
     .missing = "No figures of the paper: no statistics of this study have finished.",
     .csv = "paper_effect",
     SHOWS(paper)},
    {.name = "methods",
     .caption = "The methods, made from the configuration.",
     .missing = "Nothing has been done yet.",
     COLUMNS(method_columns),
     .sql = (const char *)fr_asset_methods_sql},
    {.name = "facts",
     .caption = "What the study was made with.",
     .missing = "Nothing is recorded.",
     SHOWS(fact)},
    {.name = "stages",
     .caption = "Stages, as they were when they ran.",
     .missing = "No stage has run.",
     SHOWS(stage)},
    {.name = "keys",
     .caption = "What each stage read of the configuration.",
     .missing = "No stage has recorded its keys.",
     SHOWS(key)},
    {.name = "counters", .caption = "What was run.", .missing = "Nothing was run.", SHOWS(counter)},
    {.name = "words",
     .caption = "Concept: word, per naming.",
     .missing = "No namings are stored.",
     SHOWS(word)},
};
const int fr_n_study_tables = sizeof fr_study_tables / sizeof *fr_study_tables;
