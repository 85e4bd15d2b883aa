# bench: every number is there and positive; what they are is the machine's.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
refused 2 '"0" is not a whole number from 1' bench --slots 0
refused 2 'kv-type: "f8" is not f16' bench --kv-type f8
refused 2 'model.kv_type q8_0 needs model.flash_attention' bench --kv-type q8_0 --no-flash-attention
refused 2 'model.kv_type f32 does nothing with model.flash_attention' bench --kv-type f32
refused 2 'share: "0" is not a number from 0.001 to 1' bench --share 0
refused 2 'missing.gguf: cannot open the model: No such file' bench --model missing.gguf
model=$FR_SOURCE_DIR/models/organism.gguf
[ -f "$model" ] || { echo "skipped: models/organism.gguf is missing"; exit 77; }

"$FLUIDREP" bench --tokens 16 --prompt 32 --generate 8 --rounds 1 --threads 1 --slots 2 --json >bench.json
json 'd.share === 0.3 && d.tokens == 16 && d.rounds == 1 && d.layers >= 2 && d.ratios.length == 9 &&
    d.ratios.every(r => r.ratio > 0 && r.tokens_per_second > 0 && r.low <= r.ratio && r.ratio <= r.high) &&
    d.ratios.map(r => r.bar).join() == "0,0.97,0.95,0.95,0.95,0.99,0.95,0.98,0.98" &&
    d.ratios.map(r => r.slots).join() == "1,1,1,1,1,1,1,2,2"' <bench.json
# On the processor rows are read where they lie, and decoding after edits waits as often as plain llama.cpp: once a step. A
# prefill of 16 tokens is one chunk, cut behind each layer, or behind the edited ones; edits of the last reach nothing here.
json 'd.ratios.every(r => r.copies_out === 0 && r.copies_in === 0) && d.ratios[7].waits === 1 && d.ratios[8].waits === 1 &&
    d.ratios[0].waits === 1 && d.ratios[1].waits === 1 + d.layers && d.ratios[5].waits === 2 && d.ratios[6].waits === d.layers &&
    ["one by one", "in one batch"].includes(d.ratios[8].plain_prompts)' <bench.json
# The choices: the given one first, each once, the exact one off by nothing.
"$FLUIDREP" bench --choices --slots 2 --prompt 32 --generate 8 --rounds 1 --threads 1 --deterministic --cpu-time --json >choices.json
json 'd.choices[0].kv_type === "f16" && d.choices[0].flash_attention && d.choices[0].slots === 2 && d.choices[0].threads === 1 &&
    new Set(d.choices.map(c => [c.kv_type, c.flash_attention, c.slots, c.threads].join())).size === d.choices.length &&
    d.choices.every(c => c.refused === "" && c.tokens_per_second > 0 && c.ratio > 0 && c.low <= c.ratio && c.ratio <= c.high) &&
    d.choices.filter(c => c.kv_type === "f32").every(c => c.off === 0) && d.choices.filter(c => c.kv_type === "q8_0")[0].off > 0 &&
    d.choices.some(c => c.slots === 1) && d.choices.some(c => c.slots === 4)' <choices.json
"$FLUIDREP" bench --choices --slots 2 --prompt 32 --generate 8 --rounds 1 --kv-type f32 --no-flash-attention >choices.txt
sed -n 3p choices.txt | grep -Eq '^f32 without flash attention, 2 slots, [0-9]+ threads? +[0-9.]+ +1\.00 \(1\.00 to 1\.00\) +0\.0e\+00$' || { cat choices.txt; exit 1; }
"$FLUIDREP" bench --model "$model" --tokens 16 --prompt 32 --generate 8 --rounds 1 --threads 1 --deterministic --cpu-time >bench.txt
for slots in 8 32; do
    grep -Eq "^decoding after edits +$slots +[0-9]+ +[0-9.]+ \([0-9.]+ to [0-9.]+\), at least 0\.98" bench.txt || { cat bench.txt; exit 1; }
done
