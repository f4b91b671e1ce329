import { isRecord } from "../json/is-record.ts";
import type { PseudonymSource } from "../pseudonyms.ts";
import { keptId } from "./message-id.ts";
import { groupId, groupOf, personFields, personOf, type Chat } from "./people.ts";
import { idOf, secondsOf, textFor, wordOf } from "./values.ts";

/** The fields read from an element of `statuses`. */
export interface ReadStatus {
  readonly id: string | undefined;
  readonly status: string | undefined;
  /** Set if it is the status of something other than a message, such as a payment. */
  readonly type: string | undefined;
  readonly timestamp: number | undefined;
  /** The person or group that it was sent to. */
  readonly chat: Chat | undefined;
  /** The member of the group whose status this is. */
  readonly member: Chat | undefined;
  readonly pricing:
    | { readonly category: string; readonly type: string | undefined; readonly billable: boolean | undefined }
    | undefined;
  readonly error: { readonly code: string | undefined; readonly text: string | undefined } | undefined;
}

/** @param errors of the value that contains the status; used if the status has none */
export function readStatus(element: unknown, errors: unknown): ReadStatus | undefined {
  if (!isRecord(element)) return undefined;
  const { recipient_id: recipient, recipient_participant_id: participant, participant_recipient_id: early } = element;
  const member = personOf(
    participant ?? early,
    element["recipient_participant_user_id"],
    element["recipient_participant_parent_user_id"],
  );
  const isGroup = element["recipient_type"] === "group" || member !== undefined;
  return {
    id: idOf(element["id"]),
    status: wordOf(element["status"]),
    type: wordOf(element["type"]),
    timestamp: secondsOf(element["timestamp"]),
    chat: isGroup
      ? groupOf(recipient)
      : personOf(
          recipient,
          element["recipient_user_id"],
          element["recipient_parent_user_id"],
          element["parent_recipient_user_id"],
        ),
    member,
    pricing: readPricing(element["pricing"]),
    error: readError(element["errors"]) ?? readError(errors),
  };
}

/** A status in Meta's shape with only the fields that are read. Reading it again gives the same result. */
export function statusElement(read: ReadStatus): object {
  const { id, status, type, timestamp, chat, member, pricing, error } = read;
  return {
    id,
    status,
    type,
    timestamp,
    ...(chat?.kind === "group" || member !== undefined ? { recipient_type: "group" } : {}),
    ...(chat === undefined
      ? {}
      : chat.kind === "group"
        ? { recipient_id: groupId(chat) }
        : personFields(chat, "recipient_id", "recipient_user_id")),
    ...(member === undefined ? {} : personFields(member, "recipient_participant_id", "recipient_participant_user_id")),
    pricing,
    errors: error === undefined ? undefined : [{ code: error.code, message: error.text }],
  };
}

export function statusWithPseudonyms(read: ReadStatus, pseudonyms: PseudonymSource): ReadStatus {
  const { id, chat, member, error } = read;
  return {
    ...read,
    id: id && keptId(id, pseudonyms),
    chat: chat && { ...chat, id: pseudonyms.chat(chat.id) },
    member: member && { ...member, id: pseudonyms.chat(member.id) },
    error: error && { ...error, text: error.text && pseudonyms.maskedText(error.text) },
  };
}

function readPricing(pricing: unknown): ReadStatus["pricing"] {
  if (!isRecord(pricing)) return undefined;
  const { category, type, billable } = pricing;
  const word = wordOf(category);
  if (word === undefined) return undefined;
  return { category: word, type: wordOf(type), billable: typeof billable === "boolean" ? billable : undefined };
}

/** The first of a list of errors. Meta is removing its titles, and its details say most. */
function readError(errors: unknown): ReadStatus["error"] {
  const error: unknown = Array.isArray(errors) ? errors[0] : undefined;
  if (!isRecord(error)) return undefined;
  const { code, title, message, error_data: data } = error;
  const details = isRecord(data) ? data["details"] : undefined;
  return {
    code: typeof code === "number" && Number.isSafeInteger(code) ? String(code) : wordOf(code),
    text: textFor(details) ?? textFor(message) ?? textFor(title),
  };
}
