# fluidrep power: which effect a configuration's design can find, as a table and as JSON; no model is opened.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"

cat >design.yaml <<CONFIG
study: design
model: {path: nowhere.gguf, context_tokens: 100}
generation: {max_tokens: 100}
puzzles: {domain: $FR_SOURCE_DIR/data/domains/blocksworld.pddl, collect: 20, evaluate: 30}
namings: {table: $FR_SOURCE_DIR/data/namings.tsv, use: [clean, "1", "2", "3", "4", "6", "8"], exclude: ["3"]}
representations: {grid_step: 20, grid_end: 60}
analyses: {reference_timestamp: 60, pca_timestamp: 60}
experiments:
  - {name: sweep, vectors: [in_naming], controls: [random, identity], layers: [1, 2, 3], at: 60, window: [10, 50]}
CONFIG

# 5 namings are steered; six hypotheses, the identity is none. The smallest p of flips of five is 1/32.
"$FLUIDREP" power design.yaml --churn 0.1 --studies 300 >out.txt
grep -q '^5 namings of 30 held-out puzzles; accuracy without an edit 28.4%, the paper.s of 5 namings' out.txt
grep -Eq '^churn +test +alone +family of 6$' out.txt
[ "$(grep -c '^  10%' out.txt)" = 4 ]
grep -Eq '^  10%  flips of namings +[0-9.]+ +never$' out.txt
grep -Eq '^  10%  t over namings +[0-9.]+ +[0-9.]+$' out.txt

# The same seed, the same numbers; as JSON with null for never.
"$FLUIDREP" power design.yaml --churn 0.1 --studies 300 --json >one.json
"$FLUIDREP" power design.yaml --churn 0.1 --studies 300 --json >two.json
cmp one.json two.json
json 'd.namings === 5 && d.puzzles === 30 && d.namings_of_paper === 5 && d.studies === 300' <one.json
json '(() => { const at = (t, f) => d.rows.find(r => r.test === t && r.family === f).detectable;
    return d.rows.length === 8 && at("flips of namings", 6) === null && at("t over namings", 1) > 0.02 &&
        at("t over namings", 1) < at("t over namings", 6) && at("t over namings", 6) < 0.5 &&
        at("flips of pairs", 1) < at("McNemar", 1) })()' <one.json # one-sided against two-sided

# An effect in place of a power: how often it is found. One of zero is found as often as the level says.
"$FLUIDREP" power design.yaml --accuracy 0.5 --churn 0.2 --effect 0,0.3 --studies 1000 --json >found.json
json '(() => { const t = d.rows.filter(r => r.test === "t over namings" && r.family === 1).map(r => r.found);
    return t.length === 2 && t[0] > 0.02 && t[0] < 0.08 && t[1] > 0.95 })()' <found.json
# Where everything is solved nothing can be gained.
"$FLUIDREP" power design.yaml --accuracy 1 --churn 0.1 --studies 100 >full.txt
[ "$(grep -c never full.txt)" = 4 ]

refused 2 'which configuration' power
refused 2 '"1.5" is no share' power design.yaml --accuracy 1.5
refused 2 '"0.1,x" is no share' power design.yaml --churn 0.1,x
sed 's/use: .*exclude/use: [clean], exclude/; s/\["3"\]/[]/' design.yaml >none.yaml
refused 2 'no naming is steered' power none.yaml
