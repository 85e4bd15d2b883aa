-- The study's methods as prose, a row for each part, made from its configuration and what ran: to be
-- pasted into a paper and cut. What a study did not do is not said.
WITH
s(key, value) AS MATERIALIZED (SELECT key, value FROM setting),
m(key, value) AS (SELECT key, value FROM meta WHERE value <> ''),
replays(is_so) AS (SELECT coalesce((SELECT value FROM m WHERE key = 'source'), '') = 'recorded'),
-- What the puzzles are to each other, up to the names of their objects (sources/classes.c); of generated ones and of a
-- directory's the two sets share none by how they are drawn, of recorded ones that has to be known.
puzzles(collect, evaluate, shared, distinct_collect, distinct_evaluate) AS (
    SELECT (SELECT count(*) FROM puzzle WHERE split = 'collect'), (SELECT count(*) FROM puzzle WHERE split = 'evaluate'),
        coalesce((SELECT CAST(value AS INTEGER) FROM m WHERE key = 'shared_evaluate'), iif((SELECT is_so FROM replays), NULL, 0)),
        (SELECT CAST(value AS INTEGER) FROM m WHERE key = 'distinct_collect'),
        (SELECT CAST(value AS INTEGER) FROM m WHERE key = 'distinct_evaluate')),
held_out(said, traces) AS (
    SELECT CASE WHEN evaluate > 0 AND (shared IS NULL OR shared > 0) THEN 'to evaluate on' ELSE 'held out' END,
        CASE WHEN shared IS NULL OR shared > 0 THEN 'Traces of the puzzles to evaluate on' ELSE 'Held-out traces' END FROM puzzles),
puzzles_said(place, text) AS (
    SELECT 1, CASE WHEN evaluate = 0 OR shared IS NULL THEN NULL
        WHEN shared = 0 THEN 'Puzzles that differ only in the names of their objects are never in both.'
        ELSE printf('%d of those to evaluate on %s, up to the names of %s objects, among those to collect from: what is measured on %s is not held out.',
            shared, iif(shared = 1, 'is', 'are'), iif(shared = 1, 'its', 'their'), iif(shared = 1, 'it', 'them')) END FROM puzzles
    UNION ALL
    SELECT 2, CASE WHEN distinct_collect = collect AND distinct_evaluate = evaluate THEN NULL
        ELSE printf('Up to the names of their objects %d of the %d%s are distinct; every puzzle counts as one in what follows.', distinct_collect, collect,
            iif(evaluate > 0, printf(' and %d of the %d', distinct_evaluate, evaluate), '')) END
    FROM puzzles WHERE distinct_collect IS NOT NULL
    UNION ALL
    SELECT 3, printf('%s trace%s of puzzles to collect from %s passed over for evaluation.', value, iif(value = '1', '', 's'), iif(value = '1', 'was', 'were'))
    FROM m WHERE key = 'traces_passed_over' AND CAST(value AS INTEGER) > 0),
-- What an experiment's own conditions do, a row each; from_study: whose vectors, NULL: this study's.
written AS (
    SELECT o.experiment, o.position AS place, d.*, CASE WHEN instr(d.definition, ' from=') > 0 THEN substr(d.definition,
        instr(d.definition, ' from=') + 6, instr(d.definition || ' window', ' window') - instr(d.definition, ' from=') - 6) END AS from_study
    FROM condition o JOIN edit d ON d.id = o.edit WHERE o.role = 'matched'),
