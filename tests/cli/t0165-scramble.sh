# fluidrep scramble: a model of the same shape that has learnt nothing, made from the organism.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
model=$FR_SOURCE_DIR/models/organism-early.gguf
[ -f "$model" ] || { echo "skipped: $model is missing"; exit 77; }

"$FLUIDREP" scramble "$model" out.gguf
[ "$(wc -c <out.gguf)" -ge "$(wc -c <"$model")" ]
"$FLUIDREP" scramble --seed 1 "$model" again.gguf
cmp out.gguf again.gguf
"$FLUIDREP" scramble --seed 2 "$model" other.gguf
! cmp -s out.gguf other.gguf

# It reads the same tokens, and its name says what it is.
echo 'stack A on B' >text.txt
"$FLUIDREP" tokens --model "$model" text.txt >before.txt
"$FLUIDREP" tokens --model out.gguf text.txt >after.txt
cmp before.txt after.txt
grep -qa 'scrambled (seed 1)' out.gguf

refused 2 'out.gguf: is there already; --force writes over it' scramble "$model" out.gguf
"$FLUIDREP" scramble --force --seed 2 "$model" out.gguf
cmp out.gguf other.gguf
cp other.gguf self.gguf
refused 2 'self.gguf: is what the command reads' scramble self.gguf ./self.gguf
cmp self.gguf other.gguf
echo text >none.gguf
refused 2 'none.gguf: not a GGUF file' scramble none.gguf none.out
[ ! -e none.out ]
refused 2 'which model' scramble "$model"
refused 2 'seed' scramble --seed x "$model" x.gguf
