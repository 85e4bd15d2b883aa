-- Table 1 of the paper for a comparison's studies that generated their traces, as in models.sql.
WITH mystery AS (
    SELECT label, iif(max(paper_naming) = '1', 'naming ' || min(naming)
            || iif(min(naming) = '1', '', ', the paper''s 1'), 'mean over ' || count(*)) AS shown,
        avg(accuracy) AS accuracy, avg(mean_reasoning_tokens) AS tokens,
        avg(1.0 * unparsed / n) AS unparsed, avg(preserved) AS preserved
    FROM compared_accuracy a
    WHERE role <> 'clean' AND accuracy IS NOT NULL AND (paper_naming IS '1' OR NOT EXISTS (
        SELECT 1 FROM compared_accuracy x WHERE x.label = a.label AND x.paper_naming = '1'))
    GROUP BY label)
SELECT class, model, kind, cot, clean, clean_tokens, clean_unparsed, shown, mystery, mystery_tokens,
    mystery_unparsed, preserved FROM (
    SELECT s.position - 1000 AS rank, 'total' AS class, s.label AS model, s.kind AS kind,
        iif(s.cot, 'yes', 'no') AS cot, c.accuracy AS clean, c.mean_reasoning_tokens AS clean_tokens,
        1.0 * c.unparsed / c.n AS clean_unparsed, m.shown AS shown, m.accuracy AS mystery,
        m.tokens AS mystery_tokens, m.unparsed AS mystery_unparsed, m.preserved AS preserved
    FROM compared_study s
    LEFT JOIN compared_accuracy c ON c.label = s.label AND c.role = 'clean'
    LEFT JOIN mystery m ON m.label = s.label
    WHERE s.traces = 'own' -- verdicts on recorded traces are the recorder's
    UNION ALL
    SELECT rank, 'muted', model || ' (paper)', kind, cot, clean, clean_tokens, NULL, 'naming 1',
        mystery, mystery_tokens, NULL, preserved FROM paper_model)
ORDER BY rank
