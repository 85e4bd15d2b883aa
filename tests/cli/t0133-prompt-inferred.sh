# prompt: the inferred style, byte for byte, and what it refuses.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
write_puzzle
sed 's/(on c b) (on b a)/(on a c)/' puzzle.pddl >example.pddl

# The example's shortest plan, then one that is given; the transitions are the same.
printf %s '* craves A B planet B craves C A province C harmony > feast C A > craves A B province A planet B pain C
* craves A B province A planet B pain C > overcome C A > craves A B planet B craves C A province C harmony
* craves A B province A planet B pain C > succumb C > craves A B province A planet B planet C province C harmony
* craves A B province A planet B planet C province C harmony > attack C > craves A B province A planet B pain C
= craves A B province A planet B planet C province C harmony
? craves A C
1 feast A B
2 overcome A C
= craves A B province A planet B planet C province C harmony
? craves C B craves B A' >exact.txt
gives 0 prompt --problem puzzle.pddl --naming 1 --style inferred --example example.pddl <exact.txt
sed 's/(problem small)/(problem other)/; s/(handempty) (clear a)/(clear a) (handempty)/' example.pddl >renamed.pddl
gives 0 prompt --problem puzzle.pddl --naming 1 --style inferred --example renamed.pddl <exact.txt
printf '(unstack a b)\n(put-down a)\n(pick-up a)\n(stack a c)\n' >plan.txt
sed 's/^2 overcome A C/2 succumb A\n3 attack A\n4 overcome A C/' exact.txt >longer.txt
gives 0 prompt --problem puzzle.pddl --naming 1 -s inferred --example example.pddl --example-plan plan.txt <longer.txt
"$FLUIDREP" prompt --problem puzzle.pddl --naming 1 --style inferred --example example.pddl --json >prompt.json
json 'd.style == "inferred" && d.shots == 1 && d.words["pick-up"] == "attack" &&
    d.prompt == require("fs").readFileSync("exact.txt", "utf8")' <prompt.json

# Other domains: types, constants, and actions that never apply are left out.
logistics=$FR_SOURCE_DIR/data/problems/logistics
"$FLUIDREP" prompt --domain "$FR_SOURCE_DIR/data/domains/logistics.pddl" --table "$FR_SOURCE_DIR/data/namings-logistics.tsv" \
    --problem "$logistics/instance-2.pddl" --style inferred --example "$logistics/instance-3.pddl" >logistics.txt
[ "$(grep -c '^\* .* > .* > ' logistics.txt)" = 6 ]
[ "$(grep '^\*' logistics.txt | sed 's/.* > \([a-z]*\) .* > .*/\1/' | sort -u | wc -l)" = 6 ]
cat >own.pddl <<'PDDL'
(define (domain own) (:predicates (lit ?x) (near ?x ?y) (wet ?x))
  (:action light :parameters (?x ?y) :precondition (and (near ?x ?y) (lit ?x)) :effect (lit ?y))
  (:action dry :parameters (?x) :precondition (wet ?x) :effect (lit ?x)))
PDDL
echo '(define (problem p) (:domain own) (:objects l1 l2) (:init (lit l1) (near l1 l2)) (:goal (lit l2)))' >p.pddl
printf 'id\tlight\tdry\tlit\tnear\twet\nclean\tlight\tdry\tlit\tnear\twet\nm\tgrok\tmend\tvexed\tadores\tgreen\n' >own.tsv
printf %s '* adores L1 L2 vexed L1 > grok L1 L2 > adores L1 L2 vexed L1 vexed L2
= adores L1 L2 vexed L1
? vexed L2
1 grok L1 L2
= adores L1 L2 vexed L1
? vexed L2' >own.txt
gives 0 prompt --domain own.pddl --problem p.pddl --table own.tsv --naming m --style inferred --example p.pddl <own.txt

# An answer to it is judged as terse's.
echo '1 attack B' >answer.txt
status=0
"$FLUIDREP" verify --problem puzzle.pddl --naming 1 --style inferred --response answer.txt >verdict.txt || status=$?
[ "$status" = 1 ] && grep -q illegal_step verdict.txt

refused 2 'the inferred style always shows a solved example: give --example FILE' prompt --problem puzzle.pddl --style inferred
refused 2 'the inferred style always shows a solved example: give --example FILE' prompt --problem puzzle.pddl --style inferred --zero-shot
refused 2 'zero-shot has no --example' prompt --problem puzzle.pddl --style inferred --zero-shot --example example.pddl
refused 2 'the terse style has no example' prompt --problem puzzle.pddl --style terse --example example.pddl
refused 2 'missing.pddl: No such file' prompt --problem puzzle.pddl --style inferred --example missing.pddl
refused 2 'no solution of the example: goal_unmet' prompt --problem puzzle.pddl --style inferred --example example.pddl --example-plan /dev/null

# An example whose plan is known, but which is too large to walk over.
echo '(define (domain large) (:predicates (on ?x)) (:action a :parameters (?p ?q ?r ?s ?t) :precondition (on ?p) :effect (on ?q)))' >large.pddl
{ printf '(define (problem big) (:domain large) (:objects'; for i in $(seq 100); do printf ' o%s' "$i"; done
  echo ') (:init (on o1)) (:goal (on o2)))'; } >big.pddl
echo '(a o1 o2 o1 o1 o1)' >big.txt
refused 2 'big: action "a" has too many possible arguments' prompt --domain large.pddl --problem big.pddl --style inferred --example big.pddl --example-plan big.txt
