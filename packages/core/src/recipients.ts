import { chatIdParts, chatKind, isForgottenChatId } from "./chat-id.ts";
import type { MessageEvent } from "./message-event.ts";
import { currentStatus, transition, type StatusState } from "./message-status.ts";

/** One of several recipients of a message, and where the message stands with it. */
export interface Recipient {
  readonly chatId: string;
  readonly state: StatusState;
  /** When it came to stand there, Unix seconds. */
  readonly at: number;
}

/** What statuses have told of a message so far, all recipients together. */
export interface Standing {
  readonly chatId: string | undefined;
  readonly recipients: readonly Recipient[] | undefined;
  /** The status that stands and when it was told; `undefined` before the first status. */
  readonly told: { readonly state: StatusState; readonly at: number } | undefined;
}

/**
 * The recipients of a message after an event. A gateway names no recipients, but the chat of each status: a story's statuses
 * come from those who saw it, and one id may be sent to several people. While all name one chat there is nothing to tell
 * apart; from the first that differs each keeps a status of its own.
 * @returns ascending by `chatId`; `undefined` for a message that has one recipient
 */
export function recipientsAfter(before: Standing, event: MessageEvent): readonly Recipient[] | undefined {
  const { chatId } = event;
  const isNamed = chatId !== undefined && chatKind(chatId) === "individual";
  const known = before.recipients ?? (areApart(before.chatId, event) ? firstRecipients(before) : undefined);
  if (known === undefined || event.kind !== "status" || !isNamed) return known;
  const others = known.filter((recipient) => recipient.chatId !== chatId);
  const own = known.find((recipient) => recipient.chatId === chatId);
  const { state } = transition(own?.state, event.status);
  const all = [...others, { chatId, state, at: timeOf(own, state, event) }];
  return all.sort((a, b) => (a.chatId < b.chatId ? -1 : 1));
}

function firstRecipients({ chatId, told }: Standing): readonly Recipient[] {
  if (told === undefined || chatId === undefined || chatKind(chatId) !== "individual") return [];
  return [{ chatId, ...told }];
}

/** A hidden number and a phone number may be one person, so only ids of one kind are told apart. */
function areApart(chatId: string | undefined, event: MessageEvent): boolean {
  if (chatId === undefined || event.chatId === undefined || chatId === event.chatId) return false;
  if (isForgottenChatId(chatId)) return false;
  const [isPerson, isPersonNow] = [chatKind(chatId) === "individual", chatKind(event.chatId) === "individual"];
  if (isPerson && isPersonNow) {
    return event.kind === "status" && chatIdParts(chatId).server === chatIdParts(event.chatId).server;
  }
  return isPerson || (isPersonNow && event.kind === "status");
}

function timeOf(own: Recipient | undefined, state: StatusState, event: MessageEvent & { kind: "status" }): number {
  if (own === undefined || currentStatus(own.state) !== currentStatus(state)) return event.at;
  return event.status === currentStatus(state) ? Math.min(own.at, event.at) : own.at;
}
