import { z } from "zod";
import { isRecord } from "../json/is-record.ts";

/**
 * The webhooks of GREEN-API and its sister products, read leniently: unknown fields are allowed, fields may be missing (older payloads lack
 * `chatId` and `sendByApi`), but a field of the wrong type is never interpreted.
 */

/** A JSON number beyond 2^53 arrives here as the string of its digits, see `parseWebhookText`. */
const idInstance = z.union([z.number().int().nonnegative(), z.string().regex(/^\d{1,20}$/)]).transform(String);

export const ID_LENGTH_MAX = 255;
export const idMessage = z.union([z.string().min(1).max(ID_LENGTH_MAX), z.number().int().transform(String)]);

export const CHAT_ID_LENGTH_MAX = 128;
/** Some products whose chats are bare numbers send them as numbers. */
export const chatId = z.union([z.string().max(CHAT_ID_LENGTH_MAX), z.number().int().transform(String)]).nullish();

/** Seconds, possibly with a fraction and surrounding spaces. */
export const SECONDS_TEXT = /^\s{0,8}(\d{1,16})(?:\.\d{1,9})?\s{0,8}$/;

/** Unix seconds. Some products send it as a string; libraries for 64-bit integers send an object of two halves. */
export const unixSeconds = z.union([
  z.number().nonnegative(),
  z
    .object({ low: z.number().int(), high: z.number().int().nonnegative().nullish() })
    .transform(({ low, high }) => (low >>> 0) + (high ?? 0) * 2 ** 32),
  z.string().regex(SECONDS_TEXT).transform(Number),
]);

/** An empty text means no time, like `null` and 0. */
const timestamp = z
  .union([unixSeconds, z.literal("")])
  .nullish()
  .transform((value) => (value === "" ? undefined : (value ?? undefined)));

export const envelope = z.object({ typeWebhook: z.string().min(1) });

export const instanceData = z.object({ instanceData: z.object({ idInstance }) });

export const STATE_LENGTH_MAX = 64;

export const statusWebhook = z.object({
  idMessage,
  /** `null` means nothing, like an empty text. */
  status: z
    .string()
    .nullable()
    .transform((word) => word ?? ""),
  timestamp,
  chatId,
  sendByApi: z.boolean().nullish(),
  description: z.string().nullish(),
});

export const messageWebhook = z.object({
  idMessage,
  timestamp,
  /** Missing in notifications about one's own deleted messages. */
  senderData: z.object({ chatId, chatType: z.string().nullish() }).nullish(),
  messageData: z.object({ typeMessage: z.string().nullish() }).nullish(),
});

export const stateWebhook = z.object({ stateInstance: z.string().min(1).max(STATE_LENGTH_MAX), timestamp });

/**
 * Whether a webhook obviously equals its parsed form: then it is used as it is, because the schema costs several times as much. After
 * `false` the schema decides. A test proves that a plain webhook passes the schema unchanged.
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

/** See {@link isPlainStatus}. */
export function isPlainMessage(body: object): body is z.infer<typeof messageWebhook> {
  const { idMessage, timestamp, senderData, messageData }: Unread<typeof messageWebhook> = body;
  return (
    isText(idMessage, ID_LENGTH_MAX) &&
    isSeconds(timestamp) &&
    isRecord(senderData) &&
    isText(senderData["chatId"], CHAT_ID_LENGTH_MAX) &&
    (senderData["chatType"] === undefined || typeof senderData["chatType"] === "string") &&
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

/** The type of a webhook; `undefined` if it names none. Without a schema, as {@link isPlainStatus}. */
export function webhookType(body: object): string | undefined {
  const { typeWebhook }: Unread<typeof envelope> = body;
  return typeof typeWebhook === "string" && typeWebhook !== "" ? typeWebhook : undefined;
}

/** The instance of a webhook, as digits; `undefined` if it names none. */
export function webhookInstance(body: unknown): string | undefined {
  // The plain case first, as in isPlainStatus.
  const data = isRecord(body) ? body["instanceData"] : undefined;
  const id = isRecord(data) ? data["idInstance"] : undefined;
  if (typeof id === "number" && Number.isSafeInteger(id) && id >= 0) return String(id);
  return instanceData.safeParse(body).data?.instanceData.idInstance;
}
