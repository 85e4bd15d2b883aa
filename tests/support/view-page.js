// What a person does with the viewer's page: the list, its filters, a trace, a mention, a run; with
// the keyboard too; at two widths, light and dark. view-page.js ADDRESS EXPORTED-PAGE
"use strict";
const { open } = require("./browser.js");
const [address, exported] = process.argv.slice(2);
const ready = "document.documentElement.dataset.state === 'ready'";
const is = (what, got, wanted) => {
    if (JSON.stringify(got) !== JSON.stringify(wanted))
        throw new Error(`${what}: ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`);
};

// Everything that is text on the page against its background, by the WCAG formula.
const contrast = `(() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgb = (colour, under) => { canvas.fillStyle = under; canvas.fillRect(0, 0, 1, 1); canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3); };
    const light = (parts) => parts.map((x) => (x /= 255, x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4))
        .reduce((sum, x, i) => sum + x * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (node) => { const stack = []; for (let n = node; n; n = n.parentElement) stack.unshift(getComputedStyle(n).backgroundColor);
        return stack.reduce((under, colour) => "rgb(" + rgb(colour, under) + ")", "white"); };
    let worst = [99, ""];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const node = walk.currentNode.parentElement;
        if (walk.currentNode.data.trim() === "" || !node.checkVisibility() || node.closest("noscript, .skip, script, :disabled, option")) continue;
        const paper = behind(node), a = light(rgb(getComputedStyle(node).color, paper)), b = light(rgb(paper, "white"));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < worst[0]) worst = [ratio, node.tagName + "." + node.className + " " + walk.currentNode.data.slice(0, 30)];
    }
    return worst;
})()`;

(async () => {
    const browser = await open();
    const rows = () => browser.value("[...document.querySelectorAll('[role=table] a')].map((a) => a.textContent + ' ' + a.parentElement.nextElementSibling.textContent)");
    const look = async (what) => {
        is(`${what}: wider than the window`, await browser.value("document.documentElement.scrollWidth - document.documentElement.clientWidth"), 0);
        const [ratio, where] = await browser.value(contrast);
        if (ratio < 4.5)
            throw new Error(`${what}: contrast ${ratio.toFixed(2)} of ${where}`);
        is(`${what}: controls without a name`, await browser.value(
            "[...document.querySelectorAll('button, a, select, input, [role=img]')].filter((n) => !(n.textContent.trim() || n.closest('label') || n.getAttribute('aria-label'))).length"), 0);
        is(`${what}: scripts that ran`, await browser.value("window.broken ?? null"), null);
    };
    const start = async (url) => { await browser.go("about:blank"); await browser.go(url); await browser.until(ready); };

    for (const page of [address, exported]) {
        await browser.size(1400);
        await browser.scheme("light");
        browser.asked.length = 0;
        await start(page);
        is("rows", (await rows()).length, 6);
        await look("list");

        // filters, kept in the address
        await browser.value("{ const s = document.querySelector('[name=verdict]'); s.value = 'illegal_step'; s.dispatchEvent(new Event('change')); }");
        is("filtered", await rows(), ["Puzzle 0 1", "Puzzle 1 1"]);
        is("address", await browser.value("location.hash"), "#list?verdict=illegal_step");
        await browser.click("[name=text]");
        await browser.type("OVERCOME");
        await browser.press("Enter");
        await browser.until("document.getElementById('said').textContent.startsWith('2 traces')");
        await start(`${page}#list?text=nowhere`);
        is("found nowhere", (await rows()).length, 0);

        // the runs of a condition
        await start(`${page}#list?condition=2`);
        is("runs", await rows(), ["Puzzle 1 1"]);

        // a trace, by its link; from mention to mention by keys
        await start(`${page}#list?naming=1`);
        await browser.click("[role=table] a");
        await browser.until(`${ready} && document.querySelector('.reader') !== null`);
        is("focus", await browser.value("document.activeElement.tagName"), "H2");
        await look("trace");
        is("blocks drawn", await browser.value("document.querySelectorAll('.plan li:first-child rect').length"), 3);
        is("steps", await browser.value("[...document.querySelectorAll('.plan > li')].map((li) => li.className)"), ["", "", "bad"]);
        is("phases", await browser.value("[...document.querySelectorAll('.band')].map((band) => [...band.children].reduce((n, i) => n + Number(i.style.getPropertyValue('--n')), 0) > 10)"), [true, true]);
        await browser.click(".band i");
        is("its first token", await browser.value("document.querySelector('.current').dataset.i"), "15");
        await browser.press("n");
        await browser.until("document.querySelector('.bars .own b') !== null");
        is("mention", await browser.value("document.querySelector('.current').textContent"), " attack");
        is("its token in the address", await browser.value("new URLSearchParams(location.hash.split('?')[1]).get('token')"), "3");
        // it opens at the first T with values; where there are none, it says why
        const at = (t) => browser.value(`{ const s = document.querySelector("[name=time]"); s.value = ${t}; s.dispatchEvent(new Event("change")); }`);
        const tells = () => browser.value("[document.querySelector('.bars .own b').textContent, document.querySelector('.similarity .note').textContent.slice(0, 19)]");
        is("where it opens", await browser.value("document.querySelector('[name=time]').selectedOptions[0].textContent"), "40 \u2022");
        is("its cosine with itself", await tells(), ["\u22120.33", "Cosine of this nami"]);
        await at(0);
        is("too few mentions", await tells(), ["\u2014", "No cosine at T = 20"]);
        await at(1);
        is("said to who listens alone", await browser.value("getComputedStyle(document.getElementById('said')).clipPath"), "inset(50%)");
        await browser.press("/");
        is("search by key", await browser.value("document.activeElement.name"), "find");
        await browser.type("overcome");
        await browser.press("Enter");
        is("found", await browser.value("document.querySelector('.current').textContent"), "overcome");
        await look("mention");

        // a run beside its baseline
        await start(`${page}#trace?puzzle=1&naming=1&condition=2`);
        is("differs", await browser.value("[...document.querySelectorAll('.first')].map((n) => n.textContent)"), ["\n", "<token 99999>"]);
        is("edited rows", await browser.value("document.querySelectorAll('.reader .edited').length"), 3);
        is("window", await browser.value("document.querySelectorAll('.reader .window').length"), 12);
        await look("run");

        for (const [width, scheme] of page === exported ? [] : [[1400, "dark"], [390, "light"], [390, "dark"]]) { // one stylesheet
            await browser.size(width);
            await browser.scheme(scheme);
            for (const hash of ["#list", "#trace?puzzle=1&naming=1&condition=2&token=3"]) {
                await start(page + hash);
                await look(`${hash} at ${width}, ${scheme}`);
            }
        }
        // on a narrow page what a mention tells can be closed
        if (page === address) {
            await start(`${page}#trace?puzzle=1&naming=1&token=3`);
            await browser.until("document.querySelector('.chosen').getBoundingClientRect().bottom === innerHeight");
            await browser.click(".close");
            is("closed", await browser.value("document.querySelector('.chosen').childElementCount"), 0);
        }
        // what is not there is told
        await browser.go("about:blank");
        await browser.go(`${page}#trace?puzzle=77&naming=1`);
        await browser.until("document.querySelector('[role=alert]') !== null");
        is("loaded from elsewhere", browser.asked.filter((url) => !url.startsWith(page.slice(0, page.lastIndexOf("/") + 1)) && !/^(about|data):/.test(url)), []);
        is("the console", browser.said.filter((text) => !(text.includes("404") && text.includes("puzzle=77"))), []);
    }
    await browser.close();
})().catch((error) => { console.error(error); process.exit(1); });
