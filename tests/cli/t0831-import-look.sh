# import: what recorded traces would bring into a study. The organism's own, wrong lines, and the 201
# recorded ones, whose mentions are those of the golden count and whose verdicts are the file's.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
organism=$FR_SOURCE_DIR/models/organism.gguf traces=$FR_SOURCE_DIR/data/traces/organism.jsonl
refused 2 'which file of traces' import --model x.gguf
refused 2 'which model' import x.jsonl
refused 2 'has no %d' import x.jsonl --model x.gguf --problems x
[ -f "$organism" ] || { echo "skipped: models/organism.gguf is missing"; exit 77; }
refused 2 'missing.jsonl: No such file' import missing.jsonl --model "$organism" --json

"$FLUIDREP" import "$traces" --style terse --model "$organism" --json >look.jsonl 2>err.txt
grep -q '^20 traces of 11095 tokens, [0-9]* mentions, 20 solved (20 of 20 as the file says); 0 lines left out$' err.txt
head -n 1 look.jsonl | json 'd.line === 1 && d.naming === "1" && d.verdict === "solved" && d.correct === true && d.mentions.unstack > 3 && d.tokens === 313 && d.prompt_tokens > 100 && d.prompt_tokens + d.reasoning_tokens < 313'
"$FLUIDREP" import "$traces" --style terse --model "$organism" 2>/dev/null | tail -n 1 | grep -Eq '^ +20 [0-9]+ +1 +[0-9]+ +[0-9]+ +[0-9]+  solved +yes +[0-9]+ '

{ head -n 1 "$traces"; echo '{'; sed -n 2p "$traces" | sed 's/"answer": "[^"]*"/"answer": ""/'; } >mixed.jsonl
status=0
"$FLUIDREP" import mixed.jsonl --style terse --model "$organism" --json >look.jsonl 2>err.txt || status=$?
[ "$status" = 1 ] && grep -q '^fluidrep: mixed.jsonl:2: not JSON' err.txt
grep -q '^2 traces of .* 1 solved (1 of 2 as the file says); 1 lines left out$' err.txt
tail -n 1 look.jsonl | json 'd.line === 3 && d.verdict === "truncated" && d.reason === "the recording has no answer"'

data=${FLUIDREP_SHARED:-$FR_SOURCE_DIR/../shared/data}/planbench
[ -d "$data" ] || { echo "skipped: $data is not there"; exit 77; }
for set in 0:mystery:1:101 1:blocksworld:clean:99; do
    IFS=: read -r number name naming agreed <<END
$set
END
    "$FLUIDREP" import "$data/traces-deepseek-r1-$name-3blocks.jsonl" --naming "$naming" --model "$organism" \
        --json >look.jsonl 2>err.txt
    grep -q "($agreed of 10[01] as the file says); 0 lines left out" err.txt
    node -e 'for (const line of require("fs").readFileSync("look.jsonl", "utf8").trim().split("\n")) {
        const d = JSON.parse(line);
        console.log([d.instance, ...Object.values(d.mentions)].join("\t"));
    }' >counts.tsv
    awk -F'\t' -v OFS='\t' -v set="$number" '$1 == "C" && $2 == set && $4 == 1 {
        print $3, $5, $6, $7, $8, $9, $10, $11, $12, $13 }' "$FR_SOURCE_DIR/tests/golden/mentions/trace_mentions.tsv" |
        cmp - counts.tsv
done
