-- Table 1 of the paper, its rows below the study's.
WITH shown(clean, mystery) AS (SELECT (SELECT naming FROM naming_order WHERE role = 'clean'),
(SELECT naming FROM naming_order WHERE role <> 'clean' ORDER BY naming <> '1', rank LIMIT 1))
SELECT class, model, kind, cot, clean, clean_tokens, clean_unparsed, mystery, mystery_tokens,
mystery_unparsed, preserved FROM (SELECT 0 AS rank, 'total' AS class,
(SELECT value FROM meta WHERE key = 'model_name') AS model,
(SELECT value FROM meta WHERE key = 'model_kind') AS kind,
(SELECT iif(value = 'cot', 'yes', 'no') FROM setting WHERE key = 'prompt.preset') AS cot,
c.accuracy AS clean, c.mean_reasoning_tokens AS clean_tokens,
1.0 * c.unparsed / c.n AS clean_unparsed, m.accuracy AS mystery,
m.mean_reasoning_tokens AS mystery_tokens, 1.0 * m.unparsed / m.n AS mystery_unparsed,
m.preserved AS preserved FROM shown JOIN whole_split w
LEFT JOIN accuracy c ON c.split = w.split AND c.naming = shown.clean
LEFT JOIN accuracy m ON m.split = w.split AND m.naming = shown.mystery
WHERE c.n IS NOT NULL OR m.n IS NOT NULL
UNION ALL SELECT rank, 'muted', model || ' (paper)', kind, cot, clean, clean_tokens, NULL,
mystery, mystery_tokens, NULL, preserved FROM paper_model WHERE EXISTS (SELECT 1 FROM
accuracy
WHERE paper_accuracy IS NOT NULL)) ORDER BY rank
