import { roundedText, type Measures } from "./resources.ts";
import { markdownTable } from "./report.ts";

/** What was held at a moment of a soak. */
export interface Look {
  readonly atMinutes: number;
  readonly measures: Measures;
}

/** Where a measure went in the second half of a soak: by then caches are full, code is compiled, and what has an end has met it. */
export interface Trend {
  readonly name: string;
  readonly median: number;
  /** How much more is held at the end of the second half than at its start, by its slope. */
  readonly growth: number;
  /** More growth than this is no chance. */
  readonly growthMax: number;
  readonly verdict: "flat" | "grows" | "too few looks";
}

/** With fewer in the second half a slope is chance. */
const LOOKS_MIN = 6;

export function trends(looks: readonly Look[]): readonly Trend[] {
  const endsAt = looks.at(-1)?.atMinutes ?? 0;
  const half = looks.filter(({ atMinutes }) => atMinutes >= endsAt / 2);
  return [...(half[0]?.measures.keys() ?? [])].map((name) => {
    const points = half.map(({ atMinutes, measures }) => [atMinutes, measures.get(name) ?? 0] as const);
    const middle = median(points.map(([, value]) => value));
    const growth = slope(points) * (endsAt - (points[0]?.[0] ?? 0));
    const growthMax = chance(name, middle);
    const verdict = points.length < LOOKS_MIN ? "too few looks" : growth > growthMax ? "grows" : "flat";
    return { name, median: middle, growth, growthMax, verdict };
  });
}

/** V8 sizes its heap by what it has just done, and the system takes back pages when it likes; files and sockets are counted. */
function chance(name: string, middle: number): number {
  if (name.endsWith("RSS MB")) return middle * 0.1 + 8;
  // The file is rewritten when it is twice as long as after the last time.
  if (name.endsWith("files MB")) return middle + 64;
  if (name.endsWith("heap MB")) return middle * 0.1 + 4;
  // Instances come and go by eights.
  if (name === "instances") return middle * 0.1 + 8;
  if (name.startsWith("Redis ") && !name.endsWith("clients")) return middle * 0.1 + 1;
  return 3;
}

/** The median of the slopes between all pairs of points (Theil and Sen): a single odd look does not move it. */
function slope(points: readonly (readonly [number, number])[]): number {
  const slopes = points.flatMap(([x, y], i) => points.slice(i + 1).map(([x2, y2]) => (y2 - y) / (x2 - x)));
  return slopes.length === 0 ? 0 : median(slopes);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

/** In Markdown: a row a measure, a column for each of a few moments, and where it went. */
export function trendsTable(looks: readonly Look[], columns = 8): string {
  const step = Math.max(1, (looks.length - 1) / (columns - 1));
  const shown = [...new Set(Array.from({ length: columns }, (_, i) => looks[Math.round(i * step)]))].filter(
    (look) => look !== undefined,
  );
  const head = ["minute", ...shown.map(({ atMinutes }) => atMinutes.toFixed(0)), "growth", "verdict"];
  const rows = trends(looks).map(({ name, growth, growthMax, verdict }) => [
    name,
    ...shown.map(({ measures }) => roundedText(measures.get(name) ?? 0)),
    `${growth.toFixed(1)} of ${growthMax.toFixed(1)}`,
    verdict,
  ]);
  return markdownTable(head, rows);
}
