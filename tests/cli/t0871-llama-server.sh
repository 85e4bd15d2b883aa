# The real llama-server on loopback generates the traces of the built-in path, token for token, as text and as
# ids; the first difference is told. With a server of the source that scripts/llama.pin names: scripts/setup --server builds
# it, or the environment's LLAMA_SERVER says where it is (docs/scale.md).
set -eu
. "$FR_SOURCE_DIR/tests/support/small-study.sh"
llama=${LLAMA_SERVER:-llama-server}
command -v "$llama" >/dev/null || { echo "skipped: no llama-server: scripts/setup --server builds it, LLAMA_SERVER says where another is"; exit 77; }
command -v python3 >/dev/null || { echo "skipped: no python3 to compare with"; exit 77; }
. "$FR_SOURCE_DIR/scripts/llama.pin"
commit=$(printf '%.7s' "$llama_commit")
"$llama" --version 2>&1 | grep -q "$commit" || { echo "skipped: $llama is not of commit $commit"; exit 77; }
write_small_study
sed -i 's/collect: 3/collect: 2/; s/evaluate: 2/evaluate: 1/' small.yaml
"$FLUIDREP" rollout small.yaml --out built-in >/dev/null 2>&1
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$llama" -m "$FR_SOURCE_DIR/models/organism.gguf" --host 127.0.0.1 --port "$port" -a organism -c 5120 -np 4 \
    --cache-type-k f32 --cache-type-v f32 -fa off -t 1 >server.txt 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY 2>/dev/null || true
ready() { python3 -c 'import sys, urllib.request as u; u.urlopen(sys.argv[1])' "http://127.0.0.1:$port/health" 2>/dev/null; }
until ready; do kill -0 $server; sleep 0.1; done
cat >compare.py <<'PY'
import sqlite3, struct, sys
query = "SELECT puzzle, naming, ids, n_prompt, n_reasoning, verdict FROM trace ORDER BY puzzle, naming"
ours, theirs = ([*sqlite3.connect(f"{d}/study.db").execute(query)] for d in sys.argv[1:])
assert len(ours) == len(theirs) == 9
for a, b in zip(ours, theirs):
    x, y = (struct.unpack(f"<{len(row[2]) // 4}i", row[2]) for row in (a, b))
    if a != b:
        at = next((i for i, (s, t) in enumerate(zip(x, y)) if s != t), min(len(x), len(y)))
        sys.exit(f"puzzle {a[0]} in naming {a[1]}: token {at} is the first that differs ({len(x)} and {len(y)} tokens)")
PY
for api in completions tokens; do
    cp small.yaml "$api.yaml"
    printf 'endpoint:\n  url: http://127.0.0.1:%s/v1\n  model: organism\n  api: %s\n' "$port" "$api" >>"$api.yaml"
    [ "$api" = tokens ] || echo "  extra: '{\"logprobs\": 1}'" >>"$api.yaml"
    "$FLUIDREP" rollout "$api.yaml" --out "$api" >/dev/null 2>log.txt
    python3 compare.py built-in "$api"
    grep -q "\"fingerprint\":\"[^\"]*$commit" "$api/endpoint.jsonl"
done
[ "$(grep -c '"ids":\[[0-9]' completions/endpoint.jsonl)" = 9 ]
