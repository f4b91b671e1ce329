import { decode } from "@msgpack/msgpack";
import { packedArray } from "@ticktally/schemas";

/** What our scripts put into arrays; texts are bytes. */
export type PackedValue = Buffer | number | boolean | undefined;

/**
 * An array as Lua's `cmsgpack` packs it. By hand for what comes with every batch; whatever else is in there is for the library.
 * @throws it is no array of {@link PackedValue}
 */
export function unpackArray(packed: Buffer): readonly PackedValue[] {
  const values: PackedValue[] = [];
  let at = 0;
  const first = packed[at++] ?? 0;
  let left: number;
  if ((first & 0xf0) === 0x90) left = first & 0x0f;
  else if (first === 0xdc) {
    left = packed.readUInt16BE(at);
    at += 2;
  } else if (first === 0xdd) {
    left = packed.readUInt32BE(at);
    at += 4;
  } else return byLibrary(packed);
  for (; left > 0; left--) {
    const type = packed[at++] ?? 0;
    if (type === 0xc2) values.push(false);
    else if (type === 0xc3) values.push(true);
    else if (type < 0x80) values.push(type);
    else {
      let bytes: number;
      if ((type & 0xe0) === 0xa0) bytes = type & 0x1f;
      else if (type === 0xd9) bytes = packed[at++] ?? 0;
      else if (type === 0xda) {
        bytes = packed.readUInt16BE(at);
        at += 2;
      } else if (type === 0xdb) {
        bytes = packed.readUInt32BE(at);
        at += 4;
      } else return byLibrary(packed);
      values.push(packed.subarray(at, at + bytes));
      at += bytes;
    }
  }
  // Cut short, or more than an array: the library says what is wrong.
  return at === packed.length ? values : byLibrary(packed);
}

function byLibrary(packed: Buffer): readonly PackedValue[] {
  return packedArray.parse(decode(packed, { rawStrings: true })).map((value) => {
    return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
  });
}
