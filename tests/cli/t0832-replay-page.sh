# docs/replay.md: its commands run, and do what the page says; PlanBench's own layout is read as it is.
set -eu
ln -s "$FR_SOURCE_DIR/data" "$FR_SOURCE_DIR/models" "$FR_SOURCE_DIR/configs" .
mkdir bin
ln -s "$FLUIDREP" bin/fluidrep
PATH=$PWD/bin:$PATH
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
awk '/^```sh$/ { n++; out = "block-" n ".sh"; inside = 1; next }
     /^```$/ { inside = 0 }
     inside { print >out }' "$FR_SOURCE_DIR/docs/replay.md"
sh -eu block-1.sh >out.txt 2>err.txt || { cat err.txt; exit 1; }
grep -q '20 of 20 as the file says' err.txt
grep -q '^Replayed: 20 recorded traces in 7 namings' out.txt
grep -q '^Refinement at layer 3 of 5: .* to 0\.[0-9]* after 360' out.txt
grep -q '^report: replay/report.html$' out.txt

python3 - "$FR_SOURCE_DIR/data/traces/organism.jsonl" >task_1_plan_generation_zero_shot.json <<'PY'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
print(json.dumps({"task": "t", "instances": [
    {"instance_id": d["id"], "query": d["prompt"], "ground_truth_plan": "", "response_object": {"choices": [
        {"index": 0, "finish_reason": "stop",
         "message": {"content": d["answer"], "reasoning_content": d["reasoning"]}}]}} for d in lines]}))
PY
mkdir problems
python3 - "$FR_SOURCE_DIR/data/traces/organism.jsonl" <<'PY'
import json, sys
for line in open(sys.argv[1]):
    d = json.loads(line)
    open("problems/p-%d.pddl" % d["id"], "w").write(d["puzzle"])
PY
# The organism stands for the model, which is not at hand; its traces are in the terse style.
sed 's#build/SmolLM2[^ ]*#models/organism.gguf --style terse --problems problems/p-%d.pddl#' block-2.sh >here.sh
! grep -q SmolLM2 here.sh
sh -eu here.sh >out.txt 2>err.txt || { cat err.txt; exit 1; }
grep -q '^20 traces of 11095 tokens, .* 20 solved (0 of 0 as the file says); 0 lines left out$' err.txt
