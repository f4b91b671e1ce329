const LITERALS_MAX = 32;
const LENGTH_LONG = 7;

/** Used again each time, because a query reads thousands. */
let target: Buffer = Buffer.alloc(4096);

/**
 * What LZF compressed, as Redis does with all that takes more than 20 bytes in its own format.
 * @param start and end: where it is in `packed` @param length of the result
 * @returns what holds it at its beginning, until the next call
 * @throws {RangeError} it is damaged
 * @see http://oldhome.schmorp.de/marc/liblzf.html
 */
export function decompressLzf(packed: Buffer, start: number, end: number, length: number): Buffer {
  if (target.length < length) target = Buffer.alloc(2 * length);
  const bytes = target;
  let [from, to] = [start, 0];
  while (from < end) {
    const control = packed[from++] ?? 0;
    if (control < LITERALS_MAX) {
      for (const stop = from + control + 1; from < stop;) bytes[to++] = packed[from++] ?? 0;
      continue;
    }
    let copied = control >> 5;
    if (copied === LENGTH_LONG) copied += packed[from++] ?? 0;
    let back = to - ((control & 0x1f) << 8) - (packed[from++] ?? 0) - 1;
    // It may overlap what it is copied to.
    for (const stop = to + copied + 2; to < stop;) bytes[to++] = bytes[back++] ?? 0;
  }
  if (from !== end || to !== length) throw new RangeError("a compressed value is damaged");
  return bytes;
}
