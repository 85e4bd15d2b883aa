# A signal inside libllama ends a study with one line, and what was stored stays: the model's file, which is mapped into
# memory, is cut short while the study runs; with the file whole again the same command continues to the same tables.
set -eu
. "$FR_SOURCE_DIR/tests/support/small-study.sh"
organism=$FR_SOURCE_DIR/models/organism-ambiguous.gguf
[ -f "$organism" ] || { echo "skipped: models/organism-ambiguous.gguf is missing"; exit 77; }
cp "$organism" model.gguf
MODEL=model.gguf write_quick_study
sed -i 's/collect: 3/collect: 2/; s/evaluate: 2/evaluate: 1/' small.yaml
# a sanitizer would answer the signal itself
ASAN_OPTIONS="${ASAN_OPTIONS:-}:handle_sigbus=0" "$FLUIDREP" run small.yaml --out dies >out.txt 2>err.txt &
pid=$!
# Traces are stored one by one: wait for the first, so that there is something to lose.
stored() { grep -aq '</think>' dies/study.db dies/study.db-wal 2>/dev/null; }
for i in $(seq 600); do
    if stored || ! kill -0 $pid 2>/dev/null; then break; fi
    sleep 0.1
done
stored || { echo "no trace was stored"; cat err.txt; exit 1; }
truncate -s 100000 model.gguf
status=0
wait $pid || status=$?
[ "$status" = 1 ] || { echo "exit $status"; cat err.txt; exit 1; }
[ "$(grep -c '^fluidrep: ' err.txt)" = 1 ]
grep -Eq '^fluidrep: SIGBUS, .* \(libggml[^ ]*\+0x[0-9a-f]+\) while (decoding a token of 4 sequences|prefilling positions .*) of .*model.gguf \(f32 cache, without flash attention, plain kernels\): .*nothing stored is lost, and the same command continues; check the file' err.txt || { cat err.txt; exit 1; }
[ ! -s out.txt ]

cp "$organism" model.gguf
"$FLUIDREP" run small.yaml --out dies >out.txt 2>err.txt
sed -i 's#model.gguf#'"$organism"'#' small.yaml
"$FLUIDREP" run small.yaml --out whole >out.txt 2>err.txt
diff -r whole/tables dies/tables
