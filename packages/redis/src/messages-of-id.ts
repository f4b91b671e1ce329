import { mayBeOfChat, type Direction, type InstanceId, type MessageRecord } from "@ticktally/core";
import type { RecordReader } from "./commit/record-reader.ts";
import { chatHashes } from "./records/chat-index.ts";
import { chatHashOf, chatIndexField, recordField } from "./records/record-field.ts";
import { recordOf } from "./records/stored-record.ts";

interface MessageId {
  readonly idMessage: string;
  readonly direction: Direction;
  /** Only the message of this chat. */
  readonly chatId: string | undefined;
}

/** See `MessageReader.messagesOf`. */
export async function messagesOfId(
  reader: Pick<RecordReader, "stored">,
  instance: InstanceId,
  { idMessage, direction, chatId }: MessageId,
): Promise<readonly MessageRecord[]> {
  const [whole, other] = await read(reader, instance, ({ hash }) => [
    recordField(direction, idMessage, hash),
    chatId === undefined
      ? chatIndexField(direction, idMessage, hash)
      : recordField(direction, idMessage, hash, chatHashOf(chatId, hash)),
  ]);
  if (chatId !== undefined) {
    const own = other === undefined ? undefined : recordOf(other.field, other);
    const one = own ?? (whole === undefined ? undefined : recordOf(whole.field, whole));
    return one !== undefined && (own !== undefined || mayBeOfChat(one, chatId)) ? [one] : [];
  }
  const hashes = other === undefined ? [] : chatHashes(other.value);
  const found = await read(reader, instance, ({ hash }) =>
    hashes.map((chatHash) => recordField(direction, idMessage, hash, chatHash)),
  );
  return [whole, ...found].flatMap((one) => (one === undefined ? [] : [recordOf(one.field, one)]));
}

interface Found {
  readonly field: Buffer;
  readonly value: Buffer;
  readonly extra: Buffer | undefined;
}

/** @returns in the order of the fields, `undefined` for what is not stored */
async function read(
  reader: Pick<RecordReader, "stored">,
  instance: InstanceId,
  fieldsOf: Parameters<RecordReader["stored"]>[1],
): Promise<readonly (Found | undefined)[]> {
  const found: (Found | undefined)[] = [];
  // One that would make a reply too large is read the next time.
  for (let isWhole = false; !isWhole;) {
    const some = await reader.stored(instance, (basis) => fieldsOf(basis).slice(found.length));
    const until = some.findIndex(({ stored }) => stored === undefined);
    isWhole = until === -1;
    for (const { field, stored } of isWhole ? some : some.slice(0, until))
      found.push(stored === undefined || stored.value.length === 0 ? undefined : { field, ...stored });
  }
  return found;
}
