import { roundedText, type Measures } from "./resources.ts";
import { markdownTable } from "./report.ts";

/** The resources in use at one moment of a soak test. */
export interface Snapshot {
  readonly atMinutes: number;
  readonly measures: Measures;
}

/** The trend of a measure in the second half of a soak test: by then caches are full and code is compiled. */
export interface Trend {
  readonly name: string;
  readonly median: number;
  /** The growth over the second half, by its slope. */
  readonly growth: number;
  /** More growth than this is not noise. */
  readonly growthMax: number;
  readonly verdict: "flat" | "grows" | "too few snapshots";
}

/** With fewer snapshots in the second half, a slope means nothing. */
const SNAPSHOTS_MIN = 6;

export function trends(snapshots: readonly Snapshot[]): readonly Trend[] {
  const endsAt = snapshots.at(-1)?.atMinutes ?? 0;
  const half = snapshots.filter(({ atMinutes }) => atMinutes >= endsAt / 2);
  return [...(half[0]?.measures.keys() ?? [])].map((name) => {
    const points = half.map(({ atMinutes, measures }) => [atMinutes, measures.get(name) ?? 0] as const);
    const middle = median(points.map(([, value]) => value));
    const growth = slope(points) * (endsAt - (points[0]?.[0] ?? 0));
    const growthMax = noise(name, middle);
    const verdict = points.length < SNAPSHOTS_MIN ? "too few snapshots" : growth > growthMax ? "grows" : "flat";
    return { name, median: middle, growth, growthMax, verdict };
  });
}

/** The growth that may be noise. V8 resizes its heap and the kernel reclaims pages at any time, so memory varies more than files and sockets. */
function noise(name: string, middle: number): number {
  if (name.endsWith("RSS MB")) return middle * 0.1 + 8;
  // The append-only file is rewritten when its size has doubled since the last rewrite.
  if (name.endsWith("files MB")) return middle + 64;
  if (name.endsWith("heap MB")) return middle * 0.1 + 4;
  // Each round adds eight instances.
  if (name === "instances") return middle * 0.1 + 8;
  if (name.startsWith("Redis ") && !name.endsWith("clients")) return middle * 0.1 + 1;
  return 3;
}

/** The median of the slopes between all pairs of points (Theil–Sen): a single outlier does not change it. */
function slope(points: readonly (readonly [number, number])[]): number {
  const slopes = points.flatMap(([x, y], i) => points.slice(i + 1).map(([x2, y2]) => (y2 - y) / (x2 - x)));
  return slopes.length === 0 ? 0 : median(slopes);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

/** A Markdown table: a row for each measure, with its value at some moments and its trend. */
export function trendsTable(snapshots: readonly Snapshot[], columns = 8): string {
  const step = Math.max(1, (snapshots.length - 1) / (columns - 1));
  const shown = [...new Set(Array.from({ length: columns }, (_, i) => snapshots[Math.round(i * step)]))].filter(
    (snapshot) => snapshot !== undefined,
  );
  const head = ["minute", ...shown.map(({ atMinutes }) => atMinutes.toFixed(0)), "growth", "verdict"];
  const rows = trends(snapshots).map(({ name, growth, growthMax, verdict }) => [
    name,
    ...shown.map(({ measures }) => roundedText(measures.get(name) ?? 0)),
    `${growth.toFixed(1)} of ${growthMax.toFixed(1)}`,
    verdict,
  ]);
  return markdownTable(head, rows);
}
