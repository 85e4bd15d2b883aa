# fluidrep tables and scripts/results: a study's tables as text, and the documents that they stand in.
# A made-up study of tests/support/synthetic_study.c.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
maker=$(dirname "$FLUIDREP")/tests/test_unit_report_report
"$maker" --study full 0

gives 0 tables full experiment:symbolic <<'EXPECT'
Experiment symbolic. What is done, to what, and what it is held against.

| Field | Value |
| --- | --- |
| Edit | h′ = v |
| Vectors v | symbolic_loo |
| Timestamp of v | 200 |
| Strength of v | 10 |
| Layers | 1-2; 1-4 |
| Window | [220, 260) tokens |
| Controls | symbolic_loo, shuffled |
| Measured against | symbolic_loo, shuffled |
| Family of Holm's correction | symbolic |
| Namings left out | 3 |
EXPECT
gives 0 tables full stages --latex <<'EXPECT'
\begin{table}
\caption{Stages, as they were when they ran.}
\label{tab:stages}
\begin{tabular}{llrllll}
\toprule
Stage & State & Seconds & Finished & Program & Engine & Machine \\
\midrule
puzzles & done & 1.50 & 2026-01-02 03:04:05 & 0.0.0 (0123456789ab) & none & no machine, 2 cores \\
rollouts & done & 21.75 & 2026-01-02 03:04:05 & 0.0.0 (0123456789ab) & none & no machine, 2 cores \\
representations & done & 42.00 & 2026-01-02 03:04:05 & 0.0.0 (0123456789ab) & none & no machine, 2 cores \\
analyses & done & 62.25 & 2026-01-02 03:04:05 & 0.0.0 (0123456789ab) & none & no machine, 2 cores \\
steering & done & 82.50 & 2026-01-02 03:04:05 & 0.0.0 (0123456789ab) & none & no machine, 2 cores \\
statistics & done & 102.75 & 2026-01-02 03:04:05 & 0.0.0 (0123456789ab) & none & no machine, 2 cores \\
\bottomrule
\end{tabular}
\end{table}
EXPECT
"$FLUIDREP" tables --csv full counters | tr -d '\r' >out.txt
grep -qx 'what,count' out.txt
grep -qx 'edited runs,4' out.txt

# Everything, and the list of what there is: the same names.
"$FLUIDREP" tables full >all.txt
[ "$(grep -c '^| --- ' all.txt)" -gt 12 ]
"$FLUIDREP" tables --list >list.txt
grep -q '^  effects .*(of each experiment)$' list.txt
grep -q '^  compared-models .*(of a comparison)$' list.txt
awk '!/[(]of a comparison[)]$/ { print $1 }' list.txt | while read -r name; do
    "$FLUIDREP" tables full "$name" >one.txt
    [ -s one.txt ] || { echo "nothing is said of $name"; exit 1; }
done

refused 2 'no table "effect"; the nearest is effects' tables full effect
refused 2 'no experiment "positiv"; the nearest is positive' tables full effects:positiv
refused 2 'nowhere/study.db: not found' tables nowhere
refused 2 'of which study' tables

# A document's tables are made anew, those of studies that are not here stay, the rest is as it was.
# The script looks for studies from the root of the project it lies in.
mkdir scripts
cp "$FR_SOURCE_DIR/scripts/results" scripts/results
cat >document.md <<'DOCUMENT'
Before \ and *after*.
<!-- table: full experiment:symbolic -->
| stale |
<!-- end -->
<!-- table: studies/elsewhere verdicts -->
| kept \n as it is |
<!-- end -->
The end
DOCUMENT
if scripts/results --check document.md >out.txt 2>err.txt; then
    echo "a stale table passes"
    exit 1
fi
grep -q '^-| stale |$' out.txt
grep -q 'document.md:5: skipped: studies/elsewhere: no study there' err.txt
grep -q '| stale |' document.md
scripts/results document.md 2>err.txt
{
    printf '%s\n' 'Before \ and *after*.' '<!-- table: full experiment:symbolic -->'
    "$FLUIDREP" tables full experiment:symbolic
    printf '%s\n' '<!-- end -->' '<!-- table: studies/elsewhere verdicts -->' '| kept \n as it is |' \
        '<!-- end -->' 'The end'
} >expect.md
cmp expect.md document.md
scripts/results --check document.md 2>err.txt
grep -q 'document.md: as it was' err.txt

# What all experiments' tables say is said at the first.
"$FLUIDREP" tables full effects >effects.md
[ "$(grep -c '^Experiment [^ ]*\. Effects in percentage points' effects.md)" -gt 1 ]
printf '%s\n' '<!-- table: full effects -->' '<!-- end -->' '<!-- table: full effects -->' '<!-- end -->' >twice.md
scripts/results twice.md 2>err.txt
[ "$(grep -c 'Effects in percentage points' twice.md)" = 1 ]
[ "$(grep -c '^Experiment ' twice.md)" = $((2 * $(grep -c '^Experiment ' effects.md))) ]
[ "$(grep -c '^Experiment [^ ]*\.$' twice.md)" = $((2 * $(grep -c '^Experiment ' effects.md) - 1)) ]
scripts/results --check twice.md 2>err.txt

# What is wrong is refused, and nothing is written.
printf '%s\n' '<!-- table: full nothing -->' '<!-- end -->' >wrong.md
printf '%s\n' '<!-- table: full stages -->' 'no end' >open.md
for file in wrong open; do
    cp $file.md before.md
    if scripts/results $file.md 2>err.txt; then
        echo "$file.md passes"
        exit 1
    fi
    cmp before.md $file.md
done

# The report of a directory, without its configuration: page, tables and figures as they were, from what is there.
"$FLUIDREP" report full >first.txt
tail -n 1 first.txt | grep -qx 'report: full/report.html'
cp full/report.html page.html
rm -r full/report.html full/tables full/figures
"$FLUIDREP" report full --json >report.json
json 'd.report === "full/report.html" && d.headline.length === 5' <report.json
cmp page.html full/report.html && [ -s full/tables/effect.csv ] && [ -s full/figures/pca.vl.json ]
"$FLUIDREP" report full --latex >report.tex
"$FLUIDREP" tables full --latex | cmp - report.tex
refused 2 'is a directory: its report is written there' report full --out elsewhere
refused 2 'no study' report .
refused 2 'is a directory; give the study.s configuration \(fluidrep report DIR' run full
