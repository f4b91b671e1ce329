import { text } from "./chart.mjs";

/** @typedef {import("./section.mjs").Table} Table */

const [LEFT, RIGHT, TOP, BOTTOM] = [72, 640, 74, 226];

/** CPU a webhook over the size of a batch, a line for each row; columns are sizes. @param {Table} table */
export function lineChart({ title, columns, rows }) {
  const sizes = columns.map(({ key }) => Number(key.replace(/\D/g, "")));
  const logMax = Math.log10(Math.max(...sizes));
  const micros = rows.flatMap(({ figures }) => columns.map(({ key }) => figures[key]?.median ?? 0));
  const most = Math.ceil(Math.max(...micros) / 50) * 50;
  const xOf = (/** @type {number} */ size) => LEFT + (Math.log10(size) / logMax) * (RIGHT - LEFT);
  const yOf = (/** @type {number} */ value) => BOTTOM - (value / most) * (BOTTOM - TOP);
  const grid = [0, 0.5, 1].map((share) => {
    const y = yOf(most * share);
    const line = `<line class="axis" x1="${LEFT}" x2="${RIGHT}" y1="${y}" y2="${y}"/>`;
    return line + text(LEFT - 8, y + 4, "muted", `${most * share} µs`, "end");
  });
  const ticks = sizes.map((size) => text(xOf(size), BOTTOM + 18, "muted", size.toLocaleString("en-US"), "middle"));
  const labelled = rows.map(({ title: name, figures }, i) => {
    const values = columns.map(({ key }) => figures[key]?.median ?? 0);
    const points = values.map((value, at) => [xOf(sizes[at] ?? 1).toFixed(1), yOf(value).toFixed(1)]);
    const line = `<polyline class="l${i}" fill="none" stroke-width="2" points="${points.map((point) => point.join(",")).join(" ")}"/>`;
    const dots = points.map(([x, y]) => `<circle class="d${i}" cx="${x}" cy="${y}" r="3"/>`).join("");
    const legend = `<circle class="d${i}" cx="${RIGHT + 28}" cy="${TOP + 6 + i * 22}" r="5"/>`;
    return line + dots + legend + text(RIGHT + 40, TOP + 10 + i * 22, "text", name);
  });
  const heading =
    text(24, 36, "title", title) + text(24, 56, "muted", "Redis's CPU, by webhooks in one call of the script");
  return [heading, ...grid, ...ticks, ...labelled].join("\n");
}
