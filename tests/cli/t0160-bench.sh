# bench: every number is there and positive; what they are is the machine's.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
refused 2 '"0" is not a whole number from 1' bench --slots 0
refused 1 'missing.gguf: cannot open the model: No such file' bench --model missing.gguf
model=$FR_SOURCE_DIR/models/organism.gguf
[ -f "$model" ] || { echo "skipped: models/organism.gguf is missing"; exit 77; }

"$FLUIDREP" bench --tokens 16 --rounds 1 --threads 1 --slots 2 --json >bench.json
json 'd.tokens == 16 && d.rounds == 1 && d.layers >= 2 && d.taps_ratio > 0 && d.edits_ratio > 0 &&
    d.prefill_tokens_per_second > 0 && d.decode.length == 1 && d.decode[0].slots == 2 &&
    d.decode[0].tokens_per_second > 0 && d.decode[0].ratio == 1' <bench.json
"$FLUIDREP" bench --model "$model" --tokens 16 --rounds 1 --threads 1 >bench.txt
for slots in 1 8 32; do grep -Eq "^decoding, +$slots at once +[0-9]+ tokens/s" bench.txt || { cat bench.txt; exit 1; }; done
