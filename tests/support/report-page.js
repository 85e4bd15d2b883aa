// A report sent alone: what its buttons and links save, and that nothing is cut on A4.
// report-page.js REPORT.html
"use strict";
const { open } = require("./browser.js");
const is = (what, got, wanted) => {
    if (JSON.stringify(got) !== JSON.stringify(wanted))
        throw new Error(`${what}: ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`);
};

(async () => {
    const browser = await open();
    await browser.size(1400);
    await browser.go(`file://${process.argv[2]}`);
    await browser.until("document.documentElement.dataset.figures !== undefined", 60);
    await browser.value(`{ window.saved = []; let blob; const make = URL.createObjectURL;
        URL.createObjectURL = (one) => make(blob = one);
        HTMLAnchorElement.prototype.click = function () { window.saved.push([this.download, blob]); }; }`);
    const saved = async (selector) => {
        await browser.value(`{ window.saved.length = 0; const node = ${selector};
            node.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true })); }`);
        await browser.until("window.saved.length === 1");
        return browser.value("window.saved[0][1].text().then((text) => [window.saved[0][0], window.saved[0][1].type, text])");
    };
    const button = (kind) => `[...document.querySelectorAll("#fig-pca .links button")].find((one) => one.textContent.endsWith("${kind}"))`;

    // a picture that stands alone: title, what was chosen, caption; the components with their shares
    const [svgName, , svg] = await saved(button("SVG"));
    is("SVG", svgName, "pca.svg");
    for (const wanted of [/Figure \d+\. Concepts across namings/, /Layer \d/, /Principal components of the centred/, /PC1 \(\d+%\)/, /PC2 \(\d+%\)/])
        is(`SVG has ${wanted}`, wanted.test(svg), true);
    is("SVG parses", await browser.value(`new DOMParser().parseFromString(${JSON.stringify(svg)}, "image/svg+xml").querySelector("parsererror")`), null);
    const [pngName, pngType] = await saved(button("PNG"));
    is("PNG", [pngName, pngType], ["pca.png", "image/png"]);

    // tables and specifications come out of the page
    const [csvName, , csv] = await saved("document.querySelector(\"a[href='tables/effect.csv']\")");
    is("CSV", [csvName, csv.startsWith("experiment,condition,")], ["effect.csv", true]);
    const [, , spec] = await saved("document.querySelector(\"a[href='figures/pca.vl.json']\")");
    is("specification", JSON.parse(spec).$schema, "https://vega.github.io/schema/vega-lite/v6.json");

    // labels that would overlap are moved or left out
    is("labels on labels", await browser.value(`(() => { const boxes = [...document.querySelectorAll("#fig-pca .layer_3_marks text")]
        .filter((one) => one.getAttribute("visibility") !== "hidden").map((one) => one.getBoundingClientRect());
        return boxes.filter((a, i) => boxes.slice(0, i).some((b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 5 && b.top < a.bottom - 5)).length; })()`), 0);

    is("labels on points", await browser.value(`(() => { const box = (one) => one.getBoundingClientRect();
        const points = [...document.querySelectorAll("#fig-pca .role-mark.mark-symbol path")].map(box);
        const labels = [...document.querySelectorAll("#fig-pca .layer_3_marks text")].filter((one) => one.getAttribute("visibility") !== "hidden").map(box);
        return labels.filter((a) => points.some((b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top + 3 < b.bottom && b.top < a.bottom - 3)).length; })()`), 0);

    // on paper: A4 without its margins
    await browser.send("Emulation.setEmulatedMedia", { media: "print" });
    await browser.size(688);
    await browser.value("window.dispatchEvent(new Event('beforeprint'))");
    is("keys on paper", await browser.value("[...document.querySelectorAll('.key')].filter((one) => one.offsetHeight === 0).length"), 0);
    is("folded on paper", await browser.value("document.querySelectorAll('details:not([open])').length"), 0);
    await browser.until(`[...document.querySelectorAll("table, pre, .plot svg")].every((one) => one.getBoundingClientRect().right <= document.documentElement.clientWidth + 1)`);
    is("the console", browser.said, []);
    await browser.close();
})().catch((error) => { console.error(error); process.exit(1); });
