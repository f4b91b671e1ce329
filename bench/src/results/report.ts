// Markdown tables of the results: medians, the lowest and highest round in brackets, and paired ratios.

import { BASELINE } from "../contenders/contenders.ts";
import type { Table } from "../section.ts";
import type { Spread } from "./statistics.ts";

/** @param node the Node version of the load generator and the contenders */
export function tableText({ title, how, columns, rows, baseline = BASELINE }: Table, node: string) {
  const hasRatios = rows.some(({ ratios }) => Object.keys(ratios).length > 0);
  const heads = columns.flatMap(({ label, withRatio }) =>
    hasRatios && withRatio ? [label, `÷ ${baseline}`] : [label],
  );
  const lines = rows.map(({ title: name, figures, ratios }) => [
    name,
    ...columns.flatMap(({ key, digits, withRatio }) => {
      const cell = figureText(figures[key], digits);
      return hasRatios && withRatio ? [cell, figureText(ratios[key], 2)] : [cell];
    }),
  ]);
  return `### ${title}\n\n${how} Node ${node}, load generator and contenders alike.\n\n${aligned([["", ...heads], ...lines])}\n`;
}

export function figureText(spread: Spread | undefined, digits: number) {
  if (spread === undefined || Number.isNaN(spread.median)) return "–";
  const text = (value: number) =>
    value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const [median, min, max] = [text(spread.median), text(spread.min), text(spread.max)];
  return min === max ? median : `${median} [${min}..${max}]`;
}

/** @param rows the first is the header */
export function aligned(rows: readonly (readonly string[])[]) {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const lines = rows.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`);
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}
