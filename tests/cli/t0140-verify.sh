# verify: one verdict, its exit status, lines of many; bad input is never a verdict.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
write_puzzle
printf '(unstack a b)\n(put-down a)\n(pick-up b)\n(stack b a)\n(pick-up c)\n(stack c b)\n' >plan.txt
solved='{"verdict":"solved","step":0,"reason":"","plan":["(unstack a b)","(put-down a)","(pick-up b)","(stack b a)","(pick-up c)","(stack c b)"]}'

# Plans, in the domain's words or a naming's.
echo "$solved" | gives 0 verify --problem puzzle.pddl --plan plan.txt
sed 's/unstack/feast/; s/put-down/succumb/; s/pick-up/attack/; s/(stack/(overcome/' plan.txt >mystery.txt
echo "$solved" | gives 0 verify --problem puzzle.pddl --plan mystery.txt --naming 1
tr a-z A-Z <mystery.txt | sed 's/^/  0: /; s/$/ ; so/' >loud.txt
echo "$solved" | gives 0 verify --problem puzzle.pddl --plan loud.txt --naming 1
gives 1 verify --problem puzzle.pddl --plan plan.txt --naming 1 <<'OUT'
{"verdict":"unparsed","step":0,"reason":"line 1: unknown action \"unstack\"","plan":[]}
OUT
head -n 2 plan.txt >short.txt
gives 1 verify --problem puzzle.pddl --plan short.txt <<'OUT'
{"verdict":"goal_unmet","step":0,"reason":"missing at the end: (on c b) (on b a)","plan":["(unstack a b)","(put-down a)"]}
OUT
tail -n 3 plan.txt >late.txt
gives 1 verify --problem puzzle.pddl --plan late.txt <<'OUT'
{"verdict":"illegal_step","step":1,"reason":"(stack b a): (holding b) is false","plan":["(stack b a)","(pick-up c)","(stack c b)"]}
OUT
: >empty.txt
gives 1 verify --problem puzzle.pddl --plan empty.txt <<'OUT'
{"verdict":"goal_unmet","step":0,"reason":"missing at the end: (on c b) (on b a)","plan":[]}
OUT

# Answers.
printf '1 craves A B | > feast A B\n</think>\n1 feast A B\n2 succumb A\n3 attack B\n4 overcome B A\n5 attack C\n6 overcome C B\n' >answer.txt
echo "$solved" | gives 0 verify --problem puzzle.pddl --response answer.txt --naming 1
sed 1,2d answer.txt >alone.txt
echo "$solved" | gives 0 verify --problem puzzle.pddl --response alone.txt --naming 1 --style terse
gives 1 verify --problem puzzle.pddl --response alone.txt <<'OUT'
{"verdict":"unparsed","step":0,"reason":"not a step: \"1 feast A B\"","plan":[]}
OUT
printf '<think>\n1 craves A B | > feast' >cut.txt
gives 1 verify --problem puzzle.pddl --response cut.txt --naming 1 <<'OUT'
{"verdict":"truncated","step":0,"reason":"the reasoning does not end: no </think>","plan":[]}
OUT
printf 'feast \377\376 A' >bytes.txt
gives 1 verify --problem puzzle.pddl --response bytes.txt --naming 1 <<'OUT'
{"verdict":"unparsed","step":0,"reason":"not a step: \"feast ?? A\"","plan":[]}
OUT

# Many.
mkdir puzzles
cp puzzle.pddl puzzles/p-7.x.pddl
cat >many.jsonl <<'IN'
{"instance_id": 7, "extracted_plan": "(unstack a b)\n(put-down a)", "correct": false}

