# namings: the table as it is, checked, made up.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
table=$FR_SOURCE_DIR/data/namings.tsv

"$FLUIDREP" namings list >list.txt
[ "$(wc -l <list.txt)" = 22 ]
sed -n '1p;3p' list.txt | tr -s ' ' >some.txt
printf '%s\n' 'id pick-up put-down stack unstack ontable clear handempty holding on' \
    '1 attack succumb overcome feast planet province harmony pain craves' | cmp - some.txt
"$FLUIDREP" namings list --json >list.json
json 'd.namings.length == 21 && d.concepts.length == 9 && d.concepts[4].kind == "predicate" &&
    d.namings[1].id == "1" && d.namings[1].words["pick-up"] == "attack" && d.namings[1].words.on == "craves"' <list.json

gives 0 namings check "$table" <<OUT
$table: 21 namings of 9 concepts, each concept with its own word
OUT

# Made up: a table that checks, the same for a seed, longer ones begin alike, words of the pool only.
"$FLUIDREP" namings random --seed 5 --count 3 >random.tsv
"$FLUIDREP" namings check random.tsv | grep -q '3 namings of 9 concepts'
"$FLUIDREP" namings random --seed 5 | cmp -n "$(head -n 2 random.tsv | wc -c)" - random.tsv
"$FLUIDREP" namings random --seed 5 --count 3 --json >random.json
json 'd.namings.length == 3 && d.namings[0].id == "r5-1"' <random.json
"$FLUIDREP" namings random --seed 6 | tail -n 1 | cut -f 2- >other.txt
sed -n 2p random.tsv | cut -f 2- >this.txt
if cmp -s this.txt other.txt; then echo "two seeds, one naming"; exit 1; fi
printf '# nine\none two three four\n five six seven eight\tnine ONE\n' >pool.txt
"$FLUIDREP" namings random --pool pool.txt | tail -n 1 | cut -f 2- | tr '\t' '\n' | sort >drawn.txt
printf '%s\n' eight five four nine one seven six three two | cmp - drawn.txt
"$FLUIDREP" namings random --count 200 --seed 1 | tail -n +2 | cut -f 2- | sort | uniq -d | grep . && exit 1
write_puzzle
"$FLUIDREP" prompt --problem puzzle.pddl --table random.tsv --naming r5-2 --style terse | head -n 1 |
    grep -q "^\* $(sed -n 3p random.tsv | cut -f 2) x :"

# Flavours: whatever is made checks without a warning, for any domain, and is the seed's.
logistics="--domain $FR_SOURCE_DIR/data/domains/logistics.pddl"
for flavour in words nonsense letters; do
    "$FLUIDREP" namings random --flavour $flavour --seed 5 --count 50 >made.tsv
    "$FLUIDREP" namings check made.tsv | cmp - - 2>/dev/null <<OUT || { "$FLUIDREP" namings check made.tsv; exit 1; }
made.tsv: 50 namings of 9 concepts, each concept with its own word
OUT
    "$FLUIDREP" namings random --flavour $flavour --seed 5 | cmp -n "$(head -n 2 made.tsv | wc -c)" - made.tsv
    "$FLUIDREP" namings random --flavour $flavour --seed 6 | tail -n 1 | cut -f 2- | grep -Fqx "$(sed -n 2p made.tsv | cut -f 2-)" && exit 1
    "$FLUIDREP" namings random --flavour $flavour $logistics >made.tsv
    "$FLUIDREP" namings check $logistics made.tsv | grep -q ': 1 namings of 15 concepts, each concept'
done
"$FLUIDREP" namings random --flavour letters --count 20 | tail -n +2 | cut -f 2- | tr '\t' '\n' >letters.txt
[ "$(grep -cEx '[a-z]{6}' letters.txt)" = 180 ]
"$FLUIDREP" namings random --flavour words --count 200 | tail -n +2 | cut -f 2-5 | tr '\t' '\n' | sort -u >actions.txt
sed -n 's/\tverb$//p' "$FR_SOURCE_DIR/data/words.tsv" | sort -u >verbs.txt
[ -z "$(comm -23 actions.txt verbs.txt)" ] && [ "$(wc -l <actions.txt)" -gt 150 ]
"$FLUIDREP" namings random --flavour nonsense --count 100 | tail -n +2 | cut -f 2- | tr '\t' '\n' | sort -u >nonsense.txt
tail -n +6 "$FR_SOURCE_DIR/data/words.tsv" | cut -f 1 | sort | comm -12 - nonsense.txt | grep . && exit 1

