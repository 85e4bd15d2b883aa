-- Headline numbers as cards: the number, its interval, and in a line what it is and of how many. The
-- whole sentence, text, says the rest.
WITH
n_puzzles(n) AS (SELECT max(n) FROM accuracy WHERE split = 'evaluate'),
line(name, text) AS (
    SELECT 'accuracy_clean', printf('of %d held-out puzzles solved under the clean words', n) FROM n_puzzles
    UNION ALL
    SELECT 'accuracy_mystery', printf('of %d held-out puzzles solved, mean over %d mystery naming%s',
        (SELECT n FROM n_puzzles), count(*), iif(count(*) = 1, '', 's'))
    FROM accuracy JOIN naming_order USING (naming) WHERE role <> 'clean' AND split = 'evaluate'
    UNION ALL
    SELECT 'share_recorded', printf('of %d recorded answers solve their puzzle: %d traces in %d namings, none this model''s',
        count(*), count(DISTINCT puzzle), count(DISTINCT naming)) FROM trace
    UNION ALL
    SELECT 'similarity_rise', printf('rise of an action''s cosine with its other namings, T = %d to %d, layer %d; %d namings',
        first_timestamp, last_timestamp, layer, n_namings)
    FROM control_rise JOIN similarity_layer USING (layer) WHERE control = 'plain' AND kind = 'action'
    UNION ALL
    SELECT * FROM (
        SELECT 'similarity_action', printf('cosine of an action with its other namings, T = %d, layer %d; %d namings',
            timestamp, layer, n_namings)
        FROM similarity JOIN similarity_layer USING (layer) WHERE variant = 'loo' AND relation = 'same'
            AND kind = 'action' AND mean IS NOT NULL AND timestamp <= reference_timestamp
        ORDER BY timestamp DESC LIMIT 1)
    UNION ALL
    SELECT 'silhouette_action', printf('silhouette of actions by concept, T = %d, layer %d; %d points', timestamp, layer,
        n_points)
    FROM separation JOIN similarity_layer USING (layer) WHERE kind = 'action' AND silhouette IS NOT NULL
    UNION ALL
    SELECT 'effect.' || e.experiment || '.' || e.condition, printf('%s, %s: %s; %d naming%s, %d pairs', e.experiment,
        e.condition || iif(c.role = 'control', ' (control)', ''), iif(e.unedited >= e.n_pairs, 'nothing was edited',
        'accuracy against ' || c.reference), e.n_namings, iif(e.n_namings = 1, '', 's'), e.n_pairs)
    FROM effect e JOIN condition_shown c ON c.experiment = e.experiment AND c.name = e.condition
    UNION ALL
    SELECT 'effects_more', 'more effects of conditions at this depth, in the tables of effects'
    UNION ALL
    SELECT 'share_identity', printf('of %d runs with an edit that changes nothing are as without it', sum(e.n_pairs - e.unedited))
    FROM effect e JOIN condition c ON c.experiment = e.experiment AND c.name = e.condition
    WHERE c.role = 'identity' HAVING sum(e.n_pairs - e.unedited) > 0
    UNION ALL
    SELECT 'share_churn', printf('of %d verdicts change by noise of %.3g of an edited row''s norm', pairs, size)
    FROM churn_floor)
SELECT h.name, unit, value, low, high, h.text, min(l.text) AS line FROM headline h LEFT JOIN line l USING (name)
GROUP BY position ORDER BY position
