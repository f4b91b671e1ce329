import {
  IS_GROWING,
  LABEL_SLOTS_MAX,
  labelTime,
  SLOTS_MAX,
  sourceOfSlot,
  TIMED_SLOTS_MAX,
  UNTIMED,
  type CounterChanges,
  type CountSource,
} from "@ticktally/core";

/**
 * PENDING of an instance: changes of its counters that commits appended and that are not added to the counters yet (see
 * `lua/add-pending.lua`). One entry per commit, or several if it changes very many: a byte of version, 3 bytes with the number of bytes that follow, then the changes, each as
 * slot, amount, and for counters kept by time the hour or day. These numbers are LEB128 (en.wikipedia.org/wiki/LEB128), signed ones in
 * zigzag: 0, -1, 1, -2 … Labels have their own entry, with another version, whose changes are label, slot, amount and hour.
 */
const VERSION = 2;
/** Its latencies have no day. */
const VERSION_BEFORE = 1;
const VERSION_LABELS = 3;
const HEAD_BYTES = 4;
/** Slot, sum, hour or day. */
const CHANGE_BYTES_MAX = 2 + 8 + 4;
/** Label, slot, sum, hour. */
const LABEL_CHANGE_BYTES_MAX = 3 + 2 + 8 + 3;
/**
 * An entry ends with the slot that reaches this many changes, because entries are added whole, and Redis is blocked for about 2 us for each.
 * Only between slots: how far a counter went back is known of an entry, and a commit must not seem to take back what it moves to another hour.
 */
const ENTRY_CHANGES_MAX = 1_000;

/** Position of the next byte. Numbers are written and read too often to allocate an object for each. */
let buffer: Buffer = Buffer.alloc(0);
let at = 0;

export function pendingBytesMax(changes: CounterChanges): number {
  const [counts, labels] = [changes.size, changes.labelSize];
  return entryHeads(counts) + CHANGE_BYTES_MAX * counts + entryHeads(labels) + LABEL_CHANGE_BYTES_MAX * labels;
}

/** Bytes of the heads of all entries. */
function entryHeads(changes: number): number {
  return HEAD_BYTES * Math.ceil(changes / ENTRY_CHANGES_MAX);
}

/** Write the changes as entries, those of labels apart, and reset. @returns the bytes written at `start`; 0 if nothing changed */
export function writePending(target: Buffer, start: number, changes: CounterChanges): number {
  const isLong = changes.size > ENTRY_CHANGES_MAX;
  buffer = target;
  beginEntry(start, VERSION);
  changes.takeTotals(writeTotal);
  if (isLong) writeBySlot(changes);
  else changes.takeTimes(writeTimed);
  beginEntry(endEntry(), VERSION_LABELS);
  changes.takeLabels(writeLabelled);
  return endEntry() - start;
}

let [entryAt, entryVersion, entryChanges] = [0, 0, 0];

function beginEntry(start: number, version: number): void {
  [entryAt, entryVersion, entryChanges] = [start, version, 0];
  at = start + HEAD_BYTES;
}

/** @returns where it ends; if it is empty, where it would have begun */
function endEntry(): number {
  const bytes = at - entryAt - HEAD_BYTES;
  if (bytes === 0) return entryAt;
  buffer[entryAt] = entryVersion;
  buffer.writeUIntBE(bytes, entryAt + 1, HEAD_BYTES - 1);
  return at;
}

/** What follows may be in another entry than what was written. */
function divide(): void {
  if (entryChanges >= ENTRY_CHANGES_MAX) beginEntry(endEntry(), entryVersion);
}

function writeBySlot(changes: CounterChanges): void {
  const slots = new Map<number, [time: number, by: number][]>();
  changes.takeTimes((time, slot, by) => {
    const times = slots.get(slot);
    if (times === undefined) slots.set(slot, [[time, by]]);
    else times.push([time, by]);
  });
  for (const [slot, times] of slots) {
    divide();
    for (const [time, by] of times) writeTimed(time, slot, by);
  }
}

