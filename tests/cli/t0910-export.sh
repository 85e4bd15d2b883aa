# fluidrep export: arrays against NumPy, traces that come back as they were. On a study of recorded
# traces, which costs seconds.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
organism=$FR_SOURCE_DIR/models/organism.gguf
[ -f "$organism" ] || { echo "skipped: models/organism.gguf is missing"; exit 77; }
[ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import numpy' 2>/dev/null || { echo "skipped: no NumPy"; exit 77; }
mkdir configs # what a configuration names counts from its own directory
cp "$organism" organism.gguf
cat >configs/replay.yaml <<YAML
study: replay
model: {path: ../organism.gguf, slots: 1, threads: 1, kv_type: f32, flash_attention: false, context_tokens: 1280}
puzzles: {domain: $FR_SOURCE_DIR/data/domains/blocksworld.pddl, collect: 2, evaluate: 0}
traces: {import: $FR_SOURCE_DIR/data/traces/organism.jsonl, match: true}
namings: {table: $FR_SOURCE_DIR/data/namings.tsv, use: ["1", "2", "5"], exclude: ["5"]}
prompt: {style: terse}
generation: {max_tokens: 1150}
representations: {origin: prompt, window_tokens: 200, grid_step: 60, grid_end: 240, min_mentions: 2, previous_token: false,
  sets: [matched, halves, panel, other_span, phases], matched_mentions: 1}
analyses: {reference_timestamp: 240, pca_timestamp: 240, resamples: 50}
YAML
"$FLUIDREP" collect configs/replay.yaml --out replay >out.txt 2>&1

# Every kind of array in both formats: the same numbers as NumPy's, and the same bytes twice.
for kind in sums means centred cross; do
    for format in npz safetensors; do
        "$FLUIDREP" export replay $kind --format $format --out $kind.$format 2>err.txt
        "$FLUIDREP" export replay $kind --format $format --out again 2>err.txt
        cmp $kind.$format again
    done
done
# Every other set of sums, with the fewest mentions that its cells may have.
for set in matched half_a half_b panel other_span; do
    "$FLUIDREP" export replay means --traces $set --format npz --out means-$set.npz 2>err.txt
done
/usr/bin/python3 "$FR_SOURCE_DIR/tests/support/check_arrays.py" replay . 2 matched=1 half_a=1 half_b=1 panel=2 other_span=2
"$FLUIDREP" export replay means --layers 2,4-5 --timestamps 120,240 --out part.safetensors 2>err.txt
"$FLUIDREP" export replay means --layers 2,4-5 --timestamps 120,240 --format npz --out part.npz 2>err.txt
/usr/bin/python3 - <<'PY'
import numpy as np
part, whole = np.load("part.npz"), np.load("means.npz")
assert part["layers"].tolist() == [2, 4, 5] and part["timestamps"].tolist() == [120, 240]
np.testing.assert_array_equal(part["means"], whole["means"][[1, 3, 4]][:, [1, 3]])
PY

# By phase: either set of rules puts every mention of the reasoning into one phase.
for rules in cues mentions; do
    "$FLUIDREP" export replay sums --traces phases_$rules --format npz --out phases-$rules.npz 2>err.txt
done
/usr/bin/python3 - <<'PY'
import numpy as np
cues, mentions = np.load("phases-cues.npz"), np.load("phases-mentions.npz")
assert cues["timestamps"].tolist() == list(range(6))
assert cues["counts"].sum() > 100 and not np.array_equal(cues["counts"], mentions["counts"])
np.testing.assert_array_equal(cues["counts"].sum(0), mentions["counts"].sum(0))
np.testing.assert_allclose(cues["sums"].sum(1), mentions["sums"].sum(1), rtol=1e-9, atol=1e-9)
PY

# A control vector holds the rows of its concept, for layers from 2 on, where llama.cpp's own loader
# finds them (model/control_vector has what is done with them).
"$FLUIDREP" export replay control-vector --concept stack --out stack.gguf 2>err.txt
"$FLUIDREP" export replay control-vector --concept on --vectors in_naming --naming 2 --timestamps 180 \
    --layers 3 --strength -2 --out on.gguf 2>err.txt
if [ -x "${FR_LLAMA_LOADER:-}" ]; then
    "$FR_LLAMA_LOADER" stack.gguf >stack.f32 2>err.txt
    "$FR_LLAMA_LOADER" on.gguf >on.f32 2>err.txt
    /usr/bin/python3 - <<'PY'
import numpy as np
cross, centred = np.load("cross.npz"), np.load("centred.npz")
concepts, namings = centred["concepts"].tolist(), centred["namings"].tolist()
stack = np.fromfile("stack.f32", "<f4").reshape(-1, cross["cross_all"].shape[-1])
np.testing.assert_array_equal(stack, cross["cross_all"][1:, -1, concepts.index("stack")])
on = np.fromfile("on.f32", "<f4").reshape(2, -1)
np.testing.assert_array_equal(on[0], 0 * on[0])
np.testing.assert_array_equal(on[1], -2 * centred["centred"][2, 2, namings.index("2"), concepts.index("on")])
PY
fi

# Traces come back: the same verdicts and mentions as the file they were made from, in every naming.
"$FLUIDREP" import "$FR_SOURCE_DIR/data/traces/organism.jsonl" --style terse --model "$organism" --json 2>err.txt |
    sed -n 1,2p >original.json
for format in jsonl messages; do
    "$FLUIDREP" export replay traces --format $format --out traces.$format 2>err.txt
    grep -q "traces.$format: 6 traces" err.txt
    "$FLUIDREP" import traces.$format --style terse --model "$organism" --json >back.json 2>err.txt
    grep -q '6 solved (6 of 6 as the file says); 0 lines left out' err.txt
    node - original.json back.json <<'JS'
const [original, back] = process.argv.slice(2).map((f) =>
    require("fs").readFileSync(f, "utf8").trim().split("\n").map(JSON.parse));
const key = (t) => JSON.stringify([t.instance, t.verdict, t.mentions]);
const wanted = [...original, ...original, ...original].map(key);
if (JSON.stringify(wanted) !== JSON.stringify(back.map(key))) { console.error(wanted, back.map(key)); process.exit(1); }
if (back.map((t) => t.naming).join() !== "1,1,2,2,5,5") process.exit(1);
JS
done

# Tables with the types of their columns, and the figures of a made-up study.
maker=$(dirname "$FLUIDREP")/tests/test_unit_report_report
"$maker" --study full 0
"$FLUIDREP" export full tables --out tables 2>err.txt
/usr/bin/python3 - <<'PY'
import csv, json
kinds = {"integer": int, "number": float, "string": str}
resources = json.load(open("tables/datapackage.json"))["resources"]
assert {t["name"] for t in resources} >= {"accuracy", "similarity", "effect"}
n = 0
for t in resources:
    rows = list(csv.DictReader(open("tables/" + t["path"], newline="")))
    fields = t["schema"]["fields"]
    if rows:
        assert list(rows[0]) == [f["name"] for f in fields], t["name"]
    for row in rows:
        for f in fields:
            if row[f["name"]] != "":
                kinds[f["type"]](row[f["name"]])
                n += 1
    assert set(t["schema"]["primaryKey"]) <= {f["name"] for f in fields}
assert n > 50, n
PY
# They come from the database, whatever became of the report's own files.
rm -r full/figures full/report.html
"$FLUIDREP" export full figures --out figures 2>err.txt
n=$(ls full/figures/*.vl.json | wc -l)
[ "$n" -gt 8 ] && grep -q "figures: $n figures" err.txt
for figure in full/figures/*.vl.json; do
    svg=figures/$(basename "$figure" .vl.json).svg
    head -c 4 "$svg" | grep -q '<svg' && grep -q 'aria-roledescription' "$svg"
done
# What the selectors are at stands above.
for figure in controls pairs layers; do
    grep -q '>\(Layer 3 · \)\{0,1\}Concepts actions\( · Centred .*\)\{0,1\}<' figures/$figure.svg
done
# A picture that can stand alone: its title and whole caption as on the page, no legend cut short or over the edge, no
# label on another.
node - full/report.html figures/*.svg <<'JS'
const fs = require("fs"), [report, ...files] = process.argv.slice(2), page = fs.readFileSync(report, "utf8");
const fail = (file, what) => { console.error(`${file}: ${what}`); process.exit(1); };
for (const file of files) {
    const svg = fs.readFileSync(file, "utf8"), name = file.replace(/^.*\/|\.svg$/g, "");
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map((m) => m[1]);
    const whole = (html) => html.replace(/<[^>]*>/g, "").replace(/&[a-z]+;|&#[0-9]+;|[^A-Za-z0-9]/g, "");
    const figcaption = page.split(`data-name="${name}"`)[1].match(/<figcaption>(.*?)<\/figcaption>/s)[1];
    const [title, caption] = figcaption.split("</b>").map(whole);
    if (!whole(texts.join("")).includes(title)) fail(file, "no title");
    if (caption === "" || !whole(texts.join("")).endsWith(caption)) fail(file, "no caption");
    if (texts.some((text) => text.includes("\u2026"))) fail(file, "a text is cut short");
    if (/&amp;#?[a-z0-9]+;/.test(svg)) fail(file, "HTML in a text");
}
const labels = [...fs.readFileSync("figures/pca.svg", "utf8").matchAll(
    /naming: [^"]*"[^>]*translate\(([-0-9.]+),([-0-9.]+)\)[^>]*opacity="([0-9.]+)">(?=[^<])/g)]
    .filter((m) => m[3] > 0).map((m) => [Number(m[1]), Number(m[2])]);
if (labels.length < 20) fail("pca", `${labels.length} labels`);
labels.forEach((a, i) => labels.slice(0, i).forEach((b) => {
    if (Math.abs(a[0] - b[0]) < 4 && Math.abs(a[1] - b[1]) < 4) fail("pca", `labels at ${a} and ${b}`);
}));
JS
"$FLUIDREP" export full figures --format png --out pictures 2>err.txt
[ "$(ls pictures)" = "$(cd figures && ls | sed 's/svg$/png/')" ]
for picture in pictures/*.png; do
    /usr/bin/python3 -c 'import struct, sys; d = open(sys.argv[1], "rb").read(24)
assert d[:8] == b"\x89PNG\r\n\x1a\n" and struct.unpack(">II", d[16:])[0] > 1300' "$picture"
done
mkdir empty
status=0
PATH=$PWD/empty "$FLUIDREP" export full figures --out x 2>err.txt || status=$?
[ "$status" = 1 ] && grep -q 'node cannot be run.*install the package nodejs' err.txt
rmdir x

# What cannot be meant.
refused 2 'nothing is called "mean"; the nearest is means' export replay mean --out x
# --help names every set that --traces knows.
"$FLUIDREP" export --help >help.txt
for set in all solved failed matched half_a half_b panel other_span same_solved same_failed phases_cues phases_mentions \
    groups_solved groups_failed groups_same_solved groups_same_failed; do
    grep -qw "$set" help.txt || { echo "--help does not name $set"; exit 1; }
    status=0 # of another study: known, if not there
    "$FLUIDREP" export full means --traces $set --out x 2>err.txt || status=$?
    ! grep -q 'is not known' err.txt || { cat err.txt; exit 1; }
done
status=0
"$FLUIDREP" export replay means --traces none --out x 2>err.txt || status=$?
[ "$status" = 2 ] && [ "$(grep -o 'there is .*' err.txt | head -n 1 | tr ',' '\n' | wc -l)" = 16 ]
refused 2 'means: no format "csv"; there is safetensors, npz' export replay means -f csv --out x
refused 2 'layers means nothing for traces' export replay traces --layers 2 --out x
refused 2 '"4,2" is no ascending list' export replay means --layers 4,2 --out x
refused 2 'layer 6: the model has layers 1 to 5' export replay means --layers 6 --out x
refused 2 'timestamp 100: the study has 60, 120 ... 240' export replay means --timestamps 100 --out x
refused 2 'no sums of naming 1 at site mlp over traces all' export replay means --site mlp --out x
refused 2 'no concept "up" in the study; there is pick-up, ' export replay control-vector --concept up --out x
refused 2 'vectors cross_loo are of a naming: which. Give --naming ID' export replay control-vector --vectors cross_loo --concept on --out x
refused 2 'beyond the range of its numbers .float32.; give it less strength' export replay control-vector --concept on --strength 1e300 --out x
[ ! -e x ]
refused 2 'layer 1: llama.cpp.s control vectors have none' export replay control-vector --concept on --layers 1 --out x
refused 2 'no control vector of noise with control none' export replay control-vector --vectors noise --concept on --out x
refused 2 'where to' export replay means
refused 2 'nowhere/study.db: not found' export nowhere means --out x
refused 2 'was not written in this model.s chat template' export replay traces --out x \
    --model "$FR_VOCABULARY"
(mkdir elsewhere && cd elsewhere && refused 2 'organism.gguf, is not there from here; give --model' export ../replay traces --out x)
[ ! -e x ]

# A study's own files and its model are never written over, by whatever name; what else lies in its directory may be.
(cd replay && find . -type f ! -name '*-shm' ! -name '*-wal' -exec sha256sum {} +) | sort >before.txt
sha256sum organism.gguf >model.txt
ln replay/study.db hard
ln -s replay/study.db soft
for out in replay/study.db replay/../replay/study.db hard soft replay/study.db.sha256 replay/reps/1-all.safetensors \
    replay/lock organism.gguf; do
    refused 2 "$out: is what the command reads" export replay traces --out $out
    refused 2 "$out: is what the command reads" export replay means --out $out
    refused 2 "$out: is what the command reads" export replay control-vector --concept stack --out $out
    refused 2 "$out: is what the command reads" view replay --export=$out
done
cp organism.gguf copy.gguf
refused 2 'copy.gguf: is what the command reads' export replay traces --model copy.gguf --out copy.gguf
refused 2 'full/tables/.*csv: is what the command reads' export full tables --out full/tables
for i in 1 2; do "$FLUIDREP" export replay traces --out replay/traces.jsonl 2>err.txt; done
cmp replay/traces.jsonl traces.jsonl
rm replay/traces.jsonl
(cd replay && find . -type f ! -name '*-shm' ! -name '*-wal' -exec sha256sum {} +) | sort | cmp - before.txt
sha256sum -c --quiet model.txt

# What is there and no file is written into: a pipe, a device of the test's own; a link stays one.
mkfifo pipe
cat pipe >through &
"$FLUIDREP" export replay traces --out pipe 2>err.txt
wait $!
"$FLUIDREP" export replay traces --out traces.jsonl 2>err.txt
cmp through traces.jsonl
[ -p pipe ]
refused 1 'pipe: a pipe that nobody reads' export replay traces --out pipe
echo old >target
ln -s target link
"$FLUIDREP" export replay traces --out link 2>err.txt
[ -L link ] && cmp target traces.jsonl
if mknod -m 666 null c 1 3 2>/dev/null && : 2>/dev/null >null; then
    "$FLUIDREP" export replay traces --out null 2>err.txt
    "$FLUIDREP" view replay --export=null >out.txt 2>err.txt
    [ -c null ]
fi
mkdir directory
refused 1 'directory: a directory; give the name of a file' export replay traces --out directory
refused 2 'an empty file name' export replay traces --out ''
# Interrupted, before anything is in its place: nothing is left.
mkfifo text
"$FLUIDREP" rename --from 1 --to 2 --out interrupted <text &
client=$!
exec 9>text
echo attack >&9
while [ -z "$(find . -name 'interrupted.*')" ]; do sleep 0.05; done
kill -TERM $client
wait $client && exit 1
exec 9>&-
[ -z "$(find . -name 'interrupted*')" ]
# Two at once: one of the two, whole. A file that has a name like a prepared one's is nobody else's.
echo precious >same.tmp
for i in 1 2 3; do
    "$FLUIDREP" export replay traces --out same 2>err.txt &
    "$FLUIDREP" export replay sums --out same 2>err2.txt
    wait $!
    cmp -s same traces.jsonl || cmp same sums.safetensors
done
[ "$(cat same.tmp)" = precious ]
[ -z "$(find . -name '*.fluidrep-*')" ]

# A file that was changed behind the study's back is not exported as if it were the study's.
printf x | dd of=replay/reps/2-all.safetensors bs=1 seek=4000 conv=notrunc 2>/dev/null
refused 2 '2-all.safetensors: holds other bytes than were written' export replay sums --out x
