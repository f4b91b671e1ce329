import { pairedRatios, spreadOf } from "./statistics.ts";
import type { Sample, Spread } from "./statistics.ts";

export interface Row {
  name: string;
  title: string;
  samples: Sample[];
  figures: Record<string, Spread>;
  ratios: Record<string, Spread>;
}

/** Measure all contenders in turn, several times. Every second round is in reverse order, so that a machine that becomes slower favours none. */
export async function inRounds(
  contenders: readonly { name: string; title: string }[],
  {
    rounds,
    baseline,
    print,
    measure,
  }: { rounds: number; baseline?: string; print: (line: string) => void; measure: (name: string) => Promise<Sample> },
): Promise<Row[]> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const { name } of round % 2 === 1 ? contenders : contenders.toReversed()) {
      const sample = await measure(name);
      samples.get(name)?.push(sample);
      const figures = Object.entries(sample).map(([figure, value]) => `${figure} ${Number(value.toPrecision(4))}`);
      print(`  round ${round}  ${name}: ${figures.join(", ")}`);
    }
  }
  const compared = baseline === undefined ? undefined : samples.get(baseline);
  return contenders.map(({ name, title }) => rowOf(name, title, samples.get(name) ?? [], compared));
}

export function rowOf(name: string, title: string, samples: Sample[], baseline?: readonly Sample[]): Row {
  const keys = Object.keys(samples[0] ?? {});
  const column = (of: readonly Sample[], key: string) => of.map((sample) => sample[key] ?? NaN);
  const each = (spread: (key: string) => Spread) => Object.fromEntries(keys.map((key) => [key, spread(key)]));
  return {
    name,
    title,
    samples,
    figures: each((key) => spreadOf(column(samples, key))),
    ratios: baseline === undefined ? {} : each((key) => pairedRatios(column(samples, key), column(baseline, key))),
  };
}
