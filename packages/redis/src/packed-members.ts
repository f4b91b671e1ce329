/**
 * The strings of a MessagePack array, as Lua's `cmsgpack` writes a table of them.
 * @returns each with one character a byte
 * @throws {RangeError} it is something else
 * @see https://github.com/msgpack/msgpack/blob/master/spec.md
 */
export function packedMembers(packed: Buffer): readonly string[] {
  const bytes = packed.toString("latin1");
  const first = packed.readUInt8(0);
  const [count, start] =
    first === 0xdd ? [packed.readUInt32BE(1), 5] : first === 0xdc ? [packed.readUInt16BE(1), 3] : [small(first), 1];
  const members: string[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    const [length, head] = lengthAt(packed, at);
    members.push(bytes.slice(at + head, at + head + length));
    at += head + length;
  }
  return members;
}

/** Up to 15 elements; an empty table may be written as a map. */
function small(first: number): number {
  if (first === 0x80) return 0;
  if (first >> 4 !== 0x9) throw new RangeError("not an array of MessagePack");
  return first & 15;
}

/** @returns the bytes of a string, and of what stands before it */
function lengthAt(packed: Buffer, at: number): readonly [length: number, head: number] {
  const type = packed.readUInt8(at);
  if (type >> 5 === 0b101) return [type & 31, 1];
  if (type === 0xd9) return [packed.readUInt8(at + 1), 2];
  if (type === 0xda) return [packed.readUInt16BE(at + 1), 3];
  if (type === 0xdb) return [packed.readUInt32BE(at + 1), 5];
  throw new RangeError("not a string of MessagePack");
}
