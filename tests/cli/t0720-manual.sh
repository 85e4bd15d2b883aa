#!/bin/sh
# Pages for man and completion: of every command, with every option that --help tells, and no warning of troff.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
"$FR_SOURCE_DIR/scripts/manual" "$FLUIDREP" "$FR_SOURCE_DIR/include" manual

"$FLUIDREP" --help | sed -n 's/^  \([a-z]*\) .*/\1/p' >commands.txt
[ "$(wc -l <commands.txt)" -ge 20 ]
grep -qx manual commands.txt && grep -qx completion commands.txt

# Completion in a shell: complete WORDS..., the last one is being written.
cat >complete.bash <<'BASH'
compopt() { :; }
. manual/completions/fluidrep
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_fluidrep
printf '%s\n' "${COMPREPLY[@]}"
BASH
bash complete.bash fluidrep '' >words.txt
while read -r command; do
    grep -qx "$command" words.txt
    "$FLUIDREP" help "$command" | sed -n 's/^ *\(-[a-zA-Z?], \)\{0,1\}\(--[a-z-]*\).*/\2/p' |
        grep -vx -e --usage -e --version | sort -u >options.txt
    bash complete.bash fluidrep "$command" -- | sed 's/=$//' | sort -u >completed.txt
    diff options.txt completed.txt
    sed -n 's/^.*\\fB\\-\\-\([a-z\\-]*\)\\fR.*/--\1/p' "manual/man1/fluidrep-$command.1" | tr -d '\\' | sort -u |
        diff options.txt -
    sed -n "/^    $command)/,/;;/s/^ *'\(--[a-z-]*\).*/\1/p" manual/completions/_fluidrep | sort -u >zsh.txt
    diff options.txt zsh.txt
    grep -q "^\.BR fluidrep..$command (1)" manual/man1/fluidrep.1
done <commands.txt
bash complete.bash fluidrep puzzles '' | grep -qx generate
bash complete.bash fluidrep manual ver | grep -qx verify

# The pages say what the program says, and troff has nothing against them.
if ! command -v man >/dev/null || ! command -v groff >/dev/null; then
    echo "man-db is not installed (scripts/setup --test)"
    exit 77
fi
for page in manual/man1/*.1 manual/man3/libfluidrep.3; do
    groff -man -ww -Tutf8 -z "$page" 2>>warnings.txt
done
man --warnings -l manual/man1/fluidrep-verify.1 >verify.txt 2>>warnings.txt
man --warnings -l manual/man3/libfluidrep.3 >library.txt 2>>warnings.txt
[ ! -s warnings.txt ] || { cat warnings.txt; exit 1; }
tr -s ' \n' ' ' <verify.txt | grep -q 'DESCRIPTION Judges plans or answers by simulation'
sed -n 's/.*\(fluidrep_[a-z_]*\)(.*/\1/p' "$FR_SOURCE_DIR/tests/golden/library/abi.txt" | while read -r function; do
    grep -q "$function(" library.txt
    grep -qx '.so man3/libfluidrep.3' "manual/man3/$function.3"
done

# Completion typed at the shells themselves, with the key.
mkdir studies
cat >typed.txt <<'TYPED'
fluidrep veri<Tab>
fluidrep verify --resp<Tab>answer.txt
fluidrep puzzles gen<Tab>
fluidrep manual ver<Tab>
fluidrep view stu<Tab>
TYPED
for shell in bash zsh; do
    command -v $shell >/dev/null || { echo "$shell is not installed (scripts/setup --test)"; exit 77; }
    /usr/bin/python3 "$FR_SOURCE_DIR/tests/support/complete.py" $shell manual/completions <typed.txt | tr -d / >ran.txt
    diff - ran.txt <<'RAN'
<verify>
<verify><--response=answer.txt>
<puzzles><generate>
<manual><verify>
<view><studies>
RAN
done