{"instance_id": 7, "extracted_plan": "nonsense", "correct": true, "other": [1]}
{"extracted_plan": "", "instance_id": 7}
IN
gives 0 verify --jsonl many.jsonl --problems 'puzzles/p-%d.x.pddl' --field extracted_plan <<'OUT'
{"instance_id":7,"verdict":"goal_unmet","step":0,"reason":"missing at the end: (on c b) (on b a)","plan":["(unstack a b)","(put-down a)"]}
{"instance_id":7,"verdict":"unparsed","step":0,"reason":"line 1: \"nonsense\" is no step; expected (action object ...)","plan":[]}
{"instance_id":7,"verdict":"goal_unmet","step":0,"reason":"missing at the end: (on c b) (on b a)","plan":[]}
OUT
echo '3 lines, 0 solved; the verdict agrees with "correct" on 1 of 2' | cmp - err.txt
printf '{"instance_id": 7, "response": "</think>feast A B"}' >responses.jsonl
gives 0 verify --jsonl responses.jsonl --problems 'puzzles/p-%d.x.pddl' --field response --naming 1 <<'OUT'
{"instance_id":7,"verdict":"goal_unmet","step":0,"reason":"missing at the end: (on c b) (on b a)","plan":["(unstack a b)"]}
OUT
echo '1 lines, 0 solved' | cmp - err.txt

# Bad input: 2, since 1 means "not solved".
for pattern in 'puzzles/p.pddl' 'puzzles/%d-%d' 'puzzles/%s' '%n%d' '%%d' 'p-%5d' '%d%'; do
    refused 2 'must have one %d, for the instance_id, and no other %' \
        verify --jsonl many.jsonl --problems "$pattern" --field extracted_plan
done
many() { printf '%s\n' "$1" >line.jsonl; shift; refused 2 "$1" verify --jsonl line.jsonl --problems 'puzzles/p-%d.x.pddl' --field "$2"; }
many '{"instance_id": 8, "extracted_plan": ""}' 'line.jsonl:1: puzzles/p-8.x.pddl: No such file' extracted_plan
many '{"instance_id": "7", "extracted_plan": ""}' 'line.jsonl:1: no "instance_id" that is a whole number' extracted_plan
many '{"instance_id": -7, "extracted_plan": ""}' 'line.jsonl:1: no "instance_id"' extracted_plan
many '{"instance_id": 7}' 'line.jsonl:1: no text "extracted_plan"' extracted_plan
many '{"instance_id": 7, "response": 5}' 'line.jsonl:1: no text "response"' response
many '{"instance_id": 7, ' 'line.jsonl:1: not JSON' extracted_plan
many '[7]' 'line.jsonl:1: no "instance_id"' extracted_plan
many '{"instance_id": 7, "response": "a\u0000b"}' 'line.jsonl:1: not JSON' response
many '{"instance_id": 7, "prompt": "[STATEMENT]", "response": "pick up the blue block"}' "PlanBench's style" response
refused 2 'which puzzle' verify --plan plan.txt
refused 2 'what to judge' verify --problem puzzle.pddl
refused 2 'one of --plan, --response and --field' verify --problem puzzle.pddl --plan plan.txt --response plan.txt
refused 2 'which puzzles' verify --jsonl many.jsonl --field response
refused 2 'which field' verify --jsonl many.jsonl --problems 'p-%d'
refused 2 '"answer" is not known here; there is extracted_plan, response' verify --jsonl many.jsonl --problems 'p-%d' --field answer
refused 2 '"prose" is not known here; there is terse' verify --problem puzzle.pddl --response answer.txt --style prose
refused 2 'go with --jsonl' verify --problem puzzle.pddl --problems 'p-%d' --plan plan.txt
refused 2 'missing.txt: No such file' verify --problem puzzle.pddl --plan missing.txt
refused 2 'missing.pddl: No such file' verify --problem missing.pddl --plan plan.txt
refused 2 'missing.jsonl: No such file' verify --jsonl missing.jsonl --problems 'p-%d' --field response
refused 2 'no naming "0"' verify --problem puzzle.pddl --plan plan.txt --naming 0
printf '[PLAN]\nunstack a from b\n[PLAN END]\n' >prose.txt
refused 2 "prose.txt: written in PlanBench's style" verify --problem puzzle.pddl --response prose.txt
printf '(unstack a b)\0(put-down a)' >zero.txt
refused 2 'zero.txt: contains a NUL byte' verify --problem puzzle.pddl --plan zero.txt
