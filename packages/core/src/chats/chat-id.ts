/**
 * Kinds of chat, as a gateway's adapter states them. `status`: stories; `broadcast`: lists. Append only: the position selects a counter.
 */
export const CHAT_KINDS = ["individual", "group", "channel", "status", "broadcast"] as const;
export type ChatKind = (typeof CHAT_KINDS)[number];

/** The place of a kind in {@link CHAT_KINDS}. */
export function chatKindCode(kind: ChatKind): number {
  return KIND_CODES[kind];
}

const KIND_CODES = Object.fromEntries(CHAT_KINDS.map((kind, code) => [kind, code])) as Record<ChatKind, number>;
export const CHAT_KIND_NONE = -1;
export const CHAT_KIND_INDIVIDUAL = KIND_CODES.individual;

/**
 * What a message keeps of the id of a forgotten chat: its server, where it has one. The kind is kept beside it, so the counts stay as they
 * were. No real chat has such an id.
 * @param kind a place in {@link CHAT_KINDS}
 */
export function forgottenChatId(chatId: string, kind: number): string {
  const { server } = chatIdParts(chatId);
  return `@${CHAT_SERVERS[server] ?? SERVER_OF_KIND[kind] ?? "c.us"}`;
}

/** By place in {@link CHAT_KINDS}. */
const SERVER_OF_KIND = ["c.us", "g.us", "newsletter", "broadcast", "broadcast"];

/** The same for one of several recipients, who still have to be distinguished. */
export function forgottenRecipientId(chatId: string, place: number): string {
  const server = CHAT_SERVERS[chatIdParts(chatId).server];
  // Without a server it must not look like a phone number, which may be the same person as a hidden number.
  return server === undefined ? `@${String(place)}` : `@${String(place)}@${server}`;
}

export function isForgottenChatId(chatId: string): boolean {
  return chatId.startsWith("@");
}

/**
 * Whether a message keeps the first of two chat ids when its webhooks disagree (one names a phone number, another a hidden number). The
 * answer does not depend on their order. A group or story wins over the members that its statuses name, and a phone number tells a reader
 * more than a hidden one. A channel without a server wins over a group, because a status names only its negative number, which is taken for
 * a group. A forgotten chat stays forgotten. Kinds are places in {@link CHAT_KINDS}.
 */
export function isPreferredChat(a: string, kindOfA: number, b: string, kindOfB: number): boolean {
  const [left, right] = [preferenceOf(a, kindOfA), preferenceOf(b, kindOfB)];
  if (left !== right) return left < right;
  return a === b ? kindOfA < kindOfB : a < b;
}

/** Whether two ids may belong to one person: a phone number, and the hidden number that is used instead of it elsewhere. */
export function mayBeOnePerson(a: string, b: string): boolean {
  return (a.endsWith("@c.us") && isHiddenNumber(b)) || (isHiddenNumber(a) && b.endsWith("@c.us"));
}

/**
 * The servers that are stored as a code, which is their position. There are exactly five, because the codes after them are taken; a further
 * server needs a code of its own.
 */
export const CHAT_SERVERS = ["g.us", "newsletter", "broadcast", "c.us", "lid"] as const;
/** Codes for an id without a server, and for one whose server is none of the above (then `user` is the whole id). */
export const CHAT_SERVER_NONE = 5;
export const CHAT_SERVER_OTHER = 6;

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
  return { server: known, user, isNumber: /^[\d-]+$/.test(user) };
}

/** Lower is preferred: forgotten, channel without a server, group, channel, story, list, phone number, bare id, hidden number, anything else. */
function preferenceOf(chatId: string, kind: number): number {
  if (isForgottenChatId(chatId)) return 0;
  if (kind === KIND_CODES.channel && !chatId.includes("@")) return KIND_CODES.group - 0.5;
  // In the list of kinds the others follow the individual ones in this order.
  if (kind !== CHAT_KIND_INDIVIDUAL) return kind;
  if (isPhoneNumber(chatId)) return CHAT_KINDS.length;
  if (!chatId.includes("@")) return CHAT_KINDS.length + 1;
  return CHAT_KINDS.length + (isHiddenNumber(chatId) ? 2 : 3);
}

function isPhoneNumber(chatId: string): boolean {
  return /^\d[\d-]*@c\.us$/.test(chatId);
}

/** Servers of ids that replace a hidden phone number: the app's own id, or the id that one business has for the person. */
function isHiddenNumber(chatId: string): boolean {
  return chatId.endsWith("@lid") || chatId.endsWith("@bsuid");
}
