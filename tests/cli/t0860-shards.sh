# A study made in shards and merged has the tables of one made in one go, byte for byte; steering in
# shards takes what all have; merging twice or after a kill does nothing twice; what does not belong
# together is refused in one line and nothing of it comes over.
set -eu
. "$FR_SOURCE_DIR/tests/support/small-study.sh"
[ -f "$FR_SOURCE_DIR/models/organism-ambiguous.gguf" ] || { echo "skipped: models/organism-ambiguous.gguf is missing"; exit 77; }
write_quick_study
sed -i 's/collect: 3/collect: 2/; s/evaluate: 2/evaluate: 1/' small.yaml
run() { "$FLUIDREP" run small.yaml "$@" >/dev/null 2>log.txt; }
refused() { # COMMAND..., the line's words on standard input
    ! "$@" >/dev/null 2>log.txt
    [ "$(wc -l <log.txt)" = 1 ]
    grep -q -f - log.txt
}

run --out once
for i in 1 2; do
    run --out "part-$i" --shard "$i/2"
    grep -q "part-$i: shard $i/2 has no more to do until all shards have come so far" log.txt
done
[ "$(ls part-1/reps part-2/reps | grep -c all)" = 3 ]

# Not of a shard alone.
echo 'part-1: the stage analyses is of all shards' | refused "$FLUIDREP" analyze small.yaml --out part-1 --shard 1/2
echo 'part-1: shard 1/2 has no more to do' | refused "$FLUIDREP" steer small.yaml --out part-1 --shard 1/2 --quiet
! "$FLUIDREP" run small.yaml --shard 3/2 2>log.txt
grep -q '"3/2" is not one of 1/N to N/N' log.txt

# Merged, then steered in shards of what all have, then merged again; the rest is of all.
"$FLUIDREP" merge all part-1 part-2 >merge.txt
grep -qx 'part-2: 3 traces, 7 files of representations, 0 steered runs; there already: 0, 0, 0' merge.txt
grep -qx 'all holds 9 of 9 traces' merge.txt
for i in 1 2; do
    "$FLUIDREP" merge "part-$i" all >/dev/null
    run --out "part-$i" --shard "$i/2"
    ! grep -q decoded.*rollouts log.txt
done
"$FLUIDREP" merge --json all part-1 part-2 | grep -q '"traces_wanted": 9'
mv all/reps/1-all.safetensors kept
: >all/reps/1-all.safetensors.part # as a killed merge leaves them
"$FLUIDREP" merge all part-1 part-2 >merge.txt
[ "$(grep -c 'nothing new, all of it was there already' merge.txt)" = 2 ]
mv kept all/reps/1-all.safetensors
run --out all
diff -r once/tables all/tables
! grep -q 'tokens: ' log.txt # no model did anything
"$FLUIDREP" run small.yaml --out all 2>log.txt | grep -qx 'nothing was left to do'

# What does not belong together.
for change in 's/^seed: 1/seed: 2/' 's/max_tokens: 1000/max_tokens: 900/' 's/evaluate: 1/evaluate: 2/' 's/layers: \[2\]/layers: [3]/'; do
    rm -rf other
    sed "$change" small.yaml >other.yaml
    "$FLUIDREP" rollout other.yaml --out other --shard 40/40 >/dev/null 2>log.txt
    grep -q '^fluidrep: other: shard 40/40 has no trace to make' log.txt
    echo '^fluidrep: other: .* in all; shards of one study are run with one configuration and model' |
        refused "$FLUIDREP" merge all other
done
echo 'nowhere/study.db: not found' | refused "$FLUIDREP" merge new nowhere
[ ! -e new ]
echo 'all: is all itself' | refused "$FLUIDREP" merge all all
# The same tokens, judged otherwise.
cp -r part-2 judged
rm judged/study.db.sha256
python3 -c "import sqlite3; db = sqlite3.connect('judged/study.db')
db.execute('UPDATE trace SET verdict = iif(verdict = \'unparsed\', \'solved\', \'unparsed\')'); db.commit()"
echo 'judged: the trace of puzzle [0-9]* in naming .* is judged otherwise (.* there and .* here) than in all' |
    refused "$FLUIDREP" merge all judged
# One that is gone, one that holds other bytes.
cp -r part-2 damaged
printf 'X' | dd of=damaged/reps/1-all.safetensors bs=1 seek=100000 conv=notrunc 2>/dev/null
echo 'damaged/reps/1-all.safetensors: holds other bytes than were written; run its shard again' |
    refused "$FLUIDREP" merge new damaged
rm damaged/reps/1-all.safetensors
echo 'damaged/reps/1-all.safetensors: is gone; run its shard again' | refused "$FLUIDREP" merge new damaged
"$FLUIDREP" run small.yaml --out all 2>log.txt | grep -qx 'nothing was left to do'
