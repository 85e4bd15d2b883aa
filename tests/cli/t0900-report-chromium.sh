# The report opened in a browser without a network: every figure is drawn, the console stays silent and
# nothing is loaded. Made-up studies of tests/support/synthetic_study.c; FLUIDREP_STUDY=DIR tries that
# study's report instead.
set -eu
command -v chromium >/dev/null || { echo "skipped: chromium is not installed"; exit 77; }
maker=$(dirname "$FLUIDREP")/tests/test_unit_report_report

# browse PAGE WIDTH: the page in a frame of that many pixels (the browser's own window cannot be as
# narrow as a phone); what came of it, in PAGE.dom as data-NAME; what the browser says, in PAGE.log.
# overflow: pixels by which the page is wider; cut: labels of figures that end in an ellipsis.
browse() {
    cat >"$1.frame.html" <<HTML
<!DOCTYPE html><html><body style="margin:0"><iframe src="file://$1" style="border:0;width:$2px;height:3000px"></iframe>
<script>
const look = () => {
    const page = document.querySelector("iframe").contentDocument?.documentElement;
    if (page?.dataset.figures === undefined) return;
    const labels = [...page.querySelectorAll("svg text")].map((text) => text.textContent);
    Object.assign(document.documentElement.dataset, { ...page.dataset,
        overflow: Math.max(0, page.scrollWidth - page.clientWidth),
        cut: labels.filter((label) => label.endsWith("\u2026")).length });
};
setInterval(look, 50);
</script></body></html>
HTML
    timeout 120 chromium --headless --no-sandbox --disable-gpu --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync \
        --allow-file-access-from-files --user-data-dir="$PWD/profile" --window-size=1400,3000 \
        --virtual-time-budget=20000 --enable-logging=stderr --v=0 --dump-dom "file://$1.frame.html" \
        >"$1.dom" 2>"$1.log"
    rm -rf profile
}
data() { sed -n "s/.*<html[^>]* data-$2=\"\([^\"]*\)\".*/\1/p" "$1.dom" | head -n 1; }

# The eye of this test is open: an error on a page does show, and so does what is too wide.
printf '<!DOCTYPE html><div style="width:900px">wide<script>console.error("seen");document.documentElement.dataset.figures=""</script>' \
    >"$PWD/wrong.html"
browse "$PWD/wrong.html" 390
grep -q 'CONSOLE.*seen' wrong.html.log || { echo "the browser's console cannot be read"; cat wrong.html.log; exit 1; }
[ "$(data wrong.html overflow)" -gt 0 ] || { echo "the browser's page cannot be measured"; cat wrong.html.dom; exit 1; }

# check PAGE FIGURES WIDTH [CUT]: as many figures, or any number when FIGURES is "some"; CUT: labels
# may be cut ("may").
check() {
    page=$1
    browse "$page" "$3"
    if grep CONSOLE "$page.log"; then
        echo "$page: the console is not silent"
        exit 1
    fi
    total=$(grep -c '<figcaption>' "$page" || true)
    case $2 in some) ;; *) [ "$total" = "$2" ] || { echo "$page: $total figures, not $2"; exit 1; } ;; esac
    drawn=$(data "$page" figures)
    [ "$drawn" = "$total/$total" ] || { echo "$page: drawn '$drawn' of $total figures"; exit 1; }
    [ "$(data "$page" loads)" = 0 ] || { echo "$page: loaded '$(data "$page" loads)' things"; exit 1; }
    [ "$(data "$page" overflow)" = 0 ] || { echo "$page: $(data "$page" overflow) pixels wider than $3"; exit 1; }
    [ "$(data "$page" cut)" = 0 ] || [ "${4:-}" = may ] || { echo "$page: $(data "$page" cut) labels are cut"; exit 1; }
}

node "$FR_SOURCE_DIR/tests/support/colours.js" "$FR_SOURCE_DIR"
if [ -n "${FLUIDREP_STUDY:-}" ]; then
    cp "$FLUIDREP_STUDY/report.html" study.html
    check "$PWD/study.html" some 1400 may
    exit 0
fi

# Every figure; a phone's width; one layer, NULLs and markup in every name; nothing at all.
"$maker" --study full 0
check "$PWD/full/report.html" 25 1400
check "$PWD/full/report.html" 25 390 may
mkdir alone
mv full/report.html alone
node "$FR_SOURCE_DIR/tests/support/report-page.js" "$PWD/alone/report.html" 2>alone.txt || { cat alone.txt; exit 1; }
"$maker" --study hostile 3
check "$PWD/hostile/report.html" 21 1400 may
check "$PWD/hostile/report.html" 21 390 may
grep -q 'alert(1)' hostile/report.html
"$maker" --study bare 2
check "$PWD/bare/report.html" 13 1400
"$maker" --study empty 1
check "$PWD/empty/report.html" 0 390
"$maker" --study replay 4
check "$PWD/replay/report.html" some 390 may
"$FLUIDREP" compare full half=bare --out compared >compare.txt 2>&1 || { cat compare.txt; exit 1; }
check "$PWD/compared/report.html" some 1400
check "$PWD/compared/report.html" some 390 may
