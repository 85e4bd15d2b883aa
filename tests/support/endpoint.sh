# A server of the OpenAI protocol that knows the traces of a small study, for sh. Sourced in an empty directory; leaves
# built-in (the study by the built-in path), want.txt (its traces), at (the server's address) and key, and these:
#   config MODE [LINES]     MODE.yaml: the study by that server, as MODE of endpoint_server.py behaves; stall_seconds $stall
#   digests DIR, count WHAT the traces of a study; what the server has counted
#   not COMMAND...          it fails (set -e passes over what "!" is before)
#   refused MODE N WORDS    its rollout fails with N lines, of which the last holds WORDS, and none the key
. "$FR_SOURCE_DIR/tests/support/small-study.sh"
command -v python3 >/dev/null || { echo "skipped: no python3 for the server"; exit 77; }
[ -f "$FR_SOURCE_DIR/models/organism-ambiguous.gguf" ] || { echo "skipped: models/organism-ambiguous.gguf is missing"; exit 77; }
write_quick_study
sed -i 's/collect: 3/collect: 2/; s/evaluate: 2/evaluate: 1/' small.yaml
"$FLUIDREP" rollout small.yaml --out built-in >/dev/null 2>&1
key=not-to-be-told-4711
python3 "$FR_SOURCE_DIR/tests/support/endpoint_server.py" built-in port "$key" 2>server.txt &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
while [ ! -s port ]; do kill -0 $server && sleep 0.05; done
at=http://127.0.0.1:$(cat port)
export TEST_KEY=$key
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY 2>/dev/null || true

# config MODE [LINES OF endpoint]: the study by that server
config() {
    cp small.yaml "$1.yaml"
    printf 'endpoint:\n  url: %s/%s\n  model: organism\n  key_env: TEST_KEY\n  stall_seconds: %s\n%s\n' "$at" "$1" "${stall:-1}" "${2-}" >>"$1.yaml"
}
digests() { python3 -c 'import sqlite3, sys
for row in sqlite3.connect(sys.argv[1] + "/study.db").execute("SELECT puzzle, naming, digest, verdict FROM trace ORDER BY 1, 2"): print(*row)' "$1"; }
count() { python3 -c 'import json, sys, urllib.request as u; print(json.load(u.urlopen(sys.argv[1] + "/counts"))[sys.argv[2]])' "$at" "$1"; }
not() { if "$@"; then return 1; fi; }
# refused MODE COUNT-OF-LINES WORDS: the run fails, and says so
refused() {
    rm -rf refused
    not "$FLUIDREP" rollout "$1.yaml" --out refused --quiet >/dev/null 2>log.txt
    [ "$(wc -l <log.txt)" = "$2" ]
    tail -n 1 log.txt | grep -q "$3"
    not grep -q "$key" log.txt
}
digests built-in >want.txt
