import type { Result } from "./trial.ts";

const COLUMNS = [
  "fault",
  "runs",
  "acknowledged",
  "refused",
  "unanswered",
  "lost",
  "counted twice",
  "seconds to recover",
  "note",
] as const;

/** A Markdown table: one row for each fault, with the sums of its runs and the longest recovery. */
export function tableOf(results: readonly Result[]): string {
  const rows = [...new Set(results.map(({ fault }) => fault))].map((fault) => {
    const runs = results.filter((result) => result.fault === fault);
    const sum = (pick: (result: Result) => number) => String(runs.reduce((total, result) => total + pick(result), 0));
    return [
      fault,
      String(runs.length),
      sum(({ acknowledged }) => acknowledged),
      sum(({ refused }) => refused),
      sum(({ unanswered }) => unanswered),
      sum(({ lost }) => lost),
      sum(({ countedTwice }) => countedTwice),
      Math.max(...runs.map(({ recoverySeconds }) => recoverySeconds)).toFixed(1),
      [...new Set(runs.map(({ note }) => note).filter((note) => note !== ""))].join("; "),
    ];
  });
  return markdownTable(COLUMNS, rows);
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((column, i) => Math.max(column.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  const rule = line(widths.map((width) => "-".repeat(width)));
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** The line that is printed after a run. */
export function lineOf({ fault, seed, recoverySeconds, faults, ...figures }: Result): string {
  const { acknowledged, refused, unanswered, lost, countedTwice, note } = figures;
  const verdict = faults.length === 0 ? "passed" : "FAILED";
  const counts = `${acknowledged} acknowledged, ${refused} refused, ${unanswered} unanswered, ${lost} lost, ${countedTwice} twice`;
  return `${fault} (seed ${seed}): ${verdict}; ${counts}; recovered in ${recoverySeconds.toFixed(1)} s${note === "" ? "" : `; ${note}`}`;
}
