import type { ActionType } from "@ticktally/core";
import { actionId } from "../action-id.ts";
import { isRecord } from "../json/is-record.ts";
import type { PseudonymSource } from "../pseudonyms.ts";
import type { ListName } from "./changes.ts";
import { keptId } from "./message-id.ts";
import { groupId, groupOf, personFields, personOf, type Chat } from "./people.ts";
import { idOf, secondsOf, wordOf } from "./values.ts";

/** The fields read from an element of `messages` or `message_echoes`. */
export interface ReadMessage {
  readonly id: string | undefined;
  readonly type: string | undefined;
  readonly timestamp: number | undefined;
  /** The sender or recipient, or the group. */
  readonly chat: Chat | undefined;
}

export function readMessage(element: unknown, list: ListName): ReadMessage | undefined {
  if (!isRecord(element)) return undefined;
  const [phone, id] = FIELDS[list];
  const timestamp = secondsOf(element["timestamp"]);
  return {
    id: ownId(idOf(element["id"]), element, timestamp),
    type: wordOf(element["type"]),
    timestamp,
    chat: groupOf(element["group_id"]) ?? personOf(element[phone], element[id], element[PARENT[list]]),
  };
}

/** An action has its own id, not that of its message. */
function ownId(
  id: string | undefined,
  element: Record<string, unknown>,
  timestamp: number | undefined,
): string | undefined {
  const { type } = element;
  const actsOn = typeof type === "string" ? ACTIONS.get(type) : undefined;
  if (id === undefined || actsOn === undefined) return id;
  const held = element[actsOn.held];
  return isRecord(held) && held[actsOn.field] === id ? actionId(id, actsOn.action, timestamp) : id;
}

interface ActedOn {
  readonly action: ActionType;
  /** The field that names the message of an action. */
  readonly held: string;
  readonly field: string;
}

/** By type. */
const ACTIONS: ReadonlyMap<string, ActedOn> = new Map<string, ActedOn>([
  ["edit", { action: "edited", held: "edit", field: "original_message_id" }],
  ["revoke", { action: "deleted", held: "revoke", field: "original_message_id" }],
  ["reaction", { action: "reaction", held: "reaction", field: "message_id" }],
]);

/** A message in Meta's shape with only the fields that are read. Reading it again gives the same result. */
export function messageElement({ id, type, timestamp, chat }: ReadMessage, list: ListName): object {
  const [phone, user] = FIELDS[list];
  const fields =
    chat === undefined ? {} : chat.kind === "group" ? { group_id: groupId(chat) } : personFields(chat, phone, user);
  return { id, ...fields, timestamp, type };
}

export function messageWithPseudonyms(read: ReadMessage, pseudonyms: PseudonymSource): ReadMessage {
  const { id, chat } = read;
  return { ...read, id: id && keptId(id, pseudonyms), chat: chat && { ...chat, id: pseudonyms.chat(chat.id) } };
}

const FIELDS = {
  statuses: ["recipient_id", "recipient_user_id"],
  messages: ["from", "from_user_id"],
  message_echoes: ["to", "to_user_id"],
} as const;
const PARENT = {
  statuses: "recipient_parent_user_id",
  messages: "from_parent_user_id",
  message_echoes: "to_parent_user_id",
} as const;
