# fluidrep view: what the server gives and refuses, the page clicked through in a browser, a page
# exported. On the made-up study of tests/unit/view/view_test.c, in which every name is hostile.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
"$(dirname "$FLUIDREP")/tests/test_unit_view_view" --study study

refused 2 '^Usage: |of which study' view
refused 2 'nowhere/study.db: not found' view nowhere
refused 2 'for --export' view study --naming 1
refused 2 '"solvd" is not known here; there is solved' view study --export page.html --verdict solvd
refused 2 'no trace is of that' view study --export page.html --puzzle 7
refused 1 'more than 2; choose' view study --export page.html --most 2

serve() { # serve ARGUMENTS...: the server in the background, its address in $address
    "$FLUIDREP" view study "$@" >address.txt 2>said.txt &
    server=$!
    for i in $(seq 200); do
        [ -s address.txt ] && break
        sleep 0.05
    done
    address=$(cat address.txt)
}
serve
trap 'kill $server 2>/dev/null || true' EXIT
grep -q 'Ctrl-C' said.txt
port=$(echo "$address" | sed -n 's|^http://127.0.0.1:\([0-9]*\)/[0-9a-f]\{32\}/$|\1|p')
[ -n "$port" ] || { echo "not an address: $address"; exit 1; }

# A port that is taken is told as such.
refused 1 "port $port of 127.0.0.1: is taken; leave --port out" view study --port "$port"

# Only who knows the token, asks this host, and only to read.
cat >ask.js <<'JS'
const http = require("node:http");
const [address, port] = process.argv.slice(2);
const ask = (path, options = {}) => new Promise((resolve, reject) => http.request(
    { host: "127.0.0.1", port, path, ...options }, (reply) => {
        let text = "";
        reply.on("data", (part) => { text += part; });
        reply.on("end", () => resolve({ status: reply.statusCode, headers: reply.headers, text }));
    }).on("error", reject).end());
const is = (what, got, wanted) => { if (got !== wanted) { console.error(`${what}: ${got}, not ${wanted}`); process.exit(1); } };
(async () => {
    const own = new URL(address).pathname, other = own.replace(/[0-9a-f]\//, (c) => (c === "0/" ? "1/" : "0/"));
    const page = await ask(own);
    is("the page", page.status, 200);
    is("its policy", page.headers["content-security-policy"].includes("default-src 'none'"), true);
    is("inline scripts", /unsafe/.test(page.headers["content-security-policy"]), false);
    is("sniffing", page.headers["x-content-type-options"], "nosniff");
    is("the name is escaped", page.text.includes("<script>alert"), false);
    for (const path of ["/", "/view.js", other, own.slice(0, -1), `${own}../study.db`, `${own}study.db`, `${own}ask/nothing`,
        `${own}ask/trace?puzzle=9&naming=1`, `${own}ask/trace`, `${own}ask/trace?naming=%00%ff&puzzle=99999999999999999999`])
        is(path, (await ask(path)).status, 404);
    for (const host of ["example.org", `example.org:${port}`, "127.0.0.1", `127.0.0.1.example.org:${port}`])
        is(`host ${host}`, (await ask(own, { headers: { host } })).status, 403);
    is("localhost", (await ask(own, { headers: { host: `localhost:${port}` } })).status, 200);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"])
        is(method, (await ask(own, { method })).status, 405);
    is("HEAD", (await ask(own, { method: "HEAD" })).text, "");
    is("the list", JSON.parse((await ask(`${own}ask/list`)).text).puzzle.length, 6);
    const wrong = await ask(`${own}ask/trace?puzzle=0&naming=none`);
    is("an error is JSON", JSON.parse(wrong.text).error, 'no naming "none" in this study');
})();
JS
node ask.js "$address" "$port"

# A page that the browser shows; what a person does with it.
"$FLUIDREP" view study --export page.html --runs | grep -q '^page.html: 6 traces$'
if command -v chromium >/dev/null; then
    node "$FR_SOURCE_DIR/tests/support/view-page.js" "$address" "file://$PWD/page.html" 2>browser.txt || { cat browser.txt; exit 1; }
else
    echo "not tried: the page in a browser (chromium is not installed)"
fi

# Phases and cosines have the colours that the report's figures give them, dark ones too.
cat >colours.js <<'JS'
const fs = require("node:fs"), src = `${process.argv[2]}/src`;
const css = fs.readFileSync(`${src}/view/view.css`, "utf8");
const figure = (name) => JSON.parse(fs.readFileSync(`${src}/report/figures/${name}.vl.json`, "utf8")).encoding.color.scale;
const dark = eval(`({${fs.readFileSync(`${src}/report/report.js`, "utf8").match(/const dark = \{([^}]*)\}/)[1]}})`);
const [light, other] = [...css.matchAll(/:root \{([^}]*)\}/g)].map(([, text]) =>
    Object.fromEntries([...text.matchAll(/--([a-z]+): (#[0-9a-f]{6})/g)].map(([, name, colour]) => [name, colour])));
const phases = figure("phases"), wanted = { below: 0, zero: 1, above: 2 };
for (const name in wanted) wanted[name] = figure("layers").range[wanted[name]];
phases.domain.forEach((name, i) => { wanted[name] = phases.range[i]; });
for (const [name, colour] of Object.entries(wanted)) {
    if (light[name] !== colour.toLowerCase()) throw new Error(`${name}: ${light[name]}, the report has ${colour}`);
    if (colour in dark && other[name] !== dark[colour]) throw new Error(`${name}, dark: ${other[name]}, the report has ${dark[colour]}`);
}
const order = fs.readFileSync(`${src}/view/view.js`, "utf8").match(/phaseOrder = (\[[^\]]*\])/)[1];
if (order !== `["${phases.domain.join('", "')}"]`) throw new Error(`the order of phases: ${order}`);
JS
node colours.js "$FR_SOURCE_DIR"

# Ctrl-C ends it, quietly and with success, and nothing was written.
before=$(sha256sum study/study.db)
kill -INT $server
status=0
wait $server || status=$?
[ "$status" = 0 ] || { echo "ended with $status"; cat said.txt; exit 1; }
[ "$(wc -l <said.txt)" = 1 ] || { cat said.txt; exit 1; }
[ "$before" = "$(sha256sum study/study.db)" ]
[ ! -e study/lock ] || [ ! -s study/lock ]
