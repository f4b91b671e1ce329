import type { InstanceId } from "@ticktally/core";
import { gatewayOf, normaliseChatId, type Pseudonyms } from "@ticktally/gateways";

/** What a message is kept under whose id the caller has from the gateway. */
export function keptId(instance: InstanceId, idMessage: string, pseudonyms: Pseudonyms | undefined): string {
  return pseudonyms === undefined ? idMessage : (gatewayOf(instance)?.keptId?.(idMessage, pseudonyms) ?? idMessage);
}

/** What a chat is kept under. @returns `undefined` for an id with nothing in it */
export function keptChat(chatId: string, pseudonyms: Pseudonyms | undefined): string | undefined {
  const chat = normaliseChatId(chatId);
  return chat === undefined ? undefined : (pseudonyms?.chat(chat) ?? chat);
}
