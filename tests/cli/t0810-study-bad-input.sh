# What is wrong with a study's inputs is one line with a hint and exit status 2 or 1, and nothing that
# is stored is lost or changed.
set -eu
. "$FR_SOURCE_DIR/tests/support/small-study.sh"
organism=$FR_SOURCE_DIR/models/organism-ambiguous.gguf
[ -f "$organism" ] || { echo "skipped: models/organism-ambiguous.gguf is missing"; exit 77; }

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

write_quick_study
"$FLUIDREP" run small.yaml --out good --until rollouts >/dev/null 2>&1
"$FLUIDREP" run small.yaml --out good >/dev/null 2>&1
cp -r good kept
unchanged() { diff -r kept good; }

# The configuration.
expect 2 'nothing.yaml: No such file' run nothing.yaml
sed 's/ontable/on-table/' "$FR_SOURCE_DIR/data/domains/blocksworld.pddl" >own.pddl
sed 's#domain: [^,}]*blocksworld.pddl#domain: own.pddl#' small.yaml >bad.yaml
expect 2 'bad.yaml: puzzles.directory is missing: puzzles.blocks makes problems of Blocksworld in its own words, which domain' run bad.yaml --out own
expect 2 'bad.yaml: puzzles.directory is missing' run bad.yaml --dry-run
[ ! -e own ]
change 's/  slots: 4/  slotts: 4/'
expect 2 '^fluidrep: bad.yaml:5: unknown key "model.slotts"; the nearest is "model.slots"$' run bad.yaml --out good
change 's/  slots: 4/  slots: 0/'
expect 2 'bad.yaml:5: model.slots: 0 is out of range 1..254' run bad.yaml --out good
change 's#^study: small#study: ../small#'
expect 2 'bad.yaml: study: "../small" is no name; use letters' run bad.yaml
change 's#^study: small#study: "a\\nb"#'
expect 2 'bad.yaml: study: "a b" is no name' run bad.yaml
long=$(printf '%0201d' 0)
change "s#^study: small#study: s$long#"
expect 2 'bad.yaml: study: a name of 202 bytes; at most 200' run bad.yaml
expect 2 "an empty name of a study's directory" run small.yaml --out ''
change 's/use: .*/use: []/'
expect 2 'bad.yaml: namings.use: \[\] names none; write \[all\]' run bad.yaml --out good
sed 's/early/goal/' quick-namings.tsv >goal.tsv
sed 's#table: .*#table: goal.tsv#; s/style: ambiguous/style: planbench/' small.yaml >bad.yaml
expect 2 'bad.yaml: naming 1, put-down: "goal" is a word of the prompt, so that texts would be misread; choose another word' run bad.yaml --out namings0
expect 2 '"goal" is a word of the prompt' run bad.yaml --dry-run
sed -i 's/exclude: .*//; s/use: .*/&\n  accuracy_only: ["1", "2"]/' bad.yaml
"$FLUIDREP" run bad.yaml --out namings0 --until puzzles >/dev/null 2>&1 # of accuracy alone no mention is looked for
rm -r namings0
sed 's/(clear/(stack/g' "$FR_SOURCE_DIR/data/domains/blocksworld.pddl" >own.pddl
sed 's#domain: [^,}]*blocksworld.pddl#domain: own.pddl#' small.yaml >bad.yaml
expect 2 'own.pddl: an action and a predicate are both called stack' run bad.yaml --out own
[ ! -e own ]
mkfifo traces.jsonl
{ cat small.yaml; echo 'traces: {import: traces.jsonl}'; } >bad.yaml
expect 2 'bad.yaml: traces.import: .*traces.jsonl: not a file' run bad.yaml --out own
change 's/  slots: 4/  slots: many/'
expect 2 'bad.yaml:5: model.slots: "many" is not a whole number' run bad.yaml --out good
change 's/\[shuffled, identity\]/[shufled, identity]/'
expect 2 'bad.yaml:24: experiments.positive.controls: "shufled" is not one of .* the nearest is "shuffled"' run bad.yaml --out good
change 's/grid_end: 160/grid_end: 100/'
expect 2 'analyses.reference_timestamp 160 is not on the grid' run bad.yaml --out good
change 's/use: .*/use: ["5", "1", "41"]/'
expect 2 'namings.use: no naming "41"' run bad.yaml --out good
change 's/layers: \[2\]/layers: [9]/'
expect 2 'experiment positive: layers: 9, but .* has layers 1..4' run bad.yaml --out other

