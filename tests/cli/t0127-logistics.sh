# Logistics and its namings: our text of the domain is PlanBench's, and the naming "planbench" is its
# obfuscated domain: every instance renamed is read there, and has as short a plan.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
data=${FLUIDREP_SHARED:-$FR_SOURCE_DIR/../shared/data}/planbench
[ -d "$data" ] || { echo "skipped: $data is not there"; exit 77; }
ours=$FR_SOURCE_DIR/data/domains/logistics.pddl
obfuscated=$data/logistics/obfuscated_deceptive_domain.pddl
for i in 1 2 3 4 5 10 50; do
    problem=$data/logistics/instances/instance-$i.pddl
    "$FLUIDREP" prompt --domain "$ours" --problem "$problem" --style planbench >ours.txt
    "$FLUIDREP" prompt --domain "$data/logistics/domain.pddl" --problem "$problem" --style planbench | cmp - ours.txt
    "$FLUIDREP" rename --rule exact --from clean --to planbench --domain "$ours" \
        --table "$FR_SOURCE_DIR/data/namings-logistics.tsv" "$problem" 2>/dev/null |
        sed 's/logistics-strips/obfuscated_deceptive_logistics/' >problem.pddl
    "$FLUIDREP" puzzles show --domain "$ours" "$problem" | sed -n 's/^; shortest plan: //p' >ours.txt
    "$FLUIDREP" puzzles show --domain "$obfuscated" problem.pddl | sed -n 's/^; shortest plan: //p' >theirs.txt
    grep -q ' steps$' ours.txt
    cmp ours.txt theirs.txt
    # and the plan, in PlanBench's words, solves PlanBench's problem
    "$FLUIDREP" puzzles show --domain "$ours" "$problem" | sed -n '/^; shortest/,$p' | grep '^(' |
        "$FLUIDREP" rename --rule exact --from clean --to planbench --domain "$ours" \
            --table "$FR_SOURCE_DIR/data/namings-logistics.tsv" 2>/dev/null >plan.txt
    "$FLUIDREP" verify --domain "$obfuscated" --problem problem.pddl --plan plan.txt | grep -q '"verdict":"solved"'
done
