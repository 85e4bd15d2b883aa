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
tr a-z A-Z <mystery.txt | sed = | sed 'N; s/\n/: /; s/^/  /; s/$/ ; so/' >loud.txt
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
echo "$solved" | gives 0 verify --problem puzzle.pddl --response alone.txt --naming 1
gives 1 verify --problem puzzle.pddl --response alone.txt --style terse <<'OUT'
{"verdict":"unparsed","step":0,"reason":"not a step: \"1 feast A B\"","plan":[]}
OUT
cat >prose.txt <<'IN'
To reach the goal, red must come off blue first.

1. **Unstack** the red block from the blue block.
2. **Put down** the red block (now the hand is empty).
3. Pick up the blue block.
4. Stack the blue block on top of the red block.
5. Pick up the orange block.
6. Stack the orange block on top of the blue block.

This works.
IN
echo "$solved" | gives 0 verify --problem puzzle.pddl --response prose.txt
sed 's/^3. Pick up/3. Lift/' prose.txt >lift.txt
gives 1 verify --problem puzzle.pddl --response lift.txt <<'OUT'
{"verdict":"unparsed","step":0,"reason":"line 5: \"3. Lift the blue block.\": it is no step: \"Lift\" is no action","plan":[]}
OUT
printf '<think>\n1 craves A B | > feast' >cut.txt
gives 1 verify --problem puzzle.pddl --response cut.txt --naming 1 <<'OUT'
{"verdict":"truncated","step":0,"reason":"the reasoning does not end","plan":[]}
OUT
printf 'feast \377\376 A' >bytes.txt
gives 1 verify --problem puzzle.pddl --response bytes.txt --naming 1 <<'OUT'
{"verdict":"unparsed","step":0,"reason":"the answer holds no step; line 1: \"feast ?? A\": it is no step: \"??\" is not known here","plan":[]}
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
{"instance_id":7,"verdict":"goal_unmet","step":0,"reason":"missing at the end: (on c b) (on b a)","plan":["(unstack a b)","(put-down a)"],"correct":false}
{"instance_id":7,"verdict":"unparsed","step":0,"reason":"line 1: \"nonsense\" is no step; expected (action object ...)","plan":[],"correct":true}
{"instance_id":7,"verdict":"goal_unmet","step":0,"reason":"missing at the end: (on c b) (on b a)","plan":[]}
OUT
echo '3 lines, 0 solved; the verdict agrees with "correct" on 1 of 2' | cmp - err.txt
printf '{"instance_id": 7, "response": "</think>feast A B"}' >responses.jsonl
gives 0 verify --jsonl responses.jsonl --problems 'puzzles/p-%d.x.pddl' --field response --naming 1 <<'OUT'
{"instance_id":7,"verdict":"goal_unmet","step":0,"reason":"missing at the end: (on c b) (on b a)","plan":["(unstack a b)"]}
OUT
echo '1 lines, 0 solved' | cmp - err.txt
# A line that cannot be judged is told; the others are judged all the same.
cat >mixed.jsonl <<'IN'
{"instance_id": 7, "answer": "1. Unstack a from b", "correct": false}
no JSON
{"instance_id": 9, "answer": "1. Unstack a from b"}
{"instance_id": 7, "answer": "1. Unstack a", "finish_reason": "length", "correct": false}
IN
gives 2 verify --jsonl mixed.jsonl --problems 'puzzles/p-%d.x.pddl' --field answer <<'OUT'
{"instance_id":7,"verdict":"goal_unmet","step":0,"reason":"missing at the end: (on c b) (on b a)","plan":["(unstack a b)"],"correct":false}
{"instance_id":7,"verdict":"truncated","step":0,"reason":"finish_reason is \"length\"","plan":[],"correct":false}
OUT
grep -q 'mixed.jsonl:2: not JSON' err.txt
grep -q 'mixed.jsonl:3: puzzles/p-9.x.pddl: No such file' err.txt
grep -q 'mixed.jsonl: 2 of 4 lines could not be judged' err.txt
tail -n 1 err.txt | grep -qx '2 lines, 0 solved; the verdict agrees with "correct" on 2 of 2'

