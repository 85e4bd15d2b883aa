// Colours of data that stand in one figure stay apart, in the light scheme and in the dark: every two that
// have a hue. colours.js SOURCE
"use strict";
const fs = require("fs"), path = require("path");
const source = process.argv[2], report = path.join(source, "src/report");
const read = (...at) => fs.readFileSync(path.join(source, ...at), "utf8");
const dark = Function(`return ${read("src/report/report.js").match(/const dark = (\{[^}]*\});/)[1]}`)();
const hex = /#[0-9A-Fa-f]{6}/g;

// CIE L*a*b* of an sRGB colour
const lab = (colour) => {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
        .map((c) => (c > 0.04045 ? ((c + 0.055) / 1.055) ** 2.4 : c / 12.92));
    const [x, y, z] = [(0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505, 0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089].map((t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116));
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
};
const distance = (a, b) => Math.hypot(...lab(a).map((x, i) => x - lab(b)[i]));
const hued = (colour) => Math.hypot(...lab(colour).slice(1)) > 8;

// Lists of colours by name; a scale that is interpolated between its colours is none.
const ranges = (value) =>
    Array.isArray(value) ? value.flatMap(ranges)
    : value === null || typeof value !== "object" ? []
    : [...(Array.isArray(value.range) && value.interpolate === undefined && value.range.every((one) => /^#/.test(one)) ? [value.range] : []),
        ...Object.values(value).flatMap(ranges)];
const groups = fs.readdirSync(path.join(report, "figures"))
    .flatMap((name) => ranges(JSON.parse(read("src/report/figures", name))).map((colours) => [name, colours]));
const palette = (name) => read("src/report/terms.sql").match(new RegExp(`${name}\\([^)]*\\) AS \\(VALUES[^;]*?\\)\\),`))[0].match(hex);
groups.push(["studies and controls", [...palette("study_colour"), ...palette("control_colour")]]);
groups.push(["vectors", read("src/interventions/vectors.c").match(hex)]);

let n = 0;
for (const [name, colours] of groups) {
    const kept = [...new Set(colours)].filter(hued);
    kept.forEach((a, i) => kept.slice(0, i).forEach((b) => {
        for (const [scheme, shown] of [["light", (c) => c], ["dark", (c) => dark[c] ?? c]]) {
            n++;
            if (distance(shown(a), shown(b)) < 20) {
                console.error(`${name}: ${a} and ${b} are alike in the ${scheme} scheme: ${shown(a)}, ${shown(b)}`);
                process.exitCode = 1;
            }
        }
    }));
}
if (n < 100) throw new Error(`only ${n} pairs of colours were looked at`);
