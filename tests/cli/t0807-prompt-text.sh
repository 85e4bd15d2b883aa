# prompt.chat_template, system, instruction, preset and reasoning: what a model is given is what its template says, the
# default parts that libllama's own formats drop among it; another template is another study.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
. "$FR_SOURCE_DIR/tests/support/small-study.sh"
# study NAME LINE...: a small study without steering, with these lines of the section prompt.
study() {
    name=$1
    shift
    write_small_study
    [ -z "${LONG-}" ] || sed -i 's/context_tokens: .*/context_tokens: 1536/; s/max_tokens: .*/max_tokens: 1400}/' small.yaml
    {
        sed '/^experiments/,$d' small.yaml | sed 's/use: .*/use: ["1"]/; s/collect: .*/collect: 2/; s/evaluate: .*/evaluate: 0/'
        echo 'prompt:'
        printf '  %s\n' "$@"
    } >"$name.yaml"
}
rolls() {
    study "$@"
    "$FLUIDREP" run "$1.yaml" --out "$1" --until rollouts >log 2>&1 || { cat log; exit 1; }
    tr '\n' '~' <"$1/study.db" >"$1.text"
}
holds() { grep -aqF -e "$2" "$1.text" || { echo "$1: no prompt with: $2"; exit 1; }; }

# A default system message, and a system message in its place.
cp "$FR_SOURCE_DIR/tests/golden/model/templates/default-system.jinja" t.jinja
rolls default 'chat_template: t.jinja'
holds default '<|im_start|>system~Solve what you are asked, step after step.<|im_end|>~<|im_start|>user~'
rolls told 'chat_template: t.jinja' 'system: detailed thinking on' 'preset: cot' 'instruction_first: true'
holds told '<|im_start|>system~detailed thinking on<|im_end|>~'
holds told '<|im_start|>user~Think step by step before you answer'

# A model that does not think: its whole text is judged, and is what timestamps run over.
rolls quiet 'chat_template: chatml' 'reasoning: none' 'instruction: Go.'
holds quiet '~~Go.<|im_end|>~<|im_start|>assistant~'
if grep -aqF 'the reasoning never ends' quiet.text; then echo 'a model that does not think was asked for an end tag'; exit 1; fi

"$FLUIDREP" run quiet.yaml --out quiet >log 2>&1 || { cat log; exit 1; }
grep -q 'a model that does not reason before it answers' quiet/report.html
"$FLUIDREP" tables quiet models --csv | sed -n 2p | grep -q ',regular,no,'

# The style paper: one example before every puzzle, the same one under every naming.
LONG=1
rolls paper 'style: paper' "example: $FR_SOURCE_DIR/data/problems/paper-example.pddl" 'chat_template: chatml'
holds paper '~~Here is an example problem:~[STATEMENT]~As initial conditions I have that, province Block B, province Block C, harmony, Block C craves Block A, planet Block A, planet Block B.~My goal is to have that Block A craves Block C, Block B craves Block A.~My plan is as follows:~[PLAN]~feast Block C from Block A~succumb Block C~attack Block A~overcome Block A from Block C~attack Block B~overcome Block B from Block A~[PLAN END]~[STATEMENT]~'
LONG=
study wrong 'style: paper'
refused 2 'paper shows one example before every puzzle' run wrong.yaml --out wrong4
study wrong 'fact_order: clean'
refused 2 'prompt.fact_order is of the styles' run wrong.yaml --out wrong4

# The template's content binds the rollouts, its path does not.
cp t.jinja u.jinja
study default 'chat_template: u.jinja'
"$FLUIDREP" run default.yaml --out default --until rollouts >log 2>&1 || { cat log; exit 1; }
sed 's/step after step/at once/' t.jinja >u.jinja
refused 2 'prompt.chat_template' run default.yaml --out default --until rollouts

# What cannot be, told once the model is open.
fails() { # fails PATTERN LINE...
    pattern=$1
    shift
    study wrong "$@"
    if "$FLUIDREP" run wrong.yaml --out wrong --until rollouts >log 2>&1; then cat log; exit 1; fi
    grep -q "$pattern" log || { echo "no match for: $pattern"; cat log; exit 1; }
}
fails '"chatmll" is no file.*the nearest is chatml;' 'chat_template: chatmll'
echo "{{ 'hello' }}" >u.jinja
fails '[^ ]*u.jinja: the chat template cannot be rendered: it leaves out the message' 'chat_template: u.jinja'
status=0
"$FLUIDREP" run wrong.yaml --out wrong --until rollouts >log 2>&1 || status=$?
[ "$status" = 2 ] || { echo "a template of one's own that cannot be rendered: exit $status"; exit 1; }
ln -s loop.gguf loop.gguf
refused 2 'loop.gguf: cannot open the model: Too many levels of symbolic links' init loop.gguf
echo "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}" >u.jinja
fails 'cannot be rendered: it is nested too deep, or calls itself; give another chat_template' 'chat_template: u.jinja'
fails 'no place for a system message (prompt.system)' 'chat_template: none' 'system: Go.'

# And told at once.
study wrong 'preset: cot' 'instruction: Go.'
refused 2 'prompt.instruction and prompt.preset cot both' run wrong.yaml --out wrong3
study wrong 'system: "two\nlines"'
refused 2 'prompt.system: more than one line' run wrong.yaml --out wrong3