trace_kind(traces, rank, said) AS (VALUES ('solved', 1, 'solved traces'), ('failed', 2, 'traces that failed'), ('all', 3, 'all traces')),
experiments(name, place, text) AS (
    SELECT c.experiment, min(c.position),
        'In ' || c.experiment || ', ' || (SELECT group_concat(vectors, ' and ') FROM (
            SELECT vectors FROM written w WHERE w.experiment = c.experiment GROUP BY vectors ORDER BY min(w.place)))
        || ' vectors' || coalesce(' of T = ' || (SELECT group_concat(timestamp, ', ') FROM (
            SELECT DISTINCT timestamp FROM written w WHERE w.experiment = c.experiment AND vectors <> 'noise' ORDER BY timestamp)), '')
        || coalesce(', of ' || (SELECT group_concat(said, ' or ') FROM (
            SELECT DISTINCT k.said FROM written w JOIN trace_kind k USING (traces) WHERE w.experiment = c.experiment AND vectors <> 'noise'
            ORDER BY k.rank) HAVING group_concat(said) <> 'solved traces'), '')
        || coalesce(', of ' || (SELECT group_concat(said, ' or ') FROM (
            SELECT DISTINCT iif(from_study IS NULL, 'this study', 'the study ' || from_study) AS said FROM written w
            WHERE w.experiment = c.experiment AND vectors <> 'noise' ORDER BY from_study IS NOT NULL, from_study)
            HAVING group_concat(said) <> 'this study'), '')
        || coalesce(', with strength ' || (SELECT group_concat(printf('%.3g', strength), ' or ') FROM (
            SELECT DISTINCT strength FROM written w WHERE w.experiment = c.experiment AND vectors <> 'noise' ORDER BY strength)
            HAVING min(strength) <> 1 OR max(strength) <> 1), '')
        || ' were written at ' || coalesce((SELECT group_concat(said, ' or ') FROM (
            SELECT DISTINCT CASE WHEN layer_end - layer_first > 1
                THEN 'layers ' || layer_first || ' to ' || (layer_end - 1)
                ELSE 'layer ' || layer_first END AS said
            FROM written w WHERE w.experiment = c.experiment ORDER BY layer_first)), '')
        || ' into the mentions' || coalesce(' of ' || (SELECT group_concat(said, ' or ') FROM (
            SELECT DISTINCT CASE coalesce(concepts, 'all') WHEN 'all' THEN 'all concepts' ELSE concepts END AS said
            FROM written w WHERE w.experiment = c.experiment ORDER BY said) HAVING group_concat(said) <> 'all concepts'), '')
        || coalesce(' that stand in the ' || (SELECT group_concat(said, ' or in the ') FROM (
            SELECT DISTINCT CASE coalesce(mentions, 'all') WHEN 'all' THEN 'prompt and reasoning' ELSE mentions END AS said
            FROM written w WHERE w.experiment = c.experiment ORDER BY said) HAVING group_concat(said) <> 'prompt and reasoning'), '')
        || ' of the window ' || (SELECT group_concat(said, ' or ') FROM (
            SELECT DISTINCT '[' || window_start || ', ' || window_end || ')' AS said FROM written w WHERE w.experiment = c.experiment))
        || coalesce(', of each concept ' || (SELECT group_concat(said, ' or ') FROM (
            SELECT DISTINCT iif(coalesce(first_mentions, 0) = 0, 'all', 'the first ' || first_mentions) AS said
            FROM written w WHERE w.experiment = c.experiment ORDER BY first_mentions) HAVING group_concat(said) <> 'all'), '')
        || ', ' || (SELECT group_concat(formula, ' or ') FROM (
            SELECT f.formula || coalesce(' (s = ' || replace(group_concat(DISTINCT
                iif(instr(f.formula, ' s ') > 0, printf('%.3g', w.scale), NULL)), ',', ', ') || ')', '')
                AS formula
            FROM written w JOIN edit_shown f ON f.edit = w.id WHERE w.experiment = c.experiment GROUP BY f.formula))
        || coalesce('; controls: ' || (SELECT group_concat(kind, ', ') FROM (
            SELECT DISTINCT iif(o.role = 'identity', 'an edit that changes nothing', coalesce(k.meaning, d.control)) AS kind
            FROM condition o JOIN edit d ON d.id = o.edit LEFT JOIN control_kind k USING (control)
            WHERE o.experiment = c.experiment AND o.role IN ('control', 'identity')
            ORDER BY o.position)), '') || '.'
    FROM condition c WHERE c.role = 'matched' GROUP BY c.experiment),
