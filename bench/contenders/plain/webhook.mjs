/**
 * @typedef {object} Webhook
 * @property {string} typeWebhook
 * @property {{ idInstance: number }} instanceData
 * @property {string} idMessage
 * @property {number} timestamp
 * @property {string} [status]
 * @property {string} [chatId]
 * @property {{ chatId: string }} [senderData]
 */

/** What a webhook counts as. @param {Webhook} webhook */
export function countedAs({ typeWebhook, status }) {
  if (status !== undefined) return status;
  return typeWebhook === "incomingMessageReceived" ? "received" : "observed";
}

/** @param {Webhook} webhook */
export function chatOf({ chatId, senderData }) {
  return chatId ?? senderData?.chatId ?? "";
}
