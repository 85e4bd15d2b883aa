# Sites added to a study that is collected: what is missing is read in another prefill, sums after the block stay as they are, and
# what attention and the MLP add is in tables and figures. Before a layer is after the one below, which the analysis never reads.
# Heads add up to attention; where they look is shares of one; what needs other sites or settings is refused.
set -eu
. "$FR_SOURCE_DIR/tests/support/small-study.sh"
write_quick_study
refused() { # sites, words of the message, flash attention
    sed "s/^representations: {/&sites: [$1], /; s/^  slots: 4/&\n  flash_attention: ${3-false}/" small.yaml >refused.yaml
    if "$FLUIDREP" analyze refused.yaml --out refused >out.txt 2>&1; then exit 1; fi
    grep -q "$2" out.txt || { cat out.txt; exit 1; }
}
refused 'block, attention, mlp, heads, sources' 'set model.flash_attention to false' true
refused 'block, mlp, heads' 'heads without attention'
refused 'block, attention, mlp, sources' 'sources without heads'
"$FLUIDREP" collect small.yaml --out study >out.txt 2>&1 || { cat out.txt; exit 1; }
sums=$(cd study/reps && sha256sum *-all.safetensors)
[ ! -e study/tables/mechanism.csv ] || [ "$(wc -l <study/tables/mechanism.csv)" = 1 ]
sed -i 's/^representations: {/&sites: [block, attention, mlp, heads, sources], /' small.yaml
"$FLUIDREP" analyze small.yaml --out study >out.txt 2>&1 || { cat out.txt; exit 1; }
[ "$sums" = "$(cd study/reps && sha256sum *-all.safetensors)" ]
[ -s study/reps/1-all-attention.safetensors ] && [ -s study/reps/1-all-mlp.safetensors ]
[ -s study/reps/1-all-heads.safetensors ] && [ ! -e study/reps/1-solved-heads.safetensors ]
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
# Enough shuffles that Holm's correction over all layers and both parts leaves a p below 0.05 possible.
(shuffles,) = db.execute("SELECT min(n_shuffles) FROM mechanism_rise").fetchone()
assert 2 * layers / (1 + shuffles) < 0.05, shuffles
heads = db.execute("SELECT layer, kind, count(*), sum(rise), max(misfit) FROM mechanism_heads GROUP BY layer, kind").fetchall()
assert len(heads) == layers, heads
for layer, kind, n, rise, misfit in heads:
    (whole,) = db.execute("SELECT rise FROM mechanism_rise WHERE layer = ? AND kind = ? AND part = 'attention'", (layer, kind)).fetchone()
    assert n == 4 and abs(rise - whole) < 0.01 and misfit < 0.01, (layer, kind, n, rise, whole, misfit)
shares = db.execute("SELECT count(*), sum(share), sum(alike) FROM mechanism_sources GROUP BY layer, kind, head, timestamp").fetchall()
assert len(shares) == layers * 4 * 2, len(shares)
assert all(n == 6 and abs(share - 1) < 1e-4 and abs(alike - 1) < 1e-4 for n, share, alike in shares), shares
PY
python3 check.py
