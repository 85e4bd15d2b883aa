# What a server is asked, paid and trusted with: it is left alone when it says so, max_total_tokens holds whatever
# it does not tell, the key goes nowhere else, and who answered is known.
set -eu
. "$FR_SOURCE_DIR/tests/support/endpoint.sh"
stall=60 # seconds: a busy machine is no silent server
# served MODE: its traces are those of the built-in path
served() {
    "$FLUIDREP" rollout "$1.yaml" --out "$1" --quiet >/dev/null 2>log.txt
    digests "$1" | diff want.txt -
}
spent() { sed -n 's/.*: \([0-9]*\) tokens are spent.*/\1/p' log.txt; }

# A server that takes three requests a second: all answers come, though a single fault would be one too many.
config limited '  retries: 1
  concurrency: 9'
served limited
[ "$(grep -c 'status 429: too many; asked again in 1 s' log.txt)" -le 5 ]
config date '  retries: 1
  concurrency: 1'
served date
grep -q 'status 429: later; asked again in [234] s' log.txt
config quota
refused quota 1 'status 429: quota; it asks to be left alone for 7200 s'

# Cut within its first words: asked again.
for mode in cutevent cutdocument; do
    config $mode '  concurrency: 1'
    served $mode
    grep -q 'its answer: cut before its end; asked again' log.txt
done

# A cap holds where the server tells no tokens, of what its max_tokens could be, and of what was lost.
config untold '  max_total_tokens: 2000'
before=$(count tokens)
not served untold
grep -q 'tokens are spent, and endpoint.max_total_tokens is 2000: [1-9]* of 9' log.txt
[ "$(count tokens)" -gt "$before" ]
[ "$(count tokens)" -le $((before + 2000)) ]
config untold "  max_total_tokens: 2000
  extra: '{\"max_tokens\": 20000}'"
refused untold 1 ': 0 tokens are spent'
config slow '  max_total_tokens: 3500
  concurrency: 3'
"$FLUIDREP" rollout slow.yaml --out slow --quiet >/dev/null 2>&1 &
client=$!
while [ "$(count words 2>/dev/null || echo 0)" -lt 6 ]; do sleep 0.1; done
kill -9 $client
wait $client || true
not served slow
[ "$(spent)" -ge 3000 ] # three, of generation.max_tokens 1000 each
stall=1
config stall '  retries: 0
  concurrency: 1'
stall=60
refused stall 1 'silent for 1 s'
grep -q '"tokens":1000,"lost":"silent for 1 s"' refused/endpoint.jsonl

# What is longer in this vocabulary than generation.max_tokens is cut, with its reasoning told apart or not.
for mode in chat untold; do
    config $mode "$([ $mode = untold ] || echo '  api: chat')"
    sed -i 's/max_tokens: 1000/max_tokens: 180/' $mode.yaml
    "$FLUIDREP" rollout $mode.yaml --out long-$mode --quiet >/dev/null 2>log.txt
    python3 -c 'import sqlite3, sys
rows = sqlite3.connect(sys.argv[1] + "/study.db").execute("SELECT n_tokens, verdict FROM trace").fetchall()
assert len(rows) == 9 and {v for n, v in rows if n == 180} == {"truncated"}, rows' long-$mode
done

# A line that is damaged costs its answer, not the others.
config good
served good
sed '2s/^.\{30\}//; 3s/^/{"request": "ha/' good/endpoint.jsonl >damaged
mv damaged good/endpoint.jsonl
rm good/study.db*
served good
grep -q 'endpoint.jsonl:2: no line of this program.s, nor are others; passed over' log.txt

# The key: by no proxy, to no host that only looks like this machine, in no file and no message.
http_proxy=http://127.0.0.1:1 "$FLUIDREP" rollout good.yaml --out direct --quiet >/dev/null 2>log.txt
for host in 127.evil.example 127.0.0.1.nip.example localhost.example '[::1].example'; do
    sed "s#url: .*#url: http://$host/v1#" good.yaml >else.yaml
    refused else 1 'a key is not sent to another machine without https'
done
config echo
"$FLUIDREP" rollout echo.yaml --out echo --quiet >/dev/null 2>log.txt
not grep -r -e "$key" -e "${key%?}" echo log.txt
config masked
refused masked 1 'status 400: bad key: Bearer \**, x*'
not grep -q not-to-be-t log.txt

# Who answers: another model than was asked for is told once, and stands where the traces are.
config othermodel
"$FLUIDREP" rollout othermodel.yaml --out othermodel --quiet >/dev/null 2>log.txt
[ "$(grep -c 'its answers say "answered as quite-another-7b, fp-1"; endpoint.model is organism' log.txt)" = 1 ]
python3 -c 'import sqlite3, sys
(engine,), = sqlite3.connect("othermodel/study.db").execute("SELECT engine FROM stage WHERE name = \"rollouts\"")
assert engine.endswith("/othermodel, version 0.0.1test; answered as quite-another-7b, fp-1"), engine'

# Faults that do not pass, in the words of the server.
config older
refused older 1 'status 400: This model is too small.; look at'
config detail
refused detail 1 'status 422: .*extra fields not permitted'
config ids '  concurrency: 1'
refused ids 1 'its answer: goes on beyond the tokens that were asked for'
config nokey
sed -i '/key_env/d' nokey.yaml
refused nokey 1 'it wants a key: endpoint.key_env names the variable'
config waits
"$FLUIDREP" rollout waits.yaml --out waits --quiet >/dev/null 2>log.txt &
client=$!
sleep 2
kill $client # asked for in vain: it is not waited out
status=0
wait $client || status=$?
[ "$status" = 1 ]
grep -q 'stopped' log.txt
