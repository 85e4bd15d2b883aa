# Traces that a server generates are those of the built-in path, token for token, through every fault that
# passes; faults that do not pass are one line each; nothing is paid twice, no key is stored or printed.
set -eu
. "$FR_SOURCE_DIR/tests/support/endpoint.sh"

# Stalled, cut, busy, broken: asked again, and the traces are the same, with and without their ids.
config flaky "  concurrency: 5
  extra: '{\"return_token_ids\": true}'"
"$FLUIDREP" rollout flaky.yaml --out served >/dev/null 2>log.txt
digests served | diff want.txt -
# (of 429 and 503 the one that comes while the other has everything wait is not told)
for words in 'silent for 1 s' 'cut before its end' 'status 429: busy; asked again in 0 s|status 503; asked again' 'out of memory'; do
    grep -Eq "$words" log.txt
done
[ "$(count whole)" = 9 ]
[ "$(count keys)" = "['Bearer $key']" ]
grep -q '"fingerprint":"test-1"' served/endpoint.jsonl
[ "$(grep -c '"lost":"its answer: cut before its end"' served/endpoint.jsonl)" = 1 ]
[ "$(grep -c '"begun":' served/endpoint.jsonl)" = 14 ] # and each is settled

# The database gone, and a line half written: what was answered is not asked for again.
rm served/study.db*
printf '{"request": "' >>served/endpoint.jsonl
asked=$(count asked)
"$FLUIDREP" rollout flaky.yaml --out served >/dev/null 2>log.txt
digests served | diff want.txt -
[ "$(count asked)" = "$asked" ]

# As text, and a cap that is met and raised: each trace once.
config good '  max_total_tokens: 2500'
whole=$(count whole)
not "$FLUIDREP" rollout good.yaml --out capped >/dev/null 2>log.txt
grep -q 'tokens are spent, and endpoint.max_total_tokens is 2500: [0-9]* of 9 traces are there' log.txt
[ "$(count whole)" -gt "$whole" ]
[ "$(awk -F'"tokens":' '{ split($2, n, ","); sum += n[1] } END { print sum }' capped/endpoint.jsonl)" -le 2500 ]
config good
"$FLUIDREP" rollout good.yaml --out capped >/dev/null 2>log.txt
digests capped | diff want.txt -
[ "$(count whole)" = $((whole + 9)) ]

# What a server generated is replayed and steered here; no key is anywhere.
"$FLUIDREP" run flaky.yaml --out served >steered.txt 2>log.txt
grep -q '^Identity control: [0-9]* of [0-9]* runs' steered.txt
not grep -rq "$key" served capped steered.txt log.txt
not grep -q 'tokens: -' log.txt # of steering, the replay before it being no part of it
grep -q "organism at $at/flaky" served/report.html

# Chat, with the reasoning told apart.
config chat '  api: chat'
"$FLUIDREP" rollout chat.yaml --out chat >/dev/null 2>log.txt
digests chat | awk '{ print $1, $2, $4 }' >got.txt
awk '{ print $1, $2, $4 }' want.txt | diff - got.txt

# Faults that do not pass, one line each (those that may pass are told before).
retry='  retries: 1
  concurrency: 1'
for mode in json half html types endless endless_line second long redirect key adds stall filter limit much debt; do config $mode "$retry"; done
refused json 1 'its answer: JSON, but no "choices" in it'
sed -i 's/retries: 1/retries: 0/' half.yaml
refused half 1 'its answer: cut before its end, 1 time;'
refused html 1 'its answer: neither JSON nor a stream of events'
refused types 1 'its answer: JSON, but no "choices" in it'
refused endless 1 'its answer: goes on beyond the tokens that were asked for'
refused endless_line 1 'its answer: longer than an answer can be'
refused second 1 'its answer: several choices, where one is a trace'
refused long 1 'long/models: its answer is longer than 4 MiB; look at endpoint.url'
refused redirect 1 'it sends on to http://127.0.0.1:1/stolen, which is not followed'
refused key 1 'status 401: it does not accept the key'
refused adds 1 'it read 7 tokens where the prompt of puzzle [0-9]* in naming 5 has [0-9]*'
# What the model did not end is no failure of the model's.
refused filter 2 '9 answers were not ended by the model (the last: finish_reason content_filter); 0 of 9 traces are there'
[ -z "$(digests refused)" ]
refused limit 1 'after 3 of the [0-9]* tokens that max_tokens asks for: a limit of the server.s own; raise it'
refused much 1 'its answer: [0-9]* tokens generated where [0-9]* were asked for'
refused debt 1 'its answer: JSON, but its usage.completion_tokens is -5'
# One of them leaves one trace missing, which is asked for again.
config filter_once
sed -i 's/stall_seconds: 1/stall_seconds: 30/' filter_once.yaml
refused filter_once 2 '1 answer was not ended by the model (the last: finish_reason content_filter); 8 of 9 traces are there'
grep -q '"lost":"finish_reason content_filter"' refused/endpoint.jsonl
"$FLUIDREP" rollout filter_once.yaml --out refused >/dev/null 2>log.txt
digests refused | diff want.txt -
refused stall 3 'silent for 1 s, 2 times; what came is stored: run the same command again'
sed -i 's/model: organism$/model: organisn/' good.yaml
refused good 1 'no model organisn there; endpoint.model may be: organism, another'
config good
sed -i 's#url: .*#url: http://127.0.0.1:1/v1#' good.yaml
refused good 1 'is the server there?'
[ ! -e refused ]
sed -i 's#url: .*#url: http://192.0.2.1/v1#' good.yaml
refused good 1 'a key is not sent to another machine without https'
config good
config several "  extra: '{\"n\": 2}'"
refused several 1 'endpoint.extra: "n" asks for several answers'
sed -i 's#url: .*#url: ftp://127.0.0.1/v1#' good.yaml
refused good 1 'is no address such as'
config good
unset TEST_KEY
refused good 1 'the environment has no TEST_KEY'
[ ! -e refused ]
