import { isAction } from "@ticktally/core";
import { actionId } from "../action-id.ts";
import { cutValue } from "../json/cut-json.ts";
import { isRecord } from "../json/is-record.ts";
import { contentType } from "./message-types.ts";
import {
  CHAT_ID_LENGTH_MAX,
  ID_LENGTH_MAX,
  SECONDS_TEXT,
  STATE_LENGTH_MAX,
  unixSeconds,
  webhookInstance,
} from "./shapes.ts";

/** Replaces every text that no rule reads. */
const MASK = "***";
/** Longer words mean nothing to us. */
const WORD_LENGTH_MAX = 64;
const DESCRIPTION_LENGTH_MAX = 300;
const MASKED_BYTES_MAX = 2_048;

/**
 * The counted fields of a webhook, and nothing else: no code reads its text, names and pictures, they would fill Redis, and they are
 * private. Each field keeps its type, so an invalid one stays invalid. Idempotent. Written field by field rather than from a list, because
 * it runs twice for every webhook.
 */
export function countedFields(type: string, body: Record<string, unknown>): Record<string, unknown> {
  switch (type) {
    case "outgoingMessageStatus":
      return statusFields(body);
    case "incomingMessageReceived":
    case "outgoingMessageReceived":
    case "outgoingAPIMessageReceived":
      return messageFields(type, body);
    case "stateInstanceChanged":
      return { ...commonFields(type, body), stateInstance: word(body["stateInstance"], STATE_LENGTH_MAX) };
    default:
      return commonFields(word(type), body);
  }
}

function statusFields(body: Record<string, unknown>): Record<string, unknown> {
  const fields: Record<string, unknown> = {
    typeWebhook: "outgoingMessageStatus",
    instanceData: instanceData(body["instanceData"]),
    timestamp: time(body["timestamp"]),
    idMessage: word(body["idMessage"], ID_LENGTH_MAX),
    status: word(body["status"]),
    chatId: chat(body["chatId"]),
    sendByApi: typeOf(body["sendByApi"]),
  };
  if (body["description"] !== undefined) fields["description"] = description(body["description"]);
  if (body[FROM_JOURNAL] === true) fields[FROM_JOURNAL] = true;
  return fields;
}

function messageFields(type: string, body: Record<string, unknown>): Record<string, unknown> {
  const timestamp = time(body["timestamp"]);
  const fields: Record<string, unknown> = {
    typeWebhook: type,
    instanceData: instanceData(body["instanceData"]),
    timestamp,
    idMessage: ownId(word(body["idMessage"], ID_LENGTH_MAX), body["messageData"], timestamp),
    senderData: senderData(body["senderData"]),
    messageData: messageData(body["messageData"]),
  };
  if (body[FROM_JOURNAL] === true) fields[FROM_JOURNAL] = true;
  return fields;
}

function commonFields(type: unknown, body: Record<string, unknown>): Record<string, unknown> {
  return { typeWebhook: type, instanceData: instanceData(body["instanceData"]), timestamp: time(body["timestamp"]) };
}

/** Telegram sends edits under the id of the edited message. */
function ownId(idMessage: unknown, data: unknown, timestamp: unknown): unknown {
  const typeMessage = isRecord(data) ? data["typeMessage"] : undefined;
  if (!isRecord(data) || typeof typeMessage !== "string") return idMessage;
  const type = contentType(typeMessage);
  if (!isAction(type) || !isId(idMessage)) return idMessage;
  const actsOnItself = ACTED_ON.some((field) => {
    const held = data[field];
    return isRecord(held) && isId(held["stanzaId"]) && String(held["stanzaId"]) === String(idMessage);
  });
  if (!actsOnItself) return idMessage;
  return actionId(String(idMessage), type, isRecord(timestamp) ? unixSeconds.safeParse(timestamp).data : timestamp);
}

/** The fields in which an action names its message. */
const ACTED_ON = ["editedMessageData", "deletedMessageData", "pollMessageData", "quotedMessage"] as const;

function isId(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

/** A field of webhooks that were made from journals. */
export const FROM_JOURNAL = "fromJournal";

/** A copy for people of a body without a webhook type: its shape, numbers and instance. */
export function maskedCopy(value: unknown): unknown {
  // An empty text stays empty, so a missing type stays missing.
  const text = (given: string) => (given === "" ? "" : MASK);
  const copy = cutValue(value, MASKED_BYTES_MAX, { text });
  if (!isRecord(copy) || !isRecord(value) || webhookInstance(value) === undefined) return copy;
  return { ...copy, instanceData: instanceData(value["instanceData"]) };
}

/** A text that the gateway sends in place of a message that it cannot read, or not yet. Only later webhooks show what it was, if any. */
export function isPlaceholder(text: unknown): boolean {
  return typeof text === "string" && text.length <= WORD_LENGTH_MAX && /^\s*\{\{\s*SWE\d+\s*\}\}\s*$/i.test(text);
}

function instanceData(value: unknown): unknown {
  if (!isRecord(value)) return typeOf(value);
  const { idInstance, typeInstance } = value;
  const id = typeof idInstance === "string" && /^\d{1,20}$/.test(idInstance) ? idInstance : typeOf(idInstance);
  return typeInstance === undefined ? { idInstance: id } : { idInstance: id, typeInstance: word(typeInstance) };
}

function time(value: unknown): unknown {
  if (typeof value === "string") return value === "" ? value : (SECONDS_TEXT.exec(value)?.[1] ?? MASK);
  if (!isRecord(value)) return typeOf(value);
  return { low: typeOf(value["low"]), high: typeOf(value["high"]) };
}

function senderData(value: unknown): unknown {
  if (!isRecord(value)) return typeOf(value);
  const chatId = chat(value["chatId"]);
  return value["chatType"] === undefined ? { chatId } : { chatId, chatType: word(value["chatType"]) };
}

/** As text even if it is a number: the rest of the code identifies chats by text. */
function chat(value: unknown): unknown {
  return Number.isSafeInteger(value) ? String(value) : word(value, CHAT_ID_LENGTH_MAX);
}

function messageData(value: unknown): unknown {
  if (!isRecord(value)) return typeOf(value);
  const typeMessage = word(value["typeMessage"]);
  return { typeMessage: isOfPlaceholder(typeMessage, value) ? undefined : typeMessage };
}

function isOfPlaceholder(typeMessage: unknown, { textMessageData, extendedTextMessageData }: Held): boolean {
  // A typical message is not short and does not contain this.
  if (!isShown(textMessageData, "textMessage") && !isShown(extendedTextMessageData, "text")) return false;
  return typeof typeMessage === "string" && contentType(typeMessage) === "text";
}

interface Held {
  readonly textMessageData?: unknown;
  readonly extendedTextMessageData?: unknown;
}

function isShown(held: unknown, field: string): boolean {
  return isRecord(held) && isPlaceholder(held[field]);
}

/** One character more than allowed, so a text that was cut stays too long. */
function word(value: unknown, lengthMax = WORD_LENGTH_MAX): unknown {
  if (typeof value !== "string") return typeOf(value);
  return value.length <= lengthMax ? value : value.slice(0, lengthMax + 1);
}

function description(value: unknown): unknown {
  return typeof value === "string" ? value.slice(0, DESCRIPTION_LENGTH_MAX) : typeOf(value);
}

/** A value of the same type without text. */
function typeOf(value: unknown): unknown {
  if (typeof value === "string") return MASK;
  if (typeof value !== "object" || value === null) return value;
  return Array.isArray(value) ? [] : {};
}
