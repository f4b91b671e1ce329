import type { InstanceId } from "../instances/instance-id.ts";
import type { Direction, InstanceEvent } from "./message-event.ts";
import type { MessageFilter } from "./message-filter.ts";
import type { MessageRecord } from "./message-record.ts";
import type { Outcome } from "./message-status.ts";

/** The events of one instance, in the order they were reported. */
export interface InstanceEvents {
  readonly instance: InstanceId;
  readonly events: readonly InstanceEvent[];
}

/** Where messages and their counts live. Implementations pass `describeMessageStore` from `@ticktally/core/testing`. */
export interface MessageStore {
  /**
   * Apply events of one or several instances. Of each instance records, counts and unique sets move together or not at
   * all, so a caller may repeat a whole call after an error. The only writer.
   *
   * A state event belongs to no message: `addStateReport` adds it to the instance's state history and gives its outcome. Like a signal,
   * which is `ignored`, it counts nothing and moves the time of the last webhook.
   * @param batches each instance once
   * @returns for each batch one outcome per event, in order
   * @throws {StoreUnavailableError} nothing is known to be written: repeat the call
   * @throws {StoreRejectedError} some of these events cannot be applied: repeat the call with fewer
   */
  apply(batches: readonly InstanceEvents[]): Promise<readonly (readonly Outcome[])[]>;
}

export interface MessageReader {
  /** The first of {@link messagesOf}. @returns `undefined` for a message that is unknown or no longer kept */
  message(
    instance: InstanceId,
    idMessage: string,
    direction: Direction,
    chatId?: string,
  ): Promise<MessageRecord | undefined>;
  /**
   * The messages of an id: up to 17 if the gateway's ids are unique only within a chat.
   * @param chatId only the one of this chat
   */
  messagesOf(
    instance: InstanceId,
    idMessage: string,
    direction: Direction,
    chatId?: string,
  ): Promise<readonly MessageRecord[]>;
}

export interface MessageQuery {
  readonly filter: MessageFilter;
  /** Messages per page, 1 to 1,000. */
  readonly limit: number;
  readonly cursor?: string;
}

export interface MessagePage {
  readonly messages: readonly MessageRecord[];
  /** Where the next page begins; `undefined` on the last page. A page may be short or even empty without being the last. */
  readonly nextCursor?: string;
}

export interface MessageLister {
  /**
   * Page through messages, newest first by when they were first seen. While new ones arrive, none is listed twice, and none that stays
   * unchanged is missed. Actions (edits, reactions …) are left out.
   * @throws {InvalidCursorError} not a cursor that this store gave
   */
  list(instance: InstanceId, query: MessageQuery): Promise<MessagePage>;
  /** The most recent failed messages, newest first, at most 50. */
  recentFailures(instance: InstanceId): Promise<readonly MessageRecord[]>;
}

/** What was found of a chat that is to be forgotten. */
export interface ForgottenChat {
  /** Messages that were in it. They stay counted, also by kind. */
  readonly messages: number;
  /** Messages of which it was one of several recipients. */
  readonly recipients: number;
}

export interface ChatEraser {
  /**
   * Forget a chat's id everywhere in an instance. Its messages no longer name their chat, even when more is reported about them, and it no
   * longer counts as a unique chat (beyond 1,000 unique chats only an estimate is kept, which does not go down). A later new message starts
   * the chat again. May be repeated.
   * @param chatId normalised
   */
  forgetChat(instance: InstanceId, chatId: string): Promise<ForgottenChat>;
}
