-- What every query of the report may use: how it reads, names and orders things, said once, so that
-- a table and a figure cannot disagree. It stands before each query (page.c). ?1 is the experiment
-- that the section, figure or table is of, or NULL.
WITH RECURSIVE
chosen(experiment) AS (SELECT ?1),

-- The canonical configuration: a row per line "key: value".
configuration_line(line, rest) AS (
    SELECT '', value || char(10) FROM meta WHERE key = 'configuration'
    UNION ALL
    SELECT substr(rest, 1, instr(rest, char(10)) - 1), substr(rest, instr(rest, char(10)) + 1)
    FROM configuration_line WHERE rest <> ''),
setting(key, value) AS (
    SELECT substr(line, 1, instr(line, ': ') - 1), substr(line, instr(line, ': ') + 2)
    FROM configuration_line WHERE instr(line, ': ') > 0),

-- The windows that overlap the reference's (analyses/analyses.h, fr_rise_end), within the grid.
reference_window(timestamp, opens, closes) AS (
    SELECT r, max(r - w, first), min(r + w, last) FROM (SELECT max(reference_timestamp) AS r, min(timestamp) AS first,
        max(timestamp) AS last FROM similarity), (SELECT CAST(value AS INTEGER) AS w FROM setting
        WHERE key = 'representations.window_tokens') WHERE r IS NOT NULL),

-- What timestamps are divided by where the studies' references differ, so that curves of models that reason
-- at different length lie over each other.
compared_unit(label, unit) AS (
    SELECT label, iif((SELECT count(DISTINCT reference_timestamp) FROM compared_study) > 1, reference_timestamp, 1)
    FROM compared_study),
compared_axis(title) AS (
    SELECT iif(count(DISTINCT reference_timestamp) > 1, 'timestamp T, as a share of the study''s reference timestamp',
        'timestamp T (tokens)') FROM compared_study),
compared_at(label, at, timestamp) AS (
    SELECT DISTINCT label, 1.0 * timestamp / unit, timestamp FROM compared_curve JOIN compared_unit USING (label)),
-- Around the first study's reference.
compared_window(timestamp, opens, closes) AS (
    SELECT r / unit, max(r - w, first) / unit, min(r + w, last) / unit FROM (SELECT 1.0 * reference_timestamp AS r,
        window_tokens AS w, unit FROM compared_study JOIN compared_unit USING (label) WHERE position = 1 AND
        reference_timestamp IS NOT NULL), (SELECT min(timestamp) AS first, max(timestamp) AS last FROM compared_curve
        JOIN compared_study USING (label) WHERE position = 1)),

-- Where timestamps are counted from.
token_origin(said) AS (
    SELECT CASE value WHEN 'prompt' THEN 'the first token of the prompt'
        ELSE 'the first generated token' END FROM setting WHERE key = 'representations.origin'),

-- What they go over, for titles.
token_path(said) AS (
    SELECT coalesce((SELECT CASE value WHEN 'prompt' THEN 'prompt and reasoning' END FROM setting
        WHERE key = 'representations.origin'), 'the reasoning')),

-- Colours that stay: a study's in all figures of a comparison, a control's of the curve in all pages.
-- The first study's curve is the one that the controls are of.
study_colour(position, colour) AS (VALUES (1, '#0072B2'), (2, '#D55E00'), (3, '#009E73'),
    (4, '#000000'), (5, '#AA0044'), (6, '#bcbd22'), (7, '#17becf'), (8, '#ff00ff'), (9, '#00aa11'), (10, '#ff0033')),
control_colour(control, colour) AS (VALUES ('plain', '#0072B2'), ('matched', '#CC79A7'),
    ('other_puzzles', '#E69F00'), ('corrected', '#56B4E9'), ('panel', '#8c564b'),
    ('other_span', '#7f3fbf'), ('shuffled', '#777777'), ('ceiling', '#aaaaaa')),
study_shown(label, position, colour) AS (
    SELECT label, s.position, colour FROM compared_study s
    JOIN study_colour c ON c.position = 1 + (s.position - 1) % (SELECT count(*) FROM study_colour)),

-- What is left of the first study's curve, which goes by its name.
compared_shown(kind, control, position, role, title, timestamp, mean, low, high, n_namings, explained, explained_low,
    explained_high) AS (
    SELECT kind, control, c.position, role, iif(role = 'plain', (SELECT label FROM compared_study WHERE position = 1) || ', ', '')
        || title, timestamp, mean, low, high, n_namings, explained, explained_low, explained_high FROM compared_control c),

