import {
  applyEvent,
  copyOf,
  directionOf,
  messageOf,
  messageTime,
  newRecord,
  newStanding,
  standingOf,
  type InstanceId,
  type MessageEvent,
  type MessageRecord,
} from "@ticktally/core";
import type { Gateway, JournalEntry, RecipientStatus } from "@ticktally/gateways";

/** What a journal's entry adds to the known message. */
export interface Repair {
  /** Webhooks that report what is missing, in the gateway's own shape: JSON for the queue. */
  readonly webhooks: readonly string[];
  /** The message after they are applied. */
  readonly record: MessageRecord | undefined;
  /** Status words that are not known, and empty ones. */
  readonly skipped: number;
}

/** The instance and the known message to compare an entry with. */
interface Comparing {
  readonly gateway: Gateway;
  readonly instance: InstanceId;
  /** What is known of the message. */
  readonly record: MessageRecord | undefined;
  /** Unix seconds */
  readonly now: number;
}

/** Compare a journal's entry with the known message. If a lost webhook arrives later, its earlier time wins. */
export function repairOf(entry: JournalEntry, comparing: Comparing): Repair {
  const { gateway, instance, record } = comparing;
  const knownAt = record === undefined ? undefined : messageTime(record);
  return needed(gateway.upstream?.journals.webhooksOf(instance, entry, knownAt) ?? [], comparing);
}

/** The same for some of its recipients: a status each. */
export function recipientsRepairOf(entry: JournalEntry, status: RecipientStatus, comparing: Comparing): Repair {
  const { gateway, instance } = comparing;
  return needed(gateway.upstream?.recipients.webhooksOf(instance, entry, status) ?? [], comparing);
}

/** Decided by the rules themselves: a webhook is needed if applying it changes more than times. */
function needed(webhooks: readonly object[], { gateway, record: before, now }: Comparing): Repair {
  const lines: string[] = [];
  let [record, skipped] = [before, 0];
  // Worked out once for each change: a message may have a thousand recipients.
  let stood = before === undefined ? undefined : standing(before);
  for (const part of webhooks.flatMap((webhook) => gateway.split(webhook))) {
    const result = gateway.toEvents(part, now);
    const event = result.kind === "events" ? result.events.find((one) => "idMessage" in one) : undefined;
    if (event === undefined) {
      skipped += 1;
      continue;
    }
    const after = applied(record, event);
    const stands = standing(after);
    if (stood === stands) continue;
    lines.push(gateway.withoutContent(part));
    [record, stood] = [after, stands];
  }
  return { webhooks: lines, record, skipped };
}

function applied(before: MessageRecord | undefined, event: MessageEvent): MessageRecord {
  const record = before === undefined ? newRecord(directionOf(event), event.idMessage) : copyOf(before);
  // Which recipients are kept beyond the limit does not matter here.
  applyEvent(record, event, standingOf(record, newStanding()), () => 0);
  return record;
}

/** The message without its times. */
function standing(record: MessageRecord): string {
  const { status, contradicted, type, origin, chatId, observed, recipients, failure } = messageOf(record);
  const people = recipients?.map((recipient) => [recipient.chatId, recipient.status]);
  return JSON.stringify([status, contradicted, type, origin, chatId, observed !== undefined, failure?.status, people]);
}
