// How fast the viewer is with a large study: scroll.js ADDRESS. Prints when the list and a trace are there, and how long
// frames take while each is scrolled: median, 95th percentile, longest; and how long of each the page itself works (scripts,
// styles, layout), which hardly depends on what else the machine does. 60 frames a second are 16.7 ms.
"use strict";
const { open } = require("../../tests/support/browser.js");
const [address] = process.argv.slice(2);
const ready = "document.documentElement.dataset.state === 'ready'";

// One step in each of `frames` frames, as a wheel makes them; the milliseconds between them.
const scroll = (pixels, frames) => `new Promise((done) => {
    const times = [];
    let n = 0, last = performance.now();
    const step = (now) => {
        times.push(performance.now() - last);
        last = performance.now();
        window.scrollBy({ top: ${pixels}, behavior: "instant" });
        if (++n < ${frames}) requestAnimationFrame(step); else done(times.slice(2));
    };
    requestAnimationFrame(step);
})`;
(async () => {
    const browser = await open();
    await browser.size(1400);
    await browser.send("Performance.enable");
    const worked = async () => (await browser.send("Performance.getMetrics")).metrics
        .filter(({ name }) => /^(Script|RecalcStyle|Layout)Duration$/.test(name)).reduce((sum, one) => sum + 1000 * one.value, 0);
    const scrolled = async (what, pixels, frames) => {
        const before = await worked(), times = await browser.value(scroll(pixels, frames)), after = await worked();
        const sorted = times.sort((a, b) => a - b), at = (q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))].toFixed(1);
        console.log(`${what}, ${pixels} px a frame: median ${at(0.5)} ms, 95th percentile ${at(0.95)} ms, longest ${at(1)} ms; the page works `
            + `${((after - before) / frames).toFixed(1)} ms`);
    };
    const timed = async (what, act, until) => {
        const begun = Date.now();
        await act();
        await browser.until(until, 60);
        console.log(`${what}: ${((Date.now() - begun) / 1000).toFixed(2)} s`);
    };
    await browser.go("about:blank");
    await timed("the list", () => browser.go(address), `${ready} && document.querySelectorAll('[role=table] a').length > 0`);
    console.log(await browser.value("document.querySelector('.total').textContent"));
    await scrolled("list", 120, 300);
    await scrolled("list", 2000, 120);
    await timed("a filter", () => browser.value("{ const s = document.querySelector('[name=sort]'); s.value = 'longest'; s.dispatchEvent(new Event('change')); }"),
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");
    await browser.value("window.scrollTo(0, 0)");
    await timed("a trace, its beginning", () => browser.value("document.querySelector('[role=table] a').click()"), `${ready} && document.querySelector('.reader') !== null`);
    await scrolled("trace while it grows", 120, 60);
    await browser.until("document.querySelectorAll('.reader [data-i]').length >= 19000", 60);
    console.log(`${await browser.value("document.querySelectorAll('.reader [data-i]').length")} tokens on the page`);
    await browser.value("window.scrollTo(0, 0)");
    await scrolled("trace", 120, 300);
    await scrolled("trace", 2000, 60);
    await timed("one concept alone", () => browser.value("document.querySelector('.legend button:not(:disabled)').click()"),
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");
    await timed("the next mention", () => browser.press("n"), "document.querySelector('.current') !== null");
    // The first puzzles have runs; the last condition of the first trace.
    const naming = await browser.value("new URLSearchParams(location.hash.split('?')[1]).get('naming')");
    await browser.go(`${address}#trace?${new URLSearchParams({ puzzle: 0, naming })}`);
    await browser.until(`${ready} && document.querySelector('h2').textContent.startsWith('Puzzle 0,')`, 60);
    if (await browser.value("document.querySelector('[name=condition]') !== null")) {
        await timed("a run beside its baseline", () => browser.value(`{ const s = document.querySelector('[name=condition]');
            s.selectedIndex = s.options.length - 1; s.dispatchEvent(new Event('change')); }`), `${ready} && document.querySelector('.run') !== null`);
        await browser.until("document.querySelectorAll('.reader [data-i]').length >= 19000", 60);
        await scrolled("run", 120, 200);
    }
    if (browser.said.length > 0)
        console.log(browser.said);
    await browser.close();
})().catch((error) => { console.error(error); process.exit(1); });
