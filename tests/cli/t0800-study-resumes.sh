# A study killed with SIGKILL at any moment and run again ends with the same tables, byte for byte; run
# again when finished, it does nothing twice and says so.
set -eu
. "$FR_SOURCE_DIR/tests/support/small-study.sh"
[ -f "$FR_SOURCE_DIR/models/organism-ambiguous.gguf" ] || { echo "skipped: models/organism-ambiguous.gguf is missing"; exit 77; }
write_quick_study

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

# Unedited runs go on as the trace that they were cut from: the prefix is prefilled, there it was decoded.
"$FLUIDREP" tables whole counters --csv | tr -d '\r' | grep -A1 '^baseline runs,' | awk -F, '{ n[NR] = $2 } END { exit !(n[1] > 0 && n[1] == n[2]) }'

# Every kind of experiment, killed three times in the middle: the same tables. An identity, and a vector of
# strength zero, change no token of any of them.
cp small.yaml every.yaml
cat >>every.yaml <<'YAML'
  - {name: symbolic, vectors: [symbolic_loo, cross_all], controls: [shuffled, single, identity], against: shuffled,
     at: 160, operation: replace, strength: 2, layers: [1-4], window: [40, 80]}
  - {name: negative, vectors: [in_naming], controls: [shuffled, identity], against: shuffled, at: 160,
     operation: subtract, keep_norm: false, layers: [2-3], window: [40, 80]}
  - {name: jitter, vectors: [noise], operation: jitter, scale: [0.000001, 0.001], controls: [identity], at: 160,
     layers: [1], window: [40, 80]}
  - {name: zero, vectors: [in_naming], operation: [add, subtract], strength: 0, controls: [identity], at: 160,
     layers: [2-3], window: [40, 80]}
YAML
cp -r whole every
cp -r whole stopped
"$FLUIDREP" run every.yaml --out every >/dev/null 2>every.log
runs() { "$FLUIDREP" tables stopped counters --csv | tr -d '\r' | awk -F, '/edited runs/ { print $2 }'; }
stops=0
for round in 1 2 3; do
    before=$(runs)
    "$FLUIDREP" run every.yaml --out stopped >/dev/null 2>part.log &
    pid=$!
    for wait in $(seq 200); do
        [ "$(runs 2>/dev/null || echo "$before")" -lt "$((before + 2))" ] || break
        sleep 0.05
    done
    if kill -9 "$pid" 2>/dev/null; then stops=$((stops + 1)); fi
    wait "$pid" 2>/dev/null || true
done
[ "$stops" = 3 ] || { echo "only $stops of 3 runs were killed while they steered"; exit 1; }
"$FLUIDREP" run every.yaml --out stopped >/dev/null 2>part.log
diff -r every/tables stopped/tables
for experiment in positive symbolic negative jitter zero; do
    grep -Eq "^$experiment,\"?identity" every/tables/effect.csv || { echo "$experiment has no identity"; exit 1; }
done
# changed 0, unedited 0, no naming excluded
! grep -E '^[a-z]+,"?identity|^zero,' every/tables/effect.csv | grep -Ev ',0,0,none.?$' || { echo "not exact"; exit 1; }
[ "$(grep -c '^zero,' every/tables/effect.csv)" = 3 ]
# Without the edit and with it, in shares: every condition is there.
[ "$(wc -l <every/tables/kept.csv)" = "$(wc -l <every/tables/effect.csv)" ]
[ "$(grep -c '^[1-4],' every/tables/claim.csv)" = 4 ]

# Two and four workers: the same bytes.
for workers in 2 4; do
    sed "s/^  threads: 1/  threads: 1\n  workers: $workers/" small.yaml >workers.yaml
    "$FLUIDREP" run workers.yaml --out "workers$workers" >/dev/null 2>&1
    diff -r whole/tables "workers$workers/tables"
done

# The traces that the model wrote come back as recorded ones: the same verdicts, the same reasoning.
"$FLUIDREP" export whole traces --model "${MODEL:-$FR_SOURCE_DIR/models/organism-ambiguous.gguf}" --out traces.jsonl 2>/dev/null
"$FLUIDREP" import traces.jsonl --style ambiguous --table quick-namings.tsv --model "${MODEL:-$FR_SOURCE_DIR/models/organism-ambiguous.gguf}" --json >back.jsonl 2>/dev/null
node - <<'JS'
const [ours, back] = ["traces.jsonl", "back.jsonl"].map((f) =>
    require("fs").readFileSync(f, "utf8").trim().split("\n").map(JSON.parse));
if (ours.length !== 15 || back.length !== 15) process.exit(1);
ours.forEach((t, i) => ["verdict", "correct", "naming", "prompt_tokens", "reasoning_tokens"].forEach((k) => {
    if (t[k] !== back[i][k]) { console.error(i, k, t[k], back[i][k]); process.exit(1); } }));
JS
echo "killed $kills times"
