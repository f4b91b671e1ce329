/** Webhooks as GREEN-API sends them. `more` replaces or adds top-level fields. */

let instancesMade = 0;

/** An instance id that no other test in the file uses. */
export function freshInstance(): string {
  instancesMade += 1;
  return String(7_103_000_000 + instancesMade);
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

export const CHAT = "79001234567@c.us";
export const GROUP = "120363347693198097@g.us";
const OWN = "79876543210@c.us";

export const OBSERVATIONS = {
  incoming: "incomingMessageReceived",
  phone: "outgoingMessageReceived",
  api: "outgoingAPIMessageReceived",
} as const;

export function observation(
  from: keyof typeof OBSERVATIONS,
  instance: string,
  idMessage: string,
  messageData: object = { typeMessage: "textMessage", textMessageData: { textMessage: "hello" } },
  more: object = {},
): object {
  return {
    typeWebhook: OBSERVATIONS[from],
    instanceData: instanceData(instance),
    timestamp: nowSeconds(),
    idMessage,
    senderData: senderData(from === "incoming" ? CHAT : OWN, CHAT),
    messageData,
    ...more,
  };
}

/** An observation of a text message in a given chat. */
export function textIn(chatId: string, from: keyof typeof OBSERVATIONS, instance: string, idMessage: string): object {
  return observation(from, instance, idMessage, undefined, { senderData: senderData(CHAT, chatId) });
}

export function statusOf(instance: string, idMessage: string, status: string, more: object = {}): object {
  return {
    typeWebhook: "outgoingMessageStatus",
    chatId: CHAT,
    instanceData: instanceData(instance),
    timestamp: nowSeconds(),
    idMessage,
    status,
    sendByApi: true,
    ...more,
  };
}

export function failureOf(instance: string, idMessage: string, description: string, more: object = {}): object {
  return statusOf(instance, idMessage, "failed", { description, ...more });
}

/** A webhook of any other type. */
export function signal(instance: string, typeWebhook: string, more: object = {}): object {
  return { typeWebhook, instanceData: instanceData(instance), timestamp: nowSeconds(), ...more };
}

function instanceData(instance: string): object {
  return { idInstance: Number(instance), wid: OWN, typeInstance: "whatsapp" };
}

function senderData(sender: string, chatId: string): object {
  return { chatId, sender, chatName: "John", senderName: "John", senderContactName: "John Doe" };
}
