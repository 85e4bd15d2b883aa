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
for table in headline accuracy mention_count similarity separation pca effect_naming effect; do
    [ "$(wc -l <"whole/tables/$table.csv")" -gt 1 ] || { echo "table $table is empty"; exit 1; }
done
# Long enough for the organism: a study of traces that are all cut would steer and judge nothing.
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    $at["split"] == "all" { n += $at["n"]; solved += $at["solved"]; cut += $at["truncated"] }
    END { exit !(n == 15 && solved > 0 && cut == 0) }' whole/tables/accuracy.csv || { cat whole/tables/accuracy.csv; exit 1; }

# Nothing twice; but pages and tables, which are always made from the database.
cp -r whole/tables before
rm -r whole/tables whole/figures whole/report.html
"$FLUIDREP" run small.yaml --out whole >again.txt 2>again.log
grep -q '^nothing was left to do$' again.txt
[ "$(grep -c 'done before' again.log)" = 6 ]
diff -r before whole/tables
[ -s whole/report.html ]

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

# The identity control is exact: the same tokens. Every run that should have been edited was.
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } /^positive,"?identity/ { n++; if ($0 !~ /,0,none\r?$/) exit 1 }
    END { exit n != 1 }' whole/tables/effect.csv || { cat whole/tables/effect.csv; exit 1; }

# Two and four workers: the same bytes.
for workers in 2 4; do
    sed "s/^  threads: 1/  threads: 1\n  workers: $workers/" small.yaml >workers.yaml
    "$FLUIDREP" run workers.yaml --out "workers$workers" >/dev/null 2>&1
    diff -r whole/tables "workers$workers/tables"
done
echo "killed $kills times"
