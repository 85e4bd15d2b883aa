# Recorded traces are steered as a model's own are: the model goes on from the edited prefix of a trace that it did
# not write, and the verdict is on the whole answer. An identity changes nothing, and a second run has nothing to do.
set -eu
[ -f "$FR_SOURCE_DIR/models/organism.gguf" ] || { echo "skipped: models/organism.gguf is missing"; exit 77; }
cat >steered.yaml <<YAML
study: steered
model: {path: $FR_SOURCE_DIR/models/organism.gguf, slots: 2, kv_type: f32, threads: 1, context_tokens: 1280}
puzzles: {domain: $FR_SOURCE_DIR/data/domains/blocksworld.pddl, collect: 2, evaluate: 1}
traces: {import: $FR_SOURCE_DIR/data/traces/organism.jsonl, match: true}
namings: {table: $FR_SOURCE_DIR/data/namings.tsv, use: ["1", "2"], exclude: []}
generation: {max_tokens: 1150}
representations: {origin: prompt, window_tokens: 160, grid_step: 40, grid_end: 280, min_mentions: 1,
                  previous_token: false}
analyses: {reference_timestamp: 240, pca_timestamp: 240, resamples: 50}
statistics: {permutations: 50}
experiments:
  - {name: replaced, vectors: [cross_loo], controls: [identity], at: 240, traces: all, operation: replace,
     strength: 3, layers: [1-5], window: [150, 260]}
YAML
"$FLUIDREP" run steered.yaml --out out >out.txt 2>err.txt
# One puzzle in two namings: a baseline, the edit and the identity of each.
"$FLUIDREP" tables out counters --csv | tr -d '\r' >counters.csv
grep -qx 'baseline runs,2' counters.csv
grep -qx 'edited runs,4' counters.csv
grep -q '^Identity control: 2 of 2 runs' out.txt
# What is recorded is the organism's: without an edit it ends as it did, and an edit of everything is seen.
grep -q '^replaced,"identity, layers 1-5",2,2,1,1,' out/tables/kept.csv
! grep -q '^replaced,"cross_loo, layers 1-5",2,2,1,1,' out/tables/kept.csv
"$FLUIDREP" run steered.yaml --out out 2>/dev/null | grep -qx 'nothing was left to do'
