# rename on the 101 recorded mystery traces: what is replaced is what an independent count says, and
# renaming to five of the other namings (words, letters, nonsense) and back restores every field of every trace.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
data=${FLUIDREP_SHARED:-$FR_SOURCE_DIR/../shared/data}/planbench
[ -d "$data" ] || { echo "skipped: $data is not there"; exit 77; }
traces=$data/traces-deepseek-r1-mystery-3blocks.jsonl

"$FLUIDREP" rename --from 1 --to 18 --jsonl "$traces" --out moved.jsonl --report report.json 2>err.txt
node -e 'const d = JSON.parse(require("fs").readFileSync("report.json"));
    for (const e of d.renamed) console.log([e.concept, e.from, e.count].join("\t"));
    console.log(["standing", d.to, d.n_collisions].join("\t"))' | sort >counts.tsv
grep -v '^#' "$FR_SOURCE_DIR/tests/golden/naming/trace_forms.tsv" | sort | cmp - counts.tsv
# No word of naming 1 is left, but for those that were exchanged (71) and derivations.
node -e 'let n = 0; for (const line of require("fs").readFileSync("moved.jsonl", "utf8").split("\n")) {
    if (!line) continue;
    const d = JSON.parse(line);
    for (const f of ["prompt", "reasoning", "answer", "extracted_plan", "ground_truth_plan"])
        n += ((d[f] || "").match(/\b(attack(s|ed|ing)?|succumb(s|ed|ing)?|overc[oa]me?(s|ing)?|feast(s|ed|ing)?|planets?|provinces?|harmony|harmonies|pains?|crav(e|es|ed|ing|ings))\b/gi) || []).length;
    } if (n != 71) { console.error(n); process.exit(1) }'

for to in 2 3 9 14 20; do
    "$FLUIDREP" rename --from 1 --to $to --jsonl "$traces" --report report.json 2>/dev/null >moved.jsonl
    "$FLUIDREP" rename --from $to --to 1 --jsonl moved.jsonl --out back.jsonl 2>err.txt
    json 'd.lines == 101 && d.n_lost == 0 && d.n_renamed == 136530' <report.json
    node -e 'const read = p => require("fs").readFileSync(p, "utf8").trim().split("\n").map(x => JSON.parse(x));
        const was = read(process.argv[1]), is = read("back.jsonl");
        for (const d of is) delete d.naming;
        if (was.length != 101 || JSON.stringify(was) != JSON.stringify(is)) process.exit(1)' "$traces" ||
        { echo "naming $to: not the same on the way back"; exit 1; }
done

# A renamed trace is a trace of its naming: its plan gets the same verdict, and its prompt is the one
# that would be made (but for the order of facts, which a prompt sorts by the naming's words).
"$FLUIDREP" rename --from 1 --to 18 --jsonl "$traces" --out moved.jsonl 2>/dev/null
problems=$data/blocksworld/instances_3/instance-%d.pddl
"$FLUIDREP" verify --jsonl "$traces" --field extracted_plan --naming 1 --problems "$problems" >was.jsonl 2>/dev/null
"$FLUIDREP" verify --jsonl moved.jsonl --field extracted_plan --naming 18 --problems "$problems" 2>/dev/null | cmp - was.jsonl
[ "$(wc -l <was.jsonl)" = 101 ]
"$FLUIDREP" prompt --naming 18 --problem "$data/blocksworld/instances_3/instance-1.pddl" --style planbench --zero-shot |
    grep -v '^As initial conditions' >prompt.txt
head -n 1 moved.jsonl | node -e 'process.stdout.write(JSON.parse(require("fs").readFileSync(0)).prompt)' |
    grep -v '^As initial conditions' | cmp - prompt.txt
