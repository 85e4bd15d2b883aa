# Sites added to a study that is collected: what is missing is read in another prefill, sums after the block stay as they are, and
# what attention and the MLP add is in tables and figures. Before a layer is after the one below, which the analysis never reads.
set -eu
. "$FR_SOURCE_DIR/tests/support/small-study.sh"
write_quick_study
"$FLUIDREP" collect small.yaml --out study >out.txt 2>&1 || { cat out.txt; exit 1; }
sums=$(cd study/reps && sha256sum *-all.safetensors)
[ ! -e study/tables/mechanism.csv ] || [ "$(wc -l <study/tables/mechanism.csv)" = 1 ]
sed -i 's/^representations: {/&sites: [block, attention, mlp], /' small.yaml
"$FLUIDREP" analyze small.yaml --out study >out.txt 2>&1 || { cat out.txt; exit 1; }
[ "$sums" = "$(cd study/reps && sha256sum *-all.safetensors)" ]
[ -s study/reps/1-all-attention.safetensors ] && [ -s study/reps/1-all-mlp.safetensors ]
cat >check.py <<'PY'
import sqlite3
db = sqlite3.connect("study/study.db")
(layers,) = db.execute("SELECT max(layer) FROM similarity").fetchone()
rows = db.execute("SELECT layer, part, timestamp, mean FROM mechanism WHERE mean IS NOT NULL").fetchall()
at = {(layer, part, time): mean for layer, part, time, mean in rows}
assert {(layer, part) for layer, part, _ in at} == {(l + 1, p) for l in range(layers) for p in ("before", "attention", "mlp", "after")}
for layer, part, time in at:
    whole = sum(at[layer, p, time] for p in ("before", "attention", "mlp"))
    assert abs(whole - at[layer, "after", time]) < 1e-5, (layer, time, whole)
# Before the first layer is the embedding of a word, which no context moves.
rises = dict(db.execute("SELECT part, rise FROM mechanism_rise WHERE layer = 1"))
assert rises["after"] > 0.5 and abs(rises["before"]) < 1e-5, rises
PY
python3 check.py