-- How many traces there were for vectors, where that is not as many as were asked for of every naming.
behind_said(traces, text) AS (
    SELECT v.traces, CASE WHEN v.high = 0 THEN printf(': there is none, under any of the %d namings, and no vector was made', n_namings)
        ELSE printf(', where it has as many: %s here, %d of %d namings having fewer', iif(v.low = v.high, '' || v.low,
            v.low || ' to ' || v.high), n_fewer, n_namings) END
    FROM vector_traces v WHERE n_fewer > 0),
-- Traces to steer that were left out, by window.
left_said(text) AS (
    SELECT ' Left out were ' || group_concat(said, ', ') || '.' FROM (SELECT printf('%d of %d for the window [%s, %d)',
            max(x.left_out), max(x.left_out + x.n), d.window_start, d.window_end) AS said
        FROM (SELECT experiment, condition, sum(left_out) AS left_out, sum(n) AS n FROM effect_naming GROUP BY 1, 2) x
        JOIN condition c ON c.experiment = x.experiment AND c.name = x.condition JOIN edit d ON d.id = c.edit
        GROUP BY d.window_start, d.window_end ORDER BY d.window_end, d.window_start) HAVING count(*) > 0),
-- Which tail the tests look at.
tail_said(text) AS (
    SELECT CASE WHEN min(tail) = 'less' THEN 'for a loss, since vectors were taken away' WHEN max(tail) = 'greater' THEN 'for a gain'
        ELSE 'for a gain, and for a loss where vectors were taken away (' || group_concat(DISTINCT iif(tail = 'less', experiment, NULL)) || ')' END
    FROM effect),
-- Puzzles that another study's vectors were collected on (study/moments.c): a line "NAME<tab>COUNT" each.
from_line(line, rest) AS (
    SELECT '', value FROM m WHERE key = 'vectors_from_shared'
    UNION ALL SELECT substr(rest, 1, instr(rest, char(10)) - 1), substr(rest, instr(rest, char(10)) + 1) FROM from_line WHERE rest <> ''),
from_said(text) AS (
    SELECT group_concat(iif(n > 0, printf('%d of the puzzles that are evaluated %s, up to the names of %s objects, among those that the vectors of %s were collected on.',
        n, iif(n = 1, 'is', 'are'), iif(n = 1, 'its', 'their'), name),
        printf('No puzzle that is evaluated is, up to the names of its objects, among those that the vectors of %s were collected on.', name)), ' ')
    FROM (SELECT substr(line, 1, instr(line, char(9)) - 1) AS name, CAST(substr(line, instr(line, char(9)) + 1) AS INTEGER) AS n
        FROM from_line WHERE line <> '')),
-- How whole namings are flipped: all ways up to 16 of them (statistics/flips.c).
flips_said(text) AS (
    SELECT CASE WHEN n <= 16 THEN printf('all %d flips of the signs of %d namings', 1 << n, n)
        ELSE printf('%s drawn flips of the signs of %d namings', (SELECT value FROM s WHERE key = 'statistics.permutations'), n) END
    FROM (SELECT count(*) AS n FROM naming WHERE role = 'mystery' AND NOT excluded)),
