-- Every matched condition, its rows: the unedited run, then its controls.
SELECT c.label AS condition, c.at AS edit, iif(x.other = 'unedited', 'the unedited run', x.other) AS against, x.mean,
    x.standard_error, x.low, x.high, x.p_two_sided, x.gained, x.lost, x.n_namings, x.n_pairs
FROM contrast x JOIN condition_shown c ON c.experiment = x.experiment AND c.name = x.condition
JOIN series_shown s ON s.experiment = c.experiment AND s.label = c.label
WHERE x.experiment = ?1 AND x.n_pairs > 0 ORDER BY s.place, c.x_rank, c.place, x.position
