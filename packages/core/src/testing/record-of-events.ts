import { applyEvent } from "../decision.ts";
import type { MessageEvent } from "../messages/message-event.ts";
import { directionOf, newRecord, type MessageRecord } from "../messages/message-record.ts";
import type { Outcome } from "../messages/message-status.ts";
import type { KeyedHash } from "../messages/recipients.ts";
import { newStanding } from "../messages/standing.ts";

/** Any hash of the text will do here, because there is no attacker: FNV-1a. */
export function anyHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** The record of one message after its events. @param events of one message, at least one */
export function recordOfEvents(events: readonly MessageEvent[], hash: KeyedHash = anyHash): MessageRecord {
  return takenIn(events, hash).record;
}

/** The outcome of each event, in order. @param events of one message, at least one */
export function outcomesOfEvents(events: readonly MessageEvent[]): readonly Outcome[] {
  return takenIn(events, anyHash).outcomes;
}

function takenIn(events: readonly MessageEvent[], hash: KeyedHash) {
  const [first] = events;
  if (first === undefined) throw new RangeError("a message has at least one event");
  const record = newRecord(directionOf(first), first.idMessage);
  const standing = newStanding();
  return { record, outcomes: events.map((event) => applyEvent(record, event, standing, hash)) };
}
