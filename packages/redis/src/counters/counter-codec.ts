import { HashStrings } from "./hash-strings.ts";
import { HOURS_A_KEY } from "../keys.ts";
import { COUNTER_OF_SLOT, type Counter, type Counts, type TakeCount } from "@ticktally/core";

/** COUNTS and RETRACTED are strings of numbers of 48 bits, and a counter's slot is its place in them. */
export const SLOT_BYTES = 6;
export const SLOT_BITS = `u${String(8 * SLOT_BYTES)}`;

/**
 * @param stored a string of counts; empty if nothing was counted
 * @param pending by slot, what is still to be added
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

/** A counter never goes below 0, and a counter at 0 is left out. */
function addTo(counts: Map<Counter, number>, slot: number, by: number): void {
  const counter = COUNTER_OF_SLOT[slot];
  if (counter === undefined) return;
  const sum = (counts.get(counter) ?? 0) + by;
  if (sum > 0) counts.set(counter, sum);
  else counts.delete(counter);
}

const FIRST = 48;
const BASE = 64;

/** A field of a hash of counts by time: the position of the hour or day in it, then the slot as two base-64 digits, one character each. */
export const TIMED_FIELD_BYTES = 3;

export function writeTimedField(target: Buffer, start: number, place: number, slot: number): void {
  target[start] = FIRST + place;
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
 * Read the counts of one hash.
 * @param stored from lua/read-counts.lua
 * @param firstTime of the hash: its number × how many hours or days it covers
 * @throws {RangeError} it is damaged
 */
export function eachStoredCount(stored: Buffer, firstTime: number, take: TakeCount): void {
  const strings = new HashStrings(stored);
  while (strings.next()) {
    // A field of three digits is kept as a number.
    const { isNumber, number, bytes, start } = strings;
    const place = isNumber ? Math.floor(number / 100) : (bytes[start] ?? 0) - FIRST;
    const high = isNumber ? Math.floor(number / 10) % 10 : (bytes[start + 1] ?? 0) - FIRST;
    const low = isNumber ? number % 10 : (bytes[start + 2] ?? 0) - FIRST;
    strings.next();
    take(firstTime + place, high * BASE + low, countOf(strings));
  }
}

function countOf({ isNumber, number, bytes, start, end }: HashStrings): number {
  if (isNumber) return number;
  let count = 0;
  for (let at = start; at < end; at++) count = count * 10 + (bytes[at] ?? 0) - FIRST;
  return count;
}