# Bad input: 2, since 1 means "not solved".
for pattern in 'puzzles/p.pddl' 'puzzles/%d-%d' 'puzzles/%s' '%n%d' '%%d' 'p-%5d' '%d%'; do
    refused 2 'must have one %d, for the instance_id, and no other %' \
        verify --jsonl many.jsonl --problems "$pattern" --field extracted_plan
done
many() { # many LINE MESSAGE FIELD
    printf '%s\n' "$1" >line.jsonl
    gives 2 verify --jsonl line.jsonl --problems 'puzzles/p-%d.x.pddl' --field "$3" </dev/null
    grep -qF "$2" err.txt || { cat err.txt; exit 1; }
}
many '{"instance_id": 8, "extracted_plan": ""}' 'line.jsonl:1: puzzles/p-8.x.pddl: No such file' extracted_plan
many '{"instance_id": "7", "extracted_plan": ""}' 'line.jsonl:1: no "instance_id" that is a whole number' extracted_plan
many '{"instance_id": -7, "extracted_plan": ""}' 'line.jsonl:1: no "instance_id"' extracted_plan
many '{"instance_id": 7}' 'line.jsonl:1: no text "extracted_plan"' extracted_plan
many '{"instance_id": 7, "response": 5}' 'line.jsonl:1: no text "response"' response
many '{"instance_id": 7, ' 'line.jsonl:1: not JSON' extracted_plan
many '{"instance_id": 7, "extracted_plan": "", "extracted_plan": "x"}' 'line.jsonl:1: not JSON: duplicate object key' extracted_plan
many '[7]' 'line.jsonl:1: no "instance_id"' extracted_plan
many '{"instance_id": 7, "response": "a\u0000b"}' 'line.jsonl:1: field "response" holds a NUL character (\u0000)' response
many '{"instance_id": 7, "response": "", "n": 18446744073709551616}' 'line.jsonl:1: a number beyond 64 bits' response
many '{"instance_id": 7, "response": "", "n": 1e999}' 'line.jsonl:1: a number beyond 64 bits' response
many '{"instance_id": 7, "response": "", "correct": "True"}' 'line.jsonl:1: field "correct" is neither true nor false' response
printf '%s\n' '{"instance_id": 7, "response": "no plan", "other": "a\u0000b", "correct": null}' >line.jsonl
"$FLUIDREP" verify --jsonl line.jsonl --problems 'puzzles/p-%d.x.pddl' --field response >out.txt 2>err.txt
grep -q '^1 lines, 0 solved$' err.txt
refused 2 'which puzzle' verify --plan plan.txt
refused 2 'what to judge' verify --problem puzzle.pddl
refused 2 'one of --plan, --response and --field' verify --problem puzzle.pddl --plan plan.txt --response plan.txt
refused 2 'which puzzles' verify --jsonl many.jsonl --field response
refused 2 'which field' verify --jsonl many.jsonl --problems 'p-%d'
refused 2 '"plan" is not known here; there is extracted_plan, response' verify --jsonl many.jsonl --problems 'p-%d' --field plan
refused 2 '"prose" is not known here; there is terse, planbench' verify --problem puzzle.pddl --response answer.txt --style prose
refused 2 'go with --jsonl' verify --problem puzzle.pddl --problems 'p-%d' --plan plan.txt
refused 2 'missing.txt: No such file' verify --problem puzzle.pddl --plan missing.txt
refused 2 'missing.pddl: No such file' verify --problem missing.pddl --plan plan.txt
refused 2 'missing.jsonl: No such file' verify --jsonl missing.jsonl --problems 'p-%d' --field response
refused 2 'no naming "0"' verify --problem puzzle.pddl --plan plan.txt --naming 0
printf '(unstack a b)\0(put-down a)' >zero.txt
refused 2 'zero.txt: contains a NUL byte' verify --problem puzzle.pddl --plan zero.txt
