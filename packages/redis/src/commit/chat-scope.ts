import { mayBeOfChat, NO_LABELS } from "@ticktally/core";
import { isMessage } from "../records/record-codec.ts";
import { withChat } from "../records/chat-index.ts";
import type { KeyedHash } from "../records/keyed-hash.ts";
import { chatHashOf, chatIndexField, recordField } from "../records/record-field.ts";
import { recordOf } from "../records/stored-record.ts";
import type { CommitWriter } from "./commit-codec.ts";
import type { MessageWork } from "./instance-work.ts";
import { NOT_STORED, type Stored } from "../records/stored.ts";

/** The additional fields that are read for a message whose chat is part of its key. */
export class ChatScope {
  readonly chatId: string;
  chatHash = NOT_STORED.value;
  /** Where the message is, if it was stored before chats were a part of keys. */
  wholeField = NOT_STORED.value;
  whole: Stored = NOT_STORED;
  indexField = NOT_STORED.value;
  /** The chats of its id, as read or as being stored. */
  index: Buffer = NOT_STORED.value;

  constructor(chatId: string) {
    this.chatId = chatId;
  }
}

/** Give a message its fields. @returns those to read, in the order that {@link takeRead} takes them */
export function placeMessage(message: MessageWork, hash: KeyedHash): readonly Buffer[] {
  const { direction, idMessage, scope } = message;
  message.stored = NOT_STORED;
  if (scope === undefined) {
    message.field = recordField(direction, idMessage, hash);
    return [message.field];
  }
  scope.chatHash = chatHashOf(scope.chatId, hash);
  scope.wholeField = recordField(direction, idMessage, hash);
  scope.indexField = chatIndexField(direction, idMessage, hash);
  scope.whole = NOT_STORED;
  scope.index = NOT_STORED.value;
  message.field = recordField(direction, idMessage, hash, scope.chatHash);
  return [message.field, scope.wholeField, scope.indexField];
}

/** @param found as the fields of {@link placeMessage}; `undefined` for what is still to be read */
export function takeRead(message: MessageWork, found: readonly (Stored | undefined)[]): void {
  const [own, whole, index] = found;
  message.stored = own;
  if (message.scope === undefined) return;
  if (whole === undefined || index === undefined) message.stored = undefined;
  message.scope.whole = whole ?? NOT_STORED;
  message.scope.index = index?.value ?? NOT_STORED.value;
}

/** Continue from what a commit in progress stores of the same message. */
export function continueFrom(message: MessageWork, earlier: MessageWork): void {
  message.field = earlier.field;
  message.stored = earlier.after;
  if (message.scope !== undefined && earlier.scope !== undefined) message.scope.index = earlier.scope.index;
}

/** Numbers of the labels that an id got before it was known in any chat. */
export function labelsOfId({ field, scope }: MessageWork): readonly number[] {
  if (scope === undefined || field === scope.wholeField || scope.whole.value.length === 0) return NO_LABELS;
  return isMessage(scope.whole.value) ? NO_LABELS : recordOf(scope.wholeField, scope.whole).labels;
}

/** The chats of ids that one commit stores for an instance: where each message with its chat in the key is stored. */
export class ChatIndexes {
  readonly #entries = new Map<string, { readonly field: Buffer; readonly before: Buffer; after: Buffer }>();
  readonly #scopes: ChatScope[] = [];
  readonly #new: ChatScope[] = [];
  readonly #taken = new Set<string>();

  /** Before a message is decided on: it is where it was stored before chats were a part of keys, or in its own place. */
  choose(message: MessageWork): void {
    const { scope, stored } = message;
    if (scope === undefined || stored === undefined || stored.value.length > 0 || scope.whole.value.length === 0)
      return;
    // Labels that wait for the id's messages in any chat.
    if (!isMessage(scope.whole.value)) return;
    const name = scope.wholeField.toString("latin1");
    if (this.#taken.has(name) || !mayBeOfChat(recordOf(scope.wholeField, scope.whole), scope.chatId)) return;
    this.#taken.add(name);
    message.field = scope.wholeField;
    message.stored = scope.whole;
  }

  /** When a message is stored, its chat is stored too. */
  add({ scope, field }: MessageWork, isNew: boolean): void {
    if (scope === undefined || field.equals(scope.wholeField)) return;
    if (isNew) this.#new.push(scope);
    const name = scope.indexField.toString("latin1");
    const known = this.#entries.get(name);
    const entry = known ?? { field: scope.indexField, before: scope.index, after: scope.index };
    entry.after = withChat(entry.after, scope.chatHash);
    this.#entries.set(name, entry);
    this.#scopes.push(scope);
  }

  /** Written even if unchanged, so it is kept as long as the messages. */
  write(writer: CommitWriter): void {
    if (this.#scopes.length === 0) return;
    for (const { field, before, after } of this.#entries.values()) writer.entry(field, before, after);
    // The id may be labelled while its message is decided on.
    for (const { wholeField, whole } of this.#new) writer.unchanged(wholeField, whole.value);
    for (const scope of this.#scopes) {
      const entry = this.#entries.get(scope.indexField.toString("latin1"));
      if (entry !== undefined) scope.index = entry.after;
    }
  }
}
