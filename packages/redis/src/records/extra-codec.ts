import { PROGRESS, RECIPIENTS_MANY, type MessageRecord, type RecipientTimes } from "@ticktally/core";
import { packRecipientId, unpackChatId } from "./chat-codec.ts";

/**
 * Data that only few records have, as one value of EXTRAS: the gateway's texts for the two failures (2 bytes of length and UTF-8 each; if
 * {@link CODE_FOLLOWS} is set in the length, then a byte of length and the gateway's code in UTF-8); the number of recipients (2 bytes),
 * and for each its packed chat (2 bytes of length; 0 for statuses that name no recipient), its ranks (2 bytes), the time of each, its
 * failure (a byte, 0 for none) and the time of that. Times are 4 bytes.
 */
export function packExtra(record: MessageRecord): Buffer | undefined {
  const { failures, recipients } = record;
  const hasWords = failures.some((failure) => failure !== undefined && (failure.text !== "" || failure.code !== ""));
  if (!hasWords && recipients === undefined) return undefined;
  const parts = failures.flatMap((failure) => packWords(failure?.text ?? "", failure?.code ?? ""));
  const count = Buffer.allocUnsafe(2);
  count.writeUInt16BE(recipients?.size ?? 0);
  parts.push(count);
  for (const [chatId, times] of recipients ?? [])
    parts.push(sized(chatId === "" ? NOTHING : packRecipientId(chatId)), packTimes(times));
  return Buffer.concat(parts);
}

/** Add the data of its EXTRAS value to a record. */
export function readExtra(extra: Buffer, record: MessageRecord): void {
  let offset = 0;
  const bytes = () => {
    const start = offset + 2;
    offset = start + extra.readUInt16BE(offset);
    return extra.subarray(start, offset);
  };
  record.failures.forEach((failure, place) => {
    const length = extra.readUInt16BE(offset);
    const text = extra.toString("utf8", offset + 2, (offset += 2 + (length & ~CODE_FOLLOWS)));
    const codeBytes = (length & CODE_FOLLOWS) === 0 ? 0 : 1 + extra.readUInt8(offset);
    const code = extra.toString("utf8", offset + 1, (offset += codeBytes));
    if (failure !== undefined && (text !== "" || code !== "")) record.failures[place] = { ...failure, text, code };
  });
  if (record.recipientsKept !== RECIPIENTS_MANY) return;
  const recipients = new Map<string, RecipientTimes>();
  const count = extra.readUInt16BE(offset);
  offset += 2;
  for (let n = 0; n < count; n++) {
    const chat = bytes();
    const ranks = extra.readUInt16BE(offset);
    const at = PROGRESS.map(() => 0);
    offset += 2;
    for (let rank = 0; rank < PROGRESS.length; rank++) {
      if ((ranks & (1 << rank)) === 0) continue;
      at[rank] = extra.readUInt32BE(offset);
      offset += 4;
    }
    const failure = extra.readUInt8(offset);
    const failureAt = failure === 0 ? 0 : extra.readUInt32BE(offset + 1);
    offset += failure === 0 ? 1 : 5;
    recipients.set(chat.length === 0 ? "" : unpackChatId(chat), { ranks, at, failure, failureAt, hash: undefined });
  }
  record.recipients = recipients;
}

const NOTHING = Buffer.alloc(0);
/** Larger than the length of any text. */
const CODE_FOLLOWS = 0x8000;

function packWords(text: string, code: string): Buffer[] {
  const words = sized(Buffer.from(text));
  if (code === "") return [words];
  words.writeUInt16BE(CODE_FOLLOWS | words.readUInt16BE(0), 0);
  const bytes = Buffer.from(code);
  return [words, Buffer.from([bytes.length]), bytes];
}

function sized(bytes: Buffer): Buffer {
  const packed = Buffer.allocUnsafe(2 + bytes.length);
  packed.writeUInt16BE(bytes.length);
  bytes.copy(packed, 2);
  return packed;
}

function packTimes({ ranks, at, failure, failureAt }: RecipientTimes): Buffer {
  const packed = Buffer.allocUnsafe(2 + 4 * PROGRESS.length + 5);
  let end = packed.writeUInt16BE(ranks);
  for (let rank = 0; rank < PROGRESS.length; rank++)
    if ((ranks & (1 << rank)) !== 0) end = packed.writeUInt32BE(at[rank] ?? 0, end);
  end = packed.writeUInt8(failure, end);
  if (failure !== 0) end = packed.writeUInt32BE(failureAt, end);
  return packed.subarray(0, end);
}