# Logistics: its table, and PlanBench's words of it.
gives 0 namings check $logistics "$FR_SOURCE_DIR/data/namings-logistics.tsv" <<OUT
$FR_SOURCE_DIR/data/namings-logistics.tsv: 7 namings of 15 concepts, each concept with its own word
OUT

# Faults: errors end with 1, warnings with 0; as JSON too. The objects of a puzzle are no words.
head='id\tpick-up\tput-down\tstack\tunstack\tontable\tclear\thandempty\tholding\ton'
printf "$head\\nx\tattack\tachieves\tovercome\tfeast\tplanet\tprovince\tharmony\tpain\tgoal\\n" >faults.tsv
gives 1 namings check faults.tsv <<'OUT'
naming x, put-down: warning: "achieve", a form of "achieves", is a word of the prompt
naming x, on: error: "goal" is a word of the prompt
faults.tsv: 1 namings of 9 concepts, 1 errors, 1 warnings
OUT
status=0
"$FLUIDREP" namings check --json faults.tsv >faults.json || status=$?
[ $status = 1 ]
json 'd.errors == 1 && d.warnings == 1 && d.namings == 1 && d.faults[1].concept == "on" && d.faults[1].word == "goal" &&
    d.faults[1].level == "error" && d.faults[0].level == "warning"' <faults.json
sed 's/goal/clear/; s/achieves/succumb/' faults.tsv >own.tsv
gives 1 namings check own.tsv <<'OUT'
naming x, on: error: "clear" is the domain's own word
own.tsv: 1 namings of 9 concepts, 1 errors, 0 warnings
OUT
sed 's/goal/plays/; s/achieves/succumb/' faults.tsv >forms.tsv
gives 0 namings check forms.tsv <<'OUT'
naming x, on: warning: "playing", a form of "plays", is a word of the prompt
forms.tsv: 1 namings of 9 concepts, 0 errors, 1 warnings
OUT
sed 's/goal/feasted/; s/achieves/succumb/' faults.tsv >clash.tsv
"$FLUIDREP" namings check clash.tsv >clash.txt && exit 1
grep -q '^naming x, unstack: error: "feasted" is a form of "feast" (unstack) and the word of on$' clash.txt
cat >named.pddl <<'PDDL'
(define (problem named) (:domain blocksworld-4ops) (:objects planet b)
(:init (handempty) (clear planet) (on planet b) (ontable b)) (:goal (and (on b planet))))
PDDL
gives 1 namings check --problem named.pddl forms.tsv <<'OUT'
naming x, ontable: error: "planet" is an object's name
naming x, on: warning: "playing", a form of "plays", is a word of the prompt
forms.tsv: 1 namings of 9 concepts, 1 errors, 1 warnings
OUT

refused 2 'say "list", "check" or "random"' namings
refused 2 '"lists" is not known here; there is list, check, random' namings lists
refused 2 'which table' namings check
refused 2 'missing.tsv: No such file' namings check missing.tsv
sed 's/succumb/attack/' "$table" >twice.tsv
refused 2 '^fluidrep: twice.tsv:[0-9]+: naming 1 uses "attack" twice \(pick-up and put-down\); every concept' namings check twice.tsv
refused 2 'naming 1 uses' namings list --table twice.tsv
cut -f 1-5 "$table" >short.tsv
refused 2 'short.tsv:.*header has 5 columns; expected "id" and the 9 concepts' namings check short.tsv
printf 'one two three\n' >small.txt
refused 2 'small.txt: 3 different words for 9 concepts; add words' namings random --pool small.txt
printf 'one two\nthree Stack\n' >own.txt
refused 2 "own.txt:2: \"Stack\" is the domain's own word" namings random --pool own.txt
printf 'one 2\n' >digit.txt
refused 2 'digit.txt:1: "2" is no word' namings random --pool digit.txt
printf 'crave craves craved craving cravings goal goals plan plans object\n' >forms.txt
refused 2 'the words give no naming of 9 concepts' namings random --pool forms.txt
refused 2 'pool gives words, and letters makes them' namings random --pool forms.txt --flavour letters
refused 2 '"silly" is not known here; there is words, nonsense, letters' namings random --flavour silly
refused 2 'model goes with check' namings list --model x.gguf
refused 2 'missing.gguf: cannot open the model' namings check --model missing.gguf "$table"
refused 2 '"0" is not a whole number from 1' namings random --count 0
refused 2 "come with the project are Blocksworld's, and domain \"logistics-strips\" has other concepts; give --flavour or --table$" \
    namings random $logistics
refused 2 'has other concepts; give --table$' namings list $logistics
refused 2 'missing.pddl' namings list --domain missing.pddl
