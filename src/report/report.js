/* Draws the figures whose specifications are in the page, in the colours of the reader's scheme.
 * When all are settled, document.documentElement.dataset.figures is "drawn/total". */
(() => {
    "use strict";

    /* In the dark scheme: ink and paper change places, and the colours of data that would drown are
     * brightened, each to a neighbour of the same hue. */
    const dark = {
        "#333333": "#d5d8db", "#444444": "#c3c8cc", "#e3e3e3": "#2d3135", "#888888": "#7d848a",
        "#f4f4f4": "#26292c", "#000000": "#eeeeee", "#777777": "#9aa0a6", "#AAAAAA": "#6f767c",
        "#0072B2": "#4aa8e0", "#D55E00": "#f08a45", "#009E73": "#2fc79c",
    };
    const scheme = window.matchMedia("(prefers-color-scheme: dark)");

    /* Every string of the specification that is one of those colours; the data stay as they are. */
    const recolour = (value) =>
        typeof value === "string" ? dark[value] ?? value
        : Array.isArray(value) ? value.map(recolour)
        : value !== null && typeof value === "object"
            ? Object.fromEntries(Object.entries(value).map(
                ([key, inner]) => [key, key === "datasets" ? inner : recolour(inner)]))
        : value;

    /* On a phone a row of legend entries is wider than the figure, and long labels leave it no room. */
    const narrow = (value, columns) =>
        Array.isArray(value) ? value.map((inner) => narrow(inner, columns))
        : value !== null && typeof value === "object"
            ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key,
                key === "datasets" ? inner
                : key === "labelLimit" ? Math.min(inner, 150)
                : key === "legend" && inner !== null ? { ...inner, labelLimit: 260, columns } : narrow(inner, columns)]))
        : value;

    const plots = [...document.querySelectorAll(".plot")];
    const views = new Map();
    const marks = ".role-mark > *, .role-mark path, .role-mark rect, .role-mark text";

    const draw = async (plot) => {
        let spec = JSON.parse(document.getElementById(plot.dataset.spec).textContent);
        if (plot.clientWidth < 560)
            spec = narrow(spec, spec.usermeta?.narrow_columns ?? 1);
        views.get(plot)?.finalize();
        const result = await vegaEmbed(plot, scheme.matches ? recolour(spec) : spec,
            { renderer: "svg", actions: false, defaultStyle: false, logLevel: vega.Warn,
              tooltip: { theme: scheme.matches ? "dark" : "light" } });
        views.set(plot, result);
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

    /* "Save" makes the picture as it is seen now. */
    for (const plot of plots) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = "save as SVG";
        button.addEventListener("click", async () => {
            const svg = await views.get(plot).view.toSVG();
            const link = document.createElement("a");
            link.href = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
            link.download = `${plot.dataset.name}.svg`;
            link.click();
            URL.revokeObjectURL(link.href);
        });
        plot.parentElement.querySelector(".links")?.append(button);
    }

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
