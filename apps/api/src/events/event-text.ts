import type { InstanceId } from "@ticktally/core";
import { positionText, type OutboxEvent, type OutboxPosition } from "@ticktally/redis";
import type { CountsEventData, MessageEventData } from "@ticktally/schemas";
import { iso } from "../metrics/metrics-view.ts";

/** An event for all streams, serialised once. */
export interface NamedEvent {
  readonly position: OutboxPosition;
  readonly instance: InstanceId;
  readonly name: string;
  /** `undefined` if something was counted but no status changed. */
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

/** A comment that keeps the connection open, with an id so the client resumes from here. */
export function commentText(position: OutboxPosition): string {
  return `:\nid: ${positionText(position)}\n\n`;
}
