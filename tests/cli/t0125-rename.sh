# rename: texts and traces from one naming to another.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"

printf 'Attack a, then it craves b.\nTwo separate blocks, overcoming.\n' >text.txt
gives 0 rename --from 1 --to 18 text.txt <<'OUT'
Release a, then it repels b.
Two overcome blocks, separating.
OUT
cat >report.txt <<'OUT'
naming 1 to 18: 3 words renamed
  pick-up      attack -> release 1
  stack        overcoming -> separating 1
  on           craves -> repels 1
1 words of naming 18 stood there already (swapped: the text means something else there)
  stack        separate -> overcome 1
OUT
cmp report.txt err.txt
"$FLUIDREP" rename --from 1 --to 18 <text.txt 2>/dev/null | "$FLUIDREP" rename -f 18 -t 1 - 2>/dev/null | cmp - text.txt
gives 0 rename --from 1 --to 18 --on-collision keep --report report.json text.txt <<'OUT'
Release a, then it repels b.
Two separate blocks, separating.
OUT
grep -q '^1 words do not come back' err.txt
json 'd.from == "1" && d.to == "18" && d.n_renamed == 3 && d.n_collisions == 1 && d.n_lost == 1 &&
    d.renamed.length == 3 && d.renamed[0].concept == "pick-up" && d.renamed[0].form == "base" &&
    d.renamed[2].from == "craves" && d.renamed[2].to == "repels" && d.renamed[2].count == 1 &&
    d.collisions[0].from == "separate" && !d.collisions[0].comes_back' <report.json
refused 2 'text.txt:2: "separate" stands there already \(byte 4\), and names stack' rename --from 1 --to 18 \
    --on-collision refuse --out never.txt text.txt
[ -z "$(find . -name "never.txt*")" ]
printf 'no line feed: pain' | "$FLUIDREP" rename --from 1 --to 2 2>/dev/null >out.txt
printf 'no line feed: pulse' | cmp - out.txt
: | "$FLUIDREP" rename --from 1 --to 2 2>/dev/null >out.txt
[ ! -s out.txt ]

# Plans, and a table of one's own.
printf '(attack a)\n(OVERCOME a b)\n' >plan.txt
gives 0 rename --rule exact --from 1 --to clean plan.txt <<'OUT'
(pick-up a)
(STACK a b)
OUT
"$FLUIDREP" namings random --seed 3 >own.tsv
"$FLUIDREP" rename --table own.tsv --from r3-1 --to r3-1 text.txt 2>/dev/null | cmp - text.txt

# Traces: the fields that are there; order, other fields, escapes and the way of writing are kept.
cat >traces.jsonl <<'IN'
{"instance_id": 1, "prompt": "Attack object", "score": 0.5, "reasoning": "I attacked \u2014 na\u00efve", "extracted_plan": "(attack a)", "answer": null}
{"other": ["attack"], "reasoning": "planets", "naming": 1}

{"naming": "1", "reasoning": "é attack", "answer": "\u0000feast"}
IN
gives 0 rename --from 1 --to 2 --jsonl traces.jsonl <<'OUT'
{"instance_id": 1, "prompt": "Illuminate object", "score": 0.5, "reasoning": "I illuminated \u2014 na\u00EFve", "extracted_plan": "(illuminate a)", "answer": null, "naming": "2"}
{"other": ["attack"], "reasoning": "auras", "naming": "2"}
{"naming": "2", "reasoning": "é illuminate", "answer": "\u0000divest"}
OUT
gives 0 rename --from 1 --to 2 --jsonl traces.jsonl --fields reasoning --out moved.jsonl </dev/null
sed -n 1p moved.jsonl | grep -q '"prompt": "Attack object", .*I illuminated'
"$FLUIDREP" rename --from 1 --to 2 --jsonl - --fields reasoning <traces.jsonl 2>/dev/null | cmp - moved.jsonl
"$FLUIDREP" rename --from 1 --to 2 --jsonl moved.jsonl --out moved.jsonl 2>/dev/null && exit 1