# Experiments.
change 's/vectors: \[in_naming/vectors: [in_namings/'
expect 2 'bad.yaml:24: experiments.positive.vectors: "in_namings" is not one of .* the nearest is "in_naming"' run bad.yaml --out good
change 's/layers: \[2\]/layers: []/'
expect 2 'bad.yaml:25: experiments.positive.layers: an empty list sweeps nothing' run bad.yaml --out good
change 's/window: \[40, 80\]/window: [40, 1000]/'
expect 2 'experiments.positive.window ends at 1000, but a trace has at most generation.max_tokens 1000 tokens' run bad.yaml --out good
change 's/window: \[40, 80\]/window: [80, 40]/'
expect 2 'bad.yaml:25: experiments.positive.window: the end, 40, must be above the start, 80' run bad.yaml --out good
change 's/window: \[40, 80\]/window: [40, 80], against: random/'
expect 2 'bad.yaml:24: experiment positive: against: random, but there is no condition .*add it to controls' run bad.yaml --out good
change 's/window: \[40, 80\]/window: [40, 80], against: positive/'
expect 2 'experiments.positive.against: "positive" is not one of baseline shuffled random single identity' run bad.yaml --out good
change 's/at: 160,/at: 150,/'
expect 2 'experiments.positive.at 150 is not on the grid of every 40 tokens up to 160; the nearest is 160' run bad.yaml --out good
{ cat small.yaml; echo '  - {name: positive, vectors: mean, layers: 1, at: 160, window: [40, 80]}'; } >bad.yaml
expect 2 'bad.yaml:26: experiment positive: another experiment has this name' run bad.yaml --out good
long=$(printf '%027d' 0 | sed 's/0/ж/g') # of 54 bytes, which take 162
change "s/name: positive/name: $long/"
expect 2 'bad.yaml:24: the experiment.s name .* takes 162 bytes in the names of files; at most 160' run bad.yaml --out good
change 's/at: 160,/at: 160, from: nowhere,/'
expect 2 'bad.yaml: experiments: from: no study in .*nowhere' run bad.yaml --out other
expect 2 'bad.yaml: experiments: from: no study in .*nowhere' run bad.yaml --dry-run --speed 100,100
[ ! -e other ]
{ cat small.yaml; echo '  - {vectors: mean, layers: 1}'; } >bad.yaml
expect 2 'bad.yaml:26: an experiment needs a name' run bad.yaml --out good
{ cat small.yaml; echo '  - {name: more, vectors: mean, layer: 1}'; } >bad.yaml
expect 2 'bad.yaml:26: an experiment has no field "layer"; the nearest is "layers"' run bad.yaml --out good
sed 's/style: ambiguous/style: inferred, shots: 0/' small.yaml >bad.yaml
expect 2 'bad.yaml: prompt.shots 0, but the inferred style always shows one solved example' run bad.yaml --out good
mkdir one
cat >one/p.pddl <<'PDDL'
(define (problem p) (:domain blocksworld-4ops) (:objects a b)
(:init (handempty) (clear a) (on a b) (ontable b)) (:goal (on b a)))
PDDL
sed 's#^  collect: 3#&\n  directory: one#; s/style: ambiguous/style: inferred/' small.yaml >bad.yaml
expect 2 'one: one problem with a plan of 2 steps or more, and none to show solved before it' run bad.yaml --dry-run
for directory in nowhere one/p.pddl; do
    change "s#^  collect: 3#&\\n  directory: $directory#"
    expect 2 'puzzles.directory: (nowhere: No such file or directory|one/p.pddl: Not a directory); a directory of PDDL problems is wanted' run bad.yaml --out own
