// node scale-page.js ESTIMATES PAGE README: do the table of docs/scale.md and the README say what `run --dry-run --json` does?
// ESTIMATES: of paper-design, then paper-qwq32b, each at 3000,230 and at 3000,2000, one JSON document after the other.
const fs = require("fs");
const [estimates, page, readme] = process.argv.slice(2).map((path) => fs.readFileSync(path, "utf8"));
const plans = estimates.trim().split(/\n(?=\{)/).map((text) => JSON.parse(text));
const n = (x) => Math.round(x).toLocaleString("en-US");
const hours = (x) => (x < 10 ? x.toFixed(1) : n(x));
const expect = (text, what) => {
  if (text.includes(what)) return;
  console.error("not there, as --dry-run has it: " + what);
  process.exitCode = 1;
};
for (const [slow, fast] of [plans.slice(0, 2), plans.slice(2, 4)]) {
  const at = (plan, stage) => plan.stages.find((s) => s.stage === stage);
  const rows = [["rollouts", "rollouts"], ["representations", "replays"], ["steering", "steered runs"]].map(([stage, unit]) => {
    const s = at(slow, stage);
    const tokens = s.decode_tokens > 0 ? n(s.decode_tokens / 1e6) + " M" : `0 (${n(s.prefill_tokens / 1e6)} M prefilled)`;
    return `| ${n(s.count)} ${unit} | ${tokens} | ${hours(s.hours)} | ${hours(at(fast, stage).hours)} |`;
  });
  expect(page, rows.join("\n| "));
}
expect(readme, `[${n(plans[2].hours)} hours against ${n(plans[0].hours)}](docs/scale.md)`);
expect(readme, `${n(plans[2].steered_runs)}\nsteered runs`);
expect(readme, `own ${n(plans[0].steered_runs)} alone`);
