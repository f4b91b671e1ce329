import type { InstanceId } from "../instances/instance-id.ts";
import type { Direction, InstanceEvent } from "./message-event.ts";
import type { MessageFilter } from "./message-filter.ts";
import type { MessageRecord } from "./message-record.ts";
import type { Outcome } from "./message-status.ts";

/** What happened to one instance, in the order it was reported. */
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
   * A state event is of no message: it adds to the instance's state history as `addStateReport` says, which gives its outcome too. Like
   * a signal, which is `ignored`, it counts nothing, and moves the time of the last webhook.
   * @param batches each instance once
   * @returns for each batch one outcome per event, in order
   * @throws {StoreUnavailableError} nothing is known to be written: repeat the call
   * @throws {StoreRejectedError} some of these events cannot be applied: repeat the call with fewer
   */
  apply(batches: readonly InstanceEvents[]): Promise<readonly (readonly Outcome[])[]>;
}

export interface MessageReader {
  /** The first of {@link messagesOf}. @returns `undefined` for a message that is not known, or not any more */
  message(
    instance: InstanceId,
    idMessage: string,
    direction: Direction,
    chatId?: string,
  ): Promise<MessageRecord | undefined>;
  /**
   * The messages of an id: several where the gateway's ids are unique within a chat only, at most 17.
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
  /** Messages a page, 1 to 1,000. */
  readonly limit: number;
  readonly cursor?: string;
}

export interface MessagePage {
  readonly messages: readonly MessageRecord[];
  /** Where the next page begins; `undefined` after the last. A page may be short, even empty, and not be the last. */
  readonly nextCursor?: string;
}

export interface MessageLister {
  /**
   * Page through messages, the most recently seen first, whatever comes in between: none is met twice, and none to which
   * nothing happens meanwhile is missed. Actions (edits, reactions …) are left out.
   * @throws {InvalidCursorError} not a cursor that this store gave
   */
  list(instance: InstanceId, query: MessageQuery): Promise<MessagePage>;
  /** The messages that failed last, newest first, at most 50. */
  recentFailures(instance: InstanceId): Promise<readonly MessageRecord[]>;
}

/** What was found of a chat that is forgotten. */
export interface ForgottenChat {
  /** Messages that were in it. They stay counted, by kind too. */
  readonly messages: number;
  /** Messages of which it was one of several recipients. */
  readonly recipients: number;
}

export interface ChatEraser {
  /**
   * Forget a chat's id wherever an instance keeps it: its messages no longer tell their chat, even if more is reported of them, and it is
   * none of the unique chats (of which, beyond 1,000, only a number is kept that does not go down). A new message begins again.
   * May be repeated. @param chatId normalised
   */
  forgetChat(instance: InstanceId, chatId: string): Promise<ForgottenChat>;
}
