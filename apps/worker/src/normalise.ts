import {
  chatKind,
  contentType,
  eventTime,
  isEventTime,
  failureReason,
  isFailure,
  MESSAGE_STATUSES,
  normaliseChatId,
  type InstanceEvent,
  type InstanceId,
  type MessageStatus,
  type Observation,
  type Origin,
} from "@ticktally/core";
import {
  isPlainMessage,
  isPlainStatus,
  messageWebhook,
  stateWebhook,
  statusWebhook,
  webhookInstance,
  webhookType,
  type Pseudonyms,
  type QuarantineReason,
} from "@ticktally/schemas";
import type { z } from "zod";

/** What one webhook turned out to be. `nothing`: of a kind that concerns no instance we could count it for. */
export type Normalised =
  | { readonly kind: "event"; readonly instance: InstanceId; readonly event: InstanceEvent }
  | { readonly kind: "nothing" }
  | {
      readonly kind: "rejected";
      readonly reason: QuarantineReason;
      readonly detail: string;
      readonly instance?: InstanceId;
    };

/**
 * Bring a gateway's webhook to our words, or say why that cannot be done.
 * @param body parsed JSON of any shape @param receivedAt Unix seconds
 * @param pseudonyms if chats are to have them; ingest gave them already to what it queued with this setting
 */
export function normalise(body: unknown, receivedAt: number, pseudonyms?: Pseudonyms): Normalised {
  const result = understood(body, receivedAt);
  if (pseudonyms === undefined || result.kind !== "event" || !("chatId" in result.event)) return result;
  if (result.event.chatId === undefined) return result;
  return { ...result, event: { ...result.event, chatId: pseudonyms.chat(result.event.chatId) } };
}

function understood(body: unknown, receivedAt: number): Normalised {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return { kind: "rejected", reason: "not_an_object", detail: "the webhook is not a JSON object" };
  }
  const type = webhookType(body);
  const instance = webhookInstance(body);
  if (type === undefined) return rejected("no_type", "typeWebhook is missing or not a text", instance);
  if (Object.hasOwn(EVENTS, type) && instance === undefined) {
    return rejected("no_instance", "instanceData.idInstance is missing or not a number", instance);
  }
  if (instance === undefined) return { kind: "nothing" };
  switch (type) {
    case "outgoingMessageStatus":
      return statusEvent(body, instance, receivedAt);
    case "incomingMessageReceived":
    case "outgoingMessageReceived":
    case "outgoingAPIMessageReceived":
      return observation(body, instance, receivedAt, EVENTS[type]);
    case "stateInstanceChanged":
      return stateEvent(body, instance, receivedAt);
    default:
      // Calls, blocks, devices, quotas and whatever comes new: they show that the instance is heard of.
      return { kind: "event", instance, event: { kind: "signal", receivedAt } };
  }
}

interface ObservationKind {
  readonly direction: "incoming" | "outgoing";
  readonly origin: Origin;
}

/** A field that webhooks made from journals have. */
export const FROM_JOURNAL = "fromJournal";

/** The webhooks that count something; of the observations, what their very type tells. */
const EVENTS = {
  outgoingMessageStatus: undefined,
  stateInstanceChanged: undefined,
  incomingMessageReceived: { direction: "incoming", origin: "unknown" },
  outgoingMessageReceived: { direction: "outgoing", origin: "phone" },
  outgoingAPIMessageReceived: { direction: "outgoing", origin: "api" },
} as const satisfies Record<string, ObservationKind | undefined>;

function statusEvent(body: object, instance: InstanceId, receivedAt: number): Normalised {
  const parsed = isPlainStatus(body) ? { success: true as const, data: body } : statusWebhook.safeParse(body);
  if (!parsed.success) return invalid(parsed.error, instance);
  const { idMessage, status: word, sendByApi, chatId: chat, timestamp, description } = parsed.data;
  // Says nothing but that the instance sends.
  if (word.trim() === "") return { kind: "event", instance, event: { kind: "signal", receivedAt } };
  const status = statusOf(word);
  if (status === undefined) return rejected("unknown_status", "status is a word that no rule knows", instance);
  const origin: Origin = sendByApi === true ? "api" : sendByApi === false ? "phone" : "unknown";
  const [chatId, at] = [normaliseChatId(chat ?? ""), eventTime(timestamp, receivedAt)];
  const untimed = !isEventTime(timestamp, receivedAt) || isFromJournal(body);
  const base = {
    kind: "status",
    idMessage: idMessage.toWellFormed(),
    chatId,
    chatKind: chatId === undefined ? undefined : chatKind(chatId),
    origin,
    at,
    receivedAt,
    untimed,
  } as const;
  if (!isFailure(status)) return { kind: "event", instance, event: { ...base, status } };
  const text = description ?? "";
  const event = { ...base, status, reason: failureReason(status, text), description: text === "" ? undefined : text };
  return { kind: "event", instance, event };
}

function observation(body: object, instance: InstanceId, receivedAt: number, kind: ObservationKind): Normalised {
  const parsed = isPlainMessage(body) ? { success: true as const, data: body } : messageWebhook.safeParse(body);
  if (!parsed.success) return invalid(parsed.error, instance);
  const { idMessage, timestamp, senderData, messageData } = parsed.data;
  const chatId = normaliseChatId(senderData?.chatId ?? "");
  const event: Observation = {
    kind: "observation",
    idMessage: idMessage.toWellFormed(),
    chatId,
    chatKind: chatId === undefined ? undefined : chatKind(chatId),
    type: contentType(messageData?.typeMessage ?? undefined),
    direction: kind.direction,
    origin: kind.origin,
    at: eventTime(timestamp, receivedAt),
    receivedAt,
    untimed: !isEventTime(timestamp, receivedAt) || isFromJournal(body),
  };
  return { kind: "event", instance, event };
}

/** What a journal tells was received long after it happened; see `journal-comparison.ts`. */
function isFromJournal(body: object): boolean {
  return FROM_JOURNAL in body;
}

function stateEvent(body: object, instance: InstanceId, receivedAt: number): Normalised {
  const parsed = stateWebhook.safeParse(body);
  if (!parsed.success) return invalid(parsed.error, instance);
  const { stateInstance: state, timestamp } = parsed.data;
  return { kind: "event", instance, event: { kind: "state", state, at: eventTime(timestamp, receivedAt), receivedAt } };
}

/** By the word in small letters: gateways spell them as they like. */
const STATUSES: ReadonlyMap<string, MessageStatus> = new Map([
  ...MESSAGE_STATUSES.map((status) => [status.toLowerCase(), status] as const),
  // The documents of 2021 spell it so.
  ["fail", "failed"],
  // What the gateway calls `yellowCard` since version 5.44.
  ["suspended", "yellowCard"],
]);

function statusOf(word: string): MessageStatus | undefined {
  return STATUSES.get(word) ?? STATUSES.get(word.trim().toLowerCase());
}

function rejected(reason: QuarantineReason, detail: string, instance: InstanceId | undefined): Normalised {
  return { kind: "rejected", reason, detail, ...(instance === undefined ? {} : { instance }) };
}

/** Names the fields that do not fit, never what they hold. */
function invalid(error: z.ZodError, instance: InstanceId): Normalised {
  const fields = new Set(error.issues.map((issue) => issue.path.join(".")));
  return rejected("invalid_shape", `missing, too long or of the wrong type: ${[...fields].join(", ")}`, instance);
}
