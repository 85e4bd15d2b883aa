# prompt: the terse prompt, byte for byte.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
write_puzzle

cat >mystery.txt <<'OUT'
* attack x : province x planet x harmony + pain x - province x planet x harmony
* succumb x : pain x + province x harmony planet x - pain x
* overcome x y : province y pain x + harmony province x craves x y - province y pain x
* feast x y : craves x y province x harmony + pain x province y - craves x y province x harmony
= craves A B province A planet B planet C province C harmony
? craves C B craves B A
OUT
printf %s "$(cat mystery.txt)" >exact.txt
gives 0 prompt --problem puzzle.pddl --naming 1 --style terse <exact.txt
gives 0 prompt --problem puzzle.pddl --naming 1 --style terse --table "$FR_SOURCE_DIR/data/namings.tsv" \
    --domain "$FR_SOURCE_DIR/data/domains/blocksworld.pddl" <exact.txt
printf %s "$(sed 's/attack/pickup/; s/succumb/putdown/; s/overcome/stack/; s/feast/unstack/; s/planet/ontable/g
    s/province/clear/g; s/harmony/handempty/g; s/pain/holding/g; s/craves/on/g' mystery.txt)" >clean.txt
gives 0 prompt --problem puzzle.pddl --style terse <clean.txt
gives 0 prompt --problem puzzle.pddl --naming clean -s terse <clean.txt
"$FLUIDREP" prompt --problem puzzle.pddl --naming 1 --style terse --json >prompt.json
json 'd.naming == "1" && d.style == "terse" && d.words["pick-up"] == "attack" &&
    d.prompt == require("fs").readFileSync("exact.txt", "utf8")' <prompt.json

# The data directory can be moved.
cp -r "$FR_SOURCE_DIR/data" elsewhere
sed -i 's/attack/assault/' elsewhere/namings.tsv
FLUIDREP_DATA=elsewhere "$FLUIDREP" prompt --problem puzzle.pddl --naming 1 --style terse | head -n 1 | grep -q '^\* assault x'
export FLUIDREP_DATA=nowhere
refused 2 'nowhere/domains/blocksworld.pddl: No such file' prompt --problem puzzle.pddl
export FLUIDREP_DATA="$FR_SOURCE_DIR/data"

refused 2 'which puzzle' prompt
refused 2 'missing.pddl: No such file' prompt --problem missing.pddl
refused 2 'namings.tsv: no naming "21"' prompt --problem puzzle.pddl --naming 21
refused 2 'no naming "claen"; the nearest is clean' prompt --problem puzzle.pddl --naming claen
refused 2 '"english" is not known here; there is terse, planbench, paper, inferred, ambiguous' prompt --problem puzzle.pddl --style english
refused 2 'the terse style has no example' prompt --problem puzzle.pddl --style terse --zero-shot
refused 2 'namings.tsv:1:' prompt --problem "$FR_SOURCE_DIR/data/namings.tsv"

# Every object is told, or no plan could use it: one that stands in no fact by itself, and is read back from the prompt.
# What is said twice is told once; of an effect that adds and deletes a fact the adding is told, as PDDL means it.
cat >lone.pddl <<'PDDL'
(define (domain d) (:predicates (p ?x) (q ?x)) (:action go :parameters (?x ?y)
:precondition (and (p ?x) (not (= ?x ?y))) :effect (and (q ?x) (not (q ?x)) (not (p ?x)))))
PDDL
echo '(define (problem x) (:domain d) (:objects a b c) (:init (p a) (p a)) (:goal (and (q a) (q a))))' >lone-1.pddl
"$FLUIDREP" prompt --domain lone.pddl --problem lone-1.pddl --zero-shot >lone.txt
grep -q '^As initial conditions I have that, there is object b, there is object c and p object a\.$' lone.txt
grep -q '^My goal is to have that q object a\.$' lone.txt
grep -q 'the following facts will be true: Q object\.$' lone.txt
grep -q 'the following facts will be false: P object\.$' lone.txt
"$FLUIDREP" prompt --domain lone.pddl --problem lone-1.pddl --style paper --zero-shot |
    grep -q 'I have that, there is Object B, there is Object C, p Object A\.$'
"$FLUIDREP" prompt --domain lone.pddl --problem lone-1.pddl --style terse | tail -n 2 | tr '\n' '|' | grep -q '^= B C p A|? q A'
node -e 'const fs = require("fs"); console.log(JSON.stringify({prompt: fs.readFileSync("lone.txt", "utf8"), naming: "clean",
    reasoning: "r", answer: "(go a c)"}))' >lone.jsonl
# of a wording from a file too
sed 's/(ontable c) //; s/(clear c)//' puzzle.pddl >apart.pddl
sed -i 's/(on c b) //' apart.pddl
"$FLUIDREP" prompt --problem apart.pddl --zero-shot | grep -q 'I have that, there is the orange block, the'
