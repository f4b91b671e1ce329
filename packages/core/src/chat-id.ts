/** Kinds of chat, told from the id's suffix. */
export const CHAT_KINDS = ["individual", "group", "channel", "status"] as const;
export type ChatKind = (typeof CHAT_KINDS)[number];

/**
 * Bring a chat id to the one form it is counted under: without the `:N` device part, `@s.whatsapp.net` as `@c.us`,
 * suffix in small letters. `@lid`, `@g.us`, `@newsletter` and `status@broadcast` stay.
 * @returns `undefined` for an id with nothing in it
 */
export function normaliseChatId(raw: string): string | undefined {
  // Nearly every id comes as it should be, and this runs for each webhook.
  if (/^[\d-]+@(?:c|g)\.us$/.test(raw)) return raw;
  const id = raw.trim();
  if (id === "") return undefined;
  const at = id.lastIndexOf("@");
  if (at === -1) return id;
  const user = id.slice(0, at).replace(/:\d+$/, "");
  if (user === "") return undefined;
  const server = id.slice(at + 1).toLowerCase();
  return `${user}@${server === "s.whatsapp.net" ? "c.us" : server}`;
}

/** @param chatId normalised */
export function chatKind(chatId: string): ChatKind {
  if (chatId.endsWith("@g.us")) return "group";
  if (chatId.endsWith("@newsletter")) return "channel";
  if (chatId.endsWith("@broadcast")) return "status";
  return "individual";
}

/**
 * What a message keeps of a chat that is forgotten: its kind, so that it is counted as before, and where possible its server.
 * No chat has such an id.
 */
export function forgottenChatId(chatId: string): string {
  const server = CHAT_SERVERS[chatIdParts(chatId).server];
  return `@${server ?? "c.us"}`;
}

export function isForgottenChatId(chatId: string): boolean {
  return chatId.startsWith("@");
}

/**
 * Which of two ids a message keeps when webhooks name its chat differently (a phone number in one, a hidden number in
 * the other): the same one whatever their order. A phone number tells a reader more than a hidden one, and a group or story
 * stays one although its members' statuses name themselves. What is forgotten stays so, whatever is told later.
 */
export function preferredChatId(a: string, b: string): string {
  if (isForgottenChatId(a)) return a;
  const [left, right] = [chatIdParts(a), chatIdParts(b)];
  if (left.server !== right.server) return left.server < right.server ? a : b;
  if (left.isNumber !== right.isNumber) return left.isNumber ? a : b;
  return left.user <= right.user ? a : b;
}

/** The servers that are stored as a code, the one a message keeps first. The position is the code. */
export const CHAT_SERVERS = ["g.us", "newsletter", "broadcast", "c.us", "lid"] as const;
/** Codes of an id without a server, and of one whose server is none of the above (then `user` is the whole id). */
export const CHAT_SERVER_NONE = CHAT_SERVERS.length;
export const CHAT_SERVER_OTHER = CHAT_SERVERS.length + 1;

export interface ChatIdParts {
  /** A place in {@link CHAT_SERVERS}, or one of the two codes beside it. */
  readonly server: number;
  readonly user: string;
  /** Whether `user` is what WhatsApp uses: digits, and a dash in the ids of old groups. */
  readonly isNumber: boolean;
}

export function chatIdParts(chatId: string): ChatIdParts {
  const at = chatId.lastIndexOf("@");
  const server = at === -1 ? CHAT_SERVER_NONE : (CHAT_SERVERS as readonly string[]).indexOf(chatId.slice(at + 1));
  if (server === -1) return { server: CHAT_SERVER_OTHER, user: chatId, isNumber: false };
  const user = at === -1 ? chatId : chatId.slice(0, at);
  return { server, user, isNumber: /^[\d-]+$/.test(user) };
}
