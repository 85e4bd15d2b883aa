/* Draws the figures whose specifications are in the page, in the colours of the reader's scheme.
 * When all are settled, document.documentElement.dataset.figures is "drawn/total". */
(() => {
    "use strict";

    /* In the dark scheme: ink and paper change places, and the colours of data that would drown are
     * brightened, each to a neighbour of the same hue. */
    const dark = {
        "#333333": "#d5d8db", "#444444": "#c3c8cc", "#e3e3e3": "#2d3135", "#888888": "#7d848a",
        "#f4f4f4": "#26292c", "#000000": "#eeeeee", "#111111": "#eeeeee", "#777777": "#9aa0a6", "#AAAAAA": "#6f767c",
        "#0072B2": "#4aa8e0", "#D55E00": "#f08a45", "#009E73": "#2fc79c", "#56B4E9": "#bfe3ff",
        "#8c564b": "#c89a8f", "#7f3fbf": "#b58cf0", "#AA0044": "#e0557f",
    };
    const scheme = window.matchMedia("(prefers-color-scheme: dark)");

    /* Every string of the specification that is one of those colours; of the data the column colour alone. */
    const recolourRows = (rows) => rows.map((row) => (row.colour in dark ? { ...row, colour: dark[row.colour] } : row));
    const recolour = (value) =>
        typeof value === "string" ? dark[value] ?? value
        : Array.isArray(value) ? value.map(recolour)
        : value !== null && typeof value === "object"
            ? Object.fromEntries(Object.entries(value).map(
                ([key, inner]) => [key, key === "datasets"
                    ? Object.fromEntries(Object.entries(inner).map(([name, rows]) => [name, recolourRows(rows)])) : recolour(inner)]))
        : value;

    /* On a phone a row of legend entries is wider than the figure, and long labels leave it no room. */
    const narrow = (value, { narrow_columns: columns = 1, narrow_labels: most = 150 } = {}) =>
        Array.isArray(value) ? value.map((inner) => narrow(inner, { narrow_columns: columns, narrow_labels: most }))
        : value !== null && typeof value === "object"
            ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key,
                key === "datasets" ? inner
                : key === "labelLimit" ? Math.min(inner, most)
                : key === "legend" && inner !== null ? { ...inner, labelLimit: 290, labelFontSize: 11, columns }
                : narrow(inner, { narrow_columns: columns, narrow_labels: most })]))
        : value;

    /* And two legends stand one below the other. */
    const below = (spec) => ({ ...spec, config: { ...spec.config, legend: { ...spec.config?.legend,
        layout: { top: { direction: "vertical", anchor: "start", margin: 2 } } } } });

    const plots = [...document.querySelectorAll(".plot")];
    const views = new Map();
    const marks = ".role-mark > *, .role-mark path, .role-mark rect, .role-mark text";

    const draw = async (plot) => {
        let spec = JSON.parse(document.getElementById(plot.dataset.spec).textContent);
        if (plot.clientWidth < 560)
            spec = below(narrow(spec, spec.usermeta));
        views.get(plot)?.finalize();
        const result = await vegaEmbed(plot, scheme.matches ? recolour(spec) : spec,
            { renderer: "svg", actions: false, defaultStyle: false, logLevel: vega.Warn,
              tooltip: { theme: scheme.matches ? "dark" : "light" } });
        views.set(plot, result);
        const labels = spec.usermeta?.labels, settle = () => {
            if (labels !== undefined) spread(plot, labels);
            tell(plot);
        };
        settle();
        for (const { name } of spec.params ?? [])
            result.view.addSignalListener(name, () => setTimeout(settle, 30));
        const svg = plot.querySelector("svg");
        return svg !== null && svg.getBoundingClientRect().width > 100 && svg.querySelectorAll(marks).length > 0;
    };

    const drawAll = async () => {
        const settled = await Promise.allSettled(plots.map(draw));
        settled.forEach((one, i) => {
            if (one.status === "rejected") {
                console.error(`figure ${plots[i].dataset.name}: ${one.reason}`);
                plots[i].textContent = `This figure could not be drawn: ${one.reason}`;
            }
        });
        const drawn = settled.filter((one) => one.status === "fulfilled" && one.value).length;
        document.documentElement.dataset.figures = `${drawn}/${plots.length}`;
        document.documentElement.dataset.loads = performance.getEntriesByType("resource")
            .filter((entry) => !entry.name.startsWith("data:")).length;
    };

    /* ---- saving ---- */
    const save = (name, blob) => {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(blob);
        link.download = name;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    };

    /* Text in lines of at most so many pixels. */
    const pen = document.createElement("canvas").getContext("2d");
    const wrap = (text, font, width) => {
        const lines = [""];
        pen.font = font;
        for (const word of text.split(/\s+/).filter((one) => one !== "")) {
            const longer = `${lines.at(-1)} ${word}`.trim();
            if (pen.measureText(longer).width <= width || lines.at(-1) === "")
                lines[lines.length - 1] = longer;
            else
                lines.push(word);
        }
        return lines;
    };

    /* What the reader chose: "Layer 3", "Concepts actions". */
    const choices = (plot) => [...plot.querySelectorAll(".vega-bind")].map((bind) => {
        const input = bind.querySelector("select, input");
        const value = input.type === "checkbox" ? (input.checked ? "shown" : "hidden")
            : input.tagName === "SELECT" ? input.selectedOptions[0]?.textContent : input.value;
        return `${bind.querySelector(".vega-bind-name").textContent.trim()} ${value}`;
    });

    /* On paper the controls are gone, and what they are at is said. */
    const tell = (plot) => {
        let line = plot.parentElement.querySelector(".chosen");
        if (line === null) {
            line = Object.assign(document.createElement("p"), { className: "chosen" });
            plot.before(line);
        }
        line.textContent = choices(plot).join(" \u00b7 ");
    };

    /* The figure as it is seen, with its title above and its caption below: a picture that can stand
     * alone. */
    const picture = (plot) => {
        const colours = getComputedStyle(document.documentElement);
        const [paper, ink, soft] = ["--paper", "--ink", "--soft"].map((name) => colours.getPropertyValue(name).trim());
        const drawn = plot.querySelector("svg").cloneNode(true);
        const caption = plot.parentElement.querySelector("figcaption").cloneNode(true);
        const title = caption.querySelector("b");
        title.remove();
        const margin = 16, width = Number(drawn.getAttribute("width")), height = Number(drawn.getAttribute("height"));
        const font = (size, weight) => `${weight} ${size}px system-ui, sans-serif`;
        const above = wrap(title.textContent, font(15, 600), width), below = wrap(caption.textContent, font(12, 400), width);
        const chosen = wrap(choices(plot).join(" \u00b7 "), font(12, 400), width).filter((line) => line !== "");
        const top = margin + 20 * above.length + 17 * chosen.length + 6;
        const whole = document.createElementNS("http://www.w3.org/2000/svg", "svg");
        const add = (name, attributes, text) => {
            const node = document.createElementNS("http://www.w3.org/2000/svg", name);
            Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
            if (text !== undefined) node.textContent = text;
            return whole.appendChild(node);
        };
        const write = (lines, y, step, size, weight, fill) => lines.forEach((line, i) => add("text",
            { x: margin, y: y + step * i, fill, "font-size": size, "font-weight": weight, "font-family": "system-ui, sans-serif" }, line));
        const total = [width + 2 * margin, top + height + 17 * below.length + 2 * margin];
        whole.setAttribute("xmlns", "http://www.w3.org/2000/svg");
        whole.setAttribute("width", total[0]);
        whole.setAttribute("height", total[1]);
        whole.setAttribute("viewBox", `0 0 ${total[0]} ${total[1]}`);
        add("rect", { width: total[0], height: total[1], fill: paper });
        write(above, margin + 14, 20, 15, 600, ink);
        write(chosen, margin + 14 + 20 * above.length, 17, 12, 400, soft);
        drawn.setAttribute("x", margin);
        drawn.setAttribute("y", top);
        drawn.setAttribute("overflow", "visible");
        whole.append(drawn);
        write(below, top + height + margin + 8, 17, 12, 400, soft);
        return { text: new XMLSerializer().serializeToString(whole), width: total[0], height: total[1] };
    };
    const saveSvg = (plot) => save(`${plot.dataset.name}.svg`, new Blob([picture(plot).text], { type: "image/svg+xml" }));
    const savePng = async (plot) => {
        const { text, width, height } = picture(plot), image = new Image(), scale = 2;
        image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
        await image.decode();
        const canvas = Object.assign(document.createElement("canvas"), { width: width * scale, height: height * scale });
        canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
        canvas.toBlob((blob) => save(`${plot.dataset.name}.png`, blob), "image/png");
    };
    for (const plot of plots)
        for (const [kind, act] of [["SVG", saveSvg], ["PNG", savePng]]) {
            const button = document.createElement("button");
            button.type = "button";
            button.textContent = `save as ${kind}`;
            button.addEventListener("click", () => act(plot));
            plot.parentElement.querySelector(".links")?.append(button);
        }

    /* The tables and specifications are in the page, so that it can be sent alone. */
    const tables = JSON.parse(document.getElementById("tables")?.textContent ?? "{}");
    document.addEventListener("click", (event) => {
        const link = event.target.closest("a[href^='tables/'], a[href^='figures/']");
        const [, name, suffix] = link?.getAttribute("href").match(/^[a-z]+\/(.*?)(\.csv|\.vl\.json)$/) ?? [];
        const text = suffix === ".csv" ? tables[name] : document.getElementById(`spec-${name}`)?.textContent;
        if (text === undefined) return;
        event.preventDefault();
        save(name + suffix, new Blob([text], { type: suffix === ".csv" ? "text/csv" : "application/json" }));
    });

    /* Labels that would lie on others or on points are moved, or left out: in figures that name theirs. */
    const moved = new WeakMap(); // label -> where it was, and where it was put
    const spread = (plot, marks) => {
        const overlaps = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
        const taken = [...plot.querySelectorAll(".role-mark.mark-symbol path")].map((point) => point.getBoundingClientRect());
        for (const label of plot.querySelectorAll(`.${marks} text`)) {
            const now = label.getAttribute("transform"), before = moved.get(label);
            const base = before?.put === now ? before.base : now;
            label.setAttribute("transform", base);
            const box = label.getBoundingClientRect(), left = -box.width - 14;
            const at = [[0, 0], [0, 14], [left, 0], [left, 14]].map(([x, y]) => ({ x, y, left: box.left + x, right: box.right + x, top: box.top + y + 2, bottom: box.bottom + y - 2 }))
                .find((place) => !taken.some((other) => overlaps(place, other)));
            label.setAttribute("visibility", at === undefined ? "hidden" : "visible");
            if (at !== undefined) taken.push(at);
            const put = at === undefined ? base : `translate(${at.x},${at.y}) ${base}`;
            label.setAttribute("transform", put);
            moved.set(label, { base, put });
        }
    };

    /* A table that is wider than the page says that it scrolls. */
    const wide = new ResizeObserver((entries) => entries.forEach(({ target }) =>
        target.parentElement.classList.toggle("scrolls", target.scrollWidth > target.clientWidth + 1)));
    document.querySelectorAll(".scroll").forEach((one) => wide.observe(one));

    /* On paper what is folded is open. */
    const PAPER = 665; // pixels between the margins of A4, and some to spare
    window.addEventListener("beforeprint", () => {
        document.querySelectorAll("details:not([open])").forEach((one) => {
            one.open = true;
            one.dataset.folded = "";
        });
        document.body.classList.add("measuring");
        document.querySelectorAll("table").forEach((one) => one.style.setProperty("--fit", Math.min(1, PAPER / one.offsetWidth)));
        document.body.classList.remove("measuring");
    });
    window.addEventListener("afterprint", () => document.querySelectorAll("details[data-folded]").forEach((one) => {
        one.open = false;
        delete one.dataset.folded;
    }));

    /* The contents show where the reader is. */
    const links = new Map([...document.querySelectorAll("nav a")].map((a) => [a.hash.slice(1), a]));
    const seen = new IntersectionObserver((entries) => {
        for (const entry of entries) {
            if (entry.isIntersecting && links.has(entry.target.id)) {
                links.forEach((a) => a.removeAttribute("aria-current"));
                links.get(entry.target.id).setAttribute("aria-current", "true");
            }
        }
    }, { rootMargin: "0px 0px -70% 0px" });
    document.querySelectorAll("section").forEach((section) => seen.observe(section));

    scheme.addEventListener("change", drawAll);
    drawAll();
})();
