# puzzles: generated files are puzzles, the same at each run, and never overwrite others.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"

gives 0 puzzles generate --count 12 --seed 7 --out twelve <<'OUT'
12 puzzles of 4 blocks in twelve; shortest plans of 2 to 10 steps, mean 6.50
OUT
[ "$(ls twelve | wc -l)" = 12 ]

# A smaller count is a prefix of a larger one, run again is run again, other seeds are other puzzles.
"$FLUIDREP" puzzles generate --count 5 --seed 7 --out five >/dev/null
for i in 1 2 3 4 5; do cmp five/instance-$i.pddl twelve/instance-$i.pddl; done
"$FLUIDREP" puzzles generate --count 12 --seed 7 --out twelve >/dev/null
refused 2 'instance-1.pddl: holds another puzzle' puzzles generate --count 5 --seed 8 --out five
cmp five/instance-1.pddl twelve/instance-1.pddl
"$FLUIDREP" puzzles generate --count 5 --seed 8 --out eight >/dev/null
tail -n +2 five/instance-1.pddl >a
tail -n +2 eight/instance-1.pddl >b
if cmp -s a b; then echo "two seeds, one puzzle"; exit 1; fi

# All distinct, the splits too; every plan length is the one show finds.
"$FLUIDREP" puzzles generate --count 12 --seed 7 --split evaluate --out held >/dev/null
for f in twelve/* held/*; do tail -n +2 "$f" | sha256sum; done | sort | uniq -d | grep . && exit 1
"$FLUIDREP" puzzles generate --count 6 --seed 7 --out twelve --json >list.json
json 'd.length == 6 && d.every(p => p.plan_length >= 2)' <list.json
for i in 1 2 3 4 5 6; do
    "$FLUIDREP" puzzles show "twelve/instance-$i.pddl" --json >shown.json
    node -e 'const read = f => JSON.parse(require("fs").readFileSync(f)), i = process.argv[1];
        const a = read("list.json")[i - 1], b = read("shown.json");
        if (a.plan_length != b.plan_length || b.plan.length != b.plan_length || a.file != `twelve/instance-${i}.pddl`)
            process.exit(1)' $i
done

# A shortest plan solves its puzzle.
write_puzzle
"$FLUIDREP" puzzles show puzzle.pddl >shown.txt
grep -q '^; shortest plan: 6 steps$' shown.txt
sed '1,/^; shortest plan/d' shown.txt >plan.txt
"$FLUIDREP" verify --problem puzzle.pddl --plan plan.txt >/dev/null
sed '/^; shortest plan/,$d' shown.txt >again.pddl
"$FLUIDREP" puzzles show again.pddl | cmp - shown.txt

refused 2 'say "generate", "show" or "list"' puzzles
refused 2 '"shew" is neither' puzzles shew
refused 2 'Give --out DIR' puzzles generate
refused 2 'which puzzle' puzzles show
refused 2 '"13" is not a whole number from 2 to 12' puzzles generate --out x --blocks 13
refused 2 '"x" is not a whole number' puzzles generate --out x --count x
refused 2 '"train" is not known here; there is collect, evaluate' puzzles generate --out x --split train
refused 2 'one argument too many' puzzles show puzzle.pddl puzzle.pddl
refused 2 'puzzles' puzzles generate --blocks 2 --count 300 --out x
[ ! -e x ]
sed 's/ontable/on-table/' "$FR_SOURCE_DIR/data/domains/blocksworld.pddl" >own.pddl
for world in "$FR_SOURCE_DIR/data/domains/logistics.pddl" own.pddl; do
    refused 2 'generate makes puzzles of Blocksworld in its own words, which domain' puzzles generate --domain "$world" --out x
done
refused 2 'nothing.pddl: No such file' puzzles generate --domain nothing.pddl --out x
[ ! -e x ]
"$FLUIDREP" puzzles generate --count 5 --seed 7 --out five --domain "$FR_SOURCE_DIR/data/domains/blocksworld.pddl" >/dev/null
refused 2 'missing.pddl: No such file' puzzles show missing.pddl
printf '(define (problem p) (:domain blocksworld-4ops) (:objects a) (:init (shiny a)) (:goal (clear a)))' >bad.pddl
refused 2 'bad.pddl:1:.*shiny' puzzles show bad.pddl
printf '(define (problem p) (:domain blocksworld-4ops) (:objects a) (:init) (:goal (clear a)))' >none.pddl
refused 2 'none.pddl' puzzles show none.pddl
refused 2 'puzzle.pddl: ' puzzles show puzzle.pddl --max-states 3
printf x >file
refused 1 'file' puzzles generate --count 1 --out file

# The problems of a directory.
mkdir few
cp puzzle.pddl few/p-2.pddl
sed 's/ a b c)/ x b a)/; s/(clear a) (on a b)/(clear x) (on x b)/; s/(ontable c) (clear c)/(ontable a) (clear a)/; s/(on c b) (on b a)/(on a b) (on b x)/' puzzle.pddl >few/p-10.pddl
sed 's/(on c b) (on b a)/(on c a)/' puzzle.pddl >few/p-1.pddl
cp "$FR_SOURCE_DIR/data/domains/blocksworld.pddl" few/domain.pddl
"$FLUIDREP" puzzles list few >list.txt
awk 'NR > 1 { print $1, $2, $3, $4 }' list.txt >rows.txt
printf 'p-1.pddl 3 1 2\np-2.pddl 3 2 6\np-10.pddl 3 2 6\n' | cmp - rows.txt
# The second is the third under other names: one class, one split.
[ "$(awk '$1 == "p-2.pddl" { print $5, $6 }' list.txt)" = "$(awk '$1 == "p-10.pddl" { print $5, $6 }' list.txt)" ]
[ "$(awk '$1 == "p-2.pddl" { print $5 }' list.txt)" != "$(awk '$1 == "p-1.pddl" { print $5 }' list.txt)" ]
"$FLUIDREP" puzzles list few --json | json 'd.length === 3 && d[2].plan_length === 6 && d[1].class === d[2].class'
"$FLUIDREP" puzzles list few --max-states 3 | awk '$1 == "p-2.pddl" { print $4 }' | grep -qx -e -
refused 2 'which directory' puzzles list
refused 2 'missing: No such file' puzzles list missing
printf x >few/bad.pddl
refused 2 'few/bad.pddl:1:1' puzzles list few

# No two of one class.
"$FLUIDREP" puzzles generate --distinct classes --count 40 --min-plan-length 4 --out classes >/dev/null
[ "$("$FLUIDREP" puzzles list classes | awk 'NR > 1 { print $5 }' | sort -u | wc -l)" = 40 ]
refused 2 'none a renaming of another' puzzles generate --distinct classes --count 300 --out more

# Any domain: typed, with a hierarchy, with (either ...), with negative preconditions; the lengths are
# those of another planner (tests/golden/planning/crosscheck.tsv).
worlds=$FR_SOURCE_DIR/tests/golden/planning/worlds
for expect in depots:two-crates:10 flights:three-persons:13 hands:tower:7 rovers:two-jobs:7; do
    world=${expect%%:*} rest=${expect#*:}
    "$FLUIDREP" puzzles list --domain "$worlds/$world/domain.pddl" "$worlds/$world" |
        awk 'NR > 1 { print $1 ":" $4 }' >rows.txt
    [ "$(cat rows.txt)" = "${rest%:*}.pddl:${rest#*:}" ]
done
