// The chart of the README, drawn by hand: a card of its own colours, so that it can be read on light and dark pages.
import { lineChart } from "./line-chart.mjs";

/** @typedef {import("./section.mjs").Table} Table */
/** @typedef {import("./rounds.mjs").Row} Row */

const WIDTH = 860;
const [LABELS_END, BARS_END] = [280, 770];
const [TOP, ROW, BAR] = [86, 44, 14];
const OURS = "ticktally";

const STYLE = `
.card{fill:#fff;stroke:#d1d9e0}.title{fill:#1f2328;font-weight:600;font-size:16px}.text{fill:#1f2328}.muted{fill:#59636e}
.note{fill:#59636e;font-size:11px}.axis{stroke:#d1d9e0}.other{fill:#8c959f}.ours{fill:#0969da}.family{fill:#54aeff}.dim{opacity:.55}
.l0{stroke:#0969da}.l1{stroke:#bf3989}.l2{stroke:#bc4c00}.d0{fill:#0969da}.d1{fill:#bf3989}.d2{fill:#bc4c00}
@media(prefers-color-scheme:dark){.card{fill:#0d1117;stroke:#3d444d}.title,.text{fill:#f0f6fc}.muted,.note{fill:#9198a1}
.axis{stroke:#3d444d}.other{fill:#656c76}.ours{fill:#4493f8}.family{fill:#1f6feb}
.l0{stroke:#4493f8}.l1{stroke:#db61a2}.l2{stroke:#db6d28}.d0{fill:#4493f8}.d1{fill:#db61a2}.d2{fill:#db6d28}}`;

/** @param {readonly Table[]} tables those that have no table here are left out @param {string} footnote */
export function chartOf(tables, footnote) {
  const table = (/** @type {string} */ name) => tables.find((one) => one.name === name);
  const [at64, at256, cost] = [table("connections-64"), table("connections-256"), table("batch-cost")];
  const parts = [];
  let height = 24;
  if (at64 !== undefined) {
    parts.push(bars(at64.rows, at256?.rows ?? []));
    height = TOP + at64.rows.length * ROW + 12;
  }
  if (cost !== undefined) {
    parts.push(`<g transform="translate(0 ${height})">${lineChart(cost)}</g>`);
    height += 270;
  }
  parts.push(text(24, height + 14, "note", footnote));
  height += 34;
  const font = 'font-family="system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif" font-size="13"';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" ${font} role="img">
<title>Ticktally beside other designs</title><style>${STYLE}</style>
<rect class="card" x=".5" y=".5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>
${parts.join("\n")}
</svg>\n`;
}

/** @param {readonly Row[]} rows @param {readonly Row[]} rows256 */
function bars(rows, rows256) {
  const rate = (/** @type {Row | undefined} */ row) => row?.figures["countedPerSecond"]?.median ?? 0;
  const most = Math.max(1, ...rows.map(rate), ...rows256.map(rate));
  const lines = rows.map((row, i) => {
    const y = TOP + i * ROW;
    const kind = row.name === OURS ? "ours" : row.name.startsWith("ours-") ? "family" : "other";
    const other = rows256.find(({ name }) => name === row.name);
    const bar = (/** @type {Row | undefined} */ of, /** @type {number} */ dy, /** @type {string} */ dim) => {
      if (of === undefined) return "";
      const width = (rate(of) / most) * (BARS_END - LABELS_END);
      const value = Math.round(rate(of)).toLocaleString("en-US");
      const shape = `<rect class="${kind} ${dim}" x="${LABELS_END}" y="${y + dy}" width="${width.toFixed(1)}" height="${BAR}" rx="2"/>`;
      return shape + text(LABELS_END + width + 6, y + dy + 11, dim === "" ? "text" : "muted", value);
    };
    const label = text(LABELS_END - 10, y + 19, kind === "ours" ? "title" : "text", row.title, "end");
    return label + bar(row, 0, "") + bar(other, BAR + 2, "dim");
  });
  const subtitle = "Upper bar: 64 connections; lower bar: 256. Median of all rounds.";
  return [
    text(24, 36, "title", "Webhooks counted per second: POST → stored → acknowledged → counted"),
    text(24, 58, "muted", subtitle),
    ...lines,
  ].join("\n");
}

/** @param {number} x @param {number} y @param {string} kind @param {string} content @param {"start" | "middle" | "end"} anchor */
export function text(x, y, kind, content, anchor = "start") {
  const safe = content.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  return `<text class="${kind}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${safe}</text>`;
}
