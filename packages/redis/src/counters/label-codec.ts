/**
 * Counts of a label, in total or of one hour, as one value: a byte of version, then slots and their counts in turn, as LEB128
 * (en.wikipedia.org/wiki/LEB128).
 */
const VERSION = 1;

/** Of a label that nothing was counted for. */
export const NO_COUNTS = Buffer.from([VERSION]);

/** @param counts by slot; what is not above 0 is left out @returns empty, if nothing is left */
export function packCounts(counts: ReadonlyMap<number, number>): Buffer {
  const bytes: number[] = [VERSION];
  for (const [slot, count] of counts) {
    if (count <= 0) continue;
    writeNumber(bytes, slot);
    writeNumber(bytes, count);
  }
  return Buffer.from(bytes);
}

/** @param packed empty for none @throws {RangeError} it is of another version, or cut short */
export function unpackCounts(packed: Buffer): Map<number, number> {
  const counts = new Map<number, number>();
  eachPackedCount({ bytes: packed, start: 0, end: packed.length }, (slot, count) => counts.set(slot, count));
  return counts;
}

/** A part of some bytes. */
interface Part {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** As {@link unpackCounts}, but makes nothing. */
export function eachPackedCount({ bytes, start, end }: Part, take: (slot: number, count: number) => void): void {
  if (start === end) return;
  if (bytes[start] !== VERSION) throw new RangeError("counts of labels are damaged, or of a newer version");
  let at = start + 1;
  while (at < end) {
    // What says that more bytes follow is taken off again with the next one.
    let slot = bytes[at++] ?? 0;
    for (let scale = 0x80; slot >= scale; scale *= 0x80) slot += ((bytes[at++] ?? 0) - 1) * scale;
    let count = bytes[at++] ?? 0;
    for (let scale = 0x80; count >= scale; scale *= 0x80) count += ((bytes[at++] ?? 0) - 1) * scale;
    if (at > end) throw new RangeError("counts of a label are cut short");
    take(slot, count);
  }
}

/** A field of a hash of LABEL_HOURS: label (3 bytes), hour of the day. */
export function labelHourField(label: number, hour: number): Buffer {
  const field = Buffer.allocUnsafe(LABEL_HOUR_BYTES);
  field.writeUInt8(hour % HOURS_A_DAY, field.writeUIntBE(label, 0, LABEL_BYTES));
  return field;
}

export function labelOfField({ bytes, start }: Part): number {
  return bytes.readUIntBE(start, LABEL_BYTES);
}

/** @param day its hash's */
export function hourOfField({ bytes, start }: Part, day: number): number {
  return day * HOURS_A_DAY + bytes.readUInt8(start + LABEL_BYTES);
}

export const HOURS_A_DAY = 24;
const LABEL_BYTES = 3;
const LABEL_HOUR_BYTES = LABEL_BYTES + 1;

function writeNumber(bytes: number[], value: number): void {
  let left = value;
  while (left >= 0x80) {
    bytes.push(0x80 | (left % 0x80));
    left = Math.floor(left / 0x80);
  }
  bytes.push(left);
}
