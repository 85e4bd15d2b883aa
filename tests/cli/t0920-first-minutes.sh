# The first minutes: what the program says by itself, a configuration for a model, what the machine is.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
organism=$FR_SOURCE_DIR/models/organism.gguf
[ -f "$organism" ] || { echo "skipped: models/organism.gguf is missing"; exit 77; }

# Alone it names the five commands one needs first, every one of which there is.
status=0
"$FLUIDREP" >out.txt 2>err.txt || status=$?
[ "$status" = 2 ] && [ ! -s out.txt ]
[ "$(grep -c '^  fluidrep [a-z]' err.txt)" = 5 ]
sed -n 's/^  fluidrep \([a-z]*\) .*/\1/p' err.txt | while read -r command; do
    "$FLUIDREP" help "$command" >help.txt
    [ -s help.txt ]
done

# A configuration for a model dry-runs; every key has its comment; nothing is overwritten.
"$FLUIDREP" init "$organism" --style terse --tokens 480 --out study.yaml 2>err.txt
grep -q 'study.yaml: next, fluidrep run study.yaml --dry-run' err.txt
"$FLUIDREP" run study.yaml --dry-run --json >plan.json 2>err.txt
json 'd.layers === 5 && d.measured && d.stages.some((s) => s.stage === "steering" && s.count > 0)' <plan.json
awk '/^experiments:/ { exit bad } /^ *[a-z_]+: [^|]/ && last !~ /^ *# / { print "no comment: " $0; bad = 1 } { last = $0 } END { exit bad }' study.yaml
grep -q 'layers: \[2, 3\]' study.yaml
grep -q '^  reference_timestamp: 210$' study.yaml
refused 2 'study.yaml: is there already' init "$organism" --out study.yaml
refused 2 'not found|No such file' init nowhere.gguf --out other.yaml
refused 2 'probe measures what --tokens says' init "$organism" --probe 1 --tokens 200
[ ! -e other.yaml ]

# What the machine is: the same for people and machines, and a status (speeds take seconds: unit/model/speed has them).
"$FLUIDREP" doctor --no-speed >doctor.txt
grep -q '^engine     llama.cpp ' doctor.txt
grep -q '^features   .*[A-Z]' doctor.txt
grep -q '^kernels ' doctor.txt
if grep -q '^speed' doctor.txt; then exit 1; fi
"$FLUIDREP" doctor --no-speed --json >doctor.json
json 'd.cores >= 1 && d.features.length > 0' <doctor.json
json '["kernels", "devices", "model", "memory"].every((n) => d.checks.some((c) => c.name === n && c.state !== "bad"))' <doctor.json
status=0
"$FLUIDREP" doctor --model nowhere.gguf >doctor.txt || status=$?
[ "$status" = 1 ] && grep -q '^model      WRONG: nowhere.gguf' doctor.txt
