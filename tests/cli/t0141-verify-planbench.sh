# verify on PlanBench's recorded answers: VAL's verdict on all of the 1,000, in both languages.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
data=${FLUIDREP_SHARED:-$FR_SOURCE_DIR/../shared/data}/planbench
[ -d "$data" ] || { echo "skipped: $data is not there"; exit 77; }

agrees() { # agrees FILE SOLVED ARGUMENTS...
    file=$1 solved=$2
    shift 2
    "$FLUIDREP" verify --jsonl "$data/$file" --field extracted_plan "$@" >verdicts.jsonl 2>err.txt
    echo "500 lines, $solved solved; the verdict agrees with \"correct\" on 500 of 500" | cmp - err.txt || { cat err.txt; exit 1; }
    [ "$(wc -l <verdicts.jsonl)" = 500 ]
    [ "$(grep -c '"verdict":"solved"' verdicts.jsonl)" = "$solved" ]
    grep -o '"instance_id": *[0-9]*' "$data/$file" | tr -dc '0-9\n' >ids.txt
    sed 's/^{"instance_id":\([0-9]*\),.*/\1/' verdicts.jsonl | cmp - ids.txt
}
agrees responses-gpt4turbo-blocksworld-oneshot.jsonl 99 --domain "$data/blocksworld/domain.pddl" \
    --problems "$data/blocksworld/instances/instance-%d.pddl"
agrees responses-gpt4turbo-blocksworld-oneshot.jsonl 99 --problems "$data/blocksworld/instances/instance-%d.pddl"
agrees responses-gpt4o-mystery-oneshot.jsonl 5 --domain "$data/mystery/domain.pddl" \
    --problems "$data/mystery/instances/instance-%d.pddl"
# The mystery domain is Blocksworld under naming 1.
cp verdicts.jsonl mystery.jsonl
agrees responses-gpt4o-mystery-oneshot.jsonl 5 --naming 1 --problems "$data/blocksworld/instances/instance-%d.pddl"
sed 's/,"step.*//' mystery.jsonl >a
sed 's/,"step.*//' verdicts.jsonl | cmp - a

# The answers themselves. PlanBench's own reader takes steps from remarks too, or twice; what it found
# correct is found correct here, and the others differ as tests/unit/prompts/recorded_test.c tells.
answers() { # answers FILE FIELD SUMMARY ARGUMENTS...
    file=$1 field=$2 summary=$3
    shift 3
    "$FLUIDREP" verify --jsonl "$data/$file" --field "$field" "$@" >verdicts.jsonl 2>err.txt
    echo "$summary" | cmp - err.txt || { cat err.txt; exit 1; }
    ! grep '"correct":true' verdicts.jsonl | grep -v '"verdict":"solved"'
}
answers responses-gpt4turbo-blocksworld-oneshot.jsonl response \
    '500 lines, 108 solved; the verdict agrees with "correct" on 491 of 500' \
    --problems "$data/blocksworld/instances/instance-%d.pddl"
answers responses-gpt4o-mystery-oneshot.jsonl response \
    '500 lines, 11 solved; the verdict agrees with "correct" on 494 of 500' \
    --naming 1 --problems "$data/blocksworld/instances/instance-%d.pddl"
answers traces-deepseek-r1-mystery-3blocks.jsonl answer \
    '101 lines, 57 solved; the verdict agrees with "correct" on 101 of 101' \
    --domain "$data/mystery/domain.pddl" --problems "$data/mystery/instances_3/instance-%d.pddl"
answers traces-deepseek-r1-blocksworld-3blocks.jsonl answer \
    '100 lines, 100 solved; the verdict agrees with "correct" on 99 of 100' \
    --domain "$data/blocksworld/domain.pddl" --problems "$data/blocksworld/instances_3/instance-%d.pddl"
