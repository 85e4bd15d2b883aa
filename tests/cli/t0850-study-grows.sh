# A study that grew by a layer, an experiment, a naming, a timestamp and more puzzles ends with the same
# tables, byte for byte, as one made in one go; nothing is done twice; machine settings and paths change
# nothing; a changed key is refused, and a fork shares what still holds.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
. "$FR_SOURCE_DIR/tests/support/small-study.sh"
[ -f "$FR_SOURCE_DIR/models/organism-ambiguous.gguf" ] || { echo "skipped: models/organism-ambiguous.gguf is missing"; exit 77; }
write_quick_study
sed 's/collect: 3/collect: 2/; s/evaluate: 2/evaluate: 1/; s/grid_end: 160/grid_end: 120/; s/at: 160/at: 120/; s/timestamp: 160/timestamp: 120/g; s/controls: \[.*\], at/controls: [shuffled], at/' small.yaml >first.yaml
# Two scales and two ranges of layers: a sweep is lines of YAML.
sed 's/use: .*/use: ["5", "1", "4", "2"]/; s/at: 160/at: 120/; s/timestamp: 160/timestamp: 120/g; s/controls: \[.*\], at/controls: [shuffled], at/; s/layers: \[2\]/layers: [2, 1-3]/' small.yaml >grown.yaml
cat >>grown.yaml <<'YAML'
  - {name: symbolic, vectors: [symbolic_loo], controls: [shuffled], against: shuffled, at: 120,
     operation: replace, strength: [1, 10], layers: [1-4], window: [40, 80]}
YAML

"$FLUIDREP" run first.yaml --out grown >/dev/null 2>&1
traces=$("$FLUIDREP" tables grown counters --csv | tr -d '\r' | awk -F, '/rollouts/ { print $2 }')
[ "$traces" = 9 ]
"$FLUIDREP" run grown.yaml --out grown >/dev/null 2>grown.log
"$FLUIDREP" run grown.yaml --out once >/dev/null 2>once.log
diff -r once/tables grown/tables
tokens() { sed -n "s/^  $1 .*, tokens: \([0-9]*\) prefilled, \([0-9]*\) decoded.*/\2/p" "$2"; }
# 20 traces in all, 9 of them there before: about half are made.
awk -v some="$(tokens rollouts grown.log)" -v all="$(tokens rollouts once.log)" 'BEGIN { exit !(some < 0.75 * all) }'

# Against is data: symbolic vectors are measured against their shuffled control.
grep -q '^symbolic,"symbolic_loo, strength 1, layers 1-4","symbolic_loo, shuffled, strength 1, layers 1-4",' once/tables/effect.csv
[ "$(grep -c '^positive,' once/tables/effect.csv)" = 8 ]

# Paths spelled otherwise, slots, workers, threads: nothing to do. A key of the statistics: only these.
sed 's#models/organism#models/../models/organism#; s/slots: 4/slots: 2/; s/threads: 1/threads: 2/' grown.yaml >machine.yaml
"$FLUIDREP" run machine.yaml --out grown 2>log.txt | grep -qx 'nothing was left to do'
sed 's/permutations: 50/permutations: 60/' grown.yaml >more.yaml
"$FLUIDREP" run more.yaml --out grown >/dev/null 2>log.txt
[ "$(grep -c 'done before' log.txt)" = 5 ]
"$FLUIDREP" run grown.yaml --out grown >/dev/null 2>log.txt
diff -r once/tables grown/tables