/** The sums of an instance's PENDING. */
export interface PendingSums {
  /** By slot. */
  readonly totals: ReadonlyMap<number, number>;
  /** By slot, how far each counter went back that Prometheus shows as ever-growing. */
  readonly retracted: ReadonlyMap<number, number>;
  /** By time × TIMED_SLOTS_MAX + slot. */
  readonly times: ReadonlyMap<number, number>;
  /** By `labelTime` × LABEL_SLOTS_MAX + slot. */
  readonly labels: ReadonlyMap<number, number>;
  /** The bytes that were summed: whole entries from the beginning. */
  readonly bytes: number;
}

type Sums = Map<number, number>;

/** @param bytesMax how much to read at most, but at least one entry @throws {RangeError} if {@link writePending} did not write it */
export function sumPending(pending: Buffer, bytesMax = pending.length): PendingSums {
  const [totals, retracted, times, labels] = [0, 0, 0, 0].map(() => new Map<number, number>()) as [
    Sums,
    Sums,
    Sums,
    Sums,
  ];
  let end = 0;
  while (end < pending.length) {
    const version = pending[end];
    if (version !== VERSION && version !== VERSION_BEFORE && version !== VERSION_LABELS) throw new RangeError(DAMAGED);
    if (end + HEAD_BYTES > pending.length) throw new RangeError(DAMAGED);
    const next = end + HEAD_BYTES + pending.readUIntBE(end + 1, HEAD_BYTES - 1);
    if (next > bytesMax && end > 0) break;
    buffer = pending;
    at = end + HEAD_BYTES;
    end = next;
    const entry = new Map<number, number>();
    while (at < end) {
      if (version === VERSION_LABELS) {
        readLabelled(labels);
        continue;
      }
      const [slot, by] = [readNumber(), signed(readNumber())];
      if (slot >= TIMED_SLOTS_MAX) throw new RangeError(DAMAGED);
      if (slot < SLOTS_MAX) add(entry, slot, by);
      const source = sourceOfSlot(slot);
      if (source === undefined || (source === "latencies" && version === VERSION_BEFORE)) continue;
      const time = readNumber();
      if (time !== UNTIMED) add(times, time * TIMED_SLOTS_MAX + slot, by);
    }
    if (at !== end || end > pending.length) throw new RangeError(DAMAGED);
    for (const [slot, by] of entry) {
      add(totals, slot, by);
      if (by < 0 && IS_GROWING[slot] === true) add(retracted, slot, -by);
    }
  }
  return { totals, retracted, times, labels, bytes: end };
}

/** The last hour that a count covers: for a day its last hour. */
export function lastHourOf(source: CountSource, time: number): number {
  return source === "latencies" ? time * 24 + 23 : time;
}

const DAMAGED = "pending changes of counters are damaged, or of a newer version";

function add(sums: Map<number, number>, key: number, by: number): void {
  sums.set(key, (sums.get(key) ?? 0) + by);
}

function writeTotal(slot: number, by: number): void {
  // The sum over all times.
  if (sourceOfSlot(slot) !== undefined) return;
  writeNumber(slot);
  writeNumber(zigzag(by));
  entryChanges += 1;
}

function writeTimed(time: number, slot: number, by: number): void {
  entryChanges += 1;
  writeNumber(slot);
  writeNumber(zigzag(by));
  writeNumber(time);
}

function writeLabelled(label: number, hour: number, slot: number, by: number): void {
  divide();
  writeNumber(label);
  writeTimed(hour, slot, by);
}

function readLabelled(labels: Map<number, number>): void {
  const [label, slot, by, hour] = [readNumber(), readNumber(), signed(readNumber()), readNumber()];
  if (slot >= LABEL_SLOTS_MAX) throw new RangeError(DAMAGED);
  add(labels, labelTime(label, hour) * LABEL_SLOTS_MAX + slot, by);
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function signed(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}

function writeNumber(value: number): void {
  let left = value;
  while (left >= 0x80) {
    buffer[at++] = 0x80 | (left % 0x80);
    left = Math.floor(left / 0x80);
  }
  buffer[at++] = left;
}

function readNumber(): number {
  let [value, scale] = [0, 1];
  for (;;) {
    const byte = buffer[at++];
    if (byte === undefined) throw new RangeError(DAMAGED);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 0x80;
  }
}
