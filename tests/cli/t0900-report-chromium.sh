# The report opened in a browser without a network: every figure is drawn, the console stays silent and
# nothing is loaded. Made-up studies of tests/support/synthetic_study.c; FLUIDREP_STUDY=DIR tries that
# study's report instead.
set -eu
command -v chromium >/dev/null || { echo "skipped: chromium is not installed"; exit 77; }
maker=$(dirname "$FLUIDREP")/tests/test_unit_report_report

# browse PAGE: the page as the browser has made it, in PAGE.dom; what the browser says, in PAGE.log.
browse() {
    timeout 120 chromium --headless --no-sandbox --disable-gpu --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync \
        --user-data-dir="$PWD/profile" --window-size="${2:-1200,3000}" --virtual-time-budget=20000 \
        --enable-logging=stderr --v=0 --dump-dom "file://$1" >"$1.dom" 2>"$1.log"
    rm -rf profile
}

# The eye of this test is open: an error on a page does show.
printf '<script>console.error("seen")</script>' >"$PWD/wrong.html"
browse "$PWD/wrong.html"
grep -q 'CONSOLE.*seen' wrong.html.log || { echo "the browser's console cannot be read"; cat wrong.html.log; exit 1; }

# check PAGE FIGURES: as many figures, or any number when FIGURES is "some".
check() {
    page=$1
    browse "$page" "${3:-1200,3000}"
    if grep CONSOLE "$page.log"; then
        echo "$page: the console is not silent"
        exit 1
    fi
    drawn=$(sed -n 's/.*<html[^>]* data-figures="\([^"]*\)".*/\1/p' "$page.dom" | head -n 1)
    loads=$(sed -n 's/.*<html[^>]* data-loads="\([^"]*\)".*/\1/p' "$page.dom" | head -n 1)
    total=$(grep -c '<figcaption>' "$page" || true)
    case $2 in some) ;; *) [ "$total" = "$2" ] || { echo "$page: $total figures, not $2"; exit 1; } ;; esac
    [ "$drawn" = "$total/$total" ] || { echo "$page: drawn '$drawn' of $total figures"; exit 1; }
    [ "$loads" = 0 ] || { echo "$page: loaded '$loads' things"; exit 1; }
}

if [ -n "${FLUIDREP_STUDY:-}" ]; then
    cp "$FLUIDREP_STUDY/report.html" study.html
    check "$PWD/study.html" some
    exit 0
fi

# Every figure; a phone's width; one layer, NULLs and markup in every name; nothing at all.
"$maker" --study full 0
check "$PWD/full/report.html" 8
check "$PWD/full/report.html" 8 500,3000
"$maker" --study hostile 3
check "$PWD/hostile/report.html" 8
grep -q 'alert(1)' hostile/report.html
"$maker" --study bare 2
check "$PWD/bare/report.html" 6
"$maker" --study empty 1
check "$PWD/empty/report.html" 0
