# A study killed with SIGKILL at any moment and run again ends with the same tables, byte for byte; run
# again when finished, it does nothing twice and says so.
set -eu
. "$FR_SOURCE_DIR/tests/support/small-study.sh"
[ -f "$FR_SOURCE_DIR/models/organism.gguf" ] || { echo "skipped: models/organism.gguf is missing"; exit 77; }
write_small_study

"$FLUIDREP" run small.yaml --out whole >whole.txt 2>whole.log
grep -q '^report: whole/report.html$' whole.txt
grep -Eq '^  rollouts +[0-9.]+ s, tokens: [0-9]+ prefilled, [0-9]+ decoded, 0 copied$' whole.log
grep -Eq '^  steering +[0-9.]+ s, tokens: [0-9]+ prefilled, [0-9]+ decoded, [0-9]+ copied, [0-9]+ rows edited$' whole.log
for table in headline accuracy mention_count similarity separation pca steering_naming steering; do
    [ "$(wc -l <"whole/tables/$table.csv")" -gt 1 ] || { echo "table $table is empty"; exit 1; }
done
# Long enough for the organism: a study of traces that are all cut would steer and judge nothing.
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    $at["split"] == "all" { n += $at["n"]; solved += $at["solved"]; cut += $at["truncated"] }
    END { exit !(n == 18 && solved > 0 && cut == 0) }' whole/tables/accuracy.csv || { cat whole/tables/accuracy.csv; exit 1; }

# Nothing twice.
cp -r whole/tables before
"$FLUIDREP" run small.yaml --out whole >again.txt 2>again.log
grep -q '^nothing was left to do$' again.txt
[ "$(grep -c 'done before' again.log)" = 7 ]
diff -r before whole/tables

# Kills: later and later into what is left, until a run gets through; every stage is hit, because a run
# that was killed early begins where the last one ended.
kills=0
for delay in 0.05 0.2 0.4 0.7 0.4 0.8 1.2 0.6 1 1.5 0.9 2 3; do
    "$FLUIDREP" run small.yaml --out parts >part.txt 2>part.log &
    pid=$!
    sleep "$delay"
    if kill -9 "$pid" 2>/dev/null; then kills=$((kills + 1)); fi
    wait "$pid" 2>/dev/null || true
    [ ! -s part.txt ] || break
done
[ "$kills" -ge 2 ] || { echo "only $kills runs were killed: the study is too short for this test"; exit 1; }
"$FLUIDREP" run small.yaml --out parts >part.txt 2>part.log
diff -r whole/tables parts/tables
diff whole.txt part.txt | grep -v 'report:\|nothing was left' | grep '^[<>]' && { echo "headlines differ"; exit 1; }

# The identity control is exact: the same tokens, so the same verdicts.
awk -F, '$1 == "identity" && ($8 != 0 || $9 != 0)' whole/tables/steering_naming.csv | grep . && exit 1
# Every run that should have been edited was.
sqlite() { command -v sqlite3 >/dev/null && sqlite3 "$@"; }
if n=$(sqlite whole/study.db "SELECT count(*) FROM steered WHERE condition <> 'baseline' AND n_edits = 0"); then
    [ "$n" = 0 ] || { echo "$n steered runs have no edit"; exit 1; }
fi
echo "killed $kills times"
