import type { SimulatedEvent, SimulatedMessage, Status } from "../traffic/message.ts";
import { Random } from "../traffic/random.ts";
import type { JournalEntry, Shape, WebhookSecrets } from "./shape.ts";

const WHATSAPP_INSTANCE = 7_103_000_000;
const TELEGRAM_INSTANCE = 4_100_000_000;
const INSTANCES_A_SEED = 2_000;

const GREEN_API = {
  gateway: "green-api",
  path: "/webhooks/green-api",
  hasJournal: true,
  hasPrices: false,
  reported: ({ events }: Pick<SimulatedMessage, "events">) => events,
  webhook,
  stateWebhook,
  journalEntry,
  headers: (_: string, { webhookToken }: WebhookSecrets) => ({ authorization: `Bearer ${webhookToken}` }),
} as const;

export const WHATSAPP: Shape = {
  ...GREEN_API,
  instanceId: (seed, number) => instanceId(WHATSAPP_INSTANCE, seed, number),
  messageId: (serial, random) => `3EB0${hex(random.below(0x10_0000), 5)}${hex(serial, 11)}`,
  chatId: (instance, number, isGroup) =>
    isGroup ? `12036334${instance.slice(-5)}${String(10_000 + number)}@g.us` : `${phone(instance, number)}@c.us`,
};

/** Chats are bare numbers, negative for groups; each account numbers its own messages. */
export const TELEGRAM: Shape = {
  ...GREEN_API,
  instanceId: (seed, number) => instanceId(TELEGRAM_INSTANCE, seed, number),
  messageId: (serial) => String(serial),
  chatId: (instance, number, isGroup) =>
    isGroup ? `-100${instance.slice(-5)}${String(10_000 + number)}` : phone(instance, number),
};

function instanceId(first: number, seed: number, number: number): string {
  return String(first + (seed % 400) * INSTANCES_A_SEED + number);
}

/** Chats differ between instances except every tenth, which several share, so their union is smaller than the sum. */
function phone(instance: string, number: number): string {
  const own = number % 10 === 0 ? 0 : 1 + (Number(instance.slice(-4)) % 899);
  return `79${String(own).padStart(3, "0")}${String(100_000 + number)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, "0");
}

function webhook(instance: string, message: SimulatedMessage, event: SimulatedEvent): object {
  return event.what === "observation"
    ? observation(instance, message, event.at)
    : statusWebhook(instance, message, event, event.what);
}

function statusWebhook(
  instance: string,
  { id, chatId, origin }: SimulatedMessage,
  { at, description }: SimulatedEvent,
  status: Status,
): object {
  return {
    typeWebhook: "outgoingMessageStatus",
    chatId,
    instanceData: instanceData(instance),
    timestamp: at,
    idMessage: id,
    status,
    ...(description === undefined ? {} : { description }),
    sendByApi: origin === "api",
  };
}

function observation(instance: string, message: SimulatedMessage, at: number): object {
  const { id, direction, origin, chatId } = message;
  const outgoing = origin === "api" ? "outgoingAPIMessageReceived" : "outgoingMessageReceived";
  const own = accountOf(instance);
  const name = NAMES[new Random(Number(chatId.replace(/\D/g, "").slice(-9))).below(NAMES.length)] ?? "";
  return {
    typeWebhook: direction === "incoming" ? "incomingMessageReceived" : outgoing,
    instanceData: instanceData(instance),
    timestamp: at,
    idMessage: id,
    senderData: {
      chatId,
      sender: direction === "incoming" ? chatId : own,
      chatName: name,
      senderName: direction === "incoming" ? name : "",
      senderContactName: "",
    },
    messageData: { typeMessage: message.typeMessage, ...content(message) },
  };
}

const NAMES = [
  "Anna",
  "Bilal",
  "Chiara",
  "Daniel",
  "Elif",
  "Farid",
  "Greta",
  "Hugo",
  "Ines",
  "Jonas",
  "Kamila",
  "Luis",
];

function content({ typeMessage }: SimulatedMessage): object {
  if (typeMessage === "extendedTextMessage") {
    const text = "Your order is on its way and arrives between 14:00 and 16:00.";
    return { extendedTextMessageData: { text, description: "", title: "", previewType: "None", jpegThumbnail: "" } };
  }
  if (/^(?:image|video|audio|document|sticker)/.test(typeMessage)) {
    const fileMessageData = { downloadUrl: "https://media.example.org/1f0a", caption: "", mimeType: "image/jpeg" };
    return { fileMessageData };
  }
  return {};
}

function stateWebhook(instance: string, stateInstance: string, timestamp: number): object {
  return {
    typeWebhook: "stateInstanceChanged",
    instanceData: instanceData(instance),
    timestamp,
    stateInstance,
  };
}

function instanceData(instance: string): object {
  const typeInstance = Number(instance) >= WHATSAPP_INSTANCE ? "whatsapp" : "telegram";
  return { idInstance: Number(instance), wid: accountOf(instance), typeInstance };
}

function accountOf(instance: string): string {
  return Number(instance) >= WHATSAPP_INSTANCE ? `7987${instance.slice(-7)}@c.us` : `77${instance.slice(-7)}`;
}

/**
 * The vendor's journals do not list failed messages (https://github.com/green-api/issues/issues/613), and show only the last action of
 * others.
 */
function journalEntry(message: SimulatedMessage, known: readonly SimulatedEvent[]): JournalEntry | undefined {
  const { id, direction, chatId, typeMessage, origin, isAction } = message;
  const [first] = known;
  if (isAction || first === undefined) return undefined;
  const base = { idMessage: id, typeMessage, chatId };
  if (direction === "incoming") {
    return { type: "incoming", timestamp: first.at, ...base, senderId: chatId, senderName: "" } as JournalEntry;
  }
  const arrivedAt = Math.min(...known.filter(({ what }) => ARRIVED.has(what)).map(({ at }) => at));
  if (known.some(({ what, at }) => what === "failed" && at <= arrivedAt)) return undefined;
  let last = first;
  for (const event of known) if (event.what !== "failed" && event.at >= last.at) last = event;
  const statusMessage = last.what === "observation" ? "pending" : last.what;
  return { type: "outgoing", timestamp: last.at, ...base, statusMessage, sendByApi: origin === "api" } as JournalEntry;
}

const ARRIVED: ReadonlySet<string> = new Set(["delivered", "read", "played"]);
