import type { InstanceId } from "@ticktally/core";
import { gatewayOf, normaliseChatId, type Pseudonyms } from "@ticktally/gateways";

/** The id that a message is stored under, from the gateway's id. */
export function keptId(instance: InstanceId, idMessage: string, pseudonyms: Pseudonyms | undefined): string {
  return pseudonyms === undefined ? idMessage : (gatewayOf(instance)?.keptId?.(idMessage, pseudonyms) ?? idMessage);
}

/** The id that a chat is stored under. @returns `undefined` for an empty id */
export function keptChat(chatId: string, pseudonyms: Pseudonyms | undefined): string | undefined {
  const chat = normaliseChatId(chatId);
  return chat === undefined ? undefined : (pseudonyms?.chat(chat) ?? chat);
}
