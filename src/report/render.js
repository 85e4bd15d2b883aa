// node render.js VEGA VEGA-LITE OUT FIGURE.vl.json...: each figure as OUT/FIGURE.svg, as the page opens it.
// Nothing is fetched. The bundles are for browsers: they are run as scripts, not required.
const fs = require("fs"), path = require("path");
const [vegaFile, liteFile, out, ...files] = process.argv.slice(2);
for (const bundle of [vegaFile, liteFile]) require("vm").runInThisContext(fs.readFileSync(bundle, "utf8"));
const { vega, vegaLite } = globalThis;
const loader = { load: () => Promise.reject(new Error("a figure holds its data")), sanitize: (uri) => Promise.resolve({ href: uri }) };
const PAGE = 720; // the width of the report's column

// What the selectors are at, as the page's own pictures say it.
const chosen = (spec) => (spec.params ?? []).filter(({ bind }) => bind !== undefined).map(({ bind, value }) => {
    const shown = bind.input === "checkbox" ? (value ? "shown" : "hidden") : bind.labels?.[bind.options.indexOf(value)] ?? value;
    return `${bind.name.trim()} ${shown}`;
}).join(" \u00b7 ");

async function render(file) {
    const spec = JSON.parse(fs.readFileSync(file, "utf8"));
    if (spec.width === "container") spec.width = PAGE;
    const text = chosen(spec);
    if (text !== "" && spec.title === undefined)
        spec.title = { text, anchor: "start", fontSize: 12, fontWeight: "normal", color: "#444444", offset: 8 };
    const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: "none", loader });
    fs.writeFileSync(path.join(out, path.basename(file).replace(/\.vl\.json$/, ".svg")), await view.toSVG());
    view.finalize();
}

(async () => {
    for (const file of files) await render(file);
})().catch((e) => {
    console.error(e.message);
    process.exit(1);
});
