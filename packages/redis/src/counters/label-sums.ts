import {
  COUNTS_KEPT_DAYS,
  firstKeptHour,
  hourOfLabel,
  LABEL_SLOTS_MAX,
  LABEL_WAITING,
  labelOf,
  SHIFTED_MAX,
} from "@ticktally/core";
import { numbersAnswer, fieldsAnswer } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { inEpoch, readKeys, type KeyCommand } from "../connection/key-commands.ts";
import { INSTANCE_KEYS } from "../keys.ts";
import { HOURS_A_DAY, labelHourField, packCounts, unpackCounts } from "./label-codec.ts";

const { LABEL_COUNTS, LABEL_HOURS, LABEL_DAYS, LABEL_WAITING: WAITING } = INSTANCE_KEYS;

/** Limit for the hours of all labels of an instance; further ones are counted in totals only. */
const LABEL_HOURS_MAX = 100_000;
/** Lua can hand on at most about 8,000 arguments to a command. */
const FIELDS_A_COMMAND = 1_000;

/** New counts of labels, to be stored if the old ones are unchanged. */
export interface LabelSums {
  readonly fields: readonly FieldChange[];
  /** Hashes of numbers that change: key, field, amount. */
  readonly moves: readonly (readonly [key: string, field: string, by: number])[];
  /** The first hour that changes; `Infinity` for none. */
  readonly firstHour: number;
}

interface FieldChange {
  readonly key: string;
  readonly field: Buffer;
  /** Empty for none. */
  readonly before: Buffer;
  readonly after: Buffer;
}

export const NO_LABEL_SUMS: LabelSums = { fields: [], moves: [], firstHour: Infinity };

/**
 * Read the counts of labels that change. Labels that were deleted are left out, and so are hours beyond the limit, and those that are too
 * old to be kept.
 * @param pending as `sumPending` gives them
 * @param now Unix seconds
 * @throws {StoreUnavailableError}
 */
export async function readLabelSums(
  redis: RedisClient,
  root: string,
  pending: ReadonlyMap<number, number>,
  now: number,
): Promise<LabelSums> {
  const { totals, hours, waiting } = sumsOf(pending);
  const moves: [string, string, number][] = [...waiting].map(([day, by]) => [WAITING, String(day), by]);
  if (totals.size === 0 && hours.size === 0) return { ...NO_LABEL_SUMS, moves };
  const numbers = [...new Set([...totals.keys(), ...[...hours.keys()].map(labelOf)])];
  const days = new Map<number, number[]>();
  for (const time of hours.keys()) {
    if (hourOfLabel(time) < firstKeptHour(now)) continue;
    const day = Math.floor(hourOfLabel(time) / HOURS_A_DAY);
    const times = days.get(day);
    if (times === undefined) days.set(day, [time]);
    else times.push(time);
  }
  const answers = await readKeys(redis, root, [
    ["HGETALL", inEpoch(LABEL_DAYS)],
    ...fieldsAsked(LABEL_COUNTS, numbers.map(String)),
    ...[...days].flatMap(([day, times]) =>
      fieldsAsked(
        LABEL_HOURS + String(day),
        times.map((time) => labelHourField(labelOf(time), hourOfLabel(time))),
      ),
    ),
  ]);
  const [kept, ...values] = answers;
  const stored = values.flatMap((answer) => fieldsAnswer.parse(answer));
  const known = new Map(numbers.map((number, i) => [number, stored[i]]));
  let at = numbers.length;
  const fields: FieldChange[] = [];
  for (const [label, by] of totals) {
    const before = known.get(label);
    if (before === undefined) continue;
    fields.push({ key: LABEL_COUNTS, field: Buffer.from(String(label)), before, after: sum(before, by) });
  }
  let room = LABEL_HOURS_MAX - keptHours(numbersAnswer.parse(kept), Math.floor(now / 86_400) - COUNTS_KEPT_DAYS);
  let firstHour = Infinity;
  for (const [day, times] of days) {
    let added = 0;
    for (const labelTime of times) {
      const value = stored[at++];
      const [label, hour] = [labelOf(labelTime), hourOfLabel(labelTime)];
      if (known.get(label) === undefined || (value === undefined && room <= 0)) continue;
      const before = value ?? NOTHING;
      const after = sum(before, hours.get(labelTime) ?? new Map<number, number>());
      const isKept = after.length > 1;
      if (!isKept && value === undefined) continue;
      const more = (isKept ? 1 : 0) - (value === undefined ? 0 : 1);
      [room, added] = [room - more, added + more];
      firstHour = Math.min(firstHour, hour);
      const key = LABEL_HOURS + String(day);
      fields.push({ key, field: labelHourField(label, hour), before, after: isKept ? after : NOTHING });
    }
    if (added !== 0) moves.push([LABEL_DAYS, String(day), added]);
  }
  return { fields, moves, firstHour };
}

/** Commands that read fields of a hash, in order. */
function fieldsAsked(key: string, fields: readonly (string | Buffer)[]): readonly KeyCommand[] {
  const commands: KeyCommand[] = [];
  for (let from = 0; from < fields.length; from += FIELDS_A_COMMAND)
    commands.push(["HMGET", inEpoch(key), ...fields.slice(from, from + FIELDS_A_COMMAND)]);
  return commands;
}

/** What is pending, by label: totals and hours, each by slot; and ids that wait, by day. */
export function sumsOf(pending: ReadonlyMap<number, number>) {
  const totals = new Map<number, Map<number, number>>();
  const hours = new Map<number, Map<number, number>>();
  const waiting = new Map<number, number>();
  for (const [key, by] of pending) {
    if (by === 0) continue;
    const [time, slot] = [Math.floor(key / LABEL_SLOTS_MAX), key % LABEL_SLOTS_MAX];
    const label = labelOf(time);
    if (label === LABEL_WAITING) {
      add(waiting, Math.floor(hourOfLabel(time) / HOURS_A_DAY), by);
      continue;
    }
    add(of(hours, time), slot, by);
    if (slot < SHIFTED_MAX) add(of(totals, label), slot, by);
  }
  return { totals, hours, waiting };
}

const NOTHING = Buffer.alloc(0);

function of(sums: Map<number, Map<number, number>>, key: number): Map<number, number> {
  const known = sums.get(key) ?? new Map<number, number>();
  sums.set(key, known);
  return known;
}

function add(sums: Map<number, number>, key: number, by: number): void {
  sums.set(key, (sums.get(key) ?? 0) + by);
}

function sum(before: Buffer, by: ReadonlyMap<number, number>): Buffer {
  const counts = unpackCounts(before);
  for (const [slot, more] of by) add(counts, slot, more);
  return packCounts(counts);
}

function keptHours(days: ReadonlyMap<number, number>, from: number): number {
  let hours = 0;
  for (const [day, fields] of days) if (day >= from) hours += fields;
  return hours;
}
