import { MESSAGE_WEBHOOK_TYPES } from "./green-api-webhook.ts";
import type { Pseudonyms } from "./pseudonyms.ts";

/** Longer bodies carry pictures; shorter ones are queued as they came. */
const CHARS_MAX = 2_048;
const STRING_CHARS_MAX = 256;

/**
 * What of a webhook goes into the queue. Of a message only what is counted: its text, names and thumbnail are read by
 * nothing, are nobody's business, and would fill Redis. Anything else that is long keeps its shape with long strings cut,
 * so that what nobody understands can still be looked at.
 * @param text the body as it came @param body the same, parsed @param pseudonyms if chats are to have them
 */
export function withoutContent(text: string, body: unknown, pseudonyms?: Pseudonyms): string {
  if (pseudonyms !== undefined) {
    const kept = pseudonyms.webhook(body);
    return shortened(JSON.stringify(kept), kept);
  }
  if (isRecord(body)) {
    const counted = isMessageWebhook(body) ? countedPart(body) : undefined;
    if (counted !== undefined) return shortened(JSON.stringify(counted), counted);
  }
  return shortened(text, body);
}

function shortened(text: string, body: unknown): string {
  if (text.length <= CHARS_MAX) return text;
  try {
    return JSON.stringify(body, (_, value: unknown) =>
      typeof value === "string" ? value.slice(0, STRING_CHARS_MAX) : value,
    );
  } catch (error) {
    // Nested deeper than the stack goes: such a body is queued whole and ends in quarantine.
    if (error instanceof RangeError) return text;
    throw error;
  }
}

/** @returns `undefined` where the parts have not the shape expected: then nothing is dropped */
function countedPart(body: Record<string, unknown>): object | undefined {
  const { messageData, senderData } = body;
  if (!isRecord(messageData) || !(senderData == null || isRecord(senderData))) return undefined;
  return {
    ...body,
    messageData: { typeMessage: messageData["typeMessage"] },
    ...(senderData == null ? {} : { senderData: { chatId: senderData["chatId"] } }),
  };
}

function isMessageWebhook(body: Record<string, unknown>): boolean {
  return (MESSAGE_WEBHOOK_TYPES as readonly unknown[]).includes(body["typeWebhook"]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
