// A headless Chromium that a test drives: opens pages at a width and in a scheme, runs scripts in
// them, clicks and types as a person does, takes pictures, and keeps what the console says.
// Talks to the browser's own pipe, so that nothing has to be installed.
"use strict";
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

exports.open = async () => {
    const profile = fs.mkdtempSync(path.join(os.tmpdir(), "browser-"));
    const child = spawn("chromium", ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        `--user-data-dir=${profile}`, "--remote-debugging-pipe", "about:blank"],
        { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    const waiting = new Map(), listeners = [];
    let number = 0, rest = "";
    child.stdio[4].on("data", (bytes) => {
        const parts = (rest + bytes).split("\0");
        rest = parts.pop();
        for (const part of parts) {
            const message = JSON.parse(part);
            if (message.id !== undefined) {
                const { resolve, reject } = waiting.get(message.id);
                waiting.delete(message.id);
                message.error === undefined ? resolve(message.result) : reject(new Error(message.error.message));
            } else
                listeners.forEach((one) => one(message));
        }
    });
    let session;
    const send = (method, params = {}, to = session) => new Promise((resolve, reject) => {
        waiting.set(++number, { resolve, reject });
        child.stdio[3].write(`${JSON.stringify({ id: number, method, params, sessionId: to })}\0`);
    });
    const { targetInfos } = await send("Target.getTargets");
    const page = targetInfos.find((one) => one.type === "page");
    session = (await send("Target.attachToTarget", { targetId: page.targetId, flatten: true }, undefined)).sessionId;

    const said = [], asked = []; // complaints of the console; addresses that were loaded
    listeners.push(({ method, params }) => {
        if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type))
            said.push(params.args.map((one) => one.value ?? one.description).join(" "));
        if (method === "Runtime.exceptionThrown")
            said.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
        if (method === "Log.entryAdded" && params.entry.level !== "info")
            said.push(`${params.entry.text} ${params.entry.url ?? ""}`);
        if (method === "Network.requestWillBeSent")
            asked.push(params.request.url);
    });
    for (const domain of ["Page", "Runtime", "Log", "Network"])
        await send(`${domain}.enable`);

    const browser = { said, asked, send };
    // The value of an expression in the page.
    browser.value = async (expression) => {
        const { result, exceptionDetails } = await send("Runtime.evaluate",
            { expression, returnByValue: true, awaitPromise: true });
        if (exceptionDetails !== undefined)
            throw new Error(`${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
        return result.value;
    };
    browser.until = async (expression, seconds = 20) => {
        for (const end = Date.now() + 1000 * seconds; ;) {
            if (await browser.value(expression).catch(() => false)) return;
            if (Date.now() > end) throw new Error(`never came true: ${expression}; the page: ${await browser.value("document.body.innerText.slice(0, 400)")}`);
            await new Promise((resolve) => setTimeout(resolve, 15));
        }
    };
    browser.size = (width, height = 900) =>
        send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    browser.scheme = (value) =>
        send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value }] });
    browser.go = (url) => send("Page.navigate", { url });
    browser.press = async (key) => {
        for (const type of ["keyDown", "keyUp"])
            await send("Input.dispatchKeyEvent", { type, key, code: key,
                ...(key === "Enter" ? { windowsVirtualKeyCode: 13, text: "\r" } : key === "Tab" ? { windowsVirtualKeyCode: 9 } : { text: key }) });
    };
    browser.type = (text) => send("Input.insertText", { text });
    browser.click = async (selector) => {
        const at = await browser.value(`(() => { const node = document.querySelector(${JSON.stringify(selector)});
            node.scrollIntoView({ block: "center" }); const box = node.getClientRects()[0];
            return { x: box.x + box.width / 2, y: box.y + box.height / 2 }; })()`);
        for (const type of ["mousePressed", "mouseReleased"])
            await send("Input.dispatchMouseEvent", { type, ...at, button: "left", clickCount: 1 });
    };
    browser.picture = async (file, whole = false) => {
        const { data } = await send("Page.captureScreenshot", { captureBeyondViewport: whole });
        fs.writeFileSync(file, Buffer.from(data, "base64"));
    };
    browser.close = async () => {
        const ended = new Promise((resolve) => child.on("exit", resolve));
        await send("Browser.close", {}, undefined).catch(() => {});
        await ended;
        fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    };
    return browser;
};
