# One text, one verdict: verify and import part it in the same place, whatever tags it holds.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
model=$FR_SOURCE_DIR/models/organism.gguf
write_puzzle
plan='1. Feast a from b\n2. Succumb a\n3. Attack b\n4. Overcome b from a\n5. Attack c\n6. Overcome c from b\n'

# agree VERDICT REASONING ANSWER: both find it, of the reasoning's text and the answer's; FIELDS: more
# of the record
FIELDS=
agree() {
    printf '%b' "$2$3" >answer.txt
    status=0
    "$FLUIDREP" verify --problem puzzle.pddl --naming 1 --response answer.txt >verify.json || status=$?
    [ "$status" -le 1 ]
    node -e 'const fs = require("fs"); console.log(JSON.stringify({prompt: "p", naming: "1",
        puzzle: fs.readFileSync("puzzle.pddl", "utf8"), response: fs.readFileSync("answer.txt", "utf8"), ...JSON.parse(`{${process.argv[1] ?? ""}}`)}))' "$FIELDS" >trace.jsonl
    "$FLUIDREP" import trace.jsonl --model "$model" --json >import.json 2>err.txt || { cat err.txt; exit 1; }
    json "d.verdict === '$1'" <verify.json
    head -n 1 import.json | json "d.verdict === '$1'"
}
agree solved '<think>I attack c.</think>\n' "$plan"
agree solved '<think>I attack c.</think>\n' "$plan(I closed my reasoning with </think>.)\n"
agree solved '<think>a</think><think>I attack c</think>' "$plan"
agree solved 'The tag was in the prompt.\n1. Attack c\n</think>\n' "$plan"
agree solved '<|channel|>analysis<|message|>Maybe\n1. Attack c\nNo.<|end|><|start|>assistant<|channel|>final<|message|>' "$plan"
agree solved '<reasoning>I attack c.</reasoning>' "<answer>$plan</answer>"
agree unparsed '<think>I attack c.</think>\n1. Attack c\n</think>\n' "$plan"
agree illegal_step '<think>b</think>' '<answer>Attack b\nFeast a b</answer>'
agree solved '<think>I attack c.</think>\n' "${plan}I used <think> to think.\n"
agree unparsed '<think>I attack c.</think>' ''
agree truncated '<think>I attack c.' ''
FIELDS='"reasons": false'
agree solved '<think>I attack c.</think>\n' "${plan}I used <think> to think.\n"
agree truncated '<think>I attack c.</think>\n' "$plan\n<think>But"
agree solved '' "$plan<details>\nb is clear\n</details>\n"
