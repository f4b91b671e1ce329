import { mayBeOfChat, type Direction, type InstanceId, type MessageRecord } from "@ticktally/core";
import type { RecordReader } from "../commit/record-reader.ts";
import type { Stored } from "../records/stored.ts";
import { chatHashes } from "../records/chat-index.ts";
import { isMessage } from "../records/record-codec.ts";
import { chatHashOf, chatIndexField, recordField } from "../records/record-field.ts";
import { recordOf } from "../records/stored-record.ts";

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
  const [whole, other] = await readAll(reader, instance, ({ hash }) => [
    recordField(direction, idMessage, hash),
    chatId === undefined
      ? chatIndexField(direction, idMessage, hash)
      : recordField(direction, idMessage, hash, chatHashOf(chatId, hash)),
  ]);
  if (chatId !== undefined) {
    const own = messageAt(other);
    const one = own ?? messageAt(whole);
    return one !== undefined && (own !== undefined || mayBeOfChat(one, chatId)) ? [one] : [];
  }
  const hashes = chatHashes(other?.stored.value ?? Buffer.alloc(0));
  const found = await readAll(reader, instance, ({ hash }) =>
    hashes.map((chatHash) => recordField(direction, idMessage, hash, chatHash)),
  );
  return [whole, ...found].flatMap((one) => messageAt(one) ?? []);
}

interface Found {
  readonly field: Buffer;
  readonly stored: Stored;
}

/** `undefined` for none, and for an id that has labels and is not known yet. */
function messageAt(found: Found | undefined): MessageRecord | undefined {
  if (found === undefined || found.stored.value.length === 0 || !isMessage(found.stored.value)) return undefined;
  return recordOf(found.field, found.stored);
}

/** @returns what is stored under some fields, in their order; empty for an instance without data */
export async function readAll(
  reader: Pick<RecordReader, "stored">,
  instance: InstanceId,
  fieldsOf: Parameters<RecordReader["stored"]>[1],
): Promise<readonly Found[]> {
  const found: Found[] = [];
  // A record that would make the reply too large is read next time.
  for (let isWhole = false; !isWhole;) {
    const some = await reader.stored(instance, (basis) => fieldsOf(basis).slice(found.length));
    isWhole = true;
    for (const { field, stored } of some) {
      if (stored === undefined) isWhole = false;
      if (stored === undefined) break;
      found.push({ field, stored });
    }
  }
  return found;
}
