# What is wrong with a study's inputs is one line with a hint and exit status 2 or 1, and nothing that
# is stored is lost or changed.
set -eu
. "$FR_SOURCE_DIR/tests/support/small-study.sh"
organism=$FR_SOURCE_DIR/models/organism.gguf
[ -f "$organism" ] || { echo "skipped: models/organism.gguf is missing"; exit 77; }

# expect STATUS PATTERN ARGUMENTS...: exit status, and one line on standard error that matches.
expect() {
    want=$1 pattern=$2
    shift 2
    status=0
    "$FLUIDREP" "$@" >out.txt 2>err.txt || status=$?
    grep '^fluidrep' err.txt >message.txt || true
    [ "$status" = "$want" ] || { echo "exit $status instead of $want: fluidrep $*"; cat err.txt; exit 1; }
    [ "$(wc -l <message.txt)" = 1 ] || { echo "not one line: fluidrep $*"; cat err.txt; exit 1; }
    grep -Eq "$pattern" message.txt || { echo "no match for: $pattern"; cat message.txt; exit 1; }
    [ ! -s out.txt ] || { echo "standard output is not empty"; cat out.txt; exit 1; }
}
change() { # change SED-SCRIPT: small.yaml, altered, as bad.yaml
    sed "$1" small.yaml >bad.yaml
    if cmp -s small.yaml bad.yaml; then echo "the change did nothing: $1"; exit 1; fi
}

write_small_study
"$FLUIDREP" run small.yaml --out good --until rollouts >/dev/null 2>&1
"$FLUIDREP" run small.yaml --out good >/dev/null 2>&1
cp -r good kept
unchanged() { diff -r kept/tables good/tables && cmp kept/report.html good/report.html; }

# The configuration.
expect 1 'nothing.yaml: No such file' run nothing.yaml
change 's/  slots: 4/  slotts: 4/'
expect 2 '^fluidrep: bad.yaml:5: unknown key "model.slotts"; the nearest is "model.slots"$' run bad.yaml --out good
change 's/  slots: 4/  slots: 0/'
expect 2 'bad.yaml:5: model.slots: 0 is out of range 1..256' run bad.yaml --out good
change 's#^study: small#study: ../small#'
expect 2 'bad.yaml: study: "../small" is no name; use letters' run bad.yaml
change 's/  slots: 4/  slots: many/'
expect 2 'bad.yaml:5: model.slots: "many" is not a whole number' run bad.yaml --out good
change 's/random, shuffled/randon, shuffled/'
expect 2 'bad.yaml:.*"randon" is not one of .* the nearest is "random"' run bad.yaml --out good
change 's/grid_end: 240/grid_end: 100/'
expect 2 'analyses.reference_timestamp 240 is not on the grid' run bad.yaml --out good
change 's/use: .*/use: [clean, "1", "21"]/'
expect 2 'namings.use: no naming "21"' run bad.yaml --out good
change 's/layers: \[2\]/layers: [9]/'
expect 2 'steering.layers: 9, but .* has layers 1..' run bad.yaml --out other
{ cat small.yaml; echo 'prompt: {style: inferred, shots: 0}'; } >bad.yaml
expect 2 'bad.yaml: prompt.shots 0, but the inferred style always shows one solved example' run bad.yaml --out good
mkdir one
cat >one/p.pddl <<'PDDL'
(define (problem p) (:domain blocksworld-4ops) (:objects a b)
(:init (handempty) (clear a) (on a b) (ontable b)) (:goal (on b a)))
PDDL
{ sed 's#^  collect: 4#&\n  directory: one#' small.yaml; echo 'prompt: {style: inferred}'; } >bad.yaml
expect 2 'one: one problem with a plan of 2 steps or more, and none to show solved before it' run bad.yaml --dry-run
unchanged

# The directory of another study, or of another model.
change 's/^seed: 1/seed: 2/'
expect 2 'seed' run bad.yaml --out good
cp "$organism" other.gguf
printf 'x' >>other.gguf
change 's#path: .*gguf#path: other.gguf#'
expect 2 'model' run bad.yaml --out good
unchanged

# The model.
MODEL=missing.gguf write_small_study
expect 1 'missing.gguf: No such file' run small.yaml --out models
head -c 100000 "$organism" >cut.gguf
MODEL=cut.gguf write_small_study
expect 1 'cut.gguf' run small.yaml --out models1
printf 'this is no model\n' >text.gguf
MODEL=text.gguf write_small_study
expect 1 'text.gguf' run small.yaml --out models2

# The namings.
sed 's/succumb/attack/' "$FR_SOURCE_DIR/data/namings.tsv" >twice.tsv
NAMINGS=twice.tsv write_small_study
expect 2 '^fluidrep: twice.tsv:[0-9]*: naming 1 uses "attack" twice \(pick-up and put-down\); every concept' run small.yaml --out namings

# A full disk: file sizes are limited; what was stored stays, and the study ends well afterwards.
write_small_study
"$FLUIDREP" run small.yaml --out full --until puzzles >/dev/null 2>&1
status=0
(ulimit -f 100; trap '' XFSZ; exec "$FLUIDREP" run small.yaml --out full) >out.txt 2>err.txt || status=$?
[ "$status" = 1 ] || { echo "full disk: exit $status"; cat err.txt; exit 1; }
[ "$(grep -c '^fluidrep' err.txt)" = 1 ] || { cat err.txt; exit 1; }
"$FLUIDREP" run small.yaml --out full >/dev/null 2>&1
diff -r kept/tables full/tables
