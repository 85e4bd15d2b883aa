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

refused 2 'say "list", "check" or "random"' namings
refused 2 '"lists" is not known here; there is list, check, random' namings lists
refused 2 'which table' namings check
refused 1 'missing.tsv: No such file' namings check missing.tsv
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
refused 2 '"0" is not a whole number from 1' namings random --count 0
refused 1 'missing.pddl' namings list --domain missing.pddl
