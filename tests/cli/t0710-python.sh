#!/bin/sh
# The Python package: its wheel, the C library's rows, the program's sums, vectors and tests, errors in the library's words,
# Ctrl-C, the GIL; and the notebook, run.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
build=$(dirname "$FLUIDREP")
if [ -z "${FR_PYTHON-}" ]; then
    echo "Python's packages are not in the cache (scripts/setup --test)"
    exit 77
fi
if nm -D "$build/libfluidrep.so" | grep -q __asan; then
    echo "Python does not load a library with sanitizers"
    exit 77
fi
export FLUIDREP_LIBRARY="$build/libfluidrep.so" PYTHONDONTWRITEBYTECODE=1 OMP_WAIT_POLICY=passive
organism=$FR_SOURCE_DIR/models/organism.gguf

# The wheel, unpacked as pip would, without the checkout.
"$FR_SOURCE_DIR/scripts/wheel" wheel >wheel.txt
"$FR_PYTHON" -m zipfile -e wheel/fluidrep-*-py3-none-any.whl installed
export PYTHONPATH="$PWD/installed"
if FLUIDREP_LIBRARY=/nowhere/libfluidrep.so "$FR_PYTHON" -c 'import fluidrep' 2>err.txt; then exit 1; fi
grep -q '^ImportError: .*/nowhere/libfluidrep.so: cannot open shared object file.*make install.*ldconfig' err.txt

awk '/^```c / { name = $2 ".c"; next } /^```/ { name = "" } name { print > name }' "$FR_SOURCE_DIR/docs/library.md"
for recipe in capture write; do
    cc -std=c17 $recipe.c -o $recipe -I"$FR_SOURCE_DIR/include" "$build/libfluidrep.so" -Wl,-rpath,"$build"
    ./$recipe "$organism" >$recipe.txt
done
# Recorded traces replayed and steered: a study with sums and effects in seconds.
sed -e "s|\.\./|$FR_SOURCE_DIR/|" -e 's/collect: 20.*/collect: 6/' -e 's/evaluate: 0/evaluate: 1/' \
    -e 's/use: \[.*/use: ["1", "2", "4"]/' -e 's/min_mentions: 3/min_mentions: 2/' \
    -e 's/resamples: 2000/resamples: 50/' -e 's/slots: 1/slots: 4\n  threads: 1/' \
    "$FR_SOURCE_DIR/configs/organism-replay.yaml" >replay.yaml
cat >>replay.yaml <<'YAML'
statistics: {permutations: 50}
experiments:
  - {name: added, vectors: [in_naming], controls: [shuffled], at: 240, traces: all, operation: add, strength: 10,
     layers: [1-5], window: [150, 260]}
YAML
"$FLUIDREP" stats replay.yaml --out study >run.txt 2>&1 || { cat run.txt; exit 1; }

"$FR_PYTHON" "$FR_SOURCE_DIR/tests/support/python_test.py" "$organism" study "$FR_SOURCE_DIR"

FLUIDREP_STUDY=$PWD/study FLUIDREP_MODEL=$organism "$FR_PYTHON" - "$FR_SOURCE_DIR/docs/notebook.ipynb" 2>err.txt <<'PYTHON' ||
import sys
import nbclient
import nbformat

notebook = nbformat.read(sys.argv[1], 4)
assert not any(cell.get("outputs") for cell in notebook.cells), "the notebook is kept without outputs"
nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
assert sum("image/png" in output.get("data", {}) for output in outputs) == 2
numbers = [float(output["data"]["text/plain"]) for output in outputs
           if output.get("data", {}).get("text/plain", "").replace(".", "").replace("e-", "").isdigit()]
assert len(numbers) == 1 and numbers[0] < 1e-6, numbers  # the table's curve again
PYTHON
    { cat err.txt; exit 1; }
