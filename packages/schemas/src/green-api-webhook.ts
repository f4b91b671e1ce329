import { z } from "zod";
import { parseExactly } from "./exact-json.ts";

/**
 * The webhooks of GREEN-API and its sister products, read leniently: unknown fields are let through, absent ones are
 * expected (older payloads lack `chatId` and `sendByApi`), but a field of the wrong type is never guessed.
 */

/** A JSON number beyond 2^53 arrives here as the string of its digits, see {@link parseWebhookText}. */
const idInstance = z.union([z.number().int().nonnegative(), z.string().regex(/^\d{1,20}$/)]).transform(String);

export const idMessage = z.union([z.string().min(1).max(255), z.number().int().transform(String)]);

export const chatId = z.string().max(128).nullish();

/** Unix seconds. Some products send it as a string. */
export const unixSeconds = z.union([
  z.number().nonnegative(),
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

/**
 * Parse a webhook's text so that ids survive: `idInstance` is an int64 and may exceed 2^53, where JSON.parse rounds.
 * The slow exact parser runs only when an id was too large. What that parser cannot take (nesting deeper than the stack)
 * comes without the ids that would be wrong.
 * @throws {SyntaxError} the text is not JSON
 */
export function parseWebhookText(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || !hasRoundedId(value)) return value;
  try {
    return parseExactly(text);
  } catch {
    return { ...value, idMessage: undefined, instanceData: undefined };
  }
}

/** The instance a webhook is of, as digits; `undefined` where it names none. */
export function webhookInstance(body: unknown): string | undefined {
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
