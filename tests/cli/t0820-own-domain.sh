# docs/own-domain.md: every command on the page runs, in its order, and does what the page says.
set -eu
ln -s "$FR_SOURCE_DIR/data" "$FR_SOURCE_DIR/models" .
mkdir bin
ln -s "$FLUIDREP" bin/fluidrep
PATH=$PWD/bin:$PATH
awk '/^```sh$/ { n++; out = "block-" n ".sh"; inside = 1; next }
     /^```$/ { inside = 0 }
     inside { print >out }' "$FR_SOURCE_DIR/docs/own-domain.md"
[ "$(ls block-*.sh | wc -l)" = 5 ]
for block in 1 2 3 4 5; do
    sh -eu "block-$block.sh" >"out-$block.txt" 2>"err-$block.txt" || { echo "block $block fails:"; cat "block-$block.sh" "err-$block.txt"; exit 1; }
done
grep -q 'shortest plan: 4 steps' out-1.txt
[ "$(grep -c 'instance-' out-1.txt)" = 24 ]
grep -q 'mine.tsv: 3 namings of 15 concepts' out-2.txt
grep -q 'Whisper object from another object with a third object' out-3.txt
[ "$(tail -n 1 out-3.txt)" = '[PLAN]' ]
grep -q '"verdict":"illegal_step","step":1,.*"plan":\["(load-airplane p0 a0 l0-0)","(fly-airplane a0 l0-0 l1-0)"\]' out-4.txt
[ -s logistics/report.html ]
grep -q 'logistics/report.html' out-5.txt
# Measured, not empty: actions are alike across namings or not, but they have a number.
grep -q '^3,loo,action,same,600,600,[-0-9]' logistics/tables/similarity.csv
