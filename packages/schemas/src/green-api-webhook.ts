import { z } from "zod";
import { parseAbridged, type KeptFields } from "./abridged-json.ts";
import { parseExactly, parseJsonText } from "./exact-json.ts";

/**
 * The webhooks of GREEN-API and its sister products, read leniently: unknown fields are let through, absent ones are
 * expected (older payloads lack `chatId` and `sendByApi`), but a field of the wrong type is never guessed.
 */

/** A JSON number beyond 2^53 arrives here as the string of its digits, see {@link parseWebhookText}. */
const idInstance = z.union([z.number().int().nonnegative(), z.string().regex(/^\d{1,20}$/)]).transform(String);

const ID_LENGTH_MAX = 255;
export const idMessage = z.union([z.string().min(1).max(ID_LENGTH_MAX), z.number().int().transform(String)]);

const CHAT_ID_LENGTH_MAX = 128;
export const chatId = z.string().max(CHAT_ID_LENGTH_MAX).nullish();

/** Unix seconds. Some products send it as a string, libraries that read 64 bits as an object of two halves. */
export const unixSeconds = z.union([
  z.number().nonnegative(),
  z
    .object({ low: z.number().int(), high: z.number().int().nonnegative() })
    .transform(({ low, high }) => (low >>> 0) + high * 2 ** 32),
  z
    .string()
    .regex(/^\d{1,16}$/)
    .transform(Number),
]);

const timestamp = unixSeconds.nullish().transform((value) => value ?? undefined);

export const envelope = z.object({ typeWebhook: z.string().min(1) });

/** The answer to a webhook that is stored. */
export const webhookAccepted = z.object({ success: z.literal(true) });

export const instanceData = z.object({ instanceData: z.object({ idInstance }) });

export const statusWebhook = z.object({
  idMessage,
  status: z.string(),
  timestamp,
  chatId,
  sendByApi: z.boolean().nullish(),
  description: z.string().nullish(),
});

export const messageWebhook = z.object({
  idMessage,
  timestamp,
  /** Missing in notifications of one's own deleted messages. */
  senderData: z.object({ chatId }).nullish(),
  messageData: z.object({ typeMessage: z.string().nullish() }).nullish(),
});

export const stateWebhook = z.object({ stateInstance: z.string().min(1).max(64), timestamp });

/**
 * Whether a webhook is, by the plainest reading, what its schema makes of it: then it is taken as it stands, for the schema
 * costs several times as much. A `false` says nothing, and the schema decides. Holds by test: what is plain passes the schema
 * unchanged.
 */
export function isPlainStatus(body: object): body is z.infer<typeof statusWebhook> {
  const { idMessage, status, timestamp, chatId, sendByApi, description }: Unread<typeof statusWebhook> = body;
  return (
    isText(idMessage, ID_LENGTH_MAX) &&
    typeof status === "string" &&
    isSeconds(timestamp) &&
    (chatId === undefined || isText(chatId, CHAT_ID_LENGTH_MAX)) &&
    (sendByApi === undefined || typeof sendByApi === "boolean") &&
    (description === undefined || description === null || typeof description === "string")
  );
}

/** As {@link isPlainStatus}. */
export function isPlainMessage(body: object): body is z.infer<typeof messageWebhook> {
  const { idMessage, timestamp, senderData, messageData }: Unread<typeof messageWebhook> = body;
  return (
    isText(idMessage, ID_LENGTH_MAX) &&
    isSeconds(timestamp) &&
    isRecord(senderData) &&
    isText(senderData["chatId"], CHAT_ID_LENGTH_MAX) &&
    isRecord(messageData) &&
    typeof messageData["typeMessage"] === "string"
  );
}

type Unread<Schema extends z.ZodType> = { readonly [Field in keyof z.infer<Schema>]?: unknown };

function isText(value: unknown, lengthMax: number): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= lengthMax;
}

function isSeconds(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && Number.isFinite(value);
}

export const MESSAGE_WEBHOOK_TYPES = [
  "incomingMessageReceived",
  "outgoingMessageReceived",
  "outgoingAPIMessageReceived",
] as const;

