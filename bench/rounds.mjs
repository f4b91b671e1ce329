import { pairedRatios, spreadOf } from "./statistics.mjs";

/** @typedef {import("./statistics.mjs").Sample} Sample */
/** @typedef {import("./statistics.mjs").Spread} Spread */
/** @typedef {{ name: string, title: string, samples: Sample[], figures: Record<string, Spread>, ratios: Record<string, Spread> }} Row */

/**
 * Measure all in turn, several times; every second round backwards, so that a machine that grows slower favours none.
 * @param {readonly { name: string, title: string }[]} contenders
 * @param {{ rounds: number, baseline?: string, print: (line: string) => void, measure: (name: string) => Promise<Sample> }} options
 * @returns {Promise<Row[]>}
 */
export async function inRounds(contenders, { rounds, baseline, print, measure }) {
  /** @type {Map<string, Sample[]>} */
  const samples = new Map(contenders.map(({ name }) => [name, []]));
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

/** @param {string} name @param {string} title @param {Sample[]} samples @param {readonly Sample[]} [baseline] @returns {Row} */
export function rowOf(name, title, samples, baseline) {
  const keys = Object.keys(samples[0] ?? {});
  const column = (/** @type {readonly Sample[]} */ of, /** @type {string} */ key) =>
    of.map((sample) => sample[key] ?? NaN);
  const each = (/** @type {(key: string) => Spread} */ spread) =>
    Object.fromEntries(keys.map((key) => [key, spread(key)]));
  return {
    name,
    title,
    samples,
    figures: each((key) => spreadOf(column(samples, key))),
    ratios: baseline === undefined ? {} : each((key) => pairedRatios(column(samples, key), column(baseline, key))),
  };
}
