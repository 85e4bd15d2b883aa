# fluidrep compare: studies in one report, as text and JSON; misuse. Two made-up studies of
# tests/support/synthetic_study.c, of which the second rises half as much.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
maker=$(dirname "$FLUIDREP")/tests/test_unit_report_report
"$maker" --study full 0
"$maker" --study bare 2

gives 0 compare full half=bare --out out <<'EXPECT'
half, actions: rises by 0.32 where the first rises by 0.63: 50% of it (95% 50 to 50%)
half, predicates: rises by 0.32 where the first rises by 0.63: 50% of it (95% 50 to 50%)
report: out/report.html
EXPECT
"$FLUIDREP" compare full half=bare --out out --json >out.json
json 'd.studies.map((s) => s.label).join() === "synthetic,half" && d.warnings.length === 0' <out.json
json 'd.rises.every((r) => Math.abs(r.explained - 0.5) < 1e-9 && r.n_namings === 2)' <out.json
"$FLUIDREP" tables out compared-models | grep -q '^| QwQ-32B (paper) |'

# Windows of another length: the curves lie over each other, no rise is held against the first's, and that is said.
cp -r bare wide && rm wide/study.db.sha256
/usr/bin/python3 - <<'PY'
import re, sqlite3
with sqlite3.connect("wide/study.db") as db:
    value, = db.execute("SELECT value FROM meta WHERE key = 'configuration'").fetchone()
    value, n = re.subn(r"(representations.window_tokens|analyses.reference_timestamp): (\d+)", r"\1: \g<2>0", value)
    assert n == 2, n
    db.execute("UPDATE meta SET value = ? WHERE key = 'configuration'", (value,))
    for table in ("similarity", "similarity_naming", "similarity_without"):
        for factor in -10, -1: # in two steps: no row takes another's place on the way
            db.execute(f"UPDATE {table} SET timestamp = {factor} * timestamp")
    db.execute("UPDATE similarity SET reference_timestamp = 10 * reference_timestamp")
    db.execute("INSERT INTO meta VALUES ('verdicts_by', 'an older version')")
PY
"$FLUIDREP" compare full half=bare wide --out apart >out.txt 2>err.txt
[ "$(grep -c 'rises by' out.txt)" = 2 ]
grep -q 'warning: verdicts_by differs: synthetic has unknown rules, half has unknown rules, wide has an older ver' err.txt
grep -qx "wide: no rise is held against the first's, for other analyses.reference_timestamp, representations.window_tokens" out.txt
grep -q 'No rise of wide is held against it' apart/report.html
grep -q "timestamp T, as a share of the study's reference timestamp" apart/report.html
! grep -q "as a share of the study's reference" out/report.html

rm out/report.html
gives 0 report out <<'EXPECT'
report: out/report.html
EXPECT
"$FLUIDREP" report out --json | json 'd.report === "out/report.html" && d.headline.length === 0'

refused 2 'At least two' compare full --out out
refused 2 'where to\? --out DIR' compare full bare
refused 2 'no study' compare full nowhere --out other
refused 2 'is a study; give another --out' compare full half=bare --out bare
refused 2 'is a comparison, not a study' compare full out --out other
[ ! -e other ]

# one that fails leaves the comparison that stood as it was, and nothing of a new one
"$FLUIDREP" tables out compared-rises >before
refused 2 'a study before it is called "bare" too' compare bare=full bare=bare --out out
"$FLUIDREP" tables out compared-rises | cmp before -
refused 2 'a study before it is called "bare" too' compare bare=full bare=bare --out other
[ ! -e other ]
