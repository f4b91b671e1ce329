/** Kinds of chat, read from the id. `status`: stories; `broadcast`: lists. Append only: the position is a counter's place. */
export const CHAT_KINDS = ["individual", "group", "channel", "status", "broadcast"] as const;
export type ChatKind = (typeof CHAT_KINDS)[number];

/** @param chatId normalised */
export function chatKind(chatId: string): ChatKind {
  // By far the most: this is asked several times for each webhook.
  if (chatId.endsWith("@c.us")) return "individual";
  if (chatId.endsWith("@g.us")) return "group";
  if (chatId.endsWith("@newsletter")) return "channel";
  if (chatId.endsWith("@broadcast")) return chatId === STORIES || chatId === "@broadcast" ? "status" : "broadcast";
  // Telegram and MAX: groups have negative numbers, and no server.
  return /^-\d+$/.test(chatId) ? "group" : "individual";
}

/**
 * What a message keeps of a chat that is forgotten: its kind, so that it is counted as before, and where possible its server.
 * No chat has such an id.
 */
export function forgottenChatId(chatId: string): string {
  const { server } = chatIdParts(chatId);
  if (server === CHAT_SERVER_LIST) return "@list@broadcast";
  return `@${CHAT_SERVERS[server] ?? (chatKind(chatId) === "group" ? "g.us" : "c.us")}`;
}

/** The same for one of several recipients, who are told apart all the same. */
export function forgottenRecipientId(chatId: string, place: number): string {
  return `@${String(place)}@${CHAT_SERVERS[chatIdParts(chatId).server] ?? "c.us"}`;
}

export function isForgottenChatId(chatId: string): boolean {
  return chatId.startsWith("@");
}

/**
 * Which of two ids a message keeps when webhooks name its chat differently (a phone number in one, a hidden number in
 * the other): the same one whatever their order. A group or story stays one although its members' statuses name themselves,
 * and a phone number says more to a reader than a hidden one. What is forgotten stays forgotten.
 */
export function preferredChatId(a: string, b: string): string {
  const [left, right] = [preferenceOf(a), preferenceOf(b)];
  if (left !== right) return left < right ? a : b;
  return a <= b ? a : b;
}

/** Whether two ids may belong to one person: a phone number, and the hidden number that stands for it elsewhere. */
export function mayBeOnePerson(a: string, b: string): boolean {
  return (a.endsWith("@c.us") && isHiddenNumber(b)) || (isHiddenNumber(a) && b.endsWith("@c.us"));
}

/**
 * The servers that are stored as a code, which is the position: five, for the codes after them are taken (a further server needs
 * a code of its own, as lists have). A list's server is written like that of
 * stories; it has a code of its own, so that the code alone tells the kind.
 */
export const CHAT_SERVERS = ["g.us", "newsletter", "broadcast", "c.us", "lid"] as const;
/** Codes of an id without a server, of one whose server is none of the above (then `user` is the whole id), and of lists. */
export const CHAT_SERVER_NONE = 5;
export const CHAT_SERVER_OTHER = 6;
export const CHAT_SERVER_LIST = 7;

const STORIES = "status@broadcast";
const STORY_SERVER = CHAT_SERVERS.indexOf("broadcast");

export interface ChatIdParts {
  /** A place in {@link CHAT_SERVERS}, or one of the codes beside it. */
  readonly server: number;
  readonly user: string;
  /** Whether `user` is what WhatsApp uses: digits, and a dash in the ids of old groups. */
  readonly isNumber: boolean;
}

export function chatIdParts(chatId: string): ChatIdParts {
  const at = chatId.lastIndexOf("@");
  const known = at === -1 ? CHAT_SERVER_NONE : (CHAT_SERVERS as readonly string[]).indexOf(chatId.slice(at + 1));
  if (known === -1) return { server: CHAT_SERVER_OTHER, user: chatId, isNumber: false };
  const user = at === -1 ? chatId : chatId.slice(0, at);
  const server = known === STORY_SERVER && chatKind(chatId) === "broadcast" ? CHAT_SERVER_LIST : known;
  return { server, user, isNumber: /^[\d-]+$/.test(user) };
}

/** Lower is preferred: forgotten, group, channel, story, list, phone number, bare id, hidden number, anything else. */
function preferenceOf(chatId: string): number {
  if (isPhoneNumber(chatId)) return 5;
  if (isForgottenChatId(chatId)) return 0;
  const kind = chatKind(chatId);
  if (kind !== "individual") return 1 + KIND_PREFERENCE.indexOf(kind);
  if (!chatId.includes("@")) return 6;
  return isHiddenNumber(chatId) ? 7 : 8;
}

const KIND_PREFERENCE: readonly ChatKind[] = ["group", "channel", "status", "broadcast"];

function isPhoneNumber(chatId: string): boolean {
  return /^\d[\d-]*@c\.us$/.test(chatId);
}

function isHiddenNumber(chatId: string): boolean {
  return chatId.endsWith("@lid");
}
