# prompt: some of PlanBench's recorded prompts through the program (all 1,201 are in
# unit/prompts/planbench): one-shot from two instances alone, zero-shot, mystery both ways.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
data=${FLUIDREP_SHARED:-$FR_SOURCE_DIR/../shared/data}/planbench
[ -d "$data" ] || { echo "skipped: $data is not there"; exit 77; }

recorded() { # recorded FILE INSTANCE FIELD
    node -e 'const [file, id, field] = process.argv.slice(1)
        for (const line of require("fs").readFileSync(file, "utf8").split("\n"))
            if (line && JSON.parse(line).instance_id == id) process.stdout.write(JSON.parse(line)[field])' \
        "$data/$1" "$2" "$3"
}
for i in 2 3 7 100 501; do
    example=$((i - 1))
    # Blocksworld's plans are in info.json; of mystery's, that of instance 1 is the only shortest one.
    if [ "$example" -gt 1 ]; then
        recorded responses-gpt4o-mystery-oneshot.jsonl $example ground_truth_plan >mystery-plan.txt
    fi
    bw="--problem $data/blocksworld/instances/instance-$i.pddl --example $data/blocksworld/instances/instance-$example.pddl"
    my="--problem $data/mystery/instances/instance-$i.pddl --example $data/mystery/instances/instance-$example.pddl"
    [ "$example" = 1 ] || my="$my --example-plan mystery-plan.txt"
    recorded responses-gpt4turbo-blocksworld-oneshot.jsonl $i prompt | gives 0 prompt $bw
    recorded responses-gpt4turbo-blocksworld-oneshot.jsonl $i prompt |
        gives 0 prompt $bw --domain "$data/blocksworld/domain.pddl"
    recorded responses-gpt4o-mystery-oneshot.jsonl $i prompt | gives 0 prompt $bw --naming 1
    recorded responses-gpt4o-mystery-oneshot.jsonl $i prompt |
        gives 0 prompt $my --domain "$data/mystery/domain.pddl"
done
for i in 1 50 100; do
    recorded traces-deepseek-r1-blocksworld-3blocks.jsonl $i prompt |
        gives 0 prompt --problem "$data/blocksworld/instances_3/instance-$i.pddl"
    recorded traces-deepseek-r1-mystery-3blocks.jsonl $i prompt |
        gives 0 prompt --problem "$data/blocksworld/instances_3/instance-$i.pddl" --naming 1 --zero-shot
done
