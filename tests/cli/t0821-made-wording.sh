# A study of a domain that has no wording file: one is made from the PDDL, in the obfuscated register alone. And where
# the project's wordings cannot be read, that is told: one of them may be the domain's.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
cat >gripper.pddl <<'PDDL'
(define (domain gripper-strips)
 (:predicates (room ?r) (ball ?b) (at-robby ?r) (at ?b ?r) (free) (carry ?o))
 (:action move :parameters (?from ?to) :precondition (and (room ?from) (room ?to) (at-robby ?from))
  :effect (and (at-robby ?to) (not (at-robby ?from))))
 (:action pick :parameters (?o ?r) :precondition (and (ball ?o) (room ?r) (at ?o ?r) (at-robby ?r) (free))
  :effect (and (carry ?o) (not (at ?o ?r)) (not (free))))
 (:action drop :parameters (?o ?r) :precondition (and (ball ?o) (room ?r) (carry ?o) (at-robby ?r))
  :effect (and (at ?o ?r) (free) (not (carry ?o)))))
PDDL
mkdir problems
for there in ra rb; do
    cat >problems/$there.pddl <<PDDL
(define (problem $there) (:domain gripper-strips) (:objects ra rb b)
 (:init (room ra) (room rb) (ball b) (at-robby ra) (free) (at b $there)) (:goal (and (carry b) (at-robby rb))))
PDDL
done
"$FLUIDREP" namings random --domain gripper.pddl --flavour words --count 2 >namings.tsv
cat >own.yaml <<YAML
study: own
model: {path: $FR_SOURCE_DIR/models/organism.gguf, context_tokens: 1300, slots: 1}
puzzles: {domain: gripper.pddl, directory: problems, collect: 1, evaluate: 0}
namings: {table: namings.tsv}
prompt: {style: planbench, shots: 0}
generation: {max_tokens: 1250}
representations: {window_tokens: 20, grid_step: 20, grid_end: 40, min_mentions: 1, origin: prompt}
analyses: {reference_timestamp: 40, pca_timestamp: 40}
YAML
"$FLUIDREP" run own.yaml --out out -q >results.txt
grep -q 'report: out/report.html' results.txt && [ -s out/report.html ]
"$FLUIDREP" run own.yaml --out out -q | grep -q 'nothing was left to do'
"$FLUIDREP" prompt --domain gripper.pddl --table namings.tsv --naming r1-1 --problem problems/ra.pddl >prompt.txt
grep -q '^I am playing with a set of objects' prompt.txt

mkdir data
cp -r "$FR_SOURCE_DIR/data/domains" "$FR_SOURCE_DIR/data/namings.tsv" data/
FLUIDREP_DATA=$PWD/data
export FLUIDREP_DATA
refused 1 'data/wordings: No such file' run own.yaml --out other
mkdir data/wordings
echo 'structure: [' >data/wordings/broken.yaml
refused 2 'broken.yaml:[0-9]+: .*the file must be YAML' run own.yaml --out other
[ ! -e other ]
