import type { InstanceId } from "@ticktally/core";
import { positionText, type OutboxEvent, type OutboxPosition } from "@ticktally/redis";
import type { CountsEventData, MessageEventData } from "@ticktally/schemas";
import { iso } from "../metrics/metrics-view.ts";

/** An event as every stream gets it: its text is made once. */
export interface NamedEvent {
  readonly position: OutboxPosition;
  readonly instance: InstanceId;
  readonly name: string;
  /** `undefined` where something was counted, but no status changed. */
  readonly text: string | undefined;
}

/** @param name of the instance */
export function namedEvent({ position, instance, transition }: OutboxEvent, name: string): NamedEvent {
  if (transition === undefined) return { position, instance, name, text: undefined };
  const { idMessage, direction, before, after, at, reason } = transition;
  const data: MessageEventData = { idMessage, instance: name, direction, before, after, at: iso(at) };
  return {
    position,
    instance,
    name,
    text: eventText("message", position, reason === undefined ? data : { ...data, reason }),
  };
}

/** An event of a `text/event-stream`. JSON has no line breaks of its own. */
export function eventText(
  ...[event, position, data]:
    ["message", OutboxPosition, MessageEventData] | ["counts", OutboxPosition, CountsEventData]
): string {
  return `event: ${event}\nid: ${positionText(position)}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** No event: it keeps the connection open, and has the client go on from here should it break. */
export function commentText(position: OutboxPosition): string {
  return `:\nid: ${positionText(position)}\n\n`;
}