done
change 's/use: .*/&\n  exclude: [zz]/'
expect 2 'bad.yaml: namings.exclude: "zz" is none of the table.s namings' run bad.yaml --out own
unchanged

# A directory whose work was made otherwise, or by another model; a list that shrank.
change 's/^seed: 1/seed: 2/'
expect 2 'good: seed was 1 and is now 2, but the stage puzzles was made otherwise; `fluidrep fork good NEW bad.yaml`' run bad.yaml --out good
change 's/window_tokens: 160/window_tokens: 100/'
expect 2 'good: representations.window_tokens was 160 and is now 100, but the stage representations' run bad.yaml --out good
change 's/collect: 3/collect: 2/'
expect 2 'good: puzzles.collect was 3 and is now 2 \(it can only grow\)' run bad.yaml --out good
change 's/, "2"\]/]/'
expect 2 'good: namings.use had naming 2 and has it no more \(it can only grow\)' run bad.yaml --out good
change 's/\[in_naming, cross_loo\]/[in_naming]/'
expect 2 'good: experiments: positive: cross_loo, layer 2 was run and is no longer asked for' run bad.yaml --out good
change 's/\[in_naming, cross_loo\]/[cross_loo, in_naming]/'
expect 2 'good: experiments: positive: identity.* was run and is now another edit .an identity is of the first' run bad.yaml --out good
for key in 'deterministic: false' 'flash_attention: true'; do # others bind then, which are not the reason
    case $key in flash*) kv=f16 ;; *) kv=f32 ;; esac # f32 is refused with it
    change "s/kv_type: f32/kv_type: $kv\\n  $key/"
    expect 2 "good: model.${key%: *} was .* and is now ${key#*: }, but the stage rollouts" run bad.yaml --out good
done
sed 's/bread/breads/' quick-namings.tsv >words.tsv
change 's#table: .*#table: words.tsv#'
expect 2 'good: namings.table: naming 1 called pick-up "bread" and calls it "breads"' run bad.yaml --out good
python3 - <<'PY'
import sqlite3, shutil
shutil.copytree('good', 'newer')
db = sqlite3.connect('newer/study.db')
db.execute('PRAGMA user_version = 99')
db.commit()
PY
rm newer/study.db.sha256
expect 2 'newer/study.db: written by a newer version of fluidrep \(schema 99, this one has 3\)' run small.yaml --out newer
cp "$organism" other.gguf
printf 'x' >>other.gguf
change 's#path: .*gguf#path: other.gguf#'
expect 2 'good: model.sha256 was .* and is now .*, but the stage rollouts' run bad.yaml --out good
unchanged

# The model.
MODEL=missing.gguf write_quick_study
expect 2 'missing.gguf: .*No such file' run small.yaml --out models
head -c 100000 "$organism" >cut.gguf
MODEL=cut.gguf write_quick_study
expect 2 'cut.gguf' run small.yaml --out models1
printf 'this is no model\n' >text.gguf
MODEL=text.gguf write_quick_study
expect 2 'text.gguf' run small.yaml --out models2

mkfifo pipe.gguf
sleep 60 >pipe.gguf & # a writer that writes nothing: not waited for
writer=$!
MODEL=pipe.gguf write_quick_study
expect 2 'pipe.gguf: not a file; give the path of a GGUF file' run small.yaml --out models3
kill $writer
for there in models models3; do
    [ ! -e $there ] || { echo "$there was made for a study that cannot be"; exit 1; }
done

# The namings.
write_quick_study
sed 's/early/bread/' quick-namings.tsv >twice.tsv
change 's#table: .*#table: twice.tsv#'
expect 2 '^fluidrep: twice.tsv:[0-9]*: naming 1 uses "bread" twice \(pick-up and put-down\); every concept' run bad.yaml --out namings