-- What the prompt says beside the puzzle; of recorded traces that is theirs.
prompt_said(place, text) AS (
    SELECT 1, CASE WHEN EXISTS (SELECT 1 FROM s WHERE key = 'endpoint.url' AND value <> '')
            AND EXISTS (SELECT 1 FROM s WHERE key = 'endpoint.api' AND value = 'chat')
            THEN 'The server that generated put the message into a chat template of its own.'
        WHEN value = '' THEN 'The message was put into the model''s own chat template, or left as it is where its file has none.'
        WHEN value = 'none' THEN 'The message was given as it is, without a chat template.'
        ELSE printf('The message was put into the chat template %s.', value) END
    FROM s WHERE key = 'prompt.chat_template'
    UNION ALL SELECT 2, CASE value WHEN 'planbench' THEN 'Facts of a state stood in the order of the naming''s words.'
        WHEN 'paper' THEN 'Facts of a state stood in the order of the clean words under every naming.' END
    FROM s WHERE key = 'prompt.fact_order'
    UNION ALL SELECT 3, printf('The system message was "%s".', value) FROM s WHERE key = 'prompt.system' AND value <> ''
    UNION ALL SELECT 4, printf('%s the question stood the instruction "%s".', (SELECT said FROM beside), value)
    FROM s WHERE key = 'prompt.instruction' AND value <> ''
    UNION ALL SELECT 5, printf('%s the question stood an instruction to reason before the plan (preset %s).', (SELECT said FROM beside), value)
    FROM s WHERE key = 'prompt.preset' AND value <> 'none'
    UNION ALL SELECT 6, iif(kind.value = 'reasoning',
        'What the model wrote before the mark that ends its reasoning was taken for reasoning, what follows for the answer',
        'The model''s whole text was taken for its answer') || CASE s.value WHEN 'auto' THEN
        iif(kind.value = 'reasoning', '; that it has such a mark, its template or vocabulary says.', ', since neither its template nor its vocabulary has marks of reasoning.')
        ELSE ', as was set.' END
    FROM s JOIN m AS kind ON kind.key = 'model_kind' WHERE s.key = 'prompt.reasoning'),
beside(said) AS (SELECT iif(value = 'true', 'Before', 'After') FROM s WHERE key = 'prompt.instruction_first'),
by_class(said) AS (SELECT iif(distinct_collect IS NULL, '', ' (those that differ only in the names of their objects being one)') FROM puzzles),
-- Sets of traces and mentions that sums were kept of beside those of all.
set_said(place, text) AS (
    SELECT CASE traces WHEN 'solved' THEN 1 WHEN 'failed' THEN 2 WHEN 'matched' THEN 3 WHEN 'half_a' THEN 4
        WHEN 'panel' THEN 5 WHEN 'other_span' THEN 6 WHEN 'same_solved' THEN 7 WHEN 'phases_cues' THEN 8 END,
        CASE traces
        WHEN 'solved' THEN printf('the first solved traces of each naming, at most %s', (SELECT value FROM s WHERE key = 'representations.solved_traces'))
        WHEN 'failed' THEN printf('its first traces that failed, at most %s', (SELECT value FROM s WHERE key = 'representations.solved_traces'))
        WHEN 'matched' THEN printf('%s mentions in every cell, chosen by the seed (count-matched; a cell of fewer is missing)',
            (SELECT value FROM s WHERE key = 'representations.matched_mentions'))
        WHEN 'same_solved' THEN 'as many solved as failed traces of each puzzle' || (SELECT said FROM by_class) || ' that some namings solve and others do not'
        WHEN 'half_a' THEN 'each half of the puzzles' || (SELECT said FROM by_class)
        WHEN 'panel' THEN printf('the traces that reach T = %s (balanced panel)', (SELECT timestamp FROM panel_end))
        WHEN 'other_span' THEN printf('mentions %s the token before their word', iif(
            (SELECT value FROM s WHERE key = 'representations.previous_token') = 'true', 'without', 'with'))
        WHEN 'phases_cues' THEN 'all mentions of a phase of the reasoning, phases being found once by phrases and marks and once by which concepts are named' END
    FROM (SELECT DISTINCT traces FROM sums WHERE site = 'block')),
site_said(place, text) AS (
    SELECT CASE site WHEN 'attention' THEN 1 WHEN 'heads' THEN 2 WHEN 'sources' THEN 3 END,
        CASE site WHEN 'attention' THEN 'what each layer''s attention and its MLP add to the stream'
        WHEN 'heads' THEN 'what each head of attention gives before the output matrix'
        WHEN 'sources' THEN 'where the weight of each head lies' END
    FROM (SELECT DISTINCT site FROM sums)),
