import { CHATS_OF_ID_MAX, chatScopeOf, mayBeOfChat } from "../messages/chat-scope.ts";
import type { Direction, MessageEvent } from "../messages/message-event.ts";
import type { MessageRecord } from "../messages/message-record.ts";

type Records = ReadonlyMap<string, MessageRecord>;

/** The key of an event's message. Messages from before chats were part of keys stay where they are. */
export function keyOfEvent(records: Records, direction: Direction, event: MessageEvent): string {
  const key = keyOf(direction, event.idMessage);
  const scope = chatScopeOf(event);
  if (scope === undefined) return key;
  const whole = records.get(key);
  const own = scopedKey(key, scope);
  return !records.has(own) && whole !== undefined && mayBeOfChat(whole, scope) ? key : own;
}

/** See `MessageReader.messagesOf`. */
export function recordsOfId(
  records: Records,
  direction: Direction,
  idMessage: string,
  chatId: string | undefined,
): readonly MessageRecord[] {
  const key = keyOf(direction, idMessage);
  const whole = records.get(key);
  if (chatId !== undefined) {
    const own = records.get(scopedKey(key, chatId)) ?? (whole && mayBeOfChat(whole, chatId) ? whole : undefined);
    return own === undefined ? [] : [own];
  }
  const scoped = [...records].filter(([of]) => of.startsWith(scopedKey(key, ""))).map(([, record]) => record);
  return [...(whole === undefined ? [] : [whole]), ...scoped.slice(-CHATS_OF_ID_MAX)];
}

function scopedKey(key: string, chatId: string): string {
  return `${key}\u0000in ${chatId}`;
}

function keyOf(direction: Direction, idMessage: string): string {
  return `${direction}/${idMessage}`;
}
