import { isRecord } from "../json/is-record.ts";
import { isPlainNumber, type PseudonymSource } from "../pseudonyms.ts";

/** Fields whose numbers are not phone numbers. */
const NUMBERS: ReadonlySet<string> = new Set(["timestamp", "idInstance", "low", "high"]);

/** A webhook without content, with pseudonyms for its chats, and with everything else that may be a phone number masked. */
export function pseudonymised(body: unknown, pseudonyms: PseudonymSource): unknown {
  if (!isRecord(body) || typeof body["typeWebhook"] !== "string") return pseudonyms.masked(body, NUMBERS);
  const { chatId, idMessage, senderData, ...others } = body;
  return {
    ...Object.fromEntries(
      Object.entries(others)
        .filter(([, value]) => value !== undefined)
        .map(masked),
    ),
    idMessage: isPlainId(idMessage) ? idMessage : pseudonyms.masked(idMessage),
    chatId: chatOf(chatId),
    senderData: isRecord(senderData)
      ? { ...senderData, chatId: chatOf(senderData["chatId"]) }
      : pseudonyms.masked(senderData),
  };

  function masked([field, value]: [string, unknown]): [string, unknown] {
    if (NUMBERS.has(field) && isPlainNumber(value)) return [field, value];
    return [field, pseudonyms.masked(value, NUMBERS)];
  }

  function chatOf(value: unknown): unknown {
    return typeof value === "string" ? pseudonyms.chat(value) : pseudonyms.masked(value);
  }
}

/** An id of a message that does not contain a chat's id. */
function isPlainId(value: unknown): boolean {
  return typeof value === "string" ? !value.includes("@") : isPlainNumber(value);
}
