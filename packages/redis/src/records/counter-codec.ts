import { COUNTER_OF_SLOT, SLOTS_MAX, type Counter, type Counts } from "@ticktally/core";
import { HOURS_A_KEY } from "../keys.ts";

/** COUNTS and RETRACTED are strings of numbers of 48 bits, and a counter's slot is its place in them. */
export const SLOT_BYTES = 6;
export const SLOT_BITS = `u${String(8 * SLOT_BYTES)}`;

/**
 * @param stored a string of counts; empty for an instance that nothing was counted of
 * @param pending by slot, what is still to be added to them
 */
export function decodeCounts(stored: Buffer, pending: ReadonlyMap<number, number> = NONE): Counts {
  const counts = new Map<Counter, number>();
  for (let slot = 0; (slot + 1) * SLOT_BYTES <= stored.length; slot++) {
    const value = stored.readUIntBE(slot * SLOT_BYTES, SLOT_BYTES);
    const counter = COUNTER_OF_SLOT[slot];
    if (value !== 0 && counter !== undefined) counts.set(counter, value);
  }
  for (const [slot, by] of pending) addTo(counts, slot, by);
  return counts;
}

const NONE: ReadonlyMap<number, number> = new Map();

/** A counter ends at 0, whatever is taken back, and is not told then. */
function addTo(counts: Map<Counter, number>, slot: number, by: number): void {
  const counter = COUNTER_OF_SLOT[slot];
  if (counter === undefined) return;
  const sum = (counts.get(counter) ?? 0) + by;
  if (sum > 0) counts.set(counter, sum);
  else counts.delete(counter);
}

const FIRST = 48;
const BASE = 64;

/** A field of an hours hash: the hour's place in it, then the slot as two digits of 64, one character each. */
export const HOUR_FIELD_BYTES = 3;

export function writeHourField(target: Buffer, start: number, hour: number, slot: number): void {
  target[start] = FIRST + (hour % HOURS_A_KEY);
  target[start + 1] = FIRST + Math.floor(slot / BASE);
  target[start + 2] = FIRST + (slot % BASE);
}

/** @param key number of an hours hash @param pairs its fields and their values */
export function eachOfHours(
  key: number,
  pairs: readonly Buffer[],
  visit: (hour: number, slot: number, count: number) => void,
): void {
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const field = pairs[i];
    const [place = FIRST, high = FIRST, low = FIRST] = [field?.[0], field?.[1], field?.[2]];
    visit(key * HOURS_A_KEY + place - FIRST, (high - FIRST) * BASE + low - FIRST, Number(pairs[i + 1]));
  }
}

/**
 * @param stored fields of hours hashes and their values, by the number of their key
 * @param pending by hour × SLOTS_MAX + slot, what is still to be added to them
 * @param fromHour and toHour: hours since 1970, both included; the others are left out
 */
export function decodeHours(
  stored: ReadonlyMap<number, readonly Buffer[]>,
  pending: ReadonlyMap<number, number>,
  fromHour: number,
  toHour: number,
): Map<number, Map<Counter, number>> {
  const hours = new Map<number, Map<Counter, number>>();
  const add = (hour: number, slot: number, by: number) => {
    if (hour < fromHour || hour > toHour) return;
    const counts = hours.get(hour) ?? new Map<Counter, number>();
    hours.set(hour, counts);
    addTo(counts, slot, by);
  };
  for (const [key, pairs] of stored) eachOfHours(key, pairs, add);
  for (const [key, by] of pending) add(Math.floor(key / SLOTS_MAX), key % SLOTS_MAX, by);
  for (const [hour, counts] of hours) if (counts.size === 0) hours.delete(hour);
  return hours;
}