-- Namings: the clean one first, then as their table has them.
naming_order(naming, role, excluded, rank) AS (
    SELECT id, role, excluded, row_number() OVER (ORDER BY role <> 'clean', position) FROM naming),
-- Concepts: as the domain has them.
concept_order(concept, rank) AS (
    SELECT concept, min(position) FROM naming_word GROUP BY concept),
-- The puzzles that accuracies are first shown of: all, where there is such a row.
whole_split(split) AS (
    SELECT split FROM accuracy ORDER BY split <> 'all', split LIMIT 1),

-- The layer a figure opens at: nearest to the paper's depth, 40 of 64, so that the choice does not
-- depend on the results; of two as near the deeper.
model_layers(n) AS (
    SELECT CAST(value AS REAL) FROM meta WHERE key = 'model_layers' AND CAST(value AS REAL) > 0),
similarity_layer(layer) AS (
    SELECT layer FROM similarity GROUP BY layer
    ORDER BY abs(layer - 40.0 / 64.0 * coalesce((SELECT n FROM model_layers),
                                                (SELECT max(layer) FROM similarity))), layer DESC
    LIMIT 1),
-- The timestamp that traces of the balanced panel reach.
panel_end(timestamp) AS (
    SELECT CASE CAST(p.value AS INTEGER) WHEN 0 THEN CAST(e.value AS INTEGER)
        ELSE CAST(p.value AS INTEGER) END
    FROM setting p JOIN setting e ON e.key = 'representations.grid_end'
    WHERE p.key = 'representations.panel_end'),
pca_layer(layer) AS (
    SELECT layer FROM pca GROUP BY layer
    ORDER BY abs(layer - 40.0 / 64.0 * coalesce((SELECT n FROM model_layers),
                                                (SELECT max(layer) FROM pca))), layer DESC
    LIMIT 1),

-- Table 1 of the paper.
paper_model(rank, model, kind, cot, clean, clean_tokens, mystery, mystery_tokens, preserved) AS
    (VALUES (1, 'GPT-4.1', 'regular', 'yes', 0.92, 556, 0.18, 3837, 0.20),
    (2, 'Qwen2.5-32B', 'regular', 'no', 0.21, 71, 0.0, 1390, 0.0),
    (3, 'Qwen2.5-32B-Instruct', 'regular', 'yes', 0.38, 353, 0.0, 1479, 0.0),
    (4, 'Llama-3.3-70B-Instruct', 'regular', 'yes', 0.40, 760, 0.02, 1142, 0.05),
    (5, 'DeepSeek-R1-Distill-Qwen-32B', 'reasoning', 'no', 0.81, 2387, 0.08, 8500, 0.10),
    (6, 'DeepSeek-R1-Distill-Llama-70B', 'reasoning', 'no', 0.66, 2674, 0.10, 10636, 0.15),
    (7, 'Llama-Nemotron-Super-49B-v1 *', 'reasoning', 'no', 0.48, 1162, 0.19, 9200, 0.40),
    (8, 'QwQ-32B', 'reasoning', 'no', 0.96, 3633, 0.35, 16186, 0.36)),

-- Marks of what the paper says in words, where the study's scale has their place: where its curves
-- stop rising, and from which layers on its actions separate.
paper_plateau(timestamp) AS (
    SELECT 7000 FROM (SELECT min(timestamp) AS first, max(timestamp) AS last FROM similarity)
    WHERE first <= 7000 AND last >= 7000),
paper_separation(layer) AS (
    SELECT DISTINCT layer FROM separation JOIN model_layers WHERE n = 64 AND layer IN (20, 30)),

-- Phases in the paper's order; what may be said of labels by rules, in words: by the customary steps of kappa.
phase_order(phase, rank) AS (
    VALUES ('none', 0), ('comparison', 1), ('search', 2), ('exploration', 3), ('planning', 4), ('verification', 5)),
kappa_word(least, word) AS (
    VALUES (-2.0, 'poorly: no result by phase means more than its rules'),
        (0.4, 'moderately: read both sets of rules before a result is believed'),
        (0.6, 'well'), (0.8, 'very well')),
phase_words(text) AS (
    SELECT printf('On mystery namings the two agree about %.0f%% of the tokens, Cohen''s kappa %.2f%s: %s.',
        100.0 * both / cues, kappa, iif(low IS NULL OR high IS NULL, '',
        printf(' (95%% bootstrap interval over %d distinct puzzles %.2f to %.2f)', n_distinct, low, high)),
        (SELECT word FROM kappa_word WHERE least <= kappa ORDER BY least DESC LIMIT 1))
    FROM phase_agreement WHERE phase = 'all' AND cues > 0 AND kappa IS NOT NULL
    ORDER BY texts DESC LIMIT 1),
