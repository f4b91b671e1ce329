import { COUNTER_OF_SLOT, type Counter, type Counts } from "@ticktally/core";
import { HOURS_A_KEY } from "../keys.ts";

/** COUNTS and RETRACTED are strings of numbers of 48 bits, and a counter's slot is its place in them. */
export const SLOT_BYTES = 6;
export const SLOT_BITS = `u${String(8 * SLOT_BYTES)}`;

/** @param stored a string of counts; empty for an instance that nothing was counted of */
export function decodeCounts(stored: Buffer): Counts {
  const counts = new Map<Counter, number>();
  for (let slot = 0; (slot + 1) * SLOT_BYTES <= stored.length; slot++) {
    const value = stored.readUIntBE(slot * SLOT_BYTES, SLOT_BYTES);
    const counter = COUNTER_OF_SLOT[slot];
    if (value !== 0 && counter !== undefined) counts.set(counter, value);
  }
  return counts;
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

/** @param key the number of an hours key @param fields its hash @param into hour → counts; is added to */
export function decodeHours(
  key: number,
  fields: Readonly<Record<string, string>>,
  into: Map<number, Map<Counter, number>>,
): void {
  for (const [field, value] of Object.entries(fields)) {
    const [place = 0, high = 0, low = 0] = Array.from(field, (character) => character.charCodeAt(0) - FIRST);
    const counter = COUNTER_OF_SLOT[high * BASE + low];
    if (counter === undefined || Number(value) === 0) continue;
    const counts = into.get(key * HOURS_A_KEY + place) ?? new Map<Counter, number>();
    into.set(key * HOURS_A_KEY + place, counts);
    counts.set(counter, (counts.get(counter) ?? 0) + Number(value));
  }
}
