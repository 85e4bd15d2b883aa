-- What the paper says in words alone, and the same of this study: of the same kind, or a dash and why.
WITH mystery AS (
    SELECT a.* FROM accuracy a JOIN whole_split USING (split) JOIN naming_order n USING (naming)
    WHERE n.role <> 'clean' AND accuracy IS NOT NULL),
solved AS (
    SELECT t.n_reasoning AS n FROM trace t JOIN naming_order o USING (naming)
    WHERE t.verdict = 'solved' AND o.role <> 'clean'),
-- The curve of figure 4a at the layer nearest to the paper's, while half of the namings have it.
curve AS (
    SELECT timestamp, mean FROM similarity s JOIN similarity_layer USING (layer)
    WHERE variant = 'loo' AND relation = 'same' AND kind = 'action' AND mean IS NOT NULL
        AND 2 * n_namings >= (SELECT max(n_namings) FROM similarity JOIN similarity_layer USING
            (layer) WHERE variant = 'loo' AND relation = 'same' AND kind = 'action')
        -- windows that overlap the reference's are left out: it is highest there by that alone
        AND NOT EXISTS (SELECT 1 FROM reference_window w WHERE s.timestamp > w.opens AND s.timestamp < w.closes)),
curve_top AS (SELECT timestamp, mean FROM curve ORDER BY mean DESC, timestamp LIMIT 1),
-- Against representations at 2,000 tokens, the paper's figure 2.
early AS (
    SELECT timestamp, mean FROM pair_similarity JOIN similarity_layer USING (layer) WHERE figure = 'naming'
        AND kind = 'action' AND relation = 'same' AND centring = 'kind' AND reference_timestamp = 2000 AND mean IS NOT NULL
        AND timestamp NOT BETWEEN 2001 - (SELECT CAST(value AS INTEGER) FROM setting WHERE key =
            'representations.window_tokens') AND 1999 + (SELECT CAST(value AS INTEGER) FROM setting WHERE key =
            'representations.window_tokens')),
-- The curve's end at the layers nearest to the paper's 40 and 30 of 64.
depths AS (
    SELECT layer, mean, timestamp, n FROM similarity JOIN model_layers WHERE variant = 'loo' AND relation = 'same'
        AND kind = 'action' AND mean IS NOT NULL AND timestamp = (SELECT timestamp FROM curve_top)
        AND layer IN ((SELECT layer FROM similarity_layer), (SELECT layer FROM similarity GROUP BY layer
            ORDER BY abs(layer - 30.0 / 64.0 * (SELECT n FROM model_layers)), layer DESC LIMIT 1))
    ORDER BY layer DESC),
separate AS (
    SELECT layer, silhouette FROM separation WHERE kind = 'action' AND silhouette IS NOT NULL),
-- Positive steering: vectors mixed in, against the unedited run; of its controls random and shuffled.
steered AS (
    SELECT c.experiment, c.name AS condition, c.position, e.vectors, e.control, e.layer_first AS layer,
        e.layer_end - e.layer_first = 1 AS single, 64.0 * e.layer_first / n AS depth, x.mean, x.p
    FROM condition c JOIN edit e ON e.id = c.edit JOIN condition a ON a.id = c.against
    JOIN effect x ON x.experiment = c.experiment AND x.condition = c.name JOIN model_layers
    WHERE c.role IN ('matched', 'control') AND a.role = 'baseline' AND e.operation = 'mix'
        AND e.vectors IN ('in_naming', 'cross_all', 'cross_loo') AND e.traces IS NOT 'failed'
        AND x.mean IS NOT NULL AND x.unedited < x.n_pairs),
positive AS (SELECT * FROM steered WHERE control = 'none'),
gain AS (
    SELECT e.*, p.position FROM effect_naming e JOIN positive p USING (experiment, condition)
    WHERE e.n > 0 AND e.effect IS NOT NULL),
-- Effects by layer, of each control in the experiment that has it at most layers.
swept AS (
    SELECT control, experiment FROM (SELECT control, experiment, row_number() OVER (
        PARTITION BY control ORDER BY count(DISTINCT layer) DESC, min(position)) AS rank
        FROM steered WHERE single GROUP BY control, experiment) WHERE rank = 1),
