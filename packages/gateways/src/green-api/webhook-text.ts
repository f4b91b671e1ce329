import { parseAbridged, type KeptFields } from "../json/abridged-json.ts";
import { PARTS_MAX } from "../gateway.ts";
import { parseExactly, parseJsonText } from "../json/exact-json.ts";
import { isRecord } from "../json/is-record.ts";

/** Longer webhooks contain pictures. */
const SHORT_CHARS_MAX = 2_048;
/** For the worst input of this size JSON.parse takes 10 ms and 4 MB. */
const PARSED_CHARS_MAX = 65_536;

/**
 * Parse a webhook's text without rounding ids: `idInstance` is an int64 and may exceed 2^53, where JSON.parse rounds. The slow exact parser
 * runs only if an id was too large. A long webhook keeps only what is counted and little else, so neither its size nor its shape costs time
 * or memory.
 * @throws {SyntaxError} if the text is not JSON
 */
export function parseWebhookText(text: string): unknown {
  if (text.length > PARSED_CHARS_MAX) return abridged(text);
  const value: unknown = JSON.parse(text);
  if (!isRoundedIn(value)) return value;
  return text.length > SHORT_CHARS_MAX ? abridged(text) : parseExactly(text);
}

function abridged(text: string): unknown {
  return parseAbridged(text, /^\s*\[/.test(text) ? [WEBHOOK_FIELDS, PARTS_MAX + 1] : WEBHOOK_FIELDS, IN_TEXT);
}

function isRoundedIn(value: unknown): boolean {
  if (isRecord(value)) return hasRoundedId(value);
  return Array.isArray(value) && value.some((element) => isRecord(element) && hasRoundedId(element));
}

/** As {@link parseWebhookText}, for an answer with a webhook in its `body`. @throws {SyntaxError} if the text is not JSON */
export function parseNotificationText(text: string): unknown {
  return text.length > SHORT_CHARS_MAX ? parseAbridged(text, WEBHOOK_FIELDS, IN_TEXT) : parseJsonText(text);
}

const COUNTED_FIELDS = {
  typeWebhook: undefined,
  instanceData: { idInstance: undefined, typeInstance: undefined },
  timestamp: { low: undefined, high: undefined },
  idMessage: undefined,
  status: undefined,
  chatId: undefined,
  sendByApi: undefined,
  description: undefined,
  stateInstance: undefined,
  senderData: { chatId: undefined, chatType: undefined },
  messageData: {
    typeMessage: undefined,
    // Placeholders are recognised by their text.
    textMessageData: { textMessage: undefined },
    extendedTextMessageData: { text: undefined },
    // An action may have the id of its message.
    editedMessageData: { stanzaId: undefined },
    deletedMessageData: { stanzaId: undefined },
    pollMessageData: { stanzaId: undefined },
    quotedMessage: { stanzaId: undefined },
  },
} as const satisfies KeptFields;

/** A pulled notification has the webhook in its `body`, and is sometimes posted in this form. */
const WEBHOOK_FIELDS: KeptFields = { ...COUNTED_FIELDS, receiptId: undefined, body: COUNTED_FIELDS };

/** Some senders post a webhook, or the one in a notification, as JSON inside a string. */
const IN_TEXT: ReadonlySet<KeptFields> = new Set([WEBHOOK_FIELDS, COUNTED_FIELDS]);

/** Written by hand, because it runs twice for every webhook. */
function hasRoundedId({ idMessage, instanceData, body }: Record<string, unknown>): boolean {
  if (isRounded(idMessage) || (isRecord(instanceData) && isRounded(instanceData["idInstance"]))) return true;
  return isRecord(body) && hasRoundedId({ idMessage: body["idMessage"], instanceData: body["instanceData"] });
}

function isRounded(id: unknown): boolean {
  return typeof id === "number" && Number.isInteger(id) && !Number.isSafeInteger(id);
}
