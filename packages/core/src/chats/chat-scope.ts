import { isForgottenChatId } from "./chat-id.ts";
import type { MessageEvent } from "../messages/message-event.ts";
import type { MessageRecord } from "../messages/message-record.ts";

/** The chat that is a part of a message's key; `undefined` where the gateway's ids are unique without it. */
export function chatScopeOf({ chatScoped, chatId }: MessageEvent): string | undefined {
  return chatScoped === true ? chatId : undefined;
}

/**
 * Whether a message that is kept without a chat in its key is the one of this chat: messages from before chats were a part of keys are, so that
 * they are not counted twice, and so is one whose chat was forgotten, so that it does not come back.
 */
export function mayBeOfChat({ chatId }: Pick<MessageRecord, "chatId">, scope: string): boolean {
  return chatId === "" || chatId === scope || isForgottenChatId(chatId);
}

/** Messages of one id that are found without naming a chat: those first seen last. */
export const CHATS_OF_ID_MAX = 16;
