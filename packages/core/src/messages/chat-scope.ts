import { isForgottenChatId } from "../chats/chat-id.ts";
import type { MessageEvent } from "./message-event.ts";
import type { MessageRecord } from "./message-record.ts";

/** The chat that is part of a message's key; `undefined` if the gateway's ids are unique without it. */
export function chatScopeOf({ chatScoped, chatId }: MessageEvent): string | undefined {
  return chatScoped === true ? chatId : undefined;
}

/**
 * Whether a message stored without a chat in its key belongs to this chat. True for messages stored before chats were part of keys, which
 * would be counted twice otherwise, and for one whose chat was forgotten, which would come back otherwise.
 */
export function mayBeOfChat({ chatId }: Pick<MessageRecord, "chatId">, scope: string): boolean {
  return chatId === "" || chatId === scope || isForgottenChatId(chatId);
}

/** How many messages of one id are found without naming a chat: the ones first seen most recently. */
export const CHATS_OF_ID_MAX = 16;
