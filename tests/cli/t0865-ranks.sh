# mpirun: ranks of one study make the tables of one process, byte for byte; a rank that is killed costs what
# it had in flight, and the same command goes on; what does not fit is told in a line and nothing is lost.
set -eu
. "$FR_SOURCE_DIR/tests/support/small-study.sh"
[ -f "$FR_SOURCE_DIR/models/organism-ambiguous.gguf" ] || { echo "skipped: models/organism-ambiguous.gguf is missing"; exit 77; }
command -v mpirun >/dev/null || { echo "skipped: no mpirun (scripts/setup --test)"; exit 77; }
"$FLUIDREP" --version | grep -q '^with Open MPI' || { echo "skipped: built without MPI (scripts/setup --test, then build again)"; exit 77; }
# Under the address sanitizer: what Open MPI leaves at its end is not ours; unit/study/ranks looks for what is.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
write_quick_study
sed -i 's/collect: 3/collect: 2/; s/evaluate: 2/evaluate: 1/; s/slots: 4/slots: 1/' small.yaml
ranks() { n=$1; shift; mpirun -n "$n" "$FLUIDREP" run "$@"; }

"$FLUIDREP" run small.yaml --out once >/dev/null 2>once.log
ranks 2 small.yaml --out two >two.txt 2>two.log
diff -r once/tables two/tables
[ "$(grep -c '^report: ' two.txt)" = 1 ]
grep -q '^  rollouts .*, [0-9]* units by 1 other rank, [0-9.]* s waited at the end, tokens: ' two.log
tokens() { sed -n 's/^  rollouts .*, tokens: [0-9]* prefilled, \([0-9]*\) decoded.*/\1/p' "$1"; }
[ "$(tokens two.log)" = "$(tokens once.log)" ]
[ -z "$(ls two/reps | grep -v safetensors)" ]
"$FLUIDREP" run small.yaml --out two 2>/dev/null | grep -qx 'nothing was left to do'

# Killed: by default all ranks end with it, and what rank 0 had is stored; with --enable-recovery the others go on.
victim() { # CONDITION...: kills rank 1 of the study in dead/ when it holds
    for i in $(seq 500); do
        for pid in $(pgrep -f "run small.yaml --out dead"); do
            ! grep -qz '^OMPI_COMM_WORLD_RANK=1$' "/proc/$pid/environ" 2>/dev/null || rank=$pid
        done
        [ -n "${rank-}" ] && "$@" && kill -9 "$rank" 2>/dev/null && rank= && return
        sleep 0.02
    done
    return 1
}
ranks 2 small.yaml --out dead >/dev/null 2>dead.log &
victim test -d dead/reps
! wait $!
mpirun --enable-recovery -n 2 "$FLUIDREP" run small.yaml --out dead >/dev/null 2>dead.log &
victim grep -q '^  representations' dead.log
wait $!
grep -q '^  rollouts *done before' dead.log
grep -q '^fluidrep: rank 1 (.*): is gone; the others do what it had in flight$' dead.log
diff -r once/tables dead/tables

# A rank without a model, one with another configuration, more ranks than units: one line each.
cp "$FR_SOURCE_DIR/models/organism-ambiguous.gguf" here.gguf
sed 's#path: .*#path: here.gguf#' small.yaml >zero.yaml
sed 's#path: .*#path: nowhere.gguf#' small.yaml >absent.yaml
sed 's/max_tokens: 1000/max_tokens: 900/' small.yaml >other.yaml
mpirun -n 1 "$FLUIDREP" collect zero.yaml --out unlike : -n 2 "$FLUIDREP" collect absent.yaml : \
    -n 1 "$FLUIDREP" collect other.yaml >/dev/null 2>log.txt
grep -q '^fluidrep: rank 2 (.*): absent.yaml: model.path: nowhere.gguf: .*; the others go on without it$' log.txt
grep -q '^fluidrep: rank 3 (.*): other.yaml says generation.max_tokens: 900, and rank 0.s generation.max_tokens: 1000; the others' log.txt
[ "$("$FLUIDREP" tables unlike counters --csv | tr -d '\r' | awk -F, '/rollouts/ { print $2 }')" = 9 ]
grep -q '^fluidrep: the stage representations had 3 units of work for 4 ranks' log.txt

# What would run as many times into one directory.
! OMPI_COMM_WORLD_SIZE=2 sh -c 'cp "$FLUIDREP" alone && ./alone run small.yaml --out none' 2>log.txt
grep -q '^fluidrep: 2 processes of one study, but this program was built without MPI' log.txt
! PMI_SIZE=2 "$FLUIDREP" run small.yaml --out none 2>log.txt
grep -q '^fluidrep: 2 processes of one study, but they were not started by Open MPI' log.txt
[ ! -e none ] && [ "$(wc -l <log.txt)" = 1 ]
! PMI_SIZE=2 "$FLUIDREP" run small.yaml --dry-run 2>log.txt
grep -qx 'fluidrep: --dry-run measures with one process: start it without mpirun' log.txt
