import { isAbridged, isMessageWebhook, parseAbridgedWebhook, SHORT_CHARS_MAX } from "./green-api-webhook.ts";
import type { Pseudonyms } from "./pseudonyms.ts";

/**
 * What of a webhook goes into the queue. Of a message only what is counted: its text, names and thumbnail are read by
 * nothing, are nobody's business, and would fill Redis. Anything else is queued as it came if it is short; of what is long
 * what is counted and a few kB of the rest, so that what nobody understands can still be looked at.
 * @param text the body as it came @param body the same as `parseWebhookText` reads it @param pseudonyms if chats are to have them
 * @returns JSON of a few kB at most
 */
export function withoutContent(text: string, body: unknown, pseudonyms?: Pseudonyms): string {
  if (text.length <= SHORT_CHARS_MAX) {
    if (pseudonyms !== undefined) return JSON.stringify(pseudonyms.webhook(body));
    const counted = countedPart(body);
    return counted === undefined ? text : JSON.stringify(counted);
  }
  const counted = countedPart(body);
  const short = counted === undefined ? undefined : shortJson(counted);
  if (short !== undefined) return pseudonyms === undefined ? short : JSON.stringify(pseudonyms.webhook(counted));
  const abridged = isAbridged(text) ? body : parseAbridgedWebhook(text);
  const kept = countedPart(abridged) ?? abridged;
  return JSON.stringify(pseudonyms === undefined ? kept : pseudonyms.webhook(kept));
}

function shortJson(value: object): string | undefined {
  try {
    const json = JSON.stringify(value);
    return json.length <= SHORT_CHARS_MAX ? json : undefined;
  } catch (error) {
    // Nested deeper than the stack goes.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** @returns `undefined` for what is no message, and where its parts have not the shape expected: then nothing is dropped */
function countedPart(body: unknown): object | undefined {
  if (!isRecord(body) || !isMessageWebhook(body)) return undefined;
  const { messageData, senderData } = body;
  if (!isRecord(messageData) || !(senderData == null || isRecord(senderData))) return undefined;
  return {
    ...body,
    messageData: { typeMessage: messageData["typeMessage"] },
    ...(senderData == null ? {} : { senderData: { chatId: senderData["chatId"] } }),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
