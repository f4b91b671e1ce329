import type { ChatKind } from "@ticktally/core";
import { normaliseChatId } from "../chat-id.ts";

/** Where the ids of messages are unique within a chat only, and chats are bare numbers: Telegram, and MAX under its two names. */
const SCOPED_PRODUCTS: ReadonlySet<string> = new Set(["telegram", "v3", "max"]);

interface Chat {
  readonly chatId?: string;
  readonly chatKind?: ChatKind;
  readonly chatScoped?: true;
}

const NO_CHAT: Chat = {};

/**
 * The chat that a webhook or a journal names.
 * @param product the gateway's `typeInstance`; journals do not tell it
 * @param chatType what of chat it is, where that is reported
 */
export function chatOf(raw: string | null | undefined, product?: string | null, chatType?: string | null): Chat {
  const chatId = raw == null ? undefined : normaliseChatId(raw);
  if (chatId === undefined) return NO_CHAT;
  const chatKind = kindOf(chatId, chatType);
  return isScoped(chatId, product) ? { chatId, chatKind, chatScoped: true } : { chatId, chatKind };
}

/** Whether ids of messages are unique within a chat only. */
export function isScopedProduct(product: string | null | undefined): boolean {
  return product != null && SCOPED_PRODUCTS.has(product.toLowerCase());
}

function isScoped(chatId: string, product: string | null | undefined): boolean {
  if (isScopedProduct(product)) return true;
  // Chats of WhatsApp have a server; journals do not tell the product, and new ones come.
  return BARE_NUMBER.test(chatId) && (product == null || !SERVER_PRODUCTS.has(product.toLowerCase()));
}

/** Where the ids of messages are unique whatever the chat. */
const SERVER_PRODUCTS: ReadonlySet<string> = new Set(["whatsapp", "waba"]);

const BARE_NUMBER = /^-?\d+$/;

function kindOf(chatId: string, chatType: string | null | undefined): ChatKind {
  // By far the most: this is asked for each webhook.
  if (chatId.endsWith("@c.us")) return "individual";
  if (chatId.endsWith("@g.us")) return "group";
  if (chatId.endsWith("@newsletter")) return "channel";
  if (chatId.endsWith("@broadcast")) return chatId === STORIES ? "status" : "broadcast";
  const told = chatType == null ? undefined : KINDS_BY_TYPE.get(chatType.toLowerCase());
  if (told !== undefined) return told;
  return /^-\d+$/.test(chatId) ? "group" : "individual";
}

const STORIES = "status@broadcast";

const KINDS_BY_TYPE: ReadonlyMap<string, ChatKind> = new Map([
  ["group", "group"],
  ["supergroup", "group"],
  ["channel", "channel"],
]);
