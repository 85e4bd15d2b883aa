-- The unedited runs of every window first, then every condition; sums over namings.
WITH counted AS (
    SELECT v.condition AS name, sum(n) AS n, sum(solved) AS solved, sum(goal_unmet) AS goal_unmet, sum(illegal_step) AS illegal_step,
        sum(unparsed) AS unparsed, sum(truncated) AS truncated, sum(before_solved) AS before_solved,
        sum(before_goal_unmet) AS before_goal_unmet, sum(before_illegal_step) AS before_illegal_step,
        sum(before_unparsed) AS before_unparsed, sum(before_truncated) AS before_truncated
    FROM run_verdict v WHERE v.experiment = ?1 GROUP BY v.condition),
line AS (
    SELECT DISTINCT 0 AS part, 'unedited run' AS condition, 'muted' AS class, 'to T = ' || e.window_end AS edit, n, before_solved AS solved,
        before_goal_unmet AS goal_unmet, before_illegal_step AS illegal_step, before_unparsed AS unparsed,
        before_truncated AS truncated, e.window_end AS first, 0 AS second, 0 AS third
    FROM counted v JOIN condition c ON c.experiment = ?1 AND c.name = v.name JOIN edit e ON e.id = c.edit
    UNION ALL
    SELECT 1, c.label, iif(c.role = 'matched', '', 'muted'), c.at, n, solved, goal_unmet, illegal_step, unparsed, truncated,
        s.place, c.x_rank, c.place
    FROM counted v JOIN condition_shown c ON c.experiment = ?1 AND c.name = v.name
    JOIN series_shown s ON s.experiment = c.experiment AND s.label = c.label)
SELECT condition, class, edit, n, solved, goal_unmet, illegal_step, unparsed, truncated,
    1.0 * solved / nullif(n - unparsed - truncated, 0) AS solved_of_readable
FROM line WHERE n > 0 ORDER BY part, first, second, third