/** Every `typeWebhook` we know to exist; others are counted as `other`. */
export const WEBHOOK_TYPES = [
  ...MESSAGE_WEBHOOK_TYPES,
  "outgoingMessageStatus",
  "stateInstanceChanged",
  "statusInstanceChanged",
  "deviceInfo",
  "incomingCall",
  "outgoingCall",
  "incomingBlock",
  "quotaExceeded",
] as const;
export type WebhookType = (typeof WEBHOOK_TYPES)[number];

/** Whether a webhook is one of a message, by its type alone. */
export function isMessageWebhook(body: Record<string, unknown>): boolean {
  return (MESSAGE_WEBHOOK_TYPES as readonly unknown[]).includes(body["typeWebhook"]);
}

/** Longer webhooks carry pictures. */
export const SHORT_CHARS_MAX = 2_048;
/** JSON.parse takes 10 ms for so much of the worst, and needs 4 MB. */
const PARSED_CHARS_MAX = 65_536;

/**
 * Parse a webhook's text so that ids survive: `idInstance` is an int64 and may exceed 2^53, where JSON.parse rounds.
 * The slow exact parser runs only when an id was too large. What is long comes with all that is counted and little else: then
 * neither its size nor its shape costs time or memory.
 * @throws {SyntaxError} the text is not JSON
 */
export function parseWebhookText(text: string): unknown {
  if (isAbridged(text)) return parseAbridgedWebhook(text);
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || !hasRoundedId(value)) return value;
  return text.length > SHORT_CHARS_MAX ? parseAbridgedWebhook(text) : parseExactly(text);
}

/** Whether {@link parseWebhookText} keeps only a few kB of such a text. */
export function isAbridged(text: string): boolean {
  return text.length > PARSED_CHARS_MAX;
}

/** All that is counted, and a few kB of the rest; ids survive. @throws {SyntaxError} the text is not JSON */
export function parseAbridgedWebhook(text: string): unknown {
  return parseAbridged(text, WEBHOOK_FIELDS);
}

/** As {@link parseWebhookText}, for a webhook that is pulled: it is in the `body` of an answer, and may be stringified again. */
export function parseNotificationText(text: string): unknown {
  return text.length > SHORT_CHARS_MAX ? parseAbridgedWebhook(text) : parseJsonText(text);
}

const COUNTED_FIELDS = {
  typeWebhook: undefined,
  instanceData: { idInstance: undefined },
  timestamp: undefined,
  idMessage: undefined,
  status: undefined,
  chatId: undefined,
  sendByApi: undefined,
  description: undefined,
  stateInstance: undefined,
  senderData: { chatId: undefined },
  messageData: { typeMessage: undefined },
} as const satisfies KeptFields;

/** A notification that is pulled has the webhook in its `body`. */
const WEBHOOK_FIELDS: KeptFields = { ...COUNTED_FIELDS, receiptId: undefined, body: COUNTED_FIELDS };

/** The kind of a webhook; `undefined` where it names none. By hand, as {@link isPlainStatus}. */
export function webhookType(body: object): string | undefined {
  const { typeWebhook }: Unread<typeof envelope> = body;
  return typeof typeWebhook === "string" && typeWebhook !== "" ? typeWebhook : undefined;
}

/** The instance a webhook is of, as digits; `undefined` where it names none. */
export function webhookInstance(body: unknown): string | undefined {
  // The plainest reading first, as in isPlainStatus.
  const data = isRecord(body) ? body["instanceData"] : undefined;
  const id = isRecord(data) ? data["idInstance"] : undefined;
  if (typeof id === "number" && Number.isSafeInteger(id) && id >= 0) return String(id);
  return instanceData.safeParse(body).data?.instanceData.idInstance;
}

/** By hand: this runs for every webhook, twice. */
function hasRoundedId({ idMessage: message, instanceData: instance }: Record<string, unknown>): boolean {
  return isRounded(message) || (isRecord(instance) && isRounded(instance["idInstance"]));
}

function isRounded(id: unknown): boolean {
  return typeof id === "number" && Number.isInteger(id) && !Number.isSafeInteger(id);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