# Wrong lines are told with their numbers and left out; the others are done, counted and written.
cat >mixed.jsonl <<'IN'
{"reasoning": "attack"}
{"reasoning": "attack"
[1]
{"reasoning": ["attack"], "prompt": "attack"}
{"text": "attack"}
{"reasoning": "attack", "naming": "7"}
{"reasoning": "pain"}
IN
gives 1 rename --from 1 --to 2 --jsonl mixed.jsonl --report report.json <<'OUT'
{"reasoning": "illuminate", "naming": "2"}
{"reasoning": "pulse", "naming": "2"}
OUT
for pattern in '^fluidrep: mixed.jsonl:2: not JSON: ' '^fluidrep: mixed.jsonl:3: no JSON object$' \
    '^fluidrep: mixed.jsonl:4: field "reasoning" is no text$' \
    '^fluidrep: mixed.jsonl:5: none of the fields' '^fluidrep: mixed.jsonl:6: in naming 7, not 1$' \
    '^fluidrep: mixed.jsonl: 2 lines renamed, 5 left out$' '^naming 1 to 2: 2 words renamed$'; do
    grep -q "$pattern" err.txt || { echo "no $pattern"; cat err.txt; exit 1; }
done
json 'd.lines == 2 && d.bad_lines == 5 && d.n_renamed == 2' <report.json
printf '{"reasoning": "attack", "naming": "1", "naming": "2"}\n' >twice.jsonl
gives 1 rename --from 1 --to 2 --jsonl twice.jsonl </dev/null
grep -q '^fluidrep: twice.jsonl:1: not JSON: duplicate object key' err.txt
printf '{"text": "attack"}' >odd.jsonl
gives 0 rename --from 1 --to 2 --jsonl odd.jsonl --fields text,body <<'OUT'
{"text": "illuminate", "naming": "2"}
OUT

# Memory does not grow with the file: 120 MB below a limit of 100 MB (which no sanitizer can bear).
limit=100000
(ulimit -v $limit; "$FLUIDREP" --version) >out.txt 2>&1 || limit=unlimited
{ head -c 40000 /dev/zero | tr '\0' 'x'; } >word.txt
printf '{"reasoning": "attack %s"}\n' "$(cat word.txt)" >line.jsonl
i=0
while [ $i -lt 3000 ]; do cat line.jsonl; i=$((i + 1)); done |
    { ulimit -v $limit; "$FLUIDREP" rename --from 1 --to 2 --jsonl - >/dev/null 2>err.txt; }
grep -q '^naming 1 to 2: 3000 words renamed$' err.txt || { cat err.txt; exit 1; }

refused 2 'from which naming to which' rename --from 1 text.txt
refused 2 'no naming "21"; the nearest is' rename --from 21 --to 1 text.txt
refused 2 'naming clean: its prose says concepts in sentences' rename --from 1 --to clean text.txt
refused 2 'naming clean: its prose' rename --from clean --to 1 text.txt
refused 2 'a text or --jsonl, not both' rename --from 1 --to 2 --jsonl x text.txt
refused 2 'those of --jsonl' rename --from 1 --to 2 --fields a text.txt
refused 2 '"all" is not known here; there is swap, keep, refuse' rename --from 1 --to 2 --on-collision all text.txt
refused 2 'fields: an empty name' rename --from 1 --to 2 --jsonl x --fields a,,b
refused 2 'missing.txt: No such file' rename --from 1 --to 2 missing.txt
refused 2 'missing.jsonl: No such file' rename --from 1 --to 2 --jsonl missing.jsonl
refused 2 '\.: cannot be read' rename --from 1 --to 2 .
refused 2 '^fluidrep rename: --out and --report are one file' rename --from 1 --to 2 --out one --report ./one text.txt
ln -s one two
refused 2 'are one file' rename --from 1 --to 2 --out one --report two text.txt
[ ! -e one ]
refused 1 'none/out.txt: No such file' rename --from 1 --to 2 --out none/out.txt text.txt

# What is read is never written over, whatever it is called: the input, the table, the domain.
cp mixed.jsonl mixed.kept
cp own.tsv own.kept
ln -s mixed.jsonl link.jsonl
ln mixed.jsonl hard.jsonl
for name in mixed.jsonl ./mixed.jsonl link.jsonl hard.jsonl; do
    refused 2 "$name: is what the command reads" rename --from 1 --to 2 --jsonl mixed.jsonl --out $name
    refused 2 "$name: is what the command reads" rename --from 1 --to 2 --jsonl mixed.jsonl --report $name
done
refused 2 'is what the command reads' rename --from 1 --to 2 --jsonl - --out mixed.jsonl <mixed.jsonl
refused 2 'text.txt: is what the command reads' rename --from 1 --to 2 --out text.txt text.txt
refused 2 'own.tsv: is what the command reads' rename --from r3-1 --to r3-1 --table own.tsv --out own.tsv text.txt
cmp mixed.jsonl mixed.kept
cmp own.tsv own.kept

# Nor does a file that is there lose its place to lines of which some are left out; where there is none, they are written.
echo kept >there.jsonl
gives 1 rename --from 1 --to 2 --jsonl mixed.jsonl --out there.jsonl </dev/null
grep -q '^fluidrep: mixed.jsonl: 2 lines renamed, 5 left out; there.jsonl is as it was$' err.txt
[ "$(cat there.jsonl)" = kept ]
gives 1 rename --from 1 --to 2 --jsonl mixed.jsonl --out fresh.jsonl </dev/null
[ "$(wc -l <fresh.jsonl)" = 2 ]
