# organism/curves on a run of two steps and its snapshots: the table holds the log and the studies, the
# figure is well-formed and draws them; run again, nothing is studied twice.
set -eu
build=$(dirname "$FLUIDREP")
[ -x "$build/organism/organism-train" ] && [ -x "$build/organism/organism-export" ] ||
    { echo "skipped: the organism's programs are not built"; exit 77; }
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }

train() { # train OUT TOKENS
    "$build/organism/organism-train" --out "$1" --seed 1 --width 64 --heads 2 --kv-heads 1 --ff 64 --layers 2 \
        --tokens "$2" --tokens-per-step 2048 --micro 1 --report-seconds 0 --eval-every 0 --eval-sequences 2 \
        --threads 1 2>/dev/null
}
train first 2048
train run 4000
mkdir snapshots
cp first/checkpoint.bin snapshots/1.bin
curves() {
    python3 "$FR_SOURCE_DIR/organism/curves" run snapshots --build "$build" --work work --puzzles 20 \
        --namings 1,2,5 --threads 1 --csv curves.csv --svg curves.svg 2>err.txt || { cat err.txt; exit 1; }
}
curves
cat >check.py <<'PY'
import csv, json, sys, xml.etree.ElementTree as tree
rows = list(csv.DictReader(open("curves.csv")))
log = [json.loads(line) for line in open("run/log.jsonl")]
final = [line for line in log if "eval" not in line][-1]
loss = [row for row in rows if row["measure"] == "loss"]
assert float(loss[-1]["value"]) == final["loss"] and int(loss[-1]["tokens"]) == final["tokens"], loss[-1]
for line in log:
    if line.get("eval") == "weights":
        of = {row["kind"]: row for row in rows if row["family"] == line["family"] and row["measure"] in ("accuracy", "exact")}
        assert float(of[""]["value"]) == line["exact"] and float(of["state"]["value"]) == line["state"]["accuracy"]
at = {}
for row in rows:
    if row["measure"].startswith("similarity"):
        at[row["measure"], row["family"], row["kind"], row["layer"], row["timestamp"], row["tokens"]] = float(row["value"])
for family, timestamps in (("described", (240, 480)), ("inferred", (360, 600))):
    for kind in ("action", "predicate"):
        n = len([key for key in at if key[1] == family and key[2] == kind])
        assert n == 2 * 2 * 2 * 2, (family, kind, n)  # relation, layer, timestamp, snapshot
        assert {int(key[4]) for key in at if key[1] == family} == set(timestamps)
assert len({key[5] for key in at}) == 2
# The row of the table is the study's.
key = next(k for k in at if k[0] == "similarity same" and k[1] == "described")
study = csv.DictReader(open("work/%09d/described/tables/similarity.csv" % int(key[5])))
row = next(r for r in study if r["variant"] == "loo" and r["relation"] == "same" and (r["kind"], r["layer"], r["timestamp"]) == key[2:5])
assert abs(float(row["mean"]) - at[key]) < 1e-4
svg = tree.parse("curves.svg").getroot()
tags = [e.tag.split("}")[1] for e in svg.iter()]
assert tags.count("polyline") >= 4 + 4 * 4, tags.count("polyline")
first = next(e for e in svg if e.tag.endswith("rect"))
assert first.get("fill") == "#ffffff" and first.get("width") == svg.get("width")
PY
python3 check.py

cp curves.csv before.csv
cp curves.svg before.svg
touch stamp
curves
cmp curves.csv before.csv
cmp curves.svg before.svg
[ -n "$(find work -path '*/reps/*')" ]
[ -z "$(find work -path '*/reps/*' -newer stamp)" ] || { echo "studied again"; exit 1; }