# Weights that are gone: what needs none goes on, with a word; what needs them, and another path, do not.
cp "$FR_SOURCE_DIR/models/organism-ambiguous.gguf" gone.gguf
sed 's#path: .*gguf#path: gone.gguf#' grown.yaml >gone.yaml
"$FLUIDREP" run gone.yaml --out grown 2>log.txt | grep -qx 'nothing was left to do'
rm gone.gguf
sed 's/gone.gguf/never.gguf/' gone.yaml >never.yaml
sed 's/permutations: 50/permutations: 60/' gone.yaml >more.yaml
"$FLUIDREP" stats more.yaml --out grown >/dev/null 2>log.txt
grep -q 'gone.gguf is not there; the study goes on with what the model did' log.txt
[ "$(grep -c 'done before' log.txt)" = 5 ]
"$FLUIDREP" report gone.yaml --out grown >/dev/null 2>log.txt
! grep -q 'rules of another version' log.txt
diff -r once/tables grown/tables
rm grown/study.db.sha256
python3 -c "
import sqlite3
db = sqlite3.connect('grown/study.db')
db.executescript(\"UPDATE meta SET value = 'other' WHERE key = 'verdicts_by'\")"
"$FLUIDREP" report gone.yaml --out grown >/dev/null 2>log.txt
grep -q "its verdicts are by the rules of another version, .* with the model's file they are judged again" log.txt
sed 's/strength: \[1, 10\]/strength: [1, 10, 20]/' gone.yaml >needs.yaml
status=0
"$FLUIDREP" run needs.yaml --out grown >/dev/null 2>log.txt || status=$?
[ "$status" = 2 ]
tail -n 1 log.txt | grep -q 'gone.gguf: cannot open the model: No such file'
refused 2 'never.gguf: cannot open the model: No such file' run --out grown never.yaml
refused 2 'gone.gguf: cannot open the model: No such file' run gone.yaml --out new
[ ! -e new ]
"$FLUIDREP" run grown.yaml --out grown >/dev/null 2>log.txt
diff -r once/tables grown/tables

# Representations otherwise: refused here, and in a fork the traces are shared.
sed 's/window_tokens: 160/window_tokens: 80/' grown.yaml >other.yaml
! "$FLUIDREP" run other.yaml --out grown 2>log.txt
"$FLUIDREP" fork grown forked other.yaml | grep -q '^forked holds what grown had up to the stage representations'
! "$FLUIDREP" fork grown forked other.yaml 2>log.txt
grep -q 'forked: is there already' log.txt
"$FLUIDREP" run other.yaml --out forked --until analyses >/dev/null 2>log.txt
[ "$(grep -c 'done before' log.txt)" = 2 ]
cmp grown/tables/effect.csv once/tables/effect.csv

# Files of sums that are gone, damaged or another's are made again, and the tables are the same.
cp -r grown damaged
rm damaged/reps/1-all.safetensors
cp damaged/reps/5-all.safetensors damaged/reps/2-all.safetensors
printf 'X' | dd of=damaged/reps/4-solved.safetensors bs=1 seek=100000 conv=notrunc 2>/dev/null
rm damaged/reps/4-all.safetensors damaged/reps/5-solved.safetensors
mkfifo damaged/reps/4-all.safetensors
mkdir damaged/reps/5-solved.safetensors
"$FLUIDREP" run grown.yaml --out damaged >/dev/null 2>log.txt
for file in 4-all 5-solved; do grep -q "damaged/reps/$file.safetensors: is no file; it is made again" log.txt; done
grep -q 'damaged/reps/1-all.safetensors: is gone; it is made again' log.txt
grep -q 'damaged/reps/2-all.safetensors: holds other bytes than were written' log.txt
grep -q 'damaged/reps/4-solved.safetensors: holds other bytes than were written' log.txt
for file in 1-all 2-all 4-all 4-solved 5-solved; do cmp "grown/reps/$file.safetensors" "damaged/reps/$file.safetensors"; done

# The database removed, the tensors kept, another seed: nothing of the old ones is read.
rm damaged/study.db*
sed 's/^seed: 1/seed: 2/' grown.yaml >seed.yaml
"$FLUIDREP" run seed.yaml --out damaged --until analyses >/dev/null 2>log.txt
"$FLUIDREP" run seed.yaml --out fresh --until analyses >/dev/null 2>log.txt
for file in 1-all 2-all 4-solved; do cmp "fresh/reps/$file.safetensors" "damaged/reps/$file.safetensors"; done
