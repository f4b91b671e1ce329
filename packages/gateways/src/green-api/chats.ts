import type { ChatKind } from "@ticktally/core";
import { normaliseChatId } from "../chat-id.ts";

/** Products whose message ids are unique only within a chat, and whose chats are bare numbers: Telegram, and MAX under its two names. */
const SCOPED_PRODUCTS: ReadonlySet<string> = new Set(["telegram", "v3", "max"]);

interface Chat {
  readonly chatId?: string;
  readonly chatKind?: ChatKind;
  readonly chatScoped?: true;
}

const NO_CHAT: Chat = {};

/**
 * The chat that a webhook or a journal names.
 * @param product the gateway's `typeInstance`; journals do not have it
 * @param chatType the type of chat, if reported
 */
export function chatOf(raw: string | null | undefined, product?: string | null, chatType?: string | null): Chat {
  const chatId = raw == null ? undefined : normaliseChatId(raw);
  if (chatId === undefined) return NO_CHAT;
  const chatKind = kindOf(chatId, chatType);
  return isScoped(chatId, product) ? { chatId, chatKind, chatScoped: true } : { chatId, chatKind };
}

/** Whether message ids are unique only within a chat. */
export function isScopedProduct(product: string | null | undefined): boolean {
  return product != null && SCOPED_PRODUCTS.has(product.toLowerCase());
}

function isScoped(chatId: string, product: string | null | undefined): boolean {
  if (isScopedProduct(product)) return true;
  // WhatsApp chats have a server. Journals do not name the product, and new products may appear.
  return BARE_NUMBER.test(chatId) && (product == null || !SERVER_PRODUCTS.has(product.toLowerCase()));
}

/** Products whose message ids are unique across chats. */
const SERVER_PRODUCTS: ReadonlySet<string> = new Set(["whatsapp", "waba"]);

const BARE_NUMBER = /^-?\d+$/;

function kindOf(chatId: string, chatType: string | null | undefined): ChatKind {
  // By far the most common case, and this runs for each webhook.
  if (chatId.endsWith("@c.us")) return "individual";
  if (chatId.endsWith("@g.us")) return "group";
  if (chatId.endsWith("@newsletter")) return "channel";
  if (chatId.endsWith("@broadcast")) return chatId === STORIES ? "status" : "broadcast";
  const stated = chatType == null ? undefined : KINDS_BY_TYPE.get(chatType.toLowerCase());
  if (stated !== undefined) return stated;
  return /^-\d+$/.test(chatId) ? "group" : "individual";
}

const STORIES = "status@broadcast";

const KINDS_BY_TYPE: ReadonlyMap<string, ChatKind> = new Map([
  ["group", "group"],
  ["supergroup", "group"],
  ["channel", "channel"],
]);
