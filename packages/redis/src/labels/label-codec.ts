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
  if (packed.length === 0) return counts;
  if (packed[0] !== VERSION) throw new RangeError("counts of labels are damaged, or of a newer version");
  let at = 1;
  const read = () => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = packed.readUInt8(at++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  };
  while (at < packed.length) counts.set(read(), read());
  return counts;
}

/** A field of a hash of LABEL_HOURS: label (3 bytes), hour of the day. */
export function labelHourField(label: number, hour: number): Buffer {
  const field = Buffer.allocUnsafe(LABEL_HOUR_BYTES);
  field.writeUInt8(hour % HOURS_A_DAY, field.writeUIntBE(label, 0, LABEL_BYTES));
  return field;
}

export function readLabelHourField(field: Buffer, day: number): { readonly label: number; readonly hour: number } {
  return { label: field.readUIntBE(0, LABEL_BYTES), hour: day * HOURS_A_DAY + field.readUInt8(LABEL_BYTES) };
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
