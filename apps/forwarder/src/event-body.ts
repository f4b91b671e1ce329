import { passesFilter, type InstanceEvent, type Transition } from "@ticktally/core";
import type { OutboxEvent } from "@ticktally/redis";
import type { StoredTarget } from "@ticktally/schemas";

/** Whether a target wants a transition. */
export function wantsEvent({ instances, filter }: StoredTarget, { instance, transition }: OutboxEvent): boolean {
  if (transition === undefined || (instances !== undefined && !instances.includes(instance))) return false;
  if (filter?.events !== undefined && !filter.events.includes("message")) return false;
  // A webhook's type does not matter here: an event reports a message's status.
  const own = filter === undefined ? undefined : { ...filter, types: undefined };
  return passesFilter(own, "", () => [asEvent(transition)]);
}

/** The posted body: the message's status, never its content. */
export function eventBody(
  { format }: Pick<StoredTarget, "format">,
  name: string,
  { instance, transition }: { readonly instance: string; readonly transition: Transition },
): Buffer {
  const { idMessage, direction, before, after, at, reason } = transition;
  if (format === "text") return json({ text: `${name}: message ${idMessage} ${spoken(transition)}` });
  const data = {
    instance,
    name,
    idMessage,
    direction,
    before,
    status: after,
    ...(reason === undefined ? {} : { reason }),
  };
  return json({ type: "message", timestamp: new Date(at * 1000).toISOString(), data });
}

function spoken({ direction, after, reason }: Transition): string {
  if (after === null) return direction === "incoming" ? "was received" : "is known";
  return reason === undefined || reason === "none" ? `is ${after}` : `is ${after} (${reason})`;
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function asEvent({ idMessage, direction, after, at }: Transition): InstanceEvent {
  const moment = { idMessage, at, receivedAt: at, origin: "unknown" } as const;
  if (after === null) return { ...moment, kind: "observation", direction, type: "unknown" };
  return { ...moment, kind: "status", status: after } as InstanceEvent;
}
