# Recorded traces in the forms that others write: the same two traces in each of them are the same
# traces. A form is told by its fields; what fits none or two is refused with what was seen.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
organism=$FR_SOURCE_DIR/models/organism.gguf
[ -f "$organism" ] || { echo "skipped: models/organism.gguf is missing"; exit 77; }
import() { "$FLUIDREP" import "$@" --style terse --model "$organism" --naming 1 --json; }

sed -n 1,2p "$FR_SOURCE_DIR/data/traces/organism.jsonl" >lines.jsonl
import lines.jsonl >want.json 2>err.txt
grep -q '"verdict":"solved"' want.json

# One file for each form, by hand here as servers write them.
cat >forms.js <<'JS'
const fs = require("fs");
const traces = fs.readFileSync("lines.jsonl", "utf8").trim().split("\n").map(JSON.parse);
const chat = (t) => `<|im_start|>user\n${t.prompt}<|im_end|>\n<|im_start|>assistant\n<think>\n`;
const common = (t) => ({ instance_id: t.instance_id ?? t.id, puzzle: t.puzzle, correct: t.correct });
const user = (t) => [{ role: "user", content: t.prompt }];
const said = (t) => ({ role: "assistant", content: t.answer, reasoning_content: t.reasoning });
const inline = (t) => `${t.reasoning}\n</think>\n\n${t.answer}`;
const chatBody = (t) => ({ object: "chat.completion", model: "m", choices: [{ index: 0, message: said(t), finish_reason: "stop" }] });
const forms = {
    "conversation.jsonl": (t) => ({ ...common(t), messages: [...user(t), said(t)] }),
    "thinks-inside.jsonl": (t) => ({ ...common(t), messages: [{ role: "user", content: [{ type: "text", text: t.prompt }] },
        { role: "assistant", content: "<think>\n" + inline(t) }] }),
    "exchange.jsonl": (t) => ({ ...common(t), request: { model: "m", messages: user(t) }, response: chatBody(t) }),
    "batch.jsonl": (t) => ({ puzzle: t.puzzle, correct: t.correct, custom_id: String(t.instance_id ?? t.id),
        body: { messages: user(t) }, response: { status_code: 200, body: chatBody(t) } }),
    "vllm-completion.jsonl": (t) => ({ ...common(t), prompt: chat(t), object: "text_completion",
        choices: [{ index: 0, text: inline(t), finish_reason: "stop", stop_reason: null }] }),
    "llama-completion.jsonl": (t) => ({ ...common(t), index: 0, content: inline(t), prompt: chat(t), stop: true,
        stop_type: "eos", tokens_predicted: 9, generation_settings: {}, timings: {} }),
    "vllm-outputs.jsonl": (t) => ({ ...common(t), request_id: "0", prompt: chat(t), prompt_token_ids: [1],
        outputs: [{ index: 0, text: inline(t), token_ids: [2], finish_reason: "stop" }], finished: true }),
};
for (const [name, form] of Object.entries(forms))
    fs.writeFileSync(name, traces.map((t) => JSON.stringify(form(t)) + "\n").join(""));
const planbench = (t) => ({ instance_id: t.instance_id ?? t.id, query: t.prompt, ground_truth_plan: "", puzzle: t.puzzle,
    response_object: { id: "x", choices: [{ finish_reason: "stop", index: 0, message: said(t) }] }, llm_correct: t.correct });
fs.writeFileSync("planbench.json", JSON.stringify({ task: "task_1", prompt_type: "zeroshot", domain: "d",
    instances: traces.map(planbench) }, null, 4));
fs.writeFileSync("planbench-raw.json", JSON.stringify({ task: "task_1", instances: traces.map((t) => ({ ...planbench(t),
    response_object: undefined, llm_raw_response: "<think>\n" + inline(t) })) }));
fs.writeFileSync("list.json", JSON.stringify(traces.map(forms["conversation.jsonl"]), null, 1));
JS
node forms.js
for file in conversation.jsonl thinks-inside.jsonl exchange.jsonl batch.jsonl vllm-completion.jsonl \
    llama-completion.jsonl vllm-outputs.jsonl planbench.json planbench-raw.json list.json; do
    import "$file" >got.json 2>err.txt || { echo "$file:"; cat err.txt; exit 1; }
    cmp want.json got.json || { echo "$file is not the same"; diff want.json got.json; exit 1; }
done

