-- Table 1 of the paper, its rows below the study's: of its naming 1, where the study has these words,
-- else of all mystery namings in the mean.
WITH papers(naming) AS (
    SELECT naming FROM accuracy JOIN whole_split USING (split) WHERE paper_naming = '1' LIMIT 1),
mystery AS (
    SELECT iif(max(paper_naming) = '1', 'naming ' || min(naming)
            || iif(min(naming) = '1', '', ', the paper''s 1'), 'mean over ' || count(*)) AS shown,
        avg(accuracy) AS accuracy, avg(mean_reasoning_tokens) AS tokens,
        avg(1.0 * unparsed / n) AS unparsed, avg(preserved) AS preserved
    FROM accuracy JOIN whole_split USING (split) JOIN naming_order o USING (naming)
    WHERE o.role <> 'clean' AND accuracy IS NOT NULL
        AND (naming IN papers OR NOT EXISTS (SELECT 1 FROM papers))
    HAVING count(*) > 0),
clean AS (
    SELECT a.* FROM accuracy a JOIN whole_split USING (split) JOIN naming_order o USING (naming)
    WHERE o.role = 'clean')
SELECT class, model, kind, cot, clean, clean_tokens, clean_unparsed, shown, mystery, mystery_tokens,
    mystery_unparsed, preserved FROM (
    SELECT 0 AS rank, 'total' AS class,
        (SELECT value FROM meta WHERE key = 'model_name') AS model,
        (SELECT value FROM meta WHERE key = 'model_kind') AS kind,
        (SELECT iif(value = 'cot', 'yes', 'no') FROM setting WHERE key = 'prompt.preset') AS cot,
        c.accuracy AS clean, c.mean_reasoning_tokens AS clean_tokens,
        1.0 * c.unparsed / c.n AS clean_unparsed, m.shown AS shown, m.accuracy AS mystery,
        m.tokens AS mystery_tokens, m.unparsed AS mystery_unparsed, m.preserved AS preserved
    FROM whole_split LEFT JOIN clean c LEFT JOIN mystery m WHERE c.n > 0 OR m.shown IS NOT NULL
    UNION ALL
    SELECT rank, 'muted', model || ' (paper)', kind, cot, clean, clean_tokens, NULL, 'naming 1',
        mystery, mystery_tokens, NULL, preserved FROM paper_model
    WHERE EXISTS (SELECT 1 FROM accuracy WHERE paper_accuracy IS NOT NULL))
ORDER BY rank
