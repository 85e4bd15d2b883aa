# verify, puzzles and prompt: PDDL and plans as the world writes them; what cannot be read is told.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
write_puzzle
cp "$FR_SOURCE_DIR/data/domains/blocksworld.pddl" blocks.pddl

# A domain that has the name of another and other words needs no wording to be judged or solved.
sed 's/ontable/on-table/g; s/handempty/arm-empty/g; s/pick-up/pickup/g; s/put-down/putdown/g' \
    blocks.pddl >own.pddl
sed 's/ontable/on-table/g; s/handempty/arm-empty/g' puzzle.pddl >own-puzzle.pddl
printf '(unstack a b)\n(putdown a)\n(pickup b)\n(stack b a)\n(pickup c)\n(stack c b)\n' >own.txt
gives 0 verify --domain own.pddl --problem own-puzzle.pddl --plan own.txt <<'OUT'
{"verdict":"solved","step":0,"reason":"","plan":["(unstack a b)","(putdown a)","(pickup b)","(stack b a)","(pickup c)","(stack c b)"]}
OUT
"$FLUIDREP" puzzles show --domain own.pddl own-puzzle.pddl | grep -q 'shortest plan: 6 steps'
"$FLUIDREP" prompt --domain own.pddl --problem own-puzzle.pddl | grep -q 'To perform Pickup action'
# The project's sentences serve a Blocksworld of any name, and only one that does the same.
sed 's/blocksworld-4ops/bw/' blocks.pddl >bw.pddl
sed 's/blocksworld-4ops/bw/' puzzle.pddl >bw-puzzle.pddl
"$FLUIDREP" prompt --domain bw.pddl --problem bw-puzzle.pddl >bw.prompt
"$FLUIDREP" prompt --problem puzzle.pddl | cmp - bw.prompt
sed 's/(clear ?ob) (ontable ?ob) (handempty)/(ontable ?ob) (handempty)/' bw.pddl >other.pddl
"$FLUIDREP" prompt --domain other.pddl --problem bw-puzzle.pddl | grep -q 'To perform Pick-up action'
refused 2 'structure: made for other actions or predicates \([0-9a-f]{16}\) than those of "bw" \([0-9a-f]{16}\); remove it' \
    prompt --domain other.pddl --problem bw-puzzle.pddl \
    --wording "$FR_SOURCE_DIR/data/wordings/blocksworld-4ops.yaml"

# Costs change no verdict and no shortest plan, and come back where PDDL is written.
cat >costs.pddl <<'PDDL'
(define (domain parcels) (:requirements :adl :action-costs)
 (:predicates (here ?x) (sent ?x)) (:functions (total-cost) - number (weight ?x))
 (:action send :parameters (?x) :precondition (here ?x)
  :effect (and (sent ?x) (not (here ?x)) (increase (total-cost) (weight ?x)))))
PDDL
cat >costs-problem.pddl <<'PDDL'
(define (problem p) (:domain parcels) (:objects a) (:init (here a) (= (total-cost) 0) (= (weight a) 3.5))
 (:goal (sent a)) (:metric minimize (total-cost)))
PDDL
printf '(send a)\n; cost = 3 (general cost)\n' >sent.txt
sent='{"verdict":"solved","step":0,"reason":"","plan":["(send a)"]}'
echo "$sent" | gives 0 verify --domain costs.pddl --problem costs-problem.pddl --plan sent.txt
"$FLUIDREP" puzzles show --domain costs.pddl costs-problem.pddl | sed "/^; shortest/,\$d" >shown.pddl
grep -q '^(= (weight a) 3.5)$' shown.pddl
grep -q '^(:metric minimize (total-cost)))$' shown.pddl
echo "$sent" | gives 0 verify --domain costs.pddl --problem shown.pddl --plan sent.txt
sed 's/:precondition (here ?x)/:precondition (> (weight ?x) 1)/' costs.pddl >numbers.pddl
refused 2 'numbers.pddl:3:[0-9]+: a condition on numbers is not supported' \
    verify --domain numbers.pddl --problem costs-problem.pddl --plan sent.txt

