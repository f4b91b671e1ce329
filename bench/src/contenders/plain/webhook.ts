export interface Webhook {
  typeWebhook: string;
  instanceData: { idInstance: number };
  idMessage: string;
  timestamp: number;
  status?: string;
  chatId?: string;
  senderData?: { chatId: string };
}

/** The kind under which a webhook is counted. */
export function countedAs({ typeWebhook, status }: Webhook) {
  if (status !== undefined) return status;
  return typeWebhook === "incomingMessageReceived" ? "received" : "observed";
}

export function chatOf({ chatId, senderData }: Webhook) {
  return chatId ?? senderData?.chatId ?? "";
}
