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