# A full disk: file sizes are limited; what was stored stays, and the study ends well afterwards.
write_quick_study
"$FLUIDREP" run small.yaml --out full --until puzzles >/dev/null 2>&1
status=0
(ulimit -f 100; trap '' XFSZ; exec "$FLUIDREP" run small.yaml --out full) >out.txt 2>err.txt || status=$?
[ "$status" = 1 ] || { echo "full disk: exit $status"; cat err.txt; exit 1; }
[ "$(grep -c '^fluidrep' err.txt)" = 1 ] || { cat err.txt; exit 1; }
"$FLUIDREP" run small.yaml --out full >/dev/null 2>&1
diff -r kept/tables full/tables
status=0
(ulimit -f 100; exec "$FLUIDREP" run small.yaml --out limited) >out.txt 2>err.txt || status=$?
[ "$status" = 1 ] && grep -q 'larger than a file may grow here' err.txt || { echo "limit: exit $status"; cat err.txt; exit 1; }

# Somebody else's directory; a database that is gone; one that another program took rows out of.
mkdir -p theirs/tables
echo precious | tee theirs/report.html >theirs/tables/accuracy.csv
expect 2 'theirs: is not empty and holds no study, which would write over its report.html; choose an empty or new directory' \
    run small.yaml --out theirs
expect 2 'theirs: is not empty and holds no study' compare good kept --out theirs
[ "$(cat theirs/report.html theirs/tables/accuracy.csv | sort -u)" = precious ]
[ "$(find theirs -type f | wc -l)" = 2 ]
cp -r kept gone
mv gone/study.db away
expect 2 'gone/study.db: is gone, and its seal is there .*; put a copy in its place' run small.yaml --out gone
mv away gone/study.db
rm gone/study.db.sha256
: >gone/reps/1-all.safetensors.fluidrep-0123abcd.tmp # of a run that was killed
python3 - <<'PY'
import sqlite3
db = sqlite3.connect('gone/study.db')
db.executescript("DELETE FROM run; DELETE FROM trace WHERE puzzle = 1 AND naming = '1'")
PY
"$FLUIDREP" run small.yaml --out gone >out.txt 2>err.txt
grep -Eq 'gone/study.db: 1 of [0-9]* traces are gone; they are made again' err.txt
grep -Eq 'gone/study.db: [0-9]* of [0-9]* steered runs are gone; they are made again' err.txt
diff -r kept/tables gone/tables
[ -z "$(find gone -name '*.fluidrep-*')" ]

# Verdicts that another version's rules of reading gave; without the model's file they stay, with a word.
rm gone/study.db.sha256
python3 - <<'PY'
import sqlite3
db = sqlite3.connect('gone/study.db')
db.executescript("UPDATE meta SET value = 'other' WHERE key = 'verdicts_by';"
                 "UPDATE trace SET verdict = 'unparsed' WHERE rowid IN"
                 " (SELECT rowid FROM trace WHERE verdict = 'solved' LIMIT 2)")
PY
"$FLUIDREP" run small.yaml --out gone >out.txt 2>err.txt
grep -Eq 'gone/study.db: answers are read by other rules than before: of [0-9]* verdicts 2 are others now \(2 solved that were not, 0 no longer\); what follows' err.txt
diff -r kept/tables gone/tables
rm gone/study.db.sha256
python3 - <<'PY'
import sqlite3
db = sqlite3.connect('gone/study.db')
db.executescript("DELETE FROM run; DELETE FROM trace; UPDATE puzzle SET example = NULL; DELETE FROM puzzle WHERE position > 0")
PY
expect 2 'gone/study.db: [0-9]* of [0-9]* puzzles are gone, which traces are of; put a copy in its place' run small.yaml --out gone

# A directory's name is one however many slashes it begins with.
"$FLUIDREP" run small.yaml --out "//$PWD/slashes" --until puzzles >/dev/null 2>&1
"$FLUIDREP" merge "//$PWD/merged" "//$PWD/slashes" >/dev/null 2>&1
