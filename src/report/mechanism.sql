-- How much more each part adds along the direction of refinement.
SELECT kind || 's' AS concepts, layer, CASE part WHEN 'mlp' THEN 'MLP' ELSE part END AS part,
first_timestamp, last_timestamp, n_namings, rise, low, high, shuffled_low, shuffled_high, p
FROM mechanism_rise ORDER BY kind, layer, CASE mechanism_rise.part WHEN 'before' THEN 1
WHEN 'attention' THEN 2 WHEN 'mlp' THEN 3 ELSE 4 END