# A study reads them, too.
cat >replay.yaml <<YAML
study: replay
model: {path: $organism, slots: 1, threads: 1, kv_type: f32, flash_attention: false, context_tokens: 1280}
puzzles: {domain: $FR_SOURCE_DIR/data/domains/blocksworld.pddl, collect: 2, evaluate: 0}
traces: {import: planbench.json, naming: "1"}
namings: {table: $FR_SOURCE_DIR/data/namings.tsv, use: ["1"], exclude: []}
prompt: {style: terse}
generation: {max_tokens: 1150}
YAML
"$FLUIDREP" rollout replay.yaml --out replay >out.txt 2>&1
"$FLUIDREP" export replay traces --format messages --out again.jsonl --model "$organism" 2>err.txt
import again.jsonl 2>err.txt | sed 's/"line":[0-9]*,//' >got.json
sed 's/"line":[0-9]*,//; s/"correct":[a-z]*/"correct":true/' want.json | cmp - got.json

# An item that is none is left out, wherever it stands and however the document is written.
node -e '
const d = JSON.parse(require("fs").readFileSync("planbench.json", "utf8"));
d.instances.unshift({ query: 1 });
require("fs").writeFileSync("first-bad.json", JSON.stringify(d, null, 4));'
sed 's/planbench.json/first-bad.json/' replay.yaml >left-out.yaml
! "$FLUIDREP" rollout left-out.yaml --out left-out >out.txt 2>&1 # status 1: not all was taken
"$FLUIDREP" export left-out traces --format messages --out left-out.jsonl --model "$organism" 2>err.txt
cmp again.jsonl left-out.jsonl

# A reasoning that was cut is a trace without an answer, and the model's end without one is no cut.
line() { printf '%s\n' "$1" >one.jsonl; }
verdict() { # verdict KIND REASON
    import one.jsonl >got.json 2>err.txt || { cat err.txt; exit 1; }
    grep -q "\"verdict\":\"$1\",\"reason\":\"$2" got.json || { cat got.json; exit 1; }
}
node -e '
const t = JSON.parse(require("fs").readFileSync("lines.jsonl", "utf8").split("\n")[0]);
const out = (name, value) => require("fs").writeFileSync(name, JSON.stringify({ puzzle: t.puzzle, ...value }) + "\n");
const chat = `<|im_start|>user\n${t.prompt}<|im_end|>\n<|im_start|>assistant\n<think>\n`;
out("cut.jsonl", { prompt: chat, content: t.reasoning, stop_type: "limit", tokens_predicted: 9 });
out("ended.jsonl", { prompt: t.prompt, reasoning: t.reasoning, finish_reason: "stop" });
out("other.jsonl", { prompt: chat.replace("user", "human"), content: "a</think>b", stop_type: "eos" });
out("two.jsonl", { prompt: t.prompt, reasoning: "r", outputs: [] });
out("none.jsonl", { text: "t", label: 1 });
out("unasked.jsonl", { choices: [{ message: { role: "assistant", content: "c", reasoning_content: "r" } }] });
out("turns.jsonl", { messages: [{ role: "user", content: "a" }, { role: "assistant", content: "b" },
    { role: "user", content: "c" }, { role: "assistant", content: "d", reasoning_content: "r" }] });
out("choices.jsonl", { messages: [{ role: "user", content: "a" }], choices: [{ text: "b" }, { text: "c" }] });
require("fs").writeFileSync("broken.json", "{\n \"instances\": [\n {\"query\": }\n]}\n");
require("fs").writeFileSync("config.json", "{\n \"a\": 1\n}\n");'
mv cut.jsonl one.jsonl
verdict truncated "the recording was cut at its model's limit"
mv ended.jsonl one.jsonl
verdict unparsed 'the model ended without an answer'

# Refused, with what was seen. (The head of the table stands on standard output.)
wrong() { # wrong FILE STATUS PATTERN
    status=0
    import "$1" >out.txt 2>err.txt || status=$?
    [ "$status" = "$2" ] && [ ! -s out.txt ] || { echo "$1: exit $status"; cat err.txt; exit 1; }
    grep -Eq "$3" err.txt || { echo "$1: no $3"; cat err.txt; exit 1; }
}
wrong other.jsonl 1 'other.jsonl:1: its prompt is in a chat template, and not as this model.s writes it'
wrong two.jsonl 1 'two.jsonl:1: it could be a recorded trace .*, or vLLM.s output .outputs.; leave out'
wrong none.jsonl 1 'none.jsonl:1: in no form that is known: it has the fields puzzle, text, label; missing is one of: prompt with reasoning or answer; messages; choices; query with llm_raw_response; content with stop_type; outputs .docs/formats.md.'
wrong unasked.jsonl 1 'a server.s response without what it was asked'
wrong turns.jsonl 1 'a conversation of 3 messages before the answer'
wrong choices.jsonl 1 '1 requests, 1 responses, 2 choices in one'
wrong broken.json 2 'broken.json:3: neither a trace in each line nor one document: not JSON'
wrong config.json 2 'config.json:1: one document, but no list of traces'
