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
 * `lua/add-pending.lua`). One entry per commit: a byte of version, 3 bytes with the number of bytes that follow, then the changes, each as
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

/** Position of the next byte. Numbers are written and read too often to allocate an object for each. */
let buffer: Buffer = Buffer.alloc(0);
let at = 0;

export function pendingBytesMax(changes: CounterChanges): number {
  const labels = changes.labelSize === 0 ? 0 : HEAD_BYTES + LABEL_CHANGE_BYTES_MAX * changes.labelSize;
  return HEAD_BYTES + CHANGE_BYTES_MAX * changes.size + labels;
}

/** Write the changes as one entry, and one for labels, and reset. @returns the bytes written at `start`; 0 if nothing changed */
export function writePending(target: Buffer, start: number, changes: CounterChanges): number {
  const hasLabels = changes.labelSize > 0;
  buffer = target;
  at = start + HEAD_BYTES;
  changes.takeTotals(writeTotal);
  changes.takeTimes(writeTimed);
  const end = endEntry(start, VERSION);
  if (!hasLabels) return end - start;
  at = end + HEAD_BYTES;
  changes.takeLabels(writeLabelled);
  return endEntry(end, VERSION_LABELS) - start;
}

/** @returns where it ends; if it is empty, where it would have begun */
function endEntry(start: number, version: number): number {
  const bytes = at - start - HEAD_BYTES;
  if (bytes === 0) return start;
  buffer[start] = version;
  buffer.writeUIntBE(bytes, start + 1, HEAD_BYTES - 1);
  return at;
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

/** @param bytesMax how much to read, rounded up to a whole entry @throws {RangeError} if {@link writePending} did not write it */
export function sumPending(pending: Buffer, bytesMax = pending.length): PendingSums {
  const [totals, retracted, times, labels] = [0, 0, 0, 0].map(() => new Map<number, number>()) as [
    Sums,
    Sums,
    Sums,
    Sums,
  ];
  let end = 0;
  while (end < pending.length && end < bytesMax) {
    const version = pending[end];
    if (version !== VERSION && version !== VERSION_BEFORE && version !== VERSION_LABELS) throw new RangeError(DAMAGED);
    if (end + HEAD_BYTES > pending.length) throw new RangeError(DAMAGED);
    buffer = pending;
    at = end + HEAD_BYTES;
    end = at + pending.readUIntBE(end + 1, HEAD_BYTES - 1);
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
}

function writeTimed(time: number, slot: number, by: number): void {
  writeNumber(slot);
  writeNumber(zigzag(by));
  writeNumber(time);
}

function writeLabelled(label: number, hour: number, slot: number, by: number): void {
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
