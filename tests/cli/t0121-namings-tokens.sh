# namings check --model: how a model cuts every word, on the embedded organism.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
model=$FR_SOURCE_DIR/models/organism.gguf
[ -f "$model" ] || { echo "skipped: models/organism.gguf is missing"; exit 77; }
printf 'id\tpick-up\tput-down\tstack\tunstack\tontable\tclear\thandempty\tholding\ton\n' >table.tsv
printf '1\tattack\tsuccumb\tovercome\tzyzzyva\tplanet\tprovince\tharmony\tpain\tcraves\n' >>table.tsv
"$FLUIDREP" namings check --model "$model" --json table.tsv >tokens.json
json 'd.errors == 0 && d.tokens.length == 9 && d.tokens[3].word == "zyzzyva" && d.tokens[3].concept == "unstack" &&
    d.tokens.every(t => ["line_start", "after_blank", "capital_line_start", "capital_after_blank"].every(p =>
        t[p].tokens == t[p].pieces.split("|").length &&
        t[p].pieces.replace(/\|/g, "").trim() == (p.startsWith("capital") ? t.word[0].toUpperCase() + t.word.slice(1) : t.word)))' <tokens.json
# As the command that cuts one text says.
"$FLUIDREP" tokens --model "$model" --json 'object zyzzyva' >one.json
ONE=one.json node -e 'const d = JSON.parse(require("fs").readFileSync("tokens.json")), one = JSON.parse(require("fs").readFileSync("one.json"));
    const pieces = one.tokens.filter(t => t.end > 7).map(t => t.piece).join("|");
    if (d.tokens[3].after_blank.pieces != pieces) { console.error(pieces, d.tokens[3]); process.exit(1) }'
"$FLUIDREP" namings check --model "$model" table.tsv >table.txt
[ "$(wc -l <table.txt)" = 11 ]
head -n 1 table.txt | grep -q "^naming	word	at a line's start	after a blank"
tail -n 1 table.txt | grep -q '^table.tsv: 1 namings of 9 concepts, each concept with its own word$'
