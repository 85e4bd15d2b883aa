// node render.js VEGA VEGA-LITE REPORT OUT FIGURE.vl.json...: each figure as OUT/FIGURE.svg, as the page REPORT opens
// it and with its title and caption there: what the page's own "save as SVG" makes (report.js).
// Nothing is fetched. The bundles are for browsers: they are run as scripts, not required.
const fs = require("fs"), path = require("path");
const [vegaFile, liteFile, report, out, ...files] = process.argv.slice(2);
for (const bundle of [vegaFile, liteFile]) require("vm").runInThisContext(fs.readFileSync(bundle, "utf8"));
const { vega, vegaLite } = globalThis;
const loader = { load: () => Promise.reject(new Error("a figure holds its data")), sanitize: (uri) => Promise.resolve({ href: uri }) };
const PAGE = 720, MARGIN = 16; // the width of the report's column
const FONT = "system-ui, sans-serif", INK = "#222426", SOFT = "#5b6066";

// Without a canvas nothing knows a font: widths are those of DejaVu Sans, in em, which is wider than most.
const wide = [[/[.,:;'|!iIl]/, 0.32], [/[ ()[\]fjrt\-]/, 0.39], [/[mMwW%@\u2192]/, 0.9], [/[A-Z\u03b1-\u03c9]/, 0.7]];
const widthOf = (text, size) => [...String(text)].reduce((sum, c) => sum + size * (wide.find(([like]) => like.test(c))?.[1] ?? 0.62), 0);
vega.textMetrics.width = (item, text) => widthOf(text, vega.textMetrics.height(item));

// Text in lines of at most so many pixels.
const wrap = (text, size, width) => {
    const lines = [];
    for (const word of text.split(/\s+/).filter((one) => one !== "")) {
        const longer = `${lines.at(-1)} ${word}`;
        if (lines.length > 0 && widthOf(longer, size) <= width) lines[lines.length - 1] = longer;
        else lines.push(word);
    }
    return lines;
};

// HTML of the page as text, and text as XML.
const entities = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0", minus: "\u2212", plusmn: "\u00b1", middot: "\u00b7" };
const plain = (html) => html.replace(/<[^>]*>/g, "").replace(/&(?:#(\d+)|(\w+));/g, (all, code, name) =>
    code !== undefined ? String.fromCodePoint(Number(code)) : entities[name] ?? all);
const escape = (text) => text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);

const page = fs.readFileSync(report, "utf8");
const words = (name) => {
    const [, title = "", caption = ""] = page.match(new RegExp(` data-name="${name}"></div>\\s*<figcaption><b>(.*?)</b>(.*?)</figcaption>`, "s")) ?? [];
    return [plain(title), plain(caption)];
};

// What the selectors are at, as the page's own pictures say it.
const chosen = (spec) => (spec.params ?? []).filter(({ bind }) => bind !== undefined).map(({ bind, value }) => {
    const shown = bind.input === "checkbox" ? (value ? "shown" : "hidden") : bind.labels?.[bind.options.indexOf(value)] ?? value;
    return `${bind.name.trim()} ${shown}`;
}).join(" \u00b7 ");

// A legend's labels are whole, in at most so many columns (0: as many as it says).
const legends = (value, columns) =>
    Array.isArray(value) ? value.map((inner) => legends(inner, columns))
    : value !== null && typeof value === "object"
        ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key,
            key === "datasets" ? inner
            : key === "legend" && inner !== null ? { ...inner, labelLimit: 0, titleLimit: 0, ...(columns > 0 ? { columns } : {}) } : legends(inner, columns)]))
    : value;

// Every item of the scene's marks that are meant.
const items = (mark, meant) => mark.items.flatMap((item) =>
    [...(meant(mark) ? [item] : []), ...(item.items ?? []).flatMap((inner) => items(inner, meant))]);

// Labels that would lie on others are moved, or left out.
const spread = (labels) => {
    const taken = [], overlaps = (a, b) => a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2;
    for (const label of labels) {
        const { x1, y1, x2, y2 } = label.bounds, left = x1 - x2 - 14;
        const at = [[0, 0], [0, 14], [left, 0], [left, 14]].map(([x, y]) => ({ x, y, x1: x1 + x, x2: x2 + x, y1: y1 + y + 2, y2: y2 + y - 2 }))
            .find((place) => !taken.some((other) => overlaps(place, other)));
        if (at === undefined) { label.opacity = 0; continue; }
        taken.push(at);
        label.dx = (label.dx ?? 0) + at.x;
        label.dy = (label.dy ?? 0) + at.y;
    }
};

// The figure alone: with as many columns in its legends as find room.
async function draw(spec) {
    for (const columns of [0, 3, 2, 1]) {
        const view = new vega.View(vega.parse(vegaLite.compile(legends(spec, columns)).spec), { renderer: "none", loader });
        await view.runAsync();
        const root = view.scenegraph().root;
        const right = Math.max(0, ...items(root, (mark) => mark.role === "legend").map((legend) => legend.bounds.x2 + view.origin()[0]));
        if (right <= PAGE || columns === 1) {
            spread(items(root, (mark) => mark.name === spec.usermeta?.labels && mark.name !== undefined));
            const svg = await view.toSVG();
            view.finalize();
            return svg;
        }
        view.finalize();
    }
}

async function render(file) {
    const name = path.basename(file).replace(/\.vl\.json$/, ""), spec = JSON.parse(fs.readFileSync(file, "utf8"));
    if (spec.width === "container") spec.width = PAGE;
    const svg = await draw(spec);
    const [width, height] = ["width", "height"].map((key) => Number(svg.match(new RegExp(`${key}="([0-9.]+)"`))[1]));
    const texts = [], [title, caption] = words(name);
    let y = MARGIN - 4;
    const write = (text, size, step, weight, fill) => {
        for (const line of wrap(text, size, width))
            texts.push(`<text x="${MARGIN}" y="${y += step}" fill="${fill}" font-size="${size}" font-weight="${weight}" font-family="${FONT}">${escape(line)}</text>`);
    };
    write(title, 15, 20, 600, INK);
    write(chosen(spec), 12, 17, 400, SOFT);
    const top = y + 8;
    y = top + height + 8;
    write(caption, 12, 17, 400, SOFT);
    const total = [width + 2 * MARGIN, y + MARGIN];
    fs.writeFileSync(path.join(out, `${name}.svg`), `<svg xmlns="http://www.w3.org/2000/svg" width="${total[0]}" height="${total[1]}" viewBox="0 0 ${total.join(" ")}">`
        + `<rect width="${total[0]}" height="${total[1]}" fill="#ffffff"/>${svg.replace("<svg ", `<svg x="${MARGIN}" y="${top}" overflow="visible" `)}${texts.join("")}</svg>\n`);
}

(async () => {
    for (const file of files) await render(file);
})().catch((e) => {
    console.error(e.message);
    process.exit(1);
});
