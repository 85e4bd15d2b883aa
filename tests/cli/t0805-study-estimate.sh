# run --dry-run: the work in numbers that follow from the configuration, nothing written; and the
# commands that are a run up to one stage.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
. "$FR_SOURCE_DIR/tests/support/small-study.sh"
write_small_study
"$FLUIDREP" run small.yaml --dry-run --json >plan.json
[ "$(ls | tr '\n' ' ')" = 'plan.json small.yaml ' ]
stage() { echo "d.stages.filter((s) => s.stage === '$1')[0]"; }
# 3 namings, 2 of them used; 3 + 2 puzzles; 5 conditions at 1 layer, and their baseline.
json "$(stage puzzles).count === 5 && $(stage rollouts).count === 15 && $(stage representations).count === 9" <plan.json
json "$(stage steering).count === 2 * 2 * (5 + 1) && d.layers === 5 && d.width === 256" <plan.json
json "$(stage rollouts).prefill_tokens === 15 * d.prompt_tokens_mean" <plan.json
json "$(stage rollouts).decode_tokens === 15 * (1000 - d.prompt_tokens_mean)" <plan.json
json "$(stage representations).prefill_tokens === 9 * (d.prompt_tokens_mean + 240)" <plan.json
json 'd.prefill_tokens_per_second > 0 && d.decode_tokens_per_second > 0 && d.resident_bytes > 3e6 && d.hours > 0' <plan.json
json "d.layer_bytes === 2 * 3 * 9 * 6 * 256 * 4" <plan.json
# What other ways to run it cost: this one first, as 1, and others beside it.
json "d.workers === 1 && d.threads === 1 && d.choices.length >= 4 && d.choices[0].choice.includes('f32')" <plan.json
json "d.choices.every((c) => c.decode_tokens_per_second > 0)" <plan.json
"$FLUIDREP" run small.yaml --dry-run >plan.txt
grep -q '^steering  *24 runs' plan.txt
grep -q '^choices  *[0-9.]* times as fast: ' plan.txt
sed 's/max_tokens: 1000/max_tokens: 100/' small.yaml >short.yaml
refused 2 'a prompt takes [0-9]* of generation.max_tokens 100' run short.yaml --dry-run
sed 's/layers: \[2\]/layers: [6]/' small.yaml >deep.yaml
refused 2 'experiment positive: layers: 6, but .* has layers 1..5' run deep.yaml --dry-run
sed 's/organism.gguf/missing.gguf/' small.yaml >missing.yaml
refused 1 'missing.gguf' run missing.yaml --dry-run
# What the head of the model's file tells is refused before it is read, and leaves nothing behind.
refused 2 'experiment positive: layers: 6, but .* has layers 1..5' run deep.yaml --out no
sed 's/context_tokens: 1280/gpu_layers: -1\n  context_tokens: 1280/' small.yaml >device.yaml
refused 1 'set model.deterministic to false' run device.yaml --out no
refused 1 'missing.gguf' run missing.yaml --out no
[ ! -e no ]

# Timestamps that count from the prompt: a window that ends inside it is steered like any other.
sed 's/representations: {/&origin: prompt, /' small.yaml >prompt.yaml
"$FLUIDREP" steer prompt.yaml --out prompt 2>log.txt
grep -q '^  steering .* s, tokens:' log.txt

# One stage after the other is the whole.
for pair in rollout:2 collect:3 analyze:4 steer:5 stats:6; do
    "$FLUIDREP" "${pair%:*}" small.yaml --out parts 2>log.txt
    sed -i '/ left$/d' log.txt # progress, every ten seconds of a slow machine
    [ "$(grep -c -v 'done before' log.txt)" -le 2 ]
    [ "$(grep -c ' s\(,.*\)*$\|done before' log.txt)" = "${pair#*:}" ]
    [ ! -e parts/report.html ]
done
"$FLUIDREP" report small.yaml --out parts 2>log.txt | grep -qx 'report: parts/report.html'
"$FLUIDREP" run small.yaml --out parts 2>log.txt | grep -qx 'nothing was left to do'
