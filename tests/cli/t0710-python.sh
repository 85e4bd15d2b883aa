#!/bin/sh
# The Python package: the rows of the C library bit for bit, errors in its words, a study read.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
. "$FR_SOURCE_DIR/tests/support/small-study.sh"
build=$(dirname "$FLUIDREP")
if ! /usr/bin/python3 -c 'import numpy, cffi' 2>/dev/null; then
    echo "python3-numpy and python3-cffi are not installed (scripts/setup --test)"
    exit 77
fi
if nm -D "$build/libfluidrep.so" | grep -q __asan; then
    echo "Python does not load a library with sanitizers"
    exit 77
fi
export FLUIDREP_LIBRARY="$build/libfluidrep.so" FLUIDREP_INCLUDE="$FR_SOURCE_DIR/include/fluidrep"
export PYTHONPATH="$FR_SOURCE_DIR/python" PYTHONDONTWRITEBYTECODE=1
organism=$FR_SOURCE_DIR/models/organism.gguf

awk '/^```c / { name = $2 ".c"; next } /^```/ { name = "" } name { print > name }' "$FR_SOURCE_DIR/docs/library.md"
for recipe in capture write; do
    cc -std=c17 $recipe.c -o $recipe -I"$FR_SOURCE_DIR/include" "$build/libfluidrep.so" -Wl,-rpath,"$build"
    ./$recipe "$organism" >$recipe.txt
done
write_small_study
"$FLUIDREP" collect small.yaml >run.txt 2>&1 || { cat run.txt; exit 1; }
directory=$(dirname "$(find . -name study.db)")

/usr/bin/python3 - "$organism" "$directory" <<'PYTHON'
import sys
import threading
import numpy as np
import fluidrep

text, terms = "* attack x : province x planet x\n? craves B A\n", ["attack", "craves"]
options = dict(slots=1, context_tokens=512, threads=1)
m = fluidrep.Model(sys.argv[1], **options)

# the recipe "capture", digit for digit
t = m.tokenize(text)
found = fluidrep.mentions(t, terms)
rows = m.capture(t, layers=[1, 2], positions=found)
assert rows.shape == (2, len(found), m.width) and rows.dtype == np.float32
said = [f"{terms[f.concept]} at token {f.first}: {rows[1, i, 0]:.9g}" for i, f in enumerate(found)]
assert said == open("capture.txt").read().splitlines(), said

# the recipe "write"
chat = m.tokenize(m.chat(text))
plain = m.generate(chat, 20)
v = np.zeros(m.width, np.float32)
v[0] = 1
m.edit(layer=2, positions=range(4, 12), vector=v, scale=0.667, keep_norm=True)
written = m.generate(chat, 20)
assert m.text(written) + "\n" == open("write.txt").read()
m.clear_edits()
assert (m.generate(chat, 20) == plain).all()

# pieces of the prefill change no bit
small = fluidrep.Model(sys.argv[1], chunk_tokens=16, flash_attention=False, **options)
large = fluidrep.Model(sys.argv[1], chunk_tokens=512, flash_attention=False, **options)
ids = np.tile(t.ids, 3)
at = list(range(len(ids)))
assert (small.capture(ids, [2], at) == large.capture(ids, [2], at)).all()

# errors in the library's words
for wrong, words in ((lambda: fluidrep.Model("none.gguf"), "none.gguf"),
                     (lambda: m.capture(t, [99], [0]), "layer 99")):
    try:
        wrong()
        raise SystemExit("no error")
    except fluidrep.Error as error:
        assert words in str(error), error

# the rows of a trace that the program collected: its sums, bit for bit of a double
study = fluidrep.Study(sys.argv[2])
assert study.concepts()[0] == "pick-up" and len(study.concepts()) == 9
traces = list(study.traces(naming="1"))
assert traces and all(t["naming"] == "1" for t in traces)
assert m.text(traces[0]["ids"]) == traces[0]["text"]
reps = study.representations(naming="1")
assert reps["means"].shape[0] == 9 and reps["means"].shape[3] == m.width
assert np.isfinite(reps["means"][reps["counts"].nonzero()[0][0]]).any()
try:
    study.table("none")
    raise SystemExit("no error")
except KeyError:
    pass
print("ok")
PYTHON
