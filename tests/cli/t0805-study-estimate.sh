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
# Of 4 traces: prompt and 40 tokens once, the window's 40 for each of 5 edits and the baseline.
json "$(stage steering).prefill_tokens === 4 * (d.prompt_tokens_mean + 40 + 6 * 40)" <plan.json
json "$(stage rollouts).prefill_tokens === 15 * d.prompt_tokens_mean" <plan.json
json "$(stage rollouts).decode_tokens === 15 * (1000 - d.prompt_tokens_mean)" <plan.json
json "$(stage representations).prefill_tokens === 9 * (d.prompt_tokens_mean + 240)" <plan.json
json 'd.prefill_tokens_per_second > 0 && d.decode_tokens_per_second > 0 && d.resident_bytes > 3e6 && d.hours > 0' <plan.json
json "d.layer_bytes === 2 * 3 * 9 * 6 * 256 * 4" <plan.json
# Memory by what each stage reserves; steered tokens are on the disk too; speeds fall with the length.
json "$(stage rollouts).sequences === 4 && $(stage representations).sequences === 1 && $(stage steering).sequences === 5" <plan.json
json "d.runs_disk_bytes === 4 * $(stage steering).decode_tokens + 512 * $(stage steering).count && d.disk_bytes > d.runs_disk_bytes + d.traces_disk_bytes + d.representations_disk_bytes" <plan.json
json "d.representations_disk_bytes === 7 * 3 * 9 * 6 * 256 * 5 * 8 && d.identity_runs === 4 && d.measured" <plan.json
json 'd.decode_tokens_per_second > d.decode_tokens_per_second_half && d.decode_tokens_per_second_half > d.decode_tokens_per_second_full' <plan.json
json 'd.memories[0].needed < d.memories[0].bytes && d.memories[0].slots > 4' <plan.json

# Without the model's file, from its shape, in a moment: the paper's study on devices.
paper=$FR_SOURCE_DIR/configs/paper-qwq32b.yaml
sed "s#  slots: 5#  slots: 8#; s#\.\./data#$FR_SOURCE_DIR/data#" "$paper" >paper.yaml
"$FLUIDREP" run paper.yaml --dry-run --speed 3000,230 --within 1000 --json >paper.json
device() { echo "d.memories.filter((m) => m.name === 'a device of $1 GB')[0]"; }
json "!d.measured && $(device 24).slots === -1 && $(device 80).slots === 5 && $(device 80).slots_q8_0 === 11" <paper.json
json "Math.abs(d.sequence_bytes / (24832 * 256 * 1024) - 1) < 1e-5 && d.weight_bytes > 34.7e9 && $(device 80).needed > $(device 80).bytes" <paper.json
json "$(stage rollouts).count === 6300 && $(stage steering).hours > 1000 && d.evaluate_within >= 0 && d.evaluate_within < 100" <paper.json
# On two devices a slot has half of its cache on each, or as they are split.
pair='d.memories.filter((m) => m.name === "each of two devices of 80 GB")[0]'
json "$pair.slots === 18 && $pair.slots_q8_0 === 34" <paper.json
sed 's/gpu_layers: -1/gpu_layers: -1\n  split_mode: none/' paper.yaml >none.yaml
"$FLUIDREP" run none.yaml --dry-run --json | json "$pair.slots === 5"
sed 's/gpu_layers: -1/gpu_layers: -1\n  tensor_split: [3, 1]/' paper.yaml >split.yaml
"$FLUIDREP" run split.yaml --dry-run --json | json "$pair.slots > 5 && $pair.slots < 18"
# What a server is asked for takes no hours, and is held against what it may be.
printf 'endpoint: {url: "http://127.0.0.1:1/v1", model: any, max_total_tokens: 1000}\n' | cat paper.yaml - >asked.yaml
"$FLUIDREP" run asked.yaml --dry-run --speed 3000,230 --json >asked.json
json "$(stage rollouts).served && $(stage rollouts).hours === 0 && d.served_tokens === $(stage rollouts).prefill_tokens +
    $(stage rollouts).decode_tokens && d.served_tokens === 6300 * 24576" <asked.json
"$FLUIDREP" run asked.yaml --dry-run | grep -q '^1000, which may not be enough.$'
# What a budget leaves, and why.
json "Math.abs(d.within.fixed_rollout_hours + 100 * d.within.puzzle_rollout_hours - $(stage rollouts).hours) < 0.01 &&
    d.within.fixed_representation_hours === $(stage representations).hours && d.within.evaluate === d.evaluate_within &&
    d.within.runs > 0 && d.within.runs < d.steered_runs && d.within.evaluate_alike === Math.floor(d.within.collect_alike / 2)" <paper.json
"$FLUIDREP" run paper.yaml --dry-run --speed 3000,230 --within 20 >within.txt
grep -q '^In 20 hours fits puzzles.evaluate: 0. Whatever that is, rollouts of puzzles.collect take [0-9.]* and$' within.txt
grep -q '^Fewer experiments alone will not do' within.txt
# The paper's own design, and what the page on scale says of both.
"$FLUIDREP" run "$FR_SOURCE_DIR/configs/paper-design.yaml" --dry-run --speed 3000,230 --json >design.json
json "$(stage steering).count === 14000 && d.identity_runs === 0" <design.json
for name in paper-design paper-qwq32b; do
    for speed in 3000,230 3000,2000; do
        "$FLUIDREP" run "$FR_SOURCE_DIR/configs/$name.yaml" --dry-run --speed $speed --json
    done
