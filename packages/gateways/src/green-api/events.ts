import {
  eventTime,
  isEventTime,
  isFailure,
  type InstanceEvent,
  type InstanceId,
  type Observation,
  type Origin,
  type QuarantineReason,
} from "@ticktally/core";
import type { z } from "zod";
import type { NotUnderstood, Part, Understood } from "../gateway.ts";
import { chatOf, isScopedProduct } from "./chats.ts";
import { FROM_JOURNAL } from "./counted-fields.ts";
import { failureReason } from "./failure-texts.ts";
import { contentType } from "./message-types.ts";
import { isPlainMessage, isPlainStatus, messageWebhook, stateWebhook, statusWebhook, webhookType } from "./shapes.ts";
import { statusOf } from "./statuses.ts";

/** Translate a webhook to events, or say why that is not possible. @param receivedAt Unix seconds */
export function toEvents({ instance, body }: Part, receivedAt: number): Understood | NotUnderstood {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    return rejected("not_an_object", "the webhook is not a JSON object", instance);
  const type = webhookType(body);
  if (type === undefined) return rejected("no_type", "typeWebhook is missing or not a string", instance);
  if (instance === undefined) {
    if (!Object.hasOwn(EVENTS, type)) return { kind: "nothing" };
    return rejected("no_instance", "instanceData.idInstance is missing or not a number", instance);
  }
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
      // Calls, blocks, devices, quotas, statuses of incoming messages, and future types.
      return signal(instance, receivedAt);
  }
}

interface ObservationKind {
  readonly direction: "incoming" | "outgoing";
  readonly origin: Origin;
}

/** The webhooks that are counted; for observations, what the type already implies. */
const EVENTS = {
  outgoingMessageStatus: undefined,
  stateInstanceChanged: undefined,
  incomingMessageReceived: { direction: "incoming", origin: "unknown" },
  outgoingMessageReceived: { direction: "outgoing", origin: "phone" },
  outgoingAPIMessageReceived: { direction: "outgoing", origin: "api" },
} as const satisfies Record<string, ObservationKind | undefined>;

function statusEvent(body: object, instance: InstanceId, receivedAt: number): Understood | NotUnderstood {
  const parsed = isPlainStatus(body) ? { success: true as const, data: body } : statusWebhook.safeParse(body);
  if (!parsed.success) return invalid(parsed.error, instance);
  const { idMessage, status: word, sendByApi, chatId, timestamp, description } = parsed.data;
  // Only shows that the instance is active.
  if (word.trim() === "") return signal(instance, receivedAt);
  const status = statusOf(word);
  if (status === undefined) return rejected("unknown_status", "status has an unknown value", instance);
  const product = productOf(body);
  const chat = chatOf(chatId, product);
  if (chat.chatId === undefined && isScopedProduct(product)) return withoutChat("chatId", instance);
  const origin: Origin = sendByApi === true ? "api" : sendByApi === false ? "phone" : "unknown";
  const base = {
    kind: "status",
    idMessage: idMessage.toWellFormed(),
    ...chat,
    origin,
    at: eventTime(timestamp, receivedAt),
    receivedAt,
    untimed: !isEventTime(timestamp, receivedAt) || isFromJournal(body),
  } as const;
  if (!isFailure(status)) return understood(instance, { ...base, status });
  const text = description ?? "";
  const reason = failureReason(status, text);
  return understood(instance, { ...base, status, reason, description: text === "" ? undefined : text });
}

function observation(
  body: object,
  instance: InstanceId,
  receivedAt: number,
  { direction, origin }: ObservationKind,
): Understood | NotUnderstood {
  const parsed = isPlainMessage(body) ? { success: true as const, data: body } : messageWebhook.safeParse(body);
  if (!parsed.success) return invalid(parsed.error, instance);
  const { idMessage, timestamp, senderData, messageData } = parsed.data;
  const product = productOf(body);
  const chat = chatOf(senderData?.chatId, product, senderData?.chatType);
  if (chat.chatId === undefined && isScopedProduct(product)) return withoutChat("senderData.chatId", instance);
  const event: Observation = {
    kind: "observation",
    idMessage: idMessage.toWellFormed(),
    ...chat,
    type: contentType(messageData?.typeMessage ?? undefined),
    direction,
    origin,
    at: eventTime(timestamp, receivedAt),
    receivedAt,
    untimed: !isEventTime(timestamp, receivedAt) || isFromJournal(body),
  };
  return understood(instance, event);
}

function stateEvent(body: object, instance: InstanceId, receivedAt: number): Understood | NotUnderstood {
  const parsed = stateWebhook.safeParse(body);
  if (!parsed.success) return invalid(parsed.error, instance);
  const { stateInstance: state, timestamp } = parsed.data;
  return understood(instance, { kind: "state", state, at: eventTime(timestamp, receivedAt), receivedAt });
}

function signal(instance: InstanceId, receivedAt: number): Understood {
  return understood(instance, { kind: "signal", receivedAt });
}

/** Entries of a journal are received long after they happened. */
function isFromJournal(body: { readonly [FROM_JOURNAL]?: unknown }): boolean {
  return body[FROM_JOURNAL] === true;
}

function productOf({ instanceData }: { readonly instanceData?: unknown }): string | undefined {
  const product: unknown =
    typeof instanceData === "object" && instanceData !== null && "typeInstance" in instanceData
      ? instanceData.typeInstance
      : undefined;
  return typeof product === "string" ? product : undefined;
}

function understood(instance: InstanceId, event: InstanceEvent): Understood {
  return { kind: "events", instance, events: [event] };
}

function rejected(reason: QuarantineReason, detail: string, instance: InstanceId | undefined): NotUnderstood {
  return { kind: "rejected", reason, detail, instance };
}

function withoutChat(field: string, instance: InstanceId): NotUnderstood {
  return rejected(
    "no_chat",
    `message ids are unique only within a chat here, and ${field} is missing or empty`,
    instance,
  );
}

/** Names the invalid fields, never their values. */
function invalid(error: z.ZodError, instance: InstanceId): NotUnderstood {
  const fields = new Set(error.issues.map((issue) => issue.path.join(".")));
  return rejected("invalid_shape", `missing, too long or of the wrong type: ${[...fields].join(", ")}`, instance);
}
