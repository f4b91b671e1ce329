import {
  contentTypeCode,
  FAILURE_REASONS,
  MESSAGE_STATUSES,
  ORIGINS,
  TYPE_CODE_UNKNOWN,
  directionOf,
  type MessageEvent,
} from "@ticktally/core";
import { packChatId } from "./chat-codec.ts";
import { recordField } from "./record-codec.ts";

/** Pack message events one after the other, as `EVENT` in `lua/apply-batch.lua` reads them. */
export function packEvents(events: readonly MessageEvent[]): Buffer {
  return Buffer.concat(events.map(packEvent));
}

const OUTGOING_OBSERVATION = MESSAGE_STATUSES.length;
const INCOMING_OBSERVATION = OUTGOING_OBSERVATION + 1;
/** Longer words of a gateway are cut: they embed whole URLs. */
const DESCRIPTION_BYTES_MAX = 500;
const HEAD_BYTES = 12;
const NOTHING = Buffer.alloc(0);

function packEvent(event: MessageEvent): Buffer {
  const field = recordField(directionOf(event), event.idMessage);
  const chat = event.chatId === undefined ? NOTHING : packChatId(event.chatId);
  const text = descriptionOf(event);
  const packed = Buffer.allocUnsafe(HEAD_BYTES + 6 + field.length + chat.length + text.length);
  packed[0] = kindCode(event);
  packed[1] = ORIGINS.indexOf(event.origin);
  packed[2] = event.kind === "observation" ? contentTypeCode(event.type) : TYPE_CODE_UNKNOWN;
  packed[3] = "reason" in event ? FAILURE_REASONS.indexOf(event.reason) : 0;
  packed.writeUInt32BE(event.at, 4);
  packed.writeUInt32BE(event.receivedAt, 8);
  let offset = HEAD_BYTES;
  for (const part of [field, chat, text]) {
    offset = packed.writeUInt16BE(part.length, offset);
    packed.set(part, offset);
    offset += part.length;
  }
  return packed;
}

function kindCode(event: MessageEvent): number {
  if (event.kind === "status") return MESSAGE_STATUSES.indexOf(event.status);
  return event.direction === "outgoing" ? OUTGOING_OBSERVATION : INCOMING_OBSERVATION;
}

function descriptionOf(event: MessageEvent): Buffer {
  const text = Buffer.from("reason" in event ? (event.description ?? "") : "");
  if (text.length <= DESCRIPTION_BYTES_MAX) return text;
  // Not in the middle of a character.
  return Buffer.from(
    text
      .subarray(0, DESCRIPTION_BYTES_MAX)
      .toString("utf8")
      .replace(/\uFFFD+$/, ""),
  );
}