done >scale.json
node "$FR_SOURCE_DIR/tests/support/scale-page.js" scale.json "$FR_SOURCE_DIR/docs/scale.md" "$FR_SOURCE_DIR/README.md"
"$FLUIDREP" run paper.yaml --dry-run >paper.txt
grep -q 'not here: as model.like says' paper.txt
grep -q '^steering .* ?$' paper.txt
grep -q 'a device of 80 GB, 74.5 GiB: .*, TOO MUCH; 5 slots fit, 11 with kv_type q8_0' paper.txt
# What the run would refuse of that shape is refused.
like() { sed "s/$1/$2/" paper.yaml >like.yaml; refused 2 "^fluidrep: like.yaml: .*$3" run like.yaml --dry-run; }
like 'deterministic: false' 'deterministic: true' 'model.deterministic is refused with model.gpu_layers -1'
like 'context_tokens: 24576' 'context_tokens: 50000' 'model.context_tokens is 50000 but the model was trained for 40960'
like 'kv_type: f16' 'kv_type: f32' 'model.kv_type f32 does nothing with model.flash_attention'
sed -i 's#kv_type: f16#kv_type: q4_0#' paper.yaml
like 'flash_attention: true' 'flash_attention: false' 'model.kv_type q4_0 needs model.flash_attention'
refused 2 '^fluidrep: --within: the speed .* is not known; give it with --speed P,D$' run paper.yaml --dry-run --within 3
sed -i 's/like: .*/like: qwq-33b/' paper.yaml
refused 2 'model.like: "qwq-33b" is no shape of a model; use one of qwq-32b' run paper.yaml --dry-run
refused 2 'two rates, such as 3000,230' run paper.yaml --dry-run --speed 3
refused 2 'are for --dry-run' run paper.yaml --within 3
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
refused 2 'missing.gguf: No such file or directory; put the GGUF there, or say model.like' run missing.yaml --dry-run
# What the head of the model's file tells is refused before it is read, and leaves nothing behind.
refused 2 'experiment positive: layers: 6, but .* has layers 1..5' run deep.yaml --out no
sed 's/context_tokens: 1280/gpu_layers: -1\n  context_tokens: 1280/' small.yaml >device.yaml
refused 2 '^fluidrep: device.yaml: .*organism.gguf: model.deterministic is refused with model.gpu_layers -1' run device.yaml --out no
refused 2 'set model.deterministic to false' run device.yaml --dry-run
sed 's/gpu_layers: -1/gpu_layers: -1\n  deterministic: false\n  split_mode: none\n  main_gpu: 15/' device.yaml >nodevice.yaml
refused 2 '^fluidrep: nodevice.yaml: model.main_gpu is 15, and the devices here are: ' run nodevice.yaml --out no
refused 2 'model.main_gpu is 15' run nodevice.yaml --dry-run
sed 's/kv_type: .*/kv_type: q8_0/' small.yaml >cache.yaml
refused 2 '^fluidrep: cache.yaml: model.kv_type q8_0 needs model.flash_attention' run cache.yaml --out no
sed 's/context_tokens: 1280/context_tokens: 200000/' small.yaml >far.yaml
refused 2 '^fluidrep: far.yaml: .*organism.gguf: model.context_tokens is 200000 but the model was trained for' run far.yaml --out no
echo 'no model' >text.gguf
sed 's#path: .*organism.gguf#path: text.gguf#' small.yaml >text.yaml
refused 2 'text.gguf: not a GGUF file' run text.yaml --out no
refused 2 'missing.gguf' run missing.yaml --out no
[ ! -e no ]
# Nor does what is only found when the model is open.
printf '{{ nothing_like_it() }}' >bad.jinja
sed 's#context_tokens: 1280#&\nprompt: {chat_template: bad.jinja}#' small.yaml >template.yaml
grep -q '^prompt' small.yaml && { echo 'small.yaml has a section prompt now'; exit 1; }
! "$FLUIDREP" run template.yaml --out no >/dev/null 2>err.txt
[ "$(grep -c '^fluidrep: ' err.txt)" = 1 ] && [ ! -e no ]
mkdir kept && echo mine >kept/mine.txt
! "$FLUIDREP" run template.yaml --out kept >/dev/null 2>err.txt
[ "$(ls kept)" = mine.txt ]

# What runs below is the smaller organism's.
write_quick_study

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

# The report's tables instead of headline numbers, as `fluidrep tables` prints them; of that command alone.
for form in markdown latex; do
    "$FLUIDREP" tables parts --$form | gives 0 report small.yaml --out parts --quiet --$form
    [ "$(grep -c '^| Question |\|^\\caption{What the paper claims' actual.txt)" = 1 ]
done
refused 2 'tables of a whole report alone' report small.yaml --markdown --json
refused 2 "unrecognized option '--markdown'" run small.yaml --markdown
