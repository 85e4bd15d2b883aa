# Studies of recorded traces: what is read, what is left out and told, matched traces, the report. On
# traces of the organism that the project ships.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
organism=$FR_SOURCE_DIR/models/organism.gguf traces=$FR_SOURCE_DIR/data/traces/organism.jsonl
[ -f "$organism" ] || { echo "skipped: models/organism.gguf is missing"; exit 77; }

write_config() { # FILE COLLECT [TRACES-KEYS [MAX-TOKENS]]
    cat >replay.yaml <<YAML
study: replay
model: {path: $organism, slots: 1, threads: 1, kv_type: f32, flash_attention: false, context_tokens: 1280}
puzzles: {domain: $FR_SOURCE_DIR/data/domains/blocksworld.pddl, collect: $2, evaluate: 0}
traces: {import: $1, match: true${3:+, $3}}
namings: {table: $FR_SOURCE_DIR/data/namings.tsv, use: ["1", "2", "5"], exclude: []}
prompt: {style: terse}
generation: {max_tokens: ${4:-1150}}
representations: {origin: prompt, window_tokens: 200, grid_step: 40, grid_end: 240, min_mentions: 1, previous_token: false}
analyses: {reference_timestamp: 240, pca_timestamp: 240, resamples: 50}
steering: {layers: [], vector_timestamp: 240}
YAML
}
rows() { # rows TABLE NAMING: the naming's rows without it, and without which of the paper's it is
    awk -F, -v OFS=, -v naming="$2" 'NR == 1 { for (i = 1; i <= NF; i++) paper = $i == "paper_naming" ? i : paper; next }
        $1 == naming { if (paper) $paper = ""; $1 = ""; print }' "whole/tables/$1.csv"
}

# The whole study: each trace in each naming, the same verdicts and the same mentions at the same times;
# the report says that the traces are replayed, and nothing of steering.
write_config "$traces" 4
"$FLUIDREP" run replay.yaml --out whole --until puzzles >out.txt 2>err.txt
"$FLUIDREP" run replay.yaml --out whole >out.txt 2>err.txt
grep -q '^Replayed: 4 recorded traces in 3 namings, 12 texts .* 12 of the 12 recorded answers solve' out.txt
for naming in 2 5; do
    for table in accuracy mention_count; do
        rows $table 1 >one.csv
        rows $table $naming | cmp - one.csv
        [ "$(wc -l <one.csv)" -ge 2 ]
    done
done
awk -F, '$1 == "1" && $5 > 0 { n++ } END { exit n < 60 }' whole/tables/mention_count.csv
grep -q '<h2>The replayed traces</h2>' whole/report.html
grep -q 'organism.jsonl' whole/report.html
grep -q "$(sha256sum "$traces" | cut -c1-64)" whole/report.html
if grep -q '<h2>Steering\|<h2>What the model solves' whole/report.html; then exit 1; fi
if command -v chromium >/dev/null; then FLUIDREP_STUDY=$PWD/whole sh "$FR_SOURCE_DIR/tests/cli/t0900-report-chromium.sh"; fi

# Lines that are none are told with their number and left out; the rest is the same study.
line() { sed -n "$1p" "$traces"; }
{
    line 1
    echo '{"prompt": "p", "reasoning":'
    line 2
    printf '{"prompt": "\377", "reasoning": "r"}\n'
    echo '[1]'
    printf '%s\n' '{"prompt": "p", "reasoning": " \n", "answer": "a", "naming": 1}'
    echo '{"reasoning": "r"}'
    echo '{"prompt": ["p"], "reasoning": "r"}'
    echo '{"prompt": "p", "reasoning": "r"}'
    line 1 | sed 's/"naming": "1"/"naming": "99"/'
    line 1 | sed 's/"naming": "1"/"naming": "clean"/'
    line 1 | sed 's/(on c a)/(on c q)/'
    line 1 | sed 's/"puzzle".*/"correct": true}/'
    line 1 | sed 's/ ~ / <\/think>&/'
    echo
    line 3
    line 4
    line 5
} >mixed.jsonl
write_config mixed.jsonl 4
status=0
"$FLUIDREP" run replay.yaml --out mixed >out.txt 2>err.txt || status=$?
[ "$status" = 1 ] || { echo "exit $status"; cat err.txt; exit 1; }
grep '^fluidrep: left out: ' err.txt | sed 's/^fluidrep: left out: //' >told.txt
told() { grep -Eq "^mixed.jsonl:$1: $2" told.txt || { echo "line $1: no $2"; cat told.txt; exit 1; }; }
[ "$(wc -l <told.txt)" = 12 ] || { cat told.txt; exit 1; }
told 2 'not JSON: '
told 4 'not UTF-8, as JSON must be: unable to decode byte 0xff'
told 5 'no JSON object$'
told 6 'an empty trace: no "reasoning"$'
told 7 'no "prompt"$'
told 8 'field "prompt" is no text$'
told 9 'in which naming\?'
told 10 'no naming "99" in the table'
told 11 'in the clean naming, whose sentences cannot be renamed'
told 12 '"puzzle":.*q'
told 13 'which puzzle\? .* a puzzle cannot be read from a prompt of style terse$'
told 14 'in naming 1: the reasoning holds the tag that ends it, </think>$'
diff -r whole/tables mixed/tables
grep -q '16 lines read, 12 left out\|17 lines read, 12 left out' mixed/report.html
"$FLUIDREP" run replay.yaml --out mixed >out.txt 2>err.txt
grep -q '^nothing was left to do$' out.txt