-- What is shown of solved against failed traces: of the same puzzles, where a study has it.
success_shown(puzzles) AS (SELECT max(puzzles) FROM success_test),
success_words(text) AS (
    SELECT CASE WHEN n_namings < 2 THEN 'Fewer than two namings have both.' ELSE
        printf('At T = %d, layer %d, an action of solved traces is %+.3f more alike (%s%d namings', timestamp, layer, mean,
            iif(low IS NULL OR high IS NULL, 'no interval: ', printf('95%% interval %+.3f to %+.3f, ', low, high)), n_namings)
        || CASE WHEN p IS NULL THEN '' WHEN p < 0.001 THEN '; one-tailed t p < 0.001' ELSE printf('; one-tailed t p = %.3f', p) END
        || CASE WHEN p_flip IS NULL THEN '' WHEN p_flip < 0.001 THEN ', by flips of namings < 0.001'
            ELSE printf(', by flips of namings = %.3f', p_flip) END
        || ')' || iif(detectable > 0, printf('; the design could have found %.3f.', detectable), '.') END
    FROM success_test JOIN similarity_layer USING (layer) JOIN success_shown USING (puzzles) WHERE kind = 'action'),
success_puzzles(text) AS (
    SELECT iif(puzzles = 'the same', 'Both are of the same puzzles over the namings together: of each, as many that solve it as that do not.',
        'Within a naming the two are of different puzzles, some perhaps the same but for the names of their objects (same_puzzles in representations.sets takes the same).')
    FROM success_shown WHERE puzzles IS NOT NULL),
phase_truth(text) AS (
    SELECT 'Of the organism''s own texts, whose writer knows the truth, '
        || group_concat(printf('%s find %.0f%%', rules, 100 * found), ', ') || '.'
        || coalesce((SELECT ' It writes no ' || group_concat(phase, ', ') || '.' FROM (SELECT phase FROM phase_order
            WHERE phase <> 'none' AND phase NOT IN (SELECT phase FROM phase_accuracy) ORDER BY rank)), '')
    FROM phase_accuracy WHERE phase = 'all' HAVING count(*) > 0),

-- What an experiment sweeps, by its matched conditions (by all, where it has none): the figure's
-- horizontal axis. Layers, unless they stay and something else does not.
sweep(experiment, field) AS (
    SELECT c.experiment, CASE
        WHEN count(DISTINCT e.layer_first || '-' || e.layer_end) > 1 THEN 'layers'
        WHEN count(DISTINCT e.scale) > 1 THEN 'scale'
        WHEN count(DISTINCT e.strength) > 1 THEN 'strength'
        WHEN count(DISTINCT e.window_start || '-' || e.window_end) > 1 THEN 'window'
        WHEN count(DISTINCT e.timestamp) > 1 THEN 'timestamp'
        ELSE 'layers' END
    FROM condition c JOIN edit e ON e.id = c.edit
    WHERE c.role = 'matched' OR c.role <> 'baseline' AND NOT EXISTS
        (SELECT 1 FROM condition m WHERE m.experiment = c.experiment AND m.role = 'matched')
    GROUP BY c.experiment),
-- Each condition with the place of its edit in the sweep.
condition_place AS (
    SELECT c.experiment, c.name, c.role, c.colour, c.shape, c.series, c.edit, s.field,
        iif(c.role = 'identity', 'identity',
            e.vectors || iif(e.control = 'none', '', ', ' || e.control)) AS kind,
        CASE c.role WHEN 'matched' THEN 0 WHEN 'control' THEN 1 ELSE 2 END * 1000000 + c.position
            AS place,
        iif(a.role = 'baseline', '', ', against ' || a.series) AS against,
        iif(a.role = 'baseline', 'the unedited run', a.series) AS reference,
        CASE s.field WHEN 'scale' THEN printf('%.3g', e.scale)
            WHEN 'strength' THEN printf('%.3g', e.strength)
            WHEN 'window' THEN e.window_start || '-' || e.window_end
            WHEN 'timestamp' THEN '' || e.timestamp
            ELSE e.layer_first || iif(e.layer_end - e.layer_first > 1, '-' || (e.layer_end - 1), '')
            END AS x,
        CASE s.field WHEN 'scale' THEN e.scale WHEN 'strength' THEN e.strength
            WHEN 'window' THEN e.window_end * 1e6 + e.window_start WHEN 'timestamp' THEN e.timestamp
            ELSE e.layer_first * 1e6 + e.layer_end END AS x_rank,
        CASE s.field WHEN 'scale' THEN 's = ' WHEN 'strength' THEN 'strength '
            WHEN 'window' THEN 'window ' WHEN 'timestamp' THEN 'T = '
            ELSE iif(e.layer_end - e.layer_first > 1, 'layers ', 'layer ') END AS x_unit
    FROM condition c JOIN edit e ON e.id = c.edit JOIN sweep s USING (experiment)
    JOIN condition a ON a.id = c.against WHERE c.role <> 'baseline'),
