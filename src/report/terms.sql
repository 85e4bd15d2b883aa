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
pca_layer(layer) AS (
    SELECT layer FROM pca GROUP BY layer
    ORDER BY abs(layer - 40.0 / 64.0 * coalesce((SELECT n FROM model_layers),
                                                (SELECT max(layer) FROM pca))), layer DESC
    LIMIT 1),

-- Conditions of steering: their name for readers, whether a control, their place, their looks.
condition_shown(condition, label, place, colour, shape) AS (
    SELECT condition,
        CASE condition WHEN 'in_naming' THEN 'in-naming'
            WHEN 'cross_loo' THEN 'cross-naming, leave-one-out'
            WHEN 'cross_all' THEN 'cross-naming, all'
            WHEN 'random' THEN 'random (control)'
            WHEN 'shuffled' THEN 'in-naming, shuffled (control)'
            WHEN 'cross_shuffled' THEN 'cross-naming, shuffled (control)'
            WHEN 'identity' THEN 'identity (control)'
            ELSE replace(condition, '_', ' ') END,
        CASE condition WHEN 'in_naming' THEN 0 WHEN 'cross_loo' THEN 1 WHEN 'cross_all' THEN 2
            WHEN 'random' THEN 5 WHEN 'shuffled' THEN 6 WHEN 'cross_shuffled' THEN 7
            WHEN 'identity' THEN 9 ELSE 3 END,
        CASE condition WHEN 'in_naming' THEN '#0072B2' WHEN 'cross_loo' THEN '#D55E00'
            WHEN 'cross_all' THEN '#E69F00' WHEN 'random' THEN '#777777'
            WHEN 'shuffled' THEN '#AAAAAA' WHEN 'cross_shuffled' THEN '#AAAAAA'
            WHEN 'identity' THEN '#000000' ELSE '#009E73' END,
        CASE condition WHEN 'in_naming' THEN 'circle' WHEN 'random' THEN 'triangle-up'
            WHEN 'shuffled' THEN 'square' WHEN 'cross_shuffled' THEN 'triangle-down'
            WHEN 'identity' THEN 'cross' ELSE 'diamond' END
    FROM (SELECT condition FROM steering UNION SELECT condition FROM steering_naming))
