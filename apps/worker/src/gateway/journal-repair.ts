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

/** What an entry of a journal adds to what is known of its message. */
export interface Repair {
  /** Webhooks that report what is not known yet, in the gateway's own shape: JSON, fit for the queue. */
  readonly webhooks: readonly string[];
  /** The message as it will be when they are applied. */
  readonly record: MessageRecord | undefined;
  /** Status words that are not known, and empty ones. */
  readonly skipped: number;
}

/** Whose entry is compared, and with what. */
interface Comparing {
  readonly gateway: Gateway;
  readonly instance: InstanceId;
  /** What is known of the message. */
  readonly record: MessageRecord | undefined;
  /** Unix seconds */
  readonly now: number;
}

/** Compare a journal's entry with what is known. If a lost webhook comes after all, its earlier time stands. */
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

/** By the rules themselves: a webhook is needed if applying it changes the message in more than its times. */
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
  // Who is kept of more recipients than there is room for does not matter here.
  applyEvent(record, event, standingOf(record, newStanding()), () => 0);
  return record;
}

/** All of a message but its times. */
function standing(record: MessageRecord): string {
  const { status, contradicted, type, origin, chatId, observed, recipients, failure } = messageOf(record);
  const people = recipients?.map((recipient) => [recipient.chatId, recipient.status]);
  return JSON.stringify([status, contradicted, type, origin, chatId, observed !== undefined, failure?.status, people]);
}
