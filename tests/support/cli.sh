# Sourced by the tests of single commands.

# refused STATUS PATTERN ARGUMENTS...: this exit status, nothing on standard output, and one line on
# standard error that matches, but for argp's words that point to --help.
refused() {
    want=$1 pattern=$2
    shift 2
    status=0
    "$FLUIDREP" "$@" >out.txt 2>err.txt || status=$?
    sed '/^Try .*--help/,$d' err.txt >message.txt
    [ "$status" = "$want" ] || { echo "exit $status instead of $want: fluidrep $*"; cat err.txt; exit 1; }
    [ "$(wc -l <message.txt)" = 1 ] || { echo "not one line: fluidrep $*"; cat err.txt; exit 1; }
    grep -Eq "$pattern" message.txt || { echo "no match for: $pattern"; cat message.txt; exit 1; }
    [ ! -s out.txt ] || { echo "standard output is not empty: fluidrep $*"; cat out.txt; exit 1; }
}

# gives STATUS ARGUMENTS... <EXPECT: this exit status, and standard output byte for byte as on standard
# input; what it said on standard error is left in err.txt.
gives() {
    cat >expect.txt
    want=$1
    shift
    status=0
    "$FLUIDREP" "$@" >actual.txt 2>err.txt || status=$?
    [ "$status" = "$want" ] || { echo "exit $status instead of $want: fluidrep $*"; cat err.txt; exit 1; }
    cmp expect.txt actual.txt || { echo "fluidrep $*"; diff expect.txt actual.txt; exit 1; }
}

# A puzzle of three blocks, a on b, b and c on the table; the goal is c on b on a.
write_puzzle() {
    cat >puzzle.pddl <<'PDDL'
(define (problem small) (:domain blocksworld-4ops) (:objects a b c)
(:init (handempty) (clear a) (on a b) (ontable b) (ontable c) (clear c))
(:goal (and (on c b) (on b a))))
PDDL
}

json() { # json EXPRESSION <FILE: asserts that it is true of the parsed file d
    node -e 'const d = JSON.parse(require("fs").readFileSync(0)); if (!eval(process.argv[1])) {
        console.error("false: " + process.argv[1] + " of " + JSON.stringify(d)); process.exit(1) }' "$1"
}
