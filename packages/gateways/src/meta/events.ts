import {
  eventTime,
  isEventTime,
  PRICE_CATEGORIES,
  PRICE_TYPES,
  PROGRESS,
  type ContentType,
  type InstanceEvent,
  type InstanceId,
  type Price,
  type Progress,
  type QuarantineReason,
} from "@ticktally/core";
import type { NotUnderstood, Part, Understood } from "../gateway.ts";
import { isRecord } from "../json/is-record.ts";
import { foundIn, instanceOf, isOfMessages, OBJECT, type Found, type ListName } from "./changes.ts";
import { failureOf } from "./failures.ts";
import { readMessage } from "./read-message.ts";
import { readStatus, type ReadStatus } from "./read-status.ts";

/** Translate one thing that a body reports to events, or say why that is not possible. @param receivedAt Unix seconds */
export function toEvents({ body }: Part, receivedAt: number): Understood | NotUnderstood {
  for (const found of foundIn(body)) return understood(found, receivedAt);
  return rejected("not_an_object", "the body is empty", undefined);
}

function understood(found: Found, receivedAt: number): Understood | NotUnderstood {
  if (found.kind === "unreadable") return unreadable(found.body);
  const instance = instanceOf(found);
  if (found.kind === "change") return changeOf(found, instance, receivedAt);
  if (instance === undefined)
    return rejected("no_instance", "metadata.phone_number_id is missing or not a number", undefined);
  return found.list === "statuses"
    ? statusOf(readStatus(found.element, found.errors), instance, receivedAt)
    : messageOf(found.element, found.list, instance, receivedAt);
}

function unreadable(body: unknown): NotUnderstood {
  if (!isRecord(body)) return rejected("not_an_object", "the webhook is not a JSON object", undefined);
  if (body["object"] !== OBJECT) return rejected("no_type", `object is not ${OBJECT}`, undefined);
  if (body["isCut"] === true) return rejected("invalid_shape", "the body has too many reports", undefined);
  return rejected("invalid_shape", "entry, changes or field is missing, empty or of the wrong type", undefined);
}

/**
 * A change without elements. Calls, histories, templates, limits and future types: for a number they show that it is in use; nothing about
 * a business account is counted.
 */
function changeOf(
  { field, value }: Found & { readonly kind: "change" },
  instance: InstanceId | undefined,
  receivedAt: number,
): Understood | NotUnderstood {
  // Errors that belong to no message.
  const hasErrors = isRecord(value) && Array.isArray(value["errors"]) && value["errors"].length > 0;
  if (isOfMessages(field) && !hasErrors)
    return rejected("invalid_shape", "value has no messages and no statuses", instance);
  return instance === undefined ? { kind: "nothing" } : signal(instance, receivedAt);
}

function statusOf(read: ReadStatus | undefined, instance: InstanceId, receivedAt: number): Understood | NotUnderstood {
  if (read === undefined) return rejected("invalid_shape", "an element of statuses is not an object", instance);
  const { id, status: word, type, timestamp, chat, member } = read;
  // Payments and calls share words with messages, such as `failed`.
  if (type !== undefined && type !== "message") {
    return OTHER_STATUSES.has(type)
      ? signal(instance, receivedAt)
      : rejected("unknown_status", "the status has an unknown type", instance);
  }
  if (id === undefined || word === undefined)
    return rejected("invalid_shape", "id or status is missing, too long or of the wrong type", instance);
  const status = word.toLowerCase();
  // An old status that Meta no longer sends: the recipient deleted the message.
  if (status === "deleted") return signal(instance, receivedAt);
  const progress = PROGRESS_WORDS.get(status);
  if (progress === undefined && status !== "failed")
    return rejected("unknown_status", "status has an unknown value", instance);
  const base = {
    kind: "status",
    idMessage: id,
    chatId: chat?.id,
    chatKind: chat?.kind,
    recipientId: member?.id,
    at: eventTime(timestamp, receivedAt),
    receivedAt,
    untimed: !isEventTime(timestamp, receivedAt),
    price: priceOf(read),
  } as const;
  if (progress !== undefined) {
    // Messages written in the app are not charged; for those sent by the API, at least the first status has a price.
    const origin = read.pricing === undefined ? "unknown" : "api";
    return events(instance, { ...base, origin, status: progress });
  }
  const { code, text } = read.error ?? {};
  return events(instance, { ...base, origin: "api", ...failureOf(code), code, description: text });
}

/** Other things whose statuses are listed among those of messages. */
const OTHER_STATUSES: ReadonlySet<string> = new Set(["payment", "call"]);

/** `pending` and our other words do not exist at Meta. */
const PROGRESS_WORDS: ReadonlyMap<string, Progress> = new Map(
  PROGRESS.filter((word) => word !== "pending" && word !== "yellowCard").map((word) => [word, word]),
);

function priceOf({ pricing }: ReadStatus): Price | undefined {
  if (pricing === undefined) return undefined;
  const category = PRICE_CATEGORIES.find((word) => word === pricing.category) ?? "other";
  // Before July 2025 prices had no type, only whether a message is billable.
  const type = pricing.type ?? (pricing.billable === true ? "regular" : "other");
  return { category, type: PRICE_TYPES.find((word) => word === type) ?? "other" };
}

function messageOf(
  element: unknown,
  list: ListName,
  instance: InstanceId,
  receivedAt: number,
): Understood | NotUnderstood {
  const read = readMessage(element, list);
  if (read?.id === undefined || read.type === undefined)
    return rejected("invalid_shape", `id or type in ${list} is missing, too long or of the wrong type`, instance);
  const type = TYPES.get(read.type) ?? "other";
  // The person changed their number, or opened the chat for the first time.
  if (type === "signal") return signal(instance, receivedAt);
  const isEcho = list === "message_echoes";
  return events(instance, {
    kind: "observation",
    direction: isEcho ? "outgoing" : "incoming",
    origin: isEcho ? "phone" : "unknown",
    idMessage: read.id,
    chatId: read.chat?.id,
    chatKind: read.chat?.kind,
    type,
    at: eventTime(read.timestamp, receivedAt),
    receivedAt,
    untimed: !isEventTime(read.timestamp, receivedAt),
  });
}

/** Everything else is `other`: orders, messages that Meta cannot deliver, and future types. */
const TYPES: ReadonlyMap<string, ContentType | "signal"> = new Map<string, ContentType | "signal">([
  ["text", "text"],
  ["image", "image"],
  ["video", "video"],
  ["audio", "audio"],
  ["voice", "audio"],
  ["document", "document"],
  ["sticker", "sticker"],
  ["location", "location"],
  ["contacts", "contact"],
  ["interactive", "interactive"],
  ["button", "interactive"],
  ["template", "interactive"],
  ["poll", "poll"],
  ["reaction", "reaction"],
  ["edit", "edited"],
  ["revoke", "deleted"],
  ["system", "signal"],
  ["request_welcome", "signal"],
]);

function events(instance: InstanceId, event: InstanceEvent): Understood {
  return { kind: "events", instance, events: [event] };
}

function signal(instance: InstanceId, receivedAt: number): Understood {
  return events(instance, { kind: "signal", receivedAt });
}

function rejected(reason: QuarantineReason, detail: string, instance: InstanceId | undefined): NotUnderstood {
  return { kind: "rejected", reason, detail, instance };
}
