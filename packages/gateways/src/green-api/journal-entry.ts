import type { Direction, InstanceId } from "@ticktally/core";
import { z } from "zod";
import { parseAbridged, type KeptFields } from "../json/abridged-json.ts";
import { parseJsonText } from "../json/exact-json.ts";
import type { GatewayUpstream, JournalEntry } from "../upstream.ts";
import { chatOf } from "./chats.ts";
import { FROM_JOURNAL, isPlaceholder } from "./counted-fields.ts";
import { contentType } from "./message-types.ts";
import { chatId, idMessage, unixSeconds } from "./shapes.ts";
import { WEBHOOK_TYPES } from "./webhook-types.ts";

/** Longer ones contain thumbnails. */
const PARSED_CHARS_MAX = 2_048;

/** One element of `lastOutgoingMessages` and `lastIncomingMessages`: the counted fields. Older gateways leave `type` out. */
const journalElement = z.object({
  type: z
    .preprocess((type) => (typeof type === "string" ? type.toLowerCase() : type), z.enum(["incoming", "outgoing", ""]))
    .nullish(),
  idMessage,
  /** For an outgoing message, the time of its last action. */
  timestamp: unixSeconds,
  typeMessage: z.string().max(128).nullish(),
  chatId,
  statusMessage: z.string().max(128).nullish(),
  sendByApi: z.boolean().nullish(),
});
type JournalElement = z.infer<typeof journalElement>;

/** Read only to recognise a placeholder by its text. */
const texts = z.object({
  textMessage: z.unknown().optional(),
  extendedTextMessage: z.object({ text: z.unknown().optional() }).nullish().catch(undefined),
});

type Journals = GatewayUpstream["journals"];

/** @throws {SyntaxError} if it is not JSON */
export function parseEntry(text: string): unknown {
  return text.length > PARSED_CHARS_MAX ? parseAbridged(text, ENTRY_FIELDS) : parseJsonText(text);
}

export const entryOf: Journals["entryOf"] = (element, { direction: asked, pseudonyms }) => {
  const read = journalElement.safeParse(element);
  if (!read.success || isNoMessage(read.data.typeMessage)) return undefined;
  const direction = directionOf(read.data) ?? asked;
  if (direction === undefined) return undefined;
  const chat = chatOf(read.data.chatId);
  const chatId = chat.chatId === undefined ? undefined : (pseudonyms?.chat(chat.chatId) ?? chat.chatId);
  const kept = { ...read.data, type: direction, chatId, typeMessage: typeOf(read.data, element) };
  return {
    direction,
    idMessage: read.data.idMessage,
    ...chat,
    ...(chatId === undefined ? {} : { chatId }),
    at: read.data.timestamp,
    kept: withoutUndefined(kept),
  };
};

/**
 * An outgoing entry's time is that of its last action: the best available for its status, and never too early. The message itself must
 * precede its statuses, so it gets the earliest known time.
 */
export const webhooksOf: Journals["webhooksOf"] = (instance, entry, knownAt) => {
  const element = elementOf(entry);
  if (element === undefined) return [];
  const statuses = entry.direction === "outgoing" ? [statusWebhookOf(instance, element)] : [];
  return [...observationsOf(instance, element, entry, knownAt), ...statuses];
};

/** A status of a message that a journal names. */
export function statusWebhookOf(instance: InstanceId, element: JournalElement): object {
  const { idMessage, timestamp, chatId, sendByApi, statusMessage } = element;
  return {
    typeWebhook: "outgoingMessageStatus",
    instanceData: { idInstance: instance },
    timestamp,
    idMessage,
    chatId,
    sendByApi,
    status: statusMessage ?? "",
    [FROM_JOURNAL]: true,
  };
}

/** An entry in the gateway's own shape. */
export function elementOf({ kept }: Pick<JournalEntry, "kept">): JournalElement | undefined {
  return journalElement.safeParse(kept).data;
}

/** Only outgoing messages have a status. */
function directionOf({ type, statusMessage }: JournalElement): Direction | undefined {
  if (type === "incoming" || type === "outgoing") return type;
  return statusMessage == null ? undefined : "outgoing";
}

function observationsOf(
  instance: InstanceId,
  { idMessage, timestamp, typeMessage, chatId, sendByApi }: JournalElement,
  { direction }: JournalEntry,
  knownAt = Infinity,
): readonly object[] {
  const typeWebhook = direction === "incoming" ? "incomingMessageReceived" : outgoingType(sendByApi);
  if (typeWebhook === undefined) return [];
  const observation = {
    typeWebhook,
    instanceData: { idInstance: instance },
    timestamp: Math.min(timestamp, knownAt),
    idMessage,
    senderData: { chatId },
    messageData: { typeMessage },
    [FROM_JOURNAL]: true,
  };
  return [observation];
}

/** The type itself says who sent it, so without `sendByApi` no type fits. */
function outgoingType(sendByApi: boolean | null | undefined): string | undefined {
  if (sendByApi == null) return undefined;
  return sendByApi ? "outgoingAPIMessageReceived" : "outgoingMessageReceived";
}

function typeOf({ typeMessage }: JournalElement, element: unknown): string | undefined {
  if (typeMessage == null || contentType(typeMessage) !== "text") return typeMessage ?? undefined;
  const { data } = texts.safeParse(element);
  return isPlaceholder(data?.textMessage) || isPlaceholder(data?.extendedTextMessage?.text) ? undefined : typeMessage;
}

/** Journals name calls, blocks and the like by their webhook types. */
const NO_MESSAGES: ReadonlySet<string> = new Set(
  WEBHOOK_TYPES.filter((type) => !type.endsWith("MessageReceived")).map((type) => type.toLowerCase()),
);

/** By any name: `callLog`, `callLogMessage`, `missedCall`, `outgoingBlock`; and what WhatsApp uses internally, in lower case. */
const CALL_OR_INTERNAL =
  /(?:call(?:_?log)?|block)(?:message)?$|^(?:e2e_notification|notification_template|ciphertext|protocolmessage)$/;

function isNoMessage(typeMessage: string | null | undefined): boolean {
  const word = typeMessage?.toLowerCase();
  return word !== undefined && (NO_MESSAGES.has(word) || CALL_OR_INTERNAL.test(word));
}

function withoutUndefined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

const ENTRY_FIELDS: KeptFields = {
  ...Object.fromEntries(Object.keys(journalElement.shape).map((name) => [name, undefined])),
  timestamp: { low: undefined, high: undefined },
  textMessage: undefined,
  extendedTextMessage: { text: undefined },
};