by_layer AS (
    SELECT control, iif(control <> 'none' OR vectors = 'in_naming', 'in', 'cross') AS kind, layer,
        depth, printf('%+.1f', 100 * avg(mean)) AS points FROM steered JOIN swept USING (control,
        experiment) WHERE single AND (control <> 'shuffled' OR vectors = 'in_naming')
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3),
listed AS (
    SELECT control, printf('%s points (of %d layers)', group_concat('layer ' || layer || ': ' || points,
        ', '), (SELECT n FROM model_layers)) AS text FROM by_layer GROUP BY control),
orders AS (
    SELECT c.layer AS layer, 'layer ' || c.layer || ': cross ' || c.points || ', in ' || i.points
        || coalesce(', random ' || r.points, '') AS text
    FROM by_layer c JOIN by_layer i ON i.control = 'none' AND i.kind = 'in' AND i.layer = c.layer
    LEFT JOIN by_layer r ON r.control = 'random' AND r.layer = c.layer
    WHERE c.control = 'none' AND c.kind = 'cross' AND c.depth >= 20 ORDER BY c.layer),
-- why: what stands there where a study lacks it.
said(rank, place, text, here, why) AS (VALUES
    (1, 'figure 1, table 1', '96% of clean puzzles are solved',
        (SELECT printf('%.0f%%', 100 * accuracy) FROM accuracy JOIN whole_split USING (split)
            JOIN naming_order USING (naming) WHERE role = 'clean'), 'no clean naming'),
    (2, 'figure 1', 'under naming 1 33%, after steering up to 43%',
        coalesce((SELECT printf('%.0f%%, after steering up to %.0f%% (', 100.0 * against_solved / n, 100.0 * solved / n)
            || iif(count(*) = 1, experiment || ': ' || condition, printf('%d conditions alike', count(*))) || ')'
            FROM (SELECT *, rank() OVER (ORDER BY 1.0 * solved / n DESC) AS place FROM gain WHERE naming IN (SELECT naming
            FROM mystery WHERE paper_naming = '1')) WHERE place = 1 HAVING count(*) > 0),
        (SELECT printf('%.0f%%; no positive steering of it', 100 * accuracy) FROM mystery
            WHERE paper_naming = '1')), 'not its naming 1'),
    (3, 'section 2.3', 'from 5% under the hardest naming to 47%',
        (SELECT printf('%.0f%% to %.0f%%', 100 * min(accuracy), 100 * max(accuracy)) FROM mystery
            HAVING count(*) > 0), 'no mystery naming'),
    (4, 'hyperparameters', 'about 20% in the mean over namings',
        (SELECT printf('%.0f%%', 100 * avg(accuracy)) FROM mystery HAVING count(*) > 0),
        'no mystery naming'),
    (5, 'section 2.2', 'a solved mystery trace has typically 15,000 to 20,000 tokens',
        (SELECT printf('%.0f in the mean, %d to %d', avg(n), min(n), max(n)) FROM solved
            HAVING count(*) > 0), 'none is solved'),
    (6, 'section 2.3', 'traces of naming 3 have about 2,000 tokens',
        (SELECT printf('%.0f', mean_reasoning_tokens) FROM mystery WHERE paper_naming = '3'),
        'not its naming 3'),
    (7, 'sections 3.1, 3.2, figure 9', 'similarity stops rising at about 7,000 tokens',
        (SELECT printf('first at 90%% of its highest (%.2f at %d tokens) at %d tokens', e.mean, e.timestamp,
            (SELECT min(timestamp) FROM curve WHERE mean >= 0.9 * e.mean)) FROM curve_top e
            WHERE e.mean > 0), 'no curve above 0'),
    (7.3, 'section 3.1', 'against representations at 2,000 tokens alone the curve does not rise',
        (SELECT printf('T = 2000: %.2f at %d tokens, %.2f at %d', max(iif(timestamp = a, mean, NULL)), a,
            max(iif(timestamp = b, mean, NULL)), b) FROM early, (SELECT min(timestamp) AS a, max(timestamp) AS b FROM early)
            HAVING count(*) > 1), 'not held against T = 2000'),
    (7.6, 'hyperparameters', 'similarity is shown at layer 40 of 64; layer 30 gave the same',
        (SELECT group_concat(printf('%.2f at layer %d', mean, layer), ', ') || printf(' of %d, at %d tokens', max(n), max(timestamp))
            FROM depths HAVING count(*) > 1), 'no two layers'),
    (8, 'section 3.1, figure 2', 'different actions: about 0.2, pairwise with naming 1',
        (SELECT group_concat(printf('%.2f %s', mean, word), ', ') || ' at ' || min(timestamp) || ' tokens'
            FROM (SELECT mean, timestamp, CASE centring WHEN 'raw' THEN 'not centred' WHEN 'all' THEN
            'centred over all concepts' WHEN 'one' THEN 'naming 1 not centred' ELSE
            'centred by kind' END AS word FROM pair_similarity p JOIN similarity_layer USING (layer)
            WHERE figure = 'naming' AND kind = 'action' AND relation = 'different' AND mean IS NOT NULL
            AND timestamp = p.reference_timestamp AND timestamp = (SELECT max(reference_timestamp) FROM
            similarity) ORDER BY centring <> 'raw', centring) HAVING count(*) > 0
            AND EXISTS (SELECT 1 FROM mystery WHERE paper_naming = '1' AND naming = coalesce((SELECT
            nullif(value, '') FROM setting WHERE key = 'analyses.pair_naming'), '1'))),
        'not computed with naming 1'),
    (9, 'appendix, PCA', 'actions separate clearly from layers 20 to 30 of 64 on',
        (SELECT printf('silhouette first at half of its highest, %.2f, at layer %d of %d', top,
            min(layer), (SELECT n FROM model_layers)) FROM separate JOIN (SELECT max(silhouette) AS top
            FROM separate) WHERE top > 0 AND silhouette >= top / 2 HAVING count(*) > 0),
        'no silhouette above 0'),
    (10, 'section 4.1', 'the largest gain of one naming is 10 points',
        (SELECT printf('%+.1f points: ', 100 * effect) || iif(count(*) = 1, printf('naming %s (%s: %s)', naming, experiment, condition),
            printf('%d alike, of %d namings in %d conditions', count(*), count(DISTINCT naming), count(DISTINCT position)))
            FROM gain WHERE effect >= (SELECT max(effect) FROM gain) - 1e-9 HAVING count(*) > 0), 'no positive steering'),
    (11, 'appendix, statistics', 'significant steering effects are 1.4 to 1.8 points',
        (SELECT iif(count(*) FILTER (WHERE p < 0.05) = 0, printf('none of %d with p < 0.05', count(*)),
            printf('%d of %d with p < 0.05: %+.1f to %+.1f points', count(*) FILTER (WHERE p < 0.05),
            count(*), 100 * min(mean) FILTER (WHERE p < 0.05), 100 * max(mean) FILTER (WHERE p < 0.05)))
            FROM positive HAVING count(*) > 0), 'no positive steering'),
    (12, 'figure 6', 'random vectors help too, at layers up to 10',
        (SELECT text FROM listed WHERE control = 'random'), 'no random control of one layer'),
    (13, 'figure 6', 'from layer 20 on cross-naming vectors help more than in-naming ones, and these far'
        || ' more than random ones', (SELECT group_concat(text, '; ') || ' points' FROM orders),
        'both kinds were not steered at one layer from 20 of 64 on'),
    (14, 'appendix', 'shuffled in-naming vectors help up to layer 5, hurt from 5 to 20, help from 30 on',
        (SELECT text FROM listed WHERE control = 'shuffled'), 'no shuffled in-naming control of one layer'),
    (15, 'section 4.1', 'steering the base model on QwQ''s traces shows no effect',
        (SELECT printf('%+.1f to %+.1f points', 100 * min(mean), 100 * max(mean)) FROM positive, (SELECT 1 FROM imported LIMIT 1)
            HAVING count(*) > 0), 'of a study of recorded traces that steers'))
-- Of recorded traces nothing is said of what this model solves.
SELECT place, text, coalesce(here, '— ' || why) AS here FROM said
WHERE EXISTS (SELECT 1 FROM accuracy WHERE paper_accuracy IS NOT NULL
        OR paper_naming IS NOT NULL AND EXISTS (SELECT 1 FROM imported))
    AND (rank >= 7 OR NOT EXISTS (SELECT 1 FROM imported)) ORDER BY rank
