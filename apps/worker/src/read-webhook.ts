import type { InstanceEvent, InstanceId } from "@ticktally/core";
import {
  DEFAULT_GATEWAY,
  gatewayNamed,
  type Gateway,
  type NotUnderstood,
  type Part,
  type Pseudonyms,
  type Understood,
} from "@ticktally/gateways";
import type { QueuedWebhook } from "@ticktally/schemas";

export type ReadWebhook = Understood | NotUnderstood;

/**
 * Usually one result per line. Never throws: one bad webhook must not block the others of its job.
 * @param pseudonyms if enabled; ingest has already applied them to webhooks that it queued with this setting
 */
export function readWebhook(
  { gateway: name, text, receivedAtMs, sender }: QueuedWebhook,
  pseudonyms: Pseudonyms | undefined,
): readonly ReadWebhook[] {
  const gateway = name === undefined ? DEFAULT_GATEWAY : gatewayNamed(name);
  if (gateway === undefined) return [rejected("unreadable", "there is no gateway of this name", sender)];
  try {
    const receivedAt = Math.floor(receivedAtMs / 1000);
    return gateway.split(gateway.parse(text)).map((part) => read(gateway, part, receivedAt, sender, pseudonyms));
  } catch (error) {
    return [rejected("unreadable", error instanceof Error ? error.name : "unknown", sender)];
  }
}

function read(
  gateway: Gateway,
  part: Part,
  receivedAt: number,
  sender: InstanceId | undefined,
  pseudonyms: Pseudonyms | undefined,
): ReadWebhook {
  const result = gateway.toEvents(part, receivedAt);
  const own = sender === undefined ? result : asOf(sender, result);
  if (pseudonyms === undefined || own.kind !== "events") return own;
  return { ...own, events: own.events.map((event) => withPseudonyms(gateway, event, pseudonyms)) };
}

function withPseudonyms(gateway: Gateway, event: InstanceEvent, pseudonyms: Pseudonyms): InstanceEvent {
  if (!("idMessage" in event)) return event;
  const idMessage = gateway.keptId?.(event.idMessage, pseudonyms) ?? event.idMessage;
  const chatId = event.chatId && pseudonyms.chat(event.chatId);
  if (event.kind === "observation") return { ...event, idMessage, chatId };
  return { ...event, idMessage, chatId, recipientId: event.recipientId && pseudonyms.chat(event.recipientId) };
}

/** A webhook from one instance's token or feed belongs to that instance, and to no other. */
function asOf(sender: InstanceId, result: ReadWebhook): ReadWebhook {
  const instance = result.kind === "nothing" ? undefined : result.instance;
  if (instance === sender) return result;
  if (instance !== undefined)
    return rejected("other_instance", "the webhook names a different instance than the one it came from", sender);
  if (result.kind === "rejected") return { ...result, instance: sender };
  return rejected("no_instance", "the webhook names no instance", sender);
}

function rejected(reason: NotUnderstood["reason"], detail: string, instance: InstanceId | undefined): NotUnderstood {
  return { kind: "rejected", reason, detail, instance };
}
