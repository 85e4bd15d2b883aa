# The program itself: help of every command, its version, misuse.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"

"$FLUIDREP" --help >help.txt
for command in run puzzles namings prompt verify tokens bench; do
    grep -q "^  $command " help.txt || { echo "--help does not name $command"; exit 1; }
    "$FLUIDREP" "$command" --help >command.txt 2>err.txt
    [ ! -s err.txt ] || { cat err.txt; exit 1; }
    grep -q "^Usage: fluidrep $command " command.txt || { cat command.txt; exit 1; }
    # Every option is explained: its line goes on, or its text follows on the next.
    awk '/^ +(-[a-z], )?--[a-z-]+(=[A-Z]+)?$/ { open = $0; next }
        open != "" && !/^ {20}/ { print "no help: " open; bad = 1 } { open = "" }
        END { exit bad }' command.txt
    refused 2 "unrecognized option '--nonsense'" "$command" --nonsense
done
for first in -h help; do
    "$FLUIDREP" $first | cmp - help.txt
done
"$FLUIDREP" --version >version.txt
grep -Eq '^fluidrep [0-9]+\.[0-9]+\.[0-9]+ \(.+\)$' version.txt
"$FLUIDREP" -V | cmp - version.txt
"$FLUIDREP" version | cmp - version.txt
"$FLUIDREP" help verify >help-verify.txt
"$FLUIDREP" verify --help | cmp - help-verify.txt
"$FLUIDREP" help help | cmp - help.txt
"$FLUIDREP" help version | head -n 1 | grep -qx 'usage: fluidrep version'
"$FLUIDREP" verify -h | cmp - help-verify.txt
"$FLUIDREP" run --version | cmp - version.txt
refused 2 '"extra" is one argument too many' version extra
refused 2 'unknown command "verfy"; the nearest is verify' verfy --version
refused 2 'unknown command "verfy"; the nearest is verify' help verfy
# Stage commands tell what they do, each its own.
for command in run rollout collect analyze steer stats report; do
    "$FLUIDREP" "$command" --help | sed -n '2p'
done | sort -u | wc -l | grep -qx 7

# The list of commands says which stage of --until each is.
for stage in rollouts representations analyses steering statistics report; do
    grep -q "  run --until $stage: " help.txt || { echo "--help does not name the stage $stage"; exit 1; }
    refused 2 'nowhere.yaml' run nowhere.yaml --until $stage
done
refused 2 'no stage "rollout"; the nearest is rollouts' run nowhere.yaml --until rollout

refused 2 'unknown command "prompts"; the nearest is prompt' prompts
refused 2 'unknown command "zebra"; see fluidrep --help' zebra
status=0
"$FLUIDREP" >out.txt 2>err.txt || status=$?
[ "$status" = 2 ] && [ ! -s out.txt ] && grep -q "^fluidrep --help lists all commands" err.txt # cli/t0920 looks at the rest

# A full disk behind standard output is no success.
if [ -w /dev/full ]; then
    status=0
    for words in 'namings list' 'help run' 'run --help-config' 'tables --list' 'export --list' --version; do
        status=0
        "$FLUIDREP" $words >/dev/full 2>err.txt || status=$?
        [ "$status" = 1 ] && grep -q 'standard output' err.txt || { echo "exit $status: $words"; exit 1; }
    done
fi
# Nor is none at all, in whose place no file is opened.
for words in 'namings list' 'help run'; do
    status=0
    "$FLUIDREP" $words >&- 2>err.txt || status=$?
    [ "$status" = 1 ] && grep -q 'standard output' err.txt || { echo "exit $status: $words"; exit 1; }
done
status=0
FLUIDREP_DATA=/nowhere "$FLUIDREP" namings list >out.txt 2>err.txt || status=$?
[ "$status" = 2 ] && grep -q '/nowhere/.*; FLUIDREP_DATA is to be the directory' err.txt