# Nine parameters are judged, and told where a sentence has no room for them.
cat >nine.pddl <<'PDDL'
(define (domain nine) (:predicates (p ?x))
 (:action go :parameters (?a ?b ?c ?d ?e ?f ?g ?h ?i) :effect (p ?i)))
PDDL
echo '(define (problem n) (:domain nine) (:objects a) (:init) (:goal (p a)))' >nine-problem.pddl
echo '(go a a a a a a a a a)' >nine.txt
gives 0 verify --domain nine.pddl --problem nine-problem.pddl --plan nine.txt <<'OUT'
{"verdict":"solved","step":0,"reason":"","plan":["(go a a a a a a a a a)"]}
OUT
refused 2 'domain nine: action go has 9 parameters; a prompt says at most 8' \
    prompt --domain nine.pddl --problem nine-problem.pddl

# Seventy concepts are judged too; a naming has not so many words.
{
    echo '(define (domain seventy) (:predicates'
    for i in $(seq 69); do echo "(p$i)"; done
    echo ') (:action go :effect (p69)))'
} >seventy.pddl
echo '(define (problem n) (:domain seventy) (:init) (:goal (p69)))' >seventy-problem.pddl
echo '(go)' >go.txt
gives 0 verify --domain seventy.pddl --problem seventy-problem.pddl --plan go.txt <<'OUT'
{"verdict":"solved","step":0,"reason":"","plan":["(go)"]}
OUT
refused 2 'domain seventy has 70 actions and predicates; namings and prompts take at most 64' \
    verify --domain seventy.pddl --problem seventy-problem.pddl --plan go.txt --naming clean

# Plans in any layout; times order them; bytes that nobody sees.
printf '\357\273\277(unstack a\n b)(put-down a) (pick-up b)\r\n\r\n(stack b a)(pick-up c)\n(stack c b)' >free.txt
printf '3: (stack b a)\n0: (unstack a b)\n2: (pick-up b)\n1: (put-down a) [1]\n5: (stack c b)\n4: (pick-up c)\n' \
    >timed.txt
solved='{"verdict":"solved","step":0,"reason":"","plan":["(unstack a b)","(put-down a)","(pick-up b)","(stack b a)","(pick-up c)","(stack c b)"]}'
echo "$solved" | gives 0 verify --problem puzzle.pddl --plan free.txt
echo "$solved" | gives 0 verify --problem puzzle.pddl --plan timed.txt
mkdir p && cp puzzle.pddl p/instance-1.pddl
printf '\357\273\277{"instance_id": 1, "extracted_plan": "(unstack a b)"}\n' >mark.jsonl
"$FLUIDREP" verify --jsonl mark.jsonl --problems p/instance-%d.pddl --field extracted_plan 2>err.txt |
    grep -q '"goal_unmet"'
mkfifo pipe
refused 2 'pipe: a pipe that nobody writes to' verify --problem puzzle.pddl --plan pipe
refused 2 'pipe: a pipe that nobody writes to' verify --problem pipe --plan free.txt
refused 2 'pipe: a pipe that nobody writes to' \
    verify --jsonl pipe --problems p/instance-%d.pddl --field extracted_plan
cat free.txt | "$FLUIDREP" verify --problem puzzle.pddl --plan /dev/stdin >actual.txt
echo "$solved" | cmp - actual.txt
{
    printf '\357\273\277'
    cat "$FR_SOURCE_DIR/data/namings.tsv"
} >marked.tsv
echo "$solved" | gives 0 verify --problem puzzle.pddl --plan free.txt --table marked.tsv --naming clean
printf 'id\tpick-up\tput-down\tstack\tunstack\tontable\tclear\thandempty\tholding\ton\nx\taa\tbb\tcc\tdd\tee\tff\tgg\thh\ti\342\200\256i\n' \
    >turned.tsv
refused 2 'turned.tsv:2: naming x: word for on holds U\+202E, which is no letter' namings check turned.tsv