# Too few, none, another file, no file.
write_config mixed.jsonl 6
status=0
"$FLUIDREP" run replay.yaml --out few >out.txt 2>err.txt || status=$?
[ "$status" = 2 ] && grep -q 'puzzles.collect 6 and puzzles.evaluate 0, but mixed.jsonl has 5 traces that can be used (12 lines are left out)' err.txt
write_config mixed.jsonl 5
status=0
"$FLUIDREP" run replay.yaml --out few >out.txt 2>err.txt || status=$?
[ "$status" = 1 ]
write_config mixed.jsonl 4
refused 2 'puzzles.collect was 5 and is now 4 .it can only grow.' run replay.yaml --out few
write_config mixed.jsonl 4
echo >>mixed.jsonl
refused 2 'traces.import.sha256 was .* and is now' run replay.yaml --out mixed
write_config missing.jsonl 4
refused 2 'traces.import: missing.jsonl is not there; .*docs/replay.md' run replay.yaml --out none

# A trace that is too long is cut, and counted, or left out in every naming.
write_config "$traces" 2 '' 315
"$FLUIDREP" run replay.yaml --out cut >out.txt 2>err.txt
awk -F, '$1 == "1" && $2 == "all" { exit !($3 == 2 && $4 == 2) }' cut/tables/accuracy.csv
grep -q '<th scope="row">5</th><td>2</td><td>2</td><td>2</td><td>315</td><td>1</td><td>628</td><td>' cut/report.html
{ line 20; line 1; line 2; } >long-first.jsonl
write_config long-first.jsonl 2 'too_long: leave_out' 400
status=0
"$FLUIDREP" run replay.yaml --out short >out.txt 2>err.txt || status=$?
[ "$status" = 1 ]
grep -Eq 'left out: .*long-first.jsonl:1: too long: [0-9]* tokens in naming 1, generation.max_tokens is 400' err.txt

# What the configuration cannot mean.
check() { # check PATTERN SED-SCRIPT
    write_config "$traces" 4
    sed "$2" replay.yaml >bad.yaml
    refused 2 "$1" run bad.yaml --out none
}
check 'puzzles.evaluate 0 leaves nothing to steer' 's/layers: \[\]/layers: [2], window_start: 40, window_end: 80/'
check 'puzzles.directory, but the puzzles are those of traces.import' 's/collect: 4/directory: x, &/'
check 'traces.match without traces.import' 's/import: [^,]*, //'
check 'traces.problems: "x" needs one %d' 's/match: true/&, problems: x/'
[ ! -e none/report.html ]
write_config "$traces" 4
sed 's/match: true/match: false/; s/use: \["1", /use: [/' replay.yaml >other.yaml
status=0
"$FLUIDREP" run other.yaml --out none >out.txt 2>err.txt || status=$?
[ "$status" = 2 ] && [ "$(grep -c 'left out: .*in naming 1, which is not one of namings.use' err.txt)" = 20 ]
[ ! -e none/report.html ]

# What it would take, before anything is read.
write_config "$traces" 4
"$FLUIDREP" run replay.yaml --dry-run --json >plan.json
json 'd.stages.filter((s) => s.stage === "rollouts")[0].count === 12 && d.prompt_tokens_mean > 100' <plan.json
json 'd.stages.every((s) => s.decode_tokens === 0)' <plan.json

# A puzzle to evaluate on is none of those to collect from, whatever its objects are called: such lines are passed over, and
# told; where too few are left, nothing is made. A study's own exported traces hold each puzzle once a naming.
twin() { # twin LINE: the line's puzzle with blocks a and c called each other's names, in prompt, reasoning and answer
    line "$1" | node -e '
        const t = JSON.parse(require("fs").readFileSync(0, "utf8"));
        const turn = (s) => s.replace(/\b[acAC]\b/g, (x) => ({a: "c", c: "a", A: "C", C: "A"})[x]);
        for (const key of ["prompt", "reasoning", "answer", "puzzle"]) t[key] = turn(t[key]);
        console.log(JSON.stringify(t));'
}
{ line 1; line 2; twin 1; line 3; line 2; twin 3; line 4; } >twins.jsonl
write_config twins.jsonl 2
sed -i 's/evaluate: 0/evaluate: 3/' replay.yaml
"$FLUIDREP" run replay.yaml --out twins >out.txt 2>err.txt
grep -q '^fluidrep: .*twins.jsonl: 2 lines are passed over for evaluation: ' err.txt || { cat err.txt; exit 1; }
! grep -q 'left out' err.txt
"$FLUIDREP" tables twins methods >methods.txt
grep -q ': 2 to collect representations from and 3 held out\. Puzzles that differ only in the names of their objects are never in both\.' methods.txt
grep -q 'Up to the names of their objects 2 of the 2 and 2 of the 3 are distinct' methods.txt
grep -q '2 traces of puzzles to collect from were passed over for evaluation\.' methods.txt
grep -q '7 lines read, 0 left out, 2 passed over for evaluation, of puzzles that were collected from)' twins/report.html
"$FLUIDREP" export twins traces --out exported.jsonl >/dev/null
write_config exported.jsonl 3
sed -i 's/evaluate: 0/evaluate: 4/' replay.yaml
refused 2 'puzzles.evaluate 4, but behind the 3 traces to collect from exported.jsonl has 3 of other puzzles .9 more are of the same puzzles up to the names of their objects' run replay.yaml --out none
