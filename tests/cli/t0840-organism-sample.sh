# organism-sample: its phases tile the text and say what each part is; the puzzles are the same whatever the
# naming; the lines can be imported as recorded traces and solve their puzzles. (That every statement of the
# reasoning is true is unit/organism/reasoning.)
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
sample=$(dirname "$FLUIDREP")/organism/organism-sample organism=$FR_SOURCE_DIR/models/organism.gguf
[ -x "$sample" ] || { echo "skipped: organism-sample is not built"; exit 77; }

"$sample" --n 12 --seed 3 --naming 5 >described.jsonl
"$sample" --n 12 --seed 3 --naming clean --inferred 1 --blocks 3 --held-out >inferred.jsonl
cat >check.js <<'JS'
const fs = require("fs"), assert = require("assert");
const read = (file) => fs.readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line));
// What a phase looks like, by the dialect: B a block, F words and blocks.
const B = "[A-L]", F = "[a-z][a-z-]*(?: [A-L])*";
const shape = {
    roles: new RegExp(`^(\\* ${F}(?: x)?(?: y)? :[a-z xy-]+>[a-z xy-]+\\n){4}$`),
    state: new RegExp(`^\\d+(?: ${F})+ \\|$`),
    compare: new RegExp(`^(?: ${B} [+-])+\\n?$`),
    explore: new RegExp(`^(?: ~ ${F}(?: [+-])?)+$`),
    backward: new RegExp(`^(?: \\? ${F} :(?: ${F} [+-])+)+$`),
    action: new RegExp(`^ > ${F}\\n$`),
    plan: new RegExp(`^(?: > ${F})+\\n$`),
    verify: new RegExp(`^\\?(?: ${F} \\+)+\\n</think>\\n$`),
    answer: new RegExp(`^(?:\\d+ ${F}\\n?)+$`),
};
const next = {
    "": ["roles"], roles: ["state"], state: ["compare"], compare: ["explore", "backward", "action", "plan"],
    explore: ["backward", "action"], backward: ["action"], action: ["state"], plan: ["verify"], verify: ["answer"],
};
for (const [file, family, blocks, naming] of [["described.jsonl", "described", 4, "5"], ["inferred.jsonl", "inferred", 3, "clean"]]) {
    const lines = read(file), seen = new Set();
    assert.strictEqual(lines.length, 12);
    for (const [i, d] of lines.entries()) {
        assert.deepStrictEqual([d.id, d.naming, d.family, d.blocks, d.correct], [i, naming, family, blocks, true]);
        assert.strictEqual(d.words.stack, naming === "5" ? "orbit" : "stack");
        assert.strictEqual(Object.keys(d.words).length, 9);
        assert.strictEqual(d.prompt[0] === "*", true);
        assert.strictEqual(d.prompt.includes(" > "), family === "inferred"); // transitions
        assert.strictEqual(d.text, d.reasoning + "\n</think>\n" + d.answer);
        const bytes = Buffer.from(d.text), parts = {};
        let at = 0, before = "";
        for (const [kind, begin, end] of d.phases) {
            const text = bytes.subarray(begin, end).toString();
            assert.ok(begin === at && end > begin, `${file}:${i}: the phases do not tile the text at ${at}`);
            assert.ok(next[before].includes(kind), `${before} before ${kind}`);
            assert.match(text, shape[kind]);
            (parts[kind] = parts[kind] || []).push(text);
            seen.add(kind);
            [at, before] = [end, kind];
        }
        assert.ok(at === bytes.length && before === "answer");
        // The actions one by one, the plan and the answer say the same.
        const steps = parts.action.map((text) => text.slice(3, -1));
        assert.strictEqual(parts.plan[0], steps.map((step) => " > " + step).join("") + "\n");
        assert.strictEqual(parts.answer[0], steps.map((step, k) => `${k + 1} ${step}`).join("\n"));
        assert.strictEqual(parts.state.length, steps.length + 1);
    }
    assert.deepStrictEqual([...seen].sort(), Object.keys(shape).sort());
    assert.ok(new Set(lines.map((d) => d.puzzle)).size > 8);
}
JS
node check.js

# The same puzzles in every naming, fewer are a prefix; another seed gives others.
puzzles() { sed 's/.*"puzzle": \("[^"]*"\).*/\1/' "$1"; }
"$sample" --n 6 --seed 3 --naming 20 >other.jsonl
puzzles other.jsonl >other.txt
puzzles described.jsonl | head -n 6 | cmp - other.txt
"$sample" --n 6 --seed 4 --naming 20 >seed.jsonl
if puzzles seed.jsonl | cmp -s - other.txt; then echo "the seed decides nothing"; exit 1; fi
"$sample" --n 40 --inferred 0.5 | grep -c '"family": "inferred"' >share.txt
[ "$(cat share.txt)" -gt 8 ] && [ "$(cat share.txt)" -lt 32 ]

# Held out and not share no puzzle.
"$sample" --n 300 --blocks 3 >seen.jsonl
"$sample" --n 300 --blocks 3 --held-out >held.jsonl
for file in seen held; do puzzles $file.jsonl | sed 's/sample-[0-9]*//' | sort -u >$file.txt; done
[ -z "$(comm -12 seen.txt held.txt)" ] && [ "$(wc -l <held.txt)" -gt 20 ]

for wrong in '--n 0' '--blocks 8' '--blocks 4x' '--inferred 2' '--held-out --blocks 2' '--naming 99' 'more'; do
    status=0
    "$sample" $wrong >out.txt 2>err.txt || status=$?
    [ "$status" = 2 ] && [ ! -s out.txt ] && [ -s err.txt ] || { echo "$wrong: exit $status"; cat err.txt; exit 1; }
done

# As recorded traces.
[ -f "$organism" ] || { echo "skipped: models/organism.gguf is missing"; exit 77; }
"$FLUIDREP" import described.jsonl --style terse --model "$organism" >out.txt 2>err.txt
grep -q '^12 traces of .* 12 solved (12 of 12 as the file says); 0 lines left out$' err.txt