-- The same as readers see it: conditions of one label are one line of a figure. Over layers that is
-- their series, over another field what they have in common, unless that does not tell them apart.
condition_shown AS (
    SELECT experiment, name, role, colour, shape, edit, field, place, x, x_rank, x_unit || x AS at, reference,
        iif(field = 'layers' OR max(n_alike) OVER (PARTITION BY experiment) > 1, series, kind)
            || iif(role = 'matched', '', ' (control)') || against AS label
    FROM (SELECT *, count(*) OVER (PARTITION BY experiment, kind, against, x) AS n_alike
          FROM condition_place)),
-- Where a condition stands in a figure of effects: those measured against one thing stand together,
-- those against the unedited run first.
condition_panel(experiment, name, spot, reference, panel_rank, x_rank) AS (
    SELECT experiment, name, x || char(10) || reference, reference, reference <> 'the unedited run', x_rank
    FROM condition_shown),
-- The row of a condition in a heat map, in lines; where, if not all are at one place.
condition_row(experiment, name, row) AS (
    SELECT experiment, name, replace(label, ', against ', char(10) || 'against ')
            || iif(min(at) OVER (PARTITION BY experiment) = max(at) OVER (PARTITION BY experiment), '', ', ' || at)
    FROM condition_shown),
-- Lines of a figure: of those that would look alike, all but the first get another shape.
series_shown AS (
    SELECT experiment, label, place, colour,
        CASE row_number() OVER (PARTITION BY experiment, colour, shape ORDER BY place)
            WHEN 1 THEN shape WHEN 2 THEN 'diamond' WHEN 3 THEN 'square' WHEN 4 THEN 'triangle-up'
            WHEN 5 THEN 'triangle-down' WHEN 6 THEN 'cross' ELSE 'circle' END AS shape
    FROM (SELECT experiment, label, min(place) AS place, min(colour) AS colour,
              min(shape) AS shape FROM condition_shown GROUP BY experiment, label)),
-- The churn floor: how many verdicts change for no reason, by noise on the rows that are edited.
-- One number for a study: that of the largest size that was run, whatever came out.
churn(size, pairs, changed) AS (
    SELECT d.scale, max(e.n_pairs - e.unedited), max(e.gained + e.lost) FROM effect e JOIN condition c
    ON c.experiment = e.experiment AND c.name = e.condition JOIN edit d ON d.id = c.edit
    JOIN condition a ON a.id = c.against
    WHERE d.vectors = 'noise' AND c.role = 'matched' AND a.role = 'baseline' AND e.n_pairs > e.unedited GROUP BY c.edit),
churn_floor(size, pairs, changed) AS (
    SELECT size, sum(pairs), sum(changed) FROM churn WHERE size = (SELECT max(size) FROM churn)
    GROUP BY size),
-- Traces behind a study's vectors: of each naming that is steered, by set.
vector_traces(traces, n_namings, n_fewer, low, high) AS (
    SELECT s.traces, count(*), sum(s.n_traces < CAST(k.value AS INTEGER)), min(s.n_traces), max(s.n_traces)
    FROM sums s JOIN naming n ON n.id = s.naming JOIN setting k ON k.key = 'representations.solved_traces'
    WHERE s.site = 'block' AND n.role = 'mystery' AND NOT n.excluded GROUP BY s.traces),
-- Experiments that have finished and could do nothing, with the reason.
silent(experiment, pairs, left_out, window_ends, traces) AS (
    SELECT c.experiment, sum(e.n_pairs), (SELECT max(n) FROM (SELECT sum(left_out) AS n FROM effect_naming x
            WHERE x.experiment = c.experiment GROUP BY condition)), group_concat(DISTINCT d.window_end), min(d.traces)
    FROM effect e JOIN condition c ON c.experiment = e.experiment AND c.name = e.condition JOIN edit d ON d.id = c.edit
    WHERE EXISTS (SELECT 1 FROM stage WHERE name = 'statistics' AND done)
    GROUP BY c.experiment HAVING sum(e.n_pairs) = sum(e.unedited)),
