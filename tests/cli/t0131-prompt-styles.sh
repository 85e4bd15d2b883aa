# prompt: PlanBench's style and the paper's, with and without an example, and a domain's wording.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
write_puzzle
sed 's/(on c b) (on b a)/(on a c)/' puzzle.pddl >example.pddl
statement() { sed -n '/^\[STATEMENT\]/,$p'; }

printf %s '[STATEMENT]
As initial conditions I have that, the red block is clear, the orange block is clear, the hand is empty, the red block is on top of the blue block, the blue block is on the table and the orange block is on the table.
My goal is to have that the blue block is on top of the red block and the orange block is on top of the blue block.

What is the plan to achieve my goal? Just give the actions in the plan.' >zero.txt
"$FLUIDREP" prompt --problem puzzle.pddl >default.txt
statement <default.txt | cmp - zero.txt
gives 0 prompt --problem puzzle.pddl --style planbench --zero-shot --naming clean <default.txt
head -n 1 default.txt | grep -q '^I am playing with a set of blocks where I need to arrange'

# One-shot: the example's shortest plan, or one that is given.
printf %s '[STATEMENT]
As initial conditions I have that, object a craves object b, harmony, planet object b, planet object c, province object a and province object c.
My goal is to have that object a craves object c.

My plan is as follows:

[PLAN]
feast object a from object b
overcome object a from object c
[PLAN END]

[STATEMENT]
As initial conditions I have that, object a craves object b, harmony, planet object b, planet object c, province object a and province object c.
My goal is to have that object b craves object a and object c craves object b.

My plan is as follows:

[PLAN]' >one.txt
"$FLUIDREP" prompt --problem puzzle.pddl --naming 1 --example example.pddl >shown.txt
statement <shown.txt | cmp - one.txt
printf '(unstack a b)\n(put-down a)\n(pick-up a)\n(stack a c)\n' >plan.txt
printf %s '[STATEMENT]
As initial conditions I have that, province Block A, province Block C, harmony, Block A craves Block B, planet Block B, planet Block C.
My goal is to have that Block A craves Block C.
My plan is as follows:
[PLAN]
feast Block A from Block B
succumb Block A
attack Block A
overcome Block A from Block C
[PLAN END]
[STATEMENT]
As initial conditions I have that, province Block A, province Block C, harmony, Block A craves Block B, planet Block B, planet Block C.
My goal is to have that Block B craves Block A, Block C craves Block B.
My plan is as follows:
[PLAN]' >paper.txt
"$FLUIDREP" prompt --problem puzzle.pddl --naming 1 --style paper --example example.pddl --example-plan plan.txt |
    statement | cmp - paper.txt

"$FLUIDREP" prompt --problem puzzle.pddl --example example.pddl --json >prompt.json
json 'd.naming == "clean" && d.style == "planbench" && d.shots == 1 && d.words["pick-up"] == "pick up" &&
    d.words.on == "on top of" && d.prompt.endsWith("[PLAN]")' <prompt.json

# A domain of one's own: made from its PDDL, then with a wording beside it, then with another.
cat >own.pddl <<'PDDL'
(define (domain own) (:predicates (lit ?x) (near ?x ?y))
  (:action light :parameters (?x ?y) :precondition (and (near ?x ?y) (lit ?x)) :effect (lit ?y)))
PDDL
echo '(define (problem p) (:domain own) (:objects l1 l2) (:init (lit l1) (near l1 l2)) (:goal (lit l2)))' >p.pddl
printf 'id\tlight\tlit\tnear\nclean\tlight\tlit\tnear\nm\tgrok\tvexed\tadores\n' >own.tsv
printf %s 'I am playing with a set of objects. Here are the actions I can do

   Grok object from another object

I have the following restrictions on my actions:
    To perform Grok action, the following facts need to be true: Object Adores other object, Vexed object.
    Once Grok action is performed the following facts will be true: Vexed other object.

[STATEMENT]
As initial conditions I have that, object l1 adores object l2 and vexed object l1.
My goal is to have that vexed object l2.

What is the plan to achieve my goal? Just give the actions in the plan.' >own.txt
gives 0 prompt --domain own.pddl --problem p.pddl --table own.tsv --naming m <own.txt
# The clean naming of a domain needs no table.
sed 's/Grok/Light/; s/To perform Grok/To perform Light/; s/Once Grok/Once Light/; s/Vexed/Lit/g; s/vexed/lit/g
    s/Adores/Near/; s/adores/near/' own.txt | sed 's/ have that, object l1 near object l2 and lit object l1/ have that, lit object l1 and object l1 near object l2/' >clean.txt
gives 0 prompt --domain own.pddl --problem p.pddl <clean.txt
cat >own.wording.yaml <<'YAML'
domain: own
plain:
  noun: lamp
  introduction: Lamps light lamps.
  objects: {l*: lamp *}
  facts: {lit: "the {1} is lit", near: "the {1} is near the {2}"}
  steps: {light: "light the {2} with the {1}"}
YAML
printf %s 'Lamps light lamps.

[STATEMENT]
As initial conditions I have that, the lamp 1 is lit and the lamp 1 is near the lamp 2.
My goal is to have that the lamp 2 is lit.

What is the plan to achieve my goal? Just give the actions in the plan.' >plain.txt
gives 0 prompt --domain own.pddl --problem p.pddl <plain.txt
gives 0 prompt --domain own.pddl --problem p.pddl --table own.tsv --naming m <own.txt
printf 'domain: own\nobfuscated: {noun: thing}\n' >things.yaml
sed 's/object/thing/g; s/Object/Thing/g' own.txt >things.txt
gives 0 prompt --domain own.pddl --problem p.pddl --table own.tsv --naming m --wording things.yaml <things.txt

refused 2 'no solution of the example: goal_unmet' prompt --problem puzzle.pddl --example example.pddl --example-plan /dev/null
echo '(fly a)' >bad.txt
refused 2 'bad.txt: no solution of the example: unparsed: ' prompt --problem puzzle.pddl --example example.pddl --example-plan bad.txt
refused 2 'example-plan goes with --example' prompt --problem puzzle.pddl --example-plan plan.txt
refused 2 'zero-shot has no --example' prompt --problem puzzle.pddl --zero-shot --example example.pddl
refused 2 'own.wording.yaml:1: domain: the wording of "own"' prompt --problem puzzle.pddl --wording own.wording.yaml
echo 'domain: own
plane: {}' >typo.yaml
refused 2 'typo.yaml:2: unknown key "plane"; the nearest is "plain"' prompt --domain own.pddl --problem p.pddl --wording typo.yaml
refused 2 'nothing.yaml: No such file' prompt --problem puzzle.pddl --wording nothing.yaml
