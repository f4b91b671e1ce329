/** Kinds of chat, told from the id's suffix. */
export const CHAT_KINDS = ["individual", "group", "channel", "status"] as const;
export type ChatKind = (typeof CHAT_KINDS)[number];

/**
 * Bring a chat id to the one form it is counted under: without the `:N` device part, `@s.whatsapp.net` as `@c.us`,
 * suffix in small letters. `@lid`, `@g.us`, `@newsletter` and `status@broadcast` stay.
 * @returns `undefined` for an id with nothing in it
 */
export function normaliseChatId(raw: string): string | undefined {
  const id = raw.trim();
  if (id === "") return undefined;
  const at = id.lastIndexOf("@");
  if (at === -1) return id;
  const user = id.slice(0, at).replace(/:\d+$/, "");
  const server = id.slice(at + 1).toLowerCase();
  return `${user}@${server === "s.whatsapp.net" ? "c.us" : server}`;
}

/** @param chatId normalised */
export function chatKind(chatId: string): ChatKind {
  if (chatId.endsWith("@g.us")) return "group";
  if (chatId.endsWith("@newsletter")) return "channel";
  if (chatId === "status@broadcast") return "status";
  return "individual";
}

/**
 * Which of two ids a message keeps when webhooks name its chat differently (a phone number in one, a hidden number in
 * the other): the same one whatever their order. A phone number tells a reader more than a hidden one.
 */
export function preferredChatId(a: string, b: string): string {
  const byServer = serverOrder(a) - serverOrder(b);
  if (byServer !== 0) return byServer < 0 ? a : b;
  const byShape = Number(isNumber(b)) - Number(isNumber(a));
  if (byShape !== 0) return byShape < 0 ? a : b;
  return a <= b ? a : b;
}

/** Whether the part before `@` is what WhatsApp uses: digits, and a dash in the ids of old groups. */
export function isNumber(chatId: string): boolean {
  return /^[\d-]+(@|$)/.test(chatId);
}

function serverOrder(chatId: string): number {
  const order = SERVER_ORDER.indexOf(chatId.slice(chatId.lastIndexOf("@") + 1));
  return order === -1 ? SERVER_ORDER.length : order;
}

/** The position is the stored code: append only. */
export const SERVER_ORDER = ["c.us", "lid", "g.us", "newsletter", "broadcast"];