silent_experiment(experiment, reason) AS (
    SELECT experiment, CASE WHEN pairs = 0
        THEN printf('no run was made, since none of the %d traces to steer goes on past the window''s end at T = %s', left_out, window_ends)
        WHEN v.high = 0 THEN 'nothing was edited in any run, since there is no ' || iif(v.traces = 'all', 'collected', v.traces)
            || ' trace to make vectors of'
        ELSE 'nothing was edited in any run: no vector could be made, or no mention lies in the window' END
    FROM silent LEFT JOIN vector_traces v USING (traces)),
-- Why there is nothing to say though all has finished; no row before the statistics have.
none_reason(reason) AS (
    SELECT 'no puzzle is held out (puzzles.evaluate)'
    WHERE NOT EXISTS (SELECT 1 FROM puzzle WHERE split = 'evaluate')
    UNION ALL
    SELECT 'no action has the ' || coalesce((SELECT value || ' ' FROM setting
        WHERE key = 'representations.min_mentions'), '') || 'mentions that'
        || ' representations.min_mentions asks for, under two namings at the reference timestamp'
    WHERE NOT EXISTS (SELECT 1 FROM similarity WHERE variant = 'loo' AND relation = 'same'
        AND kind = 'action' AND timestamp = reference_timestamp AND mean IS NOT NULL)
    UNION ALL
    SELECT coalesce((SELECT group_concat('in ' || experiment || ' ' || reason, '; ') FROM silent_experiment),
        iif(EXISTS (SELECT 1 FROM condition), 'no experiment has a pair of runs', 'there is no experiment'))
    WHERE NOT EXISTS (SELECT 1 FROM effect WHERE mean IS NOT NULL)),
none_why(text) AS (
    SELECT coalesce((SELECT group_concat(reason, '; ') FROM none_reason), 'see the tables')
        || '. All that the configuration asks for has finished.'
    FROM stage WHERE name = 'statistics' AND done),
-- What is written in: kinds of vectors, and their controls.
vector_kind(vectors, rank, meaning) AS (VALUES
    ('in_naming', 1, 'what tells a concept apart under the naming itself: its mean less that of its kind'),
    ('cross_loo', 2, 'the mean of that over the other namings (leave-one-out)'),
    ('cross_all', 3, 'the mean of that over all namings, the edited one among them, as the paper'),
    ('symbolic_loo', 4, 'free of names: the mean of the kind plus strength times cross_loo'),
    ('symbolic_all', 5, 'free of names: the mean of the kind plus strength times cross_all'),
    ('clean', 6, 'the concept''s mean under the clean words, not centred'),
    ('mean', 7, 'the mean of the kind, one for all its concepts'),
    ('noise', 8, 'a Gaussian vector of its own for every row')),
control_kind(control, rank, meaning) AS (VALUES
    ('shuffled', 11, 'the same vectors, each written at another concept of its kind'),
    ('random', 12, 'Gaussian directions of the same norm'),
    ('single', 13, 'one vector for all concepts of a kind')),
-- Those that the study uses.
vector_used(name, rank, meaning) AS (
    SELECT vectors, rank, meaning FROM vector_kind WHERE vectors IN
        (SELECT e.vectors FROM condition c JOIN edit e ON e.id = c.edit)
    UNION ALL SELECT control, rank, 'control: ' || meaning FROM control_kind WHERE control IN
        (SELECT e.control FROM condition c JOIN edit e ON e.id = c.edit)
    UNION ALL SELECT 'identity', 14, 'control: an edit that changes nothing'
    WHERE EXISTS (SELECT 1 FROM condition WHERE role = 'identity')),
-- An edit as a formula, with its signs. h: the row as it is, v: the vector.
edit_shown(edit, formula, layers, window) AS (
    SELECT id,
        CASE operation WHEN 'mix' THEN 'h′ = s h + (1 − s) v'
            WHEN 'replace' THEN 'h′ = v' WHEN 'add' THEN 'h′ = h + v'
            WHEN 'subtract' THEN 'h′ = h − v' WHEN 'project' THEN 'h′ = h − (h·v / v·v) v'
            WHEN 'jitter' THEN 'h′ = h + s |h| v / |v|, v noise of its own for every row' ELSE operation END
            || iif(keep_norm, ', then set to the norm of h', ''),
        layer_first || iif(layer_end - layer_first > 1, '-' || (layer_end - 1), ''),
        '[' || window_start || ', ' || window_end || ')'
    FROM edit)
