/* The viewer's page. What it shows it asks for: of the server that sent it (ask/NAME?...), or, in an
 * exported page, of the answers inside. The address says what is shown, so that a link to it shows
 * the same: #list?... or #trace?... All text goes into text nodes. */
(() => {
    "use strict";

    /* ---- asking ---- */
    const fields = ["what", "puzzle", "naming", "condition", "concept"];
    const keyOf = (question) => JSON.stringify(fields.map((name) => question[name] ?? null));
    const inside = document.getElementById("answers");
    const answers = new Map(inside === null ? []
        : JSON.parse(inside.textContent).map(([question, answer]) => [keyOf(question), answer]));

    /* Of a server: what this page asked so far, so that it can ask before it needs the answer. */
    const sent = new Map();
    const ask = (question) => {
        const key = keyOf(question);
        if (inside !== null && !answers.has(key))
            return Promise.reject(new Error("This page does not hold that: it was exported without it."));
        if (inside !== null)
            return Promise.resolve(answers.get(key));
        if (question.what === "search")
            return askServer(question);
        if (!sent.has(key))
            sent.set(key, askServer(question));
        return sent.get(key);
    };
    const askServer = async (question) => {
        const { what, ...rest } = question;
        const names = Object.entries(rest).filter(([, value]) => value !== null && value !== undefined);
        let reply;
        try {
            reply = await fetch(`ask/${what}?${new URLSearchParams(names)}`);
        } catch {
            throw new Error("The server does not answer: fluidrep view was ended.");
        }
        const answer = await reply.json();
        if (!reply.ok)
            throw new Error(answer.error);
        return answer;
    };

    /* ---- making ---- */
    /* el("a.big", {href: "#"}, "text", ...): attributes by name, "on..." listeners. */
    const make = (node, attributes, children) => {
        for (const [name, value] of Object.entries(attributes ?? {})) {
            if (name.startsWith("on"))
                node.addEventListener(name.slice(2), value);
            else if (value !== null && value !== undefined && value !== false)
                node.setAttribute(name, value === true ? "" : value);
        }
        node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
        return node;
    };
    const el = (what, attributes, ...children) => {
        const [tag, ...classes] = what.split(".");
        const node = document.createElement(tag);
        if (classes.length > 0)
            node.className = classes.join(" ");
        return make(node, attributes, children);
    };
    const svg = (tag, attributes, ...children) =>
        make(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
    const numbers = new Intl.NumberFormat("en-US"); /* made once: it is slow to make */
    const count = (n) => numbers.format(n).replaceAll(",", "\u2009");
    const plural = (n, one) => `${count(n)} ${one}${n === 1 ? "" : "s"}`;
    const words = (name) => name.replaceAll("_", " ");

    const main = document.getElementById("main");
    const said = document.getElementById("said");
    const say = (text, quiet = false) => { said.textContent = text; said.classList.toggle("quiet", quiet); };

    /* ---- the address ---- */
    const read = () => {
        const [view, query] = location.hash.slice(1).split(/\?(.*)/s);
        return { view: view || "list", asked: new URLSearchParams(query ?? "") };
    };
    const link = (view, values) => {
        const kept = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
        return `#${view}?${new URLSearchParams(kept)}`;
    };
    /* Without a step in the history. */
    const note = (values) => {
        const { view, asked } = read();
        history.replaceState(null, "", link(view, { ...Object.fromEntries(asked), ...values }));
    };

    let study; /* what there is */
    let shown = []; /* the traces of the list as it was last seen, for "next" */

    /* Golden angle: neighbours in the list of concepts are far apart in hue. */
    const hue = (concept) => Math.round(concept * 137.508 + 20) % 360;
    const rows = (columns) => {
        const names = Object.keys(columns);
        return (columns[names[0]] ?? []).map((_, i) => Object.fromEntries(names.map((name) => [name, columns[name][i]])));
    };
    const conditionOf = (id) => study.condition.find((one) => one.id === id);
    const titleOf = (condition) => (condition.experiment === "" ? "" : `${condition.experiment}: `) + condition.name;

    /* ---- the list ---- */
    const CHUNK = 25;

    const choice = (name, label, options, value, changed) =>
        el("label", {}, label, el("select", { name, onchange: (event) => changed(event.target.value) },
            options.map(([key, text]) => el("option", { value: key, selected: String(key) === (value ?? "") }, text))));
    const entry = (name, label, type, value, changed) =>
        el("label", {}, label, el("input", { name, type, value: value ?? "", min: type === "number" ? 0 : null,
            autocomplete: "off", oninput: (event) => changed(event.target.value) }));

    const sorts = {
        "": ["puzzle", (a, b) => a.puzzle - b.puzzle || a.rank - b.rank],
        longest: ["longest first", (a, b) => b.n_tokens - a.n_tokens],
        shortest: ["shortest first", (a, b) => a.n_tokens - b.n_tokens],
        naming: ["naming", (a, b) => a.rank - b.rank || a.puzzle - b.puzzle],
        verdict: ["verdict", (a, b) => a.verdict.localeCompare(b.verdict) || a.puzzle - b.puzzle],
    };

    const showList = async (asked) => {
        const traces = rows(await ask({ what: "list" }));
        const condition = Number(asked.get("condition") ?? 0) || null;
        const listed = condition === null ? traces : rows(await ask({ what: "list", condition }));
        const unedited = new Map(traces.map((one) => [`${one.puzzle} ${one.naming}`, one.verdict]));
        const rank = new Map(study.namings.map((one, i) => [one.id, i]));
        for (const one of listed) {
            one.rank = rank.get(one.naming);
            one.unedited = unedited.get(`${one.puzzle} ${one.naming}`);
            one.split = study.puzzle.get(one.puzzle)?.split;
        }
        const columns = condition === null
            ? [["Puzzle"], ["Naming"], ["Verdict"], ["Tokens", "number"], ["Reasoning", "number wide"], ["Split", "wide"]]
            : [["Puzzle"], ["Naming"], ["Verdict"], ["Tokens", "number"], ["Rows edited", "number wide"], ["Unedited", "wide"]];
        let hits = null; /* of a search: "puzzle naming" -> where */
        const table = el("div.list", { role: "table", "aria-label": condition === null ? "Traces" : "Steered runs" });
        const total = el("p.total", { role: "status" });

        const row = (one, index) => {
            const hit = hits?.get(`${one.puzzle} ${one.naming}`);
            const cells = condition === null
                ? [one.n_tokens, one.n_reasoning, one.split ?? ""] : [one.n_tokens, one.n_edits, words(one.unedited ?? "")];
            return el("div.row", { role: "row", "aria-rowindex": index + 2 },
                el("span", { role: "cell" }, el("a", { href: link("trace", { puzzle: one.puzzle, naming: one.naming,
                    condition, find: hit === undefined ? null : asked.get("text") }) }, `Puzzle ${one.puzzle}`)),
                el("span", { role: "cell" }, one.naming),
                el("span", { role: "cell" }, el("b.verdict", { "data-verdict": one.verdict }, words(one.verdict))),
                cells.map((value, i) => el(`span.${columns[i + 3][1].replace(" ", ".")}`, { role: "cell" },
                    typeof value === "number" ? count(value) : value)),
                hit === undefined ? null : el("span.hit", { role: "cell" }, `${plural(hit.n, "place")}: \u2026${hit.text}\u2026`));
        };

        const passes = (one) => {
            const is = (name) => (asked.get(name) ?? "") === "" || String(one[name]) === asked.get(name);
            return is("naming") && is("verdict") && is("puzzle") && is("split")
                && one.n_tokens >= Number(asked.get("least") ?? 0)
                && one.n_tokens <= (Number(asked.get("most") ?? 0) || Infinity)
                && (hits === null || hits.has(`${one.puzzle} ${one.naming}`));
        };

        /* Chunks of rows keep their height; they are filled when they come near and emptied when they are far, so that
           the page stays small however long the list is. */
        let watcher = null;
        const fill = () => {
            shown = listed.filter(passes).sort((sorts[asked.get("sort") ?? ""] ?? sorts[""])[1]);
            total.textContent = `${count(shown.length)} of ${plural(listed.length, condition === null ? "trace" : "run")}`;
            table.setAttribute("aria-rowcount", shown.length + 1);
            const rows = (chunk) => {
                const first = Number(chunk.dataset.first);
                if (chunk.childElementCount === 0)
                    chunk.append(...shown.slice(first, first + CHUNK).map((one, i) => row(one, first + i)));
            };
            watcher?.disconnect();
            watcher = new IntersectionObserver((entries) => entries.forEach(({ isIntersecting, target }) => {
                if (isIntersecting)
                    rows(target);
                else if (!target.contains(document.activeElement))
                    target.replaceChildren();
            }), { rootMargin: "800px" });
            const chunks = [];
            for (let first = 0; first < shown.length; first += CHUNK) {
                const chunk = el(`div.rows${hits === null ? "" : ".hits"}`, { role: "rowgroup", "data-first": first });
                chunk.style.setProperty("--rows", Math.min(CHUNK, shown.length - first));
                chunks.push(chunk);
            }
            table.replaceChildren(el("div.row.head", { role: "row", "aria-rowindex": 1 },
                columns.map(([name, kind]) => el(`span${kind === undefined ? "" : `.${kind.replace(" ", ".")}`}`, { role: "columnheader" }, name))),
                ...chunks);
            chunks.slice(0, 1).forEach(rows);
            chunks.forEach((chunk) => watcher.observe(chunk));
        };

        const set = (name) => (value) => {
            if (value === "") asked.delete(name); else asked.set(name, value);
            history.replaceState(null, "", link("list", Object.fromEntries(asked)));
            if (name === "condition") render(); else fill();
        };

        /* In steps, so that the server is free between them and the page says how far it is. */
        let searching = 0;
        const search = async (text) => {
            const mine = ++searching;
            hits = text === "" ? null : new Map();
            fill();
            if (text === "")
                return;
            let from = 0;
            while (from !== null && mine === searching) {
                const part = inside === null ? await ask({ what: "search", text, from }) : searchInside(text);
                part.hits.forEach((one) => hits.set(`${one.puzzle} ${one.naming}`, one));
                from = part.next;
                if (mine !== searching)
                    return;
                if (part.hits.length > 0 || from === null)
                    fill();
                say(from === null ? `${plural(hits.size, "trace")} with \u201c${text}\u201d`
                    : `searched ${plural(from, "trace")} of ${count(traces.length)}`);
            }
        };

        const all = (text) => ["", text];
        const splits = [...new Set([...study.puzzle.values()].map((one) => one.split))];
        const conditions = study.condition.map((one) => [one.id, titleOf(one)]);
        const form = el("form.filters", { role: "search", "aria-label": "Filters", onsubmit: (event) => {
            event.preventDefault();
            const text = form.elements.text.value;
            set("text")(text);
            search(text).catch(fail);
        } },
            choice("naming", "Naming", [all("all"), ...study.namings.map((one) => [one.id, one.id])], asked.get("naming"), set("naming")),
            choice("verdict", "Verdict", [all("all"), ...study.verdicts.map((name) => [name, words(name)])], asked.get("verdict"), set("verdict")),
            entry("puzzle", "Puzzle", "number", asked.get("puzzle"), set("puzzle")),
            splits.length < 2 ? null : choice("split", "Split", [all("all"), ...splits.map((name) => [name, name])], asked.get("split"), set("split")),
            conditions.length === 0 ? null : choice("condition", "Condition", [all("as the model wrote them"), ...conditions], asked.get("condition"), set("condition")),
            el("span.pair", {}, entry("least", "Tokens from", "number", asked.get("least"), set("least")),
                entry("most", "to", "number", asked.get("most"), set("most"))),
            choice("sort", "Order", Object.entries(sorts).map(([key, [text]]) => [key, text]), asked.get("sort"), set("sort")),
            el("span.find", {}, entry("text", "Text", "search", asked.get("text"), () => {}), el("button", {}, "Search")));
        main.replaceChildren(form, total, table);
        fill();
        document.title = study.study;
        if ((asked.get("text") ?? "") !== "")
            await search(asked.get("text"));
    };

    /* What the server's search does, over the traces inside. */
    const searchInside = (text) => {
        const hits = [], wanted = text.toLowerCase();
        for (const [key, answer] of answers) {
            const [what, puzzle, naming] = JSON.parse(key);
            const whole = what === "trace" ? answer.tokens.join("") : "";
            const at = whole.toLowerCase().indexOf(wanted);
            if (at >= 0)
                hits.push({ puzzle, naming, n: whole.toLowerCase().split(wanted).length - 1,
                    text: whole.slice(Math.max(0, at - 48), at + text.length + 48) });
        }
        return { hits, next: null };
    };

    /* ---- a plan, state by state ---- */
    const SIDE = 24, GAP = 8;
    const tell = (state) => [...(state.piles ?? []).map((pile) => [...pile].reverse().join(" on ")), ...state.facts].join(", ");

    const draw = (state, tallest) => {
        if (state.piles === null)
            return el("ul.facts", {}, state.facts.map((fact) => el("li", {}, fact)));
        const widest = Math.max(1, ...state.piles.flat().map((name) => name.length));
        const side = Math.max(SIDE, widest * 8 + 6), width = state.piles.length * (side + GAP) + GAP, height = tallest * SIDE + 6;
        return el("div", {}, svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": tell(state) },
            state.piles.map((pile, x) => pile.map((name, y) => svg("g", {},
                svg("rect", { x: GAP + x * (side + GAP), y: height - 3 - (y + 1) * SIDE, width: side, height: SIDE - 2, rx: 3 }),
                svg("text", { x: GAP + x * (side + GAP) + side / 2, y: height - 3 - (y + 1) * SIDE + 16 }, name)))),
            svg("line", { x1: 0, x2: width, y1: height - 2, y2: height - 2 })),
            el("p.rest", {}, state.facts.join(" ")));
    };

    const planOf = (trace) => {
        const plan = trace.plan;
        if (plan === null)
            return el("p.note", {}, "No plan is shown: this study was made before studies kept their domain; `fluidrep run CONFIG --out DIR` adds it.");
        const states = [plan.start, ...plan.steps.map((step) => step.state).filter((state) => state !== undefined)];
        const tallest = Math.max(1, ...states.flatMap((state) => (state.piles ?? []).map((pile) => pile.length)));
        const notes = [];
        if (plan.differs !== null)
            notes.push(el("p.note.bad", {}, `Read today the answer is ${words(plan.differs)}; the study says ${words(trace.verdict)}. One of them is of another version of the program.`));
        if (!plan.answer)
            notes.push(el("p.note", {}, "There is no answer: the reasoning does not end."));
        else if (plan.steps.length === 0)
            notes.push(el("p.note", {}, "No plan could be read in the answer."));
        return el("div", {}, notes,
            el("ol.plan", { tabindex: 0, "aria-label": "States of the plan" },
                el("li", { value: 0 }, el("p.step", {}, "at first"), draw(plan.start, tallest)),
                plan.steps.map((step, i) => {
                    const taken = step.state !== undefined, fault = !taken && (i === 0 || plan.steps[i - 1].state !== undefined);
                    return el(`li${taken ? "" : fault ? ".bad" : ".after"}`, { value: i + 1 },
                        el("p.step", {}, `${i + 1} ${step.said}`, el("small", {}, step.step)),
                        taken ? draw(step.state, tallest) : el("p.rest", {}, fault ? "cannot be taken" : "not reached"));
                })),
            el("p.goal", {}, "Goal: ", plan.goal.map((one) => el(`span.fact${one.met ? ".met" : ".unmet"}`, {}, `${one.fact} ${one.met ? "\u2713" : "\u2717"}`))));
    };

    /* ---- tokens ---- */
    /* Parts of the text that the browser need not lay out while they are not seen. They end where a
     * line does. */
    const chunksOf = function* (tokens, first, decorate) {
        let chunk = null, n = 0;
        for (const [i, text] of tokens.entries()) {
            if (chunk === null) {
                chunk = el("div.chunk", { "data-from": first + i });
                n = 0;
            }
            const span = document.createElement("span");
            span.textContent = text;
            span.dataset.i = first + i;
            decorate(span, first + i);
            chunk.append(span);
            if (++n >= 200 && (text.endsWith("\n") || n >= 4000)) {
                yield chunk;
                chunk = null;
            }
        }
        if (chunk !== null)
            yield chunk;
    };

    /* A long text is put on the page in slices, so that its beginning can be read at once. */
    const growing = new Set();
    const grow = (box, chunks) => {
        const mine = turn;
        const more = (until) => {
            for (let one = chunks.next(); ; one = chunks.next()) {
                if (one.done) return growing.delete(finish);
                box.append(one.value);
                if (performance.now() > until) return false;
            }
        };
        const finish = () => more(Infinity);
        const slice = () => {
            if (mine !== turn) growing.delete(finish);
            else if (!more(performance.now() + 30)) setTimeout(slice);
        };
        growing.add(finish);
        slice();
        return box;
    };
    const growAll = () => [...growing].forEach((one) => one());

    /* The tokens of [first, end) as they are, mentions coloured. */
    const textOf = (text, first, end, decorate) => {
        const of = new Map();
        (text.mentions ?? []).forEach(([concept, from, to], k) => {
            for (let i = from; i < to; i++)
                if (!of.has(i)) of.set(i, [concept, k, i === from]);
        });
        return grow(el("div.text", {}), chunksOf(text.tokens.slice(first - text.first, end - text.first), first, (span, i) => {
            const mention = of.get(i);
            if (mention !== undefined) {
                const word = span.textContent.trimStart(), name = document.createElement("mark");
                name.textContent = word; /* the blank before a word is its token's, but no part of the word */
                span.replaceChildren(span.textContent.slice(0, span.textContent.length - word.length), name);
                span.className = "mention";
                span.style.setProperty("--hue", hue(mention[0]));
                span.dataset.concept = mention[0];
                if (mention[2]) span.dataset.mention = mention[1];
            }
            decorate?.(span, i);
        }));
    };

    const showTrace = async (asked) => {
        const puzzle = Number(asked.get("puzzle")), naming = asked.get("naming");
        const condition = Number(asked.get("condition") ?? 0) || null;
        const trace = await ask({ what: "trace", puzzle, naming });
        const run = condition === null ? null : await ask({ what: "run", puzzle, naming, condition });
        const about = study.puzzle.get(puzzle), edit = condition === null ? null : conditionOf(condition);
        const named = study.namings.find((one) => one.id === naming);
        const answerAt = trace.n_prompt + trace.n_reasoning, total = trace.tokens.length;
        const at = shown.findIndex((one) => one.puzzle === puzzle && one.naming === naming);
        const beside = (step, text, rel) => {
            const other = at < 0 ? undefined : shown[at + step];
            return other === undefined ? null
                : el("a", { rel, href: link("trace", { puzzle: other.puzzle, naming: other.naming, condition: asked.get("condition") }) }, text);
        };
        document.title = `Puzzle ${puzzle}, ${naming} \u2013 ${study.study}`;

        const facts = [`${count(total)} tokens: ${count(trace.n_prompt)} prompt, ${count(trace.n_reasoning)} reasoning, ${count(total - answerAt)} answer`];
        if (about !== undefined)
            facts.push(`puzzle ${about.place} of the split ${about.split}`, plural(about.n_objects, "object"),
                about.optimal_length > 0 ? `shortest plan ${plural(about.optimal_length, "step")}` : null, about.source || null);
        const head = el("div.head", {},
            el("h2", { tabindex: -1 }, `Puzzle ${puzzle}, naming ${naming} `, el("b.verdict", { "data-verdict": trace.verdict }, words(trace.verdict))),
            el("p.facts", {}, facts.filter((one) => one !== null).join(" \u00b7 ")),
            trace.reason === "" ? null : el("p.reason", {}, trace.reason),
            el("nav", { "aria-label": "Traces of the list" }, beside(-1, "\u2190 previous", "prev"), beside(1, "next \u2192", "next")));

        /* Window and edited rows of the condition. */
        const edited = new Set(run?.rows ?? []);
        const inWindow = (i) => edit !== null && edit.window_start !== null
            && i >= trace.origin + edit.window_start && i < trace.origin + edit.window_end;
        const mark = (span, i) => {
            if (inWindow(i)) span.classList.add("window");
            if (edited.has(i)) { span.classList.add("edited"); span.title = `token ${i}: edited`; }
        };

        const parts = [["Prompt", 0, trace.n_prompt], ["Reasoning", trace.n_prompt, answerAt], ["Answer", answerAt, total]]
            .filter(([, from, to]) => to > from);
        const reader = el("div.reader", {}, parts.map(([name, from, to]) => el("section", {},
            el("h3", {}, name, el("small", {}, ` tokens ${count(from)} to ${count(to - 1)}`)), textOf(trace, from, to, mark))));

        const panel = el("aside.panel", { "aria-label": "Concepts and mentions" });
        const legend = el("div.legend", { role: "group", "aria-label": "Concepts: show these mentions alone" });
        const chosen = el("div.chosen", {}); /* on a narrow page it lies over the bottom, and can be closed */
        const mentions = trace.mentions ?? [];
        const counts = study.concepts.map((_, a) => mentions.filter(([concept]) => concept === a).length);
        let only = asked.get("only"), current = -1;

        const spanAt = (i) => {
            growAll();
            return reader.querySelector(`[data-i="${i}"]`);
        };
        const visit = (i) => {
            const span = spanAt(i);
            reader.querySelector(".current")?.classList.remove("current");
            if (span === null) return;
            span.classList.add("current");
            span.tabIndex = -1;
            span.focus({ preventScroll: true });
            span.scrollIntoView({ block: "center" });
        };
        const filter = () => {
            if (only !== null) growAll();
            legend.querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", button.value === only));
            reader.classList.toggle("alone", only !== null);
            reader.querySelectorAll(".mention").forEach((span) =>
                span.classList.toggle("faded", only !== null && study.concepts[span.dataset.concept].name !== only));
        };
        legend.append(...study.concepts.map((concept, a) => {
            const swatch = el("i", {});
            swatch.style.setProperty("--hue", hue(a));
            return el("button", { type: "button", value: concept.name, disabled: counts[a] === 0, onclick: () => {
                only = only === concept.name ? null : concept.name;
                note({ only });
                filter();
            } }, swatch, concept.name, el("small", {}, named?.words[a] === concept.name ? "" : ` ${named?.words[a] ?? ""}`), el("span.n", {}, count(counts[a])));
        }));

        const choose = async (k, move) => {
            current = k;
            const [concept, from] = mentions[k];
            note({ token: from });
            if (move) visit(from);
            say(`mention ${k + 1} of ${mentions.length}: ${study.concepts[concept].name}, token ${from}, ${from - trace.origin} after the origin`, true);
            chosen.replaceChildren(el("h3", {}, `${study.concepts[concept].name}, token ${count(from)}`,
                el("button.close", { type: "button", onclick: () => chosen.replaceChildren() }, "Close")),
                el("p", {}, `Mention ${count(k + 1)} of ${count(mentions.length)}, ${count(from - trace.origin)} tokens after the ${study.origin === "prompt" ? "start of the prompt" : "start of the reasoning"}.`),
                await similarityOf(naming, concept, from - trace.origin, asked));
        };
        const step = (by) => {
            const fits = (k) => only === null || study.concepts[mentions[k][0]].name === only;
            let k = current;
            do k += by; while (k >= 0 && k < mentions.length && !fits(k));
            if (k >= 0 && k < mentions.length) choose(k, true).catch(fail);
            else say("no further mention");
        };
        reader.addEventListener("click", (event) => {
            const span = event.target.closest(".mention");
            const i = Number(span?.dataset.i);
            const k = span === null ? -1 : mentions.findIndex(([, from, to]) => i >= from && i < to);
            if (k >= 0) {
                reader.querySelector(".current")?.classList.remove("current");
                spanAt(mentions[k][1]).classList.add("current");
                choose(k, false).catch(fail);
            }
        });
        reader.addEventListener("mouseover", (event) => {
            const span = event.target.closest("[data-i]");
            if (span !== null && span.title === "")
                span.title = `token ${span.dataset.i}, ${Number(span.dataset.i) - trace.origin} after the origin`
                    + (span.dataset.concept === undefined ? "" : `: ${study.concepts[span.dataset.concept].name}`);
        });

        /* Find a text in the trace. */
        const whole = trace.tokens.join("").toLowerCase();
        const begins = [];
        trace.tokens.reduce((sum, text) => { begins.push(sum); return sum + text.length; }, 0);
        let found = -1;
        const find = (text) => {
            if (text === "") return;
            let place = whole.indexOf(text.toLowerCase(), found + 1);
            if (place < 0) place = whole.indexOf(text.toLowerCase());
            found = place;
            say(place < 0 ? `\u201c${text}\u201d is not in this trace` : "");
            if (place < 0) return;
            let i = begins.findIndex((begin) => begin > place);
            i = i < 0 ? total - 1 : i - 1;
            note({ find: text });
            visit(i);
        };
        const finder = el("form.find", { role: "search", onsubmit: (event) => { event.preventDefault(); find(finder.elements.find.value); } },
            entry("find", "In this trace", "search", asked.get("find"), () => { found = -1; }), el("button", {}, "Find"));

        keys = { n: () => step(1), p: () => step(-1), "/": () => finder.elements.find.focus() };
        panel.append(finder, el("h3", {}, "Concepts"),
            trace.mentions === null ? el("p.note", {}, "Which words name concepts is not known: this study was made before studies kept their domain.") : legend,
            el("p.steps", {}, el("button", { type: "button", onclick: () => step(-1) }, "\u2190 mention"),
                el("button", { type: "button", onclick: () => step(1) }, "mention \u2192"), el("small", {}, "keys: p and n for the same, / to find")), chosen);

        const picker = trace.conditions.length === 0 ? null : el("p.compare", {}, choice("condition", "Beside a steered run",
            [["", "none"], ...trace.conditions.map((id) => [id, titleOf(conditionOf(id))])], asked.get("condition"),
            (value) => { note({ condition: value }); render(); }));
        main.replaceChildren(head, picker ?? "", run === null ? "" : runOf(run, trace, edit),
            el("section", {}, el("h3", {}, "The plan of the answer"), planOf(trace)),
            trace.phases === null ? "" : phasesOf(trace, visit),
            el("div.columns", {}, reader, panel));
        filter();
        const token = asked.get("token");
        const k = token === null ? -1 : mentions.findIndex(([, from]) => from === Number(token));
        if (k >= 0) await choose(k, true);
        else if (token !== null) visit(Number(token));
        else if (asked.get("find")) find(asked.get("find"));
        else head.querySelector("h2").focus();
    };

    /* ---- phases ---- */
    const phaseOrder = ["none", "comparison", "search", "exploration", "planning", "verification"]; /* the report's */

    /* A band for each set of rules, as long as the reasoning; a piece of it leads to its first token. */
    const phasesOf = (trace, visit) => {
        const names = new Set(), bands = [];
        for (const [rules, spans] of Object.entries(trace.phases)) {
            const share = new Map();
            for (const [phase, from, end] of spans)
                share.set(phase, (share.get(phase) ?? 0) + end - from);
            const told = [...share].map(([phase, n]) => `${phase} ${Math.round(100 * n / trace.n_reasoning)}%`).join(", ");
            const band = el("div.band", { role: "img", "aria-label": `by ${rules}: ${told}` }, spans.map(([phase, from, end]) => {
                const piece = el("i", { "data-phase": phase, title: `${phase}, tokens ${count(from)} to ${count(end - 1)}`, onclick: () => visit(from) });
                piece.style.setProperty("--n", end - from);
                names.add(phase);
                return piece;
            }));
            bands.push(el("span", {}, `by ${rules}`), band);
        }
        return el("section", {}, el("h3", {}, "Phases of the reasoning"), el("div.phases", {}, bands),
            el("p.key", {}, phaseOrder.filter((name) => names.has(name)).map((name) => el("span", {}, el("i", { "data-phase": name }), name))),
            el("p.axis", {}, "Told by rules, in two ways that look at different things: where the bands differ, neither is to be relied on."));
    };

    /* ---- a run beside its baseline ---- */
    const runOf = (run, trace, edit) => {
        const from = run.run.first, differs = run.difference;
        const mark = (span, i) => {
            if (differs === null || i < differs) span.classList.add("same");
            if (i === differs) { span.classList.add("first"); span.title = "the first token that differs"; }
        };
        /* What both have is folded, but for the last lines before they part. */
        const alike = Math.max(0, (differs === null ? run.run.tokens.length : differs - from) - 100);
        const folded = (title, make) => el("details", { ontoggle: (event) => {
            if (event.target.childElementCount === 1) event.target.append(make());
        } }, el("summary", {}, title));
        const side = (title, text) => el("section", {},
            el("h4", {}, title, " ", el("b.verdict", { "data-verdict": text.verdict }, words(text.verdict))),
            text.reason === "" ? null : el("p.reason", {}, text.reason),
            text.n_unknown === 0 ? null : el("p.note", {}, `${plural(text.n_unknown, "token")} that no trace of the study shows: spelt by number.`),
            el("details", {}, el("summary", {}, "its plan"), planOf(text)),
            alike < 400 ? null : folded(`${count(alike)} tokens that both have`, () => textOf(text, from, from + alike, mark)),
            textOf(text, alike < 400 ? from : from + alike, from + text.tokens.length, mark));
        const go = () => {
            growAll();
            out.querySelectorAll(".first").forEach((span) => span.scrollIntoView({ block: "center" }));
        };
        const written = run.n_edits === run.n_rows_all ? plural(run.n_edits, "row")
            : run.n_rows_all === 0 ? `${plural(run.n_edits, "row")}, not marked, with vectors of another study`
            : `${plural(run.n_edits, "row")} of the ${count(run.n_rows_all)} marked (as the representations are now)`;
        const out = el("section.run", {}, el("h3", {}, titleOf(edit)),
            el("p", {}, edit.layer_first === null ? "A baseline: nothing was edited. "
                : `Edited: ${written}, at ${plural(run.rows.length, "token")} of the window [${edit.window_start}, ${edit.window_end}) after the origin, layer${edit.layer_end - edit.layer_first > 1 ? `s ${edit.layer_first} to ${edit.layer_end - 1}` : ` ${edit.layer_first}`}. `,
                `Both go on from the same ${count(from)} tokens; `,
                differs === null ? "they are the same to the last token." : `the first that differs is token ${count(differs)}, ${count(differs - from)} later. `,
                differs === null ? null : el("button", { type: "button", onclick: go }, "Show it")),
            el("p.definition", {}, "In the keys of an experiment: ", edit.definition.replace(/=(\d+)-\1(?= |$)/g, "=$1").replace(/\d\.\d{9,}/g, Number)),
            el("div.sides", {}, side("The baseline", run.baseline), side("The run", run.run)));
        return out;
    };

    /* ---- similarity ---- */
    const similarityOf = async (naming, concept, offset, asked) => {
        const found = await ask({ what: "similarity", naming, concept: study.concepts[concept].name });
        if (found.layers.length === 0)
            return el("p.note", {}, "No representations yet: the study has not come so far.");
        const holds = found.times.map((time) => offset < time && offset >= time - study.window_tokens);
        if (!holds.includes(true))
            return el("p.note", {}, `No timestamp's window holds this token; they end at ${count(found.times.at(-1))}.`);
        const value = (layer, other, t) => found.layers[layer][other][t];
        const share = (x) => (x === null ? "\u2014" : x.toFixed(2).replace("-", "\u2212"));
        let layer = Math.min(found.layers.length, Number(asked.get("layer")) || Math.max(1, Math.round(found.layers.length * 40 / 64))) - 1;
        let t = Math.max(found.times.findIndex((_, i) => holds[i] && value(layer, concept, i) !== null), holds.indexOf(true));
        const kind = study.concepts[concept].kind;
        const bars = el("ul.bars", {}), about = el("p.note", {});
        const own = study.concepts[concept].name, ago = `the window [T \u2212 ${study.window_tokens}, T)`;
        const heat = el("div.heat", { role: "img" });
        heat.style.setProperty("--columns", found.times.length);
        const colour = (x) => (x === null ? "transparent" : `color-mix(in lab, ${x >= 0 ? "var(--above)" : "var(--below)"} ${Math.round(Math.abs(x) * 100)}%, var(--zero))`);
        for (let l = found.layers.length - 1; l >= 0; l--)
            found.times.forEach((time, i) => {
                const cell = el("i", { title: `layer ${l + 1}, T = ${time}: ${share(value(l, concept, i))}`, "data-at": `${l} ${i}` });
                cell.style.background = colour(value(l, concept, i));
                if (holds[i]) cell.className = "holds";
                heat.append(cell);
            });
        const update = () => {
            heat.setAttribute("aria-label", `Cosine with the concept's own reference by layer (upwards) and timestamp; at layer ${layer + 1}, T = ${found.times[t]}: ${share(value(layer, concept, t))}`);
            heat.querySelector(".at")?.classList.remove("at");
            heat.querySelector(`[data-at="${layer} ${t}"]`).classList.add("at");
            bars.replaceChildren(...study.concepts.map((other, b) => [other, b]).filter(([other]) => other.kind === kind).map(([other, b]) => {
                const x = value(layer, b, t), bar = el("i", {});
                bar.style.setProperty("--share", Math.abs(x ?? 0));
                bar.className = (x ?? 0) < 0 ? "less" : "";
                return el(`li${b === concept ? ".own" : ""}`, {}, el("span", {}, other.name), bar, el("b", {}, share(x)));
            }));
            about.textContent = value(layer, concept, t) === null
                ? `No cosine at T = ${found.times[t]}: here, or in all other namings, a ${kind} has fewer than ${study.min_mentions} mentions in ${ago}; ${own} has ${found.counts[t]} here. Without one of a kind the others cannot be centred.`
                : `Cosine of this naming's representation of ${own} in ${ago} with each ${kind}'s reference: the mean of the ${found.n_namings} other namings at T = ${found.reference_timestamp}. A study keeps sums, so this is of all ${found.counts[t]} mentions in the window, in all traces of the naming, not of this one alone.`;
        };
        const layers = choice("layer", "Layer", found.layers.map((_, l) => [l + 1, l + 1]), String(layer + 1), (x) => { layer = Number(x) - 1; note({ layer: x }); update(); });
        const times = choice("time", "T (\u2022 its window holds this mention)", found.times.map((time, i) => [i, `${time}${holds[i] ? " \u2022" : ""}`]), String(t), (x) => { t = Number(x); update(); });
        heat.addEventListener("click", (event) => {
            const at = event.target.dataset?.at?.split(" ").map(Number);
            if (at === undefined) return;
            [layer, t] = at;
            layers.querySelector("select").value = layer + 1;
            times.querySelector("select").value = t;
            note({ layer: layer + 1 });
            update();
        });
        update();
        return el("div.similarity", {}, el("p", {}, layers, times), bars,
            el("p.axis", {}, `layers 1 to ${found.layers.length} upwards, T ${found.times[0]} to ${found.times.at(-1)} to the right; this mention's windows are framed; blank: too few mentions`), heat,
            el("p.scale", {}, "cosine \u22121", el("i", { role: "img", "aria-label": "orange below 0, blue above" }), "1"), about);
    };

    /* ---- what is shown ---- */
    let keys = {};
    let turn = 0; /* answers of an earlier address are not shown any more */

    const fail = (error) => {
        main.replaceChildren(el("p.note.bad", { role: "alert" }, error.message), el("p", {}, el("a", { href: "#list" }, "All traces")));
        document.documentElement.dataset.state = "failed";
    };
    const render = async () => {
        const mine = ++turn, { view, asked: values } = read();
        keys = {};
        document.documentElement.dataset.state = "loading";
        try {
            sent.clear(); /* a study that runs grows */
            const naming = values.get("naming"), puzzle = Number(values.get("puzzle"));
            ask(view === "trace" ? { what: "trace", puzzle, naming } : { what: "list" }).catch(() => {}); /* is told below */
            if (study === undefined || inside === null) {
                study = await ask({ what: "study" });
                study.puzzle = new Map(rows(study.puzzles).map((one) => [one.id, one]));
                study.condition = rows(study.conditions);
                document.querySelector("header").replaceChildren(el("h1", {}, el("a", { href: "#list" }, study.study)),
                    el("p", {}, [study.model, plural(study.namings.length, "naming"), plural(study.puzzle.size, "puzzle")].filter((one) => one !== "").join(" \u00b7 ")));
            }
            await (view === "trace" ? showTrace(values) : showList(values));
            if (mine === turn)
                document.documentElement.dataset.state = "ready";
        } catch (error) {
            fail(error);
        }
    };
    document.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea") || keys[event.key] === undefined)
            return;
        event.preventDefault();
        keys[event.key]();
    });
    window.addEventListener("hashchange", () => { window.scrollTo(0, 0); render(); });
    render();
})();
