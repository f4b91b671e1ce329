// The figures and the text of a comparison: one line for each figure, so that base and ours are side by side.
import { aligned, figureText } from "../results/report.ts";
import { rowOf } from "../results/rounds.ts";
import type { Row } from "../results/rounds.ts";
import type { Table } from "../section.ts";

export const BASE = "base";
export const OURS = "ours";

/**
 * Add ratios to the base, and for each round the webhooks a second as a multiple of the plain design's in the same round.
 *
 * @returns the rows, without multiples if the plain design was not measured
 */
export function withPlainMultiples(rows: readonly Row[], plainName: string): Row[] {
  const plain = rows.find(({ name }) => name === plainName)?.samples;
  const samplesOf = (row: Row) =>
    plain === undefined
      ? row.samples
      : row.samples.map((sample, round) => ({
          ...sample,
          timesPlain: (sample["countedPerSecond"] ?? NaN) / (plain[round]?.["countedPerSecond"] ?? NaN),
        }));
  const base = rows.find(({ name }) => name === BASE);
  const compared = base === undefined ? undefined : samplesOf(base);
  return rows.map((row) => rowOf(row.name, row.title, samplesOf(row), compared));
}

/** A table of medians, the lowest and highest round in brackets, and the ratio of each round. */
export function comparisonText({ title, how, columns, rows }: Table, node: string) {
  const [base, ours] = [BASE, OURS].map((name) => rows.find((row) => row.name === name));
  const head = ["", ...rows.map((row) => row.title), "ours ÷ base", "round by round"];
  const lines = columns
    .filter(({ key }) => ours?.figures[key] !== undefined)
    .map(({ key, label, digits }) => [
      label,
      ...rows.map(({ figures }) => figureText(figures[key], digits)),
      figureText(ours?.ratios[key], 3),
      (ours?.samples ?? [])
        .map((sample, round) => (sample[key] ?? NaN) / (base?.samples[round]?.[key] ?? NaN))
        .map((ratio) => ratio.toFixed(3))
        .join(" "),
    ]);
  return `### ${title}\n\n${how} Node ${node}, load generator and contenders alike.\n\n${aligned([head, ...lines])}\n`;
}
