import { CHATS_OF_ID_MAX } from "@ticktally/core";
import { describe, expect, it } from "vitest";
import { chatHashes, isChatIndex, withChat } from "./chat-index.ts";
import { KeyedHash } from "./keyed-hash.ts";
import { chatHashOf, chatIndexField, messageKey, recordField } from "./record-field.ts";

const hash = new KeyedHash(Buffer.from("0123456789abcdef", "hex"));
const of = (n: number) => chatHashOf(String(n), hash);
const NONE: Buffer = Buffer.alloc(0);

describe("the chats of an id", () => {
  it("are listed once each, in the order of first appearance", () => {
    const index = [1, 2, 1, 3].reduce((before, chat) => withChat(before, of(chat)), NONE);
    expect(chatHashes(index)).toEqual([of(1), of(2), of(3)]);
    expect(withChat(index, of(2))).toBe(index);
    expect(isChatIndex(index)).toBe(true);
    expect(chatHashes(NONE)).toEqual([]);
  });

  it("are the newest if there are more than the limit", () => {
    const all = Array.from({ length: CHATS_OF_ID_MAX + 3 }, (_, n) => of(n));
    const index = all.reduce((before, chat) => withChat(before, chat), NONE);
    expect(chatHashes(index)).toEqual(all.slice(3));
  });
});

describe("the fields of messages with the chat in their key", () => {
  it.each(["5", "3EB0608D6A2901063D63", "3eb0", "id with spaces"])("contain direction and id of %s", (idMessage) => {
    const fields = (["incoming", "outgoing"] as const).flatMap((direction) => {
      const own = recordField(direction, idMessage, hash, of(1));
      expect(messageKey(own)).toEqual({ direction, idMessage });
      return [
        own,
        recordField(direction, idMessage, hash, of(2)),
        recordField(direction, idMessage, hash),
        chatIndexField(direction, idMessage, hash),
      ];
    });
    expect(new Set(fields.map((field) => field.subarray(3).toString("hex"))).size).toBe(8);
  });

  it("contain only a keyed hash of 8 bytes of the chat", () => {
    const other = new KeyedHash(Buffer.from("fedcba9876543210", "hex"));
    const field = recordField("outgoing", "5", hash, chatHashOf("5000000001", hash));
    expect(field).toHaveLength(4 + 8 + 1);
    expect(field.toString("latin1")).not.toContain("5000000001");
    expect(chatHashOf("5000000001", other)).not.toEqual(chatHashOf("5000000001", hash));
  });
});
