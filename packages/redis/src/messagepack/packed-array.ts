import { decode } from "@msgpack/msgpack";
import { packedArray, type PackedAnswer } from "@ticktally/schemas";

/** Values that our scripts put into arrays; texts are bytes. */
export type PackedValue = PackedAnswer | undefined;

/** Position of the next byte. Values are read too often to allocate an object for each. */
let at = 0;
/** The position after a value that the library decodes. */
const NOWHERE = Infinity;

/**
 * An array as Lua's `cmsgpack` packs it. Frequent types are decoded here; the library decodes the rest.
 * @throws if it is not an array of {@link PackedValue}
 */
export function unpackArray(packed: Buffer): readonly PackedAnswer[] {
  at = 0;
  const length = arrayLength(packed, packed[at++] ?? 0);
  if (length === undefined) return byLibrary(packed);
  const values = valuesOf(packed, length);
  // Truncated, or more than an array: the library reports the error.
  return at === packed.length ? values : byLibrary(packed);
}

function valuesOf(packed: Buffer, length: number): PackedAnswer[] {
  const values: PackedAnswer[] = [];
  for (let left = length; left > 0 && at <= packed.length; left--) {
    const type = packed[at++] ?? 0;
    if (type === 0xc2) values.push(false);
    else if (type === 0xc3) values.push(true);
    else if (type < 0x80) values.push(type);
    else {
      const bytes = textLength(packed, type);
      if (bytes === undefined) values.push(rarelySeen(packed, type));
      else {
        values.push(packed.subarray(at, at + bytes));
        at += bytes;
      }
    }
  }
  return values;
}

function rarelySeen(packed: Buffer, type: number): PackedAnswer {
  if (type >= 0xe0) return type - 0x100;
  if (type === 0xcc) return packed[at++] ?? 0;
  if (type === 0xcd && at + 2 <= packed.length) {
    at += 2;
    return packed.readUInt16BE(at - 2);
  }
  const length = arrayLength(packed, type);
  if (length !== undefined) return valuesOf(packed, length);
  at = NOWHERE;
  return false;
}

/** @returns `undefined` if it is not a text */
function textLength(packed: Buffer, type: number): number | undefined {
  if ((type & 0xe0) === 0xa0) return type & 0x1f;
  if (type === 0xd9) return packed[at++] ?? 0;
  return type === 0xda ? uint(packed, 2) : type === 0xdb ? uint(packed, 4) : undefined;
}

/** @returns `undefined` if it is not an array */
function arrayLength(packed: Buffer, type: number): number | undefined {
  if ((type & 0xf0) === 0x90) return type & 0x0f;
  return type === 0xdc ? uint(packed, 2) : type === 0xdd ? uint(packed, 4) : undefined;
}

function uint(packed: Buffer, bytes: 2 | 4): number {
  at += bytes;
  return packed.readUIntBE(at - bytes, bytes);
}

function byLibrary(packed: Buffer): readonly PackedAnswer[] {
  return packedArray.parse(decode(packed, { rawStrings: true }));
}
