import {
  applyEvent,
  copyOf,
  directionOf,
  messageOf,
  messageTime,
  newRecord,
  newStanding,
  normaliseChatId,
  standingOf,
  type InstanceId,
  type MessageEvent,
  type MessageRecord,
} from "@ticktally/core";
import type { JournalEntry, StoryStatus } from "@ticktally/schemas";
import { normalise } from "../normalise.ts";

/** What an entry of a journal adds to what is known of its message. */
export interface Repair {
  /** Webhooks that tell what is not known yet, in the gateway's own shape. */
  readonly webhooks: readonly object[];
  /** The message as it will be when they are applied. */
  readonly record: MessageRecord | undefined;
  /** Status words nobody knows, and empty ones. */
  readonly skipped: number;
}

/**
 * Compare a journal's entry with what is known. An outgoing entry's time is that of its last action: the best there is for
 * the status it names, and never too early. A message's own webhook may only come before its statuses, so it carries the
 * earliest time known; if the lost webhook comes after all, its earlier time stands.
 * @param record what is known of the message @param now Unix seconds
 */
export function repairOf(
  instance: InstanceId,
  entry: JournalEntry,
  record: MessageRecord | undefined,
  now: number,
): Repair {
  const statuses = entry.type === "outgoing" ? [statusOf(instance, entry)] : [];
  return told([...observationsOf(instance, entry, record), ...statuses], record, now);
}

/** The same for the recipients of a story: a status each. */
export function storyRepairOf(
  instance: InstanceId,
  entry: JournalEntry,
  statistic: readonly StoryStatus[],
  record: MessageRecord | undefined,
  now: number,
): Repair {
  const statuses = statistic.flatMap(({ participant, status, timestamp }) =>
    participant.map((chatId) => statusOf(instance, { ...entry, chatId, statusMessage: status, timestamp })),
  );
  return told(statuses, record, now);
}

export function isStory({ type, chatId }: JournalEntry): boolean {
  return type === "outgoing" && normaliseChatId(chatId ?? "") === "status@broadcast";
}

/** By the rules themselves: a webhook is needed if applying it changes the message in more than its times. */
function told(webhooks: readonly object[], before: MessageRecord | undefined, now: number): Repair {
  const needed: object[] = [];
  let [record, skipped] = [before, 0];
  // Worked out once for each change: a message may have a thousand recipients.
  let stood = before === undefined ? undefined : standing(before);
  for (const webhook of webhooks) {
    const result = normalise(webhook, now);
    if (result.kind !== "event" || !("idMessage" in result.event)) {
      skipped += 1;
      continue;
    }
    const after = applied(record, result.event);
    const stands = standing(after);
    if (stood === stands) continue;
    needed.push(webhook);
    [record, stood] = [after, stands];
  }
  return { webhooks: needed, record, skipped };
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

function observationsOf(instance: InstanceId, entry: JournalEntry, record: MessageRecord | undefined): object[] {
  const { idMessage, timestamp, typeMessage, chatId, sendByApi, type } = entry;
  const typeWebhook = type === "incoming" ? "incomingMessageReceived" : outgoingType(sendByApi);
  if (typeWebhook === undefined) return [];
  const observation = {
    typeWebhook,
    instanceData: { idInstance: instance },
    timestamp: Math.min(timestamp, record === undefined ? Infinity : messageTime(record)),
    idMessage,
    senderData: { chatId },
    messageData: { typeMessage },
  };
  return [observation];
}

/** Who sent it is told by the very type, so without `sendByApi` there is none to choose. */
function outgoingType(sendByApi: boolean | null | undefined): string | undefined {
  if (sendByApi == null) return undefined;
  return sendByApi ? "outgoingAPIMessageReceived" : "outgoingMessageReceived";
}

function statusOf(instance: InstanceId, entry: JournalEntry): object {
  const { idMessage, timestamp, chatId, sendByApi, statusMessage } = entry;
  return {
    typeWebhook: "outgoingMessageStatus",
    instanceData: { idInstance: instance },
    timestamp,
    idMessage,
    chatId,
    sendByApi,
    status: statusMessage ?? "",
  };
}