part(place, part, text) AS (
SELECT 1, 'Model', printf('The model was %s (%s%s%s%s), run by %s%s.',
    (SELECT value FROM m WHERE key = 'model_name'),
    coalesce((SELECT value FROM m WHERE key = 'model_architecture') || ', ', ''),
    coalesce((SELECT printf('%.3g million parameters, ', CAST(value AS REAL) / 1e6) FROM m
        WHERE key = 'model_parameters'), ''),
    coalesce((SELECT value FROM m WHERE key = 'model_layers') || ' layers of width '
        || (SELECT value FROM m WHERE key = 'model_width') || ', ', ''),
    coalesce((SELECT value FROM m WHERE key = 'model_quantization'), 'as its file has it'),
    coalesce((SELECT value FROM m WHERE key = 'engine'), 'llama.cpp'),
    iif((SELECT value FROM s WHERE key = 'model.deterministic') = 'true',
        ' in a way whose results do not depend on how many traces run at once', ''))
WHERE EXISTS (SELECT 1 FROM m WHERE key = 'model_name')
UNION ALL
SELECT 2, 'Puzzles and namings', printf('%s: %d to collect representations from and %d %s.%s Each was posed under %d namings%s of the domain''s actions and predicates%s%s.',
    CASE (SELECT value FROM m WHERE key = 'source')
        WHEN 'generated' THEN printf('The puzzles are of %s blocks, drawn uniformly, with a shortest plan of at least %s steps',
            (SELECT value FROM s WHERE key = 'puzzles.blocks'),
            (SELECT value FROM s WHERE key = 'puzzles.min_plan_length'))
        WHEN 'recorded' THEN 'The puzzles are those of the recorded traces'
        ELSE 'The puzzles are PDDL problems that were given' END,
    (SELECT collect FROM puzzles), (SELECT evaluate FROM puzzles), (SELECT said FROM held_out),
    coalesce((SELECT group_concat(' ' || text, '') FROM (SELECT text FROM puzzles_said WHERE text IS NOT NULL ORDER BY place)), ''),
    (SELECT count(*) FROM naming),
    iif(EXISTS (SELECT 1 FROM naming WHERE role = 'clean'), ', its own words and ' ||
        (SELECT count(*) FROM naming WHERE role = 'mystery') || ' that give other words to all', ', words that obfuscate all'),
    '', coalesce('; left out of all but accuracies: naming ' || (SELECT group_concat(id, ', ')
        FROM (SELECT id FROM naming WHERE excluded ORDER BY position)), ''))
WHERE EXISTS (SELECT 1 FROM puzzle)
UNION ALL
SELECT 3, 'Traces', iif((SELECT is_so FROM replays),
    'The traces were recorded elsewhere and replayed: their texts were given to the model token by token, and nothing was generated.',
    printf('Prompts are of the style %s%s. The model generated greedily, to its end or to %s tokens with the prompt. The plan was read from the answer and simulated from the initial state; a puzzle counts as solved when every step can be taken and the goal holds at the end.',
        (SELECT value FROM s WHERE key = 'prompt.style'),
        iif(EXISTS (SELECT 1 FROM puzzle WHERE example IS NOT NULL), ', with one solved example', ''),
        (SELECT value FROM s WHERE key = 'generation.max_tokens')))
WHERE EXISTS (SELECT 1 FROM trace)
UNION ALL
SELECT 2.5, 'Prompt', (SELECT group_concat(text, ' ') FROM (SELECT text FROM prompt_said WHERE text IS NOT NULL ORDER BY place))
WHERE EXISTS (SELECT 1 FROM trace) AND NOT (SELECT is_so FROM replays)
UNION ALL
SELECT 4.2, 'Sets', 'Means were also taken of ' || (SELECT group_concat(text, '; of ') FROM
    (SELECT text FROM set_said WHERE text IS NOT NULL ORDER BY place)) || '.'
WHERE EXISTS (SELECT 1 FROM set_said WHERE text IS NOT NULL)
UNION ALL
SELECT 4.4, 'Sites', 'At the same mentions, in the same forward pass, were read ' || (SELECT group_concat(text, '; ') FROM
    (SELECT text FROM site_said WHERE text IS NOT NULL ORDER BY place)) || '.'
    || coalesce((SELECT printf(' A part''s rise is how much more it adds at T = %d than at the first timestamp that half of the namings have, along the way that the other namings'' centred means after the layer go between the two, as a share of it; p is of as large a rise when labels are shuffled within kinds (%s shuffles), Holm''s method over layers and both parts.',
        max(last_timestamp), max(n_shuffles)) FROM mechanism_rise HAVING count(*) > 0), '')
WHERE EXISTS (SELECT 1 FROM site_said WHERE text IS NOT NULL)
UNION ALL
SELECT 5.2, 'Controls of the curve', printf('The share of the curve''s rise that a control explains, from the first timestamp that both curves have to T = %d, is 1 - R''/R with R = 1 - first value / last value%s; 95%% intervals leave one naming after the other out. Controls: %s.',
    (SELECT max(last_timestamp) FROM control_rise),
    iif(EXISTS (SELECT 1 FROM control_rise WHERE control = 'corrected'), ', with noise divided out 1 - rise''/rise', '') || iif(EXISTS (SELECT 1 FROM curve_control WHERE role = 'imitates'), ', of shuffled labels their own rise as a share of the curve''s', ''),
    (SELECT group_concat(title, '; ') FROM (SELECT title FROM curve_control WHERE role <> 'plain'
        AND control IN (SELECT control FROM control_rise) ORDER BY position)))
WHERE EXISTS (SELECT 1 FROM control_rise)
UNION ALL
SELECT 5.4, 'Solved and failed', printf('Solved and failed traces of a naming are held against the same mean of the other namings; the difference of their cosines at T = %d is tested over namings by a one-tailed t-test with the jackknife''s standard error, and by flips of the signs of namings. A single naming''s interval is over its traces: ten groups of either side are left out in turn, with Welch''s t.',
    (SELECT max(timestamp) FROM success_test))
WHERE EXISTS (SELECT 1 FROM success_test WHERE n_namings > 1)
UNION ALL
SELECT 5.6, 'Phases', printf('Phases of the reasoning (comparison, search, exploration, planning, verification) were found by two sets of rules that do not see each other''s signs; their agreement is Cohen''s kappa over tokens, with a 95%% bootstrap over distinct puzzles (%s resamples).',
    (SELECT value FROM s WHERE key = 'analyses.resamples'))
WHERE EXISTS (SELECT 1 FROM phase_agreement WHERE cues > 0)
UNION ALL
SELECT 4, 'Representations', printf('A mention is an occurrence of a concept''s word in a trace%s; its vector is the mean over its tokens%s of the residual stream after a block. For T = %s, %d, ..., %s tokens after %s, the vectors of all mentions in the window [T - %s, T) were averaged over the traces of a naming; a cell of fewer than %s mentions is missing. From each mean the mean over the concepts of its kind (actions, predicates) was subtracted. The cross-naming representation of a concept is the mean of these over the mystery namings, without the naming that it is compared with or written into (leave-one-out) unless it is said otherwise.',
    iif((SELECT value FROM s WHERE key = 'representations.inflections') = 'exact', '', ', inflected forms included'),
    iif((SELECT value FROM s WHERE key = 'representations.previous_token') = 'true', ' and the token before it', ''),
    (SELECT value FROM s WHERE key = 'representations.grid_step'),
    (SELECT 2 * CAST(value AS INTEGER) FROM s WHERE key = 'representations.grid_step'),
    (SELECT value FROM s WHERE key = 'representations.grid_end'),
    (SELECT said FROM token_origin),
    (SELECT value FROM s WHERE key = 'representations.window_tokens'),
    (SELECT value FROM s WHERE key = 'representations.min_mentions'))
WHERE EXISTS (SELECT 1 FROM sums)
UNION ALL
SELECT 5, 'Similarity', printf('Refinement is the cosine of a naming''s representation of a concept at T with the cross-naming one at T = %s, beside that with other concepts of its kind and that after concepts were permuted within every naming and kind; means over namings with 95%% intervals over namings: by the jackknife, a naming left out of curve and cross-naming representation both; of pairs by the bootstrap (%s resamples). Separation of concepts is the mean silhouette of their clusters over namings at T = %s, beside 100 shuffles of the labels within namings.',
    (SELECT value FROM s WHERE key = 'analyses.reference_timestamp'),
    (SELECT value FROM s WHERE key = 'analyses.resamples'),
    (SELECT value FROM s WHERE key = 'analyses.pca_timestamp'))
WHERE EXISTS (SELECT 1 FROM similarity)
UNION ALL
SELECT 6, 'Steering', (SELECT traces FROM held_out) || ' were cut at the end of a window, edited there in one teacher-forced pass, and continued greedily without further edits; the baseline continues the same prefix unedited. A trace whose reasoning goes no further than a window''s end is left out of every condition of that window, the baseline too.' || coalesce((SELECT text FROM left_said), '') || ' '
    || iif(EXISTS (SELECT 1 FROM written WHERE traces = 'solved' AND vectors <> 'noise'), printf('%s are of the first %s solved traces of each naming%s. ',
        iif(EXISTS (SELECT 1 FROM written WHERE traces <> 'solved' AND vectors <> 'noise'), 'Where nothing else is said, vectors', 'Vectors'),
        (SELECT value FROM s WHERE key = 'representations.solved_traces'),
        coalesce((SELECT text FROM behind_said WHERE traces = 'solved'), '')), '')
    || iif(EXISTS (SELECT 1 FROM written WHERE traces = 'failed' AND vectors <> 'noise'), printf('Those of failed traces are of the first %s of them%s. ',
        (SELECT value FROM s WHERE key = 'representations.solved_traces'),
        coalesce((SELECT text FROM behind_said WHERE traces = 'failed'), '')), '')
    || iif(EXISTS (SELECT 1 FROM written WHERE strength <> 1 AND vectors <> 'noise'),
        'Strength multiplies what tells concepts apart; of symbolic vectors not the mean of the kind. ', '')
    || coalesce('Vectors: ' || (SELECT group_concat(name || ', ' || meaning, '; ') FROM (SELECT * FROM vector_used
        WHERE meaning NOT LIKE 'control: %' ORDER BY rank)) || '. ', '')
    || (SELECT group_concat(text, ' ') FROM (SELECT text FROM experiments ORDER BY place))
    || coalesce(' ' || (SELECT text FROM from_said), '')
WHERE EXISTS (SELECT 1 FROM experiments)
UNION ALL
SELECT 7, 'Statistics', printf('An effect is the accuracy of a condition minus that of what it is measured against, on the same pairs of puzzle and naming: averaged over puzzles within a naming, then over namings. An answer that no plan can be read from, or that was cut, counts as not solved. Tests are one-tailed t-tests over namings, %s; p-values are corrected within a family by Holm''s method and by the largest statistic of %s. Intervals are of a hierarchical bootstrap over namings and puzzles (95%%, all resamples counted; of shares kept %d drawn); pairs that changed their verdict are tested by McNemar''s exact test; the detectable effect is that which such a design finds in 80%% of studies.',
    (SELECT text FROM tail_said), (SELECT text FROM flips_said), (SELECT max(n_resamples) FROM kept))
WHERE EXISTS (SELECT 1 FROM effect)
UNION ALL
SELECT 8, 'Software', printf('All was done with fluidrep %s.', (SELECT program FROM stage ORDER BY rowid DESC LIMIT 1))
WHERE EXISTS (SELECT 1 FROM stage))
SELECT part, text FROM part WHERE text IS NOT NULL ORDER BY place
