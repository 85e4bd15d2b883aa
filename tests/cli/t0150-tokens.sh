# tokens: ids, byte ranges and mentions, on the embedded organism.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
refused 2 'which model' tokens text
refused 2 'which text' tokens --model x.gguf
refused 2 'one text at a time' tokens --model x.gguf one two
refused 2 'missing.gguf: cannot open the model: No such file' tokens --model missing.gguf text
printf 'no model' >text.gguf
refused 2 'text.gguf: not a GGUF file' tokens --model text.gguf text
model=$FR_SOURCE_DIR/models/organism.gguf
[ -f "$model" ] || { echo "skipped: models/organism.gguf is missing"; exit 77; }

text='* attack x : Province x
zebra é " \ feast</think>'
"$FLUIDREP" tokens --model "$model" --naming 1 --json "$text" >tokens.json
TEXT=$text node -e '
    const d = JSON.parse(require("fs").readFileSync("tokens.json")), bytes = Buffer.from(process.env.TEXT);
    const fail = what => { console.error(what); process.exit(1) };
    let at = 0;
    for (const t of d.tokens) {
        if (t.start != at || t.end <= t.start) fail("a gap at byte " + at);
        at = t.end;
    }
    if (at != bytes.length) fail("bytes are missing");
    const piece = m => bytes.subarray(d.tokens[m.first].start, d.tokens[m.end - 1].end).toString();
    const got = d.mentions.map(m => m.concept + "=" + piece(m).trim()).join();
    if (got != "pick-up=attack,clear=Province,unstack=feast") fail(got);
    if (d.tokens[d.tokens.length - 1].piece != "</think>") fail("the special token is cut");'
"$FLUIDREP" tokens --model "$model" --naming 1 "$text" >tokens.txt
tail -n 1 tokens.txt | grep -Eq '^[0-9]+ tokens, 3 mentions under naming 1$'
grep -Eq '^ +1 +[0-9]+ +1-8 +" attack"  pick-up$' tokens.txt
grep -q '"\\xc3"\|\\xc3\\xa9' tokens.txt
"$FLUIDREP" tokens --model "$model" 'attack' | grep -q ', 0 mentions under naming clean$'
"$FLUIDREP" tokens --model "$model" '' | grep -q '^0 tokens, 0 mentions'
refused 2 'no naming "x"' tokens --model "$model" --naming x text
