import { decode } from "@msgpack/msgpack";
import { packedStrings } from "@ticktally/schemas";

/**
 * The strings of an array in MessagePack, as Lua's `cmsgpack` writes a table of them.
 * @returns each with one character a byte, for they are bytes and no text
 * @throws it is something else
 */
export function packedMembers(packed: Buffer): readonly string[] {
  const members = packedStrings.parse(decode(packed, { rawStrings: true }));
  return members.map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength).toString("latin1"),
  );
}
